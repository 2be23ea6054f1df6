"""The grid: its contract, what breaks it, its table, and that its numbers are the ledger's.

Run: .venv/bin/python -m pytest -q tests/unit/test_grid.py (about 3 s).
"""

import json
import math
from dataclasses import replace
from statistics import mean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from crucible import ledger, register
from crucible.grid import LIMIT, Decision, Grid, Measure
from crucible.widgets.grid_explorer import GridExplorer

SEEDS = (10, 11, 12)
AXES = {"arm": ("few", "all", "shuffled"), "steps": (0, 400, 1200)}
DECISION = Decision("More than 90 points.", "open", 1)


def values(axes=AXES, seeds=SEEDS):
    """A different number at every place."""
    arms, steps = axes["arm"], axes["steps"]
    return {
        (arm, step, seed): 10.0 * i + step / 100 + seed / 7
        for i, arm in enumerate(arms)
        for step in steps
        for seed in seeds
    }


def made(measure=None, **changed):
    fields = {
        "experiment": "E00",
        "seeds": SEEDS,
        "axes": AXES,
        "metrics": {"held out": measure or Measure(values(), "%", chance=0.5, oracle=100)},
        "decision": DECISION,
        "placebo": ("arm", "shuffled"),
    }
    return Grid(**{**fields, **changed})


def test_the_contract_has_its_parts_and_every_value_to_the_last_digit():
    grid = made()
    data = json.loads(grid.to_json())
    parts = {"experiment", "created", "machine", "seeds", "axes", "metrics", "order", "placebo", "decision"}
    assert set(data) == parts
    assert data["order"] == {"axes": list(AXES), "metrics": ["held out"]}
    assert data["axes"] == {"arm": ["few", "all", "shuffled"], "steps": [0, 400, 1200]}
    assert data["placebo"] == {"axis": "arm", "value": "shuffled"}
    assert data["decision"] == {"rule": "More than 90 points.", "verdict": "open", "reach": 1}
    metric = data["metrics"]["held out"]
    assert (metric["unit"], metric["difference_unit"], metric["chance"], metric["oracle"]) == ("%", "points", 0.5, 100)
    for i, arm in enumerate(AXES["arm"]):
        for j, step in enumerate(AXES["steps"]):
            assert metric["values"][i][j] == [values()[arm, step, seed] for seed in SEEDS]


@given(st.lists(st.floats(-1e6, 1e6), min_size=27, max_size=27))
def test_no_value_is_rounded_on_its_way(numbers):
    grid = made(Measure(dict(zip(values(), numbers, strict=True)), "nats"))
    nested = json.loads(grid.to_json())["metrics"]["held out"]["values"]
    assert [value for rows in nested for row in rows for value in row] == numbers


def test_numbers_of_numpy_become_plain_ones():
    grid = made(Measure({place: np.float32(value) for place, value in values().items()}, "%"))
    assert json.loads(grid.to_json())["metrics"]["held out"]["values"][0][0][0] == float(np.float32(10 / 7))


def test_what_was_not_measured_is_null_in_the_contract_and_a_dash_in_the_table():
    some = {place: value for place, value in values().items() if place[0] != "few" or place[2] == 10}
    grid = made(Measure(some, "%", partly=True))
    assert json.loads(grid.to_json())["metrics"]["held out"]["values"][0][0] == [10 / 7, None, None]
    assert "| few | 0 | 1.4 | – | – | 1.4 |" in grid.table()
    assert grid.by_seed("held out", {"arm": "few", "steps": 0}) == {10: 10 / 7}


def test_the_table_has_every_seed_and_the_mean_of_every_setting():
    grid = made()
    lines = grid.table("Look").splitlines()
    assert lines[:2] == ["<details>", "<summary>Look</summary>"]
    assert lines[-1] == "</details>"
    assert "**held out (%)**" in lines
    rows = [line for line in lines if line.startswith("|")]
    assert rows[0] == "| arm | steps | seed 10 | seed 11 | seed 12 | mean |"
    assert len(rows) == 2 + 9
    found = [values()["all", 1200, seed] for seed in SEEDS]
    assert "| all | 1,200 | " + " | ".join(f"{value:.1f}" for value in (*found, mean(found))) + " |" in rows


