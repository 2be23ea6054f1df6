"""Tuning a base with little: low-rank changes of its matrices (LoRA), and new words that learn faster.

Tuning every weight is `train(..., start=base)`. It needs no second loop, and it forgets what it does not see (LOG.md).
Here the base's own numbers stay as they are: what is learned is added to them, and merged at the end.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from crucible.model import Transformer
from crucible.train import Run, TrainConfig, answer_loss, one_thread
from crucible.worlds import World
from crucible.worlds.mini import CLINIC, KINDS, VOCAB, numbered, tokens_of

MATRICES = ("query_key_value", "mix", "up", "down")  # of every block
NEW_WORDS = tokens_of((*CLINIC, *numbered("p", KINDS["p"])))  # what the general corpus has no use for


@dataclass(frozen=True)
class Adapter:
    """How much of a base may change, and how fast. LOG.md tells how these were piloted."""

    rank: int = 8  # of the change of each matrix
    new_words_speed: float = 3.0  # learning rate of the new words' rows, as a multiple of the matrices'

    def __post_init__(self):
        if not isinstance(self.rank, int) or isinstance(self.rank, bool) or self.rank <= 0:
            raise ValueError(f"rank={self.rank} must be a whole number above 0")
        if not 0 < self.new_words_speed < math.inf:
            raise ValueError(f"new_words_speed={self.new_words_speed} must be a finite number above 0")


# The rate at which the pilots learned most; a matrix of low rank bears more than a whole one.
RECIPE = TrainConfig(steps=400, batch_size=60, learning_rate=1e-2, warmup_steps=20, weight_decay=0.0)


class _LowRank(nn.Module):
    """A matrix, and beside it the product of two thin ones. It starts as the matrix itself."""

    def __init__(self, matrix: Tensor, rank: int, generator: torch.Generator):
        super().__init__()
        rows, columns = matrix.shape
        self.down = nn.Parameter(torch.randn(rank, columns, generator=generator) / columns**0.5)
        self.up = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, matrix: Tensor) -> Tensor:
        return matrix + self.up @ self.down


class _NewWords(nn.Module):
    """The embeddings, of which only some rows move."""

    def __init__(self, embeddings: Tensor, words: Tensor):
        super().__init__()
        self.words: Tensor = words
        self.moved = nn.Parameter(torch.zeros(len(words), embeddings.shape[1]))

    def forward(self, embeddings: Tensor) -> Tensor:
        return embeddings.index_add(0, self.words, self.moved)


def adapt(
    start: Transformer,
    world: World,
    seed: int,
    config: TrainConfig = RECIPE,
    adapter: Adapter | None = None,
    replay: World | None = None,
    on_step: Callable[[int, float], None] | None = None,
) -> Run:
    """Tune a copy of `start`, which stays as it is, on a world's training questions.

    seed: decides the adapter's first weights and the order of the questions.
    replay: a world whose training questions are mixed in, as many a step as the first world's: the general corpus,
        against forgetting. A step then costs twice as much.

    ValueError if the model has fewer words than MiniWorld, whose new words these are.
    Returns a Run whose model is an ordinary one again: what was learned is added to its weights.
    """
    adapter = adapter or Adapter()
    if start.config.vocab_size < len(VOCAB):
        raise ValueError(f"vocab_size={start.config.vocab_size} must be at least MiniWorld's {len(VOCAB)}")
    one_thread()
    sources = [source.questions("train") for source in (world, replay) if source is not None]
    generator = torch.Generator().manual_seed(seed)
    model = Transformer(start.config, seed=0)
    model.load_state_dict(start.state_dict())
    model.requires_grad_(False)
    changes: list[nn.Module] = []
    for block in model.blocks:
        for name in MATRICES:
            layer = getattr(block, name)
            changes.append(_LowRank(layer.weight, adapter.rank, generator))
            parametrize.register_parametrization(layer, "weight", changes[-1])
    words = _NewWords(model.tokens.weight, NEW_WORDS)
    parametrize.register_parametrization(model.tokens, "weight", words)
    groups = [
        {"params": [p for change in changes for p in change.parameters()], "speed": 1.0},
        {"params": [words.moved], "speed": adapter.new_words_speed},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=config.weight_decay, fused=True)
    losses = []
    started = time.perf_counter()
    for step in range(config.steps):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate_at(step) * group["speed"]
        batches = [q[torch.randint(len(q), (config.batch_size,), generator=generator)] for q in sources]
        parts = torch.stack([answer_loss(model, batch) for batch in batches])
        optimizer.zero_grad()
        parts.sum().backward()
        optimizer.step()
        losses.append(parts[0].item())
        if on_step:
            on_step(step + 1, losses[-1])
    seconds = time.perf_counter() - started
    for block in model.blocks:
        for name in MATRICES:
            parametrize.remove_parametrizations(getattr(block, name), "weight")
    parametrize.remove_parametrizations(model.tokens, "weight")
    merged = Transformer(start.config, seed=0)  # removing a parametrization leaves the weights in another order
    merged.load_state_dict(model.state_dict())
    return Run(seed, tuple(losses), {config.steps: merged}, seconds)
