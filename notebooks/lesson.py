"""What every lesson uses: code of the library as it stands there, the book's faults, measurements, pictures.

    from lesson import equations, errata, fault, picture, result, show

A notebook finds this page because Jupyter starts it in its own folder. None of it is needed to use tinyseq.
"""
import inspect
import json
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import tinyseq
from tinyseq import errata as lab

ROOT = Path(tinyseq.__file__).parents[1]


class Shown:
    """Text of the library in a notebook: with colours where Markdown is rendered, plain where it is not.

    name    "show tinyseq.layers.recurrent.rnn:rnn_step", from which `again` makes the same: it goes into the notebook's
            metadata, and tells later whether the library has changed since (run.py)"""

    def __init__(self, name: str, place: str, text: str, language: str):
        self.name, self.place, self.text, self.language = name, place, text, language

    def __repr__(self) -> str:
        return f"{self.place}\n\n{self.text}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        markdown = f"`{self.place}`\n\n```{self.language}\n{self.text}\n```"
        return {"text/plain": repr(self), "text/markdown": markdown}, {"tinyseq": self.name}


def show(thing: Any) -> Shown:
    """The source of a function, a class or a module of the library, with its file and line."""
    lines, first = inspect.getsourcelines(inspect.unwrap(thing))
    return Shown(f"show {_name(thing)}", f"{_file(thing)}, line {max(first, 1)}", "".join(lines).rstrip(), "python")


def equations(thing: Any) -> Shown:
    """The docstring of a module, a class or a function, which is where the library writes its equations."""
    where = "at its head" if inspect.ismodule(thing) else f"in {thing.__name__}"
    return Shown(f"equations {_name(thing)}", f"{_file(thing)}, {where}", inspect.getdoc(thing) or "", "text")


def again(name: str) -> Shown:
    """What show or equations makes of a thing today. Raises AttributeError or ImportError where it is gone."""
    maker, _, thing = name.partition(" ")
    module, _, inside = thing.partition(":")
    found: Any = import_module(module)
    for part in filter(None, inside.split(".")):
        found = getattr(found, part)
    return {"show": show, "equations": equations}[maker](found)


def _name(thing: Any) -> str:
    """ "tinyseq.layers.recurrent.rnn:rnn_step", or "tinyseq.autograd" of a module """
    return thing.__name__ if inspect.ismodule(thing) else f"{thing.__module__}:{thing.__qualname__}"


def _file(thing: Any) -> str:
    return Path(inspect.getsourcefile(inspect.unwrap(thing)) or "").resolve().relative_to(ROOT.resolve()).as_posix()


def result(name: str) -> Any:
    """A measurement of benchmarks/results/, and a line that says so. name: "exploding", "chapters/deep_lstm"."""
    path = ROOT / "benchmarks" / "results" / f"{name}.json"
    print(f"Loaded, not computed here: benchmarks/results/{name}.json, which `python benchmarks/"
          f"{name.partition('/')[0]}.py` writes.")
    return json.loads(path.read_text(encoding="utf-8"))


def errata(section: str) -> None:
    """Print what is wrong in a section of the book: each fault's id, title, and first number, faulty and sound."""
    for found in lab.specimens().values():
        if any(_holds(part, section) for part in found.sections.split(", ")):
            print(f"{found.id}: {found.title}")
            if found.slow:
                print(f"    takes longer: tinyseq errata {found.id}")
            else:
                row = found.run()[0]
                print(f"    {row.what}: {lab.written(row.faulty)}, sound {lab.written(row.sound)}")


def _holds(sections: str, section: str) -> bool:
    """Whether "7.1-7.5" holds "7.3"; a name such as "techniques" holds itself."""
    first, _, last = sections.partition("-")
    return first <= section <= (last or first)


def fault(id: str) -> None:
    """Print one fault of the book, its cure and all their numbers."""
    print(lab.story(lab.find(id)))


class Picture:
    """A PNG in a notebook; its title is what a screen reader says of it."""

    def __init__(self, png: bytes, title: str):
        self.png, self.title = png, title

    def __repr__(self) -> str:
        return f"picture: {self.title}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        return {"text/plain": repr(self), "image/png": self.png}, {"image/png": {"alt": self.title}}


def picture(draw: Callable[..., None], *args: Any, title: str, **settings: Any) -> Picture:
    """What a function of tinyseq.pictures draws, in 64 colours, which a figure of lines and cells does not exceed by
    much and which make its file a third as large."""
    from PIL import Image  # comes with matplotlib

    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder) / "large.png", Path(folder) / "small.png"
        draw(path, *args, title=title, **settings)
        Image.open(path).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(small, optimize=True)
        return Picture(small.read_bytes(), title)
