"""Leak detectors: does an output depend on what it must not know?

A model that reads its answer, its padding or its neighbours in the batch trains well and is worthless, and no loss
curve shows it. These four show it, for any f, by exact zero gradients and by changed inputs (dependence.py).
Each raises AssertionError that names the output, the input and the step, and says what usually mends it.
"""
from collections.abc import Callable
from typing import Any

from tinyseq.backend import host, to_device, to_host
from tinyseq.checks.dependence import Link, Probe


def assert_causal(f: Callable[[Any], Any], x: Any) -> None:
    """y_t must not depend on x_s for any s > t:    dy_t / dx_s = 0,  and y_t keeps its bits whatever x_s is.

    f    takes x, returns y (B, T, ...) as a Tensor, or a tuple that begins with y; the same y at each call
    x    (B, T, ...) floating-point numbers, or (B, T) ids; T at least 2

    A model of w_t given w_<t is causal if y_t, the prediction of w_{t+1}, depends on w_0 ... w_t alone.
    Costs T gradients and 5 T calls of f, for ids up to 10 T calls. Raises AssertionError for a leak; ValueError if f or
    x cannot be checked."""
    probe = Probe(f, x)
    T = _steps(probe, "assert_causal")
    if T < 2:
        raise ValueError(f"assert_causal needs at least two steps, else there is no future; got x {probe.x.shape}")
    link = _reads_ahead(probe, T, by=1)
    if link is None:
        return
    (row, t), (other_row, s) = link.output[:2], link.input[:2]
    rows = f"row {row}" if row == other_row else f"row {row} of the output, row {other_row} of the input"
    raise AssertionError(f"output step {t} depends on input step {s} ({rows}, {link.evidence}): a model that predicts "
                         f"step t must not read beyond it. {_repair_of_future(probe, T, link)}")


def assert_answer_unseen(f: Callable[[Any], Any], x: Any) -> None:
    """y_t must not depend on x_t, though it may on all before and all after:    dy_t / dx_t = 0

    f    takes x, returns y (B, T, ...) as a Tensor, or a tuple that begins with y; the same y at each call
    x    (B, T, ...) floating-point numbers, or (B, T) ids

    For a model that predicts x_t from both sides. Costs T gradients and 5 T calls of f, for ids up to 10 T calls.
    Raises AssertionError for a leak; ValueError if f or x cannot be checked."""
    probe = Probe(f, x)
    steps = host.np.arange(_steps(probe, "assert_answer_unseen"))[None, :]         # (1, T)
    for t in steps[0]:
        link = probe.find(steps == t, steps == t)
        if link is not None:
            raise AssertionError(f"output step {t} depends on input step {t}, which it is to predict (row "
                                 f"{link.output[0]}, {link.evidence}). Take the forward state of step t - 1 and the "
                                 "backward state of step t + 1, in one layer only, or put a mask symbol at step t")


def assert_padding_invariant(f: Callable[[Any], Any], x: Any, lengths: Any) -> None:
    """What stands in padded steps, x[b, t] with t >= lengths[b], must not change y at any live step of any row.

    f          takes x, returns y as in assert_causal, or a final output (B, ...); it knows the lengths itself
    x          (B, T, ...) floating-point numbers, or (B, T) ids
    lengths    (B,) whole numbers from 0 to T, not all of them T

    y counts as steps if it begins with (B, T); one of exactly that shape is refused, since it could be either.
    Raises AssertionError for a leak; ValueError if f, x or lengths cannot be checked."""
    probe = Probe(f, x)
    alive = _alive(probe, lengths)
    B, T = alive.shape
    if probe.y.shape == (B, T):
        raise ValueError(f"y {probe.y.shape} is one number a step, or {T} final numbers a row? For steps return "
                         "y.reshape(B, T, 1); for final outputs pass an x with another number of steps")
    in_steps = probe.y.ndim > 2 and probe.y.shape[:2] == (B, T)
    if not in_steps and probe.y.shape[:1] != (B,):
        raise ValueError(f"f returned y {probe.y.shape}; expected steps (B={B}, T={T}, ...) or a final (B={B}, ...)")
    link = probe.find(alive if in_steps else host.np.ones(B, bool), ~alive)
    if link is None:
        return
    row, (other_row, s) = link.output[0], link.input[:2]
    output = f"output step {link.output[1]} of row {row}" if in_steps else f"the output of row {row}"
    raise AssertionError(f"{output} depends on input step {s} of row {other_row}, which is padding (its length is "
                         f"{int(alive[other_row].sum())}; {link.evidence}): what stands there must change nothing. "
                         f"{_repair_of_padding(probe, link, in_steps)}")


