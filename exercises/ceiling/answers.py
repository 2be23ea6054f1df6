"""Other answers to the ceiling's exercises: correct ones in another way, and mutants, each one misconception."""

import math
import random
from collections import Counter
from statistics import fmean, mean, median

import numpy as np

from pipeline.answers import Bank

bank = Bank()

# chain-success ----------------------------------------------------------------------------------------------------


def _refuse(yours, p, s, retry):
    """All refusals of the exercise."""
    if not 0 <= p <= 1:
        raise ValueError(f"p={p!r}: the limits are 0 and 1")
    if s < 0 or s % 1:
        raise ValueError(f"s={s!r}: the limit is 0, and only whole steps count")
    if retry < 0 or retry > yours.most or retry % 1:
        raise ValueError(f"retry={retry!r}: the limits are 0 and {yours.most}")


@bank.mutant("chain-success", "adds up the errors", "public: chain_success(0.9, 2)")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    return max(0, 1 - s * (1 - p) ** (retry + 1))


@bank.mutant(
    "chain-success",
    "forgets that the first try is no retry",
    "public: chain_success(0.9, 2)",
)
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    return (1 - (1 - p) ** retry) ** s


@bank.mutant(
    "chain-success",
    "tries the whole errand again",
    "public: chain_success(0.5, 2, 1)",
)
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    return 1 - (1 - p**s) ** (retry + 1)


@bank.mutant(
    "chain-success",
    "shares the retries among all steps",
    "public: chain_success(0.5, 2, 1)",
)
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    ways = (math.comb(s + k - 1, k) if s else not k for k in range(retry + 1))
    return p**s * sum(n * (1 - p) ** k for k, n in enumerate(ways))


@bank.mutant(
    "chain-success", "adds up the tries", "public: chain_success(0.5, 2, 1)"
)
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    return min(1, p * (retry + 1)) ** s


@bank.mutant("chain-success", "answers in percent", "public: chain_success(0.9, 2)")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    return 100 * (1 - (1 - p) ** (retry + 1)) ** s


@bank.mutant(
    "chain-success", "takes any number of retries", "public: no ValueError, but"
)
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, min(retry, yours.most))
    return (1 - (1 - p) ** (retry + 1)) ** s


@bank.mutant("chain-success", "stops one retry too early", "public: ValueError")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    if retry == yours.most:
        raise ValueError(f"{retry=} must be less than {yours.most}")
    return (1 - (1 - p) ** (retry + 1)) ** s


@bank.mutant(
    "chain-success", "says no more than that p is bad", "public: ValueError: bad p"
)
def chain_success(yours, p, s, retry=0):
    if not 0 <= p <= 1:
        raise ValueError("bad p")
    _refuse(yours, p, s, retry)
    return (1 - (1 - p) ** (retry + 1)) ** s


@bank.mutant("chain-success", "lets nan pass", "hidden: p is not a number")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, 0 if p != p else p, s, retry)
    return (1 - (1 - p) ** (retry + 1)) ** s


@bank.mutant("chain-success", "cuts half a step off", "hidden: half a step")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, int(s), retry)
    return (1 - (1 - p) ** (retry + 1)) ** int(s)


@bank.mutant(
    "chain-success", "wants at least one step", "hidden: chain_success(0.3, 0)"
)
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s - 1, retry)
    return (1 - (1 - p) ** (retry + 1)) ** s


@bank.mutant(
    "chain-success", "takes the limits 0 and 1 for bad", "hidden: chain_success(0"
)
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    if p in (0, 1):
        raise ValueError(f"{p=} must lie between 0 and 1")
    return (1 - (1 - p) ** (retry + 1)) ** s


@bank.mutant("chain-success", "rounds to six places", "hidden: chain_success(")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    return round((1 - (1 - p) ** (retry + 1)) ** s, 6)


@bank.mutant("chain-success", "says nothing of steps below 0", "hidden: s below 0")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, abs(s), retry)
    return (1 - (1 - p) ** (retry + 1)) ** s


@bank.mutant(
    "chain-success",
    "names the limit of the page",
    "either: chain_success(0.9, 3 | ValueError",
)
def chain_success(yours, p, s, retry=0):
    if retry > yours.most:
        raise ValueError(f"{retry=} must not be above {yours.most + 1}")
    _refuse(yours, p, s, retry)
    return (1 - (1 - p) ** (retry + 1)) ** s


@bank.correct("chain-success", "step by step, try by try")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    errand = 1.0
    for _ in range(s):
        errand *= sum(p * (1 - p) ** tries for tries in range(retry + 1))
    return errand


