"""Practice 8.3: attention in a recurrent encoder-decoder that reads both ways: from letters to phones."""
from collections import Counter, defaultdict
from functools import cache
from typing import Any

from tinyseq.data import Parts, Pronounced, cmudict
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices.translation_7_5 import ATTENTIONS, C, probed, scored
from tinyseq.layers import GRU, LSTM, AdditiveAttention, AttentionalOutput, Embedding, Linear, Module, Output
from tinyseq.training.letters_in_context import alignments
from tinyseq.training.pronunciation import edits, phone_error

LETTERS = 5                              # of the longest word that the practice takes


def weights(V_source: int, V_target: int, H: int, attention: str, units: int = 0, inputs: int = 0, cell: Any = GRU,
            both: bool = True, scored: int = -1, bridge: int = -1, output: Any = None) -> int:
    """How many there are, with other parts in some places."""
    is_on = attention != "none"
    encoder = cell(C, units or H // 2, bidirectional=both)
    decoder = cell(inputs or C + H * is_on, H)
    output = output or (AttentionalOutput(H, H, H, V_target) if is_on else Output(H, V_target))
    if scored < 0:
        scored = AdditiveAttention(H, H, H).count() if attention == "additive" else 0
    if bridge < 0:
        bridge = Linear(encoder.directions * encoder.H, H).count()
    rows = Embedding(V_source, C).count() + Embedding(V_target, C).count()
    return rows + encoder.count() + decoder.count() + scored + bridge + output.count()


def likely(V_source: int, V_target: int, sos: int, eos: int, H: int, attention: str) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    sizes, is_on = (V_source, V_target, H, attention), int(attention != "none")
    causal, known = np.tril(np.ones((3, 3), int)), np.array([[1, 1, 0, 0]] * 3)
    every, alone = np.ones((3, 3), int), np.eye(3, dtype=int)
    return {
        "one row knows of the others through the attention: the softmax (4) goes over the letters of one word":
            {"rows": every if is_on else alone},
        "one row knows of the others: each word is read by itself": {"rows": every},
        "a dot product is not scaled: (3) divides it by sqrt(H)": {"scale": float(attention == "scaled dot")},
        "a dot product is divided by H, and (3) has the root of H": {"scale": (attention == "scaled dot") / H},
        "there is no attention, whatever is asked for": {"looks": known * 0, "weights": weights(*sizes[:3], "none")},
        "there is additive attention whatever is asked for":
            {"looks": known, "weights": weights(*sizes[:3], "additive")},
        "the padding is looked at: the lengths of the words do not reach the attention (4)":
            {"looks": np.ones((3, 4), int) * is_on},
        "the padding is read: pass the lengths to the encoder, so that the backward direction begins at each word's "
        "own end (1)": {"source": np.ones((3, 4), int)},
        "the letters have no part in the answer: the encoder's states reach neither the decoder nor its attention (2)":
            {"source": known * 0},
        "the decoder begins from nothing: s_{-1} comes from the encoder's two ends (2)": {"source": known * is_on},
        "the decoder sees the phones that it is to say: y_t reads those before it alone (5)":
            {"reads": every},
        "the decoder reads one phone alone at each step: s_{t-1} is not handed on (5)":
            {"reads": alone},
        "y_t does not read the phone just before it, id_{t-1}: it is one step late (5)":
            {"reads": causal - alone},
        "the encoder reads in one direction alone, with H units, and (1) has both":
            {"weights": weights(*sizes, units=H, both=False, bridge=0)},
        "the encoder reads in one direction alone, and (1) has both": {"weights": weights(*sizes, units=H, both=False)},
        "the context does not go into the decoder's step: attention stands behind it, as in Luong's decoder, and in "
        "(5) c_t is read beside the phone": {"weights": weights(*sizes, inputs=C)},
        "the output does not read the context: (6) has c_t and s_t side by side":
            {"weights": weights(*sizes, output=Output(H, V_target))},
        "it has the weights of LSTMs, four thirds of a GRU's, and two bridges (1) (5)":
            {"weights": weights(*sizes, cell=LSTM, bridge=2 * Linear(H, H).count())},
        "there is no bridge: one direction's state is handed on without the matrix of (2)":
            {"weights": weights(*sizes, bridge=0)},
        "the bridge reads one direction alone: (2) has both ends side by side":
            {"weights": weights(*sizes, bridge=Linear(H // 2, H).count())},
    }


def parts(V_source: int, V_target: int, sos: int, eos: int, H: int, attention: str) -> tuple[Module, ...]:
    """The layers of a right model."""
    return (
        Embedding(V_source, C), Embedding(V_target, C), GRU(C, H // 2, bidirectional=True), Linear(H, H),
        GRU(C + H * (attention != "none"), H), *scored(H, attention),
        Output(H, V_target) if attention == "none" else AttentionalOutput(H, H, H, V_target))


@exercise("practice-8.3-model", "8.3", probe=probed, likely=likely, parts=parts,
          gives="silent (), weights (), shape (axis), reads (t, r), source (t, j), rows (b, a), looks (t, j), "
                "total (t), scale ()")
def model(draw: Draw) -> Case:
    """An encoder that reads both ways, and a decoder that looks before it steps.

    (1) h_j      = [f_j; g_j]                               (B, Tk, H)  a forward and a backward GRU over E[source], of
                                                            32 columns; each has H/2 units, and begins at its own end
    (2) s_{-1}   = tanh([f_Tk; g_1] W + b)                  (B, H)      the bridge, which a Seq2Seq makes by itself
    (3) e_tj     = v tanh(s_{t-1} W_q + h_j W_k)                        attention "additive", v of H numbers
                   s_{t-1} h_j / sqrt(H)                                attention "scaled dot"
    (4) alpha_t  = softmax over j of e_tj,  c_t = sum_j alpha_tj h_j    (B, H)   over the letters alone, not the padding
    (5) s_t      = GRU'([E'[id_{t-1}]; c_t], s_{t-1})       (B, H)      id_{-1} is SOS; E' has 32 columns
    (6) u_t      = tanh([c_t; s_t] W_c)                     (B, H)
    (7) y_t      = u_t W_y + b_y                            (B, V_target)

    With attention "none" there is no c_t: GRU' reads E'[id_{t-1}] alone, and u_t = s_t.

    Return a layers.Seq2Seq(encoder, decoder, sos, eos), or a class that inherits from it; it has `loss`, `start` and
    `step` already. Its decoder is a layers.BahdanauDecoder over layers.AttentionalOutput, or a layers.PlainDecoder over
    layers.Output; keep the names `decoder` and `decoder.attention`.

    Looked at are: how many of its parameters are `silent`, without any part in the loss; the number of its `weights`;
    the `shape` of y; which phones y_t `reads` of those that the decoder is given; on which letters of the `source` y_t
    hangs, for a word of two letters and two places of padding; which `rows` hang on which; where the decoder `looks` in
    this word, alpha above 0, and the `total` of its weights there at each step; and `scale`, by what the dot product of
    query and key is multiplied in the scores, 0 where they are no multiple of it.

    Given   V_source letters, V_target phones; sos, eos, ids of the target; H units, an even number; attention, one of
            "additive", "scaled dot", "none"
    Hint    Write down the width of what each GRU reads, and of what it returns, with attention and without.
    Hint    A backward GRU begins at the last letter. In a batch of words of different lengths, who tells it where that
            is, and who tells the attention?
    Hint    layers.GRU(32, H // 2, bidirectional=True) is (1), whose states are H wide. The decoder's GRU reads 32 + H
            numbers with attention and 32 without.
    Look    silent: a layer that is made and never called.
    Look    weights: two tables, a GRU in two directions, the bridge W (H, H) and b (H,), the decoder's GRU, whose W_xh
            is (32 + H, 3H) with attention; W_q, W_k and v if it is additive; W_c; W_y and b_y.
    Look    shape: V_target numbers for each symbol of each target.
    Look    reads: y_t hangs on SOS and on the phones before it, those at 0 .. t of what the decoder is given.
    Look    source: every letter of the word, and no padding behind it.
    Look    rows: no word knows of another one.
    Look    looks: alpha is above 0 for each letter of the word, and 0 for padding.
    Look    total: the weights of the letters add up to 1 at each step; is padding gone before the softmax or behind it?
    Look    scale: 1 / sqrt(H) for the scaled dot product."""
    V_source, V_target, half = draw.sizes(3, least=4)
    attention = ATTENTIONS[int(draw.rng.randint(3))]
    known = np.array([[1, 1, 0, 0]] * 3)
    return Case({"V_source": V_source, "V_target": V_target, "sos": 1, "eos": 2, "H": 2 * half, "attention": attention},
                {"silent": np.asarray(0), "weights": np.asarray(weights(V_source, V_target, 2 * half, attention)),
                 "shape": np.array([3, 3, V_target]), "reads": np.tril(np.ones((3, 3), int)), "source": known,
                 "rows": np.eye(3, dtype=int), "looks": known * (attention != "none"),
                 "total": np.full(3, float(attention != "none")),
                 "scale": np.asarray((2 * half) ** -0.5 if attention == "scaled dot" else 0.0)})


def tables(said: Any, said_lengths: Any, right: Any, right_lengths: Any,
           change: int = 1, edge: int = 1, gap: int = 1) -> Any:
    """(1) of all words, where a change costs `change`, and a symbol of nothing `edge`; gap: 1 if one that is left out
    always costs 1, 0 if it costs nothing where the symbols are the same."""
    N, (Ta, Tb) = len(said), (said.shape[1], right.shape[1])
    d = np.zeros((N, Ta + 1, Tb + 1), int)
    for n in range(N):
        for i in range(said_lengths[n] + 1):
            for j in range(right_lengths[n] + 1):
                if not i or not j:
                    d[n, i, j] = edge * (i + j)
                    continue
                differs = int(said[n, i - 1] != right[n, j - 1])
                left_out = max(gap, differs)
                d[n, i, j] = min(d[n, i - 1, j] + left_out, d[n, i, j - 1] + left_out,
                                 d[n, i - 1, j - 1] + change * differs)
    return d


def likely_of_error(said: Any, said_lengths: Any, right: Any, right_lengths: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    lengths = said_lengths, right_lengths
    d = tables(said, said_lengths, right, right_lengths)
    rows = np.arange(len(said))
    changes, longer = d[rows, said_lengths, right_lengths], np.maximum(*lengths)
    whole = [np.full(len(x), x.shape[1]) for x in (said, right)]
    of_whole = tables(said, whole[0], right, whole[1])
    M = min(said.shape[1], right.shape[1])

    def with_costs(**costs: int) -> Any:
        return tables(said, said_lengths, right, right_lengths, **costs)[rows, said_lengths, right_lengths]
    apart = ((said[:, :M] != right[:, :M]) & (np.arange(M) < np.minimum(*lengths)[:, None])).sum(axis=1)
    return {
        "what stands behind the words' ends is compared as well: edits is d at both lengths (2)":
            {"edits": of_whole[:, -1, -1]},
        "a change costs 2, as a deletion and an insertion, and in (1) it is one edit":
            {"edits": with_costs(change=2)},
        "the table's first row and column are 0, so what is left out at the beginning costs nothing; in (1) "
        "d[i, 0] = i and d[0, j] = j": {"edits": with_costs(edge=0)},
        "a deletion or insertion costs nothing where the symbols are the same; in (1) it is d[i-1, j] + 1 and "
        "d[i, j-1] + 1 everywhere": {"edits": with_costs(gap=0)},
        "changes are not allowed, or cost too much: (1) takes d[i-1, j-1] + 1 as well where symbols differ":
            {"edits": with_costs(change=3)},
        "places are compared one by one, and a phone left out moves all behind it: (1) looks for the fewest edits":
            {"edits": apart + abs(said_lengths - right_lengths)},
        "phones compares with what is said: the edits are divided by the symbols of `said`, and in (3) by those of "
        "`right`": {"phones": changes.sum() / said_lengths.sum()},
        "phones is a mean over the words, and (3) divides sum by sum": {"phones": (changes / right_lengths).mean()},
        "phones is divided by the longer one of the two, and in (3) by `right`":
            {"phones": changes.sum() / longer.sum()},
        "phones is divided by the number of words, and in (3) by the phones": {"phones": changes.mean()},
        "words counts those that are right, and (4) those that are wrong": {"words": (changes == 0).mean()},
        "words is the number of wrong ones, and in (4) their part": {"words": (changes > 0).sum()},
    }


@exercise("practice-8.3-error", "8.3", gives="edits (N), phones (), words ()", likely=likely_of_error)
def error(draw: Draw) -> Case:
    """How wrong a pronunciation is: in phones, and in words.

    Word n is said as the first said_lengths[n] symbols of said[n], and should be the first right_lengths[n] of
    right[n]; what stands behind them means nothing.

    (1) d[i, j]  = the fewest insertions, deletions and changes of single symbols that make the first j of `right` out
                   of the first i of `said`:  d[i, 0] = i,  d[0, j] = j,  and else the least of
                   d[i-1, j] + 1,  d[i, j-1] + 1,  d[i-1, j-1] + (0 where symbols i-1 and j-1 are the same, else 1)
    (2) edits    = d at the two lengths                                                                 (N)
    (3) phones   = the sum of edits / the sum of right_lengths                phone error
    (4) words    = the part of the words with an edit or more                 word error

    Given   said (N, Ta); said_lengths (N); right (N, Tb); right_lengths (N)
    Hint    Fill the table d for K AE T and K AA R T with a pencil: which are its first row and its first column?
    Hint    Each entry needs the one above, the one to the left and the one between both. In which order can they be
            filled?
    Hint    Two loops over i and j, from 1 on, in a table of one more row and column than there are symbols; the symbol
            that belongs to row i is said[n, i - 1].
    Look    edits: how many edits is it to nothing, from nothing, and between equal words? Where does each word end?
    Look    phones: one division at the very end: long words weigh more than short ones.
    Look    words: one edit is enough to make a word wrong."""
    N, Ta, Tb = draw.sizes(3, least=5)
    right, said_lengths = draw.ids(4, N, Tb), 1 + draw.ids(Ta, N)
    right_lengths = 1 + draw.ids(Tb, N)
    said = draw.ids(4, N, Ta)
    M = min(Ta, Tb) - 1
    said[:, :M] = np.where(draw.rng.random_sample((N, M)) < 0.5, right[:, 1:M + 1], said[:, :M])
    said[0], said[0, :M], said_lengths[0], right_lengths[0] = 0, right[0, :M], M, M
    spoken, meant = ([tuple(row[:n]) for row, n in zip(x.tolist(), lengths, strict=True)]
                     for x, lengths in ((said, said_lengths), (right, right_lengths)))
    of_each = np.array([edits(a, b) for a, b in zip(spoken, meant, strict=True)])
    entries = [Pronounced("", (b,)) for b in meant]
    return Case({"said": said, "said_lengths": said_lengths, "right": right, "right_lengths": right_lengths},
                {"edits": of_each, "phones": np.asarray(phone_error(spoken, entries)),
                 "words": np.asarray((of_each > 0).mean())})


@cache
def short_words() -> Parts[Pronounced]:
    """The words of the CMU dictionary that have at most LETTERS letters."""
    return Parts(*([entry for entry in part if len(entry.word) <= LETTERS] for part in cmudict()))


@practice("practice-8.3", "8.3", {"attention": ATTENTIONS, "H": (16, 64)},
          measures="phone_error, word_error, parameters", seconds=60)
def pronunciation() -> Baseline:
    """What attention is good for in pronunciation, where the state is narrow and where it is wide.

    Train your model with each attention and H units on the words of exercises.practices.pronunciation_8_3.short_words()
    and measure the phone error and the word error on the validation part, greedily.
    training.pronunciation.PronunciationTask(short_words(), recipe) is the task: its `sizes` are V_source, V_target, sos
    and eos, and its `errors(model, task.parts.validation)` gives word error and phone error. The best row has to beat
    letters one by one: each says what it says most often, whatever stands beside it."""
    parts = short_words()
    pairs = [(entry.word, phones) for entry in parts.train for phones in entry.pronunciations]
    says: dict[str, Counter[Any]] = defaultdict(Counter)
    for (word, _), sayings in zip(pairs, alignments(pairs), strict=True):
        for letter, phones in zip(word, sayings, strict=True):
            says[letter][phones] += 1
    best = {letter: counts.most_common(1)[0][0] for letter, counts in says.items()}
    said = [tuple(phone for letter in entry.word for phone in best[letter]) for entry in parts.validation]
    return Baseline("letters one by one", phone_error(said, parts.validation), less_is_better=True)
