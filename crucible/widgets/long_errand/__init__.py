"""The long errand: how a small difference on one step becomes a large one over many, and where p to the s is wrong."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from crucible.widgets import joined
from crucible.widgets.contract import (
    Seeds,
    is_whole,
    listed,
    packed,
    rounded,
    wrong_names,
    wrong_seeds,
    wrong_share,
    wrong_text,
    wrong_texts,
)

LIMIT = 40_000  # bytes of JSON
MOST_STEPS, MOST_TRACES = 40, 12


@dataclass(frozen=True)
class Checkpoint:
    """A model that ran the errands.

    p: seed -> % of single steps right; or variant -> seed -> %, where the steps of the variants differ.
    success: variant -> seed -> % of errands that come out right, one for each number of steps.
    """

    name: str
    p: Seeds | Mapping[str, Seeds]
    success: Mapping[str, Mapping[int, Sequence[float]]]

    def p_of(self, variant: str) -> Seeds:
        """The per-step accuracy in that variant: seed -> %."""
        by_variant = any(isinstance(key, str) for key in self.p)
        return self.p[variant] if by_variant else self.p  # type: ignore[index, return-value]


@dataclass(frozen=True)
class Step:
    """A step of a real errand.

    asked: what the model was asked, made from its own last answer. said: what it said. right: the right answer to
    what was asked. truth: what an errand without an error holds here.
    """

    asked: str
    said: str
    right: str
    truth: str


@dataclass(frozen=True)
class Trace:
    """A real errand, as it ran. start: what it began with."""

    checkpoint: str
    variant: str
    seed: int
    start: str
    steps: Sequence[Step]


class LongErrand(anywidget.AnyWidget):
    """Two checkpoints' errands beside p to the s, and stored errands to go through step by step.

    steps: numbers of steps, rising. variants: name -> one sentence. p: the reader's own per-step accuracy in %, where
    it starts (the first checkpoint's mean). at: a number of steps (the most). ValueError in one line for broken data;
    TraitError for an unknown start.
    """

    _esm = joined("long_errand", "js", "drawing")
    _css = joined("long_errand", "css", "drawing")

    data = traitlets.Dict().tag(sync=True)
    p = traitlets.Float().tag(sync=True)
    at = traitlets.Int().tag(sync=True)
    variant = traitlets.Unicode().tag(sync=True)
    trace = traitlets.Int(0).tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        checkpoints: Sequence[Checkpoint],
        steps: Sequence[int],
        variants: Mapping[str, str],
        traces: Sequence[Trace],
        p: float | None = None,
        at: int | None = None,
        variant: str | None = None,
    ):
        for complaint in _complaints(checkpoints, steps, variants, traces):
            raise ValueError(f"long errand: {complaint}")
        first = next(iter(variants)) if variant is None else variant
        data = _page(checkpoints, steps, variants, traces)
        if p is None:
            own = checkpoints[0].p_of(first if first in variants else next(iter(variants)))
            p = round(math.fsum(float(one) for one in own.values()) / len(own), 2)
        super().__init__(data=data, variant=first, p=p, at=max(data["steps"]) if at is None else at)

    @traitlets.validate("p", "at", "variant")
    def _valid(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        if name == "p":
            if not 0 <= value <= 100:
                raise traitlets.TraitError(f"long errand: p={value!r} must be a number from 0 to 100")
            return value
        known = self.data["steps"] if name == "at" else [one for one, _ in self.data["variants"]]
        if value not in known:
            raise traitlets.TraitError(f"long errand: {name}={value!r} must be one of {listed(known)}")
        return value


def rows(checkpoints: Sequence[Checkpoint], steps: Sequence[int], at: int) -> list[list[str]]:
    """The means after `at` steps for crucible.plot.table, its head first: a row for each checkpoint and variant."""
    place, found = list(steps).index(at), []
    for one in checkpoints:
        for variant, success in one.success.items():
            p, n = one.p_of(variant), len(success)
            means = [
                math.fsum(p.values()) / n,
                math.fsum(100 * (p[seed] / 100) ** at for seed in success) / n,
                math.fsum(values[place] for values in success.values()) / n,
            ]
            found.append([f"{one.name}, {variant}", f"{means[0]:.2f}", *(f"{mean:.1f}" for mean in means[1:])])
    return [["", "a step right (%)", f"p^{at} (%)", f"{at} steps right (%)"], *found]


def _page(checkpoints, steps, variants, traces) -> dict[str, Any]:
    """What the page needs; success in tenths of a percent, per-step accuracy in thousandths, in the order of seeds."""
    seeds = sorted(next(iter(checkpoints[0].success.values())))
    data = {
        "steps": [int(one) for one in steps],
        "seeds": [int(seed) for seed in seeds],
        "variants": [[name, told] for name, told in variants.items()],
        "checkpoints": [
            {
                "name": one.name,
                "p": [rounded(one.p_of(variant), seeds, 3) for variant in variants],
                "success": [
                    [[round(float(value), 1) for value in one.success[variant][seed]] for seed in seeds]
                    for variant in variants
                ],
            }
            for one in checkpoints
        ],
        "traces": [
            {
                "name": f"{one.checkpoint}, {one.variant}, seed {one.seed}",
                "start": one.start,
                "steps": [[step.asked, step.said, step.right, step.truth] for step in one.steps],
            }
            for one in traces
        ],
    }
    return packed("long errand", data, LIMIT)


def _complaints(checkpoints, steps, variants, traces) -> Iterator[str]:
    """What breaks the contract, the first thing first."""
    if len(checkpoints) != 2 or len({one.name for one in checkpoints}) != 2:
        yield f"the checkpoints are {listed(one.name for one in checkpoints)}; two of different names are needed"
    if len(steps) < 2 or not all(is_whole(one, 1) for one in steps):
        yield f"steps are {listed(steps)}; at least two whole numbers above 0 are needed"
    if any(after <= before for before, after in itertools.pairwise(steps)):
        yield f"steps must rise: {listed(steps)}"
    if not variants:
        yield "variants is empty; at least 1 is needed"
    yield from wrong_texts("a name in variants", variants)
    yield from wrong_texts("a sentence in variants", variants.values())
    for one in checkpoints:
        yield from wrong_text("a checkpoint's name", one.name)
        yield from wrong_names(f"success of {one.name!r}", one.success, variants)
    seeds = sorted(checkpoints[0].success[next(iter(variants))], key=str)
    for one in checkpoints:
        yield from _wrong_checkpoint(one, steps, variants, seeds)
    if not 1 <= len(traces) <= MOST_TRACES:
        yield f"{len(traces)} traces; 1 to {MOST_TRACES} are needed"
    for trace in traces:
        yield from _wrong_trace(trace, [one.name for one in checkpoints], variants, seeds)


def _wrong_checkpoint(one: Checkpoint, steps, variants, seeds) -> Iterator[str]:
    if any(isinstance(key, str) for key in one.p):
        yield from wrong_names(f"p of {one.name!r}", one.p, variants)  # type: ignore[arg-type]
    for variant in variants:
        p, where = one.p_of(variant), f"{one.name!r}, {variant!r}"
        yield from wrong_seeds(f"p of {where}", p, seeds)
        for seed, value in p.items():
            yield from wrong_share(f"p of {where}, seed {seed}", value)
        yield from wrong_seeds(f"success of {where}", one.success[variant], seeds)
        for seed, values in one.success[variant].items():
            if len(values) != len(steps):
                yield f"success of {where}, seed {seed} has {len(values)} values; steps has {len(steps)}"
            for value in values:
                yield from wrong_share(f"success of {where}, seed {seed}", value)


def _wrong_trace(trace: Trace, names, variants, seeds) -> Iterator[str]:
    where = f"trace {trace.checkpoint!r}, {trace.variant!r}, seed {trace.seed!r}"
    for value, known in ((trace.checkpoint, names), (trace.variant, variants), (trace.seed, seeds)):
        if value not in known:
            yield f"{where}: {value!r} must be one of {listed(known)}"
    yield from wrong_text(f"start of {where}", trace.start)
    if not 1 <= len(trace.steps) <= MOST_STEPS:
        yield f"{where} has {len(trace.steps)} steps; 1 to {MOST_STEPS} are needed"
    on = True
    for i, step in enumerate(trace.steps, 1):
        yield from wrong_texts(f"step {i} of {where}", (step.asked, step.said, step.right, step.truth))
        if on and step.right != step.truth:
            yield f"step {i} of {where}: right is {step.right!r} and truth {step.truth!r}; before an error they are one"
        on = step.said == step.truth
