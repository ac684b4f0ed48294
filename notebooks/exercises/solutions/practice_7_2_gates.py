"""practice-7.2-gates: a solution, other right ones, and mistakes."""
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def practice_7_2_gates(x, W_xh, W_hh, b):
    B, T, H = x.shape[0], x.shape[1], len(W_hh)
    h, c = np.zeros((B, H)), np.zeros((B, H))
    i, f, o = np.zeros((B, T, H)), np.zeros((B, T, H)), np.zeros((B, T, H))
    for t in range(T):
        a = x[:, t] @ W_xh + h @ W_hh + b                                       # (1)
        i[:, t] = sigmoid(a[:, :H])                                             # (2)
        f[:, t] = sigmoid(a[:, H:2 * H])                                        # (2)
        o[:, t] = sigmoid(a[:, 3 * H:])                                         # (2)
        g = np.tanh(a[:, 2 * H:3 * H])                                          # (3)
        c = f[:, t] * c + i[:, t] * g                                           # (4)
        h = o[:, t] * np.tanh(c)                                                # (5)
    kept = np.ones((B, T, H))
    for t in reversed(range(T - 1)):
        kept[:, t] = kept[:, t + 1] * f[:, t + 1]                               # (6)
    return i, f, o, kept


# Right --------------------------------------------------------------------------------------------------------

def right_lists_and_split(x, W_xh, W_hh, b):
    """Steps first, lists, and the product from the left to the right for each t by itself."""
    h = c = np.zeros((len(x), len(W_hh)))
    steps = []
    for x_t in x.transpose(1, 0, 2):
        i, f, g, o = np.split(np.concatenate((x_t, h), axis=1) @ np.concatenate((W_xh, W_hh)) + b, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-a)) for a in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        steps.append((i, f, o))
    i, f, o = (np.stack(gate, axis=1) for gate in zip(*steps, strict=True))
    kept = np.stack([f[:, t + 1:].prod(axis=1) for t in range(f.shape[1])], axis=1)
    return i, f, o, kept


def right_by_logarithms(x, W_xh, W_hh, b):
    """kept by the sum of logarithms; the input's part of a for all steps at once."""
    B, T, _ = x.shape
    H = len(b) // 4
    of_x = np.einsum("btd,dk->btk", x, W_xh) + b
    h, c, gates = np.zeros((B, H)), np.zeros((B, H)), np.zeros((B, T, 4, H))
    for t in range(T):
        a = (of_x[:, t] + h.dot(W_hh)).reshape(B, 4, H)
        gates[:, t] = 0.5 * (1 + np.tanh(a / 2))
        c = gates[:, t, 1] * c + gates[:, t, 0] * np.tanh(a[:, 2])
        h = gates[:, t, 3] * np.tanh(c)
    i, f, o = gates[:, :, 0], gates[:, :, 1], gates[:, :, 3]
    logs = np.log(f)
    kept = np.exp(logs.sum(axis=1, keepdims=True) - np.cumsum(logs, axis=1))
    return i, f, o, kept


def right_unit_by_unit(x, W_xh, W_hh, b):
    """Four matrices, one a gate, and a row by itself."""
    H = len(W_hh)
    W = {name: (W_xh[:, k * H:(k + 1) * H], W_hh[:, k * H:(k + 1) * H], b[k * H:(k + 1) * H])
         for k, name in enumerate("ifgo")}
    found = {name: np.zeros((*x.shape[:2], H)) for name in "ifok"}
    for row in range(len(x)):
        h, c = np.zeros(H), np.zeros(H)
        for t, x_t in enumerate(x[row]):
            a = {name: x_t @ W_x + h @ W_h + bias for name, (W_x, W_h, bias) in W.items()}
            for name in "ifo":
                found[name][row, t] = np.exp(a[name]) / (1 + np.exp(a[name]))
            c = found["f"][row, t] * c + found["i"][row, t] * np.tanh(a["g"])
            h = found["o"][row, t] * np.tanh(c)
        left = np.ones(H)
        for t in range(x.shape[1] - 1, -1, -1):
            found["k"][row, t] = left
            left = left * found["f"][row, t]
    return tuple(found[name] for name in "ifok")


def right_by_ratio(x, W_xh, W_hh, b):
    """kept_t as the product of all f over the product of those up to t."""
    i, f, o, _ = right_lists_and_split(x, W_xh, W_hh, b)
    upto = np.multiply.accumulate(f, axis=1)
    return i, f, o, upto[:, -1:] / upto


# Wrong --------------------------------------------------------------------------------------------------------

