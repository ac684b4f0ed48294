"""Practice 9.3: a transformer that writes text."""
from typing import Any

from tinyseq.autograd import no_grad, tensor
from tinyseq.backend import to_device, to_host
from tinyseq.data import counting
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices import language
from tinyseq.exercises.probes import values
from tinyseq.layers import DotAttention, Embedding, Linear, Module, MultiHeadAttention, Transformer, causal_mask
from tinyseq.training import Recipe
from tinyseq.training.characters import CharacterTask

T = language.T


def probed(returned: Any, V: int, C: int, num_layers: int, num_heads: int, context: int) -> tuple[Any, ...]:
    """What is found out about a transformer over V symbols."""
    found = language.probed(returned, V)
    heads = [part.num_heads for part in returned.modules() if isinstance(part, MultiHeadAttention)]
    if tuple(found[2]) != (language.B, T, V):              # nothing else can be found out
        return *found, np.asarray(-1), np.full(T, -1), np.array(heads)
    ids = np.arange(T)[None] % V
    turned = ids[:, [1, 0, *range(2, T)]]
    with no_grad():
        whole, other = (values(returned(x)[0])[0] for x in (ids, turned))
    return *found, np.asarray(int(not np.allclose(whole[-1], other[-1]))), cached(returned, ids, whole), np.array(heads)


def cached(model: Any, ids: Any, whole: Any) -> Any:
    """(T,): 1 where a symbol read alone, from the state that those before it left, has the logits that it has in the
    whole text; -1 if there is no such state."""
    agree, state = [], model.start(1)
    try:
        with no_grad():
            for t in range(T):
                y, state = model.step(ids[:, t], state)
                agree.append(int(np.allclose(values(y)[0], whole[t])))
    except (ValueError, TypeError, AttributeError, IndexError):
        return np.full(T, -1)
    return np.array(agree)


def weights(V: int, C: int, num_layers: int, num_heads: int, context: int, output: bool = True, **other: Any) -> int:
    """How many there are, with other settings of the stack."""
    settings: dict[str, Any] = {"positions": "learned", "bias": False} | other
    settings |= {"context": context if settings["positions"] else None}
    stack = Transformer(C, num_layers, num_heads, **settings)
    return Embedding(V, C).count() + stack.count() + (Linear(C, V).count() if output else 0)


