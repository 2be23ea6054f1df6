"""make measure: which chapter measures what, and which of its cells are run for it."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from pipeline import Refused, measure

CALL = 'results = measured.runs("toy", run, jobs)'


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Two chapters, the second of which measures something."""
    monkeypatch.setattr(measure, "ROOT", tmp_path)
    monkeypatch.setattr(measure, "in_book", lambda: ["first.ipynb", "second.ipynb"])
    write(tmp_path / "first.ipynb", "1 + 1")
    write(tmp_path / "second.ipynb", "def run(): ...", CALL, "draw(results)")
    (tmp_path / "measured").mkdir()
    return tmp_path


def write(file: Path, *sources: str) -> None:
    nbformat.write(new_notebook(cells=[new_markdown_cell("Prose."), *map(new_code_cell, sources)]), file)


@pytest.fixture
def called(root, monkeypatch):
    """What the command would run, and as if it had worked: (sources of the cells, the environment)."""
    seen = []

    def call(command, cwd, env):
        cells = json.loads(Path(command[-1]).read_text())["cells"]
        seen.append((["".join(cell["source"]) for cell in cells], env))
        (root / "measured" / "toy.json").write_text("{}")
        return 0

    monkeypatch.setattr(measure.subprocess, "call", call)
    return seen


def test_the_files_are_found_in_the_chapters(root):
    assert measure.found() == {"toy": "second.ipynb"}


def test_the_code_cells_up_to_the_measurement_are_run_and_told_which_one_it_is(called, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_LEDGER_DIR", "anywhere")
    measure.run()
    [(cells, environment)] = called
    assert cells == ["def run(): ...", CALL]
    assert environment["CRUCIBLE_MEASURE"] == "toy"
    assert "CRUCIBLE_LEDGER_DIR" not in environment


def test_an_unknown_name_is_refused_in_one_line(called):
    with pytest.raises(Refused, match=r"--only tory: no chapter measures that; there are toy"):
        measure.run("tory")
    assert called == []


def test_a_name_belongs_to_one_chapter(root):
    write(root / "first.ipynb", CALL)
    with pytest.raises(Refused, match=r"second\.ipynb and first\.ipynb both measure 'toy'"):
        measure.found()


def test_a_run_that_leaves_no_file_or_an_old_one_is_refused(root, monkeypatch):
    monkeypatch.setattr(measure.subprocess, "call", lambda *_args, **_kwargs: 0)
    for old in (False, True):
        if old:
            (root / "measured" / "toy.json").write_text("{}")
            monkeypatch.setattr(measure.time, "time", lambda: 4e9)
        with pytest.raises(Refused, match="toy was not measured"):
            measure.run("toy")


def test_a_run_that_fails_is_refused(root, called, monkeypatch):
    monkeypatch.setattr(measure.subprocess, "call", lambda *_args, **_kwargs: 1)
    with pytest.raises(Refused, match="toy was not measured"):
        measure.run("toy")
