"""The forecasting task: what it hands to the loop, that the future stays in the future, and the baselines."""
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.autograd import Tensor
from tinyseq.backend import manual_seed, to_host
from tinyseq.data import NOISE_FLOOR, noisy_sine
from tinyseq.layers import Dropout, Module
from tinyseq.models.sine_forecaster import PRESETS, Config, SineForecaster
from tinyseq.training import Recipe, train
from tinyseq.training.forecasting import SERIES, ForecastingTask, SeriesBatch, mean_squared_error

RECIPE = Recipe(**{**PRESETS["quick"], "steps": 40, "batch": 16, "evaluate_every": 20})
VALIDATION, TEST = 20, 50

needs_data = pytest.mark.skipif(not os.environ.get("TINYSEQ_DATA"),
                                reason="set TINYSEQ_DATA to a folder that holds timeseries/")


def task_on(values, recipe=RECIPE, validation=VALIDATION, test=TEST):
    return ForecastingTask(values, recipe, validation, test)


def trained(task, recipe=RECIPE):
    manual_seed(recipe.seed)
    model = SineForecaster(Config())
    return model, train(model, task, recipe)


class Last(Module):
    """Stands for a model: forecasts the last value of each window."""

    def predict(self, windows):
        return windows[:, -1]


# Batches ----------------------------------------------------------------------------------------------------

def test_windows_belong_to_the_part_of_their_target():
    task = task_on(np.arange(200.0))
    (_, train_targets), (_, validation_targets), (test_inputs, test_targets) = (
        task.training, task.validation, task.examination)
    assert train_targets.tolist() == list(range(10, 130))
    assert validation_targets.tolist() == list(range(130, 150))
    assert test_targets.tolist() == list(range(150, 200))
    assert test_inputs[0].tolist() == list(range(140, 150))


def test_a_target_follows_its_window_and_an_epoch_has_each_window_once():
    recipe = Recipe(seq_len=10, batch=40)
    task = task_on(np.arange(200.0), recipe)
    batches = [task.batch(step) for step in range(3)]
    assert batches[0].windows.shape == (40, 10, 1) and batches[0].targets.shape == (40, 1)
    assert batches[0].windows.dtype == batches[0].targets.dtype == np.float32
    mean, deviation = task.scale
    targets = np.concatenate([to_host(batch.targets)[:, 0] for batch in batches]) * deviation + mean
    windows = np.concatenate([to_host(batch.windows)[..., 0] for batch in batches]) * deviation + mean
    np.testing.assert_allclose(windows, targets[:, None] - np.arange(10, 0, -1), atol=1e-3)
    np.testing.assert_allclose(np.sort(targets), np.arange(10, 130), atol=1e-3)
    assert not np.array_equal(to_host(task.batch(3).targets), to_host(batches[0].targets)), "each epoch has its order"


def test_a_batch_depends_on_seed_and_step_alone():
    task, again, other = (task_on(noisy_sine(), Recipe(seq_len=10, batch=8, seed=seed)) for seed in (1, 1, 2))
    task.batch(0)
    targets = to_host(task.batch(20).targets)
    np.testing.assert_array_equal(targets, to_host(again.batch(20).targets))
    assert not np.array_equal(targets, to_host(other.batch(20).targets))
    assert task.state_dict() == {}


def test_a_batch_larger_than_the_training_part_is_all_of_it():
    assert len(task_on(noisy_sine(), Recipe(seq_len=10, batch=1000)).batch(7).targets) == 120


@given(st.integers(1, 9), st.integers(1, 5))
def test_split_keeps_rows_in_order(B, shards):
    batch = SeriesBatch(np.arange(B * 3.0).reshape(B, 3, 1), np.arange(float(B))[:, None])
    parts = batch.split(shards)
    assert len(parts) == min(B, shards)
    assert [part.first_row for part in parts] == [int(part.targets[0, 0]) for part in parts]
    np.testing.assert_array_equal(np.concatenate([part.windows for part in parts]), batch.windows)
    batch.join(parts)


# No leak ----------------------------------------------------------------------------------------------------

def test_test_values_change_nothing_in_training_and_validation():
    values = noisy_sine()
    other = np.concatenate([values[:-TEST], 100 + 50 * values[-TEST:]])
    (model, progress), (twin, twin_progress) = (trained(task_on(series)) for series in (values, other))
    assert progress.validations == twin_progress.validations
    for name, weights in model.state_dict().items():
        np.testing.assert_array_equal(to_host(weights), to_host(twin.state_dict()[name]))


