"""Attention over the places of images; image files."""
import numpy as np
import pytest

from tinyseq.pictures import ImageAttention, attention_over_images, read_image

WEIGHTS = np.full((2, 6, 6), 1 / 6)


def test_images_and_heads_make_a_picture(tmp_path):
    maps = [ImageAttention(np.zeros((8, 12)), WEIGHTS, "boot"), ImageAttention(np.zeros((8, 12, 3)), WEIGHTS[:1])]
    attention_over_images(tmp_path / "maps.png", maps, (2, 3), (1, 2), "where it looks")
    assert (tmp_path / "maps.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("maps, place, message", [
    ([], (0, 0), "nothing to draw"),
    ([ImageAttention(np.zeros((8, 12)), WEIGHTS)], (2, 0), r"2 x 3 has no place \(2, 0\): rows go from 0 to 1"),
    ([ImageAttention(np.zeros((8, 12)), WEIGHTS[:, :5, :5])], (0, 0), r"weights \(heads, 6, 6\); got \(2, 5, 5\)"),
    ([ImageAttention(np.zeros((8, 12)), WEIGHTS[0])], (0, 0), r"weights \(heads, 6, 6\); got \(6, 6\)"),
])
def test_what_cannot_be_drawn(tmp_path, maps, place, message):
    with pytest.raises(ValueError, match=message):
        attention_over_images(tmp_path / "maps.png", maps, (2, 3), place, "")
    assert not list(tmp_path.iterdir())


def test_a_grey_png_and_an_array_keep_their_bytes(tmp_path):
    from matplotlib.image import imsave
    pixels = np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 6)
    imsave(tmp_path / "a.png", np.stack([pixels] * 3, axis=-1))
    np.save(tmp_path / "a.npy", pixels)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png")[:, :, 0], pixels)
    assert read_image(tmp_path / "a.png").dtype == np.uint8
    np.testing.assert_array_equal(read_image(tmp_path / "a.npy"), pixels[:, :, None])
