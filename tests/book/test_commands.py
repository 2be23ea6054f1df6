"""The small commands of make.py, run as a stranger runs them. Two minutes, nearly all for the other seeds."""

import re
import signal
import subprocess
import sys
import time
import urllib.request

from pipeline import ROOT

MAKE = [sys.executable, str(ROOT / "make.py")]


def test_seeds_prints_each_verdict_on_other_seeds_beside_the_recorded_one(site):
    before = (site / "ledger.json").read_bytes()
    done = subprocess.run([*MAKE, "seeds", "--seeds", "31,32,33"], capture_output=True, text=True, check=True, cwd=ROOT)
    parts = re.findall(
        r"^E00/[\w-]+ on seeds 31,32,33: interval -?[\d.]+ to -?[\d.]+, (\w+)$", done.stdout, re.MULTILINE
    )
    assert len(parts) == 3
    claims = re.findall(r"^this-book/[\w-]+: measured '([\w ]+)', recorded '([\w ]+)'$", done.stdout, re.MULTILINE)
    assert len(claims) == 2
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
