"""What may be built into the recurrence of any cell, written once: one mask for all steps, a norm of the products, and
a residual input. The pages *_varied.py hold the cells that use it; each option that is off leaves no trace there.

**Same-mask dropout.** The inputs x_t and the states h_{t-1} that the products read are multiplied by masks m_x and m_h,
which are 0 with probability p and else 1 / (1-p). Each sequence, layer and direction has its own masks, and they stay
the same at all steps: with a new one at each step, little of a state would survive a long sequence. From Gal and
Ghahramani 2016, "A theoretically grounded application of dropout in recurrent neural networks". Only what the products
read is masked. The path that carries the memory (c of the LSTM, the (1-z) h of the GRU) is left alone, since a mask
there would be applied again and again: a dropped unit would remember nothing, and a kept one would grow by 1 / (1-p)
at each step (Semeniuta et al. 2016, "Recurrent dropout without memory loss", section 3).

**Layer normalisation.** N(a; gamma) = gamma (a - mean) / sqrt(variance + epsilon), mean and variance of each row over
all its columns, of the input product and of the state product before they are added (Ba et al. 2016, "Layer
normalization": section 3.1, and the LSTM of its supplement). Each has its own gain. Neither has its own bias, since b_h
is added to their sum. Ba et al. also normalise the LSTM's c_t on its way to h_t; here it is left as it is.

**Residual inside.** residual_t is added to h_t, and the sum is the state that the next step reads.
"""
from collections.abc import Callable
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor
from tinyseq.backend import workspace, xp
from tinyseq.layers.module import Parameter
from tinyseq.layers.recurrent.sequence import InputProducts
from tinyseq.ops import concat, dropout, layer_norm

EPSILON = 1e-5                                             # keeps the root of the norm away from 0


# For the tape, and where arrays do as well ------------------------------------------------------------------

def masked(h, mask):
    """m h, for as many rows as h has; h itself without a mask."""
    return h if mask is None else h * mask[:h.shape[0]]


def normed(a, gamma):
    """N(a; gamma) by the tape; a itself without a gain."""
    if gamma is None:
        return a
    return layer_norm(a, gamma, xp.zeros_like(gamma.data), epsilon=EPSILON)


def plus(h, residual_t):
    """h + residual_t; h itself without a residual input."""
    return h if residual_t is None else h + residual_t


# By hand ----------------------------------------------------------------------------------------------------

class Norm:
    """N(q_t; gamma) of what comes step by step, q_t (n, K), and the way back: ops/norm.py's layer_norm, in place.

    n_t = (q_t - mean) / sigma;  dq_t = (dn - mean(dn) - n_t mean(dn n_t)) / sigma,  dn = dy gamma"""

    def __init__(self, gamma, T: int, B: int):
        self.gamma = gamma
        self.ns = workspace((T, B, len(gamma)), gamma.dtype)
        self.sigmas = workspace((T, B, 1), gamma.dtype)

    def forward(self, q, t: int):
        """q_t -> gamma n_t, of the rows that are alive."""
        n, sigma = self.ns[t, :len(q)], self.sigmas[t, :len(q)]
        xp.subtract(q, q.mean(axis=-1, keepdims=True), out=n)
        xp.sqrt((n * n).mean(axis=-1, keepdims=True) + EPSILON, out=sigma)
        n /= sigma
        return n * self.gamma

    def backward(self, dy, t: int):
        """dy (n, K) -> dq_t, and this step's part of dgamma."""
        n, sigma = self.ns[t, :len(dy)], self.sigmas[t, :len(dy)]
        dq = dy * self.gamma
        dq -= dq.mean(axis=-1, keepdims=True) + n * (dq * n).mean(axis=-1, keepdims=True)
        dq /= sigma
        return dq, (dy * n).sum(axis=0)


class NormedInputs(InputProducts):
    """N(x_t W_xh; gamma) + b for every step. For ids the rows of W_xh are all products there are: they are normalised
    instead. gamma None: x_t W_xh + b, as in InputProducts."""

    def __init__(self, x, W_xh, b_h, gamma):
        super().__init__(x, W_xh, b_h if gamma is None else xp.zeros_like(b_h))
        self.gamma = gamma
        if gamma is not None:
            products = self.products if self.ids is None else self.table[None]      # (T, B, kH), (1, V, kH)
            self.norm = Norm(gamma, *products.shape[:2])
            for t, q in enumerate(products):
                q[...] = self.norm.forward(q, t)
                q += b_h

    def backward(self, das):
        """das (T, B, kH) -> dx, dW_xh, db_h, dgamma"""
        if self.gamma is None:
            return *super().backward(das), None
        if self.ids is None:
            dqs, dgamma = self._before_the_norm(das)
            dx, dW_xh, _ = super().backward(dqs)
            return dx, dW_xh, das.sum(axis=(0, 1)), dgamma
        _, dtable, db_h = super().backward(das)
        dqs, dgamma = self._before_the_norm(dtable[None])
        return None, dqs[0], db_h, dgamma

    def _before_the_norm(self, dys):
        """Of all steps: dqs (T, B, kH) and dgamma (kH,)."""
        dqs, dgamma = workspace(dys.shape, dys.dtype), xp.zeros_like(self.gamma)
        for t, dy in enumerate(dys):
            dqs[t], part = self.norm.backward(dy, t)
            dgamma += part
        return dqs, dgamma


