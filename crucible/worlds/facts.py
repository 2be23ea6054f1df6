"""Worlds of knowledge: facts to be remembered, statements to be read, keys of very unequal frequency."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from crucible.worlds.base import PAD, Questions, World, at_least, check_number, deal, fits, share, zipf

ORDERS = ("shuffled", "fixed")
MAX_RELATIONS = 12  # more would make statements longer than any chapter's context
UNKNOWN = "unknown"


@dataclass(frozen=True)
class FactWorld(World):
    """Entities, relations, values: `e3 r0 v7 r2 v1 r1 v4` states three facts about the entity e3.

    Every fact is a draw of its own: nothing but a statement tells it, and n * R * log2(A) bits are in the world.
    Four splits, because storing a fact and answering a question about it are two things:
    "train" states all facts of an entity in one row. "recall" asks them one by one in the words of the
    statements. "lessons" asks half of the entities in other words, `? e3 r0 v7`, and "test" asks the other half so.

    No fact is held out, since a fact that was never stated cannot be known: what is new in the test is the
    question. With `shuffled` every statement draws its values anew, so no statement agrees with another.
    """

    n_entities: int = 200
    n_relations: int = 4
    n_values: int = 16
    name_tokens: int = 1  # 2: a first and a last name, each shared with other entities
    phrasings: int = 1  # words for each relation; a statement takes any of them
    order: str = "shuffled"  # of the facts in a statement; "fixed": always the same
    labelled: bool = True  # False: no relation words in statements, only values (in fixed order)
    repeats: int = 8  # statements per entity, on average
    exponent: float = 0.0  # Zipf exponent of the number of statements; above 0 some entities are never stated
    contradicted: float = 0.0  # share of statements with values drawn anew
    shuffled: bool = False  # the placebo: all statements with values drawn anew
    seed: int = 0

    splits: ClassVar[tuple[str, ...]] = ("train", "recall", "lessons", "test")

    def __post_init__(self):
        at_least(
            n_entities=(self.n_entities, 2),
            n_relations=(self.n_relations, 1),
            n_values=(self.n_values, 2),
            phrasings=(self.phrasings, 1),
            repeats=(self.repeats, 1),
        )
        share(contradicted=self.contradicted)
        check_number("exponent", self.exponent)
        if self.n_relations > MAX_RELATIONS:
            raise ValueError(f"n_relations={self.n_relations} does not fit: a statement holds {MAX_RELATIONS} at most")
        if self.name_tokens not in (1, 2):
            raise ValueError(f"name_tokens={self.name_tokens} must be 1 or 2")
        if self.order not in ORDERS:
            raise ValueError(f"order={self.order!r} must be one of {', '.join(ORDERS)}")
        if not self.labelled and self.order != "fixed":
            raise ValueError("labelled=False needs order='fixed': without relation words the order tells them apart")
        fits("n_entities", self.n_entities, self._n_names)
        fits("phrasings", self.phrasings, self._n_names + self.n_relations * self.phrasings + self.n_values + 2)

    @property
    def _n_first(self) -> int:
        """How many first names; as many last names make room for every entity."""
        return self.n_entities if self.name_tokens == 1 else 1 + int((self.n_entities - 1) ** 0.5)

    @property
    def _n_names(self) -> int:
        return self._n_first * self.name_tokens

    @property
    def vocab(self) -> tuple[str, ...]:
        if self.name_tokens == 1:
            names = [f"e{i}" for i in range(self.n_entities)]
        else:
            names = [f"{kind}{i}" for kind in ("first", "last") for i in range(self._n_first)]
        ways = ["", *(f"'{'i' * way}" for way in range(1, self.phrasings))]
        relations = [f"r{i}{way}" for way in ways for i in range(self.n_relations)]
        return (PAD, "?", *names, *relations, *(f"v{i}" for i in range(self.n_values)))

    @property
    def context_length(self) -> int:
        return max(self.name_tokens + (2 if self.labelled else 1) * self.n_relations, self.name_tokens + 3)

    @property
    def facts(self) -> Tensor:
        """The value of every relation of every entity, int64, shape (n_entities, n_relations)."""
        generator = torch.Generator().manual_seed(self.seed)
        return torch.randint(self.n_values, (self.n_entities, self.n_relations), generator=generator)

    @property
    def statements(self) -> Tensor:
        """How many statements the training set makes about each entity, int64, shape (n_entities,).

        Whole numbers whose shares follow the exponent; ranks go by entity number, so e0 is the best known.
        """
        exact = self.repeats * self.n_entities * zipf(self.n_entities, self.exponent)
        counts = exact.floor().long()
        missing = self.repeats * self.n_entities - int(counts.sum())
        counts[(exact - counts).argsort(descending=True, stable=True)[:missing]] += 1
        return counts

    @property
    def bits(self) -> float:
        """Information in all facts together, in bits."""
        return self.n_entities * self.n_relations * float(torch.tensor(self.n_values).log2())

    def _names(self, entities: Tensor) -> Tensor:
        """Entity numbers (B,) -> name tokens (B, name_tokens)."""
        if self.name_tokens == 1:
            return entities[:, None] + 2
        return torch.stack([entities // self._n_first, self._n_first + entities % self._n_first], dim=1) + 2

    def _entities(self, names: Tensor) -> Tensor:
        """Name tokens (B, name_tokens) -> entity numbers (B,)."""
        names = names - 2
        return names[:, 0] if self.name_tokens == 1 else names[:, 0] * self._n_first + names[:, 1] - self._n_first

    @property
    def _first_relation(self) -> int:
        return 2 + self._n_names

    @property
    def _first_value(self) -> int:
        return self._first_relation + self.n_relations * self.phrasings

    def _relation_words(self, relations: Tensor, generator: torch.Generator) -> Tensor:
        """Relation numbers -> one of each one's words."""
        way = torch.randint(self.phrasings, relations.shape, generator=generator)
        return self._first_relation + way * self.n_relations + relations

    def _pad(self, tokens: Tensor, scored: Tensor) -> Questions:
        missing = (0, self.context_length - tokens.shape[1])
        return Questions(torch.nn.functional.pad(tokens, missing), torch.nn.functional.pad(scored, missing))

    def _state(self, facts: Tensor, generator: torch.Generator) -> Questions:
        entities = torch.arange(self.n_entities).repeat_interleave(self.statements)
        order = torch.arange(self.n_relations).expand(len(entities), -1)
        if self.order == "shuffled":
            order = torch.rand(order.shape, generator=generator).argsort(dim=1)
        values = facts[entities].gather(1, order)
        anew = torch.rand(len(entities), generator=generator) < (1 if self.shuffled else self.contradicted)
        drawn = torch.randint(self.n_values, values.shape, generator=generator)
        values = torch.where(anew[:, None], drawn, values) + self._first_value
        pairs = torch.stack([self._relation_words(order, generator), values], dim=2).flatten(1)
        scored = torch.arange(pairs.shape[1]).expand(len(pairs), -1) % 2 == 1
        if not self.labelled:
            pairs, scored = pairs[:, 1::2], scored[:, 1::2]
        names = self._names(entities)
        return self._pad(
            torch.cat([names, pairs], 1), torch.cat([torch.zeros_like(names, dtype=torch.bool), scored], 1)
        )

    def _ask(self, entities: Tensor, facts: Tensor, mark: bool, generator: torch.Generator) -> Questions:
        """Every relation of the given entities, one question each; mark: in the question's words."""
        who = entities.repeat_interleave(self.n_relations)
        relations = torch.arange(self.n_relations).repeat(len(entities))
        words = self._relation_words(relations, generator)
        parts = [self._names(who), words[:, None], facts[who, relations][:, None] + self._first_value]
        if mark:
            parts.insert(0, torch.ones_like(words)[:, None])
        tokens = torch.cat(parts, dim=1)
        scored = torch.zeros_like(tokens, dtype=torch.bool)
        scored[:, -1] = True
        return self._pad(tokens, scored)

    def _make(self) -> dict[str, Questions]:
        generator = torch.Generator().manual_seed(self.seed + 2**32)  # another stream than the facts'
        facts = self.facts
        train = self._state(facts, generator)
        if self.labelled:
            recall = self._ask(torch.arange(self.n_entities), facts, False, generator)
        else:  # a fact has no words of its own: the statement itself, true and once per entity
            names = self._names(torch.arange(self.n_entities))
            values = torch.cat([torch.zeros_like(names, dtype=torch.bool), torch.ones_like(facts, dtype=torch.bool)], 1)
            recall = self._pad(torch.cat([names, facts + self._first_value], 1), values)
        half = torch.randperm(self.n_entities, generator=generator)
        lessons, test = (self._ask(some, facts, True, generator) for some in half.chunk(2))
        return {"train": train, "recall": recall, "lessons": lessons, "test": test}

    def _answers(self, tokens: Tensor) -> Tensor:
        marked = tokens[:, 0] == 1
        after = torch.where(marked[:, None], tokens.roll(-1, 1), tokens)  # as if no row had a mark
        facts = self.facts[self._entities(after[:, : self.name_tokens])]
        place = torch.arange(tokens.shape[1]).expand(len(tokens), -1)
        if not self.labelled:
            which = (place - self.name_tokens).clamp(0, self.n_relations - 1)
            stated = facts.gather(1, which) + self._first_value
            if not marked.any():
                return stated
        said = (after.roll(1, 1) - self._first_relation) % self.n_relations
        asked = facts.gather(1, said) + self._first_value  # right wherever a relation word stands before
        back = torch.where(marked[:, None], asked.roll(1, 1), asked)
        return back if self.labelled else torch.where(marked[:, None], back, stated)


