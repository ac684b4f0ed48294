"""Who remembers for 200 steps, and why: the adding problem and copy memory for RNN, LSTM and GRU.

    python benchmarks/long_memory.py [--quick]     writes results/long_memory.json, long_memory.png, state_gradients.png

What is trained. One layer of 64 units; Adam, rate 0.003 (0.001 and 0.0003 as well for the RNN, in case that one is too
fast for it), 0.3 times that after 1500 steps, the gradient's norm clipped at 1, 2000 steps of 50 fresh sequences: the
same for all. (With 1200 steps and the lower rate after 900, one LSTM of three came late and stopped at 0.017.)
LSTM and GRU also with their gates opened for the length of the task (Tallec and Ollivier 2018, "chrono"): the biases
are b_f = log u, b_i = -log u, u ~ U(1, T-1), one u a unit; for the GRU b_z = -log u. A gate with bias log u forgets
with a time constant of about u steps, so that some units hold on from the first step for as long as T. The forget bias
of 1 with which our LSTM begins otherwise is a time constant of about 4 steps: that one is still at the constant answer
after 1500 steps. The GRU opens its gates by itself; its gradient at the first step is as small as the RNN's before
training, and no longer after it.

What is measured. The mean squared error on 500 sequences of their own, that of the constant answer 1 being 1/6. And
the norm of dL/dh_t, t = 1 .. T, L the loss at the end: before the first training step and after the last; for the LSTM
dL/dc_t too, the path that its gates keep open. And how often gates are shut (below 0.1) or open (above 0.9), which for
the RNN's units is |h| above 0.9.
"""
import argparse
import json
import math
import time
from pathlib import Path
from typing import Any, NamedTuple

from tinyseq import ops
from tinyseq.autograd import Tensor, gradients, no_grad, tensor
from tinyseq.backend import host, manual_seed, to_device, to_host, uniform, xp
from tinyseq.data.long_memory import ADDING_BASELINE, COPY_IDS, adding, copying
from tinyseq.layers import GRU, LSTM, RNN, Module, Parameter
from tinyseq.pictures import norms_through_time, small_multiples
from tinyseq.training import Recipe, train

np = host.np
RESULTS = Path(__file__).parent / "results"
LAYERS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
H, B = 64, 50
TEST_ROWS, TEST_SEED, LOOK_SEED = 500, 10**6, 10**6 + 1
STEPS, LONGEST = 2000, 200


class Setting(NamedTuple):
    """One training."""
    layer: str
    T: int
    lr: float = 0.003
    chrono: bool = False
    seed: int = 0

    @property
    def name(self) -> str:
        return f"{self.layer}{' chrono' if self.chrono else ''}"


class Adder(Module):
    """(1)  h_1..h_T = layer(x_1..x_T)
    (2)  y = h_T W_hy + b_y                                     (B, 1)"""

    def __init__(self, layer: str, D: int, K: int, method: str = "by_hand"):
        self.layer = LAYERS[layer](D, H, method=method)
        self.W_hy, self.b_y = Parameter(uniform((H, K), 1 / math.sqrt(H))), Parameter(xp.zeros(K, "float32"))

    def __call__(self, x: Any) -> Tensor:
        return self.read(self.layer(x)[0])                                          # (1)

    def read(self, hs: Tensor) -> Tensor:
        """The answer from the last step."""
        return hs[:, -1] @ self.W_hy + self.b_y                                     # (2)

    def loss(self, batch: "Sums") -> tuple[Tensor, int]:
        return ops.mse(self(tensor(batch.x)), to_device(batch.y), reduction="sum"), len(batch.y)


class Sums(NamedTuple):
    """Sequences of the adding problem, which threads can share."""
    x: Any
    y: Any
    first_row: int = 0

    def split(self, shards: int) -> list["Sums"]:
        parts = [rows for rows in np.array_split(np.arange(len(self.x)), shards) if len(rows)]
        return [Sums(self.x[rows], self.y[rows], int(rows[0])) for rows in parts]

    def join(self, shards: list["Sums"]) -> None:
        pass


