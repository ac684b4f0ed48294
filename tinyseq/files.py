"""Arrays by name in one file: safetensors, a format that holds numbers and text and can run no code when it is read.

A file is written beside its place and moved there once it is safe on the disk, so whatever happens in between, the
file that was there before stays whole.
"""
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tinyseq.backend import host, to_host


class Loaded(NamedTuple):
    """What `load` returns; it can be unpacked as a pair."""
    tensors: dict[str, Any]            # NumPy arrays by name
    metadata: dict[str, str]


def save(path: str | os.PathLike, tensors: Mapping[str, Any], metadata: Mapping[str, str] | None = None) -> None:
    """Write arrays of either backend by name, and strings by name beside them, replacing the file that was there.

    Raises  ValueError for names or metadata that are no strings, for arrays that are not made of numbers, and where
            nothing can be written at `path`; a file that was there is then unchanged."""
    from safetensors import SafetensorError
    from safetensors.numpy import save as to_bytes

    path = Path(path)
    metadata = dict(metadata or {})
    _check_strings(tensors, metadata)
    # In C order: safetensors 0.8.0 writes the memory of a transposed array as it lies, under the transposed shape.
    arrays = {name: host.np.asarray(to_host(array), order="C") for name, array in tensors.items()}
    try:
        content = to_bytes(arrays, metadata or None)       # an empty dict would make a file that cannot be read
    except SafetensorError as error:
        raise ValueError(f"{path} was not written, because safetensors does not hold such arrays: {error}") from None
    try:
        write_atomically(path, content)
    except OSError as error:
        raise ValueError(f"{path} cannot be written ({error.strerror}): choose a file in a folder that exists, "
                         "on a disk with room, where you may write") from error


def load(path: str | os.PathLike) -> Loaded:
    """The arrays of a safetensors file, as NumPy arrays of their own memory, and its metadata.

    Raises  ValueError if there is no such file, or it is no safetensors file, or a damaged one, or if it holds
            numbers of a kind that NumPy has not, such as bfloat16."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give the file inside it")
    try:
        with safe_open(path, framework="numpy") as file:
            return Loaded({name: _tensor(path, file, name) for name in file.keys()}, file.metadata() or {})
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}: check the name") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error}): check that it is a file you may read") from error
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged, or was never a safetensors file ({error}): take another copy, or "
                         "save it again") from None


def _tensor(path: Path, file: Any, name: str) -> Any:
    try:
        return file.get_tensor(name)
    except (TypeError, AttributeError):                    # NumPy was asked for a type by a name that it does not know
        part = file.get_slice(name)
        raise ValueError(f"{name} in {path}, of shape {tuple(part.get_shape())}, is of {part.get_dtype()} numbers, and "
                         "NumPy has none such: convert it to float32 where the file was made") from None


def _check_strings(tensors: Mapping[str, Any], metadata: Mapping[str, str]) -> None:
    for name in tensors:
        if not isinstance(name, str) or name == "__metadata__":    # the format keeps that name for itself
            raise ValueError(f"arrays are saved under names of your choice, except '__metadata__'; got {name!r}")
    for key, value in metadata.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise ValueError(f"metadata are strings by name; got {key!r}: {value!r}. Write numbers as str(number)")


def write_atomically(path: Path, content: bytes) -> None:
    """The whole file or none: it is written beside its place and moved there once it is safe on the disk."""
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
