"""The task of predicting the next word: the split, the counting baselines, texts that end with their sentence."""
import math
from collections.abc import Iterator
from typing import Any

from tinyseq.backend import host
from tinyseq.data import WordVocabulary, counting, interpolated, load_corpus, split, words_of
from tinyseq.training.characters import CharacterTask, nats_per_character, sha256
from tinyseq.training.recipe import Recipe

MIN_COUNT = 3                          # a word that the training part has less often is unknown
SENTENCE_ENDS = (".", "?", "!")
SENTENCES, LONGEST = 8, 100            # of a sample: how many, and how many words each may have


class WordTask(CharacterTask):
    """Next-word prediction on a text, of which two parts are held out:

        |------------ training, 90 % ------------|-- validation, 5 % --|-- test, 5 % --|

    The vocabulary is that of the training part: words (data/prose.py) that occur MIN_COUNT times there. All others are
    one word, "unknown", which is predicted and counted like any other, by the model and by the baselines alike. The
    weights that are kept follow the validation part; the test part is looked at once, when the training is over, by
    `test`. The rest is as for characters: batches, carried state, the measure."""

    unit = "nats/word"
    data = "Tiny Shakespeare, words"

    def read(self, text: str) -> None:
        train, held_out = split(host.np.array(words_of(text)))
        validation, test = split(held_out, 0.5)
        self.vocabulary = self.vocabulary or WordVocabulary.of(train.tolist(), MIN_COUNT)
        self.train_ids, self.validation_ids, self.test_ids = map(self.vocabulary.ids, (train, validation, test))

    @staticmethod
    def vocabulary_of(saved: dict[str, Any]) -> WordVocabulary:
        return WordVocabulary.restored(saved["vocabulary"])

    @property
    def saved(self) -> dict[str, Any]:
        return {"corpus": self.corpus.name, "sha256": sha256(self.corpus), "vocabulary": self.vocabulary.saved}

    @property
    def note(self) -> str:
        sizes = [f"{len(part):,}" for part in (self.train_ids, self.validation_ids, self.test_ids)]
        return "{}; words: {} to train, {} to validate, {} to test, {:,} different".format(
            self.corpus.note, *sizes, len(self.vocabulary))

    def baseline(self) -> str:
        return f"to beat in validation: {self.listed(self.counted(self.validation_ids), self.validation_ids)}"

    def counted(self, ids) -> dict[str, float]:
        """The perplexities of these ids that counting reaches."""
        V = len(self.vocabulary)
        return {"interpolated 3-grams": _perplexity(interpolated(self.train_ids, ids, V, 3)),
                "Witten-Bell 3-grams": _perplexity(counting(self.train_ids, ids, V, 3))}

    def listed(self, perplexities: dict[str, float], ids) -> str:
        """Perplexities of these ids, and how many of the ids are the unknown word, in one line."""
        listed = ", ".join(f"{name} {math.log(value):.4f} {self.unit} (perplexity {value:.2f})"
                           for name, value in perplexities.items())
        return f"{listed}; {(ids == self.vocabulary.unk).mean():.1%} of the words are unknown"

    def test(self, model: Any) -> dict[str, float]:
        """Perplexities of the test part: the model's, then those that counting reaches."""
        return self._perplexities(model, self.test_ids)

    def report(self, model: Any) -> str:
        """What `test` found, in two lines."""
        return self._told(self.test(model), self.test_ids, "test")

    def sample(self, model: Any) -> str:
        """Some sentences by the model, each the first that it writes after an empty line; below, what `report`
        found."""
        sentences = ("".join(self.write(model, self.saved, None, LONGEST, None, temperature=0.8, seed=seed))
                     for seed in range(SENTENCES))
        return "\n\n".join([*(sentence.strip("\n") for sentence in sentences), self.report(model)])

    def _perplexities(self, model: Any, ids) -> dict[str, float]:
        return {"perplexity": _perplexity(nats_per_character(model, ids)), **self.counted(ids)}

    def _told(self, found: dict[str, float], ids, part: str) -> str:
        others = {name: value for name, value in found.items() if name != "perplexity"}
        return f"{self.describe(math.log(found['perplexity']), part)}\nto beat: {self.listed(others, ids)}"

    @classmethod
    def write(cls, model: Any, saved: dict[str, Any], prompt: str | None, length: int, stop: str | None,
              **settings: Any) -> Iterator[str]:
        """As for characters, but the model first reads an empty line, where its text has line ends: a prompt with
        nothing at all before it is what it has hardly ever met, and it would write at random."""
        vocabulary = cls.vocabulary_of(saved)
        vocabulary.encode(prompt or "")                    # raises for an unknown word, with its place in the prompt
        before = "\n\n" if "\n" in vocabulary else ""
        return super().write(model, saved, before + (prompt or "") or None, length, stop, **settings)

    @staticmethod
    def stops(vocabulary: WordVocabulary, stop: str | None) -> list[list[int]]:
        """The ids after which a text ends: the end of a sentence where the user says nothing; "" is no end at all."""
        if stop is None:
            return [[int(i)] for sign in SENTENCE_ENDS if sign in vocabulary for i in vocabulary.encode(sign)]
        return CharacterTask.stops(vocabulary, stop)

    @staticmethod
    def never(vocabulary: WordVocabulary) -> list[int]:
        """The unknown word is no word to write."""
        return [vocabulary.unk]

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the measure: on the test part of the run's text, or on all of another one, beside
        what counting the run's training part reaches there."""
        task = cls.prepare(recipe, saved["corpus"], saved)
        text = load_corpus(corpus or saved["corpus"])
        is_own = sha256(text) == saved["sha256"]
        note = f"{text.note}, {'its test part' if is_own else 'all of it'}"
        if is_own:
            return note, task.report(model)
        ids = task.vocabulary.ids(words_of(text.text))
        return note, task._told(task._perplexities(model, ids), ids, "text")


def _perplexity(nats: float) -> float:
    return math.exp(min(nats, 700))
