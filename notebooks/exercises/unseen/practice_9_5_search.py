"""Mistakes that the diagnosis of practice-9.5-search has never seen."""
import numpy as np
from solutions.practice_9_5_search import practice_9_5_search, searched


def wrong_decay_even(loss, default, u, v, workers):
    """decay of (1) is spread evenly from 10^-4 to 1, and not by its logarithm.

    Named by: decay linear | decay evenly log | decay logarithm | decay 10^ power missing | decay is drawn evenly
    """
    points = np.stack([np.append(default[0], 0.8 * u), np.append(default[1], 1e-4 + (1 - 1e-4) * v)], axis=1)
    shares = [len(share) for share in np.array_split(points, workers)]
    losses, processes, best = searched(points, shares, loss)
    return points, losses, processes, best


def wrong_default_last(loss, default, u, v, workers):
    """The default of (2) is the last trial, N - 1, and not trial 0.

    Named by: default last | row 0 default not | default trial 0 first | default at the end
    """
    points = np.stack([np.append(0.8 * u, default[0]), np.append(10.0 ** (4 * v - 4), default[1])], axis=1)
    shares = [len(share) for share in np.array_split(points, workers)]
    losses, processes, best = searched(points, shares, loss)
    return points, losses, processes, best


def wrong_largest_loss(loss, default, u, v, workers):
    """best of (4) is the trial of the largest loss, and not of the smallest.

    Named by: best largest loss | best maximum | best highest loss | best worst
    """
    points, losses, processes, _ = practice_9_5_search(loss, default, u, v, workers)
    return points, losses, processes, points[np.argmax(losses)]