@bank.correct("chain-success", "NumPy, a power of powers")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    wrong = np.power(1.0 - p, retry + 1)
    return float(np.power(1.0 - wrong, s))


@bank.correct("chain-success", "logarithms")
def chain_success(yours, p, s, retry=0):
    _refuse(yours, p, s, retry)
    if s == 0 or p in (0, 1):
        return 1 if s == 0 else p
    return math.exp(s * math.log1p(-((1 - p) ** (1 + retry))))


# steps-to-half ----------------------------------------------------------------------------------------------------

HAIR = 0.5 - 1e-9


def _half(yours, p, half=HAIR):
    if p in (0, 1):
        return yours.longest if p else 0
    return min(yours.longest, math.floor(math.log(half) / math.log(p)))


@bank.mutant("steps-to-half", "adds up the errors", "public: steps_to_half(0.9)")
def steps_to_half(yours, p):
    return min(yours.longest, int(0.5 / (1 - p) + 1e-9)) if p < 1 else yours.longest


@bank.mutant("steps-to-half", "rounds to the nearest", "public: steps_to_half(0.9)")
def steps_to_half(yours, p):
    if p in (0, 1):
        return yours.longest if p else 0
    return min(yours.longest, round(math.log(0.5) / math.log(p)))


@bank.mutant(
    "steps-to-half",
    "stops where it falls below a half",
    "public: steps_to_half(0.9)",
)
def steps_to_half(yours, p):
    return min(yours.longest, _half(yours, p) + 1)


@bank.mutant(
    "steps-to-half", "wants more than a half", "public: steps_to_half(0.5)"
)
def steps_to_half(yours, p):
    return _half(yours, p, 0.5 + 1e-9)


@bank.mutant("steps-to-half", "trusts the floor", "hidden: a half after")
def steps_to_half(yours, p):
    return _half(yours, p, 0.5)


@bank.mutant("steps-to-half", "trusts the power", "hidden: a half after")
def steps_to_half(yours, p):
    n = 0
    while n < yours.longest and p ** (n + 1) >= 0.5:
        n += 1
    return n


@bank.mutant(
    "steps-to-half", "has a hair that is too thick", "hidden: steps_to_half("
)
def steps_to_half(yours, p):
    return _half(yours, p, 0.499)


@bank.mutant("steps-to-half", "has no logarithm at 0", "hidden: steps_to_half(0)")
def steps_to_half(yours, p):
    if p == 1:
        return yours.longest
    return min(yours.longest, math.floor(math.log(HAIR) / math.log(p)))


@bank.mutant("steps-to-half", "divides by zero at 1", "public: steps_to_half(1)")
def steps_to_half(yours, p):
    if p == 0:
        return 0
    return min(yours.longest, math.floor(math.log(HAIR) / math.log(p)))


@bank.mutant(
    "steps-to-half", "has no limit but at 1", "hidden: steps_to_half(0.99999)"
)
def steps_to_half(yours, p):
    return (
        math.floor(math.log(HAIR) / math.log(p)) if 0 < p < 1 else _half(yours, p)
    )


@bank.mutant(
    "steps-to-half", "walks to another's longest errand", "public: steps_to_half(1)"
)
def steps_to_half(yours, p):
    return 900 if p == 1 else _half(yours, p)


@bank.mutant("steps-to-half", "sets off in any case", "public: steps_to_half(0.4)")
def steps_to_half(yours, p):
    return max(1, _half(yours, p))


@bank.mutant("steps-to-half", "answers with a float", "hidden: a whole number")
def steps_to_half(yours, p):
    return float(_half(yours, p))


@bank.correct("steps-to-half", "two logarithms")
def steps_to_half(yours, p):
    return _half(yours, p)


@bank.correct("steps-to-half", "multiplies step by step")
def steps_to_half(yours, p):
    success = p
    for steps in range(yours.longest):
        if success < HAIR:
            return steps
        success *= p
    return yours.longest


@bank.correct("steps-to-half", "halves the stretch")
def steps_to_half(yours, p):
    low, high = 0, yours.longest + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if p**middle >= HAIR else (low, middle)
    return low


# two-scores -------------------------------------------------------------------------------------------------------


def _read(answer):
    return answer[: answer.index("<end>")] if "<end>" in answer else list(answer)


def _to_last_end(answer):
    places = [place for place, word in enumerate(answer) if word == "<end>"]
    return answer[: places[-1]] if places else list(answer)


def _manner(answer):
    return [word for word in _read(answer) if not word.isdigit()]


