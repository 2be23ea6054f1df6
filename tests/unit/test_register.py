"""The register: the real one loads, and a wrong entry is named by file, line and value, in one line.

Run: .venv/bin/python -m pytest -q tests/unit/test_register.py (about a second).
"""

import re
from pathlib import Path

import pytest
import yaml

from crucible import register
from crucible.register import RegisterError

GOOD = """\
article: mine
title: A title
author: An author
outlet: A paper
date: "2024"
language: en
argument: One sentence.
claims:
  - id: mine/first
    who: somebody
    kind: causal
    theme: craft
    claim: This makes that.
    tested_in: [E90, E91/late]
    verdict: supported
    reach: 2
  - id: mine/second
    who: somebody
    kind: normative
    theme: craft
    claim: This is good.
    verdict: untestable
    reason: It says what ought to be.
    reach: 0
experiments:
  - id: E90
    title: One
    chapter: chapters/one
    seeds: [10, 11, 12]
    parts:
      - part: only
        rule: A is more than B.
        metric: exact_match
        arm: a
        against: b
        direction: greater
        minimum_effect: 10
        placebo: {arm: p, bound: 5}
  - id: E91
    title: Two
    chapter: chapters/two
    seeds: [10, 11, 12]
    parts:
      - part: early
        rule: A loses less than B.
        metric: answer_loss
        arm: a
        against: b
        direction: less
        minimum_effect: -0.5
        placebo: {arm: p, against: q, bound: 0.1}
      - part: late
        rule: A gets more tokens right than B.
        metric: token_accuracy
        arm: a
        against: b
        direction: greater
        minimum_effect: 1
        placebo: {arm: p, bound: 5}
"""


def folder_with(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    return tmp_path


def refusal(folder: Path) -> str:
    """What the register says of a wrong entry; always one line."""
    with pytest.raises(RegisterError) as error:
        register.load(folder)
    message = str(error.value)
    assert "\n" not in message
    return message


def line_of(text: str, mark: str) -> int:
    """Number of the line on which `mark` first stands."""
    return text[: text.index(mark)].count("\n") + 1


def edited(old: str, new: str) -> str:
    assert GOOD.count(old), f"the test looks for {old!r}, which is not there"
    return GOOD.replace(old, new, 1)


def test_the_real_register_loads_with_every_entry_of_its_files():
    book = register.load()
    data = [yaml.safe_load(file.read_text()) for file in register.seeds_folder().glob("*.yml")]
    assert set(book.claims) == {claim["id"] for source in data for claim in source.get("claims", [])}
    assert set(book.experiments) == {entry["id"] for source in data for entry in source.get("experiments", [])}
    assert book.claims


def test_recorded_seeds_of_the_real_register_are_no_pilot_seeds():
    for experiment in register.load().experiments.values():
        assert min(experiment.seeds) >= 10, f"{experiment.id}: seeds 0 to 9 are for pilots"


def test_a_good_file_loads_with_its_values(tmp_path):
    book = register.load(folder_with(tmp_path, mine=GOOD))
    assert list(book.claims) == ["mine/first", "mine/second"]
    assert book.experiment("E91").parts[0].minimum_effect == -0.5
    assert book.claim("mine/second").reason == "It says what ought to be."


def test_a_claim_finds_the_parts_it_rests_on(tmp_path):
    book = register.load(folder_with(tmp_path, mine=GOOD))
    found = [(experiment.id, part.part) for experiment, part in book.parts_of(book.claim("mine/first"))]
    assert found == [("E90", "only"), ("E91", "late")]
    assert book.parts_of(book.claim("mine/second")) == []


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ("metric: answer_loss", "metric: bleu", "metric", "'bleu' is not a metric"),
        ("kind: normative", "kind: nonsense", "kind", "'nonsense'"),
        ("theme: craft", "theme: crafts", "theme", "'crafts'"),
        ("verdict: supported", "verdict: proven", "verdict", "'proven'"),
        ("direction: less", "direction: lower", "direction", "'lower'"),
        ("reach: 2", "reach: 4", "reach", "4"),
        ("minimum_effect: -0.5", "minimum_effect: much", "minimum_effect", "'much'"),
        ("minimum_effect: -0.5", "minimum_effect: .nan", "minimum_effect", "nan"),
        ("reach: 0", "reach: 0\n    combine: most", "combine", "'most'"),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_field(tmp_path, old, new, field, value):
    text = edited(old, new)
    message = refusal(folder_with(tmp_path, mine=text))
    line = line_of(text, new) + new.count("\n")
    assert message.startswith(f"mine.yml:{line}: ")
    assert re.search(rf"\b{field}: ", message)
    assert value in message


def test_a_wrong_value_deep_in_a_line_is_named_with_that_line(tmp_path):
    text = edited("{arm: p, against: q, bound: 0.1}", "{arm: p, against: q, bound: -1}")
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, 'bound: -1')}: ")
    assert "placebo.bound" in message
    assert "-1" in message


