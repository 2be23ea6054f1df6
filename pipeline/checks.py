"""make check and make test: everything that guards the project, in the order of how soon it can fail."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from pipeline import BUILD, ROOT, Refused, book, browser

# The folders of tests after the build, the longest first, and in how many parts each is run. The short parts at the
# end let both cores end at about the same time.
PARTS = {"colab": 1, "grading": 1, "bases": 1, "book": 1, "browser": 6}


def check() -> None:
    """Lint, types and unit tests."""
    _step("lint", [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"])
    _step("types", [sys.executable, "-m", "mypy"])
    _two_at_a_time({name: _pytest(*files) for name, files in _parts("unit", 2).items()})


def test() -> None:
    """The checks, a cold build with nothing kept from before, then tests of the built site."""
    browser.find()  # before the long work: a missing Chromium should not be found out at its end
    os.environ["CRUCIBLE_CACHE"] = "off"  # cold: no run of an earlier build counts
    started = time.perf_counter()
    check()
    shutil.rmtree(BUILD, ignore_errors=True)
    book.make()
    parts = {name: files for folder, count in PARTS.items() for name, files in _parts(folder, count).items()}
    _two_at_a_time({name: _pytest("--durations=5", *files) for name, files in parts.items()})
    print(f"make test: all of it passed in {time.perf_counter() - started:.0f} s")


def _pytest(*words: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", *words]


def _parts(folder: str, count: int) -> dict[str, list[str]]:
    """The test files of a folder in parts of about the same length: those on exercises are slow."""
    files = sorted(
        (ROOT / "tests" / folder).glob("test_*.py"),
        key=lambda file: ("exercises" not in file.name, -file.stat().st_size, file.name),
    )
    names = [f"tests/{folder}" + (f", {part + 1} of {count}" if count > 1 else "") for part in range(count)]
    return {name: [str(file) for file in files[part::count]] for part, name in enumerate(names)}


def _two_at_a_time(commands: dict[str, list[str]]) -> None:
    """Run all of them in this order on two cores: who is done takes the next. What each has said comes at its end."""
    started = time.perf_counter()
    waiting, failed = list(commands), []
    running: dict[str, tuple[subprocess.Popen, Path, float]] = {}
    (BUILD / "log").mkdir(parents=True, exist_ok=True)
    try:
        while waiting or running:
            while waiting and len(running) < 2:
                name = waiting.pop(0)
                log = BUILD / "log" / f"{name.replace('/', '-')}.txt"
                print(f"== {name} begins; it writes {log}", flush=True)
                with log.open("w") as output:
                    process = subprocess.Popen(commands[name], cwd=ROOT, stdout=output, stderr=output)
                running[name] = process, log, time.perf_counter()
            time.sleep(0.1)
            for name, (process, log, began) in list(running.items()):
                if process.poll() is not None:
                    del running[name]
                    print(f"== {name}\n{log.read_text()}== {name}: {time.perf_counter() - began:.0f} s", flush=True)
                    if process.returncode:
                        failed.append(name)
    except BaseException:
        for process, _, _ in running.values():
            process.terminate()
        raise
    if failed:
        raise Refused(f"{' and '.join(failed)} failed (see above)")
    print(f"== all of these: {time.perf_counter() - started:.0f} s", flush=True)


def _step(name: str, command: list[str]) -> None:
    print(f"== {name}", flush=True)
    started = time.perf_counter()
    if subprocess.call(command, cwd=ROOT):
        raise Refused(f"{name} failed (see above)")
    print(f"== {name}: {time.perf_counter() - started:.0f} s", flush=True)