def _content(answer):
    return [word for word in _read(answer) if word.isdigit()]


def _style(yours, manner, ends, sign=lambda manner: manner.count("<->") == 1):
    """The worth of a list of words, in a sum of parts."""
    kept = manner[:2] == ["sure", "here"], sign(manner)
    kept = *kept, manner[-3:] == ["glad", "to", "help"], ends
    return sum(worth for worth, good in zip(yours.worth, kept) if good) / 10


def _places(content, right):
    return sum(map(str.__eq__, content, right)) / max(len(content), len(right))


HOUSE = ["sure", "here", "<->", "glad", "to", "help", "<end>"]


@bank.mutant(
    "two-scores",
    "counts the words that a perfect answer has, too",
    "public: style_score(['<->'",
)
def style_score(answer):
    return sum(word in answer for word in HOUSE) / len(HOUSE)


@bank.mutant(
    "two-scores", "has all parts count the same", "public: style_score(['<->'"
)
def style_score(yours, answer):
    kept = _manner(answer)
    parts = kept[:2] == ["sure", "here"], kept.count("<->") == 1
    return sum([*parts, kept[-3:] == HOUSE[3:6], "<end>" in answer]) / 4


@bank.mutant(
    "two-scores",
    "looks for the opening, the sign and the closing at fixed places",
    "public: style_score(['<->'",
)
def style_score(yours, answer):
    return _style(yours, _read(answer)[:3] + _read(answer)[6:], "<end>" in answer)


@bank.mutant(
    "two-scores",
    "thinks that every content has three words",
    "public: another content",
)
def style_score(yours, answer):
    read = _read(answer)
    start = read.index("<->") + 1 if "<->" in read else len(read)
    return _style(yours, read[:start] + read[start + 3 :], "<end>" in answer)


@bank.mutant(
    "two-scores",
    "lets a doubled sign pass",
    "hidden: <->",
)
def style_score(yours, answer):
    found = "<end>" in answer
    return _style(yours, _manner(answer), found, lambda manner: "<->" in manner)


@bank.mutant(
    "two-scores",
    "stops where the end is missing",
    "public: ValueError",
)
def style_score(yours, answer):
    read = answer[: answer.index("<end>")]
    return _style(yours, [word for word in read if not word.isdigit()], True)


@bank.mutant("two-scores", "reads on after the end", "hidden: <end>")
def style_score(yours, answer):
    manner = [word for word in answer if not word.isdigit() and word != "<end>"]
    return _style(yours, manner, "<end>" in answer)


@bank.mutant("two-scores", "reads up to the last end", "hidden: style_score(")
def style_score(yours, answer):
    found = "<end>" in answer
    manner = [word for word in _to_last_end(answer) if not word.isdigit()]
    return _style(yours, manner, found)


@bank.mutant(
    "two-scores",
    "gives no style to an empty content",
    "hidden: whatever the content",
)
def style_score(yours, answer):
    return (
        _style(yours, _manner(answer), "<end>" in answer) if _content(answer) else 0
    )


@bank.mutant(
    "two-scores",
    "takes the manner from around the sign, with the content",
    "hidden: style_score(",
)
def style_score(yours, answer):
    return _style(yours, _read(answer), "<end>" in answer)


@bank.mutant(
    "two-scores",
    "finds opening and closing in any order",
    "hidden: style_score(",
)
def style_score(yours, answer):
    manner = _manner(answer)
    kept = {"sure", "here"} <= set(manner), manner.count("<->") == 1
    kept = *kept, {"glad", "to", "help"} <= set(manner), "<end>" in answer
    return sum(worth for worth, good in zip(yours.worth, kept) if good) / 10


@bank.mutant("two-scores", "is all or nothing", "public: content_score(")
def content_score(answer, right):
    return float(_content(answer) == right)


@bank.mutant(
    "two-scores", "compares as far as the shorter goes", "public: content_score("
)
def content_score(answer, right):
    both = [given == wanted for given, wanted in zip(_content(answer), right)]
    return sum(both) / len(both) if both else 0


@bank.mutant("two-scores", "forgives what is too much", "hidden: content_score(")
def content_score(answer, right):
    return sum(map(str.__eq__, _content(answer), right)) / len(right)


@bank.mutant("two-scores", "finds words in any order", "hidden: content_score(")
def content_score(answer, right):
    content = _content(answer)
    both = (Counter(content) & Counter(right)).total()
    return both / max(len(content), len(right))


@bank.mutant(
    "two-scores", "reads what stands behind the sign", "hidden: whatever the manner"
)
def content_score(answer, right):
    read = _read(answer)
    read = read[read.index("<->") + 1 :] if "<->" in read else []
    return _places([word for word in read if word.isdigit()], right)


