"""What the ops compute, against NumPy; what they refuse; extreme values."""
import itertools
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyseq import autograd, ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, on_numpy, to_device, to_host
from tinyseq.backend.on_numpy import ONE_HOT_LIMIT

np = host.np
modest = settings(max_examples=60, deadline=None, derandomize=True)
NUMPY = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}


def gradients(loss, wrt):
    """The gradients, on the host."""
    return [to_host(g) for g in autograd.gradients(loss, wrt)]


@st.composite
def broadcastable(draw):
    """Two shapes that NumPy broadcasts: axes are dropped from the left and shrunk to 1 at will."""
    whole = draw(st.lists(st.integers(0, 3), max_size=4))
    pair = []
    for _ in range(2):
        shape = [draw(st.sampled_from([1, n])) for n in whole]
        pair.append(tuple(shape[draw(st.integers(0, len(shape))):]))
    return pair


@modest
@given(broadcastable(), st.sampled_from([*NUMPY, "where"]), st.integers(0, 9))
def test_broadcasting_and_its_gradient(shapes, name, seed):
    rng = np.random.default_rng(seed)
    a, b = (rng.uniform(0.5, 2, shape) for shape in shapes)
    A, B = tensor(a, requires_grad=True), tensor(b, requires_grad=True)
    shape = np.broadcast_shapes(*shapes)
    even = (np.arange(np.prod(shape, dtype=int)).reshape(shape) % 2 == 0)
    y = ops.where(to_device(even), A, B) if name == "where" else ops.OPS[name](A, B)
    np.testing.assert_array_equal(y.numpy(), np.where(even, a, b) if name == "where" else NUMPY[name](a, b))
    u = rng.standard_normal(shape)
    slope_a, slope_b = {"add": (1, 1), "sub": (1, -1), "mul": (b, a), "div": (1 / b, -a / b ** 2),
                        "where": (even, ~even)}[name]
    da, db = gradients((y * to_device(u)).sum(), [A, B])
    for got, x, terms in ((da, a, u * slope_a), (db, b, u * slope_b)):
        right = np.zeros(x.shape)                                # one entry of x for every entry of u that it went to
        positions = np.broadcast_to(np.arange(x.size).reshape(x.shape), shape)
        np.add.at(right.reshape(-1), positions.ravel(), np.broadcast_to(terms, shape).ravel())
        np.testing.assert_allclose(got, right, rtol=1e-12, atol=1e-12)


def test_values_against_numpy():
    x = np.random.default_rng(0).standard_normal((3, 4, 5))
    X, e = tensor(x), np.exp(x)
    soft = e / e.sum(-1, keepdims=True)
    for y, right in [
        (ops.tanh(X), np.tanh(x)), (ops.sigmoid(X), 1 / (1 + np.exp(-x))), (ops.relu(X), x * (x > 0)),
        (ops.exp(X), e), (ops.log(tensor(e)), x), (ops.sqrt(tensor(e)), np.sqrt(e)), (-X, -x), (X ** 3, x ** 3),
        (ops.softmax(X), soft), (ops.log_softmax(X), np.log(soft)), (ops.softmax(X, axis=0), e / e.sum(0)),
        (X.sum(axis=(0, 2)), x.sum((0, 2))), (X.mean(axis=1, keepdims=True), x.mean(1, keepdims=True)),
        (X.max(axis=-1), x.max(-1)), (X.transpose(2, 0, 1), x.transpose(2, 0, 1)), (X.transpose(), x.T),
        (X.reshape(5, -1), x.reshape(5, -1)), (ops.concat(X, X, axis=1), np.concatenate([x, x], 1)),
        (ops.stack(X, X, axis=-1), np.stack([x, x], -1)), (ops.split(X, 2, axis=1)[1], x[:, 2:]),
        (X[1, ..., ::2], x[1, ..., ::2]),
        (ops.mse(X, -X), (4 * x * x).mean()), (ops.mse(X, -X, reduction="sum"), (4 * x * x).sum()),
    ]:
        np.testing.assert_allclose(y.numpy(), right, rtol=1e-12, atol=1e-12)
    reversed_ = ops.reverse(X, [4, 1, 3]).numpy()
    np.testing.assert_array_equal(reversed_[0], x[0, ::-1])
    np.testing.assert_array_equal(reversed_[1], x[1])
    np.testing.assert_array_equal(reversed_[2], x[2, [2, 1, 0, 3]])


