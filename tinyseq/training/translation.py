"""The task of translating English into French, or French into English, measured by BLEU.

While it trains, a model is validated by nats a word of the right translations; the loop sees the validation part alone.
When the training is over `test` looks at the test part: each sentence once, with every translation that is listed for
it as a reference. BLEU is sacrebleu's (Post 2018), with its own division into words, and without regard to capitals,
which the model does not write.
"""
import math
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any, NamedTuple, Self

from tinyseq.autograd import no_grad
from tinyseq.backend import host
from tinyseq.data import (
    EOS,
    PAD,
    SOS,
    UNK,
    Buckets,
    Pair,
    Parts,
    Vocabulary,
    book_pairs,
    cleaned,
    fra_eng,
    from_french,
    joined,
    thirty_pairs,
    tokens,
)
from tinyseq.training.answering import BEAM, AnsweringTask, answers, batch_of, vocabularies
from tinyseq.training.recipe import Recipe
from tinyseq.training.tasks import unchanged
from tinyseq.training.word_table import WordTable

np = host.np
SHOWN = 10             # sentences of a sample
TOGETHER = 128         # pairs measured at once


def by_heart() -> Parts[Pair]:
    """The thirty pairs, which are to be learned and not to be generalised from: all of them in each part."""
    pairs = thirty_pairs()
    return Parts(pairs, pairs, pairs)


def begun_as_in_the_book() -> Parts[Pair]:
    """The corpus cut down to short sentences with a few beginnings, section 9.3."""
    return Parts(*map(book_pairs, fra_eng()))


def backwards() -> Parts[Pair]:
    """The corpus in the other direction."""
    return from_french(fra_eng())


class PairedCorpus(NamedTuple):
    """Where its pairs come from."""
    load: Callable[[], Parts[Pair]]
    known: int             # a word must occur so often in training to have a row of its own; the others are one, UNK
    note: str
    languages: tuple[str, str] = ("English", "French")


CORPORA = {
    "fra-eng": PairedCorpus(fra_eng, 3, "English to French, at most 10 words, Tatoeba"),
    "from-french": PairedCorpus(backwards, 3, "French to English, at most 10 words, Tatoeba", ("French", "English")),
    "book-pairs": PairedCorpus(begun_as_in_the_book, 1, "English to French, sentences that begin as in section 9.3"),
    "thirty-pairs": PairedCorpus(by_heart, 1, "thirty pairs to learn by heart, the same in each part"),
}


