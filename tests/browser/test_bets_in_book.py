"""Bets on the built opening and closing; needs the site; some 15 s: pytest tests/browser/test_bets_in_book.py"""

import re

from playwright.sync_api import expect


def place(page, guess, low, high):
    bet = page.get_by_role("group", name="Your bet", exact=True)
    for label, value in (("Your guess", guess), ("Low end", low), ("High end", high)):
        bet.get_by_label(label).fill(str(value))
    bet.get_by_role("button", name="Place the bet").click()
    return bet


def test_a_bet_of_the_opening_gets_the_result_that_the_run_printed_and_the_closing_shows_it(open_page, address):
    page = open_page("chapters/opening.html", width=390)
    printed = page.locator("p", has_text="The runs first reached 95 % after between").inner_text()
    middle = re.search(r"the middle one ([\d,]+)", printed).group(1)
    bet = page.get_by_role("group", name="Your bet", exact=True)
    expect(bet).not_to_contain_text("The result is")
    place(page, 25_000, 100, 1_000_000)
    expect(bet).to_contain_text(f"The result is {middle} examples. Your interval holds it.")
    expect(bet).to_contain_text("Interval score: 100 points, which is a width of 100 and a penalty of 0.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(address + "chapters/closing.html")
    bets = page.get_by_role("group", name="Your bets", exact=True)
    expect(bets.locator("tbody tr")).to_have_count(1)
    expect(bets.locator("tbody tr")).to_contain_text(f"{middle} examples")
    expect(bets).to_contain_text("1 of 1 interval held")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_wrong_bet_gets_one_line_and_the_chapters_figures_stay(open_page):
    page = open_page("chapters/opening.html")
    figures = page.locator(".crucible-figure").count()
    bet = place(page, 25_000, 30_000, 20_000)
    expect(bet.get_by_role("alert")).to_have_text("The low end, 30,000, must not lie above the high end, 20,000.")
    expect(bet).not_to_contain_text("The result is")
    expect(page.locator(".crucible-figure")).to_have_count(figures)


def test_the_closing_without_bets_leads_to_the_first_one(open_page):
    page = open_page("chapters/closing.html")
    page.get_by_role("link", name="the chapter opening").click()
    expect(page).to_have_url(re.compile(r"/chapters/opening\.html#your-bet$"))
    expect(page.locator("#your-bet")).to_be_in_viewport()
    expect(page.get_by_role("group", name="Your bet", exact=True)).to_be_visible()
