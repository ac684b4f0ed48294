"""Two ways to hold back an exploding gradient, between the backward pass and the optimiser's step.

`clip_norm` shortens the gradient of all parameters together and keeps its direction; `clip_value` cuts each
entry for itself, which is cheaper and turns the direction. They have two names because a threshold for one
means nothing to the other. Both take gradients by rows (RowGrad) as well: the rows that are not there are 0.
"""
from collections.abc import Iterable
from typing import Any

from tinyseq.backend import xp
from tinyseq.optim.base import read_parameters
from tinyseq.optim.settings import positive
from tinyseq.rowgrad import entries


def clip_norm(params: Iterable[Any], limit: float) -> Any:
    """Scale all gradients in place by one factor, so that their common norm is at most `limit`.

        norm = sqrt(sum of g^2 over all entries of all gradients)
        g <- g min(1, limit / norm)

    Returns the norm before clipping, shape (), float64, still on the device: nothing waits for it here. The
    squares are summed in float64, where those of float32 neither overflow nor vanish. A norm of 0 changes
    nothing. A norm that is not finite cannot be clipped and leaves NaN in the gradients: look at what is
    returned.

    Raises: ValueError for a limit that is not above 0, for no parameters or one given twice.
    Pascanu et al. 2013, Algorithm 1.
    """
    limit = positive("limit", limit)
    gradients = [entries(p.grad) for p in read_parameters(params) if p.grad is not None]
    norm = xp.sqrt(sum((xp.sum(xp.square(g, dtype=xp.float64)) for g in gradients), xp.zeros(())))
    factor = limit / xp.maximum(norm, limit)       # min(1, limit / norm), without dividing by 0
    for g in gradients:
        xp.multiply(g, factor.astype(g.dtype), out=g)
    return norm


def clip_value(params: Iterable[Any], limit: float) -> None:
    """Cut every entry of every gradient, in place, to the range from -limit to limit.

        g <- min(max(g, -limit), limit)

    Only the entries beyond the limit change, so the clipped gradient points elsewhere than the gradient did.

    Raises: ValueError for a limit that is not above 0, for no parameters or one given twice.
    Mikolov 2012, "Statistical Language Models Based on Neural Networks" (thesis).
    """
    limit = positive("limit", limit)
    for p in read_parameters(params):
        if p.grad is not None:
            xp.clip(entries(p.grad), -limit, limit, out=entries(p.grad))
