"""Entry by entry: what backward gives and what the values give, for the whole loss and for each part of it.

One pair of numerical derivatives for an entry serves all parts, since every output is measured at once.
"""
from typing import Any, NamedTuple

from tinyseq.backend import host
from tinyseq.checks.derivative import STEPS, slope
from tinyseq.checks.kinks import straddles
from tinyseq.checks.problem import Part, Problem

np = host.np

RELATIVE, ABSOLUTE = 1e-6, 1e-9        # an entry is wrong beyond this part of itself and of its tensor's largest entry
FIRST = STEPS[1:3]                     # enough for most entries


class Numeric(NamedTuple):
    """Numerical derivatives of each part of the loss with respect to some entries of a tensor."""
    places: Any                        # (n,) positions in the flat tensor
    slopes: Any                        # (n, parts)
    uncertainty: Any                   # (n, parts)


class Comparison(NamedTuple):
    """A tensor's gradient for one part of the loss, entry by entry."""
    places: Any                        # (n,) positions in the flat tensor
    analytic: Any                      # (n,)
    numeric: Any                       # (n,)
    wrong: Any                         # (n,) bool
    size: float                        # of the largest entry in the whole loss, to tell something from nothing

    def seen(self) -> bool:
        """Whether this part of the loss depends on the tensor at all."""
        return bool((np.maximum(abs(self.analytic), abs(self.numeric)) > 1e-7 * self.size).any())


class Evidence:
    """Everything measured about the tensors that are wrong."""

    def __init__(self, problem: Problem, analytic: dict[str, Any], kinks: dict[str, Any], names: list[str], most: int):
        self.problem, self.parts = problem, problem.parts()
        self.whole = [i for i, part in enumerate(self.parts) if part.t is None]
        self.analytic: dict[Part | None, dict[str, Any]] = {None: analytic}
        self.rounding: dict[Part | None, dict[str, float]] = {None: problem.rounding_of_all}
        self.numeric = {name: self._measured(name, kinks.get(name), most) for name in names}
        self.known: dict[tuple[str, Part | None], Comparison] = {}
        self.names = [name for name in names if self.compare(name).wrong.any()]

    def compare(self, name: str, part: Part | None = None) -> Comparison:
        """A tensor's gradient for this part of the loss; None: for all of it."""
        if (name, part) not in self.known:
            self.known[name, part] = self._compared(name, part)
        return self.known[name, part]

    def wrong(self, name: str, part: Part | None = None) -> bool:
        """Whether any entry is wrong."""
        return bool(self.compare(name, part).wrong.any())

    def gates(self, name: str, part: Part | None = None) -> tuple[str, ...]:
        """The gates in which it is wrong, in block order; () for a tensor without blocks."""
        comparison = self.compare(name, part)
        return self.gates_of(name, comparison.places[comparison.wrong])

    def gates_of(self, name: str, places: Any) -> tuple[str, ...]:
        """The gates that these positions lie in."""
        x = self.problem.targets[name]
        blocks = getattr(x, "blocks", ())
        if not blocks:
            return ()
        found = set((places % x.shape[-1] * len(blocks) // x.shape[-1]).tolist())
        return tuple(block for i, block in enumerate(blocks) if i in found)

    def sharp(self) -> bool:
        """Whether every entry was measured so well that errors too small to show in it may show in a sum of them."""
        return all((uncertainty[:, self.whole].sum(axis=1) <= RELATIVE * self.compare(name).size).all()
                   for name, (_, _, uncertainty) in self.numeric.items())

    def complete(self, name: str) -> bool:
        """Whether every entry of the tensor was measured."""
        return len(self.numeric[name].places) == self.problem.targets[name].size

    def _compared(self, name: str, part: Part | None) -> Comparison:
        if part not in self.analytic:
            assert part is not None
            u = self.problem.weights(part)
            self.analytic[part], self.rounding[part] = self.problem.gradient(u), self.problem.rounding(u)
        places, slopes, uncertainty = self.numeric[name]
        columns = self.whole if part is None else [self.parts.index(part)]
        a, n = self.analytic[part][name].reshape(-1)[places], slopes[:, columns].sum(axis=1)
        off = 3 * uncertainty[:, columns].sum(axis=1) + self.rounding[part][name]
        total = slopes[:, self.whole].sum(axis=1)
        size = float(np.nan_to_num(np.concatenate([abs(a), abs(total), [1e-12]])).max())
        right = abs(a - n) <= RELATIVE * np.maximum(abs(a), abs(n)) + ABSOLUTE * size + off
        return Comparison(places, a, n, ~right, size)                       # a NaN is wrong

    def _measured(self, name: str, kinks: Any, most: int) -> Numeric:
        x, analytic = self.problem.targets[name], self.analytic[None][name].reshape(-1)
        places = np.arange(x.size) if kinks is None else np.flatnonzero(~kinks)
        if len(places) > most:
            places = np.sort(np.random.default_rng(0).choice(places, most, replace=False))
        rows = [(place, *found) for place in places if (found := self._slopes(name, place, analytic[place]))]
        kept = np.array([place for place, _, _ in rows], dtype=int)
        empty = np.zeros((0, len(self.parts)))
        return Numeric(kept, *(np.array([row[i] for row in rows]) if rows else empty for i in (1, 2)))

    def _slopes(self, name: str, place: Any, a: Any) -> Any:
        """The derivatives of all parts with respect to one entry, or None at a kink."""
        direction = np.zeros(self.problem.targets[name].shape)
        direction.reshape(-1)[place] = 1
        y, coarseness = self.problem.line({name: direction}), self.problem.coarseness({name: direction})
        found = slope(y, self.problem.y_0, self.problem.u, self.problem.sums, coarseness, FIRST)
        n, off = found.value[self.whole].sum(), found.uncertainty[self.whole].sum()
        if off <= 1e-7 * max(abs(a), abs(n)):
            return found
        if straddles(self.problem, {name: direction}):
            return None
        return slope(y, self.problem.y_0, self.problem.u, self.problem.sums, coarseness)
