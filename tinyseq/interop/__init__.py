"""Weights from and to PyTorch: arrays by PyTorch's names. PyTorch itself is never imported.

    pages         simple.py (Linear, Embedding, Conv1d, Conv2d), norm.py, attention.py, transformer.py (the layers of
                  an encoder and of a decoder), recurrent.py (RNN, LSTM, GRU), torchvision.py (ResNet)
    a conversion  two functions of a layer: PyTorch's dict -> our state_dict, and the way back

A new layer needs such a pair and a line in CONVERSIONS.
"""
from collections.abc import Mapping
from typing import Any

from tinyseq.backend import host, to_host
from tinyseq.interop import attention, norm, recurrent, simple, torchvision, transformer
from tinyseq.layers import (
    GRU,
    LSTM,
    RNN,
    BatchNorm1d,
    BatchNorm2d,
    Conv1d,
    Conv2d,
    Embedding,
    LayerNorm,
    Linear,
    Module,
    MultiHeadAttention,
    RMSNorm,
    TransformerBlock,
    TransformerDecoderBlock,
)
from tinyseq.layers.images import ResNet

__all__ = ["from_pytorch", "to_pytorch", "weights_from_pytorch"]

CONVERSIONS = {                                            # layer: (ours from theirs, theirs from ours)
    Linear: (simple.linear_from, simple.linear_to),
    Embedding: (simple.embedding_from, simple.embedding_to),
    Conv1d: (simple.conv_from, simple.conv_to),
    Conv2d: (simple.conv_from, simple.conv_to),
    LayerNorm: (norm.layer_norm_from, norm.layer_norm_to),
    RMSNorm: (norm.rms_norm_from, norm.rms_norm_to),
    BatchNorm1d: (norm.batch_norm_from, norm.batch_norm_to),
    BatchNorm2d: (norm.batch_norm_from, norm.batch_norm_to),
    MultiHeadAttention: (attention.attention_from, attention.attention_to),
    TransformerBlock: (transformer.block_from, transformer.block_to),
    TransformerDecoderBlock: (transformer.block_from, transformer.block_to),
    RNN: (recurrent.rnn_from, recurrent.rnn_to),
    LSTM: (recurrent.lstm_from, recurrent.lstm_to),
    GRU: (recurrent.gru_from, recurrent.gru_to),
    ResNet: (torchvision.resnet_from, torchvision.resnet_to),
}


def from_pytorch(layer: Module, state_dict: Mapping[str, Any]) -> None:
    """Give `layer` the weights of the PyTorch module with this state_dict.

    The values may be PyTorch's tensors or arrays. Floats are converted to the layer's precision. PyTorch keeps two
    biases where one would do; the layer gets their sum.
    Raises ValueError, with nothing changed, for another layer, missing or unknown names, wrong shapes, and numbers of
    another kind (quantised weights)."""
    layer.load_state_dict(weights_from_pytorch(layer, state_dict))


def weights_from_pytorch(layer: Module, state_dict: Mapping[str, Any]) -> dict[str, Any]:
    """What `from_pytorch` would give to the layer, by our names, with the layer unchanged."""
    ours_from, _ = _conversion(layer)
    if not isinstance(state_dict, Mapping):
        raise ValueError(f"a state_dict has arrays by PyTorch's names; got a {type(state_dict).__name__}: pass "
                         "module.state_dict()")
    theirs = {name: _array(value) for name, value in state_dict.items()}
    _check_fit(layer, theirs, to_pytorch(layer))
    return ours_from(layer, theirs)


def to_pytorch(layer: Module) -> dict[str, Any]:
    """The layer's weights as NumPy arrays by PyTorch's names: torch.from_numpy each, then module.load_state_dict.

    The second of PyTorch's two biases, bias_hh, is zero, except for the part of it that a GRU needs (b_hn).
    Raises ValueError for a layer that PyTorch does not have."""
    _, theirs_from = _conversion(layer)
    ours = {name: to_host(array) for name, array in layer.state_dict().items()}
    return {name: host.np.array(array, order="C") for name, array in theirs_from(layer, ours).items()}


def _conversion(layer: Module):
    known = [kind for kind in type(layer).__mro__ if kind in CONVERSIONS]
    if not known:
        names = ", ".join(kind.__name__ for kind in CONVERSIONS)
        raise ValueError(f"{type(layer).__name__} has no conversion from and to PyTorch; there are {names}. "
                         "Convert a model layer by layer")
    return CONVERSIONS[known[0]]


def _array(value: Any):
    """A PyTorch tensor, on whatever device, or an array of any kind -> NumPy array."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu().numpy()
    return host.np.asarray(to_host(value))


def _check_fit(layer: Module, given: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    kind = type(layer).__name__
    missing, unknown = sorted(expected.keys() - given.keys()), sorted(given.keys() - expected.keys())
    if missing or unknown:
        raise ValueError(f"this state_dict does not fit {kind}({layer.describe()}): missing {_some(missing)}; unknown "
                         f"{_some(unknown)}. Make the layer with the same settings, and pass the state_dict of that "
                         "one module")
    for name, array in expected.items():
        if given[name].shape != array.shape:
            raise ValueError(f"{name} of {kind}({layer.describe()}) should have the shape {array.shape} in PyTorch's "
                             f"layout; got {given[name].shape}")
        if given[name].dtype.kind != array.dtype.kind:
            raise ValueError(f"{name} of {kind}({layer.describe()}) should be {array.dtype}, or the same kind of "
                             f"number in another size; got {given[name].dtype}: convert it where it comes from")


def _some(names: list[str]) -> str:
    """The first few of many names."""
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return (", ".join(names[:6]) or "nothing") + more
