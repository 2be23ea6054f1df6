"""What an exercise's notebook needs: checks that answer, and numbers that follow the student.

A case is one question to the student's code with its expected answer. The cases of a public check are
printed beside it; hidden tests are made of cases too. Both ask for plain data (numbers, text, lists),
so that a grader may run the student's functions in another process.
"""

import copy
import hashlib
import math
import numbers
import os
import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SITE = ""  # the student of the published page: whoever leaves the name empty gets the page's numbers
NOT_YET = "not attempted yet"
TOLERANCE = 1e-6  # relative; numbers closer than this count as equal


@dataclass(frozen=True)
class Case:
    """One question to the student's code: what is asked, in words or as a call, and the answer it should give."""

    what: str
    run: Callable[[], Any]
    expected: Any


class Wrong(AssertionError):
    """A case with another answer than the expected one; its text is the line that a student reads."""


def call(function: Callable, *arguments: Any, gives: Any) -> Case:
    """A case that calls `function` with a copy of `arguments`; its text is the call."""
    what = f"{getattr(function, '__name__', 'answer')}({', '.join(map(_short, arguments))})"
    return Case(what, lambda: function(*copy.deepcopy(arguments)), gives)


def fact(what: str, run: Callable[[], Any], expected: Any = True) -> Case:
    """A case that is no single call: `what` says in words what must hold."""
    return Case(what, run, expected)


def first_wrong(cases: Sequence[Case]) -> str | None:
    """The first case that goes wrong, as one line with what came and what was expected; None if all are right."""
    for case in cases:
        try:
            got = case.run()
        except NotImplementedError:
            return NOT_YET
        except Exception as error:
            return (
                f"wrong at {case.what}: {type(error).__name__}: {_short(str(error))}, expected {_short(case.expected)}"
            )
        if got is ... or (got is None and case.expected is not None):
            return f"wrong at {case.what}: got {got!r} (is a return missing?), expected {_short(case.expected)}"
        if not same(got, case.expected):
            return f"wrong at {case.what}: got {_short(got)}, expected {_short(case.expected)}"
    return None


def check(name: str, *cases: Case, ok: str = "") -> None:
    """Print how an answer fares: not attempted yet, ok, or the first wrong case with got and expected.

    ok: the words for the good end, where the usual ones would promise too much.
    """
    print(f"{name}: {first_wrong(cases) or ok or f'ok ({len(cases)} public cases; the hidden ones try more)'}")


def require(*cases: Case) -> None:
    """The hidden form of a check: silent if all is right, Wrong with the first wrong case if not."""
    wrong = first_wrong(cases)
    if wrong:
        raise Wrong(wrong)


def greeting(student: str) -> str:
    """Whose numbers the notebook has, in words."""
    if student_name(student):
        return f"These are the numbers of **{student_name(student)}**. Hand in under this name."
    return "No name is given, so these are the numbers of the published page. **To hand in, write your name above.**"


def student_name(student: object) -> str:
    """A name as it is compared: letters typed in two ways are one, and capitals and spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", str(student)).casefold().split())


def student_number(student: object) -> int:
    """A number that follows the student: the same on every machine, another for another name."""
    return int.from_bytes(hashlib.sha256(student_name(student).encode()).digest()[:6], "big")


def draw(student: str, exercise: str) -> random.Random:
    """A generator for one student and one exercise. Python keeps its sequence the same across versions."""
    return random.Random(f"{student_number(student)} {exercise}")


def choose(student: str, exercise: str, site: Any, others: Sequence[Any]) -> Any:
    """One of the `others` for a student; `site`, which no student gets, for the published page."""
    return draw(student, exercise).choice(others) if student_name(student) else site


def owner(student: str) -> str:
    """Whose numbers hidden tests use: the name in the notebook, or, under nbgrader, the one it was handed in by.

    nbgrader runs a submission in a folder autograded/STUDENT/ASSIGNMENT. A notebook that was worked with
    another name has another student's numbers, and its personal answers are wrong.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return Path.cwd().parent.name
    return str(student)


def same(got: Any, expected: Any) -> bool:
    """Equal as an answer: numbers up to TOLERANCE, lists like tuples, and NumPy's like Python's own."""
    got, expected = _plain(got), _plain(expected)
    if isinstance(expected, bool) or isinstance(got, bool) or isinstance(expected, str):
        return type(got) is type(expected) and got == expected
    if isinstance(expected, numbers.Real):
        return isinstance(got, numbers.Real) and math.isclose(got, expected, rel_tol=TOLERANCE, abs_tol=1e-12)
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping) or got.keys() != expected.keys():
            return False
        return all(same(got[key], expected[key]) for key in expected)
    if isinstance(expected, list | tuple):
        if not isinstance(got, list | tuple) or len(got) != len(expected):
            return False
        return all(map(same, got, expected))
    return bool(got == expected)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _short(value: Any) -> str:
    """A value on one line, cut where it gets long."""
    text = value if isinstance(value, str) and "\n" in value else repr(_plain(value))
    if isinstance(value, AbstractSet) and value:
        text = "{" + ", ".join(sorted(map(repr, value))) + "}"
    text = " ".join(text.split())
    return text if len(text) <= 90 else text[:86] + " ..."
