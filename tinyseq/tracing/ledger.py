"""The ledger: every intermediate of one forward and backward pass, in the symbols of the equations."""
import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import to_device, xp
from tinyseq.layers.module import Module
from tinyseq.pictures.graph import Graph
from tinyseq.tracing import page, table, worksheet
from tinyseq.tracing.arithmetic import Arithmetic
from tinyseq.tracing.build import Builder
from tinyseq.tracing.graph import as_graph
from tinyseq.tracing.plain.arrays import at
from tinyseq.tracing.recorder import Recorder
from tinyseq.tracing.rows import BackwardRow, Row
from tinyseq.tracing.twins import by_tape


class Ledger:
    """rows         those of the forward pass (Row), then those of the backward pass (BackwardRow)
    forward, backward   each by itself;  parameters: the backward rows of the parameters, by their names
    loss         the number that was differentiated"""

    def __init__(self, built: Builder, name: str):
        self.name = name
        self.forward, self.backward = built.rows, built.backward
        self.loss = float(built.loss.numpy())
        self.parameters = {row.of.path: row for row in built.backward if not isinstance(row.of, Row)}

    @property
    def rows(self) -> list[Row | BackwardRow]:
        return [*self.forward, *self.backward]

    def show(self, t: int | None = None, layer: str | None = None, symbol: str | None = None, head: int | None = None,
             phase: str | None = None) -> None:
        """Print the rows of a time step, a layer, a symbol, a head, a phase, as table.chosen says; all without any.
        Raises ValueError where there is no such row."""
        print(table.text(table.chosen(self.rows, t, layer, symbol, head, phase)))

    def entry(self, symbol: str, *index: int, layer: str | None = None) -> str:
        """One entry's equation with the numbers put in: entry("c_2", 0, 1). Of several rows of that symbol the first,
        or the first of a layer. Raises ValueError for a symbol, a layer or an index that is none."""
        row = table.chosen(self.rows, layer=layer, symbol=symbol)[0]
        if len(index) != len(row.shape) or any(not 0 <= i < n for i, n in zip(index, row.shape, strict=True)):
            raise ValueError(f"{row.symbol} has the axes {table.axes(row)}: an entry has {len(row.shape)} indices, "
                             f"each from 0 on and below its size; got {index}")
        place = at(index, row.shape)
        arithmetic = Arithmetic()
        return arithmetic.forward(row, place) if isinstance(row, Row) else arithmetic.backward(row, place)

    def graph(self, t: int | None = None, layer: str | None = None) -> Graph:
        """The computation graph of the forward rows of a time step and of a layer, all without either: it shows itself
        in a notebook, and has .svg(), .dot() and .write(path). Raises ValueError where there is no such row."""
        return as_graph(table.chosen(self.forward, t, layer), self.forward[-1])       # type: ignore[arg-type]

    def worksheet(self, path: str | Path, blank: Sequence[str] | None = None) -> None:
        """Write a sheet for paper and pencil to `path`, and the answers to `path`.key. blank: the symbols to leave out,
        such as ["c_2", "dL/dc"]; None: all of the last time step. Raises ValueError for a symbol that is none."""
        worksheet.write(self.rows, self.name, path, blank)

    def html(self, path: str | Path) -> None:
        """Write the step-through page: one file that needs no network."""
        page.write(self, path)

    def __repr__(self) -> str:
        return (f"Ledger of {self.name}: L = {self.loss:.6g}, {len(self.forward)} rows forward, {len(self.backward)} "
                "back; .show(), .entry(symbol, *index), .graph(), .html(path), .worksheet(path)")

    def _repr_html_(self) -> str:
        return table.as_html(self.rows, f"{self.name}: L = {self.loss:.6g}")


def trace(model: Module, *inputs: Any, cotangent: Any = None) -> Ledger:
    """The hand-trace ledger of one pass of a model, forward and backward.

    inputs      a batch, as model.loss takes it: then L is the loss; or what the model is called with: then L is the sum
                of cotangent * y, where y is the model's (first) result
    cotangent   an array of the shape of y, the weight of each entry in L; None: 1 for all

    A copy of the model does the work, in float64 and as `eval` leaves it, without dropout. What is written by hand for
    speed is computed by its slow twin, so that gates and scores are rows, too. In a model of your own each line that
    computes something is a row. Raises ValueError without inputs, and for a cotangent of another shape."""
    if not inputs:
        raise ValueError("trace(model, *inputs) follows some numbers through the model: give a batch, as model.loss "
                         "takes it, or what the model is called with")
    model = by_tape(copy.deepcopy(model)).astype("float64").eval()
    recorder = Recorder()
    loss = recorder.run(lambda: _loss(model, [_in_float64(x) for x in inputs], cotangent))
    return Ledger(Builder(recorder, model, loss), type(model).__name__)


def _loss(model: Any, inputs: list[Any], cotangent: Any) -> Tensor:
    """(1) L = sum of cotangent * y"""
    if len(inputs) == 1 and not hasattr(inputs[0], "dtype") and hasattr(model, "loss") and cotangent is None:
        return model.loss(inputs[0])[0]
    y = model(*inputs)
    y = y[0] if isinstance(y, tuple) else y
    cotangent = xp.ones(y.shape, y.dtype) if cotangent is None else to_device(cotangent).astype(y.dtype)
    if cotangent.shape != y.shape:
        raise ValueError(f"the cotangent weighs each entry of the result {y.shape}; got {cotangent.shape}")
    return (y * cotangent).sum()                           # (1)


def _in_float64(x: Any) -> Any:
    """Floating-point numbers in float64; a batch with all of its own."""
    if isinstance(x, Tensor):
        return Tensor(_in_float64(x.data))
    if hasattr(x, "dtype"):
        return x.astype("float64") if x.dtype.kind == "f" else x
    if not hasattr(x, "__dict__"):
        return x
    batch = copy.copy(x)
    for name, value in vars(x).items():
        if hasattr(value, "dtype"):
            object.__setattr__(batch, name, _in_float64(value))
    return batch
