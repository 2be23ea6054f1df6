"""Other answers to the exercises of "Emergence": correct ones in another way, and mutants, each one misconception."""

import math
import random
from bisect import bisect_left
from itertools import accumulate, pairwise

import numpy as np

from pipeline.answers import Bank

bank = Bank()

# five-rulers ------------------------------------------------------------------------------------------------------


def _chosen(probs, right):
    """Probabilities of the right tokens: (B, L)."""
    places = np.array(right)[:, :, None]
    return np.take_along_axis(np.array(probs, float), places, axis=2)[:, :, 0]


def _products(probs, some):
    """How probable each candidate of one answer is."""
    return [
        math.prod(row[t] for row, t in zip(probs, one, strict=True)) for one in some
    ]


@bank.correct("five-rulers", "one loop, without NumPy")
def exact_match(probs, right):
    good = 0
    for rows, answer in zip(probs, right):
        good += [
            max(range(len(row)), key=row.__getitem__) for row in rows
        ] == answer
    return good / len(right) * 100


@bank.correct("five-rulers", "counts hits")
def token_accuracy(probs, right):
    hits = [
        row.index(max(row)) == t
        for rows, answer in zip(probs, right)
        for row, t in zip(rows, answer)
    ]
    return 100 * sum(hits) / len(hits)


@bank.correct("five-rulers", "a floor under the logarithm in place of one under it")
def log_prob(yours, probs, right):
    nats = [
        math.log(row[t]) if row[t] > 0 else -math.inf
        for rows, answer in zip(probs, right)
        for row, t in zip(rows, answer)
    ]
    return sum(max(one, -math.log(yours.one_in)) for one in nats) / len(nats)


@bank.correct("five-rulers", "the square, multiplied out")
def brier(probs, right):
    squares = (np.array(probs) ** 2).sum(axis=2)
    return (squares + 1 - 2 * _chosen(probs, right)).mean()


@bank.correct("five-rulers", "NumPy, in logarithms")
def multiple_choice(probs, right, candidates):
    points = []
    with np.errstate(divide="ignore"):
        logs = np.log(np.array(probs))
    for rows, answer, some in zip(logs, right, candidates):
        odds = np.array([rows[np.arange(len(one)), one].sum() for one in some])
        first = odds == odds.max()
        points.append(first[some.index(answer)] / first.sum())
    return 100 * np.mean(points)


@bank.mutant(
    "five-rulers",
    "multiplies the tokens' accuracy, as if errors were independent",
    "public: exact_match(",
)
def exact_match(probs, right):
    hits = np.array(probs).argmax(2) == np.array(right)
    return 100 * hits.mean() ** hits.shape[1]


@bank.mutant(
    "five-rulers", "is content with half of an answer", "public: exact_match("
)
def exact_match(probs, right):
    hits = np.array(probs).argmax(2) == np.array(right)
    return 100 * (hits.mean(axis=1) >= 0.5).mean()


@bank.mutant(
    "five-rulers",
    "gives a share of one in place of a percentage",
    "public: got 0.5",
)
def exact_match(probs, right):
    return (np.array(probs).argmax(2) == np.array(right)).all(axis=1).mean()


@bank.mutant(
    "five-rulers",
    "asks the right token for more than half of the probability",
    "hidden: 4 points",
)
def exact_match(probs, right):
    return 100 * (_chosen(probs, right) > 0.5).all(axis=1).mean()


@bank.mutant(
    "five-rulers", "asks for the right tokens in any order", "hidden: 4 points"
)
def exact_match(probs, right):
    said = np.sort(np.array(probs).argmax(2), axis=1)
    return 100 * (said == np.sort(np.array(right), axis=1)).all(axis=1).mean()


@bank.mutant(
    "five-rulers", "lets a tie count for the right token", "hidden: 4 points"
)
def token_accuracy(probs, right):
    return 100 * (_chosen(probs, right) >= np.array(probs).max(axis=2)).mean()


@bank.mutant(
    "five-rulers",
    "takes the right token's mean probability for accuracy",
    "public: token_accuracy(",
)
def token_accuracy(probs, right):
    return 100 * _chosen(probs, right).mean()


