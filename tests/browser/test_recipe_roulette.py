"""The recipe roulette in a real Chromium, on small pages made here with the site's own widget host.

Needs a Chromium but no built site; about half a minute: pytest tests/browser/test_recipe_roulette.py
The recipes are a toy. What the widget must say is worked out in Python, from the toy alone, and so is the shuffle.
"""

import json
import random
from dataclasses import replace
from statistics import median

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from crucible.widgets.recipe_roulette import Card, Luck, Origin, RecipeRoulette, Roulette, Tuned
from pipeline import ROOT, browser, serve

PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Roulette</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; padding: 0 1rem; background: #fff; }} html[data-theme=dark] body {{ background: #121212; }}
h1, a {{ color: #555; }} html[data-theme=dark] :is(h1, main > a) {{ color: #bbb; }}
</style></head><body><main><h1>Roulette</h1><a href="#x">before</a>
<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "0"}}</script></main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script><script>{host}</script></body></html>"""

OPTIONS = {
    "learning rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "optimizer": ("SGD with momentum", "AdamW", "Muon"),
    "schedule": ("constant", "cosine", "warm-up, stable, decay"),
    "batch size": (16, 32, 64, 128),
    "mixture": ("as found", "half skills", "three quarters skills"),
    "deduplication": ("none", "exact", "MinHash"),
    "loss mask": ("all tokens", "answers only"),
    "init": ("0.02", "scaled by depth"),
}


def recipe(name, mark, seed):
    draw = random.Random(seed)
    return Card(name, {setting: draw.choice(values) for setting, values in OPTIONS.items()}, mark)


MARKS = [0.0, 0.0, 0.4, 0.0, 1.2, 1.9, 3.3, 3.6, 5.1, 9.75, 12.9, 18.0, 22.2, 24.6, 31.0, 36.1, 39.4, 40.98, 41.05]
CARDS = [recipe(f"recipe {i + 1}", mark, i) for i, mark in enumerate([*MARKS, 47.7, 55.0, 57.3, 63.9, 66.25])]
LUCK = (
    Luck("the reference", {10 + i: 38.2 + 0.7 * i for i in range(10)}),
    Luck("recipe 9", {10: 4.4, 11: 6.1, 12: 5.2}),
)
TOY = Roulette(
    CARDS,
    reference=recipe("the reference", 41.0, 100),
    tuned=Tuned(recipe("the tuned recipe", 88.125, 101), 6.2, 4.75, 8),
    luck=LUCK,
    origins={
        "learning rate": Origin("1e-4 to 1e-2, log-uniform", "A Source 2020", "https://example.org/a"),
        "optimizer": Origin("three that are in use"),
    },
)


# ---- What it must say ----


def order(seed, count=24):
    """Mulberry32 by its author's definition, and the shuffle of Fisher and Yates."""
    word = (1 << 32) - 1

    def numbers(state):
        while True:
            state = (state + 0x6D2B79F5) & word
            t = (state ^ state >> 15) * (state | 1) & word
            t ^= t + ((t ^ t >> 7) * (t | 61) & word) & word
            yield (t ^ t >> 14) / 2**32

    draw, places = numbers(seed), list(range(count))
    for i in range(count - 1, 0, -1):
        j = int(next(draw) * (i + 1))
        places[i], places[j] = places[j], places[i]
    return places


def deck(seed=1, toy=TOY):
    return [toy.cards[place] for place in order(seed, len(toy.cards))]


def drawn_words(number, card, toy=TOY):
    reference = toy.reference.mark
    beats = "beats" if card.mark > reference else "equals" if card.mark == reference else "does not beat"
    said = f"Draw {number} of {toy.draws}, {card.name}: {card.mark:.1f}, better than "
    said += f"{sum(one.mark < card.mark for one in toy.cards)} of the {len(toy.cards)}; the reference has "
    said += f"{reference:.1f}. It {beats} the reference."
    for luck in toy.luck:
        low, high = min(luck.marks.values()), max(luck.marks.values())
        if low <= card.mark <= high and low <= reference <= high and card.mark != reference:
            said += f" The difference could be luck: one recipe, {luck.name}, gets {low:.1f} to {high:.1f} "
            said += f"under {len(luck.marks)} seeds."
    return said