def test_an_unknown_field_is_named_with_its_line(tmp_path):
    text = edited("    reach: 2\n", "    reach: 2\n    reech: 3\n")
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, 'reech')}: ")
    assert "reech" in message


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("    who: somebody\n", "- id: mine/first"),
        ("        direction: less\n", "- part: early"),
        ("    chapter: chapters/two\n", "- id: E91"),
        ("language: en\n", "article: mine"),
    ],
)
def test_a_missing_field_is_named_with_the_line_of_its_entry(tmp_path, line, entry):
    text = edited(line, "")
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, entry)}: ")
    assert line.split(":")[0].strip() in message


@pytest.mark.parametrize(("old", "new"), [("id: mine/second", "id: mine/first"), ("id: E91", "id: E90")])
def test_an_id_that_stands_twice_is_named_with_both_lines(tmp_path, old, new):
    text = edited("tested_in: [E90, E91/late]", "tested_in: [E90]").replace(old, new)
    message = refusal(folder_with(tmp_path, mine=text))
    first = line_of(text, new)
    second = line_of(text.replace(new, "-" * len(new), 1), new)
    assert message.startswith(f"mine.yml:{second}: ")
    assert repr(new.removeprefix("id: ")) in message
    assert f"mine.yml:{first}" in message


def test_an_id_that_stands_in_two_files_is_named_with_both(tmp_path):
    again = edited("tested_in: [E90, E91/late]\n    verdict: supported", "verdict: not yet tested")
    again = again[: again.index("experiments:")]
    message = refusal(folder_with(tmp_path, mine=GOOD, other=again))
    assert message.startswith(f"other.yml:{line_of(again, 'mine/first')}: ")
    assert f"mine.yml:{line_of(GOOD, 'mine/first')}" in message


def test_a_key_that_stands_twice_is_named_with_its_second_line_or_first(tmp_path):
    text = edited("    title: Two\n", "    title: Two\n    title: Three\n")
    message = refusal(folder_with(tmp_path, mine=text))
    lines = [line_of(text, "title: Two"), line_of(text, "title: Three")]
    assert message.startswith(tuple(f"mine.yml:{line}: title" for line in lines))
    assert "twice" in message


def test_a_claim_of_another_article_is_named_with_its_line_and_the_start_it_needs(tmp_path):
    text = edited("id: mine/second", "id: yours/second")
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, 'yours/second')}: ")
    assert "'yours/second'" in message
    assert "'mine/'" in message


@pytest.mark.parametrize(
    ("name", "said"), [("E9", "no experiment 'E9'"), ("E91/middle", "no part 'middle'; it has early, late")]
)
def test_a_claim_resting_on_something_unknown_is_named_with_its_line(tmp_path, name, said):
    text = edited("tested_in: [E90, E91/late]", f"tested_in: [E90, {name}]")
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, 'mine/first')}: ")
    assert "tested_in" in message
    assert said in message


def test_invalid_yaml_is_named_with_its_line(tmp_path):
    text = edited("    claim: This makes that.", "    claim: This: makes that.")
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, 'This: makes')}: not valid YAML")


@pytest.mark.parametrize("text", ["", "just a sentence\n", "- a list\n"])
def test_a_file_that_holds_no_entry_is_refused(tmp_path, text):
    assert refusal(folder_with(tmp_path, mine=text)).startswith("mine.yml:1: ")


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("    reason: It says what ought to be.\n", "", "'reason'"),
        ("verdict: supported", "verdict: conditional", "'condition'"),
        ("verdict: supported", "verdict: record", "'record'"),
        ("    tested_in: [E90, E91/late]\n", "", "'tested_in'"),
    ],
)
def test_a_verdict_without_its_grounds_is_refused_with_the_claims_line(tmp_path, old, new, missing):
    text = edited(old, new)
    entry = "- id: mine/second" if "reason" in missing else "- id: mine/first"
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, entry)}: ")
    assert missing in message


