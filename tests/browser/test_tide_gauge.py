"""The tide gauge in a real Chromium, on small pages made here with the site's own widget host.

Needs a Chromium but no built site; about a minute: pytest tests/browser/test_tide_gauge.py
All numbers are toys. What the gauge must say is worked out here in Python, from the toys alone.
"""

import json
import re
from dataclasses import replace
from statistics import mean

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from crucible.widgets.tide_gauge import Case, Cost, Split, Tide, TideGauge
from pipeline import ROOT, browser, serve

SEEDS, RATIOS, SHARES = (10, 11, 12), (1, 2, 4, 8), (0, 0.5, 1)
NAMES = ("format", "skill", "private facts", "doses")
MARGIN, STANDS = 2, 10
CHANCE = dict(zip(NAMES, (6.25, 0.1, 3, 0.1), strict=True))
TUNED = {"format": (85, 66, 89), "skill": (65, 14, 23), "private facts": (78, 71, 62), "doses": (34, 0.3, 1)}
WATER = {  # a row for each ratio
    "format": ((83, 60, 80), (84, 60, 86.9), (99, 98, 100), (100, 100, 100)),
    "skill": ((24, 0, 0), (10, 9, 30), (11, 14, 98), (12, 100, 100)),
    "private facts": ((6, 2, 4), (4, 4, 2), (2, 3, 2), (4, 5, 6)),
    "doses": ((0, 1, 0), (0, 0, 0), (0, 2, 0), (1, 0, 0)),
}
LEAKED = {  # a row for each share above 0, at the largest ratio
    "format": ((99, 100, 98), (97, 100, 100)),
    "skill": ((13, 99, 98), (14, 98, 97)),
    "private facts": ((33, 36, 30), (76.5, 70, 59)),
    "doses": ((2, 3, 2), (5, 4, 3)),
}
AGAIN = {
    name: [[min(100, 40 + 10 * i + 2 * j + k / 3) for k in range(3)] for j in range(4)] for i, name in enumerate(NAMES)
}
LIVES = {
    "format": (1, 4, 3.456),
    "skill": (None, 4, 1.8),
    "private facts": (None, None, None),
    "doses": (None, 4, None),
}
CASES = (
    Case(
        "2024-02", "A prompt beat a toy.", "27 of 100", "second toy paper", "https://example.org/2", "quoted by a toy"
    ),
    Case(
        "2023-05", "A toy was tried.", "88 against 75", "first toy paper", "https://example.org/1", "read in the source"
    ),
)
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Tide</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; padding: 0 1rem; background: #fff; }} html[data-theme=dark] body {{ background: #121212; }}
h1, a {{ color: #555; }} html[data-theme=dark] :is(h1, main > a) {{ color: #bbb; }}
</style></head><body><main><h1>Tide</h1><a href="#x">before</a>{views}</main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script><script>{host}</script></body></html>"""


def by_place(table, *axes):
    return {
        (name, place, seed): float(table[name][j][k])
        for name in NAMES
        for j, place in enumerate(axes)
        for k, seed in enumerate(SEEDS)
    }


def make_tide(**changed):
    fields = {
        "splits": tuple(Split(name, f"what {name} asks", CHANCE[name]) for name in NAMES),
        "ratios": RATIOS,
        "shares": SHARES,
        "seeds": SEEDS,
        "tuned": {(name, seed): float(TUNED[name][k]) for name in NAMES for k, seed in enumerate(SEEDS)},
        "prompted": by_place(WATER, *RATIOS),
        "leaked": by_place(LEAKED, *SHARES[1:]),
        "retuned": by_place(AGAIN, *RATIOS),
        "half_life": {(name, seed): LIVES[name][k] for name in NAMES for k, seed in enumerate(SEEDS)},
        "cost": Cost(1000, 17.6, 2.1e12, {1: 5e13, 2: 1e14, 4: 2e14, 8: 4e14}),
        "cases": CASES,
        "margin": MARGIN,
        "stands_from": STANDS,
    }
    return Tide(**{**fields, **changed})


TIDE = make_tide()


def water_of(name, ratio, share):
    if ratio == 8 and share:
        return LEAKED[name][SHARES.index(share) - 1]
    return WATER[name][RATIOS.index(ratio)]


def state_of(name, ratio=1, share=0, seed="all"):
    """(state, how many stand, how many are under, how far the island is above the water) from the toys alone."""
    rows = zip(SEEDS, TUNED[name], water_of(name, ratio, share), strict=True)
    standing = [(land, sea) for k, land, sea in rows if seed in ("all", k) and land >= CHANCE[name] + STANDS]
    if not standing:
        return "never stood up", 0, 0, 0
    under = sum(sea >= land - MARGIN for land, sea in standing)
    word = "dry" if not under else "under water" if under == len(standing) else "awash"
    return word, len(standing), under, mean(land - sea for land, sea in standing)


def seeds_in_words(n, of):
    return f"{n} of {of} seeds" if n != of else "1 seed" if n == 1 else f"{n} seeds"


def listed(words):
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def sentence(ratio=1, share=0, seed="all", reported=False):
    leaked = f", with {100 * share:g} % of the private records public" if share and ratio == 8 else ""
    who = "all 3 seeds" if seed == "all" else f"seed {seed}"
    text = f"A new base of {ratio}× the compute{leaked}, only prompted, {who}."
    found = {name: state_of(name, ratio, share, seed) for name in NAMES}
    for word in ("under water", "awash", "dry", "never stood up"):
        here = []
        for name, (state, standing, under, lead) in found.items():
            more = {
                "awash": f" (under in {seeds_in_words(under, standing)})",
                "dry": f" ({lead:.1f} points above the water)",
            }
            if state == word:
                here.append(name + more.get(word, ""))
        if here:
            text += f" {word.capitalize()}: {listed(here)}."
    for name, (_, standing, _, _) in found.items():
        if seed == "all" and 0 < standing < 3:
            text += f" In {name} the island stood up in {standing} of 3 seeds, and only there it can drown."
    if reported:
        text += " Re-ported to this base: " + listed(
            [
                f"{name} {shown(AGAIN[name][RATIOS.index(ratio)], seed)} (was {shown(TUNED[name], seed)})"
                for name in NAMES
            ]
        )
        text += "." + (" The re-port was measured where nothing leaked." if leaked else "")
    return text


def average(values, seed):
    return mean(value for k, value in zip(SEEDS, values, strict=True) if seed in ("all", k))


def shown(values, seed):
    return f"{average(values, seed):.1f} %"


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
    """Opens a page with a gauge; at the end no foreign request and no complaint may have come up."""
    complaints, contexts = [], []
    host = (ROOT / "_ext/static/widget_host.js").read_text()
    place, address = folder

    def open_it(gauge=None, width=1280, theme="light", touch=False, change=None, ready=True, motion="reduce", views=1):
        names = (*TideGauge.class_own_traits(), "_esm", "_css")
        state = {name: getattr(gauge or TideGauge(TIDE), name) for name in names}
        if change:
            state = json.loads(json.dumps(state))
            change(state)
        text = json.dumps({"state": {"0": {"state": state}}}, sort_keys=True).replace("</", "<\\/")
        view = '<script type="application/vnd.jupyter.widget-view+json">{"model_id": "0"}</script>' * views
        (place / "page.html").write_text(PAGE.format(theme=theme, state=text, host=host, views=view), encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, has_touch=touch, reduced_motion=motion
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        if ready:
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(("blob:", address)) else complaints.append(asked))
        page.goto(address + "page.html")
        if ready:
            expect(page.locator("[data-widget=ready]")).to_have_count(views)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not [text for text in complaints if "favicon" not in str(text) and "404" not in str(text)]


def reads(page, **setting):
    expect(page.locator(".crucible-status")).to_have_text(sentence(**setting))


def slider(page, name):
    return page.get_by_role("slider", name=name)


def drag(page, knob, share, tap=False):
    """Clicks where the slider's place is, as a mouse does that drags it there; share: 0 for its left end, 1."""
    box = knob.bounding_box()
    act = knob.tap if tap else knob.click
    act(position={"x": 8 + share * (box["width"] - 16), "y": box["height"] / 2})


def radio(page, label):
    return page.locator(".crucible-segmented label", has=page.get_by_role("radio", name=label, exact=True))


def island(page, name):
    return page.locator(f"figure[data-island='{name}']")


def button(page):
    return page.get_by_role("button", name="Re-port my data to the new base")


def moved(locator):
    """Where a style puts a part of the picture: (how far down, how far stretched)."""
    style = locator.get_attribute("style")
    found = [re.search(rf"{name}\((-?[\d.]+)", style) for name in ("translateY", "scaleY")]
    return [float(one[1]) if one else None for one in found]


TOP, FLOOR = 24, 172  # of the picture, at 100 and at 0


def y(value):
    return FLOOR - (FLOOR - TOP) * value / 100


# ---- Every control, by mouse, keyboard and touch ----


def test_every_control_by_mouse(open_page):
    page = open_page()
    compute, share = slider(page, "Compute of the new base"), slider(page, "Share of the private records")
    reads(page)
    for i, ratio in enumerate(RATIOS):
        drag(page, compute, i / 3)
        reads(page, ratio=ratio)
    for i, value in enumerate(SHARES):
        drag(page, share, i / 2)
        reads(page, ratio=8, share=value)
    for seed in (10, 11, 12, "all"):
        radio(page, str(seed)).click()
        reads(page, ratio=8, share=1, seed=seed)
    button(page).click()
    reads(page, ratio=8, share=1, reported=True)
    button(page).click()
    reads(page, ratio=8, share=1)


def test_every_control_by_keyboard(open_page):
    page = open_page()
    page.get_by_role("link", name="before").focus()
    page.keyboard.press("Tab")
    expect(slider(page, "Compute of the new base")).to_be_focused()
    for ratio in RATIOS[1:]:
        page.keyboard.press("ArrowRight")
        reads(page, ratio=ratio)
        expect(slider(page, "Compute of the new base")).to_have_attribute("aria-valuetext", f"{ratio}×")
    page.keyboard.press("Tab")
    for value in SHARES[1:]:
        page.keyboard.press("ArrowRight")
        reads(page, ratio=8, share=value)
        expect(slider(page, "Share of the private records")).to_have_attribute(
            "aria-valuetext", f"{100 * value:g}\u00a0%"
        )
    page.keyboard.press("Tab")
    for seed in SEEDS:
        page.keyboard.press("ArrowRight")
        reads(page, ratio=8, share=1, seed=seed)
    page.keyboard.press("Tab")
    expect(button(page)).to_be_focused()
    page.keyboard.press("Space")
    reads(page, ratio=8, share=1, seed=12, reported=True)
    page.keyboard.press("Enter")
    reads(page, ratio=8, share=1, seed=12)
    page.keyboard.press("Tab")
    expect(page.get_by_role("group", name="half-lives")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="first toy paper")).to_be_visible()


def test_every_control_by_touch(open_page):
    page = open_page(width=360, touch=True)
    drag(page, slider(page, "Compute of the new base"), 1, tap=True)
    reads(page, ratio=8)
    drag(page, slider(page, "Share of the private records"), 0.5, tap=True)
    reads(page, ratio=8, share=0.5)
    radio(page, "11").tap()
    reads(page, ratio=8, share=0.5, seed=11)
    button(page).tap()
    reads(page, ratio=8, share=0.5, seed=11, reported=True)


def test_the_share_waits_where_it_was_not_measured_and_keeps_its_place(open_page):
    page = open_page(TideGauge(TIDE, ratio=8, share=0.5))
    compute, share = slider(page, "Compute of the new base"), slider(page, "Share of the private records")
    expect(share).to_be_enabled()
    label = page.locator(".crucible-slider", has=share)
    expect(label).to_have_text("Share of the private records that became public, measured at 8× only: 50 %")
    compute.press("ArrowLeft")
    expect(share).to_be_disabled()
    expect(label).to_contain_text("measured at 8× only: 50 %, off at 4×")
    expect(share).to_have_attribute("aria-valuetext", "50\u00a0%, off at 4×")
    reads(page, ratio=4)
    compute.press("ArrowRight")
    expect(share).to_be_enabled()
    expect(share).to_have_value("1")
    reads(page, ratio=8, share=0.5)


def test_without_shares_there_is_no_slider_for_them(open_page):
    page = open_page(TideGauge(make_tide(shares=(0,), leaked={}), ratio=8))
    expect(page.get_by_role("slider")).to_have_count(1)
    reads(page, ratio=8)


def test_two_views_of_one_gauge_move_together(open_page):
    page = open_page(views=2)
    drag(page, slider(page, "Compute of the new base").first, 1)
    for i in range(2):
        expect(page.locator(".crucible-status").nth(i)).to_have_text(sentence(ratio=8))
        expect(slider(page, "Compute of the new base").nth(i)).to_have_value("3")


def test_a_page_that_goes_stops_its_gauge(open_page):
    page = open_page()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }))")
    drag(page, slider(page, "Compute of the new base"), 1)
    page.wait_for_timeout(200)
    reads(page)