class StateProducts:
    """N(u_t W; gamma) for every step, where u_t (n, H) is what the product reads. gamma None: u_t W."""

    def __init__(self, W, gamma, T: int, B: int):
        self.W = W
        self.us = workspace((T, B, len(W)), W.dtype)
        self.norm = None if gamma is None else Norm(gamma, T, B)

    def forward(self, u, t: int):
        """u_t -> what is added to the pre-activations, (n, K)."""
        self.us[t, :len(u)] = u
        self.us[t, len(u):] = 0
        q = u @ self.W
        return q if self.norm is None else self.norm.forward(q, t)


class StateGradients:
    """The way back through StateProducts, from the last step to the first; one for each backward pass."""

    def __init__(self, products: StateProducts):
        self.us, self.norm = products.us, products.norm
        self.W_T = xp.ascontiguousarray(products.W.T)
        self.dqs = workspace((*self.us.shape[:2], len(products.W.T)), products.W.dtype)    # of the products u_t W
        self.dgamma = None if self.norm is None else xp.zeros_like(self.norm.gamma)

    def backward(self, da, t: int):
        """da (n, K) -> du_t (n, H)."""
        dq = self.dqs[t, :len(da)]
        if self.norm is None:
            dq[...] = da
        else:
            dq[...], part = self.norm.backward(da, t)
            self.dgamma += part
        self.dqs[t, len(da):] = 0
        return dq @ self.W_T

    def weights(self):
        """dW = sum_t u_t^T dq_t as one product, and dgamma."""
        T, B, K = self.dqs.shape
        return self.us.reshape(T * B, -1).T @ self.dqs.reshape(T * B, K), self.dgamma


# Cells ------------------------------------------------------------------------------------------------------

class Masks(NamedTuple):
    """m_x (B, D) and m_h (B, H) of a cell; None where nothing is dropped."""
    x: Any = None
    h: Any = None

    def select(self, rows: list[int]) -> "Masks":
        """The masks of these rows of the batch."""
        return self if self.h is None else Masks(self.x[rows], self.h[rows])


NO_MASKS = Masks()


class Varied:
    """What a varied cell has beyond the plain one, whose weights it shares: gains and masks."""
    W_xh: Parameter
    W_hh: Parameter
    over_time: Callable[..., Any]
    path: str
    training: bool

    def vary(self, layer_norm: bool, recurrent_dropout: float) -> None:
        """With layer_norm the gains gamma_x and gamma_h (kH,), from 1; else None."""
        self.gamma_x = self._gain() if layer_norm else None
        self.gamma_h = self._gain() if layer_norm else None
        self.recurrent_dropout = recurrent_dropout

    def masks(self, B: int) -> Masks:
        """New masks for B sequences: what dropout makes of ones, while training."""
        if not self.training or not self.recurrent_dropout:
            return NO_MASKS
        return Masks(self._mask("m_x", B, len(self.W_xh)), self._mask("m_h", B, len(self.W_hh)))

    def masked_input(self, x: Any, m_x: Any) -> tuple[Any, Any]:
        """x m_x and W_xh. Of ids those that are dropped point at a row of zeros behind W_xh, whose other rows grow:
        that is what a masked one-hot row times W_xh comes to."""
        if m_x is None:
            return x, self.W_xh
        if isinstance(x, Tensor):
            return x * m_x[:, None, :], self.W_xh          # (B, T, D)
        D, columns = self.W_xh.shape
        x = xp.where(xp.take_along_axis(m_x, x, axis=1) > 0, x, D)                  # (B, T)
        zeros = Tensor(xp.zeros((1, columns), self.W_xh.dtype))
        return x, concat(self.W_xh * (1 / (1 - self.recurrent_dropout)), zeros, axis=0)             # (D+1, kH)

    def _mask(self, name: str, B: int, size: int) -> Any:
        ones = xp.ones((B, size), self.W_hh.dtype)
        return dropout(ones, self.recurrent_dropout, path=f"{self.path}.{name}").data

    def _gain(self) -> Parameter:
        return Parameter(xp.ones(self.W_hh.shape[1], "float32"), blocks=self.W_hh.blocks)
