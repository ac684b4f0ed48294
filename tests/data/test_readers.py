"""The readers on small files of their formats, right and wrong."""
import zipfile

import numpy as np
import pytest

from tinyseq.data import (
    Labelled,
    Pair,
    Pronounced,
    Tagged,
    read_cmudict,
    read_conllu,
    read_entities,
    read_fra_eng,
    read_names,
    read_rt_polarity,
    read_sms_spam,
    read_ts,
)
from tinyseq.data.series import read_columns


def word(number, form, tag):
    return f"{number}\t{form}\tlemma\t{tag}\t_\t_\t0\troot\t_\t_\n"


CONLLU = ("# text = don't go\n" + word("1-2", "don't", "_") + word(1, "do", "AUX") + word(2, "n't", "PART")
          + word("2.1", "ghost", "VERB") + word(3, "go", "VERB") + "\n# a remark alone\n\n" + word(1, "Yes", "INTJ"))
CHANNEL = ":".join(["0.5,-1"] * 12)


@pytest.fixture
def write(tmp_path):
    """write(text) -> the path of a file; write(text, member) -> of an archive that has it."""
    def write(text, member=None):
        path = tmp_path / "planted"
        if member is None:
            path.write_text(text, encoding="utf-8", newline="")
        else:
            with zipfile.ZipFile(path, "a") as archive:
                archive.writestr(member, text)
        return path
    return write


def test_cmudict(write):
    path = write("read R EH1 D\nread(2) R IY1 D\n'tis T IH0 Z # short\nread(3) R EH0 D\n")
    assert read_cmudict(path) == [Pronounced("read", (("R", "EH", "D"), ("R", "IY", "D"))),
                                  Pronounced("'tis", (("T", "IH", "Z"),))]


def test_conllu(write):
    assert read_conllu(write(CONLLU)) == [Tagged(("do", "n't", "go"), ("AUX", "PART", "VERB")),
                                          Tagged(("Yes",), ("INTJ",))]
    assert read_conllu(write(CONLLU.replace("\n", "\r\n"))) == read_conllu(write(CONLLU))


def test_entities(write):
    path = write("New\tB-location\nYork\tI-location\n\t\nParis\tB-location\nHilton\tB-person\n\n\n")
    assert read_entities(path) == [Tagged(("New", "York"), ("B-location", "I-location")),
                                   Tagged(("Paris", "Hilton"), ("B-location", "B-person"))]


def test_fra_eng(write):
    path = write("Go.\tVa\u202f!\nGo.\tVa !\nI’m in.\tJ’en suis.\n", "fra.txt")
    assert read_fra_eng(path) == [Pair("Go.", "Va !"), Pair("I'm in.", "J'en suis.")]


def test_sms_spam(write):
    path = write("ham\tOk  then\nspam\tWIN now\nham\tok then\nham\ta\ttab\n")
    assert read_sms_spam(path) == [Labelled("Ok  then", "ham"), Labelled("WIN now", "spam"), Labelled("a\ttab", "ham")]


def test_rt_polarity(write):
    write(" good  fun \ngood fun\n", "sentence_polarity/rt-polarity.pos")
    assert read_rt_polarity(write("dull\n", "sentence_polarity/rt-polarity.neg")) == [
        Labelled("good fun", "pos"), Labelled("dull", "neg")]


def test_names_of_one_language_alone(tmp_path):
    (tmp_path / "a").write_text("Abel\nO'Neill \nONE\none\nDe La Cruz\n")
    (tmp_path / "b").write_text("abel\nNovák\n", encoding="utf-8")
    assert read_names({"A": tmp_path / "a", "B": tmp_path / "b"}) == [
        Labelled("O'Neill", "A"), Labelled("ONE", "A"), Labelled("De La Cruz", "A"), Labelled("Novák", "B")]


def test_ts(write):
    (series,) = read_ts(write(f"#remark\n@problemName vowels\n@data\n{CHANNEL}:9\n"))
    assert series.label == "9" and np.array_equal(series.values, [[0.5] * 12, [-1.0] * 12])


def test_columns(write):
    assert read_columns(write('"a",b,c\n1,2,x\n3,4,"y"\n'), {"c": str, "a": float}) == [["x", "y"], [1.0, 3.0]]


