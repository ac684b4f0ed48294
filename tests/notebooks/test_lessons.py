"""Lessons keep to their plan, say what the code says today, and print today what is committed."""
import os
import re
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).parents[2]
LESSONS = pytest.mark.parametrize("name", run.NAMES)

# Every lesson has these parts in this order; a part may have parts of its own, under ###.
PLAN = ["The question", "The equations", "The code", "By hand", "The way back", "An experiment", "A knob to turn",
        "What breaks", "What to read"]

OF_A_MACHINE = re.compile(r"/(?:home|root|tmp|Users|usr|opt|mnt|work|var)/|\b[A-Z]:\\")


def three_in_a_row(code):
    """Each three lines of code that follow one another, without their comments and imports."""
    lines = [line.partition("  #")[0].strip() for line in code.splitlines()]
    lines = [line for line in lines if len(line) > 3 and not line.startswith(("import ", "from ", "#"))]
    return set(zip(lines, lines[1:], lines[2:], strict=False))


LIBRARY = set().union(*(three_in_a_row(path.read_text(encoding="utf-8")) for path in (ROOT / "tinyseq").rglob("*.py")))


def prose(notebook):
    return "\n\n".join(run.source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown")


@LESSONS
def test_the_outputs_are_those_of_this_code(name):
    notebook = run.read(name)
    then, now = notebook["metadata"]["tinyseq"], run.digests(notebook)
    causes = {"cells": "its code cells", "library": "what it shows of the library", "results": "what it loads"}
    changed = " and ".join(what for key, what in causes.items() if then.get(key) != now[key])
    assert not changed, f"{name} is stale, since {changed} changed: python notebooks/run.py {name}"


@LESSONS
def test_the_file_is_as_run_writes_it(name):
    notebook = run.read(name)
    text = (run.FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert text == run.written(run.tidy(notebook)), f"an editor left its marks: python notebooks/run.py {name}"
    assert run.source(run.tidy(run.from_text(run.as_text(notebook)))["cells"][-1]) == run.source(notebook["cells"][-1])


@LESSONS
def test_a_lesson_has_its_parts(name):
    notebook = run.read(name)
    assert re.findall(r"^## (.*)$", prose(notebook), re.MULTILINE) == PLAN
    assert len(re.findall(r"^# ", prose(notebook), re.MULTILINE)) == 1


@LESSONS
def test_a_lesson_holds_what_its_parts_promise(name):
    """Library code that is shown, a trace or a gradcheck, a picture, and a knob."""
    notebook = run.read(name)
    code = "\n".join(map(run.source, run.code_cells(notebook)))
    kinds = {kind for cell in run.code_cells(notebook) for output in run.outputs(cell) for kind in output}
    assert any(shown.startswith("show ") for shown in run.shown(notebook)), "show the code: lesson.show"
    assert "gradcheck(" in code, "prove the gradient: ts.gradcheck"
    assert "image/png" in kinds, "draw the experiment: lesson.picture"
    assert re.search(r"^\w+ = .*# the knob: ", code, re.MULTILINE), "mark the constant: NAME = 3    # the knob: ..."


@LESSONS
def test_no_code_of_the_library_is_typed_again(name):
    """What the library has is shown from there."""
    notebook = run.read(name)
    assert "```" not in prose(notebook), "code in prose cannot be run: make it a cell, or show it"
    for cell in run.code_cells(notebook):
        assert not three_in_a_row(run.source(cell)) & LIBRARY, "this stands in the library: lesson.show it"


@LESSONS
def test_nothing_of_a_machine_is_in_the_outputs(name):
    notebook = run.read(name)
    assert not OF_A_MACHINE.search(run.printed(notebook))
    assert all(output.get("name") != "stderr" for cell in run.code_cells(notebook) for output in cell["outputs"])
    assert len((run.FOLDER / f"{name}.ipynb").read_bytes()) < 600_000


def test_the_map_has_every_lesson():
    course = (run.FOLDER / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)]*)\.ipynb\)", course)
    assert sorted(linked) == run.NAMES
    table = "\n".join(line for line in course.splitlines() if line.startswith("|"))
    files = re.findall(r"`(\w[\w/]*\.py)`", table)
    assert files and all((ROOT / "tinyseq" / path).exists() for path in files)


