"""The command line: what each command does, and what it says of wrong use and bad input."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tinyseq import models
from tinyseq.cli import OPTIONS, main
from tinyseq.files import load, save

ROOT = Path(__file__).parents[1]
TEXT = "the cat sat on the mat.\na dog ran to the door.\n" * 40
SMALL = ["--hidden", "8", "--batch", "2", "--seq-len", "8", "--steps", "20", "--threads", "2"]
RUN_FILES = {"config.json", "checkpoint.safetensors", "log.jsonl", "loss.png", "sample.txt"}
VALIDATION = re.compile(r"validation (\d+\.\d{4}) nats/char  (\d+\.\d{4}) bits/char  perplexity (\d+\.\d\d)\n")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a text, another one, and the run folders of two models. Nobody writes into it."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "text").write_text(TEXT, encoding="utf-8")
    (folder / "other").write_text("a cat ran to the mat.\n" * 30, encoding="utf-8")
    before = os.getcwd()
    os.chdir(folder)
    try:
        for model in ("char_lstm", "char_rnn"):
            assert main(["train", model, "--corpus", "text", *SMALL, "--set", "evaluate_every=10"]) == 0
        assert main(["train", "sine_forecaster", "--steps", "20"]) == 0
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def there(trained, monkeypatch, capsys):
    """Standing in that folder."""
    monkeypatch.chdir(trained)
    return Path("runs/char_lstm-1")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Standing in a folder with nothing but a text."""
    monkeypatch.chdir(tmp_path)
    Path("text").write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run_copy(trained, tmp_path, monkeypatch):
    """A copy of the folder, to be damaged."""
    import shutil

    shutil.copytree(trained, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return Path("runs/char_lstm-1")


def tinyseq(capsys, *arguments):
    """Status, stdout and stderr of a command in this process."""
    capsys.readouterr()
    try:
        status = main([str(argument) for argument in arguments])
    except SystemExit as stopped:                                  # argparse
        status = stopped.code
    out, err = capsys.readouterr()
    return status, out, err


def outside(*arguments, stdout=subprocess.PIPE, **environment):
    """The same in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, "-m", "tinyseq", *map(str, arguments)], env=environment, text=True,
                          stdout=stdout, stderr=subprocess.PIPE, timeout=60)


def contents(folder="."):
    """Every file and folder below, with its bytes and its time of change."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
            for path in Path(folder).rglob("*")}


def refused(capsys, *arguments, says):
    """The command ends with 2, one line on stderr that holds the words, and nothing changed on the disk."""
    before = contents()
    status, out, err = tinyseq(capsys, *arguments)
    assert (status, out) == (2, ""), (status, out, err)
    assert err.endswith("\n") and err.count("\n") == 1 and err.startswith("tinyseq"), err
    for words in [says] if isinstance(says, str) else says:
        assert words in err, err
    assert contents() == before


# train ------------------------------------------------------------------------------------------------------

def test_train_fills_a_run_folder_and_shows_what_it_reached(place, capsys):
    status, out, err = tinyseq(capsys, "train", "char_gru", "--corpus", "text", *SMALL, "--out", "a/run")
    assert status == 0
    assert {path.name for path in Path("a/run").iterdir()} == RUN_FILES
    assert "corpus: text" in err and "to beat: counting 5-grams reaches" in err and "20/20" in err
    assert VALIDATION.search(out) and Path("a/run/sample.txt").read_text() in out
    assert "run folder: a/run (more by: tinyseq sample a/run)" in out
    assert Path("a/run/loss.png").read_bytes().startswith(b"\x89PNG")
    lines = [json.loads(line) for line in Path("a/run/log.jsonl").read_text().splitlines()]
    assert [(line["step"], "validation" in line) for line in lines] == [(10, False), (20, False), (20, True)]
    assert {"step", "loss", "lr", "seconds", "norm"} == set(lines[0])


