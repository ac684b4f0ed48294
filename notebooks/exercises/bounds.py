"""Mistakes with fractions, bounds, means, what a function covers, and steps: limit / norm, min(1, a), sqrt(v) + eps,
a loop the other way, a shift to the other side."""
import ast
import re
from collections.abc import Iterator
from typing import Any

Change = tuple[str, ast.expr]                              # in words, and what stands there instead
OPPOSITE = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "argmin": "argmax",
            "argmax": "argmin", "sin": "cos", "cos": "sin"}


def of_place(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """(in words, what stands there instead) for one place."""
    said = ast.unparse(node) if isinstance(node, ast.expr) else ""
    if isinstance(node, ast.BinOp):
        yield from _bare(node, said)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield f"the fraction `{said}` is upside down", ast.BinOp(node.right, node.op, node.left)
        yield f"the numerator `{ast.unparse(node.left)}` is missing", ast.BinOp(ast.Constant(1), node.op, node.right)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.FloorDiv):
        for operator in (ast.Add(), ast.Sub()):
            shifted = ast.BinOp(ast.BinOp(node.left, operator, ast.Constant(1)), node.op, node.right)
            yield f"`{ast.unparse(shifted)}` stands where `{said}` belongs", shifted
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _moved_inside(node.left, node.right)
        yield from _moved_inside(node.right, node.left)
        yield from _of_mean(node.left, node.right)
    elif isinstance(node, ast.Call):
        yield from _of_bound(node, said)
        yield from _moved_outside(node)
        yield from _of_norm(node)
        yield from _of_shift(said)
        if ast.unparse(node.func) == "np.argsort":
            in_place = ast.parse(f"np.arange(len({ast.unparse(node.args[0])}))", mode="eval").body
            yield f"nothing is sorted in `{said}`", in_place
        elif ast.unparse(node.func) == "np.exp":
            negative = ast.UnaryOp(ast.USub(), node.args[0])
            yield f"the sign of the exponent in `{said}` is turned", ast.Call(node.func, [negative], node.keywords)
    elif isinstance(node, ast.Slice):
        yield from _of_end(node, said)
    elif isinstance(node, ast.For):
        yield from _of_loop(node)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd):
        for kept, lost in ((node.left, node.right), (node.right, node.left)):
            yield f"the condition `{ast.unparse(lost)}` is missing", kept
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Name):
        turned = ast.Attribute(node.value, "T", ast.Load())
        yield f"`{node.value.id}` is transposed in `{said}`", ast.Subscript(turned, node.slice, node.ctx)
    elif isinstance(node, ast.Subscript) and (found := re.fullmatch(r"(\w+)\[:, (\w+)\]", said)):
        for one in (":, 0", ":, 1", ":, -1", f":1, {found[2]}"):
            of_all = "rows" if one.startswith(":1") else "steps"
            yield (f"`{found[1]}[{one}]` stands where `{said}` belongs, the same for all {of_all},",
                   ast.parse(f"{found[1]}[{one}]", mode="eval").body)
    elif isinstance(node, ast.Compare):
        for comparison in _others(node.ops[0]):
            other = ast.Compare(node.left, [comparison], node.comparators)
            yield f"`{ast.unparse(other)}` stands where `{said}` belongs", other


def _of_end(node: ast.Slice, said: str) -> Iterator[Change]:
    """What is left out at the other end: [n:] for [:-n], [-n:] for [:n]"""
    written = ""
    if node.lower is None and isinstance(node.upper, ast.UnaryOp):
        written = f"x[{ast.unparse(node.upper.operand)}:]"
    elif node.lower is None and node.upper is not None:
        written = f"x[-({ast.unparse(node.upper)}):]"
    elif node.upper is None and node.lower is not None:
        written = f"x[:-({ast.unparse(node.lower)})]"
    if written and node.step is None:
        other = ast.parse(written, mode="eval").body
        assert isinstance(other, ast.Subscript)
        yield f"the other end is left out, [{ast.unparse(other.slice)}] for [{said}]", other.slice


def _moved_inside(function: ast.expr, term: ast.expr) -> Iterator[Change]:
    """f(a + b) for f(a) + b"""
    if isinstance(function, ast.Call) and len(function.args) == 1:
        inside = ast.BinOp(function.args[0], ast.Add(), term)
        name = ast.unparse(function.func)
        yield (f"the term `{ast.unparse(term)}` stands inside of `{name}`, and is to be added to it",
               ast.Call(function.func, [inside], function.keywords))


def _moved_outside(node: ast.Call) -> Iterator[Change]:
    """f(a) + b for f(a + b), and a sum of functions for the function of a sum"""
    if len(node.args) != 1 or not isinstance(whole := node.args[0], ast.BinOp) or not isinstance(whole.op, ast.Add):
        return
    name, right = ast.unparse(node.func), ast.unparse(whole.right)
    yield (f"the term `{right}` stands outside of `{name}`, and belongs into it",
           ast.BinOp(ast.Call(node.func, [whole.left], node.keywords), ast.Add(), whole.right))
    of_each = [ast.Call(node.func, [term], node.keywords) for term in _terms(whole)]
    total: ast.expr = of_each[0]
    for term in of_each[1:]:
        total = ast.BinOp(total, ast.Add(), term)
    yield f"there is a sum of `{name}` where the `{name}` of the sum belongs", total


def _terms(whole: ast.expr) -> list[ast.expr]:
    """a, b and c of a + b + c"""
    if isinstance(whole, ast.BinOp) and isinstance(whole.op, ast.Add):
        return [*_terms(whole.left), *_terms(whole.right)]
    return [whole]


