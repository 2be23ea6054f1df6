"""Numbers, curves and a world of bands for the exercises to "Laws of size", one set for each student. No answers."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import Any

from crucible import scaling
from crucible.exercises import choose, draw
from crucible.plot import MARKERS, Figure, figure


@dataclass(frozen=True)
class Level:
    """How much of the bootstrap a student's interval holds."""

    percent: int

    def __str__(self) -> str:
        return f"Your level: the interval holds the middle {self.percent} % of the slopes."


def level(student: str) -> Level:
    """The student's level; the page's is 90 %."""
    return choose(student, "fit-power", Level(90), [Level(percent) for percent in (50, 60, 68, 75)])


KEYS = 100_000  # of the world in the second exercise


@dataclass(frozen=True)
class Stretch:
    """Between which numbers of examples a student measures an exponent."""

    few: int
    many: int

    def __str__(self) -> str:
        return f"Your stretch: from {self.few:,} examples to {self.many:,}."


def stretch(student: str) -> Stretch:
    """The student's stretch; the page's goes from a hundred to ten thousand."""
    others = [Stretch(few, many) for few, many in ((30, 3000), (50, 2000), (200, 5000), (300, 9000), (500, 20_000))]
    return choose(student, "zipf-exponent", Stretch(100, 10_000), others)


def compared(derived: Callable[..., Any], measured: Callable[..., Any]) -> str:
    """A student's two exponents over several alphas, as a Markdown table."""
    lines = ["| alpha | derived | measured |", "| --- | --: | --: |"]
    for alpha in (0.2, 0.3, 0.5, 1.0, 2.0):
        try:
            lines.append(f"| {alpha:g} | {derived(alpha):.3f} | {measured(alpha):.3f} |")
        except NotImplementedError:
            return "Not attempted yet."
        except Exception as error:
            return f"Your function stopped at alpha = {alpha:g}: {type(error).__name__}: {error}"
    return "\n".join(lines)


@dataclass(frozen=True)
class Margin:
    """How far inside the ladder a minimum must lie to be believed."""

    times: float

    def __str__(self) -> str:
        return (
            f"Your margin: a factor of {self.times:g}. A minimum counts if it is at least {self.times:g} times the "
            f"smallest size, and the largest size at least {self.times:g} times the minimum."
        )


def margin(student: str) -> Margin:
    """The student's margin; the page's is a factor of two."""
    return choose(student, "isoflop-optimum", Margin(2.0), [Margin(times) for times in (1.25, 1.5, 2.5, 3.0)])


def _fit(name: str) -> Mapping[str, float]:
    law = scaling.RULES[name].law
    return {key: getattr(law, key) for key in ("E", "A", "B", "alpha", "beta")}


PRINTED, REFIT = _fit("hoffmann"), _fit("besiroglu")  # constants of one formula, fitted twice to the same runs


def fits() -> str:
    """Both sets of constants with their sources, as a Markdown list."""
    lines = []
    for name, fit, rule in (("printed", PRINTED, "hoffmann"), ("refit", REFIT, "besiroglu")):
        source = scaling.RULES[rule].source
        values = ", ".join(f"{key} = {value:g}" for key, value in fit.items())
        lines.append(f"- `mine.{name.upper()}`: {values} ([{source.text}]({source.link}), {source.status})")
    return "\n".join(lines)


@dataclass(frozen=True)
class Compute:
    """What a student may spend on one training run."""

    flops: float

    def __str__(self) -> str:
        return f"Your compute: {self.flops:g} FLOPs."


def compute(student: str) -> Compute:
    """The student's compute; the page's is Gopher's in the paper's table. On some the fits disagree the other way."""
    others = [Compute(flops) for flops in (3e16, 5e16, 1e17, 1e20, 1e21, 1e22, 1e25, 1e26)]
    return choose(student, "two-fits", Compute(5.76e23), others)


# Five curves of the fifth exercise. Which of them is no power law is not said here.

