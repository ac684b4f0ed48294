"""The task of predicting the next word: the split, the unknown word, the baselines, sentences that end."""
import math

import numpy as np
import pytest

from tinyseq.backend import manual_seed
from tinyseq.data import Corpus, counting, interpolated, words_of
from tinyseq.models import word_lm
from tinyseq.training import Recipe, train
from tinyseq.training.characters import nats_per_character
from tinyseq.training.words import LONGEST, SENTENCES, WordTask

RNG = np.random.default_rng(0)
SPEECHES = [("Ann Bob".split()[a], "cat dog king".split()[b], "saw ate fed".split()[c], ".?!"[d])
            for a, b, c, d in RNG.integers(0, [2, 3, 3, 3], (150, 4))]
TEXT = "".join(f"{who}:\n{who} the {what} {verb} the mat{end}\n\n" for who, what, verb, end in SPEECHES)
CORPUS = Corpus("test", TEXT, "corpus: test")
RECIPE = Recipe(steps=150, batch=4, seq_len=8, lr=0.05, threads=1, evaluate_every=150)


def model_of(task, **settings):
    manual_seed(0)
    return word_lm.WordLM(word_lm.Config(**{"V": len(task.vocabulary), "H": 8, "dropout": 0.0, **settings}))


@pytest.fixture(scope="module")
def trained():
    task = WordTask(CORPUS, RECIPE)
    model = model_of(task, H=16)
    return model, task, train(model, task, RECIPE)


# The split --------------------------------------------------------------------------------------------------

def test_three_parts_one_after_the_other():
    task = WordTask(CORPUS, RECIPE)
    parts = [task.train_ids, task.validation_ids, task.test_ids]
    N = len(words_of(TEXT))
    assert len(task.train_ids) == int(0.9 * N) and abs(len(task.validation_ids) - len(task.test_ids)) <= 1
    assert task.vocabulary.decode(np.concatenate(parts)) == TEXT


def test_a_word_is_known_by_the_training_part_alone():
    tail = "zebra " * 60                                   # only held out, however often
    task = WordTask(Corpus("x", TEXT + "rare " + TEXT + tail, ""), RECIPE)
    assert "zebra" not in task.vocabulary and "rare" not in task.vocabulary and "cat" in task.vocabulary
    assert (task.test_ids == task.vocabulary.unk).sum() >= 50


def test_the_model_and_counting_predict_the_same_ids():
    task = WordTask(CORPUS, RECIPE)
    V = len(task.vocabulary)
    nats = interpolated(task.train_ids, task.validation_ids, V, 3)
    others = counting(task.train_ids, task.validation_ids, V, 3)
    assert f"interpolated 3-grams {nats:.4f} nats/word (perplexity {math.exp(nats):.2f})" in task.baseline()
    assert f"Witten-Bell 3-grams {others:.4f} nats/word" in task.baseline()
    assert "0.0% of the words are unknown" in task.baseline() and task.baseline().startswith("to beat in validation")
    assert task.sizes == {"V": V}


# Training and measuring -------------------------------------------------------------------------------------

def test_it_learns(trained):
    model, task, progress = trained
    assert progress.best < math.log(len(task.vocabulary)) / 2
    assert task.validate(model)["validation"] == pytest.approx(progress.best, rel=1e-5)
    assert task.describe(1.0) == "validation 1.0000 nats/word  1.4427 bits/word  perplexity 2.72"


@pytest.fixture
def file(tmp_path):
    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    (tmp_path / "other").write_text("Ann saw the zebra.\n" * 20, encoding="utf-8")
    return tmp_path


def test_evaluate_measures_the_test_part_beside_counting(trained, file):
    model, _, _ = trained
    task = WordTask.prepare(RECIPE, str(file / "text"))
    note, lines = WordTask.evaluate(model, RECIPE, task.saved, None)
    nats = nats_per_character(model, task.test_ids)
    assert note.endswith("its test part")
    found = task.test(model)
    assert list(found) == ["perplexity", "interpolated 3-grams", "Witten-Bell 3-grams"]
    assert found["perplexity"] == pytest.approx(math.exp(nats))
    assert found["interpolated 3-grams"] == pytest.approx(
        math.exp(interpolated(task.train_ids, task.test_ids, len(task.vocabulary), 3)))
    assert lines == task.report(model) and lines.startswith(f"test {nats:.4f} nats/word")
    assert f"\nto beat: interpolated 3-grams {math.log(found['interpolated 3-grams']):.4f} nats/word" in lines


