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


def interpolated(train, held_out, V: int, n: int = 3) -> float:
    """Nats an id of the held-out text under interpolated n-grams (Jelinek and Mercer 1980):

        P(v | last n-1 ids) = sum_k lambda_k f_k(v | last k-1 ids),   k = 0 .. n,   sum_k lambda_k = 1

    f_k are the relative frequencies of the training text, f_0 = 1/V, and f_k = f_{k-1} after a context that it has
    not. The lambda fit the last tenth of the training text best, with the frequencies of its first nine tenths.
    The first n-1 ids of the held-out text are context only."""
    cut = len(train) * 9 // 10
    lambdas = _best_mixture(_frequencies(train[:cut], train[cut:], V, n))
    return float(-np.log(lambdas @ _frequencies(train, held_out, V, n)).mean())


def _frequencies(train, asked, V: int, n: int):
    """f_k of each id asked for but the first n-1: (n + 1, N)."""
    f = [np.full(len(asked) - (n - 1), 1 / V)]
    for k in range(1, n + 1):
        grams, counts = np.unique(_codes(train, V, k), return_counts=True)
        contexts, first = np.unique(grams // V, return_index=True)
        wanted = _codes(asked[n - k:], V, k)
        totals = _look_up(contexts, np.add.reduceat(counts, first), wanted // V)
        f.append(np.where(totals > 0, _look_up(grams, counts, wanted) / np.maximum(totals, 1), f[-1]))
    return np.stack(f)


def _best_mixture(f, rounds: int = 50):
    """The lambda (K,) that make the mean of ln(lambda f), f (K, N), largest: expectation maximisation."""
    lambdas = np.full(len(f), 1 / len(f))
    for _ in range(rounds):
        shares = lambdas[:, None] * f                                      # of each f_k in each probability
        lambdas = (shares / shares.sum(axis=0)).mean(axis=1)
    return lambdas


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
