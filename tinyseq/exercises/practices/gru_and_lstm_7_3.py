"""Practice 7.3: a GRU beside an LSTM, on characters: what it reaches, how long it takes, how many weights it has."""
from dataclasses import replace
from itertools import permutations
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.data import Streams, counting, load_corpus
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices import language
from tinyseq.exercises.probes import total
from tinyseq.layers import GRU, LSTM, RNN, HiddenState, Linear, Module
from tinyseq.layers.recurrent.gru import GRUCell
from tinyseq.layers.recurrent.gru_cudnn import CudnnGRUCell
from tinyseq.training import Recipe
from tinyseq.training.characters import CharacterTask

CELLS = {"gru": GRU, "lstm": LSTM}
LETTERS = 200_000                        # of Tiny Shakespeare, so that an experiment is short
KEEPS = 1e3                              # a bias by which a gate is 1


def run(x: Any, h0: Any, W_xh: Any, W_hh: Any, b: Any, cell: Any = GRUCell, order: str = "rzn", **other: Any) -> Any:
    """The states by the library's cell, the blocks of the weights taken in this order."""
    made = cell(x.shape[2], len(W_hh), "by_tape").astype("float64")
    blocks = {name: np.concatenate([np.split(W, 3, axis=-1)[order.index(gate)] for gate in "rzn"], axis=-1)
              for name, W in (("W_xh", W_xh), ("W_hh", W_hh), ("b_h", b))}
    made.load_state_dict(blocks | other)
    return made(tensor(x), HiddenState(tensor(h0)), [len(x)] * x.shape[1])[0].numpy()


