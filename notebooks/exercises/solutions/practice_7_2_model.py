"""practice-7.2-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.backend import uniform, xp
from tinyseq.layers import LSTM, RNN, Embedding, LanguageModel, Linear, Parameter, RecurrentLanguageModel, Sequential

CELLS = {"rnn": RNN, "lstm": LSTM}


class Plain(LanguageModel):
    """The parts, for those that differ in one line."""

    def __init__(self, cell, V, H, num_layers):
        self.embedding, self.stack, self.output = Embedding(V, H), CELLS[cell](H, H, num_layers), Linear(H, V)

    def __call__(self, ids, state=None):
        hs, state = self.stack(self.embedding(ids), state)
        return self.output(hs), state


def practice_7_2_model(cell, V, H, num_layers):
    class Mine(LanguageModel):
        def __init__(self):
            self.embedding = Embedding(V, H)                                    # (1)
            self.stack = {"rnn": RNN, "lstm": LSTM}[cell](H, H, num_layers)     # (2)
            self.output = Linear(H, V)                                          # (3)

        def __call__(self, ids, state=None):
            x = self.embedding(ids)                                             # (1)
            hs, state = self.stack(x, state)                                    # (2)
            return self.output(hs), state                                       # (3)
    return Mine()


# Right --------------------------------------------------------------------------------------------------------

def right_library_s_output(cell, V, H, num_layers):
    """The library's output layer and its dropout of 0; E in front."""
    class Mine(RecurrentLanguageModel):
        def __init__(self):
            super().__init__((RNN if cell == "rnn" else LSTM)(H, H, num_layers), V)
            self.embedding = Embedding(V, H)

        def __call__(self, ids, state=None):
            return super().__call__(self.embedding(ids), state)
    return Mine()


def right_rows_by_gather(cell, V, H, num_layers):
    """E and W_hy as parameters of their own."""
    class Mine(LanguageModel):
        def __init__(self):
            self.E, self.W_hy = Parameter(uniform((V, H), 0.1)), Parameter(uniform((H, V), 0.3))
            self.b_y = Parameter(xp.zeros(V, "float32"))
            self.stack = CELLS[cell](H, H, num_layers, method="by_tape")

        def __call__(self, ids, state=None):
            hs, state = self.stack(ops.gather(self.E, ids), state)
            return hs @ self.W_hy + self.b_y, state
    return Mine()


def right_step_by_step(cell, V, H, num_layers):
    """One step after the other."""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            predicted = []
            for t in range(ids.shape[1]):
                hs, state = self.stack(self.embedding(ids[:, t:t + 1]), state)
                predicted.append(self.output(hs[:, 0]))
            return ops.stack(*predicted, axis=1), state
    return Mine(cell, V, H, num_layers)


def right_loss_of_its_own(cell, V, H, num_layers):
    """The probabilities written out."""
    class Mine(Plain):
        def loss(self, batch):
            logits, state = self(batch.ids, batch.state)
            batch.last_state = state.detach()
            ln_p = ops.log_softmax(logits.reshape(-1, V))
            chosen = ln_p[xp.arange(batch.targets.size), batch.targets.reshape(-1)]
            return -chosen.sum(), batch.targets.shape[0] * batch.targets.shape[1]
    return Mine(cell, V, H, num_layers)


def right_sequential(cell, V, H, num_layers):
    """Embedding and output inside other modules."""
    class Mine(LanguageModel):
        def __init__(self):
            self.read, self.write = Sequential(Embedding(V, H)), Sequential(Linear(H, V))
            self.stack = CELLS[cell](H, H, num_layers)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.read(ids), state)
            return self.write(hs), state
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_always_lstm(cell, V, H, num_layers):
    """the cell is an LSTM whatever `cell` says

    Named by: LSTM whatever cell | weights LSTM"""
    return Plain("lstm", V, H, num_layers)


def wrong_always_rnn(cell, V, H, num_layers):
    """the cell is an RNN whatever `cell` says

    Named by: RNN whatever cell | weights RNN"""
    return Plain("rnn", V, H, num_layers)


def wrong_one_layer(cell, V, H, num_layers):
    """num_layers is not used: there is one recurrent layer

    Named by: num_layers not used | one layer whatever num_layers"""
    return Plain(cell, V, H, 1)


