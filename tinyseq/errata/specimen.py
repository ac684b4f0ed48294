"""What a specimen is: a faulty thing that runs, its sound twin, and the numbers that tell them apart.

    @specimen("recursion-from-zero", "7.1", "layers/recurrent/rnn.py")
    def recursion_from_zero() -> list[Row]:
        '''One line that says what is wrong.

        Book    the equation, or what the program does, in our notation
        Wrong   why
        Cure    what the sound twin does instead'''

The docstring is the story that `tinyseq errata ID` prints, above the rows that the function returns. The sound twin is
the library's own, never a copy of it: the file named in the decorator is where to read it.
"""
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One thing measured twice. Numbers, or a word; None where one of the two has nothing to show. What the library
    says of a faulty call is a row with a sentence for `faulty`."""
    what: str
    faulty: Any
    sound: Any


@dataclass(frozen=True)
class Specimen:
    """A fault by its id.

    sections    where the book has it: "7.2, 8.3", "introduction", "techniques"
    sound       the file of tinyseq that holds the sound twin
    run         the measurement; the first row is the one that the list shows
    slow        whether it takes longer than a reader of the list would wait"""
    id: str
    sections: str
    sound: str
    run: Callable[[], list[Row]]
    slow: bool

    @property
    def title(self) -> str:
        """What is wrong, in one line."""
        return self.story.splitlines()[0].rstrip(".")

    @property
    def story(self) -> str:
        """The docstring of the measurement."""
        return inspect.getdoc(self.run) or ""


SPECIMENS: dict[str, Specimen] = {}      # by id; each page fills in its own when it is imported


def specimen(id: str, sections: str, sound: str, slow: bool = False) -> Callable[[Callable], Callable]:
    """Lists the function below as a specimen."""
    def listed(run: Callable[[], list[Row]]) -> Callable[[], list[Row]]:
        assert id not in SPECIMENS, f"two specimens are called {id}"
        SPECIMENS[id] = Specimen(id, sections, sound, run, slow)
        return run
    return listed


WIDEST = 16                              # characters of a number or a word in the table


def table(rows: list[Row]) -> str:
    """The rows, to be read: what was measured, and below it what was said."""
    said = [row for row in rows if len(written(row.faulty)) > WIDEST]
    measured = [row for row in rows if row not in said]
    width = max(len(row.what) for row in measured)
    lines = [f"{row.what:<{width}}  {written(row.faulty):>{WIDEST}}  {written(row.sound):>{WIDEST}}"
             for row in [Row("", "faulty", "sound"), *measured]]
    return "\n".join([*lines, *(f"{row.what}: {row.faulty}" for row in said)])


def written(value: Any) -> str:
    """A number with as many digits as a reader compares."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.1f}" if 1000 <= abs(value) < 1e7 else f"{float(value):.4g}"
