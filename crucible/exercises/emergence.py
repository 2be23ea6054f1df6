"""Numbers, curves and a ladder of models for the exercises to "Emergence", one set for each student. No answers."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import Any, ClassVar

import torch

from crucible.exercises import choose, draw, student_name
from crucible.model import ModelConfig, Transformer
from crucible.plot import Figure, figure
from crucible.train import TrainConfig, train
from crucible.worlds import Questions, World


@dataclass(frozen=True)
class Floor:
    """How small a probability the student's log ruler takes as it is."""

    one_in: int

    def __str__(self) -> str:
        return (
            f"Your ruler of log-probability has a floor: a probability below 1 in {self.one_in:,} counts as "
            f"1 in {self.one_in:,}. The other four rulers have none."
        )


def floor(student: str) -> Floor:
    """The student's floor; the page's is one in a million."""
    return choose(student, "five-rulers", Floor(10**6), [Floor(n) for n in (50, 100, 200, 500, 1000, 2000)])


@dataclass(frozen=True)
class Levels:
    """Between which two levels a student measures a rise."""

    low: int  # % of the way
    high: int

    def __str__(self) -> str:
        return f"Your levels: a rise goes from {self.low} % to {self.high} % of the way."


def levels(student: str) -> Levels:
    """The student's levels; the page's are the chapter's."""
    others = [Levels(low, 100 - low) for low in (5, 15, 20, 25, 30)]
    return choose(student, "rise-width", Levels(10, 90), others)


@dataclass(frozen=True)
class Margin:
    """How far a forecast may be off."""

    points: int

    def __str__(self) -> str:
        return f"Your margin: a number that is off by at most {self.points} points is right."


def margin(student: str) -> Margin:
    """The student's margin; the page's is five points."""
    return choose(student, "predict-exact", Margin(5), [Margin(points) for points in (2, 3, 8, 10, 12)])


@dataclass(frozen=True)
class Certainty:
    """How sure a student wants to be of seeing a success."""

    percent: float

    def __str__(self) -> str:
        return f"Your certainty: a test must show a success with a probability of at least {self.percent:g} %."


def certainty(student: str) -> Certainty:
    """The student's certainty; the page's is 95 %."""
    others = [Certainty(percent) for percent in (75, 80, 90, 98, 99, 99.5)]
    return choose(student, "resolution-limit", Certainty(95), others)


# Curves along training time, by how they are made. Which of them jump is not said here.

CHANCE = -math.log(10)  # nats per token of a blind guess among ten digits
WINDOW = 1.25  # two checkpoints are close if the later has at most so many times the steps of the earlier
NOISE = 0.01  # of the student's height, standard deviation of each reading
TOKENS = 6  # of an answer, for exact match
SHOWN = ("digit", "slide", "ruler", "gentle", "gap", "dip")  # the student's own six
KINDS = (*SHOWN, "stairs", "small stairs", "fallen", "early", "last", "late slide")


@dataclass(frozen=True)
class Height:
    """How high a rise must be to be a jump."""

    nats: float

    def __str__(self) -> str:
        return (
            f"Your height: {self.nats:g} nats per token. A rise by less is no jump, and two checkpoints are close "
            f"if the later one has at most {WINDOW:g} times the steps of the earlier one."
        )


def height(student: str) -> Height:
    """The student's height; the page's is half a nat."""
    return choose(student, "has-jump", Height(0.5), [Height(nats) for nats in (0.25, 0.3, 0.8, 1.0)])


@dataclass(frozen=True)
class Curve:
    """One training run, read at its checkpoints."""

    kind: str
    steps: tuple[int, ...]
    log_prob: tuple[float, ...]  # nats per token; 0 is perfect
    exact: tuple[float, ...]  # exact match in %, if the tokens of an answer are right independently


