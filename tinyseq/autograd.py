"""Reverse-mode automatic differentiation: a Tensor, the nodes that remember how it was made, one walk back.

An operation is a function of arrays that returns its value and a closure which carries the gradient back:

    @op
    def tanh(x):
        y = xp.tanh(x)
        return y, lambda dy: (dy * (1 - y * y),)

Called with Tensors it returns Tensors, and the closure goes into a Node. The nodes form the graph of the computation;
the chain rule is a walk over it from the loss to the weights (`gradients`). See Baydin et al. 2018, "Automatic
differentiation in machine learning: a survey", section 3.2.
"""
import heapq
import itertools
import threading
from collections.abc import Callable, Iterable
from contextlib import ContextDecorator
from functools import wraps
from typing import Any

from tinyseq import anomaly
from tinyseq.backend import copied, plus, saved, to_device, to_host, xp
from tinyseq.rowgrad import RowGrad, added, dense, entries

OPS: dict[str, Callable] = {}            # name -> op, filled by @op; operators look their function up here
_numbers = itertools.count()             # nodes are numbered as they are made


class _Thread(threading.local):
    """Each thread records, or does not, for itself."""
    recording = True
    observer: Any = None                 # who is told of each call (observed)


_thread = _Thread()


class Node:
    """One recorded call: whose outputs it was given, and how to carry gradients back to them.

    origin      the line of the call, known only inside detect_anomaly
    guard       keeps what the closure holds from being written over, on a backend that can (strict)"""
    __slots__ = ("backward", "guard", "name", "number", "origin", "outputs", "parents")

    def __init__(self, name: str, parents: list["Tensor | None"], outputs: tuple, backward: Callable,
                 origin: str | None):
        self.number = next(_numbers)
        self.name, self.parents, self.origin = name, parents, origin
        self.backward: Callable | None = backward          # None once the graph is freed
        self.guard = saved(backward, name)
        self.outputs = [(y.shape, y.dtype) for y in outputs]


