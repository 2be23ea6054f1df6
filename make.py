"""Build, test and look at the book. Standard library only: it runs before anything is installed.

    python3 make.py book     install if needed, run the notebooks, build _build/html
    python3 make.py --help   everything else

Written in Python that even old versions can read, so that they get one clear line.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
SUPPORTED = ((3, 11), (3, 12), (3, 13))
NEEDED_MB = 6000  # free disk that a fresh installation may need


def say(message):
    """One line on standard output, at once."""
    sys.stdout.write("make: {}\n".format(message))
    sys.stdout.flush()


def stop(message):
    """End with one line on standard error."""
    sys.stderr.write("make: {}\n".format(message))
    sys.exit(2)


def check_python():
    """This Python is one the book supports, and it can make environments."""
    if sys.version_info[:2] not in SUPPORTED:
        stop(
            "Python {}.{} is not supported, the book needs 3.11, 3.12 or 3.13 (make book PYTHON=python3.11)".format(
                *sys.version_info[:2]
            )
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        stop("this Python has no venv module; on Debian: apt-get install python3-venv")


def venv_python():
    """The Python inside the project's own environment."""
    return os.path.join(VENV, "Scripts" if os.name == "nt" else "bin", "python")


def install():
    """Create .venv from the lock, unless it is there and the lock has not changed."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("constraints.txt", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            # settings of linters and tests, in pyproject's [tool...] tables, need no new installation
            digest.update(file.read().partition(b"\n[tool.")[0])
    stamp = os.path.join(VENV, "installed")
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == digest.hexdigest():
                return
    free = shutil.disk_usage(ROOT).free // 10**6
    if free < NEEDED_MB and not os.path.exists(VENV):
        stop("{:,} MB of disk are free here, the installation may need {:,}".format(free, NEEDED_MB))
    started = time.time()
    say("installing the locked packages into .venv (once; 2 to 10 minutes)")
    subprocess.check_call([sys.executable, "-m", "venv", "--clear", VENV])
    pip = [venv_python(), "-m", "pip", "--disable-pip-version-check", "install", "--progress-bar", "off"]
    for arguments in (["torch"], ["-e", ".[book,grading,test]"]):  # torch first: it is the largest
        command = pip + ["-q", "-c", "constraints.txt"] + arguments
        if subprocess.call(command, cwd=ROOT):
            stop("the installation failed (see above); is the network up? run the same command again to go on")
    with open(stamp, "w") as file:
        file.write(digest.hexdigest())
    say("installed in {:.0f} s".format(time.time() - started))


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message):
        stop("{}; python3 make.py --help lists what there is".format(message))


def main():
    """Read the command line, install, and hand over to pipeline/ inside the environment."""
    commands = {
        "book": "run the notebooks and build the site into _build/html",
        "test": "everything that guards the project; needs a Chromium",
        "check": "lint, types and unit tests, in about a minute",
        "bench": "how fast the training loop is, beside transformers (--quick), or the model in the page (--page)",
        "serve": "show the built site at http://127.0.0.1:8000/ (--port)",
        "seeds": "run a chapter again on other seeds (--seeds 31,32,33 --chapter chapters/opening.ipynb)",
        "bases": "train the bases that chapters share; keeps what is there (--sizes 1x,8x --seeds 10,11)",
        "measure": "measure again what takes too long for a chapter, into measured/ (--only NAME; half an hour)",
        "exercises": "prove the exercises' checks and write the students' notebooks (build/exercises)",
        "mutants": "break each control of the widgets and see the tests fail (--only NAME; half an hour)",
        "resolve": "a dry run: do the dependencies fit together, on every Python and on Colab? (network)",
        "address": "set the repository's address everywhere it stands (--url https://...)",
    }
    parser = Parser(
        prog="make.py",
        description="Small Models, Big Claims: build and test the book.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join("  {:9s}{}".format(name, text) for name, text in commands.items()),
    )
    parser.add_argument("command", choices=sorted(commands) + ["help"], metavar="command")
    known, rest = parser.parse_known_args()
    if known.command == "help":
        parser.print_help()
        return 0
    check_python()
    install()
    environment = dict(os.environ)
    environment["PATH"] = os.path.dirname(venv_python()) + os.pathsep + environment["PATH"]
    environment["VIRTUAL_ENV"] = VENV
    try:
        return subprocess.call([venv_python(), "-m", "pipeline", known.command] + rest, cwd=ROOT, env=environment)
    except KeyboardInterrupt:
        return 130  # the command has said so itself


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        stop("interrupted; run the same command again")
