"""The task of predicting a series' next value: its batches, its measure, the forecasts it must beat.

A series is cut in time, and every window belongs to the part in which its target lies:

    |------------ training ------------|-- validation --|-- test --|

The model learns from the training part alone, and the mean and deviation that standardise all windows are those of
its values. The loop sees the validation part: the weights kept, and early stopping, follow it. The test part is looked
at once, when the training is over, by `test`; `sample` and `evaluate` print it beside the baselines.

A model reads a window in both directions and still knows nothing of the future: its window ends before its target.
"""
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from tinyseq.backend import host, to_host, xp
from tinyseq.data import (
    NOISE_FLOOR,
    linear_least_squares,
    noisy_sine,
    persistence,
    seattle_weather,
    sunspots,
    windows,
)
from tinyseq.training.recipe import Recipe
from tinyseq.training.tasks import Stateless

np = host.np


class Series(NamedTuple):
    """How a named series is made, and how many of its last values are held out."""
    values: Callable[[int], Any]       # seed -> (n,)
    validation: int
    test: int
    note: str


SERIES = {
    "sine": Series(lambda seed: noisy_sine(200, seed), 20, 50, "sin(i/10) + U(-0.2, 0.2), 200 points"),
    "sunspots": Series(lambda seed: sunspots()[1], 60, 60, "yearly sunspot numbers, 1700-2008"),
    "weather": Series(lambda seed: seattle_weather().temp_max, 365, 365,
                      "Seattle, daily maximum (Celsius), 2012-2015"),
}


@dataclass
class SeriesBatch:
    """Standardised windows (B, T, 1) and targets (B, 1), the values that follow them.

    first_row    where these rows begin in the whole batch"""
    windows: Any
    targets: Any
    first_row: int = 0

    def split(self, shards: int) -> list["SeriesBatch"]:
        """At most `shards` batches with these rows, in order, of equal size as far as possible."""
        parts = [rows for rows in np.array_split(np.arange(len(self.windows)), shards) if len(rows)]
        return [SeriesBatch(self.windows[rows], self.targets[rows], self.first_row + int(rows[0])) for rows in parts]

    def join(self, shards: list["SeriesBatch"]) -> None:
        """Nothing to collect: the model leaves nothing in a batch."""


class Scale(NamedTuple):
    """What standardises a series: the mean and the deviation of its training part."""
    mean: float
    deviation: float

    def standardised(self, values) -> Any:
        """(values - mean) / deviation, on the device."""
        return xp.asarray((values - self.mean) / self.deviation, dtype="float32")

    def forecasts(self, model: Any, inputs) -> Any:
        """The model's predictions in the series' own unit, in its evaluation mode: inputs (N, T) -> (N,)."""
        was_training = model.training
        model.eval()
        y = to_host(model.predict(self.standardised(inputs[..., None])))[:, 0]
        if was_training:
            model.train()
        return y * self.deviation + self.mean


