"""The loop: it learns, clips, schedules, keeps the best weights, stops early, and goes on as if it had not stopped."""
import math
import os
import signal

import numpy as np
import pytest

from tinyseq.backend import manual_seed, to_host, xp
from tinyseq.data import Corpus
from tinyseq.layers import Buffer
from tinyseq.models import char_gru, char_lstm, char_rnn
from tinyseq.training import CharacterTask, Progress, Recipe, Watcher, loop, train
from tinyseq.training.interrupt import Interrupt

CORPUS = Corpus("test", "the cat sat on the mat. a dog ran to the door. " * 40, "corpus: test")
RECIPE = Recipe(steps=12, batch=3, seq_len=7, lr=0.02, warmup=2, evaluate_every=4, threads=1)


def setting(recipe, page=char_lstm, H=6, **config):
    manual_seed(recipe.seed)
    task = CharacterTask(CORPUS, recipe)
    model = page.Model(page.Config(V=len(task.vocabulary), H=H, **config))
    return model, task


class Listener(Watcher):
    """Notes what it is told; calls `at` after the step that it names."""

    def __init__(self, stop_after=None):
        self.steps, self.validations, self.ended, self.stop_after = [], [], [], stop_after

    def on_step(self, progress, loss, norm, lr):
        self.steps.append((progress.step, float(loss), norm if norm is None else float(norm), lr))
        if progress.step == self.stop_after:
            os.kill(os.getpid(), signal.SIGINT)

    def on_validation(self, progress, model, optimiser):
        self.validations.append(progress.validations[-1])

    def on_end(self, progress, model, optimiser):
        self.ended.append(progress.step)


class Scripted(CharacterTask):
    """Validates to what it was told."""

    def validate(self, model):
        return {"validation": self.script.pop(0)}


def scripted(values, recipe):
    model, _ = setting(recipe)
    task = Scripted(CORPUS, recipe)
    task.script = list(values)
    return model, task


def same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        assert np.array_equal(to_host(one[name]), to_host(other[name])), name


# Learning ---------------------------------------------------------------------------------------------------

@pytest.mark.learning
@pytest.mark.parametrize("page, steps", [(char_rnn, 150), (char_lstm, 150), (char_gru, 150)])
def test_a_repeating_text_is_learnt(page, steps):
    recipe = Recipe(steps=steps, batch=8, seq_len=16, lr=0.03, warmup=5, evaluate_every=steps, threads=2)
    model, task = setting(recipe, page, H=32)
    before = task.validate(model)["validation"]
    progress = train(model, task, recipe)
    assert before > 2.5
    assert progress.best < 0.15 and progress.step == steps and not progress.interrupted
    assert task.validate(model)["validation"] == pytest.approx(progress.best)


@pytest.mark.parametrize("settings", [
    {"optimiser": "sgd", "lr": 0.5}, {"optimiser": "rmsprop"}, {"optimiser": "adamw"}, {"batches": "windows"},
    {"schedule": "step"}, {"schedule": "plateau"}, {"optimiser": "sparseadam"}, {"clip_norm": None, "clip_value": 0.1}])
def test_every_kind_of_recipe_gets_better(settings):
    recipe = Recipe(**{"steps": 40, "batch": 8, "seq_len": 16, "lr": 0.02, "evaluate_every": 40, **settings})
    model, task = setting(recipe, H=16)
    before = task.validate(model)["validation"]
    assert train(model, task, recipe).best < before - 0.1


def test_the_watcher_hears_of_every_step_and_validation():
    model, task = setting(RECIPE)
    listener = Listener()
    progress = train(model, task, RECIPE, listener)
    schedule = RECIPE.make_schedule()
    assert [(step, lr) for step, _, _, lr in listener.steps] == [(n + 1, schedule.lr(n)) for n in range(12)]
    assert listener.validations == progress.validations and [step for step, _ in progress.validations] == [4, 8, 12]
    assert listener.ended == [12]
    assert all(math.isfinite(loss) and norm > 0 for _, loss, norm, _ in listener.steps)


