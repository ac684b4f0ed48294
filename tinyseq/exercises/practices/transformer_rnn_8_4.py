"""Practice 8.4: a recurrent layer below transformer blocks."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, tensor
from tinyseq.backend import to_host
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices import language, letters, looking
from tinyseq.exercises.probes import total
from tinyseq.layers import (
    GRU,
    LSTM,
    RNN,
    Embedding,
    FeedForward,
    LayerNorm,
    Linear,
    Module,
    MultiHeadAttention,
    Transformer,
)
from tinyseq.layers.attention import causal_mask


def scores_and_values(x: Any, W_q: Any, W_k: Any, W_v: Any) -> tuple[Any, ...]:
    """Scores and values of (1)-(3), without a mask."""
    q, k, v = (to_host((normed(x) @ tensor(W)).data) for W in (W_q, W_k, W_v))
    return q @ k.swapaxes(1, 2) / np.sqrt(x.shape[2]), v


def normed(x: Any) -> Any:
    """(1)"""
    return ops.layer_norm(x if isinstance(x, Tensor) else tensor(x), tensor(np.ones(x.shape[-1])))


def of_block(x: Any, W_q: Any, W_k: Any, W_v: Any, W_o: Any, W_1: Any, W_2: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of a block."""
    def fed(m: Any) -> Any:
        return to_host(ops.feed_forward(m, tensor(W_1), None, tensor(W_2), None, activation="relu").data)

    def looked(n: Any) -> Any:
        q, k, v = (n @ tensor(W) for W in (W_q, W_k, W_v))
        return to_host(ops.attention(q, k, v, mask=causal_mask(x.shape[1]), weights=False).data) @ W_o

    def array(x: Any) -> Any:
        return to_host(normed(x).data)
    e, v = scores_and_values(x, W_q, W_k, W_v)
    late = array(x + looked(tensor(x)))
    added = {words: {"u": x + alpha @ v @ W_o}
             for words, alpha in looking.weights(e, to_host(causal_mask(x.shape[1])), x.shape[2]).items()}
    return {f"{words} (3) (4)": results for words, results in added.items()} | {
        "the norms stand after the sums, norm(x + ...), and should stand inside, at the entrance of each branch":
            {"u": late, "y": array(late + fed(tensor(late)))},
        "the first norm stands after the sum: u is norm(x + ...), and should be x + ... of norm(x) (5)": {"u": late},
        "nothing is normalised for the attention: it reads x, and should read n (2)": {"u": x + looked(tensor(x))},
    }


@exercise("practice-8.4-block", "8.4", gives="u (B, T, C), y (B, T, C)", likely=of_block)
def block(draw: Draw) -> Case:
    """A transformer block: causal attention and a feed-forward layer, each beside a way straight through.

    (1) n      = (x - mean) / sqrt(variance + 1e-5)     (B, T, C)    mean and variance of each step, over its C channels
    (2) q, k, v = n W_q, n W_k, n W_v                   (B, T, C)
    (3) e_ts   = q_t . k_s / sqrt(C)   if s <= t, else -inf                 (B, T, T)
    (4) alpha  = softmax over s of e                    (B, T, T)
    (5) u      = x + (alpha v) W_o                      (B, T, C)
    (6) m      = u, normalised as x is in (1)           (B, T, C)
    (7) y      = u + max(0, m W_1) W_2                  (B, T, C)

    One head, and norms without weights: what is left is how the parts hang together.

    Given   x (B, T, C), W_q, W_k, W_v, W_o (C, C), W_1 (C, F), W_2 (F, C)
    Hint    Draw the way of x to y. At how many places does it branch off, and what comes back to it there?
    Hint    The norm stands at the entrance of a branch: the branch reads n, and what it gives is added to x itself.
    Hint    With a branch for each half, u = x + f(norm(x)) and y = u + g(norm(u)); f has the mask inside, before the
            softmax adds up a row.
    Look    u: how does step 0 look, which sees itself alone: x_0 + n_0 W_v W_o? If that is right, look at e.
    Look    y: the second branch reads u, normalised, and is added to u."""
    B, T, C, F = draw.sizes(4, least=3)
    x, square = 2 + 3 * draw.array(B, T, C), [draw.array(C, C) for _ in range(4)]
    W_1, W_2 = draw.array(C, F), draw.array(F, C)
    W_q, W_k, W_v, W_o, into, back = map(tensor, (*square, W_1, W_2))
    n = normed(x)
    u = tensor(x) + ops.attention(n @ W_q, n @ W_k, n @ W_v, mask=causal_mask(T), weights=False) @ W_o
    y = u + ops.feed_forward(normed(u), into, None, back, None, activation="relu")
    return Case(dict(zip(("x", "W_q", "W_k", "W_v", "W_o", "W_1", "W_2"), (x, *square, W_1, W_2), strict=True)),
                {"u": to_host(u.data), "y": to_host(y.data)})


