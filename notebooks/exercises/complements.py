"""Mistakes with z and 1 - z, the two shares of a mixture: one in the place of the other, once or everywhere."""
import ast
import copy
from collections.abc import Iterator


def of_place(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """(in words, what stands there instead) for one place: 1 - z for z. (z for 1 - z: changes.py.)"""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for share, other in ((node.left, ast.BinOp(_rest(node.left), node.op, node.right)),
                             (node.right, ast.BinOp(node.left, node.op, _rest(node.right)))):
            if isinstance(share, ast.Name):
                yield f"`1 - {share.id}` stands where `{share.id}` belongs", other


def of_all_places(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """(in words, the function with the two exchanged everywhere), for each name that has both."""
    shares = [node.right.id for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
              and ast.unparse(node.left) == "1" and isinstance(node.right, ast.Name)]
    for name in dict.fromkeys(shares):
        fresh = _Exchanged(name).visit(copy.deepcopy(tree))
        yield f"`{name}` and `1 - {name}` stand in each other's place everywhere", fresh


class _Exchanged(ast.NodeTransformer):
    """z and 1 - z exchanged."""

    def __init__(self, name: str):
        self.name = name

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        return node.right if ast.unparse(node) == f"1 - {self.name}" else self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return _rest(node) if node.id == self.name and isinstance(node.ctx, ast.Load) else node


def _rest(share: ast.expr) -> ast.expr:
    return ast.BinOp(ast.Constant(1), ast.Sub(), share)
