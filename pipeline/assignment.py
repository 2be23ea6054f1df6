"""One assignment: its source notebook taken apart, and the other notebooks that are made of it.

The source is in nbgrader's form. An exercise with the id X is the cells X (its text, with a header line),
X-yours (what is the student's own, where there is such), X-answer, X-check, X-graded and X-why.
"""

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from pipeline import ROOT, Refused

FOLDER = ROOT / "exercises"
ANSWERS = "answers.py"  # beside each source: other correct answers, and mutants
KINDS = ("check", "predict", "build", "investigate")
PERSONAL = ("build", "investigate")  # in these, what works for one student must not work for another
HEADER = re.compile(
    r"^\*(?P<id>[a-z-]+) · (?P<kind>\w+) · (?P<points>\d+) points? · difficulty (?P<difficulty>[1-5]) of 5 · "
    r"importance (?P<importance>[1-5]) of 5 · (?P<minutes>\d+) minutes\*$",
    re.MULTILINE,
)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)\n### END HIDDEN TESTS", re.DOTALL)
SOLUTION = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
REGION = re.compile(r"^( *)### BEGIN SOLUTION$.*?^ *### END SOLUTION$", re.MULTILINE | re.DOTALL)
YOURS = re.compile(r"# yours\s*$")
DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)
STUDENT = re.compile(r'^STUDENT = ".*"', re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """One exercise: its header, and the source of its cells."""

    id: str
    kind: str
    points: int  # all of them, those for words included
    difficulty: int
    importance: int
    minutes: int
    deliverable: str
    yours: str
    answer: str  # with the solution
    check: str
    hidden: str
    graded_points: int  # those that the hidden tests give

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of the functions that a student writes."""
        return tuple(node.name for node in ast.parse(self.answer).body if isinstance(node, ast.FunctionDef))


@dataclass(frozen=True)
class Assignment:
    """All exercises of one source notebook."""

    path: Path
    imports: str
    exercises: tuple[Exercise, ...]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)


def paths() -> list[Path]:
    """The source notebooks, exercises/NAME/NAME.ipynb."""
    return sorted(
        folder / f"{folder.name}.ipynb" for folder in FOLDER.iterdir() if folder.is_dir() and folder.name[0] not in "._"
    )


def read(path: Path) -> Assignment:
    """Take a source notebook apart. Refused, with the notebook and the cell, if its form is wrong."""
    if not path.exists():
        raise Refused(f"{_short(path.parent)} has no {path.name}: an assignment's notebook has its folder's name")
    if not path.with_name(ANSWERS).exists():
        raise Refused(f"{_short(path.parent)} has no {ANSWERS}: an assignment without mutants is not built")
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        raise Refused(f"{_short(path)} is no notebook: {error}") from None
    cells = {cell.get("id", ""): cell for cell in notebook.cells}
    for needed in ("setup", "imports", "student"):
        if needed not in cells:
            raise Refused(f"{_short(path)} has no cell {needed!r}")
    try:
        exercises = tuple(_exercise(path, cells, name) for name in cells if f"{name}-answer" in cells)
        for exercise in exercises:
            for source in (exercise.answer, exercise.yours, exercise.check, exercise.hidden):
                ast.parse(source)
    except (SyntaxError, AttributeError, KeyError) as error:
        raise Refused(f"{_short(path)}: {type(error).__name__}: {error}") from None
    if not exercises:
        raise Refused(f"{_short(path)} has no exercise: a cell X with its cells X-answer, X-check and X-graded")
    return Assignment(path, cells["imports"].source, exercises)


def _exercise(path: Path, cells: dict[str, NotebookNode], name: str) -> Exercise:
    def wrong(what: str) -> Refused:
        return Refused(f"{_short(path)}, exercise {name!r}: {what}")

    text = cells[name].source
    header, deliverable = HEADER.search(text), re.search(r"^\*\*Hand in\*\* (.+)$", text, re.MULTILINE)
    if header is None or header["id"] != name or header["kind"] not in KINDS:
        raise wrong(
            f"no header line like '*{name} · build · 3 points · difficulty 2 of 5 · importance 4 of 5 · 10 minutes*' "
            f"(the kind is one of {', '.join(KINDS)})"
        )
    if deliverable is None:
        raise wrong("no line that starts with '**Hand in** '")
    for part in ("check", "graded", "why", "hints"):
        if f"{name}-{part}" not in cells:
            raise wrong(f"no cell {name}-{part}")
    for part, flag in (("answer", "solution"), ("graded", "grade")):
        settings = cells[f"{name}-{part}"].metadata.get("nbgrader", {})
        if not settings.get(flag) or settings.get("grade_id") != f"{name}-{part}":
            raise wrong(f"cell {name}-{part} is not nbgrader's {flag} cell of that grade_id")
    hidden = HIDDEN.search(cells[f"{name}-graded"].source)
    if hidden is None:
        raise wrong(f"cell {name}-graded has no lines ### BEGIN HIDDEN TESTS and ### END HIDDEN TESTS")
    graded = {id: cell.metadata.nbgrader.points for id, cell in cells.items() if _gives_points(cell)}
    points = sum(value for id, value in graded.items() if id.startswith(f"{name}-"))
    if points != int(header["points"]):
        raise wrong(f"the header says {header['points']} points, its graded cells {points:g}")
    return Exercise(
        name,
        header["kind"],
        points,
        int(header["difficulty"]),
        int(header["importance"]),
        int(header["minutes"]),
        deliverable[1],
        cells[f"{name}-yours"].source if f"{name}-yours" in cells else "",
        cells[f"{name}-answer"].source,
        cells[f"{name}-check"].source,
        hidden[1],
        graded[f"{name}-graded"],
    )


def _gives_points(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def with_constants(answer: str, constants: dict[str, object]) -> str:
    """A solution for another student: the assignments marked `# yours` get that student's values.

    ValueError names a marked constant without a value.
    """
    lines = answer.split("\n")
    for node in reversed([node for node in ast.walk(ast.parse(answer)) if isinstance(node, ast.Assign)]):
        if YOURS.search(lines[node.lineno - 1]) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name not in constants:
                raise ValueError(f"the key has no value for {name!r}; it has {', '.join(constants) or 'none'}")
            indent = " " * node.col_offset
            lines[node.lineno - 1 : node.end_lineno] = [f"{indent}{name} = {constants[name]!r}"]
    return "\n".join(lines)


def without_solution(answer: str) -> str:
    """An answer cell as the student gets it: what nbgrader makes of it, without loading nbgrader."""
    return REGION.sub(r"\1# YOUR CODE HERE\n\1raise NotImplementedError()", answer)


def key_notebook(path: Path, keys: dict[str, dict[str, object]], student: str) -> NotebookNode:
    """A student's notebook with everything answered: the released one with the key's answers."""
    notebook, source = released(path), {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
    for cell in notebook.cells:
        if cell.id == "student":
            cell.source = STUDENT.sub(lambda _: f"STUDENT = {student!r}", cell.source)
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("solution"):
            cell.source = SOLUTION.sub("", source[cell.id].source)
            if cell.cell_type == "code":
                cell.source = with_constants(cell.source, keys[cell.id.removesuffix("-answer")])
    return notebook


def for_nbgrader(path: Path) -> NotebookNode:
    """The source as nbgrader's own source folder takes it: without what only the page shows."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "why" not in cell.metadata.get("tags", [])]
    return notebook


def released(path: Path) -> NotebookNode:
    """The student's notebook, made by nbgrader's own steps (those of `nbgrader generate_assignment`)."""
    from nbgrader import preprocessors

    notebook = for_nbgrader(path)
    for step in (
        preprocessors.LockCells,
        preprocessors.ClearSolutions,
        preprocessors.ClearOutput,
        preprocessors.CheckCellMetadata,
        preprocessors.ClearHiddenTests,
        preprocessors.ComputeChecksums,
    ):
        notebook, _ = step().preprocess(notebook, {})
    nbformat.validate(notebook)
    return notebook


def restored(path: Path, submission: NotebookNode) -> NotebookNode:
    """A copy of a submission in which nbgrader finds its cells, also where an editor has dropped its metadata.

    Colab is said to do so at times. A cell that is not found stays missing, and earns nothing.
    """
    submission, clean = copy.deepcopy(submission), released(path).cells
    known: set[str] = set()
    for cell in submission.cells:  # a cell that was copied took its name along; the first one keeps it
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in known:
            cell.metadata.pop("nbgrader", None)
            cell.pop("id", None)
        known.add(name)
    for before, cell in pairwise(clean):
        if "nbgrader" in cell.metadata:
            found = _named(cell.id, submission.cells) or _alike(before, cell, submission.cells)
            if found is not None:
                found.metadata.update(cell.metadata)
    submission.nbformat, submission.nbformat_minor = 4, 5
    for place, cell in enumerate(submission.cells):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{place}")
    return submission


def _named(name: str, cells: list[NotebookNode]) -> NotebookNode | None:
    """The cell with this grade_id or id; Colab keeps a cell's id in its metadata."""
    for cell in cells:
        if name in (cell.metadata.get("nbgrader", {}).get("grade_id"), cell.get("id"), cell.metadata.get("id")):
            return cell
    return None


def _alike(before: NotebookNode, wanted: NotebookNode, cells: list[NotebookNode]) -> NotebookNode | None:
    """The first nameless cell with the same functions or the same text; words stand behind the same cell."""
    functions = DEFINED.findall(wanted.source)
    for previous, cell in pairwise(cells):
        if "nbgrader" in cell.metadata:
            continue
        if wanted.cell_type == "markdown" == cell.cell_type and previous.source == before.source:
            return cell
        if cell.source == wanted.source or (functions and DEFINED.findall(cell.source)[: len(functions)] == functions):
            return cell
    return None


def page(path: Path, solutions: bool = True) -> NotebookNode:
    """The assignment as the site shows it: no hidden tests; solutions folded, or left out for a graded course."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [shown for cell in notebook.cells for shown in _on_page(cell, solutions, path)]
    return notebook


def _on_page(cell: NotebookNode, solutions: bool, path: Path) -> Iterator[NotebookNode]:
    settings = cell.metadata.get("nbgrader", {})
    cell.metadata.pop("nbgrader", None)
    if cell.id == "title":
        cell.source += (
            f'\n\n<a href="{path.stem}-exercises.ipynb" download>Download the notebook</a> to work in: '
            "in Colab by *File, Upload notebook*, or in Jupyter where the course package is installed."
        )
        yield cell
    elif "why" in cell.metadata.get("tags", []):
        if solutions:
            yield _folded(cell, "Why the popular wrong answer is wrong")
    elif settings.get("solution") and cell.cell_type == "markdown":
        if solutions:
            yield _folded(cell, "An answer")
    elif settings.get("solution"):
        stub = nbformat.v4.new_code_cell(without_solution(cell.source), id=f"{cell.id}-stub")
        yield stub
        if solutions:
            cell.source = SOLUTION.sub("", cell.source)
            cell.metadata.tags = ["hide-input"]
            cell.metadata.mystnb = {"code_prompt_show": "Show a solution", "code_prompt_hide": "Hide the solution"}
            yield cell
    elif cell.id in ("setup", "imports"):
        cell.metadata.tags = ["hide-input"]
        yield cell
    elif not settings.get("grade"):
        yield cell


def _folded(cell: NotebookNode, summary: str) -> NotebookNode:
    cell.source = f"<details><summary>{summary}</summary>\n\n{cell.source}\n\n</details>"
    return cell


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
