"""Words of a text and back: nothing but blanks is lost, and the unknown word is told apart."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.data import UNK, Vocabulary, WordVocabulary, words_of, written

texts = st.text(st.sampled_from("abcAB'’-.,:;!?()[] \n0_é…"), max_size=40) | st.text(max_size=40)


@pytest.mark.parametrize(("text", "expected"), [
    ("'Tis gone:\nnow, well-a-day!", ["'Tis", "gone", ":", "\n", "now", ",", "well-a-day", "!"]),
    ("o'er th' moon--and i' faith", ["o'er", "th'", "moon", "--", "and", "i'", "faith"]),
    ("ROMEO:\n\nAy (me) 12.", ["ROMEO", ":", "\n", "\n", "Ay", "(", "me", ")", "12", "."]),
    ("a - b", ["a", "-", "b"]),
    (" \t ", []),
])
def test_words(text, expected):
    assert words_of(text) == expected


def test_a_play_is_written_as_it_was():
    text = "ROMEO:\nAy me! 'Tis he--the one (my lord), o'er there: where?\n\nFirst Citizen:\nSpeak, speak."
    assert written(words_of(text)) == text


@given(texts)
def test_written_words_are_the_same_words(text):
    assert words_of(written(words_of(text))) == words_of(text)


@given(texts)
def test_no_sign_is_lost(text):
    assert "".join(words_of(text)) == "".join(c for c in text if c == "\n" or not c.isspace())


@given(texts, st.integers(0, 40))
def test_what_is_written_of_the_first_words_stays_as_it_is(text, n):
    assert written(words_of(text)).startswith(written(words_of(text)[:n]))


def test_rare_words_are_unknown():
    vocabulary = WordVocabulary.of(words_of("to be or not to be . the the the"), min_count=2)
    assert vocabulary.symbols == ("the", "be", "to") and len(vocabulary) == 4
    assert vocabulary.ids(["to", "be", "or"]).tolist() == [3, 2, vocabulary.unk]
    assert vocabulary.decode([3, 2]) == "to be" and "or" not in vocabulary
    again = WordVocabulary.restored(vocabulary.saved)
    assert again.symbols == vocabulary.symbols and again.unk == vocabulary.unk


def test_a_word_asked_for_by_name_must_be_known():
    vocabulary = WordVocabulary(Vocabulary(["to", "be"], [UNK]))
    assert vocabulary.encode("be to").tolist() == [2, 1]
    with pytest.raises(ValueError, match="word 'To' at place 1 is not among the 2 that are known, capitals as they"):
        vocabulary.encode("be To")


def test_a_vocabulary_of_words_has_an_unknown_one():
    with pytest.raises(ValueError, match="has no <unk>"):
        WordVocabulary(Vocabulary(["to", "be"]))