# ---- What an island is ----


@pytest.mark.parametrize("seed", ["all", 10, 11, 12])
@pytest.mark.parametrize("ratio", RATIOS)
def test_every_island_says_what_it_is_and_both_its_numbers(open_page, ratio, seed):
    page = open_page(TideGauge(TIDE, ratio=ratio, seed=seed))
    reads(page, ratio=ratio, seed=seed)
    expect(page.get_by_role("radio", name=str(seed), exact=True)).to_be_checked()
    for name in NAMES:
        word = state_of(name, ratio, seed=seed)[0]
        expect(island(page, name)).to_have_attribute("data-state", word)
        expect(island(page, name).locator(".tg-badge")).to_have_text(re.compile(rf"^\S {word}$"))
        numbers = f"island {shown(TUNED[name], seed)}water {shown(water_of(name, ratio, 0), seed)}"
        expect(island(page, name).locator(".tg-numbers")).to_have_text(numbers)
        expect(island(page, name).locator("small")).to_have_text(f"what {name} asks")


def test_the_toys_have_every_state_and_no_two_signs_are_alike(open_page):
    """So the tests above look at each of them."""
    seen = {state_of(name, ratio, seed=seed)[0] for name in NAMES for ratio in RATIOS for seed in ("all", *SEEDS)}
    assert seen == {"under water", "awash", "dry", "never stood up"}
    signs = set()
    for setting in ({"ratio": 4}, {"ratio": 4, "seed": 11}):
        signs |= set(open_page(TideGauge(TIDE, **setting)).locator(".tg-badge").all_inner_texts())
    assert len({text.split()[0] for text in signs}) == len({text.split(maxsplit=1)[1] for text in signs}) == 4


