"""The task of tagging words: parts of speech (UD English EWT), measured by accuracy, or named entities (WNUT-17),
measured by entities that are right in both ends and kind.

The vocabularies come from the training part. The loop sees the validation part: the weights kept, and early stopping,
follow its error. The test part is looked at once, when the training is over, by `test`; `report` prints what it found.
"""
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

from tinyseq.backend import host, to_device, to_host
from tinyseq.data import PAD, UNK, Buckets, Parts, Rows, Tagged, Vocabulary, padded, read_conllu, ud_english_ewt, wnut17
from tinyseq.data.tagging import read_entities
from tinyseq.training.recipe import Recipe
from tinyseq.training.spans import accuracy, entity_f1, which_may_follow
from tinyseq.training.tasks import Stateless, unchanged

np = host.np


class TaggedCorpus(NamedTuple):
    """Where its sentences come from, and how answers are measured."""
    load: Callable[[], Parts[Tagged]]
    read: Callable[[Path], list[Tagged]]
    measure: Callable[..., float]      # (predicted, right) -> from 0 to 1, larger is better
    measured: str
    unknown: str                       # the tag that the baseline gives to a word that training never had
    rare: float                        # a word that occurs n times is trained on as unknown with rare / (rare + n)
    none_costs: float                  # what is taken from the score of tag O when the best tags are looked for
    note: str


CORPORA = {
    "ud-english-ewt": TaggedCorpus(ud_english_ewt, read_conllu, accuracy, "accuracy", "PROPN", 0.25, 0.0,
                                   "parts of speech, UD English EWT"),
    "wnut17": TaggedCorpus(wnut17, read_entities, entity_f1, "entity F1", "O", 3.0, 3.0,
                            "named entities, WNUT-17"),
}
LETTERS = 20           # of a word that are looked at; addresses of web pages go on for ever
KNOWN = 2              # a word must occur so often in training to have a row of its own; the others share one, UNK
TOGETHER = 64          # sentences tagged at once when nothing is trained
SHOWN = 8              # sentences of a sample
WORD = re.compile(r"\w+(?=n't\b)|n't\b|'\w+|[\w@#]+(?:[-.:/]\w+)*|\S")


@dataclass(kw_only=True)
class TaggedBatch(Rows):
    """B sentences of up to T words, which are U different words of up to M letters."""
    words: Any                         # (B, T)
    lengths: Any                       # (B,)
    tags: Any                          # (B, T), -1 behind a sentence's end
    spelling: Any                      # (B, T), which row of `letters` each word is
    letters: Any                       # (U, M)
    letter_counts: Any                 # (U,)

    def split(self, shards: int) -> list[Self]:
        """As Rows; each with the letters of its own words alone."""
        parts = replace(self, letters=None, letter_counts=None)._rows(shards)
        for part in parts:
            used, spelling = np.unique(part.spelling, return_inverse=True)
            part.spelling = spelling.reshape(part.spelling.shape)
            part.letters, part.letter_counts = self.letters[used], self.letter_counts[used]
        return parts

    def _rows(self, shards: int) -> list[Self]:
        return super().split(shards)


class Reader:
    """Sentences of words -> batches of ids, by three vocabularies."""

    def __init__(self, words: Vocabulary, letters: Vocabulary, tags: Vocabulary):
        self.words, self.letters, self.tags = words, letters, tags

    @classmethod
    def of(cls, sentences: Sequence[Tagged]) -> Self:
        """The vocabularies of a training part."""
        return cls(Vocabulary.of(([word.lower() for word in s.words] for s in sentences), [PAD, UNK], KNOWN),
                   Vocabulary.of((word for s in sentences for word in s.words), [PAD, UNK], KNOWN),
                   Vocabulary(sorted({tag for s in sentences for tag in s.tags})))

    @classmethod
    def restored(cls, saved: dict[str, Any]) -> Self:
        """The reader whose .saved this is."""
        return cls(*(Vocabulary.restored(saved[name]) for name in ("words", "letters", "tags")))

    @property
    def saved(self) -> dict[str, Any]:
        """The three vocabularies, for config.json."""
        return {"words": self.words.saved, "letters": self.letters.saved, "tags": self.tags.saved}

    @property
    def sizes(self) -> dict[str, int]:
        """What they decide of a model's config."""
        return {"V": len(self.words), "A": len(self.letters), "K": len(self.tags)}

    def batch(self, sentences: Sequence[Tagged], unread: Any = None) -> TaggedBatch:
        """The sentences as one batch; with tags that are None for those that are to be found. Raises ValueError for an
        empty sentence, and for a tag that training never had.

        unread      ids (N,) -> booleans (N,), which words to read as unknown"""
        forms = {form: u for u, form in enumerate(sorted({word for s in sentences for word in s.words}))}
        ids = [self.words.encode([word.lower() for word in s.words]) for s in sentences]
        if unread is not None:
            ids = [np.where(unread(row), self.words.unk, row) for row in ids]
        words, lengths = padded(ids, self.words.pad)
        spelling, _ = padded([[forms[word] for word in s.words] for s in sentences])
        tags, _ = padded([self.tags.encode(s.tags) if s.tags else [-1] * len(s.words) for s in sentences], -1)
        letters, counts = padded([self.letters.encode(form[:LETTERS]) for form in forms], self.letters.pad)
        return TaggedBatch(words=words, lengths=lengths, tags=tags, spelling=spelling, letters=letters,
                           letter_counts=counts)

    def tag(self, model: Any, sentences: Sequence[Tagged], none_costs: float = 0.0) -> list[list[str]]:
        """The model's tags for each sentence, in its evaluation mode; the score of tag O is lowered by none_costs. Of
        B-kind, I-kind, O only sequences that make sense are looked at: no I-kind but after B-kind or I-kind."""
        tags: list[list[str]] = [[] for _ in sentences]
        symbols = self.tags.symbols
        allowed = which_may_follow(symbols) if "O" in symbols else None
        bonus = to_device(np.array([-none_costs if symbol == "O" else 0.0 for symbol in symbols],
                                  model.parameters()[0].dtype))
        was_training = model.training
        model.eval()
        for rows in Buckets([len(s.words) for s in sentences], TOGETHER).in_order():
            found = to_host(model.predict(self.batch([sentences[row] for row in rows]), allowed, bonus))
            for row, ids in zip(rows, found, strict=True):
                tags[row] = self.tags.decode(ids[ids >= 0])
        if was_training:
            model.train()
        return tags


