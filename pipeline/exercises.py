"""make exercises: prove that every check sees what it should, and write the students' notebooks."""

import ast
import contextlib
import io
import json
import os
import shutil
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from tqdm import tqdm

from crucible.exercises import NOT_YET, SITE, student_number
from pipeline import BUILD, ROOT, Refused, answers, assignment
from pipeline.assignment import Assignment, Exercise

RELEASED = BUILD / "exercises"
STUDENTS = (SITE, "ada", "0042")  # the page's numbers, and two others'
CORRECT, MUTANTS = 2, 1  # at least so many other solutions, and mutants that only hidden tests catch
CELL_TIMEOUT = 300  # seconds; nbgrader's own 30 are few for a cell that trains, on a busy machine


@dataclass(frozen=True)
class Graded:
    """How one answer fared."""

    public: str  # the line that the student reads
    points: float
    hidden: str  # the first wrong case of the hidden tests; empty if there is none
    forms: frozenset[str]  # what kinds of values the functions gave back, such as "list of number"


def run(
    assigned: Assignment, exercise: Exercise, answer: str, student: str, replaced: Callable | None = None
) -> Graded:
    """Grade one answer in this process: `answer` is the cell's source, `replaced` takes the place of one function.

    The hidden tests get nothing but the student's functions, and these only plain data, as if they ran elsewhere.
    """
    notebook: dict[str, Any] = {}
    exec(assigned.imports, notebook)
    notebook["STUDENT"] = student
    public = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()):
        exec(exercise.yours, notebook)
        exec(answer, notebook)
    if replaced is not None:
        notebook[replaced.__name__] = replaced
    with contextlib.redirect_stdout(public):
        exec(exercise.check, notebook)
    forms: set[str] = set()
    grader: dict[str, Any] = {}
    exec(assigned.imports, grader)
    grader |= {"STUDENT": student} | {name: _plain(notebook[name], forms) for name in exercise.functions}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            last = _run_to_last(exercise.hidden, grader)
    except Exception as error:  # whatever a student's code can raise
        return Graded(public.getvalue().strip(), 0, f"{error or type(error).__name__}", frozenset(forms))
    points = min(last, exercise.graded_points) if isinstance(last, int | float) else exercise.graded_points
    hidden = "" if points == exercise.graded_points else f"{points} points"
    return Graded(public.getvalue().strip(), points, hidden, frozenset(forms))


def _plain(function: Callable, forms: set[str]) -> Callable:
    """A function whose arguments and results go through JSON; what it does to its arguments comes back, too.

    The form of every result is added to `forms`.
    """

    def called(*arguments: Any) -> Any:
        there = json.loads(json.dumps(arguments))
        result = json.loads(json.dumps(function(*there), default=lambda value: value.tolist()))
        for here, changed in zip(arguments, there, strict=True):
            if isinstance(here, list):
                here[:] = changed
        forms.add(_form(result))
        return result

    called.__name__ = function.__name__
    return called


def _form(value: Any) -> str:
    """What a plain value is, in a word or two; an empty list is a list of anything."""
    if isinstance(value, list):
        inner = sorted({_form(one) for one in value})
        return f"list of {', '.join(inner)}" if inner else "list"
    if isinstance(value, dict):
        return f"dictionary of {', '.join(sorted(value))}"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _run_to_last(source: str, namespace: dict[str, Any]) -> Any:
    """Run a cell; its value is that of its last expression, as in a notebook."""
    *first, last = ast.parse(source).body
    exec(compile(ast.Module(first, []), "hidden tests", "exec"), namespace)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "hidden tests", "eval"), namespace)
    exec(compile(ast.Module([last], []), "hidden tests", "exec"), namespace)
    return None


