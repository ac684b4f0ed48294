"""What a backward must not do, whatever numbers it returns."""
import pytest

from tinyseq.autograd import Tensor, op, tensor
from tinyseq.backend import host, to_device, to_host, xp
from tinyseq.checks import GradientError, gradcheck
from tinyseq.checks import problem as page

np = host.np
rng = np.random.default_rng(0)


def random(*shape):
    return tensor(rng.standard_normal(shape), requires_grad=True)


def refused(f, *inputs, **params):
    with pytest.raises(GradientError) as caught:
        gradcheck(f, *inputs, **params)
    return caught.value


def test_forward_must_not_write_into_its_inputs():
    def centre(x):
        x.data -= x.data.mean()
        return x * 2
    error = refused(centre, random(3))
    assert "f modified input 0" in str(error) and (error.tensors, error.patterns) == (("input 0",), ("modified",))
    error = refused(lambda x: (centre(w), x)[1], random(3), params={"w": (w := random(3))})
    assert "f modified w" in str(error)


def test_backward_must_add_to_what_is_there(monkeypatch):
    def overwrite(self, grad=None, keep_graph=False):
        x.grad = first
    x = random(3)
    first = to_device(np.full(3, 2.0))
    u = {}
    monkeypatch.setattr(page, "signed", lambda rng, shape: u.setdefault(shape, np.ones(shape)))
    monkeypatch.setattr(Tensor, "backward", overwrite)
    error = refused(lambda x: x * 2, x)
    assert "not added to the .grad" in str(error) and (error.tensors, error.patterns) == (("input 0",), ("not added",))


def test_grads_are_put_back():
    x, w, elsewhere = random(3), random(3), random(3)
    x.grad, elsewhere.grad = to_device(np.full(3, 7.0)), to_device(np.full(3, 8.0))
    gradcheck(lambda x: x * w * elsewhere, x, params=[w])
    assert (to_host(x.grad) == 7).all() and (to_host(elsewhere.grad) == 8).all() and w.grad is None


@pytest.mark.parametrize("word, change", [("shape", lambda dx: dx.sum(keepdims=True)),
                                          ("dtype", lambda dx: dx.astype("float32"))])
def test_gradients_have_the_shape_and_dtype_of_their_tensors(word, change):
    @op
    def double(x, w):
        return x * w, lambda dy: (dy * w, change(dy * x))
    error = refused(lambda x: double(x, w), random(3), params={"w": (w := random(3))})
    assert f"the gradient of w has the wrong {word}: w is float64 (3,), and the backward of double" in str(error)
    assert (error.tensors, error.patterns) == (("w",), (word,))


def test_a_backward_that_fails_is_named():
    @op
    def double(x):
        return x * 2, lambda dy: (dy @ xp.ones((7, 3)),)
    error = refused(double, random(3))
    assert "the backward of double fails with " in str(error) and error.tensors == ("input 0",)
