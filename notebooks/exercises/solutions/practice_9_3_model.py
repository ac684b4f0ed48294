"""practice-9.3-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.layers import (
    Embedding,
    LanguageModel,
    LayerNorm,
    LearnedPositions,
    Linear,
    Parameter,
    Transformer,
    TransformerBlock,
    TransformerState,
)


class Plain(LanguageModel):
    """The parts, for those that differ in one line."""

    def __init__(self, V, C, num_layers, num_heads, context, positions="learned", bias=False, **other):
        self.E = Embedding(V, C)
        self.stack = Transformer(C, num_layers, num_heads, bias=bias, positions=positions,
                                 context=context if positions else None, **other)
        self.output = Linear(C, V)

    def __call__(self, ids, state=None):
        hs, state = self.stack(self.E(ids), state)
        return self.output(hs), state


def practice_9_3_model(V, C, num_layers, num_heads, context):
    class Mine(LanguageModel):
        def __init__(self):
            self.E = Embedding(V, C)                                                                # (1)
            self.stack = Transformer(C, num_layers, num_heads, bias=False, positions="learned",
                                     context=context)                                               # (1)-(3)
            self.output = Linear(C, V)                                                              # (4)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.E(ids), state)                                              # (1)-(3)
            return self.output(hs), state                                                           # (4)
    return Mine()


# Right --------------------------------------------------------------------------------------------------------

def right_one_class(V, C, num_layers, num_heads, context):
    return Plain(V, C, num_layers, num_heads, context)


def right_by_tape(V, C, num_layers, num_heads, context):
    """Each op recorded, and the table a parameter of one's own."""
    class Mine(LanguageModel):
        def __init__(self):
            self.stack = Transformer(C, num_layers, num_heads, "pre", "gelu", True, 4 * C, bias=False, method="by_tape",
                                     positions="learned", context=context)
            self.W, self.b = Parameter(Linear(C, V).W.data), Parameter(Linear(C, V).b.data)
            self.E = Parameter(Embedding(V, C).W.data)

        def __call__(self, ids, state=None):
            hs, state = self.stack(ops.gather(self.E, ids), state)
            return hs @ self.W + self.b, state
    return Mine()


def right_blocks(V, C, num_layers, num_heads, context):
    """The stack taken apart: blocks, norm and positions, with their caches as the state."""
    class Mine(LanguageModel):
        def __init__(self):
            self.E, self.P = Embedding(V, C), LearnedPositions(context, C)
            self.blocks = [TransformerBlock(C, num_heads, bias=False) for _ in range(num_layers)]
            self.norm, self.output = LayerNorm(C, bias=False), Linear(C, V)

        def start(self, B):
            return None

        def __call__(self, ids, state=None):
            before = state.caches if state else [None] * num_layers
            x, caches = self.P(self.E(ids), before[0].before if state else 0), []
            for block, cache in zip(self.blocks, before, strict=True):
                x, cache = block(x, cache=cache)
                caches.append(cache)
            return self.output(self.norm(x)), TransformerState(tuple(caches))
    return Mine()


def right_own_loss(V, C, num_layers, num_heads, context):
    class Mine(Plain):
        def loss(self, batch):
            logits, state = self(batch.ids, batch.state)
            batch.last_state = state.detach()
            logs = ops.log_softmax(logits)
            picked = ops.take_along_axis(logs, batch.targets[:, :, None], axis=2)
            return -picked.sum(), batch.targets.size
    return Mine(V, C, num_layers, num_heads, context)


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_not_causal(V, C, num_layers, num_heads, context):
    """the blocks are not causal: each step sees the ids behind it, the answer among them

    Named by: reads the answer sees after | sees behind answer"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, _ = self.stack(self.E(ids))
            return self.output(hs), TransformerState(())
    return Mine(V, C, num_layers, num_heads, context, causal=False)


def wrong_no_positions(V, C, num_layers, num_heads, context):
    """there are no positions: the order of the ids before is not known

    Named by: no positions where order"""
    return Plain(V, C, num_layers, num_heads, context, positions=None)


def wrong_sinusoidal(V, C, num_layers, num_heads, context):
    """the positions are sinusoidal, and in (1) they are learned

    Named by: positions learned no weights"""
    return Plain(V, C, num_layers, num_heads, context, positions="sinusoidal")


def wrong_state_not_passed(V, C, num_layers, num_heads, context):
    """the state is not passed to the stack: a text's second half knows nothing of the first

    Named by: state stack symbol by symbol first | state not carried"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(self.E(ids))
            return self.output(hs), state
    return Mine(V, C, num_layers, num_heads, context)


