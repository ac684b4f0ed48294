"""Which lines carry a gradient back through an equation.

A layer that has its backward pass written by hand has the equation's number there as well. Everything else goes back
through the ops that it is made of, and each op carries its derivative in its own page.
"""
import ast
import inspect
from functools import cache
from pathlib import Path

from tinyseq.autograd import OPS
from tinyseq.tracing.source import HERE, Statement, statements
from tinyseq.tracing.twins import TWINS


def backward_places(statement: Statement, ops: list[str]) -> list[str]:
    """file:line of each, for a statement that calls these ops."""
    by_hand = _by_hand().get(statement.path)
    if by_hand is not None and by_hand != statement.function:
        found = [line for line, numbers in _numbered(by_hand) if set(numbers) & set(statement.numbers)]
        if found:
            return [f"tinyseq/{statement.path}:{line}" for line in found]
    return list(dict.fromkeys(place for op in ops if (place := derivative_of(op))))


def explained_by_hand(path: str) -> tuple[str, str]:
    """The docstring of the op on a page that has its backward pass by hand, and whose it is; ("", "") if none."""
    op = _by_hand().get(path)
    return (f"{path}, {op}", inspect.getdoc(OPS[op]) or "") if op else ("", "")


@cache
def derivative_of(op: str) -> str:
    """file:line of an op's backward: the function of that name inside it, or the lambda that it returns."""
    page, functions, entry = _page_of(op)
    for function in _called(functions, entry):
        for node in ast.walk(functions[function]):
            if isinstance(node, ast.Lambda) or (isinstance(node, ast.FunctionDef) and node.name == "backward"):
                return f"tinyseq/{page}:{node.lineno}"
    return ""


@cache
def _by_hand() -> dict[str, str]:
    """{page: the op on it that has a twin of smaller ops}"""
    return {_page_of(op)[0]: op for op in TWINS}


@cache
def _numbered(op: str) -> list[tuple[int, tuple[str, ...]]]:
    """The numbered lines of an op's backward pass, and of the functions of its page that it calls."""
    page, functions, entry = _page_of(op)
    backward = next(node for node in ast.walk(functions[entry])
                    if isinstance(node, ast.FunctionDef) and node.name == "backward")
    parts: list[ast.AST] = [backward]
    names = {node.id for node in ast.walk(backward) if isinstance(node, ast.Name)}
    for name in sorted(names & functions.keys() - {entry}):
        if name != "_blocks":
            parts += [functions[function] for function in _called(functions, name)]
    found = {}
    for part in parts:
        assert isinstance(part, ast.FunctionDef)
        for line in range(part.lineno, (part.end_lineno or part.lineno) + 1):
            statement = statements(page).get(line)
            if statement is not None and statement.numbers:
                found[statement.line] = statement.numbers
    return sorted(found.items())


def _called(functions: dict[str, ast.FunctionDef], entry: str) -> list[str]:
    """A function of a page and those of the same page that it calls, directly or not."""
    found, waiting = [], [entry]
    while waiting:
        name = waiting.pop(0)
        if name in functions and name not in found:
            found.append(name)
            waiting += [node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)]
    return found


@cache
def _page_of(op: str) -> tuple[str, dict[str, ast.FunctionDef], str]:
    """The page of an op, from the package's folder on; its functions by name; the op's own."""
    function = inspect.unwrap(OPS[op])
    path = Path(function.__code__.co_filename)
    if not path.is_relative_to(HERE):
        return "", {}, ""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return path.relative_to(HERE).as_posix(), functions, function.__name__
