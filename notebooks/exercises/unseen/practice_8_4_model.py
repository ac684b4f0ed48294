"""Mistakes that the diagnosis of practice-8.4-model has never seen."""
from solutions.practice_8_4_model import Block, Plain

from tinyseq.layers import FeedForward, LayerNorm, MultiHeadAttention


def wrong_same_block(V, H, num_layers, num_heads):
    """The blocks of (2) and (3) are one and the same, a list of one block times num_layers, with one set of weights.

    Named by: weights same block | weights shared blocks | weights one block | block same list
    """
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_layers, num_heads)
            self.blocks = [Block(H, num_heads)] * num_layers
    return Mine()


def wrong_one_norm(V, H, num_layers, num_heads):
    """The norm of (2) and the norm of (3) are one LayerNorm, which has no weights of its own in either half.

    Named by: weights norm shared | weights same LayerNorm | one norm both | weights norm missing
    | one norm and should have two
    """
    class OneNorm(Block):
        def __init__(self, H, num_heads):
            self.norm_1 = self.norm_2 = LayerNorm(H)
            self.attention, self.feed_forward = MultiHeadAttention(H, num_heads, causal=True), FeedForward(H)
    return Plain(V, H, num_layers, num_heads, OneNorm)


def wrong_one_head(V, H, num_layers, num_heads):
    """The attention of (2) has one head, whatever num_heads says.

    Named by: heads 1 num_heads | num_heads not used | one head instead
    """
    return Plain(V, H, num_layers, 1)
