"""The gradients of 7.1 as printed are not the tape's; those of the cure are, to rounding."""
import pytest

ROUNDING = 1e-14


def test_the_recursion_from_zero_is_zero_exactly(told):
    rows = told("recursion-from-zero")
    assert rows["largest |dL/dW_hh|"][0] == 0 and rows["largest |dL/dW_hh|"][1] > 0.1
    assert rows["error against the tape"] == (1, pytest.approx(0, abs=ROUNDING))


@pytest.mark.parametrize("id, least", [("slope-left-out", 0.3), ("bias-without-future", 0.5),
                                       ("output-not-transposed", 0.5)])
def test_the_printed_gradient_is_off_and_the_cure_is_not(id, least, numbers):
    faulty, sound = numbers(id)[0]
    assert faulty > least and sound < ROUNDING


def test_the_slope_alone_is_not_enough(numbers):
    (without, _), (with_slope, _) = numbers("slope-left-out")
    assert 0.1 < with_slope < without


def test_the_gradient_of_the_bias_points_elsewhere(told):
    assert told("bias-without-future")["cosine of the angle to it"] == (pytest.approx(0.85, abs=0.1), pytest.approx(1))


def test_without_biases_zeros_stay_zeros(numbers):
    (faulty, sound), = numbers("biases-never-moved")
    assert faulty == 1 and sound < 1e-3


def test_the_product_as_printed_does_not_fit(told):
    faulty, sound = told("output-not-transposed")["shapes of the product"]
    assert (faulty, sound) == ("(4,1) (4,4)", "(4,4) (4,1)")
