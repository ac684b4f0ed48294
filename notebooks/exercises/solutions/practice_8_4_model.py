"""practice-8.4-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.layers import (
    LSTM,
    RNN,
    Embedding,
    FeedForward,
    LanguageModel,
    LayerNorm,
    Linear,
    Module,
    MultiHeadAttention,
    RecurrentLanguageModel,
    RecurrentTransformer,
    Sequential,
    Transformer,
    TransformerBlock,
)
from tinyseq.layers.attention import causal_mask


class Block(Module):
    def __init__(self, H, num_heads, causal=True):
        self.norm_1, self.norm_2 = LayerNorm(H), LayerNorm(H)
        self.attention = MultiHeadAttention(H, num_heads, causal=causal)
        self.feed_forward = FeedForward(H)

    def __call__(self, x):
        n = self.norm_1(x)
        u = x + self.attention(n, n)[0]                                         # (2)
        return u + self.feed_forward(self.norm_2(u))                            # (3)


class Plain(LanguageModel):
    """The parts, for those that differ in one line."""

    task = "characters"

    def __init__(self, V, H, num_layers, num_heads, block=Block):
        self.stack = RNN(V, H)                                                  # (1)
        self.blocks = [block(H, num_heads) for _ in range(num_layers)]
        self.norm, self.output = LayerNorm(H), Linear(H, V)

    def __call__(self, ids, state=None):
        x, state = self.stack(ids, state)                                       # (1)
        for block in self.blocks:
            x = block(x)                                                        # (2) (3)
        return self.output(self.norm(x)), state                                 # (4)


def practice_8_4_model(V, H, num_layers, num_heads):
    return Plain(V, H, num_layers, num_heads)


# Right --------------------------------------------------------------------------------------------------------

def right_of_the_library(V, H, num_layers, num_heads):
    return RecurrentLanguageModel(RecurrentTransformer(RNN(V, H), Transformer(H, num_layers, num_heads)), V)


def right_by_library_blocks(V, H, num_layers, num_heads):
    class Mine(Plain):
        def __call__(self, ids, state=None):
            x, state = self.stack(ids, state)
            for block in self.blocks:
                x, _ = block(x)
            return self.output(self.norm(x)), state
    return Mine(V, H, num_layers, num_heads, lambda H, num_heads: TransformerBlock(H, num_heads, method="by_tape"))


def right_by_a_mask(V, H, num_layers, num_heads):
    """The mask is handed over at each call; all parts lie in flat lists."""
    class Mine(LanguageModel):
        def __init__(self):
            self.stack, self.last, self.output = RNN(V, H), LayerNorm(H), Linear(H, V)
            self.attentions = [MultiHeadAttention(H, num_heads) for _ in range(num_layers)]
            self.norms = [LayerNorm(H) for _ in range(2 * num_layers)]
            self.feeds = [FeedForward(H, 4 * H) for _ in range(num_layers)]

        def __call__(self, ids, state=None):
            x, state = self.stack(ids, state)
            mask = causal_mask(x.shape[1])
            for i, (attention, feed) in enumerate(zip(self.attentions, self.feeds, strict=True)):
                n = self.norms[2 * i](x)
                x = x + attention(n, n, n, mask=mask)[0]
                x = feed(self.norms[2 * i + 1](x)) + x
            return self.output(self.last(x)), state
    return Mine()


def right_one_class_for_each_branch(V, H, num_layers, num_heads):
    """Each half is a branch with its norm, and x is added outside of it; Sequential for the end."""
    class Look(Module):
        def __init__(self):
            self.attention, self.norm = MultiHeadAttention(H, num_heads, causal=True, method="by_tape"), LayerNorm(H)

        def __call__(self, x):
            n = self.norm(x)
            return self.attention(n, n)[0]

    class Mine(LanguageModel):
        def __init__(self):
            self.end = Sequential(LayerNorm(H), Linear(H, V))
            self.branches = [branch for _ in range(num_layers)
                             for branch in (Look(), Sequential(LayerNorm(H), FeedForward(H)))]
            self.stack = RNN(V, H, method="by_tape")

        def __call__(self, ids, state=None):
            x, state = self.stack(ids, state)
            for branch in self.branches:
                x = x + branch(x)
            return self.end(x), state

        def loss(self, batch):
            y, state = self(batch.ids, batch.state)
            batch.last_state = state.detach()
            return ops.cross_entropy(y, batch.targets) * batch.targets.size, batch.targets.size
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_not_causal(V, H, num_layers, num_heads):
    """the attention is not causal: a step sees those that follow it, and so the answer

    Named by: follow causal | sees causal"""
    return Plain(V, H, num_layers, num_heads, lambda H, num_heads: Block(H, num_heads, causal=False))


def wrong_both_directions(V, H, num_layers, num_heads):
    """the RNN reads in both directions: each state has read the answer

    Named by: both directions | follow it"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_layers, num_heads)
            self.stack = RNN(V, H // 2, bidirectional=True)
    return Mine()


def wrong_one_head(V, H, num_layers, num_heads):
    """num_heads has no effect: every attention has one head

    Named by: heads one | num_heads"""
    return Plain(V, H, num_layers, 1)


def wrong_no_residual_of_attention(V, H, num_layers, num_heads):
    """x is not added in (2): all that the RNN says must pass through the attention

    Named by: straight (2) missing | x added (2)"""
    class Half(Block):
        def __call__(self, x):
            n = self.norm_1(x)
            u = self.attention(n, n)[0]
            return u + self.feed_forward(self.norm_2(u))
    return Plain(V, H, num_layers, num_heads, Half)


def wrong_no_residual_of_feed_forward(V, H, num_layers, num_heads):
    """u is not added in (3)

    Named by: straight (3) missing | u added (3)"""
    class Half(Block):
        def __call__(self, x):
            n = self.norm_1(x)
            return self.feed_forward(self.norm_2(x + self.attention(n, n)[0]))
    return Plain(V, H, num_layers, num_heads, Half)


def wrong_same_block(V, H, num_layers, num_heads):
    """all layers are the same block, with the same weights

    Named by: same block | same weights"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, 1, num_heads)
            self.blocks = self.blocks * num_layers
    return Mine()


def wrong_no_last_norm(V, H, num_layers, num_heads):
    """the norm of (4) is missing: what comes out of the last block is not normalised

    Named by: norm (4) missing"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_layers, num_heads)
            self.norm = Sequential()

        def __call__(self, ids, state=None):
            x, state = self.stack(ids, state)
            for block in self.blocks:
                x = block(x)
            return self.output(x), state
    return Mine()


def wrong_one_norm_a_block(V, H, num_layers, num_heads):
    """each block has one norm for both halves: that of (2) and that of (3) are two

    Named by: one norm two (2) (3) | norms same"""
    class Shared(Block):
        def __init__(self, H, num_heads):
            super().__init__(H, num_heads)
            self.norm_2 = self.norm_1
    return Plain(V, H, num_layers, num_heads, Shared)


def wrong_never_called(V, H, num_layers, num_heads):
    """the attention is made and never called: its parameters have no part in the loss

    Named by: attention never called | nothing of the attention"""
    class Half(Block):
        def __call__(self, x):
            return x + self.feed_forward(self.norm_2(x))
    return Plain(V, H, num_layers, num_heads, Half)


def wrong_lstm(V, H, num_layers, num_heads):
    """it is an LSTM below the blocks, and (1) is an RNN

    Named by: LSTM (1)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_layers, num_heads)
            self.stack = LSTM(V, H)
    return Mine()


def wrong_embedding(V, H, num_layers, num_heads):
    """the recurrence is missing: the blocks read an embedding, and without positions they do not know the order

    Named by: embedding in place of the RNN | recurrence missing | RNN (1) missing"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_layers, num_heads)
            self.rows, self.stack = Embedding(V, H), RNN(1, 1)
            del self.stack

        def __call__(self, ids, state=None):
            x = self.rows(ids)
            for block in self.blocks:
                x = block(x)
            return self.output(self.norm(x)), state

        def loss(self, batch):
            return ops.cross_entropy(self(batch.ids)[0], batch.targets, reduction="sum"), batch.targets.size
    return Mine()


def wrong_one_block_too_few(V, H, num_layers, num_heads):
    """there is one block too few: the RNN is counted as one of the num_layers

    Named by: one block too few"""
    return Plain(V, H, num_layers - 1, num_heads)


def wrong_narrow(V, H, num_layers, num_heads):
    """the feed-forward layer is H wide inside, and in (3) 4 H

    Named by: 4 H (3) | feed-forward wide H"""
    class Narrow(Block):
        def __init__(self, H, num_heads):
            super().__init__(H, num_heads)
            self.feed_forward = FeedForward(H, H)
    return Plain(V, H, num_layers, num_heads, Narrow)


def wrong_mean_loss(V, H, num_layers, num_heads):
    """loss returns the mean over the targets, and should return their sum

    Named by: loss mean sum"""
    class Mine(Plain):
        def loss(self, batch):
            y, state = self(batch.ids, batch.state)
            batch.last_state = state.detach()
            return ops.cross_entropy(y, batch.targets), batch.targets.size
    return Mine(V, H, num_layers, num_heads)


def wrong_last_step(V, H, num_layers, num_heads):
    """y is made of the last step alone, and should be made at each step

    Named by: last step every | shape last step"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            y, state = super().__call__(ids, state)
            return y[:, -1], state
    return Mine(V, H, num_layers, num_heads)


def wrong_over_the_rows(V, H, num_layers, num_heads):
    """the blocks are handed the steps as the batch, (T, B, H): attention goes over the rows

    Named by: rows steps | rows batch each other"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            x, state = self.stack(ids, state)
            for block in self.blocks:
                x = block(x.transpose(1, 0, 2)).transpose(1, 0, 2)
            return self.output(self.norm(x)), state
    return Mine(V, H, num_layers, num_heads)
