"""Mistakes with axes, means, brackets and loops: what is summed over, what a mean is divided by, how far a factor
reaches, which pass is left out.

As in slopes.py, of_place is for one place and of_all_places for all that are alike."""
import ast
import copy
from collections.abc import Iterator
from itertools import combinations
from typing import Any

SUMMED = ("sum", "mean", "max")


def of_place(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """(in words, what stands there instead) for one place."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        for one in (node.left, node.right):
            ones = _expression(f"np.ones_like({ast.unparse(one)})")
            sides = (ones, node.right) if one is node.left else (node.left, ones)
            yield (f"`{ast.unparse(one)}` is missing in `{ast.unparse(node)}`, as if it were 1",
                   ast.BinOp(sides[0], node.op, sides[1]))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        yield from _of_brackets(node)
        yield from _of_the_rest(node)
    elif isinstance(node, ast.For):
        yield from _of_loop(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        if node.func.attr in ("sum", "mean"):
            yield from _of_sum(node, node.func)
            for axis in _others(_axis(node)):
                yield f"`{ast.unparse(node)}` goes over axis {axis}", _over(node, axis)


def of_all_places(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """(in words, the function with all places changed), where there are two and more that go over the same axis."""
    calls = [(node, ast.unparse(statement.targets[0])) for statement in ast.walk(tree)
             if isinstance(statement, ast.Assign) for node in ast.walk(statement)
             if isinstance(node, ast.Call) and _axis(node)]
    for names in ("mean",), ("sum",), SUMMED:
        for axis in dict.fromkeys(_axis(node) for node, _ in calls):
            targets = [f"`{target}`" for node, target in calls if _is_one(node, names, axis)]
            for other in ("0", "1", "2", *_others(axis)) if len(targets) > 1 else ():
                if other != axis:
                    yield (f"axis {other} stands where axis {axis} belongs, in {' and '.join(dict.fromkeys(targets))}",
                           _Everywhere(names, axis, other).visit(copy.deepcopy(tree)))


class _Everywhere(ast.NodeTransformer):
    """Another axis in all calls of these names that go over this one."""

    def __init__(self, names: tuple[str, ...], axis: str, other: str):
        self.names, self.axis, self.other = names, axis, other

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return self.generic_visit(_over(node, self.other) if _is_one(node, self.names, self.axis) else node)


def _of_brackets(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    """a b + c for a (b + c), and b + c / a for (b + c) / a."""
    word = "factor" if isinstance(node.op, ast.Mult) else "division by"
    for bracket, other in [(node.left, node.right), (node.right, node.left)][:2 if word == "factor" else 1]:
        if isinstance(bracket, ast.BinOp) and isinstance(bracket.op, ast.Add | ast.Sub):
            one, two, said = bracket.left, bracket.right, f"the {word} `{ast.unparse(other)}` is missing at the term"
            yield f"{said} `{ast.unparse(two)}`", ast.BinOp(ast.BinOp(one, node.op, other), bracket.op, two)
            yield f"{said} `{ast.unparse(one)}`", ast.BinOp(one, bracket.op, ast.BinOp(two, node.op, other))


def _of_the_rest(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    """1 - z for a factor z."""
    if isinstance(node.op, ast.Mult):
        for name, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(name, ast.Name):
                rest = f"1 - {name.id}"
                yield f"`{rest}` stands where `{name.id}` belongs", ast.BinOp(other, node.op, _expression(rest))


def _of_loop(node: ast.For) -> Iterator[tuple[str, Any]]:
    """A pass too few, and a single one."""
    passes, name = ast.unparse(node.iter), f"the loop over `{ast.unparse(node.target)}`"
    for part, words in (("1:", "the first pass of {} is missing"), (":1", "only the first pass of {} is made"),
                        (":-1", "the last pass of {} is missing"), ("-1:", "only the last pass of {} is made")):
        some = _expression(f"list({passes})[{part}]")
        yield words.format(name), ast.For(node.target, some, node.body, [], lineno=node.lineno)


def _of_sum(node: ast.Call, function: ast.Attribute) -> Iterator[tuple[str, ast.expr]]:
    """A sum that counts is taken of all; a mean over n - 1, over the sizes of some of its axes; the product of two."""
    said, name, x = f"`{ast.unparse(node)}`", function.attr, f"({ast.unparse(function.value)})"
    args = ", ".join(map(ast.unparse, node.keywords))
    if name == "sum" and not args:
        yield f"all entries are counted where {said} counts some", _expression(f"np.size({x})")
    if name == "mean":
        yield (f"{said} is divided by n - 1 where n belongs, the number of entries",
               _expression(f"{x}.sum({args}) / ({x}.size / {x}.sum({args}).size - 1)"))
    axes = ast.literal_eval(_axis(node)) if _axis(node).startswith("(") else ()
    for axis in axes:
        yield (f"{said} is divided by the size of axis {axis} alone, and it goes over {_axis(node)}",
               _expression(f"{x}.sum({args}) / {x}.shape[{axis}]"))
    if isinstance(function.value, ast.BinOp) and isinstance(function.value.op, ast.Mult):
        one, two = ast.unparse(function.value.left), ast.unparse(function.value.right)
        of_each = " * ".join(f"np.broadcast_to({factor}, {x}.shape).{name}({args})" for factor in (one, two))
        yield (f"a product of {name}s, of `{one}` and of `{two}`, stands where the {name} of products {said} belongs",
               _expression(of_each))


def _axis(node: ast.Call) -> str:
    """The axis that a sum goes over, as it is written; "" for other calls."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in SUMMED:
        return ""
    return next((ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "axis"), "")


def _is_one(node: ast.Call, names: tuple[str, ...], axis: str) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in names and _axis(node) == axis


def _over(node: ast.Call, axis: str) -> ast.Call:
    """The same call over another axis."""
    keywords = [ast.keyword("axis", _expression(axis)) if keyword.arg == "axis" else keyword
                for keyword in node.keywords]
    return ast.Call(node.func, node.args, keywords)


def _others(axis: str) -> list[str]:
    """All choices of the axes up to three, where there are several: "(0, 2)" and "(1,)" and more for "(0, 1)"."""
    if not axis.startswith("("):
        return []
    last = max(2, *ast.literal_eval(axis))
    found = [str(some) for n in range(1, last + 2) for some in combinations(range(last + 1), n)]
    return [some for some in found if some != axis]


def _expression(written: str) -> ast.expr:
    return ast.parse(written, mode="eval").body
