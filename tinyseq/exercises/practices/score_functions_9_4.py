"""Practice 9.4: heads whose scores are made in other ways, in a transformer-based RNN."""
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.backend import to_host
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices import language, letters
from tinyseq.exercises.probes import total
from tinyseq.layers import (
    GRU,
    LSTM,
    RNN,
    AdditiveAttention,
    ConcatAttention,
    DotAttention,
    FeedForward,
    GeneralAttention,
    LayerNorm,
    Linear,
    Module,
    MultiHeadAttention,
)
from tinyseq.layers.attention.attention import Attention

SCORES = {"scaled dot": lambda d: DotAttention(scaled=True), "additive": lambda d: AdditiveAttention(d, d, d),
          "general": lambda d: GeneralAttention(d, d)}


def of_layer(layer: Attention, q: Any, k: Any, **weights: Any) -> Any:
    """The scores of one head by a layer of the library with these weights: (B, T, d) -> (B, T, T)"""
    layer.astype("float64").load_state_dict(weights)
    return to_host(layer.scores(tensor(q), layer.prepared(tensor(k))).data)


def each(make: Any, q: Any, k: Any, **weights: Any) -> Any:
    """The same for all heads: (B, nh, T, d) -> (B, nh, T, T)"""
    return np.stack([of_layer(make(q.shape[3]), q[:, i], k[:, i], **{name: x[i] for name, x in weights.items()})
                     for i in range(q.shape[1])], axis=1)


