"""The task of pronouncing: pairs, batches, scheduled sampling, word and phone error, runs from the command line."""
import os
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.backend import manual_seed
from tinyseq.cli import main
from tinyseq.data import Parts, Pronounced
from tinyseq.models import g2p_seq2seq
from tinyseq.training import Recipe, pronunciation, train
from tinyseq.training.answering import answers
from tinyseq.training.pronunciation import PronunciationTask, edits, phone_error, word_error
from tinyseq.training.sampling import SAMPLINGS, probability_of_truth

needs_data = pytest.mark.skipif(not os.environ.get("TINYSEQ_DATA"),
                                reason="set TINYSEQ_DATA to a folder that holds cmudict/")
RECIPE = Recipe(steps=150, batch=32, seq_len=6, lr=0.02, evaluate_every=75, threads=1)
SOUNDS = {"a": "AH", "b": "B", "d": "D", "e": "EH", "k": "K"}


def entries(n, seed):
    """Words whose letters are said one by one; "a" at the beginning of a word may be said EY as well."""
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list(SOUNDS), rng.integers(1, 5))) for _ in range(n)]
    made = []
    for word in words:
        phones = tuple(SOUNDS[letter] for letter in word)
        made.append(Pronounced(word, (phones, ("EY", *phones[1:])) if word[0] == "a" else (phones,)))
    return made


PARTS = Parts(entries(300, 0), entries(30, 1), entries(30, 2))


def model_of(task, **settings):
    manual_seed(0)
    sizes = {"C": 8, "H": 32, "dropout": 0.0, **settings}
    return g2p_seq2seq.Model(g2p_seq2seq.Config(**sizes, **task.sizes))


def test_every_pronunciation_is_a_pair_and_ends_in_eos():
    entry = Pronounced("ab", (("AH", "B"), ("EY", "B")))
    task = PronunciationTask(Parts([entry], PARTS.validation, PARTS.test), RECIPE)
    batch = task.batch(0)
    assert batch.truth is None and batch.source.tolist() == [[1, 2], [1, 2]]
    assert sorted(task.targets.decode(row) for row in batch.target) == [["AH", "B"], ["EY", "B"]]
    assert (batch.target[:, -1] == task.targets.eos).all() and batch.target_lengths.tolist() == [3, 3]


def test_pairs_with_a_long_side_are_left_out_and_none_at_all_is_refused():
    task = PronunciationTask(PARTS, Recipe(steps=1, seq_len=2))
    assert max(len(source) for source, _ in task.pairs) == 2 < max(len(entry.word) for entry in PARTS.train)
    with pytest.raises(ValueError, match="larger --seq-len"):
        PronunciationTask(Parts([Pronounced("abc", (("B",),))], [], []), Recipe(seq_len=2))


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_scheduled_sampling_goes_from_one_to_its_end(sampling):
    recipe = Recipe(steps=500, sampling=sampling, sampling_end=0.3)
    epsilons = [probability_of_truth(recipe, step) for step in range(501)]
    assert epsilons[0] > 0.98 and epsilons[-1] == pytest.approx(0.3, abs=1e-9)
    assert all(later < earlier for earlier, later in pairwise(epsilons))
    batch = PronunciationTask(PARTS, recipe).batch(200)
    assert batch.truth == pytest.approx(np.full(len(batch.source), epsilons[200]))


def test_a_sampling_that_is_none_is_refused():
    with pytest.raises(ValueError, match="sampling is one of None, linear"):
        Recipe(sampling="sometimes")
    with pytest.raises(ValueError, match="sampling_end lies between 0 and 1"):
        Recipe(sampling_end=1.0)


@pytest.mark.learning
@pytest.mark.parametrize("settings", [{}, {"sampling": "linear"}])
def test_it_learns_to_spell_out(settings):
    task = PronunciationTask(PARTS, Recipe(**{**vars(RECIPE), **settings}))
    model = model_of(task)
    progress = train(model, task, task.recipe)
    assert progress.best < 0.15 < 0.8 < task.validate(model_of(task))["validation"]
    found = task.test(model)
    assert next(iter(found)) == "word error" and found["word error"] < 0.15 and found["phone error"] < 0.1
    assert f"word error {found['word error']:.2%}" in task.report(model)
    assert model.training and "dictionary" in task.sample(model)


