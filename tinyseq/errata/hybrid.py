"""What 8.5 calls a transformer-based RNN, as its program has it:

    (1) e_t = x_t W_e          x_t one-hot over V; W_e (V, C) is drawn anew in each call
    (2) z_t = e_t + p_t
    (3) u   = softmax(z z^T / sqrt(C)) z + z
    (4) y   = dropout(relu(u W_1 + b_1) W_2 + b_2 + u),   P(x_{t+1}) = softmax(y_t W_hy + b_y)

The sound one, with the recurrence, the queries, the mask and the norms that the text has: models/transformer_rnn.py.
"""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad, tensor
from tinyseq.backend import host, manual_seed
from tinyseq.errata.measures import difference, fit, noise, read_ahead, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import Linear, Module, MultiHeadAttention, SinusoidalPositions
from tinyseq.layers.positions import BASE, angles
from tinyseq.models.transformer_rnn import Config, TransformerRNN

np = host.np


class Hybrid(Module):
    """Equations (1)-(4), without dropout.  Call: ids (B, T) -> logits (B, T, V)."""

    def __init__(self, V: int, C: int, FF: int):
        self.V, self.C, self.positions = V, C, SinusoidalPositions(C)
        self.W_1, self.W_2, self.W_hy = Linear(C, FF), Linear(FF, C), Linear(C, V)

    def __call__(self, ids: Any) -> Tensor:
        W_e = Linear(self.V, self.C, bias=False).W.detach()                         # (1)
        z = self.positions(ops.gather(W_e, ids))                                    # (2)
        u = ops.softmax(self.scores(z)) @ z + z                                     # (3)
        return self.W_hy(self.W_2(ops.relu(self.W_1(u))) + u)                       # (4)

    def scores(self, z: Tensor) -> Tensor:
        """z z^T / sqrt(C), (B, T, T)."""
        return z @ z.swap(-1, -2) * self.C ** -0.5


def sound(V: int = 4, C: int = 8) -> TransformerRNN:
    """Of the same sizes."""
    return TransformerRNN(Config(V=V, H=C, num_heads=2, context=16))


@specimen("embedding-never-kept", "8.5", "models/transformer_rnn.py")
def embedding_never_kept() -> list[Row]:
    """Each call draws a new random embedding and forgets it.

    Book    the forward pass makes its own linear layer (V, C), in a store of its own
    Wrong   What a character looks like is another thing in every step, so nothing that is learnt of it helps in the
            next one; and the optimiser never hears of these weights. Learnt is what holds for all characters alike.
    Cure    an embedding among the model's parameters. The text to be learnt is 0 1 2 3 0 1 2 3 ..., where each
            character says which one comes next: 0 nats once that is known, ln 4 = 1.386 if nothing is."""
    ids, found = np.arange(9)[None] % 4 + np.zeros((4, 1), int), []
    manual_seed(0)
    for model in (Hybrid(4, 8, 16), sound()):
        def loss(model: Any = model) -> Tensor:
            y = model(starts(ids))
            return ops.cross_entropy(y[0] if isinstance(y, tuple) else y, starts(ids, 1))

        found.append(float(np.mean(fit(model.parameters(), loss, 120, lr=0.03)[-20:])))
    manual_seed(0)
    model, of_sound = Hybrid(4, 8, 16), sound()
    with no_grad():
        twice = difference(model(ids), model(ids)), difference(of_sound(ids), of_sound(ids))
    return [Row("nats a character of 0 1 2 3 0 1 2 3, learnt for 120 steps", *found),
            Row("difference of two calls with one text", *twice)]


def starts(ids: Any, ahead: int = 0) -> Any:
    """Eight steps of the text, another beginning for each row; `ahead` by one: what follows."""
    return (ids[:, ahead:ahead + 8] + np.arange(len(ids))[:, None]) % 4


