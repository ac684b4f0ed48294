"""Attention over the states of a recurrent network: the character models of 7.4 and 8.4.

Both read a text x_1 .. x_T with an LSTM, h_s, and with the same LSTM once more, step by step, s_t; then

    (1) e_{t,s} = score(s_t, h_s),   alpha_t = softmax over s of e_t,   c_t = sum_s alpha_{t,s} h_s
    (2) P(x_{t+1}) = softmax(output of [s_t; c_t])
"""
import math
from functools import partial
from itertools import count
from typing import Any

from tinyseq.autograd import Tensor, no_grad, tensor
from tinyseq.backend import host, manual_seed
from tinyseq.checks import assert_batch_independent
from tinyseq.data import RandomWindows
from tinyseq.errata.measures import apart, difference, fit, largest, noise, read_ahead, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import LSTM, AdditiveAttention, ConcatAttention, DotAttention, Linear, Module, causal_mask
from tinyseq.ops import concat, cross_entropy, softmax, tanh

np = host.np

V, H, T, B = 65, 256, 180, 256           # the book's sizes


def states(B: int, T: int, H: int) -> Tensor:
    """h_1 .. h_T of random texts over V characters, (B, T, H)."""
    manual_seed(0)
    with no_grad():
        return LSTM(V, H)(rng().integers(0, V, (B, T)))[0]


def step_of(model: Any, batches: Any) -> Tensor:
    """The loss of the next batch."""
    return model.loss(*next(batches))


class Looking(Module):
    """(1) and (2) with the dot product and one pass of the LSTM, s_t = h_t.  Call: ids (B, T) -> logits (B, T, 4)."""

    def __init__(self, mask: Any):
        self.mask, self.lstm, self.attention, self.output = mask, LSTM(4, 24), DotAttention(), Linear(48, 4)

    def look(self, ids: Any) -> tuple[Tensor, Tensor, Tensor]:
        """Contexts, weights and states."""
        hs, _ = self.lstm(ids)
        return *self.attention(hs, hs, mask=self.mask), hs

    def __call__(self, ids: Any) -> Tensor:
        c, _, hs = self.look(ids)
        return self.output(concat(hs, c, axis=-1))

    def loss(self, ids: Any, targets: Any) -> Tensor:
        """Nats a letter."""
        return cross_entropy(self(ids), targets)


@specimen("attends-to-the-future", "7.4, 8.4", "layers/seq2seq/self_attentive_stack.py")
def attends_to_the_future() -> list[Row]:
    """The states that are attended over have read what is to be predicted.

    Book    c_t = sum_s alpha_{t,s} h_s over s = 1 .. T, to predict x_{t+1}
    Wrong   h_{t+1} comes from x_{t+1}: the answer lies among the things to look at. Source and target of a translation
            are two texts; here they are one, a step apart. Of pure noise over four letters, ln 4 = 1.386 nats a letter
            is the least that there is, and the network finds the way below.
    Cure    a causal mask: s <= t"""
    windows, held_out = RandomWindows(noise(6000), 16, 8), noise(540, seed=1).reshape(60, 9)
    columns = []
    for mask in (None, causal_mask(8)):
        manual_seed(0)
        model = Looking(mask)
        fit(model.parameters(), partial(step_of, model, map(windows.batch, count())), 500, lr=0.02)
        ids, targets = held_out[:, :-1], held_out[:, 1:]
        with no_grad():
            columns.append((model.loss(ids, targets).item(), read_ahead(model, ids, (ids + 1) % 4),
                            float(np.triu(values(model.look(ids)[1]), 1).sum(axis=-1).mean())))
    what = ["nats a letter of noise, ln 4 = 1.386 at best", "change before the last step, when the last letter changes",
            "part of the weights on what has not been yet"]
    return [Row(name, faulty, sound) for name, faulty, sound in zip(what, *columns, strict=True)]


@specimen("every-query-every-example", "7.4, 8.4", "layers/attention/attention.py")
def every_query_every_example() -> list[Row]:
    """Each text's state is compared with the states of all other texts in the batch.

    Book    scores = s_t (1, B, H) times hs (B, T, H) transposed to (B, H, T)
    Wrong   The 1 in front, which counts layers, is stretched to B: each of B texts meets each of B queries, scores
            (B, B, T). What a text is predicted to be then hangs on its neighbours. (The next line puts s_t (1, B, H)
            beside contexts (B, B, H) and stops.)
    Cure    a query for each text, (B, 1, H): scores (B, 1, T)"""
    manual_seed(0)
    hs = states(4, 6, 8)
    attention = DotAttention()
    query = rng(1).normal(size=(1, 4, 8)).astype("float32")
    scores = tensor(query) @ hs.swap(-1, -2)                                        # (B, B, T)
    sound, _ = attention(tensor(query[0]), hs)

    def contexts(x: Tensor) -> Tensor:
        return (softmax(tensor(query) @ x.swap(-1, -2)) @ x).mean(axis=0)           # (B, H): of each query, over texts

    try:
        assert_batch_independent(contexts, hs)
    except AssertionError as error:
        said = str(error)
    assert_batch_independent(lambda x: attention(tensor(query[0]), x)[0], hs)
    return [Row("scores in a step, with B = 256 and T = 180", B * B * T, B * T),
            Row("axes of the scores, for 4 texts of 6", str(scores.shape), str((*sound.shape[:1], 6))),
            Row("assert_batch_independent says", said, None)]


