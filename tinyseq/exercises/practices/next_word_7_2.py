"""Practice 7.2: an LSTM that predicts the next word, its gates, and what it is worth against the plain RNN."""
from dataclasses import replace
from itertools import permutations
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.data import load_corpus
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices import language
from tinyseq.exercises.probes import total
from tinyseq.layers import LSTM, RNN, Embedding, Linear, Module
from tinyseq.layers.recurrent.lstm import LSTMCell
from tinyseq.training import Recipe
from tinyseq.training.words import WordTask

CELLS = {"rnn": RNN, "lstm": LSTM}
LETTERS = 200_000                        # of Tiny Shakespeare, so that an experiment is short


def run(x: Any, W_xh: Any, W_hh: Any, b: Any, order: str = "ifgo") -> dict[str, Any]:
    """The library's gates, the blocks of the weights taken in this order, and kept."""
    cell = LSTMCell(x.shape[2], len(W_hh), "by_tape").astype("float64")
    blocks = {name: np.concatenate([np.split(W, 4, axis=-1)[order.index(gate)] for gate in "ifgo"], axis=-1)
              for name, W in (("W_xh", W_xh), ("W_hh", W_hh), ("b_h", b))}
    cell.load_state_dict(blocks)
    found = {name: gate.numpy() for name, gate in cell.gates(tensor(x), cell.initial_state(len(x))).items()}
    after = np.concatenate((found["f"][:, 1:], np.ones_like(found["f"][:, :1])), axis=1)
    return {name: found[name] for name in "ifo"} | {"kept": np.cumprod(after[:, ::-1], axis=1)[:, ::-1]}


