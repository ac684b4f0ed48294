"""No op without a proof: every op of the library has examples, and on each of them its gradient is right."""
import importlib
import pkgutil
from zlib import crc32

import pytest

import tinyseq.layers
import tinyseq.ops
from tinyseq.autograd import Tensor, gradients, tensor
from tinyseq.backend import at_step, host, to_device
from tinyseq.checks import examples, gradcheck
from tinyseq.layers.recurrent import examples as recurrent_examples

np = host.np
EXAMPLES = {**examples.EXAMPLES, **recurrent_examples.EXAMPLES}
CASES = [pytest.param(name, example, id=f"{name}-{i}") for name, several in EXAMPLES.items()
         for i, example in enumerate(several)]


def made(name, example):
    return example(np.random.default_rng(crc32(name.encode())))


def as_list(y):
    return list(y) if isinstance(y, tuple) else [y]


def ops_behind(tensors):
    """The names of the ops that made these tensors and what they were made from."""
    nodes = [x.node for x in tensors if x is not None and x.node]
    return {node.name for node in nodes}.union(*(ops_behind(node.parents) for node in nodes))


def test_every_op_has_an_example_and_every_example_an_op():
    for package in (tinyseq.ops, tinyseq.layers):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    library = {name for name, op in tinyseq.ops.OPS.items() if op.__module__.startswith("tinyseq.")}
    assert library == EXAMPLES.keys(), "every op needs examples in tinyseq/checks/examples.py"


@pytest.mark.parametrize("name, example", CASES)
def test_gradient(name, example):
    f, inputs = made(name, example)
    tensors = [tensor(x, requires_grad=True) for x in inputs]
    assert name in ops_behind(as_list(f(*tensors)))
    report = gradcheck(f, *tensors)
    assert len(report.checked) == len(inputs)


@pytest.mark.parametrize("name, example", CASES)
def test_float32_stays_float32(name, example):
    f, inputs = made(name, example)
    exact = [tensor(x, requires_grad=True) for x in inputs]
    rounded = [tensor(x, requires_grad=True, dtype="float32") for x in inputs]

    def total(y):
        out = y[0].sum()
        for part in y[1:]:
            out = out + part.sum()
        return out
    with at_step(0):
        right = as_list(f(*exact))
    with at_step(0):
        ys = as_list(f(*rounded))
    for y, r in zip(ys, right, strict=True):
        assert y.dtype == np.float32
        np.testing.assert_allclose(y.numpy(), r.numpy(), rtol=1e-4, atol=1e-5)
    for dx, r in zip(gradients(total(ys), rounded), gradients(total(right), exact), strict=True):
        assert dx.dtype == np.float32
        np.testing.assert_allclose(dx, r, rtol=1e-3, atol=1e-4)


def layouts(x):
    """The same numbers in Fortran's order, and as every second entry of something larger."""
    x = np.asarray(x)
    spread = np.full([2 * n for n in x.shape], np.nan)
    sliced = spread[tuple(slice(None, None, 2) for _ in x.shape)]
    sliced[...] = x
    return [np.asfortranarray(x), sliced, np.flip(np.flip(x).copy())]


@pytest.mark.parametrize("name, example", CASES)
def test_any_memory_layout_gives_the_same(name, example):
    f, inputs = made(name, example)
    results = []
    for k in range(4):
        tensors = [Tensor(to_device(layouts(x)[k - 1]) if k and np.ndim(x) else to_device(x), requires_grad=True)
                   for x in inputs]
        with at_step(0):
            ys = as_list(f(*tensors))
        weighted = [(y * to_device(np.cos(np.arange(y.size)).reshape(y.shape))).sum() for y in ys]
        total = weighted[0]
        for part in weighted[1:]:
            total = total + part
        results.append([y.numpy() for y in ys] + gradients(total, tensors))
    for other in results[1:]:
        for a, b in zip(other, results[0], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
