"""Numbers for a case: sizes, arrays, and what the engine says a gradient is."""
from collections.abc import Callable
from typing import Any

from tinyseq.autograd import Tensor, gradients, tensor
from tinyseq.backend import host, to_host

np = host.np


class Draw:
    """Draws for one case, the same for the same seed. Everything is float64."""

    def __init__(self, seed: int):
        self.rng = np.random.RandomState(seed)    # whose numbers never change: fingerprints.py

    def sizes(self, count: int, least: int = 2) -> list[int]:
        """So many sizes, all of them different: what is transposed by mistake has another shape."""
        return [int(n) for n in least + self.rng.permutation(count + 3)[:count]]

    def array(self, *shape: int) -> Any:
        """Normal numbers."""
        return self.rng.standard_normal(shape)

    def ids(self, largest: int, *shape: int) -> Any:
        """Whole numbers from 0 to below `largest`."""
        return self.rng.randint(0, largest, shape)

    def way_back(self, f: Callable, *inputs: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """f of these arrays, and back: (a gradient dy drawn for each result y, the results, the gradient of each
        input). L = the sum of all dy * y. Inputs that are not floating-point numbers have no gradient: None."""
        tensors = [tensor(x, requires_grad=True) if getattr(x, "dtype", None) == np.float64 else x for x in inputs]
        results = f(*tensors)
        results = results if isinstance(results, tuple) else (results,)
        dys = [self.array(*y.shape) for y in results]
        loss = sum((y * tensor(dy)).sum() for y, dy in zip(results, dys, strict=True))
        learnt = [x for x in tensors if isinstance(x, Tensor)]
        found = dict(zip(map(id, learnt), gradients(loss, learnt), strict=True))
        return dys, [y.numpy() for y in results], [to_host(found[id(x)]) if id(x) in found else None for x in tensors]