@bank.mutant(
    "five-rulers", "stops counting at the first wrong token", "hidden: 4 points"
)
def token_accuracy(probs, right):
    hits = np.array(probs).argmax(2) == np.array(right)
    return 100 * hits.cumprod(axis=1).mean()


@bank.mutant(
    "five-rulers",
    "takes the logarithm of the mean in place of the mean of the logarithms",
    "public: log_prob(",
)
def log_prob(yours, probs, right):
    return math.log(max(_chosen(probs, right).mean(), 1 / yours.one_in))


@bank.mutant("five-rulers", "adds up over the answer", "public: log_prob(")
def log_prob(yours, probs, right):
    chosen = np.maximum(_chosen(probs, right), 1 / yours.one_in)
    return np.log(chosen).sum(axis=1).mean()


@bank.mutant("five-rulers", "counts in bits", "public: log_prob(")
def log_prob(yours, probs, right):
    return np.log2(np.maximum(_chosen(probs, right), 1 / yours.one_in)).mean()


@bank.mutant("five-rulers", "gives a loss, above zero", "public: log_prob(")
def log_prob(yours, probs, right):
    return -np.log(np.maximum(_chosen(probs, right), 1 / yours.one_in)).mean()


@bank.mutant(
    "five-rulers",
    "scores what the model says in place of what is right",
    "public: log_prob(",
)
def log_prob(probs, right):
    return np.log(np.array(probs).max(axis=2)).mean()


@bank.mutant(
    "five-rulers", "puts the floor under the mean only", "hidden: 4 points"
)
def log_prob(yours, probs, right):
    with np.errstate(divide="ignore"):
        nats = np.log(_chosen(probs, right))
    return max(float(nats.mean()), -math.log(yours.one_in))


@bank.mutant(
    "five-rulers",
    "leaves out the tokens that the model thought impossible",
    "hidden: 4 points",
)
def log_prob(yours, probs, right):
    chosen = _chosen(probs, right)
    some = chosen[chosen > 0]
    return np.log(some).mean() if some.size else -math.log(yours.one_in)


@bank.mutant("five-rulers", "squares the right token only", "public: brier(")
def brier(probs, right):
    return ((1 - _chosen(probs, right)) ** 2).mean()


@bank.mutant("five-rulers", "takes a mean over the vocabulary", "public: brier(")
def brier(probs, right):
    probs = np.array(probs)
    return ((probs - np.eye(probs.shape[2])[np.array(right)]) ** 2).mean()


@bank.mutant(
    "five-rulers", "counts one minus the squares as a gain", "public: brier("
)
def brier(probs, right):
    squares = (np.array(probs) ** 2).sum(axis=2)
    return 1 - (squares + 1 - 2 * _chosen(probs, right)).mean()


@bank.mutant(
    "five-rulers",
    "knows two outcomes only, right and not right",
    "public: brier(",
)
def brier(probs, right):
    return (2 * (1 - _chosen(probs, right)) ** 2).mean()


@bank.mutant(
    "five-rulers",
    "lets a product of many tokens vanish, and calls that a tie",
    "hidden: 4 points",
)
def multiple_choice(probs, right, candidates):
    points = 0
    for rows, answer, some in zip(probs, right, candidates):
        odds = _products(rows, some)
        best = [
            one for one, value in zip(some, odds, strict=True) if value == max(odds)
        ]
        points += (answer in best) / len(best)
    return 100 * points / len(right)


@bank.mutant(
    "five-rulers",
    "takes the first of equal candidates",
    "public: multiple_choice( | hidden: 4 points",
)
def multiple_choice(probs, right, candidates):
    hits = []
    for rows, answer, some in zip(probs, right, candidates):
        odds = [
            sum(math.log(r[t] or 1e-300) for r, t in zip(rows, one)) for one in some
        ]
        hits.append(some[odds.index(max(odds))] == answer)
    return 100 * np.mean(hits)


@bank.mutant("five-rulers", "lets a tie count in full", "public: multiple_choice(")
def multiple_choice(probs, right, candidates):
    hits = []
    for rows, answer, some in zip(probs, right, candidates):
        odds = [
            sum(math.log(r[t] or 1e-300) for r, t in zip(rows, one)) for one in some
        ]
        hits.append(odds[some.index(answer)] == max(odds))
    return 100 * np.mean(hits)


