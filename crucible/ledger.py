"""The ledger: from a registered rule and measurements per seed to interval, verdict and sentence.

A notebook measures and hands the rows over; everything that is said about a number is printed
from here. The statistics are explained in the opening chapter.
"""

import json
import math
import numbers
import os
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from scipy import stats

from crucible import register
from crucible.metrics import METRICS
from crucible.register import Claim, Experiment, MeasuredVerdict, Part, Register, Verdict

CONFIDENCE = 0.90
FEWEST_SEEDS = 3
NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True)
class Row:
    """One measurement: a metric of one arm under one seed, in the metric's unit.

    Numbers of numpy become Python's own. ValueError for anything that is not a number.
    """

    metric: str
    arm: str
    seed: int
    value: float

    def __post_init__(self):
        self._must_be("seed", numbers.Integral, "a whole number")
        self._must_be("value", numbers.Real, "a number")
        object.__setattr__(self, "seed", int(self.seed))
        object.__setattr__(self, "value", float(self.value))

    def _must_be(self, name: str, kind: type, what: str) -> None:
        found = getattr(self, name)
        if not isinstance(found, kind) or isinstance(found, bool):
            short = " ".join(repr(found).split())[:60]
            raise ValueError(f"{self.metric} of arm {self.arm!r}: {name}={short} must be {what}")


@dataclass(frozen=True)
class PartOutcome:
    """What one rule says about the measurements. Effects are differences, arm minus against."""

    experiment: str
    part: Part
    seeds: tuple[int, ...]
    measured: tuple[float, ...]  # one difference per seed
    interval: tuple[float, float]
    placebo_measured: tuple[float, ...]
    placebo_interval: tuple[float, float]
    elsewhere: tuple["PartOutcome", ...] = ()  # the same rule on sets of other seeds

    @property
    def placebo_holds(self) -> bool:
        """Is the placebo's interval within its bound?"""
        return max(abs(end) for end in self.placebo_interval) <= self.part.placebo.bound

    @property
    def verdict(self) -> MeasuredVerdict:
        """Supported or contradicted when the interval lies wholly on one side, else open.

        A placebo outside its bound voids the part: it is open, whatever the effect. So is a part whose rule measured
        another verdict on other seeds.
        """
        return "open" if self.flips_on else self.here

    @property
    def here(self) -> MeasuredVerdict:
        """The verdict of these seeds alone."""
        if not self.placebo_holds:
            return "open"
        return verdict(self.interval, self.part.direction, self.part.minimum_effect)

    @property
    def flips_on(self) -> tuple["PartOutcome", ...]:
        """The other sets of seeds whose verdict is another one."""
        return tuple(other for other in self.elsewhere if other.here != self.here)

    def sentence(self) -> str:
        """The finding as one Markdown paragraph, every number from the measurement."""
        part, placebo = self.part, self.part.placebo
        metric = METRICS[part.metric]
        unit, share, form = metric.difference_unit, 100 * CONFIDENCE, f".{metric.decimals}f"
        (low, high), (placebo_low, placebo_high) = self.interval, self.placebo_interval
        side = "more" if part.direction == "greater" else "less"
        kept = "stayed within" if self.placebo_holds else "broke"
        return (
            f"Over {in_words(len(self.seeds))} seeds, {metric.label} of *{part.arm}* minus *{part.against}* was "
            f"**{statistics.mean(self.measured):{form}} {unit}** "
            f"({share:.0f} % interval {low:{form}} to {high:{form}}; "
            f"the rule asks for {side} than {part.minimum_effect:g}). "
            f"The placebo *{placebo.arm}* measured {statistics.mean(self.placebo_measured):{form}} {unit} "
            f"({placebo_low:{form}} to {placebo_high:{form}}) and {kept} its bound of ±{placebo.bound:g}. "
            f"{self._flips()}Verdict of this part: **{self.verdict}**."
        )

    def _flips(self) -> str:
        """Where other seeds measured another verdict, a sentence that says so."""
        said = " and ".join(f"{other.here} on {_listed(other.seeds)}" for other in self.flips_on)
        if not said:
            return ""
        return f"These seeds alone would say {self.here}; the same rule measured {said}, so we leave it open. "


@dataclass(frozen=True)
class Outcome:
    """All parts of one experiment, judged."""

    experiment: Experiment
    parts: tuple[PartOutcome, ...]

    def __getitem__(self, name: str) -> PartOutcome:
        """The outcome of one part, by name. KeyError with the names there are."""
        parts = {outcome.part.part: outcome for outcome in self.parts}
        if name not in parts:
            raise KeyError(f"experiment {self.experiment.id} has no part {name!r}; it has {', '.join(parts)}")
        return parts[name]


def _listed(seeds: Iterable[int]) -> str:
    return ", ".join(map(str, seeds))


