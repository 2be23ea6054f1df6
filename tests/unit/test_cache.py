"""The cache of finished runs: what is kept is not computed again, and neither a kill nor a bad disk costs a result.

Run: .venv/bin/python -m pytest -q tests/unit/test_cache.py (about 30 s: two processes, and a sweep that is killed).
"""

import errno
import json
import os
import pickle
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crucible import cache
from crucible.cache import Cache
from crucible.model import ModelConfig
from crucible.sweep import sweep
from crucible.train import TrainConfig, train
from crucible.worlds import AddWorld

ROOT = Path(__file__).resolve().parents[2]
SIZE = ModelConfig(vocab_size=12, context_length=6, d_model=8, n_layers=1, n_heads=2)
KEY = "0" * 64
LINE = "cache of runs: "


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """The folder of finished runs, empty."""
    monkeypatch.setenv("CRUCIBLE_CACHE", str(tmp_path / "runs"))
    monkeypatch.setenv("TQDM_DISABLE", "1")
    return tmp_path / "runs"


@pytest.fixture
def noted(tmp_path) -> Path:
    """Where noted_run leaves a line for each call."""
    return tmp_path / "calls.txt"


def noted_run(notes: Path, job: int) -> list[int]:
    with notes.open("a") as file:
        file.write(f"{job}\n")
    return [job] * 20_000


def calls(notes: Path) -> list[int]:
    return [int(line) for line in notes.read_text().split()] if notes.exists() else []


def tiny_run(seed: int, steps: int):
    return train(AddWorld(digits=1, seed=seed), SIZE, TrainConfig(steps=steps, batch_size=8, warmup_steps=2), seed)


def numbers(runs: list) -> list:
    return [
        (run.seed, run.losses, {name: x.tolist() for name, x in run.model.state_dict().items()}, run.model.config)
        for run in runs
    ]


def told(capsys) -> str:
    """What was said, which must be one line."""
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith(LINE)
    return line


# What is finished is not computed again


def test_one_process_two_and_the_cache_give_the_same_results_to_the_last_digit(place, monkeypatch):
    jobs = [(seed, 5) for seed in (1, 2, 3)]
    two = sweep(tiny_run, jobs, processes=2)
    assert len(list(place.iterdir())) == 3
    kept = sweep(tiny_run, jobs, processes=2)
    assert [run.seconds for run in kept] == [run.seconds for run in two], "these should be the kept runs themselves"
    monkeypatch.setenv("CRUCIBLE_CACHE", "off")
    one = sweep(tiny_run, jobs, processes=1)
    assert numbers(one) == numbers(two) == numbers(kept)


def test_only_new_jobs_run_and_results_keep_the_jobs_order(place, noted):
    assert sweep(noted_run, [(noted, 2)], processes=1) == [[2] * 20_000]
    found = sweep(noted_run, [(noted, job) for job in (1, 2, 3)], processes=1)
    assert [result[0] for result in found] == [1, 2, 3]
    assert calls(noted) == [2, 1, 3]


def test_a_changed_constant_of_a_notebook_runs_again(place, noted):
    cell = "RATE = {}\ndef run(notes, seed):\n    notes.open('a').write('1\\n')\n    return RATE * seed"
    for rate in (2, 3, 2):
        names: dict = {"__name__": "__main__"}
        exec(cell.format(rate), names)
        assert sweep(names["run"], [(noted, 5)], processes=1) == [rate * 5]
    assert len(calls(noted)) == 2


def test_with_the_cache_off_every_job_runs_and_nothing_is_written(tmp_path, monkeypatch, noted):
    monkeypatch.setenv("CRUCIBLE_CACHE", "OFF")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    for _ in range(2):
        sweep(noted_run, [(noted, 1)], processes=1)
    assert calls(noted) == [1, 1]
    assert not (tmp_path / "xdg").exists()


def test_the_bar_counts_kept_runs_at_once_and_says_how_many(place, noted, capsys, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "0")
    sweep(noted_run, [(noted, 1)], label="my runs", processes=1)
    assert "from the cache" not in capsys.readouterr().err
    sweep(noted_run, [(noted, 1), (noted, 2)], label="my runs", processes=1)
    first, *_, last = re.split(r"[\r\n]+", capsys.readouterr().err.strip())
    assert first.startswith("my runs (1 of 2 from the cache):  50%")
    assert "2/2" in last


def test_a_run_that_fails_does_not_cost_those_before_it(place, noted):
    def run(notes, job):
        if job == 3:
            raise ValueError("job 3")
        return noted_run(notes, job)

    for _ in range(2):
        with pytest.raises(ValueError, match="job 3"):
            sweep(run, [(noted, job) for job in (1, 2, 3)], processes=1)
    assert calls(noted) == [1, 2]


# Killed at any moment

SWEEP = """
import os, sys, time
from crucible.sweep import sweep

FOLDER = {folder!r}

def run(job):
    with open(FOLDER + "/calls.txt", "a") as notes:
        notes.write(f"{{job}}\\n")
    while job == 0 and not os.path.exists(FOLDER + "/go"):
        time.sleep(0.05)
    return job * 10

if __name__ == "__main__":
    print(sweep(run, [(0,), (1,)], processes=int(sys.argv[1])))
"""


