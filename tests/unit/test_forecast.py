"""Scores of forecasts: hand values, and that the honest forecast has the lowest score in the long run.

Run: .venv/bin/python -m pytest -q tests/unit/test_forecast.py (about 4 s).
"""

import ast
import json
import math
from pathlib import Path
from statistics import NormalDist, mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible import forecast
from crucible.forecast import interval_score, probability_score
from crucible.register import Claim

ROOT = Path(__file__).resolve().parents[2]
tries = settings(max_examples=80, deadline=None, derandomize=True, database=None)


def claim(text: str | None, verdict: str = "not yet tested", name: str = "x/y") -> Claim:
    fields = {"id": name, "who": "w", "kind": "causal", "theme": "craft", "claim": "It is so.", "reach": 1}
    measured = {"verdict": verdict, "tested_in": ["E90"], "condition": "c", "forecast": text}
    return Claim.model_validate(fields | measured)


@pytest.mark.parametrize(
    ("low", "high", "outcome", "confidence", "score"),
    [
        (2, 6, 5, 0.9, 4),  # it holds: the width
        (2, 6, 2, 0.9, 4),  # the ends belong to it
        (2, 6, 7, 0.9, 4 + 20 * 1),  # 2 / 0.1 for each unit above
        (2, 6, 0.5, 0.9, 4 + 20 * 1.5),  # and below
        (0.0, 0.4, 0.1, 0.5, 0.4),  # the example in the manual of the Python package scoringrules
        (0.1, 0.3, 0.2, 0.5, 0.2),
        (0.2, 0.4, 0.1, 0.5, 0.2 + 4 * 0.1),
        (3, 3, 4, 0.8, 10),
    ],
)
def test_the_score_is_that_worked_out_by_hand(low, high, outcome, confidence, score):
    assert interval_score(low, high, outcome, confidence) == pytest.approx(score)


@tries
@given(st.floats(-5, 5), st.floats(0.1, 4), st.sampled_from([0.5, 0.8, 0.9, 0.95]), st.floats(-3, 3), st.floats(-3, 3))
def test_the_true_quantiles_have_the_lowest_expected_score(centre, spread, confidence, shift_low, shift_high):
    truth = NormalDist(centre, spread)
    outcomes = [truth.inv_cdf((i + 0.5) / 400) for i in range(400)]
    alpha = 1 - confidence
    low, high = truth.inv_cdf(alpha / 2), truth.inv_cdf(1 - alpha / 2)

    def expected(low, high):
        return mean(interval_score(low, high, outcome, confidence) for outcome in outcomes)

    other = sorted((low + shift_low, high + shift_high))
    assert expected(low, high) <= expected(*other) + 1e-6 * spread
    if max(abs(shift_low), abs(shift_high)) > spread:
        assert expected(low, high) < expected(*other)


@tries
@given(st.floats(-9, 9), st.floats(0, 9), st.floats(-20, 20), st.floats(-9, 9), st.floats(0.1, 9))
def test_the_score_moves_with_the_scale_and_not_with_the_origin(low, width, outcome, shift, scale):
    score = interval_score(low, low + width, outcome)
    moved = interval_score(scale * low + shift, scale * (low + width) + shift, scale * outcome + shift)
    assert moved == pytest.approx(scale * score, abs=1e-9)
    assert score >= 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((6, 2, 5), "low=6 must not lie above high=2"),
        ((2, 6, math.nan), "outcome=nan"),
        ((2, math.inf, 3), "high=inf"),
        ((2, 6, 5, 1.0), "confidence=1.0"),
        ((2, 6, 5, 0), "confidence=0"),
    ],
)
def test_what_is_no_forecast_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        interval_score(*arguments)


def test_the_score_of_a_probability_by_hand():
    assert probability_score(0.7, True) == pytest.approx(0.09)
    assert probability_score(0.7, False) == pytest.approx(0.49)
    assert (probability_score(1, True), probability_score(1, False), probability_score(0.5, True)) == (0, 1, 0.25)
    with pytest.raises(ValueError, match=r"1\.2"):
        probability_score(1.2, True)


@tries
@given(st.integers(0, 20), st.integers(0, 20))
def test_the_true_probability_has_the_lowest_expected_score(truth, other):
    def expected(said):
        return truth / 20 * probability_score(said / 20, True) + (1 - truth / 20) * probability_score(said / 20, False)

    assert expected(truth) <= expected(other)
    assert truth == other or expected(truth) < expected(other)


