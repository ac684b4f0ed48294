"""Schedules at their corners."""
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.optim import schedules
from tinyseq.optim.schedules import Constant, CosineWithWarmup, Exponential, Plateau, Step


def rates(schedule, steps):
    return [schedule.lr(step) for step in steps]


def test_names():
    assert schedules.__all__ == ["Constant", "CosineWithWarmup", "Exponential", "Plateau", "Step"]


def test_constant():
    assert rates(Constant(0.1), [0, 1, 10**6]) == [0.1] * 3


def test_step_drops_every_so_often():
    assert rates(Step(1.0, every=3, factor=0.5), range(8)) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_exponential_decays_at_each_step_or_as_a_staircase():
    assert rates(Exponential(2.0, 0.5), range(4)) == [2, 1, 0.5, 0.25]
    assert rates(Exponential(2.0, 0.5, every=2), range(6)) == [2, 2, 1, 1, 0.5, 0.5]
    assert rates(Exponential(2.0, 1.0), [0, 10**6]) == [2, 2]
    assert Exponential(2.0, 0.5).lr(10**6) == 0


def test_cosine_with_warmup_at_its_corners():
    schedule = CosineWithWarmup(0.8, warmup=4, total=12, floor=0.2)
    assert rates(schedule, range(5)) == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8], rel=1e-15)
    assert schedule.lr(8) == pytest.approx(0.5)                          # half-way down
    assert schedule.lr(6) == pytest.approx(0.2 + 0.3 * (1 + math.sqrt(0.5)))
    assert schedule.lr(11) > 0.2
    assert rates(schedule, [12, 13, 10**6]) == [0.2] * 3


def test_cosine_without_warmup_starts_at_lr():
    assert rates(CosineWithWarmup(0.5, warmup=0, total=2), range(4)) == pytest.approx([0.5, 0.25, 0, 0])


def test_plateau_waits_for_a_new_best():
    schedule = Plateau(0.8, factor=0.5, patience=2, floor=0.15)
    metrics = [3, 2, 2.5, 2, 1.9, 1.9, 2, 2, math.nan, 5, 6, 1]
    after = []
    for metric in metrics:
        schedule.update(metric)
        after.append(schedule.lr(7))
    assert after == [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.15, 0.15, 0.15, 0.15]


def test_the_others_hear_of_validations_and_go_on():
    for schedule in (Constant(1.0), Step(1.0, 2, 0.5), Exponential(1.0, 0.5), CosineWithWarmup(1.0, 1, 5)):
        before = rates(schedule, range(6))
        for _ in range(9):
            schedule.update(1.0)
        assert rates(schedule, range(6)) == before


@given(st.integers(0, 20), st.integers(1, 50), st.floats(1e-6, 1), st.floats(0, 1))
def test_cosine_rises_then_falls_within_its_bounds(warmup, rest, lr, share):
    floor = share * lr
    schedule = CosineWithWarmup(lr, warmup, warmup + rest, floor)
    all_rates = rates(schedule, range(warmup + rest + 3))
    rise, fall = all_rates[:warmup + 1], all_rates[warmup:]
    assert rise == sorted(rise) and fall[0] == lr and max(all_rates) <= lr * (1 + 1e-12)
    assert all(b <= a * (1 + 1e-12) for a, b in pairwise(fall))
    assert fall[-1] == floor and min(fall) >= floor * (1 - 1e-12)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Constant(-1), "lr must be"),
    (lambda: Constant(math.inf), "lr must be"),
    (lambda: Step(0.1, every=0, factor=0.5), "every must be a whole number >= 1"),
    (lambda: Step(0.1, every=1.5, factor=0.5), "every must be a whole number"),
    (lambda: Step(0.1, every=1, factor=0), "factor must be"),
    (lambda: Step(0.1, every=1, factor=1.1), "factor must be above 0 and at most 1"),
    (lambda: Exponential(0.1, factor=-0.5), "factor must be"),
    (lambda: Exponential(0.1, factor=0.5, every=0), "every must be"),
    (lambda: CosineWithWarmup(0.1, warmup=-1, total=5), "warmup must be"),
    (lambda: CosineWithWarmup(0.1, warmup=5, total=5), "warmup must end before"),
    (lambda: CosineWithWarmup(0.1, warmup=0, total=0), "total must be"),
    (lambda: CosineWithWarmup(0.1, warmup=0, total=5, floor=0.2), "floor must not be above lr"),
    (lambda: CosineWithWarmup(0.1, warmup=0, total=5, floor=-0.2), "floor must be"),
    (lambda: Plateau(-0.1), "lr must be"),
    (lambda: Plateau(0.1, factor=1.5), "factor must be above 0 and at most 1"),
    (lambda: Plateau(0.1, patience=0), "patience must be a whole number >= 1"),
    (lambda: Plateau(0.1, floor=0.2), "floor must not be above lr"),
])
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("schedule", [
    Constant(1.0), Step(1.0, 2, 0.5), Exponential(1.0, 0.5), CosineWithWarmup(1.0, 1, 5), Plateau(1.0)])
def test_steps_count_from_zero(schedule):
    for step in (-1, 0.5):
        with pytest.raises(ValueError, match="step must be a whole number >= 0"):
            schedule.lr(step)
