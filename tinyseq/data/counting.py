"""What counting reaches: the n-gram model, the bar that a network must clear.

    P_k(v | context of k-1 ids) = (count(context v) + types(context) P_{k-1}(v)) / (count(context) + types(context))

where types(context) is how many different ids followed the context in the training text, P_0 = 1/V, and a context
that never occurred leaves P_{k-1} as it is. Witten and Bell 1991; in this form Chen and Goodman 1999, section 2.5.
"""
from tinyseq.backend import host

np = host.np


def counting(train, held_out, V: int, n: int = 5) -> float:
    """Nats an id of the held-out text under the n-gram model of the training text: -(1/N) sum ln P_n.

    The first n-1 ids of the held-out text are context only. n is lowered where V^n does not fit 64 bits."""
    while V ** n >= 2 ** 62:
        n -= 1
    p = np.full(len(held_out) - (n - 1), 1 / V)                            # P_0
    for k in range(1, n + 1):
        grams, counts = np.unique(_codes(train, V, k), return_counts=True)
        contexts, first, types = np.unique(grams // V, return_index=True, return_counts=True)
        totals = np.add.reduceat(counts, first)
        asked = _codes(held_out[n - k:], V, k)
        seen, seen_types = _look_up(contexts, totals, asked // V), _look_up(contexts, types, asked // V)
        p = np.where(seen > 0, (_look_up(grams, counts, asked) + seen_types * p) / np.maximum(seen + seen_types, 1), p)
    return float(-np.log(p).mean())


def _codes(ids, V: int, k: int):
    """Every run of k ids as one number: its digits in base V."""
    codes = np.zeros(len(ids) - k + 1, np.int64)
    for i in range(k):
        codes = codes * V + ids[i:len(ids) - k + 1 + i]
    return codes


def _look_up(keys, values, asked):
    """The value of each key asked for, 0 where it is not there. The keys are sorted."""
    places = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[places] == asked, values[places], 0)
