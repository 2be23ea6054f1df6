"""From one source to student's notebook, page and key; and that a weak assignment is refused: a minute."""

import copy
import json
import re
from dataclasses import replace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from pipeline import Refused, assignment, exercises

ASSIGNMENTS = assignment.paths()
HEADER = "*double · build · 2 points · difficulty 1 of 5 · importance 1 of 5 · 5 minutes*"
HIDDEN = """
### BEGIN HIDDEN TESTS
def key_of_double(student):
    return {"factor": len(student) + 2}


require(call(double, 7, gives=7 * (len(STUDENT) + 2)), call(double, 0, gives=0))
### END HIDDEN TESTS
"""
ANSWERS = """
from pipeline.answers import Bank

bank = Bank()


@bank.correct("double", "adds")
def double(yours, x):
    return sum([x] * yours.factor)


@bank.correct("double", "multiplies the other way round")
def double(yours, x):
    return x * yours.factor


@bank.mutant("double", "halves", falls="public: expected")
def double(x):
    return x / 2


@bank.mutant("double", "forgets that nothing is nothing", falls="hidden: double(0)")
def double(yours, x):
    return yours.factor * x or 1
"""


def _cell(new, name, source, **flags):
    cell = new(source, id=name)
    if flags:
        settings = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        cell.metadata.nbgrader = settings | {"grade_id": name, "cell_type": cell.cell_type} | flags
    return cell


def _cells():
    answer = (
        "def double(x):\n    ### BEGIN SOLUTION\n    factor = 2  # yours\n    return factor * x\n    ### END SOLUTION"
    )
    check = 'check("double", call(double, 3, gives=3 * (len(STUDENT) + 2)))'
    return [
        _cell(new_markdown_cell, "title", "# Exercises to a test"),
        _cell(new_code_cell, "setup", 'REPOSITORY = ""'),
        _cell(new_code_cell, "imports", "from crucible.exercises import call, check, require", locked=True),
        _cell(new_code_cell, "student", 'STUDENT = ""'),
        _cell(new_markdown_cell, "double", f"## Double\n\n{HEADER}\n\n**Hand in** a function `double`."),
        _cell(new_markdown_cell, "double-hints", "<details><summary>Hint</summary>Multiply.</details>"),
        _cell(new_code_cell, "double-answer", answer, solution=True),
        _cell(new_code_cell, "double-check", check, locked=True),
        _cell(new_code_cell, "double-graded", "# Graded." + HIDDEN, grade=True, locked=True, points=2),
        new_markdown_cell("Halving is not doubling.", id="double-why", metadata={"tags": ["why"]}),
    ]


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Writes a small assignment, with some cells replaced, and returns its notebook's path."""
    monkeypatch.setattr(exercises, "ROOT", tmp_path)

    def make(answers=ANSWERS, without=(), **sources):
        folder = tmp_path / "small"
        folder.mkdir(exist_ok=True)
        cells = [cell for cell in _cells() if cell.id not in without]
        for cell in cells:
            cell.source = sources.get(cell.id.replace("-", "_"), cell.source)
        nbformat.write(new_notebook(cells=cells), folder / "small.ipynb")
        if answers is not None:
            (folder / "answers.py").write_text(answers)
        return folder / "small.ipynb"

    return make


def _fault(path):
    with pytest.raises(Refused) as refused:
        exercises.prove(assignment.read(path))
    return str(refused.value)


def test_a_sound_assignment_passes(made):
    assert exercises.prove(assignment.read(made())) == {"other answers": 2, "mutants": 2}


def test_every_assignment_of_the_book_is_proved():
    for path in ASSIGNMENTS:
        counts = exercises.prove(assignment.read(path))
        assert counts["mutants"] >= 3 * len(assignment.read(path).exercises)  # science.md's floor


def _source(name):
    return next(cell.source for cell in _cells() if cell.id == name)


def test_a_wrong_solution_is_refused(made):
    assert "the solution with the page's numbers earns 0" in _fault(
        made(double_answer=_source("double-answer").replace("* x", "+ x"))
    )


