"""Writing on: what the model is asked, what is drawn, where it ends."""
import numpy as np
import pytest

from tinyseq.autograd import Tensor
from tinyseq.backend import manual_seed, xp
from tinyseq.decoding import distribution, generate, stream, until
from tinyseq.models import char_lstm

V = 5


class Counter:
    """Stands for a model. Its state is the ids read so far; its logits favour the id after the last one."""

    training = True

    def __init__(self, sharpness=20.0):
        self.sharpness, self.read, self.modes = sharpness, [], []

    def eval(self):
        self.training = False

    def train(self):
        self.training = True

    def start(self, B):
        assert B == 1
        return ()

    def step(self, ids, state):
        assert ids.shape == (1,)
        self.read.append((int(ids[0]), state))
        self.modes.append(self.training)
        logits = xp.zeros((1, V), "float32")
        logits[0, (int(ids[0]) + 1) % V] = self.sharpness
        return Tensor(logits), (*state, int(ids[0]))


@pytest.fixture(scope="module")
def lstm():
    manual_seed(3)
    return char_lstm.Model(char_lstm.Config(V=V, H=6, dropout=0.5))


def test_each_symbol_is_read_once_in_order_with_the_state_of_all_before():
    model = Counter()
    written = generate(model, [3, 0, 2], 6, temperature=0)
    assert written == [3, 4, 0, 1, 2, 3]
    text = [3, 0, 2, *written]
    assert [symbol for symbol, _ in model.read] == text[:len(model.read)]
    assert all(state == tuple(text[:i]) for i, (_, state) in enumerate(model.read))


def test_a_symbol_costs_one_step_however_long_the_text_is():
    def steps(prompt, length):
        model = Counter()
        generate(model, prompt, length, seed=0)
        return len(model.read)
    assert steps([0], 200) - steps([0], 100) == 100
    assert steps([0] * 50, 10) - steps([0], 10) == 49
    assert steps([0], 10) <= 1 + 10


def test_the_same_seed_writes_the_same_and_another_one_does_not(lstm):
    texts = [generate(lstm, [1, 2], 40, seed=seed) for seed in (0, 0, 1, None, None)]
    assert texts[0] == texts[1]
    assert len({tuple(text) for text in texts}) == 4
    assert all(len(text) == 40 and set(text) <= set(range(V)) for text in texts)


def test_greedy_takes_the_largest_logit_at_each_step_whatever_the_seed(lstm):
    written = generate(lstm, [1, 2], 12, temperature=0, seed=0)
    assert written == generate(lstm, [1, 2], 12, temperature=0)
    lstm.eval()
    logits, _ = lstm(np.array([[1, 2, *written]]))
    lstm.train()
    assert written == logits.numpy()[0, 1:-1].argmax(axis=-1).tolist()


def test_top_k_1_is_greedy(lstm):
    assert generate(lstm, [0], 12, top_k=1, seed=5) == generate(lstm, [0], 12, temperature=0)


def test_the_whole_prompt_is_read(lstm):
    def first_logits(prompt):
        model, (state, logits) = lstm.eval(), (lstm.start(1), None)
        for symbol in prompt:
            logits, state = model.step(np.array([symbol]), state)
        model.train()
        return logits.numpy()
    drawn = [generate(lstm, [4, 1, 3], 1, seed=seed)[0] for seed in range(300)]
    expected = distribution(first_logits([4, 1, 3]))[0]
    others = distribution(first_logits([3]))[0]
    shares = np.bincount(drawn, minlength=V) / len(drawn)
    assert abs(shares - expected).max() < 0.1
    assert abs(expected - others).max() > 1e-3          # so that reading only the end would be something else


@pytest.mark.parametrize("settings", [{}, {"temperature": 0.5}, {"temperature": 2.0, "top_k": 3}, {"top_p": 0.7}])
def test_frequencies_are_those_of_the_distribution(settings):
    """sum (n_v - N p_v)^2 / (N p_v) stays below what chance exceeds once in 10,000 (chi-square, 4 degrees)."""
    class Constant(Counter):
        def step(self, ids, state):
            return Tensor(xp.asarray([[1.0, 0.5, 0.0, -0.5, 1.5]], dtype="float32")), state
    N = 4000
    p = distribution(np.array([[1.0, 0.5, 0.0, -0.5, 1.5]]), **settings)[0]
    counts = np.bincount(generate(Constant(), [0], N, seed=0, **settings), minlength=V)
    assert (counts[p == 0] == 0).all()
    kept = p > 0
    assert ((counts[kept] - N * p[kept]) ** 2 / (N * p[kept])).sum() < 23.5


