"""The leak detectors: each proof alone, what they name, what they refuse. Models and textbook leaks: tests/trust."""
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tinyseq import layers, ops
from tinyseq.autograd import Tensor, tensor
from tinyseq.backend import at_step, host, to_device, to_host
from tinyseq.checks import assert_answer_unseen, assert_batch_independent, assert_causal, assert_padding_invariant

np = host.np
B, T, D = 3, 5, 2


def numbers(*shape, dtype="float64"):
    return tensor(np.random.default_rng(0).standard_normal(shape), dtype=dtype)


def ids():
    return to_device(np.random.default_rng(0).integers(0, 4, (B, T)))


def mixed(x, weights, axis):
    """y_i = sum_j weights[i, j] x_j along an axis: y_i depends on x_j where weights[i, j] is not 0."""
    weights = tensor(weights, dtype=x.dtype)
    if axis == 1:
        return weights @ x
    return (weights @ x.reshape(x.shape[0], -1)).reshape(*x.shape)


# What depends on what ---------------------------------------------------------------------------------------

@st.composite
def dependences(draw):
    """(n, n) numbers, many of them 0."""
    n = draw(st.integers(2, 5))
    some = st.one_of(st.just(0.0), st.just(0.0), st.floats(0.01, 1))
    return np.array(draw(st.lists(st.lists(some, min_size=n, max_size=n), min_size=n, max_size=n)))


@settings(max_examples=60)
@given(dependences())
def test_causal_means_nothing_above_the_diagonal(weights):
    x = numbers(B, len(weights), D)
    if not np.triu(weights, 1).any():
        assert_causal(lambda x: mixed(x, weights, 1), x)
        return
    with pytest.raises(AssertionError) as caught:
        assert_causal(lambda x: mixed(x, weights, 1), x)
    named = [(t, s) for t in range(len(weights)) for s in range(t + 1, len(weights)) if weights[t, s]
             and f"output step {t} depends on input step {s} (row " in str(caught.value)
             and f"dy/dx = {weights[t, s]:.3g} at y[" in str(caught.value)]
    assert len(named) == 1, str(caught.value)


@settings(max_examples=60)
@given(dependences())
def test_answer_unseen_means_nothing_on_the_diagonal(weights):
    x = numbers(B, len(weights), D)
    diagonal = np.diag(weights)
    if not diagonal.any():
        assert_answer_unseen(lambda x: mixed(x, weights, 1), x)
        return
    t = int(diagonal.nonzero()[0][0])
    with pytest.raises(AssertionError, match=f"^output step {t} depends on input step {t}, which it is to predict"):
        assert_answer_unseen(lambda x: mixed(x, weights, 1), x)


def test_answer_unseen_needs_a_step_of_output_for_each_of_input():
    with pytest.raises(ValueError, match="assert_answer_unseen compares step by step"):
        assert_answer_unseen(lambda x: x[:, 0], numbers(B, T, D))


@settings(max_examples=60)
@given(dependences())
def test_batch_independent_means_nothing_off_the_diagonal(weights):
    x = numbers(len(weights), T, D)
    if not (weights * (1 - np.eye(len(weights)))).any():
        assert_batch_independent(lambda x: mixed(x, weights, 0), x)
        return
    with pytest.raises(AssertionError) as caught:
        assert_batch_independent(lambda x: mixed(x, weights, 0), x)
    named = [(b, k) for b in range(len(weights)) for k in range(len(weights)) if b != k and weights[b, k]
             and f"row {b} of the output depends on row {k} of the input (dy/dx = {weights[b, k]:.3g} "
             in str(caught.value)]
    assert len(named) == 1, str(caught.value)


@settings(max_examples=60)
@given(dependences(), st.integers(0, 4))
def test_padding_invariant_means_no_live_step_reads_a_padded_one(weights, length):
    n = len(weights)
    lengths = [min(length, n - 1), n]
    x = numbers(2, n, D)
    if not weights[:lengths[0], lengths[0]:].any():        # of row 0; row 1 has no padding
        assert_padding_invariant(lambda x: mixed(x, weights, 1), x, lengths)
        return
    with pytest.raises(AssertionError, match=r"of row 0 depends on input step \d of row 0, which is padding") as caught:
        assert_padding_invariant(lambda x: mixed(x, weights, 1), x, lengths)
    assert f"(its length is {lengths[0]};" in str(caught.value)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_recurrent_layers(dtype):
    x, lengths = numbers(B, T, D, dtype=dtype), [4, 0, 5]
    one_way, two_way = (layers.LSTM(D, 3, bidirectional=two).astype(dtype) for two in (False, True))
    for f, inputs in [(one_way, x), (layers.GRU(4, 3), ids()), (layers.GRU(4, 3), Tensor(ids()))]:
        assert_causal(f, inputs)
        assert_batch_independent(f, inputs)
        assert_padding_invariant(f, inputs, lengths)       # the end of a sequence lies before its padding
    assert_padding_invariant(lambda x: two_way(x, lengths=lengths), x, lengths)
    assert_padding_invariant(lambda x: two_way(x, lengths=lengths)[1][1].h, x, lengths)
    assert_batch_independent(lambda x: two_way(x, lengths=lengths), x)
    for check, f in [(assert_causal, two_way), (lambda f, x: assert_padding_invariant(f, x, lengths), two_way)]:
        with pytest.raises(AssertionError, match=r"bidirectional|backward direction"):
            check(f, x)


