"""Adding up rows that share an index, with xp alone: where a GPU computes, and in its rehearsal.

A GPU adds in place by atomic operations, in an order that changes from run to run, and so do the last bits of an
embedding's gradient. The two ways here have a fixed order, and the host never waits: no size depends on the numbers.
"""
from tinyseq.backend import xp

ONE_HOT_LIMIT = 512                # up to here a product with one-hot rows is faster than sorting


def scatter_add(size: int, index, rows):
    """out[v] = sum of rows[n] over all n with index[n] = v.   index (N,), rows (N, K) -> (size, K)

    The order of the additions is fixed, so the result has the same bits each time."""
    if size <= ONE_HOT_LIMIT:
        one_hot = (index[:, None] == xp.arange(size)).astype(rows.dtype)            # (N, size)
        return one_hot.T @ rows
    if not len(rows):
        return xp.zeros((size, rows.shape[1]), rows.dtype)
    order = xp.argsort(index)                                                       # equal ones in their order
    in_order = index[order]
    sums = _running_sums(in_order, rows[order])
    ends = xp.searchsorted(in_order, xp.arange(size), side="right")                 # one behind the last v
    found = xp.searchsorted(in_order, xp.arange(size), side="left") < ends
    return xp.where(found[:, None], sums[xp.maximum(ends - 1, 0)], 0)


def _running_sums(in_order, rows):
    """sums[n] = rows of n's run, from its start to n. In_order (N,) is sorted; a run is where it stays the same.

    Doubling (Hillis and Steele 1986): after the pass with `step`, a row holds the sum of up to 2 step rows of its run,
    so log2 N passes are enough, and a sum of n rows is rounded log2 n times."""
    sums, step = rows, 1
    while step < len(rows):
        same = in_order[step:] == in_order[:-step]
        sums = xp.concatenate((sums[:step], xp.where(same[:, None], sums[step:] + sums[:-step], sums[step:])))
        step *= 2
    return sums
