"""Where a decoder looked while it wrote."""
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple


class AttentionMap(NamedTuple):
    """One answer: weights (Tq, Tk), a row for each symbol written, a column for each symbol read."""
    read: Sequence[str]
    written: Sequence[str]
    weights: Any


def attention_maps(path: Path, maps: Sequence[AttentionMap], title: str) -> None:
    """Write a PNG: the maps side by side, dark where nothing was looked at. Raises ValueError for no map, and for
    weights of another shape."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if not maps:
        raise ValueError("there is nothing to draw: give at least one map")
    for read, written, weights in maps:
        if weights.shape != (len(written), len(read)):
            raise ValueError(f"{len(written)} symbols written and {len(read)} read have weights of shape "
                             f"{(len(written), len(read))}; got {weights.shape}")
    figure = Figure(figsize=(1 + 4 * len(maps), 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(maps), squeeze=False)[0]
    for axes, (read, written, weights) in zip(panels, maps, strict=True):
        image = axes.imshow(weights, aspect="auto", cmap="cividis", vmin=0, vmax=1, interpolation="nearest")
        axes.set_xticks(range(len(read)), read, rotation=90 if max(map(len, read)) > 2 else 0)
        axes.set_yticks(range(len(written)), written)
    figure.colorbar(image, ax=list(panels), label="weight", fraction=0.05)
    figure.suptitle(title)
    figure.savefig(path, dpi=110, format="png")
