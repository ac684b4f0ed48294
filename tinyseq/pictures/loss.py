"""The loss while a model was trained."""
from collections.abc import Sequence
from pathlib import Path

BLUE, ORANGE = "#0072B2", "#D55E00"    # Okabe and Ito's colours: told apart by everyone, and in grey


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
