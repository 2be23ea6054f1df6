"""YAML that remembers its lines: a file read into a type, a wrong entry named by file, line and field."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Shape = TypeVar("Shape", bound=BaseModel)


class RegisterError(ValueError):
    """A wrong entry of the register; the message is one line and starts with file and line."""


def read(file: Path, shape: type[Shape]) -> tuple[Shape, yaml.Node | None]:
    """The file's content as `shape`, and its nodes, of which line_of asks the lines.

    Raises RegisterError with file, line, field and value of the first wrong entry.
    """
    data, nodes = _parse(file)
    try:
        return shape.model_validate(data), nodes
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]) or "the file"
        message = first["msg"].removeprefix("Value error, ")
        value = (
            ""
            if isinstance(first["input"], dict | list) or repr(first["input"]) in message
            else f", got {first['input']!r}"
        )
        raise RegisterError(f"{file.name}:{line_of(nodes, first['loc'])}: {field}: {message}{value}") from None


def _parse(file: Path) -> tuple[Any, yaml.Node | None]:
    try:
        content = file.read_bytes()
    except OSError as error:  # a folder of this name, a file that may not be read
        raise RegisterError(f"{file.name}:1: cannot be read: {error.strerror}") from None
    try:
        text = content.decode("utf-8")
        nodes = yaml.compose(text, Loader=yaml.SafeLoader)
        _sound(file, nodes)
        return yaml.safe_load(text), nodes
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RegisterError(f"{file.name}:{line}: not UTF-8") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise RegisterError(f"{file.name}:{line}: not valid YAML: the character #x{error.character:04x}") from None
    except RecursionError:
        raise RegisterError(f"{file.name}:1: nested too deeply") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = " ".join(str(getattr(error, "problem", error)).split())
        raise RegisterError(f"{file.name}:{line}: not valid YAML: {problem}") from None


def _sound(file: Path, node: yaml.Node | None, above: tuple = ()) -> None:
    """No entry has a key twice, or holds itself through an anchor."""
    if node in above:
        raise RegisterError(f"{file.name}:{line_of(node, ())}: an entry of the file holds itself")
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        for key, value in node.value:
            if keys.count(key.value) > 1:
                raise RegisterError(f"{file.name}:{key.start_mark.line + 1}: {key.value}: stands twice in one entry")
            _sound(file, value, (*above, node))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _sound(file, value, (*above, node))


def line_of(node: Any, path: tuple) -> int:
    """Line of the entry at `path`, or of the nearest one above it that exists."""
    line = node.start_mark.line + 1 if node else 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line
