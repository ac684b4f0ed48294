"""How likely a decoder is to read the true symbol, step by step: what `recipe.sampling` names.

The three decays of layers/seq2seq/scheduled_sampling.py have constants that say little about where they lead. A recipe
says that instead, epsilon at the last step, and the constant follows:

    "linear"             epsilon = 1 - c i           c = (1 - end) / steps
    "exponential"        epsilon = k^i               k = end^(1 / steps)
    "inverse_sigmoid"    epsilon = k / (k + e^(i/k)) k by bisection: epsilon at the last step grows with k
"""
from functools import cache
from typing import TYPE_CHECKING

from tinyseq.layers.seq2seq import exponential_decay, inverse_sigmoid_decay, linear_decay

if TYPE_CHECKING:
    from tinyseq.training.recipe import Recipe

SAMPLINGS = ("linear", "exponential", "inverse_sigmoid")


def probability_of_truth(recipe: "Recipe", step: int) -> float:
    """epsilon at this step, from about 1 at the first to recipe.sampling_end after the last."""
    end, steps = recipe.sampling_end, recipe.steps
    if recipe.sampling == "linear":
        return linear_decay(step, 1.0, (1 - end) / steps)
    if recipe.sampling == "exponential":
        return exponential_decay(step, end ** (1 / steps))
    return inverse_sigmoid_decay(step, _constant(end, steps))


@cache
def _constant(end: float, steps: int) -> float:
    """k of the inverse sigmoid that comes to `end` after `steps`."""
    low, high = 1.0, 2.0
    while inverse_sigmoid_decay(steps, high) < end:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if inverse_sigmoid_decay(steps, middle) < end else (low, middle)
    return high
