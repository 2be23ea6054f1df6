"""The model in the page: a reader types a prompt, and the chapter's own model answers, without a kernel."""

from collections.abc import Mapping, Sequence

import anywidget
import traitlets
from ipywidgets import widget_serialization

from crucible.model import Transformer
from crucible.widgets import joined
from crucible.widgets.export import pack, weights

FORMS = ("", "sum")


class AskModel(anywidget.AnyWidget):
    """A field for a prompt, and what one or several models answer, with the probability of each next token.

    systems: name -> a model, or {steps trained: the model as it was then}; the latter get a slider, and all that
        have checkpoints must have the same. They share one page copy of equal weights, see export.py.
    vocab: the models' words. Where most have more than one letter a prompt's words stand apart, as in MiniWorld;
        elsewhere the longest entry that fits is taken, as in "72+85=".
    prompts: examples to choose from; the first one is asked at the start.
    answer_length: tokens that the model writes. stop: a word after which it writes none, such as "<end>".
    top: how many of the next tokens get a bar.
    form: "sum" lets people type 27 + 58, writes it ones first, as AddWorld does, and shows the answer turned round.
    dtype: how the weights are rounded for the page, "fp16" or "int8".
    """

    _esm = joined("ask_model", "js", "transformer")
    _css = joined("ask_model", "css")

    systems = traitlets.List(traitlets.Dict()).tag(sync=True, **widget_serialization)
    steps = traitlets.List(traitlets.Int()).tag(sync=True)  # of the slider; empty without checkpoints
    vocab = traitlets.List(traitlets.Unicode()).tag(sync=True)
    prompts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    answer_length = traitlets.Int().tag(sync=True)
    stop = traitlets.Unicode().tag(sync=True)
    top = traitlets.Int().tag(sync=True)
    form = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    place = traitlets.Int().tag(sync=True)  # index into steps

    def __init__(
        self,
        systems: Mapping[str, Transformer | Mapping[int, Transformer]],
        vocab: Sequence[str],
        prompts: Sequence[str],
        answer_length: int,
        top: int = 4,
        form: str = "",
        dtype: str = "fp16",
        stop: str = "",
    ):
        runs = {name: dict(found) if isinstance(found, Mapping) else {0: found} for name, found in systems.items()}
        steps = _steps(runs)
        _check(runs, vocab, answer_length, top, form)
        if stop and stop not in vocab:
            raise ValueError(f"stop={stop!r} is no word of the vocabulary")
        if not prompts:
            raise ValueError("prompts is empty: the widget starts with the first one")
        super().__init__(
            systems=[
                {"name": name, "weights": [weights(pack(run[step], dtype)) for step in sorted(run)]}
                for name, run in runs.items()
            ],
            steps=steps,
            vocab=list(vocab),
            prompts=list(prompts),
            answer_length=answer_length,
            stop=stop,
            top=top,
            form=form,
            prompt=prompts[0],
            place=0,
        )

    @traitlets.validate("place")
    def _known(self, proposal):
        last = max(0, len(self.steps) - 1)
        if not 0 <= proposal["value"] <= last:
            raise traitlets.TraitError(f"place={proposal['value']} must lie between 0 and {last}")
        return proposal["value"]


def _steps(runs: Mapping[str, Mapping[int, Transformer]]) -> list[int]:
    """The steps of those systems that have several checkpoints; ValueError if they differ."""
    if not runs or not all(runs.values()):
        raise ValueError("systems is empty: there is no model to ask")
    found = {tuple(sorted(run)) for run in runs.values() if len(run) > 1}
    if len(found) > 1:
        raise ValueError(f"the systems' checkpoints differ: {' and '.join(map(str, sorted(found)))}")
    return list(*found)


def _check(runs, vocab: Sequence[str], answer_length: int, top: int, form: str) -> None:
    if form not in FORMS:
        raise ValueError(f"form={form!r} must be one of {', '.join(map(repr, FORMS))}")
    for name, value in (("answer_length", answer_length), ("top", top)):
        if value < 1:
            raise ValueError(f"{name}={value} must be at least 1")
    if form == "sum" and not 2 <= answer_length <= 4:
        raise ValueError(f"answer_length={answer_length} must be 2, 3 or 4 for form='sum': one digit more than it adds")
    missing = [word for word in (*"0123456789+=",) if word not in vocab]
    if form == "sum" and missing:
        raise ValueError(f"form='sum' needs {missing[0]!r} in the vocabulary")
    for name, run in runs.items():
        for model in run.values():
            config = model.config
            if config.vocab_size != len(vocab):
                raise ValueError(f"{name!r} has vocab_size={config.vocab_size}, the vocabulary has {len(vocab)} words")
            needed = 3 * answer_length - 1  # 27+58= and all its answer but the last digit, which nobody reads
            if form == "sum" and config.context_length < needed:
                raise ValueError(f"{name!r} has context_length={config.context_length}, the sum needs {needed}")
