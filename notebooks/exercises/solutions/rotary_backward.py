"""The way back through scores of rotated queries and keys: the solution, other right answers, and mistakes."""
import numpy as np


def rotary_backward(de, q, k, theta):
    phi_q = np.arange(q.shape[1])[:, None] * theta                                      # (1)
    phi_k = np.arange(k.shape[1])[:, None] * theta                                      # (1) (4)
    q_1, q_2 = np.split(q, 2, axis=2)                                                   # (2) (3)
    k_1, k_2 = np.split(k, 2, axis=2)                                                   # (4)
    dqr_1 = de @ (k_1 * np.cos(phi_k) - k_2 * np.sin(phi_k))                            # (5) (4)
    dqr_2 = de @ (k_1 * np.sin(phi_k) + k_2 * np.cos(phi_k))                            # (5) (4)
    dkr_1 = de.swapaxes(1, 2) @ (q_1 * np.cos(phi_q) - q_2 * np.sin(phi_q))             # (5) (2)
    dkr_2 = de.swapaxes(1, 2) @ (q_1 * np.sin(phi_q) + q_2 * np.cos(phi_q))             # (5) (3)
    dq_1 = dqr_1 * np.cos(phi_q) + dqr_2 * np.sin(phi_q)                                # (2) (3)
    dq_2 = dqr_2 * np.cos(phi_q) - dqr_1 * np.sin(phi_q)                                # (2) (3)
    dk_1 = dkr_1 * np.cos(phi_k) + dkr_2 * np.sin(phi_k)                                # (4)
    dk_2 = dkr_2 * np.cos(phi_k) - dkr_1 * np.sin(phi_k)                                # (4)
    dq = np.concatenate((dq_1, dq_2), axis=2)                                           # (2) (3)
    dk = np.concatenate((dk_1, dk_2), axis=2)                                           # (4)
    return dq, dk


# Right --------------------------------------------------------------------------------------------------------

def turned(x, phi):
    """(1) to (3)."""
    n = x.shape[2] // 2
    return np.concatenate([x[..., :n] * np.cos(phi) - x[..., n:] * np.sin(phi),
                           x[..., :n] * np.sin(phi) + x[..., n:] * np.cos(phi)], axis=2)


def right_by_turns(de, q, k, theta):
    """The way back through a turn is the turn by the opposite angle."""
    phi_q = np.arange(q.shape[1])[:, None] * theta                                      # (1)
    phi_k = np.arange(k.shape[1])[:, None] * theta                                      # (1) (4)
    dqr = de @ turned(k, phi_k)                                                         # (5) (4)
    dkr = de.swapaxes(1, 2) @ turned(q, phi_q)                                          # (5) (2) (3)
    dq = turned(dqr, -phi_q)                                                            # (2) (3)
    dk = turned(dkr, -phi_k)                                                            # (4)
    return dq, dk


def right_complex(de, q, k, theta):
    """A pair is a complex number, e the real part of q turned times the conjugate of k turned."""
    n = len(theta)
    turn_q, turn_k = (np.exp(1j * np.arange(x.shape[1])[:, None] * theta) for x in (q, k))
    zq, zk = (q[..., :n] + 1j * q[..., n:]) * turn_q, (k[..., :n] + 1j * k[..., n:]) * turn_k
    dzq, dzk = np.einsum("bts,bsi->bti", de, zk) / turn_q, np.einsum("bts,bti->bsi", de, zq) / turn_k
    return np.dstack([dzq.real, dzq.imag]), np.concatenate((dzk.real, dzk.imag), axis=-1)


