"""The control board's contract, what breaks it, and its table. Toy records.

Run: .venv/bin/python -m pytest -q tests/unit/test_control_board.py (about 3 s).
"""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from crucible.widgets.control_board import LIMIT, Board, ControlBoard, Gauge, Run

GAUGES = (Gauge("loss", "nats per token", 3, sees="much", blind="little"), Gauge("gradient norm", log=True))
HEALTHY = Run("healthy", None, (0, 10, 20), {"loss": (3.00049, 2.5, 2), "gradient norm": (1, None, 0.5)})
HOT = Run("hot", "too hot", (0, 20), {"gradient norm": (9, 90.129), "loss": (3, None)}, "It burns.")
TOY = Board(GAUGES, (HEALTHY, HOT))


def test_every_value_stands_at_its_place_in_the_json_and_is_rounded_once():
    data = json.loads(TOY.to_json())
    loss = {"name": "loss", "unit": "nats per token", "decimals": 3, "log": False, "sees": "much", "blind": "little"}
    assert data["gauges"][0] == loss
    assert [one["log"] for one in data["gauges"]] == [False, True]
    assert data["runs"] == [
        {
            "name": "healthy",
            "fault": None,
            "steps": [0, 10, 20],
            "values": [[3, 2.5, 2], [1, None, 0.5]],
            "tells": "",
        },
        {"name": "hot", "fault": "too hot", "steps": [0, 20], "values": [[3, None], [9, 90.13]], "tells": "It burns."},
    ]


def test_numbers_of_numpy_become_plain_ones():
    values = {"loss": np.float32([1.5, 2, 3]), "gradient norm": np.array([1, 2, 3])}
    data = json.loads(Board(GAUGES, (replace(HEALTHY, steps=np.arange(3), values=values),)).to_json())
    assert data["runs"][0]["values"] == [[1.5, 2, 3], [1, 2, 3]]
    assert data["runs"][0]["steps"] == [0, 1, 2]


def test_ten_runs_of_six_gauges_at_sixty_steps_fit():
    gauges = [Gauge(f"gauge {k}", decimals=3) for k in range(6)]
    values = {one.name: [math.pi * step for step in range(60)] for one in gauges}
    runs = [Run(f"run {k}", None, range(60), values) for k in range(10)]
    assert len(Board(gauges, runs).to_json().encode()) < LIMIT / 2


def test_the_table_has_every_runs_last_values():
    assert TOY.table().splitlines()[3:7] == [
        "| run | fault | loss (nats per token) | gradient norm |",
        "| --- | --- | --: | --: |",
        "| healthy | none | 2.000 | 0.50 |",
        "| hot | too hot | none | 90.13 |",
    ]


def healthy(**fields):
    return {"runs": (replace(HEALTHY, **fields), HOT)}


def values(**fields):
    return healthy(values={**HEALTHY.values, **fields})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"gauges": ()}, "0 gauges; it takes 1 to 8"),
        ({"gauges": [Gauge(str(i)) for i in range(9)]}, "9 gauges; it takes 1 to 8"),
        ({"gauges": (*GAUGES, GAUGES[0])}, "a gauge is there twice: loss, gradient norm, loss"),
        ({"gauges": (Gauge(""), GAUGES[1])}, "a gauge's name is ''; it must be a text"),
        ({"gauges": (replace(GAUGES[0], decimals=7), GAUGES[1])}, "loss has decimals=7; it must be a whole number"),
        ({"gauges": (replace(GAUGES[0], decimals=0.5), GAUGES[1])}, "loss has decimals=0.5; it must be a whole number"),
        ({"runs": ()}, "0 runs; it takes 1 to 24"),
        ({"runs": (HOT, HOT)}, "a run is there twice: hot, hot"),
        (healthy(name="r" * 49), "a run's name is 'r+' of 49 letters; 48 are allowed"),
        (healthy(fault=""), "the fault of healthy is ''; it must be a text"),
        (healthy(steps=(0,)), "healthy has 1 steps; it takes 2 to 60"),
        (healthy(steps=range(61)), "healthy has 61 steps; it takes 2 to 60"),
        (healthy(steps=(0, 10, 10)), "the steps of healthy must rise: 0, 10, 10"),
        (healthy(steps=(-1, 10, 20)), "healthy has the step -1; it must be a whole number from 0"),
        (healthy(steps=(0, 1.5, 20)), "healthy has the step 1.5; it must be"),
        (healthy(values={"loss": (1, 2, 3)}), "healthy has the gauges loss; the board has loss, gradient norm"),
        (values(loss=(1, 2)), "loss of healthy has 2 values for 3 steps"),
        (values(loss=(None, None, None)), "loss of healthy has no value at all"),
        (values(loss=(1, math.nan, 2)), "loss of healthy is nan at step 10; it must be a finite number, or None"),
        (values(loss=(1, math.inf, 2)), "loss of healthy is inf at step 10; it must be"),
        (values(loss=(1, "2", 2)), "loss of healthy is '2' at step 10; it must be"),
        (
            values(**{"gradient norm": (1, 0.004, 2)}),
            "gradient norm of healthy is 0.004 at step 10; at 2 decimals a log axis needs more than 0",
        ),
        (healthy(tells="x" * LIMIT), "bytes of JSON; 60,000 are allowed"),
    ],
)
def test_a_broken_board_is_one_line_that_names_what_breaks_it(fields, said):
    with pytest.raises(ValueError, match=said) as error:
        replace(TOY, **fields)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("control board: ")


def test_it_starts_at_a_runs_last_step():
    one = ControlBoard(TOY, anonymous=True, run=1)
    assert (one.run, one.step, one.gauge, one.anonymous, one.answers) == (1, 20, 0, True, {})
    with pytest.raises(ValueError, match="control board: run=2 must be from 0 to 1"):
        ControlBoard(TOY, run=2)
    with pytest.raises(ValueError, match="control board: no run has a fault, so there is none to name"):
        ControlBoard(Board(GAUGES, (HEALTHY,)), anonymous=True)
