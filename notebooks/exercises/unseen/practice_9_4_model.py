"""Mistakes that the diagnosis of practice-9.4-model has never seen."""
from solutions.practice_9_4_model import Plain, attention

from tinyseq import ops


def wrong_same_layer(V, H, num_heads, score):
    """The attentions of (3) are one and the same layer, a list of one times num_heads: the heads share their weights.

    Named by: weights heads share | weights same layer | scores same layer | one attention all heads
    """
    class Mine(Plain):
        def made(self, H, num_heads, score):
            return [attention(score, H // num_heads)] * num_heads
    return Mine(V, H, num_heads, score)


def wrong_same_channels(V, H, num_heads, score):
    """All heads of (3) get the first d channels of q, k and v: the other columns of W_q, W_k and W_v are silent.

    Named by: silent channels | heads same channels | heads first d channels | silent columns W_q
    """
    class Mine(Plain):
        def look(self, h):
            n = self.norm_1(h)
            q, k, v = (layer(n)[:, :, :self.d] for layer in (self.q, self.k, self.v))
            mask = self.mask(h.shape[1])
            return self.o(ops.concat(*(head(q, k, v, mask)[0] for head in self.heads), axis=-1))
    return Mine(V, H, num_heads, score)


def wrong_no_output_matrix(V, H, num_heads, score):
    """In (4) the heads side by side are added to h as they are: there is no W_o and no b_o.

    Named by: weights W_o missing | W_o not there | weights W_o b_o | heads without W_o
    """
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, score)
            self.o = lambda c: c
    return Mine()
