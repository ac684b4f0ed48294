"""Every small change of a worked solution that a person might make: parts left out, doubled, exchanged.

    changed(function) -> [(the change in words, the changed function), ...]

A solution is a function whose statements end in the number of the equation that they belong to: "# (4)". A change is
made in one place, so that its words can name it: "the factor `f` is missing in (4), for `dc_prev`".
"""
import ast
import contextlib
import inspect
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator
from itertools import chain, combinations
from typing import Any, NamedTuple

import bounds
import calls
import complements
import contractions
import intermediates
import masks
import slopes
import sums
import twins

Change = tuple[str, ast.expr]                              # in words, and what stands there instead


class Names(NamedTuple):
    """The names of a function: the arguments and what is assigned; those assigned more than once; those of loops."""
    all: list[str]
    again: list[str]
    loops: list[str]


def changed(function: Callable) -> Iterator[tuple[str, Callable]]:
    """All changes of a solution. Most of those that put another name in a place cannot be computed: try them."""
    text = textwrap.dedent(inspect.getsource(function))
    tree = ast.parse(text)
    names, places = _names(tree), _places(tree, text)
    for place in ast.walk(tree):
        for field, value in ast.iter_fields(place):
            for i, node in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(node, ast.AST):
                    continue
                where = places.get(getattr(node, "lineno", 0), "")
                for words, other in [*_changes(node, place, names), *slopes.of_place(node), *sums.of_place(node),
                                     *contractions.of_place(node), *masks.of_place(node), *calls.of_place(node),
                                     *bounds.of_place(node), *complements.of_place(node)]:
                    if answer := _with(tree, place, field, i, other, function):
                        yield f"{words}{where}", answer
    def of_one(node: ast.AST, place: ast.AST) -> Iterator[tuple[str, Any]]:
        return chain(_changes(node, place, names), bounds.of_place(node))
    for words, other_tree in [*slopes.of_all_places(tree), *complements.of_all_places(tree), *sums.of_all_places(tree),
                              *twins.of_all_places(tree, of_one, places, names.all),
                              *intermediates.of_all_places(tree, places)]:
        with contextlib.suppress(SyntaxError, ValueError, TypeError):
            yield words, _compiled(other_tree, function)


def _places(tree: ast.Module, text: str) -> dict[int, str]:
    """{line: " in (4), for `dc_prev`"}, for the lines of a statement that ends in a number."""
    lines = text.splitlines()
    found: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return):
            of_node = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            numbers = re.findall(r"\(\d+\)", " ".join(lines[line - 1].partition("#")[2] for line in of_node))
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            of_what = "".join(f", for `{ast.unparse(target)}`" for target in targets if target)
            found |= {line: f" in {' '.join(numbers)}{of_what}" for line in of_node if numbers}
    return found


def _names(tree: ast.Module) -> Names:
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    stored = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    known = [argument.arg for argument in function.args.args] + stored
    loops = [node.target.id for node in ast.walk(function)
             if isinstance(node, ast.For) and isinstance(node.target, ast.Name)]
    return Names(list(dict.fromkeys(known)), [name for name in stored if known.count(name) > 1], loops)


