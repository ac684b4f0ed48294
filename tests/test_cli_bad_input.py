"""Bad input to the models of chapters 7 and 8, from the data file to the checkpoint: by the command line it is one line
on stderr and exit status 2, with nothing written or changed; by the library a ValueError.

The corpora are tiny ones in the real formats, found through TINYSEQ_DATA by the real loaders. Only their checksums are
not looked at: a changed file would otherwise never reach a reader (test_a_data_file_that_was_changed).
"""
import importlib
import io
import json
import shutil
import zipfile
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tinyseq import models
from tinyseq.cli import main, open_run
from tinyseq.data import SOURCES
from tinyseq.decoding import beam_search, greedy
from tinyseq.files import load, save
from tinyseq.training import tasks
from tinyseq.training.answering import answers, vocabularies

SMALL = ["--steps", "2", "--hidden", "4", "--batch", "4", "--threads", "1", "--set", "evaluate_every=2"]
TEXT = "the cat sat on the mat.\na dog ran to the door!\n" * 30
TRAINED = {
    "bilstm_tagger": "ud-english-ewt", "bilstm_crf": "wnut17", "text_classifier": "sms-spam", "g2p_seq2seq": "cmudict",
    "translator": "fra-eng", "char_lstm": "text", "word_lm": "text", "three_language_models": "text",
}
ANSWERING = ["bilstm_tagger", "bilstm_crf", "text_classifier", "g2p_seq2seq", "translator"]
WRITING = ["char_lstm", "word_lm", "three_language_models"]


# Tiny corpora -----------------------------------------------------------------------------------------------

def conllu(*sentences):
    rows = ("".join(f"{i}\t{word}\t_\t{tag}\t_\t_\t0\t_\t_\t_\n" for i, (word, tag) in enumerate(words, 1))
            for words in sentences)
    return "\n".join(rows)


