"""Transformer blocks and stacks: the equations against loops, gradients, the cache, what is seen, what is refused."""
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyseq.autograd import gradients, no_grad, tensor
from tinyseq.backend import host, manual_seed, name, to_device, to_host
from tinyseq.backend.strict import synchronisations
from tinyseq.checks import assert_batch_independent, assert_causal, assert_padding_invariant, gradcheck
from tinyseq.layers import (
    FeedForward,
    LayerNorm,
    MultiHeadAttention,
    Transformer,
    TransformerBlock,
    TransformerDecoderBlock,
    padding_mask,
    reach,
)
from tinyseq.layers.transformer import block as block_page
from tinyseq.layers.transformer.one_step import one_step

np = host.np
B, T, C, NH = 3, 7, 8, 2
LENGTHS = np.array([7, 2, 4])
few = settings(max_examples=8 if name == "numpy" else 2, derandomize=True, deadline=None)
STACKS = {
    "no positions": {}, "rotary": {"positions": "rotary"}, "alibi": {"positions": "alibi"},
    "sinusoidal, post-norm": {"positions": "sinusoidal", "norm": "post"},
    "rotary, window": {"positions": "rotary", "window": 3}, "alibi, window of one": {"positions": "alibi", "window": 1},
    "swiglu without biases": {"activation": "swiglu", "bias": False}, "relu, narrow": {"activation": "relu", "FF": 3},
    "lean rotary, window": {"positions": "rotary", "window": 4, "lean": True},
    "lean alibi": {"positions": "alibi", "lean": True, "activation": "gelu_tanh"},
}
LEARNED = {"learned": {"positions": "learned", "context": 4}, "learned, odd": {"positions": "learned", "context": 5},
           "learned, window": {"positions": "learned", "context": 5, "window": 2},
           "a context of one": {"positions": "learned", "context": 1},
           "sinusoidal, context": {"positions": "sinusoidal", "context": 4}}
every_stack = pytest.mark.parametrize("kind", [*STACKS, *LEARNED])
every_endless = pytest.mark.parametrize("kind", STACKS)
every_learned = pytest.mark.parametrize("kind", LEARNED)


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


def in_float64(module, scale=2.0):
    """With weights large enough for attention to have a will, and norms that are not all alike."""
    rng = np.random.default_rng(0)
    for p in module.astype("float64").parameters():
        p.data = p.data * scale + tensor(0.2 * rng.standard_normal(p.shape)).data
    return module


def stack_of(kind, **more):
    return in_float64(Transformer(C, 2, NH, **{**STACKS, **LEARNED}[kind], **more)).eval()


def drawn(*shape, seed=0):
    return tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


def close(found, expected, tolerance=1e-10):
    found, expected = (x.numpy() if hasattr(x, "numpy") else to_host(x) for x in (found, expected))
    assert found.shape == expected.shape
    assert abs(found - expected).max(initial=0) <= tolerance * max(1, abs(expected).max(initial=0))


def same_states(found, expected):
    for one, other in zip(found.arrays(), expected.arrays(), strict=True):
        close(one, other)


# The equations ----------------------------------------------------------------------------------------------

def normed(x, norm):
    beta = 0 if norm.beta is None else norm.beta.numpy()
    n = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + norm.epsilon)
    return n * norm.gamma.numpy() + beta


def line(x, layer):
    return x @ layer.W.numpy() + (0 if layer.b is None else layer.b.numpy())


def fed_forward(x, layer):
    a = line(x, layer.into)
    if layer.activation == "swiglu":
        return line(a / (1 + np.exp(-a)) * line(x, layer.gate), layer.back)
    inside = {"relu": lambda a: np.maximum(a, 0),
              "gelu": np.vectorize(lambda a: a * (1 + math.erf(a / math.sqrt(2))) / 2),
              "gelu_tanh": lambda a: a / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a ** 3)))}
    return line(inside[layer.activation](a), layer.back)


