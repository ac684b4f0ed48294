"""practice-9.4-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.layers import (
    GRU,
    RNN,
    AdditiveAttention,
    DotAttention,
    FeedForward,
    GeneralAttention,
    LanguageModel,
    LayerNorm,
    Linear,
    Module,
    MultiHeadAttention,
)
from tinyseq.layers.attention import causal_mask


def attention(score, d):
    if score == "scaled dot":
        return DotAttention(scaled=True)
    return AdditiveAttention(d, d, d) if score == "additive" else GeneralAttention(d, d)


class Plain(LanguageModel):
    """The parts, for those that differ in one line."""

    task = "characters"

    def __init__(self, V, H, num_heads, score):
        self.stack, self.d = RNN(V, H), H // num_heads                          # (1)
        self.looking = score != "none"
        if self.looking:
            self.norm_1, self.heads = LayerNorm(H), self.made(H, num_heads, score)
            self.q, self.k, self.v, self.o = (Linear(H, H) for _ in range(4))   # (2) (4)
        self.norm_2, self.feed_forward = LayerNorm(H), FeedForward(H)           # (5)
        self.norm, self.output = LayerNorm(H), Linear(H, V)                     # (6)

    def made(self, H, num_heads, score):
        return [attention(score, H // num_heads) for _ in range(num_heads)]

    def mask(self, T):
        return causal_mask(T)

    def look(self, h):
        n = self.norm_1(h)
        q, k, v = self.q(n), self.k(n), self.v(n)                               # (2)
        parts = [slice(i * self.d, (i + 1) * self.d) for i in range(len(self.heads))]
        mask = self.mask(h.shape[1])
        cs = [head(q[:, :, part], k[:, :, part], v[:, :, part], mask)[0]
              for head, part in zip(self.heads, parts, strict=True)]            # (3)
        return self.o(ops.concat(*cs, axis=-1))                                 # (4)

    def fed(self, x):
        return x + self.feed_forward(self.norm_2(x))                            # (5)

    def __call__(self, ids, state=None):
        h, state = self.stack(ids, state)                                       # (1)
        x = h + self.look(h) if self.looking else h                             # (4)
        return self.output(self.norm(self.fed(x))), state                       # (6)


def practice_9_4_model(V, H, num_heads, score):
    return Plain(V, H, num_heads, score)


# Right --------------------------------------------------------------------------------------------------------

def right_split_by_a_reshape(V, H, num_heads, score):
    """The heads are cut off by ops.split_heads and put together by ops.join_heads."""
    class Mine(Plain):
        def look(self, h):
            n, T = self.norm_1(h), h.shape[1]
            q, k, v = (ops.split_heads(layer(n), num_heads) for layer in (self.q, self.k, self.v))
            cs = [head(q[:, i], k[:, i], v[:, i], mask=causal_mask(T))[0] for i, head in enumerate(self.heads)]
            return self.o(ops.join_heads(ops.stack(*cs, axis=1)))
    return Mine(V, H, num_heads, score)


def right_a_head_as_a_module(V, H, num_heads, score):
    """Each head projects for itself, from H channels to d: the same weights, in smaller pieces."""
    d = H // num_heads

    class Head(Module):
        def __init__(self):
            self.projections, self.attention = [Linear(H, d) for _ in range(3)], attention(score, d)

        def __call__(self, n):
            return self.attention(*(layer(n) for layer in self.projections), causal_mask(n.shape[1]))[0]

    if score == "none":
        return Plain(V, H, num_heads, score)

    class Mine(LanguageModel):
        def __init__(self):
            self.stack, self.heads, self.join = RNN(V, H), [Head() for _ in range(num_heads)], Linear(H, H)
            self.norms, self.feed = [LayerNorm(H) for _ in range(3)], FeedForward(H, 4 * H)
            self.output = Linear(H, V)

        def __call__(self, ids, state=None):
            h, state = self.stack(ids, state)
            n = self.norms[0](h)
            x = h + self.join(ops.concat(*(head(n) for head in self.heads), axis=-1))
            x = x + self.feed(self.norms[1](x))
            return self.output(self.norms[2](x)), state
    return Mine()


def right_step_by_step(V, H, num_heads, score):
    """Each step asks those before it by itself: no mask is needed."""
    class Mine(Plain):
        def look(self, h):
            n = self.norm_1(h)
            q, k, v = self.q(n), self.k(n), self.v(n)
            steps = []
            for t in range(h.shape[1]):
                cs = [head(q[:, t, i * self.d:(i + 1) * self.d], k[:, :t + 1, i * self.d:(i + 1) * self.d],
                           v[:, :t + 1, i * self.d:(i + 1) * self.d])[0] for i, head in enumerate(self.heads)]
                steps.append(self.o(ops.concat(*cs, axis=-1)))
            return ops.stack(*steps, axis=1)
    return Mine(V, H, num_heads, score)


def right_one_projection(V, H, num_heads, score):
    """W_q, W_k and W_v lie side by side in one layer; the blocks are counted from the end."""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, score)
            self.q = self.k = self.v = None
            self.qkv = Linear(H, 3 * H) if self.looking else None

        def look(self, h):
            qkv, cs = self.qkv(self.norm_1(h)), []
            for i, head in enumerate(self.heads):
                q, k, v = (qkv[:, :, j * H + i * self.d:j * H + (i + 1) * self.d] for j in range(3))
                cs.append(head(q, k, v, mask=causal_mask(h.shape[1]))[0])
            return self.o(ops.concat(*cs, axis=-1))
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_no_mask(V, H, num_heads, score):
    """the heads have no mask: a step sees those that follow it

    Named by: follow causal mask | sees follow"""
    class Mine(Plain):
        def mask(self, T):
            return None
    return Mine(V, H, num_heads, score)


def wrong_turned_mask(V, H, num_heads, score):
    """the mask is transposed: a step looks at itself and those that follow it

    Named by: follow causal mask | sees follow | looks follow"""
    class Mine(Plain):
        def mask(self, T):
            return causal_mask(T).transpose(0, 2, 1)
    return Mine(V, H, num_heads, score)


def wrong_one_head(V, H, num_heads, score):
    """there is one head over all channels: num_heads has no effect

    Named by: one head num_heads"""
    return Plain(V, H, 1, score)


def wrong_shared_heads(V, H, num_heads, score):
    """all heads are the same layer, with the same weights

    Named by: heads same layer | heads same weights"""
    class Mine(Plain):
        def made(self, H, num_heads, score):
            return [attention(score, H // num_heads)] * num_heads
    return Mine(V, H, num_heads, score)


def wrong_score_ignored(V, H, num_heads, score):
    """all scores are scaled dot products: the argument score has no effect

    Named by: score no effect"""
    return Plain(V, H, num_heads, "scaled dot")


def wrong_not_scaled(V, H, num_heads, score):
    """DotAttention() is not scaled by itself: scaled=True is missing

    Named by: not divided root scaled=True"""
    class Mine(Plain):
        def made(self, H, num_heads, score):
            if score != "scaled dot":
                return super().made(H, num_heads, score)
            return [DotAttention() for _ in range(num_heads)]
    return Mine(V, H, num_heads, score)


def wrong_wide_heads(V, H, num_heads, score):
    """each head has all H channels, and their results are averaged

    Named by: heads wide H / num_heads"""
    class Mine(Plain):
        def made(self, H, num_heads, score):
            return [attention(score, H) for _ in range(num_heads)]

        def look(self, h):
            n, mask = self.norm_1(h), causal_mask(h.shape[1])
            cs = [head(self.q(n), self.k(n), self.v(n), mask)[0] for head in self.heads]
            return self.o(sum(cs) / len(cs))
    return Mine(V, H, num_heads, score)


def wrong_multi_head_layer(V, H, num_heads, score):
    """a MultiHeadAttention stands for the heads: its scores are scaled dot products, whatever score says

    Named by: MultiHeadAttention stands"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, score)
            self.q = self.k = self.v = self.o = None
            self.heads = [MultiHeadAttention(H, num_heads, causal=True)]

        def look(self, h):
            n = self.norm_1(h)
            return self.heads[0](n, n)[0]
    return Mine()