def test_validation_values_change_no_weight():
    values = noisy_sine()
    other = values.copy()
    other[-TEST - VALIDATION:] *= 10
    (model, progress), (twin, twin_progress) = (trained(task_on(series)) for series in (values, other))
    assert progress.validations != twin_progress.validations
    for name, weights in model.state_dict().items():
        np.testing.assert_array_equal(to_host(weights), to_host(twin.state_dict()[name]))


def test_statistics_are_those_of_the_training_part():
    values = noisy_sine()
    task = task_on(values)
    known = values[:130]
    assert task.scale == (known.mean(), known.std())
    assert to_host(task.scale.standardised(known)).mean() == pytest.approx(0, abs=1e-6)
    assert to_host(task.scale.standardised(known)).std() == pytest.approx(1, abs=1e-6)


# Measures ---------------------------------------------------------------------------------------------------

def test_baselines_and_model_are_measured_in_the_series_own_unit():
    values = 5 + 3 * noisy_sine()
    found = task_on(values).test(Last())
    assert found["model"] == pytest.approx(found["persistence"], rel=1e-4)
    assert found["persistence"] == pytest.approx(np.mean((values[-50:] - values[-51:-1]) ** 2))
    assert found["least squares"] < found["persistence"]
    assert "noise" not in found


def test_least_squares_forecasts_what_is_linear():
    assert task_on(np.sin(np.arange(200) / 10)).test(Last())["least squares"] < 1e-20


def test_the_sine_is_shown_its_noise_floor():
    task = ForecastingTask.prepare(RECIPE, "auto")
    assert task.test(Last())["noise"] == NOISE_FLOOR
    assert "noise 0.1155" in task.report(Last())           # its root


def test_baseline_is_measured_on_the_validation_part():
    values = noisy_sine()
    line = task_on(values).baseline()
    assert f"RMSE: persistence {np.mean(np.diff(values)[129:149] ** 2) ** 0.5:.4f}, least squares" in line
    other = values.copy()
    other[-TEST:] = 99
    assert task_on(other).baseline() == line
    assert "noise 0.1155" in ForecastingTask.prepare(RECIPE, "sine").baseline()


def test_validate_measures_the_validation_part_and_without_one_the_training_part():
    values = noisy_sine()
    steps = np.diff(values) ** 2
    assert task_on(values).validate(Last())["validation"] == pytest.approx(steps[129:149].mean(), rel=1e-4)
    assert task_on(values, validation=0).validate(Last())["validation"] == pytest.approx(steps[9:149].mean(), rel=1e-4)


def test_describe_says_the_error_and_its_root():
    assert task_on(noisy_sine()).describe(0.04) == "validation MSE 0.0400  RMSE 0.2000"


def test_sample_shows_every_test_value_and_the_error():
    lines = ForecastingTask.prepare(RECIPE, "sine").sample(Last()).splitlines()
    assert len(lines) == 1 + TEST + 1
    assert lines[-1].startswith("test MSE") and "persistence" in lines[-1]


def test_dropout_is_off_while_it_is_measured_and_on_again_after():
    class Dropping(Last):
        def __init__(self):
            self.dropout = Dropout(0.5)

        def predict(self, windows):
            return to_host(self.dropout(Tensor(windows[:, -1])).data)
    model, task = Dropping(), task_on(noisy_sine())
    assert task.test(model) == task.test(Last()) and model.training
    task.test(model.eval())
    assert not model.training


# Predictions ------------------------------------------------------------------------------------------------

TEN = "1 2 3.5 4 5 6 7 8 9 -2.5"
SAVED = {"corpus": "sine", "seq_len": 10, "mean": 5.0, "deviation": 2.0}


class Sum(Module):
    """Stands for a model: forecasts the sum of the standardised values."""

    def predict(self, windows):
        return windows.sum(axis=1)


def test_a_text_of_numbers_is_answered_by_the_value_that_follows():
    assert ForecastingTask.predict(Last(), SAVED, [TEN, TEN.replace(" ", ", "), "1,2,3,4,5,6,7,8,9,1e2"]) == [
        "-2.5000", "-2.5000", "100.0000"]
    assert ForecastingTask.predict(Sum(), SAVED, [TEN]) == [f"{(43 - 10 * 5) / 2 * 2 + 5:.4f}"]
    assert ForecastingTask.predict(Sum(), SAVED, []) == []


def test_the_last_values_of_a_longer_series_are_read():
    assert ForecastingTask.predict(Sum(), SAVED, ["99 98 " + TEN]) == ForecastingTask.predict(Sum(), SAVED, [TEN])


