"""Reused memory: never one block for two readers, and never too much of it idle."""
import gc
import threading

import pytest

from tinyseq.backend import host, pool, workspace
from tinyseq.backend.pool import _idle, idle_bytes

np = host.np
LARGE = (300, 500)


@pytest.fixture(autouse=True)
def nothing_idle(monkeypatch):
    monkeypatch.setattr(pool, "SMALL", 1 << 16)            # so that arrays of these tests are large
    gc.collect()
    _idle.clear()
    pool._kept = 0


def address(array):
    return array.__array_interface__["data"][0]


def test_shape_and_dtype():
    for shape in ((), (0,), (3, 4), LARGE):
        for dtype in ("float32", "float64", "int64"):
            a = workspace(shape, dtype)
            assert a.shape == shape and a.dtype == dtype and a.flags.writeable and a.flags.c_contiguous
    assert address(workspace(LARGE, "float64")) % 16 == 0


def test_released_memory_is_used_again():
    a = workspace(LARGE, "float32")
    where = address(a)
    del a
    assert idle_bytes() > 0
    b = workspace(LARGE, "float32")
    assert address(b) == where and idle_bytes() == 0
    del b
    assert address(workspace((299, 500), "float32")) == where         # of about that size


@pytest.mark.parametrize("view", [lambda a: a, lambda a: a[5:7], lambda a: a.T, lambda a: a.reshape(-1)[::2],
                                  lambda a: a.view("int32")[0, :3], lambda a: np.asarray(a[1])[None]])
def test_what_somebody_holds_is_never_handed_out(view):
    held = view(workspace(LARGE, "float32"))
    held[...] = 1
    others = [workspace(LARGE, "float32") for _ in range(3)]
    for other in others:
        other[...] = 2
        assert not np.shares_memory(held, other)
    assert (held == 1).all()


def test_an_exception_holds_memory_only_as_long_as_it_lives():
    def fails():
        a = workspace(LARGE, "float32")
        a[...] = 1
        raise RuntimeError(a)
    with pytest.raises(RuntimeError) as caught:
        fails()
    held = caught.value.args[0]
    workspace(LARGE, "float32")[...] = 2
    assert (held == 1).all()


def test_threads_never_share_a_block():
    mistakes = []

    def work(k):
        held = []
        for i in range(300):
            a = workspace((130, 130), "float32")
            a[...] = k * 1000 + i
            held.append((k * 1000 + i, a))
            if len(held) > 4:
                number, oldest = held.pop(i % 4)
                if not (oldest == number).all():
                    mistakes.append((k, i))
    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mistakes == []


def test_idle_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(pool, "KEPT", 1_500_000)
    arrays = [workspace(LARGE, "float32") for _ in range(6)]         # 0.6 MB each
    arrays.clear()
    assert 0 < idle_bytes() <= 1_500_000


def test_small_arrays_do_not_come_from_the_pool():
    del_me = workspace((10, 10), "float32")
    del del_me
    assert idle_bytes() == 0


def test_what_has_been_idle_longest_is_freed_first(monkeypatch):
    monkeypatch.setattr(pool, "KEPT", 1_500_000)
    for size in (400_000, 500_000, 600_000, 700_000):
        del_me = workspace((size,), "uint8")
        del del_me
    kept = sorted(size for size, blocks in _idle.items() if blocks)
    assert len(kept) == 2 and kept[0] >= 600_000 and kept[1] >= 700_000
