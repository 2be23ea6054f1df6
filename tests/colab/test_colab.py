"""The chapters as a self-learner meets them: Colab's versions, the wheel, the notebook alone, and a live kernel.

Run alone: pytest tests/colab (installs an environment the first time; five minutes).
Not Colab itself: docs/where-it-runs.md says what these tests stand for and what they cannot.
"""

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect, sync_playwright

from pipeline import assignment, browser, exercises
from pipeline.notebooks import in_book

ROOT = Path(__file__).resolve().parents[2]

EXECUTE = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=600).execute()
nbformat.write(notebook, sys.argv[2])
"""

# What Colab's kernels have before the first cell runs, as far as anybody asks.
AS_ON_COLAB = """
import sys, types
sys.modules["google"] = google = types.ModuleType("google")
sys.modules["google.colab"] = google.colab = colab = types.ModuleType("google.colab")
sys.modules["google.colab.output"] = colab.output = types.ModuleType("google.colab.output")
colab.managers = []
colab.output.enable_custom_widget_manager = lambda *_: colab.managers.append("custom")
"""

SETUP_TABLE = """
import contextlib, importlib.util, io, itertools, json, sys
from IPython.core.interactiveshell import InteractiveShell

cell, find_spec = sys.argv[1], importlib.util.find_spec
shell, asked, table = InteractiveShell.instance(), [], []
shell.register_magic_function(asked.append, magic_name="pip")
for installed, address, colab in itertools.product((False, True), repeat=3):
    importlib.util.find_spec = lambda name, *rest: installed or None if name == "crucible" else find_spec(name, *rest)
    sys.modules.pop("google.colab", None)
    if colab:
        sys.modules["google.colab"] = object()
    asked.clear()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        written = 'REPOSITORY = "https://example.org/book"' if address else 'REPOSITORY = ""'
        result = shell.run_cell(cell.replace('REPOSITORY = "@"', written))
    result.raise_error()
    table.append([installed, address, colab, asked[:], said.getvalue()])
print("TABLE", json.dumps(table))
"""

LIVE = """
from crucible import register
from crucible.model import ModelConfig
from crucible.train import TrainConfig, train
from crucible.widgets.claim_sorter import ClaimSorter, cards
from crucible.widgets.learned_sum import LearnedSum, grid, look
from crucible.worlds import AddWorld

world = AddWorld(seed=1)
recipe = TrainConfig(steps=20)
run = train(world, ModelConfig(vocab_size=12, context_length=9), recipe, seed=1, checkpoints=(0, 10, 20))
data = grid({("all sums", 1): run}, {("all sums", 1): [0.0, 1.5, 2.5]}, {1: [(27, 58), (99, 99)]}, world, 64)


def ask(arm, seed, step, a, b):
    written, probabilities = look(run, step, world.encode(a, b))
    return written[0], probabilities[0]


widget = LearnedSum(data, ask=ask)
widget
"""

SORTER = """
book = register.load()
sorter = ClaimSorter(cards(book.claims, ["path-astray/drowning", "quick-illusion/tenfold"], book.titles))
sorter
"""


BET = """
from crucible.widgets.bet import Bet
bet = Bet("opening/examples", "How many examples?", "examples", 100, 1_000_000, scale="log")
bet
"""


def installed(python: Path) -> dict[str, str]:
    """Name -> version of every package of the environment."""
    listed = subprocess.run([python, "-m", "pip", "list", "--format=json"], capture_output=True, check=True)
    return {entry["name"]: entry["version"].partition("+")[0] for entry in json.loads(listed.stdout)}


def setup_cell(address: str) -> str:
    """The set-up cell of the notebooks (they all have the same), with another address."""
    notebook = nbformat.read(ROOT / in_book()[0], as_version=4)
    (source,) = (cell.source for cell in notebook.cells if "REPOSITORY" in cell.source)
    return re.sub('^REPOSITORY = ".*"', f'REPOSITORY = "{address}"', source, flags=re.MULTILINE)


def execute(python: Path, folder: Path, name: str, **environment: str) -> nbformat.NotebookNode:
    """Run the notebook `name` in `folder` with what is there and nothing else; returns it with its outputs."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CRUCIBLE", "PYTHONPATH"))}
    subprocess.run([python, "-c", EXECUTE, name, "executed.ipynb"], cwd=folder, env=clean | environment, check=True)
    return nbformat.read(folder / "executed.ipynb", as_version=4)


