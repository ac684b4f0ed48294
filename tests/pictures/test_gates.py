"""Pictures of gates and of several trainings are PNG files of the size that their content asks for."""
import struct

import numpy as np
import pytest

from tinyseq.pictures import compared, gates_over_text


def size(path):
    """Width and height that a PNG names."""
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", content[16:24])


def test_a_longer_text_makes_a_wider_picture_and_more_gates_a_higher_one(tmp_path):
    rng = np.random.default_rng(0)
    sizes = []
    for text, names in (("a short\ntext", "f"), ("a text that is much longer than the other " * 2, "f"), ("ab", "ifo")):
        gates_over_text(tmp_path / "gates.png", text, {name: rng.random((len(text), 3)) for name in names}, "gates")
        sizes.append(size(tmp_path / "gates.png"))
    assert sizes[1][0] > sizes[0][0] and sizes[2][1] > sizes[0][1]


def test_trainings_are_compared_in_one_picture(tmp_path):
    curves = {f"b_f = {b}": [(10, 2.0 + b), (20, 1.5 + b)] for b in (-1, 0, 1, 3)}
    compared(tmp_path / "curves.png", curves, "forget bias", "nats/char")
    assert min(size(tmp_path / "curves.png")) > 300


def test_a_text_and_gates_of_different_length_are_refused(tmp_path):
    for wrong in (np.zeros((2, 4)), np.zeros(3)):
        with pytest.raises(ValueError, match=r"a text of 3 characters needs \(3, units\)"):
            gates_over_text(tmp_path / "gates.png", "abc", {"f": wrong}, "gates")
    with pytest.raises(ValueError, match="at least one gate"):
        gates_over_text(tmp_path / "gates.png", "abc", {}, "gates")
    with pytest.raises(ValueError, match="from 1 to 12 curves can be told apart in one picture; got 13"):
        compared(tmp_path / "curves.png", {str(i): [(1, 1)] for i in range(13)}, "", "")
    assert not list(tmp_path.iterdir())
