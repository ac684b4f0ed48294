"""Stochastic gradient descent, with momentum and Nesterov's momentum.

    (1) g_t = dL/dw + weight_decay w_{t-1}
    (2) v_t = momentum v_{t-1} + g_t                      v_0 = 0
    (3) u_t = v_t                                         Polyak's momentum
    (4) u_t = g_t + momentum v_t                          Nesterov's momentum
    (5) w_t = w_{t-1} - lr u_t

Without momentum u_t = g_t, and nothing is remembered. The rate stands outside the velocity v, as in PyTorch;
in Sutskever et al. 2013, equations 1 to 4, it stands inside. While the rate is constant, (3) is the same
either way, and with (4) w is the point that theirs looks ahead to. When a schedule lowers the rate, here the
whole step shrinks at once.

Robbins & Monro 1951; momentum: Polyak 1964; Nesterov's: Nesterov 1983, as arranged by Sutskever et al. 2013.
"""
from collections.abc import Iterable
from typing import Any

from tinyseq.backend import xp
from tinyseq.optim.base import Optimiser


class SGD(Optimiser):
    """Equations (1)-(5) of this file.

    Made with: params; lr >= 0; momentum in [0, 1); nesterov, which needs a momentum; weight_decay >= 0, an L2
    penalty of weight_decay |w|^2 / 2.

    Raises: ValueError as `Optimiser` does, and for nesterov without momentum.
    """

    def __init__(self, params: Iterable[Any], lr: float, momentum: float = 0.0, nesterov: bool = False,
                 weight_decay: float = 0.0):
        super().__init__(params, lr, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay)

    def start(self, w, momentum, nesterov, **_):
        if nesterov and momentum == 0:
            raise ValueError("nesterov=True needs a momentum above 0, such as 0.9")
        return {"v": xp.zeros_like(w)} if momentum else {}

    def update(self, w, dw, memory, lr, momentum, nesterov, weight_decay):
        g = dw + weight_decay * w if weight_decay else dw      # (1)
        u = xp.empty_like(w)
        if not momentum:
            xp.multiply(g, lr, out=u)
        else:
            v = memory["v"]
            v *= momentum
            v += g                                             # (2)
            if nesterov:
                xp.multiply(v, momentum, out=u)
                u += g                                         # (4)
                u *= lr
            else:
                xp.multiply(v, lr, out=u)                      # (3)
        w -= u                                                 # (5), u already times lr
