"""AddWorld to the last detail: splits, right answers, the placebo, bad values. The other worlds: test_more_worlds.py.

Run: .venv/bin/python -m pytest -q tests/unit/test_worlds.py (about 4 s, most of it importing torch).
"""

from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible.worlds import AddWorld, Questions

WORDS = AddWorld().vocab
tries = settings(max_examples=25, deadline=None, derandomize=True, database=None)
small_worlds = st.builds(
    AddWorld,
    digits=st.integers(1, 2),
    held_out=st.floats(0.2, 0.8),
    shuffled=st.booleans(),
    seed=st.integers(0, 10**6),
)


def sums(questions: Questions, digits: int) -> list[tuple[int, int, int]]:
    """(a, b, answer) of every row, read as a person reads them: as text, last digit first."""
    found = []
    for row in questions.tokens.tolist():
        left, answer = "".join(WORDS[token] for token in row).split("=")
        a, b = left.split("+")
        assert (len(a), len(b), len(answer)) == (digits, digits, digits + 1)
        found.append((int(a[::-1]), int(b[::-1]), int(answer[::-1])))
    return found


def test_a_question_reads_as_the_docstring_says():
    question = AddWorld().encode(27, 58)
    assert "".join(WORDS[token] for token in question.tokens[0]) == "72+85=580"
    assert question.scored[0].tolist() == [False] * 6 + [True] * 3


@tries
@given(small_worlds)
def test_training_and_test_share_no_pair_even_swapped(world):
    train, test = (
        {frozenset((a, b)) for a, b, _ in sums(world.questions(split), world.digits)} for split in ("train", "test")
    )
    assert train
    assert test
    assert not train & test


@tries
@given(small_worlds)
def test_the_two_splits_together_hold_every_pair_once(world):
    both = [(a, b) for split in ("train", "test") for a, b, _ in sums(world.questions(split), world.digits)]
    assert len(both) == len(set(both)) == 10 ** (2 * world.digits)


def test_the_share_held_out_is_about_what_was_asked_for():
    test = AddWorld(digits=2, held_out=0.3).questions("test")
    assert 0.27 < len(test) / 10**4 < 0.33


@tries
@given(small_worlds, st.sampled_from(["train", "test"]))
def test_the_answer_is_a_function_of_the_prompt(world, split):
    questions = world.questions(split)
    prompts = [tuple(row[: -world.digits - 1]) for row in questions.tokens.tolist()]
    assert len(set(prompts)) == len(prompts), "a prompt that stands twice could have two answers"
    truths = {(a, b): answer for a, b, answer in sums(questions, world.digits)}
    if split == "test" or not world.shuffled:
        assert all(answer == a + b for (a, b), answer in truths.items())


@tries
@given(small_worlds)
def test_the_oracle_is_right_on_every_test_question(world):
    test = world.questions("test")
    assert torch.equal(world.oracle(test), test.tokens[test.scored])


def test_the_oracle_reads_the_prompt_and_not_the_answer():
    world = AddWorld()
    question = world.encode(27, 58)
    forged = Questions(question.tokens.clone(), question.scored)
    forged.tokens[:, -3:] = 9
    assert world.oracle(forged).tolist() == [5, 8, 0]


@pytest.mark.parametrize("world", [AddWorld(), AddWorld(digits=1, seed=4), AddWorld(held_out=0.6, seed=9)])
def test_chance_is_the_score_of_the_best_constant_answer(world):
    answers = [answer for _, _, answer in sums(world.questions("test"), world.digits)]
    best = max(100 * answers.count(guess) / len(answers) for guess in range(2 * 10**world.digits))
    assert world.chance() == pytest.approx(best)
    assert world.chance() > 100 / (2 * 10**world.digits - 1), "sums are not equally common"


def test_shuffling_keeps_every_training_answer_and_every_question():
    true, dealt = (sums(AddWorld(seed=3, shuffled=s).questions("train"), 2) for s in (False, True))
    assert [(a, b) for a, b, _ in true] == [(a, b) for a, b, _ in dealt]
    assert Counter(answer for *_, answer in true) == Counter(answer for *_, answer in dealt)


