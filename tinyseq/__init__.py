"""tinyseq: the sequence-model textbook that runs.

    import tinyseq as ts

    ts.tensor, ts.gradients, ts.no_grad   the engine             (autograd.py)
    ts.ops, ts.op                         functions with gradients, and your own
    ts.gradcheck                          the proof of a gradient
    ts.detect_anomaly                     where a NaN was made
    ts.trace                              every intermediate of a model, number by number
    ts.layers, ts.optim, ts.training      what models and their training are made of
    ts.data, ts.decoding, ts.models       texts and series, sampling, the chapters' models
    ts.exercises, ts.errata               exercises that check themselves; what is wrong in the book
    ts.save, ts.load, ts.interop          files, and weights from and to PyTorch
    ts.backend, ts.xp                     numpy or cupy, chosen by TINYSEQ_BACKEND when tinyseq is imported

Everything but the backend is imported when it is first used.
"""
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

try:
    from tinyseq import backend
    from tinyseq.backend import manual_seed, xp
except ImportError as error:
    # To someone at the command line the sentence is enough; a program gets the exception.
    if sys.orig_argv[1:3] == ["-m", "tinyseq"] or sys.argv[0].replace(".exe", "").endswith(("/tinyseq", "\\tinyseq")):
        print(f"tinyseq: {error}", file=sys.stderr)
        sys.exit(2)
    raise

if TYPE_CHECKING:
    from tinyseq import (
        checks,
        data,
        decoding,
        errata,
        exercises,
        interop,
        layers,
        models,
        ops,
        optim,
        pictures,
        tracing,
        training,
    )
    from tinyseq.anomaly import detect_anomaly
    from tinyseq.autograd import Tensor, gradients, no_grad, op, tensor
    from tinyseq.checks.gradcheck import gradcheck
    from tinyseq.checks.report import GradientError
    from tinyseq.files import load, save
    from tinyseq.tracing import trace

_ROOMS = ("checks", "data", "decoding", "errata", "exercises", "interop", "layers", "models", "ops", "optim",
          "pictures", "tracing", "training")
_HOMES = {"Tensor": "autograd", "gradients": "autograd", "no_grad": "autograd", "op": "autograd", "tensor": "autograd",
          "detect_anomaly": "anomaly", "GradientError": "checks", "gradcheck": "checks", "load": "files",
          "save": "files", "trace": "tracing"}

__all__ = ["GradientError", "Tensor", "backend", "checks", "data", "decoding", "detect_anomaly", "errata",
           "exercises", "gradcheck", "gradients", "interop", "layers", "load", "manual_seed", "models", "no_grad",
           "op", "ops", "optim", "pictures", "save", "tensor", "trace", "tracing", "training", "xp"]


def __getattr__(name: str) -> Any:
    """Import a room when it is first asked for."""
    if name in _ROOMS:
        return import_module(f"tinyseq.{name}")
    if name in _HOMES:
        import_module("tinyseq.ops")                   # operators of tensors find their functions there
        return getattr(import_module(f"tinyseq.{_HOMES[name]}"), name)
    near = get_close_matches(name, __dir__(), 1)
    raise AttributeError(f"tinyseq has no attribute {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def __dir__() -> list[str]:
    return sorted([*globals(), *_ROOMS, *_HOMES])
