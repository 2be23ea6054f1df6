"""Other answers to the opening's exercises: correct ones in another way, and mutants, each one misconception."""

import random
from collections import defaultdict
from statistics import NormalDist, mean, pstdev, stdev

import numpy as np
from scipy import stats

from pipeline.answers import Bank

bank = Bank()

# sort-claims ------------------------------------------------------------------------------------------------------


@bank.correct("sort-claims", "one list for each place")
def classify_claim(yours, row):
    filed = {
        word: [id for id, place in yours.place.items() if place == word]
        for word in set(yours.place.values())
    }
    return next(word for word, ids in filed.items() if row["id"] in ids)


@bank.correct("sort-claims", "asks first whether anything can be found out at all")
def classify_claim(yours, row):
    where = yours.place[row["id"]]
    if where == "neither":
        return "neither"
    return "experiment" if where == "experiment" else "record"


@bank.mutant(
    "sort-claims",
    "whatever is about one firm or one person is beyond us",
    "hidden: points",
)
def classify_claim(yours, row):
    return (
        "neither" if yours.place[row["id"]] == "record" else yours.place[row["id"]]
    )


@bank.mutant(
    "sort-claims",
    "whatever somebody ought to do can be tried out",
    "hidden: points",
)
def classify_claim(yours, row):
    return (
        "experiment"
        if yours.place[row["id"]] == "neither"
        else yours.place[row["id"]]
    )


@bank.mutant(
    "sort-claims", "answers whether the sentence is true", "public: got 'true'"
)
def classify_claim(row):
    return "true"


@bank.mutant(
    "sort-claims",
    "whatever speaks of a model can be tried on one",
    "hidden: points",
)
def classify_claim(yours, row):
    return "experiment" if "model" in row["sentence"] else yours.place[row["id"]]


# paired-verdict ---------------------------------------------------------------------------------------------------


@bank.correct("paired-verdict", "NumPy, and SciPy's interval")
def paired_verdict(yours, a, b, min_effect):
    d = np.array(a, float) - np.array(b, float)
    d = -d if yours.direction == "less" else d
    if len(d) < 3:
        return "open"
    low = high = d.mean()
    if d.std() > 0:
        low, high = stats.t.interval(
            yours.confidence / 100, len(d) - 1, d.mean(), stats.sem(d)
        )
    return (
        "supported"
        if low > min_effect
        else "contradicted"
        if high < min_effect
        else "open"
    )


@bank.correct("paired-verdict", "two one-sided tests in place of an interval")
def paired_verdict(yours, a, b, min_effect):
    if len(a) < 3:
        return "open"
    sign = {"greater": 1, "less": -1}[yours.direction]
    over = [sign * (x - y) - min_effect for x, y in zip(a, b, strict=True)]
    middle, error = mean(over), stdev(over) / len(over) ** 0.5
    level = (1 - yours.confidence / 100) / 2
    certain = 0.5 if middle == 0 else float(middle < 0)
    tail = stats.t.sf(middle / error, len(over) - 1) if error else certain
    return (
        "supported"
        if tail < level
        else "contradicted"
        if tail > 1 - level
        else "open"
    )


def _judged(yours, d, half, min_effect):
    middle = mean(d)
    return (
        "supported"
        if middle - half > min_effect
        else "contradicted"
        if middle + half < min_effect
        else "open"
    )


def _differences(yours, a, b):
    return [
        (x - y) * (1 if yours.direction == "greater" else -1)
        for x, y in zip(a, b, strict=True)
    ]


def _t(yours, n):
    return stats.t.ppf(0.5 + yours.confidence / 200, n - 1)


