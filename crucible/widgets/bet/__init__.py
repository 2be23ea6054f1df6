"""A bet: the reader commits a number with an interval, and only then sees the result and the score."""

import math
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from crucible import bets
from crucible.forecast import Scale, place
from crucible.ledger import CONFIDENCE
from crucible.widgets import joined


class Bet(anywidget.AnyWidget):
    """A question, the reader's guess with a low and a high end, and the result once the bet is placed.

    With a kernel the bet lives in `record` and in a small file; on the page, in the browser's own
    storage. A placed bet can be cleared and not changed.

    id: the bet's name in the whole book, such as "opening/examples". minimum, maximum: what may be
    bet; the score is counted in hundredths of this range, on this scale. result: give it here where
    it is known before, else call `reveal` after the run. level: how often the interval should hold.
    file: where the bets are kept; None for nowhere.
    """

    _esm = joined("bet", "js", "bets")
    _css = joined("bet", "css", "bets")

    id = traitlets.Unicode().tag(sync=True)
    about = traitlets.Dict().tag(sync=True)  # question, unit, minimum, maximum, scale, level
    note = traitlets.Unicode().tag(sync=True)
    result = traitlets.Float(None, allow_none=True).tag(sync=True)
    record = traitlets.Dict().tag(sync=True)  # the placed bet with all of `about`, see crucible/bets.py; or {}
    kept_in = traitlets.Unicode().tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        id: str,
        question: str,
        unit: str,
        minimum: float,
        maximum: float,
        result: float | None = None,
        level: float = CONFIDENCE,
        scale: Scale = "linear",
        note: str = "",
        file: str | Path | None = bets.FILE,
    ):
        if not (id and question):
            raise ValueError("a bet needs an id and a question")
        place(minimum, minimum, maximum, scale)  # refuses a range that is none
        if not 0 < level < 1:
            raise ValueError(f"level={level} must lie between 0 and 1, both excluded")
        about: dict[str, Any] = {"question": question, "unit": unit, "minimum": minimum, "maximum": maximum}
        about |= {"scale": scale, "level": level}
        self._file = None if file is None else Path(file)
        kept, trouble = bets.read(self._file) if self._file else ({}, "")
        kept_in = str(file or "")
        super().__init__(id=id, about=about, note=note, record=kept.get(id, {}), kept_in=kept_in, trouble=trouble)
        self.observe(self._keep, "record")
        if result is not None:
            self.reveal(result)

    def reveal(self, value: float) -> None:
        """Give the result; the reader sees it once the bet is placed. Beyond an end of the range it counts as that."""
        if math.isnan(value):
            raise ValueError(f"value={value} must be a number")
        self.result = float(min(max(value, self.about["minimum"]), self.about["maximum"]))
        if self.record:
            self.record = {**self.record, "result": self.result}

    @traitlets.validate("record")
    def _placed_once(self, proposal):
        new, old = proposal["value"], self.record
        if not new:
            return new
        try:
            new = bets.checked(new)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        changed = [name for name in new if name != "result" and old and new[name] != old[name]]
        if changed:
            name = changed[0]
            raise traitlets.TraitError(
                f"{name}={new[name]!r}: the bet is placed with {old[name]!r}; it can be cleared, not changed"
            )
        return new

    def _keep(self, _change) -> None:
        if self._file:
            self.trouble = bets.put(self._file, self.id, self.record or None)
