"""Plain Python is plain: no array library, and right on its own, beside the traces that use it."""
import ast
import math
from pathlib import Path

import numpy as np
import pytest

import tinyseq as ts
from tinyseq.tracing import plain
from tinyseq.tracing.plain import Array
from tinyseq.tracing.plain.arranging import ARRANGING
from tinyseq.tracing.plain.computing import COMPUTING

PLAIN = {"math", "collections", "functools", "itertools", "typing"}


def test_no_array_library_is_used():
    for path in Path(plain.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = ([alias.name for alias in node.names] if isinstance(node, ast.Import)
                     else [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
            for name in names:
                assert name.split(".")[0] in PLAIN or name.startswith("tinyseq.tracing.plain"), f"{path.name}: {name}"


def test_every_op_is_one_of_the_library():
    assert {*ARRANGING, *COMPUTING} <= set(ts.ops.OPS)


def test_by_hand_on_numbers_of_the_head():
    x = Array((1, 3), [0.0, math.log(2), math.log(5)])
    assert plain.forward("softmax", [x], {})[0].data == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    dx = plain.backward("softmax", [x], {}, [Array((1, 3), [8.0, 0.0, 0.0])])[0]
    assert dx.data == pytest.approx([1 - 1 / 8, -2 / 8, -5 / 8])
    a, b = Array((1, 2), [1.0, 2.0]), Array((2, 1), [3.0, 4.0])
    assert plain.forward("matmul", [a, b], {}) == [Array((1, 1), [11.0])]
    assert plain.backward("matmul", [a, b], {}, [Array((1, 1), [10.0])])[1].data == [10.0, 20.0]


INDICES = [1, -1, slice(1, 3), slice(None, None, 2), (slice(None), 0), (..., None, 1), (None, 2, slice(0, 1)),
           ([0, 2], [1, 1]), (slice(None), [[0, 3], [1, 2]]), ([1, 0], slice(None), [0, 4]), (np.array([[0], [2]]), 1)]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indices_are_those_of_numpy(index):
    x = np.arange(60.0).reshape(3, 4, 5)
    parts = index if isinstance(index, tuple) else (index,)
    given = tuple(Array(np.shape(p), np.ravel(p).tolist()) if isinstance(p, list | np.ndarray) else p for p in parts)
    y = plain.forward("take", [Array(x.shape, x.ravel().tolist()), given], {})[0]
    expected = x[tuple(np.array(p) if isinstance(p, list) else p for p in parts)]
    assert y.shape == expected.shape and y.data == expected.ravel().tolist()


def test_an_op_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="einsum"):
        plain.forward("einsum", [], {})
    with pytest.raises(ValueError, match="cross_entropy"):
        plain.forward("cross_entropy", [], {"reduction": "mean"})
