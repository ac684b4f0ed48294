"""Practice 7.4: a network that reads a message in both directions and says what it is, against one direction."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import no_grad, tensor
from tinyseq.backend import to_device, to_host
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.probes import as_model, count, drops, mixes, scores, sees, silent, total, values
from tinyseq.layers import GRU, LSTM, RNN, Embedding, Linear, Module
from tinyseq.ops import reverse
from tinyseq.training import Recipe
from tinyseq.training.classification import ClassificationTask, LabelledBatch, words
from tinyseq.training.naive_bayes import NaiveBayes

LENGTHS = np.array([6, 3, 5, 1])         # of the texts that a model is tried with
B, T = len(LENGTHS), int(LENGTHS.max())
IS_STEP = np.arange(T) < LENGTHS[:, None]


def with_axis(is_step: Any) -> Any:
    """(B, T) -> (B, T, 1)"""
    return is_step[..., None]


def of_pool(h: Any, lengths: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the two vectors."""
    steps = h.shape[1]
    here, n = with_axis(np.arange(steps) < lengths[:, None]), lengths[:, None]
    zeroed, one_more = np.where(here, h, 0), with_axis(np.arange(steps) <= lengths[:, None])
    one_less = with_axis(np.arange(steps) < np.maximum(lengths - 1, 1)[:, None])
    hidden = np.where(here, h, -np.inf)
    return {
        "padding is read as if it were text: both go over all T steps":
            {"largest": h.max(axis=1), "mean": h.mean(axis=1)},
        "padding was set to 0 and takes part: 0 wins where all of a text's numbers are below it, and the mean is "
        "divided by T": {"largest": zeroed.max(axis=1), "mean": zeroed.mean(axis=1)},
        "padding takes part in the maximum": {"largest": h.max(axis=1)},
        "padding takes part in the maximum as 0, which wins where all of a text's numbers are below it":
            {"largest": zeroed.max(axis=1)},
        "padding takes part in the mean": {"mean": h.mean(axis=1)},
        "the sum leaves the padding out and is divided by T, and in (2) by the length": {"mean": zeroed.mean(axis=1)},
        "padding takes part in the sum, which is divided by the length": {"mean": h.sum(axis=1) / n},
        "the sum is not divided by the length in (2)": {"mean": zeroed.sum(axis=1)},
        "the sum is divided by the mean length, the same for all rows": {"mean": zeroed.sum(axis=1) / lengths.mean()},
        "largest is that of the absolute values, and (1) minds the sign": {"largest": np.abs(zeroed).max(axis=1)},
        "largest is the place of the maximum, and (1) its value": {"largest": hidden.argmax(axis=1)},
        "largest is the smallest": {"largest": np.where(here, h, np.inf).min(axis=1)},
        "largest and mean are exchanged": {"largest": zeroed.sum(axis=1) / n, "mean": hidden.max(axis=1)},
        "one place of padding is read as well, t <= length": {
            "largest": np.where(one_more, h, -np.inf).max(axis=1),
            "mean": (h * one_more).sum(axis=1) / one_more.sum(axis=1)},
        "the last step of each text is left out": {
            "largest": np.where(one_less, h, -np.inf).max(axis=1),
            "mean": (h * one_less).sum(axis=1) / one_less.sum(axis=1)},
        "both go along the C numbers of a step, and should go over the steps": {"largest": hidden.max(axis=2)},
        "all rows are cut at the shortest length": {
            "largest": h[:, :lengths.min()].max(axis=1), "mean": h[:, :lengths.min()].mean(axis=1)},
    }


@exercise("practice-7.4-pool", "7.4", gives="largest (B, C), mean (B, C)", likely=of_pool)
def pool(draw: Draw) -> Case:
    """One vector for a text of any length: maximum and mean over its steps.

    (1) largest[b, c] = max_{t < lengths_b} h[b, t, c]                              (B, C)
    (2) mean[b, c]    = (1 / lengths_b) sum_{t < lengths_b} h[b, t, c]              (B, C)

    Given   h (B, T, C), where any numbers may stand behind a text's length; lengths (B), whole numbers from 1 to T
    Hint    What stands behind the length is padding. Which number in its place can never be a maximum?
    Hint    A mask (B, T, 1) says which steps are below the length; for the sum another number must stand elsewhere.
    Hint    np.where chooses between h and that number, once for each of the two; what is the sum divided by?
    Look    largest: may numbers below 0 be the largest of a text? Then 0 must not stand in the padding.
    Look    mean: how many steps has this row?"""
    size, steps, C = draw.sizes(3, least=3)
    h, lengths = draw.array(size, steps, C) - 0.5, 1 + draw.ids(steps, size)
    lengths[0], lengths[1] = 1, steps - 1
    hidden = with_axis(np.arange(steps) < lengths[:, None])
    largest = ops.where(to_device(hidden), tensor(h), -np.inf).max(axis=1).numpy()
    mean = np.stack([row[:length].mean(axis=0) for row, length in zip(h, lengths, strict=True)])
    return Case({"h": h, "lengths": lengths}, {"largest": largest, "mean": mean})