def test_after_a_kill_the_finished_run_is_not_computed_again(place, tmp_path):
    """The finished one is the second: what is done is kept even while an earlier job still runs."""
    script = tmp_path / "script.py"
    script.write_text(SWEEP.format(folder=str(tmp_path)))
    settings = {"cwd": ROOT, "env": os.environ | {"PYTHONPATH": str(ROOT)}, "text": True}
    first = subprocess.Popen([sys.executable, script, "2"], start_new_session=True, **settings)
    try:
        deadline = time.monotonic() + 90
        while not list(place.glob("*.pickle")):
            assert first.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert calls(tmp_path / "calls.txt").count(1) == 1
    (tmp_path / "go").touch()
    again = subprocess.run([sys.executable, script, "1"], capture_output=True, check=True, **settings)
    assert again.stdout == "[0, 10]\n"
    assert calls(tmp_path / "calls.txt")[-1] == 0
    assert calls(tmp_path / "calls.txt").count(1) == 1


def test_a_kill_in_mid_write_leaves_no_entry_and_its_half_file_is_cleaned_up_later(place, monkeypatch):
    def killed(*_):
        os._exit(9)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(cache.os, "replace", killed)
        Cache(place).save(KEY, "a result")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    (half,) = place.iterdir()
    assert half.suffix == ".part"
    Cache(place)
    assert half.exists(), "it might be another sweep's, which is writing it just now"
    os.utime(half, (time.time() - 7200,) * 2)
    Cache(place)
    assert list(place.iterdir()) == []


# Damaged entries


def flip(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:40],
        lambda content: b"",
        lambda content: flip(content, -30_000),
        lambda content: flip(content, 20),
        lambda content: content + b"x",
        lambda content: bytes(5000),
    ],
    ids=["last byte lost", "head alone", "empty", "bit in the body", "bit in the sum", "a byte more", "zeros"],
)
def test_a_damaged_entry_is_dropped_with_one_line_and_its_run_repeated(place, noted, capsys, damage):
    jobs = [(noted, 1), (noted, 2)]
    sweep(noted_run, jobs[:1], processes=1)
    (entry,) = place.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    sweep(noted_run, jobs[1:], processes=1)
    assert sweep(noted_run, jobs, processes=1) == [[1] * 20_000, [2] * 20_000]
    assert entry.name in told(capsys)
    assert calls(noted) == [1, 2, 1]
    sweep(noted_run, jobs, processes=1)
    assert calls(noted) == [1, 2, 1], "the repeated run should have been kept"


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def test_an_entry_whose_checksum_fails_is_never_unpickled(place, tmp_path, capsys):
    place.mkdir()
    file = place / f"crucible-run-{KEY}.pickle"
    file.write_bytes(cache.MARK + b"0" * 64 + b"\n" + pickle.dumps(Trap(tmp_path / "sprung")))
    with pytest.raises(KeyError):
        Cache(place).load(KEY)
    assert not (tmp_path / "sprung").exists()
    assert not file.exists()
    assert "checksum" in told(capsys)


def test_an_entry_of_a_class_that_is_gone_is_dropped(place, capsys, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "Gone", type("Gone", (), {"__module__": __name__}), raising=False)
    Cache(place).save(KEY, sys.modules[__name__].Gone())  # type: ignore[attr-defined]
    monkeypatch.undo()
    with pytest.raises(KeyError):
        Cache(place).load(KEY)
    assert "Gone" in told(capsys)
    assert list(place.iterdir()) == []


# The disk


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_is_told_once_and_no_result_is_lost(place, noted, capsys, monkeypatch, step):
    tries = []

    def full(*_):
        tries.append(step)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sweep(noted_run, [(noted, 0)], processes=1)
    kept = list(place.iterdir())
    monkeypatch.setattr(cache.os, step, full)
    assert [one[0] for one in sweep(noted_run, [(noted, job) for job in range(4)], processes=1)] == [0, 1, 2, 3]
    line = told(capsys)
    assert "No space left on device" in line
    assert str(place) in line
    assert len(tries) == 1
    assert list(place.iterdir()) == kept


