"""Numerical derivatives that know how far they can be trusted."""
from collections.abc import Callable

STEPS = (1e-3, 1e-4, 1e-5)             # from the most accurate for smooth functions to the least likely to cross a kink
AGREEMENT = 1e-6                       # relative; two estimates that differ by more straddle a kink


class Kink(Exception):
    """The function has no derivative at this point, or changes too wildly around it to have one measured."""


def derivative(f: Callable[[float], float]) -> tuple[float, float]:
    """f'(0), and by how much it may be off.

    The five-point formula (Fornberg 1988), whose error falls with h^4:

        f'(0) = (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / (12 h)                                   (1)

    It is taken at h and at h/2. Where the two agree, their difference bounds the error; where they do not, h is made
    smaller, since a relu at 0 or a max that changes its winner may lie within 2h. Raises Kink if no step agrees."""
    for h in STEPS:
        coarse, size = _five_points(f, h)
        fine, _ = _five_points(f, h / 2)
        rounding = 1e-15 * size / h
        difference = abs(coarse - fine)
        if difference <= AGREEMENT * max(abs(coarse), abs(fine)) + 10 * rounding:
            return fine, difference + rounding
    raise Kink


def _five_points(f: Callable[[float], float], h: float) -> tuple[float, float]:
    """Equation (1), and the largest value of |f| that went into it."""
    a, b, c, d = f(-2 * h), f(-h), f(h), f(2 * h)
    return (a - 8 * b + 8 * c - d) / (12 * h), max(map(abs, (a, b, c, d)))                # (1)
