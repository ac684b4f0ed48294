"""From "the gradient is wrong" to where it is wrong: parameter, gate, index, time steps."""
from typing import Any, NamedTuple

from tinyseq.backend import host
from tinyseq.checks.derivative import Kink

RELATIVE, ABSOLUTE = 1e-5, 1e-7        # an entry is wrong beyond this part of itself and of its tensor's largest entry


class GradientError(AssertionError):
    """A gradient that disagrees with the function. The message says where."""


class Wrong(NamedTuple):
    """One wrong entry."""
    place: tuple[int, ...]
    analytic: float
    numeric: float


def describe(problem: Any, names: list[str], most: int) -> str:
    """The message for these wrong tensors: the worst entry of each, how many are wrong, which gates, which steps."""
    lines = ["the gradient is wrong"]
    for name in names:
        wrong, looked_at = _wrong_entries(problem, name, most)
        if wrong:
            lines.append(_tensor_line(problem.targets[name], name, wrong, looked_at))
    if len(lines) == 1:
        lines.append(f"  in {', '.join(names)}, by little in each entry: no single one stands out")
    steps = _output_steps(problem, names)
    if steps:
        lines.append(f"  it is wrong where the loss looks at output step{_plural(steps)} t = {_ranges(steps)}")
    return "\n".join(lines)


def _wrong_entries(problem: Any, name: str, most: int) -> tuple[list[Wrong], int]:
    """Entry by entry: the wrong ones, worst first, and how many were looked at (a random choice of a large tensor)."""
    analytic = problem.analytic[name]
    entries = host.np.arange(analytic.size)
    if analytic.size > most:
        entries = host.np.random.default_rng(0).choice(entries, most, replace=False)
    floor = ABSOLUTE * max(float(abs(analytic).max()), 1e-8)
    wrong = []
    for entry in entries:
        index = tuple(int(i) for i in host.np.unravel_index(entry, analytic.shape))
        direction = host.np.zeros(analytic.shape)
        direction[index] = 1
        try:
            numeric, uncertainty = problem.numeric({name: direction})
        except Kink:
            continue                                       # no derivative here to hold the entry against
        a = float(analytic[index])
        if abs(a - numeric) > RELATIVE * max(abs(a), abs(numeric)) + floor + uncertainty:
            wrong.append(Wrong(index, a, numeric))
    return sorted(wrong, key=lambda w: -abs(w.analytic - w.numeric)), len(entries)


def _tensor_line(x: Any, name: str, wrong: list[Wrong], looked_at: int) -> str:
    """One line about one tensor."""
    worst = wrong[0]
    blocks = getattr(x, "blocks", ())
    gate = f" (gate {_block(x, worst.place)})" if blocks else ""
    line = (f"  {name} {x.shape}: worst at {list(worst.place)}{gate}: backward gives {worst.analytic:.6g}, the values "
            f"give {worst.numeric:.6g}; {len(wrong)} of {looked_at} entries are wrong")
    if blocks:
        off = {_block(x, w.place) for w in wrong}
        line += f", in gate{_plural(off)} {' '.join(b for b in blocks if b in off)}"
    if x.ndim == 3 and not blocks:                         # a sequence (B, T, D)
        steps = {w.place[1] for w in wrong}
        line += f", at input step{_plural(steps)} t = {_ranges(steps)}"
    return line


def _block(x: Any, index: tuple[int, ...]) -> str:
    """The gate that an entry of a packed parameter belongs to."""
    return x.blocks[index[-1] * len(x.blocks) // x.shape[-1]]


def _output_steps(problem: Any, names: list[str]) -> set[int]:
    """For a sequence of outputs (B, T, H): the steps t at which a loss on step t alone gets a wrong gradient."""
    if problem.outputs[0].ndim != 3:
        return set()
    rng = host.np.random.default_rng(1)
    direction = {name: rng.standard_normal(problem.targets[name].shape) for name in names}
    off = set()
    for t in range(problem.outputs[0].shape[1]):
        u = [host.np.zeros_like(w) for w in problem.u]
        u[0][:, t] = problem.u[0][:, t]
        if problem.error_along(direction, u) > RELATIVE:
            off.add(t)
    return off


def _ranges(steps: set[int]) -> str:
    """{0, 1, 2, 5} -> "0-2, 5"."""
    parts: list[list[int]] = []
    for t in sorted(steps):
        if parts and t == parts[-1][-1] + 1:
            parts[-1].append(t)
        else:
            parts.append([t])
    return ", ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else str(p[0]) for p in parts)


def _plural(things: set) -> str:
    return "s" if len(things) > 1 else ""
