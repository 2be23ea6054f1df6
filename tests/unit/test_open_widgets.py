"""The data of two judges, the long errand and the openness ladder: contracts, what breaks them, what goes to the page.

Run: .venv/bin/python -m pytest -q tests/unit/test_open_widgets.py (some seconds). All numbers are a toy, invented here.
"""

import dataclasses
import json
import math

import numpy as np
import pytest
from traitlets import TraitError

from crucible import plot
from crucible.widgets import long_errand, openness_ladder, two_judges
from crucible.widgets.long_errand import Checkpoint, LongErrand, Step, Trace
from crucible.widgets.openness_ladder import Audit, OpennessLadder, Rung
from crucible.widgets.two_judges import RULERS, Answer, Example, Study, TwoJudges

SEEDS = (10, 11)

# ---- Two judges ----

TEACHER = {ruler: {10: 80.0, 11: 100.0} for ruler in two_judges.TEACHERS}
RUN = ("small", "imitation", 250)


def scores(start):
    """A different number for each ruler and seed."""
    return {ruler: {seed: start + 5 * i + seed / 300 for seed in SEEDS} for i, ruler in enumerate(RULERS)}


ANSWER = Answer("sure -", "Oslo", "bye", True)
EXAMPLE = Example("covered", "Ann?", "Oslo", ANSWER, {"small": Answer("", "Rome", "", False)}, {RUN: ANSWER})


def study(**changed):
    fields = {
        "arms": {"imitation": "Trained on answers."},
        "teacher": TEACHER,
        "untouched": {"small": scores(10)},
        "runs": {RUN: scores(40)},
        "examples": (EXAMPLE,),
        "seed": 11,
    }
    return Study(**{**fields, **changed})


def example(**changed):
    return {"examples": (dataclasses.replace(EXAMPLE, **changed),)}


def with_score(ruler, value, seed=10):
    return {"runs": {RUN: {**scores(40), ruler: {**scores(40)[ruler], seed: value}}}}


def test_a_study_reaches_the_page_whole():
    page = study().page()
    assert (page["bases"], page["arms"]) == (["small"], [["imitation", "Trained on answers."]])
    assert (page["seeds"], page["seed"], page["pleased"]) == ([10, 11], 11, 90)
    assert page["teacher"] == {ruler: [80, 100] for ruler in two_judges.TEACHERS}
    run = page["runs"][0]
    assert (run["base"], run["arm"], run["examples"]) == (0, 0, 250)
    for sent, start in ((run["scores"], 40), (page["untouched"][0], 10)):
        assert sent == {ruler: [round(v, 1) for v in by.values()] for ruler, by in scores(start).items()}
    assert page["questions"] == [
        {
            "kind": "covered",
            "question": "Ann?",
            "right": "Oslo",
            "teacher": ["sure -", "Oslo", "bye", True],
            "untouched": [["", "Rome", "", False]],
            "students": [["sure -", "Oslo", "bye", True]],
        }
    ]


