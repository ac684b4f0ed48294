"""A recurrent stack under an output layer: it reads symbols and predicts each next one."""
import math
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.backend import uniform, xp
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.module import Module, Parameter


class LanguageModel(Module):
    """What every model does that reads symbols with `self.stack`, an RNN, LSTM or GRU in one direction or whatever is
    called as one is, and predicts each next one."""

    stack: Any

    def __call__(self, ids, state: Any = None) -> tuple[Tensor, Any]:
        """ids (B, T), state or None -> logits (B, T, V), state."""
        raise NotImplementedError

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P(target) over the batch, and the number of targets. Starts from `batch.state` and leaves
        the state it ended with, cut off from its history, in `batch.last_state`.

        (1) L = -sum_{b,t} ln softmax(y_t)_{target_t}"""
        logits, state = self(batch.ids, batch.state)
        batch.last_state = state.detach()
        return ops.cross_entropy(logits, batch.targets, reduction="sum"), batch.targets.size    # (1)

    def start(self, B: int, source: None = None) -> Any:
        """The state before the first symbol of B texts."""
        return self.stack.initial_state(B)

    def step(self, ids, state: Any) -> tuple[Tensor, Any]:
        """One symbol further: ids (B,) -> logits (B, V), state. A recurrent stack's cost is the same however long
        the text is; that of a transformer, which looks back, is if it has a window or a context."""
        logits, state = self(xp.asarray(ids)[:, None], state)
        return logits[:, 0], state


class RecurrentLanguageModel(LanguageModel):
    """(1)  h_1..h_T  = stack(id_1..id_T, state)                 (B, T, H)
    (2)  y_t       = dropout(h_t) W_hy + b_y                     (B, T, V)    logits
    (3)  P(id_{t+1} = v | id_1..id_t) = softmax(y_t)_v

    Made with  stack: an RNN, LSTM or GRU over V inputs, or what is called as one is, in one direction: a backward one
               would read the answer.
               V: number of symbols.  dropout: of the hidden states before (2), while training.
    Weights    the stack's; W_hy (H, V) and b_y (V,), from U(-1/sqrt(H), 1/sqrt(H)).
    Call       ids (B, T), state or None -> logits (B, T, V), state
    Raises     ValueError for a stack with two directions."""

    task = "characters"

    def __init__(self, stack: Any, V: int, dropout: float = 0.0):
        if stack.directions == 2:
            raise ValueError("a language model reads in one direction: with bidirectional=True the state at step t "
                             "would already have read the symbol that step t is to predict")
        limit = 1 / math.sqrt(stack.H)
        self.stack = stack
        self.dropout = Dropout(dropout)
        self.W_hy = Parameter(uniform((stack.H, V), limit))
        self.b_y = Parameter(uniform((V,), limit))

    def __call__(self, ids, state: Any = None) -> tuple[Tensor, Any]:
        hs, state = self.stack(ids, state)                                          # (1)
        return self.dropout(hs) @ self.W_hy + self.b_y, state                       # (2)
