"""The names of a row's axes: what the comment of its line or the right side of its equation says, (B, 4H)."""
import re
from collections.abc import Sequence
from typing import Any

from tinyseq.tracing.rows import Row


def named_axes(row: Row, on_line: Sequence[str], in_equation: Sequence[str], names_it: bool) -> tuple[str, ...]:
    """One name for each axis of the row's value: as the line's comment says, or its equation. A number that its line
    gives no name to is not what the equation is about, and goes by an input of its shape first. Where the text names
    other axes than there are, T comes or goes with the loop over time, and `...` stands for what the inputs have there;
    what is left goes by its size."""
    if not row.value.ndim:
        return ()
    like = next((x.axes for x in row.inputs if isinstance(x, Row) and x.value.shape == row.value.shape), None)
    said = [_split(text) for text in (*on_line, *([] if like and not names_it else in_equation))]
    exact = [axes for axes in said if len(axes) == row.value.ndim and "..." not in axes]
    for axes in (*exact, *said):
        if fitted := _fitted(axes, row, row.value.ndim):
            return fitted
    return like or _from_inputs(row, row.value.ndim)


def parameter_axes(layer: Any, name: str, ndim: int) -> tuple[str, ...]:
    """As the docstring of the layer's class, or of one that it is a kind of, has them: "W_xh (D, 4H)"."""
    for kind in type(layer).__mro__:
        for match in re.finditer(rf"\b{name}\b[^()\n]*\(([^()]*)\)", kind.__doc__ or ""):
            axes = _split(match[1])
            if len(axes) == ndim:
                return tuple(axes)
    return ()


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.strip("()").split(",") if part.strip()]


def _fitted(axes: list[str], row: Row, ndim: int) -> tuple[str, ...] | None:
    """The names, if they can be those of so many axes."""
    if "..." in axes:
        at = axes.index("...")
        behind = axes[at + 1:]
        front = _from_inputs(row, ndim)[:ndim - len(behind)]
        return (*front, *behind) if len(behind) <= ndim else None
    if row.steps[-1].op == "split":                        # (B, 4H) in four parts
        axes = [re.sub(r"^\d(?=[A-Z])", "", axis) for axis in axes]
    if len(axes) == ndim + 1 and "T" in axes and row.time is not None:
        axes = [axis for axis in axes if axis != "T"]
    if len(axes) == ndim - 1 and axes[0] == "B" and row.time is None:
        axes = ["B", "T", *axes[1:]]
    return tuple(axes) if len(axes) == ndim else None


def _from_inputs(row: Row, ndim: int) -> tuple[str, ...]:
    """Names of like axes of the inputs: those of one with the same shape, else axis by axis those of equal size."""
    rows = [x for x in row.inputs if isinstance(x, Row)]
    for x in rows:
        if x.value.shape == row.value.shape:
            return x.axes
    names: list[str] = []
    for i, n in enumerate(row.value.shape):
        same = [x.axes[i] for x in rows if len(x.axes) == ndim and x.value.shape[i] == n]
        same += [axis for x in rows for axis, size in zip(x.axes, x.value.shape, strict=True) if size == n]
        names.append(next((name for name in same if name not in names), DEFAULT.get((ndim, i), f"axis {i}")))
    return tuple(re.sub(r"^\d+$", "1", name) for name in names)


DEFAULT = {(1, 0): "B", (2, 0): "B", (3, 0): "B", (4, 0): "B", (3, 1): "T"}
