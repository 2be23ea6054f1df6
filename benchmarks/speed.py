"""How fast our training loop is, beside transformers' GPT-2 in the same loop, at its best, and in Trainer.

Run: python make.py bench (about 5 minutes; --quick: about 1). Prints a table, writes build/benchmarks/speed.json.
Times are the process's own seconds on the processor, so that a neighbour on the same core counts little;
the contestants take turns, A B C A B C, and the median over the rounds counts. No test asserts a time.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that `python benchmarks/speed.py` finds the package, too

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from crucible.model import ModelConfig, Transformer  # noqa: E402
from crucible.train import TrainConfig, answer_loss, as_one, one_thread  # noqa: E402
from crucible.worlds import AddWorld, MiniWorld, Questions, StyleWorld, TalkWorld, World  # noqa: E402

SIZES = {"0.03 M": (32, 2), "0.1 M": (64, 2), "0.4 M": (128, 2), "1 M": (160, 3)}  # name -> d_model, n_layers
HEADS, VOCAB, LENGTH, BATCH, ANSWERS = 4, 200, 24, 96, 4  # a MiniWorld batch: 4 of 24 tokens are the answer
# What chapters train: the world, rows a step, width of the model (two layers, four heads).
CHAPTERS: dict[str, tuple[World, int, int]] = {
    "AddWorld": (AddWorld(2), 64, 32),
    "StyleWorld": (StyleWorld(), 96, 32),
    "MiniWorld": (MiniWorld(), 120, 48),
    "TalkWorld": (TalkWorld(), 128, 48),
}
RATE, BETAS, DECAY = 1e-3, (0.9, 0.98), TrainConfig().weight_decay
# A profiled operator belongs to the first family that has a part of its name.
FAMILIES = {
    "matrix products": ("aten::mm", "aten::addmm"),
    "loss": ("nll_loss", "cross_entropy", "log_softmax"),
    "attention": ("aten::bmm", "baddbmm", "softmax", "scaled_dot_product"),
    "norm": ("layer_norm", "LayerNorm"),
    "optimizer": ("Optimizer", "adam"),
    "embedding and picking": ("embedding", "gather", "scatter", "index", "sort", "nonzero"),
    "copies": ("aten::copy_", "aten::fill_", "aten::zero_", "aten::cat"),
    "elementwise": ("add", "mul", "sum", "clamp", "relu", "threshold", "div", "sub", "triu"),
}
REST = "python and dispatch"


@dataclass(frozen=True)
class Plan:
    """How long to measure."""

    sizes: tuple[str, ...]
    rounds: int  # turns of each contestant
    steps: int  # training steps in one turn
    trainer_steps: int  # one Trainer run has a start of its own, so its turn is longer
    seconds: float  # how long processes are set against threads, each time
    worlds: tuple[str, ...]


PLANS = {
    "full": Plan(tuple(SIZES), rounds=9, steps=4, trainer_steps=24, seconds=6, worlds=tuple(CHAPTERS)),
    "quick": Plan(("0.03 M", "0.1 M"), rounds=5, steps=2, trainer_steps=8, seconds=2, worlds=("MiniWorld",)),
    "smoke": Plan(("0.03 M",), rounds=1, steps=1, trainer_steps=2, seconds=0.1, worlds=("AddWorld",)),
}


def batch(every: bool) -> Questions:
    """One batch, answers at random places behind the eighth token; with `every`, all tokens are scored."""
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(VOCAB, (BATCH, LENGTH), generator=generator)
    start = torch.randint(8, LENGTH - ANSWERS + 1, (BATCH, 1), generator=generator)
    place = torch.arange(LENGTH)
    return Questions(tokens, ((place >= start) & (place < start + ANSWERS)) | torch.tensor(every))


def config(size: str) -> ModelConfig:
    d, layers = SIZES[size]
    return ModelConfig(VOCAB, LENGTH, d, layers, HEADS)


def gpt2(size: ModelConfig, attention: str) -> nn.Module:
    """transformers' GPT-2 of the same size, activation and mask, without dropout."""
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=size.vocab_size, n_positions=size.context_length, n_embd=size.d_model, n_layer=size.n_layers,
            n_head=size.n_heads, activation_function="relu", resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
            bos_token_id=0, eos_token_id=0, use_cache=False, attn_implementation=attention,
        )
    ).train()  # fmt: skip


