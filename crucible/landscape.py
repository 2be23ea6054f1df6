"""The landscape: figures that the articles and the record give, each with its date, counting rule and source.

They stand in seeds/landscape.yml. Where two counts disagree both stand there, side by side: neither is
corrected, and none is ranked. The opening chapter draws its pictures from here.
"""

import calendar
import datetime
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crucible.register import LANDSCAPE, RegisterError, load, seeds_folder
from crucible.yaml_lines import line_of, read

Status = Literal["stated in the article", "read in the source", "quoted by a named second source"]


class Figure(BaseModel):
    """One figure as somebody gave it: a number means nothing without its date and its counting rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str  # what was counted or measured
    kind: Literal["count", "share", "cost", "time", "score"]
    value: float
    to: float | None = None  # the upper end, where the source gives a range
    bound: Literal["at least", "more than", "about"] | None = None  # how the source qualifies it
    unit: str
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]  # as exact as the source
    place: str
    by: str  # who counted, measured or said it
    counting_rule: str
    claim: str | None = None  # id of the claim that states it
    record: str | None = Field(None, pattern=r"^R\d{2}$")  # id of the record check that found it
    source: str
    status: Status

    @model_validator(mode="after")
    def _sound(self):
        if not (self.claim or self.record):
            raise ValueError("a figure needs the id of a 'claim' or of a 'record' that states it")
        if self.to is not None and self.to <= self.value:
            raise ValueError(f"the range from {self.value} to {self.to} does not rise")
        if self.status == "stated in the article" and not self.claim:
            raise ValueError("a figure stated in an article names the 'claim'")
        _day(self.date)
        return self

    @property
    def number(self) -> str:
        """The number as the source gives it: "at least 300", "4 to 6", "79"."""
        ends = " to ".join(f"{end:,g}" for end in (self.value, self.to) if end is not None)
        return f"{self.bound} {ends}" if self.bound else ends

    @property
    def day(self) -> datetime.date:
        """The date; where the source gives only a month or a year, its last day."""
        return _day(self.date)

    @property
    def when(self) -> str:
        """The date in words, as exact as the source: "28 May 2023", "June 2023"."""
        year, *rest = self.date.split("-")
        words = [calendar.month_name[int(rest[0])]] if rest else []
        return " ".join([str(int(rest[1])), *words, year] if len(rest) == 2 else [*words, year])


class _Figures(BaseModel):
    model_config = ConfigDict(extra="forbid")
    figures: Annotated[tuple[Figure, ...], Field(min_length=1)]


def landscape(folder: Path | None = None) -> tuple[Figure, ...]:
    """All figures of seeds/landscape.yml, oldest first.

    Raises RegisterError with file, line, field and value of the first wrong entry, also where a
    figure names a claim or a record check that the register does not have.
    """
    folder = folder or seeds_folder()
    file = folder / LANDSCAPE
    if not file.is_file():
        raise RegisterError(f"{file}: the file with the landscape's figures is not here")
    found, nodes = read(file, _Figures)
    book = load(folder)
    known: dict[str, Collection[str]] = {"claim": book.claims, "record": [check.id for check in book.records]}
    for index, figure in enumerate(found.figures):
        for field, names in known.items():
            name = getattr(figure, field)
            if name is not None and name not in names:
                line = line_of(nodes, ("figures", index, field))
                raise RegisterError(f"{LANDSCAPE}:{line}: figures.{index}.{field}: {name!r} is not in the register")
    return tuple(sorted(found.figures, key=lambda figure: figure.day))


def pick(figures: Iterable[Figure], **wanted: str) -> Iterator[Figure]:
    """The figures whose fields have these values: pick(figures, kind="count", place="China")."""
    return (figure for figure in figures if all(getattr(figure, name) == value for name, value in wanted.items()))


def _day(text: str) -> datetime.date:
    year, month, *day = [int(part) for part in text.split("-")] if "-" in text else [int(text), 12]
    if not 1 <= month <= 12:
        raise ValueError(f"{text!r} is no date: there is no month {month}")
    return datetime.date(year, month, day[0] if day else calendar.monthrange(year, month)[1])
