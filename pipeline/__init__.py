"""From the notebooks to the published site. Plumbing of the build only; readers on Colab never need it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"  # what may be thrown away, but saves time
SITE = ROOT / "_build" / "html"


class Refused(Exception):
    """Something the person at the keyboard can put right; shown as one line, without a traceback."""
