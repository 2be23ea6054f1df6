"""The small model as a model of transformers: there and back, saved and loaded, and its vocabulary as a tokenizer.

What is trained here is GPT-2's layout, so the weights fit GPT2LMHeadModel as they are. That opens everything
made for it: save_pretrained, generate, pipelines, PEFT. docs/real-model.md shows it in a few lines.
A published model comes in at the end, for the cells that repeat a measurement at its size.
Imported only by who needs it: transformers and tokenizers are the extra `hub`, not a part of the book.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from crucible.model import ModelConfig, Transformer
from crucible.worlds import Questions

try:
    import transformers
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel
except ImportError as missing:
    raise ImportError(
        f"crucible.hub needs {missing.name}, which is not installed: pip install 'small-models-big-claims[hub]'"
    ) from None

# What GPT2Config may say otherwise and the small model cannot do. Dropout is left out: it changes training only.
FIXED = {
    "activation_function": "relu",
    "layer_norm_epsilon": 1e-5,
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "add_cross_attention": False,
}
SPECIAL = ("pad", "bos", "eos")  # the vocabulary's word <pad> becomes the tokenizer's pad_token, and so on
PART = {
    "norm_attention": "ln_1",
    "query_key_value": "attn.c_attn",
    "mix": "attn.c_proj",
    "norm_mlp": "ln_2",
    "up": "mlp.c_fc",
    "down": "mlp.c_proj",
}


def to_gpt2(model: Transformer, vocab: Sequence[str] = ()) -> GPT2LMHeadModel:
    """The same weights, copied, in transformers' GPT-2: the same logits to 1e-5.

    vocab: the world's words, in order of their ids. If given, its <pad>, <bos> and <eos> are set in
        the config, so that generate knows them. ValueError if it is not as long as the model's.
    The model comes back on the CPU, set to eval.
    """
    size = model.config
    if vocab and len(vocab) != size.vocab_size:
        raise ValueError(f"{len(vocab)} words do not fit: the model has vocab_size={size.vocab_size}")
    config = GPT2Config(
        vocab_size=size.vocab_size,
        n_positions=size.context_length,
        n_embd=size.d_model,
        n_layer=size.n_layers,
        n_head=size.n_heads,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        **FIXED,
        **{f"{name}_token_id": vocab.index(word) if word in vocab else None for name, word in _special_words()},
    )
    names, weights = _names(size.n_layers), model.state_dict()
    _check_names(weights, names)
    with torch.random.fork_rng(devices=[]):  # its own initial weights are drawn and thrown away
        gpt2 = GPT2LMHeadModel(config)
    lost = gpt2.load_state_dict({theirs: _turned(ours, weights[ours]) for ours, theirs in names.items()}, strict=False)
    _check_names(lost.missing_keys, ["lm_head.weight"])  # the head is the embedding itself
    return gpt2.eval()


def from_gpt2(gpt2: GPT2LMHeadModel) -> Transformer:
    """The small model with a GPT-2's weights, copied as float32: the same logits to 1e-5.

    ValueError, in one line, for what the small model cannot hold: another activation or MLP width, a head
    of its own, scaling flags, weights that an adapter has added. A PEFT model is merged first.
    """
    if not isinstance(gpt2, GPT2LMHeadModel):
        hint = ": merge_and_unload() gives one" if hasattr(gpt2, "merge_and_unload") else ""
        raise ValueError(f"{type(gpt2).__name__} is not a GPT2LMHeadModel{hint}")
    return _small(gpt2.config, gpt2.state_dict())


def load(folder: str | Path) -> Transformer:
    """The small model from a folder that save_pretrained has written. Reads no pickle and asks no network.

    ValueError, in one line, if the folder is no model, its weights are incomplete or cut short, or the
    small model cannot hold it.
    """
    folder = Path(folder)
    for name in ("config.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise ValueError(f"{folder} is no saved model: it has no {name}")
    try:
        written = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if not isinstance(written, dict) or written.get("model_type") != "gpt2":
            raise ValueError("its config.json is not a GPT-2's")
        return _small(_config(written), load_file(folder / "model.safetensors"))
    except SafetensorError as error:
        raise ValueError(f"{folder} cannot be read: model.safetensors is damaged or cut short ({error})") from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{folder} cannot be read: {error}") from None


def tokenizer(vocab: Sequence[str], spaces: bool | None = None) -> "PreTrainedTokenizerFast":
    """A world's vocabulary as a tokenizer of transformers; the place of a word in `vocab` is its id.

    spaces: are words separated by spaces? None: yes where a word has more than one character, so
        "27+85=" is written without, "e12 r3 =" with them. <pad>, <bos> and <eos> do not count here.
    A word that is not in the vocabulary raises ValueError when it is encoded, and is named.
    ValueError too for a vocabulary that no text could stand for.
    """
    for place, word in enumerate(vocab):
        if not word or re.search(r"\s", word):
            raise ValueError(f"word {place} of the vocabulary is {word!r}: it must have characters, and none a space")
        if word in vocab[:place]:
            raise ValueError(f"word {place} of the vocabulary, {word!r}, is there twice")
    special = {f"{name}_token": word for name, word in _special_words() if word in vocab}
    long = [word for word in vocab if len(word) > 1 and word not in special.values()]
    if spaces is None:
        spaces = bool(long)
    if long and not spaces:
        raise ValueError(f"the word {long[0]!r} has {len(long[0])} characters: such words need spaces between them")
    words = Tokenizer(models.WordLevel({word: place for place, word in enumerate(vocab)}))
    if spaces:
        words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    else:
        words.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        words.decoder = decoders.Fuse()  # "27", not "2 7"
    return PreTrainedTokenizerFast(
        tokenizer_object=words,
        clean_up_tokenization_spaces=False,  # would pull "?" to the word before it
        model_input_names=["input_ids", "attention_mask"],  # GPT-2 would add token_type_ids to the embedding
        padding_side="left",  # generate goes on at the right
        **special,
    )


class PreTrainedTokenizerFast(transformers.PreTrainedTokenizerFast):
    """Transformers' own, except that it names an unknown word.

    It bears the same name because that is written to the folder: a saved tokenizer loads without this package.
    """

    def _encode_plus(self, text, *arguments, **options):
        try:
            return super()._encode_plus(text, *arguments, **options)
        except Exception as error:  # tokenizers raises nothing more precise
            unknown = self._unknown(text) if "Missing [UNK]" in str(error) else []
            if not unknown:
                raise
        raise ValueError(f"not in the vocabulary: {', '.join(map(repr, unknown))}")

    def _unknown(self, text) -> list[str]:
        """The unknown words of a text, or of a list of them, each once and in order."""
        if not isinstance(text, str):
            return list(dict.fromkeys(word for one in text for word in self._unknown(one)))
        known, special = self.get_vocab(), self.all_special_tokens
        parts = re.split("|".join(map(re.escape, special)), text) if special else [text]
        split = self.backend_tokenizer.pre_tokenizer.pre_tokenize_str
        return list(dict.fromkeys(word for part in parts for word, _ in split(part) if word not in known))


def published(name: str | Path) -> tuple[nn.Module, "transformers.PreTrainedTokenizerBase"]:
    """A causal language model of any kind and its tokenizer, from a folder or from the Hub.

    name: a folder that save_pretrained has written, or a model's name on the Hub, which is asked for
        only where the environment has CRUCIBLE_HUB=1. Reads no pickle and runs no code that came with the model.
    ValueError, in one line, if the Hub is not allowed or either part cannot be loaded.
    The model comes on the CPU, as float32 and set to eval.
    """
    is_folder = Path(name).is_dir()
    if not is_folder and os.environ.get("CRUCIBLE_HUB") != "1":
        raise ValueError(f"{name} is no folder here, and the Hub is asked only where CRUCIBLE_HUB=1 is set")
    try:
        model = AutoModelForCausalLM.from_pretrained(
            name, local_files_only=is_folder, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
        )
        words = AutoTokenizer.from_pretrained(name, local_files_only=is_folder, trust_remote_code=False)
    except (OSError, ValueError, SafetensorError) as error:
        raise ValueError(f"{name} cannot be loaded: {' '.join(str(error).split())}") from None
    return model.eval(), words


def untrained(model: nn.Module, seed: int) -> nn.Module:
    """The same architecture with first weights of its own, as its makers' code draws them; set to eval."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AutoModelForCausalLM.from_config(model.config).float().eval()


