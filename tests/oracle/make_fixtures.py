"""Writes fixtures.json: PyTorch's numbers for small recurrent layers, for those who do not have PyTorch.

    python tests/oracle/make_fixtures.py        (needs the extra `oracle`)

Each case holds PyTorch's weights, inputs, outputs and gradients in float64, for ragged sequences. The loss curves are
of a character model in float64, under Adam, with the redundant part of the second bias at zero and frozen.
"""
import json
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

CASES = {                                                  # name: (PyTorch's class, settings)
    "RNN": (nn.RNN, {}),
    "RNN relu": (nn.RNN, {"nonlinearity": "relu"}),
    "LSTM": (nn.LSTM, {}),
    "GRU": (nn.GRU, {}),
}
B, T, D, H, V = 2, 4, 2, 2, 5
LENGTHS = [4, 2]
STEPS = 10


def layer_case(kind, settings):
    """Two layers, two directions, from a state of its own; the loss is sum(y * dy) + sum(last states * their dy)."""
    layer = kind(D, H, num_layers=2, bidirectional=True, batch_first=True, **settings).double()
    x = torch.randn(B, T, D, dtype=torch.float64, requires_grad=True)
    starts = [torch.randn(4, B, H, dtype=torch.float64, requires_grad=True) for _ in range(1 + (kind is nn.LSTM))]
    state = tuple(starts) if kind is nn.LSTM else starts[0]
    packed, last = layer(pack_padded_sequence(x, LENGTHS, batch_first=True), state)
    y, _ = pad_packed_sequence(packed, batch_first=True, total_length=T)
    lasts = last if kind is nn.LSTM else (last,)
    dy, dlasts = torch.randn_like(y), [torch.randn_like(s) for s in lasts]
    loss = (y * dy).sum() + sum((s * ds).sum() for s, ds in zip(lasts, dlasts, strict=True))
    loss.backward()
    return {"weights": by_name(layer.state_dict()), "x": x.tolist(), "starts": [s.tolist() for s in starts],
            "dy": dy.tolist(), "dlasts": [d.tolist() for d in dlasts],
            "y": y.tolist(), "lasts": [s.tolist() for s in lasts], "dx": x.grad.tolist(),
            "dstarts": [s.grad.tolist() for s in starts],
            "dweights": by_name({name: p.grad for name, p in layer.named_parameters()})}


def curve_case(kind, settings):
    """The loss of a few Adam steps on one batch, and the weights it started from."""
    layer, out = kind(V, H, batch_first=True, **settings).double(), nn.Linear(H, V).double()
    ids, targets = torch.randint(V, (3, 6)), torch.randint(V, (3, 6))
    redundant = 2 * H if kind is nn.GRU else layer.bias_hh_l0.numel()
    with torch.no_grad():
        layer.bias_hh_l0[:redundant] = 0
    case = {"weights": by_name(layer.state_dict()), "out": by_name(out.state_dict()), "ids": ids.tolist(),
            "targets": targets.tolist(), "lr": 0.05, "losses": []}
    optimiser = torch.optim.Adam([*layer.parameters(), *out.parameters()], lr=case["lr"])
    for _ in range(STEPS):
        optimiser.zero_grad()
        y, _ = layer(nn.functional.one_hot(ids, V).double())
        loss = nn.functional.cross_entropy(out(y).reshape(-1, V), targets.reshape(-1))
        loss.backward()
        layer.bias_hh_l0.grad[:redundant] = 0
        optimiser.step()
        case["losses"].append(loss.item())
    return case


def by_name(tensors):
    return {name: tensor.tolist() for name, tensor in tensors.items()}


if __name__ == "__main__":
    torch.manual_seed(0)
    fixtures = {"made by": f"torch {torch.__version__}", "lengths": LENGTHS,
                "layers": {name: layer_case(*case) for name, case in CASES.items()},
                "curves": {name: curve_case(*case) for name, case in CASES.items()}}
    path = Path(__file__).with_name("fixtures.json")
    path.write_text(json.dumps(fixtures) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size:,} bytes, {fixtures['made by']}")
