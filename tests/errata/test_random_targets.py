"""The specimen of the random targets: no regressor has less than 1/12 on fresh windows, and learning them is worse."""
import numpy as np
import pytest

from tinyseq.errata import random_targets
from tinyseq.errata.random_targets import LEAST, Found
from tinyseq.models.forecaster import REGRESSORS, Config
from tinyseq.training.forecasting import ForecastingTask

NOISE = 3 * (1 / 180 / random_targets.FRESH) ** 0.5        # of the mean of 10,000: Var((y - 1/2)^2) = 1/80 - 1/144


@pytest.mark.parametrize("name", ["LSTM", "GRU", "BiLSTM"])
def test_no_regressor_has_less_than_a_twelfth_on_fresh_windows(name):
    found = random_targets.run(REGRESSORS[name])
    assert LEAST - NOISE < found.fresh < 1.2 * LEAST


def test_what_is_learnt_by_heart_is_worse_than_the_constant():
    found = random_targets.run(Config(H=20), steps=300, lr=0.03)
    assert found.taught < LEAST / 4 and found.fresh > 1.3 * LEAST


def test_the_constant_has_a_twelfth(monkeypatch):
    monkeypatch.setattr(ForecastingTask, "forecasts", lambda task, model, inputs: np.full(len(inputs), 0.5))
    assert random_targets.run(Config(H=1), steps=1).fresh == pytest.approx(LEAST, abs=NOISE)


def test_the_table_names_each_regressor_and_the_constant():
    lines = random_targets.table({"LSTM": Found(0.08, 0.09), "by heart": Found(0.0, 0.14)}).splitlines()
    assert "0.0833         0.0833" in lines[1] and lines[2].split() == ["LSTM", "0.0800", "0.0900"]
    assert lines[3].startswith("by heart") and lines[3].endswith("0.1400")


def test_the_specimen_of_the_list(numbers):
    (unknown, least), (known, _), (after_ten, _) = numbers("random-targets")
    assert known < least / 4 and unknown > 1.3 * least
    assert least - NOISE < after_ten < 1.2 * least and least == pytest.approx(1 / 12)
