"""Scores of a trained model on a world's questions. One function per metric of crucible.metrics."""

import torch
from torch import Tensor

from crucible import train
from crucible.model import Transformer
from crucible.worlds import Questions

CHUNK = 4096  # questions per forward pass: bounds the memory


@torch.no_grad()
def _right(model: Transformer, questions: Questions) -> Tensor:
    """Is the most probable token the right one? bool, (B, T - 1); True where a token is not scored."""
    parts = []
    for start in range(0, len(questions), CHUNK):
        some = questions[slice(start, start + CHUNK)]
        scored = some.scored[:, 1:]
        guesses = model(some.tokens[:, :-1], scored).argmax(-1)
        right = torch.ones_like(scored)
        right[scored] = guesses == some.tokens[:, 1:][scored]
        parts.append(right)
    return torch.cat(parts)


def exact_match(model: Transformer, questions: Questions) -> float:
    """Share of questions, in %, whose every answer token is right.

    The right earlier tokens are given while later ones are asked. For this metric that equals
    letting the model write the whole answer: its first wrong token settles both.
    """
    return 100 * _right(model, questions).all(dim=1).float().mean().item()


def token_accuracy(model: Transformer, questions: Questions) -> float:
    """Share of answer tokens, in %, that are right when the earlier ones are given."""
    return 100 * _right(model, questions)[questions.scored[:, 1:]].float().mean().item()


@torch.no_grad()
def answer_loss(model: Transformer, questions: Questions) -> float:
    """Mean loss over the answer tokens, in nats per token. An untrained model scores about ln(V)."""
    return train.answer_loss(model, questions).item()


@torch.no_grad()
def write_answers(model: Transformer, questions: Questions) -> tuple[Tensor, Tensor]:
    """Let the model write each answer itself, taking the most probable token at every step.

    Returns (answers, probabilities): int64 (B, A) and float (B, A, V), for A answer tokens.
    Every question must have its A answer tokens at the end of its row (ValueError otherwise).
    """
    length = int(questions.scored[0].sum())
    if not (questions.scored[:, -length:].all() and questions.scored.sum() == length * len(questions)):
        raise ValueError(f"the {length} answer tokens must stand at the end of every row")
    written = questions.tokens[:, :-length]  # (B, prompt)
    probabilities = []
    for _ in range(length):
        last = torch.zeros_like(written, dtype=torch.bool)
        last[:, -1] = True
        probabilities.append(model(written, last).softmax(-1))  # (B, V)
        written = torch.cat([written, probabilities[-1].argmax(-1, keepdim=True)], dim=1)
    return written[:, -length:], torch.stack(probabilities, dim=1)
