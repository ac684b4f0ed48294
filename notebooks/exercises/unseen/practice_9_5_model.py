"""Mistakes that the diagnosis of practice-9.5-model has never seen."""
from tinyseq.autograd import tensor
from tinyseq.layers import GRU, Dropout, LayerNorm, Linear
from tinyseq.models.attention_cnn import AttentionCNN


def reader(kept, read):
    """The model, whose dropout layer is made with `kept`; read(model, mean of the states) is what (4) reads."""
    class Mine(AttentionCNN):
        def __init__(self):
            self.rnn, self.norm, self.dropout = GRU(28, 64), LayerNorm(64), Dropout(kept)
            self.output = Linear(64, 10)

        def __call__(self, batch):
            hs, _ = self.rnn(tensor(batch.images[:, 0], dtype=self.output.W.dtype))
            return self.output(read(self, hs.mean(axis=1)))
    return Mine()


def wrong_probability_of_keeping(p):
    """The Dropout of (3) is made with 1 - p, the probability that an entry is kept.

    Named by: dropped 1 - p | dropped kept instead | p kept probability | Dropout(1 - p)
    """
    return reader(1 - p, lambda model, mean: model.dropout(model.norm(mean)))


def wrong_dropout_before_norm(p):
    """Dropout stands before the layer norm of (2), so that what is dropped comes out of the norm as another number.

    Named by: dropped before norm | dropout before norm | norm after dropout | norm behind dropout
    """
    return reader(p, lambda model, mean: model.norm(model.dropout(mean)))


def wrong_rescaled_twice(p):
    """In training u of (3) is divided by 1 - p once more, by hand, though layers.Dropout has done so already.

    Named by: scale twice | scale too large | 1 - p twice | scale divided again | rescaled already
    """
    def read(model, mean):
        u = model.dropout(model.norm(mean))
        return u / (1 - p) if model.training else u
    return reader(p, read)
