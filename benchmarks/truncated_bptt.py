"""How far the gradient of truncated back-propagation through time is from the whole one.

    python benchmarks/truncated_bptt.py [--json FILE] [--png FILE]

A text of 128 characters is read in pieces of k: the state goes on from piece to piece, the gradient stops at their
borders (`state.detach()`), and the pieces' gradients are added. k = 128 is the whole gradient g; g_k has a bias, which
no number of examples averages away. For RNN, LSTM and GRU on Tiny Shakespeare, over all weights of the cell, before
training and after 300 steps of the quick recipe:

    relative error   |g_k - g| / |g|              angle   between g_k and g, in degrees

Beside it the noise that any training lives with: the relative error of a batch's own whole gradient against the mean
over all batches. (Williams and Peng 1990 introduced the truncation; Tallec and Ollivier 2017 write about its bias.)
"""
import argparse
import json
import math
from typing import Any

from tinyseq import models, ops
from tinyseq.autograd import gradients
from tinyseq.backend import host, manual_seed, to_host
from tinyseq.data import load_corpus
from tinyseq.pictures import small_multiples
from tinyseq.training import CharacterTask, Recipe, train
from tinyseq.training.parallel import one_blas_thread_each

np = host.np
MODELS = {"RNN": "char_rnn", "LSTM": "char_lstm", "GRU": "char_gru"}
H, B, T, BATCHES = 128, 32, 128, 6
LENGTHS = (1, 2, 4, 8, 16, 32, 64, 128)


def truncated(model: Any, ids: Any, targets: Any, k: int) -> Any:
    """g_k of the cell's weights, side by side in one vector, for the mean loss of a batch (B, T)."""
    weights = model.stack.parameters()
    state, total = model.start(len(ids)), np.zeros(sum(w.size for w in weights))
    for start in range(0, T, k):
        logits, state = model(ids[:, start:start + k], state)
        loss = ops.cross_entropy(logits, targets[:, start:start + k], reduction="sum")
        found = gradients(loss, weights)
        total = total + np.concatenate([to_host(g).reshape(-1).astype("float64") for g in found])
        state = state.detach()
    return total / ids.size


def measure(model: Any, batches: list[Any]) -> dict[str, Any]:
    """The bias of every g_k, averaged over the batches first, and the noise of a batch."""
    found = {k: np.array([truncated(model, ids, targets, k) for ids, targets in batches])     # (BATCHES, weights)
             for k in LENGTHS}
    g, size = found[T].mean(axis=0), np.linalg.norm(found[T].mean(axis=0))
    rows = []
    for k in LENGTHS:
        g_k = found[k].mean(axis=0)
        cosine = float(g_k @ g / (np.linalg.norm(g_k) * size))
        rows.append({"k": k, "error": round(float(np.linalg.norm(g_k - g) / size), 5),
                     "angle": round(math.degrees(math.acos(min(1.0, cosine))), 3)})
    noise = np.linalg.norm(found[T] - g, axis=1).mean() / size * math.sqrt(BATCHES / (BATCHES - 1))
    return {"rows": rows, "noise of a batch": round(float(noise), 5)}


def windows(task: CharacterTask) -> list[Any]:
    """Batches (ids, targets), each (B, T), from random places of the held-out text."""
    rng, text = np.random.default_rng(0), task.validation_ids
    places = rng.integers(0, len(text) - T - 1, (BATCHES, B))
    return [(text[rows[:, None] + np.arange(T)], text[rows[:, None] + np.arange(1, T + 1)]) for rows in places]


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--steps", type=int, default=300, help="of training, before the second measurement")
    options.add_argument("--json", metavar="FILE", help="write the results")
    options.add_argument("--png", metavar="FILE", help="draw them")
    args = options.parse_args()
    recipe = Recipe(steps=args.steps, batch=32, seq_len=64, warmup=min(100, args.steps - 1), evaluate_every=args.steps)
    results: dict[str, dict[str, Any]] = {"before training": {}, "after training": {}}
    for name, page_name in MODELS.items():
        page = models.find(page_name)
        task = CharacterTask(load_corpus("shakespeare"), recipe)
        manual_seed(recipe.seed)
        model = page.Model(page.Config(H=H, **task.sizes))
        with one_blas_thread_each():
            results["before training"][name] = measure(model, windows(task))
            train(model, task, recipe)
            results["after training"][name] = measure(model, windows(task))
        for when, by_name in results.items():
            print(f"{name}, {when}: noise of a batch {by_name[name]['noise of a batch']:.3f}")
            for row in by_name[name]["rows"]:
                print(f"  k {row['k']:>4}   relative error {row['error']:.4f}   angle {row['angle']:.2f}", flush=True)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"H": H, "T": T, "B": B, "batches": BATCHES, "steps": args.steps, **results}, file, indent=1)
            file.write("\n")
    if args.png:
        panels = {f"{what}, {when}": {name: [(row["k"], row[key]) for row in found["rows"][:-1]]
                                      for name, found in by_name.items()}
                  for what, key in (("relative error", "error"), ("angle in degrees", "angle"))
                  for when, by_name in results.items()}
        small_multiples(args.png, panels, "The bias of truncated BPTT", "k, steps to the cut", "", log_x=True,
                        share_y=False)


if __name__ == "__main__":
    main()