def printed(notebook) -> str:
    """All Markdown and text that its cells have given."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(output.get("data", {}).get("text/markdown", output.get("text", "")) for output in outputs)


def widgets(notebook) -> list[dict]:
    """The states of the widgets of our own kind that the notebook shows."""
    states = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {"state": {}})
    return [entry["state"] for entry in states["state"].values() if "_esm" in entry["state"]]


def test_the_versions_are_colabs_and_the_wheel_changes_none_of_them(colab_python, colab_versions):
    assert installed(colab_python).items() >= colab_versions.items()


def test_the_opening_runs_with_nothing_beside_it_and_on_other_seeds_says_both_verdicts_calmly(colab_python, tmp_path):
    shutil.copy(ROOT / "chapters/opening.ipynb", tmp_path)
    notebook = execute(colab_python, tmp_path, "opening.ipynb", CRUCIBLE_SEEDS="31,32,33")
    text = printed(notebook)
    assert "Over three seeds" in text
    assert text.count("Verdict of this part") == 3
    assert len(widgets(notebook)) == 5, "claim sorter, bet, learned sum, the model to ask, grid explorer"


@pytest.mark.parametrize(
    ("chapter", "verdicts", "shown", "needed"),
    [  # verdicts of parts; widgets of our own kind; which of the runs made again the chapter goes on with
        ("pretraining_and_finetuning/what-pretraining-buys", 7, 3, "[:1]"),
        ("pretraining_and_finetuning/the-flood", 5, 4, "[::3]"),
        ("open_and_closed/is-open-a-ceiling", 12, 7, "[:]"),
        ("craft/same-ore-same-furnace", 10, 4, "[:1]"),
        ("scale/laws-of-size", 6, 3, "[:1]"),
        ("scale/emergence", 6, 5, "[:]"),
    ],
)
def test_a_chapter_finds_its_bases_and_measurements_in_the_wheel(
    colab_python, tmp_path, chapter, verdicts, shown, needed
):
    """Of the runs that a chapter makes again only the needed: the opening trains all of its own in these versions."""
    source = nbformat.read(ROOT / f"chapters/{chapter}.ipynb", as_version=4)
    (again,) = (cell for cell in source.cells if cell.id == "again")
    again.source, cut = re.subn(r"^remade = ", f"again = again{needed}\nremade = ", again.source, flags=re.MULTILINE)
    assert cut == 1
    nbformat.write(source, tmp_path / f"{Path(chapter).name}.ipynb")
    notebook = execute(colab_python, tmp_path, f"{Path(chapter).name}.ipynb")
    text = printed(notebook)
    assert text.count("Verdict of this part") == verdicts
    assert "Our recorded verdict is" not in text  # measured and recorded agree
    assert len(widgets(notebook)) == shown
    apart = re.search(r"the largest difference from the stored (ones|losses) is ([\d.]+) (points|nats)", text)
    assert apart
    # another torch may round otherwise; the page prints what it is
    assert float(apart.group(2)) < {"points": 30, "nats": 0.3}[apart.group(3)]


def test_the_closing_runs_with_nothing_beside_it_and_judges_its_plan(colab_python, tmp_path):
    shutil.copy(ROOT / "chapters/closing.ipynb", tmp_path)
    text = printed(execute(colab_python, tmp_path, "closing.ipynb"))
    assert "interval score" in text
    assert (tmp_path / "result.json").exists()
    assert "not installed" not in text


def test_a_students_exercises_answer_and_what_is_saved_can_be_handed_in(colab_python, tmp_path):
    source = assignment.FOLDER / "opening/opening.ipynb"
    read = assignment.read(source)
    nbformat.write(assignment.released(source), tmp_path / "blank.ipynb")
    blank = printed(execute(colab_python, tmp_path, "blank.ipynb"))
    assert [f"{exercise.id}: not attempted yet" in blank for exercise in read.exercises] == [True] * 5
    keys = {exercise.id: exercises.key(read, exercise, "ada") for exercise in read.exercises}
    nbformat.write(assignment.key_notebook(source, keys, "ada"), tmp_path / "solved.ipynb")
    solved = execute(colab_python, tmp_path, "solved.ipynb")
    assert printed(solved).count(": ok") == 5
    points = exercises.grade(read, tmp_path / "course", {"ada": solved})["ada"]
    assert sum(points.values()) == sum(exercise.graded_points for exercise in read.exercises)


def test_the_set_up_cell_installs_on_colab_only_and_says_one_line_where_it_cannot(colab_python):
    done = subprocess.run(
        [colab_python, "-c", SETUP_TABLE, setup_cell("@")], capture_output=True, text=True, check=True
    )
    table = json.loads(done.stdout.rpartition("TABLE ")[2])
    assert len(table) == 8
    for here, address, colab, asked, said in table:
        if here:
            assert (asked, said) == ([], "")
        elif address and colab:
            assert len(asked) == 1
            assert "small-models-big-claims @ git+https://example.org/book" in asked[0]
            assert said == ""
        else:
            assert asked == []
            assert len(said.splitlines()) == 1
            assert ("https://example.org/book" if address else "no repository address") in said


@pytest.fixture
def address_of_the_book(tmp_path):
    """This repository's last commit, served on loopback as a site for git would."""
    bare = tmp_path / "served/book.git"
    subprocess.run(["git", "clone", "-q", "--bare", ROOT, bare], check=True)
    subprocess.run(["git", "update-server-info"], cwd=bare, check=True)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=bare.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/book.git"
        server.shutdown()


