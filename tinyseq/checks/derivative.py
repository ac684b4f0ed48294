"""Numerical derivatives that know how far they can be trusted, and that know a kink when they stand on one.

Throughout, y(s) is a vector of output values along a line through the point, s = 0 being the point itself.
"""
from collections.abc import Callable
from typing import Any, NamedTuple

from tinyseq.backend import host

np = host.np

STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)   # from the most accurate on smooth lines to those that are
                                                 # least likely to cross a kink, or to reach over a bend
QUICK = 1e-3                                     # the step of the quick look
COARSE, FINE = 1e-6, 1e-7                        # the steps at which a kink shows the same two slopes
EPSILON = 2.0 ** -52
JUMP = 1e-3                                      # two slopes that differ by this part of themselves are two slopes

Line = Callable[[float], Any]                    # s -> y(s), a NumPy vector


class Stencil(NamedTuple):
    """y at -2h, -h, 0, h, 2h."""
    h: float
    y: tuple

    def slope(self):
        """y'(0) by the five-point formula (Fornberg 1988), whose error falls with h^4:

            (y(-2h) - 8 y(-h) + 8 y(h) - y(2h)) / (12 h)"""
        a, b, _, d, e = self.y
        return ((a - e) + 8 * (d - b)) / (12 * self.h)

    def sides(self):
        """The slopes to the left and to the right of 0, errors falling with h^2:

            (3 y(0) - 4 y(-h) + y(-2h)) / (2h)   and   (-3 y(0) + 4 y(h) - y(2h)) / (2h)"""
        a, b, c, d, e = self.y
        return (3 * c - 4 * b + a) / (2 * self.h), (4 * d - 3 * c - e) / (2 * self.h)

    def bends(self, coarseness: float = 0.0):
        """Of each output: whether the two sides have different slopes, beyond what rounding explains.

        coarseness   how finely the line can be walked at all: the rounding of s, relative to 1"""
        left, right = self.sides()
        sizes = abs(left) + abs(right)
        noise = 50 * EPSILON * abs(self.y[2]) / self.h + 10 * coarseness / self.h * sizes
        return ~(abs(right - left) <= JUMP * sizes + noise)                     # NaN bends


def stencil(y: Line, h: float, y_0: Any) -> Stencil:
    """Four evaluations of y."""
    return Stencil(h, (y(-2 * h), y(-h), y_0, y(h), y(2 * h)))


class Slope(NamedTuple):
    """y'(0) of each sum of outputs that was asked for, and by how much it may be off."""
    value: Any
    uncertainty: Any


def slope(y: Line, y_0: Any, u: Any, sums: Callable[[Any], Any], coarseness: float,
          steps: tuple[float, ...] = STEPS) -> Slope:
    """The derivatives of some sums of u y, each at the step where it is known best.

    Neighbouring steps tell the uncertainty: large ones differ by what the formula leaves out, small ones by the noise
    of y over h. The noise shows in fourth differences, where a smooth y leaves next to nothing; those of larger steps
    do not count, since y may bend there. It is at least the rounding of numbers of about 1, which may stand inside of f
    where y is small. A step must also agree with all smaller ones, as far as their noise allows. A step that reaches
    over a kink nearby gives something between two slopes: it may be off by as much as these differ."""
    stencils = [stencil(y, h, y_0) for h in steps]
    sizes = lambda y: sums(np.sign(u) * abs(y))                                 # sums of |u y|
    with np.errstate(invalid="ignore"):
        slopes = np.array([sums(s.slope()) for s in stencils])                  # (steps, sums)
        gaps = np.array([sizes((s.sides()[1] - s.sides()[0]) * s.bends(coarseness)) for s in stencils])
        fourth = np.array([abs(sums(s.y[0] - 4 * s.y[1] + 6 * s.y[2] - 4 * s.y[3] + s.y[4])) for s in stencils])
    fourth[np.array(steps) > 1e-4] = 0
    noise = np.fmax(np.fmax.accumulate(fourth[::-1])[::-1], EPSILON * sizes(4 * abs(y_0) + 1)) / 2
    noise /= np.array(steps)[:, None]                                           # of the slopes
    uncertainty = abs(slopes[1:] - slopes[:-1]) + gaps[:-1] + noise[:-1]
    for k in range(len(steps) - 1):                                             # two large steps may agree by chance
        unexplained = abs(slopes[k + 1:] - slopes[k]) - 3 * noise[k + 1:]
        uncertainty[k] = np.fmax(uncertainty[k], unexplained.max(axis=0))
    uncertainty[~np.isfinite(uncertainty)] = np.inf
    best = np.argmin(uncertainty, axis=0)[None]
    return Slope(*(np.take_along_axis(a, best, axis=0)[0] for a in (slopes, uncertainty)))


def kinks(y: Line, y_0: Any, coarseness: float) -> Any:
    """Of each output, whether it has no derivative at s = 0: two slopes, a jump, or an end of where y is defined.

    Curvature makes the sides differ too, but less and less; a kink's slopes differ by as much at the smallest step."""
    coarse, fine = stencil(y, COARSE, y_0), stencil(y, FINE, y_0)
    (left, right), (fine_left, fine_right) = coarse.sides(), fine.sides()
    with np.errstate(invalid="ignore"):
        gap, fine_gap = right - left, fine_right - fine_left
        stays = abs(fine_gap - gap) <= 0.2 * abs(gap)
        leap, fine_leap = abs(coarse.y[3] - coarse.y[1]), abs(fine.y[3] - fine.y[1])
        jumps = (fine_leap > 0.5 * leap) & (fine_leap > 1e-4 * abs(y_0) + 1e-6)
        return (coarse.bends(coarseness) & fine.bends(coarseness) & stays) | jumps | ~np.isfinite(fine_gap)


def between(y: Line, y_0: Any, u: Any) -> tuple[float, float]:
    """The least and the largest derivative of sum u y that some choice between the two slopes of each output gives.

    A kink has the same slopes at both steps. By what they differ, the span is made wider: then y bends too close by
    for either to be right."""
    coarse, fine = (np.array(stencil(y, h, y_0).sides()) * u for h in (COARSE, FINE))
    with np.errstate(invalid="ignore"):
        low, high = float(coarse.min(axis=0).sum()), float(coarse.max(axis=0).sum())
        off = abs(low - float(fine.min(axis=0).sum())) + abs(high - float(fine.max(axis=0).sum()))
    return low - off, high + off
