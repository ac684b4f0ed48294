"""Additive attention: a small network compares a decoder's state with each state of the encoder."""
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.ops import softmax, tanh


@exercise("additive-attention-backward", "8.4",
          gives="dq (B, D), dh (B, T, H), dW_q (D, A), dW_k (H, A), dv (A)")
def additive_attention_backward(draw: Draw) -> Case:
    """The way back through additive attention, for one query a sequence.

    (1) u     = tanh(q W_q + h W_k)             (B, T, A)    q W_q is the same for all T states of a sequence
    (2) e     = u v                             (B, T)
    (3) alpha = softmax over the states of e    (B, T)
    (4) c     = sum over t of alpha_t h_t       (B, H)

    Given   dc (B, H), which is dL/dc; q (B, D); h (B, T, H); W_q (D, A); W_k (H, A); v (A,); u (B, T, A);
            alpha (B, T)
    Hint    h is read twice, as values by (4) and as keys by (1): two gradients meet there. q is read by all T places
            of (1).
    Hint    By (4) the gradient of alpha[b, t] is a product of two rows; (3) makes of it a de whose rows add up to 0.
    Hint    In (2) each number de[b, t] goes to all A entries, each beside its v; tanh has the derivative 1 - tanh^2,
            and u is that tanh already. What then comes to q W_q is added up over t.
    Look    dv: (2) has one u[b, t] for each e[b, t], and v is the same for all of them.
    Look    dW_k, dW_q: in (1) each is a linear layer. What is multiplied with it there, and how many rows share it?
    Look    dq: q[b] stands in (1) at every t; all those gradients come together.
    Look    dh: h stands in (1) and in (4)."""
    B, T, D, H, A = draw.sizes(5)
    q, h, W_q, W_k, v = draw.array(B, D), draw.array(B, T, H), draw.array(D, A), draw.array(H, A), draw.array(A)
    (dc,), _, grads = draw.way_back(context, q, h, W_q, W_k, v)
    u = compared(*map(tensor, (q, h, W_q, W_k)))
    given = {"dc": dc, "q": q, "h": h, "W_q": W_q, "W_k": W_k, "v": v, "u": u.numpy(),
             "alpha": softmax(u @ tensor(v)).numpy()}
    return Case(given, dict(zip(("dq", "dh", "dW_q", "dW_k", "dv"), grads, strict=True)))


def compared(q: Any, h: Any, W_q: Any, W_k: Any) -> Any:
    """(1)"""
    return tanh((q @ W_q)[:, None] + h @ W_k)


def context(q: Any, h: Any, W_q: Any, W_k: Any, v: Any) -> Any:
    """(1) to (4)"""
    alpha = softmax(compared(q, h, W_q, W_k) @ v)
    return (alpha[:, :, None] * h).sum(axis=1)
