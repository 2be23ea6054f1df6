"""The curves, the inspector and the numbers of the exercises to "Laws of size"; seconds, and no training."""

import math

import numpy as np
import pytest

from crucible import scaling
from crucible.exercises import SITE
from crucible.exercises import laws as mine
from pipeline import assignment, exercises

STUDENTS = [f"student {number}" for number in range(60)]
DRAWN = [mine.level, mine.stretch, mine.margin, mine.compute, mine.lead, mine.plan, mine.goal]


def misfits(x, y):
    """Of the three forms, by NumPy's fits."""
    x, y = np.array(x), np.array(y)

    def line(a, b):
        return np.polyval(np.polyfit(a, b, 1), a)

    fitted = {
        "power law": np.exp(line(np.log(x), np.log(y))),
        "exponential": np.exp(line(x, np.log(y))),
        "logarithm": line(np.log(x), y),
    }
    return {name: np.sqrt((np.log(y / one) ** 2).mean()) for name, one in fitted.items() if one.min() > 0}


def ranked(x, y):
    """The best form, and by which factor it leads."""
    found = misfits(x, y)
    first, second = sorted(found, key=found.get)[:2]
    return first, found[second] / found[first]


@pytest.mark.parametrize("draw", DRAWN)
def test_no_student_has_the_pages_numbers_and_students_differ(draw):
    site, drawn = draw(SITE), [draw(student) for student in STUDENTS]
    assert site not in drawn
    assert len(set(drawn)) > 1
    assert drawn == [draw(student.upper()) for student in STUDENTS]
    assert all(str(value) for value in drawn)


@pytest.mark.parametrize("student", [SITE, *STUDENTS])
def test_of_five_curves_one_is_a_logarithm_and_six_decades_tell_clearly(student):
    forms = []
    for curve in mine.curves(student).values():
        assert len(curve["x"]) == len(curve["y"]) == mine.READINGS
        assert curve["x"] == sorted(curve["x"])
        form, lead = ranked(curve["x"], curve["y"])
        assert lead > 3.05, "the largest lead that a student is given is 3"
        forms.append(form)
    assert sorted(forms) == ["logarithm", *["power law"] * 4]


@pytest.mark.parametrize("student", [SITE, *STUDENTS])
def test_two_decades_do_not_tell_the_one_from_the_others(student):
    """It is neither the steepest nor the flattest, and no form of its own leads by two."""
    curves = mine.curves(student)
    (odd,) = (letter for letter, one in curves.items() if ranked(one["x"], one["y"])[0] == "logarithm")
    short = {letter: mine.first_decades(one, 2) for letter, one in curves.items()}
    assert all(len(one["x"]) == 9 for one in short.values())
    assert ranked(**short[odd])[1] < 2
    for some in (curves, short):
        slopes = {letter: np.polyfit(np.log(one["x"]), np.log(one["y"]), 1)[0] for letter, one in some.items()}
        assert some is short or min(slopes.values()) < slopes[odd] < max(slopes.values())
    ends = {letter: one["y"][-1] / one["y"][0] for letter, one in curves.items()}
    assert min(ends.values()) < ends[odd] < max(ends.values())


def test_students_have_other_curves_and_every_letter_is_somebodys():
    found = set()
    for student in STUDENTS:
        curves = mine.curves(student)
        found |= {letter for letter, one in curves.items() if ranked(one["x"], one["y"])[0] == "logarithm"}
    assert found == set(mine.LETTERS)
    assert mine.curves("ada") == mine.curves(" ADA ")
    assert mine.curves("ada") != mine.curves("bo")


@pytest.mark.parametrize("student", [SITE, *STUDENTS[:20]])
def test_a_wobble_is_a_little_too_small_or_too_large_for_the_lead(student):
    yours = mine.lead(student)
    for size, low, high in ((yours.sure, 1.05, 1.1), (yours.unsure, 0.9, 0.95)):
        form, lead = ranked(*mine.wobbling(size))
        assert form == "power law"
        assert low < lead / yours.times < high


