"""Normalisation as layers."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.backend import xp
from tinyseq.layers.module import Buffer, Module, Parameter
from tinyseq.layers.named import check_tensor, named


class LayerNorm(Module):
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta                 (1)   (..., C)

    with mean and variance of each position over its C channels.

    Made with  C: channels.  epsilon: keeps the root away from 0.  bias: whether there is a beta.
    Weights    gamma (C,), from 1;  beta (C,), from 0.
    Call       x (..., C) -> y (..., C)
    Raises     ValueError if x's last axis is not C.
    By hand    ops.layer_norm; its slow twin is ops.layer_norm_composed.
    Source     Ba et al. 2016, equations 3 and 4."""

    def __init__(self, C: int, epsilon: float = 1e-5, bias: bool = True):
        _check_settings("LayerNorm", C, epsilon)
        self.gamma, self.beta = _ones(C), _zeros(C) if bias else None
        self.epsilon = epsilon

    def __call__(self, x: Tensor) -> Tensor:
        check_tensor(self, x)
        _check_channels(self, x, -1, "(..., C)")
        return ops.layer_norm(x, self.gamma, self.beta, epsilon=self.epsilon)       # (1)

    def describe(self) -> str:
        return str(self.gamma.size)


class RMSNorm(Module):
    """y = gamma x / sqrt(mean of x^2 + epsilon)                              (1)   (..., C)

    with the mean of each position over its C channels: LayerNorm without the subtraction, and without beta.

    Made with  C: channels.  epsilon: keeps the root away from 0.
    Weights    gamma (C,), from 1.
    Call       x (..., C) -> y (..., C)
    Raises     ValueError if x's last axis is not C.
    By hand    ops.rms_norm.
    Source     Zhang and Sennrich 2019, equation 4."""

    def __init__(self, C: int, epsilon: float = 1e-5):
        _check_settings("RMSNorm", C, epsilon)
        self.gamma = _ones(C)
        self.epsilon = epsilon

    def __call__(self, x: Tensor) -> Tensor:
        check_tensor(self, x)
        _check_channels(self, x, -1, "(..., C)")
        return ops.rms_norm(x, self.gamma, epsilon=self.epsilon)                    # (1)

    def describe(self) -> str:
        return str(self.gamma.size)


class BatchNorm(Module):
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta                 (1)   of x's shape

    While training, mean and variance are those of each channel over the whole batch (variance divided by their number
    N), and every call moves the running ones towards them, whether or not gradients are recorded:

        running_mean = (1 - momentum) running_mean + momentum mean                               (2)   (C,)
        running_variance = (1 - momentum) running_variance + momentum variance N / (N - 1)       (3)   (C,)

    Otherwise the running ones stand in (1), so that an answer does not depend on the rest of its batch:

        y = scale x + shift,  scale = gamma / sqrt(running_variance + epsilon)                   (4)
        shift = beta - running_mean scale                                                        (5)   (C,)

    Made with  C: channels.  momentum: of (2) and (3), in [0, 1].  epsilon: keeps the root away from 0.
    Weights    gamma (C,), from 1;  beta (C,), from 0.
    Buffers    running_mean (C,), from 0;  running_variance (C,), from 1.
    Call       x -> y, in the axes that BatchNorm1d and BatchNorm2d name
    Raises     ValueError if x has other axes or not C channels, and in training for a single entry a channel, whose
               variance is not known.
    Threads    A batch that is split over threads is no longer the batch of (1): such a model trains with one.
    By hand    ops.batch_norm.
    Source     Ioffe and Szegedy 2015, algorithms 1 and 2."""

    takes: tuple[str, ...]                                 # the axes that x may have
    channel_axis: int

    def __init__(self, C: int, momentum: float = 0.1, epsilon: float = 1e-5):
        _check_settings(type(self).__name__, C, epsilon)
        if not 0 <= momentum <= 1:
            raise ValueError(f"{type(self).__name__}: momentum lies in [0, 1]; got {momentum}")
        self.gamma, self.beta = _ones(C), _zeros(C)
        self.running_mean, self.running_variance = Buffer(_zeros(C).data), Buffer(_ones(C).data)
        self.momentum, self.epsilon = momentum, epsilon

    def __call__(self, x: Tensor) -> Tensor:
        check_tensor(self, x)
        if x.ndim not in [axes.count(",") + 1 for axes in self.takes]:
            raise ValueError(f"{named(self)} takes x {' or '.join(self.takes)}; got {x.shape}, which has {x.ndim} axes")
        _check_channels(self, x, self.channel_axis, " or ".join(self.takes))
        return self._by_its_batch(x) if self.training else self._by_what_ran(x)

    def _by_its_batch(self, x: Tensor) -> Tensor:
        N = x.size // self.gamma.size
        if N < 2:
            raise ValueError(f"{named(self)}: x {x.shape} has {'one entry' if N else 'no entry'} a channel, and so no "
                             "variance to train with: train on larger batches, or switch to the running mean and "
                             "variance by model.eval()")
        y, mean, variance = ops.batch_norm(x, self.gamma, self.beta, channel_axis=self.channel_axis,
                                           epsilon=self.epsilon)                                     # (1)
        for running, new in ((self.running_mean, mean.data), (self.running_variance, variance.data * (N / (N - 1)))):
            running.data = (1 - self.momentum) * running.data + self.momentum * new                  # (2), (3)
        return y

    def _by_what_ran(self, x: Tensor) -> Tensor:
        after = x.ndim - 1 - self.channel_axis % x.ndim                             # axes of x behind the channels
        scale = self.gamma / ops.sqrt(self.running_variance + self.epsilon)         # (4)  (C,)
        shift = self.beta - self.running_mean * scale                               # (5)  (C,)
        along = (self.gamma.size,) + (1,) * after
        return x * scale.reshape(*along) + shift.reshape(*along)                    # (4)

    def describe(self) -> str:
        return str(self.gamma.size)


class BatchNorm1d(BatchNorm):
    """BatchNorm of x (B, C) or (B, T, C): each channel over the batch and, where there is time, over all steps."""

    takes = ("(B, C)", "(B, T, C)")
    channel_axis = -1


class BatchNorm2d(BatchNorm):
    """BatchNorm of images x (B, C, height, width): each channel over the batch and all places."""

    takes = ("(B, C, height, width)",)
    channel_axis = 1


def _ones(C: int) -> Parameter:
    return Parameter(xp.ones(C, "float32"))


def _zeros(C: int) -> Parameter:
    return Parameter(xp.zeros(C, "float32"))


def _check_settings(name: str, C: int, epsilon: float) -> None:
    if C < 1:
        raise ValueError(f"{name} has at least one channel; got C={C}")
    if epsilon <= 0:
        raise ValueError(f"{name}: epsilon is above 0, to keep the root away from it; got {epsilon}")


def _check_channels(layer: Any, x: Tensor, axis: int, takes: str) -> None:
    C = layer.gamma.size
    if not x.ndim or x.shape[axis] != C:
        found = f"has size {x.shape[axis]}" if x.ndim else "is missing"
        raise ValueError(f"{named(layer)} takes x {takes} with C={C}; axis {axis} of x {x.shape} {found}: make the "
                         "layer with that C, or bring the channels to that axis")
