import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.data import (
    NOISE_FLOOR,
    forecasting_split,
    linear_least_squares,
    noisy_sine,
    persistence,
    seattle_weather,
    sunspots,
    windows,
)

needs_data = pytest.mark.skipif("TINYSEQ_DATA" not in os.environ,
                                reason="needs the data sets: set TINYSEQ_DATA")


def test_the_noisy_sine_is_a_sine_with_that_noise():
    noise = noisy_sine(20_000, seed=3) - np.sin(np.arange(20_000) / 10)
    assert 0.199 < abs(noise).max() <= 0.2
    assert noise.var() == pytest.approx(NOISE_FLOOR, rel=0.03)
    assert abs(noise.mean()) < 0.005
    assert NOISE_FLOOR == pytest.approx(0.0133, abs=5e-5)
    assert np.array_equal(noisy_sine(), noisy_sine(200, seed=0))
    assert not np.array_equal(noisy_sine(seed=0), noisy_sine(seed=1))


@given(st.integers(1, 20), st.integers(1, 30))
def test_every_target_follows_its_window(length, N):
    inputs, targets = windows(np.arange(length + N), length)
    assert inputs.shape == (N, length) and targets.shape == (N,)
    assert np.array_equal(inputs, np.arange(N)[:, None] + np.arange(length))
    assert np.array_equal(targets, inputs[:, -1] + 1)


@pytest.mark.parametrize(("values", "length"), [
    (np.arange(5), 5), (np.arange(5), 0), (np.ones((4, 2)), 1), ([], 1),
])
def test_windows_that_cannot_be_cut(values, length):
    with pytest.raises(ValueError, match="cannot be cut"):
        windows(values, length)


def test_the_examination_is_on_targets_never_trained_on():
    (train_inputs, train_targets), (test_inputs, test_targets) = forecasting_split(np.arange(200), 10, test=50)
    assert train_targets.tolist() == list(range(10, 150))
    assert test_targets.tolist() == list(range(150, 200))
    assert train_inputs.max() < 150
    assert train_inputs.shape == (140, 10) and test_inputs.shape == (50, 10)
    for test in (0, 190):
        with pytest.raises(ValueError, match=f"{test} were"):
            forecasting_split(np.arange(200), 10, test)


def test_least_squares_finds_an_autoregression_with_intercept():
    values = [1.0, 2.0]
    for _ in range(30):
        values.append(0.5 + 1.2 * values[-1] - 0.7 * values[-2])
    inputs, targets = windows(values, 2)
    predict = linear_least_squares(inputs[:15], targets[:15])
    assert np.allclose(predict(inputs), targets, atol=1e-10)
    assert np.allclose(predict(np.eye(2)) - predict(np.zeros((2, 2))), [-0.7, 1.2])     # oldest value first


def test_persistence_repeats_the_last_value():
    assert persistence(np.array([[1, 2], [3, 4]])).tolist() == [2, 4]


def test_baselines_of_the_sine():
    """Over many series least squares has a mean squared error of 0.0200 (0.0034 from series to series)."""
    linear, last = [], []
    for seed in range(20):
        train, (inputs, targets) = forecasting_split(noisy_sine(seed=seed), length=10, test=50)
        linear.append(np.mean((linear_least_squares(*train)(inputs) - targets) ** 2))
        last.append(np.mean((persistence(inputs) - targets) ** 2))
    assert np.mean(linear) == pytest.approx(0.0199, abs=1e-4)
    assert np.mean(last) == pytest.approx(0.0331, abs=1e-4)
    assert NOISE_FLOOR < np.mean(linear) < np.mean(last)


@needs_data
def test_sunspots_and_the_linear_forecast_of_the_last_60_years():
    years, values = sunspots()
    assert (years[0], years[-1], len(years), len(values)) == (1700, 2008, 309, 309)
    assert (values[0], values[-1]) == (5.0, 2.9)
    train, (inputs, targets) = forecasting_split(values, length=9, test=60)
    rmse = np.sqrt(np.mean((linear_least_squares(*train)(inputs) - targets) ** 2))
    assert rmse == pytest.approx(19.14, abs=0.005)


@needs_data
def test_seattle_weather():
    columns = seattle_weather()
    assert {len(column) for column in columns} == {1461}
    assert columns.dates[0] == np.datetime64("2012-01-01")
    assert columns.dates[-1] == np.datetime64("2015-12-31")
    assert np.all(np.diff(columns.dates) == np.timedelta64(1, "D"))
    assert columns.precipitation[1] == 10.9 and columns.wind[0] == 4.7
    assert np.all(columns.temp_max >= columns.temp_min)
    kinds = dict(zip(*np.unique(columns.weather, return_counts=True), strict=True))
    assert kinds == {"sun": 714, "fog": 411, "rain": 259, "drizzle": 54, "snow": 23}