def test_a_solution_that_ignores_the_student_is_refused(made):
    marked = _source("double-answer").replace("  # yours", "")
    assert "the solution with the numbers of 'ada' earns 0" in _fault(made(double_answer=marked))


def test_a_solution_that_serves_everybody_is_refused(made):
    general = _source("double-answer").replace("2  # yours", "len(STUDENT) + 2")
    assert "the published solution earns full marks" in _fault(made(double_answer=general))


def test_a_check_that_pays_a_blank_is_refused(made):
    no_tests = HIDDEN.replace(
        "require(call(double, 7, gives=7 * (len(STUDENT) + 2)), call(double, 0, gives=0))", "x = 1"
    )
    assert "a blank answer reads 'double: not attempted yet' and earns 2" in _fault(made(double_graded=no_tests))


def test_a_mutant_that_survives_is_named(made):
    weak = HIDDEN.replace(", call(double, 0, gives=0)", "")
    said = _fault(made(double_graded=weak))
    assert "the mutant 'forgets that nothing is nothing' with the page's numbers earns full marks" in said


def test_a_mutant_that_falls_elsewhere_is_named(made):
    said = _fault(made(answers=ANSWERS.replace('falls="public: expected"', 'falls="hidden: double(7)"')))
    assert "the mutant 'halves' with the page's numbers should fall only to the hidden 'double(7)'" in said


def test_a_bank_needs_two_other_answers_and_a_mutant_only_hidden_tests_catch(made):
    no_hidden = ANSWERS[: ANSWERS.index('\n\n@bank.mutant("double", "forgets')]
    assert "has no mutant in answers.py that only the hidden tests catch" in _fault(made(answers=no_hidden))
    one_answer = ANSWERS.replace('@bank.correct("double", "adds")', "")
    assert "has fewer than 2 other correct answers in answers.py" in _fault(made(answers=one_answer))


def test_another_answer_that_fails_is_named(made):
    said = _fault(made(answers=ANSWERS.replace("return x * yours.factor", "return str(x * yours.factor)")))
    assert "the other answer 'multiplies the other way round' with the page's numbers earns 0 of 2" in said


def test_a_check_or_test_that_could_take_a_students_name_is_refused(made):
    loose = HIDDEN.replace("require(", "factor = 3\nrequire(")
    assert "gives 'factor' a value outside a function" in _fault(made(double_graded=loose))
    loose = HIDDEN.replace("require(", "import math\nrequire(")
    assert "imports outside a function" in _fault(made(double_graded=loose))
    assert "gives 'x' a value" in _fault(made(double_check=f"{_source('double-check')}\nx = 1"))


def test_an_answer_of_another_name_is_named(made):
    said = _fault(
        made(answers=ANSWERS.replace("def double(yours, x):\n    return sum", "def doublet(yours, x):\n    return sum"))
    )
    assert "'adds' defines doublet, and the student double" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("bank = Bank()", "bunk = Bank()"), "NameError: name 'bank' is not defined"),
        (("return x / 2", "return x /"), "SyntaxError: invalid syntax"),
        (("public: expected", "pubic: expected"), "must start with 'public: '"),
        (("public: expected", "public: "), "mutant 'halves' does not say at which case it should fall"),
    ],
)
def test_a_wrong_bank_is_one_line(made, change, said):
    fault = _fault(made(answers=ANSWERS.replace(*change)))
    assert said in fault
    assert "\n" not in fault


def test_a_name_with_quotes_and_slashes_makes_a_key(made):
    path = made()
    name = "O\"Brien \\1 'x'"
    notebook = assignment.key_notebook(path, {"double": {"factor": 5}}, name)
    namespace = {}
    exec(next(cell.source for cell in notebook.cells if cell.id == "student"), namespace)
    assert namespace["STUDENT"] == name


def test_a_copied_cell_does_not_make_a_submission_ungradable(made):
    path = made()
    submission = assignment.released(path)
    submission.cells.insert(7, copy.deepcopy(submission.cells[6]))
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in assignment.restored(path, submission).cells]
    assert names.count("double-answer") == 1