@pytest.mark.parametrize(
    ("text", "verdicts", "probability"),
    [
        ("Supported (p = 0.85).", {"supported"}, 0.85),
        ("As one lump: conditional (p = 0.9).", {"conditional"}, 0.9),
        ("Open or contradicted, mostly additive (p = 0.6).", {"open", "contradicted"}, 0.6),
    ],
)
def test_a_sealed_forecast_is_read(text, verdicts, probability):
    found = forecast.sealed(claim(text))
    assert (set(found.verdicts), found.probability) == (verdicts, probability)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "Arithmetic only; no probability given.",
        "It will be great (p = 0.9).",
        "On skill: supported (p = 0.85). On facts: contradicted (p = 0.9).",
    ],
)
def test_a_forecast_that_cannot_be_scored_is_none(text):
    assert forecast.sealed(claim(text)) is None


def test_only_claims_that_have_met_an_experiment_are_scored():
    claims = {
        "x/a": claim("Supported (p = 0.8).", "supported", "x/a"),
        "x/b": claim("Supported (p = 0.8).", "contradicted", "x/b"),
        "x/c": claim("Supported (p = 0.8).", "not yet tested", "x/c"),
        "x/d": claim(None, "supported", "x/d"),
    }
    assert forecast.scores(claims) == pytest.approx({"x/a": 0.04, "x/b": 0.64})


def test_the_example_is_a_bet_that_the_opening_would_take():
    cells = json.loads((ROOT / "chapters/opening.ipynb").read_text(encoding="utf-8"))["cells"]
    source = next("".join(cell["source"]) for cell in cells if cell["id"] == "the-bet")
    asked = {keyword.arg: ast.literal_eval(keyword.value) for keyword in ast.parse(source).body[0].value.keywords}
    example = forecast.EXAMPLE_BET
    assert asked["minimum"] < example.low < example.guess < example.high < asked["maximum"]
    assert asked["scale"] == "log"


@pytest.mark.parametrize(
    ("value", "minimum", "maximum", "scale", "where"),
    [
        (30, 20, 40, "linear", 50),
        (20, 20, 40, "linear", 0),
        (99, 20, 40, "linear", 100),  # beyond an end counts as the end
        (-math.inf, 20, 40, "linear", 0),
        (10_000, 100, 1_000_000, "log", 50),
        (math.inf, 100, 1_000_000, "log", 100),
        (-3, 100, 1_000_000, "log", 0),
    ],
)
def test_a_value_has_its_place_in_the_range(value, minimum, maximum, scale, where):
    assert forecast.place(value, minimum, maximum, scale) == pytest.approx(where)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((1, 5, 5), "minimum=5 must be less than maximum=5"),
        ((1, 0, math.inf), "maximum=inf"),
        ((1, 0, 5, "log"), "minimum=0 must be above 0 on a log scale"),
        ((1, 0, 5, "root"), "scale='root' must be linear or log"),
        ((math.nan, 0, 5), "value=nan"),
    ],
)
def test_a_range_that_is_none_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        forecast.place(*arguments)


def test_points_by_hand():
    assert forecast.points(1_000, 100_000, 10_000, 100, 1_000_000, "log") == pytest.approx(50)
    assert forecast.points(1_000, 10_000, 100_000, 100, 1_000_000, "log", 0.9) == pytest.approx(25 + 20 * 25)
    assert forecast.points(10, 30, 45, -50, 150, confidence=0.8) == pytest.approx(10 + 10 * 7.5)
    with pytest.raises(ValueError, match="low=9 must not lie above high=8"):
        forecast.points(9, 8, 1, 0, 5)


@tries
@given(st.floats(0, 9), st.floats(0, 9), st.floats(-2, 12), st.floats(0.1, 50), st.floats(-99, 99))
def test_points_do_not_depend_on_the_unit(one, other, outcome, scale, shift):
    low, high = sorted((one, other))
    there = [scale * value + shift for value in (low, high, outcome, 0, 9)]
    assert forecast.points(*there) == pytest.approx(forecast.points(low, high, outcome, 0, 9), abs=1e-6)


def test_a_bet_outside_its_own_interval_is_refused():
    with pytest.raises(ValueError, match="guess=9"):
        forecast.Bet(9, 1, 5)
