"""What training sets for its whole process is put back after every test; no run of a test is kept on disk."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _denormal_numbers_are_back():
    """train() flushes them to zero, and hypothesis refuses to draw floats without them."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(autouse=True)
def _no_cache_of_runs(monkeypatch):
    """A test that means the cache points CRUCIBLE_CACHE at a folder of its own."""
    monkeypatch.setenv("CRUCIBLE_CACHE", "off")
    monkeypatch.delenv("CRUCIBLE_CACHE_LOG", raising=False)
