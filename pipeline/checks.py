"""make check and make test: everything that guards the project, in the order of how soon it can fail."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

from pipeline import BUILD, ROOT, Refused, book, browser

# Two lanes at a time, one for each core: what looks at the built site, and what needs none of it or only reads it.
LANES = {
    "tests of the site": ("tests/book", "tests/browser"),
    "a base made again, submissions through nbgrader, Colab's versions": (
        "tests/bases",
        "tests/grading",
        "tests/colab",
    ),
}


def check() -> None:
    """Lint, types and unit tests."""
    _step("lint", [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"])
    _step("types", [sys.executable, "-m", "mypy"])
    _lanes({f"unit tests, {part}": _pytest(*files) for part, files in _halves(ROOT / "tests" / "unit").items()})


def test() -> None:
    """The checks, a cold build with nothing kept from before, then tests of the built site."""
    browser.find()  # before the long work: a missing Chromium should not be found out at its end
    os.environ["CRUCIBLE_CACHE"] = "off"  # cold: no run of an earlier build counts
    started = time.perf_counter()
    check()
    shutil.rmtree(BUILD, ignore_errors=True)
    book.make()
    _lanes({name: _pytest("--durations=5", *tests) for name, tests in LANES.items()})
    print(f"make test: all of it passed in {time.perf_counter() - started:.0f} s")


def _pytest(*words: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", *words]


def _halves(folder: Path) -> dict[str, list[str]]:
    """The test files of a folder in two parts of about the same length, for two lanes: those on exercises are slow."""
    files = sorted(
        folder.glob("test_*.py"), key=lambda file: ("exercises" not in file.name, -file.stat().st_size, file.name)
    )
    return {name: [str(file) for file in files[start::2]] for start, name in enumerate(("one half", "the other half"))}


def _lanes(commands: dict[str, list[str]]) -> None:
    """Run all of them at once; the first one's output is shown as it comes, the others' when they end."""
    started = time.perf_counter()
    logs = {name: BUILD / "log" / f"lane-{place}.txt" for place, name in enumerate(commands) if place}
    running = {}
    for name, command in commands.items():
        print(f"== {name}{', beside it' if name in logs else ''}", flush=True)
        if name in logs:
            logs[name].parent.mkdir(parents=True, exist_ok=True)
        with logs[name].open("w") if name in logs else nullcontext() as output:
            running[name] = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    try:
        failed = [name for name, process in running.items() if process.wait()]
    except BaseException:
        for process in running.values():
            process.terminate()
        raise
    for name, log in logs.items():
        print(f"== {name}\n{log.read_text()}", flush=True)
    if failed:
        raise Refused(f"{' and '.join(failed)} failed (see above)")
    print(f"== all of these: {time.perf_counter() - started:.0f} s", flush=True)


def _step(name: str, command: list[str]) -> None:
    print(f"== {name}", flush=True)
    started = time.perf_counter()
    if subprocess.call(command, cwd=ROOT):
        raise Refused(f"{name} failed (see above)")
    print(f"== {name}: {time.perf_counter() - started:.0f} s", flush=True)
