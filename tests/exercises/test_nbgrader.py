"""nbgrader takes the exercises as they are: it makes a release of them, and gives points to what comes back."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2] / "notebooks" / "exercises"
NAMES = ("00-linear-backward", "07.2-lstm-step-backward")
STUB = "# YOUR CODE HERE\n    raise NotImplementedError()"
RIGHT = "return dy @ W.T, x.T @ dy, dy.sum(axis=0)"
WRONG = "return dy @ W.T, x.T @ dy, dy.mean(axis=0)"
pytestmark = pytest.mark.teach


def nbgrader(place, command, *arguments):
    """Runs one of its commands; it has nothing to warn of. (What its libraries warn of, is not about us.)"""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])     # it calls its own alembic
    ended = subprocess.run([sys.executable, "-m", "nbgrader", command, *arguments, "--log-level=WARN"],
                           cwd=place, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert ended.returncode == 0 and "App | " not in ended.stderr, ended.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose release has been made, and what two students handed in."""
    place = tmp_path_factory.mktemp("course")
    source = place / "source" / "tinyseq"
    source.mkdir(parents=True)
    (place / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'sequences'\n")
    for name in NAMES:
        (source / f"{name}.ipynb").write_bytes((HERE / f"{name}.ipynb").read_bytes())
    nbgrader(place, "generate_assignment", "tinyseq")
    for student, answer in (("student-1", RIGHT), ("student-2", WRONG)):
        handed_in = place / "submitted" / student / "tinyseq"
        handed_in.mkdir(parents=True)
        for name in NAMES:
            released = json.loads((place / "release" / "tinyseq" / f"{name}.ipynb").read_text(encoding="utf-8"))
            for cell in released["cells"]:
                source_lines = "".join(cell["source"])
                if STUB in source_lines and "def linear_backward" in source_lines:
                    cell["source"] = source_lines.replace(STUB, answer)
            (handed_in / f"{name}.ipynb").write_text(json.dumps(released), encoding="utf-8")
    return place


def test_a_release_has_the_stub_and_the_check(course):
    for name in NAMES:
        text = (course / "release" / "tinyseq" / f"{name}.ipynb").read_text(encoding="utf-8")
        assert "YOUR CODE HERE" in text and "BEGIN SOLUTION" not in text and "check(" in text


def test_points(course):
    nbgrader(course, "autograde", "tinyseq")
    nbgrader(course, "export", "--to", str(course / "grades.csv"))
    lines = (course / "grades.csv").read_text(encoding="utf-8").splitlines()
    names = lines[0].split(",")
    score = {row["student_id"]: float(row["score"]) for row in (dict(zip(names, line.split(","), strict=False))
                                                               for line in lines[1:])}
    assert score == {"student-1": 3.0, "student-2": 0.0}
