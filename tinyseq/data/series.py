"""Series of numbers, the windows cut from them, and the forecasts that a model must beat."""
from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tinyseq.backend import host
from tinyseq.data.fetch import find
from tinyseq.data.lines import malformed, numbered_lines

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
    years, values = read_columns(find("timeseries", "sunspots.csv"), {"YEAR": int, "SUNACTIVITY": float})
    return np.array(years), np.array(values)


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
    path = find("timeseries", "seattle-weather.csv")
    columns = read_columns(path, {"date": _day, "precipitation": float, "temp_max": float, "temp_min": float,
                                  "wind": float, "weather": _weather})
    return SeattleWeather(*map(np.array, columns))


def read_columns(path: Path, columns: Mapping[str, Callable[[str], Any]]) -> list[list[Any]]:
    """The named columns of a table in CSV with a line of names, each value read by its function.

    Raises ValueError for a missing column and, with the line's number, for a malformed row.
    """
    lines = numbered_lines(path)
    number, header = next(lines)
    names = next(csv.reader([header]))
    if missing := [name for name in columns if name not in names]:
        raise malformed(path, number, header, f"the column {missing[0]}")
    rows = []
    for number, line in lines:
        try:
            row = dict(zip(names, next(csv.reader([line])), strict=True))
            rows.append([read(row[name]) for name, read in columns.items()])
        except ValueError as error:
            raise malformed(path, number, line, f"{len(names)} values {header!r} ({error})") from None
    return [list(column) for column in zip(*rows, strict=True)]


def _day(text: str) -> host.np.datetime64:
    return np.datetime64(text.replace("/", "-"), "D")


def _weather(text: str) -> str:
    if text not in ("sun", "fog", "rain", "drizzle", "snow"):
        raise ValueError(f"{text!r} is no kind of weather")
    return text


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
