"""Normalisation as layers: by the batch in training, by what ran otherwise; what is kept, and what is refused."""
import pytest

from tinyseq import layers
from tinyseq.autograd import no_grad, tensor
from tinyseq.backend import host, to_host
from tinyseq.checks import gradcheck
from tinyseq.layers import BatchNorm1d, BatchNorm2d, LayerNorm, Module, RMSNorm, Sequential

np = host.np
BATCH_NORMS = [(BatchNorm1d, (6, 3), (0,)), (BatchNorm1d, (4, 5, 3), (0, 1)), (BatchNorm2d, (2, 3, 4, 5), (0, 2, 3))]
every_batch_norm = pytest.mark.parametrize("kind, shape, others", BATCH_NORMS)


def drawn(*shape, seed=0):
    return tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


def changed(layer):
    """The layer in float64, gamma and beta somewhere else than at the start."""
    layer.astype("float64")
    for i, p in enumerate(layer.parameters()):
        p.data = drawn(*p.shape, seed=i + 1).data
    return layer


# LayerNorm and RMSNorm --------------------------------------------------------------------------------------

@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 5, 4), (0, 4)])
@pytest.mark.parametrize("epsilon", [1e-5, 0.1])
def test_layer_norm_and_rms_norm(shape, epsilon):
    x = drawn(*shape)
    ln, rms = changed(LayerNorm(4, epsilon=epsilon)), changed(RMSNorm(4, epsilon=epsilon))
    data = x.numpy()
    centred = data - data.mean(-1, keepdims=True)
    np.testing.assert_allclose(ln(x).numpy(), centred / np.sqrt((centred ** 2).mean(-1, keepdims=True) + epsilon)
                               * ln.gamma.numpy() + ln.beta.numpy())
    np.testing.assert_allclose(rms(x).numpy(), data / np.sqrt((data ** 2).mean(-1, keepdims=True) + epsilon)
                               * rms.gamma.numpy())
    for layer in (ln, rms):
        if x.size:
            gradcheck(layer, x, params=layer)
        np.testing.assert_array_equal(layer.eval()(x).numpy(), layer.train()(x).numpy())


def test_what_they_start_from():
    for layer in (LayerNorm(3), RMSNorm(3), BatchNorm1d(3), BatchNorm2d(3)):
        state = {name: to_host(array).tolist() for name, array in layer.state_dict().items()}
        right = {"gamma": [1, 1, 1], "beta": [0, 0, 0], "running_mean": [0, 0, 0], "running_variance": [1, 1, 1]}
        assert state == {name: right[name] for name in state}
        assert all(array.dtype == np.float32 for array in layer.state_dict().values())
        assert repr(layer).startswith(f"{type(layer).__name__}(3)  {3 if isinstance(layer, RMSNorm) else 6} parameters")
    assert LayerNorm(3).state_dict().keys() == {"gamma", "beta"}


# Batch normalisation ----------------------------------------------------------------------------------------

@every_batch_norm
def test_training_goes_by_the_batch_and_moves_what_runs(kind, shape, others):
    layer, x = changed(kind(3, momentum=0.25)), drawn(*shape)
    data, along = x.numpy(), (3, 1, 1) if kind is BatchNorm2d else (3,)
    mean, variance = data.mean(others), data.var(others)
    y = layer(x).numpy()
    np.testing.assert_allclose(y, (data - mean.reshape(along)) / np.sqrt(variance + 1e-5).reshape(along)
                               * layer.gamma.numpy().reshape(along) + layer.beta.numpy().reshape(along))
    np.testing.assert_allclose(layer.running_mean.numpy(), 0.25 * mean)
    np.testing.assert_allclose(layer.running_variance.numpy(), 0.75 + 0.25 * data.var(others, ddof=1))
    gradcheck(layer, x, params=layer)


@every_batch_norm
def test_otherwise_it_goes_by_what_ran_and_moves_nothing(kind, shape, others):
    layer, x = changed(kind(3)), drawn(*shape)
    for seed in range(3):
        layer(drawn(*shape, seed=seed) * 2 + 1)
    before = layer.state_dict()
    layer.eval()
    along = (3, 1, 1) if kind is BatchNorm2d else (3,)
    m, v, gamma, beta = (to_host(before[name]).reshape(along)
                         for name in ("running_mean", "running_variance", "gamma", "beta"))
    y = layer(x)
    np.testing.assert_allclose(y.numpy(), (x.numpy() - m) / np.sqrt(v + 1e-5) * gamma + beta)
    np.testing.assert_allclose(layer(x[:1]).numpy(), y.numpy()[:1])            # no other row matters
    gradcheck(layer, x, params=layer)
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(to_host(array), to_host(before[name]))


