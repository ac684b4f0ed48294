"""A mistake made twice: in statements that are written alike, as those of m and of v in Adam, or of the two directions
of a bidirectional network; and names that have changed places all over."""
import ast
import copy
import re
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

Rule = Callable[[ast.AST, ast.AST], Iterator[tuple[str, Any]]]       # (node, what it stands in) -> (words, another)


def of_all_places(tree: ast.Module, rule: Rule, places: dict[int, str],
                  known: list[str]) -> Iterator[tuple[str, ast.Module]]:
    """(in words, the function with all twins changed).

    rule    the changes of one node;  places    {line: " in (4), for `m_hat`"};  known    all names"""
    for twins in _twins(tree):
        for here in zip(*(_nodes(twin) for twin in twins), strict=True):
            changes = [list(rule(node, parent)) for node, parent, _, _ in here]
            for of_each in zip(*changes, strict=False):
                fresh = _with(tree, [(parent, field, i, other) for (_, parent, field, i), (_, other)
                                     in zip(here, of_each, strict=True)])
                yield ", and ".join(f"{words}{places.get(getattr(node, 'lineno', 0), '')}"
                                    for (node, *_), (words, _) in zip(here, of_each, strict=True)), fresh
        for here in zip(*(_names(twin) for twin in twins), strict=True):
            for others in _alike([node.id for node, *_ in here], known):
                fresh = _with(tree, [(parent, field, i, ast.Name(other, ast.Load()))
                                     for (_, parent, field, i), other in zip(here, others, strict=True)])
                yield ", and ".join(f"`{other}` stands where `{node.id}` belongs{places.get(node.lineno, '')}"
                                    for (node, *_), other in zip(here, others, strict=True)), fresh
    arguments = [argument.arg for argument in tree.body[0].args.args]           # type: ignore[attr-defined]
    for one, other in combinations(arguments, 2):
        yield f"`{one}` and `{other}` stand in each other's place", _exchanged(tree, one, other)


def _twins(tree: ast.Module) -> list[list[ast.Assign]]:
    """The statements that differ in their names alone."""
    alike: dict[str, list[ast.Assign]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            nameless = copy.deepcopy(node)
            for part in ast.walk(nameless):
                if isinstance(part, ast.Name) and part.id != "np":
                    part.id = "_"
            alike.setdefault(ast.dump(nameless), []).append(node)
    return [twins for twins in alike.values() if len(twins) > 1]


def _nodes(statement: ast.Assign) -> Iterator[tuple[ast.AST, ast.AST, str, int]]:
    """(node, what it stands in, field, place in a list) of all parts that are no names, in an order."""
    for parent in ast.walk(statement):
        for field, value in ast.iter_fields(parent):
            for i, node in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(node, ast.expr) and not isinstance(node, ast.Name):
                    yield node, parent, field, i


def _names(statement: ast.Assign) -> Iterator[tuple[ast.Name, ast.AST, str, int]]:
    """The same of the names that are read."""
    for parent in ast.walk(statement):
        for field, value in ast.iter_fields(parent):
            for i, node in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id != "np":
                    yield node, parent, field, i


def _alike(names: list[str], known: list[str]) -> Iterator[list[str]]:
    """Names for these twins: m_prev and v_prev for m and v, and the same one for all."""
    for name in known:
        others = [name, *(re.sub(rf"(?<![a-zA-Z0-9]){names[0]}(?![a-zA-Z0-9])", twin, name) for twin in names[1:])]
        if name not in names and set(others) <= set(known):
            yield others


def _with(tree: ast.Module, changes: list[tuple[ast.AST, str, int, Any]]) -> ast.Module:
    """A copy of the tree with all of these changes."""
    held = [(parent, field, getattr(parent, field)) for parent, field, _, _ in changes]
    for parent, field, i, other in changes:
        value = getattr(parent, field)
        setattr(parent, field, [*value[:i], other, *value[i + 1:]] if isinstance(value, list) else other)
    fresh = copy.deepcopy(tree)
    for parent, field, value in reversed(held):
        setattr(parent, field, value)
    return fresh


def _exchanged(tree: ast.Module, one: str, other: str) -> ast.Module:
    """The function with two names exchanged wherever they are read."""
    fresh = copy.deepcopy(tree)
    for node in ast.walk(fresh):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in (one, other):
            node.id = other if node.id == one else one
    return fresh
