"""What can be built into recurrent stacks: residual connections, same-mask dropout, layer normalisation; and that every
combination computes one answer by four roads and leaks nothing."""
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layers.stacks import (
    KINDS,
    assert_same,
    gradients,
    layer_of,
    parts,
    random,
    random_options,
    random_state,
    results,
    weighted,
)

from tinyseq import backend, ops
from tinyseq import layers as all_layers
from tinyseq.autograd import tensor
from tinyseq.backend import at_step, host, manual_seed, to_host
from tinyseq.checks import assert_batch_independent, assert_causal, assert_padding_invariant
from tinyseq.checks.records.cells import Options, gru, gru_cudnn, lstm, one_hot, over_time, rnn
from tinyseq.interop import from_pytorch, to_pytorch
from tinyseq.layers import GRU, LSTM, RNN, StackState

np = host.np
quick = settings(max_examples=60, deadline=None, derandomize=True)
each_kind = pytest.mark.parametrize("kind", KINDS)
both_methods = pytest.mark.parametrize("method", ["by_hand", "by_tape"])
ALL = {"recurrent_dropout": 0.4, "layer_norm": True, "residual": "inside"}


def random_stack(rng, **more):
    """Any kind of cell with any of the options, in use (so that nothing is dropped); its inputs and its units."""
    D, H, num_layers = (int(n) for n in rng.integers(1, 5, 3))
    return layer_of(str(rng.choice(sorted(KINDS))), D, H, seed=int(rng.integers(99)), num_layers=num_layers,
                    method=str(rng.choice(["by_hand", "by_tape"])), **random_options(rng, num_layers), **more).eval(), D


def random_input(rng, B, T, D):
    """Numbers, or ids."""
    return rng.integers(0, D, (B, T)) if rng.random() < 0.3 else tensor(rng.standard_normal((B, T, D)))


def numbers(state):
    return [part.numpy() for part in parts(state)]


# A cell against its equations -------------------------------------------------------------------------------

def reference(cell, kind, x, masks, residual=None):
    """(B, T, D) -> (B, T, H) by checks/records/cells.py, row by row in NumPy."""
    step, more = {"rnn": (rnn, {"nonlinearity": kind[4:]}), "lstm": (lstm, {}), "gru book": (gru, {}),
                  "gru cudnn": (gru_cudnn, {})}["rnn" if kind.startswith("rnn") else kind]
    found = {name: p.numpy() for name, p in cell.named_parameters()}
    weights = [found[name] for name in ("W_xh", "W_hh", "b_h", "b_hn") if name in found]
    m_x, m_h = (to_host(m) for m in masks)
    states = [np.zeros((len(x), len(cell.W_hh)))] * (2 if kind == "lstm" else 1)

    def one(x_t, states, row):
        options = Options(found.get("gamma_x"), found.get("gamma_h"), m_h[row])
        return step(x_t * m_x[row], states, tuple(weights), options, **more)
    return over_time(one, x, states, [x.shape[1]] * len(x), residual)[0]


@each_kind
@both_methods
@pytest.mark.parametrize("as_ids", [False, True])
def test_masks_norms_and_a_residual_in_one_cell(kind, method, as_ids):
    """And ids stand for one-hot rows under a mask, too."""
    cell = layer_of(kind, 4, 3, num_layers=3, method=method, seed=1, **ALL).cells[0]
    rng = np.random.default_rng(0)
    masks, residual = cell.masks(3), rng.standard_normal((3, 5, 3))
    ids, x = rng.integers(0, 4, (3, 5)), rng.standard_normal((3, 5, 4))
    given = backend.to_device(ids) if as_ids else tensor(x)
    hs, _ = cell(given, cell.initial_state(3), [3] * 5, masks, tensor(residual))
    right = reference(cell, kind, one_hot(ids, 4, float) if as_ids else x, masks, residual)
    np.testing.assert_allclose(hs.numpy(), right, atol=1e-12)


# Same-mask dropout ------------------------------------------------------------------------------------------

def test_a_mask_drops_some_entries_and_rescales_the_others():
    cell = LSTM(300, 200, recurrent_dropout=0.25).astype("float64").cells[0]
    for mask, size in zip(cell.masks(50), (300, 200), strict=True):
        mask = to_host(mask)
        assert mask.shape == (50, size) and mask.dtype == "float64"
        assert set(np.unique(mask)) == {0, 1 / 0.75}
        assert abs((mask == 0).mean() - 0.25) < 0.02


