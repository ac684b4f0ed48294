"""Where a step stands: sines and cosines that are added, and turns."""
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.backend import to_host, xp
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.layers.positions import SinusoidalPositions, angles
from tinyseq.ops import rotary, swap


@exercise("sinusoidal-positions", "9.4", gives="p (T, C)")
def sinusoidal_positions(draw: Draw) -> Case:
    """Sinusoidal positions.

    (1) phi[t, i]    = t / 10000^(2i / C)       (T, C/2)    t = 0 .. T-1, i = 0 .. C/2 - 1
    (2) p[t, 2i]     = sin(phi[t, i])           (T, C)      channels 2i and 2i+1 are a pair with one angle
    (3) p[t, 2i + 1] = cos(phi[t, i])

    Given   T and C, two whole numbers, C even
    Hint    Write down the first row, p[0]: all its angles are 0. And the first two channels, i = 0: what is 10000^0?
    Hint    (1) is a product of a column with the T steps and a row of C/2 frequencies; the row does not depend on t.
    Hint    Sine and cosine make C/2 channels each. Which of the channels of p are the one's, and which the other's?
            A slice with a step of 2 has them.
    Look    p: compare the first row, then the first two channels, then the second pair of channels, at t = 1."""
    n, half = draw.sizes(2, least=3)
    T, C = 2 * n - 1, 2 * half                             # one odd and one even, so never the same
    p = SinusoidalPositions(C)(tensor(np.zeros((1, T, C)))).numpy()[0]
    return Case({"T": T, "C": C}, {"p": p})


@exercise("rotary-backward", "9.4", gives="dq (B, Tq, d), dk (B, Tk, d)")
def rotary_backward(draw: Draw) -> Case:
    """The way back through scores of rotated queries and keys.

    With n = d/2, entries i and i + n of a vector are the two coordinates of a point in a plane, i = 0 .. n-1:

    (1) phi[t, i]    = t theta[i]                                                           t = 0, 1, 2 ...
    (2) qr[t, i]     = q[t, i] cos(phi[t, i]) - q[t, i + n] sin(phi[t, i])                  (B, Tq, d)
    (3) qr[t, i + n] = q[t, i] sin(phi[t, i]) + q[t, i + n] cos(phi[t, i])
    (4) kr           = the same of k, of the steps s = 0, 1, 2 ...                          (B, Tk, d)
    (5) e[t, s]      = sum over the d entries of qr[t] kr[s]                                (B, Tq, Tk)

    Given   de (B, Tq, Tk), which is dL/de; q (B, Tq, d); k (B, Tk, d); theta (d/2,)
    Hint    Through (5) first: it is a product of two matrices for each sequence, and the keys in it have been turned.
    Hint    The angles are settings. (2) and (3) are linear in q, a matrix of 2 x 2 for each pair: what is the way back
            through a matrix?
    Hint    The transpose of a turn by phi is a turn by -phi: two of the four signs of (2) and (3) change places. The
            keys are turned by the angles of their own steps.
    Look    dq: q stands in (2) and (3); in (5) it meets the turned keys. Which way is a gradient turned, and by which
            angle?
    Look    dk: k stands in (4), turned by the angle of its step s; in (5) it meets the turned queries."""
    B, Tq, Tk = draw.sizes(3)
    d = 2 * (1 + max(B, Tq, Tk))                           # no other size is the same
    q, k = draw.array(B, Tq, d), draw.array(B, Tk, d)
    (de,), _, (dq, dk) = draw.way_back(scores, q, k)
    return Case({"de": de, "q": q, "k": k, "theta": to_host(angles(1, d))}, {"dq": dq, "dk": dk})


def scores(q: Any, k: Any) -> Any:
    """(1) to (5)"""
    return turned(q) @ swap(turned(k), -1, -2)


def turned(x: Any) -> Any:
    """(1) to (3), of x (B, T, d)."""
    phi = angles(to_host(range(x.shape[1])), x.shape[2])
    return rotary(x, cos=xp.cos(phi), sin=xp.sin(phi))
