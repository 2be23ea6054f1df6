"""make mutants: break the widgets' controls, one at a time, and see that the tests notice each time.

The list is tests/browser/mutants.py. Nothing is written: a mutant exists in this process only, where the tests
read the broken text in place of the file's, and so does the page that they open.
"""

import contextlib
import functools
import io
import runpy
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from anywidget import AnyWidget
from playwright.sync_api import Browser, expect, sync_playwright

from pipeline import ROOT, Refused, browser

LIST = ROOT / "tests/browser/mutants.py"
PATIENCE = 2_500  # milliseconds to wait for what a page should show; half of the usual, a mutant never shows it

Chromium = Callable[[], Browser]


@dataclass(frozen=True)
class Mutant:
    """One misdeed: in `file`, `old` becomes `new`, and then at least one of `tests` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def applies(self) -> bool:
        """Does the file have its text, at one place only?"""
        return (ROOT / self.file).read_text(encoding="utf-8").count(self.old) == 1


@dataclass(eq=False)  # pytest wants to hash it
class _Watch:
    """A pytest plugin that notes what failed, and how, and gives all tests one Chromium: starting it takes seconds."""

    chromium: Chromium
    failed: dict[str, str] = field(default_factory=dict)
    used: Browser | None = None

    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Browser | None:
        if fixturedef.argname != "chromium":
            return None
        self.used = self.chromium()
        fixturedef.cached_result = (self.used, fixturedef.cache_key(request), None)
        return self.used

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            lines = [line for line in str(report.longrepr).splitlines() if line.startswith("E ")]
            self.failed.setdefault(report.nodeid, lines[0][2:].strip() if lines else report.when)


def mutants() -> list[Mutant]:
    """The whole list."""
    return [Mutant(*entry) for entry in runpy.run_path(str(LIST))["MUTANTS"]]


def run(only: str = "") -> None:
    """Try all mutants whose name contains `only`; Refused if one survives or no longer fits its file."""
    chosen = [mutant for mutant in mutants() if only in mutant.name]
    if not chosen:
        raise Refused(f"no mutant's name contains {only!r}; see tests/browser/mutants.py")
    program = browser.find()
    expect.set_options(timeout=PATIENCE)
    with contextlib.ExitStack() as stack:

        @functools.cache
        def chromium() -> Browser:
            playwright = stack.enter_context(sync_playwright())
            return playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])

        _run(chosen, chromium)


def _run(chosen: list[Mutant], chromium: Chromium) -> None:
    started = time.time()
    print(f"{len(chosen)} mutants; first their tests without any", flush=True)
    weak = _failures(chromium, dict.fromkeys(test for mutant in chosen for test in mutant.tests))
    for test, why in weak.items():
        print(f"fails without a mutant, so it kills none: {test} ({why})", flush=True)
    bad = 0
    for place, mutant in enumerate(chosen, 1):
        begun = time.time()
        killed, said = _try(chromium, mutant, weak)
        bad += not killed
        print(f"{place}/{len(chosen)} {mutant.name}: {said} ({time.time() - begun:.0f} s)", flush=True)
    print(f"{len(chosen) - bad} of {len(chosen)} mutants killed in {time.time() - started:.0f} s")
    if bad:
        raise Refused(f"{bad} of {len(chosen)} mutants survived or no longer fit (see above)")


def _try(chromium: Chromium, mutant: Mutant, weak: Iterable[str]) -> tuple[bool, str]:
    """Was it killed? And a few words on that."""
    if not mutant.applies:
        return False, f"DOES NOT APPLY: its text is not exactly once in {mutant.file}"
    with _broken(mutant):
        failed = _failures(chromium, mutant.tests, "-x", *(f"--deselect={test}" for test in weak))
    if not failed:
        return False, "SURVIVED"
    test, why = next(iter(failed.items()))
    return True, f"killed by {test.partition('::')[2]} ({why[:90]})"


def _failures(chromium: Chromium, tests: Iterable[str], *options: str) -> dict[str, str]:
    """The tests that fail, with the first line of each error. Refused if pytest could not run them."""
    watch, heard = _Watch(chromium), io.StringIO()
    words = ["-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}", *options]
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
        code = pytest.main([*words, *(str(ROOT / test) for test in tests)], plugins=[watch])
    if "! KeyboardInterrupt !" in heard.getvalue():
        raise KeyboardInterrupt
    if watch.used and not watch.used.is_connected():  # then all tests fail, and that is no kill
        raise Refused("the Chromium is gone; run it again")
    if code == pytest.ExitCode.USAGE_ERROR or (code == pytest.ExitCode.INTERRUPTED and not watch.failed):
        said = [line for line in heard.getvalue().splitlines() if line.startswith("ERROR")]
        raise Refused(f"the tests cannot be run: {said[0] if said else code}")
    return watch.failed


@contextlib.contextmanager
def _broken(mutant: Mutant) -> Iterator[None]:
    """While it lasts, who reads the file reads the mutant; a widget's class has read it before."""
    path, read = (ROOT / mutant.file).resolve(), Path.read_text
    sound = path.read_text(encoding="utf-8")
    text = sound.replace(mutant.old, mutant.new)

    def read_text(self: Path, *args: Any, **kwargs: Any) -> str:
        return text if self.resolve() == path else read(self, *args, **kwargs)

    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(Path, "read_text", read_text))
        for widget in AnyWidget.__subclasses__():
            if widget.__module__.startswith("crucible."):
                for name in ("_esm", "_css"):
                    stack.enter_context(mock.patch.object(widget, name, getattr(widget, name).replace(sound, text)))
        yield