class TranslationTask(AnsweringTask):
    """Translations of the sentences of `parts.train`."""

    unit = "nats a word"
    data = "fra-eng, either way; thirty pairs"
    length_penalty = 1.0

    def __init__(self, name: str, parts: Parts[Pair], recipe: Recipe):
        self.name, self.parts, self.corpus = name, parts, CORPORA[name]
        pairs = _as_words(parts.train)
        super().__init__(pairs, Vocabulary.of((source for source, _ in pairs), [PAD, UNK], self.corpus.known),
                         Vocabulary.of((target for _, target in pairs), [PAD, SOS, EOS, UNK], self.corpus.known),
                         recipe)

    @classmethod
    def prepare(cls, recipe: Recipe, corpus: str, saved: dict[str, Any] | None = None) -> Self:
        """The task on a corpus of CORPORA, by name; "auto" is fra-eng. Raises ValueError for another name, if the words
        are no longer those that a run (`saved`) was trained with, and where sacrebleu is not installed."""
        name = "fra-eng" if corpus == "auto" else corpus
        if name not in CORPORA:
            raise ValueError(f"there is no corpus of translations {corpus!r}; they are {', '.join(CORPORA)}")
        if find_spec("sacrebleu") is None:
            raise ValueError("translations are measured by sacrebleu, which is not installed: pip install sacrebleu, "
                             "or install tinyseq with its extra [tasks]")
        task = cls(name, CORPORA[name].load(), recipe)
        return unchanged(task, saved, "words")

    @property
    def note(self) -> str:
        """One line for the user about the data."""
        sizes = " / ".join(f"{len(part):,}" for part in self.parts)
        source, target = self.corpus.languages
        return (f"corpus: {self.name} ({self.corpus.note}); pairs to train / validate / test: {sizes}; "
                f"{len(self.sources):,} {source} and {len(self.targets):,} {target} words")

    def baseline(self) -> str:
        """What has to be beaten on the validation part, in one line."""
        return f"to beat in validation: word by word, BLEU {self._counted(references(self.parts.validation)):.2f}"

    @cached_property
    def _table(self) -> WordTable:
        return WordTable(_as_words(self.parts.train))

    def _counted(self, groups: dict[str, list[str]]) -> float:
        """BLEU of translating word by word, as IBM's first model does."""
        return bleu([joined(self._table(tokens(sentence))) for sentence in groups], groups)

    def validate(self, model: Any) -> dict[str, float]:
        """Nats a word, EOS counted, of the validation part's translations."""
        pairs = [(self.sources.encode(source), np.append(self.targets.encode(target), self.targets.eos))
                 for source, target in _as_words(self.parts.validation)]
        total, count = 0.0, 0
        model.eval()
        with no_grad():
            for rows in Buckets([(len(a), len(b)) for a, b in pairs], TOGETHER).in_order():
                nats, words = model.loss(batch_of([pairs[row] for row in rows], self.sources, self.targets))
                total, count = total + nats.item(), count + words
        model.train()
        return {"validation": total / count}

    @staticmethod
    def describe(nats: float) -> str:
        """The measure, and the perplexity that it means."""
        return f"validation {nats:.4f} nats/word  perplexity {math.exp(nats):.2f}"

    def test(self, model: Any) -> dict[str, float]:
        """BLEU of the test part by the beam and greedily, and the part of the sentences whose translation is, word for
        word, one of the listed ones; and BLEU of translating word by word."""
        groups = references(self.parts.test)
        by_beam, greedily = self.translated(model, list(groups), BEAM), self.translated(model, list(groups))
        return {"BLEU": bleu(by_beam, groups), "BLEU, greedy": bleu(greedily, groups),
                "exact": exact(by_beam, groups), "word by word": self._counted(groups)}

    def translated(self, model: Any, sentences: Sequence[str], width: int = 1) -> list[str]:
        """The model's translation of each sentence, as a line to read."""
        return translated(model, sentences, self.sources, self.targets, width)

    def report(self, model: Any) -> str:
        """What `test` found, in one line."""
        found = self.test(model)
        return (f"test BLEU {found['BLEU']:.2f} (beam {BEAM}), {found['BLEU, greedy']:.2f} (greedy); "
                f"word for word as listed: {found['exact']:.2%}  (word by word: BLEU {found['word by word']:.2f})")

    def sample(self, model: Any) -> str:
        """Some sentences of the validation part with the model's translation and a listed one; below, what `report`
        found."""
        shown = self.parts.validation[::max(len(self.parts.validation) // SHOWN, 1)][:SHOWN]
        lines = [f"{pair.source}\n    {said}\n    ({pair.target})" for pair, said in
                 zip(shown, self.translated(model, [pair.source for pair in shown], BEAM), strict=True)]
        return "\n".join([*lines, self.report(model)])

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the measures of the test part of the run's corpus."""
        if corpus not in (None, saved["corpus"]):
            raise ValueError(f"the run was trained on {saved['corpus']} and knows its words alone: leave --corpus out; "
                             "single sentences are for `tinyseq predict`")
        task = cls.prepare(recipe, saved["corpus"], saved)
        return task.note, task.report(model)

    @classmethod
    def predict(cls, model: Any, saved: dict[str, Any], texts: Sequence[str]) -> list[str]:
        """The translation of each text. Raises ValueError for an empty one."""
        for text in texts:
            if not tokens(text):
                raise ValueError(f"the text {text!r} has no word to translate: leave it out")
        return translated(model, texts, *vocabularies(saved), BEAM)


def _as_words(pairs: Sequence[Pair]) -> list[tuple[list[str], list[str]]]:
    return [(tokens(pair.source), tokens(pair.target)) for pair in pairs]


def translated(model: Any, sentences: Sequence[str], sources: Vocabulary, targets: Vocabulary,
               width: int = 1) -> list[str]:
    """The model's translation of each sentence, as a line to read."""
    said = answers(model, [tokens(sentence) for sentence in sentences], sources, targets, width,
                   TranslationTask.length_penalty)
    return [joined(words) for words in said]


def references(pairs: Sequence[Pair]) -> dict[str, list[str]]:
    """The translations of each sentence."""
    groups: dict[str, list[str]] = {}
    for pair in pairs:
        groups.setdefault(pair.source, []).append(cleaned(pair.target))
    return groups


def bleu(said: Sequence[str], groups: dict[str, list[str]]) -> float:
    """BLEU, from 0 to 100, of one translation for each sentence beside its references (Papineni et al. 2002).
    Of a corpus of three words a line, which has no 4-grams, it is the mean of the shorter ones."""
    from sacrebleu import corpus_bleu

    most = max(map(len, groups.values()))                  # sacrebleu takes the k-th references of all, None for none
    streams: list[Any] = [[of_one[k] if k < len(of_one) else None for of_one in groups.values()] for k in range(most)]
    return corpus_bleu(list(said), streams, lowercase=True, use_effective_order=True).score


def exact(said: Sequence[str], groups: dict[str, list[str]]) -> float:
    """The part of the sentences whose translation has the words of one of its references."""
    right = [[tokens(reference) for reference in of_one] for of_one in groups.values()]
    return sum(tokens(line) in of_one for line, of_one in zip(said, right, strict=True)) / len(said)
