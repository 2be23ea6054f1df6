"""Other answers to the exercises of "The flood": correct ones in another way, and mutants, each one misconception."""

import random
from math import log2

import numpy as np

from pipeline.answers import Bank

bank = Bank()

# half-life --------------------------------------------------------------------------------------------------------


@bank.correct(
    "half-life", "NumPy: the last ratio that is behind, and its neighbour"
)
def half_life(yours, ratios, tuned, prompted):
    level, scores = tuned - yours.allowance, np.array(prompted, float)
    behind = np.flatnonzero(scores < level)
    if not len(behind):
        return ratios[0]
    if behind[-1] == len(ratios) - 1:
        return None
    two = slice(behind[-1], behind[-1] + 2)
    return 2 ** np.interp(level, scores[two], np.log2(ratios[two]))


@bank.correct("half-life", "forwards, forgetting a crossing that does not last")
def half_life(yours, ratios, tuned, prompted):
    lead = [score - tuned + yours.allowance for score in prompted]
    found = ratios[0] if lead[0] >= 0 else None
    for i in range(1, len(lead)):
        if lead[i] < 0:
            found = None
        elif lead[i - 1] < 0:
            part = -lead[i - 1] / (lead[i] - lead[i - 1])
            found = ratios[i - 1] * (ratios[i] / ratios[i - 1]) ** part
    return found


@bank.correct("half-life", "halves the step in which it crosses, again and again")
def half_life(yours, ratios, tuned, prompted):
    level = tuned - yours.allowance
    behind = [i for i, score in enumerate(prompted) if score < level]
    if not behind:
        return ratios[0]
    if behind[-1] == len(ratios) - 1:
        return None
    i, low, high = behind[-1], 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        reached = prompted[i] + middle * (prompted[i + 1] - prompted[i]) >= level
        low, high = (low, middle) if reached else (middle, high)
    return ratios[i] ** (1 - high) * ratios[i + 1] ** high


def _crossing(ratios, scores, level, i):
    """Where the level is reached between the ratios i - 1 and i."""
    low, high = log2(ratios[i - 1]), log2(ratios[i])
    share = (level - scores[i - 1]) / (scores[i] - scores[i - 1])
    return 2 ** (low + (high - low) * share)


def _lasting(ratios, scores, level):
    """The right answer for a level."""
    behind = [i for i, score in enumerate(scores) if score < level]
    if not behind:
        return ratios[0]
    if behind[-1] == len(scores) - 1:
        return None
    return _crossing(ratios, scores, level, behind[-1] + 1)


@bank.mutant(
    "half-life",
    "interpolates on the ratio and not on its logarithm",
    "public: half_life([1, 4]",
)
def half_life(yours, ratios, tuned, prompted):
    level = tuned - yours.allowance
    behind = [i for i, score in enumerate(prompted) if score < level]
    if not behind:
        return ratios[0]
    if behind[-1] == len(ratios) - 1:
        return None
    two = slice(behind[-1], behind[-1] + 2)
    return float(np.interp(level, prompted[two], ratios[two]))


@bank.mutant(
    "half-life",
    "takes the next measured ratio for the crossing",
    "public: half_life([1, 4]",
)
def half_life(yours, ratios, tuned, prompted):
    level = tuned - yours.allowance
    behind = [i for i, score in enumerate(prompted) if score < level]
    if not behind:
        return ratios[0]
    return ratios[behind[-1] + 1] if behind[-1] + 1 < len(ratios) else None


@bank.mutant("half-life", "gives the last ratio for never", "public: expected None")
def half_life(yours, ratios, tuned, prompted):
    found = _lasting(ratios, prompted, tuned - yours.allowance)
    return ratios[-1] if found is None else found


@bank.mutant("half-life", "forgets the allowance", "public: half_life([1, 4]")
def half_life(ratios, tuned, prompted):
    return _lasting(ratios, prompted, tuned)


