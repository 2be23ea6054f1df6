"""The ledger: interval, verdict, placebo, how verdicts combine, and what it says of wrong measurements.

Run: .venv/bin/python -m pytest -q tests/unit/test_ledger.py (about 3 s, most of it importing scipy).
"""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crucible import ledger, register
from crucible.ledger import Row
from crucible.register import Claim, Experiment, Register, Source

SEEDS = (10, 11, 12)
BASE = (3.0, 4.5, 2.0)  # what the arm "plain" measures, seed by seed
EFFECTS = {"supported": (50, 51, 49), "contradicted": (1, 0, -1), "open": (-30, 10, 50)}  # for "more than 10"
tries = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    monkeypatch.delenv("CRUCIBLE_SEEDS", raising=False)
    monkeypatch.delenv("CRUCIBLE_LEDGER_DIR", raising=False)


def experiment(parts: tuple[str, ...] = ("a",), name: str = "E90", **changes) -> Experiment:
    """An experiment whose part x asks that arm "new x" beats "plain" by more than 10 points."""
    fields = {"metric": "exact_match", "against": "plain", "direction": "greater", "minimum_effect": 10} | changes
    rules = [
        {"part": part, "rule": "A rule.", "arm": f"new {part}", "placebo": {"arm": "sham", "bound": 5}, **fields}
        for part in parts
    ]
    return Experiment.model_validate({"id": name, "title": "T", "chapter": "c", "seeds": SEEDS, "parts": rules})


def rows(effects: dict[str, tuple], placebo=(0.5, -0.5, 0.25), metric="exact_match", seeds=SEEDS) -> list[Row]:
    """Measurements with these differences to "plain"."""
    arms = {f"new {part}": values for part, values in effects.items()} | {"sham": placebo, "plain": (0, 0, 0)}
    return [
        Row(metric, arm, seed, base + value)
        for arm, values in arms.items()
        for seed, base, value in zip(seeds, BASE, values, strict=True)
    ]


def outcome_of(verdicts: dict[str, str], name: str = "E90") -> ledger.Outcome:
    found = ledger.judge(experiment(tuple(verdicts), name), rows({part: EFFECTS[v] for part, v in verdicts.items()}))
    assert {part.part.part: part.verdict for part in found.parts} == verdicts
    return found


def book_with(experiments: list[Experiment], **claim) -> Register:
    fields = {"id": "x/y", "who": "w", "kind": "causal", "theme": "craft", "claim": "It is so.", "reach": 1} | claim
    words = dict.fromkeys(("title", "author", "outlet", "date", "language", "argument"), "-")
    source = Source(article="x", claims=(Claim.model_validate(fields),), experiments=tuple(experiments), **words)
    return Register(sources=(source,))


# Interval and verdict


@tries
@given(st.lists(st.integers(-1000, 1000).map(lambda n: n / 8), min_size=3, max_size=9))
def test_the_interval_is_that_of_scipys_t_test(values):
    if len(set(values)) == 1:
        assert ledger.interval(values) == (values[0], values[0])
        return
    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert ledger.interval(values) == pytest.approx((theirs.low, theirs.high))


def test_the_interval_of_one_two_three_is_as_computed_from_the_table():
    half = 2.920 / math.sqrt(3)  # t of 0.95 with two degrees of freedom; standard error 1 / sqrt(3)
    assert ledger.interval([1, 2, 3]) == pytest.approx((2 - half, 2 + half), abs=1e-3)


@pytest.mark.parametrize("values", [[], [1.0, 2.0], [1.0, 2.0, math.nan], [1.0, 2.0, math.inf]])
def test_an_interval_of_too_few_or_broken_values_is_refused(values):
    with pytest.raises(ValueError, match="at least 3 finite values"):
        ledger.interval(values)


@pytest.mark.parametrize(
    ("bounds", "direction", "limit", "expected"),
    [
        ((11, 20), "greater", 10, "supported"),
        ((1, 9), "greater", 10, "contradicted"),
        ((9, 11), "greater", 10, "open"),
        ((-20, -11), "less", -10, "supported"),
        ((-9, 3), "less", -10, "contradicted"),
        ((-11, -9), "less", -10, "open"),
        ((-9, -1), "greater", -10, "supported"),
        ((1, 9), "less", 10, "supported"),
        ((11, 12), "less", 10, "contradicted"),
        ((10, 12), "greater", 10, "open"),
        ((8, 10), "greater", 10, "open"),
    ],
)
def test_the_verdict_is_where_the_interval_lies(bounds, direction, limit, expected):
    assert ledger.verdict(bounds, direction, limit) == expected


