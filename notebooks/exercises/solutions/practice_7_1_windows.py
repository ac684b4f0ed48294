"""practice-7.1-windows: a solution, other right ones, and mistakes."""
import numpy as np


def practice_7_1_windows(values, T, held_out):
    known = values[:len(values) - held_out]                                     # (1)
    z = (known - known.mean()) / known.std()                                    # (1)
    N = len(z) - T                                                              # (3)
    x = np.stack([z[k:k + T] for k in range(N)])[:, :, None]                    # (2)
    target = z[T:][:, None]                                                     # (3)
    return x, target


# Right --------------------------------------------------------------------------------------------------------

def right_entry_by_entry(values, T, held_out):
    known = [float(v) for v in values][:len(values) - held_out]
    mean = sum(known) / len(known)
    deviation = (sum((v - mean) ** 2 for v in known) / len(known)) ** 0.5
    N = len(known) - T
    x, target = np.zeros((N, T, 1)), np.zeros((N, 1))
    for k in range(N):
        for t in range(T):
            x[k, t, 0] = (known[k + t] - mean) / deviation
        target[k, 0] = (known[k + T] - mean) / deviation
    return x, target


def right_by_a_view(values, T, held_out):
    """All runs of T + 1 numbers, as a view; the last column is the target."""
    known = values[:len(values) - held_out]
    runs = np.lib.stride_tricks.sliding_window_view((known - np.mean(known)) / np.std(known), T + 1)
    return runs[:, :T, None], runs[:, T:]


def right_by_indices(values, T, held_out):
    known = values[:len(values) - held_out]
    places = np.arange(len(known) - T)[:, None] + np.arange(T + 1)
    runs = ((known - known.mean()) / known.std())[places]
    return runs[:, :-1, np.newaxis], runs[:, [-1]]


def right_backwards(values, T, held_out):
    """From the end to the beginning, and turned round."""
    known = values[:len(values) - held_out]
    mean, square = known.mean(), (known ** 2).mean()
    z = (known - mean) / np.sqrt(square - mean ** 2)
    rows = [(z[end - T:end, None], z[end]) for end in range(len(z) - 1, T - 1, -1)][::-1]
    return np.array([row for row, _ in rows]), np.array([[y] for _, y in rows])


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_statistics_of_all(values, T, held_out):
    """mean and deviation are those of all values in (1), so training knows something of the held-out ones

    Named by: mean deviation all values held-out | `values` stands where `known` (1)"""
    z = (values - values.mean()) / values.std()
    return practice_7_1_windows_of(z[:len(z) - held_out], T)


def wrong_nothing_held_out(values, T, held_out):
    """the held-out values are windows and targets as well: nothing is held out

    Named by: nothing held out | held-out values windows targets"""
    return practice_7_1_windows_of((values - values.mean()) / values.std(), T)


def wrong_target_in_the_window(values, T, held_out):
    """the target is the last value of the window, z_{k+T-1}, which the model has just read

    Named by: target last value of the window | target one place further on along N"""
    known = values[:len(values) - held_out]
    x, _ = practice_7_1_windows(values, T, held_out)
    return x, x[:, -1] if len(known) else x


def wrong_target_not_standardised(values, T, held_out):
    """the target is left in its own unit, and (3) has z

    Named by: target own unit (3) | target not standardised | `known` stands where `z` (3)"""
    x, _ = practice_7_1_windows(values, T, held_out)
    return x, values[:len(values) - held_out][T:, None]


def wrong_windows_side_by_side(values, T, held_out):
    """the windows do not overlap: they begin T steps apart, and in (2) one step

    Named by: windows overlap T apart one | windows begin T (2)"""
    x, target = practice_7_1_windows(values, T, held_out)
    return x[::T], target[::T]


def wrong_one_window_too_few(values, T, held_out):
    """the last window is missing: there are n - held_out - T windows, and one fewer is returned

    Named by: last window missing | N one fewer | last of N missing"""
    x, target = practice_7_1_windows(values, T, held_out)
    return x[:-1], target[:-1]


def wrong_axes(values, T, held_out):
    """x lies as (T, N, 1), steps first, and here the batch is always first

    Named by: (T, N, 1) first | axes lie in the order T, N"""
    x, target = practice_7_1_windows(values, T, held_out)
    return x.transpose(1, 0, 2), target


def wrong_not_divided(values, T, held_out):
    """the mean is subtracted and nothing divided by the deviation in (1)

    Named by: deviation divided (1) | factor `known.std()` missing (1)"""
    known = values[:len(values) - held_out]
    return practice_7_1_windows_of(known - known.mean(), T)


def wrong_by_n_minus_1(values, T, held_out):
    """the deviation is divided by n - 1 under the root, and in (1) by n

    Named by: deviation n - 1 (1) | ddof"""
    known = values[:len(values) - held_out]
    return practice_7_1_windows_of((known - known.mean()) / known.std(ddof=1), T)


def wrong_backwards(values, T, held_out):
    """the windows run backwards: step 0 is the newest value

    Named by: windows run backwards | runs backwards along T"""
    x, target = practice_7_1_windows(values, T, held_out)
    return x[:, ::-1], target


def practice_7_1_windows_of(z, T):
    """(2) and (3), for those that go wrong before."""
    return np.stack([z[k:k + T] for k in range(len(z) - T)])[:, :, None], z[T:][:, None]
