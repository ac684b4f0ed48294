"""The step-through page: one HTML file with the numbers, the drawings and the program that shows them.

The page stands in templates/: page.html holds the others (page.css, page.js, a drawing for each kind of cell) and the
ledger as JSON. What needs an equation with its numbers put in is worked out here, so the program in the page only
looks things up.
"""
import html
import json
import re
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any

from tinyseq.tracing.arithmetic import Arithmetic, word
from tinyseq.tracing.rows import BackwardRow, Row, Value
from tinyseq.tracing.symbols import base
from tinyseq.tracing.table import axes, short

TEMPLATES = Path(__file__).parent / "templates"
MOST = 160                             # numbers of a row that the page has; of larger ones it says how many more
SOURCES = 48                           # of the numbers that one is made of
BLOCK = re.compile(r"(?:cells|blocks)\.\d+")
DRAWINGS = {"layers/recurrent/lstm": "lstm", "layers/recurrent/gru": "gru", "layers/recurrent/rnn": "rnn",
            "ops/attention": "attention", "layers/attention/attention": "attention",
            "layers/attention/local": "attention"}


def write(ledger: Any, path: str | Path) -> None:
    """Write the page of a ledger to a file."""
    Path(path).write_text(rendered(ledger), encoding="utf-8")


def rendered(ledger: Any) -> str:
    """The page as text."""
    drawings = "\n".join(_template(f"{name}.svg") for name in dict.fromkeys(DRAWINGS.values()))
    data = json.dumps(as_data(ledger), separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    parts = {"title": html.escape(ledger.name), "css": _template("page.css"), "drawings": drawings, "data": data,
             "js": _template("page.js")}
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _template("page.html"))


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").rstrip()


def as_data(ledger: Any) -> dict[str, Any]:
    """What the page shows: nodes (given numbers, forward rows, backward rows) and steps, each a few of the nodes."""
    arithmetic = Arithmetic()
    given = list({id(x): x for row in ledger.forward for x in row.inputs if isinstance(x, Value)}.values())
    numbered = {id(x): i for i, x in enumerate([*given, *ledger.rows])}
    nodes = [_of_value(value) for value in given]
    nodes += [_of_row(row, arithmetic, numbered) for row in ledger.forward]
    nodes += [_of_gradient(row, arithmetic, numbered) for row in ledger.backward]
    groups = _groups(ledger.forward)
    back = {id(row.of): numbered[id(row)] for row in ledger.backward}
    steps = [{"label": "given: parameters and data", "phase": "given", "rows": list(range(len(given))), "drawings": [],
              "columns": []}]
    columns = [[numbered[id(row)] for row in group] for group in groups]
    for k, group in enumerate(groups):
        steps.append(_step("forward", group, columns[k], k))
    for k, group in reversed(list(enumerate(groups))):
        if ids := [back[id(row)] for row in reversed(group) if id(row) in back]:
            steps.append(_step("backward", group, ids, k))
    of_parameters = [back[id(value)] for value in given if id(value) in back]
    steps.append({"label": "backward: gradients of the parameters", "phase": "backward", "rows": of_parameters,
                  "drawings": [], "columns": []})
    return {"loss": ledger.loss, "nodes": nodes, "steps": steps, "columns": columns,
            "labels": [_label(group) for group in groups]}


# Steps ------------------------------------------------------------------------------------------------------

def _groups(rows: list[Row]) -> list[list[Row]]:
    """Rows that belong together: of one time step of a layer, or of one block."""
    def key(row: Row) -> tuple[Any, str]:
        block = BLOCK.search(row.module)
        return row.time, row.module[:block.end()] if block else row.module.split(".")[0]
    return [list(group) for _, group in groupby(rows, key)]


def _step(phase: str, group: list[Row], ids: list[int], column: int) -> dict[str, Any]:
    drawings = [name for row in group for page, name in DRAWINGS.items()
                if row.place.removeprefix("tinyseq/").startswith(page)]
    return {"label": f"{phase}: {_label(group)}", "phase": phase, "rows": ids, "columns": [column],
            "drawings": list(dict.fromkeys(drawings))}


def _label(group: list[Row]) -> str:
    """ "t = 2, stack.cells.0" """
    row, block = group[0], BLOCK.search(group[0].module)
    paths = [one.module.split(".") for one in group]
    common = ".".join(part[0] for part in takewhile(lambda part: len(set(part)) == 1, zip(*paths, strict=False)))
    where = row.module[:block.end()] if block else common or Path(row.place).name.partition(":")[0]
    return f"t = {row.time}, {where}" if row.time is not None else where


# Nodes ------------------------------------------------------------------------------------------------------

def _node(symbol: str, value: Any, **more: Any) -> dict[str, Any]:
    """What every node has; `more` says the rest."""
    flat = value.reshape(-1)
    words = [word(x) if value.dtype.kind == "f" else str(int(x)) for x in flat[:MOST].tolist()]
    return {"symbol": symbol, "base": base(symbol), "number": "", "equation": "", "place": "", "module": "",
            "names": [], "back": [], "axes": [], "of": None, "inputs": [], "text": [], "made_of": [],
            "shape": list(value.shape), "value": words, "more": flat.size - len(words)} | more


def _of_value(value: Value) -> dict[str, Any]:
    sizes = [f"{name} = {n}" for name, n in zip(value.axes, value.value.shape, strict=True)]
    return _node(value.symbol, value.value, axes=sizes, module=value.path if value.kind == "parameter" else "data")


def _of_row(row: Row, arithmetic: Arithmetic, numbered: dict[int, int]) -> dict[str, Any]:
    shown = range(min(row.value.size, MOST))
    made_of = [[[numbered[id(x)], i] for x, i in arithmetic.made_of(row, place)[:SOURCES]] for place in shown]
    return _node(row.symbol, row.value, base=base(row.called), number=row.number, equation=short(row.equation, 110),
                 place=row.place, module=row.module, axes=_axes(row),
                 back=[_together(row.backward)],
                 names=[f"{symbol} {number} {place}" for symbol, number, place in row.names],
                 inputs=[numbered[id(x)] for x in row.inputs], made_of=made_of,
                 text=[arithmetic.forward(row, place) for place in shown])


def _of_gradient(row: BackwardRow, arithmetic: Arithmetic, numbered: dict[int, int]) -> dict[str, Any]:
    shown = range(min(row.value.size, MOST))
    called = row.of.called if isinstance(row.of, Row) else row.of.symbol
    return _node(row.symbol, row.value, base=f"dL/d{base(called)}", number=row.number, equation=row.equation,
                 place=_together(row.place.split(", ")), module=row.module, axes=_axes(row), of=numbered[id(row.of)],
                 text=[arithmetic.backward(row, place) for place in shown])


def _axes(row: Row | BackwardRow) -> list[str]:
    return axes(row).replace("=", " = ").replace("nh", "head").split(", ") if row.shape else []


def _together(places: list[str]) -> str:
    """Lines of one file behind its name: "a.py:1, a.py:2" -> "a.py:1, 2"."""
    lines: dict[str, list[str]] = {}
    for place in places:
        file, _, line = place.rpartition(":")
        lines.setdefault(file, []).append(line)
    return "; ".join(f"{file}:{', '.join(numbers)}" if file else "" for file, numbers in lines.items())
