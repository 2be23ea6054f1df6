"""The metrics a rule may name, with the unit that stands on every axis and in every sentence.

Those of a model's answers are functions of crucible.evaluate; the others are worked out in the chapter that uses them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A measured quantity: what it is called in a sentence, and its units."""

    label: str
    unit: str  # of a value
    difference_unit: str  # of the difference of two values

    @property
    def decimals(self) -> int:
        """Decimals of a difference, wherever it is printed: one for points, two for units that are larger."""
        return 1 if self.difference_unit == "points" else 2


METRICS = {
    "exact_match": Metric("exact match", "%", "points"),
    "token_accuracy": Metric("accuracy per answer token", "%", "points"),
    "answer_loss": Metric("loss", "nats per answer token", "nats per answer token"),
    "rise_width": Metric("width of the rise", "decades", "decades"),
    "way": Metric("way from a blind guess to perfection", "%", "points"),
    "relative_loss": Metric("loss, counted in per cent,", "100 times the logarithm of nats per token", "points"),
    "best_size": Metric("best size", "decades of parameters", "decades"),
    "aic_lead": Metric("lead in AIC", "units of AIC", "units of AIC"),
    "mark": Metric("mark of the final exam", "points", "points"),
    "mark_spread": Metric("spread of the middle half", "points", "points"),
    "relative_mark": Metric("mark, counted in per cent of the tuned recipe's,", "%", "points"),
    "compute_saved": Metric("compute saved", "decades", "decades"),
    "exponent": Metric("exponent", "as a power of the examples", "as a power"),
    "gap_closed": Metric("gap closed", "% of the gap", "points"),
    "as_good": Metric("answers as good to the judge of style,", "%", "points"),
    "right_answers": Metric("right answers", "%", "points"),
    "same_errors": Metric("errors that are the same", "%", "points"),
    "errand_success": Metric("errands with a right end", "%", "points"),
    "examples_needed": Metric("examples needed", "decades", "decades"),
}
