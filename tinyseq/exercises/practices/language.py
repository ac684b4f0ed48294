"""What is found out about a language model that a reader has built, and what general mistakes make of it."""
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad, tensor
from tinyseq.exercises import probes
from tinyseq.exercises.draw import np
from tinyseq.exercises.probes import as_model, count, mixes, scores, sees
from tinyseq.layers import Module
from tinyseq.training.characters import TextBatch

B, T = 3, 5                              # of the ids that a model is tried with
FOUND = "silent (), weights (), shape (axis), sees (T, T), rows (B, B), loss (), number ()"
GIVES = f"{FOUND}, carried ()"           # of a recurrent one


def expected(V: int, weights: int, silent: int = 0) -> dict[str, Any]:
    """FOUND, of a model that is right."""
    return {"silent": np.asarray(silent), "weights": np.asarray(weights), "shape": np.array([B, T, V]),
            "sees": np.tril(np.ones((T, T), int)), "rows": np.eye(B, dtype=int), "loss": np.asarray(1.0),
            "number": np.asarray(B * T)}


def recurrent(V: int, weights: int) -> dict[str, Any]:
    """GIVES, of a model that is right."""
    return expected(V, weights) | {"carried": np.asarray(1)}


def found(returned: Any, V: int, silent: Callable[[Module, Tensor], Any] = probes.silent) -> tuple[Any, ...]:
    """FOUND, of a model over V symbols. What cannot be found out, because something else is wrong already, is -1."""
    model: Any = as_model(returned).astype("float64").eval()
    ids, targets = drawn(V)
    y = scores(logits(model, ids))
    shape, seen, rows = np.asarray(y.shape), np.full((T, T), -1), np.full((B, B), -1)
    if y.ndim > 1:
        seen, rows = sees(lambda ids: logits(model, ids), ids), mixes(lambda ids: logits(model, ids), ids)
    if y.shape != (B, T, V):             # there is no loss of such logits
        return -1, count(model), shape, seen, rows, -1.0, -1
    total, number = _or_none(lambda: model.loss(TextBatch(ids, targets))) or (None, -1)
    if total is None:
        return -1, count(model), shape, seen, rows, -1.0, -1
    right = float(ops.cross_entropy(tensor(y), targets, reduction="sum").numpy())
    return (silent(model, total), count(model), shape, seen, rows, np.asarray(float(total.numpy()) / right),
            np.asarray(number))


def drawn(V: int) -> tuple[Any, Any]:
    """Ids and targets (B, T). As many symbols are among the ids as can be: no row of W_xh is without a part."""
    rng = np.random.RandomState(V)
    return rng.permutation(np.arange(B * T) % V).reshape(B, T), rng.randint(0, V, (B, T))


def probed(returned: Any, V: int) -> tuple[Any, ...]:
    """GIVES, of a model over V symbols."""
    return *found(returned, V), carried(returned, *drawn(V))


def carried(model: Any, ids: Any, targets: Any) -> Any:
    """1 if the losses of two halves of a text, the second from the state of the first, are that of the whole text."""
    def halves() -> tuple[float, float]:
        with no_grad():
            whole, first = TextBatch(ids, targets), TextBatch(ids[:, :2], targets[:, :2])
            loss, one = (model.loss(batch)[0] for batch in (whole, first))
            two = model.loss(TextBatch(ids[:, 2:], targets[:, 2:], first.last_state))[0]
        return float(loss.numpy()), float(one.numpy()) + float(two.numpy())
    found = _or_none(halves)
    return np.asarray(-1 if found is None else int(np.isclose(*found)))


def likely(V: int) -> dict[str, dict[str, Any]]:
    """What mistakes make of any language model."""
    seen = np.tril(np.ones((T, T), int))
    return {
        "the logits lie with the steps first, (T, B, V), and the batch is always first": {"shape": [T, B, V]},
        "the logits lie as (B, V, T): the V scores belong on the last axis": {"shape": [B, V, T]},
        "only the last step predicts, and every step should": {"shape": [B, V]},
        "the logits of all places lie in one axis, B T, and should be (B, T, V)": {"shape": [B * T, V]},
        "it reads the answer: each step sees the ids that come after it, so it hangs on the one that it is to predict":
            {"sees": np.ones((T, T), int)},
        "it reads backwards: each step sees itself and the steps after it, the answer among them": {"sees": seen.T},
        "the axes of rows and steps are taken for each other: a row hangs on the rows before it, and a step on no "
        "other step": {"sees": np.eye(T, dtype=int), "rows": np.tril(np.ones((B, B), int))},
        "each step sees its own id alone: nothing is handed on from step to step": {"sees": np.eye(T, dtype=int)},
        "it sees the id before alone, and neither its own nor those further back": {"sees": np.eye(T, k=-1, dtype=int)},
        "a step does not see its own id, the newest one: it is one step late": {"sees": seen - np.eye(T, dtype=int)},
        "it sees one id further on than it should, which is the answer":
            {"sees": np.tril(np.ones((T, T), int), k=1)},
        "it sees the first id alone": {"sees": np.eye(1, T, dtype=int).repeat(T, axis=0)},
        "nothing that it reads has a part in the logits": {"sees": np.zeros((T, T), int)},
        "each row hangs on all rows: something is averaged over the batch": {"rows": np.ones((B, B), int)},
        "the loss is the mean over the B T targets, and should be their sum": {"loss": 1 / (B * T)},
        "the loss is the mean over the rows, and should be the sum over rows and steps": {"loss": 1 / B},
        "the loss is the mean over the steps, and should be the sum over rows and steps": {"loss": 1 / T},
        "the loss has the wrong sign: it should be minus the logarithms' sum": {"loss": -1.0},
        "the loss is in bits, logarithms of base 2, and should be in nats": {"loss": 1 / np.log(2)},
        "number is that of the rows, B, and should be that of the targets, B T": {"number": B},
        "number is that of the steps, T, and should be that of the targets, B T": {"number": T},
        "number is 1, as if the loss were a mean: the caller divides the sum by it": {"number": 1},
        "the state is not carried: a text's second half begins from nothing and not from batch.state": {"carried": 0},
        "no state can be handed on: loss leaves none in batch.last_state from which the next call can begin":
            {"carried": -1, "number": B * T},
    }


def logits(model: Any, ids: Any) -> Any:
    """What the model says to ids (B, T). Raises TypeError if there are not logits and a state."""
    returned = model(ids)
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise TypeError(f"the model should return two things, the logits and the state; got a "
                        f"{type(returned).__name__}")
    return returned[0]


def _or_none(f: Callable[[], Any]) -> Any:
    """What f returns; None if it cannot be computed, since something else is wrong already."""
    try:
        return f()
    except (ValueError, TypeError, AttributeError, IndexError):
        return None
