"""A reader's plan and result: what is right is judged by the ledger, what is wrong gets one line with its place.

Run: .venv/bin/python -m pytest -q tests/unit/test_plan.py (about 5 s).
"""

import json
import math

import pytest
import yaml

from crucible import ledger, plan, result
from crucible.__main__ import main
from crucible.ledger import Row

ARMS = ("high rate", "low rate", "high rate on shuffled", "low rate on shuffled")
EFFECTS = {"supported": (60, 62, 58), "contradicted": (1, 0, 2), "open": (10, 60, 35)}


@pytest.fixture(autouse=True)
def _no_seeds_from_outside(monkeypatch):
    monkeypatch.delenv("CRUCIBLE_SEEDS", raising=False)


@pytest.fixture
def plan_file(tmp_path):
    file = tmp_path / "plan.yml"
    file.write_text(plan.EXAMPLE, encoding="utf-8")
    return file


def rows(effects=(60, 62, 58), placebo=(1, -1, 0), seeds=(21, 22, 23)) -> list[dict]:
    """Measurements of the example's arms with these differences."""
    values = {"high rate": effects, "low rate": (0, 0, 0), "high rate on shuffled": placebo}
    values["low rate on shuffled"] = (0, 0, 0)
    return [
        {"metric": "exact_match", "arm": arm, "seed": seed, "value": 20.0 + value}
        for arm in ARMS
        for seed, value in zip(seeds, values[arm], strict=True)
    ]


def written(tmp_path, data) -> str:
    file = tmp_path / "result.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return str(file)


def refusal(plan_file, old: str, new: str) -> str:
    """What is said of the example after one change; always one line."""
    text = plan_file.read_text(encoding="utf-8")
    assert old in text, f"the test looks for {old!r}, which is not there"
    plan_file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^plan\.yml:\d+: ") as error:
        plan.read(plan_file)
    message = str(error.value)
    assert "\n" not in message
    return message


def line_of(text: str, mark: str) -> int:
    return text[: text.index(mark)].count("\n") + 1


# The plan


def test_the_example_is_a_valid_plan_and_says_what_it_would_test(plan_file):
    text = plan.check_text(plan.read(plan_file))
    for word in ("above 30 points", "±15 points", "21, 22, 23", "12 runs", plan.read(plan_file).seal()):
        assert word in text
    assert "wholly below" in text


def test_a_rule_in_the_other_direction_is_told_the_other_way_round(plan_file):
    text = plan.EXAMPLE.replace("direction: greater", "direction: less").replace("effect: 30", "effect: -30")
    plan_file.write_text(text, encoding="utf-8")
    assert "wholly below -30 points, *contradicted* if it lies wholly above" in plan.check_text(plan.read(plan_file))


@pytest.mark.parametrize(
    ("old", "new", "mark", "said"),
    [
        ("metric: exact_match\n", "metric: bleu\n", "metric: bleu", "parts.0.metric: 'bleu' is not a metric"),
        ("budget: 30", "budget: 90", "budget: 90", "at most 60 seconds"),
        ("budget: 30", "budget: .nan", "budget: .nan", "nan"),
        ("budget: 30", "budget: 0", "budget: 0", "more than 0"),
        ("[21, 22, 23]", "[21, 22]", "seeds: [21, 22]", "at least 3"),
        ("[21, 22, 23]", "[21, 22, 21]", "seeds: [21, 22, 21]", "seed 21 stands twice"),
        ("bound: 15", "bound: 30", "bound: 30", "must be smaller than the minimum effect, 30, got 30"),
        ("bound: 15", "bound: .inf", "bound: .inf", "finite"),
        ("minimum_effect: 30", "minimum_effect: -30", "minimum_effect: -30", "must lie above 0, got -30"),
        ("minimum_effect: 30", "minimum_effect: 0", "minimum_effect: 0", "must lie above 0, got 0"),
        ("    arm: high rate\n", "    arm: hihg rate\n", "arm: hihg", "did you mean 'high rate'"),
        ("    against: low rate\n", "    against: high rate\n", "against: high rate\n", "the arm itself"),
        ("arm: high rate on shuffled\n", "arm: low rate on shuffled\n", "arm: low rate on", "compared with itself"),
        ("  low rate: l", "  spare: never compared\n  low rate: l", "spare", "no part compares 'spare'"),
        ("budget: 30", "budget: 30\nbuget: 3", "buget", "buget"),
        ("budget: 30", "budget: 30\nbudget: 3", "budget: 30", "twice"),
        ("hypothesis: >-", "hypothesis: ''\nrest: >-", "hypothesis: ''", "at least 1 character"),
        ("claim: >-", "claim: this-book/small-ads\nrest: >-", "rest", "rest"),
    ],
)
def test_a_wrong_plan_is_named_by_line_and_field(plan_file, old, new, mark, said):
    message = refusal(plan_file, old, new)
    assert message.startswith(f"plan.yml:{line_of(plan_file.read_text(), mark)}: ")
    assert said in message


