"""Curves, pairs of runs and a small furnace for the exercises to "Same ore, same furnace". No answers."""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from numbers import Real
from statistics import mean, stdev
from typing import Any

from scipy import stats

from crucible import craft
from crucible.craft import Recipe
from crucible.exercises import choose, draw, student_name
from crucible.plot import MARKERS, Figure, figure
from crucible.worlds.ore import EXAMS, Ore


@dataclass(frozen=True)
class Allowance:
    """How far above a mark a curve must stand, so that luck alone does not carry it there."""

    points: float

    def __str__(self) -> str:
        return (
            f"Your allowance for luck: {self.points:g} points. "
            f"A curve has reached a mark where it stands {self.points:g} points above it."
        )


def allowance(student: str) -> Allowance:
    """The student's allowance; the page's is two points."""
    others = [Allowance(points) for points in (1, 1.5, 2.5, 3, 4)]
    return choose(student, "compute-multiplier", Allowance(2), others)


@dataclass(frozen=True)
class Effect:
    """How much more than luck the recipes must spread."""

    points: int

    def __str__(self) -> str:
        return (
            f"Your smallest effect: {self.points} points. "
            f"Craft shows if the recipes spread at least {self.points} points more than luck does."
        )


def effect(student: str) -> Effect:
    """The student's smallest effect; the page's is the chapter's."""
    return choose(student, "spread-vs-luck", Effect(15), [Effect(points) for points in (6, 8, 10, 12, 20, 25)])


# A table of learning curves for the third exercise. Which recipe is the best is not said here.

SHARES = (1 / 8, 1 / 4, 1 / 2, 1)  # of one full run, at which marks were taken
N_RECIPES = 16
PAGE_BEST = 11  # the place of the page's best recipe, which no student's has
TOO_LATE = "It was among the last that were left, and at the last rung another recipe stood above it."
STATEMENTS = {
    "first rung": "It was still low after an eighth of a run, and was dropped at the first rung.",
    "second rung": "It passed the first rung, was still low after a quarter of a run, and was dropped there.",
    "last": TOO_LATE,
    "tie": "It stood level with another recipe, and of two such recipes the one that comes first in the table is kept.",
    "budget": "The compute was spent before the last rung.",
    "fell": "It was ahead at the first rung, and others overtook it.",
}


def statements(student: str) -> list[str]:
    """The explanations to choose from, in the student's order."""
    dice = draw(student, "successive-halving statements")
    return dice.sample(list(STATEMENTS.values()), len(STATEMENTS))


def table(student: str) -> list[list[float]]:
    """The student's sixteen learning curves: a mark after each of SHARES, one list for each recipe."""
    return make_table(student, draw(student, "successive-halving").choice(("first rung", "second rung")))


def make_table(student: str, kind: str) -> list[list[float]]:
    """Sixteen curves of which the one with the best last mark starts slowly.

    kind: "first rung" or "second rung", how long it stays low.
    """
    dice = draw(student, f"successive-halving {kind}")
    while True:
        best = _slow(dice, kind)
        curves = [_curve(dice) for _ in range(N_RECIPES - 1)]
        ahead = [[other[rung] > best[rung] for other in curves] for rung in (0, 1)]
        both = sum(map(all, zip(*ahead, strict=True)))
        late = sum(ahead[0]) >= 8 if kind == "first rung" else sum(ahead[0]) < 8 and both >= 4
        distinct = all(len(set(marks)) == N_RECIPES for marks in zip(best, *curves, strict=True))
        if late and distinct and best[-1] > max(curve[-1] for curve in curves):
            break
    others = [place for place in range(N_RECIPES) if place != PAGE_BEST]
    curves.insert(dice.choice(others) if student_name(student) else PAGE_BEST, best)
    return curves


def _curve(dice: random.Random) -> list[float]:
    """A curve that rises to some mark, sooner or later."""
    top, half = dice.uniform(30, 80), dice.uniform(0.03, 0.5)
    return _read(dice, [top * share / (share + half) for share in SHARES])


def _slow(dice: random.Random, kind: str) -> list[float]:
    """A curve that stays low for an eighth of a run, or rises without haste all along."""
    if kind == "first rung":
        top, half = dice.uniform(85, 95), dice.uniform(0.3, 0.4)
        return _read(dice, [top * share**2 / (share**2 + half**2) for share in SHARES])
    top = dice.uniform(110, 120)
    return _read(dice, [top * share / (share + 0.5) for share in SHARES])


def _read(dice: random.Random, marks: Sequence[float]) -> list[float]:
    return [round(mark + dice.gauss(0, 0.8), 1) for mark in marks]


