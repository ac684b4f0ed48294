"""The leak detectors: silent about 500 random models that are right, and not about the leaks of textbooks.

Every planted leak stands beside its cure, a change of a few words, and the cure must pass.
"""
import math
from dataclasses import dataclass, field
from typing import Any

import pytest

from tinyseq import layers, ops
from tinyseq.autograd import Tensor, tensor
from tinyseq.backend import at_step, host, manual_seed, to_device, to_host
from tinyseq.checks import assert_batch_independent, assert_causal, assert_padding_invariant

pytestmark = pytest.mark.trust
np = host.np
MODELS = 500


# Right models -----------------------------------------------------------------------------------------------

@dataclass
class Draw:
    """One random batch (B, T, C), its lengths, and random layers C -> C for it."""
    rng: Any
    lengths: list[int] = field(init=False)

    def __post_init__(self):
        self.B, self.T, self.C = (int(self.rng.integers(2, most)) for most in (5, 8, 6))
        self.C += self.C == self.T                         # a final output (B, C) is not to be taken for steps (B, T)
        self.dtype = self.rng.choice(["float32", "float64"])
        self.lengths = [int(n) for n in self.rng.integers(0, self.T + 1, self.B)]
        self.lengths[self.rng.integers(self.B)] = int(self.rng.integers(self.T))       # at least one is padded
        self.alive = np.arange(self.T) < np.array(self.lengths)[:, None]               # (B, T)

    def chance(self, p=0.5):
        return self.rng.random() < p

    def weights(self, *shape):
        return tensor(self.rng.standard_normal(shape) / math.sqrt(shape[-2]), requires_grad=True, dtype=self.dtype)

    def zeros(self, *shape):
        return tensor(np.zeros(shape), dtype=self.dtype)


def recurrent(draw, two_way):
    kind, settings = [(layers.RNN, {"nonlinearity": "tanh"}), (layers.RNN, {"nonlinearity": "relu"}), (layers.LSTM, {}),
                      (layers.GRU, {}), (layers.GRU, {"variant": "cudnn"})][draw.rng.integers(5)]
    stack = kind(draw.C, draw.C, num_layers=int(draw.rng.integers(1, 4)), bidirectional=two_way,
                 method=draw.rng.choice(layers.twins.METHODS), **settings).astype(draw.dtype)
    lengths = draw.lengths if two_way or draw.chance() else None
    out = layers.Linear(stack.directions * draw.C, draw.C).astype(draw.dtype)
    return lambda x: out(stack(x, lengths=lengths)[0])


def attention(draw, two_way):
    """Keys that are alive, or those up to the query; the mask inside the softmax, or as a score of -1e9."""
    W_q, W_k, W_v = (draw.weights(draw.C, draw.C) for _ in range(3))
    mask = to_device(draw.alive[:, None, :] if two_way else np.tri(draw.T, dtype=bool))
    inside = draw.chance()

    def f(x):
        scores = (x @ W_q) @ (x @ W_k).transpose(0, 2, 1) / math.sqrt(draw.C)          # (B, T, T)
        a = ops.softmax(scores, mask=mask) if inside else ops.softmax(ops.where(mask, scores, -1e9))
        return a @ (x @ W_v)                                                           # (B, T, C)
    return f


def window(draw, two_way):
    """A convolution: padded on the left alone, or on both sides with the padded steps set to 0."""
    width = int(draw.rng.integers(1, 4))
    before = int(draw.rng.integers(width)) if two_way else width - 1
    W = [draw.weights(draw.C, draw.C) for _ in range(width)]
    left, right = draw.zeros(draw.B, before, draw.C), draw.zeros(draw.B, width - 1 - before, draw.C)
    alive, nothing = to_device(draw.alive[:, :, None]), draw.zeros(draw.B, draw.T, draw.C)

    def f(x):
        x = ops.where(alive, x, nothing) if two_way else x
        x = ops.concat(left, x, right, axis=1)                                         # (B, T + width - 1, C)
        parts = [x[:, k:k + draw.T] @ W_k for k, W_k in enumerate(W)]
        return sum(parts[1:], parts[0])
    return f


