"""The tables, the pairs, the inspector and the little furnace of the exercises to "Same ore, same furnace"; seconds."""

import math
import re
from dataclasses import asdict, fields
from itertools import pairwise
from statistics import mean, variance

import pytest
from scipy import stats

from crucible import craft, ledger
from crucible.craft import Recipe
from crucible.exercises import SITE
from crucible.exercises import craft as mine
from pipeline import assignment, exercises

STUDENTS = [f"student {number}" for number in range(40)]
VERDICTS = {  # as the hidden tests have it
    "real": {"same seeds, clear", "other seeds, clear", "unequal numbers"},
    "luck": {"same seeds, small", "same seeds, small and sure", "same seeds, worse", "other seeds, small"},
    "cannot tell": {"same seeds, wide", "other seeds, wide", "some seeds alike", "two runs"},
}


def interval(pair):
    """The definition that the exercise gives."""
    old, new = (dict(map(tuple, pair[name])) for name in ("before", "after"))
    if old.keys() == new.keys():
        return ledger.interval([new[seed] - old[seed] for seed in old])
    error = math.sqrt(variance(old.values()) / len(old) + variance(new.values()) / len(new))
    half = stats.t.ppf(0.95, min(len(old), len(new)) - 1) * error
    gain = mean(new.values()) - mean(old.values())
    return gain - half, gain + half


@pytest.mark.parametrize("draw", [mine.allowance, mine.effect, mine.least, mine.warm_up])
def test_no_student_has_the_pages_numbers_and_students_differ(draw):
    site, drawn = draw(SITE), [draw(student) for student in STUDENTS]
    assert site not in drawn
    assert len(set(drawn)) > 1
    assert drawn == [draw(student.upper()) for student in STUDENTS]
    assert all(str(value) for value in drawn)


@pytest.mark.parametrize("kind", ["first rung", "second rung"])
def test_halving_drops_the_best_recipe_of_a_table_where_the_kind_says(kind):
    for student in [SITE, *STUDENTS]:
        curves = mine.make_table(student, kind)
        assert len(curves) == mine.N_RECIPES
        assert all(len(set(marks)) == len(marks) for marks in zip(*curves, strict=True)), "no two are level"
        best = max(range(len(curves)), key=lambda r: curves[r][-1])
        assert (best == mine.PAGE_BEST) is (student == SITE)
        left = sorted(range(len(curves)), key=lambda r: -curves[r][0])[:8]
        assert (best in left) is (kind == "second rung")
        assert best not in sorted(left, key=lambda r: -curves[r][1])[:4]


def test_a_students_table_is_one_of_the_two_and_its_explanation_stands_below_it():
    assert {mine.table(student) == mine.make_table(student, "first rung") for student in STUDENTS} == {True, False}
    for student in (SITE, *STUDENTS[:5]):
        text = mine.table_text(student)
        assert mine.table(student) == mine.table(student.upper())
        assert sorted(mine.statements(student)) == sorted(mine.STATEMENTS.values())
        assert all(f"{number}. {said}" in text for number, said in enumerate(mine.statements(student), start=1))
        assert all(f"| {number} | {curve[0]:.1f} |" in text for number, curve in enumerate(mine.table(student)))


def test_what_two_searches_find_is_said_in_words():
    def blank(curves, budget):
        raise NotImplementedError

    def first(curves, budget):
        return [0, 1] if budget > 2 else [None, 0]

    assert mine.searched([blank], SITE) == "Not attempted yet."
    assert "stopped at budget 2: ZeroDivisionError" in mine.searched([lambda curves, budget: 1 / 0], SITE)
    said = mine.searched([first], SITE, budgets=(2, 3))
    assert "| 2 | nothing; 0 spent |" in said
    assert f"| 3 | recipe 0, {mine.table(SITE)[0][-1]:.1f} in a whole run; 1 spent |" in said


@pytest.mark.parametrize("student", [SITE, *STUDENTS])
def test_a_pair_is_judged_by_its_kind_and_clearly_so(student):
    """A smallest improvement a twentieth lower or higher makes no difference, so rounding does not decide."""
    least = mine.least(student).points
    kinds = [kind for kind, _ in mine.sealed_pairs(student, times=1)]
    assert sorted(kinds) == sorted(set().union(*VERDICTS.values())) == sorted(mine.PAIRS)
    for kind, pair in mine.sealed_pairs(student):
        if kind == "two runs":
            assert len(pair["before"]) == 2
            continue
        low, high = interval(pair)
        for smallest in (0.95 * least, least, 1.05 * least):
            found = "real" if low > smallest else "luck" if high < smallest else "cannot tell"
            assert kind in VERDICTS[found], (kind, low, high, least)


