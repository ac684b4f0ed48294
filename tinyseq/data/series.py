"""Series of numbers, the windows cut from them, and the forecasts that a model must beat."""
from __future__ import annotations

import csv
from collections.abc import Callable
from typing import NamedTuple

from tinyseq.backend import host
from tinyseq.data.fetch import find

np = host.np

Array = host.np.ndarray
Windows = tuple[host.np.ndarray, host.np.ndarray]

NOISE = 0.2
NOISE_FLOOR = NOISE**2 / 3
"""The variance of U(-0.2, 0.2), 0.0133: the mean squared error of a forecast that knows the sine itself."""


def noisy_sine(n: int = 200, seed: int = 0) -> Array:
    """x_i = sin(i / 10) + u_i,   u_i ~ U(-0.2, 0.2),   i = 0 .. n-1        (n,)"""
    if n < 1:
        raise ValueError(f"a series needs 1 point or more; it was asked for {n}")
    return np.sin(np.arange(n) / 10) + np.random.default_rng(seed).uniform(-NOISE, NOISE, n)


def sunspots() -> tuple[Array, Array]:
    """The yearly mean sunspot number, 1700-2008 (SIDC): years (309,), values (309,)."""
    rows = _rows("sunspots.csv")
    return np.array([int(row["YEAR"]) for row in rows]), np.array([float(row["SUNACTIVITY"]) for row in rows])


class SeattleWeather(NamedTuple):
    """One entry a day, (1461,) each."""
    dates: host.np.ndarray            # datetime64[D], 2012-01-01 to 2015-12-31
    precipitation: host.np.ndarray    # mm
    temp_max: host.np.ndarray         # degrees Celsius
    temp_min: host.np.ndarray
    wind: host.np.ndarray             # m/s
    weather: host.np.ndarray          # "sun", "fog", "rain", "drizzle" or "snow"


def seattle_weather() -> SeattleWeather:
    """The daily weather of Seattle, 2012-2015 (NOAA), as columns."""
    rows = _rows("seattle-weather.csv")
    dates = np.array([row["date"].replace("/", "-") for row in rows], dtype="datetime64[D]")
    precipitation, temp_max, temp_min, wind = (
        np.array([float(row[column]) for row in rows])
        for column in ("precipitation", "temp_max", "temp_min", "wind"))
    weather = np.array([row["weather"] for row in rows])
    return SeattleWeather(dates, precipitation, temp_max, temp_min, wind, weather)


def windows(values, length: int) -> Windows:
    """values (n,) -> inputs (N, length), targets (N,), N = n - length; targets[i] follows inputs[i]."""
    values = np.asarray(values)
    if length < 1 or values.ndim != 1 or len(values) <= length:
        raise ValueError(f"windows of {length} values and the next one cannot be cut from a series of shape "
                         f"{values.shape}; give one row of more values than that, and a length of 1 or more")
    return np.lib.stride_tricks.sliding_window_view(values, length)[:-1].copy(), values[length:].copy()


def forecasting_split(values, length: int, test: int) -> tuple[Windows, Windows]:
    """All windows but those whose targets are the last `test` values, to train; and those, to examine.

    values (n,) -> (inputs (n - length - test, length), targets), (inputs (test, length), targets (test,))

    The first test windows look back across the cut. That is fair: when a value is forecast, all values before
    it are known; no target of the examination is ever trained on.
    """
    inputs, targets = windows(values, length)
    if not 1 <= test < len(targets):
        raise ValueError(f"of {len(targets)} windows, 1 to {len(targets) - 1} can be held out; {test} were "
                         "asked for")
    return (inputs[:-test], targets[:-test]), (inputs[-test:], targets[-test:])


def persistence(inputs: Array) -> Array:
    """The next value will be the last one: inputs (N, length) -> predictions (N,)."""
    return inputs[:, -1]


def linear_least_squares(inputs: Array, targets: Array) -> Callable[[Array], Array]:
    """Autoregression with an intercept, fitted to windows (N, length), (N,). Returns its predictor.

        x_t = w_0 + w_1 x_{t-length} + ... + w_length x_{t-1},   w = argmin |[1 X] w - y|^2
    """
    weights, *_ = np.linalg.lstsq(_with_ones(inputs), targets, rcond=None)         # (length + 1,)
    return lambda inputs: _with_ones(inputs) @ weights


def _with_ones(inputs: Array) -> Array:
    return np.hstack([np.ones((len(inputs), 1)), inputs])                          # (N, length + 1)


def _rows(file: str) -> list[dict[str, str]]:
    with find("timeseries", file).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
