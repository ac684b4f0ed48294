"""Practice 7.1: a recurrent network on a time series."""
import math
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.backend import to_device
from tinyseq.data import persistence
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.probes import as_model, count, mixes, sees, silent, total, values
from tinyseq.layers import GRU, LSTM, RNN, Linear, Module
from tinyseq.training import Recipe
from tinyseq.training.forecasting import SERIES, ForecastingTask, SeriesBatch, mean_squared_error


@exercise("practice-7.1-windows", "7.1", gives="x (N, T, 1), target (N, 1)")
def windows(draw: Draw) -> Case:
    """Windows of a series and the values that follow them.

    The last `held_out` values are for validation and test; training may know nothing of them, not even their mean.

    (1) z_i         = (values_i - mean) / deviation         i = 0 .. n - held_out - 1, with mean and deviation
                                                            (1/n under the root) of these values alone
    (2) x[k, t, 0]  = z_{k+t}                               (N, T, 1)     t = 0 .. T-1
    (3) target[k]   = z_{k+T}                               (N, 1)        N: as many as there are

    Given   values (n); T and held_out, whole numbers
    Hint    Do it with a pencil for ten values, T = 3 and held_out = 2. Which value is the last that may be a target?
    Hint    n - held_out values are known. A window takes T of them and its target one more: how many places are left
            for the first of them?
    Hint    Cut the known values off first, and take mean and deviation of what is left; then each row is a slice.
    Look    x: which value is the first of row 0, and of row 1? Of which values are the mean and the deviation?
    Look    target: the value right behind the window, standardised as the window is."""
    T, held_out = draw.sizes(2)
    values = 50 + 20 * draw.array(T + held_out + 9)
    task = ForecastingTask(values, Recipe(seq_len=T), 0, held_out)
    inputs, targets = ((part - task.scale.mean) / task.scale.deviation for part in task.training)
    return Case({"values": values, "T": T, "held_out": held_out},
                {"x": inputs[..., None], "target": targets[:, None]})


def probed(returned: Any, H: int) -> tuple[Any, ...]:
    """What is found out about a forecaster."""
    model = as_model(returned).astype("float64").eval()
    rng = np.random.RandomState(H)
    x, target = rng.standard_normal((3, 5, 1)), rng.standard_normal((3, 1))
    y = values(model(tensor(x)))
    seen = sees(lambda x: model(tensor(x))[:, None], x)[0]
    if y.shape != target.shape:          # there is no loss of such forecasts
        return -1, count(model), np.asarray(y.shape), seen, np.full((3, 3), -1), -1.0, -1
    total, number = model.loss(SeriesBatch(to_device(x), to_device(target)))
    right = ((y - target) ** 2).sum()
    return (silent(model, total), count(model), np.asarray(y.shape), seen, mixes(lambda x: model(tensor(x)), x),
            np.asarray(float(total.numpy()) / right), np.asarray(number))


