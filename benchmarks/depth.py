"""Depth: stacked LSTMs on Tiny Shakespeare, with and without residual connections.

    python benchmarks/depth.py [--study | --three]      trains -> results/depth.json, depth.png
    python benchmarks/depth.py --table                  prints both tables from the results

    --study    1, 2, 4 and 8 layers, one seed
    --three    one layer, three plain, three residual; three seeds

All stacks have the same units, steps, batches and schedule. The rate is what suits each: from RATE on it is halved or
doubled for as long as that helps on the first nine tenths of the text, of which the last tenth then measures; so the
last tenth of the whole, which is reported, chooses nothing. Three and eight layers take the rate of four. Each training
is kept as soon as it is over, and what is there is not trained again.
"""
import argparse
import json
import time
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

from tinyseq import backend, models
from tinyseq.data import load_corpus
from tinyseq.data.text import Corpus
from tinyseq.files import write_atomically
from tinyseq.pictures import small_multiples
from tinyseq.training import CharacterTask, Recipe, train
from tinyseq.training.settings import divide

RESULTS = Path(__file__).parent / "results"
PATH = RESULTS / "depth.json"
LAYERS, SEARCHED = (1, 2, 4, 8), (1, 2, 4)
RATE = 0.04
H, STEPS, SEEDS = 128, 1000, 3
PART = "first nine tenths"
Row = dict[str, Any]


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
            measured("whole", n, residual, best_rate(n, residual))
        draw()
    if not args.study:
        for seed in range(SEEDS):
            for n, residual in stacks((1, 3)):
                measured("whole", n, residual, best_rate(n, residual), seed)


def stacks(layers: tuple[int, ...]) -> list[tuple[int, str | None]]:
    """(number of layers, residual) of each stack; one layer has nothing below it to add."""
    return [(n, residual) for n in layers for residual in ((None, "add") if n > 1 else (None,))]


def best_rate(num_layers: int, residual: str | None) -> float:
    """The rate with which this stack, or the one that it takes its rate from, does best on PART."""
    n = num_layers if num_layers in SEARCHED else max(SEARCHED)

    def score(rate: float) -> float:
        return measured(PART, n, residual, rate)["validation"]

    best = RATE
    for factor in (0.5, 2.0):
        while score(factor * best) < score(best):
            best *= factor
    return best


def measured(text: str, num_layers: int, residual: str | None, lr: float, seed: int = 0) -> Row:
    """The row of this training, trained if it is not there yet."""
    asked = {"text": text, "layers": num_layers, "residual": residual, "lr": lr, "seed": seed, "steps": STEPS, "H": H}
    rows = kept()
    there = [row for row in rows if row.items() >= asked.items()]
    if there:
        return there[0]
    row = asked | trained(corpus(text), asked)
    write_atomically(PATH, (json.dumps([*rows, row], indent=1) + "\n").encode())
    print(row, flush=True)
    return row


def trained(text: Corpus, asked: Row) -> Row:
    """deep_lstm's quick recipe with what is asked, and what it reached after its last step."""
    page = models.find("deep_lstm")
    changed = {"num_layers": asked["layers"], "evaluate_every": STEPS,
               **{name: asked[name] for name in ("H", "residual", "lr", "seed", "steps")}}
    of_recipe, of_config = divide({**page.PRESETS["quick"], **changed}, page.Config)
    recipe = Recipe(**of_recipe)
    task = CharacterTask(text, recipe)
    backend.manual_seed(recipe.seed)
    model = page.Model(page.Config(**of_config, **task.sizes))
    begin = time.perf_counter()
    reached = train(model, task, recipe).best
    return {"parameters": model.count(), "validation": reached,
            "minutes": round((time.perf_counter() - begin) / 60, 1)}


@cache
def corpus(text: str) -> Corpus:
    """Tiny Shakespeare, whole or its first nine tenths."""
    whole = load_corpus("shakespeare")
    return whole if text == "whole" else Corpus(text, whole.text[:len(whole.text) * 9 // 10], whole.note)


# Results ----------------------------------------------------------------------------------------------------

def kept() -> list[Row]:
    """All rows so far."""
    return json.loads(PATH.read_text()) if PATH.exists() else []


def reached(num_layers: int, residual: str | None) -> list[Row]:
    """The rows of a stack on the whole text, by seed."""
    rows = [row for row in kept() if (row["text"], row["layers"], row["residual"]) == ("whole", num_layers, residual)]
    return sorted(rows, key=lambda row: row["seed"])


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
