"""Bugs in the by-hand attention: a term of the softmax's derivative, a factor, an operand, the wrong array."""
from mutants.plant import Mutant, at

HERE = "tinyseq.ops.attention:attention"
Q, K, V = at("query"), at("keys"), at("values")
BOTH = at("query, keys")                                   # what the scores are made of

# (what is wrong, the code, the bug, where a message should point)
ROWS = [
    ("the sum of the softmax forgotten", 'de -= xp.einsum("...k,...k->...", de, alpha[i])[..., None]', "pass", BOTH),
    ("a plain sum for the weighted one", 'xp.einsum("...k,...k->...", de, alpha[i])[..., None]',
     "de.sum(axis=-1, keepdims=True)", BOTH),
    ("the sum over queries, not keys", 'xp.einsum("...k,...k->...", de, alpha[i])[..., None]',
     "(de * alpha[i]).sum(axis=-2, keepdims=True)", BOTH),
    ("alpha^2 for alpha", "de *= alpha[i]", "de *= alpha[i] * alpha[i]", BOTH),
    ("dalpha ignored", "de += dalpha[i]", "pass", at(words="output 1")),
    ("1 / sqrt(d) forgotten on the way back", "de *= scale", "pass", at("query, keys", pattern="constant ratio")),
    ("1 / sqrt(d) twice on the way back to k", "query[i], out=dk[i]", "query[i] * scale, out=dk[i]",
     at("keys", pattern="constant ratio")),
    ("the sign of dq and dk", "de *= scale", "de *= -scale", at("query, keys", pattern="sign")),
    ("dv from the scores' gradient", "return dq, dk, dv", "xp.matmul(de.swapaxes(-1, -2), dy[i], out=dv[i]); "
     "return dq, dk, dv", V),
    ("dv off by a thousandth", "return dq, dk, dv", "return dq, dk, 1.001 * dv", V),
    ("no gradient for the keys", "return dq, dk, dv", "return dq, None, dv", at("keys", pattern="all zero")),
    ("alpha written over", "de *= alpha[i]", "de = xp.multiply(de, alpha[i], out=alpha[i])",
     at(pattern="not repeatable")),
    ("dalpha written over", "de += dalpha[i]", "dalpha[i] += de; de = dalpha[i]", at(pattern="modified")),
]
LEAN = [
    ("the sum of the softmax forgotten", "de -= inner[..., i, :]", "pass", BOTH),
    ("alpha^2 for alpha", "de *= alpha", "de *= alpha * alpha", BOTH),
    ("1 / sqrt(d) forgotten on the way back to q", "dq *= scale", "pass", at("query", pattern="constant ratio")),
    ("1 / sqrt(d) twice on the way back to k", "q[..., i, :])                   # (1)",
     "q[..., i, :] * scale)                   # (1)", at("keys", pattern="constant ratio")),
    ("the last block of queries alone for dv", "dv[..., j, :] += xp", "dv[..., j, :] = xp", V),
    ("the slopes forgotten in the blocks", "alpha = scores(i, j)",
     "alpha = xp.matmul(q[..., i, :], keys[..., j, :].swapaxes(-1, -2))", at()),
]

MUTANTS = [*(Mutant("attention", name, HERE, old, new, place) for name, old, new, place in ROWS),
           *(Mutant("lean_attention", name, "tinyseq.ops.lean_attention:lean_attention", old, new, place)
             for name, old, new, place in LEAN)]