@pytest.mark.parametrize(("land", "word"), [(62, "under water"), (62.1, "dry"), (64.4, "under water")])
def test_two_points_below_is_under_water_and_more_is_dry(open_page, land, word):
    """Of one seed; 64.4 minus 62.4 is a hair above 2 in the computer's numbers."""
    sea = 62.4 if land == 64.4 else 60.0
    tuned = {**TIDE.tuned, ("private facts", 11): land}
    prompted = {**TIDE.prompted, ("private facts", 2, 11): sea}
    lives = {**TIDE.half_life, ("private facts", 11): None}
    page = open_page(TideGauge(replace(TIDE, tuned=tuned, prompted=prompted, half_life=lives), ratio=2, seed=11))
    expect(island(page, "private facts")).to_have_attribute("data-state", word)


@pytest.mark.parametrize(("land", "word"), [(13.0, "dry"), (12.9, "never stood up")])
def test_an_island_stands_from_so_many_points_above_chance(open_page, land, word):
    tide = replace(TIDE, tuned={**TIDE.tuned, ("private facts", 10): land})
    page = open_page(TideGauge(tide, ratio=4, seed=10))
    expect(island(page, "private facts")).to_have_attribute("data-state", word)
    told = island(page, "private facts").locator(".tg-told")
    expect(told).to_have_text(word if word == "never stood up" else "")
    cell = page.get_by_role("row", name="private facts").locator("td").first
    expect(cell).to_have_text("not up to 8×" if word == "dry" else "never stood up")