def test_a_bar_in_a_name_does_not_break_the_table():
    axes = {"arm": ("a|b", "all"), "steps": (0,)}
    grid = made(Measure(values(axes), "%"), axes=axes, placebo=None)
    assert "| a\\|b | 0 |" in grid.table()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"axes": {}}, "it has no axis"),
        ({"metrics": {}}, "it has no metric"),
        ({"axes": {"metric": (1,)}}, "'metric' cannot name a grid's axis"),
        ({"axes": {"12": (1,)}}, "'12' cannot name a grid's axis"),
        ({"axes": {**AXES, "steps": ()}}, "steps has no values"),
        ({"axes": {**AXES, "steps": (0, 400, 400)}}, "steps has a value twice: 0, 400, 400"),
        ({"axes": {**AXES, "steps": (1, "1", 2)}}, "steps has a value twice"),
        ({"axes": {**AXES, "steps": (0, None, 2)}}, "steps has None, which is neither text nor a number"),
        ({"axes": {**AXES, "steps": (0, math.nan, 2)}}, "steps has nan, which is neither text nor a number"),
        ({"seeds": ()}, "seeds has no values"),
        ({"seeds": (10, 10, 11)}, "seeds has a value twice: 10, 10, 11"),
        ({"seeds": (10, 11)}, r"was measured at \('few', 0, 12\), which is no combination of arm, steps and seed"),
        (
            {"seeds": (*SEEDS, 13)},
            r"held out was not measured at \('all', 0, 13\); partly=True says that this is meant",
        ),
        ({"placebo": ("arm", "sugar")}, "the placebo arm='sugar' is no place on an axis"),
        ({"placebo": ("pill", "shuffled")}, "the placebo pill='shuffled' is no place on an axis"),
        ({"decision": Decision("", "open", 1)}, "the decision needs a rule, a verdict and a reach from 0 to 3"),
        ({"decision": Decision("r", "open", 4)}, "reach from 0 to 3"),
        ({"measure": Measure(values(), "")}, "held out has no unit"),
        ({"measure": Measure({}, "%", partly=True)}, "held out has no values"),
        ({"measure": Measure({**values(), ("few", 0, 10): math.nan}, "%")}, "is nan, not a finite number"),
        ({"measure": Measure({**values(), ("few", 0, 10): "61"}, "%")}, "is '61', not a finite number"),
        ({"measure": Measure({**values(), ("few", 0, 10): True}, "%")}, "is True, not a finite number"),
        ({"measure": Measure({**values(), ("few", 10): 1.0}, "%")}, r"measured at \('few', 10\), which is no comb"),
        ({"measure": Measure(values(), "%", chance=math.inf)}, "chance of held out is inf, not a finite number"),
        ({"machine": "m" * LIMIT}, "bytes of JSON; 200,000 are allowed"),
    ],
)
def test_a_broken_grid_is_one_line_that_names_what_breaks_it(changed, said):
    with pytest.raises(ValueError, match=said) as error:
        made(**changed)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("grid of E00: ")


def test_an_unknown_place_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="arm='most' must be one of few, all, shuffled"):
        made().by_seed("held out", {"arm": "most", "steps": 0})
    with pytest.raises(ValueError, match="metric='loss' must be one of held out"):
        made().by_seed("loss", {"arm": "few", "steps": 0})


