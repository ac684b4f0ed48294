"""practice-8.1-model: a solution, other right ones, and mistakes."""
from types import SimpleNamespace

import numpy as np

from tinyseq import ops
from tinyseq.backend import to_device
from tinyseq.layers import GRU, LSTM, RNN, Dropout, EachTagAlone, Embedding, Linear, Parameter, Sequential, SpelledWords


class Plain(EachTagAlone):
    """The parts, for those that differ in one line."""

    def __init__(self, V, A, K, num_layers, H):
        self.words = SpelledWords(V, 32, A, 16, 32)
        self.dropout = Dropout(0.3)
        self.lstm = LSTM(64, H, num_layers, bidirectional=True)
        self.output = Linear(2 * H, K)

    def x(self, batch):
        return self.dropout(self.words(batch.words, batch.spelling, batch.letters, batch.letter_counts))

    def __call__(self, batch):
        return self.output(self.dropout(self.lstm(self.x(batch), lengths=batch.lengths)[0]))


def practice_8_1_model(V, A, K, num_layers, H):
    class Mine(EachTagAlone):
        def __init__(self):
            self.words = SpelledWords(V, 32, A, 16, 32)                                             # (1)
            self.dropout_x = Dropout(0.3)                                                           # (1)
            self.lstm = LSTM(64, H, num_layers, bidirectional=True)                                 # (2)
            self.dropout_h = Dropout(0.3)                                                           # (3)
            self.output = Linear(2 * H, K)                                                          # (3)

        def __call__(self, batch):
            x = self.words(batch.words, batch.spelling, batch.letters, batch.letter_counts)         # (1)
            h, _ = self.lstm(self.dropout_x(x), lengths=batch.lengths)                              # (2)
            return self.output(self.dropout_h(h))                                                   # (3)
    return Mine()


# Right --------------------------------------------------------------------------------------------------------

def right_one_dropout_for_both(V, A, K, num_layers, H):
    return Plain(V, A, K, num_layers, H)


def right_the_library_s_own(V, A, K, num_layers, H):
    return EachTagAlone(SimpleNamespace(V=V, A=A, K=K, C=32, D=16, F=32, H=H, num_layers=num_layers, dropout=0.3))


def right_two_stacks(V, A, K, num_layers, H):
    """A stack for each direction and layer, the backward one over the sentences turned round within their lengths."""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, 1, H)
            widths = [64] + [2 * H] * (num_layers - 1)
            self.lstm = None
            self.forwards, self.backwards = ([LSTM(D, H) for D in widths] for _ in range(2))

        def __call__(self, batch):
            y, n = self.x(batch), batch.lengths
            for forward, backward in zip(self.forwards, self.backwards, strict=True):
                back = ops.reverse(backward(ops.reverse(y, n), lengths=n)[0], n)
                y = ops.concat(forward(y, lengths=n)[0], back, axis=-1)
            return self.output(self.dropout(y))
    return Mine()


def right_layer_by_layer(V, A, K, num_layers, H):
    """A list of bidirectional layers, and the output written out with parameters of its own."""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, 1, H)
            self.lstm = [LSTM(64 if not layer else 2 * H, H, bidirectional=True) for layer in range(num_layers)]
            self.output = Linear(2 * H, K)
            self.W, self.b = Parameter(self.output.W.data), Parameter(self.output.b.data)
            self.output = None

        def __call__(self, batch):
            y = self.x(batch)
            for layer in self.lstm:
                y, _ = layer(y, lengths=batch.lengths)
            return ops.dropout(y, 0.3) @ self.W + self.b if self.training else y @ self.W + self.b
    return Mine()


def right_own_loss(V, A, K, num_layers, H):
    """The output in a Sequential with its dropout, and a loss written out."""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.output = Sequential(Dropout(0.3), Linear(2 * H, K))

        def __call__(self, batch):
            return self.output(self.lstm(self.x(batch), lengths=batch.lengths)[0])

        def loss(self, batch):
            is_word = batch.tags >= 0
            one_hot = np.eye(K)[np.where(is_word, batch.tags, 0)] * is_word[..., None]
            return -(ops.log_softmax(self(batch)) * to_device(one_hot)).sum(), int(is_word.sum())
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_no_lengths(V, A, K, num_layers, H):
    """the lengths are not passed on: the backward direction reads the padding first

    Named by: lengths padding backward | short padding"""
    class Mine(Plain):
        def __call__(self, batch):
            return self.output(self.dropout(self.lstm(self.x(batch))[0]))
    return Mine(V, A, K, num_layers, H)