def test_options_and_settings_reach_the_run(place, capsys):
    assert tinyseq(capsys, "train", "char_gru", "--corpus", "text", *SMALL, "--lr", "0.5", "--seed", "7", "--out",
                   "run", "--set", "variant=cudnn", "--set", "clip_norm=none", "--set", "clip_value=0.25")[0] == 0
    config = json.loads(Path("run/config.json").read_text(encoding="utf-8"))
    assert config["model"] == "char_gru" and config["config"] == {"V": 15, "H": 8, "variant": "cudnn", "dropout": 0.0}
    expected = {"steps": 20, "batch": 2, "seq_len": 8, "lr": 0.5, "seed": 7, "threads": 2, "clip_norm": None,
                "clip_value": 0.25}
    assert {name: config["recipe"][name] for name in expected} == expected
    assert config["data"]["corpus"] == "text" and len(config["data"]["symbols"]) == 15
    assert load("run/checkpoint.safetensors").tensors["model/W_hy"].shape == (8, 15)


@pytest.mark.parametrize("preset", [None, "quick", "long", "book"])
def test_presets(place, capsys, preset):
    chosen = [] if preset is None else ["--preset", preset]
    assert tinyseq(capsys, "train", "char_gru", "--corpus", "text", *SMALL, *chosen, "--out", "run")[0] == 0
    config = json.loads(Path("run/config.json").read_text())
    there = {**config["recipe"], **config["config"]}
    ours = {"steps", "batch", "seq_len"}
    wanted = {k: v for k, v in models.find("char_gru").PRESETS[preset or "quick"].items() if k not in ours}
    assert {name: there[name] for name in wanted} == wanted


def test_the_best_weights_write_the_sample_and_are_those_to_use(place, capsys, monkeypatch):
    values = [1.0, 2.0]
    with monkeypatch.context() as patch:
        patch.setattr("tinyseq.training.characters.nats_per_character", lambda model, ids: values.pop(0))
        assert tinyseq(capsys, "train", "char_rnn", "--corpus", "text", *SMALL, "--lr", "0.05", "--set",
                       "evaluate_every=10", "--out", "run")[0] == 0
    measured = tinyseq(capsys, "evaluate", "run")[1]
    sample = tinyseq(capsys, "sample", "run", "--length", 400, "--seed", 0)[1]
    assert sample == Path("run/sample.txt").read_text(encoding="utf-8") + "\n"
    tensors, metadata = load("run/checkpoint.safetensors")
    last = {name: array for name, array in tensors.items() if not name.startswith("best/")}
    save("run/checkpoint.safetensors", last, metadata)                   # from now on the last weights are all there is
    assert tinyseq(capsys, "evaluate", "run")[1] != measured
    assert tinyseq(capsys, "sample", "run", "--length", 400, "--seed", 0)[1] != sample


def test_the_lstm_is_what_is_trained_when_no_model_is_named(place, capsys):
    assert tinyseq(capsys, "train", "--corpus", "text", *SMALL)[0] == 0
    assert os.listdir("runs") == ["char_lstm-1"]


def test_each_run_takes_the_first_free_folder(place, capsys):
    for _ in range(2):
        assert tinyseq(capsys, "train", "char_rnn", "--corpus", "text", *SMALL, "--steps", "2")[0] == 0
    assert sorted(os.listdir("runs")) == ["char_rnn-1", "char_rnn-2"]
    one, two = (load(f"runs/char_rnn-{n}/checkpoint.safetensors").tensors for n in (1, 2))
    assert all(np.array_equal(one[name], two[name]) for name in one)       # the same seed, the same run


def test_the_forecaster_is_trained_and_measured(there, capsys):
    assert {path.name for path in Path("runs/sine_forecaster-1").iterdir()} == RUN_FILES
    status, out, _ = tinyseq(capsys, "evaluate", "runs/sine_forecaster-1")
    assert status == 0 and "test MSE" in out and "persistence" in out and "least squares" in out and "noise" in out
    refused(capsys, "sample", "runs/sine_forecaster-1", says="does not write: measure it by `tinyseq evaluate")


# sample -----------------------------------------------------------------------------------------------------

