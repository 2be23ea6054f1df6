"""Forecasts, and how they are scored once the outcome is known. Used in the closing.

A forecast is worth something only if it was written down before, and if its score rewards saying
what one believes. Both scores here do: they are proper.
Sources: Gneiting and Raftery 2007, Strictly Proper Scoring Rules, Prediction, and Estimation,
Journal of the American Statistical Association 102(477), equation 43 (interval score);
Brier 1950, Verification of Forecasts Expressed in Terms of Probability, Monthly Weather Review 78(1).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from crucible.ledger import CONFIDENCE
from crucible.register import Claim, Verdict

MEASURED: tuple[Verdict, ...] = (
    "supported",
    "contradicted",
    "conditional",
    "open",
)  # the verdicts that an experiment can end in
_PROBABILITY = re.compile(r"\(p = (\d*\.?\d+)\)")


@dataclass(frozen=True)
class Bet:
    """A guessed number and the interval around it that one would trust nine times out of ten."""

    guess: float
    low: float
    high: float

    def __post_init__(self):
        if not self.low <= self.guess <= self.high:
            raise ValueError(f"guess={self.guess} must lie between low={self.low} and high={self.high}")


EXAMPLE_BET = Bet(25_000, 5_000, 100_000)  # on the opening's question: examples until 95 % are right

Scale = Literal["linear", "log"]


@dataclass(frozen=True)
class Forecast:
    """A sealed forecast of a verdict: one of these, with this probability."""

    verdicts: tuple[Verdict, ...]
    probability: float


def interval_score(low: float, high: float, outcome: float, confidence: float = CONFIDENCE) -> float:
    """Width of the interval, plus a fine for each unit by which it missed. Less is better; same unit as the outcome.

    The fine is 2 / (1 - confidence) a unit: 20 for a 90 % interval. Whoever bets the true quantiles
    has the lowest score in the long run. ValueError where the bet is not an interval.
    """
    if not all(map(math.isfinite, (low, high, outcome))):
        raise ValueError(f"low={low}, high={high} and outcome={outcome} must be finite numbers")
    if low > high:
        raise ValueError(f"low={low} must not lie above high={high}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence} must lie between 0 and 1, both excluded")
    fine = 2 / (1 - confidence)
    return (high - low) + fine * max(low - outcome, 0) + fine * max(outcome - high, 0)


def place(value: float, minimum: float, maximum: float, scale: Scale = "linear") -> float:
    """Where a value lies in the range of a question, in points: 0 at its minimum, 100 at its maximum.

    A value beyond an end counts as that end, because nobody could bet on more. scale: "log" for
    questions where factors count. ValueError where the range is none.
    """
    if scale not in ("linear", "log"):
        raise ValueError(f"scale={scale!r} must be linear or log")
    if not (math.isfinite(minimum) and math.isfinite(maximum) and minimum < maximum):
        raise ValueError(f"minimum={minimum} must be less than maximum={maximum}, both finite")
    if scale == "log" and minimum <= 0:
        raise ValueError(f"minimum={minimum} must be above 0 on a log scale")
    if math.isnan(value):
        raise ValueError(f"value={value} must be a number")
    to = math.log10 if scale == "log" else float
    inside = min(max(value, minimum), maximum)
    return 100 * (to(inside) - to(minimum)) / (to(maximum) - to(minimum))


def points(
    low: float,
    high: float,
    outcome: float,
    minimum: float,
    maximum: float,
    scale: Scale = "linear",
    confidence: float = CONFIDENCE,
) -> float:
    """Interval score on the scale of `place`: 100 points are as much as the whole range of the question.

    So bets in different units can be put beside each other, and averaged.
    """
    if low > high:  # also where both lie beyond one end
        raise ValueError(f"low={low} must not lie above high={high}")
    low, high, outcome = (place(value, minimum, maximum, scale) for value in (low, high, outcome))
    return interval_score(low, high, outcome, confidence)


def probability_score(probability: float, happened: bool) -> float:
    """Squared distance between the probability and what came: 0 is perfect, 1 the worst, 0.25 for a shrug of 0.5."""
    if not 0 <= probability <= 1:
        raise ValueError(f"probability={probability} must lie between 0 and 1")
    return (probability - float(happened)) ** 2


def sealed(claim: Claim) -> Forecast | None:
    """The forecast that the register keeps with a claim, such as "Supported (p = 0.85).".

    None where there is none that can be scored: no text, no verdict, or not exactly one probability.
    """
    text = claim.forecast or ""
    probabilities = _PROBABILITY.findall(text)
    verdicts = tuple(word for word in MEASURED if re.search(rf"\b{word}\b", text, re.IGNORECASE))
    return Forecast(verdicts, float(probabilities[0])) if verdicts and len(probabilities) == 1 else None


def scores(claims: Mapping[str, Claim]) -> dict[str, float]:
    """The score of each sealed forecast whose claim has met its experiment, by claim."""
    met = {name: sealed(claim) for name, claim in claims.items() if claim.verdict in MEASURED}
    return {
        name: probability_score(forecast.probability, claims[name].verdict in forecast.verdicts)
        for name, forecast in met.items()
        if forecast
    }
