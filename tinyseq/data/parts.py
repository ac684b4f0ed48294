"""What to train on, what to stop and choose by, what to report: splits that stay the same for ever.

A split is drawn by digest: keys are put in the order of sha256("seed:key") and cut. Unlike a random generator's
stream, that order changes neither with the library's version nor with the order of the file, and items with one key
always come to lie in one part.
"""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")


class Parts(NamedTuple, Generic[Item]):
    """The three parts of a data set."""
    train: list[Item]
    validation: list[Item]
    test: list[Item]


def shuffled(keys: Iterable[str], seed: int = 0) -> list[str]:
    """The distinct keys in the order of sha256("seed:key")."""
    return sorted(set(keys), key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())


def drawn_rows(n: int, size: int) -> list[int]:
    """n of the numbers 0 .. size - 1, always the same, in their order: what learns from n labelled examples learns from
    these. Raises ValueError where there are not so many."""
    if n > size:
        raise ValueError(f"labelled asks for {n} examples, and the training part has {size}: ask for fewer")
    return sorted(map(int, shuffled(map(str, range(size)))[:n]))


def partition(items: Sequence[Item], key: Callable[[Item], str], validation: float, test: float,
              seed: int = 0) -> Parts[Item]:
    """Items whose keys are equal stay together; of K keys round(test K) go to the test, round(validation K) to the
    validation, the others to the training. Within a part the items keep their order.

    Raises ValueError for too few items: each part needs a key.
    """
    order = shuffled((key(item) for item in items), seed)
    tested, validated = round(test * len(order)), round(validation * len(order))
    if not 0 < min(tested, validated) <= tested + validated < len(order):
        raise ValueError(f"{len(order)} different items cannot be parted: {test:.0%} to test are {tested}, "
                         f"{validation:.0%} to validate are {validated}, and each part needs 1 or more")
    part = {name: 2 if i < tested else 1 if i < tested + validated else 0 for i, name in enumerate(order)}
    parts: Parts[Item] = Parts([], [], [])
    for item in items:
        parts[part[key(item)]].append(item)
    return parts