DOGS = conllu((("Dogs", "NOUN"), ("bark", "VERB")), (("Cats", "NOUN"), ("sleep", "VERB"), (".", "PUNCT"))) + "\n"
NAMES = "Bob\tB-person\nSmith\tI-person\nsleeps\tO\n\nAnna\tB-person\nsees\tO\nParis\tB-location\n\n"
VOWELS = "@data\n" + "".join(":".join(["0.5,-1,2"] * 12) + f":{speaker}\n" for speaker in range(1, 10)) * 4
PHONES = {"a": "AE1", "b": "B", "d": "D", "e": "EH0", "f": "F", "g": "G", "k": "K"}
FILES = {
    **{f"ud-english-ewt/en_ewt-ud-{part}.conllu": DOGS * 4 for part in ("train", "dev", "test")},
    **{f"wnut17/{name}": NAMES * 4 for name in ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")},
    "sms-spam/SMSSpamCollection": "".join(f"{label}\tmessage {n} {word}\n" for n in range(10)
                                          for label, word in (("ham", "hello"), ("spam", "win"))),
    "cmudict/cmudict.dict": "".join(f"{a}{b} {PHONES[a]} {PHONES[b]}\n" for a, b in product(PHONES, repeat=2)),
    "timeseries/sunspots.csv": "YEAR,SUNACTIVITY\n" + "".join(f"{1700 + n},{n % 11}.5\n" for n in range(200)),
    "timeseries/seattle-weather.csv": "date,precipitation,temp_max,temp_min,wind,weather\n2012/01/01,0,5,1,2,sun\n",
    "japanese-vowels/JapaneseVowels_TRAIN.ts": VOWELS, "japanese-vowels/JapaneseVowels_TEST.ts": VOWELS,
    **{f"language-names/{file.path}": f"Name of {file.path[:-4]}\nOther {file.path[:-4]}\n"
       for file in SOURCES["language-names"].files},
}
ARCHIVES = {
    "fra-eng/fra-eng.zip": {"fra.txt": "".join(f"{i} {a} {b}.\t{je} {a} {b}.\n" for (i, je), a, b in product(
        (("I am", "Je suis"), ("You are", "Tu es"), ("He is", "Il est")), "abcd", "efgh"))},
    "rt-polarity/sentence_polarity.zip": {f"sentence_polarity/rt-polarity.{label}": "".join(
        f"a {word} film number {n}\n" for n in range(20)) for label, word in (("pos", "good"), ("neg", "bad"))},
}


def lay_out(folder, spoiled=None, member=None, spoil=str):
    """The corpora as files below `folder`; `spoil` changes the text of one of them."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(spoil(text) if name == spoiled else text, encoding="utf-8")
    for name, members in ARCHIVES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder / name, "w") as archive:
            for inner, text in members.items():
                archive.writestr(inner, spoil(text) if (name, inner) == (spoiled, member) else text)


@pytest.fixture
def unchecked(monkeypatch):
    """Checksums are not looked at."""
    monkeypatch.setattr(importlib.import_module("tinyseq.data.fetch"), "_check", lambda path, file: None)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with the corpora, a text, and a run of every model in TRAINED. Nobody writes into it."""
    folder = tmp_path_factory.mktemp("trained")
    lay_out(folder / "data")
    (folder / "text").write_text(TEXT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TINYSEQ_DATA", "data")
        patch.setattr(importlib.import_module("tinyseq.data.fetch"), "_check", lambda path, file: None)
        for model, corpus in TRAINED.items():
            more = ["--seq-len", "8"] if corpus == "text" else []
            assert main(["train", model, "--corpus", corpus, *SMALL, *more, "--out", model]) == 0
    return folder


@pytest.fixture
def there(trained, unchecked, monkeypatch):
    """Standing in that folder."""
    monkeypatch.setenv("TINYSEQ_DATA", "data")
    monkeypatch.chdir(trained)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Standing in an empty folder, whose corpora are still to be laid out."""
    monkeypatch.setenv("TINYSEQ_DATA", "data")
    monkeypatch.setenv("TINYSEQ_CACHE", "cache")
    monkeypatch.chdir(tmp_path)
    return Path()


@pytest.fixture
def refused(capsys, monkeypatch):
    """The command ends with 2, one line on stderr that holds the words, and the files around as they were."""
    def check(*arguments, says, stdin=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        before = contents()
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            status = stopped.code
        out, err = capsys.readouterr()
        assert (status, out) == (2, ""), (status, out, err)
        assert err.startswith("tinyseq") and err.endswith("\n") and err.count("\n") == 1, err
        for words in [says] if isinstance(says, str) else says:
            assert words in err, err
        assert contents() == before
    return check


def contents():
    """Every file and folder around, with its bytes and its time of change."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
            for path in Path().rglob("*")}


# Malformed rows ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("model, corpus, file, member, spoil, says", [
    ("bilstm_tagger", "ud-english-ewt", "en_ewt-ud-train.conllu", None, lambda text: text.replace("VERB", "VRB", 1),
     ["line 2: expected word 2 of its sentence", "10 columns"]),
    ("bilstm_tagger", "ud-english-ewt", "en_ewt-ud-dev.conllu", None, lambda text: text.replace("\t_\n", "\n", 1),
     ["line 1: expected word 1 of its sentence", "10 columns"]),
    ("bilstm_crf", "wnut17", "emerging.test.annotated", None, lambda text: text.replace("\tO", " O", 1),
     ["line 3: expected a token, a tab and one of the tags", "it has 'sleeps O'"]),
    ("bilstm_crf", "wnut17", "wnut17train.conll", None, lambda text: text.replace("Bob\tB-person\n", "", 1),
     ["line 1: expected B-person", "Smith"]),
    ("text_classifier", "sms-spam", "SMSSpamCollection", None, lambda text: text + "eggs\tbuy them\n",
     ["line 21: expected ham or spam", "eggs"]),
    ("text_classifier", "rt-polarity", "sentence_polarity.zip", "sentence_polarity/rt-polarity.neg",
     lambda text: text + "a good film number 3\n", ["rt-polarity.neg, line 21: expected a sentence that does not"]),
    ("text_classifier", "language-names", "Greek.txt", None, lambda text: text + "Name5\n",
     ["line 3: expected a surname", "Name5"]),
    ("text_classifier", "japanese-vowels", "JapaneseVowels_TEST.ts", None, lambda text: text.replace("0.5", "x", 1),
     ["line 2: expected 12 channels of equally many finite numbers"]),
    ("g2p_seq2seq", "cmudict", "cmudict.dict", None, lambda text: text.replace("AE1 B", "AE1 BB", 1),
     ["line 2: expected a word and its phones", "'ab AE1 BB'"]),
    ("translator", "fra-eng", "fra-eng.zip", "fra.txt", lambda text: text.replace("\t", " ", 1),
     ["fra.txt, line 1: expected an English sentence, a tab and a French sentence"]),
    ("translator", "book-pairs", "fra-eng.zip", "fra.txt", lambda text: text + "No French.\t\n",
     ["fra.txt, line 49: expected an English sentence, a tab and a French sentence"]),
    ("forecaster", "sunspots", "sunspots.csv", None, lambda text: text.replace("3.5", "many", 1),
     ["line 5: expected 2 values 'YEAR,SUNACTIVITY'"]),
    ("sine_forecaster", "weather", "seattle-weather.csv", None, lambda text: text.replace(",sun", ",hot"),
     ["line 2: expected 6 values", "'hot' is no kind of weather"])])
