"""The exchange desk's data: the contract, what breaks it, and how it is rounded. Its page is in tests/browser.

Run: .venv/bin/python -m pytest -q tests/unit/test_exchange_desk.py (some seconds).
All numbers are a toy, invented here.
"""

import itertools
import json
import math
from statistics import mean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from crucible.widgets.exchange_desk import BOUNDS, CUSTOMERS, LIMIT, Compute, Desk, ExchangeDesk

KINDS, STARTS, EXAMPLES, SEEDS = ("skill", "facts"), ("no base", "half", "placebo base"), (30, 100, 1_000), (10, 11, 12)
PLACES = list(itertools.product(KINDS, STARTS, EXAMPLES, SEEDS))
SCORES = {place: 100 * i / 59 for i, place in enumerate(PLACES)}  # a different number at every place
WORTH = {place: (30 + 100 * i / 7, "") for i, place in enumerate(PLACES) if place[1] != "no base"}
COMPUTE = Compute({"half": 2e12, "placebo base": 3e12}, tuning=1e10, scratch=4e10)
HERE = ("skill", "half", 100)


def made(**changed):
    fields = {"starts": STARTS, "examples": EXAMPLES, "seeds": SEEDS, "kinds": KINDS, "placebo": "placebo base"}
    fields |= {"scores": SCORES, "worth": WORTH, "compute": COMPUTE, "chance": {"skill": 1.04}}
    return Desk(**{**fields, "ceiling": {("facts", 100): 12.34}, **changed})


def sent(**changed):
    return json.loads(made(**changed).to_json())


def without(values, *places):
    return {place: value for place, value in values.items() if place not in places and place[:3] not in places}


def test_every_number_reaches_the_page_at_its_place():
    data = sent()
    assert (data["kinds"], data["starts"], data["examples"]) == (list(KINDS), list(STARTS), list(EXAMPLES))
    assert (data["seeds"], data["placebo"], data["customers"]) == (list(SEEDS), "placebo base", list(CUSTOMERS))
    assert data["compute"] == {"pretraining": [0, 2e12, 3e12], "tuning": 1e10, "scratch": 4e10}
    assert (data["chance"], data["ceiling"]) == ([1.0, None], [[None] * 3, [None, 12.3, None]])
    for (i, kind), (j, start), (k, n) in itertools.product(*map(enumerate, (KINDS, STARTS, EXAMPLES))):
        found = [SCORES[kind, start, n, seed] for seed in SEEDS]
        assert data["scores"][i][j][k] == {"mean": round(mean(found), 1), "seeds": [round(one, 1) for one in found]}
        worth = data["worth"][i][j][k]
        if start == "no base":
            assert worth is None
        else:
            said = [[float(f"{WORTH[kind, start, n, seed][0]:.3g}"), ""] for seed in SEEDS]
            assert worth["seeds"] == said
            assert worth["middle"] == said[1]  # the toy rises from seed to seed
            assert worth["rate"] == float(f"{WORTH[kind, start, n, 11][0] / n:.2g}")


def test_the_mean_is_taken_before_it_is_rounded():
    scores = SCORES | {(*HERE, 10): 10.04, (*HERE, 11): 10.04, (*HERE, 12): 10.14}
    assert sent(scores=scores)["scores"][0][1][1] == {"mean": 10.1, "seeds": [10.0, 10.0, 10.1]}


@pytest.mark.parametrize(
    ("three", "middle"),
    [
        ([(500, ""), (1_000, "at least"), (40, "")], [500, ""]),
        ([(1_000, "at least"), (500, ""), (1_000, "at least")], [1_000, "at least"]),
        ([(30, "at most"), (30, ""), (30, "at most")], [30, "at most"]),
        ([(1_000, "at least"), (30, "at most"), (999.6, "")], [1_000, ""]),
        ([None, (700, ""), (40, "")], [40, ""]),  # of two the lower
        ([None, None, (1_000, "at least")], [1_000, "at least"]),
    ],
)
def test_the_middle_seed_is_found_among_bounds_too(three, middle):
    places = {(*HERE, seed): one for seed, one in zip(SEEDS, three, strict=True)}
    worth = {**WORTH, **places}
    data = sent(worth={place: one for place, one in worth.items() if one}, partly=None in three)
    assert data["worth"][0][1][1]["middle"] == middle