def test_sample_goes_on_from_the_prompt_and_the_seed_repeats_it(there, capsys):
    texts = [tinyseq(capsys, "sample", there, "--prompt", "the c", "--length", 30, "--seed", seed)[1]
             for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert all(text.startswith("the c") and text.endswith("\n") and len(text) == 5 + 30 + 1 for text in texts)
    assert set(texts[0]) <= set(TEXT)


def test_sample_without_a_prompt_begins_on_a_new_line(there, capsys):
    explicit = tinyseq(capsys, "sample", there, "--prompt", "\n", "--length", 20, "--seed", 1)
    assert tinyseq(capsys, "sample", there, "--length", 20, "--seed", 1) == explicit
    assert len(explicit[1]) == 21


def test_a_text_of_one_line_can_be_sampled_without_a_prompt(place, capsys):
    Path("line").write_text("abcab" * 40)
    assert tinyseq(capsys, "train", "char_rnn", "--corpus", "line", *SMALL, "--out", "run")[0] == 0
    assert re.fullmatch("a[abc]{9}\n", tinyseq(capsys, "sample", "run", "--length", 9)[1])


def test_temperature_0_is_greedy(there, capsys):
    greedy = [tinyseq(capsys, "sample", there, "--temperature", 0, "--length", 30, "--seed", seed)[1]
              for seed in (1, 2)]
    assert greedy[0] == greedy[1] == tinyseq(capsys, "sample", there, "--top-k", 1, "--length", 30, "--seed", 3)[1]
    assert greedy[0] == tinyseq(capsys, "sample", there, "--top-p", 1e-9, "--length", 30, "--seed", 4)[1]


def test_top_k_and_top_p_leave_less_to_chance(there, capsys):
    def symbols(*settings):
        return len(set(tinyseq(capsys, "sample", there, "--temperature", 5, "--length", 300, "--seed", 0,
                               *settings)[1]))
    assert symbols("--top-k", 2) < symbols() and symbols("--top-p", 0.1) < symbols()
    assert symbols("--top-k", 99) == symbols("--top-p", 1) == symbols()


def test_stop_ends_the_text_inside(there, capsys):
    whole = tinyseq(capsys, "sample", there, "--prompt", "t", "--length", 200, "--seed", 1)[1]
    stop = whole[20:22]
    cut = tinyseq(capsys, "sample", there, "--prompt", "t", "--length", 200, "--seed", 1, "--stop", stop)[1]
    assert cut == whole[:1 + whole[1:].index(stop) + 2] + "\n" and len(cut) < len(whole)


def test_length_0_writes_nothing(there, capsys):
    assert tinyseq(capsys, "sample", there, "--prompt", "the", "--length", 0)[:2] == (0, "the\n")


def test_head_may_stop_listening(there):
    """tinyseq sample RUN | head -c 5"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tinyseq", "sample", str(there), "--prompt", "the cat", "--length", "100000"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as sampling:
        assert sampling.stdout.read(5) == b"the c"
        sampling.stdout.close()
        assert sampling.wait(timeout=60) == 0
        assert sampling.stderr.read() == b""


def test_nobody_may_listen_at_all():
    """tinyseq models | true: what little is written waits in a buffer until the end."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = outside("models", stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


# evaluate ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["char_lstm", "char_rnn"])
def test_evaluate_gives_the_best_validation_of_the_log(there, capsys, name):
    lines = [json.loads(line) for line in Path(f"runs/{name}-1/log.jsonl").read_text().splitlines()]
    best = min(line["validation"] for line in lines if "validation" in line)
    status, out, err = tinyseq(capsys, "evaluate", f"runs/{name}-1")
    nats, bits, perplexity = map(float, VALIDATION.fullmatch(out).groups())
    assert status == 0 and "held-out tail" in err
    assert f"{best:.4f}" == f"{nats:.4f}"
    assert bits == pytest.approx(best / np.log(2), abs=1e-4) and perplexity == pytest.approx(np.exp(best), abs=0.01)


def test_evaluate_on_another_text(there, capsys):
    own, other = tinyseq(capsys, "evaluate", there), tinyseq(capsys, "evaluate", there, "--corpus", "other")
    assert other[0] == 0 and VALIDATION.fullmatch(other[1]) and own[1] != other[1]
    assert "other" in other[2] and "all of it" in other[2]


# models, data, gradcheck, info ------------------------------------------------------------------------------

def test_models(capsys):
    status, out, _ = tinyseq(capsys, "models")
    rows = out.splitlines()[1:]
    assert status == 0 and [row.split()[0] for row in rows] == list(models.NAMES)
    assert "346,433" in rows[1] and "Tiny Shakespeare" in rows[1] and "LSTM character model" in rows[1]


def test_data_list(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TINYSEQ_DATA", str(tmp_path))
    status, out, _ = tinyseq(capsys, "data", "list")
    assert status == 0 and "tinyshakespeare" in out and "sunspots.csv" in out


@pytest.mark.parametrize("name", models.NAMES)
def test_gradcheck_of_a_model(capsys, name):
    status, out, _ = tinyseq(capsys, "gradcheck", name)
    assert status == 0 and re.match(rf"{name} +gradient right for \d+ entries of \d+ tensors, to 1e-08\n$", out)


def test_gradcheck_of_an_op(capsys):
    status, out, _ = tinyseq(capsys, "gradcheck", "tanh")
    assert status == 0 and out.startswith("tanh ") and "gradient right" in out


def test_a_wrong_gradient_is_exit_status_1(capsys, monkeypatch):
    page = models.find("char_rnn")
    whole = page.Model.loss

    def loss(self, batch):
        total, count = whole(self, batch)
        return total + (self.b_y.detach() * self.b_y.detach()).sum(), count
    monkeypatch.setattr(page.Model, "loss", loss)
    status, out, _ = tinyseq(capsys, "gradcheck", "char_rnn")
    assert status == 1 and "the gradient is wrong" in out and "b_y (5,)" in out


def test_info(capsys, monkeypatch):
    monkeypatch.setenv("TINYSEQ_DATA", "somewhere")
    status, out, _ = tinyseq(capsys, "info")
    rows = dict(line.split(None, 1) for line in out.splitlines() if not line.startswith("data folder"))
    assert status == 0 and {"tinyseq", "python", "numpy", "backend", "device", "threads"} <= set(rows)
    assert rows["backend"].startswith(("numpy", "cupy", "strict")) and "data folder  somewhere" in out


def test_help_is_there_for_every_command(capsys):
    for arguments in ([], ["train"], ["sample"], ["evaluate"], ["models"], ["data"], ["gradcheck"], ["info"]):
        status, out, err = tinyseq(capsys, *arguments, "--help")
        assert status == 0 and out.startswith("usage: tinyseq") and err == ""


# Wrong use --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, says", [
    ([], "the following arguments are required: COMMAND"), (["trian"], "invalid choice: 'trian'"),
    (["train", "char_lsmt"], ["no model 'char_lsmt'", "char_lstm"]), (["train", "--stairs", "3"], "--stairs"),
    (["train", "--preset", "best"], ["--preset", "quick"]), (["sample"], "RUN"),
    (["train", "--set", "lr"], "--set takes FIELD=VALUE; got 'lr'"),
    (["train", "--set", "stairs=3"], ["no field 'stairs'", "steps", "clip_norm", "H"]),
    (["train", "--set", "lr=fast"], "lr is of type float; 'fast' is not"),
    (["train", "--set", "optimiser=adm"], ["optimiser is one of", "'adm'"]),
    (["train", "--steps", "1.5"], "steps is of type int; '1.5' is not"),
    (["train", "--lr", "nan"], "lr is above 0"), (["train", "--seed", "-1"], "seed"),
    (["data", "remove"], "invalid choice"), (["data", "fetch"], "tinyseq data list"),
    (["data", "fetch", "nothing"], "nothing"), (["gradcheck", "tahn"], ["'tahn'", "tanh"])])
