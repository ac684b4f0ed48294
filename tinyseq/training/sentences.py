"""The task of classifying sentences by a pretrained encoder: the texts of classification.py, in its word pieces.

Where the recipe freezes the encoder, no sentence's vector ever changes. So each is computed once, before the first
step, and the steps are those of a linear classifier: minutes become milliseconds.
"""
from collections.abc import Sequence
from typing import Any, Self

from tinyseq.data import Buckets, Labelled, Vocabulary, WordPieces
from tinyseq.interop.bert import tokenizer_file
from tinyseq.training.classification import CORPORA, TOGETHER, ClassificationTask, Encoder
from tinyseq.training.recipe import Recipe


class PieceEncoder(Encoder):
    """Texts -> ids of word pieces, and labels -> ids: the labels of a training part, the pieces of the package.

    vectors    what the frozen encoder made of texts, by text: these stand for the pieces"""

    def __init__(self, name: str, saved: dict[str, Any]):
        self.name, self.saved, self.corpus = name, saved, CORPORA[name]
        self.labels = Vocabulary.restored(saved["labels"])
        self.vocabulary = WordPieces(tokenizer_file())
        self.vectors: dict[str, Any] = {}
        if saved.get("pieces") != self.vocabulary.sha256:
            raise ValueError("the installed package has other word pieces than the one that this run was trained "
                             "with: install that version, or train a new run")

    @classmethod
    def of(cls, name: str, training: Sequence[Any]) -> Self:
        """What a training part teaches, and which pieces there are."""
        pieces = WordPieces(tokenizer_file())
        return cls(name, {"labels": Vocabulary(sorted({item.label for item in training})).saved,
                          "pieces": pieces.sha256, "V": len(pieces)})

    @property
    def sizes(self) -> dict[str, int]:
        """What it decides of a model's config."""
        return {"V": self.saved["V"], "K": len(self.labels)}

    def sequence(self, item: Any) -> Any:
        """ids (T,), or the text's vector (C,). Raises ValueError for a text without signs."""
        if item.text in self.vectors:
            return self.vectors[item.text]
        if not item.text.strip():
            raise ValueError(f"the text {item.text!r} has nothing in it to classify: leave it out")
        return self.vocabulary.encode(item.text)

    def embed(self, model: Any, items: Sequence[Labelled]) -> None:
        """Put the vectors of these texts into `vectors`, in the model's evaluation mode."""
        from tqdm import tqdm

        sequences = [self.sequence(item) for item in items]
        batches = -(-len(sequences) // TOGETHER)
        was_training = model.training
        model.eval()
        for rows, vectors in tqdm(self.in_batches(model.embed, sequences), "sentences", batches, False, unit="batch"):
            self.vectors.update((items[row].text, vector) for row, vector in zip(rows, vectors, strict=True))
        if was_training:
            model.train()


class SentenceTask(ClassificationTask):
    """Labels for the sentences of `parts.train`, in word pieces; in training, cut after recipe.seq_len of them."""

    data = "SMS; reviews; in word pieces"
    coder = PieceEncoder
    encoder: PieceEncoder

    @classmethod
    def prepare(cls, recipe: Recipe, corpus: str, saved: dict[str, Any] | None = None) -> Self:
        """The task on a corpus of texts of CORPORA. Raises ValueError for series, for a missing package, for other word
        pieces than those of the run, and as ClassificationTask."""
        if corpus in CORPORA and CORPORA[corpus].symbols is None:
            raise ValueError(f"{corpus} holds series of vectors, and a sentence encoder reads texts: choose another "
                             "corpus, or the model text_classifier")
        if saved is not None:
            cls.coder(corpus, saved)                       # raises for other word pieces than those of the run
        return super().prepare(recipe, corpus, saved)

    @classmethod
    def sizes_of(cls, saved: dict[str, Any]) -> dict[str, int]:
        """The sizes, of what a run folder knows: the package is not needed to say them."""
        return {"V": saved["V"], "K": len(Vocabulary.restored(saved["labels"]))}

    def meet(self, model: Any) -> None:
        """Before the first step: the vectors of all sentences to train and to validate, if the encoder is frozen."""
        if self.recipe.frozen == "body":
            self.encoder.embed(model, [*self.parts.train, *self.parts.validation])
            self.sequences = [self.encoder.sequence(item) for item in self.parts.train]
            self.buckets = Buckets([1] * len(self.sequences), self.recipe.batch, self.recipe.seed)
