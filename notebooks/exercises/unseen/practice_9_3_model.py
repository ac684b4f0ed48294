"""Mistakes that the diagnosis of practice-9.3-model has never seen."""
from tinyseq.layers import Embedding, LanguageModel, Linear, Transformer


def wrong_biases(V, C, num_layers, num_heads, context):
    """Attention and feed-forward layer of (2) and (3) have biases, as a Transformer has by itself.

    Named by: weights biases | silent biases keys | silent b_k | bias=False missing
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.E, self.output = Embedding(V, C), Linear(C, V)
            self.stack = Transformer(C, num_layers, num_heads, positions="learned", context=context)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.E(ids), state)
            return self.output(hs), state
    return Mine()


def wrong_sinusoidal(V, C, num_layers, num_heads, context):
    """The positions of (1) are sinusoidal and not learned: there is no P.

    Named by: weights P missing | positions sinusoidal learned | weights context C | positions not learned
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.E, self.output = Embedding(V, C), Linear(C, V)
            self.stack = Transformer(C, num_layers, num_heads, bias=False, positions="sinusoidal", context=context)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.E(ids), state)
            return self.output(hs), state
    return Mine()


def wrong_state_not_read(V, C, num_layers, num_heads, context):
    """__call__ does not hand its state to the stack, which so begins at position 0 with an empty cache each time.

    Named by: carried state not | cached state not | state not handed | cache empty each | state ignored
    """
    class Mine(LanguageModel):
        def __init__(self):
            self.E, self.output = Embedding(V, C), Linear(C, V)
            self.stack = Transformer(C, num_layers, num_heads, bias=False, positions="learned", context=context)

        def __call__(self, ids, state=None):
            hs, state = self.stack(self.E(ids))
            return self.output(hs), state
    return Mine()
