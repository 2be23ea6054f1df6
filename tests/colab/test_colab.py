"""The opening as a self-learner meets it: Colab's versions, the wheel, the notebook, and a live kernel.

Run alone: pytest tests/colab (installs an environment the first time; three minutes).
Not Colab itself: its Python is 3.13 and its front end its own; the versions of colab.txt are what we can bring here.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect, sync_playwright

from pipeline import browser

ROOT = Path(__file__).resolve().parents[2]

EXECUTE = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=600).execute()
nbformat.write(notebook, sys.argv[2])
"""

LIVE = """
from crucible.model import ModelConfig
from crucible.train import TrainConfig, train
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


def test_the_versions_are_colabs_and_the_wheel_changes_none_of_them(colab_python):
    wanted = [line for line in (Path(__file__).with_name("colab.txt")).read_text().splitlines() if "==" in line]
    frozen = subprocess.run([colab_python, "-m", "pip", "list", "--format=json"], capture_output=True, check=True)
    installed = {entry["name"]: entry["version"].partition("+")[0] for entry in json.loads(frozen.stdout)}
    assert {name: installed[name] for name, _, _ in (line.partition("==") for line in wanted)} == {
        name: version for name, _, version in (line.partition("==") for line in wanted)
    }


def test_the_notebook_runs_with_nothing_beside_it_and_on_other_seeds_says_both_verdicts_calmly(colab_python, tmp_path):
    shutil.copy(ROOT / "chapters/opening.ipynb", tmp_path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CRUCIBLE")}
    command = [colab_python, "-c", EXECUTE, "opening.ipynb", "executed.ipynb"]
    subprocess.run(command, cwd=tmp_path, env=environment | {"CRUCIBLE_SEEDS": "31,32,33"}, check=True)
    notebook = nbformat.read(tmp_path / "executed.ipynb", as_version=4)
    text = "\n".join(
        output.get("data", {}).get("text/markdown", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    assert "Over three seeds" in text
    assert text.count("Verdict of this part") == 3
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
    assert any("_esm" in entry["state"] for entry in states)


def test_without_the_package_and_without_an_address_the_set_up_cell_says_so_in_one_line(colab_python, tmp_path):
    notebook = nbformat.read(ROOT / "chapters/opening.ipynb", as_version=4)
    setup = next(cell.source for cell in notebook.cells if "REPOSITORY" in cell.source)
    if 'REPOSITORY = ""' not in setup:
        pytest.skip("the repository's address is set")
    script = "import sys; sys.modules['crucible'] = None\n" + setup.replace("find_spec(", "find_spec('no' + ")
    lines = [line for line in script.splitlines() if "%pip" not in line]
    lines = [line.replace("if REPOSITORY:", "if REPOSITORY: pass") for line in lines]
    done = subprocess.run(
        [colab_python, "-c", "\n".join(lines)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert len(done.stdout.strip().splitlines()) == 1
    assert "no repository address" in done.stdout


@pytest.fixture
def notebook_server(colab_python, tmp_path):
    """The classic notebook server of the environment, on loopback, with one small notebook."""
    nbformat.write(new_notebook(cells=[new_code_cell(LIVE)]), tmp_path / "live.ipynb")
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


def test_the_widget_is_alive_in_a_notebook_with_colabs_ipywidgets_and_answers_a_typed_sum(notebook_server):
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1000, "height": 1400})
        page.goto(f"{notebook_server}/notebooks/live.ipynb")
        page.wait_for_function("window.Jupyter?.notebook?.kernel?.is_connected()", timeout=60_000)
        page.evaluate("Jupyter.notebook.execute_all_cells()")
        widget = page.locator(".learned-sum")
        expect(widget).to_be_visible(timeout=120_000)
        widget.get_by_role("slider").fill("2")
        expect(widget.locator(".crucible-status")).to_contain_text("After 20 steps")
        expect(widget.locator(".crucible-status")).to_contain_text("2.5 %")
        page.evaluate("Jupyter.notebook.insert_cell_below('code').set_text('print(\"place is\", widget.place)')")
        page.evaluate("Jupyter.notebook.execute_cells([1])")
        expect(page.locator(".output_text, .output_stdout").last).to_contain_text("place is 2")
        widget.get_by_label("first number").fill("12")
        widget.get_by_label("second number").fill("34")
        widget.get_by_role("button", name="Ask the model").click()
        expect(widget.locator(".crucible-status")).to_contain_text("12 + 34 =")
        widget.get_by_label("first number").evaluate("field => { field.removeAttribute('max'); field.value = 100 }")
        widget.get_by_role("button", name="Ask the model").click()
        expect(widget.locator(".ls-own [role=status]")).to_contain_text("must be between 0 and 99")
        chromium.close()
