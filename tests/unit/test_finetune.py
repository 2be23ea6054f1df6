"""Tuning with an adapter: what moves, what stays, and that an ordinary model comes back.

Run: .venv/bin/python -m pytest -q tests/unit/test_finetune.py (about 5 s).
"""

from dataclasses import replace

import pytest
import torch

from crucible.finetune import NEW_WORDS, RECIPE, Adapter, adapt
from crucible.model import ModelConfig, Transformer
from crucible.train import answer_loss
from crucible.worlds import ClinicWorld, MiniWorld
from crucible.worlds.mini import VOCAB

SIZE = ModelConfig(vocab_size=len(VOCAB), context_length=16, d_model=8, n_layers=1, n_heads=2)
SHORT = replace(RECIPE, steps=8, warmup_steps=2, batch_size=12)
CLINIC = ClinicWorld(n_train=30)


def state(model: Transformer) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def test_the_base_stays_and_an_ordinary_model_comes_back():
    base = Transformer(SIZE, 1)
    before = state(base)
    run = adapt(base, CLINIC, seed=0, config=SHORT)
    assert all(torch.equal(before[name], tensor) for name, tensor in base.state_dict().items())
    assert list(run.model.state_dict()) == list(before)
    assert all(weight.requires_grad for weight in run.model.parameters())
    assert run.model.norm.weight.equal(base.norm.weight), "an adapter leaves the norms alone"


def test_the_merged_model_has_the_loss_of_the_adapted_one():
    base, questions = Transformer(SIZE, 1), CLINIC.questions("train")
    tuned = adapt(base, CLINIC, seed=0, config=replace(SHORT, steps=60)).model
    assert answer_loss(tuned, questions) < answer_loss(base, questions) - 0.5


def test_only_new_words_move_and_a_matrix_changes_by_its_rank():
    base = Transformer(SIZE, 1)
    tuned = adapt(base, CLINIC, seed=0, config=SHORT, adapter=Adapter(rank=2)).model
    moved = (tuned.tokens.weight != base.tokens.weight).any(dim=1)
    assert set(moved.nonzero().flatten().tolist()) <= set(NEW_WORDS.tolist())
    assert moved[VOCAB.index("says")]
    change = (tuned.blocks[0].up.weight - base.blocks[0].up.weight).detach()
    assert torch.linalg.matrix_rank(change, rtol=1e-3) == 2


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    base = Transformer(SIZE, 1)
    first, again, other = (adapt(base, CLINIC, seed, SHORT).losses for seed in (0, 0, 1))
    assert len(first) == SHORT.steps
    assert first == again != other


def test_replay_keeps_the_general_corpus_in_mind():
    base, general = Transformer(SIZE, 1), MiniWorld()
    rows = general.questions("train")[slice(0, 2000)]
    config = replace(SHORT, steps=60)
    alone, mixed = (adapt(base, CLINIC, 0, config, replay=world).model for world in (None, general))
    assert answer_loss(mixed, rows) < answer_loss(alone, rows) - 0.2


@pytest.mark.parametrize(
    "wrong", [{"rank": 0}, {"rank": 1.5}, {"new_words_speed": 0}, {"new_words_speed": float("nan")}]
)
def test_adapters_out_of_range_are_refused_in_one_line(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Adapter(**wrong)


def test_a_model_without_the_new_words_is_refused():
    with pytest.raises(ValueError, match="vocab_size=20"):
        adapt(Transformer(replace(SIZE, vocab_size=20), 1), CLINIC, 0, SHORT)
