"""An answer is looked at: called in a child process with cases that nobody has seen, and judged."""
import difflib
from collections.abc import Callable, Sequence
from typing import Any

from tinyseq.exercises import derivations, practice
from tinyseq.exercises import practices as pages
from tinyseq.exercises.child import Conduct, run
from tinyseq.exercises.exercise import EXERCISES, Exercise
from tinyseq.exercises.fingerprints import SEEDS
from tinyseq.exercises.practice import PRACTICES, Practice, Row
from tinyseq.exercises.verdict import Verdict, judged

CASES = (1, 2, 3, 4)                     # seeds of cases beside those with fingerprints
SECONDS = 10.0                           # for all calls of one answer
SECONDS_OF_A_MODEL = 45.0                # where each call makes a model and looks into it


def exercises() -> dict[str, Exercise]:
    """All exercises by their ids, in the order of the book: derivations, then the pieces of the practices."""
    derivations.load()
    pages.load()
    return EXERCISES


def practices() -> dict[str, Practice]:
    """All practices by their ids, in the order of the book."""
    pages.load()
    return PRACTICES


def find(id: str) -> Exercise:
    """An exercise by its id. Raises ValueError, with the nearest, for another."""
    known = exercises()
    if id not in known:
        near = difflib.get_close_matches(id, [*known, *practices()], n=1)
        meant = f"; {near[0]!r} may be meant" if near else ""
        raise ValueError(f"there is no exercise {id!r}{meant}: `tinyseq exercises list` has all")
    return known[id]


def examine(id: str, answer: Callable[..., Any]) -> Verdict:
    """The verdict on an answer, a function of NumPy arrays. Raises ValueError for an exercise that there is not, and
    for an answer that cannot be called."""
    exercise = find(id)
    if not callable(answer):
        raise ValueError(f"{id}: an answer is a function, {exercise.function}({', '.join(exercise.case(1).given)}); "
                         f"got {type(answer).__name__}: pass it without calling it")
    cases = [exercise.case(seed) for seed in (*CASES, *SEEDS, CASES[0])]
    seconds = SECONDS_OF_A_MODEL if exercise.probe else SECONDS
    conduct: Conduct = run(exercise.probed(answer), [case.given for case in cases], seconds)
    return judged(exercise, cases, conduct, len(SEEDS))


def check(id: str, answer: Callable[..., Any], table: Sequence[Row] | None = None) -> Verdict:
    """Print the verdict on an answer, and return it: true if the answer is right. table: of a practice, whose answer is
    its experiment. Raises ValueError as `examine` does, and for a practice without its table."""
    if id in practices() and table is not None:
        verdict = practice.examined(practices()[id], answer, table)
    elif id in practices():
        raise ValueError(f"{id} is a whole practice: check({id!r}, {practices()[id].function}, table) takes its table, "
                         "a list of rows")
    else:
        verdict = examine(id, answer)
    print(verdict)
    return verdict
