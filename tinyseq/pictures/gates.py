"""What a gate did while a text was read."""
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyseq.pictures.style import PARTS, drawn


def gates_over_text(path: Path, text: str, gates: Mapping[str, Any], title: str) -> None:
    """Write a picture: for each gate, by name, a row of panels (T, units): one column a character of `text`, one line a
    unit, dark where the gate is shut and light where it is open. Raises ValueError for no gate, and for values of
    another shape."""
    if not gates:
        raise ValueError("there is nothing to draw: give at least one gate")
    for name, values in gates.items():
        if values.ndim != 2 or len(values) != len(text):
            raise ValueError(f"gate {name} has values of shape {values.shape}; a text of {len(text)} characters needs "
                             f"({len(text)}, units)")
    with drawn(path, max(6, 0.16 * len(text)), 1.1 + 1.7 * len(gates), title) as figure:
        panels = figure.subplots(len(gates), 1, squeeze=False, sharex=True)[:, 0]
        for axes, (name, values) in zip(panels, gates.items(), strict=True):
            image = axes.imshow(values.T, aspect="auto", cmap=PARTS, vmin=0, vmax=1)
            axes.set_ylabel(f"{name}\nunit")
        panels[-1].set_xticks(range(len(text)), [character if character != "\n" else "↵" for character in text],
                              fontfamily="monospace")
        figure.colorbar(image, ax=list(panels), label="0 shut, 1 open", fraction=0.03)
