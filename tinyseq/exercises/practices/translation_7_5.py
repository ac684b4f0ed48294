"""Practice 7.5: attention in an encoder-decoder that translates."""
from collections import Counter
from functools import cache
from types import SimpleNamespace
from typing import Any

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import to_host
from tinyseq.data import Pair, Parts, counting, fra_eng, tokens
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.probes import as_model, count, mixes, scores, sees, silent, values
from tinyseq.layers import GRU, LSTM, RNN, AdditiveAttention, AttentionalOutput, Embedding, Module, Output
from tinyseq.layers.seq2seq.seq2seq import shifted
from tinyseq.training import Recipe
from tinyseq.training.answering import AnsweringTask
from tinyseq.training.translation import TranslationTask

ATTENTIONS = ("additive", "scaled dot", "none")
C = 32                                   # of a word's row, on both sides


def probed(returned: Any, V_source: int, V_target: int, sos: int, eos: int, H: int, attention: str) -> tuple[Any, ...]:
    """What is found out about a translator, with sources of 4, 2 and 3 words and targets of up to 3."""
    model = as_model(returned).astype("float64").eval()
    sizes = SimpleNamespace(V_source=V_source, V_target=V_target, eos=eos)
    batch = AnsweringTask.tiny_batch(sizes, np.random.default_rng(0))
    source, ids, lengths = batch.source, shifted(batch.target, sos), batch.source_lengths
    logits, alpha = model(source, ids, lengths)
    shape = np.asarray(scores(logits).shape)
    slope = np.asarray(scale(model, H))
    if tuple(shape) != (3, 3, V_target):                   # nothing else can be found out
        unknown = (np.full(size, -1) for size in ((3, 3), (3, 4), (3, 3), (3, 4), 3))
        return np.asarray(-1), count(model), shape, *unknown, slope
    alpha = np.zeros((3, 4)) if alpha is None else values(alpha).reshape(-1, 3, 4)[1]
    return (silent(model, model.loss(batch)[0]), count(model), shape,
            sees(lambda ids: model(source, ids, lengths)[0], ids),
            sees(lambda source: model(source, ids, lengths)[0][1:2], source),
            mixes(lambda source: model(source, ids, lengths)[0], source), (alpha > 0).astype(int), alpha.sum(axis=1),
            slope)


def scale(model: Any, H: int) -> float:
    """What the dot product of query and key is multiplied by in the attention's scores; 0 if they are no multiple of
    it, or if there is no attention."""
    attention = getattr(getattr(model, "decoder", None), "attention", None)
    if attention is None:
        return 0.0
    rng = np.random.RandomState(0)
    query, keys = rng.standard_normal((1, H)), rng.standard_normal((1, 3, H))
    try:
        scores = np.log(values(attention(tensor(query), tensor(keys))[1]).reshape(3))
    except (ValueError, TypeError):                        # its keys are of another width
        return -1.0
    slopes = (scores[1:] - scores[0]) / ((keys[0, 1:] - keys[0, 0]) @ query[0])
    return float(slopes[0]) if np.isclose(*slopes) else 0.0


def weights(V_source: int, V_target: int, H: int, attention: str, cell: Any = GRU, inputs: int = C,
            output: Any = None) -> int:
    """How many there are, with other parts in some places."""
    output = output or (Output(H, V_target) if attention == "none" else AttentionalOutput(H, H, H, V_target))
    scored = AdditiveAttention(H, H, H).count() if attention == "additive" else 0
    rows = Embedding(V_source, C).count() + Embedding(V_target, C).count()
    return rows + cell(C, H).count() + cell(inputs, H).count() + scored + output.count()


