"""Images: the readers of the three formats on small files, right and wrong; the data sets as they are."""
import gzip
import io
import os
import pickle
import tarfile

import numpy as np
import pytest

from tinyseq import data
from tinyseq.data import ImageParts, Images, cifar, images
from tinyseq.data.cifar import read_cifar
from tinyseq.data.idx import read_idx, read_mnist_csv

needs_data = pytest.mark.skipif("TINYSEQ_DATA" not in os.environ, reason="needs the data sets: set TINYSEQ_DATA")


# IDX and CSV ------------------------------------------------------------------------------------------------

def idx(array):
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize("name, write", [("plain", lambda content: content), ("packed.gz", gzip.compress)])
@pytest.mark.parametrize("array", [PIXELS, np.array([7, 0, 9], np.uint8)])
def test_idx_is_read_back(tmp_path, array, name, write):
    (tmp_path / name).write_bytes(write(idx(array)))
    np.testing.assert_array_equal(read_idx(tmp_path / name, array.ndim), array)


@pytest.mark.parametrize("content, message", [
    (b"", "it has 0 bytes and begins with nothing"),
    (idx(PIXELS)[:-1], r"truncated.* 2 x 3 x 4 entries, which make 40 bytes; it has 39"),
    (idx(PIXELS) + b"x", r"truncated, or has too much.* it has 41"),
    (idx(PIXELS[0, 0]), r"should begin with 0 0 8 3; it has 12 bytes and begins with 0 0 8 1"),
    (idx(PIXELS)[:10], "should begin with 0 0 8 3; it has 10 bytes"),
    (b"\x89PNG" + bytes(20), "begins with 137 80 78 71"),
])
def test_another_idx_is_refused(tmp_path, content, message):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=f"file is .*{message}"):
        read_idx(tmp_path / "file", 3)


def test_what_cannot_be_unpacked_or_is_not_there(tmp_path):
    (tmp_path / "cut.gz").write_bytes(gzip.compress(idx(PIXELS))[:-9])
    (tmp_path / "text.gz").write_text("no archive")
    for name in ("cut.gz", "text.gz"):
        with pytest.raises(ValueError, match=rf"{name} is damaged .*; delete it and fetch it again"):
            read_idx(tmp_path / name, 3)
    with pytest.raises(ValueError, match=r"none.gz cannot be read \(No such file"):
        read_idx(tmp_path / "none.gz", 3)


def row(label=3, pixel=255, count=784):
    return ",".join([str(pixel)] + ["0"] * (count - 1) + [str(label)])


def test_rows_of_pixels(tmp_path):
    (tmp_path / "csv").write_text(f"{row()}\n{row(9, '7.0')}\n")
    pixels, labels = read_mnist_csv(tmp_path / "csv")
    assert pixels.dtype == np.uint8 and pixels.shape == (2, 28, 28) and labels.tolist() == [3, 9]
    assert pixels[:, 0, 0].tolist() == [255, 7] and pixels.sum() == 262


@pytest.mark.parametrize("bad", [row(10), row(pixel=256), row(pixel=-1), row(pixel="0.5"), row(count=783), "a,b", ""])
def test_another_row_is_refused_with_its_number(tmp_path, bad):
    (tmp_path / "csv").write_text(f"{row()}\n{bad}\n{row()}\n")
    with pytest.raises(ValueError, match="csv, line 2: expected 784 whole numbers from 0 to 255 and a digit"):
        read_mnist_csv(tmp_path / "csv")


# CIFAR-10 ---------------------------------------------------------------------------------------------------

def batches(n=3):
    """Five to train and one to test: pixels (n, 3072), labels."""
    rng = np.random.default_rng(0)
    return [(rng.integers(0, 256, (n, 3072), np.uint8), rng.integers(0, 10, n)) for _ in range(6)]


NAMES = [*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]


def as_pickle(pixels, labels):
    return pickle.dumps({b"batch_label": b"one", b"labels": labels.tolist(), b"data": pixels,
                         b"filenames": [b"a.png"] * len(labels)}, protocol=2)


def as_records(pixels, labels):
    return np.concatenate([labels[:, None].astype(np.uint8), pixels], axis=1).tobytes()


KINDS = {"python": ("cifar-10-batches-py", "", as_pickle), "binary": ("cifar-10-batches-bin", ".bin", as_records)}
each_kind = pytest.mark.parametrize("kind", KINDS)


def archive(path, kind, change=None):
    """A small archive in the author's format; change: name -> its content, or None to leave it out."""
    folder, ending, written = KINDS[kind]
    with tarfile.open(path, "w:gz") as file:
        for name, batch in zip(NAMES, batches(), strict=True):
            content = (change or {}).get(name, written(*batch))
            if content is not None:
                entry = tarfile.TarInfo(f"{folder}/{name}{ending}")
                entry.size = len(content)
                file.addfile(entry, io.BytesIO(content))
    return path


@each_kind
def test_cifar_is_read_back(tmp_path, kind):
    train, test = read_cifar(archive(tmp_path / "c.tar.gz", kind))
    for (pixels, labels), expected in ((train, batches()[:5]), (test, batches()[5:])):
        assert pixels.dtype == np.uint8
        np.testing.assert_array_equal(pixels.reshape(-1, 3072), np.concatenate([p for p, _ in expected]))
        np.testing.assert_array_equal(labels, np.concatenate([labels for _, labels in expected]))
    assert train[0].shape == (15, 3, 32, 32)
    np.testing.assert_array_equal(train[0][0, 2, 1], batches()[0][0][0, 2 * 1024 + 32:2 * 1024 + 64])    # blue, row 1