def looked(x, keys, layer, seen):
    """One sequence x (T, C), head by head and step by step; seen(t) are the keys of step t."""
    def b(letter):
        bias = getattr(layer, f"b_{letter}")
        return 0 if bias is None else bias.numpy()
    q, k, v = (a @ getattr(layer, f"W_{letter}").numpy() + b(letter) for a, letter in
               ((x, "q"), (keys, "k"), (keys, "v")))
    y, d = np.zeros_like(q), C // NH
    for t, h in np.ndindex(len(x), NH):
        part, places = slice(h * d, h * d + d), seen(t)
        e = np.array([math.exp(q[t, part] @ k[s, part] / math.sqrt(d)) for s in places])
        y[t, part] = (e / e.sum()) @ v[places, part]
    return y @ layer.W_o.numpy() + b("o")


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("norm", ["pre", "post"])
@pytest.mark.parametrize("activation, bias", [("relu", True), ("gelu", False), ("gelu_tanh", True), ("swiglu", True),
                                              ("swiglu", False)])
def test_the_equations_of_a_block(norm, activation, bias, causal):
    block, x = in_float64(TransformerBlock(C, NH, norm, activation, causal, bias=bias)), drawn(B, T, C)
    y = block(x)[0].numpy()
    for row in range(B):
        def attend(a):
            return looked(a, a, block.attention, lambda t: list(range(t + 1 if causal else T)))
        x_row = x.numpy()[row]
        if norm == "pre":
            u = x_row + attend(normed(x_row, block.norm_1))
            right = u + fed_forward(normed(u, block.norm_2), block.feed_forward)
        else:
            u = normed(x_row + attend(x_row), block.norm_1)
            right = normed(u + fed_forward(u, block.feed_forward), block.norm_2)
        close(y[row], right)


@few
@given(st.sampled_from(["pre", "post"]), st.sampled_from(["relu", "gelu", "gelu_tanh", "swiglu"]), st.booleans(),
       st.sampled_from([None, "rotary", "alibi"]), st.sampled_from([None, 1, 3]),
       st.sampled_from(["no", "keys", "all"]), st.integers(0, 99))
def test_a_block_by_hand_and_by_tape_agree(norm, activation, bias, positions, window, masked, seed):
    causal, rng = masked == "no", np.random.default_rng(seed)
    by_hand, by_tape = (in_float64(TransformerBlock(C, NH, norm, activation, causal, bias=bias, positions=positions,
                                                    window=window if causal else None, method=method))
                        for method in ("by_hand", "by_tape"))
    by_tape.load_state_dict(by_hand.state_dict())
    x, lengths = drawn(B, T, C, seed=seed), LENGTHS if seed % 2 and causal else None
    mask = None if masked != "all" else (rng.random((B, T, T)) < 0.5) | np.eye(T, dtype=bool)
    mask = padding_mask(LENGTHS, T) if masked == "keys" else None if mask is None else to_device(mask)
    found = []
    for block in (by_hand, by_tape):
        y, cache = block(x, mask=mask, lengths=lengths)
        parts = [y] if cache is None else [y, cache.keys.tensor, cache.values.tensor]
        weighted = [(p * to_device(np.cos(np.arange(p.size)).reshape(p.shape))).sum() for p in parts]
        found.append([*parts, *gradients(sum(weighted[1:], weighted[0]), [x, *block.parameters()])])
        assert y.node.name == ("transformer_block" if block is by_hand else by_tape_ends_with(norm))
    for one, other in zip(*found, strict=True):
        close(one, other)


def by_tape_ends_with(norm):
    return "add" if norm == "pre" else "layer_norm"


@pytest.mark.parametrize("block, by_hand", [
    (lambda: TransformerBlock(C, NH), True), (lambda: TransformerBlock(C, NH, dropout=0.5).eval(), True),
    (lambda: TransformerBlock(C, NH, dropout=0.5), False), (lambda: TransformerBlock(C, NH, lean=True), False),
    (lambda: TransformerBlock(C, NH, method="by_tape"), False)])
