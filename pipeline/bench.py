"""make bench: how fast the training loop is, beside transformers; with --page, how fast the model in the page is."""

import subprocess
import sys

from pipeline import ROOT, Refused


def run(quick: bool, page: bool = False) -> None:
    """Run benchmarks/speed.py, or benchmarks/page.py, and let it print."""
    if quick and page:
        raise Refused("--quick belongs to the training benchmark, and --page is short already: take one of them")
    command = ["benchmarks/page.py"] if page else ["benchmarks/speed.py", *(["--quick"] if quick else [])]
    if subprocess.call([sys.executable, *command], cwd=ROOT):
        raise Refused("the benchmark failed (see above)")