def test_seeds_are_the_same_where_the_kind_says_and_runs_are_shuffled():
    shuffled = 0
    for student in STUDENTS[:10]:
        for kind, pair in mine.sealed_pairs(student):
            old, new = ([seed for seed, _ in pair[name]] for name in ("before", "after"))
            assert len(set(old)) == len(old)
            assert len(set(new)) == len(new)
            both = len(set(old) & set(new))
            if kind.startswith(("same", "two")):
                assert both == len(old) == len(new)
                shuffled += old != new
            else:
                assert both == (len(old) - 1 if kind == "some seeds alike" else 0)
            assert (len(new) - len(old) == 3) is (kind == "unequal numbers")
    assert shuffled > 50


def test_every_one_of_the_five_pairs_can_be_shown_as_progress():
    for student in (SITE, *STUDENTS):
        five = mine.pairs(student)
        assert len(five) == 5
        for pair in five:
            shown = max(mark for _, mark in pair["after"]) - min(mark for _, mark in pair["before"])
            assert shown > mine.least(student).points
    assert mine.pairs("ada") == mine.pairs(" ADA ")
    assert mine.pairs("ada") != mine.pairs("bo")


def test_what_a_function_says_of_the_five_is_said_in_words():
    def blank(before, after):
        raise NotImplementedError

    assert mine.sorted_out(blank, SITE) == "Not attempted yet."
    assert mine.sorted_out(lambda before, after: 1 / 0, SITE).startswith("Your function stopped at pair 1: ZeroDiv")
    said = mine.sorted_out(lambda before, after: f"{len(before)} runs", SITE)
    assert [f"| {len(pair['before'])} runs |" in said for pair in mine.pairs(SITE)] == [True] * 5


def test_the_picture_shows_all_five():
    drawn = mine.picture(SITE)
    assert all(f"pair {number}" in drawn.light for number in range(1, 6))


OWN = mine.warm_up("ada").share


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, mine.IN_ORDER),
        ({"learning_rate": 1, "mixture": 0, "batch_size": 8, "noise_filter": False}, mine.IN_ORDER),
        ({"warmup": OWN, "optimizer": "Muon"}, mine.IN_ORDER),
        (asdict(Recipe()) | {"warmup": OWN}, mine.IN_ORDER),
        (["Muon"], "a recipe is a dictionary of settings, and this is ['Muon']"),
        (None, "a recipe is a dictionary of settings, and this is None"),
        ({"flops": 1e12}, "'flops' is no setting of a recipe; there are optimizer,"),
        ({"d_model": 64}, "'d_model' is no setting"),
        ({7: 1}, "7 is no setting"),
        ({"warmup": OWN / 2}, f"warmup={OWN / 2!r} must be {OWN:g} in your furnace"),
        ({"learning_rate": "1"}, "learning_rate='1' must be a number"),
        ({"learning_rate": None}, "learning_rate=None must be a number"),
        ({"mixture": True}, "mixture=True must be a number"),
        ({"learning_rate": math.nan}, "learning_rate=nan must lie between"),
        ({"learning_rate": 1000}, "learning_rate=1000 must lie between 1e-06 and 100"),
        ({"batch_size": 16.0}, "batch_size=16.0 must be a whole number"),
        ({"batch_size": 0}, "batch_size=0 must lie between 1 and 512"),
        ({"noise_filter": 1}, "noise_filter=1 must be True or False"),
        ({"optimizer": ["Muon"]}, "optimizer=['Muon'] must be text"),
        ({"optimizer": "muon"}, "optimizer='muon' must be one of SGD, AdamW, Muon"),
    ],
)
def test_the_inspector_names_what_is_wrong_in_one_line(settings, said):
    found = mine.inspected(settings, "ada")
    assert found.startswith(said)
    assert "\n" not in found


def test_the_table_of_settings_has_them_all_with_the_references_values():
    text = mine.settings_text("ada")
    for field in fields(Recipe):
        assert f"| `{field.name}` | `{getattr(mine.reference('ada'), field.name)!r}` |" in text
    assert mine.reference("ada") == Recipe(warmup=OWN)


