"""Many runs, two at a time, each in a process with one thread, with a progress bar; finished ones are kept on disk."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from joblib import Parallel, delayed
from tqdm.auto import tqdm

from crucible import cache, run_key
from crucible.train import one_thread

PROCESSES = 2


def _work(function: Callable[..., Any], place: int, arguments: tuple) -> tuple[int, Any]:
    one_thread()
    return place, function(*arguments)


def sweep(function: Callable[..., Any], jobs: Iterable[tuple], label: str = "runs", processes: int = PROCESSES) -> list:
    """Call `function(*job)` for every job and return the results in the jobs' order.

    Each job gets one thread: a small model on two threads is slower than on one. joblib decides
    where the processes live, so inside `joblib.parallel_config(backend="dask")` the same sweep
    runs on a cluster. The result does not depend on `processes`.

    A finished run is kept on disk and not computed again until its code, its arguments, a value it
    uses, the course package or a version changes (crucible.cache; CRUCIBLE_CACHE=off keeps none).
    """
    todo = list(jobs)
    if not todo:
        raise ValueError("jobs is empty: a sweep needs at least one")
    store = cache.Cache(cache.folder())
    keys = _keys(function, todo, label) if store.usable else []
    results: dict[int, Any] = {}
    for place, key in enumerate(keys):
        with suppress(KeyError):
            results[place] = store.load(key)
    cache.count(len(todo), len(results))
    left = [place for place in range(len(todo)) if place not in results]
    # In the order of their ends: what is finished is kept at once, also while an earlier job still runs.
    runs = Parallel(n_jobs=processes, return_as="generator_unordered")(
        delayed(_work)(function, place, todo[place]) for place in left
    )
    title = f"{label} ({len(results)} of {len(todo)} from the cache)" if results else label
    hidden = os.environ.get("TQDM_DISABLE", "0") != "0"  # tqdm's notebook bar does not look there itself
    with tqdm(total=len(todo), initial=len(results), desc=title, disable=hidden) as bar:
        for place, result in runs:
            if keys:
                store.save(keys[place], result)
            results[place] = result
            bar.update()
    return [results[place] for place in range(len(todo))]


def _keys(function: Callable[..., Any], jobs: list[tuple], label: str) -> list[str]:
    """The jobs' keys; none, and one line that says why, where something they depend on has no key."""
    try:
        return list(run_key.keys(function, jobs))
    except run_key.NoKey as error:
        cache.tell(f"{label} are not kept: {error}")
        return []
