"""The two ways of a layer that has a fast twin."""

METHODS = ("by_hand", "by_tape")                # one op with its own backward pass, or composed of the small ops


def check_method(layer: str, method: str) -> None:
    """Raise ValueError for a method that is neither."""
    if method not in METHODS:
        raise ValueError(f"{layer}: method is one of {', '.join(METHODS)}; got {method!r}")
