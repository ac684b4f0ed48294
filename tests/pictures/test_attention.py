"""Attention maps."""
import numpy as np
import pytest

from tinyseq.pictures import AttentionMap, attention_maps

WEIGHTS = np.array([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5]])


def test_maps_of_several_sizes_make_a_picture(tmp_path):
    maps = [AttentionMap("abc", ["AH", "B"], WEIGHTS), AttentionMap(["she", "runs"], ["elle", "court"], WEIGHTS[:, :2])]
    attention_maps(tmp_path / "maps.png", maps, "where it looked")
    assert (tmp_path / "maps.png").read_bytes().startswith(b"\x89PNG")


def test_weights_of_another_shape_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"have weights of shape \(2, 3\); got \(3, 2\)"):
        attention_maps(tmp_path / "maps.png", [AttentionMap("abc", ["AH", "B"], WEIGHTS.T)], "")
    with pytest.raises(ValueError, match="nothing to draw"):
        attention_maps(tmp_path / "maps.png", [], "")
    assert not list(tmp_path.iterdir())
