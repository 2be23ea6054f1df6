"""The grid explorer: turn the knobs of an experiment and see every seed, the mean and the placebo."""

import json
import re
from typing import Any

import anywidget
import traitlets
from scipy import stats

from crucible.grid import Grid, Setting, Value
from crucible.ledger import CONFIDENCE, FEWEST_SEEDS
from crucible.widgets import joined

VIEWS = ("line", "map", "bars", "dials")


class GridExplorer(anywidget.AnyWidget):
    """One grid, seen in one way.

    view: "line" (x runs on), "bars" (x has categories), "map" (x and y as a table with the values in it),
    "dials" (a number with its interval for each value of x). x, y: names of axes; the first ones where not given.
    setting: where it starts: the metric and a value for each axis; the placebo is never where it starts by itself.
    name: stands in the page's address before the setting, as in #knob=steps:400; two explorers need two names.
    log: x, a numeric axis, is drawn in equal ratios.
    """

    _esm = joined("grid_explorer", "js")
    _css = joined("grid_explorer", "css")

    grid = traitlets.Dict().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    view = traitlets.Unicode().tag(sync=True)
    x = traitlets.Unicode().tag(sync=True)
    y = traitlets.Unicode().tag(sync=True)
    log = traitlets.Bool().tag(sync=True)
    factors = traitlets.Dict().tag(sync=True)  # number of seeds -> how many standard errors its interval reaches
    setting = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        grid: Grid,
        view: str = "line",
        x: str = "",
        y: str = "",
        setting: Setting | None = None,
        name: str = "knob",
        log: bool = False,
    ):
        axes = list(grid.axes)
        x = x or axes[0]
        y = y or next((axis for axis in axes if axis != x), "")
        if view not in VIEWS:
            raise ValueError(f"view={view!r} must be one of {', '.join(VIEWS)}")
        for which, axis in (("x", x), ("y", y)):
            if axis not in axes and (which == "x" or view == "map"):
                raise ValueError(f"{which}={axis!r} must be one of {', '.join(axes)}")
        if view == "map" and x == y:
            raise ValueError(f"x and y are both {x!r}; a map needs two axes")
        if not re.fullmatch(r"[A-Za-z][\w-]*", name, re.ASCII):
            raise ValueError(f"name={name!r} must be a letter, then letters, digits, - or _")
        if log and not all(isinstance(value, int | float) and value > 0 for value in grid.axes[x]):
            raise ValueError(f"log=True needs numbers above 0 on x, and {x} has {', '.join(map(str, grid.axes[x]))}")
        super().__init__(
            grid=json.loads(grid.to_json()),
            name=name,
            view=view,
            x=x,
            y=y,
            log=log,
            factors={str(n): _factor(n) for n in range(FEWEST_SEEDS, len(grid.seeds) + 1)},
            setting={**_start(grid), **(setting or {})},
        )

    @traitlets.validate("setting")
    def _known(self, proposal) -> dict[str, Any]:
        known = {"metric": list(self.grid["metrics"]), **self.grid["axes"]} if self.grid else {}
        setting = proposal["value"]
        for key in setting.keys() | known.keys():
            if key not in known:
                raise traitlets.TraitError(f"setting has {key!r}; known are {', '.join(known)}")
            if setting.get(key) not in known[key]:
                listed = ", ".join(map(str, known[key]))
                raise traitlets.TraitError(f"{key}={setting.get(key)!r} must be one of {listed}")
        return setting


def _start(grid: Grid) -> dict[str, Value]:
    start: dict[str, Value] = {"metric": next(iter(grid.metrics))}
    for axis, values in grid.axes.items():
        start[axis] = next(value for value in values if (axis, value) != grid.placebo or len(values) == 1)
    return start


def _factor(n: int) -> float:
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) / n**0.5