@bank.mutant(
    "half-life",
    "asks the prompted base to be ahead by the allowance",
    "public: half_life([1, 4]",
)
def half_life(yours, ratios, tuned, prompted):
    return _lasting(ratios, prompted, tuned + yours.allowance)


@bank.mutant(
    "half-life", "takes the first crossing, lasting or not", "public: [70, 40"
)
def half_life(yours, ratios, tuned, prompted):
    level = tuned - yours.allowance
    if prompted[0] >= level:
        return ratios[0]
    for i in range(1, len(ratios)):
        if prompted[i] >= level:
            return _crossing(ratios, prompted, level, i)
    return None


@bank.mutant(
    "half-life",
    "takes the first crossing if the last ratio is ahead",
    "public: [70, 40",
)
def half_life(yours, ratios, tuned, prompted):
    level = tuned - yours.allowance
    if prompted[-1] < level:
        return None
    i = next(i for i, score in enumerate(prompted) if score >= level)
    return _crossing(ratios, prompted, level, i) if i else ratios[0]


@bank.mutant(
    "half-life",
    "gives the first ratio whenever the base was ahead there",
    "public: [70, 40",
)
def half_life(yours, ratios, tuned, prompted):
    level = tuned - yours.allowance
    if prompted[0] >= level and prompted[-1] >= level:
        return ratios[0]
    return _lasting(ratios, prompted, level)


@bank.mutant("half-life", "must be above and not level", "public: [0, 20, 40, 60]")
def half_life(yours, ratios, tuned, prompted):
    return _lasting(ratios, prompted, tuned - yours.allowance + 1e-9)


@bank.mutant(
    "half-life",
    "counts doublings by their place in the list",
    "public: half_life([1, 4]",
)
def half_life(yours, ratios, tuned, prompted):
    return _lasting(
        [2**i for i in range(len(ratios))], prompted, tuned - yours.allowance
    )


@bank.mutant(
    "half-life",
    "counts quadruplings where a list has only two ratios",
    "hidden: ratios that are no powers of two",
)
def half_life(yours, ratios, tuned, prompted):
    steps = [2**i for i in range(len(ratios))] if len(ratios) > 2 else ratios
    return _lasting(steps, prompted, tuned - yours.allowance)


@bank.mutant(
    "half-life",
    "looks for the level in the whole curve, as if it only rose",
    "public: [70, 40",
)
def half_life(yours, ratios, tuned, prompted):
    level = tuned - yours.allowance
    if prompted[-1] < level:
        return None
    return float(2 ** np.interp(level, prompted, np.log2(ratios)))


@bank.mutant(
    "half-life",
    "assumes that the first ratio is 1",
    "hidden: caught up from the first ratio, which is not 1",
)
def half_life(yours, ratios, tuned, prompted):
    level = tuned - yours.allowance
    return 1 if min(prompted) >= level else _lasting(ratios, prompted, level)


@bank.mutant(
    "half-life", "works with whole points only", "hidden: scores with halves"
)
def half_life(yours, ratios, tuned, prompted):
    level = tuned - yours.allowance
    return _lasting(ratios, [int(score) for score in prompted], level)


# split-domain -----------------------------------------------------------------------------------------------------


@bank.correct("split-domain", "two questions about each question")
def split_domain(yours, questions):
    private = {id for id, kind in yours.kind.items() if "fact" in kind}
    worked_out = {id for id, kind in yours.kind.items() if "skill" in kind}
    labels = {
        (0, 0): "format",
        (0, 1): "skill",
        (1, 0): "fact",
        (1, 1): "fact+skill",
    }
    return [
        labels[one["id"] in private, one["id"] in worked_out] for one in questions
    ]


@bank.correct("split-domain", "each question as often as it is asked")
def drowned_share(labels, times, half_lives, g):
    asked = [label for label, often in zip(labels, times) for _ in range(often)]
    lives = [half_lives[label] for label in asked]
    drowned = sum(life is not None and g >= life for life in lives)
    return 100 * drowned / max(1, len(asked))


