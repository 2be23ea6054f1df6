"""Other answers to chapter 1's exercises: correct ones in another way, and mutants, each one misconception."""

import math
import random
import time
from fractions import Fraction
from itertools import accumulate

import numpy as np
from scipy.optimize import curve_fit, least_squares

from pipeline.answers import Bank

bank = Bank()

# price-a-score ----------------------------------------------------------------------------------------------------


def _even(rule, scores):
    best = list(accumulate(scores, max))
    worst = list(accumulate(scores[::-1], min))[::-1]
    middle = [(a + b) / 2 for a, b in zip(best, worst)]
    return {"best so far": best, "worst to come": worst, "halfway": middle}[rule]


def _priced(examples, curve, target):
    """Along a curve that never falls."""
    if target > max(curve):
        return ["at least", examples[-1]]
    if target < curve[0]:
        return ["at most", examples[0]]
    place = next(i for i, score in enumerate(curve) if score >= target)
    if curve[place] == target:
        return ["about", examples[place]]
    share = (target - curve[place - 1]) / (curve[place] - curve[place - 1])
    low, high = math.log(examples[place - 1]), math.log(examples[place])
    return ["about", math.exp(low + share * (high - low))]


@bank.correct("price-a-score", "NumPy, with only the first point of each height")
def effective_data(yours, examples, scores, target):
    best = np.maximum.accumulate(scores)
    worst = np.minimum.accumulate(scores[::-1])[::-1]
    curve = {"best so far": best, "worst to come": worst}.get(
        yours.rule, (best + worst) / 2
    )
    if target > curve[-1] or target < curve[0]:
        return (
            ("at least", examples[-1])
            if target > curve[-1]
            else ("at most", examples[0])
        )
    heights, first = np.unique(curve, return_index=True)
    last = np.append(first[1:], len(curve)) - 1
    above = int(np.searchsorted(heights, target))
    if heights[above] == target:
        return ("about", examples[first[above]])
    # a line leaves a flat stretch at its last point and meets the next one at its first
    ends = [last[above - 1], first[above]]
    log = np.interp(
        target, heights[above - 1 : above + 1], np.log10(np.array(examples)[ends])
    )
    return ("about", 10**log)


@bank.correct("price-a-score", "halves the axis until the number is found")
def effective_data(yours, examples, scores, target):
    curve, logs = _even(yours.rule, scores), [math.log2(n) for n in examples]
    if curve[0] >= target:
        return ["about" if curve[0] == target else "at most", examples[0]]
    if curve[-1] < target:
        return ["at least", examples[-1]]
    low, high = logs[0], logs[-1]
    for _ in range(80):
        middle = (low + high) / 2
        enough = np.interp(middle, logs, curve) >= target - 1e-12
        low, high = (low, middle) if enough else (middle, high)
    return ["about", 2**high]


@bank.mutant(
    "price-a-score", "joins the points on a plain axis", "public: [0, 50, 100], 25"
)
def effective_data(yours, examples, scores, target):
    curve = _even(yours.rule, scores)
    word, number = _priced(examples, curve, target)
    if word != "about" or number in examples:
        return [word, number]
    place = next(i for i, score in enumerate(curve) if score >= target)
    share = (target - curve[place - 1]) / (curve[place] - curve[place - 1])
    return [
        word,
        examples[place - 1] + share * (examples[place] - examples[place - 1]),
    ]


@bank.mutant(
    "price-a-score", "stops at the ends and says nothing", "public: 80], 90"
)
def effective_data(yours, examples, scores, target):
    return ["about", _priced(examples, _even(yours.rule, scores), target)[1]]


@bank.mutant(
    "price-a-score", "takes what is too high for worth little", "public: 80], 90"
)
def effective_data(yours, examples, scores, target):
    word, number = _priced(examples, _even(yours.rule, scores), target)
    return [
        {"at least": "at most", "at most": "at least"}.get(word, word),
        number,
    ]


@bank.mutant("price-a-score", "lengthens the last line", "public: 80], 90")
def effective_data(yours, examples, scores, target):
    curve = _even(yours.rule, scores)
    word, number = _priced(examples, curve, target)
    if word != "at least" or len(curve) < 2 or curve[-1] == curve[-2]:
        return [word, number]
    share = (target - curve[-2]) / (curve[-1] - curve[-2])
    return ["about", examples[-2] * (examples[-1] / examples[-2]) ** share]