@bank.mutant(
    "five-rulers",
    "adds probabilities in place of multiplying them",
    "hidden: 4 points",
)
def multiple_choice(probs, right, candidates):
    points = 0
    for rows, answer, some in zip(probs, right, candidates):
        odds = [
            round(math.fsum(r[t] for r, t in zip(rows, one)), 12) for one in some
        ]
        points += (odds[some.index(answer)] == max(odds)) / odds.count(max(odds))
    return 100 * points / len(right)


@bank.mutant(
    "five-rulers", "looks at the first token only", "public: multiple_choice("
)
def multiple_choice(probs, right, candidates):
    points = 0
    for rows, answer, some in zip(probs, right, candidates):
        odds = [rows[0][one[0]] for one in some]
        points += (odds[some.index(answer)] == max(odds)) / odds.count(max(odds))
    return 100 * points / len(right)


@bank.mutant(
    "five-rulers",
    "asks whether the model would have written the answer itself",
    "public: multiple_choice(",
)
def multiple_choice(probs, right, candidates):
    return 100 * (np.array(probs).argmax(2) == np.array(right)).all(axis=1).mean()


# rise-width -------------------------------------------------------------------------------------------------------


def _reached(x, share, level, log=math.log10):
    """The logarithm of x at which the curve first reaches a level; None if it does not."""
    if share[0] >= level:
        return log(x[0])
    for (a, b), (below, above) in zip(pairwise(x), pairwise(share), strict=True):
        if above >= level:
            return log(a) + (level - below) / (above - below) * (log(b) - log(a))
    return None


def _width(yours, x, share, log=math.log10, reached=_reached):
    start, end = (
        reached(x, share, level / 100, log) for level in (yours.low, yours.high)
    )
    return None if start is None or end is None else end - start


@bank.correct("rise-width", "along the best score so far, which never falls")
def rise_width(yours, x, share):
    best, logs = list(accumulate(share, max)), np.log10(x)
    if best[-1] < yours.high / 100:
        return None
    ends = []
    for level in (yours.low / 100, yours.high / 100):
        at = bisect_left(best, level)
        low, high = share[max(at - 1, 0)], share[at]
        ends.append(
            logs[0]
            if at == 0
            else np.interp(level, (low, high), logs[at - 1 : at + 1])
        )
    return float(ends[1] - ends[0])


@bank.correct("rise-width", "as the logarithm of a ratio")
def rise_width(yours, x, share):
    ends = [
        _reached(x, share, level / 100, math.log)
        for level in (yours.low, yours.high)
    ]
    return (
        None
        if ends[1] is None
        else math.log10(math.exp(ends[1]) / math.exp(ends[0]))
    )


@bank.mutant("rise-width", "interpolates along a plain axis", "public: rise_width(")
def rise_width(yours, x, share):
    ends = [
        _reached(x, share, level / 100, lambda n: n)
        for level in (yours.low, yours.high)
    ]
    return None if ends[1] is None else math.log10(ends[1] / ends[0])


@bank.mutant("rise-width", "counts in units of e", "public: rise_width(")
def rise_width(yours, x, share):
    return _width(yours, x, share, math.log)


@bank.mutant("rise-width", "counts doublings", "public: rise_width(")
def rise_width(yours, x, share):
    return _width(yours, x, share, math.log2)


@bank.mutant("rise-width", "gives the factor", "public: rise_width(")
def rise_width(yours, x, share):
    width = _width(yours, x, share)
    return None if width is None else 10**width


@bank.mutant(
    "rise-width", "answers with the last x where it never gets there", "public: got"
)
def rise_width(yours, x, share):
    best = list(accumulate(share, max))
    ends = np.interp([yours.low / 100, yours.high / 100], best, np.log10(x))
    return float(ends[1] - ends[0])


@bank.mutant(
    "rise-width",
    "has no answer for a curve that begins above the lower level",
    "public: got None",
)
def rise_width(yours, x, share):
    return None if share[0] > yours.low / 100 else _width(yours, x, share)


