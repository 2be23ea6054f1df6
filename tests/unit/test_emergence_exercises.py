"""The curves, the inspector and the numbers of the exercises to "Emergence"; seconds, and no training to speak of."""

import math

import pytest
import torch

from crucible.exercises import SITE
from crucible.exercises import emergence as mine
from crucible.model import ModelConfig, Transformer
from pipeline import assignment, exercises

STUDENTS = [f"student {number}" for number in range(60)]
JUMPING = {"digit", "slide", "stairs", "last"}  # as the hidden tests have it
EQUAL = [1] * mine.N_NAMES


def jumps(steps, log_prob, height):
    """The definition that the exercise gives."""
    return any(
        steps[j] <= mine.WINDOW * steps[i] and min(log_prob[j:]) - max(log_prob[: i + 1]) >= height
        for i in range(len(steps))
        for j in range(i + 1, len(steps))
    )


@pytest.mark.parametrize("draw", [mine.floor, mine.levels, mine.margin, mine.certainty, mine.height, mine.rare])
def test_no_student_has_the_pages_numbers_and_students_differ(draw):
    site, drawn = draw(SITE), [draw(student) for student in STUDENTS]
    assert site not in drawn
    assert len(set(drawn)) > 1
    assert drawn == [draw(student.upper()) for student in STUDENTS]
    assert all(str(value) for value in drawn)


def test_no_student_has_one_of_the_pages_rare_names():
    assert not any(set(mine.rare(student).names) & set(mine.rare(SITE).names) for student in STUDENTS)
    assert all(len(set(mine.rare(student).names)) == mine.N_RARE for student in STUDENTS)


@pytest.mark.parametrize("student", [SITE, *STUDENTS])
def test_a_curve_jumps_by_its_kind_and_clearly_so(student):
    """A height a fifth lower or higher makes no difference, so noise and rounding do not decide."""
    nats = mine.height(student).nats
    drawn = mine.sealed(student, times=1)
    assert [curve.kind for curve in drawn] == list(mine.KINDS)
    for curve in drawn:
        for share in (0.8, 1, 1.2):
            assert jumps(curve.steps, curve.log_prob, share * nats) is (curve.kind in JUMPING), curve.kind


@pytest.mark.parametrize("student", [SITE, *STUDENTS[:20]])
def test_curves_are_readings_of_a_run(student):
    for curve in mine.sealed(student):
        assert list(curve.steps) == sorted(set(curve.steps))
        assert len(curve.steps) == len(curve.log_prob) == len(curve.exact)
        assert all(mine.CHANCE - 2 < value < 0 for value in curve.log_prob)
        assert all(0 <= value <= 100 for value in curve.exact)


def test_a_students_six_are_of_six_kinds_and_two_of_them_jump():
    nats = mine.height("ada").nats
    found = [jumps(one["steps"], one["log_prob"], nats) for one in mine.curves("ada")]
    assert len(found) == 6
    assert sum(found) == 2
    assert mine.curves("ada") == mine.curves(" ADA ")
    assert mine.curves("ada") != mine.curves("bo")


def test_one_of_the_six_leaps_by_exact_match_and_not_by_log_probability():
    """Exact match needs less than half as many decades, and the run has no jump."""

    def decades(steps, share):
        first = [next(step for step, value in zip(steps, share, strict=True) if value >= level) for level in (0.1, 0.9)]
        return math.log10(first[1] / first[0])

    for student in STUDENTS[:10]:
        (one,) = (curve for curve in mine.sealed(student, times=1) if curve.kind == "ruler")
        way = [1 - value / mine.CHANCE for value in one.log_prob]
        assert decades(one.steps, [value / 100 for value in one.exact]) < 0.5 * decades(one.steps, way)


def test_what_a_function_says_of_the_six_is_said_in_words():
    def blank(steps, log_prob):
        raise NotImplementedError

    assert mine.sorted_out(blank, SITE) == "Not attempted yet."
    assert mine.sorted_out(lambda steps, log_prob: 1 / 0, SITE).startswith("Your function stopped at curve 1: ZeroDiv")
    said = mine.sorted_out(lambda steps, log_prob: jumps(steps, log_prob, 0.5), SITE)
    assert said.count("a jump") == 2
    assert said.count("none") == 4


