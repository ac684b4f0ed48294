"""How a message calls a layer: by its class and its place in the model."""
from typing import Any


def named(layer: Any) -> str:
    """Linear -> "Linear", or "Linear 'encoder.0'" where it is part of a model."""
    return type(layer).__name__ + (f" {layer.path!r}" if layer.path else "")
