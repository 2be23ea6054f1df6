"""The landscape's figures: the real file, and a wrong entry named by file, line and field.

Run: .venv/bin/python -m pytest -q tests/unit/test_landscape.py (about a second).
"""

import re
import shutil
from datetime import date

import pytest

from crucible import register
from crucible.landscape import landscape, pick
from crucible.register import RegisterError

WORDS = {"0.1": "a tenth", "33.5": "thirty-three and a half", "3.5": "three and a half", "3": "three", "4": "four"}
WORDS |= {"1": "one", "2": "two"}


@pytest.fixture(scope="module")
def book():
    return register.load()


@pytest.fixture(scope="module")
def figures():
    return landscape()


@pytest.fixture
def folder(tmp_path):
    """A copy of the register, to be spoilt."""
    return shutil.copytree(register.seeds_folder(), tmp_path / "seeds")


def spoil(folder, old, new, count=1):
    file = folder / "landscape.yml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, count))
    return text[: text.index(old)].count("\n") + 1


def refusal(folder):
    with pytest.raises(RegisterError) as caught:
        landscape(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_figure_stands_in_the_claim_or_the_record_that_it_names(book, figures):
    """A figure that the register does not have would be a figure that we made up."""
    records = {check.id: check for check in book.records}
    for figure in figures:
        said = book.claims[figure.claim].claim if figure.claim else ""
        if figure.record:
            check = records[figure.record]
            said += check.says + "".join(count.count for count in check.counts)
        for end in (figure.value, figure.to):
            if end is not None:
                forms = [f"{end:g}", f"{end:.1f}", WORDS.get(f"{end:g}", f"{end:g}")]
                assert any(re.search(rf"(?<![\d.]){re.escape(form)}(?![\d]|\.\d)", said) for form in forms), figure


def test_a_qualified_figure_is_qualified_in_the_register_too(book, figures):
    for figure in figures:
        if figure.claim and figure.bound:
            assert figure.bound in book.claims[figure.claim].claim.lower(), figure


def test_conflicting_counts_of_one_summer_stand_side_by_side(figures):
    counts = {figure.by: figure.value for figure in pick(figures, kind="count", place="China", unit="models")}
    assert counts["Zhao Zhiyun"] == 79
    assert counts["CAICT"] == 39
    assert counts["CCID Consulting"] == 130


def test_figures_come_oldest_first_and_pick_leaves_out_the_rest(figures):
    days = [figure.day for figure in figures]
    assert days == sorted(days)
    assert len(set(days)) > 5
    scores = list(pick(figures, kind="score"))
    assert {figure.kind for figure in scores} == {"score"}
    assert len(scores) < len(days)


def test_a_date_is_said_as_exactly_as_the_source_has_it(figures):
    by_date = {figure.date: figure for figure in figures}
    assert by_date["2023-05-28"].when == "28 May 2023"
    assert by_date["2023-06"].when == "June 2023"
    assert by_date["2023-06"].day == date(2023, 6, 30)


def test_a_number_is_said_with_its_range_and_its_qualifier(figures):
    numbers = {figure.number for figure in figures}
    assert {"79", "at least 300", "more than 80", "4 to 6", "33.5"} <= numbers


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ("kind: share", "kind: portion", "kind", "'portion'"),
        ("value: 79", "value: many", "value", "'many'"),
        ('date: "2023-05-28"', 'date: "28 May"', "date", "'28 May'"),
        ("status: read in the source", "status: remembered", "status", "'remembered'"),
        ("bound: at least", "bound: surely", "bound", "'surely'"),
        (
            "claim: cold-eye/79-models",
            "claim: cold-eye/97-models",
            "claim",
            "'cold-eye/97-models' is not in the register",
        ),
        ("record: R12", "record: R99", "record", "'R99' is not in the register"),
        ("counting_rule: announced by", "rule: announced by", "counting_rule", "required"),
    ],
)
def test_a_wrong_entry_is_named_by_file_line_and_field(folder, old, new, field, says):
    line = spoil(folder, old, new)
    message = refusal(folder)
    file, found, rest = message.split(":", 2)
    assert file == "landscape.yml"
    entry_starts_at = line - 12  # a missing field is shown at the head of its entry
    assert found == str(line) if "required" not in says else entry_starts_at < int(found) <= line
    assert field in rest
    assert says in rest


def test_a_month_that_does_not_exist_and_a_range_that_falls_are_refused(folder):
    spoil(folder, 'date: "2024-12"', 'date: "2024-13"')
    assert "there is no month 13" in refusal(folder)
    spoil(folder, 'date: "2024-13"', 'date: "2024-12"')
    spoil(folder, "to: 6", "to: 3")
    assert "does not rise" in refusal(folder)


def test_a_field_that_nobody_knows_is_refused(folder):
    line = spoil(folder, "place: Guangdong", "place: Guangdong\n    region: south")
    assert refusal(folder).startswith(f"landscape.yml:{line + 1}: figures.10.region: ")


def test_a_figure_without_claim_and_record_is_refused(folder):
    spoil(folder, "    record: R12\n", "")
    assert "needs the id of a 'claim' or of a 'record'" in refusal(folder)


def test_a_missing_file_is_said_in_one_line(folder):
    (folder / "landscape.yml").unlink()
    assert "landscape.yml" in refusal(folder)


def test_the_register_itself_loads_beside_the_landscape(book):
    assert len(book.sources) == len({source.article for source in book.sources})
    assert (register.seeds_folder() / "landscape.yml").is_file()
