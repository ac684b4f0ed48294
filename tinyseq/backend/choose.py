"""Which array library computes: decided once, at import, by the environment variable TINYSEQ_BACKEND."""
import os

VALID = ("numpy", "cupy", "auto", "strict")
INSTALL = "pip install cupy-cuda13x (or cupy-cuda12x, after your CUDA version)"


class BackendError(ImportError):
    """The backend that was asked for does not exist or cannot work here."""


def choose() -> str:
    """"numpy", "cupy" or "strict". numpy is the default; "auto" takes cupy where a GPU answers and numpy elsewhere;
    "strict" is numpy behind CuPy's rules, to try without a GPU what will run on one.

    Raises BackendError for an unknown value, and for cupy where CuPy or a GPU is missing."""
    wanted = os.environ.get("TINYSEQ_BACKEND", "numpy")
    if wanted not in VALID:
        raise BackendError(_sentence(wanted, "there is no such backend"))
    if wanted in ("numpy", "strict"):
        return wanted
    obstacle = _why_no_cupy()
    if obstacle is None:
        return "cupy"
    if wanted == "cupy":
        raise BackendError(_sentence(wanted, obstacle))
    return "numpy"


def _why_no_cupy() -> str | None:
    """None if CuPy computes on this machine, else the reason it does not."""
    try:
        import cupy
    except ImportError as error:
        return f"CuPy cannot be imported ({error})"
    try:
        cupy.zeros(1).sum().item()              # a driver without a GPU fails only when it is used
    except Exception as error:                  # CuPy raises a dozen kinds here; each means the same to us
        return f"CuPy finds no usable GPU ({' '.join(str(error).split())})"
    return None


def _sentence(wanted: str, reason: str) -> str:
    return (f"TINYSEQ_BACKEND={wanted!r} cannot be used because {reason}; "
            f"valid values are {', '.join(VALID)}, and CuPy is installed by: {INSTALL}")
