"""Self-attention over recurrent states: values against loops, gradients, one answer by several roads, what is seen."""
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants.plant import Mutant, at, planted

from tinyseq.autograd import gradients, no_grad, tensor
from tinyseq.backend import host, manual_seed, to_host
from tinyseq.backend.strict import synchronisations
from tinyseq.checks import assert_batch_independent, assert_causal, assert_padding_invariant, gradcheck
from tinyseq.decoding import generate
from tinyseq.layers import (
    GRU,
    LSTM,
    RNN,
    AdditiveAttention,
    AttentionalOutput,
    ConcatAttention,
    DotAttention,
    Embedding,
    Encoder,
    GeneralAttention,
    LocalAttention,
    LuongDecoder,
    MultiHeadAttention,
    PredictedCentre,
    RecurrentLanguageModel,
    SelfAttention,
    SelfAttentiveEncoder,
    SelfAttentiveStack,
    Seq2Seq,
    causal_mask,
)
from tinyseq.layers.seq2seq.self_attentive import JOINS
from tinyseq.training import loss_and_gradients
from tinyseq.training.characters import TextBatch

np = host.np
B, T, V, C, D, H = 3, 5, 7, 3, 3, 4                        # the encoder has H/2 units a direction, so states of H
LENGTHS = [5, 2, 3]
SCORES = {
    "additive": lambda: AdditiveAttention(H, H, 3), "dot": lambda: DotAttention(),
    "general": lambda: GeneralAttention(H, H), "concat": lambda: ConcatAttention(H, H, 3),
}
CAUSAL = {**SCORES, "heads": lambda: MultiHeadAttention(H, 2),
          "monotonic": lambda: LocalAttention(GeneralAttention(H, H), 1)}
ATTENTIONS = {**CAUSAL, "predicted": lambda: LocalAttention(DotAttention(scaled=True), 2, PredictedCentre(H, 2))}
WINDOWS = [None, 1, 3]
every_attention = pytest.mark.parametrize("attention", ATTENTIONS)
every_causal = pytest.mark.parametrize("attention", CAUSAL)
every_join = pytest.mark.parametrize("join", JOINS)
every_window = pytest.mark.parametrize("window", WINDOWS)
same = dict(rtol=1e-10, atol=1e-10)


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


def in_float64(module):
    """With weights large enough for attention to have a will."""
    module.astype("float64")
    for p in module.parameters():
        p.data = p.data * 2
    return module