def test_on_colab_the_set_up_cell_really_installs_the_package_and_changes_nothing_else(
    without_package, address_of_the_book, tmp_path
):
    startup = tmp_path / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "colab.py").write_text(AS_ON_COLAB)
    asks = "import google.colab\nfrom crucible import register\nprint(len(register.load().claims), 'claims')"
    show = f"{LIVE}\nprint('managers', google.colab.managers)"
    cells = [new_code_cell(source) for source in (setup_cell(address_of_the_book), asks, show)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "first.ipynb")
    before = installed(without_package)
    assert "small-models-big-claims" not in before
    notebook = execute(
        without_package, tmp_path, "first.ipynb", IPYTHONDIR=str(tmp_path / "ipython"), NO_PROXY="127.0.0.1"
    )
    after = installed(without_package)
    assert after.pop("small-models-big-claims")
    assert after == before
    assert " claims" in printed(notebook)
    assert "managers ['custom'" in printed(notebook), "Colab shows no foreign widget before it is asked to"


def test_the_page_on_transformers_runs_with_colabs_version_of_it(colab_python, tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/real-model.md").read_text(), re.DOTALL)
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    command = [colab_python, "-c", "\n".join(blocks)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "8+5=31" in done.stdout


@pytest.fixture
def notebook_server(colab_python, tmp_path):
    """The classic notebook server of the environment, on loopback, with one small notebook."""
    cells = [new_code_cell(source) for source in (LIVE, SORTER, BET)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "live.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1", "--NotebookApp.token="]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [colab_python, "-m", "notebook", *options], cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api")
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def show(page, cell, widget):
    """Run a cell until its widget is there to stay: on a busy machine notebook 6 may drop a widget without a word."""
    for _ in range(4):
        page.evaluate(f"Jupyter.notebook.execute_cells([{cell}])")
        try:
            expect(widget).to_be_visible(timeout=45_000)
        except AssertionError:
            continue
        page.wait_for_timeout(3_000)  # it has been seen to show one, and to drop it then
        if widget.is_visible():
            return
    expect(widget, "four runs of the cell showed no widget that stayed").to_be_visible()


def test_the_widgets_are_alive_in_a_notebook_with_colabs_ipywidgets_and_answer(notebook_server, tmp_path):
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1000, "height": 1400})
        page.goto(f"{notebook_server}/notebooks/live.ipynb")
        page.wait_for_function("window.Jupyter?.notebook?.kernel?.is_connected()", timeout=60_000)
        # Before its widgets' manager is there, notebook 6 runs a cell and shows no widget for it.
        page.wait_for_function("window.Jupyter.notebook.kernel.widget_manager", timeout=60_000)
        widget = page.locator(".learned-sum")
        show(page, 0, widget)
        widget.get_by_role("slider").fill("2")
        expect(widget.locator(".crucible-status")).to_contain_text("After 20 steps")
        expect(widget.locator(".crucible-status")).to_contain_text("2.5 %")
        page.evaluate("Jupyter.notebook.insert_cell_at_bottom('code').set_text('print(\"place is\", widget.place)')")
        page.evaluate("Jupyter.notebook.execute_cells([Jupyter.notebook.ncells() - 1])")
        expect(page.locator(".output_text, .output_stdout").last).to_contain_text("place is 2")
        widget.get_by_label("first number").fill("12")
        widget.get_by_label("second number").fill("34")
        widget.get_by_role("button", name="Ask the model").click()
        expect(widget.locator(".crucible-status")).to_contain_text("12 + 34 =")
        widget.get_by_label("first number").evaluate("field => { field.removeAttribute('max'); field.value = 100 }")
        widget.get_by_role("button", name="Ask the model").click()
        expect(widget.locator(".ls-own [role=status]")).to_contain_text("must be between 0 and 99")
        # Only now: notebook 6 drops the first of two widgets that arrive at once.
        sorter = page.get_by_role("group", name="Claim sorter")
        show(page, 1, sorter)
        sorter.get_by_role("button", name="A small experiment").click()
        expect(sorter.locator(".crucible-status")).to_contain_text("As the book does.")
        expect(widget).to_be_visible()
        bet = page.get_by_role("group", name="Your bet", exact=True)
        show(page, 2, bet)
        for label, value in (("Your guess", "31000"), ("Low end", "5000"), ("High end", "90000")):
            bet.get_by_label(label).fill(value)
        bet.get_by_role("button", name="Place the bet").click()
        expect(bet.locator(".bet-placed")).to_be_visible()
        page.evaluate(
            "Jupyter.notebook.insert_cell_at_bottom('code').set_text('print(\"bet is\", bet.record[\"guess\"])')"
        )
        page.evaluate("Jupyter.notebook.execute_cells([Jupyter.notebook.ncells() - 1])")
        expect(page.locator(".output_text, .output_stdout").last).to_contain_text("bet is 31000")
        assert json.loads((tmp_path / "bets.json").read_text()), "the bet is kept beside the notebook"
        chromium.close()
