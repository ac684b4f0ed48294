"""Bugs in the by-hand attention: a term of the softmax's derivative, a factor, an operand, the wrong array."""
from mutants.plant import Mutant, at

HERE = "tinyseq.ops.attention:attention"
Q, K, V = at("query"), at("keys"), at("values")
BOTH = at("query, keys")                                   # what the scores are made of

# (what is wrong, the code, the bug, where a message should point)
ROWS = [
    ("the sum of the softmax forgotten", 'de -= xp.einsum("...k,...k->...", de, alpha)[..., None]', "pass", BOTH),
    ("a plain sum for the weighted one", 'xp.einsum("...k,...k->...", de, alpha)[..., None]',
     "de.sum(axis=-1, keepdims=True)", BOTH),
    ("the sum over queries, not keys", 'xp.einsum("...k,...k->...", de, alpha)[..., None]',
     "(de * alpha).sum(axis=-2, keepdims=True)", BOTH),
    ("alpha^2 for alpha", "de *= alpha", "de *= alpha * alpha", BOTH),
    ("dalpha ignored", "de += dalpha", "pass", at(words="output 1")),
    ("1 / sqrt(d) forgotten on the way back to q", "dq *= scale", "pass", at("query", pattern="constant ratio")),
    ("1 / sqrt(d) twice on the way back to k", "swapaxes(-1, -2), q, out=dk", "swapaxes(-1, -2), q * scale, out=dk",
     at("keys", pattern="constant ratio")),
    ("1 / sqrt(d) forgotten on the way back to k", "swapaxes(-1, -2), q, out=dk", "swapaxes(-1, -2), query, out=dk",
     at("keys", pattern="constant ratio")),
    ("the sign of dq", "dq *= scale", "dq *= -scale", at("query", pattern="sign")),
    ("dv from the scores' gradient", "return dq, dk, dv", "xp.matmul(de.swapaxes(-1, -2), dy, out=dv); "
     "return dq, dk, dv", V),
    ("dv off by a thousandth", "return dq, dk, dv", "return dq, dk, 1.001 * dv", V),
    ("no gradient for the keys", "return dq, dk, dv", "return dq, None, dv", at("keys", pattern="all zero")),
    ("alpha written over", "de *= alpha", "de = xp.multiply(de, alpha, out=alpha)", at(pattern="not repeatable")),
    ("dalpha written over", "de += dalpha", "dalpha += de; de = dalpha", at(pattern="modified")),
]

MUTANTS = [Mutant("attention", name, HERE, old, new, place) for name, old, new, place in ROWS]
