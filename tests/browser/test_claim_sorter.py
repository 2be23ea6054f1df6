"""The claim sorter in a real Chromium, on a small page made here with the site's own widget host.

Needs a Chromium but no built site; about ten seconds: pytest tests/browser/test_claim_sorter.py
"""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from crucible import register
from crucible.widgets.claim_sorter import PLACES, ClaimSorter, cards
from pipeline import ROOT, browser

IDS = ["path-astray/drowning", "quick-illusion/tenfold", "cold-eye/80-percent", "second-half/policy"]
LABELS = {"experiment": "A small experiment", "record": "The written record", "neither": "Neither"}
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Sorter</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; padding: 0 1rem; background: #fff; }} html[data-theme=dark] body {{ background: #121212; }}
</style></head><body><main><h1 style="color: #888">Sorter</h1>
<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "one"}}</script></main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script><script>{host}</script></body></html>"""


@pytest.fixture(scope="module")
def deck():
    book = register.load()
    return cards(book.claims, IDS, book.titles)


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_sorter(chromium, deck):
    """Opens the page without any kernel; at the end no request and no complaint may have come up."""
    complaints, contexts = [], []
    widget = ClaimSorter(deck)
    sent = {name: getattr(widget, name) for name in ("cards", "answers", "card", "_esm", "_css")}
    state = json.dumps({"state": {"one": {"state": sent}}}).replace("</", "<\\/")
    host = (ROOT / "_ext/static/widget_host.js").read_text()

    def open_it(width=1280, theme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith("blob:") else complaints.append(request.url))
        page.set_content(PAGE.format(theme=theme, state=state, host=host))
        expect(page.locator("[data-widget=ready]")).to_have_count(1)
        return page, page.get_by_role("group", name="Claim sorter")

    yield open_it
    for context in contexts:
        context.close()
    assert not complaints


def file(sorter, place):
    sorter.get_by_role("button", name=LABELS[place]).click()


def go_on(sorter):
    sorter.locator(".cs-next").click()


def test_the_first_draw_shows_a_card_and_takes_no_focus(open_sorter, deck):
    page, sorter = open_sorter()
    expect(sorter.locator(".cs-claim")).to_have_text(deck[0]["claim"])
    expect(sorter.locator(".cs-progress")).to_have_text(f"Card 1 of {len(deck)}")
    expect(sorter.get_by_role("progressbar", name="cards filed")).to_be_visible()
    expect(sorter.locator(".cs-next")).to_be_hidden()
    expect(sorter.get_by_role("button", name="Start again")).to_be_hidden()
    expect(sorter.locator(".crucible-status")).to_be_empty()
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_a_card_filed_as_the_book_does_gets_its_reason(open_sorter, deck):
    _page, sorter = open_sorter()
    file(sorter, "experiment")
    assert sorter.get_by_role("progressbar").evaluate("bar => bar.value") == 1
    status = sorter.locator(".crucible-status")
    expect(status).to_have_attribute("aria-live", "polite")
    expect(status.locator("strong")).to_have_text("As the book does.")
    expect(status).to_contain_text("The book files it under a small experiment.")
    expect(status).to_contain_text(deck[0]["reasons"][0])


def test_a_card_filed_elsewhere_gets_the_books_place_and_reason(open_sorter, deck):
    _page, sorter = open_sorter()
    file(sorter, "record")
    status = sorter.locator(".crucible-status")
    expect(status.locator("strong")).to_have_text("The book differs.")
    expect(status).to_contain_text("The book files it under a small experiment.")
    expect(status).to_contain_text(deck[0]["reasons"][0])
    expect(sorter.get_by_role("button", name=LABELS["record"])).to_contain_text("you")
    expect(sorter.get_by_role("button", name=LABELS["experiment"])).to_contain_text("✓ the book")


def test_the_second_home_of_a_claim_counts_half(open_sorter, deck):
    _page, sorter = open_sorter()
    file(sorter, "experiment")
    go_on(sorter)
    file(sorter, "record")
    status = sorter.locator(".crucible-status")
    expect(status.locator("strong")).to_have_text("Half right.")
    for reason in deck[1]["reasons"]:
        expect(status).to_contain_text(reason)


def test_a_card_can_be_filed_only_once(open_sorter):
    page, sorter = open_sorter()
    file(sorter, "neither")
    for place in PLACES:
        expect(sorter.get_by_role("button", name=LABELS[place])).to_be_disabled()
    page.keyboard.press("1")
    expect(sorter.locator(".crucible-status strong")).to_have_text("The book differs.")
    go_on(sorter)
    expect(sorter.get_by_role("button", name=LABELS["experiment"])).to_be_enabled()
    expect(sorter.locator(".crucible-status")).to_be_empty()


def test_the_summary_counts_names_the_differences_and_starts_again(open_sorter, deck):
    page, sorter = open_sorter()
    for place in ("record", "record", "record", "neither"):  # wrong, half right, right, right
        file(sorter, place)
        if place == "neither":
            expect(sorter.locator(".cs-next")).to_have_text("See the summary")
        go_on(sorter)
    closing = sorter.locator(".cs-closing")
    expect(closing).to_have_text("You filed 2 of 4 as the book does, and 1 more is half right.")
    expect(closing).to_be_focused()
    differed = sorter.locator(".cs-differed li")
    expect(differed).to_have_count(2)
    expect(differed.nth(0)).to_contain_text(deck[0]["claim"])
    expect(differed.nth(0)).to_contain_text("You: the written record. The book files it under a small experiment.")
    expect(differed.nth(1)).to_contain_text("under a small experiment, and then under the written record.")
    expect(differed.nth(0).locator(".cs-reason")).to_be_hidden()
    differed.nth(0).get_by_text("Why").click()
    expect(differed.nth(0).locator(".cs-reason")).to_have_text(deck[0]["reasons"][0])
    sorter.get_by_role("button", name="Start again").click()
    expect(sorter.locator(".cs-claim")).to_have_text(deck[0]["claim"])
    expect(sorter.get_by_role("button", name=LABELS["experiment"])).to_be_enabled()
    assert page.evaluate("document.querySelector('progress').value") == 0


def test_in_the_summary_a_key_files_nothing(open_sorter, deck):
    page, sorter = open_sorter()
    for _ in deck:
        file(sorter, "neither")
        go_on(sorter)
    said = sorter.locator(".cs-closing").text_content()
    page.keyboard.press("1")
    page.wait_for_timeout(100)
    expect(sorter.locator(".cs-closing")).to_have_text(said)
    assert page.evaluate("document.querySelector('progress').value") == len(deck)


def test_a_second_round_has_a_summary_of_its_own(open_sorter, deck):
    _page, sorter = open_sorter()
    for place in ("neither", "first"):
        for card in deck:
            file(sorter, card["places"][0] if place == "first" else place)
            go_on(sorter)
        expect(sorter.locator(".cs-differed li")).to_have_count(0 if place == "first" else 3)
        if place == "neither":
            sorter.get_by_role("button", name="Start again").click()
    expect(sorter.locator(".cs-closing")).to_have_text("You filed 4 of 4 as the book does.")


def test_it_can_be_worked_by_keyboard_alone(open_sorter, deck):
    page, sorter = open_sorter()
    page.keyboard.press("Tab")
    expect(sorter.get_by_role("button", name=LABELS["experiment"])).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    for key, said in (("1", "As the book does."), ("2", "As the book does."), ("3", "As the book does.")):
        expect(sorter.locator(".cs-next")).to_be_focused()
        page.keyboard.press("Enter")
        expect(sorter.locator(".cs-card")).to_be_focused()
        page.keyboard.press(key)
        expect(sorter.locator(".crucible-status strong")).to_have_text(said)
    page.keyboard.press("Enter")
    expect(sorter.locator(".cs-closing")).to_have_text("You filed 4 of 4 as the book does.")
    expect(sorter).to_contain_text("You and the book agree on every card.")


def test_the_keys_do_nothing_while_the_focus_is_elsewhere(open_sorter):
    page, sorter = open_sorter()
    page.keyboard.press("1")
    expect(sorter.locator(".crucible-status")).to_be_empty()
    sorter.get_by_role("button", name=LABELS["neither"]).focus()
    page.keyboard.press("Control+1")
    expect(sorter.locator(".crucible-status")).to_be_empty()
    page.evaluate("() => { window.heard = []; addEventListener('keydown', ({ key }) => heard.push(key)); }")
    page.keyboard.press("1")
    page.keyboard.press("x")
    expect(sorter.locator(".crucible-status")).not_to_be_empty()
    assert page.evaluate("heard") == ["x"]  # what files a card is no shortcut of the page any more


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_state_fits_the_page_and_has_no_accessibility_violation(open_sorter, width, theme):
    page, sorter = open_sorter(width, theme)

    def check():
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
        assert not [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found.response["violations"]]

    check()
    for place in ("record", "record", "record", "neither"):
        file(sorter, place)
        if place == "record":
            check()
        go_on(sorter)
    sorter.get_by_text("Why").first.click()
    check()