def test_a_malformed_row_is_named_before_anything_is_trained(place, unchecked, refused, model, corpus, file, member,
                                                             spoil, says):
    source, = (name.split("/")[0] for name in (*FILES, *ARCHIVES) if name.endswith(f"/{file}"))
    lay_out(place / "data", f"{source}/{file}", member, spoil)
    refused("train", model, "--corpus", corpus, *SMALL, says=[file, *says])


@pytest.mark.parametrize("model", [model for model, corpus in TRAINED.items() if corpus in SOURCES])
def test_a_data_file_that_was_changed(place, refused, model):
    lay_out(place / "data")
    refused("train", model, "--corpus", TRAINED[model], *SMALL, says=["is not the file it should be", "delete or"])


@pytest.mark.parametrize("model", ANSWERING)
def test_an_unknown_corpus(place, refused, model):
    refused("train", model, "--corpus", "nowhere", *SMALL, says=["'nowhere'", TRAINED[model]])


@pytest.mark.parametrize("model, content, says", [
    ("bilstm_tagger", DOGS.replace("2\tbark", "3\tbark"), ["own, line 2: expected word 2 of its sentence"]),
    ("bilstm_crf", NAMES + "Rome\tB-city\n", ["own, line 9: expected a token, a tab and one of the tags"]),
    ("g2p_seq2seq", "ab AE B\nred\n", ["own, line 2: expected a word and its phones", "'red'"]),
    *((model, "", "own is empty; put the whole file") for model in ("bilstm_tagger", "bilstm_crf", "g2p_seq2seq")),
    *((model, "x\n", "leave --corpus out") for model in ("text_classifier", "translator"))])
