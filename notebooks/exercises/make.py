"""Makes the fingerprints of known mistakes from the solutions: what tinyseq/exercises/fingerprints/ holds.

    python notebooks/exercises/make.py [ID ...]         writes tinyseq/exercises/fingerprints/ID.json and the notebook
    python notebooks/exercises/make.py --check          says which files are not what they would become
    python notebooks/exercises/make.py --held-out       how many mistakes are named that have left no fingerprint: a
                                                        third of solutions/ at a time, then unseen/

solutions/ID.py holds a function of the exercise's name, which is the worked solution; functions right_*, which are
right in other ways; and wrong_*, mistakes that people make. The docstring of a mistake says what is wrong, and behind
"Named by:" which words a verdict must hold to be the right one for it: "dc missing | carry". To those come the small
changes (changes.py) of the solution, and of those right answers whose lines have the numbers of equations. The notebook
is made from the exercise's page; its metadata are nbgrader's. The pieces of a practice share one, and beside their
solutions lies that of the practice, an experiment (solutions/practice_7_1.py).

unseen/ID.py holds mistakes that were written from an exercise's page and its solution alone, without a look at other
mistakes or at how a diagnosis is made. Nothing is made from them, and nothing is to be fitted to them: they measure.
"""
import argparse
import importlib.util
import inspect
import json
import re
import signal
import sys
import warnings
from collections.abc import Callable, Collection, Iterator
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from cells import notebook, practice_notebook
from changes import changed

from tinyseq.exercises import exercises, practices
from tinyseq.exercises import fingerprints as known_mistakes
from tinyseq.exercises.child import Call, call
from tinyseq.exercises.compare import same
from tinyseq.exercises.examine import examine, find
from tinyseq.exercises.exercise import Exercise
from tinyseq.exercises.fingerprints import FOLDER, SEEDS, Marks, marks
from tinyseq.exercises.verdict import Verdict

HERE = Path(__file__).parent
SOLUTIONS, UNSEEN = HERE / "solutions", HERE / "unseen"
LIMIT = 0.5                              # seconds of computing for one call of a changed solution: one may never end
LIMIT_OF_A_MODEL = 10.0                  # where much is found out about what it returns
UNLIKELY = re.compile(r"` stands where `|taken for 0|^a product of")


class Mistake(NamedTuple):
    """A wrong answer: what is wrong, and the words of which a verdict must hold all of one group."""
    words: str
    keys: list[list[str]]
    answer: Callable


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("ids", nargs="*", metavar="ID")
    options.add_argument("--check", action="store_true")
    options.add_argument("--held-out", action="store_true")
    args = options.parse_args()
    chosen = [find(id) for id in args.ids or exercises()]
    if args.held_out:
        return measured(chosen)
    stale = 0
    for exercise in chosen:
        for path, text in files(exercise).items():
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale += 1
                print(f"{path.name} {'is stale' if args.check else 'written'}")
                if not args.check:
                    path.parent.mkdir(exist_ok=True)
                    path.write_text(text, encoding="utf-8")
    return 1 if args.check and stale else 0


def files(exercise: Exercise) -> dict[Path, str]:
    """What is made for an exercise: {path: text}"""
    made = {FOLDER / f"{exercise.id}.json": written(fingerprints(exercise))}
    whole = next((one for one in practices().values() if exercise.id.startswith(f"{one.id}-")), None)
    if whole:
        pieces = [piece for piece in exercises().values() if piece.id.startswith(f"{whole.id}-")]
        return made | {HERE / f"{whole.section:0>4}-practice.ipynb": practice_notebook(whole, pieces)}
    number = {"introduction": "00", "techniques": "10"}.get(exercise.section, f"{exercise.section:0>4}")
    return made | {HERE / f"{number}-{exercise.id}.ipynb": notebook(exercise)}


def solutions(exercise: Exercise, folder: Path = SOLUTIONS) -> ModuleType:
    """The page of an exercise's solutions, or of another folder."""
    path = folder / f"{exercise.function}.py"
    spec = importlib.util.spec_from_file_location(f"{folder.name}_{exercise.function}", path)
    assert spec is not None and spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    return page


def mistakes(page: ModuleType) -> list[Mistake]:
    """Those that people make."""
    found = []
    for name, answer in vars(page).items():
        if name.startswith("wrong_"):
            words, _, keys = " ".join(answer.__doc__.split()).partition(" Named by: ")
            found.append(Mistake(words, [group.split() for group in keys.split("|")], answer))
    return found


