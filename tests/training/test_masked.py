"""The task of chapter 8.1: which places are masked, that all three are measured on the same windows, the table."""
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.backend import host, manual_seed
from tinyseq.data import Corpus
from tinyseq.models import three_language_models as page
from tinyseq.training import Recipe, loss_and_gradients, train
from tinyseq.training.masked import MaskedBatch, MaskedTask, measured, places_to_mask

TEXT = "".join("the cat sat on the mat."[i * i % 23] for i in range(1200)) + "the end.\n"
CORPUS = Corpus("test", TEXT, "corpus: test")
RECIPE = Recipe(steps=4, batch=3, seq_len=10, threads=1)


def model_of(task, H=6):
    manual_seed(0)
    return page.Model(page.Config(V=len(task.vocabulary), H=H))


# Batches ----------------------------------------------------------------------------------------------------

@given(st.integers(1, 5), st.integers(2, 30), st.integers(0, 9))
def test_a_fifth_of_each_window_is_masked(B, T, step):
    places = places_to_mask((B, T), (0, step))
    assert places.shape == (B, max(1, round(T / 5))) and places.shape[1] < T
    assert (np.diff(places, axis=1) > 0).all() and places.min() >= 0 and places.max() < T
    assert np.array_equal(places, places_to_mask((B, T), (0, step)))


def test_every_place_is_masked_as_often_as_any_other():
    counts = np.bincount(places_to_mask((20_000, 10), (0, 0)).reshape(-1))
    np.testing.assert_allclose(counts / 20_000, 0.2, atol=0.015)


def test_a_step_says_which_windows_and_which_places():
    task, again = MaskedTask(CORPUS, RECIPE), MaskedTask(CORPUS, RECIPE)
    task.batch(0)
    one, other = task.batch(7), again.batch(7)
    assert one.ids.shape == (3, 10) and one.places.shape == (3, 2)
    assert np.array_equal(one.ids, other.ids) and np.array_equal(one.places, other.places)
    assert not np.array_equal(one.places, task.batch(8).places) or not np.array_equal(one.ids, task.batch(8).ids)
    assert task.state_dict() == {}


@given(st.integers(1, 9), st.integers(1, 5))
def test_split_keeps_rows_in_order(B, shards):
    batch = MaskedBatch(host.np.arange(B * 4).reshape(B, 4), host.np.arange(B)[:, None] % 4)
    parts = batch.split(shards)
    assert len(parts) == min(B, shards) and [part.first_row * 4 for part in parts] == [part.ids[0, 0] for part in parts]
    assert np.array_equal(np.concatenate([part.places for part in parts]), batch.places)
    batch.join(parts)


def test_threads_change_nothing_but_rounding():
    task = MaskedTask(CORPUS, RECIPE)
    model = model_of(task).astype("float64")
    one, several = (loss_and_gradients(model, task.batch(0), threads) for threads in (1, 3))
    assert float(one[0]) == pytest.approx(float(several[0]), rel=1e-12)


# Measuring --------------------------------------------------------------------------------------------------

def test_a_uniform_model_needs_the_logarithm_of_the_vocabulary_everywhere():
    task = MaskedTask(CORPUS, RECIPE)
    model = model_of(task)
    model.load_state_dict({name: np.zeros(p.shape) for name, p in model.named_parameters()})
    found = measured(model, task.validation_ids, 10)
    nats = math.log(len(task.vocabulary))
    assert list(found) == ["autoregressive", "bidirectional", "masked"]
    assert all(numbers == pytest.approx((nats, nats), rel=1e-6) for numbers in found.values())
    assert task.validate(model) == {"validation": pytest.approx(nats, rel=1e-6)}