def likely(V_source: int, V_target: int, sos: int, eos: int, H: int, attention: str) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    sizes, is_on = (V_source, V_target, H, attention), int(attention != "none")
    causal = np.tril(np.ones((3, 3), int))
    known = np.array([[1, 1, 0, 0]] * 3)
    every, alone = np.ones((3, 3), int), np.eye(3, dtype=int)
    return {
        "one row knows of the others by the attention: the softmax (4) goes over the keys, the words of one source":
            {"rows": every if is_on else alone},
        "one row knows of the others: each sentence is translated by itself": {"rows": every},
        "a dot product is not scaled: (3) divides it by sqrt(H)": {"scale": float(attention == "scaled dot")},
        "a dot product is divided by H, and (3) has the root of H": {"scale": (attention == "scaled dot") / H},
        "there is no attention, whatever is asked for": {"looks": known * 0, "weights": weights(*sizes[:3], "none")},
        "there is additive attention whatever is asked for": {"looks": known,
                                                              "weights": weights(*sizes[:3], "additive")},
        "the padding is looked at: the lengths of the sources do not reach the attention (4)":
            {"looks": np.ones((3, 4), int) * is_on},
        "the padding is read: pass the lengths of the sources to the encoder (1)": {"source": np.ones((3, 4), int)},
        "the source has no part in the answer: the encoder's states reach neither the decoder nor its attention (2)":
            {"source": known * 0},
        "the decoder begins from nothing: s_{-1} is the encoder's last state (2)":
            {"source": known * is_on},
        "the decoder sees the words that it is to say: y_t reads those before it alone (2)":
            {"reads": every},
        "the decoder reads one word alone at each step: s_{t-1} is not handed on (2)": {"reads": alone},
        "y_t does not read the word just before it, id_{t-1}: it is one step late (2)":
            {"reads": causal - alone},
        "the output knows the context alone: (5) has c_t and s_t side by side":
            {"weights": weights(*sizes, output=Output(H, V_target))},
        "the context goes into the decoder's step, as in Bahdanau's decoder; in (2) it reads the word alone":
            {"weights": weights(*sizes, inputs=C + H * is_on)},
        "it has the weights of LSTMs, four thirds of a GRU's (1) (2)": {"weights": weights(*sizes, cell=LSTM)},
        "it has the weights of simple RNNs, a third of a GRU's (1) (2)": {"weights": weights(*sizes, cell=RNN)},
        "both sides share one table of rows, and each language has its own (1) (2)":
            {"weights": weights(*sizes) - Embedding(V_source, C).count()},
        "the bridge between encoder and decoder has weights, and (2) hands h_Tk on as it is":
            {"weights": weights(*sizes) + Output(H, H).count()},
    }


def parts(V_source: int, V_target: int, sos: int, eos: int, H: int, attention: str) -> tuple[Module, ...]:
    """The layers of a right model."""
    return (
        Embedding(V_source, C), Embedding(V_target, C), GRU(C, H), GRU(C, H), *scored(H, attention),
        Output(H, V_target) if attention == "none" else AttentionalOutput(H, H, H, V_target))


def scored(H: int, attention: str) -> tuple[Module, ...]:
    """The attention, where it has weights."""
    return (AdditiveAttention(H, H, H),) if attention == "additive" else ()


@exercise("practice-7.5-model", "7.5", probe=probed, likely=likely, parts=parts,
          gives="silent (), weights (), shape (axis), reads (t, r), source (t, j), rows (b, a), looks (t, j), "
                "total (t), scale ()")