SWAPPED = {"supported": "contradicted", "contradicted": "supported", "open": "open"}
bounds_and_limit = st.tuples(st.integers(-50, 50), st.integers(0, 30), st.integers(-50, 50))


@tries
@given(bounds_and_limit, st.sampled_from(["greater", "less"]))
def test_supported_and_contradicted_swap_when_the_interval_is_mirrored(numbers, direction):
    low, width, limit = numbers
    high = low + width
    mirrored = (2 * limit - high, 2 * limit - low)
    assert ledger.verdict(mirrored, direction, limit) == SWAPPED[ledger.verdict((low, high), direction, limit)]


@tries
@given(bounds_and_limit)
def test_the_two_directions_are_each_others_mirror(numbers):
    low, width, limit = numbers
    high = low + width
    said = ledger.verdict((low, high), "greater", limit)
    assert ledger.verdict((-high, -low), "less", -limit) == said
    assert ledger.verdict((low, high), "less", limit) == SWAPPED[said]


# Judging measurements


@pytest.mark.parametrize("expected", EFFECTS)
def test_measurements_are_judged_by_the_rule(expected):
    part = ledger.judge(experiment(), rows({"a": EFFECTS[expected]}))["a"]
    assert part.measured == pytest.approx(EFFECTS[expected])
    assert part.interval == pytest.approx(ledger.interval(EFFECTS[expected]))
    assert part.verdict == expected


def test_differences_are_paired_by_seed_whatever_the_order_of_the_rows():
    found = rows({"a": EFFECTS["supported"]})
    forth, back = (ledger.judge(experiment(), some)["a"].measured for some in (found, reversed(found)))
    assert forth == back
    assert forth[0] != forth[1], "with equal effects the order could not show"


def test_a_rule_that_asks_for_less_is_judged_on_the_other_side():
    loss = experiment(metric="answer_loss", direction="less", minimum_effect=-0.5)
    better, worse = (
        ledger.judge(loss, rows({"a": e}, metric="answer_loss"))["a"] for e in ((-2, -2.1, -1.9), (2, 2.1, 1.9))
    )
    assert (better.verdict, worse.verdict) == ("supported", "contradicted")


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("placebo", [(8.0, 8.5, 9.0), (-8.0, -8.5, -9.0), (0.0, 12.0, -12.0)])
def test_a_placebo_outside_its_bound_voids_the_part(effect, placebo):
    part = ledger.judge(experiment(), rows({"a": EFFECTS[effect]}, placebo))["a"]
    assert not part.placebo_holds
    assert part.verdict == "open"


def test_a_placebo_is_compared_with_its_own_arm_where_one_is_named():
    own = experiment(placebo={"arm": "sham", "against": "new a", "bound": 5})
    found = ledger.judge(own, rows({"a": (50, 51, 49)}, placebo=(50.5, 51.5, 49.5)))["a"]
    assert found.placebo_measured == pytest.approx((0.5, 0.5, 0.5))
    assert found.placebo_holds


def test_a_missing_arm_is_named_with_its_part_and_seed():
    some = [row for row in rows({"a": EFFECTS["supported"]}) if row.arm != "sham"]
    with pytest.raises(ValueError, match=r"^E90, part 'a': no exact_match .*'sham', seed 10$"):
        ledger.judge(experiment(), some)


def test_a_missing_seed_is_named_with_its_arm():
    some = [row for row in rows({"a": EFFECTS["supported"]}) if (row.arm, row.seed) != ("plain", 11)]
    with pytest.raises(ValueError, match=r"^E90, part 'a': no exact_match .*'plain', seed 11$"):
        ledger.judge(experiment(), some)


