"""Rotary positions: vectors are turned by angles that grow with their step; products tell how far two are apart."""
from tinyseq.autograd import op
from tinyseq.backend import xp
from tinyseq.ops.broadcasting import fit


@op
def rotary(x, *, cos, sin):
    """Entry i and entry i + d/2 are the two coordinates of a point in a plane, which is turned by an angle phi_i:

    y_i       = x_i cos phi_i - x_{i+d/2} sin phi_i         dx_i       = dy_i cos phi_i + dy_{i+d/2} sin phi_i
    y_{i+d/2} = x_i sin phi_i + x_{i+d/2} cos phi_i         dx_{i+d/2} = dy_{i+d/2} cos phi_i - dy_i sin phi_i

    x (..., d); cos and sin of phi, arrays that broadcast to (..., d/2), are settings and have no gradient. Lengths stay
    as they are, and with phi_i = t theta_i the product of a vector turned at step t and one turned at step s depends on
    t - s alone. From Su et al. 2021, "RoFormer", equation 34, which pairs neighbours 2i and 2i+1; halves are the same
    up to the order of the entries, and slices are faster than every second entry.
    Raises ValueError if d is odd, or if cos or sin does not fit."""
    d = x.shape[-1] if x.ndim else 0
    if not d or d % 2:
        raise ValueError(f"rotary turns pairs, so the last axis of x {x.shape} has an even size of at least 2: use an "
                         "even width for each head")
    half = (*x.shape[:-1], d // 2)
    for name, a in (("cos", cos), ("sin", sin)):
        if a.ndim > x.ndim or not fit(a.shape, half) or a.shape[-1:] != half[-1:]:
            raise ValueError(f"rotary: {name} {a.shape} does not fit x {x.shape}: it is one number for each pair, "
                             f"{half}, where axes before the last may have size 1")
    return _turned(x, cos, sin), lambda dy: (_turned(dy, cos, -sin),)


def _turned(x, cos, sin):
    n = x.shape[-1] // 2
    first, second = x[..., :n], x[..., n:]
    y = xp.empty(x.shape, x.dtype)
    y[..., :n] = first * cos - second * sin
    y[..., n:] = first * sin + second * cos
    return y
