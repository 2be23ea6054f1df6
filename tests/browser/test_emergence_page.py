"""The chapter on emergence, as published: its rulers say what was measured, and its models answer."""

import json
import math
from statistics import mean

import pytest
from playwright.sync_api import expect

from crucible import register
from crucible.evaluate import rise
from pipeline import ROOT

PAGE = "chapters/scale/emergence.html"
WIDTHS = (2, 3, 4, 5, 6, 7, 8, 10, 12)
GUESS = {"exact": 0, "log_prob": -math.log(16)}  # of eight values out of sixteen; a millionth of a percent is nothing
PERFECT = {"exact": 100, "log_prob": 0}
SEEDS = register.load().experiment("E25").seeds


@pytest.fixture(scope="module")
def stored():
    """A job -> what was measured for it."""
    runs = json.loads((ROOT / "measured/emergence.json").read_text())["runs"]
    return {tuple(run["job"]): run["result"] for run in runs}


def factor(stored, ruler) -> float:
    """By which factor the parameters grow while the mean of the seeds climbs from 10 to 90 %."""
    sizes = [stored["recital", width, 1, SEEDS[0], 0]["parameters"] for width in WIDTHS]
    read = [
        mean(stored["recital", width, 1, seed, 0]["readings"][-1][ruler][-1][-1] for seed in SEEDS) for width in WIDTHS
    ]
    low, high = rise(sizes, [(value - GUESS[ruler]) / (PERFECT[ruler] - GUESS[ruler]) for value in read])
    return high / low


def test_the_rulers_say_the_factors_that_were_measured(open_page, stored):
    rulers = open_page(PAGE).locator(".five-rulers")
    status = rulers.locator(".crucible-status")
    expect(status).to_contain_text("By exact match the mean of 3 seeds rises")
    expect(status).to_contain_text(f"a factor of {factor(stored, 'exact'):.3g}")
    expect(status).to_contain_text(f"a factor of {factor(stored, 'log_prob'):.3g}")


def test_shorter_answers_take_the_haste_out_of_exact_match(open_page):
    rulers = open_page(PAGE).locator(".five-rulers")
    status = rulers.locator(".crucible-status")
    expect(status).to_contain_text("8 tokens")
    rulers.get_by_role("slider", name="Length").fill("0")
    expect(status).to_contain_text("1 token,")


def test_each_digit_stands_alone_in_the_adding_run(open_page):
    page = open_page(PAGE)
    rulers = page.locator(".five-rulers")
    rulers.get_by_role("radio", name="Adding, over time").check()
    rulers.get_by_role("button").last.click()
    expect(rulers.locator(".crucible-status")).to_contain_text("the log-probability of each digit alone")


def test_only_the_largest_model_recites(open_page):
    page = open_page(PAGE)
    ask = page.locator(".ask-model").first
    expect(ask).to_be_visible()
    right = page.locator("code", has_text="e0").last.evaluate("node => node.nextElementSibling.textContent")
    expect(ask).to_contain_text(f"5,748 parameters writes {right}", timeout=20_000)
    expect(ask).to_contain_text("1,148 parameters writes v")
    expect(ask).not_to_contain_text(f"1,148 parameters writes {right}")


def test_the_adding_model_has_learned_when_its_training_ends(open_page):
    ask = open_page(PAGE).locator(".ask-model").last
    expect(ask).to_be_visible()
    prompt = ask.get_by_role("textbox").input_value().replace(" ", "")
    a, b = (int(number[::-1]) for number in prompt.rstrip("=").split("+"))
    answer = str(a + b).zfill(5)[::-1]
    slider = ask.get_by_role("slider")
    expect(ask).to_contain_text("writes", timeout=20_000)
    expect(ask).not_to_contain_text(f"writes {answer}")
    slider.fill(slider.get_attribute("max"))
    expect(ask).to_contain_text(f"writes {answer}", timeout=20_000)
