"""Which entries of an output depend on which entries of an input: shown by gradients, and by changing the input.

Neither proof is enough alone. A path through `.detach()`, a comparison or whole numbers has no gradient; a saturated
path changes values by less than they are rounded to, and its gradient, however small, is not 0.

Both proofs are exact. Where y_j does not depend on x_i, backward multiplies by 0 on every path between them, and
dL/dx_i is 0, not nearly 0. And another x_i leaves y_j the same to the last bit: the shapes are the same in both calls,
so every sum is taken in the same order, and what is added for x_i is 0 times a number. (Rows computed in a batch of
another size would agree to rounding only, since products of another shape are summed in another order. That is why
nothing is ever cut out here, only replaced.)
"""
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor, gradients, no_grad
from tinyseq.backend import host, to_device, to_host

HUGE = 1e6                             # larger than any score, smaller than the -1e9 that stands for "masked"


class Link(NamedTuple):
    """An output entry and an input entry that it depends on."""
    output: tuple[int, ...]
    input: tuple[int, ...]
    evidence: str


class Probe:
    """f around one x. Raises ValueError if f returns no tensor or NaN, or differs from call to call."""

    def __init__(self, f: Callable, x: Any):
        self.f, self.as_tensor = f, isinstance(x, Tensor)
        self.x = host.np.array(to_host(to_device(x.data if isinstance(x, Tensor) else x)))
        if self.x.dtype.kind not in "fiu":
            raise ValueError(f"x holds floating-point numbers, or ids as whole numbers; got {self.x.dtype}")
        rng = host.np.random.default_rng(0)
        self.others = list(_other_numbers(self.x, rng) if self.x.dtype.kind == "f" else _other_ids(self.x, rng))
        self.leaf = self._input(self.x)
        self.recorded = _output(f(self.leaf))
        self.y = self.recorded.numpy().copy()
        self.u = rng.standard_normal(self.y.shape)         # random, so that nothing cancels in sum u y
        if host.np.isnan(self.y).any():
            raise ValueError("f(x) holds NaN, which compares with nothing: find where it comes from (detect_anomaly)")
        if not host.np.array_equal(self.values(self.x), self.y):
            raise ValueError("f gives other values for the same x at a second call, so nothing can be said about what "
                             "they depend on. Is dropout on (call .eval(), or put `with at_step(0):` inside f), does "
                             "f draw random numbers, or keep a state from call to call?")

    def find(self, outputs, inputs) -> Link | None:
        """A dependence of some entry of `outputs` on some entry of `inputs`; None if there is none.

        Both are boolean masks over the first axes of y and of x."""
        outputs, inputs = _spread(outputs, self.y.shape), _spread(inputs, self.x.shape)
        return self._by_gradient(outputs, inputs) or self._by_values(outputs, inputs)

    def gradient(self, u):
        """dL/dx of L = sum u y."""
        loss = (self.recorded * to_device(u.astype(self.y.dtype))).sum()
        return to_host(gradients(loss, [self.leaf], keep_graph=True)[0])

    def values(self, x):
        """f(x), as an array on the host."""
        with no_grad(), host.np.errstate(all="ignore"):    # HUGE may overflow where nothing reads it
            return _output(self.f(self._input(x))).numpy().copy()

    def _by_gradient(self, outputs, inputs) -> Link | None:
        if not getattr(self.leaf, "requires_grad", False) or not self.recorded.requires_grad:
            return None
        dx = self.gradient(self.u * outputs)
        if not (dx[inputs] != 0).any():
            return None
        i = _largest(host.np.where(inputs, abs(dx), 0))

        def shows(part) -> bool:
            return self.gradient(self.u * _only(part, self.y.shape))[i] != 0
        j = _smallest_part(host.np.flatnonzero(outputs), shows)
        slope = self.gradient(_only(j, self.y.shape).astype(self.y.dtype))[i]
        output = _index(j[0], self.y.shape)
        return Link(output, i, f"dy/dx = {slope:.3g} at y{list(output)}, x{list(i)}")

    def _by_values(self, outputs, inputs) -> Link | None:
        for other in self.others:
            change = self._change(inputs, other)
            if not change[outputs].any():
                continue
            j = _largest(host.np.where(outputs, change, 0))

            def shows(part, other=other, j=j) -> bool:
                return self._change(_only(part, self.x.shape), other)[j] != 0
            part = _smallest_part(host.np.flatnonzero(inputs & (other != self.x)), shows)
            i = _index(part[0], self.x.shape)
            size = self._change(_only(part, self.x.shape), other)[j]
            together = f", with {len(part) - 1} other entries" if len(part) > 1 else ""
            hidden = (", though dy/dx = 0: look for .detach(), a comparison, or a mask that large scores overcome"
                      if self.x.dtype.kind == "f" else "")
            return Link(j, i, f"y{list(j)} changes by {size:.3g} when x{list(i)} goes from {self.x[i]:.6g} to "
                              f"{other[i]:.6g}{together}{hidden}")
        return None

    def _change(self, inputs, other):
        """|y' - y| when the inputs are replaced. NaN counts as no change: 0 times an overflow, which a right mask
        cannot help; a dependence shows in ordinary numbers too."""
        y = self.values(host.np.where(inputs, other, self.x))
        if y.shape != self.y.shape:
            raise ValueError(f"f(x) has shape {self.y.shape} for one x and {y.shape} for another of the same shape")
        with host.np.errstate(invalid="ignore"):
            change = abs(y.astype(float) - self.y.astype(float))
        return host.np.where(host.np.isnan(change) | (y == self.y), 0, change)

    def _input(self, x):
        """As f expects it: floating-point numbers as a tensor that wants a gradient; ids as they came."""
        if x.dtype.kind == "f":
            return Tensor(to_device(x.copy()), requires_grad=True)
        return Tensor(to_device(x.copy())) if self.as_tensor else to_device(x.copy())


