"""Adam: momentum over RMSprop's scaling, both corrected for their start at zero.

    (1) g_t = dL/dw + weight_decay w_{t-1}
    (2) m_t = beta1 m_{t-1} + (1 - beta1) g_t             m_0 = 0
    (3) v_t = beta2 v_{t-1} + (1 - beta2) g_t^2           v_0 = 0
    (4) m^_t = m_t / (1 - beta1^t)                        an average with weights that sum to 1
    (5) v^_t = v_t / (1 - beta2^t)
    (6) w_t = w_{t-1} - lr m^_t / (sqrt(v^_t) + eps)

t counts the steps in which the parameter had a gradient. The decay of (1) goes through the moments, so a
weight with large gradients is decayed less; AdamW keeps the two apart.

Kingma & Ba 2015, Algorithm 1; (1) is their gradient with an L2 penalty added to the loss.
"""
import math
from collections.abc import Iterable
from typing import Any

from tinyseq.backend import xp
from tinyseq.optim.base import Optimiser


class Adam(Optimiser):
    """Equations (1)-(6) of this file.

    Made with: params; lr >= 0; betas, two numbers in [0, 1); eps > 0; weight_decay >= 0.

    Raises: ValueError as `Optimiser` does.
    """

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0.0):
        super().__init__(params, lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def start(self, w, **_):
        return {"t": 0, "m": xp.zeros_like(w), "v": xp.zeros_like(w)}

    def update(self, w, dw, memory, lr, betas, eps, weight_decay):
        beta1, beta2 = betas
        memory["t"] += 1
        t, m, v, scratch = memory["t"], memory["m"], memory["v"], xp.empty_like(w)
        g = dw + weight_decay * w if weight_decay else dw      # (1)
        xp.multiply(g, 1 - beta1, out=scratch)
        m *= beta1
        m += scratch                                           # (2)
        xp.multiply(g, g, out=scratch)
        scratch *= 1 - beta2
        v *= beta2
        v += scratch                                           # (3)
        xp.sqrt(v, out=scratch)
        scratch /= math.sqrt(1 - beta2**t)                     # (5), as sqrt(v^)
        scratch += eps
        xp.divide(m, scratch, out=scratch)
        scratch *= lr / (1 - beta1**t)                         # (4), as lr m^
        w -= scratch                                           # (6)
