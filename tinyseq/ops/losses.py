"""Losses: the number that training makes small."""
from tinyseq.autograd import Tensor, op
from tinyseq.backend import like, to_device, to_host, xp
from tinyseq.ops.gather import checked_ids


@op
def cross_entropy(logits, targets, ignore_index=None, reduction="mean", label_smoothing=0.0, weights=None):
    """L = -sum_n sum_v q_nv ln p_nv,  p_n = softmax(logits_n)              dlogits_n = dL (p_n sum_v q_nv - q_n)

    logits (..., V), targets (...) whole numbers. q says what p should become. With target t, label_smoothing s (Szegedy
    et al. 2016, section 7) and class weights w (V,), which are 1 where none are given,

        q_nv = (1 - s) w_t [v = t] + s w_v / V                  plain: 1 at the target, 0 elsewhere

    "sum" leaves it at that; "mean" divides by the number of targets, or with weights by the sum of their w_t.
    Positions whose target is `ignore_index` (any number, -1 say) count for nothing and get no gradient. Targets and
    weights are checked on the host: a GPU has to wait for those that lie on it.
    Raises ValueError if shapes do not match, a target is out of range, s is not in [0, 1], or there is nothing to take
    a mean of."""
    ids, kept = _checked_targets(logits, targets, ignore_index)
    t = _in_range(ids, logits.shape[-1])[..., None]
    hit, part, mass, w = _wanted(logits, ids, kept, reduction, label_smoothing, weights)
    kept = to_device(kept)[..., None]

    p = xp.subtract(logits, logits.max(axis=-1, keepdims=True), out=like(logits))
    losses = -hit * xp.where(kept, xp.take_along_axis(p, t, axis=-1), 0)            # (..., 1)
    if label_smoothing:
        losses -= part * xp.where(kept, p @ w[:, None], 0)
    xp.exp(p, out=p)
    total = p.sum(axis=-1, keepdims=True)
    losses += mass * xp.log(total)

    def backward(dL):
        dlogits = xp.multiply(p, dL * mass / total, out=like(logits))
        at_target = xp.take_along_axis(dlogits, t, axis=-1) - dL * hit
        xp.put_along_axis(dlogits, t, at_target, axis=-1)
        if label_smoothing:
            dlogits -= dL * part * w
        return dlogits, None
    return xp.sum(losses), backward


@op
def binary_cross_entropy(logits, targets, reduction="mean"):
    """L = -sum_n (t_n ln p_n + (1 - t_n) ln(1 - p_n)),  p = sigmoid(logits)        dlogits_n = dL (p_n - t_n)
         = sum_n (max(x_n, 0) - t_n x_n + ln(1 + e^-|x_n|)),  x = logits            dt_n = -dL x_n

    targets t of the same shape, from 0 to 1. The second form never overflows. "mean" divides by the number of entries.
    Raises ValueError if the shapes differ, or for the mean of none."""
    scale = _checked_pair("binary_cross_entropy", logits, targets, reduction)
    e = xp.exp(-xp.abs(logits))
    losses = xp.maximum(logits, 0) - targets * logits + xp.log1p(e)

    def backward(dL):
        p = xp.where(logits >= 0, 1, e) / (1 + e)
        return scale * dL * (p - targets), -scale * dL * logits
    return xp.sum(losses) * scale, backward


@op
def mse(y, target, reduction="mean"):
    """L = sum_n (y_n - target_n)^2         dy_n = 2 dL (y_n - target_n),  dtarget_n = -dy_n

    "mean" divides both by the number of entries. Raises ValueError if the shapes differ: broadcasting here would
    compare every prediction with every target."""
    scale = _checked_pair("mse", y, target, reduction)
    error = y - target

    def backward(dL):
        dy = 2 * scale * dL * error
        return dy, -dy
    return xp.sum(error * error) * scale, backward


@op
def mae(y, target, reduction="mean"):
    """L = sum_n |y_n - target_n|           dy_n = dL sign(y_n - target_n),  dtarget_n = -dy_n

    Where y = target there is a kink; dy is 0 there. reduction and errors as in mse."""
    scale = _checked_pair("mae", y, target, reduction)
    error = y - target

    def backward(dL):
        dy = scale * dL * xp.sign(error)
        return dy, -dy
    return xp.sum(xp.abs(error)) * scale, backward