def test_a_file_that_cannot_be_measured_on(trained, unchecked, monkeypatch, tmp_path, refused, model, content, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TINYSEQ_DATA", str(trained / "data"))
    Path("own").write_text(content, encoding="utf-8")
    refused("evaluate", trained / model, "--corpus", "own", says=says)


# What training never had ------------------------------------------------------------------------------------

@pytest.mark.parametrize("model, content, says", [
    ("bilstm_tagger", DOGS.replace("PUNCT", "SYM"), ["own, sentence 2: training never had the tag 'SYM'", "NOUN, PUN"]),
    ("bilstm_crf", NAMES.replace("location", "group"), ["own, sentence 2: training never had the tag 'B-group'", "O"]),
    ("g2p_seq2seq", "ab AE B\nzoo Z UW\n", ["'z'", "did not occur in the training part"])])
def test_a_tag_or_a_letter_that_training_never_had(trained, unchecked, monkeypatch, tmp_path, refused, model, content,
                                                   says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TINYSEQ_DATA", str(trained / "data"))
    Path("own").write_text(content, encoding="utf-8")
    refused("evaluate", trained / model, "--corpus", "own", says=says)


def test_a_letter_that_training_never_had_in_a_word_to_pronounce(there, refused):
    refused("predict", "g2p_seq2seq", "bad", "zoo", says=["'z'", "did not occur in the training part"])


@pytest.mark.parametrize("model", ["bilstm_tagger", "bilstm_crf", "text_classifier"])
def test_a_tag_or_a_label_that_is_none(model):
    """By the library: ids beyond the last tag."""
    page, batch = tiny(model)
    answer = "labels" if model == "text_classifier" else "tags"
    wrong = getattr(batch, answer).copy()
    wrong.reshape(-1)[0] = page.TINY.K
    with pytest.raises(ValueError, match=r"(targets|tags) go from 0 to 2.*got .*3"):
        page.Model(page.TINY).loss(replace(batch, **{answer: wrong}))


# Empty sequences --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("model", ANSWERING)
def test_nothing_to_answer(there, refused, model):
    for text in ("", " ", "\t"):
        refused("predict", model, "ab", text, says=[f"the text {text!r} has no", "leave it out"])
    refused("predict", model, stdin="ab\n\nab\n", says=["the text '' has no", "leave it out"])
    refused("predict", model, stdin="", says="there is no text to answer")


@pytest.mark.parametrize("model", WRITING)
def test_nothing_to_write_on_from(there, refused, model):
    refused("predict", model, "the", "", says=["the text '' has no symbol", "leave it out"])
    refused("predict", model, stdin="", says="there is no text to answer")


@pytest.mark.parametrize("model", ANSWERING)
def test_a_model_that_answers_does_not_write(there, refused, model):
    refused("sample", model, says="does not write: measure it by `tinyseq evaluate")


@pytest.mark.parametrize("model", ANSWERING)
@pytest.mark.parametrize("length, says", [(0, "at least one|one word or more|is empty"), (9, r"from [01] to T=\d.* 9")])
def test_lengths_of_nothing_and_beyond_the_batch(model, length, says):
    page, batch = tiny(model)
    for field in ("source_lengths", "target_lengths") if hasattr(batch, "source_lengths") else ("lengths",):
        lengths = np.array([length, *getattr(batch, field)[1:]])
        with pytest.raises(ValueError, match=says):
            page.Model(page.TINY).loss(replace(batch, **{field: lengths}))


@pytest.mark.parametrize("count", [0, 9])
@pytest.mark.parametrize("model", ["bilstm_tagger", "bilstm_crf"])
def test_a_word_without_letters_and_one_with_too_many(model, count):
    page, batch = tiny(model)
    with pytest.raises(ValueError, match=rf"from 1 to M=4 letters; letter_counts are from .*{count}"):
        page.Model(page.TINY).loss(replace(batch, letter_counts=np.array([count, 1, 2, 3])))


@pytest.mark.parametrize("model", ["char_rnn", "char_lstm", "char_gru", "deep_lstm", "word_lm"])
def test_texts_without_a_symbol(model):
    page, _ = tiny(model)
    for shape in ((2, 0), (0, 3)):
        with pytest.raises(ValueError, match="at least one sequence of at least one step"):
            page.Model(page.TINY)(np.zeros(shape, int))


def test_a_place_to_mask_beyond_the_window():
    page, batch = tiny("three_language_models")
    with pytest.raises(ValueError, match="places to mask go from 0 to T-1=4; got 0 to 5"):
        page.Model(page.TINY).masked(batch.ids, np.array([[1, 5], [0, 4]]))


# Lengths on the command line --------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, says", [
    (["translator", "--corpus", "fra-eng", *SMALL, "--seq-len", "1"], "choose a larger --seq-len"),
    (["g2p_seq2seq", "--corpus", "cmudict", *SMALL, "--seq-len", "1"], "choose a larger --seq-len"),
    (["forecaster", "--corpus", "sunspots", *SMALL, "--seq-len", "500"], "choose a --seq-len below"),
    (["word_lm", "--corpus", "text", *SMALL, "--seq-len", "5000"], "too short"),
    (["deep_lstm", "--corpus", "text", *SMALL, "--seq-len", "5000"], "too short"),
    *(([model, "--corpus", TRAINED[model], *SMALL, "--seq-len", "0"], "seq_len is at least 1; got 0")
      for model in ANSWERING)])
def test_a_length_that_leaves_nothing(there, refused, arguments, says):
    refused("train", *arguments, says=says)


# Search -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("model", ["g2p_seq2seq", "translator"])
def test_a_beam_without_width_and_a_source_without_symbols(model):
    page, _ = tiny(model)
    network = page.Model(page.TINY)
    for width in (0, -1):
        with pytest.raises(ValueError, match=f"the beam's width is at least 1; got {width}"):
            beam_search(network, [[1, 2]], width, 5)
    for search in (lambda source: greedy(network, source, 5), lambda source: beam_search(network, source, 2, 5)):
        with pytest.raises(ValueError, match="sentence 1 is empty: a sentence has at least one symbol"):
            search([[1], []])
        with pytest.raises(ValueError, match="at least one; got none"):
            search([])