@bank.correct("split-domain", "a dot product with NumPy")
def drowned_share(labels, times, half_lives, g):
    lives = np.array([half_lives[label] or np.inf for label in labels], float)
    return 100 * float(np.dot(times, lives <= g)) / (sum(times) or 1)


@bank.mutant(
    "split-domain", "misspells a kind", "public: got 'facts', expected 'one of the"
)
def split_domain(yours, questions):
    kinds = [yours.kind[one["id"]] for one in questions]
    return ["facts" if kind == "fact" else kind for kind in kinds]


@bank.mutant("split-domain", "leaves a question out", "public: got 11, expected 12")
def split_domain(yours, questions):
    return [yours.kind[one["id"]] for one in questions[1:]]


@bank.mutant("split-domain", "whatever shows a number is a skill", "hidden: points")
def split_domain(yours, questions):
    return [
        "skill" if any(map(str.isdigit, one["question"])) else yours.kind[one["id"]]
        for one in questions
    ]


@bank.mutant("split-domain", "whatever is private is a fact", "hidden: points")
def split_domain(yours, questions):
    return [yours.kind[one["id"]].split("+")[0] for one in questions]


@bank.mutant(
    "split-domain", "whatever asks for a number is worked out", "hidden: points"
)
def split_domain(yours, questions):
    asks = ("How many", "In which year", "At how many", "What does our tariff")
    return [
        "fact+skill"
        if yours.kind[one["id"]] == "fact" and one["question"].startswith(asks)
        else yours.kind[one["id"]]
        for one in questions
    ]


@bank.mutant(
    "split-domain",
    "whatever names something of the house's needs its books",
    "hidden: points",
)
def split_domain(yours, questions):
    names = ("Marigold", "Oldham", "ank 4", " our ", "We ")
    private = {"format": "fact", "skill": "fact+skill"}
    return [
        private.get(yours.kind[one["id"]], yours.kind[one["id"]])
        if any(name in one["question"] for name in names)
        else yours.kind[one["id"]]
        for one in questions
    ]


@bank.mutant(
    "split-domain",
    "what is public needs nothing, worked out or not",
    "hidden: points",
)
def split_domain(yours, questions):
    kinds = [yours.kind[one["id"]] for one in questions]
    return ["format" if kind == "skill" else kind for kind in kinds]


@bank.mutant(
    "split-domain",
    "counts questions and not how often they are asked",
    "public: drowned_share(['format', 'fact'], [30, 10]",
)
def drowned_share(labels, times, half_lives, g):
    lives = [half_lives[label] for label in labels]
    under = sum(life is not None and life <= g for life in lives)
    return 100 * under / len(labels) if labels else 0


@bank.mutant(
    "split-domain",
    "gives a share of one in place of a percentage",
    "public: drowned_share(['format', 'fact'], [5, 5]",
)
def drowned_share(labels, times, half_lives, g):
    return _share(labels, times, half_lives, lambda life: life <= g) / 100


@bank.mutant(
    "split-domain",
    "takes never for always",
    "public: drowned_share(['format', 'fact'], [5, 5]",
)
def drowned_share(labels, times, half_lives, g):
    lives = {kind: life or 0 for kind, life in half_lives.items()}
    return _share(labels, times, lives, lambda life: life <= g)


@bank.mutant(
    "split-domain", "drowns only what is below g, not at g", "hidden: 3.0 points"
)
def drowned_share(labels, times, half_lives, g):
    return _share(labels, times, half_lives, lambda life: life < g)


@bank.mutant(
    "split-domain",
    "lets a mixed question drown with its easier half",
    "hidden: 3.0 points",
)
def drowned_share(labels, times, half_lives, g):
    lives = half_lives | {"fact+skill": half_lives["skill"]}
    return _share(labels, times, lives, lambda life: life <= g)


