"""The error function, and nonlinearities far from 0. Values and gradients: test_registry.py."""
import math
import warnings

import pytest

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_device, to_host
from tinyseq.ops.special import FAR, NEAR, erfc

np = host.np
POINTS = np.concatenate([np.linspace(-6, 6, 20001), *(sign * np.nextafter(edge, [0, edge, 9])
                                                      for edge in (NEAR, FAR) for sign in (-1, 1))])


def test_erfc_to_the_last_digits():
    y = to_host(erfc(to_device(POINTS)))
    np.testing.assert_allclose(1 - y, [math.erf(x) for x in POINTS], rtol=0, atol=5e-16)
    np.testing.assert_allclose(y, [math.erfc(x) for x in POINTS], rtol=1e-14)
    tail = np.linspace(6, 26, 1001)
    np.testing.assert_allclose(to_host(erfc(to_device(tail))), [math.erfc(x) for x in tail], rtol=2e-13)


def test_erfc_of_float32_and_of_extremes():
    x = POINTS.astype("float32")
    y = to_host(erfc(to_device(x)))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, [math.erfc(v) for v in x], rtol=2e-5, atol=3e-7)
    extremes = np.array([-np.inf, -1e30, 0, 1e30, np.inf, np.nan], "float32")
    np.testing.assert_array_equal(to_host(erfc(to_device(extremes))), np.array([2, 2, 1, 0, 0, np.nan], "float32"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("f, left, slope", [
    (ops.softplus, 0, 0), (ops.silu, 0, 0), (ops.gelu, 0, 0), (lambda x: ops.gelu(x, form="tanh"), 0, 0),
    (ops.elu, -1, 0), (lambda x: ops.elu(x, alpha=0.5), -0.5, 0), (ops.leaky_relu, -1e2, 0.01)])
def test_far_from_0_nothing_overflows(f, left, slope, dtype):
    x = tensor(np.array([-1e4, 1e4]), requires_grad=True, dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = f(x)
        dx, = gradients(y.sum(), [x])
    np.testing.assert_allclose(y.numpy(), [left, 1e4], rtol=1e-6)
    np.testing.assert_allclose(to_host(dx), [slope, 1], rtol=1e-6)


@pytest.mark.parametrize("f, right", [(ops.relu, 0), (ops.leaky_relu, 0.01), (lambda x: ops.elu(x, alpha=2.0), 2)])
def test_the_gradient_at_a_kink_is_the_one_from_below(f, right):
    x = tensor(np.zeros(1), requires_grad=True)
    assert to_host(gradients(f(x).sum(), [x])[0]).tolist() == [right]


def test_the_two_forms_of_gelu_are_close_but_differ():
    x = tensor(np.linspace(-5, 5, 1001))
    difference = np.abs(ops.gelu(x).numpy() - ops.gelu(x, form="tanh").numpy()).max()
    assert 1e-4 < difference < 5e-4
