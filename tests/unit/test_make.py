"""make.py: one clear line on a Python the book does not support, and no installation where none is needed.

Run: .venv/bin/python -m pytest -q tests/unit/test_make.py (about 2 s). Other Pythons are those of pyenv, where present.
make.py is copied to an empty folder first: were a check to fail, it would find nothing to install or to delete.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

MAKE = Path(__file__).resolve().parents[2] / "make.py"
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
OLD = ("2.7.18", "3.6.15", "3.8.18", "3.10.13")


@pytest.fixture
def folder(tmp_path) -> Path:
    shutil.copy(MAKE, tmp_path)
    return tmp_path


@pytest.fixture
def make(folder):
    """The copied make.py as a module."""
    spec = importlib.util.spec_from_file_location("make_of_the_test", folder / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(python: Path | str, folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(python), "make.py", *words], cwd=folder, capture_output=True, text=True, timeout=60)


def one_line(capsys) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("version", OLD)
def test_an_old_python_gets_one_line_with_its_version_and_those_that_work(folder, version):
    python = PYENV / version / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no Python {version} on this machine")
    done = run(python, folder, "check")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Python {}.{} ".format(*version.split(".")) in line
    assert "3.11" in line
    assert os.listdir(folder) == ["make.py"]


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 14, 0), (2, 7, 18), (4, 11, 0)])
def test_a_version_outside_the_range_is_refused_by_name(make, monkeypatch, capsys, version):
    monkeypatch.setattr(make, "sys", SimpleNamespace(version_info=version, stderr=sys.stderr, exit=sys.exit))
    with pytest.raises(SystemExit) as end:
        make.check_python()
    assert end.value.code == 2
    line = one_line(capsys)
    assert "Python {}.{} is".format(*version[:2]) in line
    assert all(supported in line for supported in ("3.11", "3.12", "3.13"))


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 9)])
def test_a_supported_version_passes_without_a_word(make, monkeypatch, capsys, version):
    monkeypatch.setattr(make, "sys", SimpleNamespace(version_info=version, stderr=sys.stderr, exit=sys.exit))
    make.check_python()
    assert capsys.readouterr() == ("", "")


def test_a_python_without_venv_is_told_how_to_get_it(make, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # importing it now raises ImportError
    with pytest.raises(SystemExit) as end:
        make.check_python()
    assert end.value.code == 2
    assert "apt-get install python3-venv" in one_line(capsys)


def test_help_lists_every_command_and_installs_nothing(folder):
    done = run(sys.executable, folder, "--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in ("book", "test", "check", "serve", "seeds", "address"))
    assert run(sys.executable, folder, "help").stdout == done.stdout
    assert os.listdir(folder) == ["make.py"]


def test_an_unknown_command_is_named_and_installs_nothing(folder):
    done = run(sys.executable, folder, "dance")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "dance" in line
    assert "make.py --help" in line
    assert os.listdir(folder) == ["make.py"]


class Calls(list):
    """In place of `subprocess`: notes the commands and runs none of them."""

    def __init__(self, make):
        super().__init__()
        self.venv = Path(make.VENV)

    def check_call(self, command):
        self.append(command)
        self.venv.mkdir(exist_ok=True)

    def call(self, command, **_settings):
        self.append(command)
        return 0


@pytest.fixture
def calls(make, folder, monkeypatch) -> Calls:
    for name in ("constraints.txt", "pyproject.toml"):
        (folder / name).write_text("x")
    noted = Calls(make)
    monkeypatch.setattr(make, "subprocess", noted)
    monkeypatch.setattr(make.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**11))
    return noted


def test_an_installation_is_made_once_from_the_lock(make, calls):
    make.install()
    count = len(calls)
    assert count == 3
    assert all(["-c", "constraints.txt"] == command[command.index("-c") :][:2] for command in calls[1:])
    make.install()
    assert len(calls) == count


@pytest.mark.parametrize("name", ["constraints.txt", "pyproject.toml"])
def test_a_changed_lock_is_installed_anew(make, calls, folder, name):
    make.install()
    count = len(calls)
    (folder / name).write_text("y")
    make.install()
    assert len(calls) == 2 * count


def test_a_changed_tool_setting_needs_no_new_installation(make, calls, folder):
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n\n[tool.ruff]\nline-length = 120\n")
    make.install()
    count = len(calls)
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n\n[tool.ruff]\nline-length = 100\n")
    make.install()
    assert len(calls) == count


def test_a_failed_installation_ends_in_one_line_and_is_tried_again(make, calls, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(calls, "call", lambda command, **_: 1, raising=False)
        with pytest.raises(SystemExit) as end:
            make.install()
    assert end.value.code == 2
    assert "installation failed" in one_line(capsys)
    count = len(calls)
    make.install()
    assert len(calls) > count


def test_too_little_disk_is_told_before_anything_is_installed(make, calls, monkeypatch, capsys):
    monkeypatch.setattr(make.shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 10**9))
    with pytest.raises(SystemExit) as end:
        make.install()
    assert end.value.code == 2
    assert "5,000 MB" in one_line(capsys)
    assert calls == []


def test_an_interrupted_command_ends_without_a_traceback(make, calls, monkeypatch):
    def interrupted(command, **_settings):
        raise KeyboardInterrupt

    make.install()
    monkeypatch.setattr(calls, "call", interrupted, raising=False)
    monkeypatch.setattr(sys, "argv", ["make.py", "book"])
    try:
        code = make.main()
    except KeyboardInterrupt:
        pytest.fail("the interruption went through")
    assert code == 130


def test_a_command_is_handed_to_the_pipeline_with_its_settings_and_exit_code(make, calls, monkeypatch):
    make.install()
    monkeypatch.setattr(calls, "call", lambda command, **_: calls.append(command) or 7, raising=False)
    monkeypatch.setattr(make, "install", lambda: None)
    monkeypatch.setattr(make, "check_python", lambda: None)
    monkeypatch.setattr(sys, "argv", ["make.py", "serve", "--port", "8001"])
    assert make.main() == 7
    assert calls[-1] == [make.venv_python(), "-m", "pipeline", "serve", "--port", "8001"]