def probed(returned: Any, V: int, H: int, num_layers: int, num_heads: int) -> tuple[Any, ...]:
    """What is found out about a transformer-based RNN."""
    found = letters.found(returned, V)
    ways = letters.straight(returned, V) if found[2].size == 3 else np.array([-1, -1])
    return (*found, letters.heads(returned), ways)


def likely(V: int, H: int, num_layers: int, num_heads: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    rnn, output, L = RNN(V, H).count(), Linear(H, V).count(), num_layers
    norm, look, feed = (part.count() for part in (LayerNorm(H), MultiHeadAttention(H, num_heads), FeedForward(H)))
    a_block = 2 * norm + look + feed
    right = rnn + L * a_block + norm + output
    narrow = FeedForward(H, H).count()
    return {
        "the heads are one: num_heads is not handed on to the attention (2)":
            {"weights": right, "heads": np.ones(L, int)},
        "the way straight through is missing in (2): x is to be added to what its attention says":
            {"weights": right, "straight": [0, 1]},
        "the way straight through is missing in (3): u is to be added to what the feed-forward layer says":
            {"weights": right, "straight": [1, 0]},
        "the ways straight through are missing in (2) and (3): x + ... and u + ...":
            {"weights": right, "straight": [0, 0]},
        "all layers are the same one block, with the same weights: each of them is to have its own (2) (3)":
            {"weights": right - (L - 1) * a_block},
        "nothing of the attentions reaches y: they are made and never called, or what they say is left out (2)":
            {"weights": right, "silent": L * look},
        "nothing of the attentions and their norms reaches y: they are made and never called (2)":
            {"weights": right, "silent": L * (look + norm)},
        "nothing of the feed-forward layers reaches y: they are made and never called (3)":
            {"weights": right, "silent": L * (H + feed)},
        "nothing of the feed-forward layers and their norms reaches y: they are made and never called (3)":
            {"weights": right, "silent": L * (H + feed + norm)},
        "the blocks are made and never called: y is made of the RNN (4)":
            {"weights": right, "silent": L * a_block},
        "only one of the blocks is called: each of them reads what the one before says (2) (3)":
            {"weights": right, "silent": (L - 1) * a_block + H},
        **letters.likely(V, {
            "there is one block too few: num_layers counts the blocks (2) (3), the RNN is none": right - a_block,
            "there is one block too many: num_layers counts the blocks (2) (3)": right + a_block,
            "there is no block at all: it is the RNN with its output": rnn + output,
            "the norm of (4), after the last block, is missing": right - norm,
            "there are two norms too many": right + 2 * norm,
            "the norms of the blocks are missing, of (2) and (3)": right - 2 * L * norm,
            "each block has one norm and should have two, of (2) and of (3)": right - L * norm,
            "all norms are missing, those of (2), (3) and (4)": right - (2 * L + 1) * norm,
            "the feed-forward layers (3) are missing": right - L * feed,
            "the feed-forward layers (3) are missing, with their norms": right - L * (feed + norm),
            "the attention (2) is missing": right - L * look,
            "the attention (2) is missing, with its norms": right - L * (look + norm),
            "the feed-forward layers are H units wide inside, and in (3) 4 H": right - L * (feed - narrow),
            "the attentions have no biases, and in (2) they have": right - 4 * L * H,
            "the output (4) has no bias": right - V,
            "it has the weights of an LSTM, and (1) is a layers.RNN": right - rnn + LSTM(V, H).count(),
            "it has the weights of a GRU, and (1) is a layers.RNN": right - rnn + GRU(V, H).count(),
            "it has the weights of both directions, and (1) is one":
                right - rnn + RNN(V, H // 2, bidirectional=True).count(),
            "the RNN has two layers, and (1) is one": right - rnn + RNN(V, H, 2).count(),
            "the RNN reads an embedding, and in (1) the ids themselves, which stand for one-hot rows":
                right - rnn + Embedding(V, H).count() + RNN(H, H).count(),
            "there is an embedding in place of the RNN (1)": right - rnn + Embedding(V, H).count(),
        }),
    }


def parts(V: int, H: int, num_layers: int, num_heads: int) -> tuple[Module, ...]:
    """The layers of a right model."""
    return RNN(V, H), Transformer(H, num_layers, num_heads), Linear(H, V)


@exercise("practice-8.4-model", "8.4", probe=probed, likely=likely, parts=parts,
          gives=f"{language.FOUND}, heads (block), straight (half)")
def model(draw: Draw) -> Case:
    """A transformer-based RNN, a model of characters.

    (1) x^0_t = tanh(id_t W_xh + x^0_{t-1} W_hh + b_h)      (B, T, H)    a layers.RNN over V one-hot rows
    (2) u^l   = x^{l-1} + attention^l(norm(x^{l-1}))        (B, T, H)    causal, l = 1 .. num_layers
    (3) x^l   = u^l + feed_forward^l(norm(u^l))             (B, T, H)    4 H units inside
    (4) y_t   = norm(x^L_t) W_hy + b_y                      (B, T, V)    L = num_layers

    attention is a layers.MultiHeadAttention of num_heads, feed_forward a layers.FeedForward, norm a layers.LayerNorm,
    each with weights of its own and as it comes; no positions, since the RNN knows the order.

    Return a model: a class that inherits from layers.LanguageModel, with an `__init__` that makes the layers, among
    them `self.stack`, the RNN; and a `__call__(ids, state=None)` that returns y and the RNN's new state. It has
    `loss(batch)` already. Write (2) and (3) from their parts: that layers.Transformer has such blocks is no secret.

    Looked at are: how many weights are `silent`, without a part in the loss; how many `weights` there are; the `shape`
    of y for ids (3, 5); which steps of y `sees` which of ids; which `rows` do; `loss`, in parts of
    -sum ln P(target), and `number`, what loss returns beside it; how many `heads` each attention has; and whether y
    still hears the RNN on the ways `straight` through, when all attentions say 0, and when all feed-forward layers do.

    Given   V, the characters; H, the units; num_layers; num_heads
    Hint    Write one block as a class of its own: its `__init__` makes two norms, an attention and a feed-forward
            layer, its `__call__(x)` returns (3). Which of them may be shared between blocks?
    Hint    MultiHeadAttention(H, num_heads, causal=True) is called with queries and keys, which are the same here, and
            returns two things. Lists of layers that are attributes are found.
    Hint    hs, state = self.stack(ids, state); then each block; then norm and Linear(H, V), and the state beside it.
    Look    silent: each attention has H weights without a part in the loss, those of b_k: they add the same number to
            all scores of a query. All others should have a part.
    Look    weights: RNN(V, H).count() and so on say how many each part has; which one is the difference?
    Look    shape: (B, T, V), logits at each step.
    Look    sees: a step may see itself and those before it.
    Look    rows: each row of the batch is a text of its own.
    Look    loss: it is inherited; do you change it, or the logits?
    Look    number: how many targets there are.
    Look    heads: num_heads, for each block.
    Look    straight: x + ... in (2), u + ... in (3): what is added to what?"""
    num_heads, d, V = draw.sizes(3, least=2)
    num_layers, H = 2 + int(draw.ids(2)), 2 * d * num_heads
    return Case({"V": V, "H": H, "num_layers": num_layers, "num_heads": num_heads},
                language.expected(V, total(parts(V, H, num_layers, num_heads)), silent=num_layers * H)
                | {"heads": np.full(num_layers, num_heads), "straight": np.array([1, 1])})


@practice("practice-8.4", "8.4", {"num_layers": (0, 2), "num_heads": (1, 4), "H": (32, 64)},
          measures="nats, parameters", seconds=60)
def transformer_rnn() -> Baseline:
    """Layers, heads and units of a transformer-based RNN, against the RNN alone.

    Train your model on the first characters of Tiny Shakespeare, in windows of 32, some hundred steps, all rows
    the same; practices.letters.Letters(recipe) is the task, with its `validate(model)` in nats a character, and
    training.train trains. With num_layers = 0 take the RNN alone (layers.RecurrentLanguageModel): then there are no
    heads, and the two rows of it are the same. Which part of the gain is due to more parameters? The best row has
    to beat counting pairs of characters. Two rows that differ by no more than another seed makes cannot be told
    apart: make a row again with another seed before you call one better."""
    return letters.pairs()
