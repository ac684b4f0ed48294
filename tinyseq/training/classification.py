"""The task of classification: spam (SMS), sentiment (rt-polarity), the language of a surname, the speaker of a vowel.

Vocabulary, labels and the means of series come from the training part; of that, recipe.labelled asks for fewer
examples, which stand for all. The loop sees the validation part: the weights kept, and early stopping, follow its
error. The test part is looked at once, when the training is over, by `test`; `report` prints it beside the baselines.
"""
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Self

from tinyseq.backend import host, to_host
from tinyseq.data import (
    PAD,
    UNK,
    Buckets,
    Labelled,
    Parts,
    Rows,
    Series,
    Vocabulary,
    japanese_vowels,
    language_names,
    padded,
    rt_polarity,
    sms_spam,
    tokens,
)
from tinyseq.data.parts import drawn_rows
from tinyseq.training.naive_bayes import NaiveBayes
from tinyseq.training.parallel import in_threads
from tinyseq.training.recipe import Recipe
from tinyseq.training.tasks import Stateless, unchanged

np = host.np


def words(text: str) -> list[str]:
    """A message as words and signs; each digit is a 0, so that all telephone numbers of a length are one word."""
    return tokens(re.sub(r"\d", "0", text))


def letters(name: str) -> list[str]:
    """A name as letters between two blanks, which mark its beginning and its end."""
    return list(f" {name.lower()} ")


def pairs(name: str) -> list[str]:
    """A name's pairs of neighbouring letters: what naive Bayes counts, to which one letter says too little."""
    return [a + b for a, b in zip(letters(name), letters(name)[1:], strict=False)]


class LabelledCorpus(NamedTuple):
    """Where its sequences come from, and what they are made of."""
    load: Callable[[], Parts[Any]]
    symbols: Callable[[str], list[str]] | None     # of a text; None where the sequences are series
    counted: Callable[[str], list[str]] | None     # the features of naive Bayes
    known: int                                     # a symbol must occur so often in training; the others are UNK
    note: str


CORPORA = {
    "sms-spam": LabelledCorpus(sms_spam, words, words, 2, "text messages, spam or ham"),
    "rt-polarity": LabelledCorpus(rt_polarity, str.split, str.split, 2, "sentences of film reviews, pos or neg"),
    **{f"rt-polarity-{k}": LabelledCorpus(partial(rt_polarity, k), str.split, str.split, 2, f"split {k} of rt-polarity")
       for k in range(1, 5)},
    "language-names": LabelledCorpus(language_names, letters, pairs, 1, "surnames and their languages"),
    "japanese-vowels": LabelledCorpus(japanese_vowels, None, None, 1, "vowels of nine speakers"),
}
TOGETHER = 64          # sequences classified at once when nothing is trained
SHOWN = 12             # sequences of a sample


@dataclass(kw_only=True)
class LabelledBatch(Rows):
    """B sequences of up to T steps."""
    inputs: Any                        # ids (B, T), or vectors (B, T, channels)
    lengths: Any                       # (B,)
    labels: Any                        # (B,), None where they are to be found


