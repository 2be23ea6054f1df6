"""The roulette's contract, what breaks it, and its table. Toy recipes.

Run: .venv/bin/python -m pytest -q tests/unit/test_recipe_roulette.py (about 3 s).
"""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from crucible.widgets.recipe_roulette import LIMIT, Card, Luck, Origin, RecipeRoulette, Roulette, Tuned

SETTINGS = {"learning rate": 3e-4, "optimizer": "AdamW"}
CARDS = [Card(f"recipe {i}", {**SETTINGS, "learning rate": 10.0**-i}, 10.0 * i) for i in range(1, 5)]
REFERENCE = Card("the reference", SETTINGS, 21.04)
TUNED = Tuned(Card("the tuned recipe", SETTINGS, 88.125), 6.2, 4.8, 8)
LUCK = [Luck("the reference", {10: 20.5, 11: 22.5})]
ORIGINS = {"optimizer": Origin("two in use", "A Source 2020", "https://example.org/a")}
TOY = Roulette(CARDS, REFERENCE, TUNED, LUCK, ORIGINS, draws=3)


def test_every_value_stands_at_its_place_in_the_json():
    data = json.loads(TOY.to_json())
    assert data["settings"] == ["learning rate", "optimizer"]
    assert data["cards"][1] == {"name": "recipe 2", "settings": ["0.01", "AdamW"], "mark": 20.0}
    assert data["reference"] == {"name": "the reference", "settings": ["0.0003", "AdamW"], "mark": 21.04}
    tuned = {"mark": 88.125, "multiplier": 6.2, "interval": [4.8, 8.0], "at_least": False, "target": None}
    assert tuned.items() <= data["tuned"].items()
    assert data["luck"] == [{"name": "the reference", "marks": [[10, 20.5], [11, 22.5]]}]
    assert data["origins"] == [["", "", ""], ["two in use", "A Source 2020", "https://example.org/a"]]
    assert data["draws"] == 3


def test_settings_stand_in_the_references_order():
    turned = replace(CARDS[0], settings=dict(reversed(CARDS[0].settings.items())))
    assert json.loads(replace(TOY, cards=[turned, *CARDS[1:]]).to_json())["cards"][0]["settings"] == ["0.1", "AdamW"]


def test_numbers_of_numpy_become_plain_ones():
    card = replace(CARDS[0], mark=np.float32(12.5), settings={"learning rate": np.float64(0.5), "optimizer": "SGD"})
    toy = replace(TOY, cards=[card, *CARDS[1:]], luck=[Luck("again", {np.int64(10): np.float32(1), 11: 2})])
    data = json.loads(toy.to_json())
    assert data["cards"][0] == {"name": "recipe 1", "settings": ["0.5", "SGD"], "mark": 12.5}
    assert data["luck"][0]["marks"] == [[10, 1.0], [11, 2.0]]


def test_twenty_four_recipes_of_twelve_settings_are_far_below_the_limit():
    settings = {f"a setting of a recipe {k}": "a value of twenty" for k in range(12)}
    cards = [Card(f"recipe {i}", settings, i / 3) for i in range(24)]
    card = replace(TUNED.card, settings=settings)
    toy = Roulette(cards, Card("reference", settings, 4), replace(TUNED, card=card), LUCK)
    assert len(toy.to_json().encode()) < LIMIT / 2


def test_the_table_has_every_recipe_by_its_mark():
    lines = TOY.table().splitlines()
    assert lines[0] == "<details>"
    assert lines[3:6] == [
        "| recipe | learning rate | optimizer | mark |",
        "| --- | --- | --- | --: |",
        "| the tuned recipe | 0.0003 | AdamW | 88.1 |",
    ]
    assert [line.split("|")[1].strip() for line in lines[5:11]] == [
        "the tuned recipe",
        "recipe 4",
        "recipe 3",
        "the reference",
        "recipe 2",
        "recipe 1",
    ]
    assert lines[-1] == "</details>"


