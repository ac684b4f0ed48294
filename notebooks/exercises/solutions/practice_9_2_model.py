"""practice-9.2-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.layers import (
    GRU,
    RNN,
    LanguageModel,
    Linear,
    MultiHeadAttention,
    RecurrentLanguageModel,
    SelfAttention,
    SelfAttentiveStack,
)
from tinyseq.layers.attention import causal_mask


class Plain(LanguageModel):
    """The parts, for those that differ in one line."""

    task = "characters"

    def __init__(self, V, H, window):
        self.window = window
        self.stack = RNN(V, H)                                                  # (1)
        self.attention = MultiHeadAttention(H, 1)                               # (2)
        self.join, self.output = Linear(2 * H, H), Linear(H, V)                 # (3) (4)

    def mask(self, T):
        return causal_mask(T, self.window)                                      # (2)

    def __call__(self, ids, state=None):
        hs, state = self.stack(ids, state)                                      # (1)
        z, _ = self.attention(hs, hs, mask=self.mask(hs.shape[1]))              # (2)
        u = ops.tanh(self.join(ops.concat(hs, z, axis=-1)))                     # (3)
        return self.output(u), state                                            # (4)


def practice_9_2_model(V, H, window):
    return Plain(V, H, window)


# Right --------------------------------------------------------------------------------------------------------

def right_of_the_library(V, H, window):
    return RecurrentLanguageModel(SelfAttentiveStack(RNN(V, H), MultiHeadAttention(H, 1), window=window), V)


def right_by_a_causal_layer(V, H, window):
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, window)
            self.attention = MultiHeadAttention(H, 1, causal=True, window=window, weights=False)

        def mask(self, T):
            return None
    return Mine()


def right_step_by_step(V, H, window):
    """Each step asks the states of its window, cut out for it."""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            us = []
            for t in range(hs.shape[1]):
                seen = hs[:, max(0, t - window + 1):t + 1]
                z, _ = self.attention(hs[:, t], seen)
                us.append(ops.tanh(self.join(ops.concat(hs[:, t], z, axis=-1))))
            return self.output(ops.stack(*us, axis=1)), state
    return Mine(V, H, window)


def right_by_the_layer_self_attention(V, H, window):
    class Mine(LanguageModel):
        def __init__(self):
            self.stack, self.output = RNN(V, H, method="by_tape"), Linear(H, V)
            self.look = SelfAttention(MultiHeadAttention(H, 1, method="by_tape"), H)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            u, _ = self.look(hs, causal_mask(ids.shape[1], window))
            return self.output(u), state
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_one_too_many(V, H, window):
    """a step looks at window states and its own, one too many

    Named by: one state too many"""
    return Plain(V, H, window + 1)


def wrong_one_too_few(V, H, window):
    """a step looks at one state too few

    Named by: one state too few"""
    return Plain(V, H, window - 1)


def wrong_no_window(V, H, window):
    """the window has no effect: a step looks at all states before it

    Named by: all states before window"""
    return Plain(V, H, None)


def wrong_not_causal(V, H, window):
    """there is no mask at all: a step looks at states that follow it, and sees the answer

    Named by: all states follow | sees follow"""
    class Mine(Plain):
        def mask(self, T):
            return None
    return Mine(V, H, window)


def wrong_both_sides(V, H, window):
    """the window stands on both sides of a step

    Named by: both sides"""
    class Mine(Plain):
        def mask(self, T):
            return causal_mask(T, window) | causal_mask(T, window).transpose(0, 2, 1)
    return Mine(V, H, window)


def wrong_not_joined(V, H, window):
    """u is made of z alone: h is missing in (3)

    Named by: z alone [h; z] | h missing (3)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, window)
            self.join = Linear(H, H)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            z, _ = self.attention(hs, hs, mask=self.mask(hs.shape[1]))
            return self.output(ops.tanh(self.join(z))), state
    return Mine()


def wrong_z_twice(V, H, window):
    """[z; z] stands where [h; z] belongs in (3): h has no way of its own

    Named by: h not in u"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            z, _ = self.attention(hs, hs, mask=self.mask(hs.shape[1]))
            return self.output(ops.tanh(self.join(ops.concat(z, z, axis=-1)))), state
    return Mine(V, H, window)


def wrong_h_twice(V, H, window):
    """[h; h] stands where [h; z] belongs in (3): what the attention says is thrown away

    Named by: nothing of the attention | z left out"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            self.attention(hs, hs, mask=self.mask(hs.shape[1]))
            return self.output(ops.tanh(self.join(ops.concat(hs, hs, axis=-1)))), state
    return Mine(V, H, window)


def wrong_added(V, H, window):
    """u is h + z, without the layer of (3)

    Named by: h + z (3)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, window)
            self.join = None

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            z, _ = self.attention(hs, hs, mask=self.mask(hs.shape[1]))
            return self.output(hs + z), state
    return Mine()


def wrong_layer_missing(V, H, window):
    """the output reads [h; z] itself: the layer of (3) is missing

    Named by: layer (3) missing [h; z]"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, window)
            self.join, self.output = None, Linear(2 * H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            z, _ = self.attention(hs, hs, mask=self.mask(hs.shape[1]))
            return self.output(ops.concat(hs, z, axis=-1)), state
    return Mine()


def wrong_window_of_the_end(V, H, window):
    """every step looks at the last states of the text, as if its window ended there

    Named by: same states window | follow it"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            z, _ = self.attention(hs, hs[:, -window:])
            return self.output(ops.tanh(self.join(ops.concat(hs, z, axis=-1)))), state
    return Mine(V, H, window)


def wrong_over_the_rows(V, H, window):
    """the attention is handed (T, B, H): rows of the batch look at each other

    Named by: rows each other | rows steps"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            turned = hs.transpose(1, 0, 2)
            z, _ = self.attention(turned, turned, mask=self.mask(hs.shape[0]))
            return self.output(ops.tanh(self.join(ops.concat(hs, z.transpose(1, 0, 2), axis=-1)))), state
    return Mine(V, H, window)


def wrong_gru(V, H, window):
    """it is a GRU below the attention, and (1) is an RNN

    Named by: GRU (1)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, window)
            self.stack = GRU(V, H)
    return Mine()


def wrong_mean_over_rows(V, H, window):
    """loss returns the mean over the rows, and should return the sum

    Named by: loss mean rows sum"""
    class Mine(Plain):
        def loss(self, batch):
            total, number = super().loss(batch)
            return total / len(batch.ids), number
    return Mine(V, H, window)


def wrong_number_of_rows(V, H, window):
    """the second result of loss is the number of rows, and should be that of the targets

    Named by: number rows targets"""
    class Mine(Plain):
        def loss(self, batch):
            return super().loss(batch)[0], len(batch.ids)
    return Mine(V, H, window)


class Summed(Plain):
    def __init__(self, V, H, window):
        super().__init__(V, H, window)
        self.join = Linear(H, H)

    def __call__(self, ids, state=None):
        hs, state = self.stack(ids, state)
        z, _ = self.attention(hs, hs, mask=self.mask(hs.shape[1]))
        return self.output(ops.tanh(self.join(hs + z))), state


def wrong_summed_not_joined(V, H, window):
    """(3) reads h_t + z_t by a layer from H to H, not both side by side by one from 2 H to H

    Named by: weights h + z | weights added side | weights join 2 H | weights sum instead"""
    return Summed(V, H, window)
