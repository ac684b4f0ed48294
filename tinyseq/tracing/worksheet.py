"""A sheet for paper and pencil: some rows are blank, everything that they are computed from is given."""
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinyseq.tracing.rows import BackwardRow, Row, Value
from tinyseq.tracing.table import axes, chosen, short

Rows = Sequence[Row | BackwardRow]
DIGITS = 4                                                 # behind the point


def write(rows: Rows, name: str, path: str | Path, blank: Sequence[str] | None) -> None:
    """The sheet to `path`, the answers to `path`.key, both as text. blank: symbols, "c_2", or "c" for every step."""
    left_out = _default(rows) if blank is None else [row for symbol in blank for row in chosen(rows, symbol=symbol)]
    asked = {id(row) for row in left_out}
    shown = [row for row in rows if id(row) in asked or any(_gives(row, other) for other in left_out)]
    sheet, key = [f"Worksheet: {name}", "", *_GUIDE, ""], [f"Answers: {name}", ""]
    for value in _values(left_out):
        named = ", ".join(f"{name}={n}" for name, n in zip(value.axes, value.value.shape, strict=True))
        sheet += [f"{value.path}   ({named})   given", *_matrix(value.value), ""]
    for row in shown:
        head = [f"{row.number} {row.symbol}   ({axes(row)})", f"    {short(row.equation, 100)}"]
        is_blank = id(row) in asked
        sheet += [*head, *(_blanks(row.value) if is_blank else _matrix(row.value)), ""]
        if is_blank:
            key += [*head, *_matrix(row.value), ""]
    Path(path).write_text("\n".join(sheet), encoding="utf-8")
    Path(f"{path}.key").write_text("\n".join(key), encoding="utf-8")


_GUIDE = ["Fill in the blanks from the top: each row follows from those above it and from what is given.",
          "A gradient dL/dx is the sum of what comes back through each equation that reads x.",
          f"Four digits behind the point are enough; the answers have {DIGITS}."]


def _default(rows: Rows) -> list[Row | BackwardRow]:
    """The last time step, forward and backward; where there is none, the last equations before the loss."""
    times = [row.time for row in rows if row.time is not None]
    if times:
        return [row for row in rows if row.time == max(times)]
    forward = [row for row in rows if isinstance(row, Row)][-6:]
    return [row for row in rows if row in forward or (isinstance(row, BackwardRow) and row.of in forward)]


def _gives(row: Row | BackwardRow, blank: Row | BackwardRow) -> bool:
    """Whether a row is needed to fill in a blank one."""
    if isinstance(blank, Row):
        return row in blank.inputs
    users = [use.by for use in blank.uses]
    if isinstance(row, BackwardRow):
        return row.of in users
    return row in users or any(row in user.inputs for user in users)


def _values(blank: Rows) -> list[Value]:
    """The parameters and data that the blank rows are computed from."""
    found: dict[int, Value] = {}
    for row in blank:
        of = [row] if isinstance(row, Row) else [use.by for use in row.uses]
        found |= {id(x): x for one in of for x in one.inputs if isinstance(x, Value)}
    return list(found.values())


def _matrix(value: Any) -> list[str]:
    rows = value.reshape(-1, value.shape[-1]) if value.ndim else value.reshape(1, 1)
    is_whole = value.dtype.kind in "iub"
    return ["    " + " ".join((f"{int(x)}" if is_whole else f"{x:.{DIGITS}f}").rjust(DIGITS + 4) for x in row.tolist())
            for row in rows]


def _blanks(value: Any) -> list[str]:
    rows = value.reshape(-1, value.shape[-1]) if value.ndim else value.reshape(1, 1)
    return ["    " + " ".join(["_" * (DIGITS + 3)] * rows.shape[1]) for _ in rows]
