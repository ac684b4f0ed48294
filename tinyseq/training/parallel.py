"""One batch, several threads: each computes the gradient of its rows, and the sum is the gradient of all.

    L = sum over rows of L_row,   so   dL/dW = sum over shards of dL_shard/dW                   (1)

NumPy lets other threads run while it computes, so two threads keep two cores busy, each multiplying matrices with one
core of its own. That is faster than one thread whose products use two cores: the pointwise work is shared as well.
"""
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

from threadpoolctl import threadpool_limits

from tinyseq import backend
from tinyseq.autograd import gradients
from tinyseq.backend import at_step
from tinyseq.rowgrad import added, entries


class Batch(Protocol):
    """Rows of a batch that can be shared out. `first_row` is where they begin in the whole batch."""
    first_row: int

    def split(self, shards: int) -> list[Any]:
        """At most this many batches with these rows, in order."""

    def join(self, shards: list[Any]) -> None:
        """Collect what the model left in the shards."""


def default_threads() -> int:
    """One thread for each core this process may use, at most 8; a GPU is fed by one."""
    if backend.name != "numpy":
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)


@contextmanager
def one_blas_thread_each() -> Iterator[None]:
    """Inside, a matrix product uses one core, so that threads do not fight over cores."""
    with threadpool_limits(1, user_api="blas"):
        yield


def loss_and_gradients(model: Any, batch: Batch, threads: int = 1, step: int = 0) -> tuple[Any, list]:
    """The mean loss of a batch (a 0-d array) and its gradients in the order of model.parameters(), by equation (1).

    model   .loss(batch) -> (sum, count), .parameters() and .buffers()
    step    the training step: with the row it fixes the dropout masks, whatever `threads` is

    The shards are added in their order, not in the order in which they finish: the bits are the same each time.
    Raises ValueError for several threads and a model with buffers: batch normalisation looks at the whole batch."""
    if threads > 1 and model.buffers():
        raise ValueError(f"a model with buffers, such as those of BatchNorm, must see each batch whole: train it with "
                         f"threads=1, not {threads}")
    parameters = model.parameters()

    def of_shard(shard: Any) -> tuple[Any, int, list]:
        with at_step(step, shard.first_row):
            total, count = model.loss(shard)
            return total.data, count, gradients(total, parameters)

    shards = batch.split(threads)
    results = list(_pool(threads).map(of_shard, shards)) if len(shards) > 1 else [of_shard(shards[0])]
    batch.join(shards)
    totals, counts, grads = zip(*results, strict=True)
    count = sum(counts)
    summed = grads[0]
    for of_one in grads[1:]:
        summed = [added(total, g) for total, g in zip(summed, of_one, strict=True)]             # (1)
    for total in map(entries, summed):
        total /= count
    return sum(totals) / count, summed


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """The worker threads, kept from step to step."""
    return ThreadPoolExecutor(threads, thread_name_prefix="shard")