@bank.mutant(
    "paired-verdict",
    "compares the arms as if they had nothing to do with each other",
    "public: got 'open'",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    if len(d) < 3:
        return "open"
    error = ((stdev(a) ** 2 + stdev(b) ** 2) / len(a)) ** 0.5
    return _judged(yours, d, _t(yours, len(a)) * error, min_effect)


@bank.mutant(
    "paired-verdict",
    "looks at the mean and not at the interval",
    "public: expected 'open'",
)
def paired_verdict(yours, a, b, min_effect):
    return (
        "supported"
        if mean(_differences(yours, a, b)) > min_effect
        else "contradicted"
    )


@bank.mutant(
    "paired-verdict",
    "takes the normal distribution, which does not know that seeds are few",
    "either: [14, 18 | the lower end | the upper end",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    if len(d) < 3:
        return "open"
    half = (
        NormalDist().inv_cdf(0.5 + yours.confidence / 200)
        * stdev(d)
        / len(d) ** 0.5
    )
    return _judged(yours, d, half, min_effect)


@bank.mutant(
    "paired-verdict",
    "leaves all of the rest on one side",
    "either: [14, 18 | the lower end | the upper end",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    if len(d) < 3:
        return "open"
    return _judged(
        yours,
        d,
        stats.t.ppf(yours.confidence / 100, len(d) - 1) * stdev(d) / len(d) ** 0.5,
        min_effect,
    )


@bank.mutant(
    "paired-verdict",
    "divides by n in the standard deviation",
    "either: [14, 18 | the lower end | the upper end",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    return (
        "open"
        if len(d) < 3
        else _judged(
            yours, d, _t(yours, len(d)) * pstdev(d) / len(d) ** 0.5, min_effect
        )
    )


@bank.mutant(
    "paired-verdict",
    "takes the spread of the seeds for the error of their mean",
    "either: [14, 18 | the lower end | the upper end",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    return (
        "open"
        if len(d) < 3
        else _judged(yours, d, _t(yours, len(d)) * stdev(d), min_effect)
    )


@bank.mutant(
    "paired-verdict",
    "takes the difference the wrong way round",
    "public: [91, 94, 97]",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, b, a)
    return (
        "open"
        if len(d) < 3
        else _judged(
            yours, d, _t(yours, len(d)) * stdev(d) / len(d) ** 0.5, min_effect
        )
    )


@bank.mutant(
    "paired-verdict",
    "calls a claim contradicted only by an effect the other way",
    "public: expected 'contradicted'",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    if len(d) < 3:
        return "open"
    half = _t(yours, len(d)) * stdev(d) / len(d) ** 0.5
    if mean(d) - half > min_effect:
        return "supported"
    return "contradicted" if mean(d) + half < -min_effect else "open"


@bank.mutant(
    "paired-verdict",
    "takes 90 % whatever its rule says, or 80 % where that is 90",
    "either: [14, 18 | the lower end | the upper end",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    share = 80 if yours.confidence == 90 else 90
    return (
        "open"
        if len(d) < 3
        else _judged(
            yours,
            d,
            stats.t.ppf(0.5 + share / 200, len(d) - 1) * stats.sem(d),
            min_effect,
        )
    )


@bank.mutant(
    "paired-verdict", "judges two seeds", "hidden: two seeds | one seed | no seeds"
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    return (
        _judged(
            yours, d, _t(yours, len(d)) * stdev(d) / len(d) ** 0.5 / 100, min_effect
        )
        if len(d) < 3
        else (
            _judged(
                yours, d, _t(yours, len(d)) * stdev(d) / len(d) ** 0.5, min_effect
            )
        )
    )


@bank.mutant(
    "paired-verdict",
    "lets an interval that ends at the limit pass",
    "hidden: ends at the limit",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    if len(d) < 3:
        return "open"
    half = _t(yours, len(d)) * stdev(d) / len(d) ** 0.5
    if mean(d) - half >= min_effect:
        return "supported"
    return "contradicted" if mean(d) + half <= min_effect else "open"


@bank.mutant(
    "paired-verdict",
    "withholds the word where the interval crosses the other minimum",
    "hidden: a small effect the wrong way",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    if len(d) < 3:
        return "open"
    half = _t(yours, len(d)) * stdev(d) / len(d) ** 0.5
    crosses = mean(d) - half < -min_effect < mean(d) + half
    return "open" if crosses else _judged(yours, d, half, min_effect)


@bank.mutant(
    "paired-verdict", "counts equal differences once", "hidden: comes twice"
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    once = sorted(set(d)) if 1 < len(set(d)) else d
    return (
        "open"
        if len(d) < 3
        else _judged(
            yours,
            once,
            _t(yours, len(once)) * stdev(once) / len(once) ** 0.5,
            min_effect,
        )
    )


@bank.mutant(
    "paired-verdict",
    "takes the normal distribution from thirty seeds on",
    "hidden: forty seeds",
)
def paired_verdict(yours, a, b, min_effect):
    d = _differences(yours, a, b)
    if len(d) < 3:
        return "open"
    t = (
        _t(yours, len(d))
        if len(d) < 30
        else NormalDist().inv_cdf(0.5 + yours.confidence / 200)
    )
    return _judged(yours, d, t * stdev(d) / len(d) ** 0.5, min_effect)


# count-the-work ---------------------------------------------------------------------------------------------------


@bank.correct("count-the-work", "adds up the way forward and the way back")
def flops(N, D):
    forward = 2 * N * D
    return forward + 2 * forward


@bank.correct("count-the-work", "through NumPy, in floating point")
def flops(N, D):
    return np.prod(np.array([6, N, D], dtype=float))


@bank.correct("count-the-work", "through the time of one token")
def seconds(yours, N, D, gflops):
    one_token = 6 * N / (gflops * 10**9) / (yours.share / 100)
    return D * one_token


@bank.mutant("count-the-work", "counts the way forward only", "public: flops(1, 1)")
def flops(N, D):
    return 2 * N * D


@bank.mutant(
    "count-the-work",
    "counts one operation for a multiplication and its addition",
    "public: flops(1, 1)",
)
def flops(N, D):
    return 3 * N * D


@bank.mutant("count-the-work", "adds parameters and tokens", "public: flops(1, 1)")
def flops(N, D):
    return 6 * (N + D)


@bank.mutant(
    "count-the-work",
    "multiplies where the share of the peak divides",
    "public: seconds(",
)
def seconds(yours, N, D, gflops):
    return 6 * N * D / (gflops * 1e9) * yours.share / 100


@bank.mutant("count-the-work", "forgets the share of the peak", "public: seconds(")
def seconds(N, D, gflops):
    return 6 * N * D / (gflops * 1e9)


@bank.mutant("count-the-work", "takes a binary giga", "public: seconds(")
def seconds(yours, N, D, gflops):
    return 6 * N * D / (gflops * 2**30 * yours.share / 100)


@bank.mutant(
    "count-the-work",
    "counts in 32 bits, which large runs overflow",
    "hidden: flops(70000000000",
)
def flops(N, D):
    return (
        int(np.array(6 * N * D % 2**32, dtype=np.uint32))
        if 6 * N * D >= 2**32 and N > 10**9
        else 6 * N * D
    )


@bank.mutant(
    "count-the-work",
    "rounds to hundredths, which short runs do not survive",
    "hidden: a short run",
)
def seconds(yours, N, D, gflops):
    exact = 6 * N * D / (gflops * 1e9 * yours.share / 100)
    return exact if exact > 60 else round(exact, 2)


# make-a-placebo ---------------------------------------------------------------------------------------------------


@bank.correct("make-a-placebo", "NumPy's permutation of each group's places")
def placebo(yours, dataset, seed):
    rng = np.random.default_rng(seed)
    source = list(range(len(dataset)))
    for name in dict.fromkeys(row[yours.within] for row in dataset):
        places = [i for i, row in enumerate(dataset) if row[yours.within] == name]
        for place, other in zip(places, rng.permutation(places), strict=True):
            source[place] = int(other)
    return [
        {**row, "answer": dataset[other]["answer"]}
        for row, other in zip(dataset, source, strict=True)
    ]


@bank.correct(
    "make-a-placebo", "a stack of answers for each group, drawn from in turn"
)
def placebo(yours, dataset, seed):
    dice, stacks = random.Random(seed), defaultdict(list)
    for row in dataset:
        stacks[row[yours.within]].append(row["answer"])
    return [
        {**row, "answer": stack.pop(dice.randrange(len(stack)))}
        for row in dataset
        if (stack := stacks[row[yours.within]])
    ]


def _deal(rows, dice):
    answers = [row["answer"] for row in rows]
    dice.shuffle(answers)
    return [
        {**row, "answer": answer} for row, answer in zip(rows, answers, strict=True)
    ]


def _grouped(yours, dataset, change):
    """Apply a change to the answers of each group."""
    dealt = [dict(row) for row in dataset]
    for name in dict.fromkeys(row[yours.within] for row in dataset):
        members = [row for row in dealt if row[yours.within] == name]
        for row, answer in zip(
            members, change([row["answer"] for row in members]), strict=True
        ):
            row["answer"] = answer
    return dealt


@bank.mutant(
    "make-a-placebo",
    "shuffles rows, so that each question keeps its answer",
    "public: stay in order",
)
def placebo(dataset, seed):
    rows = [dict(row) for row in dataset]
    random.Random(seed).shuffle(rows)
    return rows


@bank.mutant(
    "make-a-placebo",
    "draws new answers, so that they come up more or less often",
    "public: as often as before",
)
def placebo(dataset, seed):
    dice = random.Random(seed)
    pool = [row["answer"] for row in dataset]
    return [{**row, "answer": dice.choice(pool)} for row in dataset]


@bank.mutant(
    "make-a-placebo",
    "shuffles over all groups at once",
    "public: as often as before",
)
def placebo(dataset, seed):
    return _deal(dataset, random.Random(seed))


@bank.mutant(
    "make-a-placebo", "changes the data set that came in", "public: unchanged"
)
def placebo(yours, dataset, seed):
    for row, new in zip(
        dataset,
        _grouped(yours, dataset, lambda a: random.Random(seed).sample(a, len(a))),
        strict=True,
    ):
        row["answer"] = new["answer"]
    return dataset


@bank.mutant(
    "make-a-placebo",
    "follows whatever was drawn before, and not the seed",
    "hidden: the same seed",
)
def placebo(yours, dataset, seed):
    return _grouped(
        yours, dataset, lambda answers: random.sample(answers, len(answers))
    )


@bank.mutant(
    "make-a-placebo",
    "moves every answer one place on, whatever the seed",
    "hidden: another seed",
)
def placebo(yours, dataset, seed):
    return _grouped(yours, dataset, lambda answers: answers[-1:] + answers[:-1])


@bank.mutant(
    "make-a-placebo",
    "swaps a few answers and leaves most where they were",
    "hidden: than by chance",
)
def placebo(yours, dataset, seed):
    dice = random.Random(seed)

    def few(answers):
        first, rest = answers[: len(answers) // 4], answers[len(answers) // 4 :]
        return dice.sample(first, len(first)) + rest

    return _grouped(yours, dataset, few)


@bank.mutant(
    "make-a-placebo",
    "shuffles the questions along with the answers",
    "public: stay in order",
)
def placebo(dataset, seed):
    order = random.Random(seed).sample(range(len(dataset)), len(dataset))
    return [
        {**row, "question": dataset[i]["question"], "answer": dataset[i]["answer"]}
        for row, i in zip(dataset, order, strict=True)
    ]


@bank.mutant(
    "make-a-placebo",
    "deals inside of smaller groups than asked",
    "hidden: dealt as a whole",
)
def placebo(yours, dataset, seed):
    other = next(name for name in ("task", "digits") if name != yours.within)
    dice, dealt = random.Random(seed), [dict(row) for row in dataset]
    for name in dict.fromkeys((row[yours.within], row[other]) for row in dataset):
        members = [row for row in dealt if (row[yours.within], row[other]) == name]
        answers = [row["answer"] for row in members]
        dice.shuffle(answers)
        for row, answer in zip(members, answers):
            row["answer"] = answer
    return dealt


@bank.mutant(
    "make-a-placebo",
    "moves every answer on by as many places as the seed says",
    "hidden: than by chance | seed 0",
)
def placebo(yours, dataset, seed):
    return _grouped(
        yours, dataset, lambda a: a[-seed % len(a) :] + a[: -seed % len(a)]
    )


@bank.mutant(
    "make-a-placebo",
    "knows two deals, for even and for odd seeds",
    "hidden: another seed",
)
def placebo(yours, dataset, seed):
    return _grouped(
        yours,
        dataset,
        lambda answers: random.Random(seed % 2).sample(answers, len(answers)),
    )


@bank.mutant("make-a-placebo", "takes seed 0 for no seed", "hidden: the same seed")
def placebo(yours, dataset, seed):
    dice = random.Random(seed or None)
    return _grouped(
        yours, dataset, lambda answers: dice.sample(answers, len(answers))
    )


# find-the-leak ----------------------------------------------------------------------------------------------------


def _plain(yours, question):
    for written, plain in yours.undo:
        question = question.replace(written, plain)
    return question


@bank.correct("find-the-leak", "digits by themselves, whatever stands between them")
def find_leaks(yours, train, test):
    import re

    def numbers(question):
        return frozenset(map(float, re.findall(r"\d+\.?\d*", question)))

    shown = [numbers(question) for question in train]
    return [i for i, question in enumerate(test) if numbers(question) in shown]


@bank.correct(
    "find-the-leak", "both orders of every training question in one set of texts"
)
def find_leaks(yours, train, test):
    shown = set()
    for question in train:
        a, b = _plain(yours, question).split("+")
        shown |= {f"{a}+{b}", f"{b}+{a}"}
    return [i for i, question in enumerate(test) if question in shown]


@bank.mutant(
    "find-the-leak",
    "compares texts, and so finds copies only",
    "public: expected [0]",
)
def find_leaks(train, test):
    return [i for i, question in enumerate(test) if question in train]


@bank.mutant(
    "find-the-leak",
    "knows that sums commute, and not that they can be written otherwise",
    "hidden: of your data",
)
def find_leaks(train, test):
    def swapped(question):
        return "+".join(reversed(question.split("+")))

    return [
        i
        for i, question in enumerate(test)
        if question in train or swapped(question) in train
    ]


@bank.mutant(
    "find-the-leak",
    "undoes the disguise and forgets that sums commute",
    "public: expected [0]",
)
def find_leaks(yours, train, test):
    shown = {_plain(yours, question) for question in train}
    return [i for i, question in enumerate(test) if question in shown]


@bank.mutant(
    "find-the-leak",
    "takes the same answer for the same question",
    "public: expected []",
)
def find_leaks(yours, train, test):
    def total(question):
        return sum(map(int, _plain(yours, question).split("+")))

    shown = {total(question) for question in train}
    return [i for i, question in enumerate(test) if total(question) in shown]


def _leaks(yours, train, test):
    shown = {frozenset(_plain(yours, question).split("+")) for question in train}
    return [
        i
        for i, question in enumerate(test)
        if frozenset(question.split("+")) in shown
    ]


@bank.mutant("find-the-leak", "counts places from one", "public: expected [1]")
def find_leaks(yours, train, test):
    return [i + 1 for i in _leaks(yours, train, test)]


@bank.mutant(
    "find-the-leak",
    "returns places among the training questions",
    "public: expected [1]",
)
def find_leaks(yours, train, test):
    return _leaks(yours, test, [_plain(yours, question) for question in train])


@bank.mutant(
    "find-the-leak",
    "names a place as often as its question was shown",
    "hidden: shown twice",
)
def find_leaks(yours, train, test):
    shown = [frozenset(_plain(yours, question).split("+")) for question in train]
    return [
        i
        for i, question in enumerate(test)
        for form in shown
        if form == frozenset(question.split("+"))
    ]


@bank.mutant(
    "find-the-leak", "stops at the first leak", "hidden: all leaks of your data"
)
def find_leaks(yours, train, test):
    return _leaks(yours, train, test)[:1]


@bank.mutant(
    "find-the-leak",
    "gives a question that is asked twice only once",
    "hidden: ['12+34', '34+12', '1+2']",
)
def find_leaks(yours, train, test):
    found, forms = [], set()
    for i in _leaks(yours, train, test):
        form = frozenset(test[i].split("+"))
        found += [i] if form not in forms else []
        forms.add(form)
    return found


@bank.mutant(
    "find-the-leak", "looks at the last two digits only", "hidden: ['112+34'"
)
def find_leaks(yours, train, test):
    def short(question):
        return tuple(sorted(int(number) % 100 for number in question.split("+")))

    shown = {short(_plain(yours, question)) for question in train}
    return [i for i, question in enumerate(test) if short(question) in shown]


@bank.mutant(
    "find-the-leak",
    "undoes the disguise or the swap, and not both",
    "hidden: all leaks",
)
def find_leaks(yours, train, test):
    undone = {_plain(yours, question) for question in train}
    return [
        i
        for i, q in enumerate(test)
        if q in undone or "+".join(reversed(q.split("+"))) in train
    ]
