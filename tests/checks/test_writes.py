"""A backward that writes where it must not. The strict backend refuses such writes itself: this page is not for it."""
import pytest

from tinyseq.autograd import op, tensor
from tinyseq.backend import host, xp
from tinyseq.checks import GradientError, gradcheck

np = host.np
rng = np.random.default_rng(0)


def random(*shape):
    return tensor(rng.standard_normal(shape), requires_grad=True)


def refused(f, *inputs, **params):
    with pytest.raises(GradientError) as caught:
        gradcheck(f, *inputs, **params)
    return caught.value


def test_backward_must_not_write_into_the_inputs():
    @op
    def double(x):
        def backward(dy):
            x[...] = 2
            return (x * dy,)
        return x * 2, backward
    error = refused(double, random(3))
    assert "backward modified input 0" in str(error) and error.patterns == ("modified",)


@pytest.mark.parametrize("f", [lambda y: y, lambda y: y * 2], ids=["the output", "in between"])
def test_backward_must_not_write_into_the_incoming_gradient(f):
    @op
    def own_tanh(x):
        y = xp.tanh(x)

        def backward(dy):
            dy *= 1 - y * y
            return (dy,)
        return y, backward
    error = refused(lambda x: f(own_tanh(x)), random(3))
    assert "the backward of own_tanh modified the gradient that came in for its output 0" in str(error)
    assert (error.tensors, error.patterns) == (("input 0",), ("modified",))


def test_a_backward_that_changes_what_it_saved():
    @op
    def worn(x):
        saved = xp.full(3, 2.0)

        def backward(dy):
            dx = dy * saved
            saved[...] += 1
            return (dx,)
        return x * 2, backward
    error = refused(worn, random(3))
    assert "not repeatable" in str(error) and (error.tensors, error.patterns) == (("input 0",), ("not repeatable",))