def of_gates(x: Any, W_xh: Any, W_hh: Any, b: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the gates."""
    right = run(x, W_xh, W_hh, b)
    f, kept = right["f"], right["kept"]
    return {
        "the gates read x_t alone: h_{t-1} W_hh is missing in (1)": run(x, W_xh, np.zeros_like(W_hh), b),
        "the bias b is missing in (1)": run(x, W_xh, W_hh, np.zeros_like(b)),
        **{f"the blocks of (1) are taken in the order {', '.join(order)}, and lie in the order i, f, g, o":
           run(x, W_xh, W_hh, b, "".join(order)) for order in permutations("ifgo") if "".join(order) != "ifgo"},
        "i, f and o are returned before their sigmoid, (2)":
            {name: np.log(right[name]) - np.log1p(-right[name]) for name in "ifo"},
        "kept_t is the product of the gates up to t, and (6) that of those after t": {"kept": np.cumprod(f, axis=1)},
        "kept_t has its own gate f_t in it, and the product (6) begins with f_{t+1}": {"kept": kept * f},
        "kept is a sum of gates, and (6) is their product":
            {"kept": f.sum(axis=1, keepdims=True) - np.cumsum(f, axis=1)},
        "kept is a mean of gates, and (6) is their product": {"kept": np.broadcast_to(f.mean(axis=1, keepdims=True),
                                                                                      f.shape)},
        "kept_t is one gate alone, f_{t+1}, and (6) goes on to the last step":
            {"kept": np.concatenate((f[:, 1:], kept[:, -1:]), axis=1)},
    }


@exercise("practice-7.2-gates", "7.2", gives="i (B, T, H), f (B, T, H), o (B, T, H), kept (B, T, H)", likely=of_gates)
def gates(draw: Draw) -> Case:
    """What the gates of an LSTM do along a text, and what is left of a memory.

    (1) a_t        = x_t W_xh + h_{t-1} W_hh + b      (B, 4H)    a_i, a_f, a_g, a_o side by side; h_0 = c_0 = 0
    (2) i, f, o    = sigmoid of a_i, a_f, a_o         (B, H)     and so at each step t = 1 .. T
    (3) g          = tanh(a_g)                        (B, H)
    (4) c_t        = f_t * c_{t-1} + i_t * g_t        (B, H)
    (5) h_t        = o_t * tanh(c_t)                  (B, H)
    (6) kept_t     = f_{t+1} * f_{t+2} * .. * f_T     (B, H)     what c_T holds of c_t; 1 for t = T

    Given   x (B, T, D), W_xh (D, 4H), W_hh (H, 4H), b (4H)
    Hint    The gates of step t need h_{t-1}, so go from step to step and keep what each of them makes.
    Hint    By (4) c_{t+1} holds f_{t+1} * c_t. How much of c_t does c_{t+2} hold, and c_T?
    Hint    kept is made from the end: kept_T is 1, and each kept_t is the kept of the step after it times one gate.
    Look    i: the first H of the 4H columns of (1), through a sigmoid. Is h_{t-1} the state that (5) has made?
    Look    f: the second block of H columns of (1), through a sigmoid.
    Look    o: the blocks lie in the order i, f, g, o; the third is the candidate, which is no gate.
    Look    kept: a product over the steps after t; the gate of step t itself has done its work before."""
    B, T, D, H = draw.sizes(4, least=3)
    x, W_xh, W_hh, b = draw.array(B, T, D), draw.array(D, 4 * H), draw.array(H, 4 * H), draw.array(4 * H)
    return Case({"x": x, "W_xh": W_xh, "W_hh": W_hh, "b": b}, run(x, W_xh, W_hh, b))


def of(nats: Any) -> dict[str, Any]:
    """A number of nats, the bits, the perplexity."""
    return {"nats": np.asarray(nats), "bits": np.log2(np.exp(nats)), "perplexity": np.exp(nats)}


def of_perplexity(y: Any, target: Any, lengths: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the measure."""
    (B, T), is_word = target.shape, np.arange(target.shape[1]) < lengths[:, None]
    lost, turned = (-np.take_along_axis(ln_p.numpy(), target[..., None], axis=2)[..., 0]
                    for ln_p in (ops.log_softmax(tensor(y)), ops.log_softmax(tensor(y), axis=1)))
    total, nats = lost[is_word].sum(), lost[is_word].mean()
    return {
        "padding counts as words: the mean is over all B T places, and in (2) over the N words": of(lost.mean()),
        "the sum is over the words alone and is divided by B T, and in (2) by N, their number": of(total / (B * T)),
        "the mean is taken of each text by itself, then over the texts: in (2) each word counts the same":
            of(np.mean([row[ok].mean() for row, ok in zip(lost, is_word, strict=True)])),
        "the sum is divided by the number of texts B, and in (2) by that of words N": of(total / B),
        "the sum is divided by the number of steps T, and in (2) by that of words N": of(total / T),
        "the sum is not divided by N in (2)": of(total),
        "the sign of (2) is turned: ln p is below 0, and nats above": of(-nats),
        "nats is the logarithm of the mean probability, and (2) the mean of the logarithms":
            of(-np.log(np.exp(-lost[is_word]).mean())),
        "nats is 1 - p or the like on average: the logarithm is missing in (2)": of(1 - np.exp(-lost[is_word]).mean()),
        "the softmax (1) goes along the steps and not along the V words": of(turned[is_word].mean()),
        "the perplexity is a mean of 1/p, and (4) a power of the mean": {"perplexity": np.exp(lost[is_word]).mean()},
        "the perplexity is 2 to the power of nats: to nats belongs the base e, (4)": {"perplexity": 2 ** nats},
        "the perplexity is e to the power of bits: to bits belongs the base 2, (4)":
            {"perplexity": np.exp(np.log2(np.exp(nats)))},
        "bits is nats times ln 2, and in (3) divided by it": {"bits": nats * np.log(2)},
    }


@exercise("practice-7.2-perplexity", "7.2", gives="nats (), bits (), perplexity ()", likely=of_perplexity)
def perplexity(draw: Draw) -> Case:
    """The perplexity of texts of different lengths.

    (1) p_{b,t}    = softmax(y_{b,t})                               (V,)
    (2) nats       = -(1/N) sum_b sum_{t < lengths_b} ln p_{b,t,target_{b,t}}      N = sum_b lengths_b
    (3) bits       = nats / ln 2
    (4) perplexity = e^nats

    Given   y (B, T, V), the logits; target (B, T), ids; lengths (B), whole numbers: what stands behind a text's length
            is padding
    Hint    Each word counts the same, whichever text it stands in. How many words are there?
    Hint    Take the logarithms of all B T places first, then leave out those that are padding.
    Hint    A mask (B, T) says which t are below the length of their row. The mean is one sum over another, and e and
            2 come last.
    Look    nats: a sum over the words that are no padding, over their number; ln p is below 0.
    Look    bits: how many nats are in one bit?
    Look    perplexity: the power of the same base as the logarithm's, of the mean."""
    B, T, V = draw.sizes(3, least=3)
    y, target = 2 * draw.array(B, T, V), draw.ids(V, B, T)
    lengths = 1 + draw.ids(T, B)
    lengths[0], lengths[1] = T, 1
    is_word = np.arange(T) < lengths[:, None]
    nats = float(ops.cross_entropy(tensor(y[is_word]), target[is_word]).numpy())
    return Case({"y": y, "target": target, "lengths": lengths}, of(nats))


def probed(returned: Any, cell: str, V: int, H: int, num_layers: int) -> tuple[Any, ...]:
    """What is found out about a language model."""
    return language.probed(returned, V)


def likely(cell: str, V: int, H: int, num_layers: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    def weights(cell: Any = CELLS[cell], D: int = H, num_layers: int = num_layers, rows: int = V, **other: Any) -> Any:
        return {"weights": rows * H + cell(D, H, num_layers, **other).count() + Linear(H, V).count()}
    return language.likely(V) | {
        "it has the weights of an RNN whatever `cell` says": weights(RNN),
        "it has the weights of an LSTM whatever `cell` says": weights(LSTM),
        "it has the weights of one layer whatever `num_layers` says": weights(num_layers=1),
        "it has the weights of one layer too many": weights(num_layers=num_layers + 1),
        "the words go in one-hot: there is no embedding E, and W_xh has V rows in (2)": weights(D=V, rows=0),
        "E is used for the output as well: W_hy of (3) is missing among the weights": weights(rows=0),
        "b_y is missing in (3): the output has no bias": {"weights": weights()["weights"] - V},
        "it has the weights of both directions, and (2) is one":
            {"weights": V * H + CELLS[cell](H, H, num_layers, bidirectional=True).count() + Linear(2 * H, V).count()},
    }


def parts(cell: str, V: int, H: int, num_layers: int) -> tuple[Module, ...]:
    """The layers of a right model."""
    return Embedding(V, H), CELLS[cell](H, H, num_layers), Linear(H, V)


@exercise("practice-7.2-model", "7.2", probe=probed, likely=likely, parts=parts, gives=language.GIVES)
def model(draw: Draw) -> Case:
    """A recurrent network that reads words and predicts each next one.

    (1) x_t      = E_{id_t}                          (B, H)    the word's row of E (V, H), a layers.Embedding
    (2) h_t, s_t = cell(x_t, s_{t-1})                (B, H)    a layers.RNN or layers.LSTM of num_layers over H inputs
    (3) y_t      = h_t W_hy + b_y                    (B, V)    a layers.Linear: logits of the word at t + 1
    (4) L        = -sum_b sum_t ln softmax(y_{b,t})_{target_{b,t}}    and the number of targets, B T

    Return a layers.LanguageModel: a class that inherits from it, with an `__init__` that makes the layers, the
    recurrent one under the name `stack`, and a `__call__(ids, state=None)` that returns the logits (B, T, V) and the
    state s_T. It has `loss(batch)`, (4), already, which hands the state on from batch to batch.

    Looked at are: how many of its parameters are `silent`, without any part in the loss; the number of its `weights`;
    the `shape` of the logits for ids (3, 5); which steps each step `sees`, and which `rows`; `carried`, 1 if a text
    that is read in two calls, the state handed on, has the loss of one call; `loss`, in parts of (4); and `number`,
    what loss returns beside it. What cannot be computed is -1.

    Given   cell, "rnn" or "lstm"; V, the words; H, the units; num_layers
    Hint    Three layers, one for each of (1) to (3). Print the shape of what each returns for ids (3, 5).
    Hint    The recurrent layer takes the state as its second argument, and returns all h_t and the new state.
    Hint    All h_t go through the Linear at once, since a layer's last axis is the one it works on. What was `state`
            goes in at (2), and what comes out there is returned beside the logits.
    Look    silent: parameters without a gradient have no part in the loss: a layer that is made and never called?
    Look    weights: E (V, H), the recurrent layers over H inputs, W_hy (H, V) and b_y (V,).
    Look    shape: a prediction of V scores at each step of each row.
    Look    sees: the word at t + 1 is predicted from the words up to t, all of them and no later one.
    Look    rows: no text should know of another one; which axis are the rows, and which the steps?
    Look    carried: does (2) begin from the state that was given, and is the state that it ends with returned?
    Look    loss: minus the sum of the logarithms over rows and steps.
    Look    number: of the targets, which are as many as ids."""
    V, H, _ = draw.sizes(3, least=3)
    cell, num_layers = ("rnn", "lstm")[draw.rng.randint(2)], int(draw.rng.randint(1, 4))
    return Case({"cell": cell, "V": V, "H": H, "num_layers": num_layers},
                language.recurrent(V, total(parts(cell, V, H, num_layers))))


def first_words(recipe: Recipe) -> WordTask:
    """The task of predicting words on the first LETTERS letters of Tiny Shakespeare."""
    corpus = load_corpus("shakespeare")
    return WordTask(replace(corpus, text=corpus.text[:LETTERS]), recipe)


@practice("practice-7.2", "7.2", {"cell": ("rnn", "lstm"), "num_layers": (1, 2), "H": (32, 64)},
          measures="perplexity, parameters", seconds=60)
def next_word() -> Baseline:
    """How many layers, how many units, and an LSTM or an RNN, for the next word of Shakespeare.

    Train your model on the first 200,000 letters of Tiny Shakespeare, as words:
    exercises.practices.next_word_7_2.first_words(recipe) is the task, training.words.WordTask on them, and
    len(task.vocabulary) its V. Measure the perplexity on its validation part, e^v for the nats a word v that
    task.validate(model) finds; training.train keeps the best v as `best`. A few hundred steps of 16 rows of 16 words
    are enough. The best row has to beat what counting reaches, interpolated 3-grams of the same training part, in which
    the rare words are one word, unknown, as they are for the model."""
    task = first_words(Recipe(batch=16, seq_len=16))
    found = task.counted(task.validation_ids)["interpolated 3-grams"]
    return Baseline("interpolated 3-grams", found, less_is_better=True)