def ours(size: ModelConfig) -> Transformer:
    return Transformer(size, seed=0)


def plain_loss(model: nn.Module, questions: Questions) -> Tensor:
    """The same loss with a model that always gives all logits."""
    scored = questions.scored[:, 1:]
    return F.cross_entropy(model(questions.tokens[:, :-1]).logits[scored], questions.tokens[:, 1:][scored])


def kept_loss(model: nn.Module, questions: Questions) -> Tensor:
    """The same loss by transformers' own way to fewer logits: none before the batch's first scored place."""
    scored = questions.scored[:, 1:]
    keep = scored.shape[1] - int(scored.any(dim=0).long().argmax())
    logits = model(questions.tokens[:, :-1], logits_to_keep=keep).logits
    return F.cross_entropy(logits[scored[:, -keep:]], questions.tokens[:, 1:][scored])


def loop(model: nn.Module, loss_of: Callable, questions: Questions, rows_a_step: int = BATCH) -> Callable[[int], float]:
    """Our training loop around a model: call it with a number of steps, get seconds per step."""
    optimizer = torch.optim.AdamW([as_one(model)], lr=RATE, betas=BETAS, weight_decay=DECAY, fused=True)

    def run(steps: int) -> float:
        started = time.process_time()
        for _ in range(steps):
            rows = torch.randint(len(questions), (rows_a_step,))
            loss = loss_of(model, questions[rows])
            optimizer.zero_grad(set_to_none=False)
            loss.backward()
            optimizer.step()
            loss.item()
        return (time.process_time() - started) / steps

    return run


def trainer(size: str, questions: Questions, steps: int) -> Callable[[int], float]:
    """transformers' Trainer with the same batch, optimizer and number of steps; seconds per step without its start."""
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments, logging

    logging.set_verbosity_error()
    labels = questions.tokens.masked_fill(~questions.scored, -100)
    rows = [{"input_ids": t, "labels": y} for t, y in zip(questions.tokens, labels, strict=True)]
    rows *= steps + 1  # one epoch: a new one would cost it a new data loader
    model = gpt2(config(size), "sdpa")

    class Clock(TrainerCallback):
        """Starts after the first step, so that Trainer's own start is not counted."""

        def on_step_end(self, args, state, control, **_):
            if state.global_step == 1:
                self.started = time.process_time()
            self.ended = time.process_time()

    def run(steps: int) -> float:
        clock = Clock()
        settings = TrainingArguments(
            output_dir=str(ROOT / "build" / "benchmarks" / "trainer"), per_device_train_batch_size=BATCH,
            max_steps=steps + 1, learning_rate=RATE, adam_beta1=BETAS[0], adam_beta2=BETAS[1], weight_decay=DECAY,
            optim="adamw_torch_fused", lr_scheduler_type="constant", max_grad_norm=0.0, report_to="none",
            save_strategy="no", logging_strategy="no", disable_tqdm=True, use_cpu=True, dataloader_pin_memory=False,
        )  # fmt: skip
        contestant = Trainer(model=model, args=settings, train_dataset=rows, callbacks=[clock])
        contestant.remove_callback(PrinterCallback)
        contestant.train()
        return (clock.ended - clock.started) / steps

    return run


