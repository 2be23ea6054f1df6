"""A grid: what a chapter measured at every setting of its knobs, with the rule that was asked of it.

The form is the contract between a notebook and a page: axes, metrics, seeds and decision, as plain JSON. The
explorer draws it, `table()` prints it for readers without JavaScript.
A value is kept as it was measured, to the last digit; it is rounded once, where it is printed, as the ledger does.
"""

import itertools
import json
import math
import numbers
import os
import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version

from crucible import ledger, register
from crucible.ledger import Outcome
from crucible.register import Register

LIMIT = 200_000  # bytes of JSON: a page must stay light
RESERVED = ("metric", "seed", "seeds")  # they stand beside the axes, in a setting and in a place
MISSING = "–"

Value = str | int | float  # a place on an axis
Setting = Mapping[str, Value]  # axis -> value


@dataclass(frozen=True)
class Measure:
    """One metric, measured over a grid.

    values: (a value of each axis, in the grid's order, then the seed) -> what was measured there.
    difference_unit: of the difference of two values; "points" for a share in %. decimals: how many are printed.
    chance, oracle: what a blind guess and a perfect model get, drawn as lines where given.
    partly: True where some places were not measured on purpose; otherwise a missing place is an error.
    """

    values: Mapping[tuple, float]
    unit: str
    difference_unit: str = ""
    decimals: int = 1
    chance: float | None = None
    oracle: float | None = None
    partly: bool = False

    @property
    def unit_of_difference(self) -> str:
        return self.difference_unit or ("points" if self.unit == "%" else self.unit)


@dataclass(frozen=True)
class Decision:
    """The rule that was fixed before the run, what became of it, and how far that reaches (0 to 3)."""

    rule: str
    verdict: str
    reach: int

    @classmethod
    def of(cls, claim_id: str, *outcomes: Outcome, book: Register | None = None) -> "Decision":
        """A claim's rule, verdict and reach. outcomes: of all experiments that the claim rests on."""
        book = book or register.load()
        claim = book.claim(claim_id)
        found = {outcome.experiment.id: outcome for outcome in outcomes}
        rule = " ".join(part.rule for _, part in book.parts_of(claim))
        return cls(rule, ledger.claim_verdict(claim, book, found), claim.reach)


def this_machine() -> str:
    """Where a grid was measured, in a few words."""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {python}, torch {version('torch')}"


