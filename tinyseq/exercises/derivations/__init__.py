"""Derivations: the way back through one piece, as a function of arrays. A page for each, in the order of the book."""
from importlib import import_module

PAGES = ("linear", "nonlinear", "softmax", "broadcasting", "rnn", "lstm", "gru", "bidirectional", "truncation",
         "updates", "embedding", "dropout", "layer_norm", "additive_attention", "dot_product_attention", "heads",
         "batch_norm", "causal_mask", "positions", "scheduled_sampling", "search")


def load() -> None:
    """Import all pages; each lists its exercises."""
    for page in PAGES:
        import_module(f"{__name__}.{page}")
