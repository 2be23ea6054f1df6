"""What every world offers, so that training and evaluation never ask which one it is."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from torch import Tensor

PAD = "<pad>"  # fills rows that are shorter than others; never scored
VOCAB_LIMIT = 4096  # tokens; a model of 0.1 million parameters would spend more than that on its vocabulary alone


@dataclass(frozen=True)
class Questions:
    """Questions with their answers, as tokens.

    tokens: int64, shape (B, T), prompt and answer in one row; rows that are shorter end in padding.
    scored: bool, shape (B, T), True where the token belongs to the answer.
    """

    tokens: Tensor
    scored: Tensor

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, rows) -> "Questions":
        return Questions(self.tokens[rows], self.scored[rows])

    def without_padding(self) -> "Questions":
        """The same rows up to the last column in which any token is scored."""
        end = int(self.scored.any(dim=0).nonzero().max()) + 1
        return Questions(self.tokens[:, :end], self.scored[:, :end])


class World(ABC):
    """A small generated corpus whose right answers we know.

    A world is a frozen dataclass of plain numbers. Its questions are a pure function of those
    numbers, the seed among them, so two processes, or two readers, see the same corpus.
    A new world writes `vocab`, `context_length`, `_make` and `_answers`.
    """

    splits: ClassVar[tuple[str, ...]] = ("train", "test")  # the first is trained on

    @property
    @abstractmethod
    def vocab(self) -> tuple[str, ...]:
        """The words; a token is a word's place in this tuple."""

    @property
    @abstractmethod
    def context_length(self) -> int:
        """Tokens in one row."""

    @abstractmethod
    def _make(self) -> dict[str, Questions]:
        """All questions of every split, in a fixed order."""

    @abstractmethod
    def _answers(self, tokens: Tensor) -> Tensor:
        """Rows with every answer token replaced by the right one, worked out from the prompts: (B, T)."""

    def questions(self, split: str) -> Questions:
        """The questions of one split, a copy of its own. ValueError for a split the world does not have."""
        if split not in self.splits:
            raise ValueError(f"split={split!r} must be one of {', '.join(self.splits)}")
        made = _made(self)[split]
        return Questions(made.tokens.clone(), made.scored.clone())

    def oracle(self, questions: Questions) -> Tensor:
        """The right token at every scored position, row by row, worked out without looking at the answers: (n,)."""
        blank = questions.tokens.masked_fill(questions.scored, 0)
        return self._answers(blank)[questions.scored]

    def chance(self, split: str = "test") -> float:
        """Exact match, in %, of the best blind guess: always the commonest answer of the split."""
        questions = self.questions(split)
        answers = questions.tokens.masked_fill(~questions.scored, -1)
        _, counts = answers.unique(dim=0, return_counts=True)
        return 100 * counts.max().item() / len(answers)

    def words(self, questions: Questions) -> list[str]:
        """The rows as a person reads them, words apart, padding left out."""
        vocab = self.vocab
        return [" ".join(vocab[t] for t in row if vocab[t] != PAD) for row in questions.tokens.tolist()]


@lru_cache(maxsize=16)
def _made(world: World) -> dict[str, Questions]:
    return world._make()


def at_least(**limits: tuple[float, float]) -> None:
    """ValueError naming the first value below its limit: at_least(seed=(seed, 0))."""
    for name, (value, limit) in limits.items():
        if not value >= limit or value != int(value):
            raise ValueError(f"{name}={value} must be a whole number, {limit} or more")


def share(**values: float) -> None:
    """ValueError naming the first value that is not between 0 and 1."""
    for name, value in values.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name}={value} must lie between 0 and 1")


def fits(name: str, value: float, n_words: int) -> None:
    """ValueError if a setting makes a vocabulary that no small model should carry."""
    if n_words > VOCAB_LIMIT:
        raise ValueError(f"{name}={value} makes a vocabulary of {n_words:,} words, the limit is {VOCAB_LIMIT:,}")


def deal(questions: Questions, generator: torch.Generator) -> Questions:
    """The placebo: the answers dealt out anew among the rows, equally often, and no rule behind them.

    Every row must have its answer at the same places.
    """
    answers = questions.tokens[:, questions.scored[0]]
    tokens = questions.tokens.clone()
    tokens[:, questions.scored[0]] = answers[torch.randperm(len(tokens), generator=generator)]
    return Questions(tokens, questions.scored)


def digits_of(number: Tensor, width: int) -> Tensor:
    """Digits of each number, ones first: shape (B,) -> (B, width)."""
    return torch.stack([number // 10**place % 10 for place in range(width)], dim=1)


def number_of(digits: Tensor) -> Tensor:
    """The numbers behind digits written ones first: shape (B, width) -> (B,)."""
    return (digits * 10 ** torch.arange(digits.shape[1])).sum(dim=1)


def zipf(n: int, exponent: float) -> Tensor:
    """Probabilities of n things, the i-th in proportion to i**-exponent; 0 makes them equal. float64, (n,)."""
    weights = torch.arange(1, n + 1, dtype=torch.float64) ** -exponent
    return weights / weights.sum()


def check_number(name: str, value: float) -> None:
    """ValueError unless a value is a finite number, 0 or more."""
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name}={value} must be a number, 0 or more")
