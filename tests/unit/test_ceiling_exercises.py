"""Limits, judges, manners and rows of the exercises to "Is open a ceiling?"; seconds."""

from collections import Counter

import pytest

from crucible.exercises import SITE
from crucible.exercises import ceiling as mine
from pipeline import answers, assignment, exercises

STUDENTS = [f"student {number}" for number in range(40)]
PATH = assignment.FOLDER / "ceiling" / "ceiling.ipynb"


@pytest.mark.parametrize("draw", [mine.patience, mine.longest, mine.judge, mine.least, mine.manner])
def test_no_student_has_the_pages_numbers_and_students_differ(draw):
    site, drawn = draw(SITE), [draw(student) for student in STUDENTS]
    assert site not in drawn
    assert len(set(drawn)) > 1
    assert drawn == [draw(student.upper()) for student in STUDENTS]
    assert all("\n" not in str(value) for value in [site, *drawn])


def test_a_judge_has_ten_tenths_and_none_values_a_part_as_the_page_does():
    site = mine.judge(SITE).tenths
    for student in STUDENTS:
        tenths = mine.judge(student).tenths
        assert sum(tenths) == sum(site) == 10
        assert len(tenths) == len(mine.PARTS)
        assert all(one > 0 for one in tenths)
        assert not any(one == other for one, other in zip(tenths, site, strict=True))
    assert str(mine.judge(SITE)).endswith(
        "the opening 3 tenths, the sign 2 tenths, the closing 4 tenths, the end 1 tenth."
    )


def test_no_teacher_takes_for_content_what_the_pages_would():
    """Signs and numbers of closing words differ, so the published solution cuts a student's answers wrongly."""
    site, *others = mine.MANNERS
    assert len({manner.sign for manner in mine.MANNERS}) == len(mine.MANNERS)
    assert len(site.closing) not in {len(manner.closing) for manner in others}
    assert site.say(0, ["5", "8"]) == ["sure", "here", "<->", "5", "8", "glad", "to", "help", "<end>"]
    for manner in mine.MANNERS:
        assert len(set(manner.openings)) == 2
        assert manner.sign not in {word for words in (*manner.openings, manner.closing) for word in words}


@pytest.mark.parametrize("again", [0, 1])
def test_rows_have_three_kinds_in_which_every_row_can_get_another_content(again):
    for student in (SITE, *STUDENTS):
        rows, said = mine.rows(student, again=again), mine.manner(student)
        assert rows == mine.rows(student.upper(), again=again)
        kinds: dict[str, Counter] = {}
        openings = set()
        for question, answer in rows:
            start = answer.index(said.sign)
            assert answer.count(said.sign) == answer.count("<end>") == 1
            openings.add(tuple(answer[:start]))
            content = answer[start + 1 : -len(said.closing) - 1]
            assert content
            assert answer == [*answer[:start], said.sign, *content, *said.closing, "<end>"]
            kinds.setdefault(question[0], Counter())[tuple(content)] += 1
        assert openings == set(said.openings)
        assert set(kinds) == {"add", "max", "town"}
        assert all(max(held.values()) <= sum(held.values()) / 2 for held in kinds.values())
        assert max(kinds["town"].values()) > 1, "some contents come up more often than once"
    assert mine.rows("ada") != mine.rows("ada", again=1)


@pytest.mark.parametrize(
    ("said", "good"),
    [
        ("p=1.2 must lie between 0 and 1", True),
        ("p=1.2 is not from 0-1", True),
        ("p is 1.2, above 1.", True),
        ("p=1.2 must be less", False),
        ("1.2 must be at most 1", False),
        ("p must be at most 1", False),
        ("p=1.2\nmust be at most 1", False),
        ("step=1.2 must be at most 1", False),
    ],
)
def test_a_refusal_names_the_argument_its_value_and_the_limit(said, good):
    def refuse(p, s, retry):
        raise ValueError(said)

    found = mine.refusal(refuse, (1.2, 3, 0), "p", 1)
    assert found == (mine.refused((1.2, 3, 0), "p", 1) if good else f"ValueError: {said}")


