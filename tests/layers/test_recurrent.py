"""Recurrent layers: by tape equals by hand; ragged batches; states; truncated back-propagation."""
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

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks import gradcheck
from tinyseq.layers import GRU, LSTM, RNN

np = host.np
modest = settings(max_examples=300, deadline=None, derandomize=True)
each_kind = pytest.mark.parametrize("kind", KINDS)
both_methods = pytest.mark.parametrize("method", ["by_hand", "by_tape"])


# Two ways through time --------------------------------------------------------------------------------------

@st.composite
def cases(draw):
    B, T, size = draw(st.integers(1, 4)), draw(st.integers(1, 6)), st.integers(1, 4)
    lengths = draw(st.none() | st.lists(st.integers(0, T), min_size=B, max_size=B))
    return {"kind": draw(st.sampled_from(sorted(KINDS))), "B": B, "T": T, "D": draw(size), "H": draw(size),
            "num_layers": draw(st.integers(1, 3)), "bidirectional": draw(st.booleans()), "lengths": lengths,
            "has_state": draw(st.booleans()), "as_ids": draw(st.booleans()), "has_options": draw(st.booleans()),
            "seed": draw(st.integers(0, 99))}


@modest
@given(cases())
def test_by_tape_equals_by_hand(case):
    c, rng = case, np.random.default_rng(case["seed"])
    ids, dense = tensor(rng.integers(0, c["D"], (c["B"], c["T"]))), random(c["B"], c["T"], c["D"], seed=c["seed"])
    x = ids if c["as_ids"] else dense
    options = random_options(rng, c["num_layers"]) if c["has_options"] else {}
    found = []
    for method in ("by_hand", "by_tape"):
        layer = layer_of(c["kind"], c["D"], c["H"], seed=c["seed"], method=method, num_layers=c["num_layers"],
                         bidirectional=c["bidirectional"], **options)
        state = random_state(layer, c["B"], c["seed"]) if c["has_state"] else None
        found.append(results(layer, x, state, c["lengths"]))
    assert_same(*found)
    y = found[0][0]
    for b, length in enumerate(c["lengths"] or []):
        assert not y[b, length:].any()


@each_kind
def test_the_tape_is_right_itself(kind):
    layer = layer_of(kind, 2, 3, method="by_tape", seed=1)
    gradcheck(lambda x: layer(x, lengths=[4, 2])[0], random(2, 4, 2), params=layer)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def written_out(kind, x, W_xh, W_hh, b, b_hn=None):
    """One sequence (T, D), step by step in plain NumPy, from the equations as the papers have them."""
    H = len(W_hh)
    h, c, hs = np.zeros(H), np.zeros(H), []
    for x_t in x:
        def block(k, h, x_t=x_t):
            part = slice(k * H, (k + 1) * H)
            return x_t @ W_xh[:, part] + h @ W_hh[:, part] + b[part]
        if kind.startswith("rnn"):
            h = {"tanh": np.tanh, "relu": lambda a: np.maximum(a, 0), "sigmoid": sigmoid}[kind[4:]](block(0, h))
        elif kind == "lstm":
            i, f, g, o = (phi(block(k, h)) for k, phi in enumerate((sigmoid, sigmoid, np.tanh, sigmoid)))
            c = f * c + i * g
            h = o * np.tanh(c)
        else:
            r, z = sigmoid(block(0, h)), sigmoid(block(1, h))
            if kind == "gru book":
                h = (1 - z) * h + z * np.tanh(block(2, r * h))
            else:
                n = np.tanh(x_t @ W_xh[:, 2 * H:] + b[2 * H:] + r * (h @ W_hh[:, 2 * H:] + b_hn))
                h = (1 - z) * n + z * h
        hs.append(h)
    return np.array(hs)


@each_kind
@both_methods
def test_the_equations(kind, method):
    layer, x = layer_of(kind, 3, 4, method=method), random(2, 5, 3)
    y, _ = layer(x)
    for b in range(2):
        right = written_out(kind, x.numpy()[b], *(p.numpy() for p in layer.parameters()))
        np.testing.assert_allclose(y.numpy()[b], right, atol=1e-12)


@each_kind
@both_methods
def test_ids_stand_for_one_hot_rows(kind, method):
    layer = layer_of(kind, 5, 3, num_layers=2, bidirectional=True, method=method)
    ids = np.random.default_rng(0).integers(0, 5, (3, 6))
    one_hot = tensor(np.eye(5)[ids], requires_grad=True)
    for lengths in (None, [6, 0, 3]):
        dense = results(layer, one_hot, None, lengths)[:-1]                  # without the gradient of x
        assert_same(results(layer, tensor(ids), None, lengths), dense)
        assert_same([layer(ids, lengths=lengths)[0].numpy()], dense[:1])     # an array does as well


@each_kind
def test_float32_stays_float32(kind):
    layer = layer_of(kind, 3, 4, num_layers=2, bidirectional=True).astype("float32")
    x = tensor(np.ones((2, 5, 3)), dtype="float32", requires_grad=True)
    assert {a.dtype for a in results(layer, x, None, [5, 3])} == {np.dtype("float32")}


