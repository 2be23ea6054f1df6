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

    def forward(self, x: Tensor) -> Tensor:
        """x: float, shape (B, T, C). Returns the same shape; position t sees positions 0..t only."""
        B, T, C = x.shape
        heads = self.query_key_value(self.norm_attention(x)).view(B, T, 3, self.n_heads, C // self.n_heads)
        q, k, v = heads.permute(2, 0, 3, 1, 4)  # each (B, H, T, D)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(mixed.transpose(1, 2).reshape(B, T, C))
        return x + self.down(F.relu(self.up(self.norm_mlp(x))))


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
        multiplied with the vocabulary: most positions are never asked for.
        """
        T, limit = tokens.shape[1], self.config.context_length
        if T > limit:
            raise ValueError(f"{T} tokens do not fit: context_length={limit}")
        x = self.tokens(tokens) + self.positions.weight[:T]
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return (x if scored is None else x[scored]) @ self.tokens.weight.T

    def n_parameters(self) -> int:
        """How many numbers training may change; the tied embedding counts once."""
        return sum(parameter.numel() for parameter in self.parameters())
