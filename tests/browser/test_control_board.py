"""The control board in a real Chromium, on small pages made here with the site's own widget host.

Needs a Chromium but no built site; about half a minute: pytest tests/browser/test_control_board.py
The records are a toy. What the widget must say is worked out in Python, from the toy alone.
"""

import json
import math
import random
import re
from dataclasses import replace
from statistics import mean, variance

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from crucible.widgets.control_board import Board, ControlBoard, Gauge, Run
from pipeline import ROOT, browser, serve

PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Board</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; padding: 0 1rem; background: #fff; }} html[data-theme=dark] body {{ background: #121212; }}
h1, a {{ color: #555; }} html[data-theme=dark] :is(h1, main > a) {{ color: #bbb; }}
</style></head><body><main><h1>Board</h1><a href="#x">before</a>
<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "0"}}</script></main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script><script>{host}</script></body></html>"""

GAUGES = (
    Gauge("training loss", "nats per token", 3, sees="whether the optimizer moves", blind="what the exam asks"),
    Gauge("development loss", "nats per token", 3, sees="text like the text it has seen"),
    Gauge("gradient norm", "", 2, log=True, sees="a step that is too long", blind="wrong data"),
    Gauge("speed", "tokens per second", 0),
    Gauge("duplicates seen", "%", 1, sees="copies in the data"),
    Gauge("exam", "points", 1, sees="what we want", blind="why"),
)
HOT, DOUBLE = "learning rate too high", "duplicates left in"


def run(name, fault, seed, steps=tuple(range(0, 1001, 25)), tells=""):
    noise = random.Random(seed)
    floor, rate, dull = 1.2, 300, 1.0
    if fault == HOT:
        floor, rate, dull = 2.6, 500, 12.0
    loss = [floor + 3 * math.exp(-step / rate) + 0.02 * noise.gauss(0, 1) for step in steps]
    exam = [None if step % 100 else 70 * (1 - math.exp(-step / 2 / rate)) for step in steps]
    if fault == HOT:  # after step 800 it is no number any more
        loss = [value if step <= 800 else None for step, value in zip(steps, loss, strict=True)]
    values = {
        "training loss": loss,
        "development loss": [value and value + (0.4 if fault == DOUBLE else 0.1) for value in loss],
        "gradient norm": [dull * (0.8 + 0.1 * noise.random()) for _ in steps],
        "speed": [12_000 + 900 * noise.random() for _ in steps],
        "duplicates seen": [30.0 if fault == DOUBLE else 0.0 for _ in steps],
        "exam": exam,
    }
    return Run(name, fault, steps, values, tells)


RUNS = (
    run("healthy, seed 10", None, 10),
    run("hot", HOT, 11, tells="The gradient norm is ten times the healthy one's."),
    run("healthy, seed 12", None, 12, steps=tuple(range(0, 901, 50))),
    run("unwashed", DOUBLE, 13, tells="Only the counter of duplicates sees it at once."),
)
TOY = Board(GAUGES, RUNS)
NAMES = [gauge.name for gauge in GAUGES]


# ---- What it must say ----


def column(run, g):
    return [None if value is None else round(value, GAUGES[g].decimals) for value in run.values[GAUGES[g].name]]


def spoken(g, value):
    gauge = GAUGES[g]
    if value is None:
        return "no value"
    said = f"{value:,.{gauge.decimals}f}"
    return said + ("\u00a0%" if gauge.unit == "%" else f" {gauge.unit}" if gauge.unit else "")


def wide(run):
    return max(3, round(len(run.steps) / 12))


def way(run, g, i):
    values, n = column(run, g), wide(run)
    there = [value for value in values[: i + 1] if value is not None]
    if values[i] is None:
        return ""
    if len(there) < 2 * n:
        return "too early for a trend"
    old, new = there[-2 * n : -n], there[-n:]
    by = mean(new) - mean(old)
    bound = max(2 * math.sqrt((variance(old) + variance(new)) / n), 0.5 * 10 ** -GAUGES[g].decimals)
    if abs(by) <= bound:
        return "steady"
    more = f"{abs(by):,.{GAUGES[g].decimals}f} {'more' if by > 0 else 'less'} than just before"
    return f"{'rising' if by > 0 else 'falling'}, {more}"


def told(run, g, i):
    said = spoken(g, column(run, g)[i])
    return f"{said}, {way(run, g, i)}" if way(run, g, i) else said


def reading(run, g, i):
    values = column(run, g)
    said = f"Step {run.steps[i]:,}, {NAMES[g]}: "
    if values[i] is not None:
        return f"{said}{told(run, g, i)}."
    last = max((k for k in range(i) if values[k] is not None), default=None)
    if last is None:
        return f"{said}no value."
    return f"{said}no value; the last was {spoken(g, values[last])} at step {run.steps[last]:,}."


def fault_line(run):
    return "This run is healthy." if run.fault is None else f"Its fault: {run.fault}.{run.tells and ' ' + run.tells}"


# ---- The page ----


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("pages")
    with serve.running(place, prefix="/book/") as address:
        yield place, address


@pytest.fixture
def open_page(chromium, folder):
    """Opens a page with a board; at the end no foreign request and no complaint may have come up."""
    complaints, contexts = [], []
    host = (ROOT / "_ext/static/widget_host.js").read_text()
    place, address = folder

    def open_it(anonymous=False, start=0, width=800, theme="light", touch=False, toy=TOY):
        shown = ControlBoard(toy, anonymous=anonymous, run=start)
        state = {name: getattr(shown, name) for name in (*ControlBoard.class_own_traits(), "_esm", "_css")}
        text = json.dumps({"state": {"0": {"state": state}}}, sort_keys=True).replace("</", "<\\/")
        (place / "page.html").write_text(PAGE.format(theme=theme, state=text, host=host), encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, has_touch=touch)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(("blob:", address)) else complaints.append(asked))
        page.goto(address + "page.html")
        expect(page.locator("[data-widget=ready]")).to_have_count(1)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not [text for text in complaints if "favicon" not in str(text) and "404" not in str(text)]


def knob(page):
    return page.get_by_role("slider", name="Step")


def which(page):
    return page.get_by_role("combobox", name="Run")


def gauge(page, g):
    return page.locator(f"[data-gauge='{NAMES[g]}']")


def title(page, g):
    return page.get_by_role("button", name=NAMES[g], exact=True)


def drag(page, share, tap=False):
    box = knob(page).bounding_box()
    act = knob(page).tap if tap else knob(page).click
    act(position={"x": 8 + share * (box["width"] - 16), "y": box["height"] / 2})


def reads(page, run, g, i):
    expect(page.locator(".control-board > .crucible-status p")).to_have_text([reading(run, g, i), fault_line(run)])


def every_gauge_is_at(page, run, i):
    """What stands under each picture, and its marker at the value."""
    expect(page.locator(".cb-told")).to_have_text([told(run, g, i) for g in range(len(GAUGES))])
    for g in range(len(GAUGES)):
        value, marker = column(run, g)[i], gauge(page, g).locator(".cb-marker")
        if value is None:
            expect(marker).to_have_count(0)
        else:
            assert float(marker.get_attribute("data-value")) == value


def verdict(page, *lines):
    expect(page.locator(".cb-verdict p")).to_have_text(list(lines))


def answer(page, said):
    return page.locator(".cb-faults").get_by_role("button", name=said, exact=True)


# ---- The board ----


def test_the_marker_goes_over_all_gauges_by_mouse_and_keyboard(open_page):
    page = open_page()
    run = RUNS[0]
    every_gauge_is_at(page, run, 40)
    for i in (0, 4, 17, 40):
        drag(page, i / 40)
        reads(page, run, 0, i)
        every_gauge_is_at(page, run, i)
        expect(knob(page)).to_have_attribute("aria-valuetext", f"{run.steps[i]:,} of 1,000")
    knob(page).press("ArrowLeft")
    reads(page, run, 0, 39)
    knob(page).press("Home")
    reads(page, run, 0, 0)


def test_it_is_worked_by_touch_on_a_phone(open_page):
    page = open_page(width=360, touch=True)
    drag(page, 0.5, tap=True)
    reads(page, RUNS[0], 0, 20)
    title(page, 4).tap()
    reads(page, RUNS[0], 4, 20)
    lefts = {round(gauge(page, g).bounding_box()["x"]) for g in range(len(GAUGES))}
    assert len(lefts) == 1, "one column"


def test_another_run_keeps_the_nearest_step(open_page):
    page = open_page()
    drag(page, 17 / 40)  # step 425
    for place, i in ((1, 17), (2, 8), (3, 17)):
        which(page).select_option(label=RUNS[place].name)
        reads(page, RUNS[place], 0, i)
        every_gauge_is_at(page, RUNS[place], i)
        expect(which(page)).to_have_value(str(place))
        expect(knob(page)).to_have_value(str(i))
    which(page).select_option(label=RUNS[2].name)
    knob(page).press("End")
    reads(page, RUNS[2], 0, 18)
    expect(which(page).locator("option")).to_have_text([run.name for run in RUNS])


def test_the_chosen_gauge_is_told_and_what_it_sees(open_page):
    page = open_page(start=1)
    sight = page.locator(".cb-sight")
    for g, one in enumerate(GAUGES):
        title(page, g).focus()
        page.keyboard.press("Enter")
        reads(page, RUNS[1], g, 40)
        expect(page.locator(".cb-title[aria-pressed=true]")).to_have_text(NAMES[g])
        if not (one.sees or one.blind):
            expect(sight).to_be_hidden()
            continue
        lines = [f"What can {one.name} see?"]
        lines += [f"It sees {one.sees}."] if one.sees else []
        lines += [f"It is blind to {one.blind}."] if one.blind else []
        expect(sight.locator("p")).to_have_text(lines)
        expect(sight).to_be_visible()


def test_a_place_without_a_value_says_the_last_one(open_page):
    page = open_page(start=1)
    for i, g in ((40, 0), (35, 5), (32, 0), (33, 0), (0, 5), (1, 5)):
        drag(page, i / 40)
        title(page, g).click()
        reads(page, RUNS[1], g, i)
        every_gauge_is_at(page, RUNS[1], i)
    assert "no value; the last was" in reading(RUNS[1], 0, 40)


def test_the_toy_has_every_trend():
    ways = {way(run, g, i).split(",")[0] for run in RUNS for g in range(6) for i in range(len(run.steps))}
    assert ways == {"", "rising", "falling", "steady", "too early for a trend"}


def test_every_trend_of_a_run_is_the_one_by_pythons_statistics(open_page):
    page = open_page()
    for i in range(0, 41, 4):
        drag(page, i / 40)
        expect(page.locator(".cb-told")).to_have_text([told(RUNS[0], g, i) for g in range(len(GAUGES))])


# ---- The pictures ----


def points(path):
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


@pytest.mark.parametrize("place", [1, 2])
def test_a_line_has_every_value_at_its_height_and_a_sparse_one_has_dots(open_page, place):
    page = open_page(start=place)
    run = RUNS[place]
    for g, one in enumerate(GAUGES):
        scale = math.log10 if one.log else float
        all_of_them = [value for other in RUNS for value in column(other, g) if value is not None]
        low, high = scale(min(all_of_them)), scale(max(all_of_them))
        more = 0.06 * (high - low)
        there = [(step, value) for step, value in zip(run.steps, column(run, g), strict=True) if value is not None]
        path = gauge(page, g).locator(".cb-line").get_attribute("d")
        for (x, y), (step, value) in zip(points(path), there, strict=True):
            assert x == pytest.approx(46 + 284 * step / 1000, abs=0.06)
            assert y == pytest.approx(108 - 96 * (scale(value) - low + more) / (high - low + 2 * more), abs=0.06)
        assert path.count("M") == 1
        dots = gauge(page, g).locator(".cb-dot")
        xs = dots.evaluate_all("all => all.map(one => +one.getAttribute('cx'))")
        assert xs == pytest.approx([46 + 0.284 * step for step, _ in there] if NAMES[g] == "exam" else [])


def test_the_healthy_runs_stand_faintly_behind(open_page):
    page = open_page(start=1)
    for place, behind in ((1, [0, 2]), (0, [2]), (2, [0])):
        which(page).select_option(label=RUNS[place].name)
        shown = gauge(page, 0).locator(".cb-healthy")
        found = shown.evaluate_all("all => all.map(one => one.dataset.run)")
        assert found == [str(other) for other in behind]
        drawn = [len(points(path)) for path in shown.evaluate_all("all => all.map(one => one.getAttribute('d'))")]
        assert drawn == [len(RUNS[other].steps) for other in behind]
        words = "the healthy runs" if len(behind) > 1 else "the healthy run"
        key = f"Bold: this run. Faint: {words}. A trend compares the mean of {wide(RUNS[place])} records "
        key += f"with that of the {wide(RUNS[place])} before, and is told from two standard errors on."
        expect(page.locator(".cb-key")).to_have_text(key)


def test_a_click_into_a_picture_moves_the_marker(open_page):
    page = open_page()
    chart = gauge(page, 3).locator(".cb-chart")
    for step in (300, 1000, 0):
        box = chart.bounding_box()
        chart.click(position={"x": (46 + 284 * step / 1000 + 1) * box["width"] / 340, "y": 50})
        reads(page, RUNS[0], 0, step // 25)


def test_a_picture_says_where_it_begins_and_ends(open_page):
    page = open_page()
    drag(page, 0.25)
    ends = [spoken(3, column(RUNS[0], 3)[k]) for k in (0, -1)]
    said = f"speed over the steps: {ends[0]} at step 0, {ends[1]} at step 1,000; the marker is at step 250"
    expect(gauge(page, 3).locator(".cb-chart")).to_have_attribute("aria-label", said)


# ---- Name the fault ----


def test_the_fault_is_named_and_the_answer_reveals_it(open_page):
    page = open_page(anonymous=True)
    options = which(page).locator("option")
    expect(options).to_have_text(["run A", "run B", "run C", "run D"])
    status, html = page.locator(".control-board > .crucible-status p"), page.locator(".control-board").inner_html()
    for secret in ("hot", "seed 10", "ten times", "unwashed"):
        assert secret not in html
    expect(status).to_have_text([reading(RUNS[0], 0, 40)])
    expect(page.locator(".cb-faults button")).to_have_text(["nothing, it is healthy", HOT, DOUBLE])
    verdict(page)
    expect(page.get_by_role("button", name="Forget my answers")).to_be_hidden()
    which(page).select_option(label="run B")
    answer(page, HOT).click()
    first = "Right. Run B is hot: learning rate too high. The gradient norm is ten times the healthy one's."
    verdict(page, first, "1 of 1 named right, 3 to go.")
    expect(options).to_have_text(["run A", f"run B, ✓ {HOT}", "run C", "run D"])
    expect(answer(page, HOT)).to_have_attribute("aria-pressed", "true")
    expect(answer(page, DOUBLE)).to_have_attribute("aria-disabled", "true")
    answer(page, DOUBLE).click(force=True)  # the first answer counts
    verdict(page, first, "1 of 1 named right, 3 to go.")
    which(page).select_option(label="run C")
    expect(answer(page, HOT)).to_have_attribute("aria-disabled", "false")
    verdict(page)
    answer(page, DOUBLE).focus()
    page.keyboard.press("Enter")
    verdict(
        page,
        "Not that; you said duplicates left in. Run C is healthy, seed 12: no fault.",
        "1 of 2 named right, 2 to go.",
    )
    expect(options).to_have_text(["run A", f"run B, ✓ {HOT}", "run C, ✗ healthy", "run D"])
    for name, said in (("run A", "nothing, it is healthy"), ("run D", DOUBLE)):
        which(page).select_option(label=name)
        answer(page, said).click()
    verdict(
        page,
        "Right. Run D is unwashed: duplicates left in. Only the counter of duplicates sees it at once.",
        "3 of 4 named right.",
    )
    page.get_by_role("button", name="Forget my answers").click()
    expect(options).to_have_text(["run A", "run B", "run C", "run D"])
    verdict(page)


def test_the_key_says_nothing_that_gives_a_run_away(open_page):
    page = open_page(anonymous=True)
    for place in range(4):
        which(page).select_option(str(place))
        expect(page.locator(".cb-key")).to_contain_text(f"Bold: run {'ABCD'[place]}. Faint: other healthy runs.")


def test_runs_with_names_ask_no_question(open_page):
    page = open_page()
    expect(page.locator(".cb-question")).to_have_count(0)


def test_a_board_without_a_healthy_run_and_with_flat_gauges(open_page):
    flat = Run("flat", HOT, (0, 10), {"a": [1.0, 1.0], "b": [3.0, 3.0]})
    page = open_page(toy=Board((Gauge("a"), Gauge("b", log=True, decimals=0)), (flat,)))
    expect(page.locator(".cb-told")).to_have_text(["1.00, too early for a trend", "3, too early for a trend"])
    expect(page.locator(".cb-key")).to_have_text(re.compile(r"^Bold: this run\. A trend"))
    for d in page.locator(".cb-line").evaluate_all("all => all.map(one => one.getAttribute('d'))"):
        assert d == "M46.0 60.0L330.0 60.0"


# ---- Sizes, themes, accessibility ----


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800])
def test_it_fits_the_page_and_has_no_accessibility_violation(open_page, width, theme):
    page = open_page(anonymous=True, width=width, theme=theme)
    for said in (None, HOT):
        if said:
            answer(page, said).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
        assert not [(one["id"], one["nodes"][0]["html"][:160]) for one in found.response["violations"]]


def test_a_page_that_goes_stops_its_board(open_page):
    page = open_page()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }))")
    drag(page, 0)
    page.wait_for_timeout(200)
    reads(page, RUNS[0], 0, 40)


def test_the_largest_board_that_is_allowed_opens(open_page):
    steps = tuple(range(60))
    runs = tuple(
        Run(f"run {k}", HOT if k else None, steps, {one.name: [1 + k + i / 7 for i in steps] for one in GAUGES[:4]})
        for k in range(24)
    )
    page = open_page(toy=Board(tuple(replace(one, log=False) for one in GAUGES[:4]), runs))
    expect(page.locator(".cb-line")).to_have_count(4)