def in_words(number: int) -> str:
    """A small count as a word, a large one as digits with thousands separated."""
    return NUMBER_WORDS[number] if 0 <= number < len(NUMBER_WORDS) else f"{number:,}"


def seeds_for(experiment: Experiment) -> tuple[int, ...]:
    """The registered seeds, or those of CRUCIBLE_SEEDS ("31,32,33"): distinct, three at least."""
    text = os.environ.get("CRUCIBLE_SEEDS", "").strip()
    if not text:
        return experiment.seeds
    try:
        seeds = tuple(int(word) for word in text.split(","))
    except ValueError:
        raise ValueError(
            f"CRUCIBLE_SEEDS={text!r} must be whole numbers with commas between, such as 31,32,33"
        ) from None
    if len(set(seeds)) < FEWEST_SEEDS or len(set(seeds)) != len(seeds):
        raise ValueError(f"CRUCIBLE_SEEDS={text!r} must name at least {FEWEST_SEEDS} different seeds")
    return seeds


def interval(values: Iterable[float]) -> tuple[float, float]:
    """The 90 % t-interval of the mean of a few values. Needs three; equal values give no width."""
    values = list(values)
    if len(values) < FEWEST_SEEDS or not all(map(math.isfinite, values)):
        raise ValueError(f"an interval needs at least {FEWEST_SEEDS} finite values, got {values}")
    mean, error = statistics.mean(values), stats.sem(values)
    if error == 0:
        return mean, mean
    low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=mean, scale=error)
    return float(low), float(high)


def verdict(bounds: tuple[float, float], direction: str, minimum_effect: float) -> MeasuredVerdict:
    """Where the interval lies: wholly beyond the minimum effect, wholly short of it, or across it."""
    low, high = bounds if direction == "greater" else (-bounds[1], -bounds[0])
    limit = minimum_effect if direction == "greater" else -minimum_effect
    if low > limit:
        return "supported"
    return "contradicted" if high < limit else "open"


def judge(experiment: Experiment, rows: Iterable[Row], seeds: tuple[int, ...] | None = None) -> Outcome:
    """Apply an experiment's rules to its measurements.

    rows: at least one per metric, arm and seed that a rule names. ValueError names what is
    missing, measured twice, or not a finite number.
    seeds: those that count; the registered ones, or CRUCIBLE_SEEDS, where not given. The registered ones are judged
        beside the experiment's sets of other seeds, as far as these were measured.
    """
    table: dict[tuple[str, str, int], float] = {}
    for row in rows:
        key = (row.metric, row.arm, row.seed)
        if key in table:
            raise ValueError(
                f"{experiment.id}: {row.metric} of arm {row.arm!r}, seed {row.seed}, was handed over twice"
            )
        if not math.isfinite(row.value):
            raise ValueError(
                f"{experiment.id}: {row.metric} of arm {row.arm!r}, seed {row.seed}, is {row.value}, not a number"
            )
        table[key] = row.value
    seeds = seeds or seeds_for(experiment)
    measured_seeds = {seed for _, _, seed in table}
    others = [other for other in experiment.other_seeds if measured_seeds.issuperset(other)]
    outcomes = []
    for part in experiment.parts:

        def outcome(seeds, elsewhere=(), part=part):
            def effects(arm, against):
                try:
                    return tuple(table[part.metric, arm, seed] - table[part.metric, against, seed] for seed in seeds)
                except KeyError as error:
                    metric, missing, seed = error.args[0]
                    raise ValueError(
                        f"{experiment.id}, part {part.part!r}: no {metric} measured for arm {missing!r}, seed {seed}"
                    ) from None

            found, placebo = (
                effects(part.arm, part.against),
                effects(part.placebo.arm, part.placebo.against or part.against),
            )
            return PartOutcome(
                experiment.id, part, tuple(seeds), found, interval(found), placebo, interval(placebo), elsewhere
            )

        elsewhere = tuple(outcome(other) for other in others) if seeds == experiment.seeds else ()
        outcomes.append(outcome(seeds, elsewhere))
    return Outcome(experiment, tuple(outcomes))


def record(experiment: Experiment, rows: Iterable[Row]) -> Outcome:
    """Judge, and leave the measurements where the build collects them (CRUCIBLE_LEDGER_DIR, if set)."""
    rows = list(rows)
    outcome = judge(experiment, rows)
    folder = os.environ.get("CRUCIBLE_LEDGER_DIR")
    if folder:
        file = Path(folder) / f"{experiment.id}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return outcome


def recorded(folder: Path, book: Register) -> dict[str, Outcome]:
    """The outcomes whose measurements lie in a folder, judged by the register as it is now."""
    outcomes = {}
    for file in sorted(folder.glob("*.json")):
        experiment = book.experiment(file.stem)
        outcomes[experiment.id] = judge(experiment, [Row(**row) for row in json.loads(file.read_text())])
    return outcomes


