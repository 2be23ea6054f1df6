"""Scores: against stand-in models whose scores are known, and against letting the model write.

Run: .venv/bin/python -m pytest -q tests/unit/test_evaluate.py (about 5 s).
"""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible import bases, evaluate
from crucible.metrics import METRICS
from crucible.model import ModelConfig, Transformer
from crucible.train import TrainConfig, train
from crucible.worlds import AddWorld, ClinicWorld, Questions

WORLD = AddWorld(digits=1)
V = len(WORLD.vocab)


def all_sums() -> Questions:
    """All hundred sums of two digits, so that scores can be counted on paper."""
    parts = [WORLD.questions(split) for split in ("train", "test")]
    return Questions(torch.cat([p.tokens for p in parts]), torch.cat([p.scored for p in parts]))


def constant(token: int, certainty: float = 1.0):
    """A stand-in for a model that always answers the same token."""
    return lambda tokens, scored: certainty * F.one_hot(torch.full((int(scored.sum()),), token), V).float()


def knowing(tokens, scored):
    """A stand-in for a model that adds, with the whole prompt before it and one digit to say per position."""
    a, b = tokens[:, 0], tokens[:, 2]
    right = torch.zeros_like(tokens)
    right[:, 3] = (a + b) % 10
    if tokens.shape[1] > 4:
        right[:, 4] = (a + b) // 10
    return F.one_hot(right[scored], V).float()


@pytest.fixture(scope="module")
def half_trained() -> dict[int, Transformer]:
    size = ModelConfig(V, WORLD.context_length, d_model=32, n_layers=1, n_heads=2)
    recipe = TrainConfig(steps=150, learning_rate=1e-2, warmup_steps=10)
    return train(WORLD, size, recipe, seed=1, checkpoints=(0, 40, 80)).checkpoints


def test_a_model_that_knows_the_answers_scores_100():
    assert evaluate.exact_match(knowing, all_sums()) == 100
    assert evaluate.token_accuracy(knowing, all_sums()) == 100


@pytest.mark.parametrize(("token", "sums_right", "tokens_right"), [(0, 1, 10 + 55), (1, 8, 10 + 45), (7, 0, 10)])
def test_a_constant_model_scores_what_counting_says(token, sums_right, tokens_right):
    # "00" is right for 0 + 0 only, "11" for the eight pairs of digits that make 11, "77" for none.
    # As a ones digit each digit is right for ten of the hundred sums; 55 sums are below ten.
    assert evaluate.exact_match(constant(token), all_sums()) == pytest.approx(sums_right)
    assert evaluate.token_accuracy(constant(token), all_sums()) == pytest.approx(tokens_right / 2)


def test_the_loss_of_a_constant_model_is_as_computed_by_hand():
    sure = math.log(math.e**2 + V - 1)  # of the logits 2 once and 0 else
    by_hand = sure - 2 * (10 + 45) / 200  # right for 55 of the 200 answer tokens
    assert evaluate.answer_loss(constant(1, certainty=2.0), all_sums()) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("step", [0, 40, 80, 150])
def test_exact_match_is_the_score_of_the_answers_that_the_model_writes(half_trained, step):
    questions = all_sums()
    written, _ = evaluate.write_answers(half_trained[step], questions)
    right = written == questions.tokens[questions.scored].view(len(questions), -1)
    assert evaluate.exact_match(half_trained[step], questions) == pytest.approx(100 * right.all(dim=1).float().mean())


def test_the_half_trained_models_are_half_right(half_trained):
    shares = [evaluate.exact_match(half_trained[step], all_sums()) for step in (0, 40, 80, 150)]
    assert shares[0] < 10
    assert any(10 < share < 90 for share in shares), "the test above needs models that are right and wrong"


def test_a_written_answer_follows_what_the_model_wrote_before():
    def echo(tokens, scored):  # says the token after the one it stands on
        return F.one_hot((tokens[scored] + 1) % V, V).float()

    question = WORLD.encode(3, 4)  # ends in "=", the last token of the vocabulary
    written, _ = evaluate.write_answers(echo, question)
    assert written.tolist() == [[0, 1]]


def test_the_probabilities_are_those_of_the_digits_that_were_written(half_trained):
    questions = all_sums()[:20]
    written, probabilities = evaluate.write_answers(half_trained[80], questions)
    assert probabilities.shape == (20, 2, V)
    torch.testing.assert_close(probabilities.sum(dim=-1), torch.ones(20, 2))
    assert torch.equal(probabilities.argmax(-1), written)
    first = half_trained[80](questions.tokens[:, :4])[:, -1].softmax(-1)
    torch.testing.assert_close(probabilities[:, 0], first.detach())


def test_writing_does_not_look_at_the_right_answer(half_trained):
    questions = all_sums()
    forged = Questions(questions.tokens.clone(), questions.scored)
    forged.tokens[forged.scored] = 9
    (honest, _), (blind, _) = (evaluate.write_answers(half_trained[80], q) for q in (questions, forged))
    assert torch.equal(honest, blind)


def test_an_answer_that_is_not_at_the_end_cannot_be_written():
    question = WORLD.encode(3, 4)
    with pytest.raises(ValueError, match=r"2 answer tokens .*end"):
        evaluate.write_answers(knowing, Questions(question.tokens, question.scored.roll(-1, dims=1)))


def test_a_score_does_not_depend_on_how_many_questions_fit_in_a_pass(half_trained, monkeypatch):
    whole = evaluate.exact_match(half_trained[80], all_sums())
    sizes = []

    def noting(tokens, scored):
        sizes.append(len(tokens))
        return half_trained[80](tokens, scored)

    monkeypatch.setattr(evaluate, "CHUNK", 7)
    assert evaluate.exact_match(noting, all_sums()) == whole
    assert sum(sizes) == 100
    assert max(sizes) == 7


