"""The tide gauge: four islands, how high a tuned model stands, and a new base that rises around them."""

import itertools
import json
import math
import numbers
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import anywidget
import traitlets

from crucible.widgets import joined

LIMIT = 60_000  # bytes of JSON
ALL = "all"  # the choice of no single seed
READ, QUOTED = "read in the source", "quoted by "  # what a case's status may say

Place = tuple  # a split's name, then a ratio or a share where there is one, then a seed


@dataclass(frozen=True)
class Split:
    """An island: its name, what it asks in a few words, and what a blind guess gets, in %."""

    name: str
    meaning: str
    chance: float = 0.0


@dataclass(frozen=True)
class Cost:
    """What it takes to tune the same data into another base.

    examples: how many. seconds: of one tuning. tuning_flop: compute of one tuning.
    base_flop: ratio -> compute of pretraining that base.
    """

    examples: int
    seconds: float
    tuning_flop: float
    base_flop: Mapping[float, float]


@dataclass(frozen=True)
class Case:
    """A published case. date: YYYY, YYYY-MM or YYYY-MM-DD. link: an https address.

    status: "read in the source", or "quoted by" and who quotes it.
    """

    date: str
    happened: str
    figure: str
    source: str
    link: str
    status: str


@dataclass(frozen=True)
class Tide:
    """What was measured of an old, tuned model and of the bases after it. ValueError in one line where it breaks.

    ratios: compute of the new bases over the old one's, rising. shares: of the private records that became public,
    rising from 0. All scores are in %:
    tuned (split, seed): the old base tuned on the data, an island's height.
    prompted (split, ratio, seed): a new base that is only prompted, the water.
    leaked (split, share, seed): the same for the largest ratio, where a share above 0 of the records is public.
    retuned (split, ratio, seed): a new base tuned on the same data.
    half_life (split, seed): the ratio at which the water overtakes the island; None if not up to the largest.
    margin: an island is under water where the water is at most so many points below it.
    stands_from: so many points above chance a tuned score must be, or the island never stood up.
    partly: True where some places were not measured on purpose; otherwise a missing place is an error.
    """

    splits: Sequence[Split]
    ratios: Sequence[float]
    shares: Sequence[float]
    seeds: Sequence[int]
    tuned: Mapping[Place, float]
    prompted: Mapping[Place, float]
    leaked: Mapping[Place, float]
    retuned: Mapping[Place, float]
    half_life: Mapping[Place, float | None]
    cost: Cost
    margin: float = 2.0
    stands_from: float = 10.0
    cases: Sequence[Case] = ()
    partly: bool = False

    def __post_init__(self):
        for complaint in self._complaints():
            raise ValueError(f"tide: {complaint}")

    def to_json(self) -> str:
        """The contract, as JSON: scores in the order of splits, then ratios or shares, then seeds; null: not measured.

        A half-life is a number, null or "never". The first row of leaked, where nothing leaked, is the prompted base.
        """
        names = [split.name for split in self.splits]
        leaked = {
            (name, 0, seed): self.prompted.get((name, self.ratios[-1], seed)) for name in names for seed in self.seeds
        }
        half_life = {place: "never" if value is None else value for place, value in self.half_life.items()}
        data = {
            "splits": [asdict(split) for split in self.splits],
            "ratios": list(self.ratios),
            "shares": list(self.shares),
            "seeds": list(self.seeds),
            "tuned": _nested(self.tuned, names, self.seeds),
            "prompted": _nested(self.prompted, names, self.ratios, self.seeds),
            "leaked": _nested({**leaked, **self.leaked}, names, self.shares, self.seeds),
            "retuned": _nested(self.retuned, names, self.ratios, self.seeds),
            "half_life": _nested(half_life, names, self.seeds),
            "cost": {**asdict(self.cost), "base_flop": [self.cost.base_flop[ratio] for ratio in self.ratios]},
            "margin": self.margin,
            "stands_from": self.stands_from,
            "cases": [asdict(case) for case in sorted(self.cases, key=lambda case: case.date)],
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)

    def _complaints(self) -> Iterator[str]:
        """What breaks the contract, the first thing first."""
        yield from self._wrong_axes()
        for name in ("margin", "stands_from"):
            if not _is_number(getattr(self, name)) or not 0 <= getattr(self, name) <= 100:
                yield f"{name}={getattr(self, name)!r} must be a number of points from 0 to 100"
        names = [split.name for split in self.splits]
        scores = (
            ("tuned", self.tuned, (names, self.seeds)),
            ("prompted", self.prompted, (names, self.ratios, self.seeds)),
            ("leaked", self.leaked, (names, self.shares[1:], self.seeds)),
            ("retuned", self.retuned, (names, self.ratios, self.seeds)),
            ("half_life", self.half_life, (names, self.seeds)),
        )
        for name, values, axes in scores:
            yield from self._wrong_places(name, values, axes)
        for name, values, _ in scores[:-1]:
            for place, value in values.items():
                if not _is_number(value) or not 0 <= value <= 100:
                    yield f"{name} at {place!r} is {value!r}; a score is a number from 0 to 100"
        yield from self._wrong_half_lives()
        yield from self._wrong_cost()
        for case in self.cases:
            yield from _wrong_case(case)
        size = len(self.to_json().encode())
        if size > LIMIT:
            yield f"it has {size:,} bytes of JSON; {LIMIT:,} are allowed"

    def _wrong_axes(self) -> Iterator[str]:
        for name in ("splits", "ratios", "shares", "seeds"):
            if not getattr(self, name):
                yield f"{name} has no values"
        for split in self.splits:
            if not (split.name and split.meaning):
                yield f"split {split.name!r} needs a name and a meaning"
            if not _is_number(split.chance) or not 0 <= split.chance <= 100:
                yield f"chance of {split.name} is {split.chance!r}; it must be a number from 0 to 100"
        for what, values in (("splits", [split.name for split in self.splits]), ("seeds", self.seeds)):
            if len(set(values)) < len(values):
                yield f"{what} has a value twice: {_listed(values)}"
        for seed in self.seeds:
            if not isinstance(seed, numbers.Integral) or isinstance(seed, bool) or seed < 0:
                yield f"seeds has {seed!r}; a seed is a whole number from 0"
        for name, most in (("ratios", math.inf), ("shares", 1)):
            values = getattr(self, name)
            for value in values:
                if not _is_number(value) or not 0 <= value <= most:
                    yield f"{name} has {value!r}; it must be a number from 0" + (" to 1" if most == 1 else "")
            if any(after <= before for before, after in itertools.pairwise(values)):
                yield f"{name} must rise: {_listed(values)}"
        if self.ratios[0] <= 0:
            yield f"ratios has {self.ratios[0]!r}; a ratio is above 0"
        if self.shares[0] != 0:
            yield f"shares begins with {self.shares[0]!r}; the first share is 0, the base itself"

    def _wrong_places(self, name: str, values: Mapping[Place, Any], axes: tuple) -> Iterator[str]:
        known = set(itertools.product(*axes))
        for place in values:
            if place not in known:
                yield f"{name} has {place!r}, which is no place; an example is {min(known, key=str, default='none')!r}"
        missing = [] if self.partly else sorted(known - set(values), key=str)
        if missing:
            yield f"{name} was not measured at {missing[0]!r}; partly=True says that this is meant"

    def _wrong_half_lives(self) -> Iterator[str]:
        """A half-life that the scores contradict: they say when the water was there, and it says when it came."""
        low, high = self.ratios[0], self.ratios[-1]
        for (name, seed), value in self.half_life.items():
            said = f"half_life at {(name, seed)!r} is {value!r}"
            if value is not None and (not _is_number(value) or not low <= value <= high):
                yield f"{said}; it must be from {low} to {high}, or None"
            water = [self.prompted[name, ratio, seed] for ratio in self.ratios if (name, ratio, seed) in self.prompted]
            island = self.tuned.get((name, seed))
            if island is None or len(water) < len(self.ratios):
                continue
            if value is None and water[-1] >= island:
                yield f"{said}, but at {high} the water is {water[-1]} and the island {island}"
            if value is not None and max(water) < island - self.margin:
                yield f"{said}, but the water never comes within {self.margin} points"

    def _wrong_cost(self) -> Iterator[str]:
        cost = self.cost
        if set(cost.base_flop) != set(self.ratios):
            yield f"base_flop has the ratios {_listed(cost.base_flop)}; the tide has {_listed(self.ratios)}"
        flop = {f"base_flop at {ratio}": value for ratio, value in cost.base_flop.items()}
        told = {"examples": cost.examples, "seconds": cost.seconds, "tuning_flop": cost.tuning_flop, **flop}
        for name, value in told.items():
            if not _is_number(value) or value <= 0:
                yield f"{name} is {value!r}; it must be a number above 0"