def questions(words: "transformers.PreTrainedTokenizerBase", pairs: Iterable[tuple[str, str]]) -> Questions:
    """Pairs of a prompt and its answer as rows of tokens, the answer's scored.

    words: a model's own tokenizer. An answer usually begins with a space: it is encoded on its own.
    Shorter rows are filled up at the end with a token that is never scored and, in a causal model, never seen.
    ValueError for an empty list, or for a prompt or an answer without a token.
    """
    rows = []
    for prompt, answer in pairs:
        start, end = words(prompt)["input_ids"], words(answer, add_special_tokens=False)["input_ids"]
        if not start or not end:
            raise ValueError(f"{prompt!r} and {answer!r}: both must have a token")
        rows.append((start, end))
    if not rows:
        raise ValueError("there is no question")
    longest = max(len(start) + len(end) for start, end in rows)
    tokens = torch.zeros(len(rows), longest, dtype=torch.int64)
    scored = torch.zeros(len(rows), longest, dtype=torch.bool)
    for i, (start, end) in enumerate(rows):
        tokens[i, : len(start) + len(end)] = torch.tensor([*start, *end])
        scored[i, len(start) : len(start) + len(end)] = True
    return Questions(tokens, scored)


def asked(model: nn.Module) -> Callable[[Tensor, Tensor], Tensor]:
    """A causal model of transformers, to be called as the small one is: tokens and scored places in, logits out.

    So crucible.evaluate.exact_match and answer_loss take it as they take ours.
    """
    return lambda tokens, scored: model(input_ids=tokens).logits[scored]


