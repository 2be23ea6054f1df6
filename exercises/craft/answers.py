"""Other answers to the exercises of "Same ore, same furnace": correct ones in another way, and mutants."""

import math
import random
from itertools import pairwise
from statistics import mean, quantiles, stdev, variance

import numpy as np
from scipy import stats

from crucible import ledger
from pipeline.answers import Bank

bank = Bank()

# compute-multiplier -------------------------------------------------------------------------------------------------


def _reached(flops, marks, bar, log=math.log):
    """log of the compute at which a curve first stands at the bar; None where its points do not show it."""
    if marks[0] == bar:
        return log(flops[0])
    if marks[0] > bar:
        return None
    for (a, b), (below, above) in zip(
        pairwise(flops), pairwise(marks), strict=True
    ):
        if above >= bar:
            return log(a) + (bar - below) / (above - below) * (log(b) - log(a))
    return None


def _times(one, other):
    return None if None in (one, other) else math.exp(other - one)


@bank.correct("compute-multiplier", "in decades, along the best mark so far")
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar, ends = target + yours.allowance, []
    for flops, marks in ((flops_a, marks_a), (flops_b, marks_b)):
        best = np.maximum.accumulate(marks)
        if best[0] > bar or best[-1] < bar:
            return None
        at = int(np.searchsorted(best, bar))
        if at == 0:
            ends.append(np.log10(flops[0]))
            continue
        part = (bar - marks[at - 1]) / (marks[at] - marks[at - 1])
        low, high = np.log10(flops[at - 1 : at + 1])
        ends.append(low + part * (high - low))
    return float(10 ** (ends[1] - ends[0]))


@bank.correct("compute-multiplier", "pair by pair, in doublings")
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar = target + yours.allowance
    one = _reached(flops_a, marks_a, bar, math.log2)
    other = _reached(flops_b, marks_b, bar, math.log2)
    return None if None in (one, other) else 2 ** (other - one)


@bank.mutant("compute-multiplier", "interpolates along a plain axis", "public: got")
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar = target + yours.allowance
    one = _reached(flops_a, marks_a, bar, lambda x: x)
    other = _reached(flops_b, marks_b, bar, lambda x: x)
    return None if None in (one, other) else other / one


@bank.mutant("compute-multiplier", "divides A by B", "public: expected 1.6")
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar = target + yours.allowance
    return _times(_reached(flops_b, marks_b, bar), _reached(flops_a, marks_a, bar))


@bank.mutant("compute-multiplier", "gives decades", "public: expected 1")
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar = target + yours.allowance
    one = _reached(flops_a, marks_a, bar, math.log10)
    other = _reached(flops_b, marks_b, bar, math.log10)
    return None if None in (one, other) else other - one


@bank.mutant(
    "compute-multiplier", "leaves the allowance out", "public: expected 1.6"
)
def compute_multiplier(flops_a, marks_a, flops_b, marks_b, target):
    return _times(
        _reached(flops_a, marks_a, target), _reached(flops_b, marks_b, target)
    )


@bank.mutant("compute-multiplier", "allows luck to A only", "public: expected 1")
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    one = _reached(flops_a, marks_a, target + yours.allowance)
    return _times(one, _reached(flops_b, marks_b, target))


@bank.mutant(
    "compute-multiplier",
    "answers with the first point where a curve begins above the bar",
    "public: expected None",
)
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar, ends = target + yours.allowance, []
    for flops, marks in ((flops_a, marks_a), (flops_b, marks_b)):
        above = marks[0] >= bar
        ends.append(math.log(flops[0]) if above else _reached(flops, marks, bar))
    return _times(*ends)


@bank.mutant(
    "compute-multiplier",
    "answers with the last point where the bar is not reached",
    "public: expected None",
)
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar, ends = target + yours.allowance, []
    for flops, marks in ((flops_a, marks_a), (flops_b, marks_b)):
        never = max(marks) < bar
        ends.append(math.log(flops[-1]) if never else _reached(flops, marks, bar))
    return _times(*ends)


@bank.mutant("compute-multiplier", "counts the last crossing", "hidden: it dips")
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar = target + yours.allowance

    def last(flops, marks):
        if marks[0] > bar:
            return None
        for i in range(len(marks) - 1, 0, -1):
            if marks[i] >= bar > marks[i - 1]:
                return _reached(flops[i - 1 : i + 1], marks[i - 1 : i + 1], bar)
        return math.log(flops[0]) if marks[0] == bar else None

    return _times(last(flops_a, marks_a), last(flops_b, marks_b))


