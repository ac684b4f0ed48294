"""`tinyseq exercises list | check | grade`, as a teacher types it."""
import json
import os

import pytest

from tinyseq.cli import main
from tinyseq.exercises import exercises, practices

RIGHT = "def linear_backward(dy, x, W):\n    return dy @ W.T, x.T @ dy, dy.sum(axis=0)\n"
HALF = "import numpy as np\n\ndef linear_backward(dy, x, W):\n    return dy @ W.T, x.T @ dy / len(x), dy.sum(axis=0)\n"
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture
def file(tmp_path):
    def written(text, name="answers.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)
    return written


def notebook(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})


def test_list(capsys):
    assert main(["exercises", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == [*exercises(), *practices()]


def test_check_without_a_file_asks(capsys):
    assert main(["exercises", "check", "linear-backward"]) == 0
    said = capsys.readouterr().out
    assert "(1) y = x W + b" in said and "Write linear_backward(dy, x, W)." in said
    assert main(["exercises", "check", "practice-7.1"]) == 0
    assert "Fill practice_7_1_table" in capsys.readouterr().out


@forks
@pytest.mark.parametrize("text, name, status, words", [
    (RIGHT, "answers.py", 0, "linear-backward, right:"), (HALF, "answers.py", 1, "averaged over the N rows"),
    (notebook("%matplotlib inline\n", RIGHT), "answers.ipynb", 0, "linear-backward, right:")])
def test_check(file, capsys, text, name, status, words):
    assert main(["exercises", "check", "linear-backward", file(text, name)]) == status
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("arguments, words", [
    (["check", "linear-backwards"], "'linear-backward' may be meant"),
    (["check", "linear-backward", "nowhere.py"], "nowhere.py"),
    (["grade", "nowhere.py"], "nowhere.py")])
def test_bad_input(arguments, words, capsys):
    assert main(["exercises", *arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err and len(said.err.splitlines()) == 1 and not said.out


@pytest.mark.parametrize("text, name, words", [
    ("x = 1\n", "answers.py", "no function linear_backward"), ("def (:", "answers.py", "SyntaxError"),
    ("words", "answers.ipynb", "neither a Python file nor a notebook")])
def test_files_without_an_answer(file, text, name, words, capsys):
    assert main(["exercises", "check", "linear-backward", file(text, name)]) == 2
    assert words in capsys.readouterr().err


@forks
def test_grade(file, tmp_path, capsys):
    out = tmp_path / "results.json"
    assert main(["exercises", "grade", file(HALF), "--json", str(out)]) == 1
    assert "answers.py: 2 of 3 points" in capsys.readouterr().out
    results = json.loads(out.read_text())
    assert set(results) == {"score", "output", "tests", "extra_data"} and results["score"] == 2
    assert set(results["tests"][0]) == {"name", "score", "max_score", "output"}


@forks
def test_grade_of_several_files(file, tmp_path, capsys):
    out = tmp_path / "results.json"
    good = file(notebook("raise RuntimeError('a cell of mine')", RIGHT), "good.ipynb")
    empty = file("def other(): pass\n", "empty.py")
    assert main(["exercises", "grade", good, empty, "--json", str(out)]) == 1
    said = capsys.readouterr().out
    assert "good.ipynb: 3 of 3 points" in said and "RuntimeError: a cell of mine" in said
    assert "empty.py: 0 of 0 points" in said and "no function in it has the name of an exercise" in said
    assert [one["score"] for one in json.loads(out.read_text())] == [3, 0]


@forks
@pytest.mark.parametrize("text, words", [
    ("import os\nos._exit(3)\n", "no function in it"), ("x = bytearray(1 << 40)\n" + RIGHT, "MemoryError"),
    ("open('/notebooks/exercises/solutions/linear_backward.py')\n" + RIGHT, "not open while answers are graded")])
def test_a_file_that_misbehaves_harms_nobody(file, text, words, capsys):
    main(["exercises", "grade", file(text)])
    assert words in capsys.readouterr().out
