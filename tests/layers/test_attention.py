"""Attention layers: values against loops, gradients of every weight, what each may see, and what is refused."""
import math

import pytest

import tinyseq
from tinyseq import layers, ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import at_step, host, manual_seed, to_device, to_host
from tinyseq.checks import assert_batch_independent, assert_causal, assert_padding_invariant, gradcheck
from tinyseq.layers import (
    AdditiveAttention,
    ConcatAttention,
    DotAttention,
    GeneralAttention,
    LocalAttention,
    Module,
    MultiHeadAttention,
    PredictedCentre,
    causal_mask,
    padding_mask,
)

np = host.np
B, Tq, Tk, DQ, DK, DV = 2, 3, 5, 4, 6, 7
LENGTHS = [5, 2]
KINDS = {
    "additive": lambda: AdditiveAttention(DQ, DK, 3),
    "dot": lambda: DotAttention(),
    "scaled dot": lambda: DotAttention(scaled=True),
    "general": lambda: GeneralAttention(DQ, DK),
    "concat": lambda: ConcatAttention(DQ, DK, 3),
}
LOCALS = {"monotonic": lambda: None, "predicted": lambda: PredictedCentre(DQ, 3)}
every_kind = pytest.mark.parametrize("kind", KINDS)
every_local = pytest.mark.parametrize("centre", LOCALS)
every_mask = pytest.mark.parametrize("form", ["none", "(B, Tk)", "(B, Tq, Tk)", "(1, Tq, Tk)"])


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


def made(kind):
    """The layer in float64, and the width of its queries."""
    return KINDS[kind]().astype("float64"), DK if "dot" in kind else DQ


def local(centre, kind="general", half_width=1):
    return LocalAttention(KINDS[kind](), half_width, LOCALS[centre]()).astype("float64")


def drawn(*shape, seed=0):
    return tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


def triple(D_query=DQ):
    return drawn(B, Tq, D_query), drawn(B, Tk, DK, seed=1), drawn(B, Tk, DV, seed=2)


def a_mask(form):
    """None, or booleans of this form; some query may look at one key alone."""
    if form == "none":
        return None
    if form == "(B, Tk)":
        return np.arange(Tk) < np.array(LENGTHS)[:, None]
    mask = np.random.default_rng(4).random((B if form == "(B, Tq, Tk)" else 1, Tq, Tk)) < 0.6
    mask[:, :, 0] = True
    mask[0, 1, 1:] = False
    return mask


def given(mask):
    return None if mask is None else to_device(mask)


def whole(mask):
    """(B, Tq, Tk)"""
    if mask is None:
        return np.ones((B, Tq, Tk), bool)
    return np.broadcast_to(mask[:, None] if mask.ndim == 2 else mask, (B, Tq, Tk))


def weight(layer, name):
    return layer.named_parameters()[name].numpy()


def score(kind, layer, q, k):
    """Equation (1) for one query and one key, as the papers write it."""
    if kind == "additive":
        return weight(layer, "v") @ np.tanh(weight(layer, "W_q").T @ q + weight(layer, "W_k").T @ k)
    if kind == "concat":
        return weight(layer, "v") @ np.tanh(weight(layer, "W").T @ np.concatenate([q, k]))
    if kind == "general":
        return q @ weight(layer, "W") @ k
    return q @ k / (math.sqrt(len(k)) if kind == "scaled dot" else 1)


def by_loops(score_of, query, keys, values, mask, gauss=lambda b, i, j: 1.0):
    """Context and weights, one query at a time."""
    alpha = np.zeros((len(query), query.shape[1], keys.shape[1]))
    for b, i in np.ndindex(alpha.shape[:2]):
        seen = [j for j in range(keys.shape[1]) if mask[b, i, j]]
        e = [math.exp(score_of(query[b, i], keys[b, j])) for j in seen]
        for j, part in zip(seen, e, strict=True):
            alpha[b, i, j] = part / sum(e) * gauss(b, i, j)
    return np.einsum("bqk,bkv->bqv", alpha, values), alpha


