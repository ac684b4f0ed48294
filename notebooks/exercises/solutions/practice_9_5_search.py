"""practice-9.5-search: a solution, other right ones, and mistakes."""
import multiprocessing
import os
import pickle
import tempfile
from pathlib import Path

import numpy as np

try:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend
    optuna.logging.set_verbosity(optuna.logging.WARNING)
except ImportError:                                        # the extra `search` is not installed
    pass

FORK = multiprocessing.get_context("fork")
NAME = "dropout and decay"


def practice_9_5_search(loss, default, u, v, workers):
    dropout, decay = np.append(default[0], 0.8 * u), np.append(default[1], 10.0 ** (4 * v - 4))     # (1) (2)
    points = np.stack([dropout, decay], axis=1)                                                     # (2)
    shares = [len(share) for share in np.array_split(points, workers)]                              # (3)
    losses, processes, best = searched(points, shares, loss)                                        # (3) (4)
    return points, losses, processes, best


def searched(points, shares, loss):
    """(3) and (4): one study in a file, and a process for each share."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/journal.log"
        study = optuna.create_study(study_name=NAME, storage=storage(path), direction="minimize")
        for dropout, decay in points:
            study.enqueue_trial({"dropout": dropout, "decay": decay})
        workers = [FORK.Process(target=work, args=(path, share, loss)) for share in shares]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        trials, best = study.trials, study.best_params
    return ([trial.value for trial in trials], [trial.user_attrs["process"] for trial in trials],
            [best["dropout"], best["decay"]])


def storage(path):
    return JournalStorage(JournalFileBackend(path))


def work(path, share, loss):
    """What one process does."""
    def objective(trial):
        trial.set_user_attr("process", os.getpid())
        return loss(trial.suggest_float("dropout", 0, 0.8), trial.suggest_float("decay", 1e-4, 1, log=True))
    optuna.load_study(study_name=NAME, storage=storage(path)).optimize(objective, n_trials=share)


# Right --------------------------------------------------------------------------------------------------------

def right_ask_and_tell(loss, default, u, v, workers):
    """The loop of each worker written out; what comes back is read from the journal."""
    drawn = zip((0.8 * u).tolist(), (10.0 ** (4 * v - 4)).tolist(), strict=True)
    points = [(float(default[0]), float(default[1])), *drawn]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log")
        study = optuna.create_study(storage=storage(path), study_name=NAME)
        for point in points:
            study.enqueue_trial(dict(zip(("dropout", "decay"), point, strict=True)))

        def asking(number):
            mine = optuna.load_study(study_name=NAME, storage=storage(path))
            for _ in range(len(points) // workers + (number < len(points) % workers)):
                trial = mine.ask()
                trial.set_user_attr("by", os.getpid())
                dropout, decay = trial.suggest_float("dropout", 0, 1), trial.suggest_float("decay", 1e-5, 10)
                mine.tell(trial, loss(dropout, decay))
        started = [FORK.Process(target=asking, args=(number,)) for number in range(workers)]
        [one.start() for one in started]
        [one.join() for one in started]
        trials = sorted(study.get_trials(), key=lambda trial: trial.number)
    found = np.array([[trial.params["dropout"], trial.params["decay"], trial.value] for trial in trials])
    return found[:, :2], found[:, 2], [trial.user_attrs["by"] for trial in trials], found[found[:, 2].argmin(), :2]


def right_through_pipes(loss, default, u, v, workers):
    """Without Optuna: each process sends its share back at once."""
    points, ends = points_of(default, u, v), []
    for share in np.array_split(points, workers):
        here, there = FORK.Pipe(duplex=False)
        FORK.Process(target=lambda share=share, there=there: there.send(of_share(share, loss))).start()
        ends.append(here)
    losses, processes = zip(*(one for here in ends for one in here.recv()), strict=True)
    return points, losses, processes, points[np.argmin(losses)]


def right_by_files(loss, default, u, v, workers):
    """Without Optuna: each child leaves a file."""
    points = points_of(default, u, v)
    with tempfile.TemporaryDirectory() as folder:
        children = []
        for number, share in enumerate(np.array_split(points, workers)):
            child = os.fork()
            if child == 0:
                Path(folder, str(number)).write_bytes(pickle.dumps(of_share(share, loss)))
                os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        done = [one for number in range(workers) for one in pickle.loads(Path(folder, str(number)).read_bytes())]
    losses = np.array([loss for loss, _ in done])
    return points, losses, [process for _, process in done], points[losses == losses.min()][0]


def right_every_other(loss, default, u, v, workers):
    """Process w takes the points w, w + workers, w + 2 workers ..., and sends them through a queue."""
    points, queue = points_of(default, u, v), FORK.SimpleQueue()

    def send(number):
        for i in range(number, len(points), workers):
            queue.put((i, loss(*points[i]), os.getpid()))
    started = [FORK.Process(target=send, args=(number,)) for number in range(workers)]
    for one in started:
        one.start()
    done = sorted(queue.get() for _ in points)
    for one in started:
        one.join()
    best = min(done, key=lambda one: one[1])[0]
    return points, [one[1] for one in done], [one[2] for one in done], points[best]


# Wrong --------------------------------------------------------------------------------------------------------

def points_of(default, u, v):
    """(1) and (2)"""
    return np.array([default, *zip(0.8 * u, 10.0 ** (4 * v - 4), strict=True)])


def of_share(share, loss):
    return [(loss(*point), os.getpid()) for point in share]


def made(points, loss, shares):
    """(3) and (4), for those that go wrong elsewhere. shares: the points of each process."""
    done = []
    for share in shares:
        queue = FORK.SimpleQueue()
        worker = FORK.Process(target=lambda share=share, queue=queue: queue.put(of_share(share, loss)))
        worker.start()
        done += queue.get()
        worker.join()
    losses, processes = zip(*done, strict=True)
    return points, losses, processes, points[np.argmin(losses[:len(points)])]


def wrong_linear_decay(loss, default, u, v, workers):
    """decay is drawn evenly between 1e-4 and 1, so hardly any trial is below 0.01; in (1) its power of 10 is

    Named by: decay drawn evenly power (1)"""
    points = np.array([default, *zip(0.8 * u, 1e-4 + (1 - 1e-4) * v, strict=True)])
    return made(points, loss, np.array_split(points, workers))


def wrong_one_process(loss, default, u, v, workers):
    """all trials are made by the process that asks: n_jobs makes threads, and (3) asks for processes

    Named by: nothing another process | threads process"""
    points = points_of(default, u, v)
    losses, processes = zip(*of_share(points, loss), strict=True)
    return points, losses, processes, points[np.argmin(losses)]


def wrong_all_trials_in_each(loss, default, u, v, workers):
    """each process makes all N trials, as if n_trials were the number of all together; in (3) it makes its share

    Named by: each process N trials share"""
    points = points_of(default, u, v)
    _, losses, processes, best = made(points, loss, [points] * workers)
    return np.concatenate([points] * workers), losses, processes, best


def wrong_default_not_tried(loss, default, u, v, workers):
    """the default of (2) is not among the trials, so the best may be worse than it

    Named by: default not among trials (2)"""
    points = points_of(default, u, v)[1:]
    return made(points, loss, np.array_split(points, workers))


def wrong_default_by_the_one_that_asks(loss, default, u, v, workers):
    """the default is tried before the workers begin, by the process that asks; in (3) the shares are of all N trials

    Named by: default process that asks | trial missing shares default"""
    points = points_of(default, u, v)
    _, losses, processes, _ = made(points[1:], loss, np.array_split(points[1:], workers))
    losses = [loss(*default), *losses]
    return points, losses, [os.getpid(), *processes], points[np.argmin(losses)]


def wrong_largest(loss, default, u, v, workers):
    """best is the point of the largest loss: the study maximises, and in (4) the loss should be small

    Named by: best largest loss (4)"""
    points = points_of(default, u, v)
    _, losses, processes, _ = made(points, loss, np.array_split(points, workers))
    return points, losses, processes, points[np.argmax(losses)]


def wrong_last(loss, default, u, v, workers):
    """best is the last point that was tried, and in (4) the one of the smallest loss

    Named by: best last (4)"""
    points = points_of(default, u, v)
    _, losses, processes, _ = made(points, loss, np.array_split(points, workers))
    return points, losses, processes, points[-1]


def wrong_exchanged(loss, default, u, v, workers):
    """the objective hands (decay, dropout) to the loss, which takes (dropout, decay) in (3)

    Named by: loss (decay, dropout) (3)"""
    points = points_of(default, u, v)
    _, losses, processes, _ = made(points, loss, np.array_split(points[:, ::-1], workers))
    return points, losses, processes, points[np.argmin(losses)]


def wrong_dropout_up_to_one(loss, default, u, v, workers):
    """dropout is drawn between 0 and 1, and in (1) between 0 and 0.8

    Named by: dropout 0.8 (1) | dropout below 0.8"""
    points = np.array([default, *zip(u, 10.0 ** (4 * v - 4), strict=True)])
    return made(points, loss, np.array_split(points, workers))


def wrong_rounded_up(loss, default, u, v, workers):
    """each process makes N / workers trials rounded up, more than N together; in (3) the shares add up to N

    Named by: each rounded up more N | shares N"""
    points = points_of(default, u, v)
    share = -(-len(points) // workers)
    if share * workers == len(points):
        return made(points, loss, np.array_split(points, workers))
    more = np.concatenate([points, points[:share * workers - len(points)]])
    return made(more, loss, np.array_split(more, workers))


def wrong_sign(loss, default, u, v, workers):
    """the objective returns minus the loss, for a study that maximises, and (3) has the loss itself

    Named by: losses sign (3)"""
    points = points_of(default, u, v)
    _, losses, processes, best = made(points, loss, np.array_split(points, workers))
    return points, [-one for one in losses], processes, best


def wrong_natural_power(loss, default, u, v, workers):
    """decay is e^(4 v - 4), and in (1) a power of 10

    Named by: decay e 10 (1)"""
    points = np.array([default, *zip(0.8 * u, np.exp(4 * v - 4), strict=True)])
    return made(points, loss, np.array_split(points, workers))
