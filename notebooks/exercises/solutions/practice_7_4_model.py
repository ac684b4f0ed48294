"""practice-7.4-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.backend import to_host, uniform, xp
from tinyseq.layers import GRU, LSTM, Dropout, Embedding, Linear, Parameter
from tinyseq.models.text_classifier import Config, TextClassifier


def mask(batch):
    """(B, T, 1), whether a place is a step of its text."""
    return (xp.arange(batch.inputs.shape[1]) < xp.asarray(batch.lengths)[:, None])[:, :, None]


def pooled(hs, batch):
    """(3)"""
    largest = ops.where(mask(batch), hs, -1.0).max(axis=1)
    mean = ops.where(mask(batch), hs, 0.0).sum(axis=1) / xp.asarray(batch.lengths)[:, None].astype(hs.dtype)
    return ops.concat(largest, mean, axis=-1)


class Plain(TextClassifier):
    """The parts, for those that differ in one line."""

    def __init__(self, V, D, H, K, num_layers, bidirectional, dropout):
        self.embedding, self.drop_x, self.drop_p = Embedding(V, D), Dropout(dropout), Dropout(dropout)
        self.stack = LSTM(D, H, num_layers, bidirectional=bidirectional)
        self.output = Linear(2 * (1 + bidirectional) * H, K)

    def read(self, batch):
        return self.stack(self.drop_x(self.embedding(batch.inputs)), lengths=batch.lengths)[0]

    def __call__(self, batch):
        return self.output(self.drop_p(pooled(self.read(batch), batch)))


def practice_7_4_model(V, D, H, K, num_layers, bidirectional, dropout):
    class Mine(TextClassifier):
        def __init__(self):
            directions = 2 if bidirectional else 1
            self.embedding, self.dropout_x = Embedding(V, D), Dropout(dropout)              # (1)
            self.stack = LSTM(D, H, num_layers, bidirectional=bidirectional)                # (2)
            self.dropout_p, self.output = Dropout(dropout), Linear(2 * directions * H, K)   # (4)

        def __call__(self, batch):
            x = self.dropout_x(self.embedding(batch.inputs))                                # (1)
            hs, _ = self.stack(x, lengths=batch.lengths)                                    # (2)
            lengths = xp.asarray(batch.lengths)[:, None]
            is_step = (xp.arange(hs.shape[1]) < lengths)[:, :, None]
            largest = ops.where(is_step, hs, -1.0).max(axis=1)                              # (3)
            mean = hs.sum(axis=1) / lengths.astype(hs.dtype)                                # (3)
            return self.output(self.dropout_p(ops.concat(largest, mean, axis=-1)))          # (4)
    return Mine()


# Right --------------------------------------------------------------------------------------------------------

def right_the_library_s_own(V, D, H, K, num_layers, bidirectional, dropout):
    """The library's own, without its dropout between layers."""
    model = TextClassifier(Config(V, 0, K, D, H, num_layers, "lstm", bidirectional, "max_mean", dropout))
    model.stack.dropout.p = 0.0
    return model


def right_two_stacks(V, D, H, K, num_layers, bidirectional, dropout):
    """A layer after the other, each made by itself."""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, D, H, K, 1, bidirectional, dropout)
            self.above = [LSTM((1 + bidirectional) * H, H, bidirectional=bidirectional) for _ in range(num_layers - 1)]

        def read(self, batch):
            hs = super().read(batch)
            for layer in self.above:
                hs, _ = layer(hs, lengths=batch.lengths)
            return hs
    return Mine()


def right_row_by_row(V, D, H, K, num_layers, bidirectional, dropout):
    """Each text by itself, without any padding; dropout of all of them."""
    class Mine(Plain):
        def __call__(self, batch):
            rows = []
            for ids, n in zip(batch.inputs, to_host(batch.lengths).tolist(), strict=True):
                hs, _ = self.stack(self.drop_x(self.embedding(ids[None, :n])))
                rows.append(ops.concat(hs.max(axis=1), hs.mean(axis=1), axis=-1))
            return self.output(self.drop_p(ops.concat(*rows, axis=0)))
    return Mine(V, D, H, K, num_layers, bidirectional, dropout)


def right_parameters_of_its_own(V, D, H, K, num_layers, bidirectional, dropout):
    """E, W and b as parameters; a loss written out."""
    class Mine(TextClassifier):
        def __init__(self):
            C = 2 * H if bidirectional else H
            self.E, self.W = Parameter(uniform((V, D), 0.1)), Parameter(uniform((2 * C, K), 0.3))
            self.b, self.drop = Parameter(xp.zeros(K, "float32")), Dropout(dropout)
            self.cells = LSTM(D, H, num_layers, bidirectional, method="by_tape")

        def __call__(self, batch):
            hs, _ = self.cells(self.drop(ops.gather(self.E, batch.inputs)), None, batch.lengths)
            return self.drop(pooled(hs, batch)) @ self.W + self.b

        def loss(self, batch):
            ln_p = ops.log_softmax(self(batch))
            return -ln_p[xp.arange(len(batch.labels)), xp.asarray(batch.labels)].sum(), len(batch.inputs)
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_no_lengths(V, D, H, K, num_layers, bidirectional, dropout):
    """(2) does not get the lengths: the backward direction reads the padding first

    Named by: backward direction padding lengths"""
    class Mine(Plain):
        def read(self, batch):
            return self.stack(self.drop_x(self.embedding(batch.inputs)))[0]
    return Mine(V, D, H, K, num_layers, bidirectional, dropout)


