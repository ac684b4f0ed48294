"""The word model and the three language models from the command line: train, sample, evaluate, and what they refuse."""
import json
import os
import re
from pathlib import Path

import pytest

from tinyseq.cli import main

TEXT = "the cat sat on the mat.\na dog ran to the door!\n" * 60
SMALL = ["--hidden", "8", "--batch", "2", "--seq-len", "8", "--steps", "20", "--threads", "2"]
NEW = ["--corpus", "text", *SMALL, "--out", "new"]
RUN_FILES = {"config.json", "checkpoint.safetensors", "log.jsonl", "loss.png", "sample.txt"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a text and the run folders of both models. Nobody writes into it."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "text").write_text(TEXT, encoding="utf-8")
    before = os.getcwd()
    os.chdir(folder)
    try:
        for model in ("word_lm", "three_language_models"):
            assert main(["train", model, "--corpus", "text", *SMALL, "--set", "evaluate_every=10", "--out", model]) == 0
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def tinyseq(trained, monkeypatch, capsys):
    """A command, standing in that folder: its status, stdout and stderr."""
    monkeypatch.chdir(trained)

    def run(*arguments):
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return status, *capsys.readouterr()
    return run


@pytest.mark.parametrize("model", ["word_lm", "three_language_models"])
def test_train_fills_a_run_folder(trained, model):
    assert {path.name for path in (trained / model).iterdir()} == RUN_FILES
    lines = [json.loads(line) for line in (trained / model / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "validation" in line] == [10, 20]


def test_words_are_measured_beside_counting(tinyseq):
    status, out, err = tinyseq("evaluate", "word_lm")
    assert status == 0 and "its test part" in err
    assert re.fullmatch(r"test \d\.\d{4} nats/word  \d\.\d{4} bits/word  perplexity \d+\.\d\d\n"
                        r"to beat: interpolated 3-grams \d\.\d{4} nats/word \(perplexity \d+\.\d\d\), Witten-Bell .*\n",
                        out), out


def test_a_sentence_ends_the_text_or_what_the_user_names(tinyseq):
    sentence = tinyseq("sample", "word_lm", "--prompt", "the cat", "--seed", 1)[1]
    assert re.fullmatch(r"the cat[^.!]*[.!]\n", sentence)
    named = tinyseq("sample", "word_lm", "--prompt", "the", "--stop", "dog", "--seed", 1, "--length", 5000)[1]
    assert re.fullmatch(r"the(?!.* dog .* dog).* dog\n", named, re.DOTALL)
    on = tinyseq("sample", "word_lm", "--prompt", "the", "--stop", "", "--seed", 1, "--length", 40)[1]
    assert len(re.findall(r"[a-z]+|[.!\n]", on)) == 1 + 40 + 1


def test_the_table_of_three(tinyseq):
    status, out, _ = tinyseq("evaluate", "three_language_models")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == ["model", "5-grams", "autoregressive", "bidirectional",
                                                              "masked"]
    assert Path("three_language_models/sample.txt").read_text(encoding="utf-8").startswith(out)
    assert tinyseq("sample", "three_language_models", "--prompt", "the", "--length", 10)[1].startswith("the")


@pytest.mark.parametrize("arguments, says", [
    (["sample", "word_lm", "--prompt", "the zebra"], "word 'zebra' at place 1 is not among the"),
    (["sample", "word_lm", "--stop", "zebra"], "'zebra'"),
    (["sample", "three_language_models", "--prompt", "Z"], "'Z'"),
    (["train", "three_language_models", *NEW, "--seq-len", "1"], "choose a --seq-len of 2 or more"),
    (["train", "three_language_models", *NEW, "--seq-len", "500"], "too short"),
    (["train", "word_lm", *NEW, "--seq-len", "5000"], "too short"),
    (["train", "word_lm", *NEW, "--set", "V=9"], "because the data decides it"),
    (["train", "word_lm", *NEW, "--set", "tied=perhaps"], "tied is of type bool")])
def test_mistakes_are_one_line_and_leave_nothing(tinyseq, arguments, says):
    before = sorted(Path().rglob("*"))
    status, out, err = tinyseq(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1) and says in err
    assert sorted(Path().rglob("*")) == before
