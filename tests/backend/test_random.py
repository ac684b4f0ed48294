"""Seeds, initial weights, and the random numbers behind dropout masks."""
from itertools import pairwise

import pytest

from tinyseq.backend import at_step, host, manual_seed, random, seeded, to_host

np = host.np


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)
    yield
    manual_seed(0)


def dropout_bits(shape, path):
    return to_host(random.dropout_bits(shape, path))


def uniform(shape, limit):
    return to_host(random.uniform(shape, limit))


def normal(shape, deviation):
    return to_host(random.normal(shape, deviation))


def bits(shape=(6, 5), path="a", step=3, first_row=0, calls=1):
    with at_step(step, first_row):
        return [dropout_bits(shape, path) for _ in range(calls)][-1]


def test_the_same_place_gives_the_same_bits():
    assert np.array_equal(bits(), bits())
    assert bits().dtype == np.uint32
    dropout_bits((2, 2), "a")                            # what happens outside makes no difference
    assert np.array_equal(bits(), bits())


@pytest.mark.parametrize("other", [{"path": "b"}, {"step": 4}, {"calls": 2}, {"first_row": 1}])
def test_another_place_gives_other_bits(other):
    assert (bits() == bits(**other)).mean() < 0.05


def test_another_seed_gives_other_bits():
    before = bits()
    manual_seed(1)
    assert (before == bits()).mean() < 0.05
    manual_seed(0)
    assert np.array_equal(before, bits())


@pytest.mark.parametrize("cuts", [(0, 2, 6), (0, 1, 2, 3, 4, 5, 6), (0, 5, 6)])
def test_how_the_batch_is_split_makes_no_difference(cuts):
    shards = [bits((b - a, 5), first_row=a) for a, b in pairwise(cuts)]
    assert np.array_equal(np.concatenate(shards), bits())
    assert np.array_equal(bits((6, 5, 2), first_row=0)[4:], bits((2, 5, 2), first_row=4))


def test_outside_a_step_every_call_differs_and_the_seed_repeats_them():
    first = [dropout_bits((4, 5), "a") for _ in range(2)]
    assert not np.array_equal(*first)
    manual_seed(0)
    assert all(np.array_equal(a, dropout_bits((4, 5), "a")) for a in first)


def test_steps_nest_and_end_with_exceptions():
    with at_step(1):
        outer = dropout_bits((4, 5), "a")
        with pytest.raises(KeyError), at_step(2):
            raise KeyError
        second = dropout_bits((4, 5), "a")
    with at_step(1):
        assert np.array_equal(outer, dropout_bits((4, 5), "a")) and np.array_equal(second, dropout_bits((4, 5), "a"))


def test_the_bits_are_even_and_uncorrelated():
    x = bits((400, 500)) / 2 ** 32
    assert abs(x.mean() - 0.5) < 0.005 and abs(x.var() - 1 / 12) < 0.002
    shares = np.histogram(x, 20, (0, 1))[0] / x.size
    assert abs(shares - 0.05).max() < 0.003
    y = bits((400, 500), step=4) / 2 ** 32
    z = bits((400, 500), path="b") / 2 ** 32
    pairs = {"rows": (x[1:], x[:-1]), "columns": (x[:, 1:], x[:, :-1]), "steps": (x, y), "paths": (x, z),
             "far rows": (x[64:], x[:-64])}
    for what, (a, b) in pairs.items():
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.012, what
    assert abs(np.corrcoef(x)[np.triu_indices(400, 1)]).max() < 0.3
    for bit in range(32):
        assert abs(((bits((100, 100)) >> np.uint32(bit)) & 1).mean() - 0.5) < 0.03


@pytest.mark.parametrize("draw, deviation", [(lambda: uniform((50, 40), 2.0), 2 / 3 ** 0.5),
                                             (lambda: normal((50, 40), 2.0), 2)])
def test_initial_weights_are_repeatable(draw, deviation):
    a, b = draw(), draw()
    manual_seed(0)
    assert np.array_equal(a, draw()) and not np.array_equal(a, b)
    assert a.dtype == np.float32 and abs(a.mean()) < 0.15 and a.std() == pytest.approx(deviation, rel=0.05)


def test_seeded_leaves_what_follows_as_it_was():
    a, b = uniform((3,), 1.0), uniform((3,), 1.0)
    manual_seed(0)
    assert np.array_equal(uniform((3,), 1.0), a)
    with pytest.raises(KeyError), seeded(5):
        uniform((7,), 1.0)
        raise KeyError
    assert np.array_equal(uniform((3,), 1.0), b)


def test_uniform_keeps_within_its_limit():
    assert abs(uniform((1000,), 0.25)).max() <= 0.25


def test_seeds_go_from_0():
    with pytest.raises(ValueError, match="whole number from 0 on; got -1"):
        manual_seed(-1)
