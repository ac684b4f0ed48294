"""benchmarks/regressors.py: the recipes are those that its search chose, and the table holds what was measured."""
import json

import pytest
import regressors

from tinyseq import models

RESULTS = json.loads(regressors.RESULTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("series", regressors.SERIES)
def test_the_committed_rate_is_the_one_with_the_least_validation(series):
    rows = RESULTS["choice"][series]
    assert sorted(row["lr"] for row in rows) == sorted(regressors.RATES)
    best = min(rows, key=lambda row: row["validation"])
    assert models.preset(models.find("forecaster"), "quick", series)["lr"] == best["lr"]


def test_the_table_has_means_and_spreads():
    results = {"series": {"a": {"regressors": {"LSTM": [1.0, 2.0]}, "baselines": {"persistence": [3.0, 3.0]}},
                          "b": {"regressors": {"LSTM": [4.0, 4.0]}, "baselines": {"persistence": [5.0, 6.0],
                                                                                 "noise": [0.5, 0.5]}}}}
    lines = regressors.table(results).splitlines()
    assert lines[0] == "| test RMSE | a | b |"
    assert "| LSTM | 1.500 (1.000-2.000) | 4.000 |" in lines
    assert lines[-2:] == ["| persistence | 3.000 | 5.500 (5.000-6.000) |", "| noise |  | 0.500 |"]


def test_all_that_was_announced_was_measured():
    for series in regressors.SERIES:
        found = RESULTS["series"][series]
        assert list(found["regressors"]) == list(regressors.REGRESSORS)
        assert all(len(errors) == len(regressors.SEEDS) for errors in found["regressors"].values())
        assert {"persistence", "least squares"} <= set(found["baselines"])
    assert len(RESULTS["random targets"]) == len(regressors.REGRESSORS) + 1
