"""The classification task: what is learnt from the training part alone, batches, measures, what is refused."""
import os

import numpy as np
import pytest

from tinyseq.backend import manual_seed, to_host
from tinyseq.data import Labelled, Parts, Series
from tinyseq.models import text_classifier as page
from tinyseq.training import Recipe, classification, loss_and_gradients, train
from tinyseq.training.classification import CORPORA, ClassificationTask, letters, pairs, words
from tinyseq.training.naive_bayes import NaiveBayes

needs_data = pytest.mark.skipif(not os.environ.get("TINYSEQ_DATA"),
                                reason="set TINYSEQ_DATA to a folder that holds sms-spam/ and the others")
RECIPE = Recipe(steps=40, batch=8, seq_len=6, lr=0.02, evaluate_every=20, threads=1)
FILLER = ["the", "film", "a", "story", "of", "two", "men"]


def reviews(n, seed):
    """Good and bad reviews: one word decides."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(n):
        text = [str(word) for word in rng.choice(FILLER, rng.integers(2, 7))]
        text.insert(int(rng.integers(len(text))), ["bad", "good"][i % 2])
        made.append(Labelled(" ".join(text), ["neg", "pos"][i % 2]))
    return made


def series(n, seed):
    """Two speakers, told apart by the sign of the second channel."""
    rng = np.random.default_rng(seed)
    return [Series(rng.standard_normal((rng.integers(3, 8), 3)) + np.array([5, 4 * (i % 2), 0]), str(i % 2 + 1))
            for i in range(n)]


TEXTS = Parts(reviews(80, 0), reviews(20, 1), reviews(20, 2))
SERIES = Parts(series(60, 0), series(20, 1), series(20, 2))
each_kind = pytest.mark.parametrize("name, parts", [("rt-polarity", TEXTS), ("japanese-vowels", SERIES)])


def task_on(name="rt-polarity", parts=TEXTS, recipe=RECIPE):
    return ClassificationTask(name, parts, recipe)


def model_of(task, **settings):
    manual_seed(0)
    return page.Model(page.Config(**{"D": 6, "H": 8, **settings}, **task.sizes))


# Batches ----------------------------------------------------------------------------------------------------

def test_a_batch_says_what_the_texts_say():
    task = task_on(recipe=Recipe(batch=5, seq_len=4))
    batch, rows = task.batch(0), task.buckets.batch(0)
    assert task.encoder.labels.decode(batch.labels) == [TEXTS.train[row].label for row in rows]
    for ids, n, row in zip(batch.inputs, batch.lengths, rows, strict=True):
        assert task.encoder.vocabulary.decode(ids[:n]) == TEXTS.train[row].text.split()[:4]
        assert (ids[n:] == task.encoder.vocabulary.pad).all()


def test_series_are_standardised_by_the_training_part():
    task = task_on("japanese-vowels", SERIES, Recipe(batch=60, seq_len=50))
    batch = task.batch(0)
    steps = np.concatenate([x[:n] for x, n in zip(batch.inputs, batch.lengths, strict=True)])
    assert batch.inputs.dtype == "float32" and task.sizes == {"V": 0, "K": 2, "channels": 3}
    np.testing.assert_allclose(steps.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(steps.std(axis=0), 1, atol=1e-5)
    other = Parts(SERIES.train, *[[Series(s.values + 100, s.label) for s in part] for part in SERIES[1:]])
    assert task_on("japanese-vowels", other).saved == task.saved


@each_kind
def test_batches_depend_on_seed_and_step_alone_and_an_epoch_has_each_once(name, parts):
    task, again, other = (task_on(name, parts, Recipe(batch=8, seq_len=50, seed=seed)) for seed in (1, 1, 2))
    task.batch(0)
    np.testing.assert_array_equal(task.batch(13).inputs, again.batch(13).inputs)
    assert not np.array_equal(task.buckets.batch(13), other.buckets.batch(13))
    rows = np.concatenate([task.buckets.batch(step) for step in range(task.buckets.steps_per_epoch)])
    assert sorted(rows) == list(range(len(parts.train)))


@each_kind
def test_threads_change_nothing(name, parts):
    task = task_on(name, parts)
    model = model_of(task, dropout=0.4).astype("float64")
    found = [loss_and_gradients(model, task.batch(0), threads, step=3) for threads in (1, 2, 3)]
    for loss, grads in found[1:]:
        assert float(loss) == pytest.approx(float(found[0][0]), rel=1e-12)
        for one, other in zip(grads, found[0][1], strict=True):
            np.testing.assert_allclose(to_host(one), to_host(other), atol=1e-12)


# Measures ---------------------------------------------------------------------------------------------------

@each_kind
@pytest.mark.parametrize("settings", [{}, {"cell": "gru", "pooling": "last"}])
def test_a_short_training_tells_them_apart(name, parts, settings):
    task = task_on(name, parts)
    model = model_of(task, dropout=0.1, **settings)
    progress = train(model, task, RECIPE)
    model.load_state_dict(progress.best_weights)
    assert progress.best <= 0.1 and model.training
    assert task.describe(progress.best).startswith("validation accuracy 9") or progress.best == 0
    found = task.test(model)
    assert list(found) == ["accuracy", "most frequent label", *(["naive Bayes"] if name == "rt-polarity" else [])]
    assert found["accuracy"] >= 0.9 and found["most frequent label"] == 0.5
    assert task.report(model).startswith(f"test accuracy {found['accuracy']:.2%}  (most frequent label 50.00%")
    assert len(task.sample(model).splitlines()) == 1 + classification.SHOWN + 1
    assert ("naive Bayes 100.00%" in task.baseline()) == (name == "rt-polarity")


def test_the_test_part_is_measured_and_no_other():
    task = task_on(parts=Parts(TEXTS.train, TEXTS.validation, [Labelled("a bad film", "pos")] * 3))
    model = model_of(task, dropout=0.0)
    right = task.encoder.classify(model, [Labelled("a bad film", "")]) == ["pos"]
    assert task.test(model) == {"accuracy": float(right), "most frequent label": 0.0, "naive Bayes": 0.0}


def test_a_text_gets_its_label_and_its_probability():
    task = task_on()
    model = model_of(task, dropout=0.0)
    train(model, task, RECIPE)
    good, bad = ClassificationTask.predict(model, task.saved, ["a good film", "a bad story of two unknown words"])
    assert good.startswith("pos  0.") and bad.startswith("neg  0.") and good.endswith("  a good film")


def test_what_is_predicted_alone_is_what_is_predicted_together():
    task = task_on()
    model = model_of(task).astype("float64")
    together = task.encoder.probabilities(model, TEXTS.test)
    alone = np.concatenate([task.encoder.probabilities(model, [item]) for item in TEXTS.test])
    np.testing.assert_allclose(together, alone, atol=1e-12)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-12)


def test_naive_bayes_by_hand():
    bayes = NaiveBayes([["a", "a", "b"], ["a"], ["c"]], ["x", "x", "y"])
    assert bayes.counts["x"] == {"a": 2, "b": 1} and bayes.total == {"x": 3 + 3, "y": 3 + 1}
    # P(x) P(a|x) P(c|x) = 2/3 3/6 1/6 = 1/18;  P(y) P(a|y) P(c|y) = 1/3 1/4 2/4 = 1/24
    assert bayes(["a", "c"]) == "x"
    assert bayes(["c"]) == "y"                             # 2/3 1/6 = 1/9 against 1/3 2/4 = 1/6
    assert bayes(["never seen"]) == "x"


def test_what_sequences_are_made_of():
    assert words("Call 08712 NOW!") == ["call", "00000", "now", "!"]
    assert letters("Bo") == [" ", "b", "o", " "] and pairs("Bo") == [" b", "bo", "o "]


# Data -------------------------------------------------------------------------------------------------------

@needs_data
@pytest.mark.parametrize("name", ["sms-spam", "rt-polarity-3", "language-names", "japanese-vowels"])
def test_each_corpus_is_found_again(name):
    task = ClassificationTask.prepare(RECIPE, name)
    again = ClassificationTask.prepare(RECIPE, name, task.saved)
    np.testing.assert_array_equal(again.batch(3).inputs, task.batch(3).inputs)
    assert name in task.note and "most frequent label" in task.baseline()
    with pytest.raises(ValueError, match="no longer those that this run was trained on"):
        ClassificationTask.prepare(RECIPE, name, {**task.saved, "labels": {"specials": [], "symbols": ["A"]}})


@needs_data
def test_auto_is_the_messages_and_the_fixed_splits_differ():
    assert ClassificationTask.prepare(RECIPE, "auto").name == "sms-spam"
    assert CORPORA["rt-polarity"].load().test != CORPORA["rt-polarity-1"].load().test


# Refused ----------------------------------------------------------------------------------------------------

def test_an_unknown_corpus_is_refused_with_the_list():
    with pytest.raises(ValueError, match="no labelled corpus 'imdb'; they are sms-spam, rt-polarity"):
        ClassificationTask.prepare(RECIPE, "imdb")


def test_a_label_that_training_never_had_is_named():
    with pytest.raises(ValueError, match="'mixed' at place 0 is not among the 2"):
        encoder = task_on().encoder
        encoder.batch([encoder.sequence(TEXTS.train[0])], ["mixed"])


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_text_is_refused(text):
    task = task_on()
    with pytest.raises(ValueError, match="has nothing in it to classify"):
        ClassificationTask.predict(model_of(task), task.saved, ["good", text])


def test_a_model_of_series_does_not_read_texts_and_another_corpus_is_not_measured():
    task = task_on("japanese-vowels", SERIES)
    with pytest.raises(ValueError, match="classifies series of vectors, not texts"):
        ClassificationTask.predict(model_of(task), task.saved, ["a"])
    with pytest.raises(ValueError, match="knows its symbols and labels alone"):
        ClassificationTask.evaluate(model_of(task), RECIPE, task.saved, "sms-spam")
