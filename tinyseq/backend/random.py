"""Random numbers: one process-wide seed, and nothing else that remembers.

Initial weights come from a NumPy generator on either backend, so that a model starts from the same numbers on a CPU
and on a GPU. Dropout masks are not drawn in sequence at all: each entry is a hash of

    (seed, training step, path of the layer, how often it was called in this step, row in the whole batch, entry)

so neither the number of threads that share a batch nor a run that is resumed in the middle changes a mask.
"""
import itertools
import math
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tinyseq.backend import xp


class _Source:
    """What manual_seed sets."""

    def __init__(self, seed: int):
        self.seed = seed
        self.calls = itertools.count()                 # numbers the masks drawn outside any training step

    @cached_property
    def generator(self):
        """Of the initial weights; made when first needed, since it takes NumPy a while to load it."""
        return np.random.default_rng(self.seed)


@dataclass
class _Step:
    """Where in the training a mask is drawn."""
    step: int
    first_row: int
    calls: Counter[str] = field(default_factory=Counter)


_source = _Source(0)
_step: ContextVar[_Step | None] = ContextVar("step", default=None)


def manual_seed(seed: int) -> None:
    """Fix every random number that follows: initial weights and dropout masks. The seed at the start is 0."""
    if seed < 0:
        raise ValueError(f"a seed is a whole number from 0 on; got {seed}")
    global _source
    _source = _Source(seed)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Numbers inside are drawn as after manual_seed(seed), and numbers behind as if nothing had been drawn inside."""
    global _source
    before = _source
    manual_seed(seed)
    try:
        yield
    finally:
        _source = before


@contextmanager
def at_step(step: int, first_row: int = 0) -> Iterator[None]:
    """Masks drawn inside belong to this training step; this thread's batch starts at `first_row` of the whole one."""
    token = _step.set(_Step(step, first_row))
    try:
        yield
    finally:
        _step.reset(token)


def uniform(shape: tuple[int, ...], limit: float, dtype="float32"):
    """Initial weights, U(-limit, limit), the same numbers on every backend."""
    return xp.asarray(_source.generator.uniform(-limit, limit, shape).astype(dtype))


def normal(shape: tuple[int, ...], deviation: float, dtype="float32"):
    """Initial weights, N(0, deviation^2), the same numbers on every backend."""
    return xp.asarray((_source.generator.standard_normal(shape) * deviation).astype(dtype))


def dropout_bits(shape: tuple[int, ...], path: str):
    """Evenly distributed 32-bit numbers of this shape (rows first), for the layer at `path`.

    Outside `at_step` every call is a step of its own, so that two calls give two masks."""
    here = _step.get()
    if here is None:
        key, first_row = (1, next(_source.calls), 0), 0
    else:
        key, first_row = (0, here.step, here.calls[path]), here.first_row
        here.calls[path] += 1
    words = np.random.SeedSequence([_source.seed, zlib.crc32(path.encode()), *key]).generate_state(2)
    rows = xp.arange(first_row, first_row + shape[0], dtype=xp.uint32)
    entries = xp.arange(math.prod(shape[1:]), dtype=xp.uint32)
    row_keys = _mixed(rows + words[0]) ^ words[1]
    return _mixed(_mixed(entries)[None, :] ^ row_keys[:, None]).reshape(shape)


def _mixed(x):
    """An avalanche on 32 bits: every bit of x changes about half the bits of the result (Mueller's finaliser)."""
    x = (x ^ (x >> 16)) * xp.uint32(0x45D9F3B)
    x = (x ^ (x >> 16)) * xp.uint32(0x45D9F3B)
    return x ^ (x >> 16)
