"""Plants a bug in the real code while a test runs: nothing is copied, and a refactoring that moves a line says so.

The module's source is read, one fragment of one function is replaced, the file is compiled, and the function that the
library already uses is given the new code object. Afterwards it gets its own back.
"""
import ast
import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import NamedTuple


class Place(NamedTuple):
    """What a message must name for a reader to find the line; what is None does not matter.

    tensors   exactly these are blamed: by name, or "input 0", as far as the sample has them
    gates     exactly these are blamed
    pattern   is among the patterns that were seen
    words     stands in the message"""
    tensors: frozenset[str] | None = None
    gates: frozenset[str] | None = None
    pattern: str | None = None
    words: str | None = None


class Mutant(NamedTuple):
    """A planted bug.

    name       what is wrong, for people              record    the op on whose samples it shows
    where      "package.module:function.inner"        old, new  a fragment that stands there once, and what replaces it
    place      where a message should point"""
    record: str
    name: str
    where: str
    old: str
    new: str
    place: Place


def at(tensors: str | None = None, gates: str | None = None, pattern: str | None = None,
       words: str | None = None) -> Place:
    """A Place, its names between commas ("input 0, input 1") and its gates between blanks ("i f")."""
    return Place(None if tensors is None else frozenset(name.strip() for name in tensors.split(",")),
                 None if gates is None else frozenset(gates.split()), pattern, words)


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The library with this bug in it."""
    module_name, _, path = mutant.where.partition(":")
    module = importlib.import_module(module_name)
    source = _mutated(module, path, mutant)
    function, name = _live_function(module, path)
    before = function.__code__
    function.__code__ = _code(compile(source, str(module.__file__), "exec"), name)
    try:
        yield
    finally:
        function.__code__ = before


def _live_function(module: ModuleType, path: str) -> tuple[FunctionType, str]:
    """The function of the module that runs the code at `path`, and its qualified name: functions within functions are
    made anew by the outermost one, so that is the one to change."""
    names = path.split(".")
    for depth in range(1, len(names) + 1):
        found = getattr(module, names[0])
        for name in names[1:depth]:
            found = getattr(found, name)
        if not inspect.isclass(found):
            function = inspect.unwrap(found)
            assert isinstance(function, FunctionType), f"{path} is no function"
            return function, ".".join(names[:depth])
    raise AssertionError(f"{path} is no function")


def _mutated(module: ModuleType, path: str, mutant: Mutant) -> str:
    """The module's source with the fragment replaced, which must stand in that function exactly once."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    node: ast.AST = ast.parse(source)
    for name in path.split("."):
        node = next((inner for inner in ast.walk(node) if getattr(inner, "name", None) == name
                     and isinstance(inner, ast.FunctionDef | ast.ClassDef) and inner is not node), None)  # type: ignore
        assert node is not None, f"{mutant.name}: there is no {mutant.where} any more"
    first, last = node.lineno - 1, node.end_lineno                                  # type: ignore[attr-defined]
    text = "".join(lines[first:last])
    assert text.count(mutant.old) == 1, (f"{mutant.name}: {mutant.old!r} stands {text.count(mutant.old)} times in "
                                         f"{mutant.where}; the code has changed, so must the mutant")
    return "".join(lines[:first]) + text.replace(mutant.old, mutant.new) + "".join(lines[last:])


def _code(code: CodeType, name: str) -> CodeType:
    """The code object of a function by its qualified name."""
    waiting = [code]
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, CodeType):
                if constant.co_qualname == name:
                    return constant
                waiting.append(constant)
    raise AssertionError(f"no function {name} in the changed source")