def running_mean(draw, two_way):
    """Of all steps so far, or of all that are alive."""
    weights = np.broadcast_to(draw.alive[:, None, :] if two_way else np.tri(draw.T), (draw.B, draw.T, draw.T))
    weights = tensor(weights / np.maximum(weights.sum(axis=2, keepdims=True), 1), dtype=draw.dtype)
    return lambda x: weights @ x


def layer_norm(draw, two_way):
    def f(x):
        x = x - x.mean(axis=-1, keepdims=True)
        return x / ops.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)
    return f


def per_step(draw, two_way):
    phi = [ops.tanh, ops.relu, ops.sigmoid][draw.rng.integers(3)]
    linear = layers.Linear(draw.C, draw.C).astype(draw.dtype)
    dropout = layers.Dropout(0.3)

    def f(x):
        with at_step(3):                                   # a mask, but the same at every call
            return dropout(phi(linear(x)))
    return f


BLOCKS = [recurrent, recurrent, attention, window, running_mean, layer_norm, per_step]


def random_model(draw, two_way):
    """Some blocks one after the other, with and without residuals; over numbers, or over ids through an embedding."""
    chosen = [BLOCKS[k](draw, two_way) for k in draw.rng.integers(len(BLOCKS), size=draw.rng.integers(1, 5))]
    residual = [draw.chance() for _ in chosen]
    embedding = layers.Embedding(5, draw.C).astype(draw.dtype)
    as_ids = draw.chance(0.3)

    def f(x):
        x = embedding(x) if as_ids else x
        for block, add in zip(chosen, residual, strict=True):
            x = x + block(x) if add else block(x)
        return x, "what else a model returns"
    if as_ids:
        ids = draw.rng.integers(0, 5, (draw.B, draw.T))
        ids[0, :2] = 0, 1                                  # at least two different ones
        return f, to_device(ids)
    return f, tensor(draw.rng.standard_normal((draw.B, draw.T, draw.C)), dtype=draw.dtype)


def pooled(f, draw):
    """One output a row: the mean or the largest of the live steps."""
    alive = draw.alive[:, :, None]
    share = tensor(alive / np.maximum(alive.sum(axis=1, keepdims=True), 1), dtype=draw.dtype)
    if draw.chance():
        return lambda x: (f(x)[0] * share).sum(axis=1)
    return lambda x: ops.where(to_device(alive), f(x)[0], -1e9).max(axis=1)


def test_right_models_pass(full, trust_table):
    count = MODELS if full else MODELS // 10
    for seed in range(count):
        manual_seed(seed)
        draw = Draw(np.random.default_rng(seed))
        two_way = seed % 2 == 1
        f, x = random_model(draw, two_way)
        try:
            if not two_way:
                assert_causal(f, x)
            assert_batch_independent(f, x)
            assert_padding_invariant(f, x, draw.lengths)   # nor does a causal model know what stands behind the end
            assert_padding_invariant(pooled(f, draw), x, draw.lengths)
        except AssertionError as alarm:
            raise AssertionError(f"false alarm at seed {seed}") from alarm
    trust_table.row("leak detectors: silent about random right models", str(MODELS), f"{count} of {count}")


