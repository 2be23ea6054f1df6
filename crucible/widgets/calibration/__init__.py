"""The reader's bets of the whole book: how many intervals held, what they cost, and what that says."""

from pathlib import Path

import anywidget
import traitlets

from crucible.bets import FILE, checked, read, write
from crucible.widgets import joined


class Calibration(anywidget.AnyWidget):
    """A table and a small chart of all bets, with export, import and clear.

    first: the chapter with the first bet, beside this one and without ending; the link leads there.
    file: where the notebooks of this folder keep their bets; the page without a kernel looks into
    the browser's storage instead.
    """

    _esm = joined("calibration", "js", "bets")
    _css = joined("calibration", "css", "bets")

    bets = traitlets.Dict().tag(sync=True)
    first = traitlets.Unicode().tag(sync=True)
    kept_in = traitlets.Unicode().tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)

    def __init__(self, first: str = "opening", file: str | Path = FILE):
        self._file = Path(file)
        kept, trouble = read(self._file)
        super().__init__(bets=kept, first=first, kept_in=str(file), trouble=trouble)
        self.observe(self._keep, "bets")

    @traitlets.validate("bets")
    def _sound(self, proposal):
        try:
            return {name: checked(record) for name, record in proposal["value"].items()}
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    def _keep(self, _change) -> None:
        self.trouble = write(self._file, self.bets)
