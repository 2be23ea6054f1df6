"""make bases, stopped in mid-run: what is finished stays whole, nothing goes on behind one's back, a rerun goes on.

Run: .venv/bin/python -m pytest -q tests/bases/test_interrupted.py (half a minute; part of make test).
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import psutil
import pytest

from crucible import bases
from crucible.bases import Size
from pipeline import ROOT

# The command itself, with two sizes that are soon done and one that never is. Its workers read this file, too.
COMMAND = """
import sys
from crucible import bases

bases.SIZES.update(tiny=bases.Size(16), small=bases.Size(24), endless=bases.Size(100_000))
if __name__ == "__main__":
    from pipeline.__main__ import main

    sys.exit(main())
"""


@pytest.fixture(autouse=True)
def small_sizes(monkeypatch):
    for name, steps in (("tiny", 16), ("small", 24)):
        monkeypatch.setitem(bases.SIZES, name, Size(steps))


@pytest.fixture
def make_bases(tmp_path):
    """Starts make bases for some sizes, as its own group of processes, as a terminal does."""
    script = tmp_path / "make_bases.py"
    script.write_text(COMMAND)

    @contextmanager
    def start(sizes):
        words = ["bases", "--sizes", sizes, "--seeds", "3", "--folder", str(tmp_path / "bases")]
        settings = {"cwd": ROOT, "env": os.environ | {"PYTHONPATH": str(ROOT)}, "text": True}
        process = subprocess.Popen(
            [sys.executable, script, *words],
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **settings,
        )
        try:
            yield process, tmp_path / "bases"
        finally:
            if group(process):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    return start


def group(process) -> list[int]:
    """Who still lives of the command and all that it started."""
    found = []
    for one in psutil.process_iter(["status"]):
        try:
            if os.getpgid(one.pid) == process.pid and one.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(one.pid)
        except ProcessLookupError:
            pass
    return found


def until(is_so, seconds, process=None):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it took too long"
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.05)


@pytest.mark.parametrize("to_all", [True, False], ids=["Ctrl-C", "the command alone"])
def test_an_interruption_ends_at_once_leaves_no_process_and_keeps_what_is_finished(make_bases, to_all):
    with make_bases("endless,tiny") as (process, folder):
        until(bases.paths("tiny", 3, folder)[1].exists, 120, process)
        assert len(group(process)) >= 3  # the command and two that train, at least
        (os.killpg if to_all else os.kill)(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 130
        assert "make bases: interrupted; what is finished is kept, run it again to go on" in said
        until(lambda: not group(process), 10)
        assert {file.name for file in folder.iterdir()} == {"tiny-seed3.safetensors", "tiny-seed3.json"}
        assert bases.load("tiny", 3, folder).model


def test_a_kill_leaves_the_finished_base_whole_and_the_next_run_goes_on(make_bases):
    with make_bases("endless,tiny") as (process, folder):
        until(bases.paths("tiny", 3, folder)[1].exists, 120, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    before = bases.paths("tiny", 3, folder)[0].stat().st_mtime_ns
    assert bases.load("tiny", 3, folder).model
    with make_bases("tiny,small") as (process, _):
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0
    assert "1 of 2 bases are there already" in said
    assert bases.paths("tiny", 3, folder)[0].stat().st_mtime_ns == before
    assert bases.load("small", 3, folder).model
