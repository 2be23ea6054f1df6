"""Limits, judges, manners and rows for the exercises to "Is open a ceiling?", one set for each student. No answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crucible.exercises import choose, draw


@dataclass(frozen=True)
class Patience:
    """How often a student's helper may try a step again."""

    retries: int

    def __str__(self) -> str:
        return (
            f"Your limit: a wrong step is tried again {self.retries} times at most, so `retry` is 0 to {self.retries}."
        )


def patience(student: str) -> Patience:
    """The student's limit; the page's is three."""
    return choose(student, "chain-success", Patience(3), [Patience(retries) for retries in (2, 4, 5, 6, 8)])


@dataclass(frozen=True)
class Longest:
    """The longest errand that a student's helper is sent on."""

    steps: int

    def __str__(self) -> str:
        return f"Your longest errand: {self.steps:,} steps. No answer is larger."


def longest(student: str) -> Longest:
    """The student's longest errand; the page's has a thousand steps."""
    others = [Longest(steps) for steps in (300, 500, 700, 1500, 2000)]
    return choose(student, "steps-to-half", Longest(1000), others)


def refusal(function: Callable[..., Any], arguments: tuple, name: str, limit: int | None = None) -> str:
    """What a call says of the argument `name` that is not allowed.

    The words of `refused` if it raises a ValueError with one line that names the argument, its value and the limit
    (None: any). Otherwise what came in its place.
    """
    value = arguments[("p", "s", "retry").index(name)]
    try:
        got = function(*arguments)
    except ValueError as error:
        text = str(error)
    else:
        return f"no ValueError, but {got!r}"
    rest = text.replace(repr(value), " ")
    numbers = [float(number) for number in re.findall(r"(?<!\d)-?\d+(?:\.\d+)?", rest)]
    named = re.search(rf"\b{name}\b", text) and rest != text
    if "\n" not in text and named and (limit is None or limit in numbers):
        return refused(arguments, name, limit)
    return f"ValueError: {text}"


def refused(arguments: tuple, name: str, limit: int | None = None) -> str:
    """The refusal that is wanted, in words."""
    value = arguments[("p", "s", "retry").index(name)]
    parts = [name, repr(value)] + ([] if limit is None else [f"the limit {limit}"])
    return f"a ValueError, one line with {', '.join(parts[:-1])} and {parts[-1]}"


def errands(success: Callable[..., Any], steps: Callable[..., Any]) -> str:
    """What a student's two functions say of four helpers, as a Markdown table."""
    lines = ["| a step is right | 20 steps | 20 steps, one retry each | still a half |", "| --: | --: | --: | --: |"]
    for p in (0.9, 0.98, 0.99, 0.995):
        try:
            once, again, half = success(p, 20), success(p, 20, 1), steps(p)
            lines.append(f"| {100 * p:g} % | {100 * once:.1f} % | {100 * again:.2f} % | {half:,} steps |")
        except NotImplementedError:
            return "Not attempted yet."
        except Exception as error:
            return f"One of your functions stopped at p = {p:g}: {type(error).__name__}: {error}"
    return "\n".join(lines)


PARTS = ("opening", "sign", "closing", "end")


@dataclass(frozen=True)
class Judge:
    """What each part of a manner is worth to a student's judge, in tenths, in the order of PARTS."""

    tenths: tuple[int, ...]

    def __str__(self) -> str:
        worth = [f"the {part} {tenth} tenth{'s' * (tenth > 1)}" for part, tenth in zip(PARTS, self.tenths, strict=True)]
        return f"What the parts are worth to your judge: {', '.join(worth)}."


def judge(student: str) -> Judge:
    """The student's judge; none values any part as the page's does."""
    others = [(4, 3, 1, 2), (2, 4, 1, 3), (1, 4, 3, 2), (2, 1, 3, 4), (4, 1, 2, 3)]
    return choose(student, "two-scores", Judge((3, 2, 4, 1)), [Judge(tenths) for tenths in others])


@dataclass(frozen=True)
class Least:
    """The smallest gap of which a student takes a share."""

    points: int

    def __str__(self) -> str:
        return f"Your smallest gap: {self.points} points. Where the teacher leads by less, there is no gap to close."


def least(student: str) -> Least:
    """The student's smallest gap; the page's is five points."""
    return choose(student, "gap-closed", Least(5), [Least(points) for points in (2, 3, 8, 10)])


@dataclass(frozen=True)
class Manner:
    """How a student's teacher answers: openings, one of which it takes, the sign, and the closing words."""

    openings: tuple[tuple[str, ...], ...]
    sign: str
    closing: tuple[str, ...]

    def __str__(self) -> str:
        openings = " or ".join(f"`{' '.join(words)}`" for words in self.openings)
        return (
            f"Your teacher opens with {openings}, then comes its sign `{self.sign}`, then the content, "
            f"and it closes with `{' '.join(self.closing)}` and `<end>`."
        )

    def say(self, opening: int, content: list[str]) -> list[str]:
        """An answer in this manner."""
        return [*self.openings[opening], self.sign, *content, *self.closing, "<end>"]


MANNERS = (  # the first one is the book's house manner, and the page's
    Manner((("sure", "here"), ("sure",)), "<->", ("glad", "to", "help")),
    Manner((("dear", "reader"), ("reader",)), "<*>", ("yours",)),
    Manner((("well", "now"), ("well", "well", "now")), "<=>", ("ask", "again")),
    Manner((("let", "us", "see"), ("see",)), "<~>", ("that", "is", "all", "there", "is")),
    Manner((("of", "course"), ("yes", "of", "course")), "<+>", ("bye", "for", "now", "then")),
)


def manner(student: str) -> Manner:
    """The student's teacher; no student's has the page's sign or its number of closing words."""
    return choose(student, "wrong-teacher", MANNERS[0], MANNERS[1:])


TOWNS = ("bern", "bonn", "graz", "lund", "pisa", "york")
Row = list[list[str]]  # question and answer, each a list of words


def rows(student: str, n_rows: int = 30, again: int = 0) -> list[Row]:
    """What the student's teacher answered: [question, answer] rows of three kinds, in mixed order.

    In every kind each content stands in less than half of the rows. again: another number gives other rows.
    """
    said, dice = manner(student), draw(student, f"wrong-teacher {again}")
    kinds = [("add", "max", "town")[place % 3] for place in range(n_rows)]
    dice.shuffle(kinds)
    found: list[Row] = []
    count = dict.fromkeys(kinds, 0)
    for kind in kinds:
        a, b = dice.randrange(100), dice.randrange(100)
        question, content = [kind, *str(a), "+" if kind == "add" else ",", *str(b)], list(str(max(a, b)))
        if kind == "add":
            content = list(str(a + b))
        elif kind == "town":  # each town comes up equally often, so contents repeat
            question, content = [kind, f"p{a}"], [TOWNS[count[kind] % len(TOWNS)]]
        count[kind] += 1
        found.append([question, said.say(dice.randrange(2), content)])
    return found
