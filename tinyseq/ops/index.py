"""x[...]: parts of a tensor, picked by whole numbers, slices, arrays of whole numbers and masks."""
import math
from numbers import Integral

from tinyseq.autograd import Tensor, op
from tinyseq.backend import scatter_add, to_device, xp
from tinyseq.ops.broadcasting import fit
from tinyseq.ops.gather import on_host


@op
def take(x, index):
    """y = x[index], as in NumPy                                            dx[index] = dy, 0 elsewhere

    index   whole numbers, slices, None (a new axis of size 1), `...` (the axes in between), arrays of whole numbers
            and masks, or a tuple of these; numbers below 0 count from the end
    arrays  broadcast against each other; y has their axes where they stood in the index, or in front if something
            stood between them. An entry picked twice gets both gradients, added in a fixed order
    masks   stand for the places where they hold, so the shape of y depends on their values

    Arrays in host memory (and lists) are checked there; one on a GPU is copied to the host for it, and the GPU stops.
    Raises ValueError, with the axis and its size, for a number out of range or a mask of another size."""
    parts, in_place = _spelled_out(index, x.shape)
    if any(hasattr(part, "ndim") for part in parts):
        return _by_arrays(x, parts, in_place)
    place = (*parts, ...)                                  # with "..." one entry stays an array, of shape ()

    def backward(dy):
        dx = xp.zeros(x.shape, x.dtype)
        dx[place] = dy
        return dx, None
    return x[place], backward


def _by_arrays(x, parts, in_place):
    """The axes that have an array become one, in front, and their arrays one array of row numbers."""
    parts = [on_host(part) if isinstance(part, Integral) else part for part in parts]
    places = [i for i, part in enumerate(parts) if hasattr(part, "ndim")]
    whole = tuple(slice(None) if i in places else part for i, part in enumerate(parts))
    front = range(len(places))
    blocks = xp.moveaxis(x[whole], places, front)          # (n_1, ..., n_k, rest)
    sizes, rest = blocks.shape[:len(places)], blocks.shape[len(places):]
    numbers = _row_numbers([parts[i] for i in places], sizes)
    at = range(places[0], places[0] + numbers.ndim) if in_place else range(numbers.ndim)
    numbers = to_device(numbers)
    y = xp.take(blocks.reshape(math.prod(sizes), *rest), numbers, axis=0)

    def backward(dy):
        rows = xp.moveaxis(dy, at, range(numbers.ndim)).reshape(numbers.size, math.prod(rest))
        dblocks = scatter_add(math.prod(sizes), numbers.reshape(-1), rows).reshape(blocks.shape)
        dx = xp.zeros(x.shape, x.dtype)
        dx[whole] = xp.moveaxis(dblocks, front, places)
        return dx, None
    return xp.moveaxis(y, range(numbers.ndim), at), backward


def _row_numbers(arrays, sizes):
    """Where in the rows that these axes make together the arrays point: (i_1 n_2 + i_2) n_3 + i_3 ..."""
    numbers = arrays[0]
    for array, n in zip(arrays[1:], sizes[1:], strict=True):
        if not fit(numbers.shape, array.shape):
            raise ValueError(f"take: arrays of indices broadcast against each other, and {numbers.shape} and "
                             f"{array.shape} do not; for all pairs of rows and columns take x[rows][:, columns]")
        numbers = numbers * n + array
    return numbers


def _spelled_out(index, shape):
    """One part for each axis of x and each new one, numbers counted from the front; and whether the axes of the arrays
    stay in place, because nothing stands between them."""
    given = [_part(part) for part in (index if isinstance(index, tuple) else (index,))]
    dots = [i for i, part in enumerate(given) if part is Ellipsis]
    taken = sum(_axes(part) for part in given)
    if taken > len(shape):
        raise ValueError(f"take: the index is for {taken} axes, and {shape} has {len(shape)}")
    if len(dots) > 1:
        raise ValueError(f"take: '...' stands {len(dots)} times in the index; which axes each is for, nobody can tell")
    numbers = [i for i, part in enumerate(given) if isinstance(part, Integral) or hasattr(part, "ndim")]
    in_place = numbers == list(range(numbers[0], numbers[-1] + 1)) if numbers else True
    at = dots[0] if dots else len(given)
    given[at:at + 1] = [slice(None)] * (len(shape) - taken)
    parts: list = []
    axis = 0
    for part in given:
        parts.extend(_on_axes(part, axis, shape))
        axis += _axes(part)
    return parts, in_place


def _part(part):
    """A part of an index: a slice, None, `...`, a number, or an array on the host."""
    part = part.data if isinstance(part, Tensor) else part
    if part is None or part is Ellipsis or isinstance(part, slice):
        return part
    if isinstance(part, Integral) and not isinstance(part, bool):
        return int(part)
    array = on_host(part)
    if array.dtype.kind not in "iub" or (array.dtype.kind == "b" and not array.ndim):
        raise ValueError(f"take: an index is made of whole numbers, slices, None, '...', arrays of whole numbers and "
                         f"masks with axes; got {array.dtype} of shape {array.shape}")
    return array


def _axes(part):
    """How many axes of x a part is for."""
    if part is None or part is Ellipsis:
        return 0
    return part.ndim if hasattr(part, "ndim") and part.dtype.kind == "b" else 1


def _on_axes(part, axis, shape):
    """The part as what stands for each of its axes, the first of them being `axis`."""
    if part is None or isinstance(part, slice):
        return [part]
    if isinstance(part, int):
        return [int(_from_the_front(part, part, part, axis, shape))]
    if part.dtype.kind == "b":
        for i, (n, size) in enumerate(zip(part.shape, shape[axis:], strict=False)):
            if n != size:
                raise ValueError(f"take: the mask {part.shape} has size {n} along its axis {i}, and axis {axis + i} of "
                                 f"{shape}, which it is for, has {size}")
        return part.nonzero()
    if not part.size:
        return [part.astype("int64")]
    return [_from_the_front(part.astype("int64"), part.min(), part.max(), axis, shape)]


def _from_the_front(numbers, least, most, axis, shape):
    """Numbers from -n to n-1, counted from the front of an axis of size n."""
    n = shape[axis]
    if least < -n or most >= n:
        raise ValueError(f"take: axis {axis} of {shape} has size {n}, so its indices go from {-n} to {n - 1}; got "
                         f"{least if least < -n else most}")
    return numbers + n * (numbers < 0)