def test_dropout_is_on_in_every_step_whatever_the_model_was_left_in():
    model, task = setting(RECIPE, dropout=0.5)
    modes, whole = [], model.loss

    def loss(batch):
        modes.append((len(batch.ids), model.training))
        return whole(batch)
    model.loss = loss
    train(model.eval(), task, RECIPE)
    assert (RECIPE.batch, False) not in modes and modes.count((RECIPE.batch, True)) == RECIPE.steps
    assert (1, False) in modes                             # the validation


@pytest.mark.parametrize("asked, threads", [(0, 3), (2, 2), (1, 1)])
@pytest.mark.parametrize("with_buffer", [False, True])
def test_a_batch_is_split_into_as_many_shards_as_there_are_threads(monkeypatch, with_buffer, asked, threads):
    """Of a model with a buffer, such as those of BatchNorm, no batch is split."""
    rows = []
    monkeypatch.setattr(loop, "default_threads", lambda: 3)
    recipe = Recipe(**{**vars(RECIPE), "steps": 2, "threads": asked})
    model, task = setting(recipe)
    whole = model.loss

    def loss(batch):
        if model.training:
            rows.append(len(batch.ids))
        return whole(batch)
    model.loss = loss
    if with_buffer:
        model.seen = Buffer(xp.zeros(3))
    train(model, task, recipe)
    assert sum(rows) == 2 * RECIPE.batch and len(rows) == 2 * (1 if with_buffer else threads)


def test_the_last_step_is_validated_whenever_it_comes():
    recipe = Recipe(**{**vars(RECIPE), "steps": 6})
    assert [step for step, _ in train(*setting(recipe), recipe).validations] == [4, 6]


def test_the_gradient_is_clipped_as_the_recipe_says():
    """Without momentum a step is lr times the gradient, so its length shows the clipping."""
    def step_lengths(**clipping):
        recipe = Recipe(**{**vars(RECIPE), "steps": 1, "optimiser": "sgd", "lr": 1.0, "schedule": "constant",
                           "evaluate_every": 1, **clipping})
        model, task = setting(recipe)
        before = model.state_dict()
        train(model, task, recipe)
        moved = np.concatenate([np.ravel(to_host(after - before[name])) for name, after in model.state_dict().items()])
        return np.linalg.norm(moved), abs(moved).max()
    free, largest = step_lengths(clip_norm=None)
    assert step_lengths(clip_norm=free / 2)[0] == pytest.approx(free / 2, rel=1e-3)
    assert step_lengths(clip_norm=2 * free)[0] == pytest.approx(free, rel=1e-4)
    assert step_lengths(clip_norm=None, clip_value=largest / 2)[1] == pytest.approx(largest / 2, rel=1e-3)


def test_the_same_seed_trains_the_same_model_and_another_seed_another():
    def trained(**settings):
        recipe = Recipe(**{**vars(RECIPE), **settings})
        model, task = setting(recipe, dropout=0.3)
        train(model, task, recipe)
        return model.state_dict()
    same(trained(), trained())
    assert not np.array_equal(to_host(trained()["b_y"]), to_host(trained(seed=1)["b_y"]))


# Best and early ---------------------------------------------------------------------------------------------

def test_the_best_weights_are_kept():
    recipe = Recipe(**{**vars(RECIPE), "steps": 5, "evaluate_every": 1})
    model, task = scripted([3.0, 2.0, 2.5, 2.0, 2.2], recipe)
    at = []
    listener = Listener()
    listener.on_validation = lambda progress, model, optimiser: at.append(model.state_dict())
    progress = train(model, task, recipe, listener)
    assert progress.best == 2.0 and progress.since_best() == 3
    same(progress.best_weights, at[1])                     # the first of two that are equally good
    assert not np.array_equal(to_host(at[1]["b_y"]), to_host(at[4]["b_y"]))


def test_training_that_breaks_off_in_nan_still_has_weights_and_prefers_numbers():
    recipe = Recipe(**{**vars(RECIPE), "steps": 3, "evaluate_every": 1})
    assert train(*scripted([2.0, math.nan, math.nan], recipe), recipe).best == 2.0
    assert train(*scripted([math.nan] * 3, recipe), recipe).best_weights