def with_a_link(f, draw, x):
    """f, but one output entry also depends on one input entry of a later step; and where these are."""
    row, t = int(draw.rng.integers(draw.B)), int(draw.rng.integers(draw.T - 1))
    s = int(draw.rng.integers(t + 1, draw.T))
    place = np.zeros((draw.B, draw.T, draw.C))
    place[row, t, draw.rng.integers(draw.C)] = 1
    place = tensor(place, dtype=draw.dtype)
    k, threshold, size = int(draw.rng.integers(draw.C)), float(draw.rng.normal()), float(10 ** draw.rng.uniform(-12, 0))
    by_gradient = draw.chance()
    some_id = None if isinstance(x, Tensor) else draw.rng.choice(to_host(x).ravel())

    def linked(x):
        if not isinstance(x, Tensor):
            link = tensor(to_host(x)[row, s] == some_id, dtype=draw.dtype)
        elif by_gradient:
            link = x[row, s, k] * size
        else:
            link = tensor(x.numpy()[row, s, k] > threshold, dtype=draw.dtype)
        return f(x)[0] + place * link
    return linked, f"output step {t} depends on input step {s} (row {row}, "


def test_one_entry_that_leaks_is_found_and_named(full, trust_table):
    count = MODELS if full else MODELS // 10
    for seed in range(count):
        manual_seed(seed)
        draw = Draw(np.random.default_rng(seed))
        f, x = random_model(draw, two_way=False)
        linked, words = with_a_link(f, draw, x)
        with pytest.raises(AssertionError) as caught:
            assert_causal(linked, x)
        assert words in str(caught.value), f"seed {seed}: {caught.value}"
    trust_table.row("leak detectors: one entry that leaks in such a model, found and named", "all",
                    f"{count} of {count}")


# Leaks ------------------------------------------------------------------------------------------------------

B, T, D, H, V = 3, 5, 4, 6, 7                              # all different: no axis can pass for another
LENGTHS = [5, 2, 3]
ALIVE = np.arange(T) < np.array(LENGTHS)[:, None]          # (B, T)
CAUSAL = np.tri(T, dtype=bool)                             # (T, T)
LEAKS: list = []


def causal(f, x):
    assert_causal(f, x)


def padding(f, x):
    assert_padding_invariant(f, x, LENGTHS)


def batch(f, x):
    assert_batch_independent(f, x)


def leak(check, *words, ids=False):
    """List a function that makes (faulty, cured), what must find the fault, and what its message must say."""
    def listed(make):
        LEAKS.append(pytest.param(make, check, words, ids, id=make.__name__))
        return make
    return listed


def numbers(*shape):
    return tensor(np.random.default_rng(len(shape)).standard_normal(shape), requires_grad=True)


def made(kind, *args, **settings):
    return kind(*args, **settings).astype("float64")


def attend(x, mask=None):
    a = ops.softmax(x @ x.transpose(0, 2, 1), mask=None if mask is None else to_device(mask))
    return a @ x


def no_future(size):
    return tensor(np.zeros((B, size, D)))


# The network reads its answer: 7.4a, 8.1-8.4, 9.3a

@leak(causal, "output step 0 depends on input step", "(row ", "dy/dx = ", "must not read beyond it",
      "do not use bidirectional=True")
def next_step_by_a_bidirectional_network():
    return made(layers.LSTM, D, H, bidirectional=True), made(layers.LSTM, D, H)


@leak(causal, ", y[", "changes by", "goes from", "do not use bidirectional=True", ids=True)
def next_character_by_a_bidirectional_network():
    stacks = [made(layers.GRU, V, H, num_layers=3, bidirectional=two, method="by_tape") for two in (True, False)]
    outs = [made(layers.Linear, stack.directions * H, V) for stack in stacks]
    return tuple(lambda ids, s=s, out=out: ops.log_softmax(out(s(ids)[0])) for s, out in zip(stacks, outs, strict=True))


# 8.1: P(w_t | w_<t) = g(h_t) reads w_t, unless x_t = w_{t-1}. Output step t is the prediction of w_{t+1}.

@leak(causal, "It reads up to step t + 1 and no further", "(shift x by 1)")
def g_of_h_t_reads_what_it_predicts():
    rnn = made(layers.RNN, D, D)
    return (lambda x: ops.concat(rnn(x)[0][:, 1:], no_future(1), axis=1)), lambda x: rnn(x)[0]


