"""Mistakes that the diagnosis of practice-9.5-decay has never seen."""
import numpy as np
from solutions.practice_9_5_decay import practice_9_5_decay


def wrong_decay_after_the_step(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """The decay of (2) is that of the new W, after Adam's step, and not of W_prev.

    Named by: decay new W | decay after step | W_prev decay instead | decay W after
    | step is made first, and what it has made of W decays
    """
    W, b, gamma = practice_9_5_decay(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, 0, eps)
    return W - lr * decay * W, b, gamma


def wrong_eps_in_the_root(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """In (1) eps stands inside of the root, sqrt(dw^2 + eps), and not beside it.

    Named by: eps inside root | eps under root | sqrt(dw^2 + eps) | eps in the root
    """
    u_W, u_b, u_gamma = (d / np.sqrt(d ** 2 + eps) for d in (dW, db, dgamma))
    return W_prev - lr * decay * W_prev - lr * u_W, b_prev - lr * u_b, gamma_prev - lr * u_gamma


def wrong_gamma_decays(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """gamma of (4) decays as W does.

    Named by: gamma decays | gamma decay no | gamma weight decay | decay of gamma
    """
    W, b, gamma = practice_9_5_decay(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps)
    return W, b, gamma - lr * decay * gamma_prev
