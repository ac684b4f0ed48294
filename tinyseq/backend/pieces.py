"""Work in pieces that stay in a processor's cache.

On a CPU, where several functions go over the same numbers one after the other, reading them from memory each time would
take longer than computing.
"""
from collections.abc import Iterator

from tinyseq.backend.choose import choose

PIECE = 1 << 18                    # numbers: the last cache holds a few arrays of this size; fewer pieces, fewer calls
on_cpu = choose() == "numpy"


def pieces(n: int, size: int = 1) -> Iterator[slice]:
    """0 .. n-1 in slices; where each of the n holds `size` numbers, a slice holds about PIECE of them. A GPU, which has
    to be called for each, takes all at once."""
    each = max(1, PIECE // max(1, size)) if on_cpu else max(1, n)
    return (slice(start, min(start + each, n)) for start in range(0, n, each))
