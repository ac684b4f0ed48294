"""The computation graph of a loss: what was computed from what, as an SVG drawing and as DOT text."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tinyseq.autograd import Tensor
from tinyseq.pictures.layout import placed
from tinyseq.pictures.svg import text_of

MOST = 150                                                 # nodes of a drawing that can still be read
DOT_STYLES = {"op": "shape=box, style=rounded", "parameter": "shape=box, penwidth=2.5",
              "data": "shape=box, style=dashed", "loss": "shape=box, style=filled, fillcolor=black, fontcolor=white"}


class GraphNode(NamedTuple):
    """label   what it is called: an op, a symbol, a parameter's path
    note    a second line: its shape, its equation
    kind    "op" (something computed), "parameter", "data" or "loss"; each is drawn with an outline of its own"""
    label: str
    note: str
    kind: str


@dataclass(frozen=True)
class Graph:
    """Nodes, and edges (from, to) by their numbers. In a notebook it shows itself."""
    nodes: Sequence[GraphNode]
    edges: Sequence[tuple[int, int]]

    def svg(self) -> str:
        """The drawing, from what is given on the left to the loss on the right; as text that is a file of its own."""
        return text_of(self.nodes, self.edges, *placed(len(self.nodes), self.edges))

    def dot(self) -> str:
        """For Graphviz and other programs that draw graphs."""
        lines = [f'  n{i} [label="{_quoted(node.label)}\\n{_quoted(node.note)}", {DOT_STYLES[node.kind]}];'
                 for i, node in enumerate(self.nodes)]
        lines += [f"  n{start} -> n{end};" for start, end in self.edges]
        return "\n".join(["digraph {", "  rankdir=LR;", *lines, "}", ""])

    def write(self, path: str | Path) -> None:
        """Write the drawing to a file called .svg, or the text to one called .dot. Raises ValueError for another."""
        suffix = Path(path).suffix
        if suffix not in (".svg", ".dot"):
            raise ValueError(f"a graph is written as .svg or as .dot; got {Path(path).name}")
        Path(path).write_text(self.svg() if suffix == ".svg" else self.dot(), encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.svg()


def computation_graph(loss: Tensor, names: Mapping[str, Tensor] | None = None) -> Graph:
    """What a loss was computed from, as the engine recorded it: a node for each op, and one for each tensor that wants
    a gradient and was given; what an op reads twice leads there by one edge. Constants are not recorded, and so not
    drawn. Call it before loss.backward(), which frees the graph.

    names   what the given tensors are called: dict(model.named_parameters())
    Raises ValueError for a tensor that nothing was recorded of, and for a graph of more nodes than can be read."""
    if loss.node is None:
        raise ValueError("this tensor has no history to draw: it was given, or computed from none that wants a "
                         "gradient")
    called = {id(x): name for name, x in (names or {}).items()}
    number: dict[int, int] = {}                            # by the id of an op's node, or of a given tensor
    nodes: list[GraphNode] = []
    edges, waiting = [], [loss]
    while waiting:
        tensor = waiting.pop()
        owner = tensor if tensor.node is None else tensor.node
        if id(owner) in number:
            continue
        number[id(owner)] = len(nodes)
        if tensor.node is None:
            nodes.append(GraphNode(called.get(id(tensor), "given"), _shape(tensor.shape), "parameter"))
            continue
        nodes.append(GraphNode(tensor.node.name, " ".join(_shape(shape) for shape, _ in tensor.node.outputs),
                               "loss" if tensor is loss else "op"))
        waiting += [x for x in tensor.node.parents if x is not None]
        edges += [(x, tensor.node) for x in tensor.node.parents if x is not None]
    if len(nodes) > MOST:
        raise ValueError(f"a graph of {len(nodes)} nodes cannot be read, {MOST} can: record fewer steps or a smaller "
                         "model, or draw a part of a trace: ts.trace(...).graph(t=2)")
    pairs = [(number[id(x if x.node is None else x.node)], number[id(node)]) for x, node in edges]
    return Graph(nodes, list(dict.fromkeys(pairs)))


def _shape(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
