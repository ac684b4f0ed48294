"""practice-7.1-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.backend import uniform, xp
from tinyseq.layers import GRU, LSTM, RNN, Linear, Parameter, Sequential
from tinyseq.models.forecaster import Config, Forecaster


class Plain(Forecaster):
    """The parts, for those that differ in one line."""

    def __init__(self, H):
        self.rnn, self.output = RNN(1, H), Linear(H, 1)


def practice_7_1_model(H):
    class Mine(Forecaster):
        def __init__(self):
            self.rnn = RNN(1, H)                                                # (1)
            self.output = Linear(H, 1)                                          # (2)

        def __call__(self, windows):
            hs, _ = self.rnn(windows)                                           # (1)
            return self.output(hs[:, -1])                                       # (2)
    return Mine()


# Right --------------------------------------------------------------------------------------------------------

def right_last_state(H):
    class Mine(Plain):
        def __call__(self, windows):
            _, state = self.rnn(windows)
            return self.output(state[-1].h)
    return Mine(H)


def right_the_library_s_own(H):
    return Forecaster(Config(cell="rnn", H=H))


def right_step_by_step(H):
    """The recurrence written out, with parameters of its own."""
    class Mine(Forecaster):
        def __init__(self):
            limit = H ** -0.5
            self.W_xh, self.W_hh = Parameter(uniform((1, H), limit)), Parameter(uniform((H, H), limit))
            self.b_h, self.output = Parameter(xp.zeros(H, "float32")), Linear(H, 1)

        def __call__(self, windows):
            h = None
            for t in range(windows.shape[1]):
                a = windows[:, t] @ self.W_xh + self.b_h
                h = ops.tanh(a if h is None else a + h @ self.W_hh)
            return self.output(h)
    return Mine()


def right_output_of_all_steps(H):
    """A forecast at each step, of which the last is returned; and its own loss."""
    class Mine(Plain):
        def __call__(self, windows):
            return self.output(self.rnn(windows)[0])[:, -1]

        def loss(self, batch):
            missed = self(batch.windows) - batch.targets
            return (missed * missed).sum(), len(batch.targets)
    return Mine(H)


def right_sequential(H):
    """The output layer inside another module."""
    class Mine(Forecaster):
        def __init__(self):
            self.parts = [RNN(1, H, method="by_tape"), Sequential(Linear(H, 1))]

        def __call__(self, windows):
            rnn, output = self.parts
            return output(rnn(windows)[0][:, windows.shape[1] - 1])
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_first_step(H):
    """y is made of the first state, h_1, which has read one value of the window

    Named by: sees first h_1 | sees `0` `-1` (2)"""
    class Mine(Plain):
        def __call__(self, windows):
            return self.output(self.rnn(windows)[0][:, 0])
    return Mine(H)


def wrong_one_step_early(H):
    """y is made of h_{T-1}: the newest value of the window is not read

    Named by: h_{T-1} newest not | sees `-2` (2)"""
    class Mine(Plain):
        def __call__(self, windows):
            return self.output(self.rnn(windows)[0][:, -2])
    return Mine(H)


def wrong_last_row(H):
    """hs[-1] is the last row of the batch and not the last step: the first axis are the rows

    Named by: last row not last step"""
    class Mine(Plain):
        def __call__(self, windows):
            return self.output(self.rnn(windows)[0][-1])
    return Mine(H)


def wrong_all_steps(H):
    """a forecast at every step: y is (B, T, 1), and should be made of the last state alone

    Named by: every step (B, T, 1) | every step last state alone"""
    class Mine(Plain):
        def __call__(self, windows):
            return self.output(self.rnn(windows)[0])

        def loss(self, batch):
            return ops.mse(self(batch.windows)[:, -1], batch.targets, reduction="sum"), len(batch.targets)
    return Mine(H)


def wrong_whole_window_in_one_step(H):
    """the window goes in as one step of T numbers, from a zero state: W_hh has no part in y

    Named by: one step W_hh no part"""
    class Mine(Forecaster):
        def __init__(self):
            self.rnn, self.output = RNN(5, H), Linear(H, 1)

        def __call__(self, windows):
            return self.output(self.rnn(windows.reshape(windows.shape[0], 1, -1))[0][:, -1])
    return Mine()


def wrong_mean_loss(H):
    """loss returns the mean of the squares, and (3) is their sum

    Named by: mean loss (3) sum | loss 1/3 | loss mean sum"""
    class Mine(Plain):
        def __call__(self, windows):
            return self.output(self.rnn(windows)[0][:, -1])

        def loss(self, batch):
            return ops.mse(self(batch.windows), batch.targets), len(batch.targets)
    return Mine(H)


def wrong_flat_targets(H):
    """(B, 1) minus (B,) is (B, B): each forecast meets the targets of all rows in the loss

    Named by: loss (B, B) all rows | meets targets of all"""
    class Mine(Plain):
        def __call__(self, windows):
            return self.output(self.rnn(windows)[0][:, -1])

        def loss(self, batch):
            missed = self(batch.windows) - batch.targets.reshape(-1)
            return (missed * missed).sum(), len(batch.targets)
    return Mine(H)


def wrong_number(H):
    """the second result of loss is the number of steps read, B T, and should be that of the targets

    Named by: number B T targets | number steps"""
    class Mine(Plain):
        def __call__(self, windows):
            return self.output(self.rnn(windows)[0][:, -1])

        def loss(self, batch):
            return super().loss(batch)[0], batch.windows.shape[0] * batch.windows.shape[1]
    return Mine(H)


def wrong_lstm(H):
    """it is an LSTM, which has four times the weights of (1)

    Named by: LSTM four times weights | LSTM"""
    return Forecaster(Config(cell="lstm", H=H))


def wrong_gru(H):
    """it is a GRU, which has three times the weights of (1)

    Named by: GRU three times weights | GRU"""
    class Mine(Plain):
        def __init__(self, H):
            self.rnn, self.output = GRU(1, H), Linear(H, 1)

        def __call__(self, windows):
            return self.output(self.rnn(windows)[0][:, -1])
    return Mine(H)


def wrong_two_directions(H):
    """it reads in both directions, and (1) in one

    Named by: both directions | bidirectional"""
    return Forecaster(Config(cell="rnn", H=H, bidirectional=True))


def wrong_hidden_layer_too_many(H):
    """there are two recurrent layers, and (1) is one

    Named by: two recurrent layers | two layers"""
    return Forecaster(Config(cell="rnn", H=H, num_layers=2))


def wrong_unused_layer(H):
    """a layer was made and is never called: its parameters have no part in the loss

    Named by: layer never called | silent parameters no part"""
    class Mine(Plain):
        def __init__(self, H):
            super().__init__(H)
            self.spare = LSTM(1, H)

        def __call__(self, windows):
            return self.output(self.rnn(windows)[0][:, -1])
    return Mine(H)
