"""Other answers to the exercises: correct ones in another way, and mutants, each of which is one misconception.

They stand in exercises/NAME/answers.py as ordinary functions. A function with a first parameter `yours`
gets the student's own constants there. What a mutant does not define is taken from the solution.
"""

import inspect
import runpy
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pipeline import Refused


@dataclass(frozen=True)
class Answer:
    """One function in place of the solution's; a mutant if it says where it should fall."""

    exercise: str
    what: str  # the other way, or the misconception
    function: Callable
    # "public: ...", "hidden: ..." or, where it hangs on the student's numbers, "either: ...",
    # with a part of the line that the student reads, or several with " | " between them
    falls: str | None = None

    def for_student(self, constants: dict[str, Any]) -> Callable:
        """The function as it stands in the notebook of a student with these constants."""
        if "yours" not in inspect.signature(self.function).parameters:
            return self.function
        bound: Any = partial(self.function, SimpleNamespace(**constants))
        bound.__name__ = self.function.__name__
        return bound


@dataclass
class Bank:
    """Collects the answers of one assignment."""

    answers: list[Answer] = field(default_factory=list)

    def correct(self, exercise: str, what: str) -> Callable:
        """Marks a function that solves the exercise in another way."""
        return self._take(exercise, what, None)

    def mutant(self, exercise: str, what: str, falls: str) -> Callable:
        """Marks a function that is wrong in one way, and says where it should lose its marks."""
        if not falls.startswith(("public: ", "hidden: ", "either: ")):
            raise ValueError(f"mutant {what!r}: falls={falls!r} must start with 'public: ', 'hidden: ' or 'either: '")
        return self._take(exercise, what, falls)

    def _take(self, exercise: str, what: str, falls: str | None) -> Callable:
        def take(function: Callable) -> Callable:
            self.answers.append(Answer(exercise, what, function, falls))
            return function

        return take


def load(path: Path) -> list[Answer]:
    """The answers in a file that fills a Bank named `bank`."""
    try:
        return list(runpy.run_path(str(path))["bank"].answers)
    except Exception as error:
        raise Refused(f"{path.parent.name}/{path.name}: {type(error).__name__}: {error}") from None
