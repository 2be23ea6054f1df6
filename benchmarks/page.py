"""How many tokens a second the model writes in a page, beside torch, on this machine.

Run: python make.py bench --page (under a minute; needs a Chromium). Prints a table, writes build/benchmarks/page.json.
Both write greedily, one text at a time, from a prompt of four tokens until the context is full, and count the tokens
they read or write. The page keeps keys and values; crucible.model does not and reads the whole text again for each
token, as evaluate.write_answers does; so a third contestant is torch's cost for one single token. All on one thread,
in turns; the median of the rounds counts. No test asserts a time.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that `python benchmarks/page.py` finds the package, too

import torch  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from crucible.model import ModelConfig, Transformer  # noqa: E402
from crucible.train import one_thread  # noqa: E402
from crucible.widgets.ask_model import AskModel  # noqa: E402
from crucible.widgets.export import pack, unpack  # noqa: E402
from pipeline import browser  # noqa: E402

SIZES = {
    "the opening's": ModelConfig(12, 9, 32),
    "a base": ModelConfig(311, 16, 48),
    "0.1 M": ModelConfig(40, 24, 64),
    "1 M": ModelConfig(200, 24, 160, 3),
}
PROMPT = 4
LOAD = """async (source) => { globalThis.ask = await import(URL.createObjectURL(new Blob([source], {type: "text/javascript"}))); }"""
OPEN = """(packed) => { const started = performance.now(); globalThis.net = ask.unpack(packed); return performance.now() - started; }"""
WRITE = """([prompt, count, seconds]) => { const end = performance.now() + 1000 * seconds, started = performance.now();
  let texts = 0, last;
  while (performance.now() < end) { last = ask.write(net, prompt, count); texts++; }
  return {seconds: (performance.now() - started) / 1000, texts, tokens: last.map(({token}) => token)}; }"""


@torch.no_grad()
def write(model: Transformer, count: int) -> list[int]:
    """The same greedy loop in torch, one text."""
    row = torch.arange(1, PROMPT + 1)[None]
    for _ in range(count):
        row = torch.cat([row, model(row)[:, -1:].argmax(-1)], dim=1)
    return row[0, PROMPT:].tolist()


@torch.no_grad()
def measure(page, name: str, config: ModelConfig, rounds: int, seconds: float) -> dict:
    model = unpack(pack(Transformer(config, seed=0)))
    packed, count = pack(model), config.context_length - PROMPT + 1
    opened = page.evaluate(OPEN, packed)
    tokens = config.context_length  # fed or written in one text, the last one only written
    speeds: dict[str, list[float]] = {"page": [], "torch": [], "torch, one token": []}
    for _ in range(rounds + 1):
        found = page.evaluate(WRITE, [list(range(1, PROMPT + 1)), count, seconds])
        speeds["page"].append(found["texts"] * tokens / found["seconds"])
        for label, work, each in (
            ("torch", lambda: write(model, count), tokens),
            ("torch, one token", lambda: model(torch.ones(1, 1, dtype=torch.int64)), 1),
        ):
            started, done = time.perf_counter(), 0
            while time.perf_counter() - started < seconds:
                work()
                done += each
            speeds[label].append(done / (time.perf_counter() - started))
    return {
        "parameters": model.n_parameters(),
        "same_text": found["tokens"] == write(model, count),
        "bytes": {dtype: len(json.dumps(pack(model, dtype))) for dtype in ("fp16", "int8")},
        "open_ms": opened,
        "tokens_per_second": {label: statistics.median(values[1:]) for label, values in speeds.items()},
        "spread": {label: [min(values[1:]), max(values[1:])] for label, values in speeds.items()},
    }


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="one short round of the smallest size, for the test")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks" / "page.json")
    arguments = parser.parse_args(words)
    one_thread()
    rounds, seconds = (1, 0.05) if arguments.smoke else (5, 0.5)
    sizes = dict(list(SIZES.items())[:1]) if arguments.smoke else SIZES
    results = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        page = chromium.new_page()
        page.evaluate(LOAD, AskModel._esm)
        print(f"{'':14s}{'parameters':>11s}{'page':>10s}{'torch':>10s}{'one token':>11s}   tokens/s;  fp16, int8 in kB")
        for name, config in sizes.items():
            results[name] = found = measure(page, name, config, rounds, seconds)
            speed, size = found["tokens_per_second"].values(), found["bytes"].values()
            print(f"{name:14s}{found['parameters']:11,}" + "".join(f"{value:10,.0f}" for value in speed), end=" ")
            print(f"{'':12s}" + ", ".join(f"{value / 1000:.0f}" for value in size), flush=True)
        version = chromium.version
        chromium.close()
    print(f"Chromium {version}, torch {torch.__version__}, one thread each")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps({"chromium": version, "torch": torch.__version__, "sizes": results}, indent=1))
    print(f"written: {arguments.out}")


if __name__ == "__main__":
    main()
