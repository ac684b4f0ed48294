"""Where a mistake in a recurrent backward sits, when its effects are everywhere.

A wrong da_f at one step spreads through dh to all gates of all earlier steps, and with the whole loss everything is
wrong. But a loss on output step t alone asks nothing of later steps, and the first step at which a tensor has any
gradient shows its own contribution, with nothing handed on from elsewhere. So:

    wrong at its first step already               the formula of this tensor, in the gates that are wrong there
    right there, wrong for later steps            what step t hands back to step t-1: a lost carry
    W_hh alone wrong, everything else right       da is right, and W_hh meets the wrong state

The backward direction of a layer begins at the other end, so both ends are tried, and the clearer one counts.
"""
from collections.abc import Sequence
from typing import NamedTuple

from tinyseq.backend import host
from tinyseq.checks.entries import Evidence
from tinyseq.checks.patterns import other_vector
from tinyseq.checks.problem import Part

np = host.np

CARRY = ("lost carry: right where the loss looks at the first step alone, wrong for later steps, in what reaches back "
         "to the steps before (t < T-1): what step t hands back to step t-1 is lost or wrong")
PREVIOUS = ("wrong previous state: everything else is right, so its da is right, and what multiplies it is not the "
            "state before the step (step t takes h_{t-1}; the mistake shows at t > 0)")


class Finding(NamedTuple):
    """What is to blame."""
    tensors: list[str]                 # the likely origin
    followers: list[str]               # wrong too, perhaps only as a consequence
    gates: tuple[str, ...]             # () for all, or none to name
    parts: dict[str, Part | None]      # for each tensor the part of the loss that shows it best
    pattern: str                       # "lost carry", "wrong previous state" or ""
    steps: tuple[int, ...]             # output steps t for which a loss on t alone is wrong
    outputs: tuple[int, ...]           # the outputs for which a loss on them alone is wrong, unless it is all


def locate(evidence: Evidence) -> Finding:
    """From the wrong tensors to the likely origin."""
    names, problem = evidence.names, evidence.problem
    outputs = [k for k in range(len(problem.outputs)) if any(evidence.wrong(name, Part(k)) for name in names)]
    alone = tuple(outputs) if 0 < len(outputs) < len(problem.outputs) else ()
    k = next((k for k in outputs if problem.sequence(k)), None)
    if k is None:
        part = Part(alone[0]) if alone else None
        wrong = sorted((name for name in names if evidence.wrong(name, part)),
                       key=lambda name: not getattr(problem.targets[name], "blocks", ()))
        pattern, steps = _input_steps(evidence, wrong)
        return Finding(wrong, [n for n in names if n not in wrong], _united(evidence, dict.fromkeys(wrong, part)),
                       dict.fromkeys(names, part), pattern, steps, alone)
    return _Sequence(evidence, k).finding()._replace(outputs=alone)


def _united(evidence: Evidence, parts: dict[str, Part | None]) -> tuple[str, ...]:
    """The gates in which any of these tensors is wrong; () for all of them."""
    blocks: tuple[str, ...] = ()
    found: set[str] = set()
    for name, part in parts.items():
        blocks = blocks or getattr(evidence.problem.targets[name], "blocks", ())
        found.update(evidence.gates(name, part))
    return () if len(found) == len(blocks) else tuple(block for block in blocks if block in found)


