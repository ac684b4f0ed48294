"""The task of saying what an image shows: digits (MNIST), clothes (Fashion-MNIST), photographs (CIFAR-10).

The names of the labels, and the mean and deviation of each colour, come from the training part; recipe.labelled asks
for fewer of its images. The loop sees the validation part: the weights kept follow its error. The test part is looked
at once, when the training is over.
fashion-mnist-0-4 and fashion-mnist-5-9 are the two halves of the labels of Fashion-MNIST, for transfer learning: what
is learnt of the one half serves the other (training/start.py).
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self

from tinyseq.backend import host, to_host
from tinyseq.data import Buckets, ImageParts, Images, Rows, cifar10, fashion_mnist, mnist
from tinyseq.pictures import read_image
from tinyseq.training.augment import augmented
from tinyseq.training.recipe import Recipe
from tinyseq.training.tasks import Stateless, unchanged

np = host.np


class ImageCorpus(NamedTuple):
    """Where its images come from."""
    load: Callable[[], ImageParts]
    note: str


CORPORA = {
    "fashion-mnist": ImageCorpus(fashion_mnist, "grey images of clothes"),
    "fashion-mnist-0-4": ImageCorpus(lambda: fashion_mnist().of(range(5)), "T-shirt, trouser, pullover, dress, coat"),
    "fashion-mnist-5-9": ImageCorpus(lambda: fashion_mnist().of(range(5, 10)), "sandal, shirt, sneaker, bag, boot"),
    "mnist": ImageCorpus(mnist, "handwritten digits"),
    "cifar-10": ImageCorpus(cifar10, "small colour photographs"),
    "cifar-10-binary": ImageCorpus(partial(cifar10, "binary"), "small colour photographs, from the binary archive"),
}
TOGETHER = 250         # images classified at once when nothing is trained
COUNTED = 1000         # images whose pixels are counted at once
SHOWN = 12             # images of a sample


@dataclass(kw_only=True)
class ImageBatch(Rows):
    """B images, each colour at the training part's mean 0 and deviation 1."""
    images: Any                        # (B, channels, size, size), float32
    labels: Any                        # (B,), None where they are to be found


class Encoder:
    """Pixels -> numbers around 0, and labels -> names: what is known of a training part."""

    def __init__(self, saved: dict[str, Any]):
        self.saved, self.names, self.size = saved, saved["labels"], saved["size"]
        self.mean, self.deviation = (np.array(saved[name], "float32")[:, None, None] for name in ("mean", "deviation"))

    @classmethod
    def of(cls, training: Images, names: Sequence[str]) -> Self:
        """What a training part teaches. Its sums are whole numbers, and so the same on every machine."""
        channels, height, width = training.pixels.shape[1:]
        assert height == width
        counts = np.zeros((channels, 256), int)
        for start in range(0, len(training), COUNTED):
            for c in range(channels):
                counts[c] += np.bincount(training.pixels[start:start + COUNTED, c].reshape(-1), minlength=256)
        mean, square = (counts @ np.arange(256) ** power / counts.sum(axis=1) for power in (1, 2))
        return cls({"labels": list(names), "size": height, "mean": mean.tolist(),
                    "deviation": np.sqrt(square - mean ** 2).tolist()})

    @property
    def sizes(self) -> dict[str, int]:
        """What it decides of a model's config."""
        return {"K": len(self.names), "channels": len(self.mean), "size": self.size}

    def batch(self, pixels: Any, labels: Any = None) -> ImageBatch:
        """Images (B, channels, size, size) in bytes, and their labels where they are known."""
        return ImageBatch(images=(pixels - self.mean) / self.deviation, labels=labels)

    def probabilities(self, model: Any, pixels: Any) -> Any:
        """P(label) of each image, (N, K), in the model's evaluation mode."""
        was_training = model.training
        model.eval()
        found = [to_host(model.predict(self.batch(pixels[start:start + TOGETHER])))
                 for start in range(0, len(pixels), TOGETHER)]
        if was_training:
            model.train()
        return np.concatenate(found)

    def read(self, path: str) -> Any:
        """The pixels (channels, size, size) of an image file. Colours become grey, their mean, for a model of grey
        images. Raises ValueError for a file that is none, and an image of another size."""
        pixels = read_image(Path(path))                                             # (height, width, colours)
        height, width, colours = pixels.shape
        if (height, width) != (self.size, self.size):
            raise ValueError(f"{path} has {height} x {width} pixels; the model takes {self.size} x {self.size}: cut or "
                             "scale it to that size")
        coloured = pixels[:, :, :3] if colours >= 3 else pixels[:, :, [0, 0, 0]]     # a fourth is transparency
        if len(self.mean) == 1:
            coloured = coloured.mean(axis=2, keepdims=True).round().astype(np.uint8)
        return coloured.transpose(2, 0, 1)


