"""The built site, read as files: links, alt text, weight, the machine-readable contracts. Seconds: pytest tests/book"""

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest

from crucible import ledger, register
from pipeline import ROOT
from pipeline.notebooks import LEDGER, in_book

CHAPTERS = [
    "chapters/opening",
    "chapters/pretraining_and_finetuning/what-pretraining-buys",
    "chapters/pretraining_and_finetuning/the-flood",
    "chapters/open_and_closed/is-open-a-ceiling",
    "chapters/craft/same-ore-same-furnace",
    "chapters/scale/laws-of-size",
    "chapters/scale/emergence",
]
PAGE_WEIGHT = 1_500_000  # bytes of HTML, widget data included
GRID_WEIGHT = 200_000  # characters of measured grids on one page
MODEL_WEIGHT = 330_000  # and of packed weights: three bases at one byte a weight


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.images: list[dict] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.ids.update(filter(None, (known.get("id"), known.get("name"))))
        if tag == "a" and known.get("href"):
            self.links.append(known["href"])
        if tag in {"script", "img", "iframe", "source"} and known.get("src"):
            self.loads.append(known["src"])
        if tag == "link" and known.get("rel") in {"stylesheet", "preload", "icon", "modulepreload"}:
            self.loads.append(known["href"])
        if tag == "img":
            self.images.append(known)


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    return {file: Page(file.read_text()) for file in site.rglob("*.html") if "_static" not in file.parts}


def test_every_internal_link_leads_somewhere(pages, site):
    broken = []
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.exists():
                broken.append(f"{file.relative_to(site)}: {link}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                broken.append(f"{file.relative_to(site)}: {link} (no such place)")
    assert not broken


def test_no_page_loads_anything_from_another_host(pages):
    assert not [load for page in pages.values() for load in page.loads if urlsplit(load).netloc]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_figure_has_alt_text_with_a_measured_number(pages, site, chapter):
    images = [image for image in pages[site / f"{chapter}.html"].images if "crucible-" in image.get("class", "")]
    source = (ROOT / f"{chapter}.ipynb").read_text()
    # a cell that draws, or one that calls a function which draws
    calls = re.findall(r'"show_\w+\(\\"', source)
    drawn = source.count("plot.figure(") - source.count("return plot.figure(") + len(calls)
    assert len(images) == 2 * drawn > 0
    for image in images:
        assert len(image["alt"]) > 60
        assert re.search(r"\d", image["alt"])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_cell_left_an_error_or_a_warning_on_a_page(site, chapter):
    text = (site / f"{chapter}.html").read_text()
    assert "cell_output" in text
    assert 'class="output stderr' not in text
    assert "Traceback" not in text


def test_tables_that_cells_print_are_tables(site):
    for file in (site / "chapters").rglob("*.html"):
        assert "<p>|" not in file.read_text(), file
    assert "<table" in (site / "chapters/opening.html").read_text()


def test_formulas_are_mathml(site):
    text = (site / "chapters/opening.html").read_text()
    assert text.count("<math") >= 8
    assert "MathJax" not in text


def test_pages_are_light(pages, site):
    for file in pages:
        assert file.stat().st_size < PAGE_WEIGHT, file


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_widgets_of_a_chapter_are_light(site, chapter):
    states = re.findall(r"widget-state\+json\">(.*?)</script>", (site / f"{chapter}.html").read_text(), re.DOTALL)
    widgets = [widget["state"] for state in states for widget in json.loads(state)["state"].values()]
    measured = ("grid", "data", "desk", "tide", "curves", "study")
    for names, limit in ((measured, GRID_WEIGHT), (("packed",), MODEL_WEIGHT)):
        weight = sum(len(json.dumps(widget[name])) for widget in widgets for name in names if name in widget)
        assert weight < limit, f"{weight:,} characters of {names}"
        assert weight > 1000 or names == ("packed",), f"{chapter} has no measured grid"


def test_the_ledger_fits_its_schema_and_its_verdicts_are_the_recorded_ones(site, ledger_json):
    jsonschema.validate(ledger_json, json.loads((site / "ledger.schema.json").read_text()))
    book = register.load()
    assert {claim["id"] for claim in ledger_json["claims"]} == set(book.claims)
    assert {claim["id"]: claim["verdict"] for claim in ledger_json["claims"]} == {
        name: claim.verdict for name, claim in book.claims.items()
    }


def test_the_ledgers_numbers_are_those_the_notebook_measured(ledger_json):
    outcomes = {}
    for chapter in CHAPTERS:
        outcomes |= ledger.recorded(LEDGER / f"{chapter}.ipynb", register.load())
    published = {(part["id"], part["part"]): part for claim in ledger_json["claims"] for part in claim["experiments"]}
    assert published
    for (name, part), entry in published.items():
        assert entry["measured"] == list(outcomes[name][part].measured)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_sentences_on_the_page_are_the_ledgers(site, chapter):
    text = html.unescape(re.sub(r"<[^>]+>", "", (site / f"{chapter}.html").read_text()))
    found = ledger.recorded(LEDGER / f"{chapter}.ipynb", register.load())
    assert found
    for outcome in found.values():
        for part in outcome.parts:
            assert part.sentence().replace("*", "").replace("'", "’") in text.replace("'", "’")


def test_run_times_say_which_machine_and_every_notebook(site):
    times = json.loads((site / "run-times.json").read_text())
    assert {"cores", "python", "torch"} <= set(times["machine"])
    assert [entry["path"] for entry in times["notebooks"]] == in_book()
    for entry in times["notebooks"]:
        assert 0 < entry["seconds"] < 600  # the budget is 120 on a quiet machine; this only catches a runaway
        assert 0 < entry["peak_mib"] < 3072


def test_there_is_no_launch_button_while_the_address_is_unset(site):
    text = (site / "chapters/opening.html").read_text()
    assert "colab.research" not in text
