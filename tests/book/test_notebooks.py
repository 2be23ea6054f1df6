"""The notebooks as they stand in git: form, budgets, no measured number typed by hand.

Seconds: pytest tests/book
"""

import ast
import json
import re
from pathlib import Path
from statistics import median

import nbformat
import pytest

from pipeline import ROOT
from pipeline.assignment import HEADER
from pipeline.notebooks import as_published, in_book

NOTEBOOKS = in_book()
MEASURED = re.compile(r"\d[\d,.]*\s*(%|points?\b|seconds?\b|nats?\b|parameters?\b)")


@pytest.fixture(params=NOTEBOOKS)
def notebook(request):
    return as_published(request.param)


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def code(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_the_book_has_notebooks():
    assert "chapters/opening.ipynb" in NOTEBOOKS


def test_no_outputs_are_stored(notebook):
    assert not [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]


def test_only_markdown_that_jupyter_and_colab_show(notebook):
    for text in prose(notebook):
        assert not re.search(r"^(```|:::)\s*\{", text, re.MULTILINE), f"a MyST directive in: {text[:80]}"
        assert not re.search(r"\{[a-z:]+\}`", text), f"a MyST role in: {text[:80]}"


def test_no_measured_number_is_typed(notebook):
    """A figure with a unit must be somebody else's, with a link to its source in the same cell, or the rule's own."""
    for text in prose(notebook):
        text = HEADER.sub("", text)  # an exercise's points are given, not measured
        if re.search(r"\]\(https?://", text):
            continue
        found = [match.group() for match in MEASURED.finditer(text) if match.group() not in {"90 %", "95 %", "50 %"}]
        assert not found, f"{found} in: {text[:80]}"


def test_one_sentence_a_line(notebook):
    for text in prose(notebook):
        for line in text.splitlines():
            if line.startswith(("#", "$$", "-", "1.", "2.", "3.", "*", "(")):
                continue
            assert not re.search(r"[a-z)\]]\. [A-Z]", line), f"two sentences in: {line}"


def test_code_cells_stay_small(notebook):
    lengths = [len([line for line in source.splitlines() if line.strip()]) for source in code(notebook)]
    plumbing = [cell for cell in notebook.cells if "hide-input" in cell.metadata.get("tags", [])]
    shown = [
        len([line for line in cell.source.splitlines() if line.strip()])
        for cell in notebook.cells
        if cell.cell_type == "code" and cell not in plumbing
    ]
    assert max(lengths) <= 40
    assert max(shown) <= 25
    assert median(shown) <= 9


def test_never_more_than_two_visible_code_cells_in_a_row(notebook):
    run = longest = 0
    for cell in notebook.cells:
        visible = cell.cell_type == "code" and "hide-input" not in cell.metadata.get("tags", [])
        run = run + 1 if visible else 0
        longest = max(longest, run)
    assert longest <= 3


def test_imports_stand_in_cells_of_their_own(notebook):
    for source in code(notebook):
        if "REPOSITORY" in source:  # the set-up cell holds a magic line
            continue
        kinds = [isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(source).body]
        assert all(kinds) or not any(kinds), source[:80]


def test_the_set_up_cell_is_the_same_in_every_notebook_and_knows_the_address_of_config():
    cells = {
        source
        for path in NOTEBOOKS
        for source in code(nbformat.read(ROOT / path, as_version=4))
        if "REPOSITORY" in source
    }
    assert len(cells) == 1
    url = re.search(r'^  url: "(.*?)"', (ROOT / "_config.yml").read_text(), re.MULTILINE)
    assert f'REPOSITORY = "{url.group(1)}"' in cells.pop()


def test_no_file_of_the_project_reads_the_shared_folder_or_names_a_registry():
    hosts = (
        "pypi." + "org",
        "files.python" + "hosted",
        "registry.npm" + "js",
        "deb.deb" + "ian",
        "cdn.js" + "delivr",
        "unp" + "kg.com",
    )
    shared = ".." + "/shared"
    for file in ROOT.rglob("*"):
        parts = set(file.relative_to(ROOT).parts)
        if not file.is_file() or parts & {".git", ".venv", ".venv-colab", "build", "_build"} or "__pycache__" in parts:
            continue
        text = file.read_text(encoding="utf-8", errors="ignore")
        assert shared not in text, file
        assert not [host for host in hosts if host in text], file


def test_every_target_of_the_makefile_is_a_command_of_make_py():
    targets = re.search(r"^help (.+):$", (ROOT / "Makefile").read_text(), re.MULTILINE).group(1).split()
    commands = set(re.findall(r'^        "(\w+)": "', (ROOT / "make.py").read_text(), re.MULTILINE))
    assert set(targets) == commands


def test_the_readmes_tree_names_every_module():
    readme = (ROOT / "README.md").read_text()
    for folder in ("crucible", "pipeline", "_ext"):
        for file in sorted((ROOT / folder).glob("*.py")):
            assert file.name in readme or file.name == "__init__.py", (
                f"{folder}/{file.name} is not in the README's tree"
            )


def test_the_citation_file_is_valid_yaml_with_the_needed_keys():
    import yaml

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert json.dumps(citation, default=str)


def test_the_lock_pins_every_direct_dependency():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = project["dependencies"] + [name for extra in project["optional-dependencies"].values() for name in extra]
    locked = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in Path(ROOT / "constraints.txt").read_text().splitlines()
    }
    for name in names:
        assert re.split(r"[=<>~! ]", name)[0].lower().replace("_", "-") in locked, name
