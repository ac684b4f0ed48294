"""The loss while a model was trained."""
from collections.abc import Mapping, Sequence
from pathlib import Path

from tinyseq.pictures.style import BLUE, ORANGE, STYLES, drawn, line


def loss_curve(path: Path, training: Sequence[tuple[int, float]], validation: Sequence[tuple[int, float]],
               title: str, unit: str) -> None:
    """Write a picture: (step, loss) of training as a line, of validation as points on a line."""
    with drawn(path, 7, 4) as figure:
        axes = figure.add_subplot()
        if training:
            axes.plot(*zip(*training, strict=True), color=BLUE, linewidth=1, label="training")
        if validation:
            axes.plot(*zip(*validation, strict=True), color=ORANGE, marker="o", label="validation")
            best = min(value for _, value in validation)
            axes.axhline(best, color=ORANGE, linewidth=0.7, linestyle="--", label=f"best {best:.4f}")
        axes.set(title=title, xlabel="step", ylabel=unit)
        axes.grid()
        if training or validation:
            axes.legend()


def compared(path: Path, curves: Mapping[str, Sequence[tuple[int, float]]], title: str, unit: str) -> None:
    """Write a picture: several trainings' validations in one figure, (step, loss) by name. Raises ValueError for none,
    and for more than can be told apart."""
    if not 0 < len(curves) <= len(STYLES):
        raise ValueError(f"from 1 to {len(STYLES)} curves can be told apart in one picture; got {len(curves)}")
    with drawn(path, 7, 4) as figure:
        axes = figure.add_subplot()
        for (name, curve), style in zip(curves.items(), STYLES, strict=False):
            line(axes, curve, style, name)
        axes.set(title=title, xlabel="step", ylabel=unit)
        axes.grid()
        axes.legend()
