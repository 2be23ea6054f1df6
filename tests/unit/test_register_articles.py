"""The claims of the five articles, the record and the contradictions: complete, and refused by line where wrong.

Run: .venv/bin/python -m pytest -q tests/unit/test_register_articles.py (about 5 s).
"""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from crucible import register
from crucible.__main__ import main
from crucible.published import publish
from crucible.register import RegisterError

COUNTS = {"path-astray": 47, "cold-eye": 45, "second-half": 31, "quick-illusion": 36, "fireworks": 41}
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


@pytest.fixture(scope="module")
def book() -> register.Register:
    return register.load()


@pytest.fixture
def seeds(tmp_path) -> Path:
    """A copy of the real register, to be spoilt."""
    return Path(shutil.copytree(register.seeds_folder(), tmp_path / "seeds"))


def spoil(seeds: Path, file: str, old: str, new: str, after: str = "") -> int:
    """Change the first `old` after `after`; the line where it now stands."""
    text = (seeds / file).read_text(encoding="utf-8")
    at = text.index(old, text.index(after))
    (seeds / file).write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")
    return text[:at].count("\n") + 1


def refusal(seeds: Path) -> str:
    with pytest.raises(RegisterError) as error:
        register.load(seeds)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_five_articles_make_two_hundred_claims(book):
    counts = Counter(name.partition("/")[0] for name in book.claims)
    assert {article: counts[article] for article in COUNTS} == COUNTS
    assert sum(COUNTS.values()) == 200


def test_there_are_twelve_record_checks_and_ten_contradictions(book):
    assert [check.id for check in book.records] == [f"R{number:02}" for number in range(1, 13)]
    assert [entry.id for entry in book.contradictions] == [f"T{number}" for number in range(1, 11)]


def test_every_claim_is_planned_checked_tested_or_has_its_reason(book):
    for claim in book.claims.values():
        assert claim.planned or claim.tested_in or claim.reason, claim.id
        assert not (claim.reason and (claim.planned or claim.tested_in)), claim.id


def test_every_experiment_that_a_claim_waits_for_says_what_it_asks(book):
    waited_for = {name for claim in book.claims.values() for name in claim.planned}
    assert waited_for <= book.titles.keys()
    assert {f"E{number:02}" for number in range(1, 32)} <= book.titles.keys()


def test_claims_are_in_plain_english_without_a_line_of_the_originals(book):
    for claim in book.claims.values():
        for text in (claim.claim, claim.counter, claim.reason, claim.condition, claim.forecast):
            assert not CJK.search(text or ""), claim.id
        assert len(claim.claim) < 330, claim.id
    for check in book.records:
        names = re.findall(CJK.pattern + "+", check.says)
        assert all(len(name) <= 6 for name in names), f"{check.id}: more than a name or a term"


def test_a_claim_about_the_market_or_a_person_reaches_nowhere(book):
    names = "fireworks/hollow path-astray/results-not-labels second-half/none-surpass cold-eye/two-months"
    assert {book.claim(name).reach for name in (*names.split(), "cold-eye/benchmark-chatgpt")} == {0}


def test_each_side_of_a_contradiction_has_its_counter_claim(book):
    sides = {name for entry in book.contradictions for name in (*entry.one, *entry.other)}
    assert len(sides) == 24
    assert "R02" in sides
    assert all(book.claim(name).counter for name in sides - {"R02"})


def test_a_count_in_the_record_stands_with_its_rule_and_a_source_with_its_status(book):
    assert [check.id for check in book.records if check.counts] == ["R01", "R02", "R10"]
    for check in book.records:
        for source in check.sources:
            assert source.where.startswith("http") or source.status == "not found"
    assert sum(bool(source.weak) for check in book.records for source in check.sources) > 10


def test_what_is_published_of_a_checked_claim_is_the_record_with_its_sources(book):
    published = {claim.id: claim for claim in publish(book, {}).claims}
    users = published["fireworks/users"]
    assert users.verdict == "record"
    assert "100 million" in users.record
    assert "quoted by a named second source" in users.record
    assert users.planned == ["R04"]
    assert users.author.startswith("Xiao Yanghua")
    assert published["cold-eye/race"].record is None