def with_card(**fields):
    return {"cards": [replace(CARDS[0], **fields), *CARDS[1:]]}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cards": CARDS[:1]}, "1 cards; it takes 2 to 60"),
        ({"cards": []}, "0 cards; it takes 2 to 60"),
        ({"draws": 5}, "draws=5 must be a whole number from 1 to 4, the number of cards"),
        ({"draws": 0}, "draws=0 must be a whole number"),
        ({"draws": True}, "draws=True must be a whole number"),
        (with_card(name="recipe 2"), "two recipes have the name 'recipe 2'"),
        (with_card(name="the reference"), "two recipes have the name 'the reference'"),
        (with_card(name=" "), "a recipe's name is ' '; it must be a text"),
        (with_card(name="r" * 41), "a recipe's name is 'r+' of 41 letters; 40 are allowed"),
        (with_card(mark=100.5), "the mark of recipe 1 is 100.5; it must be a number from 0 to 100"),
        (with_card(mark=-1), "the mark of recipe 1 is -1; it must be"),
        (with_card(mark=math.nan), "the mark of recipe 1 is nan; it must be"),
        (with_card(mark=True), "the mark of recipe 1 is True; it must be"),
        (with_card(mark="70"), "the mark of recipe 1 is '70'; it must be"),
        (with_card(settings={}), "recipe 1 has 0 settings; it takes 1 to 12"),
        (with_card(settings={str(i): 1 for i in range(13)}), "recipe 1 has 13 settings; it takes 1 to 12"),
        (with_card(settings={"rate": 1}), "recipe 1 has the settings rate; the reference has learning rate, optimizer"),
        (
            with_card(settings={**SETTINGS, "optimizer": ""}),
            "optimizer of recipe 1 is ''; it must be a text or a number",
        ),
        (with_card(settings={**SETTINGS, "optimizer": True}), "optimizer of recipe 1 is True; it must be a text or"),
        (with_card(settings={**SETTINGS, "optimizer": math.inf}), "optimizer of recipe 1 is inf; it must be"),
        ({"reference": replace(REFERENCE, mark=101)}, "the mark of the reference is 101; it must be"),
        ({"luck": []}, "0 recipes under other seeds; it takes 1 to 4"),
        ({"luck": LUCK * 2}, "luck has a recipe twice: the reference, the reference"),
        ({"luck": [Luck("", {1: 2, 2: 3})]}, "the name of luck's recipe is ''; it must be a text"),
        ({"luck": [Luck("again", {10: 2})]}, "1 seeds of again; luck needs 2"),
        ({"luck": [Luck("again", {10: 2, 1.5: 3})]}, "again has the seed 1.5; a seed is a whole number"),
        ({"luck": [Luck("again", {10: 2, 11: 200})]}, "the mark of again under seed 11 is 200; it must be"),
        ({"tuned": replace(TUNED, multiplier=0)}, "multiplier=0 must be a number above 0"),
        ({"tuned": replace(TUNED, low=None)}, "the multiplier's interval is None to 8; it has two ends or none"),
        ({"tuned": replace(TUNED, low=-1)}, "the multiplier's interval is -1 to 8; it takes numbers above 0"),
        ({"tuned": replace(TUNED, low=7)}, "the multiplier 6.2 lies outside its interval, 7 to 8"),
        ({"tuned": replace(TUNED, target="")}, "target='' must be a text, or None"),
        ({"origins": {"init": Origin("x")}}, "an origin is given for 'init', which is no setting; they are learning"),
        ({"origins": {"optimizer": Origin("")}}, "the origin of optimizer has the range ''; it must be a text"),
        ({"origins": {"optimizer": Origin("x", "y", "http://a.b")}}, "the link 'http://a.b'; it must begin with https"),
        (
            {"origins": {"optimizer": Origin("x", "", "https://a.b")}},
            "the origin of optimizer has a link but no source",
        ),
        (with_card(settings={**SETTINGS, "optimizer": "x" * LIMIT}), "bytes of JSON; 30,000 are allowed"),
    ],
)
def test_a_broken_roulette_is_one_line_that_names_what_breaks_it(fields, said):
    with pytest.raises(ValueError, match=said) as error:
        replace(TOY, **fields)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("roulette: ")


def test_it_starts_with_a_seed_and_no_draw():
    one = RecipeRoulette(TOY, seed=7)
    assert (one.seed, one.drawn, one.shown, one.revealed) == (7, 0, 0, False)
    for seed in (-1, 1_000_000, 1.5, True):
        with pytest.raises(ValueError, match=f"roulette: seed={seed} must be a whole number from 0 to 999,999"):
            RecipeRoulette(TOY, seed=seed)
