"""Fifty steps of each optimiser beside PyTorch's, from the same start on the same small regression."""
import pytest

from tinyseq.backend import host, to_host, xp
from tinyseq.optim import SGD, Adam, AdamW, RMSprop, SparseAdam, clip_norm, clip_value
from tinyseq.rowgrad import RowGrad

np = host.np
CASES = [
    (SGD, {"lr": 0.05}), (SGD, {"lr": 0.05, "weight_decay": 0.1}), (SGD, {"lr": 0.02, "momentum": 0.9}),
    (SGD, {"lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (RMSprop, {}), (RMSprop, {"lr": 0.02, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.1}),
    (Adam, {"lr": 0.02}), (Adam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    (AdamW, {"lr": 0.02}), (AdamW, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.3}),
]


class Parameter:
    def __init__(self, data):
        self.data, self.grad = xp.asarray(data), None


def problem(dtype):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 5)).astype(dtype), rng.normal(size=(20, 3)).astype(dtype)
    return x, y, rng.normal(size=(5, 3)).astype(dtype), rng.normal(size=3).astype(dtype)


@pytest.mark.oracle
@pytest.mark.parametrize(("kind", "settings"), CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-5), ("float64", 1e-12)])
def test_fifty_steps_follow_pytorch(kind, settings, dtype, tolerance):
    import torch
    x, y, W, b = problem(dtype)
    ours = [Parameter(W.copy()), Parameter(b.copy())]
    theirs = [torch.tensor(W, requires_grad=True), torch.tensor(b, requires_grad=True)]
    our_opt, their_opt = kind(ours, **settings), getattr(torch.optim, kind.__name__)(theirs, **settings)
    for step in range(50):
        uses_bias = step % 5 != 3                # now and then the bias takes no part
        error = x @ to_host(ours[0].data) + (to_host(ours[1].data) if uses_bias else 0) - y
        ours[0].grad = xp.asarray(x.T @ error / len(x))
        ours[1].grad = xp.asarray(error.mean(axis=0)) if uses_bias else None
        their_error = torch.tensor(x) @ theirs[0] + (theirs[1] if uses_bias else 0) - torch.tensor(y)
        their_opt.zero_grad()
        (0.5 * (their_error**2).sum() / len(x)).backward()
        our_opt.step()
        their_opt.step()
    for p, q in zip(ours, theirs, strict=True):
        q = q.detach().numpy()
        assert abs(to_host(p.data) - q).max() <= tolerance * abs(q).max()


@pytest.mark.oracle
def test_sparse_adam_is_pytorchs_until_a_row_is_first_seen_late():
    """There the bias is corrected by the number of all steps: the row moves by 3.16 learning rates, ours by one."""
    import torch
    rng, lr = np.random.default_rng(0), 0.01
    table = rng.normal(size=(4, 3))
    p, q = Parameter(table.copy()), torch.tensor(table, requires_grad=True)
    ours, theirs = SparseAdam([p], lr=lr), torch.optim.SparseAdam([q], lr=lr)

    def step(ids, rows):
        p.grad = RowGrad.summed(ids, xp.asarray(rows), table.shape)
        q.grad = torch.sparse_coo_tensor(torch.tensor(ids)[None], torch.tensor(rows), table.shape,
                                         check_invariants=True)
        ours.step()
        theirs.step()
    for _ in range(4000):
        step(np.array([0, 1, 2, 1]), rng.normal(size=(4, 3)))
    np.testing.assert_allclose(to_host(p.data), q.detach().numpy(), atol=1e-5)     # eps stands elsewhere there
    before = q.detach().numpy().copy()
    step(np.array([3]), rng.normal(size=(1, 3)))
    assert abs(to_host(p.data) - before)[3] / lr == pytest.approx([1] * 3, abs=1e-4)
    assert abs(q.detach().numpy() - before)[3] / lr == pytest.approx([3.16] * 3, abs=0.04)


@pytest.mark.oracle
@pytest.mark.parametrize("limit", [0.5, 100.0])
def test_clipping_is_pytorchs(limit):
    import torch
    rng = np.random.default_rng(1)
    there = torch.nn.utils
    for ours, theirs in [(clip_norm, there.clip_grad_norm_), (clip_value, there.clip_grad_value_)]:
        params, tensors = [], []
        for shape in [(3, 4), (5,)]:
            grad = rng.normal(size=shape)
            p, q = Parameter(np.zeros(shape)), torch.zeros(shape, dtype=torch.float64)
            p.grad, q.grad = xp.asarray(grad), torch.tensor(grad)
            params.append(p)
            tensors.append(q)
        before = ours(params, limit)
        before_there = theirs(tensors, limit)
        if ours is clip_norm:
            assert float(before) == pytest.approx(float(before_there), rel=1e-12)
        for p, q in zip(params, tensors, strict=True):         # PyTorch adds 1e-6 to the norm it divides by
            assert abs(to_host(p.grad) - q.grad.numpy()).max() <= 1e-5
