"""What the specimens measure with."""
import numpy as np
import pytest

from tinyseq.autograd import tensor
from tinyseq.backend import to_device
from tinyseq.errata.measures import apart, difference, fit, largest, noise, read_ahead, refusal, relative_error, values
from tinyseq.layers import Parameter


def test_sizes_and_distances():
    a, b = np.array([1.0, -3.0]), tensor(np.array([1.0, 1.0]))
    assert largest(a) == 3 and difference(a, b) == 4
    assert relative_error(a, b) == pytest.approx(4 / 2 ** 0.5)
    assert apart([[0.5, 0.5], [1, 0]], [[0.5, 0.5], [0, 1]]) == 1
    assert values((b, None)).tolist() == [1, 1]


def test_read_ahead_sees_the_last_step_and_nothing_else():
    x, other = np.array([[1.0, 2.0, 3.0]]), np.array([[9.0, 9.0, 5.0]])
    assert read_ahead(lambda x: tensor(x[:, ::-1].copy()), x, other) == 2
    assert read_ahead(lambda x: tensor(x), x, other) == 0


def test_fit_goes_downhill():
    w = Parameter(to_device(np.array([3.0])))
    losses = fit([w], lambda: (w * w).sum(), 200, lr=0.1)
    assert losses[0] == 9 and losses[-1] < 1e-3


def test_a_refusal_is_its_words_and_none_is_an_error():
    def refuse():
        raise ValueError("no")
    assert refusal(refuse) == "no"
    with pytest.raises(AssertionError, match="took a faulty call for a sound one"):
        refusal(lambda: None)


def test_noise_is_even_over_four_letters():
    assert np.bincount(noise(4000)).tolist() == pytest.approx([1000] * 4, abs=100)