@pytest.mark.parametrize("values, patience, steps", [
    ([3, 2, 2.1, 2.2, 1], 2, 4), ([3, 2, 2.1, 1, 1.1, 1.2], 2, 6), ([1, 2, 3], 1, 2), ([1, 1, 1], 1, 2),
    ([6, 5, 4, 3, 2, 1], 1, 6), ([3, 2, 2.1, 2.2, 2.3, 2.4], None, 6)])
def test_early_stopping(values, patience, steps):
    recipe = Recipe(**{**vars(RECIPE), "steps": 6, "evaluate_every": 1, "patience": patience})
    progress = train(*scripted(values, recipe), recipe)
    assert progress.step == steps and not progress.interrupted


@pytest.mark.parametrize("already", [0, 3])
def test_plateau_follows_the_validations_also_after_a_resume(already):
    """What it heard is all that it knows, and the progress holds that."""
    values = [3, 2, 2.1, 2.2, 2.3, 2.4, 1]
    recipe = Recipe(**{**vars(RECIPE), "steps": 7, "evaluate_every": 1, "lr": 0.8, "schedule": "plateau",
                       "decay_factor": 0.5, "decay_patience": 2})
    listener = Listener()
    before = [(step + 1, value) for step, value in enumerate(values[:already])]
    train(*scripted(values[already:], recipe), recipe, listener, Progress(already, before, {"any": xp.zeros(1)}))
    assert [lr for *_, lr in listener.steps] == [0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.2][already:]


def test_progress_before_anything_was_measured():
    assert Progress().best == math.inf and Progress().since_best() == 0


# Stopping and going on --------------------------------------------------------------------------------------

@pytest.mark.parametrize("batches", ["streams", "windows"])
@pytest.mark.parametrize("stop_after", [1, 5, 8])
def test_two_halves_are_one_whole_bit_for_bit(batches, stop_after):
    recipe = Recipe(**{**vars(RECIPE), "batches": batches})
    whole, halves = Listener(), Listener(stop_after)
    model, task = setting(recipe, dropout=0.3)
    optimiser = recipe.make_optimiser(model.parameters())
    expected = train(model, task, recipe, whole, optimiser=optimiser)

    first, first_task = setting(recipe, dropout=0.3)
    first_optimiser = recipe.make_optimiser(first.parameters())
    progress = train(first, first_task, recipe, halves, optimiser=first_optimiser)
    assert progress.interrupted and progress.step == stop_after and halves.ended == [stop_after]

    second, second_task = setting(recipe, dropout=0.3)     # as a new process would make them
    second.load_state_dict(first.state_dict())
    second_optimiser = recipe.make_optimiser(second.parameters())
    second_optimiser.load_state_dict(first_optimiser.state_dict())
    second_task.load_state_dict(second, first_task.state_dict())
    progress.interrupted = False
    reached = train(second, second_task, recipe, halves, progress, second_optimiser)

    assert whole.steps == halves.steps and whole.validations == halves.validations
    same(model.state_dict(), second.state_dict())
    same(expected.best_weights, reached.best_weights)
    same(optimiser.state_dict(), second_optimiser.state_dict())
    same(task.state_dict(), second_task.state_dict())


def test_ctrl_c_after_the_last_step_is_no_interruption():
    assert not train(*setting(RECIPE), RECIPE, Listener(stop_after=12)).interrupted


def test_nothing_is_left_to_do_after_the_last_step():
    listener = Listener()
    model, task = setting(RECIPE)
    assert train(model, task, RECIPE, listener, Progress(step=12)).step == 12
    assert listener.steps == []


@pytest.fixture
def ctrl_c_interrupts():
    """As at a terminal; a job in the background is started with Ctrl-C switched off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_ctrl_c_asks_and_the_second_ends(ctrl_c_interrupts):
    with pytest.raises(KeyboardInterrupt), Interrupt() as interrupt:
        assert not interrupt.asked
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.asked
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("the second Ctrl-C did nothing")
    with pytest.raises(KeyboardInterrupt):                 # outside, Ctrl-C is what it was
        os.kill(os.getpid(), signal.SIGINT)


def test_sigterm_counts_as_ctrl_c():
    before = signal.getsignal(signal.SIGTERM)
    with Interrupt() as interrupt:
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupt.asked
    assert signal.getsignal(signal.SIGTERM) is before
