"""Mistakes that the diagnosis of adam-step has never seen."""
import numpy as np


def wrong_m_like_momentum(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """In (2) dw is added with the weight 1, as in momentum: 1 - beta1 is missing.

    Named by: m 1 - beta1 missing | m dw factor 1 - beta1 | m dw without 1 - beta1 | m (1 - beta1) dw
    """
    t = t_prev + 1
    m = beta1 * m_prev + dw
    v = beta2 * v_prev + (1 - beta2) * dw ** 2
    m_hat = m / (1 - beta1 ** t)
    v_hat = v / (1 - beta2 ** t)
    w = w_prev - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, m, v


def wrong_v_not_corrected(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """w is made with v as it is: (5) is left out, while (4) is there.

    Named by: w v^ v instead | w (5) missing | w v not corrected | w beta2^t missing
    """
    t = t_prev + 1
    m = beta1 * m_prev + (1 - beta1) * dw
    v = beta2 * v_prev + (1 - beta2) * dw ** 2
    m_hat = m / (1 - beta1 ** t)
    w = w_prev - lr * m_hat / (np.sqrt(v) + eps)
    return w, m, v


def wrong_v_of_m(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """In (3) the running mean is of m^2, where it is of dw^2.

    Named by: v m^2 dw | v m instead dw | v square of m | v m squared
    """
    t = t_prev + 1
    m = beta1 * m_prev + (1 - beta1) * dw
    v = beta2 * v_prev + (1 - beta2) * m ** 2
    m_hat = m / (1 - beta1 ** t)
    v_hat = v / (1 - beta2 ** t)
    w = w_prev - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, m, v