def key(assigned: Assignment, exercise: Exercise, student: str) -> dict[str, Any]:
    """The student's constants, from the function key_of_... that stands among the hidden tests."""
    namespace: dict[str, Any] = {}
    exec(assigned.imports, namespace)
    wanted = f"key_of_{exercise.id.replace('-', '_')}"
    definitions = [node for node in ast.parse(exercise.hidden).body if _defines(node)]
    exec(compile(ast.Module(definitions, []), "hidden tests", "exec"), namespace)
    if wanted not in namespace:
        raise Refused(f"{exercise.id}: its hidden tests define no {wanted}(student)")
    return namespace[wanted](student)


def _defines(node: ast.stmt) -> bool:
    """Is this an import, a function or a literal, which needs nothing of the student's?"""
    if isinstance(node, ast.Assign):
        return not any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(node.value))
    return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)


def solution(assigned: Assignment, exercise: Exercise, student: str) -> str:
    """The answer cell of the instructor's key for one student."""
    try:
        return assignment.with_constants(exercise.answer, key(assigned, exercise, student))
    except ValueError as error:
        raise Refused(f"{exercise.id}: {error}") from None


def faults(assigned: Assignment, exercise: Exercise, bank: list[answers.Answer]) -> Iterator[str]:
    """Everything that is wrong with one exercise's checks; nothing if they see what they should."""
    own = [answer for answer in bank if answer.exercise == exercise.id]
    for answer in own:
        if answer.function.__name__ not in exercise.functions:
            yield f"{answer.what!r} defines {answer.function.__name__}, and the student {', '.join(exercise.functions)}"
    for cell in (exercise.check, exercise.hidden):
        yield from _in_the_way(cell)
    if sum(answer.falls is None for answer in own) < CORRECT:
        yield f"has fewer than {CORRECT} other correct answers in {assignment.ANSWERS}"
    only_hidden = sum((answer.falls or "").startswith("hidden") for answer in own)
    if only_hidden < MUTANTS:
        yield f"has no mutant in {assignment.ANSWERS} that only the hidden tests catch"
    blank = run(assigned, exercise, assignment.without_solution(exercise.answer), SITE)
    if blank.points or not blank.public.endswith(NOT_YET):
        yield f"a blank answer reads {blank.public!r} and earns {blank.points:g}"
    for student in STUDENTS:
        constants, solved = key(assigned, exercise, student), solution(assigned, exercise, student)
        who = f"with the numbers of {student!r}" if student else "with the page's numbers"
        right = run(assigned, exercise, solved, student)
        yield from _full(right, f"the solution {who}", exercise)
        for answer in own:
            graded = run(assigned, exercise, solved, student, answer.for_student(constants))
            what = f"{'the mutant' if answer.falls else 'the other answer'} {answer.what!r} {who}"
            if answer.falls is None:
                yield from _full(graded, what, exercise)
            else:
                yield from _fallen(graded, what, answer.falls, exercise)
                if other := graded.forms - right.forms - {"list"}:
                    yield f"{what} gives back {min(other)}, and an answer is {' or '.join(sorted(right.forms))}"
        if student and exercise.kind in assignment.PERSONAL:
            borrowed = run(assigned, exercise, exercise.answer, student)
            if borrowed.points == exercise.graded_points:
                yield f"the published solution earns full marks {who}"


def _in_the_way(cell: str) -> Iterator[str]:
    """Names that a cell of ours gives in the student's notebook, where they could take the place of the student's."""
    for node in ast.parse(cell).body:
        for part in ast.walk(node) if not isinstance(node, ast.FunctionDef) else [node]:
            name = part.name if isinstance(part, ast.FunctionDef) else part.id if isinstance(part, ast.Name) else ""
            stored = isinstance(part, ast.FunctionDef) or isinstance(getattr(part, "ctx", None), ast.Store)
            if stored and not name.lower().startswith(("check_", "grade_", "key_of_")):
                yield f"a check or test gives {name!r} a value outside a function, which may be the student's name"
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield "a check or test imports outside a function, and may replace what the student imported"


