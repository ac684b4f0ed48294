"""Adam for gradients by rows: a row that the batch did not touch keeps its value, its moments and its step count.

For each row r in which the gradient stands, and no other:

    (1) t_r = t_r + 1                                     t_r = 0 at first: this row's own steps
    (2) m_r = beta1 m_r + (1 - beta1) g_r                 m_r = 0
    (3) v_r = beta2 v_r + (1 - beta2) g_r^2               v_r = 0
    (4) m^_r = m_r / (1 - beta1^t_r)                      an average with weights that sum to 1
    (5) v^_r = v_r / (1 - beta2^t_r)
    (6) w_r = w_r - lr m^_r / (sqrt(v^_r) + eps)

A step costs what the rows in the batch cost, however many the table has. A gradient without rows, of a bias or a
matrix, touches all of them, and (1)-(6) are Adam.

The count t_r has to be the row's own. With the number T of all steps in its place, as PyTorch's SparseAdam has it, a
word first seen late is corrected for a start long ago: m^ = (1 - beta1) g and v^ = (1 - beta2) g^2 / (1 - beta2^T), so
its first move is lr (1 - beta1) / sqrt(1 - beta2), 3.16 lr with the default betas, where Adam's is lr.

There is no weight decay: it would move the rows that the batch did not touch.

Kingma & Ba 2015, Algorithm 1, row by row.
"""
from collections.abc import Iterable
from typing import Any

from tinyseq.backend import xp
from tinyseq.optim.base import Optimiser
from tinyseq.rowgrad import RowGrad


class SparseAdam(Optimiser):
    """Equations (1)-(6) of this file.

    Made with: params, with gradients by rows (layers.Embedding(V, C, sparse=True)) or without, in any mixture;
    lr >= 0; betas, two numbers in [0, 1); eps > 0.

    Raises: ValueError as `Optimiser` does.
    """

    takes_rows = True

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8):
        super().__init__(params, lr, betas=betas, eps=eps)

    def start(self, w, **_):
        return {"steps": xp.zeros(w.shape[:1], "int64"), "m": xp.zeros_like(w), "v": xp.zeros_like(w)}

    def update(self, w, dw, memory, lr, betas, eps):
        r, g = (dw.index, dw.values) if isinstance(dw, RowGrad) else (..., dw)
        steps, m, v = memory["steps"], memory["m"], memory["v"]
        steps[r] += 1                                                   # (1)
        correction1, correction2 = (1 - beta ** self._as_column(steps[r], w) for beta in betas)
        m_r = betas[0] * m[r] + (1 - betas[0]) * g                      # (2)
        v_r = betas[1] * v[r] + (1 - betas[1]) * (g * g)                # (3)
        m[r], v[r] = m_r, v_r
        m_r /= correction1.astype(w.dtype)                              # (4)
        v_r /= correction2.astype(w.dtype)                              # (5)
        w[r] -= lr * m_r / (xp.sqrt(v_r) + eps)                         # (6)

    @staticmethod
    def _as_column(steps, w):
        """The counts of rows beside rows of w, in float64: in float32 1 - beta2 would keep four digits."""
        return steps.astype("float64").reshape(steps.shape + (1,) * (w.ndim - steps.ndim))
