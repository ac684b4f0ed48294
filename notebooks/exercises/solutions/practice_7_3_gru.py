"""practice-7.3-gru: a solution, other right ones, and mistakes."""
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def practice_7_3_gru(x, h0, W_xh, W_hh, b):
    W_xr, W_xz, W_xn = np.split(W_xh, 3, axis=1)
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    b_r, b_z, b_n = np.split(b, 3)
    h, hs = h0, np.zeros((*x.shape[:2], len(W_hh)))
    for t in range(x.shape[1]):
        x_t = x[:, t]
        r = sigmoid(x_t @ W_xr + h @ W_hr + b_r)                                # (1)
        z = sigmoid(x_t @ W_xz + h @ W_hz + b_z)                                # (2)
        n = np.tanh(x_t @ W_xn + (r * h) @ W_hn + b_n)                          # (3)
        h = (1 - z) * h + z * n                                                 # (4)
        hs[:, t] = h                                                            # (4)
    return hs


# Right --------------------------------------------------------------------------------------------------------

def right_both_gates_at_once(x, h0, W_xh, W_hh, b):
    """The gates in one product, the input's part for all steps before the loop; h moves towards n."""
    H = len(W_hh)
    of_x, h, hs = np.einsum("btd,dk->tbk", x, W_xh) + b, h0, []
    for a in of_x:
        gates = 1 / (1 + np.exp(-a[:, :2 * H] - h @ W_hh[:, :2 * H]))
        n = np.tanh(a[:, 2 * H:] + (gates[:, :H] * h) @ W_hh[:, 2 * H:])
        h = h + gates[:, H:] * (n - h)
        hs.append(h)
    return np.stack(hs, axis=1)


def right_row_by_row(x, h0, W_xh, W_hh, b):
    """Each row by itself; the sigmoid by tanh; columns."""
    H, hs = h0.shape[1], []
    for row, h in zip(x, h0, strict=True):
        states = []
        for x_t in row:
            both, of_h = np.dot(W_xh.T, x_t) + b, np.dot(W_hh[:, :2 * H].T, h)
            r, z = 0.5 + 0.5 * np.tanh((both[:H] + of_h[:H]) / 2), 0.5 + 0.5 * np.tanh((both[H:2 * H] + of_h[H:]) / 2)
            n = np.tanh(both[2 * H:] + np.dot(W_hh[:, 2 * H:].T, r * h))
            h = h - z * h + z * n
            states.append(h)
        hs.append(states)
    return np.array(hs)


def right_one_matrix(x, h0, W_xh, W_hh, b):
    """Input, state and a 1 for the bias in one row, one matrix for the three of them."""
    B, T, _ = x.shape
    W, one = np.concatenate((W_xh, W_hh, b[None])), np.ones((B, 1))
    W_r, W_z, W_n = np.split(W, 3, axis=1)
    hs = [h0]
    for t in range(T):
        read = np.concatenate((x[:, t], hs[-1], one), axis=1)
        r, z = sigmoid(read @ W_r), sigmoid(read @ W_z)
        n = np.tanh(np.concatenate((x[:, t], r * hs[-1], one), axis=1) @ W_n)
        hs.append(n + (1 - z) * (hs[-1] - n))
    return np.array(hs[1:]).transpose(1, 0, 2)


def right_recursive(x, h0, W_xh, W_hh, b):
    """The first step, then the rest of the text from its state."""
    if not x.shape[1]:
        return np.zeros((len(x), 0, len(W_hh)))
    W_xh3, W_hh3 = W_xh.reshape(-1, 3, len(W_hh)), W_hh.reshape(-1, 3, len(W_hh))
    a = np.tensordot(x[:, 0], W_xh3, axes=1) + b.reshape(3, -1)
    r, z = np.moveaxis(sigmoid(a[:, :2] + np.tensordot(h0, W_hh3[:, :2], axes=1)), 1, 0)
    h = z * np.tanh(a[:, 2] + np.einsum("bh,bh,hk->bk", r, h0, W_hh3[:, 2])) + (1 - z) * h0
    return np.concatenate((h[:, None], right_recursive(x[:, 1:], h, W_xh, W_hh, b)), axis=1)


# Wrong --------------------------------------------------------------------------------------------------------

def of(x, h0, W_xh, W_hh, b, order="rzn", candidate=None, mix=None, act=np.tanh):
    """(1) to (4), or with something else in their place: for those that go wrong."""
    W_x, W_h, bias = ({name: block for name, block in zip(order, np.split(W, 3, axis=-1), strict=True)}
                      for W in (W_xh, W_hh, b))
    h, hs = h0, []
    for t in range(x.shape[1]):
        r, z = (sigmoid(x[:, t] @ W_x[name] + h @ W_h[name] + bias[name]) for name in "rz")
        of_x = x[:, t] @ W_x["n"] + bias["n"]
        n = act(of_x + (r * h) @ W_h["n"] if candidate is None else candidate(of_x, r, h, W_h["n"]))
        h = (1 - z) * h + z * n if mix is None else mix(z, h, n)
        hs.append(h)
    return np.stack(hs, axis=1)


