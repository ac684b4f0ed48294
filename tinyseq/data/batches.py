"""Ids (N,) -> inputs (B, T) and targets (B, T), where the target of a place is the id that follows it.

Both ways of batching are functions of the step alone: they hold no position and no generator, so that a run
resumed at step k sees the batches that an uninterrupted run would have seen.
"""
from __future__ import annotations

from collections.abc import Iterator

from tinyseq.backend import host

np = host.np

Batch = tuple[host.np.ndarray, host.np.ndarray]


class RandomWindows:
    """Each step draws B windows of T + 1 ids, their starts uniform over the text, with replacement.

    Made with   ids (N,) with N >= T + 1, B, T, seed
    Call        .batch(step) -> inputs (B, T), targets (B, T), the windows without their last and first id
    Raises      ValueError for B or T below 1, or a text shorter than one window
    """

    def __init__(self, ids, B: int, T: int, seed: int = 0):
        self.ids = _checked(ids, B, T, T + 1, f"a window of {T} inputs and their targets")
        self.B, self.T, self.seed = B, T, _checked_seed(seed)

    def batch(self, step: int) -> Batch:
        starts = np.random.default_rng([self.seed, step]).integers(0, len(self.ids) - self.T, size=self.B)
        return _cut(self.ids, starts, self.T)


class Streams:
    """B readers side by side, T ids a step: row b of step k + 1 goes on where row b of step k ended.

    A state carried from step to step is therefore the state of the same reader; where starts_over(step) is
    true a new pass begins and the state must go back to its start.

    A pass has S = max(1, (N - T) // (B T)) steps, `steps_per_pass`. Reader b of pass p reads the S T ids from
    o_p + b S T on. The offset o_p is uniform over the N - 1 - B S T ids that a pass leaves out, so the
    windows of different passes are cut at different places and no id is left out for good.

    Made with   ids (N,) with N >= B T + 1, B, T, seed
    Call        .batch(step) -> inputs (B, T), targets (B, T)
    Raises      ValueError for B or T below 1, or a text too short for B readers
    """

    def __init__(self, ids, B: int, T: int, seed: int = 0):
        self.ids = _checked(ids, B, T, B * T + 1, f"one step of {B} streams of {T} (--batch, --seq-len)")
        self.B, self.T, self.seed = B, T, _checked_seed(seed)
        self.steps_per_pass = max(1, (len(self.ids) - T) // (B * T))

    def starts_over(self, step: int) -> bool:
        """Whether this step is the first of a pass."""
        return step % self.steps_per_pass == 0

    def batch(self, step: int) -> Batch:
        which_pass, k = divmod(step, self.steps_per_pass)
        row = self.steps_per_pass * self.T                                 # what one reader reads in a pass
        left_out = len(self.ids) - 1 - self.B * row
        offset = np.random.default_rng([self.seed, which_pass]).integers(0, left_out + 1)
        return _cut(self.ids, offset + np.arange(self.B) * row + k * self.T, self.T)


def whole_stream(ids, T: int) -> Iterator[Batch]:
    """One reader, every prediction exactly once: chunks (1, T), the last perhaps shorter.

    For validation with a carried state. N ids give N - 1 predictions. Raises ValueError for N < 2 or T < 1.
    """
    ids = _checked(ids, 1, T, 2, "one prediction")
    last = len(ids) - 1
    return ((ids[None, t:min(t + T, last)], ids[None, t + 1:min(t + T, last) + 1]) for t in range(0, last, T))


def _cut(ids, starts, T) -> Batch:
    windows = ids[starts[:, None] + np.arange(T + 1)]                      # (B, T + 1)
    return windows[:, :-1], windows[:, 1:]


def _checked(ids, B: int, T: int, needed: int, what: str):
    if B < 1:
        raise ValueError(f"the batch size (--batch) must be 1 or more; it is {B}")
    if T < 1:
        raise ValueError(f"the sequence length (--seq-len) must be 1 or more; it is {T}")
    ids = np.asarray(ids)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise ValueError(f"ids must be one row of integers (N,); they are {ids.dtype} of shape {ids.shape}")
    if len(ids) < needed:
        raise ValueError(f"the text is too short: this part of it has {len(ids)} ids and {what} needs "
                         f"{needed}; give a longer text, or lower --seq-len")
    return ids


def _checked_seed(seed: int) -> int:
    if seed < 0:
        raise ValueError(f"the seed (--seed) must be 0 or more; it is {seed}")
    return seed
