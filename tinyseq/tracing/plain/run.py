"""An op's results, and the gradients of its arguments, computed entry by entry."""
from typing import Any

from tinyseq.tracing.plain import formulas
from tinyseq.tracing.plain.arranging import ARRANGING
from tinyseq.tracing.plain.arrays import Array, number
from tinyseq.tracing.plain.computing import COMPUTING, Entry

REDUCED = ("cross_entropy", "mse")                         # known here as sums alone


def is_known(op: str, settings: dict[str, Any]) -> bool:
    """Whether this op with these settings stands here in plain Python."""
    if op in REDUCED:
        return settings.get("reduction") == "sum" and not settings.keys() & {"label_smoothing", "weights"}
    return op in ARRANGING or op in COMPUTING


def entries_of(op: str, arguments: list[Any], settings: dict[str, Any]) -> list[tuple[tuple[int, ...], list[Entry]]]:
    """For each result of the op its shape, and for each entry its formula and the (argument, place) of its numbers."""
    if not is_known(op, settings):
        raise ValueError(f"{op} is not among the ops that stand in tracing/plain: {', '.join(ARRANGING)}, "
                         f"{', '.join(COMPUTING)}; losses there are sums")
    if op in ARRANGING:
        return [(shape, [(formulas.SAME, [p]) if isinstance(p, tuple) else (_constant(p), []) for p in found])
                for shape, found in ARRANGING[op](arguments, settings)]
    return [COMPUTING[op](_as_arrays(op, arguments, settings), settings)]


def forward(op: str, arguments: list[Any], settings: dict[str, Any]) -> list[Array]:
    """The results."""
    given = numbers_of(op, arguments, settings)
    return [Array(shape, [formula.value([given[k].data[i] for k, i in where]) for formula, where in entries])
            for shape, entries in entries_of(op, arguments, settings)]


def backward(op: str, arguments: list[Any], settings: dict[str, Any], dys: list[Array]) -> dict[int, Array]:
    """{argument: its gradient}: every entry of the result hands dy times the slope on to each number it was made of."""
    given = numbers_of(op, arguments, settings)
    found: dict[int, Array] = {}
    for (_, entries), dy in zip(entries_of(op, arguments, settings), dys, strict=True):
        for (formula, where), d in zip(entries, dy.data, strict=True):
            xs = [given[k].data[i] for k, i in where]
            for (k, i), slope in zip(where, formula.slopes(xs, formula.value(xs)), strict=True):
                if k not in found:
                    found[k] = Array(given[k].shape, [0.0] * len(given[k].data))
                found[k].data[i] += d * slope
    return found


def numbers_of(op: str, arguments: list[Any], settings: dict[str, Any]) -> list[Any]:
    """The arguments that entries point at."""
    return arguments if op in ARRANGING else _as_arrays(op, arguments, settings)


def _as_arrays(op: str, arguments: list[Any], settings: dict[str, Any]) -> list[Any]:
    """Numbers as arrays without axes; what rotary turns by stands among its settings."""
    if op == "conv2d" and settings.get("b") is not None:
        arguments = [*arguments, settings["b"]]
    extra = [settings["cos"], settings["sin"]] if op == "rotary" else []
    return [number(x) if isinstance(x, int | float) else x for x in (*arguments, *extra)]


def _constant(value: float) -> formulas.Formula:
    return formulas.Formula(lambda x: value, lambda x, y: [], lambda w: f"{value:g}")
