"""Calls by CuPy's signatures, computed by NumPy.

Every call goes the same way: are the keywords CuPy's, are the arguments on the device, does the result keep its
precision, and may it be written where it should go.
"""
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinyseq.backend.strict import api, fusing
from tinyseq.backend.strict.array import Array, unwrapped, wrapped
from tinyseq.backend.strict.rules import (
    StrictError,
    check_distinct,
    check_host,
    check_operand,
    check_out,
    check_precision,
    nested,
    places,
)
from tinyseq.backend.strict.synchronisations import synchronised


def call_ufunc(name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """A function of the entries, one by one."""
    fusing.check_keywords(name, keywords)
    bound = _bound(name, api.API["ufuncs"][name], args, keywords).arguments
    out = bound.pop("out", None)
    if isinstance(out, tuple) and len(out) == 1:           # as NumPy hands it on, and CuPy takes it
        (out,) = out
    inputs = [bound.pop(key) for key in list(bound) if key.startswith("x")]
    for x in inputs:
        check_operand(name, x)
    with np.errstate(all="ignore"):                        # a GPU has no floating-point warnings
        result = getattr(np, name)(*map(unwrapped, inputs), **bound)
    if "dtype" not in bound:
        check_precision(name, arrays(inputs), result)
    return wrapped(result) if out is None else _written(name, out, result)


def call(name: str, f: Callable, parameters: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Any other function or method (whose array is the first argument)."""
    fusing.check_pointwise(name)
    bound = _bound(name, parameters, args, keywords)
    _check_arguments(name, bound)
    _check_change(name, bound)
    out = bound.arguments.pop("out", None)
    _note_waiting(name, bound.arguments)
    if name in api.STABLE:
        bound.arguments["kind"] = "stable"
    given = arrays([*bound.args, *bound.kwargs.values()])
    with np.errstate(all="ignore"):
        result = f(*unwrapped(bound.args), **{key: unwrapped(value) for key, value in bound.kwargs.items()})
    if name not in api.ASKED and _argument(bound, "dtype") is None:
        check_precision(name, given, result)
    if name in api.ONE_BY_ONE:
        result = np.asarray(result)
    if out is None:
        return wrapped(result, given)
    if name in api.SEPARATE and any(np.shares_memory(x.values, unwrapped(out)) for x in given):
        raise StrictError(f"{name} reads what it writes: out= may not share memory with the other arguments")
    return _written(name, out, result)


def arrays(things: Any) -> list[Array]:
    """The device arrays among things, also inside lists and tuples."""
    return [x for x in nested(things) if isinstance(x, Array)]


def _bound(name: str, parameters: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    try:
        return api.signature(parameters).bind(*args, **keywords)
    except TypeError as error:
        raise StrictError(f"{name}: {error}; in CuPy {api.VERSION} it is {name}({parameters})") from None


def _argument(bound: Any, key: str) -> Any:
    """An argument by its name, also where CuPy has **kwargs for it; None if it was not given."""
    return bound.arguments.get(key, bound.kwargs.get(key))


def _note_waiting(name: str, arguments: Mapping[str, Any]) -> None:
    if name in api.WAITING or (name == "where" and len(arguments) == 1):
        synchronised(f"{name} needs to know {api.WAITING.get(name, 'the positions')}")
    elif any(isinstance(arguments.get(key), Array) for key in api.WAITING_FOR.get(name, ())):
        synchronised(f"{name} looks at {' and '.join(sorted(api.WAITING_FOR[name]))}")


def _check_arguments(name: str, bound: Any) -> None:
    if name in api.VARYING:
        raise StrictError(f"{name} adds in an order that varies, and so do its last bits: write backend.scatter_add")
    if name == "matmul" and len(bound.args) > 2:
        raise StrictError("matmul takes two arrays, and CuPy raises TypeError for a third by position: write out=")
    if name in api.STABLE and _argument(bound, "kind") not in (None, "stable"):
        raise StrictError(f"{name}(kind={_argument(bound, 'kind')!r}): CuPy has kind='stable' alone; leave it out")
    for key, names in api.NOT_YET.items():
        if name in names and _argument(bound, key) is not None:
            raise StrictError(f"{name}({key}=...): CuPy {api.VERSION} does not support {key}= here; leave it out")
    _check_places(name, bound.arguments)


def _check_change(name: str, bound: Any) -> None:
    """A function that changes its first argument may do so, and writes each entry once."""
    key, value = api.CHANGING_IF.get(name, ("", None))
    target, *others = bound.args
    if not isinstance(target, Array) or not (name in api.CHANGING or (key and _argument(bound, key) == value)):
        return
    target.memory.check_writable(name)
    if name == "put" and np.size(unwrapped(others[1])) > 1:
        check_distinct(name, places(target.shape).reshape(-1)[unwrapped(others[0])])
    if name == "put_along_axis" and isinstance(others[1], Array):
        check_distinct(name, np.take_along_axis(places(target.shape), unwrapped(others[0]), _argument(bound, "axis")))


def _check_places(name: str, arguments: Mapping[str, Any]) -> None:
    """What must be on the device is there, and what must not is not."""
    for key, value in arguments.items():
        check_host(name, value)
        if key in api.MUST_BE_ARRAYS and name not in api.ABOUT and not isinstance(value, Array):
            raise StrictError(f"{name} got a {type(value).__name__} as {key}, and CuPy takes device arrays alone: "
                              "write xp.asarray(...) around it")
        if key == "tup" and not all(isinstance(x, Array) for x in value):
            raise StrictError(f"{name} got something else than device arrays to put together: write xp.asarray(...) "
                              "around each")
        if key in api.NO_LISTS and isinstance(value, list | tuple):
            raise StrictError(f"{name} got a {type(value).__name__} as {key}, and CuPy raises for it: write "
                              "xp.asarray(...) around it")
        if key in api.HOST_NUMBERS and isinstance(value, Array):
            raise StrictError(f"{name} takes {key} as a Python number or list, since they decide the size")


def _written(name: str, out: Any, result: Any) -> Array:
    if not isinstance(out, Array):
        raise StrictError(f"{name} got {type(out).__name__} as out=, which is a device array")
    check_out(name, out, result)
    out.memory.check_writable(name)
    fusing.note_write(out)
    out.values[...] = result
    return out
