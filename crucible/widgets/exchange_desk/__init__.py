"""The exchange desk: what a base buys, in examples of the domain and in compute for each customer."""

import itertools
import json
import math
import numbers
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import Any

import anywidget
import traitlets

from crucible.widgets import joined

LIMIT = 100_000  # bytes of JSON
CUSTOMERS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
BOUNDS = ("at most", "", "at least")  # in rising order: what lies below, inside and above the from-scratch curve

Worth = tuple[float, str]  # so many examples from scratch, and one of BOUNDS


@dataclass(frozen=True)
class Compute:
    """What the runs cost, in FLOP.

    pretraining: start -> once for all customers; nothing for the from-scratch start. tuning: one run on a base.
    scratch: one run from scratch.
    """

    pretraining: Mapping[str, float]
    tuning: float
    scratch: float


@dataclass(frozen=True)
class Desk:
    """What was measured of a purchase: kinds of goods, starts, numbers of examples, seeds. ValueError where it breaks.

    starts: in rising strength; the first is the from-scratch one. placebo: the start that is the placebo, if any.
    examples: rising. scores: (kind, start, examples, seed) -> score in %.
    worth: (kind, start, examples, seed) -> how many examples from scratch give the same score, with a bound where the
        from-scratch curve does not get there; the first start needs none.
    chance: kind -> what a blind guess gets, in %. ceiling: (kind, examples) -> what could be known from these
    examples, in %. Both are drawn where given.
    partly: True where some places were not measured on purpose; otherwise a missing place is an error.
    """

    starts: Sequence[str]
    examples: Sequence[int]
    seeds: Sequence[int]
    kinds: Sequence[str]
    scores: Mapping[tuple, float]
    worth: Mapping[tuple, Worth]
    compute: Compute
    placebo: str | None = None
    chance: Mapping[str, float] = field(default_factory=dict)
    ceiling: Mapping[tuple, float] = field(default_factory=dict)
    partly: bool = False

    def __post_init__(self):
        for complaint in self._complaints():
            raise ValueError(f"exchange desk: {complaint}")

    def to_json(self) -> str:
        """What the page needs, as lists in the desk's order; a place that was not measured is null.

        Scores have one decimal, examples from scratch three digits, rates two: rounded here, once, and nowhere else.
        """
        pretraining = [float(self.compute.pretraining.get(start, 0)) for start in self.starts]
        data = {
            "kinds": list(self.kinds),
            "starts": list(self.starts),
            "placebo": self.placebo,
            "examples": [int(n) for n in self.examples],
            "seeds": [int(seed) for seed in self.seeds],
            "customers": list(CUSTOMERS),
            "scores": self._nested(self._score),
            "worth": self._nested(self._rate),
            "chance": [_rounded(self.chance.get(kind)) for kind in self.kinds],
            "ceiling": [[_rounded(self.ceiling.get((kind, n))) for n in self.examples] for kind in self.kinds],
            "compute": {
                "pretraining": pretraining,
                "tuning": float(self.compute.tuning),
                "scratch": float(self.compute.scratch),
            },
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def _nested(self, of) -> list:
        return [[[of(kind, start, n) for n in self.examples] for start in self.starts] for kind in self.kinds]

    def _score(self, *place) -> dict[str, Any] | None:
        found = [self.scores.get((*place, seed)) for seed in self.seeds]
        values = [value for value in found if value is not None]
        return {"mean": _rounded(mean(values)), "seeds": [_rounded(value) for value in found]} if values else None

    def _rate(self, kind: str, start: str, n: int) -> dict[str, Any] | None:
        """The seeds' worth and the middle one, which exists where some have only a bound; of two the lower."""
        found = [self.worth.get((kind, start, n, seed)) for seed in self.seeds]
        ranked = sorted((one for one in found if one), key=lambda one: (BOUNDS.index(one[1]), one[0]))
        if not ranked:
            return None
        middle = ranked[(len(ranked) - 1) // 2]
        return {
            "middle": _said(middle),
            "rate": _digits(middle[0] / n, 2),
            "seeds": [one and _said(one) for one in found],
        }

    def _complaints(self) -> Iterator[str]:
        """What breaks the contract, the first thing first."""
        for name, fewest in (("kinds", 1), ("starts", 2), ("examples", 2), ("seeds", 1)):
            values = getattr(self, name)
            if len(values) < fewest:
                yield f"{name} has {len(values)} values; at least {fewest} are needed"
            if len(set(values)) < len(values):
                yield f"{name} has a value twice: {_listed(values)}"
            for value in values:
                text = name in ("kinds", "starts")
                if not (isinstance(value, str) and value if text else _is_whole(value)):
                    yield f"{name} has {value!r}, which is no {'name' if text else 'whole number'}"
        if list(self.examples) != sorted(self.examples) or self.examples[0] < 1:
            yield f"examples must rise from at least 1, and are {_listed(self.examples)}"
        if self.placebo is not None and self.placebo not in self.starts[1:]:
            yield f"placebo={self.placebo!r} must be one of {_listed(self.starts[1:])}"
        yield from self._wrong_places()
        for name, known in (("chance", self.kinds), ("ceiling", itertools.product(self.kinds, self.examples))):
            yield from _wrong_shares(name, getattr(self, name), set(known))
        yield from self._wrong_costs()
        size = len(self.to_json().encode())
        if size > LIMIT:
            yield f"it has {size:,} bytes of JSON; {LIMIT:,} are allowed"

    def _wrong_places(self) -> Iterator[str]:
        known = set(itertools.product(self.kinds, self.starts, self.examples, self.seeds))
        yield from _wrong_shares("scores", self.scores, known)
        low, high = self.examples[0], self.examples[-1]
        for place, pair in self.worth.items():
            if place not in known:
                yield f"worth has {place!r}, which is no place of the desk"
            if not (isinstance(pair, tuple | list) and len(pair) == 2 and pair[1] in BOUNDS):
                yield f"worth at {place!r} is {pair!r}; it must be (examples, bound), bound one of {BOUNDS}"
            inside = _is_number(pair[0]) and low * (1 - 1e-9) <= pair[0] <= high * (1 + 1e-9)
            if not inside:  # beyond what was measured from scratch there are only bounds
                yield f"worth at {place!r} is {pair[0]!r} examples; it must be from {low:,} to {high:,}"
        if not self.partly:
            priced = {place for place in known if place[1] != self.starts[0]}
            for name, places in (("scores", known - set(self.scores)), ("worth", priced - set(self.worth))):
                if places:
                    first = min(places, key=str)
                    yield f"{name} lacks {first!r}; partly=True says that this is meant"

    def _wrong_costs(self) -> Iterator[str]:
        scratch, *bases = self.starts
        given = self.compute.pretraining
        for start in given:
            if start not in self.starts:
                yield f"pretraining has {start!r}, which must be one of {_listed(self.starts)}"
        if given.get(scratch, 0) != 0:
            yield f"pretraining of {scratch!r} is {given[scratch]!r}; from scratch it must be 0"
        costs = {f"pretraining of {base!r}": given.get(base) for base in bases}
        for name, cost in {**costs, "tuning": self.compute.tuning, "scratch": self.compute.scratch}.items():
            if cost is None or not (_is_number(cost) and cost > 0):
                yield f"{name} is {cost!r} FLOP; it must be a number above 0"


class ExchangeDesk(anywidget.AnyWidget):
    """One desk. kind, start, examples, customers: where it stands first; by itself at the strongest base.

    TraitError for a value that the desk does not have.
    """

    _esm = joined("exchange_desk", "js")
    _css = joined("exchange_desk", "css")

    desk = traitlets.Dict().tag(sync=True)
    kind = traitlets.Unicode().tag(sync=True)
    start = traitlets.Unicode().tag(sync=True)
    examples = traitlets.Int().tag(sync=True)
    customers = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        desk: Desk,
        kind: str | None = None,
        start: str | None = None,
        examples: int | None = None,
        customers: int = 100,
    ):
        super().__init__(
            desk=json.loads(desk.to_json()),
            kind=desk.kinds[0] if kind is None else kind,
            start=[one for one in desk.starts if one != desk.placebo][-1] if start is None else start,
            examples=int(desk.examples[(len(desk.examples) - 1) // 2]) if examples is None else examples,
            customers=customers,
        )

    @traitlets.validate("kind", "start", "examples", "customers")
    def _known(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        known = self.desk[name if name in self.desk else f"{name}s"] if self.desk else [value]
        if value not in known:
            raise traitlets.TraitError(f"{name}={value!r} must be one of {_listed(known)}")
        return value


def _wrong_shares(name: str, values: Mapping, known: set) -> Iterator[str]:
    for place, value in values.items():
        if place not in known:
            yield f"{name} has {place!r}, which is no place of the desk"
        if not (_is_number(value) and 0 <= value <= 100):
            yield f"{name} at {place!r} is {value!r}; it must be from 0 to 100 %"


def _is_number(value) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _rounded(value) -> float | None:
    return None if value is None else round(float(value), 1)


def _digits(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _said(worth: Worth) -> list:
    n, bound = worth
    return [float(n) if bound else _digits(n, 3), bound]  # a bound is a number of examples that was measured


def _listed(values) -> str:
    return ", ".join(map(str, values))