def test_answers_keep_the_order_of_the_questions():
    task = PronunciationTask(PARTS, RECIPE)
    model = model_of(task)
    words = [entry.word for entry in PARTS.test]
    together = answers(model, words, task.sources, task.targets)
    assert together == [answers(model, [word], task.sources, task.targets)[0] for word in words]


# The measures -----------------------------------------------------------------------------------------------

def test_any_listed_pronunciation_is_right():
    listed = [Pronounced("read", (("R", "EH", "D"), ("R", "IY", "D"))), Pronounced("ab", (("AH", "B"),))]
    assert word_error([("R", "IY", "D"), ("AH",)], listed) == 0.5
    assert phone_error([("R", "IY", "D"), ("AH",)], listed) == pytest.approx(1 / 5)
    assert word_error([["R", "EH", "D"], ["AH", "B"]], listed) == phone_error([("R", "EH", "D"), ("AH", "B")], listed)


@pytest.mark.parametrize("a, b, distance", [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3),
                                            ("flaw", "lawn", 2), ("abc", "abc", 0)])
def test_edits(a, b, distance):
    assert edits(a, b) == distance


@given(st.text("ab", max_size=6), st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_edits_are_a_distance(a, b, c):
    assert edits(a, b) == edits(b, a) and (edits(a, b) == 0) == (a == b)
    assert edits(a, c) <= edits(a, b) + edits(b, c)
    assert abs(len(a) - len(b)) <= edits(a, b) <= max(len(a), len(b))


# The command line -------------------------------------------------------------------------------------------

SMALL = ["--steps", "20", "--hidden", "8", "--batch", "8", "--threads", "1", "--set", "evaluate_every=10"]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pronunciation, "cmudict", lambda: PARTS)


def test_a_run_is_trained_measured_and_asked(workplace, capsys):
    assert main(["train", "g2p_seq2seq", *SMALL, "--out", "run"]) == 0
    out = capsys.readouterr().out
    assert main(["evaluate", "run"]) == 0
    assert capsys.readouterr().out.strip() in out
    assert main(["predict", "run", "bad deb", "Dad"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and len(lines[0].split("   ")) == 2


@pytest.mark.parametrize("text, words", [("naïve", "symbol 'n'"), (" ", "no word to pronounce")])
def test_what_cannot_be_pronounced_is_refused(workplace, capsys, text, words):
    main(["train", "g2p_seq2seq", *SMALL, "--steps", "1", "--out", "run"])
    capsys.readouterr()
    assert main(["predict", "run", text]) == 2
    err = capsys.readouterr().err
    assert words in err and len(err.splitlines()) == 1


def test_a_file_in_the_format_is_measured(workplace, capsys, tmp_path):
    main(["train", "g2p_seq2seq", *SMALL, "--steps", "1", "--out", "run"])
    (tmp_path / "words.txt").write_text("bad  B AH0 D\ndeb  D EH1 B\n")
    capsys.readouterr()
    assert main(["evaluate", "run", "--corpus", "words.txt"]) == 0
    assert "all of its 2 words" in capsys.readouterr().err
    (tmp_path / "words.txt").write_text("bad  B AH0 D\ndeb  D XX B\n")
    assert main(["evaluate", "run", "--corpus", "words.txt"]) == 2
    assert "line 2" in capsys.readouterr().err


@needs_data
def test_the_dictionary():
    task = PronunciationTask.prepare(Recipe(steps=1, batch=4, seq_len=24), "auto")
    assert task.sizes == {"V_source": 27, "V_target": 42, "sos": 1, "eos": 2} and len(task.pairs) > 110_000
    with pytest.raises(ValueError, match="there is no dictionary"):
        PronunciationTask.prepare(RECIPE, "oed")