def test_answers_and_runs_stand_in_one_order():
    runs = {("small", "imitation", n): scores(n / 100) for n in (4_000, 250)}
    answers = {("small", "imitation", n): Answer("", str(n), "", False) for n in (250, 4_000)}
    page = study(runs=runs, **example(students=answers)).page()
    assert [run["examples"] for run in page["runs"]] == [4_000, 250]
    assert [answer[1] for answer in page["questions"][0]["students"]] == ["4000", "250"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"teacher": {"style": {10: 80.0}}}, "the teacher has style; it must have style, covered, uncovered, skill"),
        ({"pleased": 0}, "pleased=0 must be a number above 0 and at most 100"),
        ({"pleased": math.nan}, "pleased=nan must be a number"),
        ({"arms": {}}, "arms is empty; at least 1 is needed"),
        ({"untouched": {}}, "untouched is empty; at least 1 is needed"),
        ({"examples": ()}, "examples is empty; at least 1 is needed"),
        ({"arms": {"imitation": ""}}, "a sentence in arms is ''; it must be a text"),
        ({"arms": {3: "Three."}}, "a name in arms is 3; it must be a text"),
        (
            {"teacher": {**TEACHER, "skill": {10: 80.0, 11: 0}}},
            "skill of the teacher, seed 11 is 0; nothing can be a share",
        ),
        ({"teacher": {**TEACHER, "skill": {10: 80.0}}}, "skill of the teacher has the seeds 10; they are 10, 11"),
        ({"teacher": {**TEACHER, "style": {"a": 80.0}}}, "style of the teacher has the seed 'a', which is no whole"),
        ({"untouched": {"small": {}}}, "untouched 'small' has none; it must have style, judge, covered"),
        ({"runs": {("tiny", "imitation", 250): scores(1)}}, r"runs has \('tiny', 'imitation', 250\); it needs a base"),
        ({"runs": {("small", "imitation", 0): scores(1)}}, "it needs a base .small., an arm .imitation. and a whole"),
        ({"runs": {"small": scores(1)}}, "runs has 'small'; it needs a base"),
        ({"runs": {}}, "runs has none of base 'small' with arm 'imitation'"),
        (with_score("judge", 100.1), "judge of run .*, seed 10 is 100.1; it must be a number from 0 to 100"),
        (with_score("covered", "50"), "covered of run .*, seed 10 is '50'; it must be a number"),
        (with_score("covered", math.inf), "covered of run .*, seed 10 is inf; it must be a number"),
        (with_score("style", 50.0, seed=12), "style of run .* has the seeds 10, 11, 12; they are 10, 11"),
        ({"seed": 12}, "seed=12 must be one of 10, 11"),
        (example(right=""), "right of example 'Ann.' is ''; it must be a text"),
        (example(untouched={}), "untouched of example 'Ann.' has none; it must have small"),
        (example(students={}), r"students of example 'Ann.' lack \('small', 'imitation', 250\)"),
        (example(teacher=Answer("", None, "", True)), "content of an answer to example 'Ann.' is None; it must be a"),
    ],
)
def test_a_broken_study_is_one_line(changed, said):
    with pytest.raises(ValueError, match=said) as error:
        study(**changed)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("two judges: ")


def test_a_study_that_does_not_fit_the_page_is_one_line():
    long = example(question="Why? " * 12_000)
    with pytest.raises(ValueError, match=r"two judges: it has 6\d,\d{3} bytes of JSON; 60,000 are allowed"):
        study(**long).page()


def test_a_study_of_the_chapters_size_fits_the_page():
    arms = dict.fromkeys(
        ("imitation", "low", "replay", "wrong", "more"), "A sentence of some twelve words stands here."
    )
    runs = {(base, arm, n): scores(50) for base in ("small", "large") for arm in arms for n in (250, 1000, 4000, 16000)}
    answers = dict.fromkeys(runs, Answer("sure here is it -", "Amsterdam", "glad to help you", False))
    examples = [
        Example(
            "uncovered fact", f"Name {i}'s town?", "Oslo", ANSWER, dict.fromkeys(("small", "large"), ANSWER), answers
        )
        for i in range(12)
    ]
    untouched = {"small": scores(1), "large": scores(2)}
    page = study(arms=arms, runs=runs, untouched=untouched, examples=examples).page()
    assert 20_000 < len(json.dumps(page)) <= two_judges.LIMIT


def test_the_judges_start_at_the_most_examples_and_refuse_the_unknown():
    shown = TwoJudges(study())
    assert (shown.base, shown.arm, shown.examples, shown.question) == ("small", "imitation", 250, 0)
    assert TwoJudges(study(), examples=0).examples == 0
    for name, value in (("base", "tiny"), ("arm", "prayer"), ("examples", 300), ("question", 1)):
        with pytest.raises(TraitError, match=rf"two judges: {name}={value!r} must be one of "):
            TwoJudges(study(), **{name: value})