def test_what_was_not_measured_says_so_and_the_others_stay(open_page):
    def without(values, *lost):
        return {place: value for place, value in values.items() if not set(lost) & set(place)}

    tide = replace(
        TIDE,
        partly=True,
        prompted={**without(TIDE.prompted, "doses"), ("doses", 1, 10): 0.0},
        tuned={place: value for place, value in TIDE.tuned.items() if place != ("format", 12)},
        retuned=without(TIDE.retuned, 4),
        half_life=without(TIDE.half_life, 11),
    )
    page = open_page(TideGauge(tide, ratio=4, reported=True))
    doses = island(page, "doses")
    expect(doses).to_have_attribute("data-state", "not measured")
    expect(doses.locator(".tg-numbers")).to_have_text("island 11.8 %re-ported not measuredwater not measured")
    expect(doses.locator(".tg-told")).to_have_text("not measured")
    expect(doses.locator(".tg-water")).to_be_hidden()
    expect(doses.locator(".tg-land")).to_have_attribute("hidden", "")  # flat land is out of sight anyhow
    expect(page.locator(".crucible-status")).to_contain_text("Not measured: doses.")
    expect(island(page, "format")).to_have_attribute("data-state", "under water")
    expect(island(page, "format").locator(".tg-numbers")).to_contain_text(f"island {mean((85, 66)):.1f} %")
    expect(page.get_by_role("row", name="skill").locator("td").nth(1)).to_have_text("not measured")
    button(page).click()
    expect(doses.locator(".tg-land")).to_be_visible()
    drag(page, slider(page, "Compute of the new base"), 0)
    expect(doses).to_have_attribute("data-state", "dry")


