"""Scheduled sampling: which symbol the decoder reads while it learns."""
from tinyseq.autograd import tensor
from tinyseq.backend import at_step, seeded, to_host
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.layers.seq2seq.scheduled_sampling import coins, drawn, inverse_sigmoid_decay, uniforms


@exercise("scheduled-sampling", "techniques", gives="epsilon (), read (B, T)")
def scheduled_sampling(draw: Draw) -> Case:
    """Scheduled sampling: the decoder reads the true symbols, or its own.

    A row of `ids` holds the true symbols that a decoder with teacher forcing would read, SOS first. Here the decoder
    depends on what it has read last alone: after symbol a its logits are row a of a table.

    (1) epsilon    = k / (k + exp(i / k))              a number: how often the truth is read at training step i
    (2) read[:, 0] = ids[:, 0]
    (3) y_t        = logits[read[:, t-1]]              (B, V)    what the decoder has said, t = 1 .. T-1
    (4) own_t      = argmax over v of y_t[v] - ln(-ln u[:, t, v])         (B,)     drawn from softmax(y_t)
    (5) read[:, t] = ids[:, t]  where coins[:, t] < epsilon,  else own_t           t = 1 .. T-1

    Given   ids (B, T), whole numbers; logits (V, V); coins (B, T) and u (B, T, V), draws from U(0, 1), of which those
            of t = 0 are not used; k and i, numbers. Return epsilon, and read as whole numbers
    Hint    Which of the three arrays of draws and truths could be worked on for all steps at once, and which line needs
            the step before?
    Hint    Write the first three steps of one row down, with a coin that says "truth" and then one that says "own".
            What does the decoder say at step 2 in the first case, and in the second?
    Hint    The loop runs over t and fills a column of read. All it takes from before is the column before. A coin below
            epsilon happens with the probability epsilon.
    Look    epsilon: try i = 0, where it is k / (k + 1); then it should fall, slowly at first.
    Look    read: look at the first column, then at the first column that differs: did it take the truth where the coin
            is below epsilon? Was what it drew drawn from what the decoder said after the symbol it had read?"""
    B, T, V = draw.sizes(3, least=4)
    ids, logits = draw.ids(V, B, T), 1.5 * draw.array(V, V)
    k = float(draw.rng.uniform(3, 6))
    i = float(k * draw.rng.uniform(1.0, 2.0))
    step, path = int(draw.ids(1000)), "decoder"
    epsilon = inverse_sigmoid_decay(i, k)                  # type: ignore[arg-type]
    with seeded(0), at_step(step):
        is_true = to_host(coins(np.full(B, epsilon), T, path, np.dtype("float64")))
        read = [ids[:, 0]]
        for t in range(1, T):
            own = to_host(drawn(tensor(logits[read[-1]][:, None]), path).data)[:, 0].argmax(axis=-1)
            read.append(np.where(is_true[:, t], ids[:, t], own))
    with seeded(0), at_step(step):                         # the same draws once more, as numbers
        u = [to_host(uniforms((B, T), f"{path}.coins", np.dtype("float64")))]
        u += [to_host(uniforms((B, 1, V), f"{path}.draws", np.dtype("float64"))) for _ in range(1, T)]
    given = {"ids": ids, "logits": logits, "coins": u[0], "u": np.concatenate([u[1], *u[1:]], axis=1), "k": k, "i": i}
    return Case(given, {"epsilon": np.asarray(epsilon), "read": np.stack(read, axis=1)})
