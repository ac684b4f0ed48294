"""The engine: tensors, graphs, the walk back."""
import gc
import threading

import pytest

from tinyseq import ops
from tinyseq.autograd import OPS, Tensor, gradients, no_grad, op, tensor
from tinyseq.backend import host, name, to_device, to_host, xp

np = host.np


@pytest.fixture
def own_ops():
    """What a test adds to the table of ops is taken out again."""
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def leaf(*values):
    return tensor(np.array(values, dtype=float), requires_grad=True)


# Values and operators ---------------------------------------------------------------------------------------

def test_python_floats_become_float32_and_arrays_keep_their_dtype():
    assert tensor([1.0, 2.0]).dtype == np.float32
    assert tensor(1).dtype.kind == "i"
    assert tensor(np.ones(2)).dtype == np.float64
    assert tensor(np.ones(2), dtype="float32").dtype == np.float32
    assert tensor(tensor(np.ones(2))).dtype == np.float64


def test_a_tensor_has_memory_of_its_own():
    array = np.zeros(3)
    x = tensor(array)
    array[0] = 1
    assert x.numpy().tolist() == [0, 0, 0]


OPERATIONS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b}


@pytest.mark.parametrize("sign", OPERATIONS)
@pytest.mark.parametrize("other", [3.0, 2, np.float64(2.0), np.array([1.0, 4.0]), np.array([[1.0], [2.0]])],
                         ids=lambda x: f"{type(x).__name__}{np.shape(x)}")
def test_operators_with_arrays_and_numbers_on_both_sides(sign, other):
    f, x, there = OPERATIONS[sign], leaf(2.0, 3.0), to_device(other) if np.ndim(other) else other
    for y, right in ((f(x, there), f(x.numpy(), np.asarray(other))), (f(there, x), f(np.asarray(other), x.numpy()))):
        assert isinstance(y, Tensor) and y.requires_grad
        np.testing.assert_array_equal(y.numpy(), right)
        assert gradients(y.sum(), [x])[0].shape == (2,)