def test_wrong_use(place, capsys, arguments, says):
    refused(capsys, *arguments, says=says)


@pytest.mark.parametrize("option, value", [
    (option, value) for option in OPTIONS for value in ("0", "-1", "x")
    if (option, value) not in (("--seed", "0"), ("--threads", "0"))])   # a seed like any other; one for each core
def test_sizes_of_zero_or_below(place, capsys, option, value):
    others = {"--corpus": "text", **dict(zip(SMALL[::2], SMALL[1::2], strict=True)), option: value}
    refused(capsys, "train", *[word for pair in others.items() for word in pair], says=value)


@pytest.mark.parametrize("setting, says", [
    ("dropout=1", "Dropout"), ("weight_decay=-1", "weight_decay"), ("evaluate_every=0", "evaluate_every"),
    ("patience=0", "patience"), ("clip_norm=0", "clip_norm"), ("clip_value=inf", "clip_value"),
    ("variant=best", "variant"), ("V=3", "V is 15 here, because the data decides it: leave it out"),
    ("warmup=-1", "warmup"), ("H=0", "H=0"),
    ("H=100000000000000", "allocate")])
def test_settings_out_of_range(place, capsys, setting, says):
    refused(capsys, "train", "char_gru", "--corpus", "text", *SMALL, "--set", setting, "--out", "run", says=says)


