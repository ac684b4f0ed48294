"""From the calls of an answer to a verdict in a few lines: right, or the first thing that is wrong."""
import re
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from tinyseq.backend import host
from tinyseq.exercises.child import Call, Conduct
from tinyseq.exercises.compare import Around, Difference, difference, same, vague
from tinyseq.exercises.exercise import Case, Exercise
from tinyseq.exercises.fingerprints import explained
from tinyseq.exercises.probes import usual

np = host.np


class Called(NamedTuple):
    """A case; what came back for it, symbol -> array; and what the probe has said of it, symbol -> words."""
    case: Case
    results: dict[str, Any]
    notes: dict[str, str]


@dataclass
class Verdict:
    """What is said of an answer.

    right    whether nothing is wrong
    words    the lines to be printed
    parts    how many results there are
    wrong    the symbols of those that are not what they should be"""
    right: bool
    words: str
    parts: int
    wrong: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.words

    def _ipython_display_(self) -> None:
        """Nothing: `check` has printed it."""


def judged(exercise: Exercise, cases: list[Case], conduct: Conduct, marked: int) -> Verdict:
    """The verdict on an answer that was called with these cases; the last one is the first again, and `marked` of those
    before it have fingerprints."""
    troubles = [_trouble(exercise, case, call) for case, call in zip(cases, conduct.calls, strict=False)]
    if trouble := next(filter(None, troubles), ""):
        before = _of_numbers(exercise, _called(exercise, cases[:troubles.index(trouble)], conduct), [])
        return _no(exercise, trouble) if before is None else before
    if conduct.ending and len(conduct.calls) < len(cases):                          # else only its end was late
        return _no(exercise, f"{conduct.ending}, when it was called with "
                             f"{_sizes_in_words(exercise, cases[len(conduct.calls)])}.")
    called = _called(exercise, cases, conduct)
    if any(not same(*map(np.nan_to_num, (called[-1].results[symbol], called[0].results[symbol])))
           for symbol in exercise.gives):
        return _no(exercise, "called twice with the same arguments, it returns different numbers: let nothing outside "
                             "of its arguments decide, no random number and nothing that an earlier call has left.")
    if (verdict := _of_numbers(exercise, called[:-1], called[-1 - marked:-1])) is not None:
        return verdict
    if changed := conduct.calls[0].changed:
        return _no(exercise, f"its numbers are right, and it writes into {' and '.join(changed)}: whoever passed the "
                             "array still needs it; compute into an array of your own.")
    note = "" if conduct.limited else "\n  (Without a time limit: this system cannot fork.)"
    note += "\n  (What it prints was left out.)" if conduct.calls[0].printed else ""
    return Verdict(True, f"{exercise.id}, right: {', '.join(exercise.gives)} agree for {len(cases) - 1} draws of sizes "
                         f"and numbers.{note}", len(exercise.gives))


def _called(exercise: Exercise, cases: list[Case], conduct: Conduct) -> list[Called]:
    """The calls of these cases, with their results by symbol."""
    return [Called(case, dict(zip(exercise.gives, call.returned or (), strict=True)),
                   dict(zip(exercise.gives, call.notes, strict=False)))
            for case, call in zip(cases, conduct.calls, strict=False)]


def _of_numbers(exercise: Exercise, called: list[Called], marked: list[Called]) -> Verdict | None:
    """The verdict on the first case whose numbers are not right; None if all are. marked: those with fingerprints."""
    for i, one in enumerate(called):
        found = [d for symbol in exercise.gives if (d := _difference(exercise, one, symbol))]
        if found:
            _forget_chance(exercise, found, called[i + 1:])
            return _wrong(exercise, one, found, _words(exercise, called, marked))
    return None


def _no(exercise: Exercise, words: str) -> Verdict:
    return Verdict(False, f"{exercise.id}, not yet: {words}", len(exercise.gives))


def _trouble(exercise: Exercise, case: Case, call: Call) -> str:
    """What keeps the numbers of one call from being compared."""
    names, at = ", ".join(exercise.gives), _sizes_in_words(exercise, case)
    if call.error.startswith("NotImplementedError"):
        return "nothing is written there yet: put your lines where `raise NotImplementedError` stands."
    if call.error:
        return f"with {at} it stops with {call.error}"
    if call.returned is None or call.type == "NoneType":
        return f"it returns nothing: end it with `return {names}`."
    if len(call.returned) != len(exercise.gives):
        return f"the number of its results is {len(call.returned)}, and should be {len(exercise.gives)}: {names}."
    strange = [symbol for symbol, x in zip(exercise.gives, call.returned, strict=True) if x is None]
    return f"{strange[0]} is no array of numbers." if strange else ""


def _difference(exercise: Exercise, one: Called, symbol: str) -> Difference | None:
    numbers = {name: x for name, x in one.case.given.items() if isinstance(x, np.ndarray | int | float)}
    found = difference(symbol, one.results[symbol], one.case.expected[symbol],
                       Around(exercise.gives[symbol], exercise.gates, numbers, sizes(exercise, one.case)))
    if found and one.notes.get(symbol):
        found.way = one.notes[symbol]
    return found


def _forget_chance(exercise: Exercise, found: list[Difference], others: list[Called]) -> None:
    """Take away a way of being wrong that looks otherwise in all other cases: where d is 8 and D is 2, the root of
    d / D is 2 by chance."""
    for one in found:
        ways = [_kind(d.way) for other in others if (d := _difference(exercise, other, one.symbol))]
        if ways and _kind(one.way) not in ways:
            one.way = ""


