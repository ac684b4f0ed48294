"""Principal components, and vectors drawn by them."""
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from tinyseq.pictures import embedding_map, principal_components


@given(st.integers(3, 12), st.integers(2, 6), st.integers(0, 2 ** 20))
def test_components_are_those_of_the_covariance(n, C, seed):
    vectors = np.random.default_rng(seed).normal(size=(n, C))
    points, shares = principal_components(vectors, 2)
    variances = np.sort(np.linalg.eigvalsh(np.cov(vectors.T)))[::-1]
    np.testing.assert_allclose(points.var(axis=0, ddof=1), variances[:2], atol=1e-10)
    np.testing.assert_allclose(shares, variances[:2] / variances.sum(), atol=1e-10)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-10)
    assert (points.max(axis=0) >= -points.min(axis=0)).all()              # the largest one is positive
    np.testing.assert_allclose(principal_components(-vectors + 5, 2)[0], points, atol=1e-8)


def test_distances_in_a_plane_are_kept():
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))[0][:2]
    flat = np.array([[0.0, 0], [3, 0], [0, 4], [1, 1]])
    points, shares = principal_components(flat @ turn)
    distances = [np.linalg.norm(x[:, None] - x, axis=-1) for x in (flat, points)]
    np.testing.assert_allclose(*distances, atol=1e-10)
    assert shares.sum() == pytest.approx(1)


def test_each_vector_stands_there_with_its_label_and_each_group_with_its_mark(figures, tmp_path):
    vectors = np.random.default_rng(1).normal(size=(4, 3))
    embedding_map(tmp_path / "a.png", vectors, "aebc", "letters", ["vowel", "vowel", "consonant", "consonant"])
    axes = figures[0].axes[0]
    points, shares = principal_components(vectors)
    assert [(text.get_text(), *text.xy) for text in axes.texts] == [
        (label, *point) for label, point in zip("aebc", points, strict=True)]
    assert {one.get_label(): one.get_marker() for one in axes.lines} == {"vowel": "o", "consonant": "s"}
    assert f"{shares[0]:.0%}" in axes.get_xlabel() and axes.get_legend() is not None


@pytest.mark.parametrize("vectors, labels, groups, message", [
    (np.eye(3), "ab", None, "3 vectors has a label and a group; got 2 labels"),
    (np.eye(13), "abcdefghijklm", "abcdefghijklm", "13 groups cannot be told apart, 12 can"),
    (np.ones((3, 2)), "abc", None, "all the same"),
    (np.ones((3, 1)), "abc", None, r"n and C of at least 2; got \(3, 1\)")])
def test_what_cannot_be_drawn(tmp_path, vectors, labels, groups, message):
    with pytest.raises(ValueError, match=message):
        embedding_map(tmp_path / "a.png", vectors, labels, "", groups)
    assert not list(tmp_path.iterdir())
