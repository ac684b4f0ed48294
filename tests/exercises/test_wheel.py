"""What is installed holds the exercises, and none of their solutions."""
import inspect
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import make
import pytest

from tinyseq.exercises import exercises

ROOT = Path(__file__).parents[2]


@pytest.mark.exercises
def test_a_wheel_has_fingerprints_and_no_solutions(tmp_path):
    copy = tmp_path / "copy"             # what is built leaves files behind
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "build", "*.egg-info", "runs", "tests"))
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, copy],
                   check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()
        text = "".join(wheel.read(name).decode() for name in names if name.endswith(".py"))
    assert {f"tinyseq/exercises/fingerprints/{id}.json" for id in exercises()} <= set(names)
    assert not [name for name in names if "solutions" in name or "notebooks" in name]
    for exercise in exercises().values():
        solution = inspect.getsource(getattr(make.solutions(exercise), exercise.function))
        assert solution.partition(":\n")[2] not in text, exercise.id