def closing(hand, toy=TOY):
    mine, all_of_them = (sum(one.mark > toy.reference.mark for one in some) for some in (hand, toy.cards))
    first = "You drew no card. "
    if hand:
        first = f"{mine} of your {len(hand)} draws beat{'s' if mine == 1 else ''} the reference; "
        first += f"your best has {max(one.mark for one in hand):.1f}. "
    share = f"{100 * all_of_them / len(toy.cards):.0f}\u00a0%"
    first += f"Of all {len(toy.cards)} recipes {all_of_them} beat{'s' if all_of_them == 1 else ''} it, {share}."
    tuned = toy.tuned
    target = tuned.target or f"{median(one.mark for one in toy.cards):.1f}, the mark of the middle recipe"
    wide = "" if tuned.low is None else f" ({tuned.low:.1f} to {tuned.high:.1f})"
    bound = "at least " if tuned.at_least else ""
    second = f"The tuned recipe gets {tuned.card.mark:.1f}. It needs {bound}{tuned.multiplier:.1f} times less compute"
    return [first, f"{second}{wide} for {target}."]


FACE_DOWN = "24 recipes lie face down. You have 10 draws to beat the reference, which has 41.0."


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
    """Opens a page with a roulette; at the end no foreign request and no complaint may have come up."""
    complaints, contexts = [], []
    host = (ROOT / "_ext/static/widget_host.js").read_text()
    place, address = folder

    def open_it(toy=TOY, width=800, theme="light", touch=False, seed=1):
        shown = RecipeRoulette(toy, seed=seed)
        state = {name: getattr(shown, name) for name in (*RecipeRoulette.class_own_traits(), "_esm", "_css")}
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


def deal(page):
    return page.locator(".recipe-roulette .rr-deal")


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def reads(page, *lines):
    expect(page.locator(".recipe-roulette .crucible-status p")).to_have_text(list(lines))


def dots(page, kind):
    return page.locator(f".rr-strip .{kind}").evaluate_all("all => all.map(one => +one.dataset.value)")


def shows(page, card):
    """The card that lies open, with every setting, and the reference's where it differs."""
    expect(page.locator(".rr-card .rr-head")).to_have_text(f"{card.name}: {card.mark:.1f} points")
    rows = []
    for name, value in card.settings.items():
        theirs = TOY.reference.settings[name]
        said = value if isinstance(value, str) else f"{value:g}"
        rows.append(f"{name}{said}" + ("" if value == theirs else f" reference: {theirs}"))
    expect(page.locator(".rr-card .rr-settings > div")).to_have_text(rows)


# ---- The game ----


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_ten_draws_and_then_everything_is_shown(open_page, touch):
    page = open_page(width=360 if touch else 800, touch=touch)
    cards = deck()
    reads(page, FACE_DOWN)
    shows(page, TOY.reference)
    expect(page.locator(".rr-hand")).to_be_hidden()
    for i in range(10):
        expect(deal(page)).to_have_text(f"Draw card {i + 1} of 10")
        expect(page.locator(".rr-reveal")).to_be_hidden()
        expect(page.locator(".rr-strip")).to_contain_text(f"{24 - i} hidden")
        deal(page).tap() if touch else deal(page).click()
        shows(page, cards[i])
        assert dots(page, "rr-drawn") == [card.mark for card in cards[: i + 1]]
        expect(page.locator(".rr-strip .rr-shown")).to_have_attribute("data-card", cards[i].name)
        expect(page.locator(".rr-hand button:visible")).to_have_count(i + 1)
        if i < 9:
            reads(page, drawn_words(i + 1, cards[i]))
            assert not dots(page, "rr-rest")
            assert not dots(page, "rr-best")
            html = page.locator(".recipe-roulette").inner_html()
            assert "88.1" not in html
            assert "rr-origins" not in html
    reads(page, drawn_words(10, cards[9]), *closing(cards[:10]))
    assert sorted([*dots(page, "rr-drawn"), *dots(page, "rr-rest")]) == sorted(card.mark for card in CARDS)
    assert dots(page, "rr-best") == [88.125]
    expect(page.locator(".rr-strip")).to_contain_text("all shown")
    expect(page.locator(".rr-strip")).to_contain_text("tuned 88.1")
    expect(deal(page)).to_have_text("No draw is left")
    expect(deal(page)).to_have_attribute("aria-disabled", "true")
    deal(page).click(force=True)
    assert len(dots(page, "rr-drawn")) == 10


def test_the_toys_deck_has_every_case():
    """So that the test above sees a card that beats the reference, one that does not, and one that is luck."""
    hand = deck()[:10]
    assert any(card.mark > 41 for card in hand)
    assert any("luck" in drawn_words(1, card) for card in CARDS)
    assert closing(hand) != closing(hand[:9])


def test_show_all_ends_the_game_early(open_page):
    page = open_page()
    cards = deck()
    button(page, "Show all").click()
    reads(page, *closing([]))
    assert dots(page, "rr-rest") == [card.mark for card in cards]
    button(page, "Start again").click()
    for _ in range(3):
        deal(page).click()
    expect(button(page, "Show all")).to_have_attribute("aria-disabled", "false")
    button(page, "Show all").click()
    reads(page, drawn_words(3, cards[2]), *closing(cards[:3]))
    expect(button(page, "Show all")).to_have_attribute("aria-disabled", "true")
    deal(page).click(force=True)
    assert dots(page, "rr-drawn") == [card.mark for card in cards[:3]]
    expect(page.locator(".rr-reveal")).to_be_visible()


