"""The task of chapter 8.1: three models predict the characters of the same windows, each from what it may read."""
import math
from dataclasses import dataclass
from typing import Any

from tinyseq.autograd import no_grad
from tinyseq.backend import host, to_host
from tinyseq.data import CharVocabulary, Corpus, RandomWindows, counting, load_corpus, split
from tinyseq.ops import cross_entropy
from tinyseq.training.characters import CharacterTask, sha256
from tinyseq.training.recipe import Recipe
from tinyseq.training.tasks import Stateless

np = host.np

MASKED = 0.2                           # part of the characters that is masked
ROWS = 64                              # windows that are measured in one go
EXAMPLE = 60                           # characters of the line that shows what is filled in
READS = {"autoregressive": ("all before it", "perplexity"),
         "bidirectional": ("all before and all after", "pseudo-perplexity"),
         "masked": ("four fifths, both sides", "pseudo-perplexity")}


@dataclass
class MaskedBatch:
    """Windows ids (B, T), and M places (B, M) in each that are masked.

    first_row    where these rows begin in the whole batch"""
    ids: Any
    places: Any
    first_row: int = 0

    def split(self, shards: int) -> list["MaskedBatch"]:
        """At most `shards` batches with these rows, in order, of equal size as far as possible."""
        parts = [rows for rows in np.array_split(np.arange(len(self.ids)), shards) if len(rows)]
        return [MaskedBatch(self.ids[rows], self.places[rows], self.first_row + int(rows[0])) for rows in parts]

    def join(self, shards: list["MaskedBatch"]) -> None:
        """Nothing to collect: the model leaves nothing in a batch."""


class MaskedTask(Stateless, CharacterTask):
    """Windows of recipe.seq_len characters, drawn at random; a fifth of each window, M characters, is masked.

        |------------ training, 90 % ------------|-- validation, 5 % --|-- test, 5 % --|

    All three models are measured on the same windows, cut one after the other from a held-out part, each read from
    zeros: the autoregressive and the bidirectional one at every place, the masked one at the places masked in that
    window, where the others are measured once more. What they may read differs, and that is the comparison."""

    data = "Tiny Shakespeare, or any text"

    def __init__(self, corpus: Corpus, recipe: Recipe, vocabulary: CharVocabulary | None = None):
        if recipe.seq_len < 2:
            raise ValueError(f"a window has a character to mask and one to read: choose a --seq-len of 2 or more, not "
                             f"{recipe.seq_len}")
        super().__init__(corpus, recipe, vocabulary)
        self.recipe = recipe
        self.windows = RandomWindows(self.train_ids, recipe.batch, recipe.seq_len, recipe.seed)
        _windows(self.validation_ids, recipe.seq_len)      # raises for a text that is too short

    def read(self, text: str) -> None:
        self.vocabulary = self.vocabulary or CharVocabulary.of(text)
        self.train_ids, held_out = split(self.vocabulary.encode(text))
        self.validation_ids, self.test_ids = split(held_out, 0.5)

    def baseline(self) -> str:
        nats = counting(self.train_ids, self.validation_ids, len(self.vocabulary))
        return (f"to beat by the autoregressive one, which begins each window from nothing: counting 5-grams reaches "
                f"{nats:.4f} nats/char in validation")

    def batch(self, step: int) -> Any:
        """The MaskedBatch of this step: its number and the recipe's seed say which windows and which places."""
        ids, _ = self.windows.batch(step)
        return MaskedBatch(ids, places_to_mask(ids.shape, (self.recipe.seed, step)))

    def validate(self, model: Any) -> dict[str, float]:
        """The mean of the three measures on the validation part."""
        found = measured(model, self.validation_ids, self.recipe.seq_len)
        return {"validation": sum(everywhere for everywhere, _ in found.values()) / len(found)}

    @classmethod
    def describe(cls, nats: float, part: str = "validation") -> str:
        return f"{part} {nats:.4f} {cls.unit}, the mean of the three"

    def sample(self, model: Any) -> str:
        """The test part in a table, and a line of it with masks, as it was and as it is filled in."""
        return f"{self.table(model, self.test_ids)}\n\n{self.filled_in(model)}"

    def test(self, model: Any) -> dict[str, float]:
        """Of the test part: the perplexity of the autoregressive model; the pseudo-perplexities of the two that read
        both sides, which are no perplexities and compare with each other alone; what is fair to compare, the e^nats of
        all three at the same masked places; the perplexity of counting."""
        counted, found = self._beside_counting(model, self.test_ids)
        values = {"perplexity": found["autoregressive"][0],
                  "pseudo-perplexity, bidirectional": found["bidirectional"][0],
                  **{f"at masks, {name}": at_masks for name, (_, at_masks) in found.items()},
                  "5-grams": counted}
        return {name: math.exp(min(nats, 700)) for name, nats in values.items()}

    def _beside_counting(self, model: Any, ids) -> tuple[float, dict[str, tuple[float, float]]]:
        """Nats a character of counting 5-grams, and what `measured` finds."""
        return counting(self.train_ids, ids, len(self.vocabulary)), measured(model, ids, self.recipe.seq_len)

    def table(self, model: Any, ids) -> str:
        """What the models reach on these ids, beside counting."""
        counted, found = self._beside_counting(model, ids)
        lines = [f"{'model':<15} {'predicts x_t from':<25} {'nats/char':>9} {'at masks':>9}   e^nats",
                 f"{'5-grams':<15} {'four before':<25} {counted:>9.4f} {'':>9}   {math.exp(counted):5.2f} perplexity"]
        for name, (nats, at_masks) in found.items():
            reads, measure = READS[name]
            lines.append(f"{name:<15} {reads:<25} {nats:>9.4f} {at_masks:>9.4f}   {math.exp(nats):5.2f} {measure}")
        return "\n".join(lines)

    def filled_in(self, model: Any) -> str:
        """The first characters of the test part: masked, by the two models that read both sides, and as they are."""
        ids = self.test_ids[None, :EXAMPLE]
        places = places_to_mask(ids.shape, (0, 0))
        with no_grad():
            guesses = {"masked": model.masked(ids, places), "bidirectional": model.bidirectional(ids)[0, places]}
        text = self.vocabulary.decode(ids[0])
        lines = {"with masks": "".join("_" if t in places else symbol for t, symbol in enumerate(text)), "text": text}
        for name, logits in guesses.items():
            guessed = ids.copy()
            guessed[0, places] = to_host(logits.data).argmax(axis=-1)
            lines[name] = self.vocabulary.decode(guessed[0])
        return "\n".join(f"{name:<15} " + line.replace("\n", "|") for name, line in lines.items())

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the table: on the test part of the run's text, or on all of another one."""
        task = cls.prepare(recipe, saved["corpus"], saved)
        text = load_corpus(corpus or saved["corpus"])
        if sha256(text) == saved["sha256"]:
            return f"{text.note}, its test part", task.table(model, task.test_ids)
        return f"{text.note}, all of it", task.table(model, task.vocabulary.encode(text.text))

    @staticmethod
    def tiny_batch(config: Any, rng: Any) -> Any:
        """Two short windows of random ids, for a gradient check of every weight."""
        return MaskedBatch(rng.integers(0, config.V, (2, 5)), np.array([[1, 3], [0, 4]]))