@bank.mutant(
    "split-domain",
    "takes private facts for safe, whatever the map says",
    "hidden: 3.0 points",
)
def drowned_share(labels, times, half_lives, g):
    lives = half_lives | {"fact": None, "fact+skill": None}
    return _share(labels, times, lives, lambda life: life <= g)


@bank.mutant(
    "split-domain",
    "gives what is left above the water",
    "public: drowned_share(['format', 'fact'], [5, 5]",
)
def drowned_share(labels, times, half_lives, g):
    return 100 - _share(labels, times, half_lives, lambda life: life <= g)


@bank.mutant("split-domain", "divides by nothing", "hidden: 3.0 points")
def drowned_share(labels, times, half_lives, g):
    if not times:
        raise ZeroDivisionError("division by zero")
    return _share(labels, times, half_lives, lambda life: life <= g)


def _share(labels, times, half_lives, drowned):
    """Share in % of what is asked whose half-life is drowned."""
    under = sum(
        often
        for label, often in zip(labels, times)
        if half_lives[label] is not None and drowned(half_lives[label])
    )
    return 100 * under / sum(times) if times else 0


# what-is-sunk -----------------------------------------------------------------------------------------------------


@bank.correct("what-is-sunk", "piece by piece")
def what_is_sunk(yours, costs, after, gain):
    paid = lost = again = 0
    for piece in {*costs, *after}:
        cost = costs.get(piece, 0)
        worth, price = after.get(piece, (0, cost))
        paid, lost, again = (
            paid + cost,
            lost + cost * (1 - worth / 100),
            again + price,
        )
    months = again / gain if gain > 0 else None
    return {
        "sunk": 100 * lost / paid,
        "reusable": 100 - 100 * lost / paid,
        "break_even": months,
        "report": gain > 0 and again < gain * yours.months,
    }


@bank.correct("what-is-sunk", "NumPy, one column for each number")
def what_is_sunk(yours, costs, after, gain):
    table = np.array(
        [
            [costs.get(piece, 0), *after.get(piece, [0, costs.get(piece, 0)])]
            for piece in dict.fromkeys([*costs, *after])
        ],
        float,
    )
    reusable = float(table[:, 0] @ table[:, 1] / table[:, 0].sum())
    profit = gain * yours.months - table[:, 2].sum()
    return {
        "sunk": 100 - reusable,
        "reusable": reusable,
        "break_even": float(table[:, 2].sum() / gain) if gain > 0 else None,
        "report": bool(gain > 0 and profit > 1e-9),
    }


def _account(yours, costs, after, gain, lost=0, shares=None):
    """The right account; `lost` counts as something to pay, `shares` take the place of sunk and reusable."""
    pieces = {piece: [0, cost] for piece, cost in costs.items()} | after
    kept = sum(costs.get(piece, 0) * worth for piece, (worth, _) in pieces.items())
    again = sum(price for _, price in pieces.values()) + lost
    reusable = kept / sum(costs.values())
    sunk, reusable = shares or (100 - reusable, reusable)
    break_even = again / gain if gain > 0 else None
    return {
        "sunk": sunk,
        "reusable": reusable,
        "break_even": break_even,
        "report": break_even is not None and break_even < yours.months,
    }


@bank.mutant(
    "what-is-sunk",
    "sets the gain against what was lost, too",
    "public: 'break_even': ",
)
def what_is_sunk(yours, costs, after, gain):
    sunk = _account(yours, costs, after, gain)["sunk"] * sum(costs.values()) / 100
    return _account(yours, costs, after, gain, lost=sunk)


@bank.mutant(
    "what-is-sunk",
    "sets the gain against all that was ever paid",
    "public: 'break_even': ",
)
def what_is_sunk(yours, costs, after, gain):
    return _account(yours, costs, after, gain, lost=sum(costs.values()))


