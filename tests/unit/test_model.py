"""The transformer: the same as GPT-2 in transformers, blind to the future, decided by its seed.

Run: .venv/bin/python -m pytest -q tests/unit/test_model.py (about 8 s, most of it importing transformers).
"""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible.model import FEWEST_KEYS, ModelConfig, Places, Transformer, attend

SIZE = ModelConfig(vocab_size=11, context_length=9, d_model=16, n_layers=2, n_heads=4)


def some_tokens(rows: int = 3, length: int = 9, seed: int = 0) -> torch.Tensor:
    return torch.randint(SIZE.vocab_size, (rows, length), generator=torch.Generator().manual_seed(seed))


def strong_model(seed: int = 0) -> Transformer:
    """A model with large random weights and biases everywhere, so that every part of it counts."""
    model = Transformer(SIZE, seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "tokens" not in name and "positions" not in name:  # small embeddings: LayerNorm's eps counts too
                weights.add_(torch.randn(weights.shape, generator=generator) * 0.3)
    return model


def as_gpt2(model: Transformer):
    """The same weights in transformers' GPT2LMHeadModel; its Conv1D keeps them transposed."""
    from transformers import GPT2Config, GPT2LMHeadModel

    size = model.config
    config = GPT2Config(
        vocab_size=size.vocab_size,
        n_positions=size.context_length,
        n_embd=size.d_model,
        n_layer=size.n_layers,
        n_head=size.n_heads,
        activation_function="relu",
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=0,
        eos_token_id=0,
    )
    weights = {"transformer.wte.weight": model.tokens.weight, "transformer.wpe.weight": model.positions.weight}
    names = {"ln_1": "norm_attention", "ln_2": "norm_mlp", "attn.c_attn": "query_key_value"}
    names |= {"attn.c_proj": "mix", "mlp.c_fc": "up", "mlp.c_proj": "down"}
    for i, block in enumerate(model.blocks):
        for theirs, ours in names.items():
            module = getattr(block, ours)
            turned = isinstance(module, torch.nn.Linear)
            weights[f"transformer.h.{i}.{theirs}.weight"] = module.weight.T if turned else module.weight
            weights[f"transformer.h.{i}.{theirs}.bias"] = module.bias
    weights |= {f"transformer.ln_f.{name}": getattr(model.norm, name) for name in ("weight", "bias")}
    gpt2 = GPT2LMHeadModel(config)
    missing, unexpected = gpt2.load_state_dict(weights, strict=False)
    assert missing == ["lm_head.weight"], "the head is tied to the embedding, and nothing else may be missing"
    assert not unexpected
    return gpt2.eval()


def test_logits_are_those_of_gpt2_in_transformers():
    model, tokens = strong_model(), some_tokens()
    with torch.no_grad():
        ours, theirs = model(tokens), as_gpt2(model)(tokens).logits
    assert ours.std() > 0.05, "logits that hardly differ from zero would agree with anything"
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_gpt2_with_one_weight_changed_gives_other_logits():
    model, tokens = strong_model(), some_tokens()
    gpt2 = as_gpt2(model)
    with torch.no_grad():
        gpt2.transformer.h[1].attn.c_proj.bias[0] += 0.1
        assert (model(tokens) - gpt2(tokens).logits).abs().max() > 1e-4


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(st.integers(1, 8), st.integers(0, 10**6))
def test_the_future_cannot_leak(cut, seed):
    model, tokens = strong_model(), some_tokens(seed=seed)
    changed = tokens.clone()
    changed[:, cut:] = (changed[:, cut:] + 1) % SIZE.vocab_size
    with torch.no_grad():
        before, after = model(tokens), model(changed)
    torch.testing.assert_close(after[:, :cut], before[:, :cut])
    assert (after[:, cut:] - before[:, cut:]).abs().amin(dim=(0, 1)).max() > 0, "the rewrite had no effect"


@pytest.mark.parametrize("length", [1, 9, FEWEST_KEYS - 1, FEWEST_KEYS, FEWEST_KEYS + 1, 31])
def test_attention_and_its_gradients_are_those_of_torch(length):
    generator = torch.Generator().manual_seed(0)
    ours = [torch.randn(3, 4, length, 5, generator=generator).requires_grad_() for _ in range(3)]
    theirs = [x.detach().clone().requires_grad_() for x in ours]
    mask = torch.full((length, length), -math.inf).triu(1)
    found, expected = attend(*ours, mask), F.scaled_dot_product_attention(*theirs, is_causal=True)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)
    weights = torch.randn(expected.shape, generator=generator)
    (found * weights).sum().backward()
    (expected * weights).sum().backward()
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, other.grad, atol=1e-5, rtol=1e-4)


