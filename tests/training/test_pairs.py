"""The task that either pronounces or translates: the corpus says which, in training and of a run."""
from itertools import product

import pytest

from tinyseq import models
from tinyseq.cli import main
from tinyseq.data import Parts, Pronounced
from tinyseq.training import Recipe, pronunciation, tasks
from tinyseq.training.pronunciation import PronunciationTask
from tinyseq.training.translation import TranslationTask

RECIPE = Recipe(steps=1, batch=4, seq_len=20)
SMALL = ["--steps", "20", "--batch", "8", "--threads", "1",
         *(part for field in ("C=8", "num_layers=1", "num_heads=2", "evaluate_every=10", "warmup=0")
           for part in ("--set", field))]
Task = tasks.find("pairs")
SOUNDS = {"a": "AE", "b": "B", "d": "D", "e": "EH"}
ENTRIES = [Pronounced("".join(word), (tuple(SOUNDS[letter] for letter in word),)) for word in product("bd", "ae", "bd")]
WORDS = Parts(ENTRIES, ENTRIES[:3], ENTRIES[3:5])


def test_the_corpus_says_which(monkeypatch):
    monkeypatch.setattr(pronunciation, "cmudict", lambda: WORDS)
    assert type(Task.prepare(RECIPE, "cmudict")) is PronunciationTask
    assert type(Task.prepare(RECIPE, "thirty-pairs")) is TranslationTask
    with pytest.raises(ValueError, match=r"no corpus of pairs 'oed'; they are fra-eng, .*thirty-pairs and cmudict"):
        Task.prepare(RECIPE, "oed")


def test_each_has_a_recipe_of_its_own():
    page = models.find("seq2seq_transformer")
    assert models.preset(page, "quick", "cmudict")["seq_len"] == 24 != models.preset(page, "quick", None)["seq_len"]
    assert models.preset(page, "quick", "thirty-pairs")["batch"] == 30


@pytest.mark.parametrize("corpus, text", [("cmudict", "bad deb"), ("thirty-pairs", "I am happy")])
def test_a_run_is_trained_measured_and_asked(corpus, text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pronunciation, "cmudict", lambda: WORDS)
    assert main(["train", "seq2seq_transformer", "--corpus", corpus, *SMALL, "--out", "run"]) == 0
    out = capsys.readouterr().out
    assert main(["evaluate", "run"]) == 0
    assert capsys.readouterr().out.strip() in out
    assert main(["predict", "run", text]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["train", "--resume", "run", "--steps", "22"]) == 0