def of_turn(x: Any, f: Any, g: Any, lengths: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the reversed texts and of the ends."""
    rows, steps = np.arange(len(x)), np.arange(x.shape[1])
    is_step = with_axis(steps < lengths[:, None])
    turned, end = to_host(reverse(tensor(x), lengths).data) * is_step, lengths - 1
    def ends(one: Any, other: Any) -> dict[str, Any]:
        return {"p": np.concatenate((one, other), axis=1)}
    return {
        "the whole row of T steps is turned, so that its padding comes first": {"y": x[:, ::-1]},
        "the padding was set to 0 and the whole row of T steps turned, so that its padding comes first":
            {"y": (x * is_step)[:, ::-1]},
        "what stands behind the length is left as it was, and in (1) it is 0": {"y": np.where(is_step, turned, x)},
        "nothing is turned": {"y": x * is_step},
        "the rows of the batch are turned, and not the steps": {"y": (x * is_step)[::-1]},
        "the numbers of a step are turned, and not the steps": {"y": (x * is_step)[..., ::-1]},
        "it is one step off: y[b, 0] is what stands right behind the text":
            {"y": np.where(is_step, x[rows[:, None], np.clip(lengths[:, None] - steps, 0, x.shape[1] - 1)], 0)},
        "the forward direction is taken at the last of the T steps, which is padding where the text is shorter":
            ends(f[:, -1], g[:, 0]),
        "both directions are taken at the last of the T steps": ends(f[:, -1], g[:, -1]),
        "both directions are taken at the last step of the text, where the backward one has read one step alone":
            ends(f[rows, end], g[rows, end]),
        "both directions are taken at step 0, where the forward one has read one step alone": ends(f[:, 0], g[:, 0]),
        "each direction is taken where it begins, and should be where it has ended": ends(f[:, 0], g[rows, end]),
        "forward and backward halves are exchanged": ends(g[:, 0], f[rows, end]),
        "the forward direction is taken one step early": ends(f[rows, np.maximum(end - 1, 0)], g[:, 0]),
        "the forward direction is taken one step late, behind the text":
            ends(f[rows, np.minimum(lengths, f.shape[1] - 1)], g[:, 0]),
    }


@exercise("practice-7.4-turn", "7.4", gives="y (B, T, D), p (B, 2H)", likely=of_turn)
def turn(draw: Draw) -> Case:
    """What the backward direction reads, and where each direction has read the whole text.

    The backward direction reads the texts turned round, y; g is what it has made of them, turned back, so that g[b, t]
    has read the steps from t to the end of text b, and f[b, t] those from 0 to t.

    (1) y[b, t] = x[b, lengths_b - 1 - t]    for t < lengths_b, and 0 behind          (B, T, D)
    (2) p[b]    = [f[b, last]; g[b, first]]  where each has read the whole text       (B, 2H)

    Given   x (B, T, D), f (B, T, H), g (B, T, H), where any numbers may stand behind a text's length; lengths (B)
    Hint    Write a text of three steps into a row of five, and below it what the backward direction should read.
    Hint    Each row is turned by itself, up to its own length; its padding stays behind.
    Hint    For (2) go through "f[b, t] has read 0 to t" and "g[b, t] has read t to the end": at which t is that all?
    Look    y: look at a row that is shorter than T: its first step should be the last of the text.
    Look    p: is what you take of a short row a state that has read all of the text, and no padding?"""
    size, steps, D, H = draw.sizes(4, least=3)
    x, f, g = draw.array(size, steps, D), draw.array(size, steps, H), draw.array(size, steps, H)
    lengths = 1 + draw.ids(steps, size)
    lengths[0], lengths[1], lengths[2] = 2, steps - 1, steps
    y = to_host(reverse(tensor(x), lengths).data) * with_axis(np.arange(steps) < lengths[:, None])
    p = np.concatenate((f[np.arange(size), lengths - 1], g[:, 0]), axis=1)
    return Case({"x": x, "f": f, "g": g, "lengths": lengths}, {"y": y, "p": p})


def probed(returned: Any, V: int, D: int, H: int, K: int, *_: Any) -> tuple[Any, ...]:
    """What is found out about a classifier."""
    model: Any = as_model(returned).astype("float64")
    rng = np.random.RandomState(V + H)
    ids, labels = rng.randint(1, V, (B, T)) * IS_STEP, rng.randint(0, K, B)
    def said(ids: Any) -> Any:
        return model(LabelledBatch(inputs=ids, lengths=LENGTHS, labels=labels))
    dropped = drops(said, ids), drops(lambda ids: model.eval() and said(ids), ids)
    s, no = scores(said(ids)), np.asarray(-1)
    found = (count(model), np.asarray(s.shape))
    if s.shape != (B, K) or dropped[1]:  # then nothing else can be found out
        return (no, *found, np.full((B, T), -1), np.full((B, B), -1), no, np.asarray(dropped), no, no)
    longer = np.concatenate((ids, np.zeros((B, 3), int)), axis=1)
    with no_grad():
        further = np.allclose(values(said(longer)), s)
    total, number = model.loss(LabelledBatch(inputs=ids, lengths=LENGTHS, labels=labels))
    wanted = float(ops.cross_entropy(tensor(s), labels, reduction="sum").numpy())
    return (silent(model, total), *found, sees(lambda ids: said(ids).reshape(1, B, K), ids), mixes(said, ids),
            np.asarray(int(further)), np.asarray(dropped), np.asarray(float(total.numpy()) / wanted),
            np.asarray(number))


def likely(V: int, D: int, H: int, K: int, num_layers: int, bidirectional: bool,
           dropout: float) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    def weights(cell: Any = LSTM, both: bool = bidirectional, layers: int = num_layers, inputs: int = D,
                vectors: float = 2) -> dict[str, Any]:
        made = V * inputs + cell(inputs, H, layers, both).count()
        return {"weights": made + Linear(int(vectors * (1 + both) * H), K).count()}
    ones, seen = np.ones((B, T), int), IS_STEP.astype(int)
    last = np.eye(T, dtype=int)[LENGTHS - 1]
    return {
        "dropout stays on in evaluation": {"drops": [1, 1]},
        "there are scores at every step, (B, T, K), and should be one row for each text": {"shape": [B, T, K]},
        "there are as many rows of scores as steps: the first axis are the texts": {"shape": [T, K]},
        "it reads in both directions whatever `bidirectional` says": weights(both=True),
        "it reads in one direction whatever `bidirectional` says": weights(both=False),
        "it has the weights of one layer whatever `num_layers` says": weights(layers=1),
        "it has the weights of one layer too many": weights(layers=num_layers + 1),
        "p has one vector and not two: maximum or mean is missing in (3)": weights(vectors=1),
        "p has three vectors and not two": weights(vectors=3),
        "it has the weights of a GRU, and (2) is an LSTM": weights(GRU),
        "it has the weights of an RNN, and (2) is an LSTM": weights(RNN),
        "the embedding is H wide, and should be D": weights(inputs=H),
        "b is missing in (4)": {"weights": weights()["weights"] - K},
        "padding is read: what stands behind a text's length changes its scores": {"sees": ones, "further": 0},
        "the backward direction reads the padding first: (2) does not know the lengths":
            {"sees": ones if bidirectional else seen, "further": 1 - int(bidirectional)},
        "padding takes part in (3), as zeros: more padding behind a text changes its scores":
            {"sees": seen, "further": 0},
        "it sees the first step of each text alone": {"sees": np.eye(1, T, dtype=int).repeat(B, axis=0)},
        "it sees the last step of each text alone": {"sees": last},
        "it sees the last of the T steps alone, which is padding in most rows":
            {"sees": np.eye(T, dtype=int)[[T - 1] * B]},
        "the last step of each text is left out": {"sees": seen - last},
        "the scores of a text hang on the other texts of the batch": {"rows": np.ones((B, B), int)},
        "there is no dropout in training": {"drops": [0, 0]},
        "dropout is on in evaluation and off in training": {"drops": [0, 1]},
        "the loss is the mean over the texts, and in (5) their sum": {"loss": 1 / B},
        "number is 1, as if the loss were a mean: the caller divides the sum (5) by it": {"number": 1},
        "number is that of the steps, and should be that of the texts, B": {"number": B * T},
        "number is that of the words, and should be that of the texts, B": {"number": int(LENGTHS.sum())},
    }


def parts(V: int, D: int, H: int, K: int, num_layers: int, bidirectional: bool, dropout: float) -> tuple[Module, ...]:
    """The layers of a right model."""
    return (Embedding(V, D), LSTM(D, H, num_layers, bidirectional), Linear(2 * (1 + bidirectional) * H, K))


@exercise("practice-7.4-model", "7.4", probe=probed, likely=likely, parts=parts,
          gives="silent (), weights (), shape (axis), sees (B, T), rows (B, B), further (), drops (mode), loss (), "
                "number ()")
def model(draw: Draw) -> Case:
    """A network that reads a text in one direction or in both, and says what it is.

    (1) x_t = dropout(E_{id_t})                                    (B, T, D)    a layers.Embedding, a layers.Dropout
    (2) h_t                                                        (B, T, C)    a layers.LSTM, C = H, or 2H with two
                                                                                directions
    (3) p   = [max_{t < length} h_t; (1/length) sum_{t < length} h_t]      (B, 2C)
    (4) s   = dropout(p) W + b                                     (B, K)       scores, a layers.Linear
    (5) L   = -sum_b ln softmax(s_b)_{label_b}                                  and the number of texts, B

    Return a model of models.text_classifier.TextClassifier's kind: a class that inherits from it, with an `__init__`
    that makes the layers and a `__call__(batch)` by (1) to (4), where batch.inputs are the ids (B, T) and
    batch.lengths (B,); it has `loss(batch)`, (5), and `predict` already. Write it from layers: that
    TextClassifier(Config(...)) is nearly such a model is no secret. Between layers there is no dropout.

    Looked at are: how many of its parameters are `silent`, without any part in the loss; the number of its `weights`;
    the `shape` of the scores; which steps of each text its scores `sees`, and which `rows`; `further`, 1 if more
    padding changes nothing; `drops`, 1 if two calls differ, in training and in evaluation; `loss`, in parts of (5);
    and `number`, what loss returns beside it. What cannot be computed is -1.

    Given   V, the words; D, the width of a word's row; H, the units; K, the labels; num_layers; bidirectional, True or
            False; dropout, a probability
    Hint    layers.LSTM takes lengths=batch.lengths, reads each text from its own two ends, and leaves 0 behind it.
    Hint    For (3) see practice-7.4-pool: ops.where(mask, hs, something), where the mask is an array (B, T, 1).
    Hint    ops.concat(..., axis=-1) puts the two vectors side by side. How wide is p with two directions?
    Look    silent: parameters without a gradient have no part in the loss: a layer that is made and never called?
    Look    weights: E (V, D), the layers in each direction, W (2C, K) and b (K,).
    Look    shape: one row of K scores for each text.
    Look    sees: a text's scores should hang on its own steps, all of them, and on no padding.
    Look    rows: no text should know of another one.
    Look    further: neither the backward direction nor maximum and mean should read padding.
    Look    drops: layers.Dropout minds whether the model is in training or in evaluation; is it called in both places?
    Look    loss: minus the sum of the logarithms over the texts.
    Look    number: of the texts, B."""
    V, D, H, K = draw.sizes(4, least=3)
    num_layers, bidirectional = int(draw.rng.randint(1, 3)), bool(draw.rng.randint(2))
    given: dict[str, Any] = {"V": V, "D": D, "H": H, "K": K, "num_layers": num_layers, "bidirectional": bidirectional,
                             "dropout": 0.5}
    return Case(given, {"silent": np.asarray(0), "weights": np.asarray(total(parts(**given))),
                        "shape": np.array([B, K]),
                        "sees": IS_STEP.astype(int), "rows": np.eye(B, dtype=int), "further": np.asarray(1),
                        "drops": np.array([1, 0]), "loss": np.asarray(1.0), "number": np.asarray(B)})


@practice("practice-7.4", "7.4", {"bidirectional": (False, True), "num_layers": (1, 2), "H": (8, 32)},
          measures="errors, parameters", seconds=60)
def classifier() -> Baseline:
    """One direction or both, how many layers, how many units, to tell spam.

    Train your model on the text messages of sms-spam: training.classification.ClassificationTask.prepare(recipe,
    "sms-spam") is the task, task.sizes has its V and K. Measure the errors, how many messages of the validation part
    get the wrong label: task.validate(model) finds the part that is wrong of len(task.parts.validation) messages, and
    training.train keeps the best as `best`. A few hundred steps of 32 messages, with D = 32 and a dropout of 0.3, are
    enough, if the rows of E begin small: multiply its weights by 0.1 before the training. The best row has to beat
    naive Bayes on the same messages, which is good at this: a difference of one or two messages says nothing."""
    task = ClassificationTask.prepare(Recipe(), "sms-spam")
    bayes = NaiveBayes([words(item.text) for item in task.parts.train], task.labels)
    wrong = sum(bayes(words(item.text)) != item.label for item in task.parts.validation)
    return Baseline("naive Bayes", wrong, less_is_better=True)
