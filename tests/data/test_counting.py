"""What counting reaches: both n-gram models against slow ones written from their formulas."""
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.data import counting, interpolated
from tinyseq.data.counting import _best_mixture, _frequencies

V = 4
ids = st.lists(st.integers(0, V - 1), min_size=12, max_size=60).map(np.array)
tails = st.lists(st.integers(0, V - 1), min_size=4, max_size=12).map(np.array)


def grams(text, k):
    return Counter(tuple(text[i:i + k].tolist()) for i in range(len(text) - k + 1))


def followers(text, context):
    """How often each id came right after the context."""
    return Counter({gram[-1]: n for gram, n in grams(text, len(context) + 1).items() if gram[:-1] == context})


def witten_bell(text, v, context):
    if context is None:
        return 1 / V
    after = followers(text, context)
    below = witten_bell(text, v, context[1:] if context else None)
    n, types = sum(after.values()), len(after)
    return (after[v] + types * below) / (n + types) if n else below


def frequencies(text, v, context):
    """f_0 .. f_n of v after the context."""
    f = [1 / V]
    for k in range(len(context) + 1):
        after = followers(text, context[len(context) - k:])
        f.append(after[v] / sum(after.values()) if after else f[-1])
    return f


@given(ids, tails, st.integers(1, 3))
def test_witten_bell(train, held_out, n):
    surprises = [-math.log(witten_bell(train, held_out[t], tuple(held_out[t - n + 1:t].tolist())))
                 for t in range(n - 1, len(held_out))]
    assert counting(train, held_out, V, n) == pytest.approx(np.mean(surprises))


@given(ids, tails, st.integers(1, 3))
def test_frequencies_are_counts_divided(train, held_out, n):
    expected = [frequencies(train, held_out[t], tuple(held_out[t - n + 1:t].tolist()))
                for t in range(n - 1, len(held_out))]
    np.testing.assert_allclose(_frequencies(train, held_out, V, n).T, expected)


@given(ids, st.integers(1, 3))
def test_every_frequency_is_a_distribution(train, n):
    for context in ([], [0], [1, 2])[:n]:
        asked = [_frequencies(train, np.array([0] * (n - 1 - len(context)) + context + [v]), V, n) for v in range(V)]
        np.testing.assert_allclose(np.sum(asked, axis=0)[:len(context) + 2], 1)


def test_the_weights_are_the_best_ones():
    rng = np.random.default_rng(0)
    f = rng.uniform(0, 1, (3, 200)) * np.array([[0.2], [0.5], [1.0]])
    best = _best_mixture(f, rounds=2000)
    assert best.sum() == pytest.approx(1) and (best >= 0).all()
    others = rng.dirichlet(np.ones(3), 300)
    assert np.log(best @ f).mean() >= np.log(others @ f).mean(axis=1).max() - 1e-9


def test_the_weights_never_look_at_the_held_out_part():
    """Whatever is asked of it, an id's probability is the same: its mean over all V ids after one context is 1/V."""
    rng = np.random.default_rng(1)
    train = rng.integers(0, V, 400)
    total = sum(math.exp(-interpolated(train, np.array([1, 2, v]), V, 3)) for v in range(V))
    assert total == pytest.approx(1)


def test_the_weights_come_from_the_last_tenth_of_the_training_text():
    rng = np.random.default_rng(0)
    train, held_out = rng.integers(0, V, 500), rng.integers(0, V, 50)
    lambdas = _best_mixture(_frequencies(train[:450], train[450:], V, 2))
    expected = -np.log(lambdas @ _frequencies(train, held_out, V, 2)).mean()
    assert interpolated(train, held_out, V, 2) == pytest.approx(expected)


def test_of_a_text_that_repeats_itself_it_knows_what_comes():
    train = np.tile([0, 1, 2, 3], 100)
    assert interpolated(train, train[:50], V, 3) < 0.02
    noise = np.random.default_rng(0).integers(0, V, 5000)
    assert interpolated(noise, train[:50], V) == pytest.approx(math.log(V), abs=0.1)
