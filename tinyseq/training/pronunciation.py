"""The task of saying how a word is pronounced: letters to phones, measured by words and by phones.

A word may be listed with several pronunciations. Each is a pair to train on; in a test any of them is right. Stress is
left out. The loop sees the validation part; the test part is looked at once, when the training is over, by `test`.
"""
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from tinyseq.data import EOS, PAD, PHONES, SOS, Parts, Pronounced, Vocabulary, cmudict, read_cmudict
from tinyseq.training.answering import BEAM, AnsweringTask, Symbols, answers, vocabularies
from tinyseq.training.letters_in_context import LettersInContext
from tinyseq.training.recipe import Recipe
from tinyseq.training.tasks import unchanged

SHOWN = 12             # words of a sample


class PronunciationTask(AnsweringTask):
    """Phones for the words of `parts.train`."""

    unit = "nats a phone (training), word error (validation)"
    data = "cmudict"
    name = "cmudict"

    def __init__(self, parts: Parts[Pronounced], recipe: Recipe):
        self.parts = parts
        letters = Vocabulary(sorted({letter for entry in parts.train for letter in entry.word}), [PAD])
        pairs = [(entry.word, phones) for entry in parts.train for phones in entry.pronunciations]
        super().__init__(pairs, letters, Vocabulary(PHONES, [PAD, SOS, EOS]), recipe)

    @classmethod
    def prepare(cls, recipe: Recipe, corpus: str, saved: dict[str, Any] | None = None) -> Self:
        """The task on the CMU pronouncing dictionary. Raises ValueError for another name, and if its letters are no
        longer those that a run (`saved`) was trained with."""
        if corpus not in ("auto", cls.name):
            raise ValueError(f"there is no dictionary {corpus!r}; it is {cls.name}")
        task = cls(cmudict(), recipe)
        return unchanged(task, saved, "letters or phones")

    @property
    def note(self) -> str:
        """One line for the user about the data."""
        sizes = " / ".join(f"{len(part):,}" for part in self.parts)
        return (f"corpus: {self.name}, letters to phones without stress; words to train / validate / test: {sizes}; "
                f"{len(self.pairs):,} pairs to train on")

    def baseline(self) -> str:
        """What has to be beaten on the validation part, in one line."""
        return f"to beat in validation: letters in context, word error {self._counted(self.parts.validation):.2%}"

    @cached_property
    def _letters(self) -> LettersInContext:
        return LettersInContext(self.parts.train)

    def _counted(self, entries: Sequence[Pronounced]) -> float:
        """The word error of counting."""
        return word_error([self._letters(entry.word) for entry in entries], entries)

    def validate(self, model: Any) -> dict[str, float]:
        """The part of the validation words that are pronounced wrongly, greedily."""
        return {"validation": self.errors(model, self.parts.validation)[0]}

    @staticmethod
    def describe(error: float) -> str:
        """The word error."""
        return f"validation word error {error:.2%}"

    def test(self, model: Any) -> dict[str, float]:
        """Word and phone error on the test part, by the beam and greedily; and the word error of counting."""
        by_beam, greedily = self.errors(model, self.parts.test, BEAM), self.errors(model, self.parts.test)
        return {"word error": by_beam[0], "phone error": by_beam[1],
                "word error, greedy": greedily[0], "phone error, greedy": greedily[1],
                "letters in context": self._counted(self.parts.test)}

    def errors(self, model: Any, entries: Sequence[Pronounced], width: int = 1) -> tuple[float, float]:
        """Word error and phone error of the model's answers."""
        said = answers(model, [entry.word for entry in entries], self.sources, self.targets, width,
                       self.length_penalty)
        return word_error(said, entries), phone_error(said, entries)

    def report(self, model: Any) -> str:
        """What `test` found, in one line."""
        found = self.test(model)
        counted = found.pop("letters in context")
        listed = ", ".join(f"{name} {value:.2%}" for name, value in found.items())
        return f"test, beam {BEAM}: {listed}  (letters in context: word error {counted:.2%})"

    def sample(self, model: Any) -> str:
        """Some words of the validation part with the model's phones and the listed ones; below, what `report` found."""
        shown = self.parts.validation[::max(len(self.parts.validation) // SHOWN, 1)][:SHOWN]
        said = answers(model, [entry.word for entry in shown], self.sources, self.targets, BEAM)
        lines = [f"{entry.word:<16} {' '.join(phones):<32} {' | '.join(map(' '.join, entry.pronunciations))}"
                 for entry, phones in zip(shown, said, strict=True)]
        return "\n".join([f"{'word':<16} {'model':<32} dictionary", *lines, self.report(model)])

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the errors: on the test part, or on all words of a file in the dictionary's format."""
        task = cls.prepare(recipe, cls.name, saved)
        if corpus is None or corpus == cls.name:
            return task.note, task.report(model)
        entries = read_cmudict(Path(corpus))
        word, phone = task.errors(model, entries, BEAM)
        return f"{corpus}, all of its {len(entries):,} words", f"word error {word:.2%}, phone error {phone:.2%}"

    @classmethod
    def predict(cls, model: Any, saved: dict[str, Any], texts: Sequence[str]) -> list[str]:
        """The phones of each word of each text. Raises ValueError for a text without words, and for a word with a
        letter that training never had."""
        letters, phones = vocabularies(saved)
        words = [text.lower().split() for text in texts]
        if [] in words:
            raise ValueError(f"the text {texts[words.index([])]!r} has no word to pronounce: leave it out")
        said = iter(answers(model, [word for of_text in words for word in of_text], letters, phones, BEAM))
        return ["   ".join(" ".join(next(said)) for _ in of_text) for of_text in words]


def word_error(said: Sequence[Symbols], entries: Sequence[Pronounced]) -> float:
    """The part of the words whose answer is none of the listed pronunciations."""
    return sum(tuple(phones) not in entry.pronunciations for phones, entry in zip(said, entries, strict=True)) / len(
        entries)


def phone_error(said: Sequence[Symbols], entries: Sequence[Pronounced]) -> float:
    """Phones to insert, delete or change until the answers are right, divided by the phones of the right ones; of
    several pronunciations the nearest is meant."""
    nearest = [min((edits(phones, right), len(right)) for right in entry.pronunciations)
               for phones, entry in zip(said, entries, strict=True)]
    return sum(changes for changes, _ in nearest) / sum(length for _, length in nearest)


def edits(a: Symbols, b: Symbols) -> int:
    """The fewest insertions, deletions and changes of single symbols that make b of a (Levenshtein 1966)."""
    row = list(range(len(b) + 1))                          # from nothing of a to each beginning of b
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
    return row[-1]
