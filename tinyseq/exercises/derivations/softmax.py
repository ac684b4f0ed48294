"""Softmax, and the loss that mostly stands behind it."""
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.ops import cross_entropy, softmax


@exercise("softmax-backward", "introduction", gives="dx (N, K)")
def softmax_backward(draw: Draw) -> Case:
    """The way back through a softmax.

    (1) y[n, k] = exp(x[n, k]) / sum over j of exp(x[n, j])          x (N, K) -> y (N, K), each row with the sum 1

    Given   dy (N, K), which is dL/dy; y (N, K)
    Hint    x[n, k] stands in the numerator of one y, and in the denominator of all K of its row. So how many dy come
            back to it?
    Hint    Differentiate y[n, j] by x[n, k] with the rule for quotients, once for j = k and once for j other than k,
            and write both by y[n, j] and y[n, k].
    Hint    The two cases are y[n, j] ([j = k] - y[n, k]). Take it times dy[n, j], sum over j, and pull out what does
            not depend on j.
    Look    dx: if the same number is added to all x of a row, y does not change; so the dx of a row add up to 0. Do
            yours? And over which axis did you sum?"""
    N, K = draw.sizes(2)
    (dy,), (y,), (dx,) = draw.way_back(softmax, 2 * draw.array(N, K))
    return Case({"dy": dy, "y": y}, {"dx": dx})


@exercise("cross-entropy-backward", "introduction", gives="dlogits (N, V)")
def cross_entropy_backward(draw: Draw) -> Case:
    """The way back through the cross-entropy of a softmax, with padding.

    (1) p[n, v] = exp(logits[n, v]) / sum over u of exp(logits[n, u])          logits (N, V) -> p (N, V)
    (2) l[n]    = -ln p[n, t[n]]  where t[n] >= 0,  and 0 where t[n] = -1      (N)     -1 stands for padding
    (3) L       = (l[0] + ... + l[N-1]) / M                                    M: how many t are not -1

    Given   dL, a number, which is what comes back to L; logits (N, V); t (N), whole numbers from 0 to V-1, or -1
    Hint    Write (2) by the logits: the logarithm of a quotient is a difference of two terms.
    Hint    One term is a single logit. The other is ln of a sum of exponentials: which well-known thing is its
            derivative by logits[n, v]?
    Hint    In a row that counts, the target's entry gets one term more than the others have. Then come (3) and dL; and
            what do rows get that do not count?
    Look    dlogits: in a row that counts the entries add up to 0, and only the target's has the other sign; in a row
            of padding all are 0. What holds for yours? And which number did you divide by?"""
    N, V = draw.sizes(2, least=4)
    logits, t = 2 * draw.array(N, V), draw.ids(V, N)
    t[draw.rng.permutation(N)[:2]] = -1
    (dL,), _, (dlogits, _) = draw.way_back(lambda logits, t: cross_entropy(logits, t, ignore_index=-1), logits, t)
    return Case({"dL": float(dL), "logits": logits, "t": t}, {"dlogits": dlogits})