@dataclass(frozen=True)
class ReadWorld(World):
    """Statements to read, then questions about them: `k3 r0 v7 k3 r2 v1 k5 r0 v4 ? k3 r2 v1`.

    Nothing can be remembered: every row invents its own facts, and the answers stand in the prompt. Other keys with
    the same relation and the same key with other relations stand beside them. With n_relations=1 the relation has no
    word, `k3 v7 k5 v1 ? k5 v1`. Rows with several questions, each about another statement, are learned much
    sooner. In a share of the rows an answer is missing, and "unknown" is right.
    With `shuffled` training answers are dealt out anew.
    """

    n_statements: int = 4
    n_keys: int = 8
    n_relations: int = 4
    n_values: int = 16
    n_questions: int = 1
    missing: float = 0.0  # share of rows whose first question no statement answers
    n_train: int = 20_000
    n_test: int = 1000
    shuffled: bool = False
    seed: int = 0

    def __post_init__(self):
        at_least(
            n_statements=(self.n_statements, 1),
            n_keys=(self.n_keys, 1),
            n_relations=(self.n_relations, 1),
            n_values=(self.n_values, 2),
            n_questions=(self.n_questions, 1),
            n_train=(self.n_train, 1),
            n_test=(self.n_test, 1),
        )
        share(missing=self.missing)
        pairs = self.n_keys * self.n_relations
        if self.n_statements + (self.missing > 0) > pairs:
            raise ValueError(f"n_statements={self.n_statements} does not fit: there are {pairs} pairs to state")
        if self.n_questions > self.n_statements:
            raise ValueError(f"n_questions={self.n_questions} must be n_statements={self.n_statements} or less")
        fits("n_keys", self.n_keys, self.n_keys + self.n_relations + self.n_values + 3)
        if self.n_train + self.n_test > math.perm(pairs, self.n_statements) * self.n_values**self.n_statements // 2:
            raise ValueError(f"n_train={self.n_train} and n_test={self.n_test} are more than the prompts there can be")

    @property
    def vocab(self) -> tuple[str, ...]:
        relations = self.n_relations if self.n_relations > 1 else 0
        kinds = (("k", self.n_keys), ("r", relations), ("v", self.n_values))
        return (PAD, "?", UNKNOWN, *(f"{kind}{i}" for kind, n in kinds for i in range(n)))

    @property
    def _width(self) -> int:
        """Tokens in one statement."""
        return 3 if self.n_relations > 1 else 2

    @property
    def context_length(self) -> int:
        return self._width * (self.n_statements + self.n_questions) + 1

    def _say(self, pairs: Tensor, values: Tensor) -> Tensor:
        """Numbers of key and relation (B, S) and value tokens (B, S) -> their words in a row, (B, S * width)."""
        relations = [3 + self.n_keys + pairs % self.n_relations] if self.n_relations > 1 else []
        return torch.stack([3 + pairs // self.n_relations, *relations, values], dim=2).flatten(1)

    def _make(self) -> dict[str, Questions]:
        generator = torch.Generator().manual_seed(self.seed)
        wanted, k = self.n_train + self.n_test, self.n_statements
        rows = wanted + wanted // 2 + 100  # a few are drawn twice and kept once
        pairs = torch.rand(rows, self.n_keys * self.n_relations, generator=generator).argsort(dim=1)[:, : k + 1]
        values = len(self.vocab) - self.n_values + torch.randint(self.n_values, (rows, k), generator=generator)
        asked = torch.rand(rows, k, generator=generator).argsort(dim=1)[:, : self.n_questions]
        if self.missing:  # the pair after the last one is stated nowhere
            asked[torch.rand(rows, generator=generator) < self.missing, 0] = k
        answers = torch.cat([values, torch.full((rows, 1), 2)], dim=1).gather(1, asked)
        mark = torch.ones(rows, 1, dtype=torch.int64)
        tokens = torch.cat([self._say(pairs[:, :k], values), mark, self._say(pairs.gather(1, asked), answers)], dim=1)
        tokens = tokens.unique(dim=0)
        tokens = tokens[torch.randperm(len(tokens), generator=generator)]
        if len(tokens) < wanted:
            raise ValueError(f"n_train={self.n_train} and n_test={self.n_test}: only {len(tokens)} prompts were found")
        scored = torch.zeros_like(tokens, dtype=torch.bool)
        scored[:, self._width * (k + 1) :: self._width] = True
        every = Questions(tokens, scored)
        train, test = every[: self.n_train], every[self.n_train : wanted]
        return {"train": deal(train, generator) if self.shuffled else train, "test": test}

    def _answers(self, tokens: Tensor) -> Tensor:
        w = self._width
        told, asked = (
            part.reshape(len(tokens), -1, w)
            for part in (tokens[:, : w * self.n_statements], tokens[:, w * self.n_statements + 1 :])
        )
        same = (told[:, None, :, :-1] == asked[:, :, None, :-1]).all(dim=3)  # (B, questions, statements)
        found = torch.where(same, told[:, None, :, -1], 0).amax(dim=2)
        answers = tokens.clone()
        answers[:, w * (self.n_statements + 1) :: w] = torch.where(same.any(dim=2), found, 2)
        return answers


@dataclass(frozen=True)
class ZipfLookup(World):
    """Keys of very unequal frequency, each with one label: `k17 = l3`. Key i comes with probability ~ i**-(1 + alpha).

    The simplest world with a power law: a learner that keeps a table is wrong exactly where a key is new to it, so its
    error falls as n**-(alpha / (1 + alpha)) with the number of examples (Hutter 2021, arXiv:2102.04074).
    `expected_error` computes that table's error without any training.
    Rare keys of the test may stand in no training row; those that do stand there are the same questions again.
    """

    alpha: float = 0.5
    n_keys: int = 1000
    n_labels: int = 16
    n_train: int = 10_000  # draws, so common keys come many times
    n_test: int = 2000
    shuffled: bool = False
    seed: int = 0

    def __post_init__(self):
        at_least(
            n_keys=(self.n_keys, 1),
            n_labels=(self.n_labels, 2),
            n_train=(self.n_train, 1),
            n_test=(self.n_test, 1),
        )
        check_number("alpha", self.alpha)
        fits("n_keys", self.n_keys, len(self.vocab))

    @property
    def vocab(self) -> tuple[str, ...]:
        return ("=", *(f"k{i}" for i in range(self.n_keys)), *(f"l{i}" for i in range(self.n_labels)))

    @property
    def context_length(self) -> int:
        return 3

    @property
    def frequencies(self) -> Tensor:
        """Probability of each key, float64, shape (n_keys,)."""
        return zipf(self.n_keys, 1 + self.alpha)

    @property
    def labels(self) -> Tensor:
        """The right label of each key, int64, shape (n_keys,)."""
        generator = torch.Generator().manual_seed(self.seed)
        return torch.randint(self.n_labels, (self.n_keys,), generator=generator)

    def expected_error(self, n: int) -> float:
        """Share of wrong answers, in %, of a table after n examples that guesses where a key is new to it."""
        p = self.frequencies
        return 100 * float((p * (1 - p) ** n).sum()) * (1 - 1 / self.n_labels)

    def _write(self, keys: Tensor) -> Questions:
        answers = 1 + self.n_keys + self.labels[keys]
        tokens = torch.stack([1 + keys, torch.zeros_like(keys), answers], dim=1)
        scored = torch.tensor([False, False, True]).expand(len(keys), -1).clone()
        return Questions(tokens, scored)

    def _make(self) -> dict[str, Questions]:
        generator = torch.Generator().manual_seed(self.seed + 2**32)
        train, test = (
            self._write(torch.multinomial(self.frequencies, n, replacement=True, generator=generator))
            for n in (self.n_train, self.n_test)
        )
        return {"train": deal(train, generator) if self.shuffled else train, "test": test}

    def _answers(self, tokens: Tensor) -> Tensor:
        return self._write(tokens[:, 0] - 1).tokens
