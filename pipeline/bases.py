"""make bases: train the bases that chapters share, two at a time, and keep each as soon as it is finished."""

import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict
from multiprocessing import active_children, get_context
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

from tqdm import tqdm

from crucible import bases
from crucible.train import one_thread
from pipeline import ROOT, Refused

PROCESSES = 2
LOOK = 0.5  # seconds between two looks at how far the runs are


def run(sizes: str, seeds: str, folder: str | None = None) -> None:
    """Make what is missing or no longer what the code says; keep the rest. Refused for an unknown size or seed.

    sizes, seeds: lists with commas. folder: where the files go; bases/ if none is given.
    """
    where = Path(folder) if folder else ROOT / "bases"
    jobs = [(size, seed) for size in _sizes(sizes) for seed in _seeds(seeds)]
    todo = [job for job in jobs if not _is_there(*job, where)]
    if len(todo) < len(jobs):
        print(f"{len(jobs) - len(todo)} of {len(jobs)} bases are there already", flush=True)
    todo.sort(key=lambda job: -bases.known(job[0]).steps)  # the longest first, so that both cores end together
    started = time.time()
    if todo:
        _train(todo, where)
    megabytes = sum(file.stat().st_size for job in jobs for file in bases.paths(*job, where)) / 1e6
    print(f"{len(jobs)} bases in {where} ({megabytes:.1f} MB), {len(todo)} made in {time.time() - started:.0f} s")


def _sizes(words: str) -> list[str]:
    try:
        return [word for word in words.split(",") if bases.known(word)]
    except bases.BaseError as error:
        raise Refused(str(error)) from None


def _seeds(words: str) -> list[int]:
    for word in words.split(","):
        if not word.isdecimal():
            raise Refused(f"--seeds {words}: {word!r} is not a whole number, 0 or more")
    return [int(word) for word in words.split(",")]


def _is_there(size: str, seed: int, where: Path) -> bool:
    """Is the base stored whole, and made with today's settings?"""
    if not any(path.exists() for path in bases.paths(size, seed, where)):
        return False
    try:
        record = bases.load(size, seed, where).record
    except bases.BaseError as error:
        print(str(error).partition(";")[0] + "; it is made again", flush=True)
        return False
    settings = {"training": asdict(bases.known(size).config), "world": asdict(bases.world_of(size, seed))}
    if any(record[name] != value for name, value in settings.items()):
        print(f"base {size} of seed {seed} was made with other settings; it is made again", flush=True)
        return False
    return True


def _train(jobs: list[tuple[str, int]], where: Path) -> None:
    total = sum(bases.known(size).steps for size, _ in jobs)
    memory = SharedMemory(create=True, size=8 * len(jobs))  # steps done so far, one number for each job
    pool = ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))
    try:
        with tqdm(total=total, unit="step", desc="bases", mininterval=1) as bar:
            waiting = {pool.submit(_one, *job, where, memory.name, place) for place, job in enumerate(jobs)}
            while waiting:
                finished, waiting = wait(waiting, LOOK, FIRST_COMPLETED)
                bar.update(_total(memory, len(jobs)) - bar.n)
                for run in finished:
                    _report(run, bar)
    except BaseException:  # Ctrl-C too: an executor would first work through all that waits
        pool.shutdown(wait=False, cancel_futures=True)
        for child in active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown()
        memory.close()
        memory.unlink()


def _steps(memory: SharedMemory) -> memoryview:
    """The shared numbers, as numbers."""
    assert memory.buf is not None  # it is open
    return memoryview(memory.buf).cast("q")


def _total(memory: SharedMemory, n: int) -> int:
    with _steps(memory) as steps:  # a view that stays open would keep the memory from being closed
        return sum(steps[:n])


def _report(run: "Future[str]", bar: tqdm) -> None:
    try:
        bar.write(run.result())
    except OSError as error:
        raise Refused(f"{error.args[-1]}; what is finished is kept") from None


def _one(size: str, seed: int, where: Path, progress: str, place: int) -> str:
    """Train and store one base; in a process of its own. Returns a line that says how it does."""
    one_thread()
    memory = SharedMemory(progress)
    try:
        with _steps(memory) as steps:
            base = bases.make(size, seed, lambda step, _loss: steps.__setitem__(place, step))
    finally:
        memory.close()
    bases.save(base, where)
    last = base.record["scores"][str(max(base.checkpoints))]
    shown = ", ".join(f"{split} {score:.0f}" for split, score in last.items())
    return f"{size} seed {seed}: {base.record['seconds']:.0f} s; right in %: {shown}"
