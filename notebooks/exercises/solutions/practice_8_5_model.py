"""practice-8.5-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.layers import (
    LSTM,
    RNN,
    Dropout,
    FeedForward,
    LanguageModel,
    LayerNorm,
    Linear,
    Module,
    MultiHeadAttention,
    RecurrentLanguageModel,
    RecurrentTransformer,
    SinusoidalPositions,
    Transformer,
    TransformerBlock,
)
from tinyseq.layers.attention import causal_mask


class Plain(LanguageModel):
    """The parts, for those that differ in one line."""

    task = "characters"
    causal = True

    def __init__(self, V, H, num_heads, dropout):
        self.stack = RNN(V, H)                                                  # (1)
        self.positions, self.dropout = SinusoidalPositions(H), Dropout(dropout)
        self.attention = MultiHeadAttention(H, num_heads, causal=self.causal) if num_heads else None
        self.norm_1 = LayerNorm(H) if num_heads else None
        self.norm_2, self.feed_forward = LayerNorm(H), FeedForward(H)
        self.norm, self.output = LayerNorm(H), Linear(H, V)

    def read(self, ids, state):
        hs, state = self.stack(ids, state)                                      # (1)
        return self.dropout(self.positions(hs)), state                          # (2)

    def look(self, x):
        n = self.norm_1(x)
        return self.attention(n, n)[0]

    def first_half(self, x):
        return x + self.dropout(self.look(x)) if self.attention else x          # (3)

    def second_half(self, u):
        return u + self.dropout(self.feed_forward(self.norm_2(u)))              # (4)

    def __call__(self, ids, state=None):
        x, state = self.read(ids, state)
        v = self.second_half(self.first_half(x))
        return self.output(self.norm(v)), state                                 # (5)


def practice_8_5_model(V, H, num_heads, dropout):
    return Plain(V, H, num_heads, dropout)


# Right --------------------------------------------------------------------------------------------------------

def right_of_the_library(V, H, num_heads, dropout):
    """Its attention drops weights as well, in training."""
    if not num_heads:
        return Plain(V, H, 0, dropout)
    transformer = Transformer(H, 1, num_heads, positions="sinusoidal", dropout=dropout)
    return RecurrentLanguageModel(RecurrentTransformer(RNN(V, H), transformer), V)


def right_by_a_library_block(V, H, num_heads, dropout):
    class Mine(LanguageModel):
        def __init__(self):
            self.stack, self.place, self.dropout = RNN(V, H), SinusoidalPositions(H), Dropout(dropout)
            self.block = TransformerBlock(H, num_heads, dropout=dropout, method="by_tape") if num_heads else None
            self.alone = None if num_heads else [LayerNorm(H), FeedForward(H)]
            self.end = [LayerNorm(H), Linear(H, V)]

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            y = self.dropout(self.place(hs))
            if num_heads:
                y, _ = self.block(y)
            else:
                y = y + self.dropout(self.alone[1](self.alone[0](y)))
            for layer in self.end:
                y = layer(y)
            return y, state
    return Mine()


def right_a_branch_as_a_module(V, H, num_heads, dropout):
    """Norm, layer and dropout of a branch in one module; a mask at each call."""
    class Branch(Module):
        def __init__(self, layer):
            self.norm, self.layer, self.dropout = LayerNorm(H), layer, Dropout(dropout)

        def __call__(self, x):
            n = self.norm(x)
            if isinstance(self.layer, MultiHeadAttention):
                return x + self.dropout(self.layer(n, n, n, causal_mask(x.shape[1]))[0])
            return self.dropout(self.layer(n)) + x

    class Mine(LanguageModel):
        def __init__(self):
            self.stack, self.first = RNN(V, H), Dropout(dropout)
            looks = [MultiHeadAttention(H, num_heads)] if num_heads else []
            self.branches = [Branch(layer) for layer in (*looks, FeedForward(H, 4 * H))]
            self.p, self.norm, self.output = SinusoidalPositions(H), LayerNorm(H), Linear(H, V)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ids, state)
            x = self.first(self.p(hs))
            for branch in self.branches:
                x = branch(x)
            return self.output(self.norm(x)), state
    return Mine()


def right_step_by_step(V, H, num_heads, dropout):
    """Each step asks those before it by itself: no mask is needed."""
    class Mine(Plain):
        def look(self, x):
            n = self.norm_1(x)
            return ops.stack(*(self.attention(n[:, t], n[:, :t + 1])[0] for t in range(x.shape[1])), axis=1)

        def __init__(self):
            super().__init__(V, H, num_heads, dropout)
            self.attention = MultiHeadAttention(H, num_heads) if num_heads else None
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_no_positions(V, H, num_heads, dropout):
    """the positions of (2) are missing

    Named by: positions missing (2)"""
    class Mine(Plain):
        def read(self, ids, state):
            hs, state = self.stack(ids, state)
            return self.dropout(hs), state
    return Mine(V, H, num_heads, dropout)


def wrong_not_causal(V, H, num_heads, dropout):
    """the attention is not causal: a step sees those that follow it

    Named by: sees follow causal"""
    class Mine(Plain):
        causal = False
    return Mine(V, H, num_heads, dropout)


def wrong_always_dropped(V, H, num_heads, dropout):
    """numbers drop out in evaluation as well: the dropout does not know the mode

    Named by: drops evaluation | dropped in evaluation"""
    class Always(Module):
        def __init__(self):
            self.layer = Dropout(dropout)

        def __call__(self, x):
            self.layer.training = True
            return self.layer(x)

    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, dropout)
            self.dropout = Always()
    return Mine()


def wrong_no_dropout(V, H, num_heads, dropout):
    """nothing drops out: the number dropout is not used

    Named by: nothing dropped training"""
    return Plain(V, H, num_heads, 0.0)


def wrong_one_head(V, H, num_heads, dropout):
    """the attention has one head

    Named by: one head num_heads"""
    return Plain(V, H, 1, dropout)


def wrong_width_for_number(V, H, num_heads, dropout):
    """the number of heads is H / num_heads, the width of one

    Named by: heads H / num_heads width"""
    return Plain(V, H, H // num_heads, dropout)


def wrong_a_layer_a_head(V, H, num_heads, dropout):
    """there are num_heads attentions of one head each, over all channels, and their results are added up

    Named by: attention for each head | num_heads attentions"""
    class Many(Module):
        def __init__(self):
            self.layers = [MultiHeadAttention(H, 1, causal=True) for _ in range(num_heads)]

        def __call__(self, q, k):
            return sum(layer(q, k)[0] for layer in self.layers), None

    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, dropout)
            self.attention = Many()
    return Mine()


def wrong_no_residual_of_attention(V, H, num_heads, dropout):
    """x is not added in (3)

    Named by: straight (3) missing x added"""
    class Mine(Plain):
        def first_half(self, x):
            return self.dropout(self.look(x))
    return Mine(V, H, num_heads, dropout)


def wrong_no_residual_of_feed_forward(V, H, num_heads, dropout):
    """u is not added in (4)

    Named by: straight (4) missing u added"""
    class Mine(Plain):
        def second_half(self, u):
            return self.dropout(self.feed_forward(self.norm_2(u)))
    return Mine(V, H, num_heads, dropout)


def wrong_no_last_norm(V, H, num_heads, dropout):
    """the norm of (5) is missing

    Named by: norm missing (5)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, dropout)
            self.norm = None

        def __call__(self, ids, state=None):
            x, state = self.read(ids, state)
            return self.output(self.second_half(self.first_half(x))), state
    return Mine()


def wrong_never_called(V, H, num_heads, dropout):
    """the attention is made and never called: (3) is left out

    Named by: attention never called | nothing of the attention"""
    class Mine(Plain):
        def first_half(self, x):
            return x
    return Mine(V, H, num_heads, dropout)


def wrong_lstm(V, H, num_heads, dropout):
    """it is an LSTM, and (1) is an RNN

    Named by: LSTM (1)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, dropout)
            self.stack = LSTM(V, H)
    return Mine()


def wrong_two_blocks(V, H, num_heads, dropout):
    """there are two blocks, and (3) (4) are one

    Named by: two blocks one"""
    return RecurrentLanguageModel(RecurrentTransformer(
        RNN(V, H), Transformer(H, 2, num_heads, positions="sinusoidal", dropout=dropout)), V)


def wrong_number(V, H, num_heads, dropout):
    """loss returns the mean, and 1 beside it

    Named by: loss mean sum | number 1 mean"""
    class Mine(Plain):
        def loss(self, batch):
            total, number = super().loss(batch)
            return total / number, 1
    return Mine(V, H, num_heads, dropout)
