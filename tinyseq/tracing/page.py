"""The step-through page: one HTML file with the numbers, the drawings and the program that shows them.

The page stands in templates/: page.html holds the others (page.css, the scripts, a drawing for each kind of cell) and
the ledger as JSON. What needs an equation with its numbers put in is worked out here (nodes.py), so the program in the
page only looks things up.
"""
import html
import json
import re
from functools import cache
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any

from tinyseq.tracing.nodes import Nodes
from tinyseq.tracing.rows import Row, Value
from tinyseq.tracing.symbols import base

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ["data.js", "rows.js", "drawing.js", "focus.js", "map.js", "controls.js"]       # each uses those before it
BLOCK = re.compile(r"(?:cells|blocks)\.\d+")
DRAWINGS = {"layers/recurrent/lstm": "lstm", "layers/recurrent/gru_cudnn": "gru_cudnn", "layers/recurrent/gru": "gru",
            "layers/recurrent/rnn": "rnn", "ops/attention": "attention", "layers/attention/attention": "attention",
            "layers/attention/local": "attention"}
# Which input of which equation a box shows that has no row of its own among the step's: {box: (symbol, which of them)}.
INPUTS = {"lstm": {"x": ("a", 0), "h_before": ("a", -1), "c_before": ("c", -1)},
          "gru": {"x": ("x_r", 0), "h_before": ("h", -1)}, "gru_cudnn": {"x": ("x_r", 0), "h_before": ("h", -1)},
          "rnn": {"x": ("a", 0), "h_before": ("a", -1)},
          "attention": {"q": ("e", 0), "k": ("e", -1), "v": ("c", -1)}}


def write(ledger: Any, path: str | Path) -> None:
    """Write the page of a ledger to a file."""
    Path(path).write_text(rendered(ledger), encoding="utf-8")


def rendered(ledger: Any) -> str:
    """The page as text."""
    drawings = "\n".join(_template(f"{name}.svg") for name in dict.fromkeys(DRAWINGS.values()))
    data = json.dumps(as_data(ledger), separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    parts = {"title": html.escape(ledger.name), "css": _template("page.css"), "drawings": drawings, "data": data,
             "js": "\n\n".join(map(_template, SCRIPTS))}
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _template("page.html"))


@cache
def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").rstrip()


def as_data(ledger: Any) -> dict[str, Any]:
    """What the page shows: nodes (given numbers, forward rows, backward rows) and steps, each a few of the nodes."""
    given = list({id(x): x for row in ledger.forward for x in row.inputs if isinstance(x, Value)}.values())
    nodes = Nodes(given, ledger.forward, ledger.backward)
    groups = _groups(ledger.forward)
    back = {id(row.of): nodes.number_of[id(row)] for row in ledger.backward}
    of_parameters = [back[id(value)] for value in given if id(value) in back]
    columns = [[nodes.number_of[id(row)] for row in group] for group in groups]
    labels = _labels(groups)
    steps = [_ends("given: parameters and data", "given", list(range(len(given))))]
    steps += [_step(nodes, "forward", group, labels[k], columns[k], k) for k, group in enumerate(groups)]
    for k, group in reversed(list(enumerate(groups))):
        if ids := [back[id(row)] for row in reversed(group) if id(row) in back]:
            steps.append(_step(nodes, "backward", group, labels[k], ids, k))
    steps.append(_ends("gradients of the parameters", "backward", of_parameters))
    first = next((k for k, step in enumerate(steps) if step["drawings"]), 1)       # what the page opens on
    return {"loss": ledger.loss, "first": first, "nodes": nodes.made, "steps": steps, "columns": columns,
            "labels": labels, "texts": nodes.texts, "lines": nodes.lines}


# Steps ------------------------------------------------------------------------------------------------------

def _groups(rows: list[Row]) -> list[list[Row]]:
    """Rows that belong together: of one time step of a layer, or of one block."""
    def key(row: Row) -> tuple[Any, str]:
        block = BLOCK.search(row.module)
        return row.time, row.module[:block.end()] if block else row.module.split(".")[0]
    return [list(group) for _, group in groupby(rows, key)]


def _step(nodes: Nodes, phase: str, group: list[Row], label: list[str], ids: list[int], column: int) -> dict[str, Any]:
    """A step with rows of one group, or with their gradients."""
    drawings = _drawings(group)
    drawn = {name: {box: nodes.number_of[id(x)] for box, x in _boxes(name, group).items()} for name in drawings}
    texts = [at[1] for row in group for at in nodes.made[nodes.number_of[id(row)]]["at"]]
    if phase == "backward":
        texts = [text for row in group if (text := nodes.by_hand(row)) is not None] + texts
    what, where = label
    return {"label": f"{what} {phase}" + (f", {where}" if where else ""), "phase": phase, "rows": ids,
            "columns": [column], "drawings": drawings, "drawn": drawn, "texts": list(dict.fromkeys(texts))}


def _ends(label: str, phase: str, ids: list[int]) -> dict[str, Any]:
    """What is there before the first step, and after the last."""
    return {"label": label, "phase": phase, "rows": ids, "columns": [], "drawings": [], "drawn": {}, "texts": []}


def _drawings(group: list[Row]) -> list[str]:
    return [name for name in dict.fromkeys(map(_drawing, group)) if name]


def _drawing(row: Row) -> str:
    """The drawing of the page that a row is computed on; "" if it has none."""
    page = row.place.removeprefix("tinyseq/")
    return next((name for start, name in DRAWINGS.items() if page.startswith(start)), "")


def _boxes(drawing: str, group: list[Row]) -> dict[str, Row | Value]:
    """{box of a drawing: the row or value that it shows}"""
    rows = {base(row.called): row for row in group if _drawing(row) in (drawing, "")}
    found: dict[str, Row | Value] = {}
    for box, (symbol, which) in INPUTS[drawing].items():
        inputs = [x for x in (rows[symbol].inputs if symbol in rows else [])
                  if isinstance(x, Row) or (x.kind == "data" and drawing != "attention")]
        if box.endswith("_before"):
            inputs = [x for x in inputs if x not in group]
        if inputs:
            found[box] = inputs[which]
    boxes = re.findall(r'data-symbol="(\w+)"', _template(f"{drawing}.svg"))
    return {box: x for box, x in (found | rows).items() if box in boxes}


def _labels(groups: list[list[Row]]) -> list[list[str]]:
    """What and where: ["t = 2", "encoder.stack.cells.0"]; where stays out if all time steps are of one layer."""
    timed = {_where(group) for group in groups if group[0].time is not None}
    found = []
    for group in groups:
        where, symbols = _where(group), ", ".join(list(dict.fromkeys(row.called for row in group))[:3])
        if group[0].time is not None:
            found.append([f"t = {group[0].time}", where if len(timed) > 1 else ""])
        else:
            is_of_a_cell = BLOCK.search(where) is not None and len(group) == 1
            found.append([symbols, where] if is_of_a_cell or not where else [where, ""])
    return found


def _where(group: list[Row]) -> str:
    """The path of the layer, of a block that of the block, of several what their paths begin with."""
    block = BLOCK.search(group[0].module)
    paths = [row.module.split(".") for row in group]
    common = ".".join(part[0] for part in takewhile(lambda part: len(set(part)) == 1, zip(*paths, strict=False)))
    return group[0].module[:block.end()] if block else common
