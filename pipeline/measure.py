"""make measure: the measurements that chapters read from measured/, made by the chapters' own code."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from pipeline import ROOT, Refused
from pipeline.notebooks import in_book

CALL = re.compile(r'measured\.runs\(\s*"([^"]+)"')


def found() -> dict[str, str]:
    """Name of a file in measured/ -> the notebook that measures it."""
    names: dict[str, str] = {}
    for path in in_book():
        for cell in nbformat.read(ROOT / path, as_version=4).cells:
            for name in CALL.findall(cell.source) if cell.cell_type == "code" else ():
                if names.setdefault(name, path) != path:
                    raise Refused(f"{path} and {names[name]} both measure {name!r}; a name belongs to one chapter")
    return names


def run(only: str | None = None) -> None:
    """Make the files again, or the one named. A killed command goes on where it stopped: finished runs are cached."""
    names = found()
    if only and only not in names:
        raise Refused(f"--only {only}: no chapter measures that; there are {', '.join(names) or 'none'}")
    for name in [only] if only else names:
        _measure(name, names[name])


def _measure(name: str, path: str) -> None:
    """Run the chapter's code as far as its measurement, in a terminal's IPython, so that its progress bar is seen."""
    target = ROOT / "measured" / f"{name}.json"
    notebook = nbformat.read(ROOT / path, as_version=4)
    last = max(i for i, cell in enumerate(notebook.cells) if name in CALL.findall(cell.source))
    notebook.cells = [cell for cell in notebook.cells[: last + 1] if cell.cell_type == "code"]
    print(f"{name}: as {path} measures it", flush=True)
    started = time.time()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "measure.ipynb"
        nbformat.write(notebook, file)
        command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", str(file)]
        environment = os.environ | {"CRUCIBLE_MEASURE": name}
        environment.pop("CRUCIBLE_LEDGER_DIR", None)
        code = subprocess.call(command, cwd=ROOT, env=environment)
    if code or not target.exists() or target.stat().st_mtime < started:
        raise Refused(f"{name} was not measured (see above); finished runs are kept, run the same command again")
    print(
        f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB, {time.time() - started:.0f} s", flush=True
    )
