"""Cells on top of each other, in one direction or two: written once for RNN, LSTM and GRU."""
from collections.abc import Callable
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import to_device, to_host, xp
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.module import Module
from tinyseq.layers.named import named
from tinyseq.layers.recurrent.gru import GRUCell
from tinyseq.layers.recurrent.gru_cudnn import CudnnGRUCell
from tinyseq.layers.recurrent.gru_cudnn_varied import VariedCudnnGRUCell
from tinyseq.layers.recurrent.gru_varied import VariedGRUCell
from tinyseq.layers.recurrent.lstm import LSTMCell
from tinyseq.layers.recurrent.lstm_varied import VariedLSTMCell
from tinyseq.layers.recurrent.rnn import RNNCell
from tinyseq.layers.recurrent.rnn_varied import VariedRNNCell
from tinyseq.layers.recurrent.states import StackState
from tinyseq.layers.twins import check_method
from tinyseq.ops import concat, flip, gather, reverse, split, where
from tinyseq.ops.gather import checked_ids

RESIDUALS = {"add": 1, "skip2": 2, "inside": 2}            # how many layers further down the added output stands


class Stack(Module):
    """hs_1 = cell_1(x);  hs_l = cell_l(dropout(hs_{l-1}));  with two directions hs_l = [forward; backward]     (1)

    The backward direction reads each sequence from its own end (Schuster and Paliwal 1997). Residual connections, of
    layers that have one that far below them (so never of the first):

        "add"       hs_l = cell_l(dropout(hs_{l-1})) + hs_{l-1}      from layer 2 on                                (2)
        "skip2"     hs_l = cell_l(dropout(hs_{l-1})) + hs_{l-2}      from layer 3 on
        "inside"    hs_{l-2} is added at each step, and the sum is the state that the next step reads; from layer 3 on

    The rows of a ragged batch are sorted, longest first, and their padding is 0:  x = x where alive, else 0        (3)

    Made with  D: inputs.  H: units of each cell.  num_layers.  bidirectional.  dropout: probability between layers
               (not after the last), anew at each step.  recurrent_dropout: probability of the masks of inputs and
               states that stay the same at all steps (variations.py).  residual: None or one of the above.
               layer_norm: whether the products of input and state are normalised (variations.py).  method: "by_hand"
               or "by_tape", the fast twin or the slow one.
    Call       x (B, T, D), or ids (B, T), which stand for one-hot rows of width D and cost a look-up;
               state: what an earlier call returned (None: zeros);  lengths (B,) of ragged sequences (None: all T)
               -> y (B, T, H), or (B, T, 2H) with two directions, 0 at padded steps;  state (a StackState)
    Raises     ValueError if sizes, lengths or the state do not fit, or for a setting that would do nothing."""

    own_settings: tuple[str, ...] = ()     # of its kind of cell

    def __init__(self, D: int, H: int, num_layers: int = 1, bidirectional: bool = False, dropout: float = 0.0,
                 recurrent_dropout: float = 0.0, residual: str | None = None, layer_norm: bool = False,
                 method: str = "by_hand", **settings: Any):
        _check_known(self, settings)
        _check_settings(D, H, num_layers, dropout, recurrent_dropout, residual)
        check_method(type(self).__name__, method)
        self.D, self.H, self.directions = D, H, 2 if bidirectional else 1
        self.recurrent_dropout, self.residual, self.layer_norm = recurrent_dropout, residual, layer_norm
        self.varied = bool(recurrent_dropout or layer_norm or residual == "inside")
        if self.varied:
            settings |= {"layer_norm": layer_norm, "recurrent_dropout": recurrent_dropout}
        sizes = [D] + [self.directions * H] * (num_layers - 1)
        self.cells = [self.cell(size, H, method=method, **settings) for size in sizes for _ in range(self.directions)]
        self.dropout = Dropout(dropout)

    def cell(self, D: int, H: int, **settings: Any) -> Any:
        """A cell of this stack's kind, the varied one if self.varied."""
        raise NotImplementedError

    def initial_state(self, B: int) -> StackState:
        """Zeros for a batch of B sequences."""
        return StackState(cell.initial_state(B) for cell in self.cells)

    def __call__(self, x, state: StackState | None = None, lengths=None) -> tuple[Tensor, StackState]:
        x = self._checked_input(x)
        B, T = x.shape[:2]
        state = self._checked_state(state, B)
        lengths = _checked_lengths(lengths, B, T)
        masks = [cell.masks(B) for cell in self.cells] if self.varied else []
        if min(lengths, default=T) == T:
            return self._run(x, state, masks, lengths, self.dropout)
        order = sorted(range(B), key=lambda row: -lengths[row])             # longest first
        back = sorted(range(B), key=lambda place: order[place])
        if isinstance(x, Tensor):                                           # 0 at padded steps, whatever stood there
            is_alive = xp.arange(T)[None, :, None] < xp.asarray(lengths)[:, None, None]
            x = where(is_alive, x, xp.zeros_like(x.data))                   # (3)  (B, T, D)
        y, last = self._run(_rows(x, order), state.select(order),           # (3)  (B, T, D), (B, H)
                            [m.select(order) for m in masks], [lengths[row] for row in order],
                            lambda x: self._dropout_of_rows(x, order, back))
        return gather(y, back), last.select(back)                           # (3)  (B, T, H or 2H)

    def _run(self, x, state: StackState, masks: list, lengths: list[int],
             dropout: Callable[[Tensor], Tensor]) -> tuple[Tensor, StackState]:
        """The layers one after the other, over sequences sorted by length."""
        alive = [sum(length > t for length in lengths) for t in range(x.shape[1])]
        outputs: list[Tensor] = []                                          # of each layer
        last = []
        for first in range(0, len(self.cells), self.directions):
            x = dropout(outputs[-1]) if outputs else x
            below = self._from_below(outputs)
            inside, outside = (below, None) if self.residual == "inside" else (None, below)
            y, s = self._layer(first, x, inside, state, masks, lengths, alive)
            outputs.append(y if outside is None else y + outside)           # (2)
            last += s
        return outputs[-1], StackState(last)

    def _layer(self, first: int, x, residual: Tensor | None, state: StackState, masks: list,
               lengths: list[int], alive: list[int]) -> tuple[Tensor, list]:
        """The cell `first` and, with two directions, the one behind it: hs (B, T, H or 2H) and their last states."""
        parts, last = [], []
        halves = split(residual, self.directions) if residual is not None else [None] * self.directions     # (2)
        for k, half in enumerate(halves, first):
            turned = (lambda x: x) if k == first else (lambda x: _reversed(x, lengths))
            variation = (masks[k], None if half is None else turned(half)) if self.varied else ()
            hs, s = self.cells[k](turned(x), state[k], alive, *variation)   # (1)  (B, T, D), (B, T, H)
            parts.append(turned(hs))                                        # (1)
            last.append(s)
        return parts[0] if self.directions == 1 else concat(*parts, axis=-1), last      # (1)  (B, T, H or 2H)

    def _from_below(self, outputs: list[Tensor]) -> Tensor | None:
        """What the residual connection adds to the next layer, if anything."""
        if self.residual is None or len(outputs) < RESIDUALS[self.residual]:
            return None
        return outputs[-RESIDUALS[self.residual]]

    def _dropout_of_rows(self, x: Tensor, order: list[int], back: list[int]) -> Tensor:
        """Dropout of sorted rows. A mask belongs to a row's place in the whole batch, which sorting must not change."""
        if not self.training or not self.dropout.p:
            return x
        return gather(self.dropout(gather(x, back)), order)

    def _checked_input(self, x):
        """x as a Tensor (B, T, D), or ids as an array (B, T)."""
        x = x if hasattr(x, "dtype") else to_host(x)                        # a list
        if x.ndim > 1 and 0 in x.shape[:2]:
            raise ValueError(f"a batch has at least one sequence of at least one step; got x {x.shape}")
        if x.dtype.kind in "iu" and x.ndim == 2:
            return checked_ids(x, self.D, "ids")
        if x.dtype.kind != "f" or x.ndim != 3 or x.shape[2] != self.D:
            raise ValueError(f"{named(self)} takes x (B, T, D={self.D}) or whole numbers (B, T); got {x.dtype} "
                             f"{x.shape}{self._advice(x)}")
        return x if isinstance(x, Tensor) else Tensor(to_device(x))

    def _advice(self, x) -> str:
        """What to do about an x that does not fit, where the mistake is a usual one."""
        if x.ndim == 3 and x.shape[1] == self.D:
            return ": the steps come before the inputs, x.transpose(0, 2, 1)"
        if x.ndim == 2 and x.shape[1] == self.D:
            return ": one sequence is a batch of one, x[None]"
        if x.ndim == 3:
            return f": make the layer with D={x.shape[2]}, or bring x to {self.D} inputs a step"
        return ": give ids as whole numbers, or inputs with an axis for their D entries"

    def _checked_state(self, state: StackState | None, B: int) -> StackState:
        if state is None:
            return self.initial_state(B)
        shapes = [[part.shape for part in s] for s in state]
        expected = [[part.shape for part in s] for s in self.initial_state(B)]
        if shapes != expected:
            raise ValueError(f"the state of {named(self)} has for each layer and direction parts of shapes {expected} "
                             f"with this batch; got {shapes}: pass what this layer returned for the same rows, or None "
                             "to begin with zeros")
        return state

    def describe(self) -> str:
        layers = len(self.cells) // self.directions
        said = {f"{layers} layers": layers > 1, "both directions": self.directions == 2,
                f"recurrent dropout {self.recurrent_dropout}": self.recurrent_dropout,
                f"residual {self.residual}": self.residual, "layer norm": self.layer_norm}
        return ", ".join([str(self.D), str(self.H), *(words for words, is_on in said.items() if is_on)])


