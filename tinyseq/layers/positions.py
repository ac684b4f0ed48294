"""Where in the sequence a step stands, added to what it holds: attention by itself sees a set, not a sequence."""
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import normal, to_host, xp
from tinyseq.layers.module import Module, Table
from tinyseq.layers.named import check_tensor, named
from tinyseq.ops import gather

BASE = 10_000.0                                            # of the wavelengths, which go from 2 pi to about BASE 2 pi


def angles(t: Any, d: int) -> Any:
    """t / BASE^(2i/d), i = 0 .. d/2 - 1, in float64: steps t (...) -> (..., d/2).

    Vaswani et al. 2017, section 3.5; Su et al. 2021, section 3.2.2, turn by the same ones."""
    frequencies = BASE ** (xp.arange(d // 2, dtype="float64") * (-2 / d))
    return xp.asarray(t, "float64")[..., None] * frequencies


class SinusoidalPositions(Module):
    """y_t = x_t + p_t,   p_t[2i] = sin(t / 10000^(2i/C)),   p_t[2i+1] = cos(t / 10000^(2i/C))        (1)   (B, T, C)

    There is a matrix for each n, the same for all t, with p_{t+n} = p_t M_n: what stands n steps further looks the same
    from everywhere. No weights, and no longest sequence.

    Made with  C: channels, an even number.
    Call       x (B, T, C), t=0 -> y (B, T, C);  t: the step of x's first one, a number or one for each sequence (B,)
    Raises     ValueError for an odd C, or if x has other axes.
    Source     Vaswani et al. 2017, section 3.5."""

    def __init__(self, C: int):
        if C < 2 or C % 2:
            raise ValueError(f"SinusoidalPositions: channels come in pairs of a sine and a cosine; got C={C}: use "
                             f"{max(2, C + C % 2)}")
        self.C = C

    def __call__(self, x: Tensor, t: Any = 0) -> Tensor:
        _check(self, x, self.C)
        a = angles(_steps(t, x.shape[1]), self.C)                                   # (T, C/2) or (B, T, C/2)
        p = xp.stack([xp.sin(a), xp.cos(a)], axis=-1).reshape(*a.shape[:-1], self.C)
        return x + p.astype(x.dtype)                                                # (1)

    def describe(self) -> str:
        return str(self.C)


class LearnedPositions(Module):
    """y_t = x_t + P[t]                                                      (1)   (B, T, C)

    Made with  T: the longest sequence.  C: channels.
    Weights    P (T, C), from N(0, 0.02^2).
    Call       x (B, n, C), t=0 -> y (B, n, C);  t: the step of x's first one, a number or one for each sequence (B,)
    Raises     ValueError if a step is beyond T, or if x has other axes.
    Source     Gehring et al. 2017, section 3.1; the deviation as in Radford et al. 2018."""

    def __init__(self, T: int, C: int):
        if T < 1 or C < 1:
            raise ValueError(f"LearnedPositions has sizes of at least 1; got T={T}, C={C}")
        self.P = Table(normal((T, C), 0.02))

    def __call__(self, x: Tensor, t: Any = 0) -> Tensor:
        T, C = self.P.shape
        _check(self, x, C)
        n, last = x.shape[1], int(to_host(t).max(initial=0)) + x.shape[1]
        if last > T:
            raise ValueError(f"{named(self)} has learned T={T} positions, and this sequence has {last} steps: cut it "
                             f"to {T}, make the layer with T={last}, or take positions without an end (sinusoidal, "
                             "rotary, alibi)")
        return x + (self.P[t:t + n] if isinstance(t, int) else gather(self.P, _steps(t, n)))    # (1)

    def describe(self) -> str:
        return "{}, {}".format(*self.P.shape)


def _steps(t: Any, n: int) -> Any:
    """The n steps from t on, on the host: (n,), or (B, n) for t (B,)."""
    return to_host(t)[..., None] + to_host(range(n))


def _check(layer: Module, x: Tensor, C: int) -> None:
    check_tensor(layer, x)
    if x.ndim != 3 or x.shape[2] != C:
        raise ValueError(f"{named(layer)}: x should be (B, T, C={C}); got {x.shape}: " +
                         (f"make the layer with C={x.shape[2]}" if x.ndim == 3 else "one sequence is a batch of one, "
                          "x[None]"))
