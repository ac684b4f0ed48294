"""The operators and methods of Array, by name from what CuPy's arrays have."""
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tinyseq.backend.strict import api, calls
from tinyseq.backend.strict.array import Array
from tinyseq.backend.strict.rules import StrictError

BINARY = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide",
          "mod": "remainder", "divmod": "divmod", "pow": "power", "and": "bitwise_and", "or": "bitwise_or",
          "xor": "bitwise_xor", "lshift": "left_shift", "rshift": "right_shift"}
COMPARISONS = {"lt": "less", "le": "less_equal", "eq": "equal", "ne": "not_equal", "gt": "greater",
               "ge": "greater_equal"}
UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "invert"}
OPERANDS = (Array, np.ndarray, np.generic, int, float, complex, list, tuple)       # others answer for themselves


def _add_operators() -> None:
    more = {"__matmul__": _binary(_matmul), "__rmatmul__": _swapped(_matmul), "set": _set,
            "__array_ufunc__": _with_numpy}
    for name, f in more.items():
        setattr(Array, name, f)
    for short, name in (BINARY | COMPARISONS).items():
        setattr(Array, f"__{short}__", _binary(partial(calls.call_ufunc, name)))
    for short, name in BINARY.items():
        setattr(Array, f"__r{short}__", _swapped(partial(calls.call_ufunc, name)))
        setattr(Array, f"__i{short}__", _in_place(partial(calls.call_ufunc, name)))
    for short, name in UNARY.items():
        setattr(Array, f"__{short}__", lambda self, name=name: calls.call_ufunc(name, (self,), {}))


def _matmul(operands: tuple, keywords: dict) -> Any:
    return calls.call("matmul", np.matmul, api.API["functions"][""]["matmul"], operands, keywords)


def _binary(f: Callable) -> Callable:
    return lambda self, other: f((self, other), {}) if isinstance(other, OPERANDS) else NotImplemented


def _swapped(f: Callable) -> Callable:
    return lambda self, other: f((other, self), {}) if isinstance(other, OPERANDS) else NotImplemented


def _in_place(f: Callable) -> Callable:
    return lambda self, other: f((self, other), {"out": self}) if isinstance(other, OPERANDS) else NotImplemented


def _with_numpy(self: Array, ufunc: np.ufunc, method: str, *inputs: Any, **keywords: Any) -> Any:
    """What NumPy asks when one of its numbers or arrays meets a device array: numpy.float32(2) * array is allowed."""
    if method == "__call__" and not any(isinstance(x, np.ndarray) for x in inputs):
        if ufunc.__name__ in api.API["ufuncs"]:
            return calls.call_ufunc(ufunc.__name__, inputs, keywords)
        raise StrictError(f"numpy.{ufunc.__name__} got a device array: write xp.{ufunc.__name__}, or bring the array "
                          "to the host first, with to_host(...)")
    raise StrictError(f"numpy.{ufunc.__name__} got NumPy arrays and device arrays: bring them to one place, with "
                      "to_device(...) or to_host(...)")


def _add_methods() -> None:
    for name, parameters in api.API["methods"].items():
        if name not in vars(Array) and (hasattr(np.ndarray, name) or name in api.VARYING):
            setattr(Array, name, _method(name, f"self, {parameters}".rstrip(", ")))


def _method(name: str, parameters: str) -> Callable:
    f: Any = getattr(np.ndarray, name, None)               # None only for what is refused anyway

    def method(self: Array, *args: Any, **keywords: Any) -> Any:
        if name in api.WRITING:
            self.memory.check_writable(name)
        return calls.call(name, f, parameters, (self, *args), keywords)
    method.__name__ = name
    return method


def _set(self: Array, arr: Any) -> None:
    """Copy a NumPy array of the same shape and dtype over this one."""
    self.memory.check_writable("set")
    if not isinstance(arr, np.ndarray) or (arr.shape, arr.dtype) != (self.shape, self.dtype):
        raise StrictError(f"set takes a NumPy array {self.dtype} {self.shape}")
    self.values[...] = arr


_add_operators()
_add_methods()
