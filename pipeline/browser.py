"""The Chromium on this machine, for the tests of the pages."""

import os
import shutil

from pipeline import Refused

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find() -> str:
    """Path of a Chromium: CHROMIUM if set, else the first one on the PATH. Refused in one line if there is none."""
    wished = os.environ.get("CHROMIUM")
    found = shutil.which(wished) if wished else next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        what = (
            f"CHROMIUM={wished!r} is no program" if wished else "the page tests need a Chromium and none is installed"
        )
        raise Refused(f"{what}; on Debian: apt-get install chromium, elsewhere set CHROMIUM=/path/to/it")
    return found
