"""One training loop, read from top to bottom. Its heart is written out in the opening chapter."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from crucible.model import ModelConfig, Transformer
from crucible.worlds import Questions, World


@dataclass(frozen=True)
class TrainConfig:
    """How one run is trained: AdamW, linear warm-up, linear decay."""

    steps: int = 800  # optimizer steps
    batch_size: int = 64  # questions per step, drawn with replacement
    learning_rate: float = 4e-3  # before warm-up and decay are applied; the highest rate used is a little lower
    warmup_steps: int = 50
    final_share: float = 0.05  # learning rate at the end, as a share of the one above
    weight_decay: float = 0.01

    def __post_init__(self):
        for name in ("steps", "batch_size", "warmup_steps"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
                raise ValueError(f"{name}={value} must be a whole number above 0")
        if not 0 < self.learning_rate < math.inf:  # nan is neither
            raise ValueError(f"learning_rate={self.learning_rate} must be a finite number above 0")
        if not 0 <= self.final_share <= 1:
            raise ValueError(f"final_share={self.final_share} must lie between 0 and 1")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay={self.weight_decay} must be a finite number, 0 or above")

    def learning_rate_at(self, step: int) -> float:
        """Learning rate of step 0, 1, ..., steps - 1."""
        warmup = min(1.0, (step + 1) / self.warmup_steps)
        decay = 1 - (1 - self.final_share) * step / self.steps
        return self.learning_rate * warmup * decay


@dataclass(frozen=True)
class Run:
    """What one training run leaves behind."""

    seed: int
    losses: tuple[float, ...]  # nats per answer token, one per step, on that step's batch
    checkpoints: dict[int, Transformer]  # steps trained -> the model as it was then
    seconds: float

    @property
    def model(self) -> Transformer:
        """The model after the last step."""
        return self.checkpoints[max(self.checkpoints)]


def answer_loss(model: Transformer, questions: Questions) -> Tensor:
    """Mean loss of the answer tokens, in nats per token; the prompt's own tokens do not count.

    Numbers in a prompt are random: nobody can predict them, and their noise drowns the lesson.
    Written out in the opening chapter.
    """
    inputs, targets = questions.tokens[:, :-1], questions.tokens[:, 1:]
    scored = questions.scored[:, 1:]
    return F.cross_entropy(model(inputs, scored), targets[scored])


def one_thread() -> None:
    """Settings of a process that trains small models: one thread, no denormal numbers.

    A small model on two threads is slower than on one. Numbers below 1e-38, which a loss near
    zero produces, are computed by the processor's slow path unless flushed to zero.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def as_one(model: nn.Module) -> nn.Parameter:
    """All parameters of a model as one tensor, with its gradient, of which each parameter is a part from now on.

    An optimizer that treats all alike needs one pass over it, not one for each matrix. Gradients must be set to zero
    in place. Copy the model before it is stored or sent: each of its parameters holds on to the whole.
    """
    parameters = list(model.parameters())
    whole = nn.Parameter(parameters_to_vector(parameters).detach())
    whole.grad = torch.zeros_like(whole)
    vector_to_parameters(whole, parameters)
    for parameter, part in zip(parameters, whole.grad.split([p.numel() for p in parameters]), strict=True):
        parameter.grad = part.view_as(parameter)
    return whole


def train(
    world: World,
    model_config: ModelConfig,
    config: TrainConfig,
    seed: int,
    checkpoints: tuple[int, ...] = (),
    on_step: Callable[[int, float], None] | None = None,
    start: Transformer | None = None,
) -> Run:
    """Train a model on a world's training questions: a new one, or a copy of `start`.

    seed: decides the initial weights and the order of the questions. Two runs that differ only
        in their world start from the same weights, and draw the same rows where their training
        sets are equally large.
    checkpoints: numbers of steps after which a copy of the model is kept; 0 is the untrained
        one, and the last step is always kept. ValueError if one lies beyond the last step.
    on_step: called with (steps done, loss) after each step.
    start: a trained model to go on from, which stays as it is; then model_config must be its own, or ValueError.
        The optimizer starts anew.

    ValueError, too, if the world has more words than the model, or longer questions.
    The process is set to one thread and to flush denormals, see one_thread.
    """
    late = [step for step in checkpoints if not 0 <= step <= config.steps]
    if late:
        raise ValueError(f"checkpoint {late[0]} must lie between 0 and steps={config.steps}")
    for name, needed in (("vocab_size", len(world.vocab)), ("context_length", world.context_length)):
        if getattr(model_config, name) < needed:
            raise ValueError(f"{name}={getattr(model_config, name)} of the model must be at least the world's {needed}")
    if start is not None and start.config != model_config:
        raise ValueError(f"start has {start.config}, which is not {model_config}")
    one_thread()
    questions = world.questions("train")
    model = Transformer(model_config, seed) if start is None else _copy(start)
    optimizer = torch.optim.AdamW([as_one(model)], betas=(0.9, 0.98), weight_decay=config.weight_decay, fused=True)
    generator = torch.Generator().manual_seed(seed)
    wanted = {*checkpoints, config.steps}
    kept = {0: _copy(model)} if 0 in wanted else {}
    losses = []
    started = time.perf_counter()
    for step in range(config.steps):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate_at(step)
        rows = torch.randint(len(questions), (config.batch_size,), generator=generator)
        loss = answer_loss(model, questions[rows])
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step + 1 in wanted:
            kept[step + 1] = _copy(model)
        if on_step:
            on_step(step + 1, losses[-1])
    return Run(seed, tuple(losses), kept, time.perf_counter() - started)


def _copy(model: Transformer) -> Transformer:
    copy = Transformer(model.config, seed=0)
    copy.load_state_dict(model.state_dict())
    return copy
