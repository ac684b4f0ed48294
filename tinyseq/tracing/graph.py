"""The rows of a ledger as a computation graph."""
from collections.abc import Sequence
from typing import Any

from tinyseq.pictures.graph import Graph, GraphNode
from tinyseq.tracing.rows import Row, Value
from tinyseq.tracing.table import axes


def as_graph(rows: Sequence[Row], loss: Row) -> Graph:
    """A node for each of these forward rows, by its symbol and the number of its equation, and for each number that
    they start from; what comes from rows that are not among them is drawn as data."""
    given = {id(x): x for row in rows for x in row.inputs}
    found: list[Any] = list({**given, **{id(row): row for row in rows}}.values())
    number = {id(x): i for i, x in enumerate(found)}
    own = {id(row) for row in rows}
    nodes = [_node(x, id(x) in own, x is loss) for x in found]
    edges = [(number[id(x)], number[id(row)]) for row in rows for x in row.inputs]
    return Graph(nodes, list(dict.fromkeys(edges)))


def _node(x: Row | Value, is_computed: bool, is_loss: bool) -> GraphNode:
    if isinstance(x, Value):
        sizes = ", ".join(f"{name}={n}" for name, n in zip(x.axes, x.value.shape, strict=True))
        return GraphNode(x.symbol, sizes, x.kind)
    note = " ".join(part for part in (x.number if is_computed else "", axes(x)) if part)
    return GraphNode(x.symbol, note, "loss" if is_loss else "op" if is_computed else "data")
