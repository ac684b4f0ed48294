"""Two tasks that nothing but memory solves: what is asked at the end was said up to T steps before."""
from typing import Any

from tinyseq.backend import host

np = host.np

ADDING_BASELINE = 1 / 6
"""The mean squared error of the constant answer 1, the mean: the variance of a sum of two of U(0, 1)."""

SYMBOLS, COPIED = 8, 10                # of the copy task: symbols 1 .. 8, and how many stand in a row
BLANK, GO = 0, 9                       # say nothing; now repeat what was said
COPY_IDS = 10                          # symbols, blank and go


def adding(B: int, T: int, rng: Any) -> tuple[Any, Any]:
    """The adding problem: the sum of the two numbers that are marked.

    x (B, T, 2): a number from U(0, 1) and a mark, 1 at one step of the first half and at one of the second, else 0.
    y (B, 1): the sum of the two marked numbers. Both float32.

    The answer 1 has a mean squared error of ADDING_BASELINE; what knows one of the two numbers has 1/12.
    Raises ValueError for T below 2, which has no halves.
    Hochreiter and Schmidhuber 1997, section 5.4, in the form of Arjovsky, Shah and Bengio 2016, section 4.2."""
    if T < 2:
        raise ValueError(f"the adding problem has a mark in each half, so T is at least 2; got {T}")
    rows, marks = np.arange(B), np.zeros((B, T))
    first, second = rng.integers(0, T // 2, B), rng.integers(T // 2, T, B)
    marks[rows, first] = marks[rows, second] = 1
    values = rng.random((B, T))
    y = values[rows, first] + values[rows, second]
    return np.stack([values, marks], axis=-1).astype("float32"), y[:, None].astype("float32")


def copying(B: int, T: int, rng: Any) -> tuple[Any, Any]:
    """Copy memory: ten symbols, T blanks, and then the same ten symbols.

    ids (B, T + 20):      10 symbols of 1 .. 8, T - 1 blanks, GO, 10 blanks
    targets (B, T + 20):  T + 10 blanks, the 10 symbols

    What says blank, and at the end any of the eight, has a mean cross-entropy of `copying_baseline(T)`.
    Raises ValueError for T below 1: GO has no place.
    Hochreiter and Schmidhuber 1997, section 5.2 onwards, as Arjovsky, Shah and Bengio 2016, section 4.1."""
    if T < 1:
        raise ValueError(f"copy memory waits T steps, at least 1; got {T}")
    symbols = rng.integers(1, SYMBOLS + 1, (B, COPIED))
    ids, targets = np.full((2, B, T + 2 * COPIED), BLANK)
    ids[:, :COPIED] = symbols
    ids[:, T + COPIED - 1] = GO
    targets[:, T + COPIED:] = symbols
    return ids, targets


def copying_baseline(T: int) -> float:
    """10 log 8 / (T + 20), in nats a step: every blank known, every symbol guessed."""
    return COPIED * float(np.log(SYMBOLS)) / (T + 2 * COPIED)
