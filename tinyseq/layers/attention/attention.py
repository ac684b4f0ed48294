"""What every attention has in common: the shape of a call, and what it refuses.

Shapes: B sequences; Tq queries, such as the states of a decoder; Tk keys, such as the states of an encoder, each with
the value that it stands for.

    (1) e     = score(query, keys)                        (B, Tq, Tk)       the subclasses differ in this
    (2) alpha = softmax over the keys of e                (B, Tq, Tk)       the weights
    (3) c     = alpha values                              (B, Tq, D_value)  the context

Bahdanau et al. 2015, equations 5 and 6.
"""
from typing import Any, NamedTuple

from tinyseq import backend
from tinyseq.autograd import Tensor
from tinyseq.backend import to_device, to_host, xp
from tinyseq.layers.module import Module
from tinyseq.layers.named import named
from tinyseq.ops import gather, softmax


class Memory(NamedTuple):
    """What a query looks at, prepared once for all queries.

    keys, values    of B sequences, as `attend` takes them
    mask            None, or booleans (B or 1, Tq or 1, Tk)"""
    keys: Tensor
    values: Tensor
    mask: Any

    def select(self, rows: Any) -> "Memory":
        """The memory of these sequences, in this order: of the beams that go on."""
        mask = self.mask if self.mask is None or len(self.mask) == 1 else self.mask[xp.asarray(rows)]
        return Memory(gather(self.keys, rows), gather(self.values, rows), mask)


class Attention(Module):
    """The equations (1)-(3) at the head of this page.

    Made with  what the score needs, such as D_query and D_key, the widths of queries and keys.
    Call       query, keys, values=None, mask=None, t=0 -> context, weights
               query    (B, D_query) for one step -> context (B, D_value), weights (B, Tk)
                        (B, Tq, D_query) for many -> context (B, Tq, D_value), weights (B, Tq, Tk)
               keys     (B, Tk, D_key)
               values   (B, Tk, D_value); None: the keys
               mask     booleans (B, Tk) or (B, Tq, Tk), True where a query may look (masks.py); None: everywhere.
                        A query that may look nowhere is refused where the mask lies on the host; a GPU would have
                        to be waited for, and there it gets weights and a context of 0
               t        the step of the first query, for an attention that goes by place (local.py); others ignore it
    Decoders   that look at the same keys at each step prepare them once: attention.look(query, memory, t), with
               memory = attention.memory(keys, values, mask), is the same as the call.
    Raises     ValueError if widths, lengths or batches do not fit, for a mask of other axes, not of booleans, or with
               a row that is False everywhere."""

    D_query: int | None = None                             # None: any
    D_key: int | None = None

    def __call__(self, query: Tensor, keys: Tensor, values: Tensor | None = None, mask: Any = None,
                 t: int = 0) -> tuple[Tensor, Tensor]:
        return self.look(query, self.memory(keys, values, mask), t)

    def memory(self, keys: Tensor, values: Tensor | None = None, mask: Any = None) -> Memory:
        """Keys, values and mask, checked, and the part of the score that no query changes."""
        values = keys if values is None else values
        check_sequence(self, "keys", keys)
        check_sequence(self, "values", values)
        if keys.shape[:2] != values.shape[:2]:
            raise ValueError(f"{named(self)}: each key has a value; keys {keys.shape} are {_counted(keys)}, values "
                             f"{values.shape} are {_counted(values)}: pass both of the same sequences")
        return Memory(self.prepared(keys), self.prepared_values(values), checked_mask(self, mask, keys))

    def look(self, query: Tensor, memory: Memory, t: int = 0) -> tuple[Tensor, Tensor]:
        """Context and weights of queries that look at a memory."""
        check_sequence(self, "query", query)
        queries = query[:, None] if query.ndim == 2 else query                      # (B, Tq, D_query)
        check_query(self, queries, memory)
        context, weights = self.attend(queries, memory, t)
        return (context.squeeze(1), weights.squeeze(-2)) if query.ndim == 2 else (context, weights)

    def attend(self, queries: Tensor, memory: Memory, t: int) -> tuple[Tensor, Tensor]:
        """queries (B, Tq, D_query) -> context (B, Tq, D_value), weights (B, Tq, Tk)"""
        weights = softmax(self.scores(queries, memory.keys), mask=memory.mask)      # (2)
        return weights @ memory.values, weights                                     # (3)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries (B, Tq, D_query), prepared keys -> scores (B, Tq, Tk), equation (1)"""
        raise NotImplementedError

    def width(self, role: str) -> tuple[str, int | None]:
        """What the width of the "query", of the "keys" and of the "values" is called, and what it must be."""
        return {"query": ("D_query", self.D_query), "keys": ("D_key", self.D_key), "values": ("D_value", None)}[role]

    def prepared(self, keys: Tensor) -> Tensor:
        """The keys as `scores` takes them."""
        return keys

    def prepared_values(self, values: Tensor) -> Tensor:
        """The values as `attend` takes them."""
        return values