def assert_same(found, expected, tolerance=1e-12):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), other if isinstance(other, np.ndarray) else other.numpy(),
                                   rtol=tolerance, atol=tolerance)


# Scores -----------------------------------------------------------------------------------------------------

@every_mask
@every_kind
def test_values_are_those_of_the_equations(kind, form):
    (layer, D_query), mask = made(kind), a_mask(form)
    query, keys, values = triple(D_query)
    expected = by_loops(lambda q, k: score(kind, layer, q, k), query.numpy(), keys.numpy(), values.numpy(), whole(mask))
    assert_same(layer(query, keys, values, given(mask)), expected)


@every_mask
@every_kind
def test_gradients(kind, form):
    (layer, D_query), mask = made(kind), given(a_mask(form))
    report = gradcheck(lambda *inputs: layer(*inputs, mask), *triple(D_query), params=layer)
    assert len(report.checked) == 3 + len(layer.parameters())


@every_kind
def test_one_step_is_a_row_of_all_steps(kind):
    (layer, D_query), mask = made(kind), given(a_mask("(B, Tk)"))
    query, keys, values = triple(D_query)
    context, weights = layer(query, keys, values, mask)
    memory = layer.memory(keys, values, mask)
    for i in range(Tq):
        for found in (layer(query[:, i], keys, values, mask), layer.look(query[:, i], memory)):
            assert_same(found, (context[:, i], weights[:, i]))
    gradcheck(lambda q, k, v: layer(q, k, v, mask), query[:, 0].detach(), keys, values, params=layer)


@every_kind
def test_values_that_are_left_out_are_the_keys(kind):
    layer, D_query = made(kind)
    query, keys, _ = triple(D_query)
    assert_same(layer(query, keys), layer(query, keys, keys))


@every_kind
def test_a_query_that_may_look_nowhere_is_refused(kind):
    layer, D_query = made(kind)
    mask = np.ones((B, Tk), bool)
    mask[1] = False
    with pytest.raises(ValueError, match="sequence 1 may look at no key"):
        layer(*triple(D_query), mask)
    mask = np.ones((B, Tq, Tk), bool)
    mask[1, 2] = False
    with pytest.raises(ValueError, match="query 2 of sequence 1 may look at no key"):
        layer(*triple(D_query), mask)


@pytest.mark.backend("strict", "cupy")         # elsewhere every mask lies on the host
@every_kind
def test_on_the_device_it_gets_nothing(kind):
    layer, D_query = made(kind)
    context, weights = layer(*triple(D_query), to_device(np.zeros((B, Tk), bool)))
    assert (context.numpy() == 0).all() and (weights.numpy() == 0).all()


@every_kind
def test_padding_and_other_rows_are_not_seen(kind):
    (layer, D_query), mask = made(kind), padding_mask(LENGTHS, Tk)
    query = drawn(B, Tq, D_query)
    assert_padding_invariant(lambda keys: layer(query, keys, None, mask)[0].sum(axis=1), drawn(B, Tk, DK), LENGTHS)
    assert_batch_independent(lambda keys: layer(query, keys), drawn(B, Tk, DK))
    assert_batch_independent(lambda query: layer(query, drawn(B, Tk, DK)), query)


@every_kind
def test_the_selected_rows_of_a_memory(kind):
    layer, D_query = made(kind)
    query, keys, values = triple(D_query)
    for form in ("none", "(B, Tq, Tk)", "(1, Tq, Tk)"):
        mask = given(a_mask(form))
        context, weights = layer(query, keys, values, mask)
        rows = [1, 0, 1]
        assert_same(layer.look(ops.gather(query, rows), layer.memory(keys, values, mask).select(rows)),
                    (ops.gather(context, rows), ops.gather(weights, rows)))


