"""What a training step of a word table costs, with gradients by rows and without, as the vocabulary grows.

    python benchmarks/sparse_adam.py [--json FILE]

One step: look up 32 x 35 words that are drawn as words are (Zipf's law), a small network behind them whose size does
not depend on V, all gradients, the optimiser. `dense` is Embedding(V, C) with Adam, which walks through all V rows of
the gradient, of both moments and of the weights; `sparse` is Embedding(V, C, sparse=True) with SparseAdam. Both take
turns, and the medians are compared: run it on an idle machine.
"""
import argparse
import json
import time
from statistics import median
from typing import Any

from tinyseq import layers, ops, optim
from tinyseq.autograd import gradients
from tinyseq.backend import host, manual_seed
from tinyseq.training.parallel import one_blas_thread_each

np = host.np
B, T, C = 32, 35, 128
VOCABULARIES = (5_000, 50_000, 200_000)


class Words(layers.Module):
    """mean |tanh(W[ids]) U|^2, which needs every gradient there is."""

    def __init__(self, V: int, sparse: bool):
        self.embedding = layers.Embedding(V, C, sparse=sparse)
        self.output = layers.Linear(C, C)

    def loss(self, ids: Any) -> Any:
        y = self.output(ops.tanh(self.embedding(ids)))
        return (y * y).mean()


def zipf(V: int, rng: Any) -> Any:
    """Ids (B, T): the word of rank k with a probability proportional to 1 / k."""
    weights = 1 / np.arange(1, V + 1)
    return rng.choice(V, (B, T), p=weights / weights.sum())


def made(V: int, sparse: bool) -> tuple[Words, Any]:
    """A model and its optimiser."""
    manual_seed(0)
    model = Words(V, sparse)
    return model, (optim.SparseAdam if sparse else optim.Adam)(model.parameters(), lr=1e-3)


def seconds(model: Words, optimiser: Any, ids: Any) -> float:
    """How long one step takes."""
    parameters = model.parameters()
    started = time.perf_counter()
    for parameter, gradient in zip(parameters, gradients(model.loss(ids), parameters), strict=True):
        parameter.grad = gradient
    optimiser.step()
    return time.perf_counter() - started


def measure(V: int, rounds: int) -> dict[str, float]:
    """Milliseconds of a step, and how many rows a batch has."""
    rng = np.random.default_rng(V)
    ways = {"sparse": made(V, True), "dense": made(V, False)}
    times: dict[str, list[float]] = {name: [] for name in ways}
    rows = []
    for _ in range(rounds):
        ids = zipf(V, rng)
        rows.append(len(np.unique(ids)))
        for name, way in ways.items():
            times[name].append(seconds(*way, ids))
    found = {name: round(1000 * median(taken[1:]), 3) for name, taken in times.items()}     # the first warms up
    return {"V": V, "rows": median(rows), **found, "dense / sparse": round(found["dense"] / found["sparse"], 1)}


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--json", metavar="FILE", help="write the results")
    args = options.parse_args()
    print(f"{'V':>8}{'rows':>7}{'sparse ms':>12}{'dense ms':>12}{'dense / sparse':>16}")
    with one_blas_thread_each():
        table = [measure(V, args.rounds) for V in VOCABULARIES]
    for row in table:
        print(f"{row['V']:>8}{row['rows']:>7.0f}{row['sparse']:>12.2f}{row['dense']:>12.2f}"
              f"{row['dense / sparse']:>16.1f}")
    growth = table[-1]["sparse"] / table[0]["sparse"]
    print(f"from V = {VOCABULARIES[0]:,} to {VOCABULARIES[-1]:,} the sparse step takes {growth:.2f} times as long")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"batch": [B, T], "C": C, "table": table}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