@bank.mutant("what-is-sunk", "counts pieces and not money", "public: 'sunk': ")
def what_is_sunk(yours, costs, after, gain):
    worth = [after.get(piece, [0, 0])[0] for piece in costs]
    reusable = sum(worth) / len(worth)
    return _account(yours, costs, after, gain, shares=(100 - reusable, reusable))


@bank.mutant("what-is-sunk", "takes sunk for reusable", "public: 'sunk': ")
def what_is_sunk(yours, costs, after, gain):
    right = _account(yours, costs, after, gain)
    return _account(
        yours, costs, after, gain, shares=(right["reusable"], right["sunk"])
    )


@bank.mutant(
    "what-is-sunk",
    "gives shares of one in place of percentages",
    "public: 'sunk': ",
)
def what_is_sunk(yours, costs, after, gain):
    right = _account(yours, costs, after, gain)
    shares = (right["sunk"] / 100, right["reusable"] / 100)
    return _account(yours, costs, after, gain, shares=shares)


@bank.mutant(
    "what-is-sunk",
    "re-ports whenever there is something to gain, however late",
    "public: what_is_sunk(",
)
def what_is_sunk(yours, costs, after, gain):
    right = _account(yours, costs, after, gain)
    return {**right, "report": gain > 0}


@bank.mutant(
    "what-is-sunk",
    "keeps the old model when more than half of it is sunk",
    "hidden: nothing carries over | much is sunk",
)
def what_is_sunk(yours, costs, after, gain):
    right = _account(yours, costs, after, gain)
    return {**right, "report": right["report"] and right["sunk"] <= 50}


@bank.mutant(
    "what-is-sunk", "takes coming out even for a gain", "hidden: even when the next"
)
def what_is_sunk(yours, costs, after, gain):
    right = _account(yours, costs, after, gain)
    even = right["break_even"]
    return {**right, "report": even is not None and even <= yours.months + 1e-9}


@bank.mutant(
    "what-is-sunk",
    "takes a piece that the list does not name for one that carries over",
    "public: 'a licence'",
)
def what_is_sunk(yours, costs, after, gain):
    kept = {piece: [100, 0] for piece in costs if piece not in after}
    return _account(yours, costs, after | kept, gain)


@bank.mutant(
    "what-is-sunk",
    "lets a piece that the list does not name cost nothing again",
    "public: 'a licence'",
)
def what_is_sunk(yours, costs, after, gain):
    free = {piece: [0, 0] for piece in costs if piece not in after}
    return _account(yours, costs, after | free, gain)


@bank.mutant("what-is-sunk", "overlooks new pieces", "public: 'a licence'")
def what_is_sunk(yours, costs, after, gain):
    known = {piece: after[piece] for piece in after if piece in costs}
    return _account(yours, costs, known, gain)


@bank.mutant(
    "what-is-sunk", "earns a loss back in negative months", "hidden: a loss a month"
)
def what_is_sunk(yours, costs, after, gain):
    right = _account(yours, costs, after, abs(gain))
    if gain < 0:
        right["break_even"] = -right["break_even"]
        right["report"] = False
    return right


@bank.mutant(
    "what-is-sunk",
    "gives no break-even where there is nothing to pay",
    "hidden: nothing to pay",
)
def what_is_sunk(yours, costs, after, gain):
    right = _account(yours, costs, after, gain)
    return {**right, "break_even": right["break_even"] or None}


# break-the-result -------------------------------------------------------------------------------------------------


def _domain(yours, seed, operation, answer, n_train=1000, n_exam=None):
    """A domain by a rule for two texts of three digits, ones first; no number is in train and in exam."""
    dice = random.Random(seed)
    numbers = dice.sample(range(1000), 1000)
    return {
        "train": _rows(dice, numbers[200:], n_train, operation, answer),
        "exam": _rows(
            dice, numbers[:200], n_exam or yours.n_exam, operation, answer
        ),
    }


