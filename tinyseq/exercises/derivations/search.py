"""Beam search."""
from typing import Any

from tinyseq.autograd import Tensor, tensor
from tinyseq.decoding import beam_search as found_by
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise


@exercise("beam-search", "techniques", gives="ids (width, T), score (width)")
def beam_search(draw: Draw) -> Case:
    """Beam search over a table of log-probabilities, where the next symbol depends on the last one alone.

    A beam is a beginning of an answer; at first there is one, without a symbol, and ln P of it is 0. While there are
    beams, and at most T times, with m = width - the number of answers that are complete:

    (1) ln P(beam, v) = ln P(beam) + log_p[u, v]     for each beam and each of the V symbols v: the candidates;
                                                     u is the last symbol of the beam, sos before the first
    (2) the m candidates with the largest ln P are kept, no matter which beam they come from
    (3) of these, those whose last symbol is eos are complete and leave the search; the others are the beams of the
        next step, and complete as they are if they have T symbols
    (4) score = ln P / ((5 + n) / 6)^alpha           n: the number of symbols, eos counted

    ids are the answers, the best score first, each row filled up with -1 behind its last symbol.

    Given   log_p (V, V), row u the log-probabilities of what follows u; width, T, sos and eos, whole numbers; alpha.
            There are always `width` answers, and no two candidates are equally likely
    Hint    Do it with a pencil for width 2 and three symbols, one of which is eos. What becomes of a complete answer,
            and how many beams go on beside it?
    Hint    A beam is a pair: its symbols and its ln P. One step makes a list of V pairs for each beam, all in one list.
    Hint    Sort that list by ln P and cut it off; then go through what is left and put each into one of two lists. The
            scores of (4) are for the very end.
    Look    ids: look at the first row that differs. Is a likelier answer missing, is it in another place, does it go
            on behind eos, or has it come from a beam that was not kept?
    Look    score: ln P of the whole answer, over all of its symbols, and then (4) with its own n."""
    V, T = draw.sizes(2, least=5)
    width, eos = 4, V - 1
    y = 2 * draw.array(V, V)
    y[:, eos] += 0.5                                       # answers end often enough
    log_p = y - np.log(np.exp(y).sum(axis=1, keepdims=True))
    alpha = float(draw.rng.uniform(0.8, 1.2))
    answers = found_by(Table(log_p, 0, eos), [[0]], width, T, alpha)[0]
    ids = np.array([answer.ids + [-1] * (T - len(answer.ids)) for answer in answers])
    given = {"log_p": log_p, "width": width, "T": T, "alpha": alpha, "sos": 0, "eos": eos}
    return Case(given, {"ids": ids, "score": np.array([answer.score for answer in answers])})


class Table:
    """A model that knows the last symbol only, in the form that a search wants; it has no state."""

    training = False

    def __init__(self, log_p: Any, sos: int, eos: int):
        self.log_p, self.sos, self.eos = log_p, sos, eos

    def eval(self) -> None:
        """It has no dropout."""

    def start(self, B: int, source: Any) -> "Table":
        return self

    def step(self, ids: Any, state: "Table") -> tuple[Tensor, "Table"]:
        return tensor(self.log_p[ids]), self

    def select(self, rows: Any) -> "Table":
        return self