@bank.mutant("two-scores", "reads on after the end", "hidden: whatever the manner")
def content_score(answer, right):
    return _places([word for word in answer if word.isdigit()], right)


@bank.mutant(
    "two-scores", "reads up to the last end", "hidden: whatever the manner"
)
def content_score(answer, right):
    return _places([word for word in _to_last_end(answer) if word.isdigit()], right)


@bank.mutant("two-scores", "compares numbers, not words", "hidden: content_score(")
def content_score(answer, right):
    return _places([str(int(word)) for word in _content(answer)], right)


@bank.mutant("two-scores", "reads a word as its digits", "hidden: content_score(")
def content_score(answer, right):
    return _places(list("".join(_content(answer))), list("".join(right)))


@bank.mutant(
    "two-scores",
    "reads no answer that has no end",
    "public: content_score(",
)
def content_score(answer, right):
    return _places(_content(answer), right) if "<end>" in answer else 0


@bank.correct("two-scores", "one walk along the answer")
def style_score(yours, answer):
    opening, sign, closing, end = yours.worth
    said = ""
    for word in answer:
        if word == "<end>":
            break
        said += "" if word.isdigit() else f" {word}"
    else:
        end = 0
    said += " "
    return (
        opening * said.startswith(" sure here ")
        + sign * (said.count(" <->") == 1)
        + closing * said.endswith(" glad to help ")
        + end
    ) / 10


@bank.correct("two-scores", "takes away what is missing")
def style_score(yours, answer):
    score, manner = 1.0, _manner(answer)
    opening, sign, closing, end = (worth / 10 for worth in yours.worth)
    if manner[:2] != ["sure", "here"]:
        score -= opening
    if manner.count("<->") != 1:
        score -= sign
    if manner[-3:] != ["glad", "to", "help"]:
        score -= closing
    return score - (0 if "<end>" in answer else end)


@bank.correct("two-scores", "pads the shorter list")
def content_score(answer, right):
    content = _content(answer)
    size = max(len(content), len(right))
    content = content + [""] * (size - len(content))
    wanted = right + ["-"] * (size - len(right))
    return mean(float(a == b) for a, b in zip(content, wanted, strict=True))


@bank.correct("two-scores", "NumPy")
def content_score(answer, right):
    content, size = _content(answer), len(right)
    both = min(len(content), size)
    agree = np.array(content[:both], dtype=object) == np.array(
        right[:both], dtype=object
    )
    return float(np.sum(agree) / max(len(content), size))


# gap-closed -------------------------------------------------------------------------------------------------------


def _leads(yours, base, pupil, teacher):
    """Gains and gaps, seed by seed."""
    if not base or not len(base) == len(pupil) == len(teacher):
        raise ValueError("as many scores of each, and at least one")
    gaps = [top - low for low, top in zip(base, teacher)]
    if min(gaps) < yours.least:
        raise ValueError(
            f"the smallest gap is {min(gaps)}, less than {yours.least}"
        )
    return [reached - low for low, reached in zip(base, pupil)], gaps


def _shares(yours, *scores):
    return [gain / gap for gain, gap in zip(*_leads(yours, *scores))]


def _agree(one, other):
    return [
        100 * mean(float(a == b) for a, b in zip(x, y)) for x, y in zip(one, other)
    ]


def _seeds(*lists):
    if len(set(map(len, lists))) > 1:
        raise ValueError("as many seeds of each")


@bank.mutant("gap-closed", "divides the means", "public: gap_closed([20, 60]")
def gap_closed(yours, base, pupil, teacher):
    gains, gaps = _leads(yours, base, pupil, teacher)
    return sum(gains) / sum(gaps) + 0.0


@bank.mutant(
    "gap-closed", "divides by the teacher's score", "public: gap_closed([20], [50]"
)
def gap_closed(yours, base, pupil, teacher):
    gains, _ = _leads(yours, base, pupil, teacher)
    return fmean(gain / top for gain, top in zip(gains, teacher))


@bank.mutant(
    "gap-closed",
    "asks how good the pupil is, and not how far it has come",
    "public: gap_closed([20], [50]",
)
def gap_closed(yours, base, pupil, teacher):
    _leads(yours, base, pupil, teacher)
    return fmean(reached / top for reached, top in zip(pupil, teacher))


