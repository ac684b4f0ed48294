"""How a mistake is called that nobody has listed: by patterns of numbers, by changes of a solution, by two at once."""
import changes
import numpy as np
import pytest

from tinyseq.exercises import examine
from tinyseq.exercises.compare import Around, difference

RIGHT = np.random.default_rng(0).normal(size=(3, 4, 5))
X = np.random.default_rng(1).normal(size=(3, 4, 5))


@pytest.mark.parametrize("got, words", [
    (RIGHT[:, ::-1], "runs backwards along T"), (RIGHT.transpose(1, 0, 2), "in the order T, B, D"),
    (np.concatenate([RIGHT[:, 1:], RIGHT[:, :1]], axis=1), "one place further back along T"),
    (RIGHT / 12, "1/(B T) of (B T = 12)"), (RIGHT * X, "a factor x too many"), (RIGHT + X, "the term x is too many"),
    (RIGHT * (1 - X * X), "a factor 1 - x^2 too many"),
    (np.stack([RIGHT / 2, RIGHT / 2]), "axis 0 should have been summed over"),
    (np.where(np.arange(4)[:, None] == 2, 7.0, RIGHT), "what is at 2 along T alone is wrong")])
def test_patterns(got, words):
    found = difference("dx", got, RIGHT, Around(["B", "T", "D"], "", {"x": X}, {"B": 3, "T": 4, "D": 5}))
    assert words in found.way


def gate(dh, z, n, h):
    dz = dh * (n - h) * z * (1 - z)                        # (1)
    dn = dh * z * (1 - n ** 2)                             # (2)
    return dz, dn


def steps(x):
    y, total = np.zeros_like(x), np.zeros_like(x[0])
    for t in reversed(range(1, len(x))):
        total = total + x[t - 1]                           # (1)
        y[t] += total                                      # (2)
    return y


@pytest.mark.parametrize("function, words, expected", [
    (gate, "`n` and `h` stand in each other's place in (1), for `dz`", lambda dh, z, n, h: dh * (h - n) * z * (1 - z)),
    (gate, "sigmoid's derivative is missing at `z` in (1), for `dz`", lambda dh, z, n, h: dh * (n - h)),
    (gate, "`1 - z` stands where `z` belongs in (2), for `dn`", lambda dh, z, n, h: dh * (1 - z) * (1 - n ** 2)),
    (gate, "`z` and `1 - z` stand in each other's place everywhere", lambda dh, z, n, h: dh * (1 - z) * (1 - n ** 2)),
    (steps, "the loop of `reversed(range(1, len(x)))` runs forwards", lambda x: x.cumsum(axis=0)[[0, 0, 1, 2]]),
    (steps, "`x[t]` stands where `x[t - 1]` belongs in (1), for `total`", lambda x: x[::-1].cumsum(axis=0)[::-1])])
def test_changes(function, words, expected):
    answer = dict(changes.changed(function))[words]
    arrays = np.random.default_rng(2).uniform(size=(function.__code__.co_argcount, 4, 3))
    returned = answer(*arrays)
    results = returned if isinstance(returned, tuple) else (returned,)
    rows = slice(1, None) if function is steps else slice(None)
    assert any(np.allclose(result[rows], expected(*arrays)[rows]) for result in results)


@pytest.mark.exercises
def test_two_mistakes_at_once():
    def answer(dh, x, h_prev, h, W_xh, W_hh):
        da = dh * (1 - h ** 2)
        return da @ W_xh.T, da @ W_hh, x.T @ da, h.T @ da, da.sum(axis=0)
    words = examine("rnn-step-backward", answer).words
    assert "W_hh should be transposed" in words and "dW_hh uses h_t where (1) has h_{t-1}" in words
