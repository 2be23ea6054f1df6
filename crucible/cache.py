"""Finished runs, kept on disk, so that an interrupted sweep goes on where it stopped.

One file for each run, named by its key (crucible.run_key). A file is written beside its place and moved there
when it is whole; its first line holds a checksum. CRUCIBLE_CACHE names the folder, or is "off".
`python -m crucible cache` shows the folder and its size, `--clear` empties it.
"""

import hashlib
import json
import os
import pickle
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

MARK = b"crucible run 1 "  # first words of every entry; the number changes with the form
OURS = re.compile(r"crucible-run-([0-9a-f]{64}\.pickle|[a-z0-9_]{8}\.part)")  # a .part is still being written
KEPT_DAYS = 60  # an entry that no sweep has asked for so long is removed: most code changes leave theirs behind
PART_HOURS = 1  # a .part as old as this was left by a process that was killed


def folder() -> Path | None:
    """Where finished runs are kept; None where CRUCIBLE_CACHE is "off"."""
    wish = os.environ.get("CRUCIBLE_CACHE", "").strip()
    if wish.lower() == "off":
        return None
    if wish:
        return Path(os.path.expanduser(wish)).absolute()
    if sys.platform == "win32":
        place = os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
    elif sys.platform == "darwin":
        place = os.path.expanduser("~/Library/Caches")
    else:
        place = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(place).absolute() / "small-models-big-claims"


def tell(message: str) -> None:
    """One line for the person who waits; while the book is built, for its log, so that no page shows it."""
    if os.environ.get("CRUCIBLE_CACHE_LOG"):
        _log({"message": message})
    else:
        tqdm.write(f"cache of runs: {message}", file=sys.stderr)


def count(runs: int, from_cache: int) -> None:
    """Tell the build, which reports run times, how many of a sweep's runs were not computed."""
    if os.environ.get("CRUCIBLE_CACHE_LOG"):
        _log({"runs": runs, "from_cache": from_cache})


def _log(entry: dict) -> None:
    with open(os.environ["CRUCIBLE_CACHE_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")


class Cache:
    """The finished runs in one folder. Trouble with the disk never ends a sweep: it is told once, in one line."""

    def __init__(self, place: Path | None):
        self.place = place
        self.usable = place is not None
        if place is None:
            return
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_old(place)
        except OSError as error:
            self._give_up(error)

    def load(self, key: str) -> Any:
        """The result of a finished run. KeyError if it is not here, or was damaged: then it is dropped."""
        file = self._file(key)
        try:
            content = file.read_bytes() if self.usable else None
            if content is None:
                raise KeyError(key)
            head, _, body = content.partition(b"\n")
            if head != MARK + hashlib.sha256(body).hexdigest().encode():
                raise ValueError("its checksum does not fit")
            result = pickle.loads(body)  # only what we wrote ourselves gets as far as this
            with suppress(OSError):
                os.utime(file)  # asked for today
            return result
        except (KeyError, FileNotFoundError):
            raise KeyError(key) from None
        except Exception as error:  # a class that is gone, a disk that fails: whatever it is, the run can be repeated
            tell(f"{file.name} is dropped and its run repeated: {_line(error)}")
            with suppress(OSError):
                file.unlink()
            raise KeyError(key) from None

    def save(self, key: str, result: Any) -> None:
        """Keep a finished run: wholly or not at all."""
        if not self.usable:
            return
        try:
            body = pickle.dumps(result, protocol=5)
        except Exception as error:  # pickle lets through whatever a class of anybody's raises
            self.usable = False
            return tell(f"results of this sweep cannot be kept: {_line(error)}")
        try:
            self._write(self._file(key), MARK + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        except OSError as error:
            self._give_up(error)

    def _write(self, file: Path, content: bytes) -> None:
        descriptor, name = tempfile.mkstemp(prefix="crucible-run-", suffix=".part", dir=file.parent)
        try:
            with open(descriptor, "wb") as part:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
            os.replace(name, file)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    def _file(self, key: str) -> Path:
        return (self.place or Path()) / f"crucible-run-{key}.pickle"

    def _give_up(self, error: OSError) -> None:
        self.usable = False
        tell(f"{self.place}: {error.strerror or error}; the sweep goes on, and its next results are not kept")


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def files(place: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Our own files in a folder, and nothing else that lies there."""
    try:
        found = sorted(place.iterdir())
    except FileNotFoundError:
        return
    for file in found:
        with suppress(FileNotFoundError):  # another sweep is moving its own
            if OURS.fullmatch(file.name) and file.is_file() and not file.is_symlink():
                yield file, file.stat()


def _remove_old(place: Path) -> None:
    now = time.time()
    for file, about in files(place):
        limit = PART_HOURS * 3600 if file.suffix == ".part" else KEPT_DAYS * 86400
        if now - about.st_mtime > limit:
            with suppress(OSError):
                file.unlink()


def size_text(place: Path) -> str:
    """Such as: 18 finished runs, 33.1 MB."""
    found = list(files(place))
    runs = sum(file.suffix == ".pickle" for file, _ in found)
    size = sum(about.st_size for _, about in found) / 10**6
    return f"{runs} finished run{'' if runs == 1 else 's'}, {size:.1f} MB"


def clear(place: Path) -> str:
    """Remove our own files from a folder; say what was removed."""
    text = size_text(place)
    for file, _ in files(place):
        file.unlink(missing_ok=True)
    return text
