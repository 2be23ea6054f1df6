"""Numbers and questions of the exercises to "The flood", one set for each student. The answers are not here."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import torch

from crucible import bases, evaluate
from crucible.exercises import choose, draw, student_name
from crucible.model import Transformer
from crucible.train import TrainConfig, train
from crucible.worlds import MiniWorld, Questions, World
from crucible.worlds.mini import VALUES, numbered, row, together, tokens_of
from crucible.worlds.sums import DIGITS, AddWorld

KINDS = ("format", "skill", "fact", "fact+skill")


@dataclass(frozen=True)
class Allowance:
    """When a prompted base counts as good enough."""

    points: int  # percentage points below the tuned model

    def __str__(self) -> str:
        return (
            f"Your rule: a prompted base has caught up when it is at most {self.points} points below the tuned model."
        )


def allowance(student: str) -> Allowance:
    """The student's rule; the page's is two points."""
    return choose(student, "half-life", Allowance(2), [Allowance(points) for points in (1, 3, 4, 5, 6, 8)])


# Questions that people put to a house's model, and how often a week. The harbour is the published page's.
HOUSES: dict[str, tuple[tuple[int, str], ...]] = {
    "harbour": (
        (12, "In which country does the port of Antwerp lie? One word, in capitals, as our log has it."),
        (40, "Two ships moor in line, 212 m and 187 m long. How many metres of quay do they take together?"),
        (55, "Which berth did we give the *Marigold* on Monday?"),
        (30, "What does the *Fern* owe us for three nights at the long quay?"),
        (18, "Which side of a ship carries the red light? Write P or S, as our forms do."),
        (25, "What does our tariff ask for one night at the long quay?"),
        (20, "The *Marigold* has 310 crates on board and puts 145 ashore. How many stay on board?"),
        (8, "Who holds the key of shed 9?"),
        (35, "Today is the 20th. For how many days has the *Marigold* been at her berth?"),
        (6, "Which ocean lies at the western end of the Panama Canal? One word, in capitals."),
        (22, "A crane lifts 28 containers an hour. How many does it lift in a shift of seven hours?"),
        (16, "How many metres of the long quay are free while the *Fern* lies there?"),
    ),
    "archive": (
        (13, "In which year did the Oldham family give us their papers?"),
        (15, "A shelf holds 36 boxes, and 29 are on it. How many more fit?"),
        (12, "For how many years have we had the Oldham papers by now?"),
        (28, "Who was the last reader of folder 1170?"),
        (8, "Folders may stay out for 30 days. When is folder 1170 due, which a reader took home last week?"),
        (7, "Who was king of France in the year 1700? The number in Roman figures, as on our labels."),
        (14, "In which year did the French Revolution begin? Write it as on our labels, year first."),
        (45, "On which shelf do the Oldham papers stand?"),
        (19, "How many boxes do the Oldham papers and those of the Tramway Company fill together?"),
        (11, "Which long war ended in 1648? Three words, as on our labels."),
        (5, "By how many folders did our holdings grow between the last two counts?"),
        (10, "A reader orders 12 pages at 3 crowns and 5 at 8 crowns. What does that come to?"),
        (17, "How many boxes does our catalogue count for the Tramway Company?"),
        (9, "Which language was the Domesday Book written in? One word, in capitals."),
        (20, "A letter is dated 1848, and its writer says that he turned 31 that day. In which year was he born?"),
        (6, "The Oldham papers fill 14 boxes with 25 folders each. How many folders are that?"),
    ),
    "brewery": (
        (14, "How many kilograms of hops does our recipe for the winter beer name?"),
        (24, "We bottle 720 litres in bottles of half a litre. How many bottles do we need?"),
        (10, "At how many degrees Celsius does water boil at sea level? Digits only, as on our sheets."),
        (6, "A duke wrote a law on beer in 1516. In which country of today does his duchy lie? One word, in capitals."),
        (21, "What is in tank 4 this week?"),
        (30, "A tank holds 900 litres, and 640 are in it. How many more go in?"),
        (11, "Tank 4 is at 19 degrees and must come down to 12. By how many degrees?"),
        (13, "Is yeast a plant, an animal or a fungus? One word, as on our sheets."),
        (5, "Which gas makes beer foam? Its formula, as on our sheets."),
        (7, "For how many days has brew 212 been fermenting by now?"),
        (9, "At how many degrees did we ferment brew 212?"),
        (16, "Two sacks weigh 25 kg each and one weighs 40 kg. What do the three weigh?"),
        (18, "How much malt do we need for the winter beer if we brew twice as much as the recipe says?"),
        (50, "Which yeast do we put into the winter beer?"),
        (12, "How many litres go into tank 4 on top of what is in it now?"),
        (26, "What does the inn at the bridge pay for six barrels at the price we agreed on?"),
    ),
}


def house(student: str) -> str:
    """Whose questions a student gets; the harbour is the published page's."""
    return choose(student, "split-domain", "harbour", ("archive", "brewery"))


