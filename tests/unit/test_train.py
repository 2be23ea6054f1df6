"""The training loop: the loss, the schedule, the checkpoints, the seeds.

Run: .venv/bin/python -m pytest -q tests/unit/test_train.py (about 7 s).
"""

import math
from dataclasses import dataclass, replace

import pytest
import torch

from crucible import evaluate
from crucible.model import ModelConfig, Transformer
from crucible.train import TrainConfig, answer_loss, as_one, one_thread, train
from crucible.worlds import AddWorld, Questions

WORLD = AddWorld(digits=1)
SIZE = ModelConfig(vocab_size=len(WORLD.vocab), context_length=WORLD.context_length, d_model=8, n_layers=1, n_heads=2)
SHORT = TrainConfig(steps=12, batch_size=16, warmup_steps=3)


class Fixed:
    """A stand-in for a model: the same logits whatever it is shown."""

    def __init__(self, logits: torch.Tensor):
        self.logits = logits  # (B, T, V)

    def __call__(self, tokens, scored):
        return self.logits[scored]


def two_questions() -> tuple[Fixed, Questions]:
    tokens = torch.tensor([[0, 1, 2, 3], [3, 2, 1, 0]])
    scored = torch.tensor([[False, False, True, True], [False, False, False, True]])
    logits = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    return Fixed(logits), Questions(tokens, scored)


