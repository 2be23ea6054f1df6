"""Other answers to the exercises of "Laws of size": correct ones in another way, and mutants, each a misconception."""

import math
import random
from fractions import Fraction
from statistics import NormalDist, linear_regression, quantiles

import numpy as np
from scipy import optimize, stats

from pipeline.answers import Bank

bank = Bank()

# fit-power --------------------------------------------------------------------------------------------------------


def _slope(x, y):
    """Slope of y over x along the last axis."""
    x = x - x.mean(axis=-1, keepdims=True)
    return (x * y).sum(axis=-1) / (x * x).sum(axis=-1)


def _drawn(x, seed=0, times=2000):
    """Places drawn with replacement, without the draws that have no slope: (draws, n)."""
    places = np.random.default_rng(seed).integers(0, len(x), (times, len(x)))
    return places[np.ptp(x[places], axis=1) > 0]


def _interval(slopes, level):
    return [
        float(one)
        for one in np.percentile(slopes, [50 - level / 2, 50 + level / 2])
    ]


def _bootstrap(x, y, level):
    """The solution with any axes."""
    places = _drawn(x)
    return [float(_slope(x, y)), *_interval(_slope(x[places], y[places]), level)]


@bank.correct("fit-power", "pure Python")
def fit_power(yours, x, y):
    dice = random.Random(5)
    points = [(math.log(a), math.log(b)) for a, b in zip(x, y)]

    def slope(some):
        n, both = len(some), list(zip(*some))
        u, v = sum(both[0]) / n, sum(both[1]) / n
        above = sum((a - u) * (b - v) for a, b in some)
        return above / sum((a - u) ** 2 for a, _ in some)

    slopes = []
    while len(slopes) < 2000:
        some = dice.choices(points, k=len(points))
        if len({a for a, _ in some}) > 1:
            slopes.append(slope(some))
    cuts = quantiles(slopes, n=1000, method="inclusive")
    ends = [round(500 + sign * 5 * yours.level) - 1 for sign in (-1, 1)]
    return [slope(points), *(cuts[end] for end in ends)]


@bank.correct(
    "fit-power",
    "counts how often each point is drawn, in logarithms to the base 10",
)
def fit_power(yours, x, y):
    x, y = np.log10(x), np.log10(y)
    n = len(x)
    x = x - x.mean()
    times = np.random.default_rng(2).multinomial(n, np.full(n, 1 / n), 4000)
    mean = times @ x / n
    spread = times @ x**2 / n - mean**2
    slopes = (times @ (x * y) / n - mean * (times @ y) / n)[spread > 1e-9]
    return [
        np.polyfit(x, y, 1)[0],
        *_interval(slopes / spread[spread > 1e-9], yours.level),
    ]


@bank.mutant("fit-power", "fits a line on plain axes", "public: fit_power([1, 10")
def fit_power(yours, x, y):
    return _bootstrap(np.array(x, float), np.array(y, float), yours.level)


@bank.mutant(
    "fit-power", "takes the logarithm of y only", "public: fit_power([1, 10"
)
def fit_power(yours, x, y):
    return _bootstrap(np.array(x, float), np.log(y), yours.level)


@bank.mutant("fit-power", "mixes two logarithms", "public: fit_power([1, 10")
def fit_power(yours, x, y):
    return _bootstrap(np.log10(x), np.log(y), yours.level)


@bank.mutant("fit-power", "exchanges x and y", "public: fit_power([16")
def fit_power(yours, x, y):
    return _bootstrap(np.log(y), np.log(x), yours.level)


@bank.mutant(
    "fit-power",
    "gives the exponent of a falling law without its sign",
    "public: fit_power([16",
)
def fit_power(yours, x, y):
    return sorted(abs(one) for one in _bootstrap(np.log(x), np.log(y), yours.level))


@bank.mutant(
    "fit-power",
    "draws a line through the first and the last point",
    "public: the slope lies in the interval",
)
def fit_power(yours, x, y):
    _, low, high = _bootstrap(np.log(x), np.log(y), yours.level)
    slope = math.log(y[-1] / y[0]) / math.log(x[-1] / x[0])
    return [slope, low, high]


@bank.mutant(
    "fit-power", "takes the median of the draws for the slope", "hidden: 2 points"
)
def fit_power(yours, x, y):
    x, y = np.log(x), np.log(y)
    places = _drawn(x)
    slopes = _slope(x[places], y[places])
    return [float(np.median(slopes)), *_interval(slopes, yours.level)]


@bank.mutant("fit-power", "draws x and y apart", "public: fit_power([1, 10")
def fit_power(yours, x, y):
    x, y = np.log(x), np.log(y)
    places, others = _drawn(x, 0), _drawn(x, 1)
    n = min(len(places), len(others))
    return [
        float(_slope(x, y)),
        *_interval(_slope(x[places[:n]], y[others[:n]]), yours.level),
    ]


@bank.mutant(
    "fit-power",
    "leaves out as much on each side as in all",
    "public: about as wide | the slope lies",
)
def fit_power(yours, x, y):
    x, y = np.log(x), np.log(y)
    places = _drawn(x)
    left = 100 - yours.level
    ends = np.percentile(
        _slope(x[places], y[places]), sorted([min(left, 50), max(100 - left, 50)])
    )
    return [float(_slope(x, y)), *ends]


@bank.mutant(
    "fit-power",
    "gives the surest nineteen in twenty to everybody",
    "public: about as wide",
)
def fit_power(x, y):
    return _bootstrap(np.log(x), np.log(y), 95)


@bank.mutant(
    "fit-power", "grows surer with the number of draws", "public: about as wide"
)
def fit_power(yours, x, y):
    slope, low, high = _bootstrap(np.log(x), np.log(y), yours.level)
    return [
        slope,
        slope + (low - slope) / math.sqrt(2000),
        slope + (high - slope) / math.sqrt(2000),
    ]


