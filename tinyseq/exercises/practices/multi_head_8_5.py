"""Practice 8.5: multi-head attention in a transformer-based RNN."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import seeded, to_host
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices import language, letters, looking
from tinyseq.exercises.probes import drops, total, values
from tinyseq.layers import (
    GRU,
    LSTM,
    RNN,
    FeedForward,
    LayerNorm,
    LearnedPositions,
    Linear,
    Module,
    MultiHeadAttention,
    Transformer,
    TransformerBlock,
)
from tinyseq.layers.attention import causal_mask


def split(a: Any, nh: int) -> Any:
    """(2), the library's."""
    return to_host(ops.split_heads(tensor(a), nh).data)


def join(a: Any) -> Any:
    """The heads side by side again, (5)."""
    return to_host(ops.join_heads(tensor(a)).data)


def interleaved(a: Any, nh: int) -> Any:
    """What (2) is not: head i has every nh-th channel."""
    return a.reshape(*a.shape[:2], -1, nh).transpose(0, 3, 1, 2)


def cut(a: Any, nh: int) -> Any:
    """What (2) is not: a reshape, in which steps and channels are mixed."""
    B, T, C = a.shape
    return a.reshape(B, nh, T, C // nh)


def of_heads(x: Any, W_q: Any, W_k: Any, W_v: Any, W_o: Any, nh: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of alpha and y."""
    (B, T, C), seen = x.shape, to_host(causal_mask(x.shape[1]))[:, None]
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    d = C // nh

    def alpha_of(split: Any, width: int = d, axis: int = -1) -> Any:
        return looking.softmax(split(q, nh) @ split(k, nh).swapaxes(-1, -2) / np.sqrt(width), seen, axis)
    right, whole = alpha_of(split), looking.softmax(q @ k.swapaxes(1, 2) / np.sqrt(d), seen[0])[:, None]
    c = right @ split(v, nh)
    return {f"{words} (3)": {"alpha": alpha}
            for words, alpha in looking.weights(split(q, nh) @ split(k, nh).swapaxes(-1, -2) / np.sqrt(d), seen,
                                                d).items()} | {
        "the scores are divided by the root of all channels C, and should be by that of a head's width d (3)":
            {"alpha": alpha_of(split, C)},
        "the softmax goes over the heads, and should go over the keys (3)": {"alpha": alpha_of(split, axis=1)},
        "the heads are cut by a reshape alone, which mixes steps and channels: the axes should change places (2)":
            {"alpha": alpha_of(cut)},
        "a head has every nh-th channel, and should have d that lie side by side (2)": {"alpha": alpha_of(interleaved)},
        "all heads have the same weights, those of all channels together (2) (3)":
            {"alpha": np.broadcast_to(whole, right.shape)},
        "q and k have changed places (3)": {"alpha": looking.softmax(split(k, nh) @ split(q, nh).swapaxes(-1, -2)
                                                                     / np.sqrt(d), seen)},
        "the heads are put together by a reshape alone: heads and steps should change places first (5)":
            {"y": c.reshape(B, T, C) @ W_o},
        "the heads are put together entry by entry, and should stand side by side, whole (5)":
            {"y": c.transpose(0, 2, 3, 1).reshape(B, T, C) @ W_o},
        "W_o is missing: y is the heads side by side (5)": {"y": join(c)},
        "W_o is transposed (5)": {"y": join(c) @ W_o.T},
        "the values are x itself: W_v is missing (1)": {"y": join(right @ split(x, nh)) @ W_o},
        "the values are split in another way than queries and keys (2)": {"y": join(right @ cut(v, nh)) @ W_o},
        "alpha is transposed in (4)": {"y": join(right.swapaxes(-1, -2) @ split(v, nh)) @ W_o},
        "the heads are added up or averaged, and should stand side by side (5)":
            {"y": np.concatenate([c.mean(axis=1)] * nh, axis=-1) @ W_o},
    }


@exercise("practice-8.5-attention", "8.5", gives="alpha (B, nh, T, T), y (B, T, C)", likely=of_heads)
def attention(draw: Draw) -> Case:
    """Causal attention of several heads.

    (1) q, k, v = x W_q, x W_k, x W_v                               (B, T, C)
    (2) q^h     = the channels h d .. h d + d - 1 of q,  d = C / nh (B, nh, T, d)    h = 0 .. nh-1; so k^h and v^h
    (3) alpha^h = softmax over s of q^h_t . k^h_s / sqrt(d)         (B, nh, T, T)    s <= t, and 0 for the others
    (4) c^h_t   = sum over s of alpha^h_ts v^h_s                    (B, nh, T, d)
    (5) y       = [c^0; c^1; ..; c^(nh-1)] W_o                      (B, T, C)

    Given   x (B, T, C), W_q, W_k, W_v, W_o (C, C), nh
    Hint    Write it for one head first, with the channels q[:, :, :d], k[:, :, :d] and v[:, :, :d]. What is left to do?
    Hint    For all heads at once the axis of heads has to stand before that of steps, so that a product of matrices
            is made in each head: which two moves bring it there, and which two back?
    Hint    reshape(B, T, nh, d).transpose(0, 2, 1, 3), then scores of (B, nh, T, T), a mask that fits to their last two
            axes, a softmax over the last; and the same two moves, undone from the end.
    Look    alpha: compute one head alone, from its d channels; then step 0, which sees itself alone.
    Look    y: is c right? Write down which entries of c^0 and c^1 stand side by side in step 0."""
    B, T, nh, d = draw.sizes(4)
    B, T, C = B + 1, T + 2, nh * d
    x, square = draw.array(B, T, C), [draw.array(C, C) for _ in range(4)]
    q, k, v = (ops.split_heads(tensor(x) @ tensor(W), nh) for W in square[:3])
    c, alpha = ops.attention(q, k, v, mask=causal_mask(T)[:, None])
    y = ops.join_heads(c) @ tensor(square[3])
    return Case({"x": x, **dict(zip(("W_q", "W_k", "W_v", "W_o"), square, strict=True)), "nh": nh},
                {"alpha": to_host(alpha.data), "y": to_host(y.data)})


def probed(returned: Any, V: int, H: int, num_heads: int, dropout: float) -> tuple[Any, ...]:
    """What is found out about a transformer-based RNN of one block."""
    found = letters.found(returned, V)
    if found[2].size != 3:
        return (*found, letters.heads(returned), np.array([-1, -1]), -1, np.array([-1, -1]))
    ids = np.random.RandomState(V).randint(0, V, (language.B, language.T))
    dropped = []
    for mode in (returned.train, returned.eval):
        mode()
        with seeded(1):
            dropped.append(drops(lambda ids: language.logits(returned, ids), ids))
    return (*found, letters.heads(returned), letters.straight(returned, V), placed(returned), np.array(dropped))


def after_rnn(H: int, num_heads: int) -> tuple[Module, ...]:
    """The layers of (3) and (4), with the norm of (5)."""
    return (Transformer(H, 1, num_heads),) if num_heads else (FeedForward(H), LayerNorm(H), LayerNorm(H))


def placed(model: Any) -> int:
    """1 if a step knows its number: if y differs between steps of one and the same character, W_hh being 0."""
    with letters.forgetful(model):
        y = values(language.logits(model, np.ones((1, language.T), int)))
    return int(np.ptp(y, axis=1).max() > 1e-9)


def likely(V: int, H: int, num_heads: int, dropout: float) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    if not num_heads:
        return letters.likely(V, {"there is an attention, and with num_heads = 0 there should be none: leave (3) out":
                                  total(parts(V, H, 1, dropout))})
    rnn, output, look = RNN(V, H).count(), Linear(H, V).count(), MultiHeadAttention(H, num_heads).count()
    a_block, whole = TransformerBlock(H, num_heads).count(), Transformer(H, 1, num_heads).count()
    right, norm = rnn + whole + output, whole - a_block
    return {
        "the positions are missing, or added where nothing comes of them: x is h + p (2)":
            {"weights": right, "placed": 0},
        "nothing is dropped in training: the layers.Dropout of (2), (3) and (4) have no effect":
            {"weights": right, "drops": [0, 0]},
        "something is dropped in evaluation, too: take layers.Dropout, which knows `train()` and `eval()`":
            {"weights": right, "drops": [1, 1]},
        "something is dropped in evaluation, and nothing in training: they have changed places": {"drops": [0, 1]},
        "there is one head: num_heads is not handed on to the attention (3)": {"weights": right, "heads": [1]},
        "the heads are H / num_heads, which is a head's width: their number is num_heads (3)":
            {"weights": right, "heads": [H // num_heads]},
        "the way straight through is missing in (3): x is to be added": {"weights": right, "straight": [0, 1]},
        "the way straight through is missing in (4): u is to be added": {"weights": right, "straight": [1, 0]},
        "the ways straight through are missing in (3) and (4): x + ... and u + ...":
            {"weights": right, "straight": [0, 0]},
        "nothing of the attention and its norm reaches y: it is made and never called (3)":
            {"weights": right, "silent": look + norm},
        "nothing of the attention reaches y: what it says is left out (3)": {"weights": right, "silent": look},
        "nothing of the feed-forward layer and its norm reaches y: it is made and never called (4)":
            {"weights": right, "silent": H + a_block - look - norm},
        **letters.likely(V, {
            "one norm is missing, or is the same as another: they are three, of (3), of (4) and of (5)": right - norm,
            "the norms of (3) and (4) are missing": right - 2 * norm,
            "the norms are missing, those of (3), (4) and (5)": right - 3 * norm,
            "the attention (3) is missing": right - look,
            "the attention (3) is missing, with its norm": right - look - norm,
            "the feed-forward layer (4) is missing": right - (a_block - look - 2 * norm),
            "the feed-forward layer (4) is missing, with its norm": right - (a_block - look - norm),
            "there is no block: it is the RNN with its output": rnn + output,
            "there are two blocks, and (3) (4) are one": right + a_block,
            "there are two attentions, and (3) is one": right + look,
            "there is an attention for each head, over all channels: one layer has num_heads of them (3)":
                right + (num_heads - 1) * look,
            "the positions are learned, and in (2) they are sinusoidal, without weights":
                right + LearnedPositions(language.T, H).count(),
            "it has the weights of an LSTM, and (1) is a layers.RNN": right - rnn + LSTM(V, H).count(),
            "it has the weights of a GRU, and (1) is a layers.RNN": right - rnn + GRU(V, H).count(),
            "the output (5) has no bias": right - V,
        }),
    }


def parts(V: int, H: int, num_heads: int, dropout: float) -> tuple[Module, ...]:
    """The layers of a right model."""
    return RNN(V, H), *after_rnn(H, num_heads), Linear(H, V)


@exercise("practice-8.5-model", "8.5", probe=probed, likely=likely, parts=parts,
          gives=f"{language.FOUND}, heads (block), straight (half), placed (), drops (mode)")
def model(draw: Draw) -> Case:
    """A transformer-based RNN with positions and dropout, a model of characters.

    (1) h_t = tanh(id_t W_xh + h_{t-1} W_hh + b_h)          (B, T, H)    a layers.RNN over V one-hot rows
    (2) x_t = dropout(h_t + p_t)                            (B, T, H)    p: a layers.SinusoidalPositions
    (3) u   = x + dropout(attention(norm(x)))               (B, T, H)    causal, of num_heads
    (4) v   = u + dropout(feed_forward(norm(u)))            (B, T, H)    4 H units inside
    (5) y_t = norm(v_t) W_hy + b_y                          (B, T, V)

    attention is a layers.MultiHeadAttention, feed_forward a layers.FeedForward, norm a layers.LayerNorm, dropout a
    layers.Dropout, in all three places with the same p. With num_heads = 0 leave (3) out, u = x: then it is the model
    without attention, which the comparison needs.

    Return a model: a class that inherits from layers.LanguageModel, with an `__init__` that makes the layers, among
    them `self.stack`, the RNN; and a `__call__(ids, state=None)` that returns y and the RNN's new state. It has
    `loss(batch)` already.

    Looked at are: how many weights are `silent`, without a part in the loss; how many `weights` there are; the `shape`
    of y for ids (3, 5); which steps of y `sees` which of ids; which `rows` do; `loss`, in parts of
    -sum ln P(target), and `number`, what loss returns beside it; how many `heads` the attention has; whether y still
    hears h on the ways `straight` through, when the attention says 0, and when the feed-forward layer does; whether
    a step knows its place (`placed`); and whether something `drops` out in training, and in evaluation.

    Given   V, the characters; H, the units; num_heads, or 0; dropout, the p of layers.Dropout
    Hint    Which layers of it does training change, which not, and which do something else in training?
    Hint    SinusoidalPositions(H) is called with x and adds p to it; MultiHeadAttention(H, num_heads, causal=True) is
            called with queries and keys, the same here, and returns two things.
    Hint    x = dropout(positions(hs)), then two branches: each reads a norm of x, and dropout of it is added to x.
    Look    silent: the attention has H weights without a part in the loss, those of b_k: they add the same number to
            all scores of a query. All others should have a part.
    Look    weights: RNN(V, H).count() and so on say how many each part has; which one is the difference?
    Look    shape: (B, T, V), logits at each step.
    Look    sees: a step may see itself and those before it.
    Look    rows: each row of the batch is a text of its own.
    Look    loss: it is inherited; do you change it, or the logits?
    Look    number: how many targets there are.
    Look    heads: num_heads; of no attention at all where that is 0.
    Look    straight: x + ... in (3), u + ... in (4): what is added to what?
    Look    placed: what does the attention read of a step's number?
    Look    drops: `model.eval()` reaches all layers that are attributes; which of yours drop?"""
    num_heads, d, V = draw.sizes(3, least=2)
    H, num_heads = 2 * d * num_heads, num_heads * int(draw.ids(3) > 0)
    found = language.expected(V, total(parts(V, H, num_heads, 0.5)), silent=H if num_heads else 0)
    return Case({"V": V, "H": H, "num_heads": num_heads, "dropout": 0.5}, found | {
        "heads": np.array([num_heads] if num_heads else [], int), "straight": np.array([1, 1]),
        "placed": np.asarray(1), "drops": np.array([1, 0])})


@practice("practice-8.5", "8.5", {"num_heads": (0, 1, 2, 8), "H": (32, 64)}, measures="nats, parameters", seconds=60)
def multi_head() -> Baseline:
    """How many heads, and what is the attention worth at all?

    Train your model on the first characters of Tiny Shakespeare, in windows of 32, a thousand steps, all rows the
    same; practices.letters.Letters(recipe) is the task, with its `validate(model)` in nats a character, and
    training.train trains. num_heads = 0 is your model without (3). The number of weights is the same for any number
    of heads; how wide is a head of each row? The best row has to beat counting pairs of characters. Two rows that
    differ by no more than another seed makes cannot be told apart: make a row again with another seed before you
    call one better."""
    return letters.pairs()