@leak(causal, "It reads up to step t + 1 and no further", ids=True)
def a_masked_model_that_masks_no_input():
    """It is asked for w_1 and w_3 alone, so those must be hidden; V stands for a hidden id."""
    lstm, hidden = made(layers.LSTM, V + 1, D), np.array([False, True, False, True, False])
    asked = tensor(np.append(hidden[1:], False)[None, :, None] * np.ones((B, T, 1)))

    def f(ids):
        y = lstm(ids)[0]
        return ops.concat(y[:, 1:], no_future(1), axis=1) * asked
    return f, lambda ids: f(host_where(hidden, V, ids))


def host_where(mask, value, ids):
    return ops.where(to_device(np.broadcast_to(mask, (B, T))), value, ids).data


@leak(causal, "It reads up to step t + 1 and no further")
def the_target_among_the_inputs():
    gru = made(layers.GRU, 2 * D, H)
    return (lambda x: gru(ops.concat(x, ops.concat(x[:, 1:], no_future(1), axis=1)))[0],
            lambda x: gru(ops.concat(x, ops.concat(no_future(1), x[:, :-1], axis=1)))[0])


# Attention to the future: 7.4c, 8.4, 8.5, 9.3

@leak(causal, "Mask the scores above the diagonal")
def attention_without_a_mask():
    return attend, lambda x: attend(x, CAUSAL)


@leak(causal, "Mask the scores above the diagonal")
def attention_over_recurrent_states_without_a_mask():
    lstm = made(layers.LSTM, D, H)
    return (lambda x: attend(lstm(x)[0])), lambda x: attend(lstm(x)[0], CAUSAL)


@leak(causal, "output step 0 depends on input step", "Mask the scores above the diagonal")
def the_mask_upside_down():
    return (lambda x: attend(x, CAUSAL.T)), lambda x: attend(x, CAUSAL)


@leak(causal, "It reads up to step t + 1 and no further")
def the_mask_one_diagonal_too_far():
    return (lambda x: attend(x, np.tri(T, k=1, dtype=bool))), lambda x: attend(x, np.tri(T, dtype=bool))


@leak(causal, "It reads up to step t + 1 and no further")
def the_mask_in_blocks_of_two():
    blocks = np.arange(T) // 2
    return (lambda x: attend(x, blocks[None, :] <= blocks[:, None])), lambda x: attend(x, CAUSAL)


def scores_plus(x, penalty):
    return ops.softmax(x @ x.transpose(0, 2, 1) + to_device(np.where(CAUSAL, 0.0, penalty))) @ x


@leak(causal, "dy/dx = ", "Mask the scores above the diagonal")
def a_mask_that_is_too_weak():
    return (lambda x: scores_plus(x, -10.0)), lambda x: scores_plus(x, -1e9)


@leak(causal, "e+06, though dy/dx = 0", "a mask that large scores overcome", "Mask the scores above the diagonal")
def a_mask_that_a_large_score_overcomes():
    return (lambda x: scores_plus(x, -1e4)), lambda x: scores_plus(x, -1e9)


@leak(causal, "Mask the scores above the diagonal")
def weights_masked_after_the_softmax():
    """The sum that they were divided by has seen the future."""
    def faulty(x):
        return (ops.softmax(x @ x.transpose(0, 2, 1)) * to_device(CAUSAL * 1.0)) @ x
    return faulty, lambda x: attend(x, CAUSAL)


# Queries that meet every example's keys: 7.4c, 8.4

@leak(batch, "row 0 of the output depends on row", "of the input", "scores (B, B, T)")
def queries_meet_every_examples_keys():
    """Scores (T, B, B), each query against all rows' keys; and the cure, (B, 1, T)."""
    def faulty(x):
        keys = x.transpose(1, 0, 2)                                                    # (T, B, D)
        a = ops.softmax(x[:, -1] @ keys.transpose(0, 2, 1))                            # (T, B, B)
        return (a @ keys).sum(axis=0)                                                  # (B, D)
    return faulty, lambda x: (ops.softmax(x[:, -1:] @ x.transpose(0, 2, 1)) @ x)[:, 0]


