"""The equation of one entry with the numbers put in: 0.62 * 0.1 + 0.38 * -0.51 = -0.132."""
import re
from typing import Any

from tinyseq.tracing import plain
from tinyseq.tracing.plain import formulas as f
from tinyseq.tracing.plain.arrays import index_of
from tinyseq.tracing.plain.run import numbers_of
from tinyseq.tracing.rows import BackwardRow, Inner, Row, Step, Use, Value, plain_arguments, plain_settings

OPEN = (f.SAME, f.ADD, f.SUM, f.TANH, f.SIGMOID, f.RELU, f.SQRT, f.MAX, f.MEAN)    # what they hold needs no brackets
MANY = 6                                                   # terms of a gradient that are written out


def word(x: float) -> str:
    """A number, to three places."""
    return f"{x:.3g}" if x else "0"


class Arithmetic:
    """Writes out entries of rows; what it has worked out of a step is kept for the next entry."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[list[Any], list[tuple[tuple[int, ...], list[Any]]]]] = {}
        self._slopes: dict[tuple[int, int], dict[int, list[tuple[float, float]]]] = {}

    def forward(self, row: Row, place: int) -> str:
        """Of the entry at this place of the row's list of numbers; where an op is not in plain/, its name alone."""
        if not all(plain.is_known(step.op, step.settings) for step in row.steps):
            return f"{row.steps[-1].op}(...) = {word(row.value.reshape(-1)[place])}"
        text, value = self._text(row.steps[-1], row.result, place), word(row.value.reshape(-1)[place])
        sources = self.made_of(row, place)
        if text == value and len(sources) == 1:            # it only stands elsewhere now
            source, at = sources[0]
            text = f"{source.symbol}[{', '.join(map(str, index_of(at, source.value.shape)))}]"
        return f"{text} = {value}"

    def made_of(self, row: Row, place: int) -> list[tuple[Row | Value, int]]:
        """The numbers of other rows, of parameters and of data that an entry is computed from; none where an op is not
        in plain/."""
        if not all(plain.is_known(step.op, step.settings) for step in row.steps):
            return []
        found: dict[tuple[int, int], tuple[Row | Value, int]] = {}
        waiting: list[tuple[Step, int, int]] = [(row.steps[-1], row.result, place)]
        while waiting:
            step, slot, at = waiting.pop()
            for k, i in self._step(step)[1][slot][1][at][1]:
                argument = step.arguments[k] if k < len(step.arguments) else None
                if isinstance(argument, Inner):
                    waiting.append((argument.step, argument.slot, i))
                elif isinstance(argument, Row | Value):
                    found.setdefault((id(argument), i), (argument, i))
        return list(found.values())

    def backward(self, row: BackwardRow, place: int) -> str:
        """The sum of what comes from each use, each as the gradient there times the slope."""
        if not row.uses:
            return "dL/dL = 1"
        parts = [f"{terms} [{use.label}]" for use, terms in self.contributions(row, place)]
        return f"{' + '.join(parts) or '0'} = {word(row.value.reshape(-1)[place])}"

    def contributions(self, row: BackwardRow, place: int) -> list[tuple[Use, str]]:
        """What each use sends back to one entry, the gradient there times the slope; uses that it has no part in are
        left out."""
        found = []
        for use in row.uses:
            terms = [f"{word(dy)} * {word(slope)}" for dy, slope in self._handed_on(use).get(place, [])]
            if terms:
                found.append((use, " + ".join(terms[:MANY]) + (" + ..." if len(terms) > MANY else "")))
        return found

    def _step(self, step: Step) -> tuple[list[Any], list[tuple[tuple[int, ...], list[Any]]]]:
        """The numbers that a step was given, and how its entries are made of them."""
        if id(step) not in self._known:
            arguments, settings = plain_arguments(step, {}), plain_settings(step)
            self._known[id(step)] = (numbers_of(step.op, arguments, settings),
                                     plain.entries_of(step.op, arguments, settings))
        return self._known[id(step)]

    def _text(self, step: Step, slot: int, place: int) -> str:
        given, entries = self._step(step)
        formula, where = entries[slot][1][place]
        words = []
        for k, i in where:
            argument = step.arguments[k] if k < len(step.arguments) else None
            if isinstance(argument, Inner):
                inner = self._text(argument.step, argument.slot, i)
                words.append(inner if formula in OPEN or _is_one(inner) else f"({inner})")
            else:
                words.append(word(given[k].data[i]))
        return formula.text(words)

    def _handed_on(self, use: Use) -> dict[int, list[tuple[float, float]]]:
        """{place: (gradient of a result, how much it moves with the number there)} of one use."""
        step, argument = use.by.steps[use.argument[0]], use.argument[1]
        if not plain.is_known(step.op, step.settings):
            return {}
        if (id(step), argument) not in self._slopes:
            found: dict[int, list[tuple[float, float]]] = {}
            given, results = self._step(step)
            for (_, entries), dys in zip(results, step.gradients, strict=True):
                for (formula, where), dy in zip(entries, dys.reshape(-1).tolist(), strict=True):
                    if not any(k == argument for k, _ in where):
                        continue
                    xs = [given[k].data[i] for k, i in where]
                    for (k, i), slope in zip(where, formula.slopes(xs, formula.value(xs)), strict=True):
                        if k == argument:
                            found.setdefault(i, []).append((dy, slope))
            self._slopes[id(step), argument] = found
        return self._slopes[id(step), argument]


def _is_one(text: str) -> bool:
    """A number or one function of something: nothing that an operator beside it would tear apart."""
    return " " not in text or re.fullmatch(r"[a-z]+\([^()]*\)", text) is not None
