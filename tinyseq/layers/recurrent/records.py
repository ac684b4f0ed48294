"""The by-hand sequences' records, as in checks/records; the references stand in checks/records/cells.py."""
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from tinyseq.autograd import tensor
from tinyseq.backend import to_device, xp
from tinyseq.checks.records.cells import PHI, Options, gru, gru_cudnn, lstm, one_hot, over_time, rnn
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import PRIMES
from tinyseq.layers.recurrent.gru import gru_sequence
from tinyseq.layers.recurrent.gru_cudnn import gru_cudnn_sequence
from tinyseq.layers.recurrent.gru_cudnn_varied import gru_cudnn_varied_sequence
from tinyseq.layers.recurrent.gru_varied import gru_varied_sequence
from tinyseq.layers.recurrent.lstm import lstm_sequence
from tinyseq.layers.recurrent.lstm_varied import lstm_varied_sequence
from tinyseq.layers.recurrent.rnn import rnn_sequence
from tinyseq.layers.recurrent.rnn_varied import rnn_varied_sequence
from tinyseq.layers.recurrent.stack import GRU, LSTM, RNN

KINDS = ("ones", "plain", "odd", "large")                  # layers refuse empty batches, and nothing broadcasts
LARGE = (8, 40, 6, 5)                                      # B, T, D, H
KINK = 0.02                                                # how close to 0 a relu's argument may come
FLAT = 0.05                                                # the least spread of what is normalised


def sizes(rng: Any, kind: str) -> tuple[int, ...]:
    """B, T, D, H."""
    if kind == "odd":
        return tuple(int(n) for n in rng.permutation(PRIMES))
    if kind == "large":
        return LARGE
    return (1, 1, 1, 1) if kind == "ones" else tuple(int(n) for n in rng.integers(1, 5, 4))


class Cell(NamedTuple):
    """What the draw of a by-hand sequence must know of it.

    step     (x_t, states, weights, Options) -> states, one row at a time, in NumPy
    states   the names of the initial states          gates   what lies side by side in the weights, () for one block
    extra    names of further biases (H,)"""
    step: Callable
    states: tuple[str, ...]
    gates: tuple[str, ...]
    extra: tuple[str, ...] = ()


RNN_CELL, LSTM_CELL = Cell(rnn, ("h0",), ()), Cell(lstm, ("h0", "c0"), ("i", "f", "g", "o"))
GRU_CELL, CUDNN_CELL = Cell(gru, ("h0",), ("r", "z", "n")), Cell(gru_cudnn, ("h0",), ("r", "z", "n"), ("b_hn",))
OPTIONS = ("gamma_x", "gamma_h", "residual")               # the last arguments of a varied sequence; each may be None


def draws(f: Callable, cell: Cell, varied: bool = False) -> Callable:
    """The draw of a by-hand sequence: dense inputs or ids, all of one length or ragged; of a varied one with any of
    its options."""
    def draw(rng: Any, kind: str, **settings: Any) -> Sample:
        while True:
            spreads: list[float] = []
            sample = draw_any(rng, kind, spreads, **settings)
            if not varied or kind == "large" or not _near_flat(sample, spreads):
                return sample

    def draw_any(rng: Any, kind: str, spreads: list[float], **settings: Any) -> Sample:
        B, T, D, H = sizes(rng, kind)
        k = max(len(cell.gates), 1)
        lengths = [T] * B if rng.random() < 0.4 else sorted(map(int, rng.integers(0, T + 1, B)), reverse=True)
        alive = [sum(n > t for n in lengths) for t in range(T)]
        ids = rng.integers(0, D, (B, T)) if rng.random() < 0.3 else None
        shapes = {"x": (B, T, D), **{name: (B, H) for name in cell.states}, "W_xh": (D, k * H), "W_hh": (H, k * H),
                  "b_h": (k * H,), **{name: (H,) for name in cell.extra}}
        packed = {"W_xh", "W_hh", "b_h", "gamma_x", "gamma_h"}
        given: dict[str, Any] = {"x": None if ids is None else to_device(ids)}
        mask = None
        if varied:
            shapes |= {"gamma_x": (k * H,), "gamma_h": (k * H,), "residual": (B, T, H)}
            given |= dict.fromkeys(OPTIONS)
            mask = rng.choice([0, 1.25], (B, H)) if rng.random() < 0.5 else None
        wanted = [name for name in shapes
                  if (ids is None if name == "x" else name not in OPTIONS or rng.random() < 0.6)]
        scale = {"W_hh": 1 / math.sqrt(H)}                  # larger ones make chaos, but under a norm
        scale |= {"x": 3, "W_xh": 3} if "gamma_x" in wanted else {}
        scale |= {"W_hh": 3} if "gamma_h" in wanted else {}
        inputs = [rng.standard_normal(shapes[name]) * scale.get(name, 1) for name in wanted]

        def call(*tensors: Any) -> Any:
            arguments = {**given, **dict(zip(wanted, tensors, strict=True))}
            masks = {} if mask is None else {"mask": to_device(mask.astype(tensors[0].dtype))}
            return f(*(arguments[name] for name in shapes), alive=alive, **masks, **settings)

        def reference(*arrays: Any) -> tuple:
            dtype, named = arrays[0].dtype, dict(zip(wanted, arrays, strict=True))
            x = named["x"] if ids is None else one_hot(ids, D, dtype)
            weights = tuple(named[name] for name in ("W_xh", "W_hh", "b_h", *cell.extra))

            def step(x_t: Any, states: list, row: int) -> tuple:
                options = Options(named.get("gamma_x"), named.get("gamma_h"),
                                  1 if mask is None else mask[row].astype(dtype), spreads)
                return cell.step(x_t, states, weights, options, **settings)
            return over_time(step, x, tuple(named[name] for name in cell.states), lengths, named.get("residual"))
        return Sample(inputs, call, reference, tuple(wanted),
                      tuple(cell.gates if name in packed else () for name in wanted))
    return draw