@pytest.mark.parametrize("old, new, trained, same", [
    ("loss 1.2345", "loss 1.2346", False, True), ("loss 1.2345", "loss 1.3345", False, False),
    ("loss 1.20", "loss 1.25", True, True), ("loss 1.20", "loss 1.30", True, False),
    ("3 entries", "4 entries", False, False), ("100 steps", "101 steps", True, True),
    ("error 4.6e-17", "error 8.7e-18", False, True), ("error 4.6e-07", "error 8.7e-07", False, False),
    ("a  0.50", "a -0.00", False, False), ("[ 0.1 -0.0]", "[0.1  0.0]", False, True), ("a\nb", "a", False, False),
    ("1,826.0 rows", "1,826.1 rows", False, True), ("1.8e+14", "1.8e+14", False, True), ("f(x)", "g(x)", True, False),
    ("layers/linear.py:36", "layers/linear.py:29", False, True), ("a.py, line 3", "b.py, line 3", False, False)])
def test_numbers_may_move_a_little_and_words_may_not(old, new, trained, same):
    assert (run.other(old, new, trained) == "") == same


def test_a_lesson_is_the_same_after_a_round_through_markdown():
    text = "# A title\n\nProse.\n\n```python\nx = 1\n\nx\n```\n\n```python trained\ny = 2\n```\n\nThe end.\n"
    notebook = run.tidy(run.from_text(text))
    assert run.as_text(notebook) == text
    assert [cell["cell_type"] for cell in notebook["cells"]] == ["markdown", "code", "code", "markdown"]
    assert notebook["cells"][2]["metadata"] == {"tags": ["trained"]}


def test_what_has_changed_is_seen(monkeypatch):
    """The checks above can fail: a cell that is edited, library text that is another today, library code in a cell."""
    import lesson

    notebook = run.read(run.NAMES[0])
    cell = next(cell for cell in run.code_cells(notebook) if "show(" in run.source(cell))
    before = run.digests(notebook)
    monkeypatch.setattr(lesson, "again", lambda name: name)
    assert run.digests(notebook)["library"] != before["library"]
    monkeypatch.setattr(run, "printed", lambda notebook: "benchmarks/results/exploding.json")
    assert run.digests(notebook)["results"] != before["results"]
    cell["source"] = ["show(1)"]
    assert run.digests(notebook)["cells"] != before["cells"]
    monkeypatch.undo()
    assert three_in_a_row(lesson.again("show tinyseq.layers.recurrent.lstm:lstm_step").text) & LIBRARY


def test_what_is_shown_is_what_stands_in_the_library():
    import lesson
    from tinyseq.layers.recurrent import rnn

    shown = lesson.show(rnn.rnn_sequence)
    source = (ROOT / "tinyseq/layers/recurrent/rnn.py").read_text(encoding="utf-8")
    line = int(shown.place.rpartition(" ")[2])
    assert shown.text in source and shown.place.startswith("tinyseq/layers/recurrent/rnn.py, line ")
    assert shown.text.startswith(source.splitlines()[line - 1])
    for made in (shown, lesson.equations(rnn), lesson.show(rnn.RNNCell.initial_state), lesson.show(rnn)):
        assert repr(lesson.again(made.name)) == repr(made)


def without(notebook, parts):
    """The lesson without these parts."""
    cells, part = [], ""
    for cell in notebook["cells"]:
        headings = re.findall(r"^## (.*)$", run.source(cell), re.MULTILINE) if cell["cell_type"] == "markdown" else []
        part = headings[-1] if headings else part
        if part not in parts:
            cells.append(cell)
    return {**notebook, "cells": cells}


@pytest.mark.notebooks
@LESSONS
def test_what_is_small_in_a_lesson_runs_within_the_limits_of_a_gpu(name, monkeypatch):
    """All but the experiment and the errata, on the strict backend, with the same numbers."""
    monkeypatch.setenv("TINYSEQ_BACKEND", "strict")
    small = without(run.read(name), ["An experiment", "What breaks"])
    found = run.differences(small, run.run(small))
    assert not found, "\n\n".join(found)


@pytest.mark.notebooks
@pytest.mark.skipif("TINYSEQ_DATA" not in os.environ, reason="needs the data sets: set TINYSEQ_DATA")
@LESSONS
def test_a_lesson_prints_what_is_committed(name):
    notebook = run.read(name)
    found = run.differences(notebook, run.run(notebook))
    assert not found, "\n\n".join([*found, f"If that is right now: python notebooks/run.py {name}"])