def places_to_mask(shape: tuple[int, ...], seed: tuple[int, int]) -> Any:
    """M = T/5 different places of each of the windows (B, T): (B, M), in order; the same for the same seed."""
    order = np.random.default_rng([*seed, 1]).random(shape).argsort(axis=1)
    return np.sort(order[:, :max(1, round(MASKED * shape[1]))], axis=1)


def measured(model: Any, ids, T: int) -> dict[str, tuple[float, float]]:
    """Nats a character of each model on windows of T, everywhere and at the masked places; the masked model is measured
    there alone, and both of its numbers are that one."""
    windows = _windows(ids, T)
    places = places_to_mask(windows.shape, (0, 0))
    sums = {"autoregressive": [0.0, 0.0], "bidirectional": [0.0, 0.0], "masked": [0.0, 0.0]}
    was_training = model.training
    model.eval()
    with no_grad():
        for first in range(0, len(windows), ROWS):
            x, at = windows[first:first + ROWS], places[first:first + ROWS]
            rows = np.arange(len(x))[:, None]
            for name in ("autoregressive", "bidirectional"):
                logits = getattr(model, name)(x)
                sums[name][0] += _nats(logits, x)
                sums[name][1] += _nats(logits[rows, at], x[rows, at])
            sums["masked"][1] += _nats(model.masked(x, at), x[rows, at])
    if was_training:
        model.train()
    found = {name: (everywhere / windows.size, at_masks / places.size) for name, (everywhere, at_masks) in sums.items()}
    return {**found, "masked": (found["masked"][1], found["masked"][1])}


def _nats(logits: Any, ids) -> float:
    """-sum ln P(id)."""
    return cross_entropy(logits, ids, reduction="sum").item()


def _windows(ids, T: int) -> Any:
    """The ids as rows (n, T), one after the other; what is left over at the end is left out."""
    if len(ids) < T:
        raise ValueError(f"the text is too short: one of its parts has {len(ids)} characters and a window needs {T}; "
                         "give a longer text, or lower --seq-len")
    return ids[:len(ids) // T * T].reshape(-1, T)