@specimen("time-before-batch", "7.4, 8.4", "training/characters.py")
def time_before_batch() -> list[Row]:
    """The logits lie step after step, and the targets text after text.

    Book    row t B + b of the logits is for text b, step t;   row b T + t of the targets is
    Wrong   Both have B T rows, so nothing complains, and each prediction is held against some other text's character.
            The network can learn how often each character occurs, and no more.
    Cure    (B, T, V) and (B, T) through the loss, unflattened; or both flattened in one order"""
    rows = np.arange(B * T)
    of_logits = rows.reshape(T, B).T                       # [b, t]: where the logits of text b at step t lie
    meet = int((of_logits == rows.reshape(B, T)).sum())
    targets = rng().integers(0, V, (4, 6))
    knows = np.eye(V, dtype="float32")[targets] * 20       # the logits of one who knows each target
    by_step = knows.transpose(1, 0, 2).reshape(-1, V)
    return [Row("predictions that meet their own target, of 46,080", meet, B * T),
            Row("nats of a network that knows everything", cross_entropy(tensor(by_step), targets.reshape(-1)).item(),
                cross_entropy(tensor(knows), targets).item())]


@specimen("looks-at-nothing", "7.4, 8.4", "layers/seq2seq/seq2seq.py")
def looks_at_nothing() -> list[Row]:
    """While sampling, the states to attend over are zeros.

    Book    hs = 0 (T, H) for the whole of the sampled text
    Wrong   A score with a zero is zero, all weights are 1/T, and the context is 0: what the network has been taught to
            read from c_t is not there.
    Cure    the states of the text so far, which grow by one with each symbol"""
    hs = states(1, 20, 16)
    attention, query = DotAttention(), hs[:, -1]
    looked = [attention(query * 5, keys) for keys in (hs * 0, hs)]
    entropies = [float(-(values(alpha) * np.log(values(alpha))).sum()) for _, alpha in looked]
    return [Row("largest entry of the context", *(largest(c) for c, _ in looked)),
            Row("e^entropy of the weights over 20 steps", *map(math.exp, entropies))]


@specimen("taught-one-asked-another", "8.4", "layers/seq2seq/decoder.py")
def taught_one_asked_another() -> list[Row]:
    """The network is trained with one attention and sampled with another.

    Book    trained: score = sum of tanh([s; h] W);   sampled: score = s h
    Wrong   The weights and what they lead to differ, although nothing in the program fails. The layer that was trained
            for the score is never used again.
    Cure    one attention object for both; total variation of the weights over 20 steps"""
    hs = states(1, 20, 16)
    query = hs[:, -1]
    trained, asked = AdditiveAttention(16, 16, 16), DotAttention()
    weights = [values(attention(query, hs * 4)[1]) for attention in (asked, trained, trained)]
    return [Row("weights in sampling against those in training", apart(weights[0], weights[1]),
                apart(weights[1], weights[2])),
            Row("largest difference of the contexts", *(difference(sampled(query, hs)[0], trained(query, hs)[0])
                                                        for sampled in (asked, trained)))]


@specimen("summed-instead-of-weighed", "8.4", "layers/attention/scores.py")
def summed_instead_of_weighed() -> list[Row]:
    """The additive score adds its hidden units up instead of weighing them by a vector.

    Book    the formula: v_c tanh([s; h] W_c);   the program: sum over the H units of tanh([s; h] W)
    Wrong   With v_j = 1 for all j no unit can count more than another: learnt is how soon each of them saturates, and
            not what it is worth. And the score, a sum of 256 numbers, begins many times as wide.
    Cure    v, learnt, beginning at 1/sqrt(H) in size or less. Here over states of random texts, before any training."""
    hs = states(2, T, H)
    attention = ConcatAttention(H, H, H)
    query, keys = hs[:, -1:], attention.prepared(hs)
    units = tanh((query @ attention.W[:H])[:, :, None] + keys[:, None])             # (2, 1, T, H)
    vs = [Tensor(attention.v.data * 0 + 1), attention.v]
    return [Row("weights that say what each unit is worth", *(v.size if v.requires_grad else 0 for v in vs)),
            Row("deviation of the scores at the start", *(float(values(units @ v).std(axis=-1).mean()) for v in vs))]


@specimen("bahdanau-by-name", "8.4", "layers/seq2seq/bahdanau.py")
def bahdanau_by_name() -> list[Row]:
    """What is called Bahdanau's attention is Luong's concat.

    Book    a_{t,i} = v_c tanh(W_c [s_t; h_i]),   then s~_t = tanh(W_c [c_t; s_t])
    Wrong   Bahdanau et al. ask by s_{t-1}, before the step, and c_t goes into the step: s_t depends on what was seen.
            With s_t, after the step, and with the tanh behind it, this is the score that Luong et al. call concat.
    Cure    BahdanauDecoder asks by s_{t-1}; ConcatAttention and AdditiveAttention are one function of q and k"""
    hs = states(1, 20, 16)
    additive, concatenated = AdditiveAttention(16, 16, 16), ConcatAttention(16, 16, 16)
    additive.v.data = additive.v.data * 30                 # as decided as a trained one
    concatenated.W.data, concatenated.v.data = concat(additive.W_q, additive.W_k, axis=0).data, additive.v.data
    before, after = hs[:, -2] * 4, hs[:, -1] * 4
    by_book = additive(after, hs * 4)[1]
    by_bahdanau = additive(before, hs * 4)[1]
    return [Row("weights against those of Bahdanau et al.", apart(by_book, by_bahdanau),
                apart(additive(before, hs * 4)[1], by_bahdanau)),
            Row("weights against Luong's concat", difference(by_book, concatenated(after, hs * 4)[1]), None)]