def test_an_instructor_gets_a_students_key_and_a_restored_submission(made, monkeypatch, tmp_path, capsys):
    path = made()
    monkeypatch.setattr(assignment, "paths", lambda: [path])
    monkeypatch.setattr(exercises, "RELEASED", tmp_path / "released")
    exercises.make(student="ada")
    (key,) = (tmp_path / "released").glob("small-key-*.ipynb")
    assert "factor = 5" in key.read_text()
    bare = assignment.released(path)
    for cell in bare.cells:
        cell.metadata.pop("nbgrader", None)
    nbformat.write(bare, tmp_path / "small-exercises.ipynb")
    exercises.make(restoring=str(tmp_path / "small-exercises.ipynb"))
    restored = nbformat.read(tmp_path / "small-exercises-restored.ipynb", as_version=4)
    assert restored.cells[6].metadata.nbgrader.grade_id == "double-answer"
    with pytest.raises(Refused, match="is no notebook"):
        exercises.make(restoring=str(tmp_path / "nothing.ipynb"))
    with pytest.raises(Refused, match="must start with that of an assignment: small"):
        exercises.make(restoring=str(key.rename(tmp_path / "other.ipynb")))


def test_a_submission_belongs_to_the_longest_name_that_its_own_begins_with(made, monkeypatch, tmp_path):
    path = made()
    monkeypatch.setattr(assignment, "paths", lambda: [tmp_path / "sm" / "sm.ipynb", path])
    nbformat.write(assignment.released(path), tmp_path / "small-exercises.ipynb")
    exercises.make(restoring=str(tmp_path / "small-exercises.ipynb"))
    assert (tmp_path / "small-exercises-restored.ipynb").exists()


def test_an_author_may_ask_for_one_assignment(made, monkeypatch):
    path = made()
    monkeypatch.setattr(assignment, "paths", lambda: [path])
    with pytest.raises(Refused, match="no assignment is called 'large'; there are small"):
        exercises.make(only="large")


def test_an_answer_for_an_exercise_that_is_not_there_is_named(made):
    said = _fault(made(answers=ANSWERS + '\n\nbank.mutant("treble", "is not there", "public: x")(print)\n'))
    assert "treble: no such exercise (is not there)" in said


def test_hidden_tests_see_what_a_function_does_to_its_argument():
    def spoil(numbers):
        numbers.append(1)
        return (1, 2)

    given = [0]
    forms = set()
    assert exercises._plain(spoil, forms)(given) == [1, 2]
    assert given == [0, 1]
    assert forms == {"list of number"}


def test_a_mutant_of_another_form_is_named(made):
    said = _fault(made(answers=ANSWERS.replace("return x / 2", "return [x / 2]")))
    assert "the mutant 'halves' with the page's numbers gives back list of number, and an answer is number" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answers": None}, "has no answers.py: an assignment without mutants is not built"),
        ({"without": ["double-check"]}, "exercise 'double': no cell double-check"),
        ({"without": ["double-graded"]}, "exercise 'double': no cell double-graded"),
        ({"without": ["student"]}, "has no cell 'student'"),
        ({"without": ["double-answer"]}, "has no exercise"),
        ({"double": f"## Double\n\n{HEADER}"}, "no line that starts with '**Hand in** '"),
        ({"double": "**Hand in** x\n" + HEADER.replace("build", "guess")}, "the kind is one of check, predict, build"),
        ({"double": "**Hand in** x\n" + HEADER.replace("1 of 5", "6 of 5")}, "no header line like"),
        ({"double": "**Hand in** x\n" + HEADER.replace("2 points", "3 points")}, "says 3 points, its graded cells 2"),
        ({"double_graded": "# Graded."}, "has no lines ### BEGIN HIDDEN TESTS"),
        ({"double_graded": HIDDEN.replace("require(", "require((")}, "SyntaxError"),
    ],
)
def test_a_wrong_form_is_one_line_that_names_the_notebook_and_the_cell(made, change, said):
    path = made(**change)
    if "answers" in change:
        path.with_name("answers.py").unlink(missing_ok=True)
    with pytest.raises(Refused, match=re.escape(said)) as refused:
        assignment.read(path)
    assert "small" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_without_its_notebook_and_a_damaged_one_are_named(made, tmp_path):
    with pytest.raises(Refused, match=r"nothing has no nothing\.ipynb"):
        assignment.read(tmp_path / "nothing" / "nothing.ipynb")
    path = made()
    path.write_text("{")
    with pytest.raises(Refused, match=r"small\.ipynb is no notebook"):
        assignment.read(path)