def model(draw: Draw) -> Case:
    """An encoder-decoder that translates, with the attention that is asked for.

    (1) h_1 .. h_Tk = GRU(E[source])                    (B, Tk, H)  one direction, a layers.Encoder; E has 32 columns
    (2) s_t         = GRU'(E'[id_{t-1}], s_{t-1})       (B, H)      s_{-1} = h_Tk; id_{-1} is SOS; E' has 32 columns
    (3) e_tj        = v tanh(s_t W_q + h_j W_k)                     attention "additive", v of H numbers
                      s_t h_j / sqrt(H)                             attention "scaled dot"
    (4) alpha_t     = softmax over j of e_tj,  c_t = sum_j alpha_tj h_j   (B, H)     over the words of the source alone
    (5) u_t         = tanh([c_t; s_t] W_c)              (B, H)      with attention "none" u_t = s_t, without (3) and (4)
    (6) y_t         = u_t W_y + b_y                     (B, V_target)

    Return a layers.Seq2Seq(encoder, decoder, sos, eos), or a class that inherits from it; it has `loss`, `start` and
    `step` already. Its decoder is a layers.LuongDecoder over layers.AttentionalOutput, or a layers.PlainDecoder over
    layers.Output; keep the names `decoder` and `decoder.attention`.

    Looked at are: how many of its parameters are `silent`, without any part in the loss; the number of its `weights`;
    the `shape` of y; which words y_t `reads` of those that the decoder is given; on which words of the `source` y_t
    hangs, for a source of two words and two places of padding; which `rows` hang on which; where the decoder `looks` in
    this source, alpha above 0, and the `total` of its weights there at each step; and `scale`, by what the dot product
    of query and key is multiplied in the scores, 0 where they are no multiple of it.

    Given   V_source, V_target words; sos, eos, ids of the target; H units; attention, one of the three names
    Hint    Draw the parts: encoder, decoder, and between them what "none" hands over, and what the other two do.
    Hint    An Encoder takes an Embedding and a stack, a LuongDecoder an Embedding, a stack, an attention and an output.
            Queries are the states s_t, keys the states h_j: how wide are both?
    Hint    layers.DotAttention has an argument for the root in (3). AttentionalOutput(H, H, H, V_target) is (5) and (6)
            for contexts and states of width H, Output(H, V_target) is (6) alone.
    Look    silent: a layer that is made and never called; without attention the encoder is heard by s_{-1} alone.
    Look    weights: two tables, two GRUs, W_q, W_k and v if it is additive, W_c if there is attention, W_y and b_y.
    Look    shape: V_target numbers for each symbol of each target.
    Look    reads: y_t hangs on SOS and on the words before it, those at 0 .. t of what the decoder is given.
    Look    source: every word of the source, and no padding behind it.
    Look    rows: no sentence knows of another one.
    Look    looks: alpha is above 0 for each word of the source, and 0 for padding.
    Look    total: the weights of the words add up to 1 at each step; is padding gone before the softmax, or behind it?
    Look    scale: 1 / sqrt(H) for the scaled dot product."""
    V_source, V_target, H = draw.sizes(3, least=5)
    attention = ATTENTIONS[int(draw.rng.randint(3))]
    causal, known = np.tril(np.ones((3, 3), int)), np.array([[1, 1, 0, 0]] * 3)
    return Case({"V_source": V_source, "V_target": V_target, "sos": 1, "eos": 2, "H": H, "attention": attention},
                {"silent": np.asarray(0), "weights": np.asarray(weights(V_source, V_target, H, attention)),
                 "shape": np.array([3, 3, V_target]), "reads": causal, "source": known, "rows": np.eye(3, dtype=int),
                 "looks": known * (attention != "none"), "total": np.full(3, float(attention != "none")),
                 "scale": np.asarray(H ** -0.5 if attention == "scaled dot" else 0.0)})


