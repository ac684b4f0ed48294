"""The network that forecasts a noisy sine (7.1), and the same with an optimiser for sparse gradients (7.5)."""
from functools import partial
from typing import Any

from tinyseq import optim
from tinyseq.autograd import Tensor, no_grad
from tinyseq.backend import host, manual_seed, to_device
from tinyseq.data import forecasting_split, noisy_sine, windows
from tinyseq.errata.measures import difference, fit, gradient_size, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import Dropout, Embedding
from tinyseq.models.sine_forecaster import Config, SineForecaster
from tinyseq.ops import mse
from tinyseq.rowgrad import RowGrad

np = host.np

WINDOW, TEST = 10, 50


def parts() -> Any:
    """The 140 windows to train on and the 50 to examine, each (N, 10, 1) and (N, 1), in float32."""
    return [(inputs[:, :, None].astype("float32"), targets[:, None].astype("float32"))
            for inputs, targets in forecasting_split(noisy_sine(), WINDOW, TEST)]


def in_one_step(model: SineForecaster, inputs: Any) -> Tensor:
    """The listing's way: the T numbers are rows of one step, each beside the same zero state -> T forecasts, (N, T)."""
    N, T, _ = inputs.shape
    return model(inputs.reshape(N * T, 1, 1)).reshape(N, T)


def loss_of(model: SineForecaster, inputs: Any, targets: Any, faulty: bool) -> Tensor:
    """Mean squared error; the faulty network's T forecasts are all held against the one target."""
    if faulty:
        return mse(in_one_step(model, inputs), to_device(np.repeat(targets, inputs.shape[1], axis=1)))
    return mse(model(inputs), to_device(targets))


@specimen("window-in-one-step", "7.1, 7.5", "models/sine_forecaster.py")
def window_in_one_step() -> list[Row]:
    """A recurrent network that never recurs: the whole window goes in as one step.

    Book    h = tanh([x_1 .. x_10] W_xh + h_0 W_hh + b),  h_0 = 0,  y = h W_hy + b_y: one call for a window
    Wrong   The window arrives as ten rows of one step. Each x_s is for itself asked for the value that follows the
            window, and no row knows another. The state before is 0 in every call, so dL/dW_hh = h_0^T da = 0: the
            recurrent weights stay as they were drawn, and the order of the window makes no difference.
    Cure    ten steps of one number each, h_t from h_{t-1}; one forecast, from h_10"""
    (inputs, targets), (fresh, answers) = parts()
    columns = []
    for faulty in (True, False):
        manual_seed(0)
        model = SineForecaster(Config())
        fit(model.parameters(), partial(loss_of, model, inputs, targets, faulty), 400)
        recurrent = gradient_size(loss_of(model, inputs, targets, faulty), model.rnn.cells[0].W_hh)
        with no_grad():
            error, turned = (loss_of(model, x, answers, faulty).item() for x in (fresh, fresh[:, ::-1]))
        columns.append((error, recurrent, turned))
    what = ["mean squared error on the last 50 values", "largest |dL/dW_hh|", "error with the windows turned round"]
    return [Row(name, faulty, sound) for name, faulty, sound in zip(what, *columns, strict=True)]


@specimen("window-without-target", "7.1, 7.5", "data/series.py")
def window_without_target() -> list[Row]:
    """There is a window more than there are values to forecast.

    Book    windows (x_i .. x_{i+9}) for i = 0 .. n-10, targets x_10 .. x_{n-1}, paired until one of the lists ends
    Wrong   The last window ends with the last value: nothing follows it. The pairing drops it without a word; a mistake
            of one at the other end of the lists would pass as silently, with every target wrong.
    Cure    data.windows cuts both together: as many windows as targets"""
    values = noisy_sine()[:-TEST]
    inputs, targets = windows(values, WINDOW)
    return [Row("windows", len(np.lib.stride_tricks.sliding_window_view(values, WINDOW)), len(inputs)),
            Row("targets", len(values[WINDOW:]), len(targets))]


