"""The strict backend's essentials, tried by every default run in a process of its own."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def strict(*command):
    environment = {**os.environ, "TINYSEQ_BACKEND": "strict"}
    return subprocess.run([sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True)


def test_its_own_tests_pass():
    done = strict("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/strict", "tests/backend/test_scatter.py")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "test_synchronisations.py" in strict("-m", "pytest", "--co", "-q", "tests/strict").stdout


@pytest.mark.parametrize("fault, message", [
    ("xp.sqrt(xp.arange(3))", "sqrt made float64 of int64"),
    ("numpy.asarray(xp.ones(3))", "NumPy got a device array"),
    ("ts.ops.exp(ts.tensor([1.0])).data + numpy.ones(1)", "add got a NumPy array"),
])
def test_a_fault_is_one_clear_line(fault, message):
    done = strict("-c", f"import numpy, tinyseq as ts; xp = ts.xp; {fault}")
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1 and last.startswith("tinyseq.backend.strict.rules.StrictError: ") and message in last


def test_a_model_learns_on_it():
    code = ("import tinyseq as ts; from tinyseq import layers, optim\n"
            "layer = layers.LSTM(3, 4); optimiser = optim.Adam(layer.parameters(), lr=0.05)\n"
            "x = ts.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]); losses = []\n"
            "for _ in range(20):\n"
            "    optimiser.zero_grad(); y, _ = layer(x); loss = ((y - 0.5) * (y - 0.5)).sum(); loss.backward()\n"
            "    optimiser.step(); losses.append(loss.item())\n"
            "print(ts.backend.name, losses[-1] < losses[0] / 2)")
    assert strict("-c", code).stdout == "strict True\n"
