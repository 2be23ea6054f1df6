"""The glossary as it stands in git: every term in two languages, one sentence, a link that is true. Under a second."""

import re

import nbformat
import pytest

from pipeline import ROOT
from pipeline.notebooks import in_book

TEXT = (ROOT / "glossary.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^(\S[^\n]*)\n  (<span lang=\"zh-Hans\">[^\n]*)$", TEXT, re.MULTILINE)


def text_of(chapter: str) -> str:
    """All words of a chapter: its cells and the page that they print."""
    notebook = nbformat.read(ROOT / f"{chapter}.ipynb", as_version=4)
    return " ".join(cell.source for cell in notebook.cells).lower().replace("_", " ")


def test_every_entry_is_read():
    assert len(ENTRIES) == len(re.findall(r"^  \S", TEXT, re.MULTILINE)) >= 45


def test_no_term_stands_twice_and_each_group_is_in_order():
    terms = [term.lower() for term, _ in ENTRIES]
    assert len(set(terms)) == len(terms)
    for block in re.findall(r"```\{glossary\}\n(.*?)```", TEXT, re.DOTALL):
        names = [line.lower() for line in block.splitlines() if line and not line.startswith(" ")]
        assert names == sorted(names)


@pytest.mark.parametrize(("term", "text"), ENTRIES, ids=[term for term, _ in ENTRIES])
def test_an_entry_has_a_chinese_term_one_sentence_and_a_true_link(term, text):
    chinese, rest = re.fullmatch(r"<span lang=\"zh-Hans\">(.+?)</span>\. (.*)", text).groups()
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    sentence, _, link = rest.partition(" Used in the ")
    assert re.fullmatch(r"[A-Z][^.]*(\.\d[^.]*)*\.", sentence), "a definition is one sentence"
    if link:
        chapter = re.fullmatch(r"\{doc\}`\w+ <(.+)>`\.", link).group(1)
        assert f"{chapter}.ipynb" in in_book()
        assert term.lower().replace("-", " ") in text_of(chapter).replace("-", " ")