# ---- The picture ----


def marks(page, name, part):
    found = island(page, name).locator(f"[data-part={part}]")
    return found.evaluate_all("all => all.map(one => [one.dataset.seed, Number(one.dataset.value)])")


@pytest.mark.parametrize("setting", [{}, {"ratio": 4}, {"ratio": 8, "share": 0.5}, {"ratio": 2, "seed": 12}])
def test_the_land_is_as_high_as_the_mean_and_so_is_the_water(open_page, setting):
    page = open_page(TideGauge(TIDE, **setting))
    ratio, share, seed = setting.get("ratio", 1), setting.get("share", 0), setting.get("seed", "all")
    for name in NAMES:
        down, stretched = moved(island(page, name).locator(".tg-land"))
        assert (down, stretched) == (FLOOR, pytest.approx(-(FLOOR - TOP) * average(TUNED[name], seed) / 100, abs=0.01))
        water = moved(island(page, name).locator(".tg-water"))[0]
        assert water == pytest.approx(y(average(water_of(name, ratio, share), seed)), abs=0.01)
        expect(island(page, name).locator(".tg-old")).to_be_hidden()


def test_every_seed_is_a_dot_at_its_height_and_a_triangle_at_its_water(open_page):
    page = open_page()
    drag(page, slider(page, "Compute of the new base"), 1 / 3)
    reads(page, ratio=2)
    for name in NAMES:
        for part, values in (("land", TUNED[name]), ("sea", WATER[name][1])):
            assert marks(page, name, part) == [[str(seed), value] for seed, value in zip(SEEDS, values, strict=True)]
        dots = (
            island(page, name)
            .locator("circle[data-part=land]")
            .evaluate_all("all => all.map(c => +c.getAttribute('cy'))")
        )
        assert dots == pytest.approx([y(value) for value in TUNED[name]])
        tips = (
            island(page, name).locator("path[data-part=sea]").evaluate_all("all => all.map(p => p.getAttribute('d'))")
        )
        assert [float(re.match(r"M[\d.]+ ([\d.]+)l", d)[1]) for d in tips] == pytest.approx(
            [y(v) for v in WATER[name][1]]
        )
        boxes = (
            island(page, name)
            .locator("[data-part]")
            .evaluate_all("all => all.map(one => [one.getBBox().x, one.getBBox().x + one.getBBox().width])")
        )
        assert all(right <= left for (_, right), (left, _) in zip(sorted(boxes), sorted(boxes)[1:], strict=False))
        assert 24 < min(boxes)[0]
        assert max(boxes)[1] < 160
    radio(page, "12").click()
    assert marks(page, "skill", "land") == [["12", 23]]
    assert marks(page, "skill", "sea") == [["12", 30]]
    label = "skill, under water. seed 12: island 23.0\u00a0%, water 30.0\u00a0%"
    expect(island(page, "skill").get_by_role("img")).to_have_attribute("aria-label", label)


