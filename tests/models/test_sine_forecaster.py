"""The forecaster's page: its two equations, every gradient, and the recurrence that the book's listing lacks."""
import numpy as np
import pytest

from tinyseq import autograd, checks
from tinyseq.backend import manual_seed, to_host
from tinyseq.models import sine_forecaster as page
from tinyseq.training import Recipe
from tinyseq.training.forecasting import ForecastingTask
from tinyseq.training.settings import divide


def tiny(nonlinearity="tanh"):
    manual_seed(0)
    return page.SineForecaster(page.Config(page.TINY.H, nonlinearity)).astype("float64")


def tiny_batch(seed=0):
    return ForecastingTask.tiny_batch(page.TINY, np.random.default_rng(seed))


def test_forecast_is_the_equations_of_the_page():
    model, batch = tiny(), tiny_batch()
    weights = {name.split(".")[-1]: to_host(p.data) for name, p in model.named_parameters()}
    h = np.zeros((3, page.TINY.H))
    for x_t in to_host(batch.windows).transpose(1, 0, 2):
        h = np.tanh(x_t @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])
    np.testing.assert_allclose(to_host(model.predict(batch.windows)), h @ weights["W_hy"] + weights["b_y"], rtol=1e-12)


@pytest.mark.parametrize("nonlinearity", ["tanh", "sigmoid"])
def test_every_weight_of_tiny_has_the_right_gradient(nonlinearity):
    model, batch = tiny(nonlinearity), tiny_batch()
    report = checks.gradcheck(lambda: model.loss(batch)[0], params=model)
    assert {name for name, _ in report.checked} == {name for name, _ in model.named_parameters()}
    assert model.count() <= 500


def test_loss_is_a_sum_and_its_count():
    model, batch = tiny(), tiny_batch()
    total, count = model.loss(batch)
    errors = to_host(model.predict(batch.windows)) - to_host(batch.targets)
    assert count == 3
    assert total.item() == pytest.approx((errors ** 2).sum())


def test_recurrent_weights_learn_from_a_window_and_not_from_one_step():
    model, batch = tiny(), tiny_batch()
    recurrent = dict(model.named_parameters())["rnn.cells.0.W_hh"]
    through_window, = autograd.gradients(model.loss(batch)[0], [recurrent])
    assert np.abs(to_host(through_window)).min() > 1e-6
    batch.windows = batch.windows[:, -1:]              # one step from a zero state, as in the book's listing
    one_step, = autograd.gradients(model.loss(batch)[0], [recurrent])
    assert not to_host(one_step).any()


def test_predict_keeps_no_graph():
    assert not hasattr(tiny().predict(tiny_batch().windows), "requires_grad")


@pytest.mark.parametrize("preset", page.PRESETS)
def test_presets_are_recipes(preset):
    of_recipe, of_config = divide(page.PRESETS[preset], page.Config)
    assert Recipe(**of_recipe).seq_len == 10
    assert page.Config(**of_config).H == 10


def test_book_preset_is_500_epochs_of_batch_1():
    recipe = Recipe(**page.PRESETS["book"])
    task = ForecastingTask.prepare(recipe, "sine")
    assert (recipe.batch, recipe.lr, recipe.schedule) == (1, 1e-3, "constant")
    assert recipe.steps == 500 * len(task.training[1])