def test_it_starts_again_with_the_same_cards_and_another_shuffle_has_others(open_page):
    page = open_page(seed=7)
    shuffle = page.get_by_role("spinbutton", name="Shuffle")
    expect(shuffle).to_have_value("7")
    for seed in (7, 7, 12_345, 999_999, 0):
        if seed != 7:
            shuffle.fill(str(seed))
            shuffle.press("Tab")
        reads(page, FACE_DOWN)
        assert not dots(page, "rr-drawn")
        for _ in range(3):
            deal(page).click()
        reads(page, drawn_words(3, deck(seed)[2]))
        assert dots(page, "rr-drawn") == [card.mark for card in deck(seed)[:3]]
        if seed == 7:
            button(page, "Start again").click()
    button(page, "Show all").click()
    shuffle.fill("5")
    shuffle.press("Tab")
    reads(page, FACE_DOWN)
    expect(page.locator(".rr-reveal")).to_be_hidden()


@pytest.mark.parametrize(("typed", "named"), [("-1", "-1"), ("1.5", "1.5"), ("1000000", "1000000"), ("", "no number")])
def test_a_shuffle_that_is_none_is_one_line_and_changes_nothing(open_page, typed, named):
    page = open_page()
    deal(page).click()
    shuffle, notice = page.get_by_role("spinbutton", name="Shuffle"), page.locator(".rr-notice")
    shuffle.fill(typed)
    shuffle.press("Tab")
    expect(notice).to_have_text(f"The shuffle is {named}; it takes a whole number from 0 to 999,999.")
    reads(page, drawn_words(1, deck()[0]))
    shuffle.fill("3")
    shuffle.press("Tab")
    expect(notice).to_be_empty()
    shuffle.fill("-4")
    shuffle.press("Tab")
    expect(notice).not_to_be_empty()
    button(page, "Start again").click()
    expect(notice).to_be_empty()
    expect(shuffle).to_have_value("3")


