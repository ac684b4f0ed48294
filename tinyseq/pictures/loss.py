"""The loss while a model was trained."""
from collections.abc import Mapping, Sequence
from pathlib import Path

# Okabe and Ito's colours: told apart by everyone, and in grey.
BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"


def loss_curve(path: Path, training: Sequence[tuple[int, float]], validation: Sequence[tuple[int, float]],
               title: str, unit: str) -> None:
    """Write a PNG: (step, loss) of training as a line, of validation as points on a line."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    if training:
        axes.plot(*zip(*training, strict=True), color=BLUE, linewidth=1, label="training")
    if validation:
        axes.plot(*zip(*validation, strict=True), color=ORANGE, marker="o", label="validation")
        best = min(value for _, value in validation)
        axes.axhline(best, color=ORANGE, linewidth=0.7, linestyle="--", label=f"best {best:.4f}")
    axes.set(title=title, xlabel="step", ylabel=unit)
    axes.grid(alpha=0.3)
    if training or validation:
        axes.legend()
    figure.savefig(path, dpi=120, format="png")


def compared(path: Path, curves: Mapping[str, Sequence[tuple[int, float]]], title: str, unit: str) -> None:
    """Write a PNG: several trainings' validations in one figure, (step, loss) by name; at most four."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    styles = zip((BLUE, ORANGE, GREEN, PINK), "osD^", strict=True)
    for (name, curve), (color, marker) in zip(curves.items(), styles, strict=False):
        axes.plot(*zip(*curve, strict=True), color=color, marker=marker, markersize=4, label=name)
    axes.set(title=title, xlabel="step", ylabel=unit)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=110, format="png")
