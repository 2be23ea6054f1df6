"""The key of a run: the same for the same run in any session, another one for whatever could change the result.

Run: .venv/bin/python -m pytest -q tests/unit/test_run_key.py (about 8 s: two sessions have to start).
"""

import functools
import itertools
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from crucible import run_key
from crucible.model import ModelConfig, Transformer
from crucible.run_key import NoKey
from crucible.train import TrainConfig, train
from crucible.worlds import AddWorld

ROOT = Path(__file__).resolve().parents[2]

NOTEBOOK = """
import functools
from dataclasses import dataclass, field
import torch
from crucible import evaluate
from crucible.train import TrainConfig, train

STEPS = 3
ARMS = {"all": {}, "few": {"n_train": 128}}
LETTERS = {"a", "b", "c", "d"}
UNUSED = 1
INSIDE = 9


@dataclass(frozen=True)
class Size:
    width: int = 32
    depths: list = field(default_factory=list)

    def area(self):
        return self.width * 2


class Probe(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)

    def forward(self, x):
        return self.layer(x) + 7


def times(factor):
    def apply(x):
        return factor * x

    return apply


double = times(2)


@functools.lru_cache
def slow(x):
    return x + 4


@torch.no_grad()
def helper(x, by=5):
    return x * by + STEPS


def run(seed):
    world = [evaluate.exact_match or INSIDE for arm in ARMS if arm in {"all", "few"}]  # a comprehension
    try:
        return helper(seed), Size(), Probe, double(seed), slow(seed), LETTERS, train
    except ValueError:
        return world
"""


def cell(source: str, file: str = "/tmp/ipykernel_11/22.py"):
    """The function `run` of a notebook with this source."""
    names = {"__name__": "__main__"}
    exec(compile(source, file, "exec"), names)
    return names["run"]


def key(function, *job) -> str:
    (found,) = run_key.keys(function, [job])
    return found


def edited(old: str, new: str) -> str:
    assert NOTEBOOK.count(old) == 1, f"the test looks for {old!r}, which is not there once"
    return NOTEBOOK.replace(old, new)


# The same


def test_the_key_is_the_same_in_another_session_with_another_order_of_sets(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        NOTEBOOK + "\nfrom crucible import run_key\nprint(run_key.keys(run, [(1, LETTERS, Size())])[0])\n"
    )
    found = {
        subprocess.run(
            [sys.executable, script],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert len(found.pop().strip()) == 64


@pytest.mark.parametrize(
    "source",
    [
        NOTEBOOK,
        "\n\n# a comment above\n" + NOTEBOOK,
        edited("  # a comprehension", ""),
        edited("UNUSED = 1", "UNUSED = 2"),
    ],
)
def test_the_key_is_the_same_for_the_same_code_in_another_cell(source):
    assert key(cell(source, "/tmp/ipykernel_33/44.py"), 1) == key(cell(NOTEBOOK), 1)


def test_the_key_is_the_same_after_python_has_sped_the_code_up():
    function = cell("def run(n):\n    total = 0\n    for i in range(n):\n        total += i * n\n    return total")
    before = key(function, 1)
    for _ in range(200):
        function(50)
    assert key(function, 1) == before


def test_equal_arguments_have_the_same_key():
    one = [1.5, "a", (2, None)]
    assert key(train, one, one) == key(train, [1.5, "a", (2, None)], [1.5, "a", (2, None)])
    assert key(train, AddWorld(seed=3), torch.arange(3)) == key(train, AddWorld(seed=3), torch.tensor([0, 1, 2]))
    assert key(train, frozenset("abcdef")) == key(train, frozenset("fedcba"))


# Another one


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("STEPS = 3", "STEPS = 4"),
        ("INSIDE = 9", "INSIDE = 8"),  # used only within a comprehension
        ("128", "129"),
        ('"a", "b"', '"a", "e"'),
        ("width: int = 32", "width: int = 33"),
        ("default_factory=list", "default_factory=tuple"),
        ("self.width * 2", "self.width * 3"),
        ("self.layer(x) + 7", "self.layer(x) + 8"),
        ("factor * x", "factor + x"),
        ("double = times(2)", "double = times(3)"),
        ("x + 4", "x + 5"),
        ("by=5", "by=6"),
        ("x * by", "x - by"),
        ("@torch.no_grad()", "@torch.enable_grad()"),
        ("evaluate.exact_match", "evaluate.token_accuracy"),
        ("except ValueError", "except TypeError"),
        ("from crucible.train import TrainConfig, train", "from crucible.train import answer_loss as train"),
        ("LETTERS, train", "train, LETTERS"),
    ],
)
def test_the_key_changes_with_code_and_with_every_value_that_it_uses(old, new):
    assert key(cell(edited(old, new)), 1) != key(cell(NOTEBOOK), 1)


def test_a_wrapper_that_borrows_a_name_of_the_package_is_looked_into():
    keys = set()
    for factor in (1, 2):

        @functools.wraps(train)
        def wrapper(seed, factor=factor):
            return seed * factor

        keys.add(key(wrapper, 1))
    assert len(keys) == 2
    assert key(train, 1) not in keys


