"""What an op must bring along: how to draw inputs for it, what NumPy says it computes, and which mistakes it refuses.

The tests try every record in both precisions, on every backend and in every memory layout, the value against the
reference and the gradient by gradcheck (tests/ops/test_registry.py, tests/trust). `tinyseq gradcheck OP` tries it too.
"""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.gradcheck import Report, gradcheck
from tinyseq.checks.records.shapes import KINDS


class Sample(NamedTuple):
    """One way to call an op.

    inputs      float64 arrays on the host; each wants a gradient
    f           takes them as tensors; returns what the op returns, a Tensor or a tuple of Tensors
    reference   takes them as NumPy arrays; returns the same values as NumPy arrays, computed by other means"""
    inputs: list
    f: Callable[..., Any]
    reference: Callable[..., Any]


class Mistake(NamedTuple):
    """A call that must raise ValueError, and the words without which the message would not help."""
    call: Callable[[], Any]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """The proof that an op brings along.

    draw             (rng, kind) -> Sample, with shapes of that kind (shapes.py) and random settings
    mistakes         what the op must refuse
    kinds            the kinds of shapes that it takes
    differentiable   False for an op without a derivative, such as a comparison: only its values are compared"""
    draw: Callable[[Any, str], Sample]
    mistakes: tuple[Mistake, ...] = ()
    kinds: tuple[str, ...] = KINDS
    differentiable: bool = True


def check(record: Record, kind: str, seed: int = 0) -> Report:
    """Gradcheck one sample of a record."""
    sample = record.draw(host.np.random.default_rng(seed), kind)
    return gradcheck(sample.f, *(tensor(x, requires_grad=True) for x in sample.inputs), seed=seed)
