from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.data import Buckets, Rows, padded

some_lengths = st.lists(st.integers(1, 9), min_size=1, max_size=40)


@given(some_lengths, st.integers(1, 7), st.integers(0, 9), st.integers(0, 3))
def test_an_epoch_has_every_item_once(lengths, B, seed, epoch):
    buckets = Buckets(lengths, B, seed)
    S = buckets.steps_per_epoch
    batches = [buckets.batch(epoch * S + k) for k in range(S)]
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert sorted(map(len, batches), reverse=True)[:-1] == [B] * (S - 1)


@given(some_lengths, st.integers(1, 7))
def test_lengths_in_a_batch_are_neighbours(lengths, B):
    """No batch reaches into the span of another: by their shortest items, the batches follow each other."""
    buckets = Buckets(lengths, B)
    spans = sorted((min(of), max(of)) for of in
                   ([lengths[i] for i in buckets.batch(k)] for k in range(buckets.steps_per_epoch)))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(some_lengths, st.integers(1, 7), st.integers(0, 9), st.lists(st.integers(0, 30), max_size=8))
def test_a_batch_depends_on_seed_and_step_alone(lengths, B, seed, visited):
    buckets = Buckets(lengths, B, seed)
    for step in visited:
        buckets.batch(step)
    assert np.array_equal(buckets.batch(11), Buckets(lengths, B, seed).batch(11))


def test_epochs_and_seeds_differ():
    lengths = np.random.default_rng(0).integers(1, 6, 100)
    buckets = Buckets(lengths, 10)
    epochs = [[tuple(buckets.batch(epoch * 10 + k)) for k in range(10)] for epoch in range(3)]
    assert epochs[0] != epochs[1] != epochs[2] and set(epochs[0]) != set(epochs[1])
    assert tuple(Buckets(lengths, 10, seed=1).batch(0)) != epochs[0][0]
    first = [lengths[list(batch)].mean() for batch in epochs[0]]
    assert first != sorted(first), "the batches of an epoch come shortest first"


def test_pairs_go_by_source_then_target():
    lengths = [(3, 1), (2, 9), (3, 7), (2, 1), (3, 2), (2, 8)]
    assert [batch.tolist() for batch in Buckets(lengths, 2).in_order()] == [[3, 5], [1, 0], [4, 2]]
    buckets = Buckets(lengths, 2)
    assert sorted(sorted(buckets.batch(k).tolist()) for k in range(3)) == [[0, 1], [2, 4], [3, 5]]


@given(some_lengths, st.integers(1, 7))
def test_in_order_is_by_length_and_equal_ones_as_they_came(lengths, B):
    order = np.concatenate(Buckets(lengths, B, seed=5).in_order()).tolist()
    assert order == sorted(range(len(lengths)), key=lambda i: (lengths[i], i))


@pytest.mark.parametrize(("lengths", "B", "seed", "message"), [
    ([], 2, 0, "N of 1 or more"), ([1.5], 2, 0, "integers"), ([[[1]]], 2, 0, "shape"),
    ([3, 0, 1], 2, 0, "item 1 has length 0"), ([[3, 2], [1, 0]], 2, 0, r"item 1 has length \[1, 0\]"),
    ([1], 0, 0, r"--batch.* is 0"), ([1], 1, -1, r"--seed.* is -1"),
])
def test_mistakes_of_buckets(lengths, B, seed, message):
    with pytest.raises(ValueError, match=message):
        Buckets(lengths, B, seed)


@given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=6), min_size=1, max_size=5), st.integers(-5, -1))
def test_padding_fills_behind_each_sequence(sequences, value):
    ids, lengths = padded(sequences, value)
    assert ids.shape == (len(sequences), max(map(len, sequences)))
    assert lengths.tolist() == list(map(len, sequences))
    for row, sequence in zip(ids.tolist(), sequences, strict=True):
        assert row == sequence + [value] * (ids.shape[1] - len(sequence))


def test_padding_of_series_keeps_their_type():
    values, lengths = padded([np.ones((2, 3), np.float32), np.ones((4, 3), np.float32)])
    assert values.shape == (2, 4, 3) and values.dtype == np.float32
    assert values.sum(axis=(1, 2)).tolist() == [6, 12] and lengths.tolist() == [2, 4]


@pytest.mark.parametrize(("sequences", "message"), [
    ([], "given none"), ([[1], []], "sequence 1 .*1 step or more"), ([[]], "sequence 0"), ([3], "sequence 0"),
    ([np.ones((2, 3)), np.ones((2, 4))], r"sequence 1 of the batch has shape \(2, 4\); expected \(T, 3\)"),
])
def test_mistakes_of_padding(sequences, message):
    with pytest.raises(ValueError, match=message):
        padded(sequences)


@dataclass
class Batch(Rows):
    ids: Any
    lengths: Any
    tags: Any = None


@given(st.integers(1, 9), st.integers(1, 6), st.integers(0, 20))
def test_shards_are_the_rows_in_order(B, shards, first_row):
    batch = Batch(np.arange(B * 2).reshape(B, 2), np.arange(B), first_row=first_row)
    parts = batch.split(shards)
    assert len(parts) == min(B, shards) and {type(part) for part in parts} == {Batch}
    assert np.array_equal(np.concatenate([part.ids for part in parts]), batch.ids)
    assert np.array_equal(np.concatenate([part.lengths for part in parts]), batch.lengths)
    assert [part.first_row for part in parts] == [first_row + part.lengths[0] for part in parts]
    assert {part.tags for part in parts} == {None}
    sizes = [len(part.ids) for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert batch.join(parts) is None