# What is refused --------------------------------------------------------------------------------------------

def check_sequence(layer: Attention, role: str, x: Tensor, name: str = "") -> None:
    """Raise ValueError unless x is floating-point numbers (B, T, width), or for one query a row (B, width), of the
    width that the layer has for a query, for keys or for values; `name` is what the caller knows x by."""
    name, (letter, width) = name or role, layer.width(role)
    steps = {"query": "Tq", "x": "T"}.get(name, "Tk")
    axes = f"(B, {steps}, {letter})" + (f" or (B, {letter})" if name == "query" else "")
    if x.dtype.kind != "f":
        raise ValueError(f"{named(layer)}: {name} {axes} are floating-point numbers; got {x.dtype} {x.shape}: ids go "
                         "through an Embedding first")
    if x.ndim != 3 and (x.ndim != 2 or name != "query"):
        raise ValueError(f"{named(layer)}: {name} should be {axes}; got {x.shape}, with {x.ndim} axes: one sequence is "
                         "a batch of one, x[None]")
    if width is not None and x.shape[-1] != width:
        raise ValueError(f"{named(layer)} is made with {letter}={width}; axis {x.ndim - 1} of {name} {x.shape} has "
                         f"size {x.shape[-1]}: make the layer with that {letter}, or project {name} by a Linear")


def check_query(layer: Attention, queries: Tensor, memory: Memory) -> None:
    """Raise ValueError if queries (B, Tq, ...) are not of the memory's B sequences, or not as many as its mask has."""
    (B, Tq), keys, mask = queries.shape[:2], memory.keys, memory.mask
    if B != keys.shape[0]:
        raise ValueError(f"{named(layer)}: axis 0 is the batch, and each query looks at its own sequence's keys; there "
                         f"are queries of {B} sequences and keys of {keys.shape[0]}: pass batches of one size, both "
                         "with the batch first")
    if mask is not None and mask.shape[1] not in (1, Tq):
        raise ValueError(f"{named(layer)}: a mask (B, Tq, Tk) has a row for each query; axis 1 of the mask "
                         f"{mask.shape} has size {mask.shape[1]}, and there are Tq={Tq} queries: for some of the steps "
                         "take those rows of the mask")


def checked_mask(layer: Attention, mask: Any, keys: Tensor) -> Any:
    """The mask as an array (B or 1, Tq or 1, Tk) of booleans on the device; None stays None."""
    if mask is None:
        return None
    given = mask.data if isinstance(mask, Tensor) else mask
    mask, (B, Tk) = to_device(given), keys.shape[:2]
    if mask.dtype != xp.bool_:
        raise ValueError(f"{named(layer)}: a mask is booleans, True where a query may look; got {mask.dtype} "
                         f"{mask.shape}: make one by a comparison, such as mask > 0")
    if mask.ndim not in (2, 3):
        raise ValueError(f"{named(layer)}: a mask is (B, Tk) or (B, Tq, Tk); got {mask.shape}, with {mask.ndim} axes. "
                         "One mask for all sequences is mask[None], one for all heads needs no axis for them")
    for axis, size, letter in ((0, B, "B"), (mask.ndim - 1, Tk, "Tk")):
        if mask.shape[axis] != size and not (axis == 0 and mask.shape[0] == 1):
            advice = (": one (Tq, Tk) for all sequences is mask[None]" if mask.ndim == 2 and axis == 0
                      else ": padding_mask(lengths, Tk) and causal_mask(Tk) make masks that fit")
            raise ValueError(f"{named(layer)}: a mask is (B, Tk) or (B, Tq, Tk); axis {axis} of {mask.shape} has size "
                             f"{mask.shape[axis]}, and {letter}={size} for keys {keys.shape}{advice}")
    if backend.name == "numpy" or not isinstance(given, xp.ndarray):
        _check_rows(layer, to_host(given))
    return mask[:, None] if mask.ndim == 2 else mask


def _check_rows(layer: Attention, mask: Any) -> None:
    """Raise ValueError if a row of the mask, which lies on the host, hides every key."""
    sees = mask.any(axis=-1)
    if not sees.all():
        row = [int(axis[0]) for axis in (~sees).nonzero()]
        whose = f"sequence {row[0]}" if mask.ndim == 2 else f"query {row[1]} of sequence {row[0]}"
        raise ValueError(f"{named(layer)}: {whose} may look at no key, its row of the mask {mask.shape} is False "
                         "everywhere: leave empty sequences out of the batch; a query of padding may look anywhere, if "
                         "what it gets is not used")


def _counted(x: Tensor) -> str:
    return f"{x.shape[1]} for each of {x.shape[0]} sequences"
