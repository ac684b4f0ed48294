"""The five regressors: their equations, every gradient of every variant, and that both directions are no leak."""
from dataclasses import replace

import numpy as np
import pytest

from tinyseq import checks, models, ops
from tinyseq.autograd import Tensor, gradients
from tinyseq.backend import manual_seed, to_device, to_host
from tinyseq.models import forecaster as page
from tinyseq.training import Recipe
from tinyseq.training.forecasting import SERIES, ForecastingTask
from tinyseq.training.settings import divide

VARIANTS = [{"cell": cell, "num_layers": num_layers, "bidirectional": bidirectional}
            for cell in page.CELLS for num_layers in (1, 2) for bidirectional in (False, True)]
each_variant = pytest.mark.parametrize("settings", VARIANTS, ids=lambda settings: "-".join(map(str, settings.values())))


def made(settings, seed=0):
    """The TINY model with these settings in float64, and a batch."""
    manual_seed(seed)
    config = replace(page.TINY, **settings)
    return page.Forecaster(config).astype("float64"), ForecastingTask.tiny_batch(config, np.random.default_rng(seed))


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def run(cell, x, W_xh, W_hh, b_h):
    """The equations of a cell over (B, T, D) -> (B, T, H), from zeros."""
    H = len(W_hh)
    h = c = np.zeros((len(x), H))
    hs = []
    for x_t in x.transpose(1, 0, 2):
        if cell == "gru":                                  # the book's: the reset gate before the product
            r, z = np.split(sigmoid(x_t @ W_xh[:, :2 * H] + h @ W_hh[:, :2 * H] + b_h[:2 * H]), 2, axis=1)
            n = np.tanh(x_t @ W_xh[:, 2 * H:] + (r * h) @ W_hh[:, 2 * H:] + b_h[2 * H:])
            h = (1 - z) * h + z * n
        elif cell == "lstm":
            i, f, g, o = np.split(x_t @ W_xh + h @ W_hh + b_h, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        hs.append(h)
    return np.stack(hs, axis=1)


# Equations and gradients ------------------------------------------------------------------------------------

@each_variant
def test_forecast_is_the_equations_of_the_page(settings):
    model, batch = made(settings)
    w = {name: to_host(p.data) for name, p in model.named_parameters()}
    directions = 1 + settings["bidirectional"]
    x = to_host(batch.windows)
    for layer in range(settings["num_layers"]):
        cells = [[w[f"stack.cells.{directions * layer + k}.{name}"] for name in ("W_xh", "W_hh", "b_h")]
                 for k in range(directions)]
        parts = [run(settings["cell"], x, *cells[0])]
        if directions == 2:
            parts.append(run(settings["cell"], x[:, ::-1], *cells[1])[:, ::-1])
        ends = [parts[0][:, -1], *(part[:, 0] for part in parts[1:])]
        x = np.concatenate(parts, axis=-1)
    y = np.concatenate(ends, axis=-1) @ w["output.W"] + w["output.b"]
    np.testing.assert_allclose(to_host(model.predict(batch.windows)), y, rtol=1e-10)


@each_variant
def test_every_weight_of_the_variants_has_the_right_gradient(settings):
    model, batch = made(settings)
    report = checks.gradcheck(lambda: model.loss(batch)[0], params=model)
    assert {name for name, _ in report.checked} == {name for name, _ in model.named_parameters()}


def test_the_backward_direction_reads_the_whole_window():
    """Its state at the last step, the usual mistake, would have read the last value alone."""
    model, batch = made({"num_layers": 1})
    seen = input_gradients(model, batch)
    assert (seen != 0).all()
    W = model.output.W.data
    W[:page.TINY.H] = 0                                    # what is left is the backward direction's half
    assert (input_gradients(model, batch) != 0).all()


def input_gradients(model, batch):
    """dy/dx (B, T)."""
    x = Tensor(batch.windows, requires_grad=True)
    return to_host(gradients(model(x).sum(), [x])[0])[..., 0]


# Promises ---------------------------------------------------------------------------------------------------

def forecasts_along(model, T):
    """A series (B, N, 1) -> for each step t the forecast of x_{t+1} from its window of T, (B, N, 1)."""
    return lambda x: ops.concat(*(model(x[:, max(0, t + 1 - T):t + 1]) for t in range(x.shape[1])), axis=1)[..., None]


@each_variant
def test_no_forecast_knows_what_it_forecasts_nor_anything_later(settings):
    """Both directions or one: the window ends before its target, so the forecasts along a series are causal."""
    model, _ = made(settings)
    series = Tensor(to_device(np.random.default_rng(0).standard_normal((2, 7, 1))))
    checks.assert_causal(forecasts_along(model, 4), series)


def test_both_directions_over_the_series_itself_would_be_a_leak():
    model, _ = made({})
    series = Tensor(to_device(np.random.default_rng(0).standard_normal((2, 7, 1))))
    with pytest.raises(AssertionError, match="output step 0 depends on input step"):
        checks.assert_causal(lambda x: model.output(model.stack(x)[0]), series)


def test_neither_do_the_windows_of_the_task():
    """Values from the target on are changed: the forecast of it stays as it is."""
    rng, recipe = np.random.default_rng(0), Recipe(seq_len=5)
    values = rng.standard_normal(60)
    model = made({})[0].astype("float32")
    task = ForecastingTask(values, recipe, 10, 20)
    before = task.forecasts(model, task.examination[0])
    for place in (0, 7, 19):
        changed = values.copy()
        changed[40 + place:] = rng.standard_normal(20 - place)
        after = task.forecasts(model, ForecastingTask(changed, recipe, 10, 20).examination[0])
        np.testing.assert_array_equal(after[:place + 1], before[:place + 1])
        assert place == 19 or (after[place + 1:] != before[place + 1:]).all()


@each_variant
def test_a_forecast_is_the_same_alone_and_in_a_batch(settings):
    model, batch = made(settings)
    together = to_host(model.predict(batch.windows))
    for row in range(3):
        np.testing.assert_allclose(to_host(model.predict(batch.windows[row:row + 1])), together[row:row + 1],
                                   rtol=1e-12)
    checks.assert_batch_independent(model, Tensor(batch.windows))
    total, count = model.loss(batch)
    assert count == 3
    assert total.item() == pytest.approx(sum(model.loss(shard)[0].item() for shard in batch.split(3)), rel=1e-12)


def test_dropout_is_between_the_layers_and_before_the_output():
    for settings in ({"dropout": 0.5}, {"dropout": 0.5, "num_layers": 1}):
        model, batch = made(settings)
        drawn = [to_host(model.predict(batch.windows)) for _ in range(2)]
        assert (drawn[0] != drawn[1]).all()
        model.eval()
        still, _ = made({**settings, "dropout": 0.0})
        np.testing.assert_array_equal(to_host(model.predict(batch.windows)), to_host(still.predict(batch.windows)))
    assert model.stack.dropout.p == 0 and made({"dropout": 0.5})[0].stack.dropout.p == 0.5


def test_another_cell_is_refused():
    with pytest.raises(ValueError, match="cell is one of rnn, lstm, gru; got 'elman'"):
        page.Forecaster(page.Config(cell="elman"))


# Sizes and recipes ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name, gates, layers, directions", [
    ("LSTM", 4, 1, 1), ("GRU", 3, 1, 1), ("2 x LSTM", 4, 2, 1), ("BiLSTM", 4, 1, 2), ("2 x BiLSTM", 4, 2, 2)])
def test_the_five_regressors_of_the_introduction_have_50_units(name, gates, layers, directions):
    assert list(page.REGRESSORS) == ["LSTM", "GRU", "2 x LSTM", "BiLSTM", "2 x BiLSTM"]
    inputs = [1] + [directions * 50] * (layers - 1)
    recurrent = sum(directions * gates * (D + 50 + 1) * 50 for D in inputs)
    assert page.Forecaster(page.REGRESSORS[name]).count() == recurrent + directions * 50 + 1


def test_book_preset_is_ten_epochs_of_a_hundred_windows():
    of_recipe, of_config = divide(page.PRESETS["book"], page.Config)
    recipe = Recipe(**of_recipe)
    assert (recipe.optimiser, recipe.lr, recipe.batch, recipe.seq_len) == ("adam", 0.001, 32, 10)
    assert recipe.steps == 10 * -(-100 // recipe.batch) and page.Config(**of_config) == page.REGRESSORS["LSTM"]


def test_recipes_by_series_are_recipes():
    for series, presets in page.BY_CORPUS.items():
        assert series in SERIES
        for preset in presets:
            of_recipe, _ = divide(models.preset(page, preset, series), page.Config)
            assert Recipe(**of_recipe).seq_len == 10