@bank.mutant(
    "rise-width", "draws the line on to the left of the first point", "public: got"
)
def rise_width(yours, x, share):
    width = _width(yours, x, share)
    if width is None or share[0] <= yours.low / 100 or len(x) < 2:
        return width
    slope = (share[1] - share[0]) / math.log10(x[1] / x[0])
    return width + (share[0] - yours.low / 100) / slope if slope > 0 else width


@bank.mutant(
    "rise-width", "counts the last crossing", "hidden: up, down and up again"
)
def rise_width(yours, x, share):
    def last(x, share, level, log):
        behind = [i for i, height in enumerate(share) if height < level]
        if not behind or behind[-1] == len(x) - 1:
            return None if behind else log(x[0])
        i = behind[-1]
        part = (level - share[i]) / (share[i + 1] - share[i])
        return log(x[i]) + part * log(x[i + 1] / x[i])

    return _width(yours, x, share, reached=last)


@bank.mutant(
    "rise-width",
    "counts the lower level from where it was passed for good",
    "hidden: it falls below the lower level | up, down and up again",
)
def rise_width(yours, x, share):
    end = next((i for i, y in enumerate(share) if y >= yours.high / 100), None)
    if end is None:
        return None
    start = max((i for i in range(end) if share[i] < yours.low / 100), default=0)
    return _width(yours, x[start:], share[start:])


@bank.mutant(
    "rise-width",
    "takes a curve for finished at its own highest point",
    "public: got",
)
def rise_width(yours, x, share):
    top = max(share)
    return _width(yours, x, [y / top for y in share]) if top > 0 else None


@bank.mutant("rise-width", "sorts the scores", "hidden: it falls back | up, down")
def rise_width(yours, x, share):
    return _width(yours, x, sorted(share))


@bank.mutant(
    "rise-width", "takes the nearest measured points", "public: rise_width("
)
def rise_width(yours, x, share):
    ends = [
        next((i for i, y in enumerate(share) if y >= level / 100), None)
        for level in (yours.low, yours.high)
    ]
    return None if ends[1] is None else math.log10(x[ends[1]] / x[ends[0]])


# predict-exact ----------------------------------------------------------------------------------------------------


@bank.correct("predict-exact", "through logarithms")
def predict_exact(p, length):
    return 100 * math.exp(length * math.log(p / 100)) if p else 0


@bank.correct("predict-exact", "NumPy")
def judge_forecast(yours, table):
    table = np.array(table)
    exact = 100 * table.all(axis=1).mean()
    off = exact - 100 * table.mean() ** table.shape[1]
    further = exact - 100 * table.mean(axis=0).prod()
    if abs(off) <= yours.margin:
        return ["holds", "chance"]
    reason = "places" if abs(further) <= yours.margin else None
    return [
        "too low" if off > 0 else "too high",
        reason or ("together" if further > 0 else "apart"),
    ]


def _three(table):
    """Exact match, forecast, better forecast, in %."""
    table = np.array(table)
    return (
        100 * table.all(axis=1).mean(),
        100 * table.mean() ** table.shape[1],
        100 * table.mean(axis=0).prod(),
    )


def _judged(yours, exact, forecast, better):
    if abs(exact - forecast) <= yours.margin:
        return ["holds", "chance"]
    verdict = "too low" if exact > forecast else "too high"
    if abs(exact - better) <= yours.margin:
        return [verdict, "places"]
    return [verdict, "together" if exact > better else "apart"]


@bank.mutant(
    "predict-exact",
    "forecasts that at least one token is right",
    "public: predict_",
)
def predict_exact(p, length):
    return 100 * (1 - (1 - p / 100) ** length)


@bank.mutant("predict-exact", "raises a percentage to a power", "public: predict_")
def predict_exact(p, length):
    return p**length


@bank.mutant("predict-exact", "divides by the length", "public: predict_")
def predict_exact(p, length):
    return p / length


@bank.mutant(
    "predict-exact", "subtracts the errors of all tokens", "public: predict_"
)
def predict_exact(p, length):
    return max(0, 100 - length * (100 - p))


@bank.mutant("predict-exact", "rounds to a tenth", "public: predict_exact(90, 8)")
def predict_exact(p, length):
    return round(100 * (p / 100) ** length, 1)


