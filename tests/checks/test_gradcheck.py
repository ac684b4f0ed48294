"""The checker of gradients: silent about right ones, and exact about wrong ones.

What it says about how backward behaves stands in test_conduct.py, about kinks in test_kinks.py, about the way in which
numbers are wrong in test_patterns.py, about recurrent sequences in test_blame.py.
"""
import pytest

from tinyseq import layers, ops
from tinyseq.autograd import op, tensor
from tinyseq.backend import host, to_device, to_host
from tinyseq.checks import GradientError, gradcheck

np = host.np
rng = np.random.default_rng(0)


def random(*shape):
    return tensor(rng.standard_normal(shape), requires_grad=True)


# Right gradients --------------------------------------------------------------------------------------------

def test_right_gradients_pass_and_the_report_says_what_was_checked():
    x, layer = random(4, 3), layers.Linear(3, 2).astype("float64")
    report = gradcheck(lambda x: ops.relu(layer(x)), x, params=layer)
    assert dict(report.checked) == {"input 0": (4, 3), "W": (3, 2), "b": (2,)}
    assert str(report).startswith("gradient right for 20 entries of 3 tensors")


@pytest.mark.parametrize("kind", [layers.RNN, layers.LSTM, layers.GRU])
def test_recurrent_layers(kind):
    layer = kind(3, 4, num_layers=2, bidirectional=True, dropout=0.5).astype("float64")
    report = gradcheck(lambda x: layer(x, lengths=[5, 2, 0])[0], random(3, 5, 3), params=layer)
    assert len(report.checked) == 1 + 4 * 3


def test_several_outputs_some_without_gradient():
    x = random(3, 4)
    gradcheck(lambda x: (*ops.split(x * x, 2), tensor(np.ones(2))), x)
    gradcheck(lambda x: layers.LSTM(4, 2).astype("float64")(x)[0] * 0 + x[:, :, :2], random(2, 3, 4))


def test_dropout_has_one_mask_throughout():
    gradcheck(layers.Dropout(0.5), random(6, 5))


def test_params_may_be_a_list_or_a_dict_and_other_inputs_pass_through():
    w = random(3)
    f = lambda n, word: w * n + len(word)
    assert gradcheck(f, 2.0, "word", params=[w]).checked == (("params[0]", (3,)),)
    assert gradcheck(f, 2.0, "word", params={"w": w}).checked == (("w", (3,)),)


def test_everything_is_put_back():
    x, layer = random(2, 4, 3), layers.LSTM(3, 2).astype("float64")
    tensors = [x, *layer.parameters()]
    before = [(t.data, t.data.copy()) for t in tensors]
    gradcheck(lambda x: layer(x)[0], x, params=layer)
    with pytest.raises(GradientError):
        gradcheck(lambda x: layer(x)[0] * x.detach().sum(), x, params=layer)
    for t, (array, copy) in zip(tensors, before, strict=True):
        assert t.data is array and np.array_equal(t.numpy(), to_host(copy)) and t.grad is None


# What cannot be checked -------------------------------------------------------------------------------------

def test_float32_is_refused_with_the_reason():
    with pytest.raises(ValueError, match="needs float64, and W is float32: rounding at 1e-7 would hide") as caught:
        gradcheck(lambda x: x, random(2), params=layers.Linear(2, 2))
    assert "module.astype('float64')" in str(caught.value)
    with pytest.raises(ValueError, match="input 1 is float32"):
        gradcheck(lambda n, x: x, 1, tensor([1.0], requires_grad=True))


def test_nothing_to_check():
    with pytest.raises(ValueError, match="nothing to check: no input requires a gradient"):
        gradcheck(lambda x: x, tensor(np.ones(2)))


def test_f_must_return_tensors():
    with pytest.raises(ValueError, match="needs f to return a Tensor or a tuple of Tensors; got"):
        gradcheck(lambda x: x.numpy(), random(2))


