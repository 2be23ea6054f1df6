"""The claim sorter in Python: its cards come from the register, and its state refuses what cannot be.

Run: .venv/bin/python -m pytest -q tests/unit/test_claim_sorter.py (about three seconds).
"""

import pytest
import traitlets

from crucible import register
from crucible.register import Claim
from crucible.widgets.claim_sorter import PLACES, TESTABLE, ClaimSorter, cards, places


def claim(name="a/one", **fields):
    given = {"who": "somebody", "kind": "causal", "theme": "craft", "claim": "This makes that.", "reach": 1}
    return Claim(id=name, **({"verdict": "not yet tested", **given} | fields))


@pytest.fixture(scope="module")
def book():
    return register.load()


@pytest.fixture
def sorter():
    claims = {name: claim(name, planned=["E01"]) for name in ("a/one", "a/two", "a/three")}
    return ClaimSorter(cards(claims, list(claims)))


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"planned": ["E03"]}, ["experiment"]),
        ({"planned": ["R01"]}, ["record"]),
        ({"planned": ["E27", "E21", "R12"]}, ["experiment", "record"]),
        ({"planned": ["R06", "E14"]}, ["record", "experiment"]),
        ({"tested_in": ["E00/many"], "verdict": "open"}, ["experiment"]),
        ({"verdict": "record", "record": "It was so."}, ["record"]),
        ({"verdict": "untestable", "reason": "It is about money."}, ["neither"]),
    ],
)
def test_a_claim_is_filed_where_the_register_puts_it(fields, where):
    assert places(claim(**fields)) == where


def test_a_claim_that_names_nothing_cannot_be_filed():
    with pytest.raises(ValueError, match="claim a/one names no experiment"):
        places(claim())


def test_every_claim_of_the_register_has_a_place_and_a_reason(book):
    filed = cards(book.claims, list(book.claims), book.titles)
    assert {place for card in filed for place in card["places"]} == set(PLACES)
    for card in filed:
        assert len(card["reasons"]) == len(card["places"])
        assert all(len(reason) > 20 for reason in card["reasons"]), card


def test_a_card_says_what_the_register_says_and_nothing_else(book):
    card, other = cards(book.claims, ["cold-eye/open-ceiling", "cold-eye/org"], book.titles)
    source = book.claims["cold-eye/open-ceiling"]
    assert (card["claim"], card["who"], card["article"]) == (source.claim, source.who, "cold-eye")
    assert card["reasons"] == [f"{TESTABLE['causal']} Experiment E09 asks: {book.titles['E09']}"]
    assert other["reasons"] == [book.claims["cold-eye/org"].reason]


def test_a_claim_with_two_homes_gives_a_reason_for_each(book):
    (card,) = cards(book.claims, ["quick-illusion/tenfold"], {"E13": "Is it so?"})
    experiment, record = card["reasons"]
    assert experiment.endswith("Experiment E13 asks: Is it so?")
    assert record.endswith("Record check R09.")


def test_cards_keep_the_order_and_change_nothing(book):
    names = ["fireworks/users", "cold-eye/race"]
    assert [card["id"] for card in cards(book.claims, names)] == names
    assert cards(book.claims, names) == cards(book.claims, names)


def test_a_claim_that_is_not_there_or_stands_twice_is_refused(book):
    with pytest.raises(ValueError, match="'cold-eye/open-door' is not in the register"):
        cards(book.claims, ["cold-eye/open-ceiling", "cold-eye/open-door"])
    with pytest.raises(ValueError, match="'cold-eye/org' stands twice"):
        cards(book.claims, ["cold-eye/org", "cold-eye/org"])


def test_the_sorter_starts_with_nothing_filed(sorter):
    assert (sorter.card, sorter.answers, len(sorter.cards)) == (0, [], 3)


def test_no_cards_nothing_to_sort():
    with pytest.raises(ValueError, match="nothing to sort"):
        ClaimSorter([])


def test_a_reader_goes_through_all_cards_and_starts_again(sorter):
    for i, place in enumerate(PLACES):
        sorter.answers = [*sorter.answers, place]
        sorter.card = i + 1
    assert sorter.card == len(sorter.cards)
    with sorter.hold_trait_notifications():  # as a front end sends both at once
        sorter.card, sorter.answers = 0, []
    assert (sorter.card, sorter.answers) == (0, [])


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("answers", ["shelf"], "'shelf'; a place is one of experiment, record, neither"),
        ("answers", ["record"] * 4, "answers has 4 entries"),
        ("answers", [], "answers has 0 entries"),
        ("card", 3, "card=3 must lie between 0 and 2"),
        ("card", -1, "card=-1 must lie between"),
    ],
)
def test_a_state_that_cannot_be_is_refused(sorter, name, value, says):
    sorter.answers = ["record", "neither"]
    sorter.card = 1
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(sorter, name, value)
    assert (sorter.card, sorter.answers) == (1, ["record", "neither"])


def test_the_front_end_knows_the_same_places_in_the_same_order(sorter):
    found = [sorter._esm.index(f"{place}: ") for place in PLACES]
    assert found == sorted(found)
    assert ".claim-sorter" in sorter._css
