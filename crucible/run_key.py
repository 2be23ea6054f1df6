"""The key of a run: everything its result depends on as one hash, the same in another process and another session.

A function of this package is named; the package's whole source is in every key. Any other function (one of
a notebook's cell, say) is taken apart: its compiled code, and the values of all names it uses. What has no
lasting value gets no key, and crucible.cache then keeps nothing. Decision 0011 says what a key does not see.
"""

import builtins
import copyreg
import dis
import functools
import hashlib
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

# What Python itself adds to a class, and what only describes it.
NOT_OF_A_CLASS = {
    "__abstractmethods__",
    "__annotate__",
    "__annotate_func__",
    "__annotations__",
    "__annotations_cache__",
    "__dataclass_fields__",
    "__dict__",
    "__doc__",
    "__firstlineno__",
    "__module__",
    "__static_attributes__",
    "__weakref__",
    "_abc_impl",
}


class NoKey(ValueError):
    """This cannot be keyed; the message is one line and names what, and where it is used."""


def _add(digest, *parts: bytes) -> None:
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)


def package_source(folder: Path | None = None) -> str:
    """A hash of the package's .py files, by name and content; no run can use the exercises, so they do not count."""
    folder = folder or Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        if not file.is_relative_to(folder / "exercises"):
            _add(digest, file.relative_to(folder).as_posix().encode(), file.read_bytes())
    return digest.hexdigest()


SOURCE = package_source()  # as it was imported: this is what runs


def function_key(function: Callable[..., Any]) -> str:
    """The key of a function. NoKey if one of the values it uses has none, or the package changed under us."""
    if package_source() != SOURCE:
        raise NoKey("the course package has changed on disk since it was imported; restart Python to keep runs again")
    walk = _Walk()
    walk.words("run", sys.version_info[:2], torch.__version__, np.__version__, SOURCE)
    walk.whole(function, getattr(function, "__name__", "the function"))
    return walk.digest.hexdigest()


def code_key(function: Callable[..., Any]) -> str:
    """The key of a function's own code and the values it uses, whatever the package and the versions are."""
    walk = _Walk()
    walk.whole(function, getattr(function, "__name__", "the function"))
    return walk.digest.hexdigest()


def keys(function: Callable[..., Any], jobs: list[tuple]) -> list[str]:
    """The key of each call function(*job). NoKey at the first thing that has none."""
    of_function = function_key(function)
    found = []
    for place, job in enumerate(jobs):
        walk = _Walk()
        walk.words(of_function)
        walk.whole(job, f"job {place}")
        found.append(walk.digest.hexdigest())
    return found