def _full(graded: Graded, what: str, exercise: Exercise) -> Iterator[str]:
    if graded.points != exercise.graded_points or ": ok" not in graded.public:
        yield f"{what} earns {graded.points:g} of {exercise.graded_points}: {graded.public}; {graded.hidden}"


def _fallen(graded: Graded, what: str, falls: str, exercise: Exercise) -> Iterator[str]:
    where, _, parts = falls.partition(": ")
    public = any(part in graded.public for part in parts.split(" | ")) and ": ok" not in graded.public
    hidden = any(part in graded.hidden for part in parts.split(" | "))
    if graded.points == exercise.graded_points:
        yield f"{what} earns full marks"
    elif where == "either" and not public and not hidden:
        yield f"{what} should fall to {parts!r}; {graded.public!r}, {graded.hidden!r}"
    elif where == "public" and not public:
        yield f"{what} should fall to the public {parts!r}, which says {graded.public!r}"
    elif where == "hidden" and (": ok" not in graded.public or not hidden):
        yield f"{what} should fall only to the hidden {parts!r}; {graded.public!r}, {graded.hidden!r}"


def prove(assigned: Assignment) -> Counter:
    """Grade every answer of an assignment's bank. Refused with all that is wrong; returns how many were graded."""
    bank = answers.load(assigned.path.with_name(assignment.ANSWERS))
    names = {exercise.id for exercise in assigned.exercises}
    if bad := [answer for answer in bank if answer.falls is not None and not answer.falls.partition(": ")[2].strip()]:
        raise Refused(f"{bad[0].exercise}: mutant {bad[0].what!r} does not say at which case it should fall")
    wrong = [f"{answer.exercise}: no such exercise ({answer.what})" for answer in bank if answer.exercise not in names]
    for exercise in tqdm(assigned.exercises, desc=f"{assigned.name}: exercises proved", leave=False):
        wrong += [f"{exercise.id}: {fault}" for fault in faults(assigned, exercise, bank)]
    if wrong:
        raise Refused(f"{assigned.path.relative_to(ROOT)}:\n" + "\n".join(wrong))
    return Counter("mutants" if answer.falls else "other answers" for answer in bank)


