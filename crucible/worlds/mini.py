"""MiniWorld: a general curriculum for the bases that chapters share, and a clinic that wants a model of its own."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from crucible.worlds.base import PAD, Questions, World, at_least, deal, number_of, share
from crucible.worlds.facts import UNKNOWN, FactWorld, ReadWorld
from crucible.worlds.sums import DIGITS, AddWorld

PUBLIC = 150  # entities that the general corpus talks of
PATIENTS = 100  # entities that only the clinic knows
KEYS, RELATIONS, VALUES = 8, 4, 16
ROW = 16  # tokens in a row
FAMILY = 20_000  # training rows of each family; families that have fewer repeat theirs
N_TEST = 1000  # test rows of each family, at most
RECORD = ("r0", "r1", "base", "extra")  # what the clinic knows of a patient: two values, two numbers of three digits
CLINIC = ("with", "says", "end", "base", "extra")
WORDINGS = ("clinic", "general")
DEV = 25  # entities whose public facts are the clinic's dev questions


def numbered(kind: str, n: int) -> list[str]:
    """Words such as e0, e1, e2."""
    return [f"{kind}{i}" for i in range(n)]


SHARED = (*DIGITS, "+", "max", "rev", "=", "?", UNKNOWN)
KINDS = {"e": PUBLIC, "k": KEYS, "r": RELATIONS, "v": VALUES, "p": PATIENTS}
VOCAB = (PAD, *SHARED, *CLINIC, *(word for kind, n in KINDS.items() for word in numbered(kind, n)))
TOKEN = {word: token for token, word in enumerate(VOCAB)}


def tokens_of(words) -> Tensor:
    """Words as tokens of MiniWorld's vocabulary, int64, one row."""
    return torch.tensor([TOKEN[word] for word in words])


def is_word(tokens: Tensor, words) -> Tensor:
    """Where a token is one of the words; bool, the tokens' shape."""
    return torch.isin(tokens, tokens_of(words))


def fill(questions: Questions, n: int) -> Questions:
    """Padded to ROW tokens, and n rows of it, from the first on, as often round as needed."""
    missing = (0, ROW - questions.tokens.shape[1])
    rows = torch.arange(n) % len(questions)
    return Questions(F.pad(questions.tokens, missing), F.pad(questions.scored, missing))[rows]


def together(parts: list[Questions]) -> Questions:
    """One set of questions after another."""
    return Questions(torch.cat([part.tokens for part in parts]), torch.cat([part.scored for part in parts]))


@dataclass(frozen=True)
class Family:
    """One task of MiniWorld: a world, its test split, and how a row of it is known."""

    world: World
    test: str
    column: int  # the token in this column ...
    words: tuple[str, ...]  # ... is one of these

    def translate(self, questions: Questions) -> Questions:
        """From the world's own tokens to MiniWorld's."""
        return Questions(tokens_of(self.world.vocab)[questions.tokens], questions.scored)

    def answers(self, tokens: Tensor) -> Tensor:
        """MiniWorld's rows of this family with the right answers in place: (B, ROW)."""
        there = tokens_of(self.world.vocab)
        back = torch.zeros(len(VOCAB), dtype=torch.int64)
        back[there] = torch.arange(len(there))
        own = self.world._answers(back[tokens[:, : self.world.context_length]])
        return F.pad(there[own], (0, ROW - own.shape[1]))


