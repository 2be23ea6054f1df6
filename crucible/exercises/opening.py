"""Numbers and data of the opening's exercises, one set for each student. The answers are not here."""

import itertools
import random
from dataclasses import dataclass

from crucible.exercises import choose, draw, student_name

PLACES = ("experiment", "record", "neither")

# Sentences to file. Nobody says that they are true. The first twelve are the published page's.
SENTENCES = (
    "Whoever trains a model on public text owes its authors a share of the profit.",
    "Doubling the training data lowers the error less each time it is done.",
    "The technical report of a well-known model does not say how many parameters it has.",
    "A model trained on the answers of another model cannot become better than its teacher.",
    "The founders knew that the demonstration would not hold, and gave it all the same.",
    "More than half of the models on a public leaderboard were fine-tuned from one and the same base.",
    "A laboratory announced a model in spring, and customers had it in autumn.",
    "A country should have at least one large model of its own.",
    "A model that has seen each question in three wordings understands a fourth one more often "
    "than a model that has seen a single wording.",
    "Without that one researcher the field would stand ten years further back.",
    "The price of a thousand tokens at one large provider fell by half within a year.",
    "The average of the weights of two models, tuned from one base on two tasks, is good at both.",
    "The firm counted everybody who opened its application once as a monthly user.",
    "A wider model needs a smaller learning rate than a narrow one.",
    "The author changed his mind because he had changed his employer.",
    "If one training answer in ten is wrong, the model gets one test answer in ten wrong.",
    "It is better for a society when three firms build large models than when thirty do.",
    "The question stood on a public web page two years before the model was released.",
    "A score that counts only wholly right answers rises later and more steeply than one that counts single digits.",
    "Most of the models announced in one year could not be tried by the public when the year ended.",
    "A machine that passes every test of understanding still does not understand.",
    "A model that was fine-tuned for a field loses to the next general model, except where it knows private facts.",
    "The paper's first version reported a lower score than its second.",
    "Researchers ought to publish their failures before their successes.",
    "A model forgets what it learned first when it is trained on something else, and learns it again quickly.",
    "An office listed more licensed services in June than in January.",
    "The engineers deserve more of the credit than the managers.",
    "Examples sorted from easy to hard teach a model more than the same examples in mixed order.",
    "A company that calls its model open has not published the training data.",
    "In this family, every larger model scores higher than the smaller ones.",
    "A teacher who lets a model mark essays takes something from the pupils that no grade shows.",
    "Half of the training questions can be left out at random without any loss that three seeds would show.",
    "The share of papers that publish their code was larger in 2022 than in 2018.",
    "Two small models that vote are right more often than one model trained with the compute of both.",
    "Nobody would have built the machine if that dinner had not taken place.",
    "Electricity was the smaller part of what the data centre cost in its first year.",
)


def sentences(student: str) -> list[dict[str, str]]:
    """The student's twelve sentences, each as {"id": ..., "sentence": ...}."""
    rows = [{"id": f"s{number:02d}", "sentence": text} for number, text in enumerate(SENTENCES, start=1)]
    return draw(student, "sort-claims").sample(rows[12:], 12) if student_name(student) else rows[:12]


@dataclass(frozen=True)
class Rule:
    """How a student's verdict is reached. `direction` says where the claim expects the difference a - b."""

    confidence: int  # of the t-interval, in %
    direction: str  # "greater" or "less"

    def __str__(self) -> str:
        claimed = "above +min_effect" if self.direction == "greater" else "below -min_effect"
        return (
            f"Your rule: the {self.confidence} % t-interval of the paired differences a - b. "
            f"The claim expects the difference to be {self.direction}: it is supported {claimed}."
        )


def rule(student: str) -> Rule:
    """The student's rule; the page has the book's own, 90 % and greater."""
    others = [Rule(confidence, direction) for confidence in (80, 95, 98) for direction in ("greater", "less")]
    return choose(student, "paired-verdict", Rule(90, "greater"), others)


@dataclass(frozen=True)
class Machine:
    """The machine that a student counts on."""

    share: int  # of its peak that training reaches, in %

    def __str__(self) -> str:
        return f"Your machine: a training loop reaches {self.share} % of its peak."


def machine(student: str) -> Machine:
    """The student's machine."""
    return choose(student, "count-the-work", Machine(16), [Machine(share) for share in range(20, 60)])


GROUPS = {"task": ("add", "max"), "writer": ("Ada", "Bo", "Cy"), "digits": (1, 2), "sheet": ("A", "B", "C", "D")}


@dataclass(frozen=True)
class Placebo:
    """What a student's placebo must leave as it is."""

    within: str  # the column

    def __str__(self) -> str:
        return f"Your placebo deals answers out anew only within rows of the same `{self.within}`."


def placebo_rule(student: str) -> Placebo:
    """Within which column the student shuffles."""
    return choose(student, "make-a-placebo", Placebo("task"), [Placebo(name) for name in ("writer", "digits", "sheet")])


def dataset(student: str, n_rows: int = 240) -> list[dict[str, object]]:
    """Questions with answers; the other columns say which task it is, who wrote it, and on which sheet it stands."""
    dice = draw(student, "make-a-placebo")
    rows: list[dict[str, object]] = []
    for _ in range(n_rows):
        one = {name: dice.choice(values) for name, values in GROUPS.items()}
        top = 10 ** int(str(one["digits"])) - 1
        a, b = dice.randint(0, top), dice.randint(0, top)
        answer = a + b if one["task"] == "add" else max(a, b)
        rows.append({"question": f"{one['task']} {a} {b}", "answer": answer, **one})
    return rows


DISGUISES = {
    "spaces": lambda a, b: f"{a} + {b}",
    "words": lambda a, b: f"{a} plus {b}",
    "decimals": lambda a, b: f"{a}.0+{b}.0",
    "call": lambda a, b: f"sum({a},{b})",
}


def disguise(student: str) -> str:
    """How a part of the student's training questions is written."""
    return choose(student, "find-the-leak", "spaces", ("words", "decimals", "call"))


def split(student: str, again: int = 0) -> tuple[list[str], list[str]]:
    """The student's training and test questions, with a leak: (train, test).

    again: another number gives another split with the same kind of leak.
    """
    return _leaky(draw(student, f"find-the-leak {again}"), DISGUISES[disguise(student)])


def _leaky(dice: random.Random, disguised, n_train: int = 300, n_test: int = 60, each: int = 5):
    """Train and test share no sum but 3 * each: copied, swapped, and in disguise."""
    pairs = list(itertools.combinations(range(10, 100), 2))
    chosen = dice.sample(pairs, n_train + n_test)
    both = [dice.sample(pair, 2) for pair in chosen]  # in either order
    train, test = both[:n_train], both[n_train:]
    plain = [f"{a}+{b}" for a, b in train]
    rest = range(3 * each, n_train)
    for place in dice.sample(rest, n_train // 3):
        plain[place] = disguised(*train[place])  # most rows in disguise are no leak
    for place, (a, b) in enumerate(test[: 3 * each]):
        kind = place // each
        swapped = (b, a) if place % 2 else (a, b)  # a disguise may be swapped, too
        plain[place] = (f"{a}+{b}", f"{b}+{a}", disguised(*swapped))[kind]
    asked = [f"{a}+{b}" for a, b in test]
    dice.shuffle(plain)
    dice.shuffle(asked)
    return plain, asked