def test_the_picture_shows_all_six():
    drawn = mine.picture(SITE)
    assert all(f"curve {number}" in drawn.light for number in range(1, 7))


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (EQUAL, mine.IN_ORDER),
        (tuple(EQUAL), mine.IN_ORDER),
        (EQUAL[:-1], "a list of 47, and a list of 48 numbers is wanted"),
        ({"n00": 1}, "no list, and a list"),
        (7, "no list, and a list"),
        ([0, *EQUAL[1:]], "n00 is read 0 times"),
        ([61, *EQUAL[1:]], "n00 is read 61 times, and a whole number from 1 to 60 is wanted"),
        ([2.0, *EQUAL[1:]], "n00 is read 2.0 times"),
        ([True, *EQUAL[1:]], "n00 is read True times"),
        ([*EQUAL[:-1], 2], "n47 is read 2 times, and it is rare: once"),
    ],
)
def test_the_inspector_names_what_is_wrong(times, said):
    assert said in mine.inspected(times, SITE)


def test_a_recital_reads_names_as_often_as_told_and_asks_each_once():
    world = mine.Recital((3, *EQUAL[1:]), seed=4)
    taught, asked = world.questions("train"), world.questions("test")
    assert taught.tokens[:, 0].bincount().tolist()[:2] == [3, 1]
    assert asked.tokens[:, 0].tolist() == list(range(mine.N_NAMES))
    assert asked.scored.sum() == mine.N_NAMES * mine.LENGTH
    assert (world.oracle(asked) == asked.tokens[asked.scored]).all()
    assert (mine.Recital(tuple(EQUAL), 5).questions("test").tokens != asked.tokens).any()


def test_which_name_is_read_how_often_makes_no_difference(monkeypatch):
    worlds = []
    monkeypatch.setattr(mine, "_rung", lambda world, width: worlds.append(world))
    mine.ladder([5, *EQUAL[1:]], 0)
    mine.ladder([*EQUAL[1:], 5], 0)
    assert len(set(worlds)) == 1


def test_a_model_that_guesses_is_at_the_start_and_one_that_knows_at_the_end(monkeypatch):
    world = mine.Recital(tuple(EQUAL), 0)
    questions = world.questions("test")
    blind = Transformer(ModelConfig(len(world.vocab), world.context_length, d_model=8, n_layers=1, n_heads=1), 0)
    way, exact = mine._examined(blind, questions)
    assert way == 0  # it does not even know that values come after names
    assert exact == 0

    def knows(tokens, scored):
        return 50 * torch.nn.functional.one_hot(questions.tokens[:, 1:].flatten(), len(world.vocab)).float()

    assert mine._examined(knows, questions) == (pytest.approx(100), 100)
    half = questions.tokens[:, 1:].clone()
    half[::2, 3] = mine.N_NAMES + (half[::2, 3] - mine.N_NAMES + 1) % mine.N_VALUES  # one wrong token each

    def slips(tokens, scored):
        return 50 * torch.nn.functional.one_hot(half.flatten(), len(world.vocab)).float()

    assert mine._examined(slips, questions)[1] == 50


@pytest.mark.parametrize(
    ("way", "exact", "top", "end"),
    [
        (60, 24, 70, "has vanished"),
        (60, 23.9, 100, "still there"),
        (25, 10, 100, "has vanished"),
        (24.9, 46, 100, "not half-way up, so nothing was shown"),
        (0, 46, 100, "not half-way up, so nothing was shown"),
        (25, 46, 69, "knows too few names"),
        (60, 60, 69, "nothing was shown"),
    ],
)
def test_the_mirage_vanishes_where_exact_match_keeps_up_and_gets_there(way, exact, top, end):
    climbed = mine.Ladder((mine.Rung(8, 2000, way, exact), mine.Rung(20, 11000, 100, top)))
    assert end in str(climbed)
    assert climbed.gentle is (end == "has vanished")


def test_a_try_says_what_stands_in_the_way(monkeypatch):
    def blank(names):
        raise NotImplementedError

    assert mine.tried(blank, SITE) == "Not attempted yet."
    assert mine.tried(lambda names: 1 / 0, SITE) == "Your function stopped: ZeroDivisionError: division by zero"
    assert mine.tried(lambda names: [], SITE).startswith("The inspector: a list of 0")
    asked = []
    monkeypatch.setattr(mine, "ladder", lambda times, seed: asked.append(seed) or "The ladder.")
    assert mine.tried(lambda names: EQUAL, SITE) == (
        "*Seed 1.* The ladder.\n\n*Seed 2.* The ladder.\n\n"
        "What happens with one seed only may be luck; your grade tries another one."
    )
    mine.tried(lambda names: EQUAL, SITE, seeds=(3,))
    assert asked == [1, 2, 3]


def test_the_key_has_the_students_rare_names():
    read = assignment.read(assignment.FOLDER / "emergence" / "emergence.ipynb")
    vanish = next(exercise for exercise in read.exercises if exercise.id == "make-it-vanish")
    for student in ("ada", "0042"):
        assert exercises.key(read, vanish, student)["rare"] == list(mine.rare(student).names)