def test_attention_of_some_queries_is_that_of_all_at_their_places():
    generator = torch.Generator().manual_seed(0)
    queries, keys, values = (torch.randn(3, 4, 9, 5, generator=generator) for _ in range(3))
    mask = torch.full((9, 9), -math.inf).triu(1)
    few = attend(queries[:, :, [2, 7]], keys, values, mask[[2, 7]])
    torch.testing.assert_close(few, attend(queries, keys, values, mask)[:, :, [2, 7]], atol=1e-6, rtol=1e-5)


def test_places_by_hand():
    wanted = torch.tensor([[0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 0]], dtype=torch.bool)
    places = Places(wanted)
    assert (places.rows.tolist(), places.positions.tolist()) == ([0, 0, 2, 2, 2], [1, 3, 0, 1, 2])
    assert (places.shape, places.starts.tolist()) == ((3, 3), [0, 2, 2])
    x = torch.arange(10.0).view(5, 2)  # five vectors, one number for each of two heads
    spread = places.spread(x, n_heads=2)
    assert spread.shape == (3, 2, 3, 1)
    assert spread[0, :, :2, 0].T.tolist() == [[0, 1], [2, 3]]
    assert spread[2, :, :, 0].T.tolist() == [[4, 5], [6, 7], [8, 9]]
    assert torch.equal(places.pack(spread), x)


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 4), st.lists(st.booleans(), min_size=24, max_size=24))
def test_packing_undoes_spreading_and_each_vector_lies_in_its_row(rows, flags):
    wanted = torch.tensor(flags).view(4, 6)[:rows]
    places = Places(wanted)
    x = torch.randn(int(wanted.sum()), 8, generator=torch.Generator().manual_seed(0))
    spread = places.spread(x, n_heads=4)
    assert torch.equal(places.pack(spread), x)
    at_home = torch.zeros(rows, 6, 8)
    at_home[wanted] = x
    for row, count in enumerate(wanted.sum(dim=1).tolist()):
        assert torch.equal(spread[row, :, :count].transpose(0, 1).flatten(1), at_home[row][wanted[row]])


@pytest.mark.parametrize("scored_places", [[(0, 8), (1, 2), (1, 3), (2, 0)], [(2, t) for t in range(9)], [(1, 4)]])
def test_gradients_of_the_scored_loss_are_those_of_gpt2_in_transformers(scored_places):
    model, tokens, targets = strong_model(), some_tokens(), some_tokens(seed=1)
    scored = torch.zeros(3, 9, dtype=torch.bool)
    scored[tuple(zip(*scored_places, strict=True))] = True
    gpt2 = as_gpt2(model)
    F.cross_entropy(model(tokens, scored), targets[scored]).backward()
    F.cross_entropy(gpt2(tokens).logits[scored], targets[scored]).backward()
    pairs = [(model.tokens.weight, gpt2.transformer.wte.weight), (model.positions.weight, gpt2.transformer.wpe.weight)]
    for ours, theirs in zip(model.blocks, gpt2.transformer.h, strict=True):
        for mine, other in ((ours.query_key_value, theirs.attn.c_attn), (ours.mix, theirs.attn.c_proj)):
            pairs += [(mine.weight, other.weight), (mine.bias, other.bias)]
        for mine, other in ((ours.up, theirs.mlp.c_fc), (ours.down, theirs.mlp.c_proj)):
            pairs += [(mine.weight, other.weight), (mine.bias, other.bias)]
        for mine, other in ((ours.norm_attention, theirs.ln_1), (ours.norm_mlp, theirs.ln_2)):
            pairs += [(mine.weight, other.weight), (mine.bias, other.bias)]
    pairs += [(model.norm.weight, gpt2.transformer.ln_f.weight), (model.norm.bias, gpt2.transformer.ln_f.bias)]
    assert len(pairs) == len(list(model.parameters()))
    for ours, theirs in pairs:
        turned = ours.dim() == 2 and ours is not model.tokens.weight and ours is not model.positions.weight
        torch.testing.assert_close(ours.grad, theirs.grad.T if turned else theirs.grad, atol=1e-5, rtol=1e-4)


