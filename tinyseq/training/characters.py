"""The task of predicting the next character: its batches, its measure."""
import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from tinyseq.autograd import no_grad
from tinyseq.backend import host, xp
from tinyseq.data import CharVocabulary, Corpus, RandomWindows, Streams, counting, load_corpus, split, whole_stream
from tinyseq.decoding import generate, stream, until
from tinyseq.training.recipe import Recipe

CHUNK = 1024                           # steps of the validation stream that are computed in one go
SAMPLE = 400                           # characters of a sample


@dataclass
class TextBatch:
    """ids (B, T) and the targets (B, T), the characters that follow them.

    state        what the sequences start from; None: from zeros
    last_state   what they ended with; the model's loss leaves it here
    first_row    where these rows begin in the whole batch"""
    ids: Any
    targets: Any
    state: Any = None
    last_state: Any = None
    first_row: int = 0

    def split(self, shards: int) -> list["TextBatch"]:
        """At most `shards` batches with these rows, in order, of equal size as far as possible."""
        parts = [rows for rows in host.np.array_split(host.np.arange(len(self.ids)), shards) if len(rows)]
        return [TextBatch(self.ids[rows], self.targets[rows], self.state and self.state.select(rows), None,
                          self.first_row + int(rows[0])) for rows in parts]

    def join(self, shards: list["TextBatch"]) -> None:
        """Put the shards' last states together."""
        states = [shard.last_state for shard in shards]
        self.last_state = states[0] if len(states) == 1 else states[0].join(states)


class CharacterTask:
    """Next-character prediction on a text, whose tail is held out.

    With recipe.batches == "streams" the B rows read on from step to step and the state is carried along, cut off from
    its history: truncated back-propagation through time (Williams and Peng 1990). With "windows" each step draws B
    places at random and starts from zeros."""

    unit = "nats/char"
    data = "Tiny Shakespeare, or any text"
    more = "tinyseq sample {}"

    def __init__(self, corpus: Corpus, recipe: Recipe, vocabulary: Any = None):
        self.corpus = corpus
        self.vocabulary = vocabulary
        self.read(corpus.text)
        batches = Streams if recipe.batches == "streams" else RandomWindows
        self.batches = batches(self.train_ids, recipe.batch, recipe.seq_len, recipe.seed)
        self.state: Any = None

    def read(self, text: str) -> None:
        """The parts of the text as ids, and the vocabulary where there is none yet."""
        self.vocabulary = self.vocabulary or CharVocabulary.of(text)
        self.train_ids, self.validation_ids = split(self.vocabulary.encode(text))

    @staticmethod
    def vocabulary_of(saved: dict[str, Any]) -> Any:
        """The vocabulary of a run, from what it noted about its data."""
        return CharVocabulary(saved["symbols"])

    @classmethod
    def prepare(cls, recipe: Recipe, corpus: str, saved: dict[str, Any] | None = None) -> Self:
        """The task on the corpus that the user names; `saved` is what a run noted about its data.

        Raises ValueError if the corpus is no longer the text that the run was trained on."""
        text = load_corpus(corpus)
        if saved and saved["sha256"] != sha256(text):
            raise ValueError(f"the corpus {corpus} is not the text that this run was trained on: put that text back, "
                             "or train a new run")
        return cls(text, recipe, cls.vocabulary_of(saved) if saved else None)

    @property
    def note(self) -> str:
        """One line for the user about the data."""
        return self.corpus.note

    def baseline(self) -> str:
        """What has to be beaten, in one line."""
        n = min(5, len(self.validation_ids) - 1)       # a short tail has no 5-gram in it
        nats = counting(self.train_ids, self.validation_ids, len(self.vocabulary), n)
        return f"to beat: counting {n}-grams reaches {nats:.4f} nats/char on the held-out tail"

    @property
    def sizes(self) -> dict[str, int]:
        """The fields of a model's config that the data decides."""
        return {"V": len(self.vocabulary)}

    @classmethod
    def sizes_of(cls, saved: dict[str, Any]) -> dict[str, int]:
        """The same, of what a run folder knows."""
        return {"V": len(cls.vocabulary_of(saved))}

    @property
    def saved(self) -> dict[str, Any]:
        """What a run folder must know to find the same data again."""
        return {"corpus": self.corpus.name, "sha256": sha256(self.corpus), "symbols": self.vocabulary.symbols}

    def batch(self, step: int) -> TextBatch:
        """The batch of this step, with the state that the step before left."""
        if self.starts_over(step):
            self.state = None
        return TextBatch(*self.batches.batch(step), self.state)

    def starts_over(self, step: int) -> bool:
        """Whether the rows of this step begin anew, from zeros."""
        return isinstance(self.batches, RandomWindows) or self.batches.starts_over(step)

    def after(self, batch: TextBatch) -> None:
        """Remember the state for the step that follows."""
        self.state = batch.last_state

    def validate(self, model: Any) -> dict[str, float]:
        """Nats a character over the whole held-out tail, read as one stream with carried state."""
        return {"validation": nats_per_character(model, self.validation_ids)}

    def test(self, model: Any) -> dict[str, float]:
        """Nats a character of the held-out tail, by which the weights that were kept were chosen too, and those of
        counting; for a model that learns from windows also in windows."""
        found = {"nats/char": self.validate(model)["validation"],
                 "5-grams": counting(self.train_ids, self.validation_ids, len(self.vocabulary))}
        if isinstance(self.batches, RandomWindows):
            T = self.batches.T
            found[f"nats/char in windows of {T}"] = nats_in_windows(model, self.validation_ids, T)
        return found

    @classmethod
    def describe(cls, nats: float, part: str = "validation") -> str:
        """The three usual ways to say it: nats, bits = nats / ln 2, perplexity = e^nats."""
        return (f"{part} {nats:.4f} {cls.unit}  {nats / math.log(2):.4f} {cls.unit.replace('nats', 'bits')}  "
                f"perplexity {math.exp(min(nats, 700)):.2f}")

    def state_dict(self) -> dict[str, Any]:
        """The carried state, for a checkpoint."""
        return {} if self.state is None else {str(i): a for i, a in enumerate(self.state.arrays())}

    def load_state_dict(self, model: Any, arrays: dict[str, Any]) -> None:
        """Take the carried state back."""
        if arrays:
            B = len(arrays["0"])
            self.state = model.start(B).with_arrays(arrays[str(i)] for i in range(len(arrays)))

    def sample(self, model: Any) -> str:
        """A text by the model, for the eye."""
        ids = generate(model, self.vocabulary.encode(opening(self.vocabulary)), SAMPLE, temperature=0.8, seed=0)
        return self.vocabulary.decode(ids)

    @classmethod
    def write(cls, model: Any, saved: dict[str, Any], prompt: str | None, length: int, stop: str | None,
              **settings: Any) -> Iterator[str]:
        """The prompt, and what the model of this run writes after it, piece by piece as it is drawn.

        length      symbols at most, fewer if they end with the text `stop`
        settings    temperature, top_k, top_p and seed, as in decoding.generate"""
        vocabulary = cls.vocabulary_of(saved)
        prompt = opening(vocabulary) if prompt is None else prompt
        ids = [int(i) for i in vocabulary.encode(prompt)]
        symbols = until(stream(model, ids, length, never=cls.never(vocabulary), **settings),
                        cls.stops(vocabulary, stop))
        yield prompt.lstrip("\n")
        for symbol in symbols:
            yield vocabulary.decode([ids[-1], symbol])[len(vocabulary.decode(ids[-1:])):]
            ids.append(symbol)

    @classmethod
    def predict(cls, model: Any, saved: dict[str, Any], texts: Sequence[str]) -> list[str]:
        """Each text, and what the model writes after it; the same each time. `sample` has the settings."""
        if "" in texts:
            raise ValueError("the text '' has no symbol to write on from: leave it out")
        return ["".join(cls.write(model, saved, text, SAMPLE, None, temperature=0.8, seed=0)) for text in texts]

    @staticmethod
    def stops(vocabulary: Any, stop: str | None) -> list[list[int]]:
        """The ids after which a text ends, from what the user asked for: nothing ends it unasked."""
        return [[int(i) for i in vocabulary.encode(stop)]] if stop else []

    @staticmethod
    def never(vocabulary: Any) -> list[int]:
        """The ids that no text may hold: none."""
        return []

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the measure: on the held-out tail of the run's text, or on all of another one."""
        text = load_corpus(corpus or saved["corpus"])
        ids = cls.vocabulary_of(saved).encode(text.text)
        if sha256(text) == saved["sha256"]:
            return f"{text.note}, its held-out tail", cls.describe(nats_per_character(model, split(ids)[1]))
        if corpus is None:
            raise ValueError(f"{saved['corpus']} is no longer the text that this run was trained on: name a text by "
                             "--corpus")
        return f"{text.note}, all of it", cls.describe(nats_per_character(model, ids))

    @staticmethod
    def tiny_batch(config: Any, rng: Any) -> TextBatch:
        """Two short texts of random ids, for a gradient check of every weight."""
        return TextBatch(rng.integers(0, config.V, (2, 5)), rng.integers(0, config.V, (2, 5)))


