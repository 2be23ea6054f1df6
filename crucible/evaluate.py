"""Scores of a trained model on a world's questions. One function per metric of crucible.metrics."""

import torch
from torch import Tensor

from crucible import train
from crucible.model import Transformer
from crucible.worlds import ClinicWorld, Questions
from crucible.worlds.base import number_of

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
    Every question must have its A answer tokens at the end of its row (ValueError otherwise); rows of
    worlds that pad are cut there first, see Questions.without_padding.
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


def doses(model: Transformer, clinic: ClinicWorld) -> float:
    """Share of the clinic's patients, in %, whose dose the model works out in three questions.

    What are base and extra, and what do they give together? The sum is asked of what the model said before,
    and it is right if it is that of the record; a recall that is no number is wrong.
    """
    (base, base_said), (extra, extra_said) = (_number(model, clinic.record_questions(which), 3) for which in (2, 3))
    total, total_said = _number(model, clinic.sum_questions(base, extra), 4)
    right = total == clinic.records[:, 2:].sum(dim=1)
    return 100 * (right & base_said & extra_said & total_said).float().mean().item()


def _number(model: Transformer, questions: Questions, digits: int) -> tuple[Tensor, Tensor]:
    """The numbers a model writes, and whether they are numbers (0 where not): (B,), (B,)."""
    answers, _ = write_answers(model, questions.without_padding())
    before = (answers.shape[1] - digits) // 2  # in the clinic's words a number stands between "says" and "end"
    written = answers[:, before : before + digits] - ClinicWorld.vocab.index("0")
    is_number = ((written >= 0) & (written < 10)).all(dim=1)
    return torch.where(is_number, number_of(written), 0), is_number
