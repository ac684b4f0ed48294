"""What the threshold of gradient clipping does, by norm and by value.

    python benchmarks/clipping.py [--json FILE] [--png FILE]      some minutes; --quick takes seconds

A simple recurrent network (64 units) learns Tiny Shakespeare for 250 steps of 16 x 64 characters at a constant rate, by
SGD with rates from bold to reckless and by Adam, each threshold in turn. The validation loss is in nats a character; a
network that has learnt nothing is at ln V = 4.17, and what diverged is drawn there.

Look for three things. Without clipping (the largest thresholds) the faster SGDs diverge: one steep place is enough
(Pascanu, Mikolov and Bengio 2013). With a small threshold every step is cut, and the threshold is a learning rate by
another name: the faster the rate, the smaller the best threshold. And Adam hardly minds, because it divides by the
gradient's size itself: what clipping does for it is to keep a rare large one out of its averages.
"""
import argparse
import json
import math
from typing import Any

from tinyseq import models
from tinyseq.backend import host, manual_seed
from tinyseq.data import load_corpus
from tinyseq.pictures import small_multiples
from tinyseq.training import CharacterTask, Recipe, Watcher, train

np = host.np
H = 64
RATES = {"SGD 1": ("sgd", 1.0), "SGD 8": ("sgd", 8.0), "Adam 0.01": ("adam", 0.01)}
NEITHER = {"clip_norm": None, "clip_value": None}
THRESHOLDS = {"clip_norm": (0.01, 0.03, 0.1, 0.3, 1.0, 10.0), "clip_value": (1e-4, 1e-3, 1e-2, 0.1, 1.0)}


class Norms(Watcher):
    """Keeps the gradient's norm of every step, before clipping."""

    def __init__(self) -> None:
        self.found: list[float] = []

    def on_step(self, progress: Any, loss: Any, norm: Any, lr: float) -> None:
        if norm is not None:
            self.found.append(float(norm))


def reached(optimiser: str, lr: float, steps: int, clipping: dict[str, Any]) -> tuple[float, list[float]]:
    """The validation loss after the last step, not a number if it diverged; the norms by the way."""
    recipe = Recipe(steps=steps, batch=16, seq_len=64, optimiser=optimiser, lr=lr, schedule="constant",
                    evaluate_every=steps, **clipping)
    page = models.find("char_rnn")
    task, norms = CharacterTask(load_corpus("shakespeare"), recipe), Norms()
    manual_seed(recipe.seed)
    with np.errstate(all="ignore"):                        # divergence is one of the results
        progress = train(page.Model(page.Config(H=H, **task.sizes)), task, recipe, norms)
    return progress.validations[-1][1], norms.found


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="few steps")
    options.add_argument("--json", metavar="FILE", help="write the results")
    options.add_argument("--png", metavar="FILE", help="draw them")
    args = options.parse_args()
    steps = 10 if args.quick else 250
    losses: dict[str, dict[str, list[tuple[float, float | None]]]] = {}
    quantiles: dict[str, list[float]] = {}
    for way, thresholds in THRESHOLDS.items():
        losses[way] = {}
        for name, (optimiser, lr) in RATES.items():
            line = losses[way][name] = []
            for threshold in thresholds:
                loss, norms = reached(optimiser, lr, steps, {**NEITHER, way: threshold})
                line.append((threshold, round(loss, 4) if math.isfinite(loss) else None))
                if threshold == 1.0 and norms:
                    quantiles[name] = [round(float(q), 3) for q in np.quantile(norms, (0.5, 0.9, 0.99, 1))]
            print(f"{way:<11} {name:<10}", *(f"{t:g}: {v}" for t, v in line), sep="  ", flush=True)
    for name, found in quantiles.items():
        print(f"norms before clipping at 1, {name}: median, 90 %, 99 %, largest: {found}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"H": H, "steps": steps, **losses, "norms at clip_norm 1: 50, 90, 99, 100 %": quantiles}, file,
                      indent=1)
            file.write("\n")
    if args.png:
        worst = math.log(65)
        panels = {way.replace("clip_", "by "): {name: [(t, worst if v is None else min(v, worst)) for t, v in line]
                                                for name, line in by_name.items()} for way, by_name in losses.items()}
        small_multiples(args.png, panels, "Validation loss by the threshold of clipping", "threshold",
                        "nats a character", log_x=True, line=(worst, "nothing learnt, or diverged"))


if __name__ == "__main__":
    main()
