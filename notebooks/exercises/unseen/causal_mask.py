"""Mistakes that the diagnosis of causal-mask has never seen."""
import numpy as np


def wrong_hidden_scores_are_0(e, dalpha):
    """In (1) hidden scores become 0 and not -inf, so that they still have e^0 in the softmax.

    Named by: alpha hidden 0 -inf | hidden score 0 | mask 0 instead -inf | multiplied mask -inf
    """
    seen = np.tril(np.ones(e.shape[1:], bool))
    m = np.where(seen, e, 0)
    raised = np.exp(m - m.max(axis=2, keepdims=True))
    alpha = raised / raised.sum(axis=2, keepdims=True)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=2, keepdims=True))
    return alpha, de


def wrong_de_with_unmasked_alpha(e, dalpha):
    """de is made with the softmax of e without the mask, and then hidden; (2) has it of m.

    Named by: de unmasked | de without mask | de softmax e all | de alpha not masked
    """
    seen = np.tril(np.ones(e.shape[1:], bool))
    m = np.where(seen, e, -np.inf)
    raised = np.exp(m - m.max(axis=2, keepdims=True))
    alpha = raised / raised.sum(axis=2, keepdims=True)
    raised = np.exp(e - e.max(axis=2, keepdims=True))
    free = raised / raised.sum(axis=2, keepdims=True)
    de = free * (dalpha - (free * dalpha).sum(axis=2, keepdims=True))
    return alpha, np.where(seen, de, 0)


def wrong_de_of_each_weight_alone(e, dalpha):
    """de is alpha (1 - alpha) dalpha: the other weights of the row, which each score moves too in (2), are left out.

    Named by: de other weights | de 1 - alpha | de diagonal | de row others missing
    """
    seen = np.tril(np.ones(e.shape[1:], bool))
    m = np.where(seen, e, -np.inf)
    raised = np.exp(m - m.max(axis=2, keepdims=True))
    alpha = raised / raised.sum(axis=2, keepdims=True)
    de = alpha * (1 - alpha) * dalpha
    return alpha, de