def take_turns(contestants: dict[str, Callable[[int], float]], plan: Plan) -> dict[str, list[float]]:
    """Seconds per step of every contestant in every round; one turn first that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(plan.rounds + 1):
        for name, run in contestants.items():
            if name == "Trainer" and turn > max(1, plan.rounds // 3):
                continue  # its turns are six times as long
            took = run(plan.trainer_steps if name == "Trainer" else plan.steps)
            if turn:
                seconds[name].append(took)
    return seconds


def on_worlds(plan: Plan) -> dict[str, dict[str, float]]:
    """Milliseconds a step on the rows that chapters train, ours beside GPT-2 in the same loop."""
    found = {}
    for name in plan.worlds:
        world, rows, width = CHAPTERS[name]
        questions, size = world.questions("train"), ModelConfig(len(world.vocab), world.context_length, width)
        seconds = take_turns(
            {
                "ours": loop(ours(size), answer_loss, questions, rows),
                "GPT-2, same loop": loop(gpt2(size, "sdpa"), plain_loss, questions, rows),
            },
            plan,
        )
        found[name] = {who: 1000 * statistics.median(times) for who, times in seconds.items()}
        mine, other = found[name].values()
        print(
            f"  {name:12s}{mine:7.2f} ms a step, GPT-2 in the same loop {other:7.2f}: {other / mine:.2f} times as fast"
        )
    return found


def peak(rounds: int) -> float:
    """Best GFLOP/s of a bare product of two large matrices on this one thread."""
    a, best = torch.randn(1024, 1024), math.inf
    for _ in range(rounds):
        started = time.process_time()
        torch.mm(a, a)
        best = min(best, time.process_time() - started)
    return 2 * 1024**3 / best / 1e9


def products(size: str, scored: int) -> float:
    """GFLOP of the matrix products of a whole training step of GPT-2 that scores `scored` positions per row.

    Forward 2 operations per weight and token, backward twice that. Attention's own products are left out.
    """
    d, layers = SIZES[size]
    return 6 * BATCH * ((LENGTH - 1) * layers * 12 * d * d + scored * d * VOCAB) / 1e9


def done(size: str, questions: Questions) -> float:
    """GFLOP that our model really does.

    Nothing behind a row's last scored position; of what is before, the last block works out keys and values only.
    """
    d, layers = SIZES[size]
    scored = questions.scored[:, 1:]
    read = int((scored * torch.arange(1, LENGTH)).amax(dim=1).sum())
    asked = int(scored.sum())
    return 6 * (read * (12 * layers - 10) * d * d + asked * (10 * d * d + d * VOCAB)) / 1e9


def profile(size: str, steps: int) -> dict[str, float]:
    """Share of a step's time, in %, that each family of operators takes; profiling itself weighs on the small ones."""
    run = loop(ours(config(size)), answer_loss, batch(every=False))
    run(2)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as record:
        started = time.perf_counter()
        run(steps)
        total = time.perf_counter() - started
    shares = dict.fromkeys([*FAMILIES, REST], 0.0)
    for event in record.key_averages():
        family = next((f for f, parts in FAMILIES.items() if any(part in event.key for part in parts)), REST)
        shares[family] += 100 * event.self_cpu_time_total / 1e6 / total
    shares[REST] += max(0.0, 100 - sum(shares.values()))  # between the operators: Python
    return shares


def worker(size: str, threads: int, seconds: float) -> None:
    """Train until the time is up and print tokens per second of wall time: one process of the comparison below."""
    one_thread()
    torch.set_num_threads(threads)
    run = loop(ours(config(size)), answer_loss, batch(every=False))
    run(1)
    started, steps = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        run(1)
        steps += 1
    print(steps * BATCH * (LENGTH - 1) / (time.perf_counter() - started))


def side_by_side(size: str, seconds: float) -> dict[str, float]:
    """Tokens per second, by the clock on the wall, of all processes together."""
    total = {}
    for name, processes, threads in (("1 x 1 thread", 1, 1), ("2 x 1 thread", 2, 1), ("1 x 2 threads", 1, 2)):
        command = [sys.executable, __file__, "--worker", size, str(threads), str(seconds)]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
        total[name] = sum(float(process.communicate()[0]) for process in running)
    return total


