"""What widgets ask of their data: numbers, names that fit on a phone, and the table that stands beside them."""

import math
import numbers
from collections.abc import Iterable, Iterator, Sequence
from typing import Any


def is_number(value: Any) -> bool:
    """A finite real number, also of numpy; True and False are none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def is_whole(value: Any) -> bool:
    """A whole number, also of numpy; True and False are none."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def listed(values: Iterable) -> str:
    """The values in one line."""
    return ", ".join(map(str, values))


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
