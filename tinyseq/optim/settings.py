"""The numbers an optimiser or a schedule is given, checked once, when they are given.

Each function returns the value as a Python number. That matters: a NumPy float64 scalar would draw float32
arithmetic up to float64, a Python float never does.
"""
import math
from numbers import Integral, Real
from typing import Any


def is_number(value: Any) -> bool:
    return isinstance(value, Real)


def nonnegative(name: str, value: Any) -> float:
    """A finite number >= 0."""
    if not is_number(value) or not 0 <= value < math.inf:
        raise ValueError(f"{name} must be a finite number >= 0, got {value!r}")
    return float(value)


def positive(name: str, value: Any) -> float:
    """A finite number > 0."""
    if not is_number(value) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be a finite number > 0, got {value!r}")
    return float(value)


def fraction(name: str, value: Any) -> float:
    """A number in [0, 1), as the decay of a moving average has to be."""
    if not is_number(value) or not 0 <= value < 1:
        raise ValueError(f"{name} must be a number >= 0 and < 1, got {value!r}")
    return float(value)


def two_fractions(name: str, value: Any) -> tuple[float, float]:
    """Two numbers in [0, 1)."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"{name} must be two numbers >= 0 and < 1, got {value!r}")
    return fraction(f"{name}[0]", value[0]), fraction(f"{name}[1]", value[1])


def flag(name: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    return value


def count(name: str, value: Any, least: int) -> int:
    """A whole number >= least."""
    if not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be a whole number >= {least}, got {value!r}")
    return int(value)


CHECKS = {
    "lr": nonnegative, "weight_decay": nonnegative, "eps": positive,
    "momentum": fraction, "nesterov": flag, "alpha": fraction, "betas": two_fractions,
}