class RNN(Stack):
    """A stack of simple recurrent cells (rnn.py). nonlinearity: "tanh", "relu" or "sigmoid"; the rest as in Stack."""

    own_settings = ("nonlinearity",)

    def cell(self, D: int, H: int, **settings: Any) -> RNNCell:
        return (VariedRNNCell if self.varied else RNNCell)(D, H, **settings)


class LSTM(Stack):
    """A stack of LSTM cells (lstm.py), made and called as Stack says."""

    def cell(self, D: int, H: int, **settings: Any) -> LSTMCell:
        return (VariedLSTMCell if self.varied else LSTMCell)(D, H, **settings)


class GRU(Stack):
    """A stack of GRU cells, made and called as Stack says.

    variant "book": the reset gate before the recurrent product, h = (1-z) h + z n (gru.py, the default).
    variant "cudnn": the reset gate after it, h = (1-z) n + z h (gru_cudnn.py), as cuDNN and PyTorch have it."""

    own_settings = ("variant",)

    def cell(self, D: int, H: int, variant: str = "book", **settings: Any) -> GRUCell | CudnnGRUCell:
        if variant not in ("book", "cudnn"):
            raise ValueError(f"variant is 'book' or 'cudnn'; got {variant!r}")
        if variant == "book":
            return (VariedGRUCell if self.varied else GRUCell)(D, H, **settings)
        return (VariedCudnnGRUCell if self.varied else CudnnGRUCell)(D, H, **settings)


