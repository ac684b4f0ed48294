"""practice-7.5-teacher: a solution, other right ones, and mistakes."""
import numpy as np


def practice_7_5_teacher(target, lengths, y, sos):
    B, Tq, V = y.shape
    read = np.concatenate([np.full((B, 1), sos), target[:, :-1]], axis=1)                           # (1)
    e = np.exp(y - y.max(axis=2, keepdims=True))
    P = e / e.sum(axis=2, keepdims=True)                                                            # (2)
    is_word = np.arange(Tq) < lengths[:, None]                                                      # (3)
    one_hot = np.eye(V)[target]                                                                     # (3)
    L = -(np.log((P * one_hot).sum(axis=2)) * is_word).sum()                                        # (3)
    number = lengths.sum()                                                                          # (4)
    dy = (P - one_hot) * is_word[:, :, None]                                                        # (5)
    return read, L, number, dy


# Right --------------------------------------------------------------------------------------------------------

def right_word_by_word(target, lengths, y, sos):
    read, dy, L = np.zeros_like(target), np.zeros_like(y), 0.0
    for b in range(len(target)):
        before = sos
        for t, id in enumerate(target[b]):
            read[b, t], before = before, id
            if t < lengths[b]:
                p = np.exp(y[b, t]) / np.exp(y[b, t]).sum()
                L -= np.log(p[id])
                dy[b, t] = p
                dy[b, t, id] -= 1
    return read, L, sum(lengths), dy


def right_flat(target, lengths, y, sos):
    """The symbols of all sentences in one long list."""
    Tq = target.shape[1]
    rows, steps = np.nonzero(np.arange(Tq) < lengths[:, None])
    picked, ids = y[rows, steps], target[rows, steps]
    logs = picked - np.logaddexp.reduce(picked, axis=1, keepdims=True)
    dy = np.zeros_like(y)
    dy[rows, steps] = np.exp(logs)
    np.add.at(dy, (rows, steps, ids), -1)
    return np.insert(target, 0, sos, axis=1)[:, :Tq], -logs[np.arange(len(ids)), ids].sum(), len(ids), dy


def right_log_sum_exp(target, lengths, y, sos):
    """L = sum of (ln sum e^y - y_target), with weights 0 and 1."""
    B, Tq, _ = y.shape
    weight = np.tri(Tq + 1, Tq, -1)[lengths]
    norm = np.log(np.exp(y).sum(axis=-1))
    L = np.einsum("bt,bt->", weight, norm - np.take_along_axis(y, target[..., None], axis=2)[..., 0])
    dy = np.exp(y - norm[..., None]) * weight[..., None]
    dy[np.arange(B)[:, None], np.arange(Tq), target] -= weight
    read = np.roll(target, 1, axis=1)
    read[:, 0] = sos
    return read, L, int(weight.sum()), dy


def right_sentence_by_sentence(target, lengths, y, sos):
    reads, losses, slopes = [], [], []
    for ids, n, scores in zip(target, lengths, y, strict=True):
        reads.append([sos, *ids[:-1]])
        P = np.exp(scores[:n] - scores[:n].max())
        P /= P.sum(axis=1, keepdims=True)
        losses.append(np.log(P[range(n), ids[:n]]).sum())
        P[range(n), ids[:n]] -= 1
        slopes.append(np.pad(P, ((0, len(ids) - n), (0, 0))))
    return np.array(reads), -sum(losses), np.add.reduce(lengths), np.stack(slopes)


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_reads_the_answer(target, lengths, y, sos):
    """read is the target itself: the decoder reads the word that it is to say

    Named by: read target itself | read one place further back"""
    return target, *practice_7_5_teacher(target, lengths, y, sos)[1:]


def wrong_ahead(target, lengths, y, sos):
    """read is shifted in the other direction: it runs ahead of the target

    Named by: read runs ahead one behind"""
    read = np.concatenate([target[:, 1:], np.full((len(target), 1), sos)], axis=1)
    return read, *practice_7_5_teacher(target, lengths, y, sos)[1:]


def wrong_rolled(target, lengths, y, sos):
    """read begins with the target's last symbol, and should begin with SOS

    Named by: read begins last symbol SOS | read SOS 0 along Tq"""
    return np.roll(target, 1, axis=1), *practice_7_5_teacher(target, lengths, y, sos)[1:]


def wrong_padding_counts(target, lengths, y, sos):
    """the places behind a target's end count in L, number and dy

    Named by: behind a target's end L number | behind a target's end"""
    return practice_7_5_teacher(target, np.full(len(target), target.shape[1]), y, sos)


def wrong_padding_in_the_gradient(target, lengths, y, sos):
    """dy is not 0 behind a target's end, where L counts nothing

    Named by: dy not 0 behind end | dy not 0 places 0"""
    read, L, number, _ = practice_7_5_teacher(target, lengths, y, sos)
    return read, L, number, wrong_padding_counts(target, lengths, y, sos)[3]


def wrong_mean(target, lengths, y, sos):
    """L is the mean over the symbols, and should be their sum

    Named by: L mean symbols sum"""
    read, L, number, dy = practice_7_5_teacher(target, lengths, y, sos)
    return read, L / number, number, dy


def wrong_mean_gradient(target, lengths, y, sos):
    """dy is that of a mean over the symbols, and L is a sum

    Named by: dy divided number symbols sum"""
    read, L, number, dy = practice_7_5_teacher(target, lengths, y, sos)
    return read, L, number, dy / number


def wrong_without_eos(target, lengths, y, sos):
    """the last symbol of each sentence, EOS, is not counted: the model never learns to stop

    Named by: EOS out number predicted | last symbol EOS"""
    return practice_7_5_teacher(target, lengths - 1, y, sos)


def wrong_no_one_hot(target, lengths, y, sos):
    """dy is the softmax alone, without the one-hot of the target

    Named by: dy one-hot | `one_hot` missing (5)"""
    read, L, number, dy = practice_7_5_teacher(target, lengths, y, sos)
    is_word = np.arange(target.shape[1]) < lengths[:, None]
    return read, L, number, dy + np.eye(y.shape[2])[target] * is_word[..., None]


def wrong_sign(target, lengths, y, sos):
    """L is the sum of ln P, and should be its negative

    Named by: L minus | L sign turned"""
    read, L, number, dy = practice_7_5_teacher(target, lengths, y, sos)
    return read, -L, number, dy


def wrong_softmax_over_time(target, lengths, y, sos):
    """the softmax goes over the steps, and in (2) over the words of the vocabulary

    Named by: softmax axis 1 (2) | softmax over the steps (2) | goes over axis 1"""
    _, Tq, V = y.shape
    P = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    is_word, one_hot = np.arange(Tq) < lengths[:, None], np.eye(V)[target]
    L = -(np.log((P * one_hot).sum(axis=2)) * is_word).sum()
    return practice_7_5_teacher(target, lengths, y, sos)[0], L, lengths.sum(), (P - one_hot) * is_word[..., None]