def wrong_old_state_out(V, C, num_layers, num_heads, context):
    """the state that came in goes out again, and not the new one

    Named by: state come out symbol by symbol first | state not carried"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            state = self.stack.initial_state(len(ids)) if state is None else state
            hs, _ = self.stack(self.E(ids), state)
            return self.output(hs), state
    return Mine(V, C, num_layers, num_heads, context)


def wrong_one_head(V, C, num_layers, num_heads, context):
    """num_heads is not used: there is one head

    Named by: one head num_heads not used"""
    return Plain(V, C, num_layers, 1, context)


def wrong_exchanged(V, C, num_layers, num_heads, context):
    """num_layers and num_heads have changed places

    Named by: num_heads num_layers each other's place | num_heads num_layers places"""
    return Plain(V, C, num_heads, num_layers, context)


def wrong_one_block(V, C, num_layers, num_heads, context):
    """num_layers is not used: there is one block

    Named by: num_layers not used one block"""
    return Plain(V, C, 1, num_heads, context)


def wrong_shared_block(V, C, num_layers, num_heads, context):
    """one block is called num_layers times, and each should have weights of its own

    Named by: block share weights own"""
    class Mine(LanguageModel):
        def __init__(self):
            self.E, self.P = Embedding(V, C), LearnedPositions(context, C)
            self.block, self.norm = TransformerBlock(C, num_heads, bias=False), LayerNorm(C, bias=False)
            self.output = Linear(C, V)

        def start(self, B):
            return None

        def __call__(self, ids, state=None):
            before = state.caches if state else [None] * num_layers
            x, caches = self.P(self.E(ids), before[0].before if state else 0), []
            for cache in before:
                x, after = self.block(x, cache=cache)
                caches.append(after)
            return self.output(self.norm(x)), TransformerState(tuple(caches))
    return Mine()


def wrong_biases(V, C, num_layers, num_heads, context):
    """attention, feed-forward layers and norms have biases, and should have none

    Named by: biases none attention"""
    return Plain(V, C, num_layers, num_heads, context, bias=True)


def wrong_narrow_inside(V, C, num_layers, num_heads, context):
    """the layers of (3) have C units inside, and should have 4C

    Named by: inside C units 4C"""
    return Plain(V, C, num_layers, num_heads, context, FF=C)


def wrong_tied(V, C, num_layers, num_heads, context):
    """the output is the table once more, E^T, and should have weights of its own

    Named by: tied E^T weights own | output E^T own"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, C, num_layers, num_heads, context)
            self.output = None

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.E(ids), state)
            return hs @ self.E.W.T, state
    return Mine()


def wrong_last_step_alone(V, C, num_layers, num_heads, context):
    """only the last step predicts, and every step should

    Named by: last step predicts every"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            hs, state = self.stack(self.E(ids), state)
            return self.output(hs[:, -1]), state
    return Mine(V, C, num_layers, num_heads, context)


def wrong_post_norm(V, C, num_layers, num_heads, context):
    """the norms stand behind the sums, so that none stands behind the last block

    Named by: norm behind the last block"""
    return Plain(V, C, num_layers, num_heads, context, norm="post")


def wrong_mean_loss(V, C, num_layers, num_heads, context):
    """loss returns the mean over the targets, and should return their sum

    Named by: loss mean targets sum"""
    class Mine(Plain):
        def loss(self, batch):
            total, number = super().loss(batch)
            return total / number, number
    return Mine(V, C, num_layers, num_heads, context)
