import os

import numpy as np
import pytest

from tinyseq.data import DataUnavailable, load_corpus, split
from tinyseq.data import text as text_page


@pytest.fixture
def nowhere(monkeypatch):
    """Tiny Shakespeare can be had in none of the three ways."""
    def find(name):
        raise DataUnavailable(f"{name} is not here", "set TINYSEQ_DATA")
    monkeypatch.setattr(text_page, "find", find)


def test_pydoc_is_long_plain_and_says_nothing_twice():
    corpus = load_corpus("pydoc")
    assert corpus.name == "pydoc" and corpus == load_corpus("pydoc")
    assert len(corpus.text) > 200_000
    assert 'The "assert" statement' in corpus.text
    paragraphs = corpus.text.rstrip("\n").split("\n\n")
    assert len(set(paragraphs)) == len(paragraphs)
    assert "pydoc" in corpus.note and "\n" not in corpus.note


def test_auto_takes_shakespeare_where_it_is(monkeypatch, tmp_path):
    (tmp_path / "input.txt").write_text("To be, or not", encoding="utf-8")
    monkeypatch.setattr(text_page, "find", lambda name: tmp_path / "input.txt")
    for spec in ("auto", "shakespeare"):
        corpus = load_corpus(spec)
        assert (corpus.name, corpus.text) == ("shakespeare", "To be, or not")
        assert str(tmp_path) in corpus.note


def test_auto_takes_pydoc_where_shakespeare_is_not_and_says_why(nowhere):
    corpus = load_corpus("auto")
    assert corpus.text == load_corpus("pydoc").text
    assert "pydoc" in corpus.note and "because tinyshakespeare is not here" in corpus.note
    assert "\n" not in corpus.note


def test_shakespeare_by_name_does_not_fall_back(nowhere):
    with pytest.raises(DataUnavailable, match="--corpus pydoc"):
        load_corpus("shakespeare")


def test_auto_does_not_hide_a_damaged_copy(monkeypatch, tmp_path):
    (tmp_path / "tinyshakespeare").mkdir()
    (tmp_path / "tinyshakespeare" / "input.txt").write_text("half of it")
    monkeypatch.setenv("TINYSEQ_DATA", str(tmp_path))
    with pytest.raises(ValueError, match="sha256"):
        load_corpus("auto")


@pytest.mark.skipif("TINYSEQ_DATA" not in os.environ, reason="needs the data sets: set TINYSEQ_DATA")
def test_the_real_shakespeare():
    corpus = load_corpus("auto")
    assert len(corpus.text) == 1_115_394 and len(set(corpus.text)) == 65
    assert corpus.text.startswith("First Citizen:")


def test_a_path_is_read_as_it_is(tmp_path):
    path = tmp_path / "häiku.txt"
    path.write_bytes("古池や\r\n\tcafé".encode())
    corpus = load_corpus(str(path))
    assert corpus.text == "古池や\r\n\tcafé"
    assert corpus.name == str(path) and str(path) in corpus.note


@pytest.mark.parametrize(("content", "message"), [
    (b"", "is empty"),
    (b"abc\0def", "not a text file: byte 3 is zero"),
    (b"caf\xe9", "not text in UTF-8: byte 3 is 0xe9"),
])
def test_a_file_that_is_no_text(tmp_path, content, message):
    path = tmp_path / "corpus"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        load_corpus(str(path))
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_path_that_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        load_corpus(str(tmp_path))
    with pytest.raises(ValueError, match=r"no file shakespere; --corpus takes auto, shakespeare"):
        load_corpus("shakespere")
    with pytest.raises(ValueError, match="cannot be read"):
        load_corpus("x" * 5000)                       # a name that is too long for a file


def test_split_holds_out_the_tail():
    train, tail = split(np.arange(100))
    assert train.tolist() == list(range(90)) and tail.tolist() == list(range(90, 100))
    train, tail = split(np.arange(10), validation=0.5)
    assert len(train) == len(tail) == 5


@pytest.mark.parametrize("n", [0, 1, 10])
def test_split_of_too_short_a_text(n):
    with pytest.raises(ValueError, match=f"of its {n} characters"):
        split(np.arange(n))


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
def test_split_by_an_impossible_share(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        split(np.arange(100), share)