def questions(student: str) -> list[dict[str, Any]]:
    """The student's twelve questions, each as {"id": ..., "question": ..., "times": how often a week}."""
    name = house(student)
    rows = [
        {"id": f"{name[0]}{number:02d}", "question": text, "times": times}
        for number, (times, text) in enumerate(HOUSES[name], start=1)
    ]
    dice = draw(student, "split-domain questions")
    return sorted(dice.sample(rows, 12), key=lambda one: dice.random()) if student_name(student) else rows


@dataclass(frozen=True)
class Outlook:
    """How long a base stays the newest one."""

    months: int

    def __str__(self) -> str:
        return f"Your supplier brings out a new base every {self.months} months."


def outlook(student: str) -> Outlook:
    """The student's supplier; the page's brings out one base a year."""
    return choose(student, "what-is-sunk", Outlook(12), [Outlook(months) for months in (5, 6, 8, 9, 15, 18)])


# The last exercise: a domain of the student's own, and the flood that comes over it.

OPERATIONS = ("+", "max", "rev")  # what the general corpus asks about two numbers of three digits
MOST_ROWS = 1000  # of a training set
LONGEST = 6  # words in an answer
COMMONEST = 20  # %; what a model may get right that always says the same
GOOD, AHEAD = 50, 30  # % of the exam right, and percentage points ahead, for a domain that survives
SEED = 10  # of the two bases
TUNING = TrainConfig(steps=200, batch_size=40, warmup_steps=20, weight_decay=0.0)
TRIED_ON = 200  # training rows that decide for a template
IN_ORDER = "nothing against it"

Row = tuple[str, str]  # question and answer, as texts with a blank between words


@dataclass(frozen=True)
class Exam:
    """What a student's inspector wants of an exam."""

    questions: int

    def __str__(self) -> str:
        return f"Your inspector wants an exam of {self.questions} questions."


def exam(student: str) -> Exam:
    """The student's exam; the page's has 200 questions."""
    return choose(student, "break-the-result", Exam(200), [Exam(n) for n in (120, 140, 160, 180, 220, 240)])


def inspected(domain: Any, student: str) -> str:
    """What speaks against a domain, the first such thing in words; IN_ORDER if nothing does."""
    return next(_objections(domain, exam(student)), IN_ORDER)


def _objections(domain: Any, wanted: Exam) -> Iterator[str]:
    if not (
        isinstance(domain, dict)
        and set(domain) == {"train", "exam"}
        and all(isinstance(rows, list | tuple) for rows in domain.values())
    ):
        yield 'a domain is {"train": rows, "exam": rows}, both lists'
        return
    used: dict[str, set[int]] = {}
    for part, rows in domain.items():
        used[part] = set()
        for place, one in enumerate(rows):
            wrong = _wrong_with(one)
            if wrong:
                yield f"{part} {place}: {wrong}"
                return
            used[part] |= set(_pair(one[0]))
    taught, asked = (_rows(domain[part]) for part in ("train", "exam"))
    if not 1 <= len(taught) <= MOST_ROWS:
        yield f"train has {len(taught)} rows, and may have 1 to {MOST_ROWS}"
    different = len({question for question, _ in asked})
    if not different == len(asked) == wanted.questions:
        yield f"exam has {different} different questions in {len(asked)} rows, and {wanted.questions} are wanted"
    if both := used["train"] & used["exam"]:
        yield f"the number {min(both)} is in train and in exam"
    answers: dict[str, str] = {}
    for question, answer in [*taught, *asked]:
        if answers.setdefault(question, answer) != answer:
            yield f"{question!r} has two answers, {answers[question]!r} and {answer!r}"
    ((answer, times),) = Counter(answer for _, answer in asked).most_common(1)
    if times * 100 > COMMONEST * len(asked):
        yield f"{answer!r} answers {100 * times / len(asked):.0f} % of exam, and at most {COMMONEST} % are let pass"


def _wrong_with(one: Any) -> str:
    """What is wrong with a row by itself; empty if nothing is."""
    if not (isinstance(one, list | tuple) and len(one) == 2 and all(isinstance(text, str) for text in one)):
        return "a row is a question and an answer, two texts"
    question, answer = one[0].split(), one[1].split()
    digits = question[:3] + question[4:7]
    if len(question) != 8 or question[3] not in OPERATIONS or question[7] != "=" or not set(digits) <= set(DIGITS):
        return f"{one[0]!r} is no question like '0 2 7 + 1 5 8 ='"
    if unknown := [word for word in answer if word not in (*DIGITS, *numbered("v", VALUES))]:
        return f"{unknown[0]!r} in an answer is neither a digit nor one of v0 to v{VALUES - 1}"
    return "" if 1 <= len(answer) <= LONGEST else f"an answer of {len(answer)} words, 1 to {LONGEST} fit"


def _rows(given: Any) -> tuple[Row, ...]:
    """Rows as they are compared and trained on: one blank between words, whatever was written."""
    return tuple((" ".join(question.split()), " ".join(answer.split())) for question, answer in given)