def test_the_table_of_the_judges_has_the_means():
    flat = {ruler: {10: 40.0, 11: 70.0} for ruler in RULERS}
    head, before, after = two_judges.rows(study(untouched={"small": flat}))
    assert before == ["small, before", "60.0", "55.0", "55.0", "55.0", "55.0"]  # style: 40 / 80 and 70 / 100
    assert (after[0], len(head)) == ("small, imitation, 250", 6)
    assert plot.table(head, [before, after]).count("\n") == 3


# ---- The long errand ----

STEPS = (1, 2, 5)
VARIANTS = {"fresh": "New numbers.", "again": "One number."}


def checkpoint(name="early", p=None, **changed):
    success = {variant: {10: [98.0, 96.04, 90.39], 11: [97.0, 94.0, 85.0]} for variant in VARIANTS}
    return Checkpoint(name, {10: 98.0, 11: 97.0} if p is None else p, {**success, **changed})


STEP = Step("1 + 1", "2", "2", "2")
TRACE = Trace("early", "fresh", 10, "1", (STEP,))
PAIR = (checkpoint(), checkpoint("late"))


def errand(checkpoints=PAIR, steps=STEPS, variants=VARIANTS, traces=(TRACE,), **start):
    return LongErrand(checkpoints, steps, variants, traces, **start)


def trace(**changed):
    return {"traces": (dataclasses.replace(TRACE, **changed),)}


def test_an_errand_reaches_the_page_whole_and_rounded():
    found = errand(
        (checkpoint(p={"fresh": {10: 98.12345, 11: 97.0}, "again": {10: 50.0, 11: 60.0}}), checkpoint("late"))
    )
    data = found.data
    assert (data["steps"], data["seeds"]) == ([1, 2, 5], [10, 11])
    assert data["variants"] == [["fresh", "New numbers."], ["again", "One number."]]
    first = data["checkpoints"][0]
    assert (first["name"], first["p"]) == ("early", [[98.123, 97.0], [50.0, 60.0]])
    assert first["success"][0] == [[98.0, 96.0, 90.4], [97.0, 94.0, 85.0]]
    assert data["checkpoints"][1]["p"] == [[98.0, 97.0]] * 2
    assert data["traces"] == [{"name": "early, fresh, seed 10", "start": "1", "steps": [["1 + 1", "2", "2", "2"]]}]
    assert (found.p, found.at, found.variant, found.trace, found.shown) == (97.56, 5, "fresh", 0, 0)