def test_concat_is_additive_with_the_matrices_one_above_the_other():
    additive, concat = made("additive")[0], made("concat")[0]
    concat.W.data = to_device(np.concatenate([weight(additive, "W_q"), weight(additive, "W_k")]))
    concat.v.data = additive.v.data
    assert_same(concat(*triple()), additive(*triple()))


def test_scaled_dot_attention_is_the_op():
    assert_same(made("scaled dot")[0](*triple(DK)), ops.attention(*triple(DK)))


# Local ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["additive", "scaled dot", "general", "concat"])
@every_mask
@every_local
def test_local_values_are_those_of_the_equations(centre, form, kind):
    layer, mask = local(centre, kind), a_mask(form)
    query, keys, values = triple(DK if "dot" in kind else DQ)
    if centre == "predicted" and "dot" in kind:
        layer.centre = PredictedCentre(DK, 3).astype("float64")
    seen, p = whole(mask), np.zeros((B, Tq))
    for b, i in np.ndindex(B, Tq):
        if centre == "monotonic":
            p[b, i] = i
        else:
            S = max((j + 1 for j in range(Tk) if seen[b, i, j]), default=0)
            a = weight(layer, "centre.v") @ np.tanh(weight(layer, "centre.W").T @ query.numpy()[b, i])
            p[b, i] = S / (1 + math.exp(-a))
    window = abs(np.arange(Tk) - p[:, :, None]) <= 1
    expected = by_loops(lambda q, k: score(kind, layer.score, q, k), query.numpy(), keys.numpy(), values.numpy(),
                        seen & window,
                        lambda b, i, j: math.exp(-2 * (j - p[b, i]) ** 2) if centre == "predicted" else 1.0)
    assert_same(layer(query, keys, values, given(mask)), expected)


@every_mask
@every_local
def test_local_gradients(centre, form):
    layer, mask = local(centre), given(a_mask(form))
    report = gradcheck(lambda *inputs: layer(*inputs, mask), *triple(), params=layer)
    assert len(report.checked) == (6 if centre == "predicted" else 4)
    if centre == "predicted":
        context, _ = layer(*triple(), mask)
        assert all((to_host(g) != 0).any() for g in gradients(context.sum(), layer.parameters()))


@pytest.mark.parametrize("half_width", [1, 2])
def test_a_monotonic_window_sees_itself_and_nothing_else(half_width):
    layer, T = local("monotonic", "scaled dot", half_width), 6
    keys = drawn(B, T, DK)
    context, weights = layer(drawn(B, T, DK, seed=1), keys)
    distance = abs(np.arange(T)[:, None] - np.arange(T))
    np.testing.assert_array_equal(weights.numpy() > 0, np.broadcast_to(distance <= half_width, (B, T, T)))
    for i in range(T):
        seen = (to_host(gradients((context[:, i] ** 2).sum(), [keys], keep_graph=True)[0]) != 0).any((0, 2))
        np.testing.assert_array_equal(seen, distance[i] <= half_width)
    assert_causal(lambda keys: layer(drawn(B, T, DK, seed=1), keys, None, causal_mask(T)), keys)


@every_local
def test_a_local_decoder_says_which_step_it_is_at(centre):
    layer, mask = local(centre), given(a_mask("(B, Tk)"))
    query, keys, values = triple()
    context, weights = layer(query, keys, values, mask)
    memory = layer.memory(keys, values, mask)
    for t in range(Tq):
        assert_same(layer.look(query[:, t], memory, t), (context[:, t], weights[:, t]))
    assert_same(layer.look(query[:, 1:], memory, 1), (context[:, 1:], weights[:, 1:]))


def test_a_window_beyond_the_last_key_is_empty():
    context, weights = local("monotonic")(drawn(B, DQ), drawn(B, Tk, DK), t=Tk + 1)
    assert (context.numpy() == 0).all() and (weights.numpy() == 0).all()