class ForecastingTask(Stateless):
    """One-step forecasts of `values` (n,) from the recipe.seq_len values before.

    validation, test    how many of the last values are held out, as the head of this page shows. With validation = 0
                        `validate` measures the training part: for a recipe that was chosen before.

    An epoch goes through the training windows in a random order that depends on recipe.seed alone, recipe.batch at a
    time; what is left over at its end waits for the next order. Raises ValueError if no window is left to train on."""

    unit = "mean squared error"
    data = "noisy sine; sunspots; weather"
    more = "tinyseq predict {} '1.5 2 ...'"

    def __init__(self, values, recipe: Recipe, validation: int, test: int, name: str = "series"):
        T, held_out = recipe.seq_len, validation + test
        if len(values) - held_out <= T:
            raise ValueError(f"{name}: {len(values)} values, of which {held_out} are held out, leave no window of {T} "
                             f"and its target to train on; choose a --seq-len below {len(values) - held_out}")
        known = np.asarray(values[:len(values) - held_out], dtype="float64")
        self.scale = Scale(float(known.mean()), float(known.std()))
        inputs, targets = windows(np.asarray(values, dtype="float64"), T)
        ends = [len(targets) - held_out, len(targets) - test]
        parts = zip(np.split(inputs, ends), np.split(targets, ends), strict=True)
        self.training, self.validation, self.examination = parts
        self.name, self.recipe = name, recipe
        self.floor = NOISE_FLOOR if name == "sine" else None

    @classmethod
    def prepare(cls, recipe: Recipe, corpus: str, saved: dict[str, Any] | None = None) -> Self:
        """The task on a series of SERIES, by name; "auto" is "sine", which recipe.seed fixes."""
        name = "sine" if corpus == "auto" else corpus
        if name not in SERIES:
            raise ValueError(f"there is no series {corpus!r}; the series are {', '.join(SERIES)}")
        series = SERIES[name]
        return cls(series.values(recipe.seed), recipe, series.validation, series.test, name)

    @property
    def note(self) -> str:
        """One line for the user about the data."""
        about = f" ({SERIES[self.name].note})" if self.name in SERIES else ""
        sizes = [len(targets) for _, targets in (self.training, self.validation, self.examination)]
        return "series: {}{}; targets: {} to train, {} to validate, {} to test".format(self.name, about, *sizes)

    def baseline(self) -> str:
        """What has to be beaten on the validation part, in one line."""
        return f"to beat in validation, RMSE: {_listed(self._baselines(self.training, self.validation))}"

    @property
    def sizes(self) -> dict[str, int]:
        """The fields of a model's config that the data decides: none."""
        return {}

    @property
    def saved(self) -> dict[str, Any]:
        """What a run folder must know to find the same data again, for which the recipe has the seed of the sine; and
        what `predict` must know of them."""
        return {"corpus": self.name, "seq_len": self.recipe.seq_len, **self.scale._asdict()}

    def batch(self, step: int) -> SeriesBatch:
        """The batch of this step."""
        inputs, targets = self.training
        B = min(self.recipe.batch, len(targets))
        epoch, place = divmod(step, len(targets) // B)
        order = np.random.default_rng([self.recipe.seed, epoch]).permutation(len(targets))
        rows = order[place * B:(place + 1) * B]
        return SeriesBatch(self.scale.standardised(inputs[rows][..., None]),        # (B, T, 1)
                           self.scale.standardised(targets[rows][:, None]))         # (B, 1)

    def forecasts(self, model: Any, inputs) -> Any:
        """The model's predictions in the series' own unit: inputs (N, T) -> (N,)."""
        return self.scale.forecasts(model, inputs)

    def validate(self, model: Any) -> dict[str, float]:
        """The mean squared error on the validation part, in the series' own unit."""
        inputs, targets = self.validation if len(self.validation[1]) else self.training
        return {"validation": mean_squared_error(self.forecasts(model, inputs), targets)}

    def describe(self, error: float) -> str:
        """The validation error, squared and as its root."""
        return f"validation {_both(error)}"

    def test(self, model: Any) -> dict[str, float]:
        """Mean squared errors on the test part: the model's, and those it must beat. Least squares is fitted to all
        windows before the test part; "noise", of the sine alone, is the least that any forecast can expect."""
        inputs, targets = self.examination
        before = [np.concatenate(pair) for pair in zip(self.training, self.validation, strict=True)]
        return {"model": mean_squared_error(self.forecasts(model, inputs), targets),
                **self._baselines(before, self.examination)}

    def _baselines(self, before, part) -> dict[str, float]:
        """Mean squared errors on one part; least squares is fitted to the windows `before`."""
        inputs, targets = part
        found = {"persistence": mean_squared_error(persistence(inputs), targets),
                 "least squares": mean_squared_error(linear_least_squares(*before)(inputs), targets)}
        return found if self.floor is None else {**found, "noise": self.floor}

    def report(self, model: Any) -> str:
        """What `test` found, in one line."""
        found = self.test(model)
        return f"test {_both(found.pop('model'))}  (RMSE: {_listed(found)})"

    def sample(self, model: Any) -> str:
        """The test part in numbers: the value that came, and what the model had forecast; below, its error."""
        inputs, targets = self.examination
        rows = zip(targets, self.forecasts(model, inputs), strict=True)
        table = "\n".join(f"{value:10.3f} {forecast:10.3f}" for value, forecast in rows)
        return f"{'value':>10} {'forecast':>10}\n{table}\n{self.report(model)}"

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the test error: on the run's series, or another one, standardised by its own
        training part."""
        task = cls.prepare(recipe, corpus or saved["corpus"])
        return task.note, task.report(model)

    @classmethod
    def predict(cls, model: Any, saved: dict[str, Any], texts: Sequence[str]) -> list[str]:
        """The value that follows the numbers of each text, in the series' own unit. Raises ValueError for too few of
        them, and for what is no number."""
        try:
            scale, T = Scale(saved["mean"], saved["deviation"]), saved["seq_len"]
        except KeyError as missing:
            raise ValueError(f"config.json does not say the {missing} of the run's series: train a new run") from None
        inputs = [last_numbers(text, T) for text in texts]
        return [f"{scale.forecasts(model, window[None])[0]:.4f}" for window in inputs]

    @staticmethod
    def tiny_batch(config: Any, rng: Any) -> SeriesBatch:
        """Three random windows, for a gradient check of every weight."""
        return SeriesBatch(xp.asarray(rng.standard_normal((3, 5, 1))), xp.asarray(rng.standard_normal((3, 1))))


def last_numbers(text: str, T: int) -> Any:
    """The last T numbers of "1.0 2.5 ..." or "1.0, 2.5, ...", as an array (T,). Raises ValueError if they are fewer,
    or if one is no finite number."""
    words = text.replace(",", " ").split()
    for word in words:
        try:
            if not math.isfinite(float(word)):
                raise ValueError
        except ValueError:
            raise ValueError(f"{word!r} is no finite number; a series is given as its values, \"1.5 2 ...\"") from None
    if len(words) < T:
        raise ValueError(f"the forecast is made from the last {T} values, and {len(words)} came: give {T} or more, in "
                         "one pair of quotes")
    return np.array([float(word) for word in words[-T:]])


def mean_squared_error(predicted, targets) -> float:
    """(1/N) sum_n (predicted_n - target_n)^2, of arrays on the host."""
    return float(np.mean((predicted - targets) ** 2))


def _listed(errors: dict[str, float]) -> str:
    """The roots of mean squared errors, by name."""
    return ", ".join(f"{name} {math.sqrt(error):.4f}" for name, error in errors.items())


def _both(error: float) -> str:
    return f"MSE {error:.4f}  RMSE {math.sqrt(error):.4f}"