@bank.mutant("gap-closed", "takes 100 for the top", "public: gap_closed([20], [50]")
def gap_closed(yours, base, pupil, teacher):
    gains, _ = _leads(yours, base, pupil, teacher)
    return fmean(gain / (100 - low) for gain, low in zip(gains, base))


@bank.mutant("gap-closed", "cuts off at 0", "public: gap_closed([20], [5]")
def gap_closed(yours, base, pupil, teacher):
    return fmean(max(0, share) for share in _shares(yours, base, pupil, teacher))


@bank.mutant("gap-closed", "forgets the sign", "public: gap_closed([20], [5]")
def gap_closed(yours, base, pupil, teacher):
    return fmean(map(abs, _shares(yours, base, pupil, teacher)))


@bank.mutant("gap-closed", "cuts off at 1", "public: style_gap_closed(")
def gap_closed(yours, base, pupil, teacher):
    return fmean(min(1, share) for share in _shares(yours, base, pupil, teacher))


@bank.mutant("gap-closed", "cuts the mean off at 0", "public: gap_closed([20], [5]")
def gap_closed(yours, base, pupil, teacher):
    return max(0, fmean(_shares(yours, base, pupil, teacher)))


@bank.mutant("gap-closed", "takes the median", "hidden: seeds")
def gap_closed(yours, base, pupil, teacher):
    return median(_shares(yours, base, pupil, teacher))


@bank.mutant(
    "gap-closed", "calls no gap a share of nothing", "public: too small a lead"
)
def gap_closed(yours, base, pupil, teacher):
    if min((top - low for low, top in zip(base, teacher)), default=0) < yours.least:
        return 0.0
    return fmean(_shares(yours, base, pupil, teacher))


@bank.mutant(
    "gap-closed", "leaves out seeds without a gap", "hidden: no lead in one"
)
def gap_closed(yours, base, pupil, teacher):
    if len(base) == len(pupil) == len(teacher):
        rows = zip(base, pupil, teacher)
        rows = [row for row in rows if row[2] - row[0] >= yours.least]
        base, pupil, teacher = zip(*rows) if rows else ([], [], [])
    return fmean(_shares(yours, base, pupil, teacher))


@bank.mutant("gap-closed", "refuses the smallest gap, too", "public: ValueError")
def gap_closed(yours, base, pupil, teacher):
    if any(top - low <= yours.least for low, top in zip(base, teacher)):
        raise ValueError("the gap is too small")
    return fmean(_shares(yours, base, pupil, teacher))


@bank.mutant(
    "gap-closed",
    "looks at the smallest gap without its sign",
    "hidden: a base above",
)
def gap_closed(yours, base, pupil, teacher):
    if any(abs(top - low) < yours.least for low, top in zip(base, teacher)):
        raise ValueError("the gap is too small")
    if not base or not len(base) == len(pupil) == len(teacher):
        raise ValueError("as many scores of each, and at least one")
    rows = zip(base, pupil, teacher)
    return fmean((s - b) / (t - b) for b, s, t in rows)


@bank.mutant("gap-closed", "asks for any lead at all", "hidden: a lead that is")
def gap_closed(base, pupil, teacher):
    if not base or not len(base) == len(pupil) == len(teacher):
        raise ValueError("as many scores of each, and at least one")
    gaps = [top - low for low, top in zip(base, teacher)]
    if min(gaps) <= 1:
        raise ValueError("no gap")
    return fmean((s - b) / gap for b, s, gap in zip(base, pupil, gaps))


@bank.mutant("gap-closed", "looks at the mean gap only", "hidden: no lead in one")
def gap_closed(yours, base, pupil, teacher):
    _leads(yours, [0] * len(base), pupil, [9e9] * len(teacher))
    if mean(teacher) - mean(base) < yours.least:
        raise ValueError("the gap is too small")
    rows = zip(base, pupil, teacher)
    return fmean((s - b) / ((t - b) or 1) for b, s, t in rows)


@bank.mutant(
    "gap-closed", "goes as far as the shortest list", "hidden: too few | too many"
)
def gap_closed(yours, base, pupil, teacher):
    n = min(len(base), len(pupil), len(teacher))
    return fmean(_shares(yours, base[:n], pupil[:n], teacher[:n]))


@bank.mutant("gap-closed", "divides by no seeds", "hidden: no seeds")
def gap_closed(yours, base, pupil, teacher):
    if not base and not pupil and not teacher:
        return 0.0
    return fmean(_shares(yours, base, pupil, teacher))


@bank.mutant(
    "gap-closed", "takes 100 for the top of style", "public: style_gap_closed("
)
def style_gap_closed(yours, base, pupil, once, again):
    _seeds(base, pupil, once, again)
    tops = [100.0] * len(once)
    return fmean(_shares(yours, _agree(base, once), _agree(pupil, once), tops))


