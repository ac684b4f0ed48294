"""Losses: what they are, where they have kinks, and that they never overflow."""
import math
import warnings

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_device, to_host

np = host.np


def with_gradient(f, x, *rest, dtype="float64", **settings):
    """The loss as a number, and its gradient, on the host."""
    X = tensor(np.asarray(x), requires_grad=True, dtype=dtype)
    loss = f(X, *rest, **settings)
    assert loss.shape == () and loss.dtype == np.dtype(dtype)
    return loss.item(), to_host(gradients(loss, [X])[0])


# Cross-entropy ----------------------------------------------------------------------------------------------

def from_log_softmax(x, targets, weights=None, s=0.0, ignore_index=None, reduction="mean"):
    """The same from its parts, all at once: how the probability should be spread, times -ln p."""
    V = x.shape[-1]
    w = np.ones(V) if weights is None else weights
    kept = targets != ignore_index if ignore_index is not None else np.ones(targets.shape, bool)
    ids = np.where(kept, targets, 0)
    q = ((1 - s) * np.eye(V)[ids] * w[ids][..., None] + s * w / V) * kept[..., None]
    log_p = x - np.log(np.exp(x).sum(-1, keepdims=True))
    scale = (w[ids] * kept).sum() if reduction == "mean" else 1
    return -(q * log_p).sum() / scale, (np.exp(log_p) * q.sum(-1, keepdims=True) - q) / scale


@hypothesis_settings(max_examples=80, derandomize=True)
@given(st.lists(st.integers(1, 4), max_size=3), st.integers(1, 5), st.booleans(), st.sampled_from([0.0, 0.1, 1.0]),
       st.sampled_from([None, -100, 0]), st.sampled_from(["mean", "sum"]), st.integers(0, 99))
def test_every_combination_of_settings(shape, V, weighted, s, ignore_index, reduction, seed):
    rng = np.random.default_rng(seed)
    x, targets = rng.standard_normal((*shape, V)), rng.integers(0, V, shape)
    if ignore_index == -100:
        targets = np.where(rng.random(shape) < 0.5, -100, targets)
    weights = rng.uniform(0.5, 2, V) if weighted else None
    if ignore_index is not None and (targets == ignore_index).all():
        reduction = "sum"
    loss, dx = with_gradient(ops.cross_entropy, x, targets, weights=weights, label_smoothing=s,
                             ignore_index=ignore_index, reduction=reduction)
    right, dright = from_log_softmax(x, targets, weights, s, ignore_index, reduction)
    assert loss == pytest.approx(right, rel=1e-12, abs=1e-13)
    np.testing.assert_allclose(dx, dright, rtol=1e-11, atol=1e-14)


# What torch 2.13.0 computes: F.cross_entropy(x, t, weight=w, label_smoothing=s, ignore_index=i, reduction=r)
TORCH_X = [[0.5, -1.0, 2.0], [1.5, 0.0, -0.5], [-2.0, 1.0, 0.0], [0.0, 0.25, 0.5]]
TORCH_W = [0.5, 2.0, 1.0]
TORCH = [
    ([2, 0, 1, 1], {}, 0.5040043275150421),
    ([2, 0, 1, 1], {"label_smoothing": 0.1}, 0.6040043275150422),
    ([2, 0, 1, 1], {"weights": TORCH_W}, 0.6056708645671744),
    ([2, 0, 1, 1], {"weights": TORCH_W, "label_smoothing": 0.1}, 0.6734738422632485),
    ([2, 0, 1, 1], {"weights": TORCH_W, "label_smoothing": 0.1, "reduction": "sum"}, 3.704106132447867),
    ([2, -1, 1, 0], {"ignore_index": -1}, 0.6532205326103405),
    ([2, -1, 1, 0], {"ignore_index": -1, "label_smoothing": 0.1}, 0.7393316437214517),
    ([2, -1, 1, 0], {"ignore_index": -1, "weights": TORCH_W}, 0.4640013635418197),
    ([2, -1, 1, 0], {"ignore_index": -1, "weights": TORCH_W, "label_smoothing": 0.1}, 0.5614947090201003),
    ([2, -1, 1, 0], {"ignore_index": -1, "weights": TORCH_W, "label_smoothing": 0.1, "reduction": "sum"},
     1.9652314815703513),
]


@pytest.mark.parametrize("targets, settings, right", TORCH)
def test_the_same_number_as_pytorch(targets, settings, right):
    loss = ops.cross_entropy(tensor(np.array(TORCH_X)), targets, **settings)
    assert loss.item() == pytest.approx(right, rel=1e-12)


def test_targets_and_weights_of_every_kind():
    x, ids, w = np.random.default_rng(0).standard_normal((3, 4)), [0, 3, 1], [1.0, 2.0, 0.5, 3.0]
    right = with_gradient(ops.cross_entropy, x, ids, weights=w)[0]
    for targets in (np.array(ids), np.array(ids, "uint8"), to_device(np.array(ids)), tensor(ids)):
        for weights in (w, np.array(w), np.array(w, "float32"), to_device(np.array(w)), tensor(np.array(w))):
            assert with_gradient(ops.cross_entropy, x, targets, weights=weights)[0] == right
    for dtype in ("float32", "float64"):
        loss, dx = with_gradient(ops.cross_entropy, x, ids, weights=w, label_smoothing=np.float64(0.1), dtype=dtype)
        assert loss == pytest.approx(with_gradient(ops.cross_entropy, x, ids, weights=w, label_smoothing=0.1)[0], 1e-6)
        assert dx.dtype == np.dtype(dtype)


