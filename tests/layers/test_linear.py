"""The mistakes that people make with Linear, Embedding and Dropout, and the repair that each message names."""
import pytest

from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.layers import Dropout, Embedding, Linear, Module

np = host.np


class Net(Module):
    def __init__(self):
        self.head = [Linear(5, 2), Embedding(4, 3), Dropout(0.5)]


linear, embedding, dropout = Net().head


def x(*shape, dtype="float32"):
    return tensor(np.zeros(shape, dtype))


MISTAKES = {
    r"^Linear: the last axis of x \(4, 3\) should be D=5: for this x make Linear\(3, 2\)":
        lambda: Linear(5, 2)(x(4, 3)),
    r"^Linear 'head.0': the last axis of x \(7, 5, 6\) .*transposed, x.transpose\(0, 2, 1\)":
        lambda: linear(x(7, 5, 6)),
    r"^Linear 'head.0': the last axis of x \(5, 3\) .*transposed, x.transpose\(1, 0\)": lambda: linear(x(5, 3)),
    r"^Linear 'head.0': .* x.reshape\(3, 5\)": lambda: linear(x(3, 5, 1, 1)),
    r"^Linear 'head.0': the last axis of x \(4, 2\) .* it is K; Linear\(2, 5\)": lambda: linear(x(4, 2)),
    r"^Linear 'head.0': the last axis of x \(\) should be D=5: a single number has no axes": lambda: linear(x()),
    r"^Linear 'head.0': x holds floating-point numbers; got int64 .*Embedding.*one-hot rows of width D=5.*'float32'":
        lambda: linear(x(4, 5, dtype="int64")),
    r"^Embedding 'head.1', V=4: .* go from 0 to 3; got 9": lambda: embedding(np.array([[1, 9, 5]])),
    r"^Embedding 'head.1', V=4: .* go from 0 to 3; got -1": lambda: embedding([0, -1]),
    r"^Embedding 'head.1', V=4: .* whole numbers; got float32 .*astype\('int64'\)": lambda: embedding(x(2, 3)),
    r"^Embedding 'head.1', V=4: .* whole numbers; got float64 .*one-hot rows.*argmax\(axis=-1\)":
        lambda: embedding(np.eye(4)[[0, 2]]),
    r"^Embedding 'head.1', V=4: .* whole numbers; got float64": lambda: embedding([0.5]),
    r"^Dropout 'head.2': the first axis of x is the batch.* single number": lambda: dropout(tensor(1.0)),
    r"^Dropout 'head.2': .*floating-point numbers.* int64": lambda: dropout(x(2, 3, dtype="int64")),
    r"^Dropout: p, .* lies in \[0, 1\); got 50; a percentage is divided by 100": lambda: Dropout(50),
    r"^Dropout: p, .* lies in \[0, 1\); got -0.1$": lambda: Dropout(-0.1),
    r"^Dropout: p, .* lies in \[0, 1\); got 1.0$": lambda: Dropout(1.0),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_explained(message):
    with pytest.raises(ValueError, match=message):
        MISTAKES[message]()


def test_dropout_of_a_single_number_is_refused_in_evaluation_too():
    with pytest.raises(ValueError, match="Dropout: the first axis"):
        Dropout(0.5).eval()(tensor(1.0))