@pytest.mark.parametrize(("read", "text", "line", "shown", "expected"), [
    (read_cmudict, "read R EH1 D\nred\n", 2, "red", "a word and its phones"),
    (read_cmudict, "read R EH1 D\n\nred R EH1 D\n", 2, "", "a word and its phones"),
    (read_cmudict, "read R EH1 QQ\n", 1, "read R EH1 QQ", "a word and its phones"),
    (read_cmudict, "\ufeffread R EH1 D\n# R EH1 D D3\n", 2, "D3", "a word and its phones"),
    (read_conllu, CONLLU.replace("VERB\t_\t_\t0\troot", "VERB\t_\t0\troot"), 5, "ghost", "word 3 .* 10 columns"),
    (read_conllu, CONLLU.replace("AUX", "VBP"), 3, "VBP", "17 parts of speech"),
    (read_conllu, CONLLU.replace("3\tgo", "4\tgo"), 6, "go", "word 3 of its sentence"),
    (read_conllu, CONLLU.replace("3\tgo", "x-y\tgo"), 6, "go", "word 3 of its sentence"),
    (read_conllu, CONLLU.replace("\tgo\t", "\t\t"), 6, "lemma", "10 columns"),
    (read_conllu, CONLLU.replace("\t", " "), 2, "1-2 don't", "10 columns split by tabs"),
    (read_entities, "New\tB-location\nYork I-location\n", 2, "York I-location", "a token, a tab and one of the tags"),
    (read_entities, "New\tB-place\n", 1, "B-place", "kind being corporation, creative-work"),
    (read_entities, "New\tB-location\n\tO\n", 2, "O", "a token"),
    (read_entities, "York\tI-location\n", 1, "I-location", "B-location, since no entity"),
    (read_entities, "New\tB-location\nYork\tI-person\n", 2, "I-person", "B-person, since no entity"),
    (read_entities, "New\tB-location\n\nYork\tI-location\n", 3, "I-location", "B-location, since no entity"),
    (read_sms_spam, "ham\tok\neggs\tok\n", 2, "eggs", "ham or spam, a tab and a message"),
    (read_sms_spam, "ham ok\n", 1, "ham ok", "ham or spam, a tab"),
    (read_sms_spam, "ham\tok\nspam\t \n", 2, "spam", "a message"),
    (read_ts, f"@data\n{CHANNEL}:0\n", 2, "0.5,-1", "a speaker from 1 to 9"),
    (read_ts, f"@data\n{CHANNEL}:1\n0.5,-1:1\n", 3, "0.5,-1:1", "12 channels"),
    (read_ts, f"@data\n{CHANNEL},7:1\n", 2, "0.5,-1", "equally many"),
    (read_ts, f"@data\n?,{CHANNEL[4:]}:1\n", 2, "?", "finite numbers"),
    (read_ts, f"@data\nnan,{CHANNEL[4:]}:1\n", 2, "nan", "finite numbers"),
    (lambda path: read_names({"A": path}), "Abel\nAb3l\n", 2, "Ab3l", "a surname"),
    (lambda path: read_names({"A": path}), "Abel\n\nBo\n", 2, "", "a surname"),
    (lambda path: read_columns(path, {"b": float}), "a,b\n1,2\n1,two\n", 3, "two", "2 values 'a,b'"),
    (lambda path: read_columns(path, {"b": float}), "a,b\n1,2,3\n", 2, "1,2,3", "2 values 'a,b'"),
    (lambda path: read_columns(path, {"z": float}), "a,b\n1,2\n", 1, "a,b", "the column z"),
])
def test_a_malformed_row_is_named(write, read, text, line, shown, expected):
    with pytest.raises(ValueError, match=rf"planted, line {line}: expected .*{expected}") as error:
        read(write(text))
    assert shown in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("row", ["Go. Va !", "Go.\tVa !\tCC-BY", "Go.\t ", ""])
def test_a_malformed_pair(write, row):
    with pytest.raises(ValueError, match=r"planted, fra\.txt, line 2: expected an English sentence, a tab and a"):
        read_fra_eng(write(f"Run!\tCours !\n{row}\nHop.\tSaute.\n", "fra.txt"))


def test_a_malformed_review(write):
    write("good\n\nfine\n", "sentence_polarity/rt-polarity.pos")
    path = write("bad\ngood\n", "sentence_polarity/rt-polarity.neg")
    with pytest.raises(ValueError, match=r"rt-polarity\.pos, line 2: expected a sentence"):
        read_rt_polarity(path)


def test_a_review_that_is_both(write):
    write("good\n", "sentence_polarity/rt-polarity.pos")
    with pytest.raises(ValueError, match=r"\.neg, line 2: .*does not stand in the other file; it has 'good'"):
        read_rt_polarity(write("bad\ngood\n", "sentence_polarity/rt-polarity.neg"))


@pytest.mark.parametrize("read", [read_cmudict, read_conllu, read_entities, read_sms_spam, read_ts])
def test_an_empty_file(write, read):
    with pytest.raises(ValueError, match="planted is empty"):
        read(write(""))


def test_a_ts_file_without_series(write):
    with pytest.raises(ValueError, match="no series after a line @data"):
        read_ts(write("@problemName vowels\n"))
