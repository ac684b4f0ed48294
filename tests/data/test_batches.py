import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.data import RandomWindows, Streams, whole_stream

# In these texts the id is the position, so a batch says where it was cut.


@given(st.integers(1, 5), st.integers(1, 8), st.integers(1, 40), st.integers(0, 99), st.integers(0, 99))
def test_random_windows_are_windows_and_depend_on_seed_and_step_alone(B, T, spare, seed, step):
    ids = np.arange(T + spare)
    windows = RandomWindows(ids, B, T, seed)
    inputs, targets = windows.batch(step)
    assert inputs.shape == targets.shape == (B, T)
    assert np.array_equal(inputs, inputs[:, :1] + np.arange(T))
    assert np.array_equal(targets, inputs + 1)
    windows.batch(step + 1)
    again, _ = RandomWindows(ids, B, T, seed).batch(step)
    assert np.array_equal(inputs, again) and np.array_equal(inputs, windows.batch(step)[0])


def test_random_windows_differ_between_steps_and_seeds_and_reach_every_position():
    windows = RandomWindows(np.arange(20), 8, 5, seed=1)
    first = windows.batch(0)[0]
    assert not np.array_equal(first, windows.batch(1)[0])
    assert not np.array_equal(first, RandomWindows(np.arange(20), 8, 5, seed=2).batch(0)[0])
    starts = np.concatenate([windows.batch(step)[0][:, 0] for step in range(100)])
    assert set(starts) == set(range(15))             # the last window ends at the last id
    assert windows.batch(0)[0].dtype == np.arange(1).dtype


def test_random_windows_are_drawn_evenly():
    windows = RandomWindows(np.arange(14), 100, 4, seed=0)     # 10 places, 10,000 draws
    counts = np.bincount(np.concatenate([windows.batch(step)[0][:, 0] for step in range(100)]))
    assert abs(counts - 1000).max() < 150                      # 5 standard deviations


@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 60), st.integers(0, 99))
def test_streams_go_on_where_they_were_until_the_pass_ends(B, T, spare, seed):
    ids = np.arange(B * T + spare)
    streams = Streams(ids, B, T, seed)
    S = streams.steps_per_pass
    for which_pass in range(3):
        seen = []
        for k in range(S):
            step = which_pass * S + k
            assert streams.starts_over(step) == (k == 0)
            inputs, targets = streams.batch(step)
            assert inputs.shape == targets.shape == (B, T)
            assert np.array_equal(targets, inputs + 1)
            seen.append(inputs)
        rows = np.concatenate(seen, axis=1)                    # (B, S T)
        assert np.array_equal(rows, rows[:, :1] + np.arange(S * T)), "a row does not go on where it was"
        assert len(set(rows.ravel())) == rows.size, "two rows read the same text"
        assert ids.size - rows.size <= B * T + T, "a pass leaves out too much"
    again, _ = Streams(ids, B, T, seed).batch(3 * S - 1)
    assert np.array_equal(again, seen[-1])


def test_passes_are_cut_at_different_places_and_leave_nothing_out_for_good():
    ids = np.arange(2 * 5 * 4 + 1)                             # 4 whole steps would fit exactly
    streams = Streams(ids, B=2, T=5, seed=0)
    batches = [streams.batch(step) for step in range(100 * streams.steps_per_pass)]
    starts = {int(inputs[0, 0]) for step, (inputs, _) in enumerate(batches) if streams.starts_over(step)}
    assert len(starts) >= 5
    assert set(np.concatenate([inputs.ravel() for inputs, _ in batches])) == set(ids[:-1])


@given(st.integers(2, 50), st.integers(1, 60))
def test_whole_stream_covers_every_prediction_once(N, T):
    chunks = list(whole_stream(np.arange(N), T))
    assert all(inputs.shape == targets.shape and inputs.shape[0] == 1 for inputs, targets in chunks)
    assert all(inputs.shape[1] == T for inputs, _ in chunks[:-1])
    assert np.concatenate([inputs[0] for inputs, _ in chunks]).tolist() == list(range(N - 1))
    assert np.concatenate([targets[0] for _, targets in chunks]).tolist() == list(range(1, N))


@pytest.mark.parametrize("batches", [RandomWindows, Streams])
def test_wrong_sizes(batches):
    ids = np.arange(100)
    with pytest.raises(ValueError, match=r"--batch.* is 0"):
        batches(ids, 0, 5)
    with pytest.raises(ValueError, match=r"--seq-len.* is -3"):
        batches(ids, 2, -3)
    with pytest.raises(ValueError, match=r"--seed.* is -1"):
        batches(ids, 2, 5, seed=-1)
    with pytest.raises(ValueError, match="one row of integers"):
        batches(ids.reshape(2, 50), 2, 5)
    with pytest.raises(ValueError, match="one row of integers"):
        batches(ids / 2, 2, 5)


def test_a_text_that_is_just_long_enough_and_one_that_is_too_short():
    assert RandomWindows(np.arange(6), 3, 5).batch(0)[0].tolist() == [[0, 1, 2, 3, 4]] * 3
    with pytest.raises(ValueError, match=r"has 5 ids and a window of 5 .* needs 6; .*--seq-len"):
        RandomWindows(np.arange(5), 3, 5)
    assert Streams(np.arange(11), 2, 5).batch(7)[1].tolist() == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]
    with pytest.raises(ValueError, match=r"has 10 ids and one step of 2 streams of 5 .* needs 11"):
        Streams(np.arange(10), 2, 5)
    with pytest.raises(ValueError, match="has 1 ids and one prediction needs 2"):
        whole_stream(np.arange(1), 5)
    with pytest.raises(ValueError, match="--seq-len"):
        whole_stream(np.arange(9), 0)
