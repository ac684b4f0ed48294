"""What several specimens measure with: how much one thing changes when another does, and a small training."""
import math
from collections.abc import Callable, Iterable
from typing import Any

from tinyseq.autograd import Tensor, gradients, no_grad
from tinyseq.backend import host, to_host
from tinyseq.optim import Adam

np = host.np


def rng(seed: int = 0) -> Any:
    """NumPy's generator, for what a specimen draws itself; the weights of layers come from manual_seed."""
    return np.random.default_rng(seed)


def values(y: Any) -> Any:
    """What f returned, on the host: of a tuple its first part."""
    y = y[0] if isinstance(y, tuple) else y
    return to_host(y.data if isinstance(y, Tensor) else y)


def largest(x: Any) -> float:
    """The largest entry by size."""
    return float(np.abs(values(x)).max())


def difference(a: Any, b: Any) -> float:
    """The largest difference of two entries in the same place."""
    return largest(values(a) - values(b))


def relative_error(found: Any, true: Any) -> float:
    """|found - true| / |true|, in the Euclidean norm."""
    found, true = values(found), values(true)
    return float(np.linalg.norm(found - true) / np.linalg.norm(true))


def read_ahead(f: Callable[[Any], Any], x: Any, other: Any) -> float:
    """How much the outputs before the last step change when the last step of x (B, T, ...) becomes that of `other`."""
    changed = np.concatenate([x[:, :-1], other[:, -1:]], axis=1)
    with no_grad():
        return difference(values(f(x))[:, :-1], values(f(changed))[:, :-1])


def gradient_size(loss: Tensor, parameter: Tensor) -> float:
    """The largest entry of dL/dparameter, by size."""
    return largest(gradients(loss, [parameter])[0])


def fit(parameters: Iterable[Any], loss: Callable[[], Tensor], steps: int, lr: float = 0.01) -> list[float]:
    """Adam; loss() is computed anew at each step. Returns the losses."""
    optimiser, losses = Adam(list(parameters), lr), []
    for _ in range(steps):
        optimiser.zero_grad()
        L = loss()
        L.backward()
        optimiser.step()
        losses.append(L.item())
    return losses


def apart(p: Any, q: Any) -> float:
    """Total variation: the part of the probability, 0 to 1, that two distributions (..., V) place differently."""
    return float(np.abs(values(p) - values(q)).sum(axis=-1).max() / 2)


def refusal(call: Callable[[], Any]) -> str:
    """What the library says of a call that cannot be. It is an error of ours if it says nothing."""
    try:
        call()
    except ValueError as error:
        return str(error)
    raise AssertionError("the library took a faulty call for a sound one")


LN4 = math.log(4)                        # nats of a symbol of pure noise over four: nobody can expect it better


def noise(n: int, seed: int = 0) -> Any:
    """n symbols of four, each drawn by itself: of what comes next nothing can be known."""
    return rng(seed).integers(0, 4, n)
