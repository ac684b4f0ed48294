"""Adding up rows that share an index: what NumPy has of its own, and what a GPU computes."""
import pytest

from tinyseq import backend
from tinyseq.backend import host, scatter, to_device, to_host

np = host.np
LIMIT = scatter.ONE_HOT_LIMIT
both = pytest.mark.parametrize("scatter_add", [backend.scatter_add, scatter.scatter_add], ids=["chosen", "on a GPU"])


@both
@pytest.mark.parametrize("size", [1, 7, LIMIT, LIMIT + 1, 2000])
@pytest.mark.parametrize("N", [0, 1, 2, 37, 3000])
@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-3), ("float64", 1e-11)])
def test_it_adds_up(scatter_add, size, N, dtype, tolerance):
    rng = np.random.default_rng(0)
    index, rows = rng.integers(0, size, N), rng.standard_normal((N, 5)).astype(dtype)
    right = np.zeros((size, 5))
    np.add.at(right, index, rows)
    sums = [to_host(scatter_add(size, to_device(index), to_device(rows))) for _ in range(3)]
    assert sums[0].dtype == dtype
    np.testing.assert_allclose(sums[0], right, atol=tolerance)
    assert all(s.tobytes() == sums[0].tobytes() for s in sums)


@both
@pytest.mark.parametrize("runs", [[1000], [1, 998, 1], [500, 500], [1] * 1000, [3, 64, 5, 200, 1]])
def test_runs_of_equal_numbers(scatter_add, runs):
    index = np.repeat(np.arange(len(runs)) * 2, runs)                    # every second one stays empty
    rows = np.random.default_rng(1).standard_normal((len(index), 3))
    sums = to_host(scatter_add(2001, to_device(index), to_device(rows)))
    right = np.zeros((2001, 3))
    np.add.at(right, index, rows)
    np.testing.assert_allclose(sums, right, atol=1e-12)


def test_a_row_that_is_no_number_spoils_its_own_sum_only():
    index = to_device(np.array([3, 700, 3, 900, 700]))
    rows = np.ones((5, 2))
    rows[1] = np.nan
    sums = to_host(scatter.scatter_add(1000, index, to_device(rows)))
    assert np.isnan(sums[700]).all() and (sums[[3, 900]] == [[2, 2], [1, 1]]).all()