def test_trees_stand_on_dry_land_only(open_page):
    page = open_page(TideGauge(TIDE, ratio=8))
    gone = [island(page, name).locator(".tg-tree.tg-gone").count() for name in NAMES]
    assert gone == [3, 3, 0, 3]  # drowned; drowned; dry; too low


def test_the_line_from_which_an_island_stands_is_drawn_there(open_page):
    page = open_page()
    for name in NAMES:
        d = island(page, name).locator(".tg-least").get_attribute("d")
        assert float(re.search(r" ([\d.]+)H", d)[1]) == pytest.approx(y(CHANCE[name] + STANDS))
    expect(page.locator(".tg-key")).to_contain_text("an island stands from here (10 points above chance)")


# ---- The re-port ----


def test_the_re_port_shows_the_restored_islands_and_what_it_cost(open_page):
    page = open_page(TideGauge(TIDE, ratio=2))
    expect(button(page)).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".tg-cost")).to_be_empty()
    button(page).click()
    expect(button(page)).to_have_attribute("aria-pressed", "true")
    reads(page, ratio=2, reported=True)
    cost = "The same 1,000 examples again, about 18 seconds, and {} % of the compute that pretraining this base took."
    expect(page.locator(".tg-cost")).to_have_text(cost.format("2.1"))
    for name in NAMES:
        again = AGAIN[name][1]
        assert moved(island(page, name).locator(".tg-land"))[1] == pytest.approx(-1.48 * mean(again), abs=0.01)
        assert moved(island(page, name).locator(".tg-old"))[1] == pytest.approx(-1.48 * mean(TUNED[name]), abs=0.01)
        expect(island(page, name).locator(".tg-old")).to_be_visible()
        assert [value for _, value in marks(page, name, "again")] == pytest.approx(again)
        assert not marks(page, name, "land")
        expect(island(page, name).locator(".tg-numbers")).to_contain_text(f"re-ported {shown(again, 'all')}")
        expect(island(page, name)).to_have_attribute("data-state", state_of(name, 2)[0])
    expect(page.locator(".tg-key")).to_contain_text("the island as it was")
    drag(page, slider(page, "Compute of the new base"), 1)
    reads(page, ratio=8, reported=True)
    expect(page.locator(".tg-cost")).to_have_text(cost.format("0.53"))
    button(page).click()
    expect(page.locator(".tg-cost")).to_be_empty()
    expect(island(page, "skill").locator(".tg-old")).to_be_hidden()
    assert marks(page, "skill", "land")


# ---- Half-lives and cases ----


def test_the_half_lives_of_every_island_and_seed(open_page):
    page = open_page()
    said = {
        "format": ["1×", "4×", "3.5×"],
        "skill": ["not up to 8×", "4×", "1.8×"],
        "private facts": ["not up to 8×"] * 3,
        "doses": ["not up to 8×", "never stood up", "never stood up"],
    }
    for name, cells in said.items():
        expect(page.get_by_role("row", name=name).locator("td")).to_have_text(cells)
    expect(page.locator(".tg-chosen")).to_have_count(0)
    radio(page, "11").click()
    expect(page.locator(".tg-chosen")).to_have_text(["seed 11", "4×", "4×", "not up to 8×", "never stood up"])
    radio(page, "all").click()
    expect(page.locator(".tg-chosen")).to_have_count(0)


