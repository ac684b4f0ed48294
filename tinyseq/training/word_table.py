"""Translation word by word: IBM's first model (Brown, Della Pietra, Della Pietra and Mercer 1993, section 4.1).

    (1) P(f_1 .. f_m | e_1 .. e_l) ~ prod_j sum_{i=0..l} t(f_j | e_i),      e_0 = nothing, from which words may come too
    (2) n(f, e) = sum over pairs and j with f_j = f of  t(f | e) / sum_i t(f | e_i)
    (3) t(f | e) = n(f, e) / sum_f n(f, e)

(2) and (3) are repeated ROUNDS times, from a uniform t: expectation maximisation. Each English word then becomes its
likeliest French one, in the English order: no order of words, no agreement, no phrases, which is what a network adds.
"""
from collections.abc import Sequence
from typing import Any

from tinyseq.backend import host
from tinyseq.data import Vocabulary

np = host.np

ROUNDS = 5


class WordTable:
    """Made with pairs of sentences, each a sequence of words; call: an English sentence -> French words. A word that
    training never had is left as it is."""

    def __init__(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]):
        english, french = (Vocabulary.of(side) for side in zip(*pairs, strict=True))
        e, f, places = _beside_each_other([(np.append(0, 1 + english.encode(source)), french.encode(target))
                                           for source, target in pairs])                        # e = 0: nothing
        kinds, kind = np.unique(e.astype(np.int64) * len(french) + f, return_inverse=True)     # (K,), (N,)
        e_of, f_of = kinds // len(french), kinds % len(french)
        t = np.ones(len(kinds))
        for _ in range(ROUNDS):
            n = np.bincount(kind, t[kind] / np.bincount(places, t[kind])[places])               # (2)
            t = n / np.bincount(e_of, n)[e_of]                                                  # (3)
        order = np.argsort(t, kind="stable")                                                    # the likeliest last
        self.french = {english.symbols[e_of[k] - 1]: french.symbols[f_of[k]] for k in order if e_of[k]}

    def __call__(self, sentence: Sequence[str]) -> list[str]:
        return [self.french.get(word, word) for word in sentence]


def _beside_each_other(pairs: Sequence[tuple[Any, Any]]) -> tuple[Any, Any, Any]:
    """Every English word of each pair beside each French one: ids e (N,), f (N,), and which French word of all pairs it
    is (N,)."""
    e = np.concatenate([np.tile(source, len(target)) for source, target in pairs])
    f = np.concatenate([np.repeat(target, len(source)) for source, target in pairs])
    counts = np.concatenate([np.full(len(target), len(source)) for source, target in pairs])
    return e, f, np.repeat(np.arange(len(counts)), counts)