class AddingTask:
    """Fresh sequences in every step, the same 500 in every validation."""

    def __init__(self, T: int, seed: int):
        self.T, self.seed = T, seed
        self.x, self.y = adding(TEST_ROWS, T, np.random.default_rng(TEST_SEED))

    def batch(self, step: int) -> Sums:
        return Sums(*adding(B, self.T, np.random.default_rng([self.seed, step])))

    def after(self, batch: Sums) -> None:
        pass

    def validate(self, model: Adder) -> dict[str, float]:
        with no_grad():
            return {"validation": float(np.mean((model(tensor(self.x)).numpy() - self.y) ** 2))}


def made(setting: Setting, D: int = 2, K: int = 1, method: str = "by_hand") -> Adder:
    """The model before its first step."""
    manual_seed(setting.seed)
    model = Adder(setting.layer, D, K, method)
    if setting.chrono:
        u = np.log(np.random.default_rng(setting.seed).uniform(1, setting.T - 1, H))
        blocks = {"LSTM": (-u, u), "GRU": (None, -u)}[setting.layer]                # i f of i f g o, z of r z n
        bias = model.layer.cells[0].b_h.data
        for k, block in enumerate(blocks):
            if block is not None:
                bias[k * H:(k + 1) * H] = to_device(block)
    return model