def test_it_is_worked_by_keyboard_alone(open_page):
    page = open_page()
    cards = deck()
    page.get_by_role("link", name="before").focus()
    page.keyboard.press("Tab")
    expect(deal(page)).to_be_focused()
    for _ in range(11):  # one more than there are: the button keeps the focus and does nothing
        page.keyboard.press("Enter")
    reads(page, drawn_words(10, cards[9]), *closing(cards[:10]))
    expect(deal(page)).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
    first = page.locator(".rr-hand button").first
    expect(first).to_be_focused()
    page.keyboard.press("Space")
    shows(page, cards[0])
    page.locator(".rr-reveal summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".rr-origins")).to_be_visible()


def test_an_earlier_draw_is_looked_at_again(open_page):
    page = open_page()
    cards = deck()
    for _ in range(6):
        deal(page).click()
    for i in (0, 3, 5):
        mark = f"{cards[i].mark:.1f}"
        over = cards[i].mark > 41
        name = f"Draw {i + 1}, {mark}{', beats the reference' if over else ''}"
        button(page, name).click()
        expect(button(page, name)).to_have_text(f"{i + 1}: {mark}{' ▲' if over else ''}")
        shows(page, cards[i])
        reads(page, drawn_words(i + 1, cards[i]))
        expect(page.locator(".rr-hand [aria-pressed=true]")).to_have_text(f"{i + 1}: {mark}{' ▲' if over else ''}")
        expect(page.locator(".rr-strip .rr-shown")).to_have_attribute("data-card", cards[i].name)
    deal(page).click()
    shows(page, cards[6])


# ---- The strip and the reveal ----


def test_every_mark_stands_at_its_place_and_covers_no_other(open_page):
    page = open_page()
    button(page, "Show all").click()
    found = page.locator(".rr-strip circle").evaluate_all(
        "all => all.map(one => [+one.dataset.value, +one.getAttribute('cx'), +one.getAttribute('cy')])"
    )
    assert len(found) == 24
    for value, across, _ in found:
        assert across == pytest.approx(14 + 3.32 * value, abs=0.01)
    for i, (_, x, y) in enumerate(found):
        assert all((x - other) ** 2 + (y - high) ** 2 >= 100 for _, other, high in found[:i])
        assert y > 48, "no dot stands in the labels"
    assert len({high for value, _, high in found if value == 0}) == 3
    line = page.locator(".rr-strip .rr-reference")
    assert float(line.get_attribute("x1")) == float(line.get_attribute("x2")) == pytest.approx(14 + 3.32 * 41)
    tip = page.locator(".rr-strip .rr-best").get_attribute("d")
    assert float(tip[1:].split()[0]) == pytest.approx(14 + 3.32 * 88.125, abs=0.01)
    expect(page.locator(".rr-strip")).to_contain_text("reference 41.0")


def test_pure_luck_is_a_band_with_a_stroke_for_each_seed(open_page):
    page = open_page()
    for luck in LUCK:
        band = page.locator(f".rr-strip [data-luck='{luck.name}']").get_attribute("d")
        low, high = min(luck.marks.values()), max(luck.marks.values())
        start, wide = float(band[1:].split()[0]), float(band.split("h")[1].split("V")[0])
        assert start == pytest.approx(14 + 3.32 * low, abs=0.01)
        assert wide == pytest.approx(3.32 * (high - low), abs=0.02)
        expect(page.locator(".rr-strip")).to_contain_text(f"luck: {luck.name}, {len(luck.marks)} seeds")
    strokes = page.locator(".rr-strip .rr-tick")
    told = strokes.evaluate_all("all => all.map(one => [+one.dataset.seed, +one.dataset.value])")
    assert told == [[seed, mark] for luck in LUCK for seed, mark in luck.marks.items()]
    places = strokes.evaluate_all("all => all.map(one => +one.getAttribute('d').slice(1).split(' ')[0])")
    assert places == pytest.approx([14 + 3.32 * mark for _, mark in told], abs=0.01)


def test_the_picture_says_its_marks_and_keeps_what_is_hidden(open_page):
    page = open_page()
    strip = page.locator(".rr-strip")
    bands = "Luck, the reference: 38.2 to 44.5. Luck, recipe 9: 4.4 to 6.1."
    start = f"Exam marks from 0 to 100. The reference: 41.0. {bands}"
    expect(strip).to_have_attribute("aria-label", f"{start} No card is drawn. 24 are hidden")
    height = strip.get_attribute("viewBox")
    deal(page).click()
    deal(page).click()
    said = "; ".join(f"{card.name} {card.mark:.1f}" for card in deck()[:2])
    expect(strip).to_have_attribute("aria-label", f"{start} {said}. 22 are hidden")
    button(page, "Show all").click()
    said = "; ".join(f"{card.name} {card.mark:.1f}" for card in deck())
    expect(strip).to_have_attribute("aria-label", f"{start} {said}. The tuned recipe: 88.1")
    assert strip.get_attribute("viewBox") == height, "no draw moves the page"


def test_the_tuned_recipe_is_told_setting_by_setting_with_its_origin(open_page):
    page = open_page()
    button(page, "Show all").click()
    page.get_by_text("The tuned recipe, setting by setting").click()
    rows = []
    for name, value in TOY.tuned.card.settings.items():
        origin = TOY.origins.get(name)
        told = f"drawn from {origin.range}{f'. {origin.source}' if origin.source else ''}" if origin else ""
        rows.append(f"{name}{value} (reference: {TOY.reference.settings[name]}){told}")
    expect(page.locator(".rr-origins > div")).to_have_text(rows)
    expect(page.get_by_role("link", name="A Source 2020")).to_have_attribute("href", "https://example.org/a")


@pytest.mark.parametrize(
    "toy",
    [
        replace(TOY, tuned=Tuned(TOY.tuned.card, 13, at_least=True, target="the mark of recipe 9")),
        replace(TOY, cards=CARDS[:21], draws=3),
        replace(TOY, cards=CARDS[:20], draws=20),
        replace(TOY, reference=replace(TOY.reference, mark=41.05)),
    ],
    ids=["bound", "odd number", "one beats", "as good"],
)
def test_other_games_are_told_in_their_own_words(open_page, toy):
    page = open_page(toy)
    cards = deck(toy=toy)
    for i in range(toy.draws):
        deal(page).click()
        lines = closing(cards[: i + 1], toy) if i + 1 == toy.draws else []
        reads(page, drawn_words(i + 1, cards[i], toy), *lines)


# ---- Sizes, themes, accessibility ----


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800])
def test_it_fits_the_page_and_has_no_accessibility_violation(open_page, width, theme):
    page = open_page(width=width, theme=theme)
    for act in ("", "Show all"):
        if act:
            button(page, act).click()
            page.locator(".rr-reveal summary").click()
        else:
            for _ in range(4):
                deal(page).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
        assert not [(one["id"], one["nodes"][0]["html"][:160]) for one in found.response["violations"]]


def test_a_page_that_goes_stops_its_roulette(open_page):
    page = open_page()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }))")
    deal(page).click()
    page.wait_for_timeout(200)
    reads(page, FACE_DOWN)
