"""make resolve: what it asks uv for, and what it says when something does not fit. No network, uv is not run.

Run: .venv/bin/python -m pytest -q tests/unit/test_resolve.py (a second).
"""

import re
import subprocess
from types import SimpleNamespace

import pytest

from pipeline import ROOT, Refused, resolve


@pytest.fixture
def uv(monkeypatch):
    """In place of uv: notes what it is asked for; `fails` decides what does not resolve."""
    state = SimpleNamespace(asked=[], fails=lambda command: False)

    def run(command, **_):
        state.asked.append(command)
        bad = state.fails(command)
        return subprocess.CompletedProcess(command, int(bad), "a==1\nb==2\n", "because a needs b<2\n" if bad else "")

    monkeypatch.setattr(resolve.subprocess, "run", run)
    return state


def pythons(commands) -> set[str]:
    return {command[command.index("--python-version") + 1] for command in commands}


def test_every_extra_is_resolved_on_every_python_that_pyproject_allows(uv):
    resolve.run()
    allowed = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', (ROOT / "pyproject.toml").read_text())
    wanted = {f"3.{minor}" for minor in range(*map(int, allowed.groups()))}
    for extra in ("book", "hub", "test"):
        assert pythons(command for command in uv.asked if extra in command) == wanted
    assert pythons(command for command in uv.asked if command[-1] == "pyproject.toml") == wanted
    assert pythons(command for command in uv.asked if "constraints.txt" in command) == wanted


def test_the_package_and_its_extra_for_the_hub_are_resolved_beside_colabs_list_on_colabs_python(uv):
    resolve.run()
    beside = [command for command in uv.asked if "tests/colab/colab.txt" in command]
    assert pythons(beside) == {"3.13"}
    assert ["hub" in command for command in beside] == [False, True]


def test_nothing_is_installed_and_nothing_compiled(uv):
    resolve.run()
    for command in uv.asked:
        assert command[1:5] == ["-m", "uv", "pip", "compile"]
        assert command[command.index("--only-binary") + 1] == ":all:"
        assert "-o" not in command


def test_what_resolves_is_named_with_its_number_of_packages(uv, capsys):
    resolve.run()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("3.11  package: 2 packages, ")
    assert lines[-1].startswith(f"all {len(uv.asked)} resolve")


def test_what_does_not_resolve_is_named_and_the_rest_is_tried_all_the_same(uv, capsys):
    uv.fails = lambda command: "hub" in command and "3.12" in command
    with pytest.raises(Refused, match=r"^1 of \d+ do not resolve .*: package\[hub\] on Python 3\.12$"):
        resolve.run()
    assert "because a needs b<2" in capsys.readouterr().out
    assert len(uv.asked) == len(resolve.cases())


def test_a_list_without_colabs_python_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(resolve, "COLAB_LIST", tmp_path / "colab.txt")
    (tmp_path / "colab.txt").write_text("torch==2.11.0\n")
    with pytest.raises(Refused, match=r"no line like '# python 3\.13'$"):
        resolve.colab_python()


def test_the_list_pins_every_line_exactly():
    lines = [line for line in (ROOT / "tests/colab/colab.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines == sorted(lines)
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in lines)