def test_f_must_repeat_itself():
    with pytest.raises(GradientError, match="f differs from call to call: fix its randomness") as caught:
        gradcheck(lambda x: x * to_device(np.random.default_rng().standard_normal(2)), random(2))
    assert caught.value.patterns == ("not repeatable",)


@pytest.mark.parametrize("f", [lambda x: (x * 2).detach() * 3, lambda x: tensor(x.numpy() * 2)])
def test_a_broken_graph_is_reported(f):
    with pytest.raises(GradientError, match=r"f breaks the graph, perhaps by \.detach"):
        gradcheck(f, random(3))


# Wrong gradients --------------------------------------------------------------------------------------------

def test_the_worst_entry_is_named():
    @op
    def cube(x):
        def backward(dy):
            dx = 3 * dy * x * x
            dx[1, 2] *= 2
            return (dx,)
        return x ** 3, backward
    with pytest.raises(GradientError, match=r"input 0 \(2, 3\): worst at \[1, 2\]: .*; 1 of 6 entries are wrong"):
        gradcheck(cube, random(2, 3))


def test_a_single_slightly_wrong_entry_among_many_is_found():
    @op
    def double(x):
        def backward(dy):
            dx = 2 * dy
            dx[17, 3] *= 1.01
            return (dx,)
        return 2 * x, backward
    with pytest.raises(GradientError, match=r"worst at \[17, 3\].*; 1 of 400 entries"):
        gradcheck(double, random(20, 20))


def test_mistakes_that_cancel_in_a_plain_sum_are_found():
    @op
    def swapped(x):
        return x * 1, lambda dy: (dy[::-1].copy(),)
    with pytest.raises(GradientError, match="2 of 2 entries are wrong"):
        gradcheck(swapped, random(2))


def test_a_forgotten_path_names_only_what_is_wrong():
    x, w = random(2, 3), random(3)
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda x: x * w.detach() + w, x, params={"w": w})
    assert "  w (3,)" in str(caught.value) and "input 0" not in str(caught.value)


def test_input_steps_are_named():
    @op
    def half_forgotten(x):
        def backward(dy):
            dx = 2 * dy
            dx[:, 3:5] = 0
            return (dx,)
        return 2 * x, backward
    with pytest.raises(GradientError) as caught:
        gradcheck(half_forgotten, random(2, 6, 3))
    assert "at input steps t = 3-4" in str(caught.value)
    assert "looks at output steps t = 3-4" in str(caught.value)


def test_tensors_steps_and_a_nan_are_reported():
    @op
    def broken(x, w):
        return x * w, lambda dy: (dy * w, dy * np.nan)
    with pytest.raises(GradientError, match="backward gives nan") as caught:
        gradcheck(lambda x: broken(x, w), random(2, 3), params={"w": (w := random(2, 3))})
    assert caught.value.tensors == ("w",) and caught.value.gates == () and caught.value.patterns == ()


def test_the_outputs_that_get_it_wrong_are_named():
    @op
    def pair(x):
        return (x * 2, x * 3), lambda dy, dz: (dy * 2,)
    with pytest.raises(GradientError, match="only a loss on output 1 gets it wrong, of the outputs 0-1") as caught:
        gradcheck(pair, random(3))
    assert caught.value.patterns == ("all zero",)


# No false alarms --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("seed", range(30))
def test_random_recurrent_layers_pass(seed):
    numbers = np.random.default_rng(seed)
    kind = [layers.RNN, layers.LSTM, layers.GRU][seed % 3]
    settings = {"nonlinearity": str(numbers.choice(["tanh", "relu", "sigmoid"]))} if kind is layers.RNN else {}
    layer = kind(3, 4, bidirectional=bool(seed % 2), **settings).astype("float64")
    for p in layer.parameters():
        p.data = to_device(numbers.standard_normal(p.shape) * numbers.choice([0.3, 1, 5]))
    x = tensor(numbers.standard_normal((2, 8, 3)) * numbers.choice([0.01, 1, 30]), requires_grad=True)
    gradcheck(lambda x: layer(x, lengths=[8, 5])[0], x, params=layer, seed=seed)


