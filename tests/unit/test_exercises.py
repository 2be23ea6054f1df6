"""Checks that answer, and numbers that follow the student; a second: pytest tests/unit/test_exercises.py"""

import json
import subprocess
import sys

import numpy as np
import pytest

from crucible import exercises
from crucible.exercises import NOT_YET, Wrong, call, check, fact, first_wrong, opening, owner, require, same

STUDENTS = [f"student {number}" for number in range(40)]


def twice(x):
    return 2 * x


@pytest.mark.parametrize(
    ("got", "expected", "equal"),
    [
        (1, 1.0, True),
        (1.0000000001, 1, True),
        (1.001, 1, False),
        (1e-20, 0, True),
        (True, 1, False),
        (1, True, False),
        (True, True, True),
        ("1", 1, False),
        (1, "1", False),
        ([1, 2], (1, 2.0), True),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        (np.array([1, 2]), [1, 2], True),
        (np.float32(0.5), 0.5, True),
        (np.int64(3), 3, True),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, [1], False),
        ({1, 2}, {2, 1}, True),
        (float("nan"), 1.0, False),
        (None, 0, False),
        (None, None, True),
    ],
)
def test_answers_are_equal_as_a_student_would_expect(got, expected, equal):
    assert same(got, expected) is equal


def test_a_check_says_ok_not_yet_or_the_first_wrong_case(capsys):
    def blank(x):
        raise NotImplementedError

    check("one", call(twice, 1, gives=2), call(twice, 2, gives=4))
    check("two", call(twice, 1, gives=2), call(twice, 2, gives=5), call(twice, 3, gives=7))
    check("three", call(blank, 1, gives=2))
    ok, wrong, yet = capsys.readouterr().out.splitlines()
    assert ok == "one: ok (2 public cases; the hidden ones try more)"
    assert wrong == "two: wrong at twice(2): got 4, expected 5"
    assert yet == f"three: {NOT_YET}"


def test_an_exception_a_missing_return_and_long_values_are_one_line():
    assert first_wrong([call(lambda x: 1 / x, 0, gives=1)]).startswith("wrong at <lambda>(0): ZeroDivisionError: ")
    assert "got None (is a return missing?), expected 2" in first_wrong([call(lambda x: None, 1, gives=2)])
    long = first_wrong([call(twice, list(range(1000)), gives="\n" * 500)])
    assert "\n" not in long
    assert len(long) < 330


def test_a_case_gets_a_copy_of_its_arguments():
    def spoil(numbers):
        numbers.append(1)
        return len(numbers)

    case = call(spoil, [0], gives=2)
    assert first_wrong([case, case]) is None


def test_hidden_tests_raise_what_a_check_prints():
    require(call(twice, 1, gives=2), fact("twice is even", lambda: twice(3) % 2 == 0))
    with pytest.raises(Wrong, match=r"wrong at twice\(1\): got 2, expected 3"):
        require(call(twice, 1, gives=3))


@pytest.mark.parametrize("draw", [opening.rule, opening.machine, opening.placebo_rule, opening.disguise])
def test_no_student_has_the_pages_numbers_and_students_differ(draw):
    site, drawn = draw(exercises.SITE), [draw(student) for student in STUDENTS]
    assert site not in drawn
    assert len(set(drawn)) > 1
    assert drawn == [draw(student) for student in STUDENTS]
    assert draw(" Student  3 ") == draw("student 3")  # a blank or a capital more is the same student
    assert draw("M\u00e1ria") == draw("Ma\u0301ria")  # one letter, or a letter and an accent
    assert draw(12345) == draw("12345")


def test_the_greeting_says_whose_numbers_these_are():
    assert "**ada lovelace**" in exercises.greeting(" Ada  Lovelace")
    assert "write your name above" in exercises.greeting("  ")


def test_a_check_can_promise_less(capsys):
    check("one", call(twice, 1, gives=2), ok="ok, as far as it goes")
    assert capsys.readouterr().out == "one: ok, as far as it goes\n"


def test_a_students_sentences_are_twelve_and_none_is_the_pages():
    site = {row["id"] for row in opening.sentences(exercises.SITE)}
    assert len(site) == 12
    sets = [frozenset(row["id"] for row in opening.sentences(student)) for student in STUDENTS]
    assert all(len(ids) == 12 and not ids & site for ids in sets)
    assert len(set(sets)) == len(STUDENTS)


def test_a_students_numbers_are_the_same_in_another_process():
    code = "import json; from crucible.exercises import opening; print(json.dumps(opening.split('ada')))"
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert json.loads(there.stdout) == [list(part) for part in opening.split("ada")]


@pytest.mark.parametrize("student", ["", "ada", "0042"])
def test_the_leaky_split_shares_fifteen_sums_in_three_forms(student):
    train, test = opening.split(student)
    assert (len(train), len(test)) == (300, 60)
    write = opening.DISGUISES[opening.disguise(student)]
    copied = [question for question in test if question in train]
    swapped = [question for question in test if "+".join(question.split("+")[::-1]) in train]
    both_orders = [(question, [*map(int, question.split("+"))]) for question in test]
    disguised = [question for question, pair in both_orders if {write(*pair), write(*pair[::-1])} & set(train)]
    assert [len(found) for found in (copied, swapped, disguised)] == [5, 5, 5]
    assert len({*copied, *swapped, *disguised}) == 15
    assert opening.split(student, again=1) != (train, test)


def test_hidden_tests_go_by_the_name_under_which_nbgrader_has_the_notebook(tmp_path, monkeypatch):
    assert owner("ada") == "ada"
    folder = tmp_path / "autograded" / "bob" / "opening"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert owner("ada") == "ada"
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert owner("ada") == "bob"
