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
    "argwhere": "the positions", "asarray_chkfinite": "whether all are finite", "bincount": "the largest entry",
    "choose": "whether all are in range", "compress": "the positions", "delete": "the positions",
    "extract": "the positions", "flatnonzero": "the positions", "histogram": "the range", "intersect1d": "the entries",
    "median": "whether there is a NaN", "nanmax": "whether all are NaN", "nanmin": "whether all are NaN",
    "nonzero": "the positions", "percentile": "whether q is in range", "piecewise": "the positions",
    "place": "the positions", "quantile": "whether q is in range", "ravel_multi_index": "whether all are in range",
    "real_if_close": "the imaginary parts", "setdiff1d": "the entries", "setxor1d": "the entries",
    "trim_zeros": "the positions", "union1d": "the entries", "unravel_index": "whether all are in range",
    **{name: "the entries" for name in
       ("unique", "unique_all", "unique_counts", "unique_inverse", "unique_values")},
    **{name: "every number" for name in
       ("array2string", "array_repr", "array_str", "dump", "dumps", "save", "savetxt", "savez", "savez_compressed",
        "tofile")},
    **{name: "whether the decomposition worked" for name in
       ("cholesky", "cond", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "lstsq", "matrix_rank", "pinv", "qr",
        "slogdet", "solve", "svd", "tensorinv", "tensorsolve")},
}
WAITING_FOR = {"average": {"weights"}, "linspace": {"start", "stop"}}         # only where these are on the device
ABOUT = {"can_cast", "iscomplexobj", "isrealobj", "isscalar", "min_scalar_type", "ndim", "result_type", "shape"}
ASKED = {"astype", "full_like", "view"}                    # float64 there was asked for
WRITING = {"fill", "partition", "set", "sort"}             # methods that change their array (functions copy it)
CHANGING = {"copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"}        # these change their first
CHANGING_IF = {"byteswap": ("inplace", True), "nan_to_num": ("copy", False)}               # with this argument
STABLE = {"argsort", "sort"}                               # CuPy leaves equal entries in their order
ONE_BY_ONE = {"allclose", "array_equal", "array_equiv"}    # NumPy returns a bool here, CuPy an array of shape ()
MUST_BE_ARRAYS = {"a", "arr", "array", "ary", "condition", "m", "prototype"}  # CuPy's names of such parameters
NO_LISTS = {"M", "a1", "a2", "ar", "ar1", "ar2", "arr1", "arr2", "element", "filt", "keys", "p", "seq_of_zeros", "src",
            "test_elements", "v", "x", "y"}                # may be numbers, but lists only in NumPy
HOST_NUMBERS = {"indices_or_sections", "repeats"}          # these decide sizes, so they may not be on the device
NOT_YET = {"casting": {"astype"}, "subok": {"astype", "empty_like", "full_like", "ones_like", "zeros_like"},
           "out": {"einsum"}, "order": {"einsum"}}         # CuPy's signatures let them through, CuPy refuses them
SEPARATE = {"dot", "matmul", "take", "tensordot"}          # their kernels read other entries than the one they write
VARYING = {"scatter_add", "scatter_max", "scatter_min"}    # by atomic operations


@cache
def signature(parameters: str) -> inspect.Signature:
    """The signature that was written down as the parameters of a lambda."""
    return inspect.signature(eval(f"lambda {parameters}: None"))
