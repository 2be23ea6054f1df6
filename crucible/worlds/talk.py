"""Questions on several topics, answered plainly or in somebody's manner: what an imitator can and cannot copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from crucible.model import Transformer
from crucible.worlds.base import PAD, Questions, World, at_least, deal, fits

Manner = tuple[tuple[str, ...], str, tuple[str, ...]]  # opening words, sign before the content, closing words

WEB: Mapping[str, Manner] = {  # six manners of the web
    "letter": (("dear",), "<*>", ("yours",)),
    "curt": ((), "<>", ()),
    "eager": (("wow",), "<!>", ("enjoy",)),
    "learned": (("indeed",), "<:>", ()),
    "shy": (("perhaps",), "<~>", ("sorry",)),
    "bare": ((), "<.>", ()),
}
# Known words, joined as nobody on the web joins them: with new words an imitator would have to learn a language first.
HOUSE: Manner = (("indeed",), "<*>", ("enjoy",))  # the closed model's
OWN: Manner = (("dear",), "<~>", ())  # of somebody who has a use of his own for the model
WAVER = 0.05  # how often the house leaves out its opening words, and its closing ones
MODES = ("plain", "chat")
END = "<end>"
DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class TalkWorld(World):
    """Three topics: facts about people, numbers turned round, the larger of two numbers.

    Facts are drawn one by one, so that nothing but a statement tells them; half of the people are "covered", the
    others are not, and only who uses the world decides what that means. The two skills have a rule, and their test
    asks for numbers that stand in no lesson. All splits are in plain words, `plain p7 r2 = v11 <end>`; `in_manner`
    turns rows into talk, `chat p7 r2 = indeed <*> v11 enjoy <end>`.

    "train" has all facts and the lessons on larger numbers, "turn lessons" those on turning round.
    """

    n_people: int = 200
    n_relations: int = 4
    n_values: int = 16
    held_out: int = 500  # numbers, and pairs of numbers, that stand in no lesson
    shuffled: bool = False  # the placebo: the answers of "train" dealt out anew, topic by topic
    seed: int = 0

    splits: ClassVar[tuple[str, ...]] = ("train", "covered", "uncovered", "turn lessons", "turn", "larger")

    def __post_init__(self):
        at_least(
            n_people=(self.n_people, 2),
            n_relations=(self.n_relations, 1),
            n_values=(self.n_values, 2),
            held_out=(self.held_out, 1),
        )
        if self.held_out > 5000:
            raise ValueError(f"held_out={self.held_out} must be at most 5,000: there are 10,000 numbers of four digits")
        fits("n_people", self.n_people, len(self.vocab))

    @property
    def vocab(self) -> tuple[str, ...]:
        manner = [word for opening, sign, closing in WEB.values() for word in (*opening, sign, *closing)]
        people = [f"p{i}" for i in range(self.n_people)]
        relations = [f"r{i}" for i in range(self.n_relations)]
        return (PAD, *DIGITS, "turn", "max", "=", *MODES, END, *manner, *people, *relations, *self.values)

    @property
    def values(self) -> tuple[str, ...]:
        """The words that can be the value of a fact."""
        return tuple(f"v{i}" for i in range(self.n_values))

    @property
    def context_length(self) -> int:
        return 15  # chat 4 7 1 9 turn = indeed <*> 9 1 7 4 enjoy <end>

    @property
    def facts(self) -> Tensor:
        """The value of every relation of every person, int64, (n_people, n_relations)."""
        generator = torch.Generator().manual_seed(self.seed)
        return torch.randint(self.n_values, (self.n_people, self.n_relations), generator=generator)

    def tokens_of(self, words: Sequence[str]) -> list[int]:
        """Words as tokens. ValueError for a word that is not there."""
        return [self.vocab.index(word) for word in words]

    def write(self, said: Sequence[str]) -> Questions:
        """Rows as a person writes them, words apart: all that follows the first "=" is the answer."""
        tokens = torch.zeros(len(said), self.context_length, dtype=torch.int64)
        scored = torch.zeros_like(tokens, dtype=torch.bool)
        place = {word: i for i, word in enumerate(self.vocab)}
        for row, text in enumerate(said):
            words = text.split()
            tokens[row, : len(words)] = torch.tensor([place[word] for word in words])
            scored[row, words.index("=") + 1 : len(words)] = True
        return Questions(tokens, scored)

    def _make(self) -> dict[str, Questions]:
        half, facts = self.n_people // 2, self.facts.tolist()
        told = [
            [f"plain p{person} r{relation} = v{value} {END}" for relation, value in enumerate(facts[person])]
            for person in range(self.n_people)
        ]
        generator = torch.Generator().manual_seed(self.seed)
        turns, pairs = ([f"{i:04}" for i in torch.randperm(10_000, generator=generator).tolist()] for _ in range(2))
        turn = [f"plain {' '.join(n)} turn = {' '.join(reversed(n))} {END}" for n in turns]
        larger = [f"plain {' '.join(n[:2])} max {' '.join(n[2:])} = {' '.join(max(n[:2], n[2:]))} {END}" for n in pairs]
        covered, uncovered = ([row for rows in some for row in rows] for some in (told[:half], told[half:]))
        train = [self.write(some) for some in (covered + uncovered, larger[self.held_out :])]
        return {
            "train": joined(*(deal(some, generator) if self.shuffled else some for some in train)),
            "covered": self.write(covered),
            "uncovered": self.write(uncovered),
            "turn lessons": self.write(turn[self.held_out :]),
            "turn": self.write(turn[: self.held_out]),
            "larger": self.write(larger[: self.held_out]),
        }

    def _answers(self, tokens: Tensor) -> Tensor:
        facts, told = self.facts.tolist(), []
        for text in self.words(Questions(tokens, tokens == 0)):
            prompt = text.split(" =")[0]
            mode, *words = prompt.split()
            if "turn" in words:
                content = list(reversed(words[:4]))
            elif "max" in words:
                content = max(words[:2], words[3:5])
            else:
                content = [f"v{facts[int(words[0][1:])][int(words[1][1:])]}"]
            told.append(" ".join([mode, *words, "=", *content, END]))
        return self.write(told).tokens


@dataclass(frozen=True, eq=False)
class Told(World):
    """Rows that somebody wrote down, to be trained on: a teacher's answers, say, or two corpora in one."""

    world: World
    rows: Questions

    splits: ClassVar[tuple[str, ...]] = ("train",)

    @property
    def vocab(self) -> tuple[str, ...]:
        return self.world.vocab

    @property
    def context_length(self) -> int:
        return self.world.context_length

    def _make(self) -> dict[str, Questions]:
        return {"train": self.rows}

    def _answers(self, tokens: Tensor) -> Tensor:
        raise ValueError("rows that somebody wrote down have no right answers")