@pytest.mark.parametrize("a, b", [((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (3,)),
                                  ((3,), (5, 3, 4)), ((2, 1, 2, 3), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((4, 0), (0, 2))])
def test_matmul_in_every_memory_layout(a, b):
    rng = np.random.default_rng(0)
    orders = [list(itertools.permutations(range(len(shape)))) for shape in (a, b)]
    for order_a, order_b in itertools.product(*orders):
        x, w = (rng.standard_normal([shape[i] for i in order]).transpose(np.argsort(order))
                for shape, order in ((a, order_a), (b, order_b)))
        assert x.shape == a and w.shape == b
        X, W = tensor(0.0, requires_grad=True), tensor(0.0, requires_grad=True)
        X.data, W.data = to_device(x), to_device(w)
        y = X @ W
        np.testing.assert_allclose(y.numpy(), x @ w, atol=1e-12)
        u = rng.standard_normal(y.shape)
        dX, dW = gradients((y * to_device(u)).sum(), [X, W])
        assert np.sum(dX * x) == pytest.approx(np.sum(u * (x @ w)))      # y is linear in each
        assert np.sum(dW * w) == pytest.approx(np.sum(u * (x @ w)))
        plain_X, plain_W = tensor(x.copy(), requires_grad=True), tensor(w.copy(), requires_grad=True)
        rights = gradients(((plain_X @ plain_W) * to_device(u)).sum(), [plain_X, plain_W])
        for got, right in zip((dX, dW), rights, strict=True):
            np.testing.assert_allclose(got, right, atol=1e-12)


def test_a_product_reads_and_writes_time_major_rows_where_they_lie():
    time_major = tensor(np.random.default_rng(0).standard_normal((5, 2, 3)), requires_grad=True)
    x = time_major.transpose(1, 0, 2)                            # (B, T, H), as recurrent layers return it
    y = x @ tensor(np.ones((3, 4)))
    dx, = autograd.gradients(y.sum(), [x])
    assert y.shape == (2, 5, 4) and y.data.transpose(1, 0, 2).flags.c_contiguous
    assert dx.transpose(1, 0, 2).flags.c_contiguous


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_values_give_no_warning_and_no_nan(dtype):
    x = tensor(np.array([[-1e4, 0, 1e4], [1e4, 1e4, -1e4]]), requires_grad=True, dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(ops.softmax(x).numpy(), [[0, 0, 1], [0.5, 0.5, 0]], atol=1e-7)
        np.testing.assert_allclose(ops.log_softmax(x).numpy()[0], [-2e4, -1e4, 0])
        np.testing.assert_allclose(ops.sigmoid(x).numpy()[0], [0, 0.5, 1], atol=1e-7)
        loss = ops.cross_entropy(x, [0, 2])
        assert loss.item() == pytest.approx(2e4, rel=1e-4)
        total = loss + ops.softmax(x).max() + ops.log_softmax(x).mean() + ops.sigmoid(x).sum() + ops.tanh(x).sum()
        assert np.isfinite(gradients(total, [x])[0]).all()


def test_cross_entropy_against_log_softmax_with_ignored_targets():
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    targets = np.array([[0, -100, 3], [-100, 1, 1]])
    log_p = ops.log_softmax(tensor(x)).numpy()
    picked = [log_p[i, j, targets[i, j]] for i in range(2) for j in range(3) if targets[i, j] >= 0]
    X = tensor(x, requires_grad=True)
    loss = ops.cross_entropy(X, targets, ignore_index=-100)
    assert loss.item() == pytest.approx(-np.mean(picked), rel=1e-12)
    total = ops.cross_entropy(X, targets, ignore_index=-100, reduction="sum")
    assert total.item() == pytest.approx(-np.sum(picked), rel=1e-12)
    dx = gradients(loss, [X])[0]
    assert (dx[targets < 0] == 0).all() and (dx[targets >= 0] != 0).all()
    assert ops.cross_entropy(X, np.full((2, 3), -100), ignore_index=-100, reduction="sum").item() == 0


def test_equal_winners_share_the_gradient():
    x = tensor([1.0, 3.0, 3.0, 2.0], requires_grad=True)
    assert gradients(x.max(), [x])[0].tolist() == [0, 0.5, 0.5, 0]


def test_the_kink_of_relu_has_gradient_0():
    x = tensor([0.0, 1.0], requires_grad=True)
    assert gradients(ops.relu(x).sum(), [x])[0].tolist() == [0, 1]


@pytest.mark.parametrize("V", [5, ONE_HOT_LIMIT, ONE_HOT_LIMIT + 1])
def test_gather_adds_up_duplicates_with_the_same_bits_each_time(V):
    rng = np.random.default_rng(0)
    x = tensor(rng.standard_normal((V, 7)), requires_grad=True, dtype="float32")
    ids, u = rng.integers(0, min(V, 40), (50, 60)), rng.standard_normal((50, 60, 7)).astype("float32")
    ids[0, 0] = V - 1
    np.testing.assert_array_equal(ops.gather(x, ids).numpy(), to_host(x.data)[ids])
    first, *others = [gradients((ops.gather(x, ids) * to_device(u)).sum(), [x])[0].tobytes() for _ in range(5)]
    assert all(other == first for other in others)
    right = np.zeros((V, 7))
    np.add.at(right, ids, u)
    np.testing.assert_allclose(np.frombuffer(first, "float32").reshape(V, 7), right, atol=1e-4)


def test_both_ways_of_adding_rows_are_tried():
    assert on_numpy.scatter_add(ONE_HOT_LIMIT, np.array([1, 1]), np.ones((2, 1)))[1] == 2


x23 = tensor(np.ones((2, 3)), requires_grad=True)
MISTAKES = {
    r"matmul: the last axis of \(2, 3\) and the last but one of \(2, 3\)": lambda: x23 @ x23,
    r"matmul: .* and the last of \(2,\)": lambda: x23 @ np.ones(2),
    "matmul multiplies arrays of at least one axis": lambda: tensor(np.array(1.0)) @ np.ones(2),
    r"ids of rows go from 0 to 1; got 2": lambda: ops.gather(x23, [0, 2]),
    r"ids of rows go from 0 to 1; got -1": lambda: ops.gather(x23, [[-1]]),
    "ids of rows are whole numbers; got float64": lambda: ops.gather(x23, [1.0]),
    r"logits \(2, 3\) need targets \(2,\); got \(3,\)": lambda: ops.cross_entropy(x23, [0, 1, 2]),
    "reduction is 'mean' or 'sum'; got 'none'": lambda: ops.cross_entropy(x23, [0, 1], reduction="none"),
    "every target is ignored": lambda: ops.cross_entropy(x23, [-1, -1], ignore_index=-1),
    "or there is none": lambda: ops.cross_entropy(tensor(np.ones((0, 3))), np.zeros(0, int)),
    "targets go from 0 to 2; got 3": lambda: ops.cross_entropy(x23, [0, 3]),
    "targets go from 0 to 2; got -1": lambda: ops.cross_entropy(x23, [-1, 0]),
    "targets go from 0 to 2; got -2": lambda: ops.cross_entropy(x23, [-1, -2], ignore_index=-1),
    "targets are whole numbers; got float64": lambda: ops.cross_entropy(x23, [0.0, 1.0]),
    r"mse: predictions \(2, 3\) and targets \(3,\) must have the same shape": lambda: ops.mse(x23, np.ones(3)),
    "mse: reduction is": lambda: ops.mse(x23, x23, reduction="max"),
    "mse: .* the mean of none does not exist": lambda: ops.mse(tensor(np.ones(0)), np.ones(0)),
    r"mean over no entries: shape \(0, 3\), axis 0": lambda: tensor(np.ones((0, 3))).mean(axis=0),
    r"axis 1 of \(2, 3\) has size 3 and cannot be cut into 2 equal parts": lambda: ops.split(x23, 2),
    r"a dropout probability lies in \[0, 1\); got 1": lambda: ops.dropout(x23, 1),
    r"lies in \[0, 1\); got -0.1": lambda: ops.dropout(x23, -0.1),
    r"reverse: 2 sequences have as many lengths; got lengths of shape \(3,\)": lambda: ops.reverse(x23, [1, 1, 1]),
    "add got arrays of float32 and float64: bring them to one precision": lambda: x23 + tensor(1.0),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_explained(message):
    with pytest.raises(ValueError, match=message):
        MISTAKES[message]()


def test_dropout_rescales_what_it_keeps():
    x = tensor(np.ones((200, 50)))
    y = ops.dropout(x, 0.3).numpy()
    assert set(np.unique(y)) == {0, 1 / 0.7}
    assert abs((y == 0).mean() - 0.3) < 0.02 and abs(y.mean() - 1) < 0.03
    assert (ops.dropout(x, 0.0).numpy() == 1).all()
