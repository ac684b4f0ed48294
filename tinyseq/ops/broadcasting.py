"""Which shapes broadcast, and what to say where they do not.

Two shapes are lined up at their last axes. Along each axis their sizes must be equal, or one of them 1, or missing:
that array is repeated there.
"""
from collections.abc import Callable
from functools import wraps
from itertools import combinations

Shape = tuple[int, ...]


def broadcasts(f: Callable) -> Callable:
    """For a function of arrays that go entry by entry: where their shapes do not fit, the error says what would.

    Shapes are looked at only after the arithmetic itself has refused, so those that fit cost nothing. Lists are refused
    on every backend, as a GPU refuses them."""
    @wraps(f)
    def call(*arrays, **settings):
        for i, a in enumerate(arrays):
            if isinstance(a, list | tuple):
                raise ValueError(f"{f.__name__}: argument {i} is a {type(a).__name__}: make a tensor of it first, "
                                 "tensor(...)")
        try:
            return f(*arrays, **settings)
        except ValueError:
            shapes = [a.shape for a in arrays if hasattr(a, "shape")]
            for a, b in combinations(shapes, 2):
                if not fit(a, b):
                    raise ValueError(misfit(f.__name__, a, b)) from None
            raise
    return call


def fit(a: Shape, b: Shape) -> bool:
    """Whether arrays of these shapes broadcast."""
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


def misfit(name: str, a: Shape, b: Shape) -> str:
    """The first axis, from the end, along which the shapes do not fit, and a repair if there is a simple one."""
    axis = -1
    while fit(a[axis:], b[axis:]):
        axis -= 1
    return (f"{name}: shapes {a} and {b} do not fit: axis {axis} has size {a[axis]} in one and {b[axis]} in the other "
            f"(sizes must be equal, or one of them 1). {_repair(a, b)}")


def _repair(a: Shape, b: Shape) -> str:
    """A new axis for the array that has fewer; two axes swapped where that helps."""
    few, many = sorted((a, b), key=len)
    for places in combinations(range(len(many)), len(many) - len(few)):
        sizes = iter(few)
        wider = tuple(1 if i in places else next(sizes) for i in range(len(many)))
        if fit(wider, many):
            return f"Does {few} lack an axis? x.reshape{wider} adds it"
    for i, j in combinations(range(len(few)), 2):
        order = list(range(len(few)))
        order[i], order[j] = j, i
        if fit(tuple(few[k] for k in order), many):
            return f"Are two axes of {few} swapped? x.transpose{tuple(order)} puts them back"
    return "Look at what each axis stands for, and select, reshape or transpose until they agree"
