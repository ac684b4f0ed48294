"""Correct configurations drawn at random: samples of all records, and recurrent layers with random settings."""
from zlib import crc32

from tinyseq import checks
from tinyseq.autograd import Tensor, tensor
from tinyseq.backend import host, manual_seed, to_device
from tinyseq.checks.records import RECORDS as RECORDS_OF_OPS
from tinyseq.checks.records import Sample
from tinyseq.layers import GRU, LSTM, RNN
from tinyseq.layers.recurrent.records import RECORDS as RECORDS_OF_CELLS
from tinyseq.layers.recurrent.stack import RESIDUALS
from tinyseq.layers.recurrent.states import StackState

np = host.np

RECORDS = {name: record for name, record in {**RECORDS_OF_OPS, **RECORDS_OF_CELLS}.items() if record.differentiable}


def generator(*words):
    """A random generator for this purpose alone, the same in each run."""
    return np.random.default_rng(crc32(repr(words).encode()))


def sample(records: dict, name: str, kind: str, seed: int) -> Sample:
    """One of a record's samples."""
    return records[name].draw(generator(name, kind, seed), kind)


def check_layer(seed: int) -> checks.Report:
    """Gradcheck a recurrent layer of random sizes and settings, with respect to its weights, input and state."""
    rng = generator("layer", seed)
    B, T, D, H = (int(n) for n in rng.integers(1, 5, 4))
    manual_seed(seed)
    layer = random_layer(rng, D, H).astype("float64")
    lengths = rng.integers(0, T + 1, B) if rng.random() < 0.5 else None
    begin = layer.initial_state(B)
    parts = [tensor(rng.standard_normal(part.shape), requires_grad=True) for s in begin for part in s]
    if rng.random() < 0.3:
        ids = to_device(rng.integers(0, D, (B, T)))
        return checks.gradcheck(lambda *parts: run(layer, ids, begin, parts, lengths), *parts, params=layer, seed=seed)
    x = tensor(rng.standard_normal((B, T, D)), requires_grad=True)
    return checks.gradcheck(lambda x, *parts: run(layer, x, begin, parts, lengths), x, *parts, params=layer, seed=seed)


def random_layer(rng, D: int, H: int):
    """RNN, LSTM or GRU."""
    settings = {"num_layers": int(rng.integers(1, 4)), "bidirectional": bool(rng.random() < 0.5),
                "method": str(rng.choice(["by_hand", "by_hand", "by_tape"]))}
    if settings["num_layers"] > 1 and rng.random() < 0.5:
        settings["dropout"] = 0.3
    if rng.random() < 0.3:
        settings["recurrent_dropout"] = 0.3
    if rng.random() < 0.3:
        settings["layer_norm"] = True
    if rng.random() < 0.5:
        possible = [name for name, below in RESIDUALS.items() if settings["num_layers"] > below]
        settings["residual"] = str(rng.choice(possible)) if possible else None
    kind = rng.integers(3)
    if kind == 0:
        return RNN(D, H, nonlinearity=str(rng.choice(["tanh", "sigmoid", "relu"])), **settings)
    return LSTM(D, H, **settings) if kind == 1 else GRU(D, H, variant=str(rng.choice(["book", "cudnn"])), **settings)


def run(layer, x, begin: StackState, parts: tuple[Tensor, ...], lengths) -> tuple[Tensor, ...]:
    """The layer's outputs and last states, from a state made of these parts."""
    given = iter(parts)
    y, last = layer(x, StackState(s.map(lambda _: next(given)) for s in begin), lengths=lengths)
    return (y, *(part for s in last for part in s))
