"""Recurrent stacks. PyTorch names a cell's weights by its layer and direction: weight_ih_l0, weight_ih_l0_reverse.

    weight_ih (kH, D) = W_xh^T          weight_hh (kH, H) = W_hh^T

The gates lie in the same order on both sides: i f g o, r z n. PyTorch adds two biases, bias_ih and bias_hh, of which
only the sum b_h matters: the second one is zero on the way there. In the candidate of the GRU the second stands
inside the reset gate and is a weight of its own, b_hn; what it adds to r and z belongs to the sum.
"""
from typing import Any

from tinyseq.backend import host
from tinyseq.layers import GRU, LSTM, RNN, Stack
from tinyseq.layers.recurrent.gru_cudnn import CudnnGRUCell

Arrays = dict[str, Any]


def lstm_from(stack: LSTM, theirs: Arrays) -> Arrays:
    """nn.LSTM -> LSTM."""
    return _ours(stack, theirs)


def lstm_to(stack: LSTM, ours: Arrays) -> Arrays:
    """LSTM -> nn.LSTM."""
    return _theirs(stack, ours)


def rnn_from(stack: RNN, theirs: Arrays) -> Arrays:
    """nn.RNN with the same nonlinearity -> RNN."""
    _check_nonlinearity(stack)
    return _ours(stack, theirs)


def rnn_to(stack: RNN, ours: Arrays) -> Arrays:
    """RNN -> nn.RNN with the same nonlinearity."""
    _check_nonlinearity(stack)
    return _theirs(stack, ours)


def gru_from(stack: GRU, theirs: Arrays) -> Arrays:
    """nn.GRU -> GRU(variant="cudnn")."""
    _check_variant(stack)
    inside, summed = {}, dict(theirs)
    for k, name in enumerate(_names(stack)):
        b_hh = theirs[f"bias_hh_{name}"]
        inside[f"cells.{k}.b_hn"] = b_hh[2 * stack.H:]
        summed[f"bias_hh_{name}"] = host.np.concatenate([b_hh[:2 * stack.H], host.np.zeros_like(b_hh[2 * stack.H:])])
    return {**_ours(stack, summed), **inside}


def gru_to(stack: GRU, ours: Arrays) -> Arrays:
    """GRU(variant="cudnn") -> nn.GRU."""
    _check_variant(stack)
    theirs = _theirs(stack, ours)
    for k, name in enumerate(_names(stack)):
        theirs[f"bias_hh_{name}"][2 * stack.H:] = ours[f"cells.{k}.b_hn"]
    return theirs


def _ours(stack: Stack, theirs: Arrays) -> Arrays:
    _check_options(stack)
    ours = {}
    for k, name in enumerate(_names(stack)):
        ours[f"cells.{k}.W_xh"] = theirs[f"weight_ih_{name}"].T
        ours[f"cells.{k}.W_hh"] = theirs[f"weight_hh_{name}"].T
        ours[f"cells.{k}.b_h"] = theirs[f"bias_ih_{name}"] + theirs[f"bias_hh_{name}"]
    return ours


def _theirs(stack: Stack, ours: Arrays) -> Arrays:
    _check_options(stack)
    theirs = {}
    for k, name in enumerate(_names(stack)):
        theirs[f"weight_ih_{name}"] = ours[f"cells.{k}.W_xh"].T
        theirs[f"weight_hh_{name}"] = ours[f"cells.{k}.W_hh"].T
        theirs[f"bias_ih_{name}"] = ours[f"cells.{k}.b_h"]
        theirs[f"bias_hh_{name}"] = host.np.zeros_like(ours[f"cells.{k}.b_h"])
    return theirs


def _names(stack: Stack) -> list[str]:
    """PyTorch's endings in the order of stack.cells: l0, l0_reverse, l1, ..."""
    directions = ["", "_reverse"][:stack.directions]
    return [f"l{layer}{direction}" for layer in range(len(stack.cells) // stack.directions) for direction in directions]


def _check_options(stack: Stack) -> None:
    options = ("residual", "recurrent_dropout", "layer_norm")
    lacking = [f"no {name}={getattr(stack, name)!r}" for name in options if getattr(stack, name)]
    if lacking:
        raise ValueError(f"PyTorch's {type(stack).__name__} has {' and '.join(lacking)}: only stacks without can be "
                         "exchanged")


def _check_nonlinearity(stack: RNN) -> None:
    nonlinearity = stack.cells[0].nonlinearity
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"PyTorch's RNN has the nonlinearities tanh and relu; this layer has {nonlinearity}")


def _check_variant(stack: GRU) -> None:
    if not isinstance(stack.cells[0], CudnnGRUCell):
        raise ValueError('PyTorch\'s GRU resets after the recurrent product; this layer resets before it: make it with '
                         'variant="cudnn"')
