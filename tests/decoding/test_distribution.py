"""From logits to the distribution that is drawn from: what temperature, top-k and top-p promise."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tinyseq.decoding import distribution

LOGITS = arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 12)),
                elements=st.integers(-200, 200).map(lambda n: n / 4), unique=True)
TEMPERATURES = st.floats(0.05, 20)


def softmax(y):
    p = np.exp(y - y.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


@given(LOGITS, TEMPERATURES | st.just(0.0), st.none() | st.integers(1, 15), st.none() | st.floats(0.01, 1))
def test_each_row_is_a_distribution(logits, temperature, top_k, top_p):
    p = distribution(logits, temperature, top_k, top_p)
    assert p.shape == logits.shape and (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=-1), 1, atol=1e-12)


@given(LOGITS, TEMPERATURES)
def test_temperature_divides_the_logits(logits, temperature):
    expected = softmax(logits.astype(float) / temperature)
    np.testing.assert_allclose(distribution(logits, temperature), expected, rtol=1e-9, atol=1e-300)


@given(LOGITS, TEMPERATURES)
def test_the_order_of_the_logits_is_kept(logits, temperature):
    for y, p in zip(logits, distribution(logits, temperature), strict=True):
        assert (np.diff(p[np.argsort(y)]) >= 0).all()


@given(LOGITS)
def test_temperature_0_takes_the_largest_logit(logits):
    p = distribution(logits, 0.0)
    assert np.array_equal(p, np.eye(logits.shape[1])[logits.argmax(axis=-1)])
    assert np.array_equal(distribution(logits, 0.0, top_k=3, top_p=0.2), p)


def test_low_temperatures_approach_the_largest_logit_and_high_ones_the_uniform():
    y = np.array([[1.0, 2.0, 2.5, -1.0]])
    np.testing.assert_allclose(distribution(y, 1e-3), distribution(y, 0.0), atol=1e-12)
    np.testing.assert_allclose(distribution(y, 1e6), 0.25, atol=1e-5)


@given(LOGITS, st.integers(1, 15))
def test_top_k_keeps_the_k_likeliest_in_their_proportions(logits, k):
    before = distribution(logits, 5.0)
    for y, p, whole in zip(logits, distribution(logits, 5.0, top_k=k), before, strict=True):
        kept = np.argsort(y)[-k:]
        assert set(np.flatnonzero(p)) == set(kept)
        np.testing.assert_allclose(p[kept], whole[kept] / whole[kept].sum(), rtol=1e-9)


def test_top_k_keeps_all_that_are_equal_at_the_border():
    np.testing.assert_allclose(distribution(np.array([[1.0, 0.0, 0.0, -1.0]]), top_k=2)[0] > 0, [1, 1, 1, 0])


@given(LOGITS, st.floats(0.01, 1))
def test_top_p_keeps_the_smallest_set_that_reaches_p(logits, top_p):
    before = distribution(logits, 5.0)
    for p, whole in zip(distribution(logits, 5.0, top_p=top_p), before, strict=True):
        kept = p > 0
        assert whole[kept].min() >= whole[~kept].max(initial=0)              # the likeliest
        assert whole[kept].sum() >= top_p - 1e-12                            # reach p
        assert whole[kept].sum() - whole[kept].min() < top_p + 1e-12         # and not without the last of them
        np.testing.assert_allclose(p[kept], whole[kept] / whole[kept].sum(), rtol=1e-9)


def test_top_p_by_hand():
    y = np.log([[0.5, 0.3, 0.15, 0.05]])
    np.testing.assert_allclose(distribution(y, top_p=0.4), [[1, 0, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(distribution(y, top_p=0.6), [[0.625, 0.375, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(distribution(y, top_p=1.0), np.exp(y), atol=1e-12)


def test_top_p_is_taken_of_what_top_k_left():
    y = np.log([[0.4, 0.3, 0.2, 0.1]])
    # Of the two likeliest the first has 4/7, more than 0.5; of all four it has only 0.4.
    np.testing.assert_allclose(distribution(y, top_k=2, top_p=0.5), [[1, 0, 0, 0]], atol=1e-12)
    assert np.count_nonzero(distribution(y, top_p=0.5)) == 2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("temperature", [1e-308, 0.01, 1.0])
@pytest.mark.parametrize("size", [1e4, 3e38])
def test_large_logits_do_not_overflow(temperature, size):
    p = distribution(np.array([[size, -size, size / 2]], dtype="float32"), temperature)
    np.testing.assert_allclose(p, [[1, 0, 0]], atol=1e-12)


@pytest.mark.parametrize("settings, word", [
    ({"temperature": -0.1}, "temperature"), ({"temperature": float("nan")}, "temperature"),
    ({"temperature": float("inf")}, "temperature"), ({"top_k": 0}, "top-k"), ({"top_k": -2}, "top-k"),
    ({"top_p": 0.0}, "top-p"), ({"top_p": 1.01}, "top-p"), ({"top_p": -1.0}, "top-p"),
    ({"top_p": float("nan")}, "top-p")])
def test_values_out_of_range(settings, word):
    with pytest.raises(ValueError, match=f"^{word} .* got {next(iter(settings.values()))}$"):
        distribution(np.zeros((1, 3)), **settings)
