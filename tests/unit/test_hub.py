"""The small model in transformers: the same logits there and back, saved, loaded, generating, adapted; its tokenizer.

Run: .venv/bin/python -m pytest -q tests/unit/test_hub.py (about 20 s, half of it importing; no network).
"""

import importlib.util
import json
import re
import socket
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible import evaluate, train
from crucible.model import ModelConfig, Transformer
from crucible.worlds import AddWorld

hub = pytest.importorskip("crucible.hub", reason="the extra hub is not installed", exc_type=ImportError)
tokenizers = pytest.importorskip("tokenizers")
transformers = pytest.importorskip("transformers")

ROOT = Path(__file__).resolve().parents[2]
SIZE = ModelConfig(vocab_size=12, context_length=6, d_model=16, n_layers=2, n_heads=4)
WORLD = AddWorld(digits=1)  # 12 words, 6 tokens
MINI = ("<pad>", "e1", "e12", "r3", "v7", "d5", "=", "?", "<eos>")  # words of several characters, as facts need them


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whoever asks the network fails, also where the failure would be swallowed."""
    asked = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: asked.append(address))
    yield
    assert not asked


@pytest.fixture(autouse=True, scope="module")
def quiet():
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def strong(model: torch.nn.Module, seed: int = 0) -> torch.nn.Module:
    """The model with large random weights and biases everywhere, so that every part of it counts."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if not re.search("tokens|positions|wte|wpe", name):  # small embeddings: LayerNorm's eps counts too
                weights.add_(torch.randn(weights.shape, generator=generator) * 0.3)
    return model


def some_tokens(size: ModelConfig, length: int | None = None, rows: int = 3) -> torch.Tensor:
    shape = (rows, length or size.context_length)
    return torch.randint(size.vocab_size, shape, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def assert_same_logits(ours: Transformer, theirs, tokens: torch.Tensor) -> None:
    logits = ours(tokens)
    assert logits.std() > 0.03, "logits that hardly differ from zero would agree with anything"
    torch.testing.assert_close(logits, theirs(tokens).logits, atol=1e-5, rtol=1e-5)


def small_gpt2(**options):
    """A GPT-2 of transformers' own making, with what the small model needs unless `options` say otherwise."""
    fields = {
        "vocab_size": 12,
        "n_positions": 6,
        "n_embd": 16,
        "n_layer": 2,
        "n_head": 4,
        "activation_function": "relu",
    }
    fields |= {"bos_token_id": None, "eos_token_id": None}
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**fields | options)).eval()


def one_line(error) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert text
    return text


# The same logits, there and back