def test_a_measurement_handed_over_twice_is_named():
    found = rows({"a": EFFECTS["supported"]})
    with pytest.raises(ValueError, match=r"^E90: exact_match of arm 'plain', seed 11, .*twice$"):
        ledger.judge(experiment(), [*found, Row("exact_match", "plain", 11, 3.0)])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_measurement_that_is_no_number_is_named(value):
    found = [row for row in rows({"a": EFFECTS["supported"]}) if (row.arm, row.seed) != ("sham", 12)]
    with pytest.raises(ValueError, match=rf"^E90: exact_match of arm 'sham', seed 12, is {value}, not a number$"):
        ledger.judge(experiment(), [*found, Row("exact_match", "sham", 12, value)])


def test_measurements_that_no_rule_asks_for_change_nothing():
    found = rows({"a": EFFECTS["supported"]})
    more = [Row("token_accuracy", "plain", 10, 1.0), Row("exact_match", "another", 10, 1.0)]
    assert ledger.judge(experiment(), found + more) == ledger.judge(experiment(), found)


# Seeds


def test_without_the_setting_the_registered_seeds_count():
    assert ledger.seeds_for(experiment()) == SEEDS


def test_an_empty_setting_counts_as_none(monkeypatch):
    monkeypatch.setenv("CRUCIBLE_SEEDS", " ")
    assert ledger.seeds_for(experiment()) == SEEDS


@pytest.mark.parametrize("text", ["31,32,33", " 31, 32 ,33 "])
def test_other_seeds_are_read_and_judged(monkeypatch, text):
    monkeypatch.setenv("CRUCIBLE_SEEDS", text)
    assert ledger.seeds_for(experiment()) == (31, 32, 33)
    found = ledger.judge(experiment(), rows({"a": EFFECTS["supported"]}, seeds=(31, 32, 33)))
    assert found["a"].seeds == (31, 32, 33)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("31,x,33", "whole numbers"),
        ("31,32,33,", "whole numbers"),
        ("31.5,32,33", "whole numbers"),
        ("31 32 33", "whole numbers"),
        ("31,32", "at least 3 different"),
        ("31,32,32", "at least 3 different"),
        ("31,32,33,33", "different"),
    ],
)
def test_bad_seeds_are_refused_with_what_was_given(monkeypatch, text, said):
    monkeypatch.setenv("CRUCIBLE_SEEDS", text)
    with pytest.raises(ValueError, match=said) as error:
        ledger.seeds_for(experiment())
    assert f"CRUCIBLE_SEEDS={text!r}" in str(error.value)


# Claims

S, C, O = "supported", "contradicted", "open"  # noqa: E741
TABLE = {  # verdicts of two parts: what a claim on all of them, on any of them, by condition says
    (S, S): (S, S, S),
    (S, C): (C, S, "conditional"),
    (S, O): (O, S, O),
    (C, C): (C, C, C),
    (C, O): (C, O, O),
    (O, O): (O, O, O),
}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("combine", "place"), [("all", 0), ("any", 1), ("condition", 2)])
@pytest.mark.parametrize("pair", TABLE)
def test_the_parts_verdicts_combine_as_the_table_says(pair, combine, place, order):
    outcome = outcome_of(dict(zip("ab", pair[::order], strict=True)))
    book = book_with([outcome.experiment], tested_in=["E90"], combine=combine, verdict="not yet tested")
    assert ledger.claim_verdict(book.claim("x/y"), book, {"E90": outcome}) == TABLE[pair][place]


def test_a_claim_on_one_part_hears_only_that_part():
    outcome = outcome_of({"a": "supported", "b": "contradicted"})
    for part, expected in (("a", "supported"), ("b", "contradicted")):
        book = book_with([outcome.experiment], tested_in=[f"E90/{part}"], verdict="not yet tested")
        assert ledger.claim_verdict(book.claim("x/y"), book, {"E90": outcome}) == expected


def test_a_claim_without_a_complete_run_keeps_its_recorded_verdict():
    run, other = outcome_of({"a": "supported"}), experiment(name="E91")
    half = book_with([run.experiment, other], tested_in=["E90", "E91"], verdict="contradicted")
    assert ledger.claim_verdict(half.claim("x/y"), half, {"E90": run}) == "contradicted"
    none = book_with([run.experiment], verdict="untestable", reason="r")
    assert ledger.claim_verdict(none.claim("x/y"), none, {"E90": run}) == "untestable"


