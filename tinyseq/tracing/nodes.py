"""What the step-through page knows of each number: its equation with the numbers put in, its lines, its axes."""
import linecache
import re
from collections.abc import Sequence
from typing import Any

from tinyseq.tracing.arithmetic import Arithmetic, word
from tinyseq.tracing.derivatives import explained_by_hand
from tinyseq.tracing.rows import BackwardRow, Row, Value
from tinyseq.tracing.source import HERE, NUMBER, explained
from tinyseq.tracing.symbols import base
from tinyseq.tracing.table import short

MOST = 160                             # numbers of a row that the page has; of larger ones it says how many more
SOURCES = 48                           # of the numbers that one is made of


class Nodes:
    """made      a dictionary for each given value, forward row and backward row, in this order
    number_of    {id of a value or row: its place in made}
    texts        the docstrings that the equations stand in: [whose, [line, ...]]
    lines        {file:line: what stands there}, of every line that a node names"""

    def __init__(self, given: Sequence[Value], forward: Sequence[Row], backward: Sequence[BackwardRow]):
        self.number_of = {id(x): i for i, x in enumerate([*given, *forward, *backward])}
        self.texts: list[tuple[str, list[str]]] = []
        self.lines: dict[str, str] = {}
        self._arithmetic = Arithmetic()
        self.made = [*map(self._of_value, given), *map(self._of_row, forward), *map(self._of_gradient, backward)]

    def _node(self, symbol: str, value: Any, sizes: list[str], **more: Any) -> dict[str, Any]:
        """What every node has; `more` says the rest."""
        flat = value.reshape(-1)
        words = [word(x) if value.dtype.kind == "f" else str(int(x)) for x in flat[:MOST].tolist()]
        return {"symbol": symbol, "base": base(symbol), "number": "", "equation": "", "at": [], "place": "",
                "module": "", "names": [], "back": [], "axes": sizes, "of": None, "inputs": [], "text": [],
                "made_of": [], "parts": [], "shape": list(value.shape), "value": words,
                "more": flat.size - len(words)} | more

    def _of_value(self, value: Value) -> dict[str, Any]:
        where = value.path if value.kind == "parameter" else "data"
        return self._node(value.symbol, value.value, _sizes(value.axes, value.value.shape), module=where)

    def _of_row(self, row: Row) -> dict[str, Any]:
        shown = range(min(row.value.size, MOST))
        made_of = [[[self.number_of[id(x)], i] for x, i in self._arithmetic.made_of(row, place)[:SOURCES]]
                   for place in shown]
        return self._node(
            row.symbol, row.value, _axes(row), base=base(row.called), number=row.number,
            equation=short(row.equation, 110), at=self._explanations(row), place=self._line(row.place),
            module=row.module, back=[self._line(place) for place in row.backward],
            names=[f"{symbol} {number} {place}" for symbol, number, place in row.names],
            inputs=[self.number_of[id(x)] for x in row.inputs], made_of=made_of,
            text=[self._arithmetic.forward(row, place) for place in shown])

    def _of_gradient(self, row: BackwardRow) -> dict[str, Any]:
        called = row.of.called if isinstance(row.of, Row) else row.of.symbol
        parts = [[[self.number_of[id(use.by)], use.label, terms, word(use.gradient.reshape(-1)[place])]
                  for use, terms in self._arithmetic.contributions(row, place)]
                 for place in range(min(row.value.size, MOST))]
        by = {id(use.by): use.by for use in row.uses}.values()
        at = [found for one in by for found in self._explanations(one)]
        return self._node(
            row.symbol, row.value, _axes(row), base=f"dL/d{base(called)}", number=row.number, equation=row.equation,
            at=[list(one) for one in dict.fromkeys(map(tuple, at))], module=row.module,
            back=[self._line(place) for place in row.place.split(", ") if place], of=self.number_of[id(row.of)],
            parts=parts)

    # What stands in the source ------------------------------------------------------------------------------------

    def _explanations(self, row: Row) -> list[list[Any]]:
        """[number, text, line] of a row's equations: which docstring, and which line of it."""
        path = row.place.removeprefix("tinyseq/").rpartition(":")[0]
        found = []
        for number in row.numbers:
            whose, docstring = explained(path, row.function, number)
            if docstring:
                text = self._text(whose, docstring)
                found.append([number, text, _line_of(number, self.texts[text][1])])
        return found

    def by_hand(self, row: Row) -> int | None:
        """The docstring of the page's backward pass by hand, if it has one."""
        whose, docstring = explained_by_hand(row.place.removeprefix("tinyseq/").rpartition(":")[0])
        return self._text(whose, docstring) if docstring else None

    def _text(self, whose: str, docstring: str) -> int:
        entry = (whose, docstring.splitlines())
        if entry not in self.texts:
            self.texts.append(entry)
        return self.texts.index(entry)

    def _line(self, place: str) -> str:
        """The place; what stands there is kept."""
        file, _, line = place.rpartition(":")
        path = HERE.parent / file if file.startswith("tinyseq/") else file
        self.lines[place] = re.sub(r"\s+#", "  #", linecache.getline(str(path), int(line)).strip())
        return place


def _line_of(number: str, lines: list[str]) -> int:
    """The line of a docstring that the equation of this number stands in."""
    return next(i for i, line in enumerate(lines) if " = " in line and number in NUMBER.findall(line))


def _axes(row: Row | BackwardRow) -> list[str]:
    return _sizes(row.axes, row.shape)


def _sizes(names: Sequence[str], shape: Sequence[int]) -> list[str]:
    """ ["B = 2", "head = 4"] """
    pairs = zip(names, shape, strict=True)
    return [name if name.isdigit() else f"{'head' if name == 'nh' else name} = {n}" for name, n in pairs]
