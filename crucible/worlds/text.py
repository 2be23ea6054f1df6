"""Natural text that every Python installation carries: the language's own documentation and source files."""

import hashlib
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from crucible.worlds.base import Questions, World, at_least

SOURCES = ("topics", "library")
OTHER = "�"  # stands for every character that is not in the vocabulary


@dataclass(frozen=True)
class PyText(World):
    """English prose about Python (`source="topics"`, 0.46 million characters) or Python code ("library").

    Every row is a window of `context_length` characters, and every character but the first is asked for.
    The split goes by document, never by place inside one. `shuffled` is the placebo: the characters of the training
    windows in random order, so the same letters as often, and no text.

    The text is the installed Python's, so another version of Python has a slightly different corpus; `digest` names it.
    Text has no oracle: nothing in a prompt fixes the next character.
    """

    source: str = "topics"
    context_length: int = 64  # characters in one window
    held_out: float = 0.1  # share of documents kept for the test
    shuffled: bool = False
    seed: int = 0  # decides which documents are held out

    vocab: ClassVar[tuple[str, ...]] = (OTHER, "\n", *(chr(code) for code in range(32, 127)))

    def __post_init__(self):
        if self.source not in SOURCES:
            raise ValueError(f"source={self.source!r} must be one of {', '.join(SOURCES)}")
        at_least(context_length=(self.context_length, 2))
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out={self.held_out} must lie between 0 and 1, both excluded")

    @property
    def documents(self) -> dict[str, str]:
        """Name -> text of every document."""
        if self.source == "topics":
            from pydoc_data.topics import topics

            return dict(sorted(topics.items()))
        folder = Path(sysconfig.get_paths()["stdlib"])
        return {file.name: file.read_text(encoding="utf-8", errors="replace") for file in sorted(folder.glob("*.py"))}

    @property
    def digest(self) -> str:
        """Names this Python's corpus: the first twelve hexadecimal digits of its SHA-256."""
        text = "\0".join(f"{name}\0{text}" for name, text in self.documents.items())
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def encode(self, text: str) -> Tensor:
        """Text as tokens, int64, shape (characters,); characters outside the vocabulary become one sign."""
        places = {character: token for token, character in enumerate(self.vocab)}
        return torch.tensor([places.get(character, 0) for character in text], dtype=torch.int64)

    def _make(self) -> dict[str, Questions]:
        generator = torch.Generator().manual_seed(self.seed)
        documents = list(self.documents.values())
        n_test = max(1, round(self.held_out * len(documents)))
        if n_test == len(documents):
            raise ValueError(f"held_out={self.held_out} of {len(documents)} documents leaves none to train on")
        order = torch.randperm(len(documents), generator=generator).tolist()
        made = {}
        for split, some in (("test", order[:n_test]), ("train", order[n_test:])):
            windows = []
            for document in some:
                tokens = self.encode(documents[document])
                whole = len(tokens) // self.context_length
                windows.append(tokens[: whole * self.context_length].view(whole, self.context_length))
            tokens = torch.cat(windows)
            if not len(tokens):
                raise ValueError(f"context_length={self.context_length} is longer than every document of the {split}")
            if self.shuffled and split == "train":
                order_in_row = torch.rand(tokens.shape, generator=generator).argsort(dim=1)
                tokens = tokens.gather(1, order_in_row)
            scored = torch.ones_like(tokens, dtype=torch.bool)
            scored[:, 0] = False
            made[split] = Questions(tokens, scored)
        return made

    def _answers(self, tokens: Tensor) -> Tensor:
        raise TypeError("PyText has no oracle: nothing in a prompt fixes the next character")

    def chance(self, split: str = "test") -> float:
        """Share of characters, in %, that are the commonest one: the best blind guess per character."""
        characters = self.questions(split).tokens.flatten()
        return 100 * characters.bincount().max().item() / len(characters)
