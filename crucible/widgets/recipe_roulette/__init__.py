"""Recipe roulette: ten draws from recipes of equal data, size and compute, to beat the reference; then the tuned."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anywidget
import traitlets

from crucible.widgets import joined
from crucible.widgets.contract import folded_table, is_number, is_whole, listed, wrong_name

LIMIT = 30_000  # bytes of JSON
LONGEST = 40  # letters of a name, so that it fits beside its mark on a phone
MOST_SEED = 999_999  # of the shuffle: what a reader may type

Value = str | float  # of a setting


@dataclass(frozen=True)
class Card:
    """A recipe. settings: name -> value, text or number. mark: of the exam, 0 to 100."""

    name: str
    settings: Mapping[str, Value]
    mark: float


@dataclass(frozen=True)
class Luck:
    """One recipe run again. marks: seed -> mark, 0 to 100."""

    name: str
    marks: Mapping[int, float]


@dataclass(frozen=True)
class Tuned:
    """The tuned recipe, and the compute multiplier of craft: so many times less compute for the target.

    low, high: the multiplier's interval, both or none. at_least: it is only a bound from below.
    target: in words; None for the mark of the middle one of the cards.
    """

    card: Card
    multiplier: float
    low: float | None = None
    high: float | None = None
    at_least: bool = False
    target: str | None = None


@dataclass(frozen=True)
class Origin:
    """Where a setting's range came from. link: an https address of the source, if there is one."""

    range: str
    source: str = ""
    link: str = ""


