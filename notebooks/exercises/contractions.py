"""Mistakes where numbers are summed up: softmax's derivative, which has a sum; a loop that sets; products of sums."""
import ast
from collections.abc import Iterator

Change = tuple[str, ast.expr]                              # in words, and what stands there instead


def of_place(node: ast.AST) -> Iterator[Change]:
    """(in words, what stands there instead) for one place."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _of_softmax(node)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield from _of_product(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "sum":
            yield from _of_sum(node, node.func)
        elif node.func.attr == "einsum" and isinstance(letters := node.args[0], ast.Constant):
            yield from _of_einsum(node, str(letters.value))


def _of_softmax(node: ast.BinOp) -> Iterator[Change]:
    """y * (d - (y * d).sum(axis=a, keepdims=True)) is the way back through a softmax with the output y."""
    bracket, y = node.right, ast.unparse(node.left)
    if not (isinstance(bracket, ast.BinOp) and isinstance(bracket.op, ast.Sub)):
        return
    d, row = ast.unparse(bracket.left), bracket.right
    if not (isinstance(row, ast.Call) and isinstance(row.func, ast.Attribute) and row.func.attr == "sum"
            and ast.unparse(row.func.value) in (f"{y} * {d}", f"{d} * {y}")):
        return
    along = ", ".join(map(ast.unparse, row.keywords))
    again = f"(np.exp({y}) / np.exp({y}).sum({along}))"
    yield f"softmax's derivative is missing, `{d}` is taken as it is", _expression(d)
    yield (f"softmax's derivative is taken as that of a sigmoid, `{y}` (1 - `{y}`): what the other entries of a row "
           "bring is missing", _expression(f"({d}) * {y} * (1 - {y})"))
    yield (f"softmax's derivative is taken of the output `{y}` as if that were the input, a softmax too many",
           _expression(f"{again} * ({d} - ({again} * ({d})).sum({along}))"))


def _of_product(node: ast.BinOp) -> Iterator[Change]:
    said, left, right = (ast.unparse(one) for one in (node, node.left, node.right))
    yield _last(said), _expression(f"({left})[..., -1:] @ ({right})[..., -1:, :]")
    yield _of_sums(said), _expression(f"({left}).sum(axis=-1, keepdims=True) @ ({right}).sum(axis=-2, keepdims=True)")
    yield f"a mean stands where the sum in `{said}` belongs", _expression(f"({said}) / ({left}).shape[-1]")


def _of_sum(node: ast.Call, function: ast.Attribute) -> Iterator[Change]:
    of_np = ast.unparse(function.value) == "np"
    summed = ast.unparse(node.args[0] if of_np else function.value)
    axes = next((_number(keyword.value) for keyword in node.keywords if keyword.arg == "axis"), ())
    rest = ", ".join(map(ast.unparse, node.keywords))
    for axis in axes if isinstance(axes, tuple) else (axes,):
        yield _last(ast.unparse(node)), _expression(f"({summed}).take([-1], axis={axis}).sum({rest})")
        yield (f"only the first term of the sum in `{ast.unparse(node)}` is taken, along axis {axis}",
               _expression(f"({summed}).take([0], axis={axis}).sum({rest})"))


def _of_einsum(node: ast.Call, letters: str) -> Iterator[Change]:
    """einsum("bth,bta->ha", h, da): b and t are summed over."""
    inputs, _, output = letters.partition("->")
    said, parts = ast.unparse(node), list(zip(inputs.split(","), map(ast.unparse, node.args[1:]), strict=False))
    for letter in sorted(set(inputs) - {*output, ",", "."}):
        lasts = [f"({x})[{':, ' * axes.index(letter)}-1:]" if letter in axes else x for axes, x in parts]
        sums = [f"({x}).sum(axis={axes.index(letter)}, keepdims=True)" if letter in axes else x for axes, x in parts]
        yield f"{_last(said)}, along {letter}", _expression(f"np.einsum({letters!r}, {', '.join(lasts)})")
        yield f"{_of_sums(said)}, along {letter}", _expression(f"np.einsum({letters!r}, {', '.join(sums)})")


def _number(axis: ast.expr) -> int | tuple[int, ...]:
    """The axis or axes that are written there; () if that is not a number."""
    try:
        return ast.literal_eval(axis) or 0
    except ValueError:
        return ()


def _last(said: str) -> str:
    return f"only the last term of the sum in `{said}` is left, as if a loop had set it and not added to it"


def _of_sums(said: str) -> str:
    return f"a product of sums stands where the sum of products `{said}` belongs"


def _expression(written: str) -> ast.expr:
    return ast.parse(written, mode="eval").body