def right_loops(de, q, k, theta):
    dq, dk, n = np.zeros_like(q), np.zeros_like(k), len(theta)
    for b, t, s in np.ndindex(de.shape):
        for i in range(n):
            c, z = np.cos((t - s) * theta[i]), np.sin((t - s) * theta[i])    # e is a sum over turns by t - s alone
            dq[b, t, i] += de[b, t, s] * (k[b, s, i] * c + k[b, s, i + n] * z)
            dq[b, t, i + n] += de[b, t, s] * (k[b, s, i + n] * c - k[b, s, i] * z)
            dk[b, s, i] += de[b, t, s] * (q[b, t, i] * c - q[b, t, i + n] * z)
            dk[b, s, i + n] += de[b, t, s] * (q[b, t, i + n] * c + q[b, t, i] * z)
    return dq, dk


def right_by_matrices(de, q, k, theta):
    """R_t (d, d) for each step; its transpose on the way back."""
    d, n = q.shape[2], len(theta)

    def matrices(T):
        phi = np.arange(T)[:, None] * theta
        R = np.zeros((T, d, d))
        i = np.arange(n)
        R[:, i, i] = R[:, i + n, i + n] = np.cos(phi)
        R[:, i + n, i] = np.sin(phi)
        R[:, i, i + n] = -np.sin(phi)
        return R
    R_q, R_k = matrices(q.shape[1]), matrices(k.shape[1])
    dq = np.einsum("tji,bts,sjl,bsl->bti", R_q, de, R_k, k, optimize=True)
    dk = np.einsum("sji,bts,tjl,btl->bsi", R_k, de, R_q, q, optimize=True)
    return dq, dk


# Wrong --------------------------------------------------------------------------------------------------------

def angles(de, theta):
    """(1) of the queries and of the keys."""
    return np.arange(de.shape[1])[:, None] * theta, np.arange(de.shape[2])[:, None] * theta


def wrong_turned_forwards(de, q, k, theta):
    """the gradients dq and dk are turned by +phi, as on the way there: the transpose of a turn is the turn by -phi

    Named by: dq dk turned by +phi -phi | sign of `phi_q` turned for `dq` sign of `phi_k` turned for `dk`"""
    phi_q, phi_k = angles(de, theta)
    return turned(de @ turned(k, phi_k), phi_q), turned(de.swapaxes(1, 2) @ turned(q, phi_q), phi_k)


def wrong_dk_turned_forwards(de, q, k, theta):
    """dk is turned by +phi, as on the way there, and dq rightly by -phi

    Named by: dk turned by +phi | sign of `phi_k` turned for `dk` already: dq"""
    phi_q, phi_k = angles(de, theta)
    return rotary_backward(de, q, k, theta)[0], turned(de.swapaxes(1, 2) @ turned(q, phi_q), phi_k)


def wrong_not_turned_back(de, q, k, theta):
    """dq and dk are the gradients of the turned vectors: the way back through (2), (3) and (4) is missing

    Named by: dq dk gradients of the turned way back missing
    | for `dq` for `dk` left out `dqr` as it is `dkr` as it is"""
    phi_q, phi_k = angles(de, theta)
    return de @ turned(k, phi_k), de.swapaxes(1, 2) @ turned(q, phi_q)


def wrong_raw_keys_and_queries(de, q, k, theta):
    """in (5) dq is made of k and dk of q as they were before the turn; the scores have seen both turned

    Named by: (5) k q before the turn | `turned(k, phi_k)` left out `turned(q, phi_q)` left out (5)"""
    phi_q, phi_k = angles(de, theta)
    return turned(de @ k, -phi_q), turned(de.swapaxes(1, 2) @ q, -phi_k)


def wrong_no_turn_at_all(de, q, k, theta):
    """nothing is turned: these are the gradients of q k^T, without positions

    Named by: nothing is turned without positions | `theta` is taken for 0 `phi_q` `phi_k`
    | factor `np.arange(q.shape[1])[:, None]` missing `phi_q` factor `np.arange(k.shape[1])[:, None]` `phi_k`"""
    return de @ k, de.swapaxes(1, 2) @ q


def wrong_keys_not_turned(de, q, k, theta):
    """dk is not turned back: (4) is left out, as if queries alone had positions on the way back

    Named by: dk not turned back (4) left out | left out `dkr` as it is for `dk` already: dq"""
    phi_q, _ = angles(de, theta)
    return rotary_backward(de, q, k, theta)[0], de.swapaxes(1, 2) @ turned(q, phi_q)


