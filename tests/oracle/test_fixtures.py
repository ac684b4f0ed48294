"""PyTorch's stored numbers (make_fixtures.py), for every test run: outputs, gradients, loss curves under Adam."""
import json
from pathlib import Path

import pytest

from tinyseq import ops, optim
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_host
from tinyseq.interop import from_pytorch, to_pytorch
from tinyseq.layers import GRU, LSTM, RNN, Linear, StackState

np = host.np
FIXTURES = json.loads(Path(__file__).with_name("fixtures.json").read_text(encoding="utf-8"))
MAKE = {
    "RNN": RNN, "RNN relu": lambda *a, **k: RNN(*a, **k, nonlinearity="relu"), "LSTM": LSTM,
    "GRU": lambda *a, **k: GRU(*a, **k, variant="cudnn"),
}
PRECISIONS = [("float32", 1e-5), ("float64", 1e-10)]


def arrays(numbers, dtype="float64"):
    return {name: np.array(values, dtype) for name, values in numbers.items()}


def make(name, theirs, dtype, method, **settings):
    weights = arrays(theirs, dtype)
    H, D = weights["weight_hh_l0"].shape[1], weights["weight_ih_l0"].shape[1]
    layer = MAKE[name](D, H, method=method, **settings).astype(dtype)
    from_pytorch(layer, weights)
    return layer


def assert_close(ours, theirs, tolerance):
    ours, theirs = to_host(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert abs(ours - theirs).max() <= tolerance * abs(theirs).max()


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("method", ["by_hand", "by_tape"])
@pytest.mark.parametrize("name", MAKE)
def test_outputs_and_gradients(name, method, dtype, tolerance):
    case = FIXTURES["layers"][name]
    layer = make(name, case["weights"], dtype, method, num_layers=2, bidirectional=True)
    x = tensor(np.array(case["x"], dtype), requires_grad=True)
    starts = [tensor(part, requires_grad=True) for part in by_cell(case["starts"], dtype)]
    parts = iter(starts)
    state = StackState(s.map(lambda _: next(parts)) for s in layer.initial_state(len(case["x"])))
    y, last = layer(x, state, lengths=np.array(FIXTURES["lengths"]))
    lasts = [part for s in last for part in s]
    loss = (y * tensor(np.array(case["dy"], dtype))).sum()
    for s, ds in zip(lasts, by_cell(case["dlasts"], dtype), strict=True):
        loss = loss + (s * tensor(ds)).sum()
    dx, *others = gradients(loss, [x, *starts, *layer.parameters()])
    dstarts, dweights = others[:len(starts)], others[len(starts):]

    assert_close(y.data, case["y"], tolerance)
    assert_close(dx, case["dx"], tolerance)
    for s, expected in zip(lasts, by_cell(case["lasts"]), strict=True):
        assert_close(s.data, expected, tolerance)
    for ds, expected in zip(dstarts, by_cell(case["dstarts"]), strict=True):
        assert_close(ds, expected, tolerance)
    compare_weights(name, layer, dweights, case["dweights"], tolerance)


def by_cell(parts, dtype="float64"):
    """PyTorch keeps the h of all cells in one array, their c in another; ours keeps h and c of a cell together."""
    return [np.array(part, dtype) for cell in zip(*parts, strict=True) for part in cell]


def compare_weights(name, layer, grads, theirs, tolerance):
    """to_pytorch puts our gradients under PyTorch's names; both of PyTorch's biases have the gradient of our one."""
    for p, g in zip(layer.parameters(), grads, strict=True):
        p.data = g
    for key, ours in to_pytorch(layer).items():
        expected = np.array(theirs[key])
        if key.startswith("bias_hh"):
            free = 2 * layer.H if name == "GRU" else len(ours)         # only b_hn is a weight of ours
            ours, expected = ours[free:], expected[free:]
        if len(ours):
            assert_close(ours, expected, tolerance)


@pytest.mark.parametrize("method", ["by_hand", "by_tape"])
@pytest.mark.parametrize("name", MAKE)
def test_adam_follows_the_loss(name, method):
    case = FIXTURES["curves"][name]
    layer = make(name, case["weights"], "float64", method)
    out = Linear(layer.H, layer.D).astype("float64")
    from_pytorch(out, arrays(case["out"]))
    ids, targets = np.array(case["ids"]), np.array(case["targets"])
    optimiser = optim.Adam([*layer.parameters(), *out.parameters()], lr=case["lr"])
    losses = []
    for _ in case["losses"]:
        optimiser.zero_grad()
        loss = ops.cross_entropy(out(layer(ids)[0]), targets)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.1
    assert_close(np.array(losses), case["losses"], 1e-9)