@bank.mutant(
    "predict-exact", "says what is wrong with the model", "public: 'together'"
)
def judge_forecast(yours, table):
    verdict, reason = _judged(yours, *_three(table))
    other = {"too low": "too high", "too high": "too low"}
    return [other.get(verdict, verdict), reason]


@bank.mutant(
    "predict-exact",
    "judges the better forecast from the start",
    "public: ['too high', 'places']",
)
def judge_forecast(yours, table):
    exact, _, better = _three(table)
    return _judged(yours, exact, better, better)


@bank.mutant(
    "predict-exact", "knows no unequal places", "public: ['too high', 'places']"
)
def judge_forecast(yours, table):
    exact, forecast, _ = _three(table)
    return _judged(yours, exact, forecast, forecast)


@bank.mutant(
    "predict-exact",
    "takes the margin as a share of the forecast",
    "public: expected ['holds', 'chance']",
)
def judge_forecast(yours, table):
    exact, forecast, better = _three(table)
    if abs(exact - forecast) <= yours.margin / 100 * forecast:
        return ["holds", "chance"]
    verdict = "too low" if exact > forecast else "too high"
    if abs(exact - better) <= yours.margin / 100 * better:
        return [verdict, "places"]
    return [verdict, "together" if exact > better else "apart"]


@bank.mutant(
    "predict-exact",
    "asks the margin of the reason only",
    "public: ['holds', 'chance']",
)
def judge_forecast(yours, table):
    exact, forecast, better = _three(table)
    verdict, reason = _judged(yours, exact, forecast, better)
    if verdict == "holds" and abs(exact - forecast) > 0.5:
        return ["too low" if exact > forecast else "too high", "together"]
    return [verdict, reason]


@bank.mutant(
    "predict-exact",
    "forecasts answer by answer, and averages",
    "public: judge_forecast(",
)
def judge_forecast(yours, table):
    exact, _, better = _three(table)
    rows = np.array(table).mean(axis=1)
    return _judged(yours, exact, 100 * (rows ** len(table[0])).mean(), better)


@bank.mutant(
    "predict-exact",
    "calls every forecast that is too low a matter of places, too",
    "public: ['too low', 'together']",
)
def judge_forecast(yours, table):
    verdict, reason = _judged(yours, *_three(table))
    return [verdict, "places" if verdict == "too low" else reason]


@bank.mutant(
    "predict-exact",
    "finds errors together only if a whole answer is wrong",
    "hidden: 1 points",
)
def judge_forecast(yours, table):
    verdict, reason = _judged(yours, *_three(table))
    if reason == "together" and all(any(row) for row in table):
        reason = "apart"
    return [verdict, reason]


# resolution-limit -------------------------------------------------------------------------------------------------


@bank.correct("resolution-limit", "one right of n")
def resolution_limit(n):
    return 1 / n * 100


@bank.correct("resolution-limit", "counts up")
def items_needed(yours, k):
    n, unseen = 1, 1 - 1 / k
    while unseen > 1 - yours.certainty / 100 + 1e-12:
        n, unseen = n + 1, unseen * (1 - 1 / k)
    return n


@bank.correct("resolution-limit", "doubles, and halves the step")
def items_needed(yours, k):
    def enough(n):
        return (1 - 1 / k) ** n <= 1 - yours.certainty / 100 + 1e-12

    high = 1
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


@bank.mutant(
    "resolution-limit", "gives a share of one", "public: resolution_limit("
)
def resolution_limit(n):
    return 1 / n


@bank.mutant("resolution-limit", "takes half a step", "public: resolution_limit(")
def resolution_limit(n):
    return 50 / n


@bank.mutant(
    "resolution-limit",
    "gives the standard error at one half",
    "public: resolution_limit(",
)
def resolution_limit(n):
    return 50 / math.sqrt(n)


@bank.mutant(
    "resolution-limit", "takes k items for enough", "public: items_needed(10)"
)
def items_needed(k):
    return k


@bank.mutant(
    "resolution-limit", "takes three times k items", "public: items_needed("
)
def items_needed(k):
    return 3 * k


@bank.mutant(
    "resolution-limit",
    "takes the rule of three for every k",
    "public: items_needed(",
)
def items_needed(yours, k):
    return math.ceil(-k * math.log(1 - yours.certainty / 100))


