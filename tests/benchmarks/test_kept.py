"""Trainings that a study keeps: the search for a rate, what is not trained twice, and the studies that use it."""
import json
import math

import depth
import equal_budget
import pytest
import self_attention
from kept import PART, WHOLE, Kept

from tinyseq import models
from tinyseq.training import Recipe
from tinyseq.training.settings import divide


@pytest.fixture
def kept(tmp_path):
    """Trains nothing: the validation is the distance from a rate of 0.02, in doublings."""
    def trained(lr, **asked):
        kept.trainings += 1
        return {"parameters": 7, "validation": abs(math.log2(lr / 0.02)), "minutes": 0.5}
    kept = Kept(tmp_path / "results.json", trained)
    kept.trainings = 0
    return kept


@pytest.mark.parametrize("first", [0.0025, 0.02, 0.16])
def test_the_rate_is_walked_to_on_the_first_part_alone(kept, first):
    assert kept.best_rate(first, model="char_rnn", steps=10) == pytest.approx(0.02)
    assert {row["text"] for row in kept.rows()} == {PART}
    assert len(kept.rows()) == kept.trainings                  # none is trained twice


def test_what_is_there_is_not_trained_again(kept):
    row = kept.measured(text=WHOLE, lr=0.01, steps=10)
    assert kept.measured(text=WHOLE, lr=0.01, steps=10) == row and kept.trainings == 1
    assert kept.measured(text=WHOLE, lr=0.01, steps=20) != row
    assert json.loads(kept.path.read_text()) == kept.rows() == kept.found(text=WHOLE)


def test_the_committed_depths_are_read_and_not_trained_again(monkeypatch):
    def trained(**asked):
        raise AssertionError(f"{asked} would be trained")
    monkeypatch.setattr(depth.KEPT, "trained", trained)
    for n, residual in depth.stacks(depth.LAYERS):
        assert depth.measured(n, residual)["layers"] == n
    assert len(depth.reached(3, "add")) == depth.SEEDS


def test_a_depth_asks_for_deep_lstms_quick_recipe(monkeypatch):
    asked = {}
    monkeypatch.setattr(depth, "trained", lambda model, text, **fields: asked.update(fields, model=model, text=text))
    depth.trained_stack(text=PART, layers=4, residual="add", steps=1000, H=128, seed=0, lr=0.04)
    quick = models.find("deep_lstm").PRESETS["quick"]
    assert asked == {**quick, "model": "deep_lstm", "text": PART, "num_layers": 4, "residual": "add", "steps": 1000,
                     "H": 128, "seed": 0, "lr": 0.04}


@pytest.mark.parametrize("model, fields", [
    *((model, equal_budget.EQUAL | sizes) for model, (_, sizes) in equal_budget.MODELS.items()),
    *((fields["model"], self_attention.EQUAL | {name: value for name, value in fields.items() if name != "model"})
      for fields in self_attention.WINDOWS.values()),
    *self_attention.TAGGERS.values()])
def test_every_training_has_a_recipe_and_a_model(model, fields):
    of_recipe, of_config = divide(fields, models.find(model).Config)
    Recipe(**of_recipe)
    models.find(model).Model(models.find(model).Config(**of_config))


def test_the_budgets_are_equal():
    counts = [models.find(model).Model(models.find(model).Config(**sizes)).count()
              for model, (_, sizes) in equal_budget.MODELS.items()]
    assert max(counts) <= 1.02 * min(counts)


def test_the_taggers_differ_in_nothing_but_attention():
    recipes = [models.find(model).PRESETS["quick"] for model, _ in self_attention.TAGGERS.values()]
    assert all(recipe == recipes[0] for recipe in recipes)


def test_each_budget_has_its_rate_and_its_row(kept, monkeypatch, capsys):
    monkeypatch.setattr(equal_budget, "KEPT", kept)
    monkeypatch.setattr("sys.argv", ["equal_budget.py"])
    assert "LSTM" not in equal_budget.table()
    equal_budget.main()
    assert "| LSTM | 7 | 0.02 | 0.000 | 0.02 | 0.000 |" in capsys.readouterr().out
    once = kept.trainings
    assert len(kept.found(text=WHOLE)) == len(equal_budget.MODELS) * len(equal_budget.STEPS)
    equal_budget.main()
    assert kept.trainings == once


def test_each_window_has_its_row(kept, monkeypatch, capsys):
    monkeypatch.setattr(self_attention, "READ", kept)
    monkeypatch.setattr("sys.argv", ["self_attention.py", "--windows"])
    self_attention.main()
    out = capsys.readouterr().out
    assert all(f"| {name} | 7 | 0.02 | 0.000 |" in out for name in self_attention.WINDOWS)
    assert {row.get("window", "none") for row in kept.found(text=PART)} == {"none", 64}
