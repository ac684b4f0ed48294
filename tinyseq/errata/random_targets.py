"""Regressors that are taught random targets (the introduction, all five listings): there is nothing to learn.

    (1) x_n in (0, 1)^10,  y_n ~ U(0, 1),  x_n and y_n independent,   n = 1 .. 100
    (2) E (f(x) - y)^2 = E (f(x) - 1/2)^2 + 1/12   for every f,   1/12 = Var(y)

By (2) no network can have less than 1/12 on windows it has not seen, and f = 1/2 has that at once, without looking at
x. Whether a regressor is an LSTM or a GRU, deep or in both directions shows in nothing but how fast it learns the 100
targets by heart; and what it has learnt by heart is worse than 1/2 everywhere else.

The cure is a series: models/forecaster.py on sunspots or weather, beside persistence and linear autoregression.
"""
from typing import Any, NamedTuple

from tinyseq.backend import host, manual_seed
from tinyseq.errata.specimen import Row, specimen
from tinyseq.models.forecaster import PRESETS, REGRESSORS, Config, Forecaster
from tinyseq.training import Recipe, train
from tinyseq.training.forecasting import ForecastingTask

np = host.np

LEAST = 1 / 12
T, WINDOWS, FRESH = 10, 100, 10_000
BY_HEART: dict[str, Any] = {"steps": 3000, "lr": 0.01}     # of one regressor, after which it knows what it was taught


class Found(NamedTuple):
    """Mean squared errors of one regressor."""
    taught: float                      # on the 100 windows that it was trained with
    fresh: float                       # on 10,000 others


def run(config: Config, seed: int = 0, **changes: Any) -> Found:
    """Train one regressor as the book does, ten epochs, or with `changes` of that recipe.

    The windows and targets of (1) are cut from one series of independent numbers, so that windows overlap; a target is
    independent of its window all the same."""
    fields = {**PRESETS["book"], **changes, "seed": seed}
    recipe = Recipe(**{**fields, "evaluate_every": fields["steps"]})
    values = np.random.default_rng(seed).random(T + WINDOWS + FRESH)
    task = ForecastingTask(values, recipe, validation=0, test=FRESH)
    manual_seed(seed)
    model = Forecaster(config)
    train(model, task, recipe)
    return Found(task.validate(model)["validation"], task.test(model)["model"])


def found() -> dict[str, Found]:
    """The five regressors after the book's ten epochs, and one that was trained until it knew its windows by heart."""
    after_ten = {name: run(config) for name, config in REGRESSORS.items()}
    return {**after_ten, "LSTM, by heart": run(REGRESSORS["LSTM"], **BY_HEART)}


@specimen("random-targets", "introduction", "models/forecaster.py")
def of_the_introduction() -> list[Row]:
    """Five regressors are taught targets that have nothing to do with their inputs.

    Book    x_n ~ U(0, 1)^10,  y_n ~ U(0, 1),  n = 1 .. 100;   LSTM, GRU, 2 x LSTM, BiLSTM, 2 x BiLSTM, ten epochs each
    Wrong   x_n says nothing of y_n, so no f(x) can have less than Var(y) = 1/12 on windows that it has not seen, and
            "always 1/2" has it at once. What a longer training learns is the 100 targets by heart.
    Cure    a series that can be forecast, beside persistence and least squares: `tinyseq train forecaster`. In the
            column of the sound one: the constant."""
    lstm, by_heart = run(REGRESSORS["LSTM"]), run(Config(H=20), steps=300, lr=0.03)
    return [Row("squared error on fresh windows, once the 100 are known by heart", by_heart.fresh, LEAST),
            Row("and on these 100", by_heart.taught, LEAST),
            Row("on fresh windows after ten epochs", lstm.fresh, LEAST)]


def report() -> str:
    """The numbers, to be read."""
    return table(found())


def table(by_name: dict[str, Found]) -> str:
    """A line for each regressor, below that of the constant."""
    lines = [f"{'mean squared error':<20} {'100 taught':>12} {'10,000 fresh':>14}",
             f"{'always 1/2':<20} {LEAST:>12.4f} {LEAST:>14.4f}   (1/12, expected)"]
    return "\n".join([*lines, *(f"{name:<20} {taught:>12.4f} {fresh:>14.4f}" for name, (taught, fresh)
                                in by_name.items())])