class TideGauge(anywidget.AnyWidget):
    """The islands of one tide; the reader turns the new base's compute and sees what goes under.

    ratio, share: where it starts; the first of the tide's where not given. seed: one of the tide's, or "all".
    reported: whether it starts with the data tuned into the new base.
    """

    _esm = joined("tide_gauge", "js")
    _css = joined("tide_gauge", "css")

    tide = traitlets.Dict().tag(sync=True)
    ratio = traitlets.Float().tag(sync=True)
    share = traitlets.Float().tag(sync=True)
    seed = traitlets.Unicode(ALL).tag(sync=True)
    reported = traitlets.Bool().tag(sync=True)

    def __init__(
        self,
        tide: Tide,
        ratio: float | None = None,
        share: float = 0,
        seed: int | str = ALL,
        reported: bool = False,
    ):
        start = tide.ratios[0] if ratio is None else ratio
        super().__init__(tide=json.loads(tide.to_json()), ratio=start, share=share, seed=str(seed), reported=reported)

    @traitlets.validate("ratio", "share", "seed")
    def _known(self, proposal) -> float | str:
        name, value = proposal["trait"].name, proposal["value"]
        known = [ALL, *map(str, self.tide["seeds"])] if name == "seed" else self.tide[f"{name}s"]
        if value not in known:
            raise traitlets.TraitError(f"{name}={value!r} must be one of {_listed(known)}")
        return value


def _wrong_case(case: Case) -> Iterator[str]:
    for name, value in asdict(case).items():
        if not (value and isinstance(value, str)):
            yield f"the case {case.happened!r} of {case.date!r} has {value!r} as its {name}; it must be a text"
    if not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", case.date, re.ASCII):
        yield f"the case {case.happened!r} has the date {case.date!r}; it must be YYYY, YYYY-MM or YYYY-MM-DD"
    if not re.fullmatch(r"https://\S+", case.link):
        yield f"the case {case.happened!r} has the link {case.link!r}; it must begin with https://"
    if case.status != READ and not case.status.startswith(QUOTED):
        yield f"the case {case.happened!r} has the status {case.status!r}; it must be {READ!r} or begin with {QUOTED!r}"


def _nested(values: Mapping[Place, Any], *axes: Sequence, place: Place = ()) -> list | Any:
    if not axes:
        return values.get(place)
    return [_nested(values, *axes[1:], place=(*place, value)) for value in axes[0]]


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def _plain(value: Any) -> float:
    return value.item()  # a number of numpy


def _listed(values) -> str:
    return ", ".join(map(str, values))