# Ragged batches ---------------------------------------------------------------------------------------------

@each_kind
@both_methods
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_ragged_batch_equals_its_sequences_alone(kind, method, bidirectional):
    layer, lengths = layer_of(kind, 3, 2, num_layers=2, bidirectional=bidirectional, method=method), [2, 5, 1, 5, 0]
    x, state = random(5, 5, 3), random_state(layer, 5)
    y, last = layer(x, state, lengths)
    for b, length in enumerate(lengths):
        assert not y.numpy()[b, length:].any()
        if not length:
            for after, before in zip(parts(last), parts(state), strict=True):
                assert np.array_equal(after.numpy()[b], before.numpy()[b])
            continue
        alone, last_alone = layer(x[b:b + 1, :length], state.select([b]))
        np.testing.assert_allclose(y.numpy()[b, :length], alone.numpy()[0], atol=1e-12)
        for all_, one in zip(parts(last), parts(last_alone), strict=True):
            np.testing.assert_allclose(all_.numpy()[b], one.numpy()[0], atol=1e-12)


@each_kind
@both_methods
def test_padding_influences_nothing(kind, method):
    layer, lengths = layer_of(kind, 3, 2, num_layers=2, bidirectional=True, method=method), [2, 4, 0]
    x, found = random(3, 4, 3), []
    for fill in (0.0, 1e6, -3.0):
        for b, length in enumerate(lengths):
            x.data[b, length:] = fill
        found.append(results(layer, x, None, lengths))
    for other in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0], other, strict=True))
    dx = found[0][-1]
    for b, length in enumerate(lengths):
        assert not dx[b, length:].any() and dx[b, :length].all()


@each_kind
def test_the_backward_direction_starts_at_each_sequences_own_end(kind):
    layer, one_way = layer_of(kind, 3, 2, bidirectional=True), layer_of(kind, 3, 2)
    for p, q in zip(one_way.parameters(), layer.cells[1].parameters(), strict=True):
        p.data = q.data
    x, lengths = random(3, 4, 3), [2, 4, 3]
    y = layer(x, lengths=lengths)[0].numpy()
    for b, length in enumerate(lengths):
        alone = one_way(tensor(x.numpy()[b:b + 1, :length][:, ::-1]))[0].numpy()[0, ::-1]
        np.testing.assert_allclose(y[b, :length, 2:], alone, atol=1e-12)


@each_kind
def test_the_order_and_the_kind_of_lengths_do_not_matter(kind):
    layer, x = layer_of(kind, 3, 2), random(3, 4, 3)
    y = layer(x, lengths=[1, 4, 2])[0].numpy()
    assert np.array_equal(y, layer(x, lengths=np.array([1, 4, 2], "int32"))[0].numpy())
    np.testing.assert_allclose(y[[1, 2, 0]], layer(ops.gather(x, [1, 2, 0]), lengths=[4, 2, 1])[0].numpy(), atol=1e-13)


# States -----------------------------------------------------------------------------------------------------

@each_kind
@both_methods
def test_a_carried_state_continues_the_sequence(kind, method):
    layer, x = layer_of(kind, 3, 4, num_layers=2, method=method), random(2, 6, 3)
    whole, last = layer(x)
    wrt = [*layer.parameters(), x]
    right = gradients(weighted([whole, *parts(last)]), wrt)

    def halves(between):
        y1, state = layer(x[:, :3])
        y2, end = layer(x[:, 3:], between(state))
        y = ops.concat(y1, y2, axis=1)
        return y, gradients(weighted([y, *parts(end)]), wrt)
    y, carried = halves(lambda state: state)
    np.testing.assert_allclose(y.numpy(), whole.numpy(), atol=1e-12)
    assert_same(carried, right)
    y, truncated = halves(lambda state: state.detach())
    np.testing.assert_allclose(y.numpy(), whole.numpy(), atol=1e-12)
    np.testing.assert_allclose(truncated[-1][:, 3:], right[-1][:, 3:], atol=1e-12)       # the second half sees no cut
    assert (abs(truncated[-1][:, :3] - right[-1][:, :3]) > 1e-9).any()                   # the first misses its future
    assert (abs(truncated[1] - right[1]) > 1e-9).any()                                   # and so does dW_hh


@each_kind
def test_a_layer_called_twice_before_backward_keeps_both_pasts(kind):
    layer = layer_of(kind, 30, 20)
    x1, x2 = random(30, 20, 30, seed=1), random(30, 20, 30, seed=2)                      # large: memory is reused
    alone = [gradients(weighted([layer(x)[0]]), layer.parameters()) for x in (x1, x2)]
    y1, y2 = layer(x1)[0], layer(x2)[0]
    before = y1.numpy().copy()
    loss2, loss1 = weighted([y2]), weighted([y1])
    for loss, right in ((loss2, alone[1]), (loss1, alone[0])):
        assert_same(gradients(loss, layer.parameters()), right, 1e-12)
    assert np.array_equal(before, y1.numpy())


@each_kind
def test_nothing_is_remembered_between_calls(kind):
    layer, x = layer_of(kind, 3, 2), random(2, 4, 3)
    assert np.array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())


