"""A run folder: what is written can be read, what is damaged is named, and nothing is ever half written."""
import errno
import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from tinyseq.backend import manual_seed, to_host
from tinyseq.data import Corpus
from tinyseq.files import load, save
from tinyseq.models import char_lstm
from tinyseq.training import CharacterTask, Recipe, run, train
from tinyseq.training.run import (
    Log,
    RunConfig,
    best_weights,
    free_folder,
    load_checkpoint,
    make_folder,
    save_checkpoint,
)
from tinyseq.training.watch import RunWatcher

RECIPE = Recipe(steps=4, batch=2, seq_len=5, evaluate_every=2, threads=1)
CONFIG = RunConfig("char_lstm", {"V": 5, "H": 4, "dropout": 0.0}, asdict(RECIPE),
                   {"corpus": "é.txt", "symbols": "abcdé"})


def trained(steps=4):
    manual_seed(0)
    task = CharacterTask(Corpus("test", "the cat sat on the mat." * 10, ""), RECIPE)
    model = char_lstm.Model(char_lstm.Config(V=len(task.vocabulary), H=4))
    optimiser = RECIPE.make_optimiser(model.parameters())
    progress = train(model, task, Recipe(**{**asdict(RECIPE), "steps": steps}), optimiser=optimiser)
    return progress, model, optimiser, task


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# config.json ------------------------------------------------------------------------------------------------

def test_config_is_read_as_it_was_written(tmp_path):
    CONFIG.write(tmp_path)
    assert RunConfig.read(tmp_path) == CONFIG
    assert os.listdir(tmp_path) == ["config.json"]


def test_a_folder_without_config_is_no_run_folder(tmp_path):
    with pytest.raises(ValueError, match=r"is no run folder: it has no config.json; name the folder that"):
        RunConfig.read(tmp_path)


@pytest.mark.parametrize("content", [
    "", "{", "[]", "3", "{}", '{"format": "another"}', '{"format": "tinyseq run 1"}', "\x00\x01",
    json.dumps({"format": "tinyseq run 1", **asdict(CONFIG), "more": 1}),
    json.dumps({"format": "tinyseq run 1", **asdict(CONFIG), "recipe": {"steps": "many"}}),
    json.dumps({"format": "tinyseq run 1", **asdict(CONFIG), "recipe": {"stairs": 3}}),
    json.dumps({"format": "tinyseq run 1", **asdict(CONFIG), "recipe": {"steps": 0}}),
    json.dumps({"format": "tinyseq run 1", **asdict(CONFIG), "data": {}})])
def test_a_damaged_config_is_named(tmp_path, content):
    (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"config.json is damaged or not from tinyseq \(.*\); train a new run"):
        RunConfig.read(tmp_path)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "config.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="damaged"):
        RunConfig.read(tmp_path)


# Folders ----------------------------------------------------------------------------------------------------

def test_the_first_free_number(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = []
    for _ in range(3):
        make_folder(folder := free_folder(None, "char_rnn"))
        names.append(str(folder))
    assert names == [str(Path(f"runs/char_rnn-{n}")) for n in (1, 2, 3)]
    Path("runs/char_rnn-2").rmdir()
    assert str(free_folder(None, "char_rnn")) == str(Path("runs/char_rnn-2"))
    assert str(free_folder(None, "char_gru")) == str(Path("runs/char_gru-1"))


def test_choosing_a_name_makes_nothing(tmp_path):
    assert free_folder(str(tmp_path / "a" / "b"), "x") == tmp_path / "a" / "b"
    assert os.listdir(tmp_path) == []
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_name_that_is_taken(tmp_path):
    (tmp_path / "file").touch()
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(ValueError, match="exists already: give --out another name, or go on with it by --resume"):
            free_folder(str(taken), "x")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"cannot be made \(.+\): give --out another place"):
        make_folder(tmp_path / "file" / "run")


# The log ----------------------------------------------------------------------------------------------------

def test_lines_come_back_in_order(tmp_path):
    log = Log(tmp_path)
    log.write(step=1, loss=0.1)
    assert run.read_log(tmp_path) == [{"step": 1, "loss": 0.1}]      # a look from outside, in the middle of the run
    log.write(step=2, loss=0.2)
    log.close()
    assert [line["step"] for line in run.read_log(tmp_path)] == [1, 2]


def test_no_log_has_no_lines(tmp_path):
    assert run.read_log(tmp_path) == []


@pytest.mark.parametrize("rest", ['{"step": 3, "lo', "{", "\x00\x00\x00"])
def test_a_last_line_that_was_cut_off_is_left_out(tmp_path, rest):
    whole = '{"step": 1}\n{"step": 2}\n'
    (tmp_path / "log.jsonl").write_text(whole + rest, encoding="utf-8")
    assert run.read_log(tmp_path) == [{"step": 1}, {"step": 2}]
    log = Log(tmp_path, 2)
    log.write(step=3)
    log.close()
    assert (tmp_path / "log.jsonl").read_text(encoding="utf-8") == whole + '{"step": 3}\n'


