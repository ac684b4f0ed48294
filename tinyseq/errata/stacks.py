"""Recurrent stacks: two directions (8.2), several layers (8.3), clipped gradients (7-9), and a rate (8.5)."""
from tinyseq import optim
from tinyseq.autograd import no_grad, tensor
from tinyseq.backend import host, manual_seed, to_device
from tinyseq.errata.measures import difference, refusal, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import LSTM, RNN, Parameter
from tinyseq.optim import schedules

np = host.np


@specimen("one-matrix-both-ways", "8.2", "layers/recurrent/stack.py")
def one_matrix_both_ways() -> list[Row]:
    """Both directions have the same weights in the equations.

    Book    f_t = phi(x_t W_xh + f_{t-1} W_hh + b_h),   g_t = phi(x_t W_xh + g_{t+1} W_hh + b_h)
    Wrong   Written so, g is f of the sequence turned round. What a classifier gets of a text, f_T and g_1, it gets of
            the text read backwards too, exchanged; the two directions cannot learn to look for different things.
    Cure    weights of its own for each direction. A palindrome shows the fault: f_T and g_1 of it are equal."""
    x = rng().normal(size=(1, 5, 3))
    palindrome = np.concatenate([x, x[:, 3::-1]], axis=1)
    columns = []
    for shared in (True, False):
        manual_seed(0)
        rnn = RNN(3, 4, bidirectional=True).astype("float64")
        forward, backward = rnn.cells
        if shared:
            for name in ("W_xh", "W_hh", "b_h"):
                setattr(backward, name, getattr(forward, name))
        with no_grad():
            _, (f, g) = rnn(tensor(palindrome))
        columns.append((rnn.count(), difference(f.h, g.h)))
    (few, same), (many, other) = columns
    return [Row("largest difference of f_T and g_1 of a palindrome", same, other), Row("weights", few, many)]


@specimen("residual-from-nowhere", "8.3", "layers/recurrent/stack.py")
def residual_from_nowhere() -> list[Row]:
    """The residual connection reaches two layers down, where for two of three layers there is none.

    Book    H_t^(l) = f(W_h H_{t-1}^(l) + W_x H_t^(l-1) + b) + H_t^(l-2)     for every layer l, three in all
    Wrong   For l = 1 there is no layer -1. For l = 2 it is H^(0) = x, of 65 characters and not of 256 units, and the
            sum does not fit. Of the three layers only the third can have what the equation says.
    Cure    residual="inside" (the book's, inside the recurrence) or "skip2" begin at layer 3, "add" (from l-1) at 2;
            a stack in which a connection would reach nothing is refused"""
    D, H, L = 65, 256, 3
    widths = {0: D, **dict.fromkeys(range(1, L + 1), H)}
    possible = sum(widths.get(layer - 2) == widths[layer] for layer in range(1, L + 1))
    return [Row("layers with a residual connection, of 3", L, possible),
            Row("widths of the sum at l = 2", f"{widths[2]} + {widths[0]}", None),
            Row("tinyseq says of two layers", refusal(lambda: LSTM(D, 4, num_layers=2, residual="inside")), None)]


@specimen("norm-by-name", "7.1-7.4, 8.1-8.5, 9.3, 9.5", "optim/clip.py")
def norm_by_name() -> list[Row]:
    """What is called clipping the norm clips each entry by itself.

    Book    8.2-8.5, 9.3: a constant named after the norm, limit 5, and then g <- min(max(g, -limit), limit) for each
            entry. 7, 8.1, 9.5: limit 0.5, through a helper of the library, which does the same.
    Wrong   The norm may still be limit sqrt(n), n being the number of weights; and the direction changes, since the
            large entries lose and the small ones do not. The text of 9.5 has what was meant: g min(1, limit / |g|).
    Cure    clip_norm for the norm of all gradients together; clip_value where clipping values is what is wanted"""
    g = rng().normal(size=10_000) * 3 * (rng(1).random(10_000) < 0.2) + rng(2).normal(size=10_000) * 0.1
    columns = []
    for clip in (optim.clip_value, optim.clip_norm):
        weights = Parameter(to_device(np.zeros(10_000)))
        weights.grad = to_device(g.copy())
        clip([weights], 0.5)
        clipped = values(weights.grad)
        columns.append((np.linalg.norm(clipped), clipped @ g / np.linalg.norm(clipped) / np.linalg.norm(g)))
    what = ["norm of a gradient clipped at 0.5", "cosine of the angle to what it was"]
    return [Row(name, faulty, sound) for name, faulty, sound in zip(what, *columns, strict=True)]


@specimen("printed-not-set", "8.5", "optim/schedules.py")
def printed_not_set() -> list[Row]:
    """A learning rate that decays on the screen alone.

    Book    prints 0.01 x 0.95^epoch; the optimiser is made with 0.01 and never told anything else
    Wrong   After 50 epochs it reports a rate that is 13 times below the one that it trains with.
    Cure    optimiser.lr = schedule.lr(step), and that is what is printed"""
    schedule = schedules.Exponential(0.01, 0.95)
    untold, told = (optim.SGD([Parameter(to_device(np.zeros(1)))], 0.01) for _ in range(2))
    told.lr = schedule.lr(50)
    return [Row("rate in force / rate reported, at epoch 50", untold.lr / schedule.lr(50), told.lr / schedule.lr(50)),
            Row("rate in force", untold.lr, told.lr)]
