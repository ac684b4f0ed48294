"""What the strict backend refuses, and that it says what to write instead."""
import copy
import pickle

import pytest

from tinyseq.backend import host, to_device, to_host, workspace, xp
from tinyseq.backend.strict import Array, StrictError

np = host.np
HOST = np.arange(6, dtype="float32").reshape(2, 3)


@pytest.fixture
def a():
    return to_device(HOST)


ROW = to_device(np.array([1.0, 2.0, 3.0], "float32"))
DOUBLE = to_device(np.array([1.0, 2.0, 3.0]))
WHOLE = to_device(np.array([2, 0, 1]))

REFUSED = {
    "host and device: an operator": (lambda a: a + HOST, r"add got a NumPy array float32 \(2, 3\) .* to_device"),
    "host and device: the other way round": (lambda a: HOST + a, "numpy.add got NumPy arrays and device arrays"),
    "host and device: a function": (lambda a: xp.matmul(a, HOST.T), "matmul got a NumPy array"),
    "host and device: in a list": (lambda a: xp.concatenate([a, HOST]), "concatenate got a NumPy array"),
    "host and device: a comparison": (lambda a: a == HOST, "equal got a NumPy array"),
    "host and device: written into": (lambda a: a.__setitem__(0, HOST[0]), "ndarray: what is written into a device"),
    "to the host unasked: asarray": (lambda a: np.asarray(a), "NumPy got a device array.*to_host"),
    "to the host unasked: a function": (lambda a: np.sum(a), "numpy.sum got a device array: write xp.sum"),
    "to the host unasked: rows": (lambda a: np.stack(list(a)), "numpy.stack got a device array"),
    "a name that CuPy lacks": (lambda a: xp.nanargpartition(a), r"CuPy 14\.\d+\.\d+ has no xp\.nanargpartition"),
    "a name inside linalg": (lambda a: xp.linalg.vecdot(a, a), r"has no xp\.linalg\.vecdot"),
    "a name that NumPy lacks": (lambda a: xp.asnumpy(a), "xp.asnumpy is in CuPy alone"),
    "an attribute": (lambda a: a.ctypes, "CuPy's arrays have no .ctypes"),
    "a method of a ufunc": (lambda a: xp.add.at(a, 0, 1), r"xp\.add\.at: .* backend\.scatter_add"),
    "random numbers": (lambda a: xp.random.normal(), "use those of tinyseq.backend"),
    "a keyword of a reduction": (lambda a: a.sum(where=a > 0), r"'where'; in CuPy .* is sum\(self, axis=None"),
    "a keyword of a ufunc": (lambda a: xp.add(a, a, where=a > 0), r"'where'; in CuPy .* is add\(x1, x2, /, out=None"),
    "a keyword of a function": (lambda a: xp.max(a, initial=0), "'initial'; in CuPy"),
    "a list for a ufunc": (lambda a: xp.maximum(ROW, [1, 2, 3]), "maximum got a list"),
    "a list for an operator": (lambda a: ROW * [1, 2, 3], "multiply got a list"),
    "a list for a function": (lambda a: xp.sum([1, 2]), "sum got a list as a"),
    "a number for a function": (lambda a: xp.expand_dims(3, 0), "expand_dims got a int as a"),
    "a number among arrays": (lambda a: xp.stack([ROW[0], 1]), "stack got something else than device arrays"),
    "a list written into": (lambda a: a.__setitem__(0, [1, 2, 3]), "list: what is written into"),
    "counts on the device": (lambda a: xp.repeat(ROW, WHOLE), "decide the size"),
    "two values for one entry": (lambda a: ROW.copy().__setitem__(xp.asarray([0, 0, 1]), ROW), "names an entry twice"),
    "two masks": (lambda a: a[a[:, 0] > 0, WHOLE[:1]], "a mask and another array"),
    "a NumPy integer beside an array": (lambda a: a[np.int64(0), WHOLE], "a NumPy integer"),
    "scatter_add of an array": (lambda a: ROW.scatter_add(0, 1), "adds in an order that varies"),
    "double: float32 and float64": (lambda a: ROW * DOUBLE, "multiply made float64 of float32, float64"),
    "double: float32 and whole numbers": (lambda a: ROW * WHOLE, "multiply made float64 of float32, int64"),
    "double: a NumPy number": (lambda a: ROW * np.float64(2), r"write float\(...\) around"),
    "double: a NumPy number first": (lambda a: np.float64(2) * ROW, r"write float\(...\) around"),
    "double: a quotient": (lambda a: WHOLE / WHOLE, "true_divide made float64 of int64, int64"),
    "double: a root": (lambda a: xp.sqrt(WHOLE), "sqrt made float64 of int64"),
    "double: a mean": (lambda a: WHOLE.mean(), "mean made float64 of int64"),
    "double: two numbers": (lambda a: xp.where(ROW > 1, 1.0, 0.0), "where made float64 of bool"),
    "double: in place": (lambda a: a.__iadd__(DOUBLE), "add made float64"),
    "out of another dtype": (lambda a: xp.exp(ROW, out=xp.zeros(3)), r"float32 \(3,\) .* into float64 \(3,\)"),
    "out of another shape": (lambda a: xp.exp(ROW, out=a), r"float32 \(3,\) .* into float32 \(2, 3\)"),
    "out of a reduction": (lambda a: a.sum(axis=0, out=xp.zeros(3)), r"into float64 \(3,\)"),
    "out on the host": (lambda a: xp.exp(ROW, out=HOST[0]), "got ndarray as out="),
    "out is also read": (lambda a: xp.matmul(a[:, :2], a[:, :2], out=a[:, :2]), "matmul reads what it writes"),
    "more axes than there is room for": (lambda a: a.__setitem__(0, ROW[None]), r"\(3,\) takes no \(1, 3\)"),
    "whole numbers divided in place": (lambda a: WHOLE.copy().__itruediv__(2), "true_divide made float64"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what, a):
    f, message = REFUSED[what]
    with pytest.raises((StrictError, AttributeError), match=message):
        f(a)


def test_numbers_mix_with_arrays_as_in_cupy(a):
    for y in (a + 1, 2.5 * a, np.float32(2) * a, a * np.float32(2), 1 - a, a ** 2, xp.maximum(a, 0), -a, abs(a)):
        assert isinstance(y, Array) and y.dtype == "float32" and y.shape == (2, 3)
    assert (a > 1).dtype == bool and xp.sum(a, dtype="float64").dtype == "float64"
    assert (WHOLE // 2).dtype == "int64" and xp.where(ROW > 1, ROW, 0.0).dtype == "float32"
    assert (DOUBLE * WHOLE).dtype == "float64"                       # double before, double afterwards


def test_reductions_and_single_entries_are_arrays(a):
    for y in (a.sum(), xp.max(a), a[0, 1], a.reshape(-1)[2], xp.array_equal(a, a), a.mean(dtype="float64")):
        assert isinstance(y, Array) and y.shape == ()


def test_a_single_entry_is_a_view(a):
    entry = a[1, 2]
    entry += 10
    assert to_host(a)[1, 2] == 15
    row = a[0]
    row[...] = 7
    assert to_host(a)[0].tolist() == [7, 7, 7] and to_host(a.T)[:, 0].tolist() == [7, 7, 7]


def test_nothing_on_the_host_shares_memory_with_the_device():
    source = HOST.copy()
    a = to_device(source)
    source[...] = -1
    back = to_host(a)
    assert np.array_equal(back, HOST)
    back[...] = -2
    assert np.array_equal(to_host(a), HOST)


def test_unwritten_memory_shows():
    for array in (workspace((2, 3), "float32"), xp.empty(3), xp.empty_like(ROW)):
        assert np.isnan(to_host(array)).all()
    assert to_host(xp.empty(2, "int32")).min() == np.iinfo("int32").max


def test_indices_as_in_cupy(a):
    assert to_host(a[[1, 0]]).tolist() == [[3, 4, 5], [0, 1, 2]]
    assert to_host(a[:, WHOLE]).tolist() == [[2, 0, 1], [5, 3, 4]]
    assert to_host(a[..., None, 0]).shape == (2, 1)
    a[:, WHOLE[:2]] = 0                                              # one number for all: the order cannot matter
    assert to_host(a).tolist() == [[0, 1, 0], [0, 4, 0]]
    with pytest.raises(IndexError):
        a[WHOLE]                                                     # CuPy would wrap 2 round to 0


def test_copies_are_of_their_own():
    for other in (copy.copy(ROW), copy.deepcopy(ROW), pickle.loads(pickle.dumps(ROW))):
        other[...] = 0
        assert isinstance(other, Array) and to_host(ROW).tolist() == [1, 2, 3]


def test_an_array_has_no_hash_and_is_no_numpy_array():
    assert not isinstance(ROW, np.ndarray)
    with pytest.raises(TypeError, match="unhashable"):
        hash(ROW)
