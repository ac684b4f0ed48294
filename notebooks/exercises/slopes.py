"""Mistakes with the derivatives of sigmoid and tanh, which are written by their outputs: s (1 - s), and 1 - g^2.

People make these in one place or in all of them at once, as of four gates alike: of_place is for the one, of_all_places
for the other."""
import ast
import copy
from collections.abc import Callable, Iterator

Rule = Callable[[ast.AST], ast.expr | None]                # what stands there instead; None where the rule says nothing


def of_place(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """(in words, what stands there instead) for one place."""
    for words, rule in RULES:
        output = sigmoid_slope(node) or tanh_slope(node)
        if output and (other := rule(node)):
            yield f"{words} at `{ast.unparse(output[1])}`", other


def of_all_places(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """(in words, the function with all places changed), where there are two and more."""
    for words, rule in RULES:
        everywhere = _Everywhere(rule)
        fresh = everywhere.visit(copy.deepcopy(tree))
        if everywhere.count > 1:
            yield f"{words} at all {everywhere.count} places", fresh


class _Everywhere(ast.NodeTransformer):
    """One rule in all places; counts them."""

    def __init__(self, rule: Rule):
        self.rule, self.count = rule, 0

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        other = self.rule(node)
        self.count += other is not None
        return self.generic_visit(node) if other is None else other


def sigmoid_slope(node: ast.AST) -> tuple[ast.expr | None, ast.expr] | None:
    """d * s * (1 - s) -> d (or None) and s."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.right, ast.BinOp)):
        return None
    rest, slope = node.left, node.right
    if not (isinstance(slope.op, ast.Sub) and ast.unparse(slope.left) == "1"):
        return None
    if ast.unparse(rest) == ast.unparse(slope.right):
        return None, rest
    if isinstance(rest, ast.BinOp) and isinstance(rest.op, ast.Mult) \
            and ast.unparse(rest.right) == ast.unparse(slope.right):
        return rest.left, rest.right
    return None


def tanh_slope(node: ast.AST) -> tuple[None, ast.expr] | None:
    """1 - g ** 2 or 1 - g * g -> None and g."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and ast.unparse(node.left) == "1" \
            and isinstance(node.right, ast.BinOp):
        squared = ast.unparse(node.right.left)
        if ast.unparse(node.right) in (f"{squared} ** 2", f"{squared} * {squared}"):
            return None, node.right.left
    return None


def _sigmoid_rule(written: str) -> Rule:
    """Another thing in the place of s (1 - s)."""
    def rule(node: ast.AST) -> ast.expr | None:
        found = sigmoid_slope(node)
        if found is None:
            return None
        before, s = found
        other = _expression(written, s)
        return other if before is None else ast.BinOp(before, ast.Mult(), other)
    return rule


def _tanh_rule(written: str) -> Rule:
    """Another thing in the place of 1 - g^2."""
    def rule(node: ast.AST) -> ast.expr | None:
        found = tanh_slope(node)
        return None if found is None else _expression(written, found[1])
    return rule


def _expression(written: str, y: ast.expr) -> ast.expr:
    return ast.parse(written.replace("y", f"({ast.unparse(y)})"), mode="eval").body


RULES: list[tuple[str, Rule]] = [
    ("sigmoid's derivative is missing", _sigmoid_rule("1")),
    ("sigmoid's derivative s (1 - s) has lost its 1 - s", _sigmoid_rule("y")),
    ("sigmoid's derivative s (1 - s) has lost its s", _sigmoid_rule("(1 - y)")),
    ("sigmoid's derivative is taken of the output as if that were the input, a sigmoid too many",
     _sigmoid_rule("(1 / (1 + np.exp(-y)) * (1 - 1 / (1 + np.exp(-y))))")),
    ("the derivative of tanh stands where that of sigmoid belongs", _sigmoid_rule("(1 - y ** 2)")),
    ("tanh's derivative is missing", _tanh_rule("1")),
    ("tanh's derivative is taken of the output as if that were the input, a tanh too many",
     _tanh_rule("(1 - np.tanh(y) ** 2)")),
    ("the derivative of sigmoid stands where that of tanh belongs", _tanh_rule("(y * (1 - y))")),
    ("the square goes around all of 1 - y, (1 - y)^2 for 1 - y^2,", _tanh_rule("((1 - y) ** 2)")),
]
