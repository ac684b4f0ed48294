"""The conditional random field as a last layer: it scores whole sequences of tags, not one tag at a time."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.backend import to_device, to_host, uniform, xp
from tinyseq.layers.module import Module, Parameter
from tinyseq.layers.named import in_the_name_of, named
from tinyseq.ops.crf import checked_alive, crf_log_partition_composed

METHODS = {"by_hand": ops.crf_log_partition, "by_tape": crf_log_partition_composed}


class CRF(Module):
    """score(y) = a_{y_1} + sum_t s_{t,y_t} + sum_{t>1} W_{y_{t-1},y_t} + b_{y_T}                            (1)
    -ln P(y) = ln Z - score(y),   Z = sum over all K^T ways y to tag the sequence of e^score(y)               (2)
    decode: argmax_y score(y)                                                                                 (3)

    Made with  K: number of tags.  method: "by_hand" (ops.crf_log_partition) or "by_tape", its slow twin.
    Weights    transitions W (K, K), start a (K,) and end b (K,), from U(-0.1, 0.1).
    Call       scores s (B, T, K), tags (B, T) with -1 behind a sequence's end, lengths (B,) -> -ln P (B,)
    Raises     ValueError for an empty sequence, a tag that is none, shapes that do not fit.
    By hand    in ops/crf.py: the derivatives of ln Z are the probabilities of tags and of pairs of tags.
    Source     Lafferty, McCallum and Pereira 2001; above a BiLSTM: Huang, Xu and Yu 2015."""

    def __init__(self, K: int, method: str = "by_hand"):
        if K < 1 or method not in METHODS:
            raise ValueError(f"CRF has at least 1 tag, and a method of {', '.join(METHODS)}; got K={K}, {method!r}")
        self.transitions = Parameter(uniform((K, K), 0.1))
        self.start = Parameter(uniform((K,), 0.1))
        self.end = Parameter(uniform((K,), 0.1))
        self.log_partition = METHODS[method]

    def __call__(self, scores: Tensor, tags, lengths) -> Tensor:
        with in_the_name_of(self, "crf_log_partition"):
            log_z = self.log_partition(scores, self.transitions, self.start, self.end, lengths=lengths)
        return log_z - self.score(scores, tags, lengths)                                                # (2)

    def score(self, scores: Tensor, tags, lengths) -> Tensor:
        """(1) for given tags: (B,)."""
        is_tag = self._one_hot(scores, tags, lengths)                                                   # (B, T, K)
        hot = is_tag.astype(scores.dtype)
        to_end = xp.asarray(to_host(lengths))[:, None] - xp.arange(scores.shape[1])                     # (B, T)
        last = (hot * (to_end == 1)[:, :, None]).sum(axis=1)                                            # (B, K)
        of_steps = ops.where(is_tag, scores, 0.0).sum(axis=(1, 2))                                      # (1)  (B,)
        of_pairs = (Tensor(hot[:, :-1]) @ self.transitions * Tensor(hot[:, 1:])).sum(axis=(1, 2))       # (1)  (B,)
        return of_steps + of_pairs + Tensor(hot[:, 0]) @ self.start + Tensor(last) @ self.end           # (1)

    def decode(self, scores: Tensor, lengths, allowed=None) -> Any:
        """The best tags, (3): an array (B, T), -1 behind a sequence's end. allowed: as in `viterbi`."""
        return viterbi(scores.data, self.transitions.data, self.start.data, self.end.data, lengths, allowed)

    def _one_hot(self, scores: Tensor, tags, lengths) -> Any:
        """(B, T, K), True at the tag of each step."""
        tags, K = to_host(tags), len(self.start)
        if tags.shape != scores.shape[:2] or tags.dtype.kind not in "iu":
            raise ValueError(f"{named(self)}: scores {scores.shape} need tags {scores.shape[:2]}, whole numbers; got "
                             f"{tags.dtype} of shape {tags.shape}")
        if tags.size and (tags.min() < -1 or tags.max() >= K):
            raise ValueError(f"{named(self)}: tags go from 0 to {K - 1}, and are -1 behind a sequence's end; got "
                             f"{tags.min()} to {tags.max()}")
        unequal = (tags >= 0).sum(axis=1) != to_host(lengths)
        if unequal.any():
            row = int(unequal.argmax())
            raise ValueError(f"{named(self)}: sequence {row} has length {to_host(lengths)[row]} and "
                             f"{(tags[row] >= 0).sum()} tags: give one for each step, and -1 behind the end")
        return to_device(tags)[:, :, None] == xp.arange(K)

    def describe(self) -> str:
        return f"{len(self.start)}"


def viterbi(scores, transitions, start, end, lengths, allowed=None) -> Any:
    """argmax_y score(y), of arrays: (B, T), -1 behind a sequence's end (Viterbi 1967).

        d_1 = a + s_1,   d_t,j = s_t,j + max_i (d_{t-1,i} + W_ij)       the best score of a way that ends in j at t

    The winners i are kept, and lead back from the best end.
    allowed    None, or booleans (K + 1, K): [i, j] whether tag j may follow tag i, and [K, j] whether it may be first;
               for tags such as B-person, I-person, O a way to forbid I-person after O. Raises ValueError as the CRF."""
    alive = checked_alive("viterbi", scores, transitions, start, end, lengths)
    T, K = scores.shape[1:]
    if allowed is not None:
        never = xp.where(_checked_allowed(allowed, K), xp.zeros((), scores.dtype), -xp.inf)     # (K + 1, K)
        transitions, start = transitions + never[:-1], start + never[-1]
    best = scores[:, 0] + start
    winners = []
    for t in range(1, T):
        ways = best[:, :, None] + transitions                                       # (B, from K, to K)
        is_alive = alive[:, t, None]
        winners.append(xp.where(is_alive, ways.argmax(axis=1), xp.arange(K)))       # a row that has ended stays put
        best = xp.where(is_alive, scores[:, t] + ways.max(axis=1), best)
    tags = [(best + end).argmax(axis=1)[:, None]]                                   # (B, 1)
    for winner in reversed(winners):
        tags.append(xp.take_along_axis(winner, tags[-1], axis=1))
    return xp.where(alive, xp.concatenate(tags[::-1], axis=1), -1)


def _checked_allowed(allowed, K: int) -> Any:
    """The array on the device, if it is one of booleans (K + 1, K)."""
    allowed = to_device(allowed)
    if allowed.shape != (K + 1, K) or allowed.dtype.kind != "b":
        raise ValueError(f"viterbi: allowed should be booleans (K + 1, K) = {(K + 1, K)}, the last row for the first "
                         f"step; got {allowed.dtype} of shape {allowed.shape}")
    return allowed
