"""Where f has no derivative, the checker says so, and goes on with the rest."""
import pytest

from tinyseq import ops
from tinyseq.autograd import op, tensor
from tinyseq.backend import host, xp
from tinyseq.checks import GradientError, gradcheck

np = host.np


def at(*values):
    return tensor(np.array(values, dtype=float), requires_grad=True)


@pytest.mark.parametrize("f, x, places", [
    (ops.relu, at(0, 1), [(0,)]), (ops.relu, at(1, 1e-13, 2), [(1,)]), (ops.relu, at(0.004, -0.004, 1), []),
    (lambda x: x.max(), at(1, 1, 0), [(0,), (1,)]), (lambda x: ops.relu(x) * 2 + x, at(3, 0, 0, -1), [(1,), (2,)]),
    (lambda x: ops.where(x.data > 0, x * x, 0.0), at(0, 1), [])])                # a bend in the slope is no kink
def test_kinks_are_listed(f, x, places):
    report = gradcheck(f, x)
    assert report and [k.place for k in report.kinks] == places and {k.tensor for k in report.kinks} <= {"input 0"}
    assert ("f has a kink" in str(report)) == bool(places)


def test_many_kinks():
    report = gradcheck(ops.relu, tensor(np.zeros((10, 5)), requires_grad=True))
    assert len(report.kinks) == 50 and "input 0 [0, 0], input 0 [0, 1], input 0 [0, 2] and 47 more" in str(report)


def test_a_kink_does_not_hide_an_error_elsewhere():
    @op
    def relu_with_a_fault(x):
        def backward(dy):
            dx = dy * (x > 0)
            dx[1] *= 2
            return (dx,)
        return xp.maximum(x, 0), backward
    with pytest.raises(GradientError, match=r"worst at \[1\]: .*; 1 of 3 entries are wrong: doubled") as caught:
        gradcheck(relu_with_a_fault, at(0, 1, 2, -1))
    assert "f has a kink (no derivative, only slopes on either side) at input 0 [0]" in str(caught.value)
    assert caught.value.patterns == ("doubled",)


@pytest.mark.parametrize("slope, right", [(0, True), (0.5, True), (1, True), (1.01, False), (2, False), (-0.5, False)])
def test_at_a_kink_the_value_lies_between_the_slopes(slope, right):
    @op
    def own_relu(x):
        return xp.maximum(x, 0), lambda dy: (dy * xp.where(x == 0, float(slope), (x > 0).astype(x.dtype)),)
    if right:
        assert len(gradcheck(own_relu, at(0, 1, -1)).kinks) == 1
    else:
        with pytest.raises(GradientError, match=r"wrong at a kink of f: input 0 \[0\]: .* not lie between") as caught:
            gradcheck(own_relu, at(0, 1, -1))
        assert caught.value.patterns == ("kink",) and caught.value.tensors == ("input 0",)
