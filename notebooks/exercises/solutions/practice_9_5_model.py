"""practice-9.5-model: a solution, other right ones, and mistakes."""
from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.layers import GRU, LSTM, Dropout, LayerNorm, Linear, Module, Sequential
from tinyseq.models.attention_cnn import AttentionCNN


def practice_9_5_model(p):
    class Mine(AttentionCNN):
        def __init__(self):
            self.rnn, self.norm, self.dropout = GRU(28, 64), LayerNorm(64), Dropout(p)              # (1) (2) (3)
            self.output = Linear(64, 10)                                                            # (4)

        def __call__(self, batch):
            x = tensor(batch.images[:, 0], dtype=self.output.W.dtype)
            hs, _ = self.rnn(x)                                                                     # (1)
            n = self.norm(hs.mean(axis=1))                                                          # (2)
            return self.output(self.dropout(n))                                                     # (3) (4)
    return Mine()


# Right --------------------------------------------------------------------------------------------------------

class Parts(AttentionCNN):
    """The parts, for those that differ in one place."""
    width = 64

    def __init__(self, p):
        self.p, self.rnn, self.norm, self.drop = p, GRU(28, 64), LayerNorm(self.width), Dropout(p)
        self.output = Linear(self.width, 10)

    def rows(self, batch):
        return tensor(batch.images.reshape(-1, 28, 28), dtype=self.output.W.dtype)

    def pooled(self, batch):
        return self.rnn(self.rows(batch))[0].mean(axis=1)

    def dropped(self, n):
        return self.drop(n)

    def __call__(self, batch):
        return self.output(self.dropped(self.norm(self.pooled(batch))))


def right_by_parts(p):
    return Parts(p)


def right_mask_by_hand(p):
    """Dropout as an operation, called in training alone."""
    class Mine(Parts):
        def dropped(self, n):
            return ops.dropout(n, p) if self.training else n
    return Mine(p)


def right_of_ones(p):
    """The mask is what dropout makes of ones."""
    class Mine(Parts):
        def dropped(self, n):
            if not self.training:
                return n
            mask = ops.dropout(tensor(n.data * 0 + 1), p)
            return n * mask
    return Mine(p)


def right_in_sequence(p):
    """The part behind the recurrence as one Sequential."""
    class Mine(AttentionCNN):
        def __init__(self):
            self.rnn = GRU(28, 64)
            self.head_part = Sequential(LayerNorm(64), Dropout(p), Linear(64, 10))

        def __call__(self, batch):
            B = len(batch.images)
            hs, _ = self.rnn(tensor(batch.images.reshape(B, 28, 28), dtype="float64"))
            return self.head_part(hs.sum(axis=1) / 28)
    return Mine()


def right_step_by_step(p):
    """The rows one after another, from parts of the image, and a sum that grows."""
    class Drop(Module):
        def __call__(self, x):
            return ops.dropout(x, p) if self.training else x

    class Mine(Parts):
        def __init__(self, p):
            super().__init__(p)
            self.drop = Drop()

        def pooled(self, batch):
            x, state, total = self.rows(batch), None, None
            for t in range(28):
                hs, state = self.rnn(x[:, t:t + 1], state)
                total = hs[:, 0] if total is None else total + hs[:, 0]
            return total * (1 / 28)
    return Mine(p)


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_in_evaluation(p):
    """dropout is on in evaluation as well: ops.dropout does not know whether the model is in training

    Named by: dropout on evaluation"""
    class Mine(Parts):
        def dropped(self, n):
            return ops.dropout(n, self.p)
    return Mine(p)


def wrong_never(p):
    """the dropout is made and never called: there is none in training

    Named by: no dropout training | dropout never called"""
    class Mine(Parts):
        def dropped(self, n):
            return n
    return Mine(p)


def wrong_turned_round(p):
    """dropout is on in evaluation, and off in training

    Named by: dropout on evaluation off training"""
    class Mine(Parts):
        def dropped(self, n):
            return n if self.training else ops.dropout(n, self.p)
    return Mine(p)


