"""A model's weights as text that travels inside a page: packed here, read by transformer.js.

A packed model is plain JSON: form, dtype, config, crc32 and data (base64). The bytes are the tensors of the
state_dict, in its order, little-endian. "fp16": every number in 16 bits. "int8": every row of a matrix as one
32-bit scale per row, then a byte per weight; biases and norms, which are few, stay in 16 bits.
"""

import base64
import binascii
import zlib
from dataclasses import asdict
from typing import Any

import ipywidgets
import numpy as np
import torch
import traitlets

from crucible.model import ModelConfig, Transformer

FORM = 1  # a page written by another version is refused
DTYPES = ("fp16", "int8")
LARGEST = 65504  # of a 16-bit number


class WeightsError(ValueError):
    """Packed weights that are damaged, cut short or of another version. The message is one line."""


def pack(model: Transformer, dtype: str = "fp16") -> dict[str, Any]:
    """A model as JSON. ValueError for an unknown dtype, or a weight that 16 bits cannot hold."""
    if dtype not in DTYPES:
        raise ValueError(f"dtype={dtype!r} must be one of {', '.join(DTYPES)}")
    parts = []
    for name, tensor in model.state_dict().items():
        values = tensor.float().numpy()
        if not (np.abs(values) <= LARGEST).all():  # nan is not, either
            raise ValueError(f"{name} holds a weight beyond {LARGEST:,}, which 16 bits cannot hold")
        if dtype == "int8" and values.ndim == 2:
            scales = (np.abs(values).max(axis=1) / 127).astype("<f4")
            whole = np.rint(values / np.where(scales > 0, scales, 1)[:, None]).clip(-127, 127)
            parts += [scales.tobytes(), whole.astype("i1").tobytes()]
        else:
            parts.append(values.astype("<f2").tobytes())
    content = b"".join(parts)
    return {
        "form": FORM,
        "dtype": dtype,
        "config": asdict(model.config),
        "crc32": zlib.crc32(content),
        "data": base64.b64encode(content).decode(),
    }


def unpack(packed: dict[str, Any]) -> Transformer:
    """The model that the page runs: the packed weights as 32-bit numbers. WeightsError if they are not whole."""
    if packed.get("form") != FORM:
        raise WeightsError(f"the weights have form {packed.get('form')!r}, this version reads form {FORM}")
    model = Transformer(ModelConfig(**packed["config"]), seed=0)
    try:
        content = base64.b64decode(packed["data"], validate=True)
    except binascii.Error:
        content = b""
    expected = n_bytes(model, packed["dtype"])
    if len(content) != expected:
        raise WeightsError(f"the weights are cut short: {len(content):,} of {expected:,} bytes")
    if zlib.crc32(content) != packed["crc32"]:
        raise WeightsError("the weights are damaged: their checksum is another")
    at, state = 0, {}

    def take(form: str, *shape: int) -> np.ndarray:
        nonlocal at
        found = np.frombuffer(content, form, count=int(np.prod(shape)), offset=at).reshape(shape)
        at += found.nbytes
        return found.astype(np.float32)

    for name, tensor in model.state_dict().items():
        if packed["dtype"] == "int8" and tensor.ndim == 2:
            scales = take("<f4", len(tensor), 1)
            state[name] = torch.from_numpy(take("i1", *tensor.shape) * scales)
        else:
            state[name] = torch.from_numpy(take("<f2", *tensor.shape))
    model.load_state_dict(state)
    return model


def n_bytes(model: Transformer, dtype: str) -> int:
    """How many bytes a model's weights take, before base64 makes them a third longer."""
    tensors = model.state_dict().values()
    if dtype == "fp16":
        return sum(2 * tensor.numel() for tensor in tensors)
    return sum(tensor.numel() + 4 * len(tensor) if tensor.ndim == 2 else 2 * tensor.numel() for tensor in tensors)


class Weights(ipywidgets.Widget):
    """The one copy of a packed model on a page; widgets refer to it. It has no view of its own."""

    packed = traitlets.Dict().tag(sync=True)


_copies: dict[tuple[str, int, str], Weights] = {}


def weights(packed: dict[str, Any]) -> Weights:
    """The page's copy of a packed model: the same one for the same weights."""
    key = (packed["dtype"], packed["crc32"], packed["data"])
    if key not in _copies or _copies[key].comm is None:  # a closed widget is gone from the page
        _copies[key] = Weights(packed=packed)
    return _copies[key]
