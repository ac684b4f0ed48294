"""The taggers and the classifier from the command line: trained, resumed, measured, asked; on small corpora."""
import io
import json
from pathlib import Path

import numpy as np
import pytest

from tinyseq.cli import main
from tinyseq.data import Labelled, Parts, Tagged
from tinyseq.files import load
from tinyseq.training import classification, tagging

RNG = np.random.default_rng(0)
SENTENCES = [Tagged(("Bob", "sees", "Anna", "Smith")[:n], ("B-person", "O", "B-person", "I-person")[:n])
             for n in RNG.integers(1, 5, 60)]
TEXTS = [Labelled(f"a {word} film {'indeed' * (i % 2)}", label)
         for i in range(20) for word, label in (("good", "pos"), ("bad", "neg"), ("awful", "neg"))]
SMALL = ["--steps", "20", "--hidden", "6", "--batch", "8", "--threads", "1", "--set", "evaluate_every=10"]
MODELS = {"bilstm_tagger": ["--corpus", "wnut17"], "bilstm_crf": [], "text_classifier": ["--corpus", "rt-polarity"]}
each_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = (tagging.CORPORA, "wnut17", SENTENCES), (classification.CORPORA, "rt-polarity", TEXTS)
    for corpora, name, items in small:
        parts = Parts(items[:36], items[36:48], items[48:])
        monkeypatch.setitem(corpora, name, corpora[name]._replace(load=lambda parts=parts: parts))


def tinyseq(capsys, *arguments):
    capsys.readouterr()
    status = main([str(argument) for argument in arguments])
    return (status, *capsys.readouterr())


@each_model
def test_a_run_is_trained_measured_and_asked(model, capsys, monkeypatch):
    status, out, err = tinyseq(capsys, "train", model, *MODELS[model], *SMALL, "--out", "run")
    assert status == 0 and "to beat in validation" in err and "20/20" in err
    assert {path.name for path in Path("run").iterdir()} == {"config.json", "checkpoint.safetensors", "log.jsonl",
                                                             "loss.png", "sample.txt"}
    assert Path("run/sample.txt").read_text() in out and "test " in out and "tinyseq predict run TEXT" in out
    status, line, note = tinyseq(capsys, "evaluate", "run")
    assert status == 0 and line.strip() in out and "corpus: " in note
    status, answers, _ = tinyseq(capsys, "predict", "run", "Bob sees Anna", "a good film")
    assert status == 0 and len(answers.splitlines()) == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("Bob sees Anna\na good film\n"))
    assert tinyseq(capsys, "predict", "run")[1] == answers


@each_model
def test_stopped_and_resumed_is_the_same_as_never_stopped(model, capsys):
    constant = [*MODELS[model], *SMALL, "--set", "schedule=constant"]
    assert tinyseq(capsys, "train", model, *constant, "--out", "whole")[0] == 0
    assert tinyseq(capsys, "train", model, *constant, "--steps", 10, "--out", "halves")[0] == 0
    assert tinyseq(capsys, "train", "--resume", "halves", "--steps", 20)[0] == 0
    (one, _), (other, _) = (load(Path(folder, "checkpoint.safetensors")) for folder in ("whole", "halves"))
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


@each_model
def test_a_checkpoint_of_another_vocabulary_is_refused(model, capsys):
    assert tinyseq(capsys, "train", model, *MODELS[model], *SMALL, "--out", "run")[0] == 0
    config = json.loads(Path("run/config.json").read_text())
    symbols = config["data"]["words" if "words" in config["data"] else "symbols"]["symbols"]
    symbols.append("another")
    Path("run/config.json").write_text(json.dumps(config))
    before = {path: path.read_bytes() for path in Path("run").iterdir()}
    for command in (["evaluate", "run"], ["predict", "run", "Bob"], ["train", "--resume", "run", "--steps", "30"]):
        status, out, err = tinyseq(capsys, *command)
        assert (status, out) == (2, "") and err.count("\n") == 1, err
        assert "this run was trained on" in err or "of another vocabulary" in err, err
    assert {path: path.read_bytes() for path in Path("run").iterdir()} == before


@each_model
def test_an_empty_text_is_one_line_on_stderr(model, capsys):
    assert tinyseq(capsys, "train", model, *MODELS[model], *SMALL, "--out", "run")[0] == 0
    status, out, err = tinyseq(capsys, "predict", "run", "Bob", " ")
    assert (status, out) == (2, "") and "leave it out" in err and err.count("\n") == 1


@pytest.mark.parametrize("model, sizes", [("char_rnn", ("--set", "H=6")), ("mini_gpt", ("--set", "C=8"))])
def test_a_model_that_writes_goes_on_from_each_text_the_same_each_time(capsys, model, sizes):
    Path("text").write_text("the cat sat on the mat. " * 60, encoding="utf-8")
    small = ["--steps", 20, "--batch", 8, "--seq-len", 8, "--threads", 1, *sizes]
    assert tinyseq(capsys, "train", model, "--corpus", "text", *small, "--out", "run")[0] == 0
    status, out, _ = tinyseq(capsys, "predict", "run", "the cat", "mat")
    first, second = out.splitlines()
    assert status == 0 and first.startswith("the cat") and second.startswith("mat") and len(first) > 100
    assert tinyseq(capsys, "predict", "run", "mat")[1] == second + "\n"


def test_the_data_decide_sizes(capsys):
    status, _, err = tinyseq(capsys, "train", "bilstm_crf", "--set", "K=3", "--out", "run")
    assert status == 2 and "K is 3 here, because the data decides it" in err and not Path("run").exists()
