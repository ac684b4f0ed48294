"""The gradients of the recurrent network (7.1), as the book derives them, beside the true ones.

Our notation has rows for examples, so that the book's W_hh H_{t-1} is H_{t-1} W_hh here. The small network:

    (1) H_t = tanh(x_t W_xh + H_{t-1} W_hh + b_h),  H_0 = 0        (B, H)
    (2) y_t = H_t W_hy + b_y                                       (B, K)
    (3) L   = sum_t |y_t - target_t|^2 / 2,   delta_t = dL_t/dy_t = y_t - target_t

Its true gradients come from the tape (ts.gradients), in float64; those by hand stand in layers/recurrent/rnn.py.
"""
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor, gradients, tensor
from tinyseq.backend import host, manual_seed, to_device
from tinyseq.errata.measures import largest, relative_error, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import RNN, Linear
from tinyseq.ops import concat, mse
from tinyseq.optim import SGD

np = host.np

B, T, D, H, K = 2, 5, 3, 4, 2


class Unrolled(NamedTuple):
    """(1)-(3) over one batch: on the host x, h (H_0 .. H_T), the slopes 1 - H_t^2 and the deltas, time first; W_hy and
    the true gradients by name; dh: the true dL/dH_t, with all that comes later."""
    x: Any
    h: Any
    slopes: Any
    deltas: Any
    W_hh: Any
    W_hy: Any
    true: dict[str, Any]
    dh: Any


def unrolled(K: int = K) -> Unrolled:
    """The small network with random weights, differentiated by the tape."""
    manual_seed(0)
    cell, output = RNN(D, H).cells[0].astype("float64"), Linear(H, K).astype("float64")
    x, targets = rng().normal(size=(B, T, D)), rng(1).normal(size=(B, T, K))
    hs: list[Tensor] = []
    state = cell.initial_state(B)
    for t in range(T):                                     # a call a step, so that each H_t is a tensor to ask for
        h, state = cell(tensor(x[:, t:t + 1]), state, [B])
        hs.append(h)
        state = type(state)(h[:, 0])
    y = output(concat(*hs, axis=1))                                                 # (2)   (B, T, K)
    errors = y - tensor(targets)
    loss = (errors * errors).sum() * 0.5                                            # (3)
    weights = {"W_xh": cell.W_xh, "W_hh": cell.W_hh, "b_h": cell.b_h}
    found = [values(g) for g in gradients(loss, [*weights.values(), *hs])]
    h = np.stack([np.zeros((B, H)), *(values(h)[:, 0] for h in hs)])                # (T+1, B, H)
    return Unrolled(x.transpose(1, 0, 2), h, 1 - h[1:] ** 2, values(errors).transpose(1, 0, 2), values(cell.W_hh),
                    values(output.W), dict(zip(weights, found, strict=False)),
                    np.stack([dh[:, 0] for dh in found[len(weights):]]))


@specimen("recursion-from-zero", "7.1", "layers/recurrent/rnn.py")
def recursion_from_zero() -> list[Row]:
    """The recursion for dH_t/dW_hh starts at 0 and has nothing to add.

    Book    dH_t/dW_hh = (dH_t/dH_{t-1}) (dH_{t-1}/dW_hh),   t = T .. 1
    Wrong   H_0 is given, so dH_0/dW_hh = 0, and a product with 0 stays 0: no step ever brings W_hh in. What is missing
            is the immediate term: at step t itself, H_{t-1} is multiplied by W_hh.
    Cure    dH_t/dW_hh = [H_{t-1} as a constant, times phi'] + (dH_t/dH_{t-1}) (dH_{t-1}/dW_hh)"""
    net = unrolled()
    by_book, by_cure = (_gradient_of_recurrent_weights(net, immediate) for immediate in (0, 1))
    return [Row("largest |dL/dW_hh|", largest(by_book), largest(by_cure)),
            Row("error against the tape", relative_error(by_book, net.true["W_hh"]),
                relative_error(by_cure, net.true["W_hh"]))]


def _gradient_of_recurrent_weights(net: Unrolled, immediate: int) -> Any:
    """sum_t (dL_t/dH_t) (dH_t/dW_hh), carried forward as the book does: S[b, k] = dH_t[b, k]/dW_hh, (B, H, H, H)."""
    S, dW = np.zeros((B, H, H, H)), np.zeros((H, H))
    for t in range(T):
        direct = np.einsum("bi,jk->bkij", net.h[t], np.eye(H)) * immediate          # dH_k/dW_ij = H_i [j = k] phi'
        S = net.slopes[t][:, :, None, None] * (direct + np.einsum("jk,bjmn->bkmn", net.W_hh, S))
        dW += np.einsum("bk,bkij->ij", net.deltas[t] @ net.W_hy.T, S)
    return dW


