"""Running the notebooks, once: for the test and for the book.

A notebook runs again only when something it depends on has changed: its code cells, the package,
the lock, the register, the bases, the stored measurements, the seeds. What is finished is kept after
each notebook, so an interrupted build goes on where it stopped.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import nbformat
import psutil
import yaml
from tqdm import tqdm

from crucible import cache
from pipeline import BUILD, ROOT, Refused, assignment

EXECUTED = BUILD / "executed"
LEDGER = BUILD / "ledger"
MANIFEST = BUILD / "manifest.json"
CELL_TIMEOUT = 600  # seconds
FIRST_GUESS = 90.0  # seconds a notebook is expected to take before it has ever run


@dataclass(frozen=True)
class Execution:
    """One finished run of one notebook."""

    key: str
    seconds: float
    peak_mib: float  # memory of the notebook's whole process tree
    runs_from_cache: int = 0  # training runs that were finished before: with any, `seconds` is no cold timing


def in_book(suffix: str = ".ipynb") -> list[str]:
    """Paths of the notebooks in _toc.yml, or of the pages in plain Markdown (".md"), in the book's order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    found = []

    def walk(entry):
        if isinstance(entry, dict):
            for name in ("root", "file"):
                if name in entry and (ROOT / f"{entry[name]}{suffix}").exists():
                    found.append(f"{entry[name]}{suffix}")
        for child in entry.values() if isinstance(entry, dict) else entry:
            if isinstance(child, dict | list):
                walk(child)

    walk(toc)
    return found


def as_published(path: str) -> nbformat.NotebookNode:
    """A notebook as the book runs and shows it; of an assignment the page, without its hidden tests.

    SOLUTIONS=off leaves the exercises' solutions out, for a course that is graded. Refused for another value.
    """
    if not path.startswith("exercises/"):
        return nbformat.read(ROOT / path, as_version=4)
    solutions = os.environ.get("SOLUTIONS", "on")
    if solutions not in ("on", "off"):
        raise Refused(f"SOLUTIONS={solutions} must be on or off")
    assignment.read(ROOT / path)  # its form is in order, or one line says what is wrong
    return assignment.page(ROOT / path, solutions == "on")


def key(path: str) -> str:
    """What a notebook's outputs depend on, as a hash."""
    digest = hashlib.sha256()
    for cell in as_published(path).cells:
        if cell.cell_type == "code":
            digest.update(cell.source.encode() + b"\0")
    package = sorted(file for file in (ROOT / "crucible").rglob("*") if file.suffix in {".py", ".js", ".css"})
    if not path.startswith("exercises/"):  # no chapter uses the exercises' part of the package
        package = [file for file in package if not file.is_relative_to(ROOT / "crucible" / "exercises")]
    data = [*(ROOT / "seeds").glob("*.yml"), *(ROOT / "measured").glob("*.json"), *(ROOT / "bases").glob("*.json")]
    for file in [*package, *sorted(data), ROOT / "constraints.txt"]:  # a base's record has the hash of its weights
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    digest.update(sys.version.encode() + os.environ.get("CRUCIBLE_SEEDS", "").encode())
    return digest.hexdigest()


