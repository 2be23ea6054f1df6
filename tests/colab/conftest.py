"""An environment with Colab's versions and this package as a wheel, and nothing else of the project.

It is made once and kept in .venv-colab until the list changes; the wheel is fresh each time.
Two things are not Colab's: torch is the build that the lock names, and Python is this one. CRUCIBLE_COLAB_PYTHON names
another Python, and then torch is Colab's, too: several GB with its CUDA (docs/where-it-runs.md).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".venv-colab"
OTHER_PYTHON = "CRUCIBLE_COLAB_PYTHON"


def pip(*arguments: str) -> None:
    """Install into the environment. A module is compiled when it is imported; most never are."""
    command = [PLACE / "bin" / "python", "-m", "pip", "install", "-q", "--no-compile", *arguments]
    subprocess.run(command, check=True, cwd=PLACE)


@pytest.fixture(scope="session")
def colab_versions() -> dict[str, str]:
    """Package -> version: Colab's published list, here with the lock's torch in place of its own."""
    published = dict(re.findall(r"^(\S+)==(\S+)$", Path(__file__).with_name("colab.txt").read_text(), re.MULTILINE))
    if OTHER_PYTHON in os.environ:
        return published
    torch = re.search(r"^torch==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    return published | {"torch": torch.group(1)}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """This package as a wheel, built now."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(build, check=True, env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="session")
def colab_python(wheel, colab_versions) -> Path:
    """Path of that environment's Python."""
    python = os.environ.get(OTHER_PYTHON, sys.executable)
    lines = [f"{name}=={version}" for name, version in colab_versions.items()]
    lines += ["notebook<7"]  # the last front end made for ipywidgets 7
    recipe = "\n".join([python, *lines])
    stamp = PLACE / "installed"
    if not (stamp.exists() and stamp.read_text() == recipe):
        subprocess.run([python, "-m", "venv", "--clear", PLACE], check=True)
        pip(*lines)
        stamp.write_text(recipe)
    pip("--force-reinstall", "--no-deps", str(wheel))
    pip(f"{wheel}[hub]")  # now what the wheel asks for; what is there stays as it is
    return PLACE / "bin" / "python"


@pytest.fixture
def without_package(colab_python, wheel):
    """The environment without this package, as Colab gives it out; it gets the package back afterwards."""
    subprocess.run([colab_python, "-m", "pip", "uninstall", "-q", "-y", "small-models-big-claims"], check=True)
    yield colab_python
    pip("--force-reinstall", "--no-deps", str(wheel))