def _of_mean(one: ast.expr, other: ast.expr) -> Iterator[Change]:
    """(1 - a) x + a y for a x + (1 - a) y"""
    if not all(isinstance(term, ast.BinOp) and isinstance(term.op, ast.Mult) for term in (one, other)):
        return
    assert isinstance(one, ast.BinOp) and isinstance(other, ast.BinOp)
    a, b = ast.unparse(one.left), ast.unparse(other.left)
    if a == f"1 - {b}" or b == f"1 - {a}":
        yield (f"the weights `{a}` and `{b}` stand in each other's place",
               ast.BinOp(ast.BinOp(other.left, ast.Mult(), one.right), ast.Add(),
                         ast.BinOp(one.left, ast.Mult(), other.right)))


def _of_norm(node: ast.Call) -> Iterator[Change]:
    """Other norms than sqrt(np.sum(a ** 2) + np.sum(b ** 2))."""
    if ast.unparse(node.func) != "np.sqrt":
        return
    squares = [re.fullmatch(r"np\.sum\((\w+) \*\* 2\)", ast.unparse(term)) for term in _terms(node.args[0])]
    names = [found[1] for found in squares if found]
    if len(names) == len(squares):
        entries = f"np.concatenate([np.ravel(x) for x in ({', '.join(names)},)])"
        for words, function in (("the sum of the absolute values", "np.sum(np.abs(y))"),
                                ("the largest absolute value", "np.max(np.abs(y))"),
                                ("the root of the mean of the squares", "np.sqrt(np.mean(y ** 2))")):
            yield (f"{words} stands where the root of the sum of the squares belongs",
                   ast.parse(function.replace("y", entries), mode="eval").body)


def _bare(node: ast.BinOp, said: str) -> Iterator[Change]:
    """n for (5 + n) / 6: a name without the numbers around it."""
    parts = [part for part in ast.walk(node) if isinstance(part, ast.expr)]
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    is_plain = all(isinstance(part, ast.Name | ast.Constant | ast.BinOp) for part in parts)
    if is_plain and len(names) == 1 and len(parts) > 3:
        name = names.pop()
        yield f"`{name}` stands where `{said}` belongs", ast.Name(name, ast.Load())


def _of_shift(said: str) -> Iterator[Change]:
    """What a step reads of its neighbour, after it for before it: [0, h_0 .. h_{T-2}] and [h_1 .. h_{T-1}, 0]"""
    before = re.fullmatch(r"np\.concatenate\([\[(](.+), (\w+)\[:, :-1\][\])], axis=1\)", said)
    behind = re.fullmatch(r"np\.concatenate\([\[(](\w+)\[:, 1:\], (.+)[\])], axis=1\)", said)
    if before:
        other = f"np.concatenate([{before[2]}[:, 1:], {before[1]}], axis=1)"
        yield f"`{before[2]}` is shifted the other way in `{said}`", ast.parse(other, mode="eval").body
    if behind:
        other = f"np.concatenate([{behind[2]}, {behind[1]}[:, :-1]], axis=1)"
        yield f"`{behind[1]}` is shifted the other way in `{said}`", ast.parse(other, mode="eval").body


def _of_loop(node: ast.For) -> Iterator[tuple[str, ast.For]]:
    """A loop from the last to the first, and one that begins at another place."""
    if isinstance(node.iter, ast.Call) and ast.unparse(node.iter.func) == "range":
        made = [ast.unparse(line.targets[0]) for line in node.body if isinstance(line, ast.Assign)]
        backwards = ast.Call(ast.Name("reversed", ast.Load()), [node.iter], [])
        yield (f"the loop of `{ast.unparse(node.iter)}`{f' for `{made[0]}`' if made else ''} runs backwards",
               ast.For(node.target, backwards, node.body, node.orelse))
        if len(node.iter.args) == 2:
            first, end = node.iter.args
            number = first.value if isinstance(first, ast.Constant) and isinstance(first.value, int) else 0
            for start in sorted({0, number + 1} - {number}):
                shifted = ast.Call(node.iter.func, [ast.Constant(start), end], [])
                yield (f"the loop of `{ast.unparse(node.iter)}` begins at {start}",
                       ast.For(node.target, shifted, node.body, node.orelse))


def _of_bound(node: ast.Call, said: str) -> Iterator[Change]:
    """The other bound, and none."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if name not in OPPOSITE:
        return
    other = ast.unparse(node.func).removesuffix(name) + OPPOSITE[name]
    yield (f"a {OPPOSITE[name]} stands where the {name} of `{said}` belongs",
           ast.Call(ast.parse(other, mode="eval").body, node.args, node.keywords))
    if len(node.args) == 2 and not name.startswith("arg"):
        for kept, lost in (node.args, node.args[::-1]):
            yield f"the {name} with `{ast.unparse(lost)}` is missing, `{ast.unparse(kept)}` is taken as it is", kept


def _others(operator: ast.cmpop) -> list[ast.cmpop]:
    """What is confused with this comparison."""
    confused: dict[type, list[ast.cmpop]] = {
        ast.Lt: [ast.LtE(), ast.Gt(), ast.GtE()], ast.LtE: [ast.Lt(), ast.GtE(), ast.Gt()],
        ast.Gt: [ast.GtE(), ast.Lt(), ast.LtE()], ast.GtE: [ast.Gt(), ast.LtE(), ast.Lt()],
        ast.Eq: [ast.NotEq()], ast.NotEq: [ast.Eq()]}
    return confused.get(type(operator), [])
