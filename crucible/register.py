"""The claims register: reads seeds/*.yml, checks every field, names a wrong one by file and line.

One file per article holds its claims; records.yml holds what the written record says,
contradictions.yml where two claims disagree, plans.yml the experiments that are still to come.
The rule of an experiment stands here, as data, before its first recorded run. crucible.ledger
applies it. `python -m crucible check` reads the whole register.
"""

import difflib
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel

from crucible.entries import (
    Claim,
    Contradiction,
    Contradictions,
    Experiment,
    Kind,
    MeasuredVerdict,
    Part,
    Plan,
    Plans,
    Record,
    Records,
    Source,
    Theme,
    Verdict,
)
from crucible.yaml_lines import RegisterError, line_of, read

__all__ = [
    "Claim",
    "Experiment",
    "Kind",
    "MeasuredVerdict",
    "Part",
    "Register",
    "RegisterError",
    "Theme",
    "Verdict",
    "load",
]

SHAPES: dict[str, type[BaseModel]] = {
    "records.yml": Records,
    "contradictions.yml": Contradictions,
    "plans.yml": Plans,
}  # any other file is a Source
LANDSCAPE = "landscape.yml"  # figures about the field, read by crucible.landscape; no claims
KINDS = ("claims", "experiments", "records", "contradictions", "plans")  # the lists whose entries have an id


class Register(BaseModel):
    """All files of the register together."""

    sources: tuple[Source, ...]
    records: tuple[Record, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    plans: tuple[Plan, ...] = ()

    @cached_property
    def claims(self) -> dict[str, Claim]:
        return {claim.id: claim for source in self.sources for claim in source.claims}

    @cached_property
    def experiments(self) -> dict[str, Experiment]:
        return {experiment.id: experiment for source in self.sources for experiment in source.experiments}

    @cached_property
    def titles(self) -> dict[str, str]:
        """What each experiment, registered or planned, and each record check asks."""
        titles = {plan.id: plan.title for plan in self.plans} | {check.id: check.question for check in self.records}
        return titles | {name: experiment.title for name, experiment in self.experiments.items()}

    def experiment(self, name: str) -> Experiment:
        """The experiment with this id. KeyError with the nearest names if there is none."""
        return _look_up(self.experiments, name, "experiment")

    def claim(self, name: str) -> Claim:
        """The claim with this id. KeyError with the nearest names if there is none."""
        return _look_up(self.claims, name, "claim")

    def entry(self, name: str) -> Claim | Experiment | Record | Plan:
        """Whatever has this id. KeyError with the nearest claims, experiments and record checks if nothing has."""
        planned = {plan.id: plan for plan in self.plans}
        if name in planned:
            return planned[name]
        entries = self.claims | self.experiments | {check.id: check for check in self.records}
        return _look_up(entries, name, "claim, experiment or record check")

    def records_of(self, claim: Claim) -> list[Record]:
        """The record checks that speak about a claim."""
        return [check for check in self.records if claim.id in check.claims]

    def parts_of(self, claim: Claim) -> list[tuple[Experiment, Part]]:
        """The parts a claim rests on."""
        found = []
        for name in claim.tested_in:
            experiment_id, _, part_name = name.partition("/")
            experiment = self.experiment(experiment_id)
            parts = [part for part in experiment.parts if part_name in ("", part.part)]
            if not parts:
                known = ", ".join(part.part for part in experiment.parts)
                raise KeyError(f"experiment {experiment_id} has no part {part_name!r}; it has {known}")
            found += [(experiment, part) for part in parts]
        return found


def _look_up(entries: dict, name: str, what: str):
    if name not in entries:
        raise KeyError(_unknown(entries, name, what))
    return entries[name]


def seeds_folder() -> Path:
    """Where the register lies: `seeds/` beside the package, or inside it once installed as a wheel."""
    package = Path(__file__).resolve().parent
    return next(folder for folder in (package.parent / "seeds", package / "seeds") if folder.is_dir())


def load(folder: Path | None = None) -> Register:
    """Read and check every YAML file of the register.

    Raises RegisterError with file, line, field and value of the first wrong entry.
    """
    folder = folder or seeds_folder()
    files = sorted(file for file in folder.glob("*.yml") if file.name != LANDSCAPE)
    if not files:
        raise RegisterError(f"{folder}: no .yml file of the register is here")
    places: dict[str, str] = {}  # of each id: file and line
    found: dict[str, list] = {"sources": [], "records": [], "contradictions": [], "plans": []}
    for file in files:
        content, nodes = read(file, SHAPES.get(file.name, Source))
        for kind in KINDS:
            for index, entry in enumerate(getattr(content, kind, ())):
                place = f"{file.name}:{line_of(nodes, (kind, index, 'id'))}"
                if entry.id in places:
                    raise RegisterError(f"{place}: id {entry.id!r} stands already at {places[entry.id]}")
                places[entry.id] = place
        if isinstance(content, Source):
            found["sources"].append(content)
        else:
            for kind, entries in content:
                found[kind] += entries
    book = Register(**{kind: tuple(entries) for kind, entries in found.items()})
    for name, field, message in _wrong_references(book):
        raise RegisterError(f"{places[name]}: {name}, {field}: {message}")
    return book


def _wrong_references(book: Register) -> Iterator[tuple[str, str, str]]:
    """Entries that name something which is not there, or lack what another entry asks of them: id, field, message."""
    for check in book.records:
        for name in check.claims:
            if name not in book.claims:
                yield check.id, "claims", _unknown(book.claims, name, "claim")
            elif check.id not in book.claims[name].planned:
                yield check.id, "claims", f"claim {name!r} does not name {check.id} in its 'planned'"
    for source in book.sources:
        for claim in source.claims:
            if not claim.id.startswith(source.article + "/"):
                yield claim.id, "id", f"claim {claim.id!r} must start with {source.article + '/'!r}"
            yield from ((claim.id, *wrong) for wrong in _wrong_in_claim(claim, book))
    sides = book.claims.keys() | {check.id for check in book.records}
    for entry in book.contradictions:
        for field in ("one", "other"):
            for name in getattr(entry, field):
                if name not in sides:
                    yield entry.id, field, _unknown(sides, name, "claim or record check")
                elif name in book.claims and not book.claims[name].counter:
                    yield name, "counter", f"is missing; a claim that stands in a contradiction ({entry.id}) needs it"
        for name in entry.resolved_by:
            if name not in book.titles:
                yield entry.id, "resolved_by", _unknown(book.titles, name, "experiment or record check")


def _wrong_in_claim(claim: Claim, book: Register) -> Iterator[tuple[str, str]]:
    try:
        for experiment, part in book.parts_of(claim):
            if claim.combine == "condition" and not part.condition:
                yield "combine", f"part {part.part!r} of {experiment.id} names no 'condition' it speaks for"
    except KeyError as error:
        yield "tested_in", error.args[0]
    records = book.records_of(claim)
    for name in claim.planned:
        if name not in book.titles:
            yield "planned", _unknown(book.titles, name, "experiment or record check")
        elif name.startswith("R") and name not in {check.id for check in records}:
            yield "planned", f"record check {name} does not name this claim"
    if claim.verdict == "record" and not (claim.record or records):
        yield "verdict", "'record' needs the claim's own 'record', or an entry of records.yml that names the claim"


def _unknown(entries: Collection[str], name: str, what: str) -> str:
    near = difflib.get_close_matches(name, entries, n=3, cutoff=0.4) or sorted(entries)[:3]
    return f"no {what} {name!r} in the register; did you mean {' or '.join(near) or 'none (it is empty)'}?"