SIZES = [
    ModelConfig(2, 1, 1, 1, 1),
    ModelConfig(12, 9),  # the opening's
    ModelConfig(50, 33, 24, 1, 8),
    ModelConfig(12, 6, 8, 6, 1),
    ModelConfig(300, 64, 64, 4, 4),
    ModelConfig(7, 128, 12, 3, 12),
]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_logits_are_the_same_there_and_the_weights_are_the_same_when_back(size):
    model = strong(Transformer(size, 0))
    gpt2 = hub.to_gpt2(model)
    for length in {1, (size.context_length + 1) // 2, size.context_length}:
        if size.d_model == 1:  # LayerNorm of one number is its bias: logits without a spread
            torch.testing.assert_close(model(some_tokens(size, length)), gpt2(some_tokens(size, length)).logits)
        else:
            assert_same_logits(model, gpt2, some_tokens(size, length))
    back = hub.from_gpt2(gpt2)
    assert back.config == size
    assert all(torch.equal(weight, back.state_dict()[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize("options", [{}, {"n_layer": 1, "n_head": 1}, {"n_embd": 24, "n_head": 8, "n_inner": 96}])
def test_a_gpt2_made_by_transformers_comes_over_with_the_same_logits(options):
    gpt2 = strong(small_gpt2(**options))
    model = hub.from_gpt2(gpt2)
    assert_same_logits(model, gpt2, some_tokens(model.config))


def test_the_numbers_are_copied_not_shared():
    model = strong(Transformer(SIZE, 0))
    gpt2 = hub.to_gpt2(model)
    back, tokens = hub.from_gpt2(gpt2), some_tokens(SIZE)
    before = model(tokens)
    with torch.no_grad():
        for weights in gpt2.parameters():
            weights.zero_()
    assert torch.equal(model(tokens), before)
    assert torch.equal(back(tokens), before)


def test_the_loss_of_the_answers_is_the_books_own():
    model, questions = strong(Transformer(SIZE, 0)), WORLD.questions("test")
    labels = questions.tokens.masked_fill(~questions.scored, -100)
    theirs = hub.to_gpt2(model)(input_ids=questions.tokens, labels=labels).loss
    torch.testing.assert_close(theirs, train.answer_loss(model, questions))


def test_converting_leaves_the_global_generator_alone():
    model, gpt2 = Transformer(SIZE, 0), small_gpt2()
    state = torch.get_rng_state()
    hub.to_gpt2(model)
    hub.from_gpt2(gpt2)
    assert torch.equal(torch.get_rng_state(), state)


def test_weights_of_half_the_length_become_float32():
    gpt2 = strong(small_gpt2()).to(torch.bfloat16)
    assert {weight.dtype for weight in hub.from_gpt2(gpt2).state_dict().values()} == {torch.float32}


def test_the_vocabularys_special_words_are_set_in_the_config():
    config = hub.to_gpt2(Transformer(ModelConfig(len(MINI), 6), 0), MINI).config
    assert (config.pad_token_id, config.bos_token_id, config.eos_token_id) == (0, None, 8)
    config = hub.to_gpt2(Transformer(SIZE, 0), WORLD.vocab).config
    assert (config.pad_token_id, config.bos_token_id, config.eos_token_id) == (None, None, None)


def test_a_vocabulary_of_another_length_is_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"^9 words .*vocab_size=12$"):
        hub.to_gpt2(Transformer(SIZE, 0), MINI)


# What the small model cannot hold


@pytest.mark.parametrize(
    "options",
    [
        {"activation_function": "gelu_new"},
        {"layer_norm_epsilon": 1e-6},
        {"scale_attn_weights": False},
        {"scale_attn_by_inverse_layer_idx": True},
        {"add_cross_attention": True},
        {"n_inner": 65},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_gpt2_that_computes_otherwise_is_refused_by_name_and_value(options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=re.escape(f"{name}={value!r}: the small model has ")) as error:
        hub.from_gpt2(small_gpt2(**options))
    one_line(error)


def test_a_head_of_its_own_is_refused():
    with pytest.raises(ValueError, match=r"^the head .*lm_head\.weight.*ties the two$"):
        hub.from_gpt2(small_gpt2(tie_word_embeddings=False))


def test_an_untied_head_that_equals_the_embedding_is_taken():
    gpt2 = strong(small_gpt2(tie_word_embeddings=False))
    with torch.no_grad():
        gpt2.lm_head.weight.copy_(gpt2.transformer.wte.weight)
    assert_same_logits(hub.from_gpt2(gpt2), gpt2, some_tokens(SIZE))


def test_another_kind_of_model_is_refused():
    with pytest.raises(ValueError, match=r"^GPT2Model is not a GPT2LMHeadModel$"):
        hub.from_gpt2(small_gpt2().transformer)


def test_a_weight_of_another_shape_is_refused_by_name():
    gpt2 = small_gpt2()
    gpt2.transformer.h[1].mlp.c_fc.bias = torch.nn.Parameter(torch.zeros(3))
    with pytest.raises(ValueError, match=r"^transformer\.h\.1\.mlp\.c_fc\.bias has shape \(3,\)"):
        hub.from_gpt2(gpt2)


@pytest.mark.parametrize("package", ["transformers", "tokenizers"])
def test_a_missing_package_is_named_with_the_extra_to_install(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    spec = importlib.util.spec_from_file_location("crucible.hub_again", ROOT / "crucible/hub.py")
    with pytest.raises(ImportError, match=rf"needs {package}.*small-models-big-claims\[hub\]") as error:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    one_line(error)


def test_nothing_else_of_the_package_imports_transformers():
    for file in (ROOT / "crucible").rglob("*.py"):
        if file.name != "hub.py":
            assert not re.search(r"import (transformers|tokenizers|peft)|import hub|crucible\.hub", file.read_text()), (
                file
            )


# The tokenizer


@pytest.mark.parametrize("vocab", [WORLD.vocab, MINI], ids=["characters", "words"])
def test_the_place_in_the_vocabulary_is_the_id(vocab):
    words = hub.tokenizer(vocab)
    assert len(words) == len(vocab)
    assert words.convert_ids_to_tokens(range(len(vocab))) == list(vocab)
    assert [words.encode(word) for word in vocab] == [[place] for place in range(len(vocab))]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.sampled_from([WORLD.vocab, MINI, (*WORLD.vocab, "<pad>")]), st.data())
def test_what_is_written_and_read_again_is_the_same(vocab, data):
    tokens = data.draw(st.lists(st.integers(0, len(vocab) - 1), min_size=1, max_size=12))
    words = hub.tokenizer(vocab)
    text = words.decode(tokens)
    between = " " if vocab is MINI else ""
    if vocab is not MINI or not any(vocab[token].startswith("<") for token in tokens):
        assert text == between.join(vocab[token] for token in tokens)
    assert words.encode(text) == tokens


def test_special_words_are_set_only_where_the_vocabulary_has_them():
    words = hub.tokenizer(MINI)
    assert (words.pad_token_id, words.eos_token_id, words.bos_token) == (0, 8, None)
    assert hub.tokenizer(WORLD.vocab).special_tokens_map == {}


def test_a_shorter_text_is_padded_on_the_left_so_that_generate_goes_on_at_its_end():
    batch = hub.tokenizer(MINI)(["e12 r3 =", "="], padding=True)
    assert batch["input_ids"] == [[2, 3, 6], [0, 0, 6]]
    assert batch["attention_mask"] == [[1, 1, 1], [0, 0, 1]]


def test_the_tokenizer_gives_no_token_types_which_gpt2_would_add_to_the_embedding():
    assert set(hub.tokenizer(WORLD.vocab)("1+2=")) == {"input_ids", "attention_mask"}


def test_words_of_one_character_can_be_written_with_spaces():
    words = hub.tokenizer(WORLD.vocab, spaces=True)
    assert words.encode("1 + 2 =") == [1, 10, 2, 11]
    assert words.decode([1, 10, 2, 11]) == "1 + 2 ="


@pytest.mark.parametrize(
    ("vocab", "text", "unknown"),
    [
        (WORLD.vocab, "1 + x", "' ', 'x'"),
        (WORLD.vocab, ["1+1=", "3-1=", "3-2*"], r"'-', '\*'"),
        (MINI, "e12 e13 = e13", "'e13'"),
        (MINI, ["<pad> e1", "<eos> v8 <pad>"], "'v8'"),
        ((*WORLD.vocab, "<pad>"), "1<pad>a", "'a'"),
    ],
)
def test_an_unknown_word_is_named(vocab, text, unknown):
    with pytest.raises(ValueError, match=f"^not in the vocabulary: {unknown}$"):
        hub.tokenizer(vocab)(text)


@pytest.mark.parametrize(
    ("vocab", "says"),
    [
        (("a", "b", "a"), r"^word 2 .*'a', is there twice"),
        (("a", ""), r"^word 1 .*''"),
        (("a", "b c"), r"^word 1 .*'b c'.*space"),
    ],
)
def test_a_vocabulary_that_no_text_can_stand_for_is_refused(vocab, says):
    with pytest.raises(ValueError, match=says) as error:
        hub.tokenizer(vocab)
    one_line(error)


def test_long_words_without_spaces_are_refused():
    with pytest.raises(ValueError, match=r"^the word 'e1' has 2 characters"):
        hub.tokenizer(MINI, spaces=False)


# Saved, loaded, generating


@pytest.fixture(scope="module")
def adder():
    """A model that has learned something: its answers differ from question to question."""
    return train.train(WORLD, SIZE, train.TrainConfig(steps=200, learning_rate=1e-2), seed=1).model


@pytest.fixture
def folder(adder, tmp_path):
    """Model and tokenizer, as save_pretrained writes them."""
    hub.to_gpt2(adder, WORLD.vocab).save_pretrained(tmp_path)
    hub.tokenizer(WORLD.vocab).save_pretrained(tmp_path)
    return tmp_path


def test_transformers_alone_loads_the_folder_with_the_same_logits_and_ids(adder, folder):
    gpt2 = transformers.AutoModelForCausalLM.from_pretrained(folder)
    words = transformers.AutoTokenizer.from_pretrained(folder)
    assert_same_logits(adder, gpt2, some_tokens(SIZE))
    assert words("1+2=")["input_ids"] == [1, 10, 2, 11]
    assert words.decode([1, 10, 2, 11, 3]) == "1+2=3"
    assert set(words("1+2=")) == {"input_ids", "attention_mask"}
    assert type(words).__module__.startswith("transformers.")


def test_generate_writes_the_answers_that_the_book_writes(adder, folder):
    questions = WORLD.questions("train")
    expected, _ = evaluate.write_answers(adder, questions)
    assert len(expected.unique(dim=0)) > 5, "one answer to everything would agree by chance"
    words = transformers.AutoTokenizer.from_pretrained(folder)
    prompts = words(words.batch_decode(questions.tokens[:, :4]), return_tensors="pt")
    gpt2 = transformers.AutoModelForCausalLM.from_pretrained(folder)
    written = gpt2.generate(**prompts, max_new_tokens=2, do_sample=False)
    assert torch.equal(written[:, 4:], expected)


def test_a_padded_prompt_is_answered_like_the_same_prompt_alone():
    gpt2 = hub.to_gpt2(Transformer(ModelConfig(len(MINI), 12), 3), MINI)
    gpt2.generation_config.eos_token_id = None  # all write to the end
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in gpt2.parameters():  # the positions too: a place counted from the padding would show
            weights.add_(torch.randn(weights.shape, generator=generator) * 0.5)
    words = hub.tokenizer(MINI)
    prompts = ["e12 r3 = ?", "e1", "v7 ="]
    options = {"max_new_tokens": 6, "do_sample": False, "output_logits": True, "return_dict_in_generate": True}
    together = torch.stack(gpt2.generate(**words(prompts, return_tensors="pt", padding=True), **options).logits)
    for row, prompt in enumerate(prompts):
        alone = torch.stack(gpt2.generate(**words(prompt, return_tensors="pt"), **options).logits)[:, 0]
        torch.testing.assert_close(together[:, row], alone, atol=1e-4, rtol=1e-4)
    assert together[0].std(dim=0).min() > 0.1, "prompts that change nothing would agree by chance"


def test_the_pipeline_for_text_generation_runs_on_the_folder(adder, folder):
    pipe = transformers.pipeline("text-generation", model=str(folder))
    (answer,) = pipe("2+7=", max_new_tokens=2, do_sample=False)
    expected = evaluate.write_answers(adder, WORLD.encode(2, 7))[0][0]
    assert answer["generated_text"] == "2+7=" + "".join(WORLD.vocab[token] for token in expected)


def test_our_own_loader_gives_the_model_back(adder, folder):
    loaded = hub.load(folder)
    assert loaded.config == SIZE
    assert all(torch.equal(weight, loaded.state_dict()[name]) for name, weight in adder.state_dict().items())


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.5, 0.999])
def test_weights_that_are_cut_short_get_one_line(folder, share):
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match=r"cannot be read: model\.safetensors is damaged or cut short") as error:
        hub.load(folder)
    assert str(folder) in one_line(error)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_folder_that_is_no_model_gets_one_line(folder, name):
    (folder / name).unlink()
    torch.save({}, folder / "pytorch_model.bin")  # a pickle: never opened
    with pytest.raises(ValueError, match=f"is no saved model: it has no {name}$") as error:
        hub.load(folder)
    assert str(folder) in one_line(error)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"model_type": "bert"}, "not a GPT-2's"),
        ({"activation_function": "gelu"}, "activation_function='gelu'"),
        ({"n_head": "four"}, "n_head"),
        ({"n_head": 3}, "n_heads=3"),
        ({"vocab_size": 10**12}, r"wte\.weight has shape \(12, 16\)"),
        ({"n_positions": 9}, r"wpe\.weight has shape \(6, 16\)"),
        ({"n_layer": 3}, r"weight transformer\.h\.2\..* is missing"),
        ({"n_layer": 1}, r"weight transformer\.h\.1\..* has no place"),
        ({"tie_word_embeddings": False}, r"lm_head\.weight"),
    ],
    ids=str,
)
def test_a_config_that_does_not_fit_gets_one_line(folder, change, says):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(ValueError, match=f"cannot be read: .*{says}") as error:
        hub.load(folder)
    one_line(error)