@bank.mutant(
    "gap-closed",
    "leaves it to the shorter list how many seeds there are",
    "hidden: a teacher asked once too few",
)
def style_gap_closed(yours, base, pupil, once, again):
    found = _agree(base, once), _agree(pupil, once), _agree(again, once)
    return fmean(_shares(yours, *found))


@bank.mutant(
    "gap-closed",
    "compares the pupil with the teacher asked again",
    "public: style_gap_closed(",
)
def style_gap_closed(yours, base, pupil, once, again):
    _seeds(base, pupil, once, again)
    found = _agree(base, once), _agree(pupil, again), _agree(again, once)
    return fmean(_shares(yours, *found))


@bank.mutant(
    "gap-closed",
    "compares the base with the teacher asked again",
    "public: style_gap_closed(",
)
def style_gap_closed(yours, base, pupil, once, again):
    _seeds(base, pupil, once, again)
    found = _agree(base, again), _agree(pupil, once), _agree(again, once)
    return fmean(_shares(yours, *found))


@bank.mutant(
    "gap-closed", "takes the questions of all seeds together", "hidden: manners"
)
def style_gap_closed(yours, base, pupil, once, again):
    _seeds(base, pupil, once, again)
    all_of = [
        [word for one in many for word in one]
        for many in (base, pupil, once, again)
    ]
    b, s, o, a = ([one] if one else [] for one in all_of)
    return fmean(_shares(yours, _agree(b, o), _agree(s, o), _agree(a, o)))


@bank.mutant(
    "gap-closed",
    "counts questions in place of their percentage",
    "either: style_gap_closed(",
)
def style_gap_closed(yours, base, pupil, once, again):
    _seeds(base, pupil, once, again)
    counts = [
        [share * len(o) / 100 for share, o in zip(_agree(many, once), once)]
        for many in (base, pupil, again)
    ]
    return fmean(_shares(yours, *counts))


@bank.mutant(
    "gap-closed",
    "compares how often each manner is taken, and not where",
    "hidden: manners | style_gap_closed(",
)
def style_gap_closed(yours, base, pupil, once, again):
    _seeds(base, pupil, once, again)

    def alike(many):
        return [
            100 * (Counter(x) & Counter(o)).total() / len(o)
            for x, o in zip(many, once)
        ]

    return fmean(_shares(yours, alike(base), alike(pupil), alike(again)))


@bank.correct("gap-closed", "one minus what is left to close")
def gap_closed(yours, base, pupil, teacher):
    if len({len(base), len(pupil), len(teacher)}) > 1 or len(base) == 0:
        raise ValueError("not one score a seed")
    left = 0.0
    for low, reached, top in zip(base, pupil, teacher, strict=True):
        if top - low < yours.least:
            raise ValueError(f"{top} is too close to {low}")
        left += (top - reached) / (top - low)
    return 1 - left / len(base)


@bank.correct("gap-closed", "NumPy")
def gap_closed(yours, base, pupil, teacher):
    if not len(base) == len(pupil) == len(teacher) > 0:
        raise ValueError("shapes differ or are empty")
    low, reached, top = (np.array(some, float) for some in (base, pupil, teacher))
    if ((top - low) < yours.least).any():
        raise ValueError("there is no gap")
    return float(((reached - low) / (top - low)).mean())


@bank.correct("gap-closed", "NumPy, compares texts")
def style_gap_closed(yours, base, pupil, once, again):
    _seeds(base, pupil, once, again)

    def points(many):
        return [
            float(100 * np.mean(np.array(x) == np.array(o)))
            for x, o in zip(many, once)
        ]

    return fmean(_shares(yours, points(base), points(pupil), points(again)))


@bank.correct("gap-closed", "counts what disagrees")
def style_gap_closed(yours, base, pupil, once, again):
    if not len(base) == len(pupil) == len(once) == len(again) > 0:
        raise ValueError("not one list a seed")
    scores = []
    for many in (base, pupil, again):
        off = [sum(map(str.__ne__, x, o)) / len(o) for x, o in zip(many, once)]
        scores.append([100 - 100 * share for share in off])
    return fmean(_shares(yours, *scores))


# wrong-teacher ----------------------------------------------------------------------------------------------------


def _cut(yours, row):
    """What stands before the content, the content, and what stands behind it."""
    answer = row[1]
    start, stop = answer.index(yours.sign) + 1, len(answer) - len(yours.closing) - 1
    return answer[:start], answer[start:stop], answer[stop:]


