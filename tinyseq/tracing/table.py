"""A ledger as a table: which rows, and how they look in a terminal and in a notebook."""
import html
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from tinyseq.tracing.arithmetic import word
from tinyseq.tracing.rows import BackwardRow, Row

Rows = Sequence[Row | BackwardRow]
SHOWN = 6                                                  # numbers of a row that are printed


def chosen(rows: Rows, t: int | None = None, layer: str | None = None, symbol: str | None = None,
           head: int | None = None, phase: str | None = None) -> list[Row | BackwardRow]:
    """The rows of a time step (from 1 on), of a layer (its path or the beginning of it), of a symbol ("c_2", or "c" for
    all steps; "dL/dc" for gradients), of one head of an attention (from 0 on) and of a phase ("forward" or "backward").
    Raises ValueError if there are none."""
    found = [row for row in rows if (t is None or row.time == t) and (phase is None or row.phase == phase)
             and (layer is None or f"{row.module}.".startswith(f"{layer}.")) and (symbol is None or _is(row, symbol))]
    if head is not None:
        found = [of_head(row, head) for row in found if row.heads is not None and 0 <= head < row.shape[row.heads]]
    if not found:
        times = sorted({row.time for row in rows if row.time is not None})
        layers = sorted({row.module for row in rows if row.module})
        raise ValueError(f"no row has t={t}, layer={layer!r}, symbol={symbol!r}, head={head}, phase={phase!r}; there "
                         f"are steps {times[:1]} to {times[-1:]}, layers {layers}")
    return found


def of_head(row: Row | BackwardRow, head: int) -> Row | BackwardRow:
    """The part of a row that belongs to one head: alpha^{head0}."""
    axis = row.heads
    assert axis is not None
    part = (slice(None),) * axis + (head,)
    if isinstance(row, BackwardRow):
        of = of_head(row.of, head)
        return replace(row, of=of, symbol=f"dL/d{of.symbol}", value=row.value[part])
    return replace(row, symbol=f"{row.called}^{{head{head}}}", axes=row.axes[:axis] + row.axes[axis + 1:],
                   value=row.value[part], gradient=None if row.gradient is None else row.gradient[part])


def _is(row: Row | BackwardRow, symbol: str) -> bool:
    of = row.of if isinstance(row, BackwardRow) else row
    prefix = "dL/d" if isinstance(row, BackwardRow) else ""
    names = {of.symbol, *(name for name, _, _ in getattr(of, "names", []))}
    return any(symbol in (prefix + name, prefix + re.split(r"[\^_]", name)[0]) for name in names)


def text(rows: Rows) -> str:
    """One line a row: equation, symbol, axes, value, gradient; under a heading for each phase, time step and layer."""
    cells = [("equation", "symbol", "axes", "value", "dL/d(value)", "line")]
    cells += [(row.number, row.symbol, axes(row), numbers(row.value), numbers(getattr(row, "gradient", None)),
               place(row) if isinstance(row, Row) else row.equation) for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(5)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[5]])
             for line in cells]
    shown, before = [lines[0]], ""
    for row, line in zip(rows, lines[1:], strict=True):
        if (now := heading(row)) != before:
            shown += ["", now]
        shown.append(line)
        before = now
    return "\n".join(shown)


def heading(row: Row | BackwardRow) -> str:
    """ "forward, t = 2, stack.cells.0" """
    return ", ".join([row.phase, *([f"t = {row.time}"] if row.time else []), *([row.module] if row.module else [])])


def axes(row: Row | BackwardRow) -> str:
    """ "B=2, H=4" """
    return ", ".join(f"{name}={n}" if not name.isdigit() else name for name, n in zip(row.axes, row.shape, strict=True))


def numbers(value: Any) -> str:
    """The first numbers of an array."""
    if value is None:
        return ""
    flat = value.reshape(-1)
    return " ".join(map(word, flat[:SHOWN].tolist())) + (" ..." if flat.size > SHOWN else "")


def as_html(rows: Rows, caption: str) -> str:
    """The same table for a notebook: symbols with their indices below and above, all numbers of a row on a click."""
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("equation", "symbol", "axes", "value", "dL/d(value)"))
    body = "".join(
        f"<tr><th colspan='5' scope='rowgroup'>{html.escape(name)}</th></tr>" + "".join(map(_line, group))
        for name, group in groupby(rows, heading))
    return (f"<table class='tinyseq-trace'><caption>{html.escape(caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def _line(row: Row | BackwardRow) -> str:
    return (
        f"<tr><td title='{html.escape(place(row))}'>{html.escape(row.number)} {html.escape(short(row.equation))}</td>"
        f"<th scope='row'>{marked_up(row.symbol)}</th><td>{html.escape(axes(row))}</td>"
        f"<td>{_folded(row.value)}</td><td>{_folded(getattr(row, 'gradient', None))}</td></tr>")


def place(row: Row | BackwardRow) -> str:
    """Its line, or lines: file:line, as editors open it. A notebook's cell has no file to open: cell:line."""
    return re.sub(r"[^\s,]*ipykernel_\d+[/\\]\d+\.py:", "cell:", row.place)


def short(equation: str, width: int = 60) -> str:
    """Equations in one line: without the rest of their docstring's lines, and cut where they are long."""
    lines = (re.split(r"(?<!,)\s{3,}", re.sub(r"(\S)\s+=", r"\1 =", line))[0] for line in equation.splitlines())
    line = ",  ".join(lines)
    return line if len(line) <= width else line[:width - 3] + "..."


def marked_up(symbol: str) -> str:
    """c_2 -> c<sub>2</sub>"""
    escaped = html.escape(symbol)
    escaped = re.sub(r"\^(?:\{([^}]*)\}|(\w))", lambda m: f"<sup>{m[1] or m[2]}</sup>", escaped)
    return re.sub(r"_(?:\{([^}]*)\}|(\w+))", lambda m: f"<sub>{m[1] or m[2]}</sub>", escaped)


def _folded(value: Any) -> str:
    """The first numbers, and all of them behind them."""
    if value is None:
        return ""
    if value.size <= SHOWN:
        return html.escape(numbers(value))
    rows = value.reshape(-1, value.shape[-1]) if value.ndim else value.reshape(1, 1)
    lines = "<br>".join(" ".join(map(word, row.tolist())) for row in rows[:60])
    return f"<details><summary>{html.escape(numbers(value))}</summary>{lines}</details>"
