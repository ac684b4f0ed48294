"""Mistakes that the diagnosis of practice-7.1-windows has never seen."""
import numpy as np


def wrong_deviation(values, T, held_out):
    """The deviation of (1) has 1/(n - 1) under the root and not 1/n.

    Named by: deviation n - 1 | deviation ddof | deviation 1/n
    """
    known = values[:len(values) - held_out]
    z = (known - known.mean()) / known.std(ddof=1)
    N = len(z) - T
    return np.stack([z[k:k + T] for k in range(N)])[:, :, None], z[T:][:, None]


def wrong_windows_apart(values, T, held_out):
    """In (2) window k begins at k T and not at k, so that the windows do not overlap and there are too few.

    Named by: windows overlap | row begins T further | x step T | rows apart T
    """
    known = values[:len(values) - held_out]
    z = (known - known.mean()) / known.std()
    starts = range(0, len(z) - T, T)
    return np.stack([z[k:k + T] for k in starts])[:, :, None], np.array([z[k + T] for k in starts])[:, None]


def wrong_raw_target(values, T, held_out):
    """The target of (3) is the value itself, not standardised as x is.

    Named by: target not standardised | target raw | target values instead z | target without mean deviation
    | target is left in its own unit
    """
    known = values[:len(values) - held_out]
    z = (known - known.mean()) / known.std()
    return np.stack([z[k:k + T] for k in range(len(z) - T)])[:, :, None], known[T:][:, None]