def test_a_call_that_is_not_refused_says_what_came():
    assert mine.refusal(lambda p, s, retry: 0.25, (1.2, 3, 0), "p", 1) == "no ValueError, but 0.25"
    with pytest.raises(ZeroDivisionError):
        mine.refusal(lambda p, s, retry: 1 / 0, (1.2, 3, 0), "p", 1)
    assert mine.refused((0.9, 3, 7), "retry", 4) == "a ValueError, one line with retry, 7 and the limit 4"
    assert mine.refused((float("nan"), 3, 0), "p") == "a ValueError, one line with p and nan"


def test_what_two_functions_say_of_four_helpers_is_said_in_words():
    def blank(*_):
        raise NotImplementedError

    assert mine.errands(blank, blank) == "Not attempted yet."
    assert mine.errands(lambda *_: 0.5, blank) == "Not attempted yet."
    assert "stopped at p = 0.9: ZeroDivisionError" in mine.errands(lambda *_: 1 / 0, blank)
    said = mine.errands(lambda p, s, retry=0: s * (1 + retry) / 50, lambda p: 1234)
    assert "| 99.5 % | 40.0 % | 80.00 % | 1,234 steps |" in said


def test_keys_follow_the_student():
    read = assignment.read(PATH)
    by_id = {exercise.id: exercise for exercise in read.exercises}
    assert sum(exercise.points for exercise in read.exercises) == read.points == 20
    for student in (SITE, "ada", "0042"):
        found = {name: exercises.key(read, exercise, student) for name, exercise in by_id.items()}
        assert found["chain-success"] == {"most": mine.patience(student).retries}
        assert found["steps-to-half"] == {"longest": mine.longest(student).steps}
        assert found["two-scores"] == {"worth": list(mine.judge(student).tenths)}
        assert found["gap-closed"] == {"least": mine.least(student).points}
        said = mine.manner(student)
        assert found["wrong-teacher"] == {"sign": said.sign, "closing": list(said.closing)}
    for name, exercise in by_id.items():
        for constant, value in exercises.key(read, exercise, SITE).items():
            written = repr(value).replace("'", '"')
            assert f"{constant} = {written}  # yours" in exercise.answer, (name, constant)


def test_the_two_scores_do_not_see_each_other():
    """The property that the hidden tests ask for holds for the solution, and a mutant breaks each half of it."""
    read = assignment.read(PATH)
    exercise = next(one for one in read.exercises if one.id == "two-scores")
    notebook: dict = {}
    exec(exercise.answer, notebook)
    style, content = notebook["style_score"], notebook["content_score"]
    for manner in ("sure here <-> # glad to help <end>", "sure here # glad <end> to", "<-> <-> #", "# <end>"):
        scores = {style(manner.replace("#", words).split()) for words in ("", "5", "7 7 7", "1 2 3 4 5 6 7")}
        assert len(scores) == 1
        assert content(manner.replace("#", "5 8 0").split(), ["5", "8", "0"]) == 1
    hidden = {"style_score": "whatever the content", "content_score": "whatever the manner"}
    for answer in answers.load(PATH.with_name(assignment.ANSWERS)):
        name = answer.function.__name__
        if answer.exercise == "two-scores" and hidden[name] in (answer.falls or ""):
            hidden[name] = ""
    assert set(hidden.values()) == {""}


@pytest.mark.parametrize("student", STUDENTS[:3])
def test_the_solution_says_ok_to_more_students(student):
    read = assignment.read(PATH)
    for exercise in read.exercises:
        graded = exercises.run(read, exercise, exercises.solution(read, exercise, student), student)
        assert (graded.points, graded.hidden) == (exercise.graded_points, ""), exercise.id
        assert ": ok" in graded.public