def draws_rnn(f: Callable, varied: bool = False) -> Callable:
    """As the others; and where phi is relu, at a point where no pre-activation is so near 0 that a step changes it."""
    def draw(rng: Any, kind: str) -> Sample:
        nonlinearity = str(rng.choice(["tanh", "sigmoid"] if kind == "large" else list(PHI)))
        while True:
            sample = draws(f, RNN_CELL, varied)(rng, kind, nonlinearity=nonlinearity)
            if nonlinearity != "relu" or not _near_kink(sample):
                return sample
    return draw


def _near_kink(sample: Sample) -> bool:
    """Whether moving all biases by KINK either way switches a unit on or off."""
    inputs = dict(zip(sample.names, sample.inputs, strict=True))
    patterns = []
    for shift in (-KINK, 0.0, KINK):
        hs = sample.reference(*{**inputs, "b_h": inputs["b_h"] + shift}.values())[0]
        patterns.append(hs - inputs.get("residual", 0) > 0)
    return bool((patterns[0] != patterns[1]).any() or (patterns[2] != patterns[1]).any())


def _near_flat(sample: Sample, spreads: list[float]) -> bool:
    """Whether some product is nearly the same in all columns: there its norm bends within a step. The same in all, as
    where everything is masked, it stays."""
    sample.reference(*sample.inputs)
    return any(0 < spread < FLAT for spread in spreads)


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


RECORDS = {
    "rnn_sequence": Record(draws_rnn(rnn_sequence), mistakes(small(RNN)), KINDS),
    "lstm_sequence": Record(draws(lstm_sequence, LSTM_CELL), mistakes(small(LSTM)), KINDS),
    "gru_sequence": Record(draws(gru_sequence, GRU_CELL), mistakes(small(GRU)), KINDS),
    "gru_cudnn_sequence": Record(draws(gru_cudnn_sequence, CUDNN_CELL), mistakes(small(GRU, variant="cudnn")), KINDS),
    "rnn_varied_sequence": Record(draws_rnn(rnn_varied_sequence, varied=True),
                                  mistakes(small(RNN, layer_norm=True)), KINDS),
    "lstm_varied_sequence": Record(draws(lstm_varied_sequence, LSTM_CELL, varied=True),
                                   mistakes(small(LSTM, layer_norm=True)), KINDS),
    "gru_varied_sequence": Record(draws(gru_varied_sequence, GRU_CELL, varied=True),
                                  mistakes(small(GRU, layer_norm=True)), KINDS),
    "gru_cudnn_varied_sequence": Record(draws(gru_cudnn_varied_sequence, CUDNN_CELL, varied=True),
                                        mistakes(small(GRU, variant="cudnn", layer_norm=True)), KINDS),
}
