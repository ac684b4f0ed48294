"""benchmarks/chapters.py: what is trained, what is not trained twice, the table and its place in the README."""
import json

import chapters
import pytest
from chapters import BEGIN, END, README, STUDIES, Study, is_same, measure, settings_of, table, with_table

from tinyseq import models

STUDY = Study("text_classifier", "vowels", ("japanese-vowels",), {"accuracy": "at least 97 %"},
              ("most frequent label", "linear (tinyseq)", "unheard of"), seeds=(0, 1))


def row(study=STUDY, corpus="japanese-vowels", seed=0, minutes=2.0, **measures):
    return {**chapters.name_of(study, corpus, seed), "settings": settings_of(study, corpus, seed), "minutes": minutes,
            "measures": measures or {"accuracy": 0.97, "most frequent label": 0.1}}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Results go into an empty folder, and nothing is trained: the calls are collected."""
    calls = []

    def trained(study, corpus, seed, again):
        calls.append((study.model, corpus, seed))
        return {"minutes": 1.0, "measures": {"accuracy": len(calls) / 10}}
    monkeypatch.setattr(chapters, "RESULTS", tmp_path / "chapters")
    monkeypatch.setattr(chapters, "trained", trained)
    return tmp_path / "chapters", calls


# What is trained --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("study", STUDIES, ids=lambda study: f"{study.model}-{study.corpora[0]}-{study.options}")
def test_each_study_is_of_a_model_and_a_recipe_that_exist(study):
    assert study.preset in models.find(study.model).PRESETS
    for corpus in study.corpora:
        settings = settings_of(study, corpus, 7)
        assert settings["recipe"]["seed"] == 7 and json.loads(json.dumps(settings)) == settings


def test_what_is_measured_is_not_trained_again(folder):
    path, calls = folder
    measure(STUDY, again=False)
    measure(STUDY._replace(corpora=("sms-spam",)), again=False)
    measure(STUDY, again=False)
    assert calls == [("text_classifier", corpus, seed) for corpus in ("japanese-vowels", "sms-spam") for seed in (0, 1)]
    measure(STUDY, again=True)
    assert len(calls) == 6 and [r["measures"]["accuracy"] for r in chapters.read("text_classifier")] == [
        0.3, 0.4, 0.5, 0.6], "rows in place of their own, the others stay"
    assert [file.name for file in path.iterdir()] == ["text_classifier.json"]


def test_another_recipe_is_trained_again(folder, monkeypatch):
    _, calls = folder
    measure(STUDY, again=False)
    page = models.find("text_classifier")
    monkeypatch.setitem(page.BY_CORPUS["japanese-vowels"], "quick", {"steps": 401})
    measure(STUDY, again=False)
    assert len(calls) == 4
    measure(STUDY, again=False)
    assert len(calls) == 4 and len(chapters.read("text_classifier")) == 2


def test_other_options_are_another_training(folder):
    _, calls = folder
    measure(STUDY, again=False)
    measure(STUDY._replace(options=("cell=gru",)), again=False)
    assert len(calls) == 4 and len(chapters.read("text_classifier")) == 4


def test_a_field_that_came_later_makes_no_difference_and_one_that_went_does():
    settings = settings_of(STUDY, "japanese-vowels", 0)
    later = {**settings, "recipe": {**settings["recipe"], "new": 1}}
    assert is_same(settings, later) and not is_same(later, settings)


def test_a_training_is_one_command_and_its_test(monkeypatch, tmp_path):
    monkeypatch.setattr(chapters, "RUNS", tmp_path)
    study = Study("forecaster", "a sine", ("sine",), {"RMSE": ""}, options=("steps=2", "H=2", "evaluate_every=2"))
    found = chapters.trained(study, "sine", 3)
    assert found["steps"] == 2 and found["parameters"] == models.find("forecaster").Model(
        models.find("forecaster").Config(H=2)).count()
    assert (tmp_path / "forecaster-quick-sine-steps=2-H=2-evaluate_every=2-3" / "checkpoint.safetensors").exists()
    assert found["measures"]["RMSE"] > 0 and 0 <= found["minutes"] < 2 and found["cores"] >= 1


def test_a_whole_training_is_measured_and_a_broken_one_begins_anew(monkeypatch, tmp_path):
    monkeypatch.setattr(chapters, "RUNS", tmp_path)
    study = Study("forecaster", "a sine", ("sine",), {"RMSE": ""}, options=("steps=2", "H=2", "evaluate_every=2"))
    checkpoint = tmp_path / "forecaster-quick-sine-steps=2-H=2-evaluate_every=2-0" / "checkpoint.safetensors"
    first = chapters.trained(study, "sine", 0)
    written = checkpoint.stat().st_mtime_ns
    assert chapters.trained(study, "sine", 0) == first and checkpoint.stat().st_mtime_ns == written
    (checkpoint.parent / "settings.json").unlink()
    assert chapters.trained(study, "sine", 0)["measures"] == first["measures"]
    assert checkpoint.stat().st_mtime_ns > written


def test_a_run_begins_where_another_ended(monkeypatch, tmp_path):
    """The path of the other is one from the root, and stands in no folder's name."""
    ran = []

    def run(command, **settings):
        ran.append((command, settings["cwd"]))
        raise InterruptedError
    monkeypatch.setattr(chapters, "RUNS", tmp_path)
    monkeypatch.setattr(chapters.subprocess, "run", run)
    study = next(study for study in STUDIES if any(option.startswith("start_from=runs/") for option in study.options))
    with pytest.raises(InterruptedError):
        chapters.trained(study, study.corpora[0], 0)
    (command, folder), source = ran[0], next(o for o in study.options if o.startswith("start_from=runs/"))
    out = command[command.index("--out") + 1]
    assert folder == chapters.ROOT and source in command and out.startswith(f"{tmp_path}/attention_resnet-")
    assert out.count("/") == str(tmp_path).count("/") + 1
    first = next(study for study in STUDIES if study.corpora == ("fashion-mnist-0-4",))
    assert source == f"start_from=runs/chapters/{first.model}-{first.preset}-{first.corpora[0]}-0"
    assert STUDIES.index(first) < STUDIES.index(study)


