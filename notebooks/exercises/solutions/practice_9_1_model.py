"""practice-9.1-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.autograd import no_grad, tensor
from tinyseq.backend import uniform, xp
from tinyseq.layers import Conv2d, Dropout, Linear, MaxPool2d, Module, MultiHeadAttention, Parameter, Sequential
from tinyseq.layers.images import PlaceAttention
from tinyseq.models.attention_cnn import AttentionCNN, Config


def practice_9_1_model(after, num_heads):
    class Mine(AttentionCNN):
        def __init__(self):
            self.conv1, self.conv2, self.pool = Conv2d(1, 8, 5), Conv2d(8, 16, 5), MaxPool2d(2)     # (1) (3)
            C = 8 if after == 1 else 16                                                             # (2) (4)
            self.attention = PlaceAttention(C, num_heads) if num_heads else None                    # (2) (4)
            self.hidden, self.dropout, self.output = Linear(16 * 4 * 4, 32), Dropout(0.3), Linear(32, 10)

        def first(self, batch):
            images = tensor(batch.images, dtype=self.output.W.dtype)
            return self.pool(ops.relu(self.conv1(images)))                                          # (1)

        def second(self, x):
            return self.pool(ops.relu(self.conv2(x)))                                               # (3)

        def __call__(self, batch):
            x = self.first(batch)                                                                   # (1)
            if num_heads and after == 1:
                x = self.attention(x)                                                               # (2)
            x = self.second(x)                                                                      # (3)
            if num_heads and after == 2:
                x = self.attention(x)                                                               # (4)
            u = self.dropout(ops.relu(self.hidden(x.reshape(len(x), -1))))                          # (5)
            return self.output(u)                                                                   # (6)

        def attention_weights(self, batch):
            with no_grad():
                x = self.first(batch)
                return self.attention.weights(x if after == 1 else self.second(x))
    return Mine()


# Right --------------------------------------------------------------------------------------------------------

def right_the_library_s_own(after, num_heads):
    return AttentionCNN(Config(C1=8, C2=16, H=32, attention=after if num_heads else 0, num_heads=num_heads or 1,
                               dropout=0.3))


class Parts(AttentionCNN):
    """The parts, for those that differ in one place."""

    def __init__(self, after, num_heads):
        self.after, self.num_heads = after, num_heads
        self.conv1, self.conv2, self.pool = Conv2d(1, 8, 5), Conv2d(8, 16, 5), MaxPool2d(2)
        self.hidden, self.dropout, self.output = Linear(16 * 4 * 4, 32), Dropout(0.3), Linear(32, 10)
        self.attention = self.made((8, 16)[after - 1]) if num_heads else None

    def made(self, C):
        return PlaceAttention(C, self.num_heads)

    def maps(self, batch):
        """The map that the attention sees."""
        x = self.pool(ops.relu(self.conv1(tensor(batch.images, dtype=self.output.W.dtype))))
        return x if self.after == 1 else self.pool(ops.relu(self.conv2(x)))

    def attend(self, x):
        return self.attention(x) if self.num_heads else x

    def __call__(self, batch):
        x = self.attend(self.maps(batch))
        if self.after == 1:
            x = self.pool(ops.relu(self.conv2(x)))
        return self.scores(x)

    def scores(self, x):
        return self.output(self.dropout(ops.relu(self.hidden(x.reshape(len(x.data), -1)))))

    def attention_weights(self, batch):
        with no_grad():
            return self.attention.weights(self.maps(batch))


def right_the_attention_between_two_halves(after, num_heads):
    return Parts(after, num_heads)


def right_heads_written_out(after, num_heads):
    """The attention from a MultiHeadAttention layer, with the places brought into a sequence and back."""
    class Mine(Parts):
        def made(self, C):
            return MultiHeadAttention(C, num_heads)

        def sequence(self, x):
            return x.reshape(x.shape[0], x.shape[1], -1).transpose(0, 2, 1)

        def attend(self, x):
            return x + self.attention(self.sequence(x))[0].transpose(0, 2, 1).reshape(*x.shape) if num_heads else x

        def attention_weights(self, batch):
            with no_grad():
                return self.attention(self.sequence(self.maps(batch)))[1]
    return Mine(after, num_heads)


def right_own_attention(after, num_heads):
    """One matrix for queries, keys and values, and the softmax written out."""
    class Attend(Module):
        def __init__(self, C):
            limit = C ** -0.5
            self.W, self.W_o = Parameter(uniform((C, 3 * C), limit)), Parameter(uniform((C, C), limit))
            self.b, self.b_o = Parameter(uniform((3 * C,), limit)), Parameter(uniform((C,), limit))

        def looked(self, x):
            B, C, h, w = x.shape
            s = x.transpose(0, 2, 3, 1).reshape(B, h * w, C)
            qkv = (s @ self.W + self.b).reshape(B, h * w, 3, num_heads, C // num_heads).transpose(2, 0, 3, 1, 4)
            q, k, v = qkv[0], qkv[1], qkv[2]
            alpha = ops.softmax(q @ k.transpose(0, 1, 3, 2) * (C // num_heads) ** -0.5)
            return alpha, (alpha @ v).transpose(0, 2, 1, 3).reshape(B, h * w, C) @ self.W_o + self.b_o

        def __call__(self, x):
            B, C, h, w = x.shape
            return x + self.looked(x)[1].transpose(0, 2, 1).reshape(B, C, h, w)

        def weights(self, x):
            return self.looked(x)[0]

    class Mine(Parts):
        def made(self, C):
            return Attend(C)
    return Mine(after, num_heads)


def right_in_sequence(after, num_heads):
    """One Sequential for the whole way."""
    class ReLU(Module):
        def __call__(self, x):
            return ops.relu(x)

    class Flat(Module):
        def __call__(self, x):
            return x.reshape(x.shape[0], -1)

    class Mine(AttentionCNN):
        def __init__(self):
            blocks = [[Conv2d(1, 8, 5), ReLU(), MaxPool2d(2)], [Conv2d(8, 16, 5), ReLU(), MaxPool2d(2)]]
            attention = [PlaceAttention(8 * after, num_heads)] if num_heads else []
            self.before = Sequential(*blocks[0], *(blocks[1] if after == 2 else []))
            self.attention = attention
            self.behind = Sequential(*(blocks[1] if after == 1 else []), Flat(), Linear(256, 32), ReLU(), Dropout(0.3),
                                     Linear(32, 10))

        def __call__(self, batch):
            x = self.before(tensor(xp.asarray(batch.images), dtype="float64"))
            for attention in self.attention:
                x = attention(x)
            return self.behind(x)

        def attention_weights(self, batch):
            return self.attention[0].weights(self.before(tensor(xp.asarray(batch.images), dtype="float64")))
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_position(after, num_heads):
    """the attention stands after the other convolution: after is taken for the number of the one behind it

    Named by: attention other convolution | weights attention after"""
    return Parts(3 - after, num_heads)


def wrong_always_attention(after, num_heads):
    """num_heads = 0 makes an attention of one head as well, and should make none

    Named by: num_heads = 0 no attention"""
    return Parts(after, num_heads or 1)


def wrong_one_head(after, num_heads):
    """the number of heads is never handed on: there is one head

    Named by: one head"""
    return Parts(after, min(num_heads, 1))


def wrong_sequence_of_one(after, num_heads):
    """the whole map is flattened into a sequence of length one: the softmax is 1, and queries and keys learn nothing

    Named by: one step flattened | sequence queries keys learn nothing"""
    class Mine(Parts):
        def made(self, C):
            return MultiHeadAttention(C * (144 if after == 1 else 16), num_heads)

        def attend(self, x):
            row = x.reshape(x.shape[0], 1, -1)
            return (row + self.attention(row)[0]).reshape(*x.shape) if num_heads else x

        def attention_weights(self, batch):
            x = self.maps(batch)
            return self.attention(x.reshape(x.shape[0], 1, -1))[1]
    return Mine(after, num_heads)


def wrong_channels_attend(after, num_heads):
    """the channels are the steps of the sequence, and in (2) the places are: the map goes in as (B, C, h w)

    Named by: channels attend each other places | alpha channels steps"""
    class Mine(Parts):
        def made(self, C):
            return MultiHeadAttention(144 if after == 1 else 16, num_heads)

        def attend(self, x):
            row = x.reshape(x.shape[0], x.shape[1], -1)
            return (row + self.attention(row)[0]).reshape(*x.shape) if num_heads else x

        def attention_weights(self, batch):
            x = self.maps(batch)
            return self.attention(x.reshape(x.shape[0], x.shape[1], -1))[1]
    return Mine(after, num_heads)


def wrong_images_attend(after, num_heads):
    """the first axis of the sequence is the places: each place attends to the same place of the other images

    Named by: images batch attend each other | rows images other"""
    class Mine(Parts):
        def made(self, C):
            return MultiHeadAttention(C, num_heads)

        def sequence(self, x):
            return x.reshape(x.shape[0], x.shape[1], -1).transpose(2, 0, 1)

        def attend(self, x):
            if not num_heads:
                return x
            return x + self.attention(self.sequence(x))[0].transpose(1, 2, 0).reshape(*x.shape)

        def attention_weights(self, batch):
            return self.attention(self.sequence(self.maps(batch)))[1]
    return Mine(after, num_heads)


def wrong_residual_missing(after, num_heads):
    """x is missing in (2) and (4): what the attention returns takes the map's place

    Named by: residual missing | map not come through"""
    class Mine(Parts):
        def attend(self, x):
            return self.attention(x) - x if num_heads else x
    return Mine(after, num_heads)


def wrong_thrown_away(after, num_heads):
    """the attention is called and what it returns thrown away: its matrices have no part in the loss

    Named by: thrown away silent | attention never called"""
    class Mine(Parts):
        def attend(self, x):
            if num_heads:
                self.attention(x)
            return x
    return Mine(after, num_heads)


def wrong_dropout_in_evaluation(after, num_heads):
    """dropout is on in evaluation as well: ops.dropout does not know whether the model is in training

    Named by: dropout evaluation"""
    class Mine(Parts):
        def scores(self, x):
            return self.output(ops.dropout(ops.relu(self.hidden(x.reshape(x.shape[0], -1))), 0.3))
    return Mine(after, num_heads)


def wrong_without_dropout(after, num_heads):
    """the dropout of (5) is missing

    Named by: no dropout training (5) | dropout missing (5)"""
    class Mine(Parts):
        def scores(self, x):
            return self.output(ops.relu(self.hidden(x.reshape(x.shape[0], -1))))
    return Mine(after, num_heads)


def wrong_softmax_twice(after, num_heads):
    """y has been through a softmax: the loss takes one itself, so the probabilities can never be far apart

    Named by: y softmax loss once more | softmax twice"""
    class Mine(Parts):
        def scores(self, x):
            return ops.softmax(super().scores(x))
    return Mine(after, num_heads)


def wrong_both_places(after, num_heads):
    """there is attention after both convolutions, and there should be one, after convolution `after`

    Named by: attention both convolutions"""
    class Mine(Parts):
        def __init__(self, after, num_heads):
            super().__init__(after, num_heads)
            self.other = PlaceAttention(24 - 8 * after, num_heads) if num_heads else None

        def __call__(self, batch):
            x = self.pool(ops.relu(self.conv1(tensor(batch.images, dtype=self.output.W.dtype))))
            both = {1: self.attention, 2: self.other} if after == 1 else {1: self.other, 2: self.attention}
            x = both[1](x) if num_heads else x
            x = self.pool(ops.relu(self.conv2(x)))
            return self.scores(both[2](x) if num_heads else x)
    return Mine(after, num_heads)


def wrong_scores_of_places(after, num_heads):
    """each place is classified for itself: the map was never put into one row, so y has an axis too many

    Named by: shape axis | shape (3, 16, 10) | each place"""
    class Mine(Parts):
        def __init__(self, after, num_heads):
            super().__init__(after, num_heads)
            self.hidden = Linear(16, 32)

        def scores(self, x):
            rows = x.transpose(0, 2, 3, 1).reshape(x.shape[0], 16, 16)
            return self.output(self.dropout(ops.relu(self.hidden(rows))))
    return Mine(after, num_heads)
