"""Dropout: where it does nothing, where too much, and what the formulas leave out."""
import pytest


def test_dropout_of_a_single_layer_drops_nothing(told):
    rows = told("dropout-of-nothing")
    faulty, sound = rows["difference of two training passes"]
    assert faulty == 0 and sound > 0.05
    assert "with num_layers=1 it would do nothing" in rows["tinyseq says"][0]


def test_a_network_in_use_with_dropout_on_contradicts_itself(numbers):
    for faulty, sound in numbers("dropout-while-sampling"):
        assert faulty > 0.05 and sound == 0


def test_dropout_on_the_sum_drops_the_way_through(numbers):
    (lost, none), (in_twelve, _) = numbers("residual-dropped")
    assert lost == pytest.approx(0.3, abs=0.05) and none == 0
    assert in_twelve == pytest.approx(1 - 0.7 ** 12, abs=0.02)


def test_without_p_the_mean_is_not_kept(numbers):
    (of_p, sound), (of_1_p, _) = numbers("dropout-without-p")
    assert of_p == pytest.approx(0.1, abs=0.01) and of_1_p == pytest.approx(0.9, abs=0.01)
    assert sound == pytest.approx(1, abs=0.01)


def test_one_mask_for_two_silences_units_and_shrinks_all(told):
    rows = told("one-mask-for-two")
    faulty, sound = rows["mean of h in training / in use"]
    assert faulty == pytest.approx(0.7, abs=0.02) and sound == pytest.approx(1, abs=0.02)
    silent, none = rows["part of the units that say nothing in a sequence"]
    assert silent == pytest.approx(0.3, abs=0.02) and none == 0
