"""Calls by CuPy's signatures, computed by NumPy.

Every call goes the same way: are the keywords CuPy's, are the arguments on the device, does the result keep its
precision, and may it be written where it should go.
"""
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinyseq.backend.strict import api, fusing
from tinyseq.backend.strict.array import Array, unwrapped, wrapped
from tinyseq.backend.strict.rules import StrictError, check_host, check_operand, check_out, check_precision, nested
from tinyseq.backend.strict.synchronisations import synchronised


def call_ufunc(name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """A function of the entries, one by one."""
    fusing.check_keywords(name, keywords)
    bound = _bound(name, api.API["ufuncs"][name], args, keywords).arguments
    out = bound.pop("out", None)
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
    out = bound.arguments.pop("out", None)
    _check_arguments(name, bound.arguments)
    if name in api.WAITING or (name == "where" and len(bound.arguments) == 1):
        synchronised(f"{name} needs to know {api.WAITING.get(name, 'the positions')}")
    if name in api.STABLE:
        bound.arguments["kind"] = "stable"
    given = arrays([*bound.args, *bound.kwargs.values()])
    with np.errstate(all="ignore"):
        result = f(*unwrapped(bound.args), **{key: unwrapped(value) for key, value in bound.kwargs.items()})
    if name not in api.ASKED and bound.arguments.get("dtype") is None:
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


def _check_arguments(name: str, arguments: Mapping[str, Any]) -> None:
    if name in api.VARYING:
        raise StrictError(f"{name} adds in an order that varies, and so do its last bits: write backend.scatter_add")
    for key, value in arguments.items():
        check_host(name, value)
        if key in api.MUST_BE_ARRAYS and name not in api.ABOUT and not isinstance(value, Array):
            raise StrictError(f"{name} got a {type(value).__name__} as {key}, and CuPy takes device arrays alone: "
                              "write xp.asarray(...) around it")
        if key == "tup" and not all(isinstance(x, Array) for x in value):
            raise StrictError(f"{name} got something else than device arrays to put together: write xp.asarray(...) "
                              "around each")
        if key == "repeats" and isinstance(value, Array):
            raise StrictError("repeat takes its counts as a Python number or list, since they decide the size")


def _written(name: str, out: Any, result: Any) -> Array:
    if not isinstance(out, Array):
        raise StrictError(f"{name} got {type(out).__name__} as out=, which is a device array")
    check_out(name, out, result)
    out.memory.check_writable(name)
    fusing.note_write(out)
    out.values[...] = result
    return out
