"""From "the gradient is wrong" to a message that says where and how: tensor, gate, index, time steps, pattern."""
from typing import Any

from tinyseq.backend import host
from tinyseq.checks.entries import Evidence
from tinyseq.checks.origin import CARRY, PREVIOUS, Finding, locate
from tinyseq.checks.patterns import pattern_of
from tinyseq.checks.problem import Part
from tinyseq.checks.report import GradientError, KinkAt, kinks_in_words

np = host.np

TIME = {"lost carry": CARRY, "wrong previous state": PREVIOUS}


def diagnosis(evidence: Evidence, suspects: list[str], kinks: tuple[KinkAt, ...]) -> GradientError:
    """The error to raise. `suspects` are the tensors along which the gradient is wrong as a whole."""
    if not evidence.names:
        return GradientError(f"the gradient is wrong\n  in {', '.join(suspects)}, by little in each entry: no single "
                             "one stands out", tuple(suspects))
    found = locate(evidence)
    seen = {name: pattern for name in found.tensors if (pattern := _pattern(evidence, name, found.parts[name]))}
    if found.pattern == "wrong previous state" and seen.keys() == set(found.tensors):
        found = found._replace(pattern="")                 # that the numbers are doubled, say, explains more
    keywords = [found.pattern] if found.pattern else [keyword for keyword, _ in seen.values()]
    lines = [f"the gradient is wrong in {_gates(found.gates)}{', '.join(found.tensors)}"]
    if found.pattern:
        lines.append(f"  {TIME[found.pattern]}")
    for name in found.tensors + found.followers:
        words = seen[name][1] if name in seen and not found.pattern else ""
        lines.append(_tensor_line(evidence, name, found.parts[name]) + (f": {words}" if words else ""))
    if found.followers:
        lines.append(f"  {', '.join(found.followers)}: perhaps only as a consequence")
    lines += _where(evidence, found)
    if kinks:
        lines.append(f"  {kinks_in_words(kinks)}")
    return GradientError("\n".join(lines), (*found.tensors, *found.followers), found.gates,
                         tuple(dict.fromkeys(keywords)), found.steps)


def _gates(gates: tuple[str, ...]) -> str:
    return f"gate{_plural(gates)} {' '.join(gates)} of " if gates else ""


def _pattern(evidence: Evidence, name: str, part: Part | None) -> tuple[str, str] | None:
    """The keyword and the words for how a tensor is wrong, if there is a way to put it."""
    problem, found = evidence.problem, evidence.compare(name, part)
    x = problem.targets[name]
    arrays = [a for a in (*problem.inputs, *problem.targets.values(), *problem.outputs) if getattr(a, "ndim", 0)]
    batches = {int(a.shape[0]) for a in arrays if a is not x or a.ndim == 3}
    return pattern_of(found, x.shape, getattr(x, "blocks", ()), batches, evidence.complete(name))


def _tensor_line(evidence: Evidence, name: str, part: Part | None) -> str:
    """One line about one tensor: its worst entry, how many are wrong, in which gates, at which steps."""
    x, found = evidence.problem.targets[name], evidence.compare(name, part)
    worst = int(np.argmax(np.where(found.wrong, np.nan_to_num(abs(found.analytic - found.numeric), nan=np.inf), -1)))
    index = [int(i) for i in np.unravel_index(found.places[worst], x.shape)]
    gate = evidence.gates_of(name, found.places[worst:worst + 1])
    line = (f"  {name} {x.shape}: worst at {index}{f' (gate {gate[0]})' if gate else ''}: backward gives "
            f"{found.analytic[worst]:.6g}, the values give {found.numeric[worst]:.6g}")
    if part is not None and part.t is not None:
        line += f" (for a loss on output step t = {part.t})"
    line += f"; {int(found.wrong.sum())} of {len(found.places)} entries are wrong"
    if gates := evidence.gates(name, part):
        line += f", in gate{_plural(gates)} {' '.join(gates)}"
    if x.ndim == 3 and not gates:                          # a sequence (B, T, D)
        steps = set((found.places[found.wrong] // x.shape[2] % x.shape[1]).tolist())
        line += f", at input step{_plural(steps)} t = {_ranges(steps)}"
    return line


def _where(evidence: Evidence, found: Finding) -> list[str]:
    """For which outputs and which output steps a loss gets a wrong gradient."""
    lines = []
    if found.outputs:
        lines.append(f"  only a loss on output{_plural(found.outputs)} {_ranges(set(found.outputs))} gets it wrong, of "
                     f"the outputs 0-{len(evidence.problem.outputs) - 1}")
    outputs = {part.output for part in found.parts.values() if part is not None}
    if found.steps and any(evidence.problem.sequence(k) for k in outputs):
        lines.append(f"  it is wrong where the loss looks at output step{_plural(found.steps)} t = "
                     f"{_ranges(set(found.steps))}")
    return lines


def _ranges(steps: set[int]) -> str:
    """{0, 1, 2, 5} -> "0-2, 5"."""
    parts: list[list[int]] = []
    for t in sorted(steps):
        if parts and t == parts[-1][-1] + 1:
            parts[-1].append(t)
        else:
            parts.append([t])
    return ", ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else str(p[0]) for p in parts)


def _plural(things: Any) -> str:
    return "s" if len(things) > 1 else ""