def wrong_one_way(V, A, K, num_layers, H):
    """it reads forwards alone: no word knows what follows it

    Named by: forwards alone no word knows"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.lstm, self.output = LSTM(64, H, num_layers), Linear(H, K)
    return Mine()


def wrong_backwards_alone(V, A, K, num_layers, H):
    """only the backward half of the states is used: no word knows what stands before it

    Named by: backward no word knows before | backwards alone"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.lstm, self.output = LSTM(64, H, 1, bidirectional=True), Linear(H, K)

        def __call__(self, batch):
            return self.output(self.dropout(self.lstm(self.x(batch), lengths=batch.lengths)[0][:, :, H:]))
    return Mine()


def wrong_same_weights(V, A, K, num_layers, H):
    """one LSTM reads in both directions: the backward one should have weights of its own

    Named by: both directions same weights own | one LSTM both directions weights"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.lstm = LSTM(64, H, num_layers)

        def __call__(self, batch):
            x, n = self.x(batch), batch.lengths
            back = ops.reverse(self.lstm(ops.reverse(x, n), lengths=n)[0], n)
            return self.output(self.dropout(ops.concat(self.lstm(x, lengths=n)[0], back, axis=-1)))
    return Mine()


def wrong_one_layer(V, A, K, num_layers, H):
    """num_layers is not passed on: there is always one layer

    Named by: num_layers one layer"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, 1, H)
    return Mine()


def wrong_always_dropout(V, A, K, num_layers, H):
    """a dropout made in __call__ knows nothing of the mode, and drops in evaluation too

    Named by: dropout evaluation | different numbers random number"""
    class Mine(Plain):
        def __call__(self, batch):
            h, _ = self.lstm(self.x(batch), lengths=batch.lengths)
            return self.output(Dropout(0.3)(h))
    return Mine(V, A, K, num_layers, H)


def wrong_no_dropout(V, A, K, num_layers, H):
    """nothing is dropped in training

    Named by: nothing dropped in training"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.dropout = Dropout(0.0)
    return Mine()


def wrong_one_score_a_sentence(V, A, K, num_layers, H):
    """the last state alone is scored: one row of scores for each sentence, and each word should have one

    Named by: scores each sentence each word | shape each word sentence"""
    class Mine(Plain):
        def __call__(self, batch):
            h, _ = self.lstm(self.x(batch), lengths=batch.lengths)
            return self.output(self.dropout(h[:, -1]))
    return Mine(V, A, K, num_layers, H)


def wrong_no_spelling(V, A, K, num_layers, H):
    """the words' rows alone are read, and not their spelling

    Named by: spelling not read word's row alone | spelling not read"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.words, self.lstm = Embedding(V, 32), LSTM(32, H, num_layers, bidirectional=True)

        def x(self, batch):
            return self.dropout(self.words(batch.words))
    return Mine()


def wrong_unused_features(V, A, K, num_layers, H):
    """the spelling is computed and thrown away: its weights have no part in the loss

    Named by: spelling weights no part in the loss"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.lstm = LSTM(32, H, num_layers, bidirectional=True)

        def x(self, batch):
            return super().x(batch)[:, :, :32]
    return Mine()


def wrong_added(V, A, K, num_layers, H):
    """the states of both directions are added, and should stand side by side

    Named by: both directions added side by side"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.output = Linear(H, K)

        def __call__(self, batch):
            h, _ = self.lstm(self.x(batch), lengths=batch.lengths)
            return self.output(self.dropout(h[:, :, :H] + h[:, :, H:]))
    return Mine()


def wrong_half_the_units(V, A, K, num_layers, H):
    """H is shared by the two directions, and each should have H units

    Named by: half of H units each | direction half H"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.lstm, self.output = LSTM(64, H // 2, num_layers, bidirectional=True), Linear(H // 2 * 2, K)
    return Mine()


def wrong_rnn(V, A, K, num_layers, H):
    """it is made of simple RNNs, which have a quarter of an LSTM's weights

    Named by: RNN quarter LSTM weights"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.lstm = RNN(64, H, num_layers, bidirectional=True)
    return Mine()


def wrong_gru(V, A, K, num_layers, H):
    """it is made of GRUs, which have three quarters of an LSTM's weights

    Named by: GRU three quarters LSTM weights"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.lstm = GRU(64, H, num_layers, bidirectional=True)
    return Mine()


def wrong_rows_as_steps(V, A, K, num_layers, H):
    """the steps go first, as in other libraries: the LSTM reads from sentence to sentence, and not from word to word

    Named by: first axis sentences row knows others | rows sentence other word by itself"""
    class Mine(Plain):
        def __call__(self, batch):
            x = ops.transpose(self.x(batch), (1, 0, 2))
            return self.output(self.dropout(ops.transpose(self.lstm(x)[0], (1, 0, 2))))
    return Mine(V, A, K, num_layers, H)


def wrong_spare_layer(V, A, K, num_layers, H):
    """a layer was made and is never called: its weights have no part in the loss

    Named by: silent never called layer | never called no part in the loss"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, A, K, num_layers, H)
            self.spare = LSTM(64, H)
    return Mine()
