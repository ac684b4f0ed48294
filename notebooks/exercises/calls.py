"""Mistakes with whole calls: steps that are counted from one, and a function of several arguments that is left out."""
import ast
from collections.abc import Iterator


def of_place(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """(in words, what stands there instead) for one place."""
    if not isinstance(node, ast.Call):
        return
    said, given = ast.unparse(node), [ast.unparse(one) for one in node.args]
    if ast.unparse(node.func) == "np.arange" and len(given) == 1:
        yield (f"`{said}` counts from 1 and should count from 0",
               ast.parse(f"np.arange(1, {given[0]} + 1)", mode="eval").body)
    if isinstance(node.func, ast.Name) and len(given) > 1:
        for one, written in zip(node.args, given, strict=True):
            yield f"`{said}` is left out, `{written}` is taken as it is", one