def test_no_score_keeps_a_graph_for_gradients(half_trained):
    _, probabilities = evaluate.write_answers(half_trained[0], all_sums()[:3])
    assert not probabilities.requires_grad


OF_ANSWERS = ("exact_match", "token_accuracy", "answer_loss")  # a chapter works out the others, in the open


@pytest.mark.parametrize("name", OF_ANSWERS)
def test_a_registered_metric_of_answers_is_a_function_that_gives_a_number(half_trained, name):
    assert name in METRICS
    value = getattr(evaluate, name)(half_trained[40], all_sums())
    assert type(value) is float
    assert 0 < value < 100


class Clerk:
    """Answers the clinic's questions by the oracle; wrong on demand about the sums, or about one patient."""

    def __init__(self, clinic, wrong_sums=False, wrong_patient=None):
        self.clinic, self.wrong_sums, self.wrong_patient = clinic, wrong_sums, wrong_patient

    def __call__(self, tokens, last):
        width = self.clinic.context_length
        rows = torch.nn.functional.pad(tokens, (0, width - tokens.shape[1]))
        scored = torch.zeros_like(rows, dtype=torch.bool)
        scored[:, tokens.shape[1]] = True
        right = self.clinic.oracle(Questions(rows, scored))
        words = self.clinic.vocab
        is_sum = tokens[:, 0] < words.index("+")
        if self.wrong_sums and tokens.shape[1] == 8:
            right = torch.where(is_sum, words.index("end"), right)
        if self.wrong_patient is not None and tokens.shape[1] == 3:
            mine = tokens[:, 0] == words.index(f"p{self.wrong_patient}")
            right = torch.where(mine, words.index("0") + (right - words.index("0") + 1) % 10, right)
        return torch.nn.functional.one_hot(right, len(words)).float()


@pytest.mark.parametrize("wording", ["clinic", "general"])
def test_a_clerk_who_knows_everything_gets_every_dose_right(wording):
    clinic = ClinicWorld(wording=wording)
    assert evaluate.doses(Clerk(clinic), clinic) == 100


def test_a_dose_needs_both_the_record_and_the_sum():
    clinic = ClinicWorld()
    assert evaluate.doses(Clerk(clinic, wrong_sums=True), clinic) == 0
    assert evaluate.doses(Clerk(clinic, wrong_patient=3), clinic) == pytest.approx(99)


def test_an_untrained_model_gets_no_dose_right():
    clinic = ClinicWorld()
    assert evaluate.doses(Transformer(bases.MODEL, seed=0), clinic) == 0


def test_answers_are_written_before_the_padding():
    clinic = ClinicWorld()
    questions = clinic.questions("skill")[:20]
    answers, _ = evaluate.write_answers(Clerk(clinic), questions.without_padding())
    assert torch.equal(answers.flatten(), questions.tokens[questions.scored])


# ---- Where a curve rises ----


def test_a_rise_is_read_off_the_line_between_two_points():
    assert evaluate.rise((1, 100), (0, 1), log=True) == pytest.approx((10**0.2, 10**1.8))
    assert evaluate.rise((0, 100), (0, 1), log=False) == pytest.approx((10, 90))
    assert evaluate.rise((0, 10, 20), (0, 0.5, 1), 0.5, 0.75, log=False) == (10, 15)


def test_a_level_that_is_never_reached_is_none_and_one_at_the_start_is_the_start():
    assert evaluate.rise((1, 2), (0, 0.05)) == (None, None)
    low, high = evaluate.rise((1, 10), (0, 0.8))
    assert (low, high) == (pytest.approx(10**0.125), None)
    assert evaluate.rise((1, 2, 3), (0.1, 0, 1))[0] == 1  # at the level counts as reached, also where it falls again
    assert evaluate.rise((5,), (0.95,)) == (5, 5)


def test_the_first_passing_counts_where_a_curve_falls_again():
    assert evaluate.rise((0, 1, 2, 3, 4), (0, 1, 0, 0.2, 1), log=False) == pytest.approx((0.1, 0.9))


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(data=st.data(), log=st.booleans())
def test_a_rise_is_where_a_fine_grid_first_has_the_level(data, log):
    n = data.draw(st.integers(2, 8))
    x = np.cumsum(data.draw(st.lists(st.floats(0.1, 50), min_size=n, max_size=n)))
    share = np.array(data.draw(st.lists(st.floats(-0.5, 1), min_size=n, max_size=n)))
    axis = np.log(x) if log else x
    fine = np.union1d(np.linspace(axis[0], axis[-1], 2_000), axis)
    step = (axis[-1] - axis[0]) / 1_999
    for level, found in zip((0.1, 0.9), evaluate.rise(x.tolist(), share.tolist(), log=log), strict=True):
        over = np.flatnonzero(np.interp(fine, axis, share) >= level)
        if not len(over):
            assert found is None or np.max(share) == pytest.approx(level)
        else:
            at = np.log(found) if log else found
            assert fine[over[0]] - step - 1e-9 <= at <= fine[over[0]] + 1e-9


@pytest.mark.parametrize(
    ("x", "share", "log", "said"),
    [
        ((), (), True, "0 values of x and 0 shares"),
        ((1, 2), (0,), True, "2 values of x and 1 shares"),
        ((2, 1), (0, 1), True, "x must rise"),
        ((1, 2), (0, math.nan), True, "all numbers must be finite"),
        ((0, 2), (0, 1), True, "x has 0, which has no logarithm; log=False takes it"),
    ],
)
def test_a_curve_that_is_none_is_one_line(x, share, log, said):
    with pytest.raises(ValueError, match=said) as error:
        evaluate.rise(x, share, log=log)
    assert "\n" not in str(error.value)
