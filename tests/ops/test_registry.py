"""No op without a proof: every op of the library has a record, and on what the record draws it computes what NumPy says
and its gradient is right, in both precisions and in every memory layout."""
import importlib
import pkgutil
from zlib import crc32

import pytest

import tinyseq.layers
import tinyseq.ops
from tinyseq.autograd import Tensor, gradients, tensor
from tinyseq.backend import at_step, host, to_device, to_host
from tinyseq.checks import gradcheck
from tinyseq.checks.records import RECORDS as RECORDS_OF_OPS
from tinyseq.checks.records.shapes import KINDS
from tinyseq.layers.recurrent.records import RECORDS as RECORDS_OF_CELLS

np = host.np
RECORDS = {**RECORDS_OF_OPS, **RECORDS_OF_CELLS}
CASES = [pytest.param(name, kind, id=f"{name}-{kind}") for name, record in RECORDS.items() for kind in record.kinds]
DIFFERENTIABLE = [case for case in CASES if RECORDS[case.values[0]].differentiable]
MISTAKES = [pytest.param(mistake, id=f"{name}-{i}") for name, record in RECORDS.items()
            for i, mistake in enumerate(record.mistakes)]
LAYOUTS = [                                                # the same numbers, elsewhere in memory
    lambda x: x,
    lambda x: np.array(x, order="F"),
    lambda x: spread(x) if x.ndim else x,
    lambda x: np.flip(np.flip(x).copy()) if x.ndim else x,
]


def spread(x):
    """x as every second entry of something larger."""
    larger = np.full([2 * n for n in x.shape], np.nan, x.dtype)
    inside = larger[tuple(slice(None, None, 2) for _ in x.shape)]
    inside[...] = x
    return inside


def samples(name, kind, count=2):
    """The first few that the record draws, the same in each run."""
    rng = np.random.default_rng(crc32(f"{name} {kind}".encode()))
    return [RECORDS[name].draw(rng, kind) for _ in range(count)]


def as_list(y):
    return list(y) if isinstance(y, tuple) else [y]


def values(sample, inputs):
    with at_step(0):
        return as_list(sample.f(*inputs))


def weighted(ys):
    """One scalar of all outputs, in which no two entries weigh the same."""
    total = None
    for y in ys:
        part = (y * to_device(np.cos(np.arange(y.size)).reshape(y.shape).astype(y.dtype))).sum()
        total = part if total is None else total + part
    return total


def ops_behind(tensors):
    """The names of the ops that made these tensors and what they were made from."""
    nodes = [x.node for x in tensors if x is not None and x.node]
    return {node.name for node in nodes}.union(*(ops_behind(node.parents) for node in nodes))


def test_every_op_has_a_record_and_every_record_an_op():
    for package in (tinyseq.ops, tinyseq.layers):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    library = {name for name, op in tinyseq.ops.OPS.items() if op.__module__.startswith("tinyseq.")}
    assert library == RECORDS.keys(), "every op needs a record in tinyseq/checks/records"
    assert len(library) >= 60


def test_every_op_that_can_refuse_something_is_tried_with_it():
    unshapely = {name for name, record in RECORDS.items() if not record.mistakes}
    entry_by_entry = {"abs", "cos", "elu", "exp", "gelu", "leaky_relu", "log", "neg", "relu", "sigmoid", "silu", "sin",
                      "softplus", "sqrt", "tanh"}
    assert unshapely <= entry_by_entry, "an op of more than one argument refuses some of them: give its mistakes"


@pytest.mark.parametrize("name, kind", CASES)
def test_value(name, kind):
    for sample in samples(name, kind):
        for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-4)):
            inputs = [np.asarray(x, dtype) for x in sample.inputs]
            expected = as_list(sample.reference(*inputs))
            for layout in LAYOUTS:
                ys = values(sample, [Tensor(to_device(layout(x))) for x in inputs])
                assert len(ys) == len(expected)
                for y, right in zip(ys, expected, strict=True):
                    right = np.asarray(right)
                    assert y.shape == right.shape
                    assert y.dtype.kind != "f" or y.dtype == dtype
                    largest = np.abs(right[np.isfinite(right)], dtype=float).max(initial=1) if right.size else 1
                    np.testing.assert_allclose(y.numpy(), right, rtol=tolerance, atol=tolerance * largest)


@pytest.mark.parametrize("name, kind", DIFFERENTIABLE)
def test_gradient(name, kind):
    for seed, sample in enumerate(samples(name, kind)):
        for layout in LAYOUTS:
            tensors = [Tensor(to_device(layout(np.asarray(x))), requires_grad=True) for x in sample.inputs]
            report = gradcheck(sample.f, *tensors, seed=seed)
            assert len(report.checked) == len(sample.inputs) and not report.kinks


@pytest.mark.parametrize("name, kind", DIFFERENTIABLE)
def test_gradient_in_float32(name, kind):
    for sample in samples(name, kind):
        found = {}
        for dtype in ("float64", "float32"):
            tensors = [tensor(x, requires_grad=True, dtype=dtype) for x in sample.inputs]
            ys = values(sample, tensors)
            assert name in ops_behind(ys)
            found[dtype] = gradients(weighted(ys), tensors)
        for dx, right in zip(found["float32"], found["float64"], strict=True):
            assert dx.dtype == "float32"
            right = to_host(right)
            np.testing.assert_allclose(to_host(dx), right, rtol=1e-3, atol=1e-3 * max(1, abs(right).max(initial=0)))


@pytest.mark.parametrize("name, kind", [case for case in CASES if not RECORDS[case.values[0]].differentiable])
def test_without_a_derivative(name, kind):
    for sample in samples(name, kind):
        tensors = [tensor(x, requires_grad=True) for x in sample.inputs]
        for y in values(sample, tensors):
            assert not y.requires_grad
            with pytest.raises(ValueError, match="only through a function without a derivative"):
                gradients(y.sum(), tensors)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake(mistake):
    with pytest.raises(ValueError) as caught:
        mistake.call()
    text = str(caught.value)
    assert "\n" not in text
    for word in mistake.words:
        assert word in text, text


def test_whole_numbers_that_want_a_gradient_are_refused():
    for whole in (np.array([1, 2]), np.array([True]), np.array(3, "uint8")):
        with pytest.raises(ValueError, match="only floating-point tensors have gradients"):
            tensor(whole, requires_grad=True)


def test_kinds_are_left_out_only_where_they_make_no_sense():
    for name, record in RECORDS.items():
        assert set(record.kinds) <= set(KINDS)
        assert {"plain", "ones", "odd", "large"} <= set(record.kinds), f"{name} is never tried with these"