def likely_of_teacher(target: Any, lengths: Any, y: Any, sos: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    B, Tq, V = y.shape
    is_word = np.arange(Tq) < lengths[:, None]
    P, one_hot = to_host(ops.softmax(tensor(y)).data), np.eye(V)[target]
    lost = -np.log((P * one_hot).sum(axis=2))
    ahead, other = np.roll(target, -1, axis=1), to_host(ops.softmax(tensor(y), axis=1).data)
    return {
        "read is the target itself: the decoder reads the word that it is to say (1)": {"read": target},
        "read is the target without its first word: it runs ahead, and (1) is one behind":
            {"read": np.concatenate([ahead[:, :-1], np.full((B, 1), sos)], axis=1)},
        "read begins with the target's last symbol, as np.roll has it, and (1) with SOS":
            {"read": np.roll(target, 1, axis=1)},
        "the softmax goes over the steps, axis 1, and in (2) over the words":
            {"L": -(np.log((other * one_hot).sum(axis=2)) * is_word).sum()},
        "L counts the places behind a target's end as well (3)": {"L": lost.sum()},
        "L is a mean over the symbols, and in (3) a sum": {"L": lost[is_word].mean()},
        "L is a mean over the sentences, and in (3) a sum": {"L": lost[is_word].sum() / B},
        "L lacks the minus of (3)": {"L": -lost[is_word].sum()},
        "number counts the places behind a target's end as well (4)": {"number": B * Tq},
        "number is that of the sentences, and in (4) that of the symbols": {"number": B},
        "number leaves EOS out, and it is predicted, too (4)": {"number": lengths.sum() - B},
        "dy is not 0 behind a target's end (5)": {"dy": P - one_hot},
        "dy lacks the one-hot of the target (5)": {"dy": P * is_word[..., None]},
        "the sign of dy is turned (5)": {"dy": (one_hot - P) * is_word[..., None]},
        "dy is divided by the number of symbols, and L is a sum (5)":
            {"dy": (P - one_hot) * is_word[..., None] / lengths.sum()},
    }


@exercise("practice-7.5-teacher", "7.5", gives="read (B, Tq), L (), number (), dy (B, Tq, V)", likely=likely_of_teacher)
def teacher(draw: Draw) -> Case:
    """What the decoder reads, what it is to say, and what padding costs.

    In training the decoder is given the true words before each word (teacher forcing). Sentence b has lengths[b]
    symbols, the last of which is EOS; behind it stand any ids.

    (1) read[b, 0] = sos,  read[b, t] = target[b, t-1]                          (B, Tq)
    (2) P[b, t]    = softmax over v of y[b, t, v]                               (B, Tq, V)
    (3) L          = -sum_b sum_{t < lengths[b]} ln P[b, t, target[b, t]]
    (4) number     = how many symbols are predicted, over all sentences
    (5) dy         = dL/dy                                                      (B, Tq, V)

    Given   target (B, Tq); lengths (B); y (B, Tq, V), the logits; sos
    Hint    Write a target of three words and EOS down, and below it what the decoder has read before each.
    Hint    What does a place behind the end add to L? And so, what is its gradient?
    Hint    The gradient of -ln P[v] is P - onehot(v); a mask (B, Tq), np.arange(Tq) < lengths[:, None], is 1 where
            there is a symbol.
    Look    read: the word before the one that is to be said; before the first one there is SOS.
    Look    L: a sum over the symbols of each sentence, EOS among them, and nothing behind it.
    Look    number: L / number is the nats a word.
    Look    dy: rows that add up to 0, and are 0 behind the end."""
    B, Tq, V = draw.sizes(3, least=3)
    target, lengths, y = draw.ids(V - 1, B, Tq), 1 + draw.ids(Tq - 1, B), draw.array(B, Tq, V)
    lengths[0] = Tq
    wanted = np.where(np.arange(Tq) < lengths[:, None], target, -1)
    logits = tensor(y, requires_grad=True)
    L = ops.cross_entropy(logits, wanted, ignore_index=-1, reduction="sum")
    (dy,) = gradients(L, [logits])
    return Case({"target": target, "lengths": lengths, "y": y, "sos": V - 1},
                {"read": shifted(target, V - 1), "L": L.numpy(), "number": lengths.sum(), "dy": to_host(dy)})


@cache
def frequent_pairs() -> Parts[Pair]:
    """The pairs of fra-eng whose English has at most 8 words, and in which every word, on both sides, stands in at
    least 150 pairs of the training part: 14,016 to train, with about 500 words on each side."""
    whole = fra_eng()
    counts = Counter(word for pair in whole.train for side in (pair.source, pair.target) for word in set(tokens(side)))

    def is_easy(pair: Pair) -> bool:
        words = tokens(pair.source) + tokens(pair.target)
        return len(tokens(pair.source)) <= 8 and all(counts[word] >= 150 for word in words)
    return Parts(*([pair for pair in part if is_easy(pair)] for part in whole))


@practice("practice-7.5", "7.5", {"attention": ATTENTIONS, "H": (16, 64)}, measures="nats, exact, parameters",
          seconds=60)
def translation() -> Baseline:
    """What attention is good for in translation, where the state is narrow and where it is wide.

    Train your model with each attention and H units to translate the short English sentences of frequent words that
    exercises.practices.translation_7_5.frequent_pairs() holds, and measure on the validation part the nats a word,
    EOS counted, and `exact`, the part of the sentences whose translation is, word for word, one of those listed.
    training.translation.TranslationTask("book-pairs", frequent_pairs(), recipe) is the task: its `sizes` are V_source,
    V_target, sos and eos, its `validate(model)` gives the nats, `translated(model, sentences)` translates; the
    functions `references` and `exact` stand beside it. The best row has to beat a model that never sees the English:
    the French words, counted in pairs."""
    parts = frequent_pairs()
    task = TranslationTask("book-pairs", parts, Recipe(seq_len=20))
    train, validation = (np.concatenate([np.append(task.targets.encode(tokens(pair.target)), task.targets.eos)
                                         for pair in part]) for part in parts[:2])
    return Baseline("French words counted in pairs", counting(train, validation, len(task.targets), 2),
                    less_is_better=True)
