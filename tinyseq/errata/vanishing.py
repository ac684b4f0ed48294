"""What 7.2 and 7.3 say of gates and of vanishing gradients, measured on the cells of layers/recurrent/."""
from typing import Any

from tinyseq.autograd import Tensor, gradients, no_grad, tensor
from tinyseq.backend import host, manual_seed, to_device
from tinyseq.errata.measures import largest, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import GRU, LSTM, RNN
from tinyseq.layers.recurrent.lstm import lstm_step
from tinyseq.ops import sigmoid, split, tanh

np = host.np


def states_and_gradients(rnn: RNN, x: Any, dL: Any) -> tuple[Any, Any]:
    """H_0 .. H_T of one sequence x (T, D), and dL/dH_0 .. dL/dH_T for dL/dH_T = dL; both (T+1, H)."""
    cell, hs = rnn.cells[0], [Tensor(to_device(np.zeros((1, rnn.H))), requires_grad=True)]
    for x_t in x:
        hs.append(cell(tensor(x_t[None, None]), type(cell.initial_state(1))(hs[-1]), [1])[1].h)
    loss = (hs[-1] * to_device(dL)).sum()
    return np.concatenate([values(h) for h in hs]), np.concatenate([values(g) for g in gradients(loss, hs)])


@specimen("jacobian-upside-down", "7.2", "layers/recurrent/rnn.py")
def jacobian_upside_down() -> list[Row]:
    """The recursion that is to show vanishing gradients divides where it should multiply.

    Book    delta_t = delta_{t+1} (dH_t/dH_{t+1}),   where dH_t/dH_{t+1} << 1
    Wrong   H_{t+1} is computed from H_t and not the other way round. The inverse of a small derivative is large: by
            this recursion gradients explode exactly where they vanish.
    Cure    delta_t = delta_{t+1} (dH_{t+1}/dH_t)"""
    T, H = 10, 4
    manual_seed(0)
    rnn = RNN(2, H).astype("float64")
    dL = rng(1).normal(size=(1, H))
    h, true = states_and_gradients(rnn, rng().normal(size=(T, 2)), dL)
    by_book, by_cure = dL, dL
    for t in reversed(range(1, T + 1)):
        J = (values(rnn.cells[0].W_hh) * (1 - h[t] ** 2)).T        # dH_t/dH_{t-1}, for gradients as rows
        by_book, by_cure = by_book @ np.linalg.inv(J), by_cure @ J
    size = np.linalg.norm(dL)
    return [Row("|delta_0| / |delta_10|", np.linalg.norm(by_book) / size, np.linalg.norm(by_cure) / size),
            Row("the same by the tape", None, np.linalg.norm(true[0]) / size)]


@specimen("eigenvalues-below-one", "7.2", "layers/recurrent/rnn.py")
def eigenvalues_below_one() -> list[Row]:
    """Eigenvalues below one do not keep a gradient from growing.

    Book    if the eigenvalues of the Jacobian are below one, the gradient shrinks from step to step
    Wrong   They say what happens in the end, not on the way: J = [[.5, 10], [0, .5]] has the eigenvalue 0.5 twice, and
            makes of a gradient (1, 0) the gradient (0.5, 10) first. Of Jacobians that change from step to step,
            as they do, eigenvalues say nothing at all.
    Cure    The largest singular value of each Jacobian bounds that step; its product bounds all. Beside it a W_hh with
            the same eigenvalues whose largest singular value is 0.5, too."""
    columns = []
    for W in ([[.5, 10], [0, .5]], [[.5, 0], [0, .5]]):
        rnn = RNN(1, 2, nonlinearity="relu").astype("float64")
        rnn.cells[0].W_hh.data = to_device(np.array(W).T)   # dH_{t-1} = dH_t W_hh^T = dH_t W
        rnn.cells[0].b_h.data = to_device(np.ones(2))      # all units stay above 0, where the slope of relu is 1
        _, dh = states_and_gradients(rnn, np.zeros((20, 1)), np.array([[1.0, 0.0]]))
        sizes = np.linalg.norm(dh, axis=1)[-2::-1]                                  # from the last step back
        columns.append([sizes.max(), np.abs(np.linalg.eigvals(W)).max(), np.linalg.norm(W, 2), int((sizes > 1).sum())])
    what = ["largest |dL/dH_t|, where |dL/dH_T| = 1", "largest eigenvalue", "largest singular value",
            "steps at which it is above 1"]
    return [Row(name, faulty, sound) for name, faulty, sound in zip(what, *columns, strict=True)]


@specimen("stray-cell", "7.2", "layers/recurrent/lstm.py")
def stray_cell() -> list[Row]:
    """A letter too many behind the candidate's tanh: the cell never leaves zero.

    Book    C~_t = tanh([H_{t-1}, X_t] W_C + b_C) C,   C_t = f_t C_{t-1} + i_t C~_t
    Wrong   Read as a factor, C is the cell that there is, C_{t-1}. It begins as 0, so C~_1 = 0, C_1 = 0, and so on:
            neither the cell nor H_t = o_t tanh(C_t) is ever anything else.
    Cure    C~_t = tanh([H_{t-1}, X_t] W_C + b_C), without the C"""
    manual_seed(0)
    cell = LSTM(3, 4).astype("float64").cells[0]
    x = rng().normal(size=(20, 1, 3))
    (h, c), (h_faulty, c_faulty) = cell.initial_state(1), cell.initial_state(1)
    with no_grad():
        for x_t in map(tensor, x):
            h, c = lstm_step(x_t, h, c, cell.W_xh, cell.W_hh, cell.b_h)
            a_i, a_f, a_g, a_o = split(x_t @ cell.W_xh + h_faulty @ cell.W_hh + cell.b_h, 4)
            c_faulty = sigmoid(a_f) * c_faulty + sigmoid(a_i) * (tanh(a_g) * c_faulty)
            h_faulty = sigmoid(a_o) * tanh(c_faulty)
    return [Row("largest |C_t| after 20 steps", largest(c_faulty), largest(c)),
            Row("largest |H_t|", largest(h_faulty), largest(h))]


@specimen("update-gate-backwards", "7.3", "layers/recurrent/gru.py")
def update_gate_backwards() -> list[Row]:
    """The update gate is said to carry the past forward, and in the equation it lets go of it.

    Book    Z_t is to say how much of the past goes on;   H_t = (1 - Z_t) H_{t-1} + Z_t H~_t
    Wrong   By the equation the part of H_{t-1} that is carried forward is 1 - Z_t. The sentence belongs to the other
            form, with Z_t and 1 - Z_t exchanged (Cho et al. 2014), which PyTorch has as well.
    Cure    The equation is in order, so the sentence is what changes. The part is measured as dH_t/dH_{t-1} of a cell
            whose gates and candidate do not look at H_{t-1}."""
    manual_seed(0)
    gru = GRU(1, 1).astype("float64")
    cell = gru.cells[0]
    cell.W_hh.data = cell.W_hh.data * 0
    cell.b_h.data = to_device(np.array([0.0, 3.0, 0.0]))   # blocks r z n: an update gate that is open
    h = Tensor(to_device(np.ones((1, 1))), requires_grad=True)
    _, state = cell(tensor(np.zeros((1, 1, 1))), type(cell.initial_state(1))(h), [1])
    z = float(values(sigmoid(cell.b_h))[1])
    carried = float(values(gradients(state.h.sum(), [h])[0])[0, 0])
    return [Row("part of H_{t-1} in H_t, with sigmoid(3) for Z_t", z, carried)]