def claim_verdict(claim: Claim, book: Register, outcomes: dict[str, Outcome]) -> Verdict:
    """What the measurements say about a claim: the parts' verdicts, combined as the claim asks.

    A claim that rests on no experiment, or on one that was not run, keeps its recorded verdict.
    """
    parts = book.parts_of(claim)
    if not parts or any(experiment.id not in outcomes for experiment, _ in parts):
        return claim.verdict
    verdicts: list[Verdict] = [outcomes[experiment.id][part.part].verdict for experiment, part in parts]
    if claim.combine == "condition":
        if "open" in verdicts:
            return "open"
        return verdicts[0] if len(set(verdicts)) == 1 else "conditional"
    # Of "all", one failure decides; of "any", one success.
    every: Verdict = "supported" if claim.combine == "all" else "contradicted"
    single: Verdict = "contradicted" if claim.combine == "all" else "supported"
    if all(verdict == every for verdict in verdicts):
        return every
    return single if single in verdicts else "open"


def disagreements(book: Register, outcomes: dict[str, Outcome]) -> list[str]:
    """One line for each claim whose measured verdict is not the recorded one."""
    lines = []
    for claim in book.claims.values():
        measured = claim_verdict(claim, book, outcomes)
        if measured != claim.verdict:
            lines.append(f"claim {claim.id}: recorded {claim.verdict!r}, measured {measured!r}")
    return lines


def claim_sentence(claim_id: str, *outcomes: Outcome, book: Register | None = None) -> str:
    """The claim's verdict in Markdown, measured beside recorded where the two differ.

    outcomes: of all experiments that the claim rests on. Where one is missing the claim is not
    judged, and the sentence says which one it is.
    """
    book = book or register.load()
    claim = book.claim(claim_id)
    found = {outcome.experiment.id: outcome for outcome in outcomes}
    missing = {experiment.id: 0 for experiment, _ in book.parts_of(claim) if experiment.id not in found}
    if missing:
        return (
            f"**Not judged here** (reach {claim.reach} of 3): {claim.claim} It rests on {' and '.join(missing)}, "
            f"not measured here. Our recorded verdict is *{claim.verdict}*."
        )
    measured = claim_verdict(claim, book, found)
    text = f"**{measured.capitalize()} here** (reach {claim.reach} of 3): {claim.claim}"
    if measured == "conditional":
        sides = [(found[entry.id][part.part].verdict, part.condition) for entry, part in book.parts_of(claim)]
        text += f" It depends on {claim.condition}: " + ", ".join(f"{side} when {when}" for side, when in sides) + "."
    if measured != claim.verdict:
        text += (
            f"\n\nOur recorded verdict is *{claim.verdict}*. Other seeds, another machine or other "
            "versions can tip a close call, and a difference is worth a look."
        )
    return text


def other_seeds_text(*outcomes: Outcome) -> str:
    """A Markdown table: every part's interval and verdict on the seeds that count, and on each set of others."""
    sets = dict.fromkeys(
        found.seeds for outcome in outcomes for part in outcome.parts for found in (part, *part.elsewhere)
    )
    lines = ["| part | " + " | ".join(f"seeds {_listed(seeds)}" for seeds in sets) + " |"]
    lines.append("|" + " --- |" * (1 + len(sets)))
    for outcome in outcomes:
        for part in outcome.parts:
            found = {one.seeds: one for one in (part, *part.elsewhere)}
            cells = [_cell(found[seeds]) if seeds in found else "not measured" for seeds in sets]
            lines.append(f"| {part.experiment}, {part.part.part} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(found: PartOutcome) -> str:
    low, high = found.interval
    void = "" if found.placebo_holds else ", placebo broken"
    word = found.here.replace("contradicted", "contra\u00addicted")  # a soft hyphen: the word is long for a phone
    decimals = METRICS[found.part.metric].decimals
    form = f".{0 if decimals == 1 else decimals}f"  # a table has less room than a sentence
    return f"{word}{void} ({low:{form}} to {high:{form}})"


def claim_text(claim: Claim) -> str:
    """A claim and its counter-claim, as Markdown."""
    return f"> **The claim.** {claim.claim}\n>\n> **The counter-claim.** {claim.counter or 'none was made'}"


def rule_text(experiment: Experiment) -> str:
    """The registered rule of an experiment, as Markdown: one paragraph for each part."""
    lines = [f"*{experiment.id}: {experiment.title}* The seeds that count: {', '.join(map(str, experiment.seeds))}."]
    for part in experiment.parts:
        placebo = part.placebo
        unit = METRICS[part.metric].difference_unit
        side = "more" if part.direction == "greater" else "less"
        lines.append(
            f"**{part.part}.** {part.rule} "
            f"(*{part.arm}* minus *{part.against}*: {side} than {part.minimum_effect:g} {unit}.) "
            f"*Placebo:* {placebo.arm} against {placebo.against or part.against}, "
            f"which must stay within ±{placebo.bound:g} {unit}."
        )
    return "\n\n".join(lines)