def test_products_with_arrays_on_both_sides():
    a, b, x = np.arange(6.0).reshape(2, 3), np.arange(8.0).reshape(4, 2), tensor(np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal((to_device(a) @ x).numpy(), a @ x.numpy())
    np.testing.assert_array_equal((x @ to_device(b)).numpy(), x.numpy() @ b)


def test_numpy_takes_tensors():
    x = leaf(1.0, 2.0)
    assert np.asarray(x).tolist() == [1, 2]
    assert np.asarray(x, dtype="float32").dtype == np.float32
    assert np.sum(np.asarray(x)) == 3


if name == "numpy":
    def test_numpy_looks_into_the_same_memory():
        x = leaf(1.0, 2.0)
        assert np.shares_memory(np.asarray(x), x.data)
        assert not np.shares_memory(np.array(x), x.data)


def test_length_iteration_item_and_repr():
    x = leaf(1.0, 2.0)
    assert len(x) == 2 and [y.item() for y in x] == [1, 2]
    assert gradients([y * 3 for y in x][1], [x])[0].tolist() == [0, 3]
    assert "shape=(2,), requires_grad=True" in repr(x)
    assert "by=add" in repr(x + 1)
    assert repr(tensor([1.0])).endswith("shape=(1,))")
    assert (x.ndim, x.size, x.shape) == (1, 2, (2,))
    with pytest.raises(TypeError, match=r"shape \(\) has no length"):
        len(x.sum())


def test_detach_shares_the_value_and_cuts_the_history():
    x = leaf(2.0)
    y = (x * x).detach()
    assert y.node is None and not y.requires_grad
    assert gradients((x * y).sum(), [x])[0].tolist() == [4]


# Mistakes ---------------------------------------------------------------------------------------------------

def test_whole_numbers_have_no_gradient():
    with pytest.raises(ValueError, match="only floating-point tensors have gradients; this one is int64"):
        tensor(np.array([1, 2]), requires_grad=True)


def test_two_precisions_in_one_call():
    with pytest.raises(ValueError, match="mul got arrays of float32 and float64"):
        tensor([1.0]) * tensor(np.ones(1))
    with pytest.raises((ValueError, TypeError), match=r"add made float64 of float32"):       # strict: a TypeError
        tensor([1.0]) + to_device(np.array([1]))


@pytest.mark.parametrize("start, message", [
    (lambda x: x.backward(), r"starts from a scalar; this tensor has shape \(2,\)"),
    (lambda x: x.backward(np.ones(3)), r"grad has shape \(3,\), the tensor it belongs to has \(2,\)"),
    (lambda x: gradients(x, [x]), "starts from a scalar"),
    (lambda x: x.detach().backward(), "nothing to differentiate"),
    (lambda x: gradients(x.sum(), [x, x.detach()]), r"wrt\[1\] \(shape \(2,\)\) does not require a gradient"),
])
def test_no_place_to_start_or_to_go(start, message):
    with pytest.raises(ValueError, match=message):
        start(leaf(1.0, 2.0))


WRONG = {
    r"the backward of 'mine' returned float64 \(3,\) for argument 0, which is float64 \(2,\)": lambda dy: (np.ones(3),),
    r"the backward of 'mine' returned float32 \(2,\) for argument 0": lambda dy: (dy.astype("float32"),),
    "the backward of 'mine' must return a tuple of 1 gradients, .* it returned 2": lambda dy: (dy, dy),
    "the backward of 'mine' must return a tuple": lambda dy: dy,
    "the backward of 'mine' must return a tuple of 1 gradients, .* it returned 0": lambda dy: (),
}


@pytest.mark.parametrize("message", WRONG)
def test_a_wrong_backward_is_named(message, own_ops):
    @op
    def mine(x):
        return 2 * x, WRONG[message]
    with pytest.raises(ValueError, match=message):
        mine(leaf(1.0, 2.0)).sum().backward()


def test_ones_own_op(own_ops):
    @op
    def scaled(x, factor, *, shift=0.0):
        return x * factor + shift, lambda dy: (dy * factor, None)
    x = leaf(1.0, 2.0)
    assert OPS["scaled"] is scaled
    y = scaled(x, 3.0, shift=1.0)
    assert y.numpy().tolist() == [4, 7] and gradients(y.sum(), [x])[0].tolist() == [3, 3]


def test_settings_may_be_given_by_position_and_numbers_by_name():
    x = leaf(1.0, -2.0)
    assert gradients(ops.sum(x, 0), [x])[0].tolist() == [1, 1]
    assert gradients(ops.clip(x, 0.0, 3.0).sum(), [x])[0].tolist() == [1, 0]
    assert (2.0 ** x).numpy().tolist() == [2, 0.25]
    assert ops.var(x, ddof=1).item() == x.var(ddof=1).item() == 4.5
    assert (x > 0).mean().item() == 0.5
    with pytest.raises(ValueError, match="softmax: mask= is a tensor that requires a gradient, and settings have none"):
        ops.softmax(x, mask=x)
    assert ops.softmax(x, mask=x > 0).numpy().tolist() == [1, 0]


# Gradients --------------------------------------------------------------------------------------------------

def test_gradients_is_pure_and_backward_adds_up():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    gradients((x * w).sum(), [x, w])
    assert x.grad is None and w.grad is None
    (x * w).sum().backward()
    assert x.grad.tolist() == [3, 4] and w.grad.tolist() == [1, 2]
    (x * w).sum().backward()
    assert x.grad.tolist() == [6, 8]
    gradients((x * w).sum(), [x])
    assert x.grad.tolist() == [6, 8]


def test_backward_from_more_than_a_scalar():
    x = leaf(1.0, 2.0)
    (x * x).backward(np.array([1.0, 10.0]))
    assert x.grad.tolist() == [2, 40]


def test_the_graph_is_freed_unless_it_is_kept():
    x = leaf(3.0)
    loss = (x * x).sum()
    assert gradients(loss, [x], keep_graph=True)[0].tolist() == [6]
    loss.backward(keep_graph=True)
    loss.backward()
    assert x.grad.tolist() == [12]
    for again in (loss.backward, lambda: gradients(loss, [x])):
        with pytest.raises(ValueError, match="the graph behind 'sum' was freed by an earlier backward pass: give that"):
            again()


def test_with_respect_to_what_was_computed_on_the_way():
    x = leaf(1.0, 2.0)
    h = x * 3
    y = h * h
    dh, dx, dy = gradients((y + h).sum(), [h, x, y])
    assert dh.tolist() == [7, 13] and dx.tolist() == [21, 39] and dy.tolist() == [1, 1]


def test_the_loss_itself_and_a_leaf_as_loss():
    x = tensor(np.array(2.0), requires_grad=True)
    loss = x * x
    assert [float(g) for g in gradients(loss, [loss, x])] == [1, 4]
    assert float(gradients(x, [x])[0]) == 1


def test_what_the_loss_does_not_depend_on_has_gradient_0():
    x, other = leaf(1.0), tensor(np.ones((2, 3), "float32"), requires_grad=True)
    _, zero = gradients(x.sum(), [x, other])
    assert zero.shape == (2, 3) and zero.dtype == np.float32 and not zero.any()
    aside = x * 5
    assert gradients((x * 2).sum(), [aside])[0].tolist() == [0]


def test_a_diamond_is_walked_once_and_all_paths_count():
    x, calls = leaf(2.0), []
    a = x * 3
    hand_on = a.node.backward
    a.node.backward = lambda dy: calls.append(dy.tolist()) or hand_on(dy)
    gradient = gradients((a * a + a * 5 + x).sum(), [x])[0]
    assert gradient.tolist() == [2 * 9 * 2 + 15 + 1] and calls == [[17]]


def test_outputs_that_are_not_used_count_as_0():
    x = leaf(1.0, 2.0, 3.0, 4.0)
    first, second = ops.split(x, 2)
    assert gradients((second * 2).sum(), [x, first], keep_graph=True)[0].tolist() == [0, 0, 2, 2]
    assert gradients((second * 2).sum(), [x, first])[1].tolist() == [0, 0]
    first, second = ops.split(x, 2)
    assert gradients((first * second).sum(), [x])[0].tolist() == [3, 4, 1, 2]


def test_a_chain_of_20000_steps():
    x = leaf(1.0)
    y = x
    for _ in range(20_000):
        y = y + 1e-4
    assert gradients(y.sum(), [x], keep_graph=True)[0].tolist() == [1]
    del y
    gc.collect()


def test_gradients_share_memory_with_nothing():
    x, w, b = leaf(1.0, 2.0), leaf(3.0, 4.0), leaf(5.0, 6.0)
    y = x + w
    found = gradients((y + b).sum(), [x, w, b, y], keep_graph=True)
    arrays = [*found, x.data, w.data, b.data, y.data]
    assert not any(xp.shares_memory(p, q) for i, p in enumerate(arrays) for q in arrays[:i])
    (y + b).sum().backward()
    x.grad[...] = 7
    assert w.grad.tolist() == [1, 1] and b.grad.tolist() == [1, 1]
    start = xp.ones(2)
    z = leaf(0.0, 0.0)
    z.backward(start)
    assert not xp.shares_memory(z.grad, start)


# Threads ----------------------------------------------------------------------------------------------------

def test_no_grad_holds_in_its_thread_only():
    x = leaf(1.0)
    inside, outside = threading.Event(), threading.Event()
    recorded = []

    def elsewhere():
        inside.wait(5)
        recorded.append((x * 2).requires_grad)
        outside.set()
    thread = threading.Thread(target=elsewhere)
    thread.start()
    with no_grad():
        inside.set()
        assert outside.wait(5)
        assert not (x * 2).requires_grad
        with no_grad():
            pass
        assert not (x * 2).requires_grad
    thread.join()
    assert recorded == [True] and (x * 2).requires_grad


def test_no_grad_ends_with_an_exception_and_decorates():
    x = leaf(1.0)
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert (x * 2).requires_grad

    @no_grad()
    def value():
        return x * 2
    assert not value().requires_grad and (x * 2).requires_grad


def test_two_threads_over_the_same_parameters():
    rng = np.random.default_rng(0)
    W = tensor(rng.standard_normal((30, 30)) / 6, requires_grad=True)
    v = tensor(rng.standard_normal(30), requires_grad=True)
    shards = [xp.asarray(rng.standard_normal((400, 30))) for _ in range(2)]

    def loss(x):
        h = x
        for _ in range(20):
            h = ops.tanh(h @ W + v)
        return (h * h).sum()
    serial = [gradients(loss(x), [W, v]) for x in shards]
    for _ in range(3):
        parallel, start = [None, None], threading.Barrier(2)

        def work(k, parallel=parallel, start=start):
            start.wait()
            parallel[k] = gradients(loss(shards[k]), [W, v])
        threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for mine, right in zip(parallel, serial, strict=True):
            assert all(np.array_equal(to_host(a), to_host(b)) for a, b in zip(mine, right, strict=True))
    assert W.grad is None and v.grad is None
