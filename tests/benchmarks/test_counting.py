"""The baselines that are counted: by hand, by enumeration, by slower programs, on small corpora."""
import json
import math
from collections import defaultdict
from itertools import pairwise, product

import baselines
import numpy as np
import pytest
from counting.hidden_markov import HiddenMarkovModel

from tinyseq.data import Pronounced, Tagged
from tinyseq.training.letters_in_context import LettersInContext, alignments
from tinyseq.training.word_table import ROUNDS, WordTable

RNG = np.random.default_rng(0)


# The hidden Markov model ------------------------------------------------------------------------------------

SENTENCES = [Tagged(("the", "dog", "barks"), ("D", "N", "V")), Tagged(("the", "barks", "end"), ("D", "N", "V")),
             Tagged(("dogs", "end"), ("N", "V")), Tagged(("the", "end"), ("D", "N"))]


def test_its_probabilities_by_hand():
    model = HiddenMarkovModel(SENTENCES)
    assert model.tags == ["D", "N", "V"]
    # Of 14 counted steps, 4 lead to N; of 3 that leave D, all do. The last column is the end.
    assert np.exp(model.follows[0]) == pytest.approx([(0 + 3 / 14) / 4, (3 + 4 / 14) / 4, (0 + 3 / 14) / 4, 4 / 14 / 4])
    assert np.exp(model.follows).sum(axis=1) == pytest.approx(1)
    assert model.prior == pytest.approx([.3, .4, .3])
    assert model.given("end", False) == pytest.approx([1e-6, 1 / 3, 2 / 3])
    assert (model.given("The", True) == model.given("the", True)).all()


def test_its_best_tags_are_those_of_enumeration():
    model = HiddenMarkovModel(SENTENCES)

    def score(words, path):
        of_words = sum(math.log(model.given(word, t == 0)[k] / model.prior[k])
                       for t, (word, k) in enumerate(zip(words, path, strict=True)))
        whole = [-1, *path, -1]
        return of_words + sum(model.follows[i, j] for i, j in pairwise(whole))
    for words in product(("the", "barks", "end", "cats"), repeat=4):
        best = max(score(words, path) for path in product(range(3), repeat=4))
        assert score(words, [model.tags.index(tag) for tag in model(words)]) == pytest.approx(best)


def test_an_unknown_word_is_tagged_by_its_ending():
    nouns = [Tagged((f"{stem}tion",), ("N",)) for stem in ("na", "sta", "mo")]
    verbs = [Tagged((f"{stem}ize",), ("V",)) for stem in ("real", "modern", "organ")]
    model = HiddenMarkovModel([*nouns, *verbs])
    assert model(["lotion"]) == ["N"] and model(["minimize"]) == ["V"]


def test_no_entity_goes_on_with_nothing():
    model = HiddenMarkovModel([Tagged(("New", "York", "is", "big"), ("B-place", "I-place", "O", "O"))] * 3)
    assert model(["New", "York"]) == ["B-place", "I-place"]
    for words in product(("New", "York", "is"), repeat=3):
        for before, tag in zip(["O", *model(words)], model(words), strict=False):
            assert not (tag == "I-place" and before == "O")


# Letters and phones -----------------------------------------------------------------------------------------

SAID = {"s": ("S",), "t": ("T",), "a": ("AE",), "o": ("AA",), "x": ("K", "S"), "e": ()}


def spoken(words):
    return [Pronounced(word, (tuple(phone for letter in word for phone in SAID[letter]),)) for word in words]


WORDS = ["".join(RNG.choice(list("staoxe"), RNG.integers(2, 7))) for _ in range(300)]
WORDS = [word for word in WORDS if set(word) != {"e"}]


def test_letters_are_aligned_with_what_they_say():
    pairs = [(entry.word, entry.pronunciations[0]) for entry in spoken(WORDS)]
    found = alignments(pairs)
    for (word, phones), said in zip(pairs, found, strict=True):
        assert tuple(phone for s in said for phone in s) == phones and len(said) == len(word)
    right = [s == SAID[letter] for word, said in zip(WORDS, found, strict=True)
             for letter, s in zip(word, said, strict=True)]
    assert sum(right) / len(right) > 0.95


def test_a_word_of_too_many_phones_is_left_silent():
    assert alignments([("a", ("S", "T", "S")), ("at", ("AE", "T"))]) == [[()], [("AE",), ("T",)]]


def test_new_words_are_said_by_their_letters():
    say = LettersInContext(spoken(WORDS))
    for word in ("taxes", "sotto", "oat"):
        assert say(word) == spoken([word])[0].pronunciations[0]
    assert say("b") == ()


def test_a_neighbour_changes_what_a_letter_says():
    words = {"cat": "K AE T", "cot": "K AA T", "cut": "K AH T", "ace": "EY S IY", "ice": "AY S IY"}
    say = LettersInContext([Pronounced(word, (tuple(said.split()),)) for word, said in words.items()])
    assert [say(word) for word in words] == [tuple(said.split()) for said in words.values()]
    assert say("uce")[1] == "S" and say("tca")[1] == "K"


# Word by word -----------------------------------------------------------------------------------------------

PAIRS = [(e.split(), f.split()) for e, f in (("the house", "la maison"), ("the book", "le livre"),
                                             ("a book", "un livre"), ("a house", "une maison"), ("the", "la"))]


def test_the_table_is_that_of_the_algorithm_written_as_loops():
    t = defaultdict(lambda: 1.0)
    for _ in range(ROUNDS):
        n, total = defaultdict(float), defaultdict(float)
        for english, french in PAIRS:
            for f in french:
                sources = ["", *english]
                whole = sum(t[e, f] for e in sources)
                for e in sources:
                    n[e, f] += t[e, f] / whole
                    total[e] += t[e, f] / whole
        t = defaultdict(float, {(e, f): value / total[e] for (e, f), value in n.items()})
    table = WordTable(PAIRS)
    for word in ("house", "book", "the"):
        best = max((value, f) for (e, f), value in t.items() if e == word)[1]
        assert table.french[word] == best
    assert table(["the", "book", "zebra"]) == ["la", "livre", "zebra"]


# The results ------------------------------------------------------------------------------------------------

def test_what_was_found_for_other_data_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(baselines, "RESULTS", tmp_path / "baselines.json")
    baselines.keep("sunspots", {"seconds": 1})
    baselines.keep("sms-spam", {"seconds": 2})
    baselines.keep("sunspots", {"seconds": 3})
    assert json.loads((tmp_path / "baselines.json").read_text()) == {"sms-spam": {"seconds": 2},
                                                                     "sunspots": {"seconds": 3}}
    assert len(list(tmp_path.iterdir())) == 1


def test_two_programs_for_naive_bayes_agree():
    found = json.loads(baselines.RESULTS.read_text(encoding="utf-8"))
    for corpus in ("sms-spam", "rt-polarity", "language-names"):
        of_corpus = found[corpus]["baselines"]
        assert of_corpus["naive Bayes on sets (tinyseq)"] == of_corpus["naive Bayes on sets (scikit-learn)"]
