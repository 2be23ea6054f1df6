"""Bets and their calibration in a real Chromium, on a small site made here with the site's own widget host.

Needs a Chromium but no built site; one to two minutes: pytest tests/browser/test_bets.py
"""

import json
import random

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from crucible import bets, forecast
from crucible.widgets.bet import Bet
from crucible.widgets.calibration import Calibration
from pipeline import ROOT, browser, serve

KEY = "small-models-big-claims.bets"
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Bets</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>
body {{ margin: 0; padding: 0 1rem; background: #fff; font: 16px sans-serif; }}
html[data-theme=dark] body {{ background: #121212; }} h1 {{ color: #777; }} html[data-theme=dark] h1 {{ color: #aaa; }}
</style></head><body><main><h1>Bets</h1>{views}</main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script><script>{host}</script></body></html>"""
VIEW = '<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "{}"}}</script>'
BLOCKED = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


def examples():
    return Bet("opening/examples", "How many examples?", "examples", 100, 1_000_000, 31_000, scale="log", file=None)


def share(result=70.0):
    return Bet("scale/share", "Which share?", "%", 0, 100, result, level=0.8, file=None)


def state_of(widget):
    names = ("id", "about", "note", "result", "record", "kept_in", "trouble", "bets", "first", "_esm", "_css")
    return {"state": {name: getattr(widget, name) for name in names if hasattr(widget, name)}}


def write_page(folder, name, theme="light", **widgets):
    states = {name: state_of(widget) for name, widget in widgets.items()}
    state = json.dumps({"state": states}, sort_keys=True).replace("</", "<\\/")  # a notebook file sorts keys, too
    host = (ROOT / "_ext/static/widget_host.js").read_text()
    views = "".join(VIEW.format(name) for name in widgets)
    (folder / name).write_text(PAGE.format(theme=theme, views=views, state=state, host=host), encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A chapter with two bets, a closing, both in one, and editions of the chapter with other results."""
    folder = tmp_path_factory.mktemp("bets")
    nowhere = folder / "none.json"
    write_page(folder, "opening.html", one=examples(), two=share())
    write_page(folder, "closing.html", all=Calibration(file=nowhere))
    for theme in ("light", "dark"):
        write_page(folder, f"both-{theme}.html", theme, one=examples(), two=share(), all=Calibration(file=nowhere))
    write_page(folder, "later.html", two=share(None))
    write_page(folder, "edition.html", two=share(20.0))
    low, high = (Bet(f"ends/{at}", f"Which {at}?", "%", 0, 100, at, 0.8, file=None) for at in (0, 100))
    write_page(folder, "ends.html", low=low, high=high)
    return folder


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(site):
    with serve.running(site) as url:
        yield url


@pytest.fixture
def reader(chromium, address):
    """A new visitor: reader(...) gives open_page(path). At the end no foreign request and no complaint has come up."""
    complaints, contexts = [], []

    def new(width=1280, script="", **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        if script:
            context.add_init_script(script)

        def open_page(path):
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "request",
                lambda request: (
                    None if request.url.startswith((address, "blob:", "data:")) else complaints.append(request.url)
                ),
            )
            page.goto(address + path)
            expect(page.locator("[data-widget=ready]").first).to_be_visible()
            expect(page.locator("[data-widget=failed]")).to_have_count(0)
            return page

        return open_page

    yield new
    for context in contexts:
        context.close()
    assert not complaints


def bet_of(page, question="How many examples?"):
    return page.get_by_role("group", name="Your bet", exact=True).filter(has_text=question)


def all_of(page):
    return page.get_by_role("group", name="Your bets", exact=True)


def fill(bet, guess, low, high):
    for label, value in (("Your guess", guess), ("Low end", low), ("High end", high)):
        bet.get_by_label(label).fill(str(value))


def place(bet, guess, low, high):
    fill(bet, guess, low, high)
    bet.get_by_role("button", name="Place the bet").click()
    expect(bet.locator(".bet-placed")).to_be_visible()


def stored(page):
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')") or "null")


def ask_python(low, high, result, level=0.9):
    return forecast.points(low, high, result, 100, 1_000_000, "log", level)


def number(value):
    return f"{round(value + 1e-9, 1):,.1f}".removesuffix(".0")


def test_nothing_is_revealed_before_the_bet_is_placed(reader):
    page = reader()("opening.html")
    bet = bet_of(page)
    fill(bet, 25_000, 5_000, 100_000)
    assert "31,000" not in page.locator("main").inner_text()
    expect(bet.locator(".bet-placed")).to_be_hidden()
    expect(bet.get_by_role("button", name="Clear this bet")).to_be_hidden()
    assert stored(page) is None
    assert page.evaluate("document.activeElement.tagName") == "INPUT"  # of fill; the first draw takes no focus


def test_a_bet_by_mouse_is_kept_revealed_and_scored_as_python_does(reader):
    page = reader()("opening.html")
    bet = bet_of(page)
    place(bet, 25_000, 5_000, 100_000)
    status = bet.locator(".bet-placed")
    expect(status).to_contain_text("Your bet: 25,000, and 9 times out of 10 between 5,000 and 100,000 examples.")
    expect(status).to_contain_text("The result is 31,000 examples. Your interval holds it.")
    width = number(ask_python(5_000, 100_000, 31_000))
    expect(status).to_contain_text(f"Interval score: {width} points, which is a width of {width} and a penalty of 0.")
    expect(status.locator("strong.right")).to_have_text("holds")
    expect(bet.get_by_label("Your guess")).to_be_hidden()
    (kept,) = bets.parse(json.dumps(stored(page)))[0].items()
    assert page.url.endswith("/opening.html")  # a form that nobody holds back would send the numbers and load again
    assert kept[0] == "opening/examples"
    assert (kept[1]["guess"], kept[1]["low"], kept[1]["high"], kept[1]["result"]) == (25_000, 5_000, 100_000, 31_000)


def test_a_miss_costs_the_penalty_on_either_side(reader):
    for low, high in ((100, 10_000), (50_000, 900_000)):
        page = reader()("opening.html")
        bet = bet_of(page)
        place(bet, high, low, high)
        expect(bet.locator("strong.wrong")).to_have_text("misses")
        total, width = ask_python(low, high, 31_000), ask_python(low, high, high)
        expect(bet.locator(".bet-placed")).to_contain_text(
            f"Interval score: {number(total)} points, "
            f"which is a width of {number(width)} and a penalty of {number(total - width)}."
        )


def test_a_bet_by_keyboard_alone_and_a_clear_by_keyboard(reader):
    page = reader()("opening.html")
    bet = bet_of(page)
    for value in ("25000", "5000", "100000"):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    expect(bet.locator(".bet-placed")).to_be_focused()
    expect(bet.locator(".bet-placed")).to_contain_text("Your interval holds it.")
    page.keyboard.press("Tab")
    expect(bet.get_by_role("button", name="Clear this bet")).to_be_focused()
    page.keyboard.press("Enter")
    expect(bet.get_by_role("button", name="Yes, clear it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(bet.get_by_role("button", name="Clear this bet")).to_be_focused()
    assert stored(page)["bets"]
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(bet.get_by_label("Your guess")).to_be_focused()
    expect(bet.get_by_label("Your guess")).to_have_value("")
    assert stored(page) is None


def test_a_bet_by_touch(reader):
    page = reader(360, has_touch=True, is_mobile=True)("opening.html")
    bet = bet_of(page)
    bet.get_by_label("Your guess").tap()
    fill(bet, 25_000, 5_000, 100_000)
    bet.get_by_role("button", name="Place the bet").tap()
    expect(bet.locator(".bet-placed")).to_contain_text("Your interval holds it.")
    bet.get_by_role("button", name="Clear this bet").tap()
    bet.get_by_role("button", name="Keep it").tap()
    expect(bet.locator(".bet-placed")).to_be_visible()
    bet.get_by_role("button", name="Clear this bet").tap()
    bet.get_by_role("button", name="Yes, clear it").tap()
    expect(bet.get_by_label("Your guess")).to_be_visible()


@pytest.mark.parametrize(
    ("numbers", "label", "said"),
    [
        (("", 5_000, 100_000), "Your guess", "The guess is not a number; write one from 100 to 1,000,000."),
        ((25_000, "", 100_000), "Low end", "The low end is not a number; write one from 100 to 1,000,000."),
        ((25_000, 99, 100_000), "Low end", "The low end, 99, must lie in the range from 100 to 1,000,000."),
        (
            (25_000, 5_000, 1_000_001),
            "High end",
            "The high end, 1,000,001, must lie in the range from 100 to 1,000,000.",
        ),
        ((25_000, 30_000, 20_000), "Low end", "The low end, 30,000, must not lie above the high end, 20,000."),
        ((4_000, 5_000, 9_000), "Your guess", "The guess, 4,000, must lie in your interval from 5,000 to 9,000."),
    ],
)
def test_numbers_that_are_no_bet_get_one_line_and_stay(reader, numbers, label, said):
    page = reader()("opening.html")
    bet = bet_of(page)
    fill(bet, *numbers)
    bet.get_by_role("button", name="Place the bet").click()
    expect(bet.get_by_role("alert")).to_have_text(said)
    expect(bet.get_by_label(label)).to_be_focused()
    expect(bet.get_by_label(label)).to_have_attribute("aria-invalid", "true")
    expect(bet.get_by_label(label)).to_have_accessible_description(said)
    for name, value in zip(("Your guess", "Low end", "High end"), numbers, strict=True):
        expect(bet.get_by_label(name)).to_have_value(str(value))
    assert stored(page) is None
    place(bet, 25_000, 5_000, 100_000)
    expect(bet.locator(".bet-placed")).to_contain_text("holds")


def test_a_second_mistake_is_told_in_place_of_the_first(reader):
    bet = bet_of(reader()("opening.html"))
    fill(bet, "", 5_000, 100_000)
    bet.get_by_role("button", name="Place the bet").click()
    fill(bet, 25_000, "", 100_000)
    bet.get_by_role("button", name="Place the bet").click()
    expect(bet.get_by_label("Low end")).to_have_accessible_description(bet.get_by_role("alert").text_content())
    expect(bet.get_by_label("Your guess")).to_have_accessible_description("")
    expect(bet.get_by_label("Your guess")).to_have_attribute("aria-invalid", "false")


def test_a_cleared_form_is_as_new(reader):
    bet = bet_of(reader()("opening.html"))
    fill(bet, "", 5_000, 100_000)
    bet.get_by_role("button", name="Place the bet").click()
    expect(bet.get_by_role("alert")).not_to_be_empty()
    place(bet, 25_000, 5_000, 100_000)
    bet.get_by_role("button", name="Clear this bet").click()
    bet.get_by_role("button", name="Yes, clear it").click()
    expect(bet.get_by_label("Your guess")).to_be_visible()
    expect(bet.locator("[role=alert]")).to_be_empty()
    for label in ("Your guess", "Low end", "High end"):
        expect(bet.get_by_label(label)).to_have_value("")
        expect(bet.get_by_label(label)).to_have_attribute("aria-invalid", "false")


def test_a_result_at_an_end_of_the_range_stands_for_all_beyond_it(reader):
    page = reader()("ends.html")
    for at, says in ((0, "at most 0 %"), (100, "at least 100 %")):
        bet = bet_of(page, f"Which {at}?")
        place(bet, 50, 40, 60)
        expect(bet.locator(".bet-placed")).to_contain_text("Your bet: 50, and 8 times out of 10 between 40 and 60 %.")
        expect(bet.locator(".bet-placed")).to_contain_text(f"The result is {says}.")


def test_a_half_typed_number_is_refused(reader):
    page = reader()("opening.html")
    bet = bet_of(page)
    fill(bet, 25_000, 5_000, 100_000)
    bet.get_by_label("Your guess").focus()
    page.keyboard.press("End")
    page.keyboard.type("e")
    page.keyboard.press("Enter")
    expect(bet.get_by_role("alert")).to_contain_text("The guess is not a number")
    assert stored(page) is None


def test_a_reload_keeps_the_bet_and_the_browser_may_come_back(reader):
    open_page = reader()
    page = open_page("opening.html")
    place(bet_of(page), 25_000, 5_000, 100_000)
    before = stored(page)
    page.reload()
    bet = bet_of(page)
    expect(bet.locator(".bet-placed")).to_contain_text(
        "Your bet: 25,000, and 9 times out of 10 between 5,000 and 100,000"
    )
    expect(bet.get_by_label("Your guess")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert stored(page) == before
    expect(bet_of(page, "Which share?").get_by_label("Your guess")).to_be_visible()


def test_a_cleared_bet_stays_cleared_and_only_this_one_goes(reader):
    page = reader()("opening.html")
    place(bet_of(page), 25_000, 5_000, 100_000)
    place(bet_of(page, "Which share?"), 50, 40, 60)
    assert list(stored(page)["bets"]) == ["opening/examples", "scale/share"]
    bet = bet_of(page)
    bet.get_by_role("button", name="Clear this bet").click()
    assert len(stored(page)["bets"]) == 2
    bet.get_by_role("button", name="Yes, clear it").click()
    assert list(stored(page)["bets"]) == ["scale/share"]
    page.reload()
    expect(bet_of(page).get_by_label("Your guess")).to_be_visible()
    expect(bet_of(page).get_by_label("Your guess")).to_have_value("")
    expect(bet_of(page, "Which share?").locator(".bet-placed")).to_contain_text("misses")
    assert "31,000" not in page.locator("main").inner_text()


def test_a_result_that_is_not_known_comes_later_and_a_new_edition_brings_its_own(reader):
    open_page = reader()
    page = open_page("later.html")
    bet = bet_of(page, "Which share?")
    place(bet, 50, 40, 75)
    expect(bet.locator(".bet-placed")).to_contain_text("The result is not known yet.")
    assert stored(page)["bets"]["scale/share"]["result"] is None
    closing = all_of(open_page("closing.html"))
    expect(closing.locator(".cal-sum")).to_have_text("You have placed 1 bet; no result is known yet.")
    for path, result, verdict in (("opening.html", 70, "holds"), ("edition.html", 20, "misses")):
        page = open_page(path)
        expect(bet_of(page, "Which share?").locator(".bet-placed")).to_contain_text(f"The result is {result} %.")
        expect(bet_of(page, "Which share?").locator("strong")).to_have_text(verdict)
        assert stored(page)["bets"]["scale/share"]["result"] == result
        page.close()


def test_two_tabs_with_two_editions_come_to_rest(reader):
    """Each writes its own result once; then the last one stands, and nobody writes any more."""
    open_page = reader()
    first = open_page("opening.html")
    place(bet_of(first, "Which share?"), 50, 40, 75)
    count = """() => { window.heard = 0; addEventListener("storage", () => { window.heard += 1; }); }"""
    first.evaluate(count)
    second = open_page("edition.html")
    expect(bet_of(second, "Which share?").locator(".bet-placed")).to_contain_text("The result is")
    first.wait_for_timeout(1000)
    assert first.evaluate("window.heard") <= 3
    assert stored(first)["bets"]["scale/share"]["result"] in (20, 70)


def test_a_bet_placed_in_another_tab_is_seen_and_not_overwritten(reader):
    open_page = reader()
    one, two = open_page("opening.html"), open_page("opening.html")
    fill(bet_of(two), 500, 400, 600)
    place(bet_of(one), 25_000, 5_000, 100_000)
    expect(bet_of(two).locator(".bet-placed")).to_contain_text("Your bet: 25,000")
    bet_of(two).locator("form").evaluate("form => form.requestSubmit()")
    assert stored(two)["bets"]["opening/examples"]["guess"] == 25_000


def test_what_another_tab_does_is_seen_and_nothing_is_said_twice(reader):
    open_page = reader()
    one, two = open_page("both-light.html"), open_page("both-light.html")
    place(bet_of(one), 25_000, 5_000, 100_000)
    expect(bet_of(two).locator(".bet-placed")).to_be_visible()
    expect(all_of(two).locator(".cal-sum")).to_be_visible()
    two.evaluate(
        """() => { document.querySelectorAll(".bet-placed p, .cal-sum").forEach((one) => { one.dataset.same = true; });
        dispatchEvent(new Event("storage")); }"""
    )
    expect(two.locator(".bet-placed p[data-same]")).to_have_count(3)
    expect(two.locator(".cal-sum[data-same]")).to_have_count(1)

    bet_of(two).get_by_role("button", name="Clear this bet").click()
    bet_of(one).get_by_role("button", name="Clear this bet").click()
    bet_of(one).get_by_role("button", name="Yes, clear it").click()
    expect(bet_of(two).get_by_label("Your guess")).to_be_visible()
    place(bet_of(one), 25_000, 5_000, 100_000)
    expect(bet_of(two).locator(".bet-placed")).to_be_visible()
    expect(bet_of(two).get_by_role("button", name="Clear this bet")).to_be_visible()
    expect(bet_of(two).get_by_role("button", name="Yes, clear it")).to_be_hidden()


def test_a_page_that_comes_back_out_of_the_history_shows_what_is_kept_now(reader):
    page = reader()("opening.html")
    place(bet_of(page), 25_000, 5_000, 100_000)
    page.evaluate("() => { localStorage.clear(); dispatchEvent(new PageTransitionEvent('pageshow')); }")
    expect(bet_of(page).get_by_label("Your guess")).to_be_visible()


@pytest.mark.parametrize("script", [BLOCKED, FULL], ids=["blocked", "full"])
def test_without_storage_a_bet_lives_for_the_visit_and_one_line_says_so(reader, script):
    page = reader(script=script)("both-light.html")
    bet = bet_of(page)
    place(bet, 25_000, 5_000, 100_000)
    expect(bet.locator(".bet-placed")).to_contain_text("Your interval holds it.")
    expect(bet.locator(".bets-trouble[role=status]")).to_contain_text("This browser keeps nothing for this page")
    place(bet_of(page, "Which share?"), 50, 40, 60)
    expect(bet.locator(".bet-placed")).to_be_visible()
    expect(all_of(page).locator(".cal-sum")).to_contain_text("1 of 2 intervals held")
    bet.get_by_role("button", name="Clear this bet").click()
    bet.get_by_role("button", name="Yes, clear it").click()
    expect(all_of(page).locator("tbody tr")).to_have_count(1)
    page.reload()
    expect(bet_of(page).get_by_label("Your guess")).to_be_visible()


def test_where_chromium_itself_blocks_storage_nothing_breaks(chromium, site):
    """A page in a sandbox without an origin: localStorage throws by itself, with no stub of ours."""
    page = chromium.new_page()
    page.set_content("<iframe sandbox='allow-scripts allow-forms' title='page'></iframe>")
    page.locator("iframe").evaluate("(frame, text) => { frame.srcdoc = text; }", (site / "opening.html").read_text())
    bet = page.frame_locator("iframe").get_by_role("group", name="Your bet").filter(has_text="How many examples?")
    expect(bet.locator(".bets-trouble[role=status]")).to_contain_text("This browser keeps nothing for this page")
    place(bet, 25_000, 5_000, 100_000)
    expect(bet.locator(".bet-placed")).to_contain_text("holds")
    page.close()


GOOD = bets.checked(
    {"question": "Q", "unit": "", "minimum": 0, "maximum": 10, "scale": "linear", "level": 0.9}
    | {"guess": 5, "low": 4, "high": 6, "result": 5.5}
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is no JSON"),
        ("[1, 2]", "it holds no bets of this book"),
        ('{"version": 1, "bets": null}', "it holds no bets of this book"),
        ('{"version": 2, "bets": {}}', "its version is 2 and this book reads version 1"),
        (
            json.dumps({"version": 1, "bets": {"opening/examples": {"guess": "<b>5</b>"}, "x": GOOD}}),
            "1 of its bets cannot be read",
        ),
    ],
)
def test_damaged_storage_is_dropped_with_one_line(reader, text, said):
    open_page = reader()
    page = open_page("opening.html")
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, text])
    page.reload()
    bet = bet_of(page)
    line = bet.locator(".bets-trouble[role=status]")
    expect(line).to_have_text(f"What this browser had kept is damaged ({said}); that part is dropped.")
    place(bet, 25_000, 5_000, 100_000)
    expect(line).to_be_hidden()
    assert set(stored(page)["bets"]) == {"opening/examples"} | ({"x"} if '"x"' in text else set())


def test_damaged_storage_is_told_by_the_calibration_too(reader):
    page = reader()("closing.html")
    page.evaluate("key => localStorage.setItem(key, '{')", KEY)
    page.reload()
    expect(all_of(page).locator(".bets-trouble")).to_contain_text("is damaged (it is no JSON)")


def test_the_closing_without_bets_says_where_the_first_one_is(reader):
    page = reader()("closing.html")
    widget = all_of(page)
    expect(widget).to_contain_text("You have placed no bet yet.")
    expect(widget).to_contain_text("never sent anywhere")
    expect(widget.locator(".cal-table")).to_be_hidden()
    for name in ("Save as a file", "Clear all bets"):
        expect(widget.get_by_role("button", name=name)).to_be_hidden()
    widget.get_by_role("link", name="the chapter opening").click()
    page.wait_for_url("**/opening.html#your-bet")


def test_the_closing_shows_all_bets_and_pythons_numbers(reader):
    open_page = reader()
    page = open_page("opening.html")
    place(bet_of(page), 25_000, 5_000, 100_000)
    place(bet_of(page, "Which share?"), 50, 40, 60)
    kept = bets.parse(json.dumps(stored(page)))[0]
    found = bets.calibration(kept)
    widget = all_of(open_page("closing.html"))
    expect(widget.locator(".cal-sum")).to_have_text(
        f"{found.held} of {found.known} intervals held, which is {100 * found.held / found.known:g} %; "
        f"you asked for {100 * found.expected / found.known:g} % on average. "
        f"Mean interval score: {number(found.points)} points."
    )
    expect(widget).to_contain_text(f"would hold {number(found.expected)} of 2 on average")
    expect(widget).to_contain_text("With so few bets one more can change the picture")
    for i, (record, verdict) in enumerate(zip(kept.values(), ("held", "missed"), strict=True)):
        row = widget.locator("tbody tr").nth(i)
        expect(row).to_contain_text(record["question"])
        expect(row.locator("strong")).to_contain_text(verdict)
        expect(row.locator(".cal-number")).to_have_text(number(bets.points(record)))
        expect(row).to_contain_text(f"{i + 1}. ")
    expect(widget.locator("svg circle")).to_have_count(1)
    expect(widget.locator("svg .cal-missed")).to_have_count(1)
    drawn = widget.locator("svg").evaluate(
        """svg => { const all = (kind, read) => [...svg.querySelectorAll(kind)].map(read);
        const ends = (one) => [one.x1.baseVal.value, one.x2.baseVal.value];
        return { axis: all(".cal-axis", ends), interval: all(".cal-interval", ends), guess: all(".cal-guess", ends),
            hit: svg.querySelector("circle").cx.baseVal.value,
            miss: svg.querySelector(".cal-missed").getBBox().x + 5 }; }"""
    )
    for i, record in enumerate(kept.values()):
        left, right = drawn["axis"][i]
        marks = [*drawn["interval"][i], drawn["guess"][i][0], drawn["miss" if i else "hit"]]
        places = [
            forecast.place(record[name], record["minimum"], record["maximum"], record["scale"])
            for name in ("low", "high", "guess", "result")
        ]
        assert [100 * (mark - left) / (right - left) for mark in marks] == pytest.approx(places, abs=0.01)


def test_bets_and_their_sum_on_one_page_stay_in_step(reader):
    page = reader()("both-light.html")
    rows, axes = all_of(page).locator("tbody tr"), all_of(page).locator(".cal-axis")
    place(bet_of(page), 25_000, 5_000, 100_000)
    expect(rows).to_have_count(1)
    expect(axes).to_have_count(1)
    expect(all_of(page).get_by_text("You have placed no bet yet.")).to_be_hidden()
    all_of(page).get_by_role("button", name="Clear all bets").click()
    place(bet_of(page, "Which share?"), 50, 40, 60)
    expect(rows).to_have_count(2)
    expect(axes).to_have_count(2)
    expect(all_of(page).locator(".cal-sum")).to_contain_text("1 of 2 intervals held")
    expect(all_of(page).get_by_role("button", name="Yes, clear all")).to_be_hidden()  # it asks about other bets now
    all_of(page).get_by_role("button", name="Clear all bets").click()
    all_of(page).get_by_role("button", name="Keep them").click()
    expect(rows).to_have_count(2)
    all_of(page).get_by_role("button", name="Clear all bets").click()
    all_of(page).get_by_role("button", name="Yes, clear all").click()
    expect(all_of(page).get_by_text("You have placed no bet yet.")).to_be_visible()
    expect(all_of(page).locator(".cal-said")).to_have_text("All bets are cleared.")
    expect(all_of(page).get_by_role("link", name="the chapter opening")).to_be_focused()
    expect(bet_of(page).get_by_label("Your guess")).to_be_visible()
    assert stored(page) is None


def test_export_and_import_go_round_and_python_reads_the_file(reader, tmp_path):
    page = reader()("both-light.html")
    place(bet_of(page), 25_000, 5_000, 100_000)
    place(bet_of(page, "Which share?"), 50, 40, 60)
    before = stored(page)
    with page.expect_download() as waiting:
        all_of(page).get_by_role("button", name="Save as a file").click()
    assert waiting.value.suggested_filename == "bets.json"
    file = tmp_path / "bets.json"
    waiting.value.save_as(file)
    assert bets.read(file) == (bets.parse(json.dumps(before))[0], "")
    expect(all_of(page).locator(".cal-said")).to_have_text("Your bets were saved as bets.json.")

    other = reader()("both-light.html")
    place(bet_of(other, "Which share?"), 71, 65, 75)
    all_of(other).get_by_label("Read a file").set_input_files(file)
    expect(all_of(other).locator(".cal-said")).to_have_text(
        "1 bet read from bets.json. 1 bet of it is placed here already and stayed as it was."
    )
    expect(all_of(other).get_by_label("Read a file")).to_have_value("")  # so the same file can be read again
    expect(bet_of(other).locator(".bet-placed")).to_contain_text("Your bet: 25,000")
    expect(bet_of(other, "Which share?").locator(".bet-placed")).to_contain_text("Your bet: 71")
    assert stored(other)["bets"]["opening/examples"] == before["bets"]["opening/examples"]

    third = reader()("closing.html")
    all_of(third).get_by_label("Read a file").set_input_files(file)
    expect(all_of(third).locator(".cal-said")).to_have_text("2 bets read from bets.json.")
    assert stored(third) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello", "notes.txt was not read (it is no JSON): nothing was changed."),
        (
            b'{"version": 1, "bets": {"x": {}}}',
            "notes.txt was not read (1 of its bets cannot be read): nothing was changed.",
        ),
        (b" " * 1_000_001, "notes.txt has 1,000,001 bytes and at most 1,000,000 are read: nothing was changed."),
    ],
)
def test_a_file_that_holds_no_bets_changes_nothing(reader, tmp_path, content, said):
    page = reader()("both-light.html")
    place(bet_of(page), 25_000, 5_000, 100_000)
    before = stored(page)
    (tmp_path / "notes.txt").write_bytes(content)
    all_of(page).get_by_label("Read a file").set_input_files(tmp_path / "notes.txt")
    expect(all_of(page).locator(".cal-said")).to_have_text(said)
    expect(all_of(page).locator("tbody tr")).to_have_count(1)
    assert stored(page) == before


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_state_fits_the_page_and_has_no_accessibility_violation(reader, width, theme):
    page = reader(width)(f"both-{theme}.html")

    def check():
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
        assert not [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found.response["violations"]]

    check()
    bet = bet_of(page)
    fill(bet, 1, 2, 3)
    bet.get_by_role("button", name="Place the bet").click()
    check()
    place(bet, 25_000, 5_000, 100_000)
    place(bet_of(page, "Which share?"), 50, 40, 60)
    bet.get_by_text("How it is scored").click()
    bet.get_by_role("button", name="Clear this bet").click()
    all_of(page).get_by_role("button", name="Clear all bets").click()
    check()


def many_bets():
    """Bets of all kinds, some of them with the result at an end, below or above the interval, or not known."""
    dice = random.Random(7)
    for i in range(60):
        scale = dice.choice(["linear", "log"])
        minimum = dice.uniform(0.001, 10) if scale == "log" else dice.uniform(-50, 50)
        maximum = minimum + dice.uniform(0.5, 5_000)
        low, guess, high = sorted(dice.uniform(minimum, maximum) for _ in range(3))
        result = dice.choice([None, minimum, maximum, low, high, dice.uniform(minimum, maximum)])
        about = {"question": f"Q{i}", "unit": "", "minimum": minimum, "maximum": maximum, "scale": scale}
        level = dice.choice([0.5, 0.8, 0.9, 0.95])
        yield (
            f"q/{i}",
            bets.checked(about | {"level": level, "guess": guess, "low": low, "high": high, "result": result}),
        )


@pytest.fixture
def module(reader):
    """Calls an exported function of the calibration's own module in Chromium, on each of some arguments."""
    page = reader()("closing.html")

    def call(name, arguments):
        script = """async ([source, name, given]) => {
            const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
            return given.map((await import(url))[name]);
        }"""
        return page.evaluate(script, [Calibration._esm, name, arguments])

    return call


def test_the_pages_scores_are_pythons(module):
    records = [record for _, record in many_bets() if record["result"] is not None]
    records += [GOOD | {"result": 99.0}, GOOD | {"result": -99.0}]  # beyond the range, which counts as its end
    assert len(records) > 40
    for record, found in zip(records, module("score", records), strict=True):
        assert found["points"] == pytest.approx(bets.points(record), abs=1e-9)
        assert found["width"] + found["penalty"] == pytest.approx(found["points"])
        assert found["held"] == (record["low"] <= record["result"] <= record["high"])


def test_the_pages_calibration_is_pythons(module):
    chosen = [dict(list(many_bets())[:size]) for size in (0, 1, 2, 3, 10, 30, 60)]
    for python, page in zip(map(bets.calibration, chosen), module("calibration", chosen), strict=True):
        assert (page["known"], page["held"], tuple(page["usual"])) == (python.known, python.held, python.usual)
        assert page["expected"] == pytest.approx(python.expected)
        assert page["points"] == (python.points if python.points is None else pytest.approx(python.points))


def test_the_sentences_say_what_the_numbers_are(module):
    def some(hits, misses, waiting=0):
        results = [5.5] * hits + [9.0] * misses + [None] * waiting
        return {f"q/{i}": GOOD | {"result": result} for i, result in enumerate(results)}

    fewer, more, sound = "You held fewer than that", "You held more than that", "So yours say nothing against you."
    unseen, few = "so you cannot see yet whether your intervals are too wide", "With so few bets"
    one, two = " 1 more bet waits for a result.", " 2 more bets wait for a result."
    cases = [
        (some(2, 8), {fewer, unseen}),
        (some(40, 0), {more}),
        (some(9, 1), {sound, unseen}),
        (some(30, 1), {sound}),
        (some(1, 0, 1), {sound, unseen, few, one}),
        (some(3, 0, 2), {sound, unseen, few, two}),
    ]
    for (_, expected), found in zip(cases, module("sentences", [given for given, _ in cases]), strict=True):
        assert {said for said in (fewer, more, sound, unseen, few, one, two) if said in " ".join(found)} == expected
    assert module("sentences", [some(0, 0, 3)]) == [["You have placed 3 bets; no result is known yet."]]


def test_the_page_and_python_keep_and_refuse_the_same_bets(module):
    changed = [
        {}, {"guess": 3}, {"low": 7}, {"high": 11}, {"low": -1}, {"level": 1}, {"level": 0}, {"minimum": 10},
        {"unit": 5}, {"result": "5"}, {"result": None}, {"guess": "5"}, {"guess": None}, {"question": None},
        {"scale": "root"}, {"scale": "log"}, {"guess": True}, {"scale": "log", "minimum": 0.5}, {"extra": 1},
        {"result": 99},
    ]  # fmt: skip
    kept = 0
    for change, page in zip(changed, module("checked", [GOOD | change for change in changed]), strict=True):
        try:
            python = bets.checked(GOOD | change)
        except ValueError:
            python = None
        assert page == python, change
        kept += page is not None
    assert kept == 5


KERNEL = """async ([source, traits]) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const widget = (await import(url)).default, listeners = {};
    window.traits = traits;
    window.sent = [];
    window.change = (name, value) => { traits[name] = value; (listeners[name] ?? []).forEach((draw) => draw()); };
    const model = {
        get: (name) => traits[name], set: window.change, send() {},
        save_changes() { window.sent.push(structuredClone(traits)); },
        on(event, draw) { (listeners[event.replace("change:", "")] ??= []).push(draw); }, off() {},
    };
    document.querySelector("main").replaceChildren(); // the page's own widgets go
    widget.render({ model, el: document.querySelector("main") });
}"""


def test_with_a_kernel_the_bet_goes_to_python_and_not_into_the_browser(reader):
    page = reader()("closing.html")
    widget = share(None)
    traits = {"id": widget.id, "about": widget.about, "note": "", "result": None, "record": {}, "trouble": ""}
    page.evaluate(KERNEL, [Bet._esm, traits | {"kept_in": "bets.json"}])
    bet = bet_of(page, "Which share?")
    expect(bet).to_contain_text(
        "Your bet is kept in the file bets.json beside this notebook. It is never sent anywhere."
    )
    place(bet, 50, 40, 75)
    expect(bet.locator(".bet-placed")).to_contain_text("It comes with the run.")
    (sent,) = page.evaluate("window.sent")
    widget.record = sent["record"]
    assert (widget.record["guess"], widget.record["result"]) == (50, None)
    assert stored(page) is None
    widget.reveal(70)
    page.evaluate(
        "([result, record]) => { change('record', record); change('result', result); }", [widget.result, widget.record]
    )
    expect(bet.locator(".bet-placed")).to_contain_text("The result is 70 %. Your interval holds it.")
    page.evaluate("change('trouble', 'bets.json cannot be written')")
    expect(bet.locator(".bets-trouble[role=status]")).to_have_text("bets.json cannot be written")
    bet.get_by_role("button", name="Clear this bet").click()
    bet.get_by_role("button", name="Yes, clear it").click()
    assert page.evaluate("window.sent.at(-1).record") == {}
    expect(bet.get_by_label("Your guess")).to_be_visible()


def test_with_a_kernel_the_result_comes_to_a_bet_placed_before_the_run(reader):
    """The result alone, as it arrives before Python's record does."""
    page = reader()("closing.html")
    widget = share(None)
    traits = {"id": widget.id, "about": widget.about, "note": "", "result": None, "record": {}, "trouble": ""}
    page.evaluate(KERNEL, [Bet._esm, traits | {"kept_in": ""}])
    bet = bet_of(page, "Which share?")
    place(bet, 50, 40, 75)
    page.evaluate("change('result', 70)")
    expect(bet.locator(".bet-placed")).to_contain_text("The result is 70 %. Your interval holds it.")
    assert page.evaluate("window.sent.at(-1).record.result") == 70


def test_with_a_kernel_the_calibration_shows_and_clears_what_python_has(reader):
    page = reader()("closing.html")
    traits = {"bets": {"q/one": GOOD}, "first": "opening", "kept_in": "bets.json", "trouble": ""}
    page.evaluate(KERNEL, [Calibration._esm, traits])
    expect(all_of(page).locator(".cal-sum")).to_contain_text("1 of 1 interval held")
    expect(all_of(page)).to_contain_text("in the file bets.json beside this notebook. They are never sent anywhere.")
    page.evaluate("record => change('bets', { 'q/one': record, 'q/two': record })", GOOD)
    expect(all_of(page).locator(".cal-sum")).to_contain_text("2 of 2 intervals held")
    page.evaluate("change('trouble', 'bets.json cannot be written')")
    expect(all_of(page).locator(".bets-trouble")).to_have_text("bets.json cannot be written")
    all_of(page).get_by_role("button", name="Clear all bets").click()
    all_of(page).get_by_role("button", name="Yes, clear all").click()
    assert page.evaluate("window.sent.at(-1).bets") == {}
    expect(all_of(page).get_by_role("link")).to_have_attribute("href", "opening.ipynb")