def of_gru(x: Any, h0: Any, W_xh: Any, W_hh: Any, b: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the states."""
    H = len(h0[0])
    on_r, on_z = (KEEPS * np.concatenate([np.full(H, float(gate == one)) for gate in "rzn"]) for one in "rz")
    blind, turned = np.ones(3 * H), np.concatenate((np.ones(H), -np.ones(H), np.ones(H)))
    blind[2 * H:] = 0
    own: dict[str, Any] = {"b_hn": np.zeros(H)}
    bias: dict[str, Any] = {"b_hn": b[2 * H:]}
    inside = np.where(blind == 1, b, 0)
    told = {
        "z and 1 - z are exchanged in (4): z lets the old state stay, and should let the candidate in":
            run(x, h0, W_xh * turned, W_hh * turned, b * turned),
        "the reset comes after the product, r * (h W_hn), and in (3) before it, (r * h) W_hn":
            run(x, h0, W_xh * turned, W_hh * turned, b * turned, CudnnGRUCell, **own),
        "it is the form of cuDNN and PyTorch, the reset behind the product and z at the old state, and (3) and (4) are "
        "the other form": run(x, h0, W_xh, W_hh, b, CudnnGRUCell, **own),
        "the reset r is multiplied with the bias as well, and in (3) with h_{t-1} alone":
            run(x, h0, W_xh * turned, W_hh * turned, inside * turned, CudnnGRUCell, **bias),
        "the reset gate has no part: in (3) h_{t-1} stands where r * h_{t-1} belongs":
            run(x, h0, W_xh, W_hh, b + on_r),
        "the candidate does not read the state: (r * h_{t-1}) W_hn is missing in (3)":
            run(x, h0, W_xh, W_hh * blind, b),
        "the update gate has no part: h_t is the candidate alone, and (4) mixes it with the old state":
            run(x, h0, W_xh, W_hh, b + on_z),
        "nothing is read of the state in (1) to (3)": run(x, h0, W_xh, 0 * W_hh, b),
        "the bias b is missing in (1) to (3)": run(x, h0, W_xh, W_hh, 0 * b),
        "the first step begins from zeros and not from h_0": run(x, 0 * h0, W_xh, W_hh, b),
        "x runs backwards": run(x[:, ::-1], h0, W_xh, W_hh, b)[:, ::-1],
    }
    for order in list(permutations("rzn"))[1:]:
        told[f"the blocks are taken in the order {', '.join(order)}, and lie in the order r, z, n"] = \
            run(x, h0, W_xh, W_hh, b, order="".join(order))
    return {words: {"hs": hs} for words, hs in told.items()}


@exercise("practice-7.3-gru", "7.3", gives="hs (B, T, H)", likely=of_gru)
def gru(draw: Draw) -> Case:
    """The states of a GRU along a text.

    (1) r_t = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r)              (B, H)    the reset gate
    (2) z_t = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z)              (B, H)    the update gate
    (3) n_t = tanh(x_t W_xn + (r_t * h_{t-1}) W_hn + b_n)         (B, H)    the candidate
    (4) h_t = (1 - z_t) * h_{t-1} + z_t * n_t                     (B, H)    for t = 1 .. T

    Given   x (B, T, D), h0 (B, H), W_xh (D, 3H), W_hh (H, 3H), b (3H), the blocks of r, z and n side by side
    Hint    Where an LSTM has four blocks and two states, this has three and one. Split the matrices first.
    Hint    (3) needs r_t, which needs h_{t-1}: x_t goes through all blocks at once, and h_{t-1} does not.
    Hint    In (3) the reset comes before the product. In (4) two shares that add up to 1 mix the old state with n_t.
    Look    hs: compare the first step with a pencil, for B = D = H = 1; which step is the first that differs?"""
    B, T, D, H = draw.sizes(4, least=3)
    given = {"x": draw.array(B, T, D), "h0": draw.array(B, H), "W_xh": draw.array(D, 3 * H),
             "W_hh": draw.array(H, 3 * H), "b": draw.array(3 * H)}
    return Case(given, {"hs": run(*given.values())})


def of_streams(ids: Any, B: int, T: int, k: int, o: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the batch."""
    S = (len(ids) - T) // (B * T)
    rows, steps = np.arange(B)[:, None], np.arange(T)
    def at(places: Any) -> dict[str, Any]:
        return {name: ids[np.clip(places + later, 0, len(ids) - 1)] for name, later in (("x", 0), ("y", 1))}
    right = at(o + rows * S * T + k * T + steps)
    return {
        "the target y is x itself: it should be the id that follows": {"y": right["x"]},
        "y and x are exchanged": {"x": right["y"], "y": right["x"]},
        "the target y lies two places behind x, and should be the next one":
            {"y": at(o + rows * S * T + k * T + steps + 1)["y"]},
        "the target y is the id before, and should be the id that follows":
            {"y": at(o + rows * S * T + k * T + steps - 2)["y"]},
        "the rows of a step lie one behind the other in the text: a row does not go on where it ended before":
            at(o + (k * B + rows) * T + steps),
        "all rows read the same place": at(o + 0 * rows + k * T + steps),
        "the readers begin T places apart, and should be S T": at(o + rows * T + k * T + steps),
        "the readers begin S places apart, and should be S T": at(o + rows * S + k * T + steps),
        "the step k has no part: each step reads the first windows again": at(o + rows * S * T + steps),
        "a step goes on by one place, and should by T": at(o + rows * S * T + k + steps),
        "the offset o is left out": at(rows * S * T + k * T + steps),
        "S is that of the steps if there were one reader: B is missing in (1)": {"S": (len(ids) - T) // T},
        "S is the number of all windows, B times (1)": {"S": B * S},
        "S is one too many": {"S": S + 1},
    }


@exercise("practice-7.3-streams", "7.3", gives="x (B, T), y (B, T), S ()", likely=of_streams)
def streams(draw: Draw) -> Case:
    """A text cut for B readers: the batch of step k.

    Each row goes on where it ended in the step before, so that its state can be handed on.

    (1) S       = floor((N - T) / (B T))                    steps of one pass through the text
    (2) x[b, t] = ids_{o + b S T + k T + t}       (B, T)    b = 0 .. B-1, t = 0 .. T-1
    (3) y[b, t] = ids_{o + b S T + k T + t + 1}   (B, T)    what follows it

    Given   ids (N); B, T, k and o, whole numbers: o is where the pass begins, k < S the step
    Hint    Write down the places for N = 14, B = 2, T = 3, o = 0 and k = 0, then those for k = 1.
    Hint    Each reader has a piece of its own, of S T places. Where does the piece of reader b begin?
    Hint    Begin of the piece, places read before, place in the window: the first hangs on b alone, the second on k.
    Look    x: for k = 1 row 0 should begin where row 0 of k = 0 ended. Does it?
    Look    y: the same places, each one further on in the text.
    Look    S: how many windows of T places does each of B readers get?"""
    B, T, S, left = draw.sizes(4)
    places = Streams(np.arange(B * S * T + T + left % T), B, T, seed=left)
    ids = draw.rng.permutation(len(places.ids))
    k, (first, _) = 1 + int(draw.rng.randint(S - 1)), places.batch(0)
    x, y = places.batch(k)
    return Case({"ids": ids, "B": B, "T": T, "k": k, "o": int(first[0, 0])},
                {"x": ids[x], "y": ids[y], "S": np.asarray(places.steps_per_pass)})


def probed(returned: Any, cell: str, V: int, H: int) -> tuple[Any, ...]:
    """What is found out about a language model."""
    return language.probed(returned, V)


def likely(cell: str, V: int, H: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    def weights(stack: Any = CELLS[cell], D: int = V, output: int = H, **other: Any) -> dict[str, Any]:
        return {"weights": stack(D, H, **other).count() + Linear(output, V).count()}
    other = LSTM if cell == "gru" else GRU
    return language.likely(V) | {
        "the cell's c is not handed on: with an LSTM the state is not carried, and with a GRU, which has no c, it is":
            {"carried": int(cell == "gru")},
        "it has the weights of a GRU whatever `cell` says": weights(GRU),
        "it has the weights of an LSTM whatever `cell` says": weights(LSTM),
        "it has the weights of an RNN whatever `cell` says": weights(RNN),
        "GRU and LSTM are exchanged": weights(other),
        "the GRU is that of cuDNN, with a bias b_hn more than its equations have":
            weights(variant="cudnn") if cell == "gru" else weights(),
        "it has the weights of both directions, and (1) is one": weights(output=2 * H, bidirectional=True),
        "it has the weights of two recurrent layers, and (1) is one": weights(num_layers=2),
        "an embedding of width H stands before (1), and the characters go in one-hot":
            {"weights": V * H + weights(D=H)["weights"]},
        "b_y is missing in (2): the output has no bias": {"weights": weights()["weights"] - V},
    }


def parts(cell: str, V: int, H: int) -> tuple[Module, ...]:
    """The layers of a right model."""
    return CELLS[cell](V, H), Linear(H, V)


@exercise("practice-7.3-model", "7.3", probe=probed, likely=likely, parts=parts, gives=language.GIVES)
def model(draw: Draw) -> Case:
    """A GRU or an LSTM that reads characters and predicts each next one.

    (1) h_t, s_t = cell(x_t, s_{t-1})           (B, H)    a layers.GRU or layers.LSTM over V inputs: x_t is one-hot
    (2) y_t      = h_t W_hy + b_y               (B, V)    logits of the character at t + 1
    (3) L        = -sum_b sum_t ln softmax(y_{b,t})_{target_{b,t}}    and the number of targets, B T

    Return a layers.LanguageModel: a class that inherits from it, with an `__init__` that makes the layers, the
    recurrent one under the name `stack`, and a `__call__(ids, state=None)` that returns the logits (B, T, V) and the
    state s_T. It has `loss(batch)`, (3), already. A recurrent layer takes whole numbers (B, T) for their one-hot rows.

    Looked at are: how many of its parameters are `silent`, without any part in the loss; the number of its `weights`;
    the `shape` of the logits for ids (3, 5); which steps each step `sees`, and which `rows`; `carried`, 1 if a text
    that is read in two calls, the state handed on, has the loss of one call; `loss`, in parts of (3); and `number`,
    what loss returns beside it. What cannot be computed is -1.

    Given   cell, "gru" or "lstm"; V, the characters; H, the units
    Hint    How many blocks of weights has a GRU, how many an LSTM? Their layers are called in the same way.
    Hint    The recurrent layer takes the state as its second argument, and returns all h_t and the new state.
    Hint    All h_t go through a layers.Linear at once. What was `state` goes in at (1), and what comes out there is
            returned beside the logits, whatever kind of state it is.
    Look    silent: parameters without a gradient have no part in the loss: a layer that is made and never called?
    Look    weights: a GRU has three blocks of V H + H H + H weights, an LSTM four; then W_hy (H, V) and b_y (V,).
    Look    shape: a prediction of V scores at each step of each row.
    Look    sees: the character at t + 1 is predicted from those up to t, all of them and no later one.
    Look    rows: no text should know of another one; which axis are the rows, and which the steps?
    Look    carried: does (1) begin from the state that was given, and is the state that it ends with returned?
    Look    loss: minus the sum of the logarithms over rows and steps.
    Look    number: of the targets, which are as many as ids."""
    V, H, _ = draw.sizes(3, least=3)
    cell = ("gru", "lstm")[draw.rng.randint(2)]
    return Case({"cell": cell, "V": V, "H": H}, language.recurrent(V, total(parts(cell, V, H))))


def first_characters(recipe: Recipe) -> CharacterTask:
    """The task of predicting characters on the first LETTERS letters of Tiny Shakespeare."""
    corpus = load_corpus("shakespeare")
    return CharacterTask(replace(corpus, text=corpus.text[:LETTERS]), recipe)


@practice("practice-7.3", "7.3", {"cell": ("gru", "lstm"), "lr": (0.003, 0.03), "batch": (16, 64)},
          measures="nats, seconds, parameters", seconds=60)
def gru_and_lstm() -> Baseline:
    """A GRU or an LSTM, at which learning rate, and how many rows in a batch.

    Train your model on the first 200,000 letters of Tiny Shakespeare, which
    exercises.practices.gru_and_lstm_7_3.first_characters(recipe) makes a task of; len(task.vocabulary) is its V. Let
    every experiment read the same number of characters, steps times batch times seq_len, so that a larger batch takes
    fewer steps, and measure the nats a character on its validation part (training.train keeps the best as `best`), the
    seconds of the training, and the parameters. The best row has to beat what counting reaches, 3-grams of the same
    training part."""
    task = first_characters(Recipe(batch=16))
    return Baseline("counting 3-grams", counting(task.train_ids, task.validation_ids, len(task.vocabulary), 3),
                    less_is_better=True)
