"""Shared by the tests of the built site: where it is."""

import json
from pathlib import Path

import pytest

from pipeline import SITE


@pytest.fixture(scope="session")
def site() -> Path:
    """The built site. The tests read it, they do not build it: make book comes first."""
    if not (SITE / "index.html").exists():
        pytest.fail("no _build/html: run make book first")
    return SITE


@pytest.fixture(scope="session")
def ledger_json(site) -> dict:
    return json.loads((site / "ledger.json").read_text())
