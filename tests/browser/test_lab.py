"""The widgets alive in JupyterLab with a kernel: a bet is placed and kept, the model asked, a knob turned; a minute.

Needs no built site: pytest tests/browser/test_lab.py
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

BET = """
from crucible.widgets.bet import Bet
bet = Bet("opening/examples", "How many examples?", "examples", 100, 1_000_000, scale="log")
bet
"""
MODEL = """
from crucible.model import ModelConfig
from crucible.train import TrainConfig, train
from crucible.widgets.ask_model import AskModel
from crucible.worlds import AddWorld
world = AddWorld(seed=1)
run = train(world, ModelConfig(12, 9, 16, 1, 2), TrainConfig(steps=3), seed=1, checkpoints=(0, 3))
AskModel({"the model": run.checkpoints}, world.vocab, ["27 + 58"], answer_length=3, form="sum")
"""
EXPLORER = """
from crucible.grid import Decision, Grid, Measure
from crucible.widgets.grid_explorer import GridExplorer
values = {(arm, step, seed): float(step + seed) for arm in ("a", "b") for step in (0, 10) for seed in (1, 2, 3)}
grid = Grid("E00", (1, 2, 3), {"arm": ("a", "b"), "steps": (0, 10)}, {"score": Measure(values, "%")},
            Decision("more than 1", "open", 1))
explorer = GridExplorer(grid, x="steps", setting={"steps": 10})
explorer
"""
READ = "print('kernel has', bet.record['guess'], explorer.setting['arm'])"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on loopback in an empty folder with one notebook; yields (address, folder)."""
    folder = tmp_path_factory.mktemp("lab")
    cells = [new_code_cell(source.strip()) for source in (BET, MODEL, EXPLORER, READ)]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    nbformat.write(notebook, folder / "live.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token="]
    environment = os.environ | {name: str(folder / ".jupyter") for name in ("JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    with (folder / "server.log").open("w") as log:
        command = [sys.executable, "-m", "jupyterlab", *options]
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=environment)
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api")
                break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}", folder
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_the_widgets_are_alive_in_jupyterlab(lab, chromium):
    address, folder = lab
    page = chromium.new_page(viewport={"width": 1300, "height": 2600})
    page.goto(f"{address}/lab/tree/live.ipynb")
    expect(page.get_by_role("button", name=re.compile("Python 3.*Idle"))).to_be_visible(timeout=120_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    bet = page.get_by_role("group", name="Your bet", exact=True)
    explorer = page.get_by_role("group", name="Grid explorer: knob")
    expect(explorer).to_be_visible(timeout=120_000)

    for label, value in (("Your guess", "31000"), ("Low end", "5000"), ("High end", "90000")):
        bet.get_by_label(label).fill(value)
    bet.get_by_role("button", name="Place the bet").click()
    expect(bet.locator(".bet-placed")).to_be_visible()
    for _ in range(40):
        if (folder / "bets.json").exists():
            break
        time.sleep(0.25)
    assert "31000" in re.sub(r"\.0\b", "", json.dumps(json.loads((folder / "bets.json").read_text())))

    model = page.locator(".ask-model")
    model.get_by_label("Your sum").or_(model.get_by_role("textbox")).first.fill("12 + 34")
    model.get_by_role("slider").fill("1")
    page.keyboard.press("Enter")
    expect(model.locator(".crucible-status")).to_contain_text("After 3 steps the model writes")

    explorer.get_by_role("radio", name="b", exact=True).check()
    expect(explorer.locator(".crucible-status")).to_contain_text("12")

    last = page.locator(".jp-CodeCell").last
    last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(last.locator(".jp-OutputArea-output")).to_contain_text("kernel has 31000.0 b", timeout=20_000)
    page.context.close()


def test_a_placed_bet_is_there_again_in_another_kernel(lab):
    """The file beside the notebook is what remembers."""
    _, folder = lab
    code = BET.replace("\nbet\n", "\nprint(bet.record['guess'])\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert float(done.stdout) == 31_000
