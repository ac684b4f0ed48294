"""The models of images from the command line: trained, resumed, measured, asked, and started from one another."""
import json
from pathlib import Path

import numpy as np
import pytest

from tinyseq.cli import main
from tinyseq.data import ImageParts, Images
from tinyseq.files import load
from tinyseq.training import images

SIDE = 14
SMALL = ["--steps", "8", "--batch", "8", "--threads", "2", "--set", "evaluate_every=4"]
MODELS = {"attention_cnn": [f"--set={field}" for field in ("C1=2", "C2=4", "kernel=3", "H=4", "num_heads=2")],
          "attention_resnet": [f"--set={field}" for field in ("depth=10", "width=4", "stages=2", "attention_from=2")]}
each_model = pytest.mark.parametrize("model", MODELS)


def pictures(n, seed):
    rng = np.random.default_rng(seed)
    return Images(rng.integers(0, 256, (n, 1, SIDE, SIDE), np.uint8), np.arange(n) % 4)


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = ImageParts(pictures(40, 0), pictures(13, 1), pictures(13, 2), tuple("abcd"))
    for name, given in (("mnist", parts), ("fashion-mnist-0-4", parts.of([0, 1])),
                        ("fashion-mnist-5-9", parts.of([3, 2, 1]))):
        monkeypatch.setitem(images.CORPORA, name, images.CORPORA[name]._replace(load=lambda given=given: given))


def tinyseq(capsys, *arguments):
    capsys.readouterr()
    status = main([str(argument) for argument in arguments])
    return (status, *capsys.readouterr())


def trained(capsys, model, corpus="mnist", out="run", *more):
    return tinyseq(capsys, "train", model, "--corpus", corpus, *SMALL, *MODELS[model], "--out", out, *more)


@each_model
def test_a_run_is_trained_measured_and_asked(model, capsys):
    status, out, err = trained(capsys, model)
    assert status == 0 and "to beat in validation, accuracy: nearest class mean" in err and "8/8" in err
    assert {path.name for path in Path("run").iterdir()} == {"config.json", "checkpoint.safetensors", "log.jsonl",
                                                             "loss.png", "sample.txt"}
    assert Path("run/sample.txt").read_text() in out and "tinyseq predict run IMAGE.png" in out
    status, line, note = tinyseq(capsys, "evaluate", "run")
    assert status == 0 and line.strip() in out and "4 labels" in note
    np.save("image.npy", pictures(1, 5).pixels[0, 0])
    status, answer, _ = tinyseq(capsys, "predict", "run", "image.npy")
    assert status == 0 and answer.endswith("  image.npy\n") and answer[0] in "abcd"


@each_model
def test_stopped_and_resumed_is_the_same_as_never_stopped(model, capsys):
    constant = ["--set", "schedule=constant", "--set", "augment=shift_flip"]
    assert trained(capsys, model, "mnist", "whole", *constant)[0] == 0
    assert trained(capsys, model, "mnist", "halves", *constant, "--steps", 4)[0] == 0
    assert tinyseq(capsys, "train", "--resume", "halves", "--steps", 8)[0] == 0
    (one, _), (other, _) = (load(Path(folder, "checkpoint.safetensors")) for folder in ("whole", "halves"))
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


@each_model
@pytest.mark.parametrize("frozen", ["body", "none"])
def test_what_was_learnt_of_some_labels_serves_others(model, frozen, capsys):
    assert trained(capsys, model, "fashion-mnist-0-4", "first")[0] == 0
    constant = ["--set", "schedule=constant", "--set", "start_from=first", "--set", f"frozen={frozen}"]
    assert trained(capsys, model, "fashion-mnist-5-9", "second", *constant)[0] == 0
    first, second = (load(Path(folder, "checkpoint.safetensors")).tensors for folder in ("first", "second"))
    head = {"attention_cnn": "output", "attention_resnet": "fc"}[model]
    body = [name.removeprefix("best/") for name in first if name.startswith("best/") and f"/{head}." not in name]
    assert all(np.array_equal(first[f"best/{name}"], second[f"model/{name}"]) for name in body) == (frozen == "body")
    assert second[f"model/{head}.b"].shape == (3,)
    assert trained(capsys, model, "fashion-mnist-5-9", "third", *constant, "--steps", 4)[0] == 0
    for path in Path("first").iterdir():
        path.unlink()                                      # nobody needs it any more
    assert tinyseq(capsys, "train", "--resume", "third", "--steps", 8)[0] == 0
    again = load("third/checkpoint.safetensors").tensors
    assert again.keys() == second.keys()
    assert all(np.array_equal(again[name], second[name]) for name in second)


@pytest.mark.parametrize("options, says", [
    (["--set", "start_from=none-here"], "there is no file none-here"),
    (["--set", "frozen=body"], "say where by start_from=RUN"),
    (["--set", "size=28"], "size is 14 here, because the data decides it"),
    (["--set", "depth=19"], "depth is one of 10, 18, 34, 50"),
    (["--set", "num_heads=3"], "num_heads divides C"),
    (["--set", "augment=turn"], "augment is one of none, shift, flip, shift_flip"),
    (["--corpus", "imagenet"], "there are no images 'imagenet'"),
])
def test_mistakes_are_one_line_and_write_nothing(options, says, capsys):
    status, out, err = trained(capsys, "attention_resnet", "mnist", "run", *options)
    assert (status, out) == (2, "") and says in err and err.count("\n") == 1
    assert not Path("run").exists()


def test_a_run_of_other_sizes_or_of_another_model_is_no_beginning(capsys):
    assert trained(capsys, "attention_resnet", "fashion-mnist-0-4", "first")[0] == 0
    for model, options, says in (
            ("attention_resnet", ["--set", "width=8"], "has the shape (1, 3, 3, 4), expected was (1, 3, 3, 8)"),
            ("attention_cnn", [], "which this model has")):
        status, _, err = trained(capsys, model, "fashion-mnist-5-9", "run", "--set", "start_from=first", *options)
        assert status == 2 and says in err and not Path("run").exists()


def test_an_image_that_does_not_fit_is_one_line(capsys):
    assert trained(capsys, "attention_cnn")[0] == 0
    np.save("image.npy", np.zeros((28, 28), np.uint8))
    status, out, err = tinyseq(capsys, "predict", "run", "image.npy")
    assert (status, out) == (2, "") and "has 28 x 28 pixels; the model takes 14 x 14" in err and err.count("\n") == 1


def test_a_damaged_run_is_refused(capsys):
    assert trained(capsys, "attention_cnn")[0] == 0
    config = json.loads(Path("run/config.json").read_text())
    del config["data"]["mean"]
    Path("run/config.json").write_text(json.dumps(config))
    status, _, err = tinyseq(capsys, "evaluate", "run")
    assert status == 2 and "config.json is damaged" in err and err.count("\n") == 1
