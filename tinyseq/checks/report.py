"""What the gradient checker says: a Report where the gradient is right, a GradientError where it is not."""
from dataclasses import dataclass
from typing import NamedTuple

from tinyseq.backend import host

TOLERANCE = 1e-8                       # relative to the size of the terms that are added up


class KinkAt(NamedTuple):
    """An entry in which f has no derivative at this point: a relu at 0, a max with two winners."""
    tensor: str
    place: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """What was found right: the tensors by name and shape, and the kinks, where there was no derivative to compare."""
    checked: tuple[tuple[str, tuple[int, ...]], ...]
    kinks: tuple[KinkAt, ...] = ()

    def __str__(self) -> str:
        entries = sum(int(host.np.prod(shape)) for _, shape in self.checked)
        line = f"gradient right for {entries} entries of {len(self.checked)} tensors, to {TOLERANCE:g}"
        return f"{line}; {kinks_in_words(self.kinks)}" if self.kinks else line


def kinks_in_words(kinks: tuple[KinkAt, ...]) -> str:
    """What a message says about kinks, naming the first few."""
    named = ", ".join(f"{k.tensor} {list(k.place)}" for k in kinks[:3])
    more = f" and {len(kinks) - 3} more" if len(kinks) > 3 else ""
    return f"f has a kink (no derivative, only slopes on either side) at {named}{more}"


class GradientError(AssertionError):
    """A gradient that disagrees with the function. The message says what is wrong and where; for programs:

    tensors     the names of the tensors blamed, the most likely origin first
    gates       the gates blamed, in block order; () where all are wrong or the tensors have no blocks
    patterns    words for how it is wrong: "constant ratio", "sign", "transposed", "all zero", "doubled", "averaged
                over the batch", "gates permuted", "lost carry", "wrong previous state", "modified", "not repeatable",
                "not added", "shape", "dtype", "kink"
    steps       the output steps t for which a loss on step t alone gets a wrong gradient; where f returns no
                sequence (B, T, H), the steps of a sequence of inputs at which the gradient is wrong"""

    def __init__(self, message: str, tensors: tuple[str, ...] = (), gates: tuple[str, ...] = (),
                 patterns: tuple[str, ...] = (), steps: tuple[int, ...] = ()):
        super().__init__(message)
        self.tensors, self.gates, self.patterns, self.steps = tensors, gates, patterns, steps