def test_what_a_function_says_of_the_curves_is_a_table():
    def blank(x, y):
        raise NotImplementedError

    assert mine.sorted_out(blank, SITE) == "Not attempted yet."
    assert mine.sorted_out(lambda x, y: 1 / 0, SITE).startswith("Your function stopped at curve A: ZeroDivisionError")
    said = mine.sorted_out(lambda x, y: len(x), SITE)
    assert said.splitlines()[2] == "| A | 9 | 17 | 25 |"


def test_the_two_exponents_are_set_side_by_side():
    def blank(alpha):
        raise NotImplementedError

    assert mine.compared(blank, blank) == "Not attempted yet."
    assert "stopped at alpha = 0.2: ZeroDivisionError" in mine.compared(lambda alpha: alpha, lambda alpha: 1 / 0)
    assert "| 0.5 | 0.500 | 1.000 |" in mine.compared(lambda alpha: alpha, lambda alpha: 2 * alpha)


def test_the_picture_shows_all_five():
    drawn = mine.picture(SITE)
    assert all(f">{letter}<" in drawn.light for letter in mine.LETTERS)


@pytest.mark.parametrize("student", [SITE, *STUDENTS])
def test_at_every_students_compute_the_two_fits_disagree_and_the_data_term_is_why(student):
    printed, refit = (scaling.ParametricLoss(**dict(one)) for one in (mine.PRINTED, mine.REFIT))
    flops = mine.compute(student).flops
    ours, theirs = printed.split(flops)[0], refit.split(flops)[0]
    assert abs(math.log(ours / theirs)) > math.log(1.12)

    def moved(*names):
        swapped = scaling.ParametricLoss(**{**mine.PRINTED, **{name: mine.REFIT[name] for name in names}})
        return abs(math.log(swapped.split(flops)[0] / ours))

    assert moved("E") < 1e-12
    assert moved("B", "beta") > 1.5 * moved("A", "alpha")
    assert 0.001 < refit.loss(*printed.split(flops)) - refit.loss(*refit.split(flops)) < 0.011


def test_students_meet_both_sides_of_both_disputes():
    printed, refit = (scaling.ParametricLoss(**dict(one)) for one in (mine.PRINTED, mine.REFIT))
    larger = {printed.split(flops)[0] > refit.split(flops)[0] for flops in (mine.compute(s).flops for s in STUDENTS)}
    ratio, kaplan = scaling.RULES["twenty"], scaling.RULES["kaplan"]
    more = {ratio.tokens(size) > kaplan.tokens(size) for size in (mine.plan(s).parameters for s in STUDENTS)}
    assert larger == more == {True, False}


def test_every_constant_is_shown_with_its_source():
    for text, rules in ((mine.fits(), ("hoffmann", "besiroglu")), (mine.constants(), ("twenty", "kaplan"))):
        for rule in rules:
            source = scaling.RULES[rule].source
            assert f"[{source.text}]({source.link}), {source.status}" in text
    assert "E = 1.8172, A = 482.01, B = 2085.43, alpha = 0.3478, beta = 0.3658" in mine.fits()
    assert "D = 20 N" in mine.constants()
    assert "31,557,600 seconds" in mine.constants()


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ([[1, 1]], mine.IN_ORDER),
        (((3, 0.5), (1_000, 2)), mine.IN_ORDER),
        ([], "a list of 1 to 60 bands"),
        ({"keys": 1}, "a list of 1 to 60 bands"),
        ([[1, 1]] * 61, "a list of 1 to 60 bands"),
        ([[1, 1], [2]], "band 1 is [2], and [keys, share] is wanted"),
        ([[1, 1], 5], "band 1 is 5"),
        ([[1.0, 1]], "band 0 has 1.0 keys"),
        ([[True, 1]], "band 0 has True keys"),
        ([[0, 1]], "band 0 has 0 keys, and a whole number from 1 to 1,000,000 is wanted"),
        ([[1, 0]], "band 0 has the share 0, and a number above 0 is wanted"),
        ([[1, "1"]], "band 0 has the share '1'"),
        ([[1, math.nan]], "band 0 has the share nan"),
        ([[1, math.inf]], "band 0 has the share inf"),
        ([[999_999, 1], [2, 1]], "the bands have 1,000,001 keys together, and 1,000,000 are allowed"),
    ],
)
def test_the_inspector_names_what_is_wrong(bands, said):
    assert said in mine.inspected(bands)


