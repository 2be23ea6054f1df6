"""Watch a model learn one sum: drag through its checkpoints and see what it believes of each digit."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anywidget
import torch
import traitlets

from crucible.evaluate import write_answers
from crucible.train import Run
from crucible.widgets import joined
from crucible.worlds import AddWorld, Questions


class LearnedSum(anywidget.AnyWidget):
    """Digit probabilities of held-out sums over training, from a measured grid.

    data: the grid, plain JSON:
        steps [S], seeds [R], batch_size, arms [names],
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
        third = len(data["steps"]) // 3  # where something is going on
        super().__init__(data=data, arm=data["arms"][0], seed=data["seeds"][0], place=third, question=0)
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
            "arm": self.data["arms"],
            "seed": self.data["seeds"],
            "place": range(len(self.data["steps"])),
            "question": range(count),
        }[name]
        if value not in known:
            raise traitlets.TraitError(f"{name}={value!r} must be one of {', '.join(map(str, known))}")
        return value

    def _reply(self, _widget, message: dict, _buffers) -> None:
        assert self._ask  # without it nobody listens here
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


def look(run: Run, step: int, questions: Questions) -> tuple[list, list]:
    """The digits a run's model wrote after `step` steps [Q][A], and its probabilities in whole % [Q][A][10]."""
    digits, probabilities = write_answers(run.checkpoints[step], questions)
    return digits.tolist(), (100 * probabilities[:, :, :10]).round().int().tolist()


def grid(
    runs: Mapping[tuple[str, int], Run],
    exact_match: Mapping[tuple[str, int], Sequence[float]],
    sums: Mapping[int, Sequence[tuple[int, int]]],
    world: AddWorld,
    batch_size: int,
) -> dict[str, Any]:
    """The widget's data from finished runs, by (arm, seed), all with the same checkpoints.

    exact_match: in %, one value per checkpoint. sums: for each seed the held-out sums to show.
    """
    arms = list(dict.fromkeys(arm for arm, _ in runs))
    steps = sorted(next(iter(runs.values())).checkpoints)
    data: dict[str, Any] = {"arms": arms, "seeds": list(sums), "steps": steps, "batch_size": batch_size}
    data["sums"] = {str(seed): [list(pair) for pair in pairs] for seed, pairs in sums.items()}
    data |= {name: {arm: {} for arm in arms} for name in ("exact_match", "written", "probabilities")}
    for (arm, seed), run in runs.items():
        questions = _together([world.encode(a, b) for a, b in sums[seed]])
        written, probabilities = zip(*(look(run, step, questions) for step in steps), strict=True)
        data["exact_match"][arm][str(seed)] = list(exact_match[arm, seed])
        data["written"][arm][str(seed)] = list(written)
        data["probabilities"][arm][str(seed)] = list(probabilities)
    return data


def _together(parts: list[Questions]) -> Questions:
    return Questions(torch.cat([part.tokens for part in parts]), torch.cat([part.scored for part in parts]))