def _kind(way: str) -> str:
    """The words without the numbers in them."""
    return " ".join(re.sub(r"[-\d.,]+(e[-+]\d+)?", "", way).split())


def _words(exercise: Exercise, called: list[Called], marked: list[Called]) -> list[str]:
    """What the page says beforehand of such results, or else the fingerprints, if they know the mistake."""
    if said := _likely(exercise, called):
        return said
    wrong = _wrong_ones(exercise, marked)
    rights = [{symbol: np.asarray(x) for symbol, x in one.case.expected.items()} for one in marked]
    return explained(exercise.id, [one.results for one in marked], rights, wrong) if wrong else []


def _wrong_ones(exercise: Exercise, called: list[Called]) -> list[str]:
    """The symbols of the results that are wrong in some of the cases."""
    return [symbol for symbol in exercise.gives
            if any(not same(one.results[symbol], np.asarray(one.case.expected[symbol])) for one in called)]


def _likely(exercise: Exercise, called: list[Called]) -> list[str]:
    """The mistake of the page whose results are these in every case in which it would show; of several the one that
    explains most of what is wrong."""
    if exercise.likely is None:
        return []
    told = [(one, exercise.likely(*one.case.given.values()) | (
        usual(one.case.given, one.case.expected) if exercise.probe else {})) for one in called]
    words = dict.fromkeys(chain.from_iterable(mistakes for _, mistakes in told))
    explains = {one: _explained(exercise, [(each, mistakes[one]) for each, mistakes in told if one in mistakes])
                for one in words}
    best = max(explains.values(), default=0)
    return [one for one, number in explains.items() if number == best > 0][:1]


def _explained(exercise: Exercise, cases: list[tuple[Called, dict[str, Any]]]) -> int:
    """How many wrong results of a case a mistake explains that would return these; 0 where it would return others, or
    where something is wrong that it leaves right."""
    explained = []
    for one, returned in cases:
        shows = [symbol for symbol, x in returned.items()
                 if not same(np.asarray(x), np.asarray(one.case.expected[symbol]))]
        is_so = all(same(one.results[symbol], np.asarray(x)) for symbol, x in returned.items())
        if (shows and not is_so) or (not shows and _wrong_ones(exercise, [one])):
            return 0
        explained += [len(shows)] if shows else []
    return min(explained, default=0)


def _wrong(exercise: Exercise, one: Called, found: list[Difference], words: list[str]) -> Verdict:
    """The verdict on numbers that are not right."""
    symbols = [d.symbol for d in found]
    known = [d for d in found if not _is_unknown(exercise, one, d.symbol)] or found
    if len(words) > 1 and not any(vague(d.way) for d in found):
        words = []                                         # one pattern is likelier than two mistakes at once
    lines = [f"{exercise.id}, not yet: {'; '.join(words) + '.' if words else _by_pattern(known)}"]
    told = [d.way if d.way and (one.notes.get(d.symbol) or not words) else "" for d in known]
    told[0] = told[0] if words else ""                     # it stands in the first line already
    lines += [f"  {d.symbol}: {d.where}{way and f': {way}'}" for d, way in zip(known[:3], told, strict=False)]
    if more := [d.symbol for d in known[3:]]:
        lines.append(f"  {', '.join(more)}: wrong as well, perhaps only as a consequence")
    if unknown := [d.symbol for d in found if d not in known]:
        lines.append(f"  {', '.join(unknown)}: cannot be found out before that")
    if fine := [symbol for symbol in exercise.gives if symbol not in symbols]:
        lines.append(f"  Right already: {', '.join(fine)}.")
    if advice := exercise.look(known[0].symbol):
        lines.append(f"  Look next at {known[0].symbol}: {advice}")
    return Verdict(False, "\n".join(lines), len(exercise.gives), tuple(symbols))


def _is_unknown(exercise: Exercise, one: Called, symbol: str) -> bool:
    """Whether a probe could not find this result out: it is -1 then."""
    return bool(exercise.probe is not None and (np.asarray(one.results[symbol]) == -1).all()
                and (np.asarray(one.case.expected[symbol]) != -1).any() and np.size(one.results[symbol]))


def _by_pattern(found: list[Difference]) -> str:
    """The first difference in a sentence."""
    first = found[0]
    others = f" (and {', '.join(d.symbol for d in found[1:])})" if found[1:] else ""
    return f"{first.symbol}{others}: {first.way}." if first.way else f"{first.symbol}{others} is wrong."


def sizes(exercise: Exercise, case: Case) -> dict[str, int]:
    """The sizes of a case by the names of the axes, as the page writes them behind arguments and results."""
    found: dict[str, int] = {}
    for symbols, names in re.findall(r"((?:\w+, )*\w+) \(([^)]*)\)", exercise.given):
        for symbol in set(symbols.split(", ")) & set(case.given):
            if np.ndim(case.given[symbol]) == len(names.split(", ")):
                found |= dict(zip(names.split(", "), np.shape(case.given[symbol]), strict=True))
    for symbol, axes in exercise.gives.items():
        found |= dict(zip(axes, np.shape(case.expected[symbol]), strict=True))
    return {name: size for name, size in found.items() if name.isidentifier()}


def _sizes_in_words(exercise: Exercise, case: Case) -> str:
    settings = {name: x for name, x in case.given.items() if not isinstance(x, np.ndarray)}
    return ", ".join(f"{name} = {x}" for name, x in (sizes(exercise, case) | settings).items()) or "its arguments"
