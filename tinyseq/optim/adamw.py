"""AdamW: Adam whose weight decay does not pass through the moments.

    (1) w'_t = w_{t-1} - lr weight_decay w_{t-1}          the decay alone
    (2) m_t = beta1 m_{t-1} + (1 - beta1) g_t             m_0 = 0;  g_t = dL/dw at w_{t-1}
    (3) v_t = beta2 v_{t-1} + (1 - beta2) g_t^2           v_0 = 0
    (4) m^_t = m_t / (1 - beta1^t)                        an average with weights that sum to 1
    (5) v^_t = v_t / (1 - beta2^t)
    (6) w_t = w'_t - lr m^_t / (sqrt(v^_t) + eps)

t counts the steps in which the parameter had a gradient. All weights shrink by the same factor in (1),
however large their gradients are. Biases and the gains of norms are usually put in a group with
weight_decay 0.

Loshchilov & Hutter 2019, Algorithm 2; there the decay is scaled by the schedule alone, here by lr, as in
PyTorch.
"""
import math
from collections.abc import Iterable
from typing import Any

from tinyseq.backend import xp
from tinyseq.optim.base import Optimiser


class AdamW(Optimiser):
    """Equations (1)-(6) of this file.

    Made with: params; lr >= 0; betas, two numbers in [0, 1); eps > 0; weight_decay >= 0.

    Raises: ValueError as `Optimiser` does.
    """

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 1e-2):
        super().__init__(params, lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def start(self, w, **_):
        return {"t": 0, "m": xp.zeros_like(w), "v": xp.zeros_like(w)}

    def update(self, w, dw, memory, lr, betas, eps, weight_decay):
        beta1, beta2 = betas
        memory["t"] += 1
        t, m, v, scratch = memory["t"], memory["m"], memory["v"], xp.empty_like(w)
        w *= 1 - lr * weight_decay                             # (1)
        xp.multiply(dw, 1 - beta1, out=scratch)
        m *= beta1
        m += scratch                                           # (2)
        xp.multiply(dw, dw, out=scratch)
        scratch *= 1 - beta2
        v *= beta2
        v += scratch                                           # (3)
        xp.sqrt(v, out=scratch)
        scratch /= math.sqrt(1 - beta2**t)                     # (5), as sqrt(v^)
        scratch += eps
        xp.divide(m, scratch, out=scratch)
        scratch *= lr / (1 - beta1**t)                         # (4), as lr m^
        w -= scratch                                           # (6)