@dataclass(frozen=True)
class Roulette:
    """A game of recipes. ValueError in one line where it breaks.

    cards: what is drawn. reference: the mark to beat. luck: recipes under other seeds, a band for each.
    origins: setting -> where its range came from. draws: how many the reader has.
    """

    cards: Sequence[Card]
    reference: Card
    tuned: Tuned
    luck: Sequence[Luck]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    draws: int = 10

    def __post_init__(self):
        for complaint in self._complaints():
            raise ValueError(f"roulette: {complaint}")

    def to_json(self) -> str:
        """What the page needs. Settings are lists of text in the reference's order; marks keep their last digit."""
        names = list(self.reference.settings)
        tuned = self.tuned
        origins = [self.origins.get(name, Origin("")) for name in names]

        def shown(card: Card) -> dict[str, Any]:
            values = [_words(card.settings[name]) for name in names]
            return {"name": card.name, "settings": values, "mark": _n(card.mark)}

        data = {
            "settings": names,
            "cards": [shown(card) for card in self.cards],
            "reference": shown(self.reference),
            "tuned": {
                **shown(tuned.card),
                "multiplier": _n(tuned.multiplier),
                "interval": None if tuned.low is None or tuned.high is None else [_n(tuned.low), _n(tuned.high)],
                "at_least": bool(tuned.at_least),
                "target": tuned.target,
            },
            "luck": [
                {"name": one.name, "marks": [[int(seed), _n(mark)] for seed, mark in one.marks.items()]}
                for one in self.luck
            ],
            "origins": [[one.range, one.source, one.link] for one in origins],
            "draws": int(self.draws),
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def table(self, summary: str = "All recipes as a table, which gives the game away") -> str:
        """Every recipe by its mark, the highest first, as Markdown, folded."""
        names = list(self.reference.settings)
        ranked = sorted((*self.cards, self.reference, self.tuned.card), key=lambda card: -card.mark)
        rows = [[one.name, *(_words(one.settings[name]) for name in names), f"{one.mark:.1f}"] for one in ranked]
        return folded_table(summary, ["recipe", *names, "mark"], rows, texts=len(names) + 1)

    def _complaints(self) -> Iterator[str]:
        """What breaks the contract, the first thing first."""
        if not 2 <= len(self.cards) <= 60:
            yield f"{len(self.cards)} cards; it takes 2 to 60"
        if not is_whole(self.draws) or not 1 <= self.draws <= len(self.cards):
            yield f"draws={self.draws!r} must be a whole number from 1 to {len(self.cards)}, the number of cards"
        known: set[str] = set()
        for card in (*self.cards, self.reference, self.tuned.card):
            yield from wrong_name("a recipe's name", card.name, LONGEST)
            if card.name in known:
                yield f"two recipes have the name {card.name!r}"
            known.add(card.name)
            yield from _wrong_mark(f"the mark of {card.name}", card.mark)
            yield from self._wrong_settings(card)
        if not 1 <= len(self.luck) <= 4:
            yield f"{len(self.luck)} recipes under other seeds; it takes 1 to 4"
        for one in self.luck:
            yield from wrong_name("the name of luck's recipe", one.name, LONGEST)
            if len(one.marks) < 2:
                yield f"{len(one.marks)} seeds of {one.name}; luck needs 2"
            for seed, mark in one.marks.items():
                if not is_whole(seed):
                    yield f"{one.name} has the seed {seed!r}; a seed is a whole number"
                yield from _wrong_mark(f"the mark of {one.name} under seed {seed}", mark)
        if len({one.name for one in self.luck}) < len(self.luck):
            yield f"luck has a recipe twice: {listed(one.name for one in self.luck)}"
        yield from self._wrong_multiplier()
        yield from self._wrong_origins()
        size = len(self.to_json().encode())
        if size > LIMIT:
            yield f"it has {size:,} bytes of JSON; {LIMIT:,} are allowed"

    def _wrong_settings(self, card: Card) -> Iterator[str]:
        names = self.reference.settings
        if not 1 <= len(card.settings) <= 12:
            yield f"{card.name} has {len(card.settings)} settings; it takes 1 to 12"
        if set(card.settings) != set(names):
            yield f"{card.name} has the settings {listed(card.settings)}; the reference has {listed(names)}"
        for name, value in card.settings.items():
            yield from wrong_name("a setting's name", name, LONGEST)
            if not (is_number(value) or (isinstance(value, str) and value.strip())):
                yield f"{name} of {card.name} is {value!r}; it must be a text or a number"

    def _wrong_multiplier(self) -> Iterator[str]:
        tuned = self.tuned
        if not is_number(tuned.multiplier) or tuned.multiplier <= 0:
            yield f"multiplier={tuned.multiplier!r} must be a number above 0"
        low, high = tuned.low, tuned.high
        if low is None or high is None:
            if low is not high:
                yield f"the multiplier's interval is {low!r} to {high!r}; it has two ends or none"
        elif not all(is_number(one) and one > 0 for one in (low, high)):
            yield f"the multiplier's interval is {low!r} to {high!r}; it takes numbers above 0"
        elif not low <= tuned.multiplier <= high:
            yield f"the multiplier {tuned.multiplier} lies outside its interval, {low} to {high}"
        if tuned.target is not None and not (isinstance(tuned.target, str) and tuned.target.strip()):
            yield f"target={tuned.target!r} must be a text, or None"

    def _wrong_origins(self) -> Iterator[str]:
        known = listed(self.reference.settings)
        for name, origin in self.origins.items():
            if name not in self.reference.settings:
                yield f"an origin is given for {name!r}, which is no setting; they are {known}"
            if not (isinstance(origin.range, str) and origin.range.strip()):
                yield f"the origin of {name} has the range {origin.range!r}; it must be a text"
            if origin.link and not re.fullmatch(r"https://\S+", origin.link):
                yield f"the origin of {name} has the link {origin.link!r}; it must begin with https://"
            if origin.link and not origin.source:
                yield f"the origin of {name} has a link but no source"


class RecipeRoulette(anywidget.AnyWidget):
    """A deck to draw from, a strip of marks, and a reveal.

    seed: of the shuffle. drawn: how many cards were drawn. shown: which draw is looked at, from 1; 0 before the first.
    revealed: whether the reader asked to see all; after the last draw all is shown anyhow.
    """

    _esm = joined("recipe_roulette", "js", "drawing")
    _css = joined("recipe_roulette", "css")

    data = traitlets.Dict().tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)
    drawn = traitlets.Int(0).tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    revealed = traitlets.Bool(False).tag(sync=True)

    def __init__(self, roulette: Roulette, seed: int = 1):
        if not is_whole(seed) or not 0 <= seed <= MOST_SEED:
            raise ValueError(f"roulette: seed={seed!r} must be a whole number from 0 to {MOST_SEED:,}")
        super().__init__(data=json.loads(roulette.to_json()), seed=int(seed))


def _wrong_mark(what: str, mark: Any) -> Iterator[str]:
    if not is_number(mark) or not 0 <= mark <= 100:
        yield f"{what} is {mark!r}; it must be a number from 0 to 100"


def _n(value: Any) -> float:
    return float(value)  # also a number of numpy


def _words(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"
