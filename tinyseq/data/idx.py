"""Two formats of MNIST: IDX, that of its authors, and rows of pixels in CSV.

IDX is a header of big-endian numbers, then the entries as bytes (LeCun, Cortes and Burges 1998):

    0 0 8 n     two zeros; 8 for bytes without sign; the number of axes
    4 bytes     the size of an axis, n times
"""
from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

from tinyseq.backend import host
from tinyseq.data.lines import malformed, numbered_lines

np = host.np

Array = host.np.ndarray
SIDE = 28                              # of an image of MNIST


def read_idx(path: Path, axes: int) -> Array:
    """The bytes of an IDX file, gzipped if its name ends in .gz: images (N, height, width) have three axes, labels (N,)
    one. Raises ValueError for a file that is missing, damaged, truncated or of another kind."""
    path = Path(path)
    content = _content(path)
    head = 4 + 4 * axes
    if content[:4] != bytes([0, 0, 8, axes]) or len(content) < head:
        raise ValueError(f"{path} is no IDX file of {axes} axes of bytes: it should begin with 0 0 8 {axes}; it has "
                         f"{len(content):,} bytes and begins with {' '.join(map(str, content[:4])) or 'nothing'}; put "
                         "the authors' file there")
    sizes = tuple(np.frombuffer(content, ">u4", axes, offset=4).tolist())
    if len(content) != head + math.prod(sizes):
        raise ValueError(f"{path} is truncated, or has too much: its header says {' x '.join(map(str, sizes))} "
                         f"entries, which make {head + math.prod(sizes):,} bytes; it has {len(content):,}; put the "
                         "whole file there")
    return np.frombuffer(content, np.uint8, offset=head).reshape(sizes)


def read_mnist_csv(path: Path) -> tuple[Array, Array]:
    """Images (N, 28, 28) as bytes and labels (N,), from rows of 784 pixels and the label, without a line of names.
    Raises ValueError, with the line's number, for a row of another kind."""
    rows = []
    for number, line in numbered_lines(path):
        try:
            row = np.array(line.split(","), float)
        except ValueError:
            row = np.zeros(0)
        if len(row) != SIDE * SIDE + 1 or not ((row >= 0) & (row <= 255) & (row == row.round())).all() or row[-1] > 9:
            raise malformed(path, number, line, f"{SIDE * SIDE} whole numbers from 0 to 255 and a digit, separated by "
                                                "commas")
        rows.append(row.astype(np.uint8))
    table = np.stack(rows)
    return table[:, :-1].reshape(-1, SIDE, SIDE), table[:, -1].astype(int)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is damaged ({error}); delete it and fetch it again") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror or error}); put the file there") from None
