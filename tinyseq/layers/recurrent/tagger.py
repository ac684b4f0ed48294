"""Scores of the tags of each word, by an LSTM that has read the whole sentence, in both directions."""
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import to_host
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

    def __call__(self, batch: Any) -> Tensor:
        if 0 in to_host(batch.lengths):
            raise ValueError(f"{named(self)}: a sentence has one word or more; here is one without: leave it out")
        x = self.words(batch.words, batch.spelling, batch.letters, batch.letter_counts)         # (1)
        hs, _ = self.lstm(self.dropout_x(x), lengths=batch.lengths)                             # (2)
        return self.output(self.dropout_h(hs))                                                  # (3)
