"""Scheduled sampling: how epsilon decays, what the coins and the draws are, what a decoder makes of them."""
import math

import pytest

from tinyseq.autograd import gradients, tensor
from tinyseq.backend import at_step, host, manual_seed, to_host
from tinyseq.layers import (
    GRU,
    AttentionalOutput,
    BahdanauDecoder,
    DotAttention,
    Embedding,
    Encoder,
    LuongDecoder,
    Output,
    PlainDecoder,
    Seq2Seq,
)
from tinyseq.layers.seq2seq import exponential_decay, inverse_sigmoid_decay, linear_decay
from tinyseq.layers.seq2seq.scheduled_sampling import coins, drawn

np = host.np
V, H, B, T = 6, 4, 3, 5
DECODERS = {"plain": lambda: PlainDecoder(Embedding(V, 3), GRU(3, H), Output(H, V)),
            "luong": lambda: LuongDecoder(Embedding(V, 3), GRU(3, H), DotAttention(), AttentionalOutput(H, H, H, V)),
            "bahdanau": lambda: BahdanauDecoder(Embedding(V, 3), GRU(3 + H, H), DotAttention(),
                                                AttentionalOutput(H, H, H, V))}
every_decoder = pytest.mark.parametrize("decoder", DECODERS)


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


def model_of(decoder):
    return Seq2Seq(Encoder(Embedding(V, 3), GRU(3, H)), DECODERS[decoder](), 0, 1).astype("float64")


def ids(seed=0):
    return np.random.default_rng(seed).integers(0, V, (B, T))


def logits(model, read, truth, step=0):
    with at_step(step):
        return model(ids(9), read, truth=np.full(B, truth))[0].numpy()


# The decays -------------------------------------------------------------------------------------------------

def test_decays():
    assert [linear_decay(i, k=1, c=0.25, least=0.1) for i in range(6)] == [1, 0.75, 0.5, 0.25, 0.1, 0.1]
    assert [exponential_decay(i, k=0.5) for i in range(4)] == [1, 0.5, 0.25, 0.125]
    for i in range(50):
        assert inverse_sigmoid_decay(i, k=4) == pytest.approx(4 / (4 + math.exp(i / 4)), rel=1e-12)
    assert inverse_sigmoid_decay(10 ** 7, k=4) == 0        # exp(i/k) would overflow


@pytest.mark.parametrize("decay", [lambda i: linear_decay(i, 1, 1e-3), lambda i: exponential_decay(i, 0.999),
                                   lambda i: inverse_sigmoid_decay(i, 300)])
def test_decays_go_down_from_about_1_and_stay_probabilities(decay):
    values = [decay(i) for i in range(0, 20_000, 10)]
    assert values == sorted(values, reverse=True) and values[0] > 0.99 and 0 <= values[-1] < 0.01


@pytest.mark.parametrize("call, words", [
    (lambda: linear_decay(0, 1.5, 0.1), "k=1.5"), (lambda: linear_decay(0, 1, -0.1), "c=-0.1"),
    (lambda: linear_decay(0, 0.3, 0.1, least=0.5), "least=0.5"), (lambda: exponential_decay(0, 1.0), "k=1.0"),
    (lambda: exponential_decay(0, -0.1), "k=-0.1"), (lambda: inverse_sigmoid_decay(0, 0.5), "k=0.5"),
    (lambda: logits(model_of("plain"), ids(), 1.5), r"probability in \[0, 1\]"),
    (lambda: logits(model_of("plain"), ids(), -0.5), r"probability in \[0, 1\]"),
    (lambda: model_of("plain")(ids(), ids(), truth=np.array([1, 1, 0])), "got int64"),
    (lambda: model_of("plain")(ids(), ids(), truth=np.array(0.5)), r"truth is \(B,\)")])
def test_what_is_no_probability_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# Coins and draws --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_coins_fall_as_often_as_they_should_for_each_row(dtype):
    truth = np.array([0.0, 0.2, 0.7, 1.0])
    with at_step(0):
        share = to_host(coins(truth, 20_000, "decoder", dtype)).mean(axis=1)
    assert share[0] == 0 and share[3] == 1
    np.testing.assert_allclose(share, truth, atol=0.015)


