"""practice-8.2-reach: a solution, other right ones, and mistakes."""
import numpy as np


def practice_8_2_reach(h0, W, dy):
    sizes = []
    for skip in (0, 1):
        h, slopes = h0, []
        for W_l in W:
            below = h
            f = np.tanh(below @ W_l)                                            # (1)
            h = f + skip * below                                                # (2)
            slopes.append(1 - f ** 2)                                           # (4)
        dh, found = dy, [np.sqrt((dy * dy).sum())]                              # (3) (6)
        for W_l, slope in zip(W[::-1], slopes[::-1], strict=True):
            da = dh * slope                                                     # (4)
            dh = da @ W_l.T + skip * dh                                         # (5)
            found.append(np.sqrt((dh * dh).sum()))                              # (6)
        sizes.append(np.array(found[::-1]))
    plain, residual = sizes
    return plain, residual


# Right --------------------------------------------------------------------------------------------------------

def right_by_jacobians(h0, W, dy):
    """The derivative of each row's h^L by its h^l as a matrix."""
    H = h0.shape[1]
    found = []
    for skip in (np.zeros((H, H)), np.eye(H)):
        hs, steps = [h0], []
        for W_l in W:
            f = np.tanh(np.einsum("bi,ij->bj", hs[-1], W_l))
            steps.append(np.einsum("ij,bj->bij", W_l, 1 - f ** 2) + skip)
            hs.append(f + hs[-1] @ skip)
        whole, reached = np.broadcast_to(np.eye(H), (len(h0), H, H)), [dy]
        for step in reversed(steps):
            whole = step @ whole
            reached.insert(0, np.einsum("bij,bj->bi", whole, dy))
        found.append(np.array([np.linalg.norm(dh) for dh in reached]))
    return found[0], found[1]


def right_two_functions(h0, W, dy):
    """The two stacks one after the other, recursively."""
    def plain(h, depth):
        if depth == len(W):
            return [dy]
        f = np.tanh(h @ W[depth])
        above = plain(f, depth + 1)
        return [(above[0] * (1 - f ** 2)) @ W[depth].T, *above]

    def residual(h, depth):
        if depth == len(W):
            return [dy]
        f = np.tanh(h @ W[depth])
        above = residual(h + f, depth + 1)
        return [above[0] + (above[0] * (1 - f ** 2)) @ W[depth].T, *above]
    return tuple(np.array([np.sum(dh ** 2) ** 0.5 for dh in f(h0, 0)]) for f in (plain, residual))


def right_row_by_row(h0, W, dy):
    """Each row by itself; the squares are added up over the rows."""
    squares = np.zeros((2, len(W) + 1))
    for row, dy_row in zip(h0, dy, strict=True):
        for kind in (0, 1):
            h, tanhs = row, []
            for W_l in W:
                tanhs.append(np.tanh(W_l.T @ h))
                h = tanhs[-1] + h if kind else tanhs[-1]
            dh = dy_row
            squares[kind, -1] += dh @ dh
            for level in range(len(W) - 1, -1, -1):
                through = W[level] @ (dh / np.cosh(np.arctanh(tanhs[level])) ** 2)
                dh = through + dh if kind else through
                squares[kind, level] += dh @ dh
    return np.sqrt(squares[0]), np.sqrt(squares[1])


def right_by_the_library(h0, W, dy):
    """By the library's own way back."""
    from tinyseq import ops
    from tinyseq.autograd import gradients, tensor
    from tinyseq.backend import to_host
    found = []
    for residual in (False, True):
        hs = [tensor(h0, requires_grad=True)]
        for W_l in W:
            f = ops.tanh(hs[-1] @ tensor(W_l))
            hs.append(f + hs[-1] if residual else f)
        found.append([np.linalg.norm(to_host(dh)) for dh in gradients((hs[-1] * tensor(dy)).sum(), hs)])
    return np.array(found[0]), np.array(found[1])


# Wrong --------------------------------------------------------------------------------------------------------

def of(h0, W, dy, slope=lambda f, h, dh: 1 - f * f, back=lambda da, dh, W, skip: da @ W.T + skip * dh,
       size=lambda dh: np.sqrt((dh * dh).sum()), states=(0, 1)):
    """(1) to (6), or with something else in their place: for those that go wrong."""
    sizes = []
    for skip, forward in zip((0, 1), states, strict=True):
        h, kept = h0, []
        for W_l in W:
            f = np.tanh(h @ W_l)
            kept.append((f, h))
            h = f + forward * h
        dh, found = dy, [size(dy)]
        for W_l, (f, below) in zip(W[::-1], kept[::-1], strict=True):
            dh = back(dh * slope(f, below, f + forward * below), dh, W_l, skip)
            found.append(size(dh))
        sizes.append(np.array(found[::-1]))
    return tuple(sizes)


