"""What a network sees of a word: a row of its own, and the letters."""
from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.backend import to_host, xp
from tinyseq.layers.conv import Conv1d
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.module import Module
from tinyseq.layers.named import named


class SpelledWords(Module):
    """c_w = relu(max_l (b + sum_u e_{l+u} W_u)),   e_l = L[letter l of w]    l over the letters of w   (1)  (F,)
    y_t = [E[w_t]; c_{w_t}]                                                                             (2)  (C + F,)

    A word that no text had before has at least its letters: a capital, a digit, an ending. Windows are three letters
    wide, and stand at every letter; each of F features is where in the word it is strongest.

    Made with  V: number of words.  C: size of a word's row.  A: number of letters.  D: size of a letter's row.
               F: number of features of the spelling.
    Weights    words E (V, C) and letters L (A, D), from N(0, 0.1^2): a word that is seen twice keeps most of what it
               began with, and with N(0, 1) that would drown the others; the windows' (conv).
    Call       words (B, T), ids;  spelling (B, T), which row of `letters` each word is;  letters (U, M), ids of the
               letters of the U different words, each spelled once;  letter_counts (U,), from 1 to M
               -> y (B, T, C + F)
    Raises     ValueError for ids and counts out of range.
    Source     Santos and Zadrozny 2014."""

    def __init__(self, V: int, C: int, A: int, D: int, F: int):
        self.words = Embedding(V, C)
        self.letters = Embedding(A, D)
        for embedding in (self.words, self.letters):
            embedding.W.data *= 0.1
        self.conv = Conv1d(D, F, kernel=3, padding=1)

    def __call__(self, words, spelling, letters, letter_counts) -> Tensor:
        M, counts = letters.shape[1], to_host(letter_counts)
        if counts.min() < 1 or counts.max() > M:
            raise ValueError(f"{named(self)}: a word has from 1 to M={M} letters; letter_counts are from "
                             f"{counts.min()} to {counts.max()}")
        is_letter = (xp.arange(M)[None, :] < xp.asarray(counts)[:, None])[:, :, None]      # (U, M, 1)
        e = ops.where(is_letter, self.letters(letters), 0.0)                                      # (1)   (U, M, D)
        # 0 is what relu gives at least
        windows = ops.where(is_letter, self.conv(e), 0.0)                                         # (1)   (U, M, F)
        c = ops.relu(windows.max(axis=1))                                                         # (1)   (U, F)
        return ops.concat(self.words(words), ops.gather(c, spelling), axis=-1)                    # (2)   (B, T, C + F)
