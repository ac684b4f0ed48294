"""Two directions, several layers, clipping, and a rate that is only printed."""
import pytest


def test_directions_with_one_matrix_are_mirrors(numbers):
    (mirrored, free), (few, many) = numbers("one-matrix-both-ways")
    assert mirrored == 0 and free > 0.1 and many == 2 * few


def test_two_of_three_residual_connections_come_from_nowhere(told):
    rows = told("residual-from-nowhere")
    assert rows["layers with a residual connection, of 3"] == (3, 1)
    assert rows["widths of the sum at l = 2"][0] == "256 + 65"
    assert "it would do nothing" in rows["tinyseq says of two layers"][0]


def test_clipping_values_leaves_the_norm_large_and_turns_the_gradient(numbers):
    (norm, clipped), (cosine, same) = numbers("norm-by-name")
    assert norm > 10 and clipped == pytest.approx(0.5)
    assert cosine < 0.9 and same == pytest.approx(1)


def test_the_rate_in_force_is_not_the_one_reported(numbers):
    (ratio, one), (in_force, told) = numbers("printed-not-set")
    assert ratio == pytest.approx(0.95 ** -50) and one == 1
    assert in_force == 0.01 and told == pytest.approx(0.01 * 0.95 ** 50)
