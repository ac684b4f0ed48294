"""Mistakes with what has a name of its own: of a sum with a name one term is forgotten where the name is used, or comes
behind a factor; or something is multiplied here as it is elsewhere.

    dh = dhs[:, t] + carry                                 # (4)
    da = dh * (1 - h ** 2)                                 # (5)     da = dhs[:, t] * (1 - h ** 2) [+ carry]
"""
import ast
import copy
from collections.abc import Iterator

Places = dict[int, str]                                    # the line of a statement -> " in (4), for `dc_prev`"


def of_all_places(tree: ast.Module, places: Places) -> Iterator[tuple[str, ast.Module]]:
    """(in words, the changed function), for each use of such a name."""
    uses = [(parent, use) for parent in ast.walk(tree) if isinstance(parent, ast.BinOp | ast.Call)
            for use in ast.iter_child_nodes(parent) if isinstance(use, ast.Name)]
    for name, left, right in _sums(tree):
        for parent, use in uses:
            if use.id == name and use.lineno != left.lineno:
                yield from _of_use(tree, parent, use, (left, right), places.get(use.lineno, ""))
    for product in _products(tree):
        for _, use in uses:
            if use.id in ast.unparse(product).split(" * ") and use.lineno != product.lineno:
                words = f"`{ast.unparse(product)}` stands where `{use.id}` belongs{places.get(use.lineno, '')}"
                yield words, _with(tree, use, product)


def _sums(tree: ast.Module) -> list[tuple[str, ast.expr, ast.expr]]:
    """(dh, dhs[:, t], carry) for dh = dhs[:, t] + carry"""
    return [(node.targets[0].id, node.value.left, node.value.right) for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.Add)]


def _products(tree: ast.Module) -> list[ast.BinOp]:
    """r * h, products of two names; each once."""
    found = {ast.unparse(node): node for node in ast.walk(tree) if isinstance(node, ast.BinOp)
             and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.Name) and isinstance(node.right, ast.Name)}
    return list(found.values())


def _of_use(tree: ast.Module, parent: ast.AST, use: ast.Name, terms: tuple[ast.expr, ast.expr],
            where: str) -> Iterator[tuple[str, ast.Module]]:
    """One term alone in the place of the sum; and the other one behind the factor."""
    for kept, lost in (terms, terms[::-1]):
        yield f"the term `{ast.unparse(lost)}` of `{use.id}` is missing{where}", _with(tree, use, kept)
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult):
            other = parent.right if use is parent.left else parent.left
            late = ast.BinOp(ast.BinOp(kept, ast.Mult(), other), ast.Add(), lost)
            yield (f"the term `{ast.unparse(lost)}` of `{use.id}` comes behind the factor `{ast.unparse(other)}`, "
                   f"and belongs before it{where}", _with(tree, parent, late))


def _with(tree: ast.Module, node: ast.AST, other: ast.expr) -> ast.Module:
    """The function with `other` in this place, found again in the copy by where it stands."""
    place = (type(node), node.lineno, node.col_offset, node.end_col_offset)      # type: ignore[attr-defined]

    class There(ast.NodeTransformer):
        def visit(self, here: ast.AST) -> ast.AST:
            if (type(here), *(getattr(here, at, 0) for at in ("lineno", "col_offset", "end_col_offset"))) == place:
                return ast.copy_location(copy.deepcopy(other), here)
            return self.generic_visit(here)
    changed = copy.deepcopy(tree)
    There().visit(changed)
    return changed
