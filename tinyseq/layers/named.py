"""How a message calls a layer: by its class and its place in the model."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def named(layer: Any) -> str:
    """Linear -> "Linear", or "Linear 'encoder.0'" where it is part of a model."""
    return type(layer).__name__ + (f" {layer.path!r}" if layer.path else "")


def check_tensor(layer: Any, x: Any) -> None:
    """Raise ValueError if x is no tensor or array; a tuple is what a recurrent layer returned."""
    if hasattr(x, "dtype"):
        return
    advice = ("a recurrent layer returns its outputs and its state: y, state = layer(x)" if isinstance(x, tuple)
              else "make one by tensor(x)")
    raise ValueError(f"{named(layer)} takes a tensor; got a {type(x).__name__}: {advice}")


@contextmanager
def in_the_name_of(layer: Any, op: str) -> Iterator[None]:
    """What the op refuses inside is refused in the layer's name: "conv2d: ..." becomes "Conv2d 'stem.0': ..."."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{named(layer)}: {str(error).removeprefix(f'{op}: ')}") from None