def time_major(x):
    """(B, T, V) flattened with time first, and taken for rows that were flattened with the batch first."""
    return x.transpose(1, 0, 2).reshape(B * T, x.shape[2]).reshape(B, T, x.shape[2])


@leak(batch, "does not depend on its own row: (B, T) was flattened in one order")
def logits_time_major_against_targets_batch_major():
    gru = made(layers.GRU, D, H)
    return (lambda x: time_major(gru(x)[0])), lambda x: gru(x)[0]


@leak(causal, " of the output, row ", "does not depend on its own row")
def logits_time_major_also_read_ahead():
    rnn = made(layers.RNN, D, H)
    return (lambda x: time_major(rnn(x)[0])), lambda x: rnn(x)[0]


@leak(batch, "softmax taken over axis 0")
def a_softmax_over_the_batch():
    return (lambda x: ops.softmax(x, axis=0)), lambda x: ops.softmax(x, axis=2)


def normed(x, axis):
    x = x - x.mean(axis=axis, keepdims=True)
    return x / ops.sqrt((x * x).mean(axis=axis, keepdims=True) + 1e-5)


@leak(batch, "batch norm in training mode: call .eval()")
def batch_norm_in_training_mode():
    return (lambda x: normed(x, (0, 1))), lambda x: normed(x, 2)


@leak(batch, "Only earlier rows reach later ones", "do not carry a state")
def the_state_is_carried_from_row_to_row():
    lstm = made(layers.LSTM, D, H)

    def faulty(x):
        state, rows = None, []
        for row in range(B):
            y, state = lstm(x[row:row + 1], state)
            rows.append(y)
        return ops.concat(*rows, axis=0)
    return faulty, lambda x: lstm(x)[0]


@leak(batch, "Only earlier rows reach later ones", "or a count from row to row", ids=True)
def positions_counted_through_the_whole_batch():
    """Position = how many ids that are not 0, the padding, came before: in the row, not in the batch."""
    embedding, places = made(layers.Embedding, V, D), numbers(B * T + 1, D)

    def f(ids, axis):
        counted = np.cumsum(to_host(ids) != 0, axis=axis).reshape(B, T)
        return embedding(ids) + ops.gather(places, counted)
    return (lambda ids: f(ids, None)), lambda ids: f(ids, 1)


# Padding

@leak(padding, "which is padding (its length is", "backward direction starts at each sequence's own end")
def the_backward_direction_starts_at_the_padded_end():
    gru = made(layers.GRU, D, H, bidirectional=True)
    return gru, lambda x: gru(x, lengths=LENGTHS)[0]


@leak(padding, "backward direction starts at each sequence's own end", ids=True)
def a_flip_that_brings_the_padding_first():
    rnn = made(layers.RNN, V, H)

    def f(ids, lengths):
        flipped = ops.reverse(Tensor(ids), lengths).data
        return ops.reverse(rnn(flipped)[0], lengths)
    return (lambda ids: f(ids, [T] * B)), lambda ids: f(ids, LENGTHS)


@leak(padding, "the output of row ", "which is padding (its length is", "Pool over live steps alone")
def the_mean_over_padding():
    share = tensor(ALIVE[:, :, None] / np.array(LENGTHS)[:, None, None])
    return (lambda x: x.mean(axis=1)), lambda x: (x * share).sum(axis=1)


@leak(padding, "take the state at each sequence's own last step", ids=True)
def the_state_after_the_padding():
    lstm = made(layers.LSTM, V, H)
    return (lambda ids: lstm(ids)[0][:, -1]), lambda ids: lstm(ids, lengths=LENGTHS)[1][0].h


@leak(padding, "output step 0 of row ", "which is padding", "mask the scores of padded keys")
def attention_over_padding():
    return attend, lambda x: attend(x, ALIVE[:, None, :])


