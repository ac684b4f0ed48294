"""Practice 8.2: a language model in depth: layers, residual connections and units, against a shallow one."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import gradients, no_grad, tensor
from tinyseq.backend import to_device, to_host
from tinyseq.data import counting
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices import language
from tinyseq.exercises.practices.gru_and_lstm_7_3 import first_characters
from tinyseq.exercises.probes import total, values
from tinyseq.layers import GRU, LSTM, RNN, Linear, Module
from tinyseq.layers.recurrent.lstm import LSTMCell
from tinyseq.training import Recipe


def weights(V: int, H: int, num_layers: int, cell: Any = LSTM, output: int = 1, **settings: Any) -> int:
    """How many weights a stack over V symbols and its output layer have."""
    return cell(V, H, num_layers, **settings).count() + Linear(output * H, V).count()


def of_units(V: int, num_layers: int, budget: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of H and what it uses."""
    def by(count: Any, more: int = 0) -> dict[str, Any]:
        """The largest H by this way of counting, and what it comes to."""
        H = 1
        while count(H + 1) <= budget:
            H += 1
        return {"H": H + more, "used": count(H + more)}
    def of(**settings: Any) -> Any:
        return lambda H: weights(V, H, num_layers, **settings)
    H = by(of())["H"]
    return {
        "all layers are counted over V inputs, and in (2) those above the first have H":
            by(lambda H: num_layers * LSTM(V, H).count() + Linear(H, V).count()),
        "all layers are counted over H inputs, and (1) has V":
            by(lambda H: num_layers * LSTM(H, H).count() + Linear(H, V).count()),
        "one layer is counted whatever num_layers is: (2) is missing": by(lambda H: weights(V, H, 1)),
        "one layer too many is counted": by(lambda H: weights(V, H, num_layers + 1)),
        "the output layer (3) is not counted": by(lambda H: LSTM(V, H, num_layers).count()),
        "b_y is not counted in (3)": by(lambda H: weights(V, H, num_layers) - V),
        "the biases of the layers are not counted in (1) and (2)":
            by(lambda H: weights(V, H, num_layers) - 4 * H * num_layers),
        "b_h is counted once for each layer and not for each of the four gates":
            by(lambda H: weights(V, H, num_layers) - 3 * H * num_layers),
        "there are two biases a layer, as PyTorch has them, and in (1) and (2) one":
            by(lambda H: weights(V, H, num_layers) + 4 * H * num_layers),
        "the weights of one gate are counted, and an LSTM has four": by(of(cell=RNN)),
        "the weights of three gates are counted, those of a GRU, and an LSTM has four": by(of(cell=GRU)),
        "the smallest H that is over the budget is returned, and (5) is the largest within it": by(of(), 1),
        "H is one smaller than it could be": by(of(), -1) if H > 1 else by(of()),
        "used is the budget itself, and should be what H units need": {"used": budget},
        "used is what is left of the budget": {"used": budget - weights(V, H, num_layers)},
    }


@exercise("practice-8.2-units", "8.2", gives="H (), used ()", likely=of_units)
def units(draw: Draw) -> Case:
    """As many units as a budget of weights allows: a deep and a shallow network of one size.

    (1) first  = 4 (V H + H H + H)            W_xh, W_hh and b_h of four gates, over V inputs
    (2) above  = 4 (H H + H H + H)            the same of each layer above, over H inputs
    (3) output = H V + V                      W_hy and b_y
    (4) used   = first + (num_layers - 1) above + output
    (5) H      = the largest whole number for which used <= budget

    Given   V, the symbols; num_layers; budget, whole numbers
    Hint    Write (4) as a function of H first, and try it with layers.LSTM(V, H, num_layers).count().
    Hint    Which layer reads one-hot rows, and what does a layer above it read?
    Hint    (4) grows with H: count H up as long as that of H + 1 is still within the budget.
    Look    H: does (4) of H fit into the budget, and that of H + 1 not?
    Look    used: that is (4) for the H that you return."""
    V, num_layers, H = 20 + int(draw.rng.randint(30)), int(draw.rng.randint(1, 5)), 5 + int(draw.rng.randint(20))
    used, more = weights(V, H, num_layers), weights(V, H + 1, num_layers)
    budget = used + int(draw.rng.randint(more - used))
    return Case({"V": V, "num_layers": num_layers, "budget": budget}, {"H": np.asarray(H), "used": np.asarray(used)})


