"""How many tokens a second the model writes in a page, beside torch, on this machine.

Run: python make.py bench --page (under a minute; needs a Chromium). Prints a table, writes build/benchmarks/page.json.
Both write greedily, one text at a time, from a prompt of four tokens until the context is full, and count the tokens
they read or write. The page keeps keys and values; crucible.model does not and reads the whole text again for each
token, as evaluate.write_answers does; so a third contestant is torch's cost for one single token. All on one thread,
in short turns. Times are each process's own seconds on the processor, as in speed.py, so that a neighbour on the same
core counts little; the best turn counts. No test asserts a time.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
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
LOAD = """async (source) => { const file = new Blob([source], {type: "text/javascript"});
  globalThis.ask = await import(URL.createObjectURL(file)); }"""
OPEN = """(packed) => { const started = performance.now();
  globalThis.net = ask.unpack(packed);
  return performance.now() - started; }"""
WRITE = """([prompt, count, texts]) => { let last;
  for (let i = 0; i < texts; i++) last = ask.write(net, prompt, count);
  return last.map(({token}) => token); }"""


@torch.no_grad()
def write(model: Transformer, count: int) -> list[int]:
    """The same greedy loop in torch, one text."""
    row = torch.arange(1, PROMPT + 1)[None]
    for _ in range(count):
        row = torch.cat([row, model(row)[:, -1:].argmax(-1)], dim=1)
    return row[0, PROMPT:].tolist()


def clock(chromium) -> Callable[[], float]:
    """Seconds on the processor of the browser's busiest page so far: ours, the only one that is open."""
    session = chromium.new_browser_cdp_session()

    def read() -> float:
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        return max(process["cpuTime"] for process in processes if process["type"] == "renderer")

    return read


def speed(work: Callable[[], object], tokens: int, now: Callable[[], float]) -> float:
    started = now()
    work()
    return tokens / max(now() - started, 1e-9)


@torch.no_grad()
def measure(page, cpu: Callable[[], float], config: ModelConfig, rounds: int, effort: int) -> dict:
    """effort: tokens in one turn, times the parameters."""
    model = unpack(pack(Transformer(config, seed=0)))
    count, tokens = config.context_length - PROMPT + 1, config.context_length  # the last one is only written
    opened = page.evaluate(OPEN, pack(model))
    texts = max(1, effort // (tokens * model.n_parameters()))
    one, fewer, prompt = torch.ones(1, 1, dtype=torch.int64), texts // 4 + 1, list(range(1, PROMPT + 1))
    turns = {
        "page": (lambda: page.evaluate(WRITE, [prompt, count, texts]), texts * tokens, cpu),
        "torch": (lambda: [write(model, count) for _ in range(fewer)], fewer * tokens, time.process_time),
        "torch, one token": (lambda: [model(one) for _ in range(texts)], texts, time.process_time),
    }
    speeds: dict[str, list[float]] = {name: [] for name in turns}
    for turn in range(rounds + 1):  # the first one warms up
        for name, (work, done, now) in turns.items():
            found = speed(work, done, now)
            if turn:
                speeds[name].append(found)
    return {
        "parameters": model.n_parameters(),
        "same_text": page.evaluate(WRITE, [prompt, count, 1]) == write(model, count),
        "bytes": {dtype: len(json.dumps(pack(model, dtype))) for dtype in ("fp16", "int8")},
        "open_ms": opened,
        "tokens_per_second": {name: max(values) for name, values in speeds.items()},
        "rounds": speeds,
    }


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="one short round of the smallest size, for the test")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks" / "page.json")
    arguments = parser.parse_args(words)
    one_thread()
    rounds, effort = (1, 10**6) if arguments.smoke else (9, 10**8)
    sizes = dict(list(SIZES.items())[:1]) if arguments.smoke else SIZES
    results = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        page = chromium.new_page()
        page.evaluate(LOAD, AskModel._esm)
        cpu = clock(chromium)
        print(f"{'':14s}{'parameters':>11s}{'page':>10s}{'torch':>10s}{'one token':>11s}   tokens/s;  fp16, int8 in kB")
        for name, config in sizes.items():
            results[name] = found = measure(page, cpu, config, rounds, effort)
            best, size = found["tokens_per_second"].values(), found["bytes"].values()
            print(f"{name:14s}{found['parameters']:11,}" + "".join(f"{value:10,.0f}" for value in best), end=" ")
            print(f"{'':12s}" + ", ".join(f"{value / 1000:.0f}" for value in size), flush=True)
        version = chromium.version
        chromium.close()
    print(f"Chromium {version}, torch {torch.__version__}, one thread each")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps({"chromium": version, "torch": torch.__version__, "sizes": results}, indent=1))
    print(f"written: {arguments.out}")


if __name__ == "__main__":
    main()
