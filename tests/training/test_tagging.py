"""The tagging task: vocabularies of the training part alone, batches, measures, runs, refusals."""
import os

import numpy as np
import pytest

from tinyseq.backend import manual_seed, to_host
from tinyseq.data import Parts, Tagged
from tinyseq.models import bilstm_crf, bilstm_tagger
from tinyseq.training import Recipe, loss_and_gradients, tagging, tasks, train
from tinyseq.training.entities import EntityTask
from tinyseq.training.tagging import Reader, TaggingTask, most_frequent_tags, written

needs_data = pytest.mark.skipif(not os.environ.get("TINYSEQ_DATA"),
                                reason="set TINYSEQ_DATA to a folder that holds wnut17/ and ud-english-ewt/")
RECIPE = Recipe(steps=60, batch=4, seq_len=6, lr=0.02, evaluate_every=30, threads=1)
NAMES, VERBS = ["Anna", "Bob", "Carla", "Dan"], ["runs", "sees", "likes", "calls"]


def sentences(n, seed):
    """Names are persons, of one word or two; nothing else is an entity."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        words, tags = [], []
        for _ in range(rng.integers(1, 4)):
            words += [str(rng.choice(VERBS)), str(rng.choice(NAMES))]
            tags += ["O", "B-person"]
            if rng.random() < 0.3:
                words.append("Smith")
                tags.append("I-person")
        made.append(Tagged(tuple(words), tuple(tags)))
    return made


PARTS = Parts(sentences(60, 0), sentences(12, 1), sentences(12, 2))


def task_on(parts=PARTS, recipe=RECIPE, name="wnut17"):
    return TaggingTask(name, parts, recipe)


def model_of(page, task, **settings):
    manual_seed(0)
    return page.Model(page.Config(**{"C": 6, "D": 4, "F": 6, "H": 8, **settings}, **task.sizes))


# Batches ----------------------------------------------------------------------------------------------------

def test_a_batch_says_what_the_sentences_say():
    task = task_on(recipe=Recipe(batch=3, seq_len=5))
    reader, batch = task.reader, task.batch(0)
    assert batch.words.shape == batch.tags.shape == batch.spelling.shape == (3, max(batch.lengths))
    assert max(batch.lengths) <= 5
    for b, n in enumerate(batch.lengths):
        forms = [reader.letters.decode(batch.letters[u][:batch.letter_counts[u]]) for u in batch.spelling[b, :n]]
        for form, word in zip(forms, reader.words.decode(batch.words[b, :n]), strict=True):
            assert word in ("<unk>", "".join(form).lower())
        assert (batch.tags[b, :n] >= 0).all() and (batch.tags[b, n:] == -1).all()
    assert len(batch.letters) == len({tuple(row) for row in batch.letters.tolist()}), "each word is spelled once"


def test_batches_depend_on_seed_and_step_alone_and_an_epoch_has_each_sentence_once():
    task, again, other = (task_on(recipe=Recipe(batch=8, seq_len=50, seed=seed)) for seed in (1, 1, 2))
    task.batch(0)
    for name in ("words", "tags", "letters"):
        np.testing.assert_array_equal(getattr(task.batch(11), name), getattr(again.batch(11), name))
    assert not np.array_equal(task.batch(11).tags, other.batch(11).tags)
    rows = np.concatenate([task.buckets.batch(step) for step in range(task.buckets.steps_per_epoch)])
    assert sorted(rows) == list(range(60))


def test_rare_words_are_read_as_unknown_now_and_then_and_only_in_training():
    task = task_on()
    unk = task.reader.words.unk
    share = np.mean([np.mean(b.words[b.tags >= 0] == unk) for b in map(task.batch, range(40))])
    assert 0.05 < share < 0.3
    assert (task.unread[2:] == 3 / (3 + counts_of(task))).all()
    assert unk not in task.reader.batch(PARTS.train).words


def counts_of(task):
    words = [word.lower() for s in PARTS.train for word in s.words]
    return np.array([words.count(word) for word in task.reader.words.symbols[2:]])


@pytest.mark.parametrize("shards", [1, 2, 3, 9])
def test_shards_have_the_letters_of_their_own_words(shards):
    batch = task_on(recipe=Recipe(batch=7, seq_len=50)).batch(0)
    parts = batch.split(shards)
    assert [part.first_row for part in parts] == np.cumsum([0, *(len(p.words) for p in parts[:-1])]).tolist()
    np.testing.assert_array_equal(np.concatenate([part.words for part in parts]), batch.words)
    whole = np.concatenate([part.letters[part.spelling] for part in parts])
    np.testing.assert_array_equal(whole, batch.letters[batch.spelling])
    assert all(len(np.unique(part.spelling)) == len(part.letters) for part in parts)


@pytest.mark.parametrize("page", [bilstm_tagger, bilstm_crf])
def test_threads_change_nothing(page):
    task = task_on(recipe=Recipe(batch=7, seq_len=50))
    model = model_of(page, task, dropout=0.4).astype("float64")
    found = [loss_and_gradients(model, task.batch(0), threads, step=3) for threads in (1, 2, 3)]
    for loss, grads in found[1:]:
        assert float(loss) == pytest.approx(float(found[0][0]), rel=1e-12)
        for one, other in zip(grads, found[0][1], strict=True):
            np.testing.assert_allclose(to_host(one), to_host(other), atol=1e-12)


# No leak ----------------------------------------------------------------------------------------------------

def test_vocabularies_know_the_training_part_alone():
    strange = [Tagged(("Zürich", "Anna"), ("O", "B-person"))]
    task = task_on(Parts(PARTS.train, strange, strange))
    assert task.saved == task_on().saved
    assert "zürich" not in task.reader.words and "ü" not in task.reader.letters


def test_words_seen_once_share_the_row_of_unknown_ones():
    task = task_on(Parts([*PARTS.train, Tagged(("Quentin",), ("B-person",))], PARTS.validation, PARTS.test))
    assert "quentin" not in task.reader.words and "anna" in task.reader.words
    assert task.reader.batch([Tagged(("Quentin",), ())]).words.tolist() == [[task.reader.words.unk]]


# Measures ---------------------------------------------------------------------------------------------------

def test_the_corpus_says_what_is_measured():
    entities, accuracy = task_on(), task_on(name="ud-english-ewt")
    assert entities.describe(0.25) == "validation entity F1 75.00%"
    assert accuracy.describe(0.25) == "validation accuracy 75.00%"


def test_the_test_part_is_measured_and_no_other():
    task = task_on(Parts(PARTS.train, PARTS.validation, [Tagged(("Anna", "sees", "Zoe"), ("O", "O", "B-person"))]))
    assert task.test(model_of(bilstm_tagger, task))["most frequent tag"] == 0       # Anna is none here, Zoe unknown
    task = task_on(task.parts, name="ud-english-ewt")
    model = model_of(bilstm_tagger, task)
    right = [a == b for a, b in zip(task.reader.tag(model, task.parts.test)[0], ("O", "O", "B-person"), strict=True)]
    assert task.test(model) == {"accuracy": sum(right) / 3, "most frequent tag": 1 / 3}


@pytest.mark.parametrize("page", [bilstm_tagger, bilstm_crf])
def test_a_short_training_finds_the_persons(page, capsys):
    task = task_on()
    model = model_of(page, task, dropout=0.1)
    before = task.validate(model)["validation"]
    progress = train(model, task, RECIPE)
    model.load_state_dict(progress.best_weights)
    assert progress.best < 0.1 < before
    assert model.training
    found = task.test(model)
    assert list(found) == ["entity F1", "most frequent tag"] and min(found.values()) > 0.5
    assert task.report(model) == (f"test entity F1 {found['entity F1']:.2%}  (most frequent tag of each word: "
                                  f"{found['most frequent tag']:.2%})")
    sample = task.sample(model).splitlines()
    assert len(sample) == tagging.SHOWN + 1 and "/B-person" in "".join(sample)
    assert TaggingTask.predict(model, task.saved, ["Bob sees Anna"])[0] == "Bob/B-person sees Anna/B-person"


def test_no_entity_of_an_answer_goes_on_with_nothing():
    task = task_on()
    for page in (bilstm_tagger, bilstm_crf):
        for tags in task.reader.tag(model_of(page, task), PARTS.validation):
            for before, tag in zip(["O", *tags], tags, strict=False):
                assert not (tag == "I-person" and before == "O")


def test_the_most_frequent_tag_and_unknown_words():
    training = [Tagged(("a", "b", "a"), ("X", "Y", "Z")), Tagged(("a",), ("Z",))]
    assert most_frequent_tags(training, [Tagged(("b", "a", "c"), ())], "U") == [["Y", "Z", "U"]]


def test_tags_are_written_behind_their_words():
    assert written(["Bob", "runs"], ["B-person", "O"]) == "Bob/B-person runs"


def test_texts_are_cut_into_words_as_the_corpora_are():
    text = "I don't see Bob's dog, do you? See www.a.com: it's 12:30!"
    assert tagging.WORD.findall(text) == ["I", "do", "n't", "see", "Bob", "'s", "dog", ",", "do", "you", "?", "See",
                                          "www.a.com", ":", "it", "'s", "12:30", "!"]


# Data -------------------------------------------------------------------------------------------------------

@needs_data
@pytest.mark.parametrize("kind, name, baseline", [
    (TaggingTask, "ud-english-ewt", "accuracy 86.93%"), (EntityTask, "wnut17", "entity F1 ")])
def test_each_task_has_its_corpus(kind, name, baseline):
    task = kind.prepare(RECIPE, "auto")
    assert task.name == name and task.sizes["K"] == (17 if name == "ud-english-ewt" else 13)
    assert name in task.note and baseline in task.baseline()
    again = kind.prepare(RECIPE, name, task.saved)
    np.testing.assert_array_equal(again.batch(5).words, task.batch(5).words)
    damaged = {**task.saved, "tags": {"specials": [], "symbols": ["A"]}}
    with pytest.raises(ValueError, match="no longer those that this run was trained on"):
        kind.prepare(RECIPE, name, damaged)


def test_tasks_are_found_by_name():
    assert tasks.find("tagging") is TaggingTask and tasks.find("entities") is EntityTask


# Refused ----------------------------------------------------------------------------------------------------

def test_an_unknown_corpus_is_refused_with_the_list():
    with pytest.raises(ValueError, match="no tagged corpus 'ptb'; they are ud-english-ewt, wnut17"):
        TaggingTask.prepare(RECIPE, "ptb")


def test_a_tag_that_training_never_had_is_named():
    with pytest.raises(ValueError, match="'B-group' at place 0 is not among the 3"):
        task_on(Parts(PARTS.train, [Tagged(("Abba",), ("B-group",))], PARTS.test)).reader.batch(
            [Tagged(("Abba",), ("B-group",))])


def test_an_empty_text_is_refused():
    task = task_on()
    with pytest.raises(ValueError, match=r"the text '  ' has no words to tag"):
        TaggingTask.predict(model_of(bilstm_crf, task), task.saved, ["Bob", "  "])


def test_a_file_of_another_kind_may_be_measured_and_a_malformed_line_is_named(tmp_path):
    task = task_on()
    model = model_of(bilstm_crf, task)
    (tmp_path / "good").write_text("Bob\tB-person\nruns\tO\n\nAnna\tB-person\n", encoding="utf-8")
    (tmp_path / "bad").write_text("Bob\tB-person\nruns O\n", encoding="utf-8")
    (tmp_path / "new").write_text("Abba\tB-group\n", encoding="utf-8")
    note, line = TaggingTask.evaluate(model, RECIPE, task.saved, str(tmp_path / "good"))
    assert "2 sentences" in note and line.startswith("entity F1 ")
    with pytest.raises(ValueError, match="bad, line 2: expected a token, a tab"):
        TaggingTask.evaluate(model, RECIPE, task.saved, str(tmp_path / "bad"))
    with pytest.raises(ValueError, match="'B-group'"):
        TaggingTask.evaluate(model, RECIPE, task.saved, str(tmp_path / "new"))


def test_a_reader_is_restored_from_what_is_saved():
    reader = task_on().reader
    again = Reader.restored(reader.saved)
    assert again.saved == reader.saved and again.sizes == reader.sizes