def test_a_key_without_a_marked_constant_is_named(made):
    said = _fault(made(double_graded=HIDDEN.replace('"factor"', '"other"')))
    assert "double: the key has no value for 'factor'; it has other" in said


def test_constants_of_several_lines_and_depths_are_replaced():
    answer = 'a = {  # yours\n    "x": 1,\n}\n\n\ndef f():\n    b = 1  # yours\n    c = 2\n    return a, b, c'
    made = assignment.with_constants(answer, {"a": {"x": 5}, "b": "z"})
    namespace = {}
    exec(made, namespace)
    assert namespace["f"]() == ({"x": 5}, "z", 2)


@pytest.mark.parametrize("path", ASSIGNMENTS, ids=lambda path: path.stem)
def test_the_students_notebook_holds_no_solution_and_no_hidden_test(path):
    student, source = assignment.released(path), assignment.read(path)
    text = json.dumps(student)
    for exercise in source.exercises:
        for line in exercise.hidden.splitlines():
            if len(line.strip()) > 25 and line not in exercise.check and not line.strip().startswith("from "):
                assert json.dumps(line.strip())[1:-1] not in text, line
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert "YOUR ANSWER HERE" in text
    assert text.count("raise NotImplementedError()") >= len(source.exercises)
    assert not [cell for cell in student.cells if cell.id.endswith("-why")]
    assert any("%pip install" in cell.source for cell in student.cells)


@pytest.mark.parametrize("path", ASSIGNMENTS, ids=lambda path: path.stem)
def test_the_pages_stub_is_nbgraders(path):
    student = {cell.id: cell.source for cell in assignment.released(path).cells}
    for exercise in assignment.read(path).exercises:
        assert assignment.without_solution(exercise.answer) == student[f"{exercise.id}-answer"]


@pytest.mark.parametrize("path", ASSIGNMENTS, ids=lambda path: path.stem)
def test_the_page_folds_solutions_or_leaves_them_out_and_never_holds_hidden_tests(path):
    shown, graded = assignment.page(path), assignment.page(path, solutions=False)
    for exercise in assignment.read(path).exercises:
        cells = {cell.id: cell for cell in shown.cells}
        answer = cells[f"{exercise.id}-answer"]
        assert "hide-input" in answer.metadata.tags
        assert "SOLUTION" not in answer.source
        assert cells[f"{exercise.id}-why"].source.startswith("<details>")
        assert f"{exercise.id}-graded" not in cells
        without = {cell.id for cell in graded.cells}
        assert f"{exercise.id}-answer-stub" in without
        assert not {f"{exercise.id}-answer", f"{exercise.id}-why"} & without
        solved = "\n".join(match.group() for match in assignment.REGION.finditer(exercise.answer))
        line = max((line for line in solved.splitlines() if "###" not in line), key=len)
        assert line in json.dumps(shown, ensure_ascii=False).replace('\\"', '"')
        assert line not in json.dumps(graded, ensure_ascii=False).replace('\\"', '"')
    assert "HIDDEN" not in json.dumps(shown)


def test_the_form_that_every_exercise_has():
    for path in ASSIGNMENTS:
        read = assignment.read(path)
        assert {exercise.kind for exercise in read.exercises} <= set(assignment.KINDS)
        cells = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
        for exercise in read.exercises:
            assert cells[f"{exercise.id}-hints"].count("<details>") >= 2  # graded: more than one
            assert exercise.points > 0
        assert replace(read, exercises=()).points == 0
