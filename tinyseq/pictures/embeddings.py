"""Vectors of many dimensions in two: what stands near what."""
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinyseq.backend import host
from tinyseq.pictures.style import STYLES, drawn

np = host.np


def principal_components(vectors: Any, k: int = 2) -> tuple[Any, Any]:
    """Where vectors (n, C) lie along the k directions in which they vary most: points (n, k), and the share of the
    variance that each direction has (k,).

        X = vectors - their mean = U S V^T         (1)
        points = X V[:, :k] = (U S)[:, :k]         (2)
        shares = S[:k]^2 / sum of S^2              (3)

    The sign of a direction is arbitrary: here its largest point is positive. Pearson 1901. Raises ValueError unless
    there are two vectors or more that differ, and k directions."""
    vectors = np.asarray(vectors, dtype="float64")
    if vectors.ndim != 2 or not 1 <= k <= min(vectors.shape):
        raise ValueError(f"{k} principal components need vectors (n, C) with n and C of at least {k}; got "
                         f"{vectors.shape}")
    U, S, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)        # (1)
    if not S[0] > 0:
        raise ValueError("the vectors are all the same: there is no direction in which they vary")
    points = (U * S)[:, :k]                                                             # (2)
    largest = np.take_along_axis(points, abs(points).argmax(axis=0)[None], axis=0)
    return points * np.where(largest < 0, -1, 1), S[:k] ** 2 / (S ** 2).sum()           # (3)


def embedding_map(path: Path, vectors: Any, labels: Sequence[str], title: str,
                  groups: Sequence[str] | None = None) -> None:
    """Write a picture: each vector (n, C) as its label at its first two principal components; with groups, such as
    "vowel" and "consonant", a mark and a colour for each. What a plane leaves out is said at the axes.

    Raises ValueError for labels or groups of another number, and for more groups than can be told apart."""
    vectors = np.asarray(vectors)
    groups = [""] * len(labels) if groups is None else groups
    if not len(vectors) == len(labels) == len(groups):
        raise ValueError(f"each of the {len(vectors)} vectors has a label and a group; got {len(labels)} labels and "
                         f"{len(groups)} groups")
    names = list(dict.fromkeys(groups))
    if len(names) > len(STYLES):
        raise ValueError(f"{len(names)} groups cannot be told apart, {len(STYLES)} can: draw fewer")
    points, shares = principal_components(vectors)
    with drawn(path, 6.4, 5.6) as figure:
        axes = figure.add_subplot()
        for name, style in zip(names, STYLES, strict=False):
            own = [point for point, group in zip(points, groups, strict=True) if group == name]
            axes.plot(*zip(*own, strict=True), linestyle="", marker=style.mark, color=style.color, label=name)
        for (x, y), label in zip(points, labels, strict=True):
            axes.annotate(label, (x, y), xytext=(4, 3), textcoords="offset points")
        axes.set(title=title, xlabel=f"component 1, {shares[0]:.0%} of the variance",
                 ylabel=f"component 2, {shares[1]:.0%}")
        axes.grid()
        if len(names) > 1:
            axes.legend()
