"""Mistakes that the diagnosis of practice-7.4-model has never seen."""
from tinyseq import ops
from tinyseq.backend import xp
from tinyseq.layers import LSTM, Dropout, Embedding, Linear
from tinyseq.models.text_classifier import TextClassifier


def wrong_mean_over_T(V, D, H, K, num_layers, bidirectional, dropout):
    """The mean of (3) is over all T steps of the batch and not over the length of the text.

    Named by: mean T length | mean padding divided | further padding mean | mean number of steps
    | padding takes part in (3), as zeros
    """
    class Mine(TextClassifier):
        def __init__(self):
            directions = 2 if bidirectional else 1
            self.embedding, self.dropout_x = Embedding(V, D), Dropout(dropout)
            self.stack = LSTM(D, H, num_layers, bidirectional=bidirectional)
            self.dropout_p, self.output = Dropout(dropout), Linear(2 * directions * H, K)

        def __call__(self, batch):
            hs, _ = self.stack(self.dropout_x(self.embedding(batch.inputs)), lengths=batch.lengths)
            is_step = (xp.arange(hs.shape[1]) < xp.asarray(batch.lengths)[:, None])[:, :, None]
            largest = ops.where(is_step, hs, -1.0).max(axis=1)
            return self.output(self.dropout_p(ops.concat(largest, hs.mean(axis=1), axis=-1)))
    return Mine()


def wrong_lengths_not_given(V, D, H, K, num_layers, bidirectional, dropout):
    """The LSTM of (2) does not get the lengths, so that its backward direction begins in the padding.

    Named by: backward padding | lengths LSTM not | sees padding backward | further backward padding
    """
    class Mine(TextClassifier):
        def __init__(self):
            directions = 2 if bidirectional else 1
            self.embedding, self.dropout_x = Embedding(V, D), Dropout(dropout)
            self.stack = LSTM(D, H, num_layers, bidirectional=bidirectional)
            self.dropout_p, self.output = Dropout(dropout), Linear(2 * directions * H, K)

        def __call__(self, batch):
            hs, _ = self.stack(self.dropout_x(self.embedding(batch.inputs)))
            lengths = xp.asarray(batch.lengths)[:, None]
            is_step = (xp.arange(hs.shape[1]) < lengths)[:, :, None]
            largest = ops.where(is_step, hs, -1.0).max(axis=1)
            mean = ops.where(is_step, hs, 0.0).sum(axis=1) / lengths.astype(hs.dtype)
            return self.output(self.dropout_p(ops.concat(largest, mean, axis=-1)))
    return Mine()


def wrong_always_one_direction(V, D, H, K, num_layers, bidirectional, dropout):
    """The LSTM of (2) has one direction whatever `bidirectional` says, and W has 2H rows.

    Named by: bidirectional not used | weights one direction | weights backward direction missing
    """
    class Mine(TextClassifier):
        def __init__(self):
            self.embedding, self.dropout_x = Embedding(V, D), Dropout(dropout)
            self.stack = LSTM(D, H, num_layers)
            self.dropout_p, self.output = Dropout(dropout), Linear(2 * H, K)

        def __call__(self, batch):
            hs, _ = self.stack(self.dropout_x(self.embedding(batch.inputs)), lengths=batch.lengths)
            lengths = xp.asarray(batch.lengths)[:, None]
            is_step = (xp.arange(hs.shape[1]) < lengths)[:, :, None]
            largest = ops.where(is_step, hs, -1.0).max(axis=1)
            mean = hs.sum(axis=1) / lengths.astype(hs.dtype)
            return self.output(self.dropout_p(ops.concat(largest, mean, axis=-1)))
    return Mine()
