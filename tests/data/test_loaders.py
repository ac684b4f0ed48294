"""The data sets as they are: sizes, splits without leakage, and what is in them."""
import os
from collections import Counter
from functools import cache

import numpy as np
import pytest

from tinyseq import data
from tinyseq.data import DataUnavailable, translation

needs_data = pytest.mark.skipif("TINYSEQ_DATA" not in os.environ, reason="needs the data sets: set TINYSEQ_DATA")


@cache
def parts_of(name, *args):
    return getattr(data, name)(*args)


def labels(part):
    return Counter(item.label for item in part)


def assert_disjoint(parts, key):
    train, validation, test = ({key(item) for item in part} for part in parts)
    assert not train & validation and not train & test and not validation & test


UNPUNCTUATED = str.maketrans("", "", ".!?")


def plain(text):
    return " ".join(text.casefold().split())


@needs_data
@pytest.mark.parametrize(("name", "sizes"), [
    ("cmudict", [103_394, 2_350, 11_749]),
    ("fra_eng", [114_967, 6_354, 6_398]),
    ("ud_english_ewt", [12_544, 2_001, 2_077]),
    ("wnut17", [3_394, 1_009, 1_287]),
    ("sms_spam", [4_127, 516, 516]),
    ("rt_polarity", [8_529, 1_066, 1_067]),
    ("language_names", [13_579, 1_697, 1_697]),
    ("japanese_vowels", [243, 27, 370]),
])
def test_sizes(name, sizes):
    """The docstring states the same numbers."""
    assert [len(part) for part in parts_of(name)] == sizes
    doc = getattr(data, name).__doc__
    assert all(f"{size:,}" in doc for size in sizes) or name == "rt_polarity"


@needs_data
def test_cmudict():
    parts = parts_of("cmudict")
    entries = {entry.word: entry for part in parts for entry in part}
    assert len(entries) == sum(map(len, parts)) == 117_493             # each word in one part, once
    assert all(word.isascii() and word.isalpha() and word.islower() for word in entries)
    assert {phone for entry in entries.values() for way in entry.pronunciations for phone in way} == set(data.PHONES)
    assert entries["read"].pronunciations == (("R", "EH", "D"), ("R", "IY", "D"))
    assert entries["aalborg"].pronunciations[0] == ("AO", "L", "B", "AO", "R", "G")     # its line has a remark
    assert all(len(set(entry.pronunciations)) == len(entry.pronunciations) for entry in entries.values())


@needs_data
def test_fra_eng(monkeypatch):
    parts = parts_of("fra_eng")
    assert_disjoint(parts, lambda pair: pair.source)
    assert_disjoint(parts, lambda pair: tuple(data.book_form(pair.source).translate(UNPUNCTUATED).split()))
    assert [len({pair.source for pair in part}) for part in parts] == [79_132, 4_395, 4_397]
    pairs = [pair for part in parts for pair in part]
    assert len(set(pairs)) == len(pairs)
    assert max(len(side.split()) for pair in pairs for side in (pair.source, pair.target)) == 10
    assert not any(sign in pair.target for pair in pairs for sign in "\xa0\u202f\u2009")
    trained = {pair.target for pair in parts.train}
    assert np.mean([pair.target in trained for pair in parts.test]) == pytest.approx(0.089, abs=5e-4)
    back = data.from_french(parts)
    assert_disjoint(back, lambda pair: tuple(data.book_form(pair.source).translate(UNPUNCTUATED).split()))
    assert len(back.train) == len(parts.train) and len(back.test) > 0.89 * len(parts.test)
    monkeypatch.setattr(translation, "read_fra_eng", lambda path: pairs[:5000])
    assert {len(pair.target.split()) for part in data.fra_eng(most_words=4) for pair in part} == {1, 2, 3, 4}


def test_from_french_a_sentence_is_new_in_its_part():
    """Whatever its case and its signs; within a part each translation stays."""
    run, walk, go = data.Pair("I run.", "Je cours."), data.Pair("I am running!", "je cours !"), data.Pair("Go!", "Va !")
    parts = data.from_french(data.Parts([run, walk], [walk, go], [go, data.Pair("Sleep.", "Dors.")]))
    assert [[(pair.source, pair.target) for pair in part] for part in parts] == [
        [("Je cours.", "I run."), ("je cours !", "I am running!")], [("Va !", "Go!")], [("Dors.", "Sleep.")]]


@needs_data
def test_the_prefixes_of_the_book_and_the_blank_that_one_lacks():
    pairs = data.read_fra_eng(data.find("fra-eng"))
    assert len(pairs) == 142_611 and len({pair.source for pair in pairs}) == 98_659
    small = data.book_pairs(pairs)
    assert len(small) == 10_838 and len(data.PREFIXES) == 12
    assert data.Pair("i m cold .", "j ai froid .") in small
    without_blank = data.book_pairs(pairs, ("you re",))
    wrong = [pair for pair in without_blank if pair.source.split()[1] != "re"]
    assert len(wrong) == 53 and not set(wrong) & set(small)
    assert {pair.source.split()[1] for pair in wrong} == {
        "read", "recognized", "really", "recovered", "recognize", "reap", "remember", "reek", "reach", "remind"}


@needs_data
def test_ud_english_ewt():
    parts = parts_of("ud_english_ewt")
    assert [sum(len(sentence.words) for sentence in part) for part in parts] == [204_577, 25_147, 25_094]
    assert {tag for part in parts for sentence in part for tag in sentence.tags} == set(data.UPOS)
    assert all(len(sentence.words) == len(sentence.tags) > 0 for part in parts for sentence in part)
    first = parts.validation[0]
    assert first.words == ("From", "the", "AP", "comes", "this", "story", ":")
    assert first.tags == ("ADP", "DET", "PROPN", "VERB", "DET", "NOUN", "PUNCT")


