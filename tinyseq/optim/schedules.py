"""Learning rates that change with the step. Steps count from 0.

    opt.lr = schedule.lr(step)         before opt.step()

    schedule.update(metric)           after each validation

A schedule of steps remembers nothing: the same step always has the same rate, so a resumed run needs only its step.
`Plateau` alone listens to the validations; it stands where it stood when it has been told of them again, in order.
"""
import math

from tinyseq.optim.settings import count, nonnegative, positive

__all__ = ["Constant", "CosineWithWarmup", "Exponential", "Plateau", "Step"]


class Schedule:
    """What the training loop asks of every schedule."""

    def lr(self, step: int) -> float:
        """The rate of this step."""
        raise NotImplementedError

    def update(self, metric: float) -> None:
        """Hear what a validation gave; a schedule of steps has no use for it."""


class Constant(Schedule):
    """lr(step) = lr"""

    def __init__(self, lr: float):
        self.start = nonnegative("lr", lr)

    def lr(self, step: int) -> float:
        """The rate of this step."""
        count("step", step, 0)
        return self.start


class Step(Schedule):
    """lr(step) = lr factor^floor(step / every)

    A few large drops: the rate is multiplied by `factor`, in (0, 1], at the steps every, 2 every, ...
    """

    def __init__(self, lr: float, every: int, factor: float):
        self.start = nonnegative("lr", lr)
        self.every, self.factor = count("every", every, 1), shrinking(factor)

    def lr(self, step: int) -> float:
        """The rate of this step."""
        return self.start * self.factor ** (count("step", step, 0) // self.every)


class Exponential(Schedule):
    """lr(step) = lr factor^floor(step / every)

    Steady decay: a little at each step, with a `factor` in (0, 1] just below 1. With every > 1 the decay is a
    staircase, constant for `every` steps (an epoch, say), and differs from `Step` in habit only.
    """

    def __init__(self, lr: float, factor: float, every: int = 1):
        self.start = nonnegative("lr", lr)
        self.factor, self.every = shrinking(factor), count("every", every, 1)

    def lr(self, step: int) -> float:
        """The rate of this step."""
        return self.start * self.factor ** (count("step", step, 0) // self.every)


class CosineWithWarmup(Schedule):
    """A linear rise to lr over `warmup` steps, then half a cosine wave down to `floor` at step `total`.

        step < warmup            lr (step + 1) / warmup
        warmup <= step < total   lr c + floor (1 - c)
        total <= step            floor

        c = (1 + cos(pi (step - warmup) / (total - warmup))) / 2

    warmup = 0 starts at lr. Needs 0 <= warmup < total and 0 <= floor <= lr.
    The cosine: Loshchilov & Hutter 2017, equation 5, without restarts; the warm-up: Goyal et al. 2017,
    section 2.2.
    """

    def __init__(self, lr: float, warmup: int, total: int, floor: float = 0.0):
        self.peak, self.floor = nonnegative("lr", lr), nonnegative("floor", floor)
        self.warmup, self.total = count("warmup", warmup, 0), count("total", total, 1)
        if self.warmup >= self.total:
            raise ValueError(f"warmup must end before the schedule does: warmup {warmup}, total {total}")
        if self.floor > self.peak:
            raise ValueError(f"floor must not be above lr: floor {floor}, lr {lr}")

    def lr(self, step: int) -> float:
        """The rate of this step."""
        step = count("step", step, 0)
        if step < self.warmup:
            return self.peak * ((step + 1) / self.warmup)
        if step >= self.total:
            return self.floor
        progress = (step - self.warmup) / (self.total - self.warmup)
        c = (1 + math.cos(math.pi * progress)) / 2
        return self.peak * c + self.floor * (1 - c)


class Plateau(Schedule):
    """The rate is multiplied by `factor`, in (0, 1], when `patience` validations in a row brought no new best.

        update(metric)   metric < best            best <- metric, waited <- 0
                         otherwise                waited <- waited + 1
                         waited = patience        rate <- max(floor, factor rate), waited <- 0

    The metric is what should become small. NaN is never a new best. Needs 0 <= floor <= lr.
    """

    def __init__(self, lr: float, factor: float = 0.5, patience: int = 2, floor: float = 0.0):
        self.rate, self.floor = nonnegative("lr", lr), nonnegative("floor", floor)
        self.factor, self.patience = shrinking(factor), count("patience", patience, 1)
        if self.floor > self.rate:
            raise ValueError(f"floor must not be above lr: floor {floor}, lr {lr}")
        self.best, self.waited = math.inf, 0

    def lr(self, step: int) -> float:
        """The rate of this step: as it is since the last update, whatever the step."""
        count("step", step, 0)
        return self.rate

    def update(self, metric: float) -> None:
        """Hear what a validation gave."""
        if metric < self.best:
            self.best, self.waited = metric, 0
            return
        self.waited += 1
        if self.waited == self.patience:
            self.rate, self.waited = max(self.floor, self.factor * self.rate), 0


def shrinking(factor: float) -> float:
    if positive("factor", factor) > 1:
        raise ValueError(f"factor must be above 0 and at most 1, got {factor!r}")
    return float(factor)
