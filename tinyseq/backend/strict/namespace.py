"""xp: the names that CuPy has, computed by NumPy."""
from collections.abc import Callable
from typing import Any

import numpy as np

from tinyseq.backend.strict import api, calls, fusing
from tinyseq.backend.strict.array import Array, unwrapped
from tinyseq.backend.strict.rules import StrictError, check_host, check_precision, nested
from tinyseq.backend.strict.synchronisations import synchronised

RANDOM = "the random numbers of xp.random differ between NumPy and CuPy: use those of tinyseq.backend, which do not"


class Ufunc:
    """A function of the entries, one by one."""

    def __init__(self, name: str):
        self.name = name

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return calls.call_ufunc(self.name, args, keywords)

    def __getattr__(self, method: str) -> Any:
        raise AttributeError(f"xp.{self.name}.{method}: of CuPy's ufuncs only some have it, and at() adds in an order "
                             "that varies; use sum, cumsum or backend.scatter_add")


class Namespace:
    """A module of CuPy: xp (path ""), xp.linalg, xp.lib, xp.lib.stride_tricks."""

    def __init__(self, path: str, library: Any):
        self._path, self._library = path, library

    def __getattr__(self, name: str) -> Any:
        thing = self._found(name, f"{self._path}.{name}".lstrip("."))
        setattr(self, name, thing)                         # looked up once
        return thing

    def _found(self, name: str, path: str) -> Any:
        if any(f"{module}.".startswith(f"{path}.") for module in api.API["functions"]):
            return Namespace(path, getattr(self._library, name))
        if path in api.API["constants"]:
            return getattr(np, name)
        if path in api.API["ufuncs"]:
            return Ufunc(name)
        if path in SPECIAL:
            return SPECIAL[path]
        parameters = api.API["functions"].get(self._path, {}).get(name)
        if parameters is None and path in api.API["others"]:
            raise AttributeError(RANDOM if path == "random" else f"xp.{path} is in CuPy, but nothing here needs it, so "
                                 "the strict backend does not rehearse it")
        if parameters is None:
            raise AttributeError(f"CuPy {api.VERSION} has no xp.{path}")
        if not hasattr(self._library, name):
            raise AttributeError(f"xp.{path} is in CuPy alone, and NumPy is the other backend")
        return _function(name, getattr(self._library, name), parameters)


def _function(name: str, f: Callable, parameters: str) -> Callable:
    return lambda *args, **keywords: calls.call(name, f, parameters, args, keywords)


def array(obj: Any, dtype=None, copy=True, order="K", subok=False, ndmin=0, *, blocking=False) -> Array:
    """An array on the device: the only way there, besides asarray."""
    fusing.check_pointwise("array")
    if copy is False and not isinstance(obj, Array):
        raise StrictError("array(..., copy=False) of what is not on the device: CuPy raises ValueError; leave copy out")
    given = calls.arrays([obj])
    if given and isinstance(obj, list | tuple):
        _check_list(obj)
    values = np.array(unwrapped(obj), dtype=dtype, copy=copy, order=order, ndmin=ndmin)      # type: ignore[call-overload]
    if dtype is None:
        check_precision("array", given, values)
    return calls.wrapped(values, given)


def _check_list(things: Any) -> None:
    """A list in which there are device arrays: CuPy joins them if there is nothing else, and else asks for each."""
    check_host("array", things)
    if not all(isinstance(thing, Array) for thing in nested(things)):
        synchronised("a list of device arrays and numbers")


def asarray(a: Any, dtype=None, order=None, *, copy=None, blocking=False) -> Array:
    """An array on the device; what is there already stays as it is."""
    return array(a, dtype, copy if isinstance(a, Array) else True, order or "K")


def empty(shape: Any, dtype: Any = float, order: str = "C") -> Array:
    """Memory that nobody has written: full of NaN (of the largest number, of True), so that reading it shows."""
    values = np.empty(shape, dtype, order)                 # type: ignore[call-overload]
    values.fill(np.nan if values.dtype.kind in "fc" else np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1)
    return calls.wrapped(values)


def empty_like(prototype: Array, dtype=None, order="K", subok=None, shape=None) -> Array:
    """The same, like another array."""
    if not isinstance(prototype, Array):
        raise StrictError(f"empty_like got a {type(prototype).__name__}, and CuPy takes device arrays alone")
    return empty(prototype.shape if shape is None else shape, dtype or prototype.dtype)


SPECIAL = {"array": array, "asarray": asarray, "asanyarray": asarray, "empty": empty, "empty_like": empty_like,
           "ndarray": Array}
xp: Any = Namespace("", np)
