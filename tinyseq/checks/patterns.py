"""In which way a gradient is wrong, read off the wrong numbers beside the right ones."""
from typing import Any

from tinyseq.backend import host
from tinyseq.checks.entries import Comparison

np = host.np


def pattern_of(found: Comparison, shape: tuple[int, ...], blocks: tuple[str, ...], batches: set[int],
               complete: bool) -> tuple[str, str] | None:
    """The keyword and the words for how the wrong entries differ from the right values; None: in no way known here.

    batches    leading sizes of the inputs: what a mean over the batch would divide by
    complete   all entries were measured: some patterns show only then
    The most particular comes first: a doubled gradient has a constant ratio, too."""
    a, n = found.analytic[found.wrong], found.numeric[found.wrong]
    if not np.isfinite(a).all() or not len(a):
        return None
    if abs(a).max() <= 1e-9 * abs(n).max():
        return "all zero", "all zero (not connected)"
    if _alike(a, 2 * n):
        return "doubled", "doubled"
    if _alike(a, -n):
        return "sign", "the sign is turned"
    for B in sorted(batches - {0, 1}):
        if _alike(B * a, n):
            return "averaged over the batch", f"averaged over the batch (1/{B} of the sum)"
    if complete and _transposed(found.analytic, found.numeric, shape):
        return "transposed", "transposed"
    if complete and (exchanged := _permuted(found.analytic, found.numeric, shape, blocks)):
        return "gates permuted", f"gates permuted ({exchanged})"
    ratio = float(a @ n / (n @ n)) if n.any() else 0.0
    if len(a) > 1 and ratio and _alike(a, ratio * n):
        return "constant ratio", f"constant ratio {ratio:.6g}"
    return None


def _alike(a: Any, b: Any) -> bool:
    """Whether two arrays are the same but for what measuring cannot tell."""
    sizes = np.maximum(abs(a), abs(b))
    return bool(sizes.any() and (abs(a - b) <= 1e-5 * sizes + 1e-7 * sizes.max()).all())


def _transposed(a: Any, n: Any, shape: tuple[int, ...]) -> bool:
    """Whether a holds the numbers of n transposed, in whichever shape they were put back."""
    if len(shape) < 2:
        return False
    n = n.reshape(shape)
    return _alike(a, np.swapaxes(n, -1, -2).reshape(-1)) or _alike(a, n.T.reshape(-1))


def _permuted(a: Any, n: Any, shape: tuple[int, ...], blocks: tuple[str, ...]) -> str:
    """Which gates have each other's gradient: "i has that of o, o has that of i"."""
    if len(blocks) < 2:
        return ""
    k = len(blocks)
    a, n = (np.moveaxis(array.reshape(-1, k, shape[-1] // k), 1, 0).reshape(k, -1) for array in (a, n))
    size = max(abs(a).max(), abs(n).max())
    same = lambda p, q: bool((abs(p - q) <= 1e-5 * np.maximum(abs(p), abs(q)) + 1e-7 * size).all())
    wrong = [i for i in range(k) if not same(a[i], n[i])]
    taken: dict[int, int] = {}
    for i in wrong:
        match = [j for j in wrong if j != i and j not in taken.values() and same(a[i], n[j])]
        if not match:
            return ""
        taken[i] = match[0]
    return ", ".join(f"{blocks[i]} has that of {blocks[j]}" for i, j in taken.items())


def other_vector(analytic: Any, numeric: Any) -> bool:
    """Whether one matrix h^T da stands for another h'^T da: both of rank one, da in common, h different."""
    (s, da), (s_right, da_right) = (_rank_one(m) for m in (analytic, numeric))
    if s == 0 or np.isnan(s + s_right):
        return False
    return s_right == 0 or abs(abs(da @ da_right) - 1) < 1e-6


def _rank_one(m: Any) -> tuple[float, Any]:
    """The size and the row of a matrix of rank one; size 0 if it is zero, NaN if its rank is higher."""
    _, s, rows = np.linalg.svd(m, full_matrices=False)
    if s[0] < 1e-9:
        return 0.0, rows[0]
    return (float(s[0]) if (s[1:] < 1e-5 * s[0]).all() else np.nan), rows[0]
