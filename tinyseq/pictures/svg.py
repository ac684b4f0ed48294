"""A graph that is laid out, as SVG: boxes of four outlines that print as well in black, and curves between them."""
import html
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

LETTER, HEIGHT, GAP, ROW = 6.6, 36, 34, 50                 # widths and heights in pixels; ROW from one box to the next
BEND = 14                                                  # the height that a passing edge takes
CSS = """text { font: 12px system-ui, "Segoe UI", Arial, sans-serif; text-anchor: middle; fill: #1a1a1a }
.note { font-size: 10px; fill: #5a5a5a } path { fill: none; stroke: #5a5a5a; stroke-width: 1.2 }
rect { fill: #ffffff; stroke: #0072B2; stroke-width: 1.4 } .parameter rect { stroke: #D55E00; stroke-width: 3 }
.data rect { stroke: #5a5a5a; stroke-dasharray: 4 3 } .loss rect { fill: #1a1a1a; stroke: #1a1a1a }
.loss text { fill: #ffffff }"""


def text_of(nodes: Sequence[Any], edges: Sequence[tuple[int, int]], layers: Sequence[Sequence[int]],
            bends: Mapping[tuple[int, int], Sequence[int]]) -> str:
    """The drawing of nodes (label, note, kind) that stand in these layers."""
    widths = [max((_width(nodes[i]) for i in layer if i < len(nodes)), default=20.0) for layer in layers]
    where, left = {}, 10.0
    for layer, width in zip(layers, widths, strict=True):
        heights = [ROW if i < len(nodes) else BEND for i in layer]
        top = -sum(heights) / 2
        for i, height in zip(layer, heights, strict=True):
            where[i] = (left + width / 2, top + height / 2)
            top += height
        left += width + GAP
    above = min(y for _, y in where.values()) - ROW / 2
    below = max(y for _, y in where.values()) + ROW / 2
    parts = [_edge([where[i] for i in (start, *bends[start, end], end)], _width(nodes[start]), _width(nodes[end]))
             for start, end in edges]
    parts += [_box(node, *where[i]) for i, node in enumerate(nodes)]
    said = f"Computation graph of {len(nodes)} nodes and {len(edges)} edges, from left to right"
    size = f'width="{left - GAP + 10:.0f}" height="{below - above:.0f}"'
    view = f'viewBox="0 {above:.0f} {left - GAP + 10:.0f} {below - above:.0f}"'
    arrow = ('<defs><marker id="tinyseq-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
             'orient="auto"><path d="M0 0L8 4L0 8" style="fill:#5a5a5a"/></marker></defs>')
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} role="img" aria-label="{said}" '
                      'class="tinyseq-graph">', f"<title>{said}</title>", f"<style>{_scoped(CSS)}</style>", arrow,
                      *parts, "</svg>", ""])


def _scoped(css: str) -> str:
    """Rules that hold in this drawing alone, on whatever page it stands."""
    return "".join(f".tinyseq-graph {rule.strip()} }}\n" for rule in css.split("}") if rule.strip())


def _width(node: Any) -> float:
    return max(len(node.label) * LETTER, len(node.note) * LETTER * 0.85, 24) + 14


def _box(node: Any, x: float, y: float) -> str:
    width, label, note = _width(node), html.escape(node.label), html.escape(node.note)
    lines = (f'<text x="{x:.1f}" y="{y - 2:.1f}">{_set(label)}</text>'
             f'<text class="note" x="{x:.1f}" y="{y + 12:.1f}">{note}</text>')
    return (f'<g class="node {node.kind}"><title>{label} {note}</title><rect x="{x - width / 2:.1f}" '
            f'y="{y - HEIGHT / 2:.1f}" width="{width:.1f}" height="{HEIGHT}" rx="{2 if node.kind == "data" else 7}"/>'
            f"{lines}</g>")


def _set(label: str) -> str:
    """a_{i,2} with its indices below and above, as in TeX."""
    def index(match: re.Match[str]) -> str:
        shift, said = (4, -4)[match[1] == "^"], match[2] or match[3]
        return f'<tspan dy="{shift}" font-size="9">{said}</tspan><tspan dy="{-shift}">&#8203;</tspan>'
    return re.sub(r"([_^])(?:\{([^}]*)\}|([A-Za-z0-9]+))", index, label)


def _edge(way: Sequence[tuple[float, float]], first: float, last: float) -> str:
    """From the right side of a box over its bends to the left side of another, level at each."""
    (x, y), (end, height) = way[0], way[-1]
    points = [(x + first / 2, y), *way[1:-1], (end - last / 2, height)]
    said = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        said += f"C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    return f'<path class="edge" d="{said}" marker-end="url(#tinyseq-tip)"/>'