def likely(H: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    seen, weights = np.eye(5, dtype=int), {cell: cell(1, H).count() for cell in (RNN, LSTM, GRU)}
    output = Linear(H, 1).count()
    return {
        "a forecast is made at every step, and should be made of the last state alone (2)": {"shape": [3, 5, 1]},
        "there are as many forecasts as steps, and should be as many as rows: the first axis are the rows, hs[:, -1] "
        "and not hs[-1] is the last step (2)": {"shape": [5, 1]},
        "it sees the first step alone: y is made of h_1 and not of the last state (2)": {"sees": seen[0]},
        "it sees the last step alone: nothing of a step reaches the next one, W_hh has no part in y (1)":
            {"sees": seen[4]},
        "the newest value is not read: y is made of h_{T-1}, the last state but one (2)": {"sees": 1 - seen[4]},
        "it has the weights of an LSTM, four times those of (1)": {"weights": weights[LSTM] + output},
        "it has the weights of a GRU, three times those of (1)": {"weights": weights[GRU] + output},
        "it has the weights of both directions, and (1) is one":
            {"weights": RNN(1, H, bidirectional=True).count() + Linear(2 * H, 1).count()},
        "it has the weights of two recurrent layers, and (1) is one":
            {"weights": RNN(1, H, num_layers=2).count() + output},
        "the window of T numbers goes in as one step, from a zero state: W_hh has no part in y (1)":
            {"weights": RNN(5, H).count() + output, "silent": 1},
        "the loss is the mean over the rows, and in (3) their sum": {"loss": 1 / 3},
        "the loss is half of (3)": {"loss": 0.5},
        "number is that of the steps, B T, and should be that of the targets, B": {"number": 15},
        "number is 1, as if the loss were a mean: the caller divides the sum (3) by it": {"number": 1},
    }


def parts(H: int) -> tuple[Module, ...]:
    """The layers of a right model."""
    return RNN(1, H), Linear(H, 1)


@exercise("practice-7.1-model", "7.1", probe=probed, likely=likely, parts=parts,
          gives="silent (), weights (), shape (axis), sees (T), rows (B, B), loss (), number ()")
def model(draw: Draw) -> Case:
    """A recurrent network that reads a window and forecasts the next value.

    (1) h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)           (B, H)    t = 1 .. T, a layers.RNN over one number a step
    (2) y   = h_T W_hy + b_y                                (B, 1)    a layers.Linear
    (3) L   = sum_b (y_b - target_b)^2                                and the number of targets, B

    Return a model of models.forecaster.Forecaster's kind: a class that inherits from it, with an `__init__` that makes
    the layers and a `__call__(windows)` by (1) and (2); it has `loss(batch)`, (3), and `predict` already. Write it
    from layers: that Forecaster(Config(cell="rnn", H=H)) is such a model is no secret.

    Looked at are: how many of its parameters are `silent`, without any part in the loss; the number of its `weights`;
    the `shape` of y for windows (3, 5, 1); which steps y `sees`, and which `rows`; `loss`, in parts of (3); and
    `number`, what loss returns beside it.

    Given   H, the units
    Hint    layers.RNN(1, H) returns the states of all steps, hs (B, T, H), and the last state: print both shapes.
    Hint    Forecast from the state that has read the whole window, which is the last along the axis of steps.
    Hint    hs[:, -1] goes through Linear(H, 1). In `__init__` give each layer a name of its own, so that it is found.
    Look    silent: parameters without a gradient have no part in the loss: a layer that is made and never called, or
            W_hh where each step begins from nothing.
    Look    weights: an RNN has W_xh (1, H), W_hh (H, H), b_h (H,), the output W_hy (H, 1) and b_y (1,).
    Look    shape: one forecast for each window, (B, 1).
    Look    sees: the state at step T has read all steps before it.
    Look    rows: no window should know of another one; which axis are the rows, and which the steps?
    Look    loss: each forecast with the target of its own row, squared; then a sum over the rows, not a mean.
    Look    number: the number of targets, B."""
    H = draw.sizes(1, least=3)[0]
    return Case({"H": H}, {"silent": np.asarray(0), "weights": np.asarray(total(parts(H))), "shape": np.array([3, 1]),
                           "sees": np.ones(5, int), "rows": np.eye(3, dtype=int), "loss": np.asarray(1.0),
                           "number": np.asarray(3)})


@practice("practice-7.1", "7.1", {"H": (4, 16, 64), "T": (3, 10, 30)}, measures="RMSE, parameters", seconds=20)
def forecasting() -> Baseline:
    """How many units, and how long a window, for a forecast of sunspots.

    Train your model with H units on windows of T years of the sunspot numbers (data.sunspots), one forecast a year, and
    measure the root of the mean squared error on the validation part: the 60 years before the last 60, which stay
    unseen. training.forecasting.ForecastingTask.prepare(recipe, "sunspots") cuts the series so, its `validate(model)`
    measures, and training.train trains. The best row has to beat persistence: next year is as this year."""
    series = SERIES["sunspots"]
    task = ForecastingTask(series.values(0), Recipe(seq_len=10), series.validation, series.test)
    inputs, targets = task.validation
    return Baseline("persistence", math.sqrt(mean_squared_error(persistence(inputs), targets)), less_is_better=True)
