"""The notebook of an exercise, made from its page: what is asked, hints to unfold, a cell to write in, the check. Of a
practice: its pieces, then the experiment and the table."""
import json
from typing import Any

from tinyseq.exercises.exercise import Exercise
from tinyseq.exercises.practice import PARTS, Practice

LOCKED = {"grade": False, "locked": True, "schema_version": 3, "solution": False, "task": False}
WRITTEN = {"grade": False, "locked": False, "schema_version": 3, "solution": True, "task": False}


def notebook(exercise: Exercise) -> str:
    """The text of the file."""
    return _file([_code("imports", "import numpy as np\n\nfrom tinyseq.exercises import check", LOCKED),
                  *_exercise(exercise, "#")])


def practice_notebook(practice: Practice, pieces: list[Exercise]) -> str:
    """The text of the file."""
    name = practice.function
    arguments, measures = ", ".join(practice.settings), ", ".join(f"`{name}`" for name in practice.measures)
    rows = "; ".join(f"`{setting}` {', '.join(map(repr, values))}" for setting, values in practice.settings.items())
    title, _, question = practice.question.partition("\n")
    return _file([
        _text(f"{name}-title", f"# {title.rstrip('.')}\n\nPractice {practice.section}. First its pieces, each with a "
              "check that trains nothing; then the comparison."),
        _code("imports", "import numpy as np\n\nfrom tinyseq.exercises import check, practices", LOCKED),
        *(cell for piece in pieces for cell in _exercise(piece, "##")),
        _text(f"{name}-question", f"## The comparison\n{question}\n\nWrite `{name}({arguments})`, which makes one "
              f"experiment and returns {measures}. The table has a row for each of: {rows}. One experiment may take "
              f"{practice.seconds:g} seconds on two cores; the check makes one of them again."),
        _code(f"{name}-answer", f"def {name}({arguments}):\n    {STUB}", WRITTEN),
        _code(f"{name}-table", f"{name}_table = [\n"
              f'    {{**row, **dict(zip(practices()["{practice.id}"].measures, {name}(**row), strict=True))}}\n'
              f'    for row in practices()["{practice.id}"].rows()]\n{name}_table', None),
        _code(f"{name}-check", f'check("{practice.id}", {name}, {name}_table)', None),
        _code(f"{name}-points", f'assert check("{practice.id}", {name}, {name}_table)',
              {**LOCKED, "grade": True, "points": len(PARTS)}),
        _text(f"{name}-words", "What does the table say? Write down what it shows, and what it does not."),
    ])


STUB = "### BEGIN SOLUTION\n    raise NotImplementedError\n    ### END SOLUTION"


def _exercise(exercise: Exercise, level: str) -> list[dict[str, Any]]:
    """The cells of an exercise; level: of its title."""
    name = exercise.function
    arguments = ", ".join(exercise.case(1).given)
    if exercise.probe:
        returned = "which returns the model."
    else:
        results = ", ".join(f"`{symbol}` ({', '.join(axes)})" for symbol, axes in exercise.gives.items())
        returned = (f"which returns {results}. Arrays are NumPy's, of float64 where nothing else is said, and so is "
                    "what you return. Derive it with a pencil first.")
    return [
        _text(f"{name}-question", f"{level} {exercise.title}\n\n```text\n{exercise.equations}\n```\n\n"
              f"Given: {exercise.given}.\n\nWrite `{name}({arguments})`, {returned}"),
        *(_text(f"{name}-hint-{i}", f"<details><summary>Hint {i}</summary>\n\n{hint}\n\n</details>")
          for i, hint in enumerate(exercise.hints, 1)),
        _code(f"{name}-answer", f"def {name}({arguments}):\n    {STUB}", WRITTEN),
        _code(f"{name}-check", f'check("{exercise.id}", {name})', None),
        _text(f"{name}-for-teachers", "The cell below is for those who grade: it fails as long as the check does."),
        _code(f"{name}-points", f'assert check("{exercise.id}", {name})',
              {**LOCKED, "grade": True, "points": len(exercise.gives)}),
    ]


def _file(cells: list[dict[str, Any]]) -> str:
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"}}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _text(id: str, words: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": id[:64], "source": words.splitlines(keepends=True),
            "metadata": {"nbgrader": {**LOCKED, "grade_id": id}}}


def _code(id: str, source: str, grading: dict[str, Any] | None) -> dict[str, Any]:
    return {"cell_type": "code", "id": id[:64], "source": source.splitlines(keepends=True), "execution_count": None,
            "outputs": [], "metadata": {"nbgrader": {**grading, "grade_id": id}} if grading else {}}
