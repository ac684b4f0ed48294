"""Losses: the number that training makes small."""
from tinyseq.autograd import op
from tinyseq.backend import to_host, workspace, xp
from tinyseq.ops.gather import checked_ids


@op
def cross_entropy(logits, targets, ignore_index=None, reduction="mean"):
    """L = -sum_n ln p_n[target_n],  p_n = softmax(logits_n)        dlogits_n = dL (p_n - onehot(target_n))

    logits (..., V), targets (...) whole numbers; "mean" divides by the number of targets, "sum" does not. Positions
    whose target is `ignore_index` (any number, -1 say) count for nothing and get no gradient.
    Raises ValueError if shapes do not match, a target is out of range, or no target is left to take a mean of."""
    V = logits.shape[-1]
    targets = to_host(targets)
    if targets.shape != logits.shape[:-1]:
        raise ValueError(f"cross_entropy: logits {logits.shape} need targets {logits.shape[:-1]}; got {targets.shape}")
    if reduction not in ("mean", "sum"):
        raise ValueError(f"cross_entropy: reduction is 'mean' or 'sum'; got {reduction!r}")
    kept = targets != ignore_index if ignore_index is not None else None
    count = targets.size if kept is None else int(kept.sum())
    if count == 0 and reduction == "mean":
        raise ValueError("cross_entropy: every target is ignored, or there is none; their mean does not exist")
    targets = checked_ids(targets if kept is None else targets * kept, V, "targets")[..., None]

    p = xp.subtract(logits, logits.max(axis=-1, keepdims=True), out=_like(logits))
    picked = xp.take_along_axis(p, targets, axis=-1)
    xp.exp(p, out=p)
    total = p.sum(axis=-1, keepdims=True)
    losses = xp.log(total) - picked                                                 # (..., 1), -ln p[target]
    scale = 1 / count if reduction == "mean" else 1.0
    weight = scale if kept is None else xp.asarray(kept[..., None] * scale, logits.dtype)

    def backward(dL):
        dlogits = xp.divide(p, total, out=_like(logits))
        at_target = xp.take_along_axis(dlogits, targets, axis=-1) - 1
        xp.put_along_axis(dlogits, targets, at_target, axis=-1)
        dlogits *= dL * weight
        return dlogits, None
    return xp.sum(losses * weight).astype(logits.dtype), backward


@op
def mse(y, target, reduction="mean"):
    """L = sum_n (y_n - target_n)^2         dy_n = 2 dL (y_n - target_n),  dtarget_n = -dy_n

    "mean" divides both by the number of entries. Raises ValueError if the shapes differ: broadcasting here would
    compare every prediction with every target."""
    if y.shape != target.shape:
        raise ValueError(f"mse: predictions {y.shape} and targets {target.shape} must have the same shape")
    if reduction not in ("mean", "sum"):
        raise ValueError(f"mse: reduction is 'mean' or 'sum'; got {reduction!r}")
    if y.size == 0 and reduction == "mean":
        raise ValueError(f"mse: predictions of shape {y.shape} have no entry; the mean of none does not exist")
    scale = 1 / y.size if reduction == "mean" else 1.0
    error = y - target

    def backward(dL):
        dy = 2 * scale * dL * error
        return dy, -dy
    return xp.sum(error * error) * xp.asarray(scale, y.dtype), backward


def _like(x):
    """Reused memory laid out as x is, so that arithmetic with x runs through both in order."""
    order = sorted(range(x.ndim - 1), key=lambda i: (-x.strides[i], i))
    back = [*(order.index(i) for i in range(x.ndim - 1)), x.ndim - 1]
    return workspace((*(x.shape[i] for i in order), x.shape[-1]), x.dtype).transpose(back)
