"""The transformer of 9.4, and transfer and miniGPT of 9.5."""
import pytest


def test_one_frequency_cannot_tell_far_from_near(numbers):
    (agreement, less), (distance, _), speeds = numbers("one-frequency")
    assert agreement > 0.99 and less < 0.7
    assert distance == 74 and speeds == (1, 32)


def test_the_rate_rises_again_seventeen_times(numbers):
    rises, (half_way, falling) = numbers("seventeen-waves")
    assert rises == (17, 0) and half_way == pytest.approx(1) and 0.4 < falling < 0.6


def test_the_first_step_moves_nothing(numbers):
    (first, sound), (last, top) = numbers("first-step-at-zero")
    assert first == 0 < sound and last < top == 1e-4


def test_the_widened_embedding_says_what_a_plain_one_says(numbers):
    (widened, plain), (difference, _) = numbers("widened-embedding")
    assert plain == 65 * 512 and widened / plain == pytest.approx(35.5, abs=0.1)
    assert difference < 1e-12


def test_one_mask_goes_for_all(numbers):
    assert numbers("mask-for-everyone") == [(256 * 256 * 256, 256 * 256)]


def test_a_trained_head_tunes_nothing_below(numbers):
    (moved, of_tuning), (nats, fewer) = numbers("head-called-fine-tuning")
    assert moved == 0 and of_tuning > 0.1
    assert nats > 0.5 and fewer < 0.01


def test_the_padding_is_read(numbers):
    (apart, none), read = numbers("padded-with-a-letter")
    assert apart > 0.02 and none < 1e-5
    assert read == (120, None)
