"""Images as they might have been as well: moved by a few pixels, mirrored. What they show stays what it is.

Only training sees them so (Simard, Steinkraus and Platt 2003; mirrored: Krizhevsky, Sutskever and Hinton 2012). What
is drawn depends on the seed and the step alone, so that a run that is resumed draws the same.
"""
from typing import Any

from tinyseq.backend import host

np = host.np

FARTHEST = 2                           # pixels by which an image is moved, up or down, left or right
WAYS = ("none", "shift", "flip", "shift_flip")


def augmented(pixels: Any, way: str, seed: int, step: int) -> Any:
    """Each image (B, channels, height, width) in its own way: "shift" moves it, black comes in from the border; "flip"
    mirrors about half of them, left for right; "shift_flip" does both; "none" leaves all as they are."""
    if way == "none":
        return pixels
    rng = np.random.default_rng([seed, step])
    B, _, height, width = pixels.shape
    top, left = rng.integers(0, 2 * FARTHEST + 1, (2, B, 1)) if "shift" in way else np.full((2, B, 1), FARTHEST)
    rows, columns = top + np.arange(height), left + np.arange(width)                # (B, height), (B, width)
    if "flip" in way:
        columns = np.where(rng.random((B, 1)) < 0.5, columns[:, ::-1], columns)
    framed = np.pad(pixels, ((0, 0), (0, 0), (FARTHEST, FARTHEST), (FARTHEST, FARTHEST)))
    moved = framed[np.arange(B)[:, None, None], :, rows[:, :, None], columns[:, None, :]]     # (B, height, width, C)
    return moved.transpose(0, 3, 1, 2)