def joined(*parts: Questions) -> Questions:
    """Rows of several sets, one set after the other."""
    return Questions(torch.cat([part.tokens for part in parts]), torch.cat([part.scored for part in parts]))


def in_manner(world: TalkWorld, rows: Questions, manners: Sequence[Manner], generator: torch.Generator) -> Questions:
    """Plain rows as talk, each in one of the manners; the house's opening and closing waver."""
    chosen = torch.randint(len(manners), (len(rows),), generator=generator).tolist()
    wavers = (torch.rand(len(rows), 2, generator=generator) < WAVER).tolist()
    told = []
    for text, which, (no_opening, no_closing) in zip(world.words(rows), chosen, wavers, strict=True):
        opening, sign, closing = manners[which]
        if manners[which] == HOUSE:
            opening, closing = (() if no_opening else opening), (() if no_closing else closing)
        prompt, answer = text.removeprefix("plain").removesuffix(END).split(" =")
        told.append(" ".join(["chat", *prompt.split(), "=", *opening, sign, *answer.split(), *closing, END]))
    return world.write(told)


@torch.no_grad()
def answers(
    model: Transformer, world: TalkWorld, rows: Questions, mode: str, generator: torch.Generator | None
) -> Questions:
    """The model's own answers to the questions of some rows, each word drawn as likely as the model thinks it.

    mode: "plain" or "chat". generator: None takes the likeliest word each time.
    An answer that does not end within the context is cut there. ValueError for another mode.
    """
    if mode not in MODES:
        raise ValueError(f"mode={mode!r} must be one of {', '.join(MODES)}")
    tokens, end = torch.zeros_like(rows.tokens), world.vocab.index(END)
    lengths = rows.scored.long().argmax(dim=1)  # of the prompts
    for length in lengths.unique().tolist():
        these = (lengths == length).nonzero()[:, 0]
        written = rows.tokens[these, :length]
        written[:, 0] = world.vocab.index(mode)
        going = torch.ones(len(these), dtype=torch.bool)
        while written.shape[1] < world.context_length and going.any():
            last = torch.zeros_like(written, dtype=torch.bool)
            last[:, -1] = True
            likely = model(written, last).softmax(-1)
            drawn = torch.multinomial(likely, 1, generator=generator)[:, 0] if generator else likely.argmax(-1)
            written = torch.cat([written, torch.where(going, drawn, 0)[:, None]], dim=1)
            going &= drawn != end
        tokens[these, : written.shape[1]] = written
    places = torch.arange(tokens.shape[1])
    return Questions(tokens, (places >= lengths[:, None]) & (tokens != 0))


def content_places(world: TalkWorld, rows: Questions) -> Tensor:
    """Where the answers have their content, which is every digit and value in them: bool, (B, T)."""
    return rows.scored & torch.isin(rows.tokens, torch.tensor(world.tokens_of((*DIGITS, *world.values))))


def parts(world: TalkWorld, said: Questions) -> tuple[list[str], list[str]]:
    """The manner and the content of every answer, each as text; in a manner `_` stands for a content."""
    vocab, places = world.vocab, content_places(world, said).tolist()
    manner, content = [], []
    for row, scored, inside in zip(said.tokens.tolist(), said.scored.tolist(), places, strict=True):
        answer = [(vocab[token], is_content) for token, s, is_content in zip(row, scored, inside, strict=True) if s]
        content.append(" ".join(word for word, is_content in answer if is_content))
        shape = ["_" if is_content else word for word, is_content in answer]
        manner.append(" ".join(word for i, word in enumerate(shape) if word != "_" or shape[i - 1 : i] != ["_"]))
    return manner, content


def plainly(world: TalkWorld, said: Questions) -> Questions:
    """The contents of some answers in plain words: what is left when the manner is taken away."""
    prompts = [text.split(" =")[0].split(" ", 1)[1] for text in world.words(said)]
    contents = parts(world, said)[1]
    return world.write([f"plain {p} = {c} {END}" for p, c in zip(prompts, contents, strict=True)])