def test_a_pickle_of_python_2_is_read():
    """As the author wrote it: texts are bytes, and NumPy has its old name."""
    pixels, labels = batches()[0]
    content = as_pickle(pixels, labels).replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
    assert b"cnumpy.core.multiarray\n" in content
    np.testing.assert_array_equal(cifar._pickled(content)[0], pixels)


class Harm:
    def __reduce__(self):
        return os.system, ("echo harm > harm",)


@pytest.mark.parametrize("kind, content, message", [
    ("python", None, "lacks cifar-10-batches-py/data_batch_2: it is incomplete"),
    ("python", b"", "data_batch_2: expected 3,072 bytes an image and labels from 0 to 9"),
    ("python", pickle.dumps([1, 2]), "data_batch_2: expected 3,072"),
    ("python", pickle.dumps({b"data": batches()[0][0], b"labels": [1, 2]}), "labels are int64 .* for 3 images"),
    ("python", pickle.dumps({b"data": batches()[0][0], b"labels": [1, 2, 10]}), "labels are"),
    ("python", pickle.dumps({b"data": batches()[0][0][:, 1:], b"labels": [1, 2, 3]}), r"pixels are uint8 .*3071"),
    ("python", pickle.dumps({b"data": Harm(), b"labels": []}), r"asks for posix.system, which is no part of an array"),
    ("binary", as_records(*batches()[0])[:-1], "data_batch_2.bin: .*9,218 bytes are no whole number of records"),
    ("binary", bytes([10]) + bytes(3072), "labels are"),
])
def test_another_cifar_is_refused_and_nothing_runs(tmp_path, monkeypatch, kind, content, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"c.tar.gz.*{message}"):
        read_cifar(archive(tmp_path / "c.tar.gz", kind, {"data_batch_2": content}))
    assert os.listdir(tmp_path) == ["c.tar.gz"]


def test_an_archive_that_is_none_or_cut_off_or_of_something_else(tmp_path):
    path = archive(tmp_path / "c.tar.gz", "binary")
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(ValueError, match=r"c.tar.gz is damaged, or no archive of CIFAR-10"):
        read_cifar(path)
    path.write_text("no archive")
    with pytest.raises(ValueError, match=r"c.tar.gz is damaged, or no archive of CIFAR-10"):
        read_cifar(path)
    with tarfile.open(path, "w:gz") as file:
        file.addfile(tarfile.TarInfo("other/readme"))
    with pytest.raises(ValueError, match=r"neither cifar-10-batches-py/ nor .* but other/readme"):
        read_cifar(path)
    with pytest.raises(ValueError, match="none cannot be read"):
        read_cifar(tmp_path / "none")


@each_kind
def test_cifar_is_found_and_parted(tmp_path, monkeypatch, kind):
    path = archive(tmp_path / "c.tar.gz", kind)
    asked = []
    monkeypatch.setattr(images, "find", lambda name: asked.append(name) or path)
    monkeypatch.setattr(images, "_parted", lambda given, validation, test, names: (len(given), validation, len(test)))
    assert data.cifar10(kind) == (15, 5000, 3)
    assert asked == [{"python": "cifar-10", "binary": "cifar-10-binary"}[kind]]
    with pytest.raises(ValueError, match="archives python and binary; it was asked for 'matlab'"):
        data.cifar10("matlab")


# Parts ------------------------------------------------------------------------------------------------------

def small(n=30):
    return Images(np.arange(n, dtype=np.uint8).reshape(n, 1, 1, 1), np.arange(n) % 10)


def test_the_parting_is_drawn_once_and_for_ever():
    parts = images._parted(small(), 6, small(4), tuple("abcdefghij"))
    assert parts.validation.pixels.ravel().tolist() == [4, 7, 15, 18, 20, 25]
    assert sorted([*parts.train.pixels.ravel(), *parts.validation.pixels.ravel()]) == list(range(30))
    assert (parts.train.labels == parts.train.pixels.ravel() % 10).all()


def test_some_labels_alone():
    parts = ImageParts(small(), small(12), small(5), tuple("abcdefghij")).of(range(5, 10))
    assert parts.names == tuple("fghij") and len(parts.test) == 0
    assert parts.validation.pixels.ravel().tolist() == [5, 6, 7, 8, 9]
    assert parts.validation.labels.tolist() == [0, 1, 2, 3, 4]
    assert set(parts.train.labels) == set(range(5)) and parts.train.pixels.dtype == np.uint8


def test_some_images_alone():
    few, more = small().drawn(5), small().drawn(9)
    assert few.pixels.ravel().tolist() == sorted(few.pixels.ravel()) and len(few) == 5
    assert (few.labels == few.pixels.ravel() % 10).all() and set(few.pixels.ravel()) < set(more.pixels.ravel())
    with pytest.raises(ValueError, match="asks for 31 examples, and the training part has 30"):
        small().drawn(31)


@needs_data
@pytest.mark.parametrize("name, sizes", [("mnist", [4_500, 500, 10_000]), ("fashion_mnist", [55_000, 5_000, 10_000])])
def test_the_data_sets(name, sizes):
    """The docstring states the same numbers; no image of one part is in another."""
    parts = getattr(data, name)()
    assert [len(part) for part in parts[:3]] == sizes and len(parts.names) == 10
    assert all(f"{size:,}" in getattr(data, name).__doc__ for size in sizes)
    for part in parts[:3]:
        assert part.pixels.dtype == np.uint8 and part.pixels.shape[1:] == (1, 28, 28)
        counts = np.bincount(part.labels, minlength=10)
        assert len(counts) == 10 and counts.min() > 0.07 * len(part)
    if name == "mnist":
        train, validation, test = ({image.tobytes() for image in part.pixels} for part in parts[:3])
        assert not train & validation and not train & test and not validation & test