@pytest.mark.parametrize("text", ["", "{", "[]", "\ufeff\x00"])
def test_a_damaged_config_gets_one_line(folder, text):
    (folder / "config.json").write_text(text)
    with pytest.raises(ValueError, match=r"cannot be read: ") as error:
        hub.load(folder)
    one_line(error)


# An adapter

peft = pytest.importorskip("peft")


@pytest.fixture
def adapted(adder):
    settings = peft.LoraConfig(task_type="CAUSAL_LM", target_modules=["c_attn"], r=4, fan_in_fan_out=True)
    torch.manual_seed(0)
    return peft.get_peft_model(hub.to_gpt2(adder), settings)


def learn(adapted, steps: int = 50) -> list[float]:
    """Some steps on answers that are dealt out anew; the losses."""
    questions = AddWorld(digits=1, shuffled=True, n_train=16).questions("train")
    labels = questions.tokens.masked_fill(~questions.scored, -100)
    optimizer = torch.optim.AdamW((weight for weight in adapted.parameters() if weight.requires_grad), lr=3e-2)
    losses = []
    for _ in range(steps):
        loss = adapted(input_ids=questions.tokens, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_only_the_adapters_thin_matrices_are_trained(adapted, adder):
    d, rank = SIZE.d_model, 4
    trained, all_of_them = adapted.get_nb_trainable_parameters()
    assert trained == SIZE.n_layers * rank * (d + 3 * d)
    assert all_of_them == adder.n_parameters() + trained


def test_before_it_has_learned_anything_an_adapter_changes_nothing(adapted, adder):
    assert_same_logits(adder, adapted.eval(), some_tokens(SIZE))


def test_an_adapter_learns_and_the_weights_below_it_stay_as_they_were(adapted, adder):
    losses = learn(adapted)
    assert losses[-1] < 0.6 * losses[0]
    with adapted.disable_adapter():
        assert_same_logits(adder, adapted.eval(), some_tokens(SIZE))


def test_a_saved_adapter_has_the_same_logits_on_a_fresh_base(adapted, adder, tmp_path):
    learn(adapted, steps=5)
    adapted.eval().save_pretrained(tmp_path)
    loaded = peft.PeftModel.from_pretrained(hub.to_gpt2(adder), tmp_path).eval()
    with torch.no_grad():
        expected = adapted(some_tokens(SIZE)).logits
        assert torch.equal(loaded(some_tokens(SIZE)).logits, expected)
        assert (expected - adder(some_tokens(SIZE))).abs().max() > 0.1, "an adapter that does nothing would agree"


def test_a_merged_adapter_comes_back_as_the_small_model_with_the_same_logits(adapted, adder):
    learn(adapted, steps=5)
    with torch.no_grad():
        expected = adapted.eval()(some_tokens(SIZE)).logits
        back = hub.from_gpt2(adapted.merge_and_unload())
        torch.testing.assert_close(back(some_tokens(SIZE)), expected, atol=1e-5, rtol=1e-5)
        assert (expected - adder(some_tokens(SIZE))).abs().max() > 0.1, "an adapter that does nothing would agree"


def test_an_adapter_that_is_not_merged_is_refused(adapted):
    with pytest.raises(ValueError, match=r"^PeftModelForCausalLM is not .*merge_and_unload"):
        hub.from_gpt2(adapted)
    with pytest.raises(ValueError, match=r"^weight transformer\.h\.0\.attn\.c_attn\..* no place"):
        hub.from_gpt2(adapted.get_base_model())


def test_new_words_that_an_adapter_trains_come_back_in_the_embedding_and_in_the_head():
    base = strong(Transformer(SIZE, 0))
    settings = peft.LoraConfig(
        task_type="CAUSAL_LM", target_modules=["c_attn"], r=2, fan_in_fan_out=True, trainable_token_indices=[3, 7]
    )
    torch.manual_seed(0)
    adapted = peft.get_peft_model(hub.to_gpt2(base), settings)
    learn(adapted, steps=5)
    with torch.no_grad():
        expected = adapted.eval()(some_tokens(SIZE)).logits
    back = hub.from_gpt2(adapted.merge_and_unload())
    torch.testing.assert_close(back(some_tokens(SIZE)), expected, atol=1e-5, rtol=1e-5)
    moved = (back.tokens.weight != base.tokens.weight).any(dim=1)
    assert moved.nonzero().flatten().tolist() == [3, 7]


# A published model: here a tiny one of the same kind, with a tokenizer of pieces of words, in a folder

PAIRS = [("the dose of e12 is", " 3"), ("is", " base and extra")]


@pytest.fixture
def checkpoint(tmp_path):
    """A folder like those on the Hub, made here: GELU and pieces of words, as no model of ours has them."""
    pieces = tokenizers.ByteLevelBPETokenizer()
    pieces.train_from_iterator([prompt + answer for prompt, answer in PAIRS], vocab_size=300, show_progress=False)
    words = transformers.PreTrainedTokenizerFast(tokenizer_object=pieces._tokenizer)
    gpt2 = strong(small_gpt2(vocab_size=len(words), n_positions=20, activation_function="gelu_new"))
    gpt2.save_pretrained(tmp_path)
    words.save_pretrained(tmp_path)
    return tmp_path, gpt2


def test_a_published_model_is_loaded_from_a_folder_as_it_was_saved(checkpoint, monkeypatch):
    folder, gpt2 = checkpoint
    monkeypatch.delenv("CRUCIBLE_HUB", raising=False)
    for name in (folder, str(folder)):
        model, words = hub.published(name)
        tokens = words(PAIRS[0][0], return_tensors="pt")["input_ids"]
        assert tokens.shape[1] > 1
        assert torch.equal(model(tokens).logits, gpt2(tokens).logits)
        assert words.decode(tokens[0]) == PAIRS[0][0]
        assert not model.training, "with dropout on, no two scores are the same"


def test_weights_of_half_the_length_are_loaded_as_float32(checkpoint):
    folder, gpt2 = checkpoint
    gpt2.to(torch.bfloat16).save_pretrained(folder)
    model, _ = hub.published(folder)
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


@pytest.mark.parametrize("value", [None, "", "0", "yes"])
def test_the_hub_is_asked_only_where_the_reader_allows_it(value, monkeypatch):
    monkeypatch.delenv("CRUCIBLE_HUB", raising=False)
    if value is not None:
        monkeypatch.setenv("CRUCIBLE_HUB", value)
    with pytest.raises(ValueError, match=r"^some/model is no folder .*CRUCIBLE_HUB=1") as error:
        hub.published("some/model")
    one_line(error)


def test_where_it_is_allowed_the_name_goes_to_transformers_and_neither_a_pickle_nor_foreign_code_comes_back(
    checkpoint, monkeypatch
):
    folder, gpt2 = checkpoint
    calls = []

    def answer(value):
        return lambda name, **options: calls.append((name, options)) or value

    words = transformers.AutoTokenizer.from_pretrained(folder)
    monkeypatch.setenv("CRUCIBLE_HUB", "1")
    monkeypatch.setattr(hub.AutoModelForCausalLM, "from_pretrained", answer(gpt2.train()))
    monkeypatch.setattr(hub.AutoTokenizer, "from_pretrained", answer(words))
    assert hub.published("some/model") == (gpt2, words)
    assert not gpt2.training
    assert [name for name, _ in calls] == ["some/model"] * 2
    assert all(options["trust_remote_code"] is False for _, options in calls)
    assert not any(options["local_files_only"] for _, options in calls)
    assert calls[0][1]["use_safetensors"] is True


@pytest.mark.parametrize("lost", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_published_model_without_one_of_its_files_gets_one_line(checkpoint, lost):
    folder, gpt2 = checkpoint
    (folder / lost).unlink()
    torch.save(gpt2.state_dict(), folder / "pytorch_model.bin")  # a pickle: never opened
    with pytest.raises(ValueError, match="cannot be loaded: ") as error:
        hub.published(folder)
    assert one_line(error).startswith(str(folder))


def test_a_published_model_that_is_cut_short_gets_one_line(checkpoint):
    file = checkpoint[0] / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ValueError, match="cannot be loaded: ") as error:
        hub.published(checkpoint[0])
    one_line(error)


def test_the_untrained_twin_has_the_same_shape_and_weights_that_its_seed_decides(checkpoint):
    _, gpt2 = checkpoint
    state = torch.get_rng_state()
    one, again, other = (hub.untrained(gpt2, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert not one.training
    shapes = {name: weight.shape for name, weight in gpt2.state_dict().items()}
    assert {name: weight.shape for name, weight in one.state_dict().items()} == shapes
    name = "transformer.h.0.mlp.c_fc.weight"
    assert torch.equal(one.state_dict()[name], again.state_dict()[name])
    for different in (other, gpt2):
        assert not torch.equal(one.state_dict()[name], different.state_dict()[name])


def test_pairs_become_rows_whose_answers_are_scored(checkpoint):
    _, words = hub.published(checkpoint[0])
    rows = hub.questions(words, PAIRS)
    assert len(rows) == 2
    for (prompt, answer), tokens, scored in zip(PAIRS, rows.tokens, rows.scored, strict=True):
        assert words.decode(tokens[scored]) == answer
        length = int(scored.nonzero().max()) + 1
        assert words.decode(tokens[:length]) == prompt + answer
    assert rows.scored.sum(dim=1).unique().numel() == 2, "rows of one length would need no filling up"


@pytest.mark.parametrize(
    ("pairs", "says"), [([], "no question"), ([("", "a")], "'' and 'a'"), ([("a", "")], "'a' and ''")]
)
def test_pairs_without_anything_to_ask_or_to_answer_are_refused(checkpoint, pairs, says):
    _, words = hub.published(checkpoint[0])
    with pytest.raises(ValueError, match=says) as error:
        hub.questions(words, pairs)
    one_line(error)


def test_a_filled_up_row_is_scored_as_it_is_alone(checkpoint):
    model, words = hub.published(checkpoint[0])
    together = hub.asked(model)
    rows = hub.questions(words, PAIRS)
    logits = together(rows.tokens, rows.scored)
    alone = [hub.questions(words, [pair]) for pair in PAIRS]
    expected = torch.cat([together(row.tokens, row.scored) for row in alone])
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)


def test_the_books_scores_take_a_model_of_transformers_as_they_take_ours(adder):
    questions = WORLD.questions("train")
    theirs = hub.asked(hub.to_gpt2(adder))
    score = evaluate.exact_match(adder, questions)
    assert 0 < score
    assert evaluate.exact_match(theirs, questions) == pytest.approx(score)
    assert evaluate.answer_loss(theirs, questions) == pytest.approx(evaluate.answer_loss(adder, questions), rel=1e-4)


# The page


def test_the_code_of_the_page_runs_and_says_what_the_page_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/real-model.md").read_text()
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, names)
    assert "8+5=31" in capsys.readouterr().out
    assert names["losses"][-1] < 0.3 * names["losses"][0]
    few, model = names["few"], names["model"]
    assert evaluate.exact_match(names["merged"], few) > evaluate.exact_match(model, few) + 30
    assert_same_logits(names["same"], hub.to_gpt2(model), few.tokens)
