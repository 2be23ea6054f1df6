"""make bench: how fast the training loop is, beside transformers."""

import subprocess
import sys

from pipeline import ROOT, Refused


def run(quick: bool) -> None:
    """Run benchmarks/speed.py and let it print."""
    if subprocess.call([sys.executable, "benchmarks/speed.py", *(["--quick"] if quick else [])], cwd=ROOT):
        raise Refused("the benchmark failed (see above)")