def test_an_unknown_model_is_named(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["chapters.py", "char_rnn"])
    with pytest.raises(SystemExit):
        chapters.main()
    assert "there is no study of 'char_rnn'; they are of bilstm_tagger, " in capsys.readouterr().err


# The table --------------------------------------------------------------------------------------------------

def lines_of(study, rows, monkeypatch, baselines=None):
    monkeypatch.setattr(chapters, "STUDIES", [study])
    return table({"models": {study.model: rows}, "baselines": baselines or {}}).splitlines()[2:]


def test_a_line_says_what_was_asked_what_stands_beside_and_what_was_reached(monkeypatch):
    rows = [row(seed=0, minutes=9.0, accuracy=0.98, **{"most frequent label": 0.1}),
            row(seed=1, minutes=2.04, accuracy=0.96, **{"most frequent label": 0.2})]
    baselines = {"japanese-vowels": {"baselines": {"linear (tinyseq)": {"accuracy": 0.95}}}}
    (line,) = lines_of(STUDY, rows, monkeypatch, baselines)
    assert line == ("| vowels | `text_classifier --corpus japanese-vowels` | accuracy | at least 97 % | most frequent "
                    "label 15.00%; linear 95.00% | 97.00% (mean of 2: 96.00% to 98.00%) | 2.0 |")


def test_a_measure_has_a_line_and_the_baselines_that_have_it(monkeypatch):
    study = Study("g2p_seq2seq", "sounds", ("cmudict",), {"word error": "at most 31 %", "phone error": ""},
                  ("letters (tinyseq)",), options=("attention=none",))
    found = {"word error": 0.3, "phone error": 0.07}
    baselines = {"cmudict": {"baselines": {"letters (tinyseq)": {"word error": 0.4}}}}
    lines = lines_of(study, [row(study, "cmudict", **found)], monkeypatch, baselines)
    assert ["`g2p_seq2seq --corpus cmudict --set attention=none`" in line for line in lines] == [True, True]
    assert "| word error | at most 31 % | letters 40.00% | 30.00% |" in lines[0]
    assert "| phone error | - | - | 7.00% |" in lines[1]


def test_what_was_not_measured_or_with_another_recipe_has_no_line(monkeypatch):
    assert lines_of(STUDY, [], monkeypatch) == []
    assert lines_of(STUDY, [row(corpus="sms-spam")], monkeypatch) == []
    old = row()
    old["settings"]["recipe"]["steps"] += 1
    assert lines_of(STUDY, [old], monkeypatch) == []
    assert "| 97.00% | 2.0 |" in lines_of(STUDY, [old, row(seed=1)], monkeypatch)[0]


@pytest.mark.parametrize("measure, value, text", [
    ("accuracy", 0.98765, "98.77%"), ("phone error, greedy", 0.07, "7.00%"), ("perplexity", 60.123, "60.12"),
    ("nats/char", 1.5, "1.500")])
def test_each_measure_is_written_as_is_usual(measure, value, text):
    assert chapters.written(measure, value) == text


def test_the_readme_takes_the_table_between_its_marks():
    results = {"models": {study.model: [] for study in STUDIES}, "baselines": {}}
    new = with_table(f"before\n{BEGIN}\nold\n{END}\nafter\n", results)
    assert new == f"before\n{BEGIN}\n\n{table(results)}\n\n{END}\nafter\n" == with_table(new, results)
    with pytest.raises(ValueError, match="put them where the table belongs"):
        with_table("before\n", results)


def test_the_readme_has_the_table_of_the_results():
    text = README.read_text(encoding="utf-8")
    assert with_table(text, chapters.results()) == text, "run python benchmarks/chapters.py --write"
