"""The ledger, record and front pages as built files: all of the register is on them. Seconds: pytest tests/book"""

import html
import json
import re
from collections import Counter

import pytest

from crucible import register
from crucible.ledger import in_words

DATA = re.compile(r'<script type="application/json" id="ledger-data">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def book():
    return register.load()


@pytest.fixture(scope="module")
def text(site):
    """The words of a page, as a reader sees them."""

    def words(name):
        page = re.sub(r"<(script|style)\b.*?</\1>", " ", (site / name).read_text(), flags=re.DOTALL)
        plain = html.unescape(re.sub(r"<[^>]+>", " ", page))
        return re.sub(r"\s+", " ", plain.translate(str.maketrans("’‘“”", "''\"\"")))

    return words


def test_the_ledger_page_carries_every_published_claim_for_its_script(site, ledger_json):
    data = json.loads(DATA.search((site / "ledger.html").read_text()).group(1))
    assert [claim["id"] for claim in data["claims"]] == [claim["id"] for claim in ledger_json["claims"]]
    for shown, claim in zip(data["claims"], ledger_json["claims"], strict=True):
        assert shown == {key: claim[key] for key in shown}
    assert set(data["titles"]) >= {name for claim in data["claims"] for name in claim["planned"]}


def test_the_ledger_page_has_a_row_for_every_claim_without_any_script(site, text, ledger_json):
    rows = re.findall(r'<tr[^>]* id="claim=([^"]+)"', (site / "ledger.html").read_text())
    assert rows == [claim["id"] for claim in ledger_json["claims"]]
    page = text("ledger.html")
    for claim in ledger_json["claims"]:
        assert claim["claim"] in page
        assert (claim["reason"] or claim["counter"] or "") in page


def test_script_and_style_of_the_ledger_are_loaded_only_where_they_are_used(site):
    for name, files in {
        "ledger.html": {"css", "js"},
        "index.html": {"css"},
        "records.html": {"css"},
        "sources.html": set(),
        "chapters/opening.html": set(),
    }.items():
        found = re.findall(r'(?:src|href)="[^"]*_static/ledger\.(css|js)[^"]*"', (site / name).read_text())
        assert set(found) == files, name


@pytest.mark.parametrize("page", ["index.html", "ledger.html"])
def test_the_count_in_words_is_the_ledgers(text, ledger_json, page):
    counts = Counter(claim["verdict"] for claim in ledger_json["claims"])
    tested = sum(bool(claim["experiments"]) for claim in ledger_json["claims"])
    sentence = re.search(r"Of (\d+) claims, .*?\.", text(page)).group()
    assert sentence.startswith(f"Of {len(ledger_json['claims'])} claims, {in_words(tested)} ha")
    for verdict, words in (("record", "checked"), ("untestable", "cannot"), ("not yet tested", "wait")):
        assert f"{in_words(counts[verdict])} " in sentence
        assert words in sentence


def test_the_front_pages_mosaic_has_a_tile_for_every_claim(site, ledger_json):
    page = (site / "index.html").read_text()
    tiles = re.findall(r'<a class="tile v-([a-z-]+)" tabindex="-1" href="ledger.html#claim=([^"]+)"', page)
    assert tiles == [(claim["verdict"].replace(" ", "-"), claim["id"]) for claim in ledger_json["claims"]]


def test_no_count_of_claims_is_typed_into_a_page():
    from pipeline import ROOT

    for name in ("index.md", "ledger.md", "records.md"):
        assert not re.search(r"\d+ (claims|records|contradictions)", (ROOT / name).read_text())


def test_the_record_page_has_every_check_with_its_sources_and_their_status(text, site, book):
    page, source_text = text("records.html"), (site / "records.html").read_text()
    for check in book.records:
        assert f'<section id="{check.id.lower()}"' in source_text or f'id="{check.id}"' in source_text
        assert check.says in page
        assert check.open is None or check.open in page
        for source in check.sources:
            assert source.what in page
            assert source.status in page
            assert source.weak is None or f"a weak source: {source.weak}" in page
        for count in check.counts:
            assert f"{count.who} {count.when} {count.count} {count.rule}" in page


def test_the_contradictions_show_both_sides_and_what_can_decide(text, site, book):
    page = text("records.html")
    for entry in book.contradictions:
        assert f'id="{entry.id}"' in (site / "records.html").read_text()
        for said in (entry.question, entry.says_one, entry.says_other, entry.note or ""):
            assert said in page
        for name in (*entry.one, *entry.other):
            assert (book.claims[name].claim if name in book.claims else book.titles[name]) in page
        for name in entry.resolved_by:
            assert book.titles[name] in page