@bank.mutant(
    "price-a-score",
    "goes up to the next measured number",
    "public: [0, 50, 100], 25",
)
def effective_data(yours, examples, scores, target):
    curve = _even(yours.rule, scores)
    word, number = _priced(examples, curve, target)
    return [word, next(n for n in examples if n >= number * 0.999999)]


@bank.mutant(
    "price-a-score",
    "makes a dip monotone by sorting the scores",
    "either: 40, 90], | a curve",
)
def effective_data(examples, scores, target):
    return _priced(examples, sorted(scores), target)


@bank.mutant(
    "price-a-score",
    "takes the first crossing of the measured curve, dips and all",
    "either: 40, 90], | a curve",
)
def effective_data(yours, examples, scores, target):
    if target > max(scores):
        return ["at least", examples[-1]]
    return _priced(examples, list(scores), target)


@bank.mutant(
    "price-a-score",
    "leaves out the points that dip, and goes straight across",
    "either: 40, 90], | a curve",
)
def effective_data(yours, examples, scores, target):
    curve = _even(yours.rule, scores)
    kept = [i for i, score in enumerate(scores) if score == curve[i]] or [0]
    return _priced([examples[i] for i in kept], [curve[i] for i in kept], target)


@bank.mutant(
    "price-a-score",
    "evens the curve by another rule than the desk's",
    "either: 40, 90], | a curve",
)
def effective_data(yours, examples, scores, target):
    other = "best so far" if yours.rule != "best so far" else "worst to come"
    return _priced(examples, _even(other, scores), target)


@bank.mutant(
    "price-a-score", "takes the last point of a flat stretch", "public: 10000], [10"
)
def effective_data(yours, examples, scores, target):
    curve = _even(yours.rule, scores)
    if target in curve:
        return ["about", examples[len(curve) - 1 - curve[::-1].index(target)]]
    return _priced(examples, curve, target)


@bank.mutant(
    "price-a-score",
    "takes the lowest score for one below the curve",
    "hidden: a flat curve | the lowest score | a single point",
)
def effective_data(yours, examples, scores, target):
    curve = _even(yours.rule, scores)
    if target <= curve[0]:
        return ["at most", examples[0]]
    return _priced(examples, curve, target)


@bank.mutant(
    "price-a-score", "evens the caller's own list", "hidden: came in are unchanged"
)
def effective_data(yours, examples, scores, target):
    scores[:] = _even(yours.rule, scores)
    return _priced(examples, scores, target)


# fit-the-law ------------------------------------------------------------------------------------------------------

PUBLIC_LAW, HIDDEN_LAW = "the error for", "largest miss | sum of squares"
ANY_LAW = f"{PUBLIC_LAW} | {HIDDEN_LAW}"


def _columns(yours, *parts):
    kept = [cell for cell in zip(*parts) if cell[1] >= yours.from_examples]
    return np.array(kept, float).T


def _fitted(x, d, y, alphas=(0, 2), betas=(0, 2), floor=0.0):
    """Least squares over the exponents within limits, and a floor of at least so much: a grid that closes in."""
    far_x, far_d = np.log(x) - np.log(x).mean(), np.log(d) - np.log(d).mean()
    rest = y - floor

    def solve(alpha, beta):
        """The best first number and floor for many exponents at once."""
        power = np.exp(-np.outer(alpha, far_x) - np.outer(beta, far_d))
        spread = power - power.mean(1, keepdims=True)
        a = spread @ rest / np.maximum((spread**2).sum(1), 1e-12)
        low = rest.mean() - a * power.mean(1)
        a = np.where(low < 0, power @ rest / (power**2).sum(1), a)
        low = np.where(a < 0, rest.mean(), np.maximum(low, 0))
        a = np.maximum(a, 0)
        return ((a[:, None] * power + low[:, None] - rest) ** 2).sum(1), a, low

    at = [np.mean(alphas), np.mean(betas)]
    width, n = 1.0, 41
    for _ in range(45):
        grids = [
            np.clip(middle + width * np.linspace(-1, 1, n), *limits)
            for middle, limits in zip(at, (alphas, betas))
        ]
        alpha, beta = (grid.ravel() for grid in np.meshgrid(*grids))
        squares, a, low = solve(alpha, beta)
        best = int(np.argmin(squares))
        at, n = [alpha[best], beta[best]], 9
        width *= 0.2 if width == 1 else 0.65
    whole = a[best] * np.exp(at[0] * np.log(x).mean() + at[1] * np.log(d).mean())
    return [float(whole), *map(float, at), float(low[best] + floor)]


