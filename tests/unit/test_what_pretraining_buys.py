"""The numbers and the two arms of chapter 1's exercises; seconds: pytest tests/unit/test_what_pretraining_buys.py"""

import dataclasses

import numpy as np
import pytest
import torch

from crucible import bases, evaluate
from crucible.exercises import SITE
from crucible.exercises import what_pretraining_buys as mine
from crucible.worlds import AddWorld
from crucible.worlds.mini import VOCAB

STUDENTS = [f"student {number}" for number in range(40)]
ZEROS = [[0, number] for number in range(3, 1000, 7)]


@pytest.mark.parametrize("draw", [mine.desk, mine.law, mine.margin, mine.licence, mine.clinic])
def test_no_student_has_the_pages_numbers_and_students_differ(draw):
    site, drawn = draw(SITE), [draw(student) for student in STUDENTS]
    assert site not in drawn
    assert len(set(drawn)) > 1
    assert drawn == [draw(student.upper()) for student in STUDENTS]
    assert all(str(value) for value in drawn)


def test_no_students_law_begins_before_the_pages_so_that_the_published_solution_fits_guessing():
    assert all(mine.law(student).from_examples > mine.law(SITE).from_examples for student in STUDENTS)


def test_no_student_can_hand_in_the_pages_pairs():
    assert mine.clinic(SITE).wanted == 0
    assert all(mine.clinic(student).wanted == 1 for student in STUDENTS)


@pytest.mark.parametrize(
    ("clinic", "words"),
    [
        (mine.Clinic("+", 0, 10), "7 2 0 + 5 0 8 = 7 2 0 0"),
        (mine.Clinic("+", 1, 10), "7 2 0 + 5 0 8 = 5 0 8 0"),
        (mine.Clinic("max", 1, 10), "7 2 0 max 5 0 8 = 5 0 8"),
    ],
)
def test_a_clinic_asks_as_the_general_corpus_does_and_answers_in_its_own_way(clinic, words):
    world = mine.PairWorld(clinic, ((27, 805),), ((1, 2),))
    questions = world.questions("train")
    assert world.words(questions) == [words]
    assert [VOCAB[token] for token in world.oracle(questions).tolist()] == words.split(" = ")[1].split()
    general = AddWorld(3, operation=clinic.sign)
    usual = general.words(general.encode(27, 805))[0]
    assert usual.split(" = ")[0] == words.split(" = ")[0]
    assert len(usual.split()) == len(words.split())


@pytest.mark.parametrize("clinic", [mine.clinic(SITE), *(mine.Clinic(*one) for one in mine.OTHERS)])
def test_the_example_that_a_student_reads_parts_the_two_meanings(clinic):
    numbers = [text.lstrip("0") for text in str(clinic).split("`")[3::2][:2]]
    world = mine.PairWorld(clinic, ((27, 805),), ((805, 27),))
    pair, words = str(clinic).split("`")[7::2][:2]
    assert words in [*world.words(world.questions("train")), *world.words(world.questions("test"))]
    assert pair == ("[27, 805]" if words.startswith("7 2 0") else "[805, 27]")
    assert numbers == ["27", {"+": "832", "max": "805"}[clinic.sign]]