def wrong_z_exchanged(x, h0, W_xh, W_hh, b):
    """z keeps the old state in (4), as in the other form of the GRU: z and 1 - z are exchanged

    Named by: z 1 - z exchanged (4) | `z` `1 - z` place"""
    return of(x, h0, W_xh, W_hh, b, mix=lambda z, h, n: z * h + (1 - z) * n)


def wrong_reset_after_the_product(x, h0, W_xh, W_hh, b):
    """the reset comes after the product, r * (h W_hn), and in (3) before it

    Named by: reset after product before (3)"""
    return of(x, h0, W_xh, W_hh, b, candidate=lambda of_x, r, h, W: of_x + r * (h @ W))


def wrong_no_reset(x, h0, W_xh, W_hh, b):
    """the reset gate is computed and never used: in (3) stands h_{t-1} alone

    Named by: reset gate no part (3) | factor `r` missing (3)"""
    return of(x, h0, W_xh, W_hh, b, candidate=lambda of_x, r, h, W: of_x + h @ W)


def wrong_reset_of_everything(x, h0, W_xh, W_hh, b):
    """the reset is multiplied with x_t W_xn + b_n as well, and in (3) with h_{t-1} alone

    Named by: reset x_t W_xn as well alone (3) | r multiplied all of (3)"""
    return of(x, h0, W_xh, W_hh, b, candidate=lambda of_x, r, h, W: r * (of_x + h @ W))


def wrong_order_of_blocks(x, h0, W_xh, W_hh, b):
    """the blocks are taken in the order z, r, n: the two gates are exchanged

    Named by: order z, r, n | r z exchanged (1) (2)"""
    return of(x, h0, W_xh, W_hh, b, order="zrn")


def wrong_candidate_first(x, h0, W_xh, W_hh, b):
    """the blocks are taken in the order n, r, z: the candidate is made of the first one

    Named by: order n, r, z"""
    return of(x, h0, W_xh, W_hh, b, order="nrz")


def wrong_reset_by_z(x, h0, W_xh, W_hh, b):
    """the update gate resets: in (3) stands z where r belongs

    Named by: `z` where `r` (3)"""
    W_xz, W_hz, b_z = (np.split(W, 3, axis=-1)[1] for W in (W_xh, W_hh, b))
    W_xn, W_hn, b_n = (np.split(W, 3, axis=-1)[2] for W in (W_xh, W_hh, b))
    h, hs = h0, []
    for t in range(x.shape[1]):
        z = sigmoid(x[:, t] @ W_xz + h @ W_hz + b_z)
        h = (1 - z) * h + z * np.tanh(x[:, t] @ W_xn + (z * h) @ W_hn + b_n)
        hs.append(h)
    return np.stack(hs, axis=1)


def wrong_candidate_added(x, h0, W_xh, W_hh, b):
    """the old state is kept whole and z n added: 1 - z is missing in (4)

    Named by: 1 - z missing (4) | factor `1 - z` (4)"""
    return of(x, h0, W_xh, W_hh, b, mix=lambda z, h, n: h + z * n)


def wrong_candidate_alone(x, h0, W_xh, W_hh, b):
    """the state is z n: the share of the old state, (1 - z) h_{t-1}, is missing in (4)

    Named by: (1 - z) missing (4)"""
    return of(x, h0, W_xh, W_hh, b, mix=lambda z, h, n: z * n)


def wrong_zeros_at_first(x, h0, W_xh, W_hh, b):
    """the first step begins from zeros, and h_0 was given

    Named by: begins from zeros h_0 | `h0` taken for 0"""
    return of(x, np.zeros_like(h0), W_xh, W_hh, b)


def wrong_candidate_not_squashed(x, h0, W_xh, W_hh, b):
    """the tanh is missing in (3)

    Named by: tanh missing (3) | tanh without function (3)"""
    return of(x, h0, W_xh, W_hh, b, act=lambda a: a)


def wrong_input_at_candidate_alone(x, h0, W_xh, W_hh, b):
    """the candidate reads x_t alone: (r * h_{t-1}) W_hn is missing in (3)

    Named by: candidate W_hn missing (3) | term `r * h @ W_hn` missing (3)"""
    return of(x, h0, W_xh, W_hh, b, candidate=lambda of_x, r, h, W: of_x)