def test_each_sequence_layer_and_direction_has_masks_of_its_own():
    layer = GRU(40, 40, num_layers=2, bidirectional=True, recurrent_dropout=0.5)
    with at_step(7):
        rows = [tuple(row) for cell in layer.cells[:2] for mask in cell.masks(3) for row in to_host(mask)]
        rows += [tuple(row) for cell in layer.cells[2:] for row in to_host(cell.masks(3).h)]
    assert len(set(rows)) == len(rows) == 2 * 2 * 3 + 2 * 3


@each_kind
def test_a_resumed_run_draws_the_same_masks_and_the_next_step_others(kind):
    layer, x = layer_of(kind, 6, 8, recurrent_dropout=0.5), random(4, 3, 6)

    def at(step):
        with at_step(step):
            return layer(x)[0].numpy()
    assert np.array_equal(at(3), at(3)) and not np.array_equal(at(3), at(4))
    assert not np.array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())


@each_kind
@pytest.mark.parametrize("lengths", [[5, 5, 5, 5], [1, 4, 2, 5], [0, 3, 5, 3]])
def test_masks_belong_to_rows_whatever_their_lengths_and_threads(kind, lengths):
    """The rows of a ragged batch are sorted inside; two threads would sort two shards."""
    layer = layer_of(kind, 3, 6, num_layers=3, bidirectional=True, dropout=0.3, **ALL)
    x, state = random(4, 5, 3), random_state(layer, 4)
    with at_step(2):
        whole, _ = layer(x, state, lengths)
    for first, behind in ((0, 1), (1, 4), (2, 4)):
        with at_step(2, first_row=first):
            shard, _ = layer(x[first:behind], state.select(list(range(first, behind))), lengths[first:behind])
        np.testing.assert_allclose(shard.numpy(), whole.numpy()[first:behind], atol=1e-12)


@each_kind
@both_methods
def test_nothing_is_dropped_in_use(kind, method):
    dropping = layer_of(kind, 3, 4, num_layers=2, recurrent_dropout=0.5, method=method).eval()
    plain = layer_of(kind, 3, 4, num_layers=2, method=method)
    for lengths in (None, [4, 0, 2]):
        x = random(3, 4, 3)
        assert_same(results(dropping, x, None, lengths), results(plain, x, None, lengths), 1e-12)


@pytest.mark.parametrize("kind", ["lstm", "gru book", "gru cudnn"])
def test_memory_is_not_worn_away_by_the_mask(kind):
    """With most units dropped from the products, gates that keep still keep: no mask on the memory's path."""
    layer = layer_of(kind, 2, 3, recurrent_dropout=0.9)
    cell, keep = layer.cells[0], {"lstm": slice(3, 6), "gru book": slice(3, 6), "gru cudnn": slice(3, 6)}[kind]
    cell.b_h.data[keep] = -500 if kind == "gru book" else 500        # f = 1; z = 0 in the book's GRU, 1 in the other
    if kind == "lstm":
        cell.b_h.data[:3] = -500                                     # i = 0
    state = random_state(layer, 2)
    _, last = layer(random(2, 30, 2), state)
    np.testing.assert_allclose(parts(last)[-1].numpy(), parts(state)[-1].numpy(), atol=1e-9)


# Layer normalisation ----------------------------------------------------------------------------------------

@each_kind
@both_methods
def test_the_size_of_the_weights_does_not_matter_under_a_norm(kind, method):
    layer, x = layer_of(kind, 3, 4, layer_norm=True, method=method), random(2, 5, 3)
    found = []
    for _ in range(2):                                     # so large that epsilon does not count; then larger still
        for cell in layer.cells:
            cell.W_xh.data, cell.W_hh.data = 1e4 * cell.W_xh.data, 1e4 * cell.W_hh.data
        found.append(layer(x, random_state(layer, 2))[0].numpy())
    np.testing.assert_allclose(*found, atol=1e-5)


def test_gains_are_parameters_from_one():
    layer = LSTM(3, 2, layer_norm=True)
    found = {name: p for name, p in layer.named_parameters() if "gamma" in name}
    assert list(found) == ["cells.0.gamma_x", "cells.0.gamma_h"]
    assert all(p.shape == (8,) and p.blocks == ("i", "f", "g", "o") and (p.numpy() == 1).all()
               for p in found.values())
    assert LSTM(3, 2, recurrent_dropout=0.1).state_dict().keys() == LSTM(3, 2).state_dict().keys()


# Residual connections ---------------------------------------------------------------------------------------