def test_what_runs_comes_to_mean_and_variance_of_the_data():
    layer = BatchNorm1d(2).astype("float64")
    rng = np.random.default_rng(0)
    with no_grad():                                        # in training it moves with or without gradients
        for _ in range(300):
            layer(tensor(rng.standard_normal((100, 2)) * [2, 0.5] + [3, -1]))
    np.testing.assert_allclose(layer.running_mean.numpy(), [3, -1], atol=0.2)
    np.testing.assert_allclose(layer.running_variance.numpy(), [4, 0.25], rtol=0.1)


def test_an_earlier_graph_is_not_touched_by_a_later_batch():
    layer, x = changed(BatchNorm1d(3)), drawn(5, 3)
    y = layer(x)
    value, running = y.numpy().copy(), layer.running_mean.data
    before = to_host(running).copy()
    layer(drawn(5, 3, seed=7))
    np.testing.assert_array_equal(y.numpy(), value)
    np.testing.assert_array_equal(to_host(running), before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind, shape", [(LayerNorm, (2, 3)), (RMSNorm, (2, 3)), *(case[:2] for case in BATCH_NORMS)])
def test_precision_stays(kind, shape, dtype):
    layer, data = kind(3).astype(dtype), tensor(np.ones(shape), dtype=dtype)
    assert layer(data).dtype == layer.eval()(data).dtype == np.dtype(dtype)
    assert all(array.dtype == np.dtype(dtype) for array in layer.state_dict().values())


class Net(Module):
    def __init__(self):
        self.body = Sequential(layers.Linear(3, 4), BatchNorm1d(4))
        self.norm = LayerNorm(4)

    def __call__(self, x):
        return self.norm(self.body(x))


def test_weights_travel_with_what_ran():
    one, other, x = Net(), Net(), tensor(np.random.default_rng(0).standard_normal((8, 3)), dtype="float32")
    one(x)
    other.load_state_dict(one.state_dict())
    np.testing.assert_array_equal(other.eval()(x).numpy(), one.eval()(x).numpy())
    assert "body.1.running_mean" in one.state_dict() and len(one.parameters()) == 6
    assert "      running_variance (4,)  buffer" in repr(one).splitlines()


def x(*shape):
    return tensor(np.ones(shape, "float32"))


@pytest.mark.parametrize("call, message", [
    (lambda: LayerNorm(0), "LayerNorm has at least one channel; got C=0"),
    (lambda: RMSNorm(3, epsilon=0), "RMSNorm: epsilon is above 0, to keep the root away from it; got 0"),
    (lambda: BatchNorm2d(3, momentum=1.5), r"BatchNorm2d: momentum lies in \[0, 1\]; got 1.5"),
    (lambda: LayerNorm(3)(x(2, 4)), r"^LayerNorm takes x \(..., C\) with C=3; axis -1 of x \(2, 4\) has size 4: make"),
    (lambda: Net().norm(x(2, 5)), r"^LayerNorm 'norm' takes x .* with C=4; axis -1 of x \(2, 5\) has size 5"),
    (lambda: RMSNorm(3)(x()), r"RMSNorm takes .* axis -1 of x \(\) is missing"),
    (lambda: BatchNorm1d(6)(x(2, 6, 5)),
     r"BatchNorm1d takes x \(B, C\) or \(B, T, C\) with C=6; axis -1 of x \(2, 6, 5\) has size 5"),
    (lambda: BatchNorm1d(3)(x(3)), r"BatchNorm1d takes x \(B, C\) or \(B, T, C\); got \(3,\), which has 1 axes"),
    (lambda: Net().body[1](x(2, 2, 2, 4)), r"BatchNorm1d 'body.1' takes .*; got \(2, 2, 2, 4\), which has 4 axes"),
    (lambda: BatchNorm2d(3)(x(2, 5, 5, 3)), r"BatchNorm2d takes x \(B, C, height, width\) with C=3; axis 1 of x "
                                            r"\(2, 5, 5, 3\) has size 5"),
    (lambda: BatchNorm2d(3)(x(2, 3)), r"takes x \(B, C, height, width\); got \(2, 3\), which has 2 axes"),
    (lambda: BatchNorm1d(3)(x(1, 3)), r"BatchNorm1d: x \(1, 3\) has one entry a channel, .* larger .*, or .*eval\(\)"),
    (lambda: BatchNorm1d(3)(x(0, 3)), r"BatchNorm1d: x \(0, 3\) has no entry a channel"),
])
def test_mistakes_are_explained(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_single_row_is_welcome_outside_training():
    assert BatchNorm1d(3).eval()(x(1, 3)).shape == (1, 3)
    assert BatchNorm1d(3)(x(1, 2, 3)).shape == (1, 2, 3)