class Encoder:
    """Texts or series -> arrays, and labels -> ids: what is known of a training part.

    vocabulary of symbols, or mean and deviation of each channel of the series; the other is None"""

    def __init__(self, name: str, saved: dict[str, Any]):
        self.name, self.saved, self.corpus = name, saved, CORPORA[name]
        self.labels = Vocabulary.restored(saved["labels"])
        self.vocabulary: Any = Vocabulary.restored(saved["symbols"]) if self.corpus.symbols else None

    @classmethod
    def of(cls, name: str, training: Sequence[Any]) -> Self:
        """What a training part teaches."""
        corpus = CORPORA[name]
        saved: dict[str, Any] = {"labels": Vocabulary(sorted({item.label for item in training})).saved}
        if corpus.symbols:
            texts = [corpus.symbols(item.text) for item in training]
            return cls(name, {**saved, "symbols": Vocabulary.of(texts, [PAD, UNK], corpus.known).saved})
        steps = np.concatenate([item.values for item in training])
        return cls(name, {**saved, "mean": steps.mean(axis=0).tolist(), "deviation": steps.std(axis=0).tolist()})

    @property
    def sizes(self) -> dict[str, int]:
        """What it decides of a model's config."""
        return {"V": len(self.vocabulary) if self.vocabulary else 0, "K": len(self.labels),
                "channels": 0 if self.vocabulary else len(self.saved["mean"])}

    def sequence(self, item: Labelled | Series) -> Any:
        """ids (T,), or vectors (T, channels) at the training part's mean 0 and deviation 1. Raises ValueError for a
        text without symbols."""
        if isinstance(item, Series):
            return ((item.values - self.saved["mean"]) / self.saved["deviation"]).astype("float32")
        assert self.vocabulary and self.corpus.symbols
        symbols = self.corpus.symbols(item.text)
        if not "".join(symbols).strip():
            raise ValueError(f"the text {item.text!r} has nothing in it to classify: leave it out")
        return self.vocabulary.encode(symbols)

    def batch(self, sequences: Sequence[Any], labels: Sequence[str] | None = None) -> LabelledBatch:
        """These sequences, and their labels where they are known. Raises ValueError for a label training never had."""
        inputs, lengths = padded(sequences, self.vocabulary.pad if self.vocabulary else 0)
        return LabelledBatch(inputs=inputs, lengths=lengths, labels=labels and self.labels.encode(labels))

    def probabilities(self, model: Any, items: Sequence[Any]) -> Any:
        """P(label) of each item, (N, K), in the model's evaluation mode."""
        sequences = [self.sequence(item) for item in items]
        found = np.zeros((len(items), len(self.labels)))
        was_training = model.training
        model.eval()
        for rows, p in self.in_batches(model.predict, sequences):
            found[rows] = p
        if was_training:
            model.train()
        return found

    def in_batches(self, f: Callable[[LabelledBatch], Any], sequences: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        """What f makes of all sequences, those of similar length together: their numbers, and an array of as many rows.
        """
        def of_rows(rows: Any) -> Any:
            return to_host(f(self.batch([sequences[row] for row in rows])))
        batches = Buckets([len(s) for s in sequences], TOGETHER).in_order()
        yield from zip(batches, in_threads(of_rows, batches), strict=True)

    def classify(self, model: Any, items: Sequence[Any]) -> list[str]:
        """The likeliest label of each."""
        return self.labels.decode(self.probabilities(model, items).argmax(axis=1))


class ClassificationTask(Stateless):
    """Labels for the sequences of `parts.train`. In training, sequences are cut after recipe.seq_len steps; elsewhere
    never."""

    unit = "nats (training), error (validation)"
    data = "SMS; reviews; names; vowels"
    more = "tinyseq predict {} TEXT"
    coder: type[Encoder] = Encoder     # makes arrays of texts

    def __init__(self, name: str, parts: Parts[Any], recipe: Recipe):
        self.name, self.parts, self.recipe, self.corpus = name, parts, recipe, CORPORA[name]
        self.encoder = self.coder.of(name, parts.train)
        self.sequences = [self.encoder.sequence(item)[:recipe.seq_len] for item in parts.train]
        self.labels = [item.label for item in parts.train]
        self.buckets = Buckets([len(sequence) for sequence in self.sequences], recipe.batch, recipe.seed)

    @classmethod
    def prepare(cls, recipe: Recipe, corpus: str, saved: dict[str, Any] | None = None) -> Self:
        """The task on a corpus of CORPORA, by name; "auto" is sms-spam. Raises ValueError for another name, and if the
        data are no longer those that a run (`saved`) was trained on."""
        name = "sms-spam" if corpus == "auto" else corpus
        if name not in CORPORA:
            raise ValueError(f"there is no labelled corpus {corpus!r}; they are {', '.join(CORPORA)}")
        parts = CORPORA[name].load()
        task = cls(name, parts._replace(train=drawn(parts.train, recipe.labelled)), recipe)
        return unchanged(task, saved, "symbols or labels")

    @property
    def note(self) -> str:
        """One line for the user about the data."""
        sizes = " / ".join(f"{len(part):,}" for part in self.parts)
        return (f"corpus: {self.name} ({self.corpus.note}); to train / validate / test: {sizes}; "
                f"{len(self.encoder.labels)} labels")

    def baseline(self) -> str:
        """What has to be beaten on the validation part, in one line."""
        return f"to beat in validation, accuracy: {_listed(self._by_count(self.parts.validation))}"

    @property
    def sizes(self) -> dict[str, int]:
        """The fields of a model's config that the data decides."""
        return self.encoder.sizes

    @classmethod
    def sizes_of(cls, saved: dict[str, Any]) -> dict[str, int]:
        """The same, of what a run folder knows."""
        return cls.coder(saved["corpus"], saved).sizes

    @property
    def saved(self) -> dict[str, Any]:
        """What a run folder must know to read the same symbols again."""
        return {"corpus": self.name, **self.encoder.saved}

    def batch(self, step: int) -> LabelledBatch:
        """The batch of this step."""
        rows = self.buckets.batch(step)
        return self.encoder.batch([self.sequences[row] for row in rows], [self.labels[row] for row in rows])

    def validate(self, model: Any) -> dict[str, float]:
        """The part of the validation part whose label is wrong."""
        return {"validation": 1 - self._accuracy(model, self.parts.validation)}

    @staticmethod
    def describe(error: float) -> str:
        """The error as the accuracy that it was made from."""
        return f"validation accuracy {1 - error:.2%}"

    def test(self, model: Any) -> dict[str, float]:
        """Accuracies on the test part: the model's, then those of the most frequent label and, of texts, naive
        Bayes."""
        return {"accuracy": self._accuracy(model, self.parts.test), **self._by_count(self.parts.test)}

    def report(self, model: Any) -> str:
        """What `test` found, in one line."""
        found = self.test(model)
        return f"test accuracy {found.pop('accuracy'):.2%}  ({_listed(found)})"

    def sample(self, model: Any) -> str:
        """Some sequences of the validation part with the model's labels and the right ones; below, what `report`
        found."""
        shown = self.parts.validation[:SHOWN]
        width = max(map(len, self.encoder.labels.symbols))
        lines = [f"{label:<{width}}  {item.label:<{width}}  {getattr(item, 'text', f'series {i}'):.90}"
                 for i, (label, item) in enumerate(zip(self.encoder.classify(model, shown), shown, strict=True))]
        return "\n".join([f"{'model':<{width}}  right", *lines, self.report(model)])

    def _accuracy(self, model: Any, items: Sequence[Any]) -> float:
        return same(self.encoder.classify(model, items), [item.label for item in items])

    def _by_count(self, items: Sequence[Any]) -> dict[str, float]:
        """What the most frequent label and, of texts, naive Bayes reach."""
        right = [item.label for item in items]
        usual = Counter(self.labels).most_common(1)[0][0]
        found = {"most frequent label": same([usual] * len(items), right)}
        if (count := self.corpus.counted) is None:
            return found
        bayes = NaiveBayes([count(item.text) for item in self.parts.train], self.labels)
        return {**found, "naive Bayes": same([bayes(count(item.text)) for item in items], right)}

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the accuracy on the test part of the run's corpus."""
        if corpus not in (None, saved["corpus"]):
            raise ValueError(f"the run was trained on {saved['corpus']} and knows its symbols and labels alone: leave "
                             "--corpus out; single texts are for `tinyseq predict`")
        task = cls.prepare(recipe, saved["corpus"], saved)
        return task.note, task.report(model)

    @classmethod
    def predict(cls, model: Any, saved: dict[str, Any], texts: Sequence[str]) -> list[str]:
        """The likeliest label of each text, its probability, the text. Raises ValueError for an empty text, and for a
        model of series."""
        encoder = cls.coder(saved["corpus"], saved)
        if encoder.vocabulary is None:
            raise ValueError(f"a model of {saved['corpus']} classifies series of vectors, not texts: measure it by "
                             "`tinyseq evaluate`")
        found = encoder.probabilities(model, [Labelled(text, "") for text in texts])
        labels = encoder.labels.decode(found.argmax(axis=1))
        return [f"{label}  {p:.3f}  {text}" for label, p, text in zip(labels, found.max(axis=1), texts, strict=True)]

    @staticmethod
    def tiny_batch(config: Any, rng: Any) -> LabelledBatch:
        """Three random sequences, for a gradient check of every weight."""
        shape = (3, 4) if config.V else (3, 4, config.channels)
        return LabelledBatch(inputs=rng.integers(0, config.V, shape) if config.V else rng.standard_normal(shape),
                             lengths=np.array([4, 2, 3]), labels=rng.integers(0, config.K, 3))


def drawn(items: Sequence[Any], n: int | None) -> list[Any]:
    """n of the items, always the same, in their order; None: all. Raises ValueError where there are not so many."""
    return list(items) if n is None else [items[row] for row in drawn_rows(n, len(items))]


def same(labels: Sequence[str], right: Sequence[str]) -> float:
    """The part that is right."""
    return sum(a == b for a, b in zip(labels, right, strict=True)) / len(right)


def _listed(accuracies: dict[str, float]) -> str:
    return ", ".join(f"{name} {accuracy:.2%}" for name, accuracy in accuracies.items())