@pytest.mark.parametrize("size", [1e-3, 1, 1e3, 1e6])
@pytest.mark.parametrize("f", [ops.relu, ops.tanh, ops.softmax, ops.log_softmax, lambda x: x @ x,
                               lambda x: x.max(axis=0), lambda x: (x * x).mean(),
                               lambda x: ops.relu(x @ x).sum(axis=1)])
def test_large_and_small_numbers_pass(f, size):
    numbers = np.random.default_rng(1)
    for seed in range(5):
        gradcheck(f, tensor(numbers.standard_normal((7, 7)) * size, requires_grad=True), seed=seed)


def test_a_function_that_bends_sharply_is_no_mistake():
    gradcheck(lambda x: ops.tanh(ops.exp(x * 8) @ x), tensor(rng.uniform(-1, 1, (4, 4)), requires_grad=True))


def test_infinite_outputs_are_left_out():
    gradcheck(lambda x: ops.where(to_device(np.array([True, False])), x * 2, -np.inf), random(2))


@pytest.mark.parametrize("seed", range(10))
def test_one_part_in_ten_thousand_is_found(seed):
    @op
    def almost(x):
        def backward(dy):
            dx = dy * 2 * x
            dx[:, :3] *= 1.0001
            return (dx,)
        return x * x, backward
    with pytest.raises(GradientError) as caught:
        gradcheck(almost, random(5, 12), seed=seed)
    assert caught.value.patterns == ("constant ratio",) and "constant ratio 1.0001" in str(caught.value)


def test_a_tensor_that_comes_twice_is_checked_once():
    x, W = tensor(np.array([1.0, -2.0]), requires_grad=True), tensor(np.eye(2), requires_grad=True)
    assert gradcheck(ops.mul, x, x).checked == (("input 0", (2,)),)
    report = gradcheck(lambda x: x @ W @ W, x, params={"first": W, "tied": W, "x": x})
    assert report.checked == (("input 0", (2,)), ("first", (2, 2)))


def test_params_in_every_form():
    x, layer = tensor(np.ones((2, 3)), requires_grad=True), layers.Linear(3, 2).astype("float64")
    names = ["input 0", "W", "b"]
    assert [name for name, _ in gradcheck(layer, x, params=layer.named_parameters()).checked] == names
    assert [name for name, _ in gradcheck(layer, x, params=dict(layer.named_parameters())).checked] == names
    assert [name for name, _ in gradcheck(layer, x, params=layer.W).checked] == ["input 0", "params"]
    assert [name for name, _ in gradcheck(layer, x, params=[layer.W]).checked] == ["input 0", "params[0]"]
    with pytest.raises(ValueError, match=r"params\[0\] is str"):
        gradcheck(layer, x, params=["W"])


def test_rounding_is_no_mistake():
    """Where large terms cancel on the way back; where f changes over a millionth; where y is small and f adds 1."""
    large = tensor(np.array([1e6, -2e6]), requires_grad=True)
    w = tensor(np.array([0.7, 0.4]), requires_grad=True)
    ones = tensor(np.ones((2, 2)))
    gradcheck(lambda x, w: ops.softmax((x * w) ** 2 * ones @ ones), large, w)
    steep = tensor(np.array([[1e-4, -3e-4, 2e-4]]), requires_grad=True)
    gamma, beta = to_device(np.ones(3)), to_device(np.zeros(3))
    gradcheck(lambda x: ops.layer_norm(20 * x, gamma, beta, epsilon=1e-7), steep)
    gradcheck(ops.sigmoid, tensor(np.array([-32.7, -30.0]), requires_grad=True))


def test_a_steep_gradient_may_still_be_wrong():
    @op
    def cancelling(x):
        y = ops.softmax.__wrapped__(x)[0]
        return y, lambda dy: (y * (dy - 0.999 * (dy * y).sum(axis=-1, keepdims=True)),)

    with pytest.raises(GradientError):
        gradcheck(lambda x: cancelling(1e6 * x), tensor(np.array([1e-6, 2e-6]), requires_grad=True))
