"""A practice's comparison: an experiment, and the table that was filled by it.

    @practice("practice-7.1", "7.1", {"H": (8, 32), "T": (5, 20)}, measures="RMSE, parameters", seconds=20)
    def forecasting() -> Baseline: ...

An experiment is a function of a row's settings that trains and returns the measures. What is checked: that the table
has all rows; that an experiment repeated returns the row's numbers; that the best row beats the baseline.
"""
import inspect
import itertools
import json
import math
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tinyseq.exercises.child import run
from tinyseq.exercises.verdict import Verdict

Row = dict[str, Any]                     # settings and measures, by name
PARTS = ("rows", "numbers", "baseline")
NEAR = 0.01                              # threads may sum in another order, and training makes the difference larger


class Baseline(NamedTuple):
    """What has to be beaten: in words, its value, and whether less is better."""
    words: str
    value: float
    less_is_better: bool


@dataclass(frozen=True)
class Practice:
    """A practice by its id.

    settings    name -> the values of the comparison; a row is one of each
    measures    what an experiment returns, in order. The first is what the baseline is beaten in; "seconds" is a time,
                which is another one each time
    seconds     that an experiment may take
    baseline    computes what has to be beaten"""
    id: str
    section: str
    settings: dict[str, tuple[Any, ...]]
    measures: list[str]
    seconds: float
    baseline: Callable[[], Baseline] = field(repr=False)

    @property
    def function(self) -> str:
        """The name of the experiment in a notebook or a file; that of the table has `_table` behind it."""
        return re.sub(r"\W", "_", self.id)

    @property
    def question(self) -> str:
        """What is asked."""
        return inspect.getdoc(self.baseline) or ""

    @property
    def title(self) -> str:
        """Its first line."""
        return self.question.splitlines()[0].rstrip(".")

    def rows(self) -> list[Row]:
        """The settings of all rows."""
        return [dict(zip(self.settings, values, strict=True)) for values in itertools.product(*self.settings.values())]


PRACTICES: dict[str, Practice] = {}      # by id; each page fills in its own when it is imported


def practice(id: str, section: str, settings: dict[str, tuple[Any, ...]], measures: str,
             seconds: float = 60.0) -> Callable[[Callable[[], Baseline]], Callable[[], Baseline]]:
    """Lists the function below as a practice: its docstring is the question, and it computes the baseline."""
    def listed(baseline: Callable[[], Baseline]) -> Callable[[], Baseline]:
        assert id not in PRACTICES, f"two practices are called {id}"
        PRACTICES[id] = Practice(id, section, settings, measures.split(", "), seconds, baseline)
        return baseline
    return listed


def examined(practice: Practice, experiment: Callable[..., Any], table: Sequence[Row]) -> Verdict:
    """The verdict on an experiment and its table. Raises ValueError for what is none."""
    if not callable(experiment) or not isinstance(table, list | tuple):
        raise ValueError(f"{practice.id}: check({practice.id!r}, {practice.function}, table) takes the experiment, a "
                         "function, and the table, a list of rows")
    if trouble := _of_rows(practice, table):
        return _verdict(practice, trouble, PARTS)
    row = table[zlib.crc32(json.dumps(table, sort_keys=True, default=float).encode()) % len(table)]     # drawn by it
    if trouble := _of_numbers(practice, experiment, row):
        return _verdict(practice, trouble, PARTS[1:])
    return _of_baseline(practice, table, row)


def _of_rows(practice: Practice, table: Sequence[Row]) -> str:
    """What is wrong with the rows; "" if nothing is."""
    names = [*practice.settings, *practice.measures]
    for number, row in enumerate(table, 1):
        if not isinstance(row, dict):
            return f"row {number} is a {type(row).__name__}: a row is a dict, {{{', '.join(map(repr, names))}}}."
        if missing := [name for name in names if name not in row]:
            return f"row {number} lacks {', '.join(missing)}: a row has {', '.join(names)}."
        for name in practice.measures:
            if not isinstance(row[name], int | float) or not math.isfinite(row[name]):
                return f"{name} of row {number} is {row[name]!r}, and should be a finite number."
    found = [{name: row[name] for name in practice.settings} for row in table]
    for wanted in practice.rows():
        if (times := found.count(wanted)) != 1:
            return f"the row {_written(wanted)} is {'missing' if not times else f'there {times} times'}."
    return "" if len(table) == len(practice.rows()) else "it has rows that nobody asked for."


def _of_numbers(practice: Practice, experiment: Callable[..., Any], row: Row) -> str:
    """What is wrong when the experiment of a row is made again; "" if nothing is."""
    settings = {name: row[name] for name in practice.settings}
    conduct = run(lambda *values: experiment(**dict(zip(settings, values, strict=True))), [settings], practice.seconds)
    if not conduct.calls:
        return (f"the experiment was made again with {_written(settings)}, and {conduct.ending}. A row may take "
                f"{practice.seconds:g} seconds.")
    made = conduct.calls[0]
    if made.error.startswith("NotImplementedError"):
        return "nothing is written there yet: put your lines where `raise NotImplementedError` stands."
    if made.error:
        return f"the experiment was made again with {_written(settings)}, and stops with {made.error}"
    again = [float(x) for x in made.returned or [] if x is not None and not x.ndim]
    if len(again) != len(practice.measures):
        return (f"the number of results is {len(again)}, and should be {len(practice.measures)}: "
                f"{', '.join(practice.measures)}.")
    for name, value in zip(practice.measures, again, strict=True):
        if name != "seconds" and not math.isclose(value, row[name], rel_tol=NEAR):
            return (f"with {_written(settings)} the table says {name} {row[name]:.6g}, and the experiment made again "
                    f"{value:.6g}: fix the seed (backend.manual_seed, Recipe(seed=...)), and fill the table by the "
                    "experiment as it is now.")
    return ""


def _of_baseline(practice: Practice, table: Sequence[Row], drawn: Row) -> Verdict:
    """Whether the best row beats the baseline."""
    words, value, less = practice.baseline()
    name = practice.measures[0]
    best = (min if less else max)(table, key=lambda row: row[name])
    settings = _written({key: best[key] for key in practice.settings})
    said = f"{settings} reaches {name} {best[name]:.6g}, {words} {value:.6g}"
    if (best[name] < value) != less or best[name] == value:
        return _verdict(practice, f"the best row does not beat the baseline: {said}. Train longer, or with another "
                                  "rate, within the budget.", PARTS[2:])
    again = _written({key: drawn[key] for key in practice.settings})
    return Verdict(True, f"{practice.id}, right: all {len(table)} rows are there; the row {again}, made again, has the "
                         f"same numbers; the best, {said}.", len(PARTS))


def _verdict(practice: Practice, trouble: str, wrong: tuple[str, ...]) -> Verdict:
    return Verdict(False, f"{practice.id}, not yet: {trouble}", len(PARTS), wrong)


def _written(settings: Row) -> str:
    return ", ".join(f"{name} = {value}" for name, value in settings.items())