# Each proof alone -------------------------------------------------------------------------------------------

def later(x):
    """x one step earlier, 0 at the end."""
    return ops.concat(x[:, 1:], tensor(np.zeros((x.shape[0], 1, x.shape[2])), dtype=x.dtype), axis=1)


@pytest.mark.parametrize("size", [1e-3, 1e-12, 1e-30, 1e-200])
def test_a_gradient_however_small_is_a_leak(size):
    with pytest.raises(AssertionError, match=f"dy/dx = {size:.3g} at y"):
        assert_causal(lambda x: x + later(x) * size, numbers(B, T, D))


@pytest.mark.parametrize("value", [lambda x: x.detach(), lambda x: tensor(x.numpy() > 0.3, dtype="float64"),
                                   lambda x: tensor(np.isin(x.numpy(), 0.0), dtype="float64"),
                                   lambda x: tensor(x.numpy() > 1e5, dtype="float64"),
                                   lambda x: tensor(x.numpy() < -1e5, dtype="float64"),
                                   lambda x: tensor(np.sign(x.numpy()), dtype="float64") * 1e-15])
def test_a_value_without_gradient_is_a_leak(value):
    with pytest.raises(AssertionError, match=r"y\[.*\] changes by .* when x\[.*\] goes from .* though dy/dx = 0"):
        assert_causal(lambda x: x * 0 + value(later(x)), numbers(B, T, D))


@pytest.mark.parametrize("found", [lambda ids: ids == 2, lambda ids: np.roll(ids, -1, 1) == ids, lambda ids: ids % 2])
def test_ids_that_leak(found):
    embedding = layers.Embedding(4, D)

    def f(ids):
        flags = np.roll(found(to_host(ids)), -1, axis=1)
        return embedding(ids) + tensor(flags[:, :, None], dtype="float32")
    with pytest.raises(AssertionError, match=r"output step \d depends on input step \d .*x\[.*\] goes from \d to \d"):
        assert_causal(f, ids())