def test_no_effect_at_all_is_no_minimum_in_either_direction(plan_file):
    plan_file.write_text(plan.EXAMPLE.replace("direction: greater", "direction: less"), encoding="utf-8")
    assert "it must lie below 0, got 0" in refusal(plan_file, "minimum_effect: 30", "minimum_effect: 0")


@pytest.mark.parametrize("field", ["claim", "hypothesis", "arms", "parts", "seeds", "budget"])
def test_every_part_of_a_plan_is_needed(plan_file, field):
    data = yaml.safe_load(plan.EXAMPLE)
    del data[field]
    plan_file.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"^plan\.yml:1: {field}: Field required"):
        plan.read(plan_file)


def test_a_claim_of_the_register_must_be_in_it(plan_file):
    data = yaml.safe_load(plan.EXAMPLE) | {"claim": "this-book/small-ads"}
    plan_file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    with pytest.raises(ValueError, match=r"plan\.yml:1: claim: no claim .*did you mean this-book/small-adds"):
        plan.read(plan_file)
    data["claim"] = "this-book/small-adds"
    plan_file.write_text(yaml.safe_dump(data), encoding="utf-8")
    assert "learns to add" in plan.check_text(plan.read(plan_file))


def test_the_argument_on_reach_has_at_most_300_words_in_either_language(plan_file):
    for fits, too_long in (("word " * 300, "word " * 301), ("字" * 300, "字" * 301)):
        plan_file.write_text(plan.EXAMPLE + f"reach_argument: {fits}\n", encoding="utf-8")
        assert plan.read(plan_file).reach_argument
        plan_file.write_text(plan.EXAMPLE + f"reach_argument: {too_long}\n", encoding="utf-8")
        with pytest.raises(ValueError, match="301 words, at most 300"):
            plan.read(plan_file)


def test_the_seal_changes_with_the_rule_and_not_with_the_argument_or_a_comment(plan_file):
    seal = plan.read(plan_file).seal()
    plan_file.write_text(plan.EXAMPLE + "# a comment\nreach_argument: not far\n", encoding="utf-8")
    assert plan.read(plan_file).seal() == seal
    plan_file.write_text(plan.EXAMPLE.replace("minimum_effect: 30", "minimum_effect: 31"), encoding="utf-8")
    assert plan.read(plan_file).seal() != seal


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"a: &a [*a]\n", b"- a list\n", b"", b"\x00", b"a: [\n"])
def test_a_file_that_is_no_plan_gets_one_line(tmp_path, data):
    file = tmp_path / "plan.yml"
    file.write_bytes(data)
    with pytest.raises(ValueError, match=r"^plan\.yml") as error:
        plan.read(file)
    assert "\n" not in str(error.value)


# The result


@pytest.mark.parametrize("verdict", EFFECTS)
def test_the_verdict_is_that_of_the_ledger_on_the_same_rows(plan_file, tmp_path, verdict):
    entries = rows(EFFECTS[verdict])
    judged = result.judge(plan_file, written(tmp_path, {"rows": entries}))
    theirs = ledger.judge(plan.read(plan_file).experiment(), [Row(**entry) for entry in entries])
    assert judged.verdict == verdict == theirs.parts[0].verdict
    assert judged.outcome.parts[0].interval == theirs.parts[0].interval
    assert theirs.parts[0].sentence() in judged.text()


def test_a_placebo_that_moves_voids_the_verdict(plan_file, tmp_path):
    judged = result.judge(plan_file, written(tmp_path, {"rows": rows(placebo=(30, 31, 29))}))
    assert judged.verdict == "open"
    assert "broke its bound" in judged.text()


def test_the_claim_stands_only_when_all_parts_do(plan_file, tmp_path):
    data = yaml.safe_load(plan.EXAMPLE)
    data["parts"].append(data["parts"][0] | {"part": "more", "minimum_effect": 70})
    plan_file.write_text(yaml.safe_dump(data), encoding="utf-8")
    judged = result.judge(plan_file, written(tmp_path, {"rows": rows()}))
    assert [part.verdict for part in judged.outcome.parts] == ["supported", "contradicted"]
    assert judged.verdict == "contradicted"


