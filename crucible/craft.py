"""Craft: everything about a training run but its ore, its model and its compute. Recipes, the mill, the exam."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from crucible.cleaning import first_copies, kind_of, mostly_letters, unlike_earlier
from crucible.model import INIT_STD, ModelConfig, Transformer
from crucible.train import one_thread
from crucible.worlds.base import Questions
from crucible.worlds.ore import KINDS, Ore

OPTIMIZERS = ("SGD", "AdamW", "Muon")
SCHEDULES = ("constant", "linear", "cosine", "WSD")
DEDUPLICATIONS = ("none", "exact", "near")
MASKS = ("all tokens", "answers")
INITS = ("0.02", "1/sqrt(width)")
CLIPPINGS = ("none", "1.0")


@dataclass(frozen=True)
class Recipe:
    """One way to make a model of the ore. The defaults are the reference: what a careful reader of papers would do."""

    optimizer: str = "AdamW"
    learning_rate: float = 0.6  # times the width for AdamW and Muon, see rate_at; as it is for SGD
    schedule: str = "cosine"
    warmup: float = 0.02  # share of the steps
    batch_size: int = 16  # rows
    weight_decay: float = 0.1
    beta2: float = 0.95  # AdamW's memory of squared gradients
    clipping: str = "1.0"  # of the gradient's norm
    init: str = "0.02"  # standard deviation of the first weights
    mixture: float = 1.0  # a kind's share goes with its number of rows to this power: 1 as it lies, 0 all alike
    deduplication: str = "exact"
    noise_filter: bool = True  # of rows that look like prose
    loss_mask: str = "all tokens"

    def __post_init__(self):
        choices = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES, "deduplication": DEDUPLICATIONS}
        choices |= {"loss_mask": MASKS, "init": INITS, "clipping": CLIPPINGS}
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name}={getattr(self, name)!r} must be one of {', '.join(allowed)}")
        ranges = {"learning_rate": (1e-6, 100), "warmup": (0, 0.5), "weight_decay": (0, 10), "mixture": (0, 1)}
        ranges |= {"beta2": (0.5, 0.9999), "batch_size": (1, 512)}
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name}={getattr(self, name)} must lie between {low} and {high}")


@dataclass(frozen=True)
class Choice:
    """From what one setting is drawn: some values, or a range (on a logarithmic scale where it says so)."""

    name: str
    values: tuple = ()
    low: float = 0
    high: float = 0
    log: bool = False


CHOICES = (
    Choice("optimizer", OPTIMIZERS),
    Choice("schedule", SCHEDULES),
    Choice("warmup", low=0.01, high=0.1, log=True),
    Choice("batch_size", (16, 32, 64)),
    Choice("weight_decay", low=0.01, high=0.1, log=True),
    Choice("beta2", (0.95, 0.999)),
    Choice("clipping", CLIPPINGS),
    Choice("init", INITS),
    Choice("mixture", low=0, high=1),
    Choice("deduplication", DEDUPLICATIONS),
    Choice("noise_filter", (False, True)),
    Choice("loss_mask", MASKS),
)
RATES = {  # each optimizer has its own range
    "SGD": Choice("learning_rate", low=0.03, high=0.3, log=True),
    "AdamW": Choice("learning_rate", low=0.19, high=1.54, log=True),
    "Muon": Choice("learning_rate", low=0.19, high=1.54, log=True),
}


def suggest(trial: Any) -> Recipe:
    """A recipe whose settings an Optuna trial picks from their ranges."""

    def pick(choice: Choice, name: str) -> Any:
        if choice.values:
            return trial.suggest_categorical(name, choice.values)
        return trial.suggest_float(name, choice.low, choice.high, log=choice.log)

    settings = {choice.name: pick(choice, choice.name) for choice in CHOICES}
    rate = pick(RATES[settings["optimizer"]], f"learning_rate of {settings['optimizer']}")
    return Recipe(**settings, learning_rate=rate)


def share_of_rate(schedule: str, warmup: float, done: float) -> float:
    """The learning rate as a share of its highest, when a share `done` of the steps is behind us."""
    if done < warmup:
        return max(done, 1e-3) / warmup
    if schedule == "constant":
        return 1.0
    if schedule == "WSD":  # warm-up, stable, and a decay over the last tenth
        return min(1.0, (1 - done) / 0.1)
    left = (1 - done) / (1 - warmup)
    return left if schedule == "linear" else 0.1 + 0.45 * (1 + math.cos(math.pi * (1 - left)))


@dataclass(frozen=True)
class Feed:
    """What the mill draws from: rows that were kept, the tokens that count, and each row's chance to be drawn."""

    tokens: Tensor
    counted: Tensor
    odds: Tensor  # float, sums to 1
    copies: Tensor  # bool: a copy of an earlier row of the ore


@lru_cache(maxsize=8)
def _kept(ore: Ore, deduplication: str, noise_filter: bool) -> Tensor:
    tokens = ore.rows().tokens
    kept = torch.ones(len(tokens), dtype=torch.bool)
    if deduplication == "exact":
        kept = first_copies(tokens)
    if deduplication == "near":
        kept = unlike_earlier(tokens)[0]
    if noise_filter:
        kept &= mostly_letters(tokens) | (kind_of(tokens) != KINDS.index("text"))
    return kept


@lru_cache(maxsize=8)
def _feed(ore: Ore, deduplication: str, noise_filter: bool, mixture: float, loss_mask: str) -> Feed:
    rows = ore.rows()
    kept = _kept(ore, deduplication, noise_filter)
    mine = rows[kept]
    kind = kind_of(mine.tokens)
    counts = kind.bincount(minlength=len(KINDS)).double()
    shares = counts.clamp(min=1) ** mixture * (counts > 0)
    odds = (shares / shares.sum() / counts.clamp(min=1))[kind]
    counted = torch.ones_like(mine.answers)
    counted[:, 0] = False
    if loss_mask == "answers":
        counted = mine.answers
    return Feed(mine.tokens, counted, odds, ~first_copies(rows.tokens)[kept])


