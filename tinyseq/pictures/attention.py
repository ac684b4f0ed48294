"""Where a decoder looked while it wrote, at once or step by step."""
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tinyseq.backend import host
from tinyseq.pictures.style import DPI, PARTS, SETTINGS, drawn

np = host.np
BESIDE = 3                                                 # frames that the still picture of an animation shows


class AttentionMap(NamedTuple):
    """One answer: weights (Tq, Tk), a row for each symbol written, a column for each symbol read."""
    read: Sequence[str]
    written: Sequence[str]
    weights: Any
    title: str = ""


def attention_maps(path: Path, maps: Sequence[AttentionMap], title: str) -> None:
    """Write a picture: the maps side by side, dark where nothing was looked at. Raises ValueError for no map, and for
    weights of another shape."""
    _check(maps)
    with drawn(path, 1 + 4 * len(maps), 4.4, title) as figure:
        panels = figure.subplots(1, len(maps), squeeze=False)[0]
        for axes, one in zip(panels, maps, strict=True):
            image = _draw(axes, one)
        figure.colorbar(image, ax=list(panels), label="weight", fraction=0.05)


def decoding_steps(whole: AttentionMap) -> list[AttentionMap]:
    """What of a map is there after 1, 2, ... symbols are written; weights that are still to come are not a number."""
    frames = []
    for n in range(1, len(whole.written) + 1):
        weights = np.array(whole.weights, dtype="float64")
        weights[n:] = np.nan
        frames.append(whole._replace(weights=weights, title=f"step {n}: {whole.written[n - 1]}"))
    return frames


def attention_animation(path: Path, frames: Sequence[AttentionMap], title: str) -> Path:
    """Write a GIF, each second a map and the last for four, and beside it under the same name a PNG for where nothing
    moves (on paper, or for who does not like it): the last frame of decoding_steps, which has all others in it, or else
    the first, the middle and the last. Returns the PNG's path.

    frames     decoding_steps(map), or one input's map at several steps of a training, each with its title
    Raises ValueError for a file that is not called .gif, no map, and weights of another shape."""
    from matplotlib import rc_context
    from matplotlib.animation import PillowWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    path = Path(path)
    if path.suffix != ".gif":
        raise ValueError(f"an animation is a .gif; got {path.name}: name it {path.stem}.gif")
    _check(frames)
    writer = PillowWriter(fps=1)
    with rc_context(SETTINGS):
        figure = Figure(figsize=(5, 4.4), layout="constrained")
        FigureCanvasAgg(figure)
        writer.setup(figure, str(path), dpi=DPI)
        for frame in [*frames, *[frames[-1]] * 3]:
            figure.clear()
            axes = figure.subplots()
            figure.colorbar(_draw(axes, frame), ax=axes, label="weight")
            figure.suptitle(title)
            writer.grab_frame()
        writer.finish()
    still = path.with_suffix(".png")
    grows = np.isnan(frames[0].weights).any() or len(frames) == 1
    some = [frames[k * (len(frames) - 1) // (BESIDE - 1)] for k in range(BESIDE)]
    attention_maps(still, [frames[-1]._replace(title="")] if grows else some, title)
    return still


def _check(maps: Sequence[AttentionMap]) -> None:
    if not maps:
        raise ValueError("there is nothing to draw: give at least one map")
    for read, written, weights, _ in maps:
        if weights.shape != (len(written), len(read)):
            raise ValueError(f"{len(written)} symbols written and {len(read)} read have weights of shape "
                             f"{(len(written), len(read))}; got {weights.shape}")


def _draw(axes: Any, one: AttentionMap) -> Any:
    """One map; what is not a number stays white."""
    read, written, weights, title = one
    image = axes.imshow(weights, aspect="auto", cmap=PARTS, vmin=0, vmax=1)
    axes.set_xticks(range(len(read)), read, rotation=90 if max(map(len, read)) > 2 else 0)
    axes.set_yticks(range(len(written)), written)
    axes.set(title=title, xlabel="read", ylabel="written")
    return image
