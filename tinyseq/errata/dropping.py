"""Dropout: where it does nothing, where it does too much, and what its formula leaves out."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import no_grad, tensor
from tinyseq.backend import dropout_bits, host, manual_seed, to_host
from tinyseq.errata.measures import apart, difference, refusal, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import LSTM, RNN, Dropout, RecurrentLanguageModel, TransformerBlock
from tinyseq.models.char_transformer import CharTransformer, Config

np = host.np


def kept(shape: tuple[int, ...], p: float) -> Any:
    """1 with probability 1 - p, else 0."""
    return (to_host(dropout_bits(shape, "errata")) >= p * 2 ** 32).astype("float32")


@specimen("dropout-of-nothing", "8.2, 8.4, 9.3", "layers/recurrent/stack.py")
def dropout_of_nothing() -> list[Row]:
    """Dropout is set for an LSTM of one layer, where it drops nothing.

    Book    LSTM with one layer and dropout 0.3, said to prevent overfitting
    Wrong   That dropout lies between layers, and there is no between: two passes in training agree to the last bit.
    Cure    a Dropout after the layer, or recurrent_dropout in it; a setting that would do nothing is refused"""
    manual_seed(0)
    lstm, dropout = LSTM(5, 8), Dropout(0.3)
    lstm.dropout.p = 0.3                                   # what the constructor refuses
    ids = rng().integers(0, 5, (2, 6))
    return [Row("difference of two training passes", difference(lstm(ids)[0], lstm(ids)[0]),
                difference(dropout(lstm(ids)[0]), dropout(lstm(ids)[0]))),
            Row("tinyseq says", refusal(lambda: LSTM(5, 8, dropout=0.3)), None)]


@specimen("dropout-while-sampling", "8.3, 9.4", "decoding/generate.py")
def dropout_while_sampling() -> list[Row]:
    """Dropout stays on when the network is used.

    Book    8.3: the LSTM's training flag is set once and for all;   9.4: dropout(x, p, train = true), everywhere
    Wrong   A network in use is asked what it knows, and answers with a part of its units each time: of one and the same
            text it expects another next character in each call.
    Cure    model.eval() before use; generate does it by itself. Total variation of two calls' P(next character)."""
    ids, columns = rng().integers(0, 5, (1, 12)), []
    manual_seed(0)
    recurrent = RecurrentLanguageModel(LSTM(5, 8, num_layers=3, dropout=0.3), 5)
    recurrent.W_hy.data = recurrent.W_hy.data * 30         # as decided as a trained one
    transformer = CharTransformer(Config(V=5, C=16, num_layers=2, dropout=0.1))
    for model in (recurrent, transformer):
        with no_grad():
            faulty, sound = (apart(ops.softmax(mode()(ids)[0]), ops.softmax(mode()(ids)[0]))
                             for mode in (model.train, model.eval))
        columns.append((faulty, sound))
    return [Row("two answers to one question, 8.3 (p = 0.3)", *columns[0]),
            Row("the same of 9.4 (p = 0.1)", *columns[1])]


@specimen("residual-dropped", "8.5", "layers/transformer/block.py")
def residual_dropped() -> list[Row]:
    """Dropout falls on the sum, so that the way straight through is dropped with it.

    Book    y = dropout(u + FF(u))
    Wrong   A residual connection is there for x to come through whatever the layers do; here three tenths of it are 0
            behind each block, and behind 12 blocks 1 - 0.7^12, nearly all.
    Cure    y = u + dropout(FF(u)): what is dropped is what the layer adds"""
    manual_seed(0)
    x, p = tensor(np.ones((64, 1, 32), "float32")), 0.3
    block = TransformerBlock(32, 4, dropout=p)
    for name, weight in block.named_parameters():
        weight.data = weight.data * ("norm" in name)       # layers that add nothing yet: only the way through is left
    with no_grad():
        y, _ = block(x)
        faulty = ops.dropout(y, p)
        twelve = faulty
        for _ in range(11):
            twelve = ops.dropout(twelve, p)
    lost = [float((values(a) == 0).mean()) for a in (faulty, y, twelve)]
    return [Row("part of x that is lost in a block", lost[0], lost[1]), Row("in twelve", lost[2], lost[1])]


@specimen("dropout-without-p", "9.5", "ops/dropout.py")
def dropout_without_p() -> list[Row]:
    """The formula of dropout has no probability in it, and does not make up for what it takes.

    Book    h~ = h Bernoulli,   with p called the rate of dropout
    Wrong   Bernoulli of what? Read as Bernoulli(p) it keeps a part p; it should keep 1 - p. And what is kept is not
            divided by 1 - p: the next layer is trained on smaller numbers than it is used with.
    Cure    h~ = h m / (1 - p),  m ~ Bernoulli(1 - p)"""
    p, h = 0.1, np.ones((100, 1000), "float32")
    by_book = {keep: float((h * kept(h.shape, 1 - keep)).mean()) for keep in (p, 1 - p)}
    sound = float(values(ops.dropout(tensor(h), p)).mean())
    return [Row("mean of h~ where h = 1 and p = 0.1, Bernoulli(p)", by_book[p], sound),
            Row("the same with Bernoulli(1 - p)", by_book[1 - p], sound)]


@specimen("one-mask-for-two", "techniques", "layers/recurrent/variations.py")
def one_mask_for_two() -> list[Row]:
    """One dropout mask serves inputs and states, on what is remembered, and nothing is scaled.

    Book    at each step:  x_t <- x_t m,   h_t = LSTM(x_t, h_{t-1}),   h_t <- h_t m
    Wrong   x has D entries and h has H, so one mask fits both only if they are equal. The masked h_t is what the next
            step remembers: a dropped unit forgets all, for good. And without 1/(1 - p) everything is smaller in
            training than in use.
    Cure    masks of their own, scaled, on what the products read, not on the memory: recurrent_dropout"""
    D, H, p, T = 3, 200, 0.3, 10
    manual_seed(0)
    rnn = RNN(D, H, recurrent_dropout=p, nonlinearity="relu").astype("float64")
    cell = rnn.cells[0]
    cell.W_hh.data, cell.b_h.data = cell.W_hh.data * 0, cell.b_h.data + 5           # h_t = x_t W_xh + b_h, above 0
    x = tensor(rng().normal(size=(200, T, D)))
    with no_grad():
        used, sound = (values(mode()(x)[0]) for mode in (rnn.eval, rnn.train))
    by_book = used * kept((200, 1, H), p)
    return [Row("mean of h in training / in use", *(float(h.mean() / used.mean()) for h in (by_book, sound))),
            Row("part of the units that say nothing in a sequence",
                *(float((h.sum(axis=1) == 0).mean()) for h in (by_book, sound))),
            Row("entries that one mask would have to have", f"{D} and {H}", None)]