@specimen("no-questions", "8.5", "layers/attention/multihead.py")
def no_questions() -> list[Row]:
    """Attention without queries, keys and values: whom I look at looks at me.

    Book    described: Q, K and V are learned projections;   in the program: softmax(z z^T / sqrt(C)) z
    Wrong   The score of t for s is that of s for t, and the score of a vector with itself is its length, nearly always
            the largest: each step looks mostly at itself, which the residual connection brings anyway.
    Cure    q = z W_q, k = z W_k, v = z W_v, in several heads"""
    manual_seed(0)
    z = SinusoidalPositions(16)(tensor(rng().normal(size=(2, 10, 16)), dtype="float32"))
    scores = Hybrid(4, 16, 4).scores(z)
    heads = MultiHeadAttention(16, 4)
    ours = (z @ heads.W_q + heads.b_q)[..., :4] @ (z @ heads.W_k + heads.b_k)[..., :4].swap(-1, -2) * 0.5
    alphas = [values(ops.softmax(scores)), values(heads(z)[1])]                     # (2, 10, 10), (2, nh, 10, 10)
    on_itself = [float(np.diagonal(a, axis1=-2, axis2=-1).mean()) for a in alphas]
    return [Row("largest |score(t, s) - score(s, t)|", *(difference(e, e.swap(-1, -2)) for e in (scores, ours))),
            Row("weight that a step has for itself, of ten", *on_itself),
            Row("heads", *(a.size // 200 for a in alphas))]


@specimen("no-mask", "8.5", "layers/attention/masks.py")
def no_mask() -> list[Row]:
    """Every step of the language model sees the whole text, its answer included.

    Book    the softmax runs over all T steps, to predict x_{t+1} at each
    Wrong   At step t the character x_{t+1} is one of the things attended to. In training the answer is given away;
            while sampling it is not there.
    Cure    a causal mask. Change before the last step, when the last character is another."""
    manual_seed(0)
    model, of_sound = Hybrid(4, 8, 16), sound()
    ids = noise(48).reshape(4, 12)

    def seeded(ids: Any) -> Any:
        manual_seed(1)                                     # the same embedding in both calls
        return model(ids)

    return [Row("change before the last step", read_ahead(seeded, ids, (ids + 1) % 4),
                read_ahead(of_sound, ids, (ids + 1) % 4))]


@specimen("rnn-by-name", "8.5", "models/transformer_rnn.py")
def rnn_by_name() -> list[Row]:
    """The transformer-based RNN has no recurrence, and none of the norms that its text explains.

    Book    described: recurrent layers, multi-head attention, feed-forward layers, layer normalisation; in the program:
            attention without weights, one feed-forward layer
    Wrong   It is neither of the two that it is named after: nothing goes from one step to the next, and nothing is
            normalised.
    Cure    recurrent layer, then blocks of causal attention with norms: here of the book's sizes"""
    manual_seed(0)
    config = Config(V=65, H=256, FF=512, context=180, num_heads=4)
    parts = []
    for model in (Hybrid(65, 256, 512), TransformerRNN(config)):
        names = model.named_parameters()
        parts.append([sum(p.size for name, p in names if part in name) for part in ("W_hh", "gamma", "attention")])
    what = ["recurrent weights", "gains of layer norms", "weights of attention"]
    return [Row(name, faulty, of_sound) for name, faulty, of_sound in zip(what, *parts, strict=True)]


@specimen("stray-ln-2", "8.5", "layers/positions.py")
def stray_ln_2() -> list[Row]:
    """A logarithm too many in the position frequencies.

    Book    frequency i = exp(-2i ln 2 ln 10000 / C)
    Wrong   exp(-2i ln 10000 / C) is 10000^(-2i/C); with the ln 2 it is 592^(-2i/C): the slow waves, which tell
            the beginning of a text from its end, are fast.
    Cure    10000^(-2i/C), as in the formula of 9.4. Here for C = 256."""
    C = 256
    i = np.arange(C // 2)
    by_book, true = np.exp(-2 * i * np.log(2) * np.log(BASE) / C), values(angles(1, C))
    return [Row("last frequency, by the true one", by_book[-1] / true[-1], true[-1] / true[-1]),
            Row("longest wave, in steps", 2 * np.pi / by_book[-1], 2 * np.pi / true[-1])]


@specimen("forgets-what-it-wrote", "8.5", "decoding/generate.py")
def forgets_what_it_wrote() -> list[Row]:
    """The sampler shows the network one character at a time, always at position 0.

    Book    P(next) from x (1, 1, V) and p_0: attention over a single step
    Wrong   A transformer has no state. What is not in its input is forgotten: the text is written by a network that
            knows the last character alone, and it says the same after every text that ends alike.
    Cure    all that has been written goes in, or its keys and values are kept (the state of start and step)"""
    manual_seed(0)
    model, of_sound = Hybrid(4, 8, 16), sound()
    texts = np.array([[0, 1, 2, 3], [2, 2, 1, 3]])         # the same last character
    with no_grad():
        manual_seed(1)
        one_by_one = model(texts[:, -1:])
        state = of_sound.start(2)
        for ids in texts.T:
            logits, state = of_sound.step(ids, state)
    return [Row("difference of P(next) after two texts that end alike", difference(one_by_one[0], one_by_one[1]),
                difference(ops.softmax(logits[0]), ops.softmax(logits[1]))),
            Row("characters that it knows, of 4", one_by_one.shape[1], texts.shape[1])]
