"""What happened while a model ran: every call of an op, and the numbered statement that it belongs to.

The engine tells of each call (autograd.observed). Which line of the library made it is found in Python's own stack of
frames: the innermost one that stands on a statement with an equation number owns the call. A statement may own several
calls, c = f * c + i * g three of them; and it may have others inside it that carry numbers of their own, as where a
block calls its attention.
"""
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tinyseq.autograd import Tensor, observed
from tinyseq.layers.module import Module
from tinyseq.tracing.source import HERE, Statement, statements
from tinyseq.tracing.twins import TWINS

INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
ROOMS = ("layers", "models", "ops", "tracing")             # whose lines have equations


@dataclass(eq=False, repr=False)
class Execution:
    """A numbered statement, executed once.

    time      the step, counted from 1; None outside a loop over time
    module    the path of the layer whose statement it is: "stack.cells.0"
    parent    the execution that this one happened inside of
    calls     of ops, that no statement inside it owns
    targets   (name, tensor) of what it assigned, or ("", tensor) of what it returned"""
    statement: Statement
    time: int | None
    module: str
    parent: "Execution | None"
    names: dict[int, str]
    calls: list["Call"] = field(default_factory=list)
    targets: list[tuple[str, Tensor]] = field(default_factory=list)
    last: Tensor | None = None


@dataclass(eq=False, repr=False)
class Call:
    """One call of an op: outputs = op(*arguments, **settings)."""
    op: str
    arguments: tuple[Any, ...]
    settings: dict[str, Any]
    outputs: tuple[Tensor, ...]
    owner: Execution | None
    origin: str


@dataclass
class _Open:
    """An execution that may go on, and where its frame stood at the last call."""
    frame: FrameType
    child: FrameType | None
    instruction: int
    execution: Execution


class Recorder:
    """Told of each call by the engine; `calls` and `executions` in the order in which they happened."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.executions: list[Execution] = []
        self.frames: list[FrameType] = []                  # kept, so that no two have the same id
        self._open: list[_Open] = []

    def twin(self, name: str) -> Any:
        """The slow twin of this op, to be called instead."""
        return TWINS.get(name)

    def run(self, work: Callable[[], Any]) -> Any:
        """work(), observed: frames outside of this one are none of the model's."""
        with observed(self):
            result = work()
        self._close(0)
        return result

    def called(self, op: str, arguments: tuple, settings: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """One call has returned."""
        stack = _library_frames(sys._getframe(1))
        owner = self._owner(stack)
        call = Call(op, arguments, settings, outputs, owner, _place(stack))
        self.calls.append(call)
        if owner is not None:
            owner.calls.append(call)
        for entry in self._open:
            entry.execution.last = outputs[0]

    def _owner(self, stack: list[tuple[FrameType, FrameType | None, Statement | None]]) -> Execution | None:
        """The execution that a call belongs to: one that goes on, or a new one. stack: from the outermost frame on."""
        numbered = [(frame, child, s) for frame, child, s in stack if s is not None and (s.numbers or s.is_readers)]
        kept = 0
        for entry, (frame, child, statement) in zip(self._open, numbered, strict=False):
            same = entry.frame is frame and entry.execution.statement is statement
            if not same or not (child is entry.child or frame.f_lasti > entry.instruction or statement.repeats):
                break
            entry.child, entry.instruction = child, frame.f_lasti
            kept += 1
        self._close(kept)
        for frame, child, statement in numbered[kept:]:
            assert statement is not None
            parent = self._open[-1].execution if self._open else None
            made = Execution(statement, _time(stack, frame), _module(stack, frame), parent, _names(frame.f_locals))
            self.executions.append(made)
            self.frames.append(frame)
            self._open.append(_Open(frame, child, frame.f_lasti, made))
        return self._open[-1].execution if self._open else None

    def _close(self, kept: int) -> None:
        """Executions behind the first `kept` are over: what did they assign?"""
        while len(self._open) > kept:
            entry = self._open.pop()
            execution = entry.execution
            for name in execution.statement.targets:
                execution.targets += [(name, x) for x in _tensors(entry.frame.f_locals.get(name))]
            if not execution.targets and execution.last is not None:
                execution.targets = [("", execution.last)]


START = Recorder.run.__code__                              # where a trace begins in the stack of frames


def _library_frames(frame: FrameType | None) -> list[tuple[FrameType, FrameType | None, Statement | None]]:
    """(frame, the frame inside it, its statement) of pages with equations, from the outermost on. A comprehension is
    part of its statement, whether this Python gives it a frame or not."""
    found: list[tuple[FrameType, FrameType | None, Statement | None]] = []
    child: FrameType | None = None
    while frame is not None and frame.f_code is not START:
        path = _page(frame)
        if path and frame.f_code.co_name not in ("<listcomp>", "<genexpr>"):
            found.append((frame, child, statements(path).get(frame.f_lineno)))
        frame, child = frame.f_back, frame
    return found[::-1]


def _page(frame: FrameType) -> str:
    """The page of a frame, from the package's folder on, or from the root on if it is the reader's own; "" for what has
    no equations."""
    name = frame.f_code.co_filename
    if not name.startswith(str(HERE)):
        return name if Path(name).is_absolute() and not name.startswith(INSTALLED) else ""
    path = name[len(str(HERE)) + 1:].replace("\\", "/")
    return path if path.split("/")[0] in ROOMS else ""


def _time(stack: list, frame: FrameType) -> int | None:
    """Of this frame and those around it. Loops over time inside each other add up: a decoder at its step t runs a stack
    over one step."""
    frames = [other for other, _, _ in stack]
    around = stack[:frames.index(frame) + 1]
    steps = [other.f_locals["t"] for other, _, statement in around if statement is not None and statement.in_time]
    return sum(steps) + 1 if steps else None


def _module(stack: list, frame: FrameType) -> str:
    """The path of the innermost layer at or outside this frame."""
    paths = []
    for other, _, _ in stack:
        layer = other.f_locals.get("self")
        if isinstance(layer, Module):
            paths.append(layer.path)
        if other is frame:
            break
    return paths[-1] if paths else ""


def _names(scope: dict[str, Any]) -> dict[int, str]:
    """{id of an array: its name} of the tensors and arrays in reach of a line; parts of states and batches go by the
    names that they have there."""
    found: dict[int, str] = {}
    for name, x in scope.items():
        for part in x if isinstance(x, tuple) and not hasattr(x, "_fields") else (x,):
            if hasattr(part, "_asdict"):
                found |= _names(part._asdict())
            elif is_dataclass(part) and not isinstance(part, type):
                found |= _names(vars(part))
        if hasattr(x, "dtype"):
            found[id(x.data if isinstance(x, Tensor) else x)] = name
    return found


def _place(stack: list) -> str:
    """file:line of the innermost line."""
    if not stack:
        return "outside the library"
    frame, _, statement = stack[-1]
    return f"{_page(frame)}:{frame.f_lineno}" if statement is None else f"{statement.path}:{statement.line}"


def _tensors(value: Any) -> list[Tensor]:
    """The tensors of a value: itself, or those of a list or tuple; a state that has a class of its own is left out."""
    if isinstance(value, Tensor):
        return [value]
    if type(value) in (list, tuple):
        return [x for part in value for x in _tensors(part)]
    return []
