"""The task of predicting the next character: batches, carried state, validation, what a run remembers."""
import itertools
import math

import numpy as np
import pytest

from tinyseq.autograd import no_grad
from tinyseq.backend import manual_seed, to_host
from tinyseq.data import Corpus
from tinyseq.models import char_gru, char_lstm, char_rnn
from tinyseq.training import CharacterTask, Recipe, TextBatch, characters, loss_and_gradients, nats_per_character

TEXT = "".join("the cat sat on the mat."[i * i % 23] for i in range(600)) + "the end.\n"
CORPUS = Corpus("test", TEXT, "corpus: test")
RECIPE = Recipe(steps=4, batch=2, seq_len=5, threads=1)
PAGES = pytest.mark.parametrize("page", [char_rnn, char_lstm, char_gru], ids=lambda page: page.__name__)


def model_of(page, V, dropout=0.0, H=6):
    manual_seed(0)
    return page.Model(page.Config(V=V, H=H, dropout=dropout)).astype("float64")


def one_pass(model, ids):
    """-ln P of each id but the first, by one call over the whole text."""
    model.eval()
    with no_grad():
        logits = model(ids[None, :-1])[0].numpy()[0]
    model.train()
    log_p = logits - logits.max(axis=-1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=-1, keepdims=True))
    return -log_p[np.arange(len(ids) - 1), ids[1:]]


# Carried state ----------------------------------------------------------------------------------------------

@PAGES
def test_streams_with_carried_state_are_one_long_sequence(page):
    task = CharacterTask(CORPUS, RECIPE)
    model = model_of(page, len(task.vocabulary))
    steps, losses, rows, targets = 6, [], [], []
    for step in range(steps):
        batch = task.batch(step)
        losses.append(float(loss_and_gradients(model, batch, 2, step)[0]))
        task.after(batch)
        rows.append(batch.ids)
        targets.append(batch.targets)
    together = TextBatch(np.concatenate(rows, axis=1), np.concatenate(targets, axis=1))
    loss, _ = loss_and_gradients(model, together, 1)
    assert float(loss) == pytest.approx(np.mean(losses), rel=1e-12)
    for one, other in zip(task.state.arrays(), together.last_state.arrays(), strict=True):
        np.testing.assert_allclose(to_host(one), to_host(other), atol=1e-12)
    from_zeros = TextBatch(rows[-1], targets[-1])          # so that forgetting the state would be something else
    assert float(loss_and_gradients(model, from_zeros, 1)[0]) != pytest.approx(losses[-1], rel=1e-6)


def test_the_state_starts_from_zeros_in_each_pass():
    task = CharacterTask(CORPUS, RECIPE)
    S = task.batches.steps_per_pass
    model = model_of(char_lstm, len(task.vocabulary))
    for step in range(2 * S + 1):
        batch = task.batch(step)
        assert (batch.state is None) == (step % S == 0), step
        loss_and_gradients(model, batch, 1, step)
        task.after(batch)


def test_windows_start_from_zeros_each_time():
    task = CharacterTask(CORPUS, Recipe(**{**vars(RECIPE), "batches": "windows"}))
    model = model_of(char_lstm, len(task.vocabulary))
    for step in range(3):
        batch = task.batch(step)
        assert batch.state is None
        loss_and_gradients(model, batch, 1, step)
        task.after(batch)


@PAGES
def test_the_carried_state_is_saved_and_taken_back(page):
    task, other = CharacterTask(CORPUS, RECIPE), CharacterTask(CORPUS, RECIPE)
    model = model_of(page, len(task.vocabulary))
    assert task.state_dict() == {}
    other.load_state_dict(model, {})
    assert other.state is None
    batch = task.batch(0)
    loss_and_gradients(model, batch, 2)
    task.after(batch)
    saved = {name: to_host(array) for name, array in task.state_dict().items()}
    assert len(saved) == (2 if page is char_lstm else 1)
    other.load_state_dict(model, saved)
    for one, two in zip(task.state.arrays(), other.state.arrays(), strict=True):
        assert np.array_equal(to_host(one), to_host(two))
    assert [type(cell) for cell in task.state] == [type(cell) for cell in other.state]


# Validation -------------------------------------------------------------------------------------------------

@PAGES
@pytest.mark.parametrize("chunk", [1, 7, 30, 60, 61, 1024])
def test_validation_is_one_pass_over_the_whole_stream(page, chunk, monkeypatch):
    monkeypatch.setattr(characters, "CHUNK", chunk)
    task = CharacterTask(CORPUS, RECIPE)
    model = model_of(page, len(task.vocabulary), dropout=0.5)
    ids = task.validation_ids
    assert len(ids) == 61
    assert task.validate(model) == {"validation": pytest.approx(one_pass(model, ids).mean(), rel=1e-12)}
    assert model.training


