"""practice-9.5-decay: a solution, other right ones, and mistakes."""
import numpy as np


def practice_9_5_decay(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    u_W = dW / (np.sqrt(dW ** 2) + eps)                                         # (1)
    u_b = db / (np.sqrt(db ** 2) + eps)                                         # (1)
    u_gamma = dgamma / (np.sqrt(dgamma ** 2) + eps)                             # (1)
    W = W_prev - lr * decay * W_prev - lr * u_W                                 # (2)
    b = b_prev - lr * u_b                                                       # (3)
    gamma = gamma_prev - lr * u_gamma                                           # (4)
    return W, b, gamma


# Right --------------------------------------------------------------------------------------------------------

def right_in_two_groups(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """As an optimiser does it: groups of pairs, each with a decay of its own."""
    groups = [([(W_prev, dW)], decay), ([(b_prev, db), (gamma_prev, dgamma)], 0.0)]
    after = []
    for pairs, of_group in groups:
        for w, dw in pairs:
            after.append((1 - lr * of_group) * w - lr * dw / (np.abs(dw) + eps))
    return after


def right_entry_by_entry(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    def moved(w, dw, decay):
        out = np.zeros(w.shape)
        for place in np.ndindex(*w.shape):
            direction = dw[place] / (max(dw[place], -dw[place]) + eps)
            out[place] = w[place] - lr * (decay * w[place] + direction)
        return out
    return moved(W_prev, dW, decay), moved(b_prev, db, 0), moved(gamma_prev, dgamma, 0)


def right_in_place(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """The decay first, then the step, each into the array."""
    after = [w.copy() for w in (W_prev, b_prev, gamma_prev)]
    after[0] *= 1 - lr * decay
    for w, dw in zip(after, (dW, db, dgamma), strict=True):
        w -= lr * dw / (np.hypot(dw, 0) + eps)
    return tuple(after)


def right_by_moments(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """Adam in full, from moments of 0 and with their correction; decided by the number of axes."""
    after = []
    for w, dw in ((W_prev, dW), (b_prev, db), (gamma_prev, dgamma)):
        m, v = 0.1 * dw, 0.001 * dw * dw
        step = (m / (1 - 0.9)) / (np.sqrt(v / (1 - 0.999)) + eps)
        after.append(w - lr * step - (lr * decay * w if w.ndim > 1 else 0))
    return after


# Wrong --------------------------------------------------------------------------------------------------------

def direction(dw, eps):
    """(1)"""
    return dw / (np.abs(dw) + eps)


def wrong_in_the_gradient(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """the decay is added to the gradient, as Adam's L2 penalty is: in (1) it is divided by its own size, and in (2) it
    stands beside the direction

    Named by: decay gradient (1) | decay added gradient (2) | W L2"""
    W = W_prev - lr * direction(dW + decay * W_prev, eps)
    return W, b_prev - lr * direction(db, eps), gamma_prev - lr * direction(dgamma, eps)


def wrong_all_decay(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """b and gamma decay as well: all parameters are in one group

    Named by: b gamma decay | b decay gamma"""
    return [(1 - lr * decay) * w - lr * direction(dw, eps)
            for w, dw in ((W_prev, dW), (b_prev, db), (gamma_prev, dgamma))]


def wrong_gain_decays(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """gamma decays as W does, and in (4) it does not: only what is called a bias was left out

    Named by: gamma decay"""
    gamma = (1 - lr * decay) * gamma_prev - lr * direction(dgamma, eps)
    return (1 - lr * decay) * W_prev - lr * direction(dW, eps), b_prev - lr * direction(db, eps), gamma


def wrong_bias_decays(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """b decays as W does, and in (3) it does not

    Named by: b decay"""
    b = (1 - lr * decay) * b_prev - lr * direction(db, eps)
    return (1 - lr * decay) * W_prev - lr * direction(dW, eps), b, gamma_prev - lr * direction(dgamma, eps)


def wrong_nothing_decays(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """the decay of W is missing in (2): it stands in the group without

    Named by: decay missing (2) | `lr * decay * W_prev` missing"""
    return [w - lr * direction(dw, eps) for w, dw in ((W_prev, dW), (b_prev, db), (gamma_prev, dgamma))]


def wrong_without_the_rate(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """the decay is not multiplied by lr in (2)

    Named by: factor `lr` missing (2) | decay lr (2)"""
    W = W_prev - decay * W_prev - lr * direction(dW, eps)
    return W, b_prev - lr * direction(db, eps), gamma_prev - lr * direction(dgamma, eps)


def wrong_grows(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """the sign of the decay is turned in (2): W grows

    Named by: sign decay turned (2) | sign turned (2)"""
    W = (1 + lr * decay) * W_prev - lr * direction(dW, eps)
    return W, b_prev - lr * direction(db, eps), gamma_prev - lr * direction(dgamma, eps)


def wrong_after_the_step(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """the step is made first, and what it has made of W decays; in (2) W_prev decays

    Named by: step first decays W_prev (2)"""
    W = (W_prev - lr * direction(dW, eps)) * (1 - lr * decay)
    return W, b_prev - lr * direction(db, eps), gamma_prev - lr * direction(dgamma, eps)


def wrong_root_missing(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """the root of (1) is missing: the gradient is divided by its square

    Named by: root (1) | `np.sqrt(dW ** 2)` without function (1) | sqrt without (1)"""
    u_W, u_b, u_gamma = (dw / (dw ** 2 + eps) for dw in (dW, db, dgamma))
    return (1 - lr * decay) * W_prev - lr * u_W, b_prev - lr * u_b, gamma_prev - lr * u_gamma


def wrong_eps_in_the_root(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """eps stands under the root, and in (1) behind it

    Named by: eps root (1) | `eps` inside `np.sqrt` (1)"""
    u_W, u_b, u_gamma = (dw / np.sqrt(dw ** 2 + eps) for dw in (dW, db, dgamma))
    return (1 - lr * decay) * W_prev - lr * u_W, b_prev - lr * u_b, gamma_prev - lr * u_gamma


def wrong_plain_gradient(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """the gradient itself is the direction, as in SGD: nothing divides it in (1)

    Named by: division missing (1) | gradient itself direction (1)"""
    return (1 - lr * decay) * W_prev - lr * dW, b_prev - lr * db, gamma_prev - lr * dgamma


def wrong_direction_decays(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """the decay takes its share of the direction u_W, and in (2) of W_prev

    Named by: decay u_W W_prev (2) | `u_W` stands where `W_prev` (2)"""
    u_W = direction(dW, eps)
    return W_prev - lr * decay * u_W - lr * u_W, b_prev - lr * direction(db, eps), \
        gamma_prev - lr * direction(dgamma, eps)


def wrong_decay_by_the_sign(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps):
    """the decay of (2) subtracts lr decay sign(W_prev), the same from each weight, as a penalty of |W| does

    Named by: W decay sign | W decay same each | W decay size of W | W decay constant"""
    _, b, gamma = practice_9_5_decay(W_prev, b_prev, gamma_prev, dW, db, dgamma, lr, decay, eps)
    return W_prev - lr * decay * np.sign(W_prev) - lr * dW / (np.sqrt(dW ** 2) + eps), b, gamma
