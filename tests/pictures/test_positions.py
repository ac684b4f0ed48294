"""Position encodings: each panel holds the numbers of its formula."""
import math

import numpy as np
import pytest

from tinyseq.autograd import tensor
from tinyseq.pictures import position_encodings


def test_each_panel_has_the_numbers_of_its_formula(figures, tmp_path):
    learned = np.random.default_rng(0).normal(size=(9, 8))
    position_encodings(tmp_path / "a.png", 6, 8, 2, tensor(learned))
    panels = {axes.get_title(): axes for axes in figures[0].axes if axes.get_title()}
    images = {title: np.asarray(axes.images[0].get_array()) for title, axes in panels.items() if axes.images}
    p = [[f(t / 10_000 ** (2 * i / 8)) for i in range(4) for f in (math.sin, math.cos)] for t in range(6)]
    np.testing.assert_allclose(images["sinusoidal, p_t"], p, atol=1e-7)
    np.testing.assert_array_equal(images["learned, P"], learned[:6])
    np.testing.assert_allclose(images["rotary, cos of the angle"],
                               [[math.cos(t / 10_000 ** (2 * i / 4)) for i in range(2)] for t in range(6)], atol=1e-12)
    first, second = panels["ALiBi, added to the score"].lines
    np.testing.assert_allclose(first.get_ydata(), [-n * 2.0 ** -4 for n in range(6)])
    np.testing.assert_allclose(second.get_ydata(), [-n * 2.0 ** -8 for n in range(6)])
    assert [axes.get_ylabel() for axes in figures[0].axes][:3] == ["step t"] * 3


def test_without_learned_ones_there_are_three_panels_and_a_file(tmp_path):
    position_encodings(tmp_path / "a.svg", 6, 8, 2)
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert text.startswith("<?xml") and "</svg>" in text


@pytest.mark.parametrize("T, C, heads, learned, message", [
    (6, 6, 2, None, "a multiple of 4; got T=6, C=6"), (1, 8, 2, None, "at least 2 steps"), (6, 8, 0, None, "0 heads"),
    (6, 8, 2, np.zeros((5, 8)), r"are \(6 or more, 8\); got \(5, 8\)")])
def test_what_cannot_be_drawn(tmp_path, T, C, heads, learned, message):
    with pytest.raises(ValueError, match=message):
        position_encodings(tmp_path / "a.png", T, C, heads, learned)
    assert not list(tmp_path.iterdir())
