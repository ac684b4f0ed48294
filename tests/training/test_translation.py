"""The task of translating: words, batches, BLEU, the thirty pairs, runs from the command line."""
import os

import pytest

from tinyseq.backend import manual_seed
from tinyseq.cli import main
from tinyseq.data import Pair, Parts, thirty_pairs, tokens
from tinyseq.decoding import greedy
from tinyseq.models import find, preset, translator
from tinyseq.training import Recipe, train, translation
from tinyseq.training.settings import divide
from tinyseq.training.translation import TranslationTask, bleu, exact, references

needs_data = pytest.mark.skipif(not os.environ.get("TINYSEQ_DATA"),
                                reason="set TINYSEQ_DATA to a folder that holds fra-eng/")
GROUPS = {"I run.": ["Je cours.", "Moi, je cours."], "Go on.": ["Continue.", "Continuez."]}
SMALL = ["--steps", "10", "--hidden", "8", "--set", "C=8", "--threads", "1", "--set", "evaluate_every=5"]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.learning
def test_the_thirty_pairs_are_learned_exactly():
    page = find("translator")
    of_recipe, of_config = divide({**preset(page, "quick", "thirty-pairs"), "threads": 1}, page.Config)
    task = TranslationTask.prepare(Recipe(**of_recipe), "thirty-pairs")
    manual_seed(0)
    model = page.Model(page.Config(**of_config, **task.sizes))
    train(model, task, task.recipe)
    pairs = thirty_pairs()
    sources = [pair.source for pair in pairs]
    for width in (1, 5):
        assert task.translated(model, sources, width) == [pair.target for pair in pairs]
    ids = [task.sources.encode(tokens(source)) for source in sources]
    assert all(answer.ids[-1] == model.eos for answer in greedy(model, ids, 10))
    found = task.test(model)
    assert list(found) == ["BLEU", "BLEU, greedy", "exact", "word by word"] and found["exact"] == 1
    assert found["BLEU"] == found["BLEU, greedy"] == pytest.approx(100) and 0 < found["word by word"] < 90


def test_rare_words_are_unknown():
    pairs = [Pair("the cat sleeps", "le chat dort"), Pair("the dog sleeps", "le chien dort")] * 2 + [
        Pair("the cat runs", "le chat court")]
    task = TranslationTask("fra-eng", Parts(pairs, pairs, pairs), Recipe(batch=8, seq_len=5))
    assert set(task.sources.symbols) == {"<pad>", "<unk>", "the", "sleeps", "cat"}
    batch = task.batch(0)
    assert (batch.source == task.sources.unk).any() and (batch.target == task.targets.unk).any()


def test_the_model_begins_and_ends_with_the_symbols_of_the_vocabulary():
    task = TranslationTask.prepare(Recipe(steps=1, batch=30, seq_len=5), "thirty-pairs")
    model = translator.Model(translator.Config(C=4, H=4, **task.sizes))
    assert (model.sos, model.eos) == (task.targets.sos, task.targets.eos)
    batch = task.batch(0)
    assert {int(row[length - 1]) for row, length in zip(batch.target, batch.target_lengths, strict=True)} == {model.eos}


# The measures -----------------------------------------------------------------------------------------------

def test_every_listed_translation_is_a_reference():
    pairs = [Pair(english, french) for english, of_one in GROUPS.items() for french in of_one]
    assert references(pairs) == GROUPS
    assert bleu(["je cours.", "continuez."], GROUPS) == pytest.approx(100)
    assert exact(["je cours.", "continuez."], GROUPS) == 1
    assert exact(["je cours.", "continuons."], GROUPS) == 0.5


def test_bleu_of_long_sentences_counts_four_words():
    right = {"x": ["un deux trois quatre cinq six sept"]}
    assert bleu(["un deux trois quatre cinq six sept"], right) == pytest.approx(100)
    assert bleu(["sept six cinq quatre trois deux un"], right) < 15
    # Six words of seven in their places: precisions 6/7, 4/6, 3/5, 2/4.
    wanted = 100 * (6 / 7 * 4 / 6 * 3 / 5 * 2 / 4) ** 0.25
    assert bleu(["un deux trois quatre cinq dix sept"], right) == pytest.approx(wanted, rel=1e-6)


# Runs -------------------------------------------------------------------------------------------------------

def test_a_run_is_trained_measured_and_asked(workplace, capsys):
    assert main(["train", "translator", "--corpus", "thirty-pairs", *SMALL, "--out", "run"]) == 0
    out = capsys.readouterr().out
    assert main(["evaluate", "run"]) == 0
    assert capsys.readouterr().out.strip() in out
    assert main(["predict", "run", "I am tall", "She is calm."]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["predict", "run", "  "]) == 2
    assert "has no word to translate" in capsys.readouterr().err


def test_without_sacrebleu_nothing_is_begun(workplace, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(translation, "find_spec", lambda name: None)
    assert main(["train", "translator", "--corpus", "thirty-pairs", *SMALL, "--out", "run"]) == 2
    err = capsys.readouterr().err
    assert "pip install sacrebleu" in err and len(err.splitlines()) == 1 and not list(tmp_path.iterdir())


def test_either_language_may_be_the_source(workplace, capsys, monkeypatch):
    pairs = thirty_pairs()
    monkeypatch.setattr(translation, "fra_eng", lambda: Parts(pairs[:20], pairs[20:25], pairs[25:]))
    monkeypatch.setitem(translation.CORPORA, "from-french", translation.CORPORA["from-french"]._replace(known=1))
    assert main(["train", "translator", "--corpus", "from-french", *SMALL, "--out", "run"]) == 0
    assert "22 French and 17 English words" in capsys.readouterr().err
    assert main(["predict", "run", "elle est grande"]) == 0
    assert not {"est", "grande", "elle"} & set(capsys.readouterr().out.split())


def test_another_corpus_is_refused(workplace, capsys):
    assert main(["train", "translator", "--corpus", "deu-eng", *SMALL]) == 2
    assert "there is no corpus of translations 'deu-eng'" in capsys.readouterr().err


@pytest.mark.parametrize("field, value, words", [("attention", "hard", "attention is one of none, additive"),
                                                 ("decoder", "greedy", "decoder is one of luong"),
                                                 ("encoder", "conv", "encoder is one of recurrent, self_attentive"),
                                                 ("cell", "rwkv", "cell is one of rnn, lstm, gru"),
                                                 ("output", "none", "output is one of tanh, context"),
                                                 ("H", 5, "so it is even; got 5")])
def test_a_part_that_is_none_is_refused(field, value, words):
    with pytest.raises(ValueError, match=words):
        translator.Model(translator.Config(**{field: value}))


@needs_data
def test_the_corpora():
    task = TranslationTask.prepare(Recipe(steps=1, batch=4, seq_len=20), "auto")
    assert "pairs to train / validate / test: 114,967 / 6,354 / 6,398" in task.note
    assert len(references(task.parts.test)) == 4397 and task.sizes["V_target"] > 9000
    small = TranslationTask.prepare(Recipe(steps=1, batch=4, seq_len=20), "book-pairs")
    assert len(small.parts.train) > 5000 and all(len(pair.source.split()) < 10 for pair in small.parts.train)