LETTERS = "ABCDE"
READINGS = 25  # of each curve
START, DECADES = 100, 6
NOISE = 0.009  # relative, standard deviation of each reading
SLOPES = ((0.066, 0.069), (0.085, 0.095), (0.115, 0.125), (0.155, 0.165))  # of the four that are
FALLEN = (0.85, 0.87)  # share of its height that the other one loses over all decades


@dataclass(frozen=True)
class Lead:
    """By how much the best form must win.

    sure, unsure: how large a wobble makes the runner-up's misfit a little more than `times` the best one's, or less.
    """

    times: float
    sure: float
    unsure: float

    def __str__(self) -> str:
        return (
            f"Your lead: the best form wins if the runner-up's misfit is at least {self.times:g} times as large; "
            "otherwise nobody can tell."
        )


WOBBLE = (1, -1, -1, 1, 1, -1, -1, 1, 1)  # of readings, one for each half decade


def lead(student: str) -> Lead:
    """The student's lead; the page's is a factor of two."""
    others = [
        Lead(1.75, 0.0344, 0.0461),
        Lead(2.25, 0.0236, 0.0299),
        Lead(2.5, 0.0205, 0.0255),
        Lead(3.0, 0.0163, 0.0199),
    ]
    return choose(student, "no-law", Lead(2.0, 0.0279, 0.036), others)


def wobbling(size: float) -> tuple[list[float], list[float]]:
    """A power law over four decades whose readings are off by `size`, up and down: x and y."""
    x = [100 * 10 ** (place / 2) for place in range(len(WOBBLE))]
    return x, [3 * (one / 100) ** -0.1 * (1 + size * sign) for one, sign in zip(x, WOBBLE, strict=True)]


def curves(student: str) -> dict[str, dict[str, list[float]]]:
    """The student's five curves as plain data: letter -> {"x": ..., "y": ...}, in rising x."""
    dice = draw(student, "no-law curves")
    made = [_power(dice.uniform(*slope)) for slope in SLOPES]
    made.append(_logarithm(dice.uniform(*FALLEN)))
    dice.shuffle(made)
    x = [START * 10 ** (DECADES * place / (READINGS - 1)) for place in range(READINGS)]
    found = {}
    for letter, shape in zip(LETTERS, made, strict=True):
        height = dice.uniform(3, 6)
        y = [height * shape(one / START) * math.exp(dice.gauss(0, NOISE)) for one in x]
        found[letter] = {"x": [float(f"{one:.4g}") for one in x], "y": [round(one, 5) for one in y]}
    return found


def _power(slope: float) -> Callable[[float], float]:
    return lambda times: times**-slope


def _logarithm(fallen: float) -> Callable[[float], float]:
    return lambda times: 1 - fallen * math.log10(times) / DECADES


def first_decades(curve: Mapping[str, Sequence[float]], decades: int) -> dict[str, list[float]]:
    """The readings of a curve up to so many decades above its first one."""
    end = curve["x"][0] * 10**decades * 1.001
    kept = [(x, y) for x, y in zip(curve["x"], curve["y"], strict=True) if x <= end]
    return {"x": [x for x, _ in kept], "y": [y for _, y in kept]}


def picture(student: str) -> Figure:
    """The first two decades of the student's five curves, on log axes."""

    def draw_curves(axes, theme):
        for place, (letter, curve) in enumerate(curves(student).items()):
            short = first_decades(curve, 2)
            axes.plot(short["x"], short["y"], marker=MARKERS[place], markersize=4, linewidth=1, label=letter)
        axes.set(xscale="log", yscale="log", xlabel="tokens of training", ylabel="loss")
        ticks = (2, 3, 4, 5, 6)
        axes.set_yticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(LETTERS))

    return figure(
        draw_curves,
        alt="Five curves, A to E, over two decades on log axes. Each looks like a straight line with some wobble. "
        "All their numbers, over six decades, are in mine.curves(STUDENT).",
        caption="The first two decades of your five curves. One of them is no power law.",
        height=3.8,
    )