@every_local
def test_local_attention_sees_no_padding_and_no_other_row(centre):
    layer, query, mask = local(centre), drawn(B, Tq, DQ), padding_mask(LENGTHS, Tk)
    assert_padding_invariant(lambda keys: layer(query, keys, None, mask)[0].sum(axis=1), drawn(B, Tk, DK), LENGTHS)
    assert_batch_independent(lambda keys: layer(query, keys), drawn(B, Tk, DK))
    longer = np.concatenate([drawn(B, Tk, DK).numpy(), np.ones((B, 4, DK))], axis=1)
    assert_same(layer(query, tensor(longer), None, padding_mask(LENGTHS, Tk + 4))[:1],       # padded further
                layer(query, drawn(B, Tk, DK), None, mask)[:1])


# Several heads ----------------------------------------------------------------------------------------------

C, NH = 6, 3


def heads(**settings):
    return MultiHeadAttention(C, NH, **settings).astype("float64")


def multi_head_by_loops(layer, query, keys, values, mask):
    """y and weights, head by head."""
    bias = lambda name: weight(layer, name) if getattr(layer, name) is not None else 0
    d, parts, weights = C // NH, [], []
    for head in range(NH):
        own = slice(head * d, (head + 1) * d)
        q, k, v = ((x @ weight(layer, f"W_{a}") + bias(f"b_{a}"))[:, :, own]
                   for x, a in zip((query, keys, values), "qkv", strict=True))
        context, alpha = by_loops(lambda q, k: q @ k / math.sqrt(d), q, k, v, mask)
        parts.append(context)
        weights.append(alpha)
    return np.concatenate(parts, axis=-1) @ weight(layer, "W_o") + bias("b_o"), np.stack(weights, axis=1)


@pytest.mark.parametrize("bias", [True, False])
@every_mask
def test_multi_head_values_are_those_of_the_equations(form, bias):
    layer, mask = heads(bias=bias), a_mask(form)
    query, keys, values = drawn(B, Tq, C), drawn(B, Tk, C, seed=1), drawn(B, Tk, C, seed=2)
    expected = multi_head_by_loops(layer, query.numpy(), keys.numpy(), values.numpy(), whole(mask))
    assert_same(layer(query, keys, values, given(mask)), expected)
    assert_same(layer(query[:, 0], keys, values, None if mask is None else given(whole(mask)[:, :1])),
                (expected[0][:, 0], expected[1][:, :, 0]))
    assert len(layer.parameters()) == (8 if bias else 4)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@every_mask
def test_multi_head_gradients(form, dropout):
    layer, mask = heads(dropout=dropout), given(a_mask(form))

    def f(*inputs):
        with at_step(0):
            return layer(*inputs, mask)
    gradcheck(f, drawn(B, Tq, C), drawn(B, Tk, C, seed=1), drawn(B, Tk, C, seed=2), params=layer)


@pytest.mark.parametrize("mask", [None, causal_mask(4), padding_mask([4, 2], 4)], ids=["none", "causal", "padding"])
def test_self_attention(mask):
    layer, x = heads(), drawn(B, 4, C)
    for found in (layer(x, mask), layer(x, mask=mask)):
        assert_same(found, layer(x, x, x, mask))
    gradcheck(lambda x: layer(x, mask), x, params=layer)


def test_self_attention_that_is_causal_and_of_ragged_sequences():
    layer, T, lengths = heads(), 5, [5, 3]
    masks = {"causal": causal_mask(T), "both": causal_mask(T) & padding_mask(lengths, T)[:, None]}
    for mask in masks.values():
        assert_causal(lambda x, mask=mask: layer(x, mask), drawn(B, T, C))
        assert_batch_independent(lambda x, mask=mask: layer(x, mask), drawn(B, T, C))
    for mask in (masks["both"], padding_mask(lengths, T)):
        assert_padding_invariant(lambda x, mask=mask: layer(x, mask), drawn(B, T, C), lengths)
    with pytest.raises(AssertionError, match="depends on input step"):
        assert_causal(layer, drawn(B, T, C))
    with pytest.raises(AssertionError, match="padding"):
        assert_padding_invariant(layer, drawn(B, T, C), lengths)


