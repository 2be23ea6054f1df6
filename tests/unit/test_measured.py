"""Measurements kept with the book: read where they fit, run where they do not."""

import json

import pytest

from crucible import measured

JOBS = [("a", 1), ("b", 2)]


def double(_name, number):
    return {"value": 2 * number}


def another(_name, number):
    return {"value": 3 * number}


@pytest.fixture
def ran(monkeypatch, tmp_path):
    """The jobs that were run, in place of joblib's processes; files in a folder of the test."""
    seen = []

    def sweep(function, jobs, label):
        seen.extend(jobs)
        return [function(*job) for job in jobs]

    monkeypatch.setattr(measured, "sweep", sweep)
    monkeypatch.setattr(measured, "folder", lambda: tmp_path / "measured")
    for name in ("CRUCIBLE_MEASURE", "CRUCIBLE_LEDGER_DIR"):
        monkeypatch.delenv(name, raising=False)
    return seen


@pytest.fixture
def stored(ran, monkeypatch, tmp_path):
    """A file that double() made of JOBS."""
    with monkeypatch.context() as once:
        once.setenv("CRUCIBLE_MEASURE", "toy")
        measured.runs("toy", double, JOBS)
    ran.clear()
    return tmp_path / "measured" / "toy.json"


def test_what_is_stored_is_not_run_again_and_comes_in_the_jobs_order(stored, ran):
    assert measured.runs("toy", double, JOBS[::-1]) == [{"value": 4}, {"value": 2}]
    assert ran == []


def test_a_job_that_no_file_holds_is_run_and_the_others_are_not(stored, ran):
    before = stored.read_bytes()
    assert measured.runs("toy", double, [*JOBS, ("c", 5)]) == [{"value": 2}, {"value": 4}, {"value": 10}]
    assert ran == [("c", 5)]
    assert stored.read_bytes() == before  # only make measure writes


def test_without_a_file_everything_is_run(ran):
    assert measured.runs("toy", double, JOBS) == [{"value": 2}, {"value": 4}]
    assert ran == JOBS


def test_measuring_runs_everything_again_and_says_what_it_was_made_with(stored, ran, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_MEASURE", "toy")
    assert measured.runs("toy", another, JOBS) == [{"value": 3}, {"value": 6}]
    assert ran == JOBS
    found = json.loads(stored.read_text())
    assert [run["result"]["value"] for run in found["runs"]] == [3, 6]
    assert set(found["made_with"]) == {"python", "torch", "machine"}


def test_measuring_one_file_leaves_another_as_it_is(stored, ran, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_MEASURE", "other")
    measured.runs("toy", double, JOBS)
    assert ran == []


def test_another_function_than_the_files_stops_the_build(stored, ran, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_LEDGER_DIR", "anywhere")
    with pytest.raises(measured.MeasuredError, match=r"toy\.json was made by another another\(\).*measure --only toy"):
        measured.runs("toy", another, JOBS)


def test_a_reader_who_changes_the_function_gets_its_own_results_and_one_line(stored, ran, capsys):
    assert measured.runs("toy", another, JOBS) == [{"value": 3}, {"value": 6}]
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_file_made_by_another_python_is_taken_as_it_is(stored, ran):
    found = json.loads(stored.read_text())
    found["made_with"]["python"], found["code"] = "3.99.1", "compiled otherwise"
    stored.write_text(json.dumps(found))
    assert measured.runs("toy", double, JOBS) == [{"value": 2}, {"value": 4}]
    assert ran == []


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda text: text[:-20], r"toy\.json is damaged; make it again"),
        (lambda text: "[]", r"has form None"),
        (lambda text: text.replace('"form": 1', '"form": 7'), r"form 7.*reads form 1"),
        (lambda text: text.replace('"code"', '"cod"'), r"toy\.json is not whole"),
    ],
)
def test_a_damaged_file_is_named_in_one_line(stored, ran, spoil, named):
    stored.write_text(spoil(stored.read_text()))
    with pytest.raises(measured.MeasuredError, match=named) as raised:
        measured.runs("toy", double, JOBS)
    assert "\n" not in str(raised.value)


def test_a_full_disk_leaves_the_old_file(stored, ran, monkeypatch):
    before = stored.read_bytes()

    def full(self, *_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("CRUCIBLE_MEASURE", "toy")
    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(OSError, match=r"toy\.json could not be written"):
        measured.runs("toy", another, JOBS)
    assert stored.read_bytes() == before