@pytest.mark.parametrize("x_1, x_2", [(1.0, 2.0), (2.0, 1.0)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_comparison_within_the_future(x_1, x_2, sign):
    """Whichever of two later numbers is the larger one, some replacement turns it round."""
    x = tensor(np.array([[[0.0], [x_1], [x_2]]]))

    def f(x):
        later = x.numpy()[:, 1:]
        return x + tensor((sign * (later[:, 1:] - later[:, :1]) > 0) * np.eye(3)[:1, :, None])
    with pytest.raises(AssertionError, match=r"output step 0 depends on input step [12]"):
        assert_causal(f, x)


@pytest.mark.parametrize("rows, apart", [([[3, 2, 2, 0, 1]], 1), ([[0, 1, 0, 1, 0]] * B, 2)])
def test_equal_ids_within_the_future(rows, apart):
    embedding = layers.Embedding(4, D)

    def f(ids):
        ids = to_host(ids)
        equal = (ids[:, 1] == ids[:, 1 + apart])[:, None] * np.eye(T)[:1]              # (B, T), at step 0 alone
        return embedding(ids) + tensor(equal[:, :, None], dtype="float32")
    with pytest.raises(AssertionError, match=r"output step 0 depends on input step [123]"):
        assert_causal(f, to_device(np.array(rows)))


def test_two_entries_that_leak_only_together():
    def f(x):
        both = (x.numpy()[:, 1:2] > 1e5) & (x.numpy()[:, 3:4] > 1e5)
        return x + tensor(both * np.eye(T)[0][None, :, None])
    with pytest.raises(AssertionError, match=r"output step 0 depends on input step 1 .* 1e\+06, with \d+ other"):
        assert_causal(f, numbers(B, T, D))


def test_an_overflow_that_a_mask_keeps_out_is_no_leak():
    """0 times infinity is NaN, and no mask can help that; nothing is said about it."""
    mask = tensor(np.tri(T), dtype="float32")
    assert_causal(lambda x: mask @ ops.exp(x), numbers(B, T, D, dtype="float32"))


def test_the_largest_of_all_scores_is_a_leak_by_rounding():
    """Taken off before the mask, it cancels on paper alone."""
    def f(x):
        scores = x @ x.transpose(0, 2, 1)
        e = ops.exp(scores - scores.max(axis=-1, keepdims=True)) * to_device(np.tri(T))
        return e / e.sum(axis=-1, keepdims=True) @ x
    with pytest.raises(AssertionError, match=r"output step \d depends on input step"):
        assert_causal(f, numbers(B, T, D))


# The caller's things ----------------------------------------------------------------------------------------

def test_x_stays_as_it_was_and_f_gets_what_it_expects():
    x, kinds = numbers(B, T, D), set()
    before = x.numpy().copy()

    def f(x):
        kinds.add(type(x))
        if isinstance(x, Tensor) and x.dtype.kind == "f":
            x.data *= 2                                    # a rude function spoils its own copy alone
        return x if isinstance(x, Tensor) and x.dtype.kind == "f" else layers.Embedding(4, D)(x) * 0
    assert_causal(f, x)
    assert np.array_equal(x.numpy(), before) and x.grad is None and kinds == {Tensor}
    assert_causal(f, x.data)
    assert np.array_equal(x.numpy(), before) and kinds == {Tensor}
    assert_causal(f, Tensor(ids()))
    assert kinds == {Tensor}
    assert_causal(f, ids())
    assert len(kinds) == 2


def test_dropout_and_other_changing_functions_are_refused():
    x, dropout = numbers(B, T, D), layers.Dropout(0.5)
    with pytest.raises(ValueError, match=r"other values for the same x at a second call.*\.eval\(\).*at_step"):
        assert_causal(dropout, x)

    def fixed(x):
        with at_step(0):
            return dropout(x)
    assert_causal(fixed, x)
    assert_causal(dropout.eval(), x)
    calls = iter(range(100))
    with pytest.raises(ValueError, match="keep a state from call to call"):
        assert_batch_independent(lambda x: x + next(calls), x)


@pytest.mark.parametrize("check, words", [
    (lambda x: assert_causal(lambda x: x.numpy(), x), ["f must return a Tensor", "ndarray"]),
    (lambda x: assert_causal(lambda x: x * float("nan"), x), ["f(x) holds NaN", "detect_anomaly"]),
    (lambda x: assert_causal(lambda x: x, x[:, :1]), ["at least two steps", "(3, 1, 2)"]),
    (lambda x: assert_causal(lambda x: x, x[0, 0]), ["compares step by step", "x (2,)"]),
    (lambda x: assert_causal(lambda x: x.transpose(1, 0, 2), x), ["(3, 5, 2)", "(5, 3, 2)", "batch and time swapped?"]),
    (lambda x: assert_causal(lambda x: x[:, -1], x), ["y (3, 2) must begin with the same"]),
    (lambda x: assert_causal(lambda x: x, to_device(np.zeros((B, T), bool))), ["whole numbers; got bool"]),
    (lambda x: assert_causal(lambda x: x, to_device(np.ones((B, T), int))), ["1 different ids", "an x with several"]),
    (lambda x: assert_batch_independent(lambda x: x, x[:1]), ["at least two rows", "(1, 5, 2)"]),
    (lambda x: assert_batch_independent(lambda x: x.sum(), x), ["y with as many", "y ()"]),
    (lambda x: assert_padding_invariant(lambda x: x, x, [5, 5, 5]), ["no step is padded", "T=5"]),
    (lambda x: assert_padding_invariant(lambda x: x, x, [5, 6, 5]), ["from 0 to T=5", "[5, 6, 5]"]),
    (lambda x: assert_padding_invariant(lambda x: x, x, [5, 4]), ["3 whole numbers", "[5, 4]"]),
    (lambda x: assert_padding_invariant(lambda x: x, x, [5.0, 4.0, 1.0]), ["3 whole numbers"]),
    (lambda x: assert_padding_invariant(lambda x: x, x[0, :, 0], [5]), ["x (B, T, ...)", "(5,)"]),
    (lambda x: assert_padding_invariant(lambda x: x.sum(axis=2), x, [5, 4, 1]), ["y (3, 5)", "y.reshape(B, T, 1)"]),
    (lambda x: assert_padding_invariant(lambda x: x[:2], x, [5, 4, 1]), ["y (2, 5, 2)", "(B=3, T=5, ...)"]),
])
def test_what_cannot_be_checked(check, words):
    with pytest.raises(ValueError) as caught:
        check(numbers(B, T, D))
    for part in words:
        assert part in str(caught.value), str(caught.value)
