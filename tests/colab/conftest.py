"""An environment with Colab's versions and this package as a wheel, and nothing else of the project.

It is made once and kept in .venv-colab until colab.txt changes; the wheel is fresh each time.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".venv-colab"
LIST = Path(__file__).with_name("colab.txt")


def _pip(*arguments: str) -> None:
    subprocess.run([PLACE / "bin" / "python", "-m", "pip", "install", "-q", *arguments], check=True, cwd=PLACE)


@pytest.fixture(scope="session")
def colab_python(tmp_path_factory) -> Path:
    """Path of that environment's Python."""
    stamp = PLACE / "installed"
    if not (stamp.exists() and stamp.read_text() == LIST.read_text()):
        subprocess.run([sys.executable, "-m", "venv", "--clear", PLACE], check=True)
        # notebook 6 is the last front end made for ipywidgets 7; nbclient runs a notebook without one
        _pip("-r", str(LIST), "notebook<7", "nbclient")
        stamp.write_text(LIST.read_text())
    wheels = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(wheels), str(ROOT)]
    subprocess.run(build, check=True, env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    _pip("--force-reinstall", "--no-deps", *map(str, wheels.glob("*.whl")))
    _pip(*map(str, wheels.glob("*.whl")))  # now what the wheel asks for; what is there stays as it is
    return PLACE / "bin" / "python"