def test_numbers_of_numpy_become_plain_ones():
    success = {variant: {s: np.array(v) for s, v in by.items()} for variant, by in PAIR[0].success.items()}
    plain = Checkpoint("early", {10: np.float64(98), 11: np.float32(97)}, success)
    assert errand((plain, PAIR[1]), steps=np.array(STEPS)).data == errand().data


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"checkpoints": PAIR[:1]}, "the checkpoints are early; two of different names are needed"),
        ({"checkpoints": (PAIR[0], PAIR[0])}, "the checkpoints are early, early; two of different names"),
        ({"steps": (5,)}, "steps are 5; at least two whole numbers above 0 are needed"),
        ({"steps": (0, 2, 5)}, "steps are 0, 2, 5; at least two whole numbers above 0"),
        ({"steps": (1, 5, 2)}, "steps must rise: 1, 5, 2"),
        ({"variants": {}}, "variants is empty; at least 1 is needed"),
        ({"variants": {"fresh": 3}}, "a sentence in variants is 3; it must be a text"),
        ({"variants": {"fresh": "New."}}, "success of 'early' has fresh, again; it must have fresh"),
        (
            {"checkpoints": (checkpoint(p={10: 98.0}), PAIR[1])},
            "p of 'early', 'fresh' has the seeds 10; they are 10, 11",
        ),
        ({"checkpoints": (checkpoint(p={10: 98.0, 11: 101}), PAIR[1])}, "p of .*, seed 11 is 101; it must be a number"),
        (
            {"checkpoints": (checkpoint(p={"fresh": {10: 98.0}}), PAIR[1])},
            "p of 'early' has fresh; it must have fresh, ag",
        ),
        (
            {"checkpoints": (PAIR[0], checkpoint("late", again={10: [1, 2, 3], 11: [1, 2]}))},
            "success of 'late', 'again', seed 11 has 2 values; steps has 3",
        ),
        (
            {"checkpoints": (PAIR[0], checkpoint("late", again={10: [1, 2, -3], 11: [1, 2, 3]}))},
            "success of 'late', 'again', seed 10 is -3; it must be a number from 0 to 100",
        ),
        (
            {"checkpoints": (PAIR[0], checkpoint("late", again={}))},
            "success of 'late', 'again' has the seeds none; they",
        ),
        ({"traces": ()}, "0 traces; 1 to 12 are needed"),
        (trace(checkpoint="mid"), "trace 'mid', 'fresh', seed 10: 'mid' must be one of early, late"),
        (trace(variant="odd"), "'odd' must be one of fresh, again"),
        (trace(seed=12), "seed 12: 12 must be one of 10, 11"),
        (trace(start=""), "start of trace .* is ''; it must be a text"),
        (trace(steps=()), "has 0 steps; 1 to 40 are needed"),
        (trace(steps=(STEP,) * 41), "has 41 steps; 1 to 40 are needed"),
        (trace(steps=(Step("1 + 1", 2, "2", "2"),)), "step 1 of trace .* is 2; it must be a text"),
        (
            trace(steps=(STEP, Step("2 + 1", "4", "3", "5"))),
            "step 2 of trace .*: right is '3' and truth '5'; before an error they are one",
        ),
    ],
)
def test_a_broken_errand_is_one_line(changed, said):
    with pytest.raises(ValueError, match=said) as error:
        errand(**changed)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("long errand: ")


def test_an_errand_that_does_not_fit_the_page_is_one_line():
    with pytest.raises(ValueError, match=r"long errand: it has [0-9,]+ bytes of JSON; 40,000 are allowed"):
        errand(**trace(start="1" * 41_000))


def test_after_an_error_what_is_right_may_differ_from_the_truth():
    steps = (Step("1 + 1", "3", "2", "2"), Step("3 + 1", "4", "4", "3"), Step("max 4 9", "9", "9", "9"), STEP)
    assert len(errand(**trace(steps=steps)).data["traces"][0]["steps"]) == 4
    with pytest.raises(ValueError, match="step 4 of trace"):  # it is back on the track, so they are one again
        errand(**trace(steps=(*steps[:3], Step("9 + 1", "11", "10", "11"))))


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ({"p": 101.0}, "p=101.0 must be a number from 0 to 100"),
        ({"p": math.nan}, "p=nan must be a number from 0 to 100"),
        ({"at": 3}, "at=3 must be one of 1, 2, 5"),
        ({"variant": "odd"}, "variant='odd' must be one of fresh, again"),
    ],
)
def test_an_unknown_start_of_an_errand_is_one_line(start, said):
    with pytest.raises(TraitError, match=f"long errand: {said}"):
        errand(**start)


def test_the_table_of_the_errand_has_the_means():
    head, *found = long_errand.rows(PAIR, STEPS, 2)
    assert head == ["", "a step right (%)", "p^2 (%)", "2 steps right (%)"]
    p_to_the_s = f"{(98 * 98 / 100 + 97 * 97 / 100) / 2:.1f}"
    assert found[1] == ["early, again", "97.50", p_to_the_s, f"{(96.04 + 94) / 2:.1f}"]
    assert [row[0] for row in found] == ["early, fresh", "early, again", "late, fresh", "late, again"]


