"""benchmarks/exploding.py: the norms are those of the products that its first lines speak of."""
import exploding
import numpy as np
import pytest

from tinyseq.autograd import tensor
from tinyseq.backend import manual_seed, to_device, to_host
from tinyseq.layers import RNN


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


def test_the_radius_decides():
    W = exploding.with_radius(1.5, np.random.default_rng(1))
    assert max(abs(np.linalg.eigvals(W))) == pytest.approx(1.5)
    assert exploding.growth([8.0, 4.0, 2.0, 1.0]) == pytest.approx(2)
    assert exploding.growth(exploding.of_radius(0.5, "tanh")) < 0.6
    assert exploding.growth(exploding.of_radius(2.0, "tanh")) > 1.1
