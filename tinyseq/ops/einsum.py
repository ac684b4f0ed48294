"""Einstein's notation: a product of any number of arrays, written by naming their axes."""
import string
from collections import Counter

from tinyseq.autograd import op
from tinyseq.backend import xp


@op
def einsum(equation, *operands):
    """y_{out} = sum over every other index of x1_{in1} x2_{in2} ...

    dx1_{in1} = sum over every index that in1 lacks of dy_{out} x2_{in2} ..., and likewise for each operand: by the same
    notation, with dy in its place. Entries that differ only in an index which stands in in1 alone get the same
    gradient; of an index that stands in in1 twice, only the diagonal gets one.

    equation    "bqd,bkd->bqk": a letter for each axis. A letter that is missing on the right is summed over; one that
                stands twice in an operand means its diagonal. "..." stands for axes that broadcast. Without "->", the
                right side is "..." and every letter that stands once, in alphabetical order.
    operands    as many as there are terms on the left

    Raises ValueError if the equation cannot be read, or an operand's axes do not fit it: which one, and both sizes."""
    terms, out = _read(equation, operands)
    sizes = _sizes(equation, terms, operands)
    terms, arrays = zip(*(_without_repeated_axes(term, x, sizes) for term, x in zip(terms, operands, strict=True)),
                        strict=True)

    def backward(dy):
        return None, *(_gradient(k, dy, terms, arrays, out, sizes).reshape(x.shape) for k, x in enumerate(operands))
    return _einsum(terms, out, arrays), backward


def _einsum(terms, out, arrays):
    """The sum itself; of more than two arrays, two at a time."""
    return xp.einsum(f"{','.join(terms)}->{out}", *arrays, optimize=len(arrays) > 1)


def _gradient(k, dy, terms, arrays, out, sizes):
    """The gradient of arrays[k], axis by axis as terms[k] names them."""
    indices = "".join(dict.fromkeys(terms[k]))             # each once
    others, other_arrays = [*terms[:k], *terms[k + 1:]], [*arrays[:k], *arrays[k + 1:]]
    known = "".join(i for i in indices if i in "".join([out, *others]))
    dx = _einsum([out, *others], known, [dy, *other_arrays])
    dx = dx.reshape(tuple(sizes[i] if i in known else 1 for i in indices))
    dx = xp.broadcast_to(dx, tuple(sizes[i] for i in indices))   # the same along an index that was only summed over
    return dx if len(indices) == len(terms[k]) else _on_diagonal(dx, indices, terms[k], sizes)


def _on_diagonal(dx, indices, term, sizes):
    """dx_{ij}, for a term "iij": where its equal indices are equal, else 0."""
    along = [xp.arange(sizes[i]).reshape(tuple(sizes[i] if axis == p else 1 for axis in range(len(term))))
             for p, i in enumerate(term)]
    first = [term.index(i) for i in term]
    dx = dx.reshape(tuple(sizes[i] if first[p] == p else 1 for p, i in enumerate(term)))
    for p, q in enumerate(first):
        dx = xp.where(along[p] == along[q], dx, 0)
    return dx


def _read(equation, operands):
    """The terms and the result as strings of letters, "..." written out in letters that are free."""
    if not isinstance(equation, str):
        raise ValueError("einsum: the equation comes first, as text such as 'ij,jk->ik'; got "
                         f"{type(equation).__name__}")
    left, arrow, out = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise ValueError(f"einsum: {equation!r} has {len(terms)} terms on the left, for {len(terms)} operands; got "
                         f"{len(operands)}")
    for term in [*terms, out]:
        wrong = set(term.replace("...", "", 1)) - set(string.ascii_letters)
        if wrong:
            raise ValueError(f"einsum: {equation!r}: axes are named by letters a-z and A-Z and '...', which may stand "
                             f"once in a term; {term!r} has {''.join(sorted(wrong))!r}")
    free = [i for i in string.ascii_letters if i not in equation]
    broadcast = [_axes_of_dots(equation, k, term, x) for k, (term, x) in enumerate(zip(terms, operands, strict=True))]
    if max(broadcast) > len(free):
        raise ValueError(f"einsum: {equation!r}: no letters are left for the {max(broadcast)} axes of '...'")
    if not arrow:
        count = Counter(left)
        out = "..." + "".join(sorted(i for i in count if i.isalpha() and count[i] == 1))
    named = free[:max(broadcast)]                          # of the broadcast axes, as y has them
    if named and "..." not in out:
        raise ValueError(f"einsum: {equation!r}: the axes of '...' must stand on the right, too; name them by letters "
                         "to sum over them")
    result = out.replace("...", "".join(named))
    for i in result:
        if result.count(i) > 1 or i not in "".join([left, *named]):
            raise ValueError(f"einsum: {equation!r}: the result may have index {i!r} once, and only if an operand "
                             "has it")
    return [term.replace("...", "".join(named[len(named) - n:]))
            for term, n in zip(terms, broadcast, strict=True)], result


def _axes_of_dots(equation, k, term, x):
    """How many axes of operand k its "..." stands for."""
    letters = len(term.replace("...", ""))
    if not hasattr(x, "ndim"):
        raise ValueError(f"einsum: operand {k} must be a tensor or an array; got {type(x).__name__}")
    if x.ndim != letters and not (x.ndim > letters and "..." in term):
        raise ValueError(f"einsum: {equation!r}: operand {k}, {term!r}, has {letters} named axes; got shape {x.shape}, "
                         f"with {x.ndim}")
    return x.ndim - letters


def _sizes(equation, terms, operands):
    """The size of each index."""
    sizes: dict = {}
    for k, (term, x) in enumerate(zip(terms, operands, strict=True)):
        for i, n in zip(term, x.shape, strict=True):
            m = sizes.setdefault(i, n)
            if m == 1 and i not in equation:               # an axis of "...", of size 1 so far: it broadcasts
                sizes[i] = n
            elif n != m and not (n == 1 and i not in equation):
                index = f"index {i!r}" if i in equation else "an axis of '...'"
                raise ValueError(f"einsum: {equation!r}: {index} has size {n} in operand {k}, {x.shape}, and {m} "
                                 f"before; shapes are {', '.join(str(y.shape) for y in operands)}")
    return sizes


def _without_repeated_axes(term, x, sizes):
    """The operand without the axes of size 1 that broadcasting repeats: the result has them from another one."""
    kept = [p for p, i in enumerate(term) if x.shape[p] == sizes[i]]
    return "".join(term[p] for p in kept), x.reshape(tuple(x.shape[p] for p in kept))
