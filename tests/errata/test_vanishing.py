"""What 7.2 and 7.3 say of gradients and gates, and what the cells do."""
import pytest


def test_gradients_explode_by_the_recursion_upside_down_and_vanish_by_the_tape(numbers):
    (by_book, by_cure), (_, by_tape) = numbers("jacobian-upside-down")
    assert by_book > 1e3 and by_cure < 0.1
    assert by_cure == pytest.approx(by_tape, rel=1e-12)


def test_eigenvalues_below_one_and_a_gradient_that_grows_twentyfold(numbers):
    (grown, shrunk), (eigenvalue, same), (bound, bound_of_cure), (steps, none) = numbers("eigenvalues-below-one")
    assert eigenvalue == same == 0.5
    assert 10 < grown <= bound and shrunk <= bound_of_cure == pytest.approx(0.5)
    assert steps > 3 and none == 0


def test_with_the_stray_cell_nothing_ever_leaves_zero(numbers):
    for faulty, sound in numbers("stray-cell"):
        assert faulty == 0 and sound > 0.1


def test_an_open_update_gate_lets_go_of_the_past(numbers):
    (said, carried), = numbers("update-gate-backwards")
    assert said > 0.9 and carried == pytest.approx(1 - said)
