import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.data import CharVocabulary


@given(st.text(st.characters(), min_size=1))     # surrogates and characters beyond 16 bits included
def test_encode_and_decode_are_inverse(text):
    vocabulary = CharVocabulary.of(text)
    ids = vocabulary.encode(text)
    assert ids.shape == (len(text),)
    assert [vocabulary.symbols[i] for i in ids] == list(text)
    assert vocabulary.decode(ids) == text


def test_of_a_text_sorts_its_distinct_characters():
    vocabulary = CharVocabulary.of("abba, cab")
    assert vocabulary.symbols == " ,abc"
    assert len(vocabulary) == 5


def test_symbols_keep_the_order_given():
    assert CharVocabulary("zax").encode("axz").tolist() == [1, 2, 0]


@given(st.text("abc", max_size=30), st.sampled_from("d\0\U0010ffffé "), st.text("abcdé ", max_size=30))
def test_an_unknown_character_is_shown_with_its_first_position(before, unknown, after):
    with pytest.raises(ValueError) as error:
        CharVocabulary("abc").encode(before + unknown + after)
    message = str(error.value)
    assert "\n" not in message
    assert f"character {unknown!r} at position {len(before)}, between {before[-10:]!r} and" in message
    assert f"and {after[:10]!r}, is not among" in message
    assert "3 that are known, 'abc'" in message


def test_a_message_does_not_list_a_thousand_known_characters():
    many = CharVocabulary("".join(chr(0x4e00 + i) for i in range(1000)))
    with pytest.raises(ValueError, match="1000 that are known") as error:
        many.encode("x")
    assert len(str(error.value)) < 400


def test_of_an_empty_text_and_of_repeated_symbols():
    with pytest.raises(ValueError, match="empty text"):
        CharVocabulary.of("")
    with pytest.raises(ValueError, match="at least one"):
        CharVocabulary("")
    with pytest.raises(ValueError, match="'a' was given more than once"):
        CharVocabulary("aba")


def test_empty_text_and_no_ids():
    vocabulary = CharVocabulary("ab")
    assert vocabulary.encode("").shape == (0,)
    assert vocabulary.decode([]) == ""


@pytest.mark.parametrize(("ids", "message"), [
    ([0, -1], "id -1 is outside"), ([2], "id 2 is outside"),
    ([[0], [1]], "one row"), ([0.5], "float64"), (1, "one row"),
])
def test_decode_refuses_what_is_no_id(ids, message):
    with pytest.raises(ValueError, match=message):
        CharVocabulary("ab").decode(ids)


def test_decode_takes_any_integer_type():
    assert CharVocabulary("ab").decode(np.array([1, 0], dtype=np.uint8)) == "ba"
