"""What an op must bring along: how to draw inputs for it, what NumPy says it computes, and which mistakes it refuses.

The tests try every record in both precisions, on every backend and in every memory layout, the value against the
reference and the gradient by gradcheck (tests/ops/test_registry.py, tests/trust). `tinyseq gradcheck OP` tries it too.
"""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor, tensor
from tinyseq.backend import host
from tinyseq.checks.gradcheck import Report, gradcheck
from tinyseq.checks.records.shapes import KINDS


class Sample(NamedTuple):
    """One way to call an op.

    inputs      float64 arrays on the host; each wants a gradient
    f           takes them as tensors; returns what the op returns, a Tensor or a tuple of Tensors
    reference   takes them as NumPy arrays; returns the same values as NumPy arrays, computed by other means
    names       what messages call the inputs; without them "input 0", "input 1" ...
    blocks      of each named input, the gates that lie side by side in its last axis; () for one that has none"""
    inputs: list
    f: Callable[..., Any]
    reference: Callable[..., Any]
    names: tuple[str, ...] = ()
    blocks: tuple[tuple[str, ...], ...] = ()

    def tensors(self, dtype: Any = None) -> dict[str, Tensor]:
        """The inputs as tensors that want gradients, by name."""
        names = self.names or [f"input {i}" for i in range(len(self.inputs))]
        blocks = self.blocks or [()] * len(self.inputs)
        return {name: Packed(x, gates, dtype) for name, x, gates in zip(names, self.inputs, blocks, strict=True)}


class Packed(Tensor):
    """An input that knows its gates, as a layer's Parameter does."""

    def __init__(self, x: Any, blocks: tuple[str, ...], dtype: Any = None):
        super().__init__(tensor(x, dtype=dtype).data, requires_grad=True)
        self.blocks = blocks


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
    return check_sample(record.draw(host.np.random.default_rng(seed), kind), seed)


def check_sample(sample: Sample, seed: int = 0) -> Report:
    """Gradcheck a sample, its inputs called by their names."""
    tensors = sample.tensors()
    return gradcheck(lambda: sample.f(*tensors.values()), params=tensors, seed=seed)
