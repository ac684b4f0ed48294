"""The by-hand sequences' records, as in checks/records; the references stand in checks/records/cells.py."""
import math
from collections.abc import Callable
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.backend import to_device, xp
from tinyseq.checks.records.cells import PHI, gru, gru_cudnn, lstm, one_hot, over_time, rnn
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import PRIMES
from tinyseq.layers.recurrent.gru import gru_sequence
from tinyseq.layers.recurrent.gru_cudnn import gru_cudnn_sequence
from tinyseq.layers.recurrent.lstm import lstm_sequence
from tinyseq.layers.recurrent.rnn import rnn_sequence
from tinyseq.layers.recurrent.stack import GRU, LSTM, RNN

KINDS = ("ones", "plain", "odd", "large")                  # layers refuse empty batches, and nothing broadcasts
LARGE = (8, 40, 6, 5)                                      # B, T, D, H
KINK = 0.02                                                # how close to 0 a relu's argument may come


def sizes(rng: Any, kind: str) -> tuple[int, ...]:
    """B, T, D, H."""
    if kind == "odd":
        return tuple(int(n) for n in rng.permutation(PRIMES))
    if kind == "large":
        return LARGE
    return (1, 1, 1, 1) if kind == "ones" else tuple(int(n) for n in rng.integers(1, 5, 4))


def draws(f: Callable, step: Callable, states: str, gates: tuple[str, ...], extra: tuple[str, ...] = ()) -> Callable:
    """The draw of a by-hand sequence: dense inputs or ids, all of one length or ragged.

    states   the names of the initial states          gates   what lies side by side in the weights, () for one block
    extra    names of further biases (H,)             step    (x_t, states, weights) -> states, one row at a time"""
    def draw(rng: Any, kind: str, **settings: Any) -> Sample:
        B, T, D, H = sizes(rng, kind)
        k = max(len(gates), 1)
        shapes = {**{name: (B, H) for name in states.split()}, "W_xh": (D, k * H), "W_hh": (H, k * H), "b_h": (k * H,),
                  **{name: (H,) for name in extra}}
        lengths = [T] * B if rng.random() < 0.4 else sorted(map(int, rng.integers(0, T + 1, B)), reverse=True)
        alive = [sum(n > t for n in lengths) for t in range(T)]
        ids = rng.integers(0, D, (B, T)) if rng.random() < 0.3 else None
        if ids is None:
            shapes = {"x": (B, T, D), **shapes}
        inputs = [rng.standard_normal(shape) / (math.sqrt(H) if name == "W_hh" else 1)     # larger ones make chaos
                  for name, shape in shapes.items()]
        blocks = tuple(gates if name in ("W_xh", "W_hh", "b_h") else () for name in shapes)
        given = () if ids is None else (to_device(ids),)

        def reference(*arrays: Any) -> tuple:
            x = arrays[0] if ids is None else one_hot(ids, D, arrays[0].dtype)
            rest = arrays[1:] if ids is None else arrays
            n = len(states.split())
            return over_time(lambda x_t, s: step(x_t, s, rest[n:], **settings), x, rest[:n], lengths)
        return Sample(inputs, lambda *tensors: f(*given, *tensors, alive=alive, **settings), reference,
                      tuple(shapes), blocks)
    return draw


def draw_rnn(rng: Any, kind: str) -> Sample:
    """As the others; and where phi is relu, at a point where no pre-activation is so near 0 that a step changes it."""
    draw = draws(rnn_sequence, rnn, "h0", ())
    nonlinearity = str(rng.choice(["tanh", "sigmoid"] if kind == "large" else list(PHI)))
    while True:
        sample = draw(rng, kind, nonlinearity=nonlinearity)
        if nonlinearity != "relu" or not _near_kink(sample):
            return sample


def _near_kink(sample: Sample) -> bool:
    """Whether moving all biases by KINK either way switches a unit on or off."""
    b_h = sample.names.index("b_h")
    patterns = []
    for shift in (-KINK, 0.0, KINK):
        inputs = [x + shift if i == b_h else x for i, x in enumerate(sample.inputs)]
        patterns.append(sample.reference(*inputs)[0] > 0)
    return bool((patterns[0] != patterns[1]).any() or (patterns[2] != patterns[1]).any())


def mistakes(layer: Callable) -> tuple[Mistake, ...]:
    """What a layer refuses on behalf of its sequence, for a layer of 3 inputs and 2 units."""
    x = xp.zeros((2, 4, 3), "float32")
    return (
        Mistake(lambda: layer()(tensor(x[:, :, :2])), ("(2, 4, 2)", "D=3")),
        Mistake(lambda: layer()(tensor(x[0])), ("(4, 3)", "(B, T, D=3)")),
        Mistake(lambda: layer()([[0, 3]]), ("3", "from 0 to 2")),
        Mistake(lambda: layer()(tensor(x), layer().initial_state(3)), ("(3, 2)", "(2, 2)")),
        Mistake(lambda: layer()(tensor(x), lengths=[4]), ("2", "(1,)")),
        Mistake(lambda: layer()(tensor(x), lengths=[4, 5]), ("T=4", "5")),
    )


def small(kind: Callable, **settings: Any) -> Callable:
    return lambda: kind(3, 2, **settings)


GRU_GATES = ("r", "z", "n")

RECORDS = {
    "rnn_sequence": Record(draw_rnn, mistakes(small(RNN)), KINDS),
    "lstm_sequence": Record(draws(lstm_sequence, lstm, "h0 c0", ("i", "f", "g", "o")), mistakes(small(LSTM)), KINDS),
    "gru_sequence": Record(draws(gru_sequence, gru, "h0", GRU_GATES), mistakes(small(GRU)), KINDS),
    "gru_cudnn_sequence": Record(draws(gru_cudnn_sequence, gru_cudnn, "h0", GRU_GATES, extra=("b_hn",)),
                                 mistakes(small(GRU, variant="cudnn")), KINDS),
}
