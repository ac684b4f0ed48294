"""Numbers that are right in other places, or row by row; and changes of sums, masks and calls."""
import changes
import numpy as np
import pytest

from tinyseq.exercises.compare import Around, difference

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 4, 10))                            # (B, T, C), C = 2 heads of 5
SPLIT = X.reshape(3, 4, 2, 5).transpose(0, 2, 1, 3)        # (B, nh, T, d)
E = RNG.normal(size=(3, 4, 4))
WEIGHTS = np.tril(np.exp(E)) / np.tril(np.exp(E)).sum(axis=2, keepdims=True)
HEADS, ROWS = ["B", "nh", "T", "d"], ["B", "Tq", "Tk"]


@pytest.mark.parametrize("got, right, axes, words", [
    (X.reshape(3, 2, 4, 5), SPLIT, HEADS, "it is x reshaped, and no axis has been moved"),
    (X.transpose(0, 2, 1).reshape(3, 2, 4, 5), SPLIT, HEADS, "it is x with its axes in the order 0, 2, 1, and"),
    (X.reshape(3, 4, 5, 2).transpose(0, 3, 1, 2), SPLIT, HEADS, "neighbours along nh should be neighbours along d"),
    (SPLIT[..., [0, 2, 1, 4, 3]], SPLIT, HEADS, "along d the places of the right ones are 0, 2, 1, 4, 3"),
    (np.exp(E) / np.exp(E).sum(axis=2, keepdims=True), WEIGHTS, ROWS, "it is not 0 at 18 places where it should be 0"),
    (np.tril(np.exp(E)) / np.exp(E).sum(axis=2, keepdims=True), WEIGHTS, ROWS, "each row: it should add up to 1"),
    (np.tril(E), WEIGHTS, ROWS, "it is e wherever it is not 0")])
def test_patterns(got, right, axes, words):
    found = difference("y", got, right, Around(axes, "", {"x": X, "e": E}, dict(zip(axes, right.shape, strict=True))))
    assert words in found.way


def test_rounding_is_not_where_0_should_be():
    got = np.where(WEIGHTS == 0, 1e-18, WEIGHTS ** 2)
    assert "places where" not in difference("y", got, WEIGHTS, Around(ROWS, "", {}, {})).way


def scores(e, dalpha, x, y):
    seen = np.tril(np.ones(e.shape[1:], bool))             # (1)
    alpha = np.exp(np.where(seen, e, -np.inf))             # (2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=2, keepdims=True))    # (3)
    p = x @ y                                              # (4)
    z = np.einsum("bij,bjk->bik", x, y)                    # (5)
    t = np.arange(len(x))                                  # (6)
    return alpha, de, p, z, t


TRIL, EINSUM = "np.tril(np.ones(e.shape[1:], bool))", "np.einsum('bij,bjk->bik', x, y)"


@pytest.mark.parametrize("words, i, expected", [
    (f"`np.tril(np.ones(e.shape[1:], bool), 1)` stands where `{TRIL}` belongs in (1), for `seen`", 0,
     lambda e, dalpha, x, y: np.tril(np.exp(e), 1)),
    ("the choice of `np.where(seen, e, -np.inf)` is missing: `e` stands everywhere in (2), for `alpha`",
     0, lambda e, dalpha, x, y: np.exp(e)),
    ("softmax's derivative is missing, `dalpha` is taken as it is in (3), for `de`", 1, lambda e, dalpha, x, y: dalpha),
    ("only the last term of the sum in `x @ y` is left, as if a loop had set it and not added to it in (4), for `p`",
     2, lambda e, dalpha, x, y: x[..., -1:] * y[..., -1:, :]),
    (f"a product of sums stands where the sum of products `{EINSUM}` belongs, along j in (5), for `z`",
     3, lambda e, dalpha, x, y: x.sum(axis=2)[:, :, None] * y.sum(axis=1)[:, None]),
    ("`np.arange(len(x))` counts from 1 and should count from 0 in (6), for `t`", 4, lambda *given: [1, 2, 3])])
def test_changes(words, i, expected):
    given = RNG.normal(size=(4, 3, 4, 4))
    assert np.allclose(dict(changes.changed(scores))[words](*given)[i], expected(*given))
