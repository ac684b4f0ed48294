"""Arrays that a backward pass will read: nobody may write into them until it is over."""
from functools import partial

import pytest

from tinyseq import ops
from tinyseq.autograd import OPS, gradients, op, tensor
from tinyseq.backend import host, saved, to_device, to_host, xp
from tinyseq.backend.strict import StrictError

np = host.np


class Holder:
    def __init__(self, array):
        self.inside = [array]

    def method(self, dy):
        return self.inside


def closure(array):
    def inner():
        return array

    def backward(dy):
        return inner()
    return backward


HOLDERS = {"a closure in a closure": closure, "a default": lambda a: lambda dy, kept=a: kept, "an object": Holder,
           "a method": lambda a: Holder(a).method, "partial": lambda a: partial(max, a),
           "a dict": lambda a: {"a": (a,)}, "a view": lambda a: [a.reshape(-1)[1:]], "a list": lambda a: [None, 1.0, a]}
WRITES = {
    "[...] =": lambda a: a.__setitem__(0, 1), "+=": lambda a: a.__iadd__(1), "out=": lambda a: xp.exp(a, out=a),
    "fill": lambda a: a.fill(0), "a view": lambda a: a[0].__imul__(2), "transposed": lambda a: a.T.__setitem__(0, 1),
    "copyto": lambda a: xp.copyto(a, a.copy()), "sort": lambda a: a.sort(), "set": lambda a: a.set(np.ones((2, 3))),
    "a reduction": lambda a: xp.cumsum(a, axis=0, out=a), "put": lambda a: a.put(xp.asarray([0]), 1.0),
    "copyto by name": lambda a: xp.copyto(src=a.copy(), dst=a), "byteswap": lambda a: a.byteswap(inplace=True),
    "nan_to_num": lambda a: xp.nan_to_num(a, copy=False), "asarray": lambda a: xp.asarray(a).fill(2),
    "astype": lambda a: a.astype("float64", copy=False).fill(2), "array": lambda a: xp.array(a, copy=False).fill(2),
    "ascontiguousarray": lambda a: xp.ascontiguousarray(a).fill(2), "real": lambda a: a.real.fill(2),
    "as_strided": lambda a: xp.lib.stride_tricks.as_strided(a, (2,), (8,)).fill(2),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_what_a_backward_holds_is_found(holder):
    a = to_device(np.ones((2, 3)))
    token = saved(HOLDERS[holder](a), "mine")
    with pytest.raises(StrictError, match=r"'mine' needs in its backward pass: write into a copy"):
        a += 1
    del token
    a += 1
    assert to_host(a).tolist() == [[2, 2, 2]] * 2


@pytest.mark.parametrize("write", WRITES)
def test_every_way_to_write_is_watched(write):
    a = to_device(np.ones((2, 3)))
    other = a.copy()
    token = saved([a], "mine")
    WRITES[write](other)
    with pytest.raises(StrictError, match="would change an array that 'mine' needs"):
        WRITES[write](a)
    assert (to_host(a) == 1).all()
    del token


def test_two_tokens_guard_until_both_are_gone():
    a = to_device(np.ones(2))
    first, second = saved([a], "first"), saved([a], "second")
    del first
    with pytest.raises(StrictError, match="'second'"):
        a += 1
    del second
    a += 1


def test_the_engine_guards_what_an_op_saved_until_the_graph_is_freed():
    x = tensor(np.ones(3), requires_grad=True)
    y = ops.exp(x)
    loss = (y * y).sum()
    with pytest.raises(StrictError, match="needs in its backward pass"):
        y.data += 1
    gradients(loss, [x], keep_graph=True)
    with pytest.raises(StrictError, match="needs in its backward pass"):
        y.data += 1
    loss.backward()
    y.data += 1


def test_the_engine_guards_incoming_gradients():
    before = dict(OPS)
    try:
        @op
        def greedy(x):
            def backward(dy):
                dy *= 2
                return (dy,)
            return 2 * x, backward
        with pytest.raises(StrictError, match="would change an array that 'greedy' needs"):
            greedy(tensor(np.ones(3), requires_grad=True)).sum().backward()
    finally:
        OPS.clear()
        OPS.update(before)
