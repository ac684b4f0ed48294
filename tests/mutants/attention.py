"""Bugs in attention and in what is built on it: a term of the softmax's derivative, a factor, an operand, the wrong
array."""
from mutants.plant import Mutant, at

HERE = "tinyseq.ops.attention:attended_backward"
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
    ("dalpha ignored", "de += dalpha[i] * scale", "pass", at(words="output 1")),
    ("dalpha without 1 / sqrt(d)", "de += dalpha[i] * scale", "de += dalpha[i]", at(words="output 1")),
    ("1 / sqrt(d) forgotten on the way back", "scale = 1 / math.sqrt(query.shape[-1])", "scale = 1.0",
     at("query, keys", pattern="constant ratio")),
    ("1 / sqrt(d) twice on the way back to k", "query[i], out=dk[i]", "query[i] * scale, out=dk[i]",
     at("keys", pattern="constant ratio")),
    ("the sign of dq and dk", "scale = 1 / math", "scale = -1 / math", at("query, keys", pattern="sign")),
    ("dv off by a thousandth", "dy[i], out=dv[i])", "1.001 * dy[i], out=dv[i])", V),
    ("dv from dy and the scores' gradient", "xp.matmul(de, keys[i], out=dq[i])",
     "xp.matmul(de, keys[i], out=dq[i]); xp.matmul(de.swapaxes(-1, -2), dy[i], out=dv[i])", V),
    ("alpha written over", "de *= alpha[i]", "de = xp.multiply(de, alpha[i], out=alpha[i])",
     at(pattern="not repeatable")),
    ("dalpha written over", "de += dalpha[i] * scale", "dalpha[i] *= scale; de += dalpha[i]", at(pattern="modified")),
]
TOP = [("no gradient for the keys", "return dq, dk, dv", "return dq, None, dv", at("keys", pattern="all zero"))]
SELF = [
    ("what comes for the keys ignored", "dqkv[..., C:2 * C] += dk_out", "pass", at(words="output 1")),
    ("what comes for the values ignored", "dqkv[..., 2 * C:] += dv_out", "pass", at(words="output 2")),
    ("keys and values exchanged on the way back", "None, dq, dk, dv)", "None, dq, dv, dk)", at()),
    ("queries and keys not turned back", "dq_and_dk[...], = turned_backward(dq_and_dk)", "pass", at()),
    ("the thirds of dW in another order", "return dx, *_thirds(dW)", "return dx, *_thirds(dW)[::-1]", at("W_q, W_v")),
    ("no gradient for b_o", "*(db_o or (None,))", "None", at("b_o", pattern="all zero")),
]
FED = [
    ("the gradient through the gate forgotten", "dx += dx_by_gate", "pass", at("x")),
    ("f for g on the way back", "dh * g)", "dh * f)", at()),
    ("the gate's gradient without f", "dh *= f", "pass", at("x, W_3, b_3")),
    ("no gradient for b_2", "*_two(d_back)", "d_back[0], None", at("b_2", pattern="all zero")),
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

BLOCK = [
    ("pre", "the way straight through forgotten", "dx += dy", "pass", at()),
    ("pre", "the way straight through twice", "dx += dy", "dx += 2 * dy", at()),
    ("pre", "dy written over", "dx += dy", "dy += dx; dx = dy", at(pattern="modified")),
    ("post", "the way straight through forgotten", "dx += ds", "pass", at()),
    ("post", "what is beside the norm, not behind it", "dx += ds", "dx += dy", at()),
]

MUTANTS = [*(Mutant("attention", name, HERE, old, new, place) for name, old, new, place in ROWS),
           *(Mutant("attention", name, "tinyseq.ops.attention:attention", old, new, place)
             for name, old, new, place in TOP),
           *(Mutant("self_attention", name, "tinyseq.ops.self_attention:self_attention", old, new, place)
             for name, old, new, place in SELF),
           *(Mutant("feed_forward", name, "tinyseq.ops.feed_forward:feed_forward", old, new, place)
             for name, old, new, place in FED),
           *(Mutant("transformer_block", f"{norm}-norm: {name}", f"tinyseq.ops.transformer_block:_{norm}_norm", old,
                    new, place) for norm, name, old, new, place in BLOCK),
           *(Mutant("lean_attention", name, "tinyseq.ops.lean_attention:lean_attention", old, new, place)
             for name, old, new, place in LEAN)]
