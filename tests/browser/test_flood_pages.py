"""The two chapters on pretraining, as they are published: their widgets say what the ledger says, and their models answer."""

import json
import re
from statistics import mean

import pytest
from playwright.sync_api import expect

from crucible import bases
from pipeline import ROOT

BUYS = "chapters/pretraining_and_finetuning/what-pretraining-buys.html"
FLOOD = "chapters/pretraining_and_finetuning/the-flood.html"


def stored(name: str) -> dict:
    """What measured/NAME.json holds: a job -> its result."""
    return {tuple(run["job"]): run["result"] for run in json.loads((ROOT / f"measured/{name}.json").read_text())["runs"]}


def slide(widget, label: str, place: int) -> None:
    widget.get_by_role("slider", name=re.compile(label)).fill(str(place))


def test_the_tide_rises_and_the_words_follow_the_measurement(open_page):
    gauge = open_page(FLOOD).locator(".tide-gauge")
    expect(gauge).to_be_visible()
    slide(gauge, "ompute", 3)
    status = gauge.locator(".crucible-status").first
    expect(status).to_contain_text("private facts")
    found = stored("flood")
    seeds = sorted({job[2] for job in found})
    behind = mean(found["8x", "prompted", s]["exact"]["fact"] - found["1x", "tuned", s]["exact"]["fact"] for s in seeds)
    assert behind < -10
    text = " ".join(gauge.all_inner_texts())
    assert "8" in text
    assert re.search(r"private facts[^.]*(dry|above)|(dry|above)[^.]*private facts", text, re.DOTALL | re.IGNORECASE)


def test_the_desk_says_the_score_that_was_measured(open_page):
    desk = open_page(BUYS).locator(".exchange-desk")
    expect(desk).to_be_visible()
    found = stored("exchange")
    seeds = sorted({job[2] for job in found})
    desk.get_by_role("radio", name="private facts").check()
    slide(desk, "xamples", 1)
    slide(desk, "ase", 4)
    score = mean(found["whole base", 300, seed]["exact"]["fact"] for seed in seeds)
    expect(desk.locator("[aria-live]").first).to_contain_text(f"{score:.1f}")


@pytest.mark.parametrize(("system", "right"), [("old model (1x), tuned", False), ("new base (8x), prompted", True)])
def test_the_systems_answer_side_by_side(open_page, system, right):
    """The first prompt is a sum, which the first seed's old model has not learned and the new base has."""
    page = open_page(FLOOD)
    ask = page.locator(".ask-model")
    expect(ask).to_be_visible()
    prompt = ask.get_by_role("textbox").input_value()
    a, b = (int("".join(number.split())[::-1]) for number in prompt.rstrip("= ").split("+"))
    answer = " ".join(str(a + b).zfill(4)[::-1])
    block = ask.locator("section, .ask-system, li, div").filter(has_text=system).last
    if right:
        expect(block).to_contain_text(answer, timeout=20_000)
    assert bases.MODEL.vocab_size
