"""Mistakes that the diagnosis of practice-7.3-model has never seen."""
from tinyseq import ops
from tinyseq.layers import GRU, LSTM, Embedding, LanguageModel, Linear

CELLS = {"gru": GRU, "lstm": LSTM}


def wrong_embedding(cell, V, H):
    """An Embedding of H columns stands before (1), whose cell so reads H inputs and no one-hot rows of V.

    Named by: weights Embedding | weights one-hot | inputs H instead V | weights H inputs
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.embedding, self.stack, self.output = Embedding(V, H), CELLS[cell](H, H), Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids), state)
            return self.output(hs), state
    return Mine()


def wrong_number_of_rows(cell, V, H):
    """Beside the sum of (3) loss returns the number of rows, B, and not the number of targets, B T.

    Named by: number rows B T | number B instead | number steps not | number T missing
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.stack, self.output = CELLS[cell](V, H), Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            return self.output(hs), state

        def loss(self, batch):
            logits, state = self(batch.ids, batch.state)
            batch.last_state = state.detach()
            return ops.cross_entropy(logits, batch.targets, reduction="sum"), len(batch.targets)
    return Mine()


def wrong_state_not_read(cell, V, H):
    """(1) begins from nothing at each call: the state that is given does not reach the cell.

    Named by: carried state not | state given not used | carried begins from nothing | state ignored
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.stack, self.output = CELLS[cell](V, H), Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids)
            return self.output(hs), state
    return Mine()
