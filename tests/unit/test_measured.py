"""Measurements kept with the book: read where they fit, run where they do not."""

import json

import pytest

from crucible import measured

JOBS = [("a", 1), ("b", 2)]


def double(_name, number):
    return {"value": 2 * number}


def another(_name, number):
    return {"value": 3 * number}


def values(found):
    return [result["value"] for result in found.values()]


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
    found = measured.runs("toy", double, JOBS[::-1])
    assert list(found.items()) == [(JOBS[1], {"value": 4}), (JOBS[0], {"value": 2})]
    assert ran == []


def test_a_job_that_no_file_holds_is_run_and_the_others_are_not(stored, ran):
    before = stored.read_bytes()
    assert values(measured.runs("toy", double, [*JOBS, ("c", 5)])) == [2, 4, 10]
    assert ran == [("c", 5)]
    assert stored.read_bytes() == before  # only make measure writes


def test_without_a_file_everything_is_run(ran):
    assert values(measured.runs("toy", double, JOBS)) == [2, 4]
    assert ran == JOBS


def test_measuring_runs_everything_again_and_says_what_it_was_made_with(stored, ran, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_MEASURE", "toy")
    assert values(measured.runs("toy", another, JOBS)) == [3, 6]
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


def measure(monkeypatch, function, jobs, elsewhere):
    with monkeypatch.context() as once:
        once.setenv("CRUCIBLE_MEASURE", "toy")
        return values(measured.runs("toy", function, jobs, elsewhere=elsewhere))


def test_jobs_on_other_seeds_are_read_where_they_are_stored_and_left_out_where_not(ran, monkeypatch):
    assert measure(monkeypatch, double, JOBS, [("a", 7), JOBS[0]]) == [2, 4, 14]
    ran.clear()
    found = measured.runs("toy", double, JOBS, elsewhere=[("a", 7), ("a", 8)])
    assert found == {("a", 1): {"value": 2}, ("b", 2): {"value": 4}, ("a", 7): {"value": 14}}
    assert ran == []


def test_a_reader_who_changes_the_function_gets_no_job_on_other_seeds(ran, monkeypatch, capsys):
    measure(monkeypatch, double, JOBS, [("a", 7)])
    assert values(measured.runs("toy", another, JOBS, elsewhere=[("a", 7)])) == [3, 6]


@pytest.mark.parametrize(("function", "run"), [(double, JOBS), (another, [*JOBS, ("a", 7)])])
def test_measuring_again_keeps_the_other_seeds_of_the_same_function_only(ran, monkeypatch, function, run):
    measure(monkeypatch, double, JOBS, [("a", 7)])
    ran.clear()
    assert measure(monkeypatch, function, JOBS, [("a", 7)])[2] == function("a", 7)["value"]
    assert ran == run


def test_measuring_replaces_a_damaged_file(stored, ran, monkeypatch):
    stored.write_text("half a f")
    assert measure(monkeypatch, double, JOBS, [("a", 7)]) == [2, 4, 14]


def test_the_agreement_tells_the_largest_and_the_middle_difference_of_all_scores():
    kept = {("a", 1): {"skill": 50.0, "fact": 80.0, "form": 7.0}, ("b", 1): {"skill": 1.0, "fact": 2.0, "form": 3.0}}
    again = {("a", 1): {"skill": 50.5, "fact": 77.5, "form": 7.0}}
    said = "on 3 scores the largest difference from the stored ones is 2.5 points, the middle one 0.5."
    assert measured.agreement(kept, again, "runs") == f"1 runs trained again: {said}"


@pytest.mark.parametrize(
    ("job", "named"), [(("no base", 1000, 10), "skill of no base, 1000, 10."), ("pupil", "skill of pupil.")]
)
def test_a_difference_worth_a_word_is_named_with_its_run_and_its_cause(job, named):
    kept, again = {job: {"skill": 50.0, "fact": 80.0}}, {job: {"skill": 88.6, "fact": 80.0}}
    said = measured.agreement(kept, again, "runs")
    assert "38.6 points, the middle one 19.3. That is " + named in said
    assert "only rounding can differ" in said
    assert "\n" not in said


def test_a_reader_who_changes_the_function_gets_its_own_results_and_one_line(stored, ran, capsys):
    assert values(measured.runs("toy", another, JOBS)) == [3, 6]
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_file_made_by_another_python_is_taken_as_it_is(stored, ran):
    found = json.loads(stored.read_text())
    found["made_with"]["python"], found["code"] = "3.99.1", "compiled otherwise"
    stored.write_text(json.dumps(found))
    assert values(measured.runs("toy", double, JOBS)) == [2, 4]
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
