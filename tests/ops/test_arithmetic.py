"""Kinks, ties and poles of the pointwise ops; what their error messages say. Values and gradients: test_registry.py."""
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_host
from tinyseq.ops.broadcasting import fit, misfit

np = host.np


def gradient_of(f, *xs):
    """df(xs)/dx for each x, of the sum of f."""
    tensors = [tensor(np.array(x, "float64"), requires_grad=True) for x in xs]
    return [to_host(dx).tolist() for dx in gradients(f(*tensors).sum(), tensors)]


@pytest.mark.parametrize("op, a, b", [(ops.maximum, [2, 1, 0], [1, 1, 1]), (ops.minimum, [0, 1, 2], [1, 1, 1])])
def test_ties_share_the_gradient_equally(op, a, b):
    assert gradient_of(op, a, b) == [[1, 0.5, 0], [0, 0.5, 1]]
    assert gradient_of(lambda x: op(x, 1.0), a) == [[1, 0.5, 0]]


def test_abs_is_flat_at_0():
    assert gradient_of(ops.abs, [-2, 0, 3]) == [[-1, 0, 1]]


def test_clip_passes_the_gradient_up_to_and_at_its_bounds():
    x = [-2, -1, 0, 1, 2]
    assert gradient_of(lambda x: ops.clip(x, low=-1, high=1), x) == [[0, 1, 1, 1, 0]]
    assert gradient_of(lambda x: ops.clip(x, low=0), x) == [[0, 0, 1, 1, 1]]
    assert gradient_of(lambda x: ops.clip(x, high=0), x) == [[1, 1, 1, 0, 0]]


def test_powers_of_0():
    assert gradient_of(lambda x: ops.power(x, 0), [0, 2]) == [[0, 0]]
    assert gradient_of(lambda x: ops.power(x, 1), [0, 2]) == [[1, 1]]
    assert gradient_of(ops.power, [0, 0, 0], [2, 1, 0]) == [[0, 1, 0], [0, 0, 0]]


def test_a_negative_base_has_a_derivative_but_its_exponent_has_none():
    da, db = gradient_of(ops.power, [-2], [3])
    assert da == [12] and np.isnan(db).all()


def test_comparisons_are_booleans_without_a_gradient():
    x = tensor([1.0, 2.0, np.nan], requires_grad=True)
    for name, right in {"equal": [1, 0, 0], "not_equal": [0, 1, 1], "less": [0, 0, 0], "less_equal": [1, 0, 0],
                        "greater": [0, 1, 0], "greater_equal": [1, 1, 0]}.items():
        y = ops.OPS[name](x, 1.0)
        assert y.dtype == bool and not y.requires_grad and y.numpy().tolist() == right
    dx, = gradients(ops.where(ops.greater(x, 1.5), x, 0.0).sum(), [x])
    assert to_host(dx).tolist() == [0, 1, 0]


def test_where_hides_what_was_not_chosen():
    assert gradient_of(lambda x: ops.where(ops.greater(x, 0.5), ops.log(x), 0.0), [1, 2]) == [[1, 0.5]]
    x = tensor(np.array([np.inf, 1.0]), requires_grad=True)
    y = ops.where(tensor(np.array([False, True])), x, 0.0)
    assert to_host(gradients(y.sum(), [x])[0]).tolist() == [0, 1]


REPAIRS = {
    ((2, 5, 3), (2, 5)): "axis -1 has size 3 in one and 5 in the other (sizes must be equal, or one of them 1). "
                         "Does (2, 5) lack an axis? x.reshape(2, 5, 1) adds it",
    ((4, 3), (4, 5, 3)): "axis -2 has size 4 in one and 5 in the other (sizes must be equal, or one of them 1). "
                         "Does (4, 3) lack an axis? x.reshape(4, 1, 3) adds it",
    ((2,), (2, 3, 5)): "x.reshape(2, 1, 1) adds it",
    ((2, 3), (3, 2)): "Are two axes of (2, 3) swapped? x.transpose(1, 0) puts them back",
    ((4, 2, 3), (2, 4, 3)): "axis -2 has size 2 in one and 4 in the other",
    ((5, 2, 3), (3, 2)): "Are two axes of (3, 2) swapped?",
    ((2, 3), (2, 4)): "Look at what each axis stands for",
}


@pytest.mark.parametrize("a, b", REPAIRS)
def test_shapes_that_do_not_fit_are_explained(a, b):
    for op in (ops.add, ops.maximum, ops.less):
        with pytest.raises(ValueError, match=f"{op.__name__}: shapes .*{re.escape(REPAIRS[a, b])}"):
            op(tensor(np.ones(a)), tensor(np.ones(b)))


def test_a_choice_names_the_two_of_its_three_that_do_not_fit():
    with pytest.raises(ValueError, match=re.escape("where: shapes (2,) and (3,) do not fit")):
        ops.where(tensor(np.array([True, False])), tensor(1.0), tensor(np.ones(3, "float32")))


def test_other_errors_of_a_pointwise_op_stay_what_they_are():
    with pytest.raises(ValueError, match="negative integer powers"):
        ops.power(tensor(np.array([2])), tensor(np.array([-1])))


shapes = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@settings(max_examples=300, derandomize=True)
@given(shapes, shapes)
def test_every_misfit_is_explained_by_an_axis_and_a_repair_that_works(a, b):
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        assert not fit(a, b)
    else:
        assert fit(a, b)
        return
    message = misfit("add", a, b)
    axis, m, n = map(int, re.search(r"axis (-\d) has size (\d) in one and (\d)", message).groups())
    assert {m, n} == {a[axis], b[axis]} and m != n and 1 not in (m, n)
    if found := re.search(r"(?:of|Does) (\(.*?\)) .*x\.(\w+)(\(.*\))", message):
        shape, method, numbers = eval(found[1]), found[2], eval(found[3])
        other = b if shape == a else a
        np.broadcast_shapes(getattr(np.zeros(shape), method)(numbers).shape, other)


def test_bounds_of_any_kind_of_number_take_on_xs_precision():
    x = tensor([0.5, 2.0], requires_grad=True)
    for low, high in ((np.float32(1), np.int64(3)), (np.float64(1), 3), (1, np.float64(3))):
        y = ops.clip(x, low, high)
        assert y.dtype == "float32" and y.numpy().tolist() == [1, 2]
