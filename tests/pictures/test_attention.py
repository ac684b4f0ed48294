"""Attention maps, still and moving."""
import numpy as np
import pytest

from tinyseq.pictures import AttentionMap, attention_animation, attention_maps, decoding_steps

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


WHOLE = AttentionMap("abc", ["AH", "B"], WEIGHTS)


def frames_of(path):
    """How many frames a GIF has."""
    from PIL import Image
    with Image.open(path) as image:
        assert image.format == "GIF"
        return image.n_frames


def test_decoding_is_shown_row_by_row():
    first, last = decoding_steps(WHOLE)
    np.testing.assert_array_equal(first.weights, [WEIGHTS[0], [np.nan] * 3])
    np.testing.assert_array_equal(last.weights, WEIGHTS)
    assert (first.title, last.title) == ("step 1: AH", "step 2: B") and not np.isnan(WHOLE.weights).any()


def test_a_moving_picture_of_decoding_has_the_whole_map_as_its_still(tmp_path, monkeypatch):
    import tinyseq.pictures.attention as page
    stills = []
    monkeypatch.setattr(page, "attention_maps", lambda path, maps, title: stills.append((path, maps)))
    still = attention_animation(tmp_path / "a.gif", decoding_steps(WHOLE), "where it looked")
    assert frames_of(tmp_path / "a.gif") >= 2 and still == tmp_path / "a.png"
    (path, (one,)), = stills
    assert path == still and np.array_equal(one.weights, WEIGHTS)


def test_a_moving_picture_of_a_training_has_its_first_middle_and_last_map_as_its_still(tmp_path, monkeypatch):
    import tinyseq.pictures.attention as page
    stills = []
    monkeypatch.setattr(page, "attention_maps", lambda path, maps, title: stills.append(maps))
    attention_animation(tmp_path / "a.gif", [WHOLE._replace(weights=WEIGHTS * k, title=str(k)) for k in range(5)], "")
    assert [one.title for one in stills[0]] == ["0", "2", "4"] and frames_of(tmp_path / "a.gif") >= 5


def test_its_files_are_written(tmp_path):
    attention_animation(tmp_path / "a.gif", [WHOLE], "")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name, frames, message", [
    ("a.mp4", [WHOLE], r"an animation is a \.gif; got a\.mp4: name it a\.gif"), ("a.gif", [], "nothing to draw"),
    ("a.gif", [WHOLE._replace(weights=WEIGHTS.T)], r"have weights of shape \(2, 3\); got \(3, 2\)")])
def test_what_cannot_move(tmp_path, name, frames, message):
    with pytest.raises(ValueError, match=message):
        attention_animation(tmp_path / name, frames, "")
    assert not list(tmp_path.iterdir())
