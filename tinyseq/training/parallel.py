"""One batch, several threads: each computes the gradient of its rows, and the sum is the gradient of all.

    L = sum over rows of L_row,   so   dL/dW = sum over shards of dL_shard/dW                   (1)

NumPy lets other threads run while it computes, so two threads keep two cores busy, each multiplying matrices with one
core of its own. That is faster than one thread whose products use two cores: the pointwise work is shared as well.
"""
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

from threadpoolctl import threadpool_limits

from tinyseq import backend
from tinyseq.autograd import gradients
from tinyseq.backend import at_step
from tinyseq.layers.module import Buffer
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


def wants_whole_batches(model: Any) -> bool:
    """Whether a layer of the model that is in training keeps a buffer, as batch normalisation does: what it computes of
    a row depends on all the others, so no batch may be split."""
    return any(module.training and any(isinstance(part, Buffer) for part in vars(module).values())
               for module in model.modules())


def loss_and_gradients(model: Any, batch: Batch, threads: int = 1, step: int = 0) -> tuple[Any, list]:
    """The mean loss of a batch (a 0-d array) and its gradients in the order of model.trained(), by equation (1).

    model   .loss(batch) -> (sum, count), .trained() and .modules()
    step    the training step: with the row it fixes the dropout masks, whatever `threads` is

    The shards are added in their order, not in the order in which they finish: the bits are the same each time. A model
    that wants whole batches gets the whole batch in one thread, whatever `threads` is."""
    parameters = model.trained()

    def of_shard(shard: Any) -> tuple[Any, int, list]:
        with at_step(step, shard.first_row):
            total, count = model.loss(shard)
            return total.data, count, gradients(total, parameters)

    shards = batch.split(1 if wants_whole_batches(model) else threads)
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


def in_threads(f: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    """f of each item, in their order; f computes on the threads of all cores at once, each with products of its own."""
    with one_blas_thread_each():
        yield from _pool(default_threads()).map(f, items)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """The worker threads, kept from step to step."""
    return ThreadPoolExecutor(threads, thread_name_prefix="shard")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)      # a fork would have the pools without their threads