class ImageTask(Stateless):
    """Labels for images."""

    unit = "nats (training), error (validation)"
    data = "MNIST; Fashion-MNIST; CIFAR-10"
    more = "tinyseq predict {} IMAGE.png"

    def __init__(self, name: str, parts: ImageParts, recipe: Recipe):
        self.name, self.parts, self.recipe = name, parts, recipe
        self.encoder = Encoder.of(parts.train, parts.names)
        self.buckets = Buckets(np.ones(len(parts.train), int), recipe.batch, recipe.seed)

    @classmethod
    def prepare(cls, recipe: Recipe, corpus: str, saved: dict[str, Any] | None = None) -> Self:
        """The task on a corpus of CORPORA, by name; "auto" is fashion-mnist. Raises ValueError for another name, and if
        the data are no longer those that a run (`saved`) was trained on."""
        name = "fashion-mnist" if corpus == "auto" else corpus
        if name not in CORPORA:
            raise ValueError(f"there are no images {corpus!r}; there are {', '.join(CORPORA)}")
        parts = CORPORA[name].load()
        if recipe.labelled is not None:
            parts = parts._replace(train=parts.train.drawn(recipe.labelled))
        return unchanged(cls(name, parts, recipe), saved, "images or labels")

    @property
    def note(self) -> str:
        """One line for the user about the data."""
        sizes = " / ".join(f"{len(part):,}" for part in self.parts[:3])
        return (f"corpus: {self.name} ({CORPORA[self.name].note}); to train / validate / test: {sizes}; "
                f"{len(self.parts.names)} labels")

    def baseline(self) -> str:
        """What has to be beaten on the validation part, in one line."""
        return f"to beat in validation, accuracy: nearest class mean {self._by_means(self.parts.validation):.2%}"

    @property
    def sizes(self) -> dict[str, int]:
        """The fields of a model's config that the data decides."""
        return self.encoder.sizes

    @staticmethod
    def sizes_of(saved: dict[str, Any]) -> dict[str, int]:
        """The same, of what a run folder knows."""
        return Encoder(saved).sizes

    @property
    def saved(self) -> dict[str, Any]:
        """What a run folder must know to see the same images again."""
        return {"corpus": self.name, **self.encoder.saved}

    def batch(self, step: int) -> ImageBatch:
        """The batch of this step."""
        rows, train = self.buckets.batch(step), self.parts.train
        pixels = augmented(train.pixels[rows], self.recipe.augment, self.recipe.seed, step)
        return self.encoder.batch(pixels, train.labels[rows])

    def validate(self, model: Any) -> dict[str, float]:
        """The part of the validation part whose label is wrong."""
        return {"validation": 1 - self._accuracy(model, self.parts.validation)}

    @staticmethod
    def describe(error: float) -> str:
        """The error as the accuracy that it was made from."""
        return f"validation accuracy {1 - error:.2%}"

    def test(self, model: Any) -> dict[str, float]:
        """Accuracies on the test part: the model's, then that of the nearest class mean."""
        return {"accuracy": self._accuracy(model, self.parts.test),
                "nearest class mean": self._by_means(self.parts.test)}

    def report(self, model: Any) -> str:
        """What `test` found, in one line."""
        found = self.test(model)
        return f"test accuracy {found['accuracy']:.2%}  (nearest class mean {found['nearest class mean']:.2%})"

    def sample(self, model: Any) -> str:
        """Some images of the validation part with the model's labels and the right ones; below, what `report` found."""
        names, shown = self.parts.names, self.parts.validation
        found = self.encoder.probabilities(model, shown.pixels[:SHOWN])
        width = max(map(len, names))
        lines = [f"{names[p.argmax()]:<{width}}  {names[right]:<{width}}  {p.max():.3f}  image {i}"
                 for i, (p, right) in enumerate(zip(found, shown.labels[:SHOWN], strict=True))]
        return "\n".join([f"{'model':<{width}}  {'right':<{width}}  sure", *lines, self.report(model)])

    def _accuracy(self, model: Any, images: Images) -> float:
        found = self.encoder.probabilities(model, images.pixels).argmax(axis=1)
        return float((found == images.labels).mean())

    def _by_means(self, images: Images) -> float:
        """How often the mean image that an image is nearest to is that of its own label."""
        train, K = self.parts.train, len(self.parts.names)
        means = np.stack([train.pixels[train.labels == k].mean(axis=0).reshape(-1) for k in range(K)])    # (K, D)
        squares, nearest = np.square(means).sum(axis=1), []
        for part in np.array_split(images.pixels, len(images) // COUNTED + 1):
            rows = part.reshape(len(part), -1).astype(float)
            nearest.append((squares - 2 * rows @ means.T).argmin(axis=1))           # |x - m|^2 less |x|^2
        return float((np.concatenate(nearest) == images.labels).mean())

    @classmethod
    def evaluate(cls, model: Any, recipe: Recipe, saved: dict[str, Any], corpus: str | None) -> tuple[str, str]:
        """A note on the data and the accuracy on the test part of the run's corpus."""
        if corpus not in (None, saved["corpus"]):
            raise ValueError(f"the run was trained on {saved['corpus']} and knows its labels alone: leave --corpus "
                             "out; single images are for `tinyseq predict`")
        task = cls.prepare(recipe, saved["corpus"], saved)
        return task.note, task.report(model)

    @classmethod
    def predict(cls, model: Any, saved: dict[str, Any], texts: Sequence[str]) -> list[str]:
        """The likeliest label of each image file, its probability, the file. Raises ValueError as Encoder.read."""
        encoder = Encoder(saved)
        found = encoder.probabilities(model, np.stack([encoder.read(path) for path in texts]))
        return [f"{encoder.names[p.argmax()]}  {p.max():.3f}  {path}" for p, path in zip(found, texts, strict=True)]

    @staticmethod
    def tiny_batch(config: Any, rng: Any) -> ImageBatch:
        """Three random images, for a gradient check of every weight."""
        return ImageBatch(images=rng.standard_normal((3, config.channels, config.size, config.size)),
                          labels=rng.integers(0, config.K, 3))
