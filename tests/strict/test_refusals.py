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
    "two values for one entry: put": (lambda a: a.put(WHOLE * 0, ROW), "names an entry twice"),
    "two values for one entry: xp.put": (lambda a: xp.put(a, WHOLE * 0, ROW), "names an entry twice"),
    "two values for one entry: along an axis": (
        lambda a: xp.put_along_axis(a, WHOLE[None] * 0 + xp.zeros((2, 1), int), a.copy(), 1), "names an entry twice"),
    "device arrays in a list as index": (lambda a: a[[WHOLE[0], WHOLE[1]]], "a list of device arrays as index"),
    "counts of parts on the device": (lambda a: xp.split(ROW, WHOLE), "takes indices_or_sections as a Python number"),
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
    "out of einsum": (lambda a: xp.einsum("ij->ij", a, out=a.copy()), "does not support out= here"),
    "out of matmul by position": (lambda a: xp.matmul(a, a.T, a[:, :2].copy()), "a third by position: write out="),
    "double: one of several results": (lambda a: xp.modf(WHOLE), "modf made float64 of int64"),
    "double: a list of arrays": (lambda a: xp.asarray([ROW, DOUBLE]), "array made float64 of float32, float64"),
    "a list of arrays from both sides": (lambda a: xp.asarray([ROW, HOST[0]]), "array got a NumPy array float32"),
    "a kind of array that CuPy lacks": (lambda a: xp.zeros(2, object), "an array of object"),
    "texts": (lambda a: xp.asarray(["a"]), "an array of <U1"),
    "a sort that CuPy lacks": (lambda a: xp.argsort(a, kind="mergesort"), "CuPy has kind='stable' alone"),
    "what CuPy has no support for yet": (lambda a: a.astype("int32", casting="unsafe"), "does not support casting="),
    "a list for linalg": (lambda a: xp.linalg.norm([3.0, 4.0]), "norm got a list as x"),
    "a list copied": (lambda a: xp.copyto(ROW.copy(), [1, 2, 3]), "copyto got a list as src"),
    "a NumPy array to be like": (lambda a: xp.empty_like(HOST), "empty_like got a ndarray"),
    "a NumPy function that CuPy has no ufunc for": (lambda a: np.matmul(a, a.T), "numpy.matmul got a device array"),
    "a name of CuPy that is not rehearsed": (lambda a: xp.fft, "xp.fft is in CuPy, but"),
    "an attribute of CuPy that is not rehearsed": (lambda a: a.device, ".device is in CuPy's arrays alone"),
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
    assert xp.einsum("ij->i", a, dtype="float64").dtype == "float64"
    quotient, rest = divmod(a, 2)
    assert to_host(quotient).tolist() == [[0, 0, 1], [1, 2, 2]] and to_host(rest).tolist() == [[0, 1, 0], [1, 0, 1]]


def test_names_that_cupy_passes_on_from_numpy():
    assert xp.issubdtype(ROW.dtype, xp.floating) and xp.broadcast_shapes((2, 1), (3,)) == (2, 3)


def test_out_may_come_as_numpy_hands_it_on(a):
    out = xp.empty_like(a)
    assert np.add(a, np.float32(1), out=out) is out and to_host(out)[1, 2] == 6
    assert xp.exp(a, out=(out,)) is out


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
    assert to_host(a[[False, True]]).tolist() == [[3, 4, 5]] and a[[[0, 1], [1, 0]]].shape == (2, 2, 3)
    assert to_host(a[np.int64(1), WHOLE]).tolist() == [5, 3, 4]
    assert to_host(a[a[:, 0] > 0, WHOLE[:1]]).tolist() == [5]
    a[0] = ROW[None] - 1                                             # leading axes of size 1 may be too many
    assert to_host(a[0]).tolist() == [0, 1, 2]
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