def measure(plan: Plan) -> dict:
    one_thread()
    torch.manual_seed(0)
    few, every = batch(every=False), batch(every=True)
    top, sizes = peak(50), {}
    for size in plan.sizes:
        seconds = take_turns(
            {
                "ours": loop(ours(config(size)), answer_loss, few),
                "GPT-2, same loop": loop(gpt2(config(size), "sdpa"), plain_loss, few),
                "GPT-2, eager": loop(gpt2(config(size), "eager"), plain_loss, few),
                "GPT-2, eager, fewer logits": loop(gpt2(config(size), "eager"), kept_loss, few),
                "GPT-2, sdpa, fewer logits": loop(gpt2(config(size), "sdpa"), kept_loss, few),
                "Trainer": trainer(size, few, plan.trainer_steps),
                "ours, all scored": loop(ours(config(size)), answer_loss, every),
                "GPT-2, all scored": loop(gpt2(config(size), "sdpa"), plain_loss, every),
            },
            plan,
        )
        median = {name: statistics.median(times) for name, times in seconds.items()}
        settings = [name for name in median if name.startswith("GPT-2") and "all scored" not in name]
        best = min(settings, key=lambda name: median[name])
        sizes[size] = {
            "parameters": ours(config(size)).n_parameters(),
            "tokens_per_second": {name: BATCH * (LENGTH - 1) / t for name, t in median.items()},
            "spread": {name: [min(times), max(times)] for name, times in seconds.items()},
            "best_of_transformers": best,
            "times_faster": {
                "than the same loop": median["GPT-2, same loop"] / median["ours"],
                "than transformers at its best": median[best] / median["ours"],
                "than Trainer": median["Trainer"] / median["ours"],
                "than the same loop, all scored": median["GPT-2, all scored"] / median["ours, all scored"],
            },
            "share_of_peak": {
                "ours": done(size, few) / median["ours"] / top,
                "GPT-2, same loop": products(size, LENGTH - 1) / median["GPT-2, same loop"] / top,
            },
            "profile": profile(size, plan.steps),
        }
        show(size, sizes[size])
    print("\nrows and sizes that chapters train")
    worlds = on_worlds(plan)
    shape = {"batch": BATCH, "inputs": LENGTH - 1, "vocabulary": VOCAB, "answer tokens": ANSWERS, "heads": HEADS}
    together = side_by_side(plan.sizes[-1] if len(plan.sizes) < 2 else plan.sizes[1], plan.seconds)
    print("\ntokens/s, all processes: " + ", ".join(f"{name}: {value:,.0f}" for name, value in together.items()))
    print(f"peak of a bare matrix product on one thread: {top:.0f} GFLOP/s; torch {torch.__version__}")
    return {
        "plan": asdict(plan),
        "shape": shape,
        "peak_gflops": top,
        "sizes": sizes,
        "worlds": worlds,
        "processes": together,
    }


def show(size: str, result: dict) -> None:
    print(f"\n{size} ({result['parameters']:,} parameters)          tokens/s per core")
    for name, value in result["tokens_per_second"].items():
        print(f"  {name:32s}{value:10,.0f}")
    for name, value in result["times_faster"].items():
        print(f"  ours is {value:.2f} times as fast {name.replace('than', 'as', 1)}")
    print(
        "  share of the matrix peak: " + ", ".join(f"{n} {100 * v:.0f} %" for n, v in result["share_of_peak"].items())
    )
    shares = sorted(result["profile"].items(), key=lambda item: -item[1])
    print("  our step: " + ", ".join(f"{name} {share:.0f} %" for name, share in shares), flush=True)


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", dest="plan", action="store_const", const="quick", help="two sizes, under a minute")
    length.add_argument("--smoke", dest="plan", action="store_const", const="smoke", help="one step each, for the test")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks" / "speed.json")
    parser.add_argument("--worker", nargs=3, metavar=("SIZE", "THREADS", "SECONDS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    if arguments.worker:
        size, threads, seconds = arguments.worker
        return worker(size, int(threads), float(seconds))
    result = measure(PLANS[arguments.plan or "full"])
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written: {arguments.out}")


if __name__ == "__main__":
    main()
