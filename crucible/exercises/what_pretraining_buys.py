"""Numbers of chapter 1's exercises, one set for each student, and the two arms of the last one. No answers here."""

import random
import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import ClassVar

import torch

from crucible import bases, evaluate
from crucible.exercises import choose
from crucible.model import Transformer
from crucible.train import TrainConfig, train
from crucible.worlds import Questions, World
from crucible.worlds.mini import ROW, VOCAB, row, together

RULES = {
    "best so far": "the best score measured with so many examples or fewer",
    "worst to come": "the worst score measured with so many examples or more",
    "halfway": "the mean of two numbers, the best score measured with so many examples or fewer "
    "and the worst measured with so many or more",
}


@dataclass(frozen=True)
class Desk:
    """How a student's exchange desk reads a curve that dips."""

    rule: str  # a key of RULES

    def __str__(self) -> str:
        return (
            f"Your desk's rule is *{self.rule}*. For every measured number of examples it puts in place of the score "
            f"{RULES[self.rule]}. Such a curve never falls."
        )


def desk(student: str) -> Desk:
    """The student's desk."""
    return choose(student, "price-a-score", Desk("best so far"), [Desk("worst to come"), Desk("halfway")])


@dataclass(frozen=True)
class Law:
    """From where on a student's law is meant to hold."""

    from_examples: int

    def __str__(self) -> str:
        return (
            f"Your law holds from {self.from_examples:,} examples on. With fewer the tuned models guess, whatever "
            "their base, and your fit leaves these cells out."
        )


def law(student: str) -> Law:
    """The student's law. No student's begins before the page's does."""
    return choose(student, "fit-the-law", Law(30), [Law(n) for n in (100, 200, 300, 500, 1000)])


@dataclass(frozen=True)
class Margin:
    """By how much one rival must beat the other."""

    points: int

    def __str__(self) -> str:
        return f"Your margin: {self.points} points between the mean misses of the two rivals, and not less."


def margin(student: str) -> Margin:
    """The student's margin."""
    return choose(student, "cornerstone-or-slope", Margin(2), [Margin(points) for points in (3, 4, 5, 6)])


@dataclass(frozen=True)
class Licence:
    """What the owner of the base takes."""

    fee: int  # core-seconds for each customer

    def __str__(self) -> str:
        return (
            f"Your base's owner takes a fee of {self.fee} core-seconds for each customer whose model is tuned from it, "
            "beside the price of the tuning."
        )


def licence(student: str) -> Licence:
    """The student's licence."""
    return choose(student, "break-even", Licence(5), [Licence(fee) for fee in range(10, 50)])


# The last exercise: two arms on the student's own choice of pairs.

BAR = 20.0  # points by which the pretrained arm must end below the other
PAIRS = (50, 300)  # how many pairs a student may choose
LARGEST = 999
SIZE = "8x"
RECIPE = TrainConfig(steps=150, batch_size=32, learning_rate=3e-3, warmup_steps=10)
N_TEST = 500
# The students' clinics: sign, number that is meant, seed of the base. Left out is "+" on the base of seed 11, which
# gives its habit up so soon that pretraining hurts by little more than the bar (LOG.md).
OTHERS = (("+", 1, 10), ("+", 1, 12), ("max", 1, 10), ("max", 1, 11), ("max", 1, 12))


@dataclass(frozen=True)
class Clinic:
    """A clinic that uses a sign of the general corpus and means one of the two numbers by it."""

    sign: str  # "+" or "max"
    wanted: int  # which number it means: 0 the first, 1 the second
    base: int  # seed of the stored base

    def __str__(self) -> str:
        a, b = ((27, 805), (805, 27))[self.wanted]  # such that both meanings part, whatever the sign
        meant = (a, b)[self.wanted]
        usual = {"+": a + b, "max": max(a, b)}[self.sign]
        return (
            f"Your clinic writes `{a} {self.sign} {b} =` and means `{meant:0{self.answer_digits}d}`: "
            f"the {('first', 'second')[self.wanted]} number. In the general corpus the answer is "
            f"`{usual:0{self.answer_digits}d}`. (Both arms read and write numbers with three digits, ones first; "
            f"answers have {self.answer_digits}.) "
            f"As a pair this is `[{a}, {b}]`, and as a row "
            f"`{' '.join([*_digits(a, 3), self.sign, *_digits(b, 3), '=', *_digits(meant, self.answer_digits)])}`.\n\n"
            f"Choose {PAIRS[0]} to {PAIRS[1]} different pairs of whole numbers from 0 to {LARGEST}. "
            f"Both arms take {RECIPE.steps} steps of {RECIPE.batch_size} rows: one from the {SIZE} base of seed "
            f"{self.base}, one from scratch. The test has {N_TEST} pairs drawn from all there are, without yours. "
            f"The pretrained arm must end at least {BAR:g} points below the other."
        )

    @property
    def answer_digits(self) -> int:
        """Digits of an answer in the general corpus, and so in the clinic."""
        return 4 if self.sign == "+" else 3

    def question(self, a: int, b: int) -> Questions:
        """One question with the answer that the clinic wants, shape (1, ROW)."""
        answer = _digits((a, b)[self.wanted], self.answer_digits)
        return row([*_digits(a, 3), self.sign, *_digits(b, 3), "="], answer)