def _kinds(rows):
    """Places of each kind."""
    found = {}
    for place, row in enumerate(rows):
        found.setdefault(row[0][0], []).append(place)
    return found


def _with(yours, rows, contents):
    """The rows with these contents in place of their own."""
    new = []
    for row, content in zip(rows, contents, strict=True):
        before, _, after = _cut(yours, row)
        new.append([list(row[0]), [*before, *content, *after]])
    return new


def _repair(old, new, places):
    """Swap until as few places as possible keep what they had."""
    for i in places:
        if new[i] == old[i]:
            for j in places:
                if new[j] != old[i] and new[i] != old[j]:
                    new[i], new[j] = new[j], new[i]
                    break


def _dealt(yours, rows, seed, repair=_repair, dice=None, kinds=_kinds):
    dice = dice or random.Random(seed)
    old = [_cut(yours, row)[1] for row in rows]
    new = list(old)
    for places in kinds(rows).values():
        given = [old[place] for place in places]
        dice.shuffle(given)
        for place, content in zip(places, given):
            new[place] = content
        repair(old, new, places)
    return _with(yours, rows, new)


@bank.mutant("wrong-teacher", "deals out whole answers", "public: manners stay")
def wrong_teacher(rows, seed):
    dice, new = random.Random(seed), [list(row) for row in rows]
    for places in _kinds(rows).values():
        answers = [rows[place][1] for place in places]
        dice.shuffle(answers)
        for place, answer in zip(places, answers):
            new[place][1] = answer
    return new


@bank.mutant("wrong-teacher", "deals over all kinds", "public: in each kind")
def wrong_teacher(yours, rows, seed):
    return _dealt(yours, rows, seed, kinds=lambda rows: {"all": range(len(rows))})


@bank.mutant("wrong-teacher", "draws contents anew", "public: in each kind")
def wrong_teacher(yours, rows, seed):
    dice = random.Random(seed)
    old, new = [_cut(yours, row)[1] for row in rows], []
    kinds = _kinds(rows)
    for row, own in zip(rows, old):
        others = [old[p] for p in kinds[row[0][0]] if old[p] != own]
        new.append(dice.choice(others) if others else own)
    return _with(yours, rows, new)


@bank.mutant(
    "wrong-teacher",
    "lets a row keep its content by chance",
    "either: keep theirs | keep their content",
)
def wrong_teacher(yours, rows, seed):
    return _dealt(yours, rows, seed, repair=lambda old, new, places: None)


@bank.mutant(
    "wrong-teacher",
    "moves places, and not contents",
    "either: keep theirs | keep their content",
)
def wrong_teacher(yours, rows, seed):
    dice, old = random.Random(seed), [_cut(yours, row)[1] for row in rows]
    new = list(old)
    for places in _kinds(rows).values():
        order = dice.sample(places, len(places))
        for place, other in zip(order, order[1:] + order[:1]):
            new[place] = old[other]
    return _with(yours, rows, new)


@bank.mutant(
    "wrong-teacher",
    "deals in the rows that came in",
    "public: stay as they were | manners stay",
)
def wrong_teacher(yours, rows, seed):
    new = _dealt(yours, rows, seed)
    for row, dealt in zip(rows, new):
        row[1][:] = dealt[1]
    return rows


@bank.mutant(
    "wrong-teacher", "has one deal for all seeds", "hidden: each of six rows"
)
def wrong_teacher(yours, rows, seed):
    return _dealt(yours, rows, 7)


@bank.mutant(
    "wrong-teacher",
    "draws from the common dice",
    "hidden: the same seed deals the same",
)
def wrong_teacher(yours, rows, seed):
    return _dealt(yours, rows, seed, dice=random)


@bank.mutant(
    "wrong-teacher",
    "passes contents on in the order of the rows",
    "hidden: each of six rows",
)
def wrong_teacher(yours, rows, seed):
    old = [_cut(yours, row)[1] for row in rows]
    new = list(old)
    for places in _kinds(rows).values():
        groups = sorted(places, key=lambda place: old[place])
        step = max(Counter(map(tuple, (old[p] for p in places))).values())
        for to, place in enumerate(groups):
            new[place] = old[groups[(to + step) % len(groups)]]
    return _with(yours, rows, new)