def curves(student: str) -> list[dict[str, list[float]]]:
    """The student's six curves, as plain data: {"steps": ..., "log_prob": ..., "exact": ...} each."""
    dice = draw(student, "has-jump curves")
    made = [make_curve(dice, kind, height(student).nats) for kind in dice.sample(SHOWN, len(SHOWN))]
    return [{"steps": [*one.steps], "log_prob": [*one.log_prob], "exact": [*one.exact]} for one in made]


def sealed(student: str, times: int = 3) -> list[Curve]:
    """Curves of all kinds, `times` of each, drawn anew from the student's name."""
    dice = draw(student, "has-jump sealed")
    return [make_curve(dice, kind, height(student).nats) for _ in range(times) for kind in KINDS]


def make_curve(dice: random.Random, kind: str, nats: float) -> Curve:
    """A curve of one of the KINDS for a student's height in nats."""
    steps = _checkpoints(dice, kind)
    log_prob = [min(-0.001, value + dice.gauss(0, NOISE * nats)) for value in _SHAPES[kind](dice, steps, nats)]
    rounded = [round(value, 4) for value in log_prob]
    exact = [round(100 * math.exp(value) ** TOKENS, 2) for value in rounded]
    return Curve(kind, tuple(steps), tuple(rounded), tuple(exact))


def _checkpoints(dice: random.Random, kind: str) -> list[int]:
    """Forty or so numbers of steps, in rising order; "gap" misses the checkpoints of one stretch."""
    if kind == "early":
        return [50 * 2**i for i in range(4)] + [400 + 100 * i for i in range(1, 37)]
    steps = [round(100 * 1.1**i) for i in range(44)]
    if kind == "gap":
        at = dice.randint(14, 22)
        return steps[:at] + steps[at + 9 :]
    return steps


def _slope(steps: Sequence[int], nats: float, bottom: float, top: float, least: float = 2.2) -> list[float]:
    """A straight rise over the logarithm of the steps, with flat ends, too slow to be a jump anywhere.

    It takes at least `least` decades, and gains 0.6 of the student's height or less between close checkpoints.
    """
    width = max(least, (top - bottom) * math.log10(WINDOW) / (0.6 * nats))
    start, end = math.log10(steps[0]), math.log10(steps[-1])
    middle = (start + end) / 2
    shares = [min(1.0, max(0.0, 0.5 + (math.log10(step) - middle) / width)) for step in steps]
    return [bottom + (top - bottom) * share for share in shares]