def test_the_books_example_i_love_tennis():
    """Chapter 9.1 with numbers for its symbols: what "love" makes of the three words, d = 4."""
    layer = MultiHeadAttention(4, 1, bias=False).astype("float64")
    x = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1]])           # I, love, tennis
    W_q = [[0, 0, 0, 0], [2, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0, 0]]
    W_k = [[1, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 1]]
    W_v = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0]]
    for weight, W in (("W_q", W_q), ("W_k", W_k), ("W_v", W_v), ("W_o", np.eye(4))):
        layer.named_parameters()[weight].data = to_device(np.array(W, "float64"))
    q_2, k = x[1] @ W_q, x @ W_k
    assert (k @ q_2).tolist() == [2, 4, 2]                             # q_2 k_j; a_2j are 1, 2, 1
    z, alpha = layer(tensor(x[None], dtype="float64"))
    e = math.e
    assert alpha.numpy()[0, 0, 1] == pytest.approx([1 / (2 + e), e / (2 + e), 1 / (2 + e)], rel=1e-12)
    assert z.numpy()[0, 1] == pytest.approx([1 / (2 + e), e / (2 + e), 2 / (2 + e), 0], rel=1e-12)


def test_one_head_is_scaled_dot_attention_between_projections():
    layer = MultiHeadAttention(C, 1, bias=False).astype("float64")
    x = drawn(B, 4, C)
    context, weights = DotAttention(scaled=True)(x @ layer.W_q, x @ layer.W_k, x @ layer.W_v)
    y, own = layer(x)
    assert_same((y, own.squeeze(1)), (context @ layer.W_o, weights))


