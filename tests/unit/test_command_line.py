"""The command line of the package: what it prints, and one line for whatever is wrong.

Run: .venv/bin/python -m pytest -q tests/unit/test_command_line.py (about 8 s: it starts Python a few times).
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crucible import cache, register
from crucible.__main__ import main
from crucible.published import schema_text

ROOT = Path(__file__).resolve().parents[2]


def shell(*words: str) -> subprocess.CompletedProcess:
    """The command as a person types it."""
    command = [sys.executable, "-m", "crucible", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_check_counts_the_claims_of_the_register():
    done = shell("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(register.load().claims)} claims" in done.stdout


def test_schema_prints_the_schema_of_the_ledger():
    done = shell("schema")
    assert done.returncode == 0
    assert json.loads(done.stdout) == json.loads(schema_text())


@pytest.mark.parametrize("name", ["E00", "this-book/small-adds", "R01", "E04"])
def test_show_prints_a_claim_an_experiment_a_record_check_or_a_plan_as_json(capsys, name):
    assert main(["show", name]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == name


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("show", "this-book/small-ads"), ("this-book/small-ads", "this-book/small-adds")),
        (("show", "E0"), ("'E0'", "did you mean E0")),
        (("show", "R01x"), ("'R01x'", "R01")),
        (("dance",), ("dance", "check", "show", "schema")),
    ],
)
def test_a_wrong_word_in_the_shell_gives_one_line_and_no_traceback(words, named):
    done = shell(*words)
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert '"' not in done.stderr, "the message itself, not Python's quotation of it"
    assert all(name in done.stderr for name in named)


@pytest.mark.parametrize(
    "words", [[], ["show"], ["check", "--deep"], ["show", "E00", "E01"], ["--version"], ["cache", "--clean"]]
)
def test_wrong_usage_gives_one_line_that_points_to_the_help(capsys, words):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--help" in line


def test_help_lists_every_command_with_what_it_does(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert all(f"  {name} " in text for name in ("check", "show", "plan", "schema", "cache"))


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    """A folder with two finished runs, and somebody's letter."""
    monkeypatch.setenv("CRUCIBLE_CACHE", str(tmp_path / "runs"))
    store = cache.Cache(tmp_path / "runs")
    for letter in "ab":
        store.save(letter * 64, [1] * 1_000_000)
    (tmp_path / "runs" / "letter.txt").write_text("mine")
    return tmp_path / "runs"


def test_cache_shows_folder_number_and_size_and_clears_only_what_is_its_own(capsys, runs):
    for words, said in (
        (["cache"], f"{runs}: 2 finished runs, 4.0 MB\n"),
        (["cache", "--clear"], f"removed from {runs}: 2 finished runs, 4.0 MB\n"),
        (["cache"], f"{runs}: 0 finished runs, 0.0 MB\n"),
    ):
        assert main(words) == 0
        assert capsys.readouterr() == (said, "")
    assert [file.name for file in runs.iterdir()] == ["letter.txt"]


def test_cache_says_that_it_is_off_or_empty(capsys, monkeypatch, tmp_path):
    assert main(["cache", "--clear"]) == 0
    assert "CRUCIBLE_CACHE=off" in capsys.readouterr().out
    monkeypatch.setenv("CRUCIBLE_CACHE", str(tmp_path / "not yet"))
    assert main(["cache"]) == 0
    assert "not yet: 0 finished runs" in capsys.readouterr().out
    assert not (tmp_path / "not yet").exists()


def test_a_cache_that_is_a_file_is_named_in_one_line(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("CRUCIBLE_CACHE", str(tmp_path / "file"))
    assert main(["cache", "--clear"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(tmp_path / "file") in line
    assert (tmp_path / "file").read_text() == "mine"


def test_a_wrong_register_gives_one_line_with_file_and_line(capsys, monkeypatch, tmp_path):
    (tmp_path / "mine.yml").write_text("article: mine\ntitle: [\n")
    monkeypatch.setattr(register, "seeds_folder", lambda: tmp_path)
    assert main(["check"]) == 2
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert "mine.yml:3" in line
    assert captured.out == ""


def test_a_register_that_is_not_utf_8_is_named_with_its_file(capsys, monkeypatch, tmp_path):
    (tmp_path / "mine.yml").write_bytes("author: José\n".encode("latin-1"))
    monkeypatch.setattr(register, "seeds_folder", lambda: tmp_path)
    assert main(["check"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "mine.yml:1" in line