def test_the_cases_are_a_folded_list_in_the_order_of_time(open_page):
    page = open_page()
    fold = page.locator("details")
    expect(fold.locator("summary")).to_have_text("At full size: 2 published cases")
    expect(fold.locator("li").first).to_be_hidden()
    fold.locator("summary").click()
    expect(fold.locator("li")).to_have_count(2)
    for i, case in enumerate(reversed(CASES)):
        item = fold.locator("li").nth(i)
        expect(item).to_have_text(f"{case.date}{case.happened}{case.figure}{case.source}, {case.status}")
        expect(item.get_by_role("link")).to_have_attribute("href", case.link)
        expect(item.locator("time")).to_have_attribute("datetime", case.date)
    expect(fold).to_contain_text("a point there is no point here")


def test_without_cases_there_is_no_list(open_page):
    expect(open_page(TideGauge(make_tide(cases=()))).locator("details")).to_have_count(0)


# ---- What is broken ----


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda state: state.update(tide={}), "splits is no list with values"),
        (lambda state: state["tide"]["tuned"].pop(), "tuned has 3 values where 4 belong"),
        (lambda state: state["tide"]["leaked"][0].pop(), "leaked has 2 values where 3 belong"),
        (lambda state: state["tide"]["prompted"][0][0].__setitem__(0, "a lot"), 'prompted holds "a lot", not a number'),
        (lambda state: state["tide"].pop("half_life"), "half_life has no values where 4 belong"),
        (lambda state: state["tide"].pop("cost"), "base_flop has no values where 4 belong"),
    ],
)
def test_a_tide_that_breaks_its_contract_is_one_line(open_page, change, said):
    page = open_page(change=change, ready=False)
    expect(page.locator("[data-widget=failed]")).to_contain_text(f"the tide breaks its contract: {said}")


# ---- Sizes, themes, motion, accessibility ----


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize("setting", [{"ratio": 4, "reported": True}, {"ratio": 8, "seed": 11}])
def test_it_fits_the_page_and_has_no_accessibility_violation(open_page, setting, width, theme):
    page = open_page(TideGauge(TIDE, **setting), width=width, theme=theme)
    page.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tops = {island(page, name).bounding_box()["y"] for name in NAMES}
    assert len(tops) == (2 if width == 360 else 1)  # two and two on a phone
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert not [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found.response["violations"]]


def test_dark_is_another_picture(open_page):
    colours = [
        open_page(theme=theme).locator(".tg-line").first.evaluate("one => getComputedStyle(one).stroke")
        for theme in ("light", "dark")
    ]
    assert colours == ["rgb(0, 114, 178)", "rgb(86, 180, 233)"]  # the first colour of plot.LIGHT and of plot.DARK


@pytest.mark.parametrize(("motion", "seconds"), [("no-preference", "0.6s, 0.3s"), ("reduce", "0s")])
def test_the_water_moves_only_for_those_who_want_it(open_page, motion, seconds):
    page = open_page(motion=motion)
    for part in (".tg-water", ".tg-land"):
        assert page.locator(part).first.evaluate("one => getComputedStyle(one).transitionDuration") == seconds


def test_the_waters_line_is_where_its_style_says(open_page):
    """On the screen, in the pixels of the picture."""
    page = open_page(TideGauge(TIDE, ratio=8, share=0.5))
    picture = island(page, "private facts").locator(".tg-sea").bounding_box()
    line = island(page, "private facts").locator(".tg-line").bounding_box()
    peak = (
        island(page, "private facts")
        .locator(".tg-hill")
        .evaluate("hill => { const { d, f } = hill.getScreenCTM(); return f + d * hill.getBBox().height; }")
    )
    unit = picture["width"] / 160
    assert line["y"] + line["height"] / 2 - picture["y"] == pytest.approx(unit * y(33), abs=1.5)
    assert peak - picture["y"] == pytest.approx(unit * y(mean((78, 71, 62))), abs=1.5)