@bank.mutant(
    "resolution-limit",
    "multiplies k by the certainty",
    "public: items_needed(",
)
def items_needed(yours, k):
    return math.ceil(k * yours.certainty / 100)


@bank.mutant("resolution-limit", "rounds down", "public: items_needed(10)")
def items_needed(yours, k):
    if k == 1:
        return 1
    return int(math.log(1 - yours.certainty / 100) / math.log(1 - 1 / k))


@bank.mutant(
    "resolution-limit", "always takes one item more", "public: items_needed("
)
def items_needed(yours, k):
    if k == 1:
        return 1
    return 1 + math.ceil(math.log(1 - yours.certainty / 100) / math.log(1 - 1 / k))


@bank.mutant(
    "resolution-limit", "stops when a success is as likely as not", "public: items_"
)
def items_needed(k):
    return 1 if k == 1 else math.ceil(math.log(0.5) / math.log(1 - 1 / k))


@bank.mutant(
    "resolution-limit", "gives up counting at a thousand items", "hidden: 1 points"
)
def items_needed(yours, k):
    n, unseen = 1, 1 - 1 / k
    while unseen > 1 - yours.certainty / 100 + 1e-12 and n < 1000:
        n, unseen = n + 1, unseen * (1 - 1 / k)
    return n


# has-jump ---------------------------------------------------------------------------------------------------------


@bank.correct("has-jump", "running extremes, from both ends")
def has_jump(yours, steps, log_prob):
    before = list(accumulate(log_prob, max))
    after = list(accumulate(reversed(log_prob), min))[::-1]
    return any(
        after[j] - before[i] >= yours.height
        for j in range(len(steps))
        for i in range(j)
        if 4 * steps[j] <= 5 * steps[i]
    )


@bank.correct("has-jump", "for each checkpoint only the farthest close one")
def has_jump(yours, steps, log_prob):
    steps, log_prob = np.array(steps, float), np.array(log_prob, float)
    for i, step in enumerate(steps):
        j = int(np.searchsorted(steps, 1.25 * step, side="right")) - 1
        if j > i and log_prob[j:].min() - log_prob[: i + 1].max() >= yours.height:
            return True
    return False


def _pairs(steps, most=1.25):
    """Places of close checkpoints."""
    n = len(steps)
    return [
        (i, j)
        for i in range(n)
        for j in range(i + 1, n)
        if steps[j] <= most * steps[i]
    ]


@bank.mutant("has-jump", "looks at neighbours only", "hidden: points")
def has_jump(yours, steps, log_prob):
    return any(
        min(log_prob[i + 1 :]) - max(log_prob[: i + 1]) >= yours.height
        for i, j in _pairs(steps)
        if j == i + 1
    )


@bank.mutant(
    "has-jump", "asks for no checkpoints that are close", "public: [100, 200, 300"
)
def has_jump(yours, steps, log_prob):
    return any(
        min(log_prob[j:]) - max(log_prob[: i + 1]) >= yours.height
        for i, j in _pairs(steps, math.inf)
    )


@bank.mutant("has-jump", "takes neighbours for close", "public: [100, 200, 300")
def has_jump(yours, steps, log_prob):
    return any(
        min(log_prob[i + 1 :]) - max(log_prob[: i + 1]) >= yours.height
        for i in range(len(steps) - 1)
    )


@bank.mutant("has-jump", "does not ask whether it stays", "public: expected False")
def has_jump(yours, steps, log_prob):
    return any(
        log_prob[j] - max(log_prob[: i + 1]) >= yours.height
        for i, j in _pairs(steps)
    )


@bank.mutant("has-jump", "takes a recovery for a jump", "hidden: points")
def has_jump(yours, steps, log_prob):
    return any(
        min(log_prob[j:]) - log_prob[i] >= yours.height for i, j in _pairs(steps)
    )


@bank.mutant(
    "has-jump", "compares two readings and nothing else", "public: expected False"
)
def has_jump(yours, steps, log_prob):
    return any(log_prob[j] - log_prob[i] >= yours.height for i, j in _pairs(steps))


@bank.mutant(
    "has-jump", "asks how far the run has come in all", "public: expected False"
)
def has_jump(yours, steps, log_prob):
    return log_prob[-1] - log_prob[0] >= yours.height