def trained(setting: Setting, steps: int) -> tuple[Adder, list[tuple[int, float]], float]:
    """The model after its last step, its errors on the way, and the seconds that it took."""
    recipe = Recipe(steps=steps, batch=B, seq_len=setting.T, lr=setting.lr, schedule="step", decay_every=1500,
                    decay_factor=0.3, evaluate_every=max(1, steps // 20))
    model, started = made(setting), time.perf_counter()
    progress = train(model, AddingTask(setting.T, setting.seed), recipe)
    return model, progress.validations, time.perf_counter() - started


def gradient_norms(model: Adder, x: Any, loss: Any) -> dict[str, list[float]]:
    """The norm of dL/dh_t, and of dL/dc_t where there is one, for t = 1 .. T: root of the mean over the batch.

    The sequence is read step by step, so that each state is a tensor to ask for the gradient of. model is by tape, so
    that h_t stands behind c_t in the graph and dL/dc_t has both of its paths; and in float64, whose squares do not
    become 0 where a norm is below 1e-22."""
    state, states = None, []
    for t in range(x.shape[1]):
        _, state = model.layer(x[:, t:t + 1], state)
        states.append(state[0])
    of = {name: [getattr(s, name) for s in states] for name in states[0]._fields}
    wrt = [part for parts in of.values() for part in parts]
    found = iter(gradients(loss(model.read(of["h"][-1].reshape(len(x), 1, H))), wrt))
    return {name: [float(math.sqrt(float((to_host(next(found)) ** 2).sum(axis=1).mean()))) for _ in parts]
            for name, parts in of.items()}


def on_adding(setting: Setting, weights: dict[str, Any] | None = None) -> dict[str, list[float]]:
    """L = sum of squared errors of the batch, whose rows do not know of each other; of these weights, or untrained."""
    model = made(setting, method="by_tape")
    if weights is not None:
        model.load_state_dict(weights)
    x, y = adding(100, setting.T, np.random.default_rng(LOOK_SEED))
    x, y = x.astype("float64"), y.astype("float64")
    return gradient_norms(model.astype("float64"), tensor(x), lambda y_: ops.mse(y_, to_device(y), reduction="sum"))


def on_copying(setting: Setting) -> dict[str, list[float]]:
    """L = cross-entropy of the last symbol, which was said T + 10 steps before; untrained."""
    ids, targets = copying(100, setting.T, np.random.default_rng(LOOK_SEED))
    model = made(setting, D=COPY_IDS, K=COPY_IDS, method="by_tape").astype("float64")
    return gradient_norms(model, ids, lambda y_: ops.cross_entropy(y_, targets[:, -1], reduction="sum"))


def saturation(model: Adder, T: int) -> dict[str, dict[str, float]]:
    """The share of a gate's values, over units and steps, that are below 0.1 and above 0.9 (Karpathy et al. 2015)."""
    x = tensor(adding(100, T, np.random.default_rng(LOOK_SEED))[0])
    cell = model.layer.cells[0]
    with no_grad():
        hs = model.layer(x)[0].numpy()
        if len(cell.b_h.blocks) < 3:
            return {"|h|": {"below 0.1": share(abs(hs) < 0.1), "above 0.9": share(abs(hs) > 0.9)}}
        before = np.concatenate([np.zeros_like(hs[:, :1]), hs[:, :-1]], axis=1)
        a = (x @ cell.W_xh + tensor(before) @ cell.W_hh + cell.b_h).numpy()         # as in (1) of the cells' pages
    gates = {name: 1 / (1 + np.exp(-a[..., k * H:(k + 1) * H])) for k, name in enumerate(cell.b_h.blocks)
             if name not in "gn"}                                                   # these two are candidates
    return {name: {"below 0.1": share(gate < 0.1), "above 0.9": share(gate > 0.9)} for name, gate in gates.items()}


def share(flags: Any) -> float:
    return round(float(flags.mean()), 4)


def examined(setting: Setting, steps: int) -> dict[str, Any]:
    """A line of the table: trained and looked at."""
    model, errors, seconds = trained(setting, steps)
    print(f"{setting.name:<12} T {setting.T:<4} rate {setting.lr:<7} seed {setting.seed}  MSE {errors[-1][1]:.5f}  "
          f"{seconds:.0f} s", flush=True)
    norms = {"adding, before training": on_adding(setting),
             "adding, after training": on_adding(setting, model.state_dict()),
             "copy memory, before training": on_copying(setting)}
    return {"name": setting.name, **setting._asdict(), "mse": round(errors[-1][1], 5), "seconds": round(seconds, 1),
            "saturation": {"before": saturation(made(setting), setting.T), "after": saturation(model, setting.T)},
            "errors": [(step, round(error, 5)) for step, error in errors], "norms": rounded(norms)}


def settings() -> list[Setting]:
    """What is trained, in the order of the table."""
    gated = ("LSTM", "GRU")
    return [*(Setting("RNN", LONGEST, lr) for lr in (0.003, 0.001, 0.0003)), *(Setting("RNN", T) for T in (50, 100)),
            *(Setting(layer, LONGEST, chrono=chrono) for layer in gated for chrono in (True, False)),
            *(Setting(layer, T, chrono=True) for layer in gated for T in (50, 100)),
            *(Setting("RNN", LONGEST, seed=seed) for seed in (1, 2)),
            *(Setting(layer, LONGEST, chrono=True, seed=seed) for layer in gated for seed in (1, 2))]


def write(table: list[dict[str, Any]]) -> None:
    """The JSON file and the two figures, which show the first of each name at T = 200."""
    first: dict[str, dict[str, Any]] = {}
    for row in table:
        if row["T"] == LONGEST:
            first.setdefault(row["name"], row)
    norms = {panel: {f"{name}, {part}": values for name, row in first.items()
                     for part, values in row["norms"][panel].items()} for panel in table[0]["norms"]}
    norms_through_time(RESULTS / "state_gradients.png", norms, "The norm of dL/dh_t and dL/dc_t, L the loss at the end")
    curves = {name: row["errors"] for name, row in first.items()}
    small_multiples(RESULTS / "long_memory.png", {"adding problem, T = 200": curves}, "Test error while training",
                    "step", "mean squared error", log_y=True, line=(ADDING_BASELINE, "the constant answer 1"))
    with open(RESULTS / "long_memory.json", "w", encoding="utf-8") as file:
        json.dump({"baseline": ADDING_BASELINE, "H": H, "B": B, "steps": STEPS, "adding": table}, file)
        file.write("\n")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="seconds instead of minutes; writes nothing")
    print(f"adding problem; the constant answer 1 has {ADDING_BASELINE:.4f}")
    if options.parse_args().quick:
        for layer in LAYERS:
            examined(Setting(layer, 20, chrono=layer != "RNN"), 30)
    else:
        write([examined(setting, STEPS) for setting in settings()])


def rounded(norms: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, list[float]]]:
    """Three digits are enough for a figure."""
    return {panel: {name: [float(f"{v:.3g}") for v in values] for name, values in lines.items()}
            for panel, lines in norms.items()}


if __name__ == "__main__":
    main()