def _check_known(stack: Stack, settings: dict[str, Any]) -> None:
    """Raise ValueError for a setting that this kind of stack does not have."""
    for name in settings.keys() - set(stack.own_settings):
        advice = ": x is (B, T, D) here, the batch always first" if name == "batch_first" else ""
        raise ValueError(f"{type(stack).__name__} has no setting {name!r}{advice}; there are D, H, num_layers, "
                         f"bidirectional, dropout, recurrent_dropout, residual, layer_norm, method"
                         f"{''.join(f', {setting}' for setting in stack.own_settings)}")


def _check_settings(D: int, H: int, num_layers: int, dropout: float, recurrent_dropout: float,
                    residual: str | None) -> None:
    """Raise ValueError for settings that cannot be, or that would do nothing."""
    if min(D, H, num_layers) < 1:
        raise ValueError(f"sizes are at least 1; got D={D}, H={H}, num_layers={num_layers}")
    if dropout and num_layers == 1:
        raise ValueError("dropout lies between layers: with num_layers=1 it would do nothing. Put a Dropout after "
                         "this layer, or add a layer")
    if not 0 <= recurrent_dropout < 1:
        raise ValueError("recurrent_dropout, the part of inputs and states that is dropped, lies in [0, 1); got "
                         f"{recurrent_dropout}")
    if residual is None:
        return
    if residual not in RESIDUALS:
        raise ValueError(f"residual is None or one of {', '.join(RESIDUALS)}; got {residual!r}")
    if num_layers <= (below := RESIDUALS[residual]):
        raise ValueError(f"residual={residual!r} adds the output of layer l-{below} from layer {below + 1} on: with "
                         f"num_layers={num_layers} it would do nothing. Use at least {below + 1} layers, or leave it "
                         "out")


def _checked_lengths(lengths, B: int, T: int) -> list[int]:
    """B whole numbers from 0 to T."""
    if lengths is None:
        return [T] * B
    array = to_host(lengths)
    if array.dtype.kind not in "iu":
        raise ValueError(f"lengths are whole numbers; got {array.dtype}")
    if array.shape != (B,):
        advice = ": they are T, so x has time first; make it (B, T, D)" if array.shape == (T,) else ""
        raise ValueError(f"lengths are B={B} whole numbers, one a sequence; got shape {array.shape}{advice}")
    if B and (array.min() < 0 or array.max() > T):
        row = int(array.argmin() if array.min() < 0 else array.argmax())
        raise ValueError(f"lengths go from 0 to T={T}; sequence {row} has {array[row]}")
    return array.tolist()


def _rows(x: Any, order: list[int]):
    """The rows of x in another order, for a Tensor or an array of ids."""
    return gather(x, order) if isinstance(x, Tensor) else x[order]


def _reversed(x: Any, lengths: list[int]):
    """Each row read from its own end, for a Tensor or an array of ids: where all end together, a view."""
    if min(lengths) == x.shape[1]:
        return flip(x, axis=1) if isinstance(x, Tensor) else x[:, ::-1]
    return reverse(x, lengths) if isinstance(x, Tensor) else reverse(Tensor(x), lengths).data
