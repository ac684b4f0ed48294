"""What a search finds, how long answers are compared with short ones, and what all searches need of a model.

    (1) ln P(Y | source) = sum_t ln softmax(y_t)_{id_t}
    (2) score(Y)         = ln P(Y | source) / lp(Y),    lp(Y) = ((5 + |Y|) / 6)^alpha,    |Y| counting EOS

Every further symbol makes (1) smaller, so by (1) alone, alpha = 0, short answers win. (2) is equation 14 of Wu et al.
2016, "Google's neural machine translation system", without its term for coverage; they found 0.6 to 0.7 best for alpha.
"""
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from tinyseq.autograd import no_grad
from tinyseq.backend import host, to_host

np = host.np


class Hypothesis(NamedTuple):
    """An answer: its ids, whose last one is EOS unless it was cut off; equation (1); equation (2)."""
    ids: list[int]
    log_probability: float
    score: float


def length_normalised(log_probability: float, length: int, alpha: float) -> float:
    """Equation (2)."""
    return log_probability / ((5 + length) / 6) ** alpha


def log_probabilities(logits: Any) -> Any:
    """Logits (N, V), a Tensor -> ln softmax (N, V), on the host in float64."""
    y = to_host(logits.data).astype(np.float64)
    y -= y.max(axis=-1, keepdims=True)
    return y - np.log(np.exp(y).sum(axis=-1, keepdims=True))


@contextmanager
def searching(model: Any) -> Iterator[None]:
    """Inside, dropout is off and nothing is recorded."""
    was_training = model.training
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        if was_training:
            model.train()


def check_search(source: Sequence[Any], max_length: int) -> None:
    """Raises ValueError for no sentences, and for a length that lets nothing be said."""
    if not len(source):
        raise ValueError("source is a list of sentences, at least one; got none")
    if max_length < 1:
        raise ValueError(f"max_length is at least 1; got {max_length}")
