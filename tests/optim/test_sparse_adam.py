"""SparseAdam moves the rows that it is given and counts each one's own steps."""
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.backend import host, to_device, to_host, xp
from tinyseq.optim import Adam, SparseAdam
from tinyseq.rowgrad import RowGrad

np = host.np
V, C = 6, 3
seen_rows = st.lists(st.lists(st.integers(0, V - 1), max_size=4), min_size=1, max_size=6)


class Parameter:
    def __init__(self, shape, dtype="float64"):
        self.data = to_device(np.random.default_rng(3).standard_normal(shape).astype(dtype))
        self.grad = None


def rows_of(ids, step, dtype="float64"):
    """A gradient by rows, the same for the same ids and step."""
    ids = np.array(ids, "int64")
    dys = np.random.default_rng(step).standard_normal((len(ids), C)).astype(dtype)
    return RowGrad.summed(ids, to_device(dys), (V, C))


def by_hand(w, gs, lr=0.001, betas=(0.9, 0.999), eps=1e-8, all_steps=None):
    """One entry with the gradients of its own steps; all_steps: the count that PyTorch puts in their place."""
    m = v = 0.0
    for k, g in enumerate(gs, 1):
        t = all_steps or k
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        w = w - lr * (m / (1 - betas[0]**t)) / (math.sqrt(v / (1 - betas[1]**t)) + eps)
    return w


@given(seen_rows)
def test_each_row_follows_the_equations_by_its_own_steps(batches):
    p = Parameter((V, C))
    expected = to_host(p.data).copy()
    gs = [[[] for _ in range(C)] for _ in range(V)]
    opt = SparseAdam([p], lr=0.1, betas=(0.8, 0.95))
    for step, ids in enumerate(batches):
        p.grad = rows_of(ids, step)
        for v, values in zip(p.grad.rows, to_host(p.grad.values), strict=True):
            for c, g in enumerate(values):
                gs[v][c].append(float(g))
        opt.step()
    for v, c in np.ndindex(V, C):
        expected[v, c] = by_hand(expected[v, c], gs[v][c], 0.1, (0.8, 0.95))
    np.testing.assert_allclose(to_host(p.data), expected, rtol=1e-10, atol=1e-12)
    assert to_host(opt.state_dict()["steps.0"]).tolist() == [len(row[0]) for row in gs]


def test_rows_that_are_not_seen_keep_every_bit():
    p = Parameter((V, C), "float32")
    opt = SparseAdam([p])
    p.grad = rows_of([0, 1, 2], 0, "float32")
    opt.step()
    before, state = to_host(p.data).copy(), {name: to_host(a) for name, a in opt.state_dict().items()}
    p.grad = rows_of([2, 5], 1, "float32")
    opt.step()
    moved = (to_host(p.data) != before).any(axis=1)
    assert moved.tolist() == [False, False, True, False, False, True]
    for name, array in opt.state_dict().items():
        changed = (to_host(array) != state[name]).reshape(V, -1).any(axis=1)
        assert changed.tolist() == moved.tolist(), name


def test_a_row_first_seen_late_moves_by_one_learning_rate_and_not_by_3_16():
    lr, late = 0.01, 5000
    p = Parameter((2, 1))
    opt = SparseAdam([p], lr=lr)
    p.grad = RowGrad.summed(np.array([0]), xp.full((1, 1), 0.37), (2, 1))
    for _ in range(late - 1):
        opt.step()
    before = float(p.data[1, 0])
    p.grad = RowGrad.summed(np.array([1]), xp.full((1, 1), 0.37), (2, 1))
    opt.step()
    assert (before - float(p.data[1, 0])) / lr == pytest.approx(1, abs=1e-6)
    assert (0 - by_hand(0, [0.37], lr, all_steps=10**6)) / lr == pytest.approx(3.16, abs=0.005)
    assert (0 - by_hand(0, [0.37], lr, all_steps=late)) / lr == pytest.approx(3.15, abs=0.005)


@pytest.mark.parametrize("shape", [(), (4,), (V, C), (2, 3, 2)])
@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 1e-5)])
def test_without_rows_it_is_adam(shape, dtype, tolerance):
    p, q = Parameter(shape, dtype), Parameter(shape, dtype)
    sparse, plain = SparseAdam([p], lr=0.05), Adam([q], lr=0.05)
    for step in range(6):
        p.grad = q.grad = to_device(np.random.default_rng(step).standard_normal(shape).astype(dtype))
        sparse.step()
        plain.step()
    assert p.data.dtype == dtype
    np.testing.assert_allclose(to_host(p.data), to_host(q.data), rtol=tolerance, atol=tolerance)


def test_rows_and_no_rows_together_and_by_turns():
    """A table that is tied with an output layer in some losses only: all rows one step, some rows the next."""
    p, b, q = Parameter((V, C)), Parameter((C,)), Parameter((V, C))
    opt, whole = SparseAdam([p, b], lr=0.05), Adam([q], lr=0.05)
    for step in range(4):
        p.grad = rows_of(range(V), step) if step % 2 else to_device(np.asarray(rows_of(range(V), step)))
        q.grad = to_device(np.asarray(rows_of(range(V), step)))
        b.grad = xp.ones(C)
        opt.step()
        whole.step()
    np.testing.assert_allclose(to_host(p.data), to_host(q.data), rtol=1e-12)
    assert to_host(opt.state_dict()["steps.1"]).tolist() == [4] * C


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_saved_state_goes_on_bit_for_bit(dtype):
    p, q = Parameter((V, C), dtype), Parameter((V, C), dtype)
    opt = SparseAdam([p])
    for step, ids in enumerate([[0, 1], [1, 3], [5], []]):
        p.grad = rows_of(ids, step, dtype)
        opt.step()
        if step == 1:
            q.data, state = p.data.copy(), {name: to_host(a) for name, a in opt.state_dict().items()}
    again = SparseAdam([q])
    again.load_state_dict(state)
    for step, ids in ((2, [5]), (3, [])):
        q.grad = rows_of(ids, step, dtype)
        again.step()
    assert to_host(p.data).tobytes() == to_host(q.data).tobytes()
    assert sorted(state) == ["m.0", "steps.0", "v.0"] and state["steps.0"].dtype == "int64"
    with pytest.raises(ValueError, match="belongs to another SparseAdam"):
        again.load_state_dict({"m.0": state["m.0"]})


def test_a_gradient_of_another_shape_changes_nothing():
    p = Parameter((V, C))
    before = to_host(p.data).copy()
    p.grad = RowGrad.summed(np.array([1]), xp.ones((1, C)), (V + 1, C))
    with pytest.raises(ValueError, match=r"parameter 0 is float64 of shape \(6, 3\), its gradient is .* \(7, 3\)"):
        SparseAdam([p]).step()
    assert (to_host(p.data) == before).all()


@pytest.mark.parametrize("settings, message", [({"lr": -1}, "lr must be"), ({"betas": (1.0, 0.9)}, "betas"),
                                               ({"eps": 0}, "eps must be")])
def test_settings_out_of_range(settings, message):
    with pytest.raises(ValueError, match=message):
        SparseAdam([Parameter((2, 2))], **settings)


def test_there_is_no_weight_decay():
    with pytest.raises(ValueError, match="unknown setting weight_decay"):
        SparseAdam([{"params": [Parameter((2, 2))], "weight_decay": 0.1}])