def test_a_disagreement_names_claim_recorded_and_measured():
    outcome = outcome_of({"a": "contradicted"})
    book = book_with([outcome.experiment], tested_in=["E90"], verdict="supported")
    (line,) = ledger.disagreements(book, {"E90": outcome})
    assert "x/y" in line
    assert line.index("supported") < line.index("contradicted")


def test_agreement_and_what_was_not_run_give_no_line():
    outcome = outcome_of({"a": "supported"})
    book = book_with([outcome.experiment], tested_in=["E90"], verdict="supported")
    assert ledger.disagreements(book, {"E90": outcome}) == []
    assert ledger.disagreements(book_with([experiment()], tested_in=["E90"], verdict="open"), {}) == []


# Recording


def test_what_record_leaves_is_what_recorded_reads(monkeypatch, tmp_path):
    monkeypatch.setenv("CRUCIBLE_LEDGER_DIR", str(tmp_path / "new" / "folder"))
    outcome = ledger.record(experiment(), iter(rows({"a": (50.123456789, 51, 49)})))
    book = book_with([experiment()], verdict="not yet tested")
    assert ledger.recorded(tmp_path / "new" / "folder", book) == {"E90": outcome}


def test_what_was_recorded_is_judged_by_the_register_as_it_is_now(monkeypatch, tmp_path):
    monkeypatch.setenv("CRUCIBLE_LEDGER_DIR", str(tmp_path))
    assert ledger.record(experiment(), rows({"a": EFFECTS["supported"]}))["a"].verdict == "supported"
    stricter = book_with([experiment(minimum_effect=60)], verdict="not yet tested")
    assert ledger.recorded(tmp_path, stricter)["E90"]["a"].verdict == "contradicted"