def test_the_grids_numbers_are_the_ledgers():
    """The rule of E00 on made-up scores: the difference from the grid's JSON is the ledger's, digit for digit."""
    experiment = register.load().experiment("E00")
    arms = ("all sums", "128 sums", "untrained", "shuffled answers")
    scores = {(arm, seed): 100 * (37 * i + seed) / 1620 for i, arm in enumerate(arms) for seed in experiment.seeds}
    others = ("128 sums, asked what it was shown", "untrained, asked those 128")
    rows = [ledger.Row("exact_match", arm, seed, value) for (arm, seed), value in scores.items()]
    rows += [ledger.Row("exact_match", arm, seed, 50.0) for arm in others for seed in experiment.seeds]
    outcome = ledger.judge(experiment, rows, experiment.seeds)
    decision = Decision.of("this-book/small-adds", outcome)
    grid = Grid("E00", experiment.seeds, {"arm": arms}, {"held out": Measure(scores, "%")}, decision)
    nested = json.loads(grid.to_json())["metrics"]["held out"]["values"]
    found = [arm - none for arm, none in zip(nested[0], nested[2], strict=True)]
    assert tuple(found) == outcome["many"].measured
    assert f"{mean(found):.1f} points" in outcome["many"].sentence()


def test_the_decision_is_the_claims_rule_its_measured_verdict_and_its_reach():
    book = register.load()
    experiment = book.experiment("E00")
    rows = [
        ledger.Row("exact_match", arm, seed, 99.0 if arm == "all sums" else 0.0)
        for arm in ("all sums", "128 sums", "untrained", "shuffled answers")
        for seed in experiment.seeds
    ]
    rows += [
        ledger.Row("exact_match", arm, seed, 0.0)
        for arm in ("128 sums, asked what it was shown", "untrained, asked those 128")
        for seed in experiment.seeds
    ]
    decision = Decision.of("this-book/small-recites", ledger.judge(experiment, rows, experiment.seeds))
    assert decision == Decision(outcome_rule(experiment, "by-heart"), "contradicted", 1)


def outcome_rule(experiment, name):
    return next(part.rule for part in experiment.parts if part.part == name)


# ---- The explorer's own arguments ----


def test_the_explorer_starts_at_the_first_values_and_never_at_the_placebo():
    first = replace(made(), placebo=("arm", "few"))
    assert GridExplorer(first).setting == {"metric": "held out", "arm": "all", "steps": 0}
    assert GridExplorer(first, setting={"arm": "few"}).setting["arm"] == "few"


def test_the_explorer_carries_the_grid_and_the_ledgers_interval():
    widget = GridExplorer(made())
    assert widget.grid == json.loads(made().to_json())
    low, high = ledger.interval([1.0, 2.0, 4.0])
    spread = np.std([1.0, 2.0, 4.0], ddof=1)
    assert widget.factors == {"3": pytest.approx((high - low) / 2 / spread)}
    assert ledger.CONFIDENCE == 0.9  # the module says "90 %"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"view": "pie"}, "view='pie' must be one of line, map, bars, dials"),
        ({"x": "stpes"}, "x='stpes' must be one of arm, steps"),
        ({"view": "map", "y": "stpes"}, "y='stpes' must be one of arm, steps"),
        ({"view": "map", "x": "arm", "y": "arm"}, "x and y are both 'arm'; a map needs two axes"),
        ({"name": "a b"}, "name='a b' must be a letter"),
        ({"x": "steps", "log": True}, "log=True needs numbers above 0 on x, and steps has 0, 400, 1200"),
        ({"x": "arm", "log": True}, "log=True needs numbers above 0 on x"),
    ],
)
def test_a_wrong_argument_is_named_with_its_limit(changed, said):
    with pytest.raises(ValueError, match=said):
        GridExplorer(made(), **changed)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"arm": "most"}, "arm='most' must be one of few, all, shuffled"),
        ({"colour": "red"}, "setting has 'colour'; known are metric, arm, steps"),
    ],
)
def test_an_unknown_setting_is_refused_by_name(setting, said):
    with pytest.raises(TraitError, match=said):
        GridExplorer(made(), setting=setting)