def test_what_the_test_part_gives_has_names_that_say_what_may_be_compared():
    task = MaskedTask(CORPUS, RECIPE)
    model = model_of(task)
    nats, found = measured(model, task.test_ids, 10), task.test(model)
    assert list(found) == ["perplexity", "pseudo-perplexity, bidirectional", "at masks, autoregressive",
                           "at masks, bidirectional", "at masks, masked", "5-grams"]
    assert found["perplexity"] == pytest.approx(math.exp(nats["autoregressive"][0]))
    assert found["at masks, masked"] == pytest.approx(math.exp(nats["masked"][1]))
    assert f"{math.log(found['5-grams']):.4f}" in task.table(model, task.test_ids)


def test_measures_are_means_over_the_same_windows():
    task = MaskedTask(CORPUS, RECIPE)
    model, T = model_of(task).astype("float64"), 10
    windows = task.test_ids[:len(task.test_ids) // T * T].reshape(-1, T)
    places = places_to_mask(windows.shape, (0, 0))
    rows = np.arange(len(windows))[:, None]

    def surprises(logits, ids):
        log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        return -np.take_along_axis(log_p, ids[..., None], axis=-1)[..., 0]
    found = measured(model, task.test_ids, T)
    for name in ("autoregressive", "bidirectional"):
        nats = surprises(getattr(model, name)(windows).numpy(), windows)
        assert found[name] == pytest.approx((nats.mean(), nats[rows, places].mean()))
    nats = surprises(model.masked(windows, places).numpy(), windows[rows, places]).mean()
    assert found["masked"] == pytest.approx((nats, nats))
    assert model.training


@pytest.mark.learning
def test_training_makes_all_three_better_and_both_sides_know_more_than_one():
    recipe = Recipe(steps=150, batch=16, seq_len=12, lr=0.02, threads=1, evaluate_every=150)
    rng = np.random.default_rng(0)
    text = "".join(2 * "abcd"[i] for i in rng.integers(0, 4, 1500))        # each letter twice, at random
    task = MaskedTask(Corpus("pairs", text, ""), recipe)
    model = model_of(task, H=12)
    train(model, task, recipe)
    found = measured(model, task.test_ids, 12)
    # Before a letter it is unknown whether it is the second of a pair; after it, less so.
    assert found["bidirectional"][0] < found["autoregressive"][0] - 0.1 < math.log(4)
    assert found["bidirectional"][1] < found["masked"][0] < math.log(4) - 0.2


def test_the_table_says_what_each_reads_and_how_to_call_its_measure():
    task = MaskedTask(CORPUS, RECIPE)
    model = model_of(task)
    lines = task.sample(model).splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["model", "5-grams", "autoregressive", "bidirectional", "masked"]
    assert [line.split()[-1] for line in lines[1:5]] == ["perplexity"] * 2 + ["pseudo-perplexity"] * 2
    assert lines[6].startswith("with masks") and lines[6].count("_") == round(0.2 * 60)
    assert "the mean of the three" in task.describe(2.0)


def test_evaluate_is_the_table_of_the_test_part_or_of_another_text(tmp_path):
    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    (tmp_path / "other").write_text(TEXT[::-1], encoding="utf-8")
    task = MaskedTask.prepare(RECIPE, str(tmp_path / "text"))
    model = model_of(task)
    note, table = MaskedTask.evaluate(model, RECIPE, task.saved, None)
    assert note.endswith("its test part") and table == task.table(model, task.test_ids)
    note, table = MaskedTask.evaluate(model, RECIPE, task.saved, str(tmp_path / "other"))
    assert note.endswith("all of it") and table == task.table(model, task.vocabulary.encode(TEXT[::-1]))


def test_the_autoregressive_one_writes():
    task = MaskedTask(CORPUS, RECIPE)
    text = "".join(MaskedTask.write(model_of(task), task.saved, "the", 20, None, seed=0))
    assert text.startswith("the") and len(text) == 23


@pytest.mark.parametrize("T, message", [(1, "choose a --seq-len of 2 or more, not 1"), (200, "too short")])
def test_windows_that_cannot_be(T, message):
    with pytest.raises(ValueError, match=message):
        MaskedTask(CORPUS, Recipe(batch=1, seq_len=T))