def assert_batch_independent(f: Callable[[Any], Any], x: Any) -> None:
    """y[b] must not depend on x[k] for any k != b.

    f    takes x, returns y (B, ...) as a Tensor, or a tuple that begins with y; the same y at each call
    x    (B, ...) floating-point numbers or ids; B at least 2

    What a row owes to its place in the batch, such as its length, is not a dependence on other rows.
    Costs B gradients and 5 B calls of f, for ids up to 10 B calls. Raises AssertionError for a leak; ValueError if f or
    x cannot be checked."""
    probe = Probe(f, x)
    B = len(probe.x) if probe.x.ndim else 0
    if B < 2 or probe.y.shape[:1] != (B,):
        raise ValueError("assert_batch_independent needs x (B, ...) of at least two rows, and y with as many; got "
                         f"x {probe.x.shape} and y {probe.y.shape}")
    rows = host.np.arange(B)
    for row in rows:
        link = probe.find(rows == row, rows != row)
        if link is not None:
            raise AssertionError(f"row {row} of the output depends on row {link.input[0]} of the input "
                                 f"({link.evidence}): examples of a batch must not know each other. "
                                 f"{_repair_of_batch(probe, rows, link)}")


# What was asked ---------------------------------------------------------------------------------------------

def _steps(probe: Probe, name: str) -> int:
    """T, once x and y are known to have the same B and T."""
    x, y = probe.x.shape, probe.y.shape
    if len(x) < 2 or y[:2] != x[:2]:
        swapped = " Are batch and time swapped?" if len(x) > 1 and y[:2] == x[1::-1] else ""
        raise ValueError(f"{name} compares step by step: x {x} begins with (B, T), and y {y} must begin with the "
                         f"same.{swapped}")
    return x[1]


def _alive(probe: Probe, lengths: Any):
    """(B, T) booleans: t < lengths[b]."""
    if probe.x.ndim < 2:
        raise ValueError(f"assert_padding_invariant needs x (B, T, ...); got {probe.x.shape}")
    B, T = probe.x.shape[:2]
    array = to_host(to_device(lengths))
    if array.shape != (B,) or array.dtype.kind not in "iu" or array.min() < 0 or array.max() > T:
        raise ValueError(f"lengths are {B} whole numbers from 0 to T={T}, one a row; got {lengths}")
    if array.min() == T:
        raise ValueError(f"no step is padded: all lengths are T={T}, so there is nothing to check. Pass some that are "
                         "shorter")
    return host.np.arange(T) < array[:, None]


def _reads_ahead(probe: Probe, T: int, by: int) -> Link | None:
    """Some y_t that depends on some x_s, s >= t + by."""
    steps = host.np.arange(T)[None, :]                     # (1, T)
    links = (probe.find(steps == t, steps >= t + by) for t in range(T - by))
    return next((link for link in links if link is not None), None)


# What usually mends it --------------------------------------------------------------------------------------

def _repair_of_future(probe: Probe, T: int, link: Link) -> str:
    if link.output[0] != link.input[0]:
        return _repair_of_rows(probe, link)
    reach = next((k for k in range(1, T - 1) if _reads_ahead(probe, T, by=k + 1) is None), None)
    if reach is None:
        return ("Mask the scores above the diagonal, do not use bidirectional=True, and take no mean, norm or softmax "
                "over all steps")
    return (f"It reads up to step t + {reach} and no further: is a mask off by {reach}, is a window or convolution "
            f"padded elsewhere than on the left, or does x hold at t + {reach} what step t should predict (shift x by "
            f"{reach})?")


def _repair_of_padding(probe: Probe, link: Link, in_steps: bool) -> str:
    if link.output[0] != link.input[0]:
        return _repair_of_rows(probe, link)
    if in_steps:
        return ("Pass lengths=, so that the backward direction starts at each sequence's own end; mask the scores of "
                "padded keys; set padded steps to 0 before a convolution, and leave them out of a norm over time")
    return ("Pool over live steps alone (the sum of y times a mask, divided by the lengths), take the state at each "
            "sequence's own last step, and mask the scores of padded keys")


def _repair_of_batch(probe: Probe, rows: Any, link: Link) -> str:
    if all(probe.find(rows == row, rows > row) is None for row in rows[:-1]):
        return ("Only earlier rows reach later ones: start each row from initial_state(B), do not carry a state or a "
                "count from row to row")
    return _repair_of_rows(probe, link)


def _repair_of_rows(probe: Probe, link: Link) -> str:
    """Of an output entry that knows another row: does it know its own as well?"""
    entry = host.np.zeros(probe.y.shape, bool)
    entry[link.output] = True
    if probe.find(entry, host.np.arange(len(probe.x)) == link.output[0]) is None:
        return ("It does not depend on its own row: (B, T) was flattened in one order and taken apart in the other. "
                "Transpose to batch-major before the reshape")
    return ("Rows of the batch meet: is a mean, norm or softmax taken over axis 0 (batch norm in training mode: call "
            ".eval(), or use layer norm), or do queries meet every example's keys, scores (B, B, T)?")
