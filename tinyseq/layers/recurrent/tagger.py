"""Scores of the tags of each word, by an LSTM that has read the whole sentence, in both directions."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad
from tinyseq.backend import to_host, xp
from tinyseq.layers.crf import viterbi
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.linear import Linear
from tinyseq.layers.module import Module
from tinyseq.layers.named import named
from tinyseq.layers.recurrent.stack import LSTM
from tinyseq.layers.words import SpelledWords


class RecurrentTagger(Module):
    """x_t = [E[w_t]; c_{w_t}]                        word and spelling                 (1)  (B, T, C + F)
    h_1..h_T = BiLSTM(dropout(x_1..x_T))                                                (2)  (B, T, 2H)
    s_t = dropout(h_t) W + b                                                            (3)  (B, T, K)

    Made with  config with the sizes: V words, A letters, K tags; C, D and F as SpelledWords has them; H units and
               num_layers of the LSTM; dropout.
    Call       a batch with words (B, T), lengths (B,), spelling (B, T), letters (U, M), letter_counts (U,)
               -> scores s (B, T, K)
    Raises     ValueError for ids out of range, an empty sentence and lengths that do not fit."""

    def __init__(self, config: Any):
        self.words = SpelledWords(config.V, config.C, config.A, config.D, config.F)
        self.dropout_x = Dropout(config.dropout)
        self.lstm = LSTM(config.C + config.F, config.H, config.num_layers, bidirectional=True,
                         dropout=config.dropout if config.num_layers > 1 else 0.0)
        self.dropout_h = Dropout(config.dropout)
        self.output = Linear(2 * config.H, config.K)

    def states(self, batch: Any) -> Tensor:
        """(1) and (2): the batch -> h (B, T, 2H), 0 behind a sentence's end."""
        if 0 in to_host(batch.lengths):
            raise ValueError(f"{named(self)}: a sentence has one word or more; here is one without: leave it out")
        x = self.words(batch.words, batch.spelling, batch.letters, batch.letter_counts)         # (1)
        return self.lstm(self.dropout_x(x), lengths=batch.lengths)[0]                           # (2)

    def __call__(self, batch: Any) -> Tensor:
        return self.output(self.dropout_h(self.states(batch)))                                  # (3)


class EachTagAlone(RecurrentTagger):
    """P(y_t = k | the sentence) = softmax(s_t)_k                                       (4)  (B, T, K)

    Each tag is chosen by itself. Made and called as RecurrentTagger."""

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P(tag), and the number of words:  L = -sum_{b,t} ln softmax(s_t)_{tag_t}  (5)"""
        return (ops.cross_entropy(self(batch), batch.tags, ignore_index=-1, reduction="sum"),       # (5)
                int(batch.lengths.sum()))

    def predict(self, batch: Any, allowed: Any = None, bonus: Any = 0.0) -> Any:
        """The likeliest tags: an array (B, T), -1 behind a sentence's end. allowed: as in layers.viterbi; then the
        likeliest of the sequences that it allows. bonus: added to the scores of each step, (K,). Keeps no graph."""
        with no_grad():
            scores = (self(batch) + bonus).data
        K = scores.shape[-1]
        free = xp.zeros((K,), scores.dtype)                # without a CRF any tag may follow any other
        return viterbi(scores, xp.zeros((K, K), scores.dtype), free, free, batch.lengths, allowed)
