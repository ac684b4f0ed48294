"""Positions, each with the property that it is made for."""
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyseq.autograd import tensor
from tinyseq.backend import host, manual_seed, name, to_host
from tinyseq.checks import gradcheck
from tinyseq.layers import LearnedPositions, MultiHeadAttention, SinusoidalPositions
from tinyseq.layers.attention.relative import distance_bias, slopes, turned

np = host.np
few = settings(max_examples=20 if name == "numpy" else 3, derandomize=True, deadline=None)


def zeros(B, T, C, dtype="float64"):
    return tensor(np.zeros((B, T, C)), dtype=dtype)


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


# Sinusoidal -------------------------------------------------------------------------------------------------

def test_sinusoids_are_those_of_the_paper():
    p = SinusoidalPositions(6)(zeros(2, 4, 6)).numpy()
    for t in range(4):
        for i in range(3):
            assert p[1, t, 2 * i] == pytest.approx(np.sin(t / 10000 ** (2 * i / 6)), abs=1e-12)
            assert p[1, t, 2 * i + 1] == pytest.approx(np.cos(t / 10000 ** (2 * i / 6)), abs=1e-12)


@few
@given(n=st.integers(1, 500), t=st.integers(0, 10_000))
def test_n_steps_further_is_the_same_turn_from_everywhere(n, t):
    """p_{t+n} = p_t M_n: in each pair a turn by n theta_i, whatever t is; so a product of two tells their distance."""
    layer = SinusoidalPositions(8)
    here, there, start, end = (layer(zeros(1, 1, 8), s).numpy()[0, 0] for s in (t, t + n, 0, n))
    assert here @ there == pytest.approx(start @ end, abs=1e-9)


def test_sinusoids_have_no_longest_sequence_and_one_start_for_each_row():
    layer = SinusoidalPositions(4)
    whole = layer(zeros(1, 3000, 4)).numpy()[0]
    assert np.isfinite(whole).all() and len(np.unique(whole.round(9), axis=0)) == 3000
    rows = layer(zeros(2, 5, 4), np.array([7, 1000])).numpy()
    np.testing.assert_array_equal(rows[0], whole[7:12])
    np.testing.assert_array_equal(rows[1], whole[1000:1005])


# Learned ----------------------------------------------------------------------------------------------------

def test_learned_positions_are_rows_of_P():
    layer = LearnedPositions(5, 3).astype("float64")
    P = to_host(layer.P.data)
    np.testing.assert_array_equal(layer(zeros(2, 3, 3), 2).numpy(), [P[2:5]] * 2)
    np.testing.assert_array_equal(layer(zeros(2, 2, 3), np.array([0, 3])).numpy(), [P[:2], P[3:]])
    x = tensor(np.random.default_rng(0).standard_normal((2, 3, 3)), requires_grad=True)
    for t in (1, np.array([2, 0])):
        gradcheck(lambda x, t=t: layer(x, t), x, params=layer.named_parameters())


@pytest.mark.parametrize("call, words", [
    (lambda: LearnedPositions(5, 4)(zeros(1, 6, 4)), ("LearnedPositions", "T=5", "6 steps", "cut", "T=6", "rotary")),
    (lambda: LearnedPositions(5, 4)(zeros(2, 2, 4), np.array([0, 4])), ("T=5", "6 steps")),
    (lambda: LearnedPositions(0, 4), ("at least 1", "T=0")),
    (lambda: LearnedPositions(5, 4)(zeros(1, 5, 3)), ("C=4", "(1, 5, 3)", "C=3")),
    (lambda: SinusoidalPositions(5), ("C=5", "pairs", "6")),
    (lambda: SinusoidalPositions(4)(tensor(np.zeros((5, 4)))), ("(B, T, C=4)", "(5, 4)", "x[None]")),
])
def test_mistakes_are_explained(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


# Rotary -----------------------------------------------------------------------------------------------------

@few
@given(t=st.integers(0, 5000), s=st.integers(0, 5000), shift=st.integers(0, 100_000))
def test_a_product_of_turned_vectors_tells_how_far_apart_they_stand(t, s, shift):
    q, k = (tensor(x) for x in np.random.default_rng(0).standard_normal((2, 1, 1, 1, 8)))
    here = (turned(q, t).numpy() * turned(k, s).numpy()).sum()
    there = (turned(q, t + shift).numpy() * turned(k, s + shift).numpy()).sum()
    assert here == pytest.approx(there, abs=1e-8)


def test_each_pair_has_a_frequency_of_its_own():
    """The book turns all of them by one."""
    x = tensor(np.concatenate([np.ones(4), np.zeros(4)])[None, None, None])
    y = turned(x, 1).numpy()[0, 0, 0]
    np.testing.assert_allclose(np.arctan2(y[4:], y[:4]), 10_000.0 ** (-np.arange(4) / 4))


def test_steps_far_out_keep_their_places_in_float32():
    """Angles are computed in float64: those of step 1,000,000 would have lost their digits."""
    x = tensor(np.ones((1, 2, 1, 4)), dtype="float32")
    right = turned(tensor(np.ones((1, 2, 1, 4))), 1_000_000).numpy()
    np.testing.assert_allclose(turned(x, 1_000_000).numpy(), right, atol=1e-6)


# ALiBi ------------------------------------------------------------------------------------------------------

def test_alibi_slopes_are_the_papers():
    assert slopes(8) == [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]
    assert slopes(2) == [2 ** -4, 2 ** -8]


def test_alibi_falls_with_distance_alone():
    bias = to_host(distance_bias(2, 3, 5, 2, "float64"))
    for h, i, j in np.ndindex(bias.shape):
        assert bias[h, i, j] == -slopes(2)[h] * abs(2 + i - j)


# Both, in attention -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("lean", [False, True])
@pytest.mark.parametrize("positions", ["rotary", "alibi"])
def test_the_same_words_further_on_are_treated_the_same(positions, lean):
    """Relative shift: attention over a window gives the same wherever in the text the window stands."""
    layer = MultiHeadAttention(8, 2, positions=positions, causal=True, lean=lean).astype("float64")
    x = tensor(np.random.default_rng(0).standard_normal((1, 4, 8)))
    at_the_start = layer.resume(x)[0].numpy()
    _, _, cache = layer.resume(tensor(np.random.default_rng(1).standard_normal((1, 300, 8))))
    nothing_seen = cache._replace(keys=cache.keys.newest(0), values=cache.values.newest(0))
    np.testing.assert_allclose(layer.resume(x, nothing_seen)[0].numpy(), at_the_start, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("positions", ["rotary", "alibi"])
def test_without_positions_order_is_invisible_and_with_them_it_is_not(positions):
    x, order = np.random.default_rng(0).standard_normal((1, 6, 8)), [3, 0, 5, 1, 4, 2]
    for kind in (None, positions):
        layer = MultiHeadAttention(8, 2, positions=kind).astype("float64")
        one, other = layer(tensor(x))[0].numpy()[:, order], layer(tensor(x[:, order]))[0].numpy()
        assert np.allclose(one, other) == (kind is None)
    weights = MultiHeadAttention(8, 2, positions="alibi").astype("float64")(zeros(1, 6, 8))[1].numpy()
    assert (np.diff(weights[0, :, 0]) < 0).all()           # of equal keys the nearer one counts for more