@bank.mutant("has-jump", "looks for any rise", "public: expected False")
def has_jump(yours, steps, log_prob):
    return any(
        min(log_prob[j:]) - max(log_prob[: i + 1]) >= yours.height / 2
        for i, j in _pairs(steps)
    )


@bank.mutant(
    "has-jump",
    "looks for the steepest place, ten times as steep as the whole run",
    "public: has_jump( | hidden: points",
)
def has_jump(steps, log_prob):
    if len(steps) < 2:
        return False
    logs = np.log(steps)
    slopes = np.diff(log_prob) / np.diff(logs)
    whole = (log_prob[-1] - log_prob[0]) / (logs[-1] - logs[0])
    return bool(slopes.max() > 3 * whole)


@bank.mutant("has-jump", "finds a jump everywhere", "public: expected False")
def has_jump(steps, log_prob):
    return True


@bank.mutant("has-jump", "finds none", "public: expected True")
def has_jump(steps, log_prob):
    return False


@bank.mutant(
    "has-jump",
    "counts a difference of steps as close",
    "public: expected | hidden: points",
)
def has_jump(yours, steps, log_prob):
    n = len(steps)
    return any(
        min(log_prob[j:]) - max(log_prob[: i + 1]) >= yours.height
        for i in range(n)
        for j in range(i + 1, n)
        if steps[j] - steps[i] <= 150
    )


@bank.mutant("has-jump", "forgets the last checkpoint", "public: expected False")
def has_jump(yours, steps, log_prob):
    some = log_prob[:-1]
    return any(
        min(some[j:]) - max(some[: i + 1]) >= yours.height
        for i, j in _pairs(steps[:-1])
    )


# make-it-vanish ---------------------------------------------------------------------------------------------------


def _falling(yours, names, most, fall):
    """Rare names once, the others by a rule for their place, from 0 to 1."""
    others = [name for name in names if name not in yours.rare]
    times = {
        name: max(1, round(fall(place / (len(others) - 1))))
        for place, name in enumerate(others)
    }
    return [min(most, times.get(name, 1)) for name in names]


@bank.correct("make-it-vanish", "four classes, a factor of three apart")
def readings(yours, names):
    return _falling(yours, names, 60, lambda way: 27 // 3 ** min(3, int(4 * way)))


@bank.correct(
    "make-it-vanish", "by the same factor each time, from the last name on"
)
def readings(yours, names):
    return _falling(yours, names[::-1], 60, lambda way: 36 * 36**-way)[::-1]


@bank.mutant(
    "make-it-vanish",
    "reads all names that are not rare equally often",
    "hidden: exact match half-way up",
)
def readings(yours, names):
    return _falling(yours, names, 60, lambda way: 4)


@bank.mutant(
    "make-it-vanish",
    "makes two classes, one that is known and one that is not",
    "hidden: log-probability's way in the smaller model",
)
def readings(yours, names):
    return _falling(yours, names, 60, lambda way: 60 if way < 0.5 else 1)


@bank.mutant("make-it-vanish", "leaves names out", "public: is read 0 times")
def readings(yours, names):
    return [0 if name in yours.rare else 5 for name in names]


@bank.mutant(
    "make-it-vanish",
    "reads the rare names as often as the others",
    "public: it is rare",
)
def readings(names):
    return [7] * len(names)


@bank.mutant(
    "make-it-vanish", "gives shares in place of numbers", "public: is read 0."
)
def readings(names):
    return [1 / len(names)] * len(names)


@bank.mutant(
    "make-it-vanish",
    "reads a name more often than allowed",
    "public: is read 64 times",
)
def readings(yours, names):
    return _falling(yours, names, 64, lambda way: 64 * 64**-way)


@bank.mutant(
    "make-it-vanish",
    "numbers only for the names that are not rare",
    "public: a list of 44",
)
def readings(yours, names):
    return [9 for name in names if name not in yours.rare]


@bank.mutant(
    "make-it-vanish",
    "draws other numbers at every call",
    "public: the same readings at every call",
)
def readings(yours, names):
    return _falling(yours, names, 60, lambda way: random.randint(1, 60))
