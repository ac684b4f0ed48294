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
    smaller, since a relu at 0 or a max that changes its winner may lie within 2h. A kink at 0 itself they cannot see,
    because f(s) - f(-s) may be a straight line there; but the slope then jumps, by

        lim E(h),   E(h) = (f(h) + f(-h) - 2 f(0)) / h,   extrapolated as 2 E(h/2) - E(h)      (2)

    Raises Kink if no step gives two estimates that agree and no jump."""
    f_0 = f(0.0)
    for h in STEPS:
        at = {k: f(k * h) for k in (-2, -1, -0.5, 0.5, 1, 2)}
        coarse = (at[-2] - 8 * at[-1] + 8 * at[1] - at[2]) / (12 * h)                         # (1)
        fine = (at[-1] - 8 * at[-0.5] + 8 * at[0.5] - at[1]) / (6 * h)                        # (1), h/2
        jump = (4 * (at[0.5] + at[-0.5] - 2 * f_0) - (at[1] + at[-1] - 2 * f_0)) / h          # (2)
        rounding = 1e-15 * max(map(abs, at.values())) / h
        difference = abs(coarse - fine)
        if max(difference, abs(jump)) <= AGREEMENT * max(abs(coarse), abs(fine)) + 10 * rounding:
            return fine, difference + rounding
    raise Kink