def wrong_no_output_projection(V, H, num_heads, score):
    """W_o is missing in (4)

    Named by: W_o missing (4)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, score)
            self.o = None

        def look(self, h):
            self.o = lambda c: c
            return super().look(h)
    return Mine()


def wrong_values_are_keys(V, H, num_heads, score):
    """the values are the keys: W_v is missing in (2)

    Named by: keys values one (2) | W_v missing (2)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, score)
            self.v = None

        def look(self, h):
            n, mask = self.norm_1(h), causal_mask(h.shape[1])
            q, k = self.q(n), self.k(n)
            parts = [slice(i * self.d, (i + 1) * self.d) for i in range(num_heads)]
            cs = [head(q[:, :, part], k[:, :, part], mask=mask)[0]
                  for head, part in zip(self.heads, parts, strict=True)]
            return self.o(ops.concat(*cs, axis=-1))
    return Mine()


def wrong_no_residual(V, H, num_heads, score):
    """x is not added in (5)

    Named by: straight (5) x added"""
    class Mine(Plain):
        def fed(self, x):
            return self.feed_forward(self.norm_2(x))
    return Mine(V, H, num_heads, score)


def wrong_never_called(V, H, num_heads, score):
    """the heads are made and never called: x is h

    Named by: nothing of the heads | heads never called"""
    class Mine(Plain):
        def __call__(self, ids, state=None):
            h, state = self.stack(ids, state)
            return self.output(self.norm(self.fed(h))), state
    return Mine(V, H, num_heads, score)


def wrong_shared_norm(V, H, num_heads, score):
    """(2) and (5) share one norm

    Named by: norm same three"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, score)
            self.norm_2 = self.norm_1
    return Mine()


def wrong_gru(V, H, num_heads, score):
    """it is a GRU, and (1) is an RNN

    Named by: GRU (1)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, H, num_heads, score)
            self.stack = GRU(V, H)
    return Mine()


def wrong_over_the_rows(V, H, num_heads, score):
    """the heads are handed (T, B, H): rows of the batch look at each other

    Named by: rows steps attention | rows each other"""
    class Mine(Plain):
        def look(self, h):
            return super().look(h.transpose(1, 0, 2)).transpose(1, 0, 2)
    return Mine(V, H, num_heads, score)


class FirstChannels(Plain):
    def look(self, h):
        n = self.norm_1(h)
        q, k, v = (layer(n)[:, :, :self.d] for layer in (self.q, self.k, self.v))
        mask = self.mask(h.shape[1])
        return self.o(ops.concat(*[head(q, k, v, mask)[0] for head in self.heads], axis=-1))


def wrong_all_heads_read_the_first_channels(V, H, num_heads, score):
    """each head i has the channels 0 .. d - 1 and not i d .. i d + d - 1: nothing reads the others

    Named by: heads same channels | silent channels first | heads first channels | silent channels no head"""
    return FirstChannels(V, H, num_heads, score)
