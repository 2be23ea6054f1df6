"""The grid explorer in a real Chromium, on small pages made here with the site's own widget host.

Needs a Chromium but no built site; about a minute: pytest tests/browser/test_grid_explorer.py
What a control must show is worked out here in Python, from the grid and with the ledger's own interval.
"""

import json
import random
import re
from itertools import pairwise
from statistics import mean

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from crucible import ledger
from crucible.grid import Decision, Grid, Measure
from crucible.widgets import joined
from crucible.widgets.grid_explorer import VIEWS, GridExplorer
from pipeline import ROOT, browser, serve

SEEDS = (10, 11, 12, 13, 14)
SHOWN = ("128 sums", "256 sums", "all sums", "shuffled answers")
STEPS = tuple(range(0, 801, 50))
HELD, SEEN = "held-out sums right", "shown sums right"
PLACEBO = "shuffled answers"
DECISION = Decision("Trained on all sums the score is above 90 points.", "conditional", 1)
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Knobs</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; padding: 0 1rem; background: #fff; }} html[data-theme=dark] body {{ background: #121212; }}
h1, a, main > table {{ color: #555; }} html[data-theme=dark] :is(h1, a, main > table) {{ color: #bbb; }}
</style></head><body><main><h1>Knobs</h1><p><a href="#{link}">a setting</a></p>
{views}<table><tr><td>the table</td></tr></table></main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script><script>{host}</script></body></html>"""


def make_grid():
    """Values of the size of the opening's; some lie exactly between two printed numbers, some were not measured."""
    draw = random.Random(1)
    held, seen = {}, {}
    for i, arm in enumerate(SHOWN):
        for step in STEPS:
            for seed in SEEDS if arm != "256 sums" else SEEDS[:3]:
                share = 1 if arm == PLACEBO else 30 * (i + 1) * step / 800
                held[arm, step, seed] = 100 * round(1600 * share / 100 * draw.uniform(0.8, 1.1)) / 1600
                if step in (0, 800):
                    seen[arm, step, seed] = 100 * draw.randrange(2000) / 2000
    return Grid(
        "E00",
        SEEDS,
        {"shown": SHOWN, "steps": STEPS},
        {
            HELD: Measure(held, "%", chance=0.6, oracle=100, partly=True),
            SEEN: Measure(seen, "%", partly=True),
        },
        DECISION,
        placebo=("shown", PLACEBO),
    )


GRID = make_grid()


def number(value):
    return f"{value:.1f} %"


def sentence(metric, shown, steps):
    """The reading, from the grid alone."""
    found = GRID.by_seed(metric, {"shown": shown, "steps": steps})
    where = f"{metric} at shown {shown}, steps {steps}: "
    if not found:
        return where + "not measured."
    values = list(found.values())
    n = "5 seeds" if len(values) == 5 else f"{len(values)} of 5 seeds"
    text = where + f"{number(mean(values))} on average over {n}, from {number(min(values))} to {number(max(values))}."
    if len(values) >= 3:
        low, high = ledger.interval(values)
        text += f" 90 % interval of the mean: {low:.1f} to {high:.1f}."
    if shown == PLACEBO:
        return text + " This is the placebo."
    blind = GRID.by_seed(metric, {"shown": PLACEBO, "steps": steps})
    lead = mean(found[seed] - blind[seed] for seed in found)
    side = "below" if lead < 0 else "above"
    return text + f" That is {abs(lead):.1f} points {side} the placebo ({PLACEBO}: {number(mean(blind.values()))})."


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
    """Opens a page with the given explorers; at the end no foreign request and no complaint may have come up."""
    complaints, contexts = [], []
    host = (ROOT / "_ext/static/widget_host.js").read_text()
    place, address = folder

    def open_it(
        *explorers, hash="", link="", width=1280, theme="light", touch=False, change=None, ready=True, flag=True
    ):
        names = (*GridExplorer.class_own_traits(), "_esm", "_css")
        states = {str(i): {"state": {n: getattr(one, n) for n in names}} for i, one in enumerate(explorers)}
        if change:
            states = json.loads(json.dumps(states))
            change(states["0"]["state"])
        views = "".join(
            f'<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "{i}"}}</script>' for i in states
        )
        state = json.dumps({"state": states}, sort_keys=True).replace("</", "<\\/")  # as a notebook file does
        script = host if flag else host.replace("el, page: true", "el")
        page_text = PAGE.format(theme=theme, state=state, host=script, views=views, link=link)
        (place / "page.html").write_text(page_text, encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            has_touch=touch,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        if ready:
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(("blob:", address)) else complaints.append(asked))
        page.goto(address + "page.html" + hash)
        if ready:
            expect(page.locator("[data-widget=ready]")).to_have_count(len(explorers))
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not [text for text in complaints if "favicon" not in str(text) and "404" not in str(text)]


def explorer(view="line", **settings):
    return GridExplorer(GRID, view, **{"x": "steps" if view in ("line", "map") else "shown", **settings})


def of(page, name="knob"):
    return page.get_by_role("group", name=f"Grid explorer: {name}")


def reads(page, metric, shown, steps, name="knob"):
    expect(of(page, name).locator(".crucible-status")).to_have_text(sentence(metric, shown, steps))


def radio(page, label):
    return of(page).locator("label", has=page.get_by_role("radio", name=label, exact=True))


def marks(page, series):
    """The seeds' marks of the plane: {x: {seed: value}}."""
    return page.evaluate(
        """series => {
        const told = (group) => Object.fromEntries([...group.children].map((m) => [m.dataset.seed, +m.dataset.value]));
        const groups = document.querySelectorAll(`.ge-plane [data-series=${series}] [data-x]`);
        return Object.fromEntries([...groups].map((group) => [group.dataset.x, told(group)])); }""",
        series,
    )


def by_seed(metric, shown, steps):
    return {str(seed): value for seed, value in GRID.by_seed(metric, {"shown": shown, "steps": steps}).items()}


# ---- Every control of every view, by mouse, keyboard and touch ----


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_by_mouse_shows_the_grids_values(open_page, view):
    page = open_page(explorer(view))
    reads(page, HELD, "128 sums", 0)
    for shown in (*SHOWN[1:], SHOWN[0]):
        radio(page, shown).click()
        reads(page, HELD, shown, 0)
    slider = of(page).get_by_role("slider", name="steps")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
    reads(page, HELD, "128 sums", 800)
    radio(page, "shown sums right").click()
    reads(page, SEEN, "128 sums", 800)


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_by_keyboard_shows_the_grids_values(open_page, view):
    page = open_page(explorer(view))
    page.get_by_role("link", name="a setting").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    reads(page, SEEN, "128 sums", 0)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    for shown in (*SHOWN[1:], SHOWN[0]):
        page.keyboard.press("ArrowRight")
        reads(page, HELD, shown, 0)
    page.keyboard.press("Tab")
    slider = of(page).get_by_role("slider", name="steps")
    expect(slider).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for step in STEPS[1:]:
        page.keyboard.press("ArrowRight")
        reads(page, HELD, "128 sums", step)
        expect(slider).to_have_attribute("aria-valuetext", str(step))
    page.keyboard.press("Home")
    reads(page, HELD, "128 sums", 0)


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_by_touch_shows_the_grids_values(open_page, view):
    page = open_page(explorer(view), width=390, touch=True)
    radio(page, "all sums").tap()
    reads(page, HELD, "all sums", 0)
    slider = of(page).get_by_role("slider", name="steps")
    box = slider.bounding_box()
    slider.tap(position={"x": box["width"] - 2, "y": box["height"] / 2})
    reads(page, HELD, "all sums", 800)
    radio(page, "shown sums right").tap()
    reads(page, SEEN, "all sums", 800)


# ---- What the views draw ----


@pytest.mark.parametrize("shown", SHOWN)
def test_the_lines_seeds_are_those_of_the_chosen_arm_and_of_the_placebo(open_page, shown):
    page = open_page(explorer(setting={"shown": shown}))
    kind = "placebo" if shown == PLACEBO else "measured"
    assert marks(page, kind) == {str(step): by_seed(HELD, shown, step) for step in STEPS}
    other = {} if shown == PLACEBO else {str(step): by_seed(HELD, PLACEBO, step) for step in STEPS}
    assert marks(page, "measured" if shown == PLACEBO else "placebo") == other
    radio(page, "shown sums right").click()
    assert marks(page, kind) == {str(step): by_seed(SEEN, shown, step) for step in STEPS}


def test_bars_stand_on_every_arm_and_the_placebo_has_its_own_marker(open_page):
    page = open_page(explorer("bars", setting={"steps": 400}))
    drawn = marks(page, "measured")
    assert drawn == {shown: by_seed(HELD, shown, 400) for shown in SHOWN}
    expect(page.locator(f".ge-plane [data-x='{PLACEBO}'] path.ge-placebo")).to_have_count(5)
    expect(page.locator(".ge-plane [data-x] path.ge-placebo")).to_have_count(5)
    expect(page.locator(".ge-plane [data-x] circle")).to_have_count(13)


def test_bars_over_another_axis_have_the_placebo_beside_them(open_page):
    page = open_page(explorer("bars", x="steps", setting={"shown": "all sums"}))
    assert marks(page, "placebo")["400"] == by_seed(HELD, PLACEBO, 400)
    assert marks(page, "measured")["400"] == by_seed(HELD, "all sums", 400)


@pytest.mark.parametrize("view", ["line", "bars"])
def test_a_mark_stands_at_its_value_and_the_mean_at_the_mean(open_page, view):
    page = open_page(explorer(view, setting={"shown": "all sums", "steps": 400}))
    lines = page.eval_on_selector_all(".ge-plane > .ge-grid", "all => all.map(one => Number(one.getAttribute('y1')))")

    def share(y):
        return 100 * (lines[0] - y) / (lines[0] - lines[-1])

    place = "400" if view == "line" else "all sums"
    drawn = page.eval_on_selector_all(
        f"[data-series=measured] [data-x='{place}'] circle",
        "all => all.map(one => [Number(one.dataset.value), Number(one.getAttribute('cy'))])",
    )
    assert len(drawn) == 5
    for value, y in drawn:
        assert share(y) == pytest.approx(value)
    middle = mean(GRID.by_seed(HELD, {"shown": "all sums", "steps": 400}).values())
    if view == "line":
        path = page.locator("[data-series=measured] > path.ge-mean").get_attribute("d")
        ys = [float(y) for y in re.findall(r" ([\d.]+)", path)]
        assert share(ys[STEPS.index(400)]) == pytest.approx(middle)
    else:
        y = page.locator("[data-series=measured] > .ge-bar").nth(SHOWN.index("all sums")).get_attribute("y1")
        assert share(float(y)) == pytest.approx(middle)


@pytest.mark.parametrize(("view", "x"), [("line", "steps"), ("bars", "shown"), ("bars", "steps")])
def test_the_seeds_of_a_place_do_not_hide_one_another(open_page, view, x):
    page = open_page(explorer(view, x=x, setting={"shown": "all sums", "steps": 800}))
    groups = page.eval_on_selector_all(
        ".ge-plane [data-x]",
        "all => all.map(g => [...g.querySelectorAll('circle')].map(c => [c.cx.baseVal.value, c.r.baseVal.value]))",
    )
    assert any(groups)
    for dots in groups:
        for (left, r), (right, _) in pairwise(dots):
            assert right - left >= 2 * r


def test_the_map_prints_every_mean_and_a_click_on_a_cell_chooses_it(open_page):
    page = open_page(explorer("map"))

    def cell(shown, steps):
        return of(page).get_by_role("row", name=shown).locator("td").nth(STEPS.index(steps))

    for shown in SHOWN:
        for step in (0, 400, 800):
            values = GRID.by_seed(HELD, {"shown": shown, "steps": step}).values()
            expect(cell(shown, step)).to_have_text(f"{mean(values):.1f}")
    cell("all sums", 400).click()
    reads(page, HELD, "all sums", 400)
    expect(cell("all sums", 400)).to_have_attribute("aria-current", "true")
    expect(of(page).locator("[aria-current]")).to_have_count(1)
    shown = page.eval_on_selector_all(
        ".ge-strip [data-series=measured] circle", "all => all.map(one => Number(one.dataset.value))"
    )
    assert shown == list(GRID.by_seed(HELD, {"shown": "all sums", "steps": 400}).values())
    radio(page, "shown sums right").click()
    expect(cell("all sums", 400)).to_have_text("–")


def test_every_dial_has_its_mean_interval_and_seeds(open_page):
    page = open_page(explorer("dials", setting={"steps": 800}))
    for i, shown in enumerate(SHOWN):
        dial = of(page).locator(".ge-dial").nth(i)
        values = list(GRID.by_seed(HELD, {"shown": shown, "steps": 800}).values())
        low, high = ledger.interval(values)
        expect(dial.locator("span")).to_have_text(shown)
        expect(dial.locator("b")).to_have_text(number(mean(values)))
        expect(dial.locator("small")).to_have_text(f"90 %: {low:.1f} to {high:.1f}")
        kind = "placebo" if shown == PLACEBO else "measured"
        drawn = dial.locator(f"[data-series={kind}] [data-seed]").evaluate_all("all => all.map(m => +m.dataset.value)")
        assert drawn == values
    for i in (2, 1):
        of(page).locator(".ge-dial").nth(i).click()
        reads(page, HELD, SHOWN[i], 800)
        expect(of(page).locator(".ge-dial[aria-current=true]")).to_have_count(1)
        expect(of(page).locator(".ge-dial[aria-current=true] > span")).to_have_text(SHOWN[i])


def test_a_click_into_the_plane_chooses_the_nearest_place(open_page):
    page = open_page(explorer())
    plane = of(page).locator(".ge-plane")
    box = plane.bounding_box()
    plane.click(position={"x": box["width"] * 347 / 360, "y": box["height"] / 2})
    reads(page, HELD, "128 sums", 800)
    left, right = (52 + 290 * step / 800 for step in (350, 400))  # the plane's own 360 units
    plane.click(position={"x": box["width"] * (0.4 * left + 0.6 * right) / 360, "y": box["height"] / 2})
    reads(page, HELD, "128 sums", 400)


def test_the_rule_and_the_verdict_stand_in_one_line(open_page):
    line = of(open_page(explorer())).locator(".ge-decision")
    expect(line).to_have_text(f"Rule of E00: {DECISION.rule} Verdict: conditional (reach 1 of 3).")


def test_numbers_print_as_in_python(open_page):
    """fixed() and mean() of the module, on ties and on many drawn numbers, against Python's own."""
    draw = random.Random(2)
    numbers = [0.25, 0.75, 6.25, 12.35, 12.45, 99.95, -0.25, -0.75, 2.5, 1.005, 0.05, 0.15, 100.0, -3.125]
    numbers += [100 * draw.randrange(1601) / 1600 for _ in range(500)]
    lists = [[100 * draw.randrange(k + 1) / k for _ in range(5)] for k in (20, 1600, 1620, 2000) for _ in range(500)]
    page = open_page(explorer())
    printed = page.evaluate(
        """async ([text, numbers, lists]) => {
        const { fixed, mean } = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
        return [numbers.flatMap(one => [fixed(one, 1), fixed(one, 2)]), lists.map(list => fixed(mean(list), 1))]; }""",
        [joined("grid_explorer", "js"), numbers, lists],
    )
    assert printed[0] == [f"{one:.{decimals}f}" for one in numbers for decimals in (1, 2)]
    assert printed[1] == [f"{mean(values):.1f}" for values in lists]


# ---- The address ----


def test_the_address_is_left_alone_until_the_reader_changes_something(open_page):
    page = open_page(explorer())
    page.wait_for_timeout(400)
    assert "#" not in page.url
    radio(page, "all sums").click()
    page.wait_for_url("**#knob=metric:held-out+sums+right,shown:all+sums,steps:0")
    assert page.evaluate("history.length") == 2  # about:blank and the page: turning a knob is no step to go back


def test_an_address_opened_afresh_shows_its_setting(open_page):
    page = open_page(explorer())
    radio(page, "shown sums right").click()
    radio(page, "256 sums").click()
    of(page).get_by_role("slider").fill("16")
    page.wait_for_url("**steps:800")
    again = open_page(explorer(), hash="#" + page.url.partition("#")[2])
    reads(again, SEEN, "256 sums", 800)
    expect(again.get_by_role("radio", name="256 sums")).to_be_checked()
    expect(of(again).locator("output")).to_have_text("800")
    expect(of(again)).to_be_in_viewport()


def test_a_teachers_short_link_sets_only_what_it_names(open_page):
    page = open_page(explorer(setting={"shown": "256 sums"}), hash="#knob=steps:400")
    reads(page, HELD, "256 sums", 400)
    expect(of(page).locator(".ge-notice")).to_be_hidden()


@pytest.mark.parametrize(
    ("hash", "named"),
    [
        ("#knob=nonsense", "nonsense"),
        ("#knob=", ""),
        ("#knob=steps:401", "steps:401"),
        ("#knob=steps:%", "steps:%"),
        ("#knob=constructor:x", "constructor:x"),
        ("#knob=<img src=x onerror=alert(1)>:1", "img"),
        ("#knob=" + "x" * 5000, "x" * 40 + "…"),
        ("#knob=metric:loss", "metric:loss"),
    ],
)
def test_nonsense_in_the_address_is_named_in_one_line_and_ignored(open_page, hash, named):
    page = open_page(explorer(), hash=hash)
    reads(page, HELD, "128 sums", 0)
    notice = of(page).locator(".ge-notice")
    expect(notice).to_contain_text("Ignored in this page's address: “")
    expect(notice).to_contain_text(named)
    expect(of(page).locator("img")).to_have_count(0)
    radio(page, "all sums").click()
    reads(page, HELD, "all sums", 0)
    expect(notice).to_be_hidden()


def test_what_is_sound_beside_nonsense_still_counts(open_page):
    page = open_page(explorer(), hash="#knob=steps:400,colour:red")
    reads(page, HELD, "128 sums", 400)
    expect(of(page).locator(".ge-notice")).to_contain_text("“colour:red”")


@pytest.mark.parametrize("hash", ["#", "#the-verdict", "#other=steps:400", "#knobs=steps:400", "#&&=&"])
def test_another_ones_address_is_no_business_of_ours(open_page, hash):
    page = open_page(explorer(), hash=hash)
    reads(page, HELD, "128 sums", 0)
    expect(of(page).locator(".ge-notice")).to_be_hidden()


def test_back_and_forward_bring_the_settings_back(open_page):
    page = open_page(explorer(), link="knob=steps:400,shown:all+sums")
    page.get_by_role("link", name="a setting").click()
    reads(page, HELD, "all sums", 400)
    page.go_back()
    reads(page, HELD, "128 sums", 0)
    page.go_forward()
    reads(page, HELD, "all sums", 400)


def test_two_explorers_on_a_page_share_the_address_and_not_the_setting(open_page):
    two = (explorer(name="one"), explorer("bars", name="two"))
    page = open_page(*two, hash="#two=steps:800")
    reads(page, HELD, "128 sums", 0, "one")
    reads(page, HELD, "128 sums", 800, "two")
    of(page, "one").get_by_role("slider").fill("8")
    reads(page, HELD, "128 sums", 400, "one")
    reads(page, HELD, "128 sums", 800, "two")
    page.wait_for_url("**&one=*")
    again = open_page(*two, hash="#" + page.url.partition("#")[2])
    reads(again, HELD, "128 sums", 400, "one")
    reads(again, HELD, "128 sums", 800, "two")
    for name, place in (("one", "8"), ("two", "16")):  # a slider that nobody sets stands at its end, too
        expect(of(again, name).get_by_role("slider")).to_have_value(place)
        for label in (HELD, "128 sums"):  # buttons of one group would put one another out
            expect(of(again, name).get_by_role("radio", name=label)).to_be_checked()


def test_a_second_link_starts_from_where_the_page_started(open_page):
    page = open_page(explorer(), hash="#knob=steps:400", link="knob=shown:all+sums")
    reads(page, HELD, "128 sums", 400)
    page.get_by_role("link", name="a setting").click()
    reads(page, HELD, "all sums", 0)


def test_a_link_leads_down_to_its_explorer(open_page):
    page = open_page(explorer(), explorer("bars", name="two"), explorer("dials", name="low"), hash="#low=steps:400")
    expect(of(page, "low")).to_be_in_viewport(ratio=0.5)


def test_an_address_written_twice_holds_the_last_setting(open_page):
    page = open_page(explorer())
    radio(page, "all sums").click()
    page.wait_for_url("**shown:all+sums*")
    radio(page, "256 sums").click()
    page.wait_for_url("**shown:256+sums*")
    assert page.url.count("knob=") == 1


def test_many_turns_in_a_row_write_the_address_once_with_the_last(open_page):
    page = open_page(explorer())
    page.evaluate(
        """() => { const put = history.replaceState.bind(history); window.writes = 0;
        history.replaceState = (...words) => { window.writes += 1; put(...words); }; }"""
    )
    of(page).get_by_role("slider").evaluate(
        """input => { for (const place of [1, 2, 3, 4, 5]) {
        input.value = place; input.dispatchEvent(new Event("input")); } }"""
    )
    page.wait_for_url("**steps:250")
    page.wait_for_timeout(400)
    assert page.evaluate("window.writes") == 1


def test_a_page_that_goes_stops_its_widgets_and_one_that_may_come_back_does_not(open_page):
    def leave(page, persisted):
        page.evaluate("persisted => dispatchEvent(new PageTransitionEvent('pagehide', { persisted }))", persisted)

    page = open_page(explorer())
    leave(page, True)
    radio(page, "all sums").click()
    reads(page, HELD, "all sums", 0)
    page = open_page(explorer(), link="knob=nonsense")
    leave(page, False)
    radio(page, "all sums").click()
    page.wait_for_url("**shown:all+sums*")
    page.get_by_role("link", name="a setting").click()
    page.wait_for_url("**nonsense")
    page.wait_for_timeout(200)
    reads(page, HELD, "128 sums", 0)
    expect(of(page).locator(".ge-notice")).to_be_empty()


def test_without_the_pages_host_the_address_is_neither_read_nor_written(open_page):
    """As in Jupyter: render() is called without page: true."""
    page = open_page(explorer(), hash="#knob=steps:400", flag=False)
    reads(page, HELD, "128 sums", 0)
    radio(page, "all sums").click()
    reads(page, HELD, "all sums", 0)
    page.wait_for_timeout(400)
    assert page.url.endswith("#knob=steps:400")


# ---- What is broken ----


def _cut(state):
    state["grid"]["metrics"][HELD]["values"][1].pop()


def _text(state):
    state["grid"]["metrics"][HELD]["values"][0][0][0] = "a lot"


def _no_axes(state):
    state["grid"]["axes"] = {}


def _no_unit(state):
    state["grid"]["metrics"][HELD]["unit"] = ""


def _placebo(state):
    state["grid"]["placebo"]["value"] = "sugar"


def _no_verdict(state):
    state["grid"]["decision"] = {}


def _no_seeds(state):
    del state["grid"]["seeds"]


def _empty(state):
    state["grid"] = {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_cut, f"{HELD} has 16 values along steps, not 17"),
        (_text, f'{HELD} holds "a lot", not a number'),
        (_no_axes, "it has no axes"),
        (_no_unit, f"{HELD} has no unit"),
        (_placebo, "the placebo shown: sugar is no place on an axis"),
        (_no_verdict, "it has no rule or no verdict"),
        (_no_seeds, "seeds is no list with values"),
        (_empty, "seeds is no list with values"),
    ],
)
def test_a_grid_that_breaks_its_contract_is_one_line_and_the_table_stays(open_page, change, said):
    page = open_page(explorer(), explorer("bars", name="other"), change=change, ready=False)
    broken = page.locator("[data-widget=failed]")
    expect(broken).to_have_count(1)
    expect(broken).to_contain_text(f"the grid breaks its contract: {said}")
    expect(broken).to_have_attribute("role", "alert")
    assert broken.bounding_box()["height"] < 60
    expect(page.get_by_text("the table")).to_be_visible()
    reads(page, HELD, "128 sums", 0, "other")


# ---- Sizes, themes, accessibility ----


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_fits_the_page_and_has_no_accessibility_violation(open_page, view, width, theme):
    page = open_page(explorer(view, setting={"shown": "all sums"}), width=width, theme=theme, hash="#knob=x")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert not [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found.response["violations"]]


@pytest.mark.parametrize("view", VIEWS)
def test_dark_is_another_picture(open_page, view):
    colours = [
        open_page(explorer(view), theme=theme).locator(".ge-dot").first.evaluate("one => getComputedStyle(one).fill")
        for theme in ("light", "dark")
    ]
    assert colours == ["rgb(0, 114, 178)", "rgb(86, 180, 233)"]  # the first colour of plot.LIGHT and of plot.DARK
