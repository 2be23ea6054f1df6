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
FEWEST_KEYS = 16  # attention pads to as many: torch's softmax is ten times slower over less than a register holds


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
    minus infinity where not, shape (S, T) or (B, 1, S, T). Returns (B, H, S, D).
    The same numbers as F.scaled_dot_product_attention, and faster on sequences this short.
    """
    spare = FEWEST_KEYS - keys.shape[2]
    if spare > 0:
        keys, values = F.pad(keys, (0, 0, 0, spare)), F.pad(values, (0, 0, 0, spare))
        mask = F.pad(mask, (0, spare), value=-torch.inf)
    scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(2, 3)
    return (scores + mask).softmax(dim=-1) @ values


class Places:
    """Some positions of each row of a batch, and the two ways in which their vectors are laid out.

    Packed, shape (N, C): all of them, row by row, and nothing between. So they go through norms and linear layers.
    Spread, shape (B, H, S, D): a row's vectors side by side, S the most that a row has. So attention needs them.
    A row with fewer is filled up with vectors of other rows, at which nobody may look.
    """

    def __init__(self, wanted: Tensor):
        """wanted: bool, shape (B, T)."""
        self.rows, self.positions = wanted.nonzero().unbind(dim=1)  # int64, shape (N,)
        counts = wanted.sum(dim=1)
        self.shape = len(counts), max(counts.tolist(), default=0)
        self.starts = counts.cumsum(dim=0) - counts  # where a row's first vector lies among the packed ones
        n = torch.arange(len(self.rows), device=wanted.device)
        seats = torch.arange(self.shape[1], device=wanted.device)
        self.source = (self.starts.unsqueeze(1) + seats).clamp(max=len(n) - 1)  # (B, S): which packed vector sits there
        self.seat = self.rows * self.shape[1] + n - self.starts[self.rows]  # (N,): where each packed vector sits
        self.everywhere = len(n) == self.source.numel()  # then the layouts differ by a view only

    def spread(self, x: Tensor, n_heads: int) -> Tensor:
        """(N, C) -> (B, H, S, D)"""
        x = x if self.everywhere else x.index_select(0, self.source.flatten())
        return x.view(*self.shape, n_heads, x.shape[1] // n_heads).transpose(1, 2)

    def pack(self, x: Tensor) -> Tensor:
        """(B, H, S, D) -> (N, C)"""
        x = x.transpose(1, 2).flatten(2).flatten(0, 1)
        return x if self.everywhere else x.index_select(0, self.seat)


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

    def forward(self, x: Tensor, mask: Tensor, read: Places, asked: Places) -> Tensor:
        """One layer. A position that is read, and not asked for, is still seen by others through its key and value.

        x: float, shape (N, C), the vectors of the positions `read`, which are the first ones of each row.
        mask: see attend; it decides which of them the positions `asked`, which are among them, may see.
        Returns (n, C), the vectors of the positions `asked`, packed.
        """
        C = x.shape[1]
        normed = self.norm_attention(x)
        weight, bias = self.query_key_value.weight, self.query_key_value.bias
        keys, values = F.linear(normed, weight[C:], bias[C:]).chunk(2, dim=1)
        if asked is not read:
            chosen = read.starts[asked.rows] + asked.positions
            x, normed = x.index_select(0, chosen), normed.index_select(0, chosen)
        queries = F.linear(normed, weight[:C], bias[:C])
        mixed = attend(
            asked.spread(queries, self.n_heads),
            read.spread(keys, self.n_heads),
            read.spread(values, self.n_heads),
            mask,
        )
        x = x + self.mix(asked.pack(mixed))
        return x + self.down(F.relu_(self.up(self.norm_mlp(x))))  # in place: nobody else needs what `up` returned


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
        Returns (B, T, V), or (n, V) for the n scored positions, row by row. Only those are worked out in the last
        block and multiplied with the vocabulary, and what follows a row's last one is not read at all.
        """
        (B, T), limit = tokens.shape, self.config.context_length
        if T > limit:
            raise ValueError(f"{T} tokens do not fit: context_length={limit}")
        # What follows a row's last scored position changes no answer: it is not read.
        position = torch.arange(T, device=tokens.device)
        wanted = torch.ones_like(tokens, dtype=torch.bool) if scored is None else scored
        read = Places(position < (wanted * (position + 1)).amax(dim=1, keepdim=True))
        asked = read if scored is None else Places(scored)
        x = self.tokens(tokens[read.rows, read.positions]) + self.positions(read.positions)
        mask = x.new_full((T, T), -torch.inf).triu(1)[:, : read.shape[1]]  # no position sees a later one
        *first, last = self.blocks
        for block in first:
            x = block(x, mask[: read.shape[1]], read, read)
        x = last(x, mask[asked.positions[asked.source]].unsqueeze(1), read, asked)
        logits = self.norm(x) @ self.tokens.weight.T
        return logits if scored is not None else logits.view(B, T, -1)

    def n_parameters(self) -> int:
        """How many numbers training may change; the tied embedding counts once."""
        return sum(parameter.numel() for parameter in self.parameters())