def test_where_the_other_number_is_zero_the_clinic_and_the_general_corpus_agree():
    """The ground on which the last exercise stands; a base that knows both signs is right there untrained."""
    base = bases.load(mine.SIZE, 10)
    for sign in ("+", "max"):
        pairs = tuple((n, 0) for n in range(3, 1000, 7))
        world = mine.PairWorld(mine.Clinic(sign, 0, 10), pairs, tuple((n, 999 - n // 2) for n, _ in pairs))
        assert evaluate.exact_match(base.model, world.questions("train")) > 90
        assert evaluate.exact_match(base.model, world.questions("test")) < 60


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([[1, 2]] * 60, r"\[1, 2\] comes twice"),
        ([[n, 0] for n in range(49)], "49 pairs, and 50 to 300 are allowed"),
        ([[n, 0] for n in range(301)], "301 pairs, and 50 to 300 are allowed"),
        ([[n, 0] for n in range(990, 1050)], r"\[1000, 0\] must be two whole numbers from 0 to 999"),
        ([[-1, 0]], r"\[-1, 0\] must be two whole numbers"),
        ([[1.0, 0]], r"\[1.0, 0\] must be two whole numbers"),
        ([[True, 0]], r"\[True, 0\] must be two whole numbers"),
        ([[1, 2, 3]], r"\[1, 2, 3\] must be two whole numbers"),
        ([5], "5 must be two whole numbers"),
        (7, "7 is no list of pairs"),
        (np.arange(400).reshape(200, 2), "is no list of pairs"),
        ([list(range(900))], r"\[0, 1, 2, 3, 4, 5, \.\.\.\] must be two whole numbers"),
    ],
)
def test_pairs_that_are_not_allowed_are_named_in_one_line(pairs, said):
    with pytest.raises(ValueError, match=said) as wrong:
        mine.allowed(pairs)
    assert "\n" not in str(wrong.value)
    assert len(str(wrong.value)) < 90


def test_numpys_whole_numbers_are_whole_numbers():
    assert mine.allowed([[np.int64(n), 0] for n in range(60)]) == mine.allowed([[n, 0] for n in range(60)])


@pytest.fixture
def short(monkeypatch):
    """Two steps in place of the recipe's, and no run of it kept."""
    monkeypatch.setattr(mine, "RECIPE", dataclasses.replace(mine.RECIPE, steps=2))
    for kept in (mine._scores, mine._trained):
        kept.cache_clear()
    yield
    for kept in (mine._scores, mine._trained):
        kept.cache_clear()


def test_both_arms_see_the_same_and_differ_in_nothing_but_the_start(short, monkeypatch):
    calls = []

    def train(world, model, config, seed, start=None):
        calls.append((world, model, config, seed))
        return original(world, model, config, seed, start=start)

    original = mine.train
    monkeypatch.setattr(mine, "train", train)
    scores = mine.both_arms("ada", ZEROS)
    assert list(scores) == ["pretrained", "from scratch"]
    assert calls[0] == calls[1]
    assert mine.both_arms("ada", ZEROS[::-1]) == scores  # neither does the order count
    assert len(calls) == 2
    mine.lead("ada", ZEROS, again=1)
    assert len(calls) == 2  # another test asks the same models


def test_scores_are_told_to_one_decimal(monkeypatch):
    found = (("pretrained", 27.799999713897705), ("from scratch", 90.19999694824219))
    monkeypatch.setattr(mine, "_scores", lambda *asked: found)
    assert mine.both_arms("ada", ZEROS) == {"pretrained": 27.8, "from scratch": 90.2}
    assert mine.lead("ada", ZEROS) == 62.4


def test_no_pair_of_the_test_was_shown(short, monkeypatch):
    asked = []
    original = evaluate.exact_match
    monkeypatch.setattr(mine.evaluate, "exact_match", lambda m, q: asked.append(q) or original(m, q))
    mine.both_arms("ada", ZEROS)
    drawn = asked[0].tokens
    first = tuple(map(tuple, drawn.tolist()))
    shown = [pair for pair in _pairs(drawn) if pair[0] and pair[1]][:60]  # now these are shown, and leave the test
    mine.both_arms("ada", [list(pair) for pair in shown])
    assert len(asked[-1].tokens) < len(first)
    assert not set(_pairs(asked[-1].tokens)) & set(shown)


def _pairs(tokens):
    digits = tokens - VOCAB.index("0")
    tens = torch.tensor([1, 10, 100])
    return [tuple(pair) for pair in torch.stack([digits[:, :3] @ tens, digits[:, 4:7] @ tens], 1).tolist()]