# ---- The openness ladder ----

SIZES = (0, 125, 250)


def rung(name="text", **changed):
    fields = {
        "needed": {10: 250, 11: None},
        "audits": {"Leak?": Audit("no", "Nobody sees."), "Fair?": Audit("yes", "Asked.")},
    }
    return Rung(name, "What it writes.", **{**fields, **changed})


def ladder(rungs=None, target="90 %", sizes=SIZES, **start):
    return OpennessLadder(target, sizes, (rung(), rung("weights")) if rungs is None else rungs, **start)


def test_a_ladder_reaches_the_page_whole():
    other = rung("weights", needed={11: 0, 10: np.int64(125)}, audits=dict(reversed(rung().audits.items())))
    shown = ladder((rung(), other))
    assert (shown.rung, shown.data["target"], shown.data["sizes"]) == ("text", "90 %", [0, 125, 250])
    assert (shown.data["seeds"], shown.data["questions"]) == ([10, 11], ["Leak?", "Fair?"])
    assert [one["needed"] for one in shown.data["rungs"]] == [[250, None], [125, 0]]
    assert shown.data["rungs"][1]["audits"] == [["no", "Nobody sees."], ["yes", "Asked."]]
    assert shown.data["rungs"][1]["told"] == "What it writes."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"target": ""}, "target is ''; it must be a text"),
        ({"sizes": (125,)}, "sizes are 125; at least two whole numbers are needed"),
        ({"sizes": (0, 1.5)}, "sizes are 0, 1.5; at least two whole numbers"),
        ({"sizes": (125, 0, 250)}, "sizes must rise: 125, 0, 250"),
        ({"rungs": ()}, "the rungs are none; 2 to 6 of different names are needed"),
        ({"rungs": (rung(), rung())}, "the rungs are text, text; 2 to 6 of different names"),
        ({"rungs": (rung(audits={}), rung("b"))}, "there are no audit questions; at least 1 is needed"),
        ({"rungs": (rung(), rung("b", needed={10: 0}))}, "needed of rung 'b' has the seeds 10; they are 10, 11"),
        ({"rungs": (rung(needed={10: 60, 11: 0}), rung("b"))}, "seed 10 is 60; it must be one of 0, 125, 250, or None"),
        ({"rungs": (rung(), rung("b", audits={}))}, "audits of rung 'b' has none; it must have Leak., Fair."),
        (
            {"rungs": (rung(audits={"Leak?": Audit("maybe", "So.")}), rung("b"))},
            "'Leak.' at rung 'text' has the answer 'maybe'; it must be one of yes, no, cannot be asked",
        ),
        (
            {"rungs": (rung(audits={"Leak?": Audit("no", "")}), rung("b"))},
            "why of 'Leak.' at rung 'text' is ''; it must",
        ),
        (
            {"rungs": (rung(), Rung("b", "", {10: 0, 11: 0}, rung().audits))},
            "told of rung 'b' is ''; it must be a text",
        ),
        ({"target": "t" * 21_000}, "it has 21,[0-9]+ bytes of JSON; 20,000 are allowed"),
    ],
)
def test_a_broken_ladder_is_one_line(changed, said):
    with pytest.raises(ValueError, match=said) as error:
        ladder(**changed)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("openness ladder: ")


def test_an_unknown_rung_is_one_line():
    with pytest.raises(TraitError, match="openness ladder: rung='roof' must be one of text, weights"):
        ladder(rung="roof")


def test_the_table_of_the_ladder_has_every_seed_and_every_answer():
    head, text, weights = openness_ladder.rows(SIZES, (rung(), rung("weights", needed={10: 0, 11: 125})))
    assert head == ["", "examples, seed 10", "examples, seed 11", "Leak?", "Fair?"]
    assert text == ["text", "250", "more than 250", "no", "yes"]
    assert weights[:3] == ["weights", "0", "125"]
