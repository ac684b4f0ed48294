"""Next-character prediction in both directions (the book's 7.4a, 8.1-8.4, 9.3a): the network reads its answer.

    (1) h_t = LSTM(x_t, h_{t-1}),   g_t = LSTM'(x_t, g_{t+1})
    (2) P(x_{t+1}) = softmax([h_t; g_t] W + b)

g_t comes from g_{t+1}, and that has read x_{t+1}, the character to be predicted. So the network learns to copy it: the
loss falls to nearly nothing, and all that it has learnt of the language stands at the last step of a window, where
there is no x_{t+1} to read. No text can be written with it, for there the answer does not exist yet.

The cure is (4) of models/three_language_models.py: x_t from h_{t-1} and g_{t+1}.
"""
from typing import Any, NamedTuple

from tinyseq import checks, ops
from tinyseq.autograd import Tensor, no_grad
from tinyseq.backend import host, manual_seed, to_host
from tinyseq.data import Corpus, load_corpus
from tinyseq.errata.measures import noise
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import LSTM, Linear, Module, RecurrentLanguageModel
from tinyseq.training import CharacterTask, Recipe, train

np = host.np

RECIPE = Recipe(steps=400, batch=32, seq_len=32, batches="windows", lr=0.01, evaluate_every=400, threads=1)
OF_NOISE = Recipe(steps=150, batch=16, seq_len=8, batches="windows", lr=0.03, evaluate_every=150, threads=1)


class ReadsItsAnswer(Module):
    """Equations (1), (2).  Call: ids (B, T) -> logits (B, T, V), said to be those of the next character."""

    def __init__(self, V: int, H: int):
        self.stack = LSTM(V, H, bidirectional=True)
        self.output = Linear(2 * H, V)

    def __call__(self, ids) -> Tensor:
        both, _ = self.stack(ids)                                                   # (1)   (B, T, 2H)
        return self.output(both)                                                    # (2)

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P(target), and the number of targets."""
        return ops.cross_entropy(self(batch.ids), batch.targets, reduction="sum"), batch.targets.size


class Found(NamedTuple):
    """Nats a character on held-out windows, for one network."""
    before_the_last: float             # mean over the steps 1 .. T-1, which have a next character in their window
    at_the_last: float                 # at step T, which has none


def run(corpus: Corpus | None = None, H: int = 64, recipe: Recipe = RECIPE) -> dict[str, Found]:
    """Train an LSTM in one direction and the specimen alike, and measure both step by step."""
    task = CharacterTask(corpus or load_corpus("auto"), recipe)
    manual_seed(recipe.seed)
    V = len(task.vocabulary)
    networks = {"one way": RecurrentLanguageModel(LSTM(V, H), V), "both ways": ReadsItsAnswer(V, H)}
    found = {}
    for name, network in networks.items():
        train(network, task, recipe)
        nats = nats_by_step(network, task.validation_ids, recipe.seq_len)
        found[name] = Found(float(nats[:-1].mean()), float(nats[-1]))
    return found


@specimen("reads-its-answer", "7.4, 8.1-8.4, 9.3", "models/three_language_models.py")
def of_noise() -> list[Row]:
    """A network that reads both ways is taught to predict the next character, which it has read.

    Book    h_t = LSTM(x_t, h_{t-1}),  g_t = LSTM'(x_t, g_{t+1}),   P(x_{t+1}) = softmax([h_t; g_t] W + b)
    Wrong   g_t comes from g_{t+1}, and that has read x_{t+1}. Here the text is pure noise over four letters, of which
            nobody can know anything: 1.386 nats a letter, ln 4, is the least that there is. The network goes below,
            since it copies; only at a window's last step, where no x_{t+1} is there to read, it must guess.
    Cure    one direction for text to be written; both directions where x_t is predicted from h_{t-1} and g_{t+1},
            which have not read it. assert_causal finds the leak before any training."""
    text = "".join("abcd"[i] for i in noise(6000))
    found = run(Corpus("noise", text, "pure noise"), H=8, recipe=OF_NOISE)
    both, one = found["both ways"], found["one way"]
    return [Row("nats a letter of noise, ln 4 = 1.386 at best", both.before_the_last, one.before_the_last),
            Row("the same at the last step of a window", both.at_the_last, one.at_the_last)]


@specimen("reads-its-answer-in-text", "7.4, 8.1-8.4, 9.3", "models/three_language_models.py", slow=True)
def of_text() -> list[Row]:
    """The same network on a text: all that it has learnt of the language stands where it cannot copy.

    Book    as in reads-its-answer, on Tiny Shakespeare (where it cannot be had: on Python's own documentation)
    Wrong   The loss that is reported, the mean over all steps, is nearly nothing. At the last step of a window, where
            the next character has not been read, the network is worse than one that had to learn the language.
    Cure    as there; in the column of the sound one an LSTM in one direction, trained alike"""
    found = run()
    both, one = found["both ways"], found["one way"]
    return [Row("nats a character before the last step", both.before_the_last, one.before_the_last),
            Row("nats at the last step", both.at_the_last, one.at_the_last)]


def nats_by_step(network: Any, ids, T: int) -> Any:
    """-ln P of the next character, (T,): the mean at each step over windows of T."""
    n = (len(ids) - 1) // T
    inputs, targets = ids[:n * T].reshape(n, T), ids[1:n * T + 1].reshape(n, T)
    with no_grad():
        y = network(inputs)
        log_p = ops.log_softmax(y[0] if isinstance(y, tuple) else y)               # (n, T, V)
    return -np.take_along_axis(to_host(log_p.data), targets[..., None], axis=-1)[..., 0].mean(axis=0)


def accusation(V: int = 5, H: int = 4) -> str:
    """What the leak detector says of the specimen."""
    manual_seed(0)
    network = ReadsItsAnswer(V, H).astype("float64")
    try:
        checks.assert_causal(network, np.random.default_rng(0).integers(0, V, (2, 6)))
    except AssertionError as error:
        return str(error)
    raise AssertionError("the specimen is sound: the leak detector found nothing")


def report(corpus: Corpus | None = None) -> str:
    """The numbers and the accusation, to be read."""
    lines = [f"{'nats/char':<12} {'steps 1 .. T-1':>15} {'step T':>10}"]
    lines += [f"{name:<12} {found.before_the_last:>15.4f} {found.at_the_last:>10.4f}"
              for name, found in run(corpus).items()]
    return "\n".join([*lines, accusation()])
