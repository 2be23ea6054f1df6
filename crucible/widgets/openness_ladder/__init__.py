"""The openness ladder: what each way of opening a model saves in examples, and what it lets one check."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from crucible.widgets import joined
from crucible.widgets.contract import is_whole, listed, packed, wrong_names, wrong_seeds, wrong_text, wrong_texts

LIMIT = 20_000  # bytes of JSON
ANSWERS = ("yes", "no", "cannot be asked")


@dataclass(frozen=True)
class Audit:
    """What came of a question at a rung. answer: one of ANSWERS. why: one sentence."""

    answer: str
    why: str


@dataclass(frozen=True)
class Rung:
    """A way of opening a model.

    told: one sentence on what is given. needed: seed -> the smallest tried number of examples that reached the target,
    or None where none did. audits: question -> what came of it.
    """

    name: str
    told: str
    needed: Mapping[int, int | None]
    audits: Mapping[str, Audit]


class OpennessLadder(anywidget.AnyWidget):
    """The rungs, lowest first, and where the widget starts (the lowest).

    target: what was to be reached, as it stands after "to reach". sizes: the numbers of examples that were tried,
    rising. ValueError in one line for broken data; TraitError for an unknown rung.
    """

    _esm = joined("openness_ladder", "js", "drawing")
    _css = joined("openness_ladder", "css", "drawing")

    data = traitlets.Dict().tag(sync=True)
    rung = traitlets.Unicode().tag(sync=True)

    def __init__(self, target: str, sizes: Sequence[int], rungs: Sequence[Rung], rung: str | None = None):
        for complaint in _complaints(target, sizes, rungs):
            raise ValueError(f"openness ladder: {complaint}")
        super().__init__(data=_page(target, sizes, rungs), rung=rungs[0].name if rung is None else rung)

    @traitlets.validate("rung")
    def _valid(self, proposal):
        known = [one["name"] for one in self.data["rungs"]]
        if proposal["value"] not in known:
            raise traitlets.TraitError(f"openness ladder: rung={proposal['value']!r} must be one of {listed(known)}")
        return proposal["value"]


def rows(sizes: Sequence[int], rungs: Sequence[Rung]) -> list[list[str]]:
    """The ladder for crucible.plot.table, its head first: a row for each rung."""
    seeds, questions = sorted(rungs[0].needed), list(rungs[0].audits)
    return [
        ["", *(f"examples, seed {seed}" for seed in seeds), *questions],
        *(
            [
                one.name,
                *(f"more than {sizes[-1]:,}" if one.needed[s] is None else f"{one.needed[s]:,}" for s in seeds),
                *(one.audits[question].answer for question in questions),
            ]
            for one in rungs
        ),
    ]


def _page(target: str, sizes: Sequence[int], rungs: Sequence[Rung]) -> dict[str, Any]:
    seeds, questions = sorted(rungs[0].needed), list(rungs[0].audits)
    data = {
        "target": target,
        "sizes": [int(one) for one in sizes],
        "seeds": [int(seed) for seed in seeds],
        "questions": questions,
        "rungs": [
            {
                "name": one.name,
                "told": one.told,
                "needed": [None if n is None else int(n) for n in map(one.needed.get, seeds)],
                "audits": [[one.audits[question].answer, one.audits[question].why] for question in questions],
            }
            for one in rungs
        ],
    }
    return packed("openness ladder", data, LIMIT)


def _complaints(target: str, sizes: Sequence[int], rungs: Sequence[Rung]) -> Iterator[str]:
    """What breaks the contract, the first thing first."""
    yield from wrong_text("target", target)
    if len(sizes) < 2 or not all(is_whole(one) for one in sizes):
        yield f"sizes are {listed(sizes)}; at least two whole numbers are needed"
    if any(after <= before for before, after in itertools.pairwise(sizes)):
        yield f"sizes must rise: {listed(sizes)}"
    names = [one.name for one in rungs]
    if not 2 <= len(rungs) <= 6 or len(set(names)) < len(names):
        yield f"the rungs are {listed(names)}; 2 to 6 of different names are needed"
    if not rungs[0].audits:
        yield "there are no audit questions; at least 1 is needed"
    yield from wrong_texts("an audit question", rungs[0].audits)
    for one in rungs:
        where = f"rung {one.name!r}"
        yield from wrong_text("a rung's name", one.name)
        yield from wrong_text(f"told of {where}", one.told)
        yield from wrong_seeds(f"needed of {where}", one.needed, rungs[0].needed)
        for seed, value in one.needed.items():
            if value is not None and value not in sizes:
                yield f"needed of {where}, seed {seed} is {value!r}; it must be one of {listed(sizes)}, or None"
        yield from wrong_names(f"audits of {where}", one.audits, rungs[0].audits)
        for question, audit in one.audits.items():
            if audit.answer not in ANSWERS:
                yield f"{question!r} at {where} has the answer {audit.answer!r}; it must be one of {listed(ANSWERS)}"
            yield from wrong_text(f"why of {question!r} at {where}", audit.why)
