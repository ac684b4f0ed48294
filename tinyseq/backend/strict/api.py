"""What CuPy offers, as tests/strict/make_cupy_api.py found it, and what is known about single functions."""
import inspect
import json
from functools import cache
from pathlib import Path
from typing import Any

API: dict[str, Any] = json.loads(Path(__file__).with_name("cupy_api.json").read_text("utf-8"))
VERSION: str = API["version"]

# The host must know something about the numbers before it can go on.
WAITING = {
    "argwhere": "the positions", "bincount": "the largest entry", "compress": "the positions",
    "extract": "the positions", "flatnonzero": "the positions", "histogram": "the range", "intersect1d": "the entries",
    "median": "whether there is a NaN", "nanmax": "whether all are NaN", "nanmin": "whether all are NaN",
    "nonzero": "the positions", "percentile": "whether q is in range", "piecewise": "the positions",
    "place": "the positions", "quantile": "whether q is in range", "ravel_multi_index": "whether all are in range",
    "setdiff1d": "the entries", "trim_zeros": "the positions", "union1d": "the entries", "unique": "the entries",
    "unravel_index": "whether all are in range",
    **{name: "whether the decomposition worked" for name in
       ("cholesky", "cond", "det", "eigh", "eigvalsh", "inv", "lstsq", "matrix_rank", "pinv", "qr", "slogdet",
        "solve", "svd", "tensorinv", "tensorsolve")},
}
ABOUT = {"can_cast", "iscomplexobj", "isrealobj", "isscalar", "min_scalar_type", "ndim", "result_type", "shape", "size"}
ASKED = {"astype", "full_like", "view"}                    # float64 there was asked for
WRITING = {"fill", "partition", "put", "set", "sort"}      # methods that change their array
CHANGING = {"copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"}        # functions that do
STABLE = {"argsort", "sort"}                               # CuPy leaves equal entries in their order
ONE_BY_ONE = {"allclose", "array_equal", "array_equiv"}    # NumPy returns a bool here, CuPy an array of shape ()
MUST_BE_ARRAYS = {"a", "arr", "array", "ary", "condition", "m"}       # CuPy's names of such parameters
SEPARATE = {"dot", "matmul", "take", "tensordot"}          # their kernels read other entries than the one they write
VARYING = {"scatter_add", "scatter_max", "scatter_min"}    # by atomic operations


@cache
def signature(parameters: str) -> inspect.Signature:
    """The signature that was written down as the parameters of a lambda."""
    return inspect.signature(eval(f"lambda {parameters}: None"))