@bank.mutant(
    "compute-multiplier",
    "has no answer for a curve that ends below the bar",
    "hidden: it dips | it ends below the bar, after | curves",
)
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar = target + yours.allowance
    if min(marks_a[-1], marks_b[-1]) < bar:
        return None
    return _times(_reached(flops_a, marks_a, bar), _reached(flops_b, marks_b, bar))


@bank.mutant(
    "compute-multiplier", "sorts the marks", "hidden: it dips | it falls before"
)
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar = target + yours.allowance
    return _times(
        _reached(flops_a, sorted(marks_a), bar),
        _reached(flops_b, sorted(marks_b), bar),
    )


@bank.mutant(
    "compute-multiplier",
    "looks for a crossing anywhere, also behind a first point above the bar",
    "hidden: it begins above the bar, falls and rises",
)
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar, ends = target + yours.allowance, []
    for flops, marks in ((flops_a, marks_a), (flops_b, marks_b)):
        start = next((i for i, mark in enumerate(marks) if mark <= bar), None)
        rest = slice(start, None)
        ends.append(
            None if start is None else _reached(flops[rest], marks[rest], bar)
        )
    return _times(*ends)


@bank.mutant(
    "compute-multiplier",
    "has no answer where a first point lies exactly at the bar",
    "hidden: it begins exactly at the bar",
)
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar = target + yours.allowance
    if max(marks_a[0], marks_b[0]) >= bar:
        return None
    return _times(_reached(flops_a, marks_a, bar), _reached(flops_b, marks_b, bar))


@bank.mutant(
    "compute-multiplier", "takes the nearest measured points", "public: got"
)
def compute_multiplier(yours, flops_a, marks_a, flops_b, marks_b, target):
    bar, ends = target + yours.allowance, []
    for flops, marks in ((flops_a, marks_a), (flops_b, marks_b)):
        if marks[0] > bar or max(marks) < bar:
            return None
        ends.append(next(f for f, mark in zip(flops, marks) if mark >= bar))
    return ends[1] / ends[0]


# spread-vs-luck -----------------------------------------------------------------------------------------------------


def _result(yours, spread, luck, ratio="spread over luck"):
    if ratio == "spread over luck":
        ratio = spread / luck if luck else None
    verdict = "craft" if spread - luck >= yours.smallest else "not shown"
    return {
        "spread": spread,
        "luck": luck,
        "difference": spread - luck,
        "ratio": ratio,
        "verdict": verdict,
    }


def _half(marks):
    low, _, high = quantiles(marks, n=4)
    return high - low


@bank.correct("spread-vs-luck", "NumPy, by the method of the same places")
def spread_vs_luck(yours, recipes, runs):
    ends = [
        np.percentile(some, [25, 75], method="weibull") for some in (recipes, runs)
    ]
    return _result(yours, *[float(high - low) for low, high in ends])


@bank.correct("spread-vs-luck", "by hand")
def spread_vs_luck(yours, recipes, runs):
    def half(marks):
        marks = sorted(marks)
        ends = []
        for share in (0.25, 0.75):
            place = share * (len(marks) + 1)
            low = int(place)
            step = marks[min(low, len(marks) - 1)] - marks[low - 1]
            ends.append(marks[low - 1] + (place - low) * step)
        return ends[1] - ends[0]

    return _result(yours, half(recipes), half(runs))


@bank.mutant("spread-vs-luck", "takes NumPy's usual quartiles", "public: got")
def spread_vs_luck(yours, recipes, runs):
    ends = [np.percentile(some, [25, 75]) for some in (recipes, runs)]
    return _result(yours, *[float(high - low) for low, high in ends])