def release(assigned: Assignment, folder: Path = RELEASED) -> Path:
    """Write the student's notebook; returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{assigned.name}-exercises.ipynb"
    nbformat.write(assignment.released(assigned.path), target)
    return target


def course(assigned: Assignment, folder: Path) -> None:
    """Write the source where nbgrader looks for it: folder/source/NAME/NAME-exercises.ipynb."""
    place = folder / "source" / assigned.name
    place.mkdir(parents=True, exist_ok=True)
    nbformat.write(assignment.for_nbgrader(assigned.path), place / f"{assigned.name}-exercises.ipynb")


def grade(assigned: Assignment, folder: Path, submissions: dict[str, nbformat.NotebookNode]) -> dict[str, dict]:
    """nbgrader on real submissions, in a course folder that is made anew; student -> points of each graded cell.

    A submission that cannot be graded has no points, and one line on standard error.
    """
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    shutil.rmtree(folder, ignore_errors=True)
    course(assigned, folder)
    tools = str(Path(sys.executable).parent)  # nbgrader calls its database's tool by name
    if tools not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join((tools, os.environ["PATH"]))
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.NbGraderAPI.log_level = "ERROR"
    config.Execute.timeout = CELL_TIMEOUT
    warnings.filterwarnings("ignore", module="nbgrader")  # of its database layer, and none of our business
    api = NbGraderAPI(config=config)
    _done(api.generate_assignment(assigned.name), f"nbgrader generate_assignment {assigned.name}")
    found: dict[str, dict] = {}
    for student, notebook in submissions.items():
        place = folder / "submitted" / student / assigned.name
        place.mkdir(parents=True)
        nbformat.write(assignment.restored(assigned.path, notebook), place / f"{assigned.name}-exercises.ipynb")
        try:
            _done(api.autograde(assigned.name, student), f"nbgrader autograde {assigned.name} --student {student}")
        except Refused as error:  # the others are graded all the same
            print(error, file=sys.stderr)
            found[student] = {}
            continue
        with api.gradebook as gradebook:
            handed_in = gradebook.find_submission(assigned.name, student)
            found[student] = {grade.name: grade.score for one in handed_in.notebooks for grade in one.grades}
    return found


def _done(result: dict, command: str) -> None:
    if not result["success"]:
        raise Refused(f"{command}: {result.get('log', '')[-2000:]}")


def guard_the_form(assigned: Assignment, folder: Path) -> None:
    """One full pass of nbgrader: the key earns all that tests can give, a blank notebook nothing."""
    student = STUDENTS[1]
    keys = {exercise.id: key(assigned, exercise, student) for exercise in assigned.exercises}
    points = grade(
        assigned,
        folder,
        {student: assignment.key_notebook(assigned.path, keys, student), "blank": assignment.released(assigned.path)},
    )
    for exercise in assigned.exercises:
        name = f"{exercise.id}-graded"
        if points[student][name] != exercise.graded_points or points["blank"][name] != 0:
            raise Refused(
                f"{exercise.id}: under nbgrader the key earns {points[student][name]:g} of {exercise.graded_points} "
                f"and a blank notebook {points['blank'][name]:g}"
            )


def write_keys(student: str) -> None:
    """Write each assignment with one student's numbers, solved: the instructor's key."""
    for path in assignment.paths():
        assigned = assignment.read(path)
        keys = {exercise.id: key(assigned, exercise, student) for exercise in assigned.exercises}
        RELEASED.mkdir(parents=True, exist_ok=True)
        target = RELEASED / f"{assigned.name}-key-{student_number(student):x}.ipynb"
        nbformat.write(assignment.key_notebook(path, keys, student), target)
        print(f"{assigned.name}: the key for {student!r} is {target.relative_to(ROOT)}")


def restore(name: str) -> None:
    """Give a handed-in notebook nbgrader's metadata again, beside it. Refused if it is none of ours."""
    file = Path(name)
    try:
        submission = nbformat.read(file, as_version=4)
    except Exception as error:
        raise Refused(f"{name} is no notebook: {str(error).splitlines()[0][:80]}") from None
    names = {path.stem: path for path in assignment.paths()}
    fitting = [stem for stem in names if file.stem.startswith(stem)]
    if not fitting:
        raise Refused(f"{name}: the name must start with that of an assignment: {', '.join(names)}")
    path = names[max(fitting, key=len)]  # one assignment's name may begin with another's
    target = file.with_name(f"{file.stem}-restored.ipynb")
    nbformat.write(assignment.restored(path, submission), target)
    print(f"written: {target}")


def make(student: str = "", restoring: str = "", only: str = "") -> None:
    """Prove, pass through nbgrader, release: all assignments, or those whose name contains `only`.

    Or only a student's keys, or a restored submission.
    """
    if student or restoring:
        return write_keys(student) if student else restore(restoring)
    started = time.perf_counter()
    chosen = [path for path in assignment.paths() if only in path.stem]
    if not chosen:
        raise Refused(f"no assignment is called {only!r}; there are {', '.join(p.stem for p in assignment.paths())}")
    for path in chosen:
        assigned = assignment.read(path)
        counts = prove(assigned)
        guard_the_form(assigned, BUILD / "nbgrader" / assigned.name)
        target = release(assigned)
        print(
            f"{assigned.name}: {len(assigned.exercises)} exercises, {assigned.points} points; "
            f"{counts['other answers']} other answers pass, {counts['mutants']} mutants fall; "
            f"{target.relative_to(ROOT)}"
        )
    print(f"done in {time.perf_counter() - started:.0f} s; nbgrader's course folders are in {BUILD.name}/nbgrader")
