"""Beam search by products, and by normalised sums of logarithms."""
import pytest


def test_by_products_saying_nothing_is_best(numbers):
    lengths, (underflow, log) = numbers("silence-wins")
    assert lengths == (1, 6)
    assert underflow == 0 and log == pytest.approx(-120.4, abs=0.1)
