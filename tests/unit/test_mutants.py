"""The list of mutants fits the code, and the command tells a survivor. Trying them all is make mutants, not this.

Run: .venv/bin/python -m pytest -q tests/unit/test_mutants.py (some ten seconds; no Chromium).
"""

import ast
import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from pipeline import ROOT, Refused
from pipeline.mutants import mutants, run

ALL = mutants()
WIDGETS = [
    *(ROOT / "crucible/widgets").glob("*.js"),
    *(ROOT / "crucible/widgets").glob("*/*.js"),
    ROOT / "_ext/static/widget_host.js",
]
# Where a control is made, or something is listened to: what shared.js offers, listeners of elements and of models.
CONTROL = re.compile(r"\bon[a-z]+: |addEventListener\(|model\.on\(|\b(?:segmented|slider|dropdown|askedTwice)\(")
# Not controls: shared parts' own definitions, a theme's or a comment's words.
DEFINED = re.compile(r"export function \w+\(|^\s*(?://|\*)")


def test_every_mutants_text_is_once_in_its_file_and_changes_it():
    assert not [mutant.name for mutant in ALL if not mutant.applies or mutant.old == mutant.new]


def test_names_are_there_once():
    assert not [name for name, count in Counter(mutant.name for mutant in ALL).items() if count > 1]


def test_the_tests_that_must_fail_exist():
    known = {}
    for mutant in ALL:
        assert mutant.tests, mutant.name
        for test in mutant.tests:
            file, _, name = test.partition("::")
            if file not in known:
                tree = ast.parse((ROOT / file).read_text())
                known[file] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert name.partition("[")[0] in known[file], f"{mutant.name}: {test}"


@pytest.mark.parametrize("file", WIDGETS, ids=lambda file: file.name)
def test_every_control_and_listener_has_a_mutant(file):
    """So a new control needs one. It lies inside the mutant's text, or beside it on the same line."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    hit = set()
    for mutant in ALL:
        if ROOT / mutant.file == file:
            first = text[: text.index(mutant.old)].count("\n")
            hit.update(range(first, first + mutant.old.count("\n") + 1))
    missing = [
        f"{file.name}:{i + 1}: {line.strip()[:80]}"
        for i, line in enumerate(lines)
        if CONTROL.search(line) and not DEFINED.search(line) and i not in hit
    ]
    assert not missing


TEST = """
from pipeline import ROOT

def test_a_name_is_there():
    assert "export const uniqueName" in (ROOT / "crucible/widgets/shared.js").read_text()

def test_that_fails_anyhow():
    assert False
"""
COMMAND = """
import pathlib, sys
from pipeline import __main__, mutants

mutants.LIST = pathlib.Path("{}")
sys.exit(__main__.main())
"""


@pytest.fixture
def make_mutants(tmp_path):
    """The command with a list of its own, in a process of its own. Its tests need no browser, so none is started."""
    (tmp_path / "test_name.py").write_text(TEST)
    sound, weak = (f"{tmp_path}/test_name.py::{name}" for name in ("test_a_name_is_there", "test_that_fails_anyhow"))
    file = "crucible/widgets/shared.js"
    entries = [
        ("caught", file, "export const uniqueName", "export const other", (sound,)),
        ("missed", file, "A name no other control", "A name", (sound,)),
        ("weak", file, "export const uniqueName", "export const other", (weak,)),
        ("old", file, "no such text", "", (sound,)),
    ]
    (tmp_path / "list.py").write_text(f"MUTANTS = {entries!r}")

    def start():
        command = [sys.executable, "-c", COMMAND.format(tmp_path / "list.py"), "mutants"]
        environment = os.environ | {"CHROMIUM": sys.executable, "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    return start


def test_the_command_names_survivors_and_ends_with_1(make_mutants):
    before = (ROOT / "crucible/widgets/shared.js").read_bytes()
    done = make_mutants()
    said = done.stdout
    assert "1/4 caught: killed by test_a_name_is_there (assert" in said
    assert "2/4 missed: SURVIVED" in said
    assert "fails without a mutant, so it kills none: " in said
    assert "3/4 weak: SURVIVED" in said
    assert "4/4 old: DOES NOT APPLY" in said
    assert done.stderr == "make mutants: 3 of 4 mutants survived or no longer fit (see above)\n"
    assert done.returncode == 1
    assert (ROOT / "crucible/widgets/shared.js").read_bytes() == before


def test_an_unknown_name_gets_one_line():
    with pytest.raises(Refused, match="no mutant's name contains 'dance'; see tests"):
        run("dance")
