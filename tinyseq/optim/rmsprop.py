"""RMSprop: each weight's step is divided by the recent size of its gradient.

    (1) g_t = dL/dw + weight_decay w_{t-1}
    (2) v_t = alpha v_{t-1} + (1 - alpha) g_t^2           v_0 = 0
    (3) w_t = w_{t-1} - lr g_t / (sqrt(v_t) + eps)

v starts at 0 and is not corrected for it, so the first step is about lr / sqrt(1 - alpha): ten times lr with
the default alpha. Adam cures this. Where a gradient has been 0 so far, the step is 0.

Tieleman & Hinton 2012, lecture 6.5 of "Neural Networks for Machine Learning"; alpha and the place of eps
(outside the root) are PyTorch's.
"""
from collections.abc import Iterable
from typing import Any

from tinyseq.backend import xp
from tinyseq.optim.base import Optimiser


class RMSprop(Optimiser):
    """Equations (1)-(3) of this file.

    Made with: params; lr >= 0; alpha in [0, 1); eps > 0; weight_decay >= 0.

    Raises: ValueError as `Optimiser` does.
    """

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
                 weight_decay: float = 0.0):
        super().__init__(params, lr, alpha=alpha, eps=eps, weight_decay=weight_decay)

    def start(self, w, **_):
        return {"v": xp.zeros_like(w)}

    def update(self, w, dw, memory, lr, alpha, eps, weight_decay):
        v, scratch = memory["v"], xp.empty_like(w)
        g = dw + weight_decay * w if weight_decay else dw      # (1)
        xp.multiply(g, g, out=scratch)
        scratch *= 1 - alpha
        v *= alpha
        v += scratch                                           # (2)
        xp.sqrt(v, out=scratch)
        scratch += eps
        xp.divide(g, scratch, out=scratch)
        scratch *= lr
        w -= scratch                                           # (3)