@specimen("slope-left-out", "7.1", "layers/recurrent/rnn.py")
def slope_left_out() -> list[Row]:
    """The gradient of the input weights forgets the activation, and what x_t does later.

    Book    dL/dW_xh = sum_t (dL_t/dH_t) (dH_t/dW_xh),   dH_t/dW_xh = x_t
    Wrong   x_t W_xh goes through phi first: its slope phi' = 1 - H_t^2 is missing. And x_t is in H_{t+1}, H_{t+2}, ...,
            too, whose losses the immediate derivative x_t leaves out.
    Cure    da_t = (dL/dH_t) phi'(a_t), with all that comes later in dL/dH_t;   dL/dW_xh = sum_t x_t^T da_t"""
    net = unrolled()
    own = net.deltas @ net.W_hy.T                                                   # dL_t/dH_t   (T, B, H)
    by_book = np.einsum("tbd,tbh->dh", net.x, own)
    with_slope = np.einsum("tbd,tbh->dh", net.x, own * net.slopes)
    by_cure = np.einsum("tbd,tbh->dh", net.x, net.dh * net.slopes)
    true = net.true["W_xh"]
    return [Row("error of dL/dW_xh against the tape", relative_error(by_book, true), relative_error(by_cure, true)),
            Row("with the slope, still without what comes later", relative_error(with_slope, true), None)]


@specimen("bias-without-future", "7.1", "layers/recurrent/rnn.py")
def bias_without_future() -> list[Row]:
    """The gradient of the bias is a sum of derivatives with respect to something else.

    Book    dL/db_h = sum_t dL_t/dH_t
    Wrong   b_h stands inside phi, so phi' is missing; and dL_t/dH_t is the loss of step t alone, while b_h at step t
            moves all later losses through H_t.
    Cure    dL/db_h = sum_t (dL/dH_t) phi'(a_t), with all that comes later in dL/dH_t"""
    net = unrolled()
    by_book = (net.deltas @ net.W_hy.T).sum(axis=(0, 1))
    by_cure = (net.dh * net.slopes).sum(axis=(0, 1))
    true = net.true["b_h"]
    return [Row("error of dL/db_h against the tape", relative_error(by_book, true), relative_error(by_cure, true)),
            Row("cosine of the angle to it", _cosine(by_book, true), _cosine(by_cure, true))]


@specimen("output-not-transposed", "7.1", "layers/recurrent/rnn.py")
def output_not_transposed() -> list[Row]:
    """The way back through the output layer takes its matrix the wrong way round.

    Book    y_t = W_hy H_t + b_y,   dL_t/dW_hy = delta_t H_t^T,   dL_t/dH_t = delta_t W_hy      with columns
    Wrong   delta_t H_t^T has the shape (K, H) of W_hy if delta_t is a column, and then delta_t W_hy, a column before a
            matrix, does not fit. Turned round, W_hy delta_t, it fits if K = H, and is another vector. (As a row delta_t
            would make the third equation right and the second wrong.)
    Cure    dL_t/dH_t = W_hy^T delta_t, with our rows delta_t W_hy^T"""
    net = unrolled(K=H)
    W = net.W_hy.T                                         # (K, H), as the book has it: y = W H
    true = net.dh[-1]                                      # at the last step there is no later one
    column = net.deltas[-1][0][:, None]                    # (K, 1)
    return [Row("error of dL/dH_T, with K = H, turned round", relative_error((W @ net.deltas[-1].T).T, true),
                relative_error((W.T @ net.deltas[-1].T).T, true)),
            Row("shapes of the product", f"{column.shape} {W.shape}".replace(", ", ","),
                f"{W.T.shape} {column.shape}".replace(", ", ","))]


@specimen("biases-never-moved", "7.1", "optim/sgd.py")
def biases_never_moved() -> list[Row]:
    """Gradients of five parameters are derived, and three are updated.

    Book    W_xh <- W_xh - eta dL/dW_xh, and so W_hh and W_hy;   b_h and b_y are given no update
    Wrong   With biases of 0 an input of zeros makes a state of zeros and an output of zeros, whatever the weights are.
            If they stay there, a network asked for 1 stays at its first error for ever.
    Cure    every parameter: optim.SGD(model.parameters(), lr)"""
    zeros, ones, columns = tensor(np.zeros((1, 5, 3))), np.ones((1, 5, 1)), []
    for biases in (False, True):
        manual_seed(0)
        rnn, output = RNN(3, 4).astype("float64"), Linear(4, 1).astype("float64")
        cell, b_y = rnn.cells[0], output.named_parameters()["b"]
        cell.b_h.data, b_y.data = cell.b_h.data * 0, b_y.data * 0
        moved = [cell.W_xh, cell.W_hh, output.W] + ([cell.b_h, b_y] if biases else [])
        optimiser = SGD(moved, 0.1)
        for _ in range(100):
            optimiser.zero_grad()
            loss = mse(output(rnn(zeros)[0]), to_device(ones))
            loss.backward()
            optimiser.step()
        columns.append(loss.item())
    return [Row("squared error after 100 updates", *columns)]


def _cosine(a: Any, b: Any) -> float:
    return float(a.ravel() @ b.ravel() / np.linalg.norm(a) / np.linalg.norm(b))
