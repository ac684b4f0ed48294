"""Depth: stacked LSTMs on Tiny Shakespeare, with and without residual connections.

    python benchmarks/depth.py [--study | --three]      trains -> results/depth.json, depth.png
    python benchmarks/depth.py --table                  prints both tables from the results

    --study    1, 2, 4 and 8 layers, one seed
    --three    one layer, three plain, three residual; three seeds

All stacks have the same units, steps, batches and schedule. The rate is what suits each (kept.py); three and eight
layers take that of four. Each training is kept as soon as it is over, and what is there is not trained again.
"""
import argparse
from pathlib import Path
from statistics import mean
from typing import Any

from kept import WHOLE, Kept, Row, trained

from tinyseq import models
from tinyseq.pictures import small_multiples
from tinyseq.training import CharacterTask

RESULTS = Path(__file__).parent / "results"
LAYERS, SEARCHED = (1, 2, 4, 8), (1, 2, 4)
RATE = 0.04
H, STEPS, SEEDS = 128, 1000, 3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    part = options.add_mutually_exclusive_group()
    for name in ("study", "three", "table"):
        part.add_argument(f"--{name}", action="store_true")
    args = options.parse_args()
    if args.table:
        print(tables())
        return
    if not args.three:
        for n, residual in stacks(LAYERS):
            measured(n, residual)
        draw()
    if not args.study:
        for seed in range(SEEDS):
            for n, residual in stacks((1, 3)):
                measured(n, residual, seed)


def stacks(layers: tuple[int, ...]) -> list[tuple[int, str | None]]:
    """(number of layers, residual) of each stack; one layer has nothing below it to add."""
    return [(n, residual) for n in layers for residual in ((None, "add") if n > 1 else (None,))]


def measured(num_layers: int, residual: str | None, seed: int = 0) -> Row:
    """The row of this stack on the whole text, trained if it is not there yet."""
    searched = num_layers if num_layers in SEARCHED else max(SEARCHED)
    equal: dict[str, Any] = {"residual": residual, "steps": STEPS, "H": H}
    rate = KEPT.best_rate(RATE, layers=searched, **equal, seed=0)
    return KEPT.measured(text=WHOLE, layers=num_layers, **equal, seed=seed, lr=rate)


def trained_stack(layers: int, **asked: Any) -> Row:
    """What deep_lstm's quick recipe reached with what is asked."""
    return trained("deep_lstm", num_layers=layers, **{**models.find("deep_lstm").PRESETS["quick"], **asked})


KEPT = Kept(RESULTS / "depth.json", trained_stack)


# Results ----------------------------------------------------------------------------------------------------

def reached(num_layers: int, residual: str | None) -> list[Row]:
    """The rows of a stack on the whole text, by seed."""
    return sorted(KEPT.found(text=WHOLE, layers=num_layers, residual=residual), key=lambda row: row["seed"])


def draw() -> None:
    """What each number of layers reached, plain and residual."""
    lines = {title: [(n, row["validation"]) for n in LAYERS for row in reached(n, residual if n > 1 else None)[:1]]
             for title, residual in (("plain", None), ("residual", "add"))}
    small_multiples(RESULTS / "depth.png", {f"{H} units, {STEPS} steps": lines},
                    "Stacked LSTMs, Tiny Shakespeare", "layers", CharacterTask.unit, log_x=True)


def tables() -> str:
    """Both studies in Markdown."""
    lines = [f"| layers of {H} | rate | plain, nats/char | rate | residual, nats/char |", "|---|---|---|---|---|"]
    for n in LAYERS:
        cells = [f"{rows[0]['lr']} | {rows[0]['validation']:.3f}" if (rows := reached(n, residual)) else "- | -"
                 for residual in (None, "add")]
        lines.append(f"| {n} | {' | '.join(cells)} |")
    lines += ["", f"| layers of {H} | rate | nats/char, a seed each | mean |", "|---|---|---|---|"]
    for n, residual in stacks((1, 3)):
        values = [row["validation"] for row in reached(n, residual)]
        if values:
            name = f"{n}{', residual' if residual else ', plain' if n > 1 else ''}"
            lines.append(f"| {name} | {reached(n, residual)[0]['lr']} | {', '.join(f'{v:.3f}' for v in values)} | "
                         f"{mean(values):.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
