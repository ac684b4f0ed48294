"""What a ledger is made of: rows, what they were computed from, and where their gradients came from."""
from dataclasses import dataclass, field
from typing import Any

from tinyseq.backend import to_host
from tinyseq.tracing import plain
from tinyseq.tracing.plain import Array


@dataclass(eq=False, repr=False)
class Value:
    """A parameter, or numbers that came from outside: ids, a first state, a mask.

    symbol   what it is called: "W_xh", "h_0"
    kind     "parameter" or "data"
    module   the path of the layer that a parameter belongs to; else ""
    value    the array, on the host
    axes     their names, as the layer's docstring has them behind the parameter, or those of what reads the numbers;
             "axis 0" where nothing has one"""
    symbol: str
    kind: str
    module: str
    value: Any
    axes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.axes = self.axes or tuple(f"axis {i}" for i in range(self.value.ndim))

    @property
    def path(self) -> str:
        """The parameter's name in the model."""
        return f"{self.module}.{self.symbol}" if self.module else self.symbol


@dataclass(eq=False, repr=False)
class Step:
    """One call of an op, y = op(*arguments, **settings).

    arguments   each a Row, a Value, an Inner, or what is no array: a number, an index, None
    values      its results, gradients dL/d(each of them); None where none is wanted"""
    op: str
    arguments: list[Any]
    settings: dict[str, Any]
    values: list[Any]
    gradients: list[Any]


@dataclass(frozen=True)
class Inner:
    """Result `slot` of an earlier step of the same row."""
    step: Step
    slot: int

    @property
    def value(self) -> Any:
        return self.step.values[self.slot]


@dataclass(eq=False, repr=False)
class Use:
    """One place that a number goes to, and what of its gradient comes from there.

    by         the row that is computed there, and label, its equation and symbol; of parts that are cut out of one
               number together, the first row and the symbols of all
    argument   the step of that row, and which argument of it
    gradient   the part of dL/d(the number)"""
    by: "Row"
    label: str
    argument: tuple[int, int]
    gradient: Any


@dataclass(eq=False, repr=False)
class Row:
    """One intermediate of the forward pass.

    symbol      with its time step and layer: "c_2", "h^1_2"
    numbers     of its equation, ("4",), and equation, its text out of the docstring; of several, a line for each
    place       file:line;  function
    backward    the lines that carry the gradient back through this equation
    axes        names, ("B", "H");  value and gradient, arrays on the host, dL/d(value) being None where none is wanted
    time        the step, from 1 on, or None;  module, the path of its layer
    steps       the calls that compute it, one after the other; `result` says which result of the last it is
    inputs      the Rows and Values that they start from
    names       (symbol, number, place) that statements around it have for the same number: y_t of the model's page
    uses        where it goes to
    returned    whether its line returns it, and so gives it no name"""
    index: int
    symbol: str
    numbers: tuple[str, ...]
    equation: str
    place: str
    function: str
    backward: list[str]
    axes: tuple[str, ...]
    value: Any
    gradient: Any
    time: int | None
    module: str
    steps: list[Step]
    result: int
    inputs: list[Any] = field(default_factory=list)
    names: list[tuple[str, str, str]] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    returned: bool = False
    phase: str = "forward"

    def __repr__(self) -> str:
        return f"Row({self.symbol}, {self.number} {self.equation!r}, {self.shape}, {self.place})"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def number(self) -> str:
        """ "(4)" """
        return " ".join(f"({n})" for n in self.numbers)

    @property
    def called(self) -> str:
        """Of what a function returns, the name that the statement around it has: the y of a Linear goes by many."""
        return self.names[0][0] if self.returned and self.names else self.symbol

    @property
    def heads(self) -> int | None:
        """The axis of the heads, if it has one."""
        return self.axes.index("nh") if "nh" in self.axes else None

    def recomputed(self) -> Array:
        """The value once more, in plain Python, from what its inputs were. Raises ValueError for an op that plain/ does
        not have."""
        results: dict[int, list[Array]] = {}
        for step in self.steps:
            results[id(step)] = plain.forward(step.op, plain_arguments(step, results), plain_settings(step))
        return results[id(self.steps[-1])][self.result]


@dataclass(eq=False, repr=False)
class BackwardRow:
    """dL/d(a forward row, or a parameter): the sum of what comes from each use.

    of        the Row, or the Value of the parameter
    uses      in the order in which the backward pass meets them: the last use first"""
    index: int
    of: Any
    symbol: str
    value: Any
    uses: list[Use]
    phase: str = "backward"

    def __repr__(self) -> str:
        return f"BackwardRow({self.equation}, {self.shape})"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def axes(self) -> tuple[str, ...]:
        return self.of.axes

    @property
    def time(self) -> int | None:
        return self.of.time if isinstance(self.of, Row) else None

    @property
    def module(self) -> str:
        return self.of.module

    @property
    def heads(self) -> int | None:
        return self.of.heads if isinstance(self.of, Row) else None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Of the equations that it comes from."""
        return tuple(dict.fromkeys(n for use in self.uses for n in use.by.numbers))

    @property
    def number(self) -> str:
        return " ".join(f"({n})" for n in self.numbers)

    @property
    def equation(self) -> str:
        """The sum, each part named by the equation that it comes through."""
        parts = list(dict.fromkeys(f"from {use.label}" for use in self.uses))
        return f"{self.symbol} = " + (" + ".join(parts) if parts else "dL/dL = 1")

    @property
    def place(self) -> str:
        """Where that is written by hand."""
        return ", ".join(dict.fromkeys(place for use in self.uses for place in use.by.backward))

    def recomputed(self) -> Array:
        """The gradient once more, in plain Python, through the slopes of every use."""
        total = [0.0] * self.value.size
        for use in self.uses:
            step, argument = use.by.steps[use.argument[0]], use.argument[1]
            dys = [as_plain(dy) for dy in step.gradients]
            found = plain.backward(step.op, plain_arguments(step, {}), plain_settings(step), dys).get(argument)
            if found is not None:
                total = [a + b for a, b in zip(total, found.data, strict=True)]
        return Array(tuple(self.value.shape), total)


def plain_arguments(step: Step, results: dict[int, list[Array]]) -> list[Any]:
    """What a step was given, in plain Python: of an earlier step what was recomputed, if it is among the results (by
    the step's id); otherwise what was recorded."""
    def plainly(x: Any) -> Any:
        if isinstance(x, Inner) and id(x.step) in results:
            return results[id(x.step)][x.slot]
        return as_plain(x.value if isinstance(x, Row | Value | Inner) else x)
    return [plainly(x) for x in step.arguments]


def plain_settings(step: Step) -> dict[str, Any]:
    return {name: as_plain(x) for name, x in step.settings.items()}


def as_plain(x: Any) -> Any:
    """An array as a shape and a list; tuples and lists part by part; all else as it is."""
    if hasattr(x, "dtype") and hasattr(x, "shape"):
        host = to_host(x)
        return Array(tuple(host.shape), host.reshape(-1).tolist())
    if isinstance(x, tuple) and not isinstance(x, Array):
        return tuple(map(as_plain, x))
    return [as_plain(part) for part in x] if isinstance(x, list) else x
