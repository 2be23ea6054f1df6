"""The ledger page in a real Chromium: a newcomer's questions, keyboard, phone, links, and no JavaScript at all.

Needs the built site and a Chromium; about half a minute: pytest tests/browser/test_ledger_page.py
"""

import re
from collections import Counter

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from crucible import register


@pytest.fixture(scope="module")
def book():
    return register.load()


def ready(page):
    expect(page.locator("#ledger[data-ledger=ready]")).to_have_count(1)
    return page


def tiles(page):
    return page.locator(".ledger-mosaic button.tile")


def choose(page, label, option):
    if not page.get_by_label(label, exact=True).is_visible():
        page.get_by_text("More ways to choose").click()
    page.get_by_label(label, exact=True).select_option(label=option)


def card(page):
    return page.locator(".ledger-card")


def violations(page):
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    return [
        (rule["id"], rule["nodes"][0]["html"][:160]) for rule in found.response["violations"] if rule["id"] != "region"
    ]


def test_every_claim_is_a_tile_with_its_verdict_as_letter_and_in_words(open_page, ledger_json):
    page = ready(open_page("ledger.html"))
    expect(tiles(page)).to_have_count(len(ledger_json["claims"]))
    labels = tiles(page).evaluate_all("all => all.map((one) => [one.ariaLabel, one.textContent])")
    letters = {}
    for claim, (label, letter) in zip(ledger_json["claims"], labels, strict=True):
        assert label == f"{claim['verdict']}: {claim['claim']}"
        assert letters.setdefault(claim["verdict"], letter) == letter
    assert len(set(letters.values())) == len(letters)


def test_question_one_which_claims_of_xiao_yanghua_were_tested_and_how_they_fared(open_page, ledger_json):
    page = ready(open_page("ledger.html"))
    choose(page, "Said by", "Xiao Yanghua")
    his = [claim for claim in ledger_json["claims"] if claim["who"] == "Xiao Yanghua"]
    assert len(his) > 40
    expect(tiles(page)).to_have_count(len(his))
    status = page.get_by_role("status")
    for verdict, count in Counter(claim["verdict"] for claim in his).items():
        expect(status).to_contain_text(f"{count} {verdict}")
    tested = sum(bool(claim["experiments"]) for claim in his)
    assert ("No experiment has tested any of them yet" in status.text_content()) == (not tested)
    page.get_by_role("button", name=re.compile("record: ChatGPT drew several hundred million")).click()
    expect(card(page)).to_contain_text("100 million")


def test_question_two_which_two_articles_disagree_on_verticals(open_page):
    page = ready(open_page("ledger.html"))
    choose(page, "Contradiction", "T2. Do vertical models drown, or are they the future?")
    heads = page.locator(".ledger-head b")
    expect(heads).to_have_count(2)
    expect(heads.nth(0)).to_contain_text("gone astray")
    expect(heads.nth(1)).to_contain_text("Tang Zhiwei")
    tiles(page).first.click()
    expect(card(page)).to_contain_text("Tang Zhiwei sees the future")
    card(page).get_by_role("link", name=re.compile("The weight of the so-called second half")).click()
    expect(card(page).locator("code")).to_have_text("second-half/vertical-focus")


def test_question_three_what_is_not_testable_and_why(open_page, ledger_json):
    page = ready(open_page("ledger.html"))
    page.locator(".ledger-chip", has_text="untestable").click()
    untestable = [claim for claim in ledger_json["claims"] if claim["verdict"] == "untestable"]
    expect(tiles(page)).to_have_count(len(untestable))
    tiles(page).first.click()
    for claim in untestable[:3]:
        expect(card(page)).to_contain_text(claim["claim"])
        expect(card(page)).to_contain_text(claim["reason"])
        card(page).get_by_role("button", name="Next").click()


def test_a_width_in_decades_has_two_decimals(open_page, ledger_json):
    page = ready(open_page("ledger.html#claim=this-book/ruler-jumps"))
    claim = next(claim for claim in ledger_json["claims"] if claim["id"] == "this-book/ruler-jumps")
    (part,) = claim["experiments"]
    low, high = (f"{end:.2f}".replace("-", "−") for end in part["interval"])
    expect(page.locator(".ledger-part")).to_contain_text(f"decades (90 % interval {low} to {high})")


