"""The three language models of 8.1 and how they are compared; models/three_language_models.py is the sound comparison.

Two texts of which everything is known serve as corpora: pure noise over four letters, of which nobody can expect a
letter better than ln 4 = 1.386 nats, and a chain of four letters of which each is followed by the next one around the
circle in four cases of five.
"""
import math
from functools import partial
from itertools import product
from typing import Any

from tinyseq.autograd import no_grad, tensor
from tinyseq.backend import host, manual_seed
from tinyseq.data import RandomWindows, counting, load_corpus
from tinyseq.data.vocabulary import CharVocabulary
from tinyseq.errata.measures import LN4, difference, fit, noise, refusal, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.models.three_language_models import Autoregressive, Bidirectional, Masked
from tinyseq.ops import cross_entropy, log_softmax
from tinyseq.training.masked import places_to_mask

np = host.np

T = 8


def nats(logits: Any, ids: Any) -> Any:
    """-ln P of each id, (B, T)."""
    return -np.take_along_axis(values(log_softmax(logits)), ids[..., None], axis=-1)[..., 0]


def own_loss(f: Any, ids: Any) -> Any:
    """What f, which gives logits for each of its inputs, says of the same ids."""
    return cross_entropy(f(ids), ids)


@specimen("state-has-read-it", "8.1", "models/three_language_models.py")
def state_has_read_it() -> list[Row]:
    """The state from which a word is predicted has read that word.

    Book    h_t = f(h_{t-1}, x_t),   P(w_t | w_1 .. w_{t-1}) = g(h_t)
    Wrong   If x_t stands for w_t, as everywhere else in the chapter, g has only to repeat it. The equations need x_t to
            be w_{t-1}, which is not said.
    Cure    P(w_t | w_1 .. w_{t-1}) = g(h_{t-1}), with h_0 for the first. On pure noise the difference is plain."""
    windows, held_out = RandomWindows(noise(6000), 16, T), noise(400, seed=1).reshape(50, T)
    found = []
    for reads_it in (True, False):
        manual_seed(0)
        model = Autoregressive(4, 8)
        logits = (lambda ids, m=model: m.output(m.stack(ids)[0])) if reads_it else model
        batches = (windows.batch(step)[0] for step in range(150))

        def loss(logits: Any = logits, batches: Any = batches) -> Any:
            return own_loss(logits, next(batches))

        fit(model.parameters(), loss, 150, lr=0.03)
        with no_grad():
            found.append(float(nats(logits(held_out), held_out).mean()))
    return [Row("nats a letter of noise, ln 4 = 1.386 at best", *found), Row("ln 4", None, LN4)]


@specimen("masks-nothing", "8.1", "training/masked.py")
def masks_nothing() -> list[Row]:
    """The masked language model masks no input, is asked for what was not masked, and reads one way.

    Book    with m_t = 1 for four steps of five: inputs x_t, all of them; targets x_{t+1} where m_t = 1, else -1; an
            LSTM in one direction
    Wrong   What is taken away is a fifth of the questions and not of what is read. The rest is the autoregressive model
            once more, on four fifths of its targets.
    Cure    a fifth of the inputs becomes MASK, only these are asked for, and both sides are read"""
    ids = rng().integers(0, 4, (2, 180))
    asked = rng(1).random(180) >= 0.2                      # the listing's m_t
    hidden = np.zeros(180, bool)                           # of its inputs none is replaced
    places = places_to_mask(ids.shape, (0, 0))
    masked = np.isin(np.arange(180), places[0])
    manual_seed(0)
    one_way, model = Autoregressive(4, 8), Masked(4, 8)
    other = ids.copy()
    other[:, -1] = (other[:, -1] + 1) % 4
    near_the_end = np.full((2, 1), 177)
    with no_grad():
        right_of_faulty = difference(values(one_way(ids))[:, 177], values(one_way(other))[:, 177])
        right_of_sound = difference(model(ids, near_the_end), model(other, near_the_end))
    return [Row("inputs hidden, of 180", int(hidden.sum()), int(masked.sum())),
            Row("questions about something hidden", int((asked & hidden).sum()), int((masked & masked).sum())),
            Row("questions about something that stands there", int((asked & ~hidden).sum()),
                int((masked & ~masked).sum())),
            Row("change when the text to the right changes", right_of_faulty, right_of_sound)]


