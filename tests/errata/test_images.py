"""Self-attention in the CNN of 9.1 and the ResNet of 9.2."""
import pytest


def test_a_sequence_of_one_teaches_queries_and_keys_nothing(numbers):
    (gradient, of_sound), (dead, none), (alpha, least) = numbers("sequence-of-one")
    assert gradient == 0 and of_sound > 0.1
    assert alpha == 1 and least < 1 / 16
    assert (dead, none) == (2 * 1024 * 1024, 0)


def test_divided_twice_the_pixels_are_next_to_nothing(numbers):
    (deviation, one), (gradient, of_sound), (apart, of_sound_apart) = numbers("divided-twice")
    assert deviation < 1 / 255 and one == pytest.approx(1, rel=1e-3)
    assert 0 < gradient < of_sound / 20 and apart < of_sound_apart / 20


def test_without_relu_a_bias_is_superfluous(numbers):
    (change, of_sound), (silent, of_sound_silent) = numbers("convolutions-without-relu")
    assert change < 1e-12 and of_sound > 0.01
    assert silent == 0 and of_sound_silent > 0.1


def test_the_width_is_not_the_channels(told):
    rows = told("channels-along-the-width")
    assert rows["entries of the axis that W_q (256, 256) maps"] == (8, 256)
    assert "should be D=256" in rows["tinyseq says"][0]


def test_in_evaluation_nothing_is_normalised(numbers):
    (deviation, one), (moved, of_sound) = numbers("evaluation-for-ever")
    assert deviation > 2 and one == pytest.approx(1, rel=1e-2)
    assert moved == 0 and of_sound > 0.1


def test_the_shortcut_drowns_the_block(numbers):
    (ratio, one), (below, none) = numbers("shortcut-as-it-is")
    assert ratio > 2 and one == pytest.approx(1, rel=1e-2)
    assert below > 0.3 and none == 0


def test_25_million_weights_look_at_one_place(numbers):
    dead, (gradient, of_sound), (places, _) = numbers("attention-over-one-place")
    assert dead == (25_178_112, 0) and places == 1
    assert gradient == 0 and of_sound > 0.05