def test_every_argument_has_a_key_of_its_own():
    jobs = [
        (1,), (True,), (1.0,), ("1",), (b"1",), ((1,),), ([1],), ({1: 1},), ({1},), (None,), (-0.0,), (0.0,), (),
        ("a", "bc"), ("ab", "c"), (("a",), "b"), ("a", ("b",)), ({"a": 1, "b": 2},), ({"b": 2, "a": 1},),
        (math.nan,), (math.inf,), (math.sqrt,), (math.sin,), (np.float64(1),), (np.float32(1),), (np.arange(3),),
        (np.arange(3).reshape(1, 3),), (torch.arange(3),), (torch.arange(3).float(),), (torch.arange(3).view(1, 3),),
        (torch.zeros(2),), (torch.zeros(2, dtype=torch.int32),),
        (torch.float32,), (torch.float64,), (torch.tensor(1.0),), (torch.tensor(1.0, dtype=torch.bfloat16),),
        (AddWorld(),), (AddWorld(digits=1),), (AddWorld(shuffled=True),), (TrainConfig(),), (TrainConfig(steps=801),),
        (Path("a"),), (Path("b"),), (functools.partial(train, 1),), (functools.partial(train, 2),), (range(3),),
    ]  # fmt: skip
    size = ModelConfig(vocab_size=12, context_length=6, d_model=8, n_layers=1, n_heads=2)
    jobs += [(Transformer(size, seed),) for seed in (1, 2)]
    keys = run_key.keys(train, jobs)
    same = [(a, b) for (a, one), (b, other) in itertools.combinations(zip(jobs, keys, strict=True), 2) if one == other]
    assert not same


def test_the_key_changes_with_a_version(monkeypatch):
    keys = {key(train, 1)}
    for module in (torch, np):
        monkeypatch.setattr(module, "__version__", "0.0")
        keys.add(key(train, 1))
    assert len(keys) == 3


def test_nothing_else_in_the_package_uses_the_exercises():
    """So what is trained cannot depend on them."""
    package = Path(run_key.__file__).parent
    for file in package.rglob("*.py"):
        if not file.is_relative_to(package / "exercises"):
            assert "crucible.exercises" not in file.read_text(), file


@pytest.mark.parametrize("change", ["edit", "add", "rename"])
def test_the_key_changes_with_the_packages_source(tmp_path, monkeypatch, change):
    (tmp_path / "widgets").mkdir()
    (tmp_path / "widgets" / "one.py").write_text("x = 1\n")
    before = run_key.package_source(tmp_path)
    if change == "edit":
        (tmp_path / "widgets" / "one.py").write_text("x = 2\n")
    elif change == "add":
        (tmp_path / "two.py").write_text("")
    else:
        (tmp_path / "widgets" / "one.py").rename(tmp_path / "widgets" / "two.py")
    assert run_key.package_source(tmp_path) != before
    (tmp_path / "notes.txt").write_text("")
    now = run_key.package_source(tmp_path)
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "opening.py").write_text("")
    assert run_key.package_source(tmp_path) == now
    keys = set()
    for source in (before, run_key.package_source(tmp_path)):
        monkeypatch.setattr(run_key, "SOURCE", source)
        monkeypatch.setattr(run_key, "package_source", lambda source=source: source)
        keys.add(key(train, 1))
    assert len(keys) == 2


# None


def generator():
    yield 1


@dataclass
class Holder:
    content: object


class Odd:
    def __reduce_ex__(self, _protocol):
        return (len,)


def deep():
    nest: list = []
    for _ in range(5000):
        nest = [nest]
    return nest


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (generator(), "generator"),
        (sys.stderr, ""),
        (Holder(generator()), "generator"),
        (torch.eye(2).to_sparse(), "tensor"),
        (Odd(), "ValueError"),
        (deep(), "RecursionError"),
    ],
)
def test_what_has_no_lasting_value_has_no_key_and_is_named_in_one_line(value, said):
    with pytest.raises(NoKey, match=rf"^job 1\b.*{said}") as error:
        run_key.keys(train, [(1,), (value,)])
    assert "\n" not in str(error.value)


def test_a_global_without_a_key_is_named_with_the_functions_on_the_way(tmp_path, monkeypatch):
    source = "stream = open('/dev/null')\ndef helper():\n    return stream\ndef run(n):\n    return helper()"
    with pytest.raises(NoKey, match=r"^run: 'helper': 'stream': a TextIOWrapper has no lasting value"):
        key(cell(source), 1)


def test_a_module_of_ones_own_has_no_key(tmp_path, monkeypatch):
    (tmp_path / "module_of_mine.py").write_text("__version__ = '1'\nx = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(NoKey, match=r"^run: 'mine': module module_of_mine is neither"):
        key(cell("import module_of_mine as mine\ndef run(n):\n    return mine.x"), 1)


def test_a_package_that_changed_since_its_import_has_no_key(monkeypatch):
    monkeypatch.setattr(run_key, "SOURCE", "as it was")
    with pytest.raises(NoKey, match="changed on disk since it was imported; restart Python"):
        key(train, 1)


def test_what_holds_itself_has_a_key():
    ring: list = [1]
    ring.append(ring)
    assert key(train, ring) != key(train, [1])
    key(cell("def run(n):\n    return n and run(n - 1)"), 1)
