"""One style for all pictures: colours that everyone can tell apart, marks and dashes beside them, sizes, the file."""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

# Okabe and Ito's colours: told apart by everyone, and in grey.
BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
PARTS = "cividis"                                          # of 1, from dark to light
SIGNED = "PuOr"                                            # below and above 0, white between
DPI = 120
SETTINGS: Any = {"font.size": 9, "axes.titlesize": 9, "axes.labelsize": 9, "legend.fontsize": 8, "figure.titlesize": 11,
            "xtick.labelsize": 8, "ytick.labelsize": 8, "lines.linewidth": 1.3, "lines.markersize": 4,
            "axes.prop_cycle": f"cycler('color', ['{BLUE}', '{ORANGE}', '{GREEN}', '{PINK}'])", "grid.alpha": 0.3,
            "image.interpolation": "nearest", "svg.hashsalt": "tinyseq"}


class Style(NamedTuple):
    """How a line looks: with its mark or its dash it is known in grey, too."""
    color: str
    mark: str
    dash: str


# More lines than colours: the second round is dashed, the third dotted.
STYLES = [Style(color, mark, dash) for dash in ("-", "--", ":")
          for color, mark in zip((BLUE, ORANGE, GREEN, PINK), "osD^", strict=True)]


@contextmanager
def drawn(path: str | Path, width: float, height: float, title: str = "") -> Iterator[Any]:
    """A matplotlib figure of so many inches, to be drawn on; then the file is written, SVG if it is called so, else
    PNG. pyplot and the reader's own figures are left alone, and nothing is written where drawing fails."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        if title:
            figure.suptitle(title)
        yield figure
        figure.savefig(path, dpi=DPI, format="svg" if Path(path).suffix == ".svg" else "png")


def line(axes: Any, points: Any, style: Style, label: str, marked: bool = True) -> None:
    """(x, y) as a line with some eight marks on it."""
    axes.plot([x for x, _ in points], [y for _, y in points], color=style.color, linestyle=style.dash, label=label,
              marker=style.mark if marked else None, markevery=max(1, len(points) // 8))
