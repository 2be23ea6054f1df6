"""The exercises' page as a student meets it; needs the site; seconds: pytest tests/browser/test_exercises.py"""

import nbformat
import pytest
from playwright.sync_api import expect

from pipeline import ROOT, assignment
from pipeline.notebooks import in_book

PATH = "exercises/opening/opening.html"
READ = assignment.read(assignment.FOLDER / "opening/opening.ipynb")
BUILT = [path for path in assignment.paths() if str(path.relative_to(ROOT)) in in_book()]


@pytest.fixture(params=BUILT, ids=lambda path: path.stem)
def assigned(request):
    """Every assignment that has a page."""
    return assignment.read(request.param)


def page_of(assigned):
    return str(assigned.path.relative_to(ROOT).with_suffix(".html"))


def test_hints_and_solutions_are_folded_and_open(open_page):
    page = open_page(PATH)
    hint = page.locator("details", has_text="First hint").first
    expect(hint.locator("p")).to_be_hidden()
    hint.locator("summary").click()
    expect(hint.locator("p").first).to_be_visible()
    solution = page.locator("details.hide", has_text="Show a solution")
    expect(solution).to_have_count(len(READ.exercises))
    expect(solution.nth(2).get_by_text("share").first).to_be_hidden()
    solution.nth(2).locator("summary").click()
    expect(solution.nth(2)).to_contain_text("share = 16")
    why = page.locator("details", has_text="Why the popular wrong answer is wrong")
    expect(why).to_have_count(len(READ.exercises))


def test_every_check_on_the_page_says_ok_and_every_header_its_points(open_page, assigned):
    page = open_page(page_of(assigned))
    for exercise in assigned.exercises:
        expect(page.locator(".output", has_text=f"{exercise.id}: ok")).to_have_count(1)
        expect(page.get_by_text(f"{exercise.id} · {exercise.kind} · {exercise.points} points")).to_be_visible()


def test_the_page_holds_nothing_of_the_hidden_tests(site, assigned):
    text = (site / page_of(assigned)).read_text()
    text += "".join(file.read_text() for file in (site / "_sources").rglob("*.ipynb"))
    assert "key_of_" not in text
    assert "HIDDEN TESTS" not in text


def test_the_link_downloads_the_students_notebook(open_page, assigned, tmp_path):
    page = open_page(page_of(assigned))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the notebook").click()
    assert waiting.value.suggested_filename == f"{assigned.name}-exercises.ipynb"
    waiting.value.save_as(tmp_path / "mine.ipynb")
    assert nbformat.read(tmp_path / "mine.ipynb", as_version=4) == assignment.released(assigned.path)


def test_the_chapter_leads_to_its_exercises(open_page):
    page = open_page("chapters/opening.html")
    page.get_by_role("link", name="a page of their own").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Exercises to the opening")
