"""Where the host waits for the device: counted, and never in a training step."""
from dataclasses import replace

import pytest

from tinyseq import models
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import at_step, host, manual_seed, to_device, to_host, xp
from tinyseq.backend.strict import synchronisations
from tinyseq.layers import GRU, LSTM, RNN
from tinyseq.optim import clip_norm, clip_value
from tinyseq.training import Recipe, loss_and_gradients, tasks

np = host.np
WAITS = {
    "to_host": to_host, "item": lambda a: a[0].item(), "float": lambda a: float(a[0]), "int": lambda a: int(a[0]),
    "a comparison": lambda a: bool(a[0] > 1), "if": lambda a: 1 if a[0] else 0, "tolist": lambda a: a.tolist(),
    "printing": str, "repr": repr, "in a text": lambda a: f"{a.sum():.2f}", "a mask": lambda a: a[a > 1],
    "a mask written": lambda a: a.__setitem__(a > 1, 0.0), "nonzero": xp.nonzero, "where": xp.where,
    "average": lambda a: xp.average(a, weights=a), "linspace": lambda a: xp.linspace(a[0], a[1], 3),
    "unique_values": xp.unique_values, "a list of arrays and numbers": lambda a: xp.asarray([a[0], 1.0]),
    "unique": xp.unique, "argwhere": xp.argwhere, "flatnonzero": xp.flatnonzero, "get": lambda a: a.get(),
}


@pytest.mark.parametrize("what", WAITS)
def test_what_waits_is_counted_once_with_its_place(what):
    a = to_device(np.array([1.0, 2.0, 0.0]))
    with synchronisations() as seen:
        WAITS[what](a)
    assert seen.count == 1 and "test_synchronisations.py:" in seen.places[0]
    assert str(seen).startswith("1 synchronisations\n")


def test_what_does_not_wait_is_not_counted():
    with synchronisations() as seen:
        a = to_device(np.array([1.0, 2.0, 0.0]))
        a += a[xp.asarray([0, 1, 1])]
        xp.where(a > 1, a, 0).sum().shape
        len(a), a.dtype, list(a), xp.argsort(a), a.max()
    assert seen.count == 0
    to_host(a)
    assert seen.places == []


@pytest.mark.parametrize("name", models.NAMES)
@pytest.mark.parametrize("optimiser", ["sgd", "rmsprop", "adam", "adamw"])
def test_a_training_step_never_waits(name, optimiser):
    """Forward, backward, both ways to clip, the optimiser: from the first step to the third."""
    manual_seed(0)
    page = models.find(name)
    config = replace(page.TINY, dropout=0.5) if hasattr(page.TINY, "dropout") else page.TINY
    task, recipe = tasks.find(page.Model.task), Recipe(optimiser=optimiser, weight_decay=0.1)
    model = page.Model(config).astype("float64")
    parameters = model.parameters()
    chosen = recipe.make_optimiser(parameters)
    batch = task.tiny_batch(config, np.random.default_rng(0))
    before = model.state_dict()
    with synchronisations() as seen:
        for step in range(3):
            _, grads = loss_and_gradients(model, batch, 1, step)
            for parameter, gradient in zip(parameters, grads, strict=True):
                parameter.grad = gradient
            clip_norm(parameters, 1.0)
            clip_value(parameters, 0.5)
            chosen.step()
            if hasattr(batch, "state"):
                batch.state = batch.last_state
    assert seen.count == 0, str(seen)
    assert any((to_host(before[key]) != to_host(value)).any() for key, value in model.state_dict().items())


@pytest.mark.parametrize("layer", [RNN, LSTM, GRU])
@pytest.mark.parametrize("method, as_ids", [("by_hand", False), ("by_hand", True), ("by_tape", False)])
def test_neither_does_a_ragged_batch(layer, method, as_ids):
    """By the tape every step checks its ids again, for which the host must wait; so they are left out here."""
    stack = layer(4, 3, num_layers=2, bidirectional=True, dropout=0.5, method=method)
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (3, 5)) if as_ids else tensor(rng.standard_normal((3, 5, 4)), dtype="float32")
    with synchronisations() as seen, at_step(0):
        y, _ = stack(x, lengths=[2, 5, 0])
        gradients((y * y).sum(), stack.parameters())
    assert seen.count == 0, str(seen)
