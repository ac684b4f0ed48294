"""Depth: stacked LSTMs on Tiny Shakespeare, with and without residual connections.

    python benchmarks/depth.py --choose        the rate of each stack, on the first nine tenths of the text
    python benchmarks/depth.py --study         1, 2, 4, 8 layers of 128 units -> results/depth.json, depth.png
    python benchmarks/depth.py --three         one layer, three plain, three residual; three seeds each
    python benchmarks/depth.py --table         print both tables from the results

All stacks have the same units, steps, batches and schedule. The rate is what suits each: the best after
CHOOSING_STEPS steps on the first nine tenths, so that the last tenth, which is reported, chooses nothing. Rates that
have been tried are not tried again.
"""
import argparse
import json
import time
from pathlib import Path
from statistics import mean
from typing import Any

from tinyseq import backend, models
from tinyseq.data import load_corpus
from tinyseq.data.text import Corpus
from tinyseq.pictures import small_multiples
from tinyseq.training import CharacterTask, Recipe, train
from tinyseq.training.settings import divide

RESULTS = Path(__file__).parent / "results"
PATH = RESULTS / "depth.json"
LAYERS = (1, 2, 4, 8)
RATES = (0.005, 0.01, 0.02, 0.04)
H, CHOOSING_STEPS, STEPS, SEEDS = 128, 300, 1000, 3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    part = options.add_mutually_exclusive_group(required=True)
    for name in ("choose", "study", "three", "table"):
        part.add_argument(f"--{name}", action="store_true")
    args = options.parse_args()
    if args.choose:
        keep("rates", choose())
    elif args.study:
        keep("study", study())
        draw(kept("study"))
    elif args.three:
        keep("three", three())
    else:
        print(tables(json.loads(PATH.read_text())))


def stacks(layers: tuple[int, ...]) -> list[tuple[int, str | None]]:
    """(number of layers, residual) of each stack; one layer has nothing below it to add."""
    return [(n, residual) for n in layers for residual in ((None, "add") if n > 1 else (None,))]


def choose() -> list[dict]:
    """Every stack of the study at every rate, and at higher ones as long as the highest is the best; on the first nine
    tenths."""
    tried = {(row["layers"], row["residual"], row["lr"]): row for row in kept("rates")}
    whole = load_corpus("shakespeare")
    part = Corpus("shakespeare, first nine tenths", whole.text[:len(whole.text) * 9 // 10], whole.note)
    found = []
    for n, residual in stacks(LAYERS):
        rows: list[dict] = []
        rates = list(RATES)
        while rates:
            rate = rates.pop(0)
            rows.append(tried.get((n, residual, rate)) or trained(part, n, residual, rate, CHOOSING_STEPS))
            if not rates and min(rows, key=lambda row: row["validation"])["lr"] == rate:
                rates.append(2 * rate)
        found += rows
    return found


def best_rate(num_layers: int, residual: str | None) -> float:
    """What `choose` found for a stack; for three layers, what it found for four."""
    n = min(n for n in LAYERS if n >= num_layers)
    rows = [row for row in kept("rates") if (row["layers"], row["residual"]) == (n, residual)]
    return min(rows, key=lambda row: row["validation"])["lr"]


def study() -> list[dict]:
    """1, 2, 4 and 8 layers."""
    corpus = load_corpus("shakespeare")
    return [trained(corpus, n, residual, best_rate(n, residual), STEPS)
            for n, residual in stacks(LAYERS)]


def three() -> list[dict]:
    """One layer beside three."""
    corpus = load_corpus("shakespeare")
    return [trained(corpus, n, residual, best_rate(n, residual), STEPS, seed)
            for seed in range(SEEDS) for n, residual in stacks((1, 3))]


def trained(corpus: Corpus, num_layers: int, residual: str | None, lr: float, steps: int,
            seed: int = 0) -> dict[str, Any]:
    """deep_lstm's quick recipe with what is named here, and what it reached after its last step."""
    page = models.find("deep_lstm")
    stack = {"H": H, "num_layers": num_layers, "residual": residual, "lr": lr, "seed": seed}
    of_recipe, of_config = divide({**page.PRESETS["quick"], **stack, "steps": steps, "evaluate_every": steps},
                                  page.Config)
    recipe = Recipe(**of_recipe)
    task = CharacterTask(corpus, recipe)
    backend.manual_seed(seed)
    model = page.Model(page.Config(**of_config, **task.sizes))
    begin = time.perf_counter()
    reached = train(model, task, recipe).best
    row = {"layers": num_layers, "residual": residual, "lr": lr, "seed": seed, "steps": recipe.steps,
           "H": H, "parameters": model.count(), "validation": reached,
           "minutes": round((time.perf_counter() - begin) / 60, 1)}
    print(row, flush=True)
    return row


def kept(name: str) -> list[dict]:
    """One part of the results so far."""
    return json.loads(PATH.read_text()).get(name, []) if PATH.exists() else []


def keep(name: str, rows: list[dict]) -> None:
    """Put one part of the results in place of what it was."""
    found = json.loads(PATH.read_text()) if PATH.exists() else {}
    PATH.write_text(json.dumps({**found, name: rows}, indent=1) + "\n")


def draw(rows: list[dict]) -> None:
    """What each number of layers reached, plain and residual."""
    lines = {title: [(row["layers"], row["validation"]) for row in rows
                     if row["residual"] == residual or row["layers"] == 1]
             for title, residual in (("plain", None), ("residual", "add"))}
    small_multiples(RESULTS / "depth.png", {f"{H} units, {STEPS} steps": lines},
                    "Stacked LSTMs, Tiny Shakespeare", "layers", CharacterTask.unit, log_x=True)


def tables(found: dict[str, list[dict]]) -> str:
    """Both studies in Markdown."""
    lines = ["| layers of 128 | rate | plain, nats/char | rate | residual, nats/char |", "|---|---|---|---|---|"]
    by_kind = {(row["layers"], row["residual"]): row for row in found.get("study", [])}
    for n in LAYERS if by_kind else ():
        cells = [f"{by_kind[n, residual]['lr']} | {by_kind[n, residual]['validation']:.3f}"
                 if (n, residual) in by_kind else "- | -" for residual in (None, "add")]
        lines.append(f"| {n} | {' | '.join(cells)} |")
    lines += ["", "| layers of 128 | rate | nats/char, a seed each | mean | minutes |", "|---|---|---|---|---|"]
    for n, residual in stacks((1, 3)):
        rows = [row for row in found.get("three", []) if (row["layers"], row["residual"]) == (n, residual)]
        if rows:
            values = [row["validation"] for row in rows]
            name = f"{n}{', residual' if residual else ', plain' if n > 1 else ''}"
            lines.append(f"| {name} | {rows[0]['lr']} | {', '.join(f'{v:.3f}' for v in values)} | {mean(values):.3f} | "
                         f"{mean(row['minutes'] for row in rows):.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