def of_scores(q: Any, k: Any, W: Any, W_q: Any, W_k: Any, v: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the scores."""
    d, (a, b) = q.shape[3], (q @ W_q, k @ W_k)
    dot, general = q @ k.swapaxes(-1, -2), q @ W @ k.swapaxes(-1, -2)
    both, weigh = a[:, :, :, None] + b[:, :, None], v[:, None, None]

    def compared(a: Any, b: Any) -> Any:
        return each(SCORES["additive"], a, b, W_q=W_q, W_k=W_k, v=v)
    return {
        "the products are not divided by the root of the width d (1)": {"dot": dot},
        "the products are divided by d, and should be by its root (1)": {"dot": dot / d},
        "the products are multiplied by the root of d, and should be divided (1)": {"dot": dot * d ** 0.5},
        "the products are divided by the root of all channels, nh d, and should be by that of d (1)":
            {"dot": dot / np.sqrt(q.shape[1] * d)},
        "the scores are transposed: t is the step of the query, s that of the key (1)":
            {"dot": dot.swapaxes(-1, -2) / d ** 0.5},
        "the scores are transposed: t is the step of the query, s that of the key (2)":
            {"general": general.swapaxes(-1, -2)},
        "the scores are transposed: t is the step of the query, s that of the key (3)":
            {"additive": compared(q, k).swapaxes(-1, -2)},
        "W is transposed: it stands on the side of k (2)": {"general": q @ W.swapaxes(1, 2) @ k.swapaxes(-1, -2)},
        "W is missing: it is the product of q and k (2)": {"general": dot},
        "the scores of (2) are divided by the root of d, too: W can learn that by itself (2)":
            {"general": general / d ** 0.5},
        "all heads have the same W, that of the first (2)": {"general": q @ W[:1] @ k.swapaxes(-1, -2)},
        "v is missing: the entries are added up with the weight 1 each (3)": {"additive": np.tanh(both).sum(axis=-1)},
        "v is missing: the entries are averaged (3)": {"additive": np.tanh(both).mean(axis=-1)},
        "the tanh is missing: without it the queries have no part in the softmax (3)":
            {"additive": (both * weigh).sum(axis=-1)},
        "the tanh comes last, after the product with v, and should come before (3)":
            {"additive": np.tanh((both * weigh).sum(axis=-1))},
        "a sigmoid stands for the tanh (3)": {"additive": (weigh / (1 + np.exp(-both))).sum(axis=-1)},
        "a relu stands for the tanh (3)": {"additive": (weigh * np.maximum(0, both)).sum(axis=-1)},
        "a product stands where the sum of q W_q and k W_k belongs (3)":
            {"additive": (np.tanh(a[:, :, :, None] * b[:, :, None]) * weigh).sum(axis=-1)},
        "k W_k is subtracted, and should be added (3)":
            {"additive": (np.tanh(a[:, :, :, None] - b[:, :, None]) * weigh).sum(axis=-1)},
        "W_q and W_k have changed places (3)": {"additive": each(SCORES["additive"], q, k, W_q=W_k, W_k=W_q, v=v)},
        "tanh is taken of both, and then they are added; it should be tanh of the sum (3)":
            {"additive": ((np.tanh(a)[:, :, :, None] + np.tanh(b)[:, :, None]) * weigh).sum(axis=-1)},
        "all heads have the same v, that of the first (3)": {"additive": (np.tanh(both) * weigh[:1]).sum(axis=-1)},
        "the scores are divided by the root of d, and in (3) they are not": {"additive": compared(q, k) / d ** 0.5},
    }


@exercise("practice-9.4-scores", "9.4", likely=of_scores,
          gives="dot (B, nh, T, T), general (B, nh, T, T), additive (B, nh, T, T)")
def scores(draw: Draw) -> Case:
    """Three ways to score how well a query agrees with a key, in each head for itself.

    (1) dot_ts      = q_t . k_s / sqrt(d)                       (B, nh, T, T)    Vaswani et al. 2017
    (2) general_ts  = q_t W k_s                                 (B, nh, T, T)    Luong et al. 2015
    (3) additive_ts = v . tanh(q_t W_q + k_s W_k)               (B, nh, T, T)    Bahdanau et al. 2015

    t is the step of the query, s that of the key; each head has a W, a W_q, a W_k and a v of its own.

    Given   q, k (B, nh, T, d); W, W_q, W_k (nh, d, d); v (nh, d)
    Hint    Write each of them for one head, one t and one s first: three numbers. Which axes does each of them lose?
    Hint    (1) and (2) are products of matrices, with the last two axes of k turned. (3) compares each t with each s
            before it is one number: which shape has what the tanh is taken of?
    Hint    a[:, :, :, None] + b[:, :, None] is (B, nh, T, T, d) for a = q W_q and b = k W_k; v goes with its last axis.
    Look    dot: is entry [0, 0, 0, 1] the product of the first query and the second key, over the root of d?
    Look    general: W stands between q and k; on which of its sides?
    Look    additive: compute one entry with a pencil's formula: two rows, a sum, a tanh, a product with v."""
    B, nh, T, d = draw.sizes(4)
    q, k = draw.array(B, nh, T + 1, d), draw.array(B, nh, T + 1, d)
    W, W_q, W_k, v = (draw.array(nh, *shape) for shape in ((d, d), (d, d), (d, d), (d,)))
    return Case({"q": q, "k": k, "W": W, "W_q": W_q, "W_k": W_k, "v": v}, {
        "dot": each(SCORES["scaled dot"], q, k), "general": each(SCORES["general"], q, k, W=W),
        "additive": each(SCORES["additive"], q, k, W_q=W_q, W_k=W_k, v=v)})


def kind(layer: Module) -> int:
    """1 scaled dot, 2 dot, 3 additive, 4 general, 5 concat, 6 several heads, 0 another one."""
    if isinstance(layer, DotAttention):
        return 1 if layer.scaled else 2
    known = (AdditiveAttention, GeneralAttention, ConcatAttention, MultiHeadAttention)
    return next((3 + i for i, one in enumerate(known) if isinstance(layer, one)), 0)


def kinds(model: Module) -> Any:
    """Of each attention in a model."""
    return np.array([kind(layer) for layer in model.modules() if isinstance(layer, Attention)], dtype=int)


def probed(returned: Any, V: int, H: int, num_heads: int, score: str) -> tuple[Any, ...]:
    """What is found out about a transformer-based RNN with such heads."""
    found = letters.found(returned, V)
    if found[2].size != 3:
        return (*found, -1, kinds(returned), -1)
    return (*found, letters.looks(returned, V), kinds(returned), letters.straight(returned, V)[1])


def likely(V: int, H: int, num_heads: int, score: str) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    if score == "none":
        return letters.likely(V, {}) | {"there are heads, and for score = \"none\" there should be none: leave (2)-(4) "
                                        "out, x = h": {"looks": np.tril(np.ones((language.T, language.T), int))}}
    rnn, output, square, norm, feed = (part.count() for part in (
        RNN(V, H), Linear(H, V), Linear(H, H), LayerNorm(H), FeedForward(H)))
    d, T, own = H // num_heads, language.T, kind(SCORES[score](1))
    one, wide = SCORES[score](d).count(), SCORES[score](H).count()
    right = rnn + 4 * square + num_heads * one + 3 * norm + feed + output
    dots = right - num_heads * one
    return {
        "the dot products are not divided by the root of the width: DotAttention(scaled=True) (3)":
            {"weights": right, "scores": np.full(num_heads, 2 if own == 1 else own)},
        "all heads are the same layer, with the same weights: each is to have its own (3)":
            {"weights": dots + one},
        "there is one head over all channels: num_heads has no effect (3)": {"weights": dots + wide, "scores": [own]},
        "all scores are scaled dot products: score has no effect (3)":
            {"weights": dots, "scores": np.full(num_heads, 1)},
        "all scores are dot products, and not even scaled: score has no effect (3)":
            {"weights": dots, "scores": np.full(num_heads, 2)},
        "the heads are as wide as all channels, H, and should have H / num_heads of them (2) (3)":
            {"weights": dots + num_heads * wide, "scores": np.full(num_heads, own)},
        "a layers.MultiHeadAttention stands where heads with scores of their own belong (3)": {"scores": [6]},
        "the way straight through is missing in (5): x is to be added": {"weights": right, "straight": 0},
        "a step looks at those that follow it: the heads need a causal mask (3)": {"looks": np.ones((T, T), int)},
        "the heads are handed (T, B, H): the rows of the batch look at each other, and not the steps (3)":
            {"weights": right, "looks": np.eye(T, dtype=int), "rows": np.tril(np.ones((language.B, language.B), int))},
        "a step looks at itself alone: the mask hides all the others, or the heads have no part in y (3)":
            {"weights": right, "looks": np.eye(T, dtype=int)},
        "nothing of the heads reaches y: they are made and never called, or what they say is left out (4)":
            {"weights": right, "silent": 4 * square + num_heads * one + norm, "looks": np.eye(T, dtype=int)},
        "keys and values are one projection, so that b_k has a part after all; they should be two, W_v is missing (2)":
            {"weights": right - square, "silent": 0},
        "one projection is missing: W_o, if the heads side by side are added to h as they are (4), or W_q (2)":
            {"weights": right - square, "silent": 0 if score == "additive" else H},
        **letters.likely(V, {
            "there are no q, k and v: the heads look at the channels of the norm themselves (2)": right - 3 * square,
            "q, k and v are one projection, and should be three (2)": right - 2 * square,
            "the projections have no biases, and layers.Linear has them (2) (4)": right - 4 * H,
            "one norm is missing, or is the same as another: they are three, of (2), of (5) and of (6)": right - norm,
            "two norms are missing, or are the same as others: they are three, of (2), of (5) and of (6)":
                right - 2 * norm,
            "the feed-forward layer (5) is missing": right - feed,
            "the feed-forward layer (5) is missing, with its norm": right - feed - norm,
            "it has the weights of an LSTM, and (1) is a layers.RNN": right - rnn + LSTM(V, H).count(),
            "it has the weights of a GRU, and (1) is a layers.RNN": right - rnn + GRU(V, H).count(),
            "the output (6) has no bias": right - V,
        }),
    }


def parts(V: int, H: int, num_heads: int, score: str) -> tuple[Module, ...]:
    """The layers of a right model."""
    return (*without(V, H), *looking(H, num_heads, score))


def without(V: int, H: int) -> tuple[Module, ...]:
    """The layers of (1), (5) and (6)."""
    return RNN(V, H), LayerNorm(H), LayerNorm(H), FeedForward(H), Linear(H, V)


def looking(H: int, num_heads: int, score: str) -> tuple[Module, ...]:
    """The layers of (2) to (4)."""
    if score == "none":
        return ()
    return LayerNorm(H), *(Linear(H, H),) * 4, *(SCORES[score](H // num_heads) for _ in range(num_heads))


@exercise("practice-9.4-model", "9.4", probe=probed, likely=likely, parts=parts,
          gives=f"{language.FOUND}, looks (T, T), scores (head), straight ()")
def model(draw: Draw) -> Case:
    """A transformer-based RNN whose heads have a score of your choice, a model of characters.

    (1) h_t     = tanh(id_t W_xh + h_{t-1} W_hh + b_h)      (B, T, H)    a layers.RNN over V one-hot rows
    (2) q, k, v = n W_q + b_q, n W_k + b_k, n W_v + b_v     (B, T, H)    n = norm(h); three layers.Linear
    (3) c^i     = attention^i(q^i, k^i, v^i)                (B, T, d)    head i has the channels i d .. i d + d - 1,
                                                                         d = H / num_heads; causal
    (4) x       = h + [c^0; ..; c^(num_heads - 1)] W_o + b_o             (B, T, H)
    (5) u       = x + feed_forward(norm(x))                 (B, T, H)    4 H units inside
    (6) y_t     = norm(u_t) W_hy + b_y                      (B, T, V)

    attention^i is a layer of its own for each head: layers.DotAttention(scaled=True) for score = "scaled dot",
    AdditiveAttention(d, d, d) for "additive", GeneralAttention(d, d) for "general". For "none" leave (2)-(4) out,
    x = h: then it is the model without attention, which the comparison needs.

    Return a model: a class that inherits from layers.LanguageModel, with an `__init__` that makes the layers, among
    them `self.stack`, the RNN; and a `__call__(ids, state=None)` that returns y and the RNN's new state. It has
    `loss(batch)` already.

    Looked at are: how many weights are `silent`, without a part in the loss; how many `weights` there are; the `shape`
    of y for ids (3, 5); which steps of y `sees` which of ids; which `rows` do; `loss`, in parts of
    -sum ln P(target), and `number`, what loss returns beside it; which states each step `looks` at, found by W_hh = 0;
    which `scores` the heads have (1 scaled dot, 2 dot, 3 additive, 4 general); and whether y still hears x `straight`
    through (5) when the feed-forward layer says 0.

    Given   V, the characters; H, the units; num_heads; score, its name
    Hint    Which of the scores have weights of their own, and how many in each head?
    Hint    An attention is called with queries, keys, values and a mask: causal_mask(T) of layers.attention; it returns
            two things. The channels of head i are q[:, :, i * d:(i + 1) * d].
    Hint    ops.concat(*cs, axis=-1) goes through Linear(H, H) and is added to h. A list of layers is found by itself.
    Look    silent: adding the same to all scores of a query changes nothing; so the H weights of b_k have no part in
            (3), but where they stand inside a tanh. All others should have a part.
    Look    weights: RNN(V, H).count() and so on say how many each part has; which one is the difference?
    Look    shape: (B, T, V), logits at each step.
    Look    sees: a step may see itself and those before it.
    Look    rows: each row of the batch is a text of its own.
    Look    loss: it is inherited; do you change it, or the logits?
    Look    number: how many targets there are.
    Look    looks: which mask do the heads get?
    Look    scores: one layer for each head, of the kind that score names.
    Look    straight: x + ... in (5)."""
    num_heads, d, V = draw.sizes(3)
    H, score = d * num_heads, list(SCORES)[int(draw.ids(3))]
    if draw.rng.random_sample() < 0.3:
        found = {"looks": np.eye(language.T, dtype=int), "scores": np.zeros(0, int), "straight": np.asarray(1)}
        return Case({"V": V, "H": H, "num_heads": num_heads, "score": "none"},
                    language.expected(V, total(without(V, H))) | found)
    right = language.expected(V, total(parts(V, H, num_heads, score)), silent=0 if score == "additive" else H)
    return Case({"V": V, "H": H, "num_heads": num_heads, "score": score}, right | {
        "looks": right["sees"], "scores": np.full(num_heads, kind(SCORES[score](d))), "straight": np.asarray(1)})


@practice("practice-9.4", "9.4", {"score": ("none", "scaled dot", "additive", "general"), "num_heads": (1, 4)},
          measures="nats, parameters", seconds=60)
def score_functions() -> Baseline:
    """Which score, and how many heads, in a transformer-based RNN?

    Train your model with 32 units on the first characters of Tiny Shakespeare, in windows of 32, a thousand steps,
    all rows the same; practices.letters.Letters(recipe) is the task, with its `validate(model)` in nats a
    character, and training.train trains. score = "none" is your model without attention; it has no heads, so its
    two rows are the same. What does a score cost, in parameters and in time? The best row has to beat counting
    pairs of characters. Two rows that differ by no more than another seed makes cannot be told apart: make a row
    again with another seed before you call one better."""
    return letters.pairs()