def test_a_disk_that_takes_only_the_first_bytes_keeps_no_half_file(place, noted, capsys):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))  # Python ignores the signal and gets EFBIG
    try:
        Cache(place).save(KEY, [1] * 20_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "File too large" in told(capsys)
    assert list(place.iterdir()) == []


def test_a_folder_that_cannot_be_is_told_once_and_the_sweep_runs(tmp_path, noted, capsys, monkeypatch):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.setenv("CRUCIBLE_CACHE", str(tmp_path / "file"))
    assert len(sweep(noted_run, [(noted, 1), (noted, 2)], processes=1)) == 2
    assert str(tmp_path / "file") in told(capsys)
    assert (tmp_path / "file").read_text() == "mine"


def test_what_cannot_be_keyed_runs_and_one_line_says_why(place, noted, capsys):
    stream = (number for number in range(9))

    def run(notes, job):
        return [noted_run(notes, job)[0], next(stream)]

    assert sweep(run, [(noted, 1), (noted, 2)], label="my runs", processes=1) == [[1, 0], [2, 1]]
    line = told(capsys)
    assert "my runs are not kept: run: a generator has no lasting value" in line
    assert list(place.iterdir()) == []


def test_a_result_that_cannot_be_pickled_is_returned_and_one_line_says_why(place, capsys):
    def run(job):
        return lambda: job

    assert [found() for found in sweep(run, [(1,), (2,)], processes=1)] == [1, 2]
    assert "results of this sweep cannot be kept" in told(capsys)
    assert list(place.iterdir()) == []


WRITER = """
import sys
from pathlib import Path
from crucible.cache import Cache

store = Cache(Path(sys.argv[1]))
for turn in range(150):
    store.save("0" * 64, [turn] * (1000 + 100 * turn))
    try:
        found = store.load("0" * 64)
    except KeyError:
        continue
    assert len(found) == 1000 + 100 * found[0]
"""


def test_two_sweeps_on_one_folder_do_not_hurt_each_other(place):
    command = [sys.executable, "-c", WRITER, str(place)]
    writers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [writer.communicate(timeout=60)[1] for writer in writers] == ["", ""]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert [file.name for file in place.iterdir()] == [f"crucible-run-{KEY}.pickle"]


# The folder


def test_the_folder_follows_the_wish_and_the_customs_of_the_system(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(cache.sys, "platform", "linux")
    found = {}
    for wish in ("off", "", "~/drive", "/mnt/drive"):
        monkeypatch.setenv("CRUCIBLE_CACHE", wish)
        found[wish] = cache.folder()
    usual = tmp_path / ".cache/small-models-big-claims"
    assert found == {"off": None, "": usual, "~/drive": tmp_path / "drive", "/mnt/drive": Path("/mnt/drive")}
    monkeypatch.delenv("CRUCIBLE_CACHE")
    assert cache.folder() == usual
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache.folder() == Path("/xdg/small-models-big-claims")
    monkeypatch.setattr(cache.sys, "platform", "darwin")
    assert cache.folder() == tmp_path / "Library/Caches/small-models-big-claims"
    monkeypatch.setattr(cache.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert cache.folder() == Path("/local/small-models-big-claims")


def test_an_entry_that_nobody_asked_for_in_a_long_time_is_removed(place):
    store = Cache(place)
    for key in ("a" * 64, "b" * 64):
        store.save(key, key)
        os.utime(place / f"crucible-run-{key}.pickle", (time.time() - (cache.KEPT_DAYS + 1) * 86400,) * 2)
    assert store.load("a" * 64)
    fresh = Cache(place)
    assert fresh.load("a" * 64)
    with pytest.raises(KeyError):
        fresh.load("b" * 64)


STRANGERS = (
    "letter.txt",
    "crucible-run-notes.txt",
    "crucible-run-notes.part",
    f"crucible-run-{KEY[:-1]}.pickle",
    f"my-crucible-run-{KEY}.pickle",
    f"crucible-run-{KEY}.pickle.bak",
)


def test_clearing_removes_our_own_files_and_nothing_else(place):
    store = Cache(place)
    for letter in "ab":
        store.save(letter * 64, [1] * 1_000_000)
    (place / "crucible-run-abcd_123.part").write_bytes(b"half")
    for name in STRANGERS:
        (place / name).write_text("mine")
    (place / f"crucible-run-{'d' * 64}.pickle").mkdir()
    (place / f"crucible-run-{'e' * 64}.pickle").symlink_to(place / "letter.txt")
    left = {*STRANGERS, f"crucible-run-{'d' * 64}.pickle", f"crucible-run-{'e' * 64}.pickle"}
    assert cache.size_text(place) == "2 finished runs, 4.0 MB"
    assert cache.clear(place) == "2 finished runs, 4.0 MB"
    assert {file.name for file in place.iterdir()} == left
    assert cache.size_text(place) == cache.clear(place) == "0 finished runs, 0.0 MB"


def test_a_sweep_goes_on_when_its_folder_is_taken_away(place, noted, capsys):
    def run(notes, job):
        place.rename(place.with_name("away"))
        return noted_run(notes, job)

    assert len(sweep(run, [(noted, 1)], processes=1)) == 1
    assert "No such file" in told(capsys)


def test_during_a_build_the_log_is_told_and_not_the_page(place, noted, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_CACHE_LOG", str(tmp_path / "log.jsonl"))
    sweep(noted_run, [(noted, 1)], processes=1)
    (entry,) = place.iterdir()
    sweep(noted_run, [(noted, 1), (noted, 2)], processes=1)
    entry.write_bytes(b"")
    sweep(noted_run, [(noted, 1)], processes=1)
    entries = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    message = entries.pop(2)["message"]
    assert entry.name in message
    assert entries == [{"runs": 1, "from_cache": 0}, {"runs": 2, "from_cache": 1}, {"runs": 1, "from_cache": 0}]
    assert capsys.readouterr() == ("", "")