def test_the_weights_of_a_head_are_a_block():
    layer = heads()
    assert layer.W_q.blocks == layer.b_v.blocks == ("head0", "head1", "head2") and layer.W_o.blocks == ()
    before = layer(drawn(B, 4, C))[1].numpy()
    layer.W_k.data = layer.W_k.data * to_device(np.repeat([1.0, 2.0, 1.0], C // NH))
    changed = (layer(drawn(B, 4, C))[1].numpy() != before).any((0, 2, 3))
    assert changed.tolist() == [False, True, False]


def test_dropout_falls_on_the_weights_while_training():
    layer, x = heads(dropout=0.5), drawn(B, 4, C)
    with at_step(0):
        y, weights = layer(x)
    without, same = layer.eval()(x)
    np.testing.assert_allclose(weights.numpy(), same.numpy())              # those before dropout
    assert not np.allclose(y.numpy(), without.numpy())
    layer.train()
    mean = 0
    for step in range(400):
        with at_step(step):
            mean = mean + layer(x)[0].numpy() / 400
    np.testing.assert_allclose(mean, without.numpy(), atol=0.1)


@pytest.mark.parametrize("layer, inputs", [
    (heads, 1), (lambda: local("predicted"), 3), (lambda: local("monotonic"), 3), *((kind, 3) for kind in KINDS)])
def test_precision_stays(layer, inputs):
    layer, D_query = (layer(), DQ) if callable(layer) else made(layer)
    for dtype in ("float32", "float64"):
        given = [drawn(B, 4, C)] if inputs == 1 else triple(D_query)
        arrays = [tensor(x, requires_grad=True, dtype=dtype) for x in given]
        context, weights = layer.astype(dtype)(*arrays, mask=padding_mask([2, 1], 4 if inputs == 1 else Tk))
        assert context.dtype == weights.dtype == dtype
        assert all(g.dtype == dtype for g in gradients(context.sum(), arrays))


def test_a_trained_head_finds_the_matching_key():
    """Copying: query t should look at key T-1-t, which only its one-hot place tells."""
    T = 4
    places = tensor(np.eye(T)[None])
    layer = GeneralAttention(T, T).astype("float64")
    optimiser = tinyseq.optim.Adam(layer.parameters(), 0.3)
    for _ in range(60):
        loss = ((layer(places, places)[0] - ops.flip(places, 1)) ** 2).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert layer(places, places)[1].numpy()[0].argmax(-1).tolist() == [3, 2, 1, 0]


# Masks ------------------------------------------------------------------------------------------------------

def test_masks():
    assert to_host(causal_mask(3)).tolist() == [[[True, False, False], [True, True, False], [True, True, True]]]
    for lengths in ([2, 0, 3], np.array([2, 0, 3]), tensor(np.array([2, 0, 3]))):
        assert to_host(padding_mask(lengths, 3)).tolist() == [[True, True, False], [False] * 3, [True] * 3]
    assert to_host(padding_mask(np.zeros(0, int), 3)).shape == (0, 3)


# What is refused --------------------------------------------------------------------------------------------

class Decoder(Module):
    def __init__(self):
        self.attention = AdditiveAttention(DQ, DK, 3)
        self.heads = MultiHeadAttention(C, NH)


def x(*shape, dtype="float32"):
    return tensor(np.ones(shape), dtype=dtype)


def flags(*shape):
    return to_device(np.ones(shape, bool))


@pytest.mark.parametrize("call, words", [
    (lambda: AdditiveAttention(0, 2, 3), ("AdditiveAttention", "at least 1", "D_query=0")),
    (lambda: GeneralAttention(2, -1), ("GeneralAttention", "D_key=-1")),
    (lambda: ConcatAttention(2, 2, 0), ("ConcatAttention", "width=0")),
    (lambda: PredictedCentre(0, 2), ("PredictedCentre", "D_query=0")),
    (lambda: LocalAttention(MultiHeadAttention(4, 2), 2), ("LocalAttention", "additive, dot", "MultiHeadAttention")),
    (lambda: LocalAttention(DotAttention, 2), ("LocalAttention", "got type")),
    (lambda: LocalAttention(DotAttention(), 0), ("half_width=0", "at least one step")),
    (lambda: MultiHeadAttention(10, 4), ("num_heads divides C", "C=10", "num_heads=4", "2 or 5 heads", "C=12")),
    (lambda: MultiHeadAttention(8, 0), ("num_heads=0", "at least 1")),
    (lambda: MultiHeadAttention(8, 2, positions="learned"), ("rotary or alibi", "'learned'", "before the layer")),
    (lambda: MultiHeadAttention(6, 2, positions="rotary"), ("C=6", "num_heads=2", "odd width of 3")),
    (lambda: MultiHeadAttention(6, 2, window=3), ("window=3", "causal=False")),
    (lambda: MultiHeadAttention(6, 2, lean=True, dropout=0.1), ("lean", "dropout=0.1", "leave one")),
    (lambda: MultiHeadAttention(8, 2, dropout=1.5), ("Dropout", "1.5")),
    (lambda: Decoder().attention(x(B, DQ + 1), x(B, Tk, DK)),
     ("AdditiveAttention 'attention'", "D_query=4", "axis 1 of query (2, 5)", "size 5", "Linear")),
    (lambda: Decoder().attention(x(B, DQ), x(B, Tk, DQ)), ("'attention'", "D_key=6", "keys (2, 5, 4)", "size 4")),
    (lambda: Decoder().attention(x(DQ), x(B, Tk, DK)), ("query should be (B, Tq, D_query) or (B, D_query)", "(4,)")),
    (lambda: Decoder().attention(x(B, DQ), x(Tk, DK)), ("keys should be (B, Tk, D_key)", "2 axes", "x[None]")),
    (lambda: Decoder().attention(x(B, DQ), x(B, Tk, DK), x(B, Tk)), ("values should be (B, Tk, D_value)", "(2, 5)")),
    (lambda: Decoder().attention(x(B, DQ), x(B, Tk, DK, dtype="int64")), ("keys", "int64", "Embedding")),
    (lambda: Decoder().attention(x(B, DQ), x(B, Tk, DK), x(B, Tk + 1, DV)), ("each key has a value", "5 for", "6 for")),
    (lambda: Decoder().attention(x(3, DQ), x(B, Tk, DK)), ("axis 0 is the batch", "3 sequences", "keys of 2")),
    (lambda: DotAttention()(x(B, 3), x(B, Tk, 4)), ("DotAttention", "3 and 4", "GeneralAttention(3, 4)")),
    (lambda: LocalAttention(DotAttention(), 1)(x(B, 3), x(B, Tk, 4)), ("DotAttention 'score'", "3 and 4")),
    (lambda: LocalAttention(GeneralAttention(3, 4), 1)(x(B, 4), x(B, Tk, 4)), ("LocalAttention", "D_query=3")),
    (lambda: LocalAttention(DotAttention(), 1, PredictedCentre(3, 2))(x(B, 4), x(B, Tk, 4)),
     ("PredictedCentre 'centre'", "D_query=3", "size 4")),
    (lambda: Decoder().heads(x(B, Tk, 5)), ("MultiHeadAttention 'heads'", "C=6", "axis 2 of x (2, 5, 5)", "size 5")),
    (lambda: Decoder().heads(x(B, C)), ("x should be (B, T, C)", "(2, 6)", "2 axes")),
    (lambda: Decoder().heads(x(B, Tk, C, dtype="int64")), ("x (B, T, C)", "int64", "Embedding")),
    (lambda: Decoder().heads(x(B, Tk, C), x(B, Tk, C), x(B, Tk, 4)), ("C=6", "values (2, 5, 4)")),
    (lambda: Decoder().heads(x(B, Tk, C), flags(Tk)), ("a mask is (B, Tk) or (B, Tq, Tk)", "(5,)", "1 axes")),
    (lambda: Decoder().heads(x(B, Tk, C), flags(B, NH, Tk, Tk)), ("4 axes", "one for all heads needs no axis")),
    (lambda: Decoder().heads(x(B, Tk, C), flags(Tk, Tk)), ("axis 0 of (5, 5)", "size 5", "B=2", "mask[None]")),
    (lambda: Decoder().heads(x(B, Tk, C), flags(B, 4)), ("axis 1 of (2, 4)", "size 4", "Tk=5", "padding_mask")),
    (lambda: Decoder().heads(x(B, Tk, C), flags(3, Tk, Tk)), ("axis 0 of (3, 5, 5)", "size 3", "B=2")),
    (lambda: Decoder().heads(x(B, Tk, C), causal_mask(4)), ("axis 2 of (1, 4, 4)", "size 4", "Tk=5")),
    (lambda: Decoder().heads(x(B, Tq, C), x(B, Tk, C), mask=flags(B, Tk, Tk)), ("axis 1", "(2, 5, 5)", "Tq=3")),
    (lambda: Decoder().heads(x(B, Tk, C), mask=x(B, Tk)), ("booleans", "float32", "mask > 0")),
    (lambda: causal_mask(0), ("causal_mask", "T=0")),
    (lambda: padding_mask([1.0], 3), ("padding_mask", "float64", "whole numbers")),
    (lambda: padding_mask(3, 3), ("padding_mask", "(B,)", "()")),
    (lambda: padding_mask([1, 4], 3), ("T=3", "sequence 1 has 4")),
    (lambda: padding_mask([-1], 3), ("sequence 0 has -1",)),
])
def test_mistakes_are_explained(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    for word in words:
        assert word in text, text


def test_every_layer_shows_its_sizes():
    assert repr(AdditiveAttention(4, 6, 3)).startswith("AdditiveAttention(4, 6, 3)  33 parameters")
    assert repr(LocalAttention(DotAttention(scaled=True), 2, PredictedCentre(4, 3))).splitlines()[:2] == [
        "LocalAttention(half_width=2)  15 parameters", "  score: DotAttention(scaled)  0 parameters"]
    assert "  W_q (6, 6)  [head0 head1 head2]" in repr(MultiHeadAttention(6, 3)).splitlines()
    assert layers.MultiHeadAttention(6, 3).count() == 4 * 36 + 4 * 6
