"""The packed weights and the widget's Python side: exact, small, and refused in one line when they are not whole.

Run: .venv/bin/python -m pytest -q tests/unit/test_ask_model.py (about five seconds).
What the page makes of them is in tests/browser/test_ask_model.py.
"""

import base64
import json

import pytest
import torch
import traitlets

from crucible.model import ModelConfig, Transformer
from crucible.widgets.ask_model import AskModel
from crucible.widgets.export import DTYPES, WeightsError, n_bytes, pack, unpack, weights
from crucible.worlds import AddWorld, MiniWorld

ADD = AddWorld(seed=3)
SIZE = ModelConfig(vocab_size=12, context_length=9)
HUNDRED = ModelConfig(vocab_size=40, context_length=24, d_model=64)  # a little over 100,000 parameters


def some(config=SIZE, seed=0, spread=0.3):
    """A model whose every parameter counts, biases and norms, too."""
    model = Transformer(config, seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * spread)
    return model


def tensors(model):
    return model.state_dict().items()


def test_what_is_already_rounded_to_16_bits_comes_back_exactly():
    model = some().half().float()
    back = unpack(pack(model))
    assert back.config == model.config
    assert all(torch.equal(tensor, back.state_dict()[name]) for name, tensor in tensors(model))


def test_8_bits_are_off_by_at_most_half_a_step_of_the_row_and_leave_vectors_at_16():
    model = some()
    back = unpack(pack(model, "int8")).state_dict()
    for name, tensor in tensors(model):
        if tensor.ndim == 2:
            step = tensor.abs().amax(dim=1, keepdim=True) / 127
            assert ((tensor - back[name]).abs() <= step * 0.501).all(), name
            assert not torch.equal(tensor, back[name])
        else:
            assert torch.equal(tensor.half().float(), back[name]), name


def test_a_row_of_zeros_and_one_of_very_small_weights_survive_8_bits():
    model = some()
    with torch.no_grad():
        model.tokens.weight[0] = 0
        model.tokens.weight[1] *= 1e-9
    back = unpack(pack(model, "int8")).tokens.weight
    assert torch.equal(back[0], torch.zeros(32))
    assert torch.allclose(back[1], model.tokens.weight[1], rtol=0.01, atol=1e-11)


@pytest.mark.parametrize("dtype", DTYPES)
def test_packing_twice_gives_the_same_text_and_packing_what_was_unpacked_too(dtype):
    once = pack(some(), dtype)
    assert pack(some(), dtype) == once
    assert pack(unpack(once), "fp16")["config"] == once["config"]
    assert json.loads(json.dumps(once)) == once


@pytest.mark.parametrize(("dtype", "limit"), [("fp16", 300_000), ("int8", 160_000)])
def test_a_hundred_thousand_parameters_stay_below_300_kb(dtype, limit):
    model = some(HUNDRED)
    assert 100_000 < model.n_parameters() < 105_000
    packed = pack(model, dtype)
    assert len(base64.b64decode(packed["data"])) == n_bytes(model, dtype)
    assert len(json.dumps(packed)) < limit


def cut(packed, length):
    return packed | {"data": packed["data"][:length]}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("length", [0, 4, 4001, -4, -1])
def test_weights_cut_short_are_refused_with_both_lengths(dtype, length):
    model = some()
    with pytest.raises(WeightsError, match=rf"^the weights are cut short: .* of {n_bytes(model, dtype):,} bytes$"):
        unpack(cut(pack(model, dtype), length))


def test_a_changed_letter_is_found_and_so_is_another_form():
    packed = pack(some())
    data = packed["data"]
    changed = data[:500] + ("A" if data[500] != "A" else "B") + data[501:]
    with pytest.raises(WeightsError, match="checksum is another"):
        unpack(packed | {"data": changed})
    with pytest.raises(WeightsError, match="form 2, this version reads form 1"):
        unpack(packed | {"form": 2})


@pytest.mark.parametrize("value", [70_000.0, float("nan"), float("inf")])
def test_a_weight_that_16_bits_cannot_hold_is_named(value):
    model = some()
    with torch.no_grad():
        model.blocks[1].mix.bias[3] = value
    with pytest.raises(ValueError, match=r"blocks\.1\.mix\.bias holds a weight beyond 65,504"):
        pack(model)


def test_an_unknown_dtype_is_refused():
    with pytest.raises(ValueError, match="dtype='fp4' must be one of fp16, int8"):
        pack(some(), "fp4")


def test_equal_weights_have_one_copy_and_others_their_own():
    one, again, other = (weights(pack(some(seed=seed))) for seed in (1, 1, 2))
    assert one is again
    assert one is not other
    assert weights(pack(some(seed=1), "int8")) is not one
    one.close()
    assert weights(pack(some(seed=1))) is not one


def asker(**changes):
    given = {"systems": {"model": some()}, "vocab": ADD.vocab, "prompts": ["27 + 58"], "answer_length": 3}
    return AskModel(**(given | {"form": "sum"} | changes))


def test_the_widget_refers_to_its_weights_and_carries_none_itself():
    widget, twin = asker(), asker(prompts=["1 + 1"])
    state = widget.get_state()
    (reference,) = state["systems"][0]["weights"]
    assert reference == "IPY_MODEL_" + widget.systems[0]["weights"][0].model_id
    assert twin.get_state()["systems"] == state["systems"]
    assert len(json.dumps(state)) < 40_000, "the widget's own code and nothing heavy"
    assert "export function unpack" in widget._esm


def test_checkpoints_become_places_in_order():
    widget = asker(systems={"a": {50: some(seed=5), 0: some(seed=0)}, "b": some(seed=9)})
    assert widget.steps == [0, 50]
    assert [len(system["weights"]) for system in widget.systems] == [2, 1]
    first = unpack(widget.systems[0]["weights"][0].packed)
    assert torch.equal(first.tokens.weight, some(seed=0).tokens.weight.half().float())


@pytest.mark.parametrize("place", [-1, 2])
def test_a_place_that_is_not_there_is_refused(place):
    widget = asker(systems={"a": {0: some(), 50: some(seed=1)}})
    with pytest.raises(traitlets.TraitError, match=f"place={place} must lie between 0 and 1"):
        widget.place = place


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"systems": {}}, "systems is empty"),
        ({"systems": {"a": {}}}, "systems is empty"),
        ({"systems": {"a": {0: some(), 5: some()}, "b": {0: some(), 6: some()}}}, "checkpoints differ"),
        ({"prompts": []}, "prompts is empty"),
        ({"vocab": MiniWorld.vocab}, "'model' has vocab_size=12, the vocabulary has"),
        ({"vocab": AddWorld(operation="max").vocab}, "form='sum' needs '\\+'"),
        ({"form": "product"}, "form='product' must be one of '', 'sum'"),
        ({"answer_length": 0, "form": ""}, "answer_length=0 must be at least 1"),
        ({"answer_length": 5}, "answer_length=5 must be 2, 3 or 4"),
        ({"answer_length": 4}, "context_length=9, the sum needs 11"),
        ({"top": 0}, "top=0 must be at least 1"),
        ({"dtype": "fp8"}, "dtype='fp8'"),
        ({"stop": "<end>"}, "stop='<end>' is no word of the vocabulary"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(changes, says):
    with pytest.raises(ValueError, match=says):
        asker(**changes)
