"""Three language models of one size, side by side: one way, both ways, masked (chapter 8.1).

    (1) h_t = LSTM(x_t, h_{t-1}),  h_0 = 0          what x_1 .. x_t leave behind                  (B, H)
    (2) g_t = LSTM'(x_t, g_{t+1}),  g_{T+1} = 0     what x_T .. x_t leave behind                  (B, H')

    autoregressive  (3) P(x_t | x_1 .. x_{t-1})                       = softmax(h_{t-1} W + b)
    bidirectional   (4) P(x_t | x_1 .. x_{t-1}, x_{t+1} .. x_T)       = softmax([h_{t-1}; g_{t+1}] W + b)
    masked          (5) P(x_t | all x_s that are not masked)          = softmax([h_t; g_t] W + b),  t masked

The first two never read x_t, since neither h_{t-1} nor g_{t+1} has. The third reads every step, and so a fifth of its
inputs is replaced by a symbol of their own, MASK, and only these are predicted. H' is such that all have about the
same number of weights. Only (3) multiplied over t is the probability of a text: its e^nats is a perplexity, that of
(4) and (5) a pseudo-perplexity. The task and the table: training/masked.py. What becomes of a network that predicts
from both sides and has read its answer: errata/reads_its_answer.py.

Masking: Devlin et al. 2019. Pseudo-perplexity: Wang and Cho 2019; Salazar et al. 2020.
"""
import math
from dataclasses import dataclass
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.backend import host, to_host, xp
from tinyseq.layers import LSTM, Linear, Module, StackState


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 65                        # characters; the corpus decides
    H: int = 256                       # units of the autoregressive one; the others have as many weights


TINY = Config(V=4, H=4)

PRESETS = {
    "quick": {"H": 128, "steps": 2000, "batch": 32, "seq_len": 64, "lr": 0.02, "warmup": 100},
    "long": {"steps": 5000, "batch": 32, "seq_len": 96, "lr": 0.02, "warmup": 100},
    "book": {"steps": 87_120, "batch": 256, "seq_len": 180, "lr": 0.01, "schedule": "constant", "clip_norm": None,
             "clip_value": 0.5, "evaluate_every": 4356},
}


class Autoregressive(Module):
    """(1), (3).  Call: ids (B, T) -> logits (B, T, V), those of step t before x_t was read."""

    def __init__(self, V: int, H: int):
        self.stack = LSTM(V, H)
        self.output = Linear(H, V)

    def __call__(self, ids) -> Tensor:
        hs, _ = self.stack(ids)                                                     # (1)   (B, T, H)
        return self.output(step_before(hs))                                         # (3)

    def step(self, ids, state: StackState) -> tuple[Tensor, StackState]:
        """One symbol further: ids (B,) -> logits (B, V) of the symbol after it, state."""
        hs, state = self.stack(xp.asarray(ids)[:, None], state)
        return self.output(hs[:, 0]), state


class Bidirectional(Module):
    """(1), (2), (4).  Call: ids (B, T) -> logits (B, T, V), those of step t without x_t."""

    def __init__(self, V: int, H: int):
        # One layer only: a second one would read h_s and g_s of all steps, and between them they know x_t.
        self.stack = LSTM(V, H, bidirectional=True)
        self.output = Linear(2 * H, V)

    def __call__(self, ids) -> Tensor:
        hs, gs = ops.split(self.stack(ids)[0], 2)                                   # (1), (2)   each (B, T, H')
        both = ops.concat(step_before(hs), step_after(gs), axis=-1)                 # (4)   (B, T, 2H')
        return self.output(both)                                                    # (4)


class Masked(Module):
    """(1), (2), (5).  Call: ids (B, T), places (B, M) to mask -> their logits (B, M, V).
    Raises ValueError for a place that the window does not have."""

    def __init__(self, V: int, H: int):
        self.mask = V                                      # the id of MASK, one more than there are to predict
        self.stack = LSTM(V + 1, H, bidirectional=True)
        self.output = Linear(2 * H, V)

    def __call__(self, ids, places) -> Tensor:
        masked = host.np.array(to_host(ids))
        if places.size and (places.min() < 0 or places.max() >= masked.shape[1]):
            raise ValueError(f"places to mask go from 0 to T-1={masked.shape[1] - 1}; got {places.min()} to "
                             f"{places.max()}")
        host.np.put_along_axis(masked, places, self.mask, axis=1)
        both, _ = self.stack(masked)                                                # (1), (2)   (B, T, 2H')
        return self.output(both[rows_of(places), places])                           # (5)   (B, M, 2H'), (B, M, V)


class ThreeLanguageModels(Module):
    """Made with  config.   Parts: .autoregressive, .bidirectional, .masked; equations (1)-(5)."""

    task = "masked"

    def __init__(self, config: Config):
        H = units_of_equal_size(config.V, config.H)
        self.autoregressive = Autoregressive(config.V, config.H)
        self.bidirectional = Bidirectional(config.V, H)
        self.masked = Masked(config.V, H)

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P of all three over the batch, and the number of predictions; a masked one counts T/M fold, so
        that no model weighs more than another. They share no weight.

        (6) L = T/M L_masked + L_autoregressive + L_bidirectional,   each -sum ln P(target)"""
        ids, places = batch.ids, batch.places
        wanted = ids[rows_of(places), places]                                       # (B, M)
        masked = ops.cross_entropy(self.masked(ids, places), wanted, reduction="sum") * (ids.size / places.size)   # (6)
        total = masked + sum(ops.cross_entropy(model(ids), ids, reduction="sum")
                             for model in (self.autoregressive, self.bidirectional))    # (6)
        return total, 3 * ids.size

    def start(self, B: int, source: None = None) -> StackState:
        """Texts are written by the autoregressive one: the state before their first symbol."""
        return self.autoregressive.stack.initial_state(B)

    def step(self, ids, state: StackState) -> tuple[Tensor, StackState]:
        """As in Autoregressive."""
        return self.autoregressive.step(ids, state)


def step_before(hs: Tensor) -> Tensor:
    """h_0 .. h_{T-1} from h_1 .. h_T:  hs = [h_0; ...; h_{T-1}],  h_0 = 0  (1)  (B, T, H)"""
    return ops.pad(hs[:, :-1], ((0, 0), (1, 0), (0, 0)))                            # (1)


def step_after(gs: Tensor) -> Tensor:
    """g_2 .. g_{T+1} from g_1 .. g_T:  gs = [g_2; ...; g_{T+1}],  g_{T+1} = 0  (2)  (B, T, H)"""
    return ops.pad(gs[:, 1:], ((0, 0), (0, 1), (0, 0)))                             # (2)


def rows_of(places) -> Any:
    """The rows (B, 1) that belong to places (B, M), to pick both out of a batch."""
    return host.np.arange(len(places))[:, None]


def units_of_equal_size(V: int, H: int) -> int:
    """The largest H' with which two directions have no more weights than one with H:

        8 (V H' + H'^2 + H') + 2 H' V  <=  4 (V H + H^2 + H) + H V = n"""
    n = 4 * (V * H + H * H + H) + H * V
    p = 10 * V + 8
    return max(1, (math.isqrt(p * p + 32 * n) - p) // 16)


Model = ThreeLanguageModels
