"""What mistakes make of the weights of attention: which scores are compared, and what is hidden when."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import to_device, to_host
from tinyseq.exercises.draw import np


def softmax(e: Any, seen: Any = True, axis: int = -1) -> Any:
    """The library's, of arrays; where a row sees nothing it is 0."""
    return to_host(ops.softmax(tensor(e), axis=axis, mask=to_device(np.broadcast_to(seen, e.shape).copy())).data)


def weights(e: Any, seen: Any, d: int = 0) -> dict[str, Any]:
    """What is wrong -> alpha, where alpha should be the softmax of e (..., Tq, Tk) over the keys that are `seen`.
    d: by whose root the scores were divided; 0: by none."""
    seen = np.broadcast_to(seen, e.shape)
    itself = np.broadcast_to(np.eye(e.shape[-2], e.shape[-1], e.shape[-1] - e.shape[-2]) > 0, e.shape)
    others, hidden = seen & ~itself, np.where(seen, e, -np.inf)
    alone = others | (itself & ~others.any(axis=-1, keepdims=True))
    late = np.roll(itself, 1, axis=-1) & ~np.tril(np.ones(e.shape[-2:], bool), e.shape[-1] - e.shape[-2])
    scaled = {
        "the scores are not divided by the root of the width": softmax(e * np.sqrt(d), seen),
        "the scores are divided by the width, and should be by its root": softmax(e / np.sqrt(d), seen),
        "the scores are multiplied by the root of the width, and should be divided": softmax(e * d, seen),
    } if d else {}
    return scaled | {
        "the mask is missing: a step sees those that follow it": softmax(e),
        "the mask comes after the softmax, so that the rows of alpha do not add up to 1": softmax(e) * seen,
        "what is hidden has the score 0 and not -inf, so that it is still seen": softmax(np.where(seen, e, 0)),
        "the mask is turned round: what should be hidden is seen, and what should be seen is hidden":
            softmax(e, ~seen),
        "the mask is transposed: a step sees those that follow it, and not those before":
            softmax(e, seen.swapaxes(-1, -2)) if e.shape[-1] == e.shape[-2] else softmax(e),
        "a step does not see itself, s < t": softmax(e, others),
        "a step does not see itself, s < t, but where it would see nothing": softmax(e, alone),
        "a step sees the next one as well, s <= t + 1": softmax(e, seen | late),
        "the softmax goes over the queries, and should go over the keys": softmax(e, seen, axis=-2),
        "the softmax goes over the queries, and should go over the keys; and nothing is hidden": softmax(e, axis=-2),
        "the softmax is missing: the scores themselves are the weights": np.where(seen, e, 0),
        "e^score is not divided by the sum of its row": np.where(seen, np.exp(np.where(seen, e, 0)), 0),
        "the keys that are seen all have the same weight, whatever their scores": softmax(0 * e, seen),
        "the whole weight is that of the largest score: a maximum stands for the softmax":
            softmax(np.where(hidden == hidden.max(axis=-1, keepdims=True), 0.0, -np.inf), seen),
    }