def test_seeds_from_the_environment_do_not_bend_a_plan(plan_file, tmp_path, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_SEEDS", "31,32,33")
    assert result.judge(plan_file, written(tmp_path, {"rows": rows()})).outcome.parts[0].seeds == (21, 22, 23)


def test_what_is_written_is_read_back_with_its_seal_and_time(plan_file, tmp_path):
    mine = plan.read(plan_file)
    file = tmp_path / "result.json"
    measured = [Row(**entry) for entry in rows()]
    result.write_result(file, mine, measured, 31.0)
    found = result.read_result(file, mine)
    assert (found.rows, found.plan, found.seconds) == (tuple(measured), mine.seal(), 31.0)
    text = result.judge(plan_file, file).text()
    assert "31.0 s, **over** the plan's 30 s" in text
    assert "no seal" not in text
    assert "bears no seal" in result.judge(plan_file, written(tmp_path, {"rows": rows()})).text()


def test_a_result_of_another_plan_is_refused(plan_file, tmp_path):
    file = tmp_path / "result.json"
    result.write_result(file, plan.read(plan_file), [Row(**entry) for entry in rows()])
    plan_file.write_text(plan.EXAMPLE.replace("minimum_effect: 30", "minimum_effect: 20"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^result\.json: plan: measured under a plan with the seal"):
        result.judge(plan_file, file)


def changed(place: int, **fields) -> dict:
    entries = rows()
    entries[place] |= fields
    return {"rows": entries}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('{"rows": [', "result.json:1: not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5000, "a number is too long"),
        ("[]", "the file: "),
        ({"rows": {}}, "rows: "),
        ({"row": []}, "rows: Field required"),
        ({"rows": []}, "no exact_match measured for arm 'high rate', seed 21"),
        ({"rows": rows()[:-1]}, "no exact_match measured for arm 'low rate on shuffled', seed 23"),
        ({"rows": rows(seeds=(21, 22, 24))}, "rows.2.seed: seed 24 is not in the plan, which counts 21, 22, 23"),
        ({"rows": rows() + rows()[:1]}, "handed over twice"),
        (changed(1, value=math.nan), "arm 'high rate', seed 22, is nan, not a number"),
        (changed(1, value=math.inf), "rows.1.value: exact_match is a share in %"),
        (changed(1, value=140), "from 0 to 100, got 140"),
        (changed(1, value="61"), 'rows.1.value: Input should be a valid number, got "61"'),
        (changed(1, value=None), "rows.1.value"),
        (changed(1, arm="hihg rate"), "did you mean 'high rate'"),
        (changed(1, metric="bleu"), "rows.1.metric: 'bleu' is not measured by the plan, only exact_match"),
        (changed(1, seeds=4), "rows.1.seeds"),
    ],
)
def test_a_wrong_result_is_named_in_one_line(plan_file, tmp_path, data, said):
    with pytest.raises(ValueError, match=r"^result\.json") as error:
        result.judge(plan_file, written(tmp_path, data))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_shares_handed_over_as_fractions_are_doubted(plan_file, tmp_path):
    entries = [entry | {"value": entry["value"] / 100} for entry in rows()]
    assert "fractions" in result.judge(plan_file, written(tmp_path, {"rows": entries})).text()
    assert "fractions" not in result.judge(plan_file, written(tmp_path, {"rows": rows()})).text()


# The shell


def test_what_the_shell_prints_as_an_example_can_be_checked_and_judged(tmp_path, capsys):
    assert main(["plan", "example"]) == 0
    text = capsys.readouterr().out
    file = tmp_path / "plan.yml"
    file.write_text(text, encoding="utf-8")
    assert main(["plan", "check", str(file)]) == 0
    assert "Supported if" in capsys.readouterr().out
    assert main(["plan", "judge", str(file), written(tmp_path, {"rows": rows()})]) == 0
    out = capsys.readouterr().out
    assert "Supported here: With the same data" in out
    assert "*" not in out


def test_the_form_of_the_result_in_the_example_fits(plan_file, tmp_path):
    form = "\n".join(line[2:] for line in plan.RESULT_FORM.splitlines())
    data = json.loads(form[form.index("{") :])
    data["plan"] = plan.read(plan_file).seal()
    found = result.read_result(written(tmp_path, data), plan.read(plan_file))
    assert found.rows == (Row("exact_match", "high rate", 21, 0.0),)


@pytest.mark.parametrize("words", [("check", "no.yml"), ("judge", "no.yml", "no.json"), ("check", ".")])
def test_a_file_that_cannot_be_read_gets_one_line_in_the_shell(capsys, words):
    assert main(["plan", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("words", [(), ("dance",), ("check",), ("judge", "plan.yml")])
def test_a_wrong_word_after_plan_gets_one_line(capsys, words):
    with pytest.raises(SystemExit) as stopped:
        main(["plan", *words])
    assert stopped.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