def test_a_decay_that_grows(place, capsys):
    refused(capsys, "train", "--corpus", "text", *SMALL, "--set", "schedule=step", "--set", "decay_factor=2",
            says="factor must be above 0 and at most 1, got 2.0")


# Bad corpora ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("content, says", [
    (None, ["there is no file bad", "the path of a text file"]), (b"", ["bad is empty", "give a file with text in it"]),
    (b"text\0more", ["not a text file", "give a text file"]), (b"caf\xe9 " * 300, ["not text in UTF-8", "save it as"]),
    (bytes(range(256)) * 20, "not a text file"), (b"a", "too short"),
    (b"too short", ["too short", "give a longer text"]), (b"0123456789 " * 12, ["too short", "give a longer text"])])
def test_corpora_that_cannot_be_trained_on(place, capsys, content, says):
    if content is not None:
        Path("bad").write_bytes(content)
    refused(capsys, "train", "--corpus", "bad", *SMALL, "--seq-len", "64", says=says)


def test_a_folder_as_corpus(place, capsys):
    Path("folder").mkdir()
    refused(capsys, "train", "--corpus", "folder", *SMALL, says="is a folder; give one text file")


def test_a_text_just_long_enough_is_trained_on(place, capsys):
    Path("short").write_text("abcdefghij")                         # 9 to train on and 1 to validate: no prediction
    refused(capsys, "train", "--corpus", "short", *SMALL, "--batch", "1", says="too short")
    Path("short").write_text("abcdefghijk")
    assert tinyseq(capsys, "train", "--corpus", "short", *SMALL, "--batch", "1")[0] == 0


def test_an_unknown_series(place, capsys):
    refused(capsys, "train", "sine_forecaster", "--corpus", "cosine", says=["'cosine'", "sine, sunspots, weather"])


# Bad folders ------------------------------------------------------------------------------------------------

def test_a_run_folder_that_exists(there, capsys):
    refused(capsys, "train", "--corpus", "text", *SMALL, "--out", there, says=["exists already", f"--resume {there}"])


def test_a_run_folder_that_cannot_be_made(place, capsys):
    refused(capsys, "train", "--corpus", "text", *SMALL, "--out", "text/run", says=["cannot be made", "another place"])


@pytest.mark.parametrize("command", [["sample"], ["evaluate"], ["train", "--resume"]])
def test_no_run_folder(place, capsys, command):
    Path("folder").mkdir()
    for folder in ("folder", "nowhere", "text", ""):
        refused(capsys, *command, folder, says=["run folder" if folder != "text" else "not from tinyseq"])


@pytest.mark.parametrize("command", [["sample"], ["evaluate"], ["train", "--steps", "30", "--resume"]])
@pytest.mark.parametrize("damage, says", [
    (lambda run: (run / "config.json").write_text("{"), ["config.json is damaged", "train a new run"]),
    (lambda run: (run / "config.json").write_text('{"steps": 3}'), ["config.json is damaged", "train a new run"]),
    (lambda run: edit(run, model="char_lsmt"), ["no model 'char_lsmt'", "char_lstm"]),
    (lambda run: edit(run, config={"V": 15, "units": 8}), ["does not fit char_lstm", "train a new run"]),
    (lambda run: edit(run, config={"V": 15, "H": 9}), "belong to another model"),
    (lambda run: edit(run, model="char_rnn"), "belong to another model"),
    (lambda run: (run / "checkpoint.safetensors").unlink(), "there is no file"),
    (lambda run: (run / "checkpoint.safetensors").write_bytes(b"other"), ["is damaged", "take another copy"]),
    (lambda run: cut(run / "checkpoint.safetensors"), ["is damaged", "take another copy"]),
    (lambda run: save(run / "checkpoint.safetensors", {"w": np.zeros(3)}), "is not a checkpoint of a run")])
