"""Mistakes that the diagnosis of practice-7.1-model has never seen."""
from tinyseq import ops
from tinyseq.layers import RNN, Linear
from tinyseq.models.forecaster import Forecaster


def wrong_last_value_alone(H):
    """In (1) the RNN is given the last value of the window alone, so that y sees no step before it and W_hh is silent.

    Named by: W_hh silent | sees last step alone | sees only last step | earlier steps not
    """
    class Mine(Forecaster):
        def __init__(self):
            self.rnn = RNN(1, H)
            self.output = Linear(H, 1)

        def __call__(self, windows):
            hs, _ = self.rnn(windows[:, -1:])
            return self.output(hs[:, -1])
    return Mine()


def wrong_mean_loss(H):
    """The loss of (3) is the mean of the squares and not their sum over the rows.

    Named by: loss mean sum | loss divided B | loss averaged sum
    """
    class Mine(Forecaster):
        def __init__(self):
            self.rnn = RNN(1, H)
            self.output = Linear(H, 1)

        def __call__(self, windows):
            hs, _ = self.rnn(windows)
            return self.output(hs[:, -1])

        def loss(self, batch):
            return ops.mse(self(batch.windows), batch.targets), len(batch.targets)
    return Mine()


def wrong_both_directions(H):
    """The RNN of (1) has two directions, so that its weights are there twice and W_hy has 2H rows.

    Named by: weights two directions | weights bidirectional | weights twice RNN | weights backward direction
    | weights of both directions
    """
    class Mine(Forecaster):
        def __init__(self):
            self.rnn = RNN(1, H, bidirectional=True)
            self.output = Linear(2 * H, 1)

        def __call__(self, windows):
            hs, _ = self.rnn(windows)
            return self.output(hs[:, -1])
    return Mine()