class Tensor:
    """An array and, if it was computed, the node that made it.

    data            the array, of the backend's kind
    requires_grad   whether gradients are wanted here; what is computed from such a tensor wants them too
    grad            None, or an array: the sum of what every `.backward()` brought here (only at leaves); of a sparse
                    embedding's weights a RowGrad
    """
    __array_ufunc__ = None               # array + tensor asks the tensor, not NumPy

    def __init__(self, data, requires_grad: bool = False, node: Node | None = None, slot: int = 0):
        self.data = data
        if requires_grad and self.data.dtype.kind != "f":
            raise ValueError(f"only floating-point tensors have gradients; this one is {self.data.dtype}: "
                             "make it float32 or float64, or leave requires_grad out")
        self.requires_grad = requires_grad
        self.node, self.slot = node, slot
        self.grad: Any = None

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    dtype = property(lambda self: self.data.dtype)

    def __add__(self, other): return OPS["add"](self, other)
    def __radd__(self, other): return OPS["add"](other, self)
    def __sub__(self, other): return OPS["sub"](self, other)
    def __rsub__(self, other): return OPS["sub"](other, self)
    def __mul__(self, other): return OPS["mul"](self, other)
    def __rmul__(self, other): return OPS["mul"](other, self)
    def __truediv__(self, other): return OPS["div"](self, other)
    def __rtruediv__(self, other): return OPS["div"](other, self)
    def __pow__(self, exponent): return OPS["power"](self, exponent)
    def __rpow__(self, base): return OPS["power"](base, self)
    def __neg__(self): return OPS["neg"](self)
    def __matmul__(self, other): return OPS["matmul"](self, other)
    def __rmatmul__(self, other): return OPS["matmul"](other, self)
    def __getitem__(self, index): return OPS["take"](self, index)
    def __abs__(self): return OPS["abs"](self)

    # Comparisons go entry by entry; their results are booleans, which have no gradient.
    def __lt__(self, other): return OPS["less"](self, other)
    def __le__(self, other): return OPS["less_equal"](self, other)
    def __gt__(self, other): return OPS["greater"](self, other)
    def __ge__(self, other): return OPS["greater_equal"](self, other)
    def __eq__(self, other): return OPS["equal"](self, other)
    def __ne__(self, other): return OPS["not_equal"](self, other)
    __hash__ = object.__hash__           # a tensor in a set or a dict stands for itself, not for its numbers

    def sum(self, axis=None, keepdims=False): return OPS["sum"](self, axis=axis, keepdims=keepdims)
    def mean(self, axis=None, keepdims=False): return OPS["mean"](self, axis=axis, keepdims=keepdims)
    def max(self, axis=None, keepdims=False): return OPS["max"](self, axis=axis, keepdims=keepdims)
    def min(self, axis=None, keepdims=False): return OPS["min"](self, axis=axis, keepdims=keepdims)
    def var(self, axis=None, keepdims=False, ddof=0): return OPS["var"](self, axis=axis, keepdims=keepdims, ddof=ddof)
    def exp(self): return OPS["exp"](self)
    def log(self): return OPS["log"](self)
    def sqrt(self): return OPS["sqrt"](self)
    def tanh(self): return OPS["tanh"](self)
    def reshape(self, *shape): return OPS["reshape"](self, *shape)
    def transpose(self, *axes): return OPS["transpose"](self, *axes)
    def swap(self, a, b): return OPS["swap"](self, a, b)
    def squeeze(self, axis=None): return OPS["squeeze"](self, axis=axis)
    T = property(lambda self: OPS["transpose"](self))

    def numpy(self):
        """The value as a NumPy array on the host (on a CPU: the same memory, not a copy)."""
        return to_host(self.data)

    def item(self):
        """The value of a tensor with one entry, as a Python number."""
        return self._only_entry("item()").item()

    def detach(self) -> "Tensor":
        """The same value without its history: no gradient flows back through it."""
        return Tensor(self.data)

    def backward(self, grad=None, keep_graph: bool = False) -> None:
        """Add dL/dx to `.grad` of every leaf x that this tensor was computed from, L being this tensor (a scalar),
        or the sum of grad * this tensor. The graph is freed unless `keep_graph`."""
        found = _walk(self, grad, keep_graph, wanted=None)
        for leaf, g in found.values():
            leaf.grad = g if leaf.grad is None else added(g, leaf.grad)

    def __array__(self, dtype=None, copy=None):
        return to_host(self.data).__array__(dtype, copy=copy)

    def __bool__(self):
        return bool(self._only_entry("a yes or no"))

    def _only_entry(self, wish: str):
        if self.size != 1:
            raise ValueError(f"{wish} is asked of a tensor of shape {self.shape}: it has {self.size} entries, not one; "
                             "take one of them, or .sum(), .mean(), .max() of all")
        return self.data

    def __len__(self):
        if not self.shape:
            raise TypeError("a tensor of shape () has no length")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __repr__(self):
        by = f", by={self.node.name}" if self.node else ", requires_grad=True" if self.requires_grad else ""
        return f"Tensor({self.data!r}, shape={self.shape}{by})"


def tensor(data, requires_grad: bool = False, dtype=None) -> Tensor:
    """A Tensor of its own memory. Python floats become float32; arrays keep their dtype unless one is given."""
    data = data.data if isinstance(data, Tensor) else data
    array = to_device(data)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"a tensor holds numbers; got {type(data).__name__}, which makes an array of {array.dtype}")
    if dtype is None and not hasattr(data, "dtype") and array.dtype.kind == "f":
        dtype = xp.float32
    return Tensor(xp.array(array, dtype=dtype), requires_grad)


def op(f: Callable) -> Callable:
    """Turn `arrays -> (value, backward)` into a function on Tensors, and list it in OPS under its name.

    `f` gets the arrays of its positional arguments (Tensors or not) and of its keyword arguments, which are settings
    and have no gradient: a mask, an axis. `backward` gets the gradient of each output and returns that of each
    positional argument, None where there is none; those of settings that were given by position may be left out. A
    value that is a tuple makes a tuple of Tensors. A function without a derivative, such as a comparison, returns None
    for `backward`: its result wants no gradient, whatever it was computed from."""
    name = f.__name__

    @wraps(f)
    def call(*args, **settings):
        observer = _thread.observer
        if observer is not None and (twin := observer.twin(name)):
            return twin(*args, **settings)
        arrays = [a.data if isinstance(a, Tensor) else a for a in args]
        settings = {key: _without_gradient(name, key, value) for key, value in settings.items()}
        try:
            value, backward = f(*arrays, **settings)
        except TypeError:
            _same_precision(name, arrays)                  # the likely reason, in plainer words
            raise
        outputs = value if isinstance(value, tuple) else (value,)
        _kept_precision(name, _same_precision(name, arrays), outputs)
        origin = anomaly.origin() if anomaly.watching() else None
        if origin:
            anomaly.check_forward(name, [*arrays, *settings.values()], outputs, origin)
        parents = [a if isinstance(a, Tensor) and a.requires_grad else None for a in args]
        record = backward is not None and _thread.recording and any(x is not None for x in parents)
        node = Node(name, parents, outputs, backward, origin) if record else None
        tensors = tuple(Tensor(y, record, node, slot) for slot, y in enumerate(outputs))
        if observer is not None:
            observer.called(name, args, settings, tensors)
        return tensors if isinstance(value, tuple) else tensors[0]

    OPS[name] = call
    return call