def test_a_prediction_is_what_the_task_forecasts():
    task = ForecastingTask.prepare(RECIPE, "sine")
    model, inputs = SineForecaster(Config()), task.examination[0][:3]
    expected = [f"{y:.4f}" for y in task.forecasts(model, inputs)]
    texts = [" ".join(map(str, window)) for window in inputs.tolist()]
    assert ForecastingTask.predict(model, task.saved, texts) == expected


@pytest.mark.parametrize("text, message", [
    ("1 2 3", "from the last 10 values, and 3 came: give 10 or more"), ("", "and 0 came"),
    (TEN.replace("4", "four"), "'four' is no finite number"), (TEN.replace("4", "nan"), "'nan' is no finite number"),
    (TEN.replace("4", "-inf"), "'-inf' is no finite number"), (TEN.replace("4", "4;5"), "'4;5' is no finite number")])
def test_what_is_no_window_is_refused_in_one_line(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        ForecastingTask.predict(Last(), SAVED, [TEN, text])
    assert "\n" not in str(caught.value)


def test_a_run_that_does_not_know_its_scale_is_refused():
    with pytest.raises(ValueError, match="does not say the 'mean' of the run's series: train a new run"):
        ForecastingTask.predict(Last(), {"corpus": "sine"}, [TEN])


# Runs -------------------------------------------------------------------------------------------------------

def test_auto_is_the_sine_of_the_recipe_seed():
    recipe = Recipe(seq_len=10, seed=3)
    task = ForecastingTask.prepare(recipe, "auto")
    assert task.saved == {"corpus": "sine", "seq_len": 10, **task.scale._asdict()} and task.sizes == {}
    assert "sine" in task.note and "120 to train, 20 to validate, 50 to test" in task.note
    np.testing.assert_array_equal(task.examination[1], noisy_sine(200, seed=3)[-50:])
    again = ForecastingTask.prepare(recipe, task.saved["corpus"], task.saved)
    np.testing.assert_array_equal(to_host(again.batch(5).windows), to_host(task.batch(5).windows))


def test_evaluate_measures_the_series_of_the_run():
    note, line = ForecastingTask.evaluate(Last(), RECIPE, {"corpus": "sine"}, None)
    task = ForecastingTask.prepare(RECIPE, "sine")
    assert (note, line) == (task.note, task.report(Last()))


@pytest.mark.learning
def test_a_short_training_beats_persistence():
    recipe = Recipe(**{**PRESETS["quick"], "steps": 300})
    task = ForecastingTask.prepare(recipe, "sine")
    model, progress = trained(task, recipe)
    model.load_state_dict(progress.best_weights)
    found = task.test(model)
    assert found["model"] < 0.8 * found["persistence"]


def test_a_training_with_threads_is_the_same_training():
    losses = []
    for threads in (1, 3):
        recipe = Recipe(seq_len=10, batch=16, steps=20, threads=threads, lr=0.01)
        losses.append(trained(task_on(noisy_sine(), recipe), recipe)[1].validations[-1][1])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@needs_data
@pytest.mark.parametrize("name", ["sunspots", "weather"])
def test_measured_series_have_the_parts_of_the_table(name):
    task = ForecastingTask.prepare(RECIPE, name)
    assert len(task.validation[1]) == SERIES[name].validation and len(task.examination[1]) == SERIES[name].test
    found = task.test(Last())
    assert found["least squares"] < found["persistence"] and "noise" not in found


@needs_data
def test_another_series_may_be_evaluated():
    note, line = ForecastingTask.evaluate(Last(), RECIPE, {"corpus": "sine"}, "sunspots")
    assert "sunspots" in note and line.startswith("test MSE")


# Errors -----------------------------------------------------------------------------------------------------

def test_an_unknown_series_is_refused_with_the_list():
    with pytest.raises(ValueError, match=r"no series 'tide'; the series are sine, sunspots, weather") as caught:
        ForecastingTask.prepare(RECIPE, "tide")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seq_len", [130, 500])
def test_a_window_longer_than_the_training_part_is_refused(seq_len):
    with pytest.raises(ValueError, match=rf"sine: 200 values, of which 70 are held out, leave no window of {seq_len}"):
        ForecastingTask.prepare(Recipe(seq_len=seq_len), "sine")


def test_the_longest_window_leaves_one_target():
    assert len(ForecastingTask.prepare(Recipe(seq_len=129), "sine").batch(0).targets) == 1


def test_mean_squared_error():
    assert mean_squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0])) == 2.0