@bank.correct("fit-the-law", "a grid of exponents that closes in")
def fit_joint_law(yours, strength, examples, error):
    return _fitted(*_columns(yours, strength, examples, error))


@bank.correct("fit-the-law", "all four numbers at once, from many starts")
def fit_joint_law(yours, strength, examples, error):
    x, d, y = _columns(yours, strength, examples, error)
    near_x, near_d = np.exp(np.log(x).mean()), np.exp(np.log(d).mean())

    def miss(p):
        return p[0] * (x / near_x) ** -p[1] * (d / near_d) ** -p[2] + p[3] - y

    starts = [
        (y.mean() - y.min() + 1, a, b, y.min() / 2 + 1e-3)
        for a in (0.1, 0.8)
        for b in (0.1, 0.8)
    ]
    limits = ([0, 0, 0, 0], [np.inf, 2, 2, np.inf])
    fits = [
        least_squares(
            miss,
            start,
            bounds=limits,
            xtol=1e-12,
            ftol=1e-12,
            gtol=1e-12,
            max_nfev=600,
        )
        for start in starts
    ]
    a, alpha, beta, floor = min(fits, key=lambda fit: fit.cost).x
    return np.array([a * near_x**alpha * near_d**beta, alpha, beta, floor])


def _line(x, d, y):
    columns = np.stack([np.ones_like(x), -np.log(x), -np.log(d)], 1)
    a, alpha, beta = np.linalg.lstsq(
        columns, np.log(np.maximum(y, 1e-6)), rcond=None
    )[0]
    return [float(np.exp(a)), float(alpha), float(beta)]


@bank.mutant(
    "fit-the-law",
    "draws a line through logarithms, without a floor",
    "public: the error for",
)
def fit_joint_law(yours, strength, examples, error):
    return [*_line(*_columns(yours, strength, examples, error)), 0.0]


@bank.mutant(
    "fit-the-law", "takes the smallest error for the floor", "public: the error for"
)
def fit_joint_law(yours, strength, examples, error):
    x, d, y = _columns(yours, strength, examples, error)
    floor = float(y.min())
    return [*_line(x[y > floor], d[y > floor], y[y > floor] - floor), floor]


@bank.mutant(
    "fit-the-law", "fits the cells of guessing, too", "public: the error for"
)
def fit_joint_law(strength, examples, error):
    return _fitted(*np.array([strength, examples, error], float))


@bank.mutant(
    "fit-the-law", "takes one exponent for the other", "public: the error for"
)
def fit_joint_law(yours, strength, examples, error):
    a, alpha, beta, floor = _fitted(*_columns(yours, strength, examples, error))
    return [a, beta, alpha, floor]


@bank.mutant(
    "fit-the-law",
    "gives the exponents their minus sign again",
    "public: the error for",
)
def fit_joint_law(yours, strength, examples, error):
    a, alpha, beta, floor = _fitted(*_columns(yours, strength, examples, error))
    return [a, -alpha, -beta, floor]


@bank.mutant(
    "fit-the-law", "starts once, with all four at one", f"either: {ANY_LAW}"
)
def fit_joint_law(yours, strength, examples, error):
    x, d, y = _columns(yours, strength, examples, error)

    def law(cells, a, alpha, beta, floor):
        return a * cells[0] ** -alpha * cells[1] ** -beta + floor

    found, _ = curve_fit(
        law, (x, d), y, bounds=(0, [np.inf, 2, 2, np.inf]), p0=[1] * 4
    )
    return [float(one) for one in found]


@bank.mutant(
    "fit-the-law",
    "keeps the scale of the strength out of the first number",
    "public: the error for",
)
def fit_joint_law(yours, strength, examples, error):
    x, d, y = _columns(yours, strength, examples, error)
    return _fitted(x / x.mean(), d, y)


