"""The cleaning line: each step looks at a pile of rows and says which it keeps. No step sees the labels of the dirt."""

import numpy as np
import torch
from datasketch import MinHash, MinHashLSH
from torch import Tensor

from crucible.worlds.ore import KINDS
from crucible.worlds.text import PyText

SHINGLE = 3  # tokens in a row; published lines take about five words of a whole page, and our rows are short
SIMILARITY = 0.6  # Jaccard similarity of two rows' sets of shingles
HASHES = 64
LEAST_LETTERS = 0.7  # share of letters and blanks in a row of prose


def first_copies(tokens: Tensor) -> Tensor:
    """Exact deduplication: True for the first of equal rows. tokens: int64, (B, T). Returns bool, (B,)."""
    _, group = tokens.unique(dim=0, return_inverse=True)
    places = torch.arange(len(tokens))
    first = torch.full((int(group.max()) + 1,), len(tokens)).scatter_reduce(0, group, places, "amin")
    return first[group] == places


def unlike_earlier(tokens: Tensor, similarity: float = SIMILARITY) -> tuple[Tensor, Tensor]:
    """Near deduplication by MinHash (datasketch): the first of every group of similar rows stays.

    tokens: int64, (B, T). Returns bool, (B,), True for rows that stay, and int64, (B,): the earlier row that each
    one resembles, -1 where there is none. Similarities are estimates, from HASHES hash values of each row.
    """
    if not 0 < similarity <= 1:
        raise ValueError(f"similarity={similarity} must be above 0 and at most 1")
    windows = np.lib.stride_tricks.sliding_window_view(tokens.numpy().astype(np.int16), SHINGLE, axis=1)
    sketches = MinHash.bulk([[shingle.tobytes() for shingle in row] for row in windows], num_perm=HASHES, seed=1)
    index = MinHashLSH(threshold=similarity, num_perm=HASHES)
    like = torch.full((len(tokens),), -1)
    for row, sketch in enumerate(sketches):
        found = [other for other in index.query(sketch) if sketch.jaccard(sketches[other]) >= similarity]
        if found:
            like[row] = min(found)
        else:
            index.insert(row, sketch)
    return like < 0, like


def mostly_letters(tokens: Tensor, least: float = LEAST_LETTERS) -> Tensor:
    """True for rows of which at least this share is letters and blanks: the usual rule against noise in prose.

    tokens: int64, (B, T). Returns bool, (B,). Asked of reversed numbers it would remove them all: they have no letter.
    """
    letters = torch.tensor([c.isalpha() or c.isspace() for c in PyText.vocab])
    characters = tokens < len(letters)
    return (characters & letters[tokens.clamp(max=len(letters) - 1)]).float().mean(dim=1) >= least


def kind_of(tokens: Tensor) -> Tensor:
    """What a row looks like, as a place in KINDS, told from its tokens alone: int64, (B, T) -> (B,)."""
    looks = torch.full((len(tokens),), KINDS.index("text"))
    looks[(tokens >= len(PyText.vocab)).float().mean(dim=1) > 0.8] = KINDS.index("facts")
    arrows = (tokens == PyText.vocab.index(">")).sum(dim=1)
    digits = ((tokens >= PyText.vocab.index("0")) & (tokens <= PyText.vocab.index("9"))).sum(dim=1)
    looks[(arrows >= 1) & (arrows + digits >= tokens.shape[1] - 2)] = KINDS.index("reversals")
    return looks
