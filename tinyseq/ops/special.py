"""Functions that NumPy lacks, of arrays (not tensors). The same code on every backend; float32 stays float32.

The error function is erf(x) = 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x, and erfc(x) = 1 - erf(x).
W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969), gives
three ratios of polynomials whose errors lie below the rounding of float64:

    |x| <= 0.46875          erf(x)  = x R1(x^2)                                                     (1)
    0.46875 <= x <= 4       erfc(x) = e^(-x^2) R2(x)                                                (2)
    x >= 4                  erfc(x) = e^(-x^2)/x (1/sqrt(pi) + R3(1/x^2)/x^2)                       (3)

The coefficients below are those of his later program CALERF, from the highest power down.
"""
import math

from tinyseq.backend import xp

NEAR, FAR = 0.46875, 4.0                   # where one ratio takes over from the other
ZERO = 30.0                                # erfc is 0 from here on, in float64 too
R1 = ((0.185777706184603153, 3.16112374387056560, 113.864154151050156, 377.485237685302021, 3209.37758913846947),
      (1.0, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062))
R2 = ((2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594, 66.1191906371416295, 298.635138197400131,
       881.952221241769090, 1712.04761263407058, 2051.07837782607147, 1230.33935479799725),
      (1.0, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019, 3290.79923573345963,
       4362.61909014324716, 3439.36767414372164, 1230.33935480374942))
R3 = ((-0.0163153871373020978, -0.305326634961232344, -0.360344899949804439, -0.125781726111229246,
       -0.0160837851487422766, -6.58749161529837803e-4),
      (1.0, 2.56852019228982242, 1.87295284992346725, 0.527905102951428412, 0.0605183413124413191,
       2.33520497626869185e-3))


def erfc(x):
    """1 - erf(x), to the last digits also where it is small (x > 0, where 1 - erf(x) would have lost them).

    Each ratio is computed everywhere, at a point where it holds, and the right one chosen: a GPU need not stop."""
    y = xp.minimum(xp.abs(x), ZERO)
    near = xp.clip(x, -NEAR, NEAR)
    middle = xp.clip(y, NEAR, FAR)
    far = xp.maximum(y, FAR)
    z = 1 / (far * far)
    tail = xp.exp(-y * y) * xp.where(y <= FAR, _ratio(R2, middle), (1 / math.sqrt(math.pi) + z * _ratio(R3, z)) / far)
    return xp.where(y <= NEAR, 1 - near * _ratio(R1, near * near), xp.where(x > 0, tail, 2 - tail))


def _ratio(coefficients, z):
    above, below = coefficients
    return _polynomial(above, z) / _polynomial(below, z)


def _polynomial(coefficients, z):
    """Horner's rule."""
    y = coefficients[0] * z + coefficients[1]
    for c in coefficients[2:]:
        y = y * z + c
    return y
