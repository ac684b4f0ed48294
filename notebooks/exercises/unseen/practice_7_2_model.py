"""Mistakes that the diagnosis of practice-7.2-model has never seen."""
from tinyseq import ops
from tinyseq.layers import LSTM, RNN, Embedding, LanguageModel, Linear


def wrong_one_layer(cell, V, H, num_layers):
    """The recurrent layer of (2) is made without num_layers, so there is always one layer.

    Named by: num_layers not used | weights one layer | weights num_layers | layers too few
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.embedding = Embedding(V, H)
            self.stack = {"rnn": RNN, "lstm": LSTM}[cell](H, H)
            self.output = Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids), state)
            return self.output(hs), state
    return Mine()


def wrong_always_lstm(cell, V, H, num_layers):
    """The recurrent layer of (2) is an LSTM whatever `cell` says.

    Named by: weights LSTM rnn | cell not used | weights four gates | weights of an LSTM whatever `cell` says
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.embedding = Embedding(V, H)
            self.stack = LSTM(H, H, num_layers)
            self.output = Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids), state)
            return self.output(hs), state
    return Mine()


def wrong_mean_over_rows(cell, V, H, num_layers):
    """The loss of (4) is a sum over the steps, but a mean over the rows.

    Named by: loss mean rows | loss divided B | loss averaged rows
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.embedding = Embedding(V, H)
            self.stack = {"rnn": RNN, "lstm": LSTM}[cell](H, H, num_layers)
            self.output = Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids), state)
            return self.output(hs), state

        def loss(self, batch):
            logits, state = self(batch.ids, batch.state)
            batch.last_state = state.detach()
            total = ops.cross_entropy(logits, batch.targets, reduction="sum")
            return total / len(batch.targets), batch.targets.size
    return Mine()
