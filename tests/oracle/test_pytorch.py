"""The same weights, the same numbers: PyTorch computes beside us, forward and backward.

Every tolerance is relative to the largest entry of the array that is compared."""
import pytest

from tinyseq import layers, ops, optim
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, manual_seed, to_host
from tinyseq.interop import from_pytorch, to_pytorch
from tinyseq.layers import StackState

np = host.np
pytestmark = pytest.mark.oracle
PRECISIONS = pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-10)])
CELLS = {                                                  # ours and PyTorch's: class, settings
    "RNN tanh": (layers.RNN, {}, "RNN", {}),
    "RNN relu": (layers.RNN, {"nonlinearity": "relu"}, "RNN", {"nonlinearity": "relu"}),
    "LSTM": (layers.LSTM, {}, "LSTM", {}),
    "GRU": (layers.GRU, {"variant": "cudnn"}, "GRU", {}),
}


def assert_close(ours, theirs, tolerance):
    ours, theirs = to_host(ours), theirs.detach().numpy()
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    assert abs(ours - theirs).max() <= tolerance * abs(theirs).max()


def pair(name, D, H, dtype, method="by_hand", **settings):
    """The same layer twice; PyTorch draws the weights, both of its biases included."""
    import torch
    kind, own, their_kind, their_own = CELLS[name]
    theirs = getattr(torch.nn, their_kind)(D, H, batch_first=True, **their_own, **settings)
    theirs = theirs.to(getattr(torch, dtype))
    ours = kind(D, H, method=method, **own, **settings).astype(dtype)
    from_pytorch(ours, theirs.state_dict())
    return ours, theirs