def one_layer(stack, kind, layer, **settings):
    """A stack of one layer with the weights of this layer of another stack."""
    cells = stack.cells[layer * stack.directions:(layer + 1) * stack.directions]
    alone = layer_of(kind, len(cells[0].W_xh), stack.H, bidirectional=stack.directions == 2, **settings)
    for mine, theirs in zip(alone.cells, cells, strict=True):
        for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
            p.data = q.data
    return alone


@each_kind
@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("residual, below", [("add", 1), ("skip2", 2)])
def test_residuals_outside_the_recurrence(kind, layer_norm, bidirectional, residual, below):
    more = {"layer_norm": layer_norm}
    stack = layer_of(kind, 5, 3, num_layers=4, bidirectional=bidirectional, residual=residual, **more)
    x, lengths = random(3, 6, 5), [6, 0, 4]
    y, last = stack(x, lengths=lengths)
    outputs, states = [x], []
    for layer in range(4):
        hs, state = one_layer(stack, kind, layer, **more)(outputs[-1], lengths=lengths)
        outputs.append(hs + outputs[-below] if layer >= below else hs)
        states += state
    np.testing.assert_allclose(y.numpy(), outputs[-1].numpy(), atol=1e-12)
    assert_same(numbers(last), numbers(StackState(states)), 1e-12)


def test_the_residual_inside_is_in_the_state_that_the_next_step_reads():
    """8.3's equation, written out for a tanh RNN of three layers."""
    stack, x = layer_of("rnn tanh", 2, 3, num_layers=3, residual="inside"), random(2, 5, 2)
    y, last = stack(x)
    for b in range(2):
        h = [np.zeros(3)] * 3
        for t in range(5):
            below, new = x.numpy()[b, t], []
            for layer, cell in enumerate(stack.cells):
                W_xh, W_hh, b_h = (p.numpy() for p in cell.parameters())
                below = np.tanh(below @ W_xh + h[layer] @ W_hh + b_h) + (new[0] if layer == 2 else 0)
                new.append(below)
            h = new
            np.testing.assert_allclose(y.numpy()[b, t], h[2], atol=1e-12)
        np.testing.assert_allclose(parts(last)[2].numpy()[b], h[2], atol=1e-12)


@each_kind
def test_the_residual_inside_goes_by_direction(kind):
    """The backward half of layer 1 reaches the backward cell of layer 3 alone, step by step from the end."""
    stack, x = layer_of(kind, 3, 2, num_layers=3, bidirectional=True, residual="inside"), random(2, 4, 3)
    first = one_layer(stack, kind, 0)(x)[0]
    second = one_layer(stack, kind, 1)(first)[0]
    right = []
    for k, turn in ((4, slice(None)), (5, slice(None, None, -1))):
        cell, half = stack.cells[k], slice((k - 4) * 2, (k - 4) * 2 + 2)
        hs, _ = cell(second[:, turn], cell.initial_state(2), [2] * 4, residual=first[:, turn, half])
        right.append(hs[:, turn])
    np.testing.assert_allclose(stack(x)[0].numpy(), ops.concat(*right, axis=-1).numpy(), atol=1e-12)


@pytest.mark.parametrize("residual, below", [("add", 1), ("skip2", 2), ("inside", 2)])
def test_a_residual_hands_the_gradient_down_past_dead_layers(residual, below):
    stack, x = layer_of("lstm", 3, 2, num_layers=below + 1, residual=residual), random(2, 3, 3)
    for cell in stack.cells[1:]:
        cell.W_xh.data = 0 * cell.W_xh.data
    assert abs(gradients(weighted([stack(x)[0]]), [x])[0]).min() > 1e-6
    stack.residual = None
    assert not gradients(weighted([stack(x)[0]]), [x])[0].any()


# Every combination ------------------------------------------------------------------------------------------