def wrong_bidirectional(cell, V, H, num_layers):
    """it reads in both directions, so it reads the answer

    Named by: both directions | reads the answer"""
    class Mine(Plain):
        def __init__(self):
            self.embedding, self.output = Embedding(V, H), Linear(2 * H, V)
            self.stack = CELLS[cell](H, H, num_layers, bidirectional=True)
    return Mine()


def wrong_state_not_passed(cell, V, H, num_layers):
    """the state that is given does not go into (2): each batch begins from nothing

    Named by: state not carried | state given not (2)"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids))
            return self.output(hs), state
    return Mine(cell, V, H, num_layers)


def wrong_first_state_returned(cell, V, H, num_layers):
    """the state that was given is returned, and not the one that (2) ends with

    Named by: state given returned not ends | state not carried"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            state = state or self.stack.initial_state(len(ids))
            return self.output(self.stack(self.embedding(ids), state)[0]), state
    return Mine(cell, V, H, num_layers)


def wrong_last_step_alone(cell, V, H, num_layers):
    """only the last step predicts: the logits are (B, V), and (3) has them at every step

    Named by: only last step predicts | last step (B, V)"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids), state)
            return self.output(hs[:, -1]), state
    return Mine(cell, V, H, num_layers)


def wrong_steps_first(cell, V, H, num_layers):
    """rows and steps are exchanged before (2), as where the steps come first: it runs along the rows

    Named by: rows steps taken for each other | runs along the rows"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids).transpose(1, 0, 2), state)
            return self.output(hs.transpose(1, 0, 2)), state
    return Mine(cell, V, H, num_layers)


def wrong_next_state(cell, V, H, num_layers):
    """the prediction at t is made of h_{t+1}, which has read the answer

    Named by: h_{t+1} answer | sees one further answer"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids), state)
            return self.output(ops.concat(hs[:, 1:], hs[:, -1:], axis=1)), state
    return Mine(cell, V, H, num_layers)


def wrong_probabilities(cell, V, H, num_layers):
    """a softmax stands behind (3), and the loss takes another one: it should get the logits

    Named by: softmax behind (3) | softmax twice"""
    class Mine(Plain):
        def loss(self, batch):
            logits, state = self(batch.ids, batch.state)
            batch.last_state = state.detach()
            return ops.cross_entropy(ops.softmax(logits), batch.targets, reduction="sum"), batch.targets.size
    return Mine(cell, V, H, num_layers)


def wrong_mean_loss(cell, V, H, num_layers):
    """the loss is the mean over all targets, and (4) is a sum

    Named by: loss mean sum | loss 1/15"""
    class Mine(Plain):
        def loss(self, batch):
            total, number = super().loss(batch)
            return total / number, number
    return Mine(cell, V, H, num_layers)


def wrong_number(cell, V, H, num_layers):
    """number is that of the rows, and should be that of the targets, B T

    Named by: number rows targets | number B T"""
    class Mine(Plain):
        def loss(self, batch):
            total, _ = super().loss(batch)
            return total, len(batch.ids)
    return Mine(cell, V, H, num_layers)


def wrong_one_hot(cell, V, H, num_layers):
    """the words go in one-hot: E of (1) is missing

    Named by: one-hot no embedding | E missing"""
    return RecurrentLanguageModel(CELLS[cell](V, H, num_layers), V)


def wrong_tied(cell, V, H, num_layers):
    """W_hy is E turned round, and (3) has weights of its own

    Named by: E output W_hy missing | W_hy E weights"""
    class Mine(Plain):
        def __init__(self):
            self.embedding, self.stack = Embedding(V, H), CELLS[cell](H, H, num_layers)
            self.b_y = Parameter(xp.zeros(V, "float32"))

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids), state)
            return hs @ self.embedding.W.transpose() + self.b_y, state
    return Mine()


def wrong_unused_layer(cell, V, H, num_layers):
    """a layer was made and is never called: its parameters have no part in the loss

    Named by: layer never called | silent parameters no part"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(cell, V, H, num_layers)
            self.hidden = Linear(H, H)
    return Mine()
