"""Copy memory: ten symbols, then nothing for T steps, then the same ten symbols; learnt by RNN, LSTM and GRU.

    python benchmarks/copy_memory.py [--quick]     writes results/copy_memory.json, copy_memory.png; minutes

The adding problem (long_memory.py) asks for two numbers of a sequence; this one asks for thirty bits of it, in order. A
network that remembers nothing says blank until it is asked and guesses then: log 8 = 2.08 nats for each of the ten
symbols, one in eight right (of the mean over all T + 20 steps, `copying_baseline`, nearly all is blanks).

One layer of 64 units; Adam, rate 0.01 falling as a cosine (for the RNN 0.003 and 0.001 as well, in case that one is too
fast for it), the gradient's norm clipped at 1, 2000 steps of 50 fresh sequences: the same for all, not searched for,
one seed each. That is a short training: it shows who begins to remember (the RNN does not, at any rate or delay), and
not how far the others would come. LSTM and GRU also with their gates opened for the length of the task, as in
long_memory.py (Tallec and Ollivier 2018): b_f = log u, b_i = -log u, for the GRU b_z = -log u, u ~ U(1, T + 19). What
is measured: nats and right symbols over the ten places that are asked for, in 500 sequences of their own.
"""
import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

from tinyseq.autograd import no_grad
from tinyseq.backend import host, manual_seed, to_device, to_host
from tinyseq.data.long_memory import COPIED, COPY_IDS, SYMBOLS, copying
from tinyseq.layers import GRU, LSTM, RNN, RecurrentLanguageModel
from tinyseq.ops import log_softmax
from tinyseq.pictures import small_multiples
from tinyseq.training import Recipe, TextBatch, train

np = host.np
RESULTS = Path(__file__).parent / "results"
LAYERS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
H, B, STEPS = 64, 50, 2000
TEST_ROWS, TEST_SEED = 500, 10**6
DELAYS = (10, 50)


class Setting(NamedTuple):
    """One training."""
    layer: str
    T: int
    lr: float = 0.01
    chrono: bool = False
    seed: int = 0

    @property
    def name(self) -> str:
        rate = f", rate {self.lr}" if self.layer == "RNN" else ""
        return f"{self.layer}{' chrono' if self.chrono else ''}{rate}"


class CopyTask:
    """Fresh sequences in every step, the same 500 in every validation."""

    def __init__(self, T: int, seed: int):
        self.T, self.seed = T, seed
        self.ids, self.targets = copying(TEST_ROWS, T, np.random.default_rng(TEST_SEED))
        self.right: list[float] = []                       # the part of the ten symbols that was right, by validation

    def batch(self, step: int) -> TextBatch:
        return TextBatch(*copying(B, self.T, np.random.default_rng([self.seed, step])))

    def after(self, batch: TextBatch) -> None:
        pass

    def validate(self, model: RecurrentLanguageModel) -> dict[str, float]:
        """Nats a symbol at the ten places that are asked for."""
        with no_grad():
            log_p = to_host(log_softmax(model(self.ids)[0][:, -COPIED:]).data)     # (500, 10, ids)
        asked = self.targets[:, -COPIED:]
        self.right.append(float((log_p.argmax(axis=-1) == asked).mean()))
        return {"validation": -float(np.take_along_axis(log_p, asked[..., None], axis=-1).mean())}


def made(setting: Setting) -> RecurrentLanguageModel:
    """The model before its first step."""
    manual_seed(setting.seed)
    model = RecurrentLanguageModel(LAYERS[setting.layer](COPY_IDS, H), COPY_IDS)
    if setting.chrono:
        u = np.log(np.random.default_rng(setting.seed).uniform(1, setting.T + 2 * COPIED - 1, H))
        blocks = {"LSTM": (-u, u), "GRU": (None, -u)}[setting.layer]                # i f of i f g o, z of r z n
        for k, block in enumerate(blocks):
            if block is not None:
                model.stack.cells[0].b_h.data[k * H:(k + 1) * H] = to_device(block)
    return model


def trained(setting: Setting, steps: int) -> dict[str, Any]:
    """A line of the table."""
    task = CopyTask(setting.T, setting.seed)
    recipe = Recipe(steps=steps, batch=B, seq_len=setting.T + 2 * COPIED, lr=setting.lr, threads=1,
                    evaluate_every=max(1, steps // 20))
    progress = train(made(setting), task, recipe)
    nats = progress.validations[-1][1]
    print(f"{setting.name:<16} T {setting.T:<4} seed {setting.seed}  nats a symbol {nats:.4f}  "
          f"right {task.right[-1]:.1%}", flush=True)
    return {"name": setting.name, **setting._asdict(), "nats": round(nats, 5), "right": round(task.right[-1], 4),
            "curve": [(step, round(value, 5)) for step, value in progress.validations]}


def settings() -> list[Setting]:
    """What is trained, in the order of the table."""
    return [setting for T in DELAYS for setting in (
        *(Setting("RNN", T, lr) for lr in (0.01, 0.003, 0.001)),
        *(Setting(layer, T, chrono=chrono) for chrono in (False, True) for layer in ("LSTM", "GRU")))]


def write(table: list[dict[str, Any]]) -> None:
    """The JSON file and the figure."""
    panels = {f"T = {T}": {row["name"]: row["curve"] for row in table if row["T"] == T} for T in DELAYS}
    small_multiples(RESULTS / "copy_memory.png", panels, "Copy memory: surprise at the ten symbols while training",
                    "step", "nats a symbol", line=(float(np.log(SYMBOLS)), "guessing"))
    with open(RESULTS / "copy_memory.json", "w", encoding="utf-8") as file:
        json.dump({"H": H, "B": B, "steps": STEPS, "guessing": float(np.log(SYMBOLS)), "rows": table}, file)
        file.write("\n")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="seconds instead of minutes; writes nothing")
    print(f"copy memory; guessing has {np.log(SYMBOLS):.4f} nats a symbol, {1 / SYMBOLS:.1%} right")
    if options.parse_args().quick:
        for layer in LAYERS:
            trained(Setting(layer, 1), 20)
    else:
        write([trained(setting, STEPS) for setting in settings()])


if __name__ == "__main__":
    main()
