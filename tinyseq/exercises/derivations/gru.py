"""One step of the GRU, in the form that the book prints and in that of cuDNN."""
from tinyseq.autograd import tensor
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.layers.recurrent.gru import gru_step
from tinyseq.layers.recurrent.gru_cudnn import gru_cudnn_step
from tinyseq.ops import sigmoid, split, tanh


@exercise("gru-step-backward", "7.3", gates="rzn",
          gives="dx (B, D), dh_prev (B, H), dW_xh (D, 3H), dW_hh (H, 3H), db (3H)")
def gru_step_backward(draw: Draw) -> Case:
    """The way back through one step of a GRU that resets before the product.

    (1) r = sigmoid(x W_xr + h_prev W_hr + b_r)             (B, H)    reset gate
    (2) z = sigmoid(x W_xz + h_prev W_hz + b_z)             (B, H)    update gate
    (3) n = tanh(x W_xn + (r * h_prev) W_hn + b_n)          (B, H)    the candidate
    (4) h = (1 - z) * h_prev + z * n                        (B, H)

    with W_xh = [W_xr W_xz W_xn] (D, 3H), W_hh = [W_hr W_hz W_hn] (H, 3H) and b (3H,) side by side in the order r z n.

    Given   dh (B, H), which is dL/dh, all that comes back to h; x (B, D); h_prev, r, z, n (B, H); W_xh (D, 3H),
            W_hh (H, 3H)
    Hint    Count in how many places h_prev stands: dh_prev has as many terms. Begin with (4).
    Hint    Call what is inside of the sigmoids and the tanh a_r, a_z, a_n. (4) gives da_z and da_n; r is read by (3)
            alone, so da_r has to wait for what comes back to r * h_prev: call that ds.
    Hint    r * h_prev is a product: ds goes to both of its factors. The other two blocks of W_hh have read h_prev
            itself.
    Look    dx: x stands in (1), (2) and (3), each time beside a block of W_xh; da_r, da_z, da_n side by side meet it.
    Look    dh_prev: h_prev stands in (1), in (2), in (3) behind r, and in (4).
    Look    dW_xh: x is what all three blocks are multiplied with; what differs between them is the da.
    Look    dW_hh: two of the three blocks are multiplied with h_prev, and the third with something else.
    Look    db: each of the three biases stands beside an x W."""
    B, D, H = draw.sizes(3)
    x, h_prev = draw.array(B, D), draw.array(B, H)
    W_xh, W_hh, b = draw.array(D, 3 * H), draw.array(H, 3 * H), draw.array(3 * H)
    (dh,), _, grads = draw.way_back(gru_step, x, h_prev, W_xh, W_hh, b)
    x_r, x_z, x_n = split(tensor(x @ W_xh + b), 3)
    W_hr, W_hz, W_hn = split(tensor(W_hh), 3)
    r, z = sigmoid(x_r + tensor(h_prev) @ W_hr), sigmoid(x_z + tensor(h_prev) @ W_hz)
    n = tanh(x_n + (r * tensor(h_prev)) @ W_hn)
    given = {"dh": dh, "x": x, "h_prev": h_prev, "r": r.numpy(), "z": z.numpy(), "n": n.numpy(), "W_xh": W_xh,
             "W_hh": W_hh}
    return Case(given, dict(zip(("dx", "dh_prev", "dW_xh", "dW_hh", "db"), grads, strict=True)))


@exercise("gru-cudnn-step-backward", "7.3", gates="rzn",
          gives="dx (B, D), dh_prev (B, H), dW_xh (D, 3H), dW_hh (H, 3H), db (3H), db_hn (H)")
def gru_cudnn_step_backward(draw: Draw) -> Case:
    """The way back through one step of a GRU that resets after the product, as cuDNN does.

    (1) r = sigmoid(x W_xr + h_prev W_hr + b_r)             (B, H)    reset gate
    (2) z = sigmoid(x W_xz + h_prev W_hz + b_z)             (B, H)    update gate
    (3) u = h_prev W_hn + b_hn                              (B, H)
    (4) n = tanh(x W_xn + b_n + r * u)                      (B, H)    the candidate
    (5) h = (1 - z) * n + z * h_prev                        (B, H)

    with W_xh = [W_xr W_xz W_xn] (D, 3H), W_hh = [W_hr W_hz W_hn] (H, 3H) and b (3H,) side by side in the order r z n,
    and b_hn (H,) by itself.

    Given   dh (B, H), which is dL/dh, all that comes back to h; x (B, D); h_prev, r, z, n, u (B, H); W_xh (D, 3H),
            W_hh (H, 3H)
    Hint    Begin with (5): here z is the share of h_prev, and in the book's form that of n. Call what is inside of the
            sigmoids and the tanh a_r, a_z, a_n.
    Hint    In (4) r * u is a product: da_n goes to both of its factors. What comes to u, du, is not da_n.
    Hint    x has met da_r, da_z, da_n. h_prev has met da_r, da_z and, by (3), something else: so there are two arrays
            of three blocks each.
    Look    dx: x stands in (1), (2) and (4), never behind a reset.
    Look    dh_prev: h_prev stands in (1), (2), (3) and (5).
    Look    dW_xh: x is what all three blocks are multiplied with; what differs between them is the da.
    Look    dW_hh: all three blocks are multiplied with h_prev; the third by (3), which the reset comes after.
    Look    db: b_r, b_z and b_n stand beside x W, outside of the reset.
    Look    db_hn: b_hn stands in (3), inside of the reset of (4)."""
    B, D, H = draw.sizes(3)
    x, h_prev = draw.array(B, D), draw.array(B, H)
    W_xh, W_hh, b, b_hn = draw.array(D, 3 * H), draw.array(H, 3 * H), draw.array(3 * H), draw.array(H)
    (dh,), _, grads = draw.way_back(gru_cudnn_step, x, h_prev, W_xh, W_hh, b, b_hn)
    x_r, x_z, x_n = split(tensor(x @ W_xh + b), 3)
    h_r, h_z, h_n = split(tensor(h_prev @ W_hh), 3)
    r, z, u = sigmoid(x_r + h_r), sigmoid(x_z + h_z), h_n + tensor(b_hn)
    n = tanh(x_n + r * u)
    given = {"dh": dh, "x": x, "h_prev": h_prev, "r": r.numpy(), "z": z.numpy(), "n": n.numpy(), "u": u.numpy(),
             "W_xh": W_xh, "W_hh": W_hh}
    return Case(given, dict(zip(("dx", "dh_prev", "dW_xh", "dW_hh", "db", "db_hn"), grads, strict=True)))
