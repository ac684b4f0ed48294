"""The two archives of CIFAR-10 (Krizhevsky 2009): for Python, and for everyone else.

    cifar-10-python.tar.gz    cifar-10-batches-py/data_batch_1 .. _5, test_batch: pickled dicts,
                              b"data" (10000, 3072) in bytes, b"labels" a list
    cifar-10-binary.tar.gz    cifar-10-batches-bin/data_batch_1.bin .. _5.bin, test_batch.bin: records of 3,073 bytes,
                              the label and 3,072 pixels

In both, an image is its red, its green and its blue plane, row by row. A pickle can run any program when it is read;
ours may make arrays of numbers and nothing else.
"""
from __future__ import annotations

import codecs
import io
import pickle
import tarfile
import zlib
from pathlib import Path
from typing import Any

from tinyseq.backend import host

np = host.np

Array = host.np.ndarray
SHAPE = (3, 32, 32)                    # colours, height, width
PIXELS = 3 * 32 * 32
CLASSES = 10
Part = tuple[host.np.ndarray, host.np.ndarray]       # pixels (N, 3, 32, 32) in bytes, labels (N,)


def read_cifar(path: Path) -> tuple[Part, Part]:
    """What there is to train, and what there is to test, of either archive; which one it is, its members say.

    Raises ValueError for a file that is missing, damaged, or no archive of CIFAR-10, and names the member."""
    path = Path(path)
    try:
        with tarfile.open(path) as archive:
            members = {member.name.removeprefix("./"): member for member in archive.getmembers() if member.isfile()}
            folder, ending, read = _kind(path, members)
            parts = [[f"{folder}/data_batch_{n}{ending}" for n in range(1, 6)], [f"{folder}/test_batch{ending}"]]
            train, test = ([_member(path, archive, members, name, read) for name in names] for names in parts)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is damaged, or no archive of CIFAR-10 ({error}); delete it and fetch it again"
                         ) from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror or error}); put the archive there") from None
    return _joined(train), _joined(test)


def _kind(path: Path, members: dict[str, Any]) -> tuple[str, str, Any]:
    """The folder, the ending and the reader of an archive's members."""
    for folder, ending, read in (("cifar-10-batches-py", "", _pickled), ("cifar-10-batches-bin", ".bin", _records)):
        if any(name.startswith(f"{folder}/") for name in members):
            return folder, ending, read
    raise ValueError(f"{path} is no archive of CIFAR-10: it has neither cifar-10-batches-py/ nor cifar-10-batches-bin/ "
                     f"in it, but {', '.join(list(members)[:3]) or 'nothing'}; put the author's archive there")


def _member(path: Path, archive: tarfile.TarFile, members: dict[str, Any], name: str, read: Any) -> Part:
    if name not in members:
        raise ValueError(f"{path} lacks {name}: it is incomplete; delete it and fetch it again")
    stream = archive.extractfile(members[name])
    assert stream is not None                              # it is a file
    try:
        pixels, labels = read(stream.read())
    except Exception as error:                             # a pickle that is none may raise anything
        raise ValueError(f"{path}, {name}: expected {PIXELS:,} bytes an image and labels from 0 to {CLASSES - 1} "
                         f"({error}); put the author's archive there") from None
    return pixels.reshape(-1, *SHAPE), labels


def _pickled(content: bytes) -> Part:
    batch = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
    return _checked(batch[b"data"], np.array(batch[b"labels"]))


def _records(content: bytes) -> Part:
    if not content or len(content) % (1 + PIXELS):
        raise ValueError(f"its {len(content):,} bytes are no whole number of records of {1 + PIXELS:,}")
    records = np.frombuffer(content, np.uint8).reshape(-1, 1 + PIXELS)
    return _checked(records[:, 1:], records[:, 0].astype(int))


def _checked(pixels: Array, labels: Array) -> Part:
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != PIXELS:
        raise ValueError(f"its pixels are {pixels.dtype} of shape {pixels.shape}")
    if labels.shape != (len(pixels),) or labels.dtype.kind != "i" or not ((labels >= 0) & (labels < CLASSES)).all():
        raise ValueError(f"its labels are {labels.dtype} of shape {labels.shape}, for {len(pixels)} images")
    return pixels, labels


def _joined(parts: list[Part]) -> Part:
    return np.concatenate([pixels for pixels, _ in parts]), np.concatenate([labels for _, labels in parts])


_RECONSTRUCT = np.zeros(0).__reduce__()[0]            # what NumPy's pickles call, wherever it lies today
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT, ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray, ("numpy", "dtype"): np.dtype, ("_codecs", "encode"): codecs.encode}


class _ArraysOnly(pickle.Unpickler):
    """Reads dicts, lists, numbers, texts and arrays; refuses to call anything else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no part of an array")
        return _ALLOWED[module, name]
