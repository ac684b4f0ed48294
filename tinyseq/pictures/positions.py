"""How a transformer is told where a step stands."""
from pathlib import Path
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import to_host, xp
from tinyseq.layers.attention.relative import slopes
from tinyseq.layers.positions import SinusoidalPositions, angles
from tinyseq.pictures.style import SIGNED, STYLES, drawn, line


def position_encodings(path: Path, T: int, C: int, num_heads: int, learned: Any = None,
                       title: str = "Where a step stands") -> None:
    """Write a picture of T steps, panel by panel:

    sinusoidal   p_t (T, C), which is added to what the step holds
    learned      the same of trained weights P (at least T, C), a tensor or an array, if they are given
    rotary       cos of the angle t / 10000^(2i/d) that pair i of a head's d = C / num_heads channels is turned by
    ALiBi        what each head adds to the score of a key that stands so many steps back: -m * distance

    Raises ValueError where C does not go into heads with pairs of channels, and for a P of another shape."""
    if T < 2 or num_heads < 1 or C < 1 or C % (2 * num_heads):
        raise ValueError(f"T of at least 2 steps, and C channels that go into {num_heads} heads with pairs in each, so "
                         f"a multiple of {2 * max(num_heads, 1)}; got T={T}, C={C}")
    learned = learned.data if isinstance(learned, Tensor) else learned
    if learned is not None and (learned.ndim != 2 or len(learned) < T or learned.shape[1] != C):
        raise ValueError(f"learned positions of {T} steps and {C} channels are ({T} or more, {C}); got {learned.shape}")
    sinusoidal = SinusoidalPositions(C)(Tensor(xp.zeros((1, T, C)))).numpy()[0]
    maps = {"sinusoidal, p_t": sinusoidal} | ({} if learned is None else {"learned, P": to_host(learned)[:T]})
    with drawn(path, 3.4 * (len(maps) + 2), 3.6, title) as figure:
        panels = figure.subplots(1, len(maps) + 2)
        for axes, (name, values) in zip(panels, maps.items(), strict=False):
            largest = abs(values).max()
            image = axes.imshow(values, aspect="auto", cmap=SIGNED, vmin=-largest, vmax=largest)
            axes.set(title=name, xlabel="channel", ylabel="step t")
            figure.colorbar(image, ax=axes)
        turns = to_host(xp.cos(angles(xp.arange(T), C // num_heads)))
        image = panels[-2].imshow(turns, aspect="auto", cmap=SIGNED, vmin=-1, vmax=1)
        panels[-2].set(title="rotary, cos of the angle", xlabel="pair of channels", ylabel="step t")
        figure.colorbar(image, ax=panels[-2])
        for head, (slope, style) in enumerate(zip(slopes(num_heads), STYLES, strict=False)):
            line(panels[-1], [(n, -slope * n) for n in range(T)], style, f"head {head}, m = {slope:.3g}")
        panels[-1].set(title="ALiBi, added to the score", xlabel="steps back")
        panels[-1].grid()
        panels[-1].legend()