def read_manifest() -> dict[str, Execution]:
    """What has been run. An unreadable manifest counts as empty."""
    try:
        return {path: Execution(**entry) for path, entry in json.loads(MANIFEST.read_text()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        print(f"{MANIFEST.relative_to(ROOT)} is damaged: every notebook runs again", file=sys.stderr)
        return {}


def _write_manifest(manifest: dict[str, Execution]) -> None:
    new = MANIFEST.with_suffix(".new")
    new.write_text(json.dumps({path: asdict(entry) for path, entry in manifest.items()}, indent=1))
    new.replace(MANIFEST)


def run_what_changed() -> dict[str, Execution]:
    """Run every notebook whose key has changed; return the manifest of all."""
    BUILD.mkdir(exist_ok=True)
    manifest = read_manifest()
    keys = {path: key(path) for path in in_book()}
    stale = [path for path in keys if path not in manifest or manifest[path].key != keys[path] or not _kept(path)]
    guesses = {path: manifest[path].seconds if path in manifest else FIRST_GUESS for path in stale}
    print(f"notebooks: {len(keys) - len(stale)} of {len(keys)} are up to date", end="")
    print(f"; running {len(stale)}, about {sum(guesses.values()):.0f} s" if stale else "", flush=True)
    for path in stale:
        seconds, peak, from_cache = execute(path, EXECUTED / path, LEDGER / path, guesses[path])
        manifest[path] = Execution(keys[path], round(seconds, 1), round(peak), from_cache)
        _write_manifest(manifest)
    manifest = {path: manifest[path] for path in keys}
    _write_manifest(manifest)
    return manifest


def _kept(path: str) -> bool:
    return (EXECUTED / path).exists() and (LEDGER / path).is_dir()


def execute(
    path: str, target: Path, ledger_folder: Path, guess: float, cell_timeout: int = CELL_TIMEOUT
) -> tuple[float, float, int]:
    """Run one notebook with nbmake; on success its copy lands at `target`, its measurements in `ledger_folder`.

    guess: seconds it may take, for the bar. cell_timeout: seconds after which a single cell is given up.

    Returns (seconds, peak memory in MiB, training runs that the cache had). Refused, with the end of
    nbmake's report, if a cell fails; the runs that it finished are in the cache.
    """
    work = BUILD / "running" / path
    shutil.rmtree(BUILD / "running", ignore_errors=True)
    work.parent.mkdir(parents=True)
    nbformat.write(as_published(path), work)
    measurements = BUILD / "running" / "ledger"  # the old ones stay until this run is through
    measurements.mkdir()
    log = BUILD / "log" / f"{Path(path).stem}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    # The build shows its own bar; a bar inside the notebook would stay in the page.
    runs = BUILD / "running" / "cache.jsonl"
    environment = os.environ | {
        "CRUCIBLE_LEDGER_DIR": str(measurements),
        "CRUCIBLE_CACHE": str(cache.folder() or "off"),  # absolute: the notebook runs in a folder of its own
        "CRUCIBLE_CACHE_LOG": str(runs),
        "TQDM_DISABLE": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(work.parent)]
    command += ["--nbmake", "--overwrite", f"--nbmake-timeout={cell_timeout}", str(work)]
    started = time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=work.parent, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            peak = _watch(process, path, guess)
        except BaseException:
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
            process.kill()
            raise
    seconds = time.perf_counter() - started
    from_cache = _cache_report(path, runs)
    if process.returncode:
        report = "\n".join(log.read_text().splitlines()[-40:])
        raise Refused(f"{path} failed after {seconds:.0f} s:\n{report}\n(all of it: {log.relative_to(ROOT)})")
    for folder in (target.parent, ledger_folder.parent):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(ledger_folder, ignore_errors=True)
    measurements.replace(ledger_folder)
    work.replace(target)
    return seconds, peak, from_cache


def _cache_report(path: str, log: Path) -> int:
    """Say what the notebook's sweeps reported about the cache; return how many runs came from there."""
    entries = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    for entry in entries:
        if "message" in entry:
            print(f"{path}: cache of runs: {entry['message']}", file=sys.stderr)
    from_cache, all_runs = (sum(entry.get(name, 0) for entry in entries) for name in ("from_cache", "runs"))
    if from_cache:
        print(f"{path}: {from_cache} of {all_runs} training runs came from the cache", flush=True)
    return from_cache


def _watch(process: subprocess.Popen, path: str, guess: float) -> float:
    """Show a bar until the process ends; return the highest memory of its tree, in MiB."""
    peak, started = 0.0, time.perf_counter()
    every = 0.5 if sys.stderr.isatty() else 15  # a log wants few lines
    style = "{desc}: {percentage:3.0f}%|{bar:24}| {n:.0f} of about {total:.0f} s"
    with tqdm(total=guess, desc=path, mininterval=every, bar_format=style) as bar:
        while process.poll() is None:
            peak = max(peak, _tree_memory(process.pid))
            elapsed = time.perf_counter() - started
            bar.total = max(guess, elapsed)
            bar.update(elapsed - bar.n)
            time.sleep(0.5)
    return peak


def _tree_memory(pid: int) -> float:
    """Resident memory of a process and all below it, in MiB; shared pages are counted once where the system says."""
    total = 0
    try:
        tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for process in tree:
        try:
            memory = process.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
        except psutil.Error:
            continue
    return total / 2**20


def run_times(manifest: dict[str, Execution]) -> dict:
    """The content of run-times.json."""
    return {
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
            "system": platform.platform(),
            "python": platform.python_version(),
            "torch": metadata.version("torch"),
        },
        "notebooks": [
            {
                "path": path,
                "seconds": entry.seconds,
                "peak_mib": entry.peak_mib,
                "runs_from_cache": entry.runs_from_cache,  # of earlier builds; with any, no cold timing
            }
            for path, entry in manifest.items()
        ],
    }
