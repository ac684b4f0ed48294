"""Points for files of answers: each in a process of its own, with a limit of time and memory.

That keeps accidents out, and the solutions closed. Who wants to cheat can: read what you grade.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tinyseq.exercises.examine import exercises, practices

MEMORY = 2 << 30                         # bytes a submission may take
WHOLE = 600                              # seconds for a file
Graded = dict[str, Any]


def grade(path: Path) -> Graded:
    """The points of a file: one for each result of an exercise that is right, all of it in the form that Gradescope
    reads (https://gradescope-autograders.readthedocs.io/en/latest/specs). Raises OSError or ValueError for a file that
    cannot be read."""
    path.read_bytes()
    if path.suffix not in (".py", ".ipynb"):
        raise ValueError(f"{path} is neither a Python file nor a notebook: hand in FILE.py or FILE.ipynb")
    lines, ending = _examined(path)
    found = {line["id"]: line for line in lines if "id" in line}
    tests = [_test(id, found[id]) for id in (*exercises(), *practices()) if id in found]
    notes = [line["error"] for line in lines if "error" in line] + ([ending] if ending else [])
    if not tests:
        names = ", ".join(exercise.function for exercise in list(exercises().values())[:3])
        notes.append(f"no function in it has the name of an exercise, such as {names}")
    return {"score": sum(test["score"] for test in tests), "output": "\n".join(notes), "tests": tests,
            "extra_data": {"file": path.name, "max_score": sum(test["max_score"] for test in tests)}}


def _test(id: str, line: dict[str, Any]) -> Graded:
    return {"name": id, "score": line["parts"] - len(line["wrong"]) if line["wrong"] else line["parts"] * line["right"],
            "max_score": line["parts"], "output": line["words"]}


def _examined(path: Path) -> tuple[list[dict[str, Any]], str]:
    """What the process says of each exercise, and how it ended: "" or in words."""
    command = [sys.executable, "-m", "tinyseq.exercises.submission", str(path.resolve()), str(MEMORY)]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
    with tempfile.TemporaryDirectory() as place:
        try:
            ended = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=WHOLE)
            out, ending = ended.stdout, ended.stderr.strip().splitlines()[-1:] if ended.returncode else []
        except subprocess.TimeoutExpired as stopped:
            out = stopped.stdout.decode() if isinstance(stopped.stdout, bytes) else stopped.stdout or ""
            ending = [f"the file took longer than {WHOLE} s"]
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")], "".join(ending)
