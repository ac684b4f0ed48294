"""The adding problem and copy memory say what their papers say, and their baselines are what they claim."""
import math

import numpy as np
import pytest

from tinyseq.data.long_memory import (
    ADDING_BASELINE,
    BLANK,
    COPY_IDS,
    GO,
    adding,
    copying,
    copying_baseline,
)


@pytest.mark.parametrize("T", [2, 3, 10, 201])
def test_adding_sums_one_marked_number_of_each_half(T):
    x, y = adding(50, T, np.random.default_rng(0))
    assert x.shape == (50, T, 2) and y.shape == (50, 1) and x.dtype == y.dtype == "float32"
    values, marks = x[..., 0], x[..., 1]
    assert ((marks == 0) | (marks == 1)).all() and ((values >= 0) & (values <= 1)).all()
    assert (marks[:, :T // 2].sum(axis=1) == 1).all() and (marks[:, T // 2:].sum(axis=1) == 1).all()
    np.testing.assert_allclose((values * marks).sum(axis=1), y[:, 0], rtol=1e-6)


def test_every_step_can_be_marked_and_the_baseline_is_the_variance():
    x, y = adding(20_000, 6, np.random.default_rng(1))
    assert (x[..., 1].mean(axis=0) > 0.3).all()
    assert ((y - 1) ** 2).mean() == pytest.approx(ADDING_BASELINE, rel=0.03)


@pytest.mark.parametrize("T", [1, 2, 100])
def test_copying_asks_for_what_was_said(T):
    ids, targets = copying(7, T, np.random.default_rng(0))
    assert ids.shape == targets.shape == (7, T + 20) and ids.dtype.kind == "i"
    assert ((ids[:, :10] >= 1) & (ids[:, :10] <= 8)).all() and (targets[:, -10:] == ids[:, :10]).all()
    assert (ids[:, 10:T + 9] == BLANK).all() and (ids[:, T + 9] == GO).all() and (ids[:, T + 10:] == BLANK).all()
    assert (targets[:, :-10] == BLANK).all() and ids.max() < COPY_IDS


def test_the_same_numbers_from_the_same_generator():
    for make in (adding, copying):
        one, other = (make(3, 20, np.random.default_rng(5)) for _ in range(2))
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_baseline_of_copying():
    assert copying_baseline(100) == pytest.approx(10 * math.log(8) / 120)


@pytest.mark.parametrize("call, message", [(lambda rng: adding(1, 1, rng), "T is at least 2; got 1"),
                                           (lambda rng: copying(1, 0, rng), "at least 1; got 0")])
def test_too_short(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))