@dataclass(frozen=True)
class Grid:
    """What was measured, at every combination of the axes' values, under every seed. ValueError where it breaks.

    axes: name -> values, in the order in which they are drawn. placebo: the axis and its value that are the placebo.
    """

    experiment: str
    seeds: Sequence[int]
    axes: Mapping[str, Sequence[Value]]
    metrics: Mapping[str, Measure]
    decision: Decision
    placebo: tuple[str, Value] | None = None
    created: str = field(default_factory=lambda: date.today().isoformat())
    machine: str = field(default_factory=this_machine)

    def __post_init__(self):
        for complaint in self._complaints():
            raise ValueError(f"grid of {self.experiment}: {complaint}")

    def settings(self) -> Iterator[Setting]:
        """Every combination of the axes' values, the last axis turning fastest."""
        for values in itertools.product(*self.axes.values()):
            yield dict(zip(self.axes, values, strict=True))

    def by_seed(self, metric: str, setting: Setting) -> dict[int, float]:
        """What was measured at a setting: seed -> value. Empty where nothing was. ValueError for an unknown place."""
        if metric not in self.metrics:
            raise ValueError(f"metric={metric!r} must be one of {_listed(self.metrics)}")
        for name, values in self.axes.items():
            if setting.get(name) not in values:
                raise ValueError(f"{name}={setting.get(name)!r} must be one of {_listed(values)}")
        place = tuple(setting[name] for name in self.axes)
        found = self.metrics[metric].values
        return {seed: found[*place, seed] for seed in self.seeds if (*place, seed) in found}

    def to_json(self) -> str:
        """The contract, as JSON. A place that was not measured is null."""
        metrics = {
            name: {
                "unit": measure.unit,
                "difference_unit": measure.unit_of_difference,
                "decimals": measure.decimals,
                "chance": measure.chance,
                "oracle": measure.oracle,
                "values": self._nested(measure, ()),
            }
            for name, measure in self.metrics.items()
        }
        data = {
            "experiment": self.experiment,
            "created": self.created,
            "machine": self.machine,
            "seeds": list(self.seeds),
            "axes": {name: list(values) for name, values in self.axes.items()},
            "metrics": metrics,
            "order": {"axes": list(self.axes), "metrics": list(self.metrics)},  # a notebook file sorts its keys
            "placebo": {"axis": self.placebo[0], "value": self.placebo[1]} if self.placebo else None,
            "decision": asdict(self.decision),
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def table(self, summary: str = "All values as a table") -> str:
        """Every seed's value and the mean, as Markdown, one table for each metric, folded."""
        tables = []
        for name, measure in self.metrics.items():
            head = [*self.axes, *(f"seed {seed}" for seed in self.seeds), "mean"]
            lines = [_row(head), _row(["---"] * len(self.axes) + ["--:"] * (len(self.seeds) + 1))]
            for setting in self.settings():
                found = self.by_seed(name, setting)
                if found:
                    values = [*(found.get(seed) for seed in self.seeds), statistics.mean(found.values())]
                    shown = [MISSING if value is None else f"{value:.{measure.decimals}f}" for value in values]
                    lines.append(_row([*map(_words, setting.values()), *shown]))
            tables.append(f"**{name} ({measure.unit})**\n\n" + "\n".join(lines))
        # The blank lines let Markdown read the tables inside the HTML.
        return f"<details>\n<summary>{summary}</summary>\n\n" + "\n\n".join(tables) + "\n\n</details>"

    def _nested(self, measure: Measure, place: tuple) -> list:
        levels = [*self.axes.values(), self.seeds]
        values = levels[len(place)]
        if len(place) == len(self.axes):
            found = [measure.values.get((*place, seed)) for seed in values]
            return [None if value is None else float(value) for value in found]
        return [self._nested(measure, (*place, value)) for value in values]

    def _complaints(self) -> Iterator[str]:
        """What breaks the contract, the first thing first."""
        for what, names in (("axis", self.axes), ("metric", self.metrics)):
            if not names:
                yield f"it has no {what}"
            for name in names:
                if not name or name in RESERVED or name.isdigit():  # JavaScript would sort digits to the front
                    yield f"{name!r} cannot name a grid's {what}; a name has letters and is none of {_listed(RESERVED)}"
        for name, values in {**self.axes, "seeds": self.seeds}.items():
            if not values:
                yield f"{name} has no values"
            for value in values:
                number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
                if not (number or (isinstance(value, str) and value)):
                    yield f"{name} has {value!r}, which is neither text nor a number"
            if len(set(map(str, values))) < len(values):
                yield f"{name} has a value twice: {_listed(values)}"
        for name, measure in self.metrics.items():
            yield from self._wrong_in(name, measure)
        if self.placebo and self.placebo[1] not in self.axes.get(self.placebo[0], ()):
            yield f"the placebo {self.placebo[0]}={self.placebo[1]!r} is no place on an axis"
        if not (self.decision.rule and self.decision.verdict and self.decision.reach in range(4)):
            yield "the decision needs a rule, a verdict and a reach from 0 to 3"
        size = len(self.to_json().encode())
        if size > LIMIT:
            yield f"it has {size:,} bytes of JSON; {LIMIT:,} are allowed"

    def _wrong_in(self, name: str, measure: Measure) -> Iterator[str]:
        if not measure.unit:
            yield f"{name} has no unit"
        if not measure.values:
            yield f"{name} has no values"
        known = set(itertools.product(*self.axes.values(), self.seeds))
        for place, value in measure.values.items():
            if place not in known:
                yield f"{name} was measured at {place!r}, which is no combination of {_listed(self.axes)} and seed"
            if not isinstance(value, numbers.Real) or isinstance(value, bool) or not math.isfinite(value):
                yield f"{name} at {place!r} is {value!r}, not a finite number"
        for line in ("chance", "oracle"):
            value = getattr(measure, line)
            if value is not None and not math.isfinite(value):
                yield f"{line} of {name} is {value!r}, not a finite number"
        missing = [] if measure.partly else sorted(known - set(measure.values), key=str)
        if missing:
            yield f"{name} was not measured at {missing[0]!r}; partly=True says that this is meant"


def _words(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _listed(values) -> str:
    return ", ".join(map(str, values))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
