"""Mistakes that the diagnosis of rotary-backward has never seen."""
import numpy as np


def wrong_dq_not_turned_back(de, q, k, theta):
    """dq is the gradient of qr: it has not gone back through (2) and (3).

    Named by: dq not turned | dq qr gradient | dq without (2) | dq not rotated
    """
    phi_q = np.arange(q.shape[1])[:, None] * theta
    phi_k = np.arange(k.shape[1])[:, None] * theta
    q_1, q_2 = np.split(q, 2, axis=2)
    k_1, k_2 = np.split(k, 2, axis=2)
    dqr_1 = de @ (k_1 * np.cos(phi_k) - k_2 * np.sin(phi_k))
    dqr_2 = de @ (k_1 * np.sin(phi_k) + k_2 * np.cos(phi_k))
    dkr_1 = de.swapaxes(1, 2) @ (q_1 * np.cos(phi_q) - q_2 * np.sin(phi_q))
    dkr_2 = de.swapaxes(1, 2) @ (q_1 * np.sin(phi_q) + q_2 * np.cos(phi_q))
    dk_1 = dkr_1 * np.cos(phi_k) + dkr_2 * np.sin(phi_k)
    dk_2 = dkr_2 * np.cos(phi_k) - dkr_1 * np.sin(phi_k)
    dq = np.concatenate((dqr_1, dqr_2), axis=2)
    dk = np.concatenate((dk_1, dk_2), axis=2)
    return dq, dk


def wrong_keys_as_given(de, q, k, theta):
    """In (5) the queries' gradient meets the keys k as given, where it has to meet the turned keys kr of (4).

    Named by: dq keys not turned | dq kr k | dq unturned keys | dq k instead kr | `turned(k, phi_k)` is left out (5)
    """
    phi_q = np.arange(q.shape[1])[:, None] * theta
    phi_k = np.arange(k.shape[1])[:, None] * theta
    q_1, q_2 = np.split(q, 2, axis=2)
    k_1, k_2 = np.split(k, 2, axis=2)
    dqr_1 = de @ k_1
    dqr_2 = de @ k_2
    dkr_1 = de.swapaxes(1, 2) @ (q_1 * np.cos(phi_q) - q_2 * np.sin(phi_q))
    dkr_2 = de.swapaxes(1, 2) @ (q_1 * np.sin(phi_q) + q_2 * np.cos(phi_q))
    dq_1 = dqr_1 * np.cos(phi_q) + dqr_2 * np.sin(phi_q)
    dq_2 = dqr_2 * np.cos(phi_q) - dqr_1 * np.sin(phi_q)
    dk_1 = dkr_1 * np.cos(phi_k) + dkr_2 * np.sin(phi_k)
    dk_2 = dkr_2 * np.cos(phi_k) - dkr_1 * np.sin(phi_k)
    dq = np.concatenate((dq_1, dq_2), axis=2)
    dk = np.concatenate((dk_1, dk_2), axis=2)
    return dq, dk


def wrong_pairs_of_neighbours(de, q, k, theta):
    """The pairs are neighbours, the entries 2i and 2i + 1, where (2) and (3) pair i with i + n.

    Named by: pair neighbours | pairs 2i 2i + 1 | pairs neighbour instead | interleaved pairs
    """
    phi_q = np.arange(q.shape[1])[:, None] * theta
    phi_k = np.arange(k.shape[1])[:, None] * theta
    q_1, q_2 = q[:, :, 0::2], q[:, :, 1::2]
    k_1, k_2 = k[:, :, 0::2], k[:, :, 1::2]
    dqr_1 = de @ (k_1 * np.cos(phi_k) - k_2 * np.sin(phi_k))
    dqr_2 = de @ (k_1 * np.sin(phi_k) + k_2 * np.cos(phi_k))
    dkr_1 = de.swapaxes(1, 2) @ (q_1 * np.cos(phi_q) - q_2 * np.sin(phi_q))
    dkr_2 = de.swapaxes(1, 2) @ (q_1 * np.sin(phi_q) + q_2 * np.cos(phi_q))
    dq_1 = dqr_1 * np.cos(phi_q) + dqr_2 * np.sin(phi_q)
    dq_2 = dqr_2 * np.cos(phi_q) - dqr_1 * np.sin(phi_q)
    dk_1 = dkr_1 * np.cos(phi_k) + dkr_2 * np.sin(phi_k)
    dk_2 = dkr_2 * np.cos(phi_k) - dkr_1 * np.sin(phi_k)
    dq = np.stack((dq_1, dq_2), axis=3).reshape(q.shape)
    dk = np.stack((dk_1, dk_2), axis=3).reshape(k.shape)
    return dq, dk
