"""Mistakes that the diagnosis of practice-9.1-model has never seen."""
from solutions.practice_9_1_model import practice_9_1_model

from tinyseq import ops
from tinyseq.autograd import no_grad, tensor
from tinyseq.layers.images import PlaceAttention


def wrong_before_pooling(after, num_heads):
    """The attention of (2) or (4) stands before the pooling, over 576 or 64 places, and not behind it.

    Named by: attention before pooling | alpha places pool | alpha 24 | alpha 576
    """
    class Mine(type(practice_9_1_model(after, num_heads))):
        def maps(self, batch):
            x = ops.relu(self.conv1(tensor(batch.images, dtype=self.output.W.dtype)))
            yield x
            x = self.pool(self.attention(x) if num_heads and after == 1 else x)
            x = ops.relu(self.conv2(x))
            yield x
            yield self.pool(self.attention(x) if num_heads and after == 2 else x)

        def __call__(self, batch):
            *_, x = self.maps(batch)
            return self.output(self.dropout(ops.relu(self.hidden(x.reshape(len(x), -1)))))

        def attention_weights(self, batch):
            with no_grad():
                return self.attention.weights(list(self.maps(batch))[after - 1])
    return Mine()


def wrong_one_head(after, num_heads):
    """The PlaceAttention of (2) or (4) is made with one head, whatever num_heads says.

    Named by: alpha one head | num_heads not used | alpha heads 1 | heads num_heads
    """
    class Mine(type(practice_9_1_model(after, num_heads))):
        def __init__(self):
            super().__init__()
            if num_heads:
                self.attention = PlaceAttention(8 if after == 1 else 16, 1)
    return Mine()


def wrong_probabilities(after, num_heads):
    """y of (6) goes through a softmax, which the loss takes once more: probabilities, no scores.

    Named by: scores softmax twice | y probabilities scores | softmax y already | scores add up 1
    """
    class Mine(type(practice_9_1_model(after, num_heads))):
        def __call__(self, batch):
            return ops.softmax(super().__call__(batch))
    return Mine()
