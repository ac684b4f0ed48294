"""Practice 9.5, its last piece: a search in worker processes, with Optuna."""
import os
from dataclasses import dataclass
from typing import Any

from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise


@dataclass(frozen=True)
class Valley:
    """A loss that is as cheap as can be: smallest at one place, worse on all sides."""
    dropout: float
    power: float                         # of 10, of the best decay

    def __call__(self, dropout: float, decay: float) -> float:
        return float((dropout - self.dropout) ** 2 + (np.log10(decay) - self.power) ** 2 / 9)

    def __repr__(self) -> str:
        return "a valley"


def tried(loss: Valley, default: Any, u: Any, v: Any, workers: int) -> dict[str, Any]:
    """(1) to (4), without a process."""
    points = np.stack([np.append(default[0], 0.8 * u), np.append(default[1], 10.0 ** (4 * v - 4))], axis=1)
    losses = np.array([loss(*point) for point in points])
    return {"points": points, "losses": losses, "shares": np.array(list(map(len, np.array_split(losses, workers)))),
            "best": points[losses.argmin()]}


def probed(returned: Any, loss: Valley, default: Any, u: Any, v: Any, workers: int) -> tuple[Any, ...]:
    """What is found out about a search."""
    try:
        points, losses, processes, best = map(np.asarray, returned)
    except (TypeError, ValueError):
        raise TypeError("the answer should return points (N, 2), losses (N,), processes (N,) and best (2,)") from None
    others = processes[processes != os.getpid()]
    shares = np.unique(others, return_counts=True)[1]
    return points, losses, np.sort(shares)[::-1], best


def likely(loss: Valley, default: Any, u: Any, v: Any, workers: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    right = tried(loss, default, u, v, workers)
    points, losses = right["points"], right["losses"]
    N, empty = len(points), np.zeros(0, int)

    def of_decays(decay: Any) -> dict[str, Any]:
        other = points.copy()
        other[1:, 1] = decay
        return {"points": other}
    return {
        "the default is not among the trials (2)": {"points": points[1:]},
        "nothing is computed in another process: all trials are made by the one that asks; threads (n_jobs) are none "
        "either": {"shares": empty},
        "one process makes all trials, and in (3) they are shared among the workers": {"shares": [N]},
        "each process makes N trials, and in (3) its share of N": {"shares": [N] * workers},
        "a trial is missing from the shares: the default was tried by the process that asks, or N - 1 were shared":
            {"shares": list(map(len, np.array_split(losses[1:], workers)))},
        "each process makes N / workers trials, rounded down, and what is left over is made by none":
            {"shares": [N // workers] * workers},
        "each process makes N / workers trials, rounded up: together they make more than N":
            {"shares": [-(-N // workers)] * workers},
        "the default comes last, and in (2) it is trial 0": {"points": np.roll(points, -1, axis=0)},
        "decay is drawn evenly, and in (1) its power of 10 is: hardly a trial is below 0.01":
            of_decays(1e-4 + (1 - 1e-4) * v),
        "decay grows with e and not with 10 (1)": of_decays(np.exp(4 * v - 4)),
        "the power of 10 itself is handed on as the decay (1)": of_decays(4 * v - 4),
        "dropout lies between 0 and 1, and in (1) below 0.8":
            {"points": np.column_stack([np.append(default[0], u), points[:, 1]])},
        "dropout and decay stand in each other's place": {"points": points[:, ::-1]},
        "best is the point of the largest loss, and in (4) of the smallest: the study's direction is turned":
            {"best": points[losses.argmax()]},
        "best is the default, and in (4) the point of the smallest loss": {"best": points[0]},
        "best is the last point that was tried, and in (4) that of the smallest loss": {"best": points[-1]},
        "the losses are sorted, and should stand beside their points": {"losses": np.sort(losses)},
        "the loss was computed of (decay, dropout), and in (3) of (dropout, decay)":
            {"points": points, "losses": [loss(*point[::-1]) for point in points]},
        "the losses have their sign turned, as for a study that maximises; in (3) they are as they are":
            {"losses": -losses},
    }


@exercise("practice-9.5-search", "9.5", probe=probed, likely=likely, needs="optuna",
          gives="points (N, 2), losses (N), shares (workers), best (2)")
def search(draw: Draw) -> Case:
    """A search for dropout and weight decay in several processes at once, with Optuna.

    (1) dropout_i = 0.8 u_i,   decay_i = 10^(4 v_i - 4)         trials i = 1 .. N-1
    (2) trial 0 is the default, so that the best is never worse than it
    (3) loss_i = loss(dropout_i, decay_i)                       (N,)      each process makes its share of the N trials,
                                                                          as equal as can be, the larger ones first
    (4) best = (dropout_i, decay_i) of the smallest loss_i      (2,)

    All processes work on one study, which lies in a file: optuna.storages.JournalStorage(JournalFileBackend(path)), in
    a folder of tempfile.TemporaryDirectory. A sampler that learns from the trials before it, as Optuna's usual one
    does, decides by what has come back so far, and so by which process was faster. What is drawn beforehand, and put in
    by study.enqueue_trial, is tried in any case: the search can be repeated.

    Return points (N, 2), dropout and decay of each trial, by its number; losses (N,); processes (N,), the os.getpid()
    of the process that made each trial (trial.set_user_attr keeps it); best (2,). Of the processes the `shares` are
    looked at: how many trials each has made, without those of the process that asks.

    Optuna is installed by pip install "tinyseq[search]", or pip install optuna.

    Given   loss, a function of dropout and decay; default (2), a pair of them; u (M); v (M), numbers between 0 and 1,
            M = N - 1; workers, the number of processes
    Hint    First write it without Optuna and in one process: a loop over the points. What of it does a worker need?
    Hint    An objective(trial) asks trial.suggest_float("dropout", 0, 0.8) and trial.suggest_float("decay", 1e-4, 1,
            log=True) and returns the loss. A trial that was enqueued answers with the values that were put in.
    Hint    A worker, a multiprocessing.get_context("fork").Process, opens the study by optuna.load_study(study_name=
            ..., storage=...) and calls study.optimize(objective, n_trials=its share). Once all are joined, study.trials
            has params, value and user_attrs of each, and study.best_params those of the best.
    Look    points: is row 0 the default, and are the others (1)? Outside of the range that the objective asks for,
            Optuna draws another value.
    Look    losses: the loss of each row of points.
    Look    shares: what do they add up to, and who has made them?
    Look    best: of which trial, and is a small loss good or bad?"""
    M, workers = 1 + draw.sizes(1)[0], 2 + int(draw.ids(3))
    loss = Valley(float(draw.rng.uniform(0.1, 0.7)), float(draw.rng.uniform(-3.5, -0.5)))
    default, u, v = np.array([0.1, 0.01]), draw.rng.uniform(size=M), draw.rng.uniform(size=M)
    return Case({"loss": loss, "default": default, "u": u, "v": v, "workers": workers},
                tried(loss, default, u, v, workers))
