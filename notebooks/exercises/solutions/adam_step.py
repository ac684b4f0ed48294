"""One step of Adam: the solution, other right answers, and mistakes that people make."""
import math

import numpy as np


def adam_step(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    t = t_prev + 1                                                              # (1)
    m = beta1 * m_prev + (1 - beta1) * dw                                       # (2)
    v = beta2 * v_prev + (1 - beta2) * dw ** 2                                  # (3)
    m_hat = m / (1 - beta1 ** t)                                                # (4)
    v_hat = v / (1 - beta2 ** t)                                                # (5)
    w = w_prev - lr * m_hat / (np.sqrt(v_hat) + eps)                            # (6)
    return w, m, v


# Right --------------------------------------------------------------------------------------------------------

def right_loop(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    w, m, v = np.zeros_like(dw), np.zeros_like(dw), np.zeros_like(dw)
    for place in np.ndindex(dw.shape):
        g = dw[place]
        m[place] = beta1 * m_prev[place] + (1 - beta1) * g
        v[place] = beta2 * v_prev[place] + (1 - beta2) * g * g
        m_hat = m[place] / (1 - math.pow(beta1, t_prev + 1))
        v_hat = v[place] / (1 - math.pow(beta2, t_prev + 1))
        w[place] = w_prev[place] - lr * m_hat / (math.sqrt(v_hat) + eps)
    return w, m, v


def right_in_place(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """On copies, as the library does it: the corrections go into the rate and the root."""
    w, m, v, t = w_prev.copy(), m_prev.copy(), v_prev.copy(), t_prev + 1
    m *= beta1
    m += (1 - beta1) * dw
    v *= beta2
    v += (1 - beta2) * np.square(dw)
    root = np.sqrt(v) / math.sqrt(1 - beta2 ** t)
    w -= lr / (1 - beta1 ** t) * m / (root + eps)
    return w, m, v


def right_differences(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """The means as steps towards what is new."""
    m = m_prev + (1 - beta1) * (dw - m_prev)
    v = v_prev - (1 - beta2) * (v_prev - np.abs(dw) ** 2)
    still = np.array([beta1, beta2]) ** (1 + t_prev)
    return w_prev + lr * m / ((still[0] - 1) * ((v / (1 - still[1])) ** 0.5 + eps)), m, v


def right_eps_corrected(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """One rate for the step, with an eps that is corrected too."""
    m, v = np.average([m_prev, dw], axis=0, weights=[beta1, 1 - beta1]), np.einsum("k,knm->nm", [beta2, 1 - beta2],
                                                                                   np.stack([v_prev, dw * dw]))
    c1, c2 = 1 - beta1 ** (t_prev + 1), np.sqrt(1 - beta2 ** (t_prev + 1))
    return w_prev - (lr * c2 / c1) * m / (np.sqrt(v) + eps * c2), m, v


# Wrong --------------------------------------------------------------------------------------------------------

def moments(dw, m_prev, v_prev, beta1, beta2):
    """(2) and (3), for those that go wrong behind."""
    return beta1 * m_prev + (1 - beta1) * dw, beta2 * v_prev + (1 - beta2) * dw ** 2


def rest(m, v, w_prev, t, lr, beta1, beta2, eps):
    """(4) to (6), for those that go wrong before."""
    return w_prev - lr * (m / (1 - beta1 ** t)) / (np.sqrt(v / (1 - beta2 ** t)) + eps), m, v


def wrong_no_correction(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """both corrections are missing: (6) reads m and v, without (4) and (5)

    Named by: corrections missing (4) (5) | division `1 - beta1 ** t` `1 - beta2 ** t` missing (4) (5)"""
    m, v = moments(dw, m_prev, v_prev, beta1, beta2)
    return w_prev - lr * m / (np.sqrt(v) + eps), m, v


def wrong_v_not_corrected(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """the correction (5) is missing: (6) reads v, not v^

    Named by: (5) missing v^ | division `1 - beta2 ** t` missing (5) | `v` stands where `v_hat` (6)"""
    m, v = moments(dw, m_prev, v_prev, beta1, beta2)
    return w_prev - lr * m / (1 - beta1 ** (t_prev + 1)) / (np.sqrt(v) + eps), m, v


def wrong_steps_before(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """the corrections count the steps before, t_prev, without this one: the 1 of (1) is missing

    Named by: 1 (1) missing t_prev | term `1` missing (1)"""
    m, v = moments(dw, m_prev, v_prev, beta1, beta2)
    return rest(m, v, w_prev, t_prev, lr, beta1, beta2, eps)


def wrong_eps_in_the_root(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """eps stands inside of the root, and in (6) it is added to the root

    Named by: eps inside root (6) | eps inside np.sqrt (6)"""
    m, v = moments(dw, m_prev, v_prev, beta1, beta2)
    t = t_prev + 1
    return w_prev - lr * (m / (1 - beta1 ** t)) / np.sqrt(v / (1 - beta2 ** t) + eps), m, v


def wrong_eps_before_the_correction(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """eps is added to the root of v, before the correction (5): it is eps / sqrt(1 - beta2^t) then

    Named by: eps before correction (5)"""
    m, v = moments(dw, m_prev, v_prev, beta1, beta2)
    t = t_prev + 1
    return w_prev - lr * np.sqrt(1 - beta2 ** t) / (1 - beta1 ** t) * m / (np.sqrt(v) + eps), m, v


def wrong_no_root(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """the root of (6) is missing: m^ is divided by v^ itself

    Named by: root (6) missing | `np.sqrt(v_hat)` without function (6)"""
    m, v = moments(dw, m_prev, v_prev, beta1, beta2)
    t = t_prev + 1
    return w_prev - lr * (m / (1 - beta1 ** t)) / (v / (1 - beta2 ** t) + eps), m, v


def wrong_not_squared(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """v is a mean of the gradients: the square of dw is missing in (3)

    Named by: square dw missing (3) | power `dw` missing (3)"""
    return rest(beta1 * m_prev + (1 - beta1) * dw, beta2 * v_prev + (1 - beta2) * dw, w_prev, t_prev + 1, lr,
                beta1, beta2, eps)


def wrong_square_of_m(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """v takes in the square of m, and in (3) it is that of dw

    Named by: v square m dw (3) | `m` stands where `dw` (3)"""
    m = beta1 * m_prev + (1 - beta1) * dw
    return rest(m, beta2 * v_prev + (1 - beta2) * m ** 2, w_prev, t_prev + 1, lr, beta1, beta2, eps)


def wrong_weights_exchanged(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """the weights of (2) are in each other's place: m = (1 - beta1) m_prev + beta1 dw

    Named by: each other's place (2) | `m_prev` stands where `dw` `dw` stands where `m_prev` (2)"""
    m, v = (1 - beta1) * m_prev + beta1 * dw, beta2 * v_prev + (1 - beta2) * dw ** 2
    return rest(m, v, w_prev, t_prev + 1, lr, beta1, beta2, eps)


def wrong_betas_exchanged(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """beta1 and beta2 are exchanged: beta1 belongs to m and beta2 to v

    Named by: beta1 and beta2 exchanged | `beta1` `beta2` each other's place"""
    return adam_step(dw, w_prev, m_prev, v_prev, t_prev, lr, beta2, beta1, eps)


def wrong_as_momentum(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """dw goes into m with its full weight, as in SGD with momentum: the factor 1 - beta1 of (2) is missing

    Named by: factor 1 - beta1 (2) missing | factor `1 - beta1` missing (2)"""
    m, v = beta1 * m_prev + dw, beta2 * v_prev + (1 - beta2) * dw ** 2
    return rest(m, v, w_prev, t_prev + 1, lr, beta1, beta2, eps)


def wrong_uphill(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """the step of (6) is added: the sign is turned, and w goes uphill

    Named by: (6) sign turned w"""
    m, v = moments(dw, m_prev, v_prev, beta1, beta2)
    return 2 * w_prev - rest(m, v, w_prev, t_prev + 1, lr, beta1, beta2, eps)[0], m, v


def wrong_corrected_is_kept(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """m^ and v^ are returned for m and v: what is kept for the next step is (2) and (3), before the corrections

    Named by: m^ v^ returned before corrections | `m_hat` stands where `m` `v_hat` stands where `v`"""
    w, m, v = adam_step(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps)
    return w, m / (1 - beta1 ** (t_prev + 1)), v / (1 - beta2 ** (t_prev + 1))


def wrong_moments_of_before(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """w moves by m_prev and v_prev, and (4) and (5) read what (2) and (3) have just made

    Named by: m_prev v_prev (4) (5) | `m_prev` stands where `m` (4) `v_prev` stands where `v` (5)"""
    m, v = moments(dw, m_prev, v_prev, beta1, beta2)
    return rest(m_prev, v_prev, w_prev, t_prev + 1, lr, beta1, beta2, eps)[0], m, v


def wrong_squared_gradient_alone(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """(6) takes the gradient dw for m^, as RMSprop does

    Named by: (6) dw for m^ | `dw` stands where `m_hat` (6)"""
    m, v = moments(dw, m_prev, v_prev, beta1, beta2)
    return w_prev - lr * dw / (np.sqrt(v / (1 - beta2 ** (t_prev + 1))) + eps), m, v


def wrong_correction_without_t(dw, w_prev, m_prev, v_prev, t_prev, lr, beta1, beta2, eps):
    """(4) and (5) divide by 1 - beta1 and 1 - beta2, without the power t, as if each step were the first

    Named by: power t missing | without power t | exponent t missing | t not used"""
    m = beta1 * m_prev + (1 - beta1) * dw
    v = beta2 * v_prev + (1 - beta2) * dw ** 2
    m_hat = m / (1 - beta1)
    v_hat = v / (1 - beta2)
    w = w_prev - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, m, v
