"""Watch a model learn one sum: drag through its checkpoints and see what it believes of each digit."""

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from crucible.widgets import joined


class LearnedSum(anywidget.AnyWidget):
    """Digit probabilities of held-out sums over training, from a measured grid.

    data: the grid, plain JSON:
        steps [S], seeds [R], batch_size, arms {name: label},
        exact_match {arm: {seed: [S]}} in % of all held-out sums (the ledger's values),
        sums {seed: [[a, b], ...Q]}, written {arm: {seed: [S][Q][A]}} the digits the model wrote,
        probabilities {arm: {seed: [S][Q][A][10]}} in whole %; answer digits run from the ones up.
    ask: in a notebook, called as ask(arm, seed, step, a, b) for a sum that the reader types;
        returns (digits [A], probabilities in % [A][10]). The published page has no kernel, and so
        no field to type in.
    """

    _esm = joined("learned_sum", "js")
    _css = joined("learned_sum", "css")

    data = traitlets.Dict().tag(sync=True)
    arm = traitlets.Unicode().tag(sync=True)
    seed = traitlets.Int().tag(sync=True)
    place = traitlets.Int().tag(sync=True)  # index into data["steps"]
    question = traitlets.Int().tag(sync=True)  # index into data["sums"][seed]

    def __init__(self, data: dict[str, Any], ask: Callable[..., tuple[list, list]] | None = None):
        super().__init__(data=data, arm=next(iter(data["arms"])), seed=data["seeds"][0], place=0, question=0)
        self._ask = ask
        if ask:
            self.on_msg(self._reply)

    @traitlets.validate("arm", "seed", "place", "question")
    def _known(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        if not self.data:
            return value
        count = len(next(iter(self.data["sums"].values())))
        known = {
            "arm": list(self.data["arms"]),
            "seed": self.data["seeds"],
            "place": range(len(self.data["steps"])),
            "question": range(count),
        }[name]
        if value not in known:
            raise traitlets.TraitError(f"{name}={value!r} must be one of {', '.join(map(str, known))}")
        return value

    def _reply(self, _widget, message: dict, _buffers) -> None:
        if message.get("type") == "hello":
            self.send({"type": "ready"})
        elif message.get("type") == "ask":
            step = self.data["steps"][self.place]
            try:
                written, probabilities = self._ask(self.arm, self.seed, step, message["a"], message["b"])
            except ValueError as error:
                self.send({"type": "refused", "reason": str(error)})
            else:
                reply = {"a": message["a"], "b": message["b"], "written": written, "probabilities": probabilities}
                self.send({"type": "answer", "place": self.place, "arm": self.arm, "seed": self.seed, **reply})
