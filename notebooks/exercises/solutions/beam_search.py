"""Beam search: the solution, other right answers, and mistakes that people make."""
import heapq
import itertools

import numpy as np


def beam_search(log_p, width, T, alpha, sos, eos):
    V = len(log_p)
    beams, total = np.zeros((1, 0), int), np.zeros(1)
    found: list = []
    ln_P = np.zeros(0)
    for t in range(T):
        last = beams[:, -1] if t else np.array([sos])                           # (1)
        candidates = np.ravel(total[:, None] + log_p[last])                     # (1)
        m = width - len(found)                                                  # (2)
        best = np.argsort(-candidates, kind="stable")[:m]                       # (2)
        beams = np.column_stack([beams[best // V], best % V])                   # (2)
        total = candidates[best]                                                # (2)
        is_complete = (beams[:, -1] == eos) | np.full(len(best), t + 1 == T)    # (3)
        found = found + beams[is_complete].tolist()                             # (3)
        ln_P = np.append(ln_P, total[is_complete])                              # (3)
        beams, total = beams[~is_complete], total[~is_complete]                 # (3)
    n = np.array([len(ids) for ids in found])
    score = ln_P / ((5 + n) / 6) ** alpha                                       # (4)
    order = np.argsort(-score)[:width]                                          # (4)
    ids = np.array([ids + [-1] * (T - len(ids)) for ids in found])
    return ids[order], score[order]


# Right --------------------------------------------------------------------------------------------------------

def right_lists(log_p, width, T, alpha, sos, eos):
    """Beams as pairs of symbols and ln P, the candidates in one list."""
    beams: list = [((), 0.0)]
    complete: list = []
    for n in range(1, T + 1):
        candidates = []
        for ids, total in beams:
            last = ids[-1] if ids else sos
            for v in range(len(log_p)):
                candidates.append(((*ids, v), total + log_p[last, v]))
        candidates.sort(key=lambda candidate: -candidate[1])
        kept = candidates[:width - len(complete)]
        complete += [beam for beam in kept if beam[0][-1] == eos or n == T]
        beams = [beam for beam in kept if beam[0][-1] != eos]
    scored = sorted(((total / ((5 + len(ids)) / 6) ** alpha, ids) for ids, total in complete), reverse=True)
    return np.array([[*ids, *[-1] * (T - len(ids))] for one, ids in scored]), np.array([one for one, ids in scored])


def right_heap(log_p, width, T, alpha, sos, eos):
    """The m best of the candidates by a heap."""
    beams: list = [(0.0, [sos])]
    answers: list = []
    while beams:
        candidates = ((total + log_p[ids[-1], v], [*ids, v]) for total, ids in beams for v in range(len(log_p)))
        beams, kept = [], heapq.nlargest(width - len(answers), candidates)
        for total, ids in kept:
            if ids[-1] == eos or len(ids) > T:
                answers.append((total * (6 / (4 + len(ids))) ** alpha, ids[1:]))
            else:
                beams.append((total, ids))
    answers.sort(key=lambda answer: answer[0])
    return ([ids + (T - len(ids)) * [-1] for _, ids in reversed(answers)], [score for score, _ in reversed(answers)])


def right_recursive(log_p, width, T, alpha, sos, eos):
    def search(beams, room, n):
        if not beams or n == T:
            return list(beams)
        grown = {(*ids, v): total + log_p[ids[-1] if ids else sos][v]
                 for ids, total in beams for v in range(log_p.shape[1])}
        kept = sorted(grown, key=lambda ids: -grown[ids])[:room]
        ended = [(ids, grown[ids]) for ids in kept if ids[-1] == eos]
        return ended + search([(ids, grown[ids]) for ids in kept if ids[-1] != eos], room - len(ended), n + 1)
    answers = [(total / np.exp(alpha * np.log((5 + len(ids)) / 6)), ids)
               for ids, total in search([((), 0.0)], width, 0)]
    answers = sorted(answers, key=lambda answer: -answer[0])
    ids = np.full((len(answers), T), -1.0)
    for row, (_, symbols) in enumerate(answers):
        ids[row, :len(symbols)] = symbols
    return ids, [score for score, _ in answers]


def right_likelihoods_again(log_p, width, T, alpha, sos, eos):
    """Keeps symbols alone, and adds up ln P anew for every candidate, as a product of probabilities."""
    def likelihood(ids):
        return np.prod([np.exp(log_p[u, v]) for u, v in zip((sos, *ids), ids, strict=False)])
    beams: list = [()]
    complete: list = []
    for n in range(T):
        candidates = [(*ids, v) for ids, v in itertools.product(beams, range(len(log_p)))]
        kept = sorted(candidates, key=likelihood)[::-1][:width - len(complete)]
        complete += [ids for ids in kept if ids[-1] == eos or n + 1 == T]
        beams = [ids for ids in kept if ids[-1] != eos]
    found = sorted(((np.log(likelihood(ids)) / (5 / 6 + len(ids) / 6) ** alpha, ids) for ids in complete),
                   reverse=True)
    return np.array([ids + (-1,) * (T - len(ids)) for _, ids in found]), np.array([score for score, _ in found])


# Wrong --------------------------------------------------------------------------------------------------------

def searched(log_p, width, T, sos, eos, room=None, key=None, per_beam=None, step=None):
    """(1) to (3) -> [(ids, ln P), ...], for those that go wrong in one of them.

    room(width, complete)      how many are kept;  key(ids, total)   by what they are ordered
    per_beam                   how many of each beam may go on;  step(total, u, v)   (1)"""
    room = room or (lambda complete: width - len(complete))
    key = key or (lambda ids, total: total)
    step = step or (lambda total, u, v: total + log_p[u, v])
    beams: list = [((), 0.0)]
    complete: list = []
    for n in range(1, T + 1):
        candidates = []
        for ids, total in beams:
            of_beam = [((*ids, v), step(total, ids[-1] if ids else sos, v)) for v in range(len(log_p))]
            of_beam.sort(key=lambda beam: -key(*beam))
            candidates += of_beam[:per_beam if ids else None]
        kept = sorted(candidates, key=lambda beam: -key(*beam))[:room(complete)]
        complete += [beam for beam in kept if beam[0][-1] == eos or n == T]
        beams = [beam for beam in kept if beam[0][-1] != eos]
    return complete


def answers(complete, width, T, alpha, penalty=None):
    """(4), and the order; of more answers the best."""
    penalty = penalty or (lambda n: ((5 + n) / 6) ** alpha)
    scored = sorted(((total / penalty(len(ids)), ids) for ids, total in complete), key=lambda one: -one[0])[:width]
    return np.array([[*ids, *[-1] * (T - len(ids))] for _, ids in scored]), np.array([score for score, _ in scored])


def wrong_room_is_not_used_up(log_p, width, T, alpha, sos, eos):
    """as many beams as at first go on, although some answers are complete: in (2) m is width, and not less

    Named by: (2) m width and not less | term `len(found)` missing (2) `m`"""
    return answers(searched(log_p, width, T, sos, eos, room=lambda complete: width), width, T, alpha)


def wrong_not_normalised(log_p, width, T, alpha, sos, eos):
    """the scores are ln P: the division of (4) is missing

    Named by: division (4) missing"""
    return answers(searched(log_p, width, T, sos, eos), width, T, 0.0)


def wrong_mean_of_symbols(log_p, width, T, alpha, sos, eos):
    """ln P is divided by the number of symbols itself, n^alpha, and not by ((5 + n) / 6)^alpha of (4)

    Named by: n^alpha (4) | `n` stands where `(5 + n) / 6` (4)"""
    return answers(searched(log_p, width, T, sos, eos), width, T, alpha, lambda n: n ** alpha)


def wrong_no_power(log_p, width, T, alpha, sos, eos):
    """alpha is not used: ln P is divided by (5 + n) / 6, and the power of (4) is missing

    Named by: power (4) missing"""
    return answers(searched(log_p, width, T, sos, eos), width, T, 1.0)


def wrong_eos_not_counted(log_p, width, T, alpha, sos, eos):
    """n does not count eos, and in (4) it does

    Named by: eos count (4)"""
    scored = sorted(((total / ((5 + sum(v != eos for v in ids)) / 6) ** alpha, ids)
                     for ids, total in searched(log_p, width, T, sos, eos)), reverse=True)
    return np.array([[*ids, *[-1] * (T - len(ids))] for _, ids in scored]), np.array([score for score, _ in scored])


def wrong_score_goes_on(log_p, width, T, alpha, sos, eos):
    """(1) adds to the score of a beam, so that (4) is applied anew at each step; it is for complete answers alone

    Named by: (1) adds to the score (4)"""
    def penalty(n):
        return ((5 + n) / 6) ** alpha
    beams: list = [((), 0.0)]
    complete: list = []
    for n in range(1, T + 1):
        kept = sorted((((*ids, v), (score + log_p[ids[-1] if ids else sos, v]) / penalty(n))
                       for ids, score in beams for v in range(len(log_p))), key=lambda beam: -beam[1])
        kept = kept[:width - len(complete)]
        complete += [beam for beam in kept if beam[0][-1] == eos or n == T]
        beams = [beam for beam in kept if beam[0][-1] != eos]
    return answers(complete, width, T, 0.0)


def wrong_greedy(log_p, width, T, alpha, sos, eos):
    """each beam goes on with its likeliest symbol alone: (2) chooses among all symbols of all beams

    Named by: each beam likeliest alone (2)"""
    return answers(searched(log_p, width, T, sos, eos, per_beam=1), width, T, alpha)


def wrong_forgets(log_p, width, T, alpha, sos, eos):
    """ln P is that of the last symbol: ln P(beam) is missing in the sum of (1)

    Named by: ln P(beam) missing (1) | term `total[:, None]` missing (1)"""
    return answers(searched(log_p, width, T, sos, eos, step=lambda total, u, v: log_p[u, v]), width, T, alpha)


def wrong_goes_on_behind_eos(log_p, width, T, alpha, sos, eos):
    """answers go on behind eos: (3) is missing, and all have T symbols

    Named by: behind eos (3) | condition `beams[:, -1] == eos` missing (3)"""
    return answers(searched(log_p, width, T, sos, -1), width, T, alpha)


def wrong_transposed(log_p, width, T, alpha, sos, eos):
    """the table is read by its columns, log_p[v, u]: in (1) the last symbol stands first

    Named by: log_p[v, u] (1) | `log_p` transposed (1)"""
    return answers(searched(log_p.T, width, T, sos, eos), width, T, alpha)


def wrong_order(log_p, width, T, alpha, sos, eos):
    """the answers come in the order in which they were completed, and should be sorted by (4)

    Named by: order completed sorted | nothing is sorted np.argsort(-score) (4)"""
    found = searched(log_p, width, T, sos, eos)
    return (np.array([[*ids, *[-1] * (T - len(ids))] for ids, _ in found]),
            np.array([total / ((5 + len(ids)) / 6) ** alpha for ids, total in found]))


def wrong_by_ln_p(log_p, width, T, alpha, sos, eos):
    """the answers are sorted by ln P, and should be by the score of (4)

    Named by: sorted by ln P | `ln_P` stands where `score` (4) `order`"""
    found = sorted(searched(log_p, width, T, sos, eos), key=lambda beam: -beam[1])
    return (np.array([[*ids, *[-1] * (T - len(ids))] for ids, _ in found]),
            np.array([total / ((5 + len(ids)) / 6) ** alpha for ids, total in found]))


def wrong_worst(log_p, width, T, alpha, sos, eos):
    """the least likely candidates are kept: the order of (2) is turned

    Named by: order turned (2) | sign of `candidates` turned (2)"""
    return answers(searched(log_p, width, T, sos, eos, key=lambda ids, total: -total), width, T, alpha)


def wrong_a_step_too_few(log_p, width, T, alpha, sos, eos):
    """the search ends a step too early: answers are cut off at T - 1 symbols, and (3) allows T

    Named by: cut off T - 1 (3) | step too early | term `1` there twice (3) `is_complete`"""
    ids, score = answers(searched(log_p, width, T - 1, sos, eos), width, T - 1, alpha)
    return np.hstack([ids, np.full((len(ids), 1), -1)]), score
