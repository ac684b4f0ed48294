"""Mistakes that the diagnosis of practice-8.5-model has never seen."""
from solutions.practice_8_5_model import Plain

from tinyseq.layers import Dropout, FeedForward, LayerNorm


def wrong_norm_left_over(V, H, num_heads, dropout):
    """With num_heads = 0 the norm of (3) is made all the same, and never called: its weights are silent.

    Named by: silent norm | weights norm without attention | norm never called | weights num_heads 0 norm
    """
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, dropout)
            self.norm_1 = LayerNorm(H)
    return Mine()


def wrong_narrow_feed_forward(V, H, num_heads, dropout):
    """The feed-forward layer of (4) has H units inside, and not 4 H.

    Named by: weights feed_forward 4 H | feed-forward H units | weights feed-forward narrow | feed_forward inside H
    | weights: feed_forward.into.W 24x24 24x96
    """
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, dropout)
            self.feed_forward = FeedForward(H, H)
    return Mine()


def wrong_dropout_made_anew(V, H, num_heads, dropout):
    """The dropout of (2) is a layer made in each call, which no eval() reaches: it drops in evaluation, too.

    Named by: drops in evaluation | eval dropout not reach | two calls differ evaluation | dropout not attribute
    """
    class Mine(Plain):
        def read(self, ids, state):
            hs, state = self.stack(ids, state)
            return Dropout(dropout)(self.positions(hs)), state
    return Mine(V, H, num_heads, dropout)