class TaggingTask(Stateless):
    """Tags for the words of `parts.train`. In training, sentences are cut after recipe.seq_len words; elsewhere never.

    A word of the training part is read as unknown now and then, the rarer the more often, so that the row of unknown
    words is trained: with probability rare / (rare + n), n its count (Kiperwasser and Goldberg 2016). Entities are
    named by words that training never had more often than not, so there `rare` is larger.

    Of words, one in twenty belongs to an entity. The likeliest tags then find too few of them, and F1 wants as many
    missed as invented; so tag O pays for its place when the best tags are looked for (Minkov et al. 2006). How much was
    chosen on the validation part, once for all models."""

    unit = "nats a word (training), error (validation)"
    data = "UD English EWT; WNUT-17"
    more = "tinyseq predict {} TEXT"
    default = "ud-english-ewt"

    def __init__(self, name: str, parts: Parts[Tagged], recipe: Recipe):
        self.name, self.parts, self.recipe, self.corpus = name, parts, recipe, CORPORA[name]
        self.reader = Reader.of(parts.train)
        T = recipe.seq_len
        self.training = [Tagged(s.words[:T], s.tags[:T]) for s in parts.train]
        self.buckets = Buckets([len(s.words) for s in self.training], recipe.batch, recipe.seed)
        words = self.reader.words
        counts = np.bincount(np.concatenate([words.encode([w.lower() for w in s.words]) for s in parts.train]),
                             minlength=len(words))
        self.unread = self.corpus.rare / (self.corpus.rare + counts)       # (V,)

    @classmethod
    def prepare(cls, recipe: Recipe, corpus: str, saved: dict[str, Any] | None = None) -> Self:
        """The task on a corpus of CORPORA, by name. Raises ValueError for another name, and if the vocabularies are no
        longer those that a run (`saved`) was trained with."""
        name = cls.default if corpus == "auto" else corpus
        if name not in CORPORA:
            raise ValueError(f"there is no tagged corpus {corpus!r}; they are {', '.join(CORPORA)}")
        task = cls(name, CORPORA[name].load(), recipe)
        return unchanged(task, saved, "words, letters or tags")

    @property
    def note(self) -> str:
        """One line for the user about the data."""
        sizes = " / ".join(f"{len(part):,}" for part in self.parts)
        return (f"corpus: {self.name} ({self.corpus.note}); sentences to train / validate / test: {sizes}; "
                f"{len(self.reader.words):,} words")

    def baseline(self) -> str:
        """What has to be beaten on the validation part, in one line."""
        return (f"to beat in validation: most frequent tag of each word, {self.corpus.measured} "
                f"{self._by_count(self.parts.validation):.2%}")

    @property
    def sizes(self) -> dict[str, int]:
        """The fields of a model's config that the data decides."""
        return self.reader.sizes

    @staticmethod
    def sizes_of(saved: dict[str, Any]) -> dict[str, int]:
        """The same, of what a run folder knows."""
        return Reader.restored(saved).sizes

    @property
    def saved(self) -> dict[str, Any]:
        """What a run folder must know to read the same words again."""
        return {"corpus": self.name, **self.reader.saved}

    def batch(self, step: int) -> TaggedBatch:
        """The batch of this step."""
        rng = np.random.default_rng([self.recipe.seed, step])
        return self.reader.batch([self.training[row] for row in self.buckets.batch(step)],
                                 lambda ids: rng.random(len(ids)) < self.unread[ids])

    def validate(self, model: Any) -> dict[str, float]:
        """1 - the corpus' measure, on the validation part."""
        return {"validation": 1 - self._measured(model, self.parts.validation)}

    def describe(self, error: float) -> str:
        """The error as the measure that it was made from."""
        return f"validation {self.corpus.measured} {1 - error:.2%}"

    def test(self, model: Any) -> dict[str, float]:
        """The corpus' measure on the test part: the model's, then the baseline's."""
        return {self.corpus.measured: self._measured(model, self.parts.test),
                "most frequent tag": self._by_count(self.parts.test)}

    def report(self, model: Any) -> str:
        """What `test` found, in one line."""
        found = self.test(model)
        return (f"test {self.corpus.measured} {found[self.corpus.measured]:.2%}  (most frequent tag of each word: "
                f"{found['most frequent tag']:.2%})")

    def sample(self, model: Any) -> str:
        """Some sentences of the validation part with the model's tags; below, what `report` found."""
        shown = self.parts.validation[:SHOWN]
        lines = [written(s.words, tags) for s, tags in zip(shown, self._tagged(model, shown), strict=True)]
        return "\n".join([*lines, self.report(model)])

    def _measured(self, model: Any, sentences: Sequence[Tagged]) -> float:
        return self.corpus.measure(self._tagged(model, sentences), [s.tags for s in sentences])

    def _tagged(self, model: Any, sentences: Sequence[Tagged]) -> list[list[str]]:
        return self.reader.tag(model, sentences, self.corpus.none_costs)

    def _by_count(self, sentences: Sequence[Tagged]) -> float:
        tags = most_frequent_tags(self.parts.train, sentences, self.corpus.unknown)
        return self.corpus.measure(tags, [s.tags for s in sentences])

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the measure: on the test part of the run's corpus, or on all of a file in its
        format."""
        if corpus is None or corpus == saved["corpus"]:
            task = cls.prepare(recipe, saved["corpus"], saved)
            return task.note, task.report(model)
        about, reader = CORPORA[saved["corpus"]], Reader.restored(saved)
        sentences = about.read(Path(corpus))
        for number, sentence in enumerate(sentences, 1):
            if unseen := [tag for tag in sentence.tags if tag not in reader.tags]:
                raise ValueError(f"{corpus}, sentence {number}: training never had the tag {unseen[0]!r}, so the model "
                                 f"cannot give it; it knows {', '.join(reader.tags.symbols)}")
        value = about.measure(reader.tag(model, sentences, about.none_costs), [s.tags for s in sentences])
        return f"{corpus}, all of its {len(sentences):,} sentences", f"{about.measured} {value:.2%}"

    @classmethod
    def predict(cls, model: Any, saved: dict[str, Any], texts: Sequence[str]) -> list[str]:
        """Each text with a tag behind each word. Raises ValueError for a text without words."""
        sentences = [Tagged(tuple(WORD.findall(text)), ()) for text in texts]
        for text, sentence in zip(texts, sentences, strict=True):
            if not sentence.words:
                raise ValueError(f"the text {text!r} has no words to tag: leave it out")
        tags = Reader.restored(saved).tag(model, sentences, CORPORA[saved["corpus"]].none_costs)
        return [written(s.words, row) for s, row in zip(sentences, tags, strict=True)]

    @staticmethod
    def tiny_batch(config: Any, rng: Any) -> TaggedBatch:
        """Three sentences of random words that are spelled at random, for a gradient check of every weight."""
        lengths, counts = np.array([4, 2, 3]), np.array([3, 1, 2, 4])
        behind = np.arange(4) >= lengths[:, None]
        return TaggedBatch(words=rng.integers(0, config.V, (3, 4)), lengths=lengths,
                           tags=np.where(behind, -1, rng.integers(0, config.K, (3, 4))),
                           spelling=rng.integers(0, 4, (3, 4)), letters=rng.integers(0, config.A, (4, 4)),
                           letter_counts=counts)


def most_frequent_tags(training: Sequence[Tagged], sentences: Sequence[Tagged], unknown: str) -> list[list[str]]:
    """For each word the tag that it had most often in training, and `unknown` for one that was never there."""
    counts: dict[str, Counter[str]] = {}
    for sentence in training:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            counts.setdefault(word, Counter())[tag] += 1
    best = {word: of_word.most_common(1)[0][0] for word, of_word in counts.items()}
    return [[best.get(word, unknown) for word in sentence.words] for sentence in sentences]


def written(words: Sequence[str], tags: Sequence[str]) -> str:
    """A tagged sentence to read: word/TAG, and a word alone where its tag is O."""
    return " ".join(word if tag == "O" else f"{word}/{tag}" for word, tag in zip(words, tags, strict=True))