@given(st.permutations([(30, "at most"), (30, ""), (77.0, ""), (1_000, ""), (1_000, "at least")]))
def test_the_middle_does_not_hang_on_the_order_of_the_seeds(five):
    seeds = range(5)
    worth = {("skill", "half", n, seed): five[seed] for n in EXAMPLES for seed in seeds}
    scores = {("skill", start, n, seed): 50 for start in STARTS[:2] for n in EXAMPLES for seed in seeds}
    desk = Desk(STARTS[:2], EXAMPLES, seeds, ["skill"], scores, worth, Compute({"half": 1}, 1, 1))
    assert json.loads(desk.to_json())["worth"][0][1][0]["middle"] == [77, ""]


def test_a_bound_is_not_rounded_and_a_number_has_three_digits():
    examples = (30, 100, 1_536)
    moved = [{(k, s, 1_536 if n == 1_000 else n, z): v for (k, s, n, z), v in d.items()} for d in (SCORES, WORTH)]
    moved[1] |= {(*HERE, 10): (1_536, "at least"), (*HERE, 11): (1_435.4, "")}
    worth = sent(examples=examples, scores=moved[0], worth=moved[1])["worth"][0][1][1]
    assert worth["seeds"][:2] == [[1_536, "at least"], [1_440, ""]]


def test_what_was_not_measured_is_null():
    gone = [("skill", "half", 100), ("facts", "half", 30, 11)]
    data = sent(scores=without(SCORES, *gone), worth=without(WORTH, *gone), partly=True)
    assert data["scores"][0][1][1] is None
    assert data["worth"][0][1][1] is None
    assert data["scores"][1][1][0]["seeds"][1] is None
    assert data["worth"][1][1][0]["seeds"][1] is None