def _special_words() -> list[tuple[str, str]]:
    return [(name, f"<{name}>") for name in SPECIAL]


def _names(n_layers: int) -> dict[str, str]:
    """Our name of every weight -> GPT-2's."""
    names = {"tokens.weight": "transformer.wte.weight", "positions.weight": "transformer.wpe.weight"}
    for kind in ("weight", "bias"):
        names[f"norm.{kind}"] = f"transformer.ln_f.{kind}"
        for i in range(n_layers):
            names |= {
                f"blocks.{i}.{ours}.{kind}": f"transformer.h.{i}.{theirs}.{kind}" for ours, theirs in PART.items()
            }
    return names


def _turned(ours: str, weight: Tensor) -> Tensor:
    """A block's matrices are transposed between the two: (out, in) in Linear, (in, out) in GPT-2's Conv1D."""
    return weight.T.contiguous() if ours.startswith("blocks.") and weight.dim() == 2 else weight


def _check_names(have: Iterable[str], want: Iterable[str]) -> None:
    """ValueError for the first weight that is missing or too many."""
    have, want = set(have), set(want)
    for name in sorted(have ^ want):
        raise ValueError(f"weight {name} {'is missing' if name in want else 'has no place in the other model'}")


def _config(written: dict) -> GPT2Config:
    try:
        return GPT2Config.from_dict(written)
    except Exception as error:  # wrong types: the class depends on the version of transformers
        raise ValueError(" ".join(str(error).split())) from None


def _small(config: GPT2Config, weights: dict[str, Tensor]) -> Transformer:
    """The small model from a GPT-2's config and weights; ValueError for the first thing that it cannot hold."""
    for name, value in FIXED.items():
        if getattr(config, name) != value:
            raise ValueError(f"{name}={getattr(config, name)!r}: the small model has {value!r}")
    if config.n_inner not in (None, 4 * config.n_embd):
        raise ValueError(f"n_inner={config.n_inner}: the small model has four times the width, {4 * config.n_embd}")
    size = ModelConfig(config.vocab_size, config.n_positions, config.n_embd, config.n_layer, config.n_head)
    names = _names(size.n_layers)
    _check_names(weights.keys() - {"lm_head.weight"}, names.values())
    embedding = weights["transformer.wte.weight"]
    head = weights.get("lm_head.weight", embedding if config.tie_word_embeddings else None)
    if head is None or not torch.equal(head, embedding):
        raise ValueError("the head (lm_head.weight) is not the embedding: the small model ties the two")
    if embedding.shape != (size.vocab_size, size.d_model):  # before a model of that size is built
        raise ValueError(f"transformer.wte.weight has shape {tuple(embedding.shape)}, not as its config says")
    model = Transformer(size, seed=0)
    for name, weight in model.state_dict().items():
        if _turned(name, weights[names[name]]).shape != weight.shape:
            shape = tuple(weights[names[name]].shape)
            raise ValueError(f"{names[name]} has shape {shape}, not as its config says")
    model.load_state_dict({name: _turned(name, weights[theirs]) for name, theirs in names.items()})
    return model