def test_which_blocks_go_by_hand(block, by_hand):
    block, x = block(), drawn(B, T, C)
    block.astype("float64")
    y, cache = block(x)
    assert (y.node.name == "transformer_block") == by_hand
    assert block(x, cache=cache)[0].node.name == "add", "it goes on from a cache"


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_equations_of_a_decoders_block(norm):
    block, x, source = in_float64(TransformerDecoderBlock(C, NH, norm)), drawn(B, T, C), drawn(B, 4, C, seed=1)
    lengths = [4, 1, 3]
    y, _, weights = block(x, block.memory(source, padding_mask(lengths, 4)))
    assert weights.shape == (B, NH, T, 4)
    np.testing.assert_allclose(weights.numpy().sum(-1), 1)
    for row, n in enumerate(lengths):
        assert not weights.numpy()[row, :, :, n:].any()
        u = x.numpy()[row]
        for half, layer in (
                (lambda a: looked(a, a, block.attention, lambda t: list(range(t + 1))), block.norm_1),
                (lambda a, row=row, n=n: looked(a, source.numpy()[row], block.cross, lambda t: list(range(n))),
                 block.norm_2),
                (lambda a: fed_forward(a, block.feed_forward), block.norm_3)):
            u = u + half(normed(u, layer)) if norm == "pre" else normed(u + half(u), layer)
        close(y.numpy()[row], u)


def test_a_stack_is_its_blocks_and_a_norm_after_the_last():
    x = drawn(B, T, C)
    for norm in ("pre", "post"):
        stack, y = in_float64(Transformer(C, 3, NH, norm=norm)), x
        for block in stack.blocks:
            y, _ = block(y)
        close(stack(x)[0], normed(y.numpy(), stack.final_norm) if norm == "pre" else y)
        assert (stack.final_norm is None) == (norm == "post")


def test_swiglu_has_as_many_weights_as_the_others_by_default():
    plain, gated = FeedForward(48, activation="gelu", bias=False), FeedForward(48, activation="swiglu", bias=False)
    assert plain.count() == gated.count() == 8 * 48 ** 2


# Gradients --------------------------------------------------------------------------------------------------

@every_stack
def test_gradients(kind):
    stack, x = in_float64(Transformer(4, 2, 2, **{**STACKS, **LEARNED}[kind])), drawn(2, 3, 4)
    gradcheck(lambda x: stack(x)[0], x, params=stack.named_parameters())


@pytest.mark.parametrize("settings", [{"causal": False}, {"norm": "post", "positions": "rotary"}])
def test_gradients_of_blocks(settings):
    block, x = in_float64(TransformerBlock(4, 2, **settings)), drawn(2, 3, 4)
    gradcheck(lambda x: block(x)[0], x, params=block.named_parameters())


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_gradients_of_a_decoders_block(norm):
    block, x, source = in_float64(TransformerDecoderBlock(4, 2, norm)), drawn(2, 3, 4), drawn(2, 2, 4, seed=1)

    def f(x, source):
        y, _, weights = block(x, block.memory(source))
        return y, weights
    gradcheck(f, x, source, params=block.named_parameters())


@every_stack
def test_gradients_flow_back_through_the_cache(kind):
    """In parts, with nothing detached, the gradients are those of the whole."""
    stack, x = stack_of(kind), drawn(B, T, C)
    dy = tensor(np.random.default_rng(1).standard_normal((B, T, C)))
    whole = gradients((stack(x)[0] * dy).sum(), [x, *stack.parameters()])
    first, state = stack(x[:, :3])
    second, state = stack(x[:, 3:4], state)
    third, _ = stack(x[:, 4:], state)
    loss = (first * dy[:, :3]).sum() + (second * dy[:, 3:4]).sum() + (third * dy[:, 4:]).sum()
    for one, other in zip(gradients(loss, [x, *stack.parameters()]), whole, strict=True):
        close(one, other)


# The cache --------------------------------------------------------------------------------------------------

