"""Mistakes that the diagnosis of practice-8.1-model has never seen."""
from tinyseq.layers import LSTM, Dropout, EachTagAlone, Linear, SpelledWords


def wrong_one_direction(V, A, K, num_layers, H):
    """The LSTM of (2) reads forward alone, so the scores of a word see no word behind it, and W has H rows.

    Named by: weights one direction | sees behind not | weights backward direction missing | bidirectional missing
    """
    class Mine(EachTagAlone):
        def __init__(self):
            self.words, self.dropout_x = SpelledWords(V, 32, A, 16, 32), Dropout(0.3)
            self.lstm = LSTM(64, H, num_layers)
            self.dropout_h, self.output = Dropout(0.3), Linear(H, K)

        def __call__(self, batch):
            x = self.words(batch.words, batch.spelling, batch.letters, batch.letter_counts)
            h, _ = self.lstm(self.dropout_x(x), lengths=batch.lengths)
            return self.output(self.dropout_h(h))
    return Mine()


def wrong_lengths_forgotten(V, A, K, num_layers, H):
    """The BiLSTM of (2) is not told the lengths: its backward direction begins in the padding of a short sentence.

    Named by: short padding backward | lengths not given | short sees padding | backward begins padding
    """
    class Mine(EachTagAlone):
        def __init__(self):
            self.words, self.dropout_x = SpelledWords(V, 32, A, 16, 32), Dropout(0.3)
            self.lstm = LSTM(64, H, num_layers, bidirectional=True)
            self.dropout_h, self.output = Dropout(0.3), Linear(2 * H, K)

        def __call__(self, batch):
            x = self.words(batch.words, batch.spelling, batch.letters, batch.letter_counts)
            h, _ = self.lstm(self.dropout_x(x))
            return self.output(self.dropout_h(h))
    return Mine()


def wrong_dropout_made_anew(V, A, K, num_layers, H):
    """The Dropout of (3) is made in each call, so it is no part of the model and drops in evaluation as well.

    Named by: drops in evaluation | two calls differ evaluation | dropout not attribute | Dropout made in __call__
    """
    class Mine(EachTagAlone):
        def __init__(self):
            self.words, self.dropout_x = SpelledWords(V, 32, A, 16, 32), Dropout(0.3)
            self.lstm, self.output = LSTM(64, H, num_layers, bidirectional=True), Linear(2 * H, K)

        def __call__(self, batch):
            x = self.words(batch.words, batch.spelling, batch.letters, batch.letter_counts)
            h, _ = self.lstm(self.dropout_x(x), lengths=batch.lengths)
            return self.output(Dropout(0.3)(h))
    return Mine()
