"""A recurrent stack below a transformer: the equations, the state, what is refused. That all roads give one answer and
that nothing leaks is shown for the model, tests/models."""
import numpy as np
import pytest

from tinyseq.autograd import tensor
from tinyseq.backend import manual_seed, to_host
from tinyseq.checks import gradcheck
from tinyseq.decoding import generate
from tinyseq.layers import GRU, LSTM, RecurrentLanguageModel, RecurrentTransformer, Transformer, reach

D, H, NH = 5, 4, 2


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


def stack_of(cell=LSTM, positions="rotary", **settings):
    return RecurrentTransformer(cell(D, H), Transformer(H, 1, NH, **reach(positions, 3), **settings)).astype("float64")


def drawn(*shape):
    return tensor(np.random.default_rng(0).standard_normal(shape))


def test_the_equations():
    stack, x = stack_of(), drawn(2, 6, D)
    hs, cells = stack.stack(x)                                                      # (1)
    ys, seen = stack.transformer(hs)                                                # (2)
    found, state = stack(x)
    np.testing.assert_array_equal(found.numpy(), ys.numpy())
    for one, other in zip(state.arrays(), [*cells.arrays(), *seen.arrays()], strict=True):
        np.testing.assert_array_equal(to_host(one), to_host(other))


@pytest.mark.parametrize("cell, positions", [(LSTM, "rotary"), (GRU, "sinusoidal"), (LSTM, "learned")])
def test_gradients_through_a_carried_state(cell, positions):
    stack = stack_of(cell, positions)

    def f(x):
        y, state = stack(x[:, :2])
        return y, stack(x[:, 2:], state)[0]
    gradcheck(f, drawn(2, 5, D), params=stack)


@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_a_state_is_selected_joined_written_and_read(positions):
    stack = stack_of(positions=positions)
    x = drawn(3, 4, D)
    _, state = stack(x)
    rows = [state.select([row]) for row in (2, 0, 1)]
    back = state.join(rows).select([1, 2, 0])
    again = stack.initial_state(3).with_arrays(iter(state.arrays()))
    for other in (back, again, state.detach()):
        found = stack(x, other)[0].numpy()
        np.testing.assert_allclose(found, stack(x, state)[0].numpy(), rtol=1e-12)


def test_writing_keeps_no_more_than_it_can_see():
    model = RecurrentLanguageModel(stack_of(), D).astype("float64").eval()
    state = model.start(1)
    for symbol in generate(model, [0], 40, seed=0):
        _, state = model.step([symbol], state)
    assert all(len(cache.keys) == 2 for cache in state.seen.caches)                 # and the step itself


@pytest.mark.parametrize("make, words", [
    (lambda: RecurrentTransformer(LSTM(D, H, bidirectional=True), Transformer(H, 1, NH)), ("bidirectional", "causal")),
    (lambda: RecurrentTransformer(LSTM(D, H), Transformer(H, 1, NH, causal=False)), ("causal=False", "causal")),
    (lambda: RecurrentTransformer(LSTM(D, H), Transformer(8, 1, NH)), ("C=8", "H=4")),
    (lambda: stack_of()(drawn(2, 3, D + 1)), ("D=5", "(2, 3, 6)")),
])
def test_mistakes_are_explained(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
