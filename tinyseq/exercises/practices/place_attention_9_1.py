"""Practice 9.1, its first piece: self-attention over the places of a map."""
from typing import Any

from tinyseq.autograd import Tensor, tensor
from tinyseq.backend import to_device, to_host
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.probes import values
from tinyseq.layers import MultiHeadAttention, Parameter
from tinyseq.layers.images import PlaceAttention
from tinyseq.ops import attention


class Heard(MultiHeadAttention):
    """It remembers what it was asked."""
    query: Any = None

    def __call__(self, query: Tensor, *more: Any, **settings: Any) -> tuple[Tensor, Any]:
        self.query = query
        return super().__call__(query, *more, **settings)


def attended(x: Any, W_q: Any, W_k: Any, W_v: Any, W_o: Any, nh: int) -> dict[str, Any]:
    """(1) to (5), by the library."""
    layer = PlaceAttention(x.shape[1], nh)
    layer.attention = heard = Heard(x.shape[1], nh, bias=False)
    heard.W_q, heard.W_k, heard.W_v, heard.W_o = (Parameter(to_device(W)) for W in (W_q, W_k, W_v, W_o))
    y, alpha = layer(tensor(x)), layer.weights(tensor(x))
    return {"s": values(heard.query), "alpha": to_host(alpha), "y": values(y)}


def likely(x: Any, W_q: Any, W_k: Any, W_v: Any, W_o: Any, nh: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results: mostly what is right for other arguments."""
    B, C, h, w = x.shape
    d, one = C // nh, np.eye(C)
    right = attended(x, W_q, W_k, W_v, W_o, nh)
    s, a = right["s"], right["y"] - x
    spread = np.arange(C).reshape(d, nh).T.reshape(-1)                      # every nh-th column
    alpha = values(attention(*(tensor(part.reshape(B, nh, h * w, d)) for part in (s @ W_q, s @ W_k, s @ W_v)))[1])
    of_heads = attended(x, W_q, W_k, W_v, one, nh)["y"] - x                 # the heads, joined
    of_heads = of_heads.transpose(0, 2, 3, 1).reshape(B, h * w, nh, d).transpose(0, 2, 1, 3)

    def back(a: Any) -> Any:
        return a.reshape(B, h, w, C).transpose(0, 3, 1, 2)

    def other(W_q: Any, W_k: Any, W_v: Any, W_o: Any, heads: int = nh) -> dict[str, Any]:
        found = attended(x, W_q, W_k, W_v, W_o, heads)
        return {"alpha": found["alpha"], "y": found["y"]}
    return {
        "W_o is missing in (4)": other(W_q, W_k, W_v, one),
        "the values are s itself: W_v is missing in (2)": other(W_q, W_k, one, W_o),
        "queries, keys and values are all s itself: W_q, W_k and W_v are missing in (2)": other(one, one, one, W_o),
        "the queries are s itself: W_q is missing in (2)": other(one, W_k, W_v, W_o),
        "the keys are s itself: W_k is missing in (2)": other(W_q, one, W_v, W_o),
        "the keys are made with W_q, and in (2) with W_k": other(W_q, W_q, W_v, W_o),
        "the queries are made with W_k, and in (2) with W_q": other(W_k, W_k, W_v, W_o),
        "the values are made with W_k, and in (2) with W_v": other(W_q, W_k, W_k, W_o),
        "queries and keys stand in each other's place in (3)": other(W_k, W_q, W_v, W_o),
        "W_q, W_k, W_v and W_o are all transposed: in (2) s stands on their left, as it is":
            other(W_q.T, W_k.T, W_v.T, W_o.T),
        "W_q, W_k and W_v are all transposed: in (2) s stands on their left, as it is": other(W_q.T, W_k.T, W_v.T, W_o),
        "W_o is transposed in (4)": other(W_q, W_k, W_v, W_o.T),
        "a head takes every nh-th column of q, k and v, and in (2) d columns that are neighbours": other(
            W_q[:, spread], W_k[:, spread], W_v[:, spread], W_o[spread]),
        "a head takes every nh-th column of q, k and v, and in (2) d columns that are neighbours; in (4) the heads lie "
        "side by side": other(W_q[:, spread], W_k[:, spread], W_v[:, spread], W_o),
        "there are d heads of nh columns each, and in (2) nh heads of d columns": other(W_q, W_k, W_v, W_o, heads=d),
        "there is one head of all columns, and in (2) there are nh": other(W_q, W_k, W_v, W_o, heads=1),
        "q, k and v were reshaped to (B, nh, T, d) at once, so that a head has some of the places; in (2) it has some "
        "of the columns: the transpose is missing": {"alpha": alpha},
        "the heads (B, nh, T, d) were reshaped to (B, T, C) in (4), and no axis moved: the transpose is missing":
            {"y": x + back(of_heads.reshape(B, h * w, C) @ W_o)},
        "a (B, T, C) was reshaped to (B, C, h, w) in (5), and no axis moved: the transpose is missing, which brings "
        "the channels to the front": {"y": x + a.transpose(0, 2, 3, 1).reshape(x.shape)},
        "a was put back column by column in (5)":
            {"y": x + a.transpose(0, 2, 3, 1).reshape(B, w, h, C).transpose(0, 3, 2, 1)},
    }


@exercise("practice-9.1-places", "9.1", likely=likely,
          gives="s (B, T, C), alpha (B, nh, T, T), y (B, C, h, w)")
def places(draw: Draw) -> Case:
    """Multi-head self-attention over the places of a map.

    (1) s[b, i w + j, c] = x[b, c, i, j]                            (B, T, C)     T = h w places, row by row
    (2) q = s W_q,   k = s W_k,   v = s W_v                         (B, T, C)     head m has the columns m d to
                                                                                  m d + d - 1, and d = C / nh
    (3) alpha_m = softmax over the keys of q_m k_m^T / sqrt(d)      (B, nh, T, T)      query first, then key
    (4) a = [alpha_0 v_0; ...; alpha_{nh-1} v_{nh-1}] W_o           (B, T, C)     the heads side by side again
    (5) y[b, c, i, j] = x[b, c, i, j] + a[b, i w + j, c]            (B, C, h, w)

    Given   x (B, C, h, w), a map of C channels; W_q (C, C); W_k (C, C); W_v (C, C); W_o (C, C); nh, the number of
            heads, which divides C
    Hint    What is a step of the sequence here? Each place has C numbers, which lie far apart in memory: one in each
            channel.
    Hint    A reshape never moves a number. Before (1) bring the channels to the end; before the heads are joined in (4)
            bring them behind the places; in (5) undo both moves of (1), the last one first.
    Hint    q of all heads is s W_q, cut along its last axis into (nh, d), then with the heads in front of the places:
            (B, nh, T, d). So are k and v; (3) and (4) are then products of the last two axes.
    Look    s: row t = i w + j of s holds the channels of one place: which numbers of x are s[0, 1]?
    Look    alpha: does each row, of one query, add up to 1? Of which columns is head 1 made, and how many are they, the
            number in the root of (3)?
    Look    y: which axis of a is the channels, and does x itself come through?"""
    B, nh, d, h, w = draw.sizes(5)
    C = nh * d
    x, weights = draw.array(B, C, h, w), [draw.array(C, C) / C ** 0.5 for _ in range(4)]
    given = dict(zip(("x", "W_q", "W_k", "W_v", "W_o", "nh"), (x, *weights, nh), strict=True))
    return Case(given, attended(**given))
