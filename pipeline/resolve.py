"""make resolve: do the dependencies fit together, on every supported Python and beside what Colab has installed?

A dry run of uv: it reads the packages' metadata over the network and installs nothing, so it can ask for Pythons
that are not on this machine. Only ready-made packages count; one that a reader would have to compile is a failure.
"""

import re
import subprocess
import sys
import time
import tomllib

from pipeline import ROOT, Refused

PYTHONS = ("3.11", "3.12", "3.13")  # 3.11 stands for 3.11.0: some systems keep an early one
COLAB_LIST = "tests/colab/colab.txt"


def cases() -> list[tuple[str, str, list[str]]]:
    """What is resolved: (its name, the Python, what uv is asked for)."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    found: list[tuple[str, str, list[str]]] = []
    for python in PYTHONS:
        found.append(("package", python, []))
        found += [(f"package[{extra}]", python, ["--extra", extra]) for extra in extras]
        found.append(("everything as the lock has it", python, ["--all-extras", "--constraints", "constraints.txt"]))
    python = colab_python()
    found.append(("package beside Colab's list", python, [COLAB_LIST]))
    found.append(("package[hub] beside Colab's list", python, [COLAB_LIST, "--extra", "hub"]))
    return found


def colab_python() -> str:
    """Colab's Python, as the head of its list says."""
    found = re.search(r"^# python (\d+\.\d+)", (ROOT / COLAB_LIST).read_text(), re.MULTILINE)
    if not found:
        raise Refused(f"{COLAB_LIST} has no line like '# python 3.13'")
    return found.group(1)


def run() -> None:
    """Resolve every case and say how many packages it takes; Refused if one does not work out."""
    failed = []
    for name, python, asked in cases():
        started = time.perf_counter()
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
        command += ["--only-binary", ":all:", "--python-version", python, "pyproject.toml", *asked]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        seconds = time.perf_counter() - started
        if done.returncode:
            failed.append(f"{name} on Python {python}")
            print(f"{python}  {name}: does not resolve\n{done.stderr.rstrip()}", flush=True)
        else:
            packages = sum("==" in line for line in done.stdout.splitlines())
            print(f"{python}  {name}: {packages} packages, {seconds:.0f} s", flush=True)
    if failed:
        raise Refused(f"{len(failed)} of {len(cases())} do not resolve (see above): {'; '.join(failed)}")
    print(f"all {len(cases())} resolve; nothing was installed")