def test_states_begin_as_zeros_and_rows_can_be_selected():
    layer = LSTM(3, 2, num_layers=2, bidirectional=True)
    state = layer.initial_state(4)
    assert len(state) == 4 and [p.shape for p in parts(state)] == [(4, 2)] * 8
    assert not any(p.numpy().any() for p in parts(state))
    state = random_state(layer, 4)
    rows = state.select([2, 2, 0])
    for before, after in zip(parts(state), parts(rows), strict=True):
        assert np.array_equal(after.numpy(), before.numpy()[[2, 2, 0]])
    assert [s._fields for s in state] == [("h", "c")] * 4
    assert not any(p.requires_grad for p in parts(state.detach()))


def test_the_forget_gate_begins_open():
    for cell in LSTM(5, 3, num_layers=2).cells:
        assert (cell.b_h.numpy()[3:6] == 1).all() and (abs(np.delete(cell.b_h.numpy(), [3, 4, 5])) < 1 / 3 ** 0.5).all()


def test_dropout_lies_between_layers_and_only_in_training():
    layer, x = layer_of("lstm", 3, 8, num_layers=2, dropout=0.5), random(2, 4, 3)
    assert not np.array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())
    assert layer(x)[0].numpy().all()                                                     # not after the last
    layer.eval()
    plain = layer_of("lstm", 3, 8, num_layers=2)
    assert np.array_equal(layer(x)[0].numpy(), plain(x)[0].numpy())


# Mistakes ---------------------------------------------------------------------------------------------------

lstm = layer_of("lstm", 3, 2)
x43 = tensor(np.zeros((2, 4, 3)))
MISTAKES = {
    r"LSTM takes x \(B, T, D=3\) or whole numbers \(B, T\); got float64 \(2, 4, 5\)":
        lambda: lstm(tensor(np.zeros((2, 4, 5)))),
    r"got float64 \(2, 3\)": lambda: lstm(tensor(np.zeros((2, 3)))),
    r"got int64 \(2, 4, 3\)": lambda: lstm(np.zeros((2, 4, 3), int)),
    r"at least one sequence of at least one step; got x \(2, 0, 3\)": lambda: lstm(tensor(np.zeros((2, 0, 3)))),
    r"at least one sequence of at least one step; got x \(0, 4, 3\)": lambda: lstm(tensor(np.zeros((0, 4, 3)))),
    "ids go from 0 to 2; got 3": lambda: lstm(np.array([[0, 3]])),
    "ids go from 0 to 2; got -1": lambda: lstm(np.array([[0, -1]])),
    r"the state of LSTM has .* parts of shapes .*\(2, 2\).* with this batch; got .*\(5, 2\)":
        lambda: lstm(x43, lstm.initial_state(5)),
    "the state of LSTM has for each layer and direction parts of shapes":
        lambda: lstm(x43, GRU(3, 2).astype("float64").initial_state(2)),
    "pass what this layer returned for the same rows, or None":
        lambda: lstm(x43, LSTM(3, 2, num_layers=2).initial_state(2)),
    r"lengths are B=2 whole numbers, one a sequence; got shape \(3,\)": lambda: lstm(x43, lengths=[4, 4, 4]),
    "lengths are whole numbers; got float64": lambda: lstm(x43, lengths=[4.0, 4.0]),
    "lengths go from 0 to T=4; sequence 0 has 5": lambda: lstm(x43, lengths=[5, 1]),
    "lengths go from 0 to T=4; sequence 1 has -1": lambda: lstm(x43, lengths=[4, -1]),
    "float32 and float64": lambda: LSTM(3, 2)(x43),
    "sizes are at least 1; got D=0, H=2, num_layers=1": lambda: LSTM(0, 2),
    "num_layers=0": lambda: GRU(1, 2, num_layers=0),
    "method is one of by_hand, by_tape; got 'fast'": lambda: LSTM(3, 2, method="fast"),
    "with num_layers=1 it would do nothing": lambda: LSTM(3, 2, dropout=0.5),
    "variant is 'book' or 'cudnn'; got 'torch'": lambda: GRU(3, 2, variant="torch"),
    "nonlinearity is one of tanh, relu, sigmoid; got 'gelu'": lambda: RNN(3, 2, nonlinearity="gelu"),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_explained(message):
    with pytest.raises(ValueError, match=message):
        MISTAKES[message]()


@pytest.mark.parametrize("as_ids", [False, True])
def test_the_gates_of_an_lstm_make_its_cell_and_its_output(as_ids):
    lstm = LSTM(4, 3).astype("float64")
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (2, 5)) if as_ids else tensor(rng.standard_normal((2, 5, 4)))
    state = lstm.initial_state(2)
    gates = {name: gate.numpy() for name, gate in lstm.cells[0].gates(x, state[0]).items()}
    y, _ = lstm(x)
    c = np.zeros((2, 3))
    for t in range(5):
        c = gates["f"][:, t] * c + gates["i"][:, t] * gates["g"][:, t]
        np.testing.assert_allclose(gates["o"][:, t] * np.tanh(c), y.numpy()[:, t], atol=1e-12)