def fingerprints(exercise: Exercise, held_out: Collection[Mistake] = ()) -> list[tuple[str, Marks]]:
    """The marks of each mistake, those that people make first; of two that leave the same marks the first.
    Changes that hardly anybody would make come last, such as another name in some place."""
    page = solutions(exercise)
    known: list[tuple[str, Marks]] = []
    seen = set()
    out = {mistake.answer.__name__ for mistake in held_out}                     # `page` is loaded anew each time
    of_people = [(mistake.words, mistake.answer) for mistake in mistakes(page) if mistake.answer.__name__ not in out]
    changes = chain.from_iterable(map(changed, derived(page, exercise)))
    for words, answer in [*of_people, *sorted(changes, key=lambda change: bool(UNLIKELY.search(change[0])))]:
        left = marks_of(exercise, answer)
        if left and (key := json.dumps(left)) not in seen:
            seen.add(key)
            known.append((words, left))
    return known


def derived(page: ModuleType, exercise: Exercise) -> list[Callable]:
    """The solution, and those of the other right answers whose statements have the numbers of equations, too: another
    derivation, in which other things can go wrong. None where a solution needs a module that may not be there."""
    if exercise.needs:
        return []
    others = [answer for name, answer in vars(page).items() if name.startswith("right_")]
    return [getattr(page, exercise.function),
            *(answer for answer in others if re.search(r"# \(\d+\)", inspect.getsource(answer)))]


def marks_of(exercise: Exercise, answer: Callable) -> Marks | None:
    """The marks of the results that are wrong; None if none is, or if the answer cannot be computed."""
    results: list[Any] = []
    for case in map(exercise.case, SEEDS):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            made = called(exercise.probed(answer), case.given, LIMIT_OF_A_MODEL if exercise.probe else LIMIT)
        returned = made.returned or []
        if len(returned) != len(exercise.gives) or any(x is None for x in returned):
            return None
        results.append((case, dict(zip(exercise.gives, returned, strict=True))))
    wrong = [symbol for symbol in exercise.gives
             if any(not same(result[symbol], np.asarray(case.expected[symbol])) for case, result in results)]
    return marks([result for _, result in results], wrong) or None


def called(answer: Callable, given: dict[str, Any], seconds: float) -> Call:
    """What an answer returns, or that it has run for too long: a change may have taken the end from a loop."""
    def stop(*_: Any) -> None:
        raise TimeoutError
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        return call(answer, given)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def written(known: list[tuple[str, Marks]]) -> str:
    """A line for each mistake."""
    return "[\n" + ",\n".join(json.dumps(list(one), ensure_ascii=False) for one in known) + "\n]\n"


# Mistakes that left no fingerprint --------------------------------------------------------------------------

def measured(chosen: list[Exercise]) -> int:
    """Print how many mistakes are named of those that are held out, and of those that nobody has seen."""
    found = [named for exercise in chosen for named in held_out(exercise)]
    print(f"held out: {sum(found)} of {len(found)} are named, {np.mean(found):.1%}")
    found = [named for exercise in chosen for named in named_of(exercise, unseen(exercise))]
    print(f"unseen: {sum(found)} of {len(found)} are named, {np.mean(found):.1%}")
    return 0


def held_out(exercise: Exercise) -> Iterator[bool]:
    """Hold out each third of the mistakes in turn: whether each of them is named without its fingerprint."""
    for part in range(3):
        out = mistakes(solutions(exercise))[part::3]
        left = fingerprints(exercise, out)
        with patch.object(known_mistakes, "known", lambda id, left=left: left):
            yield from named_of(exercise, out)


def unseen(exercise: Exercise) -> list[Mistake]:
    """Mistakes that nothing was made from."""
    return mistakes(solutions(exercise, UNSEEN))


def named_of(exercise: Exercise, some: list[Mistake]) -> Iterator[bool]:
    """Whether each of some mistakes is named; those that are not are printed."""
    for mistake in some:
        verdict = examine(exercise.id, mistake.answer)
        if not is_named(mistake, verdict):
            print(f"{exercise.id}, {mistake.answer.__name__}: {mistake.words}\n    {verdict}")
        yield is_named(mistake, verdict)


def is_named(mistake: Mistake, verdict: Verdict) -> bool:
    """Whether the verdict says what is wrong, without the advice at its end, which is the same for all mistakes."""
    said = verdict.words.partition("\n  Look next at ")[0]
    return not verdict.right and any(all(word in said for word in group) for group in mistake.keys)


if __name__ == "__main__":
    sys.exit(main())
