"""The names of a row's axes: what the comment of its line or the right side of its equation says, (B, 4H)."""
import re
from collections.abc import Sequence
from typing import Any

from tinyseq.tracing.rows import Row, Value


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
        for match in re.finditer(rf"\b{name}\b[^()\n]*(\([^()]*\))", kind.__doc__ or ""):
            axes = _split(match[1])
            other = "-" in match[1] or (ndim == 1 and (axes[0].isdigit() or "+" in axes[0]))
            if len(axes) == ndim and not other:            # other: (x - mean), (variance + epsilon), equation (1)
                return tuple(axes)
    return ()


def given_axes(value: Value, readers: Sequence[Row]) -> tuple[str, ...]:
    """Names for the axes of a parameter or of data that no docstring has: those of what reads it. Data begin with the
    axes of what they become; a bias ends with those of what it is added to. The rest goes by size."""
    names: list[str] = []
    ndim, is_data = value.value.ndim, value.kind == "data"
    for i, n in enumerate(value.value.shape):
        said = [axis for row in readers if (axis := _at(row, i if is_data else i - ndim, n))]
        if is_data and ndim < 4:
            said += [axis for row in readers for x in (row, *row.inputs) if x is not value
                     for axis, size in zip(x.axes, x.value.shape, strict=True)
                     if size == n and not axis.startswith("axis")]
        words = [axis for axis in said if not axis.isdigit()]
        default = "1" if n == 1 else "width" if is_data else f"axis {i}"
        default = DEFAULT.get((ndim, i), default) if is_data else default
        names.append(next((axis for axis in words if axis not in names), (words or [default])[0]))
    return tuple(names)


def _at(row: Row, i: int, n: int) -> str:
    """The name of axis i of a row, if it has one of this size."""
    return row.axes[i] if -row.value.ndim <= i < row.value.ndim and row.shape[i] == n else ""


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


DEFAULT = {(1, 0): "B", (2, 0): "B", (3, 0): "B", (4, 0): "B", (3, 1): "T", (4, 1): "C", (4, 2): "height",
           (4, 3): "width"}