@op
def huber(y, target, delta=1.0, reduction="mean"):
    """L = sum_n e_n^2 / 2                  where |e_n| <= delta,  e = y - target   dy_n = dL e_n
           or  delta (|e_n| - delta / 2)    beyond                                  dy_n = dL delta sign(e_n)

    With c = e, cut off at -delta and delta, both are c (e - c/2) and dL c; dtarget = -dy. From Huber 1964, "Robust
    estimation of a location parameter". reduction and errors as in mse; also ValueError unless delta > 0."""
    scale = _checked_pair("huber", y, target, reduction)
    if not delta > 0:
        raise ValueError(f"huber: delta, where the parabola becomes a straight line, is above 0; got {delta}")
    error = y - target
    c = xp.clip(error, -delta, delta)

    def backward(dL):
        dy = scale * dL * c
        return dy, -dy
    return xp.sum(c * (error - c / 2)) * scale, backward


def _checked_targets(logits, targets, ignore_index):
    """On the host: the targets, 0 for those to ignore, and which are kept."""
    if not logits.ndim or not logits.shape[-1]:
        raise ValueError(f"cross_entropy: logits (..., V) have a last axis of at least one class; got {logits.shape}")
    targets = to_host(targets)
    if targets.shape != logits.shape[:-1]:
        raise ValueError(f"cross_entropy: logits {logits.shape} need targets {logits.shape[:-1]}; got {targets.shape}. "
                         "The classes are the last axis of the logits (if not, transpose them), and targets are whole "
                         "numbers (of one-hot rows take the argmax)")
    if targets.dtype.kind not in "iu":
        raise ValueError(f"cross_entropy: targets are whole numbers; got {targets.dtype}: use astype(int), or for "
                         "targets between 0 and 1 binary_cross_entropy")
    kept = targets != ignore_index                         # where it is None: all
    return targets * kept, kept


def _wanted(logits, ids, kept, reduction, s, weights):
    """q_nv = hit_n [v = t_n] + part_n w_v and mass_n = sum_v q_nv, divided as the reduction says: (..., 1), (V,)."""
    if not 0 <= s <= 1:
        raise ValueError(f"cross_entropy: label_smoothing lies in [0, 1]; got {s}")
    V = logits.shape[-1]
    w = [1.0] * V if weights is None else weights.data if isinstance(weights, Tensor) else weights
    w = to_host(w).astype("float64")
    if w.shape != (V,):
        raise ValueError(f"cross_entropy: logits {logits.shape} need weights ({V},), one for each class; got {w.shape}")
    of_targets = w[ids] * kept
    scale = _scale("cross_entropy", reduction, float(of_targets.sum()), "every target is ignored or has weight 0, or "
                   "there is none")
    hit, part = of_targets[..., None] * scale * (1 - s), kept[..., None] * scale * s / V
    return tuple(to_device(c.astype(logits.dtype)) for c in (hit, part, hit + part * w.sum(), w))


def _in_range(ids, V):
    """The targets on the device, if each is a class."""
    try:
        return checked_ids(ids, V, "targets")
    except ValueError as error:
        raise ValueError(f"cross_entropy: {error}. If that number stands for padding, say ignore_index") from None


def _checked_pair(name, y, target, reduction):
    """The factor of a loss that compares entry by entry."""
    found = target.shape if hasattr(target, "shape") else f"({type(target).__name__})"
    if y.shape != found:
        raise ValueError(f"{name}: predictions {y.shape} and targets {found} must have the same shape: reshape one of "
                         "them. Broadcasting would compare every prediction with every target")
    return _scale(name, reduction, y.size, f"predictions of shape {y.shape} have no entry")


def _scale(name, reduction, count, why_none):
    """1 / count for "mean", 1 for "sum"."""
    if reduction not in ("mean", "sum"):
        raise ValueError(f"{name}: reduction is 'mean' or 'sum'; got {reduction!r}")
    if reduction == "mean" and not count:
        raise ValueError(f"{name}: {why_none}; the mean of none does not exist")
    return 1 / count if reduction == "mean" else 1.0