def _gentle(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    return _slope(steps, nats, CHANCE + dice.uniform(0, 0.2), -0.05)


def _ruler(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """Gentle as well, and ending near perfection, so that exact match rises late and fast."""
    return _slope(steps, nats, CHANCE, -0.002, least=1.5)


def _digit(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """Up by 1.5 times the height from one checkpoint to the next."""
    at = dice.randint(8, len(steps) - 8)
    return _jump(dice, len(steps), nats, at, at + 1)


def _last(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """The same at the last checkpoint."""
    return _jump(dice, len(steps), nats, len(steps) - 2, len(steps) - 1)


def _slide(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """Up by 1.5 times the height over three checkpoints, which are close."""
    at = dice.randint(8, len(steps) - 10)
    return _jump(dice, len(steps), nats, at, at + 2)


def _late_slide(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """Up by 1.5 times the height over eight checkpoints, which are not close."""
    at = dice.randint(8, len(steps) - 16)
    return _jump(dice, len(steps), nats, at, at + 8, slow=True)


def _jump(dice: random.Random, n: int, nats: float, start: int, end: int, slow: bool = False) -> list[float]:
    rise = 1.5 * nats if not slow else 1.9 * nats
    low = dice.uniform(CHANCE, -0.02 - rise)
    return [low + rise * min(1.0, max(0.0, (place - start) / (end - start))) for place in range(n)]


def _small_stairs(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """Steps of 0.7 times the height, far apart from each other."""
    return _stairs(dice, len(steps), 0.7 * nats)


def _big_stairs(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """Steps of 1.4 times the height, one digit after the other."""
    return _stairs(dice, len(steps), 1.4 * nats)


def _stairs(dice: random.Random, n: int, rise: float) -> list[float]:
    count = max(1, min(5, int(-CHANCE / rise)))
    places = [4 + round((place + dice.uniform(0.1, 0.4)) * (n - 8) / count) for place in range(count)]
    return [-0.02 - rise * sum(at >= place for at in places) for place in range(1, n + 1)]


def _gap(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """Flat on both sides of the stretch that has no checkpoints: how fast it rose there, nobody knows."""
    gap = next(place for place in range(1, len(steps)) if steps[place] > 1.5 * steps[place - 1])
    low = dice.uniform(CHANCE, -0.02 - 1.5 * nats)
    return [low + 1.5 * nats * (place >= gap) for place in range(len(steps))]


def _dip(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """A gentle rise that breaks down for two checkpoints and comes back at once."""
    values = _gentle(dice, steps, nats)
    at = dice.randint(len(steps) // 2, len(steps) - 8)
    return [value - 1.5 * nats * (place in (at, at + 1)) for place, value in enumerate(values)]


def _fallen(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """Up by 1.5 times the height and, some checkpoints later, down again."""
    at = dice.randint(8, len(steps) - 16)
    low = dice.uniform(CHANCE, -0.02 - 1.5 * nats)
    return [low + 1.5 * nats * (at <= place < at + 6) for place in range(len(steps))]


def _early(dice: random.Random, steps: Sequence[int], nats: float) -> list[float]:
    """Fast at the start, where checkpoints stand far apart as multiples, and slow later."""
    reached = max(CHANCE + 1.5 * nats, -0.6)
    start = max(CHANCE, reached - 2 * nats)
    per_decade = 0.6 * nats / math.log10(WINDOW)
    late = [min(-0.02, reached + 0.3 * per_decade * math.log10(step / 100)) for step in steps]
    return [start, *late[1:]]


_SHAPES: dict[str, Callable[[random.Random, Sequence[int], float], list[float]]] = {
    "digit": _digit,
    "slide": _slide,
    "ruler": _ruler,
    "gentle": _gentle,
    "gap": _gap,
    "dip": _dip,
    "stairs": _big_stairs,
    "small stairs": _small_stairs,
    "fallen": _fallen,
    "early": _early,
    "last": _last,
    "late slide": _late_slide,
}


def picture(student: str) -> Figure:
    """The student's six curves by both rulers, one lane for each."""
    six = curves(student)

    def draw_lanes(axes, theme):
        for lane, one in enumerate(six):
            base = len(six) - 1 - lane
            both = {
                "log-probability": [1 - value / CHANCE for value in one["log_prob"]],
                "exact match": [value / 100 for value in one["exact"]],
            }
            for number, (name, shares) in enumerate(both.items()):
                heights = [base + 0.85 * max(0.0, share) for share in shares]
                style = {"color": theme.colours[number], "linestyle": ("-", "--")[number], "linewidth": 1.3}
                axes.plot(
                    one["steps"], heights, marker=(".", "")[number], label="" if lane else name, markersize=4, **style
                )
        axes.set(xscale="log", xlabel="training steps", ylabel="from a blind guess to perfection, in each lane")
        axes.set_yticks(range(len(six)), [f"curve {len(six) - place}" for place in range(len(six))])
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)

    return figure(
        draw_lanes,
        alt="Six training runs, each in a lane of its own, read by log-probability and by exact match. "
        "The numbers are in mine.curves(STUDENT); which of the runs have a jump is the question.",
        caption="Six runs of yours by two rulers. Every dot is a checkpoint.",
        height=6.2,
    )


def sorted_out(has_jump: Callable[..., Any], student: str) -> str:
    """What a student's function says of the student's six curves, in words."""
    said = []
    for number, one in enumerate(curves(student), start=1):
        try:
            jumps = has_jump(one["steps"], one["log_prob"])
        except NotImplementedError:
            return "Not attempted yet."
        except Exception as error:
            return f"Your function stopped at curve {number}: {type(error).__name__}: {error}"
        said.append(f"curve {number}: {'a jump' if jumps else 'none'}")
    return f"{'; '.join(said).capitalize()}."


# The last exercise: a recital whose names are read unequally often, and two models that learn it.

N_NAMES, LENGTH, N_VALUES = 48, 8, 16
NAMES = tuple(f"n{number:02d}" for number in range(N_NAMES))
MOST = 60  # readings of one name
N_RARE = 4  # names that a student's recital reads once
WIDTHS = (8, 20)  # half-way up the climb, and at its end
STEPS, BATCH, WARMUP = 200, 128, 20
MIDDLE = 25  # % of its way that log-probability must have come in the smaller model, or nothing is half-way up
KEPT = 40  # % of log-probability's way that exact match must have gone half-way up
TOP = 70  # % of the names that the larger model must know by heart
IN_ORDER = "nothing against it"


@dataclass(frozen=True)
class Rare:
    """Names that a student's recital reads once."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"Your rare names, which the text reads exactly once: {', '.join(f'`{name}`' for name in self.names)}."


def rare(student: str) -> Rare:
    """The student's rare names; the page's are the last ones, and no student has one of them."""
    dice = draw(student, "vanish")
    others = sorted(dice.sample(NAMES[:-N_RARE], N_RARE))
    return Rare(tuple(others) if student_name(student) else NAMES[-N_RARE:])


def inspected(times: Any, student: str) -> str:
    """What speaks against a list of readings, in words; IN_ORDER if nothing does."""
    if not isinstance(times, list | tuple):
        return f"no list, and a list of {N_NAMES} numbers is wanted"
    if len(times) != N_NAMES:
        return f"a list of {len(times)}, and a list of {N_NAMES} numbers is wanted"
    for name, often in zip(NAMES, times, strict=True):
        if not isinstance(often, Integral) or isinstance(often, bool) or not 1 <= int(often) <= MOST:
            return f"{name} is read {often!r} times, and a whole number from 1 to {MOST} is wanted"
    read = dict(zip(NAMES, times, strict=True))
    wrong = [name for name in rare(student).names if read[name] != 1]
    return f"{wrong[0]} is read {read[wrong[0]]} times, and it is rare: once" if wrong else IN_ORDER


@dataclass(frozen=True)
class Recital(World):
    """A name, then eight independent values out of sixteen; a name is read so many times in the training text."""

    times: tuple[int, ...]
    seed: int

    splits: ClassVar[tuple[str, ...]] = ("train", "test")
    vocab: ClassVar[tuple[str, ...]] = (*NAMES, *(f"v{value}" for value in range(N_VALUES)))
    context_length: ClassVar[int] = LENGTH + 1

    def _make(self) -> dict[str, Questions]:
        tokens = self._answers(torch.arange(N_NAMES)[:, None].expand(-1, LENGTH + 1))
        scored = torch.arange(LENGTH + 1).expand(N_NAMES, -1) > 0
        rows = torch.arange(N_NAMES).repeat_interleave(torch.tensor(self.times))
        return {"train": Questions(tokens[rows], scored[rows]), "test": Questions(tokens, scored)}

    def _answers(self, tokens: torch.Tensor) -> torch.Tensor:
        generator = torch.Generator().manual_seed(self.seed)
        values = torch.randint(N_VALUES, (N_NAMES, LENGTH), generator=generator) + N_NAMES
        return torch.cat([tokens[:, :1], values[tokens[:, 0]]], dim=1)


@dataclass(frozen=True)
class Rung:
    """One model of the ladder, asked every name once."""

    width: int
    parameters: int
    way: float  # % of the way from a blind guess to certainty, by log-probability; 0 where it is worse than a guess
    exact: float  # exact match in %

    def __str__(self) -> str:
        return f"{self.parameters:,} parameters: {self.way:.0f} % of the way, exact match {self.exact:.0f} %"


@dataclass(frozen=True)
class Ladder:
    """How exact match climbs beside log-probability."""

    rungs: tuple[Rung, ...]

    @property
    def kept(self) -> float:
        """How far exact match has come half-way up, in % of how far log-probability has come; 0 where that is 0."""
        half_way = self.rungs[0]
        return 100 * half_way.exact / half_way.way if half_way.way else 0.0

    @property
    def way(self) -> float:
        """How far log-probability has come half-way up, in %."""
        return self.rungs[0].way

    @property
    def top(self) -> float:
        """Exact match of the larger model, in %."""
        return self.rungs[-1].exact

    @property
    def gentle(self) -> bool:
        """Does exact match keep up, and get there?"""
        return self.way >= MIDDLE and self.kept >= KEPT and self.top >= TOP

    def __str__(self) -> str:
        rungs = "; ".join(map(str, self.rungs))
        if self.way < MIDDLE:  # as far as next to nothing is no distance, and its last digits are the machine's
            return (
                f"{rungs}. In the smaller model log-probability has come {self.way:.0f} % of its way, and "
                f"{MIDDLE} % are wanted: it is not half-way up, so nothing was shown."
            )
        if self.top < TOP:
            end = "The larger model knows too few names, so nothing was shown."
        else:
            end = "The mirage has vanished." if self.gentle else "The mirage is still there."
        said = f"In the smaller model exact match has come {self.kept:.0f} % as far as log-probability"
        return f"{rungs}. {said}; {KEPT} % are wanted. {end}"


def ladder(times: Sequence[int], seed: int) -> Ladder:
    """Train both models on a recital, and examine them. Some seconds of one core.

    times: how often each name is read, a list that passed `inspected`. seed: of the values and of the models.
    Values are independent draws, so it makes no difference *which* name is read how often: names are put in order.
    """
    world = Recital(tuple(sorted((int(often) for often in times), reverse=True)), seed)
    return Ladder(tuple(_rung(world, width) for width in WIDTHS))


@lru_cache(maxsize=64)
def _rung(world: Recital, width: int) -> Rung:
    size = ModelConfig(len(world.vocab), world.context_length, d_model=width, n_layers=2, n_heads=2)
    recipe = TrainConfig(steps=STEPS, batch_size=BATCH, learning_rate=min(0.04, 0.5 / width), warmup_steps=WARMUP)
    model = train(world, size, recipe, world.seed).model
    way, exact = _examined(model, world.questions("test"))
    return Rung(width, model.n_parameters(), way, exact)


@torch.no_grad()
def _examined(model: Transformer, questions: Questions) -> tuple[float, float]:
    """The share of the way by log-probability, and exact match, both in %."""
    scored = questions.scored[:, 1:]
    log_probs = model(questions.tokens[:, :-1], scored).log_softmax(-1).unflatten(0, (-1, LENGTH))
    right = questions.tokens[:, 1:]
    mean = log_probs.gather(2, right[..., None]).mean().item()
    exact = (log_probs.argmax(-1) == right).all(dim=1).float().mean().item()
    return 100 * max(0.0, 1 + mean / math.log(N_VALUES)), 100 * exact


def tried(design: Callable[[list[str]], Any], student: str, seeds: Sequence[int] = (1, 2)) -> str:
    """What a student's readings do to the ladder, seed by seed and in words; or why it was not climbed."""
    try:
        times = design(list(NAMES))
    except NotImplementedError:
        return "Not attempted yet."
    except Exception as error:
        return f"Your function stopped: {type(error).__name__}: {error}"
    objection = inspected(times, student)
    if objection != IN_ORDER:
        return f"The inspector: {objection}."
    said = [f"*Seed {seed}.* {ladder(times, seed)}" for seed in seeds]
    said.append("What happens with one seed only may be luck; your grade tries another one.")
    return "\n\n".join(said)