def test_damaged_run_folders(run_copy, capsys, command, damage, says):
    damage(run_copy)
    refused(capsys, *command, run_copy, says=says)


def edit(run, **changes):
    """Change entries of config.json."""
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    (run / "config.json").write_text(json.dumps({**config, **changes}), encoding="utf-8")


def cut(path):
    path.write_bytes(path.read_bytes()[:-50])


@pytest.mark.parametrize("arguments, says", [
    (["char_gru"], ["MODEL char_lstm, not char_gru", "leave MODEL out"]),
    (["--hidden", "16"], ["H 8, not 16", "train a new run without --resume"]),
    (["--set", "dropout=0.5"], "dropout 0.0"), (["--corpus", "other"], "--corpus text, not other"),
    (["--seq-len", "9"], "seq_len 8, not 9"),
    (["--lr", "1"], "lr "), (["--seed", "3"], "seed 0, not 3"), (["--batch", "4"], "batch 2, not 4"),
    (["--out", "else"], "--out"), (["--preset", "book"], "--preset"), (["--steps", "20"], "has done its 20 steps"),
    (["--steps", "0"], "steps is at least 1")])
def test_resume_as_another_run(there, capsys, arguments, says):
    steps = [] if "--steps" in arguments else ["--steps", "30"]
    refused(capsys, "train", *arguments, *steps, "--resume", there, says=says)


def test_resume_takes_what_is_as_it_was(run_copy, capsys):
    assert tinyseq(capsys, "train", "char_lstm", "--hidden", 8, "--corpus", "text", "--steps", 25, "--resume",
                   run_copy)[0] == 0


@pytest.mark.parametrize("change, says", [(lambda text: text.write_text(TEXT + "more"), "not the text that this run"),
                                          (lambda text: text.unlink(), "there is no file text")])
def test_resume_without_its_corpus(run_copy, capsys, change, says):
    change(Path("text"))
    refused(capsys, "train", "--resume", run_copy, "--steps", "30", says=says)
    status, out, err = tinyseq(capsys, "evaluate", run_copy)
    assert (status, out, err.count("\n")) == (2, "", 1)


# Bad settings of a sample -----------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, says", [
    (["--prompt", "the Cat"], ["'C'", "is not among", "leave it out"]), (["--prompt", ""], "at least one symbol"),
    (["--prompt", "é"], "'é'"), (["--stop", "!"], "'!'"),
    (["--temperature", "-0.5"], "temperature is 0 (greedy) or above"), (["--temperature", "nan"], "temperature"),
    (["--temperature", "hot"], "--temperature"),
    (["--top-k", "0"], "top-k is at least 1; got 0"), (["--top-k", "-1"], "top-k"), (["--top-k", "1.5"], "--top-k"),
    (["--top-p", "0"], "top-p lies in (0, 1]; got 0.0"), (["--top-p", "1.5"], "top-p"), (["--top-p", "-1"], "top-p"),
    (["--length", "-1"], "length is at least 0; got -1"), (["--length", "many"], "--length"),
    (["--seed", "-1"], "seed is at least 0; got -1")])
def test_settings_of_a_sample_out_of_range(there, capsys, arguments, says):
    refused(capsys, "sample", there, *arguments, says=says)


@pytest.mark.parametrize("content, says", [("The Cat", "'T'"), ("a", "too short"), (None, "there is no file bad")])
def test_texts_that_cannot_be_evaluated(run_copy, capsys, content, says):
    if content is not None:
        Path("bad").write_text(content)
    refused(capsys, "evaluate", run_copy, "--corpus", "bad", says=says)


# Processes --------------------------------------------------------------------------------------------------

def test_the_exit_status_reaches_the_shell(place):
    done = outside("train", "--corpus", "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("tinyseq train: there is no file nowhere; --corpus takes auto, shakespeare, pydoc or the "
                           "path of a text file\n")
    assert outside("models").returncode == 0
    assert os.listdir() == ["text"]


@pytest.mark.parametrize("command", [["info"], ["train", "--corpus", "text"]])
def test_a_backend_that_does_not_exist(place, command):
    done = outside(*command, TINYSEQ_BACKEND="torch")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and "numpy, cupy, auto" in done.stderr and "pip install" in done.stderr
    assert os.listdir() == ["text"]