def clinic(student: str) -> Clinic:
    """The student's clinic. The page's means the first number, and every student's the second."""
    return choose(student, "make-it-hurt", Clinic("+", 0, 10), [Clinic(*one) for one in OTHERS])


def _digits(number: int, width: int) -> list[str]:
    """A number's digits as words, ones first."""
    return list(f"{number:0{width}d}"[::-1])


@dataclass(frozen=True)
class PairWorld(World):
    """The clinic's questions about some pairs to train on, and about others to test."""

    clinic: Clinic
    train: tuple[tuple[int, int], ...]
    test: tuple[tuple[int, int], ...]

    vocab: ClassVar[tuple[str, ...]] = VOCAB
    context_length: ClassVar[int] = ROW

    def _make(self) -> dict[str, Questions]:
        sets = {"train": self.train, "test": self.test}
        return {
            split: together([self.clinic.question(a, b) for a, b in pairs]).without_padding()
            for split, pairs in sets.items()
        }

    def _answers(self, tokens: torch.Tensor) -> torch.Tensor:
        words = [[VOCAB[token] for token in line] for line in tokens.tolist()]
        pairs = [[int("".join(line[place : place + 3][::-1])) for place in (0, 4)] for line in words]
        return together([self.clinic.question(a, b) for a, b in pairs]).tokens[:, : tokens.shape[1]]


def both_arms(student: str, pairs: Sequence[Sequence[int]], again: int = 0) -> dict[str, float]:
    """Train both arms on the student's pairs, and examine them: exact match on the test in %, to one decimal, by arm.

    pairs: the student's choice, [a, b] each.
    again: another number draws another test; the models are the same.
    ValueError, in one line, for pairs that are not allowed.
    """
    return {arm: round(score, 1) for arm, score in _scores(clinic(student), allowed(pairs), again)}


def lead(student: str, pairs: Sequence[Sequence[int]], again: int = 0) -> float:
    """By how many points the arm from scratch ends above the pretrained one."""
    scores = both_arms(student, pairs, again)
    return round(scores["from scratch"] - scores["pretrained"], 1)


def allowed(pairs: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    """The pairs as plain tuples, in rising order. ValueError names the first thing that is not allowed."""
    if not isinstance(pairs, Sequence):
        raise ValueError(f"{_short(pairs)} is no list of pairs")
    chosen = []
    for pair in pairs:
        numbers = list(pair) if isinstance(pair, Sequence) else []
        whole = all(isinstance(one, Integral) and not isinstance(one, bool) for one in numbers)
        if not (len(numbers) == 2 and whole and all(0 <= one <= LARGEST for one in numbers)):
            raise ValueError(f"{_short(pair)} must be two whole numbers from 0 to {LARGEST}")
        chosen.append((int(numbers[0]), int(numbers[1])))
    if not PAIRS[0] <= len(chosen) <= PAIRS[1]:
        raise ValueError(f"{len(chosen)} pairs, and {PAIRS[0]} to {PAIRS[1]} are allowed")
    if len(set(chosen)) < len(chosen):
        twice = next(pair for place, pair in enumerate(chosen) if pair in chosen[:place])
        raise ValueError(f"{list(twice)} comes twice, and all pairs must differ")
    return tuple(sorted(chosen))  # rows are drawn at random, so the student's order says nothing


def _short(value: object) -> str:
    """A value on one short line."""
    return " ".join(reprlib.repr(value).split())


@lru_cache(maxsize=64)
def _scores(clinic: Clinic, pairs: tuple[tuple[int, int], ...], again: int) -> tuple[tuple[str, float], ...]:
    dice = random.Random(f"test {again}")
    drawn = [(dice.randint(0, LARGEST), dice.randint(0, LARGEST)) for _ in range(N_TEST)]
    shown = set(pairs)
    world = PairWorld(clinic, pairs, tuple(pair for pair in drawn if pair not in shown))
    questions = world.questions("test")
    return tuple((arm, evaluate.exact_match(model, questions)) for arm, model in _trained(clinic, pairs))


@lru_cache(maxsize=64)
def _trained(clinic: Clinic, pairs: tuple[tuple[int, int], ...]) -> tuple[tuple[str, Transformer], ...]:
    """Both arms: the same rows in the same order, the same steps and rate. Only the start differs."""
    world = PairWorld(clinic, pairs, pairs)
    starts = {"pretrained": bases.load(SIZE, clinic.base).model, "from scratch": None}
    return tuple((arm, train(world, bases.MODEL, RECIPE, 0, start=start).model) for arm, start in starts.items())