def sorted_out(best_form: Callable[..., Any], student: str) -> str:
    """What a student's function says of the five curves on two, four and six decades, as a Markdown table."""
    lines = ["| curve | two decades | four | six |", "| --- | --- | --- | --- |"]
    for letter, curve in curves(student).items():
        said = []
        for decades in (2, 4, 6):
            short = first_decades(curve, decades)
            try:
                said.append(str(best_form(short["x"], short["y"])))
            except NotImplementedError:
                return "Not attempted yet."
            except Exception as error:
                return f"Your function stopped at curve {letter}: {type(error).__name__}: {error}"
        lines.append(f"| {letter} | {' | '.join(said)} |")
    return "\n".join(lines)


@dataclass(frozen=True)
class Plan:
    """A student's model, and the machine it is trained on."""

    parameters: float
    percent: int  # of its peak that a GPU reaches
    bits: int  # of a weight

    def __str__(self) -> str:
        return (
            f"Your model has {self.parameters:,.0f} parameters, and its weights have {self.bits} bits each. "
            f"Your GPUs reach {self.percent} % of their peak."
        )


def plan(student: str) -> Plan:
    """The student's plan; the page's is a trillion parameters at the utilisation of Llama 3."""
    dice = draw(student, "a-trillion machine")
    percent, bits = dice.choice((25, 30, 35, 45, 50)), dice.choice((4, 8, 32))
    others = [Plan(size, percent, bits) for size in (5e7, 2e8, 4e8, 7e10, 4e11, 2e12, 5e12)]
    return choose(student, "a-trillion", Plan(1e12, 41, 16), others)


def constants() -> str:
    """What a trillion takes is worked out from these, each with its source, as a Markdown list."""
    ratio, kaplan = scaling.RULES["twenty"], scaling.RULES["kaplan"]
    law = kaplan.law
    assert isinstance(ratio.law, scaling.PerParameter)
    assert isinstance(law, scaling.PowerLaws)
    rows = [
        (f'`"ratio"`: D = {ratio.law.ratio:g} N', ratio.source),
        (
            f'`"kaplan"`: N = {law.n_scale:g} C^{law.n_power:g} and D = {law.d_scale:g} C^{law.d_power:g}, '
            "with the compute C in PF-days; N counts no embeddings",
            kaplan.source,
        ),
        (f"{scaling.FLOPS.value:g} {scaling.FLOPS.meaning}", scaling.FLOPS.source),
        (f"{scaling.PEAK.value:g} {scaling.PEAK.meaning}", scaling.PEAK.source),
    ]
    lines = [f"- {what} ([{source.text}]({source.link}), {source.status})" for what, source in rows]
    return "\n".join([*lines, f"- {scaling.YEAR:,.0f} seconds in a year"])


# The last exercise: a world whose keys come in bands, and the loss of a table that has seen so many examples.

LABELS = 16
MOST_BANDS, MOST_KEYS = 60, 1_000_000
EXAMPLES = (100, 1000, 10_000, 100_000)
NEAR = 0.05  # how far the exponent may be off in the first two decades
IN_ORDER = "nothing against it"


@dataclass(frozen=True)
class Goal:
    """What a student's law must do: hold for two decades, and break in the third."""

    exponent: float
    then: str  # "stalls" or "plunges"

    @property
    def bar(self) -> float:
        """The exponent of the third decade: at most this if the loss stalls, at least this if it plunges."""
        return round(self.exponent * (0.5 if self.then == "stalls" else 1.5), 3)

    def __str__(self) -> str:
        how = "at most half of that" if self.then == "stalls" else "at least one and a half times that"
        return (
            f"Your law: an exponent of {self.exponent:g}, to within {NEAR:g}, from {EXAMPLES[0]:,} examples to "
            f"{EXAMPLES[1]:,} and from there to {EXAMPLES[2]:,}. Then the loss **{self.then}**: up to "
            f"{EXAMPLES[3]:,} examples its exponent is {how}, so {self.bar:g}."
        )

    def missed(self, exponents: Sequence[float]) -> str:
        """The first thing that the exponents of the three decades miss, in words; empty if they miss nothing."""
        for which, one in zip(("first", "second"), exponents, strict=False):
            if abs(one - self.exponent) > NEAR:
                return f"in the {which} decade the exponent is {one:.3f}, and {self.exponent:g} is wanted"
        last = exponents[2]
        if (last > self.bar) if self.then == "stalls" else (last < self.bar):
            side = "at most" if self.then == "stalls" else "at least"
            return f"in the third decade the exponent is {last:.3f}, and {side} {self.bar:g} is wanted"
        return ""


