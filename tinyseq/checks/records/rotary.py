"""Record of ops/rotary.py: against complex numbers, which are turned by a product."""
import cmath
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, shape_of

np = host.np


def turned(x: Any, phi: Any) -> Any:
    """Each pair as a complex number times e^(i phi)."""
    n = x.shape[-1] // 2
    phi = np.broadcast_to(phi, (*x.shape[:-1], n))
    y = np.zeros_like(x)
    for place in np.ndindex(phi.shape):
        *row, i = place
        z = complex(x[(*row, i)], x[(*row, i + n)]) * cmath.exp(1j * float(phi[place]))
        y[(*row, i)], y[(*row, i + n)] = z.real, z.imag
    return y


def draw(rng: Any, kind: str) -> Sample:
    """Any number of axes before the last; the angles often lack some or have them with size 1."""
    *lead, n = shape_of(rng, kind, least=1)
    n = max(n, 1) if kind != "empty" or lead else 1
    lead = [0] if kind == "empty" and not lead else lead
    lead = [0, *lead[1:]] if kind == "empty" and 0 not in lead else lead
    phi = rng.uniform(-4, 4, [*(size if rng.random() < 0.6 else 1 for size in lead), n])
    while phi.ndim > 1 and len(phi) == 1 and rng.random() < 0.5:
        phi = phi[0]

    def f(x: Any) -> Any:
        cos, sin = (to_device(g(phi).astype(x.dtype)) for g in (np.cos, np.sin))
        return ops.rotary(x, cos=cos, sin=sin)
    return Sample([rng.standard_normal((*lead, 2 * n))], f, lambda x: turned(x, phi))


def angles(*shape: int) -> Any:
    return to_device(np.ones(shape))


x = tensor(np.ones((3, 4)))

RECORDS = {
    "rotary": Record(draw, (
        Mistake(lambda: ops.rotary(x[:, :3], cos=angles(3, 1), sin=angles(3, 1)), ("(3, 3)", "even")),
        Mistake(lambda: ops.rotary(x, cos=angles(3, 4), sin=angles(3, 2)), ("cos (3, 4)", "(3, 4)", "(3, 2)")),
        Mistake(lambda: ops.rotary(x, cos=angles(3, 2), sin=angles(2, 2)), ("sin (2, 2)", "(3, 4)", "(3, 2)")),
        Mistake(lambda: ops.rotary(x, cos=angles(1, 3, 2), sin=angles(3, 2)), ("cos (1, 3, 2)", "(3, 2)")),
        Mistake(lambda: ops.rotary(x[0, 0], cos=angles(1), sin=angles(1)), ("()", "even")),
    ), tuple(kind for kind in KINDS if kind != "scalar")),
}
