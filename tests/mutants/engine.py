"""Bugs in the engine's bookkeeping, and graphs on which they show: tensors that are used more than once."""
from mutants.plant import Mutant, at

from tinyseq import ops
from tinyseq.backend import host
from tinyseq.checks.records import Record, Sample
from tinyseq.checks.records.shapes import shape_of

np = host.np


def draw_used_twice(rng, kind: str) -> Sample:
    """An input that is used twice, and a computed tensor that is."""
    x = rng.standard_normal(shape_of(rng, kind))

    def f(x):
        y = ops.tanh(x)
        return x * y + y
    return Sample([x], f, lambda x: x * np.tanh(x) + np.tanh(x))


def draw_two_outputs(rng, kind: str) -> Sample:
    """An op of two outputs that go different ways."""
    shape = shape_of(rng, kind, least=1)
    x = rng.standard_normal((*shape[:-1], 2 * shape[-1]))

    def f(x):
        a, b = ops.split(x, 2)
        return ops.tanh(a) * b * b

    def reference(x):
        a, b = np.split(x, 2, axis=-1)
        return np.tanh(a) * b * b
    return Sample([x], f, reference)


KINDS = ("ones", "plain", "odd")
RECORDS = {"used_twice": Record(draw_used_twice, kinds=KINDS), "two_outputs": Record(draw_two_outputs, kinds=KINDS)}

WALK = "tinyseq.autograd:_walk"

MUTANTS = [
    Mutant("used_twice", "a tensor used twice keeps the last gradient", WALK + ".receive",
           "sums[key] = dx if key not in sums else plus(sums[key], dx)", "sums[key] = dx", at("input 0")),
    Mutant("used_twice", "a leaf used twice keeps the last gradient", WALK + ".receive",
           "added(found[key][1], dx)", "dx", at("input 0")),
    Mutant("used_twice", "nodes are visited oldest first", WALK + ".receive",
           "heapq.heappush(waiting, (-x.node.number, x.node))", "heapq.heappush(waiting, (x.node.number, x.node))",
           at("input 0")),
    Mutant("used_twice", "backward() overwrites .grad", "tinyseq.autograd:Tensor.backward",
           "leaf.grad = g if leaf.grad is None else added(g, leaf.grad)", "leaf.grad = g", at(pattern="not added")),
    Mutant("two_outputs", "every output gets the gradient of the first", WALK,
           "dy = sums.pop((node.number, slot), None)", "dy = sums.get((node.number, 0), None)", at("input 0")),
]
