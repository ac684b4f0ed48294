"""Stopped and gone on with, from the command line: by --steps, by Ctrl-C, by a process that was killed."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tinyseq import models
from tinyseq.cli import main
from tinyseq.files import load
from tinyseq.training.run import load_checkpoint, read_log
from tinyseq.training.watch import RunWatcher

ROOT = Path(__file__).parents[2]
TEXT = "the cat sat on the mat.\na dog ran to the door.\n" * 40
SMALL = ["--hidden", "8", "--batch", "2", "--seq-len", "8", "--threads", "2"]


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text").write_text(TEXT, encoding="utf-8")


def train(*arguments):
    return main(["train", *map(str, arguments)])


def interrupted(monkeypatch, step, *arguments):
    """Train until Ctrl-C is pressed during this step."""
    whole = RunWatcher.on_step

    def on_step(self, progress, *rest):
        whole(self, progress, *rest)
        if progress.step == step:
            os.kill(os.getpid(), signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr(RunWatcher, "on_step", on_step)
        return train(*arguments)


def log(folder):
    """Its lines, without the time they took."""
    return [{k: v for k, v in line.items() if k != "seconds"} for line in read_log(Path(folder))]


def assert_same_checkpoint(one, other):
    (tensors, metadata), (others, other_metadata) = (load(Path(f, "checkpoint.safetensors")) for f in (one, other))
    assert metadata == other_metadata and tensors.keys() == others.keys()
    for name in tensors:
        assert np.array_equal(tensors[name], others[name]), name


@pytest.mark.parametrize("model", ["char_rnn", "char_lstm", "char_gru", "sine_forecaster", "word_lm",
                                   "three_language_models"])
@pytest.mark.parametrize("step", [20, 17])
def test_stopped_and_resumed_is_the_same_as_never_stopped(monkeypatch, capsys, model, step):
    of_model = ["--set", "steps=40", "--set", "evaluate_every=15"]
    if model != "sine_forecaster":
        of_model += [*SMALL, "--corpus", "text"]
    if hasattr(models.find(model).Config, "dropout"):
        of_model += ["--set", "dropout=0.2"]
    assert train(model, *of_model, "--out", "whole") == 0
    assert interrupted(monkeypatch, step, model, *of_model, "--out", "halves") == 130
    assert f"stopped after step {step} and saved; go on with: tinyseq train --resume halves" in capsys.readouterr().out
    assert load_checkpoint(Path("halves"))[0].step == step
    assert train("--resume", "halves") == 0
    assert_same_checkpoint("whole", "halves")
    assert Path("whole/sample.txt").read_text() == Path("halves/sample.txt").read_text()
    assert json.loads(Path("whole/config.json").read_text()) == json.loads(Path("halves/config.json").read_text())
    whole, halves = log("whole"), log("halves")
    if step % 10:                      # a line is the mean since the line before; what Ctrl-C cut off is not in it
        whole, halves = ([line for line in lines if line["step"] != 20] for lines in (whole, halves))
    assert whole == halves


def test_more_steps_by_resume_are_the_same_as_all_at_once(capsys):
    constant = [*SMALL, "--corpus", "text", "--set", "schedule=constant", "--set", "evaluate_every=10"]
    assert train("char_lstm", *constant, "--steps", 40, "--out", "whole") == 0
    assert train("char_lstm", *constant, "--steps", 20, "--out", "halves") == 0
    assert train("--resume", "halves", "--steps", 40) == 0
    assert_same_checkpoint("whole", "halves")
    assert log("whole") == log("halves")
    assert json.loads(Path("halves/config.json").read_text())["recipe"]["steps"] == 40


def test_the_number_of_threads_may_change(monkeypatch, capsys):
    arguments = ["char_lstm", *SMALL, "--corpus", "text", "--steps", 20, "--set", "dropout=0.3"]
    assert train(*arguments, "--out", "whole") == 0
    assert interrupted(monkeypatch, 10, *arguments, "--out", "halves") == 130
    assert train("--resume", "halves", "--threads", 1) == 0
    one, other = (load_checkpoint(Path(folder))[1]["model"] for folder in ("whole", "halves"))
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-3, atol=1e-4)


def test_a_finished_run_says_so(capsys):
    train("char_rnn", *SMALL, "--corpus", "text", "--steps", 5, "--out", "run")
    before = {path: path.read_bytes() for path in Path("run").iterdir()}
    capsys.readouterr()
    assert train("--resume", "run") == 2
    assert "has done its 5 steps: ask for more by --steps" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in Path("run").iterdir()} == before


# Processes --------------------------------------------------------------------------------------------------

LONG = ["char_lstm", *SMALL, "--corpus", "text", "--steps", "100000", "--set", "evaluate_every=50", "--out", "run"]


@contextlib.contextmanager
def process(*arguments, lines=8):
    """A training in its own process, which has written this many lines into its log."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-m", "tinyseq", "train", *arguments], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        try:
            for _ in range(600):
                if len(read_log(Path("run"))) >= lines or running.poll() is not None:
                    break
                time.sleep(0.05)
            assert running.poll() is None, running.communicate()
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_go_on(number, capsys):
    with process(*LONG) as running:
        running.send_signal(number)
        out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "go on with: tinyseq train --resume run" in out and "Traceback" not in err
    step = load_checkpoint(Path("run"))[0].step
    assert f"stopped after step {step} and saved" in out and step >= 50
    assert all(line["step"] <= step for line in log("run"))
    assert {path.name for path in Path("run").iterdir()} == {"config.json", "checkpoint.safetensors", "log.jsonl",
                                                             "loss.png"}
    assert train("--resume", "run", "--steps", step + 5) == 0
    assert load_checkpoint(Path("run"))[0].step == step + 5
    assert Path("run/sample.txt").exists()


def test_a_killed_run_can_be_gone_on_with(capsys):
    with process(*LONG) as running:
        running.kill()
        running.communicate(timeout=30)
    step = load_checkpoint(Path("run"))[0].step
    assert step > 0 and step % 50 == 0
    assert main(["sample", "run", "--length", "10"]) == 0
    assert train("--resume", "run", "--steps", step + 20) == 0
    steps = [line["step"] for line in log("run") if "loss" in line]
    assert steps == list(range(10, step + 21, 10))               # what the killed run wrote after it is not there twice