def test_what_follows_a_rows_last_scored_position_is_not_read():
    model, tokens = strong_model(), some_tokens()
    scored = torch.zeros(3, 9, dtype=torch.bool)
    scored[0, 2] = scored[0, 4] = scored[2, 0] = True
    read, seen = scored.flip(1).cumsum(dim=1).flip(1) > 0, []
    handle = model.tokens.register_forward_hook(lambda module, arguments, out: seen.append(arguments[0]))
    with torch.no_grad():
        model(tokens, scored)
    handle.remove()
    assert seen[0].tolist() == tokens[read].tolist()
    assert len(seen[0]) == 6


def test_every_position_sees_the_whole_past():
    model, tokens = strong_model(), some_tokens(rows=1)
    changed = tokens.clone()
    changed[:, 0] = (changed[:, 0] + 1) % SIZE.vocab_size
    with torch.no_grad():
        moved = (model(changed) - model(tokens)).abs().amax(dim=-1)
    assert (moved > 1e-4).all()


def test_the_order_of_the_tokens_matters():
    model = strong_model()
    with torch.no_grad():
        forth, back = model(torch.tensor([[1, 2, 3]]))[:, -1], model(torch.tensor([[2, 1, 3]]))[:, -1]
    assert (forth - back).abs().max() > 1e-4


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(st.lists(st.booleans(), min_size=27, max_size=27))
def test_scored_logits_are_the_full_logits_at_those_positions(flags):
    model, tokens = strong_model(), some_tokens()
    scored = torch.tensor(flags).view(3, 9)
    with torch.no_grad():
        some, full = model(tokens, scored), model(tokens)
    assert some.shape == (sum(flags), SIZE.vocab_size)
    torch.testing.assert_close(some, full[scored])


@pytest.mark.parametrize("vocab_size", [12, 50, 256])
def test_the_untrained_loss_is_about_ln_v(vocab_size):
    config = ModelConfig(vocab_size, context_length=16)
    tokens = torch.randint(vocab_size, (64, 16), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        loss = F.cross_entropy(Transformer(config, 0)(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
    assert loss.item() == pytest.approx(math.log(vocab_size), abs=0.05)


def test_building_a_model_leaves_the_global_generator_alone():
    torch.manual_seed(7)
    expected = torch.rand(5)
    torch.manual_seed(7)
    Transformer(SIZE, seed=1)
    assert torch.equal(torch.rand(5), expected)


def test_the_seed_decides_every_weight_matrix():
    first, again, other = (Transformer(SIZE, seed).state_dict() for seed in (1, 1, 2))
    matrices = [name for name in first if first[name].dim() == 2]
    assert len(matrices) == 2 + 4 * SIZE.n_layers
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in matrices)


def test_the_global_generator_decides_no_weight():
    torch.manual_seed(1)
    first = Transformer(SIZE, seed=3).state_dict()
    torch.manual_seed(2)
    again = Transformer(SIZE, seed=3).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_the_parameters_are_counted_with_the_tied_embedding_once():
    v, t, d, layers = 12, 9, 32, 2
    block = 2 * 2 * d + (d + 1) * 3 * d + (d + 1) * d + (d + 1) * 4 * d + (4 * d + 1) * d
    by_hand = v * d + t * d + layers * block + 2 * d
    assert Transformer(ModelConfig(v, t, d, layers, n_heads=4), 0).n_parameters() == by_hand == 26_144


def test_a_width_that_the_heads_cannot_share_is_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"d_model=30.*n_heads=4") as error:
        ModelConfig(vocab_size=12, context_length=9, d_model=30, n_heads=4)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["vocab_size", "context_length", "d_model", "n_layers", "n_heads"])
def test_a_size_below_one_is_refused_by_name(name):
    with pytest.raises(ValueError, match=f"^{name}=0 .*at least 1$"):
        ModelConfig(**{"vocab_size": 12, "context_length": 9, name: 0})


def test_too_many_tokens_are_refused_with_both_numbers():
    assert Transformer(SIZE, 0)(some_tokens(length=9)).shape == (3, 9, 11)
    with pytest.raises(ValueError, match=r"^10 tokens .*context_length=9$"):
        Transformer(SIZE, 0)(some_tokens(length=10))