def wrong_slope_of_the_sum(h0, W, dy):
    """the slope (4) is made of h^l, which with a residual is not the tanh: 1 - (h^l)^2

    Named by: slope h^l tanh (4) | `h` where `f` (4)"""
    return of(h0, W, dy, slope=lambda f, below, h: 1 - h * h)


def wrong_no_slope(h0, W, dy):
    """the slope of the tanh is missing in (4)

    Named by: slope missing (4) | factor `slope` missing (4)"""
    return of(h0, W, dy, slope=lambda f, below, h: 1)


def wrong_not_transposed(h0, W, dy):
    """W_l is not transposed in (5)

    Named by: W_l not transposed (5)"""
    return of(h0, W, dy, back=lambda da, dh, W, skip: da @ W + skip * dh)


def wrong_residual_not_passed_back(h0, W, dy):
    """the residual is there on the way up and missing on the way back: dh^l in (5)

    Named by: dh missing (5) | `skip * dh` missing (5)"""
    return of(h0, W, dy, back=lambda da, dh, W, skip: da @ W.T)


def wrong_da_passed_back(h0, W, dy):
    """da^l goes along the residual, and in (5) dh^l, which has not been through the tanh

    Named by: `da` `dh` (5)"""
    return of(h0, W, dy, back=lambda da, dh, W, skip: da @ W.T + skip * da)


def wrong_no_residual(h0, W, dy):
    """the residual is left out: both are those of the plain stack

    Named by: residual left out plain | both plain"""
    plain, _ = practice_8_2_reach(h0, W, dy)
    return plain, plain


def wrong_states_of_the_plain_stack(h0, W, dy):
    """the way back has the residual, and the way up has not: the states are those of (1)

    Named by: states (1) | `skip * h` missing (2)"""
    return of(h0, W, dy, states=(0, 0))


def wrong_order_of_depths(h0, W, dy):
    """the depths lie from the last to the first, as they were found; (6) begins with h^0

    Named by: last to the first | runs backwards"""
    plain, residual = practice_8_2_reach(h0, W, dy)
    return plain[::-1], residual[::-1]


def wrong_mean_of_squares(h0, W, dy):
    """the root of the mean of the squares stands where (6) has that of their sum

    Named by: mean of squares sum (6) | mean stands sum (6)"""
    return of(h0, W, dy, size=lambda dh: np.sqrt((dh * dh).mean()))


def wrong_no_root(h0, W, dy):
    """the root is missing in (6)

    Named by: root missing (6) | without the root | without function (6) | square"""
    return of(h0, W, dy, size=lambda dh: (dh * dh).sum())


def wrong_exchanged(h0, W, dy):
    """plain and residual are returned in the other order

    Named by: plain residual exchanged | each other's place"""
    return practice_8_2_reach(h0, W, dy)[::-1]


def wrong_sum_of_absolute_values(h0, W, dy):
    """the size is the sum of the absolute values, and in (6) the root of the sum of the squares

    Named by: absolute values (6)"""
    return of(h0, W, dy, size=lambda dh: np.abs(dh).sum())


def wrong_slope_of_the_input(h0, W, dy):
    """the slope (4) is 1 - (h^{l-1})^2, of what went into the layer and not of the tanh

    Named by: slope h^{l-1} (4) | `below` where `f` (4)"""
    return of(h0, W, dy, slope=lambda f, below, h: 1 - below * below)


def upwards(h, W, skip):
    """(1) for skip = 0 and (2) for skip = 1: the slopes 1 - tanh^2 of all layers."""
    slopes = []
    for W_l in W:
        f = np.tanh(h @ W_l)
        h = f + skip * h
        slopes.append(1 - f ** 2)
    return slopes


def size(dh):
    return np.sqrt((dh * dh).sum())


def downwards(dh, W, slopes, skip, size=size):
    """(3) to (6)."""
    found = [size(dh)]
    for W_l, slope in zip(W, slopes, strict=True):
        dh = (dh * slope) @ W_l.T + skip * dh
        found.append(size(dh))
    return np.array(found[::-1])


def wrong_matrices_from_the_first(h0, W, dy):
    """on the way down (5) takes W_1 first and W_L last, while the slopes come in the right order

    Named by: W_l order | matrices order | W_1 first down | W reversed | matrix other layer"""
    plain = downwards(dy, W, upwards(h0, W, 0)[::-1], 0)
    residual = downwards(dy, W, upwards(h0, W, 1)[::-1], 1)
    return plain, residual


def wrong_mean_over_rows(h0, W, dy):
    """(6) takes a root for each row and the mean of them, not one root of the sum over rows and units

    Named by: mean rows root | each row root | size mean rows | norm row mean"""
    def of_rows(dh):
        return np.sqrt((dh * dh).sum(axis=1)).mean()
    plain = downwards(dy, W[::-1], upwards(h0, W, 0)[::-1], 0, of_rows)
    residual = downwards(dy, W[::-1], upwards(h0, W, 1)[::-1], 1, of_rows)
    return plain, residual
