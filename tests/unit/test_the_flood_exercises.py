"""The inspector, the templates and the numbers of the exercises to "The flood"; seconds, and no training."""

import pytest

from crucible import bases
from crucible.exercises import SITE
from crucible.exercises import the_flood as mine
from pipeline import assignment, exercises

STUDENTS = [f"student {number}" for number in range(60)]
PUBLIC = {"+": lambda a, b: f"{a + b:04}"[::-1], "max": lambda a, b: f"{max(a, b):03}"[::-1]}


def question(a, b, operation="rev"):
    return f"{' '.join(f'{a:03}'[::-1])} {operation} {' '.join(f'{b:03}'[::-1])} ="


def domain(rule=lambda a, b: f"{a % 10} {b % 10}", operation="rev", n_exam=200):
    """A domain that the page's inspector lets pass: exam numbers below 100, the others from 100 on."""
    pairs = {
        "train": [(100 + i, 100 + (37 * i + 11) % 900) for i in range(300)],
        "exam": [(i % 100, (i * 7 + i // 100 + 1) % 100) for i in range(n_exam)],
    }
    return {
        part: [[question(a, b, operation), " ".join(rule(a, b).split())] for a, b in some]
        for part, some in pairs.items()
    }


def test_the_inspector_lets_a_sound_domain_pass():
    assert mine.inspected(domain(), SITE) == mine.IN_ORDER


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: [d], 'a domain is {"train": rows, "exam": rows}'),
        (lambda d: {"train": d["train"]}, 'a domain is {"train": rows, "exam": rows}'),
        (lambda d: d | {"exam": 3}, "both lists"),
        (lambda d: d | {"train": []}, "train has 0 rows, and may have 1 to 1000"),
        (lambda d: d | {"train": d["train"] * 4}, "train has 1200 rows"),
        (lambda d: d | {"exam": d["exam"][:-1]}, "exam has 199 different questions in 199 rows, and 200 are wanted"),
        (lambda d: d | {"exam": [*d["exam"][1:], d["exam"][5]]}, "exam has 199 different questions in 200 rows"),
        (
            lambda d: d | {"exam": [*d["exam"][1:], [d["exam"][5][0].replace(" ", "  "), d["exam"][5][1]]]},
            "exam has 199 different",
        ),
        (lambda d: d | {"train": [*d["train"], [question(500, 7), "1"]]}, "the number 7 is in train and in exam"),
        (lambda d: d | {"train": [*d["train"], [question(7, 500), "1"]]}, "the number 7 is in train and in exam"),
        (lambda d: d | {"train": [*d["train"], [question(100, 111), "1"]]}, "has two answers"),
        (lambda d: d | {"exam": [[one, "v3"] for one, _ in d["exam"]]}, "'v3' answers 100 % of exam"),
        (lambda d: d | {"train": [*d["train"], ["e7 r2", "v3"]]}, "train 300: 'e7 r2' is no question like"),
        (lambda d: d | {"train": [*d["train"], [question(500, 501, "-"), "1"]]}, "is no question like"),
        (lambda d: d | {"train": [*d["train"], [question(500, 501), "p7"]]}, "'p7' in an answer is neither"),
        (lambda d: d | {"train": [*d["train"], [question(500, 501), ""]]}, "an answer of 0 words, 1 to 6 fit"),
        (lambda d: d | {"train": [*d["train"], [question(500, 501), "1 " * 7]]}, "an answer of 7 words"),
        (lambda d: d | {"train": [*d["train"], [question(500, 501), 7]]}, "a question and an answer, two texts"),
    ],
)
def test_the_inspector_names_what_is_wrong(change, said):
    assert said in mine.inspected(change(domain()), SITE)