def test_evaluate_on_another_text_counts_its_unknown_words(trained, file):
    model, _, _ = trained
    task = WordTask.prepare(RECIPE, str(file / "text"))
    note, lines = WordTask.evaluate(model, RECIPE, task.saved, str(file / "other"))
    assert note.endswith("all of it") and lines.startswith("text ") and "16.7% of the words are unknown" in lines


def test_a_run_knows_its_words_again(file):
    task = WordTask.prepare(RECIPE, str(file / "text"))
    again = WordTask.prepare(RECIPE, str(file / "text"), task.saved)
    assert again.vocabulary.symbols == task.vocabulary.symbols
    assert np.array_equal(again.test_ids, task.test_ids)
    (file / "text").write_text(TEXT + "more", encoding="utf-8")
    with pytest.raises(ValueError, match="not the text that this run was trained on"):
        WordTask.prepare(RECIPE, str(file / "text"), task.saved)


# Writing ----------------------------------------------------------------------------------------------------

def written(trained, prompt, length, stop, seed=0, temperature=1.0):
    model, task, _ = trained
    return "".join(WordTask.write(model, task.saved, prompt, length, stop, temperature=temperature, seed=seed))


@pytest.mark.parametrize("seed", range(5))
def test_a_text_ends_with_its_first_sentence(trained, seed):
    text = written(trained, "\n\n", 200, None, seed)
    assert text[-1] in ".?!" and not set(".?!") & set(text[:-1])
    assert text == written(trained, "\n\n", 200, None, seed)


def test_it_ends_with_what_the_user_names_or_goes_on(trained):
    on = written(trained, "Ann", 60, "")
    assert len(words_of(on)) == 61
    assert written(trained, "Ann", 60, "the") == on[:on.index(" the") + 4]
    assert written(trained, "Ann", 60, "mat!", 3).endswith("mat!") or "mat!" not in written(trained, "Ann", 60, "", 3)


def test_the_prompt_stands_before_the_text_with_one_blank(trained):
    text = written(trained, "Ann the", 1, "")
    assert text.startswith("Ann the ") and len(text.split()) == 3


def test_a_prompt_is_read_after_an_empty_line_that_is_not_shown(trained):
    model, task, _ = trained
    read, whole = [], model.step
    model.step = lambda ids, state: read.append(int(ids[0])) or whole(ids, state)
    try:
        written(trained, "Ann", 0, None)
    finally:
        del model.step
    assert task.vocabulary.decode(read) == "\n\nAnn"


def test_the_unknown_word_is_never_written():
    task = WordTask(CORPUS, RECIPE)
    model = model_of(task)
    weights = model.state_dict()
    weights["b_y"][task.vocabulary.unk] = 50               # it expects nothing else
    model.load_state_dict(weights)
    assert "<unk>" not in written((model, task, None), None, 50, "", temperature=0)


@pytest.mark.parametrize("arguments, message", [
    (("zebra", 5, None), "word 'zebra' at place 0 is not among"), (("Ann", 5, "zebra"), "'zebra'"),
    (("Ann", -1, None), "length is at least 0")])
def test_mistakes_come_before_the_first_word(trained, arguments, message):
    model, task, _ = trained
    with pytest.raises(ValueError, match=message):
        next(WordTask.write(model, task.saved, *arguments))


def test_a_sample_is_some_sentences(trained):
    model, task, _ = trained
    sample, report = task.sample(model), task.report(model)
    assert sample == task.sample(model) and sample.endswith("\n\n" + report)
    sentences = sample.removesuffix(report)
    assert sum(sentences.count(sign) for sign in ".?!") <= SENTENCES
    assert len(words_of(sentences)) <= SENTENCES * (LONGEST + 2)


def test_a_text_without_line_ends_and_full_stops_can_be_sampled():
    task = WordTask(Corpus("x", "to be or not to be " * 60, ""), RECIPE)
    sentences = task.sample(model_of(task)).partition("\n\ntest ")[0]
    assert set(words_of(sentences)) <= {"to", "be", "or", "not", "\n"}


def test_a_text_too_short_says_so():
    with pytest.raises(ValueError, match="too short"):
        WordTask(Corpus("x", "to be or not to be", ""), RECIPE)