def on_arrays(operation: Callable) -> Callable:
    """The function behind an op, arrays -> (value, backward): for an op that is made of others."""
    return operation.__wrapped__  # type: ignore[attr-defined, no-any-return]


def gradients(loss: Tensor, wrt: Iterable[Tensor], keep_graph: bool = False) -> list:
    """[dL/dx for x in wrt], as arrays, or RowGrads for the weights of sparse embeddings. Pure: no `.grad` changes, so
    threads may share the tensors of `wrt`.

    `wrt` may hold computed tensors too (dL/dh_t of a hidden state). Where the loss does not depend on x, dL/dx is 0.
    Raises ValueError if the loss is not a scalar, or if some x does not require a gradient."""
    wrt = list(wrt)
    for i, x in enumerate(wrt):
        if not x.requires_grad:
            raise ValueError(f"wrt[{i}] (shape {x.shape}) does not require a gradient: make it with "
                             "requires_grad=True, outside no_grad")
    found = _walk(loss, None, keep_graph, wanted={_key(x): x for x in wrt})
    return [found[_key(x)][1] if _key(x) in found else xp.zeros(x.shape, x.dtype) for x in wrt]


def recording() -> bool:
    """Whether calls are recorded: not inside no_grad."""
    return _thread.recording


class no_grad(ContextDecorator):
    """with no_grad(): operations are computed, not recorded. In this thread only."""

    def __enter__(self):
        self.before, _thread.recording = _thread.recording, False

    def __exit__(self, *exception):
        _thread.recording = self.before


class observed:
    """with observed(by): in this thread `by` is told of each call of an op, and may have another function called in its
    place. This is how a trace sees inside a layer that knows nothing of it (tracing/).

    by.twin(name)                              a function of the same arguments to call instead, or None
    by.called(name, args, settings, outputs)   after the call; args as they came, outputs a tuple of Tensors"""

    def __init__(self, by: Any): self.by = by

    def __enter__(self):
        self.before, _thread.observer = _thread.observer, self.by

    def __exit__(self, *exception):
        _thread.observer = self.before


def _walk(loss: Tensor, grad, keep_graph: bool, wanted: dict | None) -> dict:
    """The chain rule: visit nodes from the newest to the oldest, and hand every gradient on to where it came from.

    A node is newer than all it was computed from, so when its turn comes, all its gradients have been added up.
    Returns {key: (tensor, gradient)} for the tensors `wanted` (None: for all leaves); these gradients are copies."""
    sums: dict = {}                                        # key of a computed tensor -> the gradient so far
    found: dict = {}
    waiting: list[tuple[int, Node]] = []                   # a heap, newest node first
    seen: set[int] = set()

    def receive(x: Tensor, dx) -> None:
        key = _key(x)
        if x.node is None:
            if wanted is not None and key not in wanted:
                return
            if key in found:
                found[key] = (x, added(found[key][1], dx))           # ours alone, so it may grow in place
            else:
                found[key] = (x, dx.copy() if isinstance(dx, RowGrad) else copied(dx))
        else:
            dx = dense(dx)                                 # backward closures take arrays: rows are for leaves
            sums[key] = dx if key not in sums else plus(sums[key], dx)
            if x.node.number not in seen:
                seen.add(x.node.number)
                heapq.heappush(waiting, (-x.node.number, x.node))

    if not loss.requires_grad:
        raise ValueError("nothing to differentiate: no tensor that this one was computed from requires a gradient, or "
                         "only through a function without a derivative (a comparison)")
    receive(loss, _starting_gradient(loss, grad))
    while waiting:
        _, node = heapq.heappop(waiting)
        dys = []
        for slot, (shape, dtype) in enumerate(node.outputs):
            dy = sums.pop((node.number, slot), None)
            dys.append(xp.zeros(shape, dtype) if dy is None else dy)
            if wanted and (node.number, slot) in wanted:
                found[node.number, slot] = (wanted[node.number, slot], xp.array(dys[-1]))
        if node.backward is None:
            raise ValueError(f"the graph behind {node.name!r} was freed by an earlier backward pass: "
                             "give that one keep_graph=True, or compute the loss again")
        incoming = saved(dys, node.name)
        dxs = _checked(node, node.backward(*dys))
        del incoming
        if node.origin or anomaly.watching():
            anomaly.check_backward(node.name, dys, [entries(dx) for dx in dxs if dx is not None], node.origin)
        parents = node.parents
        if not keep_graph:
            node.backward, node.guard, node.parents = None, None, []   # what it held goes back as soon as possible
        for x, dx in zip(parents, dxs, strict=True):
            if x is not None and dx is not None:
                receive(x, dx)
    return found