def nats_per_character(model: Any, ids) -> float:
    """-(1/N) sum ln P(id_{t+1} | id_1..id_t) over one stream, in the model's evaluation mode."""
    return _nats(model, whole_stream(ids, CHUNK), carried=True)


def nats_in_windows(model: Any, ids, T: int) -> float:
    """The same over windows of T, side by side, each of which begins from nothing: its first character has none before
    it, its last T - 1. The mean that random windows have, and higher than a stream's, for a model that looks back."""
    rows, each = (len(ids) - 1) // T, max(1, CHUNK // T)
    inputs, targets = (ids[first:first + rows * T].reshape(rows, T) for first in (0, 1))
    return _nats(model, ((inputs[i:i + each], targets[i:i + each]) for i in range(0, rows, each)), carried=False)


def _nats(model: Any, batches: Iterable[tuple[Any, Any]], carried: bool) -> float:
    """Nats a character over these inputs and targets."""
    was_training = model.training
    model.eval()
    total, count, state = xp.zeros(()), 0, None
    try:
        with no_grad():
            for inputs, targets in batches:
                batch = TextBatch(inputs, targets, state if carried else None)
                loss, predictions = model.loss(batch)
                total, count, state = total + loss.data.astype(total.dtype), count + predictions, batch.last_state
    finally:
        if was_training:
            model.train()
    return float(total) / count


def opening(vocabulary: Any) -> str:
    """What a text begins after when nothing else is said: a new line where the corpus has any."""
    return "\n" if "\n" in vocabulary.symbols else vocabulary.symbols[0]


def sha256(corpus: Corpus) -> str:
    """Of the text, by which a run knows it again."""
    return hashlib.sha256(corpus.text.encode()).hexdigest()
