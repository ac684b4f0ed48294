"""Module: a tree of named parameters."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from tinyseq.autograd import Tensor
from tinyseq.backend import to_device, xp


class Parameter(Tensor):
    """A tensor that training changes.

    `blocks` names equal parts of its last axis, where several gates lie side by side: W_hh of an LSTM (H, 4H) has the
    blocks i, f, g, o. Messages about a gradient use them."""

    def __init__(self, data, blocks: tuple[str, ...] = ()):
        super().__init__(data, requires_grad=True)
        self.blocks = blocks


class Module:
    """A layer or a model. Its parts are its attributes: Parameters, Modules, and lists of Modules.

    `path` is the module's place in the whole tree ("encoder.cells.0"), `training` says whether dropout is on."""

    path = ""
    training = True

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if isinstance(value, Module | list):
            self._name_parts(self.path)

    def children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below, with their names."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif isinstance(value, list):
                yield from ((f"{name}.{i}", m) for i, m in enumerate(value) if isinstance(m, Module))

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        yield self
        for _, child in self.children():
            yield from child.modules()

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every parameter once, with its path below this module."""
        seen: set[int] = set()
        for name, parameter in self._walk_parameters(""):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def parameters(self) -> list[Parameter]:
        """Every parameter once."""
        return [parameter for _, parameter in self.named_parameters()]

    def count(self) -> int:
        """How many numbers training can change."""
        return sum(p.size for p in self.parameters())

    def state_dict(self) -> dict[str, Any]:
        """Copies of all parameters' arrays, by path."""
        return {name: p.data.copy() for name, p in self.named_parameters()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over these values. Raises ValueError, with nothing changed, if a name or a shape does not fit."""
        mine = dict(self.named_parameters())
        missing, unknown = sorted(mine.keys() - state.keys()), sorted(state.keys() - mine.keys())
        if missing or unknown:
            raise ValueError(f"these weights belong to another model: missing {missing or 'none'}, unknown "
                             f"{unknown or 'none'}; load those of a model made with the same sizes and settings")
        for name, p in mine.items():
            if tuple(state[name].shape) != p.shape:
                raise ValueError(f"these weights belong to another model: {name} has shape "
                                 f"{tuple(state[name].shape)}, here it is {p.shape}; load those of a model of the "
                                 "same sizes")
        for name, p in mine.items():
            p.data = xp.array(to_device(state[name]), dtype=p.dtype)

    def train(self) -> Self:
        """Switch dropout on."""
        return self._set_training(True)

    def eval(self) -> Self:
        """Switch dropout off."""
        return self._set_training(False)

    def astype(self, dtype) -> Self:
        """Convert every parameter, in place."""
        for p in self.parameters():
            p.data, p.grad = p.data.astype(dtype), None
        return self

    def _set_training(self, on: bool) -> Self:
        for module in self.modules():
            module.training = on
        return self

    def _walk_parameters(self, prefix: str) -> Iterator[tuple[str, Parameter]]:
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield prefix + name, value
        for name, child in self.children():
            yield from child._walk_parameters(f"{prefix}{name}.")

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
        for key, child in self.children():
            yield from child._lines(key, indent + "  ")
