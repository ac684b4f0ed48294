"""Attention by hand equals its composed twin; masks, precision, memory."""
import warnings

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_device, to_host
from tinyseq.checks import gradcheck

np = host.np


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def drawn(*shapes, seed=0, dtype="float64"):
    rng = np.random.default_rng(seed)
    return [tensor(rng.standard_normal(shape), requires_grad=True, dtype=dtype) for shape in shapes]


def all_of(f, inputs, mask=None, seed=1, **settings):
    """Context, weights, and the three gradients for random gradients of both, on the host."""
    y, alpha = f(*inputs, mask=mask, **settings)
    rng = np.random.default_rng(seed)
    dy, dalpha = (to_device(rng.standard_normal(part.shape).astype(part.dtype)) for part in (y, alpha))
    return [y.numpy(), alpha.numpy(), *map(to_host, gradients((y * dy).sum() + (alpha * dalpha).sum(), inputs))]


def assert_close(these, those, tolerance=1e-10):
    for one, other in zip(these, those, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * max(1, abs(other).max(initial=0)))


@st.composite
def sizes(draw):
    lead = tuple(draw(st.lists(st.integers(0, 3), max_size=2)))
    Tq, Tk, dv = (draw(st.integers(0, 6)) for _ in range(3))
    d, share = draw(st.integers(1, 6)), draw(st.sampled_from([None, 0, 0.3, 0.7, 1]))
    mask_shape = [n if draw(st.booleans()) else 1 for n in (*lead, Tq, Tk)][draw(st.integers(0, len(lead))):]
    return lead, Tq, Tk, d, dv, share, mask_shape


@hypothesis_settings(max_examples=150, derandomize=True)
@given(sizes(), st.integers(0, 99))
def test_by_hand_and_by_the_tape_agree(drawn_sizes, seed):
    lead, Tq, Tk, d, dv, share, mask_shape = drawn_sizes
    inputs = drawn((*lead, Tq, d), (*lead, Tk, d), (*lead, Tk, dv), seed=seed)
    mask = None if share is None else to_device(np.random.default_rng(seed).random(mask_shape) < share)
    assert_close(all_of(ops.attention, inputs, mask), all_of(ops.attention_composed, inputs, mask))


def test_heads_that_lie_between_time_and_width_in_memory_give_the_same():
    inputs = drawn((2, 5, 3, 4), (2, 6, 3, 4), (2, 6, 3, 2))           # (B, T, nh, d)
    mask = to_device(np.random.default_rng(0).random((2, 1, 5, 6)) < 0.7)
    assert_close(*(all_of(lambda *x, f=f, mask: f(*(part.transpose(0, 2, 1, 3) for part in x), mask=mask), inputs, mask)
                   for f in (ops.attention, ops.attention_composed)))


def test_weights_are_probabilities_and_the_context_their_mean_of_values():
    inputs = drawn((3, 4, 5), (3, 6, 5), (3, 6, 2))
    y, alpha = (part.numpy() for part in ops.attention(*inputs))
    np.testing.assert_allclose(alpha.sum(-1), 1)
    np.testing.assert_allclose(y, alpha @ inputs[2].numpy())
    same, _ = ops.attention(inputs[0], inputs[1], tensor(np.full((3, 6, 2), 7.0)))
    np.testing.assert_allclose(same.numpy(), 7)


@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 1e-5)])
def test_what_a_mask_hides_changes_nothing(dtype, tolerance):
    mask = np.random.default_rng(3).random((1, 4, 6)) < 0.5
    mask[0, 2] = False                                     # a query that may look nowhere
    mask[0, :, 5] = False                                  # a key that nobody looks at
    inputs = drawn((2, 4, 5), (2, 6, 5), (2, 6, 2), dtype=dtype)
    before = all_of(ops.attention, inputs, to_device(mask))
    assert all(part.dtype == dtype and np.isfinite(part).all() for part in before)
    y, alpha, dq, dk, dv = before
    assert (alpha[:, ~mask[0]] == 0).all() and (y[:, 2] == 0).all() and (dq[:, 2] == 0).all()
    assert (dk[:, 5] == 0).all() and (dv[:, 5] == 0).all()
    with_others = [inputs[0], *(tensor(np.where(np.arange(6)[:, None] == 5, 1e6, x.numpy()), requires_grad=True,
                                       dtype=dtype) for x in inputs[1:])]
    assert_close(all_of(ops.attention, with_others, to_device(mask)), before, 0)
    assert_close(before, all_of(ops.attention_composed, inputs, to_device(mask)), tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_scores(dtype):
    q, k, v = drawn((2, 3), (4, 3), (4, 2), dtype=dtype)
    for part in all_of(ops.attention, [q, tensor(k * 1e4, requires_grad=True), v]):
        assert np.isfinite(part).all()


def test_the_derivative_where_keys_are_missing():
    """A ragged batch of two heads, in which one sequence has no step at all."""
    mask = to_device((np.arange(5) < np.array([5, 2, 0])[:, None])[:, None, None])         # (B, 1, 1, Tk)
    gradcheck(lambda *inputs: ops.attention(*inputs, mask=mask), *drawn((3, 2, 4, 3), (3, 2, 5, 3), (3, 2, 5, 2)))


def test_a_second_call_before_the_first_ones_backward_changes_nothing():
    big = [(8, 64, 16), (8, 64, 16), (8, 64, 16)]          # large enough for the pool
    first, second = drawn(*big), drawn(*big, seed=1)
    alone = all_of(ops.attention, first)
    y, alpha = ops.attention(*first)
    all_of(ops.attention, second)
    rng = np.random.default_rng(1)
    dy, dalpha = (to_device(rng.standard_normal(part.shape)) for part in (y, alpha))
    again = [y.numpy(), alpha.numpy(), *map(to_host, gradients((y * dy).sum() + (alpha * dalpha).sum(), first))]
    for one, other in zip(alone, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_the_caller_holds_is_not_written_to():
    inputs, mask = drawn((2, 3, 4), (2, 5, 4), (2, 5, 4)), to_device(np.random.default_rng(0).random((3, 5)) < 0.6)
    copies = [x.numpy().copy() for x in inputs]
    first, second = all_of(ops.attention, inputs, mask), all_of(ops.attention, inputs, mask)
    for one, other in zip([*copies, *first], [*(x.numpy() for x in inputs), *second], strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_twin_drops_weights_on_their_way_to_the_values_alone():
    inputs = drawn((2, 3, 4), (2, 5, 4), (2, 5, 4))
    y, alpha = ops.attention_composed(*inputs, drop=lambda weights: weights * 2)
    whole, same = ops.attention(*inputs)
    np.testing.assert_allclose(y.numpy(), 2 * whole.numpy())
    np.testing.assert_allclose(alpha.numpy(), same.numpy())
