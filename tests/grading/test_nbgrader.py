"""Real submissions through nbgrader and its gradebook; two minutes: pytest tests/grading"""

import copy
import re

import nbformat
import pytest

from crucible.exercises import SITE
from pipeline import assignment, exercises

OPENING = assignment.FOLDER / "opening" / "opening.ipynb"


def keys(assigned, student):
    return {exercise.id: exercises.key(assigned, exercise, student) for exercise in assigned.exercises}


def with_answer(notebook, name, source):
    next(cell for cell in notebook.cells if cell.id == f"{name}-answer").source = source
    return notebook


def as_colab_saves_it(notebook, keeps_metadata):
    """An older minor format, ids in the metadata, outputs with ids of their own; or nothing kept but the text."""
    for number, cell in enumerate(notebook.cells):
        name = cell.pop("id")
        cell.metadata = {**cell.metadata, "id": name, "outputId": "x"} if keeps_metadata else {"id": f"{number:012x}"}
    notebook.nbformat_minor = 0
    notebook.metadata = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return nbformat.from_dict(notebook)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Submissions of ten students, each of another kind, in one course."""
    read = assignment.read(OPENING)

    def solved(student):
        return assignment.key_notebook(OPENING, keys(read, student), student)

    copied = assignment.key_notebook(OPENING, keys(read, SITE), SITE)
    half = solved("half")
    answer = next(cell for cell in half.cells if cell.id == "sort-claims-answer")
    answer.source = answer.source.replace('return place[row["id"]]', 'return "record" or place[row["id"]]')
    tampered = assignment.released(OPENING)
    for cell in tampered.cells:
        if cell.id.endswith("-graded"):
            cell.source = "pass  # no test, no mistake"
    broken = with_answer(solved("broken"), "count-the-work", "def flops(N, D:")
    copied_cell = solved("copied cell")
    copied_cell.cells.insert(8, copy.deepcopy(next(c for c in copied_cell.cells if c.id == "sort-claims-answer")))
    own_names = solved("own names")
    mine = "share, rows, places, numbers, groups, rule, stats, mean = 1, 2, 3, 4, 5, 6, 7, 8"
    own_names.cells.insert(3, nbformat.v4.new_code_cell(mine))
    seconds = next(cell for cell in own_names.cells if cell.id == "count-the-work-answer")
    percent = re.search(r"share = (\d+)", seconds.source).group(1)
    seconds.source = f"share = {percent}\n{seconds.source.replace(f'share = {percent}', 'pass')}"
    submissions = {
        "ada": solved("ada"),
        "copied cell": copied_cell,
        "own names": own_names,
        "blank": assignment.released(OPENING),
        "copied": copied,
        "half": half,
        "tampered": tampered,
        "broken": broken,
        "colab": as_colab_saves_it(solved("colab"), keeps_metadata=True),
        "bare": as_colab_saves_it(solved("bare"), keeps_metadata=False),
    }
    return read, exercises.grade(read, tmp_path_factory.mktemp("course"), submissions)


def test_the_key_of_a_student_earns_everything_that_tests_can_give(graded):
    read, points = graded
    assert {f"{e.id}-graded": e.graded_points for e in read.exercises}.items() <= points["ada"].items()


def test_a_blank_notebook_earns_nothing(graded):
    _, points = graded
    assert set(points["blank"].values()) == {0}


def test_the_published_solutions_earn_nothing_in_what_is_personal(graded):
    read, points = graded
    for exercise in read.exercises:
        if exercise.kind in assignment.PERSONAL:
            assert points["copied"][f"{exercise.id}-graded"] == 0
    assert points["copied"]["sort-claims-graded"] == 0  # other sentences


def test_a_part_of_the_sentences_earns_a_part_of_the_points(graded):
    _, points = graded
    assert 0 < points["half"]["sort-claims-graded"] < 4
    assert points["half"]["paired-verdict-graded"] == 5


def test_overwritten_tests_are_put_back(graded):
    _, points = graded
    assert set(points["tampered"].values()) == {0}


def test_a_cell_that_does_not_even_parse_costs_only_its_own_points(graded):
    _, points = graded
    assert points["broken"]["count-the-work-graded"] == 0
    assert points["broken"]["paired-verdict-graded"] == 5
    assert points["broken"]["find-the-leak-graded"] == 4


@pytest.mark.parametrize("student", ["colab", "bare", "copied cell", "own names"])
def test_a_notebook_that_colab_saved_or_a_student_added_to_is_graded_like_any_other(graded, student):
    _, points = graded
    assert points[student] == points["ada"]


def test_words_wait_for_a_person(graded):
    _, points = graded
    assert points["ada"]["find-the-leak-report"] == 0  # nobody has read it yet


@pytest.mark.parametrize("path", [p for p in assignment.paths() if p != OPENING], ids=lambda path: path.stem)
def test_another_assignments_key_earns_everything_and_a_blank_nothing(path, tmp_path):
    exercises.guard_the_form(assignment.read(path), tmp_path)


@pytest.mark.parametrize("path", assignment.paths(), ids=lambda path: path.stem)
def test_the_source_passes_nbgraders_own_validation(path, tmp_path):
    from nbgrader.validator import Validator

    file = tmp_path / path.name
    nbformat.write(assignment.for_nbgrader(path), file)
    assert Validator().validate(str(file)) == {}
