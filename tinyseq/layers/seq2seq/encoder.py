"""The encoder: it reads the source and leaves a state for each of its symbols.

    (1) x_s        = E[id_s]                             (B, Tk, C)     the source's symbols
    (2) h_1..h_Tk  = stack(x_1..x_Tk)                    (B, Tk, D_h)   D_h = H, or 2H with two directions

Without attention the decoder gets what the stack ended with, alone; with attention all the h_s. Sutskever et al. 2014;
two directions: Bahdanau et al. 2015, section 3.2.
"""
from collections.abc import Sequence
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor
from tinyseq.backend import to_host
from tinyseq.layers.attention.masks import padding_mask
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.module import Module
from tinyseq.layers.named import named
from tinyseq.layers.recurrent.states import StackState


class Encoded(NamedTuple):
    """What an encoder knows of B sources.

    hs      (B, Tk, D_h), 0 behind a source's end
    state   what the stack ended with, each row at its own end; None of a transformer
    mask    booleans (B, Tk), True where a source has a symbol; None: everywhere"""
    hs: Tensor
    state: StackState | None
    mask: Any


class Encoder(Module):
    """The equations (1) and (2) at the head of this page.

    Made with  embedding (V, C).  stack: an RNN, LSTM or GRU of C inputs, any depth, one direction or two; or a
               Transformer of C channels.  dropout: of x_s, while training.
    Call       ids (B, Tk);  lengths (B,) of ragged sources (None: all Tk) -> Encoded
    Raises     ValueError if the widths do not fit, for an empty source, and for lengths beyond Tk."""

    def __init__(self, embedding: Embedding, stack: Any, dropout: float = 0.0):
        check_width("Encoder", stack, embedding.W.shape[1], "C")
        self.embedding, self.stack = embedding, stack
        self.dropout = Dropout(dropout)

    def __call__(self, ids: Any, lengths: Any = None) -> Encoded:
        B, Tk = checked_axes(f"{named(self)}: source", ids)
        lengths = checked_lengths(f"{named(self)}: source", lengths, B, Tk)
        x = self.dropout(self.embedding(ids))                                       # (1)
        is_even = lengths.min() == Tk
        hs, state = self.stack(x, lengths=None if is_even else lengths)             # (2)
        return Encoded(hs, state, None if is_even else padding_mask(lengths, Tk))


def side_by_side(name: str, sentences: Sequence[Any]) -> tuple[Any, Any]:
    """B sequences of ids -> one array (B, T), on the host, filled up with 0, and lengths (B,).

    Raises ValueError for no sentences, and for an empty one, with its number."""
    rows = [to_host(sentence).tolist() for sentence in sentences]
    if not rows or not all(isinstance(row, list) for row in rows):
        raise ValueError(f"{name} is a list of sentences, at least one, each a sequence of ids; got {sentences!r:.60}: "
                         "one sentence is a list of one, [sentence]")
    if [] in rows:
        raise ValueError(f"{name}: sentence {rows.index([])} is empty: a sentence has at least one symbol")
    T = max(map(len, rows))
    return to_host([row + [0] * (T - len(row)) for row in rows]), to_host([len(row) for row in rows])


def checked_axes(name: str, ids: Any) -> tuple[int, int]:
    """B and T of ids (B, T); ValueError if they are something else."""
    if getattr(ids, "ndim", None) != 2 or 0 in ids.shape:
        raise ValueError(f"{name} is an array of ids (B, T), at least one sentence of at least one symbol; got "
                         f"{getattr(ids, 'shape', type(ids).__name__)}")
    return ids.shape


def checked_lengths(name: str, lengths: Any, B: int, T: int) -> Any:
    """B whole numbers from 1 to T, on the host; None stands for all T."""
    array = to_host([T] * B if lengths is None else lengths)
    if array.dtype.kind not in "iu" or array.shape != (B,):
        raise ValueError(f"{name} lengths are B={B} whole numbers, one a sentence; got {array.dtype} {array.shape}")
    if array.min() < 1:
        raise ValueError(f"{name} sentence {array.argmin()} is empty, its length is {array.min()}: a sentence has at "
                         "least one symbol; leave it out")
    if array.max() > T:
        raise ValueError(f"{name} lengths go from 1 to T={T}, the steps that the batch is padded to; sentence "
                         f"{array.argmax()} has {array.max()}: pad to the longest, or cut it")
    return array


def check_width(name: str, stack: Any, width: int, letters: str) -> None:
    """Raise ValueError unless the stack reads that many inputs."""
    if stack.D != width:
        kind = type(stack).__name__
        raise ValueError(f"{name}: the stack reads {letters} = {width} inputs a step, and this one is made with "
                         f"D={stack.D}: make it {kind}({width}, {stack.H})")
