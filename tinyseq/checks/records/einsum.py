"""Record of ops/einsum.py: against the product with an axis for every index, added up over what the result lacks."""
import string
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import shape_of

np = host.np
x23 = tensor(np.ones((2, 3)))


def einsum(rng: Any, kind: str) -> Sample:
    """One to three terms of random letters, which may stand twice in a term, with "..." or without, with "->" or not.

    Below, a term is a list of letters and of the numbers -1, -2 ... that stand for the axes of "...", from its end."""
    sizes: dict = dict(zip("zab", shape_of(rng, kind, least=3 * (kind == "large"), most=3), strict=False))
    letters = list(sizes)
    with_dots = kind != "scalar" and rng.random() < 0.4
    if with_dots:
        sizes |= {-1: int(rng.integers(1, 4)), -2: 1 if kind == "ones" else 2}
    terms = []
    for _ in range(rng.integers(1, 4)):
        named = [str(i) for i in rng.choice(letters, rng.integers(4))] if letters else []
        dots: list = list(range(-int(rng.integers(3)), 0)) if with_dots else []
        at = int(rng.integers(len(named) + 1))
        terms.append((named[:at], dots, named[at:]))
    used = {i for a, dots, b in terms for i in [*a, *dots, *b]}
    dots = sorted(i for i in used if isinstance(i, int))
    letters = sorted(used - set(dots))
    once = [i for i in letters if sum([*a, *b].count(i) for a, _, b in terms) == 1]
    explicit = rng.random() < 0.7
    named = [str(i) for i in rng.permutation(letters)]
    result = named[:rng.integers(len(named) + 1)] if explicit else once
    at = int(rng.integers(len(result) + 1)) if explicit else 0
    has_dots = with_dots and (dots or rng.random() < 0.5)

    left = ",".join("".join(a) + ("..." if with_dots else "") + "".join(b) for a, _, b in terms)
    right = "->" + "".join(result[:at]) + ("..." if has_dots else "") + "".join(result[at:])
    equation = left + (right if explicit else "")
    if rng.random() < 0.3:
        equation = equation.replace(",", " , ").replace("->", " -> ")
    spelled = [[*a, *d, *b] for a, d, b in terms]
    shapes = [tuple(1 if isinstance(i, int) and rng.random() < 0.3 else sizes[i] for i in term) for term in spelled]
    out = [*result[:at], *dots, *result[at:]]
    return Sample([normal(rng, shape) for shape in shapes], lambda *xs: ops.einsum(equation, *xs),
                  lambda *xs: by_whole_product(spelled, out, xs))


def by_whole_product(terms: list, out: list, xs: Any) -> Any:
    """The product as an array with an axis for each index, then the sum over those that are not in `out`."""
    sizes: dict = {}
    for term, x in zip(terms, xs, strict=True):
        for i, n in zip(term, x.shape, strict=True):
            sizes[i] = n if sizes.get(i, 1) == 1 else sizes[i]
    summed = [i for i in sizes if i not in out]
    order = [*out, *summed]
    along = dict(zip(order, np.indices([sizes[i] for i in order], sparse=True), strict=True))
    product = np.ones([sizes[i] for i in order], xs[0].dtype)
    for term, x in zip(terms, xs, strict=True):
        product = product * x[tuple(along[i] if n > 1 else 0 * along[i] for i, n in zip(term, x.shape, strict=True))]
    return product.sum(axis=tuple(range(len(out), len(order))))


RECORDS = {
    "einsum": Record(einsum, (
        Mistake(lambda: ops.einsum("ij,jk->ik", x23, x23), ("'j'", "size 2 in operand 1, (2, 3)", "and 3")),
        Mistake(lambda: ops.einsum("ii", x23), ("'i'", "size 3", "operand 0, (2, 3)", "and 2")),
        Mistake(lambda: ops.einsum("ij,jk", x23), ("2 terms", "2 operands", "got 1")),
        Mistake(lambda: ops.einsum("ijk->k", x23), ("operand 0, 'ijk'", "3 named axes", "(2, 3)", "with 2")),
        Mistake(lambda: ops.einsum("...ijk->k", x23), ("operand 0, '...ijk'", "(2, 3)")),
        Mistake(lambda: ops.einsum("ij->iji", x23), ("index 'i' once",)),
        Mistake(lambda: ops.einsum("ij->ik", x23), ("'k'", "only if an operand has it")),
        Mistake(lambda: ops.einsum("i...->i", x23), ("'...' must stand on the right", "letters")),
        Mistake(lambda: ops.einsum("i1->i", x23), ("letters", "'1'")),
        Mistake(lambda: ops.einsum("......->...", x23), ("once in a term", "'.'")),
        Mistake(lambda: ops.einsum("...i,...i", x23, tensor(np.ones((4, 3)))), ("axis of '...'", "size 4", "and 2")),
        Mistake(lambda: ops.einsum("..." + string.ascii_letters, tensor(np.ones((1,) * 53))), ("no letters are left",)),
        Mistake(lambda: ops.einsum("i,i", x23, 2.0), ("operand", "axes")),
        Mistake(lambda: ops.einsum("i,", tensor(np.ones(3)), 2.0), ("operand 1", "float")),
        Mistake(lambda: ops.einsum(x23, [0, 1]), ("equation comes first",)),
    )),
}