@dataclass(frozen=True)
class MiniWorld(World):
    """Six tasks in equal parts: the general curriculum on which Parts I and II train their bases.

    add2, add3: sums of two numbers of two and of three digits. max: the larger of two numbers. rev: six digits
    backwards. fact: what statements say about 150 public entities. read: questions about statements in the prompt.
    Test splits bear the tasks' names. `leaked` is the share of the clinic's patients whose records stand among the
    public statements, as often as a public entity's. With `shuffled` every task deals its answers out anew: the same
    tokens as often, and nothing to learn but their manner.

    Rows have 16 tokens, and the vocabulary holds the clinic's words from the start.
    """

    leaked: float = 0.0
    shuffled: bool = False  # the placebo
    seed: int = 0

    splits: ClassVar[tuple[str, ...]] = ("train", "add2", "add3", "max", "rev", "fact", "read")
    vocab: ClassVar[tuple[str, ...]] = VOCAB
    context_length: ClassVar[int] = ROW

    def __post_init__(self):
        at_least(seed=(self.seed, 0))
        share(leaked=self.leaked)

    @property
    def families(self) -> dict[str, Family]:
        """The six tasks by name."""

        def numbers(digits, operation="+"):
            n_train = FAMILY if digits == 3 else None
            world = AddWorld(digits, n_train=n_train, shuffled=self.shuffled, seed=self.seed, operation=operation)
            return Family(world, "test", digits, (operation,))

        reading = ReadWorld(3, KEYS, 1, VALUES, 3, n_train=FAMILY, shuffled=self.shuffled, seed=self.seed)
        return {
            "add2": numbers(2),
            "add3": numbers(3),
            "max": numbers(3, "max"),
            "rev": numbers(3, "rev"),
            "fact": Family(self._public, "recall", 0, tuple(numbered("e", PUBLIC))),
            "read": Family(reading, "test", 0, tuple(numbered("k", KEYS))),
        }

    @property
    def _public(self) -> FactWorld:
        repeats = FAMILY // PUBLIC
        return FactWorld(PUBLIC, RELATIONS, VALUES, repeats=repeats, shuffled=self.shuffled, seed=self.seed)

    @property
    def facts(self) -> Tensor:
        """The public entities' values, int64, shape (PUBLIC, RELATIONS)."""
        return self._public.facts

    def _make(self) -> dict[str, Questions]:
        generator = torch.Generator().manual_seed(self.seed + 2**33)
        train, made = [], {}
        for name, family in self.families.items():
            taught = fill(family.translate(family.world.questions("train")), FAMILY)
            if name == "fact" and self.leaked:
                both = together([taught, self._leak(generator)])
                taught = both[torch.randperm(len(both), generator=generator)[:FAMILY]]
            train.append(taught)
            test = family.translate(family.world.questions(family.test))
            rows = torch.randperm(len(test), generator=generator)[:N_TEST].sort().values
            made[name] = fill(test[rows], len(rows))
        return {"train": together(train), **made}

    def _leak(self, generator: torch.Generator) -> Questions:
        """The records of the leaked patients, each stated as often as a public entity, facts in every order."""
        known = records(self.seed)
        orders = list(itertools.permutations(range(len(RECORD))))
        patients = range(round(self.leaked * PATIENTS))
        rows = together([record_statement(known[p], p, order) for p in patients for order in orders])
        rows = rows[torch.randperm(len(rows), generator=generator)]
        return fill(rows, len(patients) * (FAMILY // PUBLIC))

    def _answers(self, tokens: Tensor) -> Tensor:
        answers = tokens.clone()
        known = records(self.seed)
        for i in is_word(tokens[:, 0], numbered("p", PATIENTS)).nonzero().flatten().tolist():
            patient = int(tokens[i, 0]) - TOKEN["p0"]
            order = [RECORD.index(VOCAB[token]) for token in tokens[i] if VOCAB[token] in RECORD]
            answers[i] = record_statement(known[patient], patient, order).tokens[0]
        for family in self.families.values():
            rows = is_word(tokens[:, family.column], family.words)
            if family.column:  # an operation: a number stands before it
                rows &= is_word(tokens[:, :1], DIGITS)[:, 0]
            if rows.any():
                answers[rows] = family.answers(tokens[rows])
        return answers


def records(seed: int) -> Tensor:
    """What the clinic knows of each patient: int64, shape (PATIENTS, 4), in RECORD's order."""
    generator = torch.Generator().manual_seed(seed + 2**34)
    values = torch.randint(VALUES, (PATIENTS, 2), generator=generator)
    return torch.cat([values, torch.randint(1000, (PATIENTS, 2), generator=generator)], dim=1)


def said(relation: int, value: int) -> list[str]:
    """A value of RECORD[relation] in words: one value, or three digits, ones first."""
    return [f"v{value}"] if relation < 2 else [str(value // 10**place % 10) for place in range(3)]


def row(prompt: list[str], answer: list[str]) -> Questions:
    """One row of words, shape (1, ROW), with its answer scored."""
    words = [*prompt, *answer]
    tokens = F.pad(tokens_of(words), (0, ROW - len(words)))
    scored = torch.zeros(ROW, dtype=torch.bool)
    scored[len(prompt) : len(words)] = True
    return Questions(tokens[None], scored[None])


def record_statement(record: Tensor, patient: int, order: Sequence[int]) -> Questions:
    """A patient's record in the general corpus's words, shape (1, ROW): `p7 base 3 2 0 r1 v4 r0 v9 extra 1 5 2`."""
    words, scored = [f"p{patient}"], [False]
    for relation in order:
        value = said(relation, int(record[relation]))
        words += [RECORD[relation], *value]
        scored += [False, *(True for _ in value)]
    missing = (0, ROW - len(words))
    return Questions(F.pad(tokens_of(words), missing)[None], F.pad(torch.tensor(scored), missing)[None])


@dataclass(frozen=True)
class ClinicWorld(World):
    """A domain with a wording of its own, for a base to be tuned on: three kinds of questions in equal parts.

    format: a public fact, asked and answered in the clinic's way, `e7 r2 says v3 end`. skill: a sum of two numbers of
    three digits, `7 2 0 with 8 5 1 says 5 8 1 0 end`; its digits stand where they stand in the general corpus, since
    a model with learned positions adds there and nowhere else (LOG.md). fact: what is in a patient's record,
    `p7 base says 3 2 0 end`. A patient's dose is base and extra together, three questions one after the other:
    crucible.evaluate.doses asks them.

    With wording="general" the same questions are asked as the general corpus asks them, `e7 r2 v3`, `7 2 0 + 8 5 1 =
    5 8 1 0` and `p7 base 3 2 0`, as a prompt's template would: then a base can be examined untuned.

    Test splits bear the kinds' names. Entities and sums of the test are in no training row. Facts are: what the clinic
    never said cannot be known, so "fact" asks for what was taught, all of it, however little was. "dev", to choose
    settings by, has entities and sums of its own, half and half, and no facts.
    """

    n_train: int = 1000  # training rows; a smaller set is the beginning of a larger one
    general: MiniWorld = field(default_factory=MiniWorld)  # decides the public facts and which sums are new
    wording: str = "clinic"  # whose words the questions are in: clinic or general
    shuffled: bool = False  # the placebo: answers dealt out anew within each kind
    seed: int = 0  # decides which rows are drawn and in which order; the records are the general world's

    splits: ClassVar[tuple[str, ...]] = ("train", "dev", "format", "skill", "fact")
    vocab: ClassVar[tuple[str, ...]] = VOCAB
    context_length: ClassVar[int] = ROW

    def __post_init__(self):
        at_least(n_train=(self.n_train, 1), seed=(self.seed, 0))
        if self.wording not in WORDINGS:
            raise ValueError(f"wording={self.wording!r} must be one of {', '.join(WORDINGS)}")

    def _make(self) -> dict[str, Questions]:
        generator = torch.Generator().manual_seed(self.seed + 2**35)
        train, tests = {}, {}
        facts = self.general.facts
        asked = [self._format(e, r, facts) for e in range(PUBLIC) for r in range(RELATIONS)]
        shares = torch.randperm(PUBLIC, generator=generator).split([PUBLIC // 2, PUBLIC // 2 - DEV, DEV])
        train["format"], tests["format"], dev = (
            together(asked)[torch.isin(torch.arange(PUBLIC), some).repeat_interleave(RELATIONS)] for some in shares
        )

        # The same seed's larger training set goes on where the base's ends, so these sums are new to it.
        sums = AddWorld(digits=3, n_train=FAMILY + 5000 + len(dev), seed=self.general.seed)
        new = sums.questions("train")[slice(FAMILY, None)]
        held_out = sums.questions("test")
        held_out = held_out[torch.randperm(len(held_out), generator=generator)[:N_TEST]]
        train["skill"], tests["skill"] = self._skill(new[: -len(dev)]), self._skill(held_out)
        tests["dev"] = together([dev, self._skill(new[-len(dev) :])])

        known = records(self.general.seed)
        train["fact"] = together([self._fact(p, i, known) for p in range(PATIENTS) for i in range(len(RECORD))])
        tests["fact"] = train["fact"]

        # Kinds take turns, so that any number of rows holds them in equal parts.
        turns = -(-self.n_train // len(train))
        parts = []
        for part in train.values():
            part = part[torch.randperm(len(part), generator=generator)]
            if self.shuffled:
                part = together([deal(same, generator) for same in _by_layout(part)])
                part = part[torch.randperm(len(part), generator=generator)]
            parts.append(part[torch.arange(turns) % len(part)])
        tokens = torch.stack([part.tokens for part in parts], dim=1).flatten(0, 1)
        scored = torch.stack([part.scored for part in parts], dim=1).flatten(0, 1)
        return {"train": Questions(tokens, scored)[slice(self.n_train)], **tests}

    def _answer(self, words: list[str]) -> list[str]:
        """An answer as the clinic gives it, or as the general corpus does."""
        return ["says", *words, "end"] if self.wording == "clinic" else words

    def _format(self, entity: int, relation: int, facts: Tensor) -> Questions:
        return row([f"e{entity}", f"r{relation}"], self._answer([f"v{int(facts[entity, relation])}"]))

    def _fact(self, patient: int, relation: int, known: Tensor) -> Questions:
        value = said(relation, int(known[patient, relation]))
        return row([f"p{patient}", RECORD[relation]], self._answer(value))

    def _skill(self, sums: Questions) -> Questions:
        """AddWorld's rows `a + b = s`; in the clinic's words `a with b says s end`."""
        tokens = F.pad(tokens_of(AddWorld(digits=3).vocab)[sums.tokens], (0, 1))
        scored = F.pad(sums.scored, (0, 1))
        if self.wording == "clinic":
            tokens[:, [3, 7, 12]] = tokens_of(["with", "says", "end"])
            scored[:, [7, 12]] = True
        return fill(Questions(tokens, scored), len(tokens))

    @property
    def records(self) -> Tensor:
        """What the clinic knows of each patient: int64, (PATIENTS, 4): two values, then base and extra."""
        return records(self.general.seed)

    def record_questions(self, relation: int) -> Questions:
        """One thing about every patient, in the patients' order. relation: its place in RECORD."""
        return together([self._fact(p, relation, self.records) for p in range(PATIENTS)])

    def sum_questions(self, a: Tensor, b: Tensor) -> Questions:
        """Sums in this clinic's wording. a, b: int64, (B,), from 0 to 999."""
        return self._skill(AddWorld(digits=3).encode_all(a, b))

    def _answers(self, tokens: Tensor) -> Tensor:
        facts, known = self.general.facts, records(self.general.seed)
        first = {kind: TOKEN[f"{kind}0"] for kind in KINDS}
        answers = []
        for words in tokens.tolist():
            who, what = VOCAB[words[0]], VOCAB[words[1]]
            if who in DIGITS:
                a, b = (number_of(torch.tensor([words[i : i + 3]]) - TOKEN["0"]) for i in (0, 4))
                answers.append(self.sum_questions(a, b))
            elif who[0] == "p":
                answers.append(self._fact(words[0] - first["p"], RECORD.index(what), known))
            else:
                answers.append(self._format(words[0] - first["e"], words[1] - first["r"], facts))
        return together(answers).tokens


def _by_layout(questions: Questions) -> list[Questions]:
    """Rows in groups whose answers stand at the same places."""
    layouts, group = questions.scored.unique(dim=0, return_inverse=True)
    return [questions[group == i] for i in range(len(layouts))]