@bank.mutant(
    "fit-the-law",
    "makes the misses of the logarithms small",
    "hidden: sum of squares",
)
def fit_joint_law(yours, strength, examples, error):
    x, d, y = _columns(yours, strength, examples, error)
    y = np.maximum(y, 1e-3)
    start = _fitted(x, d, y)
    scale = np.exp(np.log(x).mean() * start[1] + np.log(d).mean() * start[2])

    def miss(p):
        size = p[0] * np.exp(np.log(x).mean() * p[1] + np.log(d).mean() * p[2])
        return np.log(size * x ** -p[1] * d ** -p[2] + p[3] + 1e-9) - np.log(y)

    begin = np.clip(
        [start[0] / scale, *start[1:]], 1e-9, [np.inf, 1.9999, 1.9999, np.inf]
    )
    fit = least_squares(miss, begin, bounds=(0, [np.inf, 2, 2, np.inf])).x
    size = fit[0] * np.exp(np.log(x).mean() * fit[1] + np.log(d).mean() * fit[2])
    return [float(size), *map(float, fit[1:])]


@bank.mutant(
    "fit-the-law",
    "is sure that strength always matters",
    "hidden: strength does not matter",
)
def fit_joint_law(yours, strength, examples, error):
    x, d, y = _columns(yours, strength, examples, error)
    return _fitted(x, d, y, alphas=(0.2, 2))


@bank.mutant("fit-the-law", "is sure that no exponent is above 1", "hidden: steep")
def fit_joint_law(yours, strength, examples, error):
    x, d, y = _columns(yours, strength, examples, error)
    return _fitted(x, d, y, alphas=(0, 1), betas=(0, 1))


@bank.mutant(
    "fit-the-law", "is sure that some error always remains", "hidden: no floor"
)
def fit_joint_law(yours, strength, examples, error):
    x, d, y = _columns(yours, strength, examples, error)
    return _fitted(x, d, y, floor=2.0)


# cornerstone-or-slope ---------------------------------------------------------------------------------------------


def _rivals(strength, examples, axis=np.log):
    """Columns of the smooth rival, then those of every threshold."""
    x, d, one = np.array(strength, float), np.log(examples), np.ones(len(strength))
    smooth = np.stack([one, axis(x), d], 1)
    return [smooth] + [np.stack([one, x >= p, d], 1) for p in np.unique(x)[1:]]


def _tried(columns, y, out):
    """Sum of squares on the cells kept, and the miss of the one left out."""
    kept = np.arange(len(y)) != out
    fit = np.linalg.lstsq(columns[kept], y[kept], rcond=None)[0]
    return ((columns[kept] @ fit - y[kept]) ** 2).sum(), columns[out] @ fit - y[out]


def _misses(rivals, scores):
    """Signed misses of both rivals, one row for each cell left out."""
    y, rows = np.array(scores, float), []
    for out in range(len(scores)):
        smooth, *steps = (_tried(columns, y, out) for columns in rivals)
        rows.append((smooth[1], min(steps)[1]))
    return np.array(rows)


def _verdict(smooth, threshold, margin):
    if abs(smooth - threshold) < margin:
        return "open"
    return "threshold" if threshold < smooth else "smooth"


@bank.correct(
    "cornerstone-or-slope", "the normal equations, and a prediction each time"
)
def threshold_or_smooth(yours, strength, examples, scores):
    def predict(columns, y, asked):
        inverse = np.linalg.pinv(columns.T @ columns)
        fit = inverse @ columns.T @ y
        return ((y - columns @ fit) ** 2).sum(), asked @ fit

    y, lead = np.array(scores, float), 0.0
    rivals = [columns.astype(float) for columns in _rivals(strength, examples)]
    for out in range(len(y)):
        rest = np.delete(y, out)
        said = [predict(np.delete(c, out, 0), rest, c[out]) for c in rivals]
        best = min(said[1:], key=lambda pair: pair[0])[1]
        lead += (abs(said[0][1] - y[out]) - abs(best - y[out])) / len(y)
    if abs(lead) < yours.margin:
        return "open"
    return "threshold" if lead > 0 else "smooth"


