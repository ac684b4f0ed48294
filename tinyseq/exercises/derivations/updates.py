"""Between the gradient and the weights: clipping, and Adam."""
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.backend import to_device, to_host
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.optim import Adam, clip_norm


@exercise("clip-by-norm", "7.5", gives="norm (), cW_xh (D, H), cW_hh (H, H), cb (H)")
def clip_by_norm(draw: Draw) -> Case:
    """Clipping by the norm: the gradient of all weights together is shortened to a limit.

    (1) norm   = sqrt(sum of g^2 over all entries g of dW_xh, dW_hh and db)        a number
    (2) factor = min(1, limit / norm)                                              a number
    (3) cW_xh  = factor dW_xh,    cW_hh = factor dW_hh,    cb = factor db          (D, H), (H, H), (H,)

    Given   dW_xh (D, H), dW_hh (H, H), db (H,), the gradients of a network's weights; limit, a number above 0. Leave
            the arrays that are given as they are
    Hint    Think of all entries of the three arrays as one long vector. Which direction does it point in after the
            clipping, and how long is it?
    Hint    Try it with two weights of one entry each, whose gradients are 3 and 4, and the limits 1 and 10.
    Hint    There is one norm and one factor. What should the factor be for a vector that is shorter than the limit?
    Look    norm: it is the norm before clipping. How many entries does the sum in (1) have, and of which arrays?
    Look    cW_xh, cW_hh, cb: divide what you return by what you were given. Is it the same number for all entries of
            all three, and is it 1 where the norm is below the limit?"""
    D, H = draw.sizes(2)
    grads = [draw.array(D, H), draw.array(H, H), draw.array(H)]
    length = np.linalg.norm(np.concatenate([g.reshape(-1) for g in grads]))
    limit = float(length * (1.2 if D % 2 else 0.2))            # of some draws the gradient is short enough
    norm, clipped = shortened(grads, limit)
    return Case(dict(zip(("dW_xh", "dW_hh", "db", "limit"), (*grads, limit), strict=True)),
                dict(zip(("norm", "cW_xh", "cW_hh", "cb"), (norm, *clipped), strict=True)))


def shortened(grads: list[Any], limit: float) -> tuple[Any, list[Any]]:
    """(1) to (3), by the library."""
    weights = [tensor(np.zeros(g.shape), requires_grad=True) for g in grads]
    for w, g in zip(weights, grads, strict=True):
        w.grad = to_device(g.copy())
    norm = clip_norm(weights, limit)
    return to_host(norm), [to_host(w.grad) for w in weights]


@exercise("adam-step", "7.5", gives="w (N, K), m (N, K), v (N, K)")
def adam_step(draw: Draw) -> Case:
    """One step of Adam.

    (1) t  = t_prev + 1                                  the steps so far, with this one
    (2) m  = beta1 m_prev + (1 - beta1) dw               (N, K)
    (3) v  = beta2 v_prev + (1 - beta2) dw^2             (N, K)
    (4) m^ = m / (1 - beta1^t)                           (N, K)
    (5) v^ = v / (1 - beta2^t)                           (N, K)
    (6) w  = w_prev - lr m^ / (sqrt(v^) + eps)           (N, K)

    Given   dw (N, K), which is dL/dw; w_prev, m_prev, v_prev (N, K), from before the step; t_prev, how many steps have
            been made before; the numbers lr, beta1, beta2, eps. Leave the arrays that are given as they are
    Hint    What must the optimiser remember until its next step, and what does it need for this one only?
    Hint    Work the first step out by hand for one weight: with t_prev = 0 and zeros for m_prev and v_prev, (4) gives
            back the gradient itself.
    Hint    m and v of (2) and (3) are returned as they are; what (4) and (5) make of them goes into (6) alone. Look
            closely at what the root covers there.
    Look    m: a running mean of the gradients. Are its two weights beta1 and 1 - beta1, each beside the right array?
    Look    v: a running mean of the squares, with numbers of its own; what is kept is (3), before (5).
    Look    w: m and v as they are after (2) and (3), the number of this step, the root, then eps, the sign."""
    N, K = draw.sizes(2)
    dw, w_prev, m_prev, v_prev = draw.array(N, K), draw.array(N, K), 0.3 * draw.array(N, K), draw.array(N, K) ** 2
    t_prev = int(draw.ids(4)) + 1
    lr, beta1, beta2, eps = (float(n) for n in draw.rng.uniform((0.05, 0.7, 0.85, 0.02), (0.2, 0.8, 0.95, 0.1)))
    given = {"dw": dw, "w_prev": w_prev, "m_prev": m_prev, "v_prev": v_prev, "t_prev": t_prev, "lr": lr,
             "beta1": beta1, "beta2": beta2, "eps": eps}
    return Case(given, stepped(**given))


def stepped(dw: Any, w_prev: Any, m_prev: Any, v_prev: Any, t_prev: int, lr: float, beta1: float, beta2: float,
            eps: float) -> dict[str, Any]:
    """(1) to (6), by the library."""
    w = tensor(w_prev.copy(), requires_grad=True)
    adam = Adam([w], lr, (beta1, beta2), eps)
    adam.load_state_dict({"t.0": to_device(np.asarray(t_prev)), "m.0": to_device(m_prev), "v.0": to_device(v_prev)})
    w.grad = to_device(dw)
    adam.step()
    state = adam.state_dict()
    return {"w": w.numpy(), "m": to_host(state["m.0"]), "v": to_host(state["v.0"])}
