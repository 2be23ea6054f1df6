"""The tide: its contract, what breaks it, and where the gauge may start. All numbers are toys.

Run: .venv/bin/python -m pytest -q tests/unit/test_tide_gauge.py (about 3 s).
"""

import itertools
import json
import math

import numpy as np
import pytest
from traitlets import TraitError

from crucible.widgets.tide_gauge import LIMIT, Case, Cost, Split, Tide, TideGauge

SPLITS = (Split("skill", "toy sums", 1), Split("fact", "toy records"))
RATIOS, SHARES, SEEDS = (1, 2, 8), (0, 0.5, 1), (10, 11)
NAMES = ("skill", "fact")


def toy(*axes, first=20.0):
    """A different number at every place, rising."""
    return {place: first + i for i, place in enumerate(itertools.product(*axes))}


CASE = Case("2023-05", "A toy happened.", "1 of 2", "a toy paper", "https://example.org/toy", "read in the source")
COST = Cost(1000, 20.0, 1e12, {1: 1e13, 2: 2e13, 8: 8e13})


def made(**changed):
    fields = {
        "splits": SPLITS,
        "ratios": RATIOS,
        "shares": SHARES,
        "seeds": SEEDS,
        "tuned": toy(NAMES, SEEDS, first=24.0),  # skill 24, 25; fact 26, 27
        "prompted": toy(NAMES, RATIOS, SEEDS),  # skill 20 to 25; fact 26 to 31
        "leaked": toy(NAMES, SHARES[1:], SEEDS, first=40.0),
        "retuned": toy(NAMES, RATIOS, SEEDS, first=60.0),
        "half_life": {("skill", 10): 8, ("skill", 11): 6.5, ("fact", 10): 1, ("fact", 11): 1.0},
        "cost": COST,
        "cases": (CASE,),
    }
    return Tide(**{**fields, **changed})


def test_every_number_stands_at_its_place_in_the_json():
    tide = made()
    data = json.loads(tide.to_json())
    assert data["splits"][0] == {"name": "skill", "meaning": "toy sums", "chance": 1}
    assert (data["ratios"], data["shares"], data["seeds"]) == ([1, 2, 8], [0, 0.5, 1], [10, 11])
    assert data["tuned"] == [[24, 25], [26, 27]]
    for i, name in enumerate(NAMES):
        for j, ratio in enumerate(RATIOS):
            for k, seed in enumerate(SEEDS):
                assert data["prompted"][i][j][k] == tide.prompted[name, ratio, seed]
                assert data["retuned"][i][j][k] == tide.retuned[name, ratio, seed]
        for j, share in enumerate(SHARES[1:], start=1):
            assert data["leaked"][i][j] == [tide.leaked[name, share, seed] for seed in SEEDS]
    assert data["cost"] == {"examples": 1000, "seconds": 20, "tuning_flop": 1e12, "base_flop": [1e13, 2e13, 8e13]}
    assert (data["margin"], data["stands_from"]) == (2, 10)


def test_where_nothing_leaked_the_water_is_that_of_the_largest_base():
    tide = made()
    first = [rows[0] for rows in json.loads(tide.to_json())["leaked"]]
    assert first == [[tide.prompted[name, 8, seed] for seed in SEEDS] for name in NAMES]


def test_never_and_not_measured_are_two_things():
    tuned = {**toy(NAMES, SEEDS, first=24.0), ("fact", 10): 90.0}
    lives = {("fact", 10): None, ("skill", 10): 8}
    data = json.loads(made(tuned=tuned, half_life=lives, partly=True).to_json())
    assert data["half_life"] == [[8, None], ["never", None]]


def test_a_place_without_a_measurement_is_null():
    prompted = {place: value for place, value in toy(NAMES, RATIOS, SEEDS).items() if place != ("fact", 8, 11)}
    data = json.loads(made(prompted=prompted, partly=True).to_json())
    assert data["prompted"][1][2] == [30, None]
    assert data["leaked"][1][0] == [30, None]


def test_cases_stand_in_the_order_of_time():
    later = Case("2024", "Later.", "2 of 2", "a toy", "https://example.org/2", "quoted by a toy survey")
    data = json.loads(made(cases=(later, CASE)).to_json())
    assert [case["date"] for case in data["cases"]] == ["2023-05", "2024"]


def test_numbers_of_numpy_become_plain_ones():
    tuned = {place: np.float32(value) for place, value in toy(NAMES, SEEDS, first=24.0).items()}
    assert json.loads(made(tuned=tuned).to_json())["tuned"] == [[24, 25], [26, 27]]


