"""Many runs, two at a time, each in a process with one thread, with a progress bar."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from joblib import Parallel, delayed
from tqdm.auto import tqdm

from crucible.train import one_thread

PROCESSES = 2


def _work(function: Callable[..., Any], arguments: tuple) -> Any:
    one_thread()
    return function(*arguments)


def sweep(function: Callable[..., Any], jobs: Iterable[tuple], label: str = "runs", processes: int = PROCESSES) -> list:
    """Call `function(*job)` for every job and return the results in the jobs' order.

    Each job gets one thread: a small model on two threads is slower than on one. joblib decides
    where the processes live, so inside `joblib.parallel_config(backend="dask")` the same sweep
    runs on a cluster. The result does not depend on `processes`.
    """
    todo = list(jobs)
    if not todo:
        raise ValueError("jobs is empty: a sweep needs at least one")
    results = Parallel(n_jobs=processes, return_as="generator")(delayed(_work)(function, job) for job in todo)
    hidden = os.environ.get("TQDM_DISABLE", "0") != "0"  # tqdm's notebook bar does not look there itself
    return list(tqdm(results, total=len(todo), desc=label, disable=hidden))