@pytest.mark.parametrize("stop, written", [
    ([4], [1, 2, 3, 4]), ([2, 3], [1, 2, 3]), ([1], [1]), ([0, 1], [1, 2, 3, 4, 0, 1]),
    ([3, 2], [1, 2, 3, 4, 0, 1, 2]), ([0], [1, 2, 3, 4, 0]), ([], [1, 2, 3, 4, 0, 1, 2]), (np.array([2]), [1, 2])])
def test_the_text_ends_with_the_first_stop_in_it(stop, written):
    assert generate(Counter(), [0], 7, temperature=0, stop=stop) == written


def test_a_stop_that_begins_in_the_prompt_does_not_end_the_text():
    assert generate(Counter(), [0], 4, temperature=0, stop=[0, 1]) == [1, 2, 3, 4]


def test_no_symbols_are_written_where_none_were_asked_for():
    assert generate(Counter(), [0], 0) == []


def test_dropout_is_off_and_the_mode_is_restored(lstm):
    assert generate(lstm, [1], 30, temperature=0) == generate(lstm.eval(), [1], 30, temperature=0)
    assert not lstm.training
    model = Counter()
    generate(model, [0], 5, stop=[2], temperature=0)
    assert model.modes and not any(model.modes) and model.training
    lstm.train()


def test_the_mode_is_restored_after_an_error():
    class Broken(Counter):
        def step(self, ids, state):
            raise RuntimeError
    model = Broken()
    with pytest.raises(RuntimeError):
        generate(model, [0], 5)
    assert model.training


def test_nothing_is_recorded_and_the_caller_may_record_between_two_symbols(lstm):
    w = lstm.parameters()[0]
    for _ in stream(lstm, [0], 2, seed=0):
        assert (w * 2).requires_grad
    lstm.step = lambda ids, state, step=lstm.step: recorded(*step(ids, state))

    def recorded(logits, state):
        assert not logits.requires_grad
        return logits, state
    try:
        generate(lstm, [0], 3)
    finally:
        del lstm.step


@pytest.mark.parametrize("arguments, message", [
    (([], 5), "a prompt has at least one symbol"), (([0], -1), "length is at least 0; got -1"),
    (([0], 5, -1.0), "temperature is 0"), (([0], 5, 1.0, 0), "top-k is at least 1"),
    (([0], 5, 1.0, None, 1.5), "top-p lies in")])
def test_errors_come_before_the_first_step(arguments, message):
    model = Counter()
    for write in (generate, stream):
        with pytest.raises(ValueError, match=message):
            write(model, *arguments)
    with pytest.raises(ValueError, match="seed is at least 0; got -1"):
        stream(model, [0], 5, seed=-1)
    assert model.read == []


# Ends and exceptions ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("stops, written", [
    ([], [1, 2, 3, 4, 5]), ([[]], [1, 2, 3, 4, 5]), ([[3]], [1, 2, 3]), ([[4], [2, 3]], [1, 2, 3]),
    ([[9], [3, 2]], [1, 2, 3, 4, 5])])
def test_the_first_stop_that_comes_up_ends_it(stops, written):
    assert list(until([1, 2, 3, 4, 5], stops)) == written


@pytest.mark.parametrize("settings", [(1.0, None, None), (0, None, None), (1.0, 2, None), (1.0, None, 0.5)])
def test_what_must_never_be_written_is_not(settings):
    model = Counter(sharpness=3.0)
    symbols = list(stream(model, [0], 200, *settings, seed=0, never=[1, 4]))
    assert len(symbols) == 200 and not {1, 4} & set(symbols)


def test_the_models_own_logits_stay_as_they_are():
    kept = xp.ones((1, V), "float32")
    model = Counter()
    model.step = lambda ids, state: (Tensor(kept), state)
    list(stream(model, [0], 3, seed=0, never=[1]))
    assert (kept == 1).all()