def table_text(student: str) -> str:
    """The student's table in Markdown."""
    heads = ("after 1/8", "after 1/4", "after 1/2", "after a whole run")
    lines = [f"| recipe | {' | '.join(heads)} |", "| --: |" + " --: |" * len(heads)]
    for number, curve in enumerate(table(student)):
        lines.append(f"| {number} | {' | '.join(f'{mark:.1f}' for mark in curve)} |")
    choices = [f"{number}. {text}" for number, text in enumerate(statements(student), start=1)]
    return "\n".join([*lines, "", "Your explanations to choose from:", "", *choices])


def searched(searches: Sequence[Callable[..., Any]], student: str, budgets: Sequence[float] = (2, 3, 5, 8)) -> str:
    """What a student's searches find in the table for several budgets, as a Markdown table."""
    curves = table(student)
    lines = [f"| budget | {' | '.join(search.__name__ for search in searches)} |", "| --: |" + " --- |" * len(searches)]
    for budget in budgets:
        said = []
        for search in searches:
            try:
                chosen, spent = search([list(curve) for curve in curves], budget)
                mark = "nothing" if chosen is None else f"recipe {chosen}, {curves[chosen][-1]:.1f} in a whole run"
                said.append(f"{mark}; {spent:g} spent")
            except NotImplementedError:
                return "Not attempted yet."
            except Exception as error:
                return f"Your {search.__name__} stopped at budget {budget:g}: {type(error).__name__}: {error}"
        lines.append(f"| {budget:g} | {' | '.join(said)} |")
    return "\n".join(lines)


# Before and after, for the exercise on improvements. Which of them are real is not said here.


@dataclass(frozen=True)
class Least:
    """The smallest improvement that a student cares for."""

    points: float

    def __str__(self) -> str:
        return f"Your smallest improvement: {self.points:g} points. A gain that may be smaller is not called real."


def least(student: str) -> Least:
    """The student's smallest improvement; the page's is three points."""
    return choose(student, "which-is-luck", Least(3.0), [Least(points) for points in (1.5, 2.0, 4.0, 5.0)])


Pair = dict[str, list[list[float]]]  # "before" and "after": [seed, mark] each
SHOWN = ("same seeds, clear", "same seeds, small", "other seeds, clear", "other seeds, wide", "two runs")
PAIRS = (
    *SHOWN,
    "other seeds, small",
    "same seeds, wide",
    "same seeds, small and sure",
    "same seeds, worse",
    "some seeds alike",
    "unequal numbers",
)
SEEDS_APART = 9.0  # points, standard deviation of one recipe's marks over seeds, in units of the smallest improvement


def pairs(student: str) -> list[Pair]:
    """The student's five pairs, in a random order."""
    dice = draw(student, "which-is-luck pairs")
    return [make_pair(dice, kind, least(student).points) for kind in dice.sample(SHOWN, len(SHOWN))]


def sealed_pairs(student: str, times: int = 3) -> list[tuple[str, Pair]]:
    """Pairs of all kinds, `times` of each, drawn anew from the student's name: (kind, pair)."""
    dice = draw(student, "which-is-luck sealed")
    return [(kind, make_pair(dice, kind, least(student).points)) for _ in range(times) for kind in PAIRS]


# Kind: the interval of the gain in units of the smallest improvement, and how many runs there are before and after.
_INTERVALS: dict[str, tuple[float, float, tuple[int, ...]]] = {
    "same seeds, clear": (1.15, 1.9, (5, 6, 7)),
    "same seeds, small": (-0.7, 0.8, (5, 6, 7)),
    "same seeds, small and sure": (0.3, 0.85, (5, 6, 7)),
    "same seeds, wide": (0.4, 2.8, (4, 5, 6)),
    "same seeds, worse": (-2.5, -1.3, (5, 6, 7)),
    "other seeds, clear": (1.2, 3.2, (6, 7, 8)),
    "other seeds, small": (-1.1, 0.8, (6, 7, 8)),
    "other seeds, wide": (0.7, 4.7, (3, 4)),
    "some seeds alike": (-0.4, 2.9, (6, 7, 8)),
    "unequal numbers": (1.2, 3.0, (5, 6, 7)),
    "two runs": (3.0, 4.0, (2,)),
}


