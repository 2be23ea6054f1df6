"""What training sets for its whole process is put back after every test."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _denormal_numbers_are_back():
    """train() flushes them to zero, and hypothesis refuses to draw floats without them."""
    yield
    torch.set_flush_denormal(False)
