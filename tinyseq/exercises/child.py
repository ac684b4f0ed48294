"""An answer is called in a child process: what hangs is stopped, what crashes takes nobody with it.

The child is a fork, so it has the reader's function as it stands in the notebook. It sends back arrays and text, never
pickled objects. Where a system cannot fork, the answer is called here, without a limit, and the verdict says so.
"""
import builtins
import contextlib
import copy
import io
import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import host, to_host
from tinyseq.exercises.probes import Noted

np = host.np
Arrays = dict[str, Any]


@dataclass
class Call:
    """What one call of an answer did.

    returned    the arrays that came back, None for what is none; None if nothing came back at all
    type        the name of the type of what came back
    error       what was raised, and its line: "IndexError: ... (line 7: `h[t + 1]`)"
    printed     how many characters it printed
    changed     the arguments that it wrote into
    notes       what a probe has said of each result; none of them, or one for each"""
    returned: list[Any] | None = None
    type: str = ""
    error: str = ""
    printed: int = 0
    changed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Conduct:
    """All calls, and how the child ended: "" or in words."""
    calls: list[Call]
    ending: str = ""
    limited: bool = True


def run(answer: Callable, cases: list[Arrays], seconds: float) -> Conduct:
    """Call the answer with each of the cases, in a child that may take so many seconds."""
    if not hasattr(os, "fork"):
        return Conduct([call(answer, given) for given in cases], limited=False)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_child(answer, cases, write)
    os.close(write)
    with contextlib.suppress(OSError):                     # the child does so, too: whichever comes first
        os.setpgid(child, child)
    deadline, status = time.monotonic() + seconds, None
    try:
        message = _received(read, deadline)
        status = _ended(child, deadline)
    finally:                                               # also when the reader interrupts
        with contextlib.suppress(ProcessLookupError):      # its group: processes that it has started end with it
            os.killpg(child, signal.SIGKILL)
        if status is None:
            os.waitpid(child, 0)
    calls = _read(message)
    if status is None:
        return Conduct(calls, f"it did not come back within {seconds:g} seconds")
    if os.WIFSIGNALED(status):
        return Conduct(calls, f"it took the whole process down (signal {os.WTERMSIG(status)})")
    return Conduct(calls, "" if len(calls) == len(cases) else "it ended the whole process")


def call(answer: Callable, given: Arrays) -> Call:
    """One call, with copies of the arguments."""
    arguments, made = copy.deepcopy(given), Call()
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(io.StringIO()):
        try:
            returned = answer(*arguments.values())
            parts = returned if isinstance(returned, tuple | list) else (returned,)
            made.type = type(returned).__name__
            made.notes = [part.words if isinstance(part, Noted) else "" for part in parts]
            made.returned = [_plain(part.value if isinstance(part, Noted) else part) for part in parts]
        except Exception as error:
            made.error = _said(error)
    made.printed = len(printed.getvalue())
    made.changed = [name for name, x in given.items() if isinstance(x, np.ndarray)
                    and not np.array_equal(x, arguments[name], equal_nan=True)]
    return made


def _plain(x: Any) -> Any:
    """An array of numbers; None for anything else."""
    try:
        x = np.asarray(to_host(x.data) if isinstance(x, Tensor) else x)
    except ValueError:                                     # lists of different lengths
        return None
    return x if x.dtype.kind in "fiub" else None


def _said(error: BaseException) -> str:
    """The error in one line, with the line of the answer that raised it: the first that is not of this folder."""
    ours = os.path.dirname(__file__)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(ours)]
    where = f" (line {frames[0].lineno}: `{frames[0].line}`)" if frames and frames[0].line else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{where}"


# Through the pipe -------------------------------------------------------------------------------------------

def _be_the_child(answer: Callable, cases: list[Arrays], write: int) -> None:
    """Call, send each result as soon as it is there, and end without anything of the parent's being done twice."""
    status = 1
    try:
        os.setpgid(0, 0)
        builtins.input = _nobody_answers
        with os.fdopen(write, "wb") as pipe:
            for given in cases:
                pipe.write(_written(call(answer, given)))
                pipe.flush()
        status = 0
    finally:
        os._exit(status)


def _nobody_answers(prompt: object = "") -> str:
    raise RuntimeError("it asks by input(), and nobody is there: all that it needs are its arguments")


def _written(made: Call) -> bytes:
    """A line with the words and the sizes of the arrays, then the arrays in NumPy's own format."""
    blobs = [_blob(x) for x in made.returned or []]
    words = {"type": made.type, "error": made.error, "printed": made.printed, "changed": made.changed,
             "notes": made.notes,
             "sizes": None if made.returned is None else [len(blob) for blob in blobs]}
    return json.dumps(words).encode() + b"\n" + b"".join(blobs)


def _blob(x: Any) -> bytes:
    blob = io.BytesIO()
    if x is not None:
        np.lib.format.write_array(blob, x, allow_pickle=False)
    return blob.getvalue()


def _received(read: int, deadline: float) -> bytes:
    """All that comes until the child closes the pipe, or time is over."""
    message = bytearray()
    with os.fdopen(read, "rb", buffering=0) as pipe:
        while (left := deadline - time.monotonic()) > 0:
            if select.select([pipe], [], [], left)[0]:
                part = pipe.read(1 << 20)
                if not part:
                    break
                message += part
    return bytes(message)


def _ended(child: int, deadline: float) -> int | None:
    """The status with which the child ended; None if it has not, at the deadline."""
    while True:
        process, status = os.waitpid(child, os.WNOHANG)
        if process:
            return status
        if time.monotonic() > deadline:
            return None
        time.sleep(0.001)


def _read(message: bytes) -> list[Call]:
    """The calls that came whole."""
    calls, pipe = [], io.BytesIO(message)
    while line := pipe.readline():
        try:
            words = json.loads(line)
            sizes = words.pop("sizes")
            blobs = [pipe.read(size) for size in sizes or []]
            if any(len(blob) < size for blob, size in zip(blobs, sizes or [], strict=True)):
                break
            arrays = [np.lib.format.read_array(io.BytesIO(blob), allow_pickle=False) if blob else None
                      for blob in blobs]
        except ValueError:
            break
        calls.append(Call(None if sizes is None else arrays, **words))
    return calls
