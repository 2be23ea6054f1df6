"""The control board: a run's gauges over its training, what each can see, and which fault the run has."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from crucible.widgets import joined
from crucible.widgets.contract import folded_table, is_number, is_whole, listed, wrong_name

LIMIT = 60_000  # bytes of JSON
MOST_STEPS = 60
LONGEST = 48  # letters of a name, so that it fits on a button of a phone


@dataclass(frozen=True)
class Gauge:
    """What is read off while a model trains. sees, blind: what it can tell and what not, as ends of sentences.

    decimals: to which its values are rounded and printed. log: whether its axis is logarithmic.
    """

    name: str
    unit: str = ""
    decimals: int = 2
    log: bool = False
    sees: str = ""
    blind: str = ""


@dataclass(frozen=True)
class Run:
    """A recorded run. fault: in a few words, None where it is healthy. steps: rising, where the gauges were read.

    values: gauge -> a number for each step, None where there is none. tells: said once the reader knows the fault.
    """

    name: str
    fault: str | None
    steps: Sequence[int]
    values: Mapping[str, Sequence[float | None]]
    tells: str = ""


@dataclass(frozen=True)
class Board:
    """Gauges, and runs that have them all. ValueError in one line where it breaks."""

    gauges: Sequence[Gauge]
    runs: Sequence[Run]

    def __post_init__(self):
        for complaint in self._complaints():
            raise ValueError(f"control board: {complaint}")

    def to_json(self) -> str:
        """What the page needs; a run's values are lists in the order of gauges, then steps. Rounded here, once."""
        data = {
            "gauges": [
                {
                    "name": one.name,
                    "unit": one.unit,
                    "decimals": int(one.decimals),
                    "log": bool(one.log),
                    "sees": one.sees,
                    "blind": one.blind,
                }
                for one in self.gauges
            ],
            "runs": [
                {
                    "name": run.name,
                    "fault": run.fault,
                    "steps": [int(step) for step in run.steps],
                    "values": [_column(run, one) for one in self.gauges],
                    "tells": run.tells,
                }
                for run in self.runs
            ],
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def table(self, summary: str = "The last value of every gauge as a table") -> str:
        """What every gauge reads at each run's last step, and the run's fault, as Markdown, folded."""
        units = [f"{one.name} ({one.unit})" if one.unit else one.name for one in self.gauges]
        rows = []
        for run in self.runs:
            last = [(run.values[one.name][-1], one.decimals) for one in self.gauges]
            shown = ["none" if value is None else f"{value:,.{decimals}f}" for value, decimals in last]
            rows.append([run.name, run.fault or "none", *shown])
        return folded_table(summary, ["run", "fault", *units], rows, texts=2)

    def _complaints(self) -> Iterator[str]:
        """What breaks the contract, the first thing first."""
        for what, things, most in (("gauge", self.gauges, 8), ("run", self.runs, 24)):
            if not 1 <= len(things) <= most:
                yield f"{len(things)} {what}s; it takes 1 to {most}"
            for one in things:
                yield from wrong_name(f"a {what}'s name", one.name, LONGEST)
            if len({one.name for one in things}) < len(things):
                yield f"a {what} is there twice: {listed(one.name for one in things)}"
        for gauge in self.gauges:
            if not isinstance(gauge.decimals, int) or not 0 <= gauge.decimals <= 6:
                yield f"{gauge.name} has decimals={gauge.decimals!r}; it must be a whole number from 0 to 6"
        for run in self.runs:
            if run.fault is not None:
                yield from wrong_name(f"the fault of {run.name}", run.fault, LONGEST)
            yield from self._wrong_run(run)
        size = len(self.to_json().encode())
        if size > LIMIT:
            yield f"it has {size:,} bytes of JSON; {LIMIT:,} are allowed"

    def _wrong_run(self, run: Run) -> Iterator[str]:
        if not 2 <= len(run.steps) <= MOST_STEPS:
            yield f"{run.name} has {len(run.steps)} steps; it takes 2 to {MOST_STEPS}"
        for step in run.steps:
            if not is_whole(step) or step < 0:
                yield f"{run.name} has the step {step!r}; it must be a whole number from 0"
        if any(after <= before for before, after in itertools.pairwise(run.steps)):
            yield f"the steps of {run.name} must rise: {listed(run.steps)}"
        names = [gauge.name for gauge in self.gauges]
        if set(run.values) != set(names):
            yield f"{run.name} has the gauges {listed(run.values)}; the board has {listed(names)}"
        for gauge in self.gauges:
            values, of = run.values[gauge.name], f"{gauge.name} of {run.name}"
            if len(values) != len(run.steps):
                yield f"{of} has {len(values)} values for {len(run.steps)} steps"
            if all(value is None for value in values):
                yield f"{of} has no value at all"
            for step, value in zip(run.steps, values, strict=True):
                if value is not None and not is_number(value):
                    yield f"{of} is {value!r} at step {step}; it must be a finite number, or None"
                if value is not None and gauge.log and _rounded(value, gauge.decimals) <= 0:
                    yield f"{of} is {value!r} at step {step}; at {gauge.decimals} decimals a log axis needs more than 0"


class ControlBoard(anywidget.AnyWidget):
    """The gauges of one run, with a marker on all of them that the reader moves over the steps.

    run: the place of the run. step: where the marker stands. gauge: the place of the gauge that is told of.
    anonymous: whether the runs have letters for names until the reader has named the fault.
    answers: a run's place -> the fault that the reader named, "" for none.
    """

    _esm = joined("control_board", "js", "drawing")
    _css = joined("control_board", "css")

    data = traitlets.Dict().tag(sync=True)
    run = traitlets.Int(0).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    gauge = traitlets.Int(0).tag(sync=True)
    anonymous = traitlets.Bool(False).tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)

    def __init__(self, board: Board, anonymous: bool = False, run: int = 0):
        if not 0 <= run < len(board.runs):
            raise ValueError(f"control board: run={run!r} must be from 0 to {len(board.runs) - 1}")
        if anonymous and all(one.fault is None for one in board.runs):
            raise ValueError("control board: no run has a fault, so there is none to name")
        last = int(board.runs[run].steps[-1])
        super().__init__(data=json.loads(board.to_json()), anonymous=anonymous, run=run, step=last)


def _column(run: Run, gauge: Gauge) -> list:
    return [_rounded(value, gauge.decimals) for value in run.values[gauge.name]]


def _rounded(value: Any, decimals: int) -> Any:
    if value is None:
        return None
    rounded = round(float(value), decimals)
    return int(rounded) if rounded == int(rounded) else rounded  # 3 is shorter than 3.0
