"""Gradients that vanish and gradients that explode: what each step of a sequence multiplies them by.

    python benchmarks/exploding.py          writes results/exploding.json and exploding.png, in seconds

Nothing is trained; weights are set, and the norm of dL/dh_t is measured for t = 1 .. T, where L = v . h_T with |v| = 1,
so that the norm begins with 1 at the end. For an RNN, through layers/recurrent/rnn.py,

    (1) dL/dh_{t-1} = (dL/dh_t * phi'(a_t)) W_hh^T

tanh, relu      W_hh (64, 64) is drawn at random and scaled to a spectral radius rho, x_t ~ N(0, 1). Below 1 the
                gradient vanishes. Above 1 it can explode, and does so as far as phi' lets it: a saturated tanh has phi'
                near 0, and half of the relus have phi' = 0, so that at rho = 1.1 both still vanish.
not normal      rho is what counts in the long run and no bound: by W_hh = [[r, 10], [0, r]], rho = r < 1, a gradient
                grows before it shrinks, with r = 0.9 to 39 times its size. (The largest singular value is a bound: 10
                and more a step, which says nothing about the hundredth.)
LSTM            dL/dc_t with L = v . c_T. A step multiplies by the forget gate, and adds what comes through h. A
                saturated, open gate hands the gradient on whole. So the forget bias, which says where the gates stand,
                says how far a gradient reaches; beside it the part of the gates above 0.9. What comes through h is
                added to a path that keeps all: with open gates this gradient grows, slowly.

growth          (|dL/dh_1| / |dL/dh_T|)^(1/(T-1)), what a step multiplies by in the mean

Hochreiter 1991; Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013. The cure of the exploding kind is
clipping (clipping.py), that of the vanishing kind the gates (long_memory.py).
"""
import json
import math
from pathlib import Path
from typing import Any

from tinyseq.autograd import gradients, no_grad, tensor
from tinyseq.backend import host, manual_seed, to_device, to_host
from tinyseq.layers import LSTM, RNN
from tinyseq.pictures import small_multiples

np = host.np
RESULTS = Path(__file__).parent / "results"
H, B, T = 64, 20, 100
RADII = (0.5, 0.9, 1.1, 1.5, 2.0)
FORGET_BIASES = (-1, 1, 3, 5)


def norms(layer: Any, x: Any, v: Any, part: str = "h") -> list[float]:
    """|dL/d part_t| for t = 1 .. T, L = sum over the batch of v . part_T; the root of the mean square over the batch.

    The sequence is read step by step, so that each state is a tensor to ask for the gradient of."""
    state, states = None, []
    for t in range(x.shape[1]):
        _, state = layer(x[:, t:t + 1], state)
        states.append(getattr(state[0], part))
    found = gradients((states[-1] * v).sum(), states)
    return [math.sqrt(float((to_host(g) ** 2).sum(axis=1).mean())) for g in found]


def with_radius(rho: float, rng: Any) -> Any:
    """A random matrix (H, H) whose largest eigenvalue has the size rho."""
    W = rng.standard_normal((H, H))
    return W * (rho / max(abs(np.linalg.eigvals(W))))


def of_radius(rho: float, nonlinearity: str) -> list[float]:
    """An RNN whose W_hh has this spectral radius."""
    rng = np.random.default_rng(0)
    manual_seed(0)
    layer = RNN(1, H, nonlinearity=nonlinearity).astype("float64")
    layer.cells[0].W_hh.data[:] = to_device(with_radius(rho, rng))
    return norms(layer, tensor(rng.standard_normal((B, T, 1))), direction(rng, H))


def of_not_normal(r: float) -> list[float]:
    """W_hh = [[r, 10], [0, r]] at x = 0, h = 0, where phi' = 1 and a step multiplies by W_hh^T exactly."""
    layer = RNN(1, 2).astype("float64")
    layer.cells[0].W_hh.data[:] = to_device(np.array([[r, 10.0], [0.0, r]]))
    layer.cells[0].b_h.data[:] = 0
    return norms(layer, tensor(np.zeros((1, T, 1))), to_device(np.array([0.0, 1.0])))


def of_forget_bias(bias: float) -> tuple[list[float], float]:
    """An LSTM that begins with this forget bias: norms of dL/dc_t, and the part of forget gates above 0.9."""
    rng = np.random.default_rng(0)
    manual_seed(0)
    layer = LSTM(1, H, method="by_tape").astype("float64")     # by hand h_t would not stand behind c_t in the graph
    cell = layer.cells[0]
    cell.b_h.data[H:2 * H] = bias                          # of i f g o
    x = tensor(rng.standard_normal((B, T, 1)))
    with no_grad():
        before = np.concatenate([np.zeros((B, 1, H)), to_host(layer(x)[0].data)[:, :-1]], axis=1)
        a = to_host((x @ cell.W_xh + tensor(before) @ cell.W_hh + cell.b_h).data)[..., H:2 * H]
    return norms(layer, x, direction(rng, H), "c"), float((1 / (1 + np.exp(-a)) > 0.9).mean())


def direction(rng: Any, size: int) -> Any:
    """v, of length 1."""
    v = rng.standard_normal(size)
    return to_device(v / np.linalg.norm(v))


def growth(values: list[float]) -> float:
    """What a step backwards multiplies the norm by, in the mean."""
    return (values[0] / values[-1]) ** (1 / (len(values) - 1))


def measured() -> dict[str, dict[str, dict[str, Any]]]:
    """By panel and line: the norms, their growth, and for the LSTM the part of open gates."""
    panels: dict[str, dict[str, dict[str, Any]]] = {
        f"RNN, {phi}": {f"rho = {rho}": {"norms": of_radius(rho, phi)} for rho in RADII} for phi in ("tanh", "relu")}
    panels["RNN, not normal"] = {f"[[{r}, 10], [0, {r}]]": {"norms": of_not_normal(r)} for r in (0.5, 0.9)}
    panels["LSTM, dL/dc_t"] = {}
    for bias in FORGET_BIASES:
        values, share = of_forget_bias(bias)
        panels["LSTM, dL/dc_t"][f"forget bias {bias}"] = {"norms": values, "gates above 0.9": round(share, 4)}
    for line in (line for lines in panels.values() for line in lines.values()):
        line["growth"] = round(growth(line["norms"]), 4)
        line["largest"] = float(f"{max(line['norms']):.3g}")
        line["norms"] = [float(f"{norm:.3g}") for norm in line["norms"]]
    return panels


def main() -> None:
    panels = measured()
    for panel, lines in panels.items():
        print(panel)
        for name, line in lines.items():
            gates = f"   forget gates above 0.9: {line['gates above 0.9']:.0%}" if "gates above 0.9" in line else ""
            print(f"  {name:<22} growth a step {line['growth']:<8} norm at t = 1 {line['norms'][0]:<10} largest "
                  f"{line['largest']}{gates}")
    drawn = {panel: {name: list(enumerate(line["norms"], 1)) for name, line in lines.items()}
             for panel, lines in panels.items()}
    small_multiples(RESULTS / "exploding.png", drawn, f"The norm of dL/dh_t, 1 at t = {T}", "step t", "norm",
                    log_y=True, share_y=False)
    with open(RESULTS / "exploding.json", "w", encoding="utf-8") as file:
        json.dump({"H": H, "B": B, "T": T, "panels": panels}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