def wrong_neighbours_are_pairs(de, q, k, theta):
    """the pairs are neighbours, 2i and 2i + 1; in (2) and (3) they are i and i + n

    Named by: pairs neighbours 2i and 2i + 1 i + n"""
    d = q.shape[2]
    order = np.arange(d).reshape(-1, 2).T.reshape(-1)
    dq, dk = rotary_backward(de, q[..., order], k[..., order], theta)
    back = np.argsort(order)
    return dq[..., back], dk[..., back]


def wrong_signs_on_the_way_there(de, q, k, theta):
    """theta has the wrong sign everywhere: (2) has + sin and (3) has - sin, there and on the way back

    Named by: theta wrong sign everywhere | sign of theta` turned for `phi_q` for `phi_k`"""
    return rotary_backward(de, q, k, -theta)


def wrong_one_sign(de, q, k, theta):
    """in the second half of dq and dk both terms are added: the minus before the sine is missing in (2)

    Named by: second half dq dk minus before the sine missing
    | sign of `dqr_1 * np.sin(phi_q)` turned sign of `dkr_1 * np.sin(phi_k)` turned"""
    phi_q, phi_k = angles(de, theta)
    n = len(theta)

    def back(x, phi):
        one, two = x[..., :n], x[..., n:]
        return np.dstack([one * np.cos(phi) + two * np.sin(phi), two * np.cos(phi) + one * np.sin(phi)])
    return back(de @ turned(k, phi_k), phi_q), back(de.swapaxes(1, 2) @ turned(q, phi_q), phi_k)


def wrong_steps_of_queries_from_one(de, q, k, theta):
    """the steps of the queries are counted from t = 1, those of the keys from 0: in (1) the queries are a step ahead

    Named by: steps of the queries from t = 1 (1) | `np.arange(q.shape[1])` counts from 1 (1) `phi_q`"""
    phi_q, phi_k = angles(de, theta)
    phi_q = phi_q + theta
    return turned(de @ turned(k, phi_k), -phi_q), turned(de.swapaxes(1, 2) @ turned(q, phi_q), -phi_k)


def wrong_one_angle(de, q, k, theta):
    """all pairs are turned by the angle t of the first pair: the factor theta of (1) is missing

    Named by: all pairs angle t factor theta (1) missing | factor `theta` is missing (1)"""
    return rotary_backward(de, q, k, np.ones_like(theta))


def wrong_halves_exchanged(de, q, k, theta):
    """in dq and dk the two halves stand in each other's place: first the entries i + n, then i

    Named by: dq dk two halves each other's place | `dq_1` `dq_2` each other's place `dk_1` `dk_2`
    | dq dk along d places of the right ones"""
    return tuple(np.roll(x, len(theta), axis=2) for x in rotary_backward(de, q, k, theta))


def wrong_cosine_terms_alone(de, q, k, theta):
    """only the cosine terms come back: the terms with the sine of (2) and (3) are missing in dq and dk

    Named by: only the cosine terms with the sine missing dq dk
    | term `dqr_2 * np.sin(phi_q)` missing `dqr_1 * np.sin(phi_q)` `dkr_2 * np.sin(phi_k)` `dkr_1 * np.sin(phi_k)`"""
    phi_q, phi_k = angles(de, theta)
    return (de @ turned(k, phi_k) * np.tile(np.cos(phi_q), 2),
            de.swapaxes(1, 2) @ turned(q, phi_q) * np.tile(np.cos(phi_k), 2))


def wrong_scaled(de, q, k, theta):
    """dq and dk are divided by sqrt(d), and (5) has no such number

    Named by: dq dk divided by sqrt(d) | dq dk: 1/sqrt(d) of"""
    dq, dk = rotary_backward(de, q, k, theta)
    return dq / np.sqrt(q.shape[2]), dk / np.sqrt(q.shape[2])
