"""Images from files, and where an attention over their places looks."""
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tinyseq.backend import host
from tinyseq.pictures.style import ORANGE, PARTS, drawn

np = host.np


class ImageAttention(NamedTuple):
    """One image (height, width) or (height, width, 3), and the weights (nh, T, T) of its T = h w places."""
    image: Any
    weights: Any
    title: str = ""


def read_image(path: Path) -> Any:
    """The pixels of a PNG or JPEG file (height, width, colours), or of an array saved by np.save, as bytes.

    An array is (height, width) or (height, width, colours) of uint8. Raises ValueError for a file that is neither.
    """
    from matplotlib.image import imread

    path = Path(path)
    try:
        pixels = np.load(path, allow_pickle=False) if path.suffix == ".npy" else imread(path)
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}: check the name") from None
    except Exception as error:                             # each format has errors of its own
        raise ValueError(f"{path} is no image that can be read ({error}); give a .png, a .jpg, or a .npy") from None
    if pixels.dtype == np.float32 and path.suffix != ".npy":
        pixels = (pixels * 255).round().astype(np.uint8)   # a PNG comes as parts of 1
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise ValueError(f"{path} should hold bytes (height, width) or (height, width, colours); it has {pixels.dtype} "
                         f"of shape {pixels.shape}: save the pixels as uint8, from 0 to 255")
    return pixels.reshape(*pixels.shape[:2], -1)


def attention_over_images(path: Path, maps: Sequence[ImageAttention], grid: tuple[int, int], place: tuple[int, int],
                          title: str) -> None:
    """Write a picture: a row for each image; the image with one place framed, then, head by head, how much that place
    looks at each other, light where it looks.

    grid     (h, w), the places of the map that was attended over
    place    (row, column) of the one that looks
    Raises ValueError for no image, weights of another shape, and a place outside the grid."""
    from matplotlib.patches import Rectangle

    (h, w), (row, column) = grid, place
    if not maps:
        raise ValueError("there is nothing to draw: give at least one image")
    if not (0 <= row < h and 0 <= column < w):
        raise ValueError(f"a grid of {h} x {w} has no place {place}: rows go from 0 to {h - 1}, columns to {w - 1}")
    for _, weights, _ in maps:
        if weights.ndim != 3 or weights.shape[1:] != (h * w, h * w):
            raise ValueError(f"{h} x {w} places have weights (heads, {h * w}, {h * w}); got {weights.shape}")
    heads = max(len(weights) for _, weights, _ in maps)
    with drawn(path, 0.6 + 1.9 * (heads + 1), 0.5 + 1.9 * len(maps), title) as figure:
        panels = figure.subplots(len(maps), heads + 1, squeeze=False)
        for axes in panels.flat:
            axes.set_axis_off()
        for line, (image, weights, name) in zip(panels, maps, strict=True):
            height, width = image.shape[0] / h, image.shape[1] / w
            line[0].imshow(image, cmap="gray")
            corner = (column * width - 0.5, row * height - 0.5)
            line[0].add_patch(Rectangle(corner, width, height, fill=False, color=ORANGE, linewidth=2))
            line[0].set_title(name)
            for head, (axes, of_head) in enumerate(zip(line[1:], weights, strict=False)):
                axes.imshow(of_head[row * w + column].reshape(h, w), cmap=PARTS, vmin=0)
                axes.set_title(f"head {head}")