@every_stack
@few
@given(cuts=st.sets(st.integers(1, 13), max_size=4), recorded=st.booleans(), seed=st.integers(0, 9))
def test_step_by_step_and_in_parts_give_the_whole(kind, cuts, recorded, seed):
    stack, x = stack_of(kind), tensor(np.random.default_rng(seed).standard_normal((2, 14, C)), requires_grad=recorded)
    whole, last = stack(x)
    for ends in (range(1, 15), sorted({*cuts, 14})):
        state, start = None, 0
        for end in ends:
            y, state = stack(x[:, start:end], state)
            close(y, whole[:, start:end])
            start = end
        same_states(state, last)


@every_stack
def test_one_step_by_hand_is_the_step_of_the_ops(kind, monkeypatch):
    """Also for texts that have read differently much, side by side."""
    stack, x = stack_of(kind), tensor(drawn(3, 4, C).numpy())
    texts = [stack(x[row:row + 1, :n])[1] for row, n in enumerate([4, 1, 3])]
    before = texts[0].join(texts)
    if stack.context:                                      # texts that are read anew do so together
        before = stack(x)[1]
    news = [tensor(drawn(3, 1, C, seed=seed).numpy()) for seed in range(6)]
    state, right = before, []
    for new in news:
        y, state = stack(new, state)
        right.append(y)
    last, state = state, before
    calls = []
    monkeypatch.setattr(block_page, "one_step", lambda *args: calls.append(args) or one_step(*args))
    with no_grad():
        for new, y in zip(news, right, strict=True):
            found, state = stack(new, state)
            close(found, y)
    same_states(state, last)
    assert bool(calls) != (stack.lean or stack.context == 1)


@pytest.mark.parametrize(("norm", "bias"), [("pre", True), ("post", False)])
def test_one_step_by_hand_of_a_block(norm, bias):
    block, x = in_float64(TransformerBlock(C, NH, norm, bias=bias)).eval(), tensor(drawn(B, T, C).numpy())
    whole, _ = block(x)
    _, cache = block(x[:, :2])
    for t in range(2, T):
        y, cache = block.step(x[:, t:t + 1], cache)
        close(y, whole[:, t:t + 1])


def test_what_does_not_fit_is_refused_by_hand_too():
    stack, x = stack_of("rotary"), tensor(drawn(B, T, C).numpy())
    _, state = stack(x)
    with no_grad():
        for wrong, words in ((x[:1, :1], "keeps steps of 3 sequences"), (x[:, :1, 1:], f"C={C}"),
                             (tensor(x.numpy()[:, :1], dtype="float32"), "bring them to one precision")):
            with pytest.raises(ValueError, match=words):
                stack(wrong, state)


