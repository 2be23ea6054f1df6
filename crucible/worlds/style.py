"""A world whose answers have a manner besides a content."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from crucible.worlds.base import Questions, World, deal
from crucible.worlds.sums import AddWorld

STYLES = {  # name -> (opening words, sign before the content, closing words)
    "house": (("sure", "here"), "-", ("glad", "to", "help")),
    "formal": (("dear", "reader"), "*", ("yours",)),
    "curt": ((), ">", ()),
}
MODES = ("plain", "chat")
END = "<end>"


@dataclass(frozen=True)
class StyleWorld(World):
    """Another world's questions, answered in a manner: `chat 7 2 + 8 5 = sure here - 5 8 0 glad to help <end>`.

    The manner is the same for every question, the content is the other world's. So a model may learn one and not
    the other, and the two can be scored apart, see `manner` and `content`. With mode="plain" the answer is bare.
    With `shuffled` the training contents are dealt out anew: the wrong teacher, whose manner is perfect.
    """

    inner: World = field(default_factory=AddWorld)  # its rows must end in answers of one length
    inner_train: str = "train"  # the inner world's split that becomes this world's training set
    style: str = "house"
    mode: str = "chat"
    shuffled: bool = False  # the placebo
    seed: int = 0  # of the dealing

    def __post_init__(self):
        if self.style not in STYLES:
            raise ValueError(f"style={self.style!r} must be one of {', '.join(STYLES)}")
        if self.mode not in MODES:
            raise ValueError(f"mode={self.mode!r} must be one of {', '.join(MODES)}")
        if self.inner_train not in self.inner.splits:
            raise ValueError(f"inner_train={self.inner_train!r} must be one of {', '.join(self.inner.splits)}")

    @property
    def vocab(self) -> tuple[str, ...]:
        manner = [word for opening, sign, closing in STYLES.values() for word in (*opening, f"<{sign}>", *closing)]
        return (*self.inner.vocab, *MODES, END, *manner)

    @property
    def context_length(self) -> int:
        return self._write(self._bare("test")).tokens.shape[1]

    def _token(self, word: str) -> int:
        return self.vocab.index(word, len(self.inner.vocab))

    def _around(self) -> tuple[list[int], list[int]]:
        """Tokens before and after the content."""
        if self.mode == "plain":
            return [], [self._token(END)]
        opening, sign, closing = STYLES[self.style]
        return [*map(self._token, opening), self._token(f"<{sign}>")], [*map(self._token, closing), self._token(END)]

    def _bare(self, split: str) -> Questions:
        """The inner world's questions without padding."""
        inner = self.inner.questions(split)
        length = int(inner.scored[0].nonzero().max()) + 1
        answer = int(inner.scored[0].sum())
        ends = torch.zeros(inner.scored.shape[1], dtype=torch.bool)
        ends[length - answer : length] = True
        if not (inner.scored == ends).all():
            raise ValueError(f"split={split!r} of {type(self.inner).__name__} has rows that do not end in one answer")
        return Questions(inner.tokens[:, :length], inner.scored[:, :length])

    def _write(self, bare: Questions) -> Questions:
        answer = int(bare.scored[0].sum())
        before, after = self._around()
        mode = [self._token(self.mode)]
        fixed = [torch.tensor(part, dtype=torch.int64).expand(len(bare), -1) for part in (mode, before, after)]
        prompt, content = bare.tokens[:, :-answer], bare.tokens[:, -answer:]
        tokens = torch.cat([fixed[0], prompt, fixed[1], content, fixed[2]], dim=1)
        scored = torch.zeros_like(tokens, dtype=torch.bool)
        scored[:, 1 + prompt.shape[1] :] = True
        return Questions(tokens, scored)

    def _make(self) -> dict[str, Questions]:
        train, test = self._bare(self.inner_train), self._bare("test")
        if self.shuffled:
            train = deal(train, torch.Generator().manual_seed(self.seed))
        return {"train": self._write(train), "test": self._write(test)}

    def _content_places(self, questions: Questions) -> slice:
        before, after = self._around()
        start = int(questions.scored[0].nonzero().min()) + len(before)
        return slice(start, questions.tokens.shape[1] - len(after))

    def content(self, questions: Questions) -> Questions:
        """The same rows, with only the content of the answers scored."""
        scored = torch.zeros_like(questions.scored)
        scored[:, self._content_places(questions)] = True
        return Questions(questions.tokens, scored)

    def manner(self, questions: Questions) -> Questions:
        """The same rows, with only the manner of the answers scored."""
        scored = questions.scored.clone()
        scored[:, self._content_places(questions)] = False
        return Questions(questions.tokens, scored)

    def _answers(self, tokens: Tensor) -> Tensor:
        bare = self._bare("test")[:1]
        answer = int(bare.scored.sum())
        prompt = tokens[:, 1 : 1 + bare.tokens.shape[1] - answer]
        rows = torch.cat([prompt, torch.zeros(len(tokens), answer, dtype=torch.int64)], dim=1)
        scored = bare.scored.expand(len(rows), -1)
        filled = rows.masked_scatter(scored, self.inner.oracle(Questions(rows, scored)))
        return self._write(Questions(filled, scored)).tokens
