"""Where a NaN or an infinity was made.

A NaN in the loss says nothing about where it comes from. Inside `with detect_anomaly():` every result of an op and
every gradient is looked at, and the first one that is not finite raises, with the op, its inputs and the line.
"""
import linecache
import sys
from collections.abc import Iterable
from contextlib import ContextDecorator
from pathlib import Path
from types import FrameType
from typing import Any

from tinyseq.backend import to_host, xp

HERE = Path(__file__).parent
HIDDEN = {str(HERE / "anomaly.py"), str(HERE / "autograd.py")}         # their lines are the same for every op
LN_OF_NOTHING = {"log_softmax", "logsumexp"}   # -inf is right where nothing takes part; they never overflow
_watchers: list["detect_anomaly"] = []


class detect_anomaly(ContextDecorator):
    """with detect_anomaly(): a NaN or an infinity raises FloatingPointError where it is made.

    The message names the op, what it was given, and the line of the forward call, also when the backward made it. An
    infinity that an op was given may be meant (a score of -inf): it raises only where a NaN comes of it. Holds in
    all threads, since a training step uses several, and costs a look at every number: for finding the fault only."""

    def __enter__(self) -> None:
        _watchers.append(self)

    def __exit__(self, *exception: Any) -> None:
        _watchers.remove(self)


def watching() -> bool:
    """Whether some detect_anomaly is in force."""
    return bool(_watchers)


def check_forward(name: str, arguments: Iterable, outputs: Iterable, origin: str) -> None:
    """Raise FloatingPointError if an output of this op is not finite and that is its own doing."""
    given = list(arguments)
    if fault := _fault(outputs, given, meant=name in LN_OF_NOTHING):
        raise FloatingPointError(f"{name} made {fault}, called at {origin}; its inputs: {_listed(given)}")


def check_backward(name: str, dys: Iterable, dxs: Iterable, origin: str | None) -> None:
    """The same for the gradients that a backward returns; origin None: the op was called outside detect_anomaly."""
    given = list(dys)
    if origin is None:
        origin = "a line outside detect_anomaly (put the forward pass inside, too, and the line is named)"
    if fault := _fault(dxs, given, meant=False):
        raise FloatingPointError(f"the backward of {name} made {fault}, called forward at {origin}; the gradients it "
                                 f"was given: {_listed(given)}")


def origin() -> str:
    """The line that called the op and, if that is a line of this library, the line of the user that led there."""
    frame: FrameType | None = sys._getframe(1)
    while frame and frame.f_code.co_filename in HIDDEN:
        frame = frame.f_back
    inner, outer = frame, frame
    while outer and Path(outer.f_code.co_filename).is_relative_to(HERE):
        outer = outer.f_back
    if inner is None or outer is None or outer is inner:
        return _line(inner)
    return f"{_line(inner)}, called from {_line(outer)}"


def _line(frame: FrameType | None) -> str:
    """file:number: the text of the line."""
    if frame is None:
        return "an unknown line"
    path, number = frame.f_code.co_filename, frame.f_lineno
    shown = Path(path).relative_to(HERE.parent) if Path(path).is_relative_to(HERE) else Path(path).name
    text = linecache.getline(path, number).strip()
    return f"{shown}:{number}" + (f": {text}" if text else "")


def _fault(made: Iterable, given: list, meant: bool) -> str | None:
    """What is not finite in these arrays, in words; None if nothing is, or only infinities that are meant or given."""
    for array in made:
        if _is_float(array) and (nan := _count(xp.isnan(array))):
            return f"NaN in {nan} of {array.size} entries"
        if meant or not _is_float(array):
            continue
        if (infinite := _count(xp.isinf(array))) and not any(map(_has_infinity, given)):
            return f"an infinity in {infinite} of {array.size} entries"
    return None


def _listed(given: list) -> str:
    """The arguments, each with its shape and what stands in it."""
    return ", ".join(f"{i}: {_about(x)}" for i, x in enumerate(given))


def _about(x: Any) -> str:
    if not hasattr(x, "dtype"):
        return repr(x)
    about = f"{x.dtype} {x.shape}"
    if not _is_float(x) or not x.size:
        return about
    if nan := _count(xp.isnan(x)):
        return f"{about} with NaN in {nan} entries"
    return f"{about} from {to_host(x.min()):.4g} to {to_host(x.max()):.4g}"


def _has_infinity(x: Any) -> bool:
    if isinstance(x, float):
        return x in (float("inf"), -float("inf"))
    return _is_float(x) and _count(xp.isinf(x)) > 0


def _count(flags: Any) -> int:
    return int(to_host(flags.sum()))


def _is_float(x: Any) -> bool:
    return hasattr(x, "dtype") and x.dtype.kind == "f"
