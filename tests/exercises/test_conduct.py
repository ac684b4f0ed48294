"""Answers that misbehave: each gets a verdict that says so kindly, and nothing of the reader's is lost."""
import os
import signal
import sys
import time

import numpy as np
import pytest

from tinyseq.exercises import check, examine
from tinyseq.exercises.child import run

ID = "linear-backward"
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def right(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)


def hangs(dy, x, W):
    while True:
        time.sleep(0.01)


def crashes(dy, x, W):
    os.kill(os.getpid(), signal.SIGSEGV)


def ends(dy, x, W):
    os._exit(0)


def leaves(dy, x, W):
    sys.exit("enough")


def raises(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.sum(axis=7)


def writes(dy, x, W):
    results = right(dy, x, W)
    x *= 2
    return results


def draws(dy, x, W):
    dx, dW, db = right(dy, x, W)
    return dx, dW, db + np.random.default_rng().normal()


calls = []


def remembers(dy, x, W):
    calls.append(x)
    dx, dW, db = right(dy, x, W)
    return dx * len(calls), dW, db


def asks(dy, x, W):
    return dy @ W.T, x.T @ dy, float(input("db? "))


def closes(dy, x, W):
    os.closerange(3, 50)
    time.sleep(60)


def recurses(dy, x, W):
    return recurses(dy, x, W)


SAID = [
    (hangs, "did not come back within 0.5 seconds"), (crashes, "took the whole process down (signal 11)"),
    (ends, "ended the whole process"), (leaves, "ended the whole process"), (raises, "it stops with AxisError"),
    (writes, "writes into x"), (draws, "different numbers"), (remembers, "different numbers"),
    (recurses, "RecursionError"), (asks, "it asks by input()"), (closes, "did not come back within 0.5 seconds"),
    (lambda dy, x, W: None, "return dx, dW, db"),
    (lambda dy, x, W: dy, "results is 1, and should be 3"), (lambda dy, x: dy, "TypeError"),
    (lambda dy, x, W: ("a", x, W), "dx is no array of numbers"),
    (lambda dy, x, W: ([[1], [1, 2]], x, W), "dx is no array of numbers"),
    (lambda dy, x, W: (dy @ W.T, (x.T @ dy) + 1j, dy.sum(0)), "dW is no array of numbers"),
    (lambda dy, x, W: (dy @ W.T * np.nan, x.T @ dy, dy.sum(0)), "not finite"),
]


@pytest.mark.parametrize("answer, words", SAID)
def test_what_is_said(answer, words, monkeypatch):
    monkeypatch.setattr(sys.modules["tinyseq.exercises.examine"], "SECONDS", 0.5 if answer in (hangs, closes) else 20)
    verdict = examine(ID, answer)
    assert not verdict and words in verdict.words and verdict.words.startswith(f"{ID}, not yet:")


def test_lists_single_precision_and_prints_are_fine(capsys):
    def answer(dy, x, W):
        print("dx is", dy @ W.T)
        return [(dy @ W.T).tolist(), x.T @ dy, dy.sum(axis=0)]
    assert check(ID, answer)
    said = capsys.readouterr().out
    assert "right: dx, dW, db agree" in said and "prints was left out" in said and "dx is" not in said


def test_where_nothing_forks_it_is_said(monkeypatch):
    monkeypatch.delattr(os, "fork")
    verdict = examine(ID, right)
    assert verdict and "cannot fork" in verdict.words


def test_nothing_of_the_child_is_done_twice(tmp_path):
    with open(tmp_path / "file", "w") as file:
        file.write("buffered")
        run(right, [{"dy": np.ones((2, 3)), "x": np.ones((2, 4)), "W": np.ones((4, 3))}], 10)
    assert (tmp_path / "file").read_text() == "buffered"


def processes_of(tmp_path):
    """An answer that starts a process of its own and waits for it, and the file with the number of that process."""
    def answer(dy, x, W):
        if (started := os.fork()) == 0:
            time.sleep(60)
        (tmp_path / "started").write_text(str(started))
        os.waitpid(started, 0)
    return answer, tmp_path / "started"


def is_gone(process):
    """Whether a process ends soon: what was killed may take a moment."""
    for _ in range(100):
        try:
            state = open(f"/proc/{process}/stat").read().rsplit(")")[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="asks Linux whether a process lives")
@pytest.mark.parametrize("interrupted", [False, True])
def test_processes_of_an_answer_end_with_it(tmp_path, interrupted, monkeypatch):
    answer, started = processes_of(tmp_path)
    if interrupted:
        def interrupt(*_):
            while not started.exists() or not started.read_text():
                time.sleep(0.01)
            raise KeyboardInterrupt
        monkeypatch.setattr("tinyseq.exercises.child._received", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(answer, [{"dy": 1, "x": 1, "W": 1}], 60)
    else:
        assert "did not come back" in run(answer, [{"dy": 1, "x": 1, "W": 1}], 1).ending
    assert is_gone(int(started.read_text()))


@pytest.mark.parametrize("id, answer, words", [("linear-back", right, "'linear-backward' may be meant"),
                                               (ID, np.ones(3), "an answer is a function")])
def test_bad_input(id, answer, words):
    with pytest.raises(ValueError, match=words):
        check(id, answer)
