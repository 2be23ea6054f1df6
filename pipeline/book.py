"""make book: run what changed, judge it against the register, build the site from the executed copies."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import nbformat
import yaml

from crucible import ledger, register
from crucible.published import publish, schema_text
from pipeline import BUILD, ROOT, SITE, Refused, assignment, exercises
from pipeline.notebooks import EXECUTED, LEDGER, as_published, in_book, run_times, run_what_changed

STAGE = BUILD / "stage"
STAMP = BUILD / "site-is-of"
PAGES = ("_config.yml", "_toc.yml", "references.bib", "_ext")  # and the pages that _toc.yml names


def make() -> None:
    """Build _build/html. Refused, in one line, when something is wrong; the last good site stays."""
    started = time.perf_counter()
    try:
        book = register.load()
    except register.RegisterError as error:
        raise Refused(str(error)) from None
    manifest = run_what_changed()
    outcomes = measured(manifest, book)
    complete(book, outcomes, manifest)
    compare(book, outcomes)
    published = publish(book, outcomes).model_dump_json(indent=1)
    stage(manifest)
    (STAGE / "ledger.json").write_text(published)
    content = _digest(STAGE)
    if STAMP.exists() and STAMP.read_text() == content and SITE.exists():
        print("site: nothing has changed")
    else:
        build_site()
        for path in assignment.paths():
            exercises.release(assignment.read(path), SITE / "exercises" / path.stem)
    for name, text in (
        ("ledger.json", published),
        ("ledger.schema.json", schema_text()),
        ("run-times.json", json.dumps(run_times(manifest), indent=1)),
    ):
        (SITE / name).write_text(text + "\n")
    STAMP.write_text(content)
    print(f"done in {time.perf_counter() - started:.0f} s: open {SITE.relative_to(ROOT)}/index.html, or run make serve")


def measured(manifest: dict, book: register.Register) -> dict[str, ledger.Outcome]:
    """The outcomes that the executed notebooks left behind."""
    outcomes: dict[str, ledger.Outcome] = {}
    for path in manifest:
        if (LEDGER / path).is_dir():
            outcomes |= ledger.recorded(LEDGER / path, book)
    return outcomes


def complete(book: register.Register, outcomes: dict[str, ledger.Outcome], manifest: dict) -> None:
    """An experiment whose chapter ran must have handed over its measurements."""
    for experiment in book.experiments.values():
        if f"{experiment.chapter}.ipynb" in manifest and experiment.id not in outcomes:
            raise Refused(f"{experiment.chapter}.ipynb ran and handed over no measurements of {experiment.id}")


def compare(book: register.Register, outcomes: dict[str, ledger.Outcome]) -> None:
    """A measured verdict other than the recorded one fails a build of the locked environment."""
    lines = ledger.disagreements(book, outcomes)
    if not lines:
        return
    text = "; ".join(lines)
    if locked():
        raise Refused(text + " (if the measurement is right, record its verdict in seeds/)")
    print(f"not the locked environment or other seeds, so only noted: {text}")


def locked() -> bool:
    """Is this the environment and the seeds for which the verdicts are recorded?"""
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    same = all(metadata.version(name).partition("+")[0] == pinned[name] for name in ("torch", "numpy", "scipy"))
    return same and sys.version_info[:2] == (3, 11) and not os.environ.get("CRUCIBLE_SEEDS")


def stage(manifest: dict) -> None:
    """Lay out the book's source with the executed notebooks: today's text, the run's outputs."""
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir(parents=True)
    for name in (*PAGES, *in_book(".md")):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, STAGE / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (STAGE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, STAGE / name)
    _leave_out_unset_address(STAGE / "_config.yml")
    for path in manifest:
        notebook = as_published(path)
        executed = nbformat.read(EXECUTED / path, as_version=4)
        outputs = iter([cell for cell in executed.cells if cell.cell_type == "code"])
        for cell in notebook.cells:
            if cell.cell_type == "code":
                ran = next(outputs)
                cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        if "widgets" in executed.metadata:
            notebook.metadata.widgets = executed.metadata.widgets
        (STAGE / path).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, STAGE / path)


def _leave_out_unset_address(config_file: Path) -> None:
    """Without the repository's address there is no launch button, and the theme must not look for one."""
    config = yaml.safe_load(config_file.read_text())
    if not config["repository"]["url"]:
        del config["repository"], config["launch_buttons"]
        config_file.write_text(yaml.safe_dump(config, allow_unicode=True))


def build_site() -> None:
    """Sphinx, through jupyter-book, in a clean folder; the result replaces the old site when it is whole."""
    print("site: building the pages", flush=True)
    output = BUILD / "site"
    shutil.rmtree(output, ignore_errors=True)  # an incremental build does not repeat its warnings
    STAMP.unlink(missing_ok=True)
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(STAGE), "--path-output", str(output)]
    command += ["-W", "-n", "--keep-going", "-q"]
    log = BUILD / "log" / "site.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        failed = subprocess.call(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
    if failed:
        lines = re.sub(r"\x1b\[[\d;]*m", "", log.read_text()).splitlines()  # Sphinx colours its warnings
        wrong = [line for line in lines if "WARNING" in line or "rror" in line]
        raise Refused("the pages did not build:\n" + "\n".join(wrong[:20]) + f"\n(all of it: {log.relative_to(ROOT)})")
    shutil.rmtree(SITE, ignore_errors=True)
    SITE.parent.mkdir(exist_ok=True)
    shutil.move(output / "_build" / "html", SITE)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
