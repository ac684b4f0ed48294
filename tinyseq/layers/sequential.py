"""Layers one after the other."""
from collections.abc import Callable, Iterator
from typing import Any

from tinyseq.layers.module import Module


class Sequential(Module):
    """y = f_n(... f_2(f_1(x)))                                               (1)

    Made with  layers, and functions of a tensor such as ops.relu, in the order in which they are called.
    Weights    those of its layers; the path of the first layer's W is "0.W".
    Call       what the first takes -> what the last returns
    Use        model[0] is the first, len(model) how many there are, and `for layer in model` goes through them.
    Raises     ValueError for a list or a class in place of layers."""

    def __init__(self, *layers: Callable[[Any], Any]):
        for i, layer in enumerate(layers):
            if not callable(layer) or isinstance(layer, type):
                found = f"the class {layer.__name__}" if isinstance(layer, type) else f"a {type(layer).__name__}"
                raise ValueError(f"Sequential takes layers and functions, as in Sequential(Linear(3, 4), ops.tanh); "
                                 f"number {i} is {found}. Make a layer of a class; for a list write Sequential(*list)")
        self.layers = list(layers)

    def children(self) -> Iterator[tuple[str, Module]]:
        """The layers, each named by its place alone."""
        for name, child in super().children():
            yield name.removeprefix("layers."), child

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)                                                            # (1)
        return x

    def __getitem__(self, place: int) -> Any:
        return self.layers[place]

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.layers)

    def describe(self) -> str:
        return ", ".join(getattr(layer, "__name__", type(layer).__name__) for layer in self.layers)
