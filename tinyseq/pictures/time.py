"""Lines side by side: how large a gradient is at each step of a sequence, and other things by a number."""
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tinyseq.pictures.style import STYLES, drawn
from tinyseq.pictures.style import line as draw_line

Line = Sequence[tuple[float, float]]


def norms_through_time(path: Path, panels: Mapping[str, Mapping[str, Sequence[float]]], title: str) -> None:
    """Write a picture: for each panel, by title, lines by name of the norm at t = 1 .. T, on a logarithmic scale.

    A norm of 0 has no place there and is left out."""
    points = {name: {line: [(t, norm) for t, norm in enumerate(norms, 1) if norm > 0] for line, norms in lines.items()}
              for name, lines in panels.items()}
    small_multiples(path, points, title, "step t", "norm", log_y=True)


def small_multiples(path: Path, panels: Mapping[str, Mapping[str, Line]], title: str, x: str, y: str,
                    log_x: bool = False, log_y: bool = False, share_y: bool = True,
                    line: tuple[float, str] | None = None) -> None:
    """Write a picture: panels side by side, in each lines (x, y) by name.

    log_x, log_y   logarithmic scales; a few x are marked as they are, many by powers of ten
    share_y        one y for all panels
    line           a height to compare with, and what it is

    A name looks the same in each panel. Raises ValueError for more names than there are colours and dashes, or for
    no panel."""
    names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    if not panels:
        raise ValueError("there is nothing to draw: give at least one panel")
    if len(names) > len(STYLES):
        raise ValueError(f"{len(names)} lines cannot be told apart, {len(STYLES)} can: draw fewer")
    styles = dict(zip(names, STYLES, strict=False))
    with drawn(path, max(7.0, 1.6 + 4.2 * len(panels)), 4.2, title) as figure:
        for axes, (name, lines) in zip(figure.subplots(1, len(panels), squeeze=False, sharex=True, sharey=share_y)[0],
                                       panels.items(), strict=True):
            for label, points in lines.items():
                draw_line(axes, points, styles[label], label)
            if line:
                axes.axhline(line[0], color="black", linewidth=0.7, linestyle="-.", label=line[1])
            axes.set(title=name, xlabel=x)
            axes.grid()
            if log_x:
                axes.set_xscale("log")
                _mark_points(axes, sorted({p[0] for points in lines.values() for p in points}))
            if log_y:
                axes.set_yscale("log")
        figure.axes[0].set_ylabel(y)
        handles = {label: handle for axes in figure.axes
                   for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
        if len(panels) == 1:                               # beside a single panel it would stand in the title's way
            figure.axes[0].legend()
        else:
            figure.legend(handles.values(), handles.keys(), loc="outside right upper")


def _mark_points(axes: Any, xs: list[float]) -> None:
    """Ticks where the points are, if there are few: 1, 2, 4, 8 says more than 10^0."""
    if len(xs) <= 8:
        axes.set_xticks(xs, [f"{x:g}" for x in xs])
        axes.minorticks_off()