def uncached(stack, x, t):
    """What step t gives by the rule of learned positions, with nothing kept: a context begins with the half before."""
    half, context = stack.context // 2, stack.context
    first = -(-max(0, t + 1 - context) // (context - half)) * (context - half)
    y = stack.positions(x[:, first:t + 1])
    for block in stack.blocks:
        y, _ = block(y)
    return stack.final_norm(y)[:, -1]


@every_learned
@pytest.mark.parametrize("training", [False, True])
def test_past_the_context_the_text_is_read_anew_from_its_last_half(kind, training):
    stack, x = stack_of(kind), drawn(2, 17, C)
    stack.train() if training else stack.eval()
    with no_grad():
        whole, state = stack(x)[0], None
        for t in range(17):
            y, state = stack(x[:, t:t + 1], state)
            close(y[:, 0], uncached(stack, x, t), 1e-12)
            close(whole[:, t], uncached(stack, x, t), 1e-12)
            assert len(state.xs) <= stack.context


@pytest.mark.parametrize("window", [1, 3])
def test_with_a_window_the_oldest_keys_leave(window):
    stack, x = stack_of("rotary", window=window), drawn(1, 40, C)
    state = None
    with no_grad():
        for t in range(40):
            y, state = stack(x[:, t:t + 1], state)
            assert all(len(cache.keys) == min(t + 1, window - 1) for cache in state.caches)
            # In two blocks, each of which sees `window` steps, nothing older than 2 (window - 1) steps can be felt.
            close(y, stack(x[:, max(0, t - 2 * (window - 1)):t + 1])[0][:, -1:])


@every_stack
def test_a_state_stays_what_it_was(kind):
    """Two texts go on from the same state, each where the other has gone on already."""
    stack, x = stack_of(kind), drawn(B, 6, C)
    with no_grad():
        _, state = stack(x[:, :2])
        for t in range(2, 4):
            _, state = stack(x[:, t:t + 1], state)
        before = [to_host(a).copy() for a in state.arrays()]
        one, after_one = stack(x[:, 4:5], state)
        other, _ = stack(x[:, 5:], state)
        again, after_again = stack(x[:, 4:5], state)
        close(again, one, 0)
        same_states(after_again, after_one)
        assert abs(one.numpy() - other.numpy()).max() > 1e-3
        for a, b in zip(state.arrays(), before, strict=True):
            close(a, b, 0)


@pytest.mark.backend("numpy")          # which says whether memory is shared
def test_a_step_copies_nothing_but_itself():
    """Steps are written into room behind those that are there; the room is made anew some times only."""
    stack, x = stack_of("rotary"), drawn(1, 200, C)
    rooms = set()
    with no_grad():
        _, state = stack(x[:, :3])
        for t in range(3, 200):
            _, state = stack(x[:, t:t + 1], state)
            rooms.add(id(state.caches[0].keys.room))
    assert len(rooms) <= 8


@every_endless
def test_rows_of_several_lengths(kind):
    stack, x = stack_of(kind), drawn(B, T, C)
    y, last = stack(x, lengths=LENGTHS)
    alone = [stack(x[row:row + 1, :n]) for row, n in enumerate(LENGTHS)]
    same_states(last, last.join([state for _, state in alone]))
    for row, n in enumerate(LENGTHS):
        close(y[row, :n], alone[row][0][0])
        assert not y.numpy()[row, n:].any()
    more = drawn(B, 3, C, seed=1)
    z, _ = stack(more, last, lengths=[1, 3, 2])
    for row, n in enumerate([1, 3, 2]):
        close(z[row, :n], stack(more[row:row + 1, :n], alone[row][1])[0][0])


@every_stack
def test_a_state_can_be_picked_apart_put_together_and_kept(kind):
    stack, x = stack_of(kind), drawn(B, T, C)
    _, state = stack(x)
    more = drawn(B, 2, C, seed=1)
    y = stack(more, state)[0].numpy()
    close(stack(more[np.array([2, 0, 2])], state.select([2, 0, 2]))[0], y[[2, 0, 2]])
    parts = [state.select([0]), state.select(np.array([1, 2]))]
    same_states(state.join(parts), state)
    kept = pickle.loads(pickle.dumps([to_host(a) for a in state.arrays()]))
    close(stack(more, stack.initial_state(B).with_arrays(kept))[0], y)
    close(stack(more, state.detach())[0], y)
    assert not any(cache.keys.tensor.requires_grad for cache in state.detach().caches)


def test_a_decoders_block_step_by_step():
    block, x, source = in_float64(TransformerDecoderBlock(C, NH, positions="rotary")), drawn(B, T, C), drawn(B, 4, C)
    memory = block.memory(source, padding_mask([4, 2, 1], 4))
    whole, _, weights = block(x, memory)
    cache = None
    for t in range(T):
        y, cache, seen = block(x[:, t:t + 1], memory, cache)
        close(y, whole[:, t:t + 1])
        close(seen, weights[:, :, t:t + 1])
    rows = np.array([2, 0])
    y, _, _ = block(x[rows][:, :1], memory.select(rows), cache.select(rows))
    close(y, block(x[:, :1], memory, cache)[0].numpy()[rows])


# What is seen -----------------------------------------------------------------------------------------------

@every_stack
def test_a_causal_stack_knows_nothing_of_what_follows_and_of_other_rows(kind):
    stack, x = stack_of(kind), drawn(2, 5, C)
    assert_causal(stack, x)
    assert_batch_independent(stack, x)
    assert_batch_independent(lambda before: stack(x, stack(before)[1]), x)


@every_endless
def test_padding_changes_nothing(kind):
    stack = stack_of(kind)
    assert_padding_invariant(lambda x: stack(x, lengths=LENGTHS), drawn(B, T, C), LENGTHS)


@pytest.mark.parametrize("positions", [None, "rotary", "alibi", "sinusoidal"])
@pytest.mark.parametrize("lean", [False, True])
def test_a_stack_that_sees_both_sides(positions, lean):
    stack, x = in_float64(Transformer(C, 2, NH, causal=False, positions=positions, lean=lean)), drawn(B, T, C)
    with pytest.raises(AssertionError, match="must not read beyond it"):
        assert_causal(stack, x)
    assert_batch_independent(stack, x)
    assert_padding_invariant(lambda x: stack(x, lengths=LENGTHS), x, LENGTHS)
    y, state = stack(x, lengths=LENGTHS)
    assert state is None
    for row, n in enumerate(LENGTHS):
        close(y[row, :n], stack(x[row:row + 1, :n])[0][0])


def test_a_row_without_any_step_gives_zeros():
    for causal in (True, False):
        stack = in_float64(Transformer(C, 1, NH, causal=causal))
        y, _ = stack(drawn(2, 3, C), lengths=[3, 0])
        assert np.isfinite(y.numpy()).all() and not y.numpy()[1].any()


# Dropout, sizes, speed --------------------------------------------------------------------------------------

def test_dropout_drops_while_training_alone():
    stack, x = in_float64(Transformer(C, 1, NH, dropout=0.5, positions="sinusoidal")), drawn(B, T, C)
    assert (stack(x)[0].numpy() != stack(x)[0].numpy()).any()
    stack.eval()
    close(stack(x)[0], stack(x)[0], 0)
    assert [m.p for m in stack.modules() if type(m).__name__ == "Dropout"] == [0.5] * 3      # x, weights, both halves


def test_a_bias_is_everywhere_or_nowhere():
    stack = Transformer(C, 2, NH, bias=False)
    assert all(p.ndim == 2 or path.endswith("gamma") for path, p in stack.named_parameters())
    per_block = 4 * C * C + 2 * 4 * C * C + 2 * C
    assert stack.count() == 2 * per_block + C
    assert Transformer(C, 2, NH).count() == 2 * (per_block + 4 * C + 5 * C + 2 * C) + 2 * C


@pytest.mark.backend("strict")         # which counts
@every_stack
def test_no_step_waits(kind):
    stack, x = stack_of(kind), drawn(B, 3, C)
    with synchronisations() as seen:
        state = None
        for _ in range(4):
            y, state = stack(x, state)
            gradients(y.sum(), stack.parameters())
            state = state.detach()
    assert seen.count == 0, str(seen)


# How far a step sees ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["rotary, window", "alibi, window of one", "lean rotary, window"])
def test_with_a_window_a_long_text_is_read_by_parts(kind, monkeypatch):
    """The same values, and the same gradients across the cuts."""
    stack, x = stack_of(kind), drawn(2, 11, C)
    x.requires_grad = True
    found = []
    for part in (11, 2):
        monkeypatch.setattr("tinyseq.layers.transformer.stack.PART", part)
        y, state = stack(x)
        found.append([y, *state.arrays(), *gradients((y * y).sum(), [x, *stack.parameters()])])
    assert len(found[0]) == len(found[1])
    for one, other in zip(*found, strict=True):
        close(one, to_host(other.data if hasattr(other, "numpy") else other), 1e-9)


@pytest.mark.parametrize("positions", ["rotary", "alibi", "sinusoidal", "learned", None])
def test_reach_bounds_what_a_step_sees(positions):
    """Of five steps the first is out of reach of the last, and the one before it is not, if two steps are enough."""
    stack = in_float64(Transformer(C, 1, NH, **reach(positions, 4))).eval()
    found, x = {}, drawn(1, 5, C).numpy()
    for step in range(5):
        other = x.copy()
        other[:, step, 0] += 1                             # not all alike, which a norm would take out
        found[step] = abs(to_host((stack(tensor(other))[0] - stack(tensor(x))[0]).data)[0, -1]).max() > 0
    assert not found[0] and found[3] and found[4]


# What is refused --------------------------------------------------------------------------------------------

def x(*shape, dtype="float32"):
    return tensor(np.ones(shape), dtype=dtype)


@pytest.mark.parametrize("call, words", [
    (lambda: TransformerBlock(10, 4), ("C=10", "num_heads=4", "2 or 5 heads")),
    (lambda: TransformerBlock(C, NH, norm="before"), ("'pre' or 'post'", "'before'")),
    (lambda: TransformerBlock(C, NH, activation="swish"), ("relu, gelu, gelu_tanh, swiglu", "'swish'")),
    (lambda: TransformerBlock(C, NH)(x(1, 3, C), mask=x(1, 3) > 0), ("causal=True", "mask", "leave the other out")),
    (lambda: TransformerBlock(C, NH, causal=False)(x(1, 3, C), cache=TransformerBlock(C, NH)(x(1, 3, C))[1]),
     ("causal=False", "cache")),
    (lambda: TransformerBlock(C, NH)(x(2, 3, C), cache=TransformerBlock(C, NH)(x(1, 3, C))[1]),
     ("attention", "1 sequences", "x (2, 3, 8)", "None to begin anew")),
    (lambda: MultiHeadAttention(C, NH).resume(x(1, 3, C)), ("sees what follows", "causal=True")),
    (lambda: Transformer(C, 0, NH), ("num_layers=0", "at least one")),
    (lambda: Transformer(C, 1, NH, positions="learned"), ("positions='learned'", "context=None", "both")),
    (lambda: Transformer(C, 1, NH, positions="rotary", context=9), ("positions='rotary'", "context=9", "window")),
    (lambda: Transformer(C, 1, NH, positions="absolute"), ("rotary or alibi", "'absolute'")),
    (lambda: Transformer(C, 1, NH, causal=False, window=3), ("window=3", "causal=False")),
    (lambda: Transformer(C, 1, NH)(x(2, C)), ("(B, T, C=8)", "(2, 8)", "x[None]")),
    (lambda: Transformer(C, 1, NH)(x(2, 3, C, dtype="int64")), ("int64", "Embedding")),
    (lambda: Transformer(C, 1, NH)([[1, 2]]), ("list", "Embedding")),
    (lambda: Transformer(C, 1, NH)(x(2, 0, C)), ("at least one step", "(2, 0, 8)")),
    (lambda: Transformer(C, 1, NH)(x(2, 3, C), lengths=[3, 4]), ("B=2", "T=3", "3 to 4")),
    (lambda: Transformer(C, 1, NH)(x(2, 3, C), lengths=[3.0, 2.0]), ("whole numbers", "float64")),
    (lambda: Transformer(C, 1, NH, causal=False)(x(2, 3, C), Transformer(C, 1, NH).initial_state(2)),
     ("sees what follows", "state")),
    (lambda: Transformer(C, 1, NH, positions="learned", context=3)(x(2, 4, C), lengths=[4, 2]), ("T=3", "4 steps")),
    (lambda: Transformer(C, 1, NH, positions="sinusoidal", context=3)(x(2, 4, C), lengths=[4, 2]), ("T=3", "4 steps")),
    (lambda: uneven(), ("context=3", "from 2 to 3 steps", "rows of one length")),
])
def test_mistakes_are_explained(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    for word in words:
        assert word in text, text


def uneven():
    stack = Transformer(C, 1, NH, positions="learned", context=3)
    return stack(x(2, 1, C), stack(x(2, 3, C), lengths=[3, 2])[1])


def test_layer_norm_may_do_without_its_bias():
    norm = in_float64(LayerNorm(C, bias=False))
    assert [path for path, _ in norm.named_parameters()] == ["gamma"]
    close(norm(drawn(2, C)), normed(drawn(2, C).numpy(), norm))
    gradcheck(norm, drawn(2, C), params=norm.named_parameters())