def reach(h0: Any, W: Any, dy: Any, residual: bool, through: int = 1) -> Any:
    """The size of the gradient at h^0 .. h^L; residual: whether (2) or (1) is in force.  through: how often the
    residual is added."""
    hs = [tensor(h0, requires_grad=True)]
    for W_l in W:
        f = ops.tanh(hs[-1] @ tensor(W_l))
        hs.append(f + through * hs[-1] if residual else f)
    found = gradients((hs[-1] * tensor(dy)).sum(), hs)
    return np.array([np.linalg.norm(to_host(dh)) for dh in found])


def of_reach(h0: Any, W: Any, dy: Any) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the two."""
    plain, residual = reach(h0, W, dy, False), reach(h0, W, dy, True)
    size, both = h0.size, {"plain": plain, "residual": residual}
    def each(f: Any) -> dict[str, Any]:
        return {name: f(x) for name, x in both.items()}
    return {
        "the residual (2) is left out: both are those of the plain stack":
            {"plain": plain, "residual": plain},
        "plain and residual are exchanged": {"plain": residual, "residual": plain},
        "the residual is passed on without the gradient through the layer, or (5) without the first term":
            {"residual": np.full(len(plain), plain[-1])},
        "the depths lie from the last to the first": each(lambda x: x[::-1]),
        "the squares' sum is there, without the root of (6)": each(lambda x: x * x),
        "the mean of the squares stands in (6), and should be their sum": each(lambda x: x / np.sqrt(size)),
        "the root is taken of the mean over the rows alone": each(lambda x: x / np.sqrt(len(h0))),
        "the sizes are divided by that of dy": each(lambda x: x / x[-1]),
        "the gradients of the plain stack's states are taken where (2) has other ones": {"residual": plain[::-1]},
    }


@exercise("practice-8.2-reach", "8.2", gives="plain (depth), residual (depth)", likely=of_reach)
def gradient(draw: Draw) -> Case:
    """How large a gradient reaches each depth, with residual connections and without.

    (1) h^l   = tanh(h^{l-1} W_l)                          (B, H)    l = 1 .. L      the plain stack
    (2) h^l   = tanh(h^{l-1} W_l) + h^{l-1}                (B, H)    l = 1 .. L      with residual connections
    (3) dh^L  = dy                                         (B, H)
    (4) da^l  = dh^l * (1 - tanh^2(h^{l-1} W_l))           (B, H)    for both stacks, each with its own states
    (5) dh^{l-1} = da^l W_l^T, in (2) and dh^l             (B, H)
    (6) plain_l, residual_l = the root of the sum of the squares of dh^l     (L+1,)    l = 0 .. L

    Given   h0 (B, H); W (L, H, H), the matrices W_1 .. W_L; dy (B, H), which is dL/dh^L
    Hint    Go up first, and keep what (4) needs of each layer: tanh is not h^l where something was added to it.
    Hint    Then go down from dy. How many ways lead from h^{l-1} to h^l in (2), and what comes back along each?
    Hint    The size is one number a depth, over rows and units; put those of all depths in an array, h^0 first.
    Look    plain: each layer multiplies with 1 - tanh^2 and W_l^T on the way down; nothing else.
    Look    residual: the gradient of a sum goes to both of its terms; and the states are those of (2)."""
    B, H, L = draw.sizes(3, least=3)
    h0, W, dy = draw.array(B, H), draw.array(L, H, H) / H ** 0.5, draw.array(B, H)
    return Case({"h0": h0, "W": W, "dy": dy}, {"plain": reach(h0, W, dy, False), "residual": reach(h0, W, dy, True)})


def skipped(model: Any, V: int, residual: bool) -> tuple[Any, Any]:
    """How many times h^1 is in the last layer's output if all layers above the first return 0; -1 if that is no number
    or cannot be seen. And whether, with residual connections, a layer above reads h^1 if those between return 0."""
    cells = [module for module in model.modules() if isinstance(module, LSTMCell)]
    first = [cell for cell in cells if cell.W_xh.shape[0] == V]
    H = cells[0].W_hh.shape[0] if cells else 0
    outputs = [W for W in model.parameters() if W.shape == (H, V)]
    if len(first) != 1 or len(outputs) != 1:
        return np.asarray(-1.0), np.asarray(-1)
    above, weights = [cell for cell in cells if cell is not first[0]], model.state_dict()

    def alone(*heard: Any) -> Any:
        """The logits, without b_y, when all other cells return 0, as they do when all their weights are 0."""
        for cell in cells:
            cell.load_state_dict({name: x if cell in heard else 0 * x for name, x in cell.state_dict().items()})
        said = values(model(ids)[0])
        model.load_state_dict(weights)
        return said
    ids = np.random.RandomState(V).randint(0, V, (2, 4))
    with no_grad():
        h = first[0](to_device(ids), first[0].initial_state(2), [2] * 4)[0]
        wanted, found = values(h @ outputs[0]), alone(first[0]) - alone()
        of_both = [values((h + cell(h, cell.initial_state(2), [2] * 4)[0]) @ outputs[0]) for cell in above
                   if cell.W_xh.shape[0] == H]
        reads = not residual or all(np.allclose(alone(first[0], cell) - alone(), both)
                                    for cell, both in zip(above, of_both, strict=False))
    times = float((found * wanted).sum() / (wanted * wanted).sum())
    return np.asarray(round(times, 6) if np.allclose(found, times * wanted) else -1.0), np.asarray(int(reads))


def probed(returned: Any, V: int, H: int, num_layers: int, residual: bool) -> tuple[Any, ...]:
    """What is found out about a language model."""
    return (*language.probed(returned, V), *skipped(returned, V, residual))


def likely(V: int, H: int, num_layers: int, residual: bool) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    def of(*sizes: int, **settings: Any) -> dict[str, Any]:
        return {"weights": weights(*(sizes or (V, H, num_layers)), **settings)}
    deep, right = num_layers > 1, float(residual or num_layers == 1)
    first, above = LSTM(V, H).count(), LSTM(H, H).count()
    return language.likely(V) | {
        "it has the weights of one layer whatever `num_layers` says": of(V, H, 1),
        "it has the weights of one layer too many": of(V, H, num_layers + 1),
        "it has the weights of one layer too few": of(V, H, max(num_layers - 1, 1)),
        "all layers above the first are one and the same: they share their weights":
            {"weights": first + deep * above + Linear(H, V).count()},
        "it has the weights of a GRU, and (1) and (2) are LSTMs": of(cell=GRU),
        "it has the weights of an RNN, and (1) and (2) are LSTMs": of(cell=RNN),
        "it has the weights of both directions, and (1) and (2) have one": of(output=2, bidirectional=True),
        "it has layer normalisation, which (1) and (2) have not": of(layer_norm=True),
        "an embedding of width H stands before (1), whose x_t is one-hot":
            {"weights": V * H + num_layers * above + Linear(H, V).count()},
        "b_y is missing in (4): the output has no bias": {"weights": of()["weights"] - V},
        "there are no residual connections whatever `residual` says": {"skip": float(not deep)},
        "there are residual connections whatever `residual` says": {"skip": 1.0},
        "`residual` is taken the wrong way round": {"skip": float(not residual) if deep else 1.0},
        "the residual comes from two layers below, h^{l-2}, and in (3) from h^{l-1}":
            {"skip": float(num_layers % 2) if residual else float(not deep), "reads": int(not (deep and residual))},
        "the residual is added to the last layer alone, and in (3) to each from the second on":
            {"skip": right if num_layers < 3 else 0.0},
        "the residual is half of the sum, and in (3) the sum itself":
            {"skip": 0.5 ** (num_layers - 1) if residual else right},
        "the residual is added twice in each layer": {"skip": 2.0 ** (num_layers - 1) if residual else right},
        "to each layer are added the outputs of all layers below it, and in (3) that of the one below":
            {"skip": max(1.0, 2.0 ** (num_layers - 2)) if residual else right},
        "each layer reads f of the one below, and all are added up before (4): (2) reads h, the sum of (3)":
            {"skip": right, "reads": int(num_layers < 3)} if residual else {},
        "the outputs of all layers are added up before (4), and in (3) each goes to the layer above":
            {"skip": num_layers if residual else right},
    }


def parts(V: int, H: int, num_layers: int, residual: bool) -> tuple[Module, ...]:
    """The layers of a right model."""
    return LSTM(V, H, num_layers), Linear(H, V)


@exercise("practice-8.2-model", "8.2", probe=probed, likely=likely, parts=parts,
          gives=f"{language.GIVES}, skip (), reads ()")
def model(draw: Draw) -> Case:
    """Stacked LSTMs that read characters and predict each next one, with or without residual connections.

    (1) h_t^1 = LSTM_1(x_t, h_{t-1}^1)                                      (B, H)    x_t is one-hot, over V inputs
    (2) f_t^l = LSTM_l(h_t^{l-1}, f_{t-1}^l)                                (B, H)    l = 2 .. num_layers, over H inputs
    (3) h_t^l = f_t^l + h_t^{l-1}  with residual connections, f_t^l without (B, H)    the next step reads f, not h
    (4) y_t   = h_t^L W_hy + b_y                                            (B, V)    logits of the character at t + 1
    (5) L     = -sum_b sum_t ln softmax(y_{b,t})_{target_{b,t}}                       and the number of targets, B T

    Return a layers.LanguageModel: a class that inherits from it, with an `__init__` that makes the layers, of
    layers.LSTM and a layers.Linear, and a `__call__(ids, state=None)` that returns the logits (B, T, V) and the state.
    It has `loss(batch)`, (5), already, which hands the state on from batch to batch.

    Looked at are: how many of its parameters are `silent`, without any part in the loss; the number of its `weights`;
    the `shape` of the logits for ids (3, 5); which steps each step `sees`, and which `rows`; `carried`, 1 if a text
    that is read in two calls, the state handed on, has the loss of one call; `loss`, in parts of (5); `number`, what
    loss returns beside it; `skip`, how many times h^1 is in h^L where all layers above it return 0; and `reads`, 1 if
    with residual connections a layer above reads h^1 where those between return 0. What cannot be computed is -1.

    Given   V, the characters; H, the units of each layer; num_layers, 1 and more; residual, True or False
    Hint    One layers.LSTM can hold all layers: what does its docstring say about `residual`? Or make a list of them.
    Hint    With one layer there is no layer below, so nothing to add: make sure that this case is not an error.
    Hint    The state of several layers.LSTM is a layers.StackState of all their parts; each takes its own part back.
    Look    silent: parameters without a gradient have no part in the loss: a layer that is made and never called?
    Look    weights: layer 1 over V inputs, each one above over H, W_hy (H, V) and b_y (V,).
    Look    shape: a prediction of V scores at each step of each row.
    Look    sees: the character at t + 1 is predicted from those up to t, all of them and no later one.
    Look    rows: no text should know of another one; which axis are the rows, and which the steps?
    Look    carried: does each layer begin from its own part of the state, and is its last state returned?
    Look    loss: minus the sum of the logarithms over rows and steps.
    Look    number: of the targets, which are as many as ids.
    Look    skip: follow h^1 up through (3): how often is it added until it has come to h^L?
    Look    reads: (2) reads h^{l-1}, the sum, and not f^{l-1} alone."""
    V, H = 20 + int(draw.rng.randint(5)), 3 + int(draw.rng.randint(2))
    num_layers, residual = int(draw.rng.randint(1, 5)), bool(draw.rng.randint(2))
    found = language.recurrent(V, total(parts(V, H, num_layers, residual))) | {
        "skip": np.asarray(float(residual or num_layers == 1)), "reads": np.asarray(1)}
    return Case({"V": V, "H": H, "num_layers": num_layers, "residual": residual}, found)


@practice("practice-8.2", "8.2", {"num_layers": (1, 3), "residual": (False, True), "H": (32, 64)},
          measures="nats, parameters", seconds=60)
def depth() -> Baseline:
    """How deep, with residual connections or without, and how many units.

    Train your model on the first 200,000 letters of Tiny Shakespeare, which
    exercises.practices.gru_and_lstm_7_3.first_characters(recipe) makes a task of, and measure the nats a character on
    its validation part (training.train keeps the best as `best`). Give all rows the same number of steps. With one
    layer there is nothing to add, so that the two rows of the shallow network should be the same. The best row has to
    beat what counting reaches, 2-grams of the same training part. How much better is the deep network than a shallow
    one of as many weights?"""
    task = first_characters(Recipe(batch=16))
    return Baseline("counting 2-grams", counting(task.train_ids, task.validation_ids, len(task.vocabulary), 2),
                    less_is_better=True)
