"""The task of an encoder-decoder that may learn either: to pronounce (pronunciation.py) or to translate
(translation.py). The corpus says which."""
from collections.abc import Sequence
from typing import Any

from tinyseq.training.answering import AnsweringTask
from tinyseq.training.pronunciation import PronunciationTask
from tinyseq.training.recipe import Recipe
from tinyseq.training.translation import CORPORA, TranslationTask


class PairTask:
    """Stands for the task of a corpus, wherever its name is known."""

    data = "fra-eng, either way; cmudict"
    sizes_of = AnsweringTask.sizes_of
    tiny_batch = AnsweringTask.tiny_batch

    @classmethod
    def prepare(cls, recipe: Recipe, corpus: str, saved: dict[str, Any] | None = None) -> AnsweringTask:
        """The task on a corpus, by name; "auto" is fra-eng. Raises ValueError for another name, and as its page."""
        return of_corpus(corpus).prepare(recipe, corpus, saved)

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the measures, as the page of the run's corpus has them."""
        return of_corpus(saved["corpus"]).evaluate(model, recipe, saved, corpus)

    @classmethod
    def predict(cls, model: Any, saved: dict[str, Any], texts: Sequence[str]) -> list[str]:
        """The phones, or the translation, of each text."""
        return of_corpus(saved["corpus"]).predict(model, saved, texts)


def of_corpus(name: str) -> Any:
    """The class of the task that has this corpus."""
    if name == PronunciationTask.name:
        return PronunciationTask
    if name != "auto" and name not in CORPORA:
        raise ValueError(f"there is no corpus of pairs {name!r}; they are {', '.join(CORPORA)} and "
                         f"{PronunciationTask.name}")
    return TranslationTask
