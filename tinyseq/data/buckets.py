"""Ragged sequences -> batches: those of similar length together, padded to the longest of them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Self

from tinyseq.backend import host

np = host.np


class Buckets:
    """Batches of items of similar length, so that little is padded; every item once an epoch.

    For each epoch the items are shuffled, then sorted by length (the shuffle decides between equal lengths), cut into
    batches of B, and the batches shuffled. All of it depends on (seed, epoch) alone, so a run resumed at step k sees
    the batches that an uninterrupted run would have seen.

    Made with   lengths (N,), or (N, 2) for pairs (source, target): sorted by the first, then by the second; B; seed
    Call        .batch(step) -> the numbers (<= B,) of this step's items; .steps_per_epoch
    Raises      ValueError for no items, an item of length 0, B below 1, a negative seed
    """

    def __init__(self, lengths: Any, B: int, seed: int = 0):
        lengths = np.asarray(lengths)
        if lengths.ndim not in (1, 2) or lengths.dtype.kind not in "iu" or not lengths.size:
            raise ValueError("lengths must be integers (N,) or (N, 2), with N of 1 or more; they are "
                             f"{lengths.dtype} of shape {lengths.shape}")
        self.lengths = lengths.reshape(len(lengths), -1)                   # (N, 1 or 2)
        if (empty := np.flatnonzero(self.lengths.min(axis=1) < 1)).size:
            raise ValueError(f"item {empty[0]} has length {lengths[empty[0]].tolist()}: a sequence needs 1 step or "
                             "more; leave empty ones out")
        if B < 1:
            raise ValueError(f"the batch size (--batch) must be 1 or more; it is {B}")
        if seed < 0:
            raise ValueError(f"the seed (--seed) must be 0 or more; it is {seed}")
        self.B, self.seed = B, seed
        self.steps_per_epoch = -(-len(lengths) // B)                       # rounded up
        self._epoch, self._batches = -1, [np.zeros(0, np.int64)]           # the epoch computed last

    def batch(self, step: int) -> host.np.ndarray:
        """The numbers of this step's items; one batch of an epoch may have fewer than B."""
        epoch, k = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._epoch, self._batches = epoch, self._of_epoch(epoch)
        return self._batches[k]

    def in_order(self) -> list[host.np.ndarray]:
        """Every item once, shortest first, nothing shuffled, for evaluation: put each answer back by its number."""
        return self._cut(np.arange(len(self.lengths)))

    def _of_epoch(self, epoch: int) -> list[host.np.ndarray]:
        rng = np.random.default_rng([self.seed, epoch])
        batches = self._cut(rng.permutation(len(self.lengths)))
        return [batches[i] for i in rng.permutation(len(batches))]

    def _cut(self, order: host.np.ndarray) -> list[host.np.ndarray]:
        """The items by length, equal ones in the order given, in batches of B."""
        by_length = order[np.lexsort(self.lengths[order].T[::-1])]         # lexsort: its last key decides first
        return [by_length[start:start + self.B] for start in range(0, len(order), self.B)]


def padded(sequences: Sequence[Any], value: float = 0) -> tuple[host.np.ndarray, host.np.ndarray]:
    """B sequences (T_b, ...) -> one array (B, T, ...), T = max T_b, filled up with `value`, and lengths (B,).

    Raises ValueError for no sequences, an empty one, and ones whose steps differ in shape.
    """
    arrays = [np.asarray(sequence) for sequence in sequences]
    if not arrays:
        raise ValueError("a batch needs 1 sequence or more; it was given none")
    for b, array in enumerate(arrays):
        if array.ndim == 0 or len(array) == 0 or array.shape[1:] != arrays[0].shape[1:]:
            raise ValueError(f"sequence {b} of the batch has shape {array.shape}; expected (T, "
                             f"{', '.join(map(str, arrays[0].shape[1:]))}) with 1 step or more, as in sequence 0")
    lengths = np.array([len(array) for array in arrays])
    out = np.full((len(arrays), lengths.max(), *arrays[0].shape[1:]), value, np.result_type(*arrays))
    for row, array in zip(out, arrays, strict=True):
        row[:len(array)] = array
    return out, lengths


@dataclass(kw_only=True)
class Rows:
    """A batch whose fields are arrays with B rows each, or None; it can be shared out among threads.

        @dataclass
        class TaggedBatch(Rows):
            words: Any      # (B, T)
            lengths: Any    # (B,)
            tags: Any       # (B, T)

    first_row   where these rows begin in the whole batch
    """
    first_row: int = 0

    def split(self, shards: int) -> list[Self]:
        """At most `shards` batches with these rows, in order, of equal size as far as possible."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "first_row"}
        B = next(len(array) for array in arrays.values() if array is not None)
        cuts = np.linspace(0, B, min(shards, B) + 1).astype(int).tolist()
        return [type(self)(**{name: array if array is None else array[start:end] for name, array in arrays.items()},
                           first_row=self.first_row + start)
                for start, end in pairwise(cuts)]

    def join(self, shards: list[Self]) -> None:
        """Shards leave nothing behind: there is no state to put together."""