def test_numbers_of_numpy_become_plain_ones():
    numbers = {
        "scores": {place: np.float32(value) for place, value in SCORES.items()},
        "examples": tuple(np.array(EXAMPLES)),
        "compute": Compute(COMPUTE.pretraining, np.float64(1e10), np.int64(40_000_000_000)),
    }
    assert sent(**numbers) == sent()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kinds": ()}, "kinds has 0 values; at least 1 are needed"),
        ({"starts": ("no base",)}, "starts has 1 values; at least 2 are needed"),
        ({"examples": (30,)}, "examples has 1 values; at least 2 are needed"),
        ({"seeds": ()}, "seeds has 0 values; at least 1 are needed"),
        ({"seeds": (10, 11, 10)}, "seeds has a value twice: 10, 11, 10"),
        ({"starts": ("no base", "")}, "starts has '', which is no name"),
        ({"kinds": ("skill", 3)}, "kinds has 3, which is no name"),
        ({"examples": (30, 100.5)}, "examples has 100.5, which is no whole number"),
        ({"seeds": (10, True)}, "seeds has True, which is no whole number"),
        ({"examples": (100, 30, 1_000)}, "examples must rise from at least 1, and are 100, 30, 1000"),
        ({"examples": (0, 30, 100)}, "examples must rise from at least 1, and are 0, 30, 100"),
        ({"placebo": "sugar"}, "placebo='sugar' must be one of half, placebo base"),
        ({"placebo": "no base"}, "placebo='no base' must be one of half, placebo base"),
        ({"scores": SCORES | {("skill", "half", 7, 10): 1}}, r"scores has \('skill', 'half', 7, 10\), which is no pl"),
        ({"scores": SCORES | {(*HERE, 10): 101}}, r"scores at \('skill', 'half', 100, 10\) is 101; it must be from"),
        ({"scores": SCORES | {(*HERE, 10): math.nan}}, "is nan; it must be from 0 to 100 %"),
        ({"scores": SCORES | {(*HERE, 10): "50"}}, "is '50'; it must be from 0 to 100 %"),
        ({"scores": SCORES | {(*HERE, 10): True}}, "is True; it must be from 0 to 100 %"),
        ({"scores": without(SCORES, (*HERE, 10))}, r"scores lacks \('skill', 'half', 100, 10\); partly=True says"),
        ({"worth": without(WORTH, (*HERE, 10))}, r"worth lacks \('skill', 'half', 100, 10\); partly=True says"),
        ({"worth": WORTH | {("skill", 10): (30, "")}}, r"worth has \('skill', 10\), which is no place of the desk"),
        ({"worth": WORTH | {(*HERE, 10): (30, "about")}}, r"is \(30, 'about'\); it must be \(examples, bound\)"),
        ({"worth": WORTH | {(*HERE, 10): 30}}, r"is 30; it must be \(examples, bound\)"),
        ({"worth": WORTH | {(*HERE, 10): (29, "")}}, "is 29 examples; it must be from 30 to 1,000"),
        ({"worth": WORTH | {(*HERE, 10): (1_001, "")}}, "is 1001 examples; it must be from 30 to 1,000"),
        ({"worth": WORTH | {(*HERE, 10): (math.inf, "at least")}}, "is inf examples; it must be from 30 to 1,000"),
        ({"chance": {"luck": 1}}, "chance has 'luck', which is no place of the desk"),
        ({"chance": {"skill": -1}}, "chance at 'skill' is -1; it must be from 0 to 100 %"),
        ({"ceiling": {("skill", 31): 1}}, r"ceiling has \('skill', 31\), which is no place of the desk"),
        ({"ceiling": {("skill", 30): 101}}, r"ceiling at \('skill', 30\) is 101; it must be from 0 to 100 %"),
        ({"compute": Compute({"half": 1}, 1, 1)}, "pretraining of 'placebo base' is None FLOP; it must be a number"),
        ({"compute": Compute({"half": 0, "placebo base": 1}, 1, 1)}, "pretraining of 'half' is 0 FLOP; it must be"),
        ({"compute": Compute({**COMPUTE.pretraining, "big": 1}, 1, 1)}, "pretraining has 'big', which must be one of"),
        ({"compute": Compute({**COMPUTE.pretraining, "no base": 1}, 1, 1)}, "pretraining of 'no base' is 1; from scr"),
        ({"compute": Compute(COMPUTE.pretraining, 0, 1)}, "tuning is 0 FLOP; it must be a number above 0"),
        ({"compute": Compute(COMPUTE.pretraining, 1, math.inf)}, "scratch is inf FLOP; it must be a number above 0"),
        ({"placebo": "x" * LIMIT, "starts": ("no base", "half", "x" * LIMIT), "scores": {}, "worth": {}, "partly": True,
          "compute": Compute({"half": 1, "x" * LIMIT: 1}, 1, 1)}, "bytes of JSON; 100,000 are allowed"),
    ],
)  # fmt: skip
def test_broken_data_are_one_line_that_names_what_breaks_them(changed, said):
    with pytest.raises(ValueError, match=said) as error:
        made(**changed)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("exchange desk: ")


def test_a_desk_of_the_largest_size_that_a_chapter_would_build_fits():
    kinds, starts, examples, seeds = (
        ("a", "b", "c"),
        tuple("0123456"),
        (*EXAMPLES, 3_000, 10_000, 30_000),
        range(10, 20),
    )
    places = list(itertools.product(kinds, starts, examples, seeds))
    compute = Compute(dict.fromkeys(starts[1:], 1e15 / 3), 1e10, 1e10)
    worth = dict.fromkeys(places, (10_000 / 3, BOUNDS[2]))
    Desk(starts, examples, seeds, kinds, dict.fromkeys(places, 100 / 3), worth, compute)


def test_it_opens_at_the_strongest_base_that_is_no_placebo():
    desk = ExchangeDesk(made())
    assert (desk.kind, desk.start, desk.examples, desk.customers) == ("skill", "half", 100, 100)
    assert desk.desk == sent()
    assert ExchangeDesk(made(placebo=None)).start == "placebo base"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "luck"}, "kind='luck' must be one of skill, facts"),
        ({"start": "whole"}, "start='whole' must be one of no base, half, placebo base"),
        ({"examples": 31}, "examples=31 must be one of 30, 100, 1000"),
        ({"customers": 2}, "customers=2 must be one of 1, 3, 10, 30, 100, 300, 1000, 3000, 10000"),
    ],
)
def test_a_choice_that_the_desk_does_not_have_is_named_with_those_it_has(changed, said):
    with pytest.raises(TraitError, match=said):
        ExchangeDesk(made(), **changed)
    desk = ExchangeDesk(made())
    with pytest.raises(TraitError, match=said):
        desk.set_trait(*next(iter(changed.items())))
