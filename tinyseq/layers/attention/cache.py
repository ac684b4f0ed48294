"""The key-value cache: what self-attention keeps of the steps it has read, so that each is projected only once.

Keys and values go in and come out, as the state of a recurrent cell does. A state must stay what it was when a later
step is made from it, and yet a step may not copy all that came before. So steps lie in memory with room behind them:
the next is written into the room, and the state before it still ends where it ended. Who goes on from an older state
a second time finds its room taken, and gets a copy.
"""
from collections.abc import Iterable
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor
from tinyseq.backend import to_host, xp
from tinyseq.ops import concat, flip, gather, reverse, where


class _Room:
    """Memory (B, capacity, C), of which `filled` steps are taken."""

    def __init__(self, B: int, capacity: int, C: int, dtype: Any):
        self.array = xp.empty((B, capacity, C), dtype)
        self.filled = 0

    def write(self, steps: Any) -> None:
        """Put steps (B, n, C) behind those that are there."""
        end = self.filled + steps.shape[1]
        self.array[:, self.filled:end] = steps
        self.filled = end


class Steps:
    """Steps of B sequences, one behind the other: `tensor` (B, K, C), the newest last. Nobody changes it."""

    def __init__(self, tensor: Tensor, room: _Room | None = None, start: int = 0):
        self.tensor = tensor
        self.room, self.start = room, start                # where the tensor lies, if it does

    def __len__(self) -> int:
        return self.tensor.shape[1]

    def followed_by(self, new: Tensor) -> "Steps":
        """These steps and then new (B, T, C). Where gradients are recorded, a concatenation; otherwise the cost does
        not depend on K, but for a copy each time that the room is used up, which at least doubles it."""
        K, T = len(self), new.shape[1]
        if not K:
            return Steps(new)
        if self.tensor.requires_grad or new.requires_grad:
            return Steps(concat(self.tensor, new, axis=1))
        room, start = self.room, self.start
        if room is None or room.filled != start + K or start + K + T > room.array.shape[1]:
            B, _, C = new.shape
            room, start = _Room(B, 2 * (K + T), C, new.dtype), 0
            room.write(self.tensor.data)
        room.write(new.data)
        return Steps(Tensor(room.array[:, start:start + K + T]), room, start)

    def newest(self, n: int) -> "Steps":
        """The last n of them, where there are more."""
        gone = len(self) - n
        return self if gone <= 0 else Steps(self.tensor[:, gone:], self.room, self.start + gone)

    def turned(self, ends: Any, counts: Any, kept: int) -> "Steps":
        """Each row's last `kept` up to its own end, ends (B,) on the host, brought to the right; 0 before its first."""
        newest_first = reverse(self.tensor, ends)[:, :kept]
        is_real = (xp.arange(kept) < xp.asarray(counts)[:, None])[:, :, None]               # (B, kept, 1)
        return Steps(flip(where(is_real, newest_first, 0.0), axis=1))

    def select(self, rows: Any) -> "Steps":
        """Those of these rows."""
        return Steps(gather(self.tensor, rows))

    def detach(self) -> "Steps":
        """The same numbers without their history."""
        return Steps(self.tensor.detach(), self.room, self.start)

    @staticmethod
    def join(parts: list["Steps"]) -> "Steps":
        """The rows of all, with zeros before the first step of those that are shorter."""
        K = max(map(len, parts))
        return Steps(concat(*(_filled_up(part.tensor, K) for part in parts), axis=0))


class KeyValueCache(NamedTuple):
    """What self-attention over one part of a sequence hands to the next.

    keys, values   (B, K, C) each, head beside head, keys turned already where positions are rotary; the newest last
    counts         (B,) on the host: how many steps each row has read. Where it is less than K, the first stand for
                   nothing; where it is more, the oldest have left the window"""
    keys: Steps
    values: Steps
    counts: Any

    def detach(self) -> "KeyValueCache":
        """The same numbers without their history: where truncated BPTT cuts."""
        return KeyValueCache(self.keys.detach(), self.values.detach(), self.counts)

    def select(self, rows: Any) -> "KeyValueCache":
        """Those of these rows of the batch, a row as often as it is named."""
        return KeyValueCache(self.keys.select(rows), self.values.select(rows), self.counts[to_host(rows)])

    @staticmethod
    def join(caches: list["KeyValueCache"]) -> "KeyValueCache":
        """One batch out of several: the rows of the first, then those of the second, and so on."""
        keys, values, counts = zip(*caches, strict=True)
        return KeyValueCache(Steps.join(list(keys)), Steps.join(list(values)),
                             to_host([count for part in counts for count in part.tolist()]))

    def arrays(self) -> list[Any]:
        """The parts' arrays in order, for a file."""
        return [self.keys.tensor.data, self.values.tensor.data, self.counts]

    def with_arrays(self, arrays: Iterable[Any]) -> "KeyValueCache":
        """A cache with other numbers in it: what `arrays` gave."""
        keys, values, counts = arrays
        return KeyValueCache(Steps(Tensor(xp.asarray(keys))), Steps(Tensor(xp.asarray(values))), to_host(counts))

    @property
    def before(self) -> Any:
        """The step that comes next: a number where all rows have read equally many, else one for each (B,)."""
        first = int(self.counts[0])
        return first if (self.counts == first).all() else self.counts

    def is_real(self) -> Any:
        """None if all K stand for something, else booleans (B, K)."""
        K = len(self.keys)
        return None if self.counts.min() >= K else xp.arange(K) >= xp.asarray(K - self.counts)[:, None]


def empty_cache(B: int, C: int, dtype: Any) -> KeyValueCache:
    """Before the first step of B sequences."""
    nothing = Steps(Tensor(xp.zeros((B, 0, C), dtype)))
    return KeyValueCache(nothing, nothing, to_host([0] * B))


def advanced(cache: KeyValueCache, keys: Steps, values: Steps, T: int, window: int | None,
             lengths: Any = None) -> KeyValueCache:
    """The cache after T more steps, of which each row has read lengths (B,) (None: all): `keys` and `values` are those
    before, followed by the new ones. With a window its last window - 1 are kept: no later step sees more."""
    K = len(cache.keys)
    if lengths is None:
        most = K + T if window is None else window - 1
        return KeyValueCache(keys.newest(most), values.newest(most), cache.counts + T)
    counts, ends = cache.counts + lengths, K + lengths
    kept = int(min(counts.max(), ends.max()))
    kept = kept if window is None else min(kept, window - 1)
    return KeyValueCache(keys.turned(ends, counts, kept), values.turned(ends, counts, kept), counts)


def _filled_up(tensor: Tensor, K: int) -> Tensor:
    missing = K - tensor.shape[1]
    if not missing:
        return tensor
    B, _, C = tensor.shape
    return concat(Tensor(xp.zeros((B, missing, C), tensor.dtype)), tensor, axis=1)