@specimen("never-examined", "7.1-7.5, 8.1-8.5, 9.3-9.5", "training/forecasting.py")
def never_examined() -> list[Row]:
    """Test data are never looked at: what is reported is how well the training data are known.

    Book    150 values to train, 50 to test; after training only the training loss is printed. The language models of
            all three chapters keep no text to test at all.
    Wrong   The training loss falls for as long as one trains, since the noise is learnt by heart as well. What the 50
            values were kept for, whether the forecasts are any good, is not asked.
    Cure    the error on windows whose targets no training has seen, beside what is known of the noise: no forecast of
            these can be expected below 0.04 / 3 = 0.0133"""
    (inputs, targets), (fresh, answers) = parts()
    manual_seed(0)
    model = SineForecaster(Config())
    fit(model.parameters(), partial(loss_of, model, inputs, targets, False), 1200, lr=0.02)
    with no_grad():
        known, examined = (loss_of(model, *part, False).item() for part in ((inputs, targets), (fresh, answers)))
    return [Row("mean squared error that is reported", known, examined),
            Row("values it was measured on", len(inputs), len(fresh))]


@specimen("promised-not-built", "7.5", "optim/clip.py")
def promised_not_built() -> list[Row]:
    """The text describes dropout and gradient clipping, and the program has neither.

    Book    both are named among what the listing shows; none of its lines does either
    Wrong   Two passes over the same window in training agree to the last bit, and the optimiser gets whatever gradient
            there is, here that of one wild target.
    Cure    a Dropout layer before the output, and clip_norm between backward and step, limit 1"""
    (inputs, targets), _ = parts()
    manual_seed(0)
    model, dropout = SineForecaster(Config()), Dropout(0.3)

    def dropped(x: Any) -> Tensor:
        return dropout(model.rnn(x)[0][:, -1]) @ model.W_hy + model.b_y

    loss_of(model, inputs[:1], targets[:1] + 1000, False).backward()
    before = float(values(optim.clip_norm(model.parameters(), 1.0)))
    after = float(values(optim.clip_norm(model.parameters(), 1.0)))
    return [Row("norm of the gradient that the optimiser gets", before, after),
            Row("difference of two training passes", difference(model(inputs), model(inputs)),
                difference(dropped(inputs), dropped(inputs)))]


@specimen("nothing-sparse", "7.5", "layers/embedding.py")
def nothing_sparse() -> list[Row]:
    """An optimiser for sparse gradients is given a network without any.

    Book    SparseAdam over W_xh, W_hh, W_hy and their biases; inputs are single numbers
    Wrong   Every weight takes part in every step, so all gradients are dense and the sparse branch is never entered:
            what runs is Adam. Sparse is the gradient of a table of which a batch looks up few rows.
    Cure    Embedding(V, C, sparse=True): a RowGrad of the rows that were looked up. Here 3 of 1000."""
    (inputs, targets), _ = parts()
    manual_seed(0)
    model, table = SineForecaster(Config()), Embedding(1000, 4, sparse=True)
    loss_of(model, inputs, targets, False).backward()
    table(np.array([7, 7, 500, 999])).sum().backward()
    grads = [p.grad for p in model.parameters()]
    dense = np.concatenate([values(g).reshape(-1) for g in grads])
    by_rows = [sum(isinstance(g, RowGrad) for g in given) for given in (grads, [table.W.grad])]
    return [Row("gradients by rows", *by_rows),
            Row("part of the entries that a step moves", float((dense != 0).mean()),
                len(table.W.grad.rows) / len(table.W))]


@specimen("late-rows-leap", "7.5", "optim/sparse_adam.py")
def late_rows_leap() -> list[Row]:
    """A row that is first seen late moves by three learning rates instead of one.

    Book    m^_r = m_r / (1 - beta1^T),  v^_r = v_r / (1 - beta2^T),   T: the number of all steps so far
    Wrong   The correction is for an average that began at 0 t_r steps ago, t_r being the steps that row r took part in.
            With T large nothing is corrected, and a row's first move is lr (1 - beta1) / sqrt(1 - beta2) = 3.16 lr.
    Cure    each row counts its own steps: the first move is lr, whenever it comes"""
    beta1, beta2, lr, T, g = 0.9, 0.999, 1e-3, 20_000, 0.5
    m, v = (1 - beta1) * g, (1 - beta2) * g * g
    by_book = lr * m / (1 - beta1 ** T) / ((v / (1 - beta2 ** T)) ** 0.5 + 1e-8)
    manual_seed(0)
    table = Embedding(2, 1, sparse=True)
    optimiser = optim.SparseAdam([table.W], lr, (beta1, beta2))
    before = values(table.W).copy()
    for rows in [[0]] * 50 + [[1]]:                            # row 1 is looked up in the last step alone
        optimiser.zero_grad()
        table(np.array(rows)).sum().backward()
        optimiser.step()
    return [Row("first move of a late row, in learning rates", by_book / lr, abs(values(table.W) - before)[1, 0] / lr)]