def wrong_mean_over_all_steps(V, D, H, K, num_layers, bidirectional, dropout):
    """the mean of (3) is over all T steps, padding as zeros among them

    Named by: padding (3) zeros | mean padding"""
    class Mine(Plain):
        def __call__(self, batch):
            hs = self.read(batch)
            largest = ops.where(mask(batch), hs, -1.0).max(axis=1)
            return self.output(self.drop_p(ops.concat(largest, hs.mean(axis=1), axis=-1)))
    return Mine(V, D, H, K, num_layers, bidirectional, dropout)


def wrong_zeros_in_the_maximum(V, D, H, K, num_layers, bidirectional, dropout):
    """the maximum of (3) reads the zeros of the padding

    Named by: padding (3) zeros | maximum padding"""
    class Mine(Plain):
        def __call__(self, batch):
            hs = self.read(batch)
            mean = hs.sum(axis=1) / xp.asarray(batch.lengths)[:, None].astype(hs.dtype)
            return self.output(self.drop_p(ops.concat(hs.max(axis=1), mean, axis=-1)))
    return Mine(V, D, H, K, num_layers, bidirectional, dropout)


def wrong_padding_is_text(V, D, H, K, num_layers, bidirectional, dropout):
    """the lengths are used nowhere: padding is read as if it were text

    Named by: padding is read | padding text lengths nowhere"""
    class Mine(Plain):
        def __call__(self, batch):
            hs, _ = self.stack(self.drop_x(self.embedding(batch.inputs)))
            return self.output(self.drop_p(ops.concat(hs.max(axis=1), hs.mean(axis=1), axis=-1)))
    return Mine(V, D, H, K, num_layers, bidirectional, dropout)


def wrong_no_dropout(V, D, H, K, num_layers, bidirectional, dropout):
    """there is no dropout at all

    Named by: no dropout"""
    return Plain(V, D, H, K, num_layers, bidirectional, 0.0)


def wrong_dropout_always(V, D, H, K, num_layers, bidirectional, dropout):
    """dropout stays on in evaluation

    Named by: dropout on in evaluation"""
    class Mine(Plain):
        def __call__(self, batch):
            self.drop_p.train()
            return super().__call__(batch)
    return Mine(V, D, H, K, num_layers, bidirectional, dropout)


def wrong_always_both(V, D, H, K, num_layers, bidirectional, dropout):
    """it reads in both directions whatever `bidirectional` says

    Named by: both directions whatever bidirectional"""
    return Plain(V, D, H, K, num_layers, True, dropout)


def wrong_never_both(V, D, H, K, num_layers, bidirectional, dropout):
    """it reads in one direction whatever `bidirectional` says

    Named by: one direction whatever bidirectional"""
    return Plain(V, D, H, K, num_layers, False, dropout)


def wrong_one_layer(V, D, H, K, num_layers, bidirectional, dropout):
    """num_layers is not used: there is one layer

    Named by: one layer whatever num_layers"""
    return Plain(V, D, H, K, 1, bidirectional, dropout)


def wrong_mean_alone(V, D, H, K, num_layers, bidirectional, dropout):
    """p is the mean alone, without the maximum

    Named by: one vector maximum missing"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, D, H, K, num_layers, bidirectional, dropout)
            self.output = Linear((1 + bidirectional) * H, K)

        def __call__(self, batch):
            hs = self.read(batch)
            mean = hs.sum(axis=1) / xp.asarray(batch.lengths)[:, None].astype(hs.dtype)
            return self.output(self.drop_p(mean))
    return Mine()


def wrong_score_at_every_step(V, D, H, K, num_layers, bidirectional, dropout):
    """there are scores at every step, as of a tagger, and a text has one label

    Named by: scores at every step"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, D, H, K, num_layers, bidirectional, dropout)
            self.output = Linear((1 + bidirectional) * H, K)

        def __call__(self, batch):
            return self.output(self.drop_p(self.read(batch)))
    return Mine()


def wrong_gru(V, D, H, K, num_layers, bidirectional, dropout):
    """it is a GRU, and (2) is an LSTM

    Named by: GRU LSTM (2)"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, D, H, K, num_layers, bidirectional, dropout)
            self.stack = GRU(D, H, num_layers, bidirectional=bidirectional)
    return Mine()


def wrong_mean_loss(V, D, H, K, num_layers, bidirectional, dropout):
    """the loss is the mean over the texts, and (5) is a sum

    Named by: loss mean sum"""
    class Mine(Plain):
        def loss(self, batch):
            return ops.cross_entropy(self(batch), batch.labels), len(batch.labels)
    return Mine(V, D, H, K, num_layers, bidirectional, dropout)


def wrong_unused_output(V, D, H, K, num_layers, bidirectional, dropout):
    """a layer was made and is never called: its parameters have no part in the loss

    Named by: layer never called | silent parameters no part"""
    class Mine(Plain):
        def __init__(self):
            super().__init__(V, D, H, K, num_layers, bidirectional, dropout)
            self.hidden = Linear(H, H)
    return Mine()