def _optimizers(model: Transformer, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """The recipe's optimizer; Muon is made for matrices, and AdamW takes the rest."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and n.startswith("blocks")]
    rest = [p for n, p in model.named_parameters() if not (p.ndim == 2 and n.startswith("blocks"))]
    if recipe.optimizer == "SGD":
        return [torch.optim.SGD(model.parameters(), lr=1, momentum=0.9)]

    def adamw(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        betas, decay = (0.9, recipe.beta2), recipe.weight_decay
        return torch.optim.AdamW(parameters, betas=betas, weight_decay=decay, fused=True)

    if recipe.optimizer == "AdamW":
        return [adamw(matrices + rest)]
    muon = torch.optim.Muon(matrices, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw")
    return [muon, adamw(rest)]


def new_model(
    ore: Ore, recipe: Recipe, seed: int, d_model: int = 48, n_layers: int = 1, n_heads: int = 4
) -> Transformer:
    """A model for the ore, with the recipe's first weights."""
    model = Transformer(ModelConfig(len(ore.vocab), ore.context_length, d_model, n_layers, n_heads), seed)
    if recipe.init == "1/sqrt(width)":
        with torch.no_grad():
            for weight in (p for p in model.parameters() if p.ndim == 2):
                weight.mul_(d_model**-0.5 / INIT_STD)
    return model


@dataclass(frozen=True)
class Step:
    """What can be seen of a run after one of its steps."""

    done: int
    of: int
    loss: float  # nats per token that counts, on this step's rows
    gradient_norm: float  # before clipping
    copies: float  # share of this step's rows that are exact copies of an earlier row of the ore
    model: Transformer


def flops_per_step(model: Transformer, recipe: Recipe) -> float:
    """6 N per token, and what Muon multiplies on top: half as much again at 16 rows a step, an eighth at 64."""
    flops = 6.0 * model.n_parameters() * recipe.batch_size * (model.config.context_length - 1)
    if recipe.optimizer == "Muon":
        for weight in model.blocks.parameters():
            if weight.ndim == 2:
                short, long = sorted(weight.shape)
                flops += 5 * (4 * short * short * long + 2 * short**3)  # five Newton-Schulz iterations
    return flops


def mill(
    ore: Ore, recipe: Recipe, flops: float, seed: int, on_step: Callable[[Step], None] | None = None, **size: int
) -> Transformer:
    """Train a model on the ore, rows drawn with replacement as the recipe says, until the FLOPs are spent.

    seed: the first weights and the draws. on_step: called after every step, see Step. size: see new_model.
    The process is set to one thread, see train.one_thread. Muon takes its rate as AdamW does (Liu and others 2025).
    """
    one_thread()
    model = new_model(ore, recipe, seed, **size)
    feed = _feed(ore, recipe.deduplication, recipe.noise_filter, recipe.mixture, recipe.loss_mask)
    optimizers = _optimizers(model, recipe)
    generator = torch.Generator().manual_seed(seed)
    steps = max(1, int(flops / flops_per_step(model, recipe)))
    highest = recipe.learning_rate / (1 if recipe.optimizer == "SGD" else model.config.d_model)
    drawn = torch.multinomial(feed.odds, steps * recipe.batch_size, replacement=True, generator=generator)
    for step, rows in enumerate(drawn.view(steps, -1)):
        rate = highest * share_of_rate(recipe.schedule, recipe.warmup, step / steps)
        tokens, counted = feed.tokens[rows], feed.counted[rows]
        scored = counted[:, 1:]
        few = scored if recipe.loss_mask == "answers" else None  # all: nothing to pick
        logits = model(tokens[:, :-1], few)
        loss = F.cross_entropy(logits.flatten(0, -2), tokens[:, 1:][scored])
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        limit = math.inf if recipe.clipping == "none" else float(recipe.clipping)
        norm = nn.utils.clip_grad_norm_(model.parameters(), limit)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
        if on_step:
            on_step(Step(step + 1, steps, loss.item(), norm.item(), feed.copies[rows].float().mean().item(), model))
    return model


@torch.no_grad()
def marks(model: Transformer, questions: Mapping[str, Questions]) -> dict[str, tuple[float, float]]:
    """Subject -> (right answers, bits), both 0 for the best blind guess and 100 for perfection.

    A token of an answer is right when the model finds it the most probable. Bits: how far the log-probability of the
    right token is on its way from a blind guess to certainty; who is certain and wrong is below 0.
    Nobody can have 100 in prose, where several characters may follow.
    """
    found = {}
    for subject, asked in questions.items():
        scored = asked.scored[:, 1:]
        log_p = model(asked.tokens[:, :-1], scored).log_softmax(-1)
        true = asked.tokens[:, 1:][scored]
        guess, blind = blind_guess(asked)
        right = (log_p.argmax(-1) == true).float().mean().item()
        found[subject] = (100 * (right - guess) / (1 - guess), 100 * (1 - F.nll_loss(log_p, true).item() / blind))
    return found


def blind_guess(asked: Questions) -> tuple[float, float]:
    """Who knows only how often each answer comes: share of right tokens (0 to 1) and nats per token."""
    answers = asked.tokens[asked.scored].view(len(asked), -1)
    odds = [column.bincount().double() / len(column) for column in answers.T]
    right = sum(p.max().item() for p in odds) / len(odds)
    return right, -sum(p.xlogy(p).sum().item() for p in odds) / len(odds)