def _version(module: str) -> str | None:
    """How a module's content is pinned: by Python's version, the package's source, an installed version; else None."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == __package__:
        return ""
    if top == "__main__":
        return None
    found = sys.modules.get(top)
    installed = {"site-packages", "dist-packages"} & set(Path(getattr(found, "__file__", None) or "").parts)
    return getattr(found, "__version__", None) if installed else None


def _globals_used(code: types.CodeType) -> set[str]:
    """Names that a piece of code, or one inside it, looks up in its module."""
    names = {
        step.argval
        for step in dis.get_instructions(code)
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
    }
    return names.union(*(_globals_used(part) for part in code.co_consts if isinstance(part, types.CodeType)))


class _Walk:
    """Feeds a value into a hash, part by part. Nothing that differs between sessions: no ids, paths or line numbers."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.met: dict[int, int] = {}  # where we are inside, and all functions and classes: they may hold themselves
        self.steps = 0
        self.alive: list[Any] = []  # what stays in `met` must not hand its id on to another value

    def whole(self, value: Any, name: str) -> None:
        try:
            self.value(value)
        except NoKey as error:
            raise NoKey(f"{name}: {error}") from None
        except (AttributeError, TypeError, ValueError, RecursionError) as error:  # no odd object may end a sweep
            raise NoKey(f"{name} cannot be taken apart ({type(error).__name__})") from None

    def words(self, *words: object) -> None:
        _add(
            self.digest, *(word if isinstance(word, bytes) else str(word).encode("utf-8", "replace") for word in words)
        )

    def value(self, value: Any) -> None:
        kind = type(value)
        if value is None or kind in (bool, int, float, complex, range, types.EllipsisType):
            self.words(kind.__name__, repr(value))
        elif kind is str:
            self.words("str", value.encode("utf-8", "surrogatepass"))
        elif kind in (bytes, bytearray):
            self.words(kind.__name__, bytes(value))
        elif kind in (set, frozenset):
            self.words(kind.__name__, *sorted(_hash_of(one) for one in value))  # a set has no order
        elif isinstance(value, torch.Tensor):
            self.tensor(value)
        elif kind is types.CodeType:
            self.code(value)
        elif kind is types.ModuleType:
            self.named("module", value.__name__, "")
        elif id(value) in self.met:
            self.words("met", self.met[id(value)])
        else:
            self.met[id(value)] = self.steps
            self.steps += 1
            self.compound(value)
            if isinstance(value, type | types.FunctionType):
                self.alive.append(value)
            else:  # two equal lists and one list twice are the same
                del self.met[id(value)]

    def compound(self, value: Any) -> None:
        """What may hold other values, itself among them."""
        kind = type(value)
        if kind in (tuple, list):
            self.words(kind.__name__, len(value))
            for one in value:
                self.value(one)
        elif kind in (dict, types.MappingProxyType):
            self.words("dict", len(value))
            for name, one in value.items():
                self.value(name)
                self.value(one)
        elif kind is types.FunctionType:
            self.function(value)
        elif isinstance(value, type):
            self.class_(value)
        elif kind is property:
            self.words("property")
            self.value((value.fget, value.fset, value.fdel))
        elif kind in (staticmethod, classmethod):
            self.words(kind.__name__)
            self.value(value.__func__)
        elif kind is functools.cached_property:
            self.words("cached_property")
            self.value(value.func)
        elif kind is functools._lru_cache_wrapper:
            self.words("lru_cache")
            self.value(value.__wrapped__)
        elif kind is types.CellType:
            self.cell(value)
        elif kind in (types.GetSetDescriptorType, types.MemberDescriptorType):
            self.words("slot", value.__name__)
        else:
            self.instance(value)

    def named(self, what: str, module: str, name: str) -> None:
        version = _version(module)
        if version is None:
            raise NoKey(f"{what} {f'{module}.{name}'.rstrip('.')} is neither of the course nor of an installed package")
        self.words(what, module, name, version)

    def is_named(self, value: Any) -> bool:
        """Is this very function or class found under its name, in a version we know? (A wrapper only borrows it.)"""
        if _version(value.__module__ or "") is None:
            return False
        found: Any = sys.modules.get(value.__module__)
        for name in value.__qualname__.split("."):
            found = getattr(found, name, None)
        return found is value

    def tensor(self, value: torch.Tensor) -> None:
        try:
            data = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        except (RuntimeError, TypeError) as error:
            raise NoKey(f"a tensor cannot be read: {str(error).splitlines()[0]}") from None
        self.words("tensor", type(value).__qualname__, value.dtype, tuple(value.shape), value.requires_grad, data)

    def code(self, code: types.CodeType) -> None:
        """The compiled code rather than the text: it is what runs, and a comment does not change it."""
        self.words("code", code.co_code, code.co_exceptiontable, code.co_flags)
        self.words(code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
        for names in (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars):
            self.words(len(names), *names)
        self.words(len(code.co_consts))
        for constant in code.co_consts:
            self.value(constant)

    def function(self, function: types.FunctionType) -> None:
        if self.is_named(function):
            return self.named("function", function.__module__, function.__qualname__)
        self.code(function.__code__)
        self.value((function.__defaults__, function.__kwdefaults__, function.__closure__))
        self.value(dict(sorted(vars(function).items())))
        for name in sorted(_globals_used(function.__code__)):
            self.words("global", name)
            if name in function.__globals__:
                self.whole(function.__globals__[name], repr(name))
            elif not hasattr(builtins, name):
                self.words("unset")

    def class_(self, class_: type) -> None:
        if self.is_named(class_):
            return self.named("class", class_.__module__, class_.__qualname__)
        self.words("class", class_.__qualname__)
        self.value((type(class_), class_.__bases__))
        for name in sorted(vars(class_).keys() - NOT_OF_A_CLASS):
            self.words("of the class", name)
            self.whole(vars(class_)[name], f"{class_.__qualname__}.{name}")

    def cell(self, cell: types.CellType) -> None:
        try:
            content = cell.cell_contents
        except ValueError:
            return self.words("empty")
        self.words("cell")
        self.value(content)

    def instance(self, value: Any) -> None:
        """Anything else, in the parts from which pickle would build it again."""
        kind = type(value)
        reduce = copyreg.dispatch_table.get(kind)
        try:
            parts = reduce(value) if reduce else value.__reduce_ex__(2)
        except Exception as error:  # whatever a class of anybody's does there
            raise NoKey(f"a {kind.__qualname__} has no lasting value ({str(error).splitlines()[0]})") from None
        if isinstance(parts, str):  # one that everybody has under this name, such as torch.float32
            return self.named("the", getattr(value, "__module__", None) or kind.__module__, parts)
        build, arguments, *rest = parts
        state, items, pairs = (*rest, None, None, None)[:3]
        self.words("instance")
        self.value((build, arguments, state, list(items or ()), list(pairs or ())))


def _hash_of(value: Any) -> bytes:
    walk = _Walk()
    walk.value(value)
    return walk.digest.digest()