def test_without_a_folder_nothing_is_written(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert ledger.record(experiment(), rows({"a": EFFECTS["open"]}))["a"].verdict == "open"
    assert list(tmp_path.iterdir()) == []


def test_wrong_measurements_are_not_recorded(monkeypatch, tmp_path):
    monkeypatch.setenv("CRUCIBLE_LEDGER_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="no exact_match"):
        ledger.record(experiment(), rows({"b": EFFECTS["open"]}))
    assert list(tmp_path.iterdir()) == []


# Sentences


def test_a_sentence_holds_every_measured_number():
    part = ledger.judge(experiment(), rows({"a": (61.3, 64.9, 62.2)}, placebo=(1.1, 1.3, 1.5)))["a"]
    text = part.sentence()
    low, high = part.interval
    for number in (62.8, low, high, 1.3, 10, 5):
        assert f"{number:.1f}".removesuffix(".0") in text
    assert all(word in text for word in ("three", "new a", "plain", "sham", "points", "90 %", "supported"))


@pytest.mark.parametrize(("metric", "unit"), [("exact_match", "points"), ("answer_loss", "nats per answer token")])
def test_a_sentence_speaks_in_the_unit_of_its_metric(metric, unit):
    part = ledger.judge(experiment(metric=metric), rows({"a": EFFECTS["open"]}, metric=metric))["a"]
    assert unit in part.sentence()


def test_a_width_in_decades_keeps_two_decimals_also_in_the_table():
    part = ledger.judge(experiment(metric="rise_width"), rows({"a": (-0.51, -0.49, -0.47)}, metric="rise_width"))
    assert "**-0.49 decades** (90 % interval -0.52 to -0.46;" in part["a"].sentence()
    assert "(-0.52 to -0.46)" in ledger.other_seeds_text(part)


def test_a_sentence_says_when_the_placebo_broke_its_bound():
    kept, broke = (
        ledger.judge(experiment(), rows({"a": EFFECTS["supported"]}, placebo))["a"].sentence()
        for placebo in ((0, 0, 0), (8, 8, 9))
    )
    assert "broke" in broke
    assert "broke" not in kept
    assert "**open**" in broke


@pytest.mark.parametrize(("number", "said"), [(0, "no"), (3, "three"), (12, "twelve"), (13, "13"), (8123, "8,123")])
def test_small_counts_are_words_and_large_ones_digits(number, said):
    assert ledger.in_words(number) == said


def test_a_claims_sentence_gives_the_measured_verdict_and_the_recorded_one_where_they_differ():
    outcome = outcome_of({"a": "contradicted"})
    same, differs = (
        ledger.claim_sentence("x/y", outcome, book=book_with([outcome.experiment], tested_in=["E90"], verdict=recorded))
        for recorded in ("contradicted", "supported")
    )
    assert "Contradicted" in same
    assert "supported" not in same
    assert differs.index("Contradicted") < differs.index("supported")
    assert "It is so." in same


def test_a_conditional_claims_sentence_names_its_condition():
    rule = experiment(("a", "b"), condition="it is full")
    outcome = ledger.judge(rule, rows({"a": EFFECTS["supported"], "b": EFFECTS["contradicted"]}))
    claim = {"tested_in": ["E90"], "combine": "condition", "verdict": "conditional", "condition": "the moon"}
    text = ledger.claim_sentence("x/y", outcome, book=book_with([rule], **claim))
    assert all(word in text for word in ("Conditional", "the moon", "supported when it is full", "contradicted when"))


def two_experiments(combine: str, verdict: str, **claim) -> tuple[list, Register]:
    """E90 supports, E91 contradicts; a claim that rests on a part of each."""
    kinds = {"E90": "supported", "E91": "contradicted"}
    rules = [experiment(("a", "b"), name, condition=f"it is {name}") for name in kinds]
    outcomes = [
        ledger.judge(rule, rows({"a": EFFECTS[kind], "b": EFFECTS["open"]}))
        for rule, kind in zip(rules, kinds.values(), strict=True)
    ]
    fields = {"tested_in": ["E90/a", "E91/a"], "combine": combine, "verdict": verdict, **claim}
    return outcomes, book_with(rules, **fields)


@pytest.mark.parametrize(("combine", "said"), [("all", "Contradicted"), ("any", "Supported")])
def test_a_claim_that_rests_on_two_experiments_is_judged_by_both(combine, said):
    outcomes, book = two_experiments(combine, said.lower())
    for order in (outcomes, outcomes[::-1]):
        text = ledger.claim_sentence("x/y", *order, book=book)
        assert f"**{said} here**" in text
        assert "recorded" not in text


def test_a_claim_by_condition_may_rest_on_two_experiments():
    outcomes, book = two_experiments("condition", "conditional", condition="the moon")
    text = ledger.claim_sentence("x/y", *outcomes, book=book)
    assert "supported when it is E90, contradicted when it is E91" in text


def test_a_claim_with_an_outcome_missing_is_not_judged_and_says_which():
    outcomes, book = two_experiments("any", "supported")
    text = ledger.claim_sentence("x/y", outcomes[0], book=book)
    assert "E91" in text
    assert "E90" not in text
    assert "**Not judged here**" in text
    assert "*supported*" in text
    assert "supported here" not in text.lower()
    assert "E90 and E91" in ledger.claim_sentence("x/y", book=book)


def test_an_unknown_part_of_an_outcome_is_answered_with_those_there_are():
    with pytest.raises(KeyError, match=r"E90 has no part 'nope'; it has a, b"):
        outcome_of({"a": "open", "b": "open"})["nope"]


# What a notebook hands over


@pytest.mark.parametrize("number", [np.float32(1.5), np.float64(1.5), 1.5])
def test_numbers_of_numpy_are_recorded_like_any(monkeypatch, tmp_path, number):
    monkeypatch.setenv("CRUCIBLE_LEDGER_DIR", str(tmp_path))
    handed = [Row(row.metric, row.arm, np.int64(row.seed), number * row.value) for row in rows({"a": (1, 2, 4)})]
    outcome = ledger.record(experiment(), handed)
    book = book_with([experiment()], verdict="not yet tested")
    assert ledger.recorded(tmp_path, book) == {"E90": outcome}
    assert type(Row("exact_match", "a", 10, number).value) is float


@pytest.mark.parametrize(
    ("seed", "value", "said"),
    [
        (10, "1.5", "value='1.5'"),
        (10, None, "value=None"),
        (10, torch.tensor(1.5), r"value=tensor\(1.5000\)"),
        (10, [1.5], r"value=\[1.5\]"),
        (10, True, "value=True"),
        (10.5, 1.5, "seed=10.5"),
        ("10", 1.5, "seed='10'"),
    ],
)
def test_what_is_no_number_is_refused_at_once_with_its_arm(seed, value, said):
    with pytest.raises(ValueError, match=rf"exact_match of arm 'new a': {said}"):
        Row("exact_match", "new a", seed, value)


def test_the_rule_text_of_every_real_experiment_holds_its_rules_bounds_and_seeds():
    for entry in register.load().experiments.values():
        text = ledger.rule_text(entry)
        wanted = itertools.chain.from_iterable((p.rule, p.placebo.arm, f"{p.placebo.bound:g}") for p in entry.parts)
        assert all(word in text for word in [*wanted, *map(str, entry.seeds)])


def test_a_claims_text_holds_the_claim_and_its_counter_claim():
    both = ledger.claim_text(book_with([], verdict="not yet tested", counter="It is not.").claim("x/y"))
    assert both.index("It is so.") < both.index("It is not.")


def seeds_book(effects: dict[int, float], placebos: dict[int, float] | None = None):
    """E90 with two sets of other seeds, and rows of the effects: seed -> new minus plain."""
    found = experiment().model_copy(update={"other_seeds": ((31, 32, 33), (41, 42, 43))})
    placebos = placebos or {}
    rows = [
        Row("exact_match", arm, seed, value)
        for seed, effect in effects.items()
        for arm, value in (("new a", effect), ("plain", 0.0), ("sham", placebos.get(seed, 0.0)))
    ]
    return found, rows


GOOD = dict.fromkeys((10, 11, 12), 60.0)


def test_the_same_verdict_on_other_seeds_changes_nothing():
    found, rows = seeds_book(GOOD | dict.fromkeys((31, 32, 33, 41, 42, 43), 55.0))
    outcome = ledger.judge(found, rows).parts[0]
    assert outcome.verdict == "supported"
    assert [other.seeds for other in outcome.elsewhere] == [(31, 32, 33), (41, 42, 43)]
    assert "so we leave it open" not in outcome.sentence()


@pytest.mark.parametrize(
    ("elsewhere", "placebos", "said"),
    [
        ({41: 55.0, 42: 0.0, 43: 55.0}, {}, "open on 41, 42, 43"),
        (dict.fromkeys((41, 42, 43), 1.0), {}, "contradicted on 41, 42, 43"),
        (dict.fromkeys((41, 42, 43), 55.0), {41: 90.0}, "open on 41, 42, 43"),
    ],
)
def test_another_verdict_on_other_seeds_leaves_a_part_open_and_it_says_so(elsewhere, placebos, said):
    found, rows = seeds_book(GOOD | dict.fromkeys((31, 32, 33), 55.0) | elsewhere, placebos)
    outcome = ledger.judge(found, rows).parts[0]
    assert (outcome.here, outcome.verdict) == ("supported", "open")
    assert f"These seeds alone would say supported; the same rule measured {said}, so we" in outcome.sentence()
    assert outcome.sentence().endswith("Verdict of this part: **open**.")


def test_other_seeds_that_were_not_measured_or_are_the_ones_asked_for_decide_nothing(monkeypatch):
    found, rows = seeds_book(GOOD | dict.fromkeys((31, 32, 33), 1.0))
    assert len(ledger.judge(found, rows).parts[0].elsewhere) == 1
    monkeypatch.setenv("CRUCIBLE_SEEDS", "31,32,33")
    outcome = ledger.judge(found, rows).parts[0]
    assert (outcome.verdict, outcome.elsewhere) == ("contradicted", ())


def test_the_table_of_other_seeds_has_a_line_for_each_part_and_a_column_for_each_set():
    found, rows = seeds_book(GOOD | dict.fromkeys((31, 32, 33), 1.0), {31: 90.0})
    head, _, line = ledger.other_seeds_text(ledger.judge(found, rows)).splitlines()
    assert head == "| part | seeds 10, 11, 12 | seeds 31, 32, 33 |"
    assert line == "| E90, a | supported (60 to 60) | open, placebo broken (1 to 1) |"