def test_a_beam_without_width_for_a_task(there):
    task = tasks.find("translation")
    model, _, run = open_run("translator")
    with pytest.raises(ValueError, match="the beam's width is at least 1; got 0"):
        answers(model, [["i", "am", "a"]], *vocabularies(run.data), width=0)
    assert task.predict(model, run.data, ["I am a."])


# A checkpoint of another vocabulary -------------------------------------------------------------------------

@pytest.fixture
def copy(trained, unchecked, tmp_path, monkeypatch):
    """A copy of the folder, to be damaged."""
    shutil.copytree(trained, tmp_path / "copy")
    monkeypatch.setenv("TINYSEQ_DATA", "data")
    monkeypatch.chdir(tmp_path / "copy")


def change_symbols(run, change):
    """Change the first symbols in what a run notes about its data, wherever they stand."""
    def changed(data):
        name = next(name for name, value in data.items() if name == "symbols" or "symbols" in value)
        if name != "symbols":
            return {**data, name: changed(data[name])}
        symbols = change(list(data[name]))
        return {**data, name: "".join(symbols) if isinstance(data[name], str) else symbols}
    config = json.loads(Path(run, "config.json").read_text(encoding="utf-8"))
    Path(run, "config.json").write_text(json.dumps({**config, "data": changed(config["data"])}), encoding="utf-8")


@pytest.mark.parametrize("change", [lambda symbols: [*symbols, "X"], lambda symbols: [*symbols[:-1], "X"],
                                    lambda symbols: symbols[::-1]], ids=["larger", "renamed", "reordered"])
@pytest.mark.parametrize("model", TRAINED)
def test_a_vocabulary_that_is_not_the_checkpoints(copy, refused, model, change):
    change_symbols(model, change)
    refused("evaluate", model, says="vocabulary")
    refused(*(["sample", model] if model in WRITING else ["predict", model, "ab"]), says="vocabulary")
    refused("train", "--steps", "4", "--resume", model, says="")


@pytest.mark.parametrize("model", TRAINED)
def test_a_run_that_notes_no_vocabulary(copy, refused, model):
    config = json.loads(Path(model, "config.json").read_text(encoding="utf-8"))
    for noted in ({}, dict.fromkeys(config["data"], 3)):
        data = {**noted, "corpus": config["data"]["corpus"]}
        Path(model, "config.json").write_text(json.dumps({**config, "data": data}), encoding="utf-8")
        refused("evaluate", model, says=["config.json is damaged"])
        refused("train", "--steps", "4", "--resume", model, says=["config.json is damaged"])


def test_the_checkpoint_of_another_run(copy, refused):
    """Of one size, so that every array fits: only what it notes of its data tells them apart."""
    Path("letters").write_text(TEXT.translate(str.maketrans("catdogr", "pqvxyzw")), encoding="utf-8")
    assert main(["train", "char_lstm", "--corpus", "letters", *SMALL, "--seq-len", "8", "--out", "other"]) == 0
    shutil.copy("other/checkpoint.safetensors", "char_lstm/checkpoint.safetensors")
    for command in ("evaluate",), ("sample",), ("train", "--steps", "4", "--resume"):
        refused(*command, "char_lstm", says="checkpoint.safetensors is of another vocabulary, or of other data, than")


def test_a_checkpoint_of_an_earlier_version_does_not_say_and_is_read(copy):
    path = Path("char_lstm/checkpoint.safetensors")
    tensors, metadata = load(path)
    assert "data" in metadata
    save(path, tensors, {name: value for name, value in metadata.items() if name != "data"})
    assert main(["evaluate", "char_lstm"]) == 0
    assert main(["train", "--steps", "4", "--resume", "char_lstm"]) == 0
    assert load(path).metadata["data"] == metadata["data"]


def tiny(model):
    """A model's page, and the batch that its task makes for a gradient check."""
    page = models.find(model)
    return page, tasks.find(page.Model.task).tiny_batch(page.TINY, np.random.default_rng(0))
