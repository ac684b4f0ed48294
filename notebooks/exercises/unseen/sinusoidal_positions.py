"""Mistakes that the diagnosis of sinusoidal-positions has never seen."""
import numpy as np


def wrong_steps_from_1(T, C):
    """The steps t in (1) run from 1 to T and not from 0 to T - 1.

    Named by: t from 1 | t starts 1 | step one too | first row t = 1
    """
    t = np.arange(1, T + 1)
    i = np.arange(C // 2)
    phi = t[:, None] / 10000 ** (2 * i / C)
    p = np.zeros((T, C))
    p[:, 0::2] = np.sin(phi)
    p[:, 1::2] = np.cos(phi)
    return p


def wrong_an_angle_for_each_channel(T, C):
    """The cosine of (3) has an angle of its own with the exponent (2i + 1) / C, where a pair shares one angle.

    Named by: cos 2i + 1 | pair angle same | cosine own angle | cosine angle exponent
    """
    t = np.arange(T)
    i = np.arange(C // 2)
    phi = t[:, None] / 10000 ** (2 * i / C)
    p = np.zeros((T, C))
    p[:, 0::2] = np.sin(phi)
    p[:, 1::2] = np.cos(t[:, None] / 10000 ** ((2 * i + 1) / C))
    return p


def wrong_twice_two_i(T, C):
    """i counts the even channels 0, 2, 4 already and is doubled once more: the exponent in (1) is 4i / C.

    Named by: exponent 4i | exponent twice | exponent doubled | exponent too large
    """
    t = np.arange(T)
    i = np.arange(0, C, 2)
    phi = t[:, None] / 10000 ** (2 * i / C)
    p = np.zeros((T, C))
    p[:, 0::2] = np.sin(phi)
    p[:, 1::2] = np.cos(phi)
    return p