TUNED, PROMPTED = toy(NAMES, SEEDS, first=24.0), toy(NAMES, RATIOS, SEEDS)
LEAKED, LIVES = toy(NAMES, SHARES[1:], SEEDS), {("skill", 10): 8, ("skill", 11): 6, ("fact", 10): 1, ("fact", 11): 1}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"splits": ()}, "splits has no values"),
        ({"seeds": ()}, "seeds has no values"),
        ({"splits": (Split("", "m"),)}, "split '' needs a name and a meaning"),
        ({"splits": (Split("a", ""),)}, "split 'a' needs a name and a meaning"),
        ({"splits": (Split("a", "m", 101),)}, "chance of a is 101; it must be a number from 0 to 100"),
        ({"splits": (SPLITS[0], SPLITS[0])}, "splits has a value twice: skill, skill"),
        ({"seeds": (10, 10)}, "seeds has a value twice: 10, 10"),
        ({"seeds": (10, 1.5)}, "seeds has 1.5; a seed is a whole number from 0"),
        ({"ratios": (1, 8, 2)}, "ratios must rise: 1, 8, 2"),
        ({"ratios": (0, 2, 8)}, "ratios has 0; a ratio is above 0"),
        ({"ratios": (1, 2, "8")}, "ratios has '8'; it must be a number from 0"),
        ({"shares": (0, 0.5, 1.5)}, "shares has 1.5; it must be a number from 0 to 1"),
        ({"shares": (0.5, 1)}, "shares begins with 0.5; the first share is 0"),
        ({"margin": -1}, "margin=-1 must be a number of points from 0 to 100"),
        ({"stands_from": math.nan}, "stands_from=nan must be a number of points from 0 to 100"),
        ({"tuned": {**TUNED, ("skill", 12): 1.0}}, r"tuned has \('skill', 12\), which is no place"),
        ({"tuned": {("skill", 10): 1.0}}, r"tuned was not measured at \('fact', 10\); partly=True says"),
        ({"tuned": {**TUNED, ("skill", 10): 100.5}}, r"tuned at \('skill', 10\) is 100.5; a score is"),
        ({"tuned": {**TUNED, ("skill", 10): "24"}}, "is '24'; a score is a number from 0 to 100"),
        ({"prompted": {**PROMPTED, ("skill", 1, 10): math.nan}}, "is nan; a score is a number"),
        ({"prompted": {**PROMPTED, ("skill", 4, 10): 1.0}}, r"prompted has \('skill', 4, 10\), which is no place"),
        ({"leaked": {**LEAKED, ("skill", 0, 10): 1.0}}, r"leaked has \('skill', 0, 10\), which is no place"),
        ({"leaked": {**LEAKED, ("skill", 1, 10): True}}, "is True; a score is a number"),
        ({"retuned": {}}, "retuned was not measured at"),
        ({"half_life": {**LIVES, ("fact", 10): 0.5}}, r"half_life at \('fact', 10\) is 0.5; it must be from 1 to 8"),
        ({"half_life": {**LIVES, ("fact", 10): 9}}, r"is 9; it must be from 1 to 8, or None"),
        ({"half_life": {**LIVES, ("fact", 10): None}}, "is None, but at 8 the water is 30.0 and the island 26.0"),
        ({"tuned": {**TUNED, ("skill", 10): 27.0}}, "is 8, but the water never comes within 2.0 points"),
        ({"half_life": {}}, "half_life was not measured at"),
        ({"cost": Cost(1000, 20, 1e12, {1: 1e13})}, "base_flop has the ratios 1; the tide has 1, 2, 8"),
        ({"cost": Cost(0, 20, 1e12, COST.base_flop)}, "examples is 0; it must be a number above 0"),
        ({"cost": Cost(1, 1, 1, {1: 1, 2: -1, 8: 1})}, "base_flop at 2 is -1; it must be a number above 0"),
        ({"cases": (Case("May 2023", "h", "f", "s", CASE.link, CASE.status),)}, "has the date 'May 2023'; it"),
        ({"cases": (Case("2023-13", "h", "f", "s", CASE.link, CASE.status),)}, "has the date '2023-13'"),
        ({"cases": (Case("2023", "h", "", "s", CASE.link, CASE.status),)}, "has '' as its figure; it must be a text"),
        ({"cases": (Case("2023", "h", "f", "s", "javascript:x", CASE.status),)}, "'javascript:x'; it must begin"),
        ({"cases": (Case("2023", "h", "f", "s", CASE.link, "remembered"),)}, "has the status 'remembered'; it must be"),
        ({"splits": (Split("skill", "m" * LIMIT), SPLITS[1])}, "bytes of JSON; 60,000 are allowed"),
    ],
)  # fmt: skip
def test_a_broken_tide_is_one_line_that_names_what_breaks_it(changed, said):
    with pytest.raises(ValueError, match=said) as error:
        made(**changed)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("tide: ")


def test_five_seeds_of_four_islands_are_far_below_the_limit():
    splits = tuple(Split(f"island {i}", "a toy") for i in range(4))
    names, seeds, ratios = [split.name for split in splits], range(10, 15), (1, 2, 4, 8)
    tide = made(
        splits=splits,
        seeds=seeds,
        ratios=ratios,
        tuned=toy(names, seeds, first=100 / 3),
        prompted=dict.fromkeys(toy(names, ratios, seeds), 100 / 7),
        leaked=dict.fromkeys(toy(names, SHARES[1:], seeds), 100 / 7),
        retuned=dict.fromkeys(toy(names, ratios, seeds), 100 / 7),
        half_life=dict.fromkeys(toy(names, seeds)),
        cost=Cost(1000, 20.0, 1e12, dict.fromkeys(ratios, 1e13)),
        cases=(CASE,) * 10,
    )
    assert len(tide.to_json().encode()) < LIMIT / 4


def test_the_gauge_starts_at_the_first_base_with_all_seeds():
    gauge = TideGauge(made())
    assert (gauge.ratio, gauge.share, gauge.seed, gauge.reported) == (1, 0, "all", False)
    assert gauge.tide == json.loads(made().to_json())


def test_the_gauge_starts_where_it_is_told():
    gauge = TideGauge(made(), ratio=8, share=0.5, seed=11, reported=True)
    assert (gauge.ratio, gauge.share, gauge.seed, gauge.reported) == (8, 0.5, "11", True)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"ratio": 4}, "ratio=4.0 must be one of 1, 2, 8"),
        ({"share": 0.25}, "share=0.25 must be one of 0, 0.5, 1"),
        ({"seed": 12}, "seed='12' must be one of all, 10, 11"),
    ],
)
def test_an_unknown_start_is_one_line_with_the_known_ones(setting, said):
    with pytest.raises(TraitError, match=said):
        TideGauge(made(), **setting)
    gauge = TideGauge(made())
    name, value = next(iter(setting.items()))
    with pytest.raises(TraitError, match=said):
        setattr(gauge, name, str(value) if name == "seed" else value)
