"""ResNets of torchvision: files and state_dicts of its resnet18, resnet34 and resnet50.

Our ResNet has torchvision's names for its parts, so that only the layers' own names differ:

    layer1.0.conv1.weight (C_out, C_in, kh, kw)    ->  layer1.0.conv1.W (C_in, kh, kw, C_out)
    layer1.0.bn1.weight, bias, running_mean, ...   ->  layer1.0.bn1.gamma, beta, running_mean, ...
    fc.weight (K, C), fc.bias                      ->  fc.W (C, K), fc.b

torchvision saves its weights as pickles (.pth), which can run programs when they are read and which only PyTorch opens.
One line turns one into a file for us: safetensors.torch.save_file(torch.load(path), "resnet18.safetensors").
"""
from collections.abc import Callable
from typing import Any

from tinyseq.interop import attention, norm, simple
from tinyseq.layers import BatchNorm2d, Conv2d, Linear, Module, MultiHeadAttention
from tinyseq.layers.images import ResNet

Arrays = dict[str, Any]
PARTS: dict[type, tuple[Callable[..., Arrays], Callable[..., Arrays]]] = {
    Conv2d: (simple.conv_from, simple.conv_to), BatchNorm2d: (norm.batch_norm_from, norm.batch_norm_to),
    Linear: (simple.linear_from, simple.linear_to),
    MultiHeadAttention: (attention.attention_from, attention.attention_to)}


def resnet_from(model: ResNet, theirs: Arrays) -> Arrays:
    """torchvision's resnet -> ResNet of the same depth."""
    return _converted(model, theirs, 0)


def resnet_to(model: ResNet, ours: Arrays) -> Arrays:
    """ResNet -> torchvision's resnet of the same depth. Attention, which torchvision has not, keeps PyTorch's names."""
    return _converted(model, ours, 1)


def _converted(model: ResNet, arrays: Arrays, way: int) -> Arrays:
    """Part by part, each with its own names alone."""
    found = {}
    for place, part in _parts(model):
        own = {name.removeprefix(place): array for name, array in arrays.items() if name.startswith(place)}
        found.update({place + name: array for name, array in PARTS[type(part)][way](part, own).items()})
    return found


def _parts(module: Module, path: str = "") -> list[tuple[str, Module]]:
    """The layers with weights, each with what its names begin with."""
    if type(module) in PARTS:
        return [(path, module)]
    return [part for name, child in module.children() for part in _parts(child, f"{path}{name}.")]