@needs_data
def test_wnut17():
    parts = parts_of("wnut17")
    assert [sum(len(sentence.words) for sentence in part) for part in parts] == [62_730, 15_733, 23_394]
    entities = [Counter(tag[2:] for sentence in part for tag in sentence.tags if tag[0] == "B") for part in parts]
    assert [sum(of.values()) for of in entities] == [1_975, 836, 1_079]
    assert all(set(of) == set(data.ENTITIES) for of in entities)
    assert_disjoint(parts, lambda sentence: sentence.words)


@needs_data
def test_sms_spam():
    parts = parts_of("sms_spam")
    assert_disjoint(parts, lambda item: plain(item.text))
    texts = [plain(item.text) for part in parts for item in part]
    assert len(set(texts)) == len(texts) == 5_159
    assert [labels(part)["spam"] for part in parts] == [519, 63, 60]
    assert set(labels(parts.train)) == {"ham", "spam"}


@needs_data
def test_rt_polarity_is_tested_on_each_sentence_at_most_once():
    splits = [parts_of("rt_polarity", k) for k in range(5)]
    for parts in splits:
        assert_disjoint(parts, lambda item: item.text)
        assert sum(labels(parts.train).values()) in (8_529, 8_530)
        assert sum((labels(part) for part in parts), Counter()) == {"pos": 5_331, "neg": 5_331}
    tested = [item.text for parts in splits for item in parts.test]
    assert len(set(tested)) == len(tested) == 5_332
    for wrong in (5, -1):
        with pytest.raises(ValueError, match=f"splits 0 to 4; it was asked for {wrong}"):
            data.rt_polarity(wrong)


@needs_data
def test_language_names():
    parts = parts_of("language_names")
    assert_disjoint(parts, lambda item: plain(item.text))
    names = [plain(item.text) for part in parts for item in part]
    assert len(set(names)) == len(names) == 17_442 - 469
    assert "abel" not in names and not any(name != name.strip() for name in names)
    assert len(labels(parts.train)) == 18 and labels(parts.test)["Russian"] == 938
    assert sum(labels(part)["Scottish"] for part in parts) == 1


@needs_data
def test_japanese_vowels():
    parts = parts_of("japanese_vowels")
    assert set(labels(parts.train).values()) == {27} and set(labels(parts.validation).values()) == {3}
    assert labels(parts.test) == {"1": 31, "2": 35, "3": 88, "4": 44, "5": 29, "6": 24, "7": 40, "8": 50, "9": 29}
    series = [item.values for part in parts for item in part]
    assert {values.shape[1] for values in series} == {12}
    assert (min(map(len, series)), max(map(len, series))) == (7, 29)
    assert_disjoint(parts, lambda item: item.values.tobytes())
    assert data.read_ts(data.find("japanese-vowels", "JapaneseVowels_TRAIN.ts"))[0].values[0, :2].tolist() == [
        1.860936, -0.207383]


def test_thirty_pairs_agree():
    pairs = data.thirty_pairs()
    assert len(pairs) == 30 == len({pair.source for pair in pairs}) == len({pair.target for pair in pairs})
    of = {pair.source: pair.target for pair in pairs}
    assert of["she is curious"] == "elle est curieuse" and of["he is curious"] == "il est curieux"
    assert of["we are tall"] == "nous sommes grands" and of["they are polite"] == "ils sont polis"
    forms = {target.split()[0]: target.split()[1] for target in of.values()}
    assert forms == {"je": "suis", "tu": "es", "il": "est", "elle": "est", "nous": "sommes", "ils": "sont"}


@pytest.mark.parametrize(("name", "file"), [
    ("cmudict", "cmudict/cmudict.dict"), ("fra_eng", "fra-eng/fra-eng.zip"),
    ("ud_english_ewt", "ud-english-ewt/en_ewt-ud-train.conllu"), ("wnut17", "wnut17/wnut17train.conll"),
    ("sms_spam", "sms-spam/SMSSpamCollection"), ("rt_polarity", "rt-polarity/sentence_polarity.zip"),
    ("language_names", "language-names/Arabic.txt"), ("japanese_vowels", "japanese-vowels/JapaneseVowels_TRAIN.ts"),
])
def test_a_missing_file_is_named_with_the_folder_and_the_command(monkeypatch, tmp_path, name, file):
    from tinyseq.data import download

    def offline(*args):
        raise download.DownloadFailed("no network")
    monkeypatch.setattr(download, "download", offline)
    monkeypatch.setenv("TINYSEQ_DATA", str(tmp_path))
    monkeypatch.setenv("TINYSEQ_CACHE", str(tmp_path))
    with pytest.raises(DataUnavailable) as error:
        getattr(data, name)()
    for part in (file, f"TINYSEQ_DATA={tmp_path}", f"`tinyseq data fetch {file.split('/')[0]}`"):
        assert part in str(error.value)


@pytest.mark.parametrize(("name", "file"), [
    ("cmudict", "cmudict/cmudict.dict"), ("wnut17", "wnut17/wnut17train.conll"),
    ("ud_english_ewt", "ud-english-ewt/en_ewt-ud-train.conllu.gz"),
])
def test_a_file_of_another_content_is_refused(monkeypatch, tmp_path, name, file):
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).write_text("read R EH1 D\n")
    monkeypatch.setenv("TINYSEQ_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=r"is not the file it should be: .*expected was sha256"):
        getattr(data, name)()