@bank.mutant(
    "fit-power",
    "draws anew at every call",
    "public: the same at every call",
)
def fit_power(yours, x, y):
    x, y = np.log(x), np.log(y)
    places = _drawn(x, None)
    return [
        float(_slope(x, y)),
        *_interval(_slope(x[places], y[places]), yours.level),
    ]


@bank.mutant(
    "fit-power",
    "draws without replacement, in another order",
    "public: the slope lies in the interval",
)
def fit_power(x, y):
    slope = float(_slope(np.log(x), np.log(y)))
    return [slope, slope, slope]


@bank.mutant("fit-power", "draws half as many points", "public: about as wide")
def fit_power(yours, x, y):
    x, y = np.log(x), np.log(y)
    places = np.random.default_rng(0).integers(
        0, len(x), (2000, max(2, len(x) // 2))
    )
    places = places[np.ptp(x[places], axis=1) > 0]
    return [
        float(_slope(x, y)),
        *_interval(_slope(x[places], y[places]), yours.level),
    ]


@bank.mutant(
    "fit-power",
    "keeps the draws that have no slope, as a slope of zero",
    "public: fit_power([1, 10",
)
def fit_power(yours, x, y):
    x, y = np.log(x), np.log(y)
    places = np.random.default_rng(0).integers(0, len(x), (2000, len(x)))
    some = x[places] - x[places].mean(axis=1, keepdims=True)
    spread = (some**2).sum(axis=1)
    slopes = np.where(
        spread > 1e-12,
        (some * y[places]).sum(axis=1) / np.maximum(spread, 1e-12),
        0,
    )
    return [
        float(_slope(x, y)),
        *_interval(slopes, 90 if yours.level < 80 else yours.level),
    ]


@bank.mutant(
    "fit-power",
    "draws the distances from the line, as if all were equally noisy",
    "hidden: 1 points",
)
def fit_power(yours, x, y):
    x, y = np.log(x), np.log(y)
    slope = _slope(x, y)
    line = y.mean() + slope * (x - x.mean())
    places = np.random.default_rng(0).integers(0, len(x), (2000, len(x)))
    return [
        float(slope),
        *_interval(_slope(x[None], line + (y - line)[places]), yours.level),
    ]


@bank.mutant("fit-power", "takes the textbook's standard error", "hidden: 1 points")
def fit_power(yours, x, y):
    if len(x) == 2:
        return _bootstrap(np.log(x), np.log(y), yours.level)
    found = stats.linregress(np.log(x), np.log(y))
    wide = found.stderr * NormalDist().inv_cdf(0.5 + yours.level / 200)
    if found.stderr < 1e-9:
        wide = 0
    return [
        float(found.slope),
        float(found.slope - wide),
        float(found.slope + wide),
    ]


# zipf-exponent ----------------------------------------------------------------------------------------------------


def _p(alpha, keys):
    p = np.arange(1, keys + 1) ** -(1.0 + alpha)
    return p / p.sum()


@bank.correct("zipf-exponent", "the other way to write it")
def zipf_exponent(alpha):
    return 1 - 1 / (1 + alpha)


@bank.correct("zipf-exponent", "one key after the other")
def new_key_rate(alpha, n, keys):
    weights = [i ** (-1 - alpha) for i in range(1, keys + 1)]
    total = sum(weights)
    return sum(w / total * (1 - w / total) ** n for w in weights)


@bank.correct("zipf-exponent", "in logarithms")
def measured_exponent(yours, alpha):
    p = _p(alpha, 100_000)
    rates = [(p * np.exp(n * np.log1p(-p))).sum() for n in (yours.few, yours.many)]
    return -np.log10(rates[1] / rates[0]) / np.log10(yours.many / yours.few)


@bank.mutant(
    "zipf-exponent",
    "takes the exponent of the data for that of the error",
    "public: zipf_exponent(1)",
)
def zipf_exponent(alpha):
    return alpha


@bank.mutant("zipf-exponent", "counts the keys that are known", "hidden: 2 points")
def zipf_exponent(alpha):
    return 1 / (1 + alpha)


@bank.mutant("zipf-exponent", "halves the exponent of the data", "hidden: 2 points")
def zipf_exponent(alpha):
    return alpha / 2


@bank.mutant("zipf-exponent", "turns the fraction over", "public: zipf_exponent(1)")
def zipf_exponent(alpha):
    return (1 + alpha) / alpha


@bank.mutant(
    "zipf-exponent",
    "takes i^-alpha for the frequencies",
    "public: zipf_exponent(1)",
)
def zipf_exponent(alpha):
    return (alpha - 1) / alpha


@bank.mutant(
    "zipf-exponent",
    "holds every world's error for n^-1/2, as a mean's",
    "hidden: 2 points",
)
def zipf_exponent(alpha):
    return 0.5


@bank.mutant(
    "zipf-exponent",
    "makes all keys equally frequent",
    "public: new_key_rate(1, 2, 2)",
)
def new_key_rate(alpha, n, keys):
    return (1 - 1 / keys) ** n


@bank.mutant(
    "zipf-exponent",
    "counts the new keys and forgets how seldom they are asked",
    "public: new_key_rate(1, 2, 2)",
)
def new_key_rate(alpha, n, keys):
    return ((1 - _p(alpha, keys)) ** n).mean()


@bank.mutant(
    "zipf-exponent",
    "forgets that frequencies add up to one",
    "public: new_key_rate(1, 0, 50)",
)
def new_key_rate(alpha, n, keys):
    p = np.arange(1, keys + 1) ** -(1.0 + alpha)
    return (p * (1 - p) ** n).sum()


@bank.mutant("zipf-exponent", "takes i^-alpha", "public: new_key_rate(1, 2, 2)")
def new_key_rate(alpha, n, keys):
    p = _p(alpha - 1, keys)
    return (p * (1 - p) ** n).sum()


@bank.mutant(
    "zipf-exponent",
    "is off by one example",
    "public: new_key_rate(1, 0, 50) | new_key_rate(1, 2, 2)",
)
def new_key_rate(alpha, n, keys):
    p = _p(alpha, keys)
    return (p * (1 - p) ** max(0, n - 1)).sum()


@bank.mutant(
    "zipf-exponent", "takes e^(-np) for (1 - p)^n", "public: new_key_rate(1, 2, 2)"
)
def new_key_rate(alpha, n, keys):
    p = _p(alpha, keys)
    return (p * np.exp(-n * p)).sum()


@bank.mutant("zipf-exponent", "draws examples", "public: new_key_rate(1, 2, 2)")
def new_key_rate(alpha, n, keys):
    p = _p(alpha, keys)
    seen = np.random.default_rng(0).choice(keys, n, p=p)
    return 1 - p[np.unique(seen)].sum() if n else 1.0


@bank.mutant(
    "zipf-exponent",
    "says how often a key is known",
    "public: new_key_rate(1, 0, 50)",
)
def new_key_rate(alpha, n, keys):
    p = _p(alpha, keys)
    return 1 - (p * (1 - p) ** n).sum()


@bank.mutant(
    "zipf-exponent",
    "keeps the sign of the slope",
    "public: differ by less than 0.01",
)
def measured_exponent(yours, alpha):
    p = _p(alpha, 100_000)
    few, many = ((p * (1 - p) ** n).sum() for n in (yours.few, yours.many))
    return math.log(many / few) / math.log(yours.many / yours.few)


@bank.mutant(
    "zipf-exponent", "measures on plain axes", "public: differ by less than 0.01"
)
def measured_exponent(yours, alpha):
    p = _p(alpha, 100_000)
    few, many = ((p * (1 - p) ** n).sum() for n in (yours.few, yours.many))
    return (few - many) / (yours.many - yours.few)


@bank.mutant(
    "zipf-exponent",
    "does not measure, and gives what was derived",
    "hidden: 2 points",
)
def measured_exponent(alpha):
    return alpha / (1 + alpha)


@bank.mutant(
    "zipf-exponent",
    "measures in a world of a thousand keys",
    "either: differ by less | 2 points",
)
def measured_exponent(yours, alpha):
    p = _p(alpha, 1000)
    few, many = ((p * (1 - p) ** n).sum() for n in (yours.few, yours.many))
    return math.log(few / many) / math.log(yours.many / yours.few)


@bank.mutant(
    "zipf-exponent", "measures at the end of the stretch only", "hidden: 2 points"
)
def measured_exponent(yours, alpha):
    p = _p(alpha, 100_000)
    few, many = ((p * (1 - p) ** n).sum() for n in (yours.many / 2, yours.many))
    return math.log2(few / many)


# isoflop-optimum --------------------------------------------------------------------------------------------------


def _judged(best, sizes, margin):
    if best < margin * min(sizes):
        return ["go smaller", None]
    if best > max(sizes) / margin:
        return ["go larger", None]
    return ["found", best]


def _bottom(u, losses):
    """Bend and bottom of the parabola over u."""
    bend, tilt, _ = np.polyfit(u, losses, 2)
    return float(bend), float(-tilt / (2 * bend))


@bank.correct("isoflop-optimum", "in decades, with numpy's polynomials")
def isoflop_optimum(yours, sizes, losses):
    parabola = np.polynomial.Polynomial.fit(np.log10(sizes), losses, 2).convert()
    if parabola.coef[2] <= 0:
        return ["no valley", None]
    return _judged(
        float(10 ** parabola.deriv().roots()[0].real), sizes, yours.margin
    )


@bank.correct("isoflop-optimum", "normal equations, in doublings from the middle")
def isoflop_optimum(yours, sizes, losses):
    u = np.log2(sizes)
    middle = u.mean()
    rows = np.vander(u - middle, 3)
    bend, tilt, _ = np.linalg.solve(rows.T @ rows, rows.T @ np.array(losses))
    if not bend > 0:
        return ["no valley", None]
    best = middle - tilt / bend / 2
    step = math.log2(yours.margin)
    if best - u.min() < step:
        return ["go smaller", None]
    return ["go larger", None] if u.max() - best < step else ["found", 2**best]


@bank.mutant(
    "isoflop-optimum",
    "takes the size with the lowest loss",
    "public: expected ['found', 20000]",
)
def isoflop_optimum(yours, sizes, losses):
    best = sizes[losses.index(min(losses))]
    return _judged(best, sizes, yours.margin)


@bank.mutant(
    "isoflop-optimum",
    "fits the parabola over the size itself",
    "public: expected ['found', 20000]",
)
def isoflop_optimum(yours, sizes, losses):
    bend, best = _bottom(sizes, losses)
    return ["no valley", None] if bend <= 0 else _judged(best, sizes, yours.margin)


@bank.mutant(
    "isoflop-optimum",
    "gives the logarithm of the size",
    "public: expected ['found', 20000]",
)
def isoflop_optimum(yours, sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    if bend <= 0:
        return ["no valley", None]
    word, _ = _judged(math.exp(best), sizes, yours.margin)
    return [word, best if word == "found" else None]


@bank.mutant(
    "isoflop-optimum", "fits the three lowest losses only", "hidden: 0 points"
)
def isoflop_optimum(yours, sizes, losses):
    by_size = {}
    for size, loss in zip(sizes, losses):
        by_size.setdefault(size, []).append(loss)
    low = sorted((sum(some) / len(some), size) for size, some in by_size.items())[
        :3
    ]
    bend, best = _bottom(
        np.log([size for _, size in low]), [loss for loss, _ in low]
    )
    return (
        ["no valley", None]
        if bend <= 0
        else _judged(math.exp(best), sizes, yours.margin)
    )


@bank.mutant(
    "isoflop-optimum", "averages over the seeds of a size first", "hidden: 2 points"
)
def isoflop_optimum(yours, sizes, losses):
    by_size = {}
    for size, loss in zip(sizes, losses):
        by_size.setdefault(size, []).append(loss)
    means = [sum(some) / len(some) for some in by_size.values()]
    bend, best = _bottom(np.log(list(by_size)), means)
    return (
        ["no valley", None]
        if bend <= 0
        else _judged(math.exp(best), sizes, yours.margin)
    )


@bank.mutant(
    "isoflop-optimum",
    "believes every bottom",
    "public: expected ['go smaller', None]",
)
def isoflop_optimum(sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    return ["no valley", None] if bend <= 0 else ["found", math.exp(best)]


@bank.mutant(
    "isoflop-optimum",
    "gives the end of the ladder for a bottom beyond it",
    "public: expected ['go smaller', None]",
)
def isoflop_optimum(sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    if bend <= 0:
        return ["no valley", None]
    return ["found", min(max(math.exp(best), min(sizes)), max(sizes))]


@bank.mutant(
    "isoflop-optimum", "leaves no margin", "public: expected ['go smaller', None]"
)
def isoflop_optimum(sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    return ["no valley", None] if bend <= 0 else _judged(math.exp(best), sizes, 1)


@bank.mutant(
    "isoflop-optimum", "leaves a margin at the small end only", "hidden: 1 points"
)
def isoflop_optimum(yours, sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    if bend <= 0:
        return ["no valley", None]
    best = math.exp(best)
    if best < yours.margin * min(sizes):
        return ["go smaller", None]
    return ["go larger", None] if best > max(sizes) else ["found", best]


@bank.mutant(
    "isoflop-optimum",
    "takes the second and the last but one for the ends",
    "either: expected ['found' | expected ['go smaller' | points",
)
def isoflop_optimum(sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    if bend <= 0:
        return ["no valley", None]
    inner = sorted(set(sizes))
    return _judged(math.exp(best), inner[1:-1], 1)


@bank.mutant(
    "isoflop-optimum", "trusts that sizes come in rising order", "hidden: 0 points"
)
def isoflop_optimum(yours, sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    if bend <= 0:
        return ["no valley", None]
    return _judged(math.exp(best), [sizes[0], sizes[-1]], yours.margin)


@bank.mutant(
    "isoflop-optimum",
    "exchanges smaller and larger",
    "public: expected ['go smaller', None]",
)
def isoflop_optimum(yours, sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    if bend <= 0:
        return ["no valley", None]
    word, size = _judged(math.exp(best), sizes, yours.margin)
    return [
        {"go smaller": "go larger", "go larger": "go smaller"}.get(word, word),
        size,
    ]


@bank.mutant(
    "isoflop-optimum",
    "takes the top of a hill for a bottom",
    "public: expected ['no valley', None]",
)
def isoflop_optimum(yours, sizes, losses):
    return _judged(math.exp(_bottom(np.log(sizes), losses)[1]), sizes, yours.margin)


@bank.mutant(
    "isoflop-optimum",
    "looks only whether the lowest loss is at an end",
    "public: expected ['go smaller', None]",
)
def isoflop_optimum(sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    if bend <= 0:
        return ["no valley", None]
    lowest = sizes[losses.index(min(losses))]
    if lowest == min(sizes):
        return ["go smaller", None]
    return (
        ["go larger", None] if lowest == max(sizes) else ["found", math.exp(best)]
    )


@bank.mutant(
    "isoflop-optimum",
    "says no valley whenever none is found",
    "public: expected ['go smaller', None]",
)
def isoflop_optimum(yours, sizes, losses):
    bend, best = _bottom(np.log(sizes), losses)
    word, size = _judged(math.exp(best), sizes, yours.margin)
    return ["found", size] if bend > 0 and word == "found" else ["no valley", None]


# two-fits ---------------------------------------------------------------------------------------------------------


def _loss(N, D, fit):
    return fit["E"] + fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]


def _split(C, fit):
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return [N, C / 6 / N]


def _explained(yours, split=_split, C=None):
    C = C or yours.C
    old, new = yours.printed, yours.refit
    N, other = split(C, old)[0], split(C, new)[0]
    lost = _loss(*split(C, old), new) - _loss(*split(C, new), new)
    return [
        "printed" if N > other else "refit",
        max(N / other, other / N),
        "data",
        lost,
    ]


@bank.correct("two-fits", "powers with a minus")
def chinchilla_loss(N, D, fit):
    return sum(
        [fit["E"], fit["A"] * N ** -fit["alpha"], fit["B"] * D ** -fit["beta"]]
    )


@bank.correct("two-fits", "a search over the logarithm of N")
def best_split(C, fit):
    u = optimize.brentq(
        lambda u: (
            math.log(fit["alpha"] * fit["A"] / (fit["beta"] * fit["B"]))
            - fit["alpha"] * u
            + fit["beta"] * (math.log(C / 6) - u)
        ),
        -100,
        200,
    )
    return [math.exp(u), C / 6 / math.exp(u)]


@bank.correct("two-fits", "a grid that grows finer and finer")
def best_split(C, fit):
    low, high = 0.0, math.log(C / 6)
    for _ in range(12):
        grid = np.linspace(low, high, 101)
        losses = fit["A"] * np.exp(-fit["alpha"] * grid)
        losses += fit["B"] * np.exp(-fit["beta"] * (math.log(C / 6) - grid))
        best = int(losses.argmin())
        if high - low < 1e-5:
            break
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 100)]
    N = float(np.exp(grid[best]))
    return [N, C / 6 / N]


@bank.correct("two-fits", "numbers, and the answer known")
def explanation(yours):
    return tuple(_explained(yours))


@bank.mutant("two-fits", "forgets the floor", "public: chinchilla_loss(")
def chinchilla_loss(N, D, fit):
    return _loss(N, D, fit | {"E": 0})


@bank.mutant(
    "two-fits",
    "exchanges the exponents of size and data",
    "public: explanation() has its four parts",
)
def chinchilla_loss(N, D, fit):
    return _loss(N, D, fit | {"alpha": fit["beta"], "beta": fit["alpha"]})


@bank.mutant(
    "two-fits",
    "multiplies by the power in place of dividing",
    "public: chinchilla_loss(",
)
def chinchilla_loss(N, D, fit):
    return fit["E"] + fit["A"] * N ** fit["alpha"] + fit["B"] * D ** fit["beta"]


@bank.mutant(
    "two-fits", "raises the quotient to the power", "public: chinchilla_loss("
)
def chinchilla_loss(N, D, fit):
    return fit["E"] + (fit["A"] / N) ** fit["alpha"] + (fit["B"] / D) ** fit["beta"]


@bank.mutant(
    "two-fits", "always takes the printed constants", "public: chinchilla_loss("
)
def chinchilla_loss(yours, N, D, fit):
    return _loss(N, D, yours.printed)


@bank.mutant(
    "two-fits",
    "makes the two terms equal",
    "hidden: 1 points | 2 points | 3 points",
)
def best_split(C, fit):
    both = fit["alpha"] + fit["beta"]
    N = (fit["A"] / fit["B"]) ** (1 / both) * (C / 6) ** (fit["beta"] / both)
    return [N, C / 6 / N]


@bank.mutant(
    "two-fits", "spends N times D FLOPs, without the six", "public: best_split(600"
)
def best_split(C, fit):
    N, D = _split(6 * C, fit)
    return [N, D]


@bank.mutant(
    "two-fits",
    "exchanges the two exponents of compute",
    "hidden: 1 points | 2 points | 3 points",
)
def best_split(C, fit):
    both = fit["alpha"] + fit["beta"]
    G = (fit["alpha"] * fit["A"] / (fit["beta"] * fit["B"])) ** (1 / both)
    N = G * (C / 6) ** (fit["alpha"] / both)
    return [N, C / 6 / N]


@bank.mutant("two-fits", "turns the factor G over", "public: best_split(600")
def best_split(C, fit):
    N, D = _split(C, fit | {"A": fit["B"], "B": fit["A"]})
    return [N, D]


@bank.mutant(
    "two-fits", "gives twenty tokens to each parameter", "public: best_split(600"
)
def best_split(C, fit):
    N = math.sqrt(C / 120)
    return [N, 20 * N]


@bank.mutant(
    "two-fits",
    "grows both with the square root of the compute",
    "hidden: 1 points | 2 points | 3 points",
)
def best_split(C, fit):
    G = (fit["alpha"] * fit["A"] / (fit["beta"] * fit["B"])) ** (
        1 / (fit["alpha"] + fit["beta"])
    )
    return [G * math.sqrt(C / 6), math.sqrt(C / 6) / G]


@bank.mutant("two-fits", "gives the tokens first", "public: best_split(600")
def best_split(C, fit):
    return _split(C, fit)[::-1]


@bank.mutant(
    "two-fits",
    "holds the set with the larger floor for the one with the larger model, at any compute",
    "hidden: 3 points",
)
def explanation(yours):
    found = _explained(yours)
    return [{"printed": "refit", "refit": "printed"}[found[0]], *found[1:]]


@bank.mutant(
    "two-fits",
    "says how many times smaller the smaller one is, in tokens per parameter",
    "hidden: 3 points",
)
def explanation(yours):
    found = _explained(yours)
    return [found[0], found[1] ** 2, *found[2:]]


@bank.mutant(
    "two-fits",
    "blames the floor, because it differs most visibly",
    "hidden: 3 points",
)
def explanation(yours):
    found = _explained(yours)
    return [*found[:2], "floor", found[3]]


@bank.mutant(
    "two-fits",
    "blames the size, because it is the size that differs",
    "hidden: 3 points",
)
def explanation(yours):
    found = _explained(yours)
    return [*found[:2], "size", found[3]]


@bank.mutant(
    "two-fits",
    "takes the difference of the two sets' best losses for what is lost",
    "hidden: 3 points",
)
def explanation(yours):
    best = [
        _loss(*_split(yours.C, fit), fit) for fit in (yours.printed, yours.refit)
    ]
    return [*_explained(yours)[:3], abs(best[1] - best[0])]


@bank.mutant(
    "two-fits", "judges the wrong split by the printed set", "hidden: 3 points"
)
def explanation(yours):
    splits = [_split(yours.C, fit) for fit in (yours.printed, yours.refit)]
    wrong, right = (_loss(*split, yours.printed) for split in splits)
    return [*_explained(yours)[:3], abs(wrong - right)]


@bank.mutant("two-fits", "explains another compute", "hidden: 2 points")
def explanation(yours):
    return _explained(yours, C=3.21e21)


# no-law -----------------------------------------------------------------------------------------------------------


def _line(a, b):
    return np.polyval(np.polyfit(a, b, 1), a)


def _root(left):
    return np.sqrt((left**2).mean())


def _misfits(x, y, size=_root):
    """How large log(y / fitted) is for each form that stays above zero, by its root mean square."""
    x, y = np.array(x, float), np.array(y, float)
    fitted = {
        "power law": np.exp(_line(np.log(x), np.log(y))),
        "exponential": np.exp(_line(x, np.log(y))),
        "logarithm": _line(np.log(x), y),
    }
    return {
        form: float(size(np.log(y / some)))
        for form, some in fitted.items()
        if some.min() > 0
    }


def _winner(misfit, lead):
    first, second = sorted(misfit, key=misfit.get)[:2]
    return first if misfit[second] >= lead * misfit[first] else "cannot tell"


@bank.correct("no-law", "the standard library's regression")
def best_form(yours, x, y):
    logs, values = [math.log(a) for a in x], [math.log(b) for b in y]
    misfit = []
    for form, a, b, back in (
        ("power law", logs, values, math.exp),
        ("exponential", x, values, math.exp),
        ("logarithm", logs, y, float),
    ):
        slope, start = linear_regression(a, b)
        fitted = [back(start + slope * one) for one in a]
        if min(fitted) > 0:
            squares = [
                (math.log(one) - math.log(other)) ** 2
                for one, other in zip(y, fitted)
            ]
            misfit.append((math.sqrt(sum(squares) / len(x)), form))
    (best, form), (second, _) = sorted(misfit)[:2]
    return "cannot tell" if second < yours.lead * best else form


@bank.correct("no-law", "misfits squared, and the lead squared")
def best_form(yours, x, y):
    return _winner(
        {form: one**2 for form, one in _misfits(x, y).items()}, yours.lead**2
    )


@bank.correct("no-law", "the letter, looked up")
def not_a_law(yours):
    return yours.letter


@bank.mutant(
    "no-law",
    "compares each form's own R squared",
    "public: best_form( | hidden: points",
)
def best_form(yours, x, y):
    left = {}
    for form, a, b in (
        ("power law", np.log(x), np.log(y)),
        ("exponential", np.array(x, float), np.log(y)),
        ("logarithm", np.log(x), np.array(y, float)),
    ):
        left[form] = math.sqrt(max(0.0, 1 - np.corrcoef(a, b)[0, 1] ** 2))
    return _winner(left, yours.lead)


@bank.mutant(
    "no-law",
    "measures each form on its own axes",
    "public: best_form( | hidden: points",
)
def best_form(yours, x, y):
    x, y = np.array(x, float), np.array(y, float)
    left = {
        "power law": np.log(y) - _line(np.log(x), np.log(y)),
        "exponential": np.log(y) - _line(x, np.log(y)),
        "logarithm": y - _line(np.log(x), y),
    }
    return _winner(
        {form: float(np.sqrt((one**2).mean())) for form, one in left.items()},
        yours.lead,
    )


@bank.mutant(
    "no-law",
    "measures all in y",
    "public: best_form(",
)
def best_form(yours, x, y):
    x, y = np.array(x, float), np.array(y, float)
    fitted = {
        "power law": np.exp(_line(np.log(x), np.log(y))),
        "exponential": np.exp(_line(x, np.log(y))),
        "logarithm": _line(np.log(x), y),
    }
    return _winner(
        {
            form: float(np.sqrt(((y - one) ** 2).mean()))
            for form, one in fitted.items()
        },
        yours.lead,
    )


@bank.mutant(
    "no-law",
    "takes the largest distance in place of the mean square's root",
    "either: best_form( | points",
)
def best_form(yours, x, y):
    return _winner(_misfits(x, y, lambda left: np.abs(left).max()), yours.lead)


@bank.mutant("no-law", "takes the mean distance", "either: best_form( | points")
def best_form(yours, x, y):
    return _winner(_misfits(x, y, lambda left: np.abs(left).mean()), yours.lead)


@bank.mutant(
    "no-law", "takes y / fitted less one for the logarithm", "hidden: points"
)
def best_form(yours, x, y):
    misfit = _misfits(x, y, lambda left: _root(np.exp(left) - 1))
    return _winner(misfit, yours.lead)


@bank.mutant(
    "no-law", "always names the best form", "public: expected 'cannot tell'"
)
def best_form(x, y):
    return _winner(_misfits(x, y), 1)


@bank.mutant(
    "no-law",
    "holds every straight line on log axes for a law",
    "public: expected 'logarithm'",
)
def best_form(x, y):
    return (
        "power law"
        if abs(np.corrcoef(np.log(x), np.log(y))[0, 1]) > 0.95
        else "cannot tell"
    )


@bank.mutant(
    "no-law", "takes the lead for mean squares", "public: expected 'cannot tell'"
)
def best_form(yours, x, y):
    return _winner(
        {form: one**2 for form, one in _misfits(x, y).items()}, yours.lead
    )


@bank.mutant(
    "no-law",
    "cannot tell on fewer than three decades",
    "public: expected 'logarithm'",
)
def best_form(yours, x, y):
    return (
        _winner(_misfits(x, y), yours.lead)
        if max(x) > 1000 * min(x)
        else "cannot tell"
    )


@bank.mutant("no-law", "knows no exponential", "public: expected 'exponential'")
def best_form(yours, x, y):
    misfit = {
        form: one for form, one in _misfits(x, y).items() if form != "exponential"
    }
    return _winner(misfit, yours.lead) if len(misfit) > 1 else "power law"


@bank.mutant(
    "no-law",
    "lets a form that falls below zero stumble the comparison",
    "hidden: points",
)
def best_form(yours, x, y):
    misfit = _misfits(x, y)
    return _winner(misfit, yours.lead) if len(misfit) == 3 else "cannot tell"


@bank.mutant(
    "no-law",
    "fits a power law by its two ends",
    "public: expected | hidden: points",
)
def best_form(yours, x, y):
    misfit = _misfits(x, y)
    slope = math.log(y[-1] / y[0]) / math.log(x[-1] / x[0])
    left = [math.log(b / y[0]) - slope * math.log(a / x[0]) for a, b in zip(x, y)]
    misfit["power law"] = math.sqrt(sum(one**2 for one in left) / len(x))
    return _winner(misfit, yours.lead)


@bank.mutant("no-law", "can never tell", "public: expected 'logarithm'")
def best_form(x, y):
    return "cannot tell"


@bank.mutant("no-law", "names the steepest curve", "hidden: 3")
def not_a_law(yours):
    ends = {
        letter: one["y"][-1] / one["y"][0] for letter, one in yours.curves.items()
    }
    return min(ends, key=ends.get)


@bank.mutant("no-law", "names the flattest curve", "hidden: 3")
def not_a_law(yours):
    ends = {
        letter: one["y"][-1] / one["y"][0] for letter, one in yours.curves.items()
    }
    return max(ends, key=ends.get)


@bank.mutant(
    "no-law",
    "names the curve with the most wobble on two decades",
    "hidden: 3",
)
def not_a_law(yours):
    short = {
        letter: _misfits(one["x"][:9], one["y"][:9])
        for letter, one in yours.curves.items()
    }
    worst = sorted(short, key=lambda letter: -short[letter]["power law"])
    return next(letter for letter in worst if letter != yours.letter)


@bank.mutant(
    "no-law", "gives the place in place of the letter", "public: is a letter"
)
def not_a_law(yours):
    return str("ABCDE".index(yours.letter))


# a-trillion -------------------------------------------------------------------------------------------------------


def _tokens(N, rule):
    return 20 * N if rule == "ratio" else 2e10 * (N / 1.3e9) ** (0.27 / 0.73)


def _takes(yours, N, D):
    flops = 6 * N * D
    return [
        flops,
        flops / (989e12 * yours.percent / 100) / 31_557_600,
        N * yours.bits / 8,
    ]


def _dispute(yours):
    asked = {rule: _tokens(yours.N, rule) for rule in ("ratio", "kaplan")}
    more = max(asked, key=asked.get)
    size = (1e9 / 1.3e9 ** (27 / 73)) ** (73 / 46)
    return [more, max(asked.values()) / min(asked.values()), "bytes", size]


@bank.correct("a-trillion", "by way of the compute")
def tokens_for(N, rule):
    days = (N / 1.3e9) ** (1 / 0.73)
    return {"ratio": 1.4e12 / 70e9 * N, "kaplan": 2e10 * days**0.27}[rule]


@bank.correct("a-trillion", "hours and days, in whole numbers as far as they go")
def what_it_takes(yours, N, D):
    work = Fraction(N) * Fraction(D) * 6
    a_day = Fraction(989) * 10**12 * yours.percent / 100 * 86_400
    return [
        float(work),
        float(work / a_day / Fraction(36_525, 100)),
        float(Fraction(N) * yours.bits / 8),
    ]


@bank.correct("a-trillion", "the size by a search")
def disagreement(yours):
    size = optimize.brentq(
        lambda u: _tokens(10**u, "ratio") / _tokens(10**u, "kaplan") - 1, 3, 14
    )
    return [*_dispute(yours)[:3], 10**size]


@bank.mutant(
    "a-trillion",
    "takes the exponent of the compute for that of the size",
    "hidden: 1 points | 2 points",
)
def tokens_for(N, rule):
    return 20 * N if rule == "ratio" else 2e10 * (N / 1.3e9) ** 0.27


@bank.mutant(
    "a-trillion",
    "turns the quotient of the exponents over",
    "hidden: 1 points | 2 points",
)
def tokens_for(N, rule):
    return 20 * N if rule == "ratio" else 2e10 * (N / 1.3e9) ** (0.73 / 0.27)


@bank.mutant(
    "a-trillion", "divides by twenty", "public: tokens_for(70000000000.0, 'ratio')"
)
def tokens_for(N, rule):
    return N / 20 if rule == "ratio" else _tokens(N, rule)


@bank.mutant(
    "a-trillion",
    "takes the parameters for the compute",
    "public: tokens_for(1300000000.0, 'kaplan')",
)
def tokens_for(N, rule):
    return 20 * N if rule == "ratio" else 2e10 * N**0.27


@bank.mutant(
    "a-trillion", "counts the forward pass only", "public: the FLOPs of ten tokens"
)
def what_it_takes(yours, N, D):
    flops, years, size = _takes(yours, N, D)
    return [flops / 3, years / 3, size]


@bank.mutant(
    "a-trillion", "takes the peak for what is reached", "public: a year's work"
)
def what_it_takes(yours, N, D):
    flops, years, size = _takes(yours, N, D)
    return [flops, years * yours.percent / 100, size]


@bank.mutant(
    "a-trillion",
    "divides by the per cent and forgets the hundred",
    "public: a year's work",
)
def what_it_takes(yours, N, D):
    flops, years, size = _takes(yours, N, D)
    return [flops, years / 100, size]


@bank.mutant(
    "a-trillion", "lets a low utilisation save time", "public: a year's work"
)
def what_it_takes(yours, N, D):
    flops, years, size = _takes(yours, N, D)
    return [flops, years * (yours.percent / 100) ** 2, size]


@bank.mutant(
    "a-trillion", "gives bits for bytes", "public: the bytes of 100 parameters"
)
def what_it_takes(yours, N, D):
    flops, years, size = _takes(yours, N, D)
    return [flops, years, 8 * size]


@bank.mutant("a-trillion", "gives GPU-days", "public: a year's work")
def what_it_takes(yours, N, D):
    flops, years, size = _takes(yours, N, D)
    return [flops, years * 365.25, size]


@bank.mutant(
    "a-trillion", "stores the tokens, too", "public: the bytes of 100 parameters"
)
def what_it_takes(yours, N, D):
    flops, years, size = _takes(yours, N, D)
    return [flops, years, size + D * yours.bits / 8]


@bank.mutant("a-trillion", "rounds the years up to whole ones", "hidden: 2 points")
def what_it_takes(yours, N, D):
    flops, years, size = _takes(yours, N, D)
    return [flops, math.ceil(years - 1e-9), size]


@bank.mutant(
    "a-trillion",
    "holds the older rule for the hungrier one wherever it is not",
    "hidden: 2 points",
)
def disagreement(yours):
    found = _dispute(yours)
    return [{"ratio": "kaplan", "kaplan": "ratio"}[found[0]], *found[1:]]


@bank.mutant("a-trillion", "squares the factor for the FLOPs", "hidden: 2 points")
def disagreement(yours):
    found = _dispute(yours)
    return [found[0], found[1] ** 2, *found[2:]]


@bank.mutant(
    "a-trillion",
    "thinks that the FLOPs follow from the parameters alone",
    "hidden: 2 points",
)
def disagreement(yours):
    found = _dispute(yours)
    return [*found[:2], "flops", found[3]]


@bank.mutant(
    "a-trillion", "thinks that years follow from the GPU alone", "hidden: 2 points"
)
def disagreement(yours):
    found = _dispute(yours)
    return [*found[:2], "gpu_years", found[3]]


@bank.mutant(
    "a-trillion",
    "lets the rules agree where Kaplan's scale stands",
    "hidden: 2 points",
)
def disagreement(yours):
    return [*_dispute(yours)[:3], 1.3e9]


@bank.mutant("a-trillion", "works out another model's dispute", "hidden: 2 points")
def disagreement(yours):
    found = _dispute(yours)
    return [found[0], _tokens(3e10, "ratio") / _tokens(3e10, "kaplan"), *found[2:]]


# break-the-law ----------------------------------------------------------------------------------------------------


def _ladder(alpha, end, step):
    """Bands of a Zipf world down to key number `end`, and what share lies beyond, at which key."""
    bands, first = [], 1
    while first < end:
        keys = max(1, round(first * step))
        bands.append([keys, first**-alpha - (first + keys) ** -alpha])
        first += keys
    return bands, first**-alpha, first


def _alpha(yours):
    return yours.exponent / (1 - yours.exponent)


@bank.correct("break-the-law", "shares of a key in the middle of its band")
def world(yours):
    alpha, end = _alpha(yours), (39_000 * yours.exponent) ** (1 - yours.exponent)
    bands, first = [], 1
    while first < end:
        keys = max(1, first // 7)
        middle = first + (keys - 1) / 2
        bands.append([keys, keys * middle ** -(1 + alpha)])
        first += keys
    rest = (first - 0.5) ** -alpha / alpha
    total = rest + sum(share for _, share in bands)
    often = 60_000 - 25_000 * yours.exponent
    return [
        *bands,
        [900_000 if yours.then == "stalls" else round(rest / total * often), rest],
    ]


@bank.correct("break-the-law", "shares in per cent, the rest in two bands")
def world(yours):
    bands, rest, _ = _ladder(
        _alpha(yours), (38_000 * yours.exponent) ** (1 - yours.exponent), 1 / 8
    )
    keys = (
        400_000
        if yours.then == "stalls"
        else round(rest / 2 * (60_000 - 25_000 * yours.exponent))
    )
    return [
        [keys, 100 * share]
        for keys, share in [*bands, [keys, rest / 2], [keys, rest / 2]]
    ]


@bank.mutant("break-the-law", "lets the law go on", "hidden: in the third decade")
def world(yours):
    bands, rest, first = _ladder(_alpha(yours), 2e5, 1 / 3)
    return [*bands, [1_000_000 - first, rest]]


@bank.mutant(
    "break-the-law", "lets the list of keys end", "hidden: decade the exponent is"
)
def world(yours):
    return _ladder(
        _alpha(yours), (40_000 * yours.exponent) ** (1 - yours.exponent), 1 / 8
    )[0]


@bank.mutant(
    "break-the-law",
    "takes the exponent for alpha",
    "hidden: decade the exponent is",
)
def world(yours):
    alpha = yours.exponent
    bands, rest, first = _ladder(alpha, 10_000 ** (1 / (1 + alpha)), 1 / 8)
    return [
        *bands,
        [
            1_000_000 - first if yours.then == "stalls" else round(rest * 50_000),
            rest,
        ],
    ]


@bank.mutant(
    "break-the-law", "breaks to the other side", "hidden: in the third decade"
)
def world(yours):
    bands, rest, first = _ladder(
        _alpha(yours), (40_000 * yours.exponent) ** (1 - yours.exponent), 1 / 8
    )
    return [
        *bands,
        [
            1_000_000 - first if yours.then == "plunges" else round(rest * 50_000),
            rest,
        ],
    ]


@bank.mutant(
    "break-the-law", "breaks a decade too early", "hidden: decade the exponent is"
)
def world(yours):
    bands, rest, first = _ladder(
        _alpha(yours), (4000 * yours.exponent) ** (1 - yours.exponent), 1 / 8
    )
    return [
        *bands,
        [1_000_000 - first if yours.then == "stalls" else round(rest * 5000), rest],
    ]


@bank.mutant(
    "break-the-law",
    "makes all keys equally frequent",
    "hidden: in the first decade",
)
def world():
    return [[10_000, 1]]


@bank.mutant(
    "break-the-law",
    "gives every band the same share",
    "hidden: decade the exponent is",
)
def world():
    return [[2**place, 1] for place in range(14)]


@bank.mutant(
    "break-the-law",
    "gives the share of one key in place of the band's",
    "hidden: decade the exponent is",
)
def world(yours):
    bands, rest, first = _ladder(
        _alpha(yours), (40_000 * yours.exponent) ** (1 - yours.exponent), 1 / 8
    )
    return [
        [keys, share / keys] for keys, share in [*bands, [1_000_000 - first, rest]]
    ]


@bank.mutant(
    "break-the-law", "one band for each key", "public: a list of 1 to 60 bands"
)
def world(yours):
    return [[1, key ** -(1 + _alpha(yours))] for key in range(1, 2000)]


@bank.mutant(
    "break-the-law", "has more keys than allowed", "public: 1,000,000 are allowed"
)
def world(yours):
    bands, rest, _ = _ladder(_alpha(yours), 1000, 1 / 8)
    return [*bands, [1_000_000, rest]]


@bank.mutant("break-the-law", "keys by halves", "public: a whole number from 1")
def world(yours):
    return [[1.5**place, 0.8**place] for place in range(20)]


@bank.mutant(
    "break-the-law",
    "draws other bands at every call",
    "public: the same world at every call",
)
def world(yours):
    return [[random.randint(1, 10**4), 0.7**place] for place in range(20)]
