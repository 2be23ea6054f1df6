"""make check and make test: everything that guards the project, in the order of how soon it can fail."""

import os
import shutil
import subprocess
import sys
import time

from pipeline import BUILD, ROOT, Refused, book, browser

TESTS_OF_THE_SITE = ("tests/book", "tests/browser", "tests/colab")


def check() -> None:
    """Lint, types and unit tests."""
    _step("lint", [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"])
    _step("types", [sys.executable, "-m", "mypy"])
    _step("unit tests", [sys.executable, "-m", "pytest", "-q", "tests/unit"])


def test() -> None:
    """The checks, a cold build with nothing kept from before, then tests of the built site."""
    browser.find()  # before the long work: a missing Chromium should not be found out at its end
    os.environ["CRUCIBLE_CACHE"] = "off"  # cold: no run of an earlier build counts
    started = time.perf_counter()
    check()
    _step("the smallest base made again", [sys.executable, "-m", "pytest", "-q", "tests/bases"])
    _step("submissions through nbgrader", [sys.executable, "-m", "pytest", "-q", "tests/grading"])
    shutil.rmtree(BUILD, ignore_errors=True)
    book.make()
    _step("tests of the site", [sys.executable, "-m", "pytest", "-q", "--durations=5", *TESTS_OF_THE_SITE])
    print(f"make test: all of it passed in {time.perf_counter() - started:.0f} s")


def _step(name: str, command: list[str]) -> None:
    print(f"== {name}", flush=True)
    started = time.perf_counter()
    if subprocess.call(command, cwd=ROOT):
        raise Refused(f"{name} failed (see above)")
    print(f"== {name}: {time.perf_counter() - started:.0f} s", flush=True)
