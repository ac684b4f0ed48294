"""What all optimisers share: groups of parameters, their settings, saving. The rules are in the other files.

A parameter is any object with `.data`, an array that is changed in place, and `.grad`, an array of the same
shape and dtype, or None where the parameter took no part in the step. The gradient of a sparse embedding is a
RowGrad, which a rule has to know what to do with: its `takes_rows` says whether it does.
"""
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tinyseq.backend import xp
from tinyseq.optim.settings import CHECKS, nonnegative
from tinyseq.rowgrad import RowGrad


class Slot(NamedTuple):
    """One parameter, the settings of its group, and what the optimiser remembers about it."""

    parameter: Any
    dtype: Any
    settings: dict[str, Any]
    memory: dict[str, Any]       # arrays like the parameter's, and the step count t where the rule needs one


class Optimiser:
    """The frame of every optimiser; a rule supplies `start` and `update`.

    Made with: `params`, a list of parameters, or a list of groups `{"params": [...], "weight_decay": 0.1}`; a
    group may override any setting of its optimiser. `opt.lr` is the rate of the groups that set none of their
    own and may be assigned between steps (`opt.lr = schedule.lr(step)`).

    Raises: ValueError for no parameters (also in a group), a parameter given twice, an unknown setting, a
    setting out of its range.
    """

    start: Callable[..., dict[str, Any]]     # (w, **settings) -> memory of a parameter before its first step
    update: Callable[..., None]              # (w, dw, memory, lr, **settings): changes w and memory in place
    takes_rows = False                       # whether dw may be a RowGrad

    def __init__(self, params: Iterable[Any], lr: float, **settings: Any):
        self.lr = lr
        self.slots: list[Slot] = []
        for group in read_groups(params, ("lr", *settings)):
            members = group.pop("params")
            own = {name: CHECKS[name](name, value) for name, value in {**settings, **group}.items()}
            self.slots += [Slot(p, p.data.dtype, own, self.start(p.data, **own)) for p in members]

    @property
    def lr(self) -> float:
        """The learning rate of all groups that set none of their own."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = nonnegative("lr", value)

    def step(self) -> None:
        """Move every parameter that has a gradient; one without keeps its value and its moments.

        Raises: ValueError, before anything is changed, where a gradient does not fit its parameter, or where no
        parameter has one.
        """
        if all(slot.parameter.grad is None for slot in self.slots):
            raise ValueError("no parameter has a gradient: call loss.backward() before step(), zero_grad() after it")
        for i, slot in enumerate(self.slots):
            check_gradient(i, slot)
            self._check_rows(i, slot)
        for p, _, settings, memory in self.slots:
            if p.grad is not None:
                self.update(p.data, p.grad, memory, **{"lr": self.lr, **settings})

    def _check_rows(self, i: int, slot: Slot) -> None:
        if isinstance(slot.parameter.grad, RowGrad) and not self.takes_rows:
            raise ValueError(f"parameter {i} has a gradient by rows, which {type(self).__name__} cannot take, since it "
                             "moves every row in every step: use SparseAdam, or make the Embedding with sparse=False")

    def zero_grad(self) -> None:
        """Forget all gradients: `.grad` is None afterwards."""
        for slot in self.slots:
            slot.parameter.grad = None

    def _remembered(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        for i, slot in enumerate(self.slots):
            for key in slot.memory:
                yield f"{key}.{i}", slot.memory, key

    def state_dict(self) -> dict[str, Any]:
        """Copies of all moments and step counts: "m.0" is m of the first parameter, counted over all groups.

        Settings are not in it: they belong to whoever made the optimiser.
        """
        return {name: xp.array(memory[key], order="C") for name, memory, key in self._remembered()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned, so that training goes on as if it had not stopped.

        Raises: ValueError, before anything is changed, for names, shapes or dtypes that do not fit.
        """
        here = {name: xp.asarray(memory[key]) for name, memory, key in self._remembered()}
        missing, unexpected = sorted(here.keys() - state.keys()), sorted(state.keys() - here.keys())
        if missing or unexpected:
            raise ValueError(f"this state belongs to another {type(self).__name__} or to another model: "
                             f"missing {some(missing)}; unexpected {some(unexpected)}")
        new = {name: xp.asarray(state[name]) for name in here}
        for name, old in here.items():
            if (new[name].shape, new[name].dtype) != (old.shape, old.dtype):
                raise ValueError(f"{name} should be {old.dtype} of shape {old.shape}, "
                                 f"the state has {new[name].dtype} of shape {new[name].shape}")
        for name, memory, key in self._remembered():
            if key == "t":
                memory[key] = int(new[name])
            else:
                memory[key][...] = new[name]


def read_groups(params: Iterable[Any], valid: tuple[str, ...]) -> list[dict[str, Any]]:
    """Parameters or groups of parameters -> groups, each with its parameters in a list."""
    entries = as_list(params)
    if not any(isinstance(entry, dict) for entry in entries):
        return [{"params": read_parameters(entries)}]
    for entry in entries:
        if not isinstance(entry, dict) or "params" not in entry:
            raise ValueError('give either parameters or groups {"params": [...]}, not a mixture')
        unknown = sorted(entry.keys() - {"params", *valid})
        if unknown:
            raise ValueError(f"unknown setting {some(unknown)} in a group; there are {', '.join(valid)}")
    groups = [{**group, "params": read_parameters(group["params"])} for group in entries]
    read_parameters(p for group in groups for p in group["params"])      # none twice, over all groups
    return groups


def read_parameters(params: Iterable[Any]) -> list[Any]:
    """A list of parameters, at least one and none twice."""
    members = as_list(params)
    if not members:
        raise ValueError("no parameters (a generator gives its values only once: make a list of it first)")
    for i, p in enumerate(members):
        if not is_parameter(p):
            raise ValueError(f"parameter {i} is a {type(p).__name__}, not an object with .data and .grad: "
                             "pass a model's .parameters()")
        if not getattr(p, "requires_grad", True):
            raise ValueError(f"parameter {i}, of shape {p.data.shape}, wants no gradient, so it would never move: make "
                             "it a Parameter, or with requires_grad=True")
        if p.data.dtype.kind != "f":
            raise ValueError(f"parameter {i} is {p.data.dtype}; only floating-point numbers can be trained")
    if len({id(p) for p in members}) < len(members):
        raise ValueError("the same parameter is given twice; it would be moved twice in each step")
    return members


def as_list(params: Iterable[Any]) -> list[Any]:
    if is_parameter(params):       # a Tensor can be iterated over, but its rows are not parameters
        raise ValueError("give a list of parameters, not a single one")
    if not isinstance(params, Iterable):
        raise ValueError(f"parameters come in a list; got a {type(params).__name__}: for a model, pass its "
                         ".parameters()")
    return list(params)


def is_parameter(thing: Any) -> bool:
    return hasattr(thing, "data") and hasattr(thing, "grad")


def check_gradient(i: int, slot: Slot) -> None:
    w, dw = slot.parameter.data, slot.parameter.grad
    if w.dtype != slot.dtype:
        raise ValueError(f"parameter {i} was {slot.dtype} when the optimiser was made and is {w.dtype} now; "
                         "change the dtype first, then make the optimiser")
    if dw is not None and (dw.shape, dw.dtype) != (w.shape, w.dtype):
        raise ValueError(f"parameter {i} is {w.dtype} of shape {w.shape}, "
                         f"its gradient is {dw.dtype} of shape {dw.shape}")


def some(names: list[str]) -> str:
    """The first few of many names, for an error of one line."""
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return (", ".join(names[:4]) or "nothing") + more