def test_two_seeds_are_too_few(tmp_path):
    text = edited("seeds: [10, 11, 12]", "seeds: [10, 11]")
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, 'seeds: [10, 11]')}: ")
    assert "seeds" in message
    assert "3" in message


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [("[10, 11, 12]", "[10, 11, 10]", "seed 10"), ("part: late", "part: early", "part 'early'")],
)
def test_a_seed_or_part_that_stands_twice_is_named_with_its_experiment(tmp_path, old, new, named):
    text = edited(old, new)
    entry = "- id: E90" if "seed" in named else "- id: E91"
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, entry)}: ")
    assert named in message


def test_the_wrong_file_of_several_is_named(tmp_path):
    other = GOOD[: GOOD.index("claims:")].replace("article: mine", "article: yours")
    assert len(register.load(folder_with(tmp_path, mine=GOOD, yours=other)).sources) == 2
    message = refusal(folder_with(tmp_path, yours=other.replace("title: A title\n", "")))
    assert message.startswith("yours.yml:1: title")


def test_an_empty_folder_is_refused_by_its_name(tmp_path):
    assert str(tmp_path) in refusal(tmp_path)


def test_a_mistyped_name_is_answered_with_the_nearest(tmp_path):
    book = register.load(folder_with(tmp_path, mine=GOOD))
    with pytest.raises(KeyError, match=r"mine/seconds.*did you mean mine/second"):
        book.claim("mine/seconds")
    with pytest.raises(KeyError, match=r"no experiment 'E9'.*E9[01]"):
        book.experiment("E9")


# Files that are hardly files


def test_a_control_character_is_named_with_its_line_in_one_line(tmp_path):
    text = edited("claim: This is good.", "claim: This is \x07good.")
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, chr(7))}: not valid YAML: ")
    assert "#x0007" in message


@pytest.mark.parametrize("loop", ["&a [*a]", "&a {x: *a}", "[1, &a [[*a]]]"])
def test_an_entry_that_holds_itself_is_named_with_its_line(tmp_path, loop):
    text = edited("claim: This is good.", f"claim: {loop}")
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, loop)}: ")
    assert "holds itself" in message


def test_an_entry_that_is_only_used_twice_is_read(tmp_path):
    text = edited("seeds: [10, 11, 12]", "seeds: &s [10, 11, 12]").replace("seeds: [10, 11, 12]", "seeds: *s")
    assert register.load(folder_with(tmp_path, mine=text)).experiment("E91").seeds == (10, 11, 12)


def test_a_file_that_is_nested_too_deeply_is_named(tmp_path):
    message = refusal(folder_with(tmp_path, mine="claims: " + "[" * 800 + "]" * 800))
    assert message.startswith("mine.yml:1: ")
    assert "nested" in message


def test_a_folder_with_the_name_of_a_file_is_named(tmp_path):
    (folder_with(tmp_path, mine=GOOD) / "x.yml").mkdir()
    assert refusal(tmp_path).startswith("x.yml:1: cannot be read: ")


# Rules that cannot be meant


@pytest.mark.parametrize(
    ("old", "new", "mark", "said"),
    [
        ("        against: b\n", "        against: a\n", "against: a\n", "'a' is the arm itself"),
        ("[E90, E91/late]", "[E90, E91/late, E90]", "- id: mine/first", "'E90' stands twice"),
        ("[E90, E91/late]", "[E91, E91/late]", "- id: mine/first", "'E91/late' is a part of E91"),
        (
            "verdict: supported",
            "verdict: conditional\n    condition: the moon",
            "- id: mine/first",
            "combine: condition",
        ),
        (
            "verdict: supported",
            "combine: condition\n    verdict: supported",
            "id: mine/first",
            "part 'only' of E90 names no 'condition'",
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_its_line(tmp_path, old, new, mark, said):
    text = edited(old, new)
    message = refusal(folder_with(tmp_path, mine=text))
    assert message.startswith(f"mine.yml:{line_of(text, mark)}: ")
    assert said in message


def test_a_claim_by_condition_whose_parts_name_theirs_is_read(tmp_path):
    text = edited("[E90, E91/late]", "[E91/early, E91/late]")
    text = text.replace("verdict: supported", "combine: condition\n    verdict: conditional\n    condition: the moon")
    for part in ("early", "late"):
        text = text.replace(f"- part: {part}\n", f"- part: {part}\n        condition: it is {part}\n")
    assert register.load(folder_with(tmp_path, mine=text)).claim("mine/first").verdict == "conditional"