def _rows(dice, numbers, n, operation, answer):
    drawn = {}
    while len(drawn) < n:
        a, b = (f"{number:03}"[::-1] for number in dice.sample(numbers, 2))
        drawn[f"{' '.join(a)} {operation} {' '.join(b)} ="] = " ".join(answer(a, b))
    return [[question, right] for question, right in drawn.items()]


def _mirrored(a, b):
    """What is missing to nine at each place of the first number."""
    return [str(9 - int(digit)) for digit in a]


def _value(digits):
    return int(digits[::-1])


@bank.correct("break-the-result", "what is missing to nine, digit by digit")
def my_domain(yours, seed):
    return _domain(yours, seed, "rev", _mirrored)


@bank.correct("break-the-result", "a code for odd and even digits")
def my_domain(yours, seed):
    return _domain(
        yours, seed, "rev", lambda a, b: [f"v{int(digit) % 2}" for digit in a + b]
    )


@bank.mutant(
    "break-the-result",
    "asks in the exam what was trained",
    "public: is in train and in exam",
)
def my_domain(yours, seed):
    rows = _domain(yours, seed, "rev", _mirrored)["train"]
    return {"train": rows, "exam": rows[: yours.n_exam]}


@bank.mutant(
    "break-the-result",
    "holds questions out, and not their numbers",
    "public: is in train and in exam",
)
def my_domain(yours, seed):
    dice = random.Random(seed)
    rows = _rows(dice, range(1000), 1000 + yours.n_exam, "rev", _mirrored)
    return {"train": rows[:1000], "exam": rows[1000:]}


@bank.mutant(
    "break-the-result",
    "sets an exam of one question",
    "public: exam has 1 different",
)
def my_domain(yours, seed):
    return _domain(yours, seed, "rev", _mirrored, n_exam=1)


@bank.mutant(
    "break-the-result",
    "asks one question again and again",
    "public: exam has 1 different",
)
def my_domain(yours, seed):
    domain = _domain(yours, seed, "rev", _mirrored)
    return {**domain, "exam": domain["exam"][:1] * yours.n_exam}


@bank.mutant(
    "break-the-result",
    "always has the same answer",
    "public: 'v7' answers 100 % of exam",
)
def my_domain(yours, seed):
    return _domain(yours, seed, "rev", lambda a, b: ["v7"])


@bank.mutant(
    "break-the-result", "brings facts about its own patients", "public: 'p7"
)
def my_domain(yours, seed):
    return _domain(yours, seed, "rev", lambda a, b: [f"p7{a[0]}"])


@bank.mutant(
    "break-the-result",
    "takes more training rows than the house has",
    "public: train has 1500 rows",
)
def my_domain(yours, seed):
    return _domain(yours, seed, "rev", _mirrored, n_train=1500)


@bank.mutant(
    "break-the-result",
    "draws the same questions whatever the seed",
    "public: another seed, another exam",
)
def my_domain(yours, seed):
    return _domain(yours, 1, "rev", _mirrored)


@bank.mutant(
    "break-the-result",
    "changes its rule with the seed",
    "hidden: answers that a question has",
)
def my_domain(yours, seed):
    return _domain(
        yours,
        seed,
        "rev",
        lambda a, b: [str((int(digit) + seed) % 10) for digit in a],
    )


@bank.mutant(
    "break-the-result",
    "gives answers at random, which nobody can learn",
    "hidden: tuned, right in %",
)
def my_domain(yours, seed):
    return _domain(
        yours,
        seed,
        "rev",
        lambda a, b: random.Random(f"{a} {b}").choices("0123456789", k=3),
    )


@bank.mutant(
    "break-the-result",
    "has a rule that the new base knows from another side",
    "hidden: points ahead",
)
def my_domain(yours, seed):
    return _domain(yours, seed, "+", lambda a, b: str(_value(a) + _value(b))[-1:])
