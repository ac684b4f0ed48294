"""The training loop. It knows models and tasks only through what it asks of them:

    model   .loss(batch) -> (sum, count),  .trained(),  .modules(),  .state_dict()
    task    .batch(step),  .after(batch),  .validate(model) -> {"validation": what should become small}
"""
import math
from dataclasses import dataclass, field
from typing import Any

from tinyseq.optim import clip_norm, clip_value
from tinyseq.training.interrupt import Interrupt
from tinyseq.training.parallel import default_threads, loss_and_gradients, one_blas_thread_each
from tinyseq.training.recipe import Recipe


@dataclass
class Progress:
    """How far a training has come."""
    step: int = 0                                  # steps done
    validations: list[tuple[int, float]] = field(default_factory=list)
    best_weights: dict[str, Any] = field(default_factory=dict)
    interrupted: bool = False                      # by Ctrl-C, before the last step

    @property
    def best(self) -> float:
        """The smallest validation so far."""
        return min((value for _, value in self.validations), default=math.inf)

    def since_best(self) -> int:
        """How many validations there were since the best one."""
        values = [value for _, value in self.validations]
        return len(values) - 1 - values.index(min(values)) if values else 0


class Watcher:
    """What the loop tells whoever looks on; this one does nothing."""

    def on_step(self, progress: Progress, loss: Any, norm: Any, lr: float) -> None:
        """After each step, with the loss and the gradient's norm as they are on the device."""

    def on_validation(self, progress: Progress, model: Any, optimiser: Any) -> None:
        """After each validation."""

    def on_end(self, progress: Progress, model: Any, optimiser: Any) -> None:
        """After the last step, or the one in which Ctrl-C was pressed."""


def train(model: Any, task: Any, recipe: Recipe, watcher: Watcher | None = None, progress: Progress | None = None,
          optimiser: Any = None) -> Progress:
    """Train `model` on `task` as `recipe` says, from where `progress` stands. Ends early on Ctrl-C, or after
    recipe.patience validations without a new best; best_weights holds the model that was best."""
    watcher, progress = watcher or Watcher(), progress or Progress()
    parameters = model.trained()
    optimiser = optimiser or recipe.make_optimiser(parameters)
    schedule = recipe.make_schedule()
    for _, value in progress.validations:
        schedule.update(value)
    threads = recipe.threads or default_threads()
    model.train()
    with one_blas_thread_each(), Interrupt() as interrupt:
        while progress.step < recipe.steps and not interrupt.asked and not _given_up(progress, recipe):
            batch = task.batch(progress.step)
            loss, gradients = loss_and_gradients(model, batch, threads, progress.step)
            task.after(batch)
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient
            norm = _clip(parameters, recipe)
            optimiser.lr = schedule.lr(progress.step)
            optimiser.step()
            progress.step += 1
            watcher.on_step(progress, loss, norm, optimiser.lr)
            if progress.step % recipe.evaluate_every == 0 or progress.step == recipe.steps:
                _validate(model, task, progress)
                schedule.update(progress.validations[-1][1])
                watcher.on_validation(progress, model, optimiser)
        progress.interrupted = interrupt.asked and progress.step < recipe.steps
        watcher.on_end(progress, model, optimiser)
    return progress


def _validate(model: Any, task: Any, progress: Progress) -> None:
    """Measure, and keep the weights if they are the best so far."""
    value = task.validate(model)["validation"]
    if value < progress.best or not progress.best_weights:
        progress.best_weights = model.state_dict()
    progress.validations.append((progress.step, value))


def _clip(parameters: list, recipe: Recipe) -> Any:
    """Clip as the recipe says; returns the norm before, where it was needed."""
    norm = clip_norm(parameters, recipe.clip_norm) if recipe.clip_norm else None
    if recipe.clip_value:
        clip_value(parameters, recipe.clip_value)
    return norm


def _given_up(progress: Progress, recipe: Recipe) -> bool:
    """Whether patience has run out."""
    return recipe.patience is not None and progress.since_best() >= recipe.patience