@leak(padding, "set padded steps to 0 before a convolution")
def a_window_that_reaches_into_the_padding():
    def f(x):
        return x + ops.concat(x[:, 1:], no_future(1), axis=1)
    return f, lambda x: f(ops.where(to_device(ALIVE[:, :, None]), x, no_future(T)))


@leak(padding, "of row 0 depends on input step", "norm or softmax taken over axis 0")
def batch_norm_over_padding():
    alive, n = tensor(ALIVE[:, :, None] * 1.0), ALIVE.sum()

    def cured(x):
        x = x - (x * alive).sum(axis=(0, 1), keepdims=True) / n
        return x / ops.sqrt((x * x * alive).sum(axis=(0, 1), keepdims=True) / n + 1e-5)
    return (lambda x: normed(x, (0, 1))), cured


# Windows and statistics of a series: 7.1b, 7.5

def averaged(x, before, after):
    x = ops.concat(no_future(before), x, no_future(after), axis=1)
    return sum((x[:, k:k + T] for k in range(1, before + after + 1)), x[:, :T]) / (before + after + 1)


@leak(causal, "output step 0 depends on input step 1 (", "up to step t + 1", "padded elsewhere than on the left")
def a_window_that_reaches_one_step_ahead():
    return (lambda x: averaged(x, 1, 1)), lambda x: averaged(x, 2, 0)


@leak(causal, "It reads up to step t + 2 and no further", "a window or convolution padded elsewhere than on the left")
def a_centred_average():
    return (lambda x: averaged(x, 2, 2)), lambda x: averaged(x, 4, 0)


@leak(causal, "output step 0 depends on input step", "must not read beyond it")
def a_series_scaled_by_its_whole_mean():
    return (lambda x: x - x.mean(axis=1, keepdims=True)), lambda x: x - x[:, :1]


@leak(causal, "though dy/dx = 0: look for .detach()")
def a_series_scaled_by_a_mean_outside_the_graph():
    return (lambda x: x - x.mean(axis=1, keepdims=True).detach()), lambda x: x - x[:, :1].detach()


@leak(causal, "though dy/dx = 0: look for .detach(), a comparison", "It reads up to step t + 1 and no further")
def a_sign_of_what_comes_next():
    def rises(x):
        x = x.numpy()
        return np.concatenate((np.zeros((B, 1, D)), x[:, 1:] > x[:, :-1]), axis=1)
    return (lambda x: x + tensor(np.roll(rises(x), -1, axis=1))), lambda x: x + tensor(rises(x))


@leak(causal, "must not read beyond it")
def the_largest_of_all_steps():
    def running(x):
        best = [x[:, 0]]
        for t in range(1, T):
            best.append(ops.stack(best[-1], x[:, t]).max(axis=0))
        return ops.stack(*best, axis=1)
    return (lambda x: x - x.max(axis=1, keepdims=True)), lambda x: x - running(x)


@leak(causal, "dy/dx = 1e-30")
def a_leak_far_below_rounding():
    return (lambda x: x + x[:, -1:] * 1e-30), lambda x: x + x[:, :1] * 1e-30


@pytest.fixture(scope="module")
def caught_leaks(trust_table):
    """The names of those that were caught, counted for the table."""
    names: list[str] = []
    yield names
    trust_table.row("leak detectors: leaks of textbooks caught, their cures passed", "all",
                    f"{len(names)} of {len(LEAKS)}")


@pytest.mark.parametrize("make, check, words, ids", LEAKS)
def test_leak(make, check, words, ids, caught_leaks):
    manual_seed(1)
    faulty, cured = make()
    x = to_device(np.random.default_rng(1).integers(0, V, (B, T))) if ids else numbers(B, T, D)
    with pytest.raises(AssertionError) as caught:
        check(faulty, x)
    message = str(caught.value)
    for part in words:
        assert part in message, message
    check(cured, x)
    caught_leaks.append(make.__name__)