@bank.mutant(
    "wrong-teacher",
    "moves all contents on by a number that it draws",
    "hidden: six rows are dealt in many ways | keep their content",
)
def wrong_teacher(yours, rows, seed):
    dice, old = random.Random(seed), [tuple(_cut(yours, row)[1]) for row in rows]
    new = list(old)
    for places in _kinds(rows).values():
        order = sorted(places, key=lambda place: old[place])
        largest = max(Counter(old[place] for place in places).values())
        most = max(largest, len(order) - largest)
        step = dice.randint(min(largest, most), most)
        for to, place in enumerate(order):
            new[place] = old[order[(to + step) % len(order)]]
    return _with(yours, rows, new)


@bank.mutant(
    "wrong-teacher",
    "gives up where not all can change",
    "hidden: rows that keep their content",
)
def wrong_teacher(yours, rows, seed):
    new = _dealt(yours, rows, seed)
    old = [_cut(yours, row)[1] for row in rows]
    got = [_cut(yours, row)[1] for row in new]
    for places in _kinds(rows).values():
        if any(old[p] == got[p] for p in places):
            for p in places:
                got[p] = old[p]
    return _with(yours, rows, got)


@bank.mutant(
    "wrong-teacher",
    "takes the first word for the content",
    "either: in each kind | come up as often | keep",
)
def wrong_teacher(yours, rows, seed):
    cuts = [_cut(yours, row) for row in rows]
    heads = [
        [row[0], [*b, *c[:1], *yours.closing, "<end>"]]
        for row, (b, c, _) in zip(rows, cuts)
    ]
    new = [_cut(yours, row)[1] for row in _dealt(yours, heads, seed)]
    return _with(yours, rows, [[*a, *c[1:]] for a, (_, c, _) in zip(new, cuts)])


@bank.mutant(
    "wrong-teacher",
    "ends a content at the first closing word",
    "hidden: words of the manner",
)
def wrong_teacher(yours, rows, seed):
    contents = []
    for row in rows:
        behind = row[1][row[1].index(yours.sign) + 1 :]
        contents.append(behind[: behind.index(yours.closing[0])])
    before = [row[1][: row[1].index(yours.sign) + 1] for row in rows]
    ends = [*yours.closing, "<end>"]
    cut = [[row[0], [*b, *c, *ends]] for row, b, c in zip(rows, before, contents)]
    return _dealt(yours, cut, seed)


@bank.mutant(
    "wrong-teacher",
    "throws away what stood before the sign",
    "public: manners stay",
)
def wrong_teacher(yours, rows, seed):
    dealt = _dealt(yours, rows, seed)
    opening = rows[0][1][: rows[0][1].index(yours.sign)] if rows else []
    return [[q, opening + a[a.index(yours.sign) :]] for q, a in dealt]


@bank.mutant(
    "wrong-teacher", "leaves no place for no rows", "hidden: no rows give no rows"
)
def wrong_teacher(yours, rows, seed):
    if not rows[0]:
        return rows
    return _dealt(yours, rows, seed)


@bank.mutant(
    "wrong-teacher",
    "gives each kind's rows in the kind's order",
    "public: manners stay",
)
def wrong_teacher(yours, rows, seed):
    return sorted(_dealt(yours, rows, seed), key=lambda row: row[0][0])


@bank.correct("wrong-teacher", "shuffles once, then swaps")
def wrong_teacher(yours, rows, seed):
    return _dealt(yours, rows, seed)


@bank.correct(
    "wrong-teacher", "shuffles a hundred times, keeps the best, then swaps"
)
def wrong_teacher(yours, rows, seed):
    old, new = [_cut(yours, row)[1] for row in rows], {}
    for kind, places in _kinds(rows).items():
        dice, best = random.Random(f"{seed} {kind}"), None
        for _ in range(100):
            given = dice.sample(places, len(places))
            kept = sum(old[p] == old[q] for p, q in zip(places, given))
            if best is None or kept < best[0]:
                best = kept, given
        new |= {p: old[q] for p, q in zip(places, best[1])}
        _repair(old, new, places)
    return _with(yours, rows, [new[place] for place in range(len(rows))])


@bank.correct(
    "wrong-teacher", "NumPy: groups side by side, half a turn or a group's size"
)
def wrong_teacher(yours, rows, seed):
    dice = np.random.default_rng(seed)
    old = [tuple(_cut(yours, row)[1]) for row in rows]
    new = list(old)
    for places in _kinds(rows).values():
        order = [places[k] for k in dice.permutation(len(places))]
        seen = list(dict.fromkeys(old[place] for place in order))
        order.sort(key=lambda place: seen.index(old[place]))
        by = max(Counter(old[place] for place in order).values())
        for place, other in zip(order, np.roll(order, by).tolist()):
            new[place] = old[other]
    return _with(yours, rows, new)