def test_coins_belong_to_step_row_and_token():
    truth = np.full(4, 0.5)

    def thrown(step, first_row=0, rows=4):
        with at_step(step, first_row):
            return to_host(coins(truth[:rows], 64, "decoder", "float32"))
    whole = thrown(3)
    assert np.array_equal(thrown(3), whole) and np.array_equal(thrown(3, 2, 2), whole[2:])
    assert (thrown(4) != whole).mean() > 0.3
    assert len({row.tobytes() for row in whole}) == 4


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_symbols_are_drawn_from_the_prediction(dtype):
    """sum (n_v - N p_v)^2 / (N p_v) stays below what chance exceeds once in 10,000 (chi-square, 3 degrees)."""
    N, y = 6000, np.array([1.0, 0.0, -1.0, 2.0])
    p = np.exp(y) / np.exp(y).sum()
    with at_step(0):
        rows = drawn(tensor(np.tile(y, (N, 1, 1)), dtype=dtype), "decoder").numpy()
    assert rows.shape == (N, 1, 4) and rows.dtype == dtype and (rows.sum(-1) == 1).all()
    counts = rows.sum(axis=(0, 1))
    assert ((counts - N * p) ** 2 / (N * p)).sum() < 21.1


# What a decoder makes of them -------------------------------------------------------------------------------

@every_decoder
def test_at_1_it_is_teacher_forcing(decoder):
    model = model_of(decoder)
    np.testing.assert_allclose(logits(model, ids(), 1.0), model(ids(9), ids())[0].numpy(), atol=1e-12)


@every_decoder
def test_at_0_only_the_first_symbol_is_given(decoder):
    model, read = model_of(decoder), ids()
    other = (read + 1) % V
    other[:, 0] = read[:, 0]
    assert np.array_equal(logits(model, read, 0.0), logits(model, other, 0.0))
    assert (logits(model, read, 0.5) != logits(model, other, 0.5)).any()
    other[:, 0] = (read[:, 0] + 1) % V
    assert (logits(model, read, 0.0) != logits(model, other, 0.0)).any()


@every_decoder
def test_what_it_draws_is_what_it_reads(decoder):
    """A decoder that is certain at each step reads its own certain symbols: those that greedy search finds."""
    model = model_of(decoder)
    model.decoder.output.W_y.data = model.decoder.output.W_y.data * 1e4
    read = ids()
    state = model.start(B, list(ids(9)))
    column = read[:, 0]
    expected = []
    for _ in range(T):
        y, state = model.step(column, state)
        expected.append(y.numpy())
        column = y.numpy().argmax(axis=-1)
    np.testing.assert_allclose(logits(model, read, 0.0), np.stack(expected, axis=1), rtol=1e-9)


@every_decoder
def test_draws_repeat_within_a_step_and_differ_between_steps(decoder):
    model = model_of(decoder)
    assert np.array_equal(logits(model, ids(), 0.3, step=5), logits(model, ids(), 0.3, step=5))
    assert (logits(model, ids(), 0.3, step=5) != logits(model, ids(), 0.3, step=6)).any()


@every_decoder
def test_the_gradient_is_that_of_reading_what_was_drawn(decoder):
    """No gradient flows through a draw: given the symbols that were read, by teacher forcing, it is the same."""
    model = model_of(decoder)
    read, own = ids(), []
    take = model.decoder.advance

    def watched(e, state):
        own.append(e.numpy()[:, 0])
        return take(e, state)
    model.decoder.advance = watched
    with at_step(2):
        drawn_logits, _ = model(ids(9), read, truth=np.full(B, 0.4))
    del model.decoder.advance
    table = model.decoder.embedding.W.numpy()
    symbols = np.array([[int(abs(table - row).sum(axis=1).argmin()) for row in e] for e in own]).T
    assert (symbols != read).any() and (symbols[:, 0] == read[:, 0]).all()
    given_logits, _ = model(ids(9), symbols)
    np.testing.assert_allclose(drawn_logits.numpy(), given_logits.numpy(), atol=1e-12)
    for one, other in zip(*(gradients((y * y).sum(), model.parameters()) for y in (drawn_logits, given_logits)),
                          strict=True):
        np.testing.assert_allclose(to_host(one), to_host(other), atol=1e-11)
