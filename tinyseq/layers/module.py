"""Module: a tree of named parameters and buffers."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self

from tinyseq.autograd import Tensor
from tinyseq.backend import to_device, xp
from tinyseq.layers.named import named


class Parameter(Tensor):
    """A tensor that training changes.

    `blocks` names equal parts of its last axis, where several gates lie side by side: W_hh of an LSTM (H, 4H) has the
    blocks i, f, g, o. Messages about a gradient use them."""

    def __init__(self, data, blocks: tuple[str, ...] = ()):
        super().__init__(data, requires_grad=True)
        self.blocks = blocks


class Table(Parameter):
    """A parameter (V, C) whose rows are looked up, such as those of symbols or of positions; no x is multiplied by it.
    Weight decay may leave it out (training/recipe.py)."""


class Buffer(Tensor):
    """A tensor that belongs to a layer's state, but that no gradient changes: the running mean of batch
    normalisation. The layer itself changes it while it sees the batches of training."""


class NamedParameters(list[tuple[str, Parameter]]):
    """Pairs (name, parameter), which can be asked by name as well: m.named_parameters()["cells.0.W_hh"]."""

    def __getitem__(self, name: Any) -> Any:
        if not isinstance(name, str):
            return super().__getitem__(name)
        parameters = dict(self)
        if name not in parameters:
            raise ValueError(f"there is no parameter {name!r}{did_you_mean(name, parameters)}")
        return parameters[name]


class Module:
    """A layer or a model. Its parts are its attributes: Parameters, Buffers, Modules, and lists of Modules.

    `path` is the module's place in the whole tree ("encoder.cells.0"), `training` says whether dropout is on, and
    `frozen` whether the module stays as it is while others learn."""

    path = ""
    training = True
    frozen = False

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if isinstance(value, Module | list):
            self._name_parts(self.path)

    if not TYPE_CHECKING:                                  # mypy would believe that every attribute exists
        def __getattr__(self, name: str) -> Any:
            """Python comes here where it finds no such attribute. Raises AttributeError with the nearest name."""
            if name.startswith("__"):                      # looked for by copy and pickle, also before there is a path
                raise AttributeError(name)
            if hasattr(type(self), name):                  # a property, inside of which something is missing
                return object.__getattribute__(self, name)
            known = [n for n in dir(self) if not n.startswith("_")] + [path for path, _ in self._tensors(Tensor)]
            raise AttributeError(f"{named(self)} has no attribute {name!r}{did_you_mean(name, known)}")

    def children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below, with their names."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif isinstance(value, list):
                yield from ((f"{name}.{i}", m) for i, m in enumerate(value) if isinstance(m, Module))

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self._walk())

    def named_parameters(self) -> NamedParameters:
        """Every parameter once, with its path below this module: a list of pairs. Ask it by name as well, as in
        m.named_parameters()["cells.0.W_hh"]; a name that does not exist raises ValueError with the nearest one."""
        return NamedParameters(self._tensors(Parameter))

    def parameters(self) -> list[Parameter]:
        """Every parameter once."""
        return [parameter for _, parameter in self.named_parameters()]

    def buffers(self) -> list[Buffer]:
        """Every buffer once."""
        return [buffer for _, buffer in self._tensors(Buffer)]

    def count(self) -> int:
        """How many numbers training can change."""
        return sum(p.size for p in self.parameters())

    def state_dict(self) -> dict[str, Any]:
        """Copies of the arrays of all parameters and buffers, by path."""
        return {name: x.data.copy() for name, x in self._tensors(Parameter | Buffer)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over these values. Raises ValueError, with nothing changed, if a name or a shape does not fit."""
        mine = dict(self._tensors(Parameter | Buffer))
        missing, unknown = sorted(mine.keys() - state.keys()), sorted(state.keys() - mine.keys())
        if missing or unknown:
            near = [f" ({name!r} may be {meant!r})" for name in unknown[:1] if (meant := nearest(name, missing))]
            raise ValueError(f"these weights belong to another model: missing {_some(missing)}, unknown "
                             f"{_some(unknown)}{''.join(near)}; load those of a model made with the same sizes and "
                             "settings")
        for name, x in mine.items():
            if tuple(state[name].shape) != x.shape:
                raise ValueError(f"these weights belong to another model: {name} has shape "
                                 f"{tuple(state[name].shape)}, here it is {x.shape}; load those of a model of the "
                                 "same sizes")
        for name, x in mine.items():
            x.data = xp.array(to_device(state[name]), dtype=x.dtype)

    def train(self) -> Self:
        """Switch to training: dropout drops, batch normalisation goes by the batch."""
        return self._set_training(True)

    def eval(self) -> Self:
        """Switch to use: no dropout, batch normalisation goes by its running mean and variance."""
        return self._set_training(False)

    def freeze(self) -> Self:
        """Keep the module and all below it as they are, for good: no parameter wants a gradient any more, and they stay
        as `eval` leaves them, whatever is trained around them."""
        for module in self.modules():
            module.frozen, module.training = True, False
        for parameter in self.parameters():
            parameter.requires_grad, parameter.grad = False, None
        return self

    def trained(self) -> list[Parameter]:
        """Every parameter once that is not frozen."""
        return [parameter for parameter in self.parameters() if parameter.requires_grad]

    def astype(self, dtype) -> Self:
        """Convert every parameter, and every buffer of floating-point numbers, in place."""
        for _, x in self._tensors(Parameter | Buffer):
            if x.dtype.kind == "f":
                x.data, x.grad = x.data.astype(dtype), None
        return self

    def _set_training(self, on: bool) -> Self:
        for module in self.modules():
            module.training = on and not module.frozen
        return self

    def _walk(self, path: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it, each with what its parts' names begin with: "" or "cells.0."."""
        yield path, self
        for name, child in self.children():
            yield from child._walk(f"{path}{name}.")

    def _tensors(self, kind: Any) -> Iterator[tuple[str, Any]]:
        """Every tensor of this kind once, with its path below this module."""
        seen: set[int] = set()
        for path, module in self._walk():
            for name, value in vars(module).items():
                if isinstance(value, kind) and id(value) not in seen:
                    seen.add(id(value))
                    yield path + name, value

    def _name_parts(self, path: str) -> None:
        object.__setattr__(self, "path", path)
        for name, child in self.children():
            child._name_parts(f"{path}.{name}" if path else name)

    def describe(self) -> str:
        """What stands behind the class name in print(m): the sizes. Layers override it."""
        return ""

    def __repr__(self) -> str:
        return "\n".join(self._lines("", ""))

    def _lines(self, name: str, indent: str) -> Iterator[str]:
        label = f"{name}: " if name else ""
        yield f"{indent}{label}{type(self).__name__}({self.describe()})  {self.count():,} parameters"
        for key, value in vars(self).items():
            if isinstance(value, Parameter):
                blocks = f"  [{' '.join(value.blocks)}]" if value.blocks else ""
                yield f"{indent}  {key} {value.shape}{blocks}"
            elif isinstance(value, Buffer):
                yield f"{indent}  {key} {value.shape}  buffer"
        for key, child in self.children():
            yield from child._lines(key, indent + "  ")


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one that may have been meant, if one is near. Capitals count for nothing; of a path the end is enough."""
    names = list(names)
    known = {n.split(".")[-1].lower(): n for n in reversed(names)} | {n.lower(): n for n in names}
    return next((known[match] for match in get_close_matches(name.lower(), known, n=1)), None)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The end of a message about a name that does not exist."""
    near = nearest(name, names)
    return f"; did you mean {near!r}?" if near else ""


def _some(names: list[str]) -> str:
    """The first few of many names."""
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"{names[:4]}{more}" if names else "none"