def likely(V: int, C: int, num_layers: int, num_heads: int, context: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results, beside what it makes of any language model."""
    sizes, heads = (V, C, num_layers, num_heads, context), np.full(num_layers, num_heads)
    first, without = np.eye(1, T, dtype=int)[0], weights(*sizes, positions=None)
    return {
        "there are no positions: a step knows which ids stand before it, and not where (1)":
            {"weights": without, "order": int(num_layers > 1)},            # two causal layers can count
        "the positions are not learned: P of (1) has no weights": {"weights": without, "order": 1},
        "there is one block: num_layers is not used, or one block is called so many times, its weights are shared, and "
        "each has its own (2)": {"weights": weights(V, C, 1, num_heads, context)},
        "there is one block too many (2)": {"weights": weights(V, C, num_layers + 1, num_heads, context)},
        "attention and norms have biases, and (2) and (3) have none": {"weights": weights(*sizes, bias=True)},
        "the layers inside have C units, and in (3) 4C": {"weights": weights(*sizes, FF=C)},
        "the output is E^T, tied to the table, and (4) has weights of its own":
            {"weights": weights(*sizes, output=False)},
        "the output has no bias, and (4) has b_y": {"weights": weights(*sizes) - V},
        "no norm stands behind the last block: with pre-norm what comes out has not been normalised (4)":
            {"weights": weights(*sizes, norm="post")},
        "the attention is that of one head, and num_heads is not used (2)": {"heads": heads * 0 + 1},
        "num_heads and num_layers stand in each other's place (2)": {"heads": np.full(num_heads, num_layers)},
        "symbol by symbol it reads something else than at once: each symbol is read as if it were the first; the state "
        "has to go into the stack and to come out of it": {"cached": first},
        **language.likely(V),
        "it has no state that can be handed on, so nothing can be written symbol by symbol": {"cached": first * 0 - 1},
    }


def parts(V: int, C: int, num_layers: int, num_heads: int, context: int) -> tuple[Module, ...]:
    """The layers of a right model."""
    return (
        Embedding(V, C), Transformer(C, num_layers, num_heads, positions="learned", bias=False, context=context),
        Linear(C, V))


@exercise("practice-9.3-model", "9.3", probe=probed, likely=likely, parts=parts,
          gives=f"{language.GIVES}, order (), cached (T), heads (layer)")
def model(draw: Draw) -> Case:
    """A causal transformer that predicts each next character.

    (1) x_t   = E[id_t] + P[t]                      (B, T, C)   a layers.Embedding; positions are learned, `context` of
                                                                them
    (2) u     = x + attention(norm(x))              (B, T, C)   causal, num_heads heads, no biases
    (3) x     = u + gelu(norm(u) W_1) W_2           (B, T, C)   4C units inside, no biases; (2) and (3) num_layers times
    (4) y_t   = norm(x_t) W_hy + b_y                (B, T, V)   a layers.Linear

    Return a model of layers.LanguageModel's kind: a class that inherits from it, with an `__init__` that makes the
    layers, the blocks as `self.stack`, and a `__call__(ids, state=None)` that returns the logits and the state; it has
    `loss(batch)`, `start` and `step` already.

    Looked at are: how many of its parameters are `silent`, without any part in the loss; the number of its `weights`;
    the `shape` of y; which ids y_t `sees`; which `rows`; whether a text's second half goes on from what the first half
    has left, `carried`; the `loss`, in parts of the sum of -ln P, and the `number` of targets; whether y hangs on the
    `order` of the ids before it; whether the text read symbol by symbol, with the state as a cache, has the logits that
    it has when it is read at once, `cached`; and how many `heads` each of its layers.MultiHeadAttention has.

    Given   V characters; C channels; num_layers; num_heads, which divides C; context, how many positions there are
    Hint    A layers.Transformer is (2) and (3), num_layers times, with the norm of (4) and with P of (1). Which of its
            arguments must you name, and which are as they should be?
    Hint    A step sees itself and all steps before it. What has to be kept of those, so that the next symbol can be
            read alone?
    Hint    stack(x, state) returns states and the new state, as an RNN does. Hand `state` in and the new one out.
    Look    silent: a layer that is made and never called; biases of keys, which the softmax takes away again.
    Look    weights: E (V, C), P (context, C), for each block 4 C C of attention, 8 C C and two norms; a norm, and W_hy
            and b_y.
    Look    shape: V logits for each id.
    Look    sees: itself and all before it, and nothing behind.
    Look    rows: no text knows of another one.
    Look    carried: loss leaves the new state in batch.last_state, and begins with batch.state.
    Look    loss: the sum of -ln P over all targets.
    Look    number: the number of targets, B T.
    Look    order: attention itself does not know where a key stands. What tells it?
    Look    cached: does __call__ pass its state to the stack, and return the new one?
    Look    heads: num_heads in each block."""
    V, context, half = draw.sizes(3, least=T)
    num_layers, num_heads = (int(n) for n in 1 + draw.rng.permutation(3)[:2])
    C = 6 * (half - T + 1)                                 # which any number of heads up to 3 divides
    of_all = weights(V, C, num_layers, num_heads, context + T)
    return Case({"V": V, "C": C, "num_layers": num_layers, "num_heads": num_heads, "context": context + T},
                language.recurrent(V, of_all) | {"order": np.asarray(1), "cached": np.ones(T, int),
                                                 "heads": np.full(num_layers, num_heads)})


def likely_of_cache(q: Any, k: Any, v: Any, old_keys: Any, old_values: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    (_, steps, d), K = q.shape, old_keys.shape[1]
    keys, new_first = np.concatenate([old_keys, k], axis=1), np.concatenate([k, old_keys], axis=1)

    def alpha(of_keys: Any, seen: Any, factor: float = 1.0) -> Any:
        return looked(q * factor, of_keys, of_keys, np.broadcast_to(seen, (1, steps, of_keys.shape[1])))[1]
    right = to_host(causal_mask(steps, before=K))
    back = K + np.arange(steps)[:, None] - np.arange(K + steps)
    a = np.exp(q @ keys.transpose(0, 2, 1) / d ** 0.5) * right
    return {
        "the new keys stand before the old ones, and in (1) behind them": {"keys": new_first},
        "keys are the new ones alone: what the cache holds is forgotten (1)": {"keys": k},
        "the mask forgets the K steps of the cache: query t is step K + t, and sees the keys up to its own (2)":
            {"alpha": alpha(keys, to_host(causal_mask(steps, keys=K + steps)))},
        "there is no mask: each step sees those behind it, too (2)": {"alpha": alpha(keys, right | True)},
        "a step does not see itself: (2) has j <= K + t": {"alpha": alpha(keys, (back > 0)[None] if K else right)},
        "a step sees the one behind it, too: (2) has j <= K + t": {"alpha": alpha(keys, (back >= -1)[None])},
        "the mask is turned round: a step sees itself and what comes behind it (2)":
            {"alpha": alpha(keys, (back <= 0)[None])},
        "each step sees itself and the cache alone, not the new steps before it (2)":
            {"alpha": alpha(keys, ((back == 0) | (np.arange(K + steps) < K))[None])},
        "the scores are not divided by sqrt(d) (2)": {"alpha": alpha(keys, right, d ** 0.5)},
        "the scores are divided by d, and in (2) by its root": {"alpha": alpha(keys, right, d ** -0.5)},
        "the scores are multiplied by sqrt(d), and in (2) divided by it": {"alpha": alpha(keys, right, d)},
        "the softmax goes over the queries, axis 1, and in (3) over the keys":
            {"alpha": a / a.sum(axis=1, keepdims=True)},
        "c mixes the keys, and (4) mixes the values": {"c": looked(q, keys, keys, right)[0]},
    }


def looked(q: Any, keys: Any, all_values: Any, mask: Any) -> tuple[Any, Any]:
    """(2)-(4) by the library: c and alpha."""
    c, alpha = DotAttention(scaled=True)(tensor(q), tensor(keys), tensor(all_values), to_device(mask))
    return values(c), values(alpha)


@exercise("practice-9.3-cache", "9.3", gives="keys (B, S, d), alpha (B, T, S), c (B, T, d)", likely=likely_of_cache)
def cache(draw: Draw) -> Case:
    """Causal attention that goes on from a cache.

    K steps have been read already, and their keys and values are kept. T new steps follow; in writing T is 1. What
    comes out has to be what the new steps would have, if all S = K + T were read at once.

    (1) keys        = the old ones, then the new ones; `all values` likewise                            (B, S, d)
    (2) e[t, j]     = q_t keys_j / sqrt(d) if j <= K + t, else -inf        j = 0 .. S-1                 (B, T, S)
    (3) alpha       = softmax over j of e                                                               (B, T, S)
    (4) c_t         = sum_j alpha[t, j] times the j-th of all values                                    (B, T, d)

    Given   q, k, v (B, T, d) of the new steps; old_keys, old_values (B, K, d)
    Hint    Draw the mask for K = 2 and T = 3: three rows, five columns. Which of the whole text's 5 x 5 are they?
    Hint    Query t of the new steps is step K + t of the text. Which columns are always seen, and which not by all?
    Hint    np.tri(T, S, K) is 1 where j <= K + t. Put -inf where it is 0, before the softmax.
    Look    keys: the newest last, as they stand in the text.
    Look    alpha: the last row sees everything, the first all but the newest T - 1; each adds up to 1.
    Look    c: the weights mix values, the old and the new ones."""
    B, steps, d, K = draw.sizes(4, least=2)
    q, k, v, old_keys, old_values = (draw.array(B, n, d) for n in (steps, steps, steps, K, K))
    keys, all_values = (np.concatenate(pair, axis=1) for pair in ((old_keys, k), (old_values, v)))
    c, alpha = looked(q, keys, all_values, to_host(causal_mask(steps, before=K)))
    return Case({"q": q, "k": k, "v": v, "old_keys": old_keys, "old_values": old_values},
                {"keys": keys, "alpha": alpha, "c": c})


@practice("practice-9.3", "9.3", {"num_heads": (0, 1, 4), "size": ("1x64", "2x32", "2x64")},
          measures="nats, parameters", seconds=60)
def generation() -> Baseline:
    """How many heads, layers and units for writing, and what an RNN does with the same.

    Train your transformer with num_heads heads on Tiny Shakespeare, a context of 64 characters; size says how many
    layers, and of how many channels: "2x32" is two of 32. num_heads 0 stands for a layers.RecurrentLanguageModel over
    a layers.RNN of as many layers and units. Measure the nats a character of the held-out tail, the steps being the
    same for all. training.characters.CharacterTask.prepare(recipe, "shakespeare") is the task, its `validate(model)`
    measures. The best row has to beat counting: each character by the one before it, as often as they stand together.
    When the table is full, let the best model write: tinyseq.decoding.generate."""
    task = CharacterTask.prepare(Recipe(), "shakespeare")
    nats = counting(task.train_ids, task.validation_ids, len(task.vocabulary), 2)
    return Baseline("counting pairs of characters", nats, less_is_better=True)
