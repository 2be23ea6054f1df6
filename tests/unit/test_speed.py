"""The speed benchmark runs and keeps its promises; no time is asserted.

Run: .venv/bin/python -m pytest -q tests/unit/test_speed.py (about 20 s, most of it importing torch and transformers).
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_benchmark_writes_what_it_promises(tmp_path):
    out = tmp_path / "speed.json"
    command = [sys.executable, "benchmarks/speed.py", "--smoke", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    result = json.loads(out.read_text())
    (size,) = result["sizes"].values()
    assert 25_000 < size["parameters"] < 35_000
    assert {"ours", "GPT-2, same loop", "Trainer", "ours, all scored"} <= set(size["tokens_per_second"])
    assert size["best_of_transformers"] in size["tokens_per_second"]
    assert all(value > 0 for value in size["tokens_per_second"].values())
    assert len(size["times_faster"]) == 4
    assert all(0 < share < 1 for share in size["share_of_peak"].values())
    assert 90 < sum(size["profile"].values()) < 130, "the families make up the step"
    assert set(result["processes"]) == {"1 x 1 thread", "2 x 1 thread", "1 x 2 threads"}
    assert result["peak_gflops"] > 1
    assert "times as fast as Trainer" in done.stdout