def wrong_not_rescaled(p):
    """what is kept is not divided by 1 - p in (3), so y is smaller in training than in evaluation

    Named by: kept not divided 1 - p (3)"""
    class Mine(Parts):
        def dropped(self, n):
            return ops.dropout(n, self.p) * (1 - self.p) if self.training else n
    return Mine(p)


def wrong_rescaled_in_evaluation(p):
    """the factor 1 - p stands in evaluation (as in the first papers) beside the division in training, and one of both
    is enough: in (3) the division by 1 - p

    Named by: evaluation 1 - p one of both | scale twice"""
    class Mine(Parts):
        def dropped(self, n):
            return ops.dropout(n, self.p) if self.training else n * (1 - self.p)
    return Mine(p)


def wrong_kept_for_dropped(p):
    """p is taken for the probability of being kept: 1 - p of the entries are dropped, and in (3) p are

    Named by: kept with probability p dropped"""
    class Mine(Parts):
        def dropped(self, n):
            return ops.dropout(n, 1 - self.p) if self.training else n
    return Mine(p)


def wrong_lstm(p):
    """it is an LSTM, and (1) is a GRU

    Named by: LSTM GRU weights"""
    class Mine(Parts):
        def __init__(self, p):
            super().__init__(p)
            self.rnn = LSTM(28, 64)
    return Mine(p)


def wrong_whole_image_in_one_step(p):
    """the whole image goes in as one step of 784 numbers, from a zero state: W_hh has no part in y

    Named by: whole image one step"""
    class Mine(Parts):
        def __init__(self, p):
            super().__init__(p)
            self.rnn = GRU(784, 64)

        def rows(self, batch):
            return super().rows(batch).reshape(-1, 1, 784)
    return Mine(p)


def wrong_mean_over_images(p):
    """the mean of (2) goes over axis 0, the images, and should go over the rows, axis 1

    Named by: mean images rows (2) | shape 28 images"""
    class Mine(Parts):
        def pooled(self, batch):
            return self.rnn(self.rows(batch))[0].mean(axis=0)

        def loss(self, batch):
            return ops.cross_entropy(self(batch)[:len(batch.labels)], batch.labels, reduction="sum"), len(batch.labels)
    return Mine(p)


def wrong_score_at_every_row(p):
    """the mean over the rows is missing in (2): there is a score at every row

    Named by: score every row mean missing | shape (3, 28, 10)"""
    class Mine(Parts):
        def pooled(self, batch):
            return self.rnn(self.rows(batch))[0]
    return Mine(p)


def wrong_norm_missing(p):
    """the layer normalisation of (2) was made and never called: its gain and bias have no part in the loss

    Named by: layer normalisation never called silent | layer normalisation missing (2)"""
    class Mine(Parts):
        def __call__(self, batch):
            return self.output(self.dropped(self.pooled(batch)))
    return Mine(p)


def wrong_first_state(p):
    """n is made of the state after the first row, which has read nothing else

    Named by: first row alone"""
    class Mine(Parts):
        def pooled(self, batch):
            return self.rnn(self.rows(batch))[0][:, 0]
    return Mine(p)


def wrong_both_directions(p):
    """it reads in both directions, and (1) in one

    Named by: both directions"""
    class Mine(Parts):
        width = 128

        def __init__(self, p):
            super().__init__(p)
            self.rnn = GRU(28, 64, bidirectional=True)
    return Mine(p)


def states(model, batch):
    """(1), from the images of a batch."""
    return model.rnn(tensor(batch.images[:, 0], dtype=model.output.W.dtype))[0]


def wrong_states_dropped(p):
    """the dropout of (3) is applied to the states h_t before their mean, and n goes to (4) as it is

    Named by: dropped before mean | dropped states h | dropout h_t instead | dropout before norm"""
    class Mine(type(practice_9_5_model(p))):
        def __call__(self, batch):
            return self.output(self.norm(self.dropout(states(self, batch)).mean(axis=1)))
    return Mine()
