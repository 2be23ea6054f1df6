"""The claims register: reads seeds/*.yml, checks every field, names a wrong one by file and line.

The rule of an experiment stands here, as data, before its first recorded run. crucible.ledger
applies it. `python -m crucible check` reads the whole register.
"""

import difflib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from crucible.metrics import METRICS

Verdict = Literal["supported", "contradicted", "conditional", "open", "record", "untestable", "not yet tested"]
MeasuredVerdict = Literal["supported", "contradicted", "open"]
Kind = Literal["empirical", "causal", "figure", "normative", "prediction", "definition", "analogy"]
Theme = Literal["pretraining and fine-tuning", "open and closed", "craft", "scale", "market", "other"]


Form = TypeVar("Form", bound=BaseModel)


class RegisterError(ValueError):
    """A wrong entry of the register; the message starts with file and line."""


def _known_metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"{name!r} is not a metric; known are {', '.join(METRICS)}")
    return name


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Placebo(_Entry):
    """A comparison in which the effect must vanish: its interval has to stay within +-bound."""

    arm: str
    against: str | None = None  # the part's own `against` where not given
    bound: Annotated[float, Field(gt=0)]


class Part(_Entry):
    """One scalar rule: metric of `arm` minus metric of `against`, seed by seed."""

    part: str
    rule: str  # the rule in a sentence of ours
    metric: Annotated[str, AfterValidator(_known_metric)]
    arm: str
    against: str
    direction: Literal["greater", "less"]
    minimum_effect: float  # in the metric's difference unit; with "less" the effect must lie below it
    placebo: Placebo
    condition: str | None = None  # the setting this part speaks for, where a claim is judged by condition


class Experiment(_Entry):
    """A registered experiment: its rules and the seeds that count."""

    id: str
    title: str
    chapter: str
    seeds: Annotated[tuple[int, ...], Field(min_length=3)]
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _distinct(self):
        for name, values in (("seed", self.seeds), ("part", [part.part for part in self.parts])):
            twice = {value for value in values if list(values).count(value) > 1}
            if twice:
                raise ValueError(f"{name} {sorted(twice)[0]!r} stands twice")
        return self


class Claim(_Entry):
    """One claim, in our words, with what is recorded about it."""

    id: str
    who: str
    kind: Kind
    theme: Theme
    claim: str
    counter: str | None = None  # what the other side says
    tested_in: tuple[str, ...] = ()  # experiments, or "E05/part" for one part of one
    combine: Literal["all", "any", "condition"] = "all"  # how the parts' verdicts make one
    verdict: Verdict  # the recorded verdict; a build that measures another one fails
    condition: str | None = None
    reason: str | None = None  # why it cannot be tested
    record: str | None = None  # what the written record says, and where it was checked
    reach: Annotated[int, Field(ge=0, le=3)]
    chapter: str | None = None
    forecast: str | None = None

    @model_validator(mode="after")
    def _complete(self):
        for verdict, field in (("untestable", "reason"), ("conditional", "condition"), ("record", "record")):
            if self.verdict == verdict and not getattr(self, field):
                raise ValueError(f"a claim with verdict {verdict!r} needs its {field!r}")
        if self.verdict in ("supported", "contradicted", "conditional", "open") and not self.tested_in:
            raise ValueError(f"verdict {self.verdict!r} without any experiment in 'tested_in'")
        return self


class Source(_Entry):
    """One file of the register: who speaks, the claims, the experiments of that file."""

    article: str
    title: str
    author: str
    outlet: str
    date: str
    language: str
    argument: str  # the argument in a few sentences of ours
    claims: tuple[Claim, ...] = ()
    experiments: tuple[Experiment, ...] = ()

    @model_validator(mode="after")
    def _ids_belong(self):
        for claim in self.claims:
            if not claim.id.startswith(self.article + "/"):
                raise ValueError(f"claim {claim.id!r} must start with {self.article + '/'!r}")
        return self


class Register(BaseModel):
    """All files of the register together."""

    sources: tuple[Source, ...]

    @cached_property
    def claims(self) -> dict[str, Claim]:
        return {claim.id: claim for source in self.sources for claim in source.claims}

    @cached_property
    def experiments(self) -> dict[str, Experiment]:
        return {experiment.id: experiment for source in self.sources for experiment in source.experiments}

    def experiment(self, name: str) -> Experiment:
        """The experiment with this id. KeyError with the nearest names if there is none."""
        return _look_up(self.experiments, name, "experiment")

    def claim(self, name: str) -> Claim:
        """The claim with this id. KeyError with the nearest names if there is none."""
        return _look_up(self.claims, name, "claim")

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
        near = difflib.get_close_matches(name, entries, n=3, cutoff=0.4) or sorted(entries)[:3]
        raise KeyError(f"no {what} {name!r} in the register; did you mean {' or '.join(near) or 'none (it is empty)'}?")
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
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise RegisterError(f"{folder}: no .yml file of the register is here")
    seen: dict[str, str] = {}
    sources = []
    for file in files:
        source, nodes = read_entry(file, Source)
        for kind in ("claims", "experiments"):
            for index, entry in enumerate(getattr(source, kind)):
                place = f"{file.name}:{line_of(nodes, (kind, index, 'id'))}"
                if entry.id in seen:
                    raise RegisterError(f"{place}: id {entry.id!r} stands already at {seen[entry.id]}")
                seen[entry.id] = place
        sources.append(source)
    register = Register(sources=tuple(sources))
    for claim in register.claims.values():
        try:
            register.parts_of(claim)
        except KeyError as error:
            raise RegisterError(f"{seen[claim.id]}: claim {claim.id}, tested_in: {error.args[0]}") from None
    return register


def read_entry(file: Path, form: type[Form]) -> tuple[Form, yaml.Node | None]:
    """Read one YAML file as an entry of this form; the nodes know the lines.

    Raises RegisterError with file, line, field and value of what is wrong.
    """
    try:
        nodes = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        _no_key_twice(file, nodes)
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise RegisterError(f"{file.name}:{line}: not valid YAML: {getattr(error, 'problem', error)}") from None
    try:
        return form.model_validate(data), nodes
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]) or "the file"
        message = first["msg"].removeprefix("Value error, ")
        value = (
            ""
            if isinstance(first["input"], dict | list) or repr(first["input"]) in message
            else f", got {first['input']!r}"
        )
        raise RegisterError(f"{file.name}:{line_of(nodes, first['loc'])}: {field}: {message}{value}") from None


def _no_key_twice(file: Path, node: yaml.Node | None) -> None:
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        for key, value in node.value:
            if keys.count(key.value) > 1:
                raise RegisterError(f"{file.name}:{key.start_mark.line + 1}: {key.value}: stands twice in one entry")
            _no_key_twice(file, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _no_key_twice(file, value)


def line_of(node: Any, path: tuple) -> int:
    """Line of the entry at `path`, or of the nearest one above it that exists."""
    line = node.start_mark.line + 1 if node else 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line