def test_validation_asks_for_every_prediction_exactly_once(monkeypatch):
    monkeypatch.setattr(characters, "CHUNK", 8)
    task = CharacterTask(CORPUS, RECIPE)
    model = model_of(char_lstm, len(task.vocabulary))
    asked, whole = [], model.loss

    def loss(batch):
        assert not model.training and batch.ids.shape[0] == 1
        asked.extend(zip(batch.ids[0].tolist(), batch.targets[0].tolist(), strict=True))
        return whole(batch)
    model.loss = loss
    nats_per_character(model, task.validation_ids)
    ids = task.validation_ids.tolist()
    assert asked == list(itertools.pairwise(ids))


def test_the_held_out_tail_is_the_last_tenth_and_never_trained_on():
    task = CharacterTask(CORPUS, RECIPE)
    both = np.concatenate([task.train_ids, task.validation_ids])
    assert task.vocabulary.decode(both) == TEXT and len(task.train_ids) == int(len(TEXT) * 0.9)
    assert task.batches.ids.tolist() == task.train_ids.tolist()


def test_evaluation_mode_is_left_as_it_was_found():
    task = CharacterTask(CORPUS, RECIPE)
    model = model_of(char_rnn, len(task.vocabulary)).eval()
    task.validate(model)
    assert not model.training


def test_a_uniform_model_needs_the_logarithm_of_the_vocabulary():
    task = CharacterTask(CORPUS, RECIPE)
    V = len(task.vocabulary)
    model = model_of(char_rnn, V)
    model.load_state_dict({name: np.zeros(p.shape) for name, p in model.named_parameters()})
    assert task.validate(model)["validation"] == pytest.approx(math.log(V), rel=1e-12)


def test_the_measure_in_three_ways():
    assert CharacterTask.describe(1.6213) == "validation 1.6213 nats/char  2.3390 bits/char  perplexity 5.06"
    assert "perplexity" in CharacterTask.describe(1e6)     # exp would overflow


# Evaluating -------------------------------------------------------------------------------------------------

@pytest.fixture
def files(tmp_path):
    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    (tmp_path / "other").write_text(TEXT[::-1], encoding="utf-8")
    return tmp_path


def test_evaluate_measures_the_tail_of_its_own_text_and_all_of_another(files):
    task = CharacterTask.prepare(RECIPE, str(files / "text"))
    model = model_of(char_lstm, len(task.vocabulary))
    note, line = CharacterTask.evaluate(model, RECIPE, task.saved, None)
    assert "held-out tail" in note and line == task.describe(task.validate(model)["validation"])
    assert CharacterTask.evaluate(model, RECIPE, task.saved, str(files / "text"))[1] == line
    note, line = CharacterTask.evaluate(model, RECIPE, task.saved, str(files / "other"))
    other = nats_per_character(model, task.vocabulary.encode(TEXT[::-1]))
    assert "all of it" in note and line == task.describe(other)


def test_a_changed_text_is_noticed(files):
    task = CharacterTask.prepare(RECIPE, str(files / "text"))
    CharacterTask.prepare(RECIPE, str(files / "text"), task.saved)
    (files / "text").write_text(TEXT + "a", encoding="utf-8")
    with pytest.raises(ValueError, match="not the text that this run was trained on"):
        CharacterTask.prepare(RECIPE, str(files / "text"), task.saved)
    with pytest.raises(ValueError, match="no longer the text"):
        CharacterTask.evaluate(model_of(char_rnn, len(task.vocabulary)), RECIPE, task.saved, None)


# Small texts ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("N", range(11, 60, 4))
def test_the_baseline_of_a_short_text_is_a_number(N):
    task = CharacterTask(Corpus("short", TEXT[:N], ""), Recipe(batch=1, seq_len=2))
    nats = float(task.baseline().partition(" reaches ")[2].split()[0])
    assert 0 < nats < 10


def test_the_baseline_says_which_grams_it_counted():
    assert "counting 5-grams reaches" in CharacterTask(CORPUS, RECIPE).baseline()
    assert "counting 1-grams" in CharacterTask(Corpus("short", TEXT[:11], ""), Recipe(batch=1, seq_len=2)).baseline()


@pytest.mark.parametrize("text, start", [("ab\ncd\n" * 10, "\n"), ("zabc" * 10, "a")])
def test_a_sample_begins_after_a_new_line_where_there_is_one(text, start):
    task = CharacterTask(Corpus("x", text, ""), Recipe(batch=1, seq_len=2))
    assert characters.opening(task.vocabulary) == start
    model = model_of(char_rnn, len(task.vocabulary))
    sample = task.sample(model)
    assert len(sample) == characters.SAMPLE and set(sample) <= set(text) and sample == task.sample(model)
