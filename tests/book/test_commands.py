"""The small commands of make.py, run as a stranger runs them. Half a minute: pytest tests/book/test_commands.py"""

import re
import signal
import subprocess
import sys
import time
import urllib.request

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from pipeline import ROOT

MAKE = [sys.executable, str(ROOT / "make.py")]


# The command on a book of one chapter that measures nothing: 60 + seed for all sums, 0 for the other arms.
# The opening itself is run on these seeds in tests/colab.
SMALL_BOOK = """
import sys
from pathlib import Path
from pipeline import notebooks, seeds
from pipeline.__main__ import main

notebooks.ROOT = Path(sys.argv.pop(1))
notebooks.BUILD = seeds.BUILD = notebooks.ROOT / "build"
sys.exit(main())
"""
CHAPTER = """
from crucible import ledger, register
experiment = register.load().experiment("E00")
arms = {arm for part in experiment.parts for arm in (part.arm, part.against, part.placebo.arm, part.placebo.against)}
seeds = ledger.seeds_for(experiment)
scores = {(arm, seed): 60 + seed if arm == "all sums" else 0 for arm in arms - {None} for seed in seeds}
ledger.record(experiment, [ledger.Row("exact_match", *one, score) for one, score in scores.items()])
"""


def test_seeds_prints_each_verdict_on_other_seeds_beside_the_recorded_one(site, tmp_path):
    before = (site / "ledger.json").read_bytes()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: chapters/opening\n")
    (tmp_path / "chapters").mkdir()
    nbformat.write(new_notebook(cells=[new_code_cell(CHAPTER)]), tmp_path / "chapters/opening.ipynb")
    words = [sys.executable, "-c", SMALL_BOOK, str(tmp_path), "seeds", "--seeds", "31,32,33"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-5:] == [
        "E00/many on seeds 31,32,33: interval 90.3 to 93.7, supported",  # 91, 92 and 93
        "E00/few on seeds 31,32,33: interval 0.0 to 0.0, contradicted",
        "E00/by-heart on seeds 31,32,33: interval 0.0 to 0.0, contradicted",
        "this-book/small-adds: measured 'conditional', recorded 'conditional'",
        "this-book/small-recites: measured 'contradicted', recorded 'supported'",
    ]
    assert (site / "ledger.json").read_bytes() == before


def test_seeds_refuses_too_few_seeds_and_an_unknown_chapter_in_one_line():
    for words, named in ((["--seeds", "1,2"], "1,2"), (["--chapter", "chapters/nowhere.ipynb"], "nowhere")):
        done = subprocess.run([*MAKE, "seeds", *words], capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1
        assert named in done.stderr


def test_serve_shows_the_book_until_it_is_interrupted(site):
    server = subprocess.Popen(
        [*MAKE, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    )
    try:
        address = re.search(r"http://\S+", server.stdout.readline()).group()
        assert urllib.request.urlopen(address + "index.html").read() == (site / "index.html").read_bytes()
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) in (0, 130, -signal.SIGINT)


def test_a_second_build_with_nothing_changed_is_quick_and_leaves_the_site_alone(site):
    before = (site / "index.html").stat().st_mtime_ns
    started = time.perf_counter()
    subprocess.run([*MAKE, "book"], check=True, cwd=ROOT, capture_output=True)
    assert time.perf_counter() - started < 60  # 3 s on a quiet machine
    assert (site / "index.html").stat().st_mtime_ns == before
