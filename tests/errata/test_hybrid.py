"""What 8.5 calls a transformer-based RNN, and what it would have to be."""
import math

import pytest


def test_with_a_new_embedding_in_each_call_nothing_is_learnt(numbers):
    (faulty, sound), (twice, of_sound) = numbers("embedding-never-kept")
    assert faulty > math.log(4) - 0.05 and sound < 0.05
    assert twice > 0.1 and of_sound == 0


def test_without_queries_the_scores_are_symmetric_and_each_step_looks_at_itself(numbers):
    (asymmetry, of_sound), (on_itself, less), heads = numbers("no-questions")
    assert asymmetry == 0 and of_sound > 0.1
    assert on_itself > 0.5 and less < 0.2
    assert heads == (1, 4)


def test_without_a_mask_the_last_character_is_known_before(numbers):
    (change, none), = numbers("no-mask")
    assert change > 1e-3 and none == 0


def test_there_is_neither_recurrence_nor_norm(numbers):
    for faulty, sound in numbers("rnn-by-name"):
        assert faulty == 0 and sound > 0


def test_the_last_wave_is_sixteen_times_too_fast(numbers):
    (ratio, one), (wave, true) = numbers("stray-ln-2")
    assert ratio == pytest.approx(10_000 ** ((1 - math.log(2)) * 254 / 256)) and one == 1
    assert true == pytest.approx(ratio * wave)


def test_it_knows_one_character(numbers):
    (difference, of_sound), known = numbers("forgets-what-it-wrote")
    assert difference == 0 and of_sound > 1e-3 and known == (1, 4)