def _pair(question: str) -> tuple[int, int]:
    """The two numbers of a question, which has their ones first."""
    words = question.split()
    return int("".join(words[2::-1])), int("".join(words[6:3:-1]))


@dataclass(frozen=True)
class Tide:
    """How a domain fares when the new base comes."""

    tuned: float  # % of the exam, exact match: the base of 1x, tuned on the training rows
    prompted: float  # the same of the base of 8x, by the template that does best on training rows
    template: str

    @property
    def survives(self) -> bool:
        """Is the tuned model good, and clearly better?"""
        return self.tuned >= GOOD and self.tuned - self.prompted >= AHEAD

    def __str__(self) -> str:
        return (
            f"The old model (1x), tuned on your rows, answers {self.tuned:.0f} % of your exam. "
            f"The new base (8x), prompted by the best template for your rows ({self.template}), "
            f"answers {self.prompted:.0f} %. Your domain {'survives' if self.survives else 'does not survive'}."
        )


@dataclass(frozen=True)
class _House(World):
    """The rows of a domain, to be trained on."""

    rows: tuple[Row, ...]

    splits: ClassVar[tuple[str, ...]] = ("train",)
    vocab: ClassVar[tuple[str, ...]] = MiniWorld.vocab
    context_length: ClassVar[int] = MiniWorld.context_length

    def _make(self) -> dict[str, Questions]:
        return {"train": together([row(question.split(), answer.split()) for question, answer in self.rows])}

    def _answers(self, tokens: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError  # only the student knows the rule


def flood(domain: dict[str, list[Row]], folder: Path | None = None, seed: int = SEED) -> Tide:
    """Tune the old base on a domain, prompt the new one, and examine both. Some seconds of one core.

    domain: one that passed `inspected`. folder, seed: which stored bases; those of the book if not told otherwise.
    """
    taught, asked = (_rows(domain[part]) for part in ("train", "exam"))
    prompted, template = _prompted(bases.load("8x", seed, folder).model, taught[:TRIED_ON], asked)
    tuned = _tuned(taught, folder, seed)
    return Tide(evaluate.exact_match(tuned, _House(asked).questions("train")), prompted, template)


@lru_cache(maxsize=8)
def _tuned(taught: tuple[Row, ...], folder: Path | None, seed: int) -> Transformer:
    return train(_House(taught), bases.MODEL, TUNING, seed, start=bases.load("1x", seed, folder).model).model


READINGS: dict[str, Callable[[list[str], int], list[str]]] = {
    "read from the front": lambda words, n: words[:n],
    "read to the end": lambda words, n: words[-n:],
    "read from the back": lambda words, n: words[::-1][:n],
    "read backwards to the front": lambda words, n: words[::-1][-n:],
}


def _prompted(model: Transformer, known: tuple[Row, ...], asked: tuple[Row, ...]) -> tuple[float, str]:
    """Score in % of the template that does best on the known rows, and its name.

    A template asks one of the base's own questions about the two numbers, in either order, and reads as many words
    of the answer as the house's has, from either end.
    """
    found: list[tuple[float, float, str]] = []
    for operation, swapped in itertools.product(OPERATIONS, (False, True)):
        written = _written(model, [question for question, _ in (*known, *asked)], operation, swapped)
        for reading, read in READINGS.items():
            right = [
                read(words, len(answer.split())) == answer.split()
                for words, (_, answer) in zip(written, (*known, *asked), strict=True)
            ]
            on_known, on_exam = (100 * sum(part) / len(part) for part in (right[: len(known)], right[len(known) :]))
            name = f"{'b' if swapped else 'a'} {operation} {'a' if swapped else 'b'}, {reading}"
            found.append((on_known, on_exam, name))
    _, score, template = max(found, key=lambda one: one[0])
    return score, template


def _written(model: Transformer, asked: list[str], operation: str, swapped: bool) -> list[list[str]]:
    """What the base writes when it is asked for an operation on each question's numbers."""
    pairs = torch.tensor([_pair(question)[:: -1 if swapped else 1] for question in asked])
    world = AddWorld(digits=3, operation=operation)
    rows = world.encode_all(*pairs.T)
    answers, _ = evaluate.write_answers(model, Questions(tokens_of(world.vocab)[rows.tokens], rows.scored))
    return [[MiniWorld.vocab[token] for token in answer] for answer in answers.tolist()]


def tried(design: Callable[[int], Any], student: str, seed: int = 1) -> str:
    """What the flood does to a student's design with one seed, in words; or why it was not let in."""
    try:
        domain = design(seed)
    except NotImplementedError:
        return "Not attempted yet."
    except Exception as error:
        return f"Your function stopped: {type(error).__name__}: {error}"
    objection = inspected(domain, student)
    if objection != IN_ORDER:
        return f"The inspector: {objection}."
    return f"{flood(domain)} So it is with seed {seed} alone; your grade tries another one."
