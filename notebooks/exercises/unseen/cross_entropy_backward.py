"""Mistakes that the diagnosis of cross-entropy-backward has never seen."""
import numpy as np


def wrong_target_alone(dL, logits, t):
    """Only the target's logit gets a gradient, p - 1; the p of all the others in (1) is forgotten.

    Named by: other logits 0 | only target | others p missing | not target zero
    """
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    q = np.eye(logits.shape[1])[t]
    counts = t >= 0
    dlogits = dL * (p - 1) * q * counts[:, None] / counts.sum()
    return dlogits


def wrong_padding_gets_p(dL, logits, t):
    """Padding is hidden from the target's term alone: a row of padding gets p where it should get 0.

    Named by: padding p not 0 | padding rows p | t = -1 p | padding counts p
    """
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    q = np.eye(logits.shape[1])[t]
    counts = t >= 0
    dlogits = dL * (p - q * counts[:, None]) / counts.sum()
    return dlogits


def wrong_stops_at_p(dL, logits, t):
    """The gradient is that by p of (2), -1 / p at the target, and has not gone back through the softmax of (1).

    Named by: softmax not through | gradient of p | -1 / p | (1) missing p target
    """
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    q = np.eye(logits.shape[1])[t]
    counts = t >= 0
    dlogits = dL * -q / p * counts[:, None] / counts.sum()
    return dlogits
