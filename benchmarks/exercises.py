"""What the exercises reach: how many mistakes are named, how long a verdict takes, what the practices' tables say.

    python benchmarks/exercises.py --json FILE              ten minutes
    python benchmarks/exercises.py --tables --json FILE     all fifteen practices in full, a quarter of an hour more

Named is a mistake whose verdict holds the words that its page asks for, without the advice at the end. `held out` are
the mistakes of notebooks/exercises/solutions/, a third at a time without fingerprints of their own; `unseen` are those
of notebooks/exercises/unseen/, from which nothing is made.
"""
import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks" / "exercises"
sys.path[:0] = [str(FOLDER), str(FOLDER / "solutions")]
import make  # noqa: E402

from tinyseq.exercises import examine, exercises, practices  # noqa: E402
from tinyseq.exercises.exercise import Exercise  # noqa: E402
from tinyseq.exercises.practice import Practice, examined  # noqa: E402

Found = dict[str, Any]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tables", action="store_true", help="train the practices' tables, too")
    options.add_argument("--json", type=Path, metavar="FILE")
    args = options.parse_args()
    found: Found = {"answers": counted(), "named": {
        "held out": share(make.held_out), "unseen": share(lambda one: make.named_of(one, make.unseen(one)))},
        "seconds of a verdict": slowest()}
    if args.tables:
        found["tables"] = {id: filled(one) for id, one in practices().items()}
    print(json.dumps(found, indent=1))
    if args.json:
        before = json.loads(args.json.read_text(encoding="utf-8")) if args.json.exists() else {}
        args.json.write_text(json.dumps(before | found, indent=1) + "\n", encoding="utf-8")
    return 0


def kind(one: Exercise) -> str:
    return "pieces of practices" if one.id.startswith("practice-") else "derivations"


def counted() -> Found:
    """How many exercises, right answers and mistakes there are."""
    found: Found = {}
    for one in exercises().values():
        page = make.solutions(one)
        row = found.setdefault(kind(one), {"exercises": 0, "right": 0, "wrong": 0})
        row["exercises"] += 1
        row["right"] += 1 + sum(name.startswith("right_") for name in vars(page))
        row["wrong"] += len(make.mistakes(page))
    return found


def share(named: Callable[[Exercise], Iterable[bool]]) -> Found:
    """How many mistakes are named, of how many, by kind of exercise."""
    found: Found = {}
    for one in exercises().values():
        row = found.setdefault(kind(one), {"named": 0, "of": 0})
        for is_named in named(one):
            row["named"] += int(is_named)
            row["of"] += 1
    return found


def slowest() -> Found:
    """The longest verdict on a worked solution."""
    found: Found = {}
    for one in exercises().values():
        answer = getattr(make.solutions(one), one.function)
        began = time.perf_counter()
        assert examine(one.id, answer), one.id
        found[kind(one)] = max(found.get(kind(one), 0.0), round(time.perf_counter() - began, 2))
    return found


def filled(one: Practice) -> Found:
    """The table of a practice, the seconds that it took and that its verdict took, and the verdict."""
    experiment = getattr(importlib.import_module(one.function), one.function)
    began = time.perf_counter()
    table = [{**row, **dict(zip(one.measures, experiment(**row), strict=True))} for row in one.rows()]
    done = time.perf_counter()
    verdict = examined(one, experiment, table)
    return {"rows": table, "seconds": round(done - began, 1), "seconds of the verdict":
            round(time.perf_counter() - done, 1), "verdict": verdict.words}


if __name__ == "__main__":
    sys.exit(main())
