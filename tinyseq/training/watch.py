"""What a run shows and keeps while it trains: a bar with loss, speed and time left; the log; the checkpoints."""
import math
import sys
import time
from pathlib import Path
from typing import Any

from tinyseq.training.loop import Progress, Watcher
from tinyseq.training.recipe import Recipe
from tinyseq.training.run import Log, save_checkpoint

EVERY = 10                             # steps between two looks at the loss: a look makes a GPU wait


class RunWatcher(Watcher):
    """Writes into the run folder and draws the bar on stderr. Raises ValueError when the loss is no longer finite."""

    def __init__(self, folder: Path, recipe: Recipe, task: Any, progress: Progress):
        from tqdm import tqdm

        self.folder, self.recipe, self.task = folder, recipe, task
        self.log = Log(folder, progress.step)
        self.losses: list[Any] = []
        self.saved_at = -1
        self.started, self.first_step = time.perf_counter(), progress.step
        terminal = sys.stderr.isatty()
        self.bar = tqdm(total=recipe.steps, initial=progress.step, unit="step", desc="training", dynamic_ncols=terminal,
                        mininterval=0.2 if terminal else 10, file=sys.stderr)

    def on_step(self, progress: Progress, loss: Any, norm: Any, lr: float) -> None:
        self.losses.append(loss)
        self.bar.update(1)
        if progress.step % EVERY == 0 or progress.step == self.recipe.steps:
            mean = float(sum(self.losses)) / len(self.losses)
            self.losses = []
            if not math.isfinite(mean):
                raise ValueError(f"the loss became {mean} by step {progress.step}: train again with a lower --lr; "
                                 f"the last good checkpoint is in {self.folder}")
            seconds = time.perf_counter() - self.started
            speed = (progress.step - self.first_step) * self.recipe.batch * self.recipe.seq_len / seconds
            self.bar.set_postfix_str(f"loss {mean:.3f}, {speed / 1000:.0f}k inputs/s", refresh=False)
            line = {"step": progress.step, "loss": mean, "lr": lr, "seconds": round(seconds, 2)}
            self.log.write(**line, **({} if norm is None else {"norm": float(norm)}))

    def on_validation(self, progress: Progress, model: Any, optimiser: Any) -> None:
        step, value = progress.validations[-1]
        self.log.write(step=step, validation=value)
        best = "  (best)" if progress.since_best() == 0 else ""
        self.bar.write(f"step {step:>6}  {self.task.describe(value)}{best}", file=sys.stderr)
        self.save(progress, model, optimiser)

    def on_end(self, progress: Progress, model: Any, optimiser: Any) -> None:
        if self.saved_at != progress.step:
            self.save(progress, model, optimiser)

    def save(self, progress: Progress, model: Any, optimiser: Any) -> None:
        """Write the checkpoint."""
        save_checkpoint(self.folder, progress, model, optimiser, self.task)
        self.saved_at = progress.step

    def close(self) -> None:
        """Take the bar away and end the log."""
        self.bar.close()
        self.log.close()
