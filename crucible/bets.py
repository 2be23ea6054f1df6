"""A reader's bets: what each holds, the small file that keeps them beside a notebook, what they add up to.

The published page keeps the same JSON in the browser and sends it nowhere; widgets/bets.js reads it
there by the same rules, and a test holds the two together.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from crucible import forecast

VERSION = 1
FILE = "bets.json"
RARE = 0.05  # at most this much chance is left out at either end of what counts as usual


class Kept(BaseModel):
    """One bet with its question; the result is None until it is known."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    question: str
    unit: str
    minimum: float
    maximum: float
    scale: forecast.Scale
    level: float = Field(gt=0, lt=1)
    guess: float
    low: float
    high: float
    result: float | None = None

    @model_validator(mode="after")
    def _in_order(self):
        forecast.place(self.guess, self.minimum, self.maximum, self.scale)
        forecast.Bet(self.guess, self.low, self.high)
        for name, value in (("low", self.low), ("high", self.high)):
            if not self.minimum <= value <= self.maximum:
                raise ValueError(f"{name}={value:g} must lie between {self.minimum:g} and {self.maximum:g}")
        return self


def checked(record: object) -> dict[str, Any]:
    """A bet as plain data, without fields that we do not know. ValueError in one line if it is none."""
    try:
        return Kept.model_validate(record).model_dump()
    except ValidationError as error:
        first = error.errors()[0]
        where, says = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{where}: {says}" if where else says) from None


def parse(text: str) -> tuple[dict[str, dict[str, Any]], str]:
    """The bets of a text, and what was wrong with it ("" if nothing). Sound bets beside a broken one are kept."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}, "it is no JSON"
    if not isinstance(found, dict) or not isinstance(found.get("bets"), dict):
        return {}, "it holds no bets of this book"
    if found.get("version") != VERSION or isinstance(found["version"], bool):
        return {}, f"its version is {found.get('version')!r} and this book reads version {VERSION}"
    sound, trouble = {}, ""
    for name, record in found["bets"].items():
        try:
            sound[name] = checked(record)
        except ValueError as error:
            trouble = trouble or f"bet {name!r}: {error}"
    return sound, trouble


def read(path: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """The bets in a file, and one line if that went wrong. A damaged file is set aside, never overwritten."""
    bets, trouble, _ = _read(path)
    return bets, trouble


def write(path: Path, bets: Mapping[str, Any]) -> str:
    """Put the bets into a file, in place of those that it holds. Returns "", or one line of trouble."""
    _, trouble, usable = _read(path)
    return _write(path, bets, trouble) if usable else trouble


def put(path: Path, name: str, record: Mapping[str, Any] | None) -> str:
    """Write one bet into the file, or take it out (None); the others stay. Returns "", or one line of trouble."""
    bets, trouble, usable = _read(path)
    if not usable:
        return trouble
    others = {other: kept for other, kept in bets.items() if other != name or record}
    return _write(path, others | ({name: dict(record)} if record else {}), trouble)


def _read(path: Path) -> tuple[dict[str, dict[str, Any]], str, bool]:
    """As read; the last value says whether the file may be written: what cannot be read is not overwritten."""
    only = "your bets last as long as this kernel"
    try:
        bets, wrong = _load(path)
    except OSError as error:
        return {}, f"{path} cannot be read ({error.strerror}): {only}", False
    if not wrong:
        return bets, "", True
    try:
        aside = _set_aside(path)
    except OSError as error:
        return bets, f"{path} is damaged ({wrong}) and cannot be set aside ({error.strerror}): {only}", False
    trouble = f"{path} is damaged ({wrong}); it now lies in {aside}"
    return bets, _write(path, bets, trouble + ", and what was sound of it was kept") if bets else trouble, True


def _write(path: Path, bets: Mapping[str, Any], trouble: str) -> str:
    try:
        _save(path, bets)
    except OSError as error:
        return f"{path} cannot be written ({error.strerror}): your bets last as long as this kernel"
    return trouble


def _load(path: Path) -> tuple[dict[str, dict[str, Any]], str]:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, ""
    except UnicodeDecodeError:
        return {}, "it is no text"


def _save(path: Path, bets: Mapping[str, Any]) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps({"version": VERSION, "bets": bets}, indent=1, ensure_ascii=False), encoding="utf-8")
    new.replace(path)


def _set_aside(path: Path) -> Path:
    count = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{count}{path.suffix}")).exists():
        count += 1
    path.rename(aside)
    return aside


def points(record: Mapping[str, Any]) -> float:
    """The interval score of a bet whose result is known; see forecast.points."""
    names = ("low", "high", "result", "minimum", "maximum", "scale", "level")
    return forecast.points(*(record[name] for name in names))


@dataclass(frozen=True)
class Calibration:
    """What bets with a known result add up to."""

    known: int
    held: int
    expected: float  # how many would hold on average if every interval held as often as it says
    usual: tuple[int, int]  # between these lies what is nothing unusual then
    points: float | None  # mean interval score


def calibration(bets: Mapping[str, Mapping[str, Any]]) -> Calibration:
    """Bets without a result do not count yet. `usual` leaves out at most RARE at either end."""
    known = [record for record in bets.values() if record["result"] is not None]
    held = sum(record["low"] <= record["result"] <= record["high"] for record in known)
    chances = [1.0]  # chances[k]: that k of the intervals hold
    for record in known:
        level = record["level"]
        pairs = zip([*chances, 0.0], [0.0, *chances], strict=True)
        chances = [stays * (1 - level) + grows * level for stays, grows in pairs]
    usual = (_left_out(chances), len(known) - _left_out(chances[::-1]))
    expected = sum(record["level"] for record in known)
    return Calibration(len(known), held, expected, usual, mean(map(points, known)) if known else None)


def _left_out(chances: list[float]) -> int:
    count, total = 0, chances[0]
    while total <= RARE:
        count += 1
        total += chances[count]
    return count