def _input_steps(evidence: Evidence, wrong: list[str]) -> tuple[str, tuple[int, ...]]:
    """Where f gives no sequence but takes one (B, T, D): the input steps that are wrong, and what they tell."""
    for name in wrong:
        shape = evidence.problem.targets[name].shape
        if len(shape) == 3 and shape[1] > 1:
            found = evidence.compare(name)
            steps = sorted(set((found.places[found.wrong] // shape[2] % shape[1]).tolist()))
            alone = len(wrong) == 1
            if steps == list(range(shape[1] - 1)) and not alone:
                return "lost carry", tuple(steps)
            return "wrong previous state" if steps == list(range(1, shape[1])) and not alone else "", tuple(steps)
    return "", ()


class _Sequence:
    """The search through the steps of one output (B, T, H)."""

    def __init__(self, evidence: Evidence, k: int):
        self.evidence, self.k, self.names = evidence, k, evidence.names
        self.B, self.T, self.H = evidence.problem.outputs[k].shape
        self.shapes = {name: evidence.problem.targets[name].shape for name in self.names}
        self.inputs = [name for name, shape in self.shapes.items() if len(shape) == 3 and shape[:2] == (self.B, self.T)]
        self.states = [name for name in self.names if self._is_state(name)]
        self.steps = tuple(t for t in range(self.T) if any(evidence.wrong(name, Part(k, t)) for name in self.names))

    def finding(self) -> Finding:
        """What is to blame."""
        weights = [name for name in self.names if name not in self.inputs + self.states]
        local = self._local(weights)
        if local:
            return self._blame(local)
        if not weights and not self._only_carried():
            return self._blame(dict.fromkeys(self.names, Part(self.k)))
        late = [name for name in weights + self.inputs + self.states if self._wrong_anywhere(name)]
        pattern = "wrong previous state" if weights and self._only_recurrent(late) else "lost carry"
        return self._blame(self._first_wrong(late), pattern)

    def _local(self, weights: list[str]) -> dict[str, Part | None]:
        """The weights that are wrong at their own first step, cell by cell, and the part of the loss that shows it.

        A cell is what shares a path. Where one cell is wrong in some gates only, the others follow from it."""
        cells: dict[str, list[str]] = {}
        for name in weights:
            cells.setdefault(name.rpartition(".")[0], []).append(name)
        found = []
        for members in cells.values():
            ends = [self._at_first_step(members, order) for order in (range(self.T), range(self.T)[::-1])]
            found.append(min(ends, key=self._weight))
        found = [local for local in found if local]
        narrow = [local for local in found if _united(self.evidence, local)]
        return {name: part for local in (narrow or found) for name, part in local.items()}

    def _weight(self, local: dict[str, Part | None]) -> int:
        """How much is wrong: entries."""
        return sum(int(self.evidence.compare(name, part).wrong.sum()) for name, part in local.items())

    def _at_first_step(self, members: list[str], order: Sequence[int]) -> dict[str, Part | None]:
        """The tensors that are wrong for a loss on the first step, in this order, that depends on them."""
        local: dict[str, Part | None] = {}
        for name in members:
            first = next((t for t in order if self.evidence.compare(name, Part(self.k, t)).seen()), None)
            if first is not None and self.evidence.wrong(name, Part(self.k, first)):
                local[name] = Part(self.k, first)
        return local

    def _first_wrong(self, names: list[str]) -> dict[str, Part | None]:
        """For each tensor the earliest step whose loss gets it wrong."""
        return {name: next((Part(self.k, t) for t in self.steps if self.evidence.wrong(name, Part(self.k, t))), None)
                for name in names}

    def _wrong_anywhere(self, name: str) -> bool:
        return any(self.evidence.wrong(name, Part(self.k, t)) for t in self.steps)

    def _blame(self, parts: dict[str, Part | None], pattern: str = "") -> Finding:
        followers = [name for name in self.names if name not in parts]
        if len({name.rpartition(".")[2] for name in self.names}) == 1:
            if not pattern and all(self._meets_other_state(name, part) for name, part in parts.items()):
                pattern = "wrong previous state"
            parts = dict.fromkeys(parts, Part(self.k))     # nothing follows from it, so the whole loss shows it best
        return Finding(list(parts), followers, _united(self.evidence, parts), {**self._first_wrong(followers), **parts},
                       pattern, self.steps, ())

    def _only_recurrent(self, names: list[str]) -> bool:
        """Whether only matrices (H, kH) of one name are wrong; with two directions y has 2H numbers a step."""
        shapes = [self.shapes[name] for name in names]
        return (len({name.rpartition(".")[2] for name in names}) == 1
                and all(len(shape) == 2 and shape[0] in (self.H, self.H / 2) for shape in shapes))

    def _only_carried(self) -> bool:
        """Whether the inputs are wrong only at steps before that of the loss."""
        for name in self.inputs:
            for t in self.steps:
                found = self.evidence.compare(name, Part(self.k, t))
                if (found.places[found.wrong] // self.shapes[name][2] % self.T >= t).any():
                    return False
        return bool(self.inputs)

    def _is_state(self, name: str) -> bool:
        """(B, H), and each row of it matters to that row of the batch alone."""
        if self.shapes[name] != (self.B, self.H) or getattr(self.evidence.problem.targets[name], "blocks", ()):
            return False
        found = self.evidence.compare(name, Part(self.k, 0, first_row=True))
        return not found.numeric[found.places >= self.H].any()

    def _meets_other_state(self, name: str, part: Part | None) -> bool:
        """Whether one row's gradient of W_hh at one step, h^T da, has the right da and another h."""
        shape = self.shapes[name]
        if part is None or part.t is None or not self._only_recurrent([name]) or shape[0] < 2:
            return False
        if not self.evidence.complete(name):
            return False
        found = self.evidence.compare(name, Part(self.k, part.t, first_row=True))
        blocks = max(len(getattr(self.evidence.problem.targets[name], "blocks", ())), 1)
        wrong, a, n = (np.split(array.reshape(shape), blocks, axis=1)
                       for array in (found.wrong, found.analytic, found.numeric))
        return all(other_vector(a[i], n[i]) for i in range(blocks) if wrong[i].any())
