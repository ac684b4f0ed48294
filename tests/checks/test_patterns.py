"""In which way a gradient is wrong: each way is planted, and the message read."""
import pytest

from tinyseq.autograd import op, tensor
from tinyseq.backend import host, xp
from tinyseq.checks import GradientError, gradcheck
from tinyseq.layers import Parameter

np = host.np
FOUR = ("i", "f", "g", "o")


def wrong(change, W=(4, 4), blocks=()):
    """The error for y = x W + b where dW goes through `change`."""
    @op
    def affine(x, w, b):
        return x @ w + b, lambda dy: (dy @ w.T, change(x.T @ dy), dy.sum(axis=0))
    numbers = np.random.default_rng(0)
    x = tensor(numbers.standard_normal((6, W[0])), requires_grad=True)
    params = {"W": Parameter(xp.asarray(numbers.standard_normal(W)), blocks),
              "b": Parameter(xp.asarray(numbers.standard_normal(W[1])), blocks)}
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda x: affine(x, *params.values()), x, params=params)
    assert caught.value.tensors == ("W",), caught.value
    return caught.value


def scaled(gate, factor):
    def change(dW):
        dW = dW.copy()
        dW[:, 2 * gate:2 * gate + 2] *= factor
        return dW
    return change


@pytest.mark.parametrize("change, keyword, words", [
    (lambda d: 0 * d, "all zero", "all zero (not connected)"), (lambda d: 2 * d, "doubled", "doubled"),
    (lambda d: -d, "sign", "the sign is turned"), (lambda d: 0.7 * d, "constant ratio", "constant ratio 0.7"),
    (lambda d: d / 6, "averaged over the batch", "averaged over the batch (1/6 of the sum)"),
    (lambda d: d.T.copy(), "transposed", "transposed")])
def test_patterns(change, keyword, words):
    error = wrong(change)
    assert error.patterns == (keyword,) and error.gates == ()
    assert str(error).endswith(f"entries are wrong: {words}")


def test_transposed_and_put_back_in_shape():
    assert wrong(lambda d: d.T.reshape(d.shape).copy(), (3, 5)).patterns == ("transposed",)


def test_no_pattern_where_there_is_none():
    assert wrong(lambda d: d ** 2).patterns == () and wrong(lambda d: d + 1).patterns == ()


@pytest.mark.parametrize("factor, pattern", [(2, "doubled"), (-1, "sign"), (0, "all zero"), (1.3, "constant ratio")])
@pytest.mark.parametrize("gate", range(4))
def test_a_gate(gate, factor, pattern):
    error = wrong(scaled(gate, factor), (3, 8), FOUR)
    assert error.gates == (FOUR[gate],) and error.patterns == (pattern,)
    assert str(error).startswith(f"the gradient is wrong in gate {FOUR[gate]} of W\n")


def test_gates_permuted():
    error = wrong(lambda d: xp.concatenate([d[:, 6:], d[:, 2:6], d[:, :2]], axis=1), (3, 8), FOUR)
    assert error.gates == ("i", "o") and error.patterns == ("gates permuted",)
    assert "gates permuted (i has that of o, o has that of i)" in str(error)
    error = wrong(lambda d: xp.roll(d, 2, axis=1), (3, 8), FOUR)
    assert error.gates == () and error.patterns == ("gates permuted",)


def test_blocks_of_an_input_count_too():
    @op
    def double(x):
        return 2 * x, lambda dy: (xp.concatenate([2 * dy[:2], dy[2:]]),)
    with pytest.raises(GradientError, match="in gate b of input 0") as caught:
        gradcheck(double, Parameter(xp.asarray(np.arange(1.0, 5)), blocks=("a", "b")))
    assert caught.value.gates == ("b",)


def test_a_large_tensor_is_sampled():
    error = wrong(lambda d: 2 * d, (60, 50))
    assert "2000 of 2000 entries are wrong: doubled" in str(error)


@pytest.mark.parametrize("kept, pattern", [(slice(-1, None), "lost carry"), (slice(0, 1), "wrong previous state")])
def test_input_steps_tell_where_f_gives_one_number_a_row(kept, pattern):
    @op
    def last_of_sums(x, a):                                 # h_t = h_{t-1} + a x_t, and only the last h comes out
        def backward(dy):
            dx = xp.zeros_like(x)
            dx[:, kept] = a * dy[:, None]
            return dx, (x[:, kept].sum(axis=1) * dy).sum(axis=0)
        return a * x.sum(axis=1), backward
    numbers = np.random.default_rng(0)
    x, a = (tensor(numbers.standard_normal(shape), requires_grad=True) for shape in [(3, 5, 2), (2,)])
    with pytest.raises(GradientError) as caught:
        gradcheck(last_of_sums, x, a)
    assert caught.value.patterns == (pattern,)
    assert caught.value.steps == tuple(t for t in range(5) if t != (4 if pattern == "lost carry" else 0))