def goal(student: str) -> Goal:
    """The student's goal; the page's is 0.3 and a loss that stalls."""
    exponents = (0.36, 0.39, 0.42, 0.45, 0.48, 0.5)
    others = [Goal(exponent, then) for exponent in exponents for then in ("stalls", "plunges")]
    return choose(student, "break-the-law", Goal(0.3, "stalls"), others)


def inspected(bands: Any) -> str:
    """What speaks against a world of bands, the first such thing in words; IN_ORDER if nothing does."""
    return next(_objections(bands), IN_ORDER)


def _objections(bands: Any) -> Iterator[str]:
    if not isinstance(bands, list | tuple) or not 1 <= len(bands) <= MOST_BANDS:
        yield f"a world is a list of 1 to {MOST_BANDS} bands, [keys, share] each"
        return
    for place, band in enumerate(bands):
        if not isinstance(band, list | tuple) or len(band) != 2:
            yield f"band {place} is {band!r}, and [keys, share] is wanted"
            return
        keys, share = band
        if not isinstance(keys, Integral) or isinstance(keys, bool) or not 1 <= int(keys) <= MOST_KEYS:
            yield f"band {place} has {keys!r} keys, and a whole number from 1 to {MOST_KEYS:,} is wanted"
            return
        if not isinstance(share, Real) or isinstance(share, bool) or not 0 < float(share) < math.inf:
            yield f"band {place} has the share {share!r}, and a number above 0 is wanted"
            return
    if (keys := sum(keys for keys, _ in bands)) > MOST_KEYS:
        yield f"the bands have {keys:,} keys together, and {MOST_KEYS:,} are allowed"


def loss(bands: Sequence[Sequence[float]], examples: int) -> float:
    """Expected loss of a table, in nats per question, on one more question after so many examples.

    A key that it has seen costs nothing; at a new one it guesses evenly among the labels.
    """
    total = math.fsum(share for _, share in bands)
    unseen = (share / total * (1 - share / total / keys) ** examples for keys, share in bands)
    return math.log(LABELS) * math.fsum(unseen)


def exponents(bands: Sequence[Sequence[float]]) -> list[float]:
    """How fast the loss falls in each of three decades: minus its slope on log axes. Infinite where none is left."""
    losses = [loss(bands, examples) for examples in EXAMPLES]
    return [math.log10(before / after) if after else math.inf for before, after in pairwise(losses)]


def tried(design: Callable[[], Any], student: str) -> str:
    """What the loss does in a student's world, in words; or why nobody learned there."""
    try:
        bands = design()
    except NotImplementedError:
        return "Not attempted yet."
    except Exception as error:
        return f"Your function stopped: {type(error).__name__}: {error}"
    if (objection := inspected(bands)) != IN_ORDER:
        return f"The inspector: {objection}."
    losses = ", ".join(f"{loss(bands, n):.4f} after {n:,}" for n in EXAMPLES)
    found = exponents(bands)
    decades = ", ".join(f"{one:.3f}" for one in found)
    missed = goal(student).missed(found)
    end = f"Not yet: {missed}." if missed else f"The law holds for two decades, and then the loss {goal(student).then}."
    return f"Loss in nats: {losses} examples. Exponents of the three decades: {decades}. {end}"
