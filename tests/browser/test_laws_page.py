"""The chapter on laws of size, as published: the valley, its seal and the calculator say what was measured."""

import json
from statistics import mean

import pytest
from playwright.sync_api import expect

from crucible import register, scaling
from pipeline import ROOT

PAGE = "chapters/scale/laws-of-size.html"
SEEDS = register.load().experiment("E24").seeds
SMALLEST, SEALED = 1.5e9, 9.6e10  # FLOPs


def losses(name: str, flops: float, width: int) -> list[float]:
    """Nats per token under the recorded seeds."""
    runs = json.loads((ROOT / f"measured/{name}.json").read_text())["runs"]
    found = {tuple(run["job"]): run["result"]["loss"] for run in runs}
    return [found["text", flops, width, seed] for seed in SEEDS]


@pytest.mark.parametrize(("place", "width"), [(0, 4), (3, 10), (6, 16)])
def test_the_valley_says_the_losses_that_were_measured(open_page, place, width):
    valley = open_page(PAGE).locator(".valley")
    expect(valley).to_be_visible()
    valley.get_by_role("slider", name="Parameters N").fill(str(place))
    found = mean(losses("laws", SMALLEST, width))
    expect(valley.locator(".crucible-status").first).to_contain_text(f"{found:.3f} nats per token")


def test_the_seal_holds_the_runs_that_were_made_after_the_forecast(open_page):
    valley = open_page(PAGE).locator(".valley")
    valley.locator("label", has_text="the ruler").click()
    status = valley.locator(".crucible-status").last
    expect(status).to_contain_text("is sealed. Say first what its loss will be.")
    typed = valley.get_by_role("spinbutton", name="or typed")
    typed.fill("2.2")
    typed.press("Tab")
    valley.get_by_role("button", name="Break the seal").click()
    found = mean(losses("laws-sealed", SEALED, 22))
    expect(status).to_contain_text(f"The seal is broken. Measured: {found:.3f}")
    expect(status).to_contain_text("You said 2.200: a miss")


def test_the_calculator_starts_at_a_trillion(open_page):
    calculator = open_page(PAGE).locator(".trillion")
    fewest = min(rule.tokens(1e12) for rule in scaling.RULES.values())
    expect(calculator.locator(".crucible-status")).to_contain_text("1 trillion parameters")
    expect(calculator.locator(".crucible-status")).to_contain_text(f"span {fewest / 1e9:.3g} billion")
