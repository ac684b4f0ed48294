"""practice-7.3-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.backend import uniform, xp
from tinyseq.layers import (
    GRU,
    LSTM,
    Embedding,
    LanguageModel,
    Linear,
    Parameter,
    RecurrentLanguageModel,
    Sequential,
    StackState,
)

CELLS = {"gru": GRU, "lstm": LSTM}


class Plain(LanguageModel):
    """The parts, for those that differ in one line."""

    def __init__(self, cell, V, H):
        self.stack, self.output = CELLS[cell](V, H), Linear(H, V)

    def __call__(self, ids, state=None):
        hs, state = self.stack(ids, state)
        return self.output(hs), state


def practice_7_3_model(cell, V, H):
    class Mine(LanguageModel):
        def __init__(self):
            self.stack = {"gru": GRU, "lstm": LSTM}[cell](V, H)                 # (1)
            self.output = Linear(H, V)                                          # (2)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)                                  # (1)
            return self.output(hs), state                                       # (2)
    return Mine()


# Right --------------------------------------------------------------------------------------------------------

def right_the_library_s_own(cell, V, H):
    return RecurrentLanguageModel(CELLS[cell](V, H), V)


def right_one_hot_rows(cell, V, H):
    """x as numbers, and the output as a product with parameters of its own."""
    class Mine(LanguageModel):
        def __init__(self):
            self.W_hy, self.b_y = Parameter(uniform((H, V), 0.3)), Parameter(xp.zeros(V, "float32"))
            self.stack = GRU(V, H, method="by_tape") if cell == "gru" else LSTM(V, H, method="by_tape")

        def __call__(self, ids, state=None):
            x = xp.eye(V, dtype=self.W_hy.dtype)[xp.asarray(ids)]
            hs, state = self.stack(x, state)
            return hs @ self.W_hy + self.b_y, state
    return Mine()


def right_step_by_step(cell, V, H):
    """One step after the other."""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            predicted = []
            for t in range(ids.shape[1]):
                hs, state = self.stack(ids[:, t:t + 1], state)
                predicted.append(self.output(hs[:, 0]))
            return ops.stack(*predicted, axis=1), state
    return Mine(cell, V, H)


def right_loss_of_its_own(cell, V, H):
    """The logarithms written out."""
    class Mine(Plain):
        def loss(self, batch):
            logits, state = self(batch.ids, batch.state)
            batch.last_state = state.detach()
            ln_p = ops.log_softmax(logits.reshape(-1, V))
            return -ln_p[xp.arange(batch.targets.size), batch.targets.reshape(-1)].sum(), batch.targets.size
    return Mine(cell, V, H)


def right_output_in_a_sequence(cell, V, H):
    """The output inside another module, on a long row of states."""
    class Mine(LanguageModel):
        def __init__(self):
            self.stack, self.after = CELLS[cell](V, H), Sequential(Linear(H, V))

        def __call__(self, ids, state=None):
            B, T = ids.shape
            hs, state = self.stack(ids, state)
            return self.after(hs.reshape(B * T, H)).reshape(B, T, V), state
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_always_gru(cell, V, H):
    """the cell is a GRU whatever `cell` says

    Named by: GRU whatever cell"""
    return Plain("gru", V, H)


def wrong_always_lstm(cell, V, H):
    """the cell is an LSTM whatever `cell` says

    Named by: LSTM whatever cell"""
    return Plain("lstm", V, H)


def wrong_other_gru(cell, V, H):
    """the GRU is that of cuDNN and PyTorch, which has a bias b_hn more

    Named by: cuDNN b_hn"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(cell, V, H)
            if cell == "gru":
                self.stack = GRU(V, H, variant="cudnn")
    return Mine()


def wrong_embedding(cell, V, H):
    """an embedding stands before (1), whose x_t is one-hot

    Named by: embedding one-hot"""
    class Mine(LanguageModel):
        def __init__(self):
            self.embedding, self.stack, self.output = Embedding(V, H), CELLS[cell](H, H), Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.embedding(ids), state)
            return self.output(hs), state
    return Mine()


def wrong_state_lost(cell, V, H):
    """each call begins from nothing: the state that was given does not go into (1)

    Named by: state not carried | state given not (1)"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids)
            return self.output(hs), state
    return Mine(cell, V, H)


def wrong_cell_lost(cell, V, H):
    """only h is handed on: the cell c of an LSTM begins from 0 in each call

    Named by: c not handed on LSTM"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            fresh = self.stack.initial_state(len(ids))
            if state is not None:
                fresh = StackState(zero._replace(h=old.h) for zero, old in zip(fresh, state, strict=True))
            hs, state = self.stack(ids, fresh)
            return self.output(hs), state
    return Mine(cell, V, H)


def wrong_two_layers(cell, V, H):
    """there are two recurrent layers, and (1) is one

    Named by: two recurrent layers"""
    return RecurrentLanguageModel(CELLS[cell](V, H, 2), V)


def wrong_both_directions(cell, V, H):
    """it reads in both directions, so it reads the answer

    Named by: both directions | reads the answer"""
    class Mine(Plain):
        def __init__(self):
            self.stack, self.output = CELLS[cell](V, H, bidirectional=True), Linear(2 * H, V)
    return Mine()


def wrong_backwards(cell, V, H):
    """it reads from the end to the beginning, the answer first

    Named by: backwards answer"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids[:, ::-1], state)
            return self.output(ops.flip(hs, axis=1)), state
    return Mine(cell, V, H)


def wrong_last_step_alone(cell, V, H):
    """only the last step predicts: the logits are (B, V), and (2) has them at every step

    Named by: only last step predicts"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            return self.output(hs[:, -1]), state
    return Mine(cell, V, H)


def wrong_logits_in_one_axis(cell, V, H):
    """the logits of all places lie in one axis, (B T, V), and should be (B, T, V)

    Named by: logits one axis B T | (B, T, V) shape"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            return self.output(hs.reshape(-1, H)), state
    return Mine(cell, V, H)


def wrong_scores_before_steps(cell, V, H):
    """the logits lie as (B, V, T), as PyTorch's cross-entropy wants them; here V is last

    Named by: (B, V, T) last | axes order V T"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            return self.output(hs).transpose(0, 2, 1), state
    return Mine(cell, V, H)


def wrong_mean_loss(cell, V, H):
    """the loss is the mean over all targets, and (3) is a sum

    Named by: loss mean sum"""
    class Mine(Plain):
        def loss(self, batch):
            total, number = super().loss(batch)
            return total / number, number
    return Mine(cell, V, H)


def wrong_number_of_steps(cell, V, H):
    """number is that of the steps, T, and should be that of the targets, B T

    Named by: number steps targets"""
    class Mine(Plain):
        def loss(self, batch):
            return super().loss(batch)[0], batch.ids.shape[1]
    return Mine(cell, V, H)


def wrong_spare_layer(cell, V, H):
    """a layer was made and is never called: its parameters have no part in the loss

    Named by: layer never called | silent parameters no part"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(cell, V, H)
            self.spare = LSTM(V, H)
    return Mine()


def wrong_cell_not_handed_on(cell, V, H):
    """of the LSTM's state h is handed on and c is not: it begins from 0 again in each call

    Named by: carried c lost | carried cell zero | cell state not | carried h alone"""
    class Mine(LanguageModel):
        def __init__(self):
            self.stack = CELLS[cell](V, H)
            self.output = Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            if cell == "lstm":
                state = StackState([s._replace(c=s.c * 0) for s in state])
            return self.output(hs), state
    return Mine()