def test_the_loss_is_that_of_a_table_that_draws_examples():
    bands, n = [[1, 3], [4, 3], [40, 2]], 20
    assert mine.loss(bands, 0) == pytest.approx(math.log(16))
    p = np.repeat([share / keys / 8 for keys, share in bands], [keys for keys, _ in bands])
    dice = np.random.default_rng(0)
    unseen = [p[dice.multinomial(n, p) == 0].sum() for _ in range(20_000)]
    assert mine.loss(bands, n) == pytest.approx(math.log(16) * np.mean(unseen), rel=0.01)
    assert mine.loss([[keys, 7 * share] for keys, share in bands], n) == pytest.approx(mine.loss(bands, n))
    assert mine.loss([[1, 1]], 5) == 0


def test_exponents_are_slopes_of_the_loss_and_a_loss_that_is_gone_has_none():
    bands = [[10, 1], [10_000, 1]]
    losses = [mine.loss(bands, n) for n in mine.EXAMPLES]
    assert mine.exponents(bands) == pytest.approx(-np.diff(np.log10(losses)))
    assert mine.exponents([[1, 1], [10**6, 1]])[0] == pytest.approx(0, abs=1e-3)
    assert mine.exponents([[1, 1]]) == [math.inf] * 3


@pytest.mark.parametrize(
    ("exponents", "then", "said"),
    [
        ([0.36, 0.44, 0.2], "stalls", ""),
        ([0.36, 0.44, 0.21], "stalls", "in the third decade the exponent is 0.210, and at most 0.2 is wanted"),
        ([0.36, 0.44, 0.6], "plunges", ""),
        ([0.36, 0.44, 0.59], "plunges", "in the third decade the exponent is 0.590, and at least 0.6 is wanted"),
        ([0.34, 0.44, 0.2], "stalls", "in the first decade the exponent is 0.340, and 0.4 is wanted"),
        ([0.36, 0.46, 0.2], "stalls", "in the second decade the exponent is 0.460"),
    ],
)
def test_a_goal_names_the_first_decade_that_misses_it(exponents, then, said):
    missed = mine.Goal(0.4, then).missed(exponents)
    assert missed.startswith(said) if said else missed == ""


def test_a_try_says_what_stands_in_the_way_and_what_the_loss_does():
    def blank():
        raise NotImplementedError

    assert mine.tried(blank, SITE) == "Not attempted yet."
    assert mine.tried(lambda: 1 / 0, SITE) == "Your function stopped: ZeroDivisionError: division by zero"
    assert mine.tried(lambda: [], SITE).startswith("The inspector: a world is a list")
    said = mine.tried(lambda: [[10_000, 1]], SITE)
    assert "2.7450 after 100" in said
    assert "Not yet: in the first decade" in said


def test_every_students_goal_can_be_met_and_the_key_does():
    read = assignment.read(assignment.FOLDER / "laws" / "laws.ipynb")
    last = read.exercises[-1]
    goals = {mine.goal(student): student for student in [SITE, *STUDENTS]}
    assert len(goals) == 13
    for goal, student in goals.items():
        given: dict = {}
        exec(exercises.solution(read, last, student), given)
        assert goal.missed(mine.exponents(given["world"]())) == ""
        said = mine.tried(given["world"], student)
        assert said.endswith(f"The law holds for two decades, and then the loss {goal.then}.")
