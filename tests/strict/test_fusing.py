"""What may stand in a function that CuPy makes one kernel of."""
import pytest

from tinyseq.backend import fuse, host, to_device, to_host, xp
from tinyseq.backend.strict import StrictError

np = host.np


def array(*shape):
    return to_device(np.ones(shape, "float32"))


def test_pointwise_functions_and_writes_pass():
    @fuse
    def inner(a):
        a *= 0.5
        xp.tanh(a, out=a)

    @fuse
    def f(a, b, c):
        inner(a)
        xp.multiply(a, b, out=c)
        c += xp.where(a > 0, a, 0)
        b[...] = 1 - c
    a, b, c = array(2, 3), array(2, 3), array(2, 3)
    f(a, b, c)
    assert np.allclose(to_host(c), 2 * np.tanh(0.5)) and np.allclose(to_host(b), 1 - to_host(c))


FORBIDDEN = {
    "a reduction": (lambda a, b: a.sum(), "sum in a fused function"),
    "a product of matrices": (lambda a, b: xp.matmul(a, b), "matmul in a fused function"),
    "the operator of it": (lambda a, b: a @ b, "matmul in a fused function"),
    "another shape": (lambda a, b: a.reshape(-1), "reshape in a fused function"),
    "a part": (lambda a, b: a[0], r"a\[\.\.\.\] in a fused function"),
    "part of it written": (lambda a, b: a.__setitem__(0, 1), r"a\[index\] = \.\.\. in a fused function"),
    "a new array": (lambda a, b: xp.asarray(1.0), "array in a fused function"),
    "a keyword": (lambda a, b: xp.exp(a, dtype="float64"), "in a fused function takes no dtype="),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_other_things_do_not(what):
    f, message = FORBIDDEN[what]
    with pytest.raises(StrictError, match=message):
        fuse(f)(array(3, 3), array(3, 3))
    f(array(3, 3), array(3, 3))                                          # not fused


def test_an_argument_that_is_written_overlaps_no_other():
    @fuse
    def f(a, b):
        a += b
    whole = array(5)
    f(whole[:2], whole[2:4])
    with pytest.raises(StrictError, match="f writes into an argument that overlaps another one"):
        f(whole[:2], whole[1:3])


def test_an_argument_that_is_written_has_the_whole_shape():
    @fuse
    def f(a, b, c):
        a *= 2
        c += b
    with pytest.raises(StrictError, match=r"shape \(1, 3\) where all together have \(2, 3\)"):
        f(array(1, 3), array(2, 3), array(2, 3))
