"""What the contracts of several widgets' data say alike: texts, numbers, seeds, sizes, and a folded table."""

import json
import math
import numbers
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Seeds = Mapping[int, float]  # seed -> a share in %


def packed(who: str, data: dict[str, Any], limit: int) -> dict[str, Any]:
    """The data as the page gets it. ValueError in one line where it has more bytes of JSON than `limit`."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    if len(text.encode()) > limit:
        raise ValueError(f"{who}: it has {len(text.encode()):,} bytes of JSON; {limit:,} are allowed")
    return json.loads(text)


def is_number(value: Any) -> bool:
    """Is it a finite number, Python's or numpy's?"""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def is_whole(value: Any, least: int = 0) -> bool:
    """Is it a whole number of at least `least`?"""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and int(value) >= least


def wrong_text(where: str, value: Any, empty: bool = False) -> Iterator[str]:
    """A line where the value is no text, or an empty one and `empty` is not allowed."""
    if not isinstance(value, str) or not (value or empty):
        yield f"{where} is {value!r}; it must be a text"


def wrong_texts(where: str, values: Iterable[Any]) -> Iterator[str]:
    """Lines for names that are no texts."""
    for value in values:
        yield from wrong_text(where, value)


def wrong_share(where: str, value: Any) -> Iterator[str]:
    """A line where the value is no share."""
    if not (is_number(value) and 0 <= value <= 100):
        yield f"{where} is {value!r}; it must be a number from 0 to 100"


def wrong_seeds(where: str, found: Mapping[int, Any], seeds: Iterable[int]) -> Iterator[str]:
    """A line where there are no seeds, or others than `seeds`."""
    wanted = list(seeds)
    if not found or set(found) != set(wanted):
        yield f"{where} has the seeds {listed(found)}; they are {listed(wanted)}"
    for seed in found:
        if not is_whole(seed):
            yield f"{where} has the seed {seed!r}, which is no whole number"


def wrong_names(where: str, found: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """A line where the names are others than the known ones."""
    names, wanted = list(found), list(known)
    if set(names) != set(wanted):
        yield f"{where} has {listed(names)}; it must have {listed(wanted)}"


def rounded(values: Seeds, seeds: Iterable[int], decimals: int = 1) -> list[float]:
    """As they go to the page: in the order of `seeds`."""
    return [round(float(values[seed]), decimals) for seed in seeds]


def listed(values: Iterable[Any]) -> str:
    """As an error's line names them."""
    return ", ".join(map(str, values)) or "none"


def wrong_name(what: str, name: Any, longest: int) -> Iterator[str]:
    """A line if the name of `what` is no text, is empty, or has more than `longest` letters."""
    if not (isinstance(name, str) and name.strip()):
        yield f"{what} is {name!r}; it must be a text"
    elif len(name) > longest:
        yield f"{what} is {name!r} of {len(name)} letters; {longest} are allowed"


def folded_table(summary: str, head: Sequence[str], rows: Iterable[Sequence[str]], texts: int) -> str:
    """A table as Markdown, folded. texts: how many of the first columns hold text; numbers stand to the right."""
    rules = [["---"] * texts + ["--:"] * (len(head) - texts)]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in (head, *rules, *rows)]
    # The blank lines let Markdown read the table inside the HTML.
    return f"<details>\n<summary>{summary}</summary>\n\n" + "\n".join(lines) + "\n\n</details>"