@pytest.mark.parametrize("settings", [{}, {"label_smoothing": 0.1}, {"weights": [1.0, 2.0, 3.0]}])
def test_an_ignored_position_changes_nothing(settings):
    x = np.random.default_rng(0).standard_normal((4, 3))
    alone, dalone = with_gradient(ops.cross_entropy, x[1:], [0, 1, 2], **settings)
    for row in (x[0], [-np.inf, 1e30, 0]):
        whole, dwhole = with_gradient(ops.cross_entropy, np.array([row, *x[1:]]), [-1, 0, 1, 2], ignore_index=-1,
                                      **settings)
        assert whole == pytest.approx(alone, rel=1e-12)
        assert (dwhole[0] == 0).all()
        np.testing.assert_allclose(dwhole[1:], dalone, rtol=1e-12)
    none, dnone = with_gradient(ops.cross_entropy, x, [-1] * 4, ignore_index=-1, reduction="sum", **settings)
    assert none == 0 and (dnone == 0).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropy_of_extreme_logits(dtype):
    x = np.array([[1e4, 0, -1e4], [0, 1e4, -np.inf]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss, dx = with_gradient(ops.cross_entropy, x, [2, 1], reduction="sum", dtype=dtype)
    assert loss == pytest.approx(2e4)
    np.testing.assert_array_equal(dx, [[1, 0, -1], [0, 0, 0]])


def test_logits_that_lie_time_major_are_read_where_they_lie():
    x = tensor(np.random.default_rng(0).standard_normal((5, 2, 3)), requires_grad=True)
    logits = x.transpose(1, 0, 2)                          # (B, T, V), as a recurrent layer returns them
    dlogits, = gradients(ops.cross_entropy(logits, np.zeros((2, 5), int), label_smoothing=0.1), [logits])
    assert dlogits.transpose(1, 0, 2).flags.c_contiguous


def test_cross_entropy_writes_into_nothing():
    x, targets, weights = np.random.default_rng(0).standard_normal((3, 4)), np.array([0, -1, 3]), np.ones(4)
    X = tensor(x, requires_grad=True)
    loss = ops.cross_entropy(X, targets, ignore_index=-1, weights=weights, label_smoothing=0.2)
    first, second = (to_host(gradients(loss, [X], keep_graph=True)[0]) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(X.numpy(), x)
    assert targets.tolist() == [0, -1, 3] and (weights == 1).all()


# The others -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_binary_cross_entropy_never_overflows(dtype):
    x, t = [[-1e4, 1e4, -1e4, 1e4, 0, 88, -800]], [[0, 1, 1, 0, 0.5, 0, 1]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss, dx = with_gradient(ops.binary_cross_entropy, x, tensor(np.array(t), dtype=dtype), reduction="sum",
                                 dtype=dtype)
    assert loss == pytest.approx(2e4 + math.log(2) + 88 + 800, rel=1e-6)
    np.testing.assert_allclose(dx, [[0, 0, -1, 1, 0, 1, -1]], atol=1e-7)


def test_binary_cross_entropy_is_cross_entropy_of_two_classes():
    x, t = np.random.default_rng(0).standard_normal(20), np.random.default_rng(1).integers(0, 2, 20)
    two, dtwo = with_gradient(ops.cross_entropy, np.stack([np.zeros(20), x], -1), t)
    one, done = with_gradient(ops.binary_cross_entropy, x, to_device(t.astype(float)))
    assert one == pytest.approx(two, rel=1e-12)
    np.testing.assert_allclose(done, dtwo[:, 1], rtol=1e-12)


@pytest.mark.parametrize("f, settings, losses, slopes", [
    (ops.mse, {}, [4, 0.25, 0, 0.25, 9], [-4, -1, 0, 1, 6]),
    (ops.mae, {}, [2, 0.5, 0, 0.5, 3], [-1, -1, 0, 1, 1]),             # at 0, the kink of |e|, the gradient is 0
    (ops.huber, {}, [1.5, 0.125, 0, 0.125, 2.5], [-1, -0.5, 0, 0.5, 1]),
    (ops.huber, {"delta": 2}, [2, 0.125, 0, 0.125, 4], [-2, -0.5, 0, 0.5, 2]),
])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_errors_of_regression(f, settings, losses, slopes, dtype):
    target, e = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([-2, -0.5, 0, 0.5, 3])
    T = tensor(target, requires_grad=True, dtype=dtype)
    total, dy = with_gradient(f, target + e, T, reduction="sum", dtype=dtype, **settings)
    assert total == sum(losses)
    np.testing.assert_array_equal(dy, slopes)
    Y = tensor(target + e, dtype=dtype)
    np.testing.assert_array_equal(to_host(gradients(f(Y, T, reduction="sum", **settings), [T])[0]), -dy)
    average, dmean = with_gradient(f, target + e, T, dtype=dtype, **settings)
    assert average == pytest.approx(sum(losses) / 5, rel=1e-6)
    np.testing.assert_allclose(dmean, dy / 5, rtol=1e-6)


def test_huber_becomes_half_the_square_and_delta_times_the_distance():
    y, t = np.random.default_rng(0).standard_normal((2, 50))
    wide, narrow = (ops.huber(tensor(y), tensor(t), delta=d).item() for d in (1e6, 1e-6))
    assert wide == pytest.approx(np.mean((y - t) ** 2) / 2)
    assert narrow == pytest.approx(1e-6 * np.mean(abs(y - t)), rel=1e-4)