@pytest.mark.parametrize("step, kept", [(0, []), (19, [10]), (20, [10, 20, 20]), (99, [10, 20, 20, 30])])
def test_lines_after_the_checkpoint_are_dropped(tmp_path, step, kept):
    lines = [{"step": 10}, {"step": 20}, {"step": 20, "validation": 1.5}, {"step": 30}]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    Log(tmp_path, step).close()
    assert [line["step"] for line in run.read_log(tmp_path)] == kept


# The checkpoint ---------------------------------------------------------------------------------------------

def test_a_checkpoint_holds_all_that_is_needed_to_go_on(tmp_path):
    progress, model, optimiser, task = trained()
    save_checkpoint(tmp_path, progress, model, optimiser, task)
    back, parts = load_checkpoint(tmp_path)
    assert (back.step, back.validations, back.interrupted) == (4, progress.validations, False)
    expected = {"model": model.state_dict(), "best": progress.best_weights, "optimiser": optimiser.state_dict(),
                "task": task.state_dict()}
    assert parts.keys() == expected.keys()
    for part, arrays in expected.items():
        assert parts[part].keys() == arrays.keys() and arrays
        for name, array in arrays.items():
            assert np.array_equal(parts[part][name], to_host(array)), (part, name)
    assert np.array_equal(back.best_weights["b_y"], to_host(progress.best_weights["b_y"]))


def test_the_best_weights_are_the_last_ones_until_something_was_validated(tmp_path):
    progress, model, optimiser, task = trained()
    progress.best_weights = {}
    save_checkpoint(tmp_path, progress, model, optimiser, task)
    assert np.array_equal(best_weights(tmp_path)["b_y"], to_host(model.state_dict()["b_y"]))


@pytest.mark.parametrize("damage, message", [
    (lambda path: path.unlink(), "there is no file"),
    (lambda path: path.write_bytes(b""), "is damaged, or was never a safetensors file"),
    (lambda path: path.write_bytes(b"no safetensors at all"), "is damaged, or was never a safetensors file"),
    (lambda path: path.write_bytes(path.read_bytes()[:-100]), "is damaged, or was never a safetensors file"),
    (lambda path: save(path, {"w": np.zeros(3)}), "is not a checkpoint of a run; name the folder"),
    (lambda path: save(path, {"other/w": np.zeros(3)}, load(path).metadata), "is damaged .*: take another copy"),
    (lambda path: save(path, load(path).tensors, {**load(path).metadata, "step": "x"}), "is damaged .*: take another"),
    (lambda path: save(path, load(path).tensors, {"format": run.FORMAT, "step": "1"}), "is damaged .*: take another"),
    (lambda path: save(path, load(path).tensors, {**load(path).metadata, "validations": "[1]"}), "is damaged")])
def test_a_missing_corrupt_or_foreign_checkpoint(tmp_path, damage, message):
    save_checkpoint(tmp_path, *trained())
    damage(tmp_path / "checkpoint.safetensors")
    for read in (load_checkpoint, best_weights):
        with pytest.raises(ValueError, match=message):
            read(tmp_path)


# Nothing half written ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch, failing):
    save_checkpoint(tmp_path, *trained(2))
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    monkeypatch.setattr(os, failing, full_disk)
    with pytest.raises(ValueError, match=r"cannot be written .*No space"):
        save_checkpoint(tmp_path, *trained(4))
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
    assert os.listdir(tmp_path) == ["checkpoint.safetensors"]
    assert load_checkpoint(tmp_path)[0].step == 2


@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_a_config_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch, failing):
    CONFIG.write(tmp_path)
    monkeypatch.setattr(os, failing, full_disk)
    with pytest.raises(OSError, match="No space"):
        RunConfig("char_rnn", {}, {}, {}).write(tmp_path)
    monkeypatch.undo()
    assert RunConfig.read(tmp_path) == CONFIG
    assert os.listdir(tmp_path) == ["config.json"]


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_checkpoint(tmp_path, capsys):
    progress, model, optimiser, task = trained(2)
    watcher = RunWatcher(tmp_path, RECIPE, task, progress)
    try:
        watcher.save(progress, model, optimiser)
        progress.step = RECIPE.steps
        with pytest.raises(ValueError, match=r"the loss became nan by step 4: train again with a lower --lr; the last"):
            watcher.on_step(progress, float("nan"), None, 0.1)
    finally:
        watcher.close()
    assert load_checkpoint(tmp_path)[0].step == 2
    assert all("loss" not in line for line in run.read_log(tmp_path))
