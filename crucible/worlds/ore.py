"""The ore: one dirty corpus, as a mill finds it, and the exams that no row of it holds."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from crucible.worlds.base import Questions, at_least, digits_of, share, zipf
from crucible.worlds.text import PyText

KINDS = ("facts", "reversals", "text")
DIRT = ("clean", "copy", "near copy", "noise", "boilerplate", "wrong")
EXAMS = ("development", "final")
ROW = 18  # tokens: two statements of nine words, two reversals of nine characters, or 18 characters of prose
ASKED = 9  # characters at the end of a row of prose that the exam asks for
FOOTERS = ("read more, pg. 000", "share this now 000", "rights reserved000")
SHARES = (0.25, 0.25, 0.5)  # facts, reversals, prose among the rows before dirt


@dataclass(frozen=True)
class Rows:
    """Documents of the ore.

    tokens: int64, shape (B, T). answers: bool, shape (B, T), True where somebody who knows the subject can say the
    token. kind: int64, (B,), place in KINDS. dirt: int64, (B,), place in DIRT; nobody who cleans may look at it.
    """

    tokens: Tensor
    answers: Tensor
    kind: Tensor
    dirt: Tensor

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, rows) -> "Rows":
        return Rows(self.tokens[rows], self.answers[rows], self.kind[rows], self.dirt[rows])


@dataclass(frozen=True)
class Ore:
    """A corpus of facts, reversals and prose in which things went wrong, as a pure function of its numbers.

    A row of facts states the four values of each of two entities; a row of reversals writes two numbers of four digits
    backwards; a row of prose is a window of the documentation that every Python installation carries.
    Then some rows are copied, some copied with a word changed, and some are noise, footers or wrong.
    """

    n_rows: int = 8_000
    n_entities: int = 48
    n_relations: int = 4
    n_values: int = 16
    copies: float = 0.15  # shares of the rows
    near_copies: float = 0.05
    noise: float = 0.08
    boilerplate: float = 0.07
    wrong: float = 0.05
    seed: int = 0

    def __post_init__(self):
        at_least(n_rows=(self.n_rows, 100), n_entities=(self.n_entities, 2), n_values=(self.n_values, 2))
        if self.n_relations != 4:
            raise ValueError(f"n_relations={self.n_relations} must be 4: a row holds three statements of nine words")
        dirt = dict(zip(DIRT[1:], self.dirty, strict=True))
        share(**{name.replace(" ", "_"): value for name, value in dirt.items()})
        if sum(self.dirty) > 0.9:
            raise ValueError(f"{100 * sum(self.dirty):.0f} % of the rows are dirty, the limit is 90 %")

    @property
    def dirty(self) -> tuple[float, ...]:
        """Shares of the five kinds of dirt, in the order of DIRT."""
        return self.copies, self.near_copies, self.noise, self.boilerplate, self.wrong

    @property
    def vocab(self) -> tuple[str, ...]:
        """Characters, then the words of facts: entities, relations, values."""
        names = {"e": self.n_entities, "r": self.n_relations, "v": self.n_values}
        return (*PyText.vocab, *(f"{letter}{i}" for letter, n in names.items() for i in range(n)))

    context_length = ROW

    @property
    def facts(self) -> Tensor:
        """The value of every relation of every entity, int64, shape (n_entities, n_relations)."""
        generator = torch.Generator().manual_seed(self.seed)
        return torch.randint(self.n_values, (self.n_entities, self.n_relations), generator=generator)

    def rows(self) -> Rows:
        """All documents, dirt and all, in a random order."""
        return _rows(self)

    def exam(self, name: str) -> dict[str, Questions]:
        """Subject -> its questions; no question is in both exams, and no number and no page of prose in the ore.

        ValueError for an exam that there is not.
        """
        if name not in EXAMS:
            raise ValueError(f"exam={name!r} must be one of {', '.join(EXAMS)}")
        return _exams(self)[name]

    def words(self, tokens: Tensor) -> list[str]:
        """Rows as a person reads them: words of facts apart, characters together."""
        vocab, first = self.vocab, len(PyText.vocab)
        return ["".join(vocab[t] if t < first else f"{vocab[t]} " for t in row).strip() for row in tokens.tolist()]


def _characters(text: str) -> list[int]:
    return [PyText.vocab.index(character) for character in text]


def _statements(ore: Ore, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """n rows of two statements each, and where their values stand."""
    first = len(PyText.vocab)
    who = torch.randint(ore.n_entities, (n, 2), generator=generator)
    order = torch.rand(n, 2, 4, generator=generator).argsort(dim=-1)
    values = ore.facts[who].gather(-1, order) + first + ore.n_entities + 4
    pairs = torch.stack([order + first + ore.n_entities, values], dim=-1).flatten(2)
    tokens = torch.cat([(who + first)[..., None], pairs], dim=-1).flatten(1)
    answers = torch.tensor([False, *[False, True] * 4] * 2)
    return tokens, answers.expand(n, -1)


REVERSAL_ANSWERS = torch.tensor([False] * 5 + [True] * 4)


def _reversals(numbers: Tensor) -> Tensor:
    """Numbers of four digits (...) -> characters of `7315>5137`: (..., 9)."""
    zero, sign = _characters("0")[0], torch.tensor(_characters(">"))
    digits = digits_of(numbers.flatten(), 4).view(*numbers.shape, 4) + zero
    return torch.cat([digits, sign.expand(*numbers.shape, 1), digits.flip(-1)], dim=-1)


def _numbers(ore: Ore) -> dict[str, Tensor]:
    """The numbers of four digits that the ore and either exam may reverse; none is on two sides."""
    generator = torch.Generator().manual_seed(ore.seed + 2**33)
    development, final, rest = torch.randperm(10_000, generator=generator).split([1_000, 1_000, 8_000])
    return {"development": development, "final": final, "ore": rest}


@lru_cache(maxsize=4)
def _prose(ore: Ore) -> dict[str, Tensor]:
    """Windows of the ore's documents and of each exam's, which are others."""
    world = PyText("topics", context_length=ROW, held_out=0.2, seed=ore.seed)
    held = world.questions("test").tokens
    half = len(held) // 2  # the documents stand one after another, so each exam has its own (one may be cut)
    return {"development": held[:half], "final": held[half:], "ore": world.questions("train").tokens}


@lru_cache(maxsize=4)
def _rows(ore: Ore) -> Rows:
    generator = torch.Generator().manual_seed(ore.seed + 2**32)
    counts = [round(part * ore.n_rows) for part in ore.dirty]
    n_good = ore.n_rows - sum(counts[:4])  # the wrong ones are made from these
    n = [round(part * n_good) for part in SHARES[:2]]
    n.append(n_good - sum(n))
    facts, values = _statements(ore, n[0], generator)
    numbers = _numbers(ore)["ore"]
    reversals = _reversals(numbers[torch.randint(len(numbers), (n[1], 2), generator=generator)]).flatten(1)
    prose = _prose(ore)["ore"]
    text = prose[torch.randperm(len(prose), generator=generator)[: n[2]]]
    if len(text) < n[2]:
        raise ValueError(f"n_rows={ore.n_rows} asks for {n[2]} rows of prose, there are {len(prose)}")
    everywhere = torch.ones(ROW, dtype=torch.bool)
    everywhere[0] = False
    tokens = torch.cat([facts, reversals, text])
    answers = torch.cat([values, REVERSAL_ANSWERS.repeat(2).expand(n[1], -1), everywhere.expand(n[2], -1)])
    kind = torch.repeat_interleave(torch.arange(3), torch.tensor(n))
    dirt = torch.zeros(n_good, dtype=torch.int64)

    # Wrong: the answers of some facts and reversals are dealt out anew among them.
    for place in range(2):
        mine = (kind == place).nonzero()[:, 0]
        if counts[4] // 2 > len(mine):
            raise ValueError(f"wrong={ore.wrong} asks for {counts[4] // 2} wrong {KINDS[place]}, there are {len(mine)}")
        some = mine[torch.randperm(len(mine), generator=generator)[: counts[4] // 2]]
        given = tokens[some][answers[some]].view(len(some), -1)
        dealt = given.flatten()[torch.randperm(given.numel(), generator=generator)].view_as(given)
        tokens[some] = tokens[some].masked_scatter(answers[some], dealt)
        dirt[some] = DIRT.index("wrong")

    made = [Rows(tokens, answers, kind, dirt)]
    good = made[0]
    favourites = torch.randperm(n_good, generator=generator)[:60]
    for name, count in zip(DIRT[1:3], counts[:2], strict=True):
        weights = zipf(len(favourites), 1.0).float()
        source = favourites[torch.multinomial(weights, count, replacement=True, generator=generator)]
        if name == "near copy":
            source = torch.randint(n_good, (count,), generator=generator)
        copy = good[source]
        changed = copy.tokens.clone()
        if name == "near copy":  # one token becomes another row's token of the same place
            where = torch.randint(ROW, (count, 1), generator=generator)
            other = changed[torch.randperm(count, generator=generator)].gather(1, where)
            changed.scatter_(1, where, other)
        made.append(Rows(changed, copy.answers, copy.kind, torch.full((count,), DIRT.index(name))))

    noise = torch.randint(len(ore.vocab), (counts[2], ROW), generator=generator)
    half = counts[2] // 2
    noise[:half] = torch.randint(len(PyText.vocab), (half, ROW), generator=generator)
    footers = torch.tensor([_characters(text) for text in FOOTERS])
    lines = footers[torch.randint(len(footers), (counts[3],), generator=generator)].clone()
    lines[:, -3:] = torch.randint(10, (counts[3], 3), generator=generator) + _characters("0")[0]
    for name, some in (("noise", noise), ("boilerplate", lines)):
        label, where = torch.full((len(some),), DIRT.index(name)), everywhere.expand(len(some), -1)
        made.append(Rows(some, where, torch.full((len(some),), KINDS.index("text")), label))

    parts = [torch.cat([getattr(one, field) for one in made]) for field in ("tokens", "answers", "kind", "dirt")]
    return Rows(*parts)[torch.randperm(len(parts[0]), generator=generator)]


@lru_cache(maxsize=4)
def _exams(ore: Ore) -> dict[str, dict[str, Questions]]:
    generator = torch.Generator().manual_seed(ore.seed + 2**34)
    first = len(PyText.vocab)
    asked = torch.randperm(ore.n_entities * 4, generator=generator)
    halves = dict(zip(EXAMS, asked.chunk(2), strict=True))
    exams = {}
    for name in EXAMS:
        who, what = halves[name] // 4, halves[name] % 4
        value = ore.facts[who, what] + first + ore.n_entities + 4
        facts = torch.stack([who + first, what + first + ore.n_entities, value], dim=1)
        reversals = _reversals(_numbers(ore)[name][:400])
        prose = _prose(ore)[name]
        text = prose[torch.randperm(len(prose), generator=generator)[:400]]
        exams[name] = {
            "facts": Questions(facts, torch.tensor([False, False, True]).expand(len(facts), -1)),
            "reversals": Questions(reversals, REVERSAL_ANSWERS.expand(len(reversals), -1)),
            "text": Questions(text, (torch.arange(ROW) >= ROW - ASKED).expand(len(text), -1)),
        }
    return exams
