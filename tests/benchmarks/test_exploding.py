"""benchmarks/exploding.py: the norms are those of the products that its first lines speak of."""
import exploding
import numpy as np
import pytest

from tinyseq.autograd import tensor
from tinyseq.backend import manual_seed, to_device, to_host
from tinyseq.layers import LSTM, RNN


def test_norms_are_those_of_the_product_of_jacobians():
    manual_seed(0)
    rng, layer = np.random.default_rng(0), RNN(1, 4).astype("float64")
    W_xh, W_hh, b_h = (to_host(p.data) for p in layer.parameters())
    x, v = rng.standard_normal((3, 6, 1)), rng.standard_normal(4)
    hs = [np.zeros((3, 4))]
    for t in range(6):
        hs.append(np.tanh(x[:, t] @ W_xh + hs[-1] @ W_hh + b_h))
    dh, expected = np.tile(v, (3, 1)), []
    for h in reversed(hs[1:]):
        expected.append(np.sqrt((dh ** 2).sum(axis=1).mean()))
        dh = (dh * (1 - h * h)) @ W_hh.T                   # (1)
    np.testing.assert_allclose(exploding.norms(layer, tensor(x), to_device(v)), expected[::-1], rtol=1e-10)


@pytest.mark.parametrize("r", [0.5, 0.9])
def test_the_matrix_that_is_not_normal_gives_its_powers(r):
    powers = [np.linalg.norm(np.linalg.matrix_power(np.array([[r, 10], [0, r]]), k)[:, 1])
              for k in range(exploding.T)]
    found = exploding.of_not_normal(r)
    np.testing.assert_allclose(found, powers[::-1], rtol=1e-10)
    assert found[0] < 1 and max(found) > 9


def test_the_gradient_of_a_cell_state_is_the_whole_one():
    """c_t acts through h_t as well: by the tape, moving c_t at its step moves L as much as its gradient says."""
    manual_seed(0)
    rng, layer = np.random.default_rng(0), LSTM(1, 1, method="by_tape").astype("float64")
    W_xh, W_hh, b_h = (to_host(p.data) for p in layer.parameters())
    x = rng.standard_normal((1, 4, 1))

    def last_c(moved):
        h = c = np.zeros((1, 1))
        for t in range(4):
            i, f, g, o = np.split(x[:, t] @ W_xh + h @ W_hh + b_h, 4, axis=1)
            i, f, o = (1 / (1 + np.exp(-a)) for a in (i, f, o))
            c = f * c + i * np.tanh(g) + moved[t]
            h = o * np.tanh(c)
        return c[0, 0]
    step = 1e-6 * np.eye(4)
    expected = [abs(last_c(d) - last_c(-d)) / 2e-6 for d in step]
    np.testing.assert_allclose(exploding.norms(layer, tensor(x), to_device(np.ones(1)), "c"), expected, rtol=1e-6)


def test_the_radius_decides():
    W = exploding.with_radius(1.5, np.random.default_rng(1))
    assert max(abs(np.linalg.eigvals(W))) == pytest.approx(1.5)
    assert exploding.growth([8.0, 4.0, 2.0, 1.0]) == pytest.approx(2)
    assert exploding.growth(exploding.of_radius(0.5, "tanh")) < 0.6
    assert exploding.growth(exploding.of_radius(2.0, "tanh")) > 1.1
