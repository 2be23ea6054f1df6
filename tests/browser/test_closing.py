"""What the closing and the glossary say, in a real Chromium; some 10 s: pytest tests/browser/test_closing.py"""

import re

import pytest
from playwright.sync_api import expect

from crucible import plan
from crucible.register import load


def test_the_closing_counts_the_claims_of_the_register(open_page):
    page = open_page("chapters/closing.html")
    verdicts = [claim.verdict for claim in load().claims.values()]
    for word in ("supported", "contradicted", "conditional", "open", "record", "untestable", "not yet tested"):
        line = page.locator("article li", has_text=re.compile(rf"^{word}: "))
        expect(line).to_contain_text(f"{word}: {verdicts.count(word)} (")


def test_the_closing_shows_the_plan_its_seal_and_a_verdict(open_page):
    page = open_page("chapters/closing.html")
    text = page.locator("article").inner_text()
    assert "budget: 30" in text
    assert re.search(r"Seal: [0-9a-f]{12}\.", text)
    assert re.search(r"wrong-plan\.yml:\d+: parts\.0\.placebo\.bound: ", text)
    assert re.search(r"(Supported|Contradicted|Open) here: With the same data", text)
    assert plan.EXAMPLE.splitlines()[0] in text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_of_the_closing_lies_on_the_page_and_not_on_a_sheet(open_page, theme):
    page = open_page("chapters/closing.html", theme=theme)
    images = page.locator(f".crucible-figure img.crucible-{theme}")
    expect(images).to_have_count(2)
    for image in images.all():
        assert image.evaluate("node => getComputedStyle(node).backgroundColor") == "rgba(0, 0, 0, 0)"
        assert re.search(r"\d", image.get_attribute("alt"))


def test_the_record_since_is_labelled_hindsight_and_each_figure_has_its_source(open_page):
    page = open_page("chapters/closing.html")
    section = page.locator("section#the-record-since-kept-apart-as-hindsight")
    expect(section).to_contain_text("Nothing here is a verdict of this book")
    links = section.locator("p a.external")
    assert links.count() >= 6
    assert section.get_by_text(re.compile("read in the source|a second source")).count() >= 2


def test_a_term_of_the_glossary_can_be_linked_to_and_speaks_chinese(open_page):
    page = open_page("glossary.html#term-placebo")
    expect(page.locator("#term-placebo")).to_be_in_viewport()
    terms, chinese = page.locator("dl.glossary dt"), page.locator("dl.glossary dd span[lang=zh-Hans]")
    assert terms.count() >= 45
    assert chinese.count() >= terms.count()