@specimen("target-minus-one", "8.1", "ops/losses.py")
def target_minus_one() -> list[Row]:
    """Targets that are to be left out are set to -1 and sent to the loss all the same.

    Book    L = cross-entropy(logits, targets with -1 among them), then the mean of L where the target is not -1
    Wrong   -1 is no class. The book's library stops there; where indices count from the end it is the last letter of
            the alphabet. And L is one number already: selecting from it selects nothing, the -1 stay in.
    Cure    cross_entropy(..., ignore_index=-1): such positions count for nothing and get no gradient"""
    logits, targets = rng().normal(size=(200, 65)) * 2, rng(1).integers(0, 65, 200)
    logits[:, -1] -= 8                                     # the last letter is a rare one: "z"
    targets[rng(2).random(200) < 0.2] = -1
    kept = targets != -1
    each = nats(tensor(logits), targets % 65)              # as NumPy reads an index of -1
    L = each.mean()
    return [Row("loss, with a fifth of the targets to be left out", L,
                cross_entropy(tensor(logits), targets, ignore_index=-1).item()),
            Row("what selecting afterwards changes", abs(np.full(200, L)[kept].mean() - L),
                abs(each[kept].mean() - L)),
            Row("tinyseq says", refusal(lambda: cross_entropy(tensor(logits), targets)), None)]


def chain(n: int, seed: int) -> Any:
    """n letters of four: each is the one before it plus 1 in four cases of five, else one of the other three."""
    steps = rng(seed).choice(4, n, p=[1 / 15, 0.8, 1 / 15, 1 / 15])
    return np.cumsum(steps) % 4


@specimen("mean-of-all-epochs", "8.1", "training/masked.py")
def mean_of_all_epochs() -> list[Row]:
    """The perplexity of a model is computed from all losses since it began to learn.

    Book    e^(mean of the training losses of all batches of all epochs)
    Wrong   The first losses are those of a network that knows nothing yet, so the number says how long it took, not how
            good it is; and they are of the text that it was taught.
    Cure    e^(mean nats a letter of held-out text, after training). Of this text the true one is known."""
    ids, held_out = chain(4000, 0), chain(2000, 1).reshape(-1, 20)
    manual_seed(0)
    model, windows = Autoregressive(4, 8), RandomWindows(ids, 16, 20)
    batches = (windows.batch(step)[0] for step in range(120))

    losses = fit(model.parameters(), lambda: own_loss(model, next(batches)), 120, lr=0.03)
    with no_grad():
        found = float(nats(model(held_out), held_out).mean())
    H = LN4 / 20 + 19 / 20 * -(0.8 * math.log(0.8) + 0.2 * math.log(0.2 / 3))        # the first of 20 is any letter
    return [Row("perplexity", math.exp(np.mean(losses)), math.exp(found)), Row("the true one", None, math.exp(H))]


@specimen("no-probability-of-a-text", "8.1", "models/three_language_models.py")
def no_probability_of_a_text() -> list[Row]:
    """The perplexity of a model that reads both sides is compared with that of one that writes.

    Book    P(w_1 .. w_T) = prod_t P(w_t | w_1 .. w_{t-1}), perplexity P(w_1 .. w_T)^(-1/T), for all three models alike
    Wrong   The product of what a bidirectional or masked model says, prod_t P(w_t | all others), is no probability:
            over all texts it does not sum to 1. A number below the autoregressive model's proves nothing.
    Cure    perplexity for the one, pseudo-perplexity for the others, never in one column. The language has four texts,
            0 1 2, 1 2 3, 2 3 0 and 3 0 1, equally likely: a perplexity of 4^(1/3) = 1.587 is the least there is."""
    texts = np.array(list(product(range(4), repeat=3)))
    language = (np.arange(4)[:, None] + np.arange(3)) % 4
    manual_seed(0)
    totals, perplexities = [], []
    for model in (Bidirectional(4, 8), Autoregressive(4, 8)):
        fit(model.parameters(), partial(own_loss, model, language), 150, lr=0.03)
        with no_grad():
            totals.append(float(np.exp(-nats(model(texts), texts).sum(axis=1)).sum()))
            perplexities.append(math.exp(nats(model(language), language).mean()))
    return [Row("sum over all 64 texts of what is called P", *totals),
            Row("what is called perplexity, at least 1.587", *perplexities)]


@specimen("said-to-be-random", "8.1", "data/counting.py")
def said_to_be_random() -> list[Row]:
    """The corpus of the comparison is said to be random letters, of which all models know equally little.

    Book    described: sequences of letters a-z drawn at random;   in the program: Shakespeare
    Wrong   Were it as described, the least perplexity would be 26, with one letter read or with a thousand, one way or
            both: there would be nothing to compare, and a model below 26 would be a faulty one.
    Cure    a text. Counting shows the difference: the perplexity of 1-grams against that of 5-grams, here of Python's
            own documentation"""
    letters = rng().integers(0, 26, 60_000)
    text = load_corpus("pydoc").text[:60_000]
    ids = CharVocabulary.of(text).encode(text)
    columns = [[math.exp(counting(x[:54_000], x[54_000:], int(x.max()) + 1, n)) for n in (1, 5)]
               for x in (letters, ids)]
    return [Row("what context is worth: perplexity of 1- / of 5-grams", *(one / five for one, five in columns)),
            Row("perplexity of 1-grams", *(one for one, _ in columns)),
            Row("perplexity of 5-grams", *(five for _, five in columns))]
