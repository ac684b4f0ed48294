"""What the introduction says of outputs, of feeding back, and of writing."""
import pytest


def test_the_same_sigma_makes_no_distribution_and_no_number_below_zero(numbers):
    (total, one), (error, none) = numbers("sigma-twice")
    assert total > 20 and one == pytest.approx(1, abs=1e-5)
    assert error > 0.2 and none is None


def test_in_the_equations_no_output_goes_back(numbers):
    (described, none), kept = numbers("fed-back-by-word")
    assert described > 0.05 and none == 0 and kept == (1, 4)


def test_reading_all_again_writes_the_same_with_fifty_times_the_steps(numbers):
    (again, once), (differ, _) = numbers("reads-it-all-again")
    assert (again, once, differ) == (sum(range(3, 103)), 103, 0)