def normal(*shape, dtype, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


@PRECISIONS
@pytest.mark.parametrize("lengths", [None, [7, 1, 4]], ids=["full", "ragged"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("method", ["by_hand", "by_tape"])
@pytest.mark.parametrize("name", CELLS)
def test_recurrent_layers(name, method, num_layers, bidirectional, lengths, dtype, tolerance):
    import torch
    torch.manual_seed(0)
    B, T, D, H = 3, 7, 4, 5
    ours, theirs = pair(name, D, H, dtype, method, num_layers=num_layers, bidirectional=bidirectional)
    cells, parts = len(ours.cells), len(ours.initial_state(B)[0])
    x = normal(B, T, D, dtype=dtype)
    starts = [normal(cells, B, H, dtype=dtype, seed=part) for part in range(parts)]          # h, or h and c
    dy = normal(B, T, H * ours.directions, dtype=dtype)
    dlasts = [normal(cells, B, H, dtype=dtype, seed=10 + part) for part in range(parts)]

    their_x, *their_starts = (torch.tensor(a, requires_grad=True) for a in (x, *starts))
    their_y, their_lasts = run_theirs(theirs, their_x, their_starts, lengths)
    loss = (their_y * torch.tensor(dy)).sum()
    loss = loss + sum((s * torch.tensor(ds)).sum() for s, ds in zip(their_lasts, dlasts, strict=True))
    loss.backward()

    our_x = tensor(x, requires_grad=True)
    our_starts = [[tensor(part[k], requires_grad=True) for part in starts] for k in range(cells)]
    state = StackState(type(s)(*own) for s, own in zip(ours.initial_state(B), our_starts, strict=True))
    y, last = ours(our_x, state, lengths=None if lengths is None else np.array(lengths))
    loss = (y * tensor(dy)).sum()
    for k, s in enumerate(last):
        for part, ds in zip(s, dlasts, strict=True):
            loss = loss + (part * tensor(ds[k])).sum()
    dx, *others = gradients(loss, [our_x, *(s for own in our_starts for s in own), *ours.parameters()])
    dstarts, dweights = others[:cells * parts], others[cells * parts:]

    assert_close(y.data, their_y, tolerance)
    assert_close(dx, their_x.grad, tolerance)
    for k, s in enumerate(last):
        for part in range(parts):
            assert_close(s[part].data, their_lasts[part][k], tolerance)
            assert_close(dstarts[k * parts + part], their_starts[part].grad[k], tolerance)
    compare_weights(ours, dweights, theirs, tolerance)


def run_theirs(layer, x, starts, lengths):
    """PyTorch's outputs (B, T, ...) and its last states, h or h and c."""
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
    state = tuple(starts) if len(starts) == 2 else starts[0]
    if lengths is None:
        y, last = layer(x, state)
    else:
        packed, last = layer(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False), state)
        y, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
    return y, last if len(starts) == 2 else (last,)


def compare_weights(ours, dweights, theirs, tolerance):
    """to_pytorch puts our gradients under PyTorch's names; both of PyTorch's biases have the gradient of our one."""
    for p, g in zip(ours.parameters(), dweights, strict=True):
        p.data = g
    grads = to_pytorch(ours)
    for name, p in theirs.named_parameters():
        own = slice(0)                                     # the part of bias_hh that is a weight of ours
        if name.startswith("bias_hh") and isinstance(ours, layers.GRU):
            own = slice(2 * ours.H, None)
        if not name.startswith("bias_hh"):
            assert_close(grads[name], p.grad, tolerance)
        elif len(p[own]):
            assert_close(grads[name][own], p.grad[own], tolerance)


@pytest.mark.parametrize("name", CELLS)
def test_what_to_pytorch_gives_is_the_same_layer(name):
    import torch
    manual_seed(0)
    ours, theirs = pair(name, 4, 5, "float64", num_layers=2, bidirectional=True)
    for p in ours.parameters():
        p.data = p.data + 0.1
    theirs.load_state_dict({key: torch.from_numpy(a) for key, a in to_pytorch(ours).items()})
    x = normal(2, 6, 4, dtype="float64")
    assert_close(ours(x)[0].data, theirs(torch.tensor(x))[0], 1e-10)


@PRECISIONS
@pytest.mark.parametrize("bias", [True, False])
def test_linear(bias, dtype, tolerance):
    import torch
    theirs = torch.nn.Linear(5, 4, bias=bias).to(getattr(torch, dtype))
    ours = layers.Linear(5, 4, bias=bias).astype(dtype)
    from_pytorch(ours, theirs.state_dict())
    x, dy = normal(2, 3, 5, dtype=dtype), normal(2, 3, 4, dtype=dtype)
    our_x, their_x = tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    our_y, their_y = ours(our_x), theirs(their_x)
    dx, *dweights = gradients((our_y * tensor(dy)).sum(), [our_x, *ours.parameters()])
    (their_y * torch.tensor(dy)).sum().backward()
    assert_close(our_y.data, their_y, tolerance)
    assert_close(dx, their_x.grad, tolerance)
    compare_weights(ours, dweights, theirs, tolerance)


@PRECISIONS
def test_embedding(dtype, tolerance):
    import torch
    theirs = torch.nn.Embedding(7, 3).to(getattr(torch, dtype))
    ours = layers.Embedding(7, 3).astype(dtype)
    from_pytorch(ours, theirs.state_dict())
    ids = np.array([[0, 6, 6, 2], [2, 2, 5, 0]])           # repeated rows add up, others have a gradient of 0
    dy = normal(2, 4, 3, dtype=dtype)
    our_y, their_y = ours(ids), theirs(torch.tensor(ids))
    dweights = gradients((our_y * tensor(dy)).sum(), ours.parameters())
    (their_y * torch.tensor(dy)).sum().backward()
    assert_close(our_y.data, their_y, tolerance)
    compare_weights(ours, dweights, theirs, tolerance)


FUNCTIONS = {                                              # ours of x (2, 3, 5), PyTorch's of the same
    "softmax": (lambda x: ops.softmax(x), lambda F, x: F.softmax(x, -1)),
    "softmax, axis 1": (lambda x: ops.softmax(x, axis=1), lambda F, x: F.softmax(x, 1)),
    "log_softmax": (lambda x: ops.log_softmax(x), lambda F, x: F.log_softmax(x, -1)),
    "large logits": (lambda x: ops.log_softmax(x * 300.0), lambda F, x: F.log_softmax(x * 300.0, -1)),
}


@PRECISIONS
@pytest.mark.parametrize("name", FUNCTIONS)
def test_softmax(name, dtype, tolerance):
    import torch
    ours, theirs = FUNCTIONS[name]
    x, dy = normal(2, 3, 5, dtype=dtype), normal(2, 3, 5, dtype=dtype, seed=1)
    our_x, their_x = tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    our_y, their_y = ours(our_x), theirs(torch.nn.functional, their_x)
    (their_y * torch.tensor(dy)).sum().backward()
    assert_close(our_y.data, their_y, tolerance)
    assert_close(gradients((our_y * tensor(dy)).sum(), [our_x])[0], their_x.grad, tolerance)


@PRECISIONS
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("ignore_index", [None, -1, 2])
def test_cross_entropy(ignore_index, reduction, dtype, tolerance):
    import torch
    x = normal(2, 4, 5, dtype=dtype)
    targets = np.array([[0, 4, 2, 2], [1, 2, 3, 0]])
    if ignore_index == -1:
        targets[1, 2:] = -1
    our_x, their_x = tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    our_loss = ops.cross_entropy(our_x, targets, ignore_index=ignore_index, reduction=reduction)
    their_loss = torch.nn.functional.cross_entropy(
        their_x.reshape(-1, 5), torch.tensor(targets).reshape(-1), reduction=reduction,
        ignore_index=-100 if ignore_index is None else ignore_index)
    their_loss.backward()
    assert_close(our_loss.data, their_loss, tolerance)
    assert_close(gradients(our_loss, [our_x])[0], their_x.grad, tolerance)


@PRECISIONS
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_mse(reduction, dtype, tolerance):
    import torch
    arrays = normal(3, 4, dtype=dtype), normal(3, 4, dtype=dtype, seed=1)
    ours = [tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    our_loss = ops.mse(*ours, reduction=reduction)
    their_loss = torch.nn.functional.mse_loss(*theirs, reduction=reduction)
    their_loss.backward()
    assert_close(our_loss.data, their_loss, tolerance)
    for dx, x in zip(gradients(our_loss, ours), theirs, strict=True):
        assert_close(dx, x.grad, tolerance)


@pytest.mark.parametrize("method", ["by_hand", "by_tape"])
@pytest.mark.parametrize("name", CELLS)
def test_fifty_adam_steps_follow_pytorchs_loss(name, method):
    """A character model in float32, a fresh batch of ids at each step. PyTorch's redundant bias starts at zero and is
    frozen: two biases with the same gradient would move their sum twice as fast as Adam moves our one."""
    import torch
    V, H, B, T = 12, 16, 8, 10
    torch.manual_seed(0)
    _, theirs = pair(name, V, H, "float32")
    redundant = 2 * H if theirs.__class__.__name__ == "GRU" else theirs.bias_hh_l0.numel()
    with torch.no_grad():
        theirs.bias_hh_l0[:redundant] = 0
    kind, own, _, _ = CELLS[name]
    ours = kind(V, H, method=method, **own)
    from_pytorch(ours, theirs.state_dict())
    our_out, their_out = layers.Linear(H, V), torch.nn.Linear(H, V)
    from_pytorch(our_out, their_out.state_dict())
    our_adam = optim.Adam([*ours.parameters(), *our_out.parameters()], lr=1e-2)
    their_adam = torch.optim.Adam([*theirs.parameters(), *their_out.parameters()], lr=1e-2)

    # A text in which each symbol follows from the one before, but for some noise: there is something to learn.
    rng = np.random.default_rng(0)
    first = rng.integers(0, V, (50, B, 1))
    text = (first + 5 * np.arange(T + 1) + (rng.random((50, B, T + 1)) < 0.1)) % V
    losses = []
    for batch in text:
        ids, targets = batch[:, :-1], batch[:, 1:]
        our_adam.zero_grad()
        our_loss = ops.cross_entropy(our_out(ours(ids)[0]), targets)
        our_loss.backward()
        our_adam.step()
        their_adam.zero_grad()
        y, _ = theirs(torch.nn.functional.one_hot(torch.tensor(ids), V).float())
        their_loss = torch.nn.functional.cross_entropy(their_out(y).reshape(-1, V), torch.tensor(targets).reshape(-1))
        their_loss.backward()
        theirs.bias_hh_l0.grad[:redundant] = 0
        their_adam.step()
        losses.append((our_loss.item(), their_loss.item()))
    assert losses[-1][0] < losses[0][0] - 0.5, "nothing was learned, so following it shows nothing"
    assert max(abs(a - b) for a, b in losses) <= 1e-4
