"""The first NaN or infinity is named: the op, what it was given, the line."""
import threading

import pytest

import tinyseq as ts
from tinyseq import detect_anomaly, layers, ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device

np = host.np
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")      # NumPy says a little about it, too


def leaf(*values):
    return tensor(np.array(values), requires_grad=True)


def message_of(f):
    with pytest.raises(FloatingPointError) as caught, detect_anomaly():
        f()
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_forward_names_the_op_its_inputs_and_the_line():
    x = leaf(1.0, -2.0, 3.0)
    text = message_of(lambda: ops.log(x * 2).sum())
    assert text.startswith("log made NaN in 1 of 3 entries, called at test_anomaly.py:")
    assert "text = message_of(lambda: ops.log(x * 2).sum())" in text
    assert text.endswith("its inputs: 0: float64 (3,) from -4 to 6")


def test_the_first_one_is_named_not_what_follows_from_it():
    x = leaf(0.0, 1.0)
    assert message_of(lambda: (1 / x - 1 / x).sum()).startswith("div made an infinity in 1 of 2 entries")


def test_a_nan_that_came_with_the_data_is_seen_among_the_inputs():
    x = tensor(np.array([1.0, np.nan]))
    assert "its inputs: 0: float64 (2,) with NaN in 1 entries, 1: 2.0" in message_of(lambda: x * 2.0)


def test_backward_names_the_forward_line():
    x = leaf(0.0, 4.0)

    def steps():
        y = ops.sqrt(x)
        ts.gradients(y.sum(), [x])
    text = message_of(steps)
    assert text.startswith("the backward of sqrt made an infinity in 1 of 2 entries, called forward at test_anomaly")
    assert ": y = ops.sqrt(x); the gradients it was given: 0: float64 (2,) from 1 to 1" in text


def test_inside_a_layer_both_lines_are_named():
    ts.manual_seed(0)
    layer = layers.Linear(2, 3).astype("float64")
    layer.W.data = layer.W.data * np.inf
    text = message_of(lambda: layer(leaf(1.0, 2.0)))
    assert text.startswith("linear made")
    assert "tinyseq/layers/linear.py:" in text and "linear(x, self.W, self.b)" in text
    assert "called from test_anomaly.py:" in text


def test_an_infinity_that_was_given_may_stay():
    scores = tensor(np.array([1.0, -np.inf, 2.0]), requires_grad=True)
    with detect_anomaly():
        ops.softmax(scores).sum()
        assert ops.maximum(leaf(1.0, 2.0), -np.inf).numpy().tolist() == [1, 2]
    assert "made NaN" in message_of(lambda: scores - scores)


def test_it_ends_where_it_ends_and_leaves_no_trace():
    x = leaf(-1.0)
    with detect_anomaly():
        with detect_anomaly():
            pass
        with pytest.raises(FloatingPointError):
            ops.log(x)
    assert np.isnan(ops.log(x).numpy()).all()
    y = x * 2
    assert y.node.origin is None

    @detect_anomaly()
    def value():
        return ops.log(x)
    with pytest.raises(FloatingPointError):
        value()


def test_it_holds_in_other_threads():
    caught = []

    def work():
        try:
            ops.log(leaf(-1.0))
        except FloatingPointError as error:
            caught.append(error)
    with detect_anomaly():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_typing_errors_at_the_front_door():
    with pytest.raises(AttributeError, match="tinyseq has no attribute 'gradchek'; did you mean 'gradcheck'"):
        ts.gradchek


def test_infinities_that_are_meant():
    mask = to_device(np.array([True, False]))
    with detect_anomaly():
        y = ops.log_softmax(leaf(1.0, 2.0), mask=mask)
        ops.where(mask, y, 0.0).sum().backward()
        assert ops.logsumexp(leaf(), axis=0).item() == -np.inf
        assert ops.pad(leaf(1.0), ((1, 0),), value=-np.inf).shape == (2,)
    assert "mul made NaN" in message_of(lambda: ops.log_softmax(leaf(1.0, 2.0), mask=mask) * 0)


def test_a_backward_alone_is_watched_too():
    x = leaf(0.0, 1.0)
    y = ops.sqrt(x).sum()
    text = message_of(y.backward)
    assert "the backward of sqrt made an infinity in 1 of 2 entries" in text and "outside detect_anomaly" in text