def drawn_rows(count: int, steps: int, batch_size: int, seed: int) -> list[torch.Tensor]:
    """The rows that `train` is documented to draw: from a generator with the run's seed."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(count, (batch_size,), generator=generator) for _ in range(steps)]


def test_the_loss_is_the_mean_surprise_of_the_answer_tokens():
    model, questions = two_questions()
    surprises = []
    for row, place, target in ((0, 1, 2), (0, 2, 3), (1, 2, 0)):  # a logit speaks of the token after it
        scores = [math.exp(x) for x in model.logits[row, place].tolist()]
        surprises.append(-math.log(scores[target] / sum(scores)))
    assert answer_loss(model, questions).item() == pytest.approx(sum(surprises) / 3, rel=1e-5)


def test_the_loss_ignores_the_tokens_of_the_prompt():
    model, questions = two_questions()
    before = answer_loss(model, questions)
    prompt, answer = questions.tokens.clone(), questions.tokens.clone()
    prompt[~questions.scored] = (prompt[~questions.scored] + 1) % 4
    answer[1, 3] = 2
    assert answer_loss(model, Questions(prompt, questions.scored)) == before
    assert answer_loss(model, Questions(answer, questions.scored)) != before


def test_the_loss_of_a_real_model_sends_no_gradient_through_the_last_token():
    model, questions = Transformer(SIZE, 0), WORLD.encode(3, 4)
    answer_loss(model, questions).backward()
    assert model.positions.weight.grad[-1].abs().sum() == 0, "the last token is only a target, never an input"
    assert (model.positions.weight.grad[:-1].abs().sum(dim=1) > 0).all()


def test_a_tiny_world_is_learned_by_heart():
    wide = ModelConfig(SIZE.vocab_size, SIZE.context_length, d_model=32, n_layers=1, n_heads=2)
    run = train(WORLD, wide, TrainConfig(steps=300, learning_rate=1e-2, warmup_steps=20), seed=1, checkpoints=(0,))
    shown = WORLD.questions("train")
    assert evaluate.exact_match(run.model, shown) > 95
    assert evaluate.exact_match(run.checkpoints[0], shown) < 30
    assert run.losses[-1] < 0.3 < run.losses[0]


def test_the_same_seed_gives_the_same_losses_and_another_seed_others():
    first, again, other = (train(WORLD, SIZE, SHORT, seed).losses for seed in (1, 1, 2))
    assert len(first) == SHORT.steps
    assert first == again
    assert not set(first) & set(other)


def test_a_run_is_the_written_out_loop_with_plain_adamw():
    questions, model = WORLD.questions("train"), Transformer(SIZE, 4)
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=SHORT.weight_decay, foreach=False)
    losses = []
    for step, rows in enumerate(drawn_rows(len(questions), SHORT.steps, SHORT.batch_size, seed=4)):
        optimizer.param_groups[0]["lr"] = SHORT.learning_rate_at(step)
        loss = answer_loss(model, questions[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert train(WORLD, SIZE, SHORT, seed=4).losses == pytest.approx(losses, abs=1e-4)
    assert losses[-1] < losses[0] - 0.01, "too little has moved to tell two optimizers apart"


def test_a_model_as_one_tensor_is_the_same_model_and_shares_its_numbers_and_gradients():
    model, plain = Transformer(SIZE, seed=0), Transformer(SIZE, seed=0)
    whole = as_one(model)
    for mine, other in zip(model.parameters(), plain.parameters(), strict=True):
        assert torch.equal(mine, other)
        assert mine.is_leaf
    assert whole.numel() == model.n_parameters()
    questions = WORLD.questions("train")
    for some in (model, plain):
        answer_loss(some, questions).backward()
    torch.testing.assert_close(whole.grad, torch.cat([p.grad.flatten() for p in plain.parameters()]))
    with torch.no_grad():
        whole.zero_()
    assert not any(parameter.any() for parameter in model.parameters())


def test_what_a_run_keeps_holds_on_to_nothing_but_its_own_numbers():
    run = train(WORLD, SIZE, SHORT, seed=1, checkpoints=(0, 4))
    for model in run.checkpoints.values():
        for parameter in model.parameters():
            assert parameter.untyped_storage().nbytes() == 4 * parameter.numel()
            assert parameter.grad is None


def test_the_loss_of_a_step_is_that_of_the_model_before_it():
    run = train(WORLD, SIZE, SHORT, seed=5, checkpoints=tuple(range(SHORT.steps)))
    questions = WORLD.questions("train")
    rows = drawn_rows(len(questions), SHORT.steps, SHORT.batch_size, seed=5)
    again = [answer_loss(run.checkpoints[step], questions[rows[step]]).item() for step in range(SHORT.steps)]
    assert again == pytest.approx(run.losses, abs=1e-6)


def test_two_worlds_under_one_seed_start_from_one_model_and_draw_the_same_rows():
    @dataclass(frozen=True)
    class Noting(Questions):
        noted: list

        def __getitem__(self, rows):
            self.noted.append(rows.tolist())
            return super().__getitem__(rows)

    @dataclass(frozen=True)
    class Noted(AddWorld):
        def questions(self, split):
            plain = super().questions(split)
            return Noting(plain.tokens, plain.scored, noted[self.shuffled])

    noted = {False: [], True: []}
    true, placebo = (train(Noted(digits=1, shuffled=s), SIZE, SHORT, 6, checkpoints=(0,)) for s in (False, True))
    assert noted[False] == noted[True]
    assert len(noted[True]) == SHORT.steps
    for ours, theirs in zip(true.checkpoints[0].parameters(), placebo.checkpoints[0].parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert true.losses != placebo.losses


def test_the_learning_rate_follows_the_hand_computed_schedule():
    config = TrainConfig(steps=10, learning_rate=2.0, warmup_steps=4, final_share=0.5)
    by_hand = [0.5, 0.95, 1.35, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1]
    assert [config.learning_rate_at(step) for step in range(10)] == pytest.approx(by_hand)


def test_the_default_schedule_peaks_near_the_learning_rate_and_ends_near_its_final_share():
    config = TrainConfig()
    rates = [config.learning_rate_at(step) for step in range(config.steps)]
    assert max(rates) == rates[config.warmup_steps - 1]
    assert 0.9 * config.learning_rate < max(rates) <= config.learning_rate
    assert rates[-1] == pytest.approx(config.final_share * config.learning_rate, rel=0.05)


def test_training_obeys_the_schedule(monkeypatch):
    monkeypatch.setattr(TrainConfig, "learning_rate_at", lambda self, step: 0.0 if step else 0.1)
    run = train(WORLD, SIZE, SHORT, seed=1, checkpoints=(0, 1))
    untrained, first, last = (run.checkpoints[k].tokens.weight for k in (0, 1, SHORT.steps))
    assert torch.equal(first, last)
    assert not torch.equal(untrained, first)


def test_the_wanted_checkpoints_and_the_last_step_are_kept():
    run = train(WORLD, SIZE, SHORT, seed=1, checkpoints=(0, 5))
    assert sorted(run.checkpoints) == [0, 5, SHORT.steps]
    assert run.model is run.checkpoints[SHORT.steps]
    assert sorted(train(WORLD, SIZE, SHORT, seed=1).checkpoints) == [SHORT.steps]


def test_checkpoint_zero_is_the_untrained_model():
    kept = train(WORLD, SIZE, SHORT, seed=9, checkpoints=(0,)).checkpoints[0]
    for ours, theirs in zip(kept.parameters(), Transformer(SIZE, 9).parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_a_checkpoint_is_not_changed_by_the_steps_after_it():
    seen = {}

    def on_step(step, loss):
        seen[step] = loss

    long = train(WORLD, SIZE, SHORT, 1, checkpoints=(4, 8), on_step=on_step)
    weights = [long.checkpoints[step].tokens.weight for step in (4, 8, SHORT.steps)]
    assert not torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[1], weights[2])
    assert list(seen.items()) == list(enumerate(long.losses, start=1))


def test_keeping_checkpoints_changes_nothing_about_the_run():
    assert train(WORLD, SIZE, SHORT, 3).losses == train(WORLD, SIZE, SHORT, 3, checkpoints=(0, 1, 2, 3)).losses


@pytest.mark.parametrize("step", [-1, 13])
def test_a_checkpoint_outside_the_run_is_refused_with_the_last_step(step):
    with pytest.raises(ValueError, match=f"checkpoint {step} .*steps=12"):
        train(WORLD, SIZE, SHORT, seed=1, checkpoints=(0, step))


@pytest.mark.parametrize("name", ["steps", "batch_size", "learning_rate", "warmup_steps"])
@pytest.mark.parametrize("value", [0, -2])
def test_a_setting_not_above_zero_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"^{name}={value} .*above 0"):
        TrainConfig(**{name: value})


@pytest.mark.parametrize("name", ["steps", "batch_size", "warmup_steps"])
@pytest.mark.parametrize("value", [2.5, 8.0, True, math.nan])
def test_a_count_that_is_no_whole_number_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"^{name}={value} must be a whole number above 0$"):
        TrainConfig(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "limit"),
    [("learning_rate", x, "a finite number above 0") for x in (math.nan, math.inf)]
    + [("final_share", x, "between 0 and 1") for x in (-0.1, 1.1, math.nan)]
    + [("weight_decay", x, "a finite number, 0 or above") for x in (-0.1, math.inf, math.nan)],
)
def test_a_rate_beyond_its_limit_is_refused_with_name_value_and_limit(name, value, limit):
    with pytest.raises(ValueError, match=f"^{name}={value} must .*{limit}$"):
        TrainConfig(**{name: value})


@pytest.mark.parametrize(("name", "needed"), [("vocab_size", 12), ("context_length", 6)])
def test_a_model_too_small_for_its_world_is_refused_in_one_line(name, needed):
    with pytest.raises(ValueError, match=f"^{name}={needed - 1} of the model must be at least the world's {needed}$"):
        train(WORLD, replace(SIZE, **{name: needed - 1}), SHORT, seed=1)


def test_a_training_process_has_one_thread_and_no_denormal_numbers():
    torch.set_num_threads(2)
    torch.set_flush_denormal(False)
    denormal = torch.tensor([1e-42])
    assert denormal * 1 != 0
    one_thread()
    assert torch.get_num_threads() == 1
    assert denormal * 1 == 0


def test_training_on_goes_on_from_a_copy_of_the_start():
    first = train(WORLD, SIZE, SHORT, seed=1).model
    before = {name: tensor.clone() for name, tensor in first.state_dict().items()}
    again = train(WORLD, SIZE, SHORT, seed=2, checkpoints=(0,), start=first)
    assert all(torch.equal(again.checkpoints[0].state_dict()[name], tensor) for name, tensor in before.items())
    assert all(torch.equal(first.state_dict()[name], tensor) for name, tensor in before.items()), "start changed"
    assert not torch.equal(again.model.tokens.weight, first.tokens.weight)


def test_a_start_of_another_size_is_refused_in_one_line():
    other = Transformer(replace(SIZE, d_model=2 * SIZE.d_model), seed=0)
    with pytest.raises(ValueError, match=r"start has ModelConfig.* which is not ModelConfig") as error:
        train(WORLD, SIZE, SHORT, seed=1, start=other)
    assert "\n" not in str(error.value)
