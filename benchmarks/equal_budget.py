"""An LSTM, the transformer-based RNN and a transformer of about as many weights, on Tiny Shakespeare at equal steps.

    python benchmarks/equal_budget.py               trains -> results/equal_budget.json
    python benchmarks/equal_budget.py --table       prints the table from the results

All three see the same batches: 32 rows of 64 characters that read on from step to step, the state carried along. All
are trained by Adam with 100 steps of warm-up and a cosine, clipped by norm. The rate is what suits each in so many
steps (kept.py): that for few is too bold for many. Blocks look back 64 steps; an LSTM's state has no end.
"""
import argparse
from pathlib import Path
from typing import Any

from kept import WHOLE, Kept, Row, trained

KEPT = Kept(Path(__file__).parent / "results" / "equal_budget.json", trained)
EQUAL: dict[str, Any] = {"batch": 32, "seq_len": 64, "warmup": 100, "seed": 0}
MODELS: dict[str, tuple[float, dict[str, Any]]] = {        # the rate at which the search begins, and the sizes
    "char_lstm": (0.04, {"H": 256}),
    "transformer_rnn": (0.005, {"H": 136, "num_heads": 4, "context": 64}),
    "char_transformer": (0.005, {"C": 96, "num_layers": 3, "num_heads": 4, "context": 64}),
}
NAMES = {"char_lstm": "LSTM", "transformer_rnn": "transformer-based RNN", "char_transformer": "transformer"}
STEPS = (500, 2000)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--table", action="store_true")
    if not options.parse_args().table:
        for model, (first, sizes) in MODELS.items():
            for steps in STEPS:
                rate = KEPT.best_rate(first, model=model, **EQUAL, **sizes, steps=steps)
                KEPT.measured(model=model, text=WHOLE, **EQUAL, **sizes, steps=steps, lr=rate)
    print(table())


def table() -> str:
    """What each reached on the whole text, in Markdown."""
    lines = [f"| nats/char | parameters | {' | '.join(f'rate | {steps:,} steps' for steps in STEPS)} |",
             "|---" * (2 + 2 * len(STEPS)) + "|"]
    for model, name in NAMES.items():
        rows = {row["steps"]: row for row in KEPT.found(model=model, text=WHOLE)}
        if rows:
            parameters = next(iter(rows.values()))["parameters"]
            lines.append(f"| {name} | {parameters:,} | {' | '.join(cell(rows.get(steps)) for steps in STEPS)} |")
    return "\n".join(lines)


def cell(row: Row | None) -> str:
    """The rate of one training, and what it reached."""
    return f"{row['lr']:g} | {row['validation']:.3f}" if row else "- | -"


if __name__ == "__main__":
    main()
