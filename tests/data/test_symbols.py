import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.data import EOS, PAD, SOS, SPECIALS, UNK, Vocabulary

words = st.text("abcdé'", min_size=1, max_size=4)
sentences = st.lists(st.lists(words, min_size=1, max_size=6), min_size=1, max_size=6)
specials = st.sets(st.sampled_from(SPECIALS))


@given(sentences, specials)
def test_encode_and_decode_are_inverse(sentences, specials):
    vocabulary = Vocabulary.of(sentences, specials)
    for sentence in sentences:
        ends = {"sos": SOS in specials, "eos": EOS in specials}
        ids = vocabulary.encode(sentence, **ends)
        assert ids.dtype == np.int64 and len(ids) == len(sentence) + sum(ends.values())
        assert [vocabulary.symbols[i] for i in vocabulary.encode(sentence)] == sentence
        assert vocabulary.decode(ids) == sentence


@given(sentences, specials)
def test_special_symbols_take_the_first_ids_in_a_fixed_order(sentences, specials):
    vocabulary = Vocabulary.of(sentences, specials)
    asked = [special for special in (PAD, UNK, SOS, EOS) if special in specials]
    assert list(vocabulary.symbols[:len(asked)]) == asked
    assert len(vocabulary) == len(asked) + len({word for sentence in sentences for word in sentence})
    for special, name in zip(SPECIALS, ("pad", "unk", "sos", "eos"), strict=True):
        if special in specials:
            assert getattr(vocabulary, name) == asked.index(special)
        else:
            with pytest.raises(ValueError, match=f"has no {special}; make it with"):
                getattr(vocabulary, name)


@given(sentences, specials)
def test_the_saved_form_gives_the_same_vocabulary_through_json(sentences, specials):
    vocabulary = Vocabulary.of(sentences, specials)
    restored = Vocabulary.restored(json.loads(json.dumps(vocabulary.saved)))
    assert restored.symbols == vocabulary.symbols and restored.specials == vocabulary.specials
    assert restored.saved == vocabulary.saved


def test_frequent_symbols_come_first_and_rare_ones_are_unknown():
    vocabulary = Vocabulary.of([["b", "c", "a"], ["c", "b", "c", "d"]], [UNK], min_count=2)
    assert vocabulary.symbols == (UNK, "c", "b")
    assert vocabulary.encode(["a", "b", "never"]).tolist() == [0, 2, 0]
    assert vocabulary.decode([0, 2]) == [UNK, "b"]
    assert Vocabulary.of([["z", "a"], ["m"]]).symbols == ("a", "m", "z")             # ties: alphabetical
    assert "b" in vocabulary and "a" not in vocabulary and UNK not in vocabulary


def test_a_text_cannot_spell_a_special_symbol():
    vocabulary = Vocabulary.of([["stop", EOS]], SPECIALS)
    assert vocabulary.encode([EOS]).tolist() != [vocabulary.eos]
    assert vocabulary.decode(vocabulary.encode(["stop", EOS, "stop"], eos=True)) == ["stop", EOS, "stop"]
    assert Vocabulary.of([["stop"]], SPECIALS).encode([EOS, PAD]).tolist() == [1, 1]     # unknown words


def test_decode_ends_at_the_first_end_and_leaves_padding_out():
    vocabulary = Vocabulary("ab", SPECIALS)
    assert vocabulary.decode([2, 4, 0, 5, 3, 4, 3]) == ["a", "b"]
    assert vocabulary.decode([]) == []


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Vocabulary([]), "at least one ordinary"),
    (lambda: Vocabulary(["x", "y", "x"]), "'x' was given more than once"),
    (lambda: Vocabulary(["x"], ["<end>"]), "'<end>' is no special symbol; they are <pad>, <unk>"),
    (lambda: Vocabulary.of([]), "none of 0 different symbols"),
    (lambda: Vocabulary.of([["a"]], [UNK], min_count=2), "none of 1 different symbols occurs 2"),
    (lambda: Vocabulary.of([["a"]], min_count=2), "above 1 only with <unk>"),
    (lambda: Vocabulary.of([["a"]], [UNK], min_count=0), "must be 1 or more"),
    (lambda: Vocabulary.restored({"symbols": ["a"]}), "fields specials and symbols"),
    (lambda: Vocabulary.restored("abc"), "fields specials and symbols"),
    (lambda: Vocabulary.of([["NOUN", "VERB"]]).encode(["VERB", "MOOD"]), "'MOOD' at place 1 .* training part"),
    (lambda: Vocabulary.of([["red", "car"]], [UNK]).encode("red car"), "split it into words"),
    (lambda: Vocabulary("ab").encode("ab", eos=True), "has no <eos>"),
    (lambda: Vocabulary("ab").decode([2]), "id 2 is outside"),
    (lambda: Vocabulary("ab").decode([[0]]), "one row"),
    (lambda: Vocabulary("ab").decode([0.5]), "float64"),
])
def test_mistakes(make, message):
    with pytest.raises(ValueError, match=message) as error:
        make()
    assert "\n" not in str(error.value)


def test_a_string_is_a_sequence_of_characters_where_symbols_are_characters():
    assert Vocabulary.of(["cab", "ab"], [EOS]).encode("abc", eos=True).tolist() == [1, 2, 3, 0]
