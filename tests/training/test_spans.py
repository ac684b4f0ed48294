"""Entities written by tags: which words they are, and how they are counted."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.training.spans import accuracy, entity_f1, spans, which_may_follow

TAGS = ["B-person", "B-product", "I-person", "I-product", "O"]


@pytest.mark.parametrize("tags, found", [
    ("", set()), ("O O", set()), ("B-person", {(0, 1, "person")}),
    ("O B-person I-person O", {(1, 3, "person")}),
    ("B-person B-person", {(0, 1, "person"), (1, 2, "person")}),
    ("B-person I-product", {(0, 1, "person"), (1, 2, "product")}),
    ("I-person I-person O I-person", {(0, 2, "person"), (3, 4, "person")}),
    ("O B-product I-product I-product", {(1, 4, "product")}),
])
def test_spans(tags, found):
    assert spans(tags.split()) == found


@given(st.lists(st.sampled_from(TAGS)))
def test_spans_are_the_words_that_are_not_o(tags):
    covered = sorted(t for start, end, _ in spans(tags) for t in range(start, end))
    assert covered == [t for t, tag in enumerate(tags) if tag != "O"]


def test_f1_by_hand():
    right = ["B-person I-person O B-product".split(), "O O".split()]
    ours = ["B-person I-person O O".split(), "B-person O".split()]
    assert entity_f1(ours, right) == 2 * 1 / (2 + 2)       # 2 found, 1 of them right, 2 to find
    assert entity_f1(right, right) == 1
    assert entity_f1([["B-person", "O", "O", "O"], ["O", "O"]], right) == 0      # half an entity is none
    assert entity_f1([["O"]], [["O"]]) == 0
    assert accuracy(ours, right) == 4 / 6


def test_no_entity_goes_on_with_nothing():
    allowed = which_may_follow(TAGS)
    i = TAGS.index
    assert allowed.shape == (6, 5)
    assert allowed[i("B-person"), i("I-person")] and allowed[i("I-person"), i("I-person")]
    for before in ("B-product", "I-product", "O"):
        assert not allowed[i(before), i("I-person")]
    assert not allowed[-1, i("I-person")] and not allowed[-1, i("I-product")]
    assert np.all(allowed[:, [i("B-person"), i("B-product"), i("O")]])