def test_a_tested_claim_shows_rule_effect_interval_and_a_dot_for_each_seed(open_page, ledger_json):
    page = ready(open_page("ledger.html#claim=this-book/small-adds"))
    claim = next(claim for claim in ledger_json["claims"] if claim["id"] == "this-book/small-adds")
    expect(page.locator(".ledger-plot")).to_have_count(len(claim["experiments"]))
    for i, part in enumerate(claim["experiments"]):
        shown = page.locator(".ledger-part").nth(i)
        expect(shown).to_contain_text(part["rule"])
        mean = sum(part["measured"]) / len(part["measured"])
        low, high = part["interval"]
        expect(shown).to_contain_text(f"Measured {mean:.1f} {part['unit']} (90 % interval {low:.1f} to {high:.1f})")
        expect(shown.locator("circle.plot-effect")).to_have_count(len(part["seeds"]))
    expect(card(page)).to_contain_text(claim["condition"])
    expect(card(page)).not_to_contain_text("On other seeds")
    card(page).get_by_role("link", name="Where it is tested").click()
    expect(page.locator("article h1").first).to_contain_text("Two hundred claims")


def test_a_part_that_was_run_on_other_seeds_says_what_came_out_there(open_page, ledger_json):
    page = ready(open_page("ledger.html#claim=this-book/data-survives"))
    claim = next(claim for claim in ledger_json["claims"] if claim["id"] == "this-book/data-survives")
    (part,) = claim["experiments"]
    assert len(part["other_seeds"]) == 2
    for other in part["other_seeds"]:
        expect(page.locator(".ledger-part")).to_contain_text(
            f"{other['verdict']} on {', '.join(map(str, other['seeds']))}"
        )


def test_a_planned_claim_names_its_experiments_counter_claim_forecast_and_reach(open_page, book):
    page = ready(open_page("ledger.html#claim=cold-eye/weak-is-craft"))
    claim = book.claim("cold-eye/weak-is-craft")
    for text in (claim.claim, claim.counter, claim.forecast, f"{claim.reach} of 3", book.titles["E27"]):
        expect(card(page)).to_contain_text(text)


@pytest.mark.parametrize(
    ("label", "option", "field", "value"),
    [
        ("Article", "Do not let large models become a gorgeous firework show", "article", "fireworks"),
        ("Theme", "craft", "theme", "craft"),
        ("Kind of claim", "prediction", "kind", "prediction"),
        ("Reach of a test", "3 of 3", "reach", 3),
    ],
)
def test_a_filter_leaves_the_claims_that_the_ledger_has(open_page, ledger_json, label, option, field, value):
    page = ready(open_page("ledger.html"))
    choose(page, label, option)
    expect(tiles(page)).to_have_count(sum(claim[field] == value for claim in ledger_json["claims"]))
    assert f"{field}={value}" in page.url
    page.get_by_role("button", name="Show all").click()
    expect(tiles(page)).to_have_count(len(ledger_json["claims"]))
    assert "#" not in page.url


def test_search_and_verdict_narrow_each_other_and_an_empty_choice_says_so(open_page):
    page = ready(open_page("ledger.html"))
    page.get_by_label("Search the claims").fill("chatgpt")
    before = tiles(page).count()
    page.locator(".ledger-chip", has_text="record").click()
    assert 0 < tiles(page).count() < before
    page.get_by_label("Search the claims").fill("no such word anywhere")
    expect(page.get_by_role("status")).to_contain_text("None of")


def test_the_address_holds_the_choice_and_brings_it_back(open_page):
    page = ready(open_page("ledger.html"))
    choose(page, "Theme", "craft")
    page.locator(".ledger-chip", has_text="not yet tested").click()
    tiles(page).nth(3).click()
    opened, address = card(page).locator("code").text_content(), page.url
    count = tiles(page).count()
    again = ready(open_page("ledger.html" + address[address.index("#") :]))
    expect(tiles(again)).to_have_count(count)
    expect(card(again).locator("code")).to_have_text(opened)
    expect(card(again)).to_be_in_viewport()