def _output(y: Any) -> Tensor:
    """The tensor that f returned, or the first of its tuple."""
    y = y[0] if isinstance(y, tuple) else y
    if not isinstance(y, Tensor):
        raise ValueError(f"f must return a Tensor, or a tuple that begins with one; got {type(y).__name__}")
    return y


def _other_numbers(x, rng) -> Iterator[Any]:
    """What to put in place of x: any comparison with it, or within it, comes out otherwise in one of these."""
    fresh = rng.standard_normal(x.shape).astype(x.dtype)
    yield from (fresh, -fresh)
    for value in (0, HUGE, -HUGE):
        yield host.np.full_like(x, value)


def _other_ids(x, rng) -> Iterator[Any]:
    """Up to 8 of the ids that stand in x, each at all places in turn; then all of them in turn, so that neighbours
    differ; then random ones. No id that is not in x: it might not be in f's vocabulary."""
    seen = host.np.unique(x)
    if len(seen) < 2:
        raise ValueError(f"x holds {len(seen)} different ids, so there is no other id to try: pass an x with several")
    for value in seen[host.np.linspace(0, len(seen) - 1, min(len(seen), 8)).astype(int)]:
        yield host.np.full_like(x, value)
    yield seen[host.np.arange(x.size).reshape(x.shape) % len(seen)]
    yield rng.choice(seen, x.shape)


def _spread(mask, shape: tuple[int, ...]):
    """A mask over the first axes, over all axes."""
    mask = host.np.asarray(mask)
    return host.np.broadcast_to(mask.reshape(mask.shape + (1,) * (len(shape) - mask.ndim)), shape)


def _only(entries, shape: tuple[int, ...]):
    """The mask that holds at these entries, counted through the flat array."""
    mask = host.np.zeros(shape, bool)
    mask.reshape(-1)[entries] = True
    return mask


def _index(entry: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in host.np.unravel_index(entry, shape))


def _largest(sizes) -> tuple[int, ...]:
    """The index of the largest entry; NaN is larger than all."""
    return _index(sizes.argmax(), sizes.shape)


def _smallest_part(entries, shows: Callable[[Any], bool]):
    """Of entries that show something together: half of them, and half of those, as long as a half still shows it."""
    while len(entries) > 1:
        middle = len(entries) // 2
        half = next((part for part in (entries[:middle], entries[middle:]) if shows(part)), None)
        if half is None:                                   # only both together do
            break
        entries = half
    return entries