@quick
@given(st.integers(0, 10 ** 6))
def test_one_answer_by_four_roads(seed):
    """The whole sequence; step by step; in chunks with carried state; in a ragged batch against one by one."""
    rng = np.random.default_rng(seed)
    stack, D = random_stack(rng)
    B, T = int(rng.integers(1, 4)), int(rng.integers(2, 7))
    x, state = random_input(rng, B, T, D), random_state(stack, B, seed)
    whole, last = stack(x, state)
    for pieces in ([1] * T, [T // 2, T - T // 2]):
        start, carried, ys = 0, state, []
        for n in pieces:
            y, carried = stack(x[:, start:start + n], carried)
            ys.append(y.numpy())
            start += n
        np.testing.assert_allclose(np.concatenate(ys, axis=1), whole.numpy(), atol=1e-10)
        assert_same(numbers(carried), numbers(last))
    _, ragged_last = ragged_equals_one_by_one(stack, x, state, rng.integers(0, T + 1, B))
    assert [s.shape for s in numbers(ragged_last)] == [s.shape for s in numbers(last)]


@quick
@given(st.integers(0, 10 ** 6))
def test_two_directions_too_give_a_ragged_batch_what_its_sequences_get_alone(seed):
    rng = np.random.default_rng(seed)
    stack, D = random_stack(rng, bidirectional=True)
    B, T = int(rng.integers(1, 4)), int(rng.integers(1, 7))
    ragged_equals_one_by_one(stack, random_input(rng, B, T, D), random_state(stack, B, seed), rng.integers(0, T + 1, B))


def ragged_equals_one_by_one(stack, x, state, lengths):
    y, last = stack(x, state, lengths)
    for b, length in enumerate(lengths):
        assert not y.numpy()[b, length:].any()
        if length:
            alone, last_alone = stack(x[b:b + 1, :length], state.select([b]))
            np.testing.assert_allclose(y.numpy()[b, :length], alone.numpy()[0], atol=1e-10)
        else:
            last_alone = state.select([b])
        assert_same([part[b] for part in numbers(last)], [part[0] for part in numbers(last_alone)])
    return y, last


@quick
@given(st.integers(0, 10 ** 6))
def test_nothing_leaks(seed):
    """In training as well, under masks that a step fixes."""
    rng = np.random.default_rng(seed)
    two_ways = bool(rng.random() < 0.5)
    stack, D = random_stack(rng, bidirectional=two_ways)
    if rng.random() < 0.5:
        stack.train()
    x, lengths = tensor(rng.standard_normal((3, 4, D))), [4, 2, 3]

    def f(x, **more):
        with at_step(1):
            return stack(x, **more)[0]
    if not two_ways:
        assert_causal(f, x)
    assert_batch_independent(f, x)
    assert_padding_invariant(lambda x: f(x, lengths=lengths), x, lengths)


def test_the_backward_direction_of_a_residual_stack_is_seen_to_read_ahead():
    stack = layer_of("gru book", 3, 2, num_layers=3, bidirectional=True, residual="inside", layer_norm=True)
    with pytest.raises(AssertionError, match="depends on input step"):
        assert_causal(lambda x: stack(x)[0], random(2, 4, 3))


@each_kind
@pytest.mark.parametrize("as_ids", [False, True])
def test_float32_stays_float32(kind, as_ids):
    layer = layer_of(kind, 3, 4, num_layers=3, bidirectional=True, dropout=0.2, **ALL).astype("float32")
    x = tensor(np.ones((2, 5, 3)), dtype="float32", requires_grad=True)
    x = tensor(np.ones((2, 5), int)) if as_ids else x
    assert {a.dtype for a in results(layer, x, None, [5, 3])} == {np.dtype("float32")}


@each_kind
def test_a_layer_called_twice_before_backward_keeps_both_pasts(kind):
    layer = layer_of(kind, 30, 20, num_layers=3, **ALL).eval()
    x1, x2 = random(30, 20, 30, seed=1), random(30, 20, 30, seed=2)                      # large: memory is reused
    alone = [gradients(weighted([layer(x)[0]]), layer.parameters()) for x in (x1, x2)]
    loss1, loss2 = weighted([layer(x1)[0]]), weighted([layer(x2)[0]])
    for loss, right in ((loss2, alone[1]), (loss1, alone[0])):
        assert_same(gradients(loss, layer.parameters()), right, 1e-12)


def test_the_gates_of_a_varied_lstm_make_its_cell_and_its_output():
    stack = layer_of("lstm", 4, 3, num_layers=3, **ALL)
    cell, residual, state = stack.cells[2], random(2, 5, 3, seed=3), stack.initial_state(2)[2]
    x = random(2, 5, 3)
    gates = {name: gate.numpy() for name, gate in cell.gates(x, state, residual=residual).items()}
    y, _ = cell(x, state, [2] * 5, residual=residual)
    c = np.zeros((2, 3))
    for t in range(5):
        c = gates["f"][:, t] * c + gates["i"][:, t] * gates["g"][:, t]
        np.testing.assert_allclose(gates["o"][:, t] * np.tanh(c) + residual.numpy()[:, t], y.numpy()[:, t], atol=1e-12)


if backend.name == "strict":                               # which counts where a GPU would have to stop

    @each_kind
    @pytest.mark.parametrize("as_ids", [False, True])
    def test_a_training_step_never_waits(kind, as_ids):
        from tinyseq import autograd
        from tinyseq.backend.strict import synchronisations

        layer = layer_of(kind, 4, 3, num_layers=3, bidirectional=True, dropout=0.5, **ALL)
        rng = np.random.default_rng(0)
        x = rng.integers(0, 4, (3, 5)) if as_ids else tensor(rng.standard_normal((3, 5, 4)))
        for lengths in ([2, 5, 0], None):
            with synchronisations() as seen, at_step(0):
                y, _ = layer(x, lengths=lengths)
                autograd.gradients((y * y).sum(), layer.parameters())
            assert seen.count == 0, str(seen)


# What is said -----------------------------------------------------------------------------------------------

def test_what_was_switched_on_is_printed():
    layer = LSTM(3, 4, num_layers=2, bidirectional=True, dropout=0.1, recurrent_dropout=0.2, residual="add",
                 layer_norm=True)
    text = repr(layer)
    assert text.startswith("LSTM(3, 4, 2 layers, both directions, recurrent dropout 0.2, residual add, layer norm)")
    assert "Dropout(0.1)" in text and "gamma_h (16,)  [i f g o]" in text
    assert repr(GRU(3, 4)).startswith("GRU(3, 4)  ")


MISTAKES = {
    "residual is None or one of add, skip2, inside; got 'plus'": lambda: LSTM(3, 2, num_layers=3, residual="plus"),
    "residual='add' adds the output of layer l-1 from layer 2 on: with num_layers=1 it would do nothing. Use":
        lambda: LSTM(3, 2, residual="add"),
    "residual='skip2' adds the output of layer l-2 from layer 3 on: with num_layers=2":
        lambda: GRU(3, 2, num_layers=2, residual="skip2"),
    "residual='inside' adds the output of layer l-2": lambda: RNN(3, 2, num_layers=2, residual="inside"),
    r"recurrent_dropout, .* lies in \[0, 1\); got 1.0": lambda: RNN(3, 2, recurrent_dropout=1.0),
    r"lies in \[0, 1\); got -0.1": lambda: RNN(3, 2, recurrent_dropout=-0.1),
    r"lies in \[0, 1\); got nan": lambda: RNN(3, 2, recurrent_dropout=float("nan")),
    r"Dropout: p, .* lies in \[0, 1\); got 30; a percentage": lambda: RNN(3, 2, num_layers=2, dropout=30),
    "variant is 'book' or 'cudnn'; got 'torch'": lambda: GRU(3, 2, layer_norm=True, variant="torch"),
    "nonlinearity is one of": lambda: RNN(3, 2, layer_norm=True, nonlinearity="gelu"),
    "PyTorch's LSTM has no residual='add' and no layer_norm=True":
        lambda: to_pytorch(LSTM(3, 2, num_layers=2, residual="add", layer_norm=True)),
    "PyTorch's GRU has no recurrent_dropout=0.1":
        lambda: from_pytorch(GRU(3, 2, variant="cudnn", recurrent_dropout=0.1), to_pytorch(GRU(3, 2, variant="cudnn"))),
    "PyTorch's RNN has no residual='skip2'": lambda: to_pytorch(RNN(3, 2, num_layers=3, residual="skip2")),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_explained(message):
    with pytest.raises(ValueError, match=message) as caught:
        MISTAKES[message]()
    assert "\n" not in str(caught.value)


def test_a_model_with_options_learns_the_same_on_one_thread_and_two():
    from tinyseq.layers import RecurrentLanguageModel
    from tinyseq.training import loss_and_gradients
    from tinyseq.training.characters import TextBatch

    manual_seed(3)
    model = RecurrentLanguageModel(all_layers.LSTM(7, 5, num_layers=3, dropout=0.2, **ALL), 7).astype("float64")
    ids = np.random.default_rng(0).integers(0, 7, (6, 9))
    (one, grads_one), (two, grads_two) = (loss_and_gradients(model, TextBatch(ids[:, :-1], ids[:, 1:]), threads, 4)
                                          for threads in (1, 2))
    np.testing.assert_allclose(to_host(one), to_host(two), rtol=1e-12)
    assert_same([to_host(g) for g in grads_one], [to_host(g) for g in grads_two], 1e-10)
