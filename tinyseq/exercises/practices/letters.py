"""What the practices on characters share: the text, its windows, the baseline; and what is found out about a model
that reads characters and predicts each next one."""
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tinyseq.autograd import Tensor, gradients
from tinyseq.backend import to_host
from tinyseq.data import counting, load_corpus
from tinyseq.exercises.draw import np
from tinyseq.exercises.practice import Baseline
from tinyseq.exercises.practices import language
from tinyseq.exercises.practices.language import B, T
from tinyseq.exercises.probes import Noted, idle_ones, sees, values
from tinyseq.layers import FeedForward, Module, MultiHeadAttention
from tinyseq.rowgrad import dense
from tinyseq.training import CharacterTask, Recipe
from tinyseq.training.characters import nats_in_windows

CHARACTERS = 200_000                     # of Tiny Shakespeare, the last tenth of them for validation
PARTS = (MultiHeadAttention, FeedForward)


class Letters(CharacterTask):
    """The first characters of Tiny Shakespeare, in windows of recipe.seq_len drawn at random. The validation part is
    read in windows as well, side by side, each from nothing."""

    def __init__(self, recipe: Recipe):
        whole = load_corpus("shakespeare")
        super().__init__(replace(whole, text=whole.text[:CHARACTERS]), replace(recipe, batches="windows"))

    def validate(self, model: Any) -> dict[str, float]:
        """Nats a character, {"validation": nats}."""
        return {"validation": nats_in_windows(model, self.validation_ids, self.batches.T)}


def pairs() -> Baseline:
    """Counting pairs: which character follows the one before, how often."""
    task = Letters(Recipe())
    nats = counting(task.train_ids, task.validation_ids, len(task.vocabulary), 2)
    return Baseline("counting pairs of characters", nats, less_is_better=True)


# What is found out about a model ----------------------------------------------------------------------------

def found(returned: Any, V: int) -> tuple[Any, ...]:
    """language.FOUND, whose `silent` are single weights here: a query's matrix may have a part and its bias none."""
    return language.found(returned, V, silent)


def silent(model: Module, loss: Tensor) -> Any:
    """How many of its weights have no part in the loss: numbers, so that it is all one how they lie in arrays; and in
    which arrays, but for the biases of keys. Rounding may leave something of a gradient that is 0."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    slopes = [np.abs(to_host(dense(g))) for g in gradients(loss, parameters)]
    idle = [slope < 1e-12 * max(one.max() for one in slopes) for slope in slopes]
    told = [f"{'' if one.all() else 'some of '}{name}" for name, one in zip(names, idle, strict=True)
            if one.any() and not name.endswith("b_k")]
    return Noted(np.asarray(sum(int(one.sum()) for one in idle)), idle_ones(told))


def looking(model: Module) -> list[MultiHeadAttention]:
    """Its attentions, in the order in which they lie in it."""
    return [part for part in model.modules() if isinstance(part, MultiHeadAttention)]


def heads(model: Module) -> Any:
    """The number of heads of each attention."""
    return np.array([part.num_heads for part in looking(model)], dtype=int)


def straight(model: Module, V: int) -> Any:
    """Whether y still hangs on the characters when all attentions say 0, and when all feed-forward layers do: (2,),
    1 where it does. A way straight through is what is left."""
    ids, told = language.drawn(V)[0], []
    for kind in PARTS:
        with mute(model, kind):
            told.append(int(np.ptp(values(language.logits(model, ids)).reshape(B * T, -1), axis=0).max() > 1e-9))
    return np.array(told)


@contextmanager
def mute(model: Module, kind: type[Module]) -> Iterator[None]:
    """Parts of this kind have weights of 0 for a while."""
    before = model.state_dict()
    for part in model.modules():
        if isinstance(part, kind):
            part.load_state_dict({name: 0 * x for name, x in part.state_dict().items()})
    yield
    model.load_state_dict(before)


def looks(model: Module, V: int) -> Any:
    """Which states each step looks at: what y sees of the characters when no state is carried on. (T, T)"""
    with forgetful(model):
        return sees(lambda ids: language.logits(model, ids), language.drawn(V)[0])


@contextmanager
def forgetful(model: Module) -> Iterator[None]:
    """W_hh is 0 for a while, so that a state h_t knows of character t alone."""
    before = model.state_dict()
    model.load_state_dict({name: 0 * x if name.split(".")[-1] == "W_hh" else x for name, x in before.items()})
    yield
    model.load_state_dict(before)


def likely(V: int, weights: dict[str, int]) -> dict[str, dict[str, Any]]:
    """What mistakes make of language.FOUND. weights: what is wrong -> how many weights a model has then."""
    return {
        "a step sees those that follow it: it reads the character that it is to predict; what looks back has to be "
        "causal": {"sees": np.ones((T, T), int)},
        "no step sees itself: y_t knows the characters before t, and should know that at t as well":
            {"sees": np.tril(np.ones((T, T), int), -1)},
        "rows of the batch see each other: attention runs over the rows instead of the steps":
            {"rows": np.ones((B, B), int)},
        "a row of the batch sees those before it: attention runs over the rows instead of the steps":
            {"rows": np.tril(np.ones((B, B), int))},
        **{words: left for words, left in language.likely(V).items() if set(left) <= set(language.expected(V, 0))},
        **{words: {"weights": n} for words, n in weights.items()},
    }
