"""The attention models of 7.4 and 8.4."""
import math

import pytest


def test_attention_finds_the_letter_that_nobody_can_know(numbers):
    (nats, least), (change, none), (weight, of_cure) = numbers("attends-to-the-future")
    assert nats < 0.8 and least == pytest.approx(math.log(4), abs=0.05)
    assert change > 0.1 and none == 0
    assert weight > 0.3 and of_cure == 0


def test_texts_of_a_batch_meet(told):
    rows = told("every-query-every-example")
    assert rows["scores in a step, with B = 256 and T = 180"] == (256 * 256 * 180, 256 * 180)
    assert rows["axes of the scores, for 4 texts of 6"] == ("(4, 4, 6)", "(4, 6)")
    assert "scores (B, B, T)" in rows["assert_batch_independent says"][0]


def test_two_of_46080_predictions_meet_their_targets(numbers):
    (meet, all_of_them), (nats, none) = numbers("time-before-batch")
    assert (meet, all_of_them) == (2, 46_080) and nats > 10 and none < 1e-3


def test_there_is_nothing_to_look_at(numbers):
    (context, of_cure), (looked_at, fewer) = numbers("looks-at-nothing")
    assert context == 0 and of_cure > 0.1
    assert looked_at == pytest.approx(20, rel=1e-5) and fewer < 19


@pytest.mark.parametrize("id", ["taught-one-asked-another", "bahdanau-by-name"])
def test_the_weights_are_others(id, numbers):
    (faulty, sound), *_ = numbers(id)
    assert faulty > 0.02 and sound == 0


def test_the_formula_is_luongs_concat(told):
    assert told("bahdanau-by-name")["weights against Luong's concat"][0] < 1e-6


def test_no_unit_of_the_summed_score_has_a_worth(numbers):
    (none, H), (wide, narrow) = numbers("summed-instead-of-weighed")
    assert (none, H) == (0, 256) and wide > 10 * narrow