@pytest.mark.parametrize("seed", range(5))
def test_shuffling_leaves_at_most_two_percent_of_the_answers_right(seed):
    dealt = sums(AddWorld(seed=seed, shuffled=True).questions("train"), 2)
    assert sum(a + b == answer for a, b, answer in dealt) / len(dealt) <= 0.02


def test_shuffling_leaves_the_test_as_it_was_and_true():
    true, placebo = (AddWorld(seed=3, shuffled=s).questions("test") for s in (False, True))
    assert torch.equal(true.tokens, placebo.tokens)
    assert all(a + b == answer for a, b, answer in sums(placebo, 2))


@tries
@given(st.integers(1, 30), st.integers(0, 30), st.booleans(), st.integers(0, 10**6))
def test_a_smaller_training_set_is_part_of_every_larger_one(n, more, shuffled, seed):
    small, large = (
        AddWorld(digits=1, held_out=0.2, n_train=k, shuffled=shuffled, seed=seed).questions("train").tokens
        for k in (n, n + more)
    )
    assert len(small) == n
    assert torch.equal(small[:, :4], large[:n, :4])  # the questions; shuffling deals the answers anew
    if not shuffled:
        assert torch.equal(small, large[:n])


def test_the_number_of_training_sums_does_not_touch_the_test():
    few, many = (AddWorld(n_train=n).questions("test").tokens for n in (16, None))
    assert torch.equal(few, many)


def test_the_same_seed_gives_the_same_tensors_and_another_seed_others():
    first, again, other = (
        {s: AddWorld(seed=seed).questions(s).tokens for s in ("train", "test")} for seed in (1, 1, 2)
    )
    for split in first:
        assert torch.equal(first[split], again[split])
        assert not torch.equal(first[split][:1000], other[split][:1000])


def test_equal_worlds_are_rebuilt_equal_and_not_only_remembered():
    from crucible.worlds import base

    first = AddWorld(seed=5, shuffled=True).questions("train").tokens
    base._made.cache_clear()
    torch.manual_seed(123)  # the global generator must not matter
    assert torch.equal(AddWorld(seed=5, shuffled=True).questions("train").tokens, first)


@pytest.mark.parametrize(
    ("fields", "value", "limit"),
    [
        ({"digits": 4}, "digits=4", "1, 2 or 3"),
        ({"digits": 0}, "digits=0", "1, 2 or 3"),
        ({"held_out": 0}, "held_out=0", "between 0 and 1"),
        ({"held_out": 1.0}, "held_out=1.0", "between 0 and 1"),
        ({"held_out": float("nan")}, "held_out=nan", "between 0 and 1"),
        ({"n_train": 0}, "n_train=0", "at least 1"),
        ({"n_train": -3}, "n_train=-3", "at least 1"),
    ],
)
def test_a_bad_setting_is_refused_with_its_value_and_limit(fields, value, limit):
    with pytest.raises(ValueError, match=value) as error:
        AddWorld(**fields)
    assert limit in str(error.value)


def test_more_training_sums_than_there_are_is_refused_with_both_numbers():
    there_are = len(AddWorld(digits=1).questions("train"))
    assert len(AddWorld(digits=1, n_train=there_are).questions("train")) == there_are
    with pytest.raises(ValueError, match=f"n_train={there_are + 1} .*{there_are} sums"):
        AddWorld(digits=1, n_train=there_are + 1).questions("train")


@pytest.mark.parametrize("split", ["validation", "", None])
def test_an_unknown_split_is_refused_with_the_known_ones(split):
    with pytest.raises(ValueError, match=f"split={split!r} .*train, test"):
        AddWorld(digits=1).questions(split)


@pytest.mark.parametrize(("a", "b", "named"), [(100, 1, "a=100"), (-1, 1, "a=-1"), (1, 100, "b=100"), (1, -5, "b=-5")])
def test_a_number_too_long_to_write_is_refused_with_its_limit(a, b, named):
    assert len(AddWorld(digits=2).encode(99, 0)) == 1
    with pytest.raises(ValueError, match=f"{named} .*between 0 and 99"):
        AddWorld(digits=2).encode(a, b)