@pytest.mark.parametrize("hash_", ["#claim=no/such", "#article=nobody", "#verdict=proven", "#by=moon&q=%", "#top"])
def test_a_wrong_address_does_no_harm(open_page, hash_):
    page = ready(open_page("ledger.html" + hash_))
    expect(page.get_by_role("status")).not_to_be_empty()
    expect(card(page)).to_have_count(0)


def test_the_mosaic_is_worked_by_keyboard_alone(open_page):
    page = ready(open_page("ledger.html"))
    tiles(page).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(tiles(page).nth(1)).to_be_focused()
    outline = tiles(page).nth(1).evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(card(page).locator(".ledger-claim")).to_be_focused()
    expect(tiles(page).nth(1)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    expect(tiles(page).nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(tiles(page).last).to_be_focused()
    assert tiles(page).evaluate_all("all => all.filter((one) => one.tabIndex === 0).length") == 1


def test_without_javascript_the_page_is_a_table_of_all_claims(open_page, ledger_json):
    page = open_page("ledger.html", scripts=False)
    rows = page.locator(".ledger-tables tbody tr")
    expect(rows).to_have_count(len(ledger_json["claims"]))
    by_id = {claim["id"]: claim for claim in ledger_json["claims"]}
    for name in ("cold-eye/race", "fireworks/users", "this-book/small-recites"):
        row = page.locator(f'[id="claim={name}"]')
        expect(row).to_be_visible()
        expect(row).to_contain_text(by_id[name]["claim"])
        expect(row).to_contain_text(by_id[name]["verdict"])
    expect(page.locator('[id="claim=cold-eye/race"]')).to_contain_text(by_id["cold-eye/race"]["reason"])


def test_the_table_below_follows_the_filters(open_page, ledger_json):
    page = ready(open_page("ledger.html#article=fireworks"))
    page.get_by_text("The chosen claims as a table").click()
    shown = page.locator(".ledger-tables tbody tr:visible")
    expect(shown).to_have_count(sum(claim["article"] == "fireworks" for claim in ledger_json["claims"]))


def test_a_tile_of_the_front_page_opens_its_claim(open_page):
    page = open_page("index.html")
    page.locator('.ledger-small a[href$="#claim=fireworks/users"]').click()
    expect(card(ready(page)).locator("code")).to_have_text("fireworks/users")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("claim", ["this-book/small-adds", "second-half/300-models", "quick-illusion/open-unstable"])
def test_on_a_phone_an_open_claim_does_not_scroll_sideways(open_page, claim, theme):
    page = ready(open_page(f"ledger.html#claim={claim}&kind=figure", 390, theme))
    expect(card(page)).to_be_visible()
    page.get_by_text("The chosen claims as a table").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert min(tiles(page).evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")) >= 24


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("claim", ["this-book/small-adds", "fireworks/users", "cold-eye/race"])
def test_the_page_with_an_open_claim_has_no_accessibility_violation(open_page, claim, theme):
    page = ready(open_page(f"ledger.html#claim={claim}&theme=other", theme=theme))
    page.get_by_text("The chosen claims as a table").click()
    page.get_by_text("What the tiles say").click()
    assert not violations(page)


def test_tiles_keep_their_letters_readable_in_both_themes(open_page):
    """The hatched tiles have a gradient, which axe does not judge: ink against either stripe, 4.5 to 1."""
    for theme in ("light", "dark"):
        page = ready(open_page("ledger.html", theme=theme))
        tile = page.locator(".ledger-mosaic .v-untestable").first
        ink = tile.evaluate("node => getComputedStyle(node).color")
        ground = "(node, name) => getComputedStyle(node).getPropertyValue(name)"
        grounds = [tile.evaluate(ground, name) for name in ("--none", "--none-stripe")]
        ink = "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", ink)[:3])
        for ground in grounds:
            light, dark = sorted((luminance(ink), luminance(ground.strip())), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_page_works_from_the_disk(chromium, site):
    page = chromium.new_page()
    page.goto((site / "ledger.html").as_uri() + "#claim=fireworks/users")
    expect(card(ready(page)).locator("code")).to_have_text("fireworks/users")
    page.close()