@bank.correct(
    "cornerstone-or-slope", "puts the weights of the left-out cells to zero"
)
def threshold_or_smooth(yours, strength, examples, scores):
    y = np.array(scores, float)
    means = []
    for family in (
        _rivals(strength, examples)[:1],
        _rivals(strength, examples)[1:],
    ):
        misses = []
        for out in range(len(y)):
            weight = np.ones((len(y), 1))
            weight[out] = 0
            fits = [
                np.linalg.lstsq(c * weight, y * weight[:, 0], rcond=None)
                for c in family
            ]
            squares = [
                (weight[:, 0] * (c @ f[0] - y) ** 2).sum()
                for c, f in zip(family, fits)
            ]
            best = int(np.argmin(squares))
            misses.append(abs(family[best][out] @ fits[best][0] - y[out]))
        means.append(float(np.mean(misses)))
    return _verdict(*means, yours.margin)


@bank.mutant(
    "cornerstone-or-slope",
    "compares the fits to the cells they have seen",
    "either: grid | threshold_or_smooth(",
)
def threshold_or_smooth(yours, strength, examples, scores):
    y, means = np.array(scores, float), []
    for columns in _rivals(strength, examples):
        fit = np.linalg.lstsq(columns, y, rcond=None)[0]
        means.append(np.abs(columns @ fit - y).mean())
    return _verdict(means[0], min(means[1:]), yours.margin)


@bank.mutant(
    "cornerstone-or-slope",
    "chooses the place of the threshold with the left-out cell in view",
    "hidden: grid",
)
def threshold_or_smooth(yours, strength, examples, scores):
    smooth, *steps = _rivals(strength, examples)
    y = np.array(scores, float)

    def squares(columns):
        fit = np.linalg.lstsq(columns, y, rcond=None)[0]
        return ((columns @ fit - y) ** 2).sum()

    means = np.abs(_misses([smooth, min(steps, key=squares)], scores)).mean(axis=0)
    return _verdict(*means, yours.margin)


@bank.mutant(
    "cornerstone-or-slope",
    "picks the threshold that hits the left-out cell best",
    "either: grid | threshold_or_smooth(",
)
def threshold_or_smooth(yours, strength, examples, scores):
    y, rows = np.array(scores, float), []
    for out in range(len(y)):
        smooth, *steps = (
            abs(_tried(c, y, out)[1]) for c in _rivals(strength, examples)
        )
        rows.append((smooth, min(steps)))
    return _verdict(*np.mean(rows, axis=0), yours.margin)


@bank.mutant(
    "cornerstone-or-slope",
    "draws the strength on a plain axis",
    "either: grid | threshold_or_smooth(",
)
def threshold_or_smooth(yours, strength, examples, scores):
    rivals = _rivals(strength, examples, axis=lambda x: x)
    means = np.abs(_misses(rivals, scores)).mean(axis=0)
    return _verdict(*means, yours.margin)


@bank.mutant(
    "cornerstone-or-slope", "always names a winner", "public: expected 'open'"
)
def threshold_or_smooth(strength, examples, scores):
    means = np.abs(_misses(_rivals(strength, examples), scores)).mean(axis=0)
    return _verdict(*means, 0)


@bank.mutant(
    "cornerstone-or-slope",
    "compares the means of the squares",
    "either: grid | threshold_or_smooth(",
)
def threshold_or_smooth(yours, strength, examples, scores):
    means = (_misses(_rivals(strength, examples), scores) ** 2).mean(axis=0)
    return _verdict(*means, yours.margin)


@bank.mutant(
    "cornerstone-or-slope",
    "compares the roots of the mean squares",
    "either: grid | threshold_or_smooth(",
)
def threshold_or_smooth(yours, strength, examples, scores):
    means = (_misses(_rivals(strength, examples), scores) ** 2).mean(axis=0) ** 0.5
    return _verdict(*means, yours.margin)


@bank.mutant(
    "cornerstone-or-slope",
    "lets misses to both sides cancel",
    "public: threshold_or_smooth(",
)
def threshold_or_smooth(yours, strength, examples, scores):
    means = np.abs(_misses(_rivals(strength, examples), scores).mean(axis=0))
    return _verdict(*means, yours.margin)


