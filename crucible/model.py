"""One small decoder-only transformer, the same in every chapter.

Pre-LN blocks, learned positions, ReLU MLP of four times the width, output weights tied to the
token embedding: GPT-2's layout, small, so the weights can be loaded into transformers'
GPT2LMHeadModel (tests/unit/test_model.py does). First met in the opening chapter.
Sources: Vaswani et al. 2017 (arXiv:1706.03762); Radford et al. 2019 (GPT-2).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

INIT_STD = 0.02  # GPT-2's; with torch's default of 1 a tied head starts out certain and wrong


@dataclass(frozen=True)
class ModelConfig:
    """Size of one transformer. Every field is a plain number, so it prints and hashes."""

    vocab_size: int
    context_length: int  # tokens the model can look back on
    d_model: int = 32  # width of the residual stream
    n_layers: int = 2
    n_heads: int = 4

    def __post_init__(self):
        for name in ("vocab_size", "context_length", "d_model", "n_layers", "n_heads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} must be at least 1")
        if self.d_model % self.n_heads:
            raise ValueError(f"d_model={self.d_model} must be a multiple of n_heads={self.n_heads}")


def attend(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Scaled dot-product attention, written out: for each query a weighted mean of the values.

    queries: float, shape (B, H, S, D). keys, values: (B, H, T, D). mask: 0 where the query may look and
    minus infinity where not, any shape that broadcasts to (B, H, S, T). Returns (B, H, S, D).
    The same numbers as F.scaled_dot_product_attention, and faster on sequences this short.
    """
    scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(2, 3)
    return (scores + mask).softmax(dim=-1) @ values


def pick(x: Tensor, places: Tensor) -> Tensor:
    """Row by row the vectors at the given places: (B, T, C) and int64 (B, S) -> (B, S, C)."""
    return x.gather(1, places.unsqueeze(-1).expand(-1, -1, x.shape[-1]))


class Block(nn.Module):
    """Attention, then an MLP, each added to the residual stream."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        d = config.d_model
        self.n_heads = config.n_heads
        self.norm_attention = nn.LayerNorm(d)
        self.query_key_value = nn.Linear(d, 3 * d)
        self.mix = nn.Linear(d, d)
        self.norm_mlp = nn.LayerNorm(d)
        self.up = nn.Linear(d, 4 * d)
        self.down = nn.Linear(4 * d, d)

    def forward(self, x: Tensor, mask: Tensor, places: Tensor | None = None) -> Tensor:
        """One layer. A position without a query is still seen by the others through its key and value.

        x: float, shape (B, T, C). mask: see attend; it decides which positions a query sees.
        places: int64, shape (B, S), the positions to work out; None for all.
        Returns (B, S, C), with S = T for all.
        """
        C = x.shape[-1]
        normed = self.norm_attention(x)
        weight, bias = self.query_key_value.weight, self.query_key_value.bias
        keys, values = F.linear(normed, weight[C:], bias[C:]).chunk(2, dim=-1)
        if places is not None:
            x, normed = pick(x, places), pick(normed, places)
        queries = F.linear(normed, weight[:C], bias[:C])
        mixed = attend(self._heads(queries), self._heads(keys), self._heads(values), mask)
        x = x + self.mix(mixed.transpose(1, 2).flatten(2))
        return x + self.down(F.relu(self.up(self.norm_mlp(x))))

    def _heads(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, H, T, D)"""
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)


class Transformer(nn.Module):
    """Tokens in, logits for the next token out.

    config: its size. seed: decides the initial weights; the global generator is left alone.
    """

    def __init__(self, config: ModelConfig, seed: int):
        super().__init__()
        self.config = config
        with torch.random.fork_rng(devices=[]):  # layers draw from the global generator when built
            self.tokens = nn.Embedding(config.vocab_size, config.d_model)
            self.positions = nn.Embedding(config.context_length, config.d_model)
            self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
            self.norm = nn.LayerNorm(config.d_model)
        generator = torch.Generator().manual_seed(seed)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=INIT_STD, generator=generator)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, tokens: Tensor, scored: Tensor | None = None) -> Tensor:
        """Logits of the token that follows each position.

        tokens: int64, shape (B, T), T at most context_length (ValueError otherwise).
        scored: bool, shape (B, T), or None for all positions.
        Returns (B, T, V), or (n, V) for the n scored positions, row by row. Only those are
        worked out in the last block and multiplied with the vocabulary: most are never asked for.
        """
        T, limit = tokens.shape[1], self.config.context_length
        if T > limit:
            raise ValueError(f"{T} tokens do not fit: context_length={limit}")
        x = self.tokens(tokens) + self.positions.weight[:T]
        mask = x.new_full((T, T), -torch.inf).triu(1)  # [query, key]: no position sees a later one
        *first, last = self.blocks
        for block in first:
            x = block(x, mask)
        if scored is None:
            x = last(x, mask)
        else:
            # Each row's scored positions come first; rows with fewer are filled up with others, dropped below.
            most = max(scored.sum(dim=1).tolist(), default=0)
            places = scored.long().argsort(dim=1, descending=True, stable=True)[:, :most]
            x = last(x, mask[places].unsqueeze(1), places)[scored.gather(1, places)]
        return self.norm(x) @ self.tokens.weight.T

    def n_parameters(self) -> int:
        """How many numbers training may change; the tied embedding counts once."""
        return sum(parameter.numel() for parameter in self.parameters())
