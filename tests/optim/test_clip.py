"""Clipping: by norm keeps the direction, by value does not."""
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.backend import host, to_host, xp
from tinyseq.optim import clip_norm, clip_value

np = host.np
entries = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=5)
gradients = st.lists(entries, min_size=1, max_size=4)
limits = st.floats(1e-3, 1e4)


class Parameter:
    def __init__(self, grad, dtype="float64"):
        self.grad = None if grad is None else xp.asarray(grad, dtype=dtype)
        self.data = xp.zeros(1 if grad is None else self.grad.shape, dtype)


def flat(params):
    return [x for p in params if p.grad is not None for x in to_host(p.grad).ravel().tolist()]


@given(gradients, limits)
def test_clip_norm_keeps_the_direction(grads, limit):
    params = [Parameter(g) for g in grads]
    arrays, before = [p.grad for p in params], flat(params)
    norm = clip_norm(params, limit)
    length = math.hypot(*before)
    assert norm.shape == () and float(norm) == pytest.approx(length, rel=1e-12)
    assert all(p.grad is a for p, a in zip(params, arrays, strict=True))
    factor = 1.0 if length <= limit else limit / length
    assert flat(params) == pytest.approx([factor * g for g in before], rel=1e-12, abs=1e-300)
    assert math.hypot(*flat(params)) <= limit * (1 + 1e-12)


@given(gradients)
def test_gradients_within_the_limit_keep_their_bits(grads):
    params = [Parameter(g, "float32") for g in grads]
    before = flat(params)
    clip_norm(params, math.hypot(*before) * 1.001 + 1e-3)
    assert flat(params) == before


@given(gradients, limits)
def test_clip_value_cuts_every_entry_for_itself(grads, limit):
    params = [Parameter(g) for g in grads]
    arrays, before = [p.grad for p in params], flat(params)
    assert clip_value(params, limit) is None
    assert flat(params) == [min(max(g, -limit), limit) for g in before]
    assert all(p.grad is a for p, a in zip(params, arrays, strict=True))


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
def test_dtypes_and_missing_gradients_stay(clip):
    params = [Parameter([3.0], "float32"), Parameter([4.0]), Parameter(12.0, "float32"), Parameter(None)]
    clip(params, 1)
    assert [p.grad.dtype for p in params[:3]] == ["float32", "float64", "float32"]
    assert params[2].grad.shape == () and params[3].grad is None
    assert flat(params) == pytest.approx([1, 1, 1] if clip is clip_value else [3 / 13, 4 / 13, 12 / 13])


def test_no_gradient_and_zero_gradient():
    assert float(clip_norm([Parameter(None)], 1.0)) == 0
    zero = Parameter([0.0, 0.0])
    assert float(clip_norm([zero], 1.0)) == 0
    assert flat([zero]) == [0, 0]


def test_float32_squares_neither_overflow_nor_vanish():
    large, small = Parameter([3e30, 4e30], "float32"), Parameter([3e-30, 4e-30], "float32")
    assert float(clip_norm([large], 1.0)) == pytest.approx(5e30, rel=1e-6)
    assert flat([large]) == pytest.approx([0.6, 0.8], rel=1e-6)
    assert float(clip_norm([small], 1.0)) == pytest.approx(5e-30, rel=1e-6)


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
@pytest.mark.parametrize(("params", "limit", "message"), [
    ([Parameter([1.0])], 0, "limit must be .* > 0"),
    ([Parameter([1.0])], -1.0, "limit must be"),
    ([Parameter([1.0])], math.nan, "limit must be"),
    ([], 1.0, "no parameters"),
    ([Parameter([1.0])] * 2, 1.0, "given twice"),
])
def test_wrong_arguments(clip, params, limit, message):
    with pytest.raises(ValueError, match=message):
        clip(params, limit)
    assert all(value == 1 for value in flat(params))
