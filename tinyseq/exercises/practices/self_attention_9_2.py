"""Practice 9.2: the states of a recurrent layer look back at each other, through a window."""
from typing import Any

from tinyseq.backend import to_host
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices import language, letters, looking
from tinyseq.exercises.probes import total
from tinyseq.layers import GRU, LSTM, RNN, Linear, Module, MultiHeadAttention
from tinyseq.layers.attention import causal_mask, padding_mask

LARGEST = "the whole weight is that of the largest score: a maximum stands for the softmax"


def visible(w: int | None, lengths: Any, T: int) -> Any:
    """(1)"""
    there = to_host(padding_mask(lengths, T))
    return to_host(causal_mask(T, w)) & there[:, None] & there[:, :, None]


def of_window(e: Any, h: Any, lengths: Any, w: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of alpha."""
    T = e.shape[1]
    seen, there, back = visible(w, lengths, T), to_host(padding_mask(lengths, T)), np.arange(T)[:, None] - np.arange(T)
    other = {
        "a step sees one step too many: w steps and itself, and w counts itself (1)": visible(w + 1, lengths, T),
        "a step sees one step too few: w - 1, itself among them, and it should be w (1)": visible(w - 1, lengths, T),
        "a step sees all those before it, however far away: the window w is missing (1)": visible(None, lengths, T),
        "the window stands on both sides of t: a step sees those that follow it, too (1)":
            (abs(back) < w) & there[:, None] & there[:, :, None],
        "the window looks ahead: it begins at t, and should end there (1)":
            (back <= 0) & (-back < w) & there[:, None] & there[:, :, None],
        "steps behind the end of a sequence see something: their rows should be 0 (1)":
            to_host(causal_mask(T, w)) & there[:, None],
        "the lengths have no part in it: steps behind the end of a sequence see and are seen (1)":
            np.broadcast_to(to_host(causal_mask(T, w)), e.shape),
        "the window is counted from the first step, and should be from t back: s < w (1)":
            visible(None, lengths, T) & (np.arange(T) < w),
        "what is hidden is all that the window should show: the w steps are left out (1)":
            visible(None, lengths, T) & ~seen,
    }
    return {words: {"alpha": looking.softmax(e, mask)} for words, mask in other.items()} | {
        f"{words} (2)": {"alpha": alpha} for words, alpha in looking.weights(e, seen).items()} | {
        "a row that sees nothing is divided 0 by 0: it should be 0 (2)":
            {"alpha": np.where(there[:, :, None], looking.softmax(e, seen), np.nan)},
        "steps behind the end of a sequence have equal weights everywhere: their rows should be 0 (2)":
            {"alpha": np.where(there[:, :, None], looking.softmax(e, seen), 1 / T)},
        "alpha is transposed in z: the sum goes over the steps that look, and should go over those that are seen (3)":
            {"z": looking.softmax(e, seen).swapaxes(1, 2) @ h},
        "z has the same weight for all steps that are seen, and should have alpha (3)":
            {"z": looking.softmax(0 * e, seen) @ h},
        "z is a sum of all that is seen, each with the weight 1, and should have alpha (3)": {"z": seen @ h},
        "z is the state with the largest weight alone, and should be the sum of all (3)":
            {"z": looking.weights(e, seen)[LARGEST] @ h},
    }


@exercise("practice-9.2-window", "9.2", gives="alpha (B, T, T), z (B, T, D)", likely=of_window)
def window(draw: Draw) -> Case:
    """Attention through a window, over sequences of different lengths.

    (1) seen_bts = 1 if t - w < s <= t and t < lengths_b and s < lengths_b, else 0          (B, T, T)
    (2) alpha    = softmax over the s that are seen of e, 0 for the others                  (B, T, T)
                   a step t that sees nothing has a row of 0
    (3) z_t      = sum over s of alpha_ts h_s                                               (B, T, D)

    w counts the step itself, so that with w = 1 each sees itself alone.

    Given   e (B, T, T), scores of step t for step s; h (B, T, D), the states; lengths (B), the steps that a sequence
            has; w, the window
    Hint    Write down seen for T = 4, w = 2 and a sequence of three steps. How many ones has each row?
    Hint    np.arange(T)[:, None] - np.arange(T) is how far back s lies from t. From which to which number of it is a
            step seen?
    Hint    What is not seen gets -inf before the softmax; behind the end of a sequence that is all of a row, and a sum
            of 0 cannot be divided by: let those rows be 0 in the end.
    Look    alpha: compare where it is above 0 with seen, row by row; then whether rows that see something add up to 1.
    Look    z: a sum over s, the last axis of alpha, for each sequence of the batch."""
    B, T, D = draw.sizes(3, least=4)
    w, T = 2 + int(draw.ids(2)), T + 1
    e, h, lengths = 2 * draw.array(B, T, T), draw.array(B, T, D), 3 + draw.ids(T - 3, B)
    lengths[0], lengths[1] = T, 3
    alpha = looking.softmax(e, visible(w, lengths, T))
    return Case({"e": e, "h": h, "lengths": lengths, "w": w}, {"alpha": alpha, "z": alpha @ h})


def probed(returned: Any, V: int, H: int, window: int) -> tuple[Any, ...]:
    """What is found out about a self-attentive RNN."""
    found = letters.found(returned, V)
    if found[2].size != 3:
        return (*found, -1, -1)
    return (*found, letters.looks(returned, V), letters.straight(returned, V)[0])


def likely(V: int, H: int, window: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    T, w = language.T, window
    rnn, output = RNN(V, H).count(), Linear(H, V).count()
    look, join = MultiHeadAttention(H, 1).count(), Linear(2 * H, H).count()
    right = rnn + look + join + output
    back, full = np.arange(T)[:, None] - np.arange(T), np.tril(np.ones((T, T), int))
    def band(w: int) -> Any:
        return to_host(causal_mask(T, w))[0].astype(int)
    tables = {
        "a step looks at one state too many: w states and its own, and w counts its own (2)": band(w + 1),
        "a step looks at one state too few: w - 1, its own among them, and it should be w (2)": band(w - 1),
        "a step looks at all states before it: the window has no effect (2)": full,
        "the window stands on both sides of t: a step looks at states that follow it (2)": abs(back) < w,
        "the window looks ahead: it begins at t, and should end there (2)": (back <= 0) & (-back < w),
        "a step does not look at its own state (2)": band(w) - np.eye(T, dtype=int),
        "a step looks at its own state alone: nothing of the others is in u (2)": np.eye(T, dtype=int),
        "what each step looks at are the same states, and should be its own window's (2)":
            np.tile(band(w)[-1], (T, 1)) | np.eye(T, dtype=int),
        "a step looks at all states, those that follow it as well: it needs a causal mask with the window (2)":
            np.ones((T, T), int),
    }
    return {
        "the attention is handed (T, B, H): the rows of the batch look at each other, and not the steps (2)":
            {"weights": right, "looks": np.eye(T, dtype=int), "rows": band(w)[:language.B, :language.B]},
        **{words: {"weights": right, "looks": table} for words, table in tables.items()},
        "nothing of the attention reaches y: it is not called, or what it says, z, is left out (3)":
            {"weights": right, "silent": look},
        "h is not in u: [h; z] has both (3)": {"weights": right, "straight": 0},
        **letters.likely(V, {
            "u is h + z, without weights: in (3) it is tanh([h; z] W_u + b_u)": right - join,
            "W_u has H rows and not 2 H: u is made of z alone, or of a sum h + z, and in (3) of [h; z]":
                right - join + Linear(H, H).count(),
            "u is [h; z] itself: the layer W_u, b_u of (3) is missing":
                right - join - output + Linear(2 * H, V).count(),
            "there is no attention: it is the RNN with its output": rnn + output,
            "the attention (2) is missing": right - look,
            "the attention has no biases, and in (2) it has": right - 4 * H,
            "the output (4) has no bias": right - V,
            "it has the weights of an LSTM, and (1) is a layers.RNN": right - rnn + LSTM(V, H).count(),
            "it has the weights of a GRU, and (1) is a layers.RNN": right - rnn + GRU(V, H).count(),
            "there are two attentions, and (2) is one": right + look,
        }),
    }


def parts(V: int, H: int, window: int) -> tuple[Module, ...]:
    """The layers of a right model."""
    return RNN(V, H), MultiHeadAttention(H, 1), Linear(2 * H, H), Linear(H, V)


@exercise("practice-9.2-model", "9.2", probe=probed, likely=likely, parts=parts,
          gives=f"{language.FOUND}, looks (T, T), straight ()")
def model(draw: Draw) -> Case:
    """An RNN whose states look back at each other through a window, a model of characters.

    (1) h_t = tanh(id_t W_xh + h_{t-1} W_hh + b_h)              (B, T, H)    a layers.RNN over V one-hot rows
    (2) z_t = attention(h_t, h_{t-w+1} .. h_t)                  (B, T, H)    w = window, from h_1 on where t < w
    (3) u_t = tanh([h_t; z_t] W_u + b_u)                        (B, T, H)    a layers.Linear from 2 H to H
    (4) y_t = u_t W_hy + b_y                                    (B, T, V)

    attention is a layers.MultiHeadAttention of one head, as it comes.

    Return a model: a class that inherits from layers.LanguageModel, with an `__init__` that makes the layers, among
    them `self.stack`, the RNN; and a `__call__(ids, state=None)` that returns y and the RNN's new state. It has
    `loss(batch)` already. That layers.SelfAttentiveStack is (1)-(3) is no secret: write it from its parts.

    Looked at are: how many weights are `silent`, without a part in the loss; how many `weights` there are; the `shape`
    of y for ids (3, 5); which steps of y `sees` which of ids; which `rows` do; `loss`, in parts of
    -sum ln P(target), and `number`, what loss returns beside it; which states each step `looks` at, found by W_hh = 0,
    so that no state knows of another; and whether y still hears h `straight` through (3) when the attention says 0.

    Given   V, the characters; H, the units; window
    Hint    Which states may step t look at? Write it down for T = 5 and w = 2 as a table of ones and zeros.
    Hint    layers.attention.causal_mask(T, window) is that table; attention(hs, hs, mask=...) returns two things.
    Hint    ops.concat(hs, z, axis=-1) goes through Linear(2 * H, H) and ops.tanh; then the output, and the state.
    Look    silent: the attention has H weights without a part in the loss, those of b_k: they add the same number to
            all scores of a query. All others should have a part.
    Look    weights: RNN(V, H).count() and so on say how many each part has; which one is the difference?
    Look    shape: (B, T, V), logits at each step.
    Look    sees: a step may see itself and those before it; through h even those that the window hides.
    Look    rows: each row of the batch is a text of its own.
    Look    loss: it is inherited; do you change it, or the logits?
    Look    number: how many targets there are.
    Look    looks: in row t, which is the first state, which the last?
    Look    straight: which two things are side by side in (3)?"""
    H, V = draw.sizes(2, least=4)
    w = 2 + int(draw.ids(2))
    return Case({"V": V, "H": H, "window": w}, language.expected(V, total(parts(V, H, w)), silent=H) | {
        "looks": to_host(causal_mask(language.T, w))[0].astype(int), "straight": np.asarray(1)})


@practice("practice-9.2", "9.2", {"window": (0, 2, 8, 32), "H": (32, 64)}, measures="nats, parameters", seconds=60)
def self_attention() -> Baseline:
    """How far should the states of an RNN look back, and is it more than the RNN knows already?

    Train your model on the first characters of Tiny Shakespeare, in windows of 32, some hundred steps, all rows
    the same; practices.letters.Letters(recipe) is the task, with its `validate(model)` in nats a character, and
    training.train trains. Mind the two windows: the text's, of 32 steps, is all that the widest of the attention
    can see. With window = 0 take the RNN alone (layers.RecurrentLanguageModel). The best row has to beat counting
    pairs of characters. Two rows that differ by no more than another seed makes cannot be told apart: make a row
    again with another seed before you call one better."""
    return letters.pairs()
