"""The worlds: small generated corpora whose right answers we know.

A world is a frozen dataclass of plain numbers. Its questions are a pure function of those
numbers (the seed among them), so two processes, or two readers, see the same corpus.
Every world offers the same few things, so that training and evaluation never ask which one it is:
`vocab`, `context_length`, `questions("train" | "test")`, `chance` and `oracle`.
Used from the opening chapter on.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import torch
from torch import Tensor

SPLITS = ("train", "test")


@dataclass(frozen=True)
class Questions:
    """Questions with their answers, as tokens.

    tokens: int64, shape (B, T), prompt and answer in one row.
    scored: bool, shape (B, T), True where the token belongs to the answer.
    """

    tokens: Tensor
    scored: Tensor

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, rows) -> "Questions":
        return Questions(self.tokens[rows], self.scored[rows])


class World(Protocol):
    """What training and evaluation need to know about a world."""

    @property
    def vocab(self) -> tuple[str, ...]: ...

    @property
    def context_length(self) -> int: ...

    @property
    def chance(self) -> float: ...

    def questions(self, split: str) -> Questions: ...

    def oracle(self, questions: Questions) -> Tensor: ...


@dataclass(frozen=True)
class AddWorld:
    """Addition of two numbers, every number written from the ones digit upwards.

    So `72+85=580` says 27 + 58 = 085: the order in which we add on paper.
    Every ordered pair of numbers is one question. A share of the unordered pairs is held out for the
    test, so 58 + 27 is never trained on when 27 + 58 is asked. With `shuffled` the training
    answers are dealt out anew among the training questions: the same digits, equally often, and
    no rule behind them. The test always asks for true sums.
    """

    digits: int = 2  # digits of each of the two numbers
    held_out: float = 0.2  # share of unordered pairs kept for the test
    n_train: int | None = None  # how many different sums to train on; None: all that are not held out
    shuffled: bool = False  # the placebo: training answers in random order
    seed: int = 0  # decides which pairs are held out, and the shuffle

    vocab = tuple("0123456789+=")

    def __post_init__(self):
        if self.digits not in (1, 2, 3):
            raise ValueError(f"digits={self.digits} must be 1, 2 or 3 (all pairs are listed, 10**(2*digits) of them)")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out={self.held_out} must lie between 0 and 1, both excluded")
        if self.n_train is not None and self.n_train < 1:
            raise ValueError(f"n_train={self.n_train} must be at least 1, or None for all sums that are not held out")

    @property
    def context_length(self) -> int:
        """Tokens in one question with its answer."""
        return 3 * self.digits + 3

    @property
    def chance(self) -> float:
        """Exact match, in %, of the best blind guess: always the commonest test sum."""
        answers = _answer_numbers(self.questions("test").tokens, self.digits)
        return 100 * answers.bincount().max().item() / len(answers)

    def questions(self, split: str) -> Questions:
        """All questions of one split, each once, in a fixed order.

        split: "train" or "test". Raises ValueError for any other word.
        """
        if split not in SPLITS:
            raise ValueError(f"split={split!r} must be one of {', '.join(SPLITS)}")
        return _add_questions(self)[SPLITS.index(split)]

    def oracle(self, questions: Questions) -> Tensor:
        """The right answers, worked out from the prompts alone: int64, shape (B, digits + 1)."""
        k = self.digits
        a, b = (_number(part) for part in (questions.tokens[:, :k], questions.tokens[:, k + 1 : 2 * k + 1]))
        return _digits(a + b, k + 1)

    def encode(self, a: int, b: int) -> Questions:
        """One sum as a question with its true answer, shapes (1, T)."""
        limit = 10**self.digits
        for name, value in (("a", a), ("b", b)):
            if not 0 <= value < limit:
                raise ValueError(f"{name}={value} must be between 0 and {limit - 1}")
        return _write(torch.tensor([a]), torch.tensor([b]), torch.tensor([a + b]), self.digits)


def _digits(number: Tensor, width: int) -> Tensor:
    """Digits of each number, ones first: shape (B,) -> (B, width)."""
    return torch.stack([number // 10**place % 10 for place in range(width)], dim=1)


def _number(digits: Tensor) -> Tensor:
    """The numbers behind digits written ones first: shape (B, width) -> (B,)."""
    return (digits * 10 ** torch.arange(digits.shape[1])).sum(dim=1)


def _answer_numbers(tokens: Tensor, digits: int) -> Tensor:
    return _number(tokens[:, 2 * digits + 2 :])


def _write(a: Tensor, b: Tensor, answer: Tensor, digits: int) -> Questions:
    plus, equals = (torch.full((len(a), 1), token) for token in (10, 11))
    tokens = torch.cat([_digits(a, digits), plus, _digits(b, digits), equals, _digits(answer, digits + 1)], dim=1)
    scored = torch.zeros_like(tokens, dtype=torch.bool)
    scored[:, 2 * digits + 2 :] = True
    return Questions(tokens, scored)


@lru_cache(maxsize=8)
def _add_questions(world: AddWorld) -> tuple[Questions, Questions]:
    generator = torch.Generator().manual_seed(world.seed)
    n = 10**world.digits
    a, b = (grid.flatten() for grid in torch.meshgrid(torch.arange(n), torch.arange(n), indexing="ij"))
    # One draw per unordered pair: a + b and b + a fall on the same side.
    draw = torch.rand(n, n, generator=generator)[torch.minimum(a, b), torch.maximum(a, b)]
    test = draw < world.held_out
    answer = a + b
    train_rows = (~test).nonzero().flatten()
    # A smaller training set is a part of every larger one with the same seed.
    train_rows = train_rows[torch.randperm(len(train_rows), generator=generator)[: world.n_train]]
    if world.shuffled:
        answer[train_rows] = answer[train_rows[torch.randperm(len(train_rows), generator=generator)]]
    if world.n_train is not None and world.n_train > len(train_rows):
        raise ValueError(f"n_train={world.n_train} is more than the {len(train_rows)} sums that are not held out")
    everything = _write(a, b, answer, world.digits)
    return everything[train_rows], everything[test]
