"""The functions of a file of answers, run in a process of their own.

    python -m tinyseq.exercises.submission FILE MEMORY          prints a line of JSON for each exercise

FILE is a Python file or a notebook. Its code is run once, cell by cell; a cell that fails takes nothing else with it.
Whatever in it has the name of an exercise is examined, and of a practice the experiment with its table. The process has
a limit of memory, an empty folder as its place, and cannot open the worked solutions.
"""
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinyseq import exercises
from tinyseq.exercises.examine import examine, find
from tinyseq.exercises.practice import examined
from tinyseq.exercises.verdict import Verdict

SOLUTIONS = Path("notebooks", "exercises", "solutions")


def main(arguments: list[str]) -> None:
    """Examine the answers of one file."""
    path, memory = Path(arguments[0]), int(arguments[1])
    cells = list(code(path))
    _limit(memory)
    answers, errors = names(cells)
    for id in exercises.exercises():
        if callable(answer := answers.get(find(id).function)):
            tell(id, examine(id, answer))
    for id, practice in exercises.practices().items():
        if callable(answer := answers.get(practice.function)):
            tell(id, examined(practice, answer, answers.get(f"{practice.function}_table", [])))
    for error in errors:
        print(json.dumps({"error": error}), flush=True)


def tell(id: str, verdict: Verdict) -> None:
    """A line of JSON."""
    print(json.dumps({"id": id, "right": verdict.right, "wrong": verdict.wrong, "words": verdict.words,
                      "parts": verdict.parts}), flush=True)


def code(path: Path) -> Iterator[tuple[str, str]]:
    """(where it stands, the text) of each cell of a notebook, or of the whole file. Raises ValueError for a file that
    is neither."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield path.name, text
        return
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path.name} is neither a Python file nor a notebook: give FILE.py or FILE.ipynb") from None
    for number, cell in enumerate(cells, 1):
        if cell["cell_type"] == "code":
            lines = [line for line in "".join(cell["source"]).splitlines() if not line.lstrip().startswith(("%", "!"))]
            yield f"cell {number}", "\n".join(lines)


def names(cells: list[tuple[str, str]]) -> tuple[dict[str, Any], list[str]]:
    """What the code defines, by name, and what went wrong in it. `check` says nothing meanwhile."""
    scope: dict[str, Any] = {"__name__": "answers"}
    errors: list[str] = []
    exercises.check = lambda id, answer, table=None: True              # type: ignore[assignment,misc,return-value]
    for where, text in cells:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                exec(compile(text, where, "exec"), scope)
            except (Exception, SystemExit) as error:
                errors.append(f"{where}: {type(error).__name__}: {error}")
    return scope, errors


def _limit(memory: int) -> None:
    """No more memory than this, where the system can say so; and no look at the solutions."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    def watch(event: str, given: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(given[0], str) and str(SOLUTIONS) in os.path.realpath(given[0]):
            raise PermissionError("the worked solutions are not open while answers are graded")
    sys.addaudithook(watch)


if __name__ == "__main__":
    main(sys.argv[1:])