@bank.mutant(
    "spread-vs-luck",
    "takes the medians of the two halves",
    "hidden: six marks | one recipe | field",
)
def spread_vs_luck(yours, recipes, runs):
    def half(marks):
        marks, n = sorted(marks), len(marks)
        if n % 4 in (0, 3):
            return _half(marks)
        return float(np.median(marks[(n + 1) // 2 :]) - np.median(marks[: n // 2]))

    return _result(yours, half(recipes), half(runs))


@bank.mutant("spread-vs-luck", "takes the whole range", "public: got")
def spread_vs_luck(yours, recipes, runs):
    return _result(yours, max(recipes) - min(recipes), max(runs) - min(runs))


@bank.mutant("spread-vs-luck", "takes standard deviations", "public: got")
def spread_vs_luck(yours, recipes, runs):
    return _result(yours, stdev(recipes), stdev(runs))


@bank.mutant("spread-vs-luck", "forgets to sort", "public: got")
def spread_vs_luck(yours, recipes, runs):
    def half(marks):
        n = len(marks)
        return marks[round(0.75 * (n + 1)) - 1] - marks[round(0.25 * (n + 1)) - 1]

    return _result(yours, half(recipes), half(runs))


@bank.mutant("spread-vs-luck", "has an infinite ratio", "public: got")
def spread_vs_luck(yours, recipes, runs):
    spread, luck = _half(recipes), _half(runs)
    return _result(yours, spread, luck, spread / luck if luck else math.inf)


@bank.mutant(
    "spread-vs-luck", "calls a ratio of nothing to nothing one", "public: got"
)
def spread_vs_luck(yours, recipes, runs):
    spread, luck = _half(recipes), _half(runs)
    if spread == luck == 0:
        return _result(yours, spread, luck, 1)
    return _result(yours, spread, luck)


@bank.mutant("spread-vs-luck", "drops the sign of the difference", "public: got")
def spread_vs_luck(yours, recipes, runs):
    found = _result(yours, _half(recipes), _half(runs))
    return found | {"difference": abs(found["difference"])}


@bank.mutant(
    "spread-vs-luck",
    "asks for more than the smallest effect",
    "hidden: a difference of",
)
def spread_vs_luck(yours, recipes, runs):
    found = _result(yours, _half(recipes), _half(runs))
    enough = found["difference"] > yours.smallest
    return found | {"verdict": "craft" if enough else "not shown"}


@bank.mutant(
    "spread-vs-luck",
    "judges by the ratio",
    "either: got | a difference of | a large ratio",
)
def spread_vs_luck(yours, recipes, runs):
    found = _result(yours, _half(recipes), _half(runs))
    enough = found["ratio"] is not None and found["ratio"] >= 3
    return found | {"verdict": "craft" if enough else "not shown"}


@bank.mutant(
    "spread-vs-luck", "judges by the spread alone", "hidden: equal spreads"
)
def spread_vs_luck(yours, recipes, runs):
    found = _result(yours, _half(recipes), _half(runs))
    if found["luck"] > found["spread"] or not found["luck"]:
        return found
    return found | {
        "verdict": "craft" if found["spread"] >= yours.smallest else "not shown"
    }


@bank.mutant(
    "spread-vs-luck",
    "sorts the lists that came in",
    "hidden: the lists that came in",
)
def spread_vs_luck(yours, recipes, runs):
    recipes.sort()
    runs.sort()
    return _result(yours, _half(recipes), _half(runs))


# successive-halving -------------------------------------------------------------------------------------------------

SHARES = (1 / 8, 1 / 4, 1 / 2, 1)


def _best(curves, some, rung):
    return min(some, key=lambda r: (-curves[r][rung], r))


def _halving(curves, budget, keep=lambda n: (n + 1) // 2, price=None, chosen=None):
    """The solution, with parts to be replaced."""
    left, spent, found = list(range(len(curves))), 0, None
    for rung, share in enumerate(SHARES):
        before = SHARES[rung - 1] if rung else 0
        cost = price(share, before) if price else share - before
        if spent + cost * len(left) > budget or (rung and len(left) == 1):
            break
        spent += cost * len(left)
        left = sorted(left, key=lambda r: (-curves[r][rung], r))
        found = left[0] if chosen is None else chosen(curves, left, rung)
        left = left[: keep(len(left))]
    return [found, spent]


@bank.correct("successive-halving", "NumPy, a stable sort of the table's order")
def successive_halving(curves, budget):
    marks, left = np.array(curves, float), np.arange(len(curves))
    chosen, eighths = None, 0
    for rung, more in enumerate((1, 1, 2, 4)):
        if eighths + more * len(left) > 8 * budget:
            break
        eighths += more * len(left)
        order = np.argsort(-marks[left, rung], kind="stable")
        chosen = int(left[order[0]])
        left = np.sort(left[order[: math.ceil(len(left) / 2)]])
        if len(left) == 1:
            break
    return [chosen, eighths / 8]


@bank.correct("successive-halving", "drops the worst, one after the other")
def successive_halving(curves, budget):
    left, rest, chosen = set(range(len(curves))), budget, None
    for rung, price in enumerate((0.125, 0.125, 0.25, 0.5)):
        if price * len(left) > rest:
            return [chosen, budget - rest]
        rest -= price * len(left)
        for _ in range(len(left) // 2):
            left.remove(max(left, key=lambda r: (-curves[r][rung], r)))
        chosen = _best(curves, left, rung)
        if len(left) == 1:
            break
    return [chosen, budget - rest]


@bank.correct("successive-halving", "a loop over runs")
def random_search(curves, budget):
    chosen, spent = None, 0
    for r, curve in enumerate(curves):
        if spent + 1 > budget:
            break
        spent += 1
        if chosen is None or curve[3] > curves[chosen][3]:
            chosen = r
    return [chosen, spent]


@bank.mutant(
    "successive-halving",
    "pays each rung from nothing",
    "public: successive_halving(",
)
def successive_halving(curves, budget):
    return _halving(curves, budget, price=lambda share, before: share)


@bank.mutant(
    "successive-halving",
    "rounds the better half down",
    "public: successive_halving(",
)
def successive_halving(curves, budget):
    return _halving(curves, budget, keep=lambda n: max(1, n // 2))


@bank.mutant("successive-halving", "keeps the worse half", "public: got")
def successive_halving(curves, budget):
    turned = [[-mark for mark in curve] for curve in curves]
    return _halving(turned, budget)


@bank.mutant(
    "successive-halving", "chooses by the marks of the whole run", "public: got"
)
def successive_halving(curves, budget):
    return _halving(curves, budget, chosen=lambda c, left, rung: _best(c, left, 3))


@bank.mutant(
    "successive-halving",
    "goes on with the last one alone",
    "public: successive_halving(",
)
def successive_halving(curves, budget):
    left, spent, found = list(range(len(curves))), 0, None
    for rung, price in enumerate((0.125, 0.125, 0.25, 0.5)):
        if spent + price * len(left) > budget:
            break
        spent += price * len(left)
        left = sorted(left, key=lambda r: (-curves[r][rung], r))
        left = left[: (len(left) + 1) // 2]
        found = left[0]
    return [found, spent]


@bank.mutant(
    "successive-halving",
    "spends what is left of the budget on a part of a rung",
    "public: successive_halving(",
)
def successive_halving(curves, budget):
    found, spent = _halving(curves, budget)
    return [found, min(budget, spent + 0.125) if found is not None else 0]


@bank.mutant(
    "successive-halving", "prefers the last of equal ones", "hidden: 3 points"
)
def successive_halving(curves, budget):
    n = len(curves)
    found, spent = _halving(curves[::-1], budget)
    return [None if found is None else n - 1 - found, spent]


@bank.mutant(
    "successive-halving",
    "stops one rung too early, where the budget is just enough",
    "hidden: 3 points | got",
)
def successive_halving(curves, budget):
    return _halving(curves, budget - 1e-9)


@bank.mutant("successive-halving", "forgets the last rung", "hidden: 3 points")
def successive_halving(curves, budget):
    found, spent, n = None, 0, len(curves)
    left = list(range(n))
    for rung, price in enumerate((0.125, 0.125, 0.25)):
        if spent + price * len(left) > budget or (rung and len(left) == 1):
            break
        spent += price * len(left)
        left = sorted(left, key=lambda r: (-curves[r][rung], r))
        left = left[: (len(left) + 1) // 2]
        found = left[0]
    return [found, spent]


@bank.mutant("successive-halving", "rounds the budget", "public: random_search(")
def random_search(curves, budget):
    runs = min(len(curves), math.ceil(budget))
    if not runs:
        return [None, 0]
    return [_best(curves, range(runs), 3), runs]


@bank.mutant(
    "successive-halving",
    "takes the best of the whole table",
    "public: random_search(",
)
def random_search(curves, budget):
    if budget < 1:
        return [None, 0]
    return [_best(curves, range(len(curves)), 3), min(int(budget), len(curves))]


@bank.mutant(
    "successive-halving", "spends the budget, runs or not", "public: random_search("
)
def random_search(curves, budget):
    runs = min(len(curves), int(budget))
    return [_best(curves, range(runs), 3), budget] if runs else [None, 0]


@bank.mutant("successive-halving", "guesses the recipe", "hidden: 3 points")
def lost(yours):
    return [(yours.recipe + 1) % 16, yours.explanation]


@bank.mutant("successive-halving", "guesses the explanation", "hidden: 3 points")
def lost(yours):
    return [yours.recipe, yours.explanation % 6 + 1]


@bank.mutant("successive-halving", "counts recipes from one", "hidden: 3 points")
def lost(yours):
    return [yours.recipe + 1, yours.explanation]


# your-recipe --------------------------------------------------------------------------------------------------------


def _settings(yours, **changed):
    """All that the solution names, as in the reference or changed."""
    given = {"optimizer": "AdamW", "learning_rate": 0.6, "schedule": "cosine"}
    given |= {"warmup": yours.warmup, "mixture": 1.0, "loss_mask": "all tokens"}
    return given | changed


@bank.correct("your-recipe", "AdamW, with other first weights")
def my_recipe(yours):
    changed = _settings(yours, learning_rate=1.0, schedule="linear", mixture=0)
    return changed | {"loss_mask": "answers", "init": "1/sqrt(width)"}


@bank.correct("your-recipe", "Muon with a late decay, without decay of weights")
def my_recipe(yours):
    changed = _settings(yours, optimizer="Muon", learning_rate=1.2, schedule="WSD")
    changed |= {"mixture": 0.2, "loss_mask": "answers", "weight_decay": 0.01}
    return changed | {"beta2": 0.999}


@bank.mutant("your-recipe", "hands in the reference", "hidden: two sealed ores")
def my_recipe(yours):
    return _settings(yours)


@bank.mutant(
    "your-recipe",
    "changes the loss mask and nothing else",
    "hidden: two sealed ores",
)
def my_recipe(yours):
    return _settings(yours, loss_mask="answers")


@bank.mutant(
    "your-recipe",
    "takes a large model's rate as it stands",
    "hidden: two sealed ores",
)
def my_recipe(yours):
    changed = _settings(yours, optimizer="Muon", learning_rate=3e-4, mixture=0)
    return changed | {"schedule": "linear", "loss_mask": "answers"}


@bank.mutant(
    "your-recipe", "heats up faster than the furnace can", "public: in your furnace"
)
def my_recipe(yours):
    return _settings(yours, warmup=yours.warmup / 2)


@bank.mutant("your-recipe", "gives the rate as text", "public: must be a number")
def my_recipe(yours):
    return _settings(yours, learning_rate="1.5")


@bank.mutant(
    "your-recipe", "names an optimizer in small letters", "public: must be one"
)
def my_recipe(yours):
    return _settings(yours, optimizer="muon")


@bank.mutant("your-recipe", "asks for a negative share", "public: must lie between")
def my_recipe(yours):
    return _settings(yours, mixture=-1)


@bank.mutant(
    "your-recipe", "draws a recipe at every call", "public: the same settings"
)
def my_recipe(yours):
    return _settings(yours, learning_rate=random.uniform(0.5, 2))


# which-is-luck ------------------------------------------------------------------------------------------------------


def _said(yours, low, high):
    if low > yours.smallest:
        return "real"
    return "luck" if high < yours.smallest else "cannot tell"


def _two_groups(before, after, df=None):
    old, new = ([mark for _, mark in runs] for runs in (before, after))
    gain = mean(new) - mean(old)
    error = math.sqrt(variance(old) / len(old) + variance(new) / len(new))
    half = stats.t.ppf(0.95, df or min(len(old), len(new)) - 1) * error
    return gain - half, gain + half


def _gains(before, after):
    """Gains seed by seed; None if these are not the same seeds."""
    old, new = ({int(s): mark for s, mark in runs} for runs in (before, after))
    return [new[s] - old[s] for s in old] if old.keys() == new.keys() else None


def _few(before, after):
    return len(before) < 3 or len(after) < 3


@bank.correct("which-is-luck", "runs in the order of their seeds, NumPy")
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    old, new = np.array(sorted(before), float), np.array(sorted(after), float)
    if np.array_equal(old[:, 0], new[:, 0]):
        gains = new[:, 1] - old[:, 1]
        gain, error, df = (
            gains.mean(),
            gains.std(ddof=1) / len(gains) ** 0.5,
            len(gains) - 1,
        )
    else:
        gain = new[:, 1].mean() - old[:, 1].mean()
        error = np.hypot(
            *(some[:, 1].std(ddof=1) / len(some) ** 0.5 for some in (old, new))
        )
        df = min(len(old), len(new)) - 1
    half = stats.t.ppf(0.95, df) * error
    return _said(yours, gain - half, gain + half)


@bank.correct("which-is-luck", "counts standard errors to the smallest improvement")
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    gains = _gains(before, after)
    if gains is not None:
        return _said(yours, *ledger.interval(gains))
    old, new = ([mark for _, mark in runs] for runs in (before, after))
    off = mean(new) - mean(old) - yours.smallest
    error = math.sqrt(variance(old) / len(old) + variance(new) / len(new))
    needed = stats.t.isf(0.05, min(len(old), len(new)) - 1) * error
    if abs(off) <= needed:
        return "cannot tell"
    return "real" if off > 0 else "luck"


@bank.mutant("which-is-luck", "compares the best runs", "public: expected")
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    gain = max(mark for _, mark in after) - max(mark for _, mark in before)
    return "real" if gain > yours.smallest else "luck"


@bank.mutant(
    "which-is-luck", "compares the means", "public: expected 'cannot tell'"
)
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    gain = mean(mark for _, mark in after) - mean(mark for _, mark in before)
    return "real" if gain > yours.smallest else "luck"


@bank.mutant("which-is-luck", "throws the pairs away", "public: expected 'real'")
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    return _said(yours, *_two_groups(before, after))


@bank.mutant(
    "which-is-luck",
    "pairs runs in the order in which they stand",
    "public: expected",
)
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    gains = [new[1] - old[1] for old, new in zip(before, after)]
    return _said(yours, *ledger.interval(gains))


@bank.mutant(
    "which-is-luck",
    "pairs in the order of seeds, the same or not",
    "public: expected 'cannot tell'",
)
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    gains = [new[1] - old[1] for old, new in zip(sorted(before), sorted(after))]
    return _said(yours, *ledger.interval(gains))


@bank.mutant(
    "which-is-luck",
    "pairs the seeds that two groups share, and forgets the others",
    "hidden: points",
)
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    old, new = dict(map(tuple, before)), dict(map(tuple, after))
    both = old.keys() & new.keys()
    if len(both) >= 3:
        return _said(yours, *ledger.interval([new[s] - old[s] for s in both]))
    return _said(yours, *_two_groups(before, after))


@bank.mutant(
    "which-is-luck", "asks whether the gain is above zero", "public: expected"
)
def verdict(before, after):
    if _few(before, after):
        return "cannot tell"
    gains = _gains(before, after)
    low, high = ledger.interval(gains) if gains else _two_groups(before, after)
    return "real" if low > 0 else "luck" if high < 0 else "cannot tell"


@bank.mutant("which-is-luck", "calls all that is not real luck", "public: expected")
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    gains = _gains(before, after)
    low, _ = ledger.interval(gains) if gains else _two_groups(before, after)
    return "real" if low > yours.smallest else "luck"


@bank.mutant("which-is-luck", "believes two runs", "public: expected 'cannot tell'")
def verdict(yours, before, after):
    if _few(before, after):
        return "real"
    gains = _gains(before, after)
    return _said(
        yours, *(ledger.interval(gains) if gains else _two_groups(before, after))
    )


@bank.mutant(
    "which-is-luck",
    "counts the degrees of freedom of both groups",
    "hidden: points",
)
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    gains = _gains(before, after)
    df = len(before) + len(after) - 2
    found = ledger.interval(gains) if gains else _two_groups(before, after, df)
    return _said(yours, *found)


@bank.mutant(
    "which-is-luck", "calls a gain of exactly the smallest real", "hidden: points"
)
def verdict(yours, before, after):
    if _few(before, after):
        return "cannot tell"
    gains = _gains(before, after)
    low, high = ledger.interval(gains) if gains else _two_groups(before, after)
    return "real" if low >= yours.smallest else _said(yours, low, high)


@bank.mutant("which-is-luck", "cannot ever tell", "public: expected 'real'")
def verdict(before, after):
    return "cannot tell"
