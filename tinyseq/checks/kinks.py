"""Kinks: entries in which f has no derivative at this point. They are found, judged by their slopes, and left out."""
from typing import Any

from tinyseq.backend import host
from tinyseq.checks.derivative import between, kinks
from tinyseq.checks.problem import Problem
from tinyseq.checks.report import GradientError, KinkAt

np = host.np

MOST = 4000                            # looks at groups of entries; beyond that a group counts as kinks unseparated
SLACK = 1e-4                           # of the slopes' size


def find_kinks(problem: Problem, v: dict[str, Any]) -> dict[str, Any]:
    """For each target a mask of the entries that straddle a kink, by halving the set of entries that moves."""
    found = {name: np.zeros(direction.shape, bool) for name, direction in v.items()}
    looks = 0
    for name, direction in v.items():
        waiting = [np.arange(direction.size)]
        while waiting:
            entries = waiting.pop()
            moved = np.zeros(direction.size)
            moved[entries] = direction.reshape(-1)[entries]
            looks += 1
            if not len(entries) or not straddles(problem, {name: moved.reshape(direction.shape)}):
                continue
            if len(entries) == 1 or looks > MOST:
                found[name].reshape(-1)[entries] = True
            else:
                waiting += [entries[len(entries) // 2:], entries[:len(entries) // 2]]
    return found


def straddles(problem: Problem, direction: dict[str, Any]) -> bool:
    """Whether some output has no derivative in this direction."""
    return bool(kinks(problem.line(direction), problem.y_0, problem.coarseness(direction)).any())


def judge_kinks(problem: Problem, analytic: dict[str, Any], found: dict[str, Any]) -> tuple[KinkAt, ...]:
    """The kinks by name, once the analytic value of each lies between the slopes on either side.

    Raises GradientError where one does not: no choice between the two slopes gives it."""
    named = []
    for name, mask in found.items():
        for index in np.argwhere(mask):
            place = tuple(int(i) for i in index)
            direction = np.zeros(mask.shape)
            direction[place] = 1
            low, high = between(problem.line({name: direction}), problem.y_0, problem.u)
            a, slack = float(analytic[name][place]), SLACK * (abs(low) + abs(high)) + 1e-8
            if np.isfinite(low + high) and not low - slack <= a <= high + slack:
                raise GradientError(f"the gradient is wrong at a kink of f: {name} {list(place)}: backward gives "
                                    f"{a:.6g}, which does not lie between the slopes on either side, {low:.6g} and "
                                    f"{high:.6g}", (name,), patterns=("kink",))
            named.append(KinkAt(name, place))
    return tuple(named)