@pytest.mark.parametrize(
    ("operation", "rule", "drowned"),
    [
        ("max", PUBLIC["max"], True),
        ("rev", PUBLIC["max"], True),  # a template may ask for something else
        ("+", PUBLIC["+"], True),
        ("+", lambda a, b: PUBLIC["+"](a, b)[::-1], True),  # read from the back
        ("+", lambda a, b: PUBLIC["+"](a, b)[:1], True),
        ("+", lambda a, b: PUBLIC["+"](a, b)[-2:], True),
        ("+", lambda a, b: PUBLIC["+"](a, b)[::-1][:3], True),  # and no more than that many
        ("+", lambda a, b: PUBLIC["+"](a, b)[1::-1], True),
        ("rev", lambda a, b: f"{a:03}{b:03}", True),  # of the numbers in the other order
        ("rev", lambda a, b: f"{a:03}", True),  # the last three of what is asked the other way round
        ("max", lambda a, b: "".join(map(max, f"{a:03}", f"{b:03}"))[::-1], False),
        ("rev", lambda a, b: "".join(str(9 - int(digit)) for digit in f"{a:03}"), False),
    ],
)
def test_a_template_sees_through_a_public_answer_and_not_through_a_rule_of_ones_own(
    monkeypatch, operation, rule, drowned
):
    """With a base that knows the three public tasks perfectly."""

    def written(model, asked, operation, swapped):
        pairs = [mine._pair(one)[:: -1 if swapped else 1] for one in asked]
        if operation == "rev":
            return [list(f"{b:03}{a:03}") for a, b in pairs]
        return [list(PUBLIC[operation](a, b)) for a, b in pairs]

    monkeypatch.setattr(mine, "_written", written)
    rows = {part: mine._rows(some) for part, some in domain(lambda a, b: " ".join(rule(a, b)), operation).items()}
    score, template = mine._prompted(None, rows["train"], rows["exam"])
    assert (score == 100) is drowned, template


def test_the_new_base_is_asked_in_its_own_words():
    base = bases.load("8x", mine.SEED).model
    asked = [row[0] for row in domain()["exam"]]
    for operation in ("+", "max"):
        for swapped in (False, True):
            said = ["".join(words) for words in mine._written(base, asked, operation, swapped)]
            right = [PUBLIC[operation](*mine._pair(one)) for one in asked]
            assert sum(a == b for a, b in zip(said, right, strict=True)) > 150
    forwards, backwards = (mine._written(base, asked[:50], "rev", swapped) for swapped in (False, True))
    assert [words[:3] for words in forwards] == [words[3:] for words in backwards]


@pytest.mark.parametrize(
    ("tuned", "prompted", "survives"), [(50, 20, True), (49.9, 0, False), (100, 70, True), (100, 70.5, False)]
)
def test_a_domain_survives_that_is_known_at_home_and_not_abroad(tuned, prompted, survives):
    tide = mine.Tide(tuned, prompted, "a + b, read from the front")
    assert tide.survives is survives
    assert ("does not survive" in str(tide)) is not survives


def test_a_try_says_what_stands_in_the_way(monkeypatch):
    def blank(seed):
        raise NotImplementedError

    assert mine.tried(blank, SITE) == "Not attempted yet."
    assert mine.tried(lambda seed: 1 / 0, SITE) == "Your function stopped: ZeroDivisionError: division by zero"
    assert mine.tried(lambda seed: {}, SITE).startswith("The inspector: a domain is")
    asked = []
    monkeypatch.setattr(mine, "flood", lambda domain: "The tide.")
    for seed in (1, 4):
        said = mine.tried(lambda seed: asked.append(seed) or domain(), SITE, **({} if seed == 1 else {"seed": seed}))
        assert said == f"The tide. So it is with seed {seed} alone; your grade tries another one."
    assert asked == [1, 4]


@pytest.mark.parametrize("draw", [mine.allowance, mine.house, mine.outlook, mine.exam])
def test_no_student_has_the_pages_numbers_and_students_differ(draw):
    drawn = [draw(student) for student in STUDENTS]
    assert draw(SITE) not in drawn
    assert len(set(drawn)) > 1


def test_every_student_gets_twelve_questions_of_one_house_and_all_four_kinds():
    read = assignment.read(assignment.FOLDER / "the_flood" / "the_flood.ipynb")
    split = next(exercise for exercise in read.exercises if exercise.id == "split-domain")
    site = {row["id"] for row in mine.questions(SITE)}
    seen = set()
    for student in (SITE, *STUDENTS):
        rows, kinds = mine.questions(student), exercises.key(read, split, student)["kind"]
        seen |= {(row["id"], kinds[row["id"]]) for row in rows}
        assert len({row["id"] for row in rows}) == 12
        assert set(kinds.values()) == set(mine.KINDS)
        assert not site & kinds.keys() or student == SITE
    for name, some in mine.HOUSES.items():
        known = [kind for id, kind in seen if id[0] == name[0]]
        assert [known.count(kind) for kind in mine.KINDS] == [len(some) // 4] * 4
