"""The two chapters on pretraining, as published: their widgets say what was measured, and their models answer."""

import json
from statistics import mean

import pytest
from playwright.sync_api import expect

from crucible import register
from pipeline import ROOT

BUYS = "chapters/pretraining_and_finetuning/what-pretraining-buys.html"
FLOOD = "chapters/pretraining_and_finetuning/the-flood.html"


def stored(name: str) -> dict:
    """What measured/NAME.json holds: a job -> its result."""
    runs = json.loads((ROOT / f"measured/{name}.json").read_text())["runs"]
    return {tuple(run["job"]): run["result"] for run in runs}


@pytest.fixture
def flood():
    """(split, base, treatment) -> the mean over the seeds."""
    found, seeds = stored("flood"), register.load().experiment("E03").seeds  # the file holds others, too
    return lambda split, base, how: mean(found[base, how, seed]["exact"][split] for seed in seeds)


def test_the_tide_rises_with_the_compute_as_it_was_measured(open_page, flood):
    gauge = open_page(FLOOD).locator(".tide-gauge")
    expect(gauge).to_be_visible()
    status = gauge.locator(".crucible-status")
    for place, base in enumerate(("1x", "2x", "4x", "8x")):
        gauge.get_by_role("slider", name="Compute of the new base").fill(str(place))
        expect(status).to_contain_text(f"A new base of {base[0]}× the compute")
        above = flood("fact", "1x", "tuned") - flood("fact", base, "prompted")
        expect(status).to_contain_text(f"private facts ({above:.1f} points above the water)")
    gauge.get_by_role("button", name="Re-port my data to the new base").click()
    expect(gauge).to_contain_text(f"{flood('fact', '8x', 'tuned'):.1f}")


def test_leaked_records_raise_the_water_at_the_private_facts(open_page, flood):
    gauge = open_page(FLOOD).locator(".tide-gauge")
    gauge.get_by_role("slider", name="Compute of the new base").fill("3")
    gauge.get_by_role("slider", name="Share of the private records").fill("2")
    above = flood("fact", "1x", "tuned") - flood("fact", "8x and all records", "prompted")
    expect(gauge.locator(".crucible-status")).to_contain_text(f"private facts ({above:.1f} points above the water)")


def test_the_systems_answer_a_sum_side_by_side(open_page):
    """The old model of the first seed never learned to add, and the new base has."""
    ask = open_page(FLOOD).locator(".ask-model")
    expect(ask).to_be_visible()
    prompt = ask.get_by_role("textbox").input_value()
    a, b = (int("".join(number.split())[::-1]) for number in prompt.rstrip("= ").split("+"))
    answer = " ".join(str(a + b).zfill(4)[::-1])
    expect(ask).to_contain_text(f"New base (8x), prompted writes {answer}.", timeout=20_000)
    expect(ask).to_contain_text(f"New base (8x), tuned writes {answer}.")
    expect(ask).to_contain_text("Old model (1x), tuned writes")


def test_the_systems_differ_on_a_private_fact(open_page):
    page = open_page(FLOOD)
    ask = page.locator(".ask-model")
    right = page.locator("code", has_text="p7 r0").last.evaluate("node => node.nextElementSibling.textContent")
    ask.get_by_role("textbox").fill("p7 r0")
    ask.get_by_role("button", name="Ask").click()
    expect(ask).to_contain_text(f"New base (8x), tuned writes {right} ", timeout=20_000)
    expect(ask).not_to_contain_text(f"New base (8x), prompted writes {right} ")


def test_the_desk_says_the_scores_that_were_measured(open_page):
    desk = open_page(BUYS).locator(".exchange-desk")
    expect(desk).to_be_visible()
    found, seeds = stored("exchange"), register.load().experiment("E01").seeds
    desk.get_by_role("radio", name="private facts").check()
    for place, n in enumerate((100, 300, 1_000)):
        desk.get_by_role("slider", name="Examples").fill(str(place))
        score = mean(found["whole base", n, seed]["exact"]["fact"] for seed in seeds)
        expect(desk).to_contain_text(f"{n:,} examples, base “whole base”: {score:.1f}")


def test_the_base_never_pays_for_private_facts(open_page):
    desk = open_page(BUYS).locator(".exchange-desk")
    desk.get_by_role("radio", name="private facts").check()
    desk.get_by_role("slider", name="Examples").fill("1")
    desk.get_by_role("slider", name="Customers").fill("8")
    expect(desk).to_contain_text("never: from scratch reaches this too, for less")