def make_pair(dice: random.Random, kind: str, points: float) -> Pair:
    """Runs before and after a change, of one of the PAIRS, for a smallest improvement in points.

    The scatter is stretched so that the interval of the gain lies where the kind's ends say.
    """
    low, high, sizes = _INTERVALS[kind]
    gain, half = points * (low + high) / 2, points * (high - low) / 2
    n = dice.choice(sizes)
    more = n + 3 if kind == "unequal numbers" else n
    quantile = float(stats.t.ppf(0.95, n - 1)) if n > 2 else 6.0
    base = dice.uniform(35, 50)
    if kind.startswith(("same", "two")):
        start = [base + SEEDS_APART * points * one / 3 for one in _scatter(dice, n)]
        gains = [gain + half * math.sqrt(n) / quantile * one for one in _scatter(dice, n)]
        before, after = start, [a + b for a, b in zip(start, gains, strict=True)]
    else:
        size = half / quantile / math.sqrt(1 / n + 1 / more)
        before = [base + size * one for one in _scatter(dice, n)]
        after = [base + gain + size * one for one in _scatter(dice, more)]
    seeds = dice.sample(range(100), n + more)
    same = n if kind.startswith(("same", "two")) else n - 1 if kind == "some seeds alike" else 0
    later = [*seeds[:same], *seeds[n : n + more - same]]
    found = {"before": zip(seeds, before, strict=False), "after": zip(later, after, strict=True)}
    rounded = {name: [[seed, round(mark, 3)] for seed, mark in runs] for name, runs in found.items()}
    return {name: dice.sample(runs, len(runs)) for name, runs in rounded.items()}


def _scatter(dice: random.Random, n: int) -> list[float]:
    """n numbers of mean 0 and standard deviation 1."""
    drawn = [dice.gauss(0, 1) for _ in range(n)]
    middle, size = mean(drawn), stdev(drawn)
    return [(one - middle) / size for one in drawn]


def picture(student: str) -> Figure:
    """The student's five pairs, one lane for each; a line joins the runs of one seed."""
    five = pairs(student)

    def draw_lanes(axes, theme):
        for lane, pair in enumerate(five):
            base = len(five) - lane
            for place, name in enumerate(("before", "after")):
                heights = [base + 0.25 * (0.5 - place)] * len(pair[name])
                style = {"color": theme.colours[place], "label": "" if lane else name}
                axes.plot([mark for _, mark in pair[name]], heights, MARKERS[place], markersize=5, **style)
            after = {int(seed): mark for seed, mark in pair["after"]}
            for seed, mark in pair["before"]:
                if int(seed) in after:
                    ends = [mark, after[int(seed)]]
                    axes.plot(ends, [base + 0.125, base - 0.125], color=theme.muted, linewidth=0.8, zorder=0)
        axes.set(xlabel="mark (points)", ylabel="what was changed, one lane each")
        axes.set_yticks(range(1, len(five) + 1), [f"pair {len(five) + 1 - place}" for place in range(1, len(five) + 1)])
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)

    return figure(
        draw_lanes,
        alt="Five pairs of experiments, each in a lane of its own, with the marks of all runs before and after a "
        "change. In every lane some run after the change stands far above some run before it. "
        "The numbers are in mine.pairs(STUDENT); which gains are real is the question.",
        caption="Your five pairs. A line joins runs of one seed.",
        height=4.4,
    )


def sorted_out(verdict: Callable[..., Any], student: str) -> str:
    """What a student's function says of the student's five pairs, with the gain that their makers show."""
    lines = ["| pair | runs | what its makers show | verdict |", "| --: | --: | --: | --- |"]
    for number, pair in enumerate(pairs(student), start=1):
        try:
            said = verdict([list(run) for run in pair["before"]], [list(run) for run in pair["after"]])
        except NotImplementedError:
            return "Not attempted yet."
        except Exception as error:
            return f"Your function stopped at pair {number}: {type(error).__name__}: {error}"
        shown = max(mark for _, mark in pair["after"]) - min(mark for _, mark in pair["before"])
        runs = f"{len(pair['before'])} and {len(pair['after'])}"
        lines.append(f"| {number} | {runs} | +{shown:.1f} points | {said} |")
    return "\n".join(lines)


# A recipe of the student's own, for a small furnace in which a run takes a second or two.

FLOPS = 6e9  # of one run; nobody can buy more
SIZE: dict[str, Any] = {"d_model": 24, "n_layers": 1, "n_heads": 4}
BAR = 40  # points, on the mean of two sealed ores
PUBLIC = (1, 2)  # seeds of the ores that everybody may see
IN_ORDER = "nothing against it"


@dataclass(frozen=True)
class WarmUp:
    """How long a student's furnace takes to heat up."""

    share: float

    def __str__(self) -> str:
        return (
            f"Your furnace heats up slowly: `warmup` is {self.share:g} of the steps, in your recipe and in the "
            "reference beside it."
        )


def warm_up(student: str) -> WarmUp:
    """The student's warm-up; the page's is the reference's."""
    return choose(student, "your-recipe", WarmUp(Recipe().warmup), [WarmUp(0.05), WarmUp(0.1)])


def little_ore(seed: int) -> Ore:
    """An ore like the chapter's, with fewer rows and less to know."""
    return Ore(n_rows=4000, n_entities=12, n_values=8, seed=seed)