def encoder_of(attention="heads", join="feed_forward", cell=GRU, bidirectional=True):
    stack = cell(C, H // 2 if bidirectional else H, bidirectional=bidirectional)
    return in_float64(SelfAttentiveEncoder(Embedding(V, C), stack, ATTENTIONS[attention](), join))


def stack_of(attention="heads", join="feed_forward", window=None, cell=GRU, **options):
    return in_float64(SelfAttentiveStack(cell(D, H, **options), CAUSAL[attention](), join, window))


def ids_of(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, V, shape)


def drawn(*shape, seed=0):
    return tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


# The equations ----------------------------------------------------------------------------------------------

def score(kind, layer, q, k):
    weights = {name: p.numpy() for name, p in layer.named_parameters()}
    if kind == "additive":
        return weights["v"] @ np.tanh(q @ weights["W_q"] + k @ weights["W_k"])
    if kind == "concat":
        return weights["v"] @ np.tanh(np.concatenate([q, k]) @ weights["W"])
    return q @ weights["W"] @ k if kind == "general" else q @ k


def one_head(layer, q, k):
    """Of the first of the heads: the score and the value."""
    W_q, W_k, W_v, b_q, b_k, b_v = (getattr(layer, name).numpy()[..., :H // 2] for name in
                                    ("W_q", "W_k", "W_v", "b_q", "b_k", "b_v"))
    return (q @ W_q + b_q) @ (k @ W_k + b_k) / math.sqrt(H // 2), k @ W_v + b_v


def written_out(kind, look, hs, seen):
    """u (n, D_out) of one sequence hs (n, D) by loops; seen(t) are the steps that t looks at."""
    us = []
    for t, h in enumerate(hs):
        e = np.array([math.exp(score(kind, look.attention, h, hs[s])) for s in seen(t)])
        z = sum(a * hs[s] for a, s in zip(e / e.sum(), seen(t), strict=True))
        both = np.concatenate([h, z])
        us.append({"concat": lambda both=both: both, "add": lambda h=h, z=z: h + z, "feed_forward": lambda both=both:
                   np.tanh(both @ look.linear.W.numpy() + look.linear.b.numpy())}[look.join]())
    return np.array(us)


@every_join
@pytest.mark.parametrize("attention", SCORES)
def test_the_equations_of_the_encoder(attention, join):
    encoder, ids = encoder_of(attention, join), ids_of(B, T)
    found, plain = encoder(ids, LENGTHS), Encoder.__call__(encoder, ids, LENGTHS)
    for b, n in enumerate(LENGTHS):
        hs = plain.hs.numpy()[b, :n]
        np.testing.assert_allclose(found.hs.numpy()[b, :n], written_out(attention, encoder.look, hs,
                                                                        lambda t, n=n: range(n)), **same)
        assert not found.hs.numpy()[b, n:].any()
    np.testing.assert_array_equal(to_host(found.mask), to_host(plain.mask))
    np.testing.assert_array_equal(found.state[1].h.numpy(), plain.state[1].h.numpy())


@every_window
@every_join
@pytest.mark.parametrize("attention", SCORES)
def test_the_equations_of_the_causal_stack(attention, join, window):
    stack, x = stack_of(attention, join, window), drawn(B, T, D)
    u, _ = stack(x)
    hs, _ = stack.stack(x)
    for b in range(B):
        expected = written_out(attention, stack.look, hs.numpy()[b],
                               lambda t: range(0 if window is None else max(0, t - window + 1), t + 1))
        np.testing.assert_allclose(u.numpy()[b], expected, **same)


def test_heads_look_each_for_itself():
    look = in_float64(SelfAttention(MultiHeadAttention(H, 2), H, "add"))
    hs = drawn(1, T, H)
    u, alpha = look(hs, causal_mask(T))
    assert alpha.shape == (1, 2, T, T)
    for t, h in enumerate(hs.numpy()[0]):
        e = np.array([math.exp(one_head(look.attention, h, k)[0]) for k in hs.numpy()[0, :t + 1]])
        np.testing.assert_allclose(alpha.numpy()[0, 0, t, :t + 1], e / e.sum(), **same)
    values = alpha.numpy()[0, 0] @ np.array([one_head(look.attention, h, h)[1] for h in hs.numpy()[0]])
    W_o, heads = look.attention.W_o.numpy(), [values]
    second = (hs.numpy()[0] @ look.attention.W_v.numpy() + look.attention.b_v.numpy())[:, H // 2:]
    heads.append(alpha.numpy()[0, 1] @ second)
    z = np.concatenate(heads, axis=1) @ W_o + look.attention.b_o.numpy()
    np.testing.assert_allclose(u.numpy()[0], hs.numpy()[0] + z, **same)


@pytest.mark.parametrize("before", [0, 2])
@every_window
def test_the_causal_mask_by_loops(window, before):
    expected = [[s <= before + t and (window is None or before + t - s < window) for s in range(before + 4)]
                for t in range(4)]
    np.testing.assert_array_equal(to_host(causal_mask(4, window, before))[0], expected)


# Gradients --------------------------------------------------------------------------------------------------

each_way = pytest.mark.parametrize("attention, join", [*((name, "add") for name in CAUSAL), ("heads", "concat"),
                                                       ("general", "feed_forward")])


@each_way
def test_gradients_of_the_encoder(attention, join):
    encoder, ids = encoder_of(attention, join), ids_of(B, T)
    report = gradcheck(lambda: encoder(ids, LENGTHS)[0], params=encoder)
    assert len(report.checked) == len(encoder.parameters())


@each_way
def test_gradients_of_the_causal_stack(attention, join):
    """Of the input, of what was kept from before, and of every weight."""
    stack = stack_of(attention, join, window=3)
    before = stack(drawn(B, 2, D, seed=1), lengths=[2, 1, 0])[1].detach()
    report = gradcheck(lambda x, kept: stack(x, before._replace(hs=kept), LENGTHS)[0], drawn(B, T, D),
                       drawn(*before.hs.shape, seed=2), params=stack)
    assert len(report.checked) == len(stack.parameters()) + 2


def test_gradients_of_a_predicted_centre():
    encoder, ids = encoder_of("predicted"), ids_of(B, T)
    gradcheck(lambda: encoder(ids, LENGTHS)[0], params=encoder)


def test_gradients_through_the_state():
    stack = stack_of(cell=LSTM, num_layers=2)

    def in_chunks(x):
        _, state = stack(x[:, :2])
        u, state = stack(x[:, 2:], state)
        return u, state.hs
    gradcheck(in_chunks, drawn(2, 4, D), params=stack)


def test_by_tape_equals_by_hand():
    found = []
    for method in ("by_hand", "by_tape"):
        manual_seed(0)
        stack = stack_of("heads", window=3, method=method)
        u, _ = stack(drawn(B, T, D), lengths=LENGTHS)
        found.append([u.numpy(), *map(to_host, gradients((u * u).sum(), stack.parameters()))])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, **same)


# One answer by several roads --------------------------------------------------------------------------------

def in_chunks(stack, x, ends, state=None):
    parts = []
    for first, end in zip([0, *ends], [*ends, x.shape[1]], strict=True):
        u, state = stack(x[:, first:end], state)
        parts.append(u.numpy())
    return np.concatenate(parts, axis=1), state


@every_causal
@every_window
@pytest.mark.parametrize("cell, layers", [(LSTM, 2), (RNN, 1)])
def test_whole_step_by_step_and_in_chunks(attention, window, cell, layers):
    stack, x = stack_of(attention, window=window, cell=cell, num_layers=layers), drawn(B, T, D)
    whole, last = stack(x)
    for ends in ([1, 2, 3, 4], [2], [1, 4]):
        found, state = in_chunks(stack, x, ends)
        np.testing.assert_allclose(found, whole.numpy(), **same)
        for one, other in zip(state.arrays(), last.arrays(), strict=True):
            np.testing.assert_allclose(to_host(one), to_host(other), **same)


def assert_parts_equal_rows_alone(stack, x, lengths):
    """x (parts, B, T, D), of which each row reads the first lengths[part][row] steps of a part."""
    state, found = None, []
    for part, n in zip(x, lengths, strict=True):
        u, state = stack(part, state, n)
        found.append(u.numpy())
    for b, ends in enumerate(zip(*lengths, strict=True)):
        read = np.concatenate([part[b, :n] for part, n in zip(x.numpy(), ends, strict=True)])
        if len(read):
            alone, _ = stack(tensor(read)[None])
            together = np.concatenate([u[b, :n] for u, n in zip(found, ends, strict=True)])
            np.testing.assert_allclose(together, alone.numpy()[0], **same)
        assert not any(u[b, n:].any() for u, n in zip(found, ends, strict=True))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_ragged_parts_one_after_the_other_equal_each_row_alone(data):
    """Rows end at different steps of each part, and go on in the next."""
    rows, steps = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    attention, window = data.draw(st.sampled_from(sorted(CAUSAL))), data.draw(st.sampled_from([None, 1, 2, 4]))
    manual_seed(data.draw(st.integers(0, 9)))
    stack, x = stack_of(attention, data.draw(st.sampled_from(JOINS)), window), drawn(3, rows, steps, D)
    lengths = [data.draw(st.lists(st.integers(0, steps), min_size=rows, max_size=rows)) for _ in range(3)]
    assert_parts_equal_rows_alone(stack, x, lengths)


def test_states_are_selected_joined_written_and_read():
    stack, x, after = stack_of(window=3, cell=LSTM), drawn(B, T, D), drawn(B, 2, D, seed=1)
    _, state = stack(x, lengths=LENGTHS)
    expected, _ = stack(after, state)
    rows = [2, 0, 2]
    np.testing.assert_allclose(stack(after[rows], state.select(rows))[0].numpy(), expected.numpy()[rows], **same)
    halves = [state.select([0]), state.select([1, 2])]
    read_again = stack.initial_state(B).with_arrays(state.arrays())
    for one in (state.join(halves), read_again, state.detach()):
        np.testing.assert_array_equal(stack(after, one)[0].numpy(), expected.numpy())
    assert not state.detach().hs.requires_grad and state.hs.requires_grad


def test_ids_stand_for_one_hot_rows():
    stack = in_float64(SelfAttentiveStack(GRU(V, H), MultiHeadAttention(H, 2)))
    ids = ids_of(B, T)
    np.testing.assert_allclose(stack(ids)[0].numpy(), stack(tensor(np.eye(V)[ids]))[0].numpy(), **same)
    np.testing.assert_array_equal(stack(ids.tolist())[0].numpy(), stack(ids)[0].numpy())


def test_float32_stays_float32():
    stack, encoder = stack_of().astype("float32"), encoder_of().astype("float32")
    u, state = stack(drawn(B, T, D).detach().numpy().astype("float32"), lengths=LENGTHS)
    assert u.dtype == state.hs.dtype == encoder(ids_of(B, T), LENGTHS).hs.dtype == "float32"


# What may be seen -------------------------------------------------------------------------------------------

@every_causal
@every_window
def test_a_step_knows_no_later_one(attention, window):
    stack, x = stack_of(attention, window=window, cell=LSTM), drawn(2, T, D)
    assert_causal(lambda x: stack(x)[0], x)
    assert_batch_independent(lambda x: stack(x)[0], x)
    assert_padding_invariant(lambda x: stack(x, lengths=[5, 2])[0], x, [5, 2])


@every_attention
def test_the_encoder_knows_its_own_sentence_alone(attention):
    encoder, ids = encoder_of(attention), ids_of(2, T)
    assert_padding_invariant(lambda ids: encoder(ids, [5, 2]).hs, ids, [5, 2])
    assert_batch_independent(lambda ids: encoder(ids).hs, ids)
    with pytest.raises(AssertionError, match="depends on input step"):
        assert_causal(lambda ids: encoder(ids).hs, ids)
    wider = np.concatenate([ids, np.zeros((2, 2), int)], axis=1)
    np.testing.assert_allclose(encoder(ids, [5, 2]).hs.numpy(), encoder(wider, [5, 2]).hs.numpy()[:, :T], **same)


# Where they stand -------------------------------------------------------------------------------------------

def translator(attention="heads", join="feed_forward", bidirectional=True):
    width = 2 * H if join == "concat" else H
    decoder = LuongDecoder(Embedding(V, C), GRU(C, H), GeneralAttention(H, width), AttentionalOutput(width, H, H, V))
    return in_float64(Seq2Seq(encoder_of(attention, join, bidirectional=bidirectional), decoder, sos=1, eos=2))


@every_join
@pytest.mark.parametrize("bidirectional", [False, True])
def test_an_encoder_for_sequence_to_sequence(join, bidirectional):
    model, source, target = translator(join=join, bidirectional=bidirectional), ids_of(B, T), ids_of(B, 4, seed=1)
    gradcheck(lambda: model(source, target, LENGTHS)[0], params=model)
    whole, weights = model(source, target, LENGTHS)
    state = model.start(B, [row[:n] for row, n in zip(source, LENGTHS, strict=True)])
    for t in range(4):
        logits, state = model.step(target[:, t], state)
        np.testing.assert_allclose(logits.numpy(), whole.numpy()[:, t], **same)
    assert weights.shape == (B, 4, T)
    assert_padding_invariant(lambda ids: model(ids, target, LENGTHS)[0], source, LENGTHS)


def language_model(window=3, **options):
    stack = SelfAttentiveStack(LSTM(V, H), MultiHeadAttention(H, 2, **options), window=window)
    return RecurrentLanguageModel(stack, V).astype("float64")


def test_a_language_model_carries_the_state_on():
    """Two halves of a batch of streams, by one thread and by two, equal the whole text read at once."""
    model, ids = language_model(), ids_of(B, 9)
    whole, _ = model.loss(TextBatch(ids[:, :-1], ids[:, 1:]))
    found = []
    for threads in (1, 2):
        state, losses = None, []
        for first in (0, 4):
            batch = TextBatch(ids[:, first:first + 4], ids[:, first + 1:first + 5], state)
            losses.append(loss_and_gradients(model, batch, threads))
            state = batch.last_state
        found.append(losses)
        assert sum(float(loss) for loss, _ in losses) / 2 == pytest.approx(whole.item() / (8 * B), rel=1e-12)
    for (_, one), (_, other) in zip(*found, strict=True):
        for g, again in zip(one, other, strict=True):
            np.testing.assert_allclose(to_host(g), to_host(again), **same)


def test_it_writes_what_it_would_have_predicted():
    model = language_model(window=None)
    ids = [int(i) for i in generate(model, [3], 6, temperature=0.0)]
    with no_grad():
        logits, _ = model(np.array([[3, *ids[-6:-1]]]))
    assert ids[-6:] == logits.numpy()[0].argmax(axis=-1).tolist()


def test_threads_do_not_change_the_dropped_weights():
    model, ids = language_model(dropout=0.4), ids_of(4, 6)
    one, two = (loss_and_gradients(model, TextBatch(ids[:, :-1], ids[:, 1:]), threads, step=3) for threads in (1, 2))
    for g, again in zip(one[1], two[1], strict=True):
        np.testing.assert_allclose(to_host(g), to_host(again), **same)


def test_a_training_step_never_waits():
    model, ids = language_model(), ids_of(B, T)
    _, state = model.stack(ids)
    with synchronisations() as seen:
        loss_and_gradients(model, TextBatch(ids, ids, state), 1)
        gradients(model.stack(ids, lengths=LENGTHS)[0].sum(), model.stack.parameters())
    assert seen.count == 0, str(seen)


# Planted bugs -----------------------------------------------------------------------------------------------

def some_ragged_parts():
    assert_parts_equal_rows_alone(stack_of("general", window=3), drawn(3, 2, 4, D), [[4, 1], [2, 3], [4, 4]])


# Nothing here has a backward by hand, so no gradient check can see them: the values and the leak detectors must.
PAGES = "tinyseq.layers.seq2seq.self_attentive"
BUGS = {
    "the mask a step too far": ("tinyseq.layers.attention.masks:causal_mask", "(back >= 0) if", "(back >= -1) if",
                                lambda: test_a_step_knows_no_later_one("general", None)),
    "the window a step too wide": ("tinyseq.layers.attention.masks:causal_mask", "back < window", "back <= window",
                                   lambda: test_the_equations_of_the_causal_stack("general", "add", 3)),
    "sources see their padding": (f"{PAGES}:SelfAttentiveEncoder.__call__", "self.look(hs, mask)", "self.look(hs)",
                                  lambda: test_the_equations_of_the_encoder("general", "add")),
    "what was never read is seen": (f"{PAGES}_stack:SelfAttentiveStack.__call__", " & (is_real[:, None] | itself)", "",
                                    some_ragged_parts),
    "all rows end at T": (f"{PAGES}_stack:SelfAttentiveStack.__call__", "reverse(keys, K + ends)",
                          "reverse(keys, K + 0 * ends + T)",
                          some_ragged_parts),
    "a kept state too few": (f"{PAGES}_stack:SelfAttentiveStack.__call__", "self.window - 1)", "self.window - 2)",
                             lambda: test_whole_step_by_step_and_in_chunks("general", 3, RNN, 1)),
    "places counted from the part": (f"{PAGES}_stack:SelfAttentiveStack.__call__", "keys, t=K)", "keys, t=0)",
                                     lambda: test_whole_step_by_step_and_in_chunks("monotonic", None, RNN, 1)),
}


@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_found(bug):
    where, old, new, test = BUGS[bug]
    with planted(Mutant("", bug, where, old, new, at())), pytest.raises(AssertionError):
        test()
    test()


# What is refused --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("call, words", [
    (lambda: SelfAttention(DotAttention(), H, "sum"), ("feed_forward, concat, add", "'sum'")),
    (lambda: SelfAttention(MultiHeadAttention(6, 2), H), ("D=4", "MultiHeadAttention", "C=6", "make it with C=4")),
    (lambda: SelfAttention(GeneralAttention(H, 5), H), ("D=4", "D_key=5", "keys")),
    (lambda: SelfAttentiveEncoder(Embedding(V, C), GRU(C, H, bidirectional=True), DotAttention(), "no"), ("'no'",)),
    (lambda: SelfAttentiveEncoder(Embedding(V, C), GRU(C, H, bidirectional=True), MultiHeadAttention(H, 2)),
     ("D=8", "C=4")),
    (lambda: SelfAttentiveEncoder(Embedding(V, 2), GRU(C, H), DotAttention()), ("C = 2", "D=3")),
    (lambda: SelfAttentiveStack(GRU(D, H, bidirectional=True), DotAttention()), ("causal", "bidirectional=True")),
    (lambda: SelfAttentiveStack(GRU(D, H), ATTENTIONS["predicted"]()), ("PredictedCentre", "LocalAttention")),
    (lambda: SelfAttentiveStack(GRU(D, H), DotAttention(), window=0), ("at least itself", "window=0")),
    (lambda: stack_of()(drawn(B, T, D + 1)), ("D=3", "(3, 5, 4)")),
    (lambda: stack_of()(drawn(B, T, D), stack_of().initial_state(2)), ("state", "(2, 4)")),
    (lambda: stack_of()(drawn(B, T, D), lengths=[1, 2, 6]), ("T=5", "sequence 2 has 6")),
    (lambda: encoder_of()(ids_of(B, T), [1, 0, 3]), ("sentence 1 is empty",)),
    (lambda: causal_mask(3, 0), ("window=0",)),
    (lambda: causal_mask(3, before=-1), ("before=-1",)),
])
def test_mistakes_are_explained(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    for word in words:
        assert word in text, text


def test_their_sizes_are_shown():
    lines = repr(SelfAttentiveStack(GRU(D, H), DotAttention(), "concat", window=2)).splitlines()
    assert lines[0].startswith("SelfAttentiveStack(3, 8, window 2)")
    assert any(line.startswith("  look: SelfAttention(concat)") for line in lines)