def _changes(node: ast.AST, parent: ast.AST, names: Names) -> Iterator[tuple[str, Any]]:
    """The changes of one node."""
    said = f"`{ast.unparse(node)}`"
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield f"{said} is not transposed", node.value
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names.all:
        for name in names.all:
            if name != node.id:
                yield f"`{name}` stands where {said} belongs", ast.Name(name, ast.Load())
        yield (f"the largest of {said} stands for all of them",
               ast.parse(f"np.full_like({node.id}, np.max({node.id}))", mode="eval").body)
        yield f"{said} is taken for 0", ast.parse(f"np.zeros_like({node.id})", mode="eval").body
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult):
            yield f"{said} is transposed", ast.Attribute(node, "T", ast.Load())
    elif isinstance(node, ast.Call):
        yield from _of_call(node, said)
        yield from _of_root(node, names.all)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield f"the sign of `{ast.unparse(node.operand)}` is turned", node.operand
    elif isinstance(node, ast.AugAssign):
        yield (f"`{ast.unparse(node.value)}` takes the place of `{ast.unparse(node.target)}`, and is not added to it",
               ast.Assign([node.target], node.value, lineno=node.lineno))
        yield f"{said} is missing", ast.Pass()
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in names.again:
        yield (f"`{ast.unparse(node.value)}` is added to `{node.targets[0].id}`, and does not take its place",
               ast.AugAssign(node.targets[0], ast.Add(), node.value, lineno=node.lineno))
        yield f"{said} is missing", ast.Pass()
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and not isinstance(parent, ast.Subscript):
        yield from _of_tuple(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield from _of_time(node, names.loops)
        if isinstance(node.slice, ast.Name) and node.slice.id in names.loops and isinstance(node.value, ast.Name):
            backwards = ast.parse(f"{node.value.id}[-1 - {node.slice.id}]", mode="eval").body
            yield f"{said} is counted from the other end", backwards
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            yield from _of_size(said, names.all)
    elif isinstance(node, ast.Constant) and type(node.value) is int and isinstance(parent, ast.BinOp):
        of_ten = (node.value // 10, node.value * 10) if node.value > 99 else ()
        for value in (node.value - 1, node.value + 1, *of_ten):
            yield f"{value} stands where {node.value} belongs in `{ast.unparse(parent)}`", ast.Constant(value)


def _of_operation(node: ast.BinOp) -> Iterator[Change]:
    """Terms and factors: left out, doubled, with the other sign."""
    left, right = ast.unparse(node.left), ast.unparse(node.right)
    if isinstance(node.op, ast.Mult):
        yield f"the factor `{left}` is missing", node.right
        yield f"the factor `{right}` is missing", node.left
        yield f"the factor `{left}` is there twice", ast.BinOp(node, ast.Mult(), node.left)
        yield f"the factor `{right}` is there twice", ast.BinOp(node, ast.Mult(), node.right)
        yield f"the sign of `{ast.unparse(node)}` is turned", ast.UnaryOp(ast.USub(), node)
    elif isinstance(node.op, ast.Div):
        yield f"the division by `{right}` is missing", node.left
        yield f"there is a product with `{right}` instead of a division", ast.BinOp(node.left, ast.Mult(), node.right)
        yield f"the division by `{right}` is there twice", ast.BinOp(node, ast.Div(), node.right)
        if isinstance(node.right, ast.Name | ast.Subscript):
            total = ast.parse(f"np.sum({right})", mode="eval").body
            yield f"the division is by the sum of all `{right}`, not by each", ast.BinOp(node.left, ast.Div(), total)
    elif isinstance(node.op, ast.Add | ast.Sub):
        turned = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield f"the term `{right}` is missing", node.left
        is_rest = isinstance(node.op, ast.Sub) and left == "1"
        words = f"`{right}` stands where `1 - {right}` belongs" if is_rest else f"the term `{left}` is missing"
        yield words, node.right
        if isinstance(node.op, ast.Sub):
            yield f"`{left}` and `{right}` stand in each other's place", ast.BinOp(node.right, node.op, node.left)
        yield f"the sign of `{right}` is turned", ast.BinOp(node.left, turned, node.right)
        yield f"the term `{right}` is there twice", ast.BinOp(node, node.op, node.right)
    elif isinstance(node.op, ast.MatMult):
        yield f"`{left}` and `{right}` are multiplied in the other order", ast.BinOp(node.right, node.op, node.left)
        yield f"the product with `{right}` is missing", node.left
        yield f"the product with `{left}` is missing", node.right
    elif isinstance(node.op, ast.Pow):
        yield f"the power of `{left}` is missing", node.left


def _of_tuple(node: ast.Tuple) -> Iterator[Change]:
    """Two that stand in each other's place."""
    for i, one in enumerate(node.elts):
        for j, other in enumerate(node.elts[i + 1:], i + 1):
            yield (f"`{ast.unparse(one)}` and `{ast.unparse(other)}` stand in each other's place",
                   ast.Tuple(_with_exchanged(node.elts, i, j), ast.Load()))


def _with_exchanged(these: list[ast.expr], i: int, j: int) -> list[ast.expr]:
    others = [*these]
    others[i], others[j] = these[j], these[i]
    return others


def _of_time(node: ast.Subscript, loops: list[str]) -> Iterator[Change]:
    """A step before, and a step behind: h[t - 1] and h[t + 1] for h[t]."""
    places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for i, place in enumerate(places):
        found = re.fullmatch(r"(\w+)(?: ([+-]) (\d+))?", ast.unparse(place))
        if not found or found[1] not in loops:
            continue
        now = int(f"{found[2] or '+'}{found[3] or 0}")
        for then in (now - 1, now + 1):
            step = f"{found[1]} {'-' if then < 0 else '+'} {abs(then)}" if then else found[1]
            others = [ast.unparse(one) for one in places]
            other = f"{ast.unparse(node.value)}[{', '.join([*others[:i], step, *others[i + 1:]])}]"
            yield f"`{other}` stands where `{ast.unparse(node)}` belongs", ast.parse(other, mode="eval").body


def _of_root(node: ast.Call, names: list[str]) -> Iterator[Change]:
    """The root of another size: sqrt(k.shape[1]) for sqrt(d)."""
    if ast.unparse(node.func) == "np.sqrt" and isinstance(node.args[0], ast.Name | ast.Subscript):
        for words, size in _of_size(f"`{ast.unparse(node.args[0])}`", names):
            yield f"{words} under the root", ast.Call(node.func, [size], [])


def _of_size(said: str, names: list[str]) -> Iterator[Change]:
    """Another size for this one: v.shape[2] for q.shape[2]."""
    for size in (f"{name}.shape[{axis}]" for name in names for axis in range(3)):
        yield f"`{size}` stands where {said} belongs", ast.parse(size, mode="eval").body


def _of_call(node: ast.Call, said: str) -> Iterator[Change]:
    """Sums over another axis, means for sums, functions left out."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in ("sum", "mean"):
        other = "mean" if name == "sum" else "sum"
        assert isinstance(node.func, ast.Attribute)
        of_np = ast.unparse(node.func.value) == "np"
        yield f"the {name} of {said} is missing", node.args[0] if of_np else node.func.value
        yield (f"a {other} stands where {said} belongs",
               ast.Call(ast.Attribute(node.func.value, other, ast.Load()), node.args, node.keywords))
    for i, keyword in enumerate(node.keywords):
        if keyword.arg == "axis":
            for axis in (0, 1, 2, -1, -2, None):
                keywords = [*node.keywords[:i], ast.keyword("axis", ast.Constant(axis)), *node.keywords[i + 1:]]
                yield f"{said} goes over axis {axis}", ast.Call(node.func, node.args, keywords)
    for i, j in combinations(range(len(node.args)), 2):
        others = _with_exchanged(node.args, i, j)
        other = ast.unparse(ast.Call(node.func, others, node.keywords))
        yield f"`{other}` stands where {said} belongs", ast.Call(node.func, others, node.keywords)
    if isinstance(node.func, ast.Attribute) and name in ("transpose", "swapaxes", "reshape"):
        yield f"the {name} of {said} is missing", node.func.value
    if len(node.args) == 1 and name not in ("sum", "mean"):
        is_order = isinstance(node.func, ast.Name) and node.func.id == "reversed"
        yield f"the loop of {said} runs forwards" if is_order else f"{said} is without its function", node.args[0]


def _with(tree: ast.Module, place: ast.AST, field: str, i: int, other: ast.AST, function: Callable) -> Callable | None:
    """The function with `other` in this place; None if that cannot be written."""
    held = getattr(place, field)
    setattr(place, field, [*held[:i], other, *held[i + 1:]] if isinstance(held, list) else other)
    try:
        return _compiled(tree, function)
    except (SyntaxError, ValueError, TypeError):
        return None
    finally:
        setattr(place, field, held)


def _compiled(tree: ast.Module, function: Callable) -> Callable:
    scope = dict(function.__globals__)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")                    # a change may well be no sense
        exec(compile(ast.fix_missing_locations(tree), f"<{function.__name__}, changed>", "exec"), scope)
    return scope[function.__name__]