def reference(student: str) -> Recipe:
    """The chapter's reference in the student's furnace."""
    return Recipe(warmup=warm_up(student).share)


def settings_text(student: str) -> str:
    """The settings of a recipe with their values in the reference, and what else they may be, as a Markdown table."""
    wide = {
        "learning_rate": "1e-06 to 100",
        "warmup": "yours",
        "batch_size": "whole, 1 to 512",
        "weight_decay": "0 to 10",
    }
    wide |= {"beta2": "0.5 to 0.9999", "mixture": "0 to 1", "noise_filter": "True, False"}
    named = {"optimizer": craft.OPTIMIZERS, "schedule": craft.SCHEDULES, "deduplication": craft.DEDUPLICATIONS}
    named |= {"loss_mask": craft.MASKS, "init": craft.INITS, "clipping": craft.CLIPPINGS}
    wide |= {name: ", ".join(f'"{value}"' for value in values) for name, values in named.items()}
    rows = [f"| `{name}` | `{value!r}` | {wide[name]} |" for name, value in asdict(reference(student)).items()]
    return "\n".join(["| setting | in the reference | may be |", "| --- | --- | --- |", *rows])


def inspected(settings: Any, student: str) -> str:
    """What speaks against a student's settings, the first such thing in words; IN_ORDER if nothing does."""
    return next(_objections(settings, student), IN_ORDER)


def _objections(settings: Any, student: str) -> Iterator[str]:
    known = {field.name: type(field.default) for field in fields(Recipe)}
    if not isinstance(settings, Mapping):
        yield f"a recipe is a dictionary of settings, and this is {settings!r}"[:120]
        return
    for name, value in settings.items():
        if name not in known:
            yield f"{name!r} is no setting of a recipe; there are {', '.join(known)}"
            return
        wanted = known[name]
        if wanted is float and not (isinstance(value, Real) and not isinstance(value, bool)):
            yield f"{name}={value!r} must be a number"
        elif wanted in (int, bool, str) and type(value) is not wanted:
            what = {int: "a whole number", bool: "True or False", str: "text"}[wanted]
            yield f"{name}={value!r} must be {what}"
    own = warm_up(student).share
    if settings.get("warmup", own) != own:
        yield f"warmup={settings['warmup']!r} must be {own:g} in your furnace, or be left out"
    try:
        _recipe(settings, student)
    except ValueError as error:
        yield str(error)


def _recipe(settings: Mapping[str, Any], student: str) -> Recipe:
    return Recipe(**{"warmup": warm_up(student).share, **settings})


@dataclass(frozen=True)
class Marked:
    """What a recipe got out of one little ore: a subject's mark each, of both exams together."""

    subjects: tuple[tuple[str, float], ...]

    @property
    def mark(self) -> float:
        return mean(mark for _, mark in self.subjects)

    def __str__(self) -> str:
        each = ", ".join(f"{subject} {mark:.0f}" for subject, mark in self.subjects)
        return f"{self.mark:.0f} points ({each})"


def marked(settings: Mapping[str, Any], student: str, seed: int) -> Marked:
    """Train a model by a student's settings, which passed `inspected`, and mark it. A second or two of one core.

    The compute is FLOPS, whatever the recipe. seed: of the ore and of the run.
    """
    return _run(_recipe(settings, student), seed)


@lru_cache(maxsize=256)
def _run(recipe: Recipe, seed: int) -> Marked:
    ore = little_ore(seed)
    model = craft.mill(ore, recipe, FLOPS, seed, **SIZE)
    sat = [craft.marks(model, ore.exam(name)) for name in EXAMS]
    return Marked(tuple((subject, mean(one[subject][0] for one in sat)) for subject in sat[0]))


def tried(my_recipe: Callable[[], Any], student: str, seeds: Sequence[int] = PUBLIC) -> str:
    """What a student's recipe gets out of public ores, beside the reference; or why it was not tried."""
    try:
        settings = my_recipe()
    except NotImplementedError:
        return "Not attempted yet."
    except Exception as error:
        return f"Your function stopped: {type(error).__name__}: {error}"
    if (objection := inspected(settings, student)) != IN_ORDER:
        return f"The inspector: {objection}."
    lines, found = ["| ore | reference | your recipe |", "| --: | --- | --- |"], []
    for seed in seeds:
        found.append(marked(settings, student, seed))
        lines.append(f"| {seed} | {marked({}, student, seed)} | {found[-1]} |")
    middle = mean(one.mark for one in found)
    side = "above" if middle >= BAR else "below"
    return "\n".join([*lines, "", f"Your mean is {middle:.0f} points, {side} the bar of {BAR}."])
