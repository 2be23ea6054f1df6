"""The claim sorter: file claims of the register under experiment, record or neither, and get the reason."""

from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from crucible.register import Claim, Kind
from crucible.widgets import joined

PLACES = ("experiment", "record", "neither")

# Why a small experiment can say something about a claim of this kind.
TESTABLE: dict[Kind, str] = {
    "causal": "It says that one thing makes another. In a small model we can change the one and watch the other.",
    "empirical": "It says what models are like or what they do. A small model can be measured on the same question.",
    "definition": "It takes a thing apart into its pieces. A small model can be made piece by piece.",
    "figure": "It is a number. A small model can show what such a number is made of, and what would change it.",
    "normative": "What ought to be done cannot be measured. But the advice rests on a fact, and a fact can be tested.",
    "analogy": "A likeness proves nothing. But the mechanism that it points to can be built small and watched.",
    "prediction": "Nobody can look ahead. But the forecast rests on a mechanism that can be built small and watched.",
}
RECORDED = "It says what was counted, dated or published. So it can be looked up, and compared with who else counted."


class ClaimSorter(anywidget.AnyWidget):
    """One card after the other: the reader files the claim, the widget answers with the book's place and its reason.

    cards: what `cards()` makes. answers: the places chosen so far, in the order of the cards.
    card: the card that is shown; len(cards) stands for the summary.
    """

    _esm = joined("claim_sorter", "js")
    _css = joined("claim_sorter", "css")

    cards = traitlets.List(traitlets.Dict()).tag(sync=True)
    answers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    card = traitlets.Int().tag(sync=True)

    def __init__(self, cards: Sequence[Mapping[str, Any]]):
        if not cards:
            raise ValueError("cards is empty: there is nothing to sort")
        super().__init__(cards=[dict(card) for card in cards], answers=[], card=0)

    @traitlets.validate("answers")
    def _places(self, proposal):
        answers = proposal["value"]
        unknown = [answer for answer in answers if answer not in PLACES]
        if unknown:
            raise traitlets.TraitError(f"answers has {unknown[0]!r}; a place is one of {', '.join(PLACES)}")
        if not self.card <= len(answers) <= len(self.cards):
            limits = f"{self.card} (the card that is shown) and {len(self.cards)} (all cards)"
            raise traitlets.TraitError(f"answers has {len(answers)} entries; it must have between {limits}")
        return answers

    @traitlets.validate("card")
    def _reached(self, proposal):
        if not 0 <= proposal["value"] <= len(self.answers):
            raise traitlets.TraitError(f"card={proposal['value']} must lie between 0 and {len(self.answers)} (filed)")
        return proposal["value"]


def places(claim: Claim) -> list[str]:
    """Where the book files a claim, the main place first.

    A claim names its experiments (E...) and record checks (R...); the first one named is the main one.
    """
    if claim.verdict == "untestable":
        return ["neither"]
    named = [*claim.tested_in, *claim.planned]
    found = list(dict.fromkeys("experiment" if name.startswith("E") else "record" for name in named))
    if claim.record and "record" not in found:
        found.append("record")
    if not found:
        raise ValueError(f"claim {claim.id} names no experiment, no record and no reason: it cannot be filed")
    return found


def cards(
    book_claims: Mapping[str, Claim], ids: Sequence[str], about: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The widget's cards for these claims, in this order, made from the register alone.

    about: what an experiment or a record check asks, by its id, as in the register's `titles`.
    """
    twice = {name for name in ids if list(ids).count(name) > 1}
    if twice:
        raise ValueError(f"claim {sorted(twice)[0]!r} stands twice among the cards")
    unknown = [name for name in ids if name not in book_claims]
    if unknown:
        raise ValueError(f"claim {unknown[0]!r} is not in the register")
    return [_card(book_claims[name], about or {}) for name in ids]


def _card(claim: Claim, about: Mapping[str, str]) -> dict[str, Any]:
    where = places(claim)
    return {
        "id": claim.id,
        "who": claim.who,
        "article": claim.id.partition("/")[0],
        "claim": claim.claim,
        "places": where,
        "reasons": [_reason(claim, place, about) for place in where],
    }


def _reason(claim: Claim, place: str, about: Mapping[str, str]) -> str:
    if place == "neither":
        return claim.reason or ""  # the register asks a reason of every untestable claim
    what, why = ("Experiment", TESTABLE[claim.kind]) if place == "experiment" else ("Record check", RECORDED)
    names = dict.fromkeys(name.partition("/")[0] for name in (*claim.tested_in, *claim.planned) if name[0] == what[0])
    asks = [f"{what} {name} asks: {about[name]}" if name in about else f"{what} {name}." for name in names]
    return " ".join([why, *asks])
