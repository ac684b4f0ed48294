"""What all cells share on their way through time: the inputs' part of every step, ragged batches, states.

Ragged batches come sorted, longest first, so that at step t the first n_t rows are alive and the rest has ended:
`alive` is the list of the n_t. A row that has ended keeps its state, and its outputs are 0.
"""
from collections.abc import Callable, Sequence
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import scatter_add, workspace, xp
from tinyseq.ops import gather, stack, where


class InputProducts:
    """x_t W_xh + b for every step of a by-hand sequence, and its gradients.

    x (B, T, D): one product for all steps, hoisted out of the loop. ids (B, T): a row of W_xh + b picked at each
    step, which is what one-hot rows times W_xh come to."""

    def __init__(self, x, W_xh, b_h):
        self.W_xh, self.B, self.T = W_xh, x.shape[0], x.shape[1]
        self.ids = xp.ascontiguousarray(x.T) if x.ndim == 2 else None               # (T, B)
        if self.ids is not None:
            self.table = W_xh + b_h                                                 # (V, kH)
        else:
            self.x = _time_major(x)                                                 # (T, B, D)
            rows = self.x.reshape(-1, x.shape[2])
            products = xp.matmul(rows, W_xh, out=workspace((len(rows), W_xh.shape[1]), x.dtype))
            products += b_h
            self.products: Any = products.reshape(self.T, self.B, -1)               # (T, B, kH)

    def add_to(self, a, t: int) -> None:
        """a += x_t W_xh + b, for the rows that `a` (n, kH) has."""
        n = len(a)
        a += xp.take(self.table, self.ids[t, :n], axis=0) if self.ids is not None else self.products[t, :n]
        if t == self.T - 1:
            self.products = None       # the way back does not need them: their memory is free for the layer above

    def backward(self, das):
        """das (T, B, kH) -> dx, dW_xh, db_h;  dx is None for ids, which have no gradient."""
        rows = das.reshape(-1, das.shape[2])
        db_h = rows.sum(axis=0)
        if self.ids is not None:
            return None, scatter_add(len(self.W_xh), self.ids.reshape(-1), rows), db_h
        dx = xp.matmul(rows, self.W_xh.T, out=workspace((len(rows), len(self.W_xh)), rows.dtype))
        dx = dx.reshape(self.T, self.B, -1).transpose(1, 0, 2)                      # (B, T, D)
        return dx, self.x.reshape(len(rows), -1).T @ rows, db_h


def _time_major(x):
    """(B, T, D) -> (T, B, D). The states of a layer below lie in memory in that order already."""
    x = x.transpose(1, 0, 2)
    if x.flags.c_contiguous:
        return x
    copy = workspace(x.shape, x.dtype)
    copy[...] = x
    return copy


def check_sizes(name: str, gates: int, x, states: Sequence, W_xh, W_hh, b_h) -> None:
    """Raise ValueError, which names the array and both shapes, if a sequence and its weights do not fit."""
    B, H = x.shape[0], W_hh.shape[0]
    if x.ndim == 3 and x.shape[2] != W_xh.shape[0]:
        raise ValueError(f"{name}: x {x.shape} has D={x.shape[2]} inputs a step, W_xh {W_xh.shape} takes "
                         f"{W_xh.shape[0]}: its rows are the inputs")
    expected = [("W_xh", W_xh, f"(D, {gates}H)", (W_xh.shape[0], gates * H)),
                ("W_hh", W_hh, f"(H, {gates}H)", (H, gates * H)), ("b_h", b_h, f"({gates}H,)", (gates * H,)),
                *((f"state {k} before the first step", s, "(B, H)", (B, H)) for k, s in enumerate(states))]
    for what, array, letters, shape in expected:
        if array.shape != shape:
            raise ValueError(f"{name}: {what} should be {letters} = {shape}; got {array.shape}")


def history(first, T: int):
    """Room for a state at every step: (T+1, B, H), entry k being the state after k steps."""
    states = workspace((T + 1, *first.shape), first.dtype)
    states[0] = first
    return states


def last_states(states, alive: Sequence[int]):
    """The state in which each row ended: (T+1, B, H) -> (B, H), a copy."""
    B, T = states.shape[1], len(alive)
    if not T or alive[-1] == B:
        return states[T].copy()
    steps = [sum(n > row for n in alive) for row in range(B)]
    return states[xp.asarray(steps), xp.arange(B)]


def unrolled(step: Callable, x, state: Sequence[Tensor], alive: Sequence[int],
             residual: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
    """The tape's way through time: T calls of `step`, which autograd remembers one by one.

    (1) s_t = step(x_t, s_{t-1}),   x_t = x[:, t]         where a row has ended,
    (2) s_t = s_{t-1} and h_t = 0                         (B, H)
    (3) hs  = [h_1 .. h_T]                                (B, T, H)

    x (B, T, D) or ids (B, T);  step(x_t, *state) -> new state, h first.  -> hs (B, T, H), last state
    residual (B, T, H), where there is one: step(x_t, *state, residual_t)"""
    state = list(state)
    B = x.shape[0]
    hs = []
    for t, n in enumerate(alive):
        try:
            new = step(x[:, t], *state) if residual is None else step(x[:, t], *state, residual[:, t])  # (1)  (B, D)
        except ValueError as error:
            raise ValueError(f"at time step t={t}: {error}") from error
        if n < B:
            is_alive = xp.arange(B)[:, None] < n                                    # (B, 1)
            state = [where(is_alive, s_new, s) for s_new, s in zip(new, state, strict=True)]        # (2)
            hs.append(where(is_alive, new[0], xp.zeros_like(new[0].data)))          # (2)
        else:
            state = list(new)
            hs.append(new[0])
    return stack(*hs, axis=1), state                                                # (3)


def from_input(x_t: Any, W_xh: Tensor) -> Tensor:
    """x_t W_xh for x_t (B, D); for ids (B,) the rows of W_xh that one-hot vectors would pick."""
    return x_t @ W_xh if x_t.ndim == 2 else gather(W_xh, x_t)
