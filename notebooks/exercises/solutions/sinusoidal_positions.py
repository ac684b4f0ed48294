"""Sinusoidal positions: the solution, other right answers, and mistakes that people make."""
import math

import numpy as np


def sinusoidal_positions(T, C):
    t = np.arange(T)                                                                    # (1)
    i = np.arange(C // 2)                                                               # (1)
    phi = t[:, None] / 10000 ** (2 * i / C)                                             # (1)
    p = np.zeros((T, C))                                                                # (2) (3)
    p[:, 0::2] = np.sin(phi)                                                            # (2)
    p[:, 1::2] = np.cos(phi)                                                            # (3)
    return p


# Right --------------------------------------------------------------------------------------------------------

def right_channel_by_channel(T, C):
    """c - c % 2 is 2i, for both channels of a pair."""
    c = np.arange(C)                                                                    # (1)
    phi = np.arange(T)[:, None] / 10000 ** ((c - c % 2) / C)                            # (1)
    p = np.where(c % 2 == 0, np.sin(phi), np.cos(phi))                                  # (2) (3)
    return p


def right_loops(T, C):
    p = [[0.0] * C for _ in range(T)]
    for t in range(T):
        for i in range(C // 2):
            angle = t / math.pow(10000, 2 * i / C)
            p[t][2 * i], p[t][2 * i + 1] = math.sin(angle), math.cos(angle)
    return np.array(p)


def right_by_logarithms(T, C):
    """The power by exp; one array of complex numbers for both."""
    power = np.exp(np.log(10000) * np.arange(0, C, 2) / C)                              # (1)
    phi = np.arange(T)[:, None] / power                                                 # (1)
    points = 1j * np.exp(-1j * phi)                                                     # (2) (3)
    return points.view(float)


def right_complex_powers(T, C):
    """Step t is the t-th power of step 1, a point on the circle for each pair."""
    turn = np.exp(1j * 10000.0 ** (-np.arange(C // 2) * 2 / C))
    points = np.array([turn ** t for t in range(T)])
    p = np.zeros((T, C))
    p[:, ::2], p[:, 1::2] = points.imag, points.real
    return p


def right_turned_step_by_step(T, C):
    """Each row is the one before, turned: sin(a + b) and cos(a + b)."""
    theta = 10000 ** (np.arange(0, C, 2) / -C)
    sines, cosines = [np.zeros(C // 2)], [np.ones(C // 2)]
    for _ in range(T - 1):
        s, c = sines[-1], cosines[-1]
        sines.append(s * np.cos(theta) + c * np.sin(theta))
        cosines.append(c * np.cos(theta) - s * np.sin(theta))
    return np.dstack([sines, cosines]).reshape(T, C)


# Wrong --------------------------------------------------------------------------------------------------------

def in_pairs(phi):
    """(2) and (3)."""
    return np.stack([np.sin(phi), np.cos(phi)], axis=-1).reshape(len(phi), -1)


def angles(T, exponent, base=10000):
    """(1), with this exponent for each pair."""
    return np.arange(T)[:, None] / base ** np.asarray(exponent, float)


def wrong_halves(T, C):
    """all sines stand in the first half of the channels and all cosines in the second; in (2) and (3) they take turns

    Named by: sines first half cosines second take turns | p: along C places of the right ones 0, 2, 4"""
    phi = angles(T, np.arange(0, C, 2) / C)
    return np.concatenate([np.sin(phi), np.cos(phi)], axis=1)


def wrong_cosine_first(T, C):
    """sine and cosine are exchanged: the cosine stands in channel 2i and the sine in 2i + 1

    Named by: sine and cosine exchanged 2i | p: along C places of the right ones 1, 0, 3, 2
    | `np.where(c % 2 == 0, np.cos(phi), np.sin(phi))` stands where (2) (3)"""
    phi = angles(T, np.arange(0, C, 2) / C)
    return np.stack([np.cos(phi), np.sin(phi)], axis=-1).reshape(T, C)


def wrong_sines_everywhere(T, C):
    """channel 2i + 1 is a sine as well, and in (3) it is a cosine

    Named by: 2i + 1 sine (3) cosine | sin stands where cos of `np.cos(phi)` (3)"""
    return np.repeat(np.sin(angles(T, np.arange(0, C, 2) / C)), 2, axis=1)


def wrong_cosines_everywhere(T, C):
    """channel 2i is a cosine as well, and in (2) it is a sine

    Named by: 2i cosine (2) sine | cos stands where sin of `np.sin(phi)` (2)"""
    return np.repeat(np.cos(angles(T, np.arange(0, C, 2) / C)), 2, axis=1)


def wrong_i_for_2i(T, C):
    """the exponent in (1) is i / C, without the factor 2: the last wavelengths are too short

    Named by: exponent (1) without factor 2 | factor `2` is missing (1)"""
    return in_pairs(angles(T, np.arange(C // 2) / C))


def wrong_4i_for_2i(T, C):
    """the exponent in (1) is 4i / C: i already counts channels in steps of two, and the factor 2 is there twice

    Named by: exponent (1) factor 2 twice | factor `2` is there twice (1)
    | division by `10000 ** (2 * i / C)` twice (1)"""
    return in_pairs(angles(T, 2 * np.arange(0, C, 2) / C))


def wrong_own_exponent_of_each_channel(T, C):
    """the cosine has an exponent of its own, (2i + 1) / C; in (1) both channels of a pair have the angle with 2i / C

    Named by: cosine exponent own (2i + 1) / C (1) | term `c % 2` is missing (1)"""
    phi = angles(T, np.arange(C) / C)
    return np.where(np.arange(C) % 2, np.cos(phi), np.sin(phi))


def wrong_times_the_power(T, C):
    """in (1) t is multiplied with the power of 10000, and should be divided by it

    Named by: (1) multiplied power of 10000 divided | product with `10000 instead of a division (1)"""
    return in_pairs(angles(T, -np.arange(0, C, 2) / C))


def wrong_base_1000(T, C):
    """the base in (1) is 1000, and should be 10000

    Named by: base (1) 1000, should be 10000 | 1000 stands where 10000 belongs (1)"""
    return in_pairs(angles(T, np.arange(0, C, 2) / C, base=1000))


def wrong_base_e(T, C):
    """the base in (1) is e, as if exp(2i / C) were meant: log(10000) is missing

    Named by: base (1) is e log(10000) missing | factor `np.log(10000)` is missing (1)"""
    return in_pairs(angles(T, np.arange(0, C, 2) / C, base=np.e))


def wrong_one_frequency(T, C):
    """all pairs have the same angle t: the division by 10000^(2i/C) of (1) is missing

    Named by: all pairs same angle division (1) | division by `10000 is missing (1)"""
    return in_pairs(angles(T, np.zeros(C // 2)))


def wrong_steps_from_one(T, C):
    """the steps are counted from t = 1, and the first one is 0

    Named by: steps counted from t = 1 first 0 | `np.arange(T)` counts from 1 (1) | p: one place further back along T"""
    return in_pairs(angles(T + 1, np.arange(0, C, 2) / C)[1:])


def wrong_pairs_from_one(T, C):
    """the pairs are counted from i = 1, and the first one is 0: its angle should be t itself

    Named by: pairs counted from i = 1 first 0 | `np.arange(C // 2)` counts from 1 (1)"""
    return in_pairs(angles(T, np.arange(2, C + 2, 2) / C))


def wrong_transposed(T, C):
    """p is (C, T), a row for each channel: it is transposed

    Named by: p is transposed"""
    return sinusoidal_positions(T, C).T


def wrong_angles_alone(T, C):
    """p holds the angles of (1) themselves; (2) and (3), sine and cosine, are missing

    Named by: angles (1) themselves sine and cosine missing | `phi` stands where `p` belongs"""
    return np.repeat(angles(T, np.arange(0, C, 2) / C), 2, axis=1)


def wrong_stray_ln_2(T, C):
    """the exponent in (1) has a stray factor ln 2: the last pairs turn far too fast

    Named by: exponent (1) stray factor ln 2"""
    return in_pairs(angles(T, np.arange(0, C, 2) / C * np.log(2)))
