"""The chapter on the same ore in the same furnace, as published: its widgets say what was measured."""

import json
import re
from statistics import mean

import pytest
from playwright.sync_api import expect

from crucible import register
from pipeline import ROOT

PAGE = "chapters/craft/same-ore-same-furnace.html"
FIRST = register.load().experiment("E21").seeds[0]


def results(name: str) -> dict[tuple, dict]:
    runs = json.loads((ROOT / f"measured/{name}.json").read_text())["runs"]
    return {tuple(run["job"]): run["result"] for run in runs}


def mark(sat) -> float:
    """Points of the final exam."""
    return mean(right for right, _ in sat["final"].values())


def test_a_draw_is_one_of_the_recipes_that_were_trained_and_the_end_tells_the_tuned_one(open_page):
    roulette = open_page(PAGE).locator(".recipe-roulette")
    stored = results("craft")
    trained = {f"{max(0.0, mark(one['sat'])):.1f}" for one in stored["field", FIRST]["trials"]}
    for _ in range(10):
        roulette.locator(".rr-deal").click()
        head = roulette.locator(".rr-card .rr-head").inner_text()
        assert re.search(r"ecipe \d+: ([\d.]+) points", head).group(1) in trained
    tuned = mean(mark(sat) for sat in stored["tuner", FIRST]["runs"])
    expect(roulette.locator(".rr-strip")).to_contain_text(f"tuned {tuned:.1f}")


@pytest.mark.parametrize("run", ["run A", "run C"])
def test_the_board_hides_its_faults_and_ends_at_the_stored_mark(open_page, run):
    board = open_page(PAGE).locator(".control-board")
    names = [name for name, _ in results("craft-board")]
    board.get_by_role("combobox").first.select_option(label=run)
    read = results("craft-board")[names["ABCDEF".index(run[-1])], 10]
    expect(board.locator(".cb-told").nth(5)).to_contain_text(f"{read[-1][-1]:.0f}")
    assert not {"copied", "mistaught", "unmasked"} & set(re.findall(r"\w+", board.inner_html()))
