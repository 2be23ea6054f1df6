"""The sealed forecast of E24 follows from the stored grid, worked out here a second time.

Seconds: pytest tests/unit/test_laws_of_size.py
"""

import json
import math
import re

import numpy as np
import pytest
from scipy import stats

from crucible import measured, register
from crucible.model import ModelConfig, Transformer
from crucible.worlds import PyText


@pytest.fixture(scope="module")
def experiment():
    return register.load().experiment("E24")


def stored(name: str) -> dict[tuple, float]:
    runs = json.loads((measured.folder() / f"{name}.json").read_text())["runs"]
    return {tuple(run["job"]): run["result"]["loss"] for run in runs}


def parameters(width: int) -> int:
    """One block of 12 d² + 13 d, its last norm, 97 characters and 32 places."""
    return 12 * width**2 + (13 + 2 + 97 + 32) * width


def valleys(grid: dict, seeds: tuple) -> list[tuple[float, float, float]]:
    """Compute, best size and lowest loss of every parabola, by its three coefficients."""
    found = []
    for flops in sorted({job[1] for job in grid if job[0] == "text"}):
        for seed in seeds:
            points = {job[2]: loss for job, loss in grid.items() if job[:2] == ("text", flops) and job[3] == seed}
            u = np.log([parameters(width) for width in points])
            a, b, c = np.linalg.lstsq(np.stack([u**2, u, u**0], axis=1), list(points.values()), rcond=None)[0]
            found.append((flops, math.exp(-b / (2 * a)), c - b * b / (4 * a)))
    return found


def test_the_count_of_parameters_is_the_models():
    config = ModelConfig(len(PyText.vocab), context_length=32, d_model=22, n_layers=1, n_heads=2)
    assert Transformer(config, seed=0).n_parameters() == parameters(22)


def test_every_recorded_seed_is_stored_at_three_budgets_of_seven_sizes(experiment):
    grid = stored("laws")
    for seed in experiment.seeds:
        jobs = [job for job in grid if job[0] == "text" and job[3] == seed]
        flops = sorted(job[1] for job in jobs)
        assert flops == sorted([1.5e9, 6e9, 2.4e10] * 7)
        assert flops[-1] / flops[7] == flops[7] / flops[0] == 4


def test_the_band_in_the_register_is_the_prediction_interval_of_a_line_through_the_lowest_losses(experiment):
    rule = next(part.rule for part in experiment.parts if part.part == "sealed")
    low, high, width = map(float, re.search(r"run: ([\d.]+) to ([\d.]+) nats per token at width (\d+)", rule).groups())
    flops, sizes, losses = np.log(valleys(stored("laws"), experiment.seeds)).T
    at = math.log(9.6e10)
    design = np.stack([np.ones_like(flops), flops], axis=1)
    coefficients, rest, *_ = np.linalg.lstsq(design, losses, rcond=None)
    new = np.array([1, at])
    freedom = len(flops) - 2
    variance = rest[0] / freedom * (1 + new @ np.linalg.inv(design.T @ design) @ new)
    half = stats.t.ppf(0.95, freedom) * math.sqrt(variance)
    assert [low, high] == pytest.approx(np.exp(new @ coefficients + np.array([-half, half])), abs=5.1e-4)
    best = math.exp(np.polyval(np.polyfit(flops, sizes, 1), at))
    assert min(range(8, 65, 2), key=lambda d: abs(parameters(d) / best - 1)) == width


def test_the_sealed_runs_were_made_at_the_sealed_width_and_four_times_the_largest_budget(experiment):
    opened = stored("laws-sealed")
    assert {job[:3] for job in opened} == {("text", 9.6e10, 22)}
    assert {job[3] for job in opened} >= set(experiment.seeds)