def _key(x: Tensor):
    """What identifies a tensor: the call and the output slot that made it, or itself."""
    return (x.node.number, x.slot) if x.node is not None else id(x)


def _starting_gradient(loss: Tensor, grad):
    """dL/dL = 1, or what the caller gave."""
    if grad is None:
        if loss.size != 1:
            raise ValueError(f"a gradient starts from a scalar; this tensor has shape {loss.shape}: "
                             "take .sum() or .mean() first, or pass grad=")
        return xp.ones(loss.shape, loss.dtype)
    grad = to_device(grad.data if isinstance(grad, Tensor) else grad).astype(loss.dtype)
    if grad.shape != loss.shape:
        raise ValueError(f"grad has shape {grad.shape}, the tensor it belongs to has {loss.shape}")
    return grad


def _checked(node: Node, dxs) -> tuple:
    """One gradient or None for each parent. A wrong backward is named here, not three layers further on."""
    count = len(node.parents)
    if not isinstance(dxs, tuple) or any(part is not None for part in (*dxs[count:], *node.parents[len(dxs):])):
        raise ValueError(f"the backward of {node.name!r} must return a tuple of {count} gradients, one for each "
                         f"positional argument; it returned {len(dxs) if isinstance(dxs, tuple) else repr(dxs)}")
    dxs = dxs if len(dxs) == count else (*dxs, *[None] * count)[:count]
    for i, (x, dx) in enumerate(zip(node.parents, dxs, strict=True)):
        if x is not None and dx is not None and (dx.shape != x.shape or dx.dtype != x.dtype):
            raise ValueError(f"the backward of {node.name!r} returned {dx.dtype} {dx.shape} for argument {i}, "
                             f"which is {x.dtype} {x.shape}")
    return dxs


def _without_gradient(name: str, key: str, value):
    """The array of a tensor among the settings. One that wants a gradient would not get it there; say so instead."""
    if not isinstance(value, Tensor):
        return value
    if value.requires_grad:
        raise ValueError(f"{name}: {key}= is a tensor that requires a gradient, and settings have none: give it by "
                         "position, or .detach() it")
    return value.data


def _same_precision(name: str, arrays: list) -> set:
    """The dtype of the floating-point arrays, if there are any; a number takes on that of the array that it meets.
    float32 and float64 in one call would quietly become float64; say so instead."""
    kinds = {a.dtype for a in arrays if isinstance(a, xp.ndarray) and a.dtype.kind == "f"}
    if len(kinds) > 1:
        raise ValueError(f"{name} got arrays of {' and '.join(sorted(map(str, kinds)))}: "
                         "bring them to one precision (tensor(..., dtype=), module.astype)")
    return kinds


def _kept_precision(name: str, kinds: set, outputs: tuple) -> None:
    """float32 times whole numbers would quietly become float64, too."""
    for y in outputs:
        if kinds and y.dtype.kind == "f" and y.dtype not in kinds:
            raise ValueError(f"{name} made {y.dtype} of {kinds.pop()}: an array of whole numbers or a NumPy number "
                             "among its arguments? Bring it to the tensor's dtype, or make a Python number of it")
