"""What the tests of recurrent stacks share: every kind of cell, random numbers, all results and gradients of a call."""
from tinyseq import autograd
from tinyseq.autograd import tensor
from tinyseq.backend import at_step, host, to_device, to_host
from tinyseq.layers import GRU, LSTM, RNN, StackState
from tinyseq.layers.recurrent.stack import RESIDUALS

np = host.np
KINDS = {"rnn tanh": (RNN, {}), "rnn relu": (RNN, {"nonlinearity": "relu"}),
         "rnn sigmoid": (RNN, {"nonlinearity": "sigmoid"}), "lstm": (LSTM, {}), "gru book": (GRU, {"variant": "book"}),
         "gru cudnn": (GRU, {"variant": "cudnn"})}


def layer_of(kind, *sizes, seed=0, **settings):
    """A float64 layer with weights of a seed."""
    cell, more = KINDS[kind]
    layer, rng = cell(*sizes, **more, **settings).astype("float64"), np.random.default_rng(seed)
    for p in layer.parameters():
        p.data = to_device(rng.standard_normal(p.shape) / p.shape[0] ** 0.5)
    return layer


def random(*shape, seed=0):
    return tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


def random_state(layer, B, seed=0):
    rng = np.random.default_rng(seed)
    return StackState(s.map(lambda part: tensor(rng.standard_normal(part.shape), requires_grad=True))
                      for s in layer.initial_state(B))


def parts(state):
    return [part for s in state for part in s]


def gradients(loss, wrt):
    """The gradients, on the host."""
    return [to_host(g) for g in autograd.gradients(loss, wrt)]


def weighted(tensors, seed=0):
    """A scalar in which every entry has a weight of its own."""
    rng = np.random.default_rng(seed)
    terms = [(y * to_device(rng.standard_normal(y.shape).astype(y.dtype))).sum() for y in tensors]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def results(layer, x, state, lengths):
    """Outputs, last states, and the gradients of all that has one."""
    with at_step(0):
        y, last = layer(x, state, lengths)
    outputs = [y, *parts(last)]
    wrt = [*layer.parameters(), *(parts(state) if state else []), *([x] if x.dtype.kind == "f" else [])]
    return [o.numpy() for o in outputs] + gradients(weighted(outputs), wrt)


def assert_same(one, other, tolerance=1e-10):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def random_options(rng, num_layers):
    """Some of what can be built into a stack of so many layers."""
    options = {}
    if num_layers > 1 and rng.random() < 0.4:
        options["dropout"] = 0.5
    if rng.random() < 0.5:
        options["recurrent_dropout"] = 0.4
    if rng.random() < 0.5:
        options["layer_norm"] = True
    possible = [name for name, below in RESIDUALS.items() if num_layers > below]
    if possible and rng.random() < 0.7:
        options["residual"] = str(rng.choice(possible))
    return options