@pytest.mark.parametrize("name", ["learning_rate", "batch_size", "weight_decay", "beta2", "mixture"])
def test_the_table_of_settings_says_the_limits_that_the_inspector_keeps(name):
    low, high = re.search(rf"`{name}` .* ([\d.e-]+) to ([\d.]+) \|", mine.settings_text(SITE)).groups()
    kind = int if name == "batch_size" else float
    for end, step in ((kind(low), -1), (kind(high), 1)):
        assert mine.inspected({name: end}, SITE) == mine.IN_ORDER
        assert "must lie between" in mine.inspected({name: end + step}, SITE)


def test_no_recipe_buys_more_compute(monkeypatch):
    """Whatever the settings, the mill gets the same FLOPs and the same size, and never more steps than these pay."""
    given = []

    def mill(ore, recipe, flops, seed, **size):
        model = craft.new_model(ore, recipe, seed, **size)
        given.append((flops, size, int(flops / craft.flops_per_step(model, recipe)) * recipe.batch_size))
        return model

    monkeypatch.setattr(mine.craft, "mill", mill)
    mine._run.cache_clear()
    for settings in ({}, {"batch_size": 1}, {"batch_size": 512}, {"optimizer": "Muon"}, {"loss_mask": "answers"}):
        mine.marked(settings, SITE, 4)
    mine._run.cache_clear()
    assert {flops for flops, _, _ in given} == {mine.FLOPS}
    assert all(size == mine.SIZE for _, size, _ in given)
    rows = [rows for _, _, rows in given]
    assert max(rows) == rows[1], "one row a step loses nothing by rounding"
    assert max(rows) - rows[0] < 16


def test_a_mark_is_the_mean_of_the_subjects():
    found = mine.Marked((("facts", 90.0), ("reversals", 30.0), ("text", 0.0)))
    assert found.mark == 40
    assert str(found) == "40 points (facts 90, reversals 30, text 0)"


def test_a_try_says_what_stands_in_the_way_and_then_both_marks(monkeypatch):
    def blank():
        raise NotImplementedError

    assert mine.tried(blank, SITE) == "Not attempted yet."
    assert mine.tried(lambda: 1 / 0, SITE) == "Your function stopped: ZeroDivisionError: division by zero"
    assert mine.tried(lambda: {"rate": 1}, SITE).startswith("The inspector: 'rate' is no setting")
    asked = []

    def marked(settings, student, seed):
        asked.append((dict(settings), seed))
        return mine.Marked((("facts", mine.BAR + 1.0 if settings else 3.0),))

    monkeypatch.setattr(mine, "marked", marked)
    said = mine.tried(lambda: {"optimizer": "Muon"}, SITE)
    assert f"| 1 | 3 points (facts 3) | {mine.BAR + 1} points (facts {mine.BAR + 1}) |" in said
    assert f"above the bar of {mine.BAR}" in said
    assert {seed for _, seed in asked} == set(mine.PUBLIC)
    assert f"below the bar of {mine.BAR}" in mine.tried(dict, SITE, seeds=[3])
    assert asked[-1][1] == 3


def test_sealed_ores_are_none_of_the_public_ones_and_none_is_like_another():
    ores = [mine.little_ore(seed) for seed in (*mine.PUBLIC, 11, 12)]
    assert all((one.facts != other.facts).any() for one, other in pairwise(ores))


def test_keys_follow_the_student():
    read = assignment.read(assignment.FOLDER / "craft" / "craft.ipynb")
    by_id = {exercise.id: exercise for exercise in read.exercises}
    assert sum(exercise.points for exercise in read.exercises) == read.points == 22
    for student in ("ada", "0042"):
        found = exercises.key(read, by_id["successive-halving"], student)
        curves = mine.table(student)
        assert curves[found["recipe"]][-1] == max(curve[-1] for curve in curves)
        said = mine.statements(student)[found["explanation"] - 1]
        kind = next(name for name, text in mine.STATEMENTS.items() if text == said)
        assert mine.make_table(student, kind) == curves
        assert exercises.key(read, by_id["your-recipe"], student) == {"warmup": mine.warm_up(student).share}
    site = exercises.key(read, by_id["successive-halving"], SITE)
    answer = by_id["successive-halving"].answer
    assert f"recipe = {site['recipe']}  # yours" in answer
    assert f"explanation = {site['explanation']}  # yours" in answer
