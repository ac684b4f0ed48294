"""Mistakes with masks: a triangle with another diagonal or turned round, no choice at all, what is hidden not -inf."""
import ast
from collections.abc import Iterator

Change = tuple[str, ast.expr]                              # in words, and what stands there instead


def of_place(node: ast.AST) -> Iterator[Change]:
    """(in words, what stands there instead) for one place."""
    said = ast.unparse(node) if isinstance(node, ast.expr) else ""
    if isinstance(node, ast.Call):
        given = ", ".join(map(ast.unparse, node.args))
        name = ast.unparse(node.func)
        if name in ("np.tril", "np.triu"):
            other = "np.triu" if name == "np.tril" else "np.tril"
            for written in (f"{name}({given}, 1)", f"{name}({given}, -1)", f"{other}({given})", f"{other}({given}, 1)",
                            f"{other}({given}, -1)"):
                yield _instead(written, said)
        elif name == "np.where" and len(node.args) == 3:
            chosen = ast.unparse(node.args[1])
            yield f"the choice of `{said}` is missing: `{chosen}` stands everywhere", node.args[1]
    elif said == "-np.inf":
        for written in ("0.0", "-1.0", "1e-9"):
            yield _instead(written, said)


def _instead(written: str, said: str) -> Change:
    return f"`{written}` stands where `{said}` belongs", ast.parse(written, mode="eval").body
