"""nanoGPT's recipe for a CPU, in tinyseq and in PyTorch: the same first weights, batches, schedule, decay and clipping.

    python benchmarks/mini_gpt.py [--steps 2000] [--json benchmarks/results/mini_gpt.json]

Needs PyTorch (extra `oracle`) and Tiny Shakespeare. The two take turns, CHUNK steps each; a ratio is the median over
the chunks, and on a busy machine it says nothing (recurrent.py says why). A step is all that training does but for
validation. At the end PyTorch's weights are read back, and both are measured by the same code, on the held-out tail.
"""
import argparse
import json
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from attention import InPyTorch
from recurrent import BUSY, machine, spread

from tinyseq.backend import manual_seed, to_device
from tinyseq.data import load_corpus
from tinyseq.interop import from_pytorch
from tinyseq.models.mini_gpt import PRESETS, Config, MiniGPT
from tinyseq.optim import clip_norm
from tinyseq.training import CharacterTask, Recipe
from tinyseq.training.parallel import default_threads, loss_and_gradients, one_blas_thread_each
from tinyseq.training.settings import divide

CHUNK = 50


class Learner(NamedTuple):
    """One of the two: `step` takes the step of this number and returns the loss; the clock runs inside `limits`."""
    step: Callable[[int], float]
    limits: Callable[[], AbstractContextManager]


def our_steps(model: MiniGPT, task: CharacterTask, recipe: Recipe, threads: int) -> Callable[[int], float]:
    """A step as training/loop.py takes it."""
    parameters, schedule = model.trained(), recipe.make_schedule()
    optimiser = recipe.make_optimiser(parameters)

    def step(number: int) -> float:
        loss, gradients = loss_and_gradients(model, task.batch(number), threads, number)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        assert recipe.clip_norm
        clip_norm(parameters, recipe.clip_norm)
        optimiser.lr = schedule.lr(number)
        optimiser.step()
        return float(loss)
    return step


def their_steps(theirs: InPyTorch, task: CharacterTask, recipe: Recipe) -> Callable[[int], float]:
    """The same in PyTorch."""
    parameters, schedule = theirs.parameters(), recipe.make_schedule()
    groups: list[dict[str, Any]] = [
        {"params": [p for p in parameters if p.ndim > 1]},
        {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, recipe.beta2), weight_decay=recipe.weight_decay)

    def step(number: int) -> float:
        batch = task.batch(number)
        logits = theirs.logits(torch.from_numpy(batch.ids))
        loss = theirs.F.cross_entropy(logits.flatten(0, 1), torch.from_numpy(batch.targets).flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, recipe.clip_norm or math.inf)
        for group in optimiser.param_groups:
            group["lr"] = schedule.lr(number)
        optimiser.step()
        return loss.item()
    return step


def write_back(theirs: InPyTorch, model: MiniGPT) -> None:
    """PyTorch's weights into a model of ours."""
    def arrays(weights: dict[str, Any]) -> dict[str, Any]:
        return {name: w.detach().numpy() for name, w in weights.items()}

    own = arrays(theirs.own)
    model.E.data, model.stack.positions.P.data = to_device(own.pop("E")), to_device(own.pop("P"))
    from_pytorch(model.stack.final_norm, own)
    for block, weights in zip(model.stack.blocks, theirs.weights, strict=True):
        from_pytorch(block, arrays(weights))


def compare(recipe: Recipe, config: Config, threads: int) -> dict[str, Any]:
    """Train both, taking turns, and measure both."""
    corpus = load_corpus("shakespeare")
    manual_seed(recipe.seed)
    model = MiniGPT(config)
    theirs, task = InPyTorch(model, config.num_heads), CharacterTask(corpus, recipe)
    torch.set_num_threads(threads)
    learners = {"tinyseq": Learner(our_steps(model, task, recipe, threads), one_blas_thread_each),
                "PyTorch": Learner(their_steps(theirs, CharacterTask(corpus, recipe), recipe), nullcontext)}
    seconds: dict[str, list[float]] = {name: [] for name in learners}
    losses: dict[str, float] = {}
    for first in range(0, recipe.steps, CHUNK):
        for name, learner in learners.items():
            with learner.limits():
                begin = time.perf_counter()
                for number in range(first, min(first + CHUNK, recipe.steps)):
                    losses[name] = learner.step(number)
                seconds[name].append(time.perf_counter() - begin)
    row: dict[str, Any] = {"steps": recipe.steps, "loss of the last step": losses,
                           "seconds": {name: round(sum(s), 1) for name, s in seconds.items()},
                           "tinyseq / PyTorch": spread([a / b for a, b in zip(*seconds.values(), strict=True)])}
    reference = MiniGPT(config)
    write_back(theirs, reference)
    row["validation"] = {name: task.validate(m)["validation"] for name, m in (("tinyseq", model),
                                                                             ("PyTorch", reference))}
    return row


def main() -> None:
    options = argparse.ArgumentParser(description="miniGPT's quick recipe beside PyTorch.")
    options.add_argument("--steps", type=int, help="instead of those of the recipe, its schedule shortened")
    options.add_argument("--threads", type=int, default=default_threads(), help="for both (default: one a core)")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    args = options.parse_args()
    of_recipe, of_config = divide(PRESETS["quick"], Config)
    recipe = Recipe(**of_recipe)
    result = {"machine": machine(), "threads": args.threads}
    if (before := result["machine"]["load before"] or 0) > BUSY:
        print(f"WARNING: the machine was busy (load {before}) when this began: do not quote these times.")
    result |= compare(replace(recipe, steps=args.steps or recipe.steps), Config(**of_config), args.threads)
    print(json.dumps(result, indent=1))
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
