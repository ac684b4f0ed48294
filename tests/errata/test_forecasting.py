"""The forecaster of 7.1 and 7.5, and what it lacks."""
import pytest


def test_a_window_in_one_step_teaches_the_recurrent_weights_nothing(numbers):
    (error, cured), (recurrent, of_cure), (turned, turned_of_cure) = numbers("window-in-one-step")
    assert 0.15 < error < 0.3 and cured < 0.03
    assert recurrent == 0 and of_cure > 1e-5
    assert turned == pytest.approx(error, rel=1e-5) and turned_of_cure > 10 * cured


def test_a_window_has_no_target(numbers):
    assert numbers("window-without-target") == [(141, 140), (140, 140)]


def test_what_is_reported_is_not_what_the_forecasts_are_worth(numbers):
    (reported, examined), _ = numbers("never-examined")
    assert reported < 0.04 / 3 < 2 * reported and examined > 3 * reported


def test_neither_clipping_nor_dropout_is_there(numbers):
    (norm, clipped), (difference, dropped) = numbers("promised-not-built")
    assert norm > 100 and clipped == pytest.approx(1, rel=1e-5)
    assert difference == 0 and dropped > 0.1


def test_no_gradient_of_the_forecaster_is_sparse(numbers):
    assert numbers("nothing-sparse") == [(0, 1), (1.0, 0.003)]


def test_a_late_row_moves_by_three_learning_rates(numbers):
    (faulty, sound), = numbers("late-rows-leap")
    assert faulty == pytest.approx(0.1 / 0.001 ** 0.5, rel=1e-3) and sound == pytest.approx(1, rel=1e-3)