def of(x, W_xh, W_hh, b, order="ifgo", reads_h=True, candidate=np.tanh, cell=None, output=np.tanh):
    """The gates by (1) to (5), or with something else in them: for those that go wrong there."""
    B, T, H = x.shape[0], x.shape[1], len(W_hh)
    h, c, found = np.zeros((B, H)), np.zeros((B, H)), []
    for t in range(T):
        blocks = np.split(x[:, t] @ W_xh + reads_h * h @ W_hh + b, 4, axis=1)
        a = dict(zip(order, blocks, strict=True))
        i, f, o = sigmoid(a["i"]), sigmoid(a["f"]), sigmoid(a["o"])
        c = f * c + i * candidate(a["g"]) if cell is None else cell(i, f, c, candidate(a["g"]))
        h = o * output(c)
        found.append((i, f, o))
    i, f, o = (np.stack(gate, axis=1) for gate in zip(*found, strict=True))
    return i, f, o, after(f)


def after(f):
    """(6)"""
    kept = np.ones_like(f)
    for t in reversed(range(f.shape[1] - 1)):
        kept[:, t] = kept[:, t + 1] * f[:, t + 1]
    return kept


def wrong_own_gate_in_kept(x, W_xh, W_hh, b):
    """kept_t has f_t in it as well, which has done its work before c_t: the product (6) begins with f_{t+1}

    Named by: kept f_t begins f_{t+1} | kept one place along T"""
    i, f, o, kept = practice_7_2_gates(x, W_xh, W_hh, b)
    return i, f, o, kept * f


def wrong_from_the_beginning(x, W_xh, W_hh, b):
    """kept_t is the product of the gates up to t, what c_t holds of the beginning, and (6) is that of the gates after t

    Named by: product up to t after t | kept runs backwards"""
    i, f, o, _ = practice_7_2_gates(x, W_xh, W_hh, b)
    return i, f, o, np.cumprod(f, axis=1)


def wrong_sum(x, W_xh, W_hh, b):
    """kept is the sum of the gates after t, and (6) is their product

    Named by: kept sum product | `+` `*` (6)"""
    i, f, o, kept = practice_7_2_gates(x, W_xh, W_hh, b)
    for t in range(kept.shape[1]):
        kept[:, t] = f[:, t + 1:].sum(axis=1)
    return i, f, o, kept


def wrong_one_gate_alone(x, W_xh, W_hh, b):
    """kept_t is f_{t+1} alone, what the next cell holds of c_t, and (6) goes on to the last step

    Named by: kept f_{t+1} alone | kept `kept[:, t + 1]` missing (6)"""
    i, f, o, kept = practice_7_2_gates(x, W_xh, W_hh, b)
    kept[:, :-1] = f[:, 1:]
    return i, f, o, kept


def wrong_gates_in_another_order(x, W_xh, W_hh, b):
    """the blocks of (1) are taken in the order i, f, o, g: the output gate is made of the candidate's columns

    Named by: order i, f, o, g | o candidate columns | `2 * H` `3 * H` (2)"""
    return of(x, W_xh, W_hh, b, order="ifog")


def wrong_no_state(x, W_xh, W_hh, b):
    """the gates read x_t alone: h_{t-1} W_hh is missing in (1)

    Named by: h_{t-1} W_hh missing (1) | `h @ W_hh` missing (1) | `h` 0 (1)"""
    return of(x, W_xh, W_hh, b, reads_h=False)


def wrong_candidate_by_sigmoid(x, W_xh, W_hh, b):
    """g goes through a sigmoid as the gates do, and in (3) through tanh

    Named by: g sigmoid tanh (3) | sigmoid (3)"""
    return of(x, W_xh, W_hh, b, candidate=sigmoid)


def wrong_h_without_tanh(x, W_xh, W_hh, b):
    """h is o times c: the tanh is missing in (5)

    Named by: tanh missing (5) | tanh(c) without (5)"""
    return of(x, W_xh, W_hh, b, output=lambda c: c)


def wrong_cell_forgets(x, W_xh, W_hh, b):
    """the cell is made new at each step: f * c_{t-1} is missing in (4)

    Named by: f * c_{t-1} missing (4) | `f[:, t] * c` missing (4) | `c` 0 (4)"""
    return of(x, W_xh, W_hh, b, cell=lambda i, f, c, g: i * g)


def wrong_gates_exchanged(x, W_xh, W_hh, b):
    """input and forget gate are exchanged in (4): the cell is i * c_{t-1} + f * g

    Named by: i f exchanged (4) | `i[:, t]` `f[:, t]` (4)"""
    return of(x, W_xh, W_hh, b, cell=lambda i, f, c, g: i * c + f * g)


def wrong_no_sigmoid(x, W_xh, W_hh, b):
    """the gates are returned before their sigmoid: they are a_i, a_f, a_o

    Named by: before sigmoid | sigmoid missing (2) | a_i sigmoid"""
    i, f, o, kept = practice_7_2_gates(x, W_xh, W_hh, b)
    i, f, o = (np.log(gate / (1 - gate)) for gate in (i, f, o))
    return i, f, o, kept