def test_a_wrong_row_is_named_with_file_line_and_field_in_one_line(seeds, capsys, monkeypatch):
    line = spoil(seeds, "fireworks.yml", "kind: figure", "kind: number", after="fireworks/users")
    monkeypatch.setattr(register, "seeds_folder", lambda: seeds)
    assert main(["check"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert f"fireworks.yml:{line}: " in said
    assert "kind" in said
    assert "'number'" in said


def test_an_unknown_verdict_is_named_with_its_line(seeds):
    line = spoil(seeds, "cold-eye.yml", "verdict: not yet tested", "verdict: untested", after="cold-eye/open-ceiling")
    message = refusal(seeds)
    assert message.startswith(f"cold-eye.yml:{line}: ")
    assert "verdict" in message


def test_a_missing_counter_claim_is_named_at_the_claim_that_needs_it(seeds):
    spoil(
        seeds,
        "path-astray.yml",
        "    counter: >-\n      Tang Zhiwei sees",
        "    forecast: >-\n      Tang",
        after="/drowning",
    )
    text = (seeds / "path-astray.yml").read_text()
    start = text.index("    forecast: >-\n      On questions of skill")
    (seeds / "path-astray.yml").write_text(text[:start] + text[text.index("  - id:", start) :])
    message = refusal(seeds)
    line = text[: text.index("- id: path-astray/drowning")].count("\n") + 1
    assert message.startswith(f"path-astray.yml:{line}: path-astray/drowning, counter: ")
    assert "T2" in message


@pytest.mark.parametrize(
    ("file", "old", "new", "after", "entry", "said"),
    [
        ("fireworks.yml", "[E14]", "[R44]", "fireworks/hollow", "fireworks/hollow, planned", "'R44'"),
        ("fireworks.yml", "[E28]", "[E82]", "fireworks/feedstock", "fireworks/feedstock, planned", "'E82'"),
        (
            "fireworks.yml",
            "[E14]",
            "[R05]",
            "fireworks/hollow",
            "fireworks/hollow, planned",
            "does not name this claim",
        ),
        ("fireworks.yml", "not yet tested", "record", "fireworks/hollow", "fireworks/hollow, verdict", "'record'"),
        ("records.yml", "fireworks/users", "fireworks/user", "R04", "R04, claims", "did you mean fireworks/users"),
        ("records.yml", "fireworks/users", "fireworks/hollow", "R04", "R04, claims", "'planned'"),
        ("contradictions.yml", "[R02]", "[R99]", "T9", "T9, other", "'R99'"),
        ("contradictions.yml", "[E03]", "[E99]", "T2", "T2, resolved_by", "'E99'"),
        (
            "contradictions.yml",
            "[path-astray/drowning]",
            "[path-astray/rowing]",
            "T2",
            "T2, one",
            "path-astray/drowning",
        ),
    ],
)
def test_an_id_that_leads_nowhere_is_named_with_the_line_of_its_entry(seeds, file, old, new, after, entry, said):
    spoil(seeds, file, old, new, after=after)
    message = refusal(seeds)
    name = entry.partition(",")[0]
    owner = (seeds / file).read_text()
    line = owner[: owner.index(f"id: {name}\n")].count("\n") + 1
    assert message.startswith(f"{file}:{line}: {entry}: ")
    assert said in message


@pytest.mark.parametrize(
    ("file", "old", "new", "field"),
    [
        ("records.yml", "status: read in the source", "status: remembered", "status"),
        ("records.yml", "    says: >-", "    sayings: >-", "says"),
        ("contradictions.yml", "one: [path-astray/priority]", "one: path-astray/priority", "one"),
        ("plans.yml", "id: E04", "id: E4", "id"),
    ],
)
def test_a_wrong_record_contradiction_or_plan_is_named_with_file_and_field(seeds, file, old, new, field):
    spoil(seeds, file, old, new)
    message = refusal(seeds)
    assert re.match(rf"{file}:\d+: ", message)
    assert field in message


def test_a_plan_whose_experiment_is_registered_must_go(seeds):
    line = spoil(seeds, "plans.yml", "{id: E04,", "{id: E00,")
    places = [f"plans.yml:{line}", "this-book.yml:"]
    message = refusal(seeds)
    assert "'E00' stands already" in message
    assert all(place in message for place in places)


def test_a_file_that_is_not_utf_8_is_named(seeds):
    (seeds / "records.yml").write_bytes(b"records:\n  - id: Jos\xe9\n")
    assert refusal(seeds) == "records.yml:2: not UTF-8"
