"""Measurements that take longer than a chapter may: made once by `make measure`, kept with the book, read by chapters.

The function that measures stands in the chapter, where a reader can see it and run it; a file in measured/ holds what
it returned for each of its jobs. A job that no file holds (another seed, say) is run, and so is every job once the
function is another one than the file was made by.
"""

import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from crucible import run_key
from crucible.sweep import sweep

FORM = 1  # of the files; a file with another number is another version's
JUMP = 5  # points; more than this between two runs of one job is worth a word


class MeasuredError(ValueError):
    """A file of measurements is damaged, or made by other code. The message is one line."""


def folder() -> Path:
    """Where the files are: in the repository, or inside the installed package."""
    here = Path(__file__).parent
    repository = here.parent / "measured"
    return repository if repository.is_dir() else here / "stored_measurements"


def runs(
    name: str,
    function: Callable[..., Any],
    jobs: Iterable[tuple],
    label: str | None = None,
    elsewhere: Iterable[tuple] = (),
) -> dict[tuple, Any]:
    """Job -> what `function(*job)` returned, in the jobs' order: from measured/NAME.json, or measured now.

    function: returns plain data (JSON). jobs: tuples of plain values. label: stands beside the progress bar.
    elsewhere: jobs on other seeds, for a look afterwards. They are read where the file holds them and left out where
        not, since the bases they start from are not kept with the book.

    With CRUCIBLE_MEASURE=NAME every job is run and the file written; of `elsewhere` what this very function measured
    before is kept. MeasuredError, while the book is built, if the file does not fit the function: it must be made
    again; elsewhere one line says so, and the jobs are run.
    """
    todo = list(jobs)
    others = [job for job in elsewhere if job not in todo]
    path = folder() / f"{name}.json"
    code = run_key.code_key(function)
    if os.environ.get("CRUCIBLE_MEASURE") == name:
        known = _stored(path, code)
        todo += [job for job in others if _key(job) not in known]
        found = dict(zip(todo, sweep(function, todo, label or name), strict=True))
        found |= {job: known[_key(job)] for job in others if job not in found}
        _write(path, name, code, found)
        return found
    known = {}
    if path.exists():
        stored = _read(path)
        if _comparable(stored["made_with"]) and stored["code"] != code:
            complaint = f"{path.name} was made by another {function.__name__}(): python make.py measure --only {name}"
            if os.environ.get("CRUCIBLE_LEDGER_DIR"):
                raise MeasuredError(complaint)
            print(f"{complaint}; running it here", file=sys.stderr)
        else:
            known = {_key(run["job"]): run["result"] for run in stored["runs"]}
    missing = [job for job in todo if _key(job) not in known]
    if missing:
        for job, result in zip(missing, sweep(function, missing, label or name), strict=True):
            known[_key(job)] = json.loads(json.dumps(result))  # as it would come from the file
    return {job: known[_key(job)] for job in (*todo, *others) if _key(job) in known}


def _stored(path: Path, code: str) -> dict[str, Any]:
    """Key of a job -> result, of a file that this code made; nothing where there is no such file."""
    try:
        stored = _read(path)
    except MeasuredError:  # about to be made again
        return {}
    return {_key(run["job"]): run["result"] for run in stored["runs"]} if stored["code"] == code else {}


def agreement(stored: Mapping[Any, Mapping], again: Mapping[Any, Mapping], what: str) -> str:
    """How far jobs that were run again here lie from what was stored, as Markdown of one paragraph.

    stored, again: job -> {name: score in %}. what: what one job made, in the plural. A difference of more than JUMP
    points is named, and the only thing that can have caused it.
    """
    apart = {
        (job, name): abs(score - stored[job][name]) for job, scores in again.items() for name, score in scores.items()
    }
    furthest = max(apart, key=apart.__getitem__)
    said = (
        f"{len(again)} {what} trained again: on {len(apart)} scores "
        f"the largest difference from the stored ones is {apart[furthest]:.1f} points, "
        f"the middle one {statistics.median(apart.values()):.1f}."
    )
    if apart[furthest] <= JUMP:
        return said
    job, name = furthest
    where = job if isinstance(job, str) else ", ".join(str(part) for part in job)
    return (
        f"{said} That is {name} of {where}. "
        "Seeds and settings are the same, so only rounding can differ: another processor, or another version of our "
        "training loop, adds up in another order. Training magnifies it, most of all near a jump."
    )


def _comparable(made_with: dict[str, str]) -> bool:
    """Was the file made here, as far as compiled code goes? Another Python compiles to other code."""
    minor = [text.split(".")[:2] for text in (made_with["python"], platform.python_version())]
    return minor[0] == minor[1] and made_with["torch"] == torch.__version__


def _key(job: Iterable) -> str:
    return json.dumps(list(job))


def _read(path: Path) -> dict[str, Any]:
    again = f"make it again: python make.py measure --only {path.stem}"
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        raise MeasuredError(f"{path.name} is damaged; {again}") from None
    if not isinstance(stored, dict) or stored.get("form") != FORM:
        form = stored.get("form") if isinstance(stored, dict) else None
        raise MeasuredError(f"{path.name} has form {form!r}, this version of the course reads form {FORM}; {again}")
    if not all(field in stored for field in ("code", "made_with", "runs")):
        raise MeasuredError(f"{path.name} is not whole; {again}")
    return stored


def _write(path: Path, name: str, code: str, found: dict[tuple, Any]) -> None:
    """One run a line, so that a change of one is one line in git."""
    made_with = {"python": platform.python_version(), "torch": torch.__version__, "machine": platform.machine()}
    head = {"form": FORM, "name": name, "code": code, "made_with": made_with}
    lines = [json.dumps({"job": list(job), "result": result}) for job, result in found.items()]
    text = json.dumps(head)[:-1] + ', "runs": [\n' + ",\n".join(lines) + "\n]}\n"
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OSError(error.errno, f"{path.name} could not be written: {error.strerror}") from None
