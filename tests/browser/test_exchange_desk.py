"""The exchange desk in a real Chromium, on small pages made here with the site's own widget host.

Needs a Chromium but no built site; about a minute: pytest tests/browser/test_exchange_desk.py
The data are a toy, invented here. What the desk must say is worked out in Python, from the toy alone.
"""

import json
import math
import random
import re
from itertools import pairwise
from statistics import mean

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from crucible.widgets.exchange_desk import CUSTOMERS, Compute, Desk, ExchangeDesk
from pipeline import ROOT, browser, serve

KINDS = ("skill", "format", "private facts")
STARTS = ("no base", "a quarter", "half", "whole", "placebo base")
PLACEBO, NO_BASE, WHOLE = "placebo base", "no base", "whole"
EXAMPLES = (100, 300, 1_000, 3_000, 10_000)
SEEDS = (10, 11, 12, 13, 14)
COMPUTE = Compute({"a quarter": 3e13, "half": 6e13, "whole": 12e13, PLACEBO: 12e13}, tuning=4e11, scratch=1.6e12)
CHEAP = Compute(COMPUTE.pretraining, tuning=4e11, scratch=3e11)  # from scratch costs less than a tuning
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Desk</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; padding: 0 1rem; background: #fff; }} html[data-theme=dark] body {{ background: #121212; }}
h1, a {{ color: #555; }} html[data-theme=dark] :is(h1, a) {{ color: #bbb; }}
</style></head><body><main><h1>Desk</h1><p><a href="#">before</a></p>{views}</main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script><script>{host}</script></body></html>"""


def toy(examples=EXAMPLES, seeds=SEEDS, leave=(), **changed):
    """Invented: a base is worth much for a skill, less for a format, nothing for private facts; the placebo harms.

    leave: places (kind, start, examples) that were not measured, or not by the seed in a fourth place.
    """
    draw = random.Random(7)
    ahead = {NO_BASE: 0, "a quarter": 0.2, "half": 0.45, WHOLE: 1, PLACEBO: -0.15}  # in powers of ten
    scores, worth = {}, {}
    for kind, buys, middle, top in (("skill", 1.3, 4.0, 97), ("format", 0.7, 2.9, 99), ("private facts", 0, 3.4, 90)):
        for start in STARTS:
            for n in examples:
                for seed in seeds:
                    shown = math.log10(n) + ahead[start] * buys + draw.gauss(0, 0.05)
                    scores[kind, start, n, seed] = 1 + (top - 1) / (1 + 10 ** (-1.6 * (shown - middle)))
        for start in STARTS[1:]:
            for n in examples:
                for seed in seeds:
                    curve = [scores[kind, NO_BASE, m, seed] for m in examples]
                    worth[kind, start, n, seed] = read_off(examples, curve, scores[kind, start, n, seed])
    for places in (scores, worth):
        for place in [place for place in places if place in leave or place[:3] in leave]:
            del places[place]
    fields = {
        "compute": COMPUTE,
        "placebo": PLACEBO,
        "chance": {"skill": 1.0, "private facts": 10.0},
        "ceiling": {("private facts", n): min(100, 10 + n / 40) for n in examples},
        "partly": bool(leave),
    }
    return Desk(STARTS, examples, seeds, KINDS, scores, worth, **{**fields, **changed})


def read_off(examples, curve, score):
    """Where the from-scratch curve, made to rise, first has this score."""
    rising = [max(curve[: i + 1]) for i in range(len(curve))]
    if score < rising[0]:
        return examples[0], "at most"
    for (low, high), (a, b) in zip(pairwise(examples), pairwise(rising), strict=True):
        if a <= score <= b:
            return low * (high / low) ** ((score - a) / (b - a) if b > a else 0), ""
    return examples[-1], "at least"


DESK = toy()


# ---- What the desk must say ----


def score_line(desk, kind, start, n):
    scores = [desk.scores[kind, start, n, seed] for seed in desk.seeds if (kind, start, n, seed) in desk.scores]
    name = {NO_BASE: "from scratch", PLACEBO: PLACEBO}.get(start, f"base “{start}”")
    said = f"{kind}, {n:,} examples, {name}: "
    if not scores:
        return said + "not measured."
    seeds = f"{len(scores)} seeds" if len(scores) == len(desk.seeds) else f"{len(scores)} of {len(desk.seeds)} seeds"
    said += f"{mean(scores):.1f} % on average over {seeds}, from {min(scores):.1f} % to {max(scores):.1f} %."
    if start != NO_BASE:
        alone = [desk.scores[kind, NO_BASE, n, seed] for seed in desk.seeds if (kind, NO_BASE, n, seed) in desk.scores]
        said += f" From scratch they give {mean(alone):.1f} %." if alone else " From scratch: not measured."
    if (kind, n) in desk.ceiling:
        said += f" From so many examples {desk.ceiling[kind, n]:.1f} % could be known."
    return said + (" This base is the placebo." if start == PLACEBO else "")


def worth_words(worth):
    n, bound = worth
    return {"": f"{float(f'{n:.3g}'):,.0f}", "at least": f"more than {n:,}", "at most": f"fewer than {n:,}"}[bound]


def middle_of(desk, kind, start, n):
    """The middle seed's worth (of five), or None."""
    found = [desk.worth[kind, start, n, seed] for seed in desk.seeds if (kind, start, n, seed) in desk.worth]
    order = ["at most", "", "at least"]
    return sorted(found, key=lambda one: (order.index(one[1]), one[0]))[(len(found) - 1) // 2] if found else None


def rate_words(worth, n):
    rate = float(f"{worth[0] / n:.2g}")
    return f"{worth[1]} × {rate:,.12g}".strip()


def worth_line(desk, kind, start, n):
    if start == NO_BASE:
        return "Without a base there is nothing to exchange: an example is worth an example."
    middle = middle_of(desk, kind, start, n)
    if not middle:
        return "The exchange rate was not measured here."
    seeds = [desk.worth[kind, start, n, seed] for seed in desk.seeds if (kind, start, n, seed) in desk.worth]
    measured = " (as far as we measured)" if middle[1] else ""
    said = (
        f"{n:,} examples on this base are worth {worth_words(middle)} from scratch{measured}: {rate_words(middle, n)}."
    )
    words = [worth_words(one) for one in seeds]
    if len(set(words)) == 1:
        return said + f" All {len(seeds)} seeds say so."
    return said + f" That is the middle of {len(seeds)} seeds: {'; '.join(words)}."


def tunings(flop, desk):
    said = f"{float(f'{flop / desk.compute.tuning:.3g}'):,.12g}"
    return f"{said} tuning{'' if said == '1' else 's'}"


def cost_line(desk, kind, start, n, customers):
    compute = desk.compute
    if start == NO_BASE:
        return f"Without a base every customer pays for a run from scratch: {tunings(compute.scratch, desk)}."
    each = tunings(compute.pretraining[start] / customers + compute.tuning, desk)
    who = "A single customer" if customers == 1 else f"Each of {customers:,} customers"
    said = f"{who} pays {each} on this base, and {tunings(compute.scratch, desk)} from scratch. "
    middle = middle_of(desk, kind, start, n)
    if not middle:
        return said + "Whether from scratch reaches this score was not measured."
    if middle[1] == "at least":
        return said + "What that buys differs: from scratch never reaches this score (as far as we measured)."
    said += "In compute the base pays for itself "
    if compute.scratch <= compute.tuning:
        return said + f"never: from scratch reaches this too, for less, given {worth_words(middle)} examples."
    from_ = math.ceil(compute.pretraining[start] / (compute.scratch - compute.tuning))
    return said + f"from {from_:,} customer{'' if from_ == 1 else 's'} on."


def says(page, kind, start, n, customers=100, desk=DESK):
    lines = [
        score_line(desk, kind, start, n),
        worth_line(desk, kind, start, n),
        cost_line(desk, kind, start, n, customers),
    ]
    expect(page.locator(".exchange-desk .crucible-status p")).to_have_text(lines)


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
    """Opens a page with the given desks; at the end no foreign request and no complaint may have come up."""
    complaints, contexts = [], []
    host = (ROOT / "_ext/static/widget_host.js").read_text()
    place, address = folder

    def open_it(*desks, width=800, theme="light", touch=False):
        names = ("desk", "kind", "start", "examples", "customers", "_esm", "_css")
        states = {str(i): {"state": {n: getattr(one, n) for n in names}} for i, one in enumerate(desks)}
        views = "".join(
            f'<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "{i}"}}</script>' for i in states
        )
        state = json.dumps({"state": states}, sort_keys=True).replace("</", "<\\/")  # as a notebook file does
        text = PAGE.format(theme=theme, state=state, host=host, views=views)
        (place / "page.html").write_text(text, encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, has_touch=touch, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(("blob:", address)) else complaints.append(asked))
        page.goto(address + "page.html")
        expect(page.locator("[data-widget=ready]")).to_have_count(len(desks))
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not [text for text in complaints if "favicon" not in str(text) and "404" not in str(text)]


def radio(page, kind):
    return page.locator("label", has=page.get_by_role("radio", name=kind, exact=True))


def slider(page, name):
    return page.get_by_role("slider", name=name)


EXAMPLES_KNOB, BASE_KNOB, CUSTOMERS_KNOB = "Examples of the domain", "Strength of the base", "Customers"


def to_the_end(page, name):
    """Puts the pointer on the slider's last place."""
    box = slider(page, name).bounding_box()
    return {"position": {"x": box["width"] - 2, "y": box["height"] / 2}}


# ---- Every control, by mouse, keyboard and touch ----


def test_it_starts_at_the_strongest_base_and_every_control_moves_it_by_mouse(open_page):
    page = open_page(ExchangeDesk(DESK))
    says(page, "skill", WHOLE, 1_000)
    for kind in (*KINDS[1:], KINDS[0]):
        radio(page, kind).click()
        says(page, kind, WHOLE, 1_000)
    slider(page, EXAMPLES_KNOB).click(**to_the_end(page, EXAMPLES_KNOB))
    says(page, "skill", WHOLE, 10_000)
    slider(page, BASE_KNOB).click(**to_the_end(page, BASE_KNOB))
    says(page, "skill", PLACEBO, 10_000)
    slider(page, CUSTOMERS_KNOB).click(**to_the_end(page, CUSTOMERS_KNOB))
    says(page, "skill", PLACEBO, 10_000, 10_000)


def test_it_can_be_worked_by_keyboard_alone(open_page):
    page = open_page(ExchangeDesk(DESK))
    page.get_by_role("link", name="before").focus()
    page.keyboard.press("Tab")
    for kind in (*KINDS[1:], KINDS[0]):
        page.keyboard.press("ArrowRight")
        says(page, kind, WHOLE, 1_000)
    here = {"start": WHOLE, "n": 1_000, "customers": 100}
    knobs = ((EXAMPLES_KNOB, "n", EXAMPLES), (BASE_KNOB, "start", STARTS), (CUSTOMERS_KNOB, "customers", CUSTOMERS))
    for name, which, values in knobs:
        page.keyboard.press("Tab")
        knob = slider(page, name)
        expect(knob).to_be_focused()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        words = [f"{value:,}" if isinstance(value, int) else value for value in values]
        expect(knob).to_have_attribute("aria-valuetext", words[values.index(here[which])])
        page.keyboard.press("Home")
        for value, said in zip(values, words, strict=True):
            here[which] = value
            says(page, "skill", **here)
            expect(knob).to_have_attribute("aria-valuetext", said)
            page.keyboard.press("ArrowRight")


def test_it_can_be_worked_by_touch(open_page):
    page = open_page(ExchangeDesk(DESK), width=390, touch=True)
    radio(page, "format").tap()
    says(page, "format", WHOLE, 1_000)
    slider(page, EXAMPLES_KNOB).tap(**to_the_end(page, EXAMPLES_KNOB))
    says(page, "format", WHOLE, 10_000)
    slider(page, BASE_KNOB).tap(**to_the_end(page, BASE_KNOB))
    says(page, "format", PLACEBO, 10_000)
    slider(page, CUSTOMERS_KNOB).tap(**to_the_end(page, CUSTOMERS_KNOB))
    says(page, "format", PLACEBO, 10_000, 10_000)


def test_a_click_into_the_chart_chooses_the_nearest_number_of_examples(open_page):
    page = open_page(ExchangeDesk(DESK), width=360)  # the chart is narrower here than its own 360 units
    chart = page.locator(".xd-chart")
    for n in (100, 10_000, 300):
        at = page.locator(f".xd-tick:text-is('{n:,}')").bounding_box()
        box = chart.bounding_box()
        chart.click(position={"x": at["x"] + 0.5 * at["width"] + 8 - box["x"], "y": box["height"] / 2})
        says(page, "skill", WHOLE, n)
        expect(slider(page, EXAMPLES_KNOB)).to_have_attribute("aria-valuetext", f"{n:,}")


def test_the_controls_start_where_python_put_them(open_page):
    page = open_page(ExchangeDesk(DESK, "private facts", "half", 3_000, 30))
    says(page, "private facts", "half", 3_000, 30)
    expect(page.get_by_role("radio", name="private facts")).to_be_checked()
    for name, place, said in ((EXAMPLES_KNOB, 3, "3,000"), (BASE_KNOB, 2, "half"), (CUSTOMERS_KNOB, 3, "30")):
        expect(slider(page, name)).to_have_value(str(place))
        expect(slider(page, name)).to_have_attribute("aria-valuetext", said)


def test_two_desks_on_a_page_do_not_move_one_another(open_page):
    page = open_page(ExchangeDesk(DESK), ExchangeDesk(DESK, "format"))
    one, two = page.locator(".exchange-desk").all()
    one.locator("label", has_text="private facts").click()
    for desk, kind in ((one, "private facts"), (two, "format")):
        expect(desk.get_by_role("radio", name=kind)).to_be_checked()
        expect(desk.locator(".crucible-status p").first).to_have_text(score_line(DESK, kind, WHOLE, 1_000))


# ---- The answers at the edges ----


def test_the_toy_has_every_kind_of_answer():
    bounds = {bound for _, bound in DESK.worth.values()}
    assert bounds == {"at least", "", "at most"}
    assert middle_of(DESK, "skill", WHOLE, 10_000) == (10_000, "at least")
    assert middle_of(DESK, "skill", PLACEBO, 100) == (100, "at most")


def test_beyond_the_curve_there_are_bounds(open_page):
    page = open_page(ExchangeDesk(DESK, "skill", WHOLE, 10_000))
    says(page, "skill", WHOLE, 10_000)
    expect(page.locator(".crucible-status")).to_contain_text(
        "more than 10,000 from scratch (as far as we measured): at l"
    )
    expect(page.locator(".crucible-status")).to_contain_text("from scratch never reaches this score")
    expect(page.locator(".xd-costs")).to_contain_text("does not reach this score")
    page = open_page(ExchangeDesk(DESK, "skill", PLACEBO, 100))
    says(page, "skill", PLACEBO, 100)
    expect(page.locator(".crucible-status")).to_contain_text(
        "fewer than 100 from scratch (as far as we measured): at m"
    )
    expect(page.locator(".xd-costs")).not_to_contain_text("does not reach this score")


def test_a_base_never_pays_where_from_scratch_costs_less(open_page):
    desk = toy(compute=CHEAP)
    page = open_page(ExchangeDesk(desk, "private facts", "half"))
    says(page, "private facts", "half", 1_000, desk=desk)
    expect(page.locator(".crucible-status strong").last).to_have_text("never: from scratch reaches this too, for less")


def test_the_base_pays_from_the_first_number_of_customers_at_which_it_costs_no_more(open_page):
    """Exactly at a whole number (1.2e14 / 1.2e12 = 100), and just beside it."""
    for pretraining, fewest in ((1.2e14, 100), (1.2e14 + 1, 101), (1.2e12, 1)):
        desk = toy(compute=Compute({**COMPUTE.pretraining, WHOLE: pretraining}, 4e11, 1.6e12))
        page = open_page(ExchangeDesk(desk, "private facts", WHOLE))
        expected = f"from {fewest} customer{'s' if fewest > 1 else ''} on"
        expect(page.locator(".crucible-status strong").last).to_have_text(expected)


def test_without_a_base_there_is_one_curve_one_bar_and_nothing_to_exchange(open_page):
    page = open_page(ExchangeDesk(DESK, start=NO_BASE))
    says(page, "skill", NO_BASE, 1_000)
    expect(page.locator(".xd-chart [data-series]")).to_have_count(1)
    expect(page.locator(".xd-cost")).to_have_count(1)
    expect(page.locator(".xd-exchange")).to_have_count(0)


def test_what_was_not_measured_is_said_and_leaves_a_gap(open_page):
    gone = ("skill", WHOLE, 1_000)
    desk = toy(leave={gone, ("skill", WHOLE, 3_000, 12), ("skill", NO_BASE, 300)})
    page = open_page(ExchangeDesk(desk))
    says(page, *gone, desk=desk)
    expect(page.locator(".xd-chart [data-series=base] [data-examples='1000']")).to_have_count(0)
    expect(page.locator(".xd-exchange")).to_have_count(0)
    assert page.locator("[data-series=base] > .xd-mean").get_attribute("d").count("M") == 2
    slider(page, EXAMPLES_KNOB).press("ArrowRight")
    says(page, "skill", WHOLE, 3_000, desk=desk)
    expect(page.locator(".crucible-status")).to_contain_text("4 of 5 seeds")
    slider(page, EXAMPLES_KNOB).press("Home")
    slider(page, EXAMPLES_KNOB).press("ArrowRight")
    says(page, "skill", WHOLE, 300, desk=desk)


# ---- What is drawn ----


def heights(page):
    """From a mark's y to its score in %, by the chart's own lines."""
    lines = page.eval_on_selector_all(".xd-grid", "all => all.map(one => Number(one.getAttribute('y1')))")
    return lambda y: 100 * (lines[0] - y) / (lines[0] - lines[-1])


@pytest.mark.parametrize("start", [WHOLE, PLACEBO])
def test_every_seed_is_a_mark_at_its_score_on_both_curves(open_page, start):
    page = open_page(ExchangeDesk(DESK, start=start))
    share = heights(page)
    series = {"scratch": NO_BASE, "placebo" if start == PLACEBO else "base": start}
    expect(page.locator(".xd-chart [data-series]")).to_have_count(2)
    for name, of in series.items():
        for n in EXAMPLES:
            marks = page.locator(f"[data-series={name}] [data-examples='{n}'] [data-seed]")
            told = marks.evaluate_all("all => all.map(m => [+m.dataset.seed, +m.dataset.value])")
            assert told == [[seed, round(DESK.scores["skill", of, n, seed], 1)] for seed in SEEDS]
            drawn = marks.evaluate_all("all => all.map(m => { const b = m.getBBox(); return b.y + b.height / 2; })")
            assert [share(y) for y in drawn] == pytest.approx([value for _, value in told], abs=0.01)
        path = page.locator(f"[data-series={name}] > .xd-mean").get_attribute("d")
        means = [mean(DESK.scores["skill", of, n, seed] for seed in SEEDS) for n in EXAMPLES]
        assert [share(float(y)) for y in re.findall(r" ([\d.]+)", path)] == pytest.approx(means, abs=0.06)


@pytest.mark.parametrize("n_seeds", [3, 5, 10])
def test_no_seed_hides_another(open_page, n_seeds):
    page = open_page(ExchangeDesk(toy(seeds=tuple(range(10, 10 + n_seeds))), "private facts"))
    boxes = page.eval_on_selector_all(
        "[data-seed]", "all => all.map(m => { const b = m.getBBox(); return [b.x, b.x + b.width]; })"
    )
    assert len(boxes) == 2 * n_seeds * len(EXAMPLES)
    for (_, right), (left, _) in pairwise(sorted(boxes)):
        assert left >= right


def test_the_arrow_leads_from_the_score_to_the_curve_from_scratch(open_page):
    page = open_page(ExchangeDesk(DESK, "format", "a quarter"))
    ticks = {n: page.locator(f".xd-tick:text-is('{n:,}')") for n in (100, 10_000)}
    low, high = (float(tick.get_attribute("x")) for tick in ticks.values())
    for start, n in (("a quarter", 1_000), ("half", 300)):
        page = open_page(ExchangeDesk(DESK, "format", start, n))
        worth, bound = middle_of(DESK, "format", start, n)
        assert not bound
        path = page.locator(".xd-exchange path").get_attribute("d")
        begin, y, end = map(float, re.match(r"M([\d.]+) ([\d.]+)H([\d.]+)", path).groups())
        assert heights(page)(y) == pytest.approx(mean(DESK.scores["format", start, n, s] for s in SEEDS), abs=0.06)
        for at, number in ((begin, n), (end, worth)):
            assert 10 ** (2 + 2 * (at - low) / (high - low)) == pytest.approx(number, rel=0.01)
        expect(page.locator(".xd-exchange text")).to_have_text(rate_words((worth, bound), n))


def test_beyond_the_curve_the_arrow_leads_to_the_edge(open_page):
    ends = []
    for start, n, bound in ((WHOLE, 10_000, "at least"), (PLACEBO, 100, "at most")):
        page = open_page(ExchangeDesk(DESK, start=start, examples=n))
        path = page.locator(".xd-exchange path").get_attribute("d")
        ends.append(float(re.match(r"M[\d.]+ [\d.]+H([\d.]+)", path)[1]))
        expect(page.locator(".xd-exchange text")).to_have_text(rate_words((n, bound), n))
        expect(page.locator(".xd-exchange .xd-drop")).to_have_count(0)
    line = page.locator(".xd-grid").first
    assert ends == [float(line.get_attribute(name)) for name in ("x2", "x1")]


def test_chance_and_ceiling_are_drawn_and_explained_where_given(open_page):
    page = open_page(ExchangeDesk(DESK, "private facts"))
    share, key = heights(page), page.locator(".xd-key")
    assert share(float(page.locator(".xd-chart .xd-chance").get_attribute("y1"))) == pytest.approx(10)
    path = page.locator(".xd-chart .xd-ceiling").get_attribute("d")
    expected = [DESK.ceiling["private facts", n] for n in EXAMPLES]
    assert [share(float(y)) for y in re.findall(r" ([\d.]+)", path)] == pytest.approx(expected, abs=0.06)
    for words in ("from scratch", "base “whole”", "chance", "what could be known"):
        expect(key).to_contain_text(words)
    radio(page, "format").click()
    expect(page.locator(".xd-chart .xd-chance")).to_have_count(0)
    expect(key).not_to_contain_text("chance")
    expect(key).not_to_contain_text("what could be known")


@pytest.mark.parametrize("customers", [1, 100, 10_000])
def test_the_bars_are_the_costs_and_the_words_beside_them_too(open_page, customers):
    page = open_page(ExchangeDesk(DESK, "format", examples=100, customers=customers))
    bars = page.locator(".xd-cost")
    pre, tune, scratch = COMPUTE.pretraining[WHOLE], COMPUTE.tuning, COMPUTE.scratch
    each = pre / customers + tune

    def flop(value):
        return f"{value:.1e}".replace("e+", "e") + " FLOP"

    share = tunings(pre / customers, DESK).partition(" ")[0]
    together = [f"; for all {customers:,}: {flop(total)}" for total in (pre + customers * tune, customers * scratch)]
    if customers == 1:
        together = ["", ""]
    expect(bars.nth(0).locator("span")).to_have_text(
        f"{flop(each)}, {tunings(each, DESK)} ({share} of them pretraining, striped){together[0]}"
    )
    expect(bars.nth(1).locator("span")).to_have_text(f"{flop(scratch)}, {tunings(scratch, DESK)}{together[1]}")
    whole = bars.nth(0).locator(".xd-track").bounding_box()["width"]
    for kind, cost in (("share", pre / customers), ("tuning", tune), ("run", scratch)):
        width = page.locator(f".xd-track .xd-{kind}").bounding_box()["width"]
        assert width == pytest.approx(max(2, whole * cost / max(each, scratch)), abs=3)


# ---- Sizes, themes, accessibility ----


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "start", "n"), [(360, WHOLE, 10_000), (800, PLACEBO, 100)])
def test_it_fits_the_page_and_has_no_accessibility_violation(open_page, width, start, n, theme):
    page = open_page(ExchangeDesk(DESK, start=start, examples=n), width=width, theme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = """all => all.filter((one) => { // words of the chart that stick out of it
        const word = one.getBoundingClientRect(), chart = one.ownerSVGElement.getBoundingClientRect();
        return word.left < chart.left - 1 || word.right > chart.right + 1; }).map((one) => one.textContent)"""
    assert page.locator(".xd-chart text").evaluate_all(outside) == []
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert not [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found.response["violations"]]


def test_dark_is_another_picture(open_page):
    shown = {
        theme: [
            open_page(ExchangeDesk(DESK, start=start), theme=theme)
            .locator(f"[data-series={name}] .xd-mean")
            .evaluate("one => getComputedStyle(one).stroke")
            for name, start in (("base", WHOLE), ("scratch", WHOLE), ("placebo", PLACEBO))
        ]
        for theme in ("light", "dark")
    }
    assert shown == {  # the first three colours of plot.LIGHT and of plot.DARK
        "light": ["rgb(0, 114, 178)", "rgb(213, 94, 0)", "rgb(0, 158, 115)"],
        "dark": ["rgb(86, 180, 233)", "rgb(255, 140, 66)", "rgb(61, 219, 168)"],
    }