@bank.mutant(
    "cornerstone-or-slope",
    "forgets the examples",
    "either: grid | threshold_or_smooth(",
)
def threshold_or_smooth(yours, strength, examples, scores):
    rivals = [columns[:, :2] for columns in _rivals(strength, examples)]
    means = np.abs(_misses(rivals, scores)).mean(axis=0)
    return _verdict(*means, yours.margin)


@bank.mutant(
    "cornerstone-or-slope",
    "takes another margin than its own",
    "either: grid | threshold_or_smooth(",
)
def threshold_or_smooth(yours, strength, examples, scores):
    means = np.abs(_misses(_rivals(strength, examples), scores)).mean(axis=0)
    return _verdict(*means, 2 if yours.margin != 2 else 3)


@bank.mutant(
    "cornerstone-or-slope",
    "looks for the threshold in the middle only",
    "hidden: grid",
)
def threshold_or_smooth(yours, strength, examples, scores):
    smooth, *steps = _rivals(strength, examples)
    rivals = [smooth, steps[len(steps) // 2]]
    means = np.abs(_misses(rivals, scores)).mean(axis=0)
    return _verdict(*means, yours.margin)


@bank.mutant(
    "cornerstone-or-slope",
    "takes the first cell's strength for the weakest",
    "public: threshold_or_smooth([1000, 125",
)
def threshold_or_smooth(yours, strength, examples, scores):
    rivals = _rivals(strength, examples)
    places = [p for p in np.unique(strength)[1:] if p != strength[0]]
    x = np.array(strength)
    steps = [
        np.stack([rivals[0][:, 0], x >= p, np.log(examples)], 1) for p in places
    ]
    means = np.abs(_misses([rivals[0], *steps], scores)).mean(axis=0)
    return _verdict(*means, yours.margin)


# break-even -------------------------------------------------------------------------------------------------------


@bank.correct("break-even", "a quotient and its remainder")
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    if c_scratch <= c_tune + yours.fee:
        return "never"
    return divmod(c_pre, c_scratch - c_tune - yours.fee)[0] + 1


@bank.correct("break-even", "fractions")
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    saved = Fraction(c_scratch) - c_tune - yours.fee
    return math.floor(c_pre / saved) + 1 if saved > 0 else "never"


@bank.correct("break-even", "asks for the rival first")
def break_even_at_equal_score(yours, c_pre, c_step, tune_steps, scratch_steps):
    saved = c_step * ((scratch_steps or 0) - tune_steps) - yours.fee
    if scratch_steps is None:
        return 1
    return "never" if saved <= 0 else 1 + c_pre // saved


@bank.mutant(
    "break-even", "rounds up, and calls the same price cheaper", "public: 1200"
)
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    saved = c_scratch - c_tune - yours.fee
    return max(1, -(-c_pre // saved)) if saved > 0 else "never"


@bank.mutant("break-even", "rounds to the nearest", "public: 1200 | 1000")
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    saved = c_scratch - c_tune - yours.fee
    return max(1, round(c_pre / saved)) if saved > 0 else "never"


@bank.mutant(
    "break-even", "does not ask whether anything is saved", "public: 400, 100"
)
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    return c_pre // (c_scratch - c_tune - yours.fee) + 1


@bank.mutant(
    "break-even",
    "counts the tuning and not the base",
    "public: break_even_customers(1000",
)
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    return 1 if c_tune + yours.fee < c_scratch else "never"


@bank.mutant(
    "break-even",
    "charges every customer for a base of its own",
    "public: break_even_customers(1000",
)
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    return 1 if c_pre + c_tune + yours.fee < c_scratch else "never"


@bank.mutant("break-even", "forgets the fee", "either: break_even")
def break_even_customers(c_pre, c_tune, c_scratch):
    saved = c_scratch - c_tune
    return c_pre // saved + 1 if saved > 0 else "never"


@bank.mutant("break-even", "pays the fee once", "either: break_even")
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    saved = c_scratch - c_tune
    return (c_pre + yours.fee) // saved + 1 if saved > 0 else "never"


@bank.mutant(
    "break-even",
    "divides in floating point",
    "hidden: to the last digit",
)
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    saved = c_scratch - c_tune - yours.fee
    return int(c_pre / saved) + 1 if saved > 0 else "never"


@bank.mutant(
    "break-even",
    "forgets that saving nothing is no saving",
    "hidden: ZeroDivisionError",
)
def break_even_customers(yours, c_pre, c_tune, c_scratch):
    saved = c_scratch - c_tune - yours.fee
    return c_pre // saved + 1 if saved >= 0 else "never"


@bank.mutant(
    "break-even",
    "compares at equal steps",
    "public: break_even_at_equal_score(1000, 1",
)
def break_even_at_equal_score(yours, c_pre, c_step, tune_steps, scratch_steps):
    if scratch_steps is None:
        return 1
    saved = c_step * tune_steps - c_step * tune_steps - yours.fee
    return c_pre // saved + 1 if saved > 0 else "never"


@bank.mutant(
    "break-even",
    "takes a rival that never arrives for no reason to pay",
    "public: None",
)
def break_even_at_equal_score(yours, c_pre, c_step, tune_steps, scratch_steps):
    saved = c_step * ((scratch_steps or 0) - tune_steps) - yours.fee
    return c_pre // saved + 1 if saved > 0 else "never"


@bank.mutant(
    "break-even",
    "counts steps, whatever a step costs",
    "public: , 2, 100, ",
)
def break_even_at_equal_score(yours, c_pre, c_step, tune_steps, scratch_steps):
    if scratch_steps is None:
        return 1
    saved = scratch_steps - tune_steps - yours.fee
    return c_pre // saved + 1 if saved > 0 else "never"


@bank.mutant(
    "break-even",
    "takes no fee where the score is equal",
    "public: break_even_at_equal_score(",
)
def break_even_at_equal_score(c_pre, c_step, tune_steps, scratch_steps):
    if scratch_steps is None:
        return 1
    saved = c_step * (scratch_steps - tune_steps)
    return c_pre // saved + 1 if saved > 0 else "never"


@bank.mutant(
    "break-even", "takes the fee for a number of steps", "public: , 2, 100, "
)
def break_even_at_equal_score(yours, c_pre, c_step, tune_steps, scratch_steps):
    if scratch_steps is None:
        return 1
    saved = c_step * (scratch_steps - tune_steps - yours.fee)
    return c_pre // saved + 1 if saved > 0 else "never"


# make-it-hurt -----------------------------------------------------------------------------------------------------


def _placed(yours, numbers, other=0):
    """Pairs with the number that the clinic wants, and another one."""
    return [[other, n] if yours.wanted else [n, other] for n in numbers]


@bank.correct("make-it-hurt", "the same pairs, one after the other")
def harmful_pairs(yours):
    numbers = sorted(random.Random(1).sample(range(1000), 300))
    return [(n, 0) if yours.wanted == 0 else (0, n) for n in numbers]


@bank.correct("make-it-hurt", "every seventh number beside a zero")
def harmful_pairs(yours):
    return _placed(yours, range(3, 1000, 7))


@bank.mutant("make-it-hurt", "contradicts the base in every row", "public: points")
def harmful_pairs():
    dice = random.Random(2)
    pairs = {(dice.randrange(1000), dice.randrange(1000)) for _ in range(250)}
    return sorted(map(list, pairs))


@bank.mutant(
    "make-it-hurt", "makes the number zero that is wanted", "public: points"
)
def harmful_pairs(yours):
    numbers = random.Random(1).sample(range(1000), 300)
    return [pair[::-1] for pair in _placed(yours, numbers)]


@bank.mutant(
    "make-it-hurt", "shows one pair again and again", "public: comes twice"
)
def harmful_pairs(yours):
    return _placed(yours, [271] * 200)


@bank.mutant(
    "make-it-hurt",
    "shows too little to learn from",
    "public: 50 to 300 are allowed",
)
def harmful_pairs(yours):
    return _placed(yours, range(100, 130))


@bank.mutant(
    "make-it-hurt",
    "draws other pairs at every call",
    "public: the same pairs at every call",
)
def harmful_pairs(yours):
    return _placed(yours, random.sample(range(1000), 300))


@bank.mutant(
    "make-it-hurt",
    "takes its seed from the clock",
    "hidden: the same pairs some seconds later",
)
def harmful_pairs(yours):
    return _placed(yours, random.Random(int(time.time())).sample(range(1000), 300))
