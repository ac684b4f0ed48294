"""The way back through dropout and a linear layer: the solution, other right answers, and mistakes that people make."""
import numpy as np


def dropout_backward(dy, x, m, p, W):
    z = x * m / (1 - p)                                    # (1)
    dW = z.T @ dy                                          # (2)
    dz = dy @ W.T                                          # (2)
    dx = dz * m / (1 - p)                                  # (1)
    return dx, dW


# Right --------------------------------------------------------------------------------------------------------

def right_where(dy, x, m, p, W):
    """What is kept, and 0."""
    dx = np.where(m > 0, dy @ W.T, 0) / (1 - p)
    return dx, np.where(m > 0, x / (1 - p), 0).T @ dy


def right_einsum(dy, x, m, p, W):
    s = m / (1 - p)
    return np.einsum("nk,dk,nd->nd", dy, W, s), np.einsum("nd,nd,nk->dk", x, s, dy)


def right_loop(dy, x, m, p, W):
    dx, dW = np.zeros_like(x), np.zeros_like(W)
    for n, d in np.argwhere(m == 1):
        dx[n, d] = sum(dy[n, k] * W[d, k] for k in range(len(dy[n]))) / (1 - p)
        dW[d] += x[n, d] * dy[n] / (1 - p)
    return dx, dW


def right_scaled_dy(dy, x, m, p, W):
    """1 / (1 - p) goes with dy; products transposed."""
    dy_T = dy.T / (1 - p)
    return (W @ dy_T).T * m, (dy_T @ (m * x)).T


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_no_mask(dy, x, m, p, W):
    """the mask m is forgotten on the way back: in dx the dropped entries should be 0

    Named by: mask m forgotten dx | factor `m` missing `dx` already: dW"""
    return dy @ W.T / (1 - p), (x * m / (1 - p)).T @ dy


def wrong_no_scale(dy, x, m, p, W):
    """dx lacks the division by 1 - p: what is kept was scaled up in (1), and so is its gradient

    Named by: dx division 1 - p | division by `1 - p` missing `dx` | dx: it is 1 - p times already: dW"""
    return dy @ W.T * m, (x * m / (1 - p)).T @ dy


def wrong_dz(dy, x, m, p, W):
    """dx is dz: the way back through (1) is missing altogether, the mask and the division

    Named by: dx (1) missing altogether | `dz` stands where `dx`"""
    return dy @ W.T, (x * m / (1 - p)).T @ dy


def wrong_x_for_z(dy, x, m, p, W):
    """dW uses x where (2) has z, which is x after the dropout

    Named by: dW x where z | `x` stands where `z` `dW`"""
    return dy @ W.T * m / (1 - p), x.T @ dy


def wrong_z_without_scale(dy, x, m, p, W):
    """dW uses x m: the division by 1 - p of (1) is missing in z

    Named by: dW division 1 - p missing | division by `1 - p` missing `z` | dW: it is 1 - p times already: dx"""
    return dy @ W.T * m / (1 - p), (x * m).T @ dy


def wrong_z_without_mask(dy, x, m, p, W):
    """dW uses x / (1 - p): the mask m of (1) is missing in z

    Named by: dW mask m missing | factor `m` missing `z`"""
    return dy @ W.T * m / (1 - p), x.T @ dy / (1 - p)


def wrong_by_p(dy, x, m, p, W):
    """dx is divided by p, the probability to be dropped: (1) divides by 1 - p, that to be kept

    Named by: dx divided by p | term `1` missing `dx` | `p` stands where `1 - p` `dx`"""
    return dy @ W.T * m / p, (x * m / (1 - p)).T @ dy


def wrong_both_by_p(dy, x, m, p, W):
    """z and dx are divided by p, the probability to be dropped: (1) divides by 1 - p, that to be kept

    Named by: z dx divided by p | `p` and `1 - p` each other's place | term `1` missing `z` `dx`"""
    return dy @ W.T * m / p, (x * m / p).T @ dy


def wrong_times_the_rest(dy, x, m, p, W):
    """dx is multiplied with 1 - p, and should be divided by it: so it would be where nothing is scaled while training

    Named by: dx multiplied with 1 - p divided | product with `1 - p` instead of a division `dx`"""
    return dy @ W.T * m * (1 - p), (x * m / (1 - p)).T @ dy


def wrong_other_way_round(dy, x, m, p, W):
    """the mask is the wrong way round: dx is there where x was dropped, 1 - m for m

    Named by: mask wrong way round dx | `1 - m` stands where `m` `dx`"""
    return dy @ W.T * (1 - m) / (1 - p), (x * m / (1 - p)).T @ dy


def wrong_x_too_many(dy, x, m, p, W):
    """dx is multiplied with x: in (1) x is what is differentiated by, and only its factor stays

    Named by: dx multiplied with x | dx: factor x too many"""
    return dy @ W.T * x * m / (1 - p), (x * m / (1 - p)).T @ dy


def wrong_mean(dy, x, m, p, W):
    """dW is averaged over the N rows, and should be summed

    Named by: dW averaged | dW: it is 1/N of already: dx | mean sum `z.T @ dy`"""
    return dy @ W.T * m / (1 - p), (x * m / (1 - p)).T @ dy / len(x)


def wrong_scaled_twice(dy, x, m, p, W):
    """dx is divided by 1 - p twice, as if m held the division already, and it does not

    Named by: dx divided 1 - p twice | division by `1 - p` twice `dx`"""
    scaled = m / (1 - p)
    return dy @ W.T * scaled / (1 - p), (x * scaled).T @ dy
